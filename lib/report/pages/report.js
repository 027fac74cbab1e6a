"use strict";
/* A box that filters, and heads that sort, for each long table. Nothing is remembered and
   nothing is asked for. */
(function () {
	function textOf(row, column) {
		return row.cells[column].textContent.trim();
	}

	function compare(a, b) {
		var x = Number(a.replace(/,| or more$/g, "")), y = Number(b.replace(/,| or more$/g, ""));

		return a !== "" && b !== "" && x === x && y === y ? x - y : a.localeCompare(b, "en");
	}

	function sortBy(table, column, head) {
		var body = table.tBodies[0], rows = Array.from(body.rows);
		var down = head.getAttribute("aria-sort") === "ascending";

		table.querySelectorAll("th[aria-sort]").forEach(function (other) {
			other.removeAttribute("aria-sort");
		});
		head.setAttribute("aria-sort", down ? "descending" : "ascending");
		rows.sort(function (a, b) {
			return compare(textOf(a, column), textOf(b, column)) * (down ? -1 : 1);
		});
		rows.forEach(function (row) { body.appendChild(row); });
	}

	function addSorting(table) {
		Array.from(table.tHead.rows[0].cells).forEach(function (head, column) {
			var button = document.createElement("button");

			button.type = "button";
			button.textContent = head.textContent;
			button.addEventListener("click", function () { sortBy(table, column, head); });
			head.textContent = "";
			head.appendChild(button);
		});
	}

	function addFilter(table) {
		var place = table.closest(".scroll"), box = document.createElement("div");
		var label = document.createElement("label"), input = document.createElement("input");
		var count = document.createElement("span"), rows = Array.from(table.tBodies[0].rows);
		var next = place.nextElementSibling, rest = document.createElement("span");

		box.className = "filter";
		input.type = "search";
		count.setAttribute("role", "status");
		label.textContent = "Filter";
		label.appendChild(input);
		if (next && next.matches("p.rest"))
			rest.textContent = "Of the first " + rows.length.toLocaleString("en") + " rows; " + next.textContent;
		box.append(label, count, rest);
		input.addEventListener("input", function () {
			var asked = input.value.toLowerCase(), shown = 0;

			rows.forEach(function (row) {
				row.hidden = row.textContent.toLowerCase().indexOf(asked) < 0;
				shown += row.hidden ? 0 : 1;
			});
			count.textContent = asked ? shown + " of " + rows.length : "";
		});
		place.parentNode.insertBefore(box, place);
	}

	document.querySelectorAll("table.data").forEach(function (table) {
		addSorting(table);
		if (table.tBodies[0].rows.length > 8)
			addFilter(table);
	});
})();

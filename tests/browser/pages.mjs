// SPDX-License-Identifier: ISC
// What a reader of a report sees and can do, in a real browser. Each test is a promise of
// report-snapshot(1); TAP goes to stdout.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { chromium } from "playwright-core";

const { BUILD, CHROMIUM } = process.env;
const axe = readFileSync(`${BUILD}/browser/node_modules/axe-core/axe.min.js`, "utf8");
const url = name => `file://${BUILD}/browser/${name}.html`;
const sha256 = text => createHash("sha256").update(text).digest("hex");

// A snapshot of records, sealed as normalize seals one.
function snapshot(name, records, day = "2026-11-22") {
	const lines = records.map(record => JSON.stringify(record) + "\n")
		.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
	const count = kind => records.filter(record => record.kind === kind).length;
	const sources = [...new Set(records.map(record => record.source))].sort().map(source => ({
		source, provider: "scim", origin: `https://${source}.example/scim/v2`, fetched_at: `${day}T00:00:00Z`,
		gaps: records.filter(record => record.kind === "gap" && record.source === source).length,
		not_covered: ["last sign-in of service accounts"],
	}));
	const begin = JSON.stringify({ kind: "begin", format: 1, stage: "snapshot", sources }) + "\n";
	const end = JSON.stringify({
		kind: "end", users: count("user"), groups: count("group"), memberships: count("membership"),
		gaps: count("gap"), sha256: sha256(lines.join("")), begin_sha256: sha256(begin),
	}) + "\n";

	writeFileSync(`${BUILD}/browser/${name}.ndjson`, begin + lines.join("") + end);
}

const user = (id, user_name, more = {}) =>
	({ kind: "user", source: "acme", id, user_name, status: "enabled", account_type: "human", ...more });

function run(program, ...options) {
	const { status, stdout, stderr } = spawnSync(`${BUILD}/${program}`, options, { cwd: `${BUILD}/browser` });

	if (status > 3 || status === null)
		throw new Error(`${program} ${options.join(" ")}: ${status}: ${stderr}`);
	return stdout;
}

function makePages() {
	const records = [
		{ kind: "gap", source: "acme", scope: "members", id: "g2", reason: "HTTP 403" },
		{ kind: "group", source: "acme", id: "g1", name: "Admins" },
		{ kind: "group", source: "acme", id: "g2", name: "Everyone" },
		{ kind: "membership", source: "acme", group_id: "g2", member_id: "g1", member_kind: "group" },
	];
	for (let i = 0; i < 120; i++) {
		records.push(user(`u${i}`, `user${i}@example.com`, {
			status: i % 5 ? "enabled" : "disabled",
			last_login_at: i % 7 ? `2026-${String(1 + i % 11).padStart(2, "0")}-01T00:00:00Z` : null,
		}));
		records.push({ kind: "membership", source: "acme", group_id: "g1", member_id: `u${i}`, member_kind: "user" });
	}
	snapshot("today", records);
	snapshot("before", records.filter(record => record.id !== "u7" && record.member_id !== "u7"), "2026-10-01");
	writeFileSync(`${BUILD}/browser/changes.ndjson`, run("diff-snapshot", "--format", "ndjson", "before.ndjson", "today.ndjson"));
	writeFileSync(`${BUILD}/browser/older.ndjson`, run("check-snapshot", "--format", "ndjson", "before.ndjson"));
	writeFileSync(`${BUILD}/browser/findings.ndjson`, run("check-snapshot", "--format", "ndjson", "today.ndjson"));
	run("report-snapshot", "-o", "report.html", "--changes", "changes.ndjson", "--before", "before.ndjson",
		"--findings-before", "older.ndjson", "--findings", "findings.ndjson", "today.ndjson");
	writeFileSync(`${BUILD}/browser/diff.html`, run("diff-snapshot", "--format", "html", "before.ndjson", "today.ndjson"));
	const hostile = [
		"<script>window.hacked = 1</script>", "<img src=x onerror=window.hacked=1>", "\"><svg onload=window.hacked=1>",
		"' onmouseover='window.hacked=1", "javascript:window.hacked=1", "</td></tr></table><h1>owned</h1>",
		"</style><script>window.hacked=1</script>", "<!--", "]]>", "{{{script}}}", "{{#people}}{{/people}}", "&lt;b&gt;",
		"<a href=https://evil.example>x</a>", "a\u202egnp.exe", "\u0000\u0001", "<base href=https://evil.example>",
		"<iframe src=//evil.example>", "<style>*{display:none}</style>", "<meta http-equiv=refresh content=0>",
		"long".repeat(100),
	];
	snapshot("hostile", hostile.map((name, i) => user(`u${i}`, name, { display_name: name }))
		.concat(hostile.map((name, i) => ({ kind: "group", source: "acme", id: `g${i}`, name })))
		.concat(hostile.map((name, i) => ({ kind: "membership", source: "acme", group_id: `g${i}`, member_id: "u0", member_kind: "user" })))
		.concat(hostile.map((name, i) => ({ kind: "gap", source: "acme", scope: "members", id: name, reason: name }))));
	run("report-snapshot", "-o", "hostile.html", "--title", hostile[0], "hostile.ndjson");
	return hostile;
}

let count = 0, failed = 0;

async function test(promise, body) {
	let why = "";

	try {
		await body();
	} catch (error) {
		why = String(error.stack ?? error);
		failed++;
	}
	console.log(`${why ? "not ok" : "ok"} ${++count} ${promise}`);
	if (why)
		console.log(why.replace(/^/gm, "# "));
}

function equal(got, want, what) {
	if (JSON.stringify(got) !== JSON.stringify(want))
		throw new Error(`${what}: ${JSON.stringify(got)}, not ${JSON.stringify(want)}`);
}

const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });

// A page at a width, and what it did that it should not.
async function open(name, { width = 1000, ...options } = {}) {
	const context = await browser.newContext({ viewport: { width, height: 900 }, ...options });
	const page = await context.newPage(), faults = [];

	page.on("console", message => faults.push(`console: ${message.text()}`));
	page.on("pageerror", error => faults.push(`error: ${error}`));
	page.on("dialog", dialog => { faults.push("dialog"); dialog.dismiss(); });
	page.on("request", request => { if (request.url() !== url(name)) faults.push(`request: ${request.url()}`); });
	await page.goto(url(name));
	return { page, faults };
}

async function violations(page) {
	// past the page's own policy, as a debugger does it
	await page.evaluate(axe);
	return page.evaluate(async () => (await globalThis.axe.run(document)).violations
		.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 2).map(node => node.html).join(" ")}`));
}

const hostile = makePages();

for (const colorScheme of ["light", "dark"])
	for (const width of [360, 1000, 2560])
		await test(`${width} pixels, ${colorScheme}: nothing is asked for or complained of, and nothing is cut off`, async () => {
			const { page, faults } = await open("report", { width, colorScheme });

			equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "fits");
			await page.screenshot({ path: `${BUILD}/browser/report-${width}-${colorScheme}.png`, fullPage: true });
			equal(faults, [], "faults");
		});

for (const colorScheme of ["light", "dark"])
	for (const name of ["report", "diff"])
		await test(`axe-core finds nothing: ${name}, ${colorScheme}`, async () => {
			const { page } = await open(name, { colorScheme });

			equal(await violations(page), [], "violations");
		});

await test("the filter leaves the rows that hold the words, and says how many", async () => {
	const { page, faults } = await open("report");
	const box = page.locator("#people input");

	await box.fill("user11");
	equal(await page.locator("#people tbody tr:visible").count(), 11, "rows"); // 11 and 110 to 119
	equal(await page.locator("#people [role=status]").textContent(), "11 of 120", "said");
	await box.fill("");
	equal(await page.locator("#people tbody tr:visible").count(), 120, "rows");
	equal(faults, [], "faults");
});

await test("a head sorts its column up and down, by keyboard", async () => {
	const { page } = await open("report");
	const button = page.locator("#groups th button", { hasText: "Members in effect" });
	const first = () => page.locator("#groups tbody th").first().textContent();

	await button.focus();
	await page.keyboard.press("Enter");
	equal(await page.locator("#groups th[aria-sort]").getAttribute("aria-sort"), "ascending", "sort");
	await page.keyboard.press("Enter");
	equal(await page.locator("#groups th[aria-sort]").getAttribute("aria-sort"), "descending", "sort");
	equal((await first()).length > 0, true, "a row");
});

await test("the first stop of the keyboard leads to the content", async () => {
	const { page } = await open("report");

	await page.keyboard.press("Tab");
	equal(await page.evaluate(() => document.activeElement.getAttribute("href")), "#content", "focus");
});

await test("without the script the page is complete", async () => {
	const { page, faults } = await open("report", { javaScriptEnabled: false });

	equal(await page.locator("#people tbody tr").count(), 120, "rows");
	equal(await page.locator("#changes tbody tr").count(), 2, "changes");
	equal(faults, [], "faults");
});

await test("hostile names stand there as text, do nothing, and fit into 360 pixels", async () => {
	const { page, faults } = await open("hostile", { width: 360 });

	equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "fits");
	equal(await page.evaluate(() => window.hacked ?? null), null, "hacked");
	equal(await page.locator("main img, main iframe, main a[href], main h1, main script, body base").count(), 0, "elements");
	equal(await page.locator("#people tbody tr").count(), hostile.length, "rows");
	equal(await page.locator("#people tbody th").evaluateAll(cells => cells.filter(cell =>
		cell.textContent.includes("<script>window.hacked = 1</script>")).length), 1, "shown");
	equal(faults, [], "faults");
});

await test("printed it has heads on each page and nothing that only a screen can use", async () => {
	const { page } = await open("report");
	const pdf = (await page.pdf({ format: "A4", path: `${BUILD}/browser/report.pdf` })).toString("latin1");
	const pages = (pdf.match(/\/Type\s*\/Page\b[^s]/g) ?? []).length;

	equal(pages >= 5 && pages <= 14, true, `${pages} pages of 5 to 14`);
	const sheets = spawnSync("pdftotext", ["-layout", `${BUILD}/browser/report.pdf`, "-"]).stdout.toString().split("\f")
		.filter(sheet => sheet.match(/user\d+@example\.com.*acme/));

	equal(sheets.length >= 2, true, `${sheets.length} sheets of accounts`);
	equal(sheets.filter(sheet => !/Account +Source +Status/.test(sheet)).length, 0, "sheets without the heads of the table");
	await page.emulateMedia({ media: "print" });
	equal(await page.locator(".filter:visible, nav:visible").count(), 0, "controls");
});

await browser.close();
console.log(`1..${count}`);
process.exitCode = failed ? 1 : 0;

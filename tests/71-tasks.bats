#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# rollcall-tasks(7): each command of the page runs and writes what the page shows.

load helper
load company
load walk

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	PATH=$BATS_TEST_DIRNAME/../examples:$PATH
}

# What a terminal gets, in a test that has none.
as_on_a_terminal() {
	cat <<-'END'
		list-snapshot() {
			case " $* " in
			*' --format '* | *' --formt '* | *' -o '*) command list-snapshot "$@" ;;
			*) command list-snapshot --format table "$@" 2>/dev/null ;;
			esac
		}
		check-snapshot() { command check-snapshot --format text "$@"; }
		diff-snapshot() { command diff-snapshot --format text "$@"; }
		trace-snapshots() { command trace-snapshots --format text "$@"; }
		scim-push() { command scim-push --format text "$@"; }
		duckdb() { # that of PyPI has no program
			PYTHONPATH=${DUCKDB:-} python3 -c 'import duckdb, sys
for row in duckdb.sql(sys.argv[2]).fetchall(): print(*row, sep="|")' "$@"
		}
	END
}

# can_run COMMAND: are its programs here? DuckDB is that of PyPI (pip install --target $DUCKDB duckdb), and
# psql needs a server: PGHOST says where.
can_run() {
	case $1 in
	*duckdb*) PYTHONPATH=${DUCKDB:-} python3 -c 'import duckdb' 2>/dev/null ;;
	*psql*) [ -n "${PGHOST:-}" ] && command -v psql >/dev/null ;;
	esac
}

# same WANT GOT: line by line, but a line of WANT that ends with " ..." goes on in GOT
same() {
	awk 'NR == FNR { want[++n] = $0; next }
		{ line = $0; at = want[++m]; if (sub(/ \.\.\.$/, "", at)) { line = substr(line, 1, length(at)) " ..." } print line }' "$1" "$2" |
		diff "$1" - >differences
}

@test "each command of rollcall-tasks(7) does what the page shows" {
	local command status count=0
	command -v sqlite3 >/dev/null || skip 'sqlite3 is not there'
	company
	company_services
	take_page_apart rollcall-tasks.7 TASKS FILES
	for command in [0-9]*.command; do
		if ! can_run "$(cat "$command")"; then
			echo "# not run, its program is not here: $(head -n 1 "$command")" >&3
			continue
		fi
		{ as_on_a_terminal; cat "$command"; } >script
		status=0
		case $(cat "$command") in
		# what is said stands among what is written
		normalize* | offboard* | issue-review* | *--formt*) LC_ALL=C.UTF-8 bash script >got 2>&1 || status=$? ;;
		*) LC_ALL=C.UTF-8 bash script >got 2>said || status=$? ;;
		esac
		case $(cat "$command") in
		*--formt*) [ "$status" -eq 64 ] ;;
		check-snapshot*) [ "$status" -le 3 ] || fail "status $status: $(cat "$command" got said)" ;;
		*) [ "$status" -le 1 ] || fail "status $status: $(cat "$command" got said)" ;;
		esac
		# the page has no blanks at the ends of lines, and a blank line before the next command
		sed -e 's/ *$//' got | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' >have
		sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' "${command%.command}.output" >want
		same want have || fail "$(cat "$command" differences)"
		count=$((count + 1))
	done
	[ "$count" -ge 33 ] || fail "only $count commands"
}

@test "each job of rollcall-tasks(7) has a command" {
	run awk '/^\.Ss/ { if (title != "") print title; title = $0 } /^\.Sh/ { if (title != "") print title; title = "" } /^\$ / { title = "" }' "$ROOT/man/rollcall-tasks.7"
	assert_output ''
	assert_equal "$(sed -n '/^\.Sh TASKS/,/^\.Sh RECIPES/p' "$ROOT/man/rollcall-tasks.7" | grep -c '^\.Ss')" 25
}

@test "load-sqlite keeps null and not shown apart, follows nested groups, and takes no snapshot that was cut" {
	command -v sqlite3 >/dev/null || skip 'sqlite3 is not there'
	company
	run_status 0 load-sqlite access.db today.ndjson
	assert_equal "$(sqlite3 access.db "SELECT user_id FROM users WHERE last_login_at IS NULL AND shown LIKE '%,last_login_at,%'")" s3
	list-snapshot --format ndjson --where .access today.ndjson 2>/dev/null |
		jq -r '"\(.source)|\(.user_id)|\(.access_id)|\(if .level == 0 then 1 else 0 end)"' | sort >ours
	sqlite3 access.db 'SELECT source, user_id, access_id, direct FROM effective_access' | sort >theirs
	run_status 0 diff ours theirs
	sed '$d' today.ndjson >'cut'
	run_status 65 load-sqlite other.db 'cut'
	assert_says 'cut' 'end line'
	run_status 66 load-sqlite other.db none
	assert_says "'none'"
	run_status 65 load-sqlite other.db today.ndjson today.ndjson
	assert_says 'stands in two snapshots'
	[ ! -e other.db ]
	run_status 64 load-sqlite access.db today.ndjson
}

# hostile_names: a snapshot `hostile` of names that a spreadsheet, a parser or a terminal might act on; the
# names, a JSON array, in `names`
hostile_names() {
	jq -n '["=HYPERLINK(\"https://evil.example\")", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1+1", "a,b", "a;b", "a\tb", "\"q\"", "\"open",
		"line\nfeed", "cr\r\nlf", "| pipe |", "</td><script>x</script>", "\u001b]0;owned\u0007", "\u001b[2J", "a\u202egnp", "x\u0000y", "\u009b31m",
		"0123", "1.23E+17", "2026-11-22", "TRUE", "\u0027quoted", "_x0041_", "\u00e9\u0301", "\ud83d\ude00", " blanks ", "NULL", "\\N"]' >names
	jq -c 'to_entries[] | {kind: "user", source: "a", id: "u\(.key + 10)", user_name: .value, display_name: .value, status: "enabled", account_type: "human"}' names >plain
	normalize --plain --source a --fetched-at 2026-11-22T00:00:00Z -o hostile plain 2>err
}

@test "hostile names come back from CSV, TSV and xlsx as text, read by Python, openpyxl and LibreOffice" {
	hostile_names
	run_status 0 list-snapshot --by user --columns user_id,user_name --format csv -o names.csv hostile
	run_status 0 list-snapshot --by user --columns user_id,user_name --excel -o excel.csv hostile
	run_status 0 list-snapshot --by user --columns user_id,user_name --format tsv -o names.tsv hostile
	run_status 0 list-snapshot --by user --columns user_id,user_name --format xlsx -o names.xlsx hostile
	cat >read.py <<-'END'
		import csv, json, os, re, subprocess, sys
		names = {f"u{i + 10}": name for i, name in enumerate(json.load(open("names")))}
		formula = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
		def shown(text): # what a cell may be: inert, as lib/base/inert.h writes it
		    return re.sub(r"\\u\{([0-9A-F]+)\}", lambda m: chr(int(m[1], 16)), text)
		def check(what, rows):
		    rows = list(rows)
		    assert rows[0] == ["user_id", "user_name"], (what, rows[0])
		    assert len(rows) == len(names) + 1, (what, len(rows))
		    for row in rows[1:]:
		        assert len(row) == 2, (what, row)
		        text = row[1]
		        assert what == "xlsx" or not text.startswith(formula), (what, row) # there a text is a text
		        if what.endswith(".csv"): # the very name, but for the quote that keeps a formula from running
		            assert names[row[0]] in (text, text[1:] if text.startswith("'") else text), (what, row)
		            continue
		        assert what == "xlsx" or not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]", text), (what, row)
		        bare = text[1:] if text.startswith("'") else text
		        want = names[row[0]]
		        assert want in (text, bare, shown(text), shown(bare)), (what, row, want)
		for path, kind in (("names.csv", ","), ("excel.csv", ","), ("names.tsv", "\t")):
		    check(path, csv.reader(open(path, encoding="utf-8-sig", newline=""), delimiter=kind, quoting=csv.QUOTE_MINIMAL))
		read = ["csv"]
		try:
		    import openpyxl
		except ImportError:
		    pass
		else:
		    sheet = openpyxl.load_workbook("names.xlsx").worksheets[0]
		    assert all(cell.data_type in "sn" for row in sheet.iter_rows() for cell in row), "a formula"
		    from openpyxl.utils.escape import unescape # OOXML writes a character that XML can not hold as _x000D_
		    check("xlsx", [[unescape(cell.value) for cell in row] for row in sheet.iter_rows(max_col=2)])
		    read.append("openpyxl")
		print(*read)
	END
	run_status 0 python3 read.py
	grep -q csv "$out"
	if command -v soffice >/dev/null; then
		HOME=$PWD soffice --headless --convert-to csv:'Text - txt - csv (StarCalc)':44,34,76 --outdir office names.xlsx >log 2>&1
		run_status 0 python3 - <<-'END'
			import csv, json
			names = json.load(open("names"))
			rows = list(csv.reader(open("office/names.csv", newline="")))[1:]
			assert len(rows) == len(names), len(rows)
			for id, text in rows: # 0123, 1.23E+17 and +1+1 are texts, too; a line ends in LF alone
			    assert text == names[int(id[1:]) - 10].replace("\r\n", "\n"), (id, text)
		END
	fi
}

@test "hostile names do nothing to a terminal, and stay in their row" {
	hostile_names
	run_status 0 list-snapshot --by user --columns user_id,user_name --format table hostile
	refute grep -qP '[\x00-\x09\x0b-\x1f\x7f]' "$out"
	refute grep -q $'\u202e' "$out"
	[ "$(grep -c '^u[0-9]' "$out")" -eq "$(jq length names)" ]
}

@test "what any program writes to a terminal acts on nothing there, and is exact in a pipe" {
	local command
	hostile_names
	sed 's/"u10"/"u10b"/; s/enabled/disabled/' plain >other
	normalize --plain --source a --fetched-at 2026-11-23T00:00:00Z -o later other 2>err
	for command in 'list-snapshot --by user --format csv' 'list-snapshot --by user --excel --format csv' 'list-snapshot --by user --format tsv' \
		'list-snapshot --by user --format ndjson' 'normalize' 'check-snapshot --format ndjson' \
		'diff-snapshot --format ndjson --allow-older later' 'trace-snapshots --format ndjson later'; do
		{ $command hostile >piped 2>err; } || [ $? -eq 1 ]
		script -qec "$command hostile 2>err" /dev/null </dev/null >screen || [ $? -eq 1 ]
		[ -s screen ]
		# the CR before each LF is the terminal's own, or that of --excel
		sed 's/\r*$//' screen >lines
		refute grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae' lines
		case $command in
		*ndjson* | normalize) # the same JSON
			jq -cS . piped >one
			jq -cS . lines >two
			diff one two
			;;
		*csv) grep -q $'\e\[2J' piped ;;
		esac
	done
}

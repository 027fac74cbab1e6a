#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# take-review: the sheets of a whole review as people send them back, from two services at once.

load helper

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	cat >stripe.plain <<-'END'
		{"kind":"group","source":"stripe","id":"123456789012345678","name":"Admins"}
		{"kind":"group","source":"stripe","id":"g2","name":"Ops"}
		{"kind":"membership","source":"stripe","group_id":"123456789012345678","member_id":"98765432109876543210","member_kind":"user"}
		{"kind":"membership","source":"stripe","group_id":"123456789012345678","member_id":"g2","member_kind":"group"}
		{"kind":"membership","source":"stripe","group_id":"g2","member_id":"12","member_kind":"user"}
		{"kind":"user","source":"stripe","id":"98765432109876543210","user_name":"ada@x.org","email":"ada@x.org","display_name":"Ada Byron","status":"enabled","account_type":"human"}
		{"kind":"user","source":"stripe","id":"12","user_name":"bob@x.org","email":"bob@x.org","display_name":"Bob; \"the\" Stone, Jr","status":"enabled","account_type":"human"}
	END
	cat >scalr.plain <<-'END'
		{"kind":"group","source":"scalr","id":"t1","name":"infra"}
		{"kind":"membership","source":"scalr","group_id":"t1","member_id":"s1","member_kind":"user"}
		{"kind":"user","source":"scalr","id":"s1","user_name":"abyron","email":"ada@x.org","display_name":"Ada Byron","status":"enabled","account_type":"human","roles":["admin"]}
	END
	population 2026-11-22T06:00:00Z snapshot
	issue-review --format csv -o issued snapshot 2>/dev/null
	sed '2,$s/,,,,,$/,keep,eve@x.org,2026-12-01,,/' issued/review.csv >good.csv
	take-review -o plain snapshot good.csv >/dev/null
	grep '"kind":"decision"' plain/decisions.ndjson >want
}

# population TIME FILE: the two services, read at TIME
population() {
	local source
	for source in stripe scalr; do
		normalize --plain --source $source --fetched-at "$1" -o $source.ndjson $source.plain 2>/dev/null
	done
	normalize -o "$2" stripe.ndjson scalr.ndjson
}

setup() {
	cp -R "$BATS_FILE_TMPDIR"/* "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR" || return
}

take() { # STATUS SHEET...
	rm -rf decided
	run_status "$1" take-review -o decided snapshot "${@:2}"
}

# refused WORDS SHEET...: 65, these words, and nothing written
refused() {
	take 65 "${@:2}"
	assert_says "$1"
	assert_equal "$(find decided -type f)" ''
}

# as_saved_by PYTHON: good.csv as `rows`, written to back.csv by these lines
as_saved_by() {
	python3 -c 'import csv, sys
rows = list(csv.reader(open("good.csv", newline="")))
def save(rows, encoding="utf-8", head="", **how):
	with open("back.csv", "w", newline="", encoding=encoding) as file:
		file.write(head)
		csv.writer(file, **how).writerows(rows)
exec(sys.argv[1])' "$1"
}

@test "however a spreadsheet saves it, and in whatever order, the decisions are the same" {
	command -v python3 >/dev/null || skip 'python3 is not there'
	local way
	while IFS= read -r way; do
		as_saved_by "$way"
		take 0 back.csv
		grep '"kind":"decision"' decided/decisions.ndjson | diff want - || fail "$way"
	done <<-'END'
		save(rows, delimiter=";")
		save(rows, delimiter=";", head="sep=;\r\n")
		save(rows, encoding="utf-16")
		save(rows, encoding="utf-16-be", head="\ufeff", delimiter=";")
		save(rows, encoding="utf-16-le", delimiter="\t")
		save(rows, encoding="utf-8-sig", quoting=csv.QUOTE_ALL)
		save(rows[:1] + rows[:0:-1])
		save([row[::-1] for row in rows], delimiter=";")
		save([row + ["", ""] for row in rows] + [[""] * 26] * 3)
		save([row + ["seen" if i else "notes"] for i, row in enumerate(rows)])
		save([[name.upper() for name in rows[0]]] + rows[1:])
		save([[row[0]] + row[19:23] for row in rows])
	END
	as_saved_by 'save([[cell.replace("Byron", "Byr\u00f6n") for cell in row] for row in rows], encoding="latin-1")'
	refused 'back.csv: line 2: not UTF-8' back.csv
}

@test "a reason keeps its lines and whatever is in it" {
	command -v python3 >/dev/null || skip 'python3 is not there'
	as_saved_by 'for row in rows[1:]: row[22:] = ["a\nb\tc\u001b\u001e\u001f\u0001\"\\\u00e9", "T-1\r\n2"]
save(rows)'
	take 0 back.csv
	assert_equal "$(sed -n 's/.*,"reason":\(.*\)}$/\1/p' decided/decisions.ndjson | uniq)" \
		'"a\nb\tc\u001b\u001e\u001f\u0001\"\\é","ticket":"T-1\r\n2"'
}

@test "rows that were hidden and not saved, deleted, doubled, or of last quarter are named, each" {
	sed 2d good.csv >back.csv
	refused 'is in no sheet: the account of abyron' back.csv
	head -n 1 good.csv >back.csv
	refused '8 problems in the sheets' back.csv
	sed '/,infra,/d' good.csv >back.csv
	refused 'is in no sheet: the membership of abyron in infra' back.csv
	refused "back.csv: row 2: column row: 'r" good.csv back.csv
	assert_says 'stands here again: first in good.csv, row 2'
	refused 'stands here again: first in good.csv, row 9' good.csv good.csv
	# the same people a quarter before, when a group had another name: no row of it counts
	sed -i 's/"Ops"/"Operators"/' stripe.plain
	population 2026-08-22T06:00:00Z older
	issue-review --format csv -o older-sheets older 2>/dev/null
	sed '2,$s/,,,,,$/,keep,eve@x.org,2026-09-01,,/' older-sheets/review.csv >old.csv
	refused 'the sheets are of another snapshot: none of their 8 rows' old.csv
	refused "old.csv: row 9: column row: " good.csv old.csv
	assert_says 'is no row of this snapshot: it was edited, or is of another one'
}

@test "one row name that was edited is two places: what it is now, and what is missing" {
	local row
	row=$(sed -n '3s/,.*//p' good.csv)
	sed "3s/^$row/${row%?}$(printf '%x' $((15 - 0x${row: -1})))/" good.csv >back.csv
	refused 'back.csv: row 3: column row: ' back.csv
	assert_says "row $row is in no sheet: the membership of abyron in infra" '2 problems in the sheets'
}

@test "ids that became 1.23E+17 are named, and the snapshot's count" {
	sed -e 's/98765432109876543210/9.87654E+19/' -e 's/,123456789012345678,/,"1,23457E+17",/' good.csv >back.csv
	take 0 back.csv
	assert_says "row 5: column user_id: '9.87654E+19' was '98765432109876543210': rewritten by the spreadsheet" \
		"row 6: column access_id: '1,23457E+17' was '123456789012345678': rewritten by the spreadsheet"
	grep '"kind":"decision"' decided/decisions.ndjson | diff want -
}

@test "nobody decides on their own access, however they write themselves" {
	local by
	for by in ada@x.org 'ADA@X.ORG ' 'Ada Byron' 'Ada Byron <ada@x.org>' 'ada@x.org; eve@x.org' 'mailto:ada@x.org' 'Byron (ada@x.org).'; do
		sed "/Ada Byron/s/eve@x.org/$by/" good.csv >back.csv
		refused "5 problems in the sheets" back.csv
		assert_says 'decided on their own access: somebody else must decide it'
	done
	# others whose address has the same letters in it
	for by in canada@x.org ada@x.org.uk ada@x.organ 'Eve <eve@x.org>' x.org ada-ada@x.org +ada@x.org; do
		sed "/Ada Byron/s/eve@x.org/$by/" good.csv >back.csv
		take 0 back.csv
	done
}

@test "nobody decides on their own access by the name that they have in another source" {
	cat >>scalr.plain <<-'END'
		{"kind":"user","source":"scalr","id":"s2","user_name":"bs","email":"Bob@X.org","display_name":"Robert","status":"enabled","account_type":"human"}
		{"kind":"user","source":"scalr","id":"s3","user_name":"ci","email":"bob@x.org","status":"enabled","account_type":"service"}
		{"kind":"user","source":"scalr","id":"s4","user_name":"root-7","status":"enabled","account_type":"human"}
	END
	population 2026-11-22T06:00:00Z snapshot
	rm -rf issued
	issue-review --format csv -o issued snapshot 2>/dev/null
	sed '2,$s/,,,,,$/,keep,eve@x.org,2026-12-01,,/' issued/review.csv >good.csv
	local by line
	# by is called so in scalr, and the row is of the account in stripe
	line=$(grep -n ',stripe,12,.*,account,' good.csv | cut -d : -f 1)
	for by in bs BS Robert s2 'Robert <bs@y.org>, bob@x.org'; do
		sed "${line}s/eve@x.org/\"$by\"/" good.csv >back.csv
		refused "row $line: column decided_by: '$by'" back.csv
		assert_says 'decided on their own access: somebody else must decide it' '1 problem in the sheets'
	done
	sed "${line}s/eve@x.org/Robert/" good.csv >back.csv
	refused "'Robert', who is also bs in scalr, decided on their own access" back.csv
	# who owns a service account, and who has another name, is somebody else
	for by in ci root-7 canada bs.bs; do
		sed "${line}s/eve@x.org/$by/" good.csv >back.csv
		take 0 back.csv
	done
	# a file joins what no name does; it may have names that no account has
	echo '{"persons":{"Bob Stone":["bob@x.org","scalr:s4","bobby@home.org"]}}' >persons.json
	for by in root-7 'bob stone' bobby@home.org 'Bob <bobby@home.org>'; do
		sed "${line}s/eve@x.org/$by/" good.csv >back.csv
		rm -rf decided
		run_status 65 take-review -o decided --persons persons.json snapshot back.csv
		assert_says "row $line: column decided_by: '$by', who is also" 'decided on their own access'
	done
	run_status 66 take-review -o decided --persons none snapshot good.csv
}

@test "operations of sources with odd names have files of their own, by the rule of the sheets" {
	local source
	for source in 'a b' 'A/b' '../é' '.'; do
		printf '{"kind":"user","source":"%s","id":"1","user_name":"ada","status":"enabled","account_type":"human"}\n' "$source"
	done | LC_ALL=C sort | seal_snapshot 'a b' 'A/b' '../é' . >snapshot
	issue-review --format csv -o odd snapshot 2>/dev/null
	sed '2,$s/,,,,,$/,revoke,eve@x.org,,left,/' odd/review.csv >back.csv
	take 0 back.csv
	assert_equal "$(cd decided && echo operations-*)" 'operations-A-b.ndjson operations-a-b-2.ndjson operations-part-2.ndjson operations-part.ndjson'
}

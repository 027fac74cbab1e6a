#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# take-review: sheets that people filled in become decisions, or are refused with the place.

load helper
load records

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# issued: the snapshot `before`, and its sheet in sheets/review.csv
issued() {
	{
		user u1 ada enabled ',"email":"ada@x.org","roles":["admin"]'
		user u2 bob
		group g1 Admins
		member g1 u1
	} | before
	issue-review --format csv -o sheets before 2>/dev/null
	cp sheets/review.csv back.csv
}

# fill DECISION BY REASON [LINES]: fills the rows of back.csv in (LINES: a sed address)
fill() {
	sed -i "${4:-2,\$}s/,,,,,\$/,$1,$2,,$3,/" back.csv
}

# what is wrong, without the name of the program
said() { sed 's/^take-review: //' "$err"; }

take() { # STATUS [ARGUMENT...]
	rm -rf decided
	run_status "$1" take-review -o decided "${@:2}"
}

@test "what is decided becomes sealed decisions, operations for scim-push, and work for people" {
	issued
	sed -i -e '/,account,/s/,,,,,$/,Keep , boss@x.org ,2026-11-02,,T-1/' -e '/,account,/!s/,,,,,$/,REVOKE,boss@x.org,,no need,/' back.csv
	take 0 before back.csv
	assert_equal "$(head -n 1 "$out")" '4 rows: 2 keep, 2 revoke, 0 modify, 0 defer, 0 undecided'
	assert_sealed decided/decisions.ndjson
	assert_equal "$(jq -r 'select(.kind == "decision") | [.what, .user_id, .user_name, .access_id // "-", .decision, .decided_by, .by // "-"] | join(" ")' decided/decisions.ndjson)" "$(
		cat <<-'WANT'
			account u1 ada - keep boss@x.org -
			account u2 bob - keep boss@x.org -
			membership u1 ada g1 revoke boss@x.org push
			role u1 ada admin revoke boss@x.org hand
		WANT
	)"
	assert_equal "$(jq -c '[.snapshot.sha256, .sheets[0].file, .sheets[0].sha256]' <(head -n 1 decided/decisions.ndjson))" \
		"[\"$(tail -n 1 before | jq -r .sha256)\",\"back.csv\",\"$(sha256sum <back.csv | cut -d ' ' -f 1)\"]"
	assert_equal "$(cat decided/operations-a.ndjson)" '{"op":"remove-member","id":"u1","user_name":"ada","group_id":"g1","group":"Admins"}'
	assert_equal "$(cut -d , -f 4-7,8,12 decided/manual.csv | tail -n 1)" 'u1,ada,admin,admin,revoke,take the role admin from ada in a'
	# the same again is the same bytes
	mv decided first
	take 0 before back.csv
	run_status 0 diff -r first decided
}

@test "the operations are what scim-push takes, and close-review takes the decisions" {
	start_stand_in --users 3
	run_status 0 fetch_scim
	mv "$out" fetched
	run_status 0 normalize -o before fetched
	issue-review --format csv -o sheets before 2>/dev/null
	cp sheets/review.csv back.csv
	fill keep boss@x.org ''
	sed -i '/,account,/s/,keep,boss@x.org,,,$/,revoke,boss@x.org,,left,/' back.csv
	take 0 before back.csv
	push 0 scim --apply <decided/operations-scim.ndjson
	assert_equal "$(outcomes | sort | uniq -c | awk '{print $1, $2, $3}')" '3 deactivate done'
	run_status 0 fetch_scim
	mv "$out" fetched
	run_status 0 normalize -o after fetched
	run_status 0 close-review --decisions decided/decisions.ndjson after
	assert_equal "$(jq -r 'select(.kind == "outcome" and .decision == "revoke").state' "$out" | sort | uniq -c | xargs)" '3 done'
}

@test "a sheet is read as spreadsheets save it: other separators, UTF-16, rows and columns in another order" {
	local way
	issued
	fill keep boss@x.org ''
	take 0 before back.csv
	grep '"kind":"decision"' decided/decisions.ndjson >want
	cp back.csv plain.csv
	for way in semicolon tab utf16 turned crlf; do
		case $way in
		semicolon) tr , ';' <plain.csv ;;
		tab) tr , '\t' <plain.csv ;;
		utf16) { printf '\xff\xfe'; tr , '\t' <plain.csv | sed 's/$/\r/' | iconv -t UTF-16LE; } ;;
		turned) { awk -F, -v OFS=, '{ for (i = NF; i > 1; i--) printf "%s,", $i; print $1 }' plain.csv | { read -r head; echo "$head"; tac; }; } ;;
		crlf) { printf '\xef\xbb\xbf'; sed 's/$/\r/' plain.csv; printf ',,,\r\n\r\n'; } ;;
		esac >back.csv
		take 0 before back.csv
		grep '"kind":"decision"' decided/decisions.ndjson >got
		run_status 0 diff want got
	done
}

@test "undecided rows are status 3 and no operation, never kept and never revoked" {
	issued
	fill revoke boss@x.org left 2
	take 3 before back.csv
	assert_equal "$(ls decided)" decisions.ndjson
	assert_sealed decided/decisions.ndjson
	assert_equal "$(tail -n 1 decided/decisions.ndjson | jq -c '[.reviewed, .revoke, .keep, .undecided]')" '[4,1,0,3]'
	assert_equal "$(jq -r 'select(.kind == "undecided").sheet' decided/decisions.ndjson | uniq)" back.csv
	run_status 3 close-review --decisions decided/decisions.ndjson before
}

# wrong TEXT [ARGUMENT...]: 65, the text is said, and nothing is written; the same of a workbook
wrong() {
	if [[ -s back.csv ]]; then
		python3 "$ROOT/tests/workbook.py" back.xlsx csv=back.csv
		take 65 "${@:2}" before back.xlsx
		sed 's/back\.xlsx/back.csv/g' "$err" >of_xlsx
	fi
	take 65 "${@:2}" before back.csv
	[[ ! -s back.csv ]] || diff of_xlsx "$err"
	assert_file_contains "$err" "$1"
	assert_not_exists decided/decisions.ndjson
	assert_equal "$(find decided -type f)" ''
}

@test "each thing that is wrong is named by sheet, row and column, and nothing is written" {
	issued
	fill keep boss@x.org ''
	cp back.csv good.csv
	sed '2s/,keep,/,yes,/' good.csv >back.csv
	wrong "back.csv: row 2: column decision: 'yes' is no decision"
	sed '3s/boss@x.org//' good.csv >back.csv
	wrong 'back.csv: row 3: column decided_by: empty'
	sed '2s/,keep,/,revoke,/' good.csv >back.csv
	wrong 'back.csv: row 2: column reason: empty: revoke needs a reason'
	for by in ada ADA@X.ORG u1; do
		sed "/,u1,/s/boss@x.org/$by/" good.csv >back.csv
		wrong "column decided_by: '$by' decided on their own access"
	done
	sed 3d good.csv >back.csv
	wrong 'is in no sheet'
	sed 3p good.csv >back.csv
	wrong 'back.csv: row 4: column row: .* stands here again: first in back.csv, row 3'
	sed '3s/^r0*./rf/' good.csv >back.csv
	wrong 'row 3: column row: .* is no row of this snapshot\|is in no sheet'
	sed '3s/^r[0-9a-f]*/1,23E+17/' good.csv >back.csv
	wrong 'back.csv: row 3'
	sed '3s/^r[0-9a-f]*//' good.csv >back.csv
	wrong 'row 3: column row: the row has no name'
	sed '3s/$/,,more/' good.csv >back.csv
	wrong 'row 3: column row: more cells than the first row has'
	sed '1s/decided_by/who/' good.csv >back.csv
	wrong "row 1: no column 'decided_by'"
	sed '1s/ticket/reason/' good.csv >back.csv
	wrong "two columns are called 'reason'"
	: >back.csv
	wrong 'empty'
}

@test "a sheet of last quarter, a list or findings of another snapshot are recognized" {
	issued
	fill keep boss@x.org ''
	{
		user u1 ada enabled ',"email":"ada@x.org","roles":["admin"]'
		user u2 bob
		user u3 eve
		group g1 Admins
		member g1 u1
	} | before
	wrong 'the sheets are of another snapshot: none of their 4 rows'
	issue-review --format csv -o new before 2>/dev/null
	cp new/review.csv back.csv
	fill keep boss@x.org ''
	wrong 'the list of the review is of another snapshot' --review sheets/review.ndjson
	take 0 --review new/review.ndjson before back.csv
	assert_equal "$(head -n 1 decided/decisions.ndjson | jq -r .review.sha256)" "$(tail -n 1 new/review.ndjson | jq -r .sha256)"
}

@test "to keep what has a finding of high needs a reason: by the list, the findings, or the sheet" {
	local way
	{
		user u1 ada enabled
		group g1 Admins
		member g1 u1
		member g1 u9
	} | before
	check-snapshot --format ndjson --check orphan-member -o findings before || [ $? -le 3 ]
	assert_equal "$(jq -r 'select(.kind == "finding").severity' findings)" high
	issue-review --format csv -o sheets --findings findings before 2>/dev/null
	issue-review --format csv -o bare before 2>/dev/null
	cp sheets/review.csv back.csv
	fill keep boss@x.org ''
	wrong 'column reason: empty: to keep what has a finding of high or critical needs a reason'
	cp bare/review.csv back.csv
	fill keep boss@x.org ''
	take 0 before back.csv
	wrong 'needs a reason' --review sheets/review.ndjson
	wrong 'needs a reason' --findings findings
	sed -i '2,$s/,keep,boss@x.org,,,/,keep,boss@x.org,,is meant so,/' back.csv
	take 0 --review sheets/review.ndjson --findings findings before back.csv
}

@test "a name, a group or a rule with high or critical in it is no finding of high" {
	{
		user u1 high-critical
		group g1 highlights
		member g1 u1
	} | before
	echo '{"rules":[{"name":"highly-critical","where":"true","severity":"low","says":"high"}]}' >policy.json
	run_status 1 check-snapshot --format ndjson --check highly-critical --policy policy.json before
	mv "$out" findings
	issue-review --format csv -o sheets --findings findings before 2>/dev/null
	assert_file_contains sheets/review.csv 'highly-critical (low)'
	cp sheets/review.csv back.csv
	fill keep boss@x.org ''
	take 0 --review sheets/review.ndjson --findings findings before back.csv
}

@test "findings, since and previous that were changed are named by the list of the review" {
	local was
	{
		user u1 ada
		group g1 Admins
		member g1 u1
		member g1 u9
	} | before
	check-snapshot --format ndjson --check orphan-member -o findings before || [ $? -le 3 ]
	issue-review --format csv -o first before 2>/dev/null
	sed '2,$s/,,,,,$/,keep,boss@x.org,2026-01-05,is meant so,/' first/review.csv >back.csv
	take 0 before back.csv
	mv decided last
	{
		group g1 Admins
		user u1 ada
	} | read_at=2025-12-01T00:00:00Z seal_snapshot a >older
	issue-review --format csv -o sheets --findings findings --previous last/decisions.ndjson --before older before 2>/dev/null
	sed '2,$s/,,,,,$/,keep,boss@x.org,,is meant so,/' sheets/review.csv >good.csv
	take 0 --review sheets/review.ndjson before good.csv
	assert_file_empty "$err"
	sed -e 's/orphan-member (high)//' -e '2s/2025-12-01T00:00:00Z/2024-12-01/' -e 's/"keep, boss@x.org, 2026-01-05"/"revoke, boss@x.org, 2026-01-05"/' \
		-e '3s/,new,/,2020-01-01T00:00:00Z,/' good.csv >back.csv
	take 0 --review sheets/review.ndjson before back.csv
	was='changed in the sheet; what the list of the review says counts'
	assert_says "column findings: '' was 'orphan-member (high)': $was" "row 2: column since: '2024-12-01' was '2025-12-01T00:00:00Z': $was" \
		"row 3: column since: '2020-01-01T00:00:00Z' was 'new': $was" \
		"row 2: column previous: 'revoke, boss@x.org, 2026-01-05' was 'keep, boss@x.org, 2026-01-05': $was"
	assert_equal "$(grep -c warning: "$err")" 6
	# without the list nobody knows what they said
	take 0 before back.csv
	assert_file_empty "$err"
}

@test "a day of a decision is a day, however a spreadsheet writes it, and what is none is said" {
	issued
	fill keep boss@x.org ''
	sed -i -e '2s/boss@x.org,/&2026-11-29/' -e '3s/boss@x.org,/&2026-11-29 10:00:00/' -e '4s/boss@x.org,/&46355/' -e '5s/boss@x.org,/&29.11.2026/' back.csv
	take 0 before back.csv
	assert_equal "$(sed -n 's/.*"decided_at":"\([^"]*\).*/\1/p' decided/decisions.ndjson | sort | xargs)" '2026-11-29 2026-11-29 2026-11-29T10:00:00Z 29.11.2026'
	assert_equal "$(said)" "warning: back.csv: row 4: column decided_at: '46355' is the number of a day, and is read as 2026-11-29
warning: back.csv: row 5: column decided_at: '29.11.2026' is no day such as 2026-11-29: no check counts it"
	# the day that is none does not hide the others
	run_status 1 check-snapshot --as-of 2027-11-29T00:00:00Z --check review-overdue --decisions decided/decisions.ndjson --format text before
	assert_file_contains "$out" '2026-11-29'
}

@test "what a spreadsheet rewrote is a warning, and the snapshot counts" {
	local as
	{
		user 123456789012345678 ada enabled ',"email":"true","created_at":"2026-01-02T03:04:05Z"'
		user 00123 bob disabled ',"department":"R&D"'
	} | before
	issue-review --format csv -o sheets before 2>/dev/null
	cp sheets/review.csv back.csv
	fill keep boss@x.org ''
	cp back.csv good.csv
	for as in 1.23457E+17 1,23E+17 123456789012346000 1.23456789012346E+17; do
		sed -e "s/123456789012345678/\"$as\"/" -e 's/,00123,/,123,/' -e 's/,true,/,TRUE,/' -e 's/,R&D,/,Research,/' \
			-e 's/,disabled,/,enabled,/' -e 's/2026-01-02T03:04:05Z/02.01.26 03:04/' good.csv >back.csv
		take 0 before back.csv
		assert_file_contains "$err" "column user_id: '$as' was '123456789012345678': rewritten by the spreadsheet"
		assert_file_contains "$err" "column user_id: '123' was '00123': rewritten by the spreadsheet"
		assert_file_contains "$err" "column email: 'TRUE' was 'true': rewritten by the spreadsheet"
		assert_file_contains "$err" "column department: 'Research' was 'R&D': changed in the sheet; what the snapshot says counts"
		assert_file_contains "$err" "column status: 'enabled' was 'disabled': changed in the sheet"
		assert_file_contains "$err" "column created_at: '02.01.26 03:04' was '2026-01-02T03:04:05Z': changed in the sheet"
		assert_equal "$(grep -c warning: "$err")" 6
		assert_equal "$(jq -r 'select(.kind == "decision") | .user_id + .user_name' decided/decisions.ndjson | xargs)" '00123bob 123456789012345678ada'
	done
	# UTF-8 that was taken for Windows-1252; dates as workbooks show them are what they were
	user u1 'Ünï x… €' enabled ',"created_at":"2026-01-02T03:04:05Z"' | before
	issue-review --format csv -o others before 2>/dev/null
	cp others/review.csv back.csv
	fill keep boss@x.org ''
	sed -i 's/2026-01-02T03:04:05Z/2026-01-02 03:04:05/' back.csv
	take 0 before back.csv
	assert_file_empty "$err"
	iconv -f WINDOWS-1252 -t UTF-8 back.csv >misread.csv
	take 0 before misread.csv
	assert_says "column user_name: 'ÃœnÃ¯ xâ€¦ â‚¬' was 'Ünï x… €': rewritten by the spreadsheet"
	sed 's/ÃœnÃ¯/ÃœnÃ±/' misread.csv >back.csv
	wrong "column user_name: .*: edited"
	{
		user 123456789012345678 ada enabled ',"email":"true","created_at":"2026-01-02T03:04:05Z"'
		user 00123 bob disabled ',"department":"R&D"'
	} | before
	for as in 1.2E+17 1.24E+17 123456789012345679 123456789012345 1E+17; do
		sed "s/123456789012345678/$as/" good.csv >back.csv
		wrong "column user_id: '$as' was '123456789012345678': edited"
	done
}

@test "a column that says what is decided upon can not be edited: each of them" {
	local column
	{
		user u1 ada enabled ',"email":"ada@x.org","display_name":"Ada"'
		group g1 Admins
		group g2 Everyone
		member g1 u1
		member g2 g1 group
	} | before
	issue-review --format csv -o sheets before 2>/dev/null
	cp sheets/review.csv back.csv
	fill keep boss@x.org ''
	cp back.csv good.csv
	take 0 before back.csv
	assert_file_empty "$err"
	for column in source user_id user_name email display_name account_type what access_id access gives_also; do
		python3 - "$column" <<-'END'
			import csv, sys
			rows = list(csv.reader(open("good.csv")))
			place = rows[0].index(sys.argv[1])
			row = next(row for row in rows[1:] if row[rows[0].index("what")] == "membership" and row[rows[0].index("user_id")] == "u1")
			row[place] += "2"
			csv.writer(open("back.csv", "w"), lineterminator="\n").writerows(rows)
		END
		wrong "column $column: .*: edited, so the row may be decided as another one"
		assert_equal "$(wc -l <"$err")" 2
	done
}

@test "what is wrong comes in the order of the sheets and their rows, also where it is more than is shown" {
	for i in {1..150}; do user "u$i" "n$i"; done | before
	issue-review --format csv -o sheets before 2>/dev/null
	cp sheets/review.csv back.csv
	fill yes boss@x.org ''
	sed 2,61d back.csv >second.csv
	sed -i '62,$d' back.csv
	take 65 before back.csv second.csv
	{ printf 'back.csv: row %s\n' {2..61}; printf 'second.csv: row %s\n' {2..91}; } >want
	said | grep -o '^[a-z]*.csv: row [0-9]*' >got
	diff want got
	sed -i -e '2,$s/,yes,boss@x.org/,keep,/' -e '2,$s/,n\([0-9]*\),/,m\1,/' back.csv second.csv
	take 65 before back.csv second.csv
	said | grep -o '^[a-z]*.csv: row [0-9]*' | uniq -c | sed 's/^ *//' >got
	sed 's/^/2 /' want | head -n 100 >twice
	diff twice got
	assert_file_contains "$err" '\.\.\. and 100 more'
	take 65 before back.csv
	assert_file_contains "$err" '300\|210 problems'
	said | grep -o '^row r[0-9a-f]* is in no sheet: the account of n[0-9]*' | grep -o 'n[0-9]*$' >got
	assert_equal "$(wc -l <got)" 80
	LC_ALL=C sort -c got
}

@test "several sheets are one review, a hostile name does nothing in manual.csv, and a full directory is left alone" {
	{
		user u1 '=cmd|x' enabled ',"roles":["+role"]'
		group g1 '@group'
		member g1 u1
	} | before
	issue-review --format csv -o sheets --split group before 2>/dev/null
	for sheet in sheets/*.csv; do
		cp "$sheet" back.csv
		fill revoke boss@x.org '=1+1'
		cp back.csv "back-${sheet##*/}"
	done
	rm back.csv
	take 0 before back-*.csv
	assert_equal "$(head -n 1 "$out")" '3 rows: 0 keep, 3 revoke, 0 modify, 0 defer, 0 undecided'
	grep -o ',"[^"]*"' decided/manual.csv | grep -E '^,"[=+@-]' >formulas || true
	assert_file_empty formulas
	assert_equal "$(jq -r .user_name decided/operations-a.ndjson | sort -u)" '=cmd|x'
	run_status 73 take-review -o decided before back-*.csv
	run_status 64 take-review before back-x.csv
	run_status 66 take-review -o new before none.csv
}

@test "what take-review leaves to people is what scim-push never writes, for each provider" {
	# providers with the first pattern in their row; the rows of both tables begin with \t{
	providers_with() { awk -v RS='\n\t[{]\n' -v want="$1" '$0 ~ want && match($0, /\.(name|provider) = "[^"]*"/) { name = substr($0, RSTART, RLENGTH); gsub(/^.* = "|"$/, "", name); print name }' "$ROOT/$2" | sort; }
	assert_equal "$(providers_with members_stay lib/stream/provider_rows.c)" "$(providers_with 'NO_GROUPS\\(|ACTION_MEMBERS\\] = \\{NEVER' lib/push/rules.c)"
	assert_equal "$(providers_with accounts_stay lib/stream/provider_rows.c)" "$(providers_with 'ACTION_DEACTIVATE\\] = \\{NEVER' lib/push/rules.c)"
	assert_equal "$(providers_with members_stay lib/stream/provider_rows.c | wc -l)" 8
}

@test "a workbook gives the same decisions as the CSV, and a damaged one is refused" {
	issued
	sed -i -e '/,account,/s/,,,,,$/,keep,boss@x.org,2026-11-02,,T-1/' -e '/,account,/!s/,,,,,$/,revoke,boss@x.org,,no need,/' back.csv
	take 0 before back.csv
	mv decided of_csv
	python3 "$ROOT/tests/workbook.py" back.xlsx csv=back.csv
	take 0 before back.xlsx
	diff <(grep '"kind":"decision"' of_csv/decisions.ndjson) <(grep '"kind":"decision"' decided/decisions.ndjson)
	diff of_csv/manual.csv decided/manual.csv
	diff of_csv/operations-a.ndjson decided/operations-a.ndjson
	assert_equal "$(head -n 1 decided/decisions.ndjson | jq -c '.sheets[0]')" "{\"file\":\"back.xlsx\",\"sha256\":\"$(sha256sum <back.xlsx | cut -d ' ' -f 1)\"}"
	head -c 900 back.xlsx >back.csv
	take 65 before back.csv
	assert_file_contains "$err" 'back.csv: no whole workbook: the file is cut or damaged'
}

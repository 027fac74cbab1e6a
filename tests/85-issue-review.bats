#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2094 # a source and its file have one name
# issue-review: a row for each thing that can be kept or cut, bound to the snapshot.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# snapshot_of FILE TIME: plain records on stdin become the snapshot FILE of the source s
snapshot_of() {
	cat >plain
	normalize --plain --source s --fetched-at "$2" -o "$1" plain 2>/dev/null
}

# company: Admins < Ops, members nobody lists, roles and entitlements, an id that is a user's and a group's
company() {
	cat >records <<-'END'
		{"kind":"group","source":"s","id":"g1","name":"Admins"}
		{"kind":"group","source":"s","id":"g2","name":"Ops"}
		{"kind":"membership","source":"s","group_id":"g1","member_id":"g2","member_kind":"group"}
		{"kind":"membership","source":"s","group_id":"g1","member_id":"u1","member_kind":"user"}
		{"kind":"membership","source":"s","group_id":"g1","member_id":"g2","member_kind":"user"}
		{"kind":"membership","source":"s","group_id":"g2","member_id":"u0"}
		{"kind":"membership","source":"s","group_id":"g2","member_id":"u2","member_kind":"user"}
		{"kind":"user","source":"s","id":"u1","user_name":"ada","status":"enabled","account_type":"human","manager_name":"Mei","roles":["admin","viewer"],"entitlements":["e-1"],"entitlement_details":[{"value":"e-1","display":"Enterprise"}],"last_login_at":null}
		{"kind":"user","source":"s","id":"u2","user_name":"=bob\"","status":"disabled","account_type":"human"}
	END
	snapshot_of today 2026-11-01T00:00:00Z <records
}

# column N FILE: a column of a sheet whose cells hold no comma before it
column() { cut -d, -f"$1" "$2"; }

sha256_of() { tail -n 1 "$1" | jq -r .sha256; }

@test "a row stands for each account, direct membership, role and entitlement, also of members in no list" {
	company
	run_status 0 issue-review --format csv -o r today
	assert_equal "$(jq -r 'select(.kind == "row") | [.what, .user_id, .access_id // "-", .access // "-", .member_kind // "-"] | join(" ")' r/review.ndjson)" "$(
		cat <<-'END'
			membership g2 g1 Admins user
			membership u0 g2 Ops unknown
			account u1 - - -
			membership u1 g1 Admins user
			role u1 admin admin -
			role u1 viewer viewer -
			entitlement u1 e-1 Enterprise -
			account u2 - - -
			membership u2 g2 Ops user
			membership g2 g1 Admins group
		END
	)"
	assert_equal "$(jq -c 'select(.kind == "end") | [.rows, .accounts, .memberships, .roles, .entitlements]' r/review.ndjson)" '[10,2,5,2,1]'
	assert_equal "$(cat "$err")" 'issue-review: 10 rows to decide in 1 sheet, in r'
}

@test "the name of a row is the SHA-256 of the snapshot and of what the row says, by a hand that is not ours" {
	local sha256 want what source id access kind
	company
	run_status 0 issue-review --format csv -o r today
	sha256=$(sha256_of today)
	while IFS=$'\t' read -r name what source id access kind; do
		case $what in
		account) want="[\"$sha256\",\"account\",\"$source\",\"$id\"]" ;;
		membership) want="[\"$sha256\",\"membership\",\"$source\",\"$access\",\"$id\",\"$kind\"]" ;;
		*) want="[\"$sha256\",\"$what\",\"$source\",\"$id\",\"$access\"]" ;;
		esac
		assert_equal "$name" "r$(printf %s "$want" | sha256sum | cut -c1-16)"
	done < <(jq -r 'select(.kind == "row") | [.row, .what, .source, .user_id, .access_id // "", .member_kind // ""] | join("\t")' r/review.ndjson)
}

@test "a row of another snapshot has another name, and the same snapshot makes the same bytes" {
	company
	run_status 0 issue-review --format csv -o one today
	run_status 0 issue-review --format csv -o other today
	run_status 0 cmp one/review.csv other/review.csv
	run_status 0 cmp one/review.ndjson other/review.ndjson
	sed -i s/disabled/enabled/ records
	snapshot_of later 2026-11-02T00:00:00Z <records
	run_status 0 issue-review --format csv -o later.d later
	column 1 one/review.csv | sort >a
	column 1 later.d/review.csv | sort >b
	assert_equal "$(comm -12 a b)" row
}

@test "a sheet has blank columns for the decision, what a membership gives also, and inert names" {
	company
	run_status 0 issue-review --format csv -o r today
	assert_equal "$(head -n 1 r/review.csv)" 'row,source,user_id,user_name,email,display_name,status,account_type,department,manager,created_at,last_login_at,what,access_id,access,gives_also,findings,since,previous,decision,decided_by,decided_at,reason,ticket'
	assert_regex "$(grep ",u2,.*membership" r/review.csv)" "^r[0-9a-f]{16},s,u2,\"'=bob\"\"\",not shown,not shown,disabled,human,not shown,not shown,not shown,not shown,membership,g2,Ops,Admins,,,,,,,,$"
	assert_regex "$(grep ",u1,.*account" r/review.csv)" ',not shown,Mei,not shown,never,account,,,,,,,,,,,$'
	assert_regex "$(grep ,u0, r/review.csv)" ',u0,not shown,not shown,not shown,not listed,unknown,'
	assert_regex "$(grep ',Ops,not.*,group,' r/review.csv)" ',s,g2,Ops,.*,membership,g1,Admins,'
}

@test "the list of what was issued is sealed, and has the digest of each sheet" {
	company
	run_status 0 issue-review --format csv -o r --split source --due 2026-12-15 today
	assert_equal "$(head -n 1 r/review.ndjson | jq -c '[.stage, .due, .split, .snapshot.sha256, .sheets[0].file, .sheets[0].rows]')" \
		"[\"review\",\"2026-12-15\",\"source\",\"$(sha256_of today)\",\"s.csv\",10]"
	assert_equal "$(head -n 1 r/review.ndjson | jq -r '.sheets[0].sha256')" "$(sha256sum <r/s.csv | cut -d' ' -f1)"
	assert_equal "$(sha256_of r/review.ndjson)" "$(sed '1d;$d' r/review.ndjson | sha256sum | cut -d' ' -f1)"
}

@test "--split makes a sheet for each group, manager or line of a file, and every row stands in one" {
	company
	printf '# who\nbo,Ops\nbo,manager:Mei\n"ann" , source:t\n' >reviewers
	run_status 0 issue-review --format csv -o by-group --split group today
	assert_equal "$(cd by-group && wc -l -- *.csv | awk '{ print $1, $2 }')" $'4 Admins.csv\n3 Ops.csv\n6 no-group.csv\n13 total'
	run_status 0 issue-review --format csv -o by-manager --split manager today
	assert_equal "$(cd by-manager && wc -l -- *.csv | awk '{ print $1, $2 }')" $'6 Mei.csv\n6 no-manager.csv\n12 total'
	run_status 0 issue-review --format csv -o by-file --split reviewers today
	assert_equal "$(cd by-file && wc -l -- *.csv | awk '{ print $1, $2 }')" $'8 bo.csv\n4 rest.csv\n12 total'
	assert_equal "$(jq -r 'select(.sheet == "rest.csv") | .user_id' by-file/review.ndjson | sort | tr '\n' ' ')" 'g2 g2 u2 '
	echo alone >reviewers
	run_status 65 issue-review --format csv -o r --split reviewers today
	assert_file_contains "$err" 'reviewers: line 1: a sheet and what goes there, with a comma or a tab between them, are needed'
}

@test "two groups of one name are two sheets, and no name leaves the directory" {
	snapshot_of today 2026-11-01T00:00:00Z <<-'END'
		{"kind":"group","source":"s","id":"a","name":"Ops"}
		{"kind":"group","source":"s","id":"b","name":"ops"}
		{"kind":"group","source":"s","id":"c","name":"../../etc/passwd"}
		{"kind":"group","source":"s","id":"d","name":"\u0000\u202e"}
		{"kind":"group","source":"s","id":"e","name":"no group"}
		{"kind":"membership","source":"s","group_id":"a","member_id":"u","member_kind":"user"}
		{"kind":"membership","source":"s","group_id":"b","member_id":"u","member_kind":"user"}
		{"kind":"membership","source":"s","group_id":"c","member_id":"u","member_kind":"user"}
		{"kind":"membership","source":"s","group_id":"d","member_id":"u","member_kind":"user"}
		{"kind":"membership","source":"s","group_id":"e","member_id":"u","member_kind":"user"}
		{"kind":"user","source":"s","id":"u","user_name":"ada","status":"enabled","account_type":"human"}
	END
	run_status 0 issue-review --format csv -o r --split group today
	assert_equal "$(cd r && echo *)" 'Ops.csv etc-passwd.csv no-group-2.csv no-group.csv ops-2.csv part.csv review.ndjson'
	assert_equal "$(jq -r 'select(.kind == "row") | .sheet' r/review.ndjson | sort -u | wc -l)" 6
}

@test "--findings puts a finding into the row that it names, and refuses those of another snapshot" {
	company
	run_status 3 check-snapshot --strict --format ndjson -o findings today
	run_status 0 issue-review --format csv -o r --findings findings today
	assert_equal "$(jq -c 'select(.user_id == "u0") | [.access_id, .findings]' r/review.ndjson)" '["g2",[{"check":"orphan-member","severity":"high"}]]'
	assert_regex "$(grep ",u2,.*account" r/review.csv)" 'disabled-with-access \(low\)'
	assert_equal "$(head -n 1 r/review.ndjson | jq -r .findings.sha256)" "$(sha256_of findings)"
	sed -i s/disabled/enabled/ records
	snapshot_of later 2026-11-02T00:00:00Z <records
	run_status 65 issue-review --format csv -o other --findings findings later
	assert_file_contains "$err" 'the findings are of another snapshot: run check-snapshot on this one'
	assert_equal "$(ls other)" ''
}

@test "a finding upon a group or a source is in no row of an account, even one of the same id" {
	seal_snapshot a >before <<-'END'
		{"kind":"group","source":"a","id":"g1","name":"Empty"}
		{"kind":"user","source":"a","id":"g1","user_name":"ada","status":"enabled","account_type":"human"}
		{"kind":"user","source":"a","id":"read","user_name":"bob","status":"enabled","account_type":"human"}
	END
	run_status 1 check-snapshot --format ndjson --check empty-group,stale-snapshot --as-of 2027-11-22T00:00:00Z -o findings before
	assert_equal "$(jq -r 'select(.kind == "finding") | .check + " " + .id' findings | sort | xargs)" 'empty-group g1 stale-snapshot read'
	assert_equal "$(head -n 1 findings | jq -c '.about | map_values(.of)')" '{"empty-group":"group","stale-snapshot":"source"}'
	run_status 0 issue-review --format csv -o r --findings findings before
	assert_equal "$(jq -c 'select(.kind == "row" and .findings)' r/review.ndjson)" ''
}

@test "a finding that the policy excepts is left out of the sheet" {
	company
	echo '{"exceptions":[{"check":"disabled-with-access","source":"s","id":"u2","reason":"ticket 7","by":"mei","until":"2026-12-31"}]}' >policy.json
	run_status 1 check-snapshot --policy policy.json --format ndjson -o findings today
	assert_equal "$(jq -c 'select(.check == "disabled-with-access" and .kind == "finding") | .excepted.by' findings)" '"mei"'
	run_status 0 issue-review --format csv -o r --findings findings today
	assert_equal "$(jq -c 'select(.user_id == "u2" and .what == "account") | .findings' r/review.ndjson)" null
}

@test "--before says since when a row is there without a break, and what is new" {
	company
	grep -v -e '"member_id":"u1"' -e '"id":"u2"' -e '"member_id":"u2"' records | snapshot_of middle 2026-10-01T00:00:00Z
	grep -v '"id":"u2"' records | snapshot_of oldest 2026-09-01T00:00:00Z
	run_status 0 issue-review --format csv -o r --before oldest --before middle today
	assert_equal "$(jq -r 'select(.kind == "row") | [.what, .user_id, .access_id // "-", if has("since") then .since // "new" else "?" end] | join(" ")' r/review.ndjson)" "$(
		cat <<-'END'
			membership g2 g1 2026-09-01T00:00:00Z
			membership u0 g2 2026-09-01T00:00:00Z
			account u1 - 2026-09-01T00:00:00Z
			membership u1 g1 new
			role u1 admin 2026-09-01T00:00:00Z
			role u1 viewer 2026-09-01T00:00:00Z
			entitlement u1 e-1 2026-09-01T00:00:00Z
			account u2 - new
			membership u2 g2 new
			membership g2 g1 2026-09-01T00:00:00Z
		END
	)"
	assert_equal "$(grep -c ',new,,,,,,$' r/review.csv)" 3
}

@test "--before of another source, or of a selection, says nothing of when a row began" {
	company
	sed 's/"source":"s"/"source":"t"/' records >plain
	normalize --plain --source t --fetched-at 2026-10-01T00:00:00Z -o other plain 2>/dev/null
	run_status 0 normalize --select '.id != "u1"' -o selected today
	run_status 0 issue-review --format csv -o r --before other --before selected today
	assert_equal "$(jq -r 'select(.what == "account") | [.user_id, .since // "?"] | join(" ")' r/review.ndjson)" $'u1 ?\nu2 2026-11-01T00:00:00Z'
	assert_regex "$(grep ",u1,.*account" r/review.csv)" ',account,,,,,not shown,,,,,,$'
}

@test "--previous shows the last decision and fills in none" {
	company
	local begin body
	begin='{"kind":"begin","format":1,"stage":"decisions"}'
	body='{"kind":"decision","row":"r0","what":"membership","source":"s","user_id":"u1","access_id":"g1","member_kind":"user","decision":"keep","decided_by":"mei","decided_at":"2026-08-02"}
{"kind":"decision","row":"r1","what":"membership","source":"s","user_id":"g2","access_id":"g1","member_kind":"group","decision":"defer","decided_by":"mei"}'
	{
		printf '%s\n%s\n' "$begin" "$body"
		printf '{"kind":"end","status":"complete","sha256":"%s","begin_sha256":"%s"}\n' "$(printf '%s\n' "$body" | sha256sum | cut -d' ' -f1)" "$(printf '%s\n' "$begin" | sha256sum | cut -d' ' -f1)"
	} >decisions
	run_status 0 issue-review --format csv -o r --previous decisions today
	assert_equal "$(jq -r 'select(.previous) | [.user_id, .access_id, .previous] | join(" ")' r/review.ndjson)" $'u1 g1 keep, mei, 2026-08-02\ng2 g1 defer, mei'
	assert_regex "$(grep ",u1,.*membership" r/review.csv)" ',"keep, mei, 2026-08-02",,,,,$'
}

@test "a directory with anything in it is left as it is, and a failure leaves no sheet" {
	company
	mkdir full
	echo mine >full/review.csv
	run_status 73 issue-review --format csv -o full today
	assert_file_contains "$err" "'full' is not empty: sheets that are filled in are never replaced; give a new directory"
	assert_equal "$(cat full/review.csv)" mine
	head -n 5 today >half
	run_status 65 issue-review --format csv -o r half
	assert_not_exists r
	# one that was there stays, and sheets that are written are never removed
	mkdir -p here/r
	run_status 65 issue-review --format csv -o here/r half
	assert_exists here/r
	run_status 65 issue-review --format csv -o here/n/ half
	assert_equal "$(ls here)" r
	run_status 66 take-review -o decided none none.csv
	assert_not_exists decided
	run_status 64 issue-review today
	assert_file_contains "$err" 'give a directory for the sheets with -o'
}

@test "what could not be seen is said, and a snapshot from a pipe makes the same sheets" {
	company
	run_status 0 normalize --select '.id != "u9"' -o selected today
	run_status 0 issue-review --format csv -o r selected
	assert_file_contains "$err" 'issue-review: only a selection: s: .id != "u9"'
	run_status 0 issue-review --format csv -o piped <selected
	run_status 0 cmp r/review.ndjson piped/review.ndjson
	assert_file_permission 700 piped
	assert_file_permission 600 piped/review.csv
}

@test "nobody in a snapshot is a sheet without rows" {
	company
	run_status 0 normalize --allow-empty --select '.kind == "group"' -o empty today
	run_status 0 issue-review --format csv -o r empty
	assert_equal "$(wc -l <r/review.csv)" 1
	assert_equal "$(tail -n 1 r/review.ndjson | jq .rows)" 0
}

@test "rows that do not fit into memory make the same sheets" {
	generate --users 20000 --groups 50 --memberships 60000 | normalize -o many 2>/dev/null
	run_status 0 issue-review --format csv -o much --before many many
	run_status 0 issue-review --format csv --memory 16M -o little --before many many
	run_status 0 cmp much/review.csv little/review.csv
	run_status 0 cmp much/review.ndjson little/review.ndjson
	assert_equal "$(tail -n 1 much/review.ndjson | jq .rows)" 80000
}

# cells FILE SHEET: the cells of a sheet as an independent reader has them: place, type, style, text
cells() {
	python3 - "$1" "$2" <<-'END'
		import sys, zipfile, xml.etree.ElementTree as tree
		ns = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
		root = tree.fromstring(zipfile.ZipFile(sys.argv[1]).read("xl/worksheets/sheet%s.xml" % sys.argv[2]))
		for cell in root.iter(ns + "c"):
		    text = cell.find(ns + "v")
		    text = cell.find(ns + "is").find(ns + "t").text if text is None else text.text
		    print(cell.get("r"), cell.get("t", "number"), cell.get("s", "-"), repr(text), "FORMULA" if cell.find(ns + "f") is not None else "")
	END
}

@test "xlsx has the same bytes each time, and the snapshot's time for its own" {
	company
	run_status 0 issue-review -o one today
	TMPDIR=$BATS_TEST_TMPDIR/one run_status 0 issue-review -o other today
	run_status 0 cmp one/review.xlsx other/review.xlsx
	assert_equal "$(cd one && echo *)" 'review.ndjson review.xlsx'
	python3 -c 'import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read("docProps/core.xml").decode())' one/review.xlsx >core
	assert_file_contains core '<dcterms:created xsi:type="dcterms:W3CDTF">2026-11-01T00:00:00Z<'
	assert_equal "$(head -n 1 one/review.ndjson | jq -r '.sheets[0].file, .sheets[0].sha256')" "review.xlsx
$(sha256sum <one/review.xlsx | cut -d' ' -f1)"
}

@test "in xlsx, text is text, dates are dates, and each row and column is that of CSV" {
	snapshot_of today 2026-11-01T00:00:00Z <<-'END'
		{"kind":"user","source":"s","id":"1","user_name":"=HYPERLINK(\"http://evil\")","email":"http://evil.example","display_name":"a\u0000\u0007_x0041_<b>&\uffff\r.","status":"enabled","account_type":"human","created_at":"2026-01-02T03:04:05Z","last_login_at":null}
		{"kind":"user","source":"s","id":"1234567890123456789","user_name":"+1","status":"enabled","account_type":"human","created_at":"2026-01-02T03:04:05.5Z"}
	END
	run_status 0 issue-review -o r --before today today
	cells r/review.xlsx 2 >cells
	assert_file_contains cells "^D3 inlineStr - '=HYPERLINK(\"http://evil\")' $"
	assert_file_contains cells "^E3 inlineStr - 'http://evil.example' $"
	assert_file_contains cells "^F3 inlineStr - 'a_x0000__x0007__x005F_x0041_<b>&_xFFFF__x000D_.' $"
	assert_file_contains cells "^K3 number [0-9]* '46024.12783564815' $"
	assert_file_contains cells "^L3 inlineStr - 'never' $"
	assert_file_contains cells "^C2 inlineStr - '1234567890123456789' $"
	assert_file_contains cells "^K2 inlineStr - '2026-01-02T03:04:05.5Z' $"
	assert_file_contains cells "^R2 number [0-9]* '46327' $"
	refute grep -q FORMULA cells
	run_status 0 issue-review --format csv -o c today
	assert_equal "$(sed -n "s/^A[0-9]* inlineStr - '\(.*\)' $/\1/p" cells)" "$(tail -n +2 c/review.csv | cut -d, -f1)"
	assert_equal "$(sed -n "s/^[A-X]1 inlineStr [0-9]* '\(.*\)' $/\1/p" cells | paste -sd,)" "$(head -n 1 c/review.csv)"
}

@test "in xlsx, only the columns of the decision can be changed, and a decision is one of four words" {
	company
	run_status 0 issue-review -o r today
	python3 -c 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.read("xl/worksheets/sheet2.xml").decode(), z.read("xl/styles.xml").decode(), z.read("xl/workbook.xml").decode())' r/review.xlsx >xml
	assert_file_contains xml '<sheetProtection sheet="1" objects="1" scenarios="1"[^>]*autoFilter="0"/>'
	assert_file_contains xml 'sqref="T2:T11"><formula1>"keep,revoke,modify,defer"</formula1>'
	style=$(sed -n 's/.*<col min="20" max="20" [^>]*style="\([0-9]*\)".*/\1/p' xml)
	assert_file_contains xml "<col min=\"24\" max=\"24\" [^>]*style=\"$style\""
	assert_equal "$(grep -o '<cellXfs.*</cellXfs>' xml | sed 's/<xf /\n&/g' | sed -n "$((style + 2))p" | grep -o '<protection.*/>')" '<protection locked="0"/>'
	refute grep -q '<col min="19" [^>]*style=' xml
	assert_file_contains xml '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
	assert_file_contains xml '<autoFilter ref="A1:X11"/>'
	assert_file_contains xml '<sheet name="Read me" sheetId="1" [^>]*/><sheet name="Review" sheetId="2"'
}

@test "the first sheet says what to do, until when, and what was not seen" {
	company
	run_status 0 normalize --select '.id != "u9"' -o selected today
	run_status 0 issue-review -o r --due 'Friday, noon' selected
	cells r/review.xlsx 1 >cells
	assert_file_contains cells "'10 rows to decide'"
	assert_file_contains cells "'Friday, noon'"
	assert_file_contains cells "'only a selection: s: .id != \"u9\"'"
	assert_file_contains cells "'s, read at 2026-11-01T00:00:00Z'"
	assert_file_contains cells "'$(sha256_of selected)'"
	run_status 0 issue-review -o whole today
	cells whole/review.xlsx 1 >cells
	assert_file_contains cells "'Nothing: each source was read completely.'"
}

@test "a split makes a workbook for each part, also where there is no row" {
	company
	run_status 0 issue-review -o r --split group today
	assert_equal "$(cd r && echo *)" 'Admins.xlsx Ops.xlsx no-group.xlsx review.ndjson'
	assert_equal "$(cells r/Admins.xlsx 2 | grep -c '^A')" 4
	run_status 0 normalize --allow-empty --select '.kind == "group"' -o empty today
	run_status 0 issue-review -o none empty
	assert_equal "$(cells none/review.xlsx 2 | grep -c '^A')" 1
}

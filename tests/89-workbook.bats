#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Workbooks (xlsx) as lists of people and as sheets of a review: read as CSV is, or refused.

load helper
load records

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# book [NAME=TEXT...]: list.xlsx, see workbook.py
book() { python3 "$ROOT/tests/workbook.py" list.xlsx "$@"; }

# cells ROW TEXT...: a row of texts; a TEXT that begins with < is a cell itself
cells() {
	local row=$1 text
	shift
	printf '<row r="%s">' "$row"
	for text; do
		case $text in
		\<*) printf '%s' "$text" ;;
		*) printf '<c t="inlineStr"><is><t>%s</t></is></c>' "$text" ;;
		esac
	done
	printf '</row>'
}

# listed WANT: what the list says, as [user_name, display_name] of each
listed() {
	run_status 0 normalize --csv --source hr --fetched-at 2026-11-01T00:00:00Z list.xlsx
	assert_equal "$(jq -c 'select(.kind == "user") | [.user_name, .display_name]' "$out")" "$1"
}

# refused TEXT [STATUS]: it is no list, for this reason
refused() {
	run_status "${2:-65}" normalize --csv --source hr list.xlsx
	assert_says "$1"
}

@test "a workbook is a list as CSV is: shared and inline texts, runs, numbers, truth, formulas, gaps" {
	local head rows
	head=$(cells 1 user_name display_name)
	rows="<row r='2'><c r='A2' t='s'><v>0</v></c><c r='B2' t='s'><v>1</v></c></row>"
	rows+="<row><c><v>7</v></c><c t='b'><v>1</v></c></row>"
	rows+="<row r='6' hidden='1'><c r='A6' t='str'><f>A2&amp;\"x\"</f><v>adax</v></c><c r='B6'><v>1.50</v></c></row>"
	rows+="<row r='7' spans='1:2'/><row r='8'><c r='B8' s='9'/></row><row r='9'><c r='A9'><v>12</v></c></row>"
	rows+="<row r='10'><c r='A10' t='inlineStr'><is><r><t>in</t></r><r><t xml:space='preserve'>line </t></r></is></c><c r='B10' t='inlineStr'><is><t>a_x0041__x005F_x0041_&lt;</t></is></c></row>"
	book rows="$head$rows" strings='<si><t>ada</t></si><si><r><rPr><b/></rPr><t>A</t></r><r><t>da</t></r><rPh sb="0" eb="1"><t>spoken</t></rPh><phoneticPr fontId="1"/></si>'
	listed '["12",null]
["7","TRUE"]
["ada","Ada"]
["adax","1.5"]
["inline","aA_x0041_<"]'
	assert_says '5 lines, 5 accounts'
	book zip=stored rows="$head$rows" strings='<si><t>ada</t></si><si><t>Ada</t></si>'
	listed "$(jq -c 'select(.kind == "user") | [.user_name, .display_name]' "$out")"
}

@test "days are days, from 1900 or from 1904, by the format of the cell" {
	local rows
	rows=$(cells 1 user_name display_name
		cells 2 a '<c s="1"><v>46355</v></c>'
		cells 3 b '<c s="2"><v>46355.75</v></c>'
		cells 4 c '<c s="3"><v>0.5</v></c>'
		cells 5 d '<c s="0"><v>46355</v></c>'
		cells 6 e '<c s="4"><v>59</v></c>'
		cells 7 f '<c s="4"><v>61</v></c>'
		cells 8 g '<c s="4"><v>60</v></c>'
		cells 9 h '<c s="5"><v>1.5</v></c>'
		cells 10 i '<c s="6"><v>46355</v></c>'
		cells 11 j '<c s="7"><v>46355</v></c>'
		cells 12 k '<c t="d"><v>2026-11-29</v></c>')
	xfs='<xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="20"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="167"/>'
	formats='<numFmt numFmtId="164" formatCode="dd\.mm\.yyyy;@"/><numFmt numFmtId="165" formatCode="[h]:mm:ss"/><numFmt numFmtId="166" formatCode="yyyy-mm-dd hh:mm:ss"/><numFmt numFmtId="167" formatCode="&quot;days&quot; 0 [Red]"/>'
	book rows="$rows" xfs="$xfs" formats="$formats"
	listed '["a","2026-11-29"]
["b","2026-11-29T18:00:00Z"]
["c","12:00:00"]
["d","46355"]
["e","1900-02-28"]
["f","1900-03-01"]
["g","60"]
["h","1.5"]
["i","2026-11-29T00:00:00Z"]
["j","46355"]
["k","2026-11-29"]'
	book rows="$(cells 1 user_name display_name; cells 2 a '<c s="1"><v>44893</v></c>')" xfs="$xfs" formats="$formats" book='date1904="1"'
	listed '["a","2026-11-29"]'
}

@test "a strict workbook, parts in UTF-16, and parts by absolute and relative names are read" {
	local part
	book rows="$(cells 1 user_name; cells 2 ada)" zip=utf16
	listed '["ada",null]'
	mkdir one
	python3 -m zipfile -e list.xlsx one
	for part in xl/workbook.xml xl/worksheets/sheet1.xml xl/_rels/workbook.xml.rels _rels/.rels; do
		iconv -f UTF-16 -t UTF-8 <"one/$part" >plain
		sed -e 's,http://schemas.openxmlformats.org/spreadsheetml/2006/main,http://purl.oclc.org/ooxml/spreadsheetml/main,' -e 's/encoding="UTF-16"//' \
			-e 's,http://schemas.openxmlformats.org/officeDocument/2006/relationships,http://purl.oclc.org/ooxml/officeDocument/relationships,g' plain >"one/$part"
	done
	book "xl/workbook.xml=$(cat one/xl/workbook.xml)" "xl/worksheets/sheet1.xml=$(cat one/xl/worksheets/sheet1.xml)" \
		"xl/_rels/workbook.xml.rels=$(cat one/xl/_rels/workbook.xml.rels)" "_rels/.rels=$(cat one/_rels/.rels)"
	assert_file_contains one/xl/workbook.xml purl.oclc.org
	listed '["ada",null]'
}

@test "elements count by their namespace, under any prefix and as long as that is declared" {
	local space=http://schemas.openxmlformats.org/spreadsheetml/2006/main
	local head="<x:row><x:c t='str'><x:v>user_name</x:v></x:c></x:row>"
	local name="<x:row><x:c t='str'><x:v>ada</x:v></x:c></x:row>"
	# sheet TEXT...: the sheet with these rows, in a document whose namespace is x
	sheet() { book "xl/worksheets/sheet1.xml=<x:worksheet xmlns:x='$space' xmlns='urn:other'><x:sheetData>$1</x:sheetData></x:worksheet>"; }
	sheet "$head$name"
	listed '["ada",null]'
	# in another namespace, of the default, of another prefix, of the same prefix, it says nothing
	sheet "$head<row><x:c t='str'><x:v>eve</x:v></x:c></row><y:row xmlns:y='urn:y'><x:c/></y:row><x:row xmlns:x='urn:x'><x:c t='str'><x:v>eve</x:v></x:c></x:row>$name"
	listed '["ada",null]'
	# what an element declares ends with it
	sheet "$head<x:row xmlns='$space'><c t='str'><v>bob</v></c></x:row><row><c t='str'><v>eve</v></c></row>$name"
	listed '["ada",null]
["bob",null]'
	sheet "$head<z:row/>"
	refused 'it has a prefix that stands for no namespace'
	sheet "$head<x:row xmlns:y='$space'/><y:row/>"
	refused 'it has a prefix that stands for no namespace'
	sheet "$(printf "<x:a xmlns:p%s='urn:p'/>" {1..200})$head$name"
	listed '["ada",null]'
	sheet "<x:a $(printf "xmlns:p%s='urn:p' " {1..200})/>"
	refused 'it has more namespaces'
	sheet "<x:a xmlns:$(printf 'p%.0s' {1..40})='urn:p'/>"
	refused 'it has more namespaces, or longer names of them'
}

@test "which sheet is read is said where people can see several, and a hidden one is none" {
	local rows
	rows=$(cells 1 user_name; cells 2 ada)
	book rows="$rows" sheets='<sheet name="People" sheetId="1" r:id="rId1"/><sheet name="Notes" sheetId="2" r:id="rId2"/>'
	refused "several sheets: say which, with --sheet; the sheets are 'People', 'Notes'"
	run_status 0 normalize --csv --source hr --sheet people list.xlsx
	run_status 65 normalize --csv --source hr --sheet Staff list.xlsx
	assert_says "no sheet 'Staff'; the sheets are 'People', 'Notes'"
	run_status 65 normalize --csv --source hr --sheet Notes list.xlsx
	assert_says 'empty: its first line names the columns'
	book rows="$rows" sheets='<sheet name="People" sheetId="1" r:id="rId1"/><sheet name="Notes" sheetId="2" state="veryHidden" r:id="rId2"/>'
	listed '["ada",null]'
	run_status 65 normalize --csv --source hr --sheet Notes list.xlsx
	assert_says "the sheet 'Notes' is hidden: show it"
	book rows="$rows" sheets='<sheet name="People" sheetId="1" state="hidden" r:id="rId1"/>'
	refused "no sheet that people can see; the sheets are 'People' (hidden)"
	book rows="$rows" sheets='<sheet name="A" sheetId="1" r:id="rId1"/><sheet name="a" sheetId="2" r:id="rId2"/>'
	run_status 65 normalize --csv --source hr --sheet a list.xlsx
	assert_says "two sheets are called 'a'"
	run_status 64 normalize --sheet a list.xlsx
}

@test "what a list can not mean is named by row and column: errors, formulas without value, merged cells, long numbers" {
	local head
	head=$(cells 1 user_name display_name)
	book rows="$head$(cells 2 ada '<c t="e"><v>#REF!</v></c>')"
	refused "list.xlsx: row 2: column 'display_name': the error of a formula, and no value"
	book rows="$head$(cells 2 ada; cells 5 bob '<c><f>A1</f><v></v></c>')"
	refused "list.xlsx: row 5: column 'display_name': a formula whose value is not in the file"
	book rows="$head$(cells 2 ada x; cells 3 bob)" end='<mergeCells count="1"><mergeCell ref="B2:B3"/></mergeCells>'
	refused "list.xlsx: row 2: column 'display_name': cells are merged here"
	book rows="$head$(cells 2 '<c><v>123456789012345678</v></c>')"
	refused "list.xlsx: row 2: '1.23456789012346E+17' for user_name is a number that a spreadsheet has shortened"
	book rows="$head$(cells 2 ada x y)"
	refused 'list.xlsx: row 2: 3 cells, but the first line names 2 columns'
	printf 'user_name,display_name\nada,#N/A\n' >list.xlsx
	refused "list.xlsx: line 2: column 'display_name': the error of a formula, and no value"
}

@test "another program's file, a password, macros and damage are refused with what to do" {
	local types
	book rows="$(cells 1 user_name; cells 2 ada)"
	cp list.xlsx good.xlsx
	types=$(python3 -c 'import zipfile; print(zipfile.ZipFile("good.xlsx").read("[Content_Types].xml").decode())')
	printf '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1%99s' '' >list.xlsx
	refused 'an old workbook, or one with a password: save it as .xlsx without a password, or as CSV'
	book "[Content_Types].xml=${types//application\/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml/application\/vnd.ms-excel.sheet.macroEnabled.main+xml}"
	refused 'a workbook with macros: save it as .xlsx, or as CSV'
	book "[Content_Types].xml=${types//application\/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml/application\/vnd.ms-excel.sheet.binary.macroEnabled.main}"
	refused 'a binary workbook'
	book "[Content_Types].xml=${types//spreadsheetml.sheet.main/wordprocessingml.document.main}"
	refused 'an Office file, but no workbook'
	book "[Content_Types].xml=${types//spreadsheetml.worksheet/spreadsheetml.chartsheet}"
	refused "the part 'xl/worksheets/sheet1.xml' has another content type than"
	book "[Content_Types].xml=" META-INF/manifest.xml=x
	refused 'an OpenDocument sheet: save it as .xlsx, or as CSV'
	book "[Content_Types].xml="
	refused "no part '[Content_Types].xml'"
	book xl/workbook.xml=
	refused "no part 'xl/workbook.xml'"
	book zip=twice
	refused "the part 'XL/Workbook.xml' stands there twice"
	head -c 600 good.xlsx >list.xlsx
	refused 'no whole workbook: the file is cut or damaged'
	python3 - <<-'END'
		data = bytearray(open("good.xlsx", "rb").read())
		at = data.index(b"worksheets/sheet1.xml") + 30
		data[at] ^= 255 # in the packed bytes
		open("list.xlsx", "wb").write(data)
	END
	refused 'list.xlsx: '
	python3 - <<-'END'
		data = bytearray(open("good.xlsx", "rb").read())
		at = -1
		while (at := data.find(b"PK\3\4", at + 1)) >= 0: data[at + 6] |= 1
		while (at := data.find(b"PK\1\2", at + 1)) >= 0: data[at + 8] |= 1
		open("list.xlsx", "wb").write(data)
	END
	refused 'it has a password: save it without one'
}

@test "a hostile workbook costs no memory and reads no file: bombs, entities, nesting, places" {
	local space='xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"' way
	echo secret >secret
	for way in '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>' \
		"<!DOCTYPE x [<!ENTITY c SYSTEM \"file://$PWD/secret\">]>" '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">'; do
		book "xl/worksheets/sheet1.xml=$way<worksheet $space><sheetData><row><c t='inlineStr'><is><t>&c;</t></is></c></row></sheetData></worksheet>"
		refused 'it declares a document type, which no workbook does'
	done
	book rows="$(printf '<a>%.0s' {1..80})"
	refused 'its elements are nested too deeply'
	book rows="<row r='2'/><row r='2'/>"
	refused 'the rows after it are not in their order'
	book rows="<row r='1048577'/>"
	refused 'a number that rows do not have'
	book rows="<row r='2'><c r='B2'/><c r='A2'/></row>"
	refused 'row 2: its cells are not in their order'
	book rows="<row r='2'><c r='A3'/></row>"
	refused 'a cell is called like none of this row'
	book rows="<row r='2'><c r='XFE2'/></row>"
	refused 'a cell is called like none of this row'
	book rows="<row r='2'><c t='s'><v>0</v></c></row>"
	refused 'row 2: column A: its text is none of those that the cells share'
	book rows="<row r='2'><c t='x'><v>0</v></c></row>"
	refused 'row 2: column A: it is of no kind that cells have'
	book rows="<row r='2'><c><v>0x10</v></c></row>"
	refused 'row 2: column A: its number is none'
	book rows="<row><c>"
	refused 'is no XML'
	book sheets='<sheet name="People" sheetId="1" r:id="rId3"/>'
	refused "'People' is no sheet with rows in this file"
	book sheets="$(for i in {1..1001}; do printf '<sheet name="n%s" sheetId="%s" r:id="rId1"/>' "$i" "$i"; done)"
	refused 'more than 1000 sheets'
	book "_rels/.rels=<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"a\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" TargetMode=\"External\" Target=\"http://127.0.0.1/\"/></Relationships>"
	refused 'no relationship to a workbook in it'
	python3 - "$ROOT" <<-'END'
		import subprocess, sys, zipfile
		def made(*rows): subprocess.run([sys.executable, sys.argv[1] + "/tests/workbook.py", "list.xlsx", *rows], check=True)
		made()
		parts = {name: zipfile.ZipFile("list.xlsx").read(name) for name in zipfile.ZipFile("list.xlsx").namelist()}
		def write(to, name, text):
		    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as out:
		        for part in parts:
		            if part != name: out.writestr(part, parts[part])
		        with out.open(name, "w") as part:
		            for piece in text: part.write(piece)
		sheet = parts["xl/worksheets/sheet1.xml"].split(b"<sheetData>")[0] + b"<sheetData>"
		write("bomb.xlsx", "xl/worksheets/sheet1.xml", [sheet] + [b" " * 2**20] * 64)
		write("tag.xlsx", "xl/worksheets/sheet1.xml", [sheet, b"<row a='"] + [b"x" * 2**20] * 4)
		write("strings.xlsx", "xl/sharedStrings.xml", [parts["xl/sharedStrings.xml"].split(b"</sst>")[0], b"<si><t>"] + [b"x" * 2**20] * 20)
		wide = b"<row><c t='str'><v>user_name</v></c><c r='XFD1' t='str'><v>x</v></c></row>"
		wide += b"".join(b"<row><c r='XFD%d'><v>1</v></c></row>" % i for i in range(2, 4000))
		write("wide.xlsx", "xl/worksheets/sheet1.xml", [sheet, wide])
		with zipfile.ZipFile("parts.xlsx", "w") as out:
		    for i in range(10001): out.writestr("p%d" % i, "")
	END
	for way in "bomb.xlsx/unpacks to more than a workbook holds" 'tag.xlsx/a tag of it is longer than those of a workbook' \
		'strings.xlsx/unpacks to more than a workbook holds' 'parts.xlsx/more parts than a workbook has' 'wide.xlsx/more cells than can be read from one sheet'; do
		mv "${way%%/*}" list.xlsx
		if [[ $SANITIZED ]]; then refused "${way#*/}"; else
			run_status 65 prlimit --as=$((400 * 1024 * 1024)) "$BUILD/normalize" --memory 16M --threads 1 --csv --source hr list.xlsx
			assert_says "${way#*/}"
		fi
	done
}

# a review of records that spreadsheets like to rewrite, with dates, and its workbook in sheets/
review() {
	{
		user 123456789012345678 ada enabled ',"email":"ada@x.org","roles":["admin"],"created_at":"2026-01-02T03:04:05Z","last_login_at":null'
		user 00123 '=cmd|x' disabled ',"display_name":"1-2","created_at":"2026-11-29T00:00:00Z"'
		user u3 '\tTab_x0041_ Ünï' enabled
		group g1 'MARCH1'
		group g2 TRUE
		member g1 123456789012345678
		member g2 g1 group
	} | before
	issue-review -o sheets before 2>said || fail "$(cat said)"
}

# taken FILE: it has all rows, decided, and nothing of it was rewritten
taken() {
	rm -rf decided
	run_status 0 take-review -o decided --review sheets/review.ndjson before "$1"
	assert_file_empty "$err"
	assert_equal "$(head -n 1 "$out")" '6 rows: 4 keep, 2 revoke, 0 modify, 0 defer, 0 undecided'
	[[ -e want ]] || cp decided/manual.csv want
	diff want decided/manual.csv
	grep '"kind":"decision"' decided/decisions.ndjson >got
	[[ -e decisions ]] || cp got decisions
	diff decisions got
}

# need_openpyxl: sets $python to one that has it, or skips
need_openpyxl() {
	for python in python3 /usr/bin/python3; do
		"$python" -c 'import openpyxl' 2>/dev/null && return
	done
	skip 'no openpyxl for python3 here (python3-openpyxl)'
}

# fill_in FROM TO: decides in openpyxl
fill_in() {
	"$python" - "$@" <<-'END'
		import datetime, openpyxl, sys
		book = openpyxl.load_workbook(sys.argv[1])
		sheet = book["Review"] if "Review" in book.sheetnames else book.active
		head = {cell.value: cell.column for cell in sheet[1]}
		for row in range(2, sheet.max_row + 1):
		    account = sheet.cell(row, head["what"]).value in ("account", "role")
		    sheet.cell(row, head["decision"]).value = "keep" if account else "Revoke"
		    sheet.cell(row, head["decided_by"]).value = "boss@x.org"
		    sheet.cell(row, head["decided_at"]).value = datetime.date(2026, 11, 29)
		    sheet.cell(row, head["reason"]).value = None if account else "no need"
		    sheet.row_dimensions[row].hidden = row == 3
		book.save(sys.argv[2])
	END
}

@test "a sheet that openpyxl decided and saved is read: texts are texts, dates are dates, nothing is rewritten" {
	need_openpyxl
	review
	fill_in sheets/review.xlsx back.xlsx
	taken back.xlsx
	assert_equal "$(jq -r 'select(.kind == "decision").decided_at' decided/decisions.ndjson | uniq)" 2026-11-29
	"$python" - <<-'END'
		import openpyxl
		book = openpyxl.load_workbook("back.xlsx")
		del book["Read me"]
		sheet = book["Review"]
		sheet.title = "Tabelle1"
		sheet.move_range("A2:X2", rows=20)
		sheet.auto_filter.ref = None
		book.save("moved.xlsx")
		sheet.merge_cells("T3:T4")
		book.save("merged.xlsx")
		sheet.unmerge_cells("T3:T4")
		sheet["T3"] = '=IF(1,"keep","")'
		book.save("formula.xlsx")
	END
	taken moved.xlsx
	rm -rf decided
	run_status 65 take-review -o decided before merged.xlsx
	assert_says 'merged.xlsx: row 3: column decision: cells are merged here'
	rm -rf decided
	run_status 65 take-review -o decided before formula.xlsx
	assert_says 'formula.xlsx: row 3: column decision: a formula whose value is not in the file'
}

# office FILE STEP...: LibreOffice opens it and does these steps, see office.py
office() {
	HOME=$PWD timeout 200 /usr/bin/python3 "$ROOT/tests/office.py" "$@" >log 2>&1 || fail "$(cat log)"
}

@test "what LibreOffice opened, decided, sorted and saved is read: xlsx, over ods, CSV in four dialects" {
	local file
	command -v soffice >/dev/null && /usr/bin/python3 -c 'import uno' 2>/dev/null ||
		skip 'no LibreOffice here: libreoffice-calc-nogui and python3-uno, 90 MB, are too much for .ci/deps'
	review
	issue-review --format csv -o plain before 2>/dev/null
	office sheets/review.xlsx decide hide save=a.xlsx save=a.ods save=a.csv save=a.semicolon.csv save=a.utf16.csv save=a.quoted.csv \
		sort turn save=b.xlsx save=b.csv open=a.ods save=c.xlsx save=c.utf16.csv \
		open=a.xlsx delete save=deleted.xlsx save=deleted.utf16.csv open=a.xlsx double save=doubled.xlsx save=doubled.semicolon.csv \
		open=a.xlsx edit=4=user_id=123456789012345678 edit=3=status=gone edit=2=decided_at=soon save=id.xlsx save=id.csv \
		open=a.xlsx edit=3=row=r0123456789abcdef save=row.xlsx save=row.semicolon.csv \
		open=a.xlsx edit=4=decided_by=ada edit=2=user_name=eve save=by.xlsx save=by.utf16.csv \
		open=plain/review.csv decide save=d.xlsx save=d.semicolon.csv save=d.utf16.csv
	for file in [abc].*xlsx [abc].*csv; do
		taken "$file"
		assert_equal "$(sed -n 's/.*"decided_at":"\([^"]*\).*/\1/p' decided/decisions.ndjson | uniq)" 2026-11-29
	done
	# rewritten by the spreadsheet: said, and read
	for file in d.*; do
		rm -rf decided
		run_status 0 take-review -o decided before "$file"
		diff want decided/manual.csv
		diff <(sort decisions) <(grep '"kind":"decision"' decided/decisions.ndjson | sort)
		assert_says "$file: row 2: column user_id: '123' was '00123': rewritten by the spreadsheet" \
			"row 5: column user_id: '1.23456789012346E+" "row 5: column decided_at: '46355' is the number of a day, and is read as 2026-11-29"
	done
	for file in id.*; do
		rm -rf decided
		run_status 0 take-review -o decided before "$file"
		diff want decided/manual.csv
		assert_says "$file: row 4: column user_id: '1.23456789012346E+" "row 3: column status: 'gone' was 'enabled': changed in the sheet" \
			"row 2: column decided_at: 'soon' is no day such as 2026-11-29"
	done
	# no_decision FILE TEXT...: 65, and this is said
	no_decision() {
		rm -rf decided
		run_status 65 take-review -o decided before "$1"
		assert_says "${@:2}"
		assert_equal "$(find decided -type f)" ''
	}
	for file in deleted.*; do no_decision "$file" 'is in no sheet: the account of'; done
	for file in doubled.*; do no_decision "$file" "$file: row 8: column row: 'r" "stands here again: first in $file, row 3"; done
	for file in row.*; do no_decision "$file" "$file: row 3: column row: 'r0123456789abcdef' is no row of this snapshot" 'is in no sheet'; done
	for file in by.*; do
		no_decision "$file" "$file: row 4: column decided_by: 'ada' decided on their own access" \
			"$file: row 2: column user_name: 'eve' was '=cmd|x': edited"
	done
}

@test "what openpyxl and Python save as CSV of the sheet is read: semicolons, tabs in UTF-16, quotes" {
	local way
	need_openpyxl
	review
	fill_in sheets/review.xlsx back.xlsx
	taken back.xlsx
	for way in semicolon utf16 excel; do
		"$python" - "$way" <<-'END'
			import csv, openpyxl, sys
			way = {"semicolon": ("utf-8", dict(delimiter=";")), "utf16": ("utf-16", dict(delimiter="\t")),
			       "excel": ("utf-8-sig", dict(quoting=csv.QUOTE_ALL))}[sys.argv[1]]
			def text(value):
			    if isinstance(value, str): return value.replace("_x005F_", "_") # which openpyxl leaves
			    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if value else value
			with open("back.csv", "w", newline="", encoding=way[0]) as file:
			    csv.writer(file, lineterminator="\r\n", **way[1]).writerows([text(cell.value) for cell in row] for row in openpyxl.load_workbook("back.xlsx")["Review"])
		END
		rm -rf decided
		run_status 0 take-review -o decided before back.csv
		assert_file_empty "$err"
		assert_equal "$(head -n 1 "$out")" '6 rows: 4 keep, 2 revoke, 0 modify, 0 defer, 0 undecided'
		diff want decided/manual.csv
	done
}

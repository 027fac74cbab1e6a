#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# report-snapshot: one page that people read, with every number beside what it is of.

load helper
load records

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# people_and_groups: two sources; a group in a group, a gap, hostile names
people_and_groups() {
	{
		export source=acme
		gap members 'HTTP 403' g9
		group g1 Admins
		group g2 Ops
		group g9 Secret
		member g1 u1
		member g2 g1 group
		member g2 u2
		user u1 ada@example.com enabled ',"last_login_at":"2026-11-20T00:00:00Z"'
		user u2 bob@example.com disabled ',"last_login_at":"2026-01-01T00:00:00Z"'
		user u3 eve@example.com enabled ',"last_login_at":null'
		user u4 '<img src=x onerror=alert(1)>' enabled
		source=hr user 1 ada@example.com
	} | LC_ALL=C sort | seal_snapshot acme hr >today
}

# page STATUS OPTION...: the page of `today` is in $out
page() {
	run_status "$1" report-snapshot "${@:2}" today
}

@test "each count in the numbers has what it is of beside it" {
	people_and_groups
	page 0 --format text
	run sed -n '/^In numbers/,/^$/p' "$out"
	assert_output "$(
		cat <<-'END'
			In numbers
			  5 accounts
			  4 of 5 can sign in (1 disabled)
			  0 of 2 did not sign in for 90 days (1 never signed in, 2 not shown)
			  1 of 1 disabled accounts are still in groups
			  3 groups (1 empty, 1 in other groups)
			  1 part could not be read
		END
	)"
}

@test "what could not be read stands on the first lines of each format" {
	people_and_groups
	for format in html markdown text; do
		page 0 --format $format
		grep -qiE 'not complete:(</strong>|\*\*)? 1 part could not be read' "$out"
		grep -qF 'HTTP 403' "$out"
	done
	printf '' | seal_snapshot acme >today
	page 0 --format text
	grep -qxF 'Complete: every list was read to its proved end.' "$out"
}

@test "where nobody shows the last sign-in, its number is a question mark" {
	{ user u1 ada@example.com; } | seal_snapshot a >today
	page 0 --format text
	grep -qxF '  ? did not sign in for 90 days (1 do not show the last sign-in)' "$out"
}

@test "the same streams make the same bytes, whatever the clock, the zone and the locale" {
	people_and_groups
	for format in html markdown text; do
		page 0 --format $format
		cp "$out" first
		TZ=Asia/Tokyo LC_ALL=tr_TR.UTF-8 LANG=tr_TR.UTF-8 page 0 --format $format -o second
		cmp first second
	done
}

@test "a page asks for nothing, and its policy names its own style and script alone" {
	people_and_groups
	page 0
	refute grep -q 'https\?://[^ ]*\.\(js\|css\|woff\)' "$out"
	refute grep -q '<\(link\|img\|iframe\|object\|embed\|base\)[ >]' "$out"
	refute grep -q '<[a-z][^>]* \(style\|on[a-z]*\|src\)=' "$out"
	for part in style script; do
		want=$(sed -n "/<$part>/,/<\/$part>/p" "$out" | sed "1s/.*<$part>//; \$s/<\/$part>.*//" |
			head -c -1 | openssl dgst -sha256 -binary | base64)
		grep -qF "$part-src 'sha256-$want'" "$out"
	done
	grep -qF "default-src 'none'" "$out"
}

@test "a name does nothing, in HTML, Markdown and text" {
	{
		user u1 '<script>alert(1)</script>'
		# shellcheck disable=SC2016 # is a name
		user u2 '[a](https://evil.example) ![b](c) @everyone `x`'
		user u3 '| a | b |'
		printf '{"kind":"user","source":"a","id":"u4","user_name":"a\\nb\xe2\x80\xaec","status":"enabled","account_type":"human"}\n'
		printf '{"kind":"user","source":"a","id":"u5","user_name":"{{{script}}} {{#people}}","status":"enabled","account_type":"human"}\n'
	} >records
	seal_snapshot a <records >today
	page 0
	grep -qF '&lt;script&gt;alert(1)&lt;/script&gt;' "$out"
	[ "$(grep -c '<script>' "$out")" -eq 1 ]
	grep -qF '{{{script}}} {{#people}}' "$out"
	grep -qF 'a\u{A}b\u{202E}c' "$out"
	group g1 '[a](https://evil.example) @everyone | x' | cat - records | LC_ALL=C sort | seal_snapshot a >now
	seal_snapshot a <records >before
	run_status 1 diff-snapshot --format ndjson before now
	cp "$out" changes
	run_status 0 report-snapshot --format markdown --changes changes now
	grep -qF '\[a\](https&#58;//evil.example) &#64;everyone \| x' "$out"
}

@test "access has its path, and a person's accounts of several sources stand together" {
	people_and_groups
	page 0
	grep -qF '<i>Ops <u>via Admins &lt; Ops</u></i>' "$out"
	run grep -c '<th scope="row">ada@example.com' "$out"
	assert_output 2
}

@test "changes are a chapter, and must end in the snapshot of the page" {
	people_and_groups
	source=acme user u1 ada@example.com disabled ',"last_login_at":"2026-11-20T00:00:00Z"' |
		seal_snapshot acme hr >old
	run_status 1 diff-snapshot --format ndjson old today
	cp "$out" changes
	page 0 --format text --changes changes
	grep -qF '  ~ acme  user enabled  ada@example.com: status disabled → enabled' "$out"
	run_status 65 report-snapshot --changes changes old
	assert_says 'the changes do not end in this snapshot: compare an older one with it'
}

# found: the findings of today by a policy, in `findings`
found() {
	cat >policy.json
	run_status 3 check-snapshot --policy policy.json today
	cp "$out" findings
}

@test "findings, what is not decided, exceptions and privileged access have chapters" {
	people_and_groups
	found <<-'END'
		{"privileged": {"groups": [{"source": "acme", "group": "Admins"}]},
		 "exceptions": [{"check": "disabled-with-access", "source": "acme", "id": "u2",
		   "reason": "on leave", "by": "Mei", "until": "2027-02-01"}]}
	END
	page 0 --findings findings
	run grep -A1 '<tr><th scope="row">dormant</th>' "$out"
	assert_regex "$output" '\? 2'
	grep -qF '<li>acme: dormant is not decided for' "$out"
	grep -qF '<td>on leave</td><td>Mei</td><td>2027-02-01</td>' "$out"
	run sed -n '/<section id="privileged">/,/<.section>/p' "$out"
	assert_regex "$output" '<th scope="row">ada@example.com'
	run sed -n '/<section id="findings">/,/<.section>/p' "$out"
	assert_regex "$output" '<b class="high">high</b><td>population<td>acme'
	refute grep -qF 'disabled-with-access<td>acme<th scope="row">bob' "$out"
	page 0 --findings findings --format markdown
	grep -qE '^\| high \| population \| acme \|' "$out"
}

@test "with a baseline the findings that are new say so" {
	people_and_groups
	{ source=acme user u1 ada@example.com; } | seal_snapshot acme hr >old
	run_status 0 check-snapshot --check population old
	cp "$out" older
	run_status 3 check-snapshot --check population --baseline older today
	cp "$out" findings
	page 0 --findings findings --format text
	grep -q '^  high  acme  population  .* (new): ' "$out"
}

@test "findings of another snapshot make no page" {
	people_and_groups
	found <<<'{}'
	users 1 3 | seal_snapshot a >other
	run_status 65 report-snapshot --findings findings other
	assert_says 'the findings are of another snapshot: run check-snapshot on this one'
}

@test "older snapshots make a line over time, in the order of their times" {
	people_and_groups
	{ source=acme user u1 ada@example.com; } | read_at=2026-09-01T00:00:00Z seal_snapshot acme >september
	{ source=acme user u1 ada@example.com; source=acme user u2 b; } | read_at=2026-10-01T00:00:00Z seal_snapshot acme >october
	page 0 --before october --before september
	run sed -nE 's@^<tr><th scope="row">(2026[-0-9]+)</th><td class="number">([0-9]+)</td>.*@\1 \2@p' "$out"
	assert_output "$(printf '%s\n' '2026-09-01 1' '2026-10-01 2' '2026-11-22 5')"
}

@test "a table has its first 1,000 rows and says how many more there are" {
	users 1 1203 | LC_ALL=C sort | seal_snapshot a >today
	page 0
	run grep -c '<th scope="row">u[0-9]' "$out"
	assert_output 1000
	grep -qF '203 more: <code>list-snapshot --format csv -o access.csv</code> has all of them.' "$out"
	page 0 --format markdown
	[ "$(wc -l <"$out")" -le 200 ]
}

@test "half a snapshot, half a change stream and two states of one source make no page" {
	people_and_groups
	head -n -1 today >half
	run_status 65 report-snapshot -o page half
	run_status 65 report-snapshot -o page --before half today
	run_status 65 report-snapshot -o page --changes half today
	run_status 65 report-snapshot -o page today today
	assert_says "the source 'acme' stands in two snapshots"
	[ ! -e page ]
}

@test "the commands of 'how to verify' give the digests of the page" {
	people_and_groups
	page 0
	[ "$(grep -c "^$(body today | sha256sum | cut -d' ' -f1)  -\$" "$out")" -eq 1 ]
	[ "$(grep -c "^$(head -n 1 today | sha256sum | cut -d' ' -f1)  -" "$out")" -eq 1 ]
}

@test "diff-snapshot makes a page for a mail: period, sources, sums, what was not compared" {
	people_and_groups
	{ source=acme user u1 ada@example.com disabled; } | read_at=2026-11-01T00:00:00Z seal_snapshot acme hr >old
	for format in html markdown; do
		run_status 1 diff-snapshot --format $format old today
		for words in '2026-11-01T00:00:00Z to 2026-11-22T00:00:00Z' 11 'user enabled' 'HTTP 403' 'acme.example/scim/v2'; do
			grep -qF -e "$words" "$out" || fail "no '$words' in $format"
		done
	done
	run_status 0 diff-snapshot --format markdown today today
	grep -qF 'no changes' "$out"
	run_status 74 to_full diff-snapshot --format html old today
}

#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# report-snapshot: one page that people read, with every number beside what it is of.

load helper
load records
load decisions

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
			  1 of 2 did not sign in for 90 days (1 of them never, 2 not shown)
			  1 of 1 disabled accounts are still in groups (1 group has members that could not be read)
			  3 groups (1 in other groups, 1 group has members that could not be read)
			  1 part could not be read
		END
	)"
}

@test "where nobody shows the last sign-in, its number is a question mark" {
	{ user u1 ada@example.com; } | seal_snapshot a >today
	page 0 --format text
	grep -qxF '  ? did not sign in for 90 days (1 does not show the last sign-in)' "$out"
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

@test "access has its path, by person and by group, where what could not be read is not empty, and a person's accounts of several sources stand together" {
	people_and_groups
	page 0
	grep -qF '<i>Ops <u>via Admins &lt; Ops</u></i>' "$out"
	grep -qxF '<tr><th scope="row">Ops<td>acme<td class="number">1<td class="number">2<td><i>ada@example.com <u>via Admins &lt; Ops</u></i> <i>bob@example.com</i> ' "$out"
	grep -qxF '<tr><th scope="row">Secret<td>acme<td class="number">0 or more<td class="number">0 or more<td> <b class="bad">Not all could be read.</b>' "$out"
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
	run grep -A1 '<tr><th scope="row">dormant <' "$out"
	assert_regex "$output" '\? 2'
	grep -qxF '<tr><th scope="row">dormant<td>acme<td>1 of 3<td>not shown (1): last_login_at' "$out"
	grep -qF '<td>on leave</td><td>Mei</td><td>2027-02-01</td>' "$out"
	run sed -n '/<section id="privileged">/,/<.section>/p' "$out"
	assert_regex "$output" '<th scope="row">ada@example.com'
	run sed -n '/<section id="findings">/,/<.section>/p' "$out"
	assert_regex "$output" '<b class="high">high</b><td>population <small class="whose">PCAOB AS 1105.10</small><td>acme'
	refute grep -q 'disabled-with-access.*<td>acme<th scope="row">bob' "$out"
	page 0 --findings findings --format markdown
	grep -qE '^\| high \| population \(PCAOB AS 1105.10\) \| acme \|' "$out"
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

acme() { source=acme "$@"; }

# chart TITLE: the rows of the table beside a chart of $out, their cells with blanks between
chart() {
	sed -n "\\@<figcaption>$1</figcaption>@,\\@</figure>@p" "$out" |
		sed -nE 's@^<tr><th scope="row">(.*)</th>(.*)</tr>$@\1\2@p' | sed -e 's@<td class="number">@ @g' -e 's@</td>@@g'
}

@test "older snapshots make lines over time: accounts, last sign-ins, memberships, in the order of their times" {
	people_and_groups
	{ source=acme user u1 ada@example.com enabled ',"last_login_at":"2026-01-01T00:00:00Z"'; } |
		read_at=2026-09-01T00:00:00Z seal_snapshot acme >september
	{
		acme gap users 'HTTP 500'
		acme group g1 Admins
		acme member g1 u1
		acme user u1 ada@example.com disabled ',"last_login_at":"2026-01-01T00:00:00Z"'
		acme user u2 b unknown ',"last_login_at":null'
	} | read_at=2026-10-01T00:00:00Z seal_snapshot acme hr >october
	page 0 --before october --before september
	run chart 'Accounts over time' # accounts, can sign in, disabled
	assert_output "$(printf '%s\n' '2026-09-01, 1 source 1 1 0' '2026-10-01, not complete 2 0 1' '2026-11-22, not complete 5 4 1')"
	run chart 'No sign-in, over time' # not for 90 days, never, not shown
	assert_output "$(printf '%s\n' '2026-09-01, 1 source 1 0 0' '2026-10-01, not complete 0 1 0' '2026-11-22, not complete 0 1 2')"
	run chart 'Memberships over time'
	assert_output "$(printf '%s\n' '2026-09-01, 1 source 0' '2026-10-01, not complete 1' '2026-11-22, not complete 3')"
	# 30 of 82 days: where the second point stands in 2 to 98 %
	run grep -c '<circle cx="37.12%" cy="[0-9]*" r="3" class="f1 hollow"/>' "$out"
	assert_output 3
}

@test "older findings make lines over time: by severity, and how many accounts have privileged access" {
	people_and_groups
	cat >policy.json <<<'{"privileged": {"groups": [{"source": "acme", "group": "Admins"}, {"source": "acme", "group": "Ops"}]}}'
	check() { check-snapshot --policy policy.json --format ndjson -o "$@" || (($? <= 3)); }
	check findings today
	{ source=acme group g1 Admins; source=acme group g2 Ops; source=acme member g1 u1; source=acme member g2 u1; source=acme member g2 u9; source=acme user u1 test; } |
		LC_ALL=C sort | read_at=2026-09-01T00:00:00Z seal_snapshot acme >september
	check older september
	check-snapshot --format ndjson -o oldest --as-of 2026-08-01T00:00:00Z september || (($? <= 3)) # nobody looked for privileged access
	page 0 --findings findings --findings-before older --findings-before oldest
	run chart 'Findings over time'
	want() { jq -rs '(.[0].as_of // .[0].snapshot.sources[0].fetched_at)[:10] + " " + (.[-1].found | "\(.critical // 0) \(.high // 0) \(.medium // 0) \(.low // 0)")' "$1"; }
	assert_output "$(want oldest; want older; want findings)"
	run chart 'Privileged access over time' # u1 is in both groups, and counts once; nobody lists u9
	assert_output "$(printf '%s\n' '2026-09-01 1 1' '2026-11-22 2 0')"
	page 0 --format text --findings findings
	grep -qxE '  2 of 5 have privileged access.*' "$out"
	run_status 65 report-snapshot --findings-before september today
	run_status 64 report-snapshot --findings-before '' today
}

@test "beside each finding stands whose standard it is, and beside each check what it finds and by which numbers" {
	people_and_groups
	printf '{"set": {"dormant.days": 45}}' | found
	page 0 --findings findings
	run grep -c '<td>disabled-with-access <small class="whose">SOC 2 CC6.3, ISO 27001 A.5.18</small><td>acme' "$out"
	assert_output 1
	grep -qF '<tr><th scope="row">dormant <small>accounts that can sign in and did not for dormant.days (dormant.days = 45)</small> <small class="whose">90 days: PCI DSS' "$out"
	page 0 --findings findings --format markdown
	grep -qF '| low | disabled-with-access (SOC 2 CC6.3, ISO 27001 A.5.18) | acme |' "$out"
	page 0 --findings findings --format text
	grep -qE '^  low  acme  disabled-with-access .*\[SOC 2 CC6.3, ISO 27001 A.5.18\]$' "$out"
	# findings that an older check-snapshot made do not say it
	{ head -n 1 findings | jq -c 'del(.about)'; body findings; } >before_end
	jq -c --arg begin "$(head -n 1 before_end | sha256sum | cut -d' ' -f1)" '.begin_sha256 = $begin' <(tail -n 1 findings) | cat before_end - >older
	page 0 --findings older --format text
	grep -qE '^  low  acme  disabled-with-access .* in Ops$' "$out"
}

@test "what is only for information is not marked as found, and a path is said once" {
	people_and_groups
	found <<<'{"privileged": {"groups": [{"source": "acme", "group": "Ops"}]}}'
	page 0 --findings findings
	run sed -n 's@.*<th scope="row"><a href="#check-privileged">privileged<.a> <.*</th><td>\(.*\)</td><td>.*@\1@p' "$out"
	assert_output '<b class="mark">2</b> <small>of 2</small> '
	run sed -n 's@.*<th scope="row"><a href="#check-disabled-with-access">disabled-with-access<.a> <.*</th><td>\(.*\)</td><td>.*@\1@p' "$out"
	assert_output '<b class="mark found">1</b> <small>of 1</small> '
	run sed -n '/<section id="privileged">/,/<.section>/p' "$out"
	assert_regex "$output" '<td>in Ops via Admins'$'\n'
}

@test "an account belongs to a band to the second, for the histogram, the lines over time and check-snapshot alike" {
	local limit days=(30 90 180 365) older=(7 5 3 1)
	{
		for limit in 2026-10-23T00:00:00Z 2026-10-22T23:59:59.5Z 2026-08-24T00:00:00Z 2026-08-23T23:59:59Z 2026-05-26T00:00:00Z \
			2026-05-25T23:59:59Z 2025-11-22T00:00:00Z 2025-11-21T23:59:59.999Z 2026-11-23T00:00:00Z yesterday; do
			user "u$limit" n enabled ",\"last_login_at\":\"$limit\""
		done
		user u1 n enabled ',"last_login_at":null'
		user u2 n disabled ',"last_login_at":"2020-01-01T00:00:00Z"'
	} | LC_ALL=C sort | seal_snapshot a >today
	page 0 --before today
	run chart 'Last sign-in'
	assert_output "$(printf '%s\n' 'up to 30 days ago 2' 'up to 90 days ago 2' 'up to 180 days ago 2' 'up to a year ago 2' 'longer ago 1' 'never 1' 'not shown 1')"
	run chart 'No sign-in, over time'
	assert_output "$(printf '%s\n' '2026-11-22 5 1 1' '2026-11-22 5 1 1')"
	grep -qF '<td>yesterday<td>' "$out"
	for limit in 0 1 2 3; do
		run_status 3 check-snapshot --check dormant --set "dormant.days=${days[limit]}" --format ndjson today
		grep -qF "\"found\":${older[limit]},\"unknown\":1," "$out" || fail "${days[limit]} days"
	done
}

@test "the numbers of a page are those that SQL counts in the snapshot" {
	command -v sqlite3 >/dev/null || skip 'sqlite3 is not there'
	local number
	for number in 1 2 3; do random_directory $number; done
}

# random_directory SEED: a page of it says what SQL says
random_directory() {
	awk -v seed="$1" 'BEGIN {
		srand(seed)
		for (s = 1; s <= 2; s++) {
			for (g = 0; g < 12; g++) if (g != 7) print "{\"kind\":\"group\",\"source\":\"s" s "\",\"id\":\"g" g "\",\"name\":\"G" g "\"}"
			for (g = 0; g < 12; g++) for (k = 0; k < 12; k++) if (g != k && rand() < .1)
				print "{\"kind\":\"membership\",\"source\":\"s" s "\",\"group_id\":\"g" g "\",\"member_id\":\"g" k "\",\"member_kind\":\"group\"}"
			for (u = 0; u < 60; u++) {
				status = rand() < .2 ? "disabled" : rand() < .1 ? "unknown" : "enabled"
				type = rand() < .1 ? "service" : rand() < .1 ? "unknown" : "human"
				login = rand() < .2 ? "" : rand() < .2 ? ",\"last_login_at\":null" : sprintf(",\"last_login_at\":\"202%d-%02d-%02dT00:00:00Z\"", 5 + (rand() < .6), 1 + int(rand() * 11), 1 + int(rand() * 28))
				if (u % 20 != 9) print "{\"kind\":\"user\",\"source\":\"s" s "\",\"id\":\"u" u "\",\"user_name\":\"n" u "\",\"status\":\"" status "\",\"account_type\":\"" type "\"" login "}"
				for (g = 0; g < 11; g++) if (rand() < .08) print "{\"kind\":\"membership\",\"source\":\"s" s "\",\"group_id\":\"g" g "\",\"member_id\":\"u" u "\",\"member_kind\":\"user\"}"
			}
		}
	}' | LC_ALL=C sort | seal_snapshot s1 s2 >today
	page 0
	{
		echo 'CREATE TABLE lines (line TEXT); '
		body today | sed "s/'/''/g; s/.*/INSERT INTO lines VALUES ('&');/"
		cat <<-'END'
			CREATE TABLE r AS SELECT line ->> '$.kind' kind, line ->> '$.source' source, line ->> '$.id' id, line ->> '$.status' status,
				line ->> '$.account_type' type, json_type(line, '$.last_login_at') login_type, line ->> '$.last_login_at' login,
				line ->> '$.group_id' g, line ->> '$.member_id' m, line ->> '$.member_kind' mk FROM lines;
			CREATE TABLE outer_group AS WITH RECURSIVE up(source, g, o) AS (
				SELECT DISTINCT source, g, g FROM (SELECT source, g FROM r WHERE kind = 'membership' UNION SELECT source, m FROM r WHERE mk = 'group')
				UNION SELECT up.source, up.g, r.g FROM up JOIN r ON r.kind = 'membership' AND r.mk = 'group' AND r.source = up.source AND r.m = up.o)
				SELECT * FROM up;
			CREATE TABLE effective AS SELECT DISTINCT r.source, r.m, up.o FROM r JOIN outer_group up USING (source, g) WHERE r.mk = 'user';
			.mode list
			SELECT 'accounts', source, count(*) FILTER (WHERE status = 'enabled'), count(*) FILTER (WHERE status = 'disabled'), count(*) FILTER (WHERE status = 'unknown')
				FROM r WHERE kind = 'user' GROUP BY source ORDER BY source;
			SELECT 'band', s.source, (SELECT count(*) FROM r WHERE kind = 'user' AND r.source = s.source), (SELECT count(*) FROM r WHERE kind = 'group' AND r.source = s.source),
				(SELECT count(*) FROM r WHERE kind = 'membership' AND r.source = s.source) FROM (SELECT DISTINCT source FROM r) s ORDER BY 2;
			CREATE TABLE judged AS SELECT CASE WHEN login_type IS NULL THEN 7 WHEN login_type = 'null' THEN 6
				WHEN julianday('2026-11-22') - julianday(login) <= 30 THEN 1 WHEN julianday('2026-11-22') - julianday(login) <= 90 THEN 2
				WHEN julianday('2026-11-22') - julianday(login) <= 180 THEN 3 WHEN julianday('2026-11-22') - julianday(login) <= 365 THEN 4 ELSE 5 END age
				FROM r WHERE kind = 'user' AND status <> 'disabled' AND type <> 'service';
			WITH ages(age) AS (VALUES (1), (2), (3), (4), (5), (6), (7)) SELECT 'age', age, (SELECT count(*) FROM judged WHERE judged.age = ages.age) FROM ages;
			SELECT 'disabled in groups', count(DISTINCT r.source || r.id), (SELECT count(*) FROM r WHERE status = 'disabled') FROM r JOIN effective e ON e.source = r.source AND e.m = r.id WHERE status = 'disabled';
			SELECT 'empty', count(*) FROM r WHERE kind = 'group' AND NOT EXISTS (SELECT * FROM effective e WHERE e.source = r.source AND e.o = r.id);
			SELECT 'group', g.source, g.id, (SELECT count(*) FROM r d WHERE d.mk = 'user' AND d.source = g.source AND d.g = g.id),
				(SELECT count(*) FROM effective e WHERE e.source = g.source AND e.o = g.id)
				FROM (SELECT source, id FROM r WHERE kind = 'group' UNION SELECT source, g FROM r WHERE kind = 'membership' UNION SELECT source, m FROM r WHERE mk = 'group') g ORDER BY 2, 3;
		END
	} | sqlite3 -batch :memory: >theirs
	{
		chart 'Accounts by source and status' | sed 's/^/accounts /'
		# shellcheck disable=SC2016 # of sed
		sed -nE 's@.*<th scope="row">(.*)</th><td data-head="Read from">.*data-head="Accounts">([0-9]*)<.*data-head="Groups">([0-9]*)<.*data-head="Memberships">([0-9]*)<.*@band \1 \2 \3 \4@p' "$out"
		chart 'Last sign-in' | awk '{ print "age", NR, $NF }'
		sed -nE 's@.*<b>([0-9]+) of ([0-9]+)</b> <span>disabled accounts are still in groups.*@disabled in groups \1 \2@p; s@.*<span>groups</span> <small>([0-9]+) empty.*@empty \1@p' "$out"
		sed -n '/<section id="groups"/,/<.section>/p' "$out" | sed -nE 's@^<tr><th scope="row">[Gg]([0-9]+)<td>(.*)<td class="number">(.*)<td class="number">([0-9]*)<td>.*@group \2 g\1 \3 \4@p' | LC_ALL=C sort
	} | tr ' ' '|' | sed 's/disabled|in|groups/disabled in groups/' >ours
	grep -qx 'empty|.*' theirs && [ "$(wc -l <theirs)" -gt 30 ]
	diff <(sed '/^empty|0$/d' theirs) ours || fail "seed $1"
}

@test "a table has its first 1,000 rows and says how many more there are" {
	users 1 1203 | LC_ALL=C sort | seal_snapshot a >today
	page 0
	run grep -c '<th scope="row">u[0-9]' "$out"
	assert_output 1000
	grep -qxF '<p class="note rest">203 more: <code>list-snapshot --format csv -o access.csv today</code> has all of them.</p>' "$out"
	grep -qF 'next.matches("p.rest")' "$out" # what the filter says, too
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

# commands: those of 'how to verify' of $out as they are typed, and what they print
commands() {
	sed -n '/<section id="verify">/,/<.section>/p' "$out" | sed -E 's@</?(pre|code)>@@g; /^(<|$)/d' |
		sed "s/&#39;/'/g; s/&quot;/\"/g; s/&amp;/\\&/g"
}

@test "the commands of 'how to verify' give the digests of each file, and the page again" {
	local file="to day's.ndjson" line status
	people_and_groups
	mv today "$file"
	{ source=acme user u1 ada@example.com; } | read_at=2026-09-01T00:00:00Z seal_snapshot acme >old
	zstd -q old
	check-snapshot --format ndjson -o findings "$file" || status=$?
	diff-snapshot --format ndjson old "$file" >changes || status=$?
	[ "$status" -eq 1 ]
	# shellcheck disable=SC2016 # is a title
	run_status 0 report-snapshot --title '$(id) & "co"' --findings findings --changes changes --before old.zst --findings-before findings "$file"
	cp "$out" page
	commands >typed
	[ "$(grep -c '^\$ .*| sha256sum$' typed)" -eq 10 ]
	while IFS= read -r line; do
		case $line in
		'$ report-snapshot '*) bash -c "${line#* }" >again ;;
		'$ '*) bash -c "${line#* }" ;;
		esac
	done <typed >digests
	cmp page again
	diff digests <(grep '  -$' typed)
}

@test "the first lines of each format say what the page can not show: gaps, selections, sources that are missing or not checked" {
	people_and_groups
	{ source=gone user u1 ada@example.com; } | read_at=2026-09-01T00:00:00Z seal_snapshot gone >old
	{ source=stripe user u1 ada@example.com; } | not_covered='"API keys","roles"' seal_snapshot stripe >second
	found <<<'{"expect": {"okta": {"users": 1}}}'
	for format in html markdown text; do
		run_status 0 report-snapshot --format $format --findings findings --before old today second
		sed '/^<style>/,/^<.style>/d; s/<[^>]*>//g; s/^[*] //; s/[*]//g' "$out" | head -40 >first
		for words in 'Not readable: acme: members of g9: HTTP 403' 'Missing: okta: the policy names this source, and no snapshot has it' \
			'Missing: gone: an older snapshot has this source' 'Not checked: stripe: the findings are not of this source' \
			'Not covered: stripe: API keys, roles'; do
			grep -qF "$words" first || fail "no '$words' in $format"
		done
		grep -qiF 'not complete: 1 part could not be read, 2 sources are missing.' first || fail "$format"
	done
	printf '' | seal_snapshot acme >today
	page 0 --format text
	grep -qxF 'Complete: every list was read to its proved end.' "$out"
}

@test "a short page has at most 200 lines, and as many rows of its tables as there is room for" {
	local i status=0
	{
		for i in {1..40}; do
			source=s$i gap members 'HTTP 403' g1
			source=s$i group g1 Admins
			source=s$i user u1 admin disabled
			source=s$i member g1 u1
			source=s$i user u2 "root$i"
		done
	} | LC_ALL=C sort >records
	not_covered='"x","y"' seal_snapshot s{1..40} <records >today
	sed 's/"root/"before/' records | LC_ALL=C sort | read_at=2026-09-01T00:00:00Z seal_snapshot s{1..40} o{1..9} >old
	for i in {1..20}; do
		printf '%s{"check": "dormant", "source": "s1", "id": "x%d", "reason": "r", "by": "b", "until": "2027-01-01"}' "${comma-}" "$i"
		comma=,
	done >exceptions
	found <<<"{\"exceptions\": [$(<exceptions)], \"expect\": {\"n1\": {\"users\": 1}, \"n2\": {\"users\": 1}, \"n3\": {\"users\": 1}, \"n4\": {\"users\": 1}}}"
	diff-snapshot --format ndjson --allow-missing-source old today >changes || status=$?
	[ "$status" -eq 1 ]
	printf 'revoke account s%d u1\nkeep account s%d u2\ndefer account s%d u3 - "reason":"r"\n' {1..20} {1..20} {1..20} | seal_decisions old >decisions
	run_status 0 report-snapshot --format markdown --findings findings --changes changes --decisions decisions --before old today
	[ "$(wc -l <"$out")" -le 200 ] && [ "$(wc -l <"$out")" -ge 195 ]
	[ "$(grep -c '^| \(low\|medium\|high\) |' "$out")" -ge 20 ]
	[ "$(grep -c '| user renamed |' "$out")" -ge 20 ]
	grep -qE '^[*] Exception, not decided: s1: dormant x1: r \(b, until 2027-01-01, 40 days left\)$' "$out"
	grep -qF '* 12 more exceptions' "$out"
	run_status 0 report-snapshot --format markdown --findings findings today
	[ "$(grep -c '^| \(low\|medium\|high\) |' "$out")" -eq 60 ]
	run_status 1 diff-snapshot --format markdown --allow-missing-source old today
	[ "$(wc -l <"$out")" -le 200 ]
	# what is left out is counted where it is missing
	page 0 --findings findings --format text
	[ "$(grep -c '^  exception, ' "$out")" -eq 20 ]
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
	[ "$(tail -n 1 "$out")" = "diff-snapshot $(report-snapshot --version | sed -n '1s/.* \(.*\) .*/\1/p')" ]
	run_status 74 to_full diff-snapshot --format html old today
}

@test "a list is as long as its file was, and nothing that is named as left out is not all that is shown" {
	printf 'user_name,display_name\nada@example.com,Ada\n' >hr.csv
	run_status 0 normalize --csv --source hr -o hr hr.csv
	users 1 3 | seal_snapshot a >today
	for format in html markdown text; do
		run_status 0 report-snapshot --format $format hr
		refute grep -qE 'omplete:(</strong>|[*][*])? every list' "$out"
		sed 's/<[^>]*>//g; s/[*]//g' "$out" >words
		grep -qE '^(As of .*)?Not proved: hr is only as long as its file was[.]$' words || fail "$format"
		grep -qE '^ *Not proved: hr: nobody can see that lines are missing at the end of the file$' words || fail "$format"
		run_status 0 report-snapshot --format $format hr today
		sed 's/<[^>]*>//g; s/[*]//g' "$out" >words
		grep -qE '^(As of .*)?Not proved: hr is only as long as its file was; every list of a service was read to its proved end[.]$' words || fail "$format"
	done
	page 0
	refute grep -qF 'show everything' "$out"
	grep -qxF '<li>the last sign-in of 3 of 3 accounts (without disabled and service accounts)</li>' "$out"
	refute grep -qF 'Nothing is named as left out' "$out"
	user u1 ada@example.com enabled ',"last_login_at":null' | seal_snapshot a >today
	page 0 --format text
	sed -n '/^What could not be known/,/^$/p' "$out" >unknown
	grep -qF '  Nothing is named as left out' unknown
}

@test "what is one is not named as many, and the chapter of accounts is by account" {
	{ user u1 a; group g1 G; member g1 u1; } | LC_ALL=C sort | seal_snapshot a >today
	page 0 --format text
	grep -qxE '  a, as of [^ ]*: 1 account, 1 group; not readable: nothing' "$out"
	grep -qxE 'As of [^ ]*, 1 account in 1 source[.]' "$out"
	page 0
	grep -qF '<h2>Access by account</h2>' "$out"
	refute grep -q 'by person' "$out"
}

@test "findings of one check and source stand by name, and the table of checks leads to the first of them" {
	{ user 1 zoe@example.com; user 2 Bob@example.com; user 3 ada@example.com; } | seal_snapshot a >today
	source=hr user 1 eve@example.com | seal_snapshot hr >roster
	run_status 1 check-snapshot --check leaver --roster roster today
	cp "$out" findings
	page 0 --findings findings
	run sed -nE 's@^<tr( id="([^"]*)")?><td><b class="high">high</b><td>leaver .*<th scope="row">([^<]*)<td>.*@\3 \2@p' "$out"
	assert_output "$(printf '%s\n' 'ada@example.com check-leaver' 'Bob@example.com ' 'zoe@example.com ')"
}

@test "the page of diff-snapshot says what its text says: what nobody compares, display names, states, sums; -o has each format" {
	local status format
	{ user u1 ada@example.com enabled ',"display_name":"Ada Byron"'; user u2 b disabled; user u3 c; } |
		read_at=2026-11-01T00:00:00Z not_covered='"roles","not mapped: photos (3 users)","not mapped: identity-provider (2 users)"' seal_snapshot a >old
	user u4 d disabled ',"display_name":"Dee"' | not_covered='"not mapped: photos (1 user)"' seal_snapshot a >today
	run_status 1 diff-snapshot --format text old today
	grep -qxF 'not compared in a: photos (1 user), identity-provider (2 users)' "$out"
	for format in html markdown; do
		run_status 1 diff-snapshot --format $format old today
		sed 's/<[^>]*>//g; s/^[*] //' "$out" >words
		grep -qxF 'Not compared in a: photos (1 user), identity-provider (2 users)' words || fail "$format"
		for words in '4 changes, 1 user added, 3 users removed.' 'example.com (Ada Byron)' 'd (Dee)' 'status disabled'; do
			grep -qF "$words" words || fail "no '$words' in $format"
		done
		refute grep -q report-snapshot words
	done
	for format in text ndjson html markdown; do
		run_status 1 diff-snapshot --format $format old today
		cp "$out" want
		run_status 1 diff-snapshot --format $format -o file old today
		cmp want file
		[ ! -s "$out" ]
		cp file before
		run_status 65 diff-snapshot --format $format -o file old words
		cmp before file
	done
	run_status 73 diff-snapshot -o none/file old today
}

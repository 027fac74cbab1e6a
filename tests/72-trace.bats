#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# trace-snapshots: since when and until when, and never "gone" for what was not seen.

load helper
load records

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# snap DAY [SOURCE...]: the records on stdin, in any order, become the snapshot of that day of 2026-03
snap() {
	sort | read_at=2026-03-$1T00:00:00Z seal_snapshot "${@:2}" >"$1.ndjson"
}

# days DAY...: the snapshots of these days
days() {
	printf '%s.ndjson\n' "$@"
}

# traces DAY...: the intervals of these snapshots must be what stdin says, a line each: WHAT USER
# ACCESS, then not_yet, since, last and until as days (- if absent, null), then what was not seen
traces() {
	cat >want
	# shellcheck disable=SC2046 # names without blanks
	run_status 0 trace-snapshots $(days "$@")
	assert_sealed "$out"
	intervals "$out" >got
	run diff want got
	assert_success
}

intervals() {
	jq -r 'def day: .[8:10];
		select(.kind == "interval") | [.what, .user_id // empty, .access_id // empty,
		(if .not_yet then .not_yet | day else "-" end), (.since, .last | day),
		(if .until then .until | day else "now" end),
		(.not_seen // [] | .[] | "?" + (.from | day) + ".." + (.to | day))] | join(" ")' "$1"
}

@test "what comes and goes has the readings before and after" {
	{ user u1 ada; } | snap 01 a
	{
		user u1 ada
		user u2 bob
		group g Admins
		member g u2
	} | snap 02 a
	{
		user u1 ada
		user u2 bob
		group g Admins
	} | snap 03 a
	{ user u1 ada; } | snap 04 a
	traces 01 02 03 04 <<-'END'
		group g 01 02 03 04
		account u1 - 01 04 now
		status u1 enabled - 01 04 now
		account u2 01 02 03 04
		status u2 enabled 01 02 03 04
		membership u2 g 01 02 02 03
	END
	assert_equal "$(jq -c 'select(.what == "membership") | del(.kind)' "$out")" \
		'{"what":"membership","source":"a","user_id":"u2","user_name":"bob","member_kind":"user","access_id":"g","access":"Admins","state":"gone","not_yet":"2026-03-01T00:00:00Z","since":"2026-03-02T00:00:00Z","last":"2026-03-02T00:00:00Z","until":"2026-03-03T00:00:00Z"}'
	assert_equal "$(tail -n 1 "$out" | jq -c 'del(.sha256, .begin_sha256)')" '{"kind":"end","intervals":6}'
	assert_equal "$(head -n 1 "$out" | jq -c '[.stage, .sources, (.snapshots | length)]')" \
		'["trace",[{"source":"a","first":"2026-03-01T00:00:00Z","last":"2026-03-04T00:00:00Z","readings":4,"complete":true}],4]'
	assert_equal "$(head -n 1 "$out" | jq -r '.snapshots[].sha256')" \
		"$(for day in 01 02 03 04; do tail -n 1 $day.ndjson | jq -r .sha256; done)"
}

@test "the order of the snapshots, one that comes twice, compression and pipes change no byte" {
	{ user u1 ada; } | snap 01 a
	{ user u2 bob; } | snap 02 a
	{ user u1 ada; } | snap 03 a
	run_status 0 trace-snapshots 01.ndjson 02.ndjson 03.ndjson
	cp "$out" want
	assert_equal "$(grep -c '"what":"account"' want)" 3
	zstd -q 02.ndjson -o 02.zst
	run_status 0 trace-snapshots 03.ndjson 01.ndjson 02.ndjson
	cmp "$out" want
	run_status 0 trace-snapshots 03.ndjson 01.ndjson 03.ndjson 02.ndjson 01.ndjson
	cmp "$out" want
	run_status 0 trace-snapshots 03.ndjson 02.zst - <01.ndjson
	cmp "$out" want
	run_status 0 trace-snapshots <(cat 03.ndjson) <(cat 02.ndjson) 01.ndjson
	cmp "$out" want
	run_status 0 trace-snapshots -o file 01.ndjson 02.ndjson 03.ndjson
	cmp file want
	run_status 64 trace-snapshots - - <01.ndjson
}

@test "one snapshot alone has intervals whose beginning nobody knows" {
	{ user u1 ada; } | snap 01 a
	traces 01 <<-'END'
		account u1 - 01 01 now
		status u1 enabled - 01 01 now
	END
}

@test "a gap ends nothing: what it may hide is not seen, and what is shown all the same is there" {
	everything() {
		group g Admins
		group h Ops
		member g u1
		member h u1
		user u1 ada
		user s1 ci enabled ',"roles":["r"]' | sed 's/human/service/'
	}
	everything | snap 01 a
	{
		gap members 'HTTP 500' g
		everything | grep -v -e '"group_id"' -e '"id":"s1"'
	} | snap 02 a
	{ gap users 'HTTP 500'; everything | grep -v -e '"kind":"user"'; } | snap 03 a
	{ gap groups 'HTTP 500'; everything | grep -e '"id":"s1"'; } | snap 04 a
	{
		gap service_accounts 'HTTP 500'
		everything | grep -v -e '"id":"s1"' -e '"id":"h"'
	} | snap 05 a
	{ gap members 'HTTP 500'; user u1 ada; } | snap 06 a
	traces 01 02 03 04 05 06 <<-'END'
		group g - 01 05 06 ?04..04
		group h - 01 03 05 ?04..04
		account s1 - 01 01 02
		account s1 02 04 04 06 ?05..05
		status s1 enabled - 01 01 02
		status s1 enabled 02 04 04 06 ?05..05
		role s1 r - 01 01 02
		role s1 r 02 04 04 06 ?05..05
		account u1 - 01 02 04 ?03..03
		account u1 04 05 06 now
		status u1 enabled - 01 02 04 ?03..03
		status u1 enabled 04 05 06 now
		membership u1 g - 01 05 now ?02..02 ?04..04 ?06..06
		membership u1 h - 01 01 02
		membership u1 h 02 03 05 now ?04..04 ?06..06
	END
}

@test "a selection can show, but not that something is gone" {
	{ user u1 ada; user u2 bob; } | snap 01 a
	{ user u1 ada; } | snap 02 a
	sed '1s/"not_covered":\[\]/&,"select":".status == \\"enabled\\""/' 02.ndjson | sed -n '1p' >begin
	{ sed '1d;$d' 02.ndjson | seal "$(cat begin)"; } >02.new && mv 02.new 02.ndjson
	{ user u1 ada; } | snap 03 a
	traces 01 02 03 <<-'END'
		account u1 - 01 03 now
		status u1 enabled - 01 03 now
		account u2 - 01 01 03 ?02..02
		status u2 enabled - 01 01 03 ?02..02
	END
}

@test "a source that is missing was not seen; one that is kept in files of its own is no gap of others" {
	both() {
		user u1 ada
		source=b user u9 zoe
	}
	both | snap 01 a b
	user u1 ada | snap 02 a
	both | snap 03 a b
	user u1 ada | snap 04 a
	traces 01 02 03 04 <<-'END'
		account u1 - 01 04 now
		status u1 enabled - 01 04 now
		account u9 - 01 03 now ?02..02 ?04..04
		status u9 enabled - 01 03 now ?02..02 ?04..04
	END
	user u1 ada | snap 05 a
	source=b user u9 zoe | snap 06 b
	user u1 ada | snap 07 a
	traces 05 06 07 <<-'END'
		account u1 - 05 07 now
		status u1 enabled - 05 07 now
		account u9 - 06 06 now
		status u9 enabled - 06 06 now
	END
}

@test "a name is the newest, an account that was made anew has intervals of its own" {
	{ user u1 ada; group g Ops; member g u1; } | snap 01 a
	{ user u1 ada.byron disabled; group g Admins; member g u1; } | snap 02 a
	{ user u2 ada.byron; group g Admins; member g u2; } | snap 03 a
	traces 03 02 01 <<-'END'
		group g - 01 03 now
		account u1 - 01 02 03
		status u1 enabled - 01 01 02
		status u1 disabled 01 02 02 03
		membership u1 g - 01 02 03
		account u2 02 03 03 now
		status u2 enabled 02 03 03 now
		membership u2 g 02 03 03 now
	END
	assert_equal "$(jq -r 'select(.user_id == "u1" or .access_id == "g") | [.user_name // empty, .access // empty][]' "$out" | sort -u | paste -sd' ')" \
		'Admins ada.byron'
}

@test "roles that are not shown are not gone, and vocabulary 1 does not show entitlements" {
	user u1 ada enabled ',"roles":["r1","r2"],"entitlements":["e"]' | snap 01 a
	user u1 ada | vocabulary='' snap 02 a
	user u1 ada enabled ',"roles":["r1"],"entitlements":null' | snap 03 a
	user u1 ada enabled ',"roles":null' | snap 04 a
	traces 01 02 03 04 <<-'END'
		account u1 - 01 04 now
		status u1 enabled - 01 04 now
		role u1 r1 - 01 03 04 ?02..02
		role u1 r2 - 01 01 03 ?02..02
		entitlement u1 e - 01 01 03 ?02..02
	END
}

@test "groups in groups, members that no list shows, and a kind that is not known have intervals" {
	{ group g G; group h H; member g h group; member h x; member g y unknown; } | snap 01 a
	{ group g G; group h H; member h x; member g y; user y yan; } | snap 02 a
	traces 01 02 <<-'END'
		group g - 01 02 now
		group h - 01 02 now
		membership h g - 01 01 02
		membership x h - 01 02 now
		access x g - 01 01 02
		account y 01 02 02 now
		status y enabled 01 02 02 now
		membership y g - 01 02 now
	END
	assert_equal "$(jq -r 'select(.what == "membership") | .user_name // "-", .member_kind' "$out" | paste -sd' ')" \
		'H group - user yan user'
}

@test "two readings of one time are one: there if one of them shows it" {
	{ user u1 ada; } | snap 01 a
	cp 01.ndjson first.ndjson
	{ user u1 ada; user u2 bob; } | snap 01 a
	{ user u2 bob; } | snap 02 a
	run_status 0 trace-snapshots 01.ndjson first.ndjson 02.ndjson
	assert_equal "$(intervals "$out" | grep account)" 'account u1 - 01 01 02
account u2 - 01 02 now'
	assert_equal "$(head -n 1 "$out" | jq -c '[.sources[].readings, (.snapshots | length)]')" '[2,3]'
}

@test "who is in a group through other groups has access, as long as there is any path, and the newest path" {
	{ group g1 Admins; group g2 Ops; group g3 Dev; user u1 ada; }  >fixed
	{ cat fixed; member g2 u1; } | snap 01 a
	{ cat fixed; member g2 u1; member g1 g2 group; } | snap 02 a
	{ cat fixed; member g3 u1; member g2 g3 group; member g1 g2 group; } | snap 03 a
	{ cat fixed; member g1 u1; member g2 g3 group; member g1 g2 group; } | snap 04 a
	{ cat fixed; member g3 u1; member g3 x; } | snap 05 a
	{ gap members 'HTTP 500' g2; cat fixed; member g3 u1; member g3 x; member g1 g2 group; } | snap 06 a
	run_status 0 trace-snapshots 01.ndjson 02.ndjson 03.ndjson 04.ndjson 05.ndjson
	assert_equal "$(jq -r 'select(.what == "access") | [.user_id, .access_id, .via // "-", .not_yet[8:10], .since[8:10], .last[8:10], .until[8:10]] | join(" ")' "$out")" \
		'u1 g1 - 01 02 04 05
u1 g2 Dev < Ops  01 03 04'
	run_status 0 trace-snapshots 02.ndjson 06.ndjson
	assert_equal "$(jq -r 'select(.what == "access") | [.user_id, .access_id, .via, .state, (.not_seen | tostring)] | join(" ")' "$out")" \
		'u1 g1 Ops < Admins not seen [{"from":"2026-03-06T00:00:00Z","to":"2026-03-06T00:00:00Z"}]'
}

# shown DAY... -- OPTION...: the text for people must be what stdin says
shown() {
	local names=()
	cat >want
	while [ "$1" != -- ]; do
		names+=("$1.ndjson")
		shift
	done
	run_status 0 trace-snapshots --format text "${@:2}" "${names[@]}"
	run diff want "$out"
	assert_success
}

# company: three days of two directories
company() {
	{ user u1 ada; user u2 bob; group g1 Admins; group g2 Ops; member g2 u1; source=b user x ada@x.org; } | snap 01 a b
	{ user u1 ada; user u2 bob disabled; group g1 Admins; group g2 Ops; member g2 u1; member g1 g2 group; source=b user x ada@x.org; } | snap 02 a b
	{ gap members 'HTTP 500'; user u1 ada enabled ',"roles":["root"]'; group g1 Admins; group g2 Ops; member g2 u1; } | snap 03 a
}

@test "the text shows the ids of accounts and groups that have one name in one source, and of no others" {
	namesakes() {
		user u1 ada
		user u2 ada
		user u3 bob
		group g1 Ops
		group g2 Ops
		member g1 u1
		member g2 u2
		member g2 u3
		source=b user x ada
	}
	namesakes | snap 01 a b
	shown 01 -- <<-'END'
		a: 1 reading, 2026-03-01
		b: 1 reading, 2026-03-01

		before 2026-03-01 .. now        ada [u1] (a)
		before 2026-03-01 .. now        ada [u1] in Ops [g1] (a)
		before 2026-03-01 .. now        ada [u2] (a)
		before 2026-03-01 .. now        ada [u2] in Ops [g2] (a)
		before 2026-03-01 .. now        ada (b)
		before 2026-03-01 .. now        bob (a)
		before 2026-03-01 .. now        bob in Ops [g2] (a)
		before 2026-03-01 .. now        group Ops [g1] (a)
		before 2026-03-01 .. now        group Ops [g2] (a)
	END
}

@test "the text says that nothing was found, so that a wrong name does not look like an answer" {
	{ user u1 ada; } | snap 01 a
	shown 01 -- --group Admni <<-'END'
		a: 1 reading, 2026-03-01

		nothing: no reading shows what was asked for
	END
	shown 01 -- --since 2026-04-01 <<-'END'
		a: 1 reading, 2026-03-01

		nothing: no interval
	END
}

@test "an account that was made anew under its old id is another one, with what it has" {
	born() { # DAY MORE
		group g Admins
		group h All
		member g u1
		member h g group
		user u1 ada enabled ",\"roles\":[\"root\"]$1"
	}
	born ',"created_at":"2025-01-01T00:00:00Z"' | snap 01 a
	born '' | snap 02 a
	born ',"created_at":"2026-03-03T00:00:00Z"' | snap 03 a
	born '' | snap 04 a
	traces 04 02 01 03 <<-'END'
		group g - 01 04 now
		group h - 01 04 now
		membership g h - 01 04 now
		account u1 - 01 02 03
		account u1 02 03 04 now
		status u1 enabled - 01 02 03
		status u1 enabled 02 03 04 now
		role u1 root - 01 02 03
		role u1 root 02 03 04 now
		membership u1 g - 01 02 03
		membership u1 g 02 03 04 now
		access u1 h - 01 02 03
		access u1 h 02 03 04 now
	END
	born ',"created_at":"2025-01-01T00:00:00Z"' | snap 03 a
	traces 01 02 03 04 <<-'END'
		group g - 01 04 now
		group h - 01 04 now
		membership g h - 01 04 now
		account u1 - 01 04 now
		status u1 enabled - 01 04 now
		role u1 root - 01 04 now
		membership u1 g - 01 04 now
		access u1 h - 01 04 now
	END
}

@test "the text says since when and until when, who, in what, and via what, sorted by names" {
	company
	shown 01 02 03 -- <<-'END'
		a: 3 readings, 2026-03-01 .. 2026-03-03, 1 of them not complete
		b: 3 readings, 2026-03-01 .. 2026-03-03, 1 of them not complete

		before 2026-03-01 .. now        ada (a)
		before 2026-03-01 .. now        ada in Ops (a)
		2026-03-02 .. 2026-03-02?       ada in Admins (a), via Ops, not seen 2026-03-03
		before 2026-03-03 .. now        ada has role root (a)
		before 2026-03-01 .. 2026-03-02? ada@x.org (b), not seen 2026-03-03
		before 2026-03-01 .. 2026-03-03 bob (a)
		2026-03-02 .. 2026-03-03        bob is disabled (a)
		before 2026-03-01 .. now        group Admins (a)
		before 2026-03-01 .. now        group Ops (a)
		2026-03-02 .. 2026-03-02?       group Ops in Admins (a), not seen 2026-03-03
	END
	shown 03 01 02 -- --by group --since 2026-03-02 <<-'END'
		a: 3 readings, 2026-03-01 .. 2026-03-03, 1 of them not complete
		b: 3 readings, 2026-03-01 .. 2026-03-03, 1 of them not complete

		2026-03-02 .. 2026-03-02?       group Ops in Admins (a), not seen 2026-03-03
		2026-03-02 .. 2026-03-02?       ada in Admins (a), via Ops, not seen 2026-03-03
	END
	shown 01 02 03 -- --by user --user BOB <<-'END'
		a: 3 readings, 2026-03-01 .. 2026-03-03, 1 of them not complete
		b: 3 readings, 2026-03-01 .. 2026-03-03, 1 of them not complete

		before 2026-03-01 .. 2026-03-03 bob (a)
		2026-03-02 .. 2026-03-03        bob is disabled (a)
	END
	{ user u1 $'e\\u001b[31mvil' enabled; } | read_at=2026-03-03T08:00:00Z seal_snapshot a >04.ndjson
	shown 03 04 -- --since 2026-03-03T01:00:00Z --by user <<-'END'
		a: 2 readings, 2026-03-03T00:00:00Z .. 2026-03-03T08:00:00Z, 1 of them not complete

		nothing: no interval
	END
	shown 03 04 -- --by user <<-'END'
		a: 2 readings, 2026-03-03T00:00:00Z .. 2026-03-03T08:00:00Z, 1 of them not complete

		before 2026-03-03T00:00:00Z .. now e\u{1B}[31mvil (a)
	END
}

@test "who was called so once, or was in a group that was called so once, is found, in each format" {
	{ user u1 ada; group g Ops; member g u1; member g u2; } | snap 01 a
	{ user u1 ada.byron enabled ',"email":"ada@x.org"' | sed 's/"email":"ada@x.org"//; s/"user_name":"ada.byron"/&,"email":"ada@x.org"/; s/,}/}/'; group g =Admins; member g u1; } | snap 02 a
	for name in ada ADA.byron Ada@X.org u1; do
		run_status 0 trace-snapshots --user "$name" 01.ndjson 02.ndjson
		assert_equal "$(intervals "$out" | cut -d' ' -f 1-3 | paste -sd,)" 'account u1 -,status u1 enabled,membership u1 g'
	done
	for name in ops =admins g; do
		run_status 0 trace-snapshots --group "$name" 01.ndjson 02.ndjson
		assert_equal "$(intervals "$out" | cut -d' ' -f 1-3 | paste -sd,)" 'group g -,membership u1 g,membership u2 g'
	done
	run_status 0 trace-snapshots --format csv --group ops --user u2 01.ndjson 02.ndjson
	assert_equal "$(cat "$out")" "what,source,user_id,user_name,member_kind,access_id,access,via,state,not_yet,since,last,until,not_seen
membership,a,u2,,user,g,'=Admins,,gone,,2026-03-01T00:00:00Z,2026-03-01T00:00:00Z,2026-03-02T00:00:00Z,"
	run_status 0 trace-snapshots --user nobody 01.ndjson 02.ndjson
	assert_sealed "$out"
	assert_equal "$(wc -l <"$out")" 2
	run_status 64 trace-snapshots --since yesterday 01.ndjson
	assert_says 'a day such as 2026-03-02'
}

@test "list-snapshot and issue-review show since when each access is there, new, or that nobody can say it" {
	company
	run_status 0 trace-snapshots -o t.ndjson 01.ndjson 02.ndjson
	{ user u1 ada enabled ',"roles":["root"]'; group g1 Admins; group g2 Ops; member g2 u1; member g1 u1; source=b user x ada@x.org; source=c user y yan; } | snap 04 a b c
	run_status 0 list-snapshot --since-from t.ndjson --columns source,user_id,access,since 04.ndjson
	assert_equal "$(cat "$out")" 'source,user_id,access,since
a,u1,Admins,2026-03-02T00:00:00Z
a,u1,Ops,2026-03-01T00:00:00Z
a,u1,root,new
b,x,,2026-03-01T00:00:00Z
c,y,,not shown'
	run_status 0 list-snapshot --since-from t.ndjson --by user --format ndjson 04.ndjson
	assert_equal "$(jq -c '[.user_id, .since]' "$out" | paste -sd,)" '["u1","2026-03-01T00:00:00Z"],["x","2026-03-01T00:00:00Z"],["y",null]'
	assert_equal "$(jq -c 'select(.user_id == "y") | has("since")' "$out")" false
	run_status 0 list-snapshot --by user --format ndjson 04.ndjson
	refute grep -q since "$out"
	run_status 0 issue-review -o sheets --format csv --since-from t.ndjson 04.ndjson
	assert_equal "$(jq -r 'select(.kind == "row") | [.user_id, .what, .access // "-", if has("since") then .since // "new" else "not shown" end] | join(" ")' sheets/review.ndjson)" \
		'u1 account - 2026-03-01T00:00:00Z
u1 membership Admins new
u1 membership Ops 2026-03-01T00:00:00Z
u1 role root new
x account - 2026-03-01T00:00:00Z
y account - not shown'
	assert_equal "$(head -n 1 sheets/review.ndjson | jq -r .trace.sha256)" "$(tail -n 1 t.ndjson | jq -r .sha256)"
	run_status 0 trace-snapshots -o t.ndjson 03.ndjson 02.ndjson
	run_status 0 list-snapshot --since-from t.ndjson --columns source,user_id,access,since 04.ndjson
	assert_equal "$(sed -n 2,5p "$out")" 'a,u1,Admins,2026-03-02T00:00:00Z
a,u1,Ops,2026-03-02T00:00:00Z
a,u1,root,2026-03-03T00:00:00Z
b,x,,2026-03-02T00:00:00Z'
	run_status 64 list-snapshot --columns since 04.ndjson
	assert_says 'give it with --since-from'
	run_status 64 list-snapshot --by group --since-from t.ndjson 04.ndjson
	run_status 64 issue-review -o other --before 01.ndjson --since-from t.ndjson 04.ndjson
	sed 's/"user_id":"u1"/"user_id":"u7"/' t.ndjson >bad
	run_status 65 list-snapshot --since-from bad 04.ndjson
	run_status 65 issue-review -o other --since-from bad 04.ndjson
	run_status 65 list-snapshot --since-from 04.ndjson 04.ndjson
	assert_says 'a trace stream is needed'
}

# many COUNT: snapshots of a directory in which something changes each time, and their names
many() {
	local i
	for i in $(seq -w 1 "$1"); do
		{
			users 1 40 | sed "s/\"user_name\":\"u$((10#$i % 40 + 1))\"/&,\"title\":\"t$i\"/"
			user "n$i" "new-$i"
			group g Admins
			member g "n$i"
		} | sort | read_at=2026-03-01T00:$i:00Z seal_snapshot a >"m$i"
	done
}

@test "more snapshots than files may be open are read, and the result is the same" {
	many 45
	run_status 0 trace-snapshots m??
	cp "$out" want
	assert_equal "$(grep -c '"what":"account"' want)" 85
	run_status 0 prlimit --nofile=19 trace-snapshots m??
	cmp "$out" want
	run_status 0 prlimit --nofile=24 trace-snapshots m??
	cmp "$out" want
}

@test "a snapshot that is cut, changed, out of order or no snapshot is refused, and nothing is written" {
	{ users 1 30; } | snap 01 a
	{ users 1 31; } | snap 02 a
	{ users 2 31; } | snap 03 a
	refused() { # WORDS: whatever its place among the others
		run_status 65 trace-snapshots -o none 01.ndjson bad 03.ndjson
		assert_says "$1" "trace-snapshots: bad"
		run_status 65 trace-snapshots -o none bad
		assert_says "$1"
		run_status 65 trace-snapshots - <bad
		assert_says "$1"
		assert_file_empty "$out"
		assert_not_exists none
	}
	head -n -1 02.ndjson >bad
	refused 'is not complete'
	head -c -20 02.ndjson >bad
	refused 'does not end in a newline'
	sed 's/"user_name":"u7"/"user_name":"u8"/' 02.ndjson >bad
	refused 'the digest in the end line is not that of the section'
	sed '1s/03-02/03-03/' 02.ndjson >bad
	refused 'the begin line was changed after it was sealed'
	sed '5d' 02.ndjson >bad
	refused 'the section holds 30'
	body 02.ndjson | sed '9s/.*//' | seal "$(head -n 1 02.ndjson)" >bad
	refused 'a blank line'
	body 02.ndjson | sort -r | seal "$(head -n 1 02.ndjson)" >bad
	refused 'out of order'
	{ body 02.ndjson | sed '$d'; users 29 29; } | seal "$(head -n 1 02.ndjson)" >bad
	refused 'out of order'
	{ body 02.ndjson; user 9 other; } | sort | seal "$(head -n 1 02.ndjson)" >bad
	refused 'two different records with one identity'
	body 02.ndjson | sed '9s/"enabled"/enabled/' | seal "$(head -n 1 02.ndjson)" >bad
	refused 'line 10: not valid JSON'
	body 02.ndjson | sed '3s/"source":"a"/"source":"b"/' | sort | seal "$(head -n 1 02.ndjson)" >bad
	refused 'which the begin line does not name'
	cat 02.ndjson 03.ndjson >bad
	refused 'a second snapshot in one file'
	{ cat 02.ndjson; echo '{"kind":"user"}'; } >bad
	refused 'a record comes before any begin line'
	seal '{"kind":"begin","format":1,"stage":"changes"}' </dev/null >bad
	refused 'a snapshot is needed'
	body 02.ndjson | seal "$(head -n 1 02.ndjson | sed 's/,"fetched_at":"[^"]*"//')" >bad
	refused 'does not say when it was read'
	body 02.ndjson | seal "$(head -n 1 02.ndjson | sed 's/"sources":\[\(.*\)\]}$/"sources":[\1,\1]}/')" >bad
	refused "source 'a' twice"
	run_status 66 trace-snapshots 01.ndjson missing
}

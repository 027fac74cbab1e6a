#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# report-snapshot --decisions: who decided, and what of it is so.

load helper
load records
load decisions

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export source=acme
	directory | LC_ALL=C sort | read_at=2026-10-01T00:00:00Z seal_snapshot acme >reviewed
	seal_decisions reviewed >decisions <<-'END'
		keep account acme u1 - "decided_at":"2026-10-05T09:00:00Z"
		keep account acme u2
		revoke account acme u3 - "decided_at":"2026-10-06T09:00:00Z","by":"push","reason":"left","ticket":"IAM-12"
		revoke membership acme u2 g2 "by":"hand"
		revoke membership acme u3 g9 "by":"hand"
		revoke membership acme g1 g2 "member_kind":"group"
		revoke role acme u4 admin "reason":"<script>alert(1)</script>"
		modify account acme u4
		defer role acme u1 admin "reason":"asks first"
		undecided role acme u2 admin
	END
	directory | grep -v -e '"id":"u3"' -e '"group_id":"g9"' -e '"member_id":"g1"' | LC_ALL=C sort | seal_snapshot acme >today
}

# directory: what was reviewed
directory() {
	gap members 'HTTP 403' g9
	group g1 Admins
	group g2 Data
	group g9 Secret
	member g1 u1
	member g2 g1 group
	member g2 u2
	member g9 u3
	for i in 1 2 3 4; do user u$i person$i enabled ',"roles":["admin"]'; done
}

# chapter OPTION...: that of the decisions, in text
chapter() {
	run_status 0 report-snapshot --format text --decisions decisions "$@"
	sed -n '/^Decisions and sign-off/,/^$/p' "$out"
}

@test "the chapter has the sums, who decided, and what is there now, the worst first" {
	run chapter today
	assert_output "$(
		cat <<-'END'
			Decisions and sign-off
			  10 rows were reviewed, as of 2026-10-01T00:00:00Z: 2 keep, 5 revoke, 1 modify, 1 defer, 1 undecided
			  of 5 revoked: 2 gone or disabled, 2 still there, 1 not seen
			  eve@x.org: 9 rows, 2 keep, 5 revoke, 1 modify, 1 put off; last on 2026-10-06
			  still there  acme  revoke membership name-u2 G2, decided by eve@x.org
			  still there  acme  revoke role name-u4 Admin, decided by eve@x.org
			  not seen: gap  acme  revoke membership name-u3 G9, decided by eve@x.org
			  there  acme  modify account name-u4, decided by eve@x.org
			  gone  acme  revoke account name-u3, decided by eve@x.org, ticket IAM-12
			  gone  acme  revoke membership name-g1 G2, decided by eve@x.org
			  open  acme  defer role name-u1 Admin: asks first
			  open  acme  undecided role name-u2 Admin
		END
	)"
	run_status 0 report-snapshot --format text --decisions decisions today
	grep -qxF '  9 of 10 reviewed rows are decided (2 revoked and still there, 1 revoked and not seen, 1 put off)' "$out"
}

@test "the page and the short page have the chapter, and a reason does nothing there" {
	run_status 0 report-snapshot --decisions decisions today
	grep -qF '<section id="decisions">' "$out"
	grep -qF '<a href="#decisions">' "$out"
	grep -qF '&lt;script&gt;alert(1)&lt;/script&gt;' "$out"
	grep -qF 'Of 5 revoked: 2 gone or disabled, <b class="bad">2 still there</b>, 1 not seen.' "$out"
	grep -qF '<td class="bad">still there' "$out"
	grep -qF "$(tail -n 1 decisions | jq -r .sha256)" "$out"
	run_status 0 report-snapshot --format markdown --decisions decisions today
	grep -qF '| revoke | acme | name-u4 | role Admin | still there | eve&#64;x.org |' "$out"
	grep -qF 'Of 5 revoked: 2 gone or disabled, **2 still there**, 1 not seen.' "$out"
	run_status 0 report-snapshot today
	refute grep -q 'sign-off' "$out"
}

@test "a keep that is gone, and an account that was made anew, and one that is disabled, are told" {
	directory | grep -v '"id":"u2"' | sed '/"id":"u3"/s/}$/,"created_at":"2026-11-01T00:00:00Z"}/' |
		LC_ALL=C sort | seal_snapshot acme >today
	run chapter today
	grep -qxF '  missing  acme  keep account name-u2, decided by eve@x.org' <<<"$output"
	grep -qxF '  gone; a younger account has the id  acme  revoke account name-u3, decided by eve@x.org, ticket IAM-12' <<<"$output"
	directory | sed '/"id":"u3"/s/enabled/disabled/' | LC_ALL=C sort | seal_snapshot acme >today
	run chapter today
	grep -qxF '  disabled  acme  revoke account name-u3, decided by eve@x.org, ticket IAM-12' <<<"$output"
	grep -qF 'of 5 revoked: 1 gone or disabled, 4 still there, 0 not seen' <<<"$output"
}

@test "a keep that is gone counts as missing" {
	directory | grep -v '"id":"u2"' | LC_ALL=C sort | seal_snapshot acme >today
	run chapter today
	grep -qF 'not seen; 1 to be kept, and missing' <<<"$output"
}

@test "the snapshot that was reviewed can not show what was carried out, and the page says so" {
	run chapter reviewed
	grep -qxF '  this is the snapshot that was reviewed: it can not show what was carried out' <<<"$output"
	refute grep -q 'still there' <<<"$output"
	run_status 0 report-snapshot --format text --decisions decisions reviewed
	grep -qxF '  9 of 10 reviewed rows are decided (1 put off)' "$out"
}

@test "decisions of other sources, of another service or of a later reading make no page" {
	user u1 x | sed 's/acme/other/' | seal_snapshot other >other.ndjson
	run_status 65 report-snapshot --decisions decisions -o page other.ndjson
	grep -qF 'the decisions are of none of the sources of the page' "$err"
	directory | LC_ALL=C sort | read_at=2026-09-01T00:00:00Z seal_snapshot acme >older
	run_status 65 report-snapshot --decisions decisions -o page older
	grep -qF 'was read before the snapshot that was reviewed' "$err"
	head -n -1 decisions >half
	run_status 65 report-snapshot --decisions half -o page today
	assert_not_exists page
}

@test "the chapter has its first 1,000 rows and says how many more there are" {
	seq 1 1002 | sed 's/.*/revoke account acme x&/' | seal_decisions reviewed >decisions
	run chapter today
	grep -qxF '  2 more.' <<<"$output"
	[ "$(grep -c '^  gone ' <<<"$output")" -eq 1000 ]
	run_status 0 report-snapshot --format markdown --decisions decisions today
	[ "$(wc -l <"$out")" -le 200 ]
}

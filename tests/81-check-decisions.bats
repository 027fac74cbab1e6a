#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# check-snapshot --decisions: what a review revoked is gone, is still there, or is there again;
# and what can not be seen is never called gone.

load helper
load records
load decisions

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export read_at=2026-11-01T00:00:00Z
	directory | before
	cat >short <<-'END'
		revoke account a u2
		revoke membership a u1 g2
		revoke membership a g3 g1 "member_kind":"group"
		revoke role a u1 admin
		revoke entitlement a u1 seat
		keep account a u1
	END
	seal_decisions before <short >decisions
	mv before reviewed
	read_at=2026-11-20T00:00:00Z
}

# directory: what was reviewed
directory() {
	group g1 G1
	group g2 G2
	group g3 G3
	member g1 g3 group
	member g1 u1
	member g2 u1
	user u1 name-u1 enabled ',"roles":["admin","root"],"entitlements":["seat"],"created_at":"2024-01-01T00:00:00Z"'
	user u2 name-u2 enabled ',"roles":[],"entitlements":[],"created_at":"2024-01-01T00:00:00Z"'
}

# carried_out: the same, when all was done
carried_out() {
	directory | sed -e '/"id":"u2"/d' -e '/"group_id":"g2"/d' -e '/"member_id":"g3"/d' -e 's/"admin",//' -e 's/\["seat"\]/[]/'
}

# checks STATUS CHECK OPTION...: its findings on `after` are what stdin says: ID WHAT SEVERITY: SAYS
checks() {
	cat >want
	run_status "$1" check-snapshot --check "$2" --decisions decisions "${@:3}" after
	jq -r 'select(.kind == "finding") | "\(.id) \(.what) \(.severity): \(.says)"' "$out" | sort >got
	run diff want got
	assert_success
	jq -s -e 'all(.[] | select(.kind == "check"); .subjects == .ok + .found + .unknown + .excepted)' "$out" >/dev/null
}

# tally CHECK [SOURCE]: its counts in $out, and why
tally() {
	jq -c --arg check "$1" --arg source "${2:-a}" 'select(.kind == "check" and .check == $check and .source == $source) |
		[.subjects, .ok, .found, .unknown], (.why // empty)' "$out" | paste -sd ' '
}

@test "what was revoked and is still there is critical, for each kind of thing" {
	directory | after
	checks 1 revoke-not-done <<-'END'
		g3 group:g1 critical: still in G1, revoked by eve@x.org
		u1 entitlement:seat critical: still has the entitlement Seat, revoked by eve@x.org
		u1 group:g2 critical: still in G2, revoked by eve@x.org
		u1 role:admin critical: still has the role Admin, revoked by eve@x.org
		u2 account critical: still there, revoked by eve@x.org
	END
	assert_equal "$(tally revoke-not-done)" '[5,0,5,0]'
	assert_equal "$(head -n 1 "$out" | jq -r .decisions.sha256)" "$(tail -n 1 decisions | jq -r .sha256)"
	carried_out | after
	checks 0 revoke-not-done </dev/null
	assert_equal "$(tally revoke-not-done)" '[5,5,0,0]'
	checks 0 returned </dev/null
	assert_equal "$(tally returned)" '[5,5,0,0]'
}

@test "what a gap, a selection or a record may hide is not decided, never done" {
	{
		carried_out | grep -v '"group_id":"g1"'
		gap members refused g1
	} | after
	checks 3 revoke-not-done </dev/null
	assert_equal "$(tally revoke-not-done)" '[5,4,0,1] {"gap":1}'
	{
		carried_out
		gap groups refused
	} | after
	checks 3 revoke-not-done </dev/null
	assert_equal "$(tally revoke-not-done)" '[5,3,0,2] {"gap":2}'
	{
		carried_out | grep -v '"kind":"user"'
		gap users refused
	} | after
	checks 3 revoke-not-done </dev/null
	assert_equal "$(tally revoke-not-done)" '[5,0,0,5] {"gap":5}'
	carried_out | sed 's/"roles":\["root"\],//' | after
	checks 3 revoke-not-done </dev/null
	assert_equal "$(tally revoke-not-done)" '[5,4,0,1] {"not shown":1}'
	assert_equal "$(jq -r 'select(.kind == "check") | .not_shown[]' "$out")" roles
	carried_out | after
	begin_edited 's/"gaps":0/"select":".x","gaps":0/' after >selected
	mv selected after
	checks 3 revoke-not-done </dev/null
	assert_equal "$(tally revoke-not-done)" '[5,2,0,3] {"selected away":3}'
	checks 3 returned </dev/null
	assert_equal "$(tally returned)" '[5,2,0,3] {"selected away":3}'
}

@test "a source of the review that the snapshot lacks leaves its revokes undecided" {
	export read_at=2026-11-01T00:00:00Z
	{
		directory
		source=b user b1 name-b1
	} | before a b
	{
		cat short
		echo revoke account b b1
	} | seal_decisions before >decisions
	read_at=2026-11-20T00:00:00Z
	carried_out | after
	checks 3 revoke-not-done </dev/null
	assert_equal "$(tally revoke-not-done b)" '[1,0,0,1] {"not matched":1}'
	run_status 0 check-snapshot --decisions decisions --fail-on high after
}

@test "what was gone in --before and is there again has returned, and its revoke was done" {
	carried_out | read_at=2026-11-10T00:00:00Z before
	{
		carried_out
		member g2 u1
	} | after
	checks 1 returned --before before <<-'END'
		u1 group:g2 high: in G2 again, revoked by eve@x.org
	END
	assert_equal "$(tally returned)" '[5,4,1,0]'
	checks 0 revoke-not-done --before before </dev/null
	# without --before it is there, and nobody knows whether it was gone
	checks 3 returned </dev/null
	assert_equal "$(tally returned)" '[5,4,0,1] {"not matched":1}'
	checks 1 revoke-not-done <<-'END'
		u1 group:g2 critical: still in G2, revoked by eve@x.org
	END
	# it never was gone
	directory | read_at=2026-11-10T00:00:00Z before
	checks 0 returned --before before </dev/null
	assert_equal "$(tally returned)" '[5,5,0,0]'
}

@test "a --before that could not see it, or is not younger than the review, proves nothing" {
	{
		carried_out
		member g2 u1
	} | after
	{
		carried_out
		gap members refused g2
	} | read_at=2026-11-10T00:00:00Z before
	checks 3 returned --before before </dev/null
	assert_equal "$(tally returned)" '[5,4,0,1] {"gap":1}'
	checks 1 revoke-not-done --before before <<-'END'
		u1 group:g2 critical: still in G2, revoked by eve@x.org
	END
	carried_out | read_at=2026-10-10T00:00:00Z before
	checks 3 returned --before before </dev/null
	assert_equal "$(tally returned)" '[5,4,0,1] {"not matched":1}'
	carried_out | sed 's/"roles":\["root"\],//' | read_at=2026-11-10T00:00:00Z before
	directory | after
	checks 3 returned --before before <<-'END'
		g3 group:g1 high: in G1 again, revoked by eve@x.org
		u1 entitlement:seat high: has the entitlement Seat again, revoked by eve@x.org
		u1 group:g2 high: in G2 again, revoked by eve@x.org
		u2 account high: there again, revoked by eve@x.org
	END
	assert_equal "$(tally returned)" '[5,0,4,1] {"not shown":1}'
}

@test "a revoked account that was made anew has returned, with its id or with its name only" {
	{
		carried_out
		user u2 name-u2 enabled ',"created_at":"2026-11-12T00:00:00Z"'
	} | after
	checks 1 returned <<-'END'
		u2 account high: there again, revoked by eve@x.org
	END
	checks 0 revoke-not-done </dev/null
	{
		carried_out
		user u9 NAME-U2
	} | after
	checks 1 returned <<-'END'
		u9 account high: a new account with the name of one that was revoked by eve@x.org
	END
	assert_equal "$(tally returned)" '[5,4,1,0]'
	checks 0 revoke-not-done </dev/null
}

@test "a sign-off older than review-overdue.days is found; one of an unknown day is judged by its snapshot" {
	carried_out | after
	echo 'keep account a u1 - "decided_at":"2026-11-02T10:00:00Z"' | seal_decisions reviewed >decisions
	checks 0 review-overdue </dev/null
	assert_equal "$(tally review-overdue)" '[1,1,0,0]'
	checks 0 review-overdue --as-of 2027-02-02T10:00:00Z </dev/null
	checks 1 review-overdue --as-of 2027-02-02T10:00:01Z <<-'END'
		sign-off null medium: signed off 2026-11-02, more than 92 days before 2027-02-02
	END
	checks 1 review-overdue --set review-overdue.days=10 <<-'END'
		sign-off null medium: signed off 2026-11-02, more than 10 days before 2026-11-20
	END
	# a day without a time lasts until its end
	echo 'keep account a u1 - "decided_at":"2026-11-02"' | seal_decisions reviewed >decisions
	checks 0 review-overdue --as-of 2027-02-02T23:59:59Z </dev/null
	checks 1 review-overdue --as-of 2027-02-03T00:00:00Z <<-'END'
		sign-off null medium: signed off 2026-11-02, more than 92 days before 2027-02-03
	END
	# no day: the snapshot that was reviewed is of 2026-11-01
	seal_decisions reviewed <<<'keep account a u1' >decisions
	checks 0 review-overdue --as-of 2027-02-01T00:00:00Z </dev/null
	checks 3 review-overdue --as-of 2027-02-01T00:00:01Z </dev/null
	assert_equal "$(tally review-overdue)" '[1,0,0,1] {"not shown":1}'
	# put off is not signed off, and neither is what has rows left
	seal_decisions reviewed <<<'defer account a u1' >decisions
	checks 3 review-overdue </dev/null
	printf '%s\n' 'keep account a u1' 'undecided account a u2' | seal_decisions reviewed >decisions
	checks 3 review-overdue </dev/null
	assert_equal "$(tally review-overdue)" '[1,0,0,1] {"not matched":1}'
}

@test "decisions need --decisions, and a snapshot of the same services that is not older" {
	carried_out | after
	run_status 64 check-snapshot --check returned after
	assert_file_contains "$err" '--check: returned needs --decisions FILE'
	carried_out | origin=https://other.example after
	run_status 65 check-snapshot --decisions decisions after
	assert_file_contains "$err" "the source 'a' is not the one that was reviewed"
	carried_out | read_at=2026-10-01T00:00:00Z after
	run_status 65 check-snapshot --decisions decisions after
	assert_file_contains "$err" 'was read before the snapshot that was reviewed'
}

@test "--before and --check count only the checks that run" {
	carried_out | read_at=2026-11-10T00:00:00Z before
	carried_out | after
	run_status 0 check-snapshot --format text --check returned --before before --decisions decisions after
	assert_equal "$(head -n 1 "$out")" '0 found, 0 not decided, 0 excepted, 5 ok'
}

@test "a revoked account that is disabled is done, and one that was disabled and is enabled has returned" {
	{
		carried_out
		user u2 name-u2 disabled
	} | after
	checks 0 revoke-not-done </dev/null
	checks 0 returned </dev/null
	assert_equal "$(tally returned)" '[5,5,0,0]'
	mv after before
	{
		carried_out
		user u2 name-u2
	} | after
	begin_edited 's/2026-11-20/2026-11-10/' before >dated
	checks 1 returned --before dated <<-'END'
		u2 account high: there again, revoked by eve@x.org
	END
}

#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2016,SC2034 # sed scripts; after() reads read_at
# close-review: what was decided is so, is not so, or can not be seen.

load helper
load records
load decisions

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	read_at=2026-11-01T00:00:00Z
	records_reviewed | before
	cat >short <<-'END'
		keep account a u1
		revoke account a u2
		keep membership a u1 g1
		revoke membership a u1 g2
		modify membership a u2 g1
		revoke membership a g3 g1 "member_kind":"group"
		keep role a u1 root
		revoke role a u1 admin
		defer account a u3
	END
	seal_decisions before <short >decisions
	read_at=2026-11-20T00:00:00Z
}

# records_reviewed: the directory that is reviewed
records_reviewed() {
	group g1 G1
	group g2 G2
	group g3 G3
	member g1 u1
	member g1 u2
	member g1 g3 group
	member g2 u1
	user u1 name-u1 enabled ',"roles":["admin","root"],"created_at":"2024-01-01T00:00:00Z"'
	user u2 name-u2 enabled ',"roles":[],"created_at":"2024-01-01T00:00:00Z"'
	user u3 name-u3 enabled ',"roles":[]'
}

# records_done: the same after everything was done as decided
records_done() {
	records_reviewed | sed -e '/"id":"u2"/d' -e '/"group_id":"g2"/d' -e '/"member_id":"u2"/d' -e '/"member_id":"g3"/d' -e 's/"admin",//'
}

# closes STATUS: close-review ends with it, and its outcomes are what stdin says, a line each:
# WHAT USER [ACCESS] STATE [WHY]
closes() {
	cat >want
	run_status "$1" close-review --decisions decisions after
	jq -r 'select(.kind == "outcome") | [.what, .user_id, .access_id // empty, .state, .why // empty] | join(" ")' "$out" >got
	run diff want got
	assert_success
}

# what is said where all is done
all_done='account u1 kept
account u2 done
membership u1 g1 kept
membership u1 g2 done
membership u2 g1 changed
membership g3 g1 done
role u1 root kept
role u1 admin done
account u3 open'

@test "all is done: every keep is there, every revoke is gone, and the status is 0" {
	records_done | after
	closes 0 <<<"$all_done"
	assert_equal "$(grep -c '"kind":"other"' "$out" || true)" 0
	assert_equal "$(tail -n 1 "$out" | jq -c 'del(.sha256, .begin_sha256, .users, .groups)')" \
		'{"kind":"end","outcomes":9,"done":4,"not_done":0,"kept":3,"missing":0,"not_seen":0,"changed":1,"open":1,"other":0}'
	assert_equal "$(sed '1d;$d' "$out" | sha256sum | cut -d ' ' -f 1)" "$(tail -n 1 "$out" | jq -r .sha256)"
	assert_equal "$(head -n 1 "$out" | jq -r '.decisions.sha256, .snapshot.sha256, .after.sha256')" \
		"$(tail -n 1 decisions | jq -r .sha256)
$(tail -n 1 before | jq -r .sha256)
$(tail -n 1 after | jq -r .sha256)"
}

@test "a revoke that is still there is not done, a modify that changed nothing either, and the status is 1" {
	records_reviewed | after
	closes 1 <<-'END'
		account u1 kept
		account u2 not done
		membership u1 g1 kept
		membership u1 g2 not done
		membership u2 g1 not done
		membership g3 g1 not done
		role u1 root kept
		role u1 admin not done
		account u3 open
	END
}

@test "a keep that is gone is missing, and what nobody decided is listed" {
	{
		records_done | grep -v '"group_id":"g1"'
		user u9 new
		member g2 u9
	} | after
	closes 1 <<-'END'
		account u1 kept
		account u2 done
		membership u1 g1 missing
		membership u1 g2 done
		membership u2 g1 changed
		membership g3 g1 done
		role u1 root kept
		role u1 admin done
		account u3 open
	END
	assert_equal "$(jq -r 'select(.kind == "other") | [.what, .user_id, .access_id // empty] | join(" ")' "$out")" "account u9
membership u9 g2"
}

@test "what a gap, a selection or a missing source hides is not seen, never done, and the status is 3" {
	{
		records_done | grep -v '"group_id":"g1"'
		gap members refused g1
	} | after
	closes 3 <<-'END'
		account u1 kept
		account u2 done
		membership u1 g1 not seen gap
		membership u1 g2 done
		membership u2 g1 not seen gap
		membership g3 g1 not seen gap
		role u1 root kept
		role u1 admin done
		account u3 open
	END
	{
		records_done | sed -e '/"kind":"user"/d' -e 's/"admin",//'
		gap users refused
	} | after
	run_status 3 close-review --decisions decisions after
	assert_equal "$(jq -r 'select(.kind == "outcome" and .what != "membership") | .state' "$out" | sort | uniq -c | xargs)" '4 not seen 1 open'
	records_done | sed 's/"roles":\["root"\],//' | after
	run_status 3 close-review --decisions decisions after
	assert_equal "$(jq -r 'select(.what == "role") | .state + " " + .why' "$out" | sort -u)" 'not seen not shown'
	records_done | after
	begin_edited 's/"gaps":0/"select":".x","gaps":0/' after >selected
	mv selected after
	run_status 3 close-review --decisions decisions after
	assert_equal "$(jq -r 'select(.user_id == "u2" and .what == "account") | .state + " " + .why' "$out")" 'not seen selected away'
	read_at=2026-11-01T00:00:00Z
	{
		records_reviewed
		source=b user b1 name-b1
	} | before a b
	{
		cat short
		echo 'revoke account b b1'
	} | seal_decisions before >decisions
	read_at=2026-11-20T00:00:00Z
	records_done | after
	run_status 3 close-review --decisions decisions after
	assert_equal "$(jq -r 'select(.source == "b") | .state + " " + .why' "$out")" 'not seen the source is missing'
}

@test "an account that was made after the review is not the old one, though it has its id" {
	{
		records_done
		user u2 name-u2 enabled ',"roles":["admin"],"created_at":"2026-11-10T00:00:00Z"'
		member g1 u2
	} | after
	closes 0 <<<"$all_done"
	assert_equal "$(jq -r 'select(.kind == "other") | [.what, .user_id, .account] | join(" ")' "$out" | sort -u)" "account u2 younger than the review
membership u2 younger than the review
role u2 younger than the review"
}

@test "a modify of an account is changed, not done, or not seen, by what the snapshot can prove" {
	{
		echo 'modify account a u1'
		grep ' a u1 ' short | sed 's,^revoke,keep,'
	} | seal_decisions before >decisions
	records_reviewed | after
	run_status 3 close-review --decisions decisions after
	assert_equal "$(jq -r 'select(.user_id == "u1" and .what == "account") | .state' "$out")" 'not seen'
	records_reviewed | sed '/"id":"u1"/s/}$/,"updated_at":"2026-10-01T00:00:00Z"}/' | after
	run_status 1 close-review --decisions decisions after
	assert_equal "$(jq -r 'select(.user_id == "u1" and .what == "account") | .state' "$out")" 'not done'
	records_reviewed | sed 's/"name-u1"/"other"/' | after
	run_status 0 close-review --decisions decisions after
	assert_equal "$(jq -r 'select(.user_id == "u1" and .what == "account") | .state' "$out")" changed
}

@test "rows that nobody decided make the status 3, though all else is done" {
	{
		cat short
		echo 'undecided role a u3 x'
	} | seal_decisions before >decisions
	records_done | after
	run_status 3 close-review --decisions decisions after
	assert_equal "$(jq -r 'select(.decision == "undecided") | .state' "$out")" open
}

@test "the text says the sums first and then only what is not as decided, inert" {
	cat >short <<-'END'
		keep account a u1
		revoke account a u2 - "by":"hand","ticket":"T-1\u001b[31m"
		revoke membership a u1 g2
	END
	seal_decisions before <short >decisions
	records_reviewed | sed '/"group_id":"g2"/d' | after
	run_status 1 close-review --format text --decisions decisions after
	run diff - "$out" <<-'END'
		3 reviewed = keep 1 + revoke 2 + modify 0 + defer 0 + undecided 0
		keep 1: 1 kept
		revoke 2: 1 done, 1 not done
		6 other: there, and nobody decided
		! a  account  name-u2: revoke is not done, decided by eve@x.org, ticket T-1\u{1B}[31m, to be done by hand
		+ a  membership  name-u1 in G1: nobody decided
		+ a  role  name-u1 has admin: nobody decided
		+ a  role  name-u1 has root: nobody decided
		+ a  membership  name-u2 in G1: nobody decided
		+ a  account  name-u3: nobody decided
		+ a  membership  G3 in G1: nobody decided
	END
	assert_success
}

@test "decisions of other sources, of a later reading, or of another origin are refused" {
	user u1 name-u1 | sed 's/"source":"a"/"source":"b"/' | after b
	run_status 65 close-review --decisions decisions after
	assert_file_contains "$err" 'after: the snapshot has none of the sources that were reviewed'
	records_done | read_at=2026-10-01T00:00:00Z after
	run_status 65 close-review --decisions decisions after
	assert_file_contains "$err" "the source 'a' was read before the snapshot that was reviewed (2026-11-01T00:00:00Z)"
	records_done | origin=https://other.example after
	run_status 65 close-review --decisions decisions after
	assert_file_contains "$err" "the source 'a' is not the one that was reviewed: its origin was https://a.example/scim/v2"
	records_done | after
	run_status 64 close-review after
	assert_file_contains "$err" 'give the decisions of the review with --decisions'
	run_status 65 close-review --decisions before after
	assert_file_contains "$err" 'this is a snapshot, but a decision stream is needed'
}

# resealed SCRIPT: the decisions edited by sed, with a digest that fits
resealed() {
	local sum
	sed -e "$1" decisions >edited
	sum=$(sed '1d;$d' edited | sha256sum)
	sed -i -E "\$s/\"sha256\":\"[0-9a-f]{64}\"/\"sha256\":\"${sum%% *}\"/" edited
	# the begin line may have been edited
	begin_edited '' edited >edited.sealed
	run_status 65 close-review --decisions edited.sealed after
}

@test "decisions that were edited, or whose sums do not add up, are refused" {
	records_done | after
	sed 's/"decision":"revoke"/"decision":"keep"/' decisions >edited
	run_status 65 close-review --decisions edited after
	assert_file_contains "$err" 'the digest in the end line'
	resealed '2s/"decision":"keep"/"decision":"revoke"/'
	assert_file_contains "$err" 'the end line does not say keep for the 2 that the section holds'
	resealed '$s/"reviewed":9/"reviewed":8/'
	assert_file_contains "$err" 'reviewed is not the sum'
	resealed '2s/"decision":"keep"/"decision":"burn"/'
	assert_file_contains "$err" "edited.sealed: line 2: 'burn' is no decision"
	resealed '2s/"what":"account"/"what":"key"/'
	assert_file_contains "$err" "nobody can decide upon 'key'"
	resealed '2s/"row":"[^"]*",//'
	assert_file_contains "$err" 'a decision without row or user_id'
	resealed '3s/"row":"[^"]*"/"row":"r0000000000000001"/'
	assert_file_contains "$err" 'the row r0000000000000001 stands there twice'
	resealed '2s/"source":"a"/"source":"z"/'
	assert_file_contains "$err" "a decision of source 'z', which the begin line does not name"
	resealed '1s/"snapshot":/"other":/'
	assert_file_contains "$err" 'the begin line does not say which snapshot was reviewed'
	resealed '1s/"source":"a"/"source":""/'
	assert_file_contains "$err" 'a source without a name, or one twice'
	cat decisions decisions >edited
	run_status 65 close-review --decisions edited after
	assert_file_contains "$err" 'a second decision stream in one file'
}

@test "the same inputs give the same bytes, from a file or a pipe" {
	records_done | after
	run_status 0 close-review --decisions decisions after
	cp "$out" first
	run_status 0 close-review --memory 16M --decisions decisions -o second - <after
	cmp first second
	run_status 0 close-review --decisions - after <decisions
	cmp first "$out"
}

@test "a revoked account that is disabled is done, and its access is not" {
	{
		records_done
		user u2 name-u2 disabled
		member g1 u2
	} | after
	closes 1 <<-'END'
		account u1 kept
		account u2 done disabled
		membership u1 g1 kept
		membership u1 g2 done
		membership u2 g1 not done
		membership g3 g1 done
		role u1 root kept
		role u1 admin done
		account u3 open
	END
}

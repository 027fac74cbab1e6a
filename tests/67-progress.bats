#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# How far a run is: one line on a terminal, a line now and then elsewhere.

load helper

# on_terminal COMMAND: runs it with a terminal as standard input, output and
# error; what the terminal got is in $screen, a line for each that was begun or
# written over.
on_terminal() {
	command -v script >"$BATS_TEST_TMPDIR/script" || skip "no script(1) here, and so no terminal"
	screen=$BATS_TEST_TMPDIR/screen
	SCIM_TOKEN=$TOKEN run_status 0 script -qefc "$1" "$screen.raw"
	sed '/^Script /d' "$screen.raw" | tr '\r' '\n' | sed 's/ *$//' >"$screen"
}

@test "on a terminal one line says how far a list is, and is gone at the end" {
	start_stand_in --users 500 --page-max 100 --delay 300
	on_terminal "scim-fetch --jobs 1 $url/scim/v2 >$BATS_TEST_TMPDIR/stream"
	grep -qxE 'users: [1-5]00 of 500' "$screen"
	grep -qxE 'users: [1-5]00 of 500, [0-9]+ a second(, [0-9]+ s left)?' "$screen"
	assert_equal "$(tail -n 2 "$screen" | tr -d '\n')" '' # blanks over it, and the line feed of script
	assert_sealed "$BATS_TEST_TMPDIR/stream"
}

@test "what else is said on a terminal has a line of its own" {
	start_stand_in --users 300 --page-max 100 --delay 100 --switch fail-at=3:503:1
	on_terminal "scim-fetch --jobs 1 $url/scim/v2 >$BATS_TEST_TMPDIR/stream"
	grep -q '^scim-fetch: .*HTTP 503.*: waiting [0-9.]* s, then try 2$' "$screen"
}

@test "where the stream goes to the terminal, or with --quiet, no line is written over" {
	start_stand_in --users 300 --page-max 100 --delay 300
	on_terminal "scim-fetch --jobs 1 $url/scim/v2"
	assert_equal "$(grep -cx 'users: .*' "$screen")" 0
	on_terminal "scim-fetch --quiet --jobs 1 $url/scim/v2 >$BATS_TEST_TMPDIR/stream"
	assert_equal "$(cat "$screen")" ''
}

@test "a stream that goes to a terminal says what to do with it, once it is whole" {
	start_stand_in --users 3
	on_terminal "scim-fetch $url/scim/v2"
	tr -d '\r' <"$screen.raw" | grep -qx 'scim-fetch: this is a fetch stream; for a snapshot, add: | normalize -o FILE' || fail "$(cat "$screen.raw")"
	on_terminal "scim-fetch --quiet $url/scim/v2"
	grep -q 'for a snapshot' "$screen.raw" && fail "$(cat "$screen.raw")"
	on_terminal "scim-fetch $url/scim/v2 >$BATS_TEST_TMPDIR/stream"
	grep -q 'for a snapshot' "$screen.raw" && fail "$(cat "$screen.raw")"
	true
}

@test "--verbose says every two seconds how far it is where there is no terminal" {
	start_stand_in --users 1000 --page-max 100 --groups 1 --delay 300
	run_status 0 fetch_scim --verbose --jobs 1
	grep -qxE 'scim-fetch: users: [0-9]+ of 1000, [0-9]+ a second(, [0-9]+ s left)?' "$err"
	run_status 0 fetch_scim
	assert_quiet
}

@test "groups that are asked for one by one are counted, too" {
	start_stand_in --users 4 --groups 24 --delay 200 --switch members-absent
	run_status 0 fetch_scim --verbose --jobs 2
	grep -qE '^scim-fetch: members of groups: [0-9]+ of 24, [0-9]+ a second' "$err"
}

#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# --members filter: the groups of each user, by the filter members.value eq.

load helper

# memberships FILE: as normalize sees them
memberships() {
	normalize "$1" | jq -r 'select(.kind == "membership") | "\(.group_id) \(.member_id) \(.member_kind)"'
}

@test "--members filter finds the members of a service whose groups always look empty" {
	start_stand_in --users 40 --groups 6 --members 5
	run_status 0 fetch_scim
	memberships "$out" | grep ' user$' >"$BATS_TEST_TMPDIR/listed"
	[ -s "$BATS_TEST_TMPDIR/listed" ]
	start_stand_in --users 40 --groups 6 --members 5 --switch members-empty-always
	run_status 0 fetch_scim --members filter
	memberships "$out" | cmp - "$BATS_TEST_TMPDIR/listed"
	assert_equal "$(jq -c 'select(.kind == "begin") | .not_covered' "$out")" '["memberships of groups in groups"]'
	assert_equal "$(jq -c 'select(.kind == "end") | [.users, .groups, .memberships, .gaps]' "$out")" '[40,6,30,0]'
}

@test "what --members filter writes does not depend on --jobs, --count and who answers first" {
	start_stand_in --users 30 --groups 8 --members 12 --switch uneven-delay=20:7 --switch members-empty-always
	run_status 0 fetch_scim --members filter --jobs 1
	body "$out" >"$BATS_TEST_TMPDIR/one"
	for options in '--jobs 9' '--jobs 3 --count 2' '--jobs 5 --count 1' '--method search'; do
		# shellcheck disable=SC2086 # options are words
		run_status 0 fetch_scim --members filter $options
		body "$out" | cmp - "$BATS_TEST_TMPDIR/one"
	done
}

@test "a user's groups are asked for in lower case, with the id as a JSON string, and without members" {
	start_stand_in --users 3 --groups 2 --switch odd-ids
	run_status 0 fetch_scim --members filter --jobs 1
	id=$(jq -r 'select(.kind == "user") | .resource.id' "$out" | head -n 1)
	filter=$(jq -rn --arg id "$id" '"members.value eq \($id | tojson)" | @uri')
	jq -r .query "$log" >"$BATS_TEST_TMPDIR/queries"
	grep -qF "&filter=$filter&" "$BATS_TEST_TMPDIR/queries"
	assert_equal "$(jq -r 'select(.path == "/scim/v2/Groups") | .query' "$log" | grep -cv 'excludedAttributes=members')" 0
}

@test "a service that pages by cursor is asked so for each user, too" {
	start_stand_in --users 25 --groups 9 --members 14 --switch cursor --switch members-empty-always
	run_status 0 fetch_scim --members filter --count 4
	assert_equal "$(jq -c 'select(.kind == "end") | [.users, .groups, .memberships]' "$out")" '[25,9,126]'
}

@test "a service that ignores or refuses the filter is found out before anybody is put into a group" {
	start_stand_in --users 5 --groups 2 --switch ignore-filter
	run_status 76 fetch_scim --members filter
	assert_says 'ignores the filter' 'try --members get'
	assert_not_sealed "$out"
	start_stand_in --users 5 --groups 2 --switch refuse-filter
	run_status 76 fetch_scim --members filter
	assert_says 'This filter is not supported.' 'try --members get'
	assert_not_sealed "$out"
}

@test "a filter that finds nobody in any group proves nothing" {
	start_stand_in --users 5 --groups 2 --members 0 --switch user-groups-as=absent
	run_status 76 fetch_scim --members filter
	assert_says 'unproven: the filter finds no member in any of 2 groups'
	run_status 0 fetch_scim --members filter --keep-going
	assert_equal "$(jq -c 'select(.kind == "gap") | [.scope, .id]' "$out")" '["members",null]'
}

@test "a filter that finds nobody in groups that users say they are in is not believed" {
	start_stand_in --users 5 --groups 12 --members 2 --switch filter-misses=99
	run_status 76 fetch_scim --members filter
	assert_says "the filter finds no member of 12 groups that users show as theirs, 'g1' for one"
	assert_not_sealed "$out"
	change '{"op":"switch","name":"filter-misses","value":"99"}'
	run_status 0 fetch_scim --members filter --keep-going
	assert_equal "$(jq -c 'select(.kind == "gap") | [.scope, .id]' "$out")" '["members",null]'
}

@test "a group that appears while users are asked for means: try again later" {
	cd "$BATS_TEST_TMPDIR"
	start_stand_in --users 12 --groups 2 --delay 100 --switch members-empty-always
	SCIM_TOKEN=$TOKEN scim-fetch --members filter --jobs 1 "$url/scim/v2" >late 2>late.err 3>&- &
	pid=$!
	await_line "$log" filter
	kill -s STOP "$pid" # however long the change takes
	change '{"op":"add-group","id":"g77","name":"Late","members":["u12"]}'
	kill -s CONT "$pid"
	status=0
	wait "$pid" || status=$?
	assert_equal "$status" 75
	grep -q "user 'u12' is in group 'g77'.*try again" late.err
	assert_not_sealed late
}

@test "one user whose groups can not be read ends the run, or makes all memberships a gap" {
	start_stand_in --users 6 --groups 2 --switch members-empty-always --switch fail-at=10:403:9
	run_status 77 fetch_scim --members filter --jobs 1
	assert_says "groups of user 'u" 'HTTP 403' '--keep-going'
	assert_not_sealed "$out"
	start_stand_in --users 6 --groups 2 --switch members-empty-always --switch fail-at=10:403:9
	run_status 0 fetch_scim --members filter --jobs 1 --keep-going
	assert_equal "$(jq -c 'select(.kind == "gap") | [.scope, .id]' "$out")" '["members",null]'
}

@test "where the groups of one user are no list, all memberships are a gap, and none of that user's is kept" {
	local options
	for options in '76 ' '0 --keep-going'; do
		start_answers <<-'EOF'
			200 {"totalResults":2,"Resources":[{"id":"u1","userName":"a"},{"id":"u2","userName":"b"}]}
			200 {"totalResults":2,"Resources":[]}
			200 {"totalResults":1,"Resources":[{"id":"g1","displayName":"G"}]}
			200 {"totalResults":1,"Resources":[]}
			200 {"totalResults":0,"Resources":[]}
			200 {"totalResults":1,"Resources":[{"id":"g1"}]}
			200 {"totalResults":1,"Resources":[]}
			200 {"totalResults":2,"Resources":[{"id":"g1"}]}
			200 {"detail":"no list"}
		EOF
		# shellcheck disable=SC2086 # options are words
		run_status ${options%% *} fetch_scim --members filter --jobs 1 ${options#* }
		assert_says "groups of user 'u2'" 'expected a list'
	done
	assert_equal "$(jq -c 'select(.kind == "gap") | [.scope, .id]' "$out")" '["members",null]'
	assert_equal "$(jq -c 'select(.kind == "membership").member_id' "$out")" '"u1"'
	assert_equal "$(jq -c 'select(.kind == "end") | [.users, .groups, .memberships, .gaps]' "$out")" '[2,1,1,1]'
}

@test "--members filter without users or members is a usage error" {
	run_status 64 scim-fetch --members filter --scope groups,members https://scim.example.com
	assert_says '--members filter needs users, groups and members'
}

# SPDX-License-Identifier: ISC
# What makes two records the same one: memberships, groups that come twice, gaps, times
# and lists.

load helper
load records

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# fetched NAME RECORD...: a fetch stream of source a, its records "KIND MEMBERS"
fetched() {
	local record
	for record in "${@:2}"; do
		printf '{"kind":"%s","source":"a",%s}\n' "${record%% *}" "${record#* }"
	done | seal_fetch a >"$1"
}

group_g() { # MEMBERS
	printf 'group "resource":{"id":"g","displayName":"G","members":%s}' "$1"
}

memberships() {
	jq -r 'select(.kind == "membership") | "\(.group_id) \(.member_id) \(.member_kind)"' "$out"
}

@test "a membership that is shown with its member's kind and without is one, with the kind" {
	local members
	for members in '[{"value":"u1","type":"User"},{"value":"u1"}]' '[{"value":"u1"},{"value":"u1","type":"User"}]'; do
		fetched stream "$(group_g "$members")"
		run_status 0 normalize stream
		assert_equal "$(memberships)" 'g u1 user'
	done
	fetched stream "$(group_g '[{"value":"h","type":"Group"},{"value":"h"}]')"
	run_status 0 normalize stream
	assert_equal "$(memberships)" 'g h group'
	assert_equal "$(tail -n 1 "$out" | jq .memberships)" 1
}

@test "a user and a group of one id are two members, with a third one of unknown kind beside them still two" {
	fetched stream "$(group_g '[{"value":"x","type":"User"},{"value":"x"},{"value":"x","type":"Group"}]')"
	run_status 0 normalize stream
	assert_equal "$(memberships)" $'g x group\ng x user'
	cp "$out" before
	run_status 0 normalize before
	cmp before "$out" || fail "not idempotent"
	cp "$out" after
	run_status 0 diff-snapshot before after
}

@test "a membership whose kind is known on one day only is the same, also where an older snapshot has it twice" {
	{ group g G; member g u1; } | after
	{ group g G; member g u1 unknown; member g u1; } | before
	run_status 0 diff-snapshot before after
	run_status 0 diff-snapshot after before --allow-older
	{ group g G; member g u1 group; member g u1 unknown; } | before
	{ group g G; member g u1 unknown; } | after
	run_status 0 diff-snapshot before after
	run_status 0 diff-snapshot after before --allow-older
	run_status 0 normalize before
	assert_equal "$(memberships)" 'g u1 group'
}

@test "a member that was a user and is a group is removed and added" {
	{ group g G; member g x user; member g y; } | before
	{ group g G; member g x group; member g y; } | after
	run_status 1 diff-snapshot before after
	assert_equal "$(body "$out" | jq -r .event)" $'membership.added\nmembership.removed'
}

@test "a group that comes twice with different members is an error, whatever the order of its lines" {
	local one two lines
	for two in null '[]' '[{"value":"u2","type":"User"}]' '[{"value":"u1","type":"User"},{"value":"u2"}]'; do
		one=$(group_g '[{"value":"u1","type":"User"}]') lines=$(group_g "$two")
		fetched stream "$one" "$lines" 'user "resource":{"id":"u2","groups":[{"value":"g"}]}'
		run_status 65 normalize stream
		assert_file_empty "$out"
		assert_says "group \"g\" comes twice, with different members"
		fetched stream "$lines" "$one" 'user "resource":{"id":"u2","groups":[{"value":"g"}]}'
		run_status 65 normalize stream
		assert_says "group \"g\" comes twice, with different members"
	done
}

@test "a GUID is one id in capitals and in small letters, whichever the record has and the membership" {
	local small=ab12cd34-0000-4000-8000-00000000abcd group=cd12cd34-0000-4000-8000-00000000abcd id member kind
	local nested=ef12cd34-0000-4000-8000-00000000abcd threads
	for threads in 1 3; do
		for kind in '' ',"type":"User"'; do
			for id in "$small" "${small^^}" "${small/ab12/Ab12}"; do
				for member in "$small" "${small^^}"; do
					fetched stream "group \"resource\":{\"id\":\"g\",\"members\":[{\"value\":\"$member\"$kind}]}" "user \"resource\":{\"id\":\"$id\"}"
					run_status 0 normalize --threads "$threads" stream
					assert_equal "$(memberships)" "g $id user"
				done
			done
		done
	done
	# a group, in its users' groups and in another group
	for id in "$group" "${group^^}"; do
		for member in "$group" "${group^^}"; do
			fetched stream "group \"resource\":{\"id\":\"$id\"}" "user \"resource\":{\"id\":\"${small^^}\",\"groups\":[{\"value\":\"$member\"}]}" \
				"group \"resource\":{\"id\":\"$nested\",\"members\":[{\"value\":\"$member\",\"type\":\"Group\"}]}"
			run_status 0 normalize stream
			assert_equal "$(memberships | sort)" "$(printf '%s\n' "$id ${small^^} user" "$nested $id group" | sort)"
		done
	done
	# both are there: each is what it says; what nobody has stays
	fetched stream "group \"resource\":{\"id\":\"g\",\"members\":[{\"value\":\"$small\",\"type\":\"User\"}]}" \
		"user \"resource\":{\"id\":\"$small\"}" "user \"resource\":{\"id\":\"${small^^}\"}"
	run_status 0 normalize stream
	assert_equal "$(memberships)" "g $small user"
	fetched stream "group \"resource\":{\"id\":\"g\",\"members\":[{\"value\":\"$group\",\"type\":\"User\"}]}" "user \"resource\":{\"id\":\"${small^^}\"}"
	run_status 0 normalize stream
	assert_equal "$(memberships)" "g $group user"
	cp "$out" before
	run_status 0 normalize before
	cmp before "$out"
}

@test "a user that comes twice with different groups is an error, whatever the order of its lines" {
	local one other
	for one in '[{"value":"g"}]' '[{"value":"g"},{"value":"h"}]' '[]'; do
		for other in '[{"value":"h"}]' '[{"value":"h"},{"value":"i"}]'; do
			fetched stream 'user "resource":{"id":"u","groups":'"$one"'}' 'user "resource":{"id":"u","groups":'"$other"'}' \
				'group "resource":{"id":"g"}' 'group "resource":{"id":"h"}' 'group "resource":{"id":"i"}'
			run_status 65 normalize stream
			assert_says 'user "u" comes twice, with different groups'
			fetched stream 'user "resource":{"id":"u","groups":'"$other"'}' 'user "resource":{"id":"u","groups":'"$one"'}'
			run_status 65 normalize stream
			assert_says 'user "u" comes twice, with different groups'
		done
	done
	fetched stream 'user "resource":{"id":"u","groups":[{"value":"g"},{"value":"h"}]}' \
		'user "resource":{"id":"u","groups":[{"value":"h"},{"value":"g"}]}' 'user "resource":{"id":"u"}' \
		'group "resource":{"id":"g"}' 'group "resource":{"id":"h"}'
	run_status 0 normalize stream
	assert_equal "$(memberships)" $'g u user\nh u user'
	# a user and a group of one id are two
	fetched stream 'user "resource":{"id":"g","groups":[{"value":"g"}]}' "$(group_g '[]')"
	run_status 0 normalize stream
}

@test "a group that comes twice with the same members, in any order, is one" {
	fetched stream "$(group_g '[{"value":"u1"},{"value":"u2"}]')" "$(group_g '[{"value":"u2"},{"value":"u1"}]')"
	run_status 0 normalize stream
	assert_equal "$(tail -n 1 "$out" | jq -c '[.groups, .memberships]')" '[1,2]'
}

@test "a gap of anything but members that names an id is an error, in each kind of input" {
	local scope
	for scope in users groups service_accounts; do
		printf '{"kind":"gap","scope":"%s","id":"foo","reason":"r"}\n' "$scope" >lines
		run_status 65 normalize --plain --source hr lines
		assert_says "lines: line 1: a gap of $scope names an id: only a gap of members can"
		fetched stream "gap \"scope\":\"$scope\",\"id\":\"foo\",\"reason\":\"r\""
		run_status 65 normalize stream
		assert_says "a gap of $scope names an id"
		gap "$scope" r foo | after
		user 1 ada | before
		run_status 65 normalize after
		run_status 65 diff-snapshot before after
		run_status 65 diff-snapshot --match user_name before after
	done
	gap members r foo | before
	run_status 0 normalize before
}

@test "times are compared as times: half a second is later, and one moment written in two ways is no change" {
	user 1 ada | read_at=2026-01-01T00:00:00Z before
	user 1 ada | read_at=2026-01-01T00:00:00.5Z after
	run_status 0 diff-snapshot before after
	run_status 65 diff-snapshot after before
	assert_says 'swapped?'
	user 1 ada | read_at=2026-01-01T02:00:00+01:00 before
	user 1 ada | read_at=2026-01-01T01:00:00.25Z after
	run_status 0 diff-snapshot before after
	user 1 ada enabled ',"created_at":"2024-01-01 10:00:00+00"' | before
	user 1 ada enabled ',"created_at":"2024-01-01T11:00:00+01:00"' | after
	run_status 0 diff-snapshot before after
	user 1 ada enabled ',"created_at":"2024-01-01T11:00:01+01:00"' | after
	run_status 1 diff-snapshot before after
	user 1 ada enabled ',"created_at":"some day"' | after
	run_status 1 diff-snapshot before after
}

@test "an offset in hours alone is an offset: +00 and +01, as PostgreSQL writes them" {
	printf '%s\n' '{"user_name":"a","created_at":"2024-01-01 10:00:00+00"}' \
		'{"user_name":"b","created_at":"2024-01-01 11:00:00.50+01"}' \
		'{"user_name":"c","created_at":"2024-01-01 11:00:00+1"}' >lines
	run_status 0 normalize --plain --source hr lines
	assert_equal "$(body "$out" | jq -r .created_at)" \
		$'2024-01-01T10:00:00Z\n2024-01-01T10:00:00.5Z\n2024-01-01 11:00:00+1'
}

@test "a list in a sealed record is a set of texts in order, or the record is refused" {
	local roles
	for roles in '["b","a"]' '["a","a"]' '["a",1]' '[null]' '[{"q":2}]'; do
		user 1 ada enabled ",\"roles\":$roles" | before
		user 1 ada enabled ',"roles":["a"]' | after
		run_status 65 normalize before
		assert_says 'before: line 2: "roles" is not in canonical form: texts in order, each once'
		run_status 65 diff-snapshot before after
		assert_says 'before: line 2: "roles" is not in canonical form'
		run_status 65 diff-snapshot --match user_name before after
		{ user 2 bob; user 1 ada enabled ",\"roles\":$roles"; } | after
		user 2 bob | before
		run_status 65 diff-snapshot before after
	done
	user 1 ada enabled ',"roles":["a","b"]' | before
	run_status 0 normalize before
	user 1 ada enabled ',"roles":[]' | before
	run_status 0 normalize before
}

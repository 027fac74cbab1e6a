# SPDX-License-Identifier: ISC
# What the safeguard of diff-snapshot counts as gone, and what it does not.

load helper
load records

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# members GROUP FROM TO: as many users of one group
members() {
	seq "$2" "$3" | while read -r id; do member "$1" "$id"; done
}

@test "a group that was recreated with its members is not gone, however many they are" {
	{ users 1 30; group old Ops; members old 1 30; } | before
	{ users 1 30; group new Ops; members new 1 30; } | after
	run_status 1 diff-snapshot before after
	assert_quiet
	assert_equal "$(body "$out" | jq -r .event | sort | uniq -c | tr -s ' ')" \
		$' 1 group.recreated\n 30 membership.added\n 30 membership.removed'
}

@test "users that were recreated with their memberships are not gone, and neither are those of a recreated group" {
	{ users 1 30; group g Ops; members g 1 30; } | before
	{ users 1 30; group g Ops; members g 1 30; } | sed -E 's/"(id|member_id)":"([0-9]+)"/"\1":"x\2"/' | after
	run_status 1 diff-snapshot before after
	assert_quiet
	{ users 1 30; group g2 Ops; members g2 1 30; } | sed -E 's/"(id|member_id)":"([0-9]+)"/"\1":"x\2"/' | after
	run_status 1 diff-snapshot before after
	assert_quiet
	# a member of unknown kind, too
	sed '1d;$d' before | sed 's/"member_kind":"user"/"member_kind":"unknown"/' >plain
	before <plain
	run_status 1 diff-snapshot before after
	assert_quiet
}

@test "a recreated group whose members are gone stops with status 3, and so does one of another name" {
	{ users 1 30; group old Ops; members old 1 30; } | before
	{ users 1 30; group new Ops; } | after
	run_status 3 diff-snapshot before after
	{ users 1 30; group new Ops; members new 1 10; } | after
	run_status 3 diff-snapshot before after
	assert_says '20 of 30 memberships'
	{ users 1 30; group new Dev; members new 1 30; } | after
	run_status 3 diff-snapshot before after
}

@test "one recreated group does not excuse another one that was emptied" {
	{ users 1 90; group a A; members a 1 2; group b B; members b 1 2; group c C; members c 1 90; } | before
	{ users 1 90; group a2 A; members a2 1 2; group b B; group c C; members c 1 90; } | after
	run_status 3 diff-snapshot before after
	assert_says '2 of 2 members of B are gone'
	{ users 1 90; group a2 A; members a2 1 2; group b2 B; members b2 1 2; group c C; members c 1 90; } | after
	run_status 1 diff-snapshot before after
	assert_quiet
}

@test "--only limits the safeguard to the removals that it asks for" {
	{ users 1 20; group g Ops; members g 1 20; } | before
	{ users 1 5; group g Ops; members g 1 20; } | after
	run_status 0 diff-snapshot --only user.added before after
	assert_quiet
	run_status 0 diff-snapshot --only membership.removed,group.removed before after
	run_status 3 diff-snapshot --only user.removed before after
	assert_says '15 of 20 users'
	{ users 1 20; group g Ops; } | after
	run_status 0 diff-snapshot --only user.removed,user.disabled before after
	run_status 3 diff-snapshot --only user.removed,membership.removed before after
	assert_says '20 of 20 memberships'
}

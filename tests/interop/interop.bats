#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# SCIM servers that nobody here wrote (package.json, requirements.txt), filled and changed only through their own SCIM API.
# Started by `make interop`; the tests of one server build on each other's directory, so they run in this order.

load ../helper
load servers

setup_file() {
	export LC_ALL=C TZ=UTC BATS_NO_PARALLELIZE_WITHIN_FILE=true
	start better-auth node better-auth.mjs
	start scimmy node scimmy.mjs
	start scimmy-express5 node scimmy.mjs express5
	start better-auth-push node better-auth.mjs
	start scimmy-push node scimmy.mjs
	start scim2-server python/bin/python scim2-server.py
	start scim2-server-push python/bin/python scim2-server.py
	local name
	for name in better-auth scimmy scimmy-express5 scim2-server; do fill "$name"; done
}

teardown_file() {
	cat "$BATS_FILE_TMPDIR"/*.pid | xargs kill
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

@test "better-auth: every page size reads all users and groups" {
	reads_all better-auth
}

@test "better-auth: a snapshot holds exactly the users, groups and members that were loaded" {
	holds_exactly better-auth '{active: true, displayName: .userName}'
}

@test "better-auth: the page size leaves no trace in a snapshot" {
	same_bytes better-auth
}

@test "better-auth: five changes through its own API are exactly five events" {
	five_changes better-auth
}

@test "better-auth: a deleted user takes its memberships along, and both are reported" {
	server better-auth
	local user
	user=$(id better-auth userName User04@Example.COM)
	snapshot 100 before.ndjson
	scim DELETE "/Users/$user"
	snapshot 100 after.ndjson
	expect 1 "$BUILD/diff-snapshot" before.ndjson after.ndjson
	events >events.read
	sort >events.made <<-EOF
		["membership.removed","$(id better-auth displayName Everybody)","$user"]
		["membership.removed","$(id better-auth displayName Three)","$user"]
		["user.removed","$user"]
	EOF
	same events.made events.read
}

@test "scimmy: every page size reads all users and groups, although the first page comes again past the end" {
	reads_all scimmy
}

@test "scimmy: a snapshot holds exactly the users, groups and members that were loaded" {
	holds_exactly scimmy '{}'
}

@test "scimmy: the page size leaves no trace in a snapshot" {
	same_bytes scimmy
}

@test "scimmy: five changes through its own API are exactly five events" {
	five_changes scimmy
}

@test "scimmy: a group inside a group is a membership of kind group" {
	server scimmy
	local outer inner
	outer=$(id scimmy displayName Nobody) inner=$(id scimmy displayName Three)
	snapshot 100 before.ndjson
	patch "/Groups/$outer" "{\"op\":\"add\",\"path\":\"members\",\"value\":[{\"value\":\"$inner\",\"type\":\"Group\"}]}"
	snapshot 100 after.ndjson
	expect 1 "$BUILD/diff-snapshot" before.ndjson after.ndjson
	run -0 events
	assert_output "[\"membership.added\",\"$outer\",\"$inner\"]"
	run -0 jq -r "select(.kind == \"membership\" and .member_id == \"$inner\").member_kind" after.ndjson
	assert_output group
}

@test "scimmy: a deleted user whom two groups still list is removed, and the memberships are not" {
	server scimmy
	local user
	user=$(id scimmy userName User04@Example.COM)
	snapshot 100 before.ndjson
	scim DELETE "/Users/$user"
	snapshot 100 after.ndjson
	run -0 jq -s "map(select(.kind == \"membership\" and .member_id == \"$user\")) | length" after.ndjson
	assert_output 2
	expect 1 "$BUILD/diff-snapshot" before.ndjson after.ndjson
	run -0 events
	assert_output "[\"user.removed\",\"$user\"]"
}

@test "scim2-server: every page size reads all users and groups" {
	reads_all scim2-server
}

@test "scim2-server: a snapshot holds exactly the users, groups and members that were loaded" {
	holds_exactly scim2-server '{}'
}

@test "scim2-server: the page size leaves no trace in a snapshot" {
	same_bytes scim2-server
}

@test "scim2-server: five changes through its own API are exactly five events" {
	five_changes scim2-server
}

@test "a token the server does not know is refused with status 77, and nothing is sealed" {
	local name
	for name in better-auth scimmy scim2-server; do
		server "$name"
		SCIM_TOKEN=wrong expect 77 "$BUILD/scim-fetch" --source interop "$BASE"
		refute_end
	done
}

@test "a server that ignores startIndex and count is a broken protocol (76), and its 20 of 25 users are never sealed" {
	server scimmy-express5
	run -0 scim GET '/Users?startIndex=21&count=5'
	assert [ "$(jq -c '[.startIndex, .totalResults, (.Resources | length)]' <<<"$output")" = '[1,25,20]' ]
	local count
	for count in 7 25 100; do
		expect 76 "$BUILD/scim-fetch" --source interop --count "$count" "$BASE"
		refute_end
		mv "$OUT" cut.fetch
		expect 76 "$BUILD/normalize" -o snap.ndjson cut.fetch # the fetcher's own status
		assert_not_exists snap.ndjson
	done
}

# ---- scim-push ----

@test "better-auth: scim-push pushes, renames, deactivates, reactivates and changes members, in each dialect" {
	local dialect
	for dialect in okta-oin okta-aiw entra scim; do pushes better-auth-push $dialect; done
}

@test "scimmy: scim-push pushes, renames, deactivates, reactivates and changes members, in three dialects" {
	local dialect
	for dialect in okta-oin okta-aiw scim; do pushes scimmy-push $dialect; done
}

@test "scimmy: Entra's False as text is refused by the server, and so is the operation" {
	server scimmy-push
	echo '{"op":"push","user_name":"e@example.com","display_name":"E"}' >ops
	push 0 --apply --dialect entra <ops
	echo '{"op":"deactivate","user_name":"e@example.com"}' >ops
	push 77 --apply --dialect entra <ops
	[ "$outcomes" = 'deactivate refused ' ] || fail "$outcomes"
	holds 'e@example.com E enabled'
	push 0 --apply <ops
	holds 'e@example.com E disabled'
}

@test "a snapshot of one server, pushed to another, makes it the same by name, but for who is disabled there" {
	server better-auth
	snapshot 100 wanted.ndjson
	server scimmy-push
	snapshot 100 actual.ndjson
	expect 1 "$BUILD/diff-snapshot" --match user_name --allow-older --max-removed 100% actual.ndjson wanted.ndjson
	mv "$OUT" plan
	push 0 --apply --removed delete <plan
	snapshot 100 now.ndjson
	# nobody who can not sign in gets an account by a push
	expect 1 "$BUILD/diff-snapshot" --match user_name --allow-older now.ndjson wanted.ndjson
	assert_equal "$(jq -rs 'map(select(.event == "user.added").after.status) | unique | join(" ")' "$OUT")" disabled
	assert_equal "$(jq -rs '[.[].event // empty] | unique - ["user.added", "membership.added"] | length' "$OUT")" 0
	assert_equal "$(jq -rs 'map(select(.event == "user.added").id) as $gone
		| map(select(.event == "membership.added" and (.member_id | IN($gone[]) | not))) | length' "$OUT")" 0
}

@test "scim2-server: scim-push pushes, renames, deactivates, reactivates and changes members, in three dialects" {
	local dialect
	for dialect in okta-oin okta-aiw scim; do pushes scim2-server-push $dialect; done
}

@test "scim2-server: Entra's removal with a value is refused by the server, and so is the operation" {
	server scim2-server-push
	printf '%s\n' '{"op":"push","user_name":"e@example.com","display_name":"E"}' '{"op":"push-group","group":"E"}' \
		'{"op":"add-member","user_name":"e@example.com","group":"E"}' >ops
	push 0 --apply --dialect entra <ops
	echo '{"op":"remove-member","user_name":"e@example.com","group":"E"}' >ops
	push 77 --apply --dialect entra <ops
	[ "$outcomes" = 'remove-member refused ' ] || fail "$outcomes"
	assert_says 'a remove operation carries no value'
	push 0 --apply <ops
	[ "$outcomes" = 'remove-member done ' ] || fail "$outcomes"
}

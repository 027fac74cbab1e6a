#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Servers that nobody here wrote and that take a minute to install or to compile: django-scim2, elimity-com/scim (Go) and
# SCIM-SDK (Java). Started by `make interop-all`; the tests of one server build on each other's directory.

load ../helper
load servers

setup_file() {
	export LC_ALL=C TZ=UTC BATS_NO_PARALLELIZE_WITHIN_FILE=true
	local name
	for name in django django-push; do start $name python/bin/python django/serve.py; done
	for name in elimity elimity-push; do start $name elimity/server; done
	for name in scim-sdk scim-sdk-push; do start $name java -cp 'scim-sdk/classes:scim-sdk/target/dependency/*' Serve; done
	for name in django elimity scim-sdk; do fill $name; done
}

teardown_file() {
	cat "$BATS_FILE_TMPDIR"/*.pid | xargs kill
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

@test "a server is asked in the way that it wants, and another way is refused with its name" {
	server django
	expect 77 "$BUILD/scim-fetch" --source interop "$BASE"
	assert_says 'Basic realm="django-scim2", and Bearer was sent: give --auth Basic'
	local name
	for name in elimity scim-sdk; do
		server "$name"
		expect 77 "$BUILD/scim-fetch" --auth Token --source interop "$BASE"
		assert_says 'Token was sent: give --auth Bearer'
	done
}

@test "every page size reads all users and groups" {
	local name
	for name in django elimity scim-sdk; do reads_all $name; done
}

@test "elimity, scim-sdk: a snapshot holds exactly the users, groups and members that were loaded" {
	holds_exactly elimity '{}'
	holds_exactly scim-sdk '{}'
}

@test "django: a snapshot holds the users as the server shows them, and no members, which it does not take with a group" {
	server django
	snapshot 7 snap.ndjson
	# a name for display is made of the others there, and nobody is added without a state
	jq -r 'select(.kind == "user") | "\(.id) \(.user_name) \(.status) \(.email)"' snap.ndjson | sort >users.read
	jq -r '"\(.id) \(.userName) \(if .active == false then "disabled" else "enabled" end) \(((.emails // []) | (map(select(.primary)) + .)[0].value) // .userName)"' \
		"$BATS_FILE_TMPDIR/django.users" | sort >users.sent
	same users.sent users.read
	run -0 jq -c 'select(.kind == "end") | [.users, .groups, .memberships, .gaps]' snap.ndjson
	assert_output '[25,3,0,0]'
}

@test "elimity, scim-sdk: the page size leaves no trace in a snapshot" {
	same_bytes elimity
	same_bytes scim-sdk
}

@test "elimity, scim-sdk: five changes through their own API are exactly five events" {
	five_changes elimity
	five_changes scim-sdk
}

@test "django: changes through its own API are exactly these events" {
	server django
	local user group
	user=$(id django userName user02@example.com)
	group=$(id django displayName Nobody)
	snapshot 7 before.ndjson
	patch "/Users/$user" '{"op":"replace","path":"active","value":false}'
	patch "/Groups/$group" "{\"op\":\"add\",\"path\":\"members\",\"value\":[{\"value\":\"$user\"}]}"
	scim DELETE "/Users/$(id django userName user09@example.com)"
	snapshot 7 after.ndjson
	expect 1 "$BUILD/diff-snapshot" before.ndjson after.ndjson
	events >events.read
	sort >events.made <<-EOF
		["user.disabled","$user",{"status":["enabled","disabled"]}]
		["membership.added","$group","$user"]
		["user.removed","$(id django userName user09@example.com)"]
	EOF
	same events.made events.read
}

@test "elimity, scim-sdk: scim-push pushes, renames, deactivates, reactivates and changes members" {
	local dialect
	for dialect in scim okta-oin; do
		pushes elimity-push $dialect
		pushes scim-sdk-push $dialect
	done
}

@test "django: scim-push changes what it can, says what was ignored, and 501 is a refusal" {
	server django-push
	echo '{"op":"push","user_name":"a@example.com","display_name":"A","given_name":"Ada"}' >ops
	push 0 --apply --dialect scim <ops
	assert_equal "$outcomes" 'push done '
	run -0 jq -c 'select(.kind == "result").ignored' "$OUT"
	assert_output '["display_name"]'
	push 77 --apply --dialect scim <ops
	assert_equal "$outcomes" 'push refused '
	printf '%s\n' '{"op":"update","user_name":"a@example.com","given_name":"Bea"}' '{"op":"deactivate","user_name":"a@example.com"}' \
		'{"op":"push-group","group":"Team"}' '{"op":"add-member","user_name":"a@example.com","group":"Team"}' >ops
	push 0 --apply --dialect scim <ops
	assert_equal "$outcomes" 'add-member done deactivate done push-group done update done '
	holds 'a@example.com a@example.com disabled' 'a@example.com in Team'
	# its filter does not find the group, and its 409 says that there is one
	push 76 --apply --dialect scim <ops
	assert_equal "$outcomes" 'add-member skipped deactivate already push-group failed update already '
	assert_says 'the service says that the group is there (409) and does not show it'
}

#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What each provider allows, in its guide's words; change streams as plans.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# writes: what was sent that changes something
writes() {
	sed -nE '/^\{"method":"GET"/d; s/^\{"method":"([A-Z]+)","path":"([^"\]*)",.*,"status":([0-9]+),"in_flight".*/\1 \2 \3/p' "$log"
	: >"$log"
}

# refuses PROVIDER OPERATION WORDS [OPTION...]: nothing at all is sent
refuses() {
	local provider=$1 words=$3
	echo "$2" >op
	: >"$log"
	push 77 --apply "${@:4}" "$provider" <op
	assert_equal "$(outcomes | cut -d ' ' -f 2)" refused
	grep -oE '"reason":"([^"\]|\\.)*"' "$out" | grep -qF -e "$words" || fail "$(cat "$out")"
	assert_equal "$(requests)" ''
}

# refuses_there PROVIDER OPERATION WORDS [OPTION...]: as refuses, by a service that is asked what it speaks
refuses_there() {
	echo "$2" >op
	: >"$log"
	push 77 --apply "${@:4}" "$1" <op
	assert_equal "$(outcomes | cut -d ' ' -f 2)" refused
	assert_file_contains "$out" "\"reason\":\"[^\"]*$3"
	assert_equal "$(requests | grep -v '^GET /scim/v2/ServiceProviderConfig$')" ''
}

# does PROVIDER OPERATION WRITES [OPTION...]
does() {
	local provider=$1 wanted=$3
	echo "$2" >op
	: >"$log"
	push 0 --apply "${@:4}" "$provider" <op
	assert_equal "$(outcomes | cut -d ' ' -f 2)" 'done'
	assert_equal "$(writes)" "$wanted"
}

two() {
	cat >data <<-EOF
		{"kind":"user","id":"1","user_name":"ada@example.com","display_name":"Ada Byron"}
		{"kind":"user","id":"2","user_name":"bob@example.com","display_name":"Bob"}
		{"kind":"group","id":"7","name":"Finance","members":["2"]}
	EOF
	start_stand_in --data data "$@"
}

@test "RudderStack: push, display name, deactivate and reactivate are done as its guide says" {
	two
	does rudderstack '{"op":"push","user_name":"c@example.com","display_name":"C"}' 'POST /rudderstack/scim/v2/Users 201'
	does rudderstack '{"op":"update","user_name":"ada@example.com","display_name":"Ada L"}' 'PUT /rudderstack/scim/v2/Users/rs_1 200'
	does rudderstack '{"op":"deactivate","user_name":"ada@example.com"}' 'PATCH /rudderstack/scim/v2/Users/rs_1 200'
	BATON_RUDDERSTACK_SCIM_TOKEN=$TOKEN BATON_RUDDERSTACK_SCIM_BASE_URL=$url/rudderstack/scim/v2 \
		run_status 0 scim-fetch --scope users rudderstack
	assert_equal "$(jq -r 'select(.resource.id == "rs_1").resource.active' "$out")" false # the row is kept
	does rudderstack '{"op":"reactivate","user_name":"ada@example.com"}' 'PATCH /rudderstack/scim/v2/Users/rs_1 200'
}

@test "RudderStack: everything else is refused before anything is sent, in its guide's words" {
	two
	refuses rudderstack '{"op":"update","user_name":"ada@example.com","email":"x@example.com"}' 'Updating the email is not supported'
	refuses rudderstack '{"op":"update","user_name":"ada@example.com","new_user_name":"x@example.com"}' 'Updating the email is not supported'
	refuses rudderstack '{"op":"update","user_name":"ada@example.com","given_name":"X"}' "Currently, you can only update the user's display name"
	refuses rudderstack '{"op":"update","user_name":"ada@example.com","external_id":"X"}' "Currently, you can only update the user's display name"
	refuses rudderstack '{"op":"remove","user_name":"ada@example.com"}' 'does not support removing users'
	refuses rudderstack '{"op":"remove","user_name":"ada@example.com"}' '--removed=deactivate' --allow-removal
	refuses rudderstack '{"op":"push-group","group":"G"}' 'Push groups (will be supported in the future)'
	refuses rudderstack '{"op":"rename-group","group":"G","new_group":"H"}' 'Push groups'
	refuses rudderstack '{"op":"remove-group","group":"G"}' 'Push groups'
	refuses rudderstack '{"op":"add-member","user_name":"ada@example.com","group":"G"}' 'Push groups'
	refuses rudderstack '{"op":"remove-member","user_name":"ada@example.com","group":"G"}' 'Push groups'
	refuses rudderstack '{"op":"push","user_name":"d@example.com","password":"correct horse"}' 'Sync password'
	refuses rudderstack '{"op":"import"}' 'Import users'
}

@test "Stripe: deactivation and deletion take the member out, so both need --allow-removal" {
	two
	refuses stripe '{"op":"deactivate","user_name":"ada@example.com"}' '--allow-removal'
	refuses stripe '{"op":"remove","user_name":"bob@example.com"}' '--allow-removal'
	refuses stripe '{"op":"push","user_name":"ada@example.com","active":false}' '--allow-removal'
	does stripe '{"op":"deactivate","user_name":"ada@example.com"}' 'PUT /stripe/scim/v2/Users/usr_scim_1 204' --allow-removal
	does stripe '{"op":"remove","user_name":"bob@example.com"}' 'DELETE /stripe/scim/v2/Users/usr_scim_2 204' --allow-removal
	echo '{"op":"deactivate","user_name":"ada@example.com"}' >op
	push 0 --apply --allow-removal stripe <op
	assert_equal "$(outcomes)" 'deactivate already'
	# coming back is a new user with a new id
	does stripe '{"op":"reactivate","user_name":"ada@example.com"}' 'POST /stripe/scim/v2/Users 201'
}

@test "Stripe: an address and a group's name can not change; groups and members can" {
	two
	refuses stripe '{"op":"update","user_name":"ada@example.com","email":"x@example.com"}' 'can not be updated'
	refuses stripe '{"op":"update","user_name":"ada@example.com","new_user_name":"x@example.com"}' 'can not be updated'
	refuses stripe '{"op":"rename-group","group":"Finance","new_group":"Money"}' 'can not be updated'
	refuses stripe '{"op":"update","user_name":"ada@example.com","given_name":"x"}' 'ignores everything else'
	refuses stripe '{"op":"update","user_name":"ada@example.com","password":"correct horse"}' 'no passwords'
	does stripe '{"op":"update","user_name":"ada@example.com","display_name":"Ada L"}' 'PUT /stripe/scim/v2/Users/usr_scim_1 200'
	does stripe '{"op":"push-group","group":"New"}' 'POST /stripe/scim/v2/Groups 201'
	does stripe '{"op":"add-member","user_name":"ada@example.com","group":"Finance"}' 'PATCH /stripe/scim/v2/Groups/grp_7 200'
	does stripe '{"op":"remove-member","user_name":"ada@example.com","group":"Finance"}' 'PATCH /stripe/scim/v2/Groups/grp_7 200'
	does stripe '{"op":"remove-group","group":"Finance"}' 'DELETE /stripe/scim/v2/Groups/grp_7 204'
}

@test "Stripe's users are found by email, and --lookup finds them by another attribute" {
	two
	echo '{"op":"update","user_name":"ada@example.com","display_name":"A"}' >op
	push 0 stripe <op
	assert_equal "$(requests)" 'GET /stripe/scim/v2/Users?filter=email%20eq%20%22ada%40example.com%22&startIndex=1&count=100
GET /stripe/scim/v2/Users/usr_scim_1'
	: >"$log"
	push 0 --lookup userName --dialect scim stripe <op
	assert_equal "$(requests)" 'GET /stripe/scim/v2/Users?filter=userName%20eq%20%22ada%40example.com%22&startIndex=1&count=100'
}

@test "a plain SCIM service: everything, and what takes an address is what is asked for" {
	two
	does scim '{"op":"update","user_name":"ada@example.com","new_user_name":"ada.l@example.com","email":"ada.l@example.com"}' 'PATCH /scim/v2/Users/1 200'
	does scim '{"op":"remove","user_name":"bob@example.com"}' 'DELETE /scim/v2/Users/2 204'
	does scim '{"op":"rename-group","group":"Finance","new_group":"Money"}' 'PATCH /scim/v2/Groups/7 200'
	does scim '{"op":"remove-group","group":"Money"}' 'DELETE /scim/v2/Groups/7 204'
	refuses scim '{"op":"push","user_name":"d@example.com","password":"correct horse"}' 'no passwords' --dialect scim
	refuses scim '{"op":"import"}' 'scim-fetch' --dialect scim
}

@test "an operation that names too little, or more than it is about, is refused with all others" {
	local words operation
	two
	while IFS='|' read -r words operation; do
		printf '%s\n' '{"op":"deactivate","id":"1"}' "$operation" >op
		push 65 --apply scim <op
		assert_says 'line 2' "$words"
		assert_file_empty "$out"
	done <<-'EOF'
		rename-group needs a "new_group"|{"op":"rename-group","group":"Finance"}
		rename-group is not about a user|{"op":"rename-group","group":"Finance","new_group":"F","id":"1"}
		remove is not about a group|{"op":"remove","id":"2","group":"Finance"}
		deactivate is not about a group|{"op":"deactivate","id":"2","group_id":"7"}
		push is not about a group|{"op":"push","user_name":"z@example.com","group":"Finance"}
		remove-group is not about a user|{"op":"remove-group","group":"Finance","user_name":"bob@example.com"}
		push-group is not about a "new_group"|{"op":"push-group","group":"Finance","new_group":"F"}
		add-member is not about a "new_group"|{"op":"add-member","id":"1","group":"Finance","new_group":"F"}
	EOF
	assert_equal "$(requests)" ''
}

@test "what a service refuses or ignores though the table allows it is refused as well" {
	two --switch ignore-address
	# nobody is asked to change an address there, so the stand-in is made to by PUT of a user that was renamed
	change '{"op":"switch","name":"ignore-attribute","value":"displayName"}'
	echo '{"op":"update","user_name":"ada@example.com","display_name":"X"}' >op
	push 77 --apply rudderstack <op
	assert_equal "$(outcomes)" 'update refused'
}

@test "no password is sent, shown or kept" {
	two
	echo '{"op":"push","user_name":"d@example.com","password":"correct-horse"}' >op
	push 77 --apply -v --journal journal scim <op
	! grep -rl correct-horse "$out" "$err" journal "$log" || fail 'a password leaked'
}

@test "a base URL of a known service has that service's rules" {
	echo '{"op":"remove","user_name":"a@example.com"}' >op
	for base in https://api.rudderstack.com/scim/v2 https://api.eu.rudderstack.com/scim/v2; do
		SCIM_TOKEN=$TOKEN run_status 77 scim-push --proxy http://127.0.0.1:1 "$base" <op
		assert_equal "$(jq -r 'select(.kind == "begin").provider' "$out")" rudderstack
	done
	SCIM_TOKEN=$TOKEN run_status 77 scim-push --proxy http://127.0.0.1:1 https://access.stripe.com/scim/v2 <op
	assert_equal "$(jq -r 'select(.kind == "begin").provider' "$out")" stripe
}

# there PROVIDER: the options with which scim-push takes the plain service for that one
there() {
	(umask 077 && echo "$TOKEN" >token)
	printf '%s\n' --token-file token --base-url "$url/scim/v2"
}

@test "where a deactivated user vanishes, or a deleted one for good, --allow-removal is asked for" {
	local name
	two
	mapfile -t there < <(there)
	for name in github-org gitlab sentry notion pagerduty; do
		refuses_there "$name" '{"op":"deactivate","user_name":"ada@example.com"}' 'who is deactivated is taken out; --allow-removal' "${there[@]}"
		refuses_there "$name" '{"op":"push","user_name":"ada@example.com","active":false}' 'is taken out' "${there[@]}"
		refuses_there "$name" '{"op":"remove","user_name":"ada@example.com"}' 'is gone for good' "${there[@]}"
	done
	for name in github-emu github-server gitlab-instance atlassian aws-identity-center bitwarden keycloak miro; do
		refuses_there "$name" '{"op":"remove","user_name":"ada@example.com"}' '--allow-removal allows it' "${there[@]}"
		does "$name" '{"op":"deactivate","user_name":"ada@example.com"}' 'PATCH /scim/v2/Users/1 200' "${there[@]}"
		does "$name" '{"op":"reactivate","user_name":"ada@example.com"}' 'PATCH /scim/v2/Users/1 200' "${there[@]}"
	done
	does notion '{"op":"deactivate","user_name":"ada@example.com"}' 'PATCH /scim/v2/Users/1 200' --allow-removal "${there[@]}"
	for name in slack asana postman; do
		refuses_there "$name" '{"op":"remove","user_name":"ada@example.com"}' 'deactivate' --allow-removal "${there[@]}"
	done
	refuses_there postman '{"op":"remove-group","group":"Finance"}' 'deactivates its members' "${there[@]}"
	refuses_there asana '{"op":"remove-group","group":"Finance"}' 'can not be deleted' "${there[@]}"
	refuses_there slack '{"op":"remove-group","group":"Finance"}' 'gone for good' "${there[@]}"
	does slack '{"op":"remove-group","group":"Finance"}' 'DELETE /scim/v2/Groups/7 204' --allow-removal "${there[@]}"
}

@test "what a service does not take is refused before anything is sent, in each row's words" {
	local name operation words
	two
	mapfile -t there < <(there)
	while IFS='|' read -r name operation words; do
		refuses_there "$name" "$operation" "$words" --allow-removal "${there[@]}"
	done <<-EOF
		gitlab|{"op":"update","user_name":"ada@example.com","display_name":"A"}|updates of the name, the user name and the address were removed
		gitlab|{"op":"push-group","group":"New"}|GitLab has no groups in its SCIM API
		sentry|{"op":"update","user_name":"ada@example.com","email":"a@example.com"}|of a user only the role can be changed
		bitwarden|{"op":"update","user_name":"ada@example.com","email":"a@example.com"}|answers 204 to a new address and ignores it
		pagerduty|{"op":"add-member","user_name":"ada@example.com","group":"Finance"}|PagerDuty has no groups in its SCIM API
		docker|{"op":"push-group","group":"New"}|Docker has no groups
		zitadel|{"op":"push-group","group":"New"}|ZITADEL has no groups
		github-org|{"op":"push-group","group":"New"}|has no groups
	EOF
	mapfile -t there < <(there && echo --yes)
	refuses_there entra '{"op":"deactivate","user_name":"ada@example.com"}' 'scim-push does not write there' "${there[@]}"
}

@test "GitHub wants one writer only, and that is said" {
	two
	mapfile -t there < <(there)
	echo '{"op":"deactivate","user_name":"ada@example.com"}' >op
	push 0 "${there[@]}" github-emu <op
	assert_says 'GitHub wants one writer only, the identity provider'
	push 0 "${there[@]}" atlassian <op
	assert_quiet
}

@test "a base URL of a service with rules has them, by its host or by its path" {
	local base name
	echo '{"op":"remove","user_name":"a@example.com"}' >op
	while read -r base name; do
		SCIM_TOKEN=$TOKEN run_status 77 scim-push --proxy http://127.0.0.1:1 "$base" <op
		assert_equal "$(jq -r 'select(.kind == "begin").provider' "$out")" "$name"
	done <<-EOF
		https://api.slack.com/scim/v2 slack
		https://api.github.com/scim/v2/organizations/acme github-org
		https://api.github.com/scim/v2/enterprises/acme github-emu
		https://git.example.com/api/scim/v2/groups/a%2Fb gitlab
		https://git.example.com/api/scim/v2/application gitlab-instance
		https://scim.eu-west-1.amazonaws.com/t/scim/v2 aws-identity-center
		https://us.sentry.io/api/0/organizations/acme/scim/v2 sentry
		https://api.notion.com/scim/v2 notion
		https://scim.segmentapis.com/scim/v2 segment
		https://core.amplitude.com/scim/1 amplitude
		https://api.cloudflare.com/client/v4/accounts/a/scim/v2 cloudflare
		https://api.pagerduty.com/scim/v2 pagerduty
	EOF
}

@test "ServiceProviderConfig is a hint: without PATCH the plain service gets PUT" {
	two --switch no-patch
	does scim '{"op":"update","user_name":"ada@example.com","display_name":"X"}' 'PUT /scim/v2/Users/1 200'
	does scim '{"op":"deactivate","user_name":"ada@example.com"}' 'PUT /scim/v2/Users/1 200'
}

@test "204 to a PATCH and an empty 201 are as good as the object" {
	two --switch patch-204 --switch post-empty
	does scim '{"op":"update","user_name":"ada@example.com","display_name":"X"}' 'PATCH /scim/v2/Users/1 204'
	does scim '{"op":"push","user_name":"new@example.com","display_name":"N"}' 'POST /scim/v2/Users 201'
	assert_equal "$(jq -r 'select(.kind == "result").id' "$out")" new-3
}

# ---- change streams ----

# snapshot FILE: of the plain service
snapshot() {
	SCIM_TOKEN=$TOKEN scim-fetch "$url/scim/v2" >fetched
	normalize -o "$1" fetched
}

@test "the change stream is the plan: matched by name, what differs is made so, and then nothing differs" {
	start_stand_in --users 8 --groups 2
	snapshot actual
	origin=https://hr.example read_at=2027-01-01T00:00:00Z seal_snapshot hr <<-EOF >wanted
		{"kind":"group","source":"hr","id":"G1","name":"Newcomers"}
		{"kind":"membership","source":"hr","group_id":"G1","member_id":"P1","member_kind":"user"}
		{"kind":"user","source":"hr","id":"P1","user_name":"zoe@example.com","display_name":"Zoe","status":"enabled","account_type":"human"}
		$(jq -c 'select(.kind == "user" and .id == "u1") | {kind, source: "hr", id: "P2", user_name, display_name: "Renamed", status: "disabled", account_type: "human"}' actual)
	EOF
	diff-snapshot --match user_name --max-removed 100% actual wanted >changes || [ $? -eq 1 ]
	: >"$log"
	push 77 scim <changes # who is not wanted any more: that has to be said
	jq -r '.reason // empty' "$out" | grep -qF -e '--removed=deactivate'
	assert_says '7 users and 2 groups are missing in the newer snapshot: choose --removed=deactivate, delete or skip'
	assert_equal "$(writes)" ''
	push 0 --removed deactivate --apply scim <changes
	assert_equal "$(outcomes | sed 's/ .*//' | uniq | tr '\n' ' ')" 'push-group push update add-member remove-member deactivate remove-group '
	assert_equal "$(jq -r 'select(.outcome == "skipped").reason' "$out" | sort -u)" 'left alone: a group can not be deactivated'
	snapshot actual
	assert_equal "$(jq -r 'select(.user_name == "zoe@example.com") | .display_name' actual)" Zoe
	assert_equal "$(jq -rs 'map(select(.kind == "user" and .status == "enabled").user_name) | join(" ")' actual)" zoe@example.com
	assert_equal "$(jq -s '[(.[] | select(.kind == "group" and .name == "Newcomers").id) as $g | .[] | select(.group_id == $g)] | length' actual)" 1
}

@test "a change stream between two times of one directory can be undone: renamed, recreated, members" {
	start_stand_in --users 6 --groups 2
	snapshot wanted
	change '{"op":"rename-user","id":"u1","display_name":"Somebody"}' '{"op":"deactivate","id":"u2"}' \
		'{"op":"remove-user","id":"u4"}' '{"op":"rename-group","id":"g1","name":"Other"}'
	snapshot actual
	diff-snapshot --allow-older actual wanted >changes || [ $? -eq 1 ]
	push 0 --apply --removed skip scim <changes
	snapshot actual
	diff-snapshot wanted actual >left || [ $? -eq 1 ]
	assert_equal "$(jq -r 'select(.kind == "change" and (.event | test("recreated|membership") | not)).event' left)" ''
	assert_equal "$(jq -r 'select(.event == "user.recreated") | .label' left)" "$(jq -r 'select(.id == "u4").user_name' wanted)"
}

# change_stream: the records on stdin as a sealed change stream of this service
change_stream() {
	local records changes
	records=$(cat)
	changes=$(grep -c '"kind":"change"' <<<"$records" || true)
	seal "{\"kind\":\"begin\",\"format\":1,\"stage\":\"changes\"${begin_more:-},\"before\":{\"sources\":[{\"source\":\"scim\",\"origin\":\"${origin:-$url/scim/v2}\"}${more_sources:-}]},\"after\":{\"sources\":[]}}" \
		",\"changes\":${count:-$changes},\"unknown\":$(grep -c '"kind":"unknown"' <<<"$records" || true)${end_more:-}" <<<"$records"
}

DISABLED='{"kind":"change","event":"user.disabled","source":"scim","id":"1","label":"ada@example.com","fields":{"status":["enabled","disabled"]}}'

@test "nothing is done for a change stream that is cut, changed, unconfirmed or another service's" {
	two
	change_stream <<<"$DISABLED" >good
	push 0 scim <good
	assert_equal "$(outcomes)" 'deactivate planned'
	: >"$log"
	sed '$d' good >torn
	push 65 --apply scim <torn
	assert_says 'not complete'
	sed 's/"id":"1"/"id":"2"/' good >changed
	push 65 --apply scim <changed
	assert_says digest
	count=2 change_stream <<<"$DISABLED" >counted
	push 65 --apply scim <counted
	assert_says 'does not count'
	end_more=',"unconfirmed":"more gone than allowed"' change_stream <<<"$DISABLED" >unconfirmed
	push 3 --apply scim <unconfirmed
	assert_says 'more gone than allowed' --max-removed
	origin=https://other.example/scim/v2 change_stream <<<"$DISABLED" >other
	push 65 --apply scim <other
	assert_says 'https://other.example/scim/v2' --allow-other-origin
	more_sources=',{"source":"stripe","origin":"x"}' change_stream <<<"$DISABLED" >several
	push 65 --apply scim <several
	assert_says --source
	push 65 --apply --source nowhere scim <several
	: >empty
	push 65 --apply scim <empty
	assert_equal "$(requests)" ''
	push 0 --source scim scim <several
	push 0 --allow-other-origin scim <other
	assert_equal "$(writes)" ''
}

@test "a snapshot or a fetch stream is no plan" {
	two
	snapshot actual
	push 65 --apply scim <actual
	push 65 --apply scim <fetched
	assert_equal "$(writes)" ''
}

@test "what a change stream asks for and a provider can not do is refused, the rest of it is done" {
	two
	origin=$url/rudderstack/scim/v2 change_stream <<-EOF >changes
		{"kind":"change","event":"user.modified","source":"scim","id":"rs_1","label":"ada@example.com","fields":{"email":["ada@example.com","b@example.com"],"display_name":["Ada Byron","Ada L"],"account_type":["human","service"]}}
		{"kind":"change","event":"user.removed","source":"scim","id":"rs_2","label":"bob@example.com","before":{}}
		{"kind":"change","event":"group.added","source":"scim","id":"9","label":"G","after":{"kind":"group","source":"x","id":"9","name":"G"}}
	EOF
	push 77 --apply rudderstack <changes
	assert_equal "$(outcomes)" 'push-group refused
update done
update refused
update refused
remove refused'
	assert_equal "$(writes)" 'PUT /rudderstack/scim/v2/Users/rs_1 200'
	push 77 --apply --removed deactivate rudderstack <changes
	assert_equal "$(writes)" 'PATCH /rudderstack/scim/v2/Users/rs_2 200'
}

# asks CHANGE...: the file `changes` is a stream of them, of the source scim
asks() {
	printf '{"kind":"change","source":"scim",%s\n' "$@" | change_stream >changes
}

# outcomes_why: of each result, "op outcome: reason"
outcomes_why() {
	sed -nE 's/^\{"kind":"result","op":"([a-z-]+)".*\},"outcome":"([a-z]+)"(.*"reason":"(([^"\]|\\.)*)")?.*/\1 \2: \4/; s/: $//; /^[a-z]/p' "$out"
}

@test "a change that does not say what it is about is refused with the whole stream" {
	local words change
	two
	while IFS='|' read -r words change; do
		asks '"event":"user.removed","id":"2"}' "$change"
		push 65 --apply --removed delete scim <changes
		assert_says "$words"
		assert_file_empty "$out"
	done <<-'EOF'
		unknown event 'user.promoted'|"event":"user.promoted","id":"1"}
		unknown event ''|"id":"1"}
		the new record's id|"event":"user.added","id":"9"}
		the new record's id|"event":"user.added","after":{"user_name":"z@example.com"}}
		the new record's id|"event":"user.added","after":{"user_name":"z@example.com","id":""}}
		the new record's id|"event":"group.added","after":{"name":"G","id":null}}
		without its id|"event":"user.removed","before":{"id":"1"}}
		without its id|"event":"user.disabled","fields":{"status":["enabled","disabled"]}}
		without its id|"event":"group.removed","id":""}
		without its id|"event":"group.renamed","fields":{"name":["Finance","F"]}}
		without its fields|"event":"user.modified","id":"1"}
		without its fields|"event":"group.modified","id":"7","fields":["name"]}
		both values of a field|"event":"user.modified","id":"1","fields":{"email":"x@example.com"}}
		both values of a field|"event":"user.modified","id":"1","fields":{"email":["x@example.com"]}}
		both values of a field|"event":"user.disabled","id":"1","fields":{"status":"disabled"}}
		both values of a field|"event":"group.renamed","id":"7","fields":{"name":["a","b","c"]}}
		both values of a field|"event":"user.recreated","id":"1","fields":{"id":[null,"1"]}}
		both values of a field|"event":"group.recreated","id":"7","fields":{"id":["","7"]}}
		the ids of a membership|"event":"membership.added","group_id":"7"}
		the ids of a membership|"event":"membership.removed","member_id":"1","group_id":""}
	EOF
	assert_equal "$(requests)" ''
}

@test "each change asks for what it says, and where it can not be had the reason says why" {
	local status option change want
	two
	while IFS='|' read -r status option change want; do
		asks "$change"
		# shellcheck disable=SC2086 # none or one word
		push "$status" --dialect scim $option scim <changes
		assert_equal "$change $(outcomes_why | paste -sd ';')" "$change $want"
	done <<-'EOF'
		0||"event":"user.added","after":{"id":"9","user_name":"z@example.com"}}|push planned
		77||"event":"user.added","after":{"id":"9","display_name":"Z"}}|push refused: it has no user name
		0||"event":"user.added","after":{"id":"9","user_name":"ci","account_type":"service"}}|push skipped: a service account is not for people's directories
		77||"event":"group.added","after":{"id":"9"}}|push-group refused: it has no name
		0|--removed=delete|"event":"user.removed","id":"1"}|remove planned
		0|--removed=deactivate|"event":"user.removed","id":"1"}|deactivate planned
		0|--removed=skip|"event":"user.removed","id":"1"}|remove skipped: left alone (--removed=skip)
		0|--removed=delete|"event":"group.removed","id":"7"}|remove-group planned
		0|--removed=deactivate|"event":"group.removed","id":"7"}|remove-group skipped: left alone: a group can not be deactivated
		0|--removed=skip|"event":"group.removed","id":"7"}|remove-group skipped: left alone: a group can not be deactivated
		77||"event":"group.removed","id":"7"}|remove-group refused: missing in the newer snapshot: choose --removed=delete or skip
		0||"event":"group.renamed","id":"7","fields":{"name":["Finance","Money"]}}|rename-group planned
		77||"event":"group.renamed","id":"7","fields":{"name":["Finance",null]}}|rename-group refused: of a group only the name can be changed
		77||"event":"group.modified","id":"7","fields":{"description":["a","b"]}}|rename-group refused: of a group only the name can be changed
		0||"event":"group.modified","id":"7","fields":{"description":["a",{}]}}|
		0||"event":"user.modified","id":"1","fields":{"email":["a@example.com",{}],"status":["enabled","unknown"]}}|
		77||"event":"user.modified","id":"1","fields":{"email":["a@example.com",null],"roles":[[],["x"]]}}|update refused: not changed through SCIM: email, roles
		0||"event":"user.recreated","id":"0","fields":{"id":["1","0"],"created_at":["2024-01-08T10:00:00Z","2023-01-08T10:00:00Z"]}}|
		0||"event":"group.recreated","id":"0","fields":{"id":["7","0"],"created_at":["2024-01-08T10:00:00Z","2023-01-08T10:00:00Z"]}}|
		0||"event":"user.recreated","id":"0","fields":{"id":["1","0"],"status":["enabled","disabled"],"display_name":["Ada Byron","A"]}}|update planned;deactivate planned
		77||"event":"user.modified","id":"1","fields":{"created_at":["2024-01-08T10:00:00Z","2023-01-08T10:00:00Z"]}}|update refused: not changed through SCIM: created_at
		77||"event":"membership.added","group_id":"7","member_id":"8","after":{"member_kind":"group"}}|add-member refused: members that are groups are not changed
		77||"event":"membership.removed","group_id":"7","member_id":"8","before":{"member_kind":"group"}}|remove-member refused: members that are groups are not changed
	EOF
	assert_equal "$(writes)" ''
}

@test "a user who is added as disabled gets no account: there was none, and none is wanted" {
	two
	asks '"event":"user.added","after":{"id":"9","user_name":"z@example.com","status":"disabled"}}'
	push 0 --apply scim <changes
	assert_equal "$(outcomes_why)" 'push skipped: disabled in the newer snapshot: no account is made for that'
	assert_equal "$(writes)" ''
	# an operation that asks for one gets it
	push 0 --apply scim <<<'{"op":"push","user_name":"z@example.com","active":false}'
	assert_equal "$(jq -c 'select(.method == "POST").body | fromjson | [.userName, .active]' "$log")" \
		'["z@example.com",false]'
}

@test "changes of other sources and what is not known are passed over, and a slash behind the address makes no other service" {
	two
	{
		echo '{"kind":"unknown","source":"scim","scope":"groups","sides":["after"],"reason":"HTTP 501"}'
		echo "$DISABLED"
		echo "${DISABLED/'"scim","id":"1"'/'"other","id":"2"'}"
	} | origin=$url/scim/v2/ more_sources=',{"source":"other","origin":"x"}' change_stream >changes
	push 0 --source scim --apply scim <changes
	assert_equal "$(outcomes)" 'deactivate done'
	assert_equal "$(writes)" 'PATCH /scim/v2/Users/1 200'
}

@test "who is made by the plan gets into groups by name, and who can not be made into none" {
	local begin_more
	two
	asks '"event":"user.added","after":{"id":"9","user_name":"z@example.com"}}' \
		'"event":"user.added","after":{"id":"10","user_name":"ci","account_type":"service"}}' \
		'"event":"user.added","after":{"id":"11"}}' \
		'"event":"group.added","after":{"id":"8","name":"Sales"}}' \
		'"event":"membership.added","group_id":"8","member_id":"9"}' \
		'"event":"membership.added","group_id":"8","member_id":"1"}' \
		'"event":"membership.added","group_id":"7","member_id":"9"}' \
		'"event":"membership.added","group_id":"7","member_id":"10"}' \
		'"event":"membership.added","group_id":"7","member_id":"11"}'
	push 77 --apply scim <changes
	assert_equal "$(outcomes_why)" "push-group done
push done
push skipped: a service account is not for people's directories
push refused: it has no user name
add-member done
add-member done
add-member done
add-member skipped: a service account is not for people's directories
add-member refused: it has no user name"
	directory >now
	assert_equal "$(jq -c 'select(.kind == "group").resource | [.displayName, (.members | length)]' now | sort)" '["Finance",2]
["Sales",2]'
	# by names the ids are the newer side's only where the stream says so
	begin_more=',"match":"user_name"' asks \
		'"event":"membership.added","group_id":"7","member_id":"1"}' \
		'"event":"membership.added","group_id":"7","member_id":"1","ids_of_after":["member_id"]}' \
		'"event":"membership.added","group_id":"7","member_id":"1","ids_of_after":["group_id"]}'
	push 77 scim <changes
	assert_equal "$(outcomes_why)" 'add-member planned
add-member refused: the service does not have this user
add-member refused: the service does not have this group'
}

@test "who was recreated, or is in a group that was, keeps the memberships of both sides, gets and loses the others" {
	cat >data <<-EOF
		{"kind":"user","id":"1","user_name":"ada@example.com"}
		{"kind":"user","id":"2","user_name":"bob@example.com"}
		{"kind":"group","id":"6","name":"Both","members":["1","2"]}
		{"kind":"group","id":"7","name":"Older","members":["1"]}
		{"kind":"group","id":"8","name":"Newer","members":[]}
		{"kind":"group","id":"9","name":"Recreated","members":["1","2"]}
	EOF
	start_stand_in --data data
	snapshot actual
	# as it was when ada had the id 0, and the group the id 5
	body actual | sed 's/"group_id":"7","member_id":"1"/"group_id":"8","member_id":"0"/; s/"member_id":"1"/"member_id":"0"/
		s/\("kind":"user",.*"id":"\)1"/\10"/; s/"group_id":"9"/"group_id":"5"/; s/\("kind":"group",.*"id":"\)9"/\15"/' |
		sort | origin=$url/scim/v2 seal_snapshot scim >wanted
	diff-snapshot --allow-older --max-removed 100% actual wanted >changes || [ $? -eq 1 ]
	assert_equal "$(jq -r 'select(.kind == "end").events | keys[]' changes | paste -sd' ')" \
		'group.recreated membership.added membership.removed user.recreated'
	: >"$log"
	push 0 --apply scim <changes
	assert_equal "$(jq -r 'select(.kind == "result") | "\(.op) \(.user_id) \(.group_id) \(.outcome)"' "$out")" \
		'add-member 1 8 done
remove-member 1 7 done'
	# two groups at once: either may come first
	assert_equal "$(writes | sort)" 'PATCH /scim/v2/Groups/7 200
PATCH /scim/v2/Groups/8 200'
	push 0 --apply scim <changes
	assert_equal "$(outcomes | cut -d' ' -f2 | sort -u)" already
}

@test "whoever is left alone keeps his groups, and a group that is left alone its members" {
	local option
	two
	asks '"event":"user.removed","id":"2"}' '"event":"membership.removed","group_id":"7","member_id":"2"}'
	for option in '' --removed=skip; do
		# shellcheck disable=SC2086 # none or one word
		push "$([ "$option" ] && echo 0 || echo 77)" --apply $option scim <changes
		assert_equal "$(jq -r 'select(.kind == "result").op' "$out" | paste -sd' ')" 'remove-member remove'
		assert_equal "$(jq -r 'select(.kind == "result").reason' "$out" | sort -u | wc -l)" 1
	done
	# what the service takes only with --allow-removal
	sed 's/"2"/"usr_scim_2"/; s/"7"/"grp_7"/; s/"member_id":"2"/"member_id":"usr_scim_2"/' changes |
		body /dev/stdin | origin=$url/stripe/scim/v2 change_stream >theirs
	push 77 --apply --removed delete stripe <theirs
	assert_equal "$(outcomes)" 'remove-member refused
remove refused'
	asks '"event":"group.removed","id":"7"}' '"event":"membership.removed","group_id":"7","member_id":"2"}' \
		'"event":"membership.removed","group_id":"7","member_id":"6","before":{"member_kind":"group"}}'
	push 77 --apply scim <changes
	for option in skip deactivate; do
		push 0 --apply --removed $option scim <changes
		assert_equal "$(outcomes | sort | uniq -c | sed 's/^ *//')" '1 remove-group skipped
2 remove-member skipped'
	done
	assert_equal "$(writes)" ''
	# who is wanted in the group no more is taken out
	asks '"event":"user.removed","id":"2"}' '"event":"membership.removed","group_id":"7","member_id":"2"}'
	push 0 --apply --removed deactivate scim <changes
	assert_equal "$(outcomes)" 'remove-member done
deactivate done'
}

@test "what is left alone as asked is no refusal, whatever the provider allows" {
	local provider
	two
	asks '"event":"user.removed","id":"1"}' '"event":"group.removed","id":"7"}' \
		'"event":"membership.removed","group_id":"7","member_id":"1"}'
	for provider in rudderstack stripe; do
		push 0 --apply --removed skip --allow-other-origin $provider <changes
		assert_equal "$(outcomes | cut -d' ' -f2 | sort -u)" skipped
	done
	assert_equal "$(requests)" ''
}

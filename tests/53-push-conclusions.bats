#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# scim-push: what is concluded from an answer. `done` is said of what was seen to be so,
# nobody is absent without a proof, and everything else is not known.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

ERROR='"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"]'
none='200 {"totalResults":0,"Resources":[]}'
gone="404 {$ERROR,\"status\":\"404\"}"

# what: of each result, "outcome: reason"
what() {
	jq -r 'select(.kind == "result") | "\(.outcome)\(if .reason then ": " + .reason else "" end)"' "$out"
}

# answered STATUS OUTCOME WORDS OPERATION [OPTION...]: what an operation comes to at the
# service of the answers on stdin, "STATUS BODY;STATUS BODY"
answered() {
	local answers
	answers=$(cat)
	start_answers <<<"${answers//;/$'\n'}"
	push "$1" --apply --jobs 1 --retries 0 --dialect scim "${@:5}" scim <<<"$4"
	assert_sealed "$out"
	[[ $(what) == "$2"*"$3"* ]] || fail "$(what) is not $2: ...$3..., of $4"
}

# sent_writes: the methods of the changes that start_answers got
sent_writes() {
	sed -nE 's/^(POST|PUT|PATCH|DELETE) .*/\1/p' "$raw_log" | paste -sd' '
}

@test "nobody is absent but by a 404 in the words of SCIM, or by a whole list that shows nobody" {
	local ada='{"id":"1","userName":"ada","active":true}' answers words
	local remove='{"op":"remove","id":"1"}' by_name='{"op":"remove","user_name":"ada"}'
	answered 0 already 'no such user' "$remove" <<<"$gone"
	answered 0 already 'no such user' "$by_name" <<<"$none"
	answered 0 already 'no such user' "$by_name" <<<'200 {"totalResults":0}'
	answered 0 already 'no such user' "$by_name" <<<'200 {"Resources":[]}'
	# another 404 is confirmed by a list
	answered 0 already 'no such user' "$remove" <<<"404 <html>;$none"
	answered 0 already 'no such user' "$remove" <<<"404 {\"detail\":\"not here\"};$none"
	while IFS='|' read -r operation words answers; do
		answered 76 failed "$words" "$operation" <<<"$answers"
		assert_equal "$(sent_writes)" ''
	done <<-EOF
		$remove|HTTP 404|404 <html>;404 <html>
		$remove|HTTP 404|404 {"detail":"no"};404 {"detail":"no"}
		$remove|a list shows '1'|404 <html>;200 {"totalResults":1,"Resources":[$ada]}
		$remove|shows others|404 <html>;200 {"totalResults":1,"Resources":[{"id":"2"}]}
		$remove|not whole|404 <html>;200 {"totalResults":7,"Resources":[]}
		$by_name|HTTP 404|$gone
		$by_name|HTTP 404|404 <html>
		$by_name|list|200 {"Resources":null}
		$by_name|list|200 {"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"]}
		$by_name|shows others|200 {"totalResults":0,"Resources":[{"id":"2","userName":"bob"}]}
		$by_name|shows others|200 {"totalResults":1,"Resources":[{"id":"2","userName":"bob"}]}
		$by_name|not whole|200 {"totalResults":3,"Resources":[]}
		$by_name|not whole|200 {"totalResults":0,"Resources":[],"nextCursor":"c"}
		{"op":"remove-group","group_id":"7"}|HTTP 404|404 <html>
		{"op":"remove-group","group":"Finance"}|list|200 {"Resources":null}
		{"op":"push","user_name":"ada"}|list|200 {"Resources":null}
		{"op":"push-group","group":"Finance"}|HTTP 404|404 <html>
	EOF
}

@test "several who are shown one a page are several, and none of them is changed" {
	local ada='{"id":"1","userName":"ada","active":true}' answers operation
	while IFS='|' read -r operation words answers; do
		answered 76 failed "$words" "$operation" <<<"$answers"
		assert_equal "$(sent_writes)" ''
	done <<-EOF
		{"op":"deactivate","user_name":"ada"}|'ada' is not one but 2|200 {"totalResults":2,"itemsPerPage":1,"Resources":[$ada]}
		{"op":"deactivate","user_name":"ada"}|not whole|200 {"Resources":[$ada],"nextCursor":"c"}
		{"op":"deactivate","user_name":"ada"}|not all of them|200 {"totalResults":9,"Resources":[$ada,{"id":"2","userName":"bob"}]}
		{"op":"remove-group","group":"Finance"}|'Finance' is not one but 2|200 {"totalResults":2,"Resources":[{"id":"7","displayName":"Finance"}]}
	EOF
}

@test "a change that is lost before a gateway's 404 is not known, and the journal stays open" {
	local was='200 {"id":"1","userName":"ada","active":true}'
	answered 76 failed 'whether the last change happened is not known' '{"op":"deactivate","id":"1"}' --journal journal \
		<<<"$was;503 {};404 <html>;404 <html>"
	assert_equal "$(tail -n 1 journal | jq -r .kind)" settled
	start_answers <<<"404 <html>"
	push 65 --apply --dialect scim --journal journal scim <<<'{"op":"deactivate","id":"1"}'
	assert_says 'unfinished run'
}

WAS='200 {"id":"1","userName":"ada","active":true}'
OPS='200 {"id":"7","displayName":"Ops","members":[]}'

@test "a look after a change that is refused makes the change neither done nor refused, but not known: 76" {
	local status operation was
	for status in 403 401 407; do
		for operation in '{"op":"deactivate","id":"1"}' '{"op":"remove","id":"1"}' '{"op":"add-member","id":"1","group_id":"7"}'; do
			was=$WAS
			[[ $operation != *member* ]] || was="$WAS;$OPS"
			rm -f journal
			answered 76 failed 'whether the last change happened is not known' "$operation" --journal journal \
				<<<"$was;200 {};$status {\"detail\":\"no right\"}"
			assert_equal "$(tail -n 1 journal | jq -r .kind)" settled
		done
	done
}

@test "members: [] is no proof at a service where it says nothing, nor against a user who is shown with the group" {
	local ada='{"id":"1","userName":"ada","groups":[{"value":"7"}]}' words='does not show members, so it is not proved'
	local remove='{"op":"remove-member","user_name":"ada","group_id":"7"}'
	local ada_list="200 {\"totalResults\":1,\"Resources\":[$ada]}"
	answered 76 failed "$words" "$remove" <<<"$ada_list;$OPS;200 {};$OPS"
	assert_equal "$(sent_writes)" PATCH
	answered 0 already '' "$remove" <<<"${ada_list/7/8};$OPS"
	# the row of the provider knows
	(umask 077 && echo "$TOKEN" >token)
	local provider
	for provider in canva aws-identity-center; do
		start_answers <<<"${ada_list/7/8}"$'\n'"$OPS"$'\n200 {}\n'"$OPS"
		push 76 --apply --jobs 1 --retries 0 --dialect scim --base-url "$url" --token-file token "$provider" <<<"$remove"
		assert_regex "$(what)" "failed: .*$words"
	done
}

@test "each request for groups has what the provider's row asks with, or no member would be shown" {
	(umask 077 && echo "$TOKEN" >token)
	cat >data <<-'EOF'
		{"kind":"user","id":"1","user_name":"ada"}
		{"kind":"group","id":"7","name":"Ops","members":[]}
	EOF
	start_stand_in --data data --switch members-on-request=attributes
	push 0 --apply --base-url "$url/scim/v2" --token-file token keycloak \
		<<<'{"op":"add-member","user_name":"ada","group":"Ops"}'
	assert_equal "$(what)" 'done'
	assert_equal "$(requests | grep '^GET .*/Groups' | grep -vc 'attributes=displayName%2Cmembers')" 0
}

@test "a name is the same in composed and decomposed accents, whatever the service stores" {
	local composed=$'Jos\u00e9' decomposed=$'Jose\u0301' shown
	shown="200 {\"totalResults\":1,\"Resources\":[{\"id\":\"1\",\"userName\":\"$composed\",\"active\":true}]}"
	answered 0 already '' "{\"op\":\"push\",\"user_name\":\"$decomposed\"}" <<<"$shown"
	answered 0 already '' "{\"op\":\"push-group\",\"group\":\"$decomposed\"}" \
		<<<"200 {\"totalResults\":1,\"Resources\":[{\"id\":\"7\",\"displayName\":\"$composed\"}]}"
	answered 0 'done' '' "{\"op\":\"push\",\"user_name\":\"$decomposed\"}" \
		<<<"$none;201 {\"id\":\"1\"};200 {\"id\":\"1\",\"userName\":\"$composed\",\"active\":true}"
}
IS='200 {"id":"1","userName":"ada","active":false}'

@test "a 5xx that nobody knows says nothing of a change: it is looked at, and is done or 75" {
	local status
	for status in 500 520 524 599; do
		answered 0 'done' '' '{"op":"deactivate","id":"1"}' <<<"$WAS;$status <html>;$IS"
		answered 75 failed "HTTP $status" '{"op":"deactivate","id":"1"}' <<<"$WAS;$status <html>;$WAS"
	done
	answered 77 refused 'HTTP 501' '{"op":"deactivate","id":"1"}' <<<"$WAS;501 {}"
}

@test "a create without an answer is looked for until the timeout has passed, and never sent twice" {
	local operation
	for operation in '{"op":"push","user_name":"zoe"}' '{"op":"push-group","group":"Sales"}'; do
		answered 75 failed 'whether the last change happened is not known' "$operation" --timeout 1 \
			<<<"$none;502 <html>;$none"
		assert_equal "$(sent_writes)" POST
		[ "$(grep -c ^GET "$raw_log")" -ge 3 ] || fail 'looked once'
	done
	answered 0 'done' '' '{"op":"push-group","group":"Sales"}' --timeout 9 \
		<<<"$none;502 <html>;$none;$none;200 {\"totalResults\":1,\"Resources\":[{\"id\":\"7\",\"displayName\":\"Sales\"}]}"
	assert_equal "$(sent_writes)" POST
}

@test "a create that the service itself answers with an error is looked for some seconds, not until --timeout" {
	local begun=$SECONDS
	answered 75 failed 'whether the last change happened is not known' '{"op":"push","user_name":"zoe"}' \
		--timeout 300 --retries 1 <<<"$none;500 {};$none"
	assert_equal "$(sent_writes)" POST
	[ $((SECONDS - begun)) -lt 60 ] || fail "$((SECONDS - begun)) s"
	answered 0 'done' '' '{"op":"push-group","group":"Sales"}' --timeout 300 \
		<<<"$none;500 {};$none;200 {\"totalResults\":1,\"Resources\":[{\"id\":\"7\",\"displayName\":\"Sales\"}]}"
}

@test "a change that may be under way leaves the journal open, whatever said that it is not known" {
	local status
	for status in 408 500 503 504 524; do
		rm -f journal
		answered 75 failed "HTTP $status" '{"op":"deactivate","id":"1"}' --journal journal <<<"$WAS;$status <html>;$WAS"
		assert_equal "$(tail -n 1 journal | jq -r .kind)" settled
	done
	# what the service turned away is not under way
	for status in 412 429; do
		rm -f journal
		answered 75 failed "HTTP $status" '{"op":"deactivate","id":"1"}' --journal journal \
			<<<"$WAS;$status {};$WAS;$WAS"
		assert_equal "$status $(tail -n 1 journal | jq -r .kind)" "$status end"
	done
}

@test "a create that was answered with 408 is not sent a second time, whatever the service asks to wait" {
	printf 'HTTP/1.1 200 OK\r\nContent-Length: 33\r\nConnection: close\r\n\r\n{"totalResults":0,"Resources":[]}' >none
	printf 'HTTP/1.1 408 Late\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' >late
	start_raw none late none
	push 75 --apply --jobs 1 --retries 3 --timeout 2 --dialect scim --journal journal scim <<<'{"op":"push-group","group":"Sales"}'
	assert_equal "$(sent_writes)" POST
	assert_equal "$(tail -n 1 journal | jq -r .kind)" settled
}

@test "a run that continues waits for a create of the run before, and sends it only after that" {
	start_stand_in --users 1 --switch fail-at=2:504:1
	echo '{"op":"push-group","group":"Sales"}' >ops
	push 75 --apply --dialect scim --timeout 1 --journal journal scim <ops
	assert_equal "$(tail -n 1 journal | jq -r .kind)" settled
	: >"$log"
	push 0 --apply --dialect scim --timeout 5 --journal journal scim <ops
	assert_equal "$(what)" 'done'
	[ "$(requests | grep -c '^GET /scim/v2/Groups?')" -ge 2 ] || fail "$(requests)"
	assert_equal "$(requests | grep -c ^POST)" 1
	assert_equal "$(tail -n 1 journal | jq -r .kind)" end
}

@test "a create that was answered with 408 is waited for by the run that continues, too" {
	start_stand_in --users 1 --switch fail-at=2:408:1
	echo '{"op":"push-group","group":"Sales"}' >ops
	push 75 --apply --dialect scim --timeout 1 --journal journal scim <ops
	: >"$log"
	push 0 --apply --dialect scim --timeout 5 --journal journal scim <ops
	[ "$(requests | grep -c '^GET /scim/v2/Groups?')" -ge 2 ] || fail "$(requests)"
	assert_equal "$(requests | grep -c ^POST)" 1
}

@test "a token that is refused for a change is said to be refused for a change" {
	answered 77 refused 'check that the token is current and may change users and groups' \
		'{"op":"deactivate","id":"1"}' <<<"$WAS;401 {\"detail\":\"read only\"}"
	assert_says 'read only'
	[[ $(<"$err") != *'may read'* ]] || fail "$(<"$err")"
	# a provider that is known has words of its own
	start_answers <<<"$WAS"$'\n''401 {}'
	push 77 --apply --jobs 1 --retries 0 --base-url "$url/scim/v2" rudderstack <<<'{"op":"deactivate","id":"1"}'
	assert_says 'a change is refused with HTTP 401' 'organization-level Service Access Token'
}

@test "the end of the results names each exit status that an operation asked for" {
	# 75 is the status of the run, because a rerun may come to something
	answered 75 failed 'HTTP 504' "$(printf '%s\n' '{"op":"deactivate","id":"1"}' '{"op":"deactivate","id":"2"}')" \
		<<<"$WAS;504 <html>;$WAS;200 {\"id\":\"2\",\"active\":true};403 {}"
	assert_equal "$(jq -c 'select(.kind == "end").statuses' "$out")" '[75,77]'
	answered 77 failed 'no such user' "$(printf '%s\n' '{"op":"deactivate","id":"1"}' '{"op":"deactivate","id":"2"}')" \
		<<<"$gone;200 {\"id\":\"2\",\"active\":true};403 {}"
	assert_equal "$(jq -c 'select(.kind == "end").statuses' "$out")" '[77,76]'
	answered 0 already '' '{"op":"remove","id":"1"}' <<<"$gone"
	assert_equal "$(jq -c 'select(.kind == "end").statuses' "$out")" '[]'
}

@test "a conflict is looked at and sent again; one that lasts has the words of the service" {
	start_stand_in --users 1 --switch fail-at=2:409:1
	push 0 --apply --dialect scim scim <<<'{"op":"update","id":"u1","display_name":"N"}'
	assert_equal "$(jq -r 'select(.method != "GET") | .status' "$log" | paste -sd' ')" '409 200'
	stop_stand_ins
	answered 77 refused 'HTTP 409 (the server says: taken)' '{"op":"deactivate","id":"1"}' --retries 1 \
		<<<"$WAS;409 {$ERROR,\"detail\":\"taken\",\"scimType\":\"uniqueness\"};$WAS"
	assert_equal "$(sent_writes)" PATCH
	answered 76 failed '(409) and does not show it: zoe is the address of ada' '{"op":"push","user_name":"zoe"}' \
		<<<"$none;409 {$ERROR,\"detail\":\"zoe is the address of ada\"};$none"
	assert_equal "$(jq -r 'select(.kind == "result").status' "$out")" 409
}

@test "a version without quotes gets them in If-Match, and one with a quote inside is none" {
	local version sent
	while IFS='|' read -r version sent; do
		answered 0 'done' '' '{"op":"deactivate","id":"1"}' <<-EOF
			200 {"id":"1","userName":"ada","active":true,"meta":{"version":"$version"}};200 {};$IS
		EOF
		assert_equal "$(grep -i '^if-match' "$raw_log" | tr -d '\r')" "$sent"
	done <<-'EOF'
		7|If-Match: "7"
		\"7\"|If-Match: "7"
		W/\"7\"|If-Match: W/"7"
		a\"b|
	EOF
}

@test "a change that the service shows late is looked at again before it is called ignored" {
	answered 0 'done' '' '{"op":"deactivate","id":"1"}' --retries 2 <<<"$WAS;200 {};$WAS;$WAS;$IS"
	answered 77 refused 'left active as it was' '{"op":"deactivate","id":"1"}' --retries 2 <<<"$WAS;200 {};$WAS"
	answered 0 'done' '' '{"op":"push","user_name":"ada"}' --retries 2 <<<"$none;201 {\"id\":\"1\"};$gone;$gone;$WAS"
	answered 0 'done' '' '{"op":"remove","id":"1"}' --retries 2 <<<"$WAS;204;$WAS;$gone"
	answered 0 'done' '' '{"op":"push-group","group":"Sales"}' --retries 1 \
		<<<"$none;201 {\"id\":\"7\"};$gone;200 {\"id\":\"7\",\"displayName\":\"Sales\"}"
}

@test "whatever vanishes beside a change is damage, and is named" {
	local ada='"id":"1","userName":"ada","active":true' group='"id":"7","displayName":"Finance"'
	answered 76 failed 'the group lost 2 other members: 2, 3' '{"op":"remove-member","id":"1","group_id":"7"}' <<-EOF
		200 {$ada};200 {$group,"members":[{"value":"1"},{"value":"2"},{"value":"3"}]};200 {};200 {$group,"members":[]}
	EOF
	answered 76 failed 'the group lost 1 other member: 2' '{"op":"add-member","id":"1","group_id":"7"}' <<-EOF
		200 {$ada};200 {$group,"members":[{"value":"2"}]};200 {};200 {$group,"members":[{"value":"1"}]}
	EOF
	answered 0 'done' 'the group has 1 other new member' '{"op":"add-member","id":"1","group_id":"7"}' <<-EOF
		200 {$ada};200 {$group,"members":[]};200 {};200 {$group,"members":[{"value":"1"},{"value":"2"}]}
	EOF
	answered 76 failed 'the group lost externalId' '{"op":"rename-group","group_id":"7","new_group":"F"}' <<-EOF
		200 {$group,"externalId":"x"};200 {};200 {"id":"7","displayName":"F"}
	EOF
	answered 76 failed 'the user lost roles, name.middleName' '{"op":"update","id":"1","display_name":"A"}' --dialect okta-aiw <<-EOF
		200 {$ada,"roles":[{"value":"admin"},{"value":"dev"}],"name":{"middleName":"M"},"title":"T"};200 {};200 {$ada,"displayName":"A","roles":[{"value":"dev"}],"name":{},"title":"U"}
	EOF
	answered 0 'done' 'the user also lost roles' '{"op":"deactivate","id":"1"}' <<-EOF
		200 {$ada,"roles":["admin"]};200 {};$IS
	EOF
}

@test "whoever has another name or access beside a change is damage, and other values are told" {
	local ada='"id":"1","userName":"ada"' group='"id":"7","displayName":"Finance"' update='{"op":"update","id":"1","display_name":"A"}'
	answered 76 failed "the change is made, but active is 'true' now, not 'false'" "$update" <<-EOF
		200 {$ada,"active":false};200 {};200 {$ada,"active":true,"displayName":"A"}
	EOF
	answered 76 failed "the change is made, but the user lost title, and userName is 'eve' now, not 'ada'" "$update" <<-EOF
		200 {$ada,"title":"T"};200 {};200 {"id":"1","userName":"eve","displayName":"A"}
	EOF
	answered 0 'done' "title is 'U' now, not 'T'" "$update" <<-EOF
		200 {$ada,"title":"T","meta":{"lastModified":"1"}};200 {};200 {"id":"1","userName":"Ada","displayName":"A","title":"U","meta":{"lastModified":"2"}}
	EOF
	answered 0 'done' "userName is 'gone-1' now, not 'ada'" '{"op":"deactivate","id":"1"}' <<-EOF
		200 {$ada,"active":true};200 {};200 {"id":"1","userName":"gone-1","active":false}
	EOF
	answered 76 failed "the change is made, but displayName is 'Finance 1' now, not 'Finance'" '{"op":"remove-member","id":"1","group_id":"7"}' <<-EOF
		200 {$ada};200 {$group,"members":[{"value":"1"}]};200 {};200 {"id":"7","displayName":"Finance 1","members":[]}
	EOF
}

@test "a change that is not made, and something else is gone, is damage and is not sent again" {
	local ada='"id":"1","userName":"ada","active":true' group='"id":"7","displayName":"Finance"'
	answered 76 failed 'the change is not made, and the group lost 1 other member: 2' '{"op":"add-member","id":"1","group_id":"7"}' <<-EOF
		200 {$ada};200 {$group,"members":[{"value":"2"}]};200 {};200 {$group,"members":[]}
	EOF
	answered 76 failed 'the change is not made, and the group lost 1 other member: 3' "$(printf '{"op":"add-member","id":"%s","group_id":"7"}\n' 1 2)" <<-EOF
		200 {$group,"members":[{"value":"3"}]};200 {};200 {$group,"members":[]}
	EOF
	assert_equal "$(sent_writes)" PATCH
	answered 76 failed 'the change is not made, and the group lost externalId' '{"op":"rename-group","group_id":"7","new_group":"F"}' <<-EOF
		200 {$group,"externalId":"x"};200 {};200 {$group}
	EOF
	answered 76 failed 'left display_name as it was; and the user lost roles' '{"op":"update","id":"1","display_name":"A"}' <<-EOF
		200 {$ada,"roles":["a"]};200 {};200 {$ada}
	EOF
}

@test "a value that is not as asked is named as it is now, and what was changed beside it" {
	local ada='"id":"1","userName":"ada","active":true'
	answered 77 refused "shows display_name as 'Ada'" '{"op":"update","id":"1","display_name":"Ada "}' <<-EOF
		200 {$ada,"displayName":"A"};200 {};200 {$ada,"displayName":"Ada"}
	EOF
	answered 77 refused 'left external_id as it was; changed: display_name' \
		'{"op":"update","id":"1","display_name":"B","external_id":"x"}' <<-EOF
			200 {$ada,"displayName":"A"};200 {};200 {$ada,"displayName":"B"}
		EOF
	answered 77 refused 'did not remove the user, who is there and not active' '{"op":"remove","id":"1"}' <<<"$WAS;204;$IS"
	answered 77 refused "shows the name as 'F'" '{"op":"rename-group","group_id":"7","new_group":"F "}' <<-EOF
		200 {"id":"7","displayName":"Finance"};200 {};200 {"id":"7","displayName":"F"}
	EOF
	answered 76 failed "under the name 'zoe2'" '{"op":"push","user_name":"zoe"}' <<-EOF
		$none;201 {"id":"9"};200 {"id":"9","userName":"zoe2","active":true}
	EOF
	answered 76 failed "under the name 'Sales (1)'" '{"op":"push-group","group":"Sales"}' <<-EOF
		$none;201 {"id":"9"};200 {"id":"9","displayName":"Sales (1)"}
	EOF
}

@test "members that are hidden prove nothing; a group that showed them and has none now does" {
	local group='"id":"7","displayName":"Finance"'
	answered 76 failed 'does not show members, so it is not proved' '{"op":"remove-member","id":"1","group_id":"7"}' \
		<<<"$WAS;200 {$group};200 {};200 {$group}"
	answered 0 'done' '' '{"op":"remove-member","id":"1","group_id":"7"}' \
		<<<"$WAS;200 {$group,\"members\":[{\"value\":\"1\"}]};200 {};200 {$group}"
}

@test "whoever is pushed as inactive and made active is not done: access is taken away, or it is refused" {
	local made='{"id":"9","userName":"zoe","active":'
	answered 0 'done' '' '{"op":"push","user_name":"zoe","active":false}' <<<"$none;201 {\"id\":\"9\"};200 ${made}true};200 {};200 ${made}false}"
	assert_equal "$(sent_writes)" 'POST PATCH'
	answered 77 refused 'left active as it was' '{"op":"push","user_name":"zoe","active":false}' <<<"$none;201 {\"id\":\"9\"};200 ${made}true}"
}

@test "at Stripe a member who is pushed as inactive is gone, and is not made again" {
	cat >data <<-EOF
		{"kind":"user","id":"1","user_name":"ada@example.com"}
		{"kind":"user","id":"2","user_name":"bob@example.com"}
	EOF
	start_stand_in --data data
	push 0 --apply --allow-removal stripe <<<'{"op":"push","user_name":"ada@example.com","active":false}'
	assert_equal "$(what)" 'done'
	push 0 --apply --allow-removal stripe <<<'{"op":"push","user_name":"ada@example.com","active":false}'
	assert_equal "$(what)" 'already: the service has no such user'
	assert_equal "$(requests | grep -cv ^GET)" 1
	# who is looked up by what is not sent is not changed
	push 0 stripe <<<'{"op":"push","user_name":"zoe@example.com","email":"bob@example.com","display_name":"Z"}'
	assert_equal "$(jq -r 'select(.kind == "result").would_send[0].method' "$out")" POST
}

@test "without an external id --lookup externalId looks for the user name" {
	start_stand_in --users 2
	push 76 --lookup externalId scim <<<'{"op":"deactivate","user_name":"nobody"}'
	assert_equal "$(requests | tail -n 1)" 'GET /scim/v2/Users?filter=userName%20eq%20%22nobody%22&startIndex=1&count=100'
}

@test "the name of a group does not depend on case" {
	start_answers <<<'200 {"totalResults":1,"Resources":[{"id":"7","displayName":"finance"}]}'
	push 0 --apply --dialect scim scim <<<'{"op":"push-group","group":"Finance"}'
	assert_equal "$(what)" "already: the service calls the group 'finance'"
}

@test "a plan that wants one user, membership or name in two ways is refused as a whole" {
	local one other
	start_stand_in --users 3 --groups 2
	SCIM_TOKEN=$TOKEN scim-fetch --scope users "$url/scim/v2" >fetched
	name=$(jq -r 'select(.resource.id == "u1").resource.userName' fetched)
	: >"$log"
	while IFS='|' read -r one other; do
		printf '%s\n' "$one" "$other" >ops
		push 65 --apply scim <ops
		assert_says 'contradict each other'
		assert_file_empty "$out"
	done <<-EOF
		{"op":"push","user_name":"a"}|{"op":"deactivate","user_name":"a"}
		{"op":"push","user_name":"a"}|{"op":"remove","user_name":"A"}
		{"op":"push","user_name":"a","display_name":"A"}|{"op":"update","user_name":"a","display_name":"B"}
		{"op":"push","user_name":"Ada"}|{"op":"push","user_name":"ada"}
		{"op":"deactivate","user_name":"Ada"}|{"op":"reactivate","user_name":"ada"}
		{"op":"update","id":"u1","user_name":"$name","display_name":"B"}|{"op":"update","user_name":"$name","display_name":"C"}
		{"op":"update","id":"u1","display_name":"B"}|{"op":"update","id":"u1","display_name":"C"}
		{"op":"add-member","user_name":"a","group":"Ops"}|{"op":"remove-member","user_name":"A","group":"ops"}
		{"op":"push-group","group":"Ops"}|{"op":"push-group","group":"ops"}
		{"op":"push-group","group":"Ops"}|{"op":"rename-group","group":"Dev","new_group":"ops"}
		{"op":"rename-group","group":"Dev","new_group":"Ops"}|{"op":"rename-group","group":"Net","new_group":"Ops"}
		{"op":"rename-group","group":"Dev","new_group":"Ops"}|{"op":"rename-group","group":"Dev","new_group":"Net"}
		{"op":"rename-group","group":"Dev","new_group":"Ops"}|{"op":"push-group","group":"dev"}
		{"op":"rename-group","group":"Dev","new_group":"Ops"}|{"op":"remove-group","group":"Dev"}
		{"op":"push-group","group":"Ops"}|{"op":"remove-group","group":"ops"}
		{"op":"add-member","user_name":"a","group":"Ops"}|{"op":"remove-group","group":"ops"}
		{"op":"add-member","user_name":"a","group":"Ops"}|{"op":"remove","user_name":"A"}
		{"op":"update","user_name":"a","new_user_name":"b"}|{"op":"push","user_name":"a"}
		{"op":"update","user_name":"a","new_user_name":"b"}|{"op":"push","user_name":"B"}
		{"op":"update","user_name":"a","new_user_name":"b"}|{"op":"remove","user_name":"b"}
		{"op":"push","user_name":"caf\u00e9"}|{"op":"push","user_name":"cafe\u0301"}
	EOF
	assert_equal "$(requests)" ''
	# who is named by id and by name is found out by a look, before anything is sent
	printf '%s\n' '{"op":"reactivate","id":"u1"}' "{\"op\":\"deactivate\",\"user_name\":\"$name\"}" >ops
	push 65 --apply scim <ops
	assert_says 'contradict each other'
	assert_equal "$(requests | grep -cv ^GET)" 0
}

@test "operations that say the same twice are no contradiction" {
	start_stand_in --users 3 --groups 1
	printf '%s\n' '{"op":"push-group","group":"Ops"}' '{"op":"push-group","group":"Ops"}' \
		'{"op":"push","user_name":"zoe","email":"Zoe@example.com"}' '{"op":"push","user_name":"zoe","email":"zoe@example.com"}' \
		'{"op":"deactivate","id":"u1"}' '{"op":"remove","id":"u1"}' >ops
	push 0 --apply scim <ops
	assert_equal "$(what | sort | uniq -c | sed 's/^ *//')" '2 already
4 done'
}

@test "all names of one user are one queue: never two requests about him at once" {
	local i name
	start_stand_in --users 6 --switch uneven-delay=30
	SCIM_TOKEN=$TOKEN scim-fetch --scope users "$url/scim/v2" >fetched
	for i in 1 2 3 4 5 6; do
		name=$(jq -r --arg id u$i 'select(.resource.id == $id).resource.userName' fetched)
		echo "{\"op\":\"update\",\"id\":\"u$i\",\"user_name\":\"$name\",\"display_name\":\"N\"}"
		echo "{\"op\":\"deactivate\",\"user_name\":\"${name^}\"}"
		echo "{\"op\":\"update\",\"id\":\"u$i\",\"external_id\":\"x$i\"}"
	done >ops
	: >"$log"
	push 0 --apply --jobs 8 --dialect scim scim <ops
	assert_equal "$(what | grep -vxE 'done|already')" ''
	assert_equal "$(jq -s 'map(select(.path | test("/Users/."))) | map(.same_path) | max' "$log")" 1
	[ "$(jq -s 'map(.in_flight) | max' "$log")" -gt 1 ]
}

@test "--max-changes counts what could not be looked at, and holds in the run as in the rehearsal" {
	local i
	start_stand_in --users 12 --switch fail-at=3:503:10
	for i in $(seq 1 12); do echo "{\"op\":\"deactivate\",\"id\":\"u$i\"}"; done >ops
	push 3 --apply --dialect scim --retries 0 --jobs 1 --max-changes 3 scim <ops
	assert_equal "$(requests | grep -cv ^GET)" 0
	assert_says 'nothing was changed'
	stop_stand_ins
	# the rehearsal finds two to deactivate and two that are so already; then these are not any more
	cat >served <<-'EOF'
		#!/bin/sh
		n=$(($(cat n 2>/dev/null || echo 0) + 1)) && echo $n >n
		[ "$1" ] || { set -- "$(cat last)" && : >"changed.${1##*/}"; }
		echo "$1" >last
		active=true
		case $1 in */u[34]) [ $n -gt 4 ] || active=false ;; esac
		[ ! -e "changed.${1##*/}" ] || active=false
		body="{\"id\":\"${1##*/}\",\"userName\":\"x\",\"active\":$active}"
		printf 'HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' "${#body}" "$body"
	EOF
	chmod +x served
	start_raw "$PWD/served"
	for i in 1 2 3 4; do echo "{\"op\":\"deactivate\",\"id\":\"u$i\"}"; done >ops
	push 3 --apply --dialect scim --retries 0 --jobs 1 --max-changes 2 scim <ops
	assert_equal "$(sent_writes)" 'PATCH PATCH'
	assert_equal "$(what | head -n 2 | sort -u)" 'done'
	assert_equal "$(what | tail -n 1)" 'skipped: 2 operations have changed something, and --max-changes allows no more'
	assert_says '--max-changes allows no more'
	assert_equal "$(jq -r 'select(.kind == "end").stopped' "$out")" '2 operations have changed something, and --max-changes allows no more'
}

# stream CHANGE...: a sealed change stream of them, read from the service
stream() {
	printf '%s\n' "$@" | sealed_kinds=none seal \
		"{\"kind\":\"begin\",\"format\":1,\"stage\":\"changes\",\"before\":{\"sources\":[{\"source\":\"scim\",\"origin\":\"$url/scim/v2\"}]},\"after\":{\"sources\":[]}}" \
		",\"changes\":$#,\"unknown\":0" >changes
}

@test "a value that is no longer the old one of the change stream is not overwritten" {
	cat >data <<-EOF
		{"kind":"user","id":"1","user_name":"ada@example.com","display_name":"Ada King","external_id":"x"}
		{"kind":"group","id":"7","name":"Money","members":[]}
	EOF
	start_stand_in --data data
	stream '{"kind":"change","event":"user.modified","source":"scim","id":"1","label":"ada@example.com","fields":{"display_name":["Ada Byron","Ada B"]}}' \
		'{"kind":"change","event":"group.renamed","source":"scim","id":"7","label":"Finance","fields":{"name":["Finance","Cash"]}}'
	push 76 --apply scim <changes
	assert_equal "$(what)" "failed: the name is 'Money' now, not 'Finance' as in the older snapshot: compare again
failed: display_name is 'Ada King' now, not 'Ada Byron' as in the older snapshot: compare again"
	assert_equal "$(requests | grep -cv ^GET)" 0
	# what is wanted already is no conflict, and the old value is none
	stream '{"kind":"change","event":"user.modified","source":"scim","id":"1","label":"ada@example.com","fields":{"display_name":["Ada Byron","Ada King"],"given_name":[null,"Ada"],"external_id":["x","y"]}}'
	push 0 scim <changes
	assert_equal "$(what)" planned
}

@test "a user of another name than the change stream says is left alone" {
	cat >data <<-EOF
		{"kind":"user","id":"1","user_name":"eve@example.com"}
	EOF
	start_stand_in --data data
	stream '{"kind":"change","event":"user.disabled","source":"scim","id":"1","label":"ada@example.com","fields":{"status":["enabled","disabled"]}}'
	push 76 --apply --allow-other-origin scim <changes
	assert_equal "$(what)" "failed: the user with this id is 'eve@example.com', not 'ada@example.com' as in the change stream"
	assert_equal "$(requests | grep -cv ^GET)" 0
}

@test "whoever a list shows and a gateway's 404 hides is said to be shown" {
	answered 76 failed "a list shows '1', and the service answers 404" '{"op":"remove","id":"1"}' \
		<<<"404 <html>;200 {\"totalResults\":1,\"Resources\":[{\"id\":\"1\",\"userName\":\"ada\"}]}"
	assert_equal "$(sent_writes)" ''
}

@test "whoever gets a name that another one gives up in the same plan is another one" {
	cat >data <<-EOF
		{"kind":"user","id":"1","user_name":"ada","display_name":"Ada Byron"}
		{"kind":"group","id":"7","name":"Ops","members":[]}
	EOF
	cat >changes.in <<-'EOF'
		{"kind":"change","event":"user.added","source":"scim","id":"9","label":"ada","after":{"kind":"user","source":"scim","id":"9","user_name":"ada","display_name":"Ada Smith"}}
		{"kind":"change","event":"user.renamed","source":"scim","id":"1","label":"ada","fields":{"user_name":["ada","ada.byron"]}}
		{"kind":"change","event":"group.added","source":"scim","id":"8","label":"Ops","after":{"kind":"group","source":"scim","id":"8","name":"Ops"}}
		{"kind":"change","event":"group.renamed","source":"scim","id":"7","label":"Ops","fields":{"name":["Ops","Old Ops"]}}
	EOF
	start_stand_in --data data --switch uneven-delay=30
	mapfile -t changes <changes.in
	stream "${changes[@]}"
	push 0 scim <changes
	assert_equal "$(jq -r 'select(.kind == "result") | "\(.op) \(.would_send[0].method) \(.would_send[0].path)"' "$out" | sort)" 'push POST /Users
push-group POST /Groups
rename-group PATCH /Groups/7
update PATCH /Users/1'
	push 0 --apply scim <changes
	assert_equal "$(what | sort -u)" 'done'
	assert_equal "$(directory | jq -r '.resource | "\(.id) \(.userName // .displayName) \(.displayName)"' | sed 's/^[^17 ][^ ]*/new/' | sort)" '1 ada.byron Ada Byron
7 Old Ops Old Ops
new Ops Ops
new ada Ada Smith'
	stop_stand_ins
	# and nobody gets it as long as the other one has it
	start_stand_in --data data --switch ignore-attribute=userName
	stream "${changes[@]:0:2}"
	push 77 --apply --retries 0 scim <changes
	assert_equal "$(what)" "refused: the service answered 200 and left new_user_name as it was
failed: the name still belongs to '1', which this plan renames: that did not succeed"
}

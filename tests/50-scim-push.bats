#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# scim-push: what is sent, byte for byte, and what is not.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# exchanges: method, path below the service, and body of each request since the last call
exchanges() {
	jq -r '"\(.method) \(.path | sub("^(/rudderstack|/stripe)?/scim/v2"; ""))\(if .query == "" then "" else "?" + .query end)\(if .body then " " + .body else "" end)"' "$log"
	: >"$log"
}

# assert_exchanges: they are exactly the lines on stdin
assert_exchanges() {
	local wanted
	wanted=$(cat)
	assert_equal "$(exchanges)" "$wanted"
}

# user NAME: what the plain service shows of a user, in short
user() {
	SCIM_TOKEN=$TOKEN scim-fetch --scope users "$url/scim/v2" |
		jq -c --arg name "$1" 'select(.resource.userName == $name).resource | [.displayName, .active]'
}

PATCH_OP='"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]'
USER='"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]'

# ada: a service with one user
ada() {
	cat >data <<-EOF
		{"kind":"user","id":"1","user_name":"ada@example.com","display_name":"Ada Byron"}
		{"kind":"group","id":"7","name":"Finance","members":[]}
	EOF
	start_stand_in --data data "$@"
}

# sent_by_hand: method, path below the service and body of each request to start_answers
sent_by_hand() {
	tr -d '\r' <"$raw_log" | sed -nE '/^(GET|POST|PUT|PATCH|DELETE) /{s/ HTTP.*//; s,/scim/v2,,; p}; /^\{/p'
}

# comes_to STATUS OUTCOME REASON OPERATION: what one operation comes to at the service of
# the answers on stdin
comes_to() {
	start_answers
	push "$1" --apply --jobs 1 --retries 0 --dialect scim scim <<<"$4"
	assert_sealed "$out"
	assert_equal "$(jq -r 'select(.kind == "result") | "\(.outcome): \(.reason)"' "$out")" "$2: $3"
}

@test "without --apply nothing but GET is sent, whatever is asked for, and nothing changes" {
	start_stand_in --users 6 --groups 2
	SCIM_TOKEN=$TOKEN scim-fetch "$url/scim/v2" | sed '1d;$d' >before
	cat >ops <<-EOF
		{"op":"push","user_name":"new@example.com","display_name":"New"}
		{"op":"push-group","group":"New group"}
		{"op":"add-member","user_name":"new@example.com","group":"New group"}
		{"op":"update","id":"u1","display_name":"Other","email":"other@example.com","new_user_name":"o@example.com"}
		{"op":"deactivate","id":"u2"}
		{"op":"reactivate","id":"u3"}
		{"op":"remove","id":"u4"}
		{"op":"add-member","id":"u5","group_id":"g1"}
		{"op":"remove-member","id":"u5","group_id":"g2"}
		{"op":"rename-group","group_id":"g1","new_group":"Other group"}
		{"op":"remove-group","group_id":"g2"}
	EOF
	: >"$log"
	for dialect in okta-oin okta-aiw entra scim; do
		push 0 --dialect "$dialect" --allow-removal --max-changes 100 scim <ops
		assert_equal "$(jq -r 'select(.outcome == "planned" and .sent) | .op' "$out")" ''
		assert_equal "$(jq -r .applied "$out" | head -n 1)" false
		assert_sealed "$out"
	done
	assert_equal "$(jq -r .method "$log" | sort -u)" GET
	assert_equal "$(jq -r .body_bytes "$log" | sort -u)" 0
	SCIM_TOKEN=$TOKEN scim-fetch "$url/scim/v2" | sed '1d;$d' >after
	cmp before after
}

@test "the fetchers do not hold the methods that change something" {
	local program
	for program in scim-fetch scalr-fetch normalize diff-snapshot; do
		assert_equal "$(grep -ac DELETE "$BUILD/$program")" 0
	done
	[ "$(grep -ac DELETE "$BUILD/scim-push")" -gt 0 ]
}

@test "a plan shows the very requests that --apply sends" {
	ada
	printf '%s\n' '{"op":"push","user_name":"bob@example.com","display_name":"Bob"}' \
		'{"op":"update","id":"1","display_name":"Ada Lovelace"}' >ops
	push 0 scim <ops
	jq -c '.would_send[]?' "$out" >planned
	push 0 --apply scim <ops
	jq -c '.sent[]? | del(.status)' "$out" | diff planned -
}

@test "Okta, an app of the catalogue: look up, POST; PUT of the merged object; PATCH without a path" {
	ada
	echo '{"op":"push","user_name":"a@b.c","given_name":"A","family_name":"B","email":"a@b.c","display_name":"A B","external_id":"00u1"}' >ops
	push 0 --apply --dialect okta-oin scim <ops
	assert_equal "$(outcomes)" 'push done'
	assert_exchanges <<-EOF
		GET /Users?filter=userName%20eq%20%22a%40b.c%22&startIndex=1&count=100
		POST /Users {$USER,"userName":"a@b.c","name":{"givenName":"A","familyName":"B"},"emails":[{"primary":true,"value":"a@b.c","type":"work"}],"displayName":"A B","externalId":"00u1","groups":[],"active":true}
		GET /Users/new-2
	EOF
	echo '{"op":"update","id":"1","display_name":"Ada Lovelace"}' >ops
	SCIM_TOKEN=$TOKEN scim-fetch --scope users "$url/scim/v2" | jq -c 'select(.resource.id == "1").resource' >resource
	: >"$log"
	push 0 --apply --dialect okta-oin scim <ops
	assert_exchanges <<-EOF
		GET /Users/1
		PUT /Users/1 $(sed 's/Ada Byron/Ada Lovelace/' resource)
		GET /Users/1
	EOF
	echo '{"op":"deactivate","user_name":"ada@example.com"}' >ops
	push 0 --apply --dialect okta-oin scim <ops
	assert_exchanges <<-EOF
		GET /Users?filter=userName%20eq%20%22ada%40example.com%22&startIndex=1&count=100
		PATCH /Users/1 {$PATCH_OP,"Operations":[{"op":"replace","value":{"active":false}}]}
		GET /Users/1
	EOF
	assert_equal "$(user ada@example.com)" '["Ada Lovelace",false]'
	: >"$log"
	echo '{"op":"reactivate","id":"1"}' >ops
	push 0 --apply --dialect okta-oin scim <ops
	assert_exchanges <<-EOF
		GET /Users/1
		PATCH /Users/1 {$PATCH_OP,"Operations":[{"op":"replace","value":{"active":true}}]}
		GET /Users/1
	EOF
}

@test "Okta, an app of the wizard: PUT for everything, active too" {
	ada
	echo '{"op":"deactivate","user_name":"ada@example.com"}' >ops
	SCIM_TOKEN=$TOKEN scim-fetch --scope users "$url/scim/v2" | jq -c 'select(.resource.id == "1").resource' >resource
	: >"$log"
	push 0 --apply --dialect okta-aiw scim <ops
	assert_exchanges <<-EOF
		GET /Users?filter=userName%20eq%20%22ada%40example.com%22&startIndex=1&count=100
		GET /Users/1
		PUT /Users/1 $(sed 's/"active":true/"active":false/' resource)
		GET /Users/1
	EOF
}

@test "PUT puts new names and a new address into what stands there, and keeps the rest" {
	local form
	for form in mixed absent; do
		start_stand_in --users 2 --switch emails-as=$form
		echo '{"op":"update","id":"u1","given_name":"Augusta","family_name":"King","email":"ada@king.example"}' >ops
		SCIM_TOKEN=$TOKEN scim-fetch --scope users "$url/scim/v2" | jq -c 'select(.resource.id == "u1").resource' >resource
		assert_equal "$(jq -r '.name | has("givenName", "familyName", "formatted")' resource | sort -u)" true
		push 0 --dialect okta-aiw scim <ops
		jq 'select(.kind == "result").would_send[0].body' "$out" >sent
		assert_equal "$(jq -c '.name | del(.givenName, .familyName)' sent)" \
			"$(jq -c '.name // {} | del(.formatted, .givenName, .familyName)' resource)"
		assert_equal "$(jq -c '.name | [.givenName, .familyName]' sent)" '["Augusta","King"]'
		assert_equal "$(jq -c '[.emails[] | .value? // . | select(. == "ada@king.example")]' sent)" '["ada@king.example"]'
		assert_equal "$(jq -c '.emails | length' sent)" "$(jq -c '[.emails // [] | length, 1] | max' resource)"
		assert_equal "$(jq -c 'del(.name, .emails)' sent)" "$(jq -c 'del(.name, .emails)' resource)"
		stop_stand_ins
	done
}

@test "what the service refuses is refused in its words; 401 stops everything; a redirect is a failure" {
	cat >ops <<-EOF
		{"op":"update","id":"1","display_name":"Other"}
		{"op":"add-member","id":"1","group_id":"7"}
	EOF
	ada --switch fail-at=2:403:1
	push 77 --apply --dialect scim --jobs 1 scim <ops
	assert_equal "$(outcomes)" 'update refused
add-member done'
	assert_regex "$(jq -r '.reason // empty' "$out")" '^HTTP 403'
	stop_stand_ins
	ada --switch fail-at=2:401:1
	push 77 --apply --dialect scim --jobs 1 scim <ops
	assert_equal "$(outcomes)" 'update refused
add-member skipped'
	assert_equal "$(exchanges | wc -l)" 2
	stop_stand_ins
	ada --switch fail-at=2:302:1
	push 76 --apply --dialect scim --jobs 1 scim <ops
	assert_equal "$(outcomes | head -n 1)" 'update failed'
	stop_stand_ins
	ada --switch fail-at=2:404:9
	push 76 --apply --dialect scim --jobs 1 scim <ops
	assert_equal "$(outcomes | head -n 1)" 'update failed'
}

@test "Entra: PATCH with a path an attribute, capitalised, True and False as text" {
	ada
	cat >ops <<-EOF
		{"op":"update","user_name":"ada@example.com","display_name":"Ada L","external_id":"x7"}
		{"op":"deactivate","user_name":"ada@example.com"}
		{"op":"add-member","user_name":"ada@example.com","group":"Finance"}
	EOF
	push 0 --apply --dialect entra scim <ops
	assert_exchanges <<-EOF
		GET /Users?filter=userName%20eq%20%22ada%40example.com%22
		PATCH /Users/1 {$PATCH_OP,"Operations":[{"op":"Replace","path":"displayName","value":"Ada L"},{"op":"Add","path":"externalId","value":"x7"}]}
		GET /Users/1
		GET /Groups?excludedAttributes=members&filter=displayName%20eq%20%22Finance%22
		GET /Groups/7
		PATCH /Groups/7 {$PATCH_OP,"Operations":[{"op":"Add","path":"members","value":[{"\$ref":null,"value":"1"}]}]}
		GET /Groups/7
		GET /Users/1
		PATCH /Users/1 {$PATCH_OP,"Operations":[{"op":"Replace","path":"active","value":"False"}]}
		GET /Users/1
	EOF
	echo '{"op":"remove-member","user_name":"ada@example.com","group":"Finance"}' >ops
	push 0 --apply --dialect entra scim <ops
	grep -qF "{\\\"op\\\":\\\"Remove\\\",\\\"path\\\":\\\"members\\\",\\\"value\\\":[{\\\"\$ref\\\":null,\\\"value\\\":\\\"1\\\"}]}" "$log"
	echo '{"op":"push","user_name":"e@b.c","given_name":"E","family_name":"F","external_id":"x"}' >ops
	: >"$log"
	push 0 --apply --dialect entra scim <ops
	exchanges | grep -qF 'POST /Users {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"externalId":"x","userName":"e@b.c","active":true,"emails":[{"primary":true,"value":"e@b.c","type":"work"}],"meta":{"resourceType":"User"},"name":{"formatted":"E F","givenName":"E","familyName":"F"},"roles":[]}'
}

@test "Okta's members: add with the display name, remove by a filter in the path, rename without a path" {
	ada
	cat >ops <<-EOF
		{"op":"add-member","user_name":"ada@example.com","group":"Finance"}
		{"op":"rename-group","group":"Finance","new_group":"Money"}
	EOF
	push 0 --apply --dialect okta-oin scim <ops
	echo '{"op":"remove-member","user_name":"ada@example.com","group":"Money"}' >ops
	push 0 --apply --dialect okta-oin scim <ops
	assert_equal "$(exchanges | grep PATCH)" "PATCH /Groups/7 {$PATCH_OP,\"Operations\":[{\"op\":\"replace\",\"value\":{\"id\":\"7\",\"displayName\":\"Money\"}}]}
PATCH /Groups/7 {$PATCH_OP,\"Operations\":[{\"op\":\"add\",\"path\":\"members\",\"value\":[{\"value\":\"1\",\"display\":\"ada@example.com\"}]}]}
PATCH /Groups/7 {$PATCH_OP,\"Operations\":[{\"op\":\"remove\",\"path\":\"members[value eq \\\"1\\\"]\"}]}"
}

@test "a second run finds everything as it should be and sends nothing but GET" {
	local dialect
	for dialect in okta-oin okta-aiw entra scim; do
		ada
		cat >ops <<-EOF
			{"op":"push","user_name":"bob@example.com","display_name":"Bob","given_name":"Bob","family_name":"B","email":"b@example.com","external_id":"x"}
			{"op":"push-group","group":"Sales"}
			{"op":"add-member","user_name":"bob@example.com","group":"Sales"}
			{"op":"rename-group","group":"Finance","new_group":"Money"}
			{"op":"update","user_name":"ADA@example.com","display_name":"Ada L","new_user_name":"ada.l@example.com"}
		EOF
		push 0 --apply --dialect $dialect scim <ops
		assert_equal "$(outcomes | cut -d' ' -f2 | sort -u)" 'done'
		: >"$log"
		push 0 --apply --dialect $dialect scim <ops
		assert_equal "$(outcomes | cut -d' ' -f2 | sort -u)" already
		assert_equal "$(jq -r .method "$log" | sort -u)" GET
		stop_stand_ins
	done
}

@test "a create that answers 409 links to the user who is there" {
	ada --switch filter-misses=1
	echo '{"op":"push","user_name":"ada@example.com","display_name":"Ada L"}' >ops
	push 0 --apply scim <ops
	assert_equal "$(outcomes)" 'push done'
	assert_equal "$(user ada@example.com)" '["Ada L",true]'
	assert_equal "$(jq -r 'select(.method != "GET") | "\(.method) \(.status)"' "$log")" 'POST 409
PATCH 200'
}

@test "what the service ignores without a word is refused, and says which" {
	ada --switch ignore-writes
	cat >ops <<-EOF
		{"op":"update","id":"1","display_name":"Other"}
		{"op":"add-member","id":"1","group_id":"7"}
		{"op":"rename-group","group":"Finance","new_group":"Money"}
	EOF
	push 77 --apply --dialect scim scim <ops
	assert_equal "$(outcomes)" 'rename-group refused
update refused
add-member refused'
	assert_equal "$(jq -r '.reason // empty' "$out")" 'the service answered 200 and left the name as it was
the service answered 200 and left display_name as it was
the service answered 200 and left the members as they were'
	printf '%s\n' '{"op":"remove","id":"1"}' '{"op":"remove-group","group_id":"7"}' >ops
	push 77 --apply --dialect scim scim <ops
	assert_equal "$(outcomes)" 'remove refused
remove-group refused'
	assert_equal "$(jq -r '.reason // empty' "$out")" 'the service answered 204 and left the user as it was
the service answered 204 and left the group as it was'
	stop_stand_ins
	ada --switch ignore-attribute=externalId
	echo '{"op":"push","user_name":"b@example.com","display_name":"B","external_id":"x"}' >ops
	push 0 --apply scim <ops
	assert_equal "$(jq -c 'select(.kind == "result") | [.outcome, .ignored]' "$out")" '["done",["external_id"]]'
}

@test "an answer that is lost after the write happened makes nothing twice" {
	local at
	for at in 2 3; do # the POST, then the GET that looks whether it is so
		ada --switch hang-up=$at:1
		echo '{"op":"push","user_name":"b@example.com","display_name":"B"}' >ops
		push 0 --apply --dialect scim --max-wait 1 scim <ops
		assert_equal "$(outcomes)" 'push done'
		assert_equal "$(jq -r 'select(.method == "POST") | .status' "$log")" 201
		stop_stand_ins
	done
}

@test "429 and 5xx: looked at again, and sent again only where nothing happened" {
	local status
	for status in 429 500 502 503; do
		ada --switch fail-at=2:$status:1 --switch retry-after=0
		echo '{"op":"update","id":"1","display_name":"Other"}' >ops
		push 0 --apply --dialect scim --retries 1 scim <ops
		assert_equal "$(exchanges | cut -c 1-20)" 'GET /Users/1
PATCH /Users/1 {"sch
GET /Users/1
PATCH /Users/1 {"sch
GET /Users/1'
		stop_stand_ins
		ada --switch fail-after=2:$status:1 --switch retry-after=0
		push 0 --apply --dialect scim --retries 1 scim <ops
		assert_equal "$(outcomes)" 'update done'
		assert_equal "$(exchanges | cut -c 1-20)" 'GET /Users/1
PATCH /Users/1 {"sch
GET /Users/1'
		stop_stand_ins
	done
}

@test "a change that failed for the last time is looked at once more: done, or known not to be, or unknown" {
	local was='200 {"id":"1","userName":"ada","active":true}' is='200 {"id":"1","userName":"ada","active":false}'
	local operation='{"op":"deactivate","id":"1"}'
	comes_to 0 'done' null "$operation" <<<"$was"$'\n503 {}\n'"$is"
	comes_to 75 failed 'HTTP 503 (the server says: {}), after 1 try' "$operation" <<<"$was"$'\n503 {}\n'"$was"
	assert_equal "$(sent_by_hand | grep -v '^{' | paste -sd ,)" 'GET /Users/1,PATCH /Users/1,GET /Users/1'
	comes_to 75 failed 'HTTP 503 (the server says: {}), after 1 try; whether the last change happened is not known' \
		"$operation" <<<"$was"$'\n503 {}\n503 {}'
	comes_to 75 failed 'HTTP 412: it was changed in between, after 1 try' "$operation" <<<"$was"$'\n412 {}\n'"$was"
	comes_to 0 already null "$operation" <<<"$was"$'\n412 {}\n'"$is"
}

@test "versions: If-Match is sent, and 412 leads to another look" {
	ada --switch etag --switch etag-fails=1
	printf '%s\n' '{"op":"update","id":"1","display_name":"Other"}' '{"op":"deactivate","id":"1"}' >ops
	push 0 --apply --dialect okta-oin --max-wait 1 scim <ops
	assert_equal "$(jq -r 'select(.method != "GET") | "\(.method) \(.headers["if-match"]) \(.status)"' "$log")" 'PUT W/"1.0" 412
PUT W/"1.0" 200
PATCH W/"1.1" 200'
	assert_equal "$(user ada@example.com)" '["Other",false]'
}

@test "a filter that the service ignores finds nobody, and makes nobody" {
	start_stand_in --users 150 --switch ignore-filter
	echo '{"op":"push","user_name":"zoe@nowhere.example","display_name":"Z"}' >ops
	push 76 --apply scim <ops
	assert_equal "$(outcomes)" 'push failed'
	jq -r '.reason // empty' "$out" | grep -q 'does not filter by'
	assert_equal "$(jq -r 'select(.method != "GET")' "$log")" ''
}

@test "names are quoted in filters, whatever they hold" {
	local name
	ada
	for name in 'a" or userName pr or userName eq "b' 'back\slash' 'ü☃ &?#%' "o'brien"; do
		jq -nc --arg n "$name" '{op: "deactivate", user_name: $n}' >ops
		: >"$log"
		push 76 --apply --dialect scim scim <ops
		jq -r .query "$log" | sed 's/^filter=//; s/&.*//' | head -n 1 |
			perl -pe 's/%(..)/chr hex $1/ge' >filter
		jq -nrj --arg n "$name" '"userName eq " + ($n | tojson)' | diff - <(tr -d '\n' <filter)
	done
	assert_equal "$(jq -r 'select(.method != "GET")' "$log")" ''
}

@test "an id that names another place in a path is never asked for and never written to" {
	local id
	cat >data <<-'EOF'
		{"kind":"user","id":"..","user_name":"evil@example.com","raw":{"id":"..","userName":"evil@example.com","active":true}}
		{"kind":"user","id":"a/../../b?x#y%2e","user_name":"odd@example.com"}
	EOF
	start_stand_in --data data
	for id in . ..; do
		echo "{\"op\":\"remove\",\"id\":\"$id\"}" >ops
		push 76 --apply --dialect scim scim <ops
	done
	assert_equal "$(exchanges)" ''
	echo '{"op":"remove","user_name":"evil@example.com"}' >ops
	push 76 --apply --dialect scim scim <ops
	assert_equal "$(jq -r 'select(.method != "GET")' "$log")" ''
	: >"$log"
	echo '{"op":"remove","user_name":"odd@example.com"}' >ops
	push 0 --apply --dialect scim scim <ops
	assert_equal "$(exchanges | grep DELETE)" 'DELETE /Users/a%2F..%2F..%2Fb%3Fx%23y%252e'
}

@test "an id and a name that are not the same user's are refused" {
	start_stand_in --users 3
	echo '{"op":"deactivate","id":"u1","user_name":"somebody.else@example.com"}' >ops
	push 76 --apply --dialect scim scim <ops
	assert_equal "$(outcomes)" 'deactivate failed'
	assert_equal "$(jq -r 'select(.method != "GET")' "$log")" ''
}

@test "members that a service does not show are not called changed: it is not proved" {
	ada --switch members-never
	echo '{"op":"add-member","id":"1","group_id":"7"}' >ops
	push 76 --apply --dialect scim scim <ops
	assert_equal "$(jq -r 'select(.kind == "result") | "\(.outcome): \(.reason)"' "$out")" \
		'failed: the service answered 200 and does not show members, so it is not proved'
}

@test "a closed pipe ends it before the next change; a full disk ends it with 74" {
	start_stand_in --users 9
	for i in 1 2 3 4 5 6 7 8 9; do echo "{\"op\":\"update\",\"id\":\"u$i\",\"display_name\":\"N\"}"; done >ops
	SCIM_BASE_URL=$url/scim/v2 SCIM_TOKEN=$TOKEN run_status 74 to_full scim-push --apply --jobs 1 --dialect scim scim <ops
	assert_equal "$(jq -r 'select(.method != "GET")' "$log")" ''
	SCIM_BASE_URL=$url/scim/v2 SCIM_TOKEN=$TOKEN run_status 141 to_nobody scim-push --apply --jobs 1 --dialect scim scim <ops
	assert_equal "$(jq -r 'select(.method != "GET")' "$log")" ''
}

@test "the deadline: what is under way may have happened, what is behind it has not" {
	start_stand_in --users 3 --switch hold-at=2
	printf '%s\n' '{"op":"update","id":"u1","display_name":"N"}' '{"op":"update","id":"u2","display_name":"N"}' >ops
	push 75 --apply --jobs 1 --deadline 1 --journal journal --dialect scim scim <ops
	assert_equal "$(outcomes)" 'update failed
update skipped'
	jq -r '.reason // empty' "$out" | head -n 1 | grep -q 'whether the last change happened is not known'
	change '{"op":"switch","name":"hold-at","value":"off"}'
	push 0 --apply --jobs 1 --journal journal --dialect scim scim <ops # the run is gone on with
	assert_equal "$(outcomes)" 'update done
update done'
	assert_equal "$(jq -r 'select(.method != "GET").path' "$log" | sort)" '/scim/v2/Users/u1
/scim/v2/Users/u2'
}

@test "one failure does not stop the others, and the exit status is the worst" {
	ada
	cat >ops <<-EOF
		{"op":"deactivate","user_name":"nobody@example.com"}
		{"op":"push","user_name":"b@example.com"}
		{"op":"update","user_name":"ada@example.com","display_name":"Ada L"}
	EOF
	push 76 --apply scim <ops
	assert_equal "$(outcomes)" 'push done
update done
deactivate failed'
	assert_sealed "$out"
}

@test "a wrong token stops everything with 77, a service that is not there with 69" {
	ada
	printf '%s\n' '{"op":"deactivate","id":"1"}' '{"op":"push","user_name":"b@c.d"}' >ops
	SCIM_TOKEN=wrong run_status 77 scim-push --apply --jobs 1 --dialect scim "$url/scim/v2" <ops
	assert_equal "$(outcomes)" 'push failed
deactivate skipped'
	stop_stand_ins
	SCIM_TOKEN=wrong run_status 69 scim-push --apply --jobs 1 --dialect scim "$url/scim/v2" <ops
	assert_equal "$(outcomes)" 'push failed
deactivate skipped'
}

@test "--max-changes stops before the first write, by number and by percentage, and counts only what would change" {
	start_stand_in --users 10
	for i in 1 2 3; do echo "{\"op\":\"update\",\"id\":\"u$i\",\"display_name\":\"New $i\"}"; done >ops
	for limit in 2 29%; do
		: >"$log"
		push 3 --apply --max-changes $limit scim <ops
		assert_equal "$(jq -r 'select(.method != "GET")' "$log")" ''
		assert_equal "$(outcomes | sort -u)" 'update planned'
		assert_sealed "$out"
		assert_says 'nothing was changed'
	done
	push 0 --apply --max-changes 30% scim <ops
	assert_equal "$(outcomes | sort -u)" 'update done'
	push 0 --apply --max-changes 0 scim <ops
	assert_equal "$(outcomes | sort -u)" 'update already'
}

@test "many users side by side, never two requests of one user at once" {
	local i
	start_stand_in --users 40 --groups 3 --switch uneven-delay=40
	for i in $(seq 1 40); do
		echo "{\"op\":\"update\",\"id\":\"u$i\",\"display_name\":\"New $i\"}"
		echo "{\"op\":\"deactivate\",\"id\":\"u$i\"}"
		echo "{\"op\":\"add-member\",\"id\":\"u$i\",\"group_id\":\"g$((i % 3 + 1))\"}"
	done >ops
	push 0 --apply --jobs 8 --dialect scim scim <ops
	assert_equal "$(outcomes | cut -d' ' -f2 | sort -u)" 'already
done'
	[ "$(jq -s 'map(.in_flight) | max' "$log")" -gt 3 ]
	assert_equal "$(jq -s 'map(select(.path | test("/(Users|Groups)/.")).same_path) | max' "$log")" 1
}

@test "results come in the order of the plan, whatever the jobs" {
	local jobs
	for jobs in 1 8; do
		start_stand_in --users 20 --switch uneven-delay=20
		for i in $(seq 20 -1 1); do echo "{\"op\":\"deactivate\",\"id\":\"u$i\"}"; done >ops
		push 0 --apply --jobs $jobs scim <ops
		jq -c 'select(.kind == "result") | [.user_id, .outcome]' "$out" >results.$jobs
		stop_stand_ins
	done
	cmp results.1 results.8
}

@test "input that is not valid changes nothing: 65 and the line" {
	local line
	ada
	while IFS= read -r line; do
		printf '%s\n' '{"op":"deactivate","id":"1"}' "$line" >ops
		push 65 --apply scim <ops
		assert_says 'line 2'
		assert_file_empty "$out"
	done <<-'EOF'
		{"op":"delete-everything"}
		{"op":"push"}
		{"op":"push","user_name":"a","surprise":1}
		{"op":"push","user_name":""}
		{"op":"update","id":"1"}
		{"op":"add-member","id":"1"}
		{"op":"deactivate","id":"1","id":"2"}
		{"user_name":"a"}
		["push"]
		{"op":"push","user_name":["a"]}
		{"op":"update","id":"1","active":false}
	EOF
	printf '%s\n' '{"op":"deactivate","id":"1"}' '{"op":"reactivate","id":"1"}' >ops
	push 65 --apply scim <ops
	assert_says 'contradict'
	: >ops
	push 65 --apply scim <ops
	assert_equal "$(exchanges)" ''
}

# ---- what a service may answer, made by hand ----

none='200 {"totalResults":0,"Resources":[]}'
gone='404 {"detail":"not here"}'

@test "whoever is shown in place of the one who was asked for is left alone, with or without an id" {
	local bob='"userName":"bob@example.com","active":true' list='{"totalResults":1,"Resources":[' line
	while IFS='|' read -r operation reason answers; do
		comes_to 76 failed "$reason" "$operation" <<<"${answers//;/$'\n'}"
		assert_equal "$(sent_by_hand | grep -cv ^GET)" 0
	done <<-EOF
		{"op":"deactivate","id":"1"}|the service shows '2' instead|200 {"id":"2",$bob}
		{"op":"remove","id":"1"}|the service shows '11' instead|200 {"id":11,$bob}
		{"op":"remove-group","group_id":"7"}|the service shows '8' instead|200 {"id":"8","displayName":"Finance"}
		{"op":"add-member","id":"1","group_id":"7"}|the service shows '2' instead|200 {"id":"2",$bob}
		{"op":"remove","id":"1"}|the service shows it without an id|200 {$bob}
		{"op":"remove","id":"1"}|the service shows it without an id|200 {"id":"",$bob}
		{"op":"remove","user_name":"bob@example.com"}|the service shows it without an id|200 $list{$bob}]}
		{"op":"remove-group","group":"Finance"}|the service shows it without an id|200 $list{"displayName":"Finance"}]}
		{"op":"remove-group","group":"Finance"}|the service shows '8' instead|200 $list{"id":"7","displayName":"Finance"}]};200 {"id":"8","displayName":"Finance"}
		{"op":"deactivate","id":"1"}|the service shows '..' instead|200 {"id":"..",$bob}
	EOF
}

@test "who was made and is not shown has failed, and is made once" {
	local user='{"op":"push","user_name":"bob@example.com"}' group='{"op":"push-group","group":"Sales"}'
	while IFS='|' read -r operation reason answers; do
		comes_to 76 failed "$reason" "$operation" <<<"${answers//;/$'\n'}"
		assert_equal "$(sent_by_hand | grep -c ^POST)" 1
	done <<-EOF
		$user|the service made the user and does not show it|$none;201 {"id":"9"};$gone
		$user|the service made the user and does not show it|$none;201 {};$none
		$user|the service says that the user is there (409) and does not show it|$none;409 {};$none
		$group|the service made the group and does not show it|$none;201 {"id":"9"};$gone
		$group|the service made the group and does not show it|$none;201 {};$none
		$group|the service says that the group is there (409) and does not show it|$none;409 {};$none
	EOF
}

@test "several who go by one name are nobody: nothing is sent" {
	cat >data <<-EOF
		{"kind":"user","id":"1","user_name":"ada@example.com","external_id":"x"}
		{"kind":"user","id":"2","raw":{"id":"2","userName":"ADA@example.com","externalId":"x","active":true}}
		{"kind":"group","id":"7","name":"Finance","members":[]}
		{"kind":"group","id":"8","raw":{"id":"8","displayName":"Finance"}}
	EOF
	start_stand_in --data data --switch ignore-filter
	cat >ops <<-EOF
		{"op":"deactivate","user_name":"ada@example.com"}
		{"op":"remove-group","group":"Finance"}
	EOF
	push 76 --apply scim <ops
	assert_equal "$(jq -r 'select(.kind == "result") | "\(.op) \(.outcome): \(.reason)"' "$out")" \
		"deactivate failed: 'ada@example.com' is not one but 2
remove-group failed: 'Finance' is not one but 2"
	push 76 --apply scim <<<'{"op":"push-group","group":"Finance"}'
	assert_equal "$(jq -r '.reason // empty' "$out")" "'Finance' is not one but 2"
	push 76 --apply --lookup externalId scim <<<'{"op":"push","user_name":"new@example.com","external_id":"x"}'
	assert_equal "$(jq -r '.reason // empty' "$out")" "'new@example.com' is not one but 2"
	assert_equal "$(jq -r 'select(.method != "GET")' "$log")" ''
}

@test "--lookup finds who is there by the value that a push sets, whatever the user name" {
	cat >data <<-EOF
		{"kind":"user","id":"1","user_name":"ada","email":"ada@example.com","display_name":"Ada","external_id":"x1"}
		{"kind":"user","id":"2","user_name":"new","email":"bob@example.com","display_name":"Bob","external_id":"x2"}
	EOF
	start_stand_in --data data
	echo '{"op":"push","user_name":"other","email":"ada@example.com","external_id":"x1","display_name":"Ada L"}' >ops
	for lookup in externalId emails.value; do
		push 0 --lookup $lookup scim <ops
		assert_equal "$(jq -r 'select(.kind == "result") | "\(.outcome) \(.would_send[0] | .method + " " + .path)"' "$out")" \
			'planned PATCH /Users/1'
	done
	push 0 scim <ops
	assert_equal "$(jq -r 'select(.kind == "result").would_send[0].method' "$out")" POST
	push 0 --lookup externalId scim <<<'{"op":"push","user_name":"new","external_id":"x3"}'
	assert_equal "$(jq -r 'select(.kind == "result").would_send[0].method' "$out")" POST
}

@test "nobody is no member to add, and needs not be taken out" {
	ada
	push 76 --apply scim <<<'{"op":"add-member","user_name":"nobody@example.com","group":"Finance"}'
	assert_equal "$(jq -r 'select(.kind == "result") | "\(.outcome): \(.reason)"' "$out")" \
		'failed: the service has no such user'
	push 0 --apply scim <<<'{"op":"remove-member","user_name":"nobody@example.com","group":"Finance"}'
	assert_equal "$(jq -r 'select(.kind == "result") | "\(.outcome): \(.reason)"' "$out")" \
		'already: the service has no such user'
	assert_equal "$(jq -r 'select(.method != "GET")' "$log")" ''
}

@test "active in any form is read back; where it is not shown, nothing is proved" {
	local form
	for form in string number; do
		ada --switch active-as=$form
		push 0 --apply scim <<<'{"op":"deactivate","id":"1"}'
		assert_equal "$(outcomes)" 'deactivate done'
		push 0 --apply scim <<<'{"op":"deactivate","id":"1"}'
		assert_equal "$(outcomes)" 'deactivate already'
		push 0 --apply scim <<<'{"op":"reactivate","id":"1"}'
		assert_equal "$(outcomes)" 'reactivate done'
		assert_equal "$(jq -r 'select(.method != "GET").method' "$log" | wc -l)" 2
		stop_stand_ins
	done
	for form in null absent; do
		ada --switch active-as=$form
		push 76 --apply scim <<<'{"op":"deactivate","id":"1"}'
		assert_equal "$(jq -r 'select(.kind == "result") | "\(.outcome): \(.reason)"' "$out")" \
			'failed: the service answered 200 and does not show active, so it is not proved'
		stop_stand_ins
	done
}

@test "a new address takes the place of the one that speaks for the user, and of no other" {
	local emails sent
	while IFS='|' read -r emails sent; do
		start_answers <<<"200 {\"id\":\"1\",\"userName\":\"ada\",\"active\":true$emails}"
		push 0 --dialect scim scim <<<'{"op":"update","id":"1","email":"n@x"}'
		assert_equal "$(jq -c 'select(.kind == "result").would_send[0].body.Operations[0] | [.op, .path, .value]' "$out")" "$sent"
	done <<-'EOF'
		|["add","emails",[{"primary":true,"value":"n@x","type":"work"}]]
		,"emails":[]|["add","emails",[{"primary":true,"value":"n@x","type":"work"}]]
		,"emails":[{"value":"a","type":"home"},{"value":"b","type":"Work"}]|["replace","emails[type eq \"work\"].value","n@x"]
		,"emails":[{"value":"a","type":"work"},{"value":"b","primary":true}]|["replace","emails[primary eq true].value","n@x"]
		,"emails":[{"value":"a","type":"work"},{"value":"b","type":"work","primary":true}]|["replace","emails[primary eq true].value","n@x"]
		,"emails":[{"value":"a","type":"home"},{"value":"b"}]|["replace","emails",[{"value":"n@x","type":"home"},{"value":"b"}]]
		,"emails":[{"value":"a","type":"work"},{"value":"b","type":"work"}]|["replace","emails",[{"value":"n@x","type":"work"},{"value":"b","type":"work"}]]
		,"emails":[{"value":"a","primary":true},{"value":"b","primary":true}]|["replace","emails",[{"value":"n@x","primary":true},{"value":"b","primary":true}]]
		,"emails":["a","b"]|["replace","emails",[{"primary":true,"value":"n@x","type":"work"},"b"]]
		,"emails":{"value":"a","type":"home"}|["add","emails",[{"value":"n@x","type":"home"}]]
	EOF
	# what a list shows may be less than all
	comes_to 0 'done' null '{"op":"update","user_name":"ada","email":"n@x"}' <<-'EOF'
		200 {"totalResults":1,"Resources":[{"id":"1","userName":"ada","emails":[{"value":"a"}]}]}
		200 {"id":"1","userName":"ada","emails":[{"value":"a"},{"value":"b"}]}
		200 {"id":"1","userName":"ada","emails":[{"value":"n@x"},{"value":"b"}]}
	EOF
	assert_equal "$(sent_by_hand | grep -o '"value":.*')" '"value":[{"value":"n@x"},{"value":"b"}]}]}'
}

@test "PUT sends back each part of a name, each address and whatever else the user has" {
	local user='"x":1e2,"name":{"formatted":"A B","honorificPrefix":"Dr","givenName":"A","middleName":"M"}'
	start_answers <<<"200 {\"id\":\"1\",\"userName\":\"ada\",$user,\"emails\":[{\"value\":\"a\"},{\"value\":\"b\",\"type\":\"work\",\"z\":0}]}"
	push 0 --dialect okta-aiw scim <<<'{"op":"update","id":"1","given_name":"C","email":"n@x"}'
	assert_equal "$(grep -o '"body":.*' "$out")" \
		"\"body\":{$USER,\"id\":\"1\",\"userName\":\"ada\",\"x\":1e2,\"name\":{\"honorificPrefix\":\"Dr\",\"middleName\":\"M\",\"givenName\":\"C\"},\"emails\":[{\"value\":\"a\"},{\"value\":\"n@x\",\"type\":\"work\",\"z\":0}]}}]}"
}

@test "a version that could break out of its header is none" {
	local version
	for version in 'W/\"1\"\r\nX-Evil: yes' 'é' '\t'; do
		comes_to 0 'done' null '{"op":"deactivate","id":"1"}' <<-EOF
			200 {"id":"1","userName":"ada","active":true,"meta":{"version":"$version"}}
			200 {}
			200 {"id":"1","userName":"ada","active":false}
		EOF
		assert_equal "$(grep -ciE '^(if-match|x-evil)' "$raw_log")" 0
	done
	comes_to 0 'done' null '{"op":"deactivate","id":"1"}' <<-EOF
		200 {"id":"1","userName":"ada","active":true,"meta":{"version":"W/\\"1\\""}}
		200 {}
		200 {"id":"1","userName":"ada","active":false}
	EOF
	assert_equal "$(grep -i '^if-match' "$raw_log" | tr -d '\r')" 'If-Match: W/"1"'
}

@test "a percentage of users whom the service does not count stops before the first write" {
	while IFS='|' read -r status words answer; do
		start_answers <<-EOF
			200 {"id":"1","userName":"ada","active":true}
			$answer
		EOF
		push "$status" --apply --jobs 1 --retries 0 --dialect scim --max-changes 50% scim <<<'{"op":"deactivate","id":"1"}'
		assert_says "$words"
		assert_file_empty "$out"
		assert_equal "$(sent_by_hand | grep -cv ^GET)" 0
	done <<-'EOF'
		77|HTTP 403|403 {"detail":"no lists"}
		76|HTTP 404|404 {}
		75|HTTP 503|503 {}
		76|expected a list|200 {"id":"1"}
		76|does not say how many|200 {"Resources":[{"id":"1"}]}
	EOF
}

# ---- the command line ----

@test "usage: 64" {
	ada
	push 64 --apply --removed maybe scim </dev/null
	push 64 --apply --dialect ldap scim </dev/null
	push 64 --apply --max-changes many scim </dev/null
	push 64 --apply --lookup 'userName pr or x' scim </dev/null
	push 64 --journal j scim </dev/null
	push 64 --token-file - scim </dev/null
	push 64 a b </dev/null
	push 64 --surprise scim </dev/null
	push 64 nowhere </dev/null
}

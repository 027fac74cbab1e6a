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
		$remove|shows others|404 <html>;200 {"totalResults":1,"Resources":[$ada]}
		$remove|not whole|404 <html>;200 {"totalResults":7,"Resources":[]}
		$by_name|HTTP 404|$gone
		$by_name|HTTP 404|404 <html>
		$by_name|no list|200 {"Resources":null}
		$by_name|no list|200 {"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"]}
		$by_name|shows others|200 {"totalResults":0,"Resources":[{"id":"2","userName":"bob"}]}
		$by_name|shows others|200 {"totalResults":1,"Resources":[{"id":"2","userName":"bob"}]}
		$by_name|not whole|200 {"totalResults":3,"Resources":[]}
		$by_name|not whole|200 {"totalResults":0,"Resources":[],"nextCursor":"c"}
		{"op":"remove-group","group_id":"7"}|HTTP 404|404 <html>
		{"op":"remove-group","group":"Finance"}|no list|200 {"Resources":null}
		{"op":"push","user_name":"ada"}|no list|200 {"Resources":null}
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

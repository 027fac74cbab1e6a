#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# scim-push: many additions to one group. They go together where the service takes them so,
# and each result says what came of its own operation.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

ERROR='"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"]'
GROUP='"id":"7","displayName":"Ops"'

# group MEMBER...: the answer that shows the group with them
group() {
	local list=
	[ $# -eq 0 ] || list=$(printf ',{"value":"%s"}' "$@")
	echo "200 {$GROUP,\"members\":[${list#,}]}"
}

# add ID...: the operations
add() {
	printf '{"op":"add-member","id":"%s","group_id":"7"}\n' "$@"
}

# added STATUS [OPTION...]: adds 1 and 2 at the service of the answers to the requests for the
# group on stdin, a line each
added() {
	local answers
	answers=$(printf '200 {"id":"%s","userName":"n%s"}\n' 1 1 2 2 && cat)
	start_answers <<<"$answers"
	add 1 2 >ops
	push "$1" --apply --jobs 1 --retries 0 --dialect scim "${@:2}" scim <ops
	assert_sealed "$out"
	jq -r 'select(.kind == "result") | "\(.user_id) \(.outcome)\(if .reason then ": " + .reason else "" end)"' "$out" >ends
}

# patches: the members that each PATCH named, of start_answers
patches() {
	tr -d '\r' <"$raw_log" | grep '^{' | jq -r '[.Operations[].value[].value] | join("+")' | paste -sd' '
}

@test "sixty additions to a group are one request, and two reads of the group" {
	start_stand_in --users 70 --groups 1 --members 0
	# shellcheck disable=SC2046 # a word each
	add $(seq -f u%g 1 60) | sed 's/"7"/"g1"/' >ops
	push 0 --apply --dialect scim scim <ops
	assert_equal "$(outcomes | sort | uniq -c | xargs)" '60 add-member done'
	assert_equal "$(requests | grep /Groups)" 'GET /scim/v2/Groups/g1
PATCH /scim/v2/Groups/g1
GET /scim/v2/Groups/g1'
	# the whole request stands in one result, and each says that it was sent
	assert_equal "$(jq -s 'map(select(.kind == "result").sent[] | select(.body).body.Operations[].value[]) | length' "$out")" 60
	assert_equal "$(jq -c 'select(.kind == "result").sent | map([.method, .path, .status, .shared])' "$out" | sort | uniq -c | xargs)" \
		'1 [[PATCH,/Groups/g1,200,null]] 59 [[PATCH,/Groups/g1,200,true]]'
	push 0 --apply --dialect scim scim <ops
	assert_equal "$(outcomes | sort -u)" 'add-member already'
}

@test "no request adds more than a hundred members" {
	start_stand_in --users 250 --groups 1 --members 0
	# shellcheck disable=SC2046 # a word each
	add $(seq -f u%g 1 250) | sed 's/"7"/"g1"/' >ops
	push 0 --apply --dialect entra scim <ops
	assert_equal "$(outcomes | sort | uniq -c | xargs)" '250 add-member done'
	jq -s 'map(select(.kind == "result").sent[] | select(.body).body.Operations[].value | length)[]' "$out" >sizes
	[ "$(sort -n sizes | tail -n 1)" -le 100 ] || fail "$(cat sizes)"
	assert_equal "$(awk '{n += $1} END {print n}' sizes)" 250
	[ "$(requests | grep -c ^PATCH)" -le 5 ] || fail "$(requests | grep -c ^PATCH) requests"
}

@test "a plan shows each addition as it would be alone, and is the same when it is looked at again" {
	start_stand_in --users 9 --groups 1 --members 0
	add u1 u2 u3 | sed 's/"7"/"g1"/' >ops
	push 0 --dialect scim --format ndjson scim <ops
	cp "$out" plan
	assert_equal "$(jq -r 'select(.kind == "result").would_send[].body.Operations[].value[].value' plan | xargs)" 'u1 u2 u3'
	assert_only_get
	push 0 --apply --dialect scim --jobs 1 --plan plan scim
	assert_equal "$(outcomes | sort | uniq -c | xargs)" '3 add-member done'
	assert_equal "$(requests | grep -c ^PATCH)" 1
}

@test "who is in the group already is not sent with the others" {
	added 0 <<-EOF
		$(group 1)
		200 {}
		$(group 1 2)
	EOF
	assert_equal "$(cat ends)" '1 already
2 done'
	assert_equal "$(patches)" 2
}

@test "what a service refuses for several is asked for one by one, and each has its own answer" {
	local status answers
	for status in 400 413 501 500; do
		answers=$(
			group
			echo "$status {$ERROR,\"detail\":\"one at a time\"}"
			[ $status != 500 ] || group # did it happen?
			group
			echo '200 {}'
			group 1
			group 1
			echo "403 {$ERROR,\"detail\":\"not him\"}"
		)
		added 77 <<<"$answers"
		assert_equal "$(cat ends)" "1 done
2 refused: HTTP 403 (the server says: not him)"
		assert_equal "$(patches)" '1+2 1 2'
		assert_equal "$(jq -c 'select(.kind == "result") | [.sent[].status]' "$out" | paste -sd' ')" \
			"[$status,200] [$status,403]"
		stop_stand_ins
	done
}

@test "what a service takes of several is done, and the others are asked for one by one" {
	added 77 <<-EOF
		$(group 3)
		200 {}
		$(group 3 1)
		$(group 3 1)
		200 {}
		$(group 3 1)
	EOF
	assert_equal "$(cat ends)" '1 done
2 refused: the service answered 200 and left the members as they were'
	assert_equal "$(patches)" '1+2 2'
}

@test "members who vanish beside several additions are named in the result of each" {
	added 76 <<-EOF
		$(group 3 4)
		200 {}
		$(group 1 2 4)
	EOF
	assert_equal "$(cat ends)" '1 failed: the change is made, but the group lost 1 other member: 3
2 failed: the change is made, but the group lost 1 other member: 3'
	added 0 <<-EOF
		$(group 3)
		200 {}
		$(group 1 2 3 4)
	EOF
	assert_equal "$(cat ends)" '1 done: the group has 1 other new member
2 done: the group has 1 other new member'
}

@test "several additions whose answer is lost are looked at, and a run that continues sends none twice" {
	start_stand_in --users 9 --groups 1 --members 0 --switch fail-at=5:504:2
	add u1 u2 u3 | sed 's/"7"/"g1"/' >ops
	push 75 --apply --jobs 1 --retries 0 --dialect scim --journal journal scim <ops
	assert_equal "$(outcomes | sort | uniq -c | xargs)" '3 add-member failed'
	assert_equal "$(jq -r .kind journal | uniq -c | xargs)" '1 run 3 write 3 wrote 3 settled'
	push 0 --apply --jobs 1 --dialect scim --journal journal scim <ops
	assert_equal "$(outcomes | sort | uniq -c | xargs)" '3 add-member done'
	assert_equal "$(tail -n 1 journal | jq -r .kind)" end
	assert_equal "$(answered 200 | xargs)" "$(($(requests | wc -l) - 2))"
	# the journal as a kill leaves it when the request has been sent
	tail -n +11 journal | jq -r .kind | uniq -c | xargs >kinds
	assert_equal "$(cat kinds)" '3 write 3 wrote 3 settled 1 end'
	head -n 13 journal >killed
	chmod 600 killed
	: >"$log"
	push 0 --apply --jobs 1 --dialect scim --journal killed scim <ops
	assert_equal "$(outcomes | sort | uniq -c | xargs)" '3 add-member done'
	assert_equal "$(requests | grep -c ^PATCH || true)" 0
	assert_equal "$(tail -n 1 killed | jq -r .kind)" end
}

@test "groups that wait for each other's users come to an end" {
	local jobs
	for jobs in 1 4; do
		start_stand_in --users 9 --groups 2 --members 0
		printf '{"op":"add-member","id":"%s","group_id":"%s"}\n' u1 g1 u2 g2 u1 g2 u2 g1 u3 g1 u3 g2 >ops
		push 0 --apply --jobs $jobs --dialect scim scim <ops
		assert_equal "$(outcomes | sort | uniq -c | xargs)" '6 add-member done'
		stop_stand_ins
	done
}

#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# scim-push: many changes of the members of one group. They go together where the service takes
# them so, and each result says what came of its own operation.

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
	start_answers
	add 1 2 >ops
	push "$1" --apply --jobs 1 --retries 0 --dialect scim "${@:2}" scim <ops
	assert_sealed "$out"
	jq -r 'select(.kind == "result") | "\(.user_id) \(.outcome)\(if .reason then ": " + .reason else "" end)"' "$out" >ends
}

# user ID: the answer that shows a user
user() {
	echo "200 {\"id\":\"$1\",\"userName\":\"n$1\"}"
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
			user 1
			group
			echo '200 {}'
			group 1
			user 2
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
		$(user 2)
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
	start_stand_in --users 9 --groups 1 --members 0 --switch fail-at=2:504:2
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

@test "sixty who are taken out of a group are one request, in the words of each dialect" {
	local dialect
	for dialect in scim entra okta-oin; do
		start_stand_in --users 70 --groups 1 --members 70
		seq -f '{"op":"remove-member","id":"u%g","group_id":"g1"}' 1 60 >ops
		push 0 --apply --dialect $dialect scim <ops
		assert_equal "$(outcomes | sort | uniq -c | xargs)" '60 remove-member done'
		assert_requests <<-'EOF'
			GET /scim/v2/Groups/g1
			PATCH /scim/v2/Groups/g1
			GET /scim/v2/Groups/g1
		EOF
		push 0 --apply --dialect $dialect scim <ops
		assert_equal "$(outcomes | sort -u)" 'remove-member already'
		stop_stand_ins
	done
}

@test "of a request that is refused, the halves are tried, and whoever is to blame has an answer of his own" {
	local patches
	start_stand_in --users 32 --groups 1 --members 0
	# shellcheck disable=SC2046 # a word each
	add $(seq -f u%g 1 32) | sed 's/"7"/"g1"/; s/"u21"/"u99"/' >ops
	push 76 --apply --retries 0 --dialect scim scim <ops
	assert_equal "$(outcomes | sort | uniq -c | xargs)" '31 add-member done 1 add-member failed'
	assert_equal "$(jq -r 'select(.outcome == "failed") | "\(.user_id) \(.reason)"' "$out")" 'u99 the service has no such user'
	patches=$(requests | grep -c ^PATCH)
	[ "$patches" -le 10 ] || fail "$patches requests"
}

@test "a service that takes one member a request is asked so after a few tries" {
	local patches
	start_stand_in --users 24 --groups 2 --members 24 --switch members-at-once
	{
		# shellcheck disable=SC2046 # a word each
		add $(seq -f u%g 1 24) | sed 's/"7"/"g2"/'
		seq -f '{"op":"remove-member","id":"u%g","group_id":"g1"}' 1 24
	} >ops
	push 0 --apply --retries 0 --dialect scim scim <ops
	assert_equal "$(jq -r 'select(.kind == "result") | .op + " " + .outcome' "$out" | grep -vE ' (done|already)$')" ''
	patches=$(answered 400)
	[ "$patches" -le 6 ] || fail "$patches requests were refused"
	assert_equal "$(directory | grep -c '"id":"g2".*"u24"')" 1
	assert_equal "$(directory | grep -c '"id":"g1".*"members":\[\]')" 1
}

@test "whoever is named by name is found with the others: by one filter, or in the list of all users" {
	local switches wanted
	while IFS='|' read -r switches wanted; do
		# shellcheck disable=SC2086 # words
		start_stand_in --users 70 --groups 1 --members 5 $switches
		SCIM_TOKEN=$TOKEN scim-fetch --scope users "$url/scim/v2" |
			jq -c 'select(.kind == "user" and (.resource.id | ltrimstr("u") | tonumber) <= 60) |
				{op: "add-member", user_name: .resource.userName, group: "Group 1"}' >ops
		name=$(SCIM_TOKEN=$TOKEN scim-fetch "$url/scim/v2" | jq -r 'select(.kind == "group").resource.displayName')
		sed -i "s/Group 1/$name/" ops
		: >"$log"
		push 0 --apply --dialect scim scim <ops
		assert_equal "$(outcomes | sort | uniq -c | xargs)" '5 add-member already 55 add-member done'
		assert_equal "$(requests | sed 's/?filter=[a-zA-Z]*%20eq.*%20or%20.*/?filter=or/; s/?filter=displayName.*/?filter=name/; s/^\([A-Z]*\) .scim.v2/\1 /' | xargs)" "$wanted"
		stop_stand_ins
	done <<-'EOF'
		|GET /Users?filter=or GET /Groups?filter=name PATCH /Groups/g1 GET /Groups/g1
		--switch no-or|GET /Users?filter=or GET /Users?startIndex=1&count=10000 GET /Groups?filter=name PATCH /Groups/g1 GET /Groups/g1
		--switch no-or --switch count-max=100|GET /Users?filter=or GET /Users?startIndex=1&count=10000 GET /Users?startIndex=1&count=100 GET /Groups?filter=name PATCH /Groups/g1 GET /Groups/g1
		--switch filter-misses=1|GET /Users?filter=or GET /Users?startIndex=1&count=10000 GET /Groups?filter=name PATCH /Groups/g1 GET /Groups/g1
	EOF
}

@test "whoever is not found so, or found twice, is looked up alone: nobody is absent by such a list" {
	local switches zoe
	cat >data <<-EOF
		{"kind":"user","id":"1","user_name":"ada"}
		{"kind":"user","id":"2","user_name":"bob"}
		{"kind":"user","id":"3","user_name":"eve"}
		{"kind":"user","id":"4","user_name":"EVE"}
		{"kind":"group","id":"7","name":"Ops","members":["1"]}
	EOF
	printf '{"op":"add-member","user_name":"%s","group_id":"7"}\n' ada bob eve zoe >ops
	for switches in '' '--switch no-or' '--switch no-or --switch cap=2' '--switch ignore-filter'; do
		# shellcheck disable=SC2086 # words
		start_stand_in --data data $switches
		push 76 --apply --dialect scim scim <ops
		jq -r 'select(.kind == "result") | "\(.user_name) \(.outcome)\(if .reason then ": " + .reason else "" end)"' "$out" | sort >ends
		if [[ $switches == *ignore-filter ]]; then
			zoe="the service does not filter by 'zoe': it shows others, so nothing is known"
		else
			zoe='the service has no such user'
		fi
		assert_equal "$(cat ends)" "ada already
bob done
eve failed: 'eve' is not one but 2
zoe failed: $zoe"
		stop_stand_ins
	done
}

@test "sixty additions by name to a group of 5,000 are six requests, also where no filter has \"or\"" {
	{
		seq 1 5060 | sed 's/.*/{"kind":"user","id":"&","user_name":"p&@example.com"}/'
		printf '{"kind":"group","id":"7","name":"Big","members":[%s]}\n' "$(seq -f '"%g"' 1 5000 | paste -sd,)"
	} >data
	start_stand_in --data data --switch no-or
	seq 5001 5060 | sed 's/.*/{"op":"add-member","user_name":"p&@example.com","group":"Big"}/' >ops
	push 0 --apply scim <ops
	assert_equal "$(outcomes | sort | uniq -c | xargs)" '60 add-member done'
	assert_equal "$(wc -l <"$log")" 6
}

@test "a user whom the plan itself names anew is not found before that" {
	cat >data <<-EOF
		{"kind":"user","id":"1","user_name":"ada"}
		{"kind":"user","id":"2","user_name":"bob"}
		{"kind":"user","id":"3","user_name":"eve"}
		{"kind":"user","id":"4","user_name":"kim"}
		{"kind":"group","id":"7","name":"Ops","members":[]}
	EOF
	start_stand_in --data data
	printf '{"op":"add-member","user_name":"%s","group_id":"7"}\n' ada bob eve kim >ops
	echo '{"op":"update","id":"4","user_name":"kim","display_name":"K"}' >>ops
	push 0 --apply --dialect scim scim <ops
	refute grep -q 'or%20userName%20eq%20%22kim' "$log"
	assert_equal "$(outcomes | sort | uniq -c | xargs)" '4 add-member done 1 update done'
}

@test "memberships of one user in several groups go side by side, those in one group do not" {
	local group
	start_stand_in --users 5 --groups 8 --members 0 --switch uneven-delay=40
	for group in 1 2 3 4 5 6 7 8; do echo "{\"op\":\"add-member\",\"id\":\"u1\",\"group_id\":\"g$group\"}"; done >ops
	echo '{"op":"deactivate","id":"u1"}' >>ops
	push 0 --apply --jobs 8 --dialect scim scim <ops
	assert_equal "$(outcomes | cut -d' ' -f2 | sort | uniq -c | xargs)" '9 done'
	[ "$(jq -s 'map(select(.path | test("Groups")).in_flight) | max' "$log")" -gt 3 ] || fail "$(cat "$log")"
	assert_equal "$(jq -s 'map(select(.path | test("Groups")).same_path) | max' "$log")" 1
	# access is taken away when the memberships are there
	assert_equal "$(jq -rs 'map(select(.method != "GET")) | .[-1].path' "$log")" /scim/v2/Users/u1
}

@test "a look at users by id and by name goes side by side, too" {
	start_stand_in --users 12 --switch uneven-delay=40
	seq -f '{"op":"deactivate","id":"u%g"}' 1 8 >ops
	echo '{"op":"push","user_name":"new@example.com"}' >>ops
	push 0 --jobs 8 --dialect scim scim <ops
	[ "$(jq -s 'map(.in_flight) | max' "$log")" -gt 3 ] || fail "$(cat "$log")"
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

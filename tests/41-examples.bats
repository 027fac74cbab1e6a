# SPDX-License-Identifier: ISC
# The scripts of examples/ do what their heads say.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	start_stand_in --users 30
	export BATON_RUDDERSTACK_SCIM_BASE_URL=$url/rudderstack/scim/v2 \
		BATON_RUDDERSTACK_SCIM_TOKEN=$TOKEN \
		BATON_STRIPE_SCIM_BASE_URL=$url/stripe/scim/v2 BATON_STRIPE_SCIM_TOKEN=$TOKEN \
		BATON_SCALR_BASE_URL=$url BATON_SCALR_API_TOKEN=$TOKEN
	PATH=$ROOT/examples:$PATH
	mkdir kept bin
	# the scripts start jq some hundred times
	QUICK_JQ=$(type -P jq)
	export QUICK_JQ
	[ ! -x "$BUILD/tests/quick-jq" ] || ln -s "$BUILD/tests/quick-jq" bin/jq
	PATH=$PWD/bin:$PATH
}

# twelve_leave: more than --max-removed allows of 30.
twelve_leave() {
	local i
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		change "{\"op\":\"remove-user\",\"id\":\"u$i\"}"
	done
}

# ---- snapshot-history ----

# repository: an empty one; no configuration but its own.
repository() {
	command -v git >/dev/null || skip 'git is not there'
	export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=t \
		GIT_AUTHOR_EMAIL=t@example.com GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@example.com
	git init --quiet repo
}

# keep STATUS [OPTION...]: fetches and hands it to snapshot-history.
keep() {
	local status=$1
	shift
	scim-fetch stripe >fetched 2>fetch.err || true
	run_status "$status" snapshot-history repo "$@" <fetched
}

commits() {
	git -C repo rev-list --count HEAD
}

@test "snapshot-history makes one commit for each change, with the difference as its message" {
	repository
	keep 0
	assert_equal "$(commits)" 1
	change '{"op":"deactivate","id":"u3"}' '{"op":"add-user","id":"u99","user_name":"#mei@example.com"}'
	keep 0
	assert_file_empty "$out"
	assert_equal "$(commits)" 2
	git -C repo log -1 --format=%B >message
	assert_equal "$(sed -n 1p message)" '2 changes: 1 user.added, 1 user.disabled'
	assert_equal "$(sed -n 2p message)" ''
	assert_equal "$(grep -c '^[+~] stripe' message)" 2
	git -C repo show HEAD:snapshot.ndjson >committed
	assert_sealed committed
	run_status 0 cmp committed repo/snapshot.ndjson
}

@test "snapshot-history leaves the repository as it is where nothing or only a volatile member changed" {
	repository
	keep 0
	cp repo/snapshot.ndjson before
	keep 0
	change '{"op":"deactivate","id":"u3"}' '{"op":"activate","id":"u3"}'
	keep 0
	assert_equal "$(commits)" 1
	run_status 0 cmp before repo/snapshot.ndjson
	assert_equal "$(git -C repo status --porcelain)" ''
	keep 0 --all-fields
	assert_equal "$(commits)" 2
}

@test "snapshot-history commits nothing when a provider refuses the token" {
	repository
	keep 0
	cp repo/snapshot.ndjson before
	change '{"op":"switch","name":"users-status","value":"401"}'
	keep 77
	assert_equal "$(commits)" 1
	run_status 0 cmp before repo/snapshot.ndjson
	assert_equal "$(git -C repo status --porcelain)" ''
	assert_equal "$(find repo/.git -name 'rollcall-*')" ''
}

@test "snapshot-history commits nothing when too much is gone, unless told so" {
	repository
	keep 0
	twelve_leave
	keep 3
	assert_says 'UNCONFIRMED'
	assert_equal "$(commits)" 1
	keep 0 --max-removed 100%
	assert_equal "$(commits)" 2
}

@test "snapshot-history commits what an earlier run left uncommitted" {
	repository
	keep 0
	change '{"op":"deactivate","id":"u3"}'
	scim-fetch stripe >fetched
	run_status 0 normalize -o repo/snapshot.ndjson fetched
	git -C repo add snapshot.ndjson
	keep 0
	assert_equal "$(commits)" 2
	assert_equal "$(git -C repo status --porcelain)" ''
}

# ---- leavers ----

# staff FILTER: the HR file, of what the stand-in has, through jq.
staff() {
	scim-fetch --scope users stripe >fetched 2>fetch.err
	run_status 0 normalize -o people fetched
	jq -c "select(.kind == \"user\") | {user_name} | $1" people >staff.ndjson
}

@test "leavers is silent where everybody who can get in works here" {
	staff .
	run_status 0 leavers staff.ndjson
	assert_file_empty "$out"
	assert_quiet
}

@test "leavers takes the list of the HR system as it comes: CSV of a spreadsheet, with people who have left" {
	staff .
	{ read -r gone && read -r listed; } < <(jq -r 'select(.status == "enabled").user_name' people)
	sed -i -e "/\"$gone\"/d" -e "/\"$listed\"/s/}/,\"status\":\"disabled\"}/" staff.ndjson
	printf '\xef\xbb\xbfE-Mail;Name;State\r\n' >staff.csv
	jq -r '"\(.user_name | ascii_upcase);x;\(if .status == "disabled" then "gone" else "Aktiv" end)\r"' staff.ndjson >>staff.csv
	run_status 1 leavers staff.ndjson
	cp "$out" expected
	run_status 1 leavers staff.csv
	cmp "$out" expected
}

@test "leavers prints who is not listed, or listed as gone, and has an account that is not disabled" {
	staff .
	{ read -r gone && read -r listed; } < <(jq -r 'select(.status == "enabled").user_name' people)
	sed -i -e "/\"$gone\"/d" -e "/\"$listed\"/s/}/,\"status\":\"disabled\"}/" staff.ndjson
	run_status 1 leavers staff.ndjson
	for service in rudderstack scalr stripe; do
		printf '%s  %s\n' "$service" "$gone" "$service" "$listed"
	done | sort >want
	run diff want <(sort "$out")
	assert_success
	assert_quiet
	# one of them is shut out at every service
	id=$(jq -r --arg name "$gone" 'select(.user_name == $name).id' people)
	change "{\"op\":\"deactivate\",\"id\":\"${id##*_}\"}"
	run_status 1 leavers staff.ndjson
	assert_equal "$(cut -d' ' -f3 "$out" | sort -u)" "$listed"
}

@test "leavers does not count accounts that are disabled, however many there are" {
	staff .
	jq -r 'select(.kind == "user" and .status == "enabled").id' people | sed 's/.*_//' | head -n 15 |
		while read -r id; do change "{\"op\":\"deactivate\",\"id\":\"$id\"}"; done
	jq -c 'select(.kind == "user") | {user_name}' people | tail -n 1 >staff.ndjson
	jq -r 'select(.kind == "user" and .status == "enabled").user_name' people | sed 1,15d >still
	sed 's/.*/{"user_name":"&"}/' still >>staff.ndjson
	sort -u -o staff.ndjson staff.ndjson
	run_status 0 leavers staff.ndjson
	assert_file_empty "$out"
	assert_quiet
}

@test "leavers does not care for the case of names, nor for who is listed and has no account" {
	staff '.user_name |= ascii_upcase'
	echo '{"user_name":"new@example.com"}' >>staff.ndjson
	run_status 0 leavers staff.ndjson
	assert_file_empty "$out"
}

@test "leavers ends with 3 where the HR file lacks so many that it may be cut, and prints them" {
	staff .
	sed -i 12q staff.ndjson
	run_status 3 leavers staff.ndjson
	assert_says 'more than --max-removed allows'
	[ "$(grep -c '^stripe  ' "$out")" -ge 11 ] || fail "$(cat "$out")"
	run_status 1 leavers staff.ndjson --max-removed 100%
}

@test "leavers refuses an HR file that is empty, cut or not there, and one with a name twice" {
	: >staff.ndjson
	run_status 65 leavers staff.ndjson
	printf '{"user_name":"ada"}' >staff.ndjson
	run_status 65 leavers staff.ndjson
	assert_says 'cut off'
	printf '%s\n' '{"user_name":"ada","id":1}' '{"user_name":"Ada","id":2}' >staff.ndjson
	run_status 65 leavers staff.ndjson
	assert_says 'both called'
	assert_file_empty "$out"
	run_status 64 leavers nowhere
	run_status 64 leavers
}

@test "leavers calls nobody gone at a service that refuses the token" {
	staff .
	sed -i 7d staff.ndjson
	change '{"op":"switch","name":"rudderstack:users-status","value":"401"}'
	run_status 77 leavers staff.ndjson
	assert_file_empty "$out"
	assert_says 'refused with HTTP 401'
}

@test "leavers prints names that a terminal would act on as what they are not" {
	staff .
	change '{"op":"add-user","id":"u98","user_name":"e\u001b[2Jve\u202e"}'
	run_status 1 leavers staff.ndjson
	assert_equal "$(grep -cF 'e\u{1B}[2Jve\u{202E}' "$out")" "$(wc -l <"$out")"
	change '{"op":"remove-user","id":"u98"}'
	# named NAME...: somebody for each, at each of the three services, is in what leavers prints
	named() {
		local name i=0
		for name; do change "{\"op\":\"add-user\",\"id\":\"n$((i += 1))\",\"user_name\":\"$name\"}"; done
		run_status 1 leavers staff.ndjson
		assert_equal "$(wc -l <"$out")" $((3 * i))
		for ((; i > 0; i--)); do change "{\"op\":\"remove-user\",\"id\":\"n$i\"}"; done
	}
	named 'a\u00a0b' 'a\u200bb' 'a\u2800b' 'a\u3164b' 'a\u034fb' # invisible, though no control
	assert_equal "$(grep -cE '  a\\u\{[0-9A-F]+\}b$' "$out")" 15
	# a name that looks like a row, or like two columns, is quoted
	named 'x  stripe  y' 'x (Eve), status' 'x, y' ' x' 'user only in stripe' '\"x'
	assert_equal "$(grep -cE '^[a-z]+  "[^"]+"$' "$out")" 18
	named a,b@x
	assert_equal "$(cut -d' ' -f3- "$out" | sort -u)" a,b@x
}

@test "leavers does not speak of service accounts, which no HR file lists" {
	staff .
	run_status 0 leavers staff.ndjson
	scalr-fetch --scope users acme >fetched 2>fetch.err
	run_status 0 normalize -o people fetched
	assert [ "$(grep -c '"account_type":"service"' people)" -gt 0 ]
}

# ---- offboard ----

# person ID: the user name of one of the stand-in's users
person() {
	scim-fetch --scope users rudderstack | jq -r --arg id "rs_$1" 'select(.resource.id == $id).resource.userName'
}

@test "offboard shows the plan, asks, and changes nothing where the name is not typed" {
	local who
	who=$(person u3)
	: >"$log"
	run_status 1 offboard "$who" kept <<<'yes'
	assert_file_contains "$out" 'rudderstack: planned'
	assert_file_contains "$out" 'PATCH /Users/rs_u3'
	assert_file_contains "$out" 'PUT /Users/usr_scim_u3'
	assert_equal "$(jq -r .method "$log" | sort -u)" GET
	assert_equal "$(ls kept)" 'operation.ndjson
rudderstack.plan.ndjson
scalr.before.ndjson
stripe.plan.ndjson'
}

@test "offboard takes the access away everywhere and keeps the evidence" {
	local who=kim@example.com
	change '{"op":"add-user","id":"x1","user_name":"kim@example.com","only":["rudderstack"]}' \
		'{"op":"add-user","id":"x2","user_name":"kim@example.com","only":["stripe"]}'
	run_status 0 offboard "$who" kept <<<"$who"
	assert_file_contains "$out" 'rudderstack: done'
	assert_file_contains "$out" 'stripe: done'
	assert_equal "$(sed -n '/done/,$s/^[a-z]* shows .*/&/p' "$out")" 'rudderstack shows kim@example.com: disabled
stripe shows nobody of that name
scalr shows nobody of that name'
	assert_equal "$(tail -n 1 "$out")" 'Nobody of that name can get in any more at: rudderstack, stripe, scalr. No other service was looked at.'
	for service in rudderstack stripe; do
		assert_sealed "kept/$service.plan.ndjson"
		assert_sealed "kept/$service.result.ndjson"
		assert_sealed "kept/$service.after.ndjson"
		assert_file_permission 600 "kept/$service.journal"
	done
	assert_sealed kept/scalr.after.ndjson
	refute_token kept/*
	run_status 0 offboard "$who" kept <<<"$who"
	assert_file_contains "$out" 'rudderstack: already'
}

# kim SERVICE...: somebody who has an account at each, with the id kim-SERVICE, in the group g1
kim() {
	local service
	for service; do
		change "{\"op\":\"add-user\",\"id\":\"kim-$service\",\"user_name\":\"kim@example.com\",\"only\":[\"$service\"]}" \
			"{\"op\":\"add-member\",\"group\":\"g1\",\"member\":\"kim-$service\"}"
	done
	who=kim@example.com
}

@test "offboard names a name that no service knows, asks nothing and ends with 76; hostile names are only names" {
	local name
	# shellcheck disable=SC2016 # that is the attack
	for name in nobody@example.com '$(touch pwned)' '"; rm -rf / #' '-rf' '") or true or ("'; do
		run_status 76 offboard "$name" kept <<<"$name"
		assert_equal "$(grep 'the service has no such user' "$out")" "$(printf '%s: not found: the service has no such user\n' rudderstack stripe)"
		assert_equal "$(grep -c 'Type the user name' "$out")" 0
		assert_says 'no service knows'
	done
	assert_not_exists pwned
}

@test "offboard done a second time is no failure where the person is gone everywhere" {
	kim stripe
	run_status 0 offboard "$who" kept <<<"$who"
	run_status 0 offboard "$who" kept <<<"$who"
	assert_equal "$(tail -n 1 "$out")" 'Nobody of that name can get in any more at: rudderstack, stripe, scalr. No other service was looked at.'
	# what an earlier run planned and nobody confirmed is no proof that the name is right
	rm kept/*.result.ndjson
	run_status 76 offboard "$who" kept <<<"$who"
}

@test "offboard names the service that it can not change, and ends with 76 while the person can get in there" {
	kim rudderstack scalr
	run_status 76 offboard "$who" kept <<<"$who"
	assert_file_contains "$out" 'rudderstack shows kim@example.com: disabled'
	assert_file_contains "$out" 'scalr shows kim@example.com: enabled'
	assert_says 'kim@example.com can still get in at scalr' 'can not be changed from here'
	# it is said before the question
	run_status 1 offboard "$who" kept <<<no
	assert_says 'scalr' 'can not be changed from here'
	change '{"op":"deactivate","id":"kim-scalr"}'
	run_status 0 offboard "$who" kept <<<"$who"
}

@test "offboard tells of somebody who is only where it can not change anything" {
	kim scalr
	run_status 76 offboard "$who" kept <<<"$who"
	assert_says 'kim@example.com can still get in at scalr'
	assert_equal "$(grep -c 'Type the user name' "$out")" 0
}

@test "offboard ends with 76 where a service that was changed still lets the person in" {
	kim rudderstack
	change '{"op":"switch","name":"filter-misses","value":"100"}'
	run_status 76 offboard "$who" kept <<<"$who"
	assert_file_contains "$out" 'rudderstack: not found: the service has no such user'
	assert_says 'can still get in at rudderstack'
}

@test "offboard takes an account without a status for one that can get in" {
	change '{"op":"switch","name":"active-as","value":"absent"}'
	kim rudderstack stripe
	status=0
	offboard "$who" kept <<<"$who" >out 2>err || status=$?
	[ "$status" -ge 76 ] || fail "status $status"
	grep -q 'can still get in at rudderstack' err || fail "$(cat out err)"
}

@test "offboard says in which groups the person still is" {
	kim rudderstack
	run_status 0 offboard "$who" kept <<<"$who"
	said=$(cat "$out")
	scim-fetch rudderstack >fetched 2>fetch.err
	run_status 0 normalize -o whole fetched
	name=$(jq -r 'select(.kind == "group" and (.id | endswith("g1"))).name' whole)
	[ -n "$name" ] || fail "$(grep '"group"' whole)"
	grep -qxF "rudderstack: still in the group '$name'" <<<"$said" || fail "$said"
}

@test "offboard keeps evidence of that person only" {
	kim rudderstack stripe scalr
	run_status 76 offboard "$who" kept <<<"$who"
	jq -r 'select(.kind == "user") | .user_name' kept/*.after.ndjson kept/*.before.ndjson | sort -u >names
	assert_equal "$(cat names)" "$who"
	scim-fetch --scope users rudderstack >fetched 2>fetch.err
	jq -r '.resource.userName // empty' fetched | grep -vxF "$who" >others
	[ "$(wc -l <others)" -gt 10 ] || fail 'no others'
	if grep -rlF -f others kept; then fail 'somebody else is in the evidence'; fi
	head -n 1 kept/rudderstack.after.ndjson >begin
	assert_file_contains begin '"select":'
	assert_equal "$(grep -c '"membership"' kept/rudderstack.after.ndjson)" 1
}

# look_with COMMAND: what scim-fetch is for offboard
look_with() {
	printf '#!/bin/sh\nexec %s "$@"\n' "$1" >bin/scim-fetch
	chmod +x bin/scim-fetch
}

@test "offboard does not call it done where it can not look afterwards, or is not shown the users" {
	kim rudderstack
	for command in "env BATON_RUDDERSTACK_SCIM_TOKEN=wrong-canary $BUILD/scim-fetch" "$BUILD/scim-fetch --scope groups"; do
		look_with "$command"
		status=0
		offboard "$who" kept <<<"$who" >said 2>errors || status=$?
		[ "$status" -ge 65 ] || fail "status $status: $(cat said errors)"
		grep -q 'rudderstack could not be read: it is not known whether' errors || fail "$(cat errors)"
		refute grep -q 'can get in any more' said
	done
}

@test "offboard prints names that a terminal would act on as what they are not" {
	change '{"op":"add-user","id":"x1","user_name":"kim@example.com","display_name":"\u001b[2Jk\u202e","only":["rudderstack"]}' \
		'{"op":"add-group","id":"x9","name":"a\u001b[2J\u202eb","members":["x1"],"only":["rudderstack"]}'
	run_status 0 offboard kim@example.com kept <<<kim@example.com
	assert_file_contains "$out" "still in the group 'a?.2J?b'$"
	tr -d '\n' <"$out" >line
	refute grep -q '[[:cntrl:]]' line
}

@test "offboard refuses a directory with the evidence of somebody else" {
	kim rudderstack
	run_status 0 offboard "$who" kept <<<"$who"
	cp -R kept before
	run_status 64 offboard "$(person u3)" kept <<<yes
	assert_says 'evidence of somebody else'
	run_status 0 diff -r before kept
}

@test "offboard asks nothing where a service can not be planned for" {
	BATON_STRIPE_SCIM_TOKEN=wrong-canary run_status 77 offboard "$(person u3)" kept <<<yes
	assert_equal "$(grep -c 'Type the user name' "$out")" 0
	assert_equal "$(jq -r 'select(.method != "GET")' "$log")" ''
}

@test "offboard looks at the services that are named, and claims nothing of another" {
	kim rudderstack stripe
	run_status 0 offboard "$who" kept stripe <<<"$who"
	assert_equal "$(tail -n 1 "$out")" 'Nobody of that name can get in any more at: stripe. No other service was looked at.'
	assert_equal "$(ls kept)" $'operation.ndjson\nstripe.after.ndjson\nstripe.journal\nstripe.plan.ndjson\nstripe.result.ndjson'
	run_status 0 offboard "$who" kept scalr rudderstack <<<"$who"
	assert_equal "$(tail -n 1 "$out")" 'Nobody of that name can get in any more at: rudderstack, scalr. No other service was looked at.'
	run_status 64 offboard "$who" kept ../stripe
	run_status 64 offboard "$who" kept ''
}

@test "offboard says how it is used" {
	run_status 64 offboard
	run_status 64 offboard ada@example.com
	run_status 64 offboard ada@example.com nowhere
	run_status 64 offboard '' kept
}

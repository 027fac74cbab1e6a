#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# scim-push for the person who approves a plan: its text, --plan, and what is said on stderr.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

@test "a plan in text says its sums first, then a line for each change with old and new values" {
	serve_operations
	push 0 --format text scim <ops
	assert_equal "$(cat "$out")" "$(
		cat <<-'EOT'
			7 changes: 1 create group, 1 create, 1 change, 1 add member, 1 take out, 1 deactivate, 1 REMOVE
			+ create group  Sales
			+ create        new@example.com (New)
			~ change        ada@example.com: display_name Ada -> Ada L
			+ add member    new@example.com in Sales
			- take out      bob@example.com in Finance
			- deactivate    ada@example.com: active true -> false
			- REMOVE        eve@example.com
		EOT
	)"
	assert_quiet
}

@test "the most frequent change comes first in the sums, and what is so already is a number there" {
	start_stand_in --users 9
	for id in 1 2 3; do echo "{\"op\":\"deactivate\",\"id\":\"u$id\"}"; done >ops
	echo '{"op":"push","user_name":"new@example.com"}' >>ops
	change '{"op":"deactivate","id":"u3"}'
	push 0 --format text scim <ops
	assert_equal "$(head -n 1 "$out")" "3 changes: 2 deactivate, 1 create; 1 already so"
	assert_equal "$(wc -l <"$out")" 4
}

@test "text is what a terminal gets, with colours unless NO_COLOR is set" {
	command -v script >/dev/null || skip "script(1) is not there to make a terminal"
	serve_operations
	export SCIM_TOKEN=$TOKEN SCIM_BASE_URL=$url/scim/v2
	run_status 0 script -qec 'scim-push scim <ops' /dev/null </dev/null
	grep -q $'^\033\[31m-\033\[0m REMOVE ' "$out" || fail "$(cat -v "$out")"
	NO_COLOR=1 run_status 0 script -qec 'scim-push scim <ops' /dev/null </dev/null
	grep -q '^- REMOVE ' "$out" || fail "$(cat -v "$out")"
}

@test "what is refused stands in the text with a sign of its own, and its reason on stderr" {
	serve_operations
	echo '{"op":"update","user_name":"ada@example.com","email":"a@example.org"}' >ops
	push 77 --format text rudderstack <ops
	grep -qx '! change        ada@example.com: refused' "$out" || fail "$(cat "$out")"
	assert_says 'update ada@example.com: refused: '
	push 77 rudderstack <ops
	assert_says 'update ada@example.com: refused: '
	reason=$(jq -r 'select(.kind == "result").reason' "$out")
	assert_says "$reason"
}

@test "after --apply the last line says what was done and what was not" {
	serve_operations
	echo '{"op":"import"}' >>ops
	push 77 --apply --format text scim <ops
	assert_equal "$(tail -n 1 "$out")" \
		"7 done: 1 create group, 1 create, 1 change, 1 add member, 1 take out, 1 deactivate, 1 REMOVE; 1 refused"
}

@test "a hostile name in a plan is shown inert, on a line of its own" {
	printf '{"op":"push","user_name":"x\\u001b[2J\\n- REMOVE        boss@example.com","display_name":"\\u202e"}\n' >ops
	start_stand_in --users 2
	push 0 --format text scim <ops
	assert_equal "$(wc -l <"$out")" 2
	[ "$(tr -d '\n -~' <"$out" | wc -c)" -eq 0 ] || fail "$(cat -v "$out")"
}

@test "a value that a user shows in another case or does not show is the old value as it stands" {
	cat >data <<-END
		{"kind":"user","id":"1","user_name":"Ada@Example.com"}
	END
	start_stand_in --data data
	echo '{"op":"update","user_name":"ada@example.com","display_name":"Ada"}' >ops
	push 0 scim <ops
	assert_equal "$(jq -c 'select(.kind == "result").fields' "$out")" '{"display_name":[null,"Ada"]}'
	push 0 --format text scim <ops
	assert_equal "$(tail -n 1 "$out")" '~ change        ada@example.com: display_name (not shown) -> Ada'
}

@test "a plan calls whoever is named by id by the name that the service shows, and shows both names of a group" {
	serve_operations
	cat >ops <<-END
		{"op":"rename-group","group_id":"7","new_group":"Money"}
		{"op":"remove","id":"3"}
		{"op":"remove-member","id":"2","group_id":"7"}
		{"op":"deactivate","id":"9"}
	END
	push 76 --format text scim <ops
	assert_equal "$(sed 1d "$out")" "$(
		cat <<-'EOT'
			~ rename group  Finance: new_group Finance -> Money
			- take out      bob@example.com in Finance
			! deactivate    9: failed
			- REMOVE        eve@example.com
		EOT
	)"
	push 76 scim <ops
	assert_equal "$(jq -c 'select(.op == "rename-group").fields' "$out")" '{"new_group":["Finance","Money"]}'
}

@test "a plan calls the members of a change stream by their labels" {
	serve_operations
	printf '%s\n' '{"kind":"change","event":"membership.added","source":"scim","group_id":"7","member_id":"1","label":"ada@example.com in Finance","after":{"member_kind":"user"}}' \
		'{"kind":"change","event":"membership.added","source":"scim","group_id":"7","member_id":"3","label":"eve in the office in Finance","after":{"member_kind":"user"}}' |
		sealed_kinds=none seal "{\"kind\":\"begin\",\"format\":1,\"stage\":\"changes\",\"before\":{\"sources\":[{\"source\":\"scim\",\"origin\":\"$url/scim/v2\"}]},\"after\":{\"sources\":[]}}" \
			',"changes":2,"unknown":0' >changes
	push 0 --format text scim <changes
	assert_equal "$(sed 1d "$out")" '+ add member    ada@example.com in Finance
+ add member    "eve in the office" in Finance'
}

@test "no name in a plan makes a row of its own, and a row about nobody has no blank at its end" {
	start_stand_in --users 2
	printf '{"op":"push","user_name":"%s"}\n' 'x  - REMOVE boss' \
		'y - deactivate z' 'a in b' 'c -> d' >ops
	echo '{"op":"import"}' >>ops
	push 77 --format text scim <ops
	assert_equal "$(sed 1d "$out")" '+ create        "x \u{20}-\u{20}REMOVE boss"
+ create        "y -\u{20}deactivate z"
+ create        "a in b"
+ create        "c -> d"
! import: refused'
	assert_says 'import: refused: '
}

# ---- --plan ----

# looked_at: the plan of `ops` in the file `plan`
looked_at() {
	push 0 scim <ops
	cp "$out" plan
	: >"$log"
}

@test "--plan does what was looked at, and nothing else" {
	serve_operations
	looked_at
	push 0 --apply --plan plan scim </dev/null
	assert_equal "$(outcomes | cut -d ' ' -f 2 | sort -u)" 'done'
	# what the plan said is what was sent; a new user's membership can be said only in words
	jq -c 'select(.kind == "result" and .op != "add-member").would_send[] | [.method, .path, .body]' plan >said
	jq -c 'select(.kind == "result" and .op != "add-member").sent[] | [.method, .path, .body]' "$out" >sent
	run_status 0 diff said sent
	assert_equal "$(wc -l <sent)" 6
}

@test "--plan ends with 3 before the first write where anything there is no longer as it was" {
	serve_operations
	looked_at
	change '{"op":"rename-user","id":"1","display_name":"Somebody Else"}'
	push 3 --apply --plan plan scim </dev/null
	assert_says 'ada@example.com' 'no longer'
	assert_equal "$(jq -r .method "$log" | sort -u)" GET
	assert_equal "$(tail -n 1 "$out" | jq -r '.stopped != null')" true
	assert_equal "$(head -n 1 "$out" | jq -r .applied)" false
}

@test "--plan without --apply says whether the plan still fits" {
	serve_operations
	looked_at
	push 0 --plan plan scim </dev/null
	change '{"op":"deactivate","id":"3"}' '{"op":"remove-user","id":"2"}'
	push 3 --plan plan scim </dev/null
	assert_equal "$(jq -r .method "$log" | sort -u)" GET
}

@test "a plan with refused and skipped operations is the same plan when it is read back" {
	serve_operations
	cat >ops <<-END
		{"op":"push","user_name":"new@example.com","display_name":"New"}
		{"op":"update","user_name":"ada@example.com","email":"a@example.org"}
		{"op":"import"}
	END
	push 77 rudderstack <ops
	cp "$out" plan
	push 77 --plan plan --apply rudderstack </dev/null
	assert_equal "$(outcomes)" "$(printf 'push done\nupdate refused\nimport refused\n')"
}

@test "--plan refuses what is no plan: cut, edited, applied already, for another service, a change stream" {
	serve_operations
	looked_at
	sed '$d' plan >'cut'
	push 65 --apply --plan cut scim </dev/null
	assert_says 'not complete'
	sed 's/Ada L/Eve L/' plan >edited
	push 65 --apply --plan edited scim </dev/null
	assert_says 'digest'
	push 65 --apply --plan plan rudderstack </dev/null
	assert_says 'a plan for'
	: >"$log"
	push 65 --apply --plan ops scim </dev/null
	push 66 --apply --plan nowhere scim </dev/null
	assert_equal "$(cat "$log")" ''
	push 0 --apply scim <ops
	cp "$out" applied
	push 65 --apply --plan applied scim </dev/null
	assert_says 'applied'
}

@test "an apply of a plan that was killed at any request continues with its journal, once each" {
	local at all pushing
	serve_operations
	looked_at
	push 0 --apply --plan plan --jobs 1 scim </dev/null
	all=$(wc -l <"$log")
	directory >wanted
	stop_stand_ins
	for ((at = 9; at <= all; at += 3)); do
		serve_operations --switch "hold-at=$at"
		begin_edited "s,http://127.0.0.1:[0-9]*,${url%/}," plan >here
		rm -f journal
		SCIM_TOKEN=$TOKEN scim-push --apply --plan here --jobs 1 --journal journal "$url/scim/v2" \
			>killed 2>&1 </dev/null 3>&- &
		pushing=$!
		await "$log" "$at"
		kill -s KILL "$pushing"
		wait "$pushing" || true
		change '{"op":"switch","name":"hold-at","value":"off"}'
		push 0 --apply --plan here --jobs 1 --journal journal scim </dev/null
		assert_equal "$(writes)" 1
		directory | diff wanted - || fail "killed at $at"
		push 3 --apply --plan here --journal journal scim </dev/null
		stop_stand_ins
	done
}

@test "progress of a long push is told, and how much is left" {
	start_stand_in --users 60 --delay 60
	for id in $(seq 60); do echo "{\"op\":\"deactivate\",\"id\":\"u$id\"}"; done >ops
	push 0 -v --apply --jobs 2 scim <ops
	grep -E 'operations: [0-9]+ of 60, [0-9]+ a second, [0-9]+ s left' "$err" || fail "$(head -c 500 "$err")"
}

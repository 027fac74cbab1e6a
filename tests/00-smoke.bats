#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The first thing to run (`make smoke`): the whole way of the data once, in seconds.
# What each program promises stands in the other files.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

@test "every assertion of helper.bash fails where what it says is not so" {
	local words status=0 output=x
	: >empty
	echo full >full
	while read -r words; do
		# shellcheck disable=SC2086 # words on purpose
		if (eval "$words") 2>/dev/null; then fail "passes: $words"; fi
	done <<-'END'
		fail
		assert false
		refute true
		assert_equal a b
		assert_equal a '*'
		assert_not_equal a a
		assert_regex abc '^b'
		assert_regex abc '('
		status=1 assert_success
		assert_output y
		assert_exists nowhere
		assert_not_exists full
		assert_file_empty full
		assert_file_empty nowhere
		assert_file_contains full empty
		assert_file_contains nowhere .
		assert_file_permission 600 /
		run_status 0 false
		run_status 1 true
		assert_sealed full
		assert_sealed empty
		assert_golden full empty
		err=full assert_says 'something else'
		err=full assert_quiet
		TOKEN=full refute_token full
		TOKEN=full refute_token nowhere
	END
}

@test "a test that fails says on which line, and what failed there" {
	printf '%s\n' "load '$ROOT/tests/helper'" '@test "one" {' 'true' 'assert_equal a b' 'true' '}' \
		'@test "two" {' '[ 1 -eq 1 ]' 'run_status 0 false' '}' >inner.bats
	run_status 1 env -u BATS_RUN_TMPDIR bats --formatter tap inner.bats
	assert_file_contains "$out" 'in test file inner.bats, line 4)'
	assert_file_contains "$out" "\`assert_equal a b' failed"
	assert_file_contains "$out" 'in test file inner.bats, line 9)'
	assert_file_contains "$out" '# expected status 0, got 1: false'
}

@test "what quick-jq prints is what jq prints, and what it does not know it leaves to jq" {
	local options filter status
	mkdir no-jq
	printf '#!/bin/sh\nexit 99\n' >no-jq/jq
	chmod +x no-jq/jq
	printf '%s\n' '{"kind":"begin","n":[3,-1,20],"source":"a"}' \
		'{"kind":"user","id":"1","n":[],"name":"Größe \"q\" \\ \u0001\u007f\n","roles":["b","a","b"],"a":{"b":null}}' \
		'{"kind":"end","n":[0],"id":"e","events":{"y":1,"x":{}}}' >lines
	while read -r options filter; do
		command jq "$options" "$filter" lines >want && status=0 || status=$?
		PATH=$PWD/no-jq:$PATH run_status "$status" quick-jq "$options" "$filter" lines
		cmp want "$out" || fail "$options $filter: $(diff want "$out")"
	done <<-'END'
		-r .
		-c ., .kind, .a.b, [.n[], .id], {kind, x: .n | length}, "\(.kind)-\(.n)", (.id // "no" | length), .n[1]
		-r select(.kind != "begin" and (.id == "1" or .id == "e")) | "\(.id) \(.name)", .n, ((.events // {}) | keys)
		-c [.n[] | . + 1], (.n | sort, unique, max, min, add), (.kind | startswith("u"), endswith("d"), contains("se"))
		-c (.n | map(. < 1)), has("id"), del(.kind, .id), ((.roles // ["z"]) | sort, unique, join("-"), map(length)), (.id | not)
		-cn [1] + [2, "a"], {a: 1}, ., (. // 3)
		-c .n[-1], .n[1:], .n[:-1], .source[1:3], ."kind", [.n[] as $x | $x, (.kind as $k | $k)], null + 1, 1 + null, [.n[] | -3]
		-c def one: "<\(.)>"; def two: one | one; .kind | two, (ascii_downcase | one), (def one: 1; one), one
		-c (.n | all, any), (.n | all(. < 30), any(. == 20)), all(.n[], 1; . != 3, true), ("12" | tonumber), ("A1z" | ascii_downcase)
		-r .kind | gsub("[\\p{C}\\p{Zl}\\p{Zp}]"; "?")
		-c .kind = 1, (.["new"] = .n), (.n = (.kind == "user" or false))
		-e .kind == "begin"
		-e select(.kind == "none")
		-e .kind == "end"
		-s map(select(.kind == "end").n[0]), length, (.[0] | keys_unsorted, type, tojson, tostring), if .[0].x then 1 else 2 - 1 end
	END
	printf '%s\n' '{"a": 1}' 'b' '' >text
	for options in -R -Rr; do
		command jq "$options" '., length' text >want
		PATH=$PWD/no-jq:$PATH run_status 0 quick-jq "$options" '., length' text
		cmp want "$out"
	done
	# shellcheck disable=SC2016 # a variable of jq
	command jq -c --slurpfile all lines --arg one 1 '$all[2], ([$all[].id] + [$one])' lines >want
	# shellcheck disable=SC2016
	PATH=$PWD/no-jq:$PATH run_status 0 quick-jq -cn --slurpfile all lines --arg one 1 '$all[2], ([$all[].id] + [$one])'
	cmp <(head -n 2 want) "$out"
	printf '#!/bin/sh\nprintf "%%s\\n" "$@"\ncat\nexit 7\n' >left
	chmod +x left
	printf '%s\n' '{"kind":"user","n":[1.50,2],"a":1,"a":2}' >in
	# shellcheck disable=SC2016 # a variable of jq
	for filter in '.n | first' '1.5' '.kind.x' '.kind | test("u")' '.[]?' 'error("x")' '.' '. as [$x] | $x' '.kind + 1' '.kind == 1 == 2' '.a as $x | .b as $x | $x' \
		'def f(g): g; f(1)' 'def f: f; 1' '(def f: 1; f) | f' '.kind["a"] = 1' '.a.b = 1' '.n[1:1.5]' '"x" | tonumber' '.n | all(. < "x")'; do
		QUICK_JQ=$PWD/left run_status 7 quick-jq -c "$filter" <in
		{ printf '%s\n' -c "$filter" && cat in; } | cmp - "$out" || fail "$filter"
		assert_quiet
	done
	run_status "$(command jq -c .kind.x <in >want 2>said; echo $?)" quick-jq -c .kind.x <in
	cmp want "$out"
	cmp said "$err"
}

@test "every program says its version and how it is used" {
	local program
	for program in scim-fetch scalr-fetch normalize diff-snapshot scim-push; do
		run_status 0 "$program" --version
		assert_regex "$(cat "$out")" "^$program [0-9.]+"
		run_status 0 "$program" --help
		assert_file_contains "$out" "^usage: $program"
		run_status 64 "$program" --no-such-option
		assert_says "$program: " --help
	done
}

@test "two directories become one snapshot, which is equal to itself and to the next" {
	start_stand_in --users 12 --groups 3
	for file in before after; do
		fetch_scim -q >streams
		BATON_SCALR_API_TOKEN=$TOKEN scalr-fetch -q --base-url "$url" acme >>streams
		run_status 0 normalize -o $file streams
	done
	assert_sealed before
	run_status 0 normalize before
	cmp before "$out"
	run_status 0 diff-snapshot before after
	cmp <(body before) <(body after)
}

@test "one person who is locked out is one change" {
	start_stand_in --users 12 --groups 3
	fetch_scim -q >streams
	run_status 0 normalize -o before streams
	change '{"op":"deactivate","id":"u1"}'
	fetch_scim -q >streams
	run_status 0 normalize -o after streams
	run_status 1 diff-snapshot --format text before after
	assert_regex "$(cat "$out")" '^1 change: 1 user.disabled
~ scim  user disabled '
}

@test "a stream that stops in the middle becomes no snapshot" {
	start_stand_in --users 12 --groups 3
	run_status 0 fetch_scim -q
	head -n 5 "$out" >torn
	run_status 65 normalize -o snapshot torn
	assert_not_exists snapshot
}

@test "operations are a plan until --apply, and are done once" {
	serve_operations
	push 0 --dialect scim scim <ops
	assert_equal "$(outcomes | cut -d ' ' -f 2 | sort | uniq -c | xargs)" '7 planned'
	push 0 --dialect scim --apply scim <ops
	assert_equal "$(outcomes | cut -d ' ' -f 2 | sort | uniq -c | xargs)" '7 done'
	push 0 --dialect scim --apply scim <ops
	assert_equal "$(outcomes | cut -d ' ' -f 2 | sort | uniq -c | xargs)" '7 already'
}

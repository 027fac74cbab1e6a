#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# scim-push --journal: a run that is killed at any request is gone on with, and
# everything is done exactly once.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

push() {
	local status=$1
	shift
	SCIM_TOKEN=$TOKEN SCIM_BASE_URL=$url/scim/v2 run_status "$status" scim-push --apply "$@" scim
	refute_token "$out" "$err"
}

# await_requests N: until the stand-in has got so many, at most 20 seconds
await_requests() {
	local end=$((SECONDS + 20))
	until [ "$(wc -l <"$log")" -ge "$1" ]; do
		[ "$SECONDS" -lt "$end" ] || fail "only $(wc -l <"$log") of $1 requests came"
	done
}

turn() {
	change "$(printf '{"op":"switch","name":"%s","value":"%s"}' "$1" "$2")"
}

# serve: a service with two users and a group, and what is to be done there
serve() {
	cat >data <<-EOF
		{"kind":"user","id":"1","user_name":"ada@example.com","display_name":"Ada"}
		{"kind":"user","id":"2","user_name":"bob@example.com","display_name":"Bob"}
		{"kind":"user","id":"3","user_name":"eve@example.com","display_name":"Eve"}
		{"kind":"group","id":"7","name":"Finance","members":["2"]}
	EOF
	cat >ops <<-EOF
		{"op":"push","user_name":"new@example.com","display_name":"New"}
		{"op":"push-group","group":"Sales"}
		{"op":"update","user_name":"ada@example.com","display_name":"Ada L"}
		{"op":"add-member","user_name":"new@example.com","group":"Sales"}
		{"op":"remove-member","user_name":"bob@example.com","group":"Finance"}
		{"op":"deactivate","user_name":"ada@example.com"}
		{"op":"remove","user_name":"eve@example.com"}
	EOF
	start_stand_in --data data "$@"
}

# directory: what the service holds, without times
directory() {
	SCIM_TOKEN=$TOKEN scim-fetch "$url/scim/v2" | sed '1d;$d' | jq -Sc 'del(.resource.meta)' | sort
}

# writes: how often each change was made, by the answer of the service
writes() {
	jq -r 'select(.method != "GET" and .status < 300) | "\(.method) \(.path) \(.body // "")"' "$log" |
		sort | uniq -c | awk '{print $1}' | sort -u
}

@test "killed at any request and gone on with: every operation is done exactly once" {
	local at all pushing dialect
	for dialect in scim okta-oin; do
		serve
		push 0 --dialect $dialect --jobs 1 <ops
		all=$(wc -l <"$log")
		directory >wanted
		stop_stand_ins
		[ "$all" -ge 20 ]
		for ((at = 1; at <= all; at++)); do
			# the request has come, and what it changes has happened; its answer has not
			serve --switch "hold-at=$at"
			rm -f journal
			SCIM_TOKEN=$TOKEN scim-push --apply --dialect $dialect --jobs 1 --journal journal \
				"$url/scim/v2" <ops >killed 2>&1 3>&- &
			pushing=$!
			await_requests "$at"
			kill -s KILL "$pushing"
			wait "$pushing" || true
			turn hold-at off
			push 0 --dialect $dialect --jobs 1 --journal journal <ops
			assert_equal "$(outcomes | cut -d' ' -f2 | sort -u)" 'done'
			assert_equal "$(writes)" 1
			refute_token journal killed
			directory | diff wanted - || fail "killed at $at"
			stop_stand_ins
		done
	done
}

@test "a hundred operations, killed again and again: every one is done exactly once" {
	local i pushing kills=0
	start_stand_in --users 100 --groups 2 --switch uneven-delay=3
	for i in $(seq 1 100); do
		echo "{\"op\":\"update\",\"id\":\"u$i\",\"display_name\":\"Number $i\"}"
	done >ops
	for i in 17 60 101 150 199 260; do
		SCIM_TOKEN=$TOKEN scim-push --apply --dialect scim --jobs 8 --journal journal "$url/scim/v2" \
			<ops >killed 2>&1 3>&- &
		pushing=$!
		await_requests "$i"
		kill -s KILL "$pushing" 2>/dev/null && kills=$((kills + 1))
		wait "$pushing" || true
	done
	[ "$kills" -ge 3 ]
	push 0 --dialect scim --jobs 8 --journal journal <ops
	# the last of those that were to be killed may have come to its end before
	assert_equal "$(outcomes | grep -cxE 'update (done|already)')" 100
	assert_equal "$(jq -r 'select(.method == "PATCH") | .path' "$log" | sort | uniq -d | wc -l)" 0
	assert_equal "$(jq -r 'select(.method == "PATCH") | .path' "$log" | wc -l)" 100
}

@test "what the journal holds as done is not asked about again, and says so" {
	local pushing
	serve --switch hold-at=12
	SCIM_TOKEN=$TOKEN scim-push --apply --dialect scim --jobs 1 --journal journal "$url/scim/v2" \
		<ops >killed 2>&1 3>&- &
	pushing=$!
	await_requests 12
	kill -s KILL "$pushing"
	wait "$pushing" || true
	turn hold-at off
	: >"$log"
	push 0 --dialect scim --jobs 1 --journal journal <ops
	assert_equal "$(jq -r 'select(.resumed) | "\(.op) \(.outcome)"' "$out" | head -n 2)" 'push-group done
push done'
	assert_equal "$(jq -r 'select(.method == "POST")' "$log")" ''
}

@test "a line that a death cut in half is taken away" {
	serve
	mkdir elsewhere
	export TMPDIR=$PWD/elsewhere # where the sandbox allows files anyway
	push 0 --dialect scim --journal journal <ops
	sed '$d' journal >open # the run has no end
	tail -n 1 open | head -c 30 >half
	sed '$d' open | cat - half >torn
	: >"$log"
	chmod 600 torn
	push 0 --dialect scim --journal torn <ops
	assert_equal "$(outcomes | cut -d' ' -f2 | sort -u)" 'done'
	jq -c . torn >/dev/null
}

@test "a run that came to its end is closed: the next one looks at everything anew" {
	serve
	push 0 --dialect scim --journal journal <ops
	change '{"op":"activate","id":"1"}'
	push 0 --dialect scim --journal journal <ops
	assert_equal "$(outcomes)" 'push-group already
push already
update already
add-member already
remove-member already
deactivate done
remove already'
}

@test "another plan, another service, a file that is no journal: 65 and nothing is sent" {
	serve
	push 0 --dialect scim --journal journal <ops
	sed '$d' journal >open
	: >"$log"
	echo '{"op":"deactivate","id":"2"}' >other
	push 65 --dialect scim --journal open <other
	assert_says 'unfinished run'
	stop_stand_ins
	serve
	push 65 --dialect scim --journal open <ops
	assert_says 'unfinished run'
	echo 'Dear diary' >diary
	push 65 --dialect scim --journal diary <ops
	push 65 --dialect scim --journal data <ops
	printf 'no newline' >letter
	push 65 --dialect scim --journal letter <ops
	assert_says 'is not a journal'
	assert_equal "$(cat letter)" 'no newline'
	ln -s journal link
	push 73 --dialect scim --journal link <ops
	push 73 --dialect scim --journal /nowhere/journal <ops
	push 64 --dialect scim --journal - <ops
	assert_equal "$(jq -r 'select(.method != "GET")' "$log")" ''
	cmp <(head -c 10 diary) <(printf 'Dear diary')
}

@test "two runs can not share a journal" {
	local pushing
	serve --switch hold-at=2
	SCIM_TOKEN=$TOKEN scim-push --apply --dialect scim --jobs 1 --journal journal "$url/scim/v2" \
		<ops >first 2>&1 3>&- &
	pushing=$!
	await_requests 2
	push 75 --dialect scim --journal journal <ops
	assert_says 'in use by another run'
	kill -s KILL "$pushing"
	wait "$pushing" || true
}

@test "where the journal can not be written nothing is sent" {
	local said
	serve
	said=$(
		ulimit -f 0
		SCIM_TOKEN=$TOKEN scim-push --apply --dialect scim --journal journal "$url/scim/v2" <ops 2>&1 >/dev/full
	) || [ $? -eq 74 ]
	assert_regex "$said" 'cannot write journal'
	assert_equal "$(jq -r 'select(.method != "GET")' "$log")" ''
}

@test "a journal with a line that was changed, lost, doubled or moved is refused, and nothing is sent" {
	local edit
	serve
	push 0 --dialect scim --jobs 1 --journal journal <ops
	sed '$d' journal >open
	: >"$log"
	for edit in '4s/done/lost/' '4s/"id":"./&0/' '4s/"key":"./&0/' 3d 3p '3{h;d};4G' '4s/,"sha256/,"x":1&/' '4s/,"sha256.*/}/' \
		'1s/started_at":"2/&0/'; do
		sed "$edit" open >edited
		[ "$(cmp edited open || true)" ] || fail "$edit changes nothing"
		push 65 --dialect scim --journal edited <ops
		assert_file_empty "$out"
		assert_says 'edited: line '
	done
	assert_equal "$(cat "$log")" ''
}

@test "where one line of the journal can not be written the run stops there, and is gone on with" {
	local n status stopped=0
	[ -z "${SANITIZED:-}" ] || skip 'a sanitizer wants the allocator for itself'
	[ -e "$BUILD/tests/torture.so" ] || skip 'built for glibc only'
	for n in 1 2 3 4 5 6 7 8; do
		echo "{\"op\":\"update\",\"id\":\"u$n\",\"display_name\":\"Number $n\"}"
	done >ops
	for ((n = 9; n <= 49; n += 2)); do
		start_stand_in --users 8 --switch uneven-delay=3
		rm -f journal
		status=0
		SCIM_TOKEN=$TOKEN TORTURE="write:$n" LD_PRELOAD="$BUILD/tests/torture.so" scim-push --apply \
			--dialect scim --jobs 8 --journal journal "$url/scim/v2" <ops >killed 2>said || status=$?
		[ "$status" -ne 74 ] || ! grep -q "write journal 'journal'" said || stopped=$((stopped + 1))
		push 0 --dialect scim --jobs 8 --journal journal <ops
		assert_equal "$(outcomes | grep -cxE 'update (done|already)')" 8
		stop_stand_ins
	done
	assert [ "$stopped" -ge 8 ]
}

@test "the journal is mode 0600 and holds neither token nor body" {
	serve
	push 0 --dialect scim --journal journal <ops
	assert_equal "$(stat -c %a journal)" 600
	refute_token journal
	! grep -q 'Operations\|displayName' journal || fail 'a body in the journal'
	assert_equal "$(head -n 1 journal | jq -r .kind) $(tail -n 1 journal | jq -r .kind)" 'run end'
}

@test "before each change stands its line in the journal, and behind it another" {
	serve
	push 0 --dialect scim --jobs 1 --journal journal <ops
	assert_equal "$(jq -r .kind journal | tr '\n' ' ')" "run $(printf 'write wrote settled %.0s' 1 2 3 4 5 6 7)end "
}

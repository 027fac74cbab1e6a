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

turn() {
	change "$(printf '{"op":"switch","name":"%s","value":"%s"}' "$1" "$2")"
}

@test "killed at any request and gone on with: every operation is done exactly once" {
	local at all pushing dialect
	for dialect in scim okta-oin; do
		serve_operations
		push 0 --dialect $dialect --jobs 1 <ops
		all=$(wc -l <"$log")
		directory >wanted
		stop_stand_ins
		[ "$all" -ge 20 ]
		for ((at = 1; at <= all; at++)); do
			# the request has come, and what it changes has happened; its answer has not
			serve_operations --switch "hold-at=$at"
			rm -f journal
			SCIM_TOKEN=$TOKEN scim-push --apply --dialect $dialect --jobs 1 --journal journal \
				"$url/scim/v2" <ops >killed 2>&1 3>&- &
			pushing=$!
			await "$log" "$at"
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
	local i pushing
	start_stand_in --users 100 --groups 2 --switch uneven-delay=3
	for i in $(seq 1 100); do
		echo "{\"op\":\"update\",\"id\":\"u$i\",\"display_name\":\"Number $i\"}"
	done >ops
	for i in 17 11 25 8 21 19; do
		# from there on what is asked for happens, and nothing is answered
		turn hold-at "$i:1000"
		i=$((i + $(wc -l <"$log")))
		SCIM_TOKEN=$TOKEN scim-push --apply --dialect scim --jobs 8 --journal journal "$url/scim/v2" \
			<ops >killed 2>&1 3>&- &
		pushing=$!
		await "$log" "$i"
		kill -s KILL "$pushing"
		wait "$pushing" || true
	done
	turn hold-at off
	push 0 --dialect scim --jobs 8 --journal journal <ops
	assert_equal "$(outcomes | grep -cxE 'update (done|already)')" 100
	assert_equal "$(jq -r 'select(.method == "PATCH") | .path' "$log" | sort | uniq -d | wc -l)" 0
	assert_equal "$(jq -r 'select(.method == "PATCH") | .path' "$log" | wc -l)" 100
}

@test "what the journal holds as done is not asked about again, and says so" {
	local pushing
	serve_operations --switch hold-at=12
	SCIM_TOKEN=$TOKEN scim-push --apply --dialect scim --jobs 1 --journal journal "$url/scim/v2" \
		<ops >killed 2>&1 3>&- &
	pushing=$!
	await "$log" 12
	kill -s KILL "$pushing"
	wait "$pushing" || true
	turn hold-at off
	: >"$log"
	push 0 --dialect scim --jobs 1 --journal journal <ops
	assert_equal "$(jq -r 'select(.resumed) | "\(.op) \(.outcome)"' "$out" | head -n 2)" 'push-group done
push done'
	assert_equal "$(jq -r 'select(.method == "POST")' "$log")" ''
}

@test "what failed before anything was sent is no change of an earlier run" {
	serve_operations
	echo '{"op":"deactivate","id":"nobody"}' >nobody
	push 76 --dialect scim --journal journal <nobody
	sed '$d' journal >open # the run has no end
	chmod 600 open
	push 76 --dialect scim --journal open <nobody
	assert_equal "$(outcomes)" 'deactivate failed'
}

@test "a line that a death cut in half is taken away" {
	serve_operations
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
	serve_operations
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

@test "another plan, another service, a file that is no journal: 65, and nothing is sent or written" {
	local file
	serve_operations
	push 0 --dialect scim --journal journal <ops
	sed '$d' journal >open
	: >"$log"
	echo '{"op":"deactivate","id":"2"}' >other
	echo 'Dear diary' >diary
	printf '{"kind":"user","id":"1"}' >half
	cat open diary data half >before
	push 65 --dialect scim --journal open <other
	assert_says 'unfinished run'
	for file in diary data half; do
		push 65 --dialect scim --journal $file <ops
	done
	stop_stand_ins
	serve_operations
	push 65 --dialect scim --journal open <ops
	assert_says 'unfinished run'
	cat open diary data half | cmp - before # a wrong name costs nothing
	ln -s journal link
	mkfifo pipe
	for file in link /nowhere/journal . pipe /dev/null; do
		push 73 --dialect scim --journal $file <ops
		assert_says "journal '$file'"
	done
	push 64 --dialect scim --journal - <ops
	assert_equal "$(jq -r 'select(.method != "GET")' "$log")" ''
}

@test "two runs can not share a journal" {
	local pushing
	serve_operations --switch hold-at=2
	SCIM_TOKEN=$TOKEN scim-push --apply --dialect scim --jobs 1 --journal journal "$url/scim/v2" \
		<ops >first 2>&1 3>&- &
	pushing=$!
	await "$log" 2
	push 75 --dialect scim --journal journal <ops
	assert_says 'in use by another run'
	kill -s KILL "$pushing"
	wait "$pushing" || true
}

@test "where the journal can not be written nothing is sent" {
	local said
	serve_operations
	said=$(
		ulimit -f 0
		SCIM_TOKEN=$TOKEN scim-push --apply --dialect scim --journal journal "$url/scim/v2" <ops 2>&1 >/dev/full
	) || [ $? -eq 74 ]
	assert_regex "$said" 'cannot write journal'
	assert_equal "$(jq -r 'select(.method != "GET")' "$log")" ''
}

@test "a journal with a line that was changed, lost, doubled or moved is refused, and nothing is sent" {
	local edit
	serve_operations
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

# sealed: the lines of a journal on stdin, each with its seal
sealed() {
	local line seal=
	while read -r line; do
		seal=$(printf '%s' "$seal" "${line%\}}" | sha256sum)
		seal=${seal%% *}
		printf '%s,"sha256":"%s"}\n' "${line%\}}" "$seal"
	done
}

@test "lines that no run writes are no journal, however well they are sealed" {
	local lines run='{"kind":"run","plan":"p","origin":"o"}'
	serve_operations
	push 0 --dialect scim --journal journal <ops
	: >"$log"
	sed 's/,"sha256":"[0-9a-f]*"}$/}/' journal | sealed | cmp - journal
	while read -r lines; do
		tr ' ' '\n' <<<"$lines" | sealed >wrong
		cp wrong before
		push 65 --dialect scim --journal wrong <ops
		assert_says "wrong: line $(wc -l <wrong): not a line of a journal"
		assert_file_empty "$out"
		cmp before wrong
	done <<-EOF
		{"kind":"end"}
		{"kind":"write","key":"k"}
		$run $run
		$run {"kind":"write"}
		$run {"kind":"settled","key":"","done":false}
		$run {"kind":"rote","key":"k"}
		$run {"key":"k"}
		$run {"kind":"end"} {"kind":"wrote","key":"k"}
	EOF
	assert_equal "$(cat "$log")" ''
}

# killed FILE: of a journal, what a run leaves that is killed when its create has been answered,
# as one at the service of now
killed() {
	head -n 3 "$1" | sed -E "s,http://[^\"]*,$url/scim/v2,; s/,\"sha256\":\"[0-9a-f]*\"}$/}/" | sealed
}

@test "a create that the service took is not sent once more by the run that continues, however late it shows" {
	local operation shown none='200 {"totalResults":0,"Resources":[]}'
	while IFS='|' read -r operation shown; do
		echo "$operation" >op
		start_answers <<<"$none"$'\n201 {}\n'"$none"
		push 76 --dialect scim --retries 0 --journal journal <op
		assert_equal "$(jq -r .kind journal | paste -sd' ')" 'run write wrote settled end'
		start_answers <<<"$none"
		killed journal >open
		push 76 --dialect scim --retries 0 --journal open <op
		assert_regex "$(jq -r 'select(.kind == "result").reason' "$out")" 'and does not show it'
		refute grep -q ^POST "$raw_log"
		start_answers <<<"$none"$'\n'"$none"$'\n'"200 {\"totalResults\":1,\"Resources\":[$shown]}"
		killed journal >open
		push 0 --dialect scim --journal open <op
		assert_equal "$(outcomes | cut -d' ' -f2)" 'done'
		refute grep -q ^POST "$raw_log"
		rm journal
	done <<-'EOF'
		{"op":"push","user_name":"zoe"}|{"id":"1","userName":"zoe","active":true}
		{"op":"push-group","group":"Sales"}|{"id":"7","displayName":"Sales"}
	EOF
}

@test "a create is waited for from the end of its second, since the journal says no more" {
	local none='200 {"totalResults":0,"Resources":[]}' now ended
	echo '{"op":"push","user_name":"zoe"}' >op
	start_answers <<<"$none"$'\n502 {}\n'"$none"
	push 75 --dialect scim --retries 0 --timeout 1 --journal journal <op
	start_answers <<<"$none"
	printf -v now '%(%s)T' -1
	# sent in the second before this one, perhaps at its end: with --timeout 1 it may be under way
	sed "s/\"at\":[0-9]*/\"at\":$((now - 1))/" journal >moved
	killed moved | head -n 2 >unsealed
	sed 's/,"sha256":"[0-9a-f]*"}$/}/' unsealed | sealed >open
	push 76 --dialect scim --retries 0 --timeout 1 --journal open <op
	printf -v ended '%(%s)T' -1
	assert grep -q ^POST "$raw_log"
	[ "$ended" -gt "$now" ] || fail 'sent at once'
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
	serve_operations
	push 0 --dialect scim --journal journal <ops
	assert_equal "$(stat -c %a journal)" 600
	refute_token journal
	! grep -q 'Operations\|displayName' journal || fail 'a body in the journal'
	assert_equal "$(head -n 1 journal | jq -r .kind) $(tail -n 1 journal | jq -r .kind)" 'run end'
}

@test "before each change stands its line in the journal, and behind it another" {
	serve_operations
	push 0 --dialect scim --jobs 1 --journal journal <ops
	assert_equal "$(jq -r .kind journal | tr '\n' ' ')" "run $(printf 'write wrote settled %.0s' 1 2 3 4 5 6 7)end "
}

@test "a journal that was compressed is refused and left as it is: it is appended to" {
	command -v zstd >/dev/null || skip 'no zstd here'
	serve_operations
	push 0 --journal journal <ops
	zstd -q --rm journal -o packed
	sha256sum packed >before
	push 65 --journal packed <ops
	assert_says "journal 'packed' is compressed with zstd, and a journal is appended to: unpack it first (unzstd)"
	head -c 20 packed >torn
	push 65 --journal torn <ops
	assert_says "journal 'torn' is compressed with zstd"
	sha256sum --check --quiet before
	unzstd -q packed -o journal
	push 0 --journal journal <ops
}

#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A canary for a token is looked for in everything that a run leaves or shows, with
# each source of the token, at each verbosity, whatever the server does with it.

load helper

setup() {
	umask 077
	mkdir -p "$BATS_TEST_TMPDIR/run/tmp" "$BATS_TEST_TMPDIR/home" "$BATS_TEST_TMPDIR/outside"
	cd "$BATS_TEST_TMPDIR/run" || return
	printf '%s\n' "$TOKEN" >../outside/token
	export TMPDIR=$PWD/tmp HOME=$BATS_TEST_TMPDIR/home
	ulimit -c unlimited
}

# no file below the run's directory holds the canary, core files and temporary ones included
refute_canary() {
	local file
	while IFS= read -r file; do
		refute_token "$file"
	done < <(find "$BATS_TEST_TMPDIR/run" "$BATS_TEST_TMPDIR/home" -type f)
}

# ends STATUS OPTION...: a run with stdout and stderr in files here
ends() {
	local status=0 expected=$1
	shift
	scim-fetch --token-file ../outside/token --retries 1 --max-wait 1 "$@" >out 2>err || status=$?
	[ "$status" -eq "$expected" ] || fail "status $status: $(cat err)"
	refute_canary
}

@test "no stream, message, temporary or core file holds the token, at any verbosity" {
	local option
	for option in -q -v --check --dry-run --keep-going --sort-by=id; do
		start_stand_in --users 3 --groups 1
		ends 0 "$option" "$url/scim/v2"
		[ "$option" != --dry-run ] || continue
		start_stand_in --users 3 --groups 1 --switch users-status=401 --switch trace-errors
		ends 77 "$option" "$url/scim/v2"
	done
}

# says STATUS TEXT: a server whose every answer has this status and, in its header and
# its body, this text
says() {
	local body="{\"detail\":\"about $2\",\"Resources\":[]}"
	printf 'HTTP/1.1 %s\r\nContent-Type: application/json; about=%s\r\nLocation: /%s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' \
		"$1" "$2" "$2" "${#body}" "$body" >../outside/answer
	start_raw ../outside/answer
}

@test "a server that repeats the token is not repeated" {
	says '401 no' "$TOKEN"
	ends 77 -v "$url/scim/v2"
	grep -qF 'about [token]' err
	says '503 later' "$TOKEN"
	ends 75 -v "$url/scim/v2"
	grep -qF 'about [token]' err
	says '302 there' "$TOKEN"
	ends 76 -v "$url/scim/v2"
	says '200 well' "$TOKEN"
	ends 76 -v "$url/scim/v2"
	grep -qF 'repeats the token' err
}

@test "neither the token that ran out nor the one after it stands in what a run leaves or says" {
	local verbosity status=0
	cat >../outside/makes <<-'END'
		#!/bin/sh
		echo x >>../outside/made
		printf '%s-%s' "$(cat ../outside/token)" "$(wc -l <../outside/made)"
	END
	chmod 700 ../outside/makes
	for verbosity in -q -v; do
		rm -f ../outside/made
		start_answers <<-END
			200 {"totalResults":3,"Resources":[{"id":"1"}]}
			401 {"detail":"about $TOKEN-1"}
			200 {"totalResults":3,"Resources":[{"id":"2"}]}
			400 {"detail":"about $TOKEN-1 and $TOKEN-2"}
		END
		status=0
		scim-fetch --token-command ../outside/makes $verbosity --jobs 1 --count 1 --scope users "$url/scim/v2" >out 2>err || status=$?
		assert_equal "$status" 76
		grep -qF 'about [token] and [token]' err
		refute_canary
		assert_equal "$(grep -oi '^authorization: .*' "$raw_log" | tr -d '\r' | sed 's/.*-//' | paste -sd ' ')" '1 1 2 2'
		start_answers <<-END
			200 {"totalResults":3,"Resources":[{"id":"1"}]}
			401 {}
			200 {"totalResults":3,"Resources":[{"id":"2"}],"old":"$TOKEN-3"}
		END
		status=0
		scim-fetch --token-command ../outside/makes $verbosity --jobs 1 --count 1 --scope users "$url/scim/v2" >out 2>err || status=$?
		assert_equal "$status" 76
		grep -qF 'repeats the token' err
		refute_canary
	done
}

@test "a large list leaves no token in the temporary file" {
	local pid file files=0
	[ "$(id -u)" -eq 0 ] || skip 'the file has no name, and only root can look into a run'
	start_stand_in --users 9000 --switch hold-at=9
	scim-fetch --token-file ../outside/token --jobs 1 --count 1000 "$url/scim/v2" >out 2>err 3>&- &
	pid=$!
	await "$log" 9
	for file in "/proc/$pid/fd"/*; do
		case $(readlink "$file") in "$TMPDIR"/*) ;; *) continue ;; esac
		[ "$(head -c 16 "$file" 2>/dev/null)" = '{"kind":"user","' ]
		refute_token "$file"
		files=$((files + 1))
	done
	kill "$pid"
	wait "$pid" || true
	assert_equal "$files" 1
	refute_canary
}

@test "a run that is killed by a signal leaves no core with the token" {
	local signal pid
	export ROLLCALL_SANDBOX=off # it would keep the core file from being made
	for signal in TERM HUP ABRT SEGV; do # a shell lets its jobs ignore INT and QUIT
		start_stand_in --delay 60000
		scim-fetch --token-file ../outside/token "$url/scim/v2" >out 2>err 3>&- &
		pid=$!
		await "$log"
		kill -s "$signal" "$pid"
		wait "$pid" || true
		[ -z "$(find . -name 'core*')" ] || fail "$signal leaves a core file"
		refute_canary
	done
}

@test "no other process of the user can look into a run" {
	local pid as_other=()
	[ -z "${SANITIZED:-}" ] || skip 'the leak check wants to look into it'
	if [ "$(id -u)" -eq 0 ]; then # to whom everything in /proc belongs
		as_other=(setpriv --reuid 65534 --regid 65534 --clear-groups)
		"${as_other[@]}" test -x "$BUILD/scim-fetch" || skip 'another user can not run it'
	fi
	start_stand_in --delay 60000
	SCIM_TOKEN=$TOKEN "${as_other[@]}" "$BUILD/scim-fetch" "$url/scim/v2" >out 2>err 3>&- &
	pid=$!
	await "$log"
	# what is not dumpable belongs to root in /proc
	assert_equal "$(stat -c %u "/proc/$pid/mem")" 0
	kill "$pid"
	wait "$pid" || true
}

@test "another server never gets a connection: redirects, next links, \$ref, Location" {
	local other switch
	start_raw /dev/null
	other=${url#http://}
	for switch in "redirect=http://$other" "redirect=//$other" "redirect=http://user@$other"; do
		start_stand_in --users 30 --groups 2 --switch "$switch"
		ends 76 -v "$url/scim/v2"
	done
	# links of the answers are not followed
	start_stand_in --users 30 --groups 2 --switch "links=http://$other"
	ends 0 -v --count 10 "$url/scim/v2"
	[ ! -s "$raw_log" ] || fail "it was asked: $(cat "$raw_log")"
	refute_canary
}

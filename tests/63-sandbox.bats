#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What the programs give up before they read a foreign byte (lib/sandbox.h). A
# library that is loaded with them tries what they should not be able to do: as
# hostile code inside the process would, at the moment when it reads.

load helper

setup() {
	[ -z "${SANITIZED:-}" ] || skip 'the leak check needs what the sandbox closes'
	[ -z "${COVERAGE:-}" ] || skip 'counting lines needs files'
	cd "$BATS_TEST_TMPDIR" || return
	umask 077
	echo secret >beside
	echo "$TOKEN" >token
	mkdir tmp elsewhere
	export TMPDIR=$PWD/tmp
	normalize --version >version
}

needs() {
	grep -qE "^sandbox: (.*, )?$1" version || skip "no $1 in this kernel"
	[ -e "$BUILD/tests/intruder.so" ] || skip 'built for glibc only'
}

# intruded COMMAND...: what the intruder could do, in the file $did
intruded() {
	did=$PWD/did
	: >"$did"
	status=0
	# named by a path that stays allowed to nobody
	INTRUDER_REPORT=$did INTRUDER_FILE=$PWD/beside INTRUDER_DIR=$PWD/elsewhere \
		LD_PRELOAD=$BUILD/tests/intruder.so "$@" >out 2>err || status=$?
	[ "$status" -le 1 ] || fail "status $status: $(cat err)"
	[ -s "$did" ] || fail 'the intruder did not come'
}

# refuses WORD...: each of them was tried and failed
refuses() {
	local word
	for word; do
		grep -qx "$word: refused" "$did" || fail "$(cat "$did")"
	done
}

fetched() {
	start_stand_in --users 5 --groups 2
	fetch_scim -q >stream
	normalize stream >snapshot
}

@test "without a sandbox the intruder gets everything: the test can fail" {
	needs Landlock
	fetched
	ROLLCALL_SANDBOX=off intruded normalize stream
	assert_equal "$(cat "$did")" 'read: done
create: done
remove: done
socket: done
exec: done
fork: done
thread: done'
}

@test "a sandboxed normalize opens no other file, no socket, and starts no program" {
	needs Landlock
	needs seccomp
	fetched
	intruded normalize stream
	refuses read create remove socket exec fork
	grep -qx 'thread: done' "$did"
	intruded normalize -o result stream
	refuses socket exec fork
	cmp snapshot out || cmp snapshot result
}

@test "a sandboxed diff-snapshot opens no other file, no socket, and starts no program" {
	needs Landlock
	needs seccomp
	fetched
	intruded diff-snapshot snapshot snapshot
	refuses read create remove socket exec fork
}

@test "a sandboxed fetcher opens no other file and starts no program, and still gets sockets and names" {
	needs Landlock
	needs seccomp
	start_stand_in --users 5 --groups 2
	intruded scim-fetch --token-file token --retries 0 "http://localhost:${url##*:}/scim/v2"
	refuses read create remove exec fork
	grep -qx 'socket: done' "$did"
	assert_sealed out
	intruded scalr-fetch --token-file token --base-url "$url" acme
	refuses read create remove exec fork
	assert_sealed out
}

@test "--version says what of a sandbox there is" {
	local program
	for program in normalize diff-snapshot scim-fetch scalr-fetch; do
		run_status 0 "$program" --version
		grep -qxE 'sandbox: (Landlock [0-9]+|no Landlock), (no )?seccomp' "$out" || fail "$(cat "$out")"
		ROLLCALL_SANDBOX=off run_status 0 "$program" --version
		grep -qE '^sandbox: .*; off$' "$out"
	done
}

@test "ROLLCALL_SANDBOX=require fails where something is missing, other words are refused" {
	fetched
	if grep -q '^sandbox: Landlock.*, seccomp' version; then
		ROLLCALL_SANDBOX=require run_status 0 normalize stream
	else
		ROLLCALL_SANDBOX=require run_status 78 normalize stream
		assert_says 'can not be had here'
	fi
	ROLLCALL_SANDBOX=perhaps run_status 78 normalize stream
	assert_says 'ROLLCALL_SANDBOX is neither require nor off'
	[ ! -s "$out" ]
}

@test "inputs and outputs of every kind work in the sandbox" {
	fetched
	run_status 0 normalize <stream
	cmp "$out" snapshot
	run_status 0 normalize <(cat stream)
	cmp "$out" snapshot
	ln -s "$PWD/stream" elsewhere/link
	run_status 0 normalize -o elsewhere/result elsewhere/link
	cmp elsewhere/result snapshot
	ln -s "$PWD/elsewhere/result" link
	run_status 0 normalize -o link stream
	[ -L link ] && cmp elsewhere/result snapshot
	run_status 0 normalize -o /dev/null stream
	(cd elsewhere && run_status 0 normalize -o again ../stream)
	cmp elsewhere/again snapshot
	run_status 0 diff-snapshot <(cat snapshot) snapshot
	run_status 66 normalize no-such-file
	assert_says 'No such file'
}

@test "a list too large for memory still finds its temporary file in the sandbox" {
	jq -nc 'range(70000) | {kind: "user", source: "s", resource: {id: "u\(.)", userName: "user-\(.)", pad: ("x" * 900)}}' |
		seal_fetch s >large
	run_status 0 normalize --memory 32M large
	assert_sealed "$out"
}

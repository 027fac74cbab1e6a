#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What the programs give up before they read a foreign byte (lib/sys/sandbox.h). A
# library that is loaded with them tries what they should not be able to do: as
# hostile code inside the process would, at the moment when it reads.

load helper

setup() {
	[ -z "${SANITIZED:-}" ] || skip 'the leak check needs what the sandbox closes'
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

# large: the file `large`, a stream that --memory 32M does not hold
large() {
	generate --users 70000 --groups 0 --pad 900 >large
}

@test "a list too large for memory still finds its temporary file in the sandbox" {
	large
	run_status 0 normalize --memory 32M large
	assert_sealed "$out"
}

# can_trace: strace sees into programs that close themselves to debuggers. Root may; anybody else is
# root of a user namespace for that, where the system allows it. Sets `within`.
can_trace() {
	within=()
	[ "$(id -u)" -eq 0 ] || within=(unshare --user --map-root-user)
	"${within[@]}" true || skip 'neither root nor allowed to have a user namespace: strace sees no addresses'
	"${within[@]}" strace -o trace true || skip 'no strace here'
}

# touches KNOWN HOSTS COMMAND...: of the files and hosts that a run opens, makes, replaces
# or connects to, each is matched by KNOWN or needed by all, and the hosts are HOSTS
touches() {
	local known=$1 hosts=$2 files
	local start='/etc/ld\.so\.(cache|preload)|(/usr)?/(local/)?lib(32|64)?/.*\.so[.0-9]*|.*/openssl.*\.cnf|/dev/null|/sys/devices/system/cpu.*|/etc/localtime|/usr/share/zoneinfo/UTC|'$PWD/tmp${COVERAGE:+'|.*\.gcda'}
	shift 2
	"${within[@]}" strace -f -qq -o trace -e trace=%file,connect "$@" >out 2>err || [ $? -eq 1 ] || fail "$(cat err)"
	files=$(sed -nE '/O_PATH|= -1 |newfstatat|readlink|access|getcwd/d
		s/^[0-9]+ +[a-z0-9]+\((AT_FDCWD, )?"([^"]*)".*/\2/p' trace | sort -u)
	assert_equal "$(grep -vxE "$start|$known" <<<"$files")" ''
	assert_equal "$(sed -nE 's/.*connect\(.*sin6?_port=htons\(([0-9]+)\).*/\1/p' trace | sort -u)" "$hosts"
}

@test "a whole run touches the files and hosts that rollcall(7) lists, and no others" {
	local program=".*/[a-z]+-[a-z]+|.*/normalize"
	can_trace
	fetched
	touches "$program|token" "${url##*:}" \
		scim-fetch -q --token-file token "$url/scim/v2"
	touches "$program|token" "${url##*:}" \
		scalr-fetch -q --token-file token --base-url "$url" acme
	echo '{"op":"deactivate","id":"u3"}' >ops
	export SCIM_TOKEN=$TOKEN
	touches "$program|journal|\." "${url##*:}" \
		scim-push --apply --journal journal "$url/scim/v2" <ops
	fetch_scim -q >later
	touches "$program|later|result(\.[A-Za-z0-9]{6})?|\." '' normalize -o result later
	echo '.resource | {id}' >map.jq
	touches "$program|stream|map\.jq" '' \
		normalize --map map.jq --select true stream
	touches "$program|snapshot|result" '' diff-snapshot snapshot result
	authority
	certificate good 2 IP:127.0.0.1
	serve_tls good
	touches "$program|token|ca\.pem" "${url##*:}" \
		scim-fetch -q --token-file token --ca-file ca.pem "$url/scim/v2"
}

@test "lists too large for memory touch no other files" {
	can_trace
	large
	touches '.*/normalize|large|result(\.[A-Za-z0-9]{6})?|\.' '' normalize --memory 32M -o result large
	grep -q 'O_TMPFILE' trace
}

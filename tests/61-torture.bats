#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# One allocation, read, write, fsync, rename or connect of a run fails, each in its
# turn (tests/torture/torture.c). The run ends with the status that this means and
# a message, or as if nothing had failed; it leaks nothing and leaves nothing half
# done. Here some of the calls fail, with `make torture` every one.

load helper

setup() {
	[ -z "${SANITIZED:-}" ] || skip 'a sanitizer wants the allocator for itself'
	[ -e "$BUILD/tests/torture.so" ] || skip 'built for glibc only'
	cd "$BATS_TEST_TMPDIR" || return
	umask 077
	printf '%s\n' "$TOKEN" >token
	mkdir box
}

# tortured WISH COMMAND...: a run of it, its status in $status
tortured() {
	local wish=$1
	shift
	status=0
	rm -f report
	# freed memory is not readable by chance
	timeout 60 env TORTURE="$wish" TORTURE_REPORT=report MALLOC_PERTURB_=165 \
		LD_PRELOAD="$BUILD/tests/torture.so" "$@" >out 2>err </dev/null || status=$?
}

# What two runs have in common: the times and counts of a fetch differ.
comparable() {
	sed -E 's/"(started_at|finished_at|fetched_at)":"[^"]*"/T/g; s/"requests":[0-9]+,"retries":[0-9]+/R/; s/"begin_sha256":"[0-9a-f]*"//' "$1"
}

# fails_well STATUSES: the run that was tortured failed as it should, or not at all
fails_well() {
	[ -s report ] || fail "$point: no report, status $status"
	grep -qx 'leaks 0' report || fail "$point: $(grep leaks report)"
	[ "$(find box -type f | wc -l)" -eq "$boxed" ] || fail "$point: files are left: $(ls box)"
	if [ "$status" -eq "$whole_status" ]; then
		comparable out | cmp - whole.out || fail "$point: the output is another one"
		[ ! -e box/file ] || cmp box/file whole.file || fail "$point: the file is another one"
		return
	fi
	case " $1 " in *" $status "*) ;; *) fail "$point: status $status: $(cat err)" ;; esac
	[ -s err ] || fail "$point: no message"
	[ ! -e box/file ] || [ "$(cat box/file)" = old ] || fail "$point: the old file is gone"
	assert_not_sealed out
	refute_token out err
}

# torture KIND POINTS STATUSES COMMAND...: every call of a kind fails once (without
# `make torture` at most so many of them, spread over the run, always the first)
torture() {
	local kind=$1 points=$2 statuses=$3 count step n boxed whole_status point
	shift 3
	[ ! -e box/file ] || echo old >box/file
	boxed=$(find box -type f | wc -l)
	tortured none "$@"
	whole_status=$status
	[ "$status" -le 1 ] || fail "without torture: status $status: $(cat err)"
	grep -qx 'leaks 0' report || fail "without torture: $(grep leaks report)"
	comparable out >whole.out
	[ ! -e box/file ] || cp box/file whole.file
	count=$(sed -n "s/^$kind //p" report)
	[ "$count" -gt 0 ] || fail "no $kind in: $*"
	step=$(((count + points - 1) / points))
	[ -z "${TORTURE_ALL:-}" ] || step=1
	for ((n = 1; n <= count; n += step)); do
		[ ! -e box/file ] || echo old >box/file
		tortured "$kind:$n" "$@"
		point="$kind $n of $count: $*"
		fails_well "$statuses"
	done
}

# memory COMMAND...: status 70; libcurl takes some failures for a broken connection
memory() {
	torture own 14 "${memory_statuses:-70}" "$@"
	torture alloc 4 "${memory_statuses:-70}" "$@"
}

# a: a stream; a.snapshot: its snapshot; c.snapshot: a later one, with changes
inputs() {
	start_stand_in --users 12 --groups 3
	fetch_scim --source stripe -q >a
	normalize a >a.snapshot
	body a.snapshot | sed 's/"disabled"/"enabled"/; s/"u5"/"u99"/' | sort |
		origin=$url/scim/v2 read_at=2027-01-01T00:00:00Z seal_snapshot stripe >c.snapshot
	stop_stand_ins
}

@test "normalize: an allocation fails" {
	inputs
	memory normalize a
	memory normalize a.snapshot
	: >box/file
	memory normalize -o box/file a
}

@test "normalize: a read, a write, the fsync or the rename fails" {
	inputs
	: >box/file
	torture read 10 '74' normalize -o box/file a
	torture write 10 '74' normalize -o box/file a
	torture fsync 10 '74' normalize -o box/file a
	torture rename 10 '74' normalize -o box/file a
	torture write 10 '74' normalize a
}

@test "diff-snapshot: an allocation, a read or a write fails" {
	inputs
	memory diff-snapshot --format text a.snapshot c.snapshot
	memory diff-snapshot --format ndjson --all-fields a.snapshot c.snapshot
	torture read 10 74 diff-snapshot a.snapshot c.snapshot
	torture write 10 74 diff-snapshot a.snapshot c.snapshot
}

# scim OPTION...: a fetch that does not try again
scim() {
	memory_statuses='70 69 75 76' memory scim-fetch --retries 0 --count 5 --token-file token "$@" "$url/scim/v2"
}

@test "scim-fetch: an allocation fails" {
	start_stand_in --users 12 --groups 3
	scim
	scim --members get --jobs 1
	scim --check
	scim --dry-run
}

@test "scim-fetch: a read, a write or the connect fails" {
	start_stand_in --users 12 --groups 3
	set -- scim-fetch --retries 0 --count 5 --token-file token "$url/scim/v2"
	torture read 20 '78 74 75' "$@"
	torture write 20 '74 75' "$@"
	torture connect 20 69 "$@"
}

@test "scalr-fetch: an allocation, a read, a write or the connect fails" {
	start_stand_in --users 12 --groups 3 --services 2
	set -- scalr-fetch --retries 0 --count 5 --token-file token --base-url "$url" acme
	memory_statuses='70 69 75 76' memory "$@"
	torture read 20 '78 74 75' "$@"
	torture write 20 '74 75' "$@"
	torture connect 20 69 "$@"
}

@test "reads and writes that are cut short and interrupted change nothing" {
	local command
	inputs
	start_stand_in --users 12 --groups 3
	for command in 'normalize a' 'normalize a.snapshot' 'diff-snapshot a.snapshot c.snapshot' \
		"scim-fetch --token-file token $url/scim/v2"; do
		# shellcheck disable=SC2086 # words on purpose
		tortured none $command
		comparable out >whole
		# shellcheck disable=SC2086
		tortured short $command
		comparable out | cmp - whole || fail "$command: $(cat err)"
	done
}

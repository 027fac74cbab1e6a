#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# One allocation, read, write, fsync, rename or connect of a run fails, each in its
# turn (tests/torture/torture.c). The run ends with the status that this means and
# a message, or as if nothing had failed; it leaks nothing and leaves nothing half
# done. Here some of the calls fail, in .ci/run twice as many; with `make torture` every
# one, but where there are more than $TORTURE_ALL of a kind (libjq compiles its own
# library) as many, spread.

# shellcheck disable=SC2030,SC2031 # what a test sets is for the functions that it calls
load helper

setup() {
	[ -e "$BUILD/tests/torture.so" ] || skip 'built for glibc only'
	cd "$BATS_TEST_TMPDIR" || return
	umask 077
	shopt -s nullglob
	printf '%s\n' "$TOKEN" >token
	mkdir box
	input='' whole=''
	anybody=alloc
	[ -z "${SANITIZED:-}" ] || anybody=own # a sanitizer can not be without memory itself
}

# tortured WISH COMMAND...: a run of it, its status in $status; stdin is a pipe with
# what is in the file $input
tortured() {
	local wish=$1
	shift
	status=0
	rm -f report
	# freed memory is not readable by chance; a sanitizer's allocator may stand behind ours
	timeout 60 env TORTURE="$wish" TORTURE_REPORT=report MALLOC_PERTURB_=165 \
		ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD="$BUILD/tests/torture.so" \
		"$@" >out 2>err < <(cat "${input:-/dev/null}" 2>/dev/null) || status=$?
}

# What two runs have in common: the times and counts of a fetch differ.
comparable() {
	sed -E 's/"(started_at|finished_at|fetched_at)":"[^"]*"/T/g; s/"requests":[0-9]+(,"retries":[0-9]+)?/R/; s/"begin_sha256":"[0-9a-f]*"//' "$1"
}

# fails_well STATUSES: the run that was tortured failed as it should, or not at all
fails_well() {
	assert_no_leak
	in_box=(box/* box/.[!.]*)
	[ "${in_box[*]}" = "$boxed" ] || fail "$point: files are left: ${in_box[*]}"
	if [ "$status" -eq "$whole_status" ]; then
		comparable out | diff whole.out - || fail "$point: the output is another one"
		[ ! -e box/file ] || cmp box/file whole.file || fail "$point: the file is another one"
		return
	fi
	assert_failed_with "$1"
	[ ! -e box/file ] || [ "$(cat box/file)" = old ] || fail "$point: the old file is gone"
}

assert_no_leak() {
	# libjq has no other way than to end the process, and only its own user says so
	[ -s report ] || ! grep -qE '^normalize: (.*: )?--(map|select) (out of memory|brings libjq down)' err || return 0
	[ -s report ] || fail "$point: no report, status $status: $(cat err)"
	grep -qx 'leaks 0' report || fail "$point: $(grep leaks report)"
}

# assert_failed_with STATUSES: with one of these, a reason, and nothing that looks whole
assert_failed_with() {
	case " $1 " in *" $status "*) ;; *) fail "$point: status $status: $(cat err)" ;; esac
	refute_token out err
	# results are whole where each operation has one, and say themselves what failed
	! grep -qE '"kind":"end".*"outcomes":\{[^}]*"(failed|skipped)"' out || return 0
	[ -s err ] || fail "$point: no message"
	! grep -q '"kind":"end".*}$' out || fail "$point: an end line: $(cat out)"
}

# each KIND POINTS COMMAND...: the command for every n up to the calls of that kind in
# `report`, or for so many of them, always the first; $point says which
each() {
	local count step n kind=$1 points=$2
	shift 2
	count=$(sed -n "s/^$kind //p" report)
	[ "$count" -gt 0 ] || fail "no $kind in: $what"
	[ -n "${CI:-}" ] || points=$(((points + 1) / 2)) # the whole sample in .ci/run
	points=${TORTURE_ALL:-$points}
	step=$(((count + points - 1) / points))
	for ((n = 1; n <= count; n += step)); do
		point="$kind $n of $count: $what"
		"$@"
	done
}

# torture KIND POINTS STATUSES COMMAND...: calls of a kind fail, one in each run. The run in which
# nothing fails is one for all kinds of a command.
torture() {
	local kind=$1 points=$2 statuses=$3 boxed in_box point what
	shift 3
	what=$*
	[ ! -e box/file ] || echo old >box/file
	in_box=(box/* box/.[!.]*)
	boxed=${in_box[*]}
	if [ "$input $what" = "$whole" ]; then
		cp whole.report report
	else
		tortured none "$@"
		whole_status=$status point="nothing fails: $what"
		[ "$status" -le 1 ] || fail "$point: status $status: $(cat err)"
		assert_no_leak
		comparable out >whole.out
		[ ! -e box/file ] || cp box/file whole.file
		cp report whole.report
		whole="$input $what"
	fi
	each "$kind" "$points" torture_once "$@"
}

torture_once() {
	[ ! -e box/file ] || echo old >box/file
	tortured "$kind:$n" "$@"
	fails_well "$statuses"
}

# memory COMMAND...: status 70; libcurl takes some failures for a broken connection
memory() {
	# every one: those of our own are among them
	[ -n "${TORTURE_ALL:-}" ] || torture own "${points:-14}" "${statuses:-70}" "$@"
	torture "$anybody" 4 "${statuses:-70}" "$@"
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

@test "normalize: an allocation fails with a program in jq, in libjq, too" {
	inputs
	install -m 600 "$ROOT/tests/jq/map-scim.jq" map.jq
	points=5 statuses='70 65'
	memory normalize --select '.kind == "user" and .status == "enabled"' a
	memory normalize --map map.jq a
}

@test "normalize: a read, a write, the fsync or the rename fails" {
	inputs
	: >box/file
	torture read 10 '74' normalize -o box/file a
	torture write 10 '74' normalize -o box/file a
	torture torn 10 '74' normalize -o box/file a
	torture fsync 10 '74' normalize -o box/file a
	torture rename 10 '74' normalize -o box/file a
	torture write 10 '74' normalize a
}

@test "normalize: an allocation, a read or a write fails in little memory, with temporary files" {
	generate --users 24 --groups 2 --memberships 10 --pad 1000000 >large
	memory normalize --memory 16M --threads 2 large
	torture read 6 74 normalize --memory 16M large
	torture write 6 74 normalize --memory 16M large
	torture torn 6 74 normalize --memory 16M large
}

@test "normalize: an allocation, a read or a write fails with lines that no fetcher wrote, with several snapshots, from a pipe" {
	inputs
	printf '%s\n' '{"user_name":"ada","status":"enabled"}' '{"kind":"group","id":"g","name":"Staff"}' \
		'{"kind":"membership","group_id":"g","member_id":"ada","member_kind":"user"}' >lines
	set -- normalize --plain --source hr --fetched-at 2026-11-22T00:00:00Z
	memory "$@" lines
	torture read 4 74 "$@" lines
	input=lines torture read 4 74 "$@"
	"$@" lines >hr.snapshot
	memory normalize a.snapshot hr.snapshot
	input=a torture read 4 74 normalize hr.snapshot -
}

@test "diff-snapshot: an allocation, a read or a write fails" {
	inputs
	memory diff-snapshot --format text a.snapshot c.snapshot
	memory diff-snapshot --format ndjson --all-fields a.snapshot c.snapshot
	torture read 10 74 diff-snapshot a.snapshot c.snapshot
	torture write 10 74 diff-snapshot a.snapshot c.snapshot
	input=c.snapshot torture read 10 74 diff-snapshot a.snapshot -
}

@test "diff-snapshot --match: an allocation, a read or a write fails" {
	inputs
	sed 's/"source":"stripe"/"source":"hr"/g' c.snapshot | body /dev/stdin | seal_snapshot hr >hr.snapshot
	set -- diff-snapshot --match user_name --max-removed 100% a.snapshot hr.snapshot
	memory "$@"
	torture read 10 74 "$@"
	torture write 10 74 "$@"
}

# scim OPTION...: a fetch that does not try again
scim() {
	statuses='70 69 75 76' memory scim-fetch --retries 0 --count 5 --token-file token "$@" "$url/scim/v2"
}

@test "scim-fetch: an allocation fails, and no other proxy is asked instead" {
	start_raw /dev/null
	export http_proxy=$url
	start_stand_in --users 12 --groups 3
	scim
	scim --check
	scim --dry-run
	[ ! -s "$raw_log" ] || fail "the proxy was asked: $(cat "$raw_log")"
}

@test "scim-fetch: an allocation fails while members are asked for one by one, or lists by a search" {
	start_stand_in --users 12 --groups 3 --switch members-absent
	points=8
	scim --members get --jobs 1
	scim --members filter
	scim --method search
}

@test "scim-fetch: a read, a write or the connect fails" {
	start_stand_in --users 12 --groups 3
	set -- scim-fetch --retries 0 --count 5 --token-file token "$url/scim/v2"
	torture read 20 '78 74 75' "$@"
	torture write 20 '74 75' "$@"
	torture torn 20 '74 75' "$@"
	torture connect 20 69 "$@"
}

@test "scalr-fetch: an allocation, a read, a write or the connect fails" {
	start_stand_in --users 12 --groups 3 --services 2
	set -- scalr-fetch --retries 0 --count 5 --token-file token --base-url "$url"
	statuses='70 69 75 76' memory "$@" acme
	points=4 statuses='70 69 75 76' memory "$@" --check acme
	points=4 memory "$@" --dry-run acme
	torture read 20 '78 74 75' "$@" acme
	torture write 20 '74 75' "$@" acme
	torture connect 20 69 "$@" acme
}

# ---- scim-push ----

@test "scim-push: an allocation or a read fails while it only looks" {
	inputs
	body a.snapshot | sed 's/"disabled"/"enabled"/; /"u7"/d' | sort | seal_snapshot stripe >d.snapshot
	diff-snapshot --allow-older --allow-other-origin a.snapshot d.snapshot >changes || [ $? -eq 1 ]
	start_stand_in --users 12 --groups 3
	set -- scim-push --retries 0 --dialect scim --token-file token
	input=changes statuses='70 69 75 76' memory "$@" --removed delete --source stripe --max-changes 90% \
		--allow-other-origin "$url/scim/v2"
	serve_operations
	input=ops statuses='70 69 75 76' memory "$@" "$url/scim/v2"
	input=ops torture read 10 '78 74 75' "$@" "$url/scim/v2"
}

# push_once WISH: a run of the seven operations with a service and a journal of its own
push_once() {
	stop_stand_ins
	rm -f box/journal
	serve_operations
	set -- "$1" scim-push --apply --dialect scim --jobs "$jobs" --retries 0 --timeout 2 --journal box/journal \
		--token-file token "$url/scim/v2"
	input=ops tortured "$@"
	shift
	pushing=("$@")
}

# kinds: of the lines of the journal, which must be whole but for the last
kinds() {
	sed -nE 's/^\{"kind":"([a-z]+)",.*\}$/\1/p' box/journal
}

# goes_on: what was tortured failed well, and the run that goes on with it comes to
# the end: each change was made once, and the journal is whole
goes_on() {
	push_once "$kind:$n"
	assert_no_leak
	[ "$status" -eq 0 ] || assert_failed_with "$statuses"
	[ ! -e box/journal ] || refute_token box/journal
	# nothing is sent that the journal does not know
	[ "$(grep -cv '^{"method":"GET"' "$log")" -le "$(kinds | grep -cx write)" ] ||
		fail "$point: more was sent than the journal holds: $(cat box/journal)"
	run_status 0 "${pushing[@]}" <ops || fail "$point: it can not be gone on with"
	[ "$(outcomes | grep -cE ' (done|already)$')" -eq 7 ] || fail "$point: $(outcomes)"
	[ "$(grep -v '^{"method":"GET"' "$log" | grep -cE '"status":(0|[12][0-9][0-9]),"in_flight"')" -eq 7 ] ||
		fail "$point: not seven changes: $(requests)"
	assert_equal "$(writes)" 1
	directory | diff wanted - || fail "$point: the service holds something else"
	kinds | tr '\n' ' ' | grep -qxE '(run ((write|wrote|settled) )*end )+' || fail "$point: $(cat box/journal)"
	[ "$(wc -l <box/journal)" -eq "$(kinds | wc -l)" ] || fail "$point: $(cat box/journal)"
}

# push KIND POINTS STATUSES JOBS
push() {
	local kind=$1 points=$2 statuses=$3 jobs=$4 point what
	what="scim-push --jobs $jobs" point='nothing fails'
	push_once none
	[ "$status" -eq 0 ] || fail "status $status: $(cat err)"
	assert_no_leak
	directory >wanted
	each "$kind" "$points" goes_on
}

@test "scim-push --apply: where an allocation fails, the run that goes on does each thing once" {
	[ -n "${TORTURE_ALL:-}" ] || push own 12 '70 69 75 76' 1
	push "$anybody" 6 '70 69 75 76' 4
}

@test "scim-push --apply: where a read, a write, a sync or a connect fails, the run that goes on does each thing once" {
	push read 8 '78 74 75 76' 4
	push write 8 '74 75 76' 1
	push torn 12 '74 75' 4
	push fsync 8 74 4
	push connect 8 '69 75' 4
}

@test "scim-push --apply: a first request that can not be sent holds nobody up" {
	local kind=write statuses='74 75 76' jobs n point
	jobs=1
	push_once none
	directory >wanted
	for jobs in 1 4; do
		for n in 3 4 5; do
			point="write $n with --jobs $jobs"
			goes_on
		done
	done
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
	jobs=1 push_once short
	assert_equal "$status $(jq -r 'select(.kind == "result").outcome' out | sort | uniq -c | xargs)" '0 7 done'
	assert_equal "$(wc -l <box/journal)" 23
}

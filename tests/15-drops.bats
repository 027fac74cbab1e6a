#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A network that fails, and a fetcher that is killed, at every request of a run:
# either the bytes are those of an undisturbed run, or there is no end line and
# normalize refuses what there is (faults.md cases 11, 12, 18, 27 and 31).
# With --jobs 1 the Nth request is the Nth page.

load helper

# Which fetcher: "scim" walks users, groups and each group's members, "scalr" an
# account with users that are asked for one by one.
fetch_with() {
	local fetcher=$1
	shift
	case $fetcher in
	scim) SCIM_TOKEN=$TOKEN timeout 60 scim-fetch --count 7 --max-wait 1 "$@" "$url/scim/v2" ;;
	scalr) BATON_SCALR_API_TOKEN=$TOKEN timeout 60 scalr-fetch --count 3 --max-wait 1 "$@" \
		--base-url "$url" acme ;;
	esac
}

# serve FETCHER: a stand-in, what a run reads from it in $plain, and how many
# requests that takes in $all.
serve() {
	case $1 in
	scim) start_stand_in --users 20 --groups 3 --switch members-absent ;;
	scalr) start_stand_in --users 5 --services 4 --groups 4 --switch included-missing ;;
	esac
	run_status 0 fetch_with "$1" --jobs 1
	plain=$BATS_TEST_TMPDIR/plain all=$(wc -l <"$log")
	body "$out" >"$plain"
	[ "$all" -ge 8 ]
}

# turn SWITCH VALUE
turn() {
	change "$(printf '{"op":"switch","name":"%s","value":"%s"}' "$1" "$2")"
}

# refused STATUS: nothing that was read can be taken for the whole, and whoever reads it ends with STATUS
refused() {
	assert_not_sealed "$out"
	cp "$out" "$BATS_TEST_TMPDIR/read"
	run_status "$1" normalize "$BATS_TEST_TMPDIR/read"
	assert_file_empty "$out"
}

# heals FETCHER SWITCH JOBS: the Nth request fails so once, for every N
heals() {
	local at
	serve "$1"
	for ((at = 1; at <= all; at++)); do
		turn "$2" "$at:1"
		run_status 0 fetch_with "$1" --jobs "$3" --retries 1
		assert_records "$plain"
		assert_sealed "$out"
	done
}

# ends FETCHER SWITCH: from the Nth request on all fail so, for every N
ends() {
	local at
	serve "$1"
	for ((at = 1; at <= all; at++)); do
		turn "$2" "$at:999999"
		run_status 75 fetch_with "$1" --jobs 1 --retries 0
		refused 75
	done
}

@test "scim-fetch: a reply that breaks off once, at any request, costs nothing and doubles nothing" {
	heals scim drop-at 1
}

@test "scim-fetch: a connection that closes without a reply once, at any request, costs nothing" {
	heals scim hang-up 4
}

@test "scim-fetch: replies that break off for ever from any request on are no short list" {
	ends scim drop-at
}

@test "scim-fetch: connections that close for ever from any request on are no short list" {
	ends scim hang-up
}

@test "scalr-fetch: a reply that breaks off once, at any request, costs nothing and doubles nothing" {
	heals scalr drop-at 1
}

@test "scalr-fetch: a connection that closes without a reply once, at any request, costs nothing" {
	heals scalr hang-up 4
}

@test "scalr-fetch: replies that break off for ever from any request on are no short list" {
	ends scalr drop-at
}

@test "scalr-fetch: connections that close for ever from any request on are no short list" {
	ends scalr hang-up
}

# ---- kills ----

# begin_fetch FETCHER OPTION...: in the background, as $fetching
begin_fetch() {
	out=$BATS_TEST_TMPDIR/out err=$BATS_TEST_TMPDIR/err
	export TMPDIR=$BATS_TEST_TMPDIR/tmp
	mkdir -p "$TMPDIR"
	: >"$log"
	# a process in the background ignores SIGINT
	case $1 in
	scim) SCIM_TOKEN=$TOKEN env --default-signal=INT scim-fetch --count 7 "${@:2}" "$url/scim/v2" \
		>"$out" 2>"$err" 3>&- & ;;
	scalr) BATON_SCALR_API_TOKEN=$TOKEN env --default-signal=INT scalr-fetch --count 3 "${@:2}" \
		--base-url "$url" acme >"$out" 2>"$err" 3>&- & ;;
	esac
	fetching=$!
}

# ended STATUSES: what is left of the run in the background; $said is what it said
ended() {
	local status=0
	wait "$fetching" || status=$?
	assert_regex "$status" "^($1)\$"
	assert_equal "$(ls -A "$TMPDIR")" ''
	unset TMPDIR
	refute_token "$out" "$err"
	said=$(cat "$err")
	# a signal lets nobody say why
	refused $((status > 128 ? 65 : status))
}

# killed FETCHER: at every request, which waits for its reply or for the second half of it; by each
# signal in its turn
killed() {
	local at how signals=(KILL TERM INT) signal count=0
	serve "$1"
	for ((at = 1; at <= all; at++)); do
		for how in hold-at stall-at; do
			signal=${signals[count++ % 3]}
			turn $how "$at"
			begin_fetch "$1" --jobs 1
			await "$log" "$at"
			kill -s "$signal" "$fetching"
			ended $((128 + $(kill -l "$signal")))
			turn $how off
		done
	done
	[ "$count" -ge 6 ] || fail "only $count"
}

@test "scim-fetch: SIGKILL, SIGTERM and SIGINT at any request leave no end line and no file" {
	killed scim
}

@test "scalr-fetch: SIGKILL, SIGTERM and SIGINT at any request leave no end line and no file" {
	killed scalr
}

@test "SIGKILL leaves no file where a list is so large that it is held in \$TMPDIR" {
	local signal
	start_stand_in --users 20 --switch big-record=6000000 --switch hold-at=3
	for signal in KILL TERM; do
		turn hold-at 3
		begin_fetch scim --jobs 1
		await "$log" 3
		kill -s $signal "$fetching"
		ended $((128 + $(kill -l $signal)))
	done
}

kill_server() {
	local server=${stand_in_pids##* }
	kill -s KILL "$server"
	wait "$server" 2>/dev/null || true
}

@test "a server that dies at any request makes no short list" {
	local at fetcher
	for fetcher in scim scalr; do
		for at in 1 3 6 9; do
			serve $fetcher
			turn hold-at $at
			begin_fetch $fetcher --jobs 1 --retries 0
			await "$log" $at
			kill_server
			# libcurl itself connects anew where it had a connection before
			ended '69|75'
		done
	done
}

@test "a server that dies and does not come back is unreachable after all tries" {
	serve scim
	turn hold-at 3
	begin_fetch scim --jobs 1 --retries 1
	await "$log" 3
	kill_server
	ended 69
	assert_regex "$said" 'after 2 tries$'
}

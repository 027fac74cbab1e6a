#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Same directory, same bytes: whatever the page size, the number of jobs, the
# order in which replies come, what guessed requests bring, and how often the
# server says that it is too much (faults.md cases 2, 11 and 13).

load helper

# serve FETCHER SWITCH...: $people (25) and 5 groups or teams
serve() {
	local switches=() switch
	for switch in "${@:2}"; do switches+=(--switch "$switch"); done
	start_stand_in --users "${people:-25}" --services 6 --groups 5 "${switches[@]}"
}

# fetch_with FETCHER OPTION...
fetch_with() {
	local fetcher=$1
	shift
	case $fetcher in
	scim) SCIM_TOKEN=$TOKEN timeout 60 scim-fetch "$@" "$url/scim/v2" ;;
	scalr) BATON_SCALR_API_TOKEN=$TOKEN timeout 60 scalr-fetch "$@" --base-url "$url" acme ;;
	esac
}

# undisturbed FETCHER SWITCH...: what one request after the other brings is $plain
undisturbed() {
	serve "$@"
	run_status 0 fetch_with "$1" --jobs 1 --retries 0
	plain=$BATS_TEST_TMPDIR/plain
	body "$out" >"$plain"
	[ "$(wc -l <"$plain")" -ge 30 ]
}

# same FETCHER OPTION...: a run with them brings the same bytes
same() {
	run_status 0 fetch_with "$@"
	assert_records "$plain"
	assert_sealed "$out"
}

# turn SWITCH VALUE
turn() {
	change "$(printf '{"op":"switch","name":"%s","value":"%s"}' "$1" "$2")"
}

# ---- the order of replies ----

# unordered FETCHER SWITCH...: replies overtake each other, in another way for each seed
unordered() {
	local seed jobs count
	undisturbed "$@"
	for seed in 1 2 3; do
		turn uneven-delay 15:$seed
		for jobs in 1 4 16; do
			for count in 2 7 100; do
				[ "$jobs-$count" != 1-2 ] || continue # slow, and nothing can overtake
				same "$1" --jobs $jobs --count $count
			done
		done
	done
}

@test "scim-fetch: replies that overtake each other leave no trace in the bytes" {
	unordered scim
}

@test "scim-fetch: groups that are asked for one by one stand in the order of their list" {
	unordered scim members-absent
}

@test "scalr-fetch: replies that overtake each other leave no trace in the bytes" {
	unordered scalr
}

@test "scalr-fetch: users that are asked for one by one stand in the order of their list" {
	unordered scalr included-missing
}

@test "the order of replies does differ from that of the requests here" {
	serve scim uneven-delay=40:1
	run_status 0 fetch_with scim --jobs 16 --count 2 --scope users -v
	# the first index of each reply, as they came
	sed -n 's/.*startIndex=\([0-9]*\)&.* -> 200.*/\1/p' "$err" >"$BATS_TEST_TMPDIR/came"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/came")" -ge 13 ]
	run_status 1 sort -nc "$BATS_TEST_TMPDIR/came"
}

# ---- guesses ----

@test "scim-fetch: what a wrong guess brings is thrown away, be it a refusal, an error or the limit" {
	local status jobs
	for status in 400 401 403 404 429 500 501 503; do
		undisturbed scim uneven-pages=4 off-page=$status
		for jobs in 4 16; do
			same scim --jobs $jobs --count 7 --retries 0
			assert_quiet
		done
		[ "$(answered $status)" -gt 0 ] || fail 'no guess was wrong'
	done
}

@test "scim-fetch: a wrong guess that is never answered is not waited for" {
	undisturbed scim uneven-pages=4
	turn off-page 0
	: >"$log"
	same scim --jobs 4 --count 7 --deadline 20
	[ "$(answered 0)" -gt 0 ] || fail 'no guess was wrong'
}

@test "guesses behind the end that fail change nothing" {
	local status jobs
	for status in 400 404 500; do
		undisturbed scim error-past-end=$status
		for jobs in 1 4 16; do
			same scim --jobs $jobs --count 2 --retries 0
		done
		undisturbed scalr error-past-end=$status
		for jobs in 1 4 16; do
			same scalr --jobs $jobs --count 2 --retries 0
		done
	done
}

# ---- a limit on the rate ----

# in_flight FIRST: the most requests under way at a time, of those that were
# answered with 200 from line FIRST of the log on
in_flight() {
	tail -n "+$1" "$log" | jq -s '[.[] | select(.status == 200).in_flight] | max'
}

# throttled FETCHER COUNT SWITCH...: many requests against a limit of 30 in 0.9 s
throttled() {
	local fetcher=$1 count=$2 people=80 refused good few
	undisturbed "$1" uneven-delay=60 "${@:3}"
	turn retry-after 1
	turn rate-limit 30:900
	: >"$log"
	same "$fetcher" --jobs 16 --count "$count" --retries 20
	assert_quiet
	# the lines of the first refusal, and of the first good reply behind it
	refused=$(jq .status "$log" | grep -n -m 1 429 | cut -d : -f 1)
	good=$(tail -n "+$refused" "$log" | jq .status | grep -n -m 1 200 | cut -d : -f 1)
	good=$((refused + good - 1))
	[ "$(in_flight 1)" -ge 10 ] || fail "never more than $(in_flight 1) at a time"
	# 16 are 8 at most after a refusal; one more may be on its way out
	few=$(sed -n "$good,$((good + 11))p" "$log" | jq -s 'map(.in_flight) | max')
	[ "$few" -le 9 ] || fail "still $few at a time"
	few=$(sed -n "$good,$((good + 2))p" "$log" | jq -s 'map(.in_flight) | max')
	[ "$(in_flight "$good")" -gt "$few" ] || fail "no more than $few at a time afterwards"
	assert_equal "$(tail -n 1 "$out" | jq .retries)" "$(answered 429)"
}

@test "scim-fetch: 429 beyond a rate costs time and nothing else, fewer requests are under way, then more again" {
	throttled scim 1
}

@test "scalr-fetch: 429 beyond a rate costs time and nothing else, fewer requests are under way, then more again" {
	throttled scalr 1
}

# minute FETCHER COUNT SWITCH...: more requests than a long window allows, and no Retry-After
minute() {
	local fetcher=$1 count=$2 people=40 waited refused
	undisturbed "$1" "${@:3}"
	turn rate-limit 30:3000
	: >"$log"
	# more looks than --retries
	same "$fetcher" --jobs 16 --count "$count" -v
	# and fewer seconds than a second window would take: the longest wait before each try
	waited=$(sed -nE 's/.*: waiting ([0-9]+)\.([0-9]) s.*, then try ([0-9]+)$/\3 \1\2/p' "$err" |
		awk '$2 > most[$1] { most[$1] = $2 } END { for (i in most) sum += most[i]; print sum + 0 }')
	[ "$waited" -gt 0 ] || fail "no wait: $(cat "$err")"
	[ "$waited" -le 100 ] || fail "waited $waited tenths of a second"
	refused=$(answered 429)
	# each of the 16 that were under way, then one look at a time
	[ "$refused" -le 25 ] || fail "$refused requests were refused"
}

@test "scim-fetch: a limit of a minute without Retry-After is waited for, without a storm of requests" {
	minute scim 1
}

@test "scalr-fetch: a limit of a minute without Retry-After is waited for, without a storm of requests" {
	minute scalr 100 included-missing
}

# few FETCHER COUNT SWITCH...: a limit on the requests at a time
few() {
	local people=60 refused
	undisturbed "$1" "${@:3}"
	turn uneven-delay 20
	turn at-once 2
	: >"$log"
	same "$1" --jobs 16 --count "$2"
	refused=$(answered 429)
	[ "$refused" -le 25 ] || fail "$refused requests were refused"
}

@test "scim-fetch: a service that takes few requests at a time is soon sent no more" {
	few scim 1
}

@test "scalr-fetch: a service that takes few requests at a time is soon sent no more" {
	few scalr 100 included-missing
}

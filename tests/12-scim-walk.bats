#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The walk of scim-fetch over servers that page, count and answer in their own
# ways: either exactly the right records and an end line, or no end line, the
# right status and the words that help. Below every test: nothing but GET is
# sent, and the token stands in no output.

load helper

# What the directory of every test holds, taken by curl and jq from a stand-in
# without any switch: 25 users and 5 groups in the form of each service.
setup_file() {
	local BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR service
	start_stand_in --users 25 --groups 5
	for service in scim rudderstack stripe; do
		expect_records "$service" Users user >"$BATS_FILE_TMPDIR/$service.records"
		expect_records "$service" Groups group >>"$BATS_FILE_TMPDIR/$service.records"
		[ "$(wc -l <"$BATS_FILE_TMPDIR/$service.records")" -eq 30 ]
	done
	stop_stand_ins
}

# expect_records SERVICE ENDPOINT KIND
expect_records() {
	local ids
	ids=$(ask "$1" "$2?startIndex=1&count=1000" | jq -r '[.Resources[].id] | join(",")')
	ask "$1" "$2/{$ids}" | jq -c --arg kind "$3" --arg source "$1" '{$kind, $source, resource: .}'
}

ask() {
	curl -qsSf --noproxy '*' -H "Authorization: Bearer $TOKEN" "$url$(path_of "$1")/$2"
}

path_of() {
	case $1 in scim) echo /scim/v2 ;; *) echo "/$1/scim/v2" ;; esac
}

setup() {
	service=scim
	export SCIM_TOKEN=$TOKEN BATON_RUDDERSTACK_SCIM_TOKEN=$TOKEN BATON_STRIPE_SCIM_TOKEN=$TOKEN
}

teardown() {
	stop_stand_ins
	assert_only_get
	[ ! -e "$BATS_TEST_TMPDIR/out" ] || refute_token "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err"
}

# serve SWITCH...: a stand-in with 25 users, 5 groups and these switches
serve() {
	local switches=() switch
	for switch; do switches+=(--switch "$switch"); done
	start_stand_in --users 25 --groups 5 "${switches[@]}"
}

# fetch STATUS OPTION...: reads $service, 7 records a page, with short waits
fetch() {
	local status=$1
	shift
	run_status "$status" timeout 60 scim-fetch --count 7 --retries 1 --max-wait 1 "$@" \
		--base-url "$url$(path_of "$service")" "$service"
}

# reads_all SWITCH... [-- OPTION...]: all is read, and the section is sealed
reads_all() {
	split_words "$@"
	serve "${switches[@]}"
	fetch 0 "${options[@]}"
	assert_records "$BATS_FILE_TMPDIR/$service.records"
	assert_end 25 5 0
}

# ids KIND: the ids of the records of that kind, in their order
ids() {
	sed -nE 's/^\{"kind":"'"$1"'","source":"[^"]*","resource":\{("schemas":\[[^]]*\],)?"id":"?([^",\]*)"?[,}].*/\2/p' "$out" | paste -sd ' '
}

# u FIRST LAST: the ids of users
u() {
	seq -f 'u%g' "$1" "$2" | paste -sd ' '
}

# count_requests PATTERN: how many requests were like this
count_requests() {
	requests | grep -c -e "$1" || true
}

# ---- the plain walk and what is asked on it ----

@test "a plain service is read completely, each record once and as it was sent" {
	reads_all
	assert_quiet
}

@test "RudderStack is read completely, with the members that its list of groups shows" {
	service=rudderstack
	reads_all
}

@test "Stripe is read completely, with members from GET /Groups/{id} because its list shows none" {
	service=stripe
	reads_all
	assert_equal "$(count_requests '^GET /stripe/scim/v2/Groups/grp_g[1-5]$')" 5
}

@test "with --jobs 1 the requests are exactly the pages in their order, and one behind the end" {
	reads_all -- --jobs 1
	assert_requests <<-END
		GET /scim/v2/Users?startIndex=1&count=7
		GET /scim/v2/Users?startIndex=8&count=7
		GET /scim/v2/Users?startIndex=15&count=7
		GET /scim/v2/Users?startIndex=22&count=7
		GET /scim/v2/Users?startIndex=26&count=7
		GET /scim/v2/Groups?startIndex=1&count=7
		GET /scim/v2/Groups?startIndex=6&count=7
	END
}

@test "with more jobs the requests are the same ones" {
	reads_all -- --jobs 16
	assert_equal "$(requests | sort)" "$(sort <<-END
		GET /scim/v2/Users?startIndex=1&count=7
		GET /scim/v2/Users?startIndex=8&count=7
		GET /scim/v2/Users?startIndex=15&count=7
		GET /scim/v2/Users?startIndex=22&count=7
		GET /scim/v2/Users?startIndex=26&count=7
		GET /scim/v2/Groups?startIndex=1&count=7
		GET /scim/v2/Groups?startIndex=6&count=7
	END
	)"
}

@test "every request carries the bearer token, asks for SCIM, JSON or anything, and has no body" {
	service=stripe
	reads_all
	assert_equal "$(jq -r '.headers | .authorization, .accept' "$log" | sort -u)" "$(sort <<-END
		Bearer $TOKEN
		application/scim+json, application/json;q=0.9, */*;q=0.1
	END
	)"
	assert_equal "$(jq -r '.headers | keys[]' "$log" | sort -u | paste -sd ' ')" \
		'accept accept-encoding authorization host user-agent'
}

@test "the same directory gives the same bytes, whatever the page size and the number of jobs" {
	local count jobs
	serve
	for count in 1 2 5 24 25 26 100 100000; do
		for jobs in 1 3 64; do
			fetch 0 --count "$count" --jobs "$jobs"
			assert_records "$BATS_FILE_TMPDIR/scim.records"
		done
	done
}

@test "groups without members in the list give the same bytes, whatever the number of jobs" {
	local jobs
	service=stripe
	serve
	for jobs in 1 2 16; do
		fetch 0 --jobs "$jobs"
		assert_records "$BATS_FILE_TMPDIR/stripe.records"
	done
}

@test "the end line counts records, requests and retries, and its digest is that of the records" {
	reads_all fail-at=3:503:2 retry-after=0 -- --retries 5
	assert_equal "$(tail -n 1 "$out" | jq -r .sha256)" "$(body "$out" | sha256sum | cut -d ' ' -f 1)"
	assert_equal "$(tail -n 1 "$out" | jq -c '[.requests, .retries]')" "[$(wc -l <"$log"),2]"
}

@test "pages asked for ahead at the wrong place change nothing of what is read" {
	local switch
	for switch in cap=4 'default-count=3 ignore-count' overlap=2 total-is-page wrap-past-end string-counters cursor; do
		# shellcheck disable=SC2086  # words on purpose
		reads_all $switch -- --jobs 16 --count 3
	done
}

@test "pages of uneven length are read in their order, however many are asked for ahead" {
	local jobs
	cat >"$BATS_TEST_TMPDIR/uneven" <<-'END'
		#!/bin/bash
		start=${1#*startIndex=} start=${start%%&*} records=
		length=$((1 + start * 5 % 4))
		for ((i = start; i < start + length && i <= 25; i++)); do records+="${records:+,}{\"id\":\"u$i\"}"; done
		body="{\"totalResults\":25,\"Resources\":[$records]}"
		printf 'HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' "${#body}" "$body"
	END
	chmod 700 "$BATS_TEST_TMPDIR/uneven"
	start_raw "$BATS_TEST_TMPDIR/uneven"
	for jobs in 1 4 16; do
		fetch 0 --scope users --jobs $jobs
		assert_equal "$(ids user)" "$(u 1 25)"
		assert_end 25 0 2
	done
}

@test "while a page does not come those behind it do, as many as twice --jobs" {
	local pages
	start_stand_in --users 100 --switch hold-at=2
	fetch 75 --count 2 --jobs 2 --timeout 1 --retries 0
	pages=$(requests | grep -c /Users)
	# the one held is that behind the first, or the next, and then there is one more
	[ "$pages" -eq 5 ] || [ "$pages" -eq 6 ] || fail "$pages pages were asked for"
}

@test "a list that is read again leaves nothing behind of the first reading, even where that had gone to a file" {
	start_stand_in --users 12000 --groups 0 --switch delete-between-pages=1
	fetch 0 --count 4000
	assert_equal "$(jq -r 'select(.kind == "user").resource.id' "$out" | sha256sum)" "$(seq -f 'u%.0f' 2 12000 | sha256sum)"
	assert_end 11999 0 0
}

@test "a directory without users and groups is read: the server said zero" {
	start_stand_in --users 0 --groups 0
	fetch 0
	assert_end 0 0 0
	assert_equal "$(wc -l <"$out")" 2
}

# ---- paging: servers that can be read to the end ----

@test "a total that counts only the page does not end the walk" {
	reads_all total-is-page
}

@test "a total that counts only the page does not end the walk behind a page that is full" {
	reads_all total-is-page -- --count 5
	reads_all total-is-page -- --count 25
}

@test "a total of zero behind the end is no news" {
	reads_all total-zero-past-end
}

@test "a server that sends fewer records a page than asked for is read to its end" {
	reads_all cap=4
}

@test "a server that sends one record a page is read to its end" {
	reads_all cap=1 -- --count 100
}

@test "a server that caps its pages and counts only the page is read to its end" {
	reads_all cap=4 total-is-page -- --count 100
}

@test "a server that has its own page size whatever count says is read to its end" {
	reads_all ignore-count default-count=4
	reads_all ignore-count default-count=4 no-counters
}

@test "a server that ignores count and sends everything at once is read" {
	reads_all ignore-count -- --count 3
}

@test "a server with a tiny default page is asked with startIndex and count each time" {
	reads_all default-count=2
	reads_all need-both-parameters
}

@test "a server that starts over behind the end is complete, and one more request proves it" {
	reads_all wrap-past-end -- --jobs 1
	assert_equal "$(count_requests '/Users?startIndex=2&count=1$')" 1
}

@test "an error after the last page is its end, with a warning" {
	local status
	for status in 404 400 416 501; do
		reads_all error-past-end=$status
		assert_says warning "HTTP $status"
	done
}

@test "a 500 after the last page, after all tries, is its end, with a warning" {
	reads_all error-past-end=500 -- --retries 0
	assert_says warning 'HTTP 500'
}

@test "an error of a gateway after the last page is no end of the list" {
	local status
	for status in 502 503 504 520 522 527 530; do
		stops 75 "HTTP $status" error-past-end=$status total-is-page -- --retries 0 --jobs 1
	done
}

@test "an error behind pages that only count themselves proves nothing where the last one was full" {
	stops 76 'HTTP 404' total-is-page error-past-end=404 -- --count 5
}

@test "windows that overlap are read, each record once" {
	reads_all overlap=2
}

@test "windows that overlap are read where the whole list fits one page" {
	reads_all overlap=2 -- --count 100
}

@test "a server that refuses the paging parameters is asked once without them" {
	reads_all refuse-paging-501 -- --jobs 1
	assert_requests <<-END
		GET /scim/v2/Users?startIndex=1&count=7
		GET /scim/v2/Users
		GET /scim/v2/Groups?startIndex=1&count=7
		GET /scim/v2/Groups
	END
}

@test "the echoed startIndex and itemsPerPage are not read" {
	reads_all items-per-page-is-count zero-based-echo
	reads_all items-per-page-is-count cap=3
}

@test "nextCursor switches to cursors" {
	reads_all cursor -- --jobs 1 --count 2
	assert_equal "$(requests | head -n 3)" "$(cat <<-END
		GET /scim/v2/Users?startIndex=1&count=2
		GET /scim/v2/Users?cursor=at-3&count=2
		GET /scim/v2/Users?cursor=at-5&count=2
	END
	)"
}

@test "nextCursor in the users switches to cursors for the groups that fit one page" {
	reads_all cursor
}

@test "an empty page in the middle of cursors is not the end" {
	reads_all cursor cursor-empty-page -- --count 2
	reads_all cursor cursor-empty-page -- --paging cursor
}

@test "a cursor that expires restarts the walk once" {
	reads_all cursor cursor-expires=1 -- --count 2
	assert_equal "$(count_requests '/Users?startIndex=1&')" 2
}

# ---- paging: servers whose end can not be proved ----

@test "a server that promises more than it sends is read again once, then named incomplete" {
	stops 76 'the server said 28 users and sent 25' total-too-big=3 -- --jobs 1
	assert_equal "$(count_requests '/Users?startIndex=1&')" 2
}

@test "a server that counts users and sends none points at the rights of the token" {
	stops 76 'said 25 users and sent 0' empty-list-with-total
	assert_says 'token'
}

@test "a server that ignores startIndex is noticed within two pages a walk" {
	stops 76 'startIndex' ignore-start-index -- --jobs 1
	assert_says incomplete
	[ "$(wc -l <"$log")" -le 4 ]
}

@test "a server that sends the same records whatever startIndex says has proved nothing" {
	stops 76 'unproven' ignore-start-index -- --count 100
	assert_says startIndex
	stops 76 'unproven' ignore-start-index total-is-page
	stops 76 'unproven' ignore-start-index no-counters
}

@test "a server whose order changes from page to page is not believed, and the hint is --sort-by" {
	stops 76 '--sort-by' reorder-per-request -- --jobs 1
}

@test "an index beyond what the server allows stops with the server's own words" {
	stops 76 'The start index is greater than the maximum.' refuse-past=10
	assert_says 'HTTP 400' 'page 3'
}

@test "paging refused and no total given: everything at once is not proved to be everything" {
	stops 76 'unproven' refuse-paging-501 no-counters
	assert_says 'refused them' 'Pagination is not supported.'
}

@test "a server that takes fewer records a page than asked for is asked for fewer" {
	reads_all count-max=20 -- --count 100 --jobs 1
	assert_equal "$(requests | head -n 4 | grep -o 'count=.*' | paste -sd ' ')" 'count=100 count=50 count=25 count=12'
	assert_equal "$(count_requests '/Groups?startIndex=1&count=12')" 1
	reads_all count-max=20 -- --count 100
	reads_all count-max=10 -- --count 1000 --paging index
	# less than what anybody takes: its words are kept
	stops 76 'said 25 users and sent 5' count-max=5 default-count=5 -- --count 100
	assert_says 'The count is greater than the maximum.'
	stops 76 'The count is greater than the maximum.' count-max=5 -- --count 100 --paging index
}

@test "--paging cursor at a service that counts by startIndex reads it by index, or proves nothing" {
	reads_all -- --paging cursor
	stops 76 unproven ignore-start-index total-is-page -- --paging cursor
	stops 76 'said 25 users and sent 7' ignore-start-index -- --paging cursor
}

@test "one group that is too large for one answer is not helped by --count" {

	{
		printf '{"id":"g1","members":[{"value":"'
		head -c 34000000 /dev/zero | tr '\0' x
		printf '"}]}'
	} >"$BATS_TEST_TMPDIR/big"
	printf '%s\n' '200 {"totalResults":1,"Resources":[{"id":"g1","displayName":"G"}]}' '200 {"totalResults":1,"Resources":[]}' \
		"200 $(<"$BATS_TEST_TMPDIR/big")" >"$BATS_TEST_TMPDIR/answers"
	start_answers <"$BATS_TEST_TMPDIR/answers"
	fetch 76 --scope groups,members --jobs 1
	assert_says "members of group 'g1'" '33554432 bytes' '--members filter'
	refute grep -e --count "$err"
}

@test "a cursor that comes twice has no end" {
	stops 76 'nextCursor' cursor cursor-repeats
	[ "$(wc -l <"$log")" -le 4 ]
}

@test "cursors that keep expiring stop after the second walk" {
	stops 76 'The cursor has expired.' cursor cursor-expires=99
	assert_equal "$(count_requests '/Users?startIndex=1&')" 2
}

# ---- a directory that changes under the walk ----

@test "a user who goes away between two pages costs nobody else: the list is read again" {
	serve delete-between-pages=1
	fetch 0
	assert_equal "$(ids user)" "$(u 2 25)"
	assert_end 24 5 0
}

@test "a user who comes between two pages is not missed: the list is read again" {
	serve insert-between-pages=1
	fetch 0
	assert_equal "$(ids user)" "inserted-26 $(u 1 25)"
	assert_end 26 5 0
}

@test "a list that keeps changing is read four times, then it is later" {
	stops 75 'kept changing' delete-between-pages=99 -- --jobs 1
	assert_equal "$(count_requests '/Users?startIndex=1&')" 4
	stops 75 'kept changing' insert-between-pages=99
}

@test "totals that count what is left, or say at least so many, are no change: the same records came twice" {
	local total
	for total in total-is-left total-at-least; do
		reads_all $total -- --jobs 1
		assert_equal "$(count_requests '/Users?startIndex=1&')" 2
		reads_all $total
		reads_all $total -- --count 5
		stops 75 'kept changing' $total delete-between-pages=99 -- --jobs 1
	done
	# who is counted and not sent is missed, however it counts
	stops 76 'the server said 22 users and sent 21' total-is-left hide=22 truncate=22 -- --count 21 --jobs 1
	stops 76 'the server said 25 users and sent 24' total-is-left hide=3 -- --jobs 1
}

@test "times that change with each answer are no change of what is read twice" {
	reads_all_but_meta() {
		serve meta-changes "$@"
		fetch 0
		jq -c 'del(.resource.meta)' "$BATS_FILE_TMPDIR/scim.records" >"$BATS_TEST_TMPDIR/want"
		body "$out" | jq -c 'del(.resource.meta)' >"$BATS_TEST_TMPDIR/got"
		run_status 0 diff "$BATS_TEST_TMPDIR/want" "$BATS_TEST_TMPDIR/got"
	}
	reads_all_but_meta overlap=2
	assert_equal "$(count_requests '/Users?startIndex=1&')" 1
	reads_all_but_meta wrap-past-end
}

@test "four walks that find the same ids are a proof, whatever else changes in the records" {
	local walk name one two three
	for name in b c; do
		for walk in 1 2 3 4; do
			one='{"id":"1","userName":"a"}'
			two="{\"id\":\"2\",\"userName\":\"b\",\"visits\":$walk}"
			three='{"id":"3","userName":"d"}'
			echo "200 {\"totalResults\":3,\"Resources\":[$one,$two]}"
			echo "200 {\"totalResults\":3,\"Resources\":[{\"id\":\"2\",\"userName\":\"$name\",\"visits\":0},$three]}"
			echo '200 {"totalResults":3,"Resources":[]}'
		done >"$BATS_TEST_TMPDIR/answers"
		start_answers <"$BATS_TEST_TMPDIR/answers"
		if [ $name = b ]; then
			fetch 0 --scope users --jobs 1
			assert_equal "$(ids user)" '1 2 3'
		else # an id that is two people's is none
			fetch 75 --scope users --jobs 1
			assert_says 'kept changing'
		fi
	done
}

@test "one id with two contents is a change, not a repetition" {
	stops 75 'kept changing' duplicate-ids
}

# ---- envelopes ----

@test "an empty page without Resources, or with null, ends the list" {
	reads_all no-resources-when-empty
	reads_all null-resources
	reads_all no-resources-when-empty no-counters
}

@test "an empty directory without Resources, or with null, is empty" {
	local switch
	for switch in no-resources-when-empty null-resources; do
		start_stand_in --users 0 --groups 0 --switch $switch
		fetch 0
		assert_end 0 0 0
	done
}

@test "counters that are strings, fractions, null or missing do not stop the walk" {
	reads_all string-counters
	reads_all float-counters
	reads_all null-counters
	reads_all no-counters
	reads_all no-counters cap=4
}

@test "the envelope is read in lower case, and with Resources first" {
	reads_all lower-case-envelope
	reads_all resources-first
}

# one_page TEXT: every good answer to a list of users is TEXT
one_page() {
	printf '%s' "$1" >"$BATS_TEST_TMPDIR/page"
	serve "body=$BATS_TEST_TMPDIR/page"
}

@test "a total that is no number of records is named" {
	local total
	for total in -1 1.5 '"many"' true '{}' 1e400 99999999999999999999999 15e-1 1.0e-1 '"1."' '".5"' '"1e"' '"1e+"' '""' 1e18; do
		one_page '{"totalResults":'"$total"',"Resources":[{"id":"a"}]}'
		fetch 76 --scope users
		assert_not_sealed "$out"
		assert_says totalResults
	done
}

@test "a total smaller than what is sent does not end the walk, nor is it believed" {
	one_page '{"totalResults":1,"Resources":[{"id":"a"},{"id":"b"}]}'
	fetch 76 --scope users
	assert_not_sealed "$out"
	assert_says unproven
}

@test "a body that is no list is not an empty list" {
	local body
	for body in '{}' '{"Resources":null}' '{"Resources":null,"totalResults":null}' '[]' 'null' '"x"' '7' '{"Resources":{}}' '{"Resources":"none"}' '{"totalResults":1,"Resources":7}'; do
		one_page "$body"
		fetch 76 --scope users
		assert_not_sealed "$out"
	done
	one_page '{}'
	fetch 76
	assert_says 'expected a list'
}

@test "a body that is not JSON by the letter is refused with the place" {
	local body
	for body in '{"totalResults":0,"Resources":[],}' '{"totalResults":0,"Resources":[]} x' \
		'{"totalResults":00,"Resources":[]}' "{'totalResults':0}" '{"totalResults":0,"Resources":[NaN]}' \
		'{"totalResults":0,"Resources":["\ud800"]}' '{"totalResults":0,"Resources":["\x41"]}'; do
		one_page "$body"
		fetch 76 --scope users
		assert_not_sealed "$out"
		assert_says JSON byte
	done
}

@test "a member that stands twice in one object is refused, however many there are and wherever it stands" {
	local some many members
	some=$(seq -f '"m%.0f":1' -s, 1 10) many=$(seq -f '"m%.0f":1' -s, 1 40)
	for members in '"userName":"x","userName":"y"' "$some,\"m5\":2" "$many,\"m5\":2" \
		"$some,\"x\":{\"m5\":1,\"m5\":2}" "$many,\"x\":{\"m5\":1,\"m5\":2}"; do
		one_page "{\"totalResults\":1,\"Resources\":[{\"id\":\"a\",$members}]}"
		fetch 76 --scope users
		assert_not_sealed "$out"
		assert_says 'stands twice in one object'
	done
	one_page "{\"totalResults\":1,\"Resources\":[{\"id\":\"a\",$many,\"x\":{$many}}]}"
	fetch 0 --scope users
}

@test "nesting without end is refused" {
	one_page "{\"totalResults\":1,\"Resources\":[{\"id\":\"a\",\"x\":$(printf '[%.0s' {1..100000})$(printf ']%.0s' {1..100000})}]}"
	fetch 76 --scope users
	assert_not_sealed "$out"
	assert_says nested
}

@test "numbers keep their text to the last digit" {
	local resource='{"id":9007199254740993,"a":1.0,"b":1e3,"c":-0,"d":123456789012345678901234567890.125}'
	one_page '{"totalResults":1,"Resources":['"$resource"']}'
	fetch 0 --scope users
	assert_equal "$(sed -n 4p "$out")" '{"kind":"user","source":"scim","resource":'"$resource"'}'
}

@test "records that are no objects are refused" {
	local record
	for record in '"u1"' 7 '["u1"]' true; do
		one_page '{"totalResults":1,"Resources":['"$record"']}'
		fetch 76 --scope users
		assert_not_sealed "$out"
		assert_says object
	done
}

@test "ids that are numbers and texts of all kinds keep apart users, groups and pages" {
	serve numeric-ids
	fetch 0
	assert_equal "$(ids user)" "$(seq 25 | paste -sd ' ')"
	assert_equal "$(ids group)" '1 2 3 4 5'
	assert_end 25 5 0
}

@test "attribute names in capitals are understood" {
	serve capital-names
	fetch 0
	assert_equal "$(jq -r 'select(.kind == "user").resource.Id' "$out" | paste -sd ' ')" "$(u 1 25)"
	assert_end 25 5 0
}

@test "a named record without an id stops the run, with --keep-going it is a gap of its list" {
	printf '%s\n' '{"kind":"user","id":"u1","user_name":"a@example.com"}' \
		'{"kind":"user","raw":{"userName":"nobody@example.com"}}' >"$BATS_TEST_TMPDIR/data"
	start_stand_in --data "$BATS_TEST_TMPDIR/data"
	fetch 76
	assert_not_sealed "$out"
	assert_says nobody@example.com 'without an id'
	fetch 0 --keep-going
	assert_equal "$(ids user)" u1
	assert_equal "$(jq -r 'select(.kind == "gap").scope' "$out")" users
	assert_end 1 0 1
	printf '%s\n' '{"kind":"group","raw":{"displayName":"Nobody'"'"'s","members":[]}}' >"$BATS_TEST_TMPDIR/data"
	start_stand_in --data "$BATS_TEST_TMPDIR/data"
	fetch 76
	assert_says "a group without an id ('Nobody's')"
	fetch 0 --keep-going
	assert_equal "$(jq -r 'select(.kind == "gap").scope' "$out")" groups
	assert_end 0 0 1
}

@test "empty records without an id are counted, warned about and skipped" {
	printf '%s\n' '{"kind":"user","id":"u1","user_name":"a@example.com"}' \
		'{"kind":"user","raw":{}}' '{"kind":"user","raw":{"id":null,"active":true}}' >"$BATS_TEST_TMPDIR/data"
	start_stand_in --data "$BATS_TEST_TMPDIR/data"
	fetch 0
	assert_equal "$(ids user)" u1
	assert_end 1 0 0
	assert_says warning '2 '
}

# ---- replies: type, coding, transport ----

@test "the content type does not decide what a reply is" {
	local type
	for type in none text/html text/plain application/json application/json+scim 'application/scim+json; charset=utf-8'; do
		reads_all "content-type=$type"
	done
}

@test "a server that does not like what we accept is named" {
	stops 76 'HTTP 406' accept-406=application/scim+json
}

@test "a byte-order mark is skipped" {
	reads_all bom
}

@test "text that is not UTF-8 is refused with the place" {
	stops 76 'UTF-8' broken-utf8
	assert_says byte
}

@test "compressed, chunked and HTTP/1.0 replies are read" {
	reads_all gzip
	reads_all chunked
	reads_all http-1.0
	reads_all http-1.0 chunked
	reads_all gzip chunked
}

@test "a login page with status 200 is not a list" {
	stops 76 'expected a list' html-200
	assert_says text/html 'the server says: Sign in'
}

@test "an error object with status 200 is not a list" {
	stops 76 'expected a list' error-200
	assert_says 'The database is away.'
}

@test "an empty reply is not an empty list" {
	stops 76 'expected a list' empty-200
	stops 76 'HTTP 204' status-204
}

@test "a reply that is cut off is asked for again, and nothing is doubled" {
	reads_all drop-at=3:1 -- --jobs 1
	reads_all drop-at=3:1 chunked -- --jobs 1
	reads_all drop-at=3:1 http-1.0 chunked -- --jobs 1
}

@test "a reply that is cut off each time is no short page" {
	stops 75 'after 1 try' drop-at=3:99 -- --jobs 1 --retries 0
	stops 75 'after 1 try' drop-at=3:99 chunked -- --jobs 1 --retries 0
	stops 75 'cut off' drop-at=3:99 http-1.0 chunked -- --jobs 1 --retries 0
	stops 75 'cut off' cut-gzip -- --retries 0
}

@test "a body shorter than its Content-Length is no short page" {
	local page='{"totalResults":0,"Resources":[]}'
	printf 'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n%s' "$page" >"$BATS_TEST_TMPDIR/short"
	start_raw "$BATS_TEST_TMPDIR/short"
	fetch 75 --retries 0
	assert_not_sealed "$out"
}

@test "what does not speak HTTP is named" {
	printf 'SSH-2.0-OpenSSH_9.2p1\r\n' >"$BATS_TEST_TMPDIR/ssh"
	start_raw "$BATS_TEST_TMPDIR/ssh"
	fetch 76 --retries 0
	assert_not_sealed "$out"
	assert_says HTTP
}

@test "a small reply that unpacks without end is stopped by the byte limit" {
	stops 76 'larger than' gzip-bomb=64
}

@test "a reply without end is stopped by the byte limit" {
	stops 76 'larger than' endless -- --retries 0
}

@test "one byte at a time is stopped by the time limit" {
	stops 75 'timed out' slow=20 -- --timeout 1 --retries 0
}

@test "a reply that stands still in the middle is given up after --timeout, and asked for again" {
	reads_all stall-at=3:1 -- --timeout 1 --jobs 1
	assert_equal "$(tail -n 1 "$out" | jq .retries)" 1
	stops 75 'timed out' stall-at=3:99 -- --timeout 1 --retries 0
}

@test "a record of a megabyte is read, one larger than a page may be is refused with the limit" {
	serve big-record=1000000
	fetch 0
	assert_equal "$(ids user)" "$(u 1 25)"
	assert_equal "$(sed -n 2p "$out" | jq '.resource.profileUrl | length')" 1000000
	stops 76 '33554432' big-record=34000000
}

@test "a redirect is not followed, its target gets no request" {
	local other other_log
	serve
	other=$url other_log=$log
	stops 76 "$other" "redirect=$other"
	assert_says 'HTTP 307'
	assert_equal "$(wc -l <"$log")" 1
	assert_equal "$(wc -l <"$other_log")" 0
}

@test "a redirect to the same server is followed once, and not again" {
	printf 'HTTP/1.1 302 Found\r\nLocation: /scim/v2/Users/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' \
		>"$BATS_TEST_TMPDIR/relative"
	start_raw "$BATS_TEST_TMPDIR/relative"
	fetch 76
	assert_says 'HTTP 302'
	assert_equal "$(grep -c '^GET ' "$raw_log")" 2
}

@test "a redirect without a scheme names its host and is not followed" {
	local other_log
	serve
	other_log=$log
	printf 'HTTP/1.1 307 Temporary Redirect\r\nLocation: //%s/scim/v2/Users\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' \
		"${url#http://}" >"$BATS_TEST_TMPDIR/no-scheme"
	start_raw "$BATS_TEST_TMPDIR/no-scheme"
	fetch 76
	assert_says 'HTTP 307'
	assert_equal "$(wc -l <"$other_log")" 0
}

# ---- refusals, errors, retries ----

@test "500, 502, 503, 504, 408 and 429 pass: asked again, the bytes are the same" {
	local status
	for status in 503 429; do
		reads_all fail-at=3:$status:1 retry-after=0
	done
	for status in 500 502 504 408; do
		reads_all fail-at=2:$status:1 -- --jobs 1
		assert_equal "$(count_requests '/Users?startIndex=8&count=7$')" 2
	done
}

@test "a retry doubles nothing while other pages are in flight" {
	reads_all fail-at=2:503:6 retry-after=0 -- --retries 8 --jobs 16 --count 1
}

@test "a failure that does not pass names the page, the status and the tries" {
	stops 75 'startIndex=15&count=7' fail-at=3:503:99 retry-after=0 -- --retries 2 --jobs 1
	assert_says 'HTTP 503' 'after 3 tries'
	assert_equal "$(count_requests 'startIndex=15&')" 3
}

@test "400, 401, 403, 404 and 501 are not asked again" {
	local status
	for status in 400 401 403 404 501; do
		serve fail-at=2:$status:1 retry-after=0
		run_status "$(case $status in 401 | 403) echo 77 ;; *) echo 76 ;; esac)" \
			scim-fetch --count 7 --jobs 1 "$url/scim/v2"
		assert_not_sealed "$out"
		assert_says "HTTP $status"
		assert_equal "$(wc -l <"$log")" 2
	done
}

@test "401 in the middle of the walk ends it" {
	stops 77 'HTTP 401' fail-at=3:401:1 -- --jobs 1
	assert_says 'page 3'
	assert_equal "$(wc -l <"$log")" 3
}

@test "a wrong token is refused with 77, whatever form the error has" {
	local switch
	for switch in text-401 empty-errors html-errors nested-errors trace-errors; do
		serve $switch
		SCIM_TOKEN=wrong fetch 77
		assert_not_sealed "$out"
		assert_says 'HTTP 401'
	done
}

@test "the server's own words are shown, from each envelope" {
	stops 77 'Users: no.' users-status=403
	stops 77 'Users: no.' users-status=403 nested-errors
	service=stripe
	stops 75 'Request rate limit exceeded' users-status=429 -- --retries 0
}

@test "the server's words are cut and inert" {
	stops 77 'Traceback' users-status=403 trace-errors
	[ "$(grep -c '' "$err")" -eq 1 ] || fail "more than one line: $(cat "$err")"
	[ "$(grep -acP '[\x00-\x08\x0b-\x1f\x7f]|\xe2\x80\xae' "$err")" -eq 0 ] || fail "not inert"
	[ "$(grep -c hunter2 "$err")" -eq 0 ] || fail "not cut"
	stops 77 'HTTP 403' users-status=403 html-errors
	[ "$(grep -acP '\x1b' "$err")" -eq 0 ] || fail "not inert"
}

@test "the server's own words are shown wherever they stand in an error" {
	local body
	for body in '{"error":"Not you."}' '{"errors":["Not you."]}' '{"errors":[{"detail":"Not you."}]}' \
		'{"error":{"message":"Not you."}}' '{"detail":"","error":"x","error_description":"Not you."}' 'Not you.'; do
		start_answers <<<"403 $body"
		fetch 77 --jobs 1
		assert_says '(the server says: Not you.)'
		assert_not_sealed "$out"
	done
}

@test "Retry-After 0 or in the past is no reason to stop" {
	reads_all fail-at=3:429:1 retry-after=0
	reads_all fail-at=3:503:1 retry-after=date-100
}

@test "Retry-After in seconds is waited for" {
	local start=${EPOCHREALTIME/./}
	reads_all fail-at=1:429:1 retry-after=1
	[ $((${EPOCHREALTIME/./} - start)) -ge 1000000 ] || fail 'did not wait'
}

@test "Retry-After as a date is waited for" {
	local start=${EPOCHREALTIME/./}
	reads_all fail-at=1:503:1 retry-after=date+2 -- --max-wait 2
	[ $((${EPOCHREALTIME/./} - start)) -ge 1000000 ] || fail 'did not wait'
}

@test "Retry-After beyond --max-wait stops at once and says until when" {
	# --jobs 1: else the third request may be the one behind the end, where an error is the end
	stops 75 'until 20' fail-at=3:429:1 retry-after=3600 -- --jobs 1
	assert_says --max-wait
	assert_equal "$(wc -l <"$log")" 3
	stops 75 'until 20' fail-at=3:503:1 retry-after=date+3600 -- --jobs 1
	stops 75 'until ' fail-at=3:429:1 retry-after=999999999999 -- --jobs 1
	stops 75 'until ' fail-at=3:429:1 retry-after=99999999999999999999999999 -- --jobs 1
}

@test "Retry-After that makes no sense, or none, leaves the wait to us" {
	reads_all fail-at=2:429:1
	reads_all fail-at=2:429:1 retry-after=soon
	reads_all fail-at=2:429:1 retry-after=-349895812
}

@test "a service that refuses says what to check" {
	stops 77 'token' users-status=403
	stops 77 'token' users-status=401
}

@test "RudderStack's refusal says which token it takes and on which plan" {
	local status
	service=rudderstack
	for status in 401 403; do
		stops 77 "HTTP $status" users-status=$status
		assert_says 'organization-level Service Access Token' workspace-level 'personal access token' \
			'Enterprise plan' SSO
	done
}

@test "Stripe's refusal says that tokens are of live mode, and where they come from" {
	local status
	service=stripe
	for status in 401 403; do
		stops 77 "HTTP $status" users-status=$status
		assert_says 'live mode' 'single sign-on settings'
	done
}

@test "a base URL that leads nowhere is named" {
	serve
	run_status 76 scim-fetch "$url/scim/v3"
	assert_not_sealed "$out"
	assert_says 'HTTP 404' "$url/scim/v3" 'base URL'
}

# ---- groups ----

@test "RudderStack without groups is complete, with the gap recorded" {
	local status
	service=rudderstack
	for status in 404 405 501; do
		serve groups-status=$status
		fetch 0
		assert_equal "$(ids user)" "$(seq -f rs_u%g 25 | paste -sd ' ')"
		assert_equal "$(jq -r 'select(.kind == "gap") | "\(.source) \(.scope)"' "$out")" 'rudderstack groups'
		assert_says "HTTP $status"
		assert_equal "$(jq -r 'select(.kind == "gap").reason' "$out" | grep -c "HTTP $status")" 1
		assert_end 25 0 1
	done
}

@test "RudderStack's groups are not optional where they are refused or away" {
	service=rudderstack
	stops 77 'HTTP 403' groups-status=403
	stops 77 'HTTP 401' groups-status=401
	stops 75 'HTTP 503' groups-status=503 -- --retries 0
}

@test "another service's groups are not optional: it stops, and --keep-going records the gap" {
	local provider
	for provider in scim stripe; do
		service=$provider
		stops 76 'HTTP 501' groups-status=501
		assert_says --keep-going
		serve groups-status=501
		fetch 0 --keep-going
		assert_equal "$(jq -r 'select(.kind == "gap").scope' "$out")" groups
		assert_end 25 0 1
	done
}

@test "--keep-going does not hide that the token is refused, or that it is later" {
	stops 77 'HTTP 401' groups-status=401 -- --keep-going
	stops 75 'HTTP 503' groups-status=503 -- --keep-going --retries 0
	stops 75 'HTTP 429' groups-status=429 -- --keep-going --retries 0
}

@test "users that are refused are a gap only with --keep-going, never an empty list" {
	stops 77 'HTTP 403' users-status=403
	serve users-status=403
	fetch 0 --keep-going
	assert_equal "$(jq -r 'select(.kind == "gap").scope' "$out")" users
	assert_end 0 5 1
}

# ---- members ----

@test "members that the list leaves out, or has as null, come from GET /Groups/{id}" {
	local switch
	for switch in members-absent members-null; do
		reads_all $switch -- --jobs 1
		assert_equal "$(requests | tail -n 5)" "$(seq -f 'GET /scim/v2/Groups/g%g' 5)"
	done
}

@test "groups that all show no members are believed if none that is asked for alone shows one" {
	local groups count
	serve members-empty-listed user-groups-as=absent
	fetch 0 --jobs 1
	assert_says warning 'a group that is asked for alone does: each is asked for'
	assert_equal "$(grep -cE '^GET /scim/v2/Groups/g1$' <(requests))" 2
	groups=$(jq -r 'select(.kind == "group") | "\(.resource.id) \(.resource.members | length)"' "$out")
	assert_end '[0-9]+' "$(wc -l <<<"$groups")" 0
	refute grep -q ' 0$' <<<"$groups"
	# a user who names a group, or one group with a member, speaks for the list
	serve members-empty-always user-groups-as=absent
	fetch 0 --jobs 1
	count=$(grep -cE '^GET /scim/v2/Groups/' <(requests))
	assert_equal "$count" $(($(grep -c '^{"kind":"group"' "$out") + 1))
	fetch 0 --jobs 1 --members list
	assert_equal "$(grep -cE '^GET /scim/v2/Groups/' <(requests))" "$count"
	# the first group is empty in truth, and says nothing of the others
	cat >data <<-EOF
		{"kind":"user","id":"1","user_name":"ada@example.com"}
		{"kind":"group","id":"6","name":"Empty","members":[]}
		{"kind":"group","id":"7","name":"Ops","members":["1"]}
	EOF
	start_stand_in --data data --switch members-empty-listed --switch user-groups-as=absent
	fetch 0
	assert_equal "$(jq -c 'select(.kind == "group").resource.members | length' "$out" | xargs)" '0 1'
	# where no group can be asked for alone, the list is all there is
	start_stand_in --data data --switch members-empty-listed --switch user-groups-as=absent --switch members-fail=404
	fetch 0
	assert_equal "$(jq -c 'select(.kind == "group").resource.members | length' "$out" | xargs)" '0 0'
}

@test "members: [] is a group without members; where all groups are, each is asked for alone" {
	serve members-empty-always user-groups-as=absent
	fetch 0
	assert_equal "$(count_requests '/Groups/')" $(($(grep -c '^{"kind":"group"' "$out") + 1))
	assert_equal "$(jq -c 'select(.kind == "group").resource.members' "$out" | sort -u)" '[]'
}

@test "members: [] is not believed of a group that users say they are in" {
	stops 76 "group 'g1' shows 0 members, and" members-empty-always
	serve members-empty-always
	fetch 0 --keep-going
	assert_equal "$(jq -r 'select(.kind == "gap") | "\(.scope) \(.id)"' "$out" | head -n 1)" 'members g1'
}

@test "groups: [] of every user is no evidence that groups without members have none" {
	local groups
	for groups in '[]' '[null]' null; do
		printf '%s\n' "{\"kind\":\"user\",\"raw\":{\"id\":\"u1\",\"userName\":\"a\",\"groups\":$groups}}" \
			'{"kind":"group","raw":{"id":"g1","displayName":"G"}}' >"$BATS_TEST_TMPDIR/data"
		start_stand_in --data "$BATS_TEST_TMPDIR/data"
		fetch 76
		assert_not_sealed "$out"
		assert_says 'no group shows members'
		fetch 0 --keep-going
		assert_end 1 1 1
	done
}

@test "members in an object with numbers as keys are members" {
	printf '%s\n' '{"kind":"user","raw":{"id":"u1","userName":"a","groups":{"1":{"value":"g2"}}}}' \
		'{"kind":"group","raw":{"id":"g1","displayName":"G","members":{"0":{"value":"u1"},"2":{"value":"u2"}}}}' \
		'{"kind":"group","raw":{"id":"g2","displayName":"H"}}' >"$BATS_TEST_TMPDIR/data"
	start_stand_in --data "$BATS_TEST_TMPDIR/data"
	fetch 0
	mv "$out" "$BATS_TEST_TMPDIR/stream"
	assert_equal "$(normalize "$BATS_TEST_TMPDIR/stream" | jq -r 'select(.kind == "membership") | "\(.group_id) \(.member_id)"' |
		paste -sd ,)" 'g1 u1,g1 u2,g2 u1'
	printf '%s\n' '{"kind":"group","raw":{"id":"g1","displayName":"G","members":{"0":{"value":"u1"},"x":{"value":"u2"}}}}' \
		>"$BATS_TEST_TMPDIR/data"
	start_stand_in --data "$BATS_TEST_TMPDIR/data"
	fetch 76
	assert_not_sealed "$out"
}

@test "a service that shows members nowhere has not shown that there are none" {
	service=stripe
	stops 76 members members-never
	serve members-never
	fetch 0 --keep-going
	assert_equal "$(jq -c 'select(.kind == "gap").scope' "$out")" '"members"'
	assert_end 25 5 1
}

@test "a service that shows members only as the users' groups is complete" {
	serve members-never
	fetch 0
	assert_end 25 5 0
}

@test "ids are percent-encoded in a path" {
	serve odd-ids members-absent
	fetch 0 --jobs 1
	assert_equal "$(requests | tail -n 5)" "$(seq -f 'GET /scim/v2/Groups/g%g%%26%%40%%2F%%25%%20%%C3%%A9' 5)"
	assert_equal "$(jq -r 'select(.kind == "group").resource | select(.members).id' "$out" | head -n 1)" 'g1&@/% é'
	assert_end 25 5 0
}

@test "numeric ids find their groups" {
	serve numeric-ids members-absent
	fetch 0
	assert_equal "$(jq -c 'select(.kind == "group").resource | select(.members | length == 0).id' "$out")" ''
	assert_end 25 5 0
}

@test "one group whose members can not be read stops the run and is named" {
	local status
	service=stripe
	for status in 403 404 500; do
		stops 76 grp_g2 members-fail=$status:g2 -- --retries 0
		assert_says "HTTP $status" --keep-going
	done
}

@test "with --keep-going one unreadable group is a gap with its id, the others are whole" {
	local status
	service=stripe
	for status in 403 404 500; do
		serve members-fail=$status:g2
		fetch 0 --keep-going --retries 0
		assert_equal "$(jq -r 'select(.kind == "gap") | "\(.scope) \(.id)"' "$out")" 'members grp_g2'
		assert_equal "$(jq -r 'select(.kind == "gap").reason' "$out" | grep -c "HTTP $status")" 1
		body "$out" | grep -v '"kind":"gap"' >"$BATS_TEST_TMPDIR/left"
		grep -v '"id":"grp_g2"' "$BATS_FILE_TMPDIR/stripe.records" >"$BATS_TEST_TMPDIR/expected"
		run_status 0 diff "$BATS_TEST_TMPDIR/expected" <(grep -v '"id":"grp_g2"' "$BATS_TEST_TMPDIR/left")
	done
}

@test "one group that is throttled or refuses the token is no gap" {
	service=stripe
	stops 75 grp_g2 members-fail=429:g2 -- --keep-going --retries 0
	stops 77 grp_g2 members-fail=401:g2 -- --keep-going
}

@test "a full or missing \$TMPDIR while members are read is no gap of a group" {
	local option
	service=stripe
	start_stand_in --users 2000 --groups 40 --members 2000
	for option in -q --keep-going; do
		TMPDIR=$BATS_TEST_TMPDIR/nowhere fetch 73 --scope groups,members --count 1000 $option
		assert_not_sealed "$out"
		assert_says 'temporary file'
		[ "$(grep -c -e gap "$err")" -eq 0 ] || fail "$(cat "$err")"
	done
}

@test "the hint at --keep-going is given once" {
	service=stripe
	stops 76 --keep-going members-display-only
	assert_equal "$(grep -o -e --keep-going "$err" | wc -l)" 1
}

@test "a member without value and \$ref stops the run, with --keep-going it is a gap of its group" {
	stops 76 "'g1'" members-display-only
	serve members-display-only
	fetch 0 --keep-going
	assert_equal "$(jq -r 'select(.kind == "gap") | "\(.scope) \(.id)"' "$out" | paste -sd ,)" \
		'members g1,members g2,members g3,members g4,members g5'
	assert_end 25 5 5
}

@test "members of every other shape are passed on as they are" {
	local switch
	for switch in members-ref-only members-no-type members-odd-type members-as-strings members-dangle members-loop; do
		serve $switch
		fetch 0
		assert_end 25 5 0
		ask scim Groups/g1 | jq -c .members >"$BATS_TEST_TMPDIR/expected"
		jq -c 'select(.resource.id == "g1").resource.members' "$out" >"$BATS_TEST_TMPDIR/got"
		run_status 0 cmp "$BATS_TEST_TMPDIR/expected" "$BATS_TEST_TMPDIR/got"
	done
}

@test "members cut at a round number, where more users say that they are in the group, are not believed" {
	start_stand_in --users 150 --groups 1 --members 150 --switch members-cut=50
	fetch 76
	assert_says "'g1'" 50 150
	start_stand_in --users 150 --groups 1 --members 150 --switch members-cut=100
	fetch 76
	assert_not_sealed "$out"
	assert_says "'g1'" 100 150
	fetch 0 --keep-going
	assert_equal "$(jq -r 'select(.kind == "gap") | "\(.scope) \(.id)"' "$out")" 'members g1'
	assert_end 150 1 1
}

@test "a round number of members that the users agree with is believed" {
	start_stand_in --users 150 --groups 1 --members 100
	fetch 0
	assert_end 150 1 0
}

@test "a list that fails because of its members stops with the server's words" {
	stops 76 'A group has too many members.' members-too-many=400
}

@test "a list that fails because of its members is readable without them" {
	serve members-too-many=400
	fetch 0 --scope users,groups
	assert_equal "$(jq -r 'select(.kind == "gap").scope' "$out")" members
	assert_equal "$(ids group)" 'g1 g2 g3 g4 g5'
	assert_end 25 5 1
}

@test "a member that stands without an array is a member, and what is none is a gap of its group" {
	local members
	# shellcheck disable=SC2016  # $ref is a member's name
	for members in '{"value":"u1"}' '{"$ref":"https://x.example/Users/u1"}' '"u1"'; do
		printf '%s\n' '{"kind":"user","id":"u1","user_name":"a@example.com"}' \
			"{\"kind\":\"group\",\"raw\":{\"id\":\"g1\",\"displayName\":\"G\",\"members\":$members}}" >"$BATS_TEST_TMPDIR/data"
		start_stand_in --data "$BATS_TEST_TMPDIR/data"
		fetch 0
		assert_end 1 1 0
		assert_equal "$(normalize "$out" | jq -r 'select(.kind == "membership").member_id')" u1
	done
	for members in '{"display":"a"}' '{}' true; do
		printf '%s\n' "{\"kind\":\"group\",\"raw\":{\"id\":\"g1\",\"displayName\":\"G\",\"members\":$members}}" >"$BATS_TEST_TMPDIR/data"
		start_stand_in --data "$BATS_TEST_TMPDIR/data"
		fetch 76
		assert_says "group 'g1' has a member without value and \$ref"
		fetch 0 --keep-going
		assert_equal "$(jq -c 'select(.kind == "gap") | [.scope, .id]' "$out")" '["members","g1"]'
		normalize -o "$BATS_TEST_TMPDIR/snapshot" "$out"
	done
}

@test "a list whose answers say neither what is there nor that it ends is not taken for one" {
	local words answers option some='{"id":"u1","userName":"a"},{"id":"u2","userName":"b"}'
	while IFS='|' read -r words answers; do
		for option in --jobs=1 --keep-going; do
			start_answers <<<"${answers//;/$'\n'}"
			fetch 76 --scope users --jobs 1 $option
			assert_says "$words"
			assert_not_sealed "$out"
		done
	done <<-EOF
		/Users: unproven: the answer has neither Resources nor totalResults|200 {"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"]}
		/Users: unproven: the answer has neither Resources nor totalResults|200 {"schemas":["ListResponse"],"Resources":null}
		/Users: page after page of records without an id|200 {"Resources":[{"active":true},{}]}
		nextCursor is an object|200 {"Resources":[$some],"nextCursor":{"at":2}}
		nextCursor is a boolean|200 {"Resources":[$some],"nextCursor":true}
		unproven: the same 2 users come|200 {"Resources":[$some]};200 {"Resources":[$some]};400 {}
		unproven: the same 2 users come|200 {"Resources":[$some]};200 {"Resources":[$some]};200 {"detail":"no list"}
		unproven: the same 2 users come|200 {"Resources":[$some]};200 {"Resources":[$some]};200 {"Resources":[{"id":"u2"}],"totalResults":-1}
		unproven: the same 2 users come|200 {"Resources":[$some]};200 {"Resources":[$some]};200 {"Resources":[]}
	EOF
}

@test "another group than the one asked for is not taken for it" {
	local page='{"totalResults":2,"Resources":[{"id":"g1"},{"id":"g2"}]}' end='{"totalResults":2,"Resources":[]}'
	local one='{"id":"g2","members":[]}' i=0 text
	for text in "$page" "$end" "$one"; do
		i=$((i + 1))
		printf 'HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' "${#text}" "$text" \
			>"$BATS_TEST_TMPDIR/answer.$i"
	done
	start_raw "$BATS_TEST_TMPDIR"/answer.[123]
	fetch 76 --scope groups,members --jobs 1
	assert_not_sealed "$out"
	assert_says "'g1'" "'g2'"
}

#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Nothing that the stand-in can get wrong goes untested. The shapes of records
# are tried here, through to the snapshot; the tables at the end say which test
# proves which fault of the project's lists, and they are checked.

load helper

# ---- through to the snapshot ----

# snapshot SWITCH...: what scim-fetch and normalize make of 13 users (u5 and u11
# are inactive) and 4 groups (g4 has g3 as a member); its records are in $records
snapshot() {
	local switches=("${@/#/--switch=}")
	start_stand_in --users 13 --groups 4 "${switches[@]}"
	run_status 0 fetch_scim
	mv "$out" "$BATS_TEST_TMPDIR/stream"
	run_status 0 normalize "$BATS_TEST_TMPDIR/stream"
	records=$BATS_TEST_TMPDIR/records
	body "$out" >"$records"
}

# plain: what it is without any switch is in $plain
plain() {
	snapshot
	plain=$BATS_TEST_TMPDIR/plain
	mv "$records" "$plain"
	[ "$(wc -l <"$plain")" -eq 34 ]
}

# same_but JQ SWITCH...: with the switches it is that, changed by the filter
same_but() {
	snapshot "${@:2}"
	run_status 0 diff <(jq -c "$1" "$plain") "$records"
}

@test "attributes of every form become the same snapshot" {
	local switch
	plain
	for switch in active-as=string active-as=number emails-as=object emails-as=no-primary \
		capital-names dotted-names extension-only-in-schemas odd-location \
		user-groups-as=display user-groups-as=absent; do
		same_but . "$switch"
	done
}

@test "a null says that there is none, and nothing else" {
	plain
	snapshot null-attributes
	run_status 0 diff "$plain" <(jq -c 'with_entries(select(.value != null))' "$records")
}

@test "whether somebody is active is not guessed" {
	local form
	plain
	for form in null absent; do
		same_but 'if .kind == "user" then .status = "unknown" else . end' active-as=$form
	done
}

@test "of several e-mail addresses the first that is primary counts, else the one for work, else the first" {
	# these have another address, which stands first
	local some='if .kind == "user" and (.id | IN("u3", "u6", "u9", "u12")) then .email = "home." + .email else . end'
	plain
	same_but "$some" emails-as=two-primaries
	same_but "$some" emails-as=strings
	same_but 'if .kind == "user" then .email = "home." + .email else . end' emails-as=mixed
}

@test "who has no e-mail address is known by the user name" {
	local form
	plain
	for form in null absent; do
		same_but . emails-as=$form
	done
}

@test "members of every form become the same snapshot" {
	local switch
	plain
	for switch in members-ref-only members-no-type members-odd-type members-as-strings \
		members-absent members-null members-absent-where-none; do
		same_but . "$switch"
	done
}

@test "members who are nobody stay members of a kind that is not known, a group may be in itself" {
	plain
	snapshot members-dangle
	assert_equal "$(jq -r 'select(.member_kind == "unknown") | "\(.group_id) \(.member_id)"' "$records" | cut -d ' ' -f 1 |
		paste -sd ' ')" 'g1 g2 g3 g4'
	run_status 0 diff "$plain" <(grep -v '"member_kind":"unknown"' "$records")
	snapshot members-loop
	assert_equal "$(jq -r 'select(.group_id and .group_id == .member_id) | "\(.group_id) \(.member_kind)"' "$records" |
		paste -sd ,)" 'g1 group,g2 group,g3 group,g4 group'
	run_status 0 diff "$plain" <(jq -c 'select(.kind != "membership" or .group_id != .member_id)' "$records")
}

@test "deactivated users that a service does not show any more are removed, not disabled" {
	export BATON_STRIPE_SCIM_TOKEN=$TOKEN
	start_stand_in --users 40 --groups 4
	run_status 0 scim-fetch --base-url "$url/stripe/scim/v2" stripe
	normalize -o "$BATS_TEST_TMPDIR/before" "$out"
	change '{"op":"switch","name":"stripe:stripe-drops-inactive"}' '{"op":"deactivate","id":"u30"}'
	run_status 0 scim-fetch --base-url "$url/stripe/scim/v2" stripe
	normalize -o "$BATS_TEST_TMPDIR/after" "$out"
	run_status 1 diff-snapshot --format ndjson "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
	assert_equal "$(jq -r 'select(.kind == "change").event' "$out" | sort | uniq -c | awk '{print $1, $2}' | paste -sd ,)" \
		'4 membership.removed,7 user.removed'
	assert_equal "$(jq -c 'select(.id == "usr_scim_u30") | [.event, .before.status]' "$out")" '["user.removed","enabled"]'
}

# ---- what is left of the lists and replies ----

@test "a list that the service cuts without a word is complete as far as anybody can see" {
	start_stand_in --users 13 --groups 4 --switch truncate=10
	run_status 0 fetch_scim
	assert_end 10 4 0
}

@test "a record that is counted and not sent is missed, wherever it stands" {
	local place jobs
	for place in 1 6 7 13; do
		start_stand_in --users 13 --groups 0 --switch hide=$place
		for jobs in 1 4; do
			run_status 76 fetch_scim --count 3 --jobs $jobs
			assert_not_sealed "$out"
			assert_says 'incomplete: the server said 13 users and sent 12'
		done
	done
}

@test "records without ids are refused" {
	start_stand_in --users 13 --groups 4 --switch no-ids
	run_status 76 fetch_scim
	assert_not_sealed "$out"
	assert_says 'without an id'
}

@test "a 404 without a word is no empty list" {
	local switch
	for switch in users-status=404 groups-status=404; do
		start_stand_in --users 13 --groups 4 --switch $switch --switch empty-errors
		run_status 76 fetch_scim
		assert_not_sealed "$out"
		assert_says 'HTTP 404'
	done
}

@test "headers that stand twice are no obstacle" {
	start_stand_in --users 13 --groups 4 --switch double-headers
	run_status 0 fetch_scim --count 3
	assert_end 13 4 0
}

@test "a filter in --query that is refused ends the run with the server's words, one that is ignored narrows nothing" {
	local filter='filter=userName eq "grace.dvorak@example.com"'
	start_stand_in --users 13 --groups 0
	run_status 0 fetch_scim --scope users --query "$filter"
	assert_end 1 0 2
	start_stand_in --users 13 --groups 0 --switch ignore-filter
	run_status 0 fetch_scim --scope users --query "$filter"
	assert_end 13 0 2
	start_stand_in --users 13 --groups 0 --switch refuse-filter
	run_status 76 fetch_scim --scope users --query "$filter"
	assert_not_sealed "$out"
	assert_says 'HTTP 400' 'This filter is not supported.'
}

# ---- the tables ----

# rows NAME: the rows of this table, which stands at the end of this file
rows() {
	sed "1,/^: <<'$1'\$/d;/^$1\$/,\$d" "$BATS_TEST_FILENAME"
}

# proved NAME: each row "WHAT | TITLE" names a test that is there
proved() {
	local row
	sed -n 's/^@test "\(.*\)" {$/\1/p' "$ROOT"/tests/*.bats >"$BATS_TEST_TMPDIR/titles"
	[ "$(rows "$1" | wc -l)" -gt 20 ]
	while IFS= read -r row; do
		grep -qxF -e "${row#* | }" "$BATS_TEST_TMPDIR/titles" || fail "no test has this title: $row"
	done < <(rows "$1")
}

# listed NAME: each line on stdin is the WHAT of a row, and each WHAT is on stdin
listed() {
	run_status 0 diff <(sort -u) <(rows "$1" | sed 's/ | .*//' | sort -u)
}

@test "every switch of the stand-in is used in a test" {
	local file line behind
	for file in "$ROOT"/tests/*.bats; do # neither titles nor comments nor tables
		sed "/^: <</,\$d;/^@test/d;/^[[:space:]]*#/d" "$file"
	done >"$BATS_TEST_TMPDIR/used"
	run_status 0 stand-in --switches
	grep '^[a-z]' "$out" >"$BATS_TEST_TMPDIR/switches"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/switches")" -gt 100 ]
	while IFS= read -r line; do
		case $line in
		*=[!\[]*) behind='(=|",| [0-9])' ;; # it needs a value
		*) behind='([^a-z0-9-]|$)' ;;
		esac
		grep -qE -e "(^|[^a-z0-9-])${line%%=*}$behind" "$BATS_TEST_TMPDIR/used" || fail "no test uses $line"
	done <"$BATS_TEST_TMPDIR/switches"
}

@test "every fault that the stand-in shall have is proved by a test that is there" {
	proved FAULTS
}

@test "the faults are those that the stand-in shall have (tests/cases/stand-in-faults)" {
	listed FAULTS <"$ROOT/tests/cases/stand-in-faults"
}

@test "every case of paging and HTTP is proved by a test that is there" {
	proved CASES
}

@test "the cases are those that a walk shall stand (tests/cases/answers)" {
	cut -d ' ' -f 1 "$ROOT/tests/cases/answers" | listed CASES
}

: <<'FAULTS'
total=page | a total that counts only the page does not end the walk
total=page | a total that counts only the page does not end the walk behind a page that is full
total=0 past end | a total of zero behind the end is no news
ignore startIndex | a server that ignores startIndex is noticed within two pages a walk
ignore startIndex | a server that sends the same records whatever startIndex says has proved nothing
ignore startIndex | a service that ignores startIndex on GET is read whole with --method search
ignore count | a server that ignores count and sends everything at once is read
ignore count | a server that has its own page size whatever count says is read to its end
wrap | a server that starts over behind the end is complete, and one more request proves it
overlap windows | windows that overlap are read, each record once
overlap windows | windows that overlap are read where the whole list fits one page
cap N silently | a server that sends fewer records a page than asked for is read to its end
cap N silently | a server that caps its pages and counts only the page is read to its end
default N | a server with a tiny default page is asked with startIndex and count each time
need both parameters | a server with a tiny default page is asked with startIndex and count each time
501 on paging | a server that refuses the paging parameters is asked once without them
501 on paging | paging refused and no total given: everything at once is not proved to be everything
400 past index N | an index beyond what the server allows stops with the server's own words
cursor mode (with empty page in the middle, repeated cursor, expired cursor) | nextCursor switches to cursors
cursor mode (with empty page in the middle, repeated cursor, expired cursor) | an empty page in the middle of cursors is not the end
cursor mode (with empty page in the middle, repeated cursor, expired cursor) | a cursor that comes twice has no end
cursor mode (with empty page in the middle, repeated cursor, expired cursor) | a cursor that expires restarts the walk once
cursor mode (with empty page in the middle, repeated cursor, expired cursor) | cursors that keep expiring stop after the second walk
no Resources / null / string counters / Resources first | an empty page without Resources, or with null, ends the list
no Resources / null / string counters / Resources first | an empty directory without Resources, or with null, is empty
no Resources / null / string counters / Resources first | counters that are strings, fractions, null or missing do not stop the walk
no Resources / null / string counters / Resources first | the envelope is read in lower case, and with Resources first
reorder per request | a server whose order changes from page to page is not believed, and the hint is --sort-by
delete or insert between pages | a user who goes away between two pages costs nobody else: the list is read again
delete or insert between pages | a user who comes between two pages is not missed: the list is read again
delete or insert between pages | a list that keeps changing is read four times, then it is later
duplicate ids | one id with two contents is a change, not a repetition
numeric ids and member values | ids that are numbers and texts of all kinds keep apart users, groups and pages
numeric ids and member values | numeric ids find their groups
id with `& @ / % space é` | ids are percent-encoded in a path
same id in both types | ids that are numbers and texts of all kinds keep apart users, groups and pages
active variants | attributes of every form become the same snapshot
active variants | whether somebody is active is not guessed
e-mail shapes | attributes of every form become the same snapshot
e-mail shapes | of several e-mail addresses the first that is primary counts, else the one for work, else the first
e-mail shapes | who has no e-mail address is known by the user name
name case | attribute names in capitals are understood
name case | attributes of every form become the same snapshot
dotted key | attributes of every form become the same snapshot
nulls | a null says that there is none, and nothing else
extension only in schemas | attributes of every form become the same snapshot
members absent / always [] / cut at N / `$ref` only / bad type / nested loop / dangling | members that the list leaves out, or has as null, come from GET /Groups/{id}
members absent / always [] / cut at N / `$ref` only / bad type / nested loop / dangling | members: [] is a group without members; where all groups are, each is asked for alone
members absent / always [] / cut at N / `$ref` only / bad type / nested loop / dangling | members cut at a round number, where more users say that they are in the group, are not believed
members absent / always [] / cut at N / `$ref` only / bad type / nested loop / dangling | members of every form become the same snapshot
members absent / always [] / cut at N / `$ref` only / bad type / nested loop / dangling | members who are nobody stay members of a kind that is not known, a group may be in itself
406 on Accept | a server that does not like what we accept is named
content type none, html, json+scim | the content type does not decide what a reply is
BOM | a byte-order mark is skipped
broken UTF-8 | text that is not UTF-8 is refused with the place
HTML 200 | a login page with status 200 is not a list
error 200 | an error object with status 200 is not a list
nested error | the server's own words are shown, from each envelope
text 401 | a wrong token is refused with 77, whatever form the error has
empty 404 | a 404 without a word is no empty list
429 with seconds, date, nothing | Retry-After in seconds is waited for
429 with seconds, date, nothing | Retry-After as a date is waited for
429 with seconds, date, nothing | Retry-After that makes no sense, or none, leaves the wait to us
429 with seconds, date, nothing | scim-fetch: a limit of a minute without Retry-After is waited for, without a storm of requests
500 then fine | 500, 502, 503, 504, 408 and 429 pass: asked again, the bytes are the same
close mid-body | a reply that is cut off is asked for again, and nothing is doubled
close mid-body | scim-fetch: a reply that breaks off once, at any request, costs nothing and doubles nothing
HTTP/1.0 | compressed, chunked and HTTP/1.0 replies are read
gzip | compressed, chunked and HTTP/1.0 replies are read
redirect to other host | a redirect is not followed, its target gets no request
slow bytes | one byte at a time is stopped by the time limit
120 MB record | a record of a megabyte is read, one larger than a page may be is refused with the limit
FAULTS

: <<'CASES'
1 | a server that promises more than it sends is read again once, then named incomplete
1 | fewer records than counted are read again once, then named incomplete
2 | a server that sends fewer records a page than asked for is read to its end
3 | a user who goes away between two pages costs nobody else: the list is read again
3 | a list that keeps changing is read four times, then it is later
4 | windows that overlap are read, each record once
4 | one id with two contents is a change, not a repetition
5 | a server that ignores startIndex is noticed within two pages a walk
5 | a cursor that comes twice has no end
5 | a next-page that does not lead on ends the run at once
6 | counters that are strings, fractions, null or missing do not stop the walk
6 | a total that is no number of records is named
6 | a total smaller than what is sent does not end the walk, nor is it believed
7 | a directory without users and groups is read: the server said zero
7 | more removals than 20 percent, and than 10, stop with status 3 and are still written
8 | one group whose members can not be read stops the run and is named
8 | with --keep-going one unreadable group is a gap with its id, the others are whole
9 | members that the list leaves out, or has as null, come from GET /Groups/{id}
9 | members: [] is a group without members; where all groups are, each is asked for alone
10 | members cut at a round number, where more users say that they are in the group, are not believed
10 | a round number of members that the users agree with is believed
11 | 500, 502, 503, 504, 408 and 429 pass: asked again, the bytes are the same
11 | a retry doubles nothing while other pages are in flight
12 | a failure that does not pass names the page, the status and the tries
13 | Retry-After 0 or in the past is no reason to stop
13 | Retry-After in seconds is waited for
13 | Retry-After as a date is waited for
13 | Retry-After beyond --max-wait stops at once and says until when
13 | Retry-After that makes no sense, or none, leaves the wait to us
13 | --max-wait says how long a server may put one request off, in all
14 | 401 in the middle of the walk ends it
14 | a service that refuses says what to check
15 | a login page with status 200 is not a list
15 | an error object with status 200 is not a list
15 | an empty reply is not an empty list
15 | a body that is no list is not an empty list
15 | login pages, error objects and empty replies with status 200 are not lists
16 | a redirect is not followed, its target gets no request
16 | a redirect to the same server is followed once, and not again
16 | the target of a redirect never sees the token
17 | links are never followed: the place they name gets no request
17 | a redirect without a scheme names its host and is not followed
18 | a reply that is cut off each time is no short page
18 | a body shorter than its Content-Length is no short page
18 | scim-fetch: replies that break off for ever from any request on are no short list
19 | a small reply that unpacks without end is stopped by the byte limit
19 | a reply without end is stopped by the byte limit
19 | one byte at a time is stopped by the time limit
19 | --deadline ends the run
20 | an expired certificate is refused by its cause
20 | a certificate of another name is refused by its cause
20 | a self-signed certificate is refused
20 | a server that has nothing newer than TLS 1.0 or 1.1 is refused, and the message names TLS
20 | --ca-file names a private authority; without it the server is refused, with the hint
21 | nobody there: the host is named
21 | localhost is found where only IPv4 answers
CASES

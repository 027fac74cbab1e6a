#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What an answer means: its status and its headers together (lib/http/verdict.h), for what
# is read and for what is written.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	empty='{"totalResults":0,"Resources":[]}'
}

teardown() {
	stop_stand_ins
}

# response FILE STATUS BODY [HEADER...]
response() {
	local file=$1 status=$2 body=$3 header
	shift 3
	{
		printf 'HTTP/1.1 %s Words\r\nContent-Type: application/scim+json\r\nConnection: close\r\n' "$status"
		for header; do
			printf '%s\r\n' "$header"
		done
		printf 'Content-Length: %d\r\n\r\n%s' "${#body}" "$body"
	} >"$file"
}

# read_users STATUS FILE... [-- OPTION...]: of a service that answers with the files
read_users() {
	local expected=$1 files=()
	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		files+=("$1")
		shift
	done
	start_raw "${files[@]}"
	SCIM_TOKEN=$TOKEN run_status "$expected" scim-fetch --jobs 1 --scope users --max-wait 60 "${@:2}" "$url/scim/v2"
}

# headers_of ROW: the headers of a row "STATUS|HEADER|HEADER", IN becoming the second or the
# date in 3600 seconds
headers_of() {
	local row=$1
	row=${row//EPOCH_MS/$((($(date +%s) + 3600) * 1000))}
	row=${row//EPOCH/$(($(date +%s) + 3600))}
	row=${row//HTTP_DATE/$(date -u -d '+1 hour' '+%a, %d %b %Y %H:%M:%S GMT')}
	row=${row//RFC_DATE/$(date -u -d '+1 hour' '+%Y-%m-%dT%H:%M:%SZ')}
	IFS='|' read -ra headers <<<"$row"
}

@test "how long a service asks to wait is read in every answer that is not a success" {
	local row headers
	response ok 200 "$empty"
	while IFS= read -r row; do
		headers_of "$row"
		response limited "${headers[0]}" '{"detail":"later"}' "${headers[@]:1}"
		read_users 75 limited ok
		assert_says "HTTP ${headers[0]}" 'asks to wait until 20' --max-wait
		assert_not_sealed "$out"
		stop_stand_ins
	done <<-'END'
		429|Retry-After: 3600
		403|Retry-After: 3600
		403|Retry-After: HTTP_DATE
		403|Retry-After: RFC_DATE
		404|Retry-After: 3600
		409|Retry-After: 3600.5
		423|Retry-After: 3600
		425|Retry-After: 3600
		503|Retry-After: 3600
		522|Retry-After: 3600
		403|X-RateLimit-Remaining: 0|X-RateLimit-Reset: EPOCH
		403|X-RateLimit-Reset: EPOCH|X-RateLimit-Remaining: 0
		429|X-Rate-Limit-Remaining: 0|X-Rate-Limit-Reset: EPOCH
		429|X-Rate-Limit-Reset: EPOCH
		429|x-ratelimit-reset: EPOCH_MS
		429|X-RateLimit-Reset: 3600
		429|RateLimit-Reset: 3600
		503|RateLimit-Remaining: 0|RateLimit-Reset: 3600
		429|RateLimit: "default";r=0;t=3600
		429|RateLimit: limit=100, remaining=0, reset=3600
		403|RateLimit: limit=100, remaining=0, reset=3600
		429|Retry-After: 5|Retry-After: 3600
	END
}

@test "a limit of another kind, or one that begins anew already, is no time to wait" {
	local row headers
	response ok 200 "$empty"
	while IFS= read -r row; do
		headers_of "$row"
		response limited "${headers[0]}" '{"detail":"later"}' "${headers[@]:1}"
		read_users 0 limited ok -- --max-wait 3
		assert_equal "$(grep -c '^GET' "$raw_log")" 2
		stop_stand_ins
	done <<-'END'
		429|X-RateLimit-Remaining: 17|X-RateLimit-Reset: EPOCH
		429|X-RateLimit-Reset: 1000000000
		503|X-RateLimit-Reset: EPOCH
		429|RateLimit: "default";r=9;t=3600
	END
	for row in '403|X-RateLimit-Remaining: 17|X-RateLimit-Reset: EPOCH' '401|X-RateLimit-Remaining: 0|X-RateLimit-Reset: EPOCH'; do
		headers_of "$row"
		response refused "${headers[0]}" '{"detail":"no"}' "${headers[@]:1}"
		read_users 77 refused ok
		assert_equal "$(grep -c '^GET' "$raw_log")" 1
		stop_stand_ins
	done
	response ok 200 "$empty" 'Retry-After: 3600' 'X-RateLimit-Remaining: 0'
	read_users 0 ok
}

@test "a fraction of a second is waited for as a whole one, and 403 with a limit is waited for" {
	local start
	response ok 200 "$empty"
	response limited 403 '{"detail":"later"}' 'Retry-After: 0.2' 'X-RateLimit-Remaining: 0'
	start=${EPOCHREALTIME/./}
	read_users 0 limited ok
	[ $((${EPOCHREALTIME/./} - start)) -ge 1000000 ] || fail 'did not wait'
	assert_equal "$(grep -c '^GET' "$raw_log")" 2
}

@test "a limit that is reached and names no time is waited for as 429 is, and is no gap" {
	response limited 403 '{"detail":"later"}' 'X-RateLimit-Remaining: 0'
	read_users 75 limited -- --max-wait 1 --keep-going
	assert_says 'HTTP 403' 'later' 'within --max-wait 1'
	assert_not_sealed "$out"
	response limited 425 '{}'
	read_users 75 limited -- --max-wait 1 --keep-going
	assert_not_sealed "$out"
}

@test "what an early hint or a trailer says is not what the answer says" {
	response ok 200 "$empty"
	printf 'HTTP/1.1 103 Early Hints\r\nRetry-After: 99999\r\nLocation: /x\r\n\r\nHTTP/1.1 429 Slow\r\nConnection: close\r\nContent-Length: 0\r\n\r\n' >early
	read_users 0 early ok -- --max-wait 10
	printf 'HTTP/1.1 429 Slow\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: Retry-After\r\n\r\n2\r\n{}\r\n0\r\nRetry-After: 99999\r\n\r\n' >trailer
	read_users 0 trailer ok -- --max-wait 10
	printf 'HTTP/1.1 100 Continue\r\nRetry-After: 99999\r\n\r\n' | cat - ok >"continue"
	read_users 0 continue
}

@test "an unknown 5xx is tried again as a 500 is; those that say never are not" {
	local status
	response ok 200 "$empty"
	for status in 507 520 524 530 599; do
		response failed $status '<html><title>edge error</title></html>'
		read_users 0 failed ok
		assert_equal "$(grep -c '^GET' "$raw_log")" 2
		stop_stand_ins
	done
	read_users 75 failed -- --retries 0
	assert_says 'HTTP 599'
	for status in 505 508 511; do
		response failed $status '{}'
		read_users 76 failed ok
		assert_equal "$(grep -c '^GET' "$raw_log")" 1
		stop_stand_ins
	done
}

@test "a list with another status of success is read, unless it is a part of one" {
	local status row headers
	for status in 200 201 202 203 206 226; do
		response ok $status "$empty"
		read_users 0 ok
		assert_sealed "$out"
	done
	for row in '206|Content-Range: items 0-99/250' '206|Content-Range: bytes 0-32/33' '206|Content-Range: 0-99/*'; do
		IFS='|' read -ra headers <<<"$row"
		response ok "${headers[0]}" "$empty" "${headers[@]:1}"
		read_users 0 ok
	done
	for row in '206|Content-Range: bytes 0-32/250' '206|Content-Range: bytes 5-32/33' '206|Content-Range: bytes 0-32/*'; do
		IFS='|' read -ra headers <<<"$row"
		response part "${headers[0]}" "$empty" "${headers[@]:1}"
		read_users 76 part
		assert_says 'HTTP 206' 'only a part'
		assert_not_sealed "$out"
	done
}

@test "a group whose members are throttled is no gap" {
	response users 200 '{"totalResults":1,"Resources":[{"id":"7","displayName":"Finance"}]}'
	response limited 403 '{"detail":"later"}' 'X-RateLimit-Remaining: 0'
	start_raw users limited
	SCIM_TOKEN=$TOKEN run_status 75 scim-fetch --jobs 1 --scope groups,members --members get --keep-going --max-wait 1 "$url/scim/v2"
	assert_not_sealed "$out"
}

# ---- writes ----

# deactivate STATUS OUTCOME FILE...: of a user by the answers
deactivate() {
	local expected=$1 outcome=$2
	shift 2
	start_raw "$@"
	push "$expected" --apply --jobs 1 --retries 1 --max-wait 9 --dialect scim scim <<<'{"op":"deactivate","id":"1"}'
	assert_equal "$(jq -r 'select(.kind == "result").outcome' "$out")" "$outcome"
}

# methods: of the requests so far
methods() {
	grep -oE '^(GET|POST|PUT|PATCH|DELETE)' "$raw_log" | paste -sd ' '
}

@test "a write that is throttled with 403, 409, 423 or 425 is sent again after a look" {
	local row headers
	response is 200 '{"id":"1","userName":"ada","active":false}'
	response was 200 '{"id":"1","userName":"ada","active":true}'
	for row in '403|Retry-After: 1' '403|X-RateLimit-Remaining: 0|X-RateLimit-Reset: 1' '409|Retry-After: 1' '423|Retry-After: 0.5' 425; do
		IFS='|' read -ra headers <<<"$row"
		response limited "${headers[0]}" '{"detail":"later"}' "${headers[@]:1}"
		deactivate 0 'done' was limited was is is
		assert_equal "$(methods)" 'GET PATCH GET PATCH GET'
		stop_stand_ins
	done
}

@test "whether a write that ended with an unknown 5xx happened is looked at, and it is never refused" {
	local status
	response is 200 '{"id":"1","userName":"ada","active":false}'
	response was 200 '{"id":"1","userName":"ada","active":true}'
	for status in 520 522 524 599; do
		response failed $status '<html>'
		deactivate 0 'done' was failed is
		assert_equal "$(methods)" 'GET PATCH GET'
		stop_stand_ins
		deactivate 75 failed was failed was failed was
		assert_equal "$(methods)" 'GET PATCH GET PATCH GET'
		stop_stand_ins
	done
	response never 501 '{"detail":"not here"}'
	deactivate 77 refused was never
}

@test "a change is not refused for the limit of a service" {
	response was 200 '{"id":"1","userName":"ada","active":true}'
	response limited 403 '{"detail":"later"}' 'Retry-After: 3600' 'X-RateLimit-Remaining: 0'
	deactivate 75 failed was limited was
}

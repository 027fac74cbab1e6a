#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The other ways to ask a SCIM service: by POST to .search.

load helper

# Whatever is asked for, nothing but GET without a body and POST to .search is sent.
teardown() {
	local log
	stop_stand_ins
	for log in "$BATS_TEST_TMPDIR"/*.log; do
		[ ! -s "$log" ] || assert_equal "$(jq -r 'select(.method != "GET" or .body_bytes != 0)
			| select(.method != "POST" or (.path | endswith("/.search") | not)) | .path' "$log")" ''
	done
}

# body FILE: the records of a fetch stream
body() {
	sed '1d;$d' "$1"
}

@test "--method search reads the same bytes as GET does, and asks by POST to .search only" {
	start_stand_in --users 250 --groups 5
	run_status 0 fetch_scim
	body "$out" >"$BATS_TEST_TMPDIR/by-get"
	: >"$log"
	run_status 0 fetch_scim --method search --count 30
	assert_sealed "$out"
	body "$out" | cmp - "$BATS_TEST_TMPDIR/by-get"
	assert_equal "$(requests | sort -u)" "POST /scim/v2/Groups/.search
POST /scim/v2/Users/.search"
}

@test "a service that ignores startIndex on GET is read whole with --method search" {
	start_stand_in --users 25 --groups 5 --switch ignore-start-index
	run_status 76 fetch_scim --count 10
	run_status 0 fetch_scim --count 10 --method search
	assert_equal "$(jq -r 'select(.kind == "end") | "\(.users) \(.groups)"' "$out")" '25 5'
}

@test "where the same page comes for ever, the error says that --method search may help" {
	start_stand_in --users 25 --groups 5 --switch ignore-start-index --switch total-is-page
	run_status 76 fetch_scim --count 10
	grep -q -e '--method search' "$err"
}

@test "a search carries the same parameters as a URL would" {
	start_stand_in --users 3 --groups 1
	run_status 0 fetch_scim --dry-run --method search --sort-by userName --scope users,groups --count 7
	assert_equal "$(cat "$out")" "POST $url/scim/v2/Users/.search {\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:SearchRequest\"],\"startIndex\":1,\"count\":7,\"sortBy\":\"userName\"}
POST $url/scim/v2/Groups/.search {\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:SearchRequest\"],\"startIndex\":1,\"count\":7,\"excludedAttributes\":[\"members\"],\"sortBy\":\"userName\"}"
	run_status 0 fetch_scim --method search --sort-by userName --scope users,groups --query x=y
	assert_equal "$(jq -r .query "$log" | sort -u)" 'x=y'
	assert_equal "$(grep -c '"kind":"user"' "$out")" 3
}

@test "cursors work with --method search" {
	start_stand_in --users 25 --groups 5 --switch cursor
	run_status 0 fetch_scim --method search --count 10
	assert_equal "$(jq -r 'select(.kind == "end") | "\(.users) \(.groups)"' "$out")" '25 5'
}

@test "a service without .search is not readable with --method search: the error names the path" {
	start_stand_in --users 3 --switch no-search
	run_status 76 fetch_scim --method search
	grep -q 'HTTP 404' "$err"
	assert_not_sealed "$out"
}

@test "--check asks by the method that the run will use" {
	start_stand_in --users 3 --groups 2
	run_status 0 fetch_scim --check --method search
	grep -q 'users: readable, the server counts 3' "$out"
	assert_equal "$(requests | cut -d' ' -f1 | sort -u)" POST
}

@test "a search is tried again where it fails in passing" {
	start_stand_in --users 25 --groups 5 --switch fail-at=2:503:1
	run_status 0 fetch_scim --method search --count 10
	assert_equal "$(jq -r 'select(.kind == "end") | .users' "$out")" 25
}

@test "--method takes get or search, nothing else" {
	run_status 64 scim-fetch --method post https://127.0.0.1:1/
	grep -q 'get or search' "$err"
}

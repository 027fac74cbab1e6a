#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The other ways to ask a SCIM service: by POST to .search, and for members.

load helper

# Whatever is asked for, nothing but GET without a body and POST to .search is sent.
teardown() {
	local log other
	stop_stand_ins
	# GET without a body, and POST to .search
	for log in "$BATS_TEST_TMPDIR"/*.log; do
		other=$(grep -vE '^\{"method":"(GET","path":.*\},"body_bytes":0,"status":|POST","path":"[^"]*/\.search",)' "$log") || continue
		fail "$other" || return
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

@test "--members get asks each group for its members, and the list for none" {
	start_stand_in --users 25 --groups 5
	run_status 0 fetch_scim
	normalize -o "$BATS_TEST_TMPDIR/from-list" "$out"
	: >"$log"
	run_status 0 fetch_scim --members get
	assert_equal "$(requests | grep -c '^GET /scim/v2/Groups/g')" 5
	assert_equal "$(requests | grep '/Groups?' | grep -vc 'excludedAttributes=members')" 0
	normalize -o "$BATS_TEST_TMPDIR/by-get" "$out"
	sed '1d;$d' "$BATS_TEST_TMPDIR/by-get" | cmp - <(sed '1d;$d' "$BATS_TEST_TMPDIR/from-list")
}

@test "a list that fails because a group is too large is read with --members get" {
	start_stand_in --users 25 --groups 2 --members 20 --switch members-too-many=400
	run_status 76 fetch_scim
	run_status 0 fetch_scim --members get
	assert_equal "$(jq 'select(.kind == "group") | .resource.members | length' "$out" | sort -u)" 20
}

@test "one group that can not be read spoils only itself with --members get --keep-going" {
	start_stand_in --users 25 --groups 5 --switch members-fail=403:g3
	run_status 76 fetch_scim --members get
	run_status 0 fetch_scim --members get --keep-going
	assert_equal "$(jq -r 'select(.kind == "gap") | "\(.scope) \(.id)"' "$out")" 'members g3'
}

@test "--members list asks no group" {
	start_stand_in --users 25 --groups 5
	run_status 0 fetch_scim --members list
	assert_equal "$(requests | grep -c '/Groups/')" 0
	assert_equal "$(jq -r 'select(.kind == "group") | .resource.members | type' "$out" | sort -u)" array
}

@test "--members list does not believe a list in which no group shows members" {
	start_stand_in --users 25 --groups 5 --switch members-absent
	run_status 76 env SCIM_TOKEN="$TOKEN" scim-fetch --members list "$url/stripe/scim/v2"
	grep -q 'no group shows members, and no user shows groups' "$err"
}

@test "--members takes auto, list, get, filter or users, nothing else" {
	run_status 64 scim-fetch --members all https://127.0.0.1:1/
	grep -q 'auto, list, get, filter or users' "$err"
}

@test "what --query asks for is said in the stream and in the snapshot, and compared only with its like" {
	cd "$BATS_TEST_TMPDIR"
	start_stand_in --users 9
	run_status 0 fetch_scim --query 'x=a b'
	assert_equal "$(head -n 1 "$out" | jq -r .select)" '--query x=a%20b'
	normalize -o some "$out"
	normalize --select '.kind == "user"' -o fewer some
	run_status 0 fetch_scim
	assert_equal "$(head -n 1 "$out" | jq .select)" null
	normalize -o all "$out"
	assert_equal "$(head -n 1 some | jq -r '.sources[0].select')" '--query x=a%20b'
	assert_equal "$(head -n 1 fewer | jq -r '.sources[0].select')" \
		'(--query x=a%20b) and (.kind == "user")'
	run_status 65 diff-snapshot some all
	assert_says "'--query x=a%20b'" 'what was left out is not gone' --allow-other-select
	run_status 0 diff-snapshot some some
}

#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# scalr-fetch over accounts that answer in their own ways: either exactly the
# right records and an end line, or no end line, the right status and the words
# that help. Below every test: nothing but GET is sent, and the token stands in
# no output. The options that scim-fetch has, too, are in 10-scim-fetch.bats.

load helper

API=/api/iacp/v3

# What the directory of most tests holds, taken by curl and jq from a stand-in
# without any switch: 25 users, 3 service accounts and 5 teams.
setup_file() {
	local BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR page='page%5Bsize%5D=100'
	start_stand_in --users 25 --services 3 --groups 5
	ask "users?$page" >"$BATS_TEST_TMPDIR/users"
	{
		ask "account-users?filter%5Baccount%5D=acc-acme1&$page" | jq -c --slurpfile users "$BATS_TEST_TMPDIR/users" \
			'.data[] | .relationships.user.data.id as $id |
			{kind: "user", source: "scalr", resource: ., included: ($users[0].data[] | select(.id == $id))}'
		ask "service-accounts?filter%5Baccount%5D=acc-acme1&$page" |
			jq -c '.data[] | {kind: "user", source: "scalr", resource: .}'
		ask "teams?$page" | jq -c '.data[] | {kind: "group", source: "scalr", resource: .}'
	} >"$BATS_FILE_TMPDIR/records"
	[ "$(wc -l <"$BATS_FILE_TMPDIR/records")" -eq 33 ]
	stop_stand_ins
}

ask() {
	curl -qsSf --noproxy '*' -H "Authorization: Bearer $TOKEN" "$url$API/$1"
}

setup() {
	export BATON_SCALR_API_TOKEN=$TOKEN
}

teardown() {
	stop_stand_ins
	assert_only_get
	[ ! -e "$BATS_TEST_TMPDIR/out" ] || refute_token "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err"
}

# serve SWITCH...: a stand-in with that directory and these switches
serve() {
	local switches=() switch
	for switch; do switches+=(--switch "$switch"); done
	start_stand_in --users 25 --services 3 --groups 5 "${switches[@]}"
}

# fetch STATUS OPTION...: reads acme, 7 records a page, with short waits
fetch() {
	local status=$1
	shift
	run_status "$status" timeout 60 scalr-fetch --count 7 --retries 1 --max-wait 1 "$@" \
		--base-url "$url" acme
}

# reads_all SWITCH... [-- OPTION...]: all is read, and the section is sealed
reads_all() {
	split_words "$@"
	serve "${switches[@]}"
	fetch 0 "${options[@]}"
	assert_records "$BATS_FILE_TMPDIR/records"
	assert_end 28 5 0
}

# ids KIND: the ids of the records of that kind, people by the user they are
ids() {
	jq -r --arg kind "$1" 'select(.kind == $kind).resource |
		.relationships.user.data.id // .id' "$out" | paste -sd ' '
}

# u FIRST LAST: the ids of users
u() {
	seq -f 'user-u%g' "$1" "$2" | paste -sd ' '
}

# gaps: scope and id of each gap
gaps() {
	jq -r 'select(.kind == "gap") | [.scope, .id // empty] | join(" ")' "$out" | paste -sd ,
}

# asked: the requests without base path and with plain brackets, a line each
asked() {
	requests | sed "s|^GET $API||; s/%5B/[/g; s/%5D/]/g"
}

# assert_asked: they were exactly the lines on stdin, in this order
assert_asked() {
	local wanted
	wanted=$(cat)
	assert_equal "$(asked)" "$wanted"
}

# count_asked PATTERN: how many requests were like this
count_asked() {
	asked | grep -c -e "$1" || true
}

# dry ARGUMENT...: what --dry-run says would be asked
dry() {
	run_status 0 scalr-fetch --dry-run "$@"
	assert_quiet
}

# assert_base URL: the requests that --dry-run shows begin with it
assert_base() {
	assert_equal "$(sed 's/?.*//' "$out")" "$(printf "GET $1%s\n" /accounts /account-users /service-accounts /teams)"
}

# usage WORDS ARGUMENT...: refused with 64, the words named; on stdout a section
# that says it failed, so that a pipe does not miss the run
usage() {
	local words=$1
	shift
	run_status 64 scalr-fetch "$@"
	assert_says "$words" "Try 'scalr-fetch --help'."
	assert_equal "$(jq -r .kind "$out")" $'begin\nfailed'
}

# snapshot FILE: what was read becomes the snapshot FILE
snapshot() {
	normalize -o "$1" "$out"
}

# normalizes: what was read becomes a snapshot in $out
normalizes() {
	cp "$out" "$BATS_TEST_TMPDIR/read"
	run_status 0 normalize "$BATS_TEST_TMPDIR/read"
}

# ---- servers made by hand ----

# by_hand: a server that answers from lines "PATTERN [STATUS] BODY" on stdin, the
# first whose pattern fits what is asked for; else there is one account, acme,
# and each list is empty.
by_hand() {
	local program=$BATS_TEST_TMPDIR/by-hand.$((${servers:-0} + 1))
	cat >"$program.answers"
	cat >"$program" <<-'END'
		#!/bin/bash
		target=${1#/api/iacp/v3} status=200
		body='{"data":[],"meta":{"pagination":{"current-page":1,"next-page":null,"total-pages":0,"total-count":0}}}'
		[ "${target%%\?*}" != /accounts ] || body='{"data":[{"id":"acc-1","type":"accounts","attributes":{"name":"acme"}}]}'
		while read -r pattern answer; do
			# shellcheck disable=SC2053
			[[ $target == $pattern ]] || continue
			body=$answer
			case $body in [1-5][0-9][0-9]*) status=${body%% *} body=${body#* } ;; esac
			break
		done <"$0.answers"
		printf 'HTTP/1.1 %s Words\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' "$status" "${#body}" "$body"
	END
	chmod 700 "$program"
	start_raw "$program"
}

# page PAGINATION ROW...: a list, with the members of meta.pagination
page() {
	local IFS=,
	printf '{"data":[%s],"meta":{"pagination":{%s}}}' "${*:2}" "$1"
}

# joined PAGINATION ROWS USERS: a list of account-users that includes these users
joined() {
	printf '{"data":[%s],"included":[%s],"meta":{"pagination":{%s}}}' "$2" "$3" "$1"
}

# people PAGINATION NAME...: such a list, of these people
people() {
	local name rows='' users=''
	for name in "${@:2}"; do
		rows+="${rows:+,}$(account_user "$name")"
		users+="${users:+,}$(user "$name")"
	done
	joined "$1" "$rows" "$users"
}

# account_user NAME [TEAMS [ACCOUNT]]
account_user() {
	printf '{"id":"au-%s","type":"account-users","attributes":{"status":"Active"},"relationships":{"account":{"data":{"id":"%s","type":"accounts"}},"user":{"data":{"id":"%s","type":"users"}},"teams":{"data":%s}}}' \
		"$1" "${3:-acc-1}" "$1" "${2:-[]}"
}

user() {
	printf '{"id":"%s","type":"users","attributes":{"username":"%s","status":"Active"}}' "$1" "$1"
}

# team NAME [USERS [ACCOUNT]]
team() {
	printf '{"id":"%s","type":"teams","attributes":{"name":"%s"},"relationships":{"account":{"data":{"id":"%s","type":"accounts"}},"users":{"data":%s}}}' \
		"$1" "$1" "${3:-acc-1}" "${2:-[]}"
}

# account ID NAME
account() {
	printf '{"id":"%s","type":"accounts","attributes":{"name":"%s"}}' "$1" "$2"
}

# heads: what a server made by hand was asked for
heads() {
	grep '^GET ' "$raw_log" | sed "s|^GET $API||; s/ HTTP.*//; s/%5B/[/g; s/%5D/]/g"
}

# ---- the plain walk and what is asked on it ----

@test "with --jobs 1 the requests are the account, then the pages of each list in their order" {
	serve
	fetch 0 --jobs 1
	assert_quiet
	assert_requests <<-END
		GET $API/accounts?filter%5Bname%5D=acme&fields%5Baccounts%5D=name
		GET $API/account-users?filter%5Baccount%5D=acc-acme1&include=user,teams&page%5Bnumber%5D=1&page%5Bsize%5D=7
		GET $API/account-users?filter%5Baccount%5D=acc-acme1&include=user,teams&page%5Bnumber%5D=2&page%5Bsize%5D=7
		GET $API/account-users?filter%5Baccount%5D=acc-acme1&include=user,teams&page%5Bnumber%5D=3&page%5Bsize%5D=7
		GET $API/account-users?filter%5Baccount%5D=acc-acme1&include=user,teams&page%5Bnumber%5D=4&page%5Bsize%5D=7
		GET $API/service-accounts?filter%5Baccount%5D=acc-acme1&page%5Bnumber%5D=1&page%5Bsize%5D=7
		GET $API/teams?include=users&page%5Bnumber%5D=1&page%5Bsize%5D=7
	END
	cp "$log" "$BATS_TEST_TMPDIR/one.log"
	: >"$log"
	fetch 0 --jobs 16
	assert_equal "$(requests | sort)" "$(log=$BATS_TEST_TMPDIR/one.log requests | sort)"
}

@test "every request carries the bearer token and asks for JSON:API, and one page is 100 records" {
	serve
	run_status 0 scalr-fetch --base-url "$url" acme
	assert_equal "$(jq -r '.headers | .authorization, .accept' "$log" | sort -u)" "$(sort <<-END
		Bearer $TOKEN
		application/vnd.api+json
	END
	)"
	assert_equal "$(jq -r '.headers | keys[]' "$log" | sort -u | paste -sd ' ')" \
		'accept accept-encoding authorization host user-agent'
	assert_equal "$(asked | grep -o 'page.*')" "$(printf 'page[number]=1&page[size]=100\n%.0s' 1 2 3)"
}

@test "the records are those that the API shows, people joined with their users, whatever the page size and the number of jobs" {
	local count jobs
	serve
	for count in 1 2 7 25 100; do
		for jobs in 1 16; do
			fetch 0 --count "$count" --jobs "$jobs"
			assert_records "$BATS_FILE_TMPDIR/records"
		done
	done
}

@test "begin names the account's address, end counts records, requests and retries" {
	reads_all fail-at=3:503:2 retry-after=0 -- --retries 5
	assert_equal "$(head -n 1 "$out" | jq -c '[.stage, .source, .provider, .schema, .origin, .not_covered]')" \
		'["fetch","scalr","scalr","scalr","'"$url$API"'",["roles and access policies","last use of service accounts"]]'
	assert_equal "$(tail -n 1 "$out" | jq -r .sha256)" "$(body "$out" | sha256sum | cut -d ' ' -f 1)"
	assert_equal "$(tail -n 1 "$out" | jq -c '[.requests, .retries]')" "[$(wc -l <"$log"),2]"
	fetch 0 --source acme-prod
	assert_equal "$(jq -r .source "$out" | sort -u)" acme-prod
}

@test "the snapshot is what the account holds: people of each status, service accounts, teams, members" {
	cat >"$BATS_TEST_TMPDIR/data" <<-'END'
		{"kind":"user","id":"ada","user_name":"ada@example.com","display_name":"Ada Byron","status":"Active","last_login_at":"2026-05-12T09:14:03Z"}
		{"kind":"user","id":"bob","user_name":"bob@example.com","status":"Pending"}
		{"kind":"user","id":"eve","user_name":"eve@example.com","display_name":"Eve","status":"Inactive","last_login_at":"2026-01-02T03:04:05Z"}
		{"kind":"service","id":"ci","name":"ci","description":"pipelines"}
		{"kind":"service","id":"old","name":"old","active":false,"email":"old@example.com"}
		{"kind":"group","id":"p","name":"platform","members":["ada","eve"],"description":"who builds"}
		{"kind":"group","id":"n","name":"nobody","members":[]}
	END
	start_stand_in --data "$BATS_TEST_TMPDIR/data"
	fetch 0
	assert_end 5 2 0
	normalizes
	cat >"$BATS_TEST_TMPDIR/expected" <<-'END'
		{"kind":"group","source":"scalr","id":"team-n","name":"nobody","description":null}
		{"kind":"group","source":"scalr","id":"team-p","name":"platform","description":"who builds"}
		{"kind":"membership","source":"scalr","group_id":"team-p","member_id":"user-ada","member_kind":"user"}
		{"kind":"membership","source":"scalr","group_id":"team-p","member_id":"user-eve","member_kind":"user"}
		{"kind":"user","source":"scalr","id":"sa-ci","user_name":"ci","email":"ci@acme.scalr.io","status":"enabled","account_type":"service","owners":["team-p"],"created_by":"user-ada","created_at":"2024-01-08T10:00:00Z"}
		{"kind":"user","source":"scalr","id":"sa-old","user_name":"old","email":"old@example.com","status":"disabled","account_type":"service","owners":["team-p"],"created_by":"user-ada","created_at":"2024-01-09T12:00:00Z"}
		{"kind":"user","source":"scalr","id":"user-ada","user_name":"ada@example.com","email":"ada@example.com","display_name":"Ada Byron","status":"enabled","account_type":"human","created_at":"2024-01-08T10:00:00Z","last_login_at":"2026-05-12T09:14:03Z"}
		{"kind":"user","source":"scalr","id":"user-bob","user_name":"bob@example.com","email":"bob@example.com","display_name":null,"status":"enabled","provider_status":"Pending","account_type":"human","created_at":"2024-01-09T12:00:00Z","last_login_at":null}
		{"kind":"user","source":"scalr","id":"user-eve","user_name":"eve@example.com","email":"eve@example.com","display_name":"Eve","status":"disabled","account_type":"human","created_at":"2024-01-10T14:00:00Z","last_login_at":"2026-01-02T03:04:05Z"}
	END
	assert_records "$BATS_TEST_TMPDIR/expected"
}

@test "an account without anybody is read: the server said zero" {
	start_stand_in --users 0 --services 0 --groups 0
	fetch 0
	assert_end 0 0 0
}

# ---- the address ----

@test "the address follows from the account; a base URL and the environment come before it" {
	dry acme
	assert_base https://acme.scalr.io/api/iacp/v3
	BATON_SCALR_ACCOUNT=other dry
	assert_base https://other.scalr.io/api/iacp/v3
	BATON_SCALR_ACCOUNT=other dry acme
	assert_base https://acme.scalr.io/api/iacp/v3
	SCALR_HOSTNAME=scalr.example.com dry acme
	assert_base https://scalr.example.com/api/iacp/v3
	SCALR_HOSTNAME=scalr.example.com BATON_SCALR_BASE_URL=https://first.example dry acme
	assert_base https://first.example/api/iacp/v3
	SCALR_HOSTNAME=scalr.example.com BATON_SCALR_BASE_URL='' dry acme
	assert_base https://scalr.example.com/api/iacp/v3
	SCALR_HOSTNAME=scalr.example.com BATON_SCALR_BASE_URL=https://first.example dry --base-url https://last.example acme
	assert_base https://last.example/api/iacp/v3
	dry --base-url last.example:8443 acme
	assert_base https://last.example:8443/api/iacp/v3
}

@test "the path of the API is added once, and a path of one's own stays" {
	local base
	for base in https://a.example https://a.example/ https://a.example/api/iacp/v3 https://a.example/api/iacp/v3/; do
		dry --base-url "$base" acme
		assert_base https://a.example/api/iacp/v3
	done
	dry --base-url https://a.example/scalr/api/iacp/v3/ acme
	assert_base https://a.example/scalr/api/iacp/v3
	serve
	BATON_SCALR_BASE_URL=$url run_status 0 scalr-fetch acme
	BATON_SCALR_BASE_URL=$url$API/ run_status 0 scalr-fetch acme
	assert_equal "$(jq -r .path "$log" | sort | uniq -c | tr -s ' ')" \
		"$(printf " 2 $API/%s\n" account-users accounts service-accounts teams)"
}

@test "an address that would show the token, or hides something, is refused before any request" {
	usage loopback --base-url http://scalr.example.com acme
	usage --token-file --base-url https://me:secret@scalr.example.com acme
	usage query --base-url 'https://scalr.example.com/?x=1' acme
	SCALR_HOSTNAME=http://scalr.example.com usage loopback acme
}

@test "--dry-run prints the first requests, needs no token and sends none" {
	serve
	unset BATON_SCALR_API_TOKEN
	dry --base-url "$url" --count 7 acme
	assert_equal "$(cat "$out")" "$(cat <<-END
		GET $url$API/accounts?filter%5Bname%5D=acme&fields%5Baccounts%5D=name
		GET $url$API/account-users?filter%5Baccount%5D=ACCOUNT-ID&include=user,teams&page%5Bnumber%5D=1&page%5Bsize%5D=7
		GET $url$API/service-accounts?filter%5Baccount%5D=ACCOUNT-ID&page%5Bnumber%5D=1&page%5Bsize%5D=7
		GET $url$API/teams?include=users&page%5Bnumber%5D=1&page%5Bsize%5D=7
	END
	)"
	dry --base-url "$url" --scope groups,members acc-acme1
	assert_equal "$(cat "$out")" "$(cat <<-END
		GET $url$API/accounts?fields%5Baccounts%5D=name
		GET $url$API/teams?include=users&page%5Bnumber%5D=1&page%5Bsize%5D=100
	END
	)"
	assert_equal "$(wc -l <"$log")" 0
}

# ---- the account ----

@test "the account is the operand, else BATON_SCALR_ACCOUNT, else the only one, by name or by id" {
	serve
	run_status 0 scalr-fetch --base-url "$url" acme
	assert_equal "$(asked | head -n 1)" '/accounts?filter[name]=acme&fields[accounts]=name'
	BATON_SCALR_ACCOUNT=nobody run_status 0 scalr-fetch --base-url "$url" acme
	BATON_SCALR_ACCOUNT=acme run_status 0 scalr-fetch --base-url "$url"
	: >"$log"
	run_status 0 scalr-fetch --base-url "$url"
	assert_records "$BATS_FILE_TMPDIR/records"
	assert_equal "$(asked | head -n 1)" '/accounts?fields[accounts]=name'
	: >"$log"
	run_status 0 scalr-fetch --base-url "$url" acc-acme1
	assert_records "$BATS_FILE_TMPDIR/records"
	assert_equal "$(asked | head -n 1)" '/accounts?fields[accounts]=name'
}

@test "an account that the token does not see is refused with what to check, and nothing else is asked" {
	local account
	serve
	for account in other acc-other acc-acme; do
		run_status 77 scalr-fetch --base-url "$url" "$account"
		assert_not_sealed "$out"
		assert_says "0 accounts named '$account' where one was expected" 'check the account' 'token'
	done
	stops 77 "0 accounts named 'acme'" account-unknown
	run_status 77 scalr-fetch --base-url "$url"
	assert_says '0 accounts to choose from'
	assert_equal "$(asked | sed 's/?.*//' | sort -u)" /accounts
}

@test "a filter that is ignored hands out nobody else's account" {
	by_hand <<-END
		/accounts* $(page '' "$(account acc-2 other)" "$(account acc-3 Acme)" "$(account acc-4 acme2)")
	END
	fetch 0 --jobs 1
	assert_equal "$(heads | grep -o 'filter.account.=[^&]*' | sort -u)" 'filter[account]=acc-3'
	run_status 0 scalr-fetch --base-url "$url" acc-4
	run_status 77 scalr-fetch --base-url "$url" nobody
	assert_says '0 accounts named'
	run_status 77 scalr-fetch --base-url "$url"
	assert_not_sealed "$out"
	assert_says '3 accounts to choose from where one was expected'
	by_hand <<-END
		/accounts* $(page '' "$(account acc-2 acme)" "$(account acc-3 ACME)")
	END
	fetch 77
	assert_says "2 accounts named 'acme'"
}

@test "the account is looked for on every page, to an end that is one" {
	local one
	one=$(account acc-1 acme)
	by_hand <<-END
		/accounts*number%5D=3 $(page '"next-page":null' "$(account acc-4 c)")
		/accounts*number%5D=2 $(page '"next-page":3' "$one")
		/accounts* $(page '"next-page":2' "$(account acc-2 b)")
	END
	fetch 0 --jobs 1
	assert_equal "$(heads | grep -o '/accounts[^ ]*')" '/accounts?filter[name]=acme&fields[accounts]=name
/accounts?filter[name]=acme&fields[accounts]=name&page[number]=2
/accounts?filter[name]=acme&fields[accounts]=name&page[number]=3'
	run_status 77 scalr-fetch --base-url "$url"
	assert_says '3 accounts to choose from'
	for next in 1 3; do
		by_hand <<<"/accounts* $(page "\"next-page\":$next" "$one")"
		fetch 76 --jobs 1
		assert_says "/accounts: next-page is not the page after it ($next)"
		assert_not_sealed "$out"
	done
	cat >"$BATS_TEST_TMPDIR/no-end" <<-'END'
		#!/bin/bash
		page=${1##*number%5D=}
		[[ $1 == *number* ]] || page=1
		body='{"data":[],"meta":{"pagination":{"next-page":'$((page + 1))'}}}'
		printf 'HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' "${#body}" "$body"
	END
	chmod 700 "$BATS_TEST_TMPDIR/no-end"
	start_raw "$BATS_TEST_TMPDIR/no-end"
	fetch 76
	assert_says 'the list has no end'
	assert_equal "$(heads | grep -c /accounts)" 100
}

@test "an account that the answer does not name is nobody's" {
	by_hand <<<'/accounts* {"data":[{"id":"acc-9","type":"accounts","attributes":{}}]}'
	fetch 77 --jobs 1
	assert_says "0 accounts named 'acme'"
	assert_not_sealed "$out"
}

@test "accounts that the token may not look up are refused, whatever the answer is" {
	local status
	for status in 401 403 404; do
		by_hand <<<"/accounts* $status {\"errors\":[{\"status\":\"$status\",\"title\":\"No\",\"detail\":\"Not for you.\"}]}"
		fetch 77
		assert_not_sealed "$out"
		assert_says /accounts: "HTTP $status" 'Not for you.'
	done
}

@test "what is no account name is refused before any request" {
	local account
	serve
	for account in https://acme.scalr.io acme.scalr.io acme/x 'acme?' acme@evil.example -acme- acme- a_b 'a b' \
		$'a\nb' ümlaut "$(printf 'a%.0s' {1..64})"; do
		run_status 64 scalr-fetch --base-url "$url" -- "$account"
		assert_says 'is not an account name: give the subdomain'
		assert_equal "$(jq -r .kind "$out")" $'begin\nfailed'
	done
	BATON_SCALR_ACCOUNT=acme.evil.example usage 'is not an account name'
	usage 'which account?'
	BATON_SCALR_ACCOUNT='' usage 'which account?'
	assert_equal "$(wc -l <"$log")" 0
}

# ---- the command line ----

@test "the token is that of BATON_SCALR_API_TOKEN, else of SCALR_TOKEN" {
	serve
	BATON_SCALR_API_TOKEN=$TOKEN SCALR_TOKEN=wrong fetch 0
	BATON_SCALR_API_TOKEN=wrong SCALR_TOKEN=$TOKEN fetch 77
	unset BATON_SCALR_API_TOKEN
	SCALR_TOKEN=$TOKEN fetch 0
	fetch 78
	assert_says BATON_SCALR_API_TOKEN
}

@test "what only SCIM has is unknown here, and one account is all that is read" {
	serve
	usage "unknown option" --base-url "$url" --paging=index acme
	usage "unknown option" --base-url "$url" --sort-by=id acme
	usage "unknown option" --base-url "$url" --query=a=b acme
	usage "" --base-url "$url" acme other
	usage groups --base-url "$url" --scope members acme
	assert_equal "$(wc -l <"$log")" 0
}

@test "--help fits a screen, examples first; --version names the libraries" {
	local help
	run_status 0 scalr-fetch -h
	assert_quiet
	help=$(cat "$out")
	run_status 0 scalr-fetch acme --help
	assert_equal "$(cat "$out")" "$help"
	assert_equal "$(sed -n 1,3p "$out")" "$(printf 'usage: scalr-fetch [OPTION...] [ACCOUNT]\n\n  scalr-fetch acme | normalize -o today.ndjson')"
	[ "$(wc -l <"$out")" -le 50 ]
	[ "$(wc -L <"$out")" -le 80 ]
	run_status 0 scalr-fetch --version
	assert_regex "$(cat "$out")" '^scalr-fetch [0-9]+\.[0-9]+\.[0-9]+ .*libcurl/.*yyjson/.*OpenSSL'
}

@test "--check says what is readable, asks for one record of each list, and writes no stream" {
	serve
	fetch 0 --check --jobs 1
	assert_quiet
	assert_equal "$(cat "$out")" "$(printf '%s: readable, the server counts %s\n' users 25 'service accounts' 3 teams 5)"
	assert_asked <<-END
		/accounts?filter[name]=acme&fields[accounts]=name
		/account-users?filter[account]=acc-acme1&include=user,teams&page[number]=1&page[size]=1
		/service-accounts?filter[account]=acc-acme1&page[number]=1&page[size]=1
		/teams?include=users&page[number]=1&page[size]=1
	END
	fetch 0 --check --scope groups
	assert_equal "$(cat "$out")" 'teams: readable, the server counts 5'
	serve no-counters
	fetch 0 --check --scope groups
	assert_equal "$(cat "$out")" 'teams: readable, the server does not say how many'
}

@test "--check goes on behind a list that can not be read, and its status is that of the first" {
	local status
	for status in 403 404; do
		serve service-accounts-status=$status
		fetch 77 --check
		assert_equal "$(sed 's/: expected.*//; s/: refused.*//' "$out")" \
			"$(printf '%s\n' 'users: readable, the server counts 25' 'service accounts: not readable' 'teams: readable, the server counts 5')"
		assert_equal "$(grep -c "HTTP $status" "$out")" 1
		assert_says "HTTP $status"
	done
	serve service-accounts-status=503 teams-status=403 retry-after=0
	fetch 75 --check
	assert_equal "$(grep -c 'not readable' "$out")" 2
	serve account-unknown
	fetch 77 --check
	assert_equal "$(wc -c <"$out")" 0
	assert_says 'where one was expected'
}

@test "--scope leaves out requests, and records a gap for each part that was left out" {
	local scope users groups gaps paths
	serve
	while read -r scope users groups gaps paths; do
		: >"$log"
		fetch 0 --jobs 1 --count 100 --scope "$scope"
		assert_equal "$(gaps)" "$gaps"
		assert_end "$users" "$groups" "$(tr ',' '\n' <<<"$gaps" | wc -l)"
		assert_equal "$(asked | sed 's/?.*//' | paste -sd ' ')" "/accounts $paths"
		assert_equal "$(jq -r 'select(.kind == "gap").reason' "$out" | sort -u)" 'not asked for (--scope)'
	done <<-'END'
		users 28 0 groups,members /account-users /service-accounts
		groups 0 5 users,members /teams
		groups,members 0 5 users /teams
		users,groups 28 5 members /account-users /service-accounts /teams
	END
}

# ---- lists that the token may not read ----

# not_readable SWITCH WORDS GAP: a refusal with 403 or 404 is 77, and a gap with --keep-going
not_readable() {
	local status
	for status in 403 404; do
		stops 77 "the token may not read $2" "$1=$status"
		assert_says "HTTP $status" --keep-going
		assert_equal "$(count_asked '^/service-accounts')" "$([ "$3" = users ] && echo 0 || echo 1)"
		serve "$1=$status"
		fetch 0 --keep-going
		assert_sealed "$out"
		assert_equal "$(gaps)" "$3"
		assert_says warning "gap: $3" "HTTP $status"
		assert_equal "$(jq -r 'select(.kind == "gap").reason' "$out" | grep -c "HTTP $status")" 1
	done
}

@test "service accounts that may not be read stop the run; --keep-going records the gap" {
	not_readable service-accounts-status 'service accounts' service_accounts
	assert_end 25 5 1
}

@test "teams that may not be read stop the run; --keep-going records the gap" {
	not_readable teams-status teams groups
	assert_end 28 0 1
}

@test "users that may not be read stop the run; --keep-going records the gap" {
	not_readable users-status users users
	assert_end 3 5 1
}

@test "--keep-going does not hide that the token is refused, or that it is later" {
	local list
	for list in users service-accounts teams; do
		stops 77 'HTTP 401' $list-status=401 -- --keep-going
		stops 75 'HTTP 503' $list-status=503 -- --keep-going --retries 0
		stops 76 'HTTP 400' $list-status=400 -- --keep-going
	done
}

@test "a 403 in the middle of a list is no gap" {
	stops 77 'HTTP 403' fail-at=3:403:1 -- --keep-going --jobs 1
}

# gap_is_unknown SWITCH SCOPE: a full snapshot and one with the gap
gap_is_unknown() {
	serve
	fetch 0
	snapshot "$BATS_TEST_TMPDIR/full"
	change '{"op":"switch","name":"scalr:'"${1%=*}"'","value":"'"${1#*=}"'"}'
	fetch 0 --keep-going
	snapshot "$BATS_TEST_TMPDIR/gap"
	run_status 0 diff-snapshot --format ndjson "$BATS_TEST_TMPDIR/full" "$BATS_TEST_TMPDIR/gap"
	assert_equal "$(jq -c 'select(.kind == "unknown") | [.scope, .sides]' "$out")" '["'"$2"'",["after"]]'
	assert_equal "$(jq -c 'select(.kind == "end") | [.changes, .unknown]' "$out")" '[0,1]'
	run_status 0 diff-snapshot --format ndjson --allow-older "$BATS_TEST_TMPDIR/gap" "$BATS_TEST_TMPDIR/full"
	assert_equal "$(jq -c 'select(.kind == "unknown") | [.scope, .sides]' "$out")" '["'"$2"'",["before"]]'
	assert_equal "$(jq -c 'select(.kind == "end") | [.changes, .unknown]' "$out")" '[0,1]'
}

@test "service accounts that were not readable have not gone: one unknown, no change" {
	gap_is_unknown service-accounts-status=403 service_accounts
}

@test "teams that were not readable have not gone: one unknown, no change" {
	gap_is_unknown teams-status=404 groups
}

@test "teams that show no users, where the users were not readable, have not lost them" {
	serve
	fetch 0
	snapshot "$BATS_TEST_TMPDIR/full"
	change '{"op":"switch","name":"scalr:users-status","value":"403"}' '{"op":"switch","name":"scalr:relationships-null","value":""}'
	fetch 0 --keep-going
	snapshot "$BATS_TEST_TMPDIR/gap"
	run_status 0 diff-snapshot --format ndjson "$BATS_TEST_TMPDIR/full" "$BATS_TEST_TMPDIR/gap"
	assert_equal "$(jq -r 'select(.kind == "unknown") | [.scope, .id // empty] | join(" ")' "$out" | sort | paste -sd ,)" \
		"$(seq -f 'members team-g%g' 5 | paste -sd ,),users"
}

# ---- paging ----

@test "pages that are shorter than asked for, and counters in other forms, are read to the end" {
	reads_all cap=4
	reads_all cap=1 -- --count 100 --jobs 16
	reads_all null-counters -- --jobs 1
	reads_all string-counters
	reads_all float-counters
	reads_all no-counters -- --jobs 1
	reads_all ignore-count default-count=3 -- --jobs 16
	reads_all overlap=2
	reads_all total-is-page
}

@test "without a word about pages, the end is an empty page" {
	by_hand <<-END
		/account-users*number%5D=1\&* $(people '' ada bob)
		/account-users*number%5D=2\&* $(people '"total-count":3' eve)
		/account-users*number%5D=3\&* $(people '' )
	END
	fetch 0 --jobs 1
	assert_equal "$(ids user)" 'ada bob eve'
	assert_equal "$(heads | grep -c '^/account-users')" 3
}

@test "without a word about pages, the same page again proves nothing" {
	by_hand <<<"/account-users* $(people '' ada bob)"
	fetch 76 --jobs 1
	assert_not_sealed "$out"
	assert_says unproven
	stops 76 unproven no-counters ignore-start-index
	stops 76 'brings nothing new' ignore-start-index
}

@test "an empty page in the middle is not the end, empty pages for ever have none" {
	local jobs
	by_hand <<-END
		/account-users*number%5D=1\&* $(people '"current-page":1,"next-page":2,"total-pages":4,"total-count":3' ada bob)
		/account-users*number%5D=2\&* $(page '"current-page":2,"next-page":3,"total-pages":4,"total-count":3')
		/account-users*number%5D=3\&* $(page '"current-page":3,"next-page":4,"total-pages":4,"total-count":3')
		/account-users*number%5D=4\&* $(people '"current-page":4,"next-page":null,"total-pages":4,"total-count":3' eve)
	END
	for jobs in 1 16; do
		fetch 0 --jobs $jobs
		assert_equal "$(ids user)" 'ada bob eve'
	done
	# each says that there is another one behind it
	cat >"$BATS_TEST_TMPDIR/empty-for-ever" <<-'END'
		#!/bin/bash
		page=${1##*number%5D=} page=${page%%&*}
		body='{"data":[{"id":"acc-1","type":"accounts","attributes":{"name":"acme"}}]}'
		[[ $1 == */accounts* ]] || body='{"data":[],"meta":{"pagination":{"next-page":'$((page + 1))'}}}'
		printf 'HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' "${#body}" "$body"
	END
	chmod 700 "$BATS_TEST_TMPDIR/empty-for-ever"
	start_raw "$BATS_TEST_TMPDIR/empty-for-ever"
	fetch 76 --jobs 1
	assert_not_sealed "$out"
	assert_says 'page after page brings nothing new'
}

@test "an error where the end should be is no end, nor is one in the middle" {
	local status
	for status in 400 403 404; do
		stops "$([ $status = 403 ] && echo 77 || echo 76)" "HTTP $status" no-counters error-past-end=$status -- --jobs 1
		stops "$([ $status = 403 ] && echo 77 || echo 76)" "HTTP $status" fail-at=3:$status:1 -- --jobs 1 --keep-going
	done
	stops 76 'HTTP 501' refuse-paging-501
}

@test "a next-page that does not lead on ends the run at once" {
	local next words
	stops 76 'next-page is not the page after it (1)' next-page-loops -- --jobs 1
	assert_equal "$(count_asked '^/account-users')" 1
	while read -r next words; do
		by_hand <<<"/account-users* $(people '"current-page":1,"next-page":'"$next" ada)"
		fetch 76 --jobs 1
		assert_not_sealed "$out"
		assert_says "$words"
	done <<-'END'
		3 next-page is not the page after it (3)
		0 next-page is 0
		-1 a member of meta.pagination is not a number
		"two" a member of meta.pagination is not a number
		{} a member of meta.pagination is not a number
	END
}

@test "another page than the one asked for is not taken for it" {
	by_hand <<-END
		/account-users*number%5D=1\&* $(people '"current-page":1,"next-page":2,"total-pages":3,"total-count":3' ada)
		/account-users*number%5D=2\&* $(people '"current-page":3,"next-page":null,"total-pages":3,"total-count":3' eve)
	END
	fetch 76 --jobs 1
	assert_not_sealed "$out"
	assert_says 'page 2: another page came than was asked for (3)'
}

@test "a number of pages that is too high is not believed against a list that has ended" {
	by_hand <<<"/account-users* $(people '"current-page":1,"next-page":null,"total-pages":2,"total-count":1' ada)"
	fetch 0
	assert_end 1 0 0
	# without a total of records, the next page shows whether that was all
	by_hand <<-END
		/account-users*number%5D=1\&* $(people '"current-page":1,"next-page":null,"total-pages":3' ada)
		/account-users* $(people '"current-page":2,"next-page":null,"total-pages":3')
	END
	fetch 0 --jobs 1
	assert_end 1 0 0
	assert_equal "$(grep -c '^GET [^ ]*/account-users' "$raw_log")" 2
	by_hand <<-END
		/account-users*number%5D=1\&* $(people '"current-page":1,"next-page":null,"total-pages":2' ada)
		/account-users* $(people '"current-page":2,"next-page":null,"total-pages":2' eve)
	END
	fetch 0
	assert_end 2 0 0
}

@test "fewer records than counted are read again once, then named incomplete" {
	stops 76 'incomplete: the server said 28 users and sent 25' total-too-big=3 -- --jobs 1
	assert_equal "$(count_asked '^/account-users.*number.=1&')" 2
	stops 76 'the server said 25 users and sent 0' empty-list-with-total
	assert_says 'what the token may read'
}

@test "a record that is counted and not sent is missed" {
	stops 76 'the server said 25 users and sent 24' hide=9
	stops 76 'the server said 25 users and sent 24' hide=25
}

@test "pages whose order changes are not believed, one page is" {
	stops 76 'no stable order' reorder-per-request -- --jobs 1
	serve reorder-per-request
	fetch 0 --count 100
	assert_end 28 5 0
	assert_equal "$(body "$out" | sort)" "$(sort "$BATS_FILE_TMPDIR/records")"
}

@test "somebody who goes or comes between two pages costs nobody else: the list is read again" {
	serve delete-between-pages=1
	fetch 0 --jobs 1
	assert_equal "$(ids user)" "$(u 2 25) sa-s1 sa-s2 sa-s3"
	assert_equal "$(count_asked '^/account-users.*number.=1&')" 2
	serve insert-between-pages=1
	fetch 0
	assert_equal "$(ids user)" "user-inserted-26 $(u 1 25) sa-s1 sa-s2 sa-s3"
	stops 75 'kept changing' insert-between-pages=99 -- --jobs 1
	assert_equal "$(count_asked '^/account-users.*number.=1&')" 4
}

@test "totals that count what is left, or say at least so many, are no change: the same records came twice" {
	reads_all total-is-left
	reads_all total-at-least
	stops 75 'kept changing' total-is-left insert-between-pages=99 -- --jobs 1
}

@test "one id with two contents is a change, not a repetition" {
	stops 75 '/service-accounts kept changing' duplicate-ids
}

@test "links are never followed: the place they name gets no request" {
	local other_log
	serve
	other_log=$log
	reads_all "links=$url$API/account-users?page%5Bnumber%5D=2"
	assert_equal "$(wc -l <"$other_log")" 0
	assert_equal "$(asked | wc -l)" 7
}

# ---- people, and what is included ----

@test "users that are not included are asked for one by one, the records are the same" {
	reads_all included-missing -- --jobs 1
	assert_equal "$(asked | grep '^/users/')" "$(seq -f '/users/user-u%g' 25)"
	reads_all included-missing -- --jobs 16
}

@test "users that are not included are asked for side by side, as many as --jobs says" {
	start_stand_in --users 60 --delay 20 --switch included-missing
	fetch 0 --jobs 8 --count 50 --scope users
	assert_equal "$(jq -s '[.[] | select(.path | contains("/users/"))] | length' "$log")" 60
	assert_equal "$(jq -s 'map(.in_flight) | max' "$log")" 8
	: >"$log"
	fetch 0 --jobs 1 --count 50 --scope users
	assert_equal "$(jq -s 'map(.in_flight) | max' "$log")" 1
}

@test "on one page each person gets the right user: included, asked for, twice there, or left out" {
	local lost='{"id":"au-lost","type":"account-users","relationships":{"user":{"data":null}}}' jobs
	by_hand <<-END
		/account-users* $(joined '"next-page":null,"total-count":6' "$(account_user ada),$lost,$(account_user bob),$(account_user eve '' acc-2),$(account_user bob),$(account_user cid),$(account_user dan)" "$(user ada),$(user cid)")
		/users/bob {"data":$(user bob)}
		/users/dan {"data":$(user dan)}
	END
	for jobs in 1 2 16; do
		fetch 0 --keep-going --jobs $jobs
		assert_equal "$(jq -r 'select(.kind == "user") | "\(.resource.id) \(.included.id)"' "$out" | paste -sd ,)" \
			'au-ada ada,au-bob bob,au-cid cid,au-dan dan'
		assert_equal "$(gaps)" users
	done
	assert_equal "$(heads | grep -c /users/eve || true)" 0
}

@test "what is included in another form is not included: the user is asked for" {
	local included
	for included in null '{}' '"ada"' '[null]' '[[]]' '[{"type":"users"}]' "[$(user eve)]"; do
		by_hand <<-END
			/account-users* {"data":[$(account_user ada)],"included":$included,"meta":{"pagination":{"next-page":null}}}
			/users/ada {"data":$(user ada)}
		END
		fetch 0
		assert_equal "$(jq -c 'select(.kind == "user").included' "$out")" "$(user ada)"
	done
}

@test "a user asked for alone for whom the token is refused, or it is later, stops the run by that status" {
	by_hand <<-END
		/account-users* $(page '"next-page":null' "$(account_user ada)")
		/users/* 401 {"errors":[{"detail":"Expired."}]}
	END
	fetch 77 --keep-going
	assert_says "user 'ada' of the account: " 'HTTP 401'
	by_hand <<-END
		/account-users* $(page '"next-page":null' "$(account_user ada)")
		/users/* 503 {"errors":[{"detail":"Away."}]}
	END
	fetch 75 --keep-going --retries 0
	assert_not_sealed "$out"
	assert_says "user 'ada' of the account: " 'HTTP 503'
}

@test "a user who is deleted between the list and GET /users/ID is no failure: the list is read again" {
	local counters
	for counters in included-missing no-counters; do # those may show that one has gone, too
		start_stand_in --users 25 --services 0 --switch included-missing --switch "$counters" --switch delete-between-pages=2
		fetch 0 -v --scope users
		assert_says 'the list changed while it was read, reading again'
		assert_equal "$(jq -rs 'map(select(.status == 404).path) | join(" ")' "$log")" \
			"$API/users/user-u1 $API/users/user-u2"
		assert_end 23 0 2
	done
	start_stand_in --users 25 --services 0 --switch included-missing --switch delete-between-pages=9
	fetch 75 --scope users
	assert_says 'kept changing while it was read'
}

@test "users who stay on the list and are not there, or refused, stop the run; --keep-going records gaps" {
	local answer bob
	bob=$(account_user bob '[{"id":"t1","type":"teams"}]')
	for answer in '403 {"errors":[{"detail":"Forbidden."}]}' '404 {"errors":[{"detail":"Not found."}]}'; do
		by_hand <<-END
			/account-users* $(joined '"next-page":null,"total-count":3' "$(account_user ada),$bob,$bob,$(account_user cid)" "$(user ada)")
			/users/* $answer
			/teams* $(page '"next-page":null' "$(team t1 null)")
		END
		fetch 77
		assert_not_sealed "$out"
		assert_says "user 'bob' of the account: " "HTTP ${answer%% *}" 'create an API token' --keep-going
		fetch 0 --keep-going
		# bob is in t1, and nobody has seen it
		assert_equal "$(ids user) $(gaps)" 'ada users,users,members t1'
	done
}

@test "an answer that is another user, or none, stops the run and names the user" {
	local answer
	for answer in "{\"data\":$(user bob)}" '{"data":{"id":"ada","type":"users"}}' \
		'{"data":{"id":"ada","type":"teams","attributes":{}}}' '{"data":null}' '[]'; do
		by_hand <<-END
			/account-users* $(page '"next-page":null' "$(account_user ada)")
			/users/* $answer
		END
		fetch 76 --keep-going
		assert_not_sealed "$out"
		assert_says "user 'ada' of the account: "
	done
}

@test "an included user without attributes is not the user: it is asked for" {
	by_hand <<-END
		/account-users* $(joined '"next-page":null' "$(account_user a/b)" '{"id":"a/b","type":"users"},{"id":"a/b","type":"teams","attributes":{}}')
		/users/a%2Fb {"data":$(user a/b)}
	END
	fetch 0
	assert_equal "$(jq -c 'select(.kind == "user").included' "$out")" "$(user a/b)"
	assert_end 1 0 0
}

@test "an account-user without a user stops the run, with --keep-going it is a gap of the users" {
	local link
	for link in '{"data":null}' '{}' '{"data":{"type":"users"}}'; do
		by_hand <<-END
			/account-users* $(joined '"next-page":null,"total-count":2' "{\"id\":\"au-1\",\"type\":\"account-users\",\"relationships\":{\"user\":$link}},$(account_user ada)" "$(user ada)")
		END
		fetch 76
		assert_not_sealed "$out"
		assert_says "account-user 'au-1' without a user" --keep-going
		fetch 0 --keep-going
		assert_equal "$(gaps)" users
		assert_end 1 0 1
	done
}

@test "a sign-in that the account does not show is the user's own" {
	serve
	fetch 0
	snapshot "$BATS_TEST_TMPDIR/with"
	[ "$(jq -c 'select(.last_login_at).id' "$BATS_TEST_TMPDIR/with" | wc -l)" -gt 5 ]
	serve last-login-absent
	fetch 0
	assert_equal "$(grep -c '"status":"[A-Za-z]*","last-login-at"' "$out")" 0
	normalizes
	assert_records <(body "$BATS_TEST_TMPDIR/with")
}

@test "rows of another account are counted, skipped and told of, and are no part of the stream" {
	by_hand <<-END
		/account-users* $(joined '"next-page":null,"total-count":2' "$(account_user ada),$(account_user eve '' acc-2)" "$(user ada),$(user eve)")
		/teams* $(page '"next-page":null,"total-count":3' "$(team theirs '' acc-2)" "$(team ours)" "$(team hidden null acc-2)")
	END
	fetch 0
	assert_equal "$(ids user) $(ids group)" 'ada ours'
	assert_says 'warning: users: 1 of other accounts skipped' 'warning: teams: 2 of other accounts skipped'
	assert_end 1 1 0
}

# ---- teams and their members ----

@test "teams whose users are null stop the run; --keep-going records a gap for each team" {
	stops 76 "team 'team-g1' does not show its users" relationships-null
	assert_says --keep-going
	serve relationships-null
	fetch 0 --keep-going
	assert_equal "$(gaps)" "$(seq -f 'members team-g%g' 5 | paste -sd ,)"
	assert_end 28 5 5
	fetch 0 --scope users,groups
	assert_equal "$(gaps)" members
	fetch 76 --scope groups,members
	assert_says "team 'team-g1' does not show its users"
}

@test "teams whose users are null are whole where every account-user shows its teams" {
	by_hand <<-END
		/account-users* $(joined '"next-page":null' "$(account_user ada '[{"id":"t1","type":"teams"}]'),$(account_user bob)" "$(user ada),$(user bob)")
		/teams* $(page '"next-page":null' "$(team t1 null)")
	END
	fetch 0
	assert_end 2 1 0
	normalizes
	assert_equal "$(jq -r 'select(.kind == "membership") | "\(.group_id) \(.member_id)"' "$out")" 't1 ada'
	# one who does not show them is enough
	by_hand <<-END
		/account-users* $(joined '"next-page":null' "$(account_user ada),$(account_user bob null)" "$(user ada),$(user bob)")
		/teams* $(page '"next-page":null' "$(team t1 null)")
	END
	fetch 76
	assert_says "team 't1' does not show its users"
}

@test "a side of a relationship that is empty is no evidence against the other, nor alone" {
	# the team shows nobody, and ada says that she is in it
	by_hand <<-END
		/account-users* $(joined '"next-page":null' "$(account_user ada '[{"id":"t1","type":"teams"}]')" "$(user ada)")
		/teams* $(page '"next-page":null' "$(team t1 '[]')" "$(team t2 '[]')")
	END
	fetch 76
	assert_not_sealed "$out"
	assert_says "team 't1' shows no users, and 1 users are in it"
	fetch 0 --keep-going
	assert_equal "$(gaps)" 'members t1'
	# nobody is said to be in any team, and the teams do not show their users
	by_hand <<-END
		/account-users* $(joined '"next-page":null' "$(account_user ada)" "$(user ada)")
		/teams* $(page '"next-page":null' "$(team t1 null)")
	END
	fetch 76
	assert_says "team 't1' does not show its users"
	# a team without an id may be any
	by_hand <<-END
		/account-users* $(joined '"next-page":null' "$(account_user ada '[{"id":"t2","type":"teams"},{"type":"teams"}]')" "$(user ada)")
		/teams* $(page '"next-page":null' "$(team t1 null)")
	END
	fetch 76
	assert_says "team 't1' does not show its users"
}

@test "a member of a team without an id is not passed over" {
	by_hand <<<"/teams* $(page '"next-page":null' "$(team t1 '[{"id":"ada","type":"users"},{"type":"users"}]')" "$(team t2)")"
	fetch 76
	assert_not_sealed "$out"
	assert_says "team 't1' does not show its users"
	fetch 0 --keep-going
	assert_equal "$(gaps)" 'members t1'
}

# ---- replies ----

@test "what is no list of the right type is not an empty list" {
	local body
	for body in '{}' '[]' null '"x"' '{"data":null}' '{"data":{}}' '{"data":"none"}' '{"data":[7]}' '{"data":[{}]}' \
		'{"data":[{"type":"teams"}]}' '{"data":[{"id":"","type":"teams"}]}' '{"data":[{"id":"t","type":"users"}]}' \
		'{"data":[{"id":"t"}]}' '{"data":[],"errors":[{"detail":"Half of it."}]}' '{"errors":[{"detail":"No."}]}'; do
		by_hand <<<"/teams* $body"
		fetch 76
		assert_not_sealed "$out"
		assert_says /teams
	done
	assert_says 'expected a list'
	by_hand <<<"/teams* $(page '' "$(user ada)")"
	fetch 76
	assert_says 'a record in the list of teams has another type'
	by_hand <<<"/teams* {\"data\":[$(team t)],\"errors\":[{\"detail\":\"Half of it.\"}]}"
	fetch 76
	assert_says 'a list that comes with errors'
}

@test "login pages, error objects and empty replies with status 200 are not lists" {
	stops 76 'expected a list' html-200
	assert_says text/html 'the server says: Sign in'
	stops 76 'expected a list' error-200
	stops 76 'expected a list' empty-200
	stops 76 'HTTP 204' status-204
}

@test "types, codings and transports do not decide what a reply is" {
	local switch
	for switch in content-type=none content-type=text/html content-type=application/json bom gzip chunked \
		http-1.0 'http-1.0 chunked' 'gzip chunked' double-headers; do
		# shellcheck disable=SC2086 # words
		reads_all $switch
	done
}

@test "a reply that is no strict JSON, or too large, or never whole, is no list" {
	local body
	stops 76 UTF-8 broken-utf8
	stops 76 'larger than' gzip-bomb=64
	stops 76 'larger than' endless
	stops 75 'timed out' slow=20 -- --timeout 1 --retries 0
	stops 75 'timed out' stall-at=3:99 -- --timeout 1 --retries 0
	stops 75 'after 1 try' drop-at=3:99 chunked -- --jobs 1 --retries 0
	stops 75 'cut off' drop-at=3:99 http-1.0 chunked -- --jobs 1 --retries 0
	stops 75 'cut off' cut-gzip -- --retries 0
	for body in '{"data":[],}' '{"data":[]} x' '{"data":[],"data":[]}' "{'data':[]}" '{"data":["\ud800"]}'; do
		by_hand <<<"/teams* $body"
		fetch 76 --retries 0
		assert_not_sealed "$out"
		assert_says /teams
	done
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

@test "a wrong token is refused with 77 and where to get a right one" {
	serve
	BATON_SCALR_API_TOKEN=wrong fetch 77
	assert_not_sealed "$out"
	assert_says 'HTTP 401' "API Tokens in Scalr's account settings"
	stops 77 'HTTP 401' fail-at=3:401:1 -- --jobs 1
	assert_says 'number%5D=2' "API Tokens in Scalr's account settings"
	assert_equal "$(wc -l <"$log")" 3
}

@test "over TLS the account is read where the authority is named, and refused where it is not, or TLS is too old" {
	authority
	certificate good 2 IP:127.0.0.1
	certificate expired -1 IP:127.0.0.1
	certificate other 2 DNS:acme.scalr.io
	serve_tls good
	fetch 0 --ca-file ca.pem
	assert_sealed "$out"
	: >"$log"
	fetch 69
	assert_says 'TLS refused' --ca-file
	serve_tls expired
	fetch 69 --ca-file ca.pem
	assert_says expired
	serve_tls other
	fetch 69 --ca-file ca.pem
	assert_says name 127.0.0.1
	assert_file_empty "$log"
	serve_old_tls good tls1
	fetch 69 --ca-file ca.pem
	assert_says 'TLS failed' 'TLS 1.2 or later'
	assert_not_sealed "$out"
}

@test "failures that pass are asked again, the bytes are the same; others are named" {
	local status
	for status in 429 503; do
		reads_all fail-at=2:$status:3 retry-after=0 -- --retries 8 --max-wait 9 --jobs 16
		assert_equal "$(tail -n 1 "$out" | jq .retries)" 3
	done
	reads_all drop-at=3:1 -- --jobs 1
	assert_equal "$(tail -n 1 "$out" | jq .retries)" 1
	stops 75 'HTTP 503' fail-at=3:503:99 retry-after=0 -- --retries 2 --jobs 1
	assert_says 'number%5D=2' 'after 3 tries'
	stops 75 'after 1 try' drop-at=3:99 -- --jobs 1 --retries 0
	stops 75 'until 20' fail-at=3:429:1 retry-after=3600 -- --jobs 1
	assert_says --max-wait
}

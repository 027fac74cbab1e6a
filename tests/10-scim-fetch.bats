#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The command line of scim-fetch: each option does what --help says, each
# mistake is named, each exit status has its cause. The walk itself is in
# 12-scim-walk.bats, the token in 11-token.bats.

load helper

# dry ARGUMENT...: what --dry-run says would be asked
dry() {
	run_status 0 scim-fetch --dry-run "$@"
	assert_quiet
}

# assert_base URL: the requests that --dry-run shows begin with it
assert_base() {
	assert_equal "$(cat "$out")" "$(printf 'GET %s/%s?startIndex=1&count=%s\n' "$1" Users 1000 "$1" Groups 100)"
}

# usage WORDS ARGUMENT...: refused with 64, the words named, where to look; on
# stdout a section that says it failed, so that a pipe does not miss the run
usage() {
	local words=$1 kinds=$'begin\nfailed'
	shift
	case " $* " in *' --dry-run '*) kinds= ;; esac
	run_status 64 scim-fetch "$@"
	assert_says "$words" "Try 'scim-fetch --help'."
	assert_equal "$(jq -r .kind "$out")" "$kinds"
}

# fetch STATUS OPTION...
fetch() {
	local status=$1
	shift
	SCIM_TOKEN=$TOKEN run_status "$status" timeout 60 scim-fetch "$@" "$url/scim/v2"
}

# fetch_from URL STATUS OPTION...
fetch_from() {
	local url=$1
	shift
	fetch "$@"
}

# gaps: scope and reason of each gap
gaps() {
	jq -r 'select(.kind == "gap") | "\(.scope): \(.reason)"' "$out"
}

queries() {
	jq -r '"\(.path | sub(".*/"; ""))?\(.query)"' "$log"
}

# ---- help, version ----

@test "-h and --help say the same on stdout, examples first" {
	local help
	run_status 0 scim-fetch -h
	assert_quiet
	help=$(cat "$out")
	run_status 0 scim-fetch --help
	assert_equal "$(cat "$out")" "$help"
	assert_equal "$(sed -n 1p "$out")" 'usage: scim-fetch [OPTION...] PROVIDER|BASE-URL'
	assert_equal "$(sed -n 3p "$out")" '  scim-fetch rudderstack | normalize -o today.ndjson'
	run_status 0 scim-fetch --count 5 stripe --help
	assert_equal "$(cat "$out")" "$help"
}

@test "--help fits 80 columns and 60 lines" {
	run_status 0 scim-fetch --help
	[ "$(wc -l <"$out")" -le 60 ]
	[ "$(wc -L <"$out")" -le 80 ] || fail "lines of $(wc -L <"$out") columns"
}

@test "-V and --version name the version and the libraries in use" {
	local version
	run_status 0 scim-fetch -V
	assert_quiet
	version=$(cat "$out")
	assert_regex "$(sed -n 1p "$out")" '^scim-fetch [0-9]+\.[0-9]+\.[0-9]+ '
	assert_regex "$version" 'libcurl/[0-9.]+'
	assert_regex "$version" 'yyjson/[0-9.]+'
	assert_regex "$version" 'OpenSSL [0-9.]+'
	run_status 0 scim-fetch --version
	assert_equal "$(cat "$out")" "$version"
}

@test "every option that --help shows stands in these tests" {
	local option
	run_status 0 scim-fetch --help
	grep -oE -e '--[a-z][a-z-]+' "$out" | sort -u >"$BATS_TEST_TMPDIR/options"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/options")" -ge 20 ]
	while read -r option; do
		grep -qE -e "(fetch|dry|usage|stops|scim-fetch|in) .*$option([^a-z-]|\$)" \
			"$BATS_TEST_DIRNAME"/[19][0-9]-*.bats || fail "$option has no test"
	done <"$BATS_TEST_TMPDIR/options"
}

# ---- which service ----

@test "each provider has its own address" {
	dry rudderstack
	assert_base https://api.rudderstack.com/scim/v2
	dry stripe
	assert_base https://access.stripe.com/scim/v2
}

@test "a base URL as the operand is a service of its own" {
	dry https://id.example.com/scim/v2
	assert_base https://id.example.com/scim/v2
	dry https://id.example.com:8443
	assert_base https://id.example.com:8443
}

@test "slashes at the end of a base URL do not count" {
	dry https://id.example.com/scim/v2/
	assert_base https://id.example.com/scim/v2
	dry --base-url https://eu.example.com/scim/v2// stripe
	assert_base https://eu.example.com/scim/v2
	SCIM_BASE_URL=https://id.example.com/scim/ dry
	assert_base https://id.example.com/scim
}

@test "each provider has its own variable for the base URL" {
	local provider variable
	while read -r provider variable; do
		export "$variable=https://$provider.example.com/v2"
	done <<-END
		rudderstack BATON_RUDDERSTACK_SCIM_BASE_URL
		stripe BATON_STRIPE_SCIM_BASE_URL
		scim SCIM_BASE_URL
	END
	for provider in rudderstack stripe scim; do
		dry $provider
		assert_base "https://$provider.example.com/v2"
	done
}

@test "without an operand SCIM_BASE_URL or --base-url says which service" {
	SCIM_BASE_URL=https://id.example.com/scim dry
	assert_base https://id.example.com/scim
	dry --base-url https://id.example.com/other
	assert_base https://id.example.com/other
}

@test "--base-url goes before the environment, the environment before the provider's own" {
	BATON_STRIPE_SCIM_BASE_URL=https://env.example.com dry --base-url https://option.example.com stripe
	assert_base https://option.example.com
	BATON_STRIPE_SCIM_BASE_URL='' dry stripe
	assert_base https://access.stripe.com/scim/v2
	SCIM_BASE_URL=https://env.example.com dry https://operand.example.com
	assert_base https://operand.example.com
}

@test "no service, an unknown one, two of them: named" {
	usage 'which service' --dry-run
	usage 'SCIM_BASE_URL' --dry-run scim
	usage "'okta'" okta
	assert_says --list-providers https://
	usage "''" ''
	usage '2 operands are too many' rudderstack stripe
	usage --base-url --base-url https://a.example https://b.example
	usage scalr-fetch scalr
}

@test "http is only for the loopback" {
	local host
	for host in 127.0.0.1 127.1.2.3 localhost '[::1]' 127.0.0.1:8080; do
		dry "http://$host/v2"
		assert_base "http://$host/v2"
	done
	for host in example.com localhost.example.com 127.0.0.1.example.com 128.0.0.1 '[::2]' 0.0.0.0 127.example; do
		usage https "http://$host/v2"
		assert_says "$host"
		usage https --base-url "http://$host/v2" stripe
		BATON_STRIPE_SCIM_BASE_URL=http://$host/v2 usage https stripe
	done
}

@test "what looks like a loopback address and is a name is not the loopback" {
	usage https http://127.0.0.999/v2
	usage https http://127.0.0.1.1/v2
}

@test "a base URL with a password, a query, a fragment or another scheme is refused" {
	usage 'password' https://ada:hunter2@example.com/v2
	[ "$(grep -c hunter2 "$err")" -eq 0 ] || fail 'the password is shown'
	usage 'password' --base-url https://hunter2@example.com/v2 stripe
	[ "$(grep -c hunter2 "$err")" -eq 0 ] || fail 'the user is shown'
	usage 'query' 'https://example.com/v2?tenant=7'
	usage 'fragment' 'https://example.com/v2#x'
	usage 'https://' ftp://example.com/v2
	usage 'https://' file:///etc/passwd
	usage 'not a URL' https://
}

@test "a source and a base URL stand in the stream, so what is not UTF-8 is refused" {
	usage '--source must be UTF-8' --source "$(printf 'a\377')" https://example.com/v2
	usage 'it is not UTF-8' "$(printf 'https://example.com/\377')"
	usage '--base-url must be UTF-8' --base-url "$(printf 'https://example.com/\377')" stripe
	run_status 64 env SCALR_TOKEN=x scalr-fetch --source "$(printf 'a\377')" acme
	run_status 64 env SCALR_TOKEN=x scalr-fetch --base-url "$(printf 'https://example.com/\377')" acme
	run_status 64 env SCIM_TOKEN=x scim-push "$(printf 'https://example.com/\377')" </dev/null
}

@test "foreign text in a message is inert" {
	usage 'a\u{1B}[31mb' "$(printf 'a\033[31mb')"
	usage '\u{202E}' --scope "$(printf 'u\342\200\256sers')"
}

# ---- usage ----

@test "unknown options are named" {
	usage "'--bogus'" --bogus stripe
	usage "'--bogus'" stripe --bogus
	usage "'-x'" -x stripe
}

@test "an unknown letter among known ones is named" {
	usage x -qx stripe
	usage x -xq stripe
}

@test "an option without its value is named" {
	local option
	for option in --base-url --token-file --token-command --source --scope --count --jobs --timeout \
		--deadline --retries --max-wait --paging --sort-by --query --ca-file --proxy; do
		usage "'$option'" stripe $option
	done
}

@test "numbers out of range, or that are none, are named with the option and the range" {
	local option value
	while read -r option value; do
		usage "$option" "$option" "$value" stripe
		assert_says "'$value'" 'from'
	done <<-END
		--count 0
		--count -1
		--count 100001
		--count 10x
		--count 1e3
		--count 99999999999999999999
		--jobs 0
		--jobs 65
		--timeout 0
		--timeout 1.5
		--deadline 0
		--retries -1
		--retries 101
		--max-wait -1
		--max-wait 86401
		--max-wait 5s
	END
	usage --count --count '' stripe
}

@test "options after the operand count, and -- ends them" {
	dry https://id.example.com --count 7
	assert_equal "$(head -n 1 "$out")" 'GET https://id.example.com/Users?startIndex=1&count=7'
	dry --count=8 -- https://id.example.com
	assert_equal "$(head -n 1 "$out")" 'GET https://id.example.com/Users?startIndex=1&count=8'
	usage "'-q'" --dry-run -- -q
}

# ---- what is written ----

@test "stdout is one section: begin with its members in order, records, end" {
	start_stand_in --users 3 --groups 1
	fetch 0
	assert_quiet
	jq -e . "$out" >/dev/null
	assert_equal "$(jq -r .kind "$out" | paste -sd ' ')" 'begin user user user group end'
	assert_equal "$(head -n 1 "$out" | jq -c 'keys_unsorted')" \
		'["kind","format","stage","source","provider","schema","origin","tool","started_at","not_covered"]'
	assert_equal "$(head -n 1 "$out" | jq -c 'del(.started_at, .tool)')" \
		"{\"kind\":\"begin\",\"format\":1,\"stage\":\"fetch\",\"source\":\"scim\",\"provider\":\"scim\",\"schema\":\"scim\",\"origin\":\"$url/scim/v2\",\"not_covered\":[]}"
	assert_regex "$(head -n 1 "$out" | jq -r .tool)" '^scim-fetch [0-9.]+$'
	assert_equal "$(tail -n 1 "$out" | jq -c 'keys_unsorted')" \
		'["kind","source","users","groups","gaps","sha256","begin_sha256","requests","retries","finished_at"]'
	assert_regex "$(head -n 1 "$out" | jq -r .started_at)" '^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$'
	assert_regex "$(tail -n 1 "$out" | jq -r .finished_at)" '^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$'
}

@test "begin says what a provider can not show" {
	start_stand_in --users 1 --groups 0
	BATON_RUDDERSTACK_SCIM_TOKEN=$TOKEN run_status 0 scim-fetch rudderstack --base-url "$url/rudderstack/scim/v2"
	assert_equal "$(head -n 1 "$out" | jq -c '[.source, .provider, .not_covered]')" \
		'["rudderstack","rudderstack",["workspace member and admin roles"]]'
	BATON_STRIPE_SCIM_TOKEN=$TOKEN run_status 0 scim-fetch stripe --base-url "$url/stripe/scim/v2"
	assert_equal "$(head -n 1 "$out" | jq -c '.not_covered | map(test("role|API key")) | all')" true
}

@test "what scim-fetch writes is what normalize takes" {
	start_stand_in
	fetch 0
	cp "$out" "$BATS_TEST_TMPDIR/fetched"
	run_status 0 normalize "$BATS_TEST_TMPDIR/fetched"
	assert_equal "$(tail -n 1 "$out" | jq -c '[.users, .groups]')" '[12,4]'
}

@test "a run that fails leaves a section without its end, which normalize refuses with the same status" {
	start_stand_in --switch groups-status=503
	fetch 75 --retries 0
	assert_equal "$(head -n 1 "$out" | jq -r .kind)" begin
	assert_not_sealed "$out"
	cp "$out" "$BATS_TEST_TMPDIR/fetched"
	run_status 75 normalize "$BATS_TEST_TMPDIR/fetched"
	assert_file_empty "$out"
}

@test "a command line that is wrong makes the whole pipe fail" {
	start_stand_in
	{
		scim-fetch stirpe || true
		SCIM_TOKEN=$TOKEN scim-fetch "$url/scim/v2"
	} >"$BATS_TEST_TMPDIR/fetched" 2>"$BATS_TEST_TMPDIR/messages"
	assert_sealed "$BATS_TEST_TMPDIR/fetched"
	run_status 64 normalize "$BATS_TEST_TMPDIR/fetched"
	assert_file_empty "$out"
}

@test "--source names the directory in every line" {
	start_stand_in
	fetch 0 --source 'Größe "7" \ eu'
	assert_equal "$(jq -r .source "$out" | sort -u)" 'Größe "7" \ eu'
	assert_equal "$(head -n 1 "$out" | jq -r .provider)" scim
	assert_equal "$(tail -n 1 "$out" | jq -r .source)" 'Größe "7" \ eu'
	usage --source --source '' stripe
}

# ---- what is read ----

@test "--scope users reads users only, and the rest are gaps" {
	start_stand_in
	fetch 0 --scope users
	assert_equal "$(queries)" "$(printf '%s\n' 'Users?startIndex=1&count=1000' 'Users?startIndex=13&count=1000')"
	assert_equal "$(gaps)" "$(printf '%s\n' 'groups: not asked for (--scope)' 'members: not asked for (--scope)')"
	assert_equal "$(tail -n 1 "$out" | jq -c '[.users, .groups, .gaps]')" '[12,0,2]'
}

@test "--scope groups reads groups without their members, and asks for that" {
	start_stand_in
	fetch 0 --scope groups
	assert_equal "$(queries)" "$(printf '%s\n' 'Groups?startIndex=1&count=1000&excludedAttributes=members' \
		'Groups?startIndex=5&count=1000&excludedAttributes=members')"
	assert_equal "$(gaps | cut -d : -f 1 | paste -sd ' ')" 'users members'
	assert_equal "$(jq -c 'select(.kind == "group").resource | has("members")' "$out" | sort -u)" false
}

@test "--scope users,groups reads groups without members, none are fetched one by one" {
	start_stand_in --switch members-absent
	fetch 0 --scope users,groups
	assert_equal "$(gaps | cut -d : -f 1)" members
	assert_equal "$(queries | grep -c excludedAttributes=members)" 2
	assert_equal "$(requests | grep -c Groups/ || true)" 0
	assert_equal "$(tail -n 1 "$out" | jq -c '[.users, .groups, .gaps]')" '[12,4,1]'
}

@test "--scope groups,members leaves out the users" {
	start_stand_in
	fetch 0 --scope members,groups
	assert_equal "$(gaps | cut -d : -f 1)" users
	assert_equal "$(jq -c 'select(.kind == "group").resource | has("members")' "$out" | sort -u)" true
	assert_equal "$(tail -n 1 "$out" | jq -c '[.users, .groups, .gaps]')" '[0,4,1]'
}

@test "--scope with all three is the default" {
	start_stand_in
	fetch 0
	body "$out" >"$BATS_TEST_TMPDIR/default"
	fetch 0 --scope members,users,groups
	assert_records "$BATS_TEST_TMPDIR/default"
	assert_equal "$(gaps)" ''
}

@test "--scope that is empty, unknown or has members without groups is named" {
	usage "'teams'" --scope teams stripe
	usage "'Users'" --scope Users stripe
	usage "'people'" --scope users,people stripe
	usage --scope --scope '' stripe
	usage groups --scope members stripe
	usage groups --scope users,members stripe
}

@test "--scope with one word twice is as once" {
	dry --scope users,users stripe
	assert_equal "$(wc -l <"$out")" 1
}

@test "--count says how many records a page; else the provider's row does, or 1000 are tried" {
	start_stand_in
	fetch 0 --count 5 --jobs 1 --scope users
	assert_equal "$(queries | paste -sd ' ')" \
		'Users?startIndex=1&count=5 Users?startIndex=6&count=5 Users?startIndex=11&count=5 Users?startIndex=13&count=5'
	dry --count 100000 stripe
	dry --count 1 stripe
	dry stripe
	assert_equal "$(sed 's/.*count=//' "$out" | paste -sd ' ')" '1000 100' # of groups with members
	dry --scope users,groups stripe
	assert_equal "$(sed 's/.*count=\([0-9]*\).*/\1/' "$out" | paste -sd ' ')" '1000 1000'
	dry canva
	assert_equal "$(grep -c 'count=10$' "$out")" 2
	run_status 0 scim-fetch --list-providers canva
	assert_file_contains "$out" '^--count  *10$'
	dry sentry --var org=acme
	assert_equal "$(grep -c 'count=100$' "$out")" 2
}

# asked SWITCH...: the places and counts of the pages of 2150 users that are asked for
asked() {
	stop_stand_ins
	start_stand_in --users 2150 --groups 0 "${@/#/--switch=}"
	fetch 0 --scope users --jobs 1 -v
	jq -r 'select(.kind == "user").resource.id' "$out" >"$BATS_TEST_TMPDIR/ids"
	assert_equal "$(sha256sum <"$BATS_TEST_TMPDIR/ids")" "$(seq -f 'u%.0f' 2150 | sha256sum)"
	asked=$(queries | sed -n 's/.*startIndex=\([0-9]*\)&count=/\1:/p' | paste -sd ' ')
}

@test "nobody says --count: 1000 are tried, then as many as come and never fewer than 100" {
	asked
	assert_equal "$asked" '1:1000 1001:1000 2001:1000 2151:1000'
	asked cap=400
	assert_equal "$asked" '1:1000 401:400 801:400 1201:400 1601:400 2001:400 2151:400'
	asked cap=90
	assert_equal "$(cut -d ' ' -f -3 <<<"$asked")" '1:1000 91:100 181:100'
	assert_equal "$(wc -w <<<"$asked")" 25
}

@test "a page of 1000 that is refused, not ready in time or too large is asked for as 100, -v says so" {
	local switch
	for switch in count-max=100 count-max=999:413 count-max=100:422 count-max=100:501 \
		big-record=34000000:100; do
		asked "$switch"
		assert_equal "$(cut -d ' ' -f -3 <<<"$asked")" '1:1000 1:100 101:100'
		assert_says '/Users: no page of 1000 records came, so 100 a page are asked for'
	done
	stop_stand_ins
	start_stand_in --users 120 --switch count-max=100:0
	fetch 0 --timeout 1 -v
	assert_says 'no page of 1000 records came'
	assert_equal "$(queries | grep -c '^Users.*count=1000')" 1 # not tried again
	assert_equal "$(tail -n 1 "$out" | jq .users)" 120
}

@test "what --count or a row says is asked for, whatever comes" {
	start_stand_in --users 300 --switch count-max=100:413
	fetch 76 --count 1000
	assert_says 'HTTP 413'
	assert_equal "$(queries | grep -c count=100$ || true)" 0
}

@test "--jobs lets requests run side by side, --jobs 1 one after the other" {
	start_stand_in --users 20 --switch hold-at=2
	fetch 75 --count 1 --jobs 1 --scope users --timeout 3 --retries 0
	assert_equal "$(wc -l <"$log")" 2 # nothing goes out while an answer is due
	stop_stand_ins
	start_stand_in --users 20 --switch hold-at=2
	fetch 75 --count 1 --jobs 24 --scope users --timeout 3 --retries 0
	[ "$(wc -l <"$log")" -ge 20 ] || fail "only $(wc -l <"$log") requests beside the one that is held"
}

@test "--sort-by and --query stand on every list request, encoded" {
	start_stand_in --switch members-absent
	fetch 0 --sort-by name.familyName --query 'x y=active eq "true"&x' --query 'a/b=' --count 100
	assert_equal "$(queries | grep -v '^g[0-9]' | sed 's/.*count=100//' | sort -u)" \
		'&sortBy=name.familyName&x%20y=active%20eq%20%22true%22%26x&a%2Fb='
	assert_equal "$(queries | grep -c '^g[0-9]?$')" 4
	usage "'novalue'" --query novalue stripe
	usage "'=x'" --query =x stripe
}

@test "--paging index never uses cursors, nor does it ask without paging" {
	start_stand_in --switch cursor --users 20
	fetch 76 --paging index --count 7 --scope users
	assert_equal "$(queries | grep -c cursor || true)" 0
	start_stand_in --switch refuse-paging-501
	fetch 76 --paging index --scope users
	assert_equal "$(queries)" "$(printf 'Users?startIndex=1&count=%s\n' 1000 100)"
}

@test "--paging cursor begins with a cursor" {
	start_stand_in --switch cursor
	fetch 0 --paging cursor --count 7
	assert_equal "$(queries | paste -sd ' ')" 'Users?cursor=&count=7 Users?cursor=at-8&count=7 Groups?cursor=&count=7'
	assert_equal "$(tail -n 1 "$out" | jq -c '[.users, .groups, .gaps]')" '[12,4,0]'
	dry --paging cursor stripe
	assert_equal "$(head -n 1 "$out")" 'GET https://access.stripe.com/scim/v2/Users?cursor=&count=1000'
}

@test "--paging none asks once and takes what comes as everything" {
	start_stand_in --switch ignore-start-index --switch no-counters
	fetch 0 --paging none
	assert_equal "$(requests)" "$(printf 'GET /scim/v2/%s\n' Users Groups)"
	assert_equal "$(tail -n 1 "$out" | jq -c '[.users, .groups, .gaps]')" '[12,4,0]'
	start_stand_in --switch default-count=5
	fetch 76 --paging none
	assert_says 'said 12 users and sent 5'
	dry --paging none --query a=b stripe
	assert_equal "$(head -n 1 "$out")" 'GET https://access.stripe.com/scim/v2/Users?a=b'
}

@test "--paging auto is the default, other words are named" {
	dry --paging auto stripe
	assert_base https://access.stripe.com/scim/v2
	usage "'pages'" --paging pages stripe
}

@test "--keep-going records what can not be read as a gap and goes on" {
	start_stand_in --switch groups-status=403
	fetch 77
	assert_not_sealed "$out"
	assert_says --keep-going
	fetch 0 --keep-going
	assert_says warning groups 'HTTP 403'
	assert_equal "$(gaps | cut -d : -f 1)" groups
	assert_equal "$(tail -n 1 "$out" | jq -c '[.users, .groups, .gaps]')" '[12,0,1]'
}

@test "--dry-run prints the first requests and sends none" {
	start_stand_in
	dry "$url/scim/v2"
	assert_base "$url/scim/v2"
	dry --scope users,groups --sort-by id "$url/scim/v2"
	assert_equal "$(cat "$out")" "$(cat <<-END
		GET $url/scim/v2/Users?startIndex=1&count=1000&sortBy=id
		GET $url/scim/v2/Groups?startIndex=1&count=1000&excludedAttributes=members&sortBy=id
	END
	)"
	assert_file_empty "$log"
}

@test "--check says what is readable and how much, and reads no list" {
	start_stand_in
	fetch 0 --check
	assert_equal "$(grep -c 'readable' "$out")" 2
	assert_regex "$(sed -n 1p "$out")" '^users: readable.* 12$'
	assert_regex "$(sed -n 2p "$out")" '^groups: readable.* 4$'
	assert_equal "$(queries)" "$(printf '%s?startIndex=1&count=1\n' Users Groups)"
	fetch 0 --check --scope users
	assert_equal "$(wc -l <"$out")" 1
}

@test "--check says that the server does not count" {
	start_stand_in --switch no-counters
	fetch 0 --check
	assert_equal "$(grep -c '^[a-z]*: readable' "$out")" 2
	[ "$(grep -c '[0-9]' "$out")" -eq 0 ] || fail 'a number out of nowhere'
}

@test "--check says what is not readable and why, and fails with the reason's status" {
	start_stand_in --switch groups-status=403
	fetch 77 --check
	assert_regex "$(cat "$out")" 'users: readable'
	assert_regex "$(cat "$out")" 'groups: not readable: .*HTTP 403'
	SCIM_TOKEN=wrong run_status 77 scim-fetch --check "$url/scim/v2"
	assert_equal "$(grep -c 'not readable' "$out")" 2
	start_stand_in --switch html-200
	fetch 76 --check
	start_stand_in --switch users-status=503
	fetch 75 --check --retries 0
}

@test "--check takes RudderStack's missing groups as it is" {
	start_stand_in --switch groups-status=501
	BATON_RUDDERSTACK_SCIM_TOKEN=$TOKEN run_status 0 scim-fetch --check rudderstack --base-url "$url/rudderstack/scim/v2"
	assert_regex "$(cat "$out")" 'groups: not readable: .*HTTP 501'
}

# ---- time ----

@test "--timeout ends a try" {
	start_stand_in --delay 60000
	fetch 75 --timeout 1 --retries 0
	assert_says 'timed out' 'after 1 try'
	assert_not_sealed "$out"
}

@test "--deadline ends the run" {
	start_stand_in --switch fail-at=1:503:999999
	fetch 75 --deadline 1 --retries 100
	assert_says '--deadline 1'
	assert_not_sealed "$out"
	start_stand_in --delay 60000
	fetch 75 --deadline 1
	assert_says '--deadline 1'
}

@test "--retries says how many more tries there are, 4 where nothing is said" {
	start_stand_in --switch fail-at=1:503:999 --switch retry-after=0
	fetch 75 --retries 0
	assert_says 'after 1 try'
	assert_equal "$(wc -l <"$log")" 1
	: >"$log"
	fetch 75 --retries 2
	assert_says 'after 3 tries'
	assert_equal "$(wc -l <"$log")" 3
	: >"$log"
	fetch 75
	assert_equal "$(wc -l <"$log")" 5
}

@test "--max-wait says how long a server may put one request off, in all" {
	start_stand_in --switch fail-at=1:503:1 --switch retry-after=1
	fetch 75 --max-wait 0
	assert_says 'until 20' 'longer than --max-wait 0'
	start_stand_in --switch fail-at=1:503:1 --switch retry-after=1
	fetch 0 --max-wait 1
	start_stand_in --switch fail-at=1:503:1 --switch retry-after=121
	fetch 75
	assert_says 'longer than --max-wait 75'
	start_stand_in --switch fail-at=1:503:999 --switch retry-after=1
	fetch 75 --max-wait 2
	assert_says 'longer than --max-wait 2'
	assert_equal "$(wc -l <"$log")" 3
	start_stand_in --switch fail-at=1:429:999
	fetch 75 --max-wait 0
	assert_says 'after 1 try within --max-wait 0'
	fetch 75 --max-wait 1
	assert_says 'tries within --max-wait 1'
}

@test "a request that is put off is tried as often as --max-wait allows, or as --retries says" {
	start_stand_in --switch fail-at=1:503:6 --switch retry-after=1
	fetch 0 --jobs 1
	start_stand_in --switch fail-at=1:503:3 --switch retry-after=1
	fetch 75 --jobs 1 --retries 2
	assert_says 'after 3 tries'
	start_stand_in --switch fail-at=1:429:9
	fetch 75 --jobs 1 --retries 0
	assert_says 'after 1 try'
	assert_equal "$(wc -l <"$log")" 1
	start_stand_in --switch fail-at=1:503:1
	fetch 75 --retries 0 --jobs 1
}

# ---- messages ----

@test "-q leaves only errors, -v shows each request" {
	local option
	start_stand_in --switch error-past-end=404
	fetch 0
	assert_says warning
	for option in -q --quiet; do
		fetch 0 $option
		assert_quiet
	done
	: >"$log"
	for option in -v --verbose; do
		: >"$log"
		fetch 0 $option
		assert_equal "$(grep -c "GET $url/scim/v2/" "$err")" "$(wc -l <"$log")"
		assert_says '-> 404'
	done
	start_stand_in --switch users-status=403
	fetch 77 -q
	assert_says 'HTTP 403'
}

@test "every message is one line that begins with the program's name" {
	start_stand_in --switch groups-status=403 --switch error-past-end=404
	fetch 0 --keep-going -v
	assert_equal "$(grep -c '^scim-fetch: ' "$err")" "$(wc -l <"$err")"
	fetch 77
	assert_equal "$(tail -n 1 "$err" | grep -c '^scim-fetch: ')" 1
}

@test "progress is only shown on a terminal" {
	start_stand_in --switch fail-at=1:503:1 --switch retry-after=0
	fetch 0
	assert_quiet
}

# ---- TLS ----

@test "--ca-file names a private authority; without it the server is refused, with the hint" {
	authority
	certificate good 2 IP:127.0.0.1
	serve_tls good
	SSLKEYLOGFILE=$BATS_TEST_TMPDIR/keys fetch 0 --ca-file ca.pem
	assert_sealed "$out"
	assert_not_exists "$BATS_TEST_TMPDIR/keys"
	: >"$log"
	fetch 69
	assert_says --ca-file
	assert_not_sealed "$out"
	assert_file_empty "$log"
}

@test "an expired certificate is refused by its cause" {
	authority
	certificate expired -1 IP:127.0.0.1
	serve_tls expired
	fetch 69 --ca-file ca.pem
	assert_says expired 'else the service must mend it'
	assert_file_empty "$log"
}

@test "a certificate of another name is refused by its cause" {
	authority
	certificate other 2 DNS:other.example.com
	serve_tls other
	fetch 69 --ca-file ca.pem
	assert_says name 127.0.0.1
	assert_file_empty "$log"
}

@test "a self-signed certificate is refused" {
	authority
	certificate good 2 IP:127.0.0.1
	openssl req -x509 -key good.key -subj /CN=self -addext subjectAltName=IP:127.0.0.1 -days 2 -out good.pem
	serve_tls good
	fetch 69 --ca-file ca.pem
	assert_says self
	assert_file_empty "$log"
}

@test "a server that has nothing newer than TLS 1.0 or 1.1 is refused, and the message names TLS" {
	local version
	authority
	certificate good 2 IP:127.0.0.1
	for version in tls1 tls1_1; do
		serve_old_tls good $version
		fetch_from "$url" 69 --ca-file ca.pem --retries 0
		assert_says 'TLS failed' version 'TLS 1.2 or later'
		assert_not_sealed "$out"
	done
	serve_old_tls good tls1_2
	fetch_from "$url" 76 --ca-file ca.pem --retries 0
}

@test "a --ca-file that is not there is named" {
	authority
	certificate good 2 IP:127.0.0.1
	serve_tls good
	fetch 69 --ca-file no-such-file.pem
	assert_says no-such-file.pem
}

@test "no certificate: plain HTTP behind https:// is refused" {
	start_stand_in
	fetch_from "https${url#http}" 69 --retries 0
	assert_says TLS
	assert_file_empty "$log"
}

@test "--proxy gets a tunnel to ask for, and never the token" {
	authority
	certificate good 2 IP:127.0.0.1
	serve_tls good
	printf 'HTTP/1.1 502 No tunnel\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' >answer
	local target=$url
	start_raw answer
	# a 502 is a failure of the moment, from a proxy, too
	fetch_from "$target" 75 --ca-file ca.pem --retries 0 --proxy "$url"
	assert_says 'HTTP 502 from the proxy'
	assert_equal "$(head -n 1 "$raw_log" | tr -d '\r')" "CONNECT ${target#https://} HTTP/1.1"
	refute_token "$raw_log"
	assert_file_empty "$log"
}

@test "a proxy is not asked for what is on the loopback in plain HTTP" {
	start_stand_in
	http_proxy=http://127.0.0.1:9 fetch 0 --proxy http://127.0.0.1:9
}

@test "localhost is found where only IPv4 answers" {
	start_stand_in
	fetch_from "http://localhost:${url##*:}" 0
}

@test "nobody there: the host is named" {
	start_stand_in
	stop_stand_ins
	fetch 69 --retries 4
	assert_says "${url#http://}"
	assert_not_sealed "$out"
}

# ---- where the output goes, and how a run ends ----

@test "a full disk is an error, with every output" {
	start_stand_in
	fetch_to_full() { SCIM_TOKEN=$TOKEN to_full scim-fetch "$@"; }
	run_status 74 fetch_to_full "$url/scim/v2"
	assert_says 'standard output' 'No space left'
	run_status 74 fetch_to_full --check "$url/scim/v2"
	run_status 74 fetch_to_full --dry-run stripe
	run_status 74 fetch_to_full --help
	run_status 74 fetch_to_full --version
	assert_says 'No space left'
}

@test "a reader who is gone ends the run quietly, with every output" {
	start_stand_in
	fetch_to_nobody() { SCIM_TOKEN=$TOKEN to_nobody scim-fetch "$@"; }
	run_status 141 fetch_to_nobody "$url/scim/v2"
	assert_quiet
	run_status 141 fetch_to_nobody --check "$url/scim/v2"
	run_status 141 fetch_to_nobody --dry-run stripe
	run_status 141 fetch_to_nobody --help
	run_status 141 fetch_to_nobody --version
	assert_quiet
}

@test "a reader who takes only the first line ends the run quietly" {
	start_stand_in --delay 150
	# shellcheck disable=SC2016  # the inner shell expands
	SCIM_TOKEN=$TOKEN run_status 141 bash -c 'scim-fetch "$1" | head -n 1; exit "${PIPESTATUS[0]}"' - "$url/scim/v2"
	assert_equal "$(jq -r .kind "$out")" begin
	assert_quiet
}

@test "without a stdout nothing is done as if it had been written" {
	start_stand_in
	fetch_to_closed() { SCIM_TOKEN=$TOKEN to_closed scim-fetch "$@"; }
	run_status 74 fetch_to_closed "$url/scim/v2"
	assert_says 'standard output'
	run_status 74 fetch_to_closed --dry-run stripe
	run_status 74 fetch_to_closed --help
}

@test "without a stderr and a stdin the stream is the same" {
	start_stand_in --switch error-past-end=404
	fetch 0
	body "$out" >"$BATS_TEST_TMPDIR/expected"
	fetch_alone() { SCIM_TOKEN=$TOKEN scim-fetch "$@" <&- 2>&-; }
	run_status 0 fetch_alone "$url/scim/v2"
	assert_records "$BATS_TEST_TMPDIR/expected"
}

@test "a list too large for memory goes through \$TMPDIR, which must take it" {
	start_stand_in --switch big-record=5000000
	TMPDIR=$BATS_TEST_TMPDIR/nowhere fetch 73 --scope users
	assert_says "$BATS_TEST_TMPDIR/nowhere"
	assert_not_sealed "$out"
	mkdir "$BATS_TEST_TMPDIR/somewhere"
	TMPDIR=$BATS_TEST_TMPDIR/somewhere fetch 0 --scope users
	assert_sealed "$out"
	assert_equal "$(ls -A "$BATS_TEST_TMPDIR/somewhere")" ''
}

# ends_by SIGNAL: a run that waits for its first answer, and gets the signal
ends_by() {
	local status=0 pid
	: >"$log"
	# a process in the background ignores SIGINT
	SCIM_TOKEN=$TOKEN env --default-signal=INT scim-fetch "$url/scim/v2" >"$BATS_TEST_TMPDIR/out" \
		2>"$BATS_TEST_TMPDIR/err" 3>&- &
	pid=$!
	await "$log"
	kill -s "$1" "$pid"
	wait "$pid" || status=$?
	assert_equal "$status" "$((128 + $(kill -l "$1")))"
	assert_not_sealed "$BATS_TEST_TMPDIR/out"
	assert_file_empty "$BATS_TEST_TMPDIR/err"
}

@test "SIGTERM and SIGINT end the run as signals do, without an end line" {
	start_stand_in --delay 60000
	ends_by TERM
	ends_by INT
}

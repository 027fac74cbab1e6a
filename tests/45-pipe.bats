#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A fetcher that fails in a pipe: the last line of its section says why, and what reads the
# pipe ends with the fetcher's status and names source and reason.
# shellcheck disable=SC2016  # inner shells and JSON

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	echo 'the old one' >kept
}

# piped FETCHER-COMMAND...: what a shell shows of FETCHER | normalize $options
# shellcheck disable=SC2086  # $options are words
piped() {
	"$@" 2>fetcher.err | normalize ${options:-}
}

# ends_with STATUS WORDS COMMAND...: through normalize, with a file and without: nothing is
# written, the old file stays, and one line has the source and the words.
ends_with() {
	local number=$1 words=$2 options
	shift 2
	for options in '' '-o kept'; do
		run_status "$number" piped "$@"
		assert_file_empty "$out"
		assert_equal "$(cat kept)" 'the old one'
		assert_equal "$(wc -l <"$err")" 1
		assert_says "normalize: standard input: the section of '${source:-scim}' is not complete: its fetcher failed with ${fetched:-$number}: " "$words"
		refute_token "$err" fetcher.err
	done
}

# failure STATUS [REASON]: a section made by hand, of source s, that ends so
failure() {
	printf '%s\n' '{"kind":"begin","format":1,"stage":"fetch","source":"s","provider":"scim","schema":"scim","not_covered":[]}' \
		'{"kind":"user","source":"s","resource":{"id":"1"}}' \
		"{\"kind\":\"failed\",\"source\":\"s\",\"status\":$1,\"reason\":\"${2:-why}\"}"
}

@test "normalize ends with the status of a fetcher whose token is refused (77)" {
	start_stand_in
	ends_with 77 'refused with HTTP 401' env SCIM_TOKEN=wrong scim-fetch "$url/scim/v2"
	source=scalr ends_with 77 'refused with HTTP 401' env SCALR_TOKEN=wrong scalr-fetch --base-url "$url"
}

@test "normalize ends with the status of a fetcher without a token (78)" {
	ends_with 78 'no token: set' scim-fetch http://127.0.0.1:1/scim/v2
	source=x ends_with 78 'no token: set' scim-fetch --source x http://127.0.0.1:1/scim/v2
}

@test "normalize ends with the status of a fetcher that reaches nobody (69)" {
	ends_with 69 '127.0.0.1' env SCIM_TOKEN="$TOKEN" scim-fetch --retries 0 http://127.0.0.1:1/scim/v2
}

@test "normalize ends with the status of a fetcher that should be tried later (75)" {
	start_stand_in
	change '{"op":"switch","name":"users-status","value":"503"}'
	ends_with 75 'HTTP 503' env SCIM_TOKEN="$TOKEN" scim-fetch --retries 0 "$url/scim/v2"
}

@test "normalize ends with the status of a fetcher whose service breaks the protocol (76)" {
	start_answers <<<'200 {"odd":1}'
	ends_with 76 'Users' env SCIM_TOKEN="$TOKEN" scim-fetch --retries 0 "$url/scim/v2"
}

@test "normalize ends with each status that a fetcher or fetch-sources can have, also before it began" {
	local number
	source=scim-fetch ends_with 64 "unknown provider 'nowhere'" scim-fetch nowhere
	source=scalr-fetch ends_with 64 "unknown option" scalr-fetch --no-such
	source=fetch-sources ends_with 64 "unknown option" fetch-sources --no-such
	source=fetch-sources ends_with 66 "no-such.json" fetch-sources --sources no-such.json
	for number in 64 65 66 69 70 73 74 75 76 77 78; do
		source=s ends_with "$number" why failure "$number"
	done
}

@test "a status that no fetcher has is 65, with the reason" {
	local number
	for number in 0 1 2 3 63 67 68 71 72 79 126 127 137 141 4294967373; do
		source=s fetched=$number ends_with 65 why failure "$number"
	done
}

@test "the last line of a fetcher that fails has its status and its message, and stands after whole lines" {
	start_stand_in
	change '{"op":"switch","name":"groups-status","value":"503"}'
	SCIM_TOKEN=$TOKEN run_status 75 scim-fetch --retries 0 --jobs 1 "$url/scim/v2"
	assert_equal "$(jq -r .kind "$out" | uniq | paste -sd ' ')" 'begin user failed'
	assert_equal "scim-fetch: $(tail -n 1 "$out" | jq -r .reason)" "$(tail -n 1 "$err")"
	assert_equal "$(tail -n 1 "$out" | jq -c 'del(.reason)')" '{"kind":"failed","source":"scim","status":75}'
	assert_equal "$(tail -n 1 "$out" | jq -c keys_unsorted)" '["kind","source","status","reason"]'
	run_status 64 scim-fetch nowhere
	assert_equal "$(jq -c '[.kind, .source, .status]' "$out")" $'["begin","scim-fetch",null]\n["failed","scim-fetch",64]'
}

@test "of several sources the first that failed decides, wherever it stands" {
	start_stand_in
	several() {
		SCIM_TOKEN=$TOKEN URL=$url bash -c "$1"
	}
	source=b ends_with 77 'HTTP 401' several 'scim-fetch --source a "$URL/scim/v2"; SCIM_TOKEN=wrong scim-fetch --source b "$URL/scim/v2"'
	source=a ends_with 77 'HTTP 401' several 'SCIM_TOKEN=wrong scim-fetch --source a "$URL/scim/v2"; SCIM_TOKEN= scim-fetch --source b "$URL/scim/v2"'
	source=a ends_with 78 'no token' several 'SCIM_TOKEN= scim-fetch --source a "$URL/scim/v2"; scim-fetch --source b "$URL/scim/v2"'
}

@test "a file in which a fetcher failed is refused by its name, with the same status, among others too" {
	failure 75 'later' >later
	printf '%s\n' '{"kind":"user","source":"t","resource":{"id":"2"}}' | seal_fetch t >whole
	run_status 75 normalize -o kept whole later
	assert_says "normalize: later: the section of 's' is not complete: its fetcher failed with 75: later"
	echo '{id: .resource.id}' >map.jq
	run_status 75 normalize --map map.jq later
	run_status 75 normalize --threads 4 later
	assert_equal "$(cat kept)" 'the old one'
}

@test "a reason from elsewhere does nothing to a terminal and can not be a second line" {
	failure 77 '\u001b[2J\u202e\nnormalize: done\u0000' >hostile
	run_status 77 normalize hostile
	assert_equal "$(wc -l <"$err")" 1
	assert_says 'failed with 77: \u{1B}[2J\u{202E}\u{A}normalize: done\u{0}'
	failure 77 "$(printf 'long %.0s' {1..2000})" >long
	run_status 77 normalize long
	[ "$(wc -c <"$err")" -lt 1100 ] || fail 'the whole of it'
	change_me=$(failure 77 why)
	for line in '{"kind":"failed","source":"t","status":77,"reason":"why"}' \
		'{"kind":"failed","status":77,"reason":"why"}' '{"kind":"failed","source":"s","reason":"why"}' \
		'{"kind":"failed","source":"s","status":77}' '{"kind":"failed","source":"s","status":77,"reason":""}' \
		'{"kind":"failed","source":"s","status":-77,"reason":"why"}' \
		'{"kind":"failed","source":"s","status":77.0e1,"reason":"why"}' \
		'{"kind":"failed","source":"s","status":18446744073709551693,"reason":"why"}' \
		'{"kind":"failed","source":"s","status":"77","reason":"why"}'; do
		printf '%s\n' "${change_me%$'\n'*}" "$line" >odd
		run_status 65 normalize odd
		assert_says 'normalize: odd: line 3: the failed line '
	done
}

@test "what a service says of a failure reaches the reader inert, and never with the token" {
	start_answers <<<"401 {\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Error\"],\"detail\":\"\\u001b[2J $TOKEN \\u202e\\\" \\n\",\"status\":\"401\"}"
	SCIM_TOKEN=$TOKEN run_status 77 scim-fetch "$url/scim/v2"
	refute_token "$out" "$err"
	assert_equal "$(jq -r .kind "$out")" $'begin\nfailed'
	assert_equal "scim-fetch: $(tail -n 1 "$out" | jq -r .reason)" "$(cat "$err")"
	refute grep -q '\\u001b\|\\u202e' "$out"
	ends_with 77 'refused with HTTP 401' env SCIM_TOKEN="$TOKEN" scim-fetch "$url/scim/v2"
}

@test "a failed line outside of a fetch section is of an unknown kind" {
	failure 77 why | tail -n 1 >alone
	run_status 65 normalize alone
	assert_says "alone: line 1: unknown kind of record 'failed'"
	printf '%s\n' '{"kind":"user","source":"s","id":"1","status":"enabled","account_type":"human"}' | seal_snapshot s >whole
	{
		sed '$d' whole
		cat alone
	} >snapshot
	for reader in normalize 'diff-snapshot whole' list-snapshot; do
		# shellcheck disable=SC2086  # words
		run_status 65 $reader snapshot
		assert_says "unknown kind of record 'failed'"
		assert_file_empty "$out"
	done
}

@test "the programs that read no fetch stream refuse one that failed, as any other" {
	printf '%s\n' '{"kind":"user","source":"s","id":"1","status":"enabled","account_type":"human"}' | seal_snapshot s >whole
	failure 77 why >failed
	run_status 65 diff-snapshot whole failed
	assert_says 'this is a fetch stream, but a snapshot is needed'
	run_status 65 list-snapshot failed
	assert_says 'this is a fetch stream, but a snapshot is needed'
	SCIM_TOKEN=$TOKEN run_status 65 scim-push http://127.0.0.1:1/scim/v2 <failed
}

@test "a fetcher that is killed says nothing: its stream is cut, which is 65" {
	local signal fetcher
	for signal in KILL TERM; do
		start_stand_in --switch hold-at=1
		SCIM_TOKEN=$TOKEN scim-fetch "$url/scim/v2" >broken 2>fetcher.err 3>&- &
		fetcher=$! # await starts a process, too
		await "$log"
		kill -s $signal "$fetcher"
		wait "$fetcher" || true
		assert_equal "$(jq -r .kind broken)" begin
		run_status 65 normalize -o kept broken
		assert_says "the section of 'scim' is not complete: the input ends before its end line"
		assert_equal "$(cat kept)" 'the old one'
		stop_stand_ins
	done
}

@test "a fetcher that fails at a closed or full stdout keeps its status" {
	start_stand_in
	SCIM_TOKEN=wrong run_status 74 to_full scim-fetch "$url/scim/v2"
	run_status 64 to_full scim-fetch nowhere
	run_status 64 to_closed scim-fetch nowhere
	run_status 141 to_nobody env SCIM_TOKEN=wrong scim-fetch "$url/scim/v2"
	run_status 64 to_nobody scim-fetch nowhere
}

@test "--check and --dry-run leave no section, and so no failed line" {
	start_stand_in
	SCIM_TOKEN=wrong run_status 77 scim-fetch --check "$url/scim/v2"
	refute grep -q '"kind"' "$out"
	run_status 64 scim-fetch --dry-run nowhere
	assert_file_empty "$out"
}

#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Where scim-fetch takes the token from, what it refuses, and that the token
# stands in one header to one server and nowhere else.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	umask 077
	printf '%s\n' "$TOKEN" >token
	printf '%s\n' wrong-token-from-elsewhere >wrong
	mkdir credentials
}

# what the program was told in a file or by the environment is no output of it
teardown() {
	local file
	stop_stand_ins
	for file in "$BATS_TEST_TMPDIR"/out "$BATS_TEST_TMPDIR"/err; do
		[ ! -e "$file" ] || refute_token "$file"
	done
}

# credential NAME [TOKEN]: a file as systemd puts it into $CREDENTIALS_DIRECTORY
credential() {
	printf '%s\n' "${2:-$TOKEN}" >"credentials/$1"
	chmod 440 "credentials/$1"
}

# script NAME: an executable file from stdin
script() {
	cat >"$1"
	chmod 700 "$1"
}

# assert_used [TOKEN]: every request carried it, and there were requests
assert_used() {
	assert_equal "$(jq -r .headers.authorization "$log" | sort -u)" "Bearer ${1:-$TOKEN}"
}

# refuses STATUS WORDS COMMAND...: before any request, with these words
refuses() {
	local status=$1 words=$2
	shift 2
	run_status "$status" "$@"
	assert_says "$words"
	assert_not_sealed "$out"
	[ ! -s "$log" ] || fail "a request was sent: $(requests)"
}

# ---- sources, in their order ----

@test "--token-file is used before everything else" {
	start_stand_in
	credential scim_token wrong
	CREDENTIALS_DIRECTORY=credentials SCIM_TOKEN=wrong run_status 0 \
		scim-fetch --token-file token "$url/scim/v2"
	assert_used
}

@test "--token-command is used before the credentials directory and the environment" {
	start_stand_in
	credential scim_token wrong
	CREDENTIALS_DIRECTORY=credentials SCIM_TOKEN=wrong run_status 0 \
		scim-fetch --token-command 'cat token' "$url/scim/v2"
	assert_used
}

@test "the credentials directory is used before the environment" {
	start_stand_in
	credential scim_token
	CREDENTIALS_DIRECTORY=$PWD/credentials SCIM_TOKEN=wrong run_status 0 scim-fetch "$url/scim/v2"
	assert_used
}

@test "the environment is used where the credentials directory has no such file" {
	start_stand_in
	credential other_token wrong
	CREDENTIALS_DIRECTORY=$PWD/credentials SCIM_TOKEN=$TOKEN run_status 0 scim-fetch "$url/scim/v2"
	assert_used
	CREDENTIALS_DIRECTORY=/nonexistent SCIM_TOKEN=$TOKEN run_status 0 scim-fetch "$url/scim/v2"
	CREDENTIALS_DIRECTORY='' SCIM_TOKEN=$TOKEN run_status 0 scim-fetch "$url/scim/v2"
}

@test "each provider has its own variable and its own credential" {
	local provider variable
	start_stand_in
	while read -r provider variable; do
		run_status 0 env "$variable=$TOKEN" scim-fetch --base-url "$url/scim/v2" "$provider"
		credential "${variable,,}"
		CREDENTIALS_DIRECTORY=credentials run_status 0 scim-fetch --base-url "$url/scim/v2" "$provider"
		rm -f "credentials/${variable,,}"
	done <<-END
		rudderstack BATON_RUDDERSTACK_SCIM_TOKEN
		stripe BATON_STRIPE_SCIM_TOKEN
		scim SCIM_TOKEN
	END
	assert_used
}

@test "no provider's token is sent to another one" {
	start_stand_in
	refuses 78 BATON_RUDDERSTACK_SCIM_TOKEN \
		env SCIM_TOKEN="$TOKEN" BATON_STRIPE_SCIM_TOKEN="$TOKEN" scim-fetch --base-url "$url/scim/v2" rudderstack
	refuses 78 BATON_STRIPE_SCIM_TOKEN \
		env SCIM_TOKEN="$TOKEN" BATON_RUDDERSTACK_SCIM_TOKEN="$TOKEN" scim-fetch --base-url "$url/scim/v2" stripe
	refuses 78 SCIM_TOKEN \
		env BATON_STRIPE_SCIM_TOKEN="$TOKEN" BATON_RUDDERSTACK_SCIM_TOKEN="$TOKEN" scim-fetch "$url/scim/v2"
}

@test "without a token anywhere the message names the variable and the options" {
	start_stand_in
	refuses 78 SCIM_TOKEN scim-fetch "$url/scim/v2"
	assert_says --token-file --token-command
	refuses 78 SCIM_TOKEN env SCIM_TOKEN= scim-fetch "$url/scim/v2"
}

@test "--token-file - reads standard input" {
	start_stand_in
	run_status 0 scim-fetch --token-file - "$url/scim/v2" <token
	assert_used
	: >"$log"
	refuses 78 empty scim-fetch --token-file - "$url/scim/v2" </dev/null
}

@test "--token-file takes a pipe" {
	start_stand_in
	run_status 0 scim-fetch --token-file <(cat token) "$url/scim/v2"
	assert_used
}

@test "the token is read before the first request, not with --dry-run, --help and --version" {
	run_status 0 scim-fetch --dry-run --token-file /nonexistent stripe
	run_status 0 scim-fetch --dry-run --token-command false stripe
	run_status 0 scim-fetch --token-command 'touch ran' --help
	run_status 0 scim-fetch --token-command 'touch ran' --version
	assert_not_exists ran
}

@test "--token-file and --token-command exclude each other" {
	start_stand_in
	refuses 64 --token-command scim-fetch --token-file token --token-command 'cat token' "$url/scim/v2"
	assert_says --token-file
}

@test "no option takes a token, and one that is tried is not repeated in the message" {
	run_status 64 scim-fetch --token "$TOKEN" stripe
	run_status 64 scim-fetch "--token=$TOKEN" stripe
	assert_says --token
	refute_token "$err"
	run_status 64 scim-fetch "--api-token=$TOKEN" stripe
	refute_token "$err"
}

# ---- files ----

@test "a token file that only its owner may read is taken" {
	local mode
	start_stand_in
	for mode in 600 400 700; do
		chmod $mode token
		run_status 0 scim-fetch --token-file token "$url/scim/v2"
	done
}

@test "a token file that others may touch is refused" {
	local mode
	start_stand_in
	for mode in 640 620 610 604 602 601 644 660 666 777; do
		chmod $mode token
		refuses 78 'chmod 600' scim-fetch --token-file token "$url/scim/v2"
		assert_says "'token'" "$mode" '--token-file - <FILE'
	done
}

@test "a mounted secret whose mode can not be changed is taken by its content" {
	start_stand_in
	chmod 444 token
	run_status 0 scim-fetch --token-file - "$url/scim/v2" <token
	assert_used
}

@test "what is more than a token is refused by the word it begins with" {
	local word
	start_stand_in
	for word in Bearer Basic bearer Token 'Authorization: Bearer'; do
		printf '%s %s\n' "$word" "$TOKEN" >"more"
		refuses 78 "begins with '" scim-fetch --token-file more "$url/scim/v2"
		assert_says 'what comes after Bearer'
		refute_token "$err"
	done
}

@test "a token file that is not there, or is a directory, is named" {
	start_stand_in
	refuses 78 "'no-such-file'" scim-fetch --token-file no-such-file "$url/scim/v2"
	mkdir directory
	refuses 78 "'directory'" scim-fetch --token-file directory "$url/scim/v2"
	mkdir credentials/scim_token
	refuses 78 scim_token env CREDENTIALS_DIRECTORY=credentials scim-fetch "$url/scim/v2"
}

# ---- bytes ----

# each_source STATUS WORDS FILE: the bytes of FILE from each source in turn
each_source() {
	refuses "$1" "$2" scim-fetch --token-file "$3" "$url/scim/v2"
	refuses "$1" "$2" scim-fetch --token-file - "$url/scim/v2" <"$3"
	refuses "$1" "$2" scim-fetch --token-command "cat '$3'" "$url/scim/v2"
	cp "$3" credentials/scim_token
	refuses "$1" "$2" env CREDENTIALS_DIRECTORY=credentials scim-fetch "$url/scim/v2"
}

@test "one newline at the end goes, none is needed" {
	start_stand_in
	printf %s "$TOKEN" >bare
	run_status 0 scim-fetch --token-file bare "$url/scim/v2"
	run_status 0 scim-fetch --token-file - "$url/scim/v2" <bare
	run_status 0 scim-fetch --token-command 'cat bare' "$url/scim/v2"
	run_status 0 scim-fetch --token-command 'cat token' "$url/scim/v2"
	SCIM_TOKEN=$TOKEN$'\n' run_status 0 scim-fetch "$url/scim/v2"
	assert_used
}

@test "a second newline, a carriage return, a space, a tab, a NUL and other bytes are refused" {
	local end
	start_stand_in
	for end in '\n\n' '\r\n' '\r' ' ' ' \n' '\t' '\0' '\177' '\200' '\303\251' '\001' '\r\nX-Evil: 1\r\n' ' x'; do
		# shellcheck disable=SC2059  # the escapes are the test
		printf "$TOKEN$end" >bad
		each_source 78 byte bad
		# shellcheck disable=SC2059
		[ "$end" = '\0' ] || refuses 78 byte env SCIM_TOKEN="$(printf "$TOKEN$end."; )" scim-fetch "$url/scim/v2"
	done
	printf ' %s' "$TOKEN" >bad
	each_source 78 byte bad
}

@test "the place of the bad byte is named, the token is not" {
	start_stand_in
	printf 'abc def' >bad
	refuses 78 'place 4' scim-fetch --token-file bad "$url/scim/v2"
	[ "$(grep -c 'abc' "$err")" -eq 0 ] || fail 'the message shows the token'
}

@test "nothing, or only a newline, is no token" {
	start_stand_in
	: >nothing
	each_source 78 empty nothing
	echo >nothing
	each_source 78 empty nothing
}

@test "a token of 8 KiB is sent whole, a file that is no token is refused with the limit" {
	local long
	long=$(head -c 8192 /dev/zero | tr '\0' k)
	start_stand_in --token "$long"
	printf '%s\n' "$long" >long
	run_status 0 scim-fetch --token-file long "$url/scim/v2"
	assert_used "$long"
	: >"$log"
	head -c 20000 /dev/zero | tr '\0' k >long
	each_source 78 16384 long
	refuses 78 16384 env SCIM_TOKEN="$(cat long)" scim-fetch "$url/scim/v2"
}

@test "every printable byte can stand in a token" {
	local token i
	token=$(for i in {33..126}; do printf '%b' "\\0$(printf %o "$i")"; done)
	assert_equal "${#token}" 94
	start_stand_in --token "$token"
	printf %s "$token" >odd
	run_status 0 scim-fetch --token-file odd "$url/scim/v2"
	assert_used "$token"
}

# ---- the command ----

@test "--token-command is split into words, quotes and backslashes group" {
	start_stand_in
	script words <<-'END'
		#!/bin/sh
		for word; do printf '<%s>\n' "$word"; done >words.got
		cat token
	END
	run_status 0 scim-fetch "$url/scim/v2" --token-command \
		"./words  one 'two  \\ words' \"three 'quoted' \\\" words\" fo\\ ur '' \"\" fi'v'\"e\"	six"
	assert_equal "$(cat words.got)" "$(cat <<-'END'
		<one>
		<two  \ words>
		<three 'quoted' " words>
		<fo ur>
		<>
		<>
		<five>
		<six>
	END
	)"
}

@test "--token-command goes through no shell" {
	start_stand_in
	script words <<-'END'
		#!/bin/sh
		for word; do printf '<%s>\n' "$word"; done >words.got
		cat token
	END
	# shellcheck disable=SC2016  # nobody may expand it
	run_status 0 scim-fetch "$url/scim/v2" --token-command \
		'./words $(touch ran) `touch ran` ; touch ran && touch ran | touch ran > ran $HOME ${HOME} ~ *'
	# shellcheck disable=SC2016
	assert_equal "$(paste -sd ' ' words.got)" \
		'<$(touch> <ran)> <`touch> <ran`> <;> <touch> <ran> <&&> <touch> <ran> <|> <touch> <ran> <>> <ran> <$HOME> <${HOME}> <~> <*>'
	assert_not_exists ran
}

@test "a command that fails, dies or is not there is named, and what it printed is not used" {
	start_stand_in
	script fails <<-'END'
		#!/bin/sh
		cat token
		exit 3
	END
	script dies <<-'END'
		#!/bin/sh
		cat token
		kill -9 $$
	END
	refuses 78 "'./fails'" scim-fetch --token-command './fails --now' "$url/scim/v2"
	assert_says 3
	refuses 78 "'./dies'" scim-fetch --token-command ./dies "$url/scim/v2"
	assert_says 'signal 9'
	refuses 78 "'./no-such-command'" scim-fetch --token-command ./no-such-command "$url/scim/v2"
}

@test "a command without words or with an open quote is refused" {
	local command
	start_stand_in
	for command in '' '   ' "cat 'token" 'cat "token'; do
		refuses 64 --token-command scim-fetch --token-command "$command" "$url/scim/v2"
	done
}

@test "the command gets no input and can not eat ours" {
	start_stand_in
	script eats <<-'END'
		#!/bin/sh
		cat >eaten
		cat token
	END
	echo 'not for the command' | run_status 0 scim-fetch --token-command ./eats "$url/scim/v2"
	assert_exists eaten
	assert_file_empty eaten
}

# ---- a token that runs out ----

# short_lived COUNT: a command that makes the tokens token-1, token-2, ..., and a server that
# takes the Nth for the requests from N * COUNT on
short_lived() {
	script makes <<-'END'
		#!/bin/sh
		echo x >>made
		echo "token-$(wc -l <made)-0123456789abcdef"
	END
	cat >serve <<-END
		#!/bin/bash
		sent=\$(grep -i '^authorization: ' "$BATS_TEST_TMPDIR"/raw.*.heads | tail -n 1)
		body='{"detail":"it ran out"}' status=401
		echo x >>asked
		touch taken
		number=\$((\$(wc -l <taken) / $1 + 1))
		if [[ \$sent == *token-\$number-* ]]; then
			echo x >>taken
			status=200
			start=\${1#*startIndex=}
			start=\${start%%&*}
			body='{"totalResults":9,"Resources":[{"id":"'"\$start"'"}]}'
			[ "\$start" -le 9 ] || body='{"totalResults":9,"Resources":[]}'
		fi
		printf 'HTTP/1.1 %s Words\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s' \$status \${#body} "\$body"
	END
	chmod 700 serve
	start_raw ./serve
}

@test "--token-command is run again where a token runs out, as often as that happens" {
	short_lived 4
	run_status 0 scim-fetch --token-command ./makes --scope users --jobs 1 --count 1 "$url/scim/v2"
	assert_sealed "$out"
	assert_equal "$(jq -s 'map(select(.kind == "user")) | length' "$out")" 9
	assert_equal "$(grep -c . made)" 3
	assert_equal "$(grep -oi '^authorization: .*' "$raw_log" | tr -d '\r' | uniq -c | awk '{ print $1, $4 }')" \
		'5 token-1-0123456789abcdef
5 token-2-0123456789abcdef
2 token-3-0123456789abcdef'
}

@test "several requests that were answered with 401 side by side ask for one new token" {
	short_lived 4
	run_status 0 scim-fetch -v --token-command ./makes --scope users --jobs 4 --count 1 "$url/scim/v2"
	assert_sealed "$out"
	assert_equal "$(grep -c 'asking for another' "$err")" "$(($(grep -c . made) - 1))"
	[ "$(grep -c . made)" -le 4 ]
}

@test "a first token that is refused is refused, and so is a new one that is no better" {
	script makes <<-'END'
		#!/bin/sh
		echo x >>made
		echo some-token
	END
	start_answers <<<'401 {"detail":"not you"}'
	run_status 77 scim-fetch --token-command ./makes --scope users --jobs 1 "$url/scim/v2"
	assert_says 'HTTP 401' 'not you'
	assert_equal "$(grep -c . made)" 1
	start_answers <<-'END'
		200 {"totalResults":2,"Resources":[{"id":"1"}]}
		401 {"detail":"not you"}
	END
	run_status 77 scim-fetch --token-command ./makes --scope users --jobs 1 --count 1 "$url/scim/v2"
	assert_says 'HTTP 401' 'not you'
	assert_equal "$(grep -c . made)" 3
	assert_not_sealed "$out"
}

@test "a command that fails when it is run again is named beside what the service said" {
	script makes <<-'END'
		#!/bin/sh
		[ ! -e made ] || exit 3
		echo x >>made
		echo some-token
	END
	start_answers <<-'END'
		200 {"totalResults":2,"Resources":[{"id":"1"}]}
		401 {"detail":"it ran out"}
	END
	run_status 78 scim-fetch --token-command ./makes --scope users --jobs 1 --count 1 "$url/scim/v2"
	assert_says 'HTTP 401' 'it ran out' "token command './makes' failed (status 3)"
	assert_not_sealed "$out"
}

@test "a command that does not end when it is run again is waited for until --deadline" {
	script makes <<-'END'
		#!/bin/sh
		[ ! -e made ] || exec sleep 60
		echo x >>made
		echo some-token
	END
	start_answers <<-'END'
		200 {"totalResults":2,"Resources":[{"id":"1"}]}
		401 {"detail":"it ran out"}
	END
	run_status 75 timeout 20 scim-fetch --token-command ./makes --scope users --jobs 1 --count 1 --deadline 2 "$url/scim/v2"
	assert_says "token command './makes' did not end in time"
}

@test "a change that was answered with 401 is sent again with the new token, once" {
	script makes <<-'END'
		#!/bin/sh
		echo x >>made
		echo "token-$(wc -l <made)"
	END
	start_answers <<-'END'
		200 {"id":"1","userName":"ada","active":true}
		401 {"detail":"it ran out"}
		200 {"id":"1","userName":"ada","active":false}
	END
	SCIM_BASE_URL=$url/scim/v2 run_status 0 scim-push --apply --jobs 1 --retries 0 --dialect scim --token-command ./makes scim \
		<<<'{"op":"deactivate","id":"1"}'
	assert_equal "$(outcomes)" 'deactivate done'
	assert_equal "$(sed -nE 's/^(GET|PATCH) .*/\1/p; s/^Authorization: //p' "$raw_log" | tr -d '\r' | paste -sd ' ')" \
		'GET Bearer token-1 PATCH Bearer token-1 PATCH Bearer token-2 GET Bearer token-2'
}

@test "a token that was let in, be it to hear that nobody is there, has run out where 401 follows" {
	script makes <<-'END'
		#!/bin/sh
		echo x >>made
		echo "token-$(wc -l <made)"
	END
	start_answers <<-'END'
		404 {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404","detail":"nobody"}
		401 {"detail":"it ran out"}
		200 {"id":"2","userName":"ada","active":false}
	END
	printf '{"op":"deactivate","id":"%s"}\n' 1 2 >ops
	SCIM_BASE_URL=$url/scim/v2 scim-push --apply --jobs 1 --dialect scim --token-command ./makes scim <ops >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || true
	assert_equal "$(jq -r 'select(.id == "2").outcome' "$BATS_TEST_TMPDIR/out")" already
	assert_equal "$(grep -c . made)" 2
}

@test "the process that runs the command has nothing else, and does not outlive the run" {
	local pid helper
	short_lived 99
	script makes <<-'END'
		#!/bin/sh
		readlink /proc/self/fd/* >descriptors
		readlink /proc/$PPID/fd/* | grep -v '^pipe:' >of-parent
		echo $PPID >helper
		echo token-1-0123456789abcdef
	END
	run_status 0 scim-fetch --token-command ./makes --scope users --jobs 1 --count 4 "$url/scim/v2"
	helper=$(cat helper)
	[ ! -e "/proc/$helper" ] || fail 'it is still there'
	if [ "$(id -u)" -eq 0 ]; then
		[ "$(grep -c "$BATS_TEST_TMPDIR/out" of-parent)" -eq 0 ] || fail "it has $(cat of-parent)"
		assert_equal "$(grep -c socket: of-parent)" 1
	else
		assert_file_empty of-parent # nobody but root may look into it
	fi
	start_stand_in --delay 60000
	scim-fetch --token-command ./makes "$url/scim/v2" >run.out 2>run.err 3>&- &
	pid=$!
	await "$log"
	helper=$(cat helper)
	[ -e "/proc/$helper" ]
	kill -KILL "$pid"
	wait "$pid" || true
	until [ ! -e "/proc/$helper" ]; do :; done
}

# ---- nowhere else ----

# assert_scrubbed FILE VARIABLE: FILE is the environment of a scim-fetch, as the
# kernel shows it to root: VARIABLE is there, the token is not. Nobody else sees it.
assert_scrubbed() {
	if [ "$(id -u)" -eq 0 ]; then
		grep -qa "$2" "$1" || fail "$1 is no environment"
		refute_token "$1"
	else
		assert_file_empty "$1"
	fi
}

# The command looks at its parent while that runs.
@test "no token stands in the environment that a token command gets, nor in that of its parent" {
	start_stand_in
	script looks <<-'END'
		#!/bin/sh
		env >child.environment
		cat /proc/$PPID/environ >parent.environment 2>/dev/null
		cat /proc/$PPID/cmdline >parent.arguments
		grep '^Max core' /proc/$PPID/limits >parent.limits
		cat token
	END
	export SCIM_TOKEN=$TOKEN BATON_RUDDERSTACK_SCIM_TOKEN=$TOKEN BATON_STRIPE_SCIM_TOKEN=$TOKEN \
		BATON_SCALR_API_TOKEN=$TOKEN SCALR_TOKEN=$TOKEN OTHER=kept
	run_status 0 scim-fetch --token-command ./looks "$url/scim/v2"
	assert_used
	refute_token child.environment parent.arguments
	grep -qx OTHER=kept child.environment
	assert_scrubbed parent.environment OTHER=kept
	[ "$(grep -c _TOKEN child.environment)" -eq 0 ] || fail "a variable is left: $(grep _TOKEN child.environment)"
	assert_equal "$(tr -s ' ' <parent.limits | cut -d ' ' -f 5,6)" '0 0'
}

@test "a running scim-fetch shows the token from the environment nowhere in /proc, and leaves no core" {
	local pid
	start_stand_in --delay 60000
	SCIM_TOKEN=$TOKEN BATON_STRIPE_SCIM_TOKEN=$TOKEN scim-fetch "$url/scim/v2" >out 2>err 3>&- &
	pid=$!
	await "$log"
	cat "/proc/$pid/environ" >environment || true
	cat "/proc/$pid/cmdline" >arguments
	cat "/proc/$pid/limits" >limits
	kill "$pid"
	wait "$pid" || true
	assert_scrubbed environment BATS_
	refute_token arguments
	grep -q '^Max core file size  *0  *0 ' limits
}

@test "-v shows the requests and not the token" {
	start_stand_in
	SCIM_TOKEN=$TOKEN run_status 0 scim-fetch -v "$url/scim/v2"
	assert_says "GET $url/scim/v2/Users?"
	[ "$(grep -ci -e bearer -e authorization "$err")" -eq 0 ] || fail "a header is shown: $(cat "$err")"
}

@test "the target of a redirect never sees the token" {
	local other other_log
	start_stand_in
	other=$url other_log=$log
	start_stand_in --switch "redirect=$other"
	SCIM_TOKEN=$TOKEN run_status 76 scim-fetch -v --retries 0 "$url/scim/v2"
	assert_used
	assert_file_empty "$other_log"
}

@test "files of other programs change nothing: .netrc and .curlrc" {
	start_stand_in
	printf 'machine 127.0.0.1 login someone password %s\n' "$TOKEN" >.netrc
	printf 'header = "X-Curlrc: read"\nproxy = "http://127.0.0.1:9"\n' >.curlrc
	HOME=$PWD SCIM_TOKEN=$TOKEN run_status 0 scim-fetch "$url/scim/v2"
	assert_used
	assert_equal "$(jq -c '.headers["x-curlrc"]' "$log" | sort -u)" null
}

# answer STATUS HEADER BODY: the bytes of an HTTP reply, in the file "answer"
answer() {
	printf 'HTTP/1.1 %s\r\n%s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' "$1" "$2" "${#3}" "$3" >answer
}

# echoing STATUS...: the server has sent the file "answer"; the outputs are clean
echoing() {
	start_raw answer
	SCIM_TOKEN=$TOKEN run_status "$1" scim-fetch -v --retries 0 "$url/scim/v2"
	assert_not_sealed "$out"
	refute_token "$out" "$err"
	[ "$(grep -c "^Authorization: Bearer $TOKEN" "$raw_log")" -ge 1 ] || fail 'the token was not sent'
}

@test "a server that repeats the token in an error does not make us print it" {
	answer '401 Unauthorized' 'Content-Type: application/json' "{\"detail\":\"bad token $TOKEN here\"}"
	echoing 77
	assert_says 'bad token' here
	answer '403 Forbidden' 'Content-Type: text/plain' "bad token $TOKEN"
	echoing 77
	answer '500 Oops' 'Content-Type: text/html' "<h1>Authorization: Bearer $TOKEN</h1>"
	echoing 75
	answer '404 Not Found' "Content-Type: text/$TOKEN" "$(printf 'x%.0s' {1..190})$TOKEN"
	echoing 76
}

@test "a server that repeats the token in an escaped error does not make us print it" {
	answer '401 Unauthorized' 'Content-Type: application/json' "{\"detail\":\"bad token c\\u0061nary${TOKEN#canary}\"}"
	echoing 77
}

@test "a server that repeats the token in a redirect does not make us print it" {
	answer '302 Found' "Location: https://$TOKEN.example/scim/$TOKEN?token=$TOKEN" ''
	echoing 76
	answer '302 Found' "Location: https://$TOKEN@other.example/" ''
	echoing 76
}

@test "a server that repeats the token in its data does not make us print it" {
	answer '200 OK' 'Content-Type: application/json' \
		"{\"totalResults\":1,\"Resources\":[{\"id\":\"a\",\"userName\":\"$TOKEN\"}]}"
	echoing 76
	assert_says token
	answer '200 OK' 'Content-Type: application/json' "{\"totalResults\":1,\"Resources\":[{\"id\":\"$TOKEN\"}]}"
	echoing 76
	answer '200 OK' 'Content-Type: application/json' "{\"totalResults\":1,\"Resources\":[{\"$TOKEN\":1}]}"
	echoing 76
	answer '200 OK' 'Content-Type: text/html' "<p>$TOKEN</p>"
	echoing 76
}

@test "a server that repeats the token in its data in another spelling does not make us print it" {
	answer '200 OK' 'Content-Type: application/json' \
		"{\"totalResults\":1,\"Resources\":[{\"id\":\"a\",\"userName\":\"c\\u0061nary${TOKEN#canary}\"}]}"
	echoing 76
	answer '200 OK' 'Content-Type: application/json' \
		"{\"totalResults\":1,\"Resources\":[{\"id\":\"a\",\"c\\u0061nary${TOKEN#canary}\":1}]}"
	echoing 76
}

@test "a token with slashes that come back escaped is not printed" {
	TOKEN=canary/with/slashes/5d41402abc4b2a76b9719d911017c592
	answer '200 OK' 'Content-Type: application/json' \
		"{\"totalResults\":1,\"Resources\":[{\"id\":\"a\",\"userName\":\"${TOKEN//\//\\/}\"}]}"
	echoing 76
}

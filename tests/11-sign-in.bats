#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The ways to sign in: which header, which scheme, a user and a password. What a service wants that was sent another one is said.

load helper

PASSWORD=canary-password-b1946ac92492d2347c6235b4d2611184

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	umask 077
	printf '%s\n' "$TOKEN" >token
	printf 'ada:%s\n' "$PASSWORD" >password
	basic=$(printf 'ada:%s' "$PASSWORD" | base64 -w 0)
}

# in none of its forms a secret stands in what the program wrote
teardown() {
	local file word
	stop_stand_ins
	for file in "$BATS_TEST_TMPDIR"/out "$BATS_TEST_TMPDIR"/err; do
		[ ! -e "$file" ] || for word in "$TOKEN" "$PASSWORD" "$basic"; do
			[ "$(grep -acF -e "$word" "$file")" -eq 0 ] || fail "a secret stands in $file: $(cat "$file")"
		done
	done
}

# assert_sent NAME VALUE: each request had this header, and no other one with a secret
assert_sent() {
	assert_equal "$(jq -r --arg name "$1" '.headers[$name]' "$log" | sort -u)" "$2"
	[ "$(grep -oF -e "$TOKEN" -e "$PASSWORD" -e "$basic" "$log" | wc -l)" -eq "$(grep -c . "$log")" ] ||
		fail "more than one header has it: $(head -n 1 "$log")"
}

# ---- forms ----

@test "--auth sends the token with another scheme, in one header" {
	local form value
	while IFS='|' read -r form value; do
		start_stand_in --header "Authorization: $value"
		run_status 0 scim-fetch --token-file token --auth "$form" "$url/scim/v2"
		assert_sealed "$out"
		assert_sent authorization "$value"
	done <<-END
		Bearer|Bearer $TOKEN
		bearer|bearer $TOKEN
		Token|Token $TOKEN
		SSWS|SSWS $TOKEN
		Token token=|Token token=$TOKEN
		GenieKey|GenieKey $TOKEN
		Authorization:|$TOKEN
	END
}

@test "--auth NAME: sends the token in a header of another name, and none in Authorization" {
	start_stand_in --header "X-Api-Key: $TOKEN"
	run_status 0 scim-fetch --token-file token --auth X-Api-Key: "$url/scim/v2"
	assert_sent x-api-key "$TOKEN"
	assert_equal "$(jq -r '.headers.authorization' "$log" | sort -u)" null
	start_stand_in --header "Private-Token: Key $TOKEN"
	run_status 0 scim-fetch --token-file token --auth 'Private-Token: Key' "$url/scim/v2"
	assert_sent private-token "Key $TOKEN"
}

@test "--auth Basic sends USER:PASSWORD as Base64, whatever the case of the word" {
	local form
	start_stand_in --header "Authorization: Basic $basic"
	run_status 0 scim-fetch --token-file password --auth Basic "$url/scim/v2"
	assert_sealed "$out"
	assert_sent authorization "Basic $basic"
	start_stand_in --header "X-Authorization: BASIC $basic"
	run_status 0 scim-fetch --token-file password --auth 'X-Authorization: BASIC' "$url/scim/v2"
	assert_sent x-authorization "BASIC $basic"
}

@test "a user and a password come from where a token comes from" {
	start_stand_in --header "Authorization: Basic $basic"
	mkdir credentials
	cp password credentials/scim_token
	run_status 0 scim-fetch --auth Basic --token-file - "$url/scim/v2" <password
	run_status 0 scim-fetch --auth Basic --token-command 'cat password' "$url/scim/v2"
	CREDENTIALS_DIRECTORY=credentials run_status 0 scim-fetch --auth Basic "$url/scim/v2"
	SCIM_TOKEN=ada:$PASSWORD run_status 0 scim-fetch --auth Basic "$url/scim/v2"
	assert_sent authorization "Basic $basic"
}

@test "a password may have colons, blanks and any letter, and a user may have none" {
	local both
	for both in 'ada:a:b:c' 'ada:two words, one comma' 'ädä:pässwörd' 'ada:'; do
		start_stand_in --header "Authorization: Basic $(printf %s "$both" | base64 -w 0)"
		run_status 0 scim-fetch --auth Basic --token-file - "$url/scim/v2" <<<"$both"
	done
}

@test "what is no USER:PASSWORD is refused before any request, and not shown" {
	local bad
	start_stand_in
	for bad in "$PASSWORD" ":$PASSWORD" "$basic"; do
		run_status 78 scim-fetch --auth Basic --token-file - "$url/scim/v2" <<<"$bad"
		assert_says 'USER:PASSWORD'
	done
	printf 'ada:%s\n\n' "$PASSWORD" >bad
	run_status 78 scim-fetch --auth Basic --token-file - "$url/scim/v2" <bad
	assert_says 'a byte at place'
	run_status 78 scim-fetch --auth Basic --token-file - "$url/scim/v2" <<<"Basic $basic"
	assert_says "begins with 'Basic '"
	[ ! -s "$log" ] || fail "a request was sent: $(requests)"
}

@test "--auth none sends nothing and needs no token" {
	start_stand_in --header ''
	run_status 0 scim-fetch --auth none "$url/scim/v2"
	assert_sealed "$out"
	SCIM_TOKEN=$TOKEN run_status 0 scim-fetch --auth NONE "$url/scim/v2"
	assert_equal "$(jq -r '.headers.authorization' "$log" | sort -u)" null
	run_status 64 scim-fetch --auth none --token-file token "$url/scim/v2"
	assert_says --auth --token-file
}

@test "--auth takes no token, no second header line and no header that says something else" {
	local form
	for form in '' ' ' "Bearer $TOKEN" "Basic $basic" "Basic ${basic%?}=" "X-Api-Key: $TOKEN more" "X-Api-Key:$TOKEN more" Host: content-length: \
		If-Match: 'Proxy-Authorization: Basic' 'Bearer token=' 'Basic x=' 'Token token' 'Token token=x' 'Token  token=' $'Bearer\r\nX: y' \
		$'X-Key:\r\n' 'X Key:' ': Bearer' 'Schéma' "$(printf 'x%.0s' {1..70})"; do
		run_status 64 scim-fetch --auth "$form" --token-file token "https://id.example.com"
		assert_says '--auth takes a scheme' 'the token itself is never written there'
	done
}

@test "scalr-fetch and scim-push sign in in the same ways" {
	start_stand_in --header "Authorization: Token $TOKEN"
	BATON_SCALR_API_TOKEN=$TOKEN run_status 0 scalr-fetch --auth Token --base-url "$url"
	assert_sealed "$out"
	start_stand_in --header "Authorization: Basic $basic"
	SCIM_BASE_URL=$url/scim/v2 run_status 0 scim-push --apply --auth Basic --token-file password --dialect scim scim \
		<<<'{"op":"deactivate","id":"u2"}'
	assert_equal "$(outcomes)" 'deactivate done'
	assert_sent authorization "Basic $basic"
}

# ---- what the service wants ----

# refused FORM FILE CHALLENGE...: what stderr says where the service answers 401 with these
refused() {
	local form=$1 file=$2 challenge
	shift 2
	{
		printf 'HTTP/1.1 401 Words\r\nConnection: close\r\n'
		for challenge; do printf 'WWW-Authenticate: %s\r\n' "$challenge"; done
		printf 'Content-Length: 2\r\n\r\n{}'
	} >no
	start_raw no
	run_status 77 scim-fetch --auth "$form" --token-file "$file" "$url/scim/v2"
}

@test "a service that asks for another scheme is named by it, with the option that gives it" {
	refused Bearer token 'Basic realm="scim"'
	assert_says 'asks for another way to sign in, Basic realm="scim"' 'Bearer was sent' 'give --auth Basic, and USER:PASSWORD'
	refused Basic password 'Bearer realm="scim", error="invalid_token"'
	assert_says 'Basic was sent' 'give --auth Bearer and a bearer token'
	refused Bearer token 'SSWS realm="a, Basic b=\"c", x=y'
	assert_says 'give --auth SSWS'
	refused X-Api-Key: token 'Bearer'
	assert_says 'X-Api-Key was sent' 'give --auth Bearer'
	refused Bearer token Digest\ realm=x Token
	assert_says 'Digest realm=x, Token' 'give --auth Token'
	refused Bearer token 'Negotiate, Digest realm="Basic"'
	assert_says 'do not speak that: make a token for this service'
}

@test "a service that asks for what was sent is not said to want something else" {
	local form
	for form in Bearer bearer; do
		refused "$form" token 'Basic realm="a"' 'BEARER realm="b"'
		[ "$(grep -c 'another way' "$err")" -eq 0 ] || fail "$(cat "$err")"
	done
	refused Basic password 'Negotiate, Basic'
	[ "$(grep -c 'another way' "$err")" -eq 0 ]
	refused Basic password
	[ "$(grep -c 'another way' "$err")" -eq 0 ]
	refused Bearer token ', ,' 'realm="Basic"'
	[ "$(grep -c 'another way' "$err")" -eq 0 ]
}

@test "a service that wants a token and was sent none is named" {
	start_stand_in
	run_status 77 scim-fetch --auth none "$url/scim/v2"
	assert_says 'no token was sent: give --auth Bearer'
}

# ---- nowhere else ----

@test "a server that repeats the password, alone or as Base64, does not make us print it" {
	local word
	for word in "$PASSWORD" "ada:$PASSWORD" "$basic"; do
		start_answers <<<"401 {\"detail\":\"no $word here\"}"
		run_status 77 scim-fetch -v --auth Basic --token-file password "$url/scim/v2"
		assert_says 'no [token] here'
		start_answers <<<"200 {\"totalResults\":1,\"Resources\":[{\"id\":\"1\",\"userName\":\"$word\"}]}"
		run_status 76 scim-fetch -v --retries 0 --auth Basic --token-file password "$url/scim/v2"
		assert_says 'repeats the token'
	done
}

@test "a user and a password from the environment are in no environment of a child, and -v does not show them" {
	printf '#!/bin/sh\nenv >child\ncat password\n' >looks
	chmod 700 looks
	start_stand_in --header "Authorization: Basic $basic"
	SCIM_TOKEN=ada:$PASSWORD run_status 0 scim-fetch -v --auth Basic --token-command ./looks "$url/scim/v2"
	[ "$(grep -cF -e "$PASSWORD" child)" -eq 0 ]
	[ "$(grep -ci -e authorization -e 'basic ' "$err")" -eq 0 ] || fail "a header is shown: $(cat "$err")"
}

@test "the target of a redirect sees no password and no header of another name" {
	local other other_log
	start_stand_in
	other=$url other_log=$log
	start_stand_in --header "X-Api-Key: $TOKEN" --switch "redirect=$other"
	run_status 76 scim-fetch --token-file token --auth X-Api-Key: --retries 0 "$url/scim/v2"
	start_stand_in --header "Authorization: Basic $basic" --switch "redirect=$other"
	run_status 76 scim-fetch --token-file password --auth Basic --retries 0 "$url/scim/v2"
	assert_file_empty "$other_log"
}

@test "a password that a command makes anew is sent after the old one was refused, and neither is shown" {
	cat >makes <<-END
		#!/bin/sh
		echo x >>made
		echo "ada:$PASSWORD-\$(wc -l <made)"
	END
	chmod 700 makes
	start_answers <<-END
		200 {"totalResults":2,"Resources":[{"id":"1"}]}
		401 {"detail":"no $PASSWORD-1"}
		400 {"detail":"$(printf 'ada:%s-1' "$PASSWORD" | base64 -w 0) $PASSWORD-1 and $PASSWORD-2"}
	END
	run_status 76 scim-fetch -v --auth Basic --token-command ./makes --jobs 1 --count 1 --scope users "$url/scim/v2"
	assert_says '[token] [token] and [token]'
	assert_equal "$(grep -oi '^authorization: .*' "$raw_log" | tr -d '\r' | cut -d ' ' -f 3 | base64 -d 2>/dev/null | grep -o '[12]ada\|[12]$' | cut -c 1 | paste -sd ' ')" '1 1 2'
}

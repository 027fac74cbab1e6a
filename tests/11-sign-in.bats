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

# ---- a client certificate ----

# client NAME: NAME.pem and NAME.key, of the authority ca.pem, for a client
client() {
	certificate "$1" 2 DNS:client
	chmod 600 "$1.key"
}

# serve_mutual OPTION...: TLS that asks for a certificate of ca.pem, which lets a request in alone
serve_mutual() {
	start_stand_in --tls-cert good.pem --tls-key good.key --client-ca ca.pem --header '' "$@"
}

# strict VERSION: a server that ends the handshake where no certificate of ca.pem comes
strict() {
	local line=
	mkfifo "lines.$1"
	openssl s_server -accept 127.0.0.1:0 -cert good.pem -key good.key "-$1" -CAfile ca.pem -Verify 1 -verify_return_error -www \
		</dev/null >"lines.$1" 2>>openssl.log 3>&- &
	stand_in_pids="${stand_in_pids:-} $!"
	exec 7<"lines.$1"
	until [[ $line == ACCEPT* ]]; do IFS= read -r line <&7; done
	url=https://127.0.0.1:${line##*:}
}

setup_certificates() {
	authority
	certificate good 2 IP:127.0.0.1
	client me
}

# refute_key FILE...: none of them holds a line of the private key
refute_key() {
	local file
	for file; do
		[ "$(grep -acF -f <(grep -v -e ----- me.key) "$file")" -eq 0 ] || fail "the key stands in $file"
	done
}

@test "--cert and --key let a run in where the service wants a client certificate, with or without a token" {
	setup_certificates
	serve_mutual
	run_status 0 scim-fetch --auth none --cert me.pem --key me.key --ca-file ca.pem "$url/scim/v2"
	assert_sealed "$out"
	start_stand_in --tls-cert good.pem --tls-key good.key --client-ca ca.pem
	run_status 0 scim-fetch --token-file token --cert me.pem --key me.key --ca-file ca.pem "$url/scim/v2"
	assert_sent authorization "Bearer $TOKEN"
}

@test "--cert alone takes a file with certificate and key, and a chain" {
	setup_certificates
	(umask 077 && cat me.pem ca.pem me.key >both.pem && cat me.key me.pem >other-order.pem)
	serve_mutual
	for both in both.pem other-order.pem; do
		run_status 0 scim-fetch --auth none --cert $both --ca-file ca.pem "$url/scim/v2"
	done
	chmod 644 both.pem
	run_status 78 scim-fetch --auth none --cert both.pem --ca-file ca.pem "$url/scim/v2"
	assert_says "'both.pem' holds a private key and can be read by others (mode 644)" 'chmod 600'
}

@test "scalr-fetch and scim-push give a client certificate, too" {
	setup_certificates
	start_stand_in --tls-cert good.pem --tls-key good.key --client-ca ca.pem
	BATON_SCALR_API_TOKEN=$TOKEN run_status 0 scalr-fetch --cert me.pem --key me.key --ca-file ca.pem --base-url "$url"
	assert_sealed "$out"
	SCIM_BASE_URL=$url/scim/v2 run_status 0 scim-push --apply --token-file token --cert me.pem --key me.key --ca-file ca.pem \
		--dialect scim scim <<<'{"op":"deactivate","id":"u2"}'
	assert_equal "$(outcomes)" 'deactivate done'
}

@test "a service that wants a client certificate and gets none is named, in TLS and in HTTP" {
	local version
	setup_certificates
	serve_mutual
	run_status 77 scim-fetch --token-file token --ca-file ca.pem "$url/scim/v2"
	assert_says 'No required SSL certificate was sent' 'asks for a client certificate and got none: give it with --cert FILE'
	for version in tls1_2 tls1_3; do
		strict $version
		run_status 69 scim-fetch --token-file token --ca-file ca.pem "$url/scim/v2"
		assert_says 'TLS refused: the service asks for a client certificate' '--cert FILE' '--key FILE'
	done
}

@test "a refusal of a service that asks for a certificate and got one is not blamed on it" {
	setup_certificates
	start_stand_in --tls-cert good.pem --tls-key good.key --client-ca ca.pem
	run_status 77 scim-fetch --token-file - --cert me.pem --key me.key --ca-file ca.pem "$url/scim/v2" <<<wrong
	[ "$(grep -c certificate "$err")" -eq 0 ]
}

@test "a client certificate that the service does not take is named" {
	local version
	setup_certificates
	mkdir other
	(cd other && BATS_TEST_TMPDIR=$PWD && authority && client foreign)
	for version in tls1_2 tls1_3; do
		strict $version
		run_status 69 scim-fetch --token-file token --cert other/foreign.pem --key other/foreign.key --ca-file ca.pem "$url/scim/v2"
		assert_says 'the service does not take the client certificate of --cert'
	done
}

@test "a certificate or key that can not be used is named before any request" {
	setup_certificates
	client another
	openssl pkey -in me.key -aes256 -passout pass:secret -out locked.key
	openssl rsa -in <(openssl genrsa 2048 2>/dev/null) -traditional -aes128 -passout pass:secret -out old.key 2>/dev/null
	openssl pkcs12 -export -in me.pem -inkey me.key -passout pass:x -out me.p12
	head -c 300000 /dev/zero >large
	chmod 600 ./*.key me.p12
	serve_mutual
	# bad WORDS OPTION...
	bad() {
		local words=$1
		shift
		run_status 78 scim-fetch --auth none "$@" --ca-file ca.pem "$url/scim/v2" </dev/null
		assert_says "$words"
		refute_key "$err"
	}
	bad "cannot open 'nowhere'" --cert nowhere --key me.key
	bad "cannot open 'nowhere'" --cert me.pem --key nowhere
	bad "'me.p12' holds no certificate in PEM" --cert me.p12 --key me.key
	bad "'me.key' holds no certificate in PEM" --cert me.key --key me.key
	bad "'me.pem' holds no private key" --cert me.pem --key me.pem
	bad "'me.pem' holds no private key: give its file with --key" --cert me.pem
	bad "'locked.key' is encrypted" --cert me.pem --key locked.key
	bad "'old.key' is encrypted" --cert me.pem --key old.key
	bad 'can not be used' --cert me.pem --key another.key
	bad "'large' holds more than 262144 bytes" --cert large --key me.key
	chmod 640 me.key
	bad "'me.key' holds a private key and can be read by others (mode 640)" --cert me.pem --key me.key
	[ ! -s "$log" ] || fail "a request was sent: $(requests)"
}

@test "--key without --cert, and --cert without TLS, are refused" {
	run_status 64 scim-fetch --key me.key --token-file token https://id.example.com
	assert_says --key --cert
	run_status 64 scim-fetch --cert me.pem --token-file token http://127.0.0.1:1
	assert_says --cert https://
}

@test "the private key stands in no output, at any verbosity, and the files are not opened again" {
	setup_certificates
	mkdir run
	serve_mutual --users 300
	for verbosity in -q -v --check; do
		(cd run && ROLLCALL_SANDBOX=require scim-fetch $verbosity --auth none --cert ../me.pem --key ../me.key --ca-file ../ca.pem \
			--count 10 "$url/scim/v2" >out 2>err)
		refute_key run/out run/err
	done
	rm -f run/*
	[ "$(id -u)" -eq 0 ] || skip 'no output has it; which files are opened, strace tells only root by name'
	strace -f -e trace=openat,open -o run/trace scim-fetch --auth none --cert me.pem --key me.key --ca-file ca.pem "$url/scim/v2" >run/out 2>run/err || {
		[ -n "${SANITIZED:-}" ] || fail "$(cat run/err)"
		skip 'the leak check wants to look into it'
	}
	assert_equal "$(grep -c 'me\.key' run/trace) $(grep -c 'me\.pem' run/trace)" '1 1'
}

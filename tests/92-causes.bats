#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A message leads to the cause: the proxy, the certificate, the way to sign in, the encoding,
# the place that a redirect names.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	empty='{"totalResults":0,"Resources":[]}'
}

teardown() {
	stop_stand_ins
}

# response STATUS BODY [HEADER...]
response() {
	local status=$1 body=$2 header
	shift 2
	printf 'HTTP/1.1 %s Words\r\nConnection: close\r\n' "$status"
	for header; do
		printf '%s\r\n' "$header"
	done
	printf 'Content-Length: %d\r\n\r\n%s' "${#body}" "$body"
}

# answers: a program on stdin that prints the answer to the target in $1; $url serves it
answers() {
	{
		printf '#!/bin/bash\n%s\n%s\n' "$(declare -f response)" "empty='$empty'"
		cat
	} >serve
	chmod 700 serve
	start_raw ./serve
}

fetch() {
	local status=$1
	shift
	SCIM_TOKEN=$TOKEN run_status "$status" scim-fetch --jobs 1 --scope users --retries 1 --max-wait 2 "$@"
	refute_token "$out" "$err"
}

# targets: what was asked for, in order
targets() {
	grep -oE '^(GET|POST|PATCH|PUT|DELETE) [^ ]+' "$raw_log" | sed 's,/scim/v2,,'
}

# ---- before the service ----

@test "a proxy that refuses is named, and what its answer says is not taken for the service's" {
	response 407 '' 'Proxy-Authenticate: Basic realm="corp"' >proxy
	start_raw proxy
	fetch 69 --proxy "$url" https://scim.example.com/scim/v2
	assert_says 'the proxy wants a user and a password' 407 https_proxy
	assert_equal "$(grep -c ^CONNECT "$raw_log")" 1
	# as it says
	https_proxy=http://corp-user:corp-password@${url#http://} fetch 69 https://scim.example.com/scim/v2
	grep -qi "^Proxy-Authorization: Basic $(printf corp-user:corp-password | base64)" "$raw_log"
	[ "$(grep -c corp-password "$err")" -eq 0 ]
	response 403 '' >proxy
	start_raw proxy
	fetch 69 --proxy "$url" https://scim.example.com/scim/v2
	assert_says 'the proxy refuses a connection to this service' 403
	assert_equal "$(grep -c ^CONNECT "$raw_log")" 1
	response 503 '' 'Retry-After: 99999' 'X-RateLimit-Remaining: 0' >proxy
	start_raw proxy
	fetch 75 --proxy "$url" https://scim.example.com/scim/v2
	assert_says 'HTTP 503 from the proxy' 'after 2 tries'
	assert_equal "$(grep -c ^CONNECT "$raw_log")" 2
}

@test "a proxy that is not there is not taken for the service" {
	fetch 69 --proxy http://127.0.0.1:1 https://scim.example.com/scim/v2
	assert_says '127.0.0.1 port 1' 'that is the proxy'
	fetch 69 http://127.0.0.1:1/scim/v2
	[ "$(grep -c 'the proxy' "$err")" -eq 0 ]
	fetch 69 'http://[::1]:1/scim/v2'
	[ "$(grep -c 'the proxy' "$err")" -eq 0 ]
}

@test "304 without a place to go to is no redirect" {
	response 304 '' >no
	start_raw no
	fetch 76 "$url/scim/v2"
	assert_says 'expected a list, got HTTP 304'
}

@test "a service that asks for a client certificate is named at once" {
	local version
	authority
	certificate good 2 IP:127.0.0.1
	for version in tls1_2 tls1_3; do
		mkfifo lines.$version
		openssl s_server -accept 127.0.0.1:0 -cert good.pem -key good.key -$version -CAfile ca.pem -Verify 1 -verify_return_error -www \
			</dev/null >lines.$version 2>>openssl.log 3>&- &
		stand_in_pids="${stand_in_pids:-} $!"
		exec 7<lines.$version
		until [[ ${line:-} == ACCEPT* ]]; do IFS= read -r line <&7; done
		fetch 69 --ca-file ca.pem "https://127.0.0.1:${line##*:}/scim/v2"
		line=
		assert_says 'TLS refused: the service asks for a client certificate' '--cert FILE'
		[ "$(grep -c 'right port' "$err")" -eq 0 ]
	done
}

@test "a handshake that fails for another reason is not blamed on a client certificate" {
	authority
	certificate good 2 IP:127.0.0.1
	serve_old_tls good tls1_1
	fetch 69 --ca-file ca.pem "$url/scim/v2"
	[ "$(grep -c 'client certificate' "$err")" -eq 0 ]
}

# ---- the way to sign in ----

@test "a service that takes no bearer token is named by what it asks for" {
	response 401 '{"detail":"unauthorized"}' 'WWW-Authenticate: Basic realm="scim"' >no
	start_raw no
	fetch 77 "$url/scim/v2"
	assert_says 'HTTP 401 (the server says: unauthorized)' 'another way to sign in' 'Basic realm="scim"' 'Bearer was sent: give --auth Basic'
	response 401 '{}' 'WWW-Authenticate: Negotiate' 'WWW-Authenticate: Basic' >no
	start_raw no
	fetch 77 "$url/scim/v2"
	assert_says 'Negotiate, Basic'
	response 401 '{}' 'WWW-Authenticate: Basic' 'WWW-Authenticate: Bearer' >no
	start_raw no
	fetch 77 "$url/scim/v2"
	[ "$(grep -c 'another way' "$err")" -eq 0 ]
	response 401 '' 'WWW-Authenticate: Bearer error="invalid_token", error_description="it ran out"' >no
	start_raw no
	fetch 77 "$url/scim/v2"
	assert_says 'it ran out'
	[ "$(grep -c 'another way' "$err")" -eq 0 ]
}

@test "the title of a page in HTML is what the server says" {
	response 400 $'<!DOCTYPE html>\n<html><head>\n<TITLE> No certificate was sent\n</TITLE></head>' >page
	start_raw page
	fetch 76 --paging index "$url/scim/v2"
	assert_says '(the server says: No certificate was sent)'
}

# ---- the encoding ----

@test "a body whose Content-Encoding is none is read as it is, or the header is named at once" {
	local encoding
	for encoding in UTF-8 'gzip, utf-8' aws-chunked; do
		response 200 "$empty" "Content-Encoding: $encoding" >body
		start_raw body
		fetch 0 "$url/scim/v2"
		assert_sealed "$out"
		assert_equal "$(grep -c ^GET "$raw_log")" 2
	done
	response 200 $'\x0b\x02\x80{}\x03' 'Content-Encoding: compress' >body
	start_raw body
	fetch 76 "$url/scim/v2"
	assert_says 'Content-Encoding: compress'
	assert_equal "$(grep -c ^GET "$raw_log")" 2
}

# ---- redirects ----

@test "a read is asked for again, once, where the service serves the path on the same origin" {
	local status
	for status in 301 302 307 308; do
		answers <<-END
			case \$1 in
			*/Users/\?startIndex=[12]\&*) response 200 '{"totalResults":2,"Resources":[{"id":"'"\${1#*startIndex=}"'"}]}' ;;
			*/Users/\?*) response 200 '{"totalResults":2,"Resources":[]}' ;;
			*) response $status '' "Location: \${1%%\?*}/?\${1#*\?}" ;;
			esac
		END
		fetch 0 --count 1 "$url/scim/v2"
		assert_equal "$(targets)" 'GET /Users?startIndex=1&count=1
GET /Users/?startIndex=1&count=1
GET /Users/?startIndex=2&count=1
GET /Users/?startIndex=3&count=1'
		stop_stand_ins
	done
}

@test "a redirect that names the origin, another directory or no query is followed; the query stays" {
	local location
	# shellcheck disable=SC2016 # eval or the server expands it
	for location in '$url/scim/v2/Users/?startIndex=1&count=9' /api/Users/ 'Users/' '//$host/v3/users'; do
		answers <<-END
			host=127.0.0.1:\$(cat port)
			url=http://\$host
			case \$1 in
			/scim/v2/Users\?*) response 308 '' "Location: $location" ;;
			*'?startIndex=1&count=9') response 200 "\$empty" ;;
			*) response 500 '' ;;
			esac
		END
		echo "${url##*:}" >port
		fetch 0 --count 9 "$url/scim/v2"
		assert_equal "$(grep -c ^GET "$raw_log")" 2
		stop_stand_ins
	done
}

@test "a redirect to a login page, another query, another record or port, or in a circle is not followed twice" {
	local location
	for location in /login '/login?next=https://other.example/x' '/scim/v2/Users/?startIndex=1&count=9&a=b' /scim/v2/Users/1 \
		http://127.0.0.1:1/scim/v2/Users/ https://127.0.0.1/scim/v2/Users/ 'http://user@127.0.0.1/scim/v2/Users/' '/scim/v2/Us ers' ''; do
		answers <<-END
			response 302 '' "Location: $location"
		END
		fetch 76 --count 9 "$url/scim/v2"
		assert_says 'HTTP 302 redirects to'
		assert_equal "$(targets)" 'GET /Users?startIndex=1&count=9'
		stop_stand_ins
	done
	answers <<-'END'
		case $1 in
		*/Users/*) response 307 '' "Location: /scim/v2/Users" ;;
		*) response 307 '' "Location: /scim/v2/Users/" ;;
		esac
	END
	fetch 76 --count 9 "$url/scim/v2"
	assert_says 'another path of the same address'
	[ "$(grep -c 'give it as the base URL' "$err")" -eq 0 ]
	assert_equal "$(grep -c ^GET "$raw_log")" 2
}

@test "a redirect with what stands after the host is not shown" {
	response 302 '' 'Location: /login?next=https://secret.example/path' >no
	start_raw no
	fetch 76 "$url/scim/v2"
	[ "$(grep -c secret.example "$err")" -eq 0 ]
}

@test "a search and a change are never sent to another place" {
	response 307 '' 'Location: /scim/v2/Users/.search' >search
	start_raw search
	fetch 76 --method search "$url/scim/v2"
	assert_equal "$(targets)" 'POST /Users/.search'
	response 200 '{"id":"1","userName":"ada","active":true}' >was
	response 307 '' 'Location: /scim/v2/Users/1/' >there
	start_raw was there
	push 76 --apply --jobs 1 --dialect scim scim <<<'{"op":"deactivate","id":"1"}'
	assert_equal "$(targets)" 'GET /Users/1
PATCH /Users/1'
	assert_equal "$(jq -r 'select(.kind == "result").outcome' "$out")" failed
}

@test "what is looked up for a change is asked for where it has moved to" {
	response 301 '' 'Location: /scim/v2/Users/1/' >moved
	response 200 '{"id":"1","userName":"ada","active":false}' >is
	start_raw moved is
	push 0 --apply --jobs 1 --dialect scim scim <<<'{"op":"deactivate","id":"1"}'
	assert_equal "$(targets)" 'GET /Users/1
GET /Users/1/'
	assert_equal "$(jq -r 'select(.kind == "result").outcome' "$out")" already
}

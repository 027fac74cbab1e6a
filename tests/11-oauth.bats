#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# OAuth 2 client credentials: the secret goes to the token endpoint and the token to the service, each to its own origin alone;
# a token that runs out is replaced in the middle of a run.

load helper

SECRET=canary-secret-8277e0910d750195b448797616e091ad
ACCESS=canary-access-e1671797c52e15f763380b45e841ec32

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	umask 077
	printf '%s\n' "$SECRET" >secret
	basic=$(printf 'me:%s' "$SECRET" | base64 -w 0)
}

# no secret in any of its forms stands in what the program wrote
refute_secrets() {
	local file word
	for file; do
		[ -e "$file" ] || continue
		for word in "$SECRET" "$ACCESS" "$basic"; do
			[ "$(grep -acF -e "$word" "$file")" -eq 0 ] || fail "a secret stands in $file: $(head -c 3000 "$file")"
		done
	done
}

teardown() {
	stop_stand_ins
	refute_secrets "$BATS_TEST_TMPDIR"/out "$BATS_TEST_TMPDIR"/err
}

# serve OPTION...: a service and its token endpoint at one origin
serve() {
	start_stand_in --oauth "me:$SECRET" --oauth-access "$ACCESS" "$@"
	endpoint_at /oauth/token
}

# endpoint_at PATH: the endpoint is this path of $url
endpoint_at() {
	endpoint=$url$1
}

endpoint_is() {
	endpoint=$1
}

# fetch STATUS OPTION...
fetch() {
	local status=$1
	shift
	run_status "$status" scim-fetch --oauth-token-url "$endpoint" --client-id me --token-file secret "$@" "$url/scim/v2"
}

# asked: the requests for a token
asked() {
	grep -c '"path":"/oauth/token"' "$log" || true
}

# sent: the number of the token in each request to the service, and how often in a row
sent() {
	grep -v '"path":"/oauth/token"' "$log" | grep -oE "Bearer $ACCESS-[0-9]+" | sed 's/.*-//' | uniq -c | awk '{ print $1 "x" $2 }' | paste -sd ' '
}

# ---- a token, and how it is asked for ----

@test "a token is asked for once with the client's id and secret in the header, and sent with each request" {
	serve
	fetch 0
	assert_sealed "$out"
	assert_equal "$(asked)" 1
	assert_equal "$(jq -r 'select(.path == "/oauth/token") | [.method, .headers.authorization, .headers["content-type"], .headers.accept, .body] | join(" ")' "$log")" \
		"POST Basic $basic application/x-www-form-urlencoded application/json grant_type=client_credentials"
	assert_equal "$(jq -r 'select(.path != "/oauth/token").headers.authorization' "$log" | sort -u)" "Bearer $ACCESS-1"
}

@test "--client-auth post shows the client in the body, and in no header" {
	serve --oauth-auth post
	fetch 0 --client-auth post
	assert_equal "$(jq -c 'select(.path == "/oauth/token") | [.headers.authorization, .body]' "$log")" \
		"[null,\"grant_type=client_credentials&client_id=me&client_secret=$SECRET\"]"
	serve --oauth-auth basic
	fetch 0 --client-auth basic
}

@test "an id and a secret with any printable byte are written as RFC 6749 has it, in both places" {
	local odd='a b+c/d=e:f%g&h~"é' way
	odd=${odd%é}
	for way in basic post; do
		start_stand_in --oauth "me & you:$odd" --oauth-auth $way
		run_status 0 scim-fetch --oauth-token-url "$url/oauth/token" --client-id 'me & you' --client-auth $way --token-file - \
			"$url/scim/v2" <<<"$odd"
		[ "$way" = basic ] || assert_equal "$(jq -r 'select(.path == "/oauth/token").body' "$log")" \
			'grant_type=client_credentials&client_id=me%20%26%20you&client_secret=a%20b%2Bc%2Fd%3De%3Af%25g%26h~%22'
	done
}

@test "the secret comes from where a token comes from, and never from the token's variable" {
	serve
	mkdir credentials
	cp secret credentials/scim_client_secret
	set -- --oauth-token-url "$endpoint" --client-id me "$url/scim/v2"
	run_status 0 scim-fetch --token-file - "$@" <secret
	run_status 0 scim-fetch --token-command 'cat secret' "$@"
	SCIM_CLIENT_SECRET=$SECRET run_status 0 scim-fetch "$@"
	CREDENTIALS_DIRECTORY=credentials SCIM_CLIENT_SECRET=wrong run_status 0 scim-fetch "$@"
	SCIM_TOKEN=$SECRET run_status 78 scim-fetch "$@"
	assert_says 'no secret of the client: set SCIM_CLIENT_SECRET' --token-file --token-command
	BATON_STRIPE_SCIM_CLIENT_SECRET=$SECRET run_status 0 scim-fetch --oauth-token-url "$endpoint" --client-id me --base-url "$url/scim/v2" stripe
}

@test "--oauth-scope and --oauth-param stand in the request, encoded" {
	serve --oauth-scope 'scim:read users&x'
	fetch 0 --oauth-scope 'scim:read users&x' --oauth-param audience=https://a.example/?b=c --oauth-param 'x= y'
	assert_equal "$(jq -r 'select(.path == "/oauth/token").body' "$log")" \
		'audience=https%3A%2F%2Fa.example%2F%3Fb%3Dc&x=%20y&grant_type=client_credentials&scope=scim%3Aread%20users%26x'
	serve
	fetch 77 --oauth-param grant_type=account_credentials
	assert_says unsupported_grant_type '--oauth-param grant_type=NAME'
	assert_equal "$(jq -r 'select(.path == "/oauth/token").body' "$log")" grant_type=account_credentials
}

@test "the address of the endpoint may have a query, a slash at its end, or no path" {
	local path
	for path in '/oauth/token?tenant=a%20b&x' /oauth/ / '' '/?a'; do
		printf 'HTTP/1.1 200 Words\r\nConnection: close\r\nContent-Length: %d\r\n\r\n{"access_token":"%s"}' $((19 + ${#ACCESS})) "$ACCESS" >answer
		start_raw answer
		endpoint_at "$path"
		start_stand_in --header "Authorization: Bearer $ACCESS"
		fetch 0
		[ "${path:0:1}" = / ] || path=/$path
		grep -qF "POST $path HTTP/1.1" "$raw_log" || fail "$path: $(cat "$raw_log")"
	done
}

@test "scalr-fetch and scim-push sign in by OAuth, too" {
	serve
	run_status 0 scalr-fetch --oauth-token-url "$endpoint" --client-id me --token-file secret --base-url "$url"
	assert_sealed "$out"
	SCIM_BASE_URL=$url/scim/v2 run_status 0 scim-push --apply --oauth-token-url "$endpoint" --client-id me --token-file secret --dialect scim scim \
		<<<'{"op":"deactivate","id":"u2"}'
	assert_equal "$(outcomes)" 'deactivate done'
	run_status 0 scim-fetch --check --oauth-token-url "$endpoint" --client-id me --token-file secret "$url/scim/v2"
}

@test "the access token may be sent in another way than as Bearer" {
	start_stand_in --oauth "me:$SECRET" --oauth-access "$ACCESS" --oauth-type mac
	endpoint_at /oauth/token
	fetch 76
	assert_says "is of type 'mac', and not Bearer" --auth
	start_stand_in --header "X-Token: $ACCESS-2"
	fetch 0 --auth X-Token:
	serve --oauth-type BearerToken
	fetch 0
	# a key of PagerDuty is sent in another way than a token that it gives
	BATON_PAGERDUTY_SCIM_CLIENT_SECRET=$SECRET run_status 0 scim-fetch --oauth-token-url "$endpoint" --client-id me --base-url "$url/scim/v2" pagerduty
}

# ---- options ----

@test "options of OAuth that do not go together are refused before anything is read" {
	local option address
	for option in --client-id=me --oauth-scope=x --client-auth=post --oauth-param=a=b; do
		run_status 64 scim-fetch "$option" --token-file nowhere https://id.example.com
		assert_says '--oauth-token-url'
	done
	set -- --token-file nowhere https://id.example.com
	run_status 64 scim-fetch --oauth-token-url https://x.example/token "$@"
	assert_says '--client-id'
	run_status 64 scim-fetch --oauth-token-url https://x.example/token --client-id me --auth Basic "$@"
	assert_says '--auth Basic'
	run_status 64 scim-fetch --oauth-token-url https://x.example/token --client-id $'m\xc3\xa9' "$@"
	assert_says '--client-id takes printable ASCII'
	run_status 64 scim-fetch --oauth-token-url https://x.example/token --client-id me --oauth-scope $'a\nb' "$@"
	assert_says '--oauth-scope takes printable ASCII'
	printf '%s\n' "$SECRET" >secret
	for address in http://x.example/token ftp://x.example https://user:pw@x.example/token https://x.example/token#a 'https://x.example/a?b#c' \
		'https://x.example/a?b c'; do
		run_status 64 scim-fetch --oauth-token-url "$address" --client-id me --token-file secret https://id.example.com
		assert_says --oauth-token-url
	done
}

@test "--oauth-param takes no secret, and does not repeat what it refuses" {
	local name
	for name in client_secret password client_assertion refresh_token Client_Secret client_id scope; do
		run_status 64 scim-fetch --oauth-token-url https://x.example/token --client-id me --oauth-param "$name=$SECRET" https://id.example.com
		assert_says "--oauth-param takes no ${name,,}"
	done
	for name in "$SECRET" "=$SECRET" "a b=$SECRET"; do
		run_status 64 scim-fetch --oauth-token-url https://x.example/token --client-id me --oauth-param "$name" https://id.example.com
		assert_says '--oauth-param takes NAME=VALUE'
	done
	set --
	for name in {1..9}; do set -- "$@" --oauth-param "a=$name"; done
	run_status 64 scim-fetch --oauth-token-url https://x.example/token --client-id me "$@" https://id.example.com
	assert_says '8 times at most'
}

# ---- what the endpoint says ----

@test "an error of the endpoint is shown with its description and what to do" {
	serve --oauth-auth post
	fetch 77
	assert_says "token endpoint $endpoint: no access token (HTTP 401, invalid_client: Client authentication failed.)" '--client-auth post'
	assert_equal "$(asked)" 1
	serve --oauth-auth basic
	fetch 77 --client-auth post
	assert_says '--client-auth basic'
	serve --oauth-scope right
	fetch 77 --oauth-scope wrong
	assert_says 'invalid_scope: That is no scope here.' 'check --oauth-scope'
	[ "$(grep -c '"path":"/scim' "$log")" -eq 0 ]
}

# answers STATUS BODY: the endpoint answers so; the service would take anything
answers() {
	start_answers <<<"$1 $2"
	endpoint_at /token
	start_stand_in --header ''
}

@test "what the endpoint says is inert, and holds no secret" {
	answers 400 "{\"error\":\"invalid_client\",\"error_description\":\"$SECRET and $basic \\u001b[31m \\u202e $(printf 'x%.0s' {1..500})\"}"
	fetch 77
	assert_says '[token] and [token]'
	[ "$(grep -c $'\x1b\|\u202e' "$err")" -eq 0 ]
	[ "$(wc -c <"$err")" -lt 1200 ]
	answers 400 "{\"error\":\"$SECRET\"}"
	fetch 77
}

@test "an answer that is no token is a broken protocol, and not shown" {
	answers 200 "access_token=$ACCESS&token_type=bearer"
	fetch 76
	assert_says 'holds no access_token' 'is that the address of a token endpoint?'
	answers 200 "{\"id_token\":\"$ACCESS\"}"
	fetch 76
	answers 200 "{\"access_token\":\"$ACCESS \\n\"}"
	fetch 76
	assert_says 'has a byte at place'
	answers 200 '{"access_token":""}'
	fetch 76
	answers 200 "{\"access_token\":\"$(head -c 20000 /dev/zero | tr '\0' k)\"}"
	fetch 76
	assert_says '16384'
	answers 404 '<html><title>No page</title>'
	fetch 76
	assert_says 'No page' 'is that the address of a token endpoint?'
	answers 200 "[\"$ACCESS\"]"
	fetch 76
	assert_file_empty "$log"
}

@test "an endpoint in trouble is asked again, and then the status is 75" {
	start_answers <<-END
		503 {}
		200 {"access_token":"$ACCESS"}
	END
	endpoint_at /token
	start_stand_in --header "Authorization: Bearer $ACCESS"
	fetch 0
	answers 503 '{"error":"temporarily_unavailable"}'
	fetch 75 --retries 1
	assert_says "$endpoint" temporarily_unavailable
	endpoint_is http://127.0.0.1:1/token
	fetch 69
}

# ---- it runs out ----

@test "a token that the service refuses in the middle of a run is replaced, as often as that happens" {
	serve --oauth-uses 4 --users 10
	fetch 0 --jobs 1 --count 2 --scope users
	assert_sealed "$out"
	assert_equal "$(jq -s 'map(select(.kind == "user")) | length' "$out")" 10
	[ "$(asked)" -ge 2 ]
	assert_equal "$(sent | tr ' ' '\n' | sed 's/.*x//' | uniq | paste -sd ' ')" "$(seq "$(asked)" | paste -sd ' ')"
}

@test "a token that says how long it lasts is replaced before that, without a 401" {
	serve --oauth-lasts 2 --users 8 --delay 500
	fetch 0 --jobs 1 --count 1 --scope users
	assert_sealed "$out"
	[ "$(asked)" -ge 2 ] || fail "$(requests)"
	assert_equal "$(answered 401)" 0
}

@test "expires_in as text counts, and one that is no number or endless does not" {
	local expires
	for expires in '"3600"' '"soon"' null 0 -5 1e99 99999999999999999999; do
		answers 200 "{\"access_token\":\"$ACCESS\",\"expires_in\":$expires}"
		fetch 0 --count 2
		assert_equal "$(grep -c ^POST "$raw_log")" 1
	done
}

@test "a token that never worked is refused, and asked for no second time" {
	start_answers <<<"200 {\"access_token\":\"$ACCESS\"}"
	endpoint_at /token
	start_stand_in
	fetch 77
	assert_says 'HTTP 401'
	assert_equal "$(grep -c ^POST "$raw_log")" 1
}

@test "an endpoint that gives no second token is named beside what the service said" {
	start_answers <<-END
		200 {"access_token":"$ACCESS"}
		401 {"error":"invalid_client","error_description":"it was withdrawn"}
	END
	endpoint_at /token
	token_log=$raw_log
	start_answers <<-'END'
		200 {"totalResults":2,"Resources":[{"id":"1"}]}
		401 {"detail":"it ran out"}
	END
	fetch 77 --jobs 1 --count 1 --scope users
	assert_says 'it ran out' 'it was withdrawn' "$endpoint"
	assert_not_sealed "$out"
	assert_equal "$(grep -c ^POST "$token_log")" 2
}

@test "a change that was answered with 401 is sent again with the new token, once" {
	serve --oauth-uses 1
	SCIM_BASE_URL=$url/scim/v2 run_status 0 scim-push --apply --jobs 1 --dialect scim --oauth-token-url "$endpoint" --client-id me --token-file secret scim \
		<<<'{"op":"deactivate","id":"u2"}'
	assert_equal "$(outcomes)" 'deactivate done'
	assert_equal "$(jq -r 'select(.method == "PATCH") | .status' "$log" | paste -sd ' ')" '401 200'
}

@test "--token-command is asked for another secret where the endpoint no longer takes the old one" {
	cat >makes <<-END
		#!/bin/sh
		echo x >>made
		echo "$SECRET-\$(wc -l <made)"
	END
	chmod 700 makes
	start_answers <<-END
		200 {"access_token":"$ACCESS-1"}
		401 {"error":"invalid_client","error_description":"no $SECRET-1"}
		200 {"access_token":"$ACCESS-2"}
	END
	endpoint_at /token
	token_log=$raw_log
	start_answers <<-'END'
		200 {"totalResults":2,"Resources":[{"id":"1"}]}
		401 {}
		200 {"totalResults":2,"Resources":[{"id":"2"}]}
		200 {"totalResults":2,"Resources":[]}
	END
	run_status 0 scim-fetch -v --oauth-token-url "$endpoint" --client-id me --token-command ./makes --jobs 1 --count 1 --scope users "$url/scim/v2"
	assert_sealed "$out"
	assert_equal "$(grep -oi '^authorization: .*' "$token_log" | tr -d '\r' | cut -d ' ' -f 3 | while read -r text; do base64 -d <<<"$text"; echo; done | sed 's/.*-//' | paste -sd ' ')" '1 1 2'
	assert_equal "$(grep -oi '^authorization: .*' "$raw_log" | tr -d '\r' | sed 's/.*-//' | paste -sd ' ')" '1 1 2 2'
}

# ---- each to its own origin ----

# serve_apart: the endpoint at one origin, the service at another, both of which take down what they see
serve_apart() {
	start_answers <<<"200 {\"access_token\":\"$ACCESS\",\"token_type\":\"bearer\",\"expires_in\":3600}"
	endpoint_at /token
	token_log=$raw_log
	start_stand_in --header "Authorization: Bearer $ACCESS"
}

# refute_word FILE WORD...
refute_word() {
	local file=$1 word
	shift
	for word; do [ "$(grep -acF -e "$word" "$file")" -eq 0 ] || fail "$word stands in $file"; done
}

@test "the service never sees the secret, and the endpoint never sees the access token" {
	serve_apart
	fetch 0 -v
	assert_equal "$(jq -r .headers.authorization "$log" | sort -u)" "Bearer $ACCESS"
	refute_word "$log" "$SECRET" "$basic"
	refute_word "$token_log" "$ACCESS"
	assert_equal "$(grep -cF "Basic $basic" "$token_log")" 1
	assert_says "POST $endpoint -> 200"
}

@test "a redirect of the endpoint is not followed, its target sees no secret" {
	local other_log
	start_stand_in
	other_log=$log
	printf 'HTTP/1.1 307 There\r\nLocation: %s/token\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' "$url" >there
	start_raw there
	endpoint_at /token
	serve_log=$raw_log
	start_stand_in --header ''
	fetch 76
	assert_says 'redirects: not followed, the secret is for one address only'
	assert_file_empty "$other_log"
	assert_file_empty "$log"
	refute_word "$serve_log" "$ACCESS"
}

@test "the client certificate goes to the service, and to an endpoint at the same origin alone" {
	authority
	certificate good 2 IP:127.0.0.1
	certificate me 2 DNS:client
	chmod 600 me.key
	start_stand_in --tls-cert good.pem --tls-key good.key --client-ca ca.pem --oauth "me:$SECRET" --oauth-access "$ACCESS"
	endpoint_at /oauth/token
	fetch 0 --ca-file ca.pem --cert me.pem --key me.key
	mkfifo lines
	openssl s_server -accept 127.0.0.1:0 -cert good.pem -key good.key -CAfile ca.pem -Verify 1 -verify_return_error -www \
		</dev/null >lines 2>>openssl.log 3>&- &
	stand_in_pids="${stand_in_pids:-} $!"
	exec 7<lines
	until [[ ${line:-} == ACCEPT* ]]; do IFS= read -r line <&7; done
	endpoint_is "https://127.0.0.1:${line##*:}/token"
	fetch 69 --ca-file ca.pem --cert me.pem --key me.key
	assert_says "$endpoint" 'asks for a client certificate'
}

@test "a secret from the environment stands in no child's environment and nowhere in /proc, and the arguments hold none" {
	cat >looks <<-'END'
		#!/bin/sh
		env >child.environment
		cat /proc/$PPID/environ >parent.environment 2>/dev/null
		cat /proc/$PPID/cmdline >parent.arguments
		cat secret
	END
	chmod 700 looks
	serve
	SCIM_CLIENT_SECRET=$SECRET BATON_SCALR_API_CLIENT_SECRET=$SECRET SCALR_CLIENT_SECRET=$SECRET \
		run_status 0 scim-fetch --oauth-token-url "$endpoint" --client-id me --token-command ./looks "$url/scim/v2"
	refute_secrets child.environment parent.environment parent.arguments
	[ "$(grep -c CLIENT_SECRET child.environment)" -eq 0 ]
}

@test "no stream, message, journal, temporary or core file holds the secret or the token, at any verbosity" {
	local option status file
	mkdir run
	export TMPDIR=$PWD/run
	ulimit -c unlimited
	for option in -q -v --check --dry-run; do
		serve --users 30 --switch users-status=401 --switch trace-errors
		status=0
		(cd run && scim-fetch --retries 1 --max-wait 1 --oauth-token-url "$endpoint" --client-id me --token-file ../secret \
			"$option" "$url/scim/v2" >out 2>err) || status=$?
		case $option in --dry-run) assert_equal "$status" 0 ;; *) assert_equal "$status" 77 ;; esac
	done
	serve
	(cd run && SCIM_BASE_URL=$url/scim/v2 scim-push --apply -v --journal journal --dialect scim --oauth-token-url "$endpoint" --client-id me \
		--token-file ../secret scim <<<'{"op":"deactivate","id":"u2"}' >pushed 2>push.err)
	[ -s run/journal ]
	while IFS= read -r file; do refute_secrets "$file"; done < <(find run -type f)
}

@test "a service that repeats the access token does not make us print it" {
	start_answers <<<"200 {\"access_token\":\"$ACCESS\"}"
	endpoint_at /token
	start_answers <<<"401 {\"detail\":\"no $ACCESS here\"}"
	fetch 77 -v
	assert_says 'no [token] here'
	start_answers <<<"200 {\"totalResults\":1,\"Resources\":[{\"id\":\"1\",\"userName\":\"$ACCESS\"}]}"
	fetch 76 --retries 0
	assert_says 'repeats the token'
}

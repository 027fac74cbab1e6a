# SPDX-License-Identifier: ISC
# What normalize makes of Scalr's account users, service accounts and teams
# (providers.md 3.3 to 3.5).

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# maps: lines of a fetch stream on stdin; $got becomes the snapshot's body.
maps() {
	seal_fetch scalr scalr scalr >in
	run_status 0 normalize in || return 1
	got=$(body "$out")
	cp "$out" once
	run_status 0 normalize once || fail "its snapshot is not read back"
}

# account_user OWN-ATTRIBUTES USER-ATTRIBUTES
account_user() {
	printf '{"kind":"user","source":"scalr","resource":{"id":"2442bdc2","type":"account-users","attributes":{%s},"relationships":{"user":{"data":{"id":"user-1","type":"users"}},"teams":{"data":[]}}},"included":{"id":"user-1","type":"users","attributes":{%s}}}\n' "$1" "$2"
}

@test "the documented payloads become people, service accounts, teams and memberships" {
	maps <<-'END'
		{"kind":"user","source":"scalr","resource":{"id":"2442bdc2-8243-6968-82bf-a74878980074","type":"account-users","attributes":{"status":"Active","last-login-at":"2026-05-12T09:14:03Z"},"relationships":{"account":{"data":{"id":"acc-tmh1","type":"accounts"}},"user":{"data":{"id":"user-suh1","type":"users"}},"teams":{"data":[{"id":"team-tmh9","type":"teams"}]}},"links":{}},"included":{"id":"user-suh1","type":"users","attributes":{"email":"ada@example.com","username":"ada@example.com","full-name":"Ada Byron","status":"Active","created-at":"2024-01-08T10:00:00Z","last-login-at":"2026-05-12T09:14:03Z"},"relationships":{"teams":{"data":[{"id":"team-tmh9","type":"teams"}]},"identity-providers":{"data":[{"id":"idp-s1","type":"identity-providers"}]}}}}
		{"kind":"user","source":"scalr","resource":{"id":"23651ae8-00e6-6c2c-f215-c3c2f1a0b111","type":"account-users","attributes":{"status":"Pending","last-login-at":null},"relationships":{"account":{"data":{"id":"acc-tmh1","type":"accounts"}},"user":{"data":{"id":"user-suh2","type":"users"}},"teams":{"data":[]}},"links":{}},"included":{"id":"user-suh2","type":"users","attributes":{"email":"bob@example.com","username":"bob@example.com","full-name":null,"status":"Pending","created-at":"2026-05-20T08:00:00Z","last-login-at":null},"relationships":{"teams":{"data":[]}}}}
		{"kind":"user","source":"scalr","resource":{"id":"sa-v0p1","type":"service-accounts","attributes":{"name":"ci","email":"ci@acme.scalr.io","description":"pipelines","status":"Active","created-at":"2025-02-01T00:00:00Z"},"relationships":{"account":{"data":{"id":"acc-tmh1","type":"accounts"}},"created-by":{"data":{"id":"user-suh1","type":"users"}},"owners":{"data":[{"id":"team-tmh9","type":"teams"}]}}}}
		{"kind":"group","source":"scalr","resource":{"id":"team-tmh9","type":"teams","attributes":{"name":"platform","description":null},"relationships":{"account":{"data":{"id":"acc-tmh1","type":"accounts"}},"identity-provider":{"data":{"id":"idp-s1","type":"identity-providers"}},"users":{"data":[{"id":"user-suh1","type":"users"}]}}}}
	END
	assert_equal "$got" '{"kind":"group","source":"scalr","id":"team-tmh9","name":"platform","description":null}
{"kind":"membership","source":"scalr","group_id":"team-tmh9","member_id":"user-suh1","member_kind":"user"}
{"kind":"user","source":"scalr","id":"sa-v0p1","user_name":"ci","email":"ci@acme.scalr.io","status":"enabled","account_type":"service","owners":["team-tmh9"],"created_by":"user-suh1","created_at":"2025-02-01T00:00:00Z"}
{"kind":"user","source":"scalr","id":"user-suh1","user_name":"ada@example.com","email":"ada@example.com","display_name":"Ada Byron","status":"enabled","account_type":"human","created_at":"2024-01-08T10:00:00Z","last_login_at":"2026-05-12T09:14:03Z"}
{"kind":"user","source":"scalr","id":"user-suh2","user_name":"bob@example.com","email":"bob@example.com","display_name":null,"status":"enabled","provider_status":"Pending","account_type":"human","created_at":"2026-05-20T08:00:00Z","last_login_at":null}'
	assert_equal "$(head -n 1 "$out" | jq -c '.sources[0] | [.source, .provider]')" '["scalr","scalr"]'
}

@test "the account's status counts, else the user's, and Inactive in either place wins" {
	count=0
	while read -r own user status word; do
		account_user "$([ "$own" = - ] || echo "\"status\":$own")" \
			"$([ "$user" = - ] || echo "\"status\":$user")" >lines
		maps <lines
		assert_equal "$own $user $(jq -r '"\(.status) \(.provider_status // "-")"' <<<"$got")" "$own $user $status $word"
		count=$((count + 1))
	done <<-'END'
		"Active" "Active" enabled -
		"Inactive" "Inactive" disabled -
		"Pending" "Pending" enabled Pending
		"Active" "Inactive" disabled -
		"Inactive" "Active" disabled -
		"Pending" "Inactive" disabled -
		"Inactive" "Pending" disabled -
		"Pending" "Active" enabled Pending
		"Active" "Pending" enabled -
		- "Active" enabled -
		- "Pending" enabled Pending
		- "Inactive" disabled -
		null "Active" enabled -
		null "Inactive" disabled -
		"Active" - enabled -
		"Inactive" - disabled -
		"Active" null enabled -
		- - unknown -
		"Suspended" "Active" unknown Suspended
		"Suspended" "Inactive" disabled -
	END
	assert_equal "$count" 20
}

@test "the last sign-in is the account's, else the user's; null is never, absent is not known" {
	count=0
	while read -r own user expected; do
		account_user "$([ "$own" = - ] || echo "\"last-login-at\":$own")" \
			"$([ "$user" = - ] || echo "\"last-login-at\":$user")" >lines
		maps <lines
		assert_equal "$own $user $(jq -c 'if has("last_login_at") then .last_login_at else "-" end' <<<"$got")" "$own $user $expected"
		count=$((count + 1))
	done <<-'END'
		"2026-05-12T09:14:03Z" "2026-05-13T09:14:03Z" "2026-05-12T09:14:03Z"
		null "2026-05-13T09:14:03Z" null
		- "2026-05-13T09:14:03+02:00" "2026-05-13T07:14:03Z"
		- null null
		"2026-05-12T09:14:03.250+00:00" - "2026-05-12T09:14:03.25Z"
		null - null
		- - "-"
	END
	assert_equal "$count" 7
}

@test "a user's id is that of the users resource, and there must be one" {
	account_user '' '' >lines
	maps <lines
	assert_equal "$(jq -r .id <<<"$got")" user-1
	# the users resource itself
	maps <<<'{"kind":"user","source":"scalr","resource":{"id":"user-9","type":"users","attributes":{"username":"u","status":"Active","last-login-at":null}}}'
	assert_equal "$got" '{"kind":"user","source":"scalr","id":"user-9","user_name":"u","status":"enabled","account_type":"human","last_login_at":null}'
	for user in null '{}' '{"id":null}' '{"id":""}'; do
		echo '{"kind":"user","source":"scalr","resource":{"id":"2442bdc2","type":"account-users","attributes":{},"relationships":{"user":{"data":'"$user"'}}}}' |
			seal_fetch scalr scalr scalr >in
		run_status 65 normalize in
		assert_file_empty "$out"
		assert_regex "$(cat "$err")" 'in: line 2: .*without an id'
	done
}

@test "what was not included stays absent, nothing is guessed" {
	maps <<<'{"kind":"user","source":"scalr","resource":{"id":"2442bdc2","type":"account-users","attributes":{"status":"Active"},"relationships":{"user":{"data":{"id":"user-1","type":"users"}}}}}'
	assert_equal "$got" '{"kind":"user","source":"scalr","id":"user-1","status":"enabled","account_type":"human"}'
	maps <<<'{"kind":"group","source":"scalr","resource":{"id":"team-1","type":"teams"}}'
	assert_equal "$got" '{"kind":"group","source":"scalr","id":"team-1"}'
	maps <<<'{"kind":"group","source":"scalr","resource":{"id":"team-1","type":"teams","attributes":{"name":null,"description":"d"}}}'
	assert_equal "$got" '{"kind":"group","source":"scalr","id":"team-1","name":null,"description":"d"}'
}

@test "a service account is no person: no last sign-in, no membership through owners" {
	for pair in '"Active" enabled' '"Inactive" disabled'; do
		maps <<<'{"kind":"user","source":"scalr","resource":{"id":"sa-1","type":"service-accounts","attributes":{"name":"ci","email":"ci@acme.scalr.io","description":null,"status":'"${pair% *}"',"created-at":"2025-02-01T00:00:00+01:00","last-login-at":"2026-01-01T00:00:00Z"},"relationships":{"owners":{"data":[{"id":"team-1","type":"teams"}]}}}}'
		assert_equal "$got" '{"kind":"user","source":"scalr","id":"sa-1","user_name":"ci","email":"ci@acme.scalr.io","status":"'"${pair#* }"'","account_type":"service","owners":["team-1"],"created_at":"2025-01-31T23:00:00Z"}'
	done
}

@test "a service account shows who owns it and who made it; null and [] say nobody, absent says nothing" {
	local shown want count=0
	while IFS= read -r line; do
		shown=${line%% => *} want=${line##* => }
		maps <<<'{"kind":"user","source":"scalr","resource":{"id":"sa-1","type":"service-accounts","attributes":{"status":"Active"},"relationships":{'"$shown"'}}}'
		assert_equal "$shown: $got" "$shown: "'{"kind":"user","source":"scalr","id":"sa-1","status":"enabled","account_type":"service"'"$want}"
		count=$((count + 1))
	done <<-'END'
		"owners":{"data":[{"id":"team-2","type":"teams"},{"id":"team-1","type":"teams"},{"id":"team-2","type":"teams"}]} => ,"owners":["team-1","team-2"]
		"owners":{"data":[]},"created-by":{"data":null} => ,"owners":[],"created_by":null
		"owners":{"data":null},"created-by":{"data":{"id":"user-1","type":"users"}} => ,"owners":null,"created_by":"user-1"
		"owners":{"links":{}},"created-by":{} => 
		"owners":{"data":[{"id":"team-1"},{"id":""}]},"created-by":{"data":{"id":""}} => 
		"owners":{"data":{"id":"team-1"}},"created-by":null => 
		"account":{"data":{"id":"a"}} => 
	END
	assert_equal "$count" 7
	# people have neither
	account_user '"status":"Active"' '' | sed 's/"teams":{"data":\[\]}/"owners":{"data":[{"id":"t"}]},"created-by":{"data":{"id":"u"}}/' >lines
	maps <lines
	assert_equal "$(jq -c 'keys' <<<"$got")" '["account_type","id","kind","source","status"]'
	assert_equal "$(head -n 1 "$out" | jq -c '.sources[0].not_covered')" '["not mapped: created-by (1 user)","not mapped: owners (1 user)"]'
}

@test "one e-mail as a person and as a service account stays two accounts" {
	{
		account_user '"status":"Active"' '"email":"x@acme.scalr.io","username":"x"'
		echo '{"kind":"user","source":"scalr","resource":{"id":"sa-1","type":"service-accounts","attributes":{"name":"x","email":"x@acme.scalr.io","status":"Active"}}}'
	} >lines
	maps <lines
	assert_equal "$(jq -r '"\(.id) \(.account_type)"' <<<"$got" | paste -sd,)" 'sa-1 service,user-1 human'
}

# teams_of DATA TEAM-USERS: one person with these teams, and team-1 with these users.
teams_of() {
	printf '%s\n' '{"kind":"user","source":"scalr","resource":{"id":"2442bdc2","type":"account-users","attributes":{},"relationships":{"user":{"data":{"id":"user-1","type":"users"}},"teams":'"$1"'}}}' \
		'{"kind":"group","source":"scalr","resource":{"id":"team-1","type":"teams","attributes":{"name":"t"},"relationships":{'"$2"'}}}' >lines
	maps <lines
	edges=$(jq -r 'select(.kind == "membership") | "\(.group_id) \(.member_id) \(.member_kind)"' <<<"$got" | paste -sd,)
}

@test "a team's users are its members; where it does not show them, the account users' teams are" {
	mine='{"data":[{"id":"team-1","type":"teams"}]}'
	teams_of '{"data":[]}' '"users":{"data":[{"id":"user-1","type":"users"},{"id":"user-2","type":"users"}]}'
	assert_equal "$edges" 'team-1 user-1 user,team-1 user-2 user'
	teams_of "$mine" '"users":{"data":[{"id":"user-2","type":"users"}]}'
	assert_equal "$edges" 'team-1 user-2 user'
	# an empty side is no evidence against the other
	teams_of "$mine" '"users":{"data":[]}'
	assert_equal "$edges" 'team-1 user-1 user'
	teams_of '{"data":[]}' '"users":{"data":[]}'
	assert_equal "$edges" ''
	for hidden in '' '"users":{}' '"users":{"data":null}' '"users":null' '"users":{"links":{}}'; do
		teams_of "$mine" "$hidden"
		assert_equal "$hidden $edges" "$hidden team-1 user-1 user"
	done
	for none in '{"data":[]}' '{"data":null}' '{}' null; do
		teams_of "$none" ''
		assert_equal "$edges" ''
	done
	# a team that is not listed
	teams_of '{"data":[{"id":"team-2","type":"teams"}]}' ''
	assert_equal "$edges" 'team-2 user-1 user'
}

@test "names of members are exact: this is JSON:API, not SCIM" {
	maps <<<'{"kind":"group","source":"scalr","resource":{"id":"team-1","type":"teams","attributes":{"Name":"no"},"Attributes":{"name":"no"}}}'
	assert_equal "$got" '{"kind":"group","source":"scalr","id":"team-1"}'
}

@test "attributes and relationships that nobody maps are counted by name" {
	maps <<-'END'
		{"kind":"user","source":"scalr","resource":{"id":"2442bdc2","type":"account-users","attributes":{"status":"Active","last-login-at":null,"mfa":true},"relationships":{"account":{"data":{"id":"acc-1","type":"accounts"}},"user":{"data":{"id":"user-1","type":"users"}},"teams":{"data":[]}},"links":{}},"included":{"id":"user-1","type":"users","attributes":{"email":"a@example.com","username":"a","full-name":"A","status":"Active","created-at":"2024-01-08T10:00:00Z","last-login-at":null,"mfa":false},"relationships":{"teams":{"data":[]},"identity-providers":{"data":[{"id":"idp-1","type":"identity-providers"}]}}}}
		{"kind":"user","source":"scalr","resource":{"id":"sa-1","type":"service-accounts","attributes":{"name":"ci","email":"ci@example.com","description":"d","status":"Active","created-at":"2025-02-01T00:00:00Z"},"relationships":{"account":{"data":{"id":"acc-1","type":"accounts"}},"created-by":{"data":{"id":"user-1","type":"users"}},"owners":{"data":[]},"access":{"links":{}}}}}
		{"kind":"group","source":"scalr","resource":{"id":"team-1","type":"teams","attributes":{"name":"T","description":"d","sso-only":null,"email":"t@example.com"},"relationships":{"account":{"data":{"id":"acc-1","type":"accounts"}},"identity-provider":{"data":{"id":"idp-1","type":"identity-providers"}},"users":{"data":[]}}}}
	END
	assert_equal "$(head -n 1 "$out" | jq -c '.sources[0].not_covered')" \
		'["not mapped: description (1 user)","not mapped: email (1 group)","not mapped: identity-provider (1 group)","not mapped: identity-providers (1 user)","not mapped: mfa (1 user)"]'
}

#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The services that have a name: their addresses, and what each of them does in another way
# than the RFCs say. Each row of the table is read from a stand-in of the documented shape;
# no account of any service was at hand.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# wrong WORDS... -- OPTION...: status 64, and the message has these words
wrong() {
	local words=()
	while [ "$1" != -- ]; do
		words+=("$1")
		shift
	done
	run_status 64 scim-fetch --dry-run "${@:2}"
	assert_says "${words[@]}"
}

# address URL OPTION...: the requests of a run go to URL
address() {
	run_status 0 scim-fetch --dry-run --scope users "${@:2}"
	assert_regex "$(cat "$out")" "^GET ${1//./\\.}/[Uu]sers(\?|$)"
}

# serve SWITCH... [-- OPTION...]: a stand-in with these switches, and these options of its own
serve() {
	local switches=() options=()
	split_words "$@"
	start_stand_in "${options[@]}" "${switches[@]/#/--switch=scim:}"
}

# fetch STATUS PROVIDER OPTION...: reads it from the stand-in
fetch() {
	run_status "$1" scim-fetch --token-file - --retries 0 --base-url "$url/scim/v2" "${@:3}" "$2" <<<"$TOKEN"
	refute_token "$out" "$err"
	cp "$out" stream
}

# snapshot: of the stream that was read
snapshot() {
	run_status 0 normalize -o snapshot stream
}

# records FILTER: the records of the snapshot by a jq program
records() {
	body snapshot | jq -c "$1"
}

# memberships: of the snapshot, one a line
memberships() {
	records 'select(.kind == "membership") | [.group_id, .member_id]' | sort
}

# as_plain: the stream has the memberships that the same directory shows without any switch
as_plain() {
	snapshot
	memberships >memberships.got
	serve -- "$@"
	fetch 0 scim
	snapshot
	memberships >memberships.plain
	[ -s memberships.plain ] || fail 'no memberships'
	run_status 0 diff memberships.plain memberships.got
}

# refute_regex TEXT REGEX
refute_regex() { [[ ! $1 =~ $2 ]] || fail "matches $2: $1"; }

# ---- the table ----

@test "--list-providers shows each provider, who says what is known of it, and its address" {
	run_status 0 scim-fetch --list-providers
	assert_quiet
	assert_equal "$(head -n 1 "$out")" "PROVIDER              KNOWN   ADDRESS"
	[ "$(wc -l <"$out")" -ge 33 ] || fail "only $(wc -l <"$out") lines"
	! sed 1d "$out" | grep -vE '^[a-z0-9-]+ +(vendor|copy|code|others) +https://[^ ]+$' || fail 'another form'
	assert_file_contains "$out" '^aws-identity-center *vendor  https://scim.{region}.amazonaws.com/{tenant_id}/scim/v2$'
}

@test "--list-providers with a name shows all that is known of one" {
	run_status 0 scim-fetch --list-providers pagerduty
	assert_file_contains "$out" '^token  *BATON_PAGERDUTY_SCIM_TOKEN$'
	assert_file_contains "$out" '^--auth  *Token token=$'
	assert_file_contains "$out" '^not covered  *groups$'
	assert_file_contains "$out" 'not tried with an account$'
	run_status 0 scim-fetch --list-providers aws-identity-center
	assert_file_contains "$out" '^variable  *--var region=... or BATON_AWS_IDENTITY_CENTER_REGION: '
	run_status 64 scim-fetch --list-providers pagerdutty
	assert_says 'did you mean pagerduty?'
	assert_file_empty "$out"
}

@test "a row needs no other words than its variables have: each is documented, named and checked" {
	local name variable count=0 hostile=(a/../b a@b)
	scim-fetch --list-providers | awk 'NR > 1 { print $1 }' >names
	while read -r name; do
		run_status 0 scim-fetch --list-providers "$name"
		cp "$out" one
		variable=BATON_$(tr 'a-z-' 'A-Z_' <<<"$name")
		assert_file_contains one "^token  *${variable}_SCIM_TOKEN\$"
		assert_file_contains one "^or address  *${variable}_SCIM_BASE_URL\$"
		assert_file_contains one '^token is  *.'
		sed -n 's/^address .*//p; s/^variable  *--var \([a-z_]*\)=.*/\1/p' one | grep . | sort >of_list || true
		sed -n '/^address/p' one | grep -o '{[a-z_]*}' | tr -d '{}' | sort >of_address || true
		run_status 0 diff of_address of_list
		while read -r variable; do
			wrong "--var $variable of $name takes" -- --var "$variable=${hostile[count++ % 2]}" "$name"
		done <of_list
	done <names
	[ "$count" -ge 25 ] || fail "only $count variables"
}

@test "each provider of the list is read in these tests" {
	local name
	scim-fetch --list-providers | awk 'NR > 1 && $1 != "rudderstack" && $1 != "stripe" { print $1 }' >names
	while read -r name; do
		grep -qE "(fetch 0|for name in) .*\b$name( |;|\$)" "$BATS_TEST_DIRNAME/18-providers.bats" || fail "$name"
	done <names
}

# ---- addresses ----

@test "a variable of an address comes from --var, else from the environment, else it is the usual one" {
	address https://scim.eu-west-1.amazonaws.com/ab12.c-d/scim/v2 \
		--var region=eu-west-1 --var tenant_id=ab12.c-d aws-identity-center
	export BATON_AWS_IDENTITY_CENTER_REGION=us-east-1 BATON_AWS_IDENTITY_CENTER_TENANT_ID=t1
	address https://scim.us-east-1.amazonaws.com/t1/scim/v2 aws-identity-center
	address https://scim.eu-west-1.amazonaws.com/t1/scim/v2 --var region=eu-west-1 aws-identity-center
	address https://scim.eu-north-1.amazonaws.com/t1/scim/v2 --var region=eu-west-1 --var region=eu-north-1 \
		aws-identity-center
	address https://api.datadoghq.com/api/v2/scim datadog
	address https://api.ap1.datadoghq.com/api/v2/scim --var site=ap1.datadoghq.com datadog
	address https://x-y.snowflakecomputing.com/scim/v2 --var account=x-y snowflake
	address https://x-y.snowflakecomputing.com/scim/v2/0a-1b --var account=x-y --var integration_uuid=0a-1b snowflake
	address https://gitlab.com/api/scim/v2/groups/a%2Fb%2Fc --var group_path=a/b/c gitlab
	address https://graph.microsoft.com/rp/scim entra
}

@test "an address of one's own counts more than the provider's, and takes no variables" {
	BATON_SLACK_SCIM_BASE_URL=https://other.example/scim address https://other.example/scim slack
	address https://other.example/scim --base-url https://other.example/scim sentry
	wrong '--var is for the address of a provider' -- --var org=x --base-url https://other.example/scim sentry
	BATON_SENTRY_SCIM_BASE_URL=https://other.example/scim \
		address https://sentry.io/api/0/organizations/x/scim/v2 --var org=x sentry
}

@test "a variable that is missing, misspelt or of another provider is named, with what to do" {
	wrong 'the address of github-org needs --var org=... or BATON_GITHUB_ORG_ORG' '; or give --base-url' -- github-org
	wrong '--var region=...' 'and --var tenant_id=...' -- aws-identity-center
	wrong "has no variable 'regoin'; it has region, tenant_id; did you mean region?" -- \
		--var regoin=eu-west-1 aws-identity-center
	wrong "has no variable 'region'; it has none" -- --var region=eu-west-1 notion
	wrong "'datadoghq.con' is none of datadoghq.com, " 'did you mean datadoghq.com?' -- --var site=datadoghq.con datadog
	wrong '--var takes NAME=VALUE' -- --var region aws-identity-center
	wrong "unknown provider 'snowflaek'" '--list-providers' 'did you mean snowflake?' -- snowflaek
}

@test "no value of a variable leads to another host or another path" {
	local value
	for value in 'evil.example/x' 'evil.example?' 'evil.example#' 'a@evil.example' 'evil.example:443' 'a..b' '.a' 'a.' \
		'-a' 'a b' 'a%2fb' $'a\nb' 'https://a.example' ''; do
		wrong '--var host of keycloak takes a host name, not' -- --var realm=r --var host="$value" keycloak
	done
	for value in .. . a/b '' '%2e%2e' 'a?b' 'a#b'; do
		wrong '--var realm of keycloak takes letters' -- --var host=id.example.com --var realm="$value" keycloak
	done
	for value in / a/ /a a//b a/../b; do
		wrong '--var group_path of gitlab takes letters' -- --var group_path="$value" gitlab
	done
	for value in a.b 'x.evil.example'; do
		wrong '--var region of aws-identity-center takes letters, digits and -' -- \
			--var tenant_id=t --var region="$value" aws-identity-center
	done
}

@test "a read that costs money or writes waits for --yes, also --check, but not --dry-run" {
	run_status 64 scim-fetch --check entra
	assert_says 'USD 0.002' 'if that is wanted, give --yes'
	run_status 64 scim-fetch --var tenant_id=t figma
	assert_says 'it binds accounts that it finds to SCIM' '--yes'
	run_status 64 scim-push --var tenant_id=t figma </dev/null
	assert_says '--yes'
	run_status 78 scim-fetch --yes --check entra
	assert_says 'no token: set BATON_ENTRA_SCIM_TOKEN'
	address https://www.figma.com/scim/v2/t --var tenant_id=t figma
}

# ---- services that do as the RFCs say ----

@test "slack, github-emu, github-server, atlassian, newrelic, notion, hcp-terraform, postman, salesforce and snowflake are read like any other" {
	local name
	serve cap=10 -- --users 25 --groups 5
	for name in slack github-emu github-server atlassian newrelic notion hcp-terraform postman salesforce snowflake; do
		fetch 0 "$name" --count 200
		assert_end 25 5 0
		assert_regex "$(head -n 1 stream)" "\"provider\":\"$name\",\"schema\":\"scim\""
	done
}

@test "the caps of a page are no end: Atlassian sends 100 where 200 are asked for" {
	serve cap=100 -- --users 230 --groups 3
	fetch 0 atlassian --count 200
	assert_end 230 3 0
}

@test "Salesforce is asked for 200 a page, and its limit of about 2,200 records is told with what to do" {
	serve cap=200 refuse-past=220 -- --users 450 --groups 3
	fetch 76 salesforce
	assert_not_sealed "$out"
	assert_says 'pages no further than about 2,200 records' --query
	assert_file_contains "$log" '"query":"startIndex=1&count=200"'
}

# ---- services without groups ----

@test "docker, github-org, pagerduty, zitadel and gitlab have no groups: a gap, and the users are there" {
	local name
	serve groups-status=404 -- --users 25
	for name in docker github-org zitadel gitlab gitlab-instance; do
		fetch 0 "$name"
		assert_end 25 0 1
		assert_says 'gap: groups: ' 'does not always serve groups'
		assert_regex "$(head -n 1 stream)" '"not_covered":\[.*"groups"'
	done
}

@test "of Datadog 403 for groups is a gap, too, and for users it is not" {
	serve groups-status=403 -- --users 12
	fetch 0 datadog
	assert_end 12 0 1
	fetch 77 scim
	serve users-status=403 -- --users 12
	fetch 77 datadog
	assert_says 'an application key, not an API key'
}

@test "GitHub's entries that are null, and accounts without a name, are no obstacle" {
	cat >data <<-EOF
		{"kind":"user","id":"1","raw":{"id":"1","userName":"ada","active":true}}
		{"kind":"user","id":"2","raw":{"id":"2","userName":"gone","active":true}}
		{"kind":"user","id":"3","raw":{"id":"3","userName":null,"active":true,"name":{"givenName":null,"familyName":null},"emails":[]}}
	EOF
	serve groups-status=404 null-entry=2 -- --data data
	fetch 0 github-org
	assert_says '/Users: 1 records without an id skipped'
	snapshot
	assert_equal "$(records 'select(.kind == "user") | [.id, .user_name, .email]')" '["1","ada",null]
["3",null,null]'
}

@test "an empty list of GitLab, which is what it sends with SAML off, is not taken for no users" {
	serve groups-status=404 -- --users 0
	fetch 76 gitlab --scope users
	assert_not_sealed "$out"
	assert_says 'unproven: there are no users; GitLab sends an empty list if SAML single sign-on is off'
	fetch 76 gitlab-instance
	fetch 0 gitlab --keep-going
	assert_end 0 0 2
	fetch 0 docker
	assert_end 0 0 1
}

# ---- members ----

@test "zoom, asana, databricks and miro: groups whose list shows no members are asked one by one" {
	local name switch
	for switch in members-absent members-empty-listed; do
		serve "$switch" odd-ids -- --users 20 --groups 6
		for name in zoom miro databricks-account; do
			fetch 0 "$name" --scope groups,members
			[ "$(grep -c '"path":"/scim/v2/Groups/g' "$log")" -ge 6 ] || fail "$name asks for no group"
		done
		serve "$switch" ignore-start-index ignore-count default-count=1000 -- --users 130 --groups 6
		fetch 0 asana
		assert_end 130 6 0
		assert_regex "$(requests)" $'GET /scim/v2/Users\n'
		as_plain --users 130 --groups 6
	done
}

@test "AWS: pages by cursor, and the members of each group are found by a filter on users" {
	serve cursor cap=100 members-empty-always filter-404 user-groups-as=absent -- --users 130 --groups 5
	fetch 0 aws-identity-center
	assert_end 130 5 '[0-9]+'
	assert_quiet
	assert_regex "$(requests)" 'filter=groups.value'
	refute_regex "$(requests)" 'excludedAttributes|GET /scim/v2/Groups/'
	assert_file_contains stream '"memberships of groups in groups"'
	snapshot
	memberships >memberships.got
	serve -- --users 130 --groups 5
	fetch 0 scim
	snapshot
	records 'select(.kind == "membership" and .member_kind == "user") | [.group_id, .member_id]' | sort >memberships.plain
	run_status 0 diff memberships.plain memberships.got
}

@test "AWS that ignores cursor and startIndex is not complete, whatever its total says" {
	serve truncate=50 ignore-start-index members-empty-always -- --users 130 --groups 5
	fetch 76 aws-identity-center
	assert_says 'unproven: the same 50 users come'
	assert_not_sealed "$out"
}

@test "a service that ignores the filter on groups, or refuses it, is found out" {
	serve ignore-filter members-empty-always -- --users 12
	fetch 76 scim --members users
	assert_says 'it lists users of a group that does not exist'
	serve refuse-filter -- --users 12
	fetch 76 scim --members users
	assert_says 'does the service filter users by their groups?'
	serve members-never -- --users 12 --groups 3 --members 0
	fetch 76 scim --members users
	assert_says 'unproven: the filter finds no member in any of 3 groups'
}

@test "Entra: small letters in paths and answers, cursors, no totals, members by a filter" {
	serve cursor cap=100 lower-case-paths lower-case-envelope members-never user-groups-as=absent -- --users 130 --groups 5
	fetch 64 entra
	fetch 0 entra --yes
	assert_end 130 5 0
	assert_regex "$(requests)" '/users\?cursor='
	refute_regex "$(requests)" '/Users|/Groups|startIndex|excludedAttributes'
	fetch 0 entra --yes --scope users,groups
	refute_regex "$(requests)" 'excludedAttributes'
}

@test "Keycloak and Webex show members only if they are asked to, and only groups are asked so" {
	serve members-on-request=attributes user-groups-as=absent -- --users 20 --groups 4
	fetch 0 keycloak
	assert_regex "$(requests)" 'GET /scim/v2/Groups\?[^ ]*attributes=displayName%2Cmembers'
	refute_regex "$(requests)" '/Users\?[^ ]*attributes'
	assert_regex "$(head -n 1 stream)" '"not_covered":\["groups inside groups: only those of the top level are listed"'
	as_plain --users 20 --groups 4
	serve members-on-request=includeMembers user-groups-as=absent -- --users 20 --groups 4
	fetch 0 webex
	refute_regex "$(requests)" '/Users\?[^ ]*includeMembers'
	as_plain --users 20 --groups 4
	serve members-on-request=attributes user-groups-as=absent -- --users 20 --groups 4
	fetch 76 scim
}

@test "canva and bitwarden never show members: a gap and not_covered, never empty groups" {
	serve count-max=10 members-empty-always user-groups-as=absent -- --users 25 --groups 3
	fetch 0 canva
	assert_end 25 3 1
	assert_says 'gap: members: Canva never shows who is in a group'
	assert_file_contains stream '"not_covered":\["members of groups"\]'
	snapshot
	assert_equal "$(memberships)" ''
	assert_equal "$(records 'select(.kind == "gap") | .scope')" '"members"'
	serve members-never -- --users 25 --groups 3
	fetch 0 bitwarden
	assert_end 25 3 1
	fetch 0 bitwarden --scope users,groups
	assert_quiet
}

@test "a group of Sentry with as many members as it ever sends is a gap, and one with fewer is whole" {
	{
		printf '{"kind":"group","id":"7","name":"all","members":["1"'
		printf ',"%d"' $(seq 2 10000)
		echo ']}'
		echo '{"kind":"group","id":"8","name":"few","members":["1","2"]}'
		printf '{"kind":"user","id":"%d","user_name":"u%d"}\n' 1 1 2 2
	} >data
	serve members-no-type -- --data data
	fetch 76 sentry --scope groups,members
	assert_says "group '7' shows 10000 members, and Sentry sends no more of any group"
	fetch 0 sentry --scope groups,members --keep-going
	assert_end 0 2 2
	fetch 0 scim --scope groups,members
}

@test "the service principals of Databricks are service accounts, also where they are members" {
	cat >data <<-EOF
		{"kind":"user","id":"1","user_name":"ada@example.com"}
		{"kind":"service","id":"77","name":"deploy"}
		{"kind":"group","id":"9","raw":{"id":"9","displayName":"all","members":[{"value":"1","\$ref":"Users/1"},{"value":"77","\$ref":"ServicePrincipals/77","display":"deploy"}]}}
	EOF
	serve service-principals user-groups-as=absent -- --data data
	fetch 0 databricks-workspace
	assert_end 2 1 0
	snapshot
	assert_equal "$(records 'select(.kind == "user") | [.id, .user_name, .account_type]')" \
		'["1","ada@example.com","human"]
["77","app-77","service"]'
	assert_equal "$(records 'select(.kind == "membership") | [.member_id, .member_kind]')" '["1","user"]
["77","user"]'
	serve -- --data data
	fetch 76 databricks-workspace
	assert_says /ServicePrincipals
}

# ---- what answers mean ----

@test "the made-up user and group of Snowflake are no list" {
	cat >data <<-EOF
		{"kind":"user","id":"1","raw":{"id":"1","userName":"synthesis_user","externalId":"synthesis_user_external_id","active":false}}
		{"kind":"group","id":"1","raw":{"id":"1","displayName":"synthetic_group"}}
	EOF
	serve -- --data data
	fetch 76 snowflake --scope users
	assert_says "the list holds 'synthesis_user'" 'turn on the behaviour change bundle 2026_03'
	assert_not_sealed "$out"
	fetch 76 snowflake --scope groups
	assert_says "the list holds 'synthetic_group'"
	fetch 0 scim --scope users
	fetch 76 snowflake --check
	assert_file_contains "$out" "users: not readable: .*the list holds 'synthesis_user'"
}

@test "PagerDuty gets the token as Token token=, and --auth sends an OAuth token as a bearer" {
	serve groups-status=404 -- --users 12 --header "Authorization: Token token=$TOKEN"
	fetch 0 pagerduty
	fetch 77 pagerduty --auth Bearer
	serve groups-status=404 -- --users 12
	fetch 77 pagerduty
	assert_says 'and Token was sent: give --auth Bearer'
	fetch 0 pagerduty --auth Bearer
}

@test "the times of Notion and the roles of Slack mean nothing, and are in no snapshot" {
	local name
	printf '%s\n' '{"kind":"user","id":"1","user_name":"ada@example.com","role":"Head of Sales"}' \
		'{"kind":"group","id":"7","name":"Sales","members":["1"]}' >data
	serve meta-changes -- --data data
	for name in notion slack scim; do
		fetch 0 "$name"
		snapshot
		records 'select(.kind == "user") | [.roles, has("created_at"), has("updated_at")]' >"$name.records"
		records 'select(.kind == "group") | [has("created_at"), has("updated_at")]' >"$name.groups"
	done
	assert_equal "$(cat notion.groups scim.groups)" $'[false,false]\n[true,true]'
	assert_equal "$(cat scim.records)" '[["Head of Sales"],true,true]'
	assert_equal "$(cat notion.records)" '[["Head of Sales"],false,false]'
	assert_equal "$(cat slack.records)" '[null,true,true]'
}

@test "a name of Sentry that is N/A is no name" {
	echo '{"kind":"user","id":"1","raw":{"id":"1","userName":"ada@example.com","displayName":"N/A","name":{"givenName":"N/A","familyName":"N/A"}}}' >data
	serve -- --data data
	fetch 0 sentry --scope users
	snapshot
	assert_equal "$(records 'select(.kind == "user") | [.display_name, .given_name, .family_name]')" '[null,null,null]'
	fetch 0 scim --scope users
	snapshot
	assert_equal "$(records 'select(.kind == "user") | .display_name')" '"N/A"'
}

@test "an account of Figma or Sentry that does not say whether it is active is unknown, not disabled" {
	serve active-as=absent emails-as=object -- --users 3
	for name in sentry 'figma --yes'; do
		# shellcheck disable=SC2086 # the option is a word of its own
		fetch 0 $name
		snapshot
		assert_equal "$(records 'select(.kind == "user") | .status' | sort -u)" '"unknown"'
	done
}

@test "what a refusal means is said in the words of the service" {
	local name words
	serve users-status=403
	while IFS='|' read -r name words; do
		fetch 77 "$name"
		assert_says "$words"
	done <<-EOF
		slack|bot tokens can not read it
		github-emu|fine-grained ones do not work
		atlassian|an organization API key or a user's API token can not read it
		aws-identity-center|401 to a wrong tenant id
		sentry|without it Sentry answers 403 to every token
		hcp-terraform|403 means that SCIM is turned off
		notion|it ends when that person leaves
		newrelic|the token of this authentication domain
	EOF
	serve users-status=400
	fetch 76 zoom
	assert_says 'also answers 400 if single sign-on is off'
	serve users-status=404
	fetch 76 keycloak
	assert_says 'answers 404 if the feature scim-api'
	fetch 76 slack
	assert_says 'is the base URL right?'
}

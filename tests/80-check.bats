#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# check-snapshot: found, ok, excepted, or not decided; and what is unknown is never ok.

load helper
load decisions

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# canonical SOURCE...: records on stdin, in any order, as the snapshot `snapshot`
canonical() {
	LC_ALL=C sort | seal_snapshot "$@" >snapshot
}

# directory: the small directory of the manual page, with what it is held against
directory() {
	local cases=$ROOT/tests/cases/check
	canonical okta scalr <"$cases/today" && mv snapshot today.ndjson
	read_at=2026-10-18T00:00:00Z canonical okta scalr <"$cases/before" && mv snapshot last.ndjson
	canonical hr <"$cases/roster" && mv snapshot hr.ndjson
	read_at=2026-08-01T00:00:00Z canonical okta scalr <"$cases/today"
	seal_decisions snapshot <"$cases/decisions" >decisions.ndjson
	cp "$ROOT/examples/policy.json" .
}

# found CHECK: "id what" of its findings in $out that are not excepted, sorted
found() {
	jq -r --arg check "$1" 'select(.kind == "finding" and .check == $check and (has("excepted") | not)) |
		[.id, .what // empty] | join(" ")' "$out" | sort
}

# tally CHECK SOURCE: its counts in $out
tally() {
	jq -c --arg check "$1" --arg source "$2" 'select(.kind == "check" and .check == $check and .source == $source) |
		[.subjects, .ok, .found, .unknown, .excepted]' "$out"
}

# why CHECK SOURCE: the reasons
why() {
	jq -c --arg check "$1" --arg source "$2" 'select(.kind == "check" and .check == $check and .source == $source) | .why // {}' "$out"
}

# sums: each line of counts in $out adds up, and the findings are as many as it says
sums() {
	jq -s -e 'all(.[] | select(.kind == "check"); .subjects == .ok + .found + .unknown + .excepted and
			([(.why // {})[]] | add // 0) == .unknown) and
		([.[] | select(.kind == "check") | .found + .excepted] | add // 0) == ([.[] | select(.kind == "finding")] | length) and
		(.[-1].findings == ([.[] | select(.kind == "finding")] | length))' "$out" >/dev/null || fail "no sum: $(cat "$out")"
}

@test "each example of the manual page prints what the page shows" {
	local command shown count=0
	directory
	sed -n '/^\.Ss The checks/,/^\.Ss /p' "$ROOT/man/check-snapshot.1" |
		sed -e "s/\\\\(aq/'/g" -e 's/\\e/\\/g' -e 's/\\&//g' >page
	# a command or a line goes on in the next one, set in by four blanks
	awk '/^\.Bd/ { on = 1; next } /^\.Ed/ { on = 0; if (line != "") print line; line = ""; print ""; next }
		!on { next }
		/^    / { sub(/^    /, ""); sub(/ \\$/, "", line); line = line " " $0; next }
		{ if (line != "") print line; line = $0 }' page >examples
	while IFS= read -r command; do
		shown=
		while IFS= read -r line && [ -n "$line" ]; do shown+=$line$'\n'; done
		command=${command#\$ check-snapshot }
		# shellcheck disable=SC2086 # words of a page of ours
		check-snapshot --format text $command >got 2>err || case $? in 1 | 3) ;; *) fail "$command: $(cat err)" ;; esac
		assert_equal "$(cat got)" "${shown%$'\n'}"
		count=$((count + 1))
	done <examples
	assert_equal "$count" "$(check-snapshot --list | wc -l)"
}

@test "each check has an explanation, a place in the manual page, and an example" {
	local check
	check-snapshot --list | cut -d ' ' -f 1 >names
	while read -r check; do
		run_status 0 check-snapshot --explain "$check"
		assert_equal "$(head -n 1 "$out")" "$check"
		grep -q '^finds ' "$out" && grep -q '^severity ' "$out" && grep -q '^unknown ' "$out"
		awk 'length > 80' "$out" >wide
		assert_file_empty wide
		grep -qxF ".It Cm $check" "$ROOT/man/check-snapshot.1" || fail "$check is not in the page"
	done <names
}

@test "subjects are the sum of ok, found, unknown and excepted, for all checks and sources" {
	directory
	run_status 1 check-snapshot --policy policy.json --before last.ndjson --decisions decisions.ndjson --roster hr.ndjson --as-of 2026-12-05T00:00:00Z today.ndjson
	sums
	assert_equal "$(jq -r 'select(.kind == "check") | .check' "$out" | sort -u | wc -l)" "$(check-snapshot --list | wc -l)"
	assert_equal "$(jq -s '[.[] | select(.kind == "check")] | length' "$out")" "$((2 * $(check-snapshot --list | wc -l)))"
	run_status 3 check-snapshot --policy policy.json hr.ndjson
	sums
}

@test "the same input gives the same bytes, and the stream is sealed" {
	directory
	run_status 1 check-snapshot --policy policy.json --before last.ndjson --decisions decisions.ndjson --roster hr.ndjson today.ndjson
	cp "$out" first
	run_status 1 check-snapshot --memory 16M --policy policy.json --before last.ndjson --decisions decisions.ndjson --roster hr.ndjson today.ndjson
	cmp first "$out"
	assert_equal "$(sed '1d;$d' first | sha256sum | cut -d ' ' -f 1)" "$(tail -n 1 first | jq -r .sha256)"
	assert_equal "$(head -n 1 first | jq -r .stage)" findings
	assert_equal "$(head -n 1 first | jq -r .policy.sha256)" "$(sha256sum <policy.json | cut -d ' ' -f 1)"
	assert_equal "$(head -n 1 first | jq -r .snapshot.sha256)" "$(tail -n 1 today.ndjson | jq -r .sha256)"
	jq -s -e '[.[] | select(.kind == "finding") | .key] | length == (unique | length)' first >/dev/null
}

# ---- what is not known ----

# probe CHECK OPTION...: the answer for the account x1 of `fixture` without each of its optional
# members in turn. With all of them it is found; without one it is found or unknown, never ok.
probe() {
	local check=$1 member
	shift
	canonical app <fixture
	run_status "${probe_status:-1}" check-snapshot --check "$check" "$@" snapshot
	[ "$(found "$check" | grep -c '^x1')" -gt 0 ] || fail "$check finds nothing with all members"
	jq -r 'select(.id == "x1") | del(.kind, .source, .id, .status, .account_type) | keys_unsorted[]' fixture >members
	while read -r member; do
		jq -c "if .id == \"x1\" then del(.$member) else . end" fixture | canonical app
		check-snapshot --check "$check" "$@" snapshot >"$out" || true
		sums
		[ "$(found "$check" | grep -c '^x1')" -gt 0 ] || [ "$(why "$check" app | jq '."not shown" // ."not matched" // 0')" -gt 0 ] ||
			fail "$check takes an absent $member for ok: $(cat "$out")"
	done <members
	# neither status nor type is optional: their word for it is unknown
	for member in status account_type; do
		jq -c --arg member "$member" 'if .id == "x1" then .[$member] = "unknown" else . end' fixture | canonical app
		check-snapshot --check "$check" "$@" snapshot >"$out" || true
		sums
		[ "$(found "$check" | grep -c '^x1')" -gt 0 ] || [ "$(why "$check" app | jq '."not shown" // 0')" -gt 0 ] ||
			fail "$check takes an unknown $member for ok: $(cat "$out")"
	done
}

@test "an optional member that is not shown makes an answer unknown, never ok" {
	local user='{"kind":"user","source":"app","id":"x1","user_name":"admin","email":"admin@other.example","display_name":"A","status":"enabled","account_type":"human","roles":["root"],"created_at":"2024-01-01T00:00:00Z","last_login_at":"2026-01-01T00:00:00Z"}'
	local other='{"kind":"user","source":"app","id":"x2","user_name":"bea","email":"admin@other.example","status":"enabled","account_type":"human","roles":[],"created_at":"2024-01-01T00:00:00Z","last_login_at":"2026-11-01T00:00:00Z"}'
	local group='{"kind":"group","source":"app","id":"g","name":"G"}'
	printf '%s\n' '{"privileged": {"roles": ["root"]}, "domains": ["example.com"]}' >policy.json
	printf '%s\n' "$user" "$other" "$group" >fixture
	probe dormant
	probe shared-name
	probe external --policy policy.json
	probe duplicate
	probe_status=1 probe privileged --policy policy.json --fail-on info
	probe privileged-unnamed --policy policy.json
	jq -c '.last_login_at = null' <<<"$user" >fixture
	probe never-signed-in
	jq -c '.status = "disabled"' <<<"$user" >fixture
	echo "$group" >>fixture
	probe disabled-with-access
	jq -c '.account_type = "service"' <<<"$user" >fixture
	probe service-owner
	# persons: x1 has left, and nobody at the authority or the identity provider is called so
	echo "$user" >fixture
	printf '%s\n' '{"kind":"user","source":"hr","id":"h1","user_name":"admin","email":"admin@other.example","status":"disabled","account_type":"human"}' |
		canonical hr && mv snapshot hr.ndjson
	probe leaver --roster hr.ndjson
}

@test "a service account has the owners that its record shows, or the one that the policy names" {
	canonical app <<-'END'
		{"kind":"user","source":"app","id":"1","user_name":"deploy","status":"enabled","account_type":"service","owners":["ada@example.com"]}
		{"kind":"user","source":"app","id":"2","user_name":"backup","status":"enabled","account_type":"service","owners":[]}
		{"kind":"user","source":"app","id":"3","user_name":"probe","status":"enabled","account_type":"service"}
		{"kind":"user","source":"app","id":"4","user_name":"mail","status":"enabled","account_type":"service"}
	END
	echo '{"owners": [{"source": "app", "account": "PROBE", "owner": "ada"}, {"source": "other", "account": "mail", "owner": "ada"}]}' >policy.json
	run_status 1 check-snapshot --check service-owner --policy policy.json snapshot
	assert_equal "$(found service-owner)" $'2\n4'
}

@test "a gap is a subject that nobody knows, for each check that it may hide something from" {
	local check
	printf '%s\n' '{"privileged": {"groups": ["G"]}, "domains": ["example.com"]}' >policy.json
	for check in dormant never-signed-in shared-name external duplicate service-owner disabled-with-access; do
		canonical app <<-'END'
			{"kind":"gap","source":"app","scope":"users","reason":"HTTP 500"}
			{"kind":"group","source":"app","id":"g","name":"G"}
		END
		run_status 3 check-snapshot --check "$check" --policy policy.json snapshot
		assert_equal "$(why "$check" app)" '{"gap":1}'
		sums
	done
	for check in orphan-member empty-group deep-group cycle privileged privileged-count privileged-unnamed disabled-with-access; do
		canonical app <<-'END'
			{"kind":"gap","source":"app","scope":"groups","reason":"HTTP 500"}
			{"kind":"user","source":"app","id":"u","user_name":"u","email":"u@other.example","status":"disabled","account_type":"service","roles":[]}
		END
		run_status 3 check-snapshot --check "$check" --policy policy.json snapshot
		assert_regex "$(why "$check" app)" '^\{"gap":[12]\}$'
		sums
	done
}

@test "a disabled account that keeps an entitlement only is found, and says which" {
	canonical app <<-'END'
		{"kind":"user","source":"app","id":"u","user_name":"u","status":"disabled","account_type":"human","entitlements":["account-admin"]}
	END
	run_status 1 check-snapshot --check disabled-with-access snapshot
	assert_file_contains "$out" 'disabled and still with the entitlements'
}

@test "members of one group that could not be read leave open what that group could change, and nothing else" {
	printf '%s\n' '{"privileged": {"groups": ["Root"]}}' >policy.json
	local records=$'{"kind":"group","source":"app","id":"a","name":"Inner"}
{"kind":"group","source":"app","id":"b","name":"Root"}
{"kind":"group","source":"app","id":"c","name":"Other"}
{"kind":"membership","source":"app","group_id":"b","member_id":"a","member_kind":"group"}
{"kind":"user","source":"app","id":"u","user_name":"u","status":"disabled","account_type":"human","roles":[]}'
	canonical app <<<"$records"$'\n''{"kind":"gap","source":"app","scope":"members","id":"a","reason":"no"}'
	run_status 3 check-snapshot --check privileged --policy policy.json snapshot
	assert_equal "$(why privileged app)" '{"gap":1}'
	canonical app <<<"$records"$'\n''{"kind":"gap","source":"app","scope":"members","id":"c","reason":"no"}'
	run_status 0 check-snapshot --check privileged --policy policy.json snapshot
	run_status 3 check-snapshot --check disabled-with-access,empty-group --policy policy.json snapshot
	assert_equal "$(why disabled-with-access app)" '{"gap":1}'
	assert_equal "$(why empty-group app)" '{"gap":1}'
}

@test "a selection is told as one: what it left out is unknown" {
	local check
	directory
	run_status 0 normalize --select '.kind != "user" or .status == "enabled"' -o some.ndjson today.ndjson
	for check in dormant disabled-with-access orphan-member duplicate; do
		run_status 3 check-snapshot --check "$check" some.ndjson
		[ "$(why "$check" scalr | jq '."selected away"')" -ge 1 ] || fail "$check: $(cat "$out")"
		sums
	done
	run_status 3 check-snapshot --check population some.ndjson
	assert_equal "$(found population)" $'select\nselect'
}

@test "a group or a role that the policy names and nobody has is not matched, and never ok" {
	directory
	printf '%s\n' '{"privileged": {"groups": ["Admin"], "roles": ["adminn"]}, "conflicts": [{"name": "c", "groups": ["Ops", "Payrs"]}]}' >policy.json
	run_status 3 check-snapshot --policy policy.json --check privileged today.ndjson
	assert_equal "$(why privileged scalr | jq '."not matched"')" 2
	run_status 3 check-snapshot --policy policy.json --check privileged-count today.ndjson
	assert_equal "$(why privileged-count scalr)" '{"not matched":1}'
	run_status 3 check-snapshot --policy policy.json --check conflict today.ndjson
	[ "$(why conflict scalr | jq '."not matched"')" -ge 1 ]
	sums
}

# ---- persons ----

@test "namesakes of two rosters are told apart by the address, and not decided where it says nothing" {
	canonical eu us <<-'END'
		{"kind":"user","source":"eu","id":"1","user_name":"jsmith","email":"js@eu.example","status":"enabled","account_type":"human"}
		{"kind":"user","source":"us","id":"1","user_name":"JSmith","email":"js@us.example","status":"disabled","account_type":"human"}
	END
	mv snapshot hr
	canonical app <<-'END'
		{"kind":"user","source":"app","id":"1","user_name":"jsmith","email":"JS@us.example","status":"enabled","account_type":"human"}
		{"kind":"user","source":"app","id":"2","user_name":"jsmith","email":"js@eu.example","status":"enabled","account_type":"human"}
		{"kind":"user","source":"app","id":"3","user_name":"jsmith","status":"enabled","account_type":"human"}
		{"kind":"user","source":"app","id":"4","user_name":"else","status":"enabled","account_type":"human"}
		{"kind":"user","source":"app","id":"5","status":"enabled","account_type":"human"}
		{"kind":"user","source":"app","id":"6","user_name":"bot","status":"enabled","account_type":"service"}
	END
	run_status 3 check-snapshot --roster hr --check leaver snapshot
	assert_equal "$(jq -r 'select(.kind == "finding") | "\(.id) \(.severity) \(.says)"' "$out")" \
		$'1 critical disabled on the roster\n4 high not on the roster'
	assert_equal "$(tally leaver app) $(why leaver app)" '[5,1,2,2,0] {"not matched":2}'
}

@test "the user name finds an account on the roster, and an address that somebody else has does not" {
	canonical hr <<-'END'
		{"kind":"user","source":"hr","id":"1","user_name":"ada","status":"disabled","account_type":"human"}
		{"kind":"user","source":"hr","id":"2","user_name":"bob","email":"desk@x.org","status":"enabled","account_type":"human"}
	END
	mv snapshot hr
	canonical app <<-'END'
		{"kind":"user","source":"app","id":"1","user_name":"Ada","email":"desk@x.org","status":"enabled","account_type":"human"}
		{"kind":"user","source":"app","id":"2","user_name":"bob","email":"DESK@x.org","status":"enabled","account_type":"human"}
		{"kind":"user","source":"app","id":"3","email":"desk@x.org","status":"enabled","account_type":"human"}
		{"kind":"user","source":"app","id":"4","user_name":"mei","email":"desk@x.org","status":"enabled","account_type":"human"}
	END
	run_status 1 check-snapshot --roster hr --check leaver snapshot
	assert_equal "$(jq -r 'select(.kind == "finding") | "\(.id) \(.says)"' "$out") $(tally leaver app)" '1 disabled on the roster [4,3,1,0,0]'
}

@test "what an account is held against is no subject, and its gap is none" {
	echo '{"authority": "okta", "idp": "okta", "roster": "okta"}' >policy.json
	canonical app okta <<-'END'
		{"kind":"gap","source":"okta","scope":"users","reason":"no"}
		{"kind":"user","source":"app","id":"1","user_name":"ada","status":"enabled","account_type":"human"}
		{"kind":"user","source":"okta","id":"1","user_name":"ada","status":"enabled","account_type":"human"}
	END
	local check
	for check in leaver disabled-elsewhere not-in-idp; do
		run_status 0 check-snapshot --policy policy.json --check "$check" snapshot
		assert_equal "$(tally "$check" app) $(tally "$check" okta)" '[1,1,0,0,0] [0,0,0,0,0]'
	done
}

@test "an account is not gone from a roster that was not read completely" {
	printf '%s\n' '{"kind":"gap","source":"hr","scope":"users","reason":"no"}' \
		'{"kind":"user","source":"hr","id":"1","user_name":"ada","status":"enabled","account_type":"human"}' | canonical hr
	mv snapshot hr
	printf '%s\n' '{"kind":"user","source":"app","id":"1","user_name":"ada","status":"enabled","account_type":"human"}' \
		'{"kind":"user","source":"app","id":"2","user_name":"bob","status":"enabled","account_type":"human"}' | canonical app
	run_status 3 check-snapshot --roster hr --check leaver snapshot
	assert_equal "$(tally leaver app) $(why leaver app)" '[2,1,0,1,0] {"gap":1}'
	run_status 0 normalize --select '.user_name == "ada"' -o some hr
	jq -c 'select(.kind != "gap")' some >/dev/null
}

@test "one person in both groups of a pair is found across sources, and by what people know" {
	printf '%s\n' '{"persons": {"Ada": ["ada@example.com", "byron"]},
		"conflicts": [{"name": "four-eyes", "groups": [{"source": "a", "group": "Pay"}, {"source": "b", "group": "g2"}]}]}' >policy.json
	canonical a b <<-'END'
		{"kind":"group","source":"a","id":"g1","name":"Pay"}
		{"kind":"group","source":"b","id":"g0","name":"In between"}
		{"kind":"group","source":"b","id":"g2","name":"Approve"}
		{"kind":"membership","source":"a","group_id":"g1","member_id":"1","member_kind":"user"}
		{"kind":"membership","source":"a","group_id":"g1","member_id":"2","member_kind":"user"}
		{"kind":"membership","source":"b","group_id":"g2","member_id":"g0","member_kind":"group"}
		{"kind":"membership","source":"b","group_id":"g0","member_id":"7","member_kind":"user"}
		{"kind":"user","source":"a","id":"1","user_name":"ADA@example.com","status":"enabled","account_type":"human"}
		{"kind":"user","source":"a","id":"2","user_name":"bob","status":"enabled","account_type":"human"}
		{"kind":"user","source":"b","id":"7","user_name":"byron","status":"enabled","account_type":"human"}
	END
	run_status 1 check-snapshot --policy policy.json --check conflict snapshot
	assert_equal "$(jq -r 'select(.kind == "finding") | "\(.source) \(.id) \(.what): \(.says)"' "$out")" \
		'a 1 four-eyes: in Pay of a and in Approve of b as byron'
	assert_equal "$(tally conflict a)" '[2,1,1,0,0]'
	# a member whom nobody knows could be anybody
	mv snapshot named
	body named | sed 's/"user_name":"byron",//' | canonical a b
	run_status 3 check-snapshot --policy policy.json --check conflict snapshot
	assert_equal "$(why conflict a)" '{"not matched":2}'
}

# ---- before ----

@test "new access is what --before does not have, and unknown where it could not see" {
	directory
	run_status 1 check-snapshot --check new-access --policy policy.json --before last.ndjson today.ndjson
	assert_equal "$(jq -r 'select(.kind == "finding") | "\(.severity) \(.id) \(.what)"' "$out" | sort)" \
		$'high u9 account\nhigh u9 role:admin\ninfo u1 group:payers'
	sums
	run_status 0 check-snapshot --check new-access --before today.ndjson today.ndjson
	# the source is a new one: nobody can say what is new in it
	run_status 0 normalize --select '.source == "okta"' -o okta.ndjson today.ndjson
	body today.ndjson | grep '"source":"okta"' | canonical okta
	run_status 3 check-snapshot --check new-access --before snapshot today.ndjson
	assert_equal "$(why new-access scalr | jq 'keys')" "$(jq -n '["not matched"]')"
	{ body last.ndjson && echo '{"kind":"gap","source":"scalr","scope":"members","id":"payers","reason":"no"}'; } | canonical okta scalr
	run_status 3 check-snapshot --check new-access --before snapshot today.ndjson
	assert_equal "$(why new-access scalr)" '{"gap":1}'
	assert_equal "$(found new-access)" $'u9 account\nu9 role:admin'
}

@test "an account that was made anew under an old id is a new one, and no exception covers it" {
	local before='{"kind":"group","source":"app","id":"g","name":"G"}
{"kind":"membership","source":"app","group_id":"g","member_id":"1","member_kind":"user"}
{"kind":"user","source":"app","id":"1","user_name":"admin","status":"enabled","account_type":"human","roles":["r"],"created_at":"2024-01-01T00:00:00Z"}'
	echo '{"exceptions": [{"check": "shared-name", "source": "app", "id": "1", "reason": "r", "by": "b", "until": "2027-01-01"}]}' >policy.json
	read_at=2026-10-01T00:00:00Z canonical app <<<"$before" && mv snapshot old
	{ echo "${before/2024-01-01/2026-11-01}" && echo '{"kind":"membership","source":"app","group_id":"h","member_id":"1","member_kind":"user"}' &&
		echo '{"kind":"group","source":"app","id":"h","name":"H"}'; } | canonical app
	run_status 1 check-snapshot --policy policy.json --before old --check new-access,shared-name --fail-on info snapshot
	assert_equal "$(found new-access)" $'1 account\n1 group:g\n1 group:h\n1 role:r'
	assert_equal "$(tally new-access app) $(tally shared-name app)" '[4,0,4,0,0] [1,0,1,0,0]'
	assert_file_contains "$out" '"state":"unused"'
	sums
	# the same one, which got into h
	sed -i 's/2024-01-01/2026-11-01/' old
	body old | read_at=2026-10-01T00:00:00Z canonical app && mv snapshot old
	{ body old && echo '{"kind":"membership","source":"app","group_id":"h","member_id":"1","member_kind":"user"}'; } | canonical app
	run_status 1 check-snapshot --policy policy.json --before old --check new-access,shared-name --fail-on info snapshot
	assert_equal "$(found new-access) $(tally new-access app) $(tally shared-name app)" '1 group:h [4,3,1,0,0] [1,0,0,0,1]'
}

@test "an account that does not show when it was made is old if an old snapshot has it" {
	printf '%s\n' '{"kind":"user","source":"app","id":"1","user_name":"a","status":"enabled","account_type":"human","last_login_at":null}' >records
	canonical app <records
	run_status 3 check-snapshot --check never-signed-in snapshot
	mv snapshot now
	read_at=2026-10-01T00:00:00Z canonical app <records
	run_status 1 check-snapshot --check never-signed-in --before snapshot now
	read_at=2026-11-10T00:00:00Z canonical app <records
	run_status 3 check-snapshot --check never-signed-in --before snapshot now
}

# ---- groups ----

@test "who is privileged is whom a jq program finds in random graphs of groups, circles too" {
	local seed
	printf '%s\n' '{"privileged": {"groups": ["G0", "G1"]}}' >policy.json
	for seed in 1 2 3 4 5; do
		awk -v seed="$seed" 'BEGIN { srand(seed)
			for (g = 0; g < 12; g++) printf "{\"kind\":\"group\",\"source\":\"app\",\"id\":\"g%02d\",\"name\":\"G%d\"}\n", g, g
			for (i = 0; i < 14; i++) { a = int(rand() * 12); b = int(rand() * 12)
				printf "{\"kind\":\"membership\",\"source\":\"app\",\"group_id\":\"g%02d\",\"member_id\":\"g%02d\",\"member_kind\":\"group\"}\n", a, b }
			for (u = 0; u < 20; u++) { printf "{\"kind\":\"user\",\"source\":\"app\",\"id\":\"u%02d\",\"user_name\":\"n%d\",\"status\":\"enabled\",\"account_type\":\"human\",\"roles\":[]}\n", u, u
				printf "{\"kind\":\"membership\",\"source\":\"app\",\"group_id\":\"g%02d\",\"member_id\":\"u%02d\",\"member_kind\":\"user\"}\n", int(rand() * 12), u } }' |
			sort -u | canonical app
		run_status 0 check-snapshot --check privileged,cycle --fail-on high --policy policy.json snapshot
		body snapshot | jq -rs '
			(map(select(.kind == "membership")) | map({key: .member_id, value: .group_id})) as $in |
			def outer($set): $set + [$in[] | select(.key as $k | $set | index($k)) | .value] | unique;
			def all($set): outer($set) as $next | if ($next | length) == ($set | length) then $set else all($next) end;
			(.[] | select(.kind == "user") | .id as $u | all([$u])[] | select(. == "g00" or . == "g01") | "privileged \($u) group:\(.)"),
			(.[] | select(.kind == "group") | .id as $g | select([$in[] | select(.key == $g) | .value] as $first |
				($first | length) > 0 and (all($first) | index($g))) | "cycle \($g)")' | sort >wanted
		jq -r 'select(.kind == "finding") | [.check, .id, .what // empty] | join(" ")' "$out" | sort >got
		run_status 0 diff wanted got
	done
}

@test "too few and too many people count for sure, and members nobody knows leave it open" {
	printf '%s\n' '{"privileged": {"groups": ["G"]}, "set": {"privileged-count.least": 2, "privileged-count.most": 2}}' >policy.json
	local i status
	people() { # people ENABLED UNKNOWN
		echo '{"kind":"group","source":"app","id":"g","name":"G"}'
		for ((i = 0; i < $1 + $2; i++)); do
			status=enabled
			[ "$i" -lt "$1" ] || status=unknown
			echo '{"kind":"membership","source":"app","group_id":"g","member_id":"u'"$i"'","member_kind":"user"}'
			echo '{"kind":"user","source":"app","id":"u'"$i"'","user_name":"n","status":"'"$status"'","account_type":"human"}'
		done
	}
	people 1 0 | canonical app && run_status 1 check-snapshot --check privileged-count --policy policy.json snapshot
	people 1 1 | canonical app && run_status 3 check-snapshot --check privileged-count --policy policy.json snapshot
	people 2 0 | canonical app && run_status 0 check-snapshot --check privileged-count --policy policy.json snapshot
	people 2 1 | canonical app && run_status 3 check-snapshot --check privileged-count --policy policy.json snapshot
	people 3 1 | canonical app && run_status 1 check-snapshot --check privileged-count --policy policy.json snapshot
}

# ---- the policy ----

# refused POLICY WORDS...
refused() {
	local policy=$1
	shift
	printf '%s\n' "$policy" >policy.json
	run_status 78 check-snapshot --policy policy.json today.ndjson
	assert_file_empty "$out"
	assert_says 'policy.json: line ' "$@"
}

@test "a privileged group that no list shows is counted, and one that a gap may hide is not forgotten" {
	echo '{"privileged": {"groups": ["g"]}}' >policy.json
	canonical a b <<-'END'
		{"kind":"gap","source":"b","scope":"groups","reason":"no"}
		{"kind":"membership","source":"a","group_id":"g","member_id":"1","member_kind":"user"}
		{"kind":"user","source":"a","id":"1","user_name":"ada","status":"enabled","account_type":"human"}
		{"kind":"user","source":"b","id":"1","user_name":"ada","status":"enabled","account_type":"human"}
	END
	run_status 3 check-snapshot --policy policy.json --check privileged-count snapshot
	assert_equal "$(found privileged-count) $(tally privileged-count a) $(tally privileged-count b)" 'g [1,0,1,0,0] [1,0,0,1,0]'
	body snapshot | sed 's/"scope":"groups"/"scope":"users"/' >users_hidden
	canonical a b <users_hidden
	run_status 1 check-snapshot --policy policy.json --check privileged-count snapshot
}

@test "an account that shows that it has no address is not counted as one of an own domain" {
	echo '{"domains": ["example.com"]}' >policy.json
	printf '{"kind":"user","source":"app","id":"%s","email":%s,"status":"enabled","account_type":"human"}\n' 1 null 2 '"a@example.com"' | canonical app
	run_status 0 check-snapshot --policy policy.json --check external snapshot
	assert_equal "$(tally external app)" '[1,1,0,0,0]'
}

@test "the policy is read strictly: an error names line and member" {
	directory
	refused $'{\n\n"exception": []}' 'line 3: unknown member "exception"; there are' 'exceptions'
	refused $'{"set":\n{"dormant.day": 3}}' 'line 2: "set": unknown setting "dormant.day"'
	refused '{"set": {"dormant.days": "45"}}' '"set": "dormant.days" takes a whole number from 1 to 36500'
	refused '{"set": {"dormant.days": 0}}' '"dormant.days" takes'
	refused '{"set": {"dormant.days": 4, "dormant.days": 4}}' 'stands twice'
	refused '{"domains": [], "domains": []}' 'member "domains" stands twice'
	refused '{"domains": "example.com"}' '"domains" is a string, not a list'
	refused '{"domains": [1]}' '"domains": an item is a number, not a string'
	refused '{"domains": [""]}' '"domains": an item is empty'
	refused '{"authority": null}' '"authority" is null, not a string'
	refused '[]' 'where an object is due'
	refused '{"privileged": {"group": []}}' 'unknown member "group"; there are groups, roles'
	refused '{"privileged": {"groups": [{"source": "a"}]}}' '"privileged": "group" is missing'
	refused '{"conflicts": [{"name": "a", "groups": ["x"]}]}' 'two groups, not 1'
	refused '{"expect": {"scalr": {"users": -1}}}' '"expect": "users" takes a whole number'
	refused '{"persons": {"Ada": "ada"}}' "'Ada' has a string, not a list of names"
	printf '%s\n' '{"persons": {"Ada": ["x"], "Bob": ["x"]}}' >policy.json
	run_status 78 check-snapshot --policy policy.json today.ndjson
	assert_says 'policy.json: ' "'x' is a name of two persons"
	refused $'{"rules": [\n{"name": "a", "where": ".", "severity": "bad", "says": "x"}]}' 'line 2: "rules": "severity" is info, low' "not 'bad'"
	refused '{"rules": [{"name": "dormant", "where": ".", "severity": "low", "says": "x"}]}' 'two checks or rules are called "dormant"'
	refused '{"rules": [{"name": "A b", "where": ".", "severity": "low", "says": "x"}]}' "a rule's name has small letters"
	refused $'{\n"domains": ["x",]\n}' 'line 2: not JSON with comments'
	refused '' 'not JSON with comments'
	refused $'{"domains": [],\n"x": "\xff"}' 'line 2 is not UTF-8'
	run_status 66 check-snapshot --policy none.json today.ndjson
}

# policies: one a line, of every shape that a member can have or must not have
policies() {
	local exception='"check":"dormant","source":"scalr","reason":"r","by":"b","until":"2027-01-01"'
	cat <<-END
		{}
		[]
		"x"
		{"x":1}
		{"\$schema":"x"}
		{"\$schema":1}
		{"set":{}}
		{"set":[]}
		{"set":{"dormant.days":1}}
		{"set":{"dormant.days":0}}
		{"set":{"dormant.days":36500}}
		{"set":{"dormant.days":36501}}
		{"set":{"dormant.days":1.5}}
		{"set":{"dormant.days":2.0}}
		{"set":{"dormant.days":"1"}}
		{"set":{"dormant":1}}
		{"set":{"privileged-count.least":0,"privileged-count.most":9}}
		{"set":{"privileged-count.least":9,"privileged-count.most":9}}
		{"set":{"privileged-count.least":9}}
		{"set":{"privileged-count.most":1}}
		{"privileged":{}}
		{"privileged":[]}
		{"privileged":{"groups":["a",{"group":"a"},{"source":"s","group":"a"}]}}
		{"privileged":{"groups":[""]}}
		{"privileged":{"groups":[1]}}
		{"privileged":{"groups":[{"role":"a"}]}}
		{"privileged":{"groups":[{"source":"a"}]}}
		{"privileged":{"roles":["a",{"role":"a"}]}}
		{"privileged":{"roles":[{"group":"a"}]}}
		{"privileged":{"roles":"a"}}
		{"domains":[]}
		{"domains":["a"]}
		{"domains":[""]}
		{"domains":[null]}
		{"domains":"a"}
		{"shared_names":["a"]}
		{"shared_names":{}}
		{"authority":"a","idp":"b","roster":"c"}
		{"authority":""}
		{"idp":null}
		{"roster":["a"]}
		{"owners":[]}
		{"owners":[{"source":"a","account":"b","owner":"c"}]}
		{"owners":[{"source":"a","account":"b"}]}
		{"owners":[{"source":"a","account":"b","owner":"c","x":"y"}]}
		{"owners":{}}
		{"conflicts":[{"name":"a","groups":["x","y"]}]}
		{"conflicts":[{"name":"a","groups":["x",{"source":"s","group":"y"}]}]}
		{"conflicts":[{"name":"a","groups":["x"]}]}
		{"conflicts":[{"name":"a","groups":["x","x"]}]}
		{"conflicts":[{"name":"a","groups":["x",{"source":"s","group":"x"}]}]}
		{"conflicts":[{"name":"a","groups":["x","y","z"]}]}
		{"conflicts":[{"groups":["x","y"]}]}
		{"conflicts":[["x","y"]]}
		{"expect":{}}
		{"expect":{"a":{}}}
		{"expect":{"":{}}}
		{"expect":{"a":3}}
		{"expect":{"a":{"users":3}}}
		{"expect":{"a":{"users":-3}}}
		{"expect":{"a":{"users":{"least":1,"most":2}}}}
		{"expect":{"a":{"users":{"least":2,"most":1}}}}
		{"expect":{"a":{"users":{"least":1,"maximum":2}}}}
		{"expect":{"a":{"users":"3"}}}
		{"expect":{"a":{"users":true}}}
		{"expect":{"a":{"members":3}}}
		{"expect":[]}
		{"persons":{"a":["b"]}}
		{"persons":{"a":[1]}}
		{"persons":{"a":"b"}}
		{"persons":["a"]}
		{"rules":[{"name":"a","where":".","severity":"low","says":"x"}]}
		{"rules":[{"name":"a-1","where":".","severity":"critical","says":"x"}]}
		{"rules":[{"name":"1a","where":".","severity":"low","says":"x"}]}
		{"rules":[{"name":"A","where":".","severity":"low","says":"x"}]}
		{"rules":[{"name":"dormant","where":".","severity":"low","says":"x"}]}
		{"rules":[{"name":"a","where":".","severity":"bad","says":"x"}]}
		{"rules":[{"name":"a","where":".","severity":"low"}]}
		{"rules":[{"name":"a","where":"","severity":"low","says":"x"}]}
		{"rules":{}}
		{"exceptions":[]}
		{"exceptions":[{$exception,"id":"1"}]}
		{"exceptions":[{$exception,"id":"1","what":"w"}]}
		{"exceptions":[{$exception}]}
		{"exceptions":[{$exception,"accept":"unknown"}]}
		{"exceptions":[{$exception,"accept":"found"}]}
		{"exceptions":[{$exception,"accept":"unknown","id":"1"}]}
		{"exceptions":[{$exception,"accept":"unknown","what":"1"}]}
		{"exceptions":[{$exception,"id":1}]}
		{"exceptions":[{$exception,"id":""}]}
		{"exceptions":[{${exception/2027-01-01/2027-02-29},"id":"1","x":1}]}
		{"exceptions":[{${exception/2027-01-01/2027-04-31},"id":"1"}]}
		{"exceptions":[{${exception/2027-01-01/2027-13-01},"id":"1"}]}
		{"exceptions":[{${exception/2027-01-01/2027-1-1},"id":"1"}]}
		{"exceptions":[{${exception/2027-01-01/2027-01-01T00:00:00Z},"id":"1"}]}
		{"exceptions":[{${exception/'"by":"b",'/},"id":"1"}]}
		{"exceptions":"x"}
	END
}

# compare_schema FILE: policies, a line each: the schema and the reader take and refuse the same
compare_schema() {
	local policy
	python3 - "$ROOT/share/rollcall/policy.schema.json" "$1" "$ROOT/examples/policy.json" >schema <<-'END'
		import json, re, sys
		from jsonschema import Draft202012Validator as Validator
		schema = json.load(open(sys.argv[1]))
		Validator.check_schema(schema)
		def beyond(policy): # what compares two members, which a schema can not
		    limits = {"privileged-count.least": 2, "privileged-count.most": 4} | policy.get("set", {})
		    yield limits["privileged-count.least"] <= limits["privileged-count.most"]
		    for expect in policy.get("expect", {}).values():
		        for range in expect.values():
		            yield not isinstance(range, dict) or range.get("least", 0) <= range.get("most", 20000000)
		    for conflict in policy.get("conflicts", []):
		        one, other = ((None, group) if isinstance(group, str) else (group.get("source"), group["group"]) for group in conflict["groups"])
		        yield one != other
		for line in open(sys.argv[2]):
		    policy = json.loads(line)
		    print("takes" if Validator(schema).is_valid(policy) and all(beyond(policy)) else "refuses")
		example = re.sub(r"(?m)^\s*//.*$", "", open(sys.argv[3]).read())
		Validator(schema).validate(json.loads(example))
	END
	[ "$(wc -l <schema)" -eq "$(wc -l <"$1")" ]
	[ "$(grep -c takes schema)" -gt 20 ] && [ "$(grep -c refuses schema)" -gt 20 ]
	while IFS= read -r policy; do
		printf '%s\n' "$policy" >policy.json
		check-snapshot --policy policy.json --check empty-group today.ndjson >got 2>err && status=0 || status=$?
		case $status in
		78) echo refuses ;;
		0 | 1 | 3) echo takes ;;
		*) fail "status $status: $policy: $(cat err)" ;;
		esac
	done <"$1" >reader
	paste -d ' ' reader schema "$1" | awk '$1 != $2' >differences
	assert_file_empty differences
}

@test "policy.schema.json takes what the reader takes, and nothing else" {
	python3 -c 'import jsonschema' 2>/dev/null || skip 'python3-jsonschema is not there'
	directory
	policies >all
	compare_schema all
}

@test "of policies that were changed at random places the schema takes what the reader takes" {
	python3 -c 'import jsonschema' 2>/dev/null || skip 'python3-jsonschema is not there'
	directory
	python3 "$ROOT/tests/cases/check/policies.py" 7 160 >all
	compare_schema all
}

@test "a range of a policy that nothing is in is refused" {
	directory
	printf '%s\n' '{"expect": {"okta": {' '"users": {"least": 4, "most": 3}}}}' >policy.json
	run_status 78 check-snapshot --policy policy.json today.ndjson
	assert_says 'policy.json: line 2: "expect": "users": "least" is more than "most"'
	refused $'{"set":\n{"privileged-count.least": 9,\n"privileged-count.most": 8}}' \
		'line 3: "set": privileged-count.least is 9, more than privileged-count.most, which is 8: set both'
	refused '{"set": {"privileged-count.least": 9}}' 'privileged-count.most, which is 4: set both'
	run_status 64 check-snapshot --set privileged-count.most=1 today.ndjson
	assert_says '--set: privileged-count.least is 2, more than privileged-count.most, which is 1'
	printf '%s\n' '{"set": {"privileged-count.least": 3}}' >policy.json
	run_status 64 check-snapshot --policy policy.json --set privileged-count.most=2 today.ndjson
	run_status 1 check-snapshot --set privileged-count.most=9,privileged-count.least=9 --check cycle today.ndjson
}

@test "a conflict of a group with itself is refused" {
	directory
	refused '{"conflicts": [{"name": "a", "groups": ["x", {"group": "x"}]}]}' '"conflicts": "groups" has one group twice'
	refused '{"conflicts": [{"name": "a", "groups": [{"source": "s", "group": "x"}, {"source": "s", "group": "x"}]}]}' 'has one group twice'
}

@test "policy.schema.json names each check and each setting that there is" {
	check-snapshot --list | cut -d ' ' -f 1 | sort >names
	jq -r '.properties.rules.items.properties.name.not.enum[]' "$ROOT/share/rollcall/policy.schema.json" | sort >shown
	diff names shown
	check-snapshot --set x=1 2>err <<<'' || true
	tail -n 2 err | head -n 1 | sed 's/.*there are //' | tr -d ' ' | tr , '\n' | sort >names
	jq -r '.properties.set.properties | keys[]' "$ROOT/share/rollcall/policy.schema.json" | sort >shown
	diff names shown
}

# exception MEMBERS: a policy with one exception
exception() {
	printf '{"exceptions": [\n\n{%s}]}' "$1"
}

@test "an exception has a check that there is, an id, a reason, a name and a day within a year" {
	directory
	local whole='"check": "duplicate", "source": "scalr", "id": "u8", "reason": "r", "by": "b", "until": "2027-01-01"'
	refused "$(exception "${whole/duplicate/duplicates}")" "line 3: \"exceptions\": there is no check or rule 'duplicates'"
	refused "$(exception "${whole/until/untill}")" 'line 3: "exceptions": unknown member "untill"'
	refused "$(exception "${whole/'"reason": "r",'/}")" 'line 3: "exceptions": "reason" is missing'
	refused "$(exception "${whole/'"id": "u8",'/}")" '"id" is missing'
	refused "$(exception "${whole/2027-01-01/2027-02-30}")" '"until" is no date such as 2026-12-31'
	refused "$(exception "${whole/2027-01-01/soon}")" '"until" is no date'
	refused "$(exception "${whole/2027-01-01/2027-11-24}")" '"until" is 367 days after 2026-11-22T00:00:00Z, and 366 is the most'
	refused "$(exception "$whole, \"accept\": \"unknown\"")" 'give one of them'
	refused "$(exception "${whole/'"id": "u8"'/'"accept": "all"'}")" 'can only be "unknown"'
}

@test "an exception covers one id until its day, and each state of it is told" {
	directory
	cat >policy.json <<-'END'
		{"exceptions": [
		  {"check": "duplicate", "source": "scalr", "id": "u8", "reason": "two phones", "by": "eve", "until": "2026-11-22"},
		  {"check": "duplicate", "source": "scalr", "id": "u9", "reason": "was moved", "by": "eve", "until": "2026-11-21"},
		  {"check": "duplicate", "source": "scalr", "id": "U8", "reason": "misspelt", "by": "eve", "until": "2026-12-31"},
		  {"check": "empty-group", "source": "scalr", "id": "archive", "reason": "kept", "by": "eve", "until": "2026-12-31"}
		]}
	END
	run_status 1 check-snapshot --check duplicate --policy policy.json today.ndjson
	sums
	assert_equal "$(tally duplicate scalr)" '[8,6,1,0,1]'
	assert_equal "$(found duplicate)" u9
	assert_equal "$(jq -c 'select(.id == "u8" and .kind == "finding") | .excepted' "$out")" '{"reason":"two phones","by":"eve","until":"2026-11-22","days_left":0}'
	assert_equal "$(jq -c 'select(.id == "u9" and .kind == "finding") | .exception_ran_out.until' "$out")" '"2026-11-21"'
	assert_equal "$(jq -r 'select(.kind == "exception") | "\(.id) \(.state)"' "$out")" $'u8 used\nu9 run out\nU8 unused\narchive not checked'
	run_status 1 check-snapshot --check duplicate --policy policy.json --format text today.ndjson
	grep -q '^= .*two phones' "$out" && grep -q 'the exception ran out on 2026-11-21' "$out"
	grep -q '^exception of line 4 matches nothing: ' "$out"
	# an account of that name that was made again has another id
	sed -i 's/"U8"/"u1"/' policy.json
	body today.ndjson | sed 's/"id":"u8"/"id":"u8b"/' | canonical okta scalr
	run_status 1 check-snapshot --check duplicate --policy policy.json snapshot
	assert_equal "$(found duplicate)" $'u8b\nu9'
}

@test "accept: unknown lets a check end well that nobody can decide, and it is told" {
	printf '%s\n' '{"kind":"user","source":"app","id":"1","user_name":"a","status":"enabled","account_type":"human"}' | canonical app
	printf '%s\n' '{"exceptions": [{"check": "dormant", "source": "app", "accept": "unknown", "reason": "r", "by": "b", "until": "2027-01-01"}]}' >policy.json
	run_status 3 check-snapshot --check dormant snapshot
	run_status 0 check-snapshot --check dormant --policy policy.json snapshot
	assert_equal "$(tally dormant app)" '[1,0,0,1,0]'
	assert_equal "$(jq -c 'select(.check == "dormant" and .kind == "check") | .accepted' "$out")" true
	run_status 0 check-snapshot --check dormant --policy policy.json --format text snapshot
	grep -q '^? app  dormant  not decided for 1 of 1: not shown: last_login_at (accepted by the policy)$' "$out"
}

@test "what the policy expects is held against what was read, and a source that is missing is told" {
	directory
	printf '%s\n' '{"expect": {"okta": {"users": 7}, "scalr": {"users": {"least": 9, "most": 9}, "groups": {"most": 11}}, "stripe": {}}}' >policy.json
	run_status 3 check-snapshot --policy policy.json --check population today.ndjson
	assert_equal "$(jq -r 'select(.kind == "finding") | "\(.source) \(.id): \(.says)"' "$out")" "$(
		cat <<-'END'
			okta users: 6 users, but the policy expects 7
			scalr groups: 12 groups, but the policy expects 0 to 11
			stripe source: the policy names this source, and the snapshot does not have it
		END
	)"
}

# ---- own rules ----

# rule NAME WHERE: a policy with this rule
rule() {
	jq -n --arg name "$1" --arg where "$2" '{rules: [{name: $name, where: $where, severity: "medium", says: "so it is"}]}' >policy.json
}

@test "an own rule sees the account with its effective groups, its findings and its person" {
	directory
	rule inner 'any(.groups[]; .name == "Admins" and .level == 1 and .via == "Ops < Admins")'
	run_status 1 check-snapshot --policy policy.json --check inner today.ndjson
	assert_equal "$(found inner)" $'u1\nu4'
	sums
	rule double '.findings == ["duplicate"] and .privileged == false'
	run_status 1 check-snapshot --policy policy.json --check double,duplicate today.ndjson
	assert_equal "$(found double)" $'u8\nu9'
	rule elsewhere '.status == "enabled" and any(.person.accounts[]; .status == "disabled")'
	run_status 1 check-snapshot --policy policy.json --check elsewhere today.ndjson
	assert_equal "$(found elsewhere)" $'o4\nu2'
	jq -c 'select(.kind == "finding") | [.severity, .says]' "$out" | sort -u >said
	assert_equal "$(cat said)" '["medium","so it is"]'
	# the same with accounts that wait and with those that do not
	rule now '.id > "u"'
	run_status 1 check-snapshot --policy policy.json --check now today.ndjson
	grep '"finding"' "$out" >first
	rule now '.id > "u" or .findings == 1'
	run_status 1 check-snapshot --policy policy.json --check now today.ndjson
	grep '"finding"' "$out" >second
	diff first second
}

@test "an own rule says the same with the members that it names as with the whole account" {
	directory
	cat >wheres <<-'END'
		(.groups | length) > 1 and .status == "enabled"
		. as $u | any(.groups[]; .name != $u.email) and ($u | .["status"] != "disabled")
		if has("last_login_at") then ."last_login_at" // "0" | . < "2026-06" else null end
		select(.status == "enabled") | {email, n: .groups | length} | [.n > 0, .email != null] | all
		[.groups[] | select(.level == 0).name] | . == ["Ops"] or empty
		(keys | length) > 12
		. as $u | [$u] | .[0].email
		[.[] == "enabled"] | any
		. == {} or ([.id, .] | .[1] | has("email"))
		to_entries | any(.key == "email" and .value != null)
		(.id, .) | objects | tojson | contains("@")
		.status as $s | length as $n | $s == "enabled" and $n > 5
	END
	# what begins with a definition is always given the whole account
	jq -n -R '{rules: [inputs | ["a", .], ["b", "def whole: .; " + .]] | to_entries | map({name:
		"\(.value[0])\(.key / 2 | floor)", where: .value[1], severity: "low", says: "x"})}' <wheres >policy.json
	run_status 3 check-snapshot --policy policy.json --check "$(jq -r '[.rules[].name] | join(",")' policy.json)" today.ndjson
	for letter in a b; do
		jq -c --arg letter "$letter" 'select(.kind == "check" or .kind == "finding") | select(.check[:1] == $letter) |
			[.check[1:], .source, .id, .ok, .found, .unknown]' "$out" | sort >"of-$letter"
	done
	diff of-a of-b
	[ "$(jq -s 'map(select(.[2] != null)[0]) | unique | length' of-a)" -eq 12 ]
}

@test "an own rule that says null, or nothing, does not know" {
	directory
	rule maybe 'if has("last_login_at") then .last_login_at == null else null end'
	run_status 3 check-snapshot --policy policy.json --check maybe today.ndjson
	assert_equal "$(tally maybe scalr)" '[9,7,1,1,0]'
	rule nothing 'empty'
	run_status 3 check-snapshot --policy policy.json --check nothing today.ndjson
	assert_equal "$(tally nothing okta)" '[6,0,0,6,0]'
}

@test "an own rule is as closed as --select, and its error names rule and record" {
	directory
	rule bad '.roles | error("no")'
	run_status 65 check-snapshot --policy policy.json today.ndjson
	assert_file_empty "$out"
	assert_says 'rule bad fails: ' ada@example.com
	# shellcheck disable=SC2016 # jq's own variable
	for where in env 'input' '$ENV.PATH' 'import "a" as a; .' now '.a |'; do
		rule bad "$where"
		run_status 78 check-snapshot --policy policy.json today.ndjson
		assert_says 'policy.json: line 4: rule bad: '
	done
	rule endless 'def f: f; f'
	run_status 65 hastened check-snapshot --policy policy.json today.ndjson
	assert_says 'rule endless' 'does not end'
}

# ---- an older run, and other formats ----

@test "--baseline says what is new, known and gone, and never that what nobody can decide is gone" {
	directory
	run_status 1 check-snapshot --policy policy.json today.ndjson
	cp "$out" old
	run_status 1 check-snapshot --policy policy.json --baseline old today.ndjson
	assert_equal "$(jq -r 'select(.kind == "finding") | .baseline' "$out" | sort -u)" known
	assert_equal "$(tail -n 1 "$out" | jq -c '[.new, .known, .gone]')" "[0,$(grep -c '"kind":"finding"' old),0]"
	{
		body today.ndjson | sed 's/"id":"u8"/"id":"u8b"/' | grep -v '"u3"'
		echo '{"kind":"gap","source":"scalr","scope":"groups","reason":"no"}'
	} | canonical okta scalr
	run_status 3 check-snapshot --policy policy.json --baseline old snapshot
	sums
	assert_equal "$(jq -r 'select(.baseline == "new") | "\(.check) \(.id)"' "$out" | grep -v population)" 'duplicate u8b'
	assert_equal "$(jq -r 'select(.kind == "gone" and .state == "gone") | "\(.check) \(.id)"' "$out" | sort)" $'duplicate u8\nnever-signed-in u3\nnot-in-idp u3'
	run_status 1 check-snapshot --check duplicate --baseline old --format text today.ndjson
	grep -q '^since the baseline: 0 new, 2 known, 0 gone$' "$out"
	grep -q '^- scalr  dormant    not checked: ada@example.com: ' "$out"
	sed 's/Ops/Opz/' old >changed
	run_status 65 check-snapshot --baseline changed today.ndjson
	run_status 65 check-snapshot --baseline last.ndjson today.ndjson
	assert_says 'this is a snapshot, but a finding stream is needed'
}

# findings: a stream with hostile names, something excepted and something not decided, in `stream`
findings() {
	directory
	body today.ndjson | sed 's/Ops/<b>\\"\&\\u0007|[x](http:\/\/x)<\/b>/' | canonical okta scalr
	check-snapshot --policy policy.json snapshot >stream || [ $? -eq 1 ]
	grep -q 'http://x' stream
}

@test "JUnit XML has a test for each check and source, and what is not decided is skipped, not passed" {
	python3 -c 'import xml.etree.ElementTree' 2>/dev/null || skip 'python3 is not there'
	findings
	jq -rsf "$ROOT/examples/findings-junit.jq" stream >xml
	python3 - xml stream <<-'END'
		import json, sys, xml.etree.ElementTree as tree
		root = tree.parse(sys.argv[1]).getroot()
		lines = [json.loads(line) for line in open(sys.argv[2])]
		checks = {(c["source"], c["check"]): c for c in lines if c["kind"] == "check"}
		assert root.tag == "testsuites"
		seen = 0
		for suite in root:
		    assert suite.tag == "testsuite" and set(suite.attrib) == {"name", "tests", "failures", "errors", "skipped", "time"}
		    assert int(suite.get("tests")) == len(suite)
		    assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
		    assert int(suite.get("skipped")) == len(suite.findall("testcase/skipped"))
		    for case in suite:
		        check = checks[case.get("classname"), case.get("name")]
		        word = "failure" if check["found"] else "skipped" if check["unknown"] else None
		        assert [child.tag for child in case] == ([word] if word else []), check
		        seen += 1
		assert seen == len(checks)
	END
}

@test "SARIF has each finding with its key, what is excepted suppressed, and what is not decided open" {
	findings
	jq -sf "$ROOT/examples/findings-sarif.jq" stream >sarif
	jq -e '.version == "2.1.0" and (.runs | length) == 1 and
		(.runs[0].tool.driver.rules as $rules | .runs[0].results | all(.[]; .ruleId == $rules[.ruleIndex].id and
			(.message.text | length) > 0 and (.level | IN("none", "note", "warning", "error")) and
			(.kind | IN("fail", "open", "informational")) and (.kind == "fail" or .level == "none")))' sarif >/dev/null
	assert_equal "$(jq '[.runs[0].results[] | select(.partialFingerprints)] | length' sarif)" "$(grep -c '"kind":"finding"' stream)"
	assert_equal "$(jq '[.runs[0].results[] | select(.suppressions)] | length' sarif)" 1
	assert_equal "$(jq '[.runs[0].results[] | select(.kind == "open")] | length' sarif)" "$(jq -s '[.[] | select(.kind == "check" and .unknown > 0)] | length' stream)"
}

@test "OCSF has an event of class 2003 for each check and source, a warning where it is not decided" {
	findings
	jq -csf "$ROOT/examples/findings-ocsf.jq" stream >ocsf
	jq -s -e 'all(.[]; .type_uid == .class_uid * 100 + .activity_id and .time == 1795305600000 and .metadata.version == "1.5.0" and (.severity_id | IN(1, 2, 3, 4, 5)))' ocsf >/dev/null
	jq -r 'select(.class_uid == 2003) | "\(.finding_info.uid) \(.compliance.status_id)"' ocsf | sort >got
	jq -r 'select(.kind == "check") | "\(.source)/\(.check) \(if .found > 0 then 3 elif .unknown > 0 then 2 else 1 end)"' stream | sort >wanted
	diff got wanted
	assert_equal "$(jq -s '[.[] | select(.class_uid == 5003)] | length' ocsf)" "$(jq -s '[.[] | select(.kind == "finding" and has("status"))] | length' stream)"
}

@test "the summary of a step has the four counts and inert names" {
	findings
	jq -rsf "$ROOT/examples/findings-summary.jq" stream >summary
	grep -qE '^\*\*[0-9]+ found, [0-9]+ not decided, 1 excepted, [0-9]+ ok\*\*$' summary
	! grep -E '<b>|\]\(|https?://' summary || fail 'markup'
	grep -q '^| Not decided | Source | Subjects | Why |$' summary
}

@test "the programs for other formats refuse a stream that is cut" {
	local program
	findings
	head -n 5 stream >cut.ndjson
	for program in junit sarif ocsf summary; do
		run_status 5 jq -sf "$ROOT/examples/findings-$program.jq" cut.ndjson
	done
}

# ---- statuses ----

@test "0, 1 and 3: what is asked by name must be decided, and --fail-on and --strict say what counts" {
	printf '%s\n' '{"kind":"user","source":"app","id":"1","user_name":"test","email":"x@x.example","status":"enabled","account_type":"human","roles":[]}' | canonical app
	run_status 1 check-snapshot snapshot
	run_status 0 check-snapshot --fail-on medium snapshot
	run_status 3 check-snapshot --strict snapshot
	run_status 3 check-snapshot --check dormant,shared-name snapshot
	run_status 1 check-snapshot --check shared-name snapshot
	run_status 1 check-snapshot --check shared-name --fail-on low snapshot
	run_status 0 check-snapshot --check shared-name --fail-on critical snapshot
	run_status 64 check-snapshot --check dorment snapshot
	assert_says "there is no check 'dorment'; there are dormant, "
	run_status 64 check-snapshot --check leaver snapshot
	assert_says '--check: leaver needs --roster FILE'
	run_status 64 check-snapshot --set dormant.days=x snapshot
	assert_says '--set: dormant.days takes a number from 1 to 36500'
	run_status 64 check-snapshot --set dormand.days=3 snapshot
	assert_says "there is no setting 'dormand.days'; there are dormant.days, "
	run_status 64 check-snapshot snapshot snapshot
	run_status 65 check-snapshot </dev/null
	head -n 1 snapshot >cut.ndjson
	run_status 65 check-snapshot cut.ndjson
	assert_file_empty "$out"
	run_status 65 check-snapshot --before cut.ndjson snapshot
	run_status 65 check-snapshot --roster cut.ndjson snapshot
	run_status 66 check-snapshot none
	run_status 0 check-snapshot --check shared-name --fail-on high -o file snapshot
	assert_file_permission 600 file
}

@test "days are counted from when a source was read, from --as-of, and to the second" {
	printf '%s\n' '{"kind":"user","source":"app","id":"1","user_name":"a","status":"enabled","account_type":"human","last_login_at":"2026-08-24T00:00:00Z"}' | canonical app
	run_status 0 check-snapshot --check dormant snapshot
	run_status 1 check-snapshot --check dormant --as-of 2026-11-22T00:00:01Z snapshot
	run_status 1 check-snapshot --check dormant --set dormant.days=89 snapshot
	printf '%s\n' '{"set": {"dormant.days": 89}}' >policy.json
	run_status 1 check-snapshot --check dormant --policy policy.json snapshot
	run_status 0 check-snapshot --check dormant --policy policy.json --set dormant.days=90 snapshot
	# a time without a zone says nothing
	printf '%s\n' '{"kind":"user","source":"app","id":"1","user_name":"a","status":"enabled","account_type":"human","last_login_at":"2020-01-01 00:00:00"}' | canonical app
	run_status 3 check-snapshot --check dormant snapshot
	assert_equal "$(why dormant app)" '{"not shown":1}'
}

@test "a hostile name does nothing to a terminal, and looks like no row and no other words" {
	printf '%s\n' '{"kind":"group","source":"app","id":"g","name":"Ops; in Root via x"}' \
		'{"kind":"membership","source":"app","group_id":"g","member_id":"1","member_kind":"user"}' \
		'{"kind":"user","source":"app","id":"1","user_name":"test\u001b[31m! app  dormant  high  eve: \u202e","status":"disabled","account_type":"human","roles":["x\ny"]}' |
		LC_ALL=C sort | jq -c . | sed 's/\x7f/\\u007f/g' | canonical app
	run_status 1 check-snapshot --format text --fail-on low snapshot
	! grep -q $'\x1b' "$out" || fail 'an escape'
	grep -qF '"test\u{1B}[31m!\u{20}app \u{20}dormant' "$out" || fail "$(cat "$out")"
	grep -qF 'still in "Ops; in Root via x", with the roles' "$out" || fail "$(cat "$out")"
}

@test "the stream says of each check that ran what it finds, its default and whose standard it is, and of a rule what it says" {
	directory
	run_status 1 check-snapshot --policy policy.json --before last.ndjson --roster hr.ndjson \
		--decisions decisions.ndjson --as-of 2026-11-22T00:00:00Z today.ndjson
	head -n 1 "$out" >begin
	jq -e '(.about | keys_unsorted) == .checks and all(.about[]; .finds != "")' begin >/dev/null
	jq -r '.about | to_entries[] | select(.value.default) | "\(.key)\t\(.value.default)"' begin >defaults
	[ "$(wc -l <defaults)" -ge 15 ]
	while IFS=$'\t' read -r check default; do
		run_status 0 check-snapshot --explain "$check"
		tr -s ' \n' ' ' <"$out" >explained
		grep -qF "standard $default" explained || fail "$check: $default"
	done <defaults
	# a number of a standard stands in the default, too
	run jq -r '.about[] | select(.standards) | .default as $default | .standards[] | select((. | split(" ")[-1]) as $number | $default | contains($number) | not)' begin
	assert_output ''
	run jq -c '.about["dormant", "conflict"].standards' begin
	assert_output "$(printf '["PCI DSS 8.2.6"]\n["SOC 2 CC6.3"]')"
}

@test "a judge who was written apart finds the same in random directories" {
	run_status 0 python3 "$ROOT/tests/cases/check/judge.py" 0 12
	[ "$(cut -d ' ' -f 1 "$out")" -gt 4000 ]
}

# SPDX-License-Identifier: ISC
# The built-in mappings against the same mappings in jq, on resources as servers
# send them and as nobody should: two ways to one snapshot.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# same SCHEMA STREAM: both mappings make one snapshot of it, in the file `ours`.
same() {
	run_status 0 normalize "$2" && assert_quiet && cp "$out" ours &&
		install -m 600 "$ROOT/tests/jq/map-$1.jq" map.jq &&
		run_status 0 normalize --map map.jq "$2" && assert_quiet || return 1
	records_of ours >ours.records && records_of "$out" >their.records || return 1
	cmp ours.records their.records || fail "$(diff ours.records their.records | cut -c 1-300 | head -n 20)"
}

# records_of FILE: a snapshot, without what only one of the two can say: the names that our
# mappings do not take, and the digest of a program.
records_of() {
	jq -c 'if .kind == "begin" then del(.sources[].not_covered, .sources[].map_sha256) else del(.begin_sha256) end' <(sed -n '1p;$p' "$1") && body "$1"
}

# same_for SCHEMA: on resources of some seeds; their records are in `records`.
same_for() {
	local seed
	: >records
	for seed in ${SEEDS:-1 2}; do
		perl "$ROOT/tests/jq/resources.pl" "$seed" 1000 "$1" | seal_fetch s "$1" "$1" >stream
		same "$1" stream || fail "seed $seed"
		body ours >>records
	done
}

# seen CONDITION: some record is like that, says assert_seen of all of them at once.
seen() {
	conditions+=("$1")
}

assert_seen() {
	local i program=empty
	for i in "${!conditions[@]}"; do program+=", (if any(.[]; ${conditions[i]}) then empty else $i end)"; done
	run_status 0 command jq -s "$program" records
	while read -r i; do fail "the generator makes no ${conditions[i]}"; done <"$out"
}

@test "lib/scim/map_scim.c and tests/jq/map-scim.jq make one snapshot of random and hostile resources" {
	local name conditions=()
	same_for scim
	for name in user_name email display_name given_name family_name provider_status external_id title user_type \
		department manager manager_name employee_number roles entitlements created_at updated_at; do
		seen ".kind == \"user\" and has(\"$name\")"
		seen ".kind == \"user\" and (has(\"$name\") | not)"
		[ "$name" = provider_status ] || seen ".kind == \"user\" and has(\"$name\") and .$name == null"
	done
	for name in enabled disabled unknown; do seen ".status == \"$name\""; done
	for name in name external_id created_at updated_at; do
		seen ".kind == \"group\" and has(\"$name\")"
		seen ".kind == \"group\" and (has(\"$name\") | not)"
	done
	for name in user group unknown; do seen ".member_kind == \"$name\""; done
	seen '.kind == "membership" and (.group_id | startswith("h"))'
	seen '.kind == "gap"'
	seen '.email != null and .email == .user_name'
	seen '.roles != null and (.roles | length) > 2'
	seen '.role_details != null and (.role_details | length) > 1'
	seen '.entitlement_details != null and .entitlement_details[0].type != null'
	seen '.id != null and (.id | test("^[58]e"))'
	assert_seen
}

@test "lib/scalr/map_scalr.c and tests/jq/map-scalr.jq make one snapshot of random and hostile resources" {
	local name conditions=()
	same_for scalr
	for name in user_name email display_name provider_status created_at last_login_at; do
		seen ".kind == \"user\" and has(\"$name\")"
		seen ".kind == \"user\" and (has(\"$name\") | not)"
		[ "$name" = provider_status ] || seen ".kind == \"user\" and has(\"$name\") and .$name == null"
	done
	for name in enabled disabled unknown; do seen ".status == \"$name\""; done
	for name in owners created_by; do
		seen ".account_type == \"service\" and has(\"$name\")"
		seen ".account_type == \"service\" and (has(\"$name\") | not)"
		seen ".account_type == \"service\" and has(\"$name\") and .$name == null"
	done
	for name in human service; do seen ".account_type == \"$name\""; done
	for name in name description; do
		seen ".kind == \"group\" and has(\"$name\")"
		seen ".kind == \"group\" and (has(\"$name\") | not)"
	done
	seen '.kind == "membership" and (.group_id | startswith("h"))'
	seen '.kind == "gap"'
	assert_seen
}

@test "the documented payloads of each provider become the same in both" {
	local resource name count=0
	for resource in "$BATS_TEST_DIRNAME"/cases/scim/*.resource.json; do
		name=${resource##*/}
		seal_fetch "${name%%-*}" scim <"$resource" >stream
		same scim stream
		count=$((count + 1))
	done
	assert [ "$count" -ge 2 ]
}

@test "a Scalr team without an id, of which a user says to be a member, is no membership" {
	printf '%s\n' '{"kind":"user","source":"s","resource":{"type":"users","id":"u","relationships":{"teams":{"data":[{"id":""},{"id":null},{},{"id":"t"}]}}}}' |
		seal_fetch s scalr scalr >stream
	same scalr stream
	assert_equal "$(body ours | jq -r 'select(.kind == "membership").group_id')" t
}

@test "jq itself runs a mapping on a fetch stream as it is" {
	perl "$ROOT/tests/jq/resources.pl" 1 50 scim | seal_fetch s >stream
	run_status 0 jq -c -f "$ROOT/tests/jq/map-scim.jq" stream
	assert_quiet
	assert_equal "$(jq -r 'select(.kind == "user" or .kind == "group").kind' "$out" | wc -l)" 50
}

@test "the yardstick of make bench makes of its users what normalize makes of them" {
	generate --users 300 --groups 0 --seed 5 >stream
	run_status 0 normalize stream
	cp "$out" ours
	install -m 600 "$ROOT/tests/bench/users.jq" users.jq
	run_status 0 normalize --map users.jq stream
	cmp <(records_of ours) <(records_of "$out")
	run_status 0 jq -c -f users.jq stream
	LC_ALL=C sort "$out" >sorted
	body ours | cmp - sorted
}

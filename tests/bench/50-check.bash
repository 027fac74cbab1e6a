# SPDX-License-Identifier: ISC
# check-snapshot: all checks that need no roster, against DuckDB loading the same file and asking
# the same questions (check.sql); against openssl dgst; and one rule in jq.

snapshot=$(snapshot_of directory --users $((20000 * PARTS)) --groups $((200 * PARTS)) \
	--memberships $((20000 * PARTS)))
policy=$DATA/check.policy.json
rule=$DATA/check.rule.json
echo '{"privileged": {"groups": ["Group 1"]}, "domains": ["example.com"]}' >"$policy"
echo '{"rules": [{"name": "long", "where": "(.groups | length) > 3 and .status == \"enabled\"", "severity": "low", "says": "many groups"}]}' >"$rule"

# status 1 is a finding
check_all() { check-snapshot --policy "$policy" "$snapshot" || [ $? -eq 1 ]; }
check_rule() { check-snapshot --policy "$rule" --check long "$snapshot" || [ $? -eq 1 ]; }
check_digest() { openssl dgst -sha256 "$snapshot"; }
check_duckdb() { ask_duckdb check.sql "$snapshot"; }

race check_all check_rule check_digest
row 'check-snapshot, all checks, CPU' "${cpu[check_all]}" s \
	"$(calc "${cpu[check_all]} / ${cpu[check_digest]}")" 'openssl dgst'
row 'check-snapshot, one own rule, wall' "${wall[check_rule]}" s \
	"${wall[check_rule]}" seconds '<= 10'
kib=$(peak check-snapshot --policy "$policy" "$snapshot") || [ $? -eq 1 ]
row 'check-snapshot, all checks, peak memory' "$kib" KiB
if has_duckdb; then
	race check_duckdb check_all
	row 'check-snapshot, all checks, wall' "${wall[check_all]}" s \
		"$(calc "${wall[check_duckdb]} / ${wall[check_all]}")" 'DuckDB takes, times' '>= 2'
	row 'check-snapshot, all checks, peak memory' "$kib" KiB \
		"$(calc "$kib / $(check_duckdb)")" 'DuckDB' '<= 0.333'
else
	row 'check-snapshot, all checks, wall and memory' null s null 'DuckDB is missing'
fi

#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# examples/fleet.sql on an engine that nobody here wrote: its events are those of diff-snapshot. DuckDB
# is asked once for all tests.

load ../helper

setup_file() {
	local customers=60
	cd "$BATS_FILE_TMPDIR" || return
	export DUCKDB="$BUILD/scale/python/bin/python $ROOT/tests/scale/duckdb-stdin.py"
	[ -z "${SCALE_SEED:-}" ] || customers=1000
	mkdir store
	"$BUILD/scale/python/bin/python" "$ROOT/tests/scale/directories.py" "$BUILD" store "$customers" "${SCALE_SEED:-7}" |
		sort >wanted
	[ "$(wc -l <wanted)" -gt $((customers * 10)) ] || fail 'too few events'
	"$ROOT/examples/fleet-duckdb" store "
		SELECT 'events', event, customer, night, source, id, group_id, member_id, '' FROM events UNION ALL
		SELECT 'people', event, customer, night, source, id, '', '', user_name FROM joiners UNION ALL
		SELECT 'people', event, customer, night, source, id, '', '', user_name FROM leavers UNION ALL
		SELECT 'entries', 'membership.added', customer, night, source, '', group_id, member_id, group_name FROM entries UNION ALL
		SELECT 'dormant', '', customer, '2026-11-02', source, id, '', '', user_name FROM dormant" >answers 2>err || fail "$(tail -n 5 err)"
	# all users, with the snapshots that have them
	local customer night
	for customer in store/*; do
		for night in 2026-11-01 2026-11-02; do
			# shellcheck disable=SC2016  # variables of jq
			quick-jq -r --arg customer "${customer#*/}" --arg night "$night" 'select(.kind == "user") | [$customer, $night, .source, .id,
				.user_name // "", (.status == "enabled" and .last_login_at == "2026-01-01T00:00:00Z")] | @tsv' \
				"$customer/$night/snapshot.ndjson"
		done
	done | sed 's/\\\\/\\/g' | sort >users
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return
	PATH=$ROOT/examples:$PATH
}

# answered WHAT COLUMNS
answered() {
	sed -n "s/^$1	//p" answers | cut -f "$2" | sort
}

@test "events of fleet.sql on DuckDB are those of diff-snapshot, on random directories with gaps" {
	answered events 1-7 >got
	run_status 0 diff wanted got
	assert_equal "$(cut -f 1 got | uniq | wc -l)" 14
}

@test "fleet-duckdb refuses a store with a snapshot that is not whole, and names it" {
	cp -R store/00* "$BATS_TEST_TMPDIR"
	sed -i '$d' "$BATS_TEST_TMPDIR/003/2026-11-02/snapshot.ndjson"
	run_status 65 fleet-duckdb "$BATS_TEST_TMPDIR"
	assert_file_contains "$err" '003/2026-11-02/snapshot.ndjson'
	assert_file_empty "$out"
}

@test "dormant of fleet.sql has who can sign in and did not for 90 days, and nobody whose visits are not shown" {
	answered dormant 2-5,8 >got
	grep '	2026-11-02	.*	true$' users | cut -f 1-5 >expected
	[ -s expected ] || fail 'nobody is dormant'
	run_status 0 diff expected got
}

@test "joiners, leavers and entries of fleet.sql are the events of diff-snapshot with the names of the snapshots" {
	grep '^membership.added' wanted >expected
	answered entries 1-7 >got
	run_status 0 diff expected got
	grep -E '^user.(added|enabled|removed|disabled)' wanted | cut -f 1-5 >expected
	answered people 1-5 >got
	run_status 0 diff expected got
	answered people 1-5,8 | sed -E '/^user.(removed|disabled)/s/2026-11-02/2026-11-01/' | cut -f 2- | sort -u >got
	cut -f 1-5 users >expected
	run_status 0 comm -13 expected got
	assert_file_empty "$out"
}

@test "check-snapshot finds as many as SQL of the bench does on DuckDB, in a random directory with circles and strangers" {
	cd "$BATS_TEST_TMPDIR" || return
	PATH=$BUILD:$PATH
	run_status 0 "$BUILD/scale/python/bin/python" "$ROOT/tests/cases/check/judge.py" "${SCALE_SEED:-7}" 1 # writes `whole`
	echo '{"privileged": {"groups": ["Ng1"]}, "domains": ["example.com"], "shared_names": ["admin", "test"]}' >policy.json
	run_status 1 check-snapshot --policy policy.json whole
	quick-jq -r 'select(.kind == "check") | "\(.check) \(.found)"' "$out" | awk '{ sum[$1] += $2 } END { for (check in sum) print check, sum[check] }' | sort >found
	# each question after its name becomes a row; all but the tables end with a semicolon that is none any more
	# shellcheck disable=SC2016  # a word of check.sql
	sed 's/\$snapshot/whole/; s/Group 1/Ng1/' "$ROOT/tests/bench/check.sql" | awk '
		NR > 1 && sub(/^-- /, "") { sub(/,.*/, ""); printf "%sSELECT \047%s\047, (\n", union, $0; union = "UNION ALL "; next }
		union { sub(/;$/, ")") } { print }' | $DUCKDB | tr '\t' ' ' | sort >asked
	[ "$(wc -l <asked)" -ge 12 ]
	# of a last sign-in that is not shown SQL makes none at all
	join found asked >both
	# shellcheck disable=SC2016  # columns of awk
	run_status 0 awk '$1 == "never-signed-in" ? $2 > $3 : $2 != $3' both
	assert_file_empty "$out"
	run_status 0 join -v 2 found asked
	assert_file_empty "$out"
}

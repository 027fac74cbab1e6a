#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# examples/fleet.sql on engines that nobody here wrote: its events are those of diff-snapshot.

load ../helper

setup_file() {
	local customers=60
	cd "$BATS_FILE_TMPDIR" || return
	[ -z "${SCALE_SEED:-}" ] || customers=1000
	mkdir store
	"$BUILD/scale/python/bin/python" "$ROOT/tests/scale/directories.py" "$BUILD" store "$customers" "${SCALE_SEED:-7}" |
		sort >wanted
	[ "$(wc -l <wanted)" -gt $((customers * 10)) ] || fail 'too few events'
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	PATH=$ROOT/examples:$PATH
	export DUCKDB="$BUILD/scale/python/bin/python $ROOT/tests/scale/duckdb-stdin.py"
	cp -R "$BATS_FILE_TMPDIR/store" "$BATS_FILE_TMPDIR/wanted" .
}

@test "events of fleet.sql on DuckDB are those of diff-snapshot, on random directories with gaps" {
	run_status 0 fleet-duckdb store "SELECT event, customer, night, source, id, group_id, member_id FROM events"
	sort "$out" >got
	run_status 0 diff wanted got
	run_status 0 fleet-duckdb store 'SELECT DISTINCT event FROM events'
	assert_equal "$(wc -l <"$out")" 14
}

@test "fleet-duckdb refuses a store with a snapshot that is not whole, and names it" {
	sed -i '$d' store/c3/2026-11-02/snapshot.ndjson
	run_status 65 fleet-duckdb store
	assert_file_contains "$err" 'c3/2026-11-02/snapshot.ndjson'
	assert_file_empty "$out"
}

@test "dormant of fleet.sql has who can sign in and did not for 90 days, and nobody whose visits are not shown" {
	run_status 0 fleet-duckdb store "SELECT customer, source, id FROM dormant"
	sort "$out" >got
	for customer in store/*; do
		# shellcheck disable=SC2016  # a variable of jq
		quick-jq -r --arg customer "${customer#*/}" 'select(.kind == "user" and .status == "enabled") |
			select(.last_login_at == "2026-01-01T00:00:00Z") | [$customer, .source, .id] | @tsv' \
			"$customer/2026-11-02/snapshot.ndjson"
	done | sort >wanted
	[ -s wanted ] || fail 'nobody is dormant'
	run_status 0 diff wanted got
}

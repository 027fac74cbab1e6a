#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# examples/spark/fleet.py on Spark: the bytes of the programs, the same answers as DuckDB, and a row
# for whatever went wrong. Spark starts twice, for all tests: once to run the programs, once to ask.

load ../helper

spark() {
	PATH=$BUILD:$PATH SPARK_LOCAL_IP=127.0.0.1 PYSPARK_PYTHON=$BUILD/scale/python/bin/python \
		"$BUILD/scale/python/bin/spark-submit" --master 'local[2,4]' --conf spark.ui.enabled=false \
		--conf spark.ui.showConsoleProgress=false --conf spark.sql.shuffle.partitions=2 \
		--driver-java-options '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' "$ROOT/examples/spark/fleet.py" "$@"
}

# Programs of which diff-snapshot fails in each way for one customer, and kills the worker of Spark
# that runs it, once for each of four customers.
bad_programs() {
	mkdir programs killed
	cp "$BUILD/normalize" "$BUILD/check-snapshot" programs
	cat >programs/diff-snapshot <<-END
		#!/bin/sh
		case \$* in
		*/005/*) echo 'diff-snapshot: not now' >&2 && exit 75 ;;
		*/006/*) kill -9 \$\$ ;;
		*/007/*) $BUILD/diff-snapshot "\$@" | sed '\$s/"sha256":"[0-9a-f]*"/"sha256":"00"/' && exit 1 ;;
		*/008/*) $BUILD/diff-snapshot "\$@" | sed '\$d' && exit 1 ;;
		*/009/*) $BUILD/diff-snapshot "\$@" | sed '2,\$d' && exit 0 ;;
		*/010/*) $BUILD/diff-snapshot "\$@" | tr '"' '\\377' && exit 1 ;;
		*/011/*) mkdir $PWD/killed/1 2>/dev/null && kill -9 \$PPID ;;
		*/017/*) mkdir $PWD/killed/2 2>/dev/null && kill -9 \$PPID ;;
		*/018/*) mkdir $PWD/killed/3 2>/dev/null && kill -9 \$PPID ;;
		*/044/*) mkdir $PWD/killed/4 2>/dev/null && kill -9 \$PPID ;;
		esac
		exec $BUILD/diff-snapshot "\$@"
	END
	chmod +x programs/diff-snapshot
}

setup_file() {
	java -version >/dev/null 2>&1 || skip 'Spark needs Java 17, which is not here (openjdk-17-jre-headless)'
	cd "$BATS_FILE_TMPDIR" || return
	mkdir store
	"$BUILD/scale/python/bin/python" "$ROOT/tests/scale/directories.py" "$BUILD" store 45 "${SCALE_SEED:-7}" | sort >wanted
	sed -i '$d' store/003/2026-11-02/snapshot.ndjson
	zstd -q --rm store/004/2026-11-02/snapshot.ndjson
	echo '{"set": {"dormant.days": 30}}' >store/004/2026-11-02/policy.json
	bad_programs
	spark land --programs "$PWD/programs" store tables >landed 2>land.err && status=0 || status=$?
	[ "$status" -eq 3 ] || fail "fleet.py ended with status $status: $(tail -n 20 land.err)"
	spark ask tables "SELECT 'events', event, customer, night, source, id, group_id, member_id FROM events" \
		"SELECT 'joiners', * FROM joiners" "SELECT 'leavers', * FROM leavers" "SELECT 'entries', * FROM entries" \
		"SELECT 'dormant', * FROM dormant" "SELECT 'failures', customer, night, program, status, words FROM failures" \
		"SELECT 'changes', line FROM changes ORDER BY customer, night, number" \
		"SELECT 'findings', line FROM findings ORDER BY customer, night, number" >answers 2>ask.err || fail "$(tail -n 20 ask.err)"
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return
}

# answered TABLE: its rows
answered() {
	sed -n "s/^$1	//p" answers
}

@test "events of fleet.sql on Spark are those of diff-snapshot, on random directories with gaps" {
	grep -v '	003	' wanted >expected
	answered events | sort >got
	run_status 0 diff expected got
}

@test "joiners, leavers, entries and dormant of fleet.sql are the same on Spark and on DuckDB" {
	local view
	cp -R store whole
	rm -r whole/003/2026-11-02
	export DUCKDB="$BUILD/scale/python/bin/python $ROOT/tests/scale/duckdb-stdin.py"
	for view in joiners leavers entries dormant; do
		run_status 0 "$ROOT/examples/fleet-duckdb" whole "SELECT * FROM $view"
		sort "$out" >expected
		[ -s expected ] || fail "$view has nothing"
		answered $view | sort >got
		run_status 0 diff expected got
	done
}

@test "changes and findings that Spark keeps are the bytes of the programs, though four of its workers were killed" {
	local customer status policy
	assert_equal "$(echo killed/*)" 'killed/1 killed/2 killed/3 killed/4'
	for customer in store/*; do
		customer=${customer#*/}
		case $customer in
		003) ;;
		005 | 006 | 007 | 008 | 009 | 010) ;;
		*)
			diff-snapshot --format ndjson store/"$customer"/*/snapshot.ndjson* >one 2>err && status=0 || status=$?
			case $status in
			0 | 1 | 3) cat one >&3 ;;
			*) printf '%s\t2026-11-02\tdiff-snapshot\t%s\t%s\n' "$customer" "$status" "$(tail -n 1 err)" >>refused ;;
			esac
			;;
		esac
		check-snapshot --format ndjson store/"$customer"/2026-11-01/* >&4 2>/dev/null || true
		policy=()
		[ "$customer" != 004 ] || policy=(--policy store/004/2026-11-02/policy.json)
		[ "$customer" = 003 ] || check-snapshot --format ndjson "${policy[@]}" --before \
			store/"$customer"/*/snapshot.ndjson* >&4 2>/dev/null || true
	done 3>expected.changes 4>expected.findings
	answered changes >got
	run_status 0 cmp expected.changes got
	answered findings >got
	run_status 0 cmp expected.findings got
	[ -s refused ] || fail 'no pair was refused'
	answered failures | grep -vE '^0(03|05|06|07|08|09|10)	' | sort >got
	run_status 0 diff refused got
}

@test "a pair that fails, lies or is cut on Spark is a row of failures with its status and words" {
	answered failures | grep -E '^0(03|05|06|07|08|09|10)	' | cut -f 1,3- | sort >got
	cut -f 1-3 got | sort -u >ends
	cat >expected <<-'END'
		003	check-snapshot	65
		003	diff-snapshot	65
		003	normalize	65
		005	diff-snapshot	75
		006	diff-snapshot	137
		007	diff-snapshot	65
		008	diff-snapshot	65
		009	diff-snapshot	65
		010	diff-snapshot	65
	END
	run_status 0 diff expected ends
	assert_equal "$(grep ^005 got | cut -f 4)" 'diff-snapshot: not now'
	assert_equal "$(grep ^007 got | cut -f 4)" 'diff-snapshot: its last line is not of the lines before it'
	assert_file_contains landed '^90 snapshots, 225 programs, [0-9]* failures$'
}

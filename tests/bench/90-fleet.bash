# SPDX-License-Identifier: ISC
# Many directories: what more workers bring, and what GNU parallel and Spark cost for each program
# that they run, beside a plain loop. The row of two workers needs two cores that do nothing else;
# those of Spark need what `make scale` installs, and Java 17.

fleet=$DATA/fleet.$PARTS
fleet_before=$(snapshot_of users --users $((20000 * PARTS)) --groups 0)
fleet_after=$(snapshot_of users-changed --users $((20000 * PARTS)) --groups 0 --changed 10)
fleet_pairs=12 fleet_reads=$((PARTS == 50 ? 32 : 8)) fleet_small=$((PARTS == 50 ? 100 : 10))
tiny_before=$(snapshot_of tiny --users 100 --groups 5)
tiny_after=$(snapshot_of tiny-changed --users 100 --groups 5 --changed 10)
export fleet_before fleet_after tiny_before tiny_after

# 1 is a difference
# shellcheck disable=SC2016  # the shell of parallel expands them
fleet_diff='diff-snapshot --format ndjson --max-removed 100% "$fleet_before" "$fleet_after" >/dev/null || [ $? -eq 1 ] #'
# shellcheck disable=SC2016
tiny_diff='diff-snapshot --format ndjson "$tiny_before" "$tiny_after" >/dev/null || [ $? -eq 1 ] #'

# with NUMBER WORKERS COMMAND: so often, so many at a time
with() { seq "$1" | parallel --plain --no-notice -j "$2" "$3"; }

fleet_one_worker() { with "$fleet_pairs" 1 "$fleet_diff"; }
fleet_two_workers() { with "$fleet_pairs" 2 "$fleet_diff"; }

# a loop starts no shell for each
fleet_loop() {
	local i
	for ((i = 0; i < fleet_small; i++)); do
		diff-snapshot --format ndjson "$tiny_before" "$tiny_after" || [ $? -eq 1 ]
	done
}
fleet_parallel() { with "$fleet_small" 1 "$tiny_diff"; }

# 40 pages of 50 ms: what takes time is the network
mkdir -p "$fleet"
mkfifo -m 600 "$fleet/url.$$"
stand-in --token token --users 400 --page-max 10 --groups 1 --delay 50 >"$fleet/url.$$" &
fleet_pid=$!
read -r fleet_url <"$fleet/url.$$"
rm "$fleet/url.$$"
export fleet_url SCIM_TOKEN=token
# shellcheck disable=SC2016
fleet_read='scim-fetch --jobs 1 --scope users "$fleet_url/scim/v2" | normalize >/dev/null 2>&1 #'
fleet_one_reader() { with "$((fleet_reads / 8))" 1 "$fleet_read"; }
fleet_eight_readers() { with "$fleet_reads" 8 "$fleet_read"; }

race fleet_loop fleet_parallel
RUNS=3 race fleet_one_worker fleet_two_workers fleet_one_reader fleet_eight_readers
kill "$fleet_pid"
wait "$fleet_pid" || true
unset SCIM_TOKEN

row "$fleet_pairs diffs, 2 workers, wall" "${wall[fleet_two_workers]}" s \
	"$(calc "${wall[fleet_one_worker]} / ${wall[fleet_two_workers]}")" '1 worker is slower' '>= 1.7'
row "$fleet_reads reads of 50 ms a page, 8 workers, wall" "${wall[fleet_eight_readers]}" s \
	"$(calc "8 * ${wall[fleet_one_reader]} / ${wall[fleet_eight_readers]}")" '1 worker is slower' '>= 7'
row 'a plain loop, for each small diff, CPU' "$(calc "${cpu[fleet_loop]} / $fleet_small * 1000")" ms
row 'parallel, overhead for each, CPU' \
	"$(calc "(${cpu[fleet_parallel]} - ${cpu[fleet_loop]}) / $fleet_small * 1000")" ms

# fleet_spark: seconds until Spark has answered once, ms for each program of a warm one beside a loop, and ms of that loop
fleet_spark() {
	local i
	for ((i = 0; i <= 40 + fleet_small; i++)); do
		mkdir -p "$fleet/store/c/$(date -u -d "2026-01-01 + $i days" +%F)"
		cp "$tiny_before" "$fleet/store/c/$(date -u -d "2026-01-01 + $i days" +%F)/snapshot.ndjson"
	done
	SPARK_LOCAL_IP=127.0.0.1 PATH=$BUILD:$PATH "$BUILD/scale/python/bin/python" - "$fleet/store" "$fleet/tables" <<-'END' 2>"$fleet/spark.err"
		import argparse, contextlib, io, statistics, subprocess, sys, time
		began = time.time()
		sys.path.insert(0, "examples/spark")
		import fleet
		from pyspark.sql import SparkSession
		spark = (SparkSession.builder.master("local[1,4]").config("spark.ui.enabled", "false")
		         .config("spark.ui.showConsoleProgress", "false").config("spark.sql.shuffle.partitions", "1").getOrCreate())
		spark.sparkContext.addPyFile("examples/spark/fleet.py")
		fleet.views = lambda *words: None  # the programs alone
		def seconds(first, last):
		    asked = argparse.Namespace(store=sys.argv[1], tables=sys.argv[2], first=first, last=last, programs="")
		    begin = time.time()
		    with contextlib.redirect_stdout(io.StringIO()):
		        fleet.land(spark, asked)
		    return time.time() - begin, len(list(fleet.find_work(asked.store, first, last)))
		seconds("", "2026-01-20")
		started = time.time() - began
		few = [seconds("2026-01-02", "2026-01-11") for _ in range(3)]
		many = [seconds("2026-01-12", "9") for _ in range(3)]
		work = list(fleet.find_work(sys.argv[1], "2026-01-12", "9"))
		begin = time.time()
		for _, _, words in work:
		    subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
		loop = (time.time() - begin) / len(work)
		each = (statistics.median(t for t, _ in many) - statistics.median(t for t, _ in few)) / (many[0][1] - few[0][1])
		print(f"{started:.3f} {(each - loop) * 1000:.3f} {loop * 1000:.3f}")
	END
}
if [ -x "$BUILD/scale/python/bin/spark-submit" ] && java -version >/dev/null 2>&1; then
	read -r fleet_start fleet_each fleet_plain < <(fleet_spark)
	row 'Spark, before its first answer, wall' "$fleet_start" s
	row 'Spark, overhead for each program, wall' "$fleet_each" ms "$(calc "$fleet_each / $fleet_plain")" 'of a loop'
else
	echo 'run: no rows of Spark: make scale installs it, and it needs Java 17' >&2
fi

#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""
fleet.py land STORE TABLES    run the programs over the snapshots, keep what they say as Parquet
fleet.py ask TABLES [SQL...]  answer questions about it; without SQL, who came and left each night

What examples/fleet keeps in STORE, on Apache Spark (pip install -r requirements.txt, and Java 17):

  spark-submit fleet.py land --from 2026-01-01 /srv/fleet /srv/tables
  spark-submit fleet.py ask /srv/tables "SELECT * FROM entries WHERE member_name = 'ada'"

land lets each task run one program for one night of one customer, by a pipe:

  changes   the lines of diff-snapshot between a night and the one before
  findings  the lines of check-snapshot, by the policy.json that fleet kept beside the snapshot
  lines     the lines of the snapshot, as normalize writes them
  failures  customer, night, program, status, words: what could not be compared, checked or read

An answer is taken only if the status says that it is whole, and if its end line has the digests of
its begin line and of the lines between. Any other is a row of failures. In the end each program has
a first line or a failure for each night: this is counted, and a night that is lost is an error.
TABLES/streams has all four, partitioned by table, customer and night. land also keeps those views of
../fleet.sql that others are made of, such as TABLES/events. All is made anew each time: give each
month a TABLES of its own. Workers need STORE, TABLES and the programs at the same place.

ask has the first three as (customer, night, number, line), failures, and the views of ../fleet.sql.
It prints rows with tabs between the columns.

Exit status: 0; 3 there are failures; 64 usage; 65 nothing to read; 70 a night is lost.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import unicodedata

from pyspark.sql import SparkSession

NIGHT = re.compile(r"20\d\d-[01]\d-[0-3]\d")
STREAMS = "table string, customer string, night string, program string, status int, number int, line string"
# which table the lines of a program are, and the statuses with which they are whole
PROGRAMS = {
    "diff-snapshot": ("changes", (0, 1, 3)),
    "check-snapshot": ("findings", (0, 1, 3)),
    "normalize": ("lines", (0,)),
}
FROM_STREAMS = {
    "changes": "SELECT customer, night, number, line FROM streams WHERE table = 'changes'",
    "findings": "SELECT customer, night, number, line FROM streams WHERE table = 'findings'",
    "lines": "SELECT customer, night, number, line FROM streams WHERE table = 'lines'",
    "failures": "SELECT customer, night, program, status, line AS words FROM streams WHERE table = 'failures'",
    "sources": "SELECT customer, night, explode(from_json(get_json_object(line, '$.sources'),"
    " 'array<struct<source:string>>').source) AS source FROM lines WHERE number = 1",
}
COUNTS = "SELECT customer, night, event, count(*) AS number FROM events GROUP BY ALL ORDER BY ALL"


def find_work(store, first, last):
    """(customer, night, arguments) of each program that is to run."""
    for customer in sorted(os.listdir(store)):
        nights, before = os.path.join(store, customer), None
        for night in sorted(filter(NIGHT.fullmatch, os.listdir(nights) if os.path.isdir(nights) else [])):
            names = ("snapshot.ndjson", "snapshot.ndjson.zst")
            files = [path for path in (os.path.join(nights, night, name) for name in names) if os.path.isfile(path)]
            if not files:
                continue
            policy = os.path.join(nights, night, "policy.json")
            if first <= night <= last:
                check = ["--policy", policy] if os.path.isfile(policy) else []
                if before:
                    check += ["--before", before]
                    yield customer, night, ["diff-snapshot", "--format", "ndjson", before, files[0]]
                yield customer, night, ["check-snapshot", "--format", "ndjson", *check, files[0]]
                yield customer, night, ["normalize", files[0]]
            before = files[0]


def is_whole(answer):
    """Is the file one section, whose end line has the digests of the lines before it?"""
    begin, last, between = None, None, hashlib.sha256()
    for line in answer:
        line.decode()
        if begin is None:
            begin = line
            continue
        between.update(last or b"")
        last = line
    if not (last and last.startswith(b'{"kind":"end",') and last.endswith(b"\n")):
        return False
    end = json.loads(last)
    return (end.get("sha256"), end.get("begin_sha256")) == (between.hexdigest(), hashlib.sha256(begin).hexdigest())


def run(customer, night, arguments, programs):
    """The rows of one program, of its lines or of its failure. They wait on disk until they are proved."""
    name = arguments[0]
    table, good = PROGRAMS[name]
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as messages:
        try:
            words = [os.path.join(programs, name), *arguments[1:]]
            status = subprocess.run(words, stdout=answer, stderr=messages, check=False).returncode
            status = 128 - status if status < 0 else status  # a signal, as the shell has it
            messages.seek(0)
            said = messages.read().decode("utf-8", "replace").strip().split("\n")[-1]
        except OSError as error:
            status, said = 127, str(error)
        answer.seek(0)
        try:
            if status in good and not is_whole(answer):
                raise ValueError("its last line is not of the lines before it")
        except ValueError as error:  # what is not UTF-8 and what is not JSON, too
            status, said = 65, f"{name}: {error}"
        if status not in good:
            yield "failures", customer, night, name, status, 0, said
            return
        answer.seek(0)
        for number, line in enumerate(answer, 1):
            yield table, customer, night, name, status, number, line.decode()[:-1]


def land(spark, asked):
    work = list(find_work(asked.store, asked.first, asked.last))
    if not work:
        fail(65, f"no snapshot in {asked.store}")
    context, programs = spark.sparkContext, asked.programs
    slices = min(len(work), 16 * context.defaultParallelism)
    rows = context.parallelize(work, slices).flatMap(lambda one: run(*one, programs))
    streams = os.path.join(asked.tables, "streams")
    spark.createDataFrame(rows, STREAMS, verifySchema=False).write.mode("overwrite").partitionBy(
        "table", "customer", "night"
    ).parquet(streams)
    landed = spark.read.schema(STREAMS).parquet(streams)
    answers = landed.filter("number <= 1").select("customer", "night", "program")
    if answers.count() != len(work) or answers.distinct().count() != len(work):
        fail(70, f"{len(work)} programs were to run, and {answers.count()} answers are there")
    failures = landed.filter("table = 'failures'").count()
    views(spark, asked, True)
    print(f"{len({one[:2] for one in work})} snapshots, {len(work)} programs, {failures} failures")
    return 3 if failures else 0


def views(spark, asked, keep):
    """All that can be asked for. What fleet.sql says is to be kept is a table of TABLES: made anew, or read."""
    spark.read.schema(STREAMS).parquet(os.path.join(asked.tables, "streams")).createOrReplaceTempView("streams")
    for name, text in FROM_STREAMS.items():
        spark.sql(text).createOrReplaceTempView(name)
    spark.udf.register("composed", lambda text: text and unicodedata.normalize("NFC", text))
    with open(asked.sql, encoding="utf-8") as file:
        text = file.read()
    kept = re.search(r"(?m)^-- kept: (.*)$", text)[1].split()
    for statement in filter(str.strip, re.sub(r"(?m)^--.*$", "", text).split(";\n")):
        name = re.search(r"TEMP VIEW (\w+) AS", statement)[1]
        table = os.path.join(asked.tables, name)
        if keep or name not in kept:
            spark.sql(statement)
        if keep and name in kept:
            spark.table(name).write.mode("overwrite").parquet(table)
        if name in kept:
            spark.read.parquet(table).createOrReplaceTempView(name)


def ask(spark, asked):
    views(spark, asked, False)
    for question in asked.questions or [COUNTS]:
        for row in spark.sql(question).toLocalIterator():
            print("\t".join("" if value is None else str(value) for value in row))
    return 0


def fail(status, words):
    print(f"fleet.py: {words}", file=sys.stderr)
    sys.exit(status)


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.error = lambda words: fail(64, words)
    parser.add_argument("--sql", default=os.path.join(here, "..", "fleet.sql"), help="the file of the views")
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("land")
    command.set_defaults(run=land)
    command.add_argument("--programs", default="", help="where the programs are, if not in the PATH of the workers")
    command.add_argument("--from", dest="first", default="", help="the first night (YYYY-MM-DD)")
    command.add_argument("--to", dest="last", default="9", help="the last night")
    command.add_argument("store")
    command.add_argument("tables")
    command = commands.add_parser("ask")
    command.set_defaults(run=ask)
    command.add_argument("tables")
    command.add_argument("questions", nargs="*")
    asked = parser.parse_args()
    spark = SparkSession.builder.appName("rollcall fleet").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    # a customer may be called 007
    spark.conf.set("spark.sql.sources.partitionColumnTypeInference.enabled", "false")
    status = asked.run(spark, asked)
    spark.stop()
    sys.exit(status)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: ISC
"""
directories.py PROGRAMS STORE COUNT SEED: random directories of COUNT customers in two nights, as
examples/fleet keeps them, and on stdout the events of diff-snapshot between the two, in the form
of `events` of examples/fleet.sql. The fields are few and their values fewer, so that records are
renamed, recreated, hidden by gaps and shown with a member more or less, all at once.
"""

import json
import os
import random
import subprocess
import sys

NAMES = ["ada", "Ada", "ADA", "bob", "Bob", "mei", "zo\u00e9", "zoe\u0301", 'x"y', "a\\", "", "a\u2028b", '\\"' * 300]
NIGHTS = ["2026-11-01", "2026-11-02"]


def maybe(chance, record, name, values):
    if dice.random() < chance:
        record[name] = dice.choice(values)


def user(source, number):
    record = {"kind": "user", "source": source, "id": str(number)}
    maybe(0.8, record, "user_name", NAMES + [None])
    maybe(0.6, record, "email", ["a@x", "b@x", None])
    record["status"] = dice.choice(["enabled", "disabled", "unknown", "enabled"])
    maybe(0.3, record, "provider_status", ["P", "Q", None])
    record["account_type"] = dice.choice(["human", "human", "service", "unknown"])
    maybe(0.4, record, "roles", [[], ["a"], ["a", "b"], None])
    maybe(0.4, record, "title", ["t", 'say "status":"enabled"', None])
    maybe(0.4, record, "extra", [{"email": "q"}, {"user_name": "w", "status": "s"}, {"a": "1"}])
    maybe(0.5, record, "last_login_at", ["2026-01-01T00:00:00Z", None, "2026-10-01T00:00:00Z"])
    maybe(0.5, record, "updated_at", ["2026-01-01T00:00:00Z", "2026-10-01T00:00:00Z"])
    return record


def group(source, number):
    record = {"kind": "group", "source": source, "id": str(number)}
    maybe(0.9, record, "name", NAMES)
    maybe(0.3, record, "description", ["d", None])
    maybe(0.3, record, "updated_at", ["2026-01-01T00:00:00Z", "2026-10-01T00:00:00Z"])
    return record


def directory(source):
    """Records of a source; each kind and id once."""
    users = [user(source, i) for i in range(1, 7) if dice.random() < 0.7]
    groups = [group(source, i) for i in range(1, 5) if dice.random() < 0.7]
    memberships, gaps = {}, {}
    for _ in range(8 if groups else 0):
        into, member = dice.choice(groups)["id"], str(dice.randint(1, 6))
        kind = dice.choice(["user", "user", "group", "unknown"])
        if kind != "group" or into != member:
            memberships.setdefault((into, member), {"kind": "membership", "source": source, "group_id": into,
                                                    "member_id": member, "member_kind": kind})
    for _ in range(dice.choice([0, 0, 0, 1, 2])):
        gap = {"kind": "gap", "source": source, "reason": "no",
               "scope": dice.choice(["users", "groups", "members", "members", "service_accounts"])}
        if gap["scope"] == "members":
            maybe(0.7, gap, "id", ["1", "2", "3", "4"])
        gaps[gap["scope"], gap.get("id")] = gap
    return users + groups + list(memberships.values()) + list(gaps.values())


def run(program, *words, good=(0,)):
    done = subprocess.run([os.path.join(programs, program), *words], stdout=subprocess.PIPE, check=False)
    if done.returncode not in good:
        sys.exit(f"{program} ended with status {done.returncode}: {words}")
    return done.stdout.decode().split("\n")[:-1]


programs, store = sys.argv[1:3]
dice = random.Random(int(sys.argv[4]))
for customer in (f"{number:03}" for number in range(int(sys.argv[3]))):
    for night in NIGHTS:
        where = os.path.join(store, customer, night)
        os.makedirs(where)
        parts = []
        # one source is always there, so that there is something to compare
        for source in ["always"] + ["sometimes"] * (dice.random() < 0.8):
            parts.append(os.path.join(where, source))
            with open(parts[-1] + ".plain", "w", encoding="utf-8") as file:
                file.writelines(json.dumps(record) + "\n" for record in directory(source))
            run("normalize", "--plain", "--allow-empty", "--source", source, "--fetched-at", night + "T00:00:00Z",
                "-o", parts[-1], parts[-1] + ".plain")
        run("normalize", "-o", os.path.join(where, "snapshot.ndjson"), *parts)
    for line in run("diff-snapshot", "--format", "ndjson", "--max-removed", "100%", "--allow-missing-source",
                    *(os.path.join(store, customer, night, "snapshot.ndjson") for night in NIGHTS), good=(0, 1)):
        event = json.loads(line)
        if event["kind"] == "change":
            ids = (event.get(name, "") for name in ("id", "group_id", "member_id"))
            print("\t".join([event["event"], customer, NIGHTS[1], event["source"], *ids]))

# SPDX-License-Identifier: ISC
# usage: judge.py FIRST COUNT
# Random directories of two sources, with gaps, selections, members that are not shown, circles,
# members of no list, rosters with namesakes and accounts that were made anew since --before; and
# what check-snapshot must say of them, worked out apart from our code: the findings, the counts
# of each check and source, and the reasons. Besides, a directory with less in it has no finding
# that the whole one does not have. Status 1: they differ.
import collections, datetime, hashlib, json, random, subprocess, sys

NOW, THEN = "2026-11-22T00:00:00Z", "2026-10-01T00:00:00Z"
GAP, SELECTED, SHOWN, MATCHED = "gap", "selected away", "not shown", "not matched"
SHARED = ("admin", "test")
DAYS = {"dormant": 90, "never": 30}


def before(time, days):
    return datetime.datetime.fromisoformat(time[:-1]) < datetime.datetime.fromisoformat(NOW[:-1]) - datetime.timedelta(days)


# ---- three values: True, False, or the set of the reasons that may be given ----

def U(*reasons): return frozenset(reasons)
def unknown(value): return isinstance(value, frozenset)
def both(*values):
    if False in values: return False
    return frozenset().union(*filter(unknown, values)) or True
def no(value): return value if unknown(value) else not value
def either(*values): return no(both(*map(no, values)))


# ---- directories ----

class Source:
    def __init__(self, name, read=NOW):
        self.name, self.read, self.select, self.gaps = name, read, None, []
        self.users, self.groups, self.members = {}, {}, set()

    def records(self):
        head = {"source": self.name}
        for scope, group in self.gaps:
            yield {"kind": "gap", **head, "scope": scope, **({"id": group} if group else {}), "reason": "no"}
        for key, name in self.groups.items():
            yield {"kind": "group", **head, "id": key, "name": name}
        for group, member, kind in self.members:
            yield {"kind": "membership", **head, "group_id": group, "member_id": member, "member_kind": kind}
        for key, user in self.users.items():
            yield {"kind": "user", **head, "id": key, **user}

    # what can not be seen: any account, any member, the members of one group
    def blind(self, scopes, group=None):
        if any(scope in scopes and one in (None, group) for scope, one in self.gaps): return U(GAP, *[SELECTED] * bool(self.select))
        return U(SELECTED) if self.select else False

    # is the group there? By its id it is, too, if memberships name it.
    def has(self, group, by_id):
        return group in self.groups or by_id and any(group == g or group == m and k == "group" for g, m, k in self.members)

    def above(self, start):
        seen, todo = {}, [(start, 0)]
        for group, level in todo:
            if group not in seen:
                seen[group] = level
                todo += [(outer, level + 1) for outer, member, kind in self.members if kind == "group" and member == group]
        return seen

    def effective(self, member, kind):
        return {group for outer, one, of in self.members if (one, of) == (member, kind) for group in self.above(outer)}


ORDER = ("gap", "group", "membership", "user")


def write(path, sources):
    lines = sorted((ORDER.index(r["kind"]), json.dumps(r, separators=(",", ":")) + "\n") for s in sources for r in s.records())
    begin = json.dumps({"kind": "begin", "format": 1, "stage": "snapshot", "vocabulary": 2, "sources": [
        {"source": s.name, "provider": "scim", "origin": "", "fetched_at": s.read, "gaps": len(s.gaps), "not_covered": [],
         **({"select": s.select} if s.select else {})} for s in sorted(sources, key=lambda s: s.name)]}, separators=(",", ":")) + "\n"
    body = "".join(line for _, line in lines)
    end = {"kind": "end", **{kind + "s": sum(o == i for o, _ in lines) for i, kind in enumerate(ORDER) if kind != "gap"},
           "gaps": sum(o == 0 for o, _ in lines),
           "sha256": hashlib.sha256(body.encode()).hexdigest(), "begin_sha256": hashlib.sha256(begin.encode()).hexdigest()}
    with open(path, "w") as file: file.write(begin + body + json.dumps(end, separators=(",", ":")) + "\n")


def user(R, key):
    x = {}
    if R.random() < .9: x["user_name"] = R.choice([key, key.upper(), f"n{R.randrange(9)}", "admin@x"])
    if R.random() < .7: x["email"] = R.choice([None, f"m{R.randrange(8)}@example.com", f"M{R.randrange(8)}@Example.com", key + "@other.org", "Test@example.com"])
    x["status"] = R.choice(["enabled"] * 4 + ["disabled", "unknown"])
    x["account_type"] = R.choice(["human"] * 4 + ["service", "unknown"])
    if R.random() < .8: x["roles"] = R.choice([[], [], ["r"], ["boss"], ["boss", "r"]])
    if R.random() < .7: x["created_at"] = R.choice(["2024-01-01T00:00:00Z", "2026-10-22T23:59:59Z", "2026-10-23T00:00:00Z"])
    if R.random() < .7: x["last_login_at"] = R.choice([None, None, "2026-11-01T00:00:00Z", "2026-08-24T00:00:00Z", "2026-08-23T23:59:59Z", "2024-01-01T00:00:00Z"])
    return x


def directory(R, name):
    s = Source(name)
    groups = [f"g{i}" for i in range(7)]
    s.groups = {g: "N" + g for g in groups if R.random() < .9}
    s.groups.setdefault("g2", "Ng2")
    keys = [f"u{i}" for i in range(16)]
    s.users = {u: user(R, u) for u in keys if R.random() < .9}
    for g in groups:
        s.members |= {(g, k, "group") for k in groups if g != k and R.random() < .12}
        s.members |= {(g, u, "user") for u in keys if R.random() < .1}
    return s


def copy(s, read=None):
    c = Source(s.name, read or s.read)
    c.users, c.groups, c.members, c.gaps, c.select = {u: dict(x) for u, x in s.users.items()}, dict(s.groups), set(s.members), list(s.gaps), s.select
    return c


# less of a source: parts that could not be read, or were not wanted
def lessen(R, whole):
    s, way = copy(whole), R.choice(["whole", "whole", "select", "users", "groups", "members", "one", "two"])
    few = lambda items, chance=.3: {item for item in sorted(items) if R.random() < chance}
    if way == "select":
        s.select, users, groups = "some", few(s.users), few(s.groups, .2)
        s.members = {(g, m, k) for g, m, k in s.members if g not in groups and m not in (users if k == "user" else groups)}
        for u in users: del s.users[u]
        for g in groups: del s.groups[g]
    if way in ("users", "two"):
        s.gaps.append((R.choice(["users", "service_accounts"]), None))
        for u in few(s.users): del s.users[u]
    if way == "groups":
        s.gaps.append(("groups", None))
        for g in few(s.groups): del s.groups[g]
        s.members -= few(s.members)
    if way == "members":
        s.gaps.append(("members", None))
        s.members -= few(s.members)
    if way in ("one", "two"):
        for hidden in sorted({R.choice(["g0", "g3"]), R.choice([f"g{i}" for i in range(7)])}):
            s.gaps.append(("members", hidden))
            s.members = {m for m in s.members if m[0] != hidden}
    return s


# the same source some weeks ago; which accounts have been made anew since
def earlier(R, s):
    old, anew = copy(s, THEN), set()
    for u in list(old.users):
        if R.random() < .2: del old.users[u]
        elif "created_at" in old.users[u] and R.random() < .2:
            old.users[u]["created_at"] = "2023-05-05T00:00:00Z"
            anew.add(u)
        elif R.random() < .2: old.users[u].pop("roles", None)
        elif R.random() < .3: old.users[u]["roles"] = ["r"]
    old.members = {m for m in old.members if R.random() < .8}
    return old, anew


# ---- persons: the name or e-mail of one is the name or e-mail of the other ----

def fold(name): return "".join(c.lower() if c < "\x7f" else c for c in name)
def names(x):
    found = [fold(x[m]) for m in ("user_name", "email") if x.get(m)]
    return found[:1] if x["account_type"] == "service" else found


def persons(accounts):
    parent, by = list(range(len(accounts))), {}
    def top(i):
        while parent[i] != i: i = parent[i]
        return i
    for i, (_, _, x) in enumerate(accounts):
        for name in names(x):
            parent[top(i)] = top(by.setdefault(name, i))
    found = collections.defaultdict(list)
    for i, account in enumerate(accounts): found[top(i)].append(account)
    return list(found.values())


# ---- the checks ----

class Judge:
    def __init__(self):
        self.counts, self.findings = collections.defaultdict(list), {}

    # one subject and its answer
    def say(self, check, source, key, answer, what="", severity=None):
        self.counts[check, source].append(answer)
        if answer is True: self.findings[check, source, key, what] = severity

    def hide(self, check, source, scopes=()):
        if any(scope in scopes for scope, _ in source.gaps): self.counts[check, source.name].append(U(GAP))
        if source.select: self.counts[check, source.name].append(U(SELECTED))


USERS, GROUPS = ("users", "service_accounts"), ("groups", "members")


def signs_in(x): return {"enabled": True, "disabled": False}.get(x["status"], U(SHOWN))


def judge_accounts(J, s, policy, old):
    name, privileged = s.name, {g for g in ("g0", "g1") if s.has(g, policy["ids"])}
    hidden = [one for scope, one in s.gaps if one]
    wide = s.blind(GROUPS)
    blind_access = either(wide, U(GAP) if hidden else False)
    gives = any(set(s.above(g)) & privileged or not s.has(g, True) for g in hidden)
    blind_privileged = either(wide, U(GAP) if gives else False)
    inside = collections.defaultdict(list)
    members = {(m, k) for _, m, k in s.members if k == "user"}
    for u in sorted(set(s.users) | {m for m, k in members}):
        for g in s.effective(u, "user") & privileged:
            inside[g].append(s.users.get(u))
            J.say("privileged", name, u, True, "group:" + g, "info")
    for g in {m for _, m, k in s.members if k == "group"} - set(s.groups):
        for outer in s.effective(g, "group") & privileged:
            inside[outer].append("many")
            J.say("privileged", name, g, True, "group:" + outer, "info")
    for u, x in s.users.items():
        people, service = x["account_type"] != "service", {"service": True, "human": False}.get(x["account_type"], U(SHOWN))
        last, act, groups = x.get("last_login_at", "absent"), signs_in(x), s.effective(u, "user")
        roles = bool(x["roles"]) if "roles" in x else U(SHOWN)
        boss = "boss" in x["roles"] if "roles" in x else U(SHOWN)
        power = either(bool(groups & privileged), boss, False if groups & privileged else blind_privileged)
        email = x.get("email", "absent")
        foreign = U(SHOWN) if email == "absent" else email is not None and not email.lower().endswith("@example.com")
        if boss is not False: J.say("privileged", name, u, boss, "role:boss", "info")
        if act is not False and people:
            dormant = U(SHOWN) if last == "absent" else last is not None and before(last, DAYS["dormant"])
            J.say("dormant", name, u, both(act, dormant), severity="high" if power is True else "medium")
            new = before(x["created_at"], DAYS["never"]) if "created_at" in x else U(SHOWN)
            if unknown(new) and old and u in old.users and before(old.read, DAYS["never"]): new = True
            J.say("never-signed-in", name, u, both(act, new, U(SHOWN) if last == "absent" else last is None), severity="medium")
        if act is not True: J.say("disabled-with-access", name, u, both(no(act), either(bool(groups), roles, False if groups else blind_access)), severity="low")
        J.say("privileged-unnamed", name, u, both(power, either(service, U(SHOWN) if email == "absent" else email is None, foreign)), severity="high")
        if email is not None: J.say("external", name, u, foreign, severity="low")
        if people:
            parts = [U(SHOWN) if m not in x else x[m] is not None and x[m].split("@")[0].lower() in SHARED for m in ("user_name", "email")]
            J.say("shared-name", name, u, either(*parts), severity="low")
        if act is not False:
            same = [signs_in(y) for v, y in s.users.items() if v != u and y.get("email") and email not in (None, "absent") and y["email"].lower() == email.lower()]
            J.say("duplicate", name, u, U(SHOWN) if email == "absent" else both(act, either(*same)) if same else False, severity="medium")
        if service is not False: J.say("service-owner", name, u, both(service, u not in policy["owned"]), severity="medium")
    for check in ("dormant", "never-signed-in", "disabled-with-access", "privileged-unnamed", "external", "shared-name", "duplicate", "service-owner"):
        J.hide(check, s, USERS)
    if any(scope in USERS for scope, _ in s.gaps) or GAP in (blind_privileged or ()): J.counts["privileged", name].append(U(GAP))
    if s.select: J.counts["privileged", name].append(U(SELECTED))
    J.hide("privileged-count", s, ("groups",))
    for g in privileged:
        sure = sum(x is not None and x != "many" and x["account_type"] != "service" and x["status"] == "enabled" for x in inside[g])
        most = sure + sum(1000 if x == "many" else x is None or x["account_type"] != "service" and x["status"] == "unknown" for x in inside[g]) + (1000 if blind_privileged else 0)
        J.say("privileged-count", name, g, True if sure > 4 or most < 2 else False if sure >= 2 and most <= 4 else blind_privileged or U(SHOWN), severity="medium")
    for g in ("g0", "g1"):
        if not policy["somewhere"][g]:
            for check in ("privileged", "privileged-unnamed", "privileged-count"):
                J.counts[check, name].append(s.blind(("groups",)) or U(MATCHED))
    if not policy["somewhere"]["boss"]:
        for check in ("privileged", "privileged-unnamed"): J.counts[check, name].append(s.blind(USERS) or U(MATCHED))
    return privileged


def judge_groups(J, s):
    hidden = {one for scope, one in s.gaps if one}
    wide = s.blind(GROUPS)
    for g in s.groups:
        inner = [m for m in s.members if m[0] == g]
        J.say("empty-group", s.name, g, False if inner else no(s.blind(GROUPS, g)), severity="info")
        loose = either(wide, U(GAP) if hidden else False)
        J.say("deep-group", s.name, g, True if max(s.above(g).values()) > 3 else loose, severity="low")
        circle = any(g in s.above(o) for o, m, k in s.members if k == "group" and m == g)
        J.say("cycle", s.name, g, True if circle else loose, severity="low")
    for check in ("empty-group", "deep-group", "cycle"): J.hide(check, s, ("groups",))
    for g, m, k in s.members:
        listed = m in (s.users if k == "user" else s.groups)
        J.say("orphan-member", s.name, m, False if listed else no(s.blind(USERS if k == "user" else ("groups",))) , "group:" + g, "high")
    for g in {m[0] for m in s.members} - set(s.groups):
        J.say("orphan-member", s.name, g, no(s.blind(("groups",))), severity="high")
    J.hide("orphan-member", s, GROUPS)
    for scope, one in s.gaps: J.say("population", s.name, f"gap:{scope}" + (":" + one if one else ""), True, severity="high")
    if not s.gaps: J.say("population", s.name, "", False)
    J.say("population", s.name, "select", bool(s.select), severity="high")


def judge_persons(J, sources, rosters):
    gap = any(scope in USERS for r in rosters for scope, _ in r.gaps)
    roster_blind = U(GAP) if gap else U(SELECTED) if any(r.select for r in rosters) else False
    idp = sources["b"]
    accounts = [(s.name, u, x) for s in sources.values() for u, x in s.users.items()] + [("roster", u, x) for r in rosters for u, x in r.users.items()]
    for person in persons(accounts):
        def state(x, where):
            there = [y for name, _, y in person if name == where]
            states = {y["status"] for y in there}
            if len(states) < 2: return there and signs_in(there[0])
            # those of its name, of these those of its address; else those of its address
            mine = [y for y in there if x.get("user_name") and fold(y.get("user_name") or "") == fold(x["user_name"])]
            if len({y["status"] for y in mine}) != 1:
                mine = [y for y in mine or there if x.get("email") and fold(y.get("email") or "") == fold(x["email"])]
            if len({y["status"] for y in mine}) == 1: return signs_in(mine[0])
            return U(MATCHED, SHOWN)
        for name, u, x in person:
            act = signs_in(x)
            if name == "roster": continue
            if act is not False and x["account_type"] != "service":
                at = state(x, "roster")
                answer = roster_blind or (True if names(x) else U(MATCHED)) if at == [] else no(at)
                J.say("leaver", name, u, both(act, answer), severity="high" if at == [] else "critical")
            if name == "b": continue
            at = state(x, "b")
            if act is not False and (at != [] or x["account_type"] != "service"):
                J.say("disabled-elsewhere", name, u, both(act, idp.blind(USERS) or U(MATCHED) if at == [] else no(at)), severity="high")
            if x["account_type"] != "service":
                J.say("not-in-idp", name, u, (no(idp.blind(USERS)) if idp.blind(USERS) or names(x) else U(MATCHED)) if at == [] else False, severity="medium")
    for s in sources.values():
        J.hide("leaver", s, USERS)
        if s.name != "b":
            J.hide("disabled-elsewhere", s, USERS)
            J.hide("not-in-idp", s, USERS)


CONFLICT = (("a", "g2"), ("b", "g3"))


# one person in a group of a and one of b: whose source counts it is not said, so all are counted together
def judge_conflict(J, sources, rosters):
    accounts = [(s.name, u, x) for s in sources.values() for u, x in s.users.items()] + [("roster", u, x) for r in rosters for u, x in r.users.items()]
    blind = []
    for name, group in CONFLICT:
        s = sources[name]
        strangers = any(group in s.effective(m, k) and not (names(s.users[m]) if m in s.users else False) for m, k in {(m, k) for _, m, k in s.members if k == "user" or m not in s.groups})
        reasons = [s.blind(GROUPS), U(GAP) if any(one for _, one in s.gaps) else False, U(MATCHED) if strangers or not s.has(group, True) else False]
        blind.append(either(*reasons))
        if not s.has(group, True): J.counts["conflict", "all"].append(s.blind(("groups",)) or U(MATCHED))
    found = []
    for person in persons(accounts):
        sides = [any(name == s and group in sources[s].effective(u, "user") for s, u, _ in person if s != "roster") for name, group in CONFLICT]
        if all(sides): found.append({(s, u) for s, u, _ in person})
        nameless = False if names(person[0][2]) else U(MATCHED)
        if any(sides): J.counts["conflict", "all"].append(all(sides) or either(nameless, blind[sides.index(False)]))
    for s in sources.values():
        if any(scope in USERS + GROUPS for scope, _ in s.gaps): J.counts["conflict", "all"].append(U(GAP))
        if s.select: J.counts["conflict", "all"].append(U(SELECTED))
    return found


def judge_new(J, s, old, anew, privileged):
    for u, x in s.users.items():
        seen = u in old.users and u not in anew if old else False
        fresh = (True if u in anew else no(old.blind(USERS))) if old else U(MATCHED)
        power = bool(s.effective(u, "user") & privileged or "boss" in x.get("roles", ()))
        J.say("new-access", s.name, u, False if seen else fresh, "account", "high" if power else "info")
        if "roles" not in x: J.say("new-access", s.name, u, U(SHOWN))
        for role in x.get("roles", ()):
            then = old.users[u].get("roles") if seen else []
            J.say("new-access", s.name, u, U(SHOWN) if then is None else False if role in then else True if seen else fresh, "role:" + role, "high" if role == "boss" else "info")
    for g, m, k in s.members:
        seen = old and (g, m, k) in old.members
        again = k == "user" and m in anew and m in s.users
        fresh = True if again else either(no(old.blind(GROUPS, g))) if old else U(MATCHED)
        J.say("new-access", s.name, m, False if seen and not again else fresh, "group:" + g, "high" if set(s.above(g)) & privileged else "info")
    J.hide("new-access", s, USERS + GROUPS)


# ---- one seed ----

def run(args):
    done = subprocess.run(args, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1, 3): sys.exit(f"{args}: {done.returncode} {done.stderr}")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return ({(o["check"], o["source"]): o for o in lines if o["kind"] == "check"}, {(o["check"], o["source"], o["id"], o.get("what", "")): o for o in lines if o["kind"] == "finding"})


def fits(reasons, why):
    """Each unknown answer has one of its reasons."""
    return sum(why.values()) == len(reasons) and all(
        sum(r <= words for r in reasons) <= sum(why.get(w, 0) for w in words) for r in reasons for words in (r, *map(U, r)))


def seed(number):
    R = random.Random(number)
    whole = {name: directory(R, name) for name in "ab"}
    wholly = {name: earlier(R, s) for name, s in whole.items()}
    rosters = []
    for name in ("hr", "us"):
        rosters.append(Source(name))
        for s in whole.values():
            for u, x in s.users.items():
                if R.random() < .35: rosters[-1].users[s.name + u] = {**{m: x[m] for m in ("user_name", "email") if m in x and R.random() < .8}, "status": R.choice(["enabled"] * 3 + ["disabled"] * 2 + ["unknown"]), "account_type": "human"}
    less = {name: lessen(R, s) for name, s in whole.items()}
    old = {name: lessen(R, s) for name, (s, _) in wholly.items()}
    if R.random() < .15: del old[R.choice("ab")]
    if R.random() < .3: rosters[0] = lessen(R, rosters[0])
    exceptions = [{"check": R.choice(["dormant", "external", "duplicate", "leaver", "privileged", "shared-name", "disabled-with-access", "new-access", "not-in-idp"]), "source": R.choice("ab"),
                   "id": f"u{R.randrange(16)}", "reason": "r", "by": "b", "until": "2027-01-01"} for _ in range(40)]
    ids, owned = R.random() < .5, {f"u{i}" for i in range(4)}
    policy = {"privileged": {"groups": ["g0", "g1"] if ids else ["Ng0", "Ng1"], "roles": ["boss"]}, "domains": ["example.com"], "shared_names": list(SHARED), "idp": "b", "authority": "b",
              "owners": [{"source": s, "account": u, "owner": "o"} for s in "ab" for u in sorted(owned)], "exceptions": exceptions,
              "conflicts": [{"name": "two", "groups": [{"source": s, "group": g} for s, g in CONFLICT]}]}
    with open("policy.json", "w") as file: json.dump(policy, file)
    write("roster", rosters)
    write("old", old.values())
    write("less", less.values())
    write("whole", whole.values())
    options = ["check-snapshot", "--format", "ndjson", "--policy", "policy.json", "--roster", "roster", "--before", "old"]
    counts, findings = run([*options, "less"])
    _, all_findings = run([*options, "whole"])

    J, wrong = Judge(), []
    somewhere = {g: any(s.has(g, ids) for s in less.values()) for g in ("g0", "g1")}
    somewhere["boss"] = any("boss" in x.get("roles", ()) for s in less.values() for x in s.users.values())
    terms = {"ids": ids, "owned": owned, "somewhere": somewhere}
    for name, s in less.items():
        then = old.get(name)
        anew = {u for u in wholly[name][1] if then and u in then.users}
        privileged = judge_accounts(J, s, terms, then)
        judge_groups(J, s)
        judge_new(J, s, then, anew, privileged)
    judge_persons(J, less, rosters)
    torn = judge_conflict(J, less, rosters)
    mine = [key[1:3] for key in findings if key[0] == "conflict"]
    findings = {key: o for key, o in findings.items() if key[0] != "conflict"}
    if len(mine) != len(torn) or not all(any(one in person for one in mine) for person in torn): wrong.append(f"conflict: {mine}, not one of each of {torn}")
    parts = [counts.pop(key) for key in list(counts) if key[0] == "conflict"]
    counts["conflict", "all"] = {**{word: sum(o[word] for o in parts) for word in ("subjects", "ok", "found", "unknown", "excepted")},
                                 "why": collections.Counter(why for o in parts for why, n in o.get("why", {}).items() for _ in range(n))}
    covered = {(e["check"], e["source"], e["id"]) for e in exceptions}
    for name in less:
        for u in wholly[name][1]:
            if name in old and u in old[name].users and u in less[name].users: covered -= {(check, name, u) for check in {e["check"] for e in exceptions}}
    for key in sorted(set(findings) ^ set(J.findings)):
        wrong.append(f"{'only check-snapshot' if key in findings else 'only the judge'}: {key}")
    for key in set(findings) & set(J.findings):
        o = findings[key]
        if o["severity"] != J.findings[key]: wrong.append(f"{key}: severity {o['severity']}, not {J.findings[key]}")
        if ("excepted" in o) != (key[:3] in covered): wrong.append(f"{key}: excepted {'excepted' in o}")
    for key in sorted(set(counts) | set(J.counts)):
        answers, o = J.counts[key], counts.get(key)
        if not o:
            wrong.append(f"no counts: {key}")
            continue
        if o["subjects"] != o["ok"] + o["found"] + o["unknown"] + o["excepted"]: wrong.append(f"no sum: {o}")
        reasons = [a for a in answers if unknown(a)]
        want = (len(answers), answers.count(False), answers.count(True), len(reasons))
        got = (o["subjects"], o["ok"], o["found"] + o["excepted"], o["unknown"])
        if got != want: wrong.append(f"{key}: subjects, ok, found, unknown {got}, not {want}; {o.get('why')} {[sorted(r) for r in reasons]}")
        elif not fits(reasons, o.get("why", {})): wrong.append(f"{key}: {o.get('why')}, not {[sorted(r) for r in reasons]}")
    # what less of a directory shows is so in the whole one; and if all of it could be decided, that is all
    for key in set(findings) ^ set(all_findings):
        check, source, ident, _ = key
        if check in ("population", "leaver", "disabled-elsewhere", "not-in-idp", "conflict"): continue  # others of the person decide
        if key in all_findings and counts[check, source]["unknown"] == 0: wrong.append(f"all is decided, and not found: {key}")
        # a group that is not listed is told; of two paths the longer one may be all that is seen
        if key in findings and not (check == "privileged" and ident[0] == "g") and check != "deep-group": wrong.append(f"not so in the whole directory: {key}")
    for line in wrong: print(f"seed {number} {[(s.name, s.gaps, s.select) for s in less.values()]}: {line}")
    return sum(map(len, J.counts.values())), len(wrong)


results = [seed(number) for number in range(int(sys.argv[1]), int(sys.argv[1]) + int(sys.argv[2]))]
print(sum(r[0] for r in results), "compared")
sys.exit(any(r[1] for r in results))

# SPDX-License-Identifier: ISC
# usage: policies.py SEED COUNT
# Writes so many policies, a line each: one that is right, changed at one or two places.
import copy, json, random, sys
random.seed(int(sys.argv[1]))
base = {"$schema": "x", "set": {"dormant.days": 45, "privileged-count.least": 1},
 "privileged": {"groups": ["Admins", {"source": "a", "group": "G"}], "roles": ["owner", {"role": "r"}]},
 "domains": ["example.com"], "shared_names": ["root"], "authority": "hr", "idp": "okta", "roster": "hr",
 "owners": [{"source": "a", "account": "ci", "owner": "ops"}],
 "conflicts": [{"name": "n", "groups": ["A", {"source": "b", "group": "B"}]}],
 "expect": {"a": {"users": 3, "groups": {"least": 1, "most": 4}}}, "persons": {"Ada": ["ada@example.com"]},
 "rules": [{"name": "old", "where": "true", "severity": "high", "says": "x"}],
 "exceptions": [{"check": "dormant", "source": "a", "id": "1", "what": "w", "reason": "r", "by": "b", "until": "2027-01-01"},
  {"check": "external", "source": "a", "accept": "unknown", "reason": "r", "by": "b", "until": "2027-01-01"}]}
words = [None, True, 0, 1, -1, 1.5, 40, 10**9, "", "x", "Admins", "2027-01-01", [], ["x"], ["x", "x"], [1], [""], {}, {"x": 1}, {"a": ["x"]}, [4, 1], [1, 2, 3], {"source": "a"}, {"users": 1}, {"least": 4}]
def places(value, at=()):
    yield at
    for key, item in (value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()):
        yield from places(item, at + (key,))
for _ in range(int(sys.argv[2])):
    policy = copy.deepcopy(base)
    for _ in range(random.choice((1, 1, 2))):
        at = random.choice([place for place in places(policy) if place])
        holder = policy
        for key in at[:-1]: holder = holder[key]
        kind = random.randrange(4)
        if kind == 0: del holder[at[-1]]
        elif kind == 1 and isinstance(holder, dict): holder[random.choice(["x", "source", "group", "id", "accept", "dormant.days"])] = copy.deepcopy(random.choice(words))
        elif kind == 1: holder.append(copy.deepcopy(random.choice(words)))
        else: holder[at[-1]] = copy.deepcopy(random.choice(words))
    print(json.dumps(policy))

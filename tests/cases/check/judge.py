# SPDX-License-Identifier: ISC
# usage: judge.py COUNT
# Random directories (nested groups, circles, members of no list, members that are not shown) and
# what six checks must find there, worked out apart from our code. Status 1: they differ.
import json, random, subprocess, sys, datetime as d
bad=compared=0
for seed in range(int(sys.argv[1])):
    R=random.Random(seed); recs=[]; gs=[f'g{i}' for i in range(9)]; us=[f'u{i}' for i in range(25)]
    listed=[g for g in gs if R.random()<.9]; mem=set()
    for g in gs:
        for k in gs:
            if g!=k and R.random()<.13: mem.add((g,k,'group'))
        for u in us:
            if R.random()<.07: mem.add((g,u,'user'))
    users={}
    for u in us:
        if R.random()<.1: continue
        x={"status":R.choice(['enabled']*4+['disabled','unknown']),"account_type":R.choice(['human']*4+['service','unknown']),"user_name":u}
        if R.random()<.7: x["email"]=R.choice([None,f'm{R.randrange(8)}@example.com',f'M{R.randrange(8)}@Example.com',u+'@other.org'])
        if R.random()<.7: x["last_login_at"]=R.choice([None,'2026-11-01T00:00:00Z','2026-08-24T00:00:00Z','2026-08-23T23:59:59Z','2024-01-01T00:00:00Z'])
        x["roles"]=R.choice([[],[],["r"]]) if R.random()<.8 else 'ABS'
        if x["roles"]=='ABS': del x["roles"]
        users[u]=x
    for g in listed: recs.append({"kind":"group","source":"a","id":g,"name":'N'+g})
    for g,m,k in mem: recs.append({"kind":"membership","source":"a","group_id":g,"member_id":m,"member_kind":k})
    for u,x in users.items(): recs.append({"kind":"user","source":"a","id":u,**x})
    open('p','w').write(''.join(json.dumps(r)+'\n' for r in recs))
    r=subprocess.run(['normalize','--plain','--source','a','--fetched-at','2026-11-22T00:00:00Z','-o','s','p'],capture_output=True,text=True)
    if r.returncode: sys.exit(r.stderr)
    open('policy.json','w').write(json.dumps({"privileged":{"groups":["Ng0","Ng1"] if 'g0' in listed and 'g1' in listed else [{"group":listed[0]}]},"domains":["example.com"]}))
    out=subprocess.run(['check-snapshot','--policy','policy.json','--format','ndjson','s'],capture_output=True,text=True)
    got={}
    for l in out.stdout.splitlines():
        o=json.loads(l)
        if o['kind']=='finding': got.setdefault(o['check'],set()).add(o['id'])
    priv={'g0','g1'} if 'g0' in listed and 'g1' in listed else {listed[0]}
    up={}
    for g,m,k in mem: up.setdefault((k,m),set()).add(g)
    def eff(u):
        seen=set(); todo=list(up.get(('user',u),()))
        while todo:
            g=todo.pop()
            if g in seen: continue
            seen.add(g); todo+=up.get(('group',g),())
        return seen
    def gup(g):
        seen=set(); todo=list(up.get(('group',g),()))
        while todo:
            x=todo.pop()
            if x in seen: continue
            seen.add(x); todo+=up.get(('group',x),())
        return seen
    want={}
    T=d.datetime(2026,11,22); f=lambda t:d.datetime.strptime(t,'%Y-%m-%dT%H:%M:%SZ')
    for u,x in users.items():
        act=x['status']!='disabled'; 
        if x['status']=='enabled' and x['account_type']!='service' and x.get('last_login_at') and T-f(x['last_login_at'])>d.timedelta(90): want.setdefault('dormant',set()).add(u)
        if x['status']=='disabled' and (eff(u) or x.get('roles')): want.setdefault('disabled-with-access',set()).add(u)
        if eff(u)&priv: want.setdefault('privileged',set()).add(u)
        if x.get('email') and not x['email'].lower().endswith('@example.com'): want.setdefault('external',set()).add(u)
        if x['status']=='enabled' and x.get('email'):
            if any(v!=u and y['status']=='enabled' and (y.get('email') or '').lower()==x['email'].lower() for v,y in users.items()): want.setdefault('duplicate',set()).add(u)
        if x['account_type']=='service': want.setdefault('service-owner',set()).add(u)
    # of groups in a circle those that are listed: of the others orphan-member speaks
    for g in gs:
        if g in gup(g) and g in listed: want.setdefault('cycle',set()).add(g)
    for c in ('dormant','disabled-with-access','external','duplicate','cycle','privileged'):
        a,b=got.get(c,set()),want.get(c,set())
        if c=='privileged': a=a&set(users)
        compared+=len(b)
        if a!=b: bad+=1; print(seed,c,'only ours',sorted(a-b),'only judge',sorted(b-a))
print(compared,'compared')
sys.exit(bad>0)

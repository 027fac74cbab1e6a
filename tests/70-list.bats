#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2094 # a source and its file have one name
# list-snapshot: who can get in, as rows: effective access, the questions, the formats.

load helper
load decisions

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# canonical: records on stdin, in any order, as the snapshot `snapshot` of the source scim
canonical() {
	LC_ALL=C sort | seal_snapshot scim >snapshot
}

# directory: Admins < Ops < Everyone < Admins (a circle), a member nobody lists, a gap
small_directory() {
	canonical <<-'END'
		{"kind":"gap","source":"scim","scope":"members","id":"9","reason":"HTTP 403"}
		{"kind":"group","source":"scim","id":"1","name":"Admins"}
		{"kind":"group","source":"scim","id":"2","name":"Ops"}
		{"kind":"group","source":"scim","id":"3","name":"Everyone"}
		{"kind":"group","source":"scim","id":"9","name":"Secret"}
		{"kind":"membership","source":"scim","group_id":"1","member_id":"3","member_kind":"group"}
		{"kind":"membership","source":"scim","group_id":"1","member_id":"u1","member_kind":"user"}
		{"kind":"membership","source":"scim","group_id":"1","member_id":"u9","member_kind":"user"}
		{"kind":"membership","source":"scim","group_id":"2","member_id":"1","member_kind":"group"}
		{"kind":"membership","source":"scim","group_id":"2","member_id":"77","member_kind":"group"}
		{"kind":"membership","source":"scim","group_id":"3","member_id":"2","member_kind":"group"}
		{"kind":"membership","source":"scim","group_id":"3","member_id":"u2","member_kind":"user"}
		{"kind":"user","source":"scim","id":"u1","user_name":"ada@example.com","email":"ada@example.com","display_name":"Ada Byron","status":"enabled","account_type":"human","last_login_at":null}
		{"kind":"user","source":"scim","id":"u2","user_name":"bob@example.com","email":null,"display_name":"Bob","status":"disabled","account_type":"human","roles":["admin","viewer"],"last_login_at":"2026-01-01T00:00:00Z"}
		{"kind":"user","source":"scim","id":"u3","user_name":"eve@example.com","status":"enabled","account_type":"service"}
	END
}

@test "an entitlement is access, with a row of its own as a role has" {
	canonical <<-'END'
		{"kind":"user","source":"scim","id":"u1","user_name":"ada","status":"enabled","account_type":"human","roles":["admin"],"entitlements":["account-admin","sql"]}
		{"kind":"user","source":"scim","id":"u2","user_name":"bob","status":"enabled","account_type":"human","entitlements":["sql"]}
	END
	run_status 0 list-snapshot --columns user_id,access_kind,access_id,level snapshot
	assert_equal "$(cat "$out")" 'user_id,access_kind,access_id,level
u1,entitlement,account-admin,0
u1,role,admin,0
u1,entitlement,sql,0
u2,entitlement,sql,0'
}

@test "access follows groups in groups by the shortest path, and a circle ends" {
	small_directory
	run_status 0 list-snapshot --columns user_id,access,via,level snapshot
	assert_equal "$(cat "$out")" "$(
		cat <<-'END'
			user_id,access,via,level
			77,Admins,Ops < Everyone < Admins,2
			77,Everyone,Ops < Everyone,1
			77,Ops,,0
			u9,Admins,,0
			u9,Everyone,Admins < Ops < Everyone,2
			u9,Ops,Admins < Ops,1
			u1,Admins,,0
			u1,Everyone,Admins < Ops < Everyone,2
			u1,Ops,Admins < Ops,1
			u2,admin,,0
			u2,Admins,Everyone < Admins,1
			u2,Everyone,,0
			u2,Ops,Everyone < Admins < Ops,2
			u2,viewer,,0
			u3,,,
		END
	)"
}

@test "--direct does not follow groups in groups" {
	small_directory
	run_status 0 list-snapshot --direct --group Ops --columns user_id snapshot
	assert_equal "$(cat "$out")" $'user_id\n77'
}

@test "a value, never, none and not shown are four things in each format" {
	small_directory
	run_status 0 list-snapshot --by user --columns user_name,email,display_name,last_login_at snapshot
	grep -qx 'ada@example.com,ada@example.com,Ada Byron,never' "$out"
	grep -qx 'bob@example.com,none,Bob,2026-01-01T00:00:00Z' "$out"
	grep -qx 'eve@example.com,not shown,not shown,not shown' "$out"
	run_status 0 list-snapshot --by user --format ndjson snapshot
	assert_equal "$(jq -c 'select(.user_name != null) | [has("email"), .email, has("last_login_at"), .last_login_at]' "$out")" \
		"$(printf '%s\n' '[true,"ada@example.com",true,null]' '[true,null,true,"2026-01-01T00:00:00Z"]' '[false,null,false,null]')"
}

@test "a member that no list shows has rows that say so" {
	small_directory
	run_status 0 list-snapshot --by user --columns user_id,status,account_type --user u9 snapshot
	assert_equal "$(tail -n 1 "$out")" 'u9,not listed,unknown'
	run_status 0 list-snapshot --by user --columns user_id,status,account_type --user 77 snapshot
	assert_equal "$(tail -n 1 "$out")" '77,not listed,group'
}

@test "--idle counts from the time of the snapshot, takes never for idle, and says who is not judged" {
	small_directory
	run_status 0 list-snapshot --by user --idle 90d --columns user_name snapshot
	assert_equal "$(cat "$out")" $'user_name\nada@example.com\nbob@example.com'
	assert_says 'left out: 3 accounts that do not show the last sign-in'
	run_status 0 list-snapshot --by user --idle 400 --columns user_name snapshot
	assert_equal "$(cat "$out")" $'user_name\nada@example.com'
}

@test "--user, --enabled, --group and --where narrow the rows, and the gaps are told all the same" {
	small_directory
	run_status 0 list-snapshot --by user --user ADA@EXAMPLE.COM --columns user_id snapshot
	assert_equal "$(cat "$out")" $'user_id\nu1'
	run_status 0 list-snapshot --by user --enabled --columns user_id snapshot
	assert_equal "$(cat "$out")" $'user_id\nu1\nu3'
	run_status 0 list-snapshot --group 3 --where '.level > 0 and .status == "enabled"' --columns user_id,access snapshot
	assert_equal "$(cat "$out")" $'user_id,access\nu1,Everyone'
	assert_says 'not readable: scim members of 9: HTTP 403'
	run_status 0 list-snapshot --group Nobody snapshot
	assert_equal "$(wc -l <"$out")" 1
}

@test "--where is as closed as --select: an error names the row, and nothing is written" {
	small_directory
	run_status 65 list-snapshot --where '.level | error("no")' snapshot
	[ ! -s "$out" ]
	assert_says '--where' 'u1'
	run_status 64 list-snapshot --where '.level |' snapshot
	run_status 64 list-snapshot --by user --where 'env | length == 0' snapshot
}

@test "a name that nothing is called is told, with the one that may be meant" {
	small_directory
	run_status 64 list-snapshot --source scin snapshot
	assert_says "--source: no source 'scin' in what was read; it has scim; did you mean scim?"
	assert_file_empty "$out"
	run_status 64 list-snapshot --where '.staus == "disabled"' snapshot
	assert_says "--where: --by access has no column 'staus'; it has source," 'did you mean status?'
	run_status 64 list-snapshot --by person --where '.SCIM == null' snapshot
	assert_says "no column 'SCIM'" 'did you mean scim?'
	run_status 64 list-snapshot --where '.decision == "revoke"' snapshot
	assert_says "the column 'decision' is that of a review"
	run_status 0 list-snapshot --where '[.[]] | length > 99' snapshot # which names it means nobody knows
	run_status 0 list-snapshot --group opps snapshot
	assert_says "no group is called 'opps', nor has one this id: a name is given as a whole; did you mean 'Ops'?"
	run_status 0 list-snapshot --by group --group Nope snapshot
	assert_says "no group is called 'Nope', nor has one this id: a name is given as a whole"
	refute grep -q 'did you mean' "$err"
	for by in user person access; do
		run_status 0 list-snapshot --by $by --user ada@example snapshot
		assert_says "no account has the user name, e-mail or id 'ada@example': a name is given as a whole"
	done
	# the case of a group's name does not count; a group and a person without rows are there all the same
	run_status 0 list-snapshot --by user --group eVERYONE --direct --columns user_id snapshot
	assert_equal "$(cat "$out")" $'user_id\nu2'
	run_status 0 list-snapshot --group secret --user u3 snapshot
	refute grep -E 'is called|has the user name' "$err"
}

@test "by group: direct and effective members; by source: counts; by gap: what could not be read" {
	small_directory
	run_status 0 list-snapshot --by group --columns group,members,effective_members snapshot
	assert_equal "$(cat "$out")" "$(printf '%s\n' group,members,effective_members 'not shown,0,0' Admins,2,3 Everyone,1,3 Ops,0,3 'Secret,not read,not read')"
	run_status 0 list-snapshot --by source --columns source,users,enabled,disabled,groups,gaps,as_of snapshot
	assert_equal "$(tail -n 1 "$out")" scim,3,2,1,4,1,2026-11-22T00:00:00Z
	run_status 0 list-snapshot --by gap --columns source,scope,group_id,reason snapshot
	assert_equal "$(tail -n 1 "$out")" 'scim,members,9,HTTP 403'
}

@test "--columns gives a column another title, in each format" {
	small_directory
	run_status 0 list-snapshot --by user --user u3 --columns 'Account name=user_name,=status,email' snapshot
	assert_equal "$(cat "$out")" $'Account name,,email\neve@example.com,enabled,not shown'
	run_status 0 list-snapshot --by user --user u3 --format ndjson --columns 'Account "name=user_name' snapshot
	assert_equal "$(jq -c . "$out")" '{"Account \"name":"eve@example.com"}'
	run_status 64 list-snapshot --columns 'x=nothing' snapshot
	assert_says "no column 'nothing'"
}

@test "several snapshots are one list, and a source that stands in two of them is refused" {
	small_directory
	mv snapshot one
	echo '{"kind":"user","source":"hr","id":"1","user_name":"ada@example.com","status":"enabled","account_type":"human"}' |
		seal_snapshot hr >two
	run_status 0 list-snapshot --by user --user ada@example.com --columns source one two
	assert_equal "$(cat "$out")" $'source\nhr\nscim'
	run_status 65 list-snapshot one two one
	assert_says "'scim' stands in two snapshots"
	[ ! -s "$out" ]
}

@test "a snapshot that is cut or edited gives no row at all" {
	small_directory
	sed '$d' snapshot >'cut'
	run_status 65 list-snapshot cut
	[ ! -s "$out" ]
	sed 's/Ada Byron/Eva Byron/' snapshot >edited
	run_status 65 list-snapshot edited
	[ ! -s "$out" ]
	run_status 65 list-snapshot -o kept edited
	[ ! -e kept ]
	run_status 66 list-snapshot nowhere
}

@test "a sealed membership that has no ids where they must stand is refused by its line" {
	local part
	for part in '"group_id":5,"member_id":"u1"' '"group_id":"1","member_id":5' '"group_id":"1"' \
		'"member_id":"u1"' '"grupp_id":"1","member_id":"u1"' '"group_id":"1","member_id":"u1","more":"x"'; do
		canonical <<<'{"kind":"membership","source":"scim",'"$part"',"member_kind":"user"}'
		run_status 65 list-snapshot snapshot
		[ ! -s "$out" ]
		grep -q 'snapshot: line 2: not a canonical record' "$err"
	done
}

@test "the order of rows is that of user names, whatever the memory; --sort takes any column" {
	stand_in_data=$(for i in $(seq 1 3000); do printf '{"kind":"user","source":"scim","id":"%05d","user_name":"User%05d","status":"enabled","account_type":"human"}\n' "$i" "$((i * 7919 % 3001))"; done)
	canonical <<<"$stand_in_data"
	run_status 0 list-snapshot --by user --columns user_name snapshot
	tail -n +2 "$out" | sort -c
	cp "$out" all
	run_status 0 list-snapshot --by user --columns user_name --memory 16M snapshot
	cmp "$out" all
	small_directory
	run_status 0 list-snapshot --by group --sort members --columns members snapshot
	assert_equal "$(cat "$out")" $'members\nnot read\n0\n0\n1\n2'
	run_status 64 list-snapshot --sort nothing snapshot
	assert_says "--sort: --by access has no column 'nothing'; it has source, user_id"
}

# ---- formats ----

hostile_directory() {
	jq -cn --arg e $'\e' '{kind:"user",source:"scim",id:"1",user_name:("=cmd()," + $e + "[2J\"x\"|<b>&\n* y"),
		email:" padded ",display_name:"＝1+1",status:"enabled",account_type:"human"}' >records
	printf '%s\n' '{"kind":"user","source":"scim","id":"2","user_name":"日本語\u202e","status":"enabled","account_type":"human"}' |
		jq -c . >>records
	canonical <records
}

@test "CSV is read back as it was by a CSV parser, but for the quote that keeps a formula from running" {
	hostile_directory
	run_status 0 list-snapshot --by user --columns user_name,email,display_name snapshot
	# one object a row, by a reader of RFC 4180 that knows nothing of us
	perl -CO -Mutf8 -e '
		local $/;
		binmode STDIN, ":utf8";
		my $text = <STDIN>;
		while ($text =~ /\G(?:"((?:[^"]|"")*)"|([^,"\n]*))([,\n])/gc) {
			my $cell = $1 // $2;
			$cell =~ s/""/"/g;
			print join(" ", map { sprintf "%x", ord } split //, $cell), $3 eq "\n" ? "\n" : ",";
		}
		die "not CSV" if pos($text) < length $text;' <"$out" >cells
	hex() { perl -CSA -Mutf8 -e 'print join " ", map { sprintf "%x", ord } split //, $ARGV[0]' "$1"; }
	assert_equal "$(sed -n 2p cells)" \
		"$(hex "'=cmd(),"$'\e[2J"x"|<b>&\n* y'),$(hex ' padded '),$(hex "'＝1+1")"
	assert_equal "$(sed -n 3p cells | cut -d, -f1)" "$(hex "$(jq -nr '"日本語\u202e"')")"
}

@test "--excel writes a byte-order mark and CRLF, for no rows, too" {
	small_directory
	run_status 0 list-snapshot --excel --group Nobody --columns user_id snapshot
	assert_equal "$(od -An -tx1 "$out" | tr -d ' \n')" "efbbbf757365725f69640d0a"
	run_status 64 list-snapshot --excel --format tsv snapshot
}

@test "TSV, Markdown and tables hold one row a line, and nothing acts on who reads them" {
	hostile_directory
	for format in tsv markdown table; do
		run_status 0 list-snapshot --by user --format $format --columns user_name,display_name snapshot
		[ "$(tr -dc '\000-\010\013-\037\177' <"$out" | wc -c)" -eq 0 ] || fail "$format: $(cat -v "$out")"
		grep -q 'u{202E}' "$out" || fail "$format: $(cat "$out")"
	done
	run_status 0 list-snapshot --by user --format tsv --columns user_name snapshot
	assert_equal "$(wc -l <"$out")" 3
	run_status 0 list-snapshot --by user --format markdown --columns user_name snapshot
	grep -qF '\|&lt;b&gt;&amp;' "$out" || fail "$(cat "$out")"
}

@test "a narrow terminal cuts the first column last: it says who a row is about" {
	three_directories
	NO_COLOR=1 run_status 0 script -qec 'stty cols 60; list-snapshot --by person hr scalr stripe' /dev/null
	grep -q '^ada@example.com  ' "$out" || fail "$(cat "$out")"
	assert_equal "$(sed -e 's/\r$//' -e '/^$/,$d' -e 's/…/./g' "$out" | awk 'length > 60' | wc -l)" 0
	NO_COLOR=1 run_status 0 script -qec 'stty cols 30; list-snapshot --by user --columns user_name,email,status hr' /dev/null
	assert_equal "$(sed -e 's/\r$//' -e '/^$/,$d' -e 's/…/./g' "$out" | awk 'length > 30' | wc -l)" 0
}

@test "a table lines up by what a screen shows, is cut to the terminal, and says what was not seen" {
	command -v tmux >/dev/null || skip 'tmux is not there to make a terminal'
	local width pipe=$BATS_TEST_TMPDIR/nothing
	mkfifo "$pipe" # nobody writes there: a read from it waits
	small_directory
	run_status 0 list-snapshot --format table --columns user_name,via snapshot
	assert_equal "$(tail -n 2 "$out")" "$(printf '%s\n' '15 rows, 5 accounts, 1 source' 'not readable: scim members of 9: HTTP 403')"
	for width in 40 80 120; do
		tmux -L "list$BASHPID" -f /dev/null new-session -d -x "$width" -y 40 \
			"NO_COLOR=1 $BUILD/list-snapshot snapshot; echo ended; read -r _" 3>&-
		for _ in $(seq 100); do
			tmux -L "list$BASHPID" capture-pane -p >screen
			! grep -q ended screen || break
			read -r -t 0.1 _ <>"$pipe" || true
		done
		tmux -L "list$BASHPID" kill-server
		# a head and 15 rows, of which none is wrapped
		assert_equal "$(sed '/^ *$/,$d' screen | wc -l)" 16
		[ "$width" -gt 40 ] || grep -q '…' screen || fail "$(cat screen)"
	done
}

# ---- against another implementation ----

@test "effective access of random groups is what a jq program makes of them" {
	local seed
	for seed in 1 2 3 4 5 6; do
		perl -e '
			srand shift;
			my ($groups, $users) = (12, 8);
			print qq({"kind":"group","source":"scim","id":"g$_","name":"G$_"}\n) for 1 .. $groups;
			for my $g (1 .. $groups) {
				for my $m (1 .. $groups) {
					print qq({"kind":"membership","source":"scim","group_id":"g$g","member_id":"g$m","member_kind":"group"}\n) if rand() < 0.12;
				}
				for my $m (1 .. $users) {
					print qq({"kind":"membership","source":"scim","group_id":"g$g","member_id":"u$m","member_kind":"user"}\n) if rand() < 0.15;
				}
			}
			print qq({"kind":"user","source":"scim","id":"u$_","user_name":"u$_","status":"enabled","account_type":"human"}\n) for 1 .. $users;
		' "$seed" >records
		canonical <records
		run_status 0 list-snapshot --format ndjson --where '.access_kind == "group"' snapshot
		cp "$out" rows
		jq -r '"\(.user_id) \(.access_id) \(.level)"' rows | sort >ours
		jq -rs '
			(map(select(.member_kind == "group")) | group_by(.member_id)
				| map({key: .[0].member_id, value: map(.group_id)}) | from_entries) as $outer
			| [.[] | select(.member_kind == "user")] | group_by(.member_id)[]
			| .[0].member_id as $user
			| {seen: (map({key: .group_id, value: 0}) | from_entries), level: 0, last: map(.group_id)}
			| until(.last == [];
				.level += 1 | .seen as $seen
				| .last |= ([.[] | $outer[.] // [] | .[]] | unique | map(select($seen[.] == null)))
				| .level as $level | .seen += (.last | map({key: ., value: $level}) | from_entries))
			| .seen | to_entries[] | "\($user) \(.key) \(.value)"' records | sort >theirs
		run_status 0 diff theirs ours
		[ "$(wc -l <ours)" -gt 20 ]
		# and the path is one: each of its groups stands in the next, as many as the level says
		jq -r 'select(.via) | "\(.level) \(.access) \(.via)"' rows >paths
		while read -r level access via; do
			[[ " < $via" == *" < $access" ]] || fail "$via does not end in $access"
			[ "$(grep -o '<' <<<"$via" | wc -l)" -eq "$level" ] || fail "$via has not $level steps"
		done <paths
		[ -s paths ] || fail "$(head -c 500 rows)"
	done
}

# ---- persons ----

# three directories: ada under three spellings, bob by e-mail only, a service account with
# ada's address, and two accounts without any name
three_directories() {
	LC_ALL=C sort <<-'END' | seal_snapshot hr >hr
		{"kind":"user","source":"hr","id":"1","user_name":"ada@example.com","email":"ada@example.com","display_name":"Ada Byron","status":"enabled","account_type":"human"}
		{"kind":"user","source":"hr","id":"2","email":"bob@example.com","status":"disabled","account_type":"human"}
	END
	LC_ALL=C sort <<-'END' | seal_snapshot scalr >scalr
		{"kind":"user","source":"scalr","id":"s1","user_name":"abyron","email":"ADA@example.com","status":"enabled","account_type":"human","last_login_at":"2026-03-01T00:00:00Z"}
		{"kind":"user","source":"scalr","id":"s2","user_name":"deploy","email":"ada@example.com","status":"enabled","account_type":"service"}
		{"kind":"user","source":"scalr","id":"s3","status":"enabled","account_type":"human"}
		{"kind":"user","source":"scalr","id":"s4","status":"enabled","account_type":"human"}
	END
	LC_ALL=C sort <<-'END' | seal_snapshot stripe >stripe
		{"kind":"user","source":"stripe","id":"t1","user_name":"ABYRON","status":"disabled","account_type":"human","last_login_at":null}
		{"kind":"user","source":"stripe","id":"t2","user_name":"Bob@Example.com","status":"enabled","account_type":"human","last_login_at":null}
		{"kind":"user","source":"stripe","id":"t3","user_name":"a.byron","status":"enabled","account_type":"human","last_login_at":"2026-04-01T00:00:00Z"}
	END
}

@test "by person: accounts of one user name or e-mail are one row, with a column a source" {
	three_directories
	run_status 0 list-snapshot --by person hr scalr stripe
	assert_equal "$(cat "$out")" "$(
		cat <<-'END'
			person,email,display_name,accounts,enabled,groups,last_login_at,hr,scalr,stripe
			a.byron,not shown,not shown,1,1,0,2026-04-01T00:00:00Z,none,none,enabled
			ada@example.com,ada@example.com,Ada Byron,3,2,0,2026-03-01T00:00:00Z,enabled,enabled,disabled
			Bob@Example.com,bob@example.com,not shown,2,1,0,not shown,disabled,none,enabled
			deploy,ada@example.com,not shown,1,1,0,not shown,none,enabled,none
			s3,not shown,not shown,1,1,0,not shown,none,enabled,none
			s4,not shown,not shown,1,1,0,not shown,none,enabled,none
		END
	)"
	run_status 0 list-snapshot --by person --source stripe --enabled --columns person,hr,stripe hr scalr stripe
	assert_equal "$(cat "$out")" $'person,hr,stripe\na.byron,none,enabled\nBob@Example.com,disabled,enabled'
	run_status 0 list-snapshot --by person --where '.hr == "disabled" and .stripe == "enabled"' --columns person hr scalr stripe
	assert_equal "$(cat "$out")" $'person\nBob@Example.com'
	run_status 64 list-snapshot --by person --columns person,okta hr scalr stripe
	assert_says "no column 'okta'" 'hr, scalr, stripe'
}

@test "--persons: what only people know joins accounts, in both forms, and never two persons of the file" {
	three_directories
	printf '\xef\xbb\xbf# who is who\r\n\r\nAda Byron,ada@example.com\r\nAda Byron, a.byron\r\nBot\tscalr:s2' >people
	echo '{"conflicts":[],"persons":{"Ada Byron":["ADA@example.com","a.byron"],"Bot":["scalr:s2"]}}' >people.json
	for file in people people.json; do
		run_status 0 list-snapshot --by person --persons $file --columns person,accounts,last_login_at,hr,scalr,stripe hr scalr stripe
		assert_equal "$(sed -n 2p "$out")" 'Ada Byron,4,2026-04-01T00:00:00Z,enabled,enabled,enabled'
		assert_equal "$(sed -n 4p "$out")" 'Bot,1,not shown,none,enabled,none'
	done
	# the file says that they are two, whatever else they share
	printf 'Ada,ada@example.com\nByron,abyron\n' >people
	run_status 0 list-snapshot --by person --persons people --columns person,accounts hr scalr stripe
	assert_equal "$(grep -E '^(Ada|Byron),' "$out")" $'Ada,1\nByron,2'
}

@test "a persons file that says two things of one name is refused, with its line" {
	three_directories
	printf 'Ada,abyron\n\nBob,ABYRON\n' >people
	run_status 65 list-snapshot --by person --persons people hr
	assert_says "people: line 3: 'ABYRON' is a name of two persons: 'Ada' and 'Bob'"
	printf 'Ada,abyron\nabyron,byron\n' >people
	run_status 65 list-snapshot --by person --persons people hr
	assert_says "people: line 2: 'abyron' is a person and a name of another one, 'Ada'"
	echo 'Ada abyron' >people
	run_status 65 list-snapshot --by person --persons people hr
	assert_says 'people: line 1:' 'is not two columns'
	echo '{"persons":{"Ada":"abyron"}}' >people
	run_status 65 list-snapshot --by person --persons people hr
	assert_says "people: \"persons\": 'Ada' has a string, not a list of names"
	echo '{"people":{}}' >people
	run_status 65 list-snapshot --by person --persons people hr
	assert_says 'people: no member "persons"'
	run_status 66 list-snapshot --by person --persons nowhere hr
	run_status 64 list-snapshot --persons people hr
}

@test "by person: where a directory was not read whole, nobody is said to have no account" {
	three_directories
	mv hr whole
	{
		echo '{"kind":"gap","source":"hr","scope":"users","reason":"HTTP 500"}'
		grep '"kind":"user"' whole
	} | seal_snapshot hr >hr
	run_status 0 list-snapshot --by person --user a.byron --columns hr,scalr hr scalr stripe
	assert_equal "$(tail -n 1 "$out")" 'not read,none'
	run_status 0 list-snapshot --by person --where '.hr == null' hr scalr stripe
	assert_equal "$(wc -l <"$out")" 1
	run_status 0 list-snapshot --by person --where '.hr == "not read" and .accounts != 1' --format ndjson hr scalr stripe
	assert_equal "$(jq -c '[.person, .accounts, .enabled, .groups, .hr, .scalr]' "$out" | head -n 1)" \
		'["a.byron","1 or more","1 or more","0 or more","not read",null]'
}

@test "by person: of two accounts in one directory the one counts that can get in" {
	canonical <<-'END'
		{"kind":"user","source":"scim","id":"u1","user_name":"ada","status":"disabled","account_type":"human"}
		{"kind":"user","source":"scim","id":"u2","user_name":"ADA","status":"enabled","account_type":"human"}
		{"kind":"user","source":"scim","id":"u3","user_name":"bob","status":"unknown","account_type":"human"}
		{"kind":"user","source":"scim","id":"u4","user_name":"bob","status":"disabled","account_type":"human"}
		{"kind":"user","source":"scim","id":"u5","user_name":"cy","status":"disabled","account_type":"human"}
		{"kind":"user","source":"scim","id":"u6","user_name":"cy","status":"disabled","account_type":"human"}
	END
	run_status 0 list-snapshot --by person --columns person,accounts,enabled,scim snapshot
	assert_equal "$(cat "$out")" $'person,accounts,enabled,scim\nada,2,1,enabled\nbob,2,0,unknown\ncy,2,0,disabled'
}

@test "a number that a gap may have made too small says so in each format, and nothing read is no 0" {
	small_directory
	run_status 0 list-snapshot --by user --columns user_id,groups --user u3 snapshot
	assert_equal "$(tail -n 1 "$out")" 'u3,0 or more'
	run_status 0 list-snapshot --by group --columns group,members,effective_members --format tsv --sort members snapshot
	assert_equal "$(tail -n 1 "$out")" $'Admins\t2\t3'
	mv snapshot small
	{
		echo '{"kind":"gap","source":"scim","scope":"members","id":"1","reason":"HTTP 403"}'
		body small
	} | canonical
	run_status 0 list-snapshot --by group --columns group_id,members,effective_members --where '.group_id != "77"' snapshot
	assert_equal "$(cat "$out")" $'group_id,members,effective_members\n1,2 or more,3 or more\n3,1,3 or more\n2,0,3 or more\n9,not read,not read'
	run_status 0 list-snapshot --by group --format ndjson --where '.members == "not read"' snapshot
	assert_equal "$(jq -c '[.group_id, .members]' "$out")" '["9","not read"]'
	canonical <<-'END'
		{"kind":"gap","source":"scim","scope":"users","reason":"HTTP 500"}
		{"kind":"gap","source":"scim","scope":"groups","reason":"HTTP 500"}
	END
	run_status 0 list-snapshot --by source --columns users,enabled,disabled,groups,gaps snapshot
	assert_equal "$(tail -n 1 "$out")" 'not read,not read,not read,not read,2'
	canonical <<-'END'
		{"kind":"gap","source":"scim","scope":"users","reason":"HTTP 500"}
		{"kind":"user","source":"scim","id":"u1","user_name":"ada","status":"disabled","account_type":"human"}
	END
	run_status 0 list-snapshot --by source --columns users,enabled,disabled,groups --format markdown snapshot
	assert_equal "$(tail -n 1 "$out")" '| 1 or more | 0 or more | 1 or more | 0 |'
}

@test "persons of random accounts are what a jq program makes of them" {
	local seed
	for seed in 1 2 3 4 5 6; do
		perl -e '
			srand shift;
			my ($file, $name) = (shift, sub { ("U", "u")[rand 2] . int rand 40 });
			for my $id (1 .. 60) {
				my $line = sprintf q({"kind":"user","source":"scim","id":"i%02d"), $id;
				$line .= sprintf q(,"user_name":"%s"), $name->() if rand() < 0.6;
				$line .= sprintf q(,"email":"%s"), $name->() if rand() < 0.5;
				print qq($line,"status":"enabled","account_type":"human"}\n);
			}' "$seed" >records
		canonical <records
		run_status 0 list-snapshot --by person --columns accounts --sort accounts snapshot
		tail -n +2 "$out" | sort >ours
		jq -rs '
			map({id, names: ([.user_name, .email] | map(select(.) | ascii_downcase) | unique)})
			| reduce .[] as $one ([];
				(map(select(any(.names[]; IN($one.names[])))) ) as $same
				| map(select(any(.names[]; IN($one.names[])) | not))
				+ [{n: (1 + ($same | map(.n) | add // 0)), names: ($one.names + ($same | map(.names) | add // []))}])
			| .[].n' records | sort >theirs
		run_status 0 diff theirs ours
	done
}

# crowd: 3,000 accounts of one directory with their groups, among them what is hard to find, as `crowd`
crowd() {
	python3 >crowd.records <<-'END'
		import json
		def put(**record): print(json.dumps(record, ensure_ascii=False, separators=(",", ":")))
		names = {7: "Ada@Example.com", 1500: 'o"brien', 1501: "back\\slash", 1502: "e\u0301va", 1504: "x:1",
		    1505: "a", 1506: "Jos\u00e9", 2999: "last@example.com", 0: "first@example.com"}
		for i in range(3000):
		    name = names.get(i, f"user{i}@example.com")
		    put(kind="user", source="a", id=f"U{i:05d}", user_name=name, email=f"mail{i}@example.com", display_name="Zo\u00eb" if i % 9 == 0 else "Zoe",
		        status="enabled", account_type="human")
		    put(kind="membership", source="a", group_id=f"g{i % 7}", member_id=f"U{i:05d}", member_kind="user")
		for i in range(7):
		    put(kind="group", source="a", id=f"g{i}", name=f"Group {i}")
		put(kind="membership", source="a", group_id="g0", member_id="g1", member_kind="group")
	END
	LC_ALL=C sort crowd.records | seal_snapshot a >crowd
}

@test "--user finds a person in a crowd, however the name is written, and nobody else" {
	local name id
	crowd
	while read -r id name; do
		run_status 0 list-snapshot --by user --columns user_id,groups --user "$name" crowd
		assert_equal "$(tail -n +2 "$out" | cut -d , -f 1)" "U0$id"
	done <<-'END'
		0007 aDA@example.COM
		0007 mail7@example.com
		1500 O"Brien
		1501 BACK\slash
		1502 éva
		1504 x:1
		1505 A
		1506 josé
		2999 last@example.com
		0000 FIRST@example.com
		0042 user42@example.com
		0043 U00043
	END
	# 4 is in Group 4; 8 is in Group 1, which is in Group 0
	run_status 0 list-snapshot --columns access,via --user user8@example.com crowd
	assert_equal "$(cat "$out")" $'access,via\nGroup 0,Group 1 < Group 0\nGroup 1,'
	zstd -q crowd -o crowd.zst
	cp "$out" plain
	run_status 0 list-snapshot --columns access,via --user user8@example.com crowd.zst
	diff plain "$out"
	printf '%s\n' 'Eve,a:u01505' 'Eve,user9@example.com' 'Eve,Z:1' >people
	run_status 0 list-snapshot --by user --columns user_id --persons people --user eve crowd
	assert_equal "$(cat "$out")" $'user_id\nU01505\nU00009'
	printf 'Bob,user%d@example.com\n' {101..120} >people
	run_status 0 list-snapshot --by user --columns user_id --persons people --user bob crowd
	assert_equal "$(wc -l <"$out")" 21
	run_status 0 list-snapshot --by user --columns user_id --user ser42@example.com crowd
	assert_equal "$(cat "$out")" user_id
}

# same_refusal FILE STATUS: one person's rows are refused as all rows are
same_refusal() {
	run_status "$2" list-snapshot --by user "$1"
	mv "$err" all.err
	run_status "$2" list-snapshot --by user --user user9@example.com "$1"
	[ "$2" -eq 0 ] || diff all.err "$err"
}

@test "--user passes over no line that is out of order, twice there, or not canonical" {
	local change
	crowd
	for change in 's/"U02500"/"U02400"/' 's/"U02500"/"U02493"/' 's/"U02500"/"U02507"/' 's/"U02500"/7/' \
		's/,"source":"a"/,"source":"b"/' 's/,"source"/, "source"/' 's/^{/[/' 's/}$/}\r/'; do
		sed '1d;$d' crowd | sed "/^{\"kind\":\"user\",\"source\":\"a\",\"id\":\"U02500\"/$change" | seal_snapshot a >bad
		same_refusal bad 65
		sed '1d;$d' crowd | sed "/^{\"kind\":\"membership\".*U02500/$change" | seal_snapshot a >bad
		same_refusal bad 65
	done
	sed '1d;$d' crowd | sed '/^{"kind":"membership".*U02500/s/}$/}}/' | seal_snapshot a >bad
	same_refusal bad 65
	sed '$d' crowd >bad
	same_refusal bad 65
	sed 's/mail77@/mail78@/' crowd >bad
	same_refusal bad 65
}

@test "--user finds all accounts of the person, over names that only other accounts tell, from files and pipes" {
	three_directories
	for name in ada@example.com abyron ABYRON; do
		run_status 0 list-snapshot --by user --user "$name" --columns source,user_id stripe scalr hr
		grep -v s2 "$out" >found # the service account has that address, and is found by it
		assert_equal "$(cat found)" $'source,user_id\nscalr,s1\nstripe,t1\nhr,1'
	done
	run_status 0 list-snapshot --by user --user s3 --columns user_id stripe scalr hr
	assert_equal "$(cat "$out")" $'user_id\ns3'
	printf 'Ada,t3\nAda,abyron\nAda,scalr:s3\nAda,a.byron\n' >people
	run_status 0 list-snapshot --by user --user ada --persons people --columns user_id <(cat stripe) scalr - <hr
	assert_equal "$(sort "$out")" $'1\ns1\ns3\nt1\nt3\nuser_id'
	run_status 0 list-snapshot --by user --user nobody --columns user_id hr
	assert_equal "$(cat "$out")" user_id
}

@test "department and manager are what the service shows, the name of a manager before its id" {
	canonical <<-'END'
		{"kind":"user","source":"scim","id":"u1","user_name":"ada","status":"enabled","account_type":"human","department":"Finance","manager":"u2","manager_name":"Bob"}
		{"kind":"user","source":"scim","id":"u2","user_name":"bob","status":"enabled","account_type":"human","department":"","manager":"u3"}
		{"kind":"user","source":"scim","id":"u3","user_name":"eve","status":"enabled","account_type":"human","department":null,"manager":null}
		{"kind":"user","source":"scim","id":"u4","user_name":"kim","status":"enabled","account_type":"human"}
	END
	run_status 0 list-snapshot --by user --columns user_name,department,manager snapshot
	assert_equal "$(cat "$out")" "$(printf 'user_name,department,manager\nada,Finance,Bob\nbob,,u3\neve,none,none\nkim,not shown,not shown')"
}

@test "--format xlsx has the rows of CSV, dates as dates, and a sheet for what was not seen" {
	small_directory
	run_status 0 list-snapshot --format xlsx -o list.xlsx snapshot
	run_status 0 list-snapshot --format xlsx -o again.xlsx snapshot
	run_status 0 cmp list.xlsx again.xlsx
	run_status 0 list-snapshot --format csv snapshot
	python3 - list.xlsx "$out" <<-'END'
		import csv, re, sys, zipfile, xml.etree.ElementTree as tree
		ns = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
		book = zipfile.ZipFile(sys.argv[1])
		def rows(n):
		    out = []
		    for row in tree.fromstring(book.read("xl/worksheets/sheet%d.xml" % n)).iter(ns + "row"):
		        cells = {}
		        for cell in row.iter(ns + "c"):
		            v = cell.find(ns + "v")
		            cells[re.sub("[0-9]", "", cell.get("r"))] = cell.find(ns + "is").find(ns + "t").text if v is None else float(v.text)
		        out.append(cells)
		    return out
		want = list(csv.reader(open(sys.argv[2])))
		got = rows(1)
		assert len(got) == len(want), (len(got), len(want))
		for g, w in zip(got, want):
		    for i, text in enumerate(w):
		        value = g.get(chr(65 + i), "")
		        if isinstance(value, float):
		            assert want[0][i] == "level" and value == float(text) or text == "2026-01-01T00:00:00Z" and value == 46023 or want[0][i] == "as_of", (want[0][i], text, value)
		        else:
		            assert value == text, (value, text)
		assert any("HTTP 403" in c.get("A", "") for c in rows(2)), rows(2)
	END
}

@test "without --format the ending of the file says it, and a terminal gets no workbook" {
	local ending format
	small_directory
	while read -r ending format; do
		run_status 0 list-snapshot -o "a.$ending" snapshot
		run_status 0 list-snapshot --format "$format" -o "b.$ending" snapshot
		cmp "a.$ending" "b.$ending"
	done <<-'END'
		xlsx xlsx
		XLSX xlsx
		tsv tsv
		md markdown
		ndjson ndjson
		csv csv
		list csv
	END
	run_status 0 list-snapshot --format csv -o c.xlsx snapshot
	cmp a.csv c.xlsx
	run_status 64 script -qec 'list-snapshot --format xlsx snapshot' /dev/null
	grep -q 'a workbook is nothing for a terminal: give -o FILE' "$out"
}

# ---- --decisions ----

# reviewed: the review of small_directory, in the file `decided`
reviewed() {
	small_directory
	seal_decisions snapshot >decided <<-'END'
		revoke account scim u3 - "reason":"left","decided_at":"2026-11-23","ticket":"T-1"
		keep membership scim u1 1
		modify membership scim u2 3 "reason":"=less"
		defer membership scim u9 1
		revoke role scim u2 viewer
		undecided role scim u2 admin
	END
}

@test "--decisions: each access has the last decision, and one through groups that of the membership its path begins with" {
	reviewed
	run_status 0 list-snapshot --decisions decided --columns user_id,access,level,decision,decided_by,decided_at,reason,ticket \
		--where '.user_id != "77"' snapshot
	assert_equal "$(cat "$out")" "$(
		cat <<-'END'
			user_id,access,level,decision,decided_by,decided_at,reason,ticket
			u9,Admins,0,defer,eve@x.org,none,none,none
			u9,Everyone,2,defer,eve@x.org,none,none,none
			u9,Ops,1,defer,eve@x.org,none,none,none
			u1,Admins,0,keep,eve@x.org,none,none,none
			u1,Everyone,2,keep,eve@x.org,none,none,none
			u1,Ops,1,keep,eve@x.org,none,none,none
			u2,admin,0,undecided,none,none,none,none
			u2,Admins,1,modify,eve@x.org,none,'=less,none
			u2,Everyone,0,modify,eve@x.org,none,'=less,none
			u2,Ops,2,modify,eve@x.org,none,'=less,none
			u2,viewer,0,revoke,eve@x.org,none,none,none
			u3,,,revoke,eve@x.org,2026-11-23,left,T-1
		END
	)"
	run_status 0 list-snapshot --decisions decided --by user --columns user_id,decision --sort user_id snapshot
	assert_equal "$(xargs <"$out")" 'user_id,decision 77,none u1,none u2,none u3,revoke u9,none'
	run_status 0 list-snapshot --decisions decided --where '.decision == "revoke"' --format table snapshot
	assert_equal "$(sed 's/ *$//' "$out")" "$(
		cat <<-'END'
			user_name        status    source  access  via  last_login_at         decision  decided_by
			bob@example.com  disabled  scim    viewer       2026-01-01T00:00:00Z  revoke    eve@x.org
			eve@example.com  enabled   scim                 not shown             revoke    eve@x.org

			2 rows, 2 accounts, 1 source
			not readable: scim members of 9: HTTP 403
		END
	)"
	# without it the columns are those of always
	run_status 0 list-snapshot snapshot
	assert_equal "$(head -n 1 "$out" | tr , '\n' | tail -n 1)" as_of
	run_status 64 list-snapshot --columns decision snapshot
	assert_says "--columns: the column 'decision' is that of a review: give its --decisions"
	run_status 64 list-snapshot --by group --decisions decided snapshot
	run_status 64 list-snapshot --decisions - <decided
	assert_says 'only one of two inputs can be standard input'
	run_status 0 list-snapshot --decisions - snapshot <decided
	run_status 64 list-snapshot --user eve --columns ticket snapshot
}

@test "--decisions: a younger account, a new access and a source that was not reviewed have no decision" {
	reviewed
	{
		body snapshot | sed -e '/"id":"u3"/s/"account_type":"service"/&,"created_at":"2026-11-23T00:00:00Z"/' -e 's/"member_id":"u9"/"member_id":"u8"/'
		echo '{"kind":"user","source":"other","id":"u3","user_name":"eve@example.com","status":"enabled","account_type":"service"}'
	} | LC_ALL=C sort | seal_snapshot other scim >after
	run_status 0 list-snapshot --decisions decided --by access --columns source,user_id,access,decision \
		--where '.user_id | IN("u3", "u8")' --direct after
	assert_equal "$(cat "$out")" "$(
		cat <<-'END'
			source,user_id,access,decision
			scim,u8,Admins,none
			other,u3,,not shown
			scim,u3,,none
		END
	)"
	read_at=2026-11-01T00:00:00Z seal_snapshot scim < <(body snapshot) >older
	run_status 65 list-snapshot --decisions decided older
	assert_says "older: the source 'scim' was read before the snapshot that was reviewed"
	assert_file_empty "$out"
	sed '$d' decided >'cut'
	run_status 65 list-snapshot --decisions 'cut' snapshot
	assert_says 'cut: '
	run_status 66 list-snapshot --decisions none snapshot
}

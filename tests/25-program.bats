# SPDX-License-Identifier: ISC
# normalize --map and --select: programs that the user wrote. What they put out is
# held to the contract, what they may not do they can not, and all that they do
# wrong is said.
# shellcheck disable=SC2016  # jq has $ as well

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# fetched LINE...: the file `fetched`, a complete section of source s.
fetched() {
	printf '%s\n' "$@" | seal_fetch s other "${schema:-odd}" >fetched
}

# mapped PROGRAM LINE...: what --map makes of these lines, on stdout of a run that says nothing.
mapped() {
	printf '%s\n' "$1" >map.jq
	fetched "${@:2}"
	run_status 0 normalize --map map.jq fetched
	assert_quiet
}

# fails WORDS PROGRAM [LINE...]: nothing is written, and one line has the file, the line
# and the words.
fails() {
	printf '%s\n' "$2" >map.jq
	[ $# -gt 2 ] || set -- "$@" "$ada"
	fetched "${@:3}"
	run_status 65 ${how:+"$how"} normalize --map map.jq fetched
	assert_file_empty "$out"
	assert_equal "$(grep -c . "$err")" 1
	assert_says "normalize: fetched: line $(($# - 1)): " "$1"
}

# not_taken WORDS PROGRAM: it is refused before anything is read, as a mapping or as an expression, by turns.
not_taken() {
	if ((turn++ % 2)); then
		run_status 64 normalize --select "$2" nowhere
		assert_says 'normalize: --select: ' "$1"
	else
		printf '%s\n' "$2" >map.jq
		run_status 64 normalize --map map.jq nowhere
		assert_says 'normalize: map.jq: ' "$1"
	fi
}

ada='{"kind":"user","source":"s","resource":{"id":"1","name":"ada"}}'

# ---- --map ----

@test "a program makes the records of each line: none, one or several, of a schema that nobody knows" {
	mapped '.resource | if .type == "bot" then empty else
			{id: .login, user_name: .login, roles: .rights},
			({kind: "membership", group_id: .teams[]?, member_id: .login})
		end' \
		'{"kind":"user","source":"s","resource":{"login":"ada","type":"person","rights":["w","r"],"teams":["t1","t2"]}}' \
		'{"kind":"user","source":"s","resource":{"login":"b0t","type":"bot"}}'
	printf '%s\n' '{"kind":"membership","source":"s","group_id":"t1","member_id":"ada","member_kind":"user"}' \
		'{"kind":"membership","source":"s","group_id":"t2","member_id":"ada","member_kind":"user"}' \
		'{"kind":"user","source":"s","id":"ada","user_name":"ada","status":"unknown","account_type":"unknown","roles":["r","w"]}' >want
	assert_records want
	assert_equal "$(tail -n 1 "$out" | jq -c '[.users, .groups, .memberships]')" '[1,0,2]'
}

@test "a program sees each object as it came, whatever the objects before it were made of" {
	local see='{id, user_name: tojson, email: (to_entries | map(.key) | join(" "))}' lines
	cat >resources <<-'END'
		{"id":"1","a":{"x":1,"y":{"p":1,"q":2}},"b":{"y":1,"x":{"q":1,"p":{}}}}
		{"id":"2","b":{"p":1,"q":{"y":2,"x":[]}},"a":{"q":1,"p":{"y":1,"x":2}}}
		{"id":"3","b":{"p":{"p":{"p":{"p":1,"z":null}}}}}
		{"id":"4","z":{"p":{"q":{"p":{"z":1,"p":2}}}}}
		{"id":"5","a":[{"y":1,"x":2},{"x":1,"y":2},{"ab":1,"y":2}],"b":1}
		{"id":"6"}
		{"id":"7","a":[{"y":1,"x":2},{"x":1,"y":2},{"ab":1,"y":2}],"bc":{}}
	END
	mapfile -t lines < <(sed 's/.*/{"kind":"user","source":"s","resource":&}/' resources)
	mapped ".resource | $see" "${lines[@]}"
	body "$out" | jq -c '{id, user_name, email}' >seen
	jq -c "$see" resources | diff - seen
}

@test "what a program puts out is of the kind of its line where it does not say another" {
	mapped '{id: .resource.id}' "$ada" '{"kind":"group","source":"s","resource":{"id":"g"}}'
	assert_equal "$(body "$out" | jq -r '"\(.kind) \(.id)"')" $'group g\nuser 1'
}

@test "a program takes the place of the built-in mapping, and of nothing else: gaps and snapshots stay" {
	schema=scim mapped '{id: ("x" + .resource.id)}' "$ada" \
		'{"kind":"gap","source":"s","scope":"groups","reason":"HTTP 501"}'
	assert_equal "$(body "$out" | jq -c '[.kind, .id]')" $'["gap",null]\n["user","x1"]'
	cp "$out" first
	printf '%s\n' '{"kind":"user","source":"t","resource":{"id":"2"}}' | seal_fetch t >second
	run_status 0 normalize --map map.jq first second
	assert_equal "$(body "$out" | jq -c '[.source, .id]')" $'["s",null]\n["s","x1"]\n["t","x2"]'
}

@test "a program maps plain lines too, whatever their shape" {
	echo '.[] | {user_name: .}' >map.jq
	echo '["ada","bob"]' >lines
	run_status 0 normalize --plain --source hr --map map.jq lines
	assert_equal "$(body "$out" | jq -r .id)" $'ada\nbob'
}

@test "a program sees numbers as they are: what it would round or write in another way is text" {
	printf '%s\n' '.resource | {id: "all", email: (.n | map("\(type) \(.)") | join(" "))}, (.n[] | {id: .})' >map.jq
	fetched '{"kind":"user","source":"s","resource":{"n":[9007199254740993,1.0,1e3,-0,0.1,7,100000000000000,1e400,-12.5,0.0001]}}'
	run_status 0 normalize --map map.jq fetched
	assert_equal "$(body "$out" | jq -r '.email // empty')" \
		'string 9007199254740993 string 1.0 string 1e3 string -0 number 0.1 number 7 number 100000000000000 string 1e400 number -12.5 number 0.0001'
	assert_equal "$(body "$out" | jq -r .id | tr '\n' ' ')" \
		'-0 -12.5 0.0001 0.1 1.0 100000000000000 1e3 1e400 7 9007199254740993 all '
}

@test "text with NUL, with the last of Unicode and with a name that jq has for itself passes a program unharmed" {
	mapped '{id: .resource.id, user_name: .resource["__jq"], email: .resource["a\u0000b"]}' \
		'{"kind":"user","source":"s","resource":{"id":"a\u0000b","__jq":"\u007f\uffff\ud83d\ude00\udbff\udfff","a\u0000b":"x"}}'
	printf '{"kind":"user","source":"s","id":"a\\u0000b","user_name":"\x7f\xef\xbf\xbf\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf","email":"x","status":"unknown","account_type":"unknown"}\n' >want
	assert_records want
}

@test "what a program puts out is held to the contract, and the message names line, record and member" {
	fails 'record 1 of --map: a string, not an object' '"x"'
	fails 'record 2 of --map: null, not an object' '{id: 1}, null'
	fails 'record 1 of --map: a user has no member "mail"' '{id: 1, mail: "x"}' "$ada"
	fails "record 1 of --map: \"status\" is 'on', not enabled, disabled or unknown" '{id: 1, status: "on"}'
	fails 'record 1 of --map: a user without "id"' '{}'
	fails 'record 1 of --map: "id" is null' '{id: .resource.nothing}'
	fails 'record 1 of --map: "id" is an array' '{id: [1]}'
	fails 'record 3 of --map: a membership without "member_id"' \
		'{id: "a"}, {id: "b"}, {kind: "membership", group_id: "g"}'
	fails "record 1 of --map: unknown kind of record 'robot'" '{kind: "robot", id: 1}'
	fails "record 1 of --map: \"source\" is not 's'" '{source: "t", id: 1}'
}

@test "two records of a program that contradict each other are refused" {
	printf '%s\n' '{id: "1", status: ("enabled", "disabled")}' >map.jq
	fetched "$ada"
	run_status 65 normalize --map map.jq fetched
	assert_says 'two different records with one identity'
}

@test "a program that fails on any line fails the run, whatever it put out before and however it fails" {
	fails '--map fails: Cannot index string with string "a"' '{id: .resource.id.a}'
	fails '--map fails: Cannot iterate over null' '{id: .resource.id}, (.resource.none[] | {id: .})'
	fails '--map fails: mine' 'if .resource.id == "2" then error("mine") else {id: .resource.id} end' \
		"$ada" '{"kind":"user","source":"s","resource":{"id":"2"}}'
	fails '--map fails: {"a":1}' 'error({a: 1})'
	fails '--map fails: \u{1B}[2J\u{202E}' 'error("\u001b[2J\u202e")'
	fails '--map fails: null' '{id: 1}, error(null)'
	fails '--map fails: null' '{id: 1}, (null | error)'
	fails '--map fails: {"__jq":0}' 'error({__jq: 0})'
}

@test "a program that makes no record at all of a source is refused, unless it is said that this means nobody" {
	echo 'select(.kind == "users")' >map.jq
	fetched "$ada"
	run_status 65 normalize --map map.jq fetched
	assert_file_empty "$out"
	assert_says "--map makes no record of source 's'" --allow-empty
	run_status 0 normalize --map map.jq --allow-empty fetched
	assert_equal "$(tail -n 1 "$out" | jq .users)" 0
	: | seal_fetch s >nobody
	run_status 0 normalize --map map.jq nobody
}

@test "where users could not be read, the members of the groups that a program makes are a gap" {
	mapped '{id: .resource.id}' '{"kind":"group","source":"s","resource":{"id":"g"}}' \
		'{"kind":"gap","source":"s","scope":"users","reason":"HTTP 403"}'
	assert_equal "$(body "$out" | jq -c 'select(.kind == "gap") | [.scope, .id]')" \
		$'["members","g"]\n["users",null]'
}

@test "what would let a program see or reach anything but its input is not there" {
	local word
	for word in env input inputs input_filename input_line_number debug stderr halt halt_error \
		get_search_list modulemeta now localtime '$ENV'; do
		not_taken "'$word' is not available here" "$word"
	done
	not_taken "'halt_error' is not available here" 'halt_error(1)'
	not_taken "'strflocaltime' is not available here" '0 | strflocaltime("%Z")'
	not_taken "'env' is not available here" '"\(env.PATH)"'
	not_taken "'\$ENV' is not available here" '$ENV.PATH'
	not_taken "'import' is not available here" 'import "a" as a; .'
	not_taken "'include' is not available here" 'include "a"; .'
	not_taken "'import' is not available here" 'import "a" as $a; .'
	not_taken "'module' is not available here" 'module {}; .'
	printf '%s\n' '{id: ($ ENV | tojson)}' >map.jq # libjq 1.7 does not take the blank
	fetched "$ada"
	if normalize --map map.jq fetched >"$out" 2>"$err"; then
		assert_equal "$(body "$out" | jq -r .id)" null
	else
		assert_says 'map.jq: line 1: syntax error'
	fi
}

@test "a ~/.jq, a library path and a time zone change nothing" {
	mkdir home
	echo 'def tostring: "evil"; def map(f): "evil";' >home/.jq
	printf '%s\n' '{id: (["a"] | map(tostring) | join("")), user_name: (0 | strftime("%H %Z"))}' >map.jq
	fetched "$ada"
	HOME=$PWD/home run_status 0 normalize --map map.jq fetched
	cp "$out" plain
	assert_equal "$(body "$out" | jq -r .id)" a
	(cd home && HOME=$PWD JQ_LIBRARY_PATH=$PWD TZ=Asia/Tokyo run_status 0 normalize --map ../map.jq ../fetched)
	cmp plain "$out"
}

@test "a program that is not one is refused with its line" {
	not_taken 'line 2: foo/0 is not defined' $'.\n| foo'
	not_taken 'line 1: $foo is not defined' '$foo'
	not_taken 'syntax error' '.a['
	not_taken 'syntax error' ''
	not_taken 'syntax error' '# nothing'
	not_taken 'syntax error' 'def f: 1;'
	not_taken 'not UTF-8 text' $'"\xff"'
	printf '{id: 1}\0' >map.jq
	run_status 64 normalize --map map.jq nowhere
	assert_says 'map.jq: not UTF-8 text'
	head -c 1048577 /dev/zero | tr '\0' ' ' >map.jq
	run_status 78 normalize --map map.jq nowhere
	assert_says "'map.jq' is longer than the limit of 1048576 bytes"
}

@test "a program file that others can write to, or that is not there, is refused" {
	echo '{id: .resource.id}' >map.jq
	fetched "$ada"
	for mode in 646 666 602; do
		chmod "$mode" map.jq
		run_status 78 normalize --map map.jq fetched
		assert_says "'map.jq' can be written by others (mode $mode)" 'chmod go-w'
	done
	chmod 664 map.jq
	expected=78
	[ "$(id -u)" -ne "$(id -g)" ] || expected=0 # a group of one's own
	run_status "$expected" normalize --map map.jq fetched
	if [ "$(id -u)" -eq 0 ]; then
		chgrp 54321 map.jq
		run_status 78 normalize --map map.jq fetched
		assert_says 'can be written by others (mode 664)'
		chown 54321 map.jq
		run_status 78 normalize --map map.jq fetched
		assert_says "'map.jq' belongs to another user"
		chown 0:0 map.jq
	fi
	chmod 644 map.jq
	run_status 0 normalize --map map.jq fetched
	run_status 0 normalize --map <(cat map.jq) fetched
	run_status 66 normalize --map nowhere fetched
	assert_says "cannot open 'nowhere'"
	run_status 78 normalize --map . fetched
}

@test "a program that does not end, or that takes all memory, is ended with the line it was at" {
	fails '--map puts out more than the limit of 1000000 for one record' 'repeat({id: "1"})'
	[ -z "${SANITIZED:-}" ] || return 0 # they need all memory themselves
	fails '--map takes more than the limit of 1024 MiB of memory' 'def f: [f, f]; f'
	fails '--map brings libjq down' 'reduce range(3000000) as $i (0; [.])'
	how=hastened fails '--map does not end: no value after 10 s' 'last(repeat(1))'
	assert_equal "$(find . -newer fetched -type f ! -path ./out ! -path ./err | wc -l)" 0
}

@test "a line as deep as can be, and one as wide, pass a program" {
	local deep
	deep=$(printf '%0510d' 0)
	mapped '{id: ([.resource | .. | arrays] | length)}' \
		"{\"kind\":\"user\",\"source\":\"s\",\"resource\":{\"a\":${deep//0/[}${deep//0/]}}}"
	assert_equal "$(body "$out" | jq -r .id)" 510
	mapped '.resource.members[] as $m | {kind: "membership", group_id: .resource.id, member_id: $m}' \
		"{\"kind\":\"group\",\"source\":\"s\",\"resource\":{\"id\":\"g\",\"members\":[$(seq -s, 20000)]}}"
	assert_equal "$(tail -n 1 "$out" | jq .memberships)" 20000
}

# ---- --select ----

# select_from: a small directory in the file `all`.
select_from() {
	printf '%s\n' \
		'{"kind":"user","source":"s","resource":{"id":"u1","active":true}}' \
		'{"kind":"user","source":"s","resource":{"id":"u2","active":false}}' \
		'{"kind":"group","source":"s","resource":{"id":"g1","displayName":"Eng","members":[{"value":"u1"},{"value":"u2"},{"value":"u9"}]}}' \
		'{"kind":"group","source":"s","resource":{"id":"g2","displayName":"Ops","members":[{"value":"u1"},{"value":"g1"}]}}' \
		'{"kind":"gap","source":"s","scope":"members","id":"g3","reason":"HTTP 403"}' |
		seal_fetch s >all
}

# kept EXPR: what --select keeps of it.
kept() {
	select_from
	run_status 0 normalize --allow-empty --select "$1" all
	assert_quiet
	body "$out" | jq -r '"\(.kind) \(.id // "\(.group_id)-\(.member_id)")"' | tr '\n' ' '
}

@test "--select keeps the records for which the expression is true, and every gap" {
	assert_equal "$(kept true)" \
		'gap g3 group g1 group g2 membership g1-u1 membership g1-u2 membership g1-u9 membership g2-g1 membership g2-u1 user u1 user u2 '
	assert_equal "$(kept '.kind == "user"')" 'gap g3 user u1 user u2 '
	assert_equal "$(kept '.status == "enabled"')" 'gap g3 user u1 '
	assert_equal "$(kept '.kind != "membership"')" 'gap g3 group g1 group g2 user u1 user u2 '
	for expression in false null empty; do assert_equal "$(kept $expression)" 'gap g3 '; done
	all=$(kept true)
	for expression in 'false, true, error' 0; do assert_equal "$(kept "$expression")" "$all"; done
}

@test "memberships of a group or a user that is selected out go with it, others stay" {
	assert_equal "$(kept '.kind != "user" or .status == "enabled"')" \
		'gap g3 group g1 group g2 membership g1-u1 membership g1-u9 membership g2-g1 membership g2-u1 user u1 '
	assert_equal "$(kept '.name != "Eng"')" 'gap g3 group g2 membership g2-u1 user u1 user u2 '
}

@test "an id that a user and a group share is not mixed up when one of them is selected out" {
	printf '%s\n' '{"kind":"user","id":"x"}' '{"kind":"group","id":"x"}' '{"kind":"group","id":"g"}' \
		'{"kind":"membership","group_id":"g","member_id":"x","member_kind":"group"}' \
		'{"kind":"membership","group_id":"g","member_id":"x","member_kind":"user"}' \
		'{"kind":"membership","group_id":"x","member_id":"x","member_kind":"user"}' \
		'{"kind":"membership","group_id":"g","member_id":"x","member_kind":"unknown"}' >lines
	run_status 0 normalize --plain --source hr --select '.kind != "user"' lines
	assert_equal "$(body "$out" | jq -c 'select(.kind == "membership") | [.group_id, .member_kind]')" \
		'["g","group"]'
	run_status 0 normalize --plain --source hr --select '.id != "x" or .kind != "group"' lines
	assert_equal "$(body "$out" | jq -c 'select(.kind == "membership") | [.group_id, .member_kind]')" \
		'["g","user"]'
}

@test "a snapshot says what was selected, and passes through as it is" {
	kept '.kind == "user"' >/dev/null
	assert_equal "$(head -n 1 "$out" | jq -c '.sources[0].select')" '".kind == \"user\""'
	cp "$out" first
	run_status 0 normalize first
	cmp first "$out"
	run_status 0 normalize --select '.kind == "user"' first
	cmp first "$out"
	select_from
	run_status 0 normalize all
	assert_equal "$(head -n 1 "$out" | jq '.sources[0] | has("select")')" false
	cp "$out" whole
	run_status 0 normalize --select '.kind == "user"' whole
	cmp first "$out"
}

@test "two selections are said as both, each source has its own" {
	kept '.kind == "user"' >/dev/null
	cp "$out" first
	printf '{"kind":"user","source":"t","resource":{"id":"1","active":true}}\n' | seal_fetch t >second
	run_status 0 normalize first second
	assert_equal "$(head -n 1 "$out" | jq -c '[.sources[] | .select]')" '[".kind == \"user\"",null]'
	run_status 0 normalize --select '.status == "enabled"' first second
	assert_equal "$(head -n 1 "$out" | jq -c '[.sources[] | .select]')" \
		'["(.kind == \"user\") and (.status == \"enabled\")",".status == \"enabled\""]'
	assert_equal "$(body "$out" | jq -r .id)" $'g3\nu1\n1'
}

# two_sources: the file `both`, a snapshot of s and t, and `whole.s`, of s alone.
two_sources() {
	select_from
	run_status 0 normalize -o whole.s all
	printf '%s\n' '{"kind":"user","source":"t","resource":{"id":"1","active":true}}' \
		'{"kind":"gap","source":"t","scope":"groups","reason":"HTTP 501"}' | seal_fetch t >second
	normalize -o both whole.s second
}

@test "--select by the name of a source leaves the others out as a whole, with their gaps" {
	two_sources
	for expression in '.source=="s"' ' .source  ==  "s" ' $'.source\n== "\\u0073"'; do
		run_status 0 normalize --select "$expression" both
		cmp whole.s "$out"
	done
	for expression in '.source == "s" and .kind == "user"' '.source != "t"' '.source | test("^s")' \
		'[.source] | inside(["r", "s"])' 'if .source == "t" then false else .id != "u2" end'; do
		run_status 0 normalize --select "$expression" both
		assert_equal "$(head -n 1 "$out" | jq -c '[.sources[] | [.source, .gaps, .select]]')" "$(jq -nc --arg e "$expression" '[["s", 1, $e]]')"
		assert_equal "$(body "$out" | grep -c '"source":"t"' || true)" 0
	done
	run_status 0 normalize --select '.source == "s" or .source == "t"' both
	assert_equal "$(body "$out" | cmp - <(body both))" ''
}

@test "--select keeps a source that shows nobody for another reason than its name, and its gaps" {
	two_sources
	for expression in '.status == "disabled"' '.id == "u1"' '.source == "s" or .status == "disabled"' \
		'if .source == "t" and .id == "u1" then error("no") else .id == "u1" end'; do
		run_status 0 normalize --select "$expression" both
		assert_equal "$(head -n 1 "$out" | jq -c '[.sources[] | [.source, .gaps]]')" '[["s",1],["t",1]]'
	done
	run_status 0 normalize --allow-empty --select '.source == "r"' both
	assert_equal "$(head -n 1 "$out" | jq -c '[.sources[].source]')" '["s","t"]'
	run_status 65 normalize --select '.source == "r"' both
}

@test "a snapshot whose select is no text is refused" {
	kept true >/dev/null
	cp "$out" good
	for value in '""' null '[]' 7.5e; do
		begin_edited "s/\"select\":\"true\"/\"select\":$value/" good >bad
		run_status 65 normalize bad
	done
	begin_edited 's/"select":"true"/"select":"false"/' good >other
	run_status 0 normalize other
	cmp other "$out"
}

@test "--select sees what --map made, and both see nothing else" {
	printf '%s\n' '{id: .resource.id, status: "enabled"}, {id: "x"}' >map.jq
	fetched "$ada"
	run_status 0 normalize --map map.jq --select '.status == "enabled"' fetched
	assert_equal "$(body "$out" | jq -r .id)" 1
}

@test "an expression that fails on a record fails the run and is said with the record" {
	select_from
	run_status 65 normalize --select '.roles[] == "x"' all
	assert_file_empty "$out"
	assert_says 'normalize: --select fails: Cannot iterate over null' '"id":"g1"'
	run_status 65 normalize --select 'if .kind == "membership" then error(null) else true end' all
	assert_says '--select fails: null' '"group_id":"g1"'
	[ -z "${SANITIZED:-}" ] || return 0
	run_status 65 normalize --select 'def f: [f, f]; f' all
	assert_says '"id":"g1"' ': --select takes more than the limit'
}

@test "of the programs only normalize has libjq" {
	local program
	for program in scim-fetch scalr-fetch diff-snapshot normalize; do
		echo "$program $(ldd "$BUILD/$program" | grep -c libjq)"
	done >libraries
	assert_equal "$(tr '\n' ' ' <libraries)" 'scim-fetch 0 scalr-fetch 0 diff-snapshot 0 normalize 1 '
}

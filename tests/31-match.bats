# SPDX-License-Identifier: ISC
# diff-snapshot --match user_name: two directories that give the same people
# different ids.

load helper
load records

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# actual, wanted: records of the sources p and hr on stdin become before and after.
actual() {
	before p
}

wanted() {
	after hr
}

# p, hr: a record of one of them.
p() {
	source=p "$@"
}

hr() {
	source=hr "$@"
}

match() { # STATUS [OPTION...]
	differs "$1" --match user_name "${@:2}"
}

@test "--match: the same people under other ids are no difference, whatever the case of A to Z" {
	{ p user 1 Ada@X; p user 2 bob; p group g Eng; p member g 1; p group h All; p member h g group; } | actual
	{ hr user b Bob; hr user a ada@x; hr group 7 Eng; hr member 7 a; hr group 8 All; hr member 8 7 group; } | wanted
	match 0 </dev/null
	assert_equal "$(head -n 1 "$out" | jq -r .match)" user_name
	assert_equal "$(head -n 1 "$out" | jq -c '[.before.sources[0].source, .after.sources[0].source]')" '["p","hr"]'
	run_status 0 diff-snapshot --match user_name --format text before after
	assert_equal "$(cat "$out")" 'no changes'
}

@test "--match: only A to Z fold in the names of users and groups" {
	{ p user 1 $'\xe2\x84\xaaay'; p user 2 $'\xc4\xb1an'; p group g Eng; p group h $'\xc3\x89quipe'; p member g 1; } | actual
	{ hr user 1 kay; hr user 2 ian; hr group g eng; hr group h $'\xc3\xa9quipe'; hr member g 1; } | wanted
	run_status 1 diff-snapshot --match user_name before after
	assert_equal "$(events)" 'user.added user.added user.removed user.removed group.removed group.added membership.added membership.removed'
}

@test "--match: a change has the source and ids of BEFORE; what was added, those of AFTER" {
	{ p user 1 Ada; p user 2 bob; p user 3 cy disabled; p group g Eng; p group x Old; } | actual
	{ hr user a ada disabled; hr user c cy; hr user d dee; hr group 7 Eng; hr group 8 New; } | wanted
	match 1 <<-'END'
		{"kind":"change","event":"user.disabled","source":"p","id":"1","label":"ada","fields":{"status":["enabled","disabled"]}}
		{"kind":"change","event":"user.removed","source":"p","id":"2","label":"bob","before":{"kind":"user","source":"p","id":"2","user_name":"bob","status":"enabled","account_type":"human"}}
		{"kind":"change","event":"user.enabled","source":"p","id":"3","label":"cy","fields":{"status":["disabled","enabled"]}}
		{"kind":"change","event":"user.added","source":"hr","id":"d","label":"dee","after":{"kind":"user","source":"hr","id":"d","user_name":"dee","status":"enabled","account_type":"human"}}
		{"kind":"change","event":"group.added","source":"hr","id":"8","label":"New","after":{"kind":"group","source":"hr","id":"8","name":"New"}}
		{"kind":"change","event":"group.removed","source":"p","id":"x","label":"Old","before":{"kind":"group","source":"p","id":"x","name":"Old"}}
	END
	shows 1 --match user_name <<-'END'
		6 changes: 1 user only in hr, 1 user only in p, 1 user enabled, 1 user disabled, 1 group only in hr, 1 group only in p
		~ p   user disabled       Ada: status enabled -> disabled
		- p   user only in p      bob
		~ p   user enabled        cy: status disabled -> enabled
		+ hr  user only in hr     dee
		+ hr  group only in hr    New
		- p   group only in p     Old
	END
}

@test "--match: memberships are those of the names; ids_of_after says which ids BEFORE does not have" {
	{ p user 1 Ada; p user 2 bob; p group g Eng; p group h Ops; p member g 2; p member g 1; } | actual
	{
		hr user a ada; hr user b bob; hr user d dee; hr group 7 Eng; hr group 8 New; hr group 9 Ops
		hr member 7 a; hr member 7 d; hr member 8 b; hr member 8 d; hr member 9 a; hr member 9 7 group
	} | wanted
	run_status 1 diff-snapshot --match user_name --only membership.added,membership.removed before after
	jq -c 'select(.kind == "change") | del(.kind, .before, .after)' "$out" >got
	cat >want <<-'END'
		{"event":"membership.removed","source":"p","group_id":"g","member_id":"2","label":"bob in Eng"}
		{"event":"membership.added","source":"p","group_id":"g","member_id":"d","ids_of_after":["member_id"],"label":"dee in Eng"}
		{"event":"membership.added","source":"p","group_id":"8","member_id":"2","ids_of_after":["group_id"],"label":"bob in New"}
		{"event":"membership.added","source":"hr","group_id":"8","member_id":"d","ids_of_after":["group_id","member_id"],"label":"dee in New"}
		{"event":"membership.added","source":"p","group_id":"h","member_id":"1","label":"Ada in Ops"}
		{"event":"membership.added","source":"p","group_id":"h","member_id":"g","label":"Eng in Ops"}
	END
	run diff want got
	assert_success
	assert_equal "$(jq -r 'select(.event == "membership.added") | .after.source' "$out" | sort -u)" hr
}

@test "--match: only what both sides show is compared, and never ids, origins or times" {
	printf '%s\n' '{"kind":"user","source":"p","id":"1","user_name":"Ada","email":"Ada@X","display_name":"Ada B","status":"enabled","provider_status":"Active","account_type":"human","external_id":"x","roles":["r"],"created_at":"2026-01-01T00:00:00Z"}' | actual
	printf '%s\n' '{"kind":"user","source":"hr","id":"a","user_name":"ada","email":"ada@x","given_name":"Ada","status":"unknown","account_type":"unknown","external_id":"y","created_at":"2025-01-01T00:00:00Z"}' |
		read_at=2020-01-01T00:00:00Z wanted
	match 0 </dev/null
	printf '%s\n' '{"kind":"user","source":"hr","id":"a","user_name":"ada","email":null,"display_name":"Ada C","status":"unknown","account_type":"unknown","roles":["r","s"]}' | wanted
	match 1 <<-'END'
		{"kind":"change","event":"user.modified","source":"p","id":"1","label":"ada","fields":{"email":["Ada@X",null],"display_name":["Ada B","Ada C"],"roles":[["r"],["r","s"]]}}
	END
	match 0 --ignore email,display_name,roles </dev/null
}

@test "--match refuses two of one name on a side, and names both" {
	{ p user 1 ada; p user 2 Ada; } | actual
	hr user a ada | wanted
	run_status 65 diff-snapshot --match user_name before after
	assert_says "before: the users " "'1'" "'2'" "both called"
	assert_file_empty "$out"
	run_status 65 diff-snapshot --match user_name after before
	assert_says "before: the users "
	{ p group 1 Eng; p group 2 Eng; } | actual
	: | wanted
	run_status 65 diff-snapshot --match user_name before after
	assert_says "before: the groups '1' and '2' are both called 'Eng'"
	{ p group 1 Eng; p group 2 eng; } | actual
	run_status 65 diff-snapshot --match user_name before before
	assert_says "before: the groups '1' and '2' are both called 'eng'"
	# a user and a group may share one
	{ p group 1 Eng; p user 1 Eng; } | actual
	run_status 0 diff-snapshot --match user_name before before
}

@test "--match compares one source with one, and says where there are more" {
	{ p user 1 ada; source=q user 1 ada; } | before p q
	hr user 1 ada | wanted
	run_status 65 diff-snapshot --match user_name before after
	assert_says 'before: holds 2 sources'
	run_status 65 diff-snapshot --match user_name after before
	assert_says 'before: holds 2 sources' "--source: 'p', 'q'"
}

@test "--match --source takes one source out of a combined snapshot, on either side or on both" {
	{ p user 1 Ada; p group g Eng; p member g 1; source=q user 1 eve; source=q group g Ops; source=q member g 1; source=q gap groups no; } | before p q
	{ hr user a ada; hr user b bob; hr group 7 Eng; hr member 7 a; } | wanted
	match 1 --source p <<-'END'
		{"kind":"change","event":"user.added","source":"hr","id":"b","label":"bob","after":{"kind":"user","source":"hr","id":"b","user_name":"bob","status":"enabled","account_type":"human"}}
	END
	assert_equal "$(head -n 1 "$out" | jq -c '[.before, .after | [.sources[].source]]')" '[["p"],["hr"]]'
	run_status 1 diff-snapshot --match user_name --source p after before
	assert_equal "$(events)" user.removed
	assert_equal "$(head -n 1 "$out" | jq -c '[.before, .after | [.sources[].source]]')" '[["hr"],["p"]]'
	for name in p q; do
		run_status 0 diff-snapshot --match user_name --source "$name" before before
		assert_equal "$(jq -r 'select(.kind == "unknown").scope' "$out")" "$([ "$name" = p ] || echo groups)"
	done
	run_status 65 diff-snapshot --match user_name --source r before after
	assert_says "before: has no source 'r'; it has 'p', 'q'"
	run_status 65 diff-snapshot --match user_name --source r after after
	assert_says "neither file has a source 'r'"
	run_status 0 diff-snapshot --match user_name --source hr after after
	run_status 64 diff-snapshot --source p before before
	assert_says '--source needs --match'
}

@test "--match refuses who has no name, or with --allow-unnamed leaves them out and says so" {
	{ p user 1 ada; p user 2 bob; } | actual
	{
		hr user a ada
		printf '%s\n' '{"kind":"user","source":"hr","id":"b","status":"enabled","account_type":"human"}' \
			'{"kind":"user","source":"hr","id":"c","user_name":"","status":"enabled","account_type":"human"}'
	} | wanted
	run_status 65 diff-snapshot --match user_name before after
	assert_says "after: users without a user_name: 2, the first: 'b'"
	match 1 --allow-unnamed <<-'END'
		{"kind":"unknown","source":"hr","scope":"unnamed_users","count":2,"sides":["after"],"reason":"users without a user_name: 2, the first: b"}
		{"kind":"change","event":"user.removed","source":"p","id":"2","label":"bob","before":{"kind":"user","source":"p","id":"2","user_name":"bob","status":"enabled","account_type":"human"}}
	END
	printf '%s\n' '{"kind":"group","source":"p","id":"g","name":null}' | actual
	: | wanted
	run_status 65 diff-snapshot --match user_name before after
	assert_says "before: groups without a name: 1, the first: 'g'"
	shows 0 --match user_name --allow-unnamed <<-'END'
		no changes; 1 not readable
		? p  not matched         unnamed_groups (before): groups without a name: 1, the first: g
	END
}

@test "--match: a membership of nobody who is listed is told, not compared" {
	{ p user 1 ada; p group g Eng; p member g 1; p member g ghost unknown; p member gone 1; } | actual
	{ hr user a ada; hr group 7 Eng; hr member 7 a; hr member 7 ghost; } | wanted
	match 0 >/dev/null <<-END
		{"kind":"unknown","source":"p","scope":"unnamed_members","count":2,"sides":["before"],"reason":"memberships whose group or member is not in this snapshot by name: 2, the first: $(p member g ghost unknown | sed 's/"/\\"/g')"}
		{"kind":"unknown","source":"hr","scope":"unnamed_members","count":1,"sides":["after"],"reason":"memberships whose group or member is not in this snapshot by name: 1, the first: $(hr member 7 ghost | sed 's/"/\\"/g')"}
	END
}

@test "--match: nothing in a gap of either side is called a change" {
	{ p user 1 ada; p user 2 bob; p group g Eng; p member g 2; p group h Ops; p member h 2; } | actual
	{ hr user a ada; source=hr gap groups 'HR has no groups'; } | wanted
	match 1 <<-'END'
		{"kind":"unknown","source":"hr","scope":"groups","sides":["after"],"reason":"HR has no groups"}
		{"kind":"change","event":"user.removed","source":"p","id":"2","label":"bob","before":{"kind":"user","source":"p","id":"2","user_name":"bob","status":"enabled","account_type":"human"}}
	END
	# the members of one group, told by its name
	{ hr user a ada; hr user b bob; hr group 7 Eng; source=hr gap members no 7; hr group 8 Ops; } | wanted
	match 1 <<-'END'
		{"kind":"unknown","source":"hr","scope":"members","id":"7","label":"Eng","sides":["after"],"reason":"no"}
		{"kind":"change","event":"membership.removed","source":"p","group_id":"h","member_id":"2","label":"bob in Ops","before":{"kind":"membership","source":"p","group_id":"h","member_id":"2","member_kind":"user"}}
	END
	# of a group that is not listed: it could be any
	{ hr user a ada; hr user b bob; hr group 7 Eng; hr group 8 Ops; source=hr gap members no zz; } | wanted
	run_status 0 diff-snapshot --match user_name before after
	# users without names: a member who is not known by name could be anybody
	{ hr user a ada; hr group 7 Eng; source=hr gap users no; hr group 8 Ops; hr member 8 b; } | wanted
	run_status 0 diff-snapshot --match user_name before after
	assert_equal "$(events)" 'unknown unknown'
}

@test "--match: the safeguard also sees a group that lost many but not all" {
	{ p group g Eng; for i in $(seq 40); do p user "$i" "u$i"; p member g "$i"; done; p group h Big; for i in $(seq 40); do p member h "$i"; done; } | actual
	{ hr group g Eng; for i in $(seq 40); do hr user "$i" "u$i"; done; for i in $(seq 25); do hr member g "$i"; done; hr group h Big; for i in $(seq 40); do hr member h "$i"; done; } | wanted
	run_status 3 diff-snapshot --match user_name before after
	assert_says '15 of 40 members of Eng are gone'
	assert_equal "$(tail -n 1 "$out" | jq -r 'has("unconfirmed")')" true
	run_status 1 diff-snapshot --match user_name --max-removed 50% before after
}

@test "--match reads both sides from pipes" {
	{ p user 1 Ada; p user 2 bob; } | actual
	hr user a ada | wanted
	run_status 1 diff-snapshot --match user_name <(cat before) <(cat after)
	assert_equal "$(events)" user.removed
	run_status 1 diff-snapshot --match user_name - after <before
	assert_equal "$(events)" user.removed
}

@test "--match refuses a snapshot that is cut or was changed" {
	{ p user 1 ada; p user 2 bob; } | actual
	hr user a ada | wanted
	sed '$d' before >cut.ndjson
	run_status 65 diff-snapshot --match user_name cut.ndjson after
	assert_says "cut.ndjson: "
	sed 's/bob/eve/' before >changed
	run_status 65 diff-snapshot --match user_name changed after
	run_status 65 diff-snapshot --match user_name after changed
	assert_file_empty "$out"
}

@test "--match takes user_name only, and no --all-fields; --allow-unnamed is for --match" {
	: | actual
	: | wanted
	run_status 64 diff-snapshot --match email before after
	assert_says "--match takes user_name, not 'email'"
	run_status 64 diff-snapshot --match user_name --all-fields before after
	assert_says '--all-fields'
	run_status 64 diff-snapshot --allow-unnamed before after
	assert_says '--allow-unnamed'
	run_status 0 diff-snapshot --match=user_name before after
}

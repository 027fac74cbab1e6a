# SPDX-License-Identifier: ISC
# diff-snapshot: exactly what changed, and nothing where a side could not see
# (design.md 3.3, faults.md cases 33 to 37).

load helper
load records

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

@test "two equal snapshots differ in nothing: status 0" {
	{ user 1 ada; group g G; member g 1; } | before
	cp before after
	differs 0 </dev/null
	shows 0 <<<'no changes'
	: | before
	cp before after
	differs 0 </dev/null
}

@test "user.added carries the record after, user.removed the record before" {
	user 1 ada | before
	user 2 bob disabled | after
	differs 1 <<-'END'
		{"kind":"change","event":"user.removed","source":"a","id":"1","label":"ada","before":{"kind":"user","source":"a","id":"1","user_name":"ada","status":"enabled","account_type":"human"}}
		{"kind":"change","event":"user.added","source":"a","id":"2","label":"bob","after":{"kind":"user","source":"a","id":"2","user_name":"bob","status":"disabled","account_type":"human"}}
	END
	shows 1 <<-'END'
		2 changes: 1 user.added, 1 user.removed
		- a  user removed        ada
		+ a  user added          bob, status disabled
	END
	printf '%s\n' '{"kind":"user","source":"a","id":"3","user_name":"ci","display_name":"C I","status":"unknown","account_type":"service"}' | after
	: | before
	shows 1 <<-'END'
		1 change: 1 user.added
		+ a  user added          ci (C I), status unknown, service account
	END
}

@test "user.enabled and user.disabled say what the status was and is" {
	{ user 1 ada enabled; user 2 bob disabled; user 3 cy unknown; user 4 dee unknown; } | before
	{ user 1 ada disabled; user 2 bob enabled; user 3 cy enabled; user 4 dee disabled; } | after
	differs 1 <<-'END'
		{"kind":"change","event":"user.disabled","source":"a","id":"1","label":"ada","fields":{"status":["enabled","disabled"]}}
		{"kind":"change","event":"user.enabled","source":"a","id":"2","label":"bob","fields":{"status":["disabled","enabled"]}}
		{"kind":"change","event":"user.enabled","source":"a","id":"3","label":"cy","fields":{"status":["unknown","enabled"]}}
		{"kind":"change","event":"user.disabled","source":"a","id":"4","label":"dee","fields":{"status":["unknown","disabled"]}}
	END
	shows 1 <<-'END'
		4 changes: 2 user.enabled, 2 user.disabled
		~ a  user disabled       ada: status enabled -> disabled
		~ a  user enabled        bob: status disabled -> enabled
		~ a  user enabled        cy: status unknown -> enabled
		~ a  user disabled       dee: status unknown -> disabled
	END
}

@test "a status that became unknown is no disabling, and a pending user who signs in is modified" {
	{ user 1 ada; printf '%s\n' '{"kind":"user","source":"a","id":"2","user_name":"bob","status":"enabled","provider_status":"Pending","account_type":"human"}'; } | before
	{ user 1 ada unknown; user 2 bob; } | after
	differs 1 <<-'END'
		{"kind":"change","event":"user.modified","source":"a","id":"1","label":"ada","fields":{"status":["enabled","unknown"]}}
		{"kind":"change","event":"user.modified","source":"a","id":"2","label":"bob","fields":{"provider_status":["Pending",{}]}}
	END
	shows 1 <<-'END'
		2 changes: 2 user.modified
		~ a  user modified       ada: status enabled -> unknown
		~ a  user modified       bob: provider_status Pending -> (not shown)
	END
}

@test "user.renamed is the same id with a new user name, and takes the e-mail along" {
	{
		printf '%s\n' '{"kind":"user","source":"a","id":"1","user_name":"ada@x","email":"ada@x","status":"enabled","account_type":"human"}'
		user 2 Bob
	} | before
	{
		printf '%s\n' '{"kind":"user","source":"a","id":"1","user_name":"ada@y","email":"ada@y","status":"enabled","account_type":"human"}'
		user 2 bob
	} | after
	differs 1 <<-'END'
		{"kind":"change","event":"user.renamed","source":"a","id":"1","label":"ada@y","fields":{"user_name":["ada@x","ada@y"],"email":["ada@x","ada@y"]}}
		{"kind":"change","event":"user.renamed","source":"a","id":"2","label":"bob","fields":{"user_name":["Bob","bob"]}}
	END
	shows 1 <<-'END'
		2 changes: 2 user.renamed
		~ a  user renamed        ada@x: user_name ada@x -> ada@y, email ada@x -> ada@y
		~ a  user renamed        Bob: user_name Bob -> bob
	END
}

@test "user.recreated is the same user name with a new id; only ASCII letters fold" {
	{ user 1 Bob@X; user 2 ada; } | before
	{ user 3 bOB@x disabled; user 2 ada; } | after
	differs 1 <<-'END'
		{"kind":"change","event":"user.recreated","source":"a","id":"3","label":"bOB@x","fields":{"id":["1","3"],"user_name":["Bob@X","bOB@x"],"status":["enabled","disabled"]}}
	END
	shows 1 <<-'END'
		1 change: 1 user.recreated
		~ a  user recreated      Bob@X: id 1 -> 3, user_name Bob@X -> bOB@x, status enabled -> disabled
	END
	# Kelvin sign, dotless i, sharp s, accents, a Cyrillic a, a zero-width space
	count=0
	while read -r old new; do
		user 1 "$(printf %b "$old")" | before
		user 2 "$(printf %b "$new")" | after
		run_status 1 diff-snapshot before after
		assert_equal "$old $new $(events)" "$old $new user.removed user.added"
		count=$((count + 1))
	done <<-'END'
		\xe2\x84\xaaay kay
		\xe2\x84\xaaay Kay
		\xc4\xb1an ian
		\xc4\xb1an Ian
		\xc4\xb0an ian
		stra\xc3\x9fe strasse
		\xc3\x84da \xc3\xa4da
		\xd0\xb0da ada
		a\xe2\x80\x8bda ada
		[da {da
		@da `da
	END
	assert_equal "$count" 11
	# not across sources, and one pair only
	{ user 1 ada; source=b user 1 x; } | before a b
	{ source=b user 2 ada; source=b user 1 x; } | after a b
	run_status 1 diff-snapshot before after
	assert_equal "$(events)" "user.removed user.added"
	{ user 1 ada; user 2 ada; } | before
	user 3 ada | after
	run_status 1 diff-snapshot before after
	assert_equal "$(events | tr ' ' '\n' | sort | paste -sd' ')" "user.recreated user.removed"
	# who has no user name has none in common with anybody
	printf '%s\n' '{"kind":"user","source":"a","id":"1","status":"enabled","account_type":"human"}' | before
	printf '%s\n' '{"kind":"user","source":"a","id":"2","status":"enabled","account_type":"human"}' | after
	run_status 1 diff-snapshot before after
	assert_equal "$(events)" "user.removed user.added"
}

@test "user.modified carries every other field, each once, in the records' order" {
	printf '%s\n' '{"kind":"user","source":"a","id":"1","user_name":"ada","email":"ada@x","display_name":"A","given_name":"g","family_name":"f","status":"enabled","account_type":"human","external_id":"x","roles":["a"],"created_at":"2026-01-01T00:00:00Z"}' | before
	printf '%s\n' '{"kind":"user","source":"a","id":"1","user_name":"ada","email":"ada@y","display_name":"B\"","given_name":"h","family_name":"e","status":"enabled","account_type":"service","external_id":"y","roles":["a","b"],"created_at":"2026-01-02T00:00:00Z"}' | after
	differs 1 <<-'END'
		{"kind":"change","event":"user.modified","source":"a","id":"1","label":"ada","fields":{"email":["ada@x","ada@y"],"display_name":["A","B\""],"given_name":["g","h"],"family_name":["f","e"],"account_type":["human","service"],"external_id":["x","y"],"roles":[["a"],["a","b"]],"created_at":["2026-01-01T00:00:00Z","2026-01-02T00:00:00Z"]}}
	END
	shows 1 <<-'END'
		1 change: 1 user.modified
		~ a  user modified       ada: email ada@x -> ada@y, display_name A -> B", given_name g -> h, family_name f -> e, account_type human -> service, external_id x -> y, roles ["a"] -> ["a","b"], created_at 2026-01-01T00:00:00Z -> 2026-01-02T00:00:00Z
	END
}

@test "absent and null are two values, in the stream as in the text" {
	user 1 ada enabled | before
	user 1 ada enabled ',"external_id":null' | after
	shows 1 <<-'END'
		1 change: 1 user.modified
		~ a  user modified       ada: external_id (not shown) -> (none)
	END
	run_status 1 diff-snapshot before after
	assert_equal "$(jq -c 'select(.fields).fields' "$out")" '{"external_id":[{},null]}'
	run_status 1 diff-snapshot after before
	assert_equal "$(jq -c 'select(.fields).fields' "$out")" '{"external_id":[null,{}]}'
}

@test "one user's status, name and other fields are an event each" {
	printf '%s\n' '{"kind":"user","source":"a","id":"1","user_name":"ada","display_name":"A","status":"enabled","account_type":"human"}' | before
	printf '%s\n' '{"kind":"user","source":"a","id":"1","user_name":"eve","display_name":"E","status":"disabled","account_type":"human"}' | after
	differs 1 <<-'END'
		{"kind":"change","event":"user.disabled","source":"a","id":"1","label":"eve","fields":{"status":["enabled","disabled"]}}
		{"kind":"change","event":"user.renamed","source":"a","id":"1","label":"eve","fields":{"user_name":["ada","eve"]}}
		{"kind":"change","event":"user.modified","source":"a","id":"1","label":"eve","fields":{"display_name":["A","E"]}}
	END
}

@test "groups are added, removed, renamed, recreated and modified" {
	{ group 1 gone; group 2 old; group 3 same; group 4 x ',"description":"d"'; group 6 Case; } | before
	{ group 2 new; group 4 x ',"description":"e"'; group 5 same; group 7 case; } | after
	differs 1 <<-'END'
		{"kind":"change","event":"group.removed","source":"a","id":"1","label":"gone","before":{"kind":"group","source":"a","id":"1","name":"gone"}}
		{"kind":"change","event":"group.renamed","source":"a","id":"2","label":"new","fields":{"name":["old","new"]}}
		{"kind":"change","event":"group.modified","source":"a","id":"4","label":"x","fields":{"description":["d","e"]}}
		{"kind":"change","event":"group.recreated","source":"a","id":"5","label":"same","fields":{"id":["3","5"]}}
		{"kind":"change","event":"group.recreated","source":"a","id":"7","label":"case","fields":{"id":["6","7"],"name":["Case","case"]}}
	END
	shows 1 <<-'END'
		5 changes: 1 group.removed, 1 group.renamed, 2 group.recreated, 1 group.modified
		- a  group removed       gone
		~ a  group renamed       old: name old -> new
		~ a  group modified      x: description d -> e
		~ a  group recreated     same: id 3 -> 5
		~ a  group recreated     Case: id 6 -> 7, name Case -> case
	END
}

@test "memberships are added and removed, under the names of both, not their ids" {
	{ user 1 ada; user 2 bob; group g Eng; group h Ops; member g 1; member h 2; } | before
	{ user 1 ada; group g Eng; group h Ops; member g h group; member h 1; member h ghost unknown; } | after
	differs 1 <<-'END'
		{"kind":"change","event":"user.removed","source":"a","id":"2","label":"bob","before":{"kind":"user","source":"a","id":"2","user_name":"bob","status":"enabled","account_type":"human"}}
		{"kind":"change","event":"membership.removed","source":"a","group_id":"g","member_id":"1","label":"ada in Eng","before":{"kind":"membership","source":"a","group_id":"g","member_id":"1","member_kind":"user"}}
		{"kind":"change","event":"membership.added","source":"a","group_id":"g","member_id":"h","label":"Ops in Eng","after":{"kind":"membership","source":"a","group_id":"g","member_id":"h","member_kind":"group"}}
		{"kind":"change","event":"membership.added","source":"a","group_id":"h","member_id":"1","label":"ada in Ops","after":{"kind":"membership","source":"a","group_id":"h","member_id":"1","member_kind":"user"}}
		{"kind":"change","event":"membership.removed","source":"a","group_id":"h","member_id":"2","label":"bob in Ops","before":{"kind":"membership","source":"a","group_id":"h","member_id":"2","member_kind":"user"}}
		{"kind":"change","event":"membership.added","source":"a","group_id":"h","member_id":"ghost","label":"ghost in Ops","after":{"kind":"membership","source":"a","group_id":"h","member_id":"ghost","member_kind":"unknown"}}
	END
	shows 1 <<-'END'
		6 changes: 1 user.removed, 3 membership.added, 2 membership.removed
		- a  user removed        bob
		- a  membership removed  ada in Eng
		+ a  membership added    Ops in Eng
		+ a  membership added    ada in Ops
		- a  membership removed  bob in Ops
		+ a  membership added    ghost in Ops
	END
}

@test "a label is the user name, else the e-mail, else the display name, else the id" {
	printf '{"kind":"user","source":"a","id":"%s"%s,"status":"enabled","account_type":"human"}\n' \
		1 ',"email":"e@x","display_name":"D"' 2 ',"user_name":null,"display_name":"D"' 3 '' 4 ',"user_name":"","email":""' \
		5 ',"user_name":"u","email":"e@x"' >lines
	printf '%s\n' '{"kind":"group","source":"a","id":"g"}' '{"kind":"group","source":"a","id":"h","name":null}' >>lines
	member g 1 >>lines
	after <lines
	: | before
	run_status 1 diff-snapshot before after
	assert_equal "$(jq -r 'select(.event).label' "$out" | paste -sd,)" 'e@x,D,3,4,u,g,h,e@x in g'
}

@test "a label of a membership uses the newer name of a renamed user and group" {
	{ user 1 ada; group g Eng; member g 1; } | before
	{ user 1 eve; group g Dev; member g 1; member g x; } | after
	run_status 1 diff-snapshot before after
	assert_equal "$(jq -r 'select(.event == "membership.added").label' "$out")" 'x in Dev'
	{ user 1 eve; group g Dev; } | after
	run_status 1 diff-snapshot before after
	assert_equal "$(jq -r 'select(.event == "membership.removed").label' "$out")" 'eve in Dev'
}

@test "more groups than are kept in memory still have their names, and leave no file behind" {
	mkdir tmp
	seq 100000 180000 | sed 's/.*/{"kind":"group","source":"a","id":"&","name":"Group &"}/' >groups
	{ cat groups; member 100000 1; user 1 ada; } | before
	{ cat groups; member 180000 1; user 1 ada; } | after
	TMPDIR=$PWD/tmp run_status 1 diff-snapshot before after
	assert_equal "$(jq -r 'select(.event).label' "$out")" $'ada in Group 100000\nada in Group 180000'
	assert_equal "$(ls -A tmp)" ''
	TMPDIR=$PWD/nowhere run_status 73 diff-snapshot before after
	assert_says 'cannot create temporary file'
	assert_file_empty "$out"
}

@test "a membership whose member is only known, or only unknown, to be a user or group is the same one" {
	local pair
	{
		group g Eng
		for ((i = 1; i <= 100; i++)); do member g "$i"; done
		member g h group
		member g k group
	} | before
	{
		group g Eng
		for ((i = 1; i <= 100; i++)); do member g "$i" unknown; done
		member g h unknown
		member g k user
	} | after
	for pair in 'before after' 'after before'; do
		# shellcheck disable=SC2086 # two words
		run_status 1 diff-snapshot --max-removed 1 $pair
		assert_equal "$(jq -r 'select(.event) | "\(.event) \(.member_id)"' "$out" | sort)" 'membership.added k
membership.removed k'
		assert_equal "$(tail -n 1 "$out" | jq -c '[.changes, .events, .unconfirmed]')" \
			'[2,{"membership.added":1,"membership.removed":1},null]'
	done
}

@test "what was recreated under names that differ by case alone finds its own name first" {
	{ group 1 ops; group 2 Ops; user 1 ada; user 2 Ada; } | before
	{ group 3 Ops; group 4 ops; user 3 Ada; user 4 ada; } | after
	run_status 1 diff-snapshot before after
	assert_equal "$(jq -c 'select(.fields) | [.event, .fields.id, .fields.name // .fields.user_name]' "$out")" '["user.recreated",["2","3"],null]
["user.recreated",["1","4"],null]
["group.recreated",["2","3"],null]
["group.recreated",["1","4"],null]'
}

@test "all kinds of events together come by source, users before groups before memberships, by id" {
	{
		user 1 ada; user 2 bob; user 3 cy; group g G; group h H; member g 1
		source=b user 9 zed
	} | before a b
	{
		user 1 ada disabled; user 3 cynthia; user 4 bob; user 5 dee; group g G2; group i I; member g 5
		source=b user 9 zed disabled
	} | after a b
	run_status 1 diff-snapshot before after
	assert_equal "$(events)" "user.disabled user.renamed user.recreated user.added group.renamed group.removed group.added membership.removed membership.added user.disabled"
	assert_equal "$(tail -n 1 "$out" | jq -c '[.kind, .changes, .unknown, .events]')" \
		'["end",10,0,{"user.added":1,"user.disabled":2,"user.renamed":1,"user.recreated":1,"group.added":1,"group.removed":1,"group.renamed":1,"membership.added":1,"membership.removed":1}]'
	assert_equal "$(head -n 1 "$out" | jq -c '[.kind, .format, .stage, .before.sha256, .after.sha256, (.before.sources | map(.source))]')" \
		"[\"begin\",1,\"changes\",\"$(tail -n 1 before | jq -r .sha256)\",\"$(tail -n 1 after | jq -r .sha256)\",[\"a\",\"b\"]]"
	run diff <(head -n 1 before | jq -c .sources) <(head -n 1 "$out" | jq -c .before.sources)
	assert_success
}

@test "the change stream ends with the digest of its own body" {
	{ user 1 ada; user 2 bob; } | before
	{ user 1 eve; gap groups no; } | after
	for pair in before:after after:before before:before; do
		diff-snapshot "${pair%:*}" "${pair#*:}" >changes || true
		sum=$(sed '1d;$d' changes | sha256sum)
		assert_equal "$(tail -n 1 changes | jq -r .sha256)" "${sum%% *}"
		assert_equal "$(tail -n 1 changes | jq .changes)" "$(grep -c '"kind":"change"' changes || true)"
		assert_equal "$(tail -n 1 changes | jq .unknown)" "$(grep -c '"kind":"unknown"' changes || true)"
	done
	run_status 65 normalize changes
	run_status 65 diff-snapshot changes changes
	assert_regex "$(cat "$err")" 'changes'
}

@test "volatile fields count only with --all-fields" {
	{
		user 1 ada enabled ',"last_login_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"'
		user 2 bob
		group g G ',"updated_at":"2026-01-01T00:00:00Z"'
	} | before
	{
		user 1 ada enabled ',"last_login_at":"2026-01-02T00:00:00Z","updated_at":"2026-01-02T00:00:00Z"'
		user 2 bob enabled ',"last_login_at":null'
		group g G ',"updated_at":"2026-01-02T00:00:00Z"'
	} | after
	differs 0 </dev/null
	run_status 1 diff-snapshot --all-fields before after
	assert_equal "$(jq -c 'select(.event) | [.event, (.fields | keys_unsorted)]' "$out" | paste -sd' ')" \
		'["user.modified",["last_login_at","updated_at"]] ["user.modified",["last_login_at"]] ["group.modified",["updated_at"]]'
	shows 1 --all-fields <<-'END'
		3 changes: 2 user.modified, 1 group.modified
		~ a  user modified       ada: last_login_at 2026-01-01T00:00:00Z -> 2026-01-02T00:00:00Z, updated_at 2026-01-01T00:00:00Z -> 2026-01-02T00:00:00Z
		~ a  user modified       bob: last_login_at (not shown) -> (none)
		~ a  group modified      G: updated_at 2026-01-01T00:00:00Z -> 2026-01-02T00:00:00Z
	END
	# a change beside them is shown without them
	user 1 ada disabled ',"last_login_at":"2026-01-02T00:00:00Z"' | after
	user 1 ada enabled ',"last_login_at":"2026-01-01T00:00:00Z"' | before
	differs 1 <<<'{"kind":"change","event":"user.disabled","source":"a","id":"1","label":"ada","fields":{"status":["enabled","disabled"]}}'
	# created_at is not volatile, and text that looks like a volatile member is not one
	user 1 'x\",\"updated_at\":\"1' | before
	user 1 'x\",\"updated_at\":\"2' | after
	run_status 1 diff-snapshot before after
	assert_equal "$(events)" user.renamed
}

@test "a gap on either side or both is one unknown record, and no change inside it is reported" {
	for sides in before after both; do
		for scope in users groups members members-of-g; do
			id=
			[ $scope = members-of-g ] && id=g
			{
				user 1 ada; user 2 bob; group g G; group h H; member g 1; member h 2
				[ $sides = after ] || gap ${scope%-of-g} why $id
			} | before
			{
				user 1 eve; user 3 cy; group g G2; group i I; member g 3; member h 3
				[ $sides = before ] || gap ${scope%-of-g} why $id
			} | after
			run_status 1 diff-snapshot before after
			case $scope in
			users) want='unknown group.renamed group.removed group.added membership.removed membership.added membership.removed membership.added' ;;
			groups) want='unknown user.renamed user.removed user.added' ;;
			members) want='unknown user.renamed user.removed user.added group.renamed group.removed group.added' ;;
			members-of-g) want='unknown user.renamed user.removed user.added group.renamed group.removed group.added membership.removed membership.added' ;;
			esac
			assert_equal "$sides $scope $(events)" "$sides $scope $want"
			json='["before","after"]'
			[ $sides = both ] || json="[\"$sides\"]"
			name=
			[ $scope = members-of-g ] && name=',"id":"g","label":"G2"'
			assert_equal "$(sed -n 2p "$out")" '{"kind":"unknown","source":"a","scope":"'"${scope%-of-g}"'"'"$name"',"sides":'"$json"',"reason":"why"}'
			assert_equal "$(tail -n 1 "$out" | jq .unknown)" 1
			run_status 1 diff-snapshot --format text before after
			words="${scope%-of-g}"
			[ $scope = members-of-g ] && words='members of G2'
			case $sides in before) words+=' (before)' ;; after) words+=' (now)' ;; esac
			assert_equal "$(sed -n 2p "$out")" "? a  not readable        $words: why"
			assert_regex "$(head -n 1 "$out")" '; 1 not readable$'
		done
	done
}

@test "everybody gone behind a gap is no change and no removal" {
	{ users 1 50; group g G; member g 1; } | before
	{ gap users no; gap groups no; } | after
	differs 0 <<-'END'
		{"kind":"unknown","source":"a","scope":"groups","sides":["after"],"reason":"no"}
		{"kind":"unknown","source":"a","scope":"users","sides":["after"],"reason":"no"}
	END
	shows 0 <<-'END'
		no changes; 2 not readable
		? a  not readable        groups (now): no
		? a  not readable        users (now): no
	END
}

@test "a gap hides nothing of another source and of another group" {
	{ user 1 ada; source=b user 1 ada; source=b group g G; source=b member g 1; } | before a b
	{ gap users no; gap groups no; gap members no g; gap members no; } | after a b
	run_status 1 diff-snapshot before after
	assert_equal "$(jq -r 'select(.event) | .source' "$out" | sort -u)" b
	assert_equal "$(events)" 'unknown unknown unknown unknown user.removed group.removed membership.removed'
}

@test "the same gap with another reason is one unknown record" {
	gap members 'HTTP 403' g | before
	gap members 'HTTP 500' g | after
	run_status 0 diff-snapshot before after
	assert_equal "$(jq -c 'select(.kind == "unknown") | [.id, .sides]' "$out")" '["g",["before","after"]]'
}

@test "a membership that only users show is not gone when users could not be read" {
	group='{"kind":"group","source":"a","resource":{"id":"g","displayName":"G"}}'
	printf '%s\n' "$group" '{"kind":"user","source":"a","resource":{"id":"1","groups":[{"value":"g"}]}}' | seal_fetch a >fetched
	run_status 0 normalize -o before fetched
	grep -q '"kind":"membership"' before
	printf '%s\n' "$group" '{"kind":"gap","source":"a","scope":"users","reason":"HTTP 500"}' | seal_fetch a >fetched
	run_status 0 normalize -o after fetched
	for pair in 'before after' 'after before'; do
		# shellcheck disable=SC2086 # two words
		run_status 0 diff-snapshot $pair
		assert_equal "$(events | tr ' ' '\n' | sort -u)" unknown
	done
}

@test "a source that is missing in the newer snapshot is refused, unless it may be left out" {
	{ user 1 ada; source=b user 1 bob; } | before a b
	user 1 ada disabled | after a
	run_status 65 diff-snapshot before after
	assert_file_empty "$out"
	assert_regex "$(cat "$err")" "^diff-snapshot: source 'b' is missing.*--allow-missing-source"
	differs 1 --allow-missing-source <<-'END'
		{"kind":"unknown","source":"b","scope":"source","sides":["after"],"reason":"the newer snapshot does not cover this source"}
		{"kind":"change","event":"user.disabled","source":"a","id":"1","label":"ada","fields":{"status":["enabled","disabled"]}}
	END
	shows 1 --allow-missing-source <<-'END'
		1 change: 1 user.disabled; 1 not readable
		? b  not readable        source (now): the newer snapshot does not cover this source
		~ a  user disabled       ada: status enabled -> disabled
	END
}

@test "a source that only the newer snapshot has was not read before: its users are not called added" {
	user 1 ada | before a
	{ user 1 ada; source=b user 1 bob; } | after a b
	differs 0 <<<'{"kind":"unknown","source":"b","scope":"source","sides":["before"],"reason":"the older snapshot does not cover this source"}'
	shows 0 <<-'END'
		no changes; 1 not readable
		? b  not readable        source (before): the older snapshot does not cover this source
	END
}

@test "another origin or provider under the same name is refused, unless allowed" {
	user 1 ada | before
	user 1 ada | origin=https://other.example/v2 after
	run_status 65 diff-snapshot before after
	assert_file_empty "$out"
	assert_regex "$(cat "$err")" 'https://a.example/scim/v2.*https://other.example/v2.*--allow-other-origin'
	run_status 0 diff-snapshot --allow-other-origin before after
	begin_edited 's/"provider":"scim"/"provider":"stripe"/' before >after
	run_status 65 diff-snapshot before after
	run_status 0 diff-snapshot --allow-other-origin before after
}

@test "a newer snapshot that is older is refused, unless allowed" {
	user 1 ada | before
	user 1 ada | read_at=2026-11-21T23:59:59Z after
	run_status 65 diff-snapshot before after
	assert_file_empty "$out"
	assert_regex "$(cat "$err")" '2026-11-22T00:00:00Z.*2026-11-21T23:59:59Z.*--allow-older'
	run_status 0 diff-snapshot --allow-older before after
	run_status 0 diff-snapshot after before
}

# selected EXPRESSION FILE: FILE as normalize --select writes it.
selected() {
	begin_edited "s/\"not_covered\"/\"select\":\"$1\",&/" "$2"
}

@test "snapshots of different selections are refused, unless allowed" {
	user 1 ada | before
	cp before whole
	selected .a whole >after
	run_status 65 diff-snapshot before after
	assert_file_empty "$out"
	assert_says "the selection '' and" "'.a': what was left out" --allow-other-select
	run_status 65 diff-snapshot --match user_name before after
	run_status 0 diff-snapshot --allow-other-select before after
	run_status 0 diff-snapshot --allow-other-select --match user_name before after
	selected .b whole >before
	run_status 65 diff-snapshot before after
	cp after before
	run_status 0 diff-snapshot before after
}

@test "--ignore leaves out differences in its members, and the begin line says so" {
	{ user 1 ada; group g G ',"description":"d"'; } | before
	{ user 1 eve disabled ',"external_id":"x"'; group g G ',"description":"e","external_id":"x"'; } | after
	run_status 1 diff-snapshot before after
	assert_equal "$(events)" 'user.disabled user.renamed user.modified group.modified'
	assert_equal "$(head -n 1 "$out" | jq 'has("ignore")')" false
	run_status 1 diff-snapshot --ignore external_id before after
	assert_equal "$(events)" 'user.disabled user.renamed group.modified'
	run_status 1 diff-snapshot --ignore external_id,user_name --ignore description before after
	assert_equal "$(events)" 'user.disabled'
	assert_equal "$(head -n 1 "$out" | jq -c .ignore)" '["user_name","external_id","description"]'
	run_status 0 diff-snapshot --ignore status,external_id,user_name,description before after
	# a removal is no difference in a member
	: | after
	run_status 1 diff-snapshot --ignore user_name before after
	assert_equal "$(events)" 'user.removed group.removed'
	for wrong in id source user_nam user '' 'status,' ,status member_kind; do
		run_status 64 diff-snapshot --ignore "$wrong" before after
		assert_says '--ignore takes members'
	done
}

@test "--only reports the events it names, and the begin line says so" {
	{ user 1 ada; user 2 bob; group g G; member g 1; } | before
	{ user 1 eve disabled; user 3 cy; group g H; member g 3; } | after
	run_status 1 diff-snapshot --only user.disabled,membership.added before after
	assert_equal "$(events)" 'user.disabled membership.added'
	assert_equal "$(head -n 1 "$out" | jq -c .only)" '["user.disabled","membership.added"]'
	assert_equal "$(tail -n 1 "$out" | jq -c '[.changes, .events]')" '[2,{"user.disabled":1,"membership.added":1}]'
	run_status 1 diff-snapshot --only user.renamed --only group.renamed before after
	assert_equal "$(events)" 'user.renamed group.renamed'
	run_status 0 diff-snapshot --only user.recreated before after
	assert_equal "$(events)" ''
	for wrong in user user.addd '' 'user.added,' ,user.added; do
		run_status 64 diff-snapshot --only "$wrong" before after
		assert_says '--only takes user.added, user.removed, ' ' and membership.removed, joined by commas, not '
	done
}

@test "--only does not quiet the safeguard for the removals that it reports" {
	users 1 20 | before
	users 1 5 | after
	run_status 3 diff-snapshot --only user.added,user.removed before after
	assert_says '15 of 20 users'
	assert_equal "$(tail -n 1 "$out" | jq '[.changes, has("unconfirmed")] | @text')" '"[15,true]"'
	run_status 0 diff-snapshot --only user.added before after
	assert_equal "$(tail -n 1 "$out" | jq '[.changes, has("unconfirmed")] | @text')" '"[0,false]"'
}

# removes STATUS BEFORE AFTER [OPTION...]: BEFORE users, of whom AFTER stay.
removes() {
	users 1 "$2" | before
	if [ "$3" -gt 0 ]; then users 1 "$3" | after; else : | after; fi
	run_status "$1" diff-snapshot "${@:4}" before after || fail "$2 users became $3 ${*:4}"
	assert_equal "$(tail -n 1 "$out" | jq .changes)" $(($2 - $3))
	if [ "$1" = 3 ]; then
		assert_regex "$(tail -n 1 "$out" | jq -r .unconfirmed)" "$(($2 - $3)) of $2 users of [\"']a[\"'] "
		assert_regex "$(cat "$err")" "^diff-snapshot: $(($2 - $3)) of $2 users of [\"']a[\"'] .*--max-removed"
	else
		assert_equal "$(tail -n 1 "$out" | jq 'has("unconfirmed")')" false
		assert_file_empty "$err"
	fi
}

@test "more removals than 20 percent, and than 10, stop with status 3 and are still written" {
	removes 1 10 0
	removes 3 11 0
	removes 1 50 40
	removes 3 50 39
	removes 1 100 80
	removes 3 100 79
	removes 1 104 84
	removes 3 104 83
	removes 3 1000 0
	users 1 11 | before
	: | after
	run_status 3 diff-snapshot --format text before after
	assert_equal "$(head -n 1 "$out")" '11 changes: 11 user.removed; UNCONFIRMED'
	assert_equal "$(wc -l <"$out")" 12
}

@test "--max-removed takes a number or a percentage at its word" {
	removes 3 20 10 --max-removed 9
	removes 1 20 10 --max-removed 10
	removes 1 20 10 --max-removed=11
	removes 3 2 1 --max-removed 0
	removes 1 200 100 --max-removed 50%
	removes 3 200 99 --max-removed 50%
	removes 1 200 0 --max-removed 100%
	removes 1 20 0 --max-removed 18446744073709551615
	removes 3 10 0 --max-removed 50%
	removes 3 10 9 --max-removed 0%
	for wrong in '' x -1 1x % 101% 1%% ' 1' 1.5 99999999999999999999; do
		run_status 64 diff-snapshot --max-removed "$wrong" before after
		assert_file_empty "$out"
		assert_regex "$(head -n 1 "$err")" '^diff-snapshot: --max-removed takes'
	done
}

@test "the safeguard counts each source and kind for itself" {
	# 40 of 1000 groups in all, but all of source b's
	seq 1000 | sed 's/.*/{"kind":"group","source":"a","id":"&"}/' >groups
	seq 40 | sed 's/.*/{"kind":"group","source":"b","id":"&"}/' | cat groups - | before a b
	after a b <groups
	run_status 3 diff-snapshot before after
	assert_regex "$(cat "$err")" '40 of 40 groups of .b. '
	# memberships
	seq 40 | sed 's/.*/{"kind":"membership","source":"a","group_id":"&","member_id":"1","member_kind":"user"}/' | cat groups - | before
	after <groups
	run_status 3 diff-snapshot before after
	assert_regex "$(cat "$err")" '40 of 40 memberships of .a. '
	# recreated and disabled accounts are not removals
	users 1 40 | before
	users 1 40 | sed 's/"id":"/"id":"x/' | after
	run_status 1 diff-snapshot before after
	users 1 40 | sed 's/enabled/disabled/' | after
	run_status 1 diff-snapshot before after
}

@test "a whole group emptied stops with status 3, however small a share it is" {
	{ group adm Admins; group all All; } >groups
	seq 12 | sed 's/.*/{"kind":"membership","source":"a","group_id":"adm","member_id":"&","member_kind":"user"}/' >adm
	seq 900 | sed 's/.*/{"kind":"membership","source":"a","group_id":"all","member_id":"&","member_kind":"user"}/' >all
	cat groups adm all | before
	sed 2d adm | cat groups - all | after
	run_status 1 diff-snapshot before after
	cat groups all | after
	run_status 3 diff-snapshot before after
	assert_equal "$(tail -n 1 "$out" | jq .changes)" 12
	assert_regex "$(cat "$err")" 'Admins|adm'
	run_status 1 diff-snapshot --max-removed 100% before after
}

@test "a snapshot that is not whole, not one, or not a snapshot is refused by file and line" {
	{ user 1 ada; user 2 bob; } | before
	cp before after
	cat before before >second-snapshot
	sed 1d before >no-begin
	sed '$d' before >no-end
	sed '2{h;d};3{G}' before >moved
	{ user 2 bob; user 1 ada; } | seal_snapshot a >out-of-order
	{ user 1 ada; user 1 ada; } | seal_snapshot a >twice
	{ user 1 ada; user 1 eve; } | seal_snapshot a >contradiction
	sed '$s/"sha256":"./"sha256":"x/' before >digest-edited
	sed '$s/"users":2/"users":3/' before >count-edited
	sed '$s/"gaps":0,//' before >count-missing
	{ sed '$d' before; user 3 cy | seal_snapshot a | tail -n 1; } >end-of-another
	sed 2d before >lost
	sed '2s/ada/eve/' before >edited
	: >empty
	seal_fetch a </dev/null >fetch-stream
	head -c -1 before >cut-newline
	head -c -40 before >cut-more
	begin_edited 's/"format":1/"format":2/' before >newer-format
	begin_edited 's/"sources"/"sauces"/' before >no-sources
	sed '1s/"not_covered":\[\]/"not_covered":["roles"]/' before >begin-edited
	{ printf '\xef\xbb\xbf'; cat before; } >byte-order-mark
	sed 's/$/\r/' before >crlf
	source=b user 3 x | seal_snapshot a >undeclared-source
	user 1 ada '\u001b[2J' | seal_snapshot a >status-word
	printf '%s\n' '{"kind":"user","source":"a","id":"1"}' | seal_snapshot a >no-status
	printf '%s\n' '{"kind":"user", "source":"a","id":"1","status":"enabled","account_type":"human"}' | seal_snapshot a >blank-in-line
	printf '%s\n' '{"kind":"user","source":"a","id":"1","status":"enabled","account_type":"human"' | seal_snapshot a >no-json
	gap roles x | seal_snapshot a >gap-scope
	for name in second-snapshot no-begin no-end moved out-of-order twice contradiction digest-edited count-edited count-missing \
		end-of-another lost edited empty fetch-stream cut-newline cut-more newer-format no-sources byte-order-mark crlf \
		begin-edited undeclared-source status-word no-status blank-in-line no-json gap-scope; do
		for pair in "before $name" "$name before"; do
			# shellcheck disable=SC2086 # two words
			run_status 65 diff-snapshot $pair || fail "$pair"
			assert_file_empty "$out"
			assert_equal "$(wc -l <"$err")" 1
			assert_regex "$pair: $(cat "$err")" "$pair: diff-snapshot: $name: (line [0-9]+: |the section|empty)"
		done
	done
}

# flips MATCH [OPTION...]: every bit of every byte of a pair flips once, in one process
# (tests/fuzz/flips.c); of some bytes the program itself: it refuses, or says exactly what
# it says of the pair (a member of `end` that became an unknown one).
flips() {
	local side
	run_status 1 diff-snapshot "${@:2}" before after
	cp "$out" truth
	{ echo "$1" && cat before && printf '\0' && cat after; } >pair
	run_status 0 "$BUILD/tests/fuzz/flips" pair
	for side in before after; do
		flip_some "$side" "${@:2}"
	done
}

# flip_some SIDE [OPTION...]: one bit of each 61st byte
flip_some() {
	local place bit=0 refused=0 tried=0 text value byte
	text=$(<"$1")$'\n'
	for ((place = 0; place < ${#text}; place += 61)); do
		bit=$(((bit + 3) % 8))
		printf -v value %d "'${text:place:1}"
		printf -v byte '\\x%x' $((value ^ 1 << bit))
		printf '%s%b%s' "${text:0:place}" "$byte" "${text:place+1}" >"$1"
		status=0
		diff-snapshot "${@:2}" before after >got 2>message || status=$?
		if [ "$status" -eq 65 ]; then
			[ ! -s got ] || fail "$1, byte $place, bit $bit: refused, but written"
			refused=$((refused + 1))
		else
			cmp truth got || fail "$1, byte $place, bit $bit: another result"
		fi
		tried=$((tried + 1))
	done
	printf %s "$text" >"$1"
	assert [ "$tried" -ge 10 ]
	assert [ "$refused" -ge $((tried - 1)) ]
}

# a_pair: a small one with every kind of record.
a_pair() {
	{ user 1 ada; group g G; member g 1; user 2 bob disabled ',"roles":["a"],"last_login_at":"2026-01-01T00:00:00Z"'; } | before
	{ user 1 eve; group g H; member g 2; user 2 bob; gap service_accounts no; } | after
}

@test "one flipped bit in any byte of either snapshot is refused, or changes nothing that is said" {
	a_pair
	flips 0
}

@test "--match: one flipped bit in any byte of either snapshot is refused, or changes nothing that is said" {
	a_pair
	flips 1 --match user_name
}

@test "snapshots that begin with the same megabytes are proved each by its own digest" {
	local line
	users 10001 25000 | before
	cp before same
	for line in 2 700 8000 15001; do
		sed "$line s/enabled/disabled/" same >changed # and not sealed
		run_status 65 diff-snapshot same changed
		assert_file_contains "$err" 'changed: line 15002: the digest in the end line is not that'
		run_status 65 diff-snapshot changed same
		assert_file_contains "$err" 'changed: line 15002: the digest in the end line is not that'
		sed '1d;$d' changed | after
		run_status 1 diff-snapshot --format text before after
		assert_equal "$(sed -n 1p "$out")" '1 change: 1 user.disabled'
	done
	run_status 65 diff-snapshot changed changed
	assert_file_contains "$err" 'changed: line 15002: the digest in the end line is not that'
	sed '$d' same >short
	run_status 65 diff-snapshot same short
	assert_file_contains "$err" 'short: the section of .* is not complete'
	cat same same >twice
	run_status 65 diff-snapshot twice twice
	assert_file_contains "$err" 'twice: line 15003: a second snapshot in one file'
}

@test "either side can be stdin, and only one" {
	user 1 ada | before
	user 1 eve | after
	run_status 1 diff-snapshot before after
	mv "$out" want
	run_status 1 diff-snapshot - after <before
	run cmp want "$out"
	assert_success
	run_status 1 diff-snapshot before - <after
	run cmp want "$out"
	assert_success
	run_status 1 diff-snapshot before - < <(cat after)
	run cmp want "$out"
	assert_success
	run_status 64 diff-snapshot - - <before
	run_status 65 diff-snapshot before - </dev/null
	assert_regex "$(cat "$err")" 'standard input'
}

@test "wrong usage is status 64, with a word on --help and nothing on stdout" {
	user 1 ada | before
	for words in '' 'before' 'before before before' '--bogus before before' '--format xml before before' \
		'--format' '--max-removed' '-x before before' '--format= before before'; do
		# shellcheck disable=SC2086 # the words
		run_status 64 diff-snapshot $words
		assert_file_empty "$out"
		assert_regex "$(head -n 1 "$err")" '^diff-snapshot: '
		assert_regex "$(tail -n 1 "$err")" '--help'
	done
	run_status 0 diff-snapshot before before --format ndjson
	run_status 0 diff-snapshot before --format=text before
	assert_equal "$(cat "$out")" 'no changes'
}

@test "--help fits a screen and --version names the libraries; both go to stdout" {
	for option in -h --help; do
		run_status 0 diff-snapshot $option
		assert_file_empty "$err"
		assert [ "$(wc -l <"$out")" -le 32 ]
		assert [ "$(expand "$out" | wc -L)" -le 90 ]
		assert_regex "$(head -n 1 "$out")" '^usage: diff-snapshot'
	done
	for option in -V --version; do
		run_status 0 diff-snapshot $option
		assert_regex "$(cat "$out")" '^diff-snapshot [0-9.]+'
		assert_regex "$(cat "$out")" 'yyjson'
	done
}

@test "a file that can not be opened is status 66 and named" {
	user 1 ada | before
	for pair in 'before missing' 'missing before'; do
		# shellcheck disable=SC2086 # two words
		run_status 66 diff-snapshot $pair
		assert_file_empty "$out"
		assert_regex "$(cat "$err")" "'missing'.*No such file"
	done
	mkdir d
	run_status 66 diff-snapshot before d
}

@test "output that can not be written is 74, a closed pipe 141 and quiet, a closed stdout no success" {
	user 1 ada | before
	user 1 eve | after
	for format in text ndjson; do
		status=0
		diff-snapshot --format $format before after >/dev/full 2>message || status=$?
		assert_equal "$status" 74
		assert_regex "$(cat message)" '^diff-snapshot: .*standard output.*No space'
		mkfifo pipe
		exec 8<>pipe
		exec 7>pipe 8<&-
		status=0
		diff-snapshot --format $format before after >&7 2>message || status=$?
		exec 7>&-
		rm pipe
		assert_equal "$status" 141
		assert_file_empty message
		status=0
		diff-snapshot --format $format before after >&- 2>message || status=$?
		assert_regex "$status" '^(74|141)$'
	done
}

# terminal COMMAND: its output as a terminal gets it, less the carriage returns, in
# $shown; the command's status must be 1.
terminal() {
	status=0
	script -qec "$1" /dev/null </dev/null >typescript || status=$?
	assert_equal "$status" 1
	shown=$(tr -d '\r' <typescript)
}

@test "text and colour are for terminals, NDJSON for the rest; NO_COLOR and --format decide otherwise" {
	command -v script >/dev/null || skip "script(1) is not there to make a terminal"
	{ user 1 ada; user 2 bob; user 3 cy; } | before
	{ user 1 ada disabled; user 2 bob; user 4 dee; gap groups no; } | after
	plain='3 changes: 1 user.added, 1 user.removed, 1 user.disabled; 1 not readable
? a  not readable        groups (now): no
~ a  user disabled       ada: status enabled -> disabled
- a  user removed        cy
+ a  user added          dee'
	colored='3 changes: 1 user.added, 1 user.removed, 1 user.disabled; 1 not readable
E[35m?E[0m a  not readable        groups (now): no
E[33m~E[0m a  user disabled       ada: status enabled -> disabled
E[31m-E[0m a  user removed        cy
E[32m+E[0m a  user added          dee'
	terminal 'diff-snapshot before after'
	assert_equal "$shown" "${colored//E/$'\e'}"
	terminal 'diff-snapshot --format text before after'
	assert_equal "$shown" "${colored//E/$'\e'}"
	terminal 'NO_COLOR=1 diff-snapshot before after'
	assert_equal "$shown" "$plain"
	terminal 'NO_COLOR= diff-snapshot before after'
	assert_equal "$shown" "${colored//E/$'\e'}"
	terminal 'diff-snapshot --format ndjson before after'
	assert_equal "$(head -n 1 <<<"$shown" | jq -r .kind)" begin
	run_status 1 diff-snapshot before after
	assert_equal "$(head -n 1 "$out" | jq -r .kind)" begin
	run_status 1 diff-snapshot --format text before after
	assert_equal "$(cat "$out")" "$plain"
}

@test "names with terminal escapes, line ends, bidi and zero-width characters are inert in text" {
	count=0
	while read -r name shown; do
		{ user 1 x; group g "$name"; } | before
		{
			printf '{"kind":"user","source":"a","id":"1","user_name":"%s","display_name":"%s","status":"enabled","account_type":"human"}\n' "$name" "$name"
			printf '{"kind":"user","source":"a","id":"2%s","user_name":"%s","display_name":"%s","status":"enabled","account_type":"human"}\n' "$name" "$name" "$name"
			printf '{"kind":"user","source":"a","id":"3","status":"enabled","account_type":"human","roles":["%s"]}\n' "$name"
			group g "$name" ",\"description\":\"$name\""
			member g "2$name"
			member "$name" 1
			gap members "$name" "$name"
			gap users "$name" | sed 's/"a"/"b"/'
		} | after a
		sed -i '/"source":"b"/d' after
		body after >records
		seal_snapshot a <records >after
		run_status 1 diff-snapshot --format text before after
		assert_equal "$name $(wc -l <"$out")" "$name $(($(jq -s 'length - 2' <(diff-snapshot before after)) + 1))"
		assert_equal "$name $(tr -d '\n -~' <"$out" | wc -c)" "$name 0"
		grep -qF -- "$shown" "$out" || fail "$name is not shown as $shown"
		run_status 1 diff-snapshot before after
		assert_equal "$(jq -r 'select(.event == "user.added" and (.id | startswith("2"))) | .after.user_name == .label' "$out")" true
		count=$((count + 1))
	done <<-'END'
		\u001b[2J \u{1B}[2J
		\u001b]0;x\u0007 \u{1B}]0;x\u{7}
		a\rb a\u{D}b
		a\nb a\u{A}b
		a\tb a\u{9}b
		\u0000 \u{0}
		\b\b \u{8}\u{8}
		\u007f \u{7F}
		\u009b2J \u{9B}2J
		\u202egpj \u{202E}gpj
		\u2066x\u2069 \u{2066}x\u{2069}
		\u200bx \u{200B}x
		\ufeffx \u{FEFF}x
		\u2028x \u{2028}x
		\u061cx \u{61C}x
		\u00adx \u{AD}x
		\udb40\udc41 \u{E0041}
	END
	assert_equal "$count" 17
}

@test "a reason and a source that a hostile stream made up are inert, too" {
	printf '%s\n' '{"kind":"gap","source":"a\u001bc","scope":"users","reason":"\u001b[2J\r"}' |
		seal '{"kind":"begin","format":1,"stage":"snapshot","sources":[{"source":"a\u001bc","provider":"p","origin":"o\u001b","fetched_at":"t","gaps":1,"not_covered":[]}]}' >before
	run_status 0 diff-snapshot --format text before before
	assert_equal "$(sed -n 2p "$out")" '? a\u{1B}c  not readable        users: \u{1B}[2J\u{D}'
	begin_edited 's/"origin":"o[^"]*"/"origin":"x\\u009b"/' before >after
	run_status 65 diff-snapshot before after
	assert_regex "$(cat "$err")" 'a\\u\{1B\}c.*o\\u\{1B\}.*x\\u\{9B\}'
	: | seal_snapshot a >after
	run_status 65 diff-snapshot before after
	assert_equal "$(tr -d '\n -~' <"$err" | wc -c)" 0
}

@test "columns line up whatever the sources are called" {
	{ user 1 ada; source=longer user 1 bob; } | before a longer
	{ user 1 ada disabled; source=longer user 1 bob disabled; source=longer user 2 cy; } | after a longer
	shows 1 <<-'END'
		3 changes: 1 user.added, 2 user.disabled
		~ a       user disabled       ada: status enabled -> disabled
		~ longer  user disabled       bob: status enabled -> disabled
		+ longer  user added          cy
	END
	user 1 ada | before a longer
	{ user 1 ada disabled; source=longer user 1 bob; } | after a longer
	shows 1 <<-'END'
		2 changes: 1 user.added, 1 user.disabled
		~ a       user disabled       ada: status enabled -> disabled
		+ longer  user added          bob
	END
}

@test "what normalize writes is what diff-snapshot reads: equal directories in any order are equal" {
	seq 300 | sed 's/.*/{"kind":"user","source":"a","resource":{"id":&,"userName":"u&","active":true,"groups":[{"value":"g"}]}}/' >lines
	echo '{"kind":"group","source":"a","resource":{"id":"g","displayName":"G"}}' >>lines
	seal_fetch a <lines >one
	shuf --random-source=<(yes) lines | seal_fetch a >two
	run_status 0 normalize -o before one
	run_status 0 normalize -o after two
	run cmp before after
	assert_success
	run_status 0 diff-snapshot before after
}

@test "the text says what was not compared because nobody maps it, of either side, a line a source" {
	local not='"not mapped: entitlements (2 users)","roles","not mapped: title (1 group)"'
	{ user 1 ada; source=b user 1 eve; } | seal_snapshot a b >plain
	sed 's/ (2 users)/ (1 user)/;s/: title/: gone/' <<<"$not" >old
	begin_edited "s/\"not_covered\":\[\]/\"not_covered\":[$(cat old)]/" plain >before
	begin_edited "s/\"not_covered\":\[\]/\"not_covered\":[$not]/;s/\"not_covered\":\[\]/\"not_covered\":[\"not mapped: \\\\u001b[2J user removed (1 user)\",7]/" plain >after
	shows 0 <<-'END'
		no changes
		not compared in a: entitlements (2 users), title (1 group), gone (1 group)
		not compared in b: \u{1B}[2J user\u{20}removed (1 user)
	END
	run_status 0 diff-snapshot --format ndjson before after
	assert_equal "$(head -n 1 "$out" | jq -c '[.before, .after | .sources[0].not_covered]')" "[[$(cat old)],[$not]]"
	# under changes, too
	{ user 2 bob; source=b user 1 eve; } | seal_snapshot a b >other
	begin_edited "s/\"not_covered\":\[\]/\"not_covered\":[$not]/" other >after
	run_status 1 diff-snapshot --format text before after
	assert_equal "$(sed -n 2p "$out")" 'not compared in a: entitlements (2 users), title (1 group), gone (1 group)'
}

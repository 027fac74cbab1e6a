# SPDX-License-Identifier: ISC
# What the files of interop tests share: servers, their directories, and what is expected of them.

# start NAME COMMAND...: run a server in $BUILD/interop; its one line (base, token, auth if not Bearer) goes to NAME.json
start() {
	local dir=$BATS_FILE_TMPDIR name=$1 line
	shift
	mkfifo "$dir/$name.fifo"
	(cd "$BUILD/interop" && exec "$@") >"$dir/$name.fifo" 2>"$dir/$name.log" 3>&- &
	echo $! >"$dir/$name.pid"
	if ! read -r -t 60 line <"$dir/$name.fifo"; then
		cat "$dir/$name.log" >&2
		return 1
	fi
	echo "$line" >"$dir/$name.json"
}

# server NAME: sets BASE, SCIM_TOKEN and AUTH for `scim` and the programs
server() {
	BASE=$(jq -r .base "$BATS_FILE_TMPDIR/$1.json")
	SCIM_TOKEN=$(jq -r .token "$BATS_FILE_TMPDIR/$1.json")
	AUTH=$(jq -r '.auth // "Bearer"' "$BATS_FILE_TMPDIR/$1.json")
	export BASE SCIM_TOKEN AUTH
}

# scim METHOD PATH [BODY]: one request to the server's own API; the answer on stdout
scim() {
	local value=$SCIM_TOKEN
	[ "$AUTH" != Basic ] || value=$(base64 -w 0 < <(printf %s "$SCIM_TOKEN"))
	curl -qsS --fail-with-body --noproxy '*' -X "$1" -H "Authorization: $AUTH $value" \
		-H 'Content-Type: application/scim+json' ${3:+-d "$3"} "$BASE$2"
}

# create PATH BODY: POST; prints BODY with the id the server gave it
create() {
	local answer
	answer=$(scim POST "$1" "$2") || { echo "POST $1 $2: $answer" >&2; return 1; }
	jq -c --argjson body "$2" '$body + {id}' <<<"$answer"
}

# patch PATH OPERATION
patch() {
	scim PATCH "$1" "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"],\"Operations\":[$2]}" >/dev/null
}

# fill NAME: 25 users and 3 groups; what was sent goes with its id to NAME.users and NAME.groups
fill() {
	local loaded=$BATS_FILE_TMPDIR/$1 body
	server "$1"
	jq -nc 'range(1; 26) | (100 + . | tostring[1:]) as $n
		| {schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: "user\($n)@example.com"}
		+ if $n == "07" then {} else {	# a user with nothing but a name
			externalId: "x-\($n)", active: (. % 5 != 0), displayName: "User \($n)",
			name: {givenName: "Given \($n)", familyName: "Family \($n)"},
			emails: [{value: "mail\($n)@example.com", type: "work", primary: true}]} end
		+ if $n == "03" then {displayName: "\"\\ \u00fc \u202e \ud83d\ude42 <b>"}
		elif $n == "04" then {userName: "User04@Example.COM"}
		elif $n == "06" then {userName: "no address", emails: [{value: "work06@example.com", type: "work"},
			{value: "home06@example.com", type: "home", primary: true}]}
		else {} end' |
		while read -r body; do create /Users "$body" || return; done >"$loaded.users"
	jq -sc '{schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"]} + (
		{displayName: "Everybody", members: map({value: .id})},
		{displayName: "Three", members: .[3:6] | map({value: .id})},
		{displayName: "Nobody"})' "$loaded.users" |
		while read -r body; do create /Groups "$body" || return; done >"$loaded.groups"
}

# id NAME FIELD VALUE: the id of the loaded user or group
id() {
	cat "$BATS_FILE_TMPDIR/$1.users" "$BATS_FILE_TMPDIR/$1.groups" |
		jq -ers --arg field "$2" --arg value "$3" 'map(select(.[$field] == $value))[0].id'
}

# expect STATUS COMMAND...: within a minute; stdout to $OUT, stderr to $err
expect() {
	run_status "$1" timeout 60 "${@:2}" 3>&-
	OUT=$out
}

# snapshot COUNT FILE: the directory of the server, read COUNT records a page
snapshot() {
	expect 0 "$BUILD/scim-fetch" --auth "$AUTH" --source interop --count "$1" "$BASE"
	mv "$OUT" "$2.fetch"
	expect 0 "$BUILD/normalize" -o "$2" "$2.fetch"
}

# same EXPECTED ACTUAL: two files of lines
same() {
	run diff -u "$1" "$2"
	assert_success
}

reads_all() {
	server "$1"
	local count
	for count in 7 25 100; do
		expect 0 "$BUILD/scim-fetch" --auth "$AUTH" --source interop --count "$count" "$BASE"
		run -0 jq -c 'select(.kind == "end") | [.users, .groups, .gaps]' "$OUT"
		assert_output '[25,3,0]'
		run -0 jq -rs 'map(select(.kind == "user").resource.id) | unique | length' "$OUT"
		assert_output 25
	done
}

# holds_exactly NAME DEFAULTS: DEFAULTS (jq, of a user as sent) is what this server adds where nothing was sent
holds_exactly() {
	server "$1"
	snapshot 7 snap.ndjson
	jq -c "($2) + ."' | {id, user_name: .userName,
			email: ((.emails // []) | (map(select(.primary)) + .)[0].value),
			display_name: .displayName, given_name: .name.givenName, family_name: .name.familyName,
			status: (if .active == null then "unknown" elif .active then "enabled" else "disabled" end),
			external_id: .externalId}
		| if .email == null and (.user_name | contains("@")) then .email = .user_name else . end
		| with_entries(select(.value != null))' "$BATS_FILE_TMPDIR/$1.users" | sort >users.sent
	jq -c 'select(.kind == "user") | with_entries(select(.key | IN("id", "user_name", "email", "display_name",
		"given_name", "family_name", "status", "external_id")))' snap.ndjson | sort >users.read
	same users.sent users.read
	jq -r '.id as $id | .displayName, (.members // [] | "\($id) \(.[].value) user")' \
		"$BATS_FILE_TMPDIR/$1.groups" | sort >groups.sent
	jq -r 'if .kind == "group" then .name elif .kind == "membership" then "\(.group_id) \(.member_id) \(.member_kind)"
		else empty end' snap.ndjson | sort >groups.read
	same groups.sent groups.read
	run -0 jq -c 'select(.kind == "end") | [.users, .groups, .memberships, .gaps]' snap.ndjson
	assert_output '[25,3,28,0]'
}

same_bytes() {
	server "$1"
	local count
	for count in 7 25 100; do
		snapshot "$count" "$count.ndjson"
		sed '1d;$d' "$count.ndjson" >"$count.body"
	done
	assert [ "$(wc -l <7.body)" -eq 56 ]
	same 7.body 25.body
	same 7.body 100.body
}

# events: the change records of $OUT in short, sorted
events() {
	jq -c 'select(.kind == "change") | [.event, (.group_id // empty), .member_id // .id, (.fields // empty)]' "$OUT" | sort
}

five_changes() {
	server "$1"
	local renamed disabled joined group gone new
	renamed=$(id "$1" userName user01@example.com)
	disabled=$(id "$1" userName user02@example.com)
	joined=$(id "$1" userName user08@example.com)
	group=$(id "$1" displayName Nobody)
	gone=$(create /Users "$(jq -c 'select(.userName == "user09@example.com") | del(.id, .externalId)
		| .userName = "gone@example.com" | .emails[0].value = "gone@example.com"' "$BATS_FILE_TMPDIR/$1.users")" | jq -r .id)
	snapshot 7 before.ndjson

	patch "/Users/$renamed" '{"op":"replace","path":"displayName","value":"Renamed"}'
	patch "/Users/$disabled" '{"op":"replace","path":"active","value":false}'
	patch "/Groups/$group" "{\"op\":\"add\",\"path\":\"members\",\"value\":[{\"value\":\"$joined\"}]}"
	new=$(create /Users "$(jq -nc '{schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
		userName: "new@example.com"}')" | jq -r .id)
	scim DELETE "/Users/$gone"
	snapshot 7 after.ndjson

	expect 1 "$BUILD/diff-snapshot" before.ndjson after.ndjson
	events >events.read
	sort >events.made <<-EOF
		["user.modified","$renamed",{"display_name":["User 01","Renamed"]}]
		["user.disabled","$disabled",{"status":["enabled","disabled"]}]
		["membership.added","$group","$joined"]
		["user.added","$new"]
		["user.removed","$gone"]
	EOF
	same events.made events.read
	run -0 jq -c 'select(.kind == "end").changes' "$OUT"
	assert_output 5
	expect 0 "$BUILD/diff-snapshot" after.ndjson after.ndjson
}

# refute_end: no line of $OUT says that its section is complete
refute_end() {
	assert_not_sealed "$OUT"
}

# push STATUS OPTION...: the operations on stdin; the outcomes, each once, in $outcomes
push() {
	local status=$1
	shift
	expect "$status" "$BUILD/scim-push" --auth "$AUTH" "$@" "$BASE"
	outcomes=$(jq -r 'select(.kind == "result") | "\(.op) \(.outcome)"' "$OUT" | sort -u | tr '\n' ' ')
}

# holds LINE...: the directory, read by scim-fetch, is these users and members, each "name display status" or "name in group"
holds() {
	snapshot 100 now.ndjson
	jq -rs '(map(select(.kind == "user") | {(.id): .user_name}) | add) as $users
		| (map(select(.kind == "group") | {(.id): .name}) | add) as $groups | .[]
		| if .kind == "user" then "\(.user_name) \(.display_name) \(.status)"
		elif .kind == "membership" then "\($users[.member_id]) in \($groups[.group_id])" else empty end' now.ndjson | sort >is
	{ [ $# -eq 0 ] || printf '%s\n' "$@"; } | sort >should
	same should is
}

# pushes NAME DIALECT: everything that scim-push does, twice each, read back by scim-fetch
pushes() {
	local a=a.$2@example.com b=b.$2@example.com
	server "$1"
	cat >ops <<-EOF
		{"op":"push","user_name":"$a","display_name":"A"}
		{"op":"push","user_name":"$b","display_name":"B","given_name":"Bea","family_name":"B","external_id":"x-$2"}
		{"op":"push-group","group":"Team $2"}
		{"op":"add-member","user_name":"$a","group":"Team $2"}
		{"op":"add-member","user_name":"$b","group":"Team $2"}
	EOF
	push 0 --dialect "$2" <ops
	[ "$outcomes" = 'add-member planned push planned push-group planned ' ] || fail "$outcomes"
	push 0 --apply --dialect "$2" <ops
	[ "$outcomes" = 'add-member done push done push-group done ' ] || fail "$outcomes"
	holds "$a A enabled" "$b B enabled" "$a in Team $2" "$b in Team $2"
	push 0 --apply --dialect "$2" <ops
	[ "$outcomes" = 'add-member already push already push-group already ' ] || fail "$outcomes"
	cat >ops <<-EOF
		{"op":"update","user_name":"$a","display_name":"Another"}
		{"op":"deactivate","user_name":"$a"}
		{"op":"remove-member","user_name":"$b","group":"Team $2"}
	EOF
	push 0 --apply --dialect "$2" <ops
	[ "$outcomes" = 'deactivate done remove-member done update done ' ] || fail "$outcomes"
	holds "$a Another disabled" "$b B enabled" "$a in Team $2"
	push 0 --apply --dialect "$2" <ops
	[ "$outcomes" = 'deactivate already remove-member already update already ' ] || fail "$outcomes"
	echo "{\"op\":\"reactivate\",\"user_name\":\"$a\"}" >ops
	push 0 --apply --dialect "$2" <ops
	holds "$a Another enabled" "$b B enabled" "$a in Team $2"
	printf '%s\n' "{\"op\":\"remove\",\"user_name\":\"$a\"}" "{\"op\":\"remove\",\"user_name\":\"$b\"}" \
		"{\"op\":\"remove-member\",\"user_name\":\"$a\",\"group\":\"Team $2\"}" \
		"{\"op\":\"remove-group\",\"group\":\"Team $2\"}" >ops
	push 0 --apply --dialect "$2" <ops
	holds
}

# SPDX-License-Identifier: ISC
# normalize --plain: lines that no fetcher wrote become a source, as the one who
# calls them complete wrote them, or nothing at all.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# plain LINE...: a snapshot of source hr, read at a fixed time.
plain() {
	printf '%s\n' "$@" >lines
	run_status 0 normalize --plain --source hr --fetched-at 2026-11-22T00:00:00Z lines
	assert_regex "$(cat "$err")" "^normalize: source 'hr': $# lines made [0-9]+ records\$"
}

# refused WORDS LINE...: nothing is written, and the message has the file, the line
# and the words.
refused() {
	printf '%s\n' "${@:2}" >lines
	run_status 65 normalize --plain --source hr lines
	assert_file_empty "$out"
	assert_equal "$(wc -l <"$err")" 1
	assert_says "normalize: lines: line $(($# - 1)): $1"
}

@test "a plain line is a record: members in any order, numbers as their text, times in UTC, roles as a set" {
	plain '{"roles":["b","a",7,"b"],"created_at":"2020-01-01T01:00:00.500+01:00","status":"disabled","id":9007199254740993,"user_name":"ada","kind":"user","account_type":"human","email":null}' \
		'{"name":"Staff","kind":"group","id":"g","updated_at":"yesterday"}' \
		'{"member_kind":"user","kind":"membership","member_id":1e3,"source":"hr","group_id":"g"}' \
		'{"kind":"gap","reason":"no list","scope":"members","id":"g2"}'
	printf '%s\n' '{"kind":"gap","source":"hr","scope":"members","id":"g2","reason":"no list"}' \
		'{"kind":"group","source":"hr","id":"g","name":"Staff","updated_at":"yesterday"}' \
		'{"kind":"membership","source":"hr","group_id":"g","member_id":"1e3","member_kind":"user"}' \
		'{"kind":"user","source":"hr","id":"9007199254740993","user_name":"ada","email":null,"status":"disabled","account_type":"human","roles":["7","a","b"],"created_at":"2020-01-01T00:00:00.5Z"}' >want
	assert_records want
}

@test "what a plain line does not say: it is a user, its id is its name, status and account type are unknown" {
	plain '{"user_name":"ada"}' '{"kind":"group","name":"Staff"}'
	printf '%s\n' '{"kind":"group","source":"hr","id":"Staff","name":"Staff"}' \
		'{"kind":"user","source":"hr","id":"ada","user_name":"ada","status":"unknown","account_type":"unknown"}' >want
	assert_records want
}

@test "a plain membership that does not say its member's kind gets it from the ids of the source" {
	plain '{"user_name":"u"}' '{"kind":"group","name":"g"}' '{"kind":"group","name":"h"}' \
		'{"kind":"membership","group_id":"g","member_id":"u"}' \
		'{"kind":"membership","group_id":"g","member_id":"h"}' \
		'{"kind":"membership","group_id":"g","member_id":"x"}'
	assert_equal "$(jq -r 'select(.kind == "membership") | "\(.member_id) \(.member_kind)"' "$out")" \
		$'h group\nu user\nx unknown'
}

@test "the begin line names the source, the provider plain and the time, and the snapshot is one like any other" {
	plain '{"user_name":"ada"}'
	assert_equal "$(head -n 1 "$out")" \
		'{"kind":"begin","format":1,"stage":"snapshot","vocabulary":2,"sources":[{"source":"hr","provider":"plain","origin":"","fetched_at":"2026-11-22T00:00:00Z","gaps":0,"not_covered":[]}]}'
	cp "$out" hr
	run_status 0 normalize hr
	cmp hr "$out"
	printf '{"kind":"user","source":"s","resource":{"id":"1"}}\n' | seal_fetch s >fetched
	run_status 0 normalize hr fetched
	assert_equal "$(head -n 1 "$out" | jq -c '[.sources[].source]')" '["hr","s"]'
}

@test "several plain files and standard input are one source" {
	echo '{"user_name":"ada"}' >a
	echo '{"user_name":"bob"}' >b
	run_status 0 normalize --plain --source hr a - b <<<'{"user_name":"cy"}'
	assert_equal "$(jq -r 'select(.kind == "user").id' "$out")" $'ada\nbob\ncy'
	run_status 0 normalize --plain --source hr <a
	assert_equal "$(jq -r 'select(.kind == "user").id' "$out")" ada
}

@test "the time is that of the run, or the one that --fetched-at names in any zone; no variable changes it" {
	echo '{"user_name":"ada"}' >a
	from=$(date -u +%Y-%m-%dT%H:%M:%SZ)
	SOURCE_DATE_EPOCH=0 run_status 0 normalize --plain --source hr a
	at=$(head -n 1 "$out" | jq -r '.sources[0].fetched_at')
	[[ ! $at < $from && ! $(date -u +%Y-%m-%dT%H:%M:%SZ) < $at ]] || fail "$at"
	run_status 0 normalize --plain --source hr --fetched-at 2026-11-22T03:00:00+03:00 a
	assert_equal "$(head -n 1 "$out" | jq -r '.sources[0].fetched_at')" 2026-11-22T00:00:00Z
	for at in 2026-11-22 2026-11-22T00:00:00 yesterday ''; do
		run_status 64 normalize --plain --source hr --fetched-at "$at" a
		assert_says '--fetched-at' 'RFC 3339'
	done
}

@test "no line at all is refused, unless it is said that this means nobody" {
	run_status 65 normalize --plain --source hr </dev/null
	assert_file_empty "$out"
	assert_says "source 'hr' has no line" --allow-empty
	: >empty
	run_status 65 normalize --plain --source hr empty empty
	run_status 0 normalize --plain --allow-empty --source hr empty
	assert_equal "$(tail -n 1 "$out" | jq -c '[.users, .groups, .memberships]')" '[0,0,0]'
	echo '{"user_name":"ada"}' >a
	run_status 0 normalize --plain --source hr empty a
}

@test "a plain file that is cut, blank, doubled or no JSON is refused" {
	printf '{"user_name":"ada"}\n{"user_name":"bob"}' >cut.off
	run_status 65 normalize --plain --source hr cut.off
	assert_file_empty "$out"
	assert_says 'cut.off: line 2: cut off: it does not end in a newline'
	refused 'a blank line' '{"user_name":"ada"}' ''
	refused 'not valid JSON' '{"user_name":"ada"} {"user_name":"bob"}'
	refused 'not valid JSON' '[{"user_name":"ada"},'
	refused 'member "id" stands twice' '{"id":"1","id":"2"}'
	refused 'an array, not an object' '[]'
	refused 'a string, not an object' '"ada"'
	refused 'not valid JSON' $'{"user_name":"\xff"}'
	refused 'ends in CR LF: remove the CR' $'{"user_name":"ada"}\r'
}

@test "a plain line that breaks the contract is refused with the member's name" {
	local good='{"user_name":"ada"}'
	refused 'a user has no member "mail"' "$good" '{"user_name":"x","mail":"x@example.com"}'
	refused 'a user has no member "User_Name"' '{"User_Name":"x"}'
	refused 'a user has no member "id\u{0}"' '{"id\u0000":"x"}'
	refused "\"status\" is 'active', not enabled, disabled or unknown" '{"id":"x","status":"active"}'
	refused '"status" is null' '{"id":"x","status":null}'
	refused '"status" is a boolean' '{"id":"x","status":true}'
	refused '"id" is null' '{"id":null,"user_name":"x"}'
	refused 'a user without "id"' '{"id":"","user_name":"x"}'
	refused 'a user without "id"' '{"email":"x@example.com"}'
	refused 'a user without "id"' '{"user_name":null}'
	refused 'a user without "id"' '{}'
	refused 'a group without "id"' '{"kind":"group"}'
	refused '"email" is an array' '{"id":"x","email":["x@example.com"]}'
	refused '"roles" is a string' '{"id":"x","roles":"admin"}'
	refused '"roles" holds an object' '{"id":"x","roles":["a",{}]}'
	refused 'a membership without "member_id"' '{"kind":"membership","group_id":"g"}'
	refused "\"member_kind\" is 'robot'" '{"kind":"membership","group_id":"g","member_id":"m","member_kind":"robot"}'
	refused '"member_kind" is null' '{"kind":"membership","group_id":"g","member_id":"m","member_kind":null}'
	refused "unknown kind of record 'person'" '{"kind":"person","id":"x"}'
	refused '"kind" is a number' '{"kind":1,"id":"x"}'
	refused "\"source\" is not 'hr'" '{"source":"s","id":"x"}'
	refused 'a gap without "reason"' '{"kind":"gap","scope":"users"}'
}

@test "a stream is no plain file" {
	printf '{"kind":"user","source":"s","resource":{"id":"1"}}\n' | seal_fetch s >fetched
	run_status 65 normalize --plain --source hr fetched
	assert_says "line 1: unknown kind of record 'begin'"
	run_status 65 normalize <<<'{"kind":"user","id":"1"}'
}

@test "two plain lines that contradict each other are refused, equal ones are one" {
	printf '%s\n' '{"user_name":"ada"}' '{"user_name":"ada"}' >lines
	run_status 0 normalize --plain --source hr lines
	assert_says '2 lines made 1 records'
	assert_equal "$(tail -n 1 "$out" | jq .users)" 1
	printf '%s\n' '{"user_name":"ada"}' '{"user_name":"ada","status":"disabled"}' >lines
	run_status 65 normalize --plain --source hr lines
	assert_says 'two different records with one identity'
}

@test "--plain and --source go together, and their options with them" {
	echo '{"user_name":"ada"}' >a
	run_status 64 normalize --plain a
	assert_says '--plain needs --source'
	for option in '--source=hr' '--fetched-at=2026-11-22T00:00:00Z'; do
		run_status 64 normalize "$option" a
		assert_says 'belong to --plain'
	done
	run_status 64 normalize --allow-empty a
	assert_says 'belongs to --plain, --csv, --map and --select'
	run_status 64 normalize --plain --source '' a
	run_status 64 normalize --plain --source $'\xff' a
	assert_says UTF-8
	run_status 66 normalize --plain --source hr nowhere
}

@test "--plain always says how many lines made how many records, and how many repeated others" {
	echo '{"user_name":"ada"}' >lines
	run_status 0 normalize --plain --source hr lines
	assert_equal "$(cat "$err")" "normalize: source 'hr': 1 lines made 1 records"
	printf '%s\n' '{"user_name":"ada"}' '{"user_name":"ben"}' '{"user_name":"ada"}' >lines
	run_status 0 normalize --plain --source hr lines
	assert_says "normalize: source 'hr': 3 lines made 2 records; 1 repeated another one"
	run_status 0 normalize --plain --source hr --select '.user_name == "ben"' lines
	assert_says "normalize: source 'hr': 3 lines made 1 records, those that --select keeps"
	run_status 0 normalize --plain --source hr --allow-empty /dev/null
	assert_says "normalize: source 'hr': 0 lines made 0 records"
}

@test "--plain warns of blanks at the ends of a text, and of two in a row" {
	printf '%s\n' '{"user_name":"ada"}' '{"user_name":"ben "}' '{"user_name":"cy","display_name":" C"}' >lines
	run_status 0 normalize --plain --source hr lines
	assert_says '3 lines made 3 records; warning: ' 'with a blank in 2 of them, first in line 2'
	for blank in '\t' '\n' $'\xc2\xa0' '\u3000' '\u2003'; do
		for name in "ben$blank" "${blank}ben"; do
			printf '%s\n' '{"user_name":"ada"}' "{\"user_name\":\"$name\"}" >lines
			run_status 0 normalize --plain --source hr lines
			assert_says 'with a blank in 1 of them, first in line 2'
		done
	done
	printf '%s\n' '{"user_name":"ada","display_name":"A  L"}' '{"kind":"group","name":"Data   Eng"}' >lines
	run_status 0 normalize --plain --source hr lines
	assert_says '; warning: a text has two blanks in a row in 2 of them, first in line 1'
}

@test "--plain warns of characters that nobody sees, wherever they stand in a text" {
	for hidden in '\r' '\ufeff' '\u200b' '\u00a0' '\u0007' '\u202e'; do
		printf '%s\n' '{"user_name":"ada"}' "{\"user_name\":\"be${hidden}n\"}" '{"user_name":"cy"}' >lines
		run_status 0 normalize --plain --source hr lines
		assert_says '; warning: a text has a character that can not be seen, such as CR, in 1 of them, first in line 2'
	done
	printf '%s\n' '{"user_name":"ben\ufeff"}' >lines
	run_status 0 normalize --plain --source hr lines
	assert_says 'can not be seen'
}

@test "--plain warns of one name under several ids, whatever the case and spelling of its letters" {
	printf '%s\n' '{"id":"7","user_name":"Ada"}' '{"id":"8","user_name":"ada"}' '{"id":"9","user_name":"ADA"}' \
		'{"id":"7","user_name":"Ada"}' '{"id":"7","kind":"group","name":"Ada"}' '{"id":"8","kind":"group","name":"Ben"}' >lines
	run_status 0 normalize --plain --source hr lines
	assert_says "6 lines made 5 records; 1 repeated another one; warning: one name has several ids, 1 time: 'ada' is under the ids '7' and '8'"
	printf '%s\n' '{"kind":"group","id":"1","name":"Caf\u00e9"}' '{"kind":"group","id":"2","name":"Cafe\u0301"}' \
		'{"user_name":"ben"}' '{"user_name":"Ben"}' >lines
	run_status 0 normalize --plain --source hr lines
	assert_says "one name has several ids, 2 times, first: 'café' is under the ids '1' and '2'"
}

@test "a CR or a byte-order mark in a text of a plain line is refused, with the line" {
	for member in display_name email id; do
		printf '{"user_name":"ada"}\n{"user_name":"ben","%s":"x\\r"}\n' "$member" >lines
		run_status 65 normalize --plain --source hr lines
		assert_file_empty "$out"
		assert_says "lines: line 2: \"$member\" ends in CR"
	done
	printf '{"user_name":"\xef\xbb\xbfada"}\n' >lines
	run_status 65 normalize --plain --source hr lines
	assert_says 'lines: line 1: ' 'begins with a byte-order mark'
	printf '{"kind":"group","name":"Ops\\r"}\n' >lines
	run_status 65 normalize --plain --source hr lines
	assert_says 'ends in CR'
}

@test "--select that keeps nothing is an error, unless it is said that it may" {
	printf '%s\n' '{"user_name":"ada","status":"enabled"}' '{"kind":"group","name":"Ops"}' |
		normalize --plain --source hr >all 2>message
	for expression in '.statuss == "enabled"' '.status == "enabeld"'; do
		run_status 65 normalize --select "$expression" all
		assert_file_empty "$out"
		assert_says '--select keeps not one of 2 records' --allow-empty
		run_status 0 normalize --allow-empty --select "$expression" all
		assert_equal "$(tail -n 1 "$out" | jq -c '[.users, .groups]')" '[0,0]'
	done
	: | normalize --plain --source none --allow-empty >nobody 2>message
	run_status 0 normalize --select '.statuss == "enabled"' nobody
}

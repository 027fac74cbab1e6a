# SPDX-License-Identifier: ISC
# The vocabularies of snapshots: old ones are read and stay what they are, and two that have
# different ones are compared in what both can say. tests/cases/vocabulary-1 has a fetch stream
# and the snapshot that the last version with vocabulary 1 made of it.

load helper
load records

OLD=$BATS_TEST_DIRNAME/cases/vocabulary-1

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# modified FROM TO: the old stream with that in place of this, sealed again, becomes new.snapshot
modified() {
	local section
	csplit -sz -f section. "$OLD/fetch.ndjson" '/^{"kind":"begin"/' '{*}'
	for section in section.*; do
		sed '1d;$d' "$section" | sed "s/$1/$2/" | sealed_kinds='user group gap' seal "$(head -n 1 "$section")" \
			"$(sed -nE '$s/^\{"kind":"end"(,"source":"[a-z]*").*/\1/p' "$section")" \
			"$(sed -nE '$s/.*(,"requests":.*)\}$/\1/p' "$section")"
	done >new.fetch
	run_status 0 normalize -o new.snapshot new.fetch
}

@test "an old snapshot through normalize is the same snapshot, byte by byte" {
	run_status 0 normalize "$OLD/snapshot.ndjson"
	cmp "$out" "$OLD/snapshot.ndjson"
}

@test "an old snapshot against a new one of the same directory: no change, and what was not compared is said" {
	modified kind kind
	assert_equal "$(head -n 1 new.snapshot | jq -c '[.vocabulary, .sources[].vocabulary]')" '[2,null,null]'
	run_status 0 diff-snapshot "$OLD/snapshot.ndjson" new.snapshot
	assert_equal "$(tail -n 1 "$out" | jq .changes)" 0
	assert_equal "$(head -n 1 "$out" | jq -c '[.before.vocabulary, .after.vocabulary]')" '[null,2]'
	run_status 0 diff-snapshot --format text "$OLD/snapshot.ndjson" new.snapshot
	assert_regex "$(sed -n 2p "$out")" '^not compared in acme: members that vocabulary 1 does not have, urn:.*:costCenter \(1 user\), '
	assert_regex "$(sed -n 3p "$out")" '^not compared in scalr: members that vocabulary 1 does not have, '
	# nor the other way round, nor by names
	run_status 0 diff-snapshot --allow-older new.snapshot "$OLD/snapshot.ndjson"
	for source in acme scalr; do
		body "$OLD/snapshot.ndjson" | grep "\"source\":\"$source\"" | vocabulary='' seal_snapshot $source >old.$source
		body new.snapshot | grep "\"source\":\"$source\"" | seal_snapshot $source >new.$source
		run_status 0 diff-snapshot --match user_name old.$source new.$source
	done
}

@test "an old snapshot against a new one: what both can say and has changed is a change, and nothing else" {
	modified '"title":"Engineer","userType":"Employee","roles":\[' '"title":"Manager","roles":["new",'
	run_status 1 diff-snapshot "$OLD/snapshot.ndjson" new.snapshot
	assert_equal "$(body "$out" | jq -c 'select(.event) | [.event, .id, .fields]')" \
		'["user.modified","1",{"roles":[["admin","full"],["admin","full","new"]]}]'
	modified '"userName":"eve' '"title":"T","userName":"eva'
	run_status 1 diff-snapshot --format text "$OLD/snapshot.ndjson" new.snapshot
	assert_equal "$(grep '^~' "$out")" \
		'~ acme  user renamed        eve@example.com: user_name eve@example.com -> eva@example.com, email eve@example.com -> eva@example.com'
	# a recreated user is compared in the same way
	modified '"id":"1","userName"' '"id":"11","userName"'
	run_status 1 diff-snapshot "$OLD/snapshot.ndjson" new.snapshot
	assert_equal "$(body "$out" | jq -c 'select(.event == "user.recreated").fields')" '{"id":["1","11"]}'
}

@test "a manager, a department, a title, an entitlement and an owner that changed are changes" {
	modified kind kind
	mv new.snapshot before
	while IFS='|' read -r from to want; do
		modified "$from" "$to"
		run_status 1 diff-snapshot --format text before new.snapshot
		assert_equal "$(grep -c '^[-~+]' "$out")" 1
		assert_equal "$(grep '^~' "$out" | sed 's/^.*@example.com: //; s/^.*  ci: //')" "$want"
	done <<-'END'
		"manager":{"value":"2"|"manager":{"value":"3"|manager 2 -> 3
		"displayName":"Bob Hopper"|"displayName":"Eve"|manager_name Bob Hopper -> Eve
		"manager":null|"manager":"1"|manager (none) -> 1
		"department":"Finance"|"department":"Sales"|department Finance -> Sales
		"title":"Engineer",||title Engineer -> (not shown)
		"userType":"Employee"|"userType":"Guest"|user_type Employee -> Guest
		"employeeNumber":701984|"employeeNumber":701985|employee_number 701984 -> 701985
		"value":"workspace-access"|"value":"workspace-access"},{"value":"account-admin"|entitlements ["workspace-access"] -> ["account-admin","workspace-access"]
		"type":"jamSeatType"|"type":"devSeatType"|role_details [{"value":"admin","display":"Administrator"},{"value":"full","type":"jamSeatType"},{"value":"full","type":"seatType"}] -> [{"value":"admin","display":"Administrator"},{"value":"full","type":"devSeatType"},{"value":"full","type":"seatType"}]
		"owners":{"data":\[{"id":"team-1"|"owners":{"data":[{"id":"team-2"|owners ["team-1"] -> ["team-2"]
		"created-by":{"data":{"id":"user-1","type":"users"}}|"created-by":{"data":null}|created_by user-1 -> (none)
	END
}

@test "--match compares title, department, employee number and entitlements, where both show them" {
	source=a user 1 ada enabled ',"title":"T","user_type":"x","department":"Finance","manager":"7","employee_number":"1","entitlements":["a"]' | seal_snapshot a >before
	source=b user 9 ada enabled ',"title":"U","user_type":"y","department":"Sales","manager":"8","employee_number":"2","entitlements":["b"]' | seal_snapshot b >after
	run_status 1 diff-snapshot --match user_name before after
	assert_equal "$(body "$out" | jq -c .fields)" \
		'{"title":["T","U"],"department":["Finance","Sales"],"employee_number":["1","2"],"entitlements":[["a"],["b"]]}'
}

@test "snapshots of both vocabularies in one: each source keeps its own, in any arrangement" {
	user 1 ada enabled ',"title":"T"' | seal_snapshot a >new
	source=b user 1 ada | vocabulary='' seal_snapshot b >old
	run_status 0 normalize new old
	assert_equal "$(head -n 1 "$out" | jq -c '[.vocabulary, (.sources[] | [.source, .vocabulary])]')" '[2,["a",null],["b",1]]'
	mv "$out" both
	run_status 0 normalize both
	cmp both "$out"
	source=c user 1 ada | vocabulary='' seal_snapshot c >other
	run_status 0 normalize other both
	assert_equal "$(head -n 1 "$out" | jq -c '[.vocabulary, .sources[].vocabulary]')" '[2,null,1,1]'
	# each source by its own vocabulary
	{ user 1 ada enabled ',"title":"U"'; source=b user 1 ada enabled ',"title":"U"'; } | seal_snapshot a b >now
	run_status 1 diff-snapshot both now
	assert_equal "$(body "$out" | jq -c '[.source, .fields]')" '["a",{"title":["T","U"]}]'
}

@test "a member that the vocabulary of its source does not have is refused, and so is a newer vocabulary" {
	user 1 ada enabled ',"title":"T"' | vocabulary='' seal_snapshot a >odd
	user 1 ada enabled ',"title":"U"' | seal_snapshot a >now
	run_status 65 normalize odd
	assert_says 'odd: line 2: a user of vocabulary 1 has no member "title"'
	run_status 65 diff-snapshot odd now
	assert_says 'odd: line 2: a user of vocabulary 1 has no member "title"'
	run_status 65 diff-snapshot now odd
	for vocabulary in 3 0 '"2"' 1.5; do
		user 1 ada | seal_snapshot a >odd
		run_status 65 normalize odd
		run_status 65 list-snapshot odd
		run_status 65 diff-snapshot now odd
		begin_edited 's/"gaps"/"vocabulary":'"$vocabulary"',"gaps"/' now >odd
		run_status 65 normalize odd
	done
	vocabulary=3
	user 1 ada | seal_snapshot a >odd
	run_status 65 normalize odd
	assert_says 'odd: line 1: vocabulary 3 is newer than this program, which reads 2'
}

@test "details that are not in canonical form are refused, whatever is wrong with them" {
	local details
	for details in '[{"value":"b","type":"t"},{"value":"a","type":"t"}]' '[{"value":"a","type":"t"},{"value":"a","type":"t"}]' \
		'[{"type":"t","value":"a"}]' '[{"value":"a"}]' '[{"value":"a","type":"t","x":"y"}]' '[{"value":1,"type":"t"}]' \
		'[{"value":"a","display":"a"}]' '["a"]' '[]' '{"value":"a","type":"t"}' '"a"' null '[null]'; do
		user 1 ada enabled ",\"role_details\":$details" | seal_snapshot a >odd
		run_status 65 normalize odd
		assert_equal "$(grep -c '^normalize: odd: line 2: "role_details" is ' "$err")" 1
	done
	user 1 ada enabled ',"role_details":[{"value":"a","type":"t"}]' | seal_snapshot a >good
	run_status 0 normalize good
	cmp good "$out"
}

@test "plain lines and --map programs can have every member of the vocabulary" {
	cat >list <<-'END'
		{"user_name":"ada","title":"T","user_type":"U","department":"D","manager":7,"manager_name":"M","employee_number":12,"roles":["b","a"],"role_details":[{"type":"t","value":"b"},{"display":"A","value":"a"}],"entitlements":[2,1],"entitlement_details":[{"value":1,"type":"x"}],"owners":["o"],"created_by":null}
	END
	run_status 0 normalize --plain --source a list
	assert_equal "$(body "$out")" '{"kind":"user","source":"a","id":"ada","user_name":"ada","status":"unknown","account_type":"unknown","title":"T","user_type":"U","department":"D","manager":"7","manager_name":"M","employee_number":"12","roles":["a","b"],"role_details":[{"value":"a","display":"A"},{"value":"b","type":"t"}],"entitlements":["1","2"],"entitlement_details":[{"value":"1","type":"x"}],"owners":["o"],"created_by":null}'
	mv "$out" one
	run_status 0 normalize one
	cmp one "$out"
	for odd in '"title":[]' '"role_details":["a"]' '"role_details":[{"value":"a","kind":"t"}]' '"role_details":null' '"owners":"o"' '"entitlements":[{}]'; do
		echo "{\"user_name\":\"ada\",$odd}" >list
		run_status 65 normalize --plain --source a list
		assert_says "${odd%%:*} "
	done
}

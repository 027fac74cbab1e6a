# SPDX-License-Identifier: ISC
# --map-extra: attributes that nobody maps, kept by names of the user's own, and compared.

load helper
load records

URN=urn:ietf:params:scim:schemas:extension:enterprise:2.0:User

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# keeps RESOURCE WANT OPTION...: `extra` of a user who shows that, or - where there is none
keeps() {
	seal_fetch s <<<'{"kind":"user","source":"s","resource":{"id":"1",'"$1"'}}' >in
	run_status 0 normalize "${@:3}" in
	assert_equal "$1 $(body "$out" | jq -r 'if has("extra") then .extra | tojson else "-" end')" "$1 $2"
	mv "$out" once
	run_status 0 normalize once
	cmp once "$out"
}

@test "--map-extra keeps an attribute by its name, and it is no longer counted as not mapped" {
	seal_fetch s >in <<-END
		{"kind":"user","source":"s","resource":{"id":"1","$URN":{"costCenter":"4130","division":"EMEA"},"nickName":"n"}}
		{"kind":"user","source":"s","resource":{"id":"2","$URN":{"COSTCENTER":null},"nickname":null}}
		{"kind":"user","source":"s","resource":{"id":"3"}}
		{"kind":"group","source":"s","resource":{"id":"g","roles":["b","a"]}}
	END
	run_status 0 normalize --map-extra nick=nickName --map-extra "cost_center=$URN:costCenter" --map-extra roles=roles in
	assert_equal "$(body "$out" | jq -c '[.id, .extra]' | paste -sd' ')" \
		'["g",{"roles":["a","b"]}] ["1",{"cost_center":"4130","nick":"n"}] ["2",{"cost_center":null,"nick":null}] ["3",null]'
	assert_equal "$(head -n 1 "$out" | jq -c '.sources[0] | [.map_extra, .not_covered]')" \
		"[{\"cost_center\":\"$URN:costCenter\",\"nick\":\"nickName\",\"roles\":\"roles\"},[\"not mapped: $URN:division (1 user)\"]]"
	mv "$out" one
	run_status 0 normalize one
	cmp one "$out"
	# with any number of threads, and what is in the snapshot stays where a snapshot is merged
	run_status 0 normalize --threads 3 --map-extra nick=nickName --map-extra "cost_center=$URN:costCenter" --map-extra roles=roles in
	cmp one "$out"
	run_status 0 normalize --map-extra other=x one
	cmp one "$out"
}

@test "a path is found as an object, as joined names, in any case, and a part of an attribute after a dot" {
	keeps "\"$URN\":{\"costCenter\":7}" '{"c":7}' --map-extra "c=$URN:costCenter"
	keeps "\"$URN:costCenter\":\"7\"" '{"c":"7"}' --map-extra "c=$URN:costcenter"
	keeps "\"${URN^^}\":{\"COSTCENTER\":true}" '{"c":true}' --map-extra "c=$URN:costCenter"
	keeps "\"$URN\":{\"organization\":{\"name\":\"o\"}}" '{"c":"o"}' --map-extra "c=$URN:organization.name"
	keeps '"name":{"middleName":"m"}' '{"m":"m"}' --map-extra m=name.middleName
	keeps '"name.middleName":"m"' '{"m":"m"}' --map-extra m=name.middleName
	keeps '"a":{"b":{"c":[2,1,{"z":1,"y":[3,2]}]}}' '{"m":[1,2,{"y":[2,3],"z":1}]}' --map-extra m=a.b.c
	keeps '"a":{"b":1}' - --map-extra m=a.c
	keeps '"a":[{"b":1}]' - --map-extra m=a.b
	keeps '"a":{}' - --map-extra m=a
	keeps '"a":"","b":[]' '{"m":"","n":[]}' --map-extra m=a --map-extra n=b
	keeps '"a":1.50' "$(jq -nc '{m: 1.50}')" --map-extra m=a # jq 1.7 keeps the digits, too
	assert_equal "$(grep -c '"extra":{"m":1.50}' once)" 1
}

@test "Scalr's attributes and relationships can be kept, those of the account before those of the user" {
	seal_fetch s scalr scalr >in <<-'END'
		{"kind":"user","source":"s","resource":{"id":"a","type":"account-users","attributes":{"status":"Active"},"relationships":{"user":{"data":{"id":"user-1"}}}},"included":{"id":"user-1","type":"users","attributes":{"mfa":true,"status":"Pending"},"relationships":{"identity-providers":{"data":[{"type":"identity-providers","id":"idp-1"}]}}}}
		{"kind":"user","source":"s","resource":{"id":"sa-1","type":"service-accounts","attributes":{"name":"ci","description":"d"}}}
		{"kind":"group","source":"s","resource":{"id":"team-1","type":"teams","attributes":{"name":"t"},"relationships":{"identity-provider":{"data":null}}}}
	END
	run_status 0 normalize --map-extra about=description --map-extra idp=identity-providers --map-extra team_idp=identity-provider --map-extra mfa=mfa --map-extra status=status in
	assert_equal "$(body "$out" | jq -c '[.id, .extra]' | paste -sd' ')" \
		'["team-1",{"team_idp":null}] ["sa-1",{"about":"d"}] ["user-1",{"idp":[{"id":"idp-1","type":"identity-providers"}],"mfa":true,"status":"Active"}]'
	assert_equal "$(head -n 1 "$out" | jq -c '.sources[0].not_covered')" '[]'
}

@test "a change in extra is a change of that attribute; the order of members and items is none" {
	one='{"kind":"user","source":"s","resource":{"id":"1","userName":"ada","costs":"4130","flags":["b","a"],"more":{"x":1,"y":2},"gone":1}}'
	two='{"kind":"user","source":"s","resource":{"id":"1","userName":"ada","costs":"4131","flags":["a","b"],"more":{"y":2,"x":1},"come":null}}'
	options=(--map-extra costs=costs --map-extra flags=flags --map-extra more=more --map-extra gone=gone --map-extra come=come)
	seal_fetch s <<<"$one" | normalize "${options[@]}" -o before
	seal_fetch s <<<"$two" | normalize "${options[@]}" -o after
	run_status 1 diff-snapshot before after
	assert_equal "$(body "$out" | jq -c '[.event, .fields]')" \
		'["user.modified",{"extra.come":[{},null],"extra.costs":["4130","4131"],"extra.gone":[1,{}]}]'
	run_status 1 diff-snapshot --format text before after
	assert_equal "$(tail -n 1 "$out")" '~ s  user modified       ada: extra.come (not shown) -> (none), extra.costs 4130 -> 4131, extra.gone 1 -> (not shown)'
	run_status 0 diff-snapshot --ignore extra before after
	run_status 0 diff-snapshot before before
}

@test "a snapshot with --map-extra against one without, or with another path: what both keep is compared" {
	one='{"kind":"user","source":"s","resource":{"id":"1","userName":"ada","costs":"4130","nick":"n","title":"T"}}'
	seal_fetch s <<<"$one" >in
	normalize -o none in
	normalize --map-extra costs=costs --map-extra nick=nick -o both in
	normalize --map-extra costs=nick --map-extra nick=nick -o other in
	for pair in 'none both' 'both none' 'both other' 'other none'; do
		# shellcheck disable=SC2086 # two words
		run_status 0 diff-snapshot $pair
		# shellcheck disable=SC2086
		run_status 0 diff-snapshot --format text $pair
		assert_regex "$(sed -n 2p "$out")" '^not compared in s: extra\.costs'
	done
	run_status 0 diff-snapshot --format text both other
	assert_equal "$(sed -n 2p "$out" | cut -d, -f1)" 'not compared in s: extra.costs'
	sed 's/"nick":"n"/"nick":"m"/; s/"T"/"U"/' <<<"$one" | seal_fetch s | normalize --map-extra costs=nick --map-extra nick=nick -o changed
	run_status 1 diff-snapshot both changed
	assert_equal "$(body "$out" | jq -c .fields)" '{"title":["T","U"],"extra.nick":["n","m"]}'
	run_status 1 diff-snapshot none changed
	assert_equal "$(body "$out" | jq -c .fields)" '{"title":["T","U"]}'
	# an old snapshot, too
	printf '%s\n' '{"kind":"user","source":"s","id":"1","user_name":"ada","status":"unknown","account_type":"unknown"}' | vocabulary='' seal_snapshot s >old
	run_status 0 diff-snapshot old both
}

@test "plain lines can have extra, with any names, and a volatile member's name in it hides nothing" {
	printf '%s\n' '{"user_name":"ada","extra":{"updated_at":"a","b c":[2,1],"":{"last_login_at":null,"a":"}"}},"updated_at":"2026-01-01T00:00:00Z"}' >list
	run_status 0 normalize --plain --source s list
	assert_equal "$(body "$out")" '{"kind":"user","source":"s","id":"ada","user_name":"ada","status":"unknown","account_type":"unknown","extra":{"":{"a":"}","last_login_at":null},"b c":[1,2],"updated_at":"a"},"updated_at":"2026-01-01T00:00:00Z"}'
	mv "$out" before
	for change in 's/"updated_at":"a"/"updated_at":"b"/' 's/"last_login_at":null/"last_login_at":"never"/' 's/"a":"}"/"a":"]"/'; do
		sed "$change" list | normalize --plain --source s -o after
		run_status 1 diff-snapshot before after
	done
	for change in 's/2026-01-01/2026-01-02/' 's/,"updated_at":"2026-01-01T00:00:00Z"//'; do
		sed "$change" list | normalize --plain --source s -o after
		run_status 0 diff-snapshot before after
		run_status 1 diff-snapshot --all-fields before after
	done
}

@test "extra that is not in canonical form is refused" {
	for extra in '{}' '{"b":1,"a":2}' '{"a":[2,1]}' '{"a":{"y":1,"x":1}}' '[]' '"a"' null 7; do
		user 1 ada enabled ",\"extra\":$extra" | seal_snapshot a >odd
		run_status 65 normalize odd
		assert_says 'odd: line 2: "extra" is '
	done
	user 1 ada | seal_snapshot a >good
	for paths in '"a"' '{}' '{"a":1}' null; do
		begin_edited "s/\"gaps\"/\"map_extra\":$paths,\"gaps\"/" good >odd
		run_status 65 normalize odd
		assert_says 'odd: line 1: "map_extra" is no object of texts'
	done
	begin_edited 's/"gaps"/"requests":"7","gaps"/' good >odd
	run_status 65 normalize odd
	assert_says 'odd: line 1: "requests" is not a number'
}

@test "--map-extra wants a name and a path, each name once, and does not go with --map or --plain" {
	for value in '' = a a= =b 7a=b 'a b=c' 'é=b' "$(printf 'n%.0s' {1..101})=b"; do
		run_status 64 normalize --map-extra "$value" /dev/null
	done
	run_status 64 normalize --map-extra a=b --map-extra a=c /dev/null
	assert_says "--map-extra: the name 'a' stands twice"
	many=()
	for n in {1..65}; do many+=(--map-extra "n$n=p"); done
	run_status 64 normalize "${many[@]}" /dev/null
	assert_says '--map-extra: more than the limit of 64'
	echo . >map.jq
	run_status 64 normalize --map map.jq --map-extra a=b /dev/null
	assert_says '--map-extra belongs to the built-in mappings'
	run_status 64 normalize --plain --source s --map-extra a=b /dev/null
}

@test "a name of more than 100 bytes is kept by its whole path" {
	local long
	long=$(printf 'n%.0s' {1..150})
	keeps "\"$long\":1" '{"c":1}' --map-extra "c=$long"
	assert_equal "$(head -n 1 once | jq -c '.sources[0].not_covered')" '[]'
}

@test "each source keeps which program mapped it" {
	printf '%s\n' '.resource | {id, user_name: .userName}' >map.jq
	chmod go-w map.jq
	seal_fetch s <<<'{"kind":"user","source":"s","resource":{"id":"1","userName":"ada"}}' >in
	run_status 0 normalize --map map.jq in
	sum=$(sha256sum <map.jq)
	assert_equal "$(head -n 1 "$out" | jq -r '.sources[0] | [.tool, .started_at, .fetched_at, .requests, .map_sha256] | join(" ")')" \
		"test 0 2026-11-22T00:00:00Z 2026-11-22T00:00:00Z 1 ${sum%% *}"
	mv "$out" one
	run_status 0 normalize one
	cmp one "$out"
	echo '{"id":"1"}' >list
	echo . >map.jq
	run_status 0 normalize --plain --source p --map map.jq list
	sum=$(sha256sum <map.jq)
	assert_equal "$(head -n 1 "$out" | jq -r '.sources[0] | [.tool, .map_sha256] | join(" ")')" " ${sum%% *}"
}

# SPDX-License-Identifier: ISC
# What normalize makes of SCIM resources, in the shapes that real servers give
# them (quirks.md 2.3 and 2.4; the numbers in titles are its rows).

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# maps: a table on stdin, "MEMBERS => MEMBERS" a line: of each line a user resource with the
# first, beside an id, becomes a record with the second behind its id, all in one run. The
# results must also survive normalize once more.
maps() {
	local i lines records want
	mapfile -t lines
	assert [ "${#lines[@]}" -gt 0 ]
	for i in "${!lines[@]}"; do
		printf '{"kind":"user","source":"s","resource":{"id":"%04d",%s}}\n' "$i" "${lines[i]%% => *}"
	done | seal_fetch s >in
	run_status 0 normalize in
	mapfile -t records < <(body "$out")
	assert_equal "${#records[@]}" "${#lines[@]}"
	for i in "${!lines[@]}"; do
		printf -v want '{"kind":"user","source":"s","id":"%04d",%s}' "$i" "${lines[i]##* => }"
		[ "${records[i]}" = "$want" ] || fail "${lines[i]}"$'\n'"got: ${records[i]}"
	done
	cp "$out" once
	run_status 0 normalize once || fail 'their snapshot is not read back'
	cmp once "$out"
}

# edges [-u]: lines of a fetch stream on stdin; $got becomes their memberships,
# "GROUP MEMBER KIND", sorted, separated by commas.
edges() {
	seal_fetch s >in
	run_status 0 normalize in || return 1
	got=$(jq -r 'select(.kind == "membership") | "\(.group_id) \(.member_id) \(.member_kind)"' "$out" | paste -sd,)
	cp "$out" once
	run_status 0 normalize once || fail "its snapshot is not read back"
}

# members: a table on stdin, "MEMBERS => KIND ID, ...": the members of group g,
# beside the users 1 and 2 and the group h.
members() {
	local line count=0
	while IFS= read -r line; do
		edges <<-END || fail "$line"
			{"kind":"user","source":"s","resource":{"id":"1"}}
			{"kind":"group","source":"s","resource":{"id":"g","displayName":"G","members":${line%% => *}}}
			{"kind":"user","source":"s","resource":{"id":"2"}}
			{"kind":"group","source":"s","resource":{"id":"h","displayName":"H","members":[]}}
		END
		[ "$got" = "${line##* => }" ] || fail "$line
got: $got"
		count=$((count + 1))
	done
	assert [ "$count" -gt 0 ]
}

@test "the documented payloads of each provider become the recorded snapshots" {
	count=0
	for resource in "$BATS_TEST_DIRNAME"/cases/scim/*.resource.json; do
		name=${resource##*/}
		provider=${name%%-*}
		seal_fetch "$provider" "$provider" <"$resource" >in
		run_status 0 normalize in
		body "$out" >got
		assert_golden "${resource%.resource.json}.record.ndjson" got
		count=$((count + 1))
	done
	assert [ "$count" -ge 2 ]
}

@test "ids and member values may be numbers and keep their exact text (50, 51)" {
	for number in 1 0 -0 9007199254740993 18446744073709551617 1.0 1e3 1E+3 -5 0.10 \
		"$(printf '9%.0s' {1..400})"; do
		printf '%s\n' '{"kind":"user","source":"s","resource":{"id":'"$number"',"externalId":'"$number"',"userName":'"$number"'}}' \
			'{"kind":"group","source":"s","resource":{"id":"g","members":[{"value":'"$number"'}]}}' | seal_fetch s >in
		run_status 0 normalize in
		body "$out" >got
		printf '%s\n' '{"kind":"group","source":"s","id":"g"}' \
			'{"kind":"membership","source":"s","group_id":"g","member_id":"'"$number"'","member_kind":"user"}' \
			'{"kind":"user","source":"s","id":"'"$number"'","user_name":"'"$number"'","status":"unknown","account_type":"unknown","external_id":"'"$number"'"}' >want
		run diff want got
		assert_success
	done
}

@test "numbers that are equal but written differently are different ids" {
	for id in 1 1.0 1e0 10E-1 '"01"'; do
		echo '{"kind":"user","source":"s","resource":{"id":'"$id"'}}'
	done | seal_fetch s >in
	run_status 0 normalize in
	assert_equal "$(jq -r 'select(.id).id' "$out" | paste -sd' ')" "01 1 1.0 10E-1 1e0"
}

@test "the same id is one user and one group (52)" {
	edges <<-'END'
		{"kind":"user","source":"s","resource":{"id":7,"userName":"ada"}}
		{"kind":"group","source":"s","resource":{"id":7,"displayName":"G","members":[{"value":7,"type":"User"}]}}
		{"kind":"group","source":"s","resource":{"id":8,"displayName":"H","members":[{"value":7,"type":"Group"}]}}
		{"kind":"group","source":"s","resource":{"id":9,"displayName":"I","members":[{"value":7,"$ref":"https://x/Groups/7"},{"value":7,"$ref":"https://x/Users/7"}]}}
	END
	assert_equal "$got" "7 7 user,8 7 group,9 7 group,9 7 user"
	assert_equal "$(jq -r 'select(.id == "7").kind' "$out" | paste -sd,)" group,user
}

@test "a member without a type, whose id is a user's and a group's, is not guessed (52, 79)" {
	edges <<-'END'
		{"kind":"user","source":"s","resource":{"id":7}}
		{"kind":"group","source":"s","resource":{"id":7,"members":[{"value":7}]}}
	END
	assert_equal "$got" "7 7 unknown"
}

@test "active is understood as boolean, text and number; what is not understood is unknown and kept (55)" {
	maps <<-'END'
		"active":true => "status":"enabled","account_type":"unknown"
		"active":"True" => "status":"enabled","account_type":"unknown"
		"active":"TRUE" => "status":"enabled","account_type":"unknown"
		"active":"true" => "status":"enabled","account_type":"unknown"
		"active":1 => "status":"enabled","account_type":"unknown"
		"active":"1" => "status":"enabled","account_type":"unknown"
		"active":false => "status":"disabled","account_type":"unknown"
		"active":"False" => "status":"disabled","account_type":"unknown"
		"active":"fALSE" => "status":"disabled","account_type":"unknown"
		"active":0 => "status":"disabled","account_type":"unknown"
		"active":"0" => "status":"disabled","account_type":"unknown"
		"Active":true => "status":"enabled","account_type":"unknown"
		"active":null => "status":"unknown","account_type":"unknown"
		"other":1 => "status":"unknown","account_type":"unknown"
		"active":"maybe" => "status":"unknown","provider_status":"maybe","account_type":"unknown"
		"active":"no" => "status":"unknown","provider_status":"no","account_type":"unknown"
		"active":2 => "status":"unknown","provider_status":"2","account_type":"unknown"
		"active":-1 => "status":"unknown","provider_status":"-1","account_type":"unknown"
		"active":{} => "status":"unknown","account_type":"unknown"
		"active":[true] => "status":"unknown","account_type":"unknown"
	END
}

@test "the e-mail is the primary, else the work one, else the first, else an address as userName (58 to 61, 65)" {
	maps <<-'END'
		"emails":[{"value":"a@x"},{"value":"b@x","type":"work"},{"value":"c@x","primary":true}] => "email":"c@x","status":"unknown","account_type":"unknown"
		"emails":[{"value":"a@x"},{"value":"b@x","type":"work"},{"value":"c@x"}] => "email":"b@x","status":"unknown","account_type":"unknown"
		"emails":[{"value":"a@x"},{"value":"b@x","type":"WORK"}] => "email":"b@x","status":"unknown","account_type":"unknown"
		"emails":[{"value":"a@x","type":"home"},{"value":"b@x","type":"other"}] => "email":"a@x","status":"unknown","account_type":"unknown"
		"emails":[{"value":"a@x","primary":false},{"value":"b@x","primary":"True"}] => "email":"b@x","status":"unknown","account_type":"unknown"
		"emails":[{"value":"a@x","primary":true},{"value":"b@x","primary":true}] => "email":"a@x","status":"unknown","account_type":"unknown"
		"emails":[{"value":"a@x","type":"work"},{"value":"b@x","type":"work"}] => "email":"a@x","status":"unknown","account_type":"unknown"
		"emails":["a@x","b@x"] => "email":"a@x","status":"unknown","account_type":"unknown"
		"emails":["a@x",{"value":"b@x","type":"work"}] => "email":"b@x","status":"unknown","account_type":"unknown"
		"emails":"a@x" => "email":"a@x","status":"unknown","account_type":"unknown"
		"emails":{"value":"a@x"} => "email":"a@x","status":"unknown","account_type":"unknown"
		"emails":[null,{"value":null},{"type":"work"},"",{"value":"a@x"}] => "email":"a@x","status":"unknown","account_type":"unknown"
		"Emails":[{"Value":"a@x","Primary":true}] => "email":"a@x","status":"unknown","account_type":"unknown"
		"emails":[{"value":"a@x"}],"userName":"b@x" => "user_name":"b@x","email":"a@x","status":"unknown","account_type":"unknown"
		"userName":"a@x" => "user_name":"a@x","email":"a@x","status":"unknown","account_type":"unknown"
		"userName":"a@x","emails":null => "user_name":"a@x","email":"a@x","status":"unknown","account_type":"unknown"
		"userName":"a@x","emails":[] => "user_name":"a@x","email":"a@x","status":"unknown","account_type":"unknown"
		"userName":"ada" => "user_name":"ada","status":"unknown","account_type":"unknown"
		"userName":"ada","emails":[] => "user_name":"ada","email":null,"status":"unknown","account_type":"unknown"
		"userName":"ada","emails":null => "user_name":"ada","email":null,"status":"unknown","account_type":"unknown"
		"userName":"@ada" => "user_name":"@ada","status":"unknown","account_type":"unknown"
		"userName":"ada@" => "user_name":"ada@","status":"unknown","account_type":"unknown"
		"userName":"ada @x" => "user_name":"ada @x","status":"unknown","account_type":"unknown"
		"userName":"" => "user_name":"","status":"unknown","account_type":"unknown"
		"userName":null => "user_name":null,"status":"unknown","account_type":"unknown"
	END
}

@test "e-mails that are not understood are not known; null says that there are none" {
	maps <<-'END'
		"userName":"ada","emails":[null] => "user_name":"ada","email":null,"status":"unknown","account_type":"unknown"
		"userName":"ada","emails":[{"address":"a@x"}] => "user_name":"ada","status":"unknown","account_type":"unknown"
		"userName":"ada","emails":[{"value":""}] => "user_name":"ada","status":"unknown","account_type":"unknown"
		"userName":"ada","emails":{} => "user_name":"ada","status":"unknown","account_type":"unknown"
		"userName":"ada","emails":true => "user_name":"ada","status":"unknown","account_type":"unknown"
		"userName":"a@x","emails":{} => "user_name":"a@x","email":"a@x","status":"unknown","account_type":"unknown"
	END
}

@test "an object with numbers as keys is the array that PHP writes so" {
	maps <<-'END'
		"emails":{"0":{"value":"a@x"},"2":{"value":"b@x","primary":true}} => "email":"b@x","status":"unknown","account_type":"unknown"
		"emails":{"7":"a@x"} => "email":"a@x","status":"unknown","account_type":"unknown"
		"roles":{"1":"b","3":{"value":"a"}} => "status":"unknown","account_type":"unknown","roles":["a","b"]
	END
	members <<-'END'
		{"0":{"value":"1"},"2":{"value":"h","type":"Group"}} => g 1 user,g h group
		{"3":"2"} => g 2 user
	END
	edges <<-'END'
		{"kind":"group","source":"s","resource":{"id":"g"}}
		{"kind":"user","source":"s","resource":{"id":"1","groups":{"0":{"value":"g"},"9":{"value":"h"}}}}
	END
	assert_equal "$got" "g 1 user,h 1 user"
}

@test "attribute names are found in any case, the exact one first (62)" {
	maps <<-'END'
		"USERNAME":"a","DisplayName":"A","ACTIVE":1,"ExternalID":"x","Name":{"GIVENNAME":"g","familyname":"f"},"Roles":["r"],"META":{"CREATED":"2026-01-01T00:00:00Z","lastmodified":"2026-01-02T00:00:00Z"} => "user_name":"a","display_name":"A","given_name":"g","family_name":"f","status":"enabled","account_type":"unknown","external_id":"x","roles":["r"],"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-02T00:00:00Z"
		"USERNAME":"wrong","userName":"right" => "user_name":"right","status":"unknown","account_type":"unknown"
		"u\u017ferName":"long s does not fold" => "status":"unknown","account_type":"unknown"
	END
	edges <<-'END'
		{"kind":"user","source":"s","resource":{"ID":"1"}}
		{"kind":"group","source":"s","resource":{"Id":"g","DISPLAYNAME":"G","Members":[{"VALUE":"1","TYPE":"user"}]}}
	END
	assert_equal "$got" "g 1 user"
	assert_equal "$(jq -r 'select(.kind == "group").name' "$out")" G
}

@test "a dotted key stands for an object's member, and the object goes first (63)" {
	maps <<-'END'
		"name.formatted":"Ada B" => "display_name":"Ada B","status":"unknown","account_type":"unknown"
		"name.givenName":"Ada","name.familyName":"Byron" => "given_name":"Ada","family_name":"Byron","status":"unknown","account_type":"unknown"
		"Name.GivenName":"Ada" => "given_name":"Ada","status":"unknown","account_type":"unknown"
		"name":{"givenName":"right"},"name.givenName":"wrong" => "given_name":"right","status":"unknown","account_type":"unknown"
		"meta.created":"2026-01-01T00:00:00Z","meta.lastModified":"2026-01-02T00:00:00Z" => "status":"unknown","account_type":"unknown","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-02T00:00:00Z"
	END
}

@test "a name that is null stays null, an absent one absent, an empty one empty; formatted stands in" {
	maps <<-'END'
		"displayName":null => "display_name":null,"status":"unknown","account_type":"unknown"
		"displayName":"" => "display_name":"","status":"unknown","account_type":"unknown"
		"name":{"formatted":"F"} => "display_name":"F","status":"unknown","account_type":"unknown"
		"displayName":null,"name":{"formatted":"F"} => "display_name":"F","status":"unknown","account_type":"unknown"
		"displayName":"D","name":{"formatted":"F"} => "display_name":"D","status":"unknown","account_type":"unknown"
		"displayName":null,"name":{"formatted":null} => "display_name":null,"status":"unknown","account_type":"unknown"
		"name":null => "status":"unknown","account_type":"unknown"
		"name":"Ada" => "status":"unknown","account_type":"unknown"
		"name":{"givenName":null,"familyName":""} => "given_name":null,"family_name":"","status":"unknown","account_type":"unknown"
		"displayName":["D"],"userName":{"a":1},"externalId":true => "status":"unknown","account_type":"unknown"
		"externalId":null => "status":"unknown","account_type":"unknown","external_id":null
	END
}

@test "roles are a sorted set of words, from text, objects or one of them (64, 65)" {
	maps <<-'END'
		"roles":["b","a","b"] => "status":"unknown","account_type":"unknown","roles":["a","b"]
		"roles":[{"value":"b","primary":true},{"value":"a","display":"A"}] => "status":"unknown","account_type":"unknown","roles":["a","b"],"role_details":[{"value":"a","display":"A"}]
		"roles":[{"display":"D"}] => "status":"unknown","account_type":"unknown","roles":["D"]
		"roles":{"value":"a"} => "status":"unknown","account_type":"unknown","roles":["a"]
		"roles":"a" => "status":"unknown","account_type":"unknown","roles":["a"]
		"roles":["b",{"value":"a"},null] => "status":"unknown","account_type":"unknown","roles":["a","b"]
		"roles":[2,10] => "status":"unknown","account_type":"unknown","roles":["10","2"]
		"roles":[{"type":"admin","primary":true},{"$ref":"https://x/scim/v2/Roles/owner"}] => "status":"unknown","account_type":"unknown","roles":["admin","owner"]
		"roles":[{"value":"","display":"","type":"admin"}] => "status":"unknown","account_type":"unknown","roles":["admin"]
		"roles":[] => "status":"unknown","account_type":"unknown","roles":[]
		"roles":[null] => "status":"unknown","account_type":"unknown","roles":[]
		"roles":null => "status":"unknown","account_type":"unknown","roles":null
		"roles":["\"]\u001b"] => "status":"unknown","account_type":"unknown","roles":["\"]\u001b"]
	END
}

@test "roles that are there and can not be read are not known, which is not none" {
	maps <<-'END'
		"roles":[{"id":{}}] => "status":"unknown","account_type":"unknown"
		"roles":{} => "status":"unknown","account_type":"unknown"
		"roles":[true] => "status":"unknown","account_type":"unknown"
		"roles":[{"value":""}] => "status":"unknown","account_type":"unknown"
		"roles":[{"value":{}},"a"] => "status":"unknown","account_type":"unknown","roles":["a"]
	END
}

@test "types and displays of roles and entitlements stand beside the values, which stay texts" {
	maps <<-'END'
		"roles":[{"value":"full","type":"seatType"},{"value":"full","type":"jamSeatType"}] => "status":"unknown","account_type":"unknown","roles":["full"],"role_details":[{"value":"full","type":"jamSeatType"},{"value":"full","type":"seatType"}]
		"entitlements":[{"value":"00e5","type":"PermissionSet","display":"Reports","primary":true},{"value":"00e1","type":"Profile","display":"Standard User"}] => "status":"unknown","account_type":"unknown","entitlements":["00e1","00e5"],"entitlement_details":[{"value":"00e1","type":"Profile","display":"Standard User"},{"value":"00e5","type":"PermissionSet","display":"Reports"}]
		"entitlements":[{"value":"a"},{"value":"a","type":"t"},{"value":"a","display":"A"},{"value":"a","type":"t"}] => "status":"unknown","account_type":"unknown","entitlements":["a"],"entitlement_details":[{"value":"a","display":"A"},{"value":"a","type":"t"}]
		"entitlements":[{"value":"a","display":"a","type":""},"b",7] => "status":"unknown","account_type":"unknown","entitlements":["7","a","b"]
		"entitlements":[{"display":"D","type":"t"},{"type":"u"}] => "status":"unknown","account_type":"unknown","entitlements":["D","u"],"entitlement_details":[{"value":"D","type":"t"}]
		"Entitlements":{"Value":"a","TYPE":7} => "status":"unknown","account_type":"unknown","entitlements":["a"],"entitlement_details":[{"value":"a","type":"7"}]
		"entitlements":"a","roles":{"0":{"value":"r","type":"x"}} => "status":"unknown","account_type":"unknown","roles":["r"],"role_details":[{"value":"r","type":"x"}],"entitlements":["a"]
		"entitlements":null => "status":"unknown","account_type":"unknown","entitlements":null
		"entitlements":[] => "status":"unknown","account_type":"unknown","entitlements":[]
		"entitlements":[{"id":1}] => "status":"unknown","account_type":"unknown"
	END
}

@test "title, user type and the enterprise extension, as an object, as joined keys or as the resource's own" {
	sed 's/URN/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/g' >table <<-'END'
		"title":"Engineer","userType":"Employee" => "status":"unknown","account_type":"unknown","title":"Engineer","user_type":"Employee"
		"TITLE":null,"usertype":"" => "status":"unknown","account_type":"unknown","title":null,"user_type":""
		"title":["Engineer"],"userType":{"value":"Guest"} => "status":"unknown","account_type":"unknown","title":"Engineer","user_type":"Guest"
		"title":[],"userType":{} => "status":"unknown","account_type":"unknown","title":null
		"URN":{"department":"Finance","employeeNumber":701984,"costCenter":"4130"} => "status":"unknown","account_type":"unknown","department":"Finance","employee_number":"701984"
		"URN":{"Department":null,"EMPLOYEENUMBER":"0017"} => "status":"unknown","account_type":"unknown","department":null,"employee_number":"0017"
		"URN:department":"Finance","URN:employeeNumber":"7" => "status":"unknown","account_type":"unknown","department":"Finance","employee_number":"7"
		"URN.department":"Finance","URN.manager.value":"u7" => "status":"unknown","account_type":"unknown","department":"Finance","manager":"u7"
		"department":"Finance","employeeNumber":"7","manager":"u7" => "status":"unknown","account_type":"unknown","department":"Finance","manager":"u7","employee_number":"7"
		"department":"wrong","URN":{"department":"right"} => "status":"unknown","account_type":"unknown","department":"right"
		"department":"wrong","URN:department":"right" => "status":"unknown","account_type":"unknown","department":"right"
		"urn:scim:schemas:extension:enterprise:1.0":{"department":"Finance","manager":{"managerId":"u7","displayName":"Bob"}} => "status":"unknown","account_type":"unknown","department":"Finance","manager":"u7","manager_name":"Bob"
		"URN":{"department":{"value":"d7","displayName":"Finance"}} => "status":"unknown","account_type":"unknown","department":"d7"
		"department":{"displayName":"Finance"} => "status":"unknown","account_type":"unknown","department":"Finance"
		"URNs":{"department":"no"},"urn:x:User":{"department":"no"} => "status":"unknown","account_type":"unknown"
	END
	maps <table
	sed 's/URN/\U&/; s/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/URN:IETF:Params:SCIM:schemas:extension:Enterprise:2.0:user/' table >shouted
	maps <shouted
}

@test "a manager is an id, an object with one, or a list; null and [] say that there is none" {
	sed 's/^/"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":/; s/ => \?/} => "status":"unknown","account_type":"unknown"/' >table <<-'END'
		"u7" => ,"manager":"u7"
		26118915 => ,"manager":"26118915"
		{"value":"u7","$ref":"../Users/u7","displayName":"Bob Hopper"} => ,"manager":"u7","manager_name":"Bob Hopper"
		{"value":"u7","display":"Bob"} => ,"manager":"u7","manager_name":"Bob"
		{"managerId":"u7"} => ,"manager":"u7"
		{"$ref":"https://x/scim/v2/Users/u7/"} => ,"manager":"u7"
		{"value":"","$ref":"../Users/u7"} => ,"manager":"u7"
		[{"value":"u7","displayName":"Bob"}] => ,"manager":"u7","manager_name":"Bob"
		[{"displayName":"Eve"},"u7"] => ,"manager":"u7"
		["u7"] => ,"manager":"u7"
		{"displayName":"Bob"} => ,"manager_name":"Bob"
		{"value":null} => ,"manager":null
		{"value":""} => ,"manager":""
		"" => ,"manager":""
		null => ,"manager":null
		[] => ,"manager":null
		[null] => ,"manager":null
		{} => 
		true => 
	END
	maps <table
	maps <<-'END'
		"manager.value":"u7","manager.displayName":"Bob" => "status":"unknown","account_type":"unknown","manager":"u7","manager_name":"Bob"
		"manager.managerId":"u7" => "status":"unknown","account_type":"unknown","manager":"u7"
		"manager":{"value":"u7"},"manager.displayName":"Bob" => "status":"unknown","account_type":"unknown","manager":"u7","manager_name":"Bob"
	END
}

@test "extensions and schemas that do not fit are no obstacle (66)" {
	maps <<-'END'
		"schemas":["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"] => "status":"unknown","account_type":"unknown"
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"active":true,"manager":null} => "status":"unknown","account_type":"unknown","manager":null
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":null => "status":"unknown","account_type":"unknown"
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":["department"] => "status":"unknown","account_type":"unknown"
		"urn:vendor":null,"schemas":null => "status":"unknown","account_type":"unknown"
	END
}

# times: a table on stdin, "TIME => TIME".
times() {
	sed 's/\(.*\) => \(.*\)/"meta":{"created":\1} => "status":"unknown","account_type":"unknown","created_at":\2/' | maps
}

@test "times with a zone become UTC, across midnight, months and leap days (68)" {
	times <<-'END'
		"2026-01-02T03:04:05Z" => "2026-01-02T03:04:05Z"
		"2026-01-02T03:04:05z" => "2026-01-02T03:04:05Z"
		"2026-01-02t03:04:05Z" => "2026-01-02T03:04:05Z"
		"2026-01-02T03:04:05+00:00" => "2026-01-02T03:04:05Z"
		"2026-01-02T03:04:05-00:00" => "2026-01-02T03:04:05Z"
		"2026-01-01T00:30:00+02:00" => "2025-12-31T22:30:00Z"
		"2026-12-31T23:30:00-0530" => "2027-01-01T05:00:00Z"
		"2024-03-01T00:00:00+01:00" => "2024-02-29T23:00:00Z"
		"2025-03-01T00:00:00+01:00" => "2025-02-28T23:00:00Z"
		"2000-02-29T23:59:59-00:01" => "2000-03-01T00:00:59Z"
		"1969-12-31T23:59:59Z" => "1969-12-31T23:59:59Z"
		"1600-02-29T12:00:00+05:45" => "1600-02-29T06:15:00Z"
		"0001-01-01T00:00:00Z" => "0001-01-01T00:00:00Z"
		"2026-01-02T03:04:05.120Z" => "2026-01-02T03:04:05.12Z"
		"2026-01-02T03:04:05.000Z" => "2026-01-02T03:04:05Z"
		"2026-01-02T03:04:05.1234567+01:00" => "2026-01-02T02:04:05.1234567Z"
		"2026-01-02T03:04:05.123456789Z" => "2026-01-02T03:04:05.123456789Z"
		null => null
	END
}

@test "times without a zone, impossible ones and other text are kept as they are (68)" {
	while IFS= read -r text; do
		printf '%s => %s\n' "$text" "$text"
	done >table <<-'END'
		"2026-01-02T03:04:05"
		"2026-01-02T03:04:05.5"
		"2026-01-02"
		"2026-02-29T00:00:00Z"
		"1900-02-29T00:00:00Z"
		"2026-13-01T00:00:00Z"
		"2026-00-01T00:00:00Z"
		"2026-01-00T00:00:00Z"
		"2026-04-31T00:00:00Z"
		"2026-01-01T24:00:00Z"
		"2026-01-01T00:60:00Z"
		"2026-01-01T00:00:61Z"
		"2026-01-01T00:00:00+24:00"
		"2026-01-01T00:00:00+01:60"
		"2026-01-01T00:00:00+1"
		"2026-01-01T00:00:00+01:000"
		"2026-01-01T00:00:00ZZ"
		"2026-01-01T00:00:00.Z"
		"2026-1-1T00:00:00Z"
		" 2026-01-01T00:00:00Z"
		"2026-01-01T00:00:00Z "
		"26-01-01T00:00:00Z"
		"+2026-01-01T00:00:00Z"
		"0000-01-01T00:00:00+01:00"
		"9999-12-31T23:59:59-01:00"
		"yesterday"
		""
		"1700000000"
	END
	times <table
	times <<<'1700000000 => "1700000000"'
	maps <<<'"meta":{"created":{},"lastModified":[]} => "status":"unknown","account_type":"unknown"'
	maps <<<'"meta":null => "status":"unknown","account_type":"unknown"'
}

@test "a member's id is its value, else the last part of its \$ref, decoded (78)" {
	members <<-'END'
		[{"value":"1","type":"User"}] => g 1 user
		[{"value":"1","$ref":"https://x/scim/v2/Users/other"}] => g 1 user
		[{"$ref":"https://x/scim/v2/Users/1"}] => g 1 user
		[{"$ref":"https://x/scim/v2/Groups/h"}] => g h group
		[{"$ref":"../Users/1"}] => g 1 user
		[{"$ref":"Users/9"}] => g 9 user
		[{"$ref":"https://x/scim/v2/Users/a%2Fb%40c%20d%C3%A9"}] => g a/b@c dé user
		[{"$ref":"https://x/scim/v2/Users/a%zz%4"}] => g a%zz%4 user
		[{"$ref":"https://x/scim/v2/Users/1?attributes=id/x"}] => g 1 user
		[{"value":null,"$ref":"https://x/Users/1"}] => g 1 user
		[{"value":"","$ref":"https://x/Users/1"}] => g 1 user
		[{"$ref":"https://x/scim/v2/Users/1/"}] => g 1 user
		["1","2"] => g 1 user,g 2 user
		["h"] => g h group
		[1,{"value":2}] => g 1 user,g 2 user
		{"value":"1"} => g 1 user
		"1" => g 1 user
		[{"value":"1"},{"value":"1"},"1"] => g 1 user
		[null,{"value":"1"}] => g 1 user
	END
}

@test "a \$ref that does not decode to text does not spoil the snapshot" {
	for part in %FF %C3 %ED%A0%80 a%00b %0A; do
		edges <<<"{\"kind\":\"group\",\"source\":\"s\",\"resource\":{\"id\":\"g\",\"members\":[{\"\$ref\":\"https://x/Users/$part\"}]}}"
		run iconv -f UTF-8 -t UTF-8 "$out"
		assert_success
		assert_equal "$(jq -s 'map(select(.kind == "membership")) | length' "$out")" 1
	done
}

@test "a member that shows no id at all is not dropped in silence: the group's members have a gap (78)" {
	for member in '{"display":"Ada"}' '{}' '{"value":"","display":"Ada"}' '{"value":{}}' 'true'; do
		echo '{"kind":"group","source":"s","resource":{"id":"g","members":[{"value":"1","type":"User"},'"$member"',{}]}}' |
			seal_fetch s >in
		run_status 0 normalize in
		body "$out" >got
		printf '%s\n' '{"kind":"gap","source":"s","scope":"members","id":"g","reason":"it has a member without an id"}' \
			'{"kind":"group","source":"s","id":"g"}' \
			'{"kind":"membership","source":"s","group_id":"g","member_id":"1","member_kind":"user"}' >want
		run diff want got
		assert_success
		assert_equal "$(head -n 1 "$out" | jq '.sources[0].gaps') $(tail -n 1 "$out" | jq .gaps)" '1 1'
		cp "$out" once
		run_status 0 normalize once
		run cmp once "$out"
		assert_success
	done
}

@test "a member's kind is that of its \$ref, else its type, else the id set that holds it, else unknown (79, 80, 82)" {
	members <<-'END'
		[{"value":"1","type":"user"}] => g 1 user
		[{"value":"x","type":"USER"}] => g x user
		[{"value":"x","type":"gROUP"}] => g x group
		[{"value":"x","type":"User","$ref":"https://x/Groups/x"}] => g x group
		[{"value":"x","type":"Group","$ref":"https://x/scim/users/x"}] => g x user
		[{"value":"x","$ref":"https://x/Users/scim/v2/Groups/x"}] => g x group
		[{"value":"1","type":"direct"}] => g 1 user
		[{"value":"h","type":"value"}] => g h group
		[{"value":"h","type":null}] => g h group
		[{"value":"2"}] => g 2 user
		[{"value":"h"}] => g h group
		[{"value":"g"}] => g g group
		[{"value":"gone"}] => g gone unknown
		[{"value":"gone","type":"direct"}] => g gone unknown
		[{"value":"gone","type":"ServicePrincipal"}] => g gone unknown
		[{"value":"1","$ref":"https://x/Things/1"}] => g 1 user
	END
}

@test "a member's GUID in capitals is the user whose id is the same GUID in small letters (79)" {
	local small=ab12cd34-0000-4000-8000-00000000abcd capitals=AB12CD34-0000-4000-8000-00000000ABCD member
	for member in '"type":"User"' '"type":"x"' "\"\$ref\":\"https://x/Users/$capitals\""; do
		edges <<-END
			{"kind":"user","source":"s","resource":{"id":"$small"}}
			{"kind":"group","source":"s","resource":{"id":"g","members":[{"value":"$capitals",$member}]}}
		END
		assert_equal "$got" "g $small user"
		# where a user has it in capitals, it is that user
		edges <<-END
			{"kind":"user","source":"s","resource":{"id":"$small"}}
			{"kind":"user","source":"s","resource":{"id":"$capitals"}}
			{"kind":"group","source":"s","resource":{"id":"g","members":[{"value":"$capitals",$member},{"value":"$small",$member}]}}
		END
		assert_equal "$got" "g $capitals user,g $small user"
	done
	# nobody's GUID, and what is none, stay as they are
	edges <<-'END'
		{"kind":"user","source":"s","resource":{"id":"ab"}}
		{"kind":"group","source":"s","resource":{"id":"g","members":[{"value":"AB12CD34-0000-4000-8000-00000000ABCE","type":"User"},{"value":"AB12CD34-0000-4000-8000-00000000ABCF"},{"value":"AB"}]}}
	END
	assert_equal "$got" "g AB unknown,g AB12CD34-0000-4000-8000-00000000ABCE user,g AB12CD34-0000-4000-8000-00000000ABCF unknown"
}

@test "nested groups and loops of groups are direct memberships, neither expanded nor followed (80)" {
	edges <<-'END'
		{"kind":"group","source":"s","resource":{"id":"a","members":[{"value":"b"}]}}
		{"kind":"group","source":"s","resource":{"id":"b","members":[{"value":"c","type":"Group"},{"value":"u"}]}}
		{"kind":"group","source":"s","resource":{"id":"c","members":[{"value":"a"}]}}
		{"kind":"user","source":"s","resource":{"id":"u","groups":[{"value":"b"},{"value":"a","type":"indirect"}]}}
	END
	assert_equal "$got" "a b group,b c group,b u user,c a group"
}

@test "where a group shows no members its users' groups count, the indirect ones apart (83, 84)" {
	for members in '' ',"members":null'; do
		edges <<-END
			{"kind":"group","source":"s","resource":{"id":"g","displayName":"G"$members}}
			{"kind":"user","source":"s","resource":{"id":"1","groups":[{"value":"g","type":"direct"}]}}
			{"kind":"user","source":"s","resource":{"id":"2","groups":[{"value":"g","type":"Indirect"}]}}
			{"kind":"user","source":"s","resource":{"id":"3","groups":[{"\$ref":"https://x/Groups/g"}]}}
			{"kind":"user","source":"s","resource":{"id":"4","groups":["g"]}}
			{"kind":"user","source":"s","resource":{"id":"5","groups":{"value":"g"}}}
			{"kind":"user","source":"s","resource":{"id":"6","groups":null}}
			{"kind":"user","source":"s","resource":{"id":"7","groups":[]}}
		END
		assert_equal "$got" "g 1 user,g 3 user,g 4 user,g 5 user"
	done
}

@test "where a group shows its members its users' groups do not count; an empty list is no evidence against them (84)" {
	local members
	for members in '[]' '[null]' '[{"value":"2"}]'; do
		edges <<-END
			{"kind":"user","source":"s","resource":{"id":"1","groups":[{"value":"g"}]}}
			{"kind":"group","source":"s","resource":{"id":"g","displayName":"G","members":$members}}
			{"kind":"user","source":"s","resource":{"id":"2"}}
		END
		case $members in *value*) assert_equal "$got" 'g 2 user' ;; *) assert_equal "$got" 'g 1 user' ;; esac
	done
}

@test "groups with one name stay two groups (86)" {
	printf '%s\n' '{"kind":"group","source":"s","resource":{"id":"g","displayName":"G"}}' \
		'{"kind":"group","source":"s","resource":{"id":"h","displayName":"G"}}' \
		'{"kind":"group","source":"s","resource":{"id":"i","displayName":null}}' \
		'{"kind":"group","source":"s","resource":{"id":"j"}}' | seal_fetch s >in
	run_status 0 normalize in
	assert_equal "$(jq -c 'select(.kind == "group") | [.id, .name, has("name")]' "$out" | paste -sd' ')" \
		'["g","G",true] ["h","G",true] ["i",null,true] ["j",null,false]'
}

@test "ids with every kind of special character are kept (50)" {
	# shellcheck disable=SC1003 # a backslash is meant
	for id in '& @ / % space é' '\"},{\"' '\\' '\u0000' '\u202e' '😀' '../../x' ' ' "'"; do
		edges <<-END
			{"kind":"user","source":"s","resource":{"id":"$id","groups":[{"value":"x"}]}}
			{"kind":"group","source":"s","resource":{"id":"g","members":[{"value":"$id"}]}}
			{"kind":"group","source":"s","resource":{"id":"x"}}
		END
		assert_equal "$(jq -r 'select(.kind == "membership") | .member_kind' "$out" | paste -sd' ')" "user user"
		assert_equal "$(jq -c 'select(.kind == "user").id' "$out")" "$(jq -c . <<<"\"$id\"")"
	done
}

@test "hostile names are kept as data: escapes where JSON needs them, the text unchanged" {
	# no such character stands in this file: it could not be reviewed
	sed 's/<2028>/\xe2\x80\xa8/; s/<202e>/\xe2\x80\xae/; s/<200b>/\xe2\x80\x8b/; s/<feff>/\xef\xbb\xbf/' >table <<-'END'
		"displayName":"\u001b]0;owned\u0007\u001b[2J" => "display_name":"\u001b]0;owned\u0007\u001b[2J","status":"unknown","account_type":"unknown"
		"displayName":"=cmd|' /C calc'!A0" => "display_name":"=cmd|' /C calc'!A0","status":"unknown","account_type":"unknown"
		"displayName":"<script>alert(1)<\/script>" => "display_name":"<script>alert(1)</script>","status":"unknown","account_type":"unknown"
		"displayName":"a\r\nb\u2028c" => "display_name":"a\r\nb<2028>c","status":"unknown","account_type":"unknown"
		"displayName":"\u202egpj.exe" => "display_name":"<202e>gpj.exe","status":"unknown","account_type":"unknown"
		"displayName":"a\u200bb\ufeff" => "display_name":"a<200b>b<feff>","status":"unknown","account_type":"unknown"
		"displayName":"\",\"status\":\"enabled" => "display_name":"\",\"status\":\"enabled","status":"unknown","account_type":"unknown"
		"displayName":"\ud83d\ude00" => "display_name":"😀","status":"unknown","account_type":"unknown"
	END
	maps <table
}

@test "the account type is the provider's where it is known, else unknown" {
	for pair in rudderstack=human stripe=human scim=unknown other=unknown; do
		echo '{"kind":"user","source":"x","resource":{"id":"1","userType":"Robot"}}' |
			seal_fetch x "${pair%=*}" >in
		run_status 0 normalize in
		assert_equal "$(jq -r 'select(.kind == "user").account_type' "$out")" "${pair#*=}"
	done
}

# not_covered: $got becomes what the snapshot in $out says of its first source.
not_covered() {
	got=$(head -n 1 "$out" | jq -c '.sources[0].not_covered')
}

@test "attributes that nobody maps are counted by name, without values, and no change hides in them" {
	sed 's/URN/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/g' <<-'END' | seal_fetch s >in
		{"kind":"user","source":"s","resource":{"schemas":["urn:x"],"id":"1","meta":{"version":"1"},"userName":"a","name":{"middleName":"m"},"displayName":"A","active":true,"emails":[],"roles":[],"groups":[],"externalId":"x","password":"p","photos":[{"value":"workspace-access"}],"title":"T","userType":"U","entitlements":["e"],"nickName":"N","URN":{"department":"D","employeeNumber":7,"costCenter":"Finance","manager":{"value":"7"},"division":null,"organization":[]}}}
		{"kind":"user","source":"s","resource":{"ID":"2","UserName":"b","meta.created":"2026-01-01T00:00:00Z","name.givenName":"B","manager.displayName":"M","nickName":null,"phoneNumbers":[],"photos":"x","roles.primary":"r","URN:costCenter":"x","urn:empty":{},"members":["g"]}}
		{"kind":"user","source":"s","resource":{"id":"3","department":"D","employeeNumber":"7","manager":"1","URN.organization.name":"O","URN:manager.value":"2"}}
		{"kind":"group","source":"s","resource":{"schemas":["urn:x"],"id":"g","displayName":"G","externalId":"e","members":[],"meta":{},"roles":["admin"],"active":true,"title":"secret-value","manager":"1","URN":{"department":"D"}}}
	END
	run_status 0 normalize in
	not_covered
	assert_equal "$got" '["not mapped: active (1 group)","not mapped: manager (1 group)","not mapped: members (1 user)","not mapped: nickName (1 user)","not mapped: photos (2 users)","not mapped: roles (1 group)","not mapped: roles.primary (1 user)","not mapped: title (1 group)","not mapped: urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.organization.name (1 user)","not mapped: urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter (2 users)","not mapped: urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department (1 group)"]'
	assert_equal "$(grep -c -e secret-value -e workspace-access -e Finance "$out")" 0
	# a snapshot of snapshots keeps them, and so does a selection
	mv "$out" one
	run_status 0 normalize one
	cmp one "$out"
	echo '{"kind":"user","source":"t","resource":{"id":"1","nick":"n"}}' | seal_fetch t >other
	run_status 0 normalize other one
	assert_equal "$(head -n 1 "$out" | jq -c '.sources[0].not_covered')" "$got"
	assert_equal "$(head -n 1 "$out" | jq -c '.sources[1].not_covered')" '["not mapped: nick (1 user)"]'
	# what a program of the user maps is not known
	echo '.resource | {kind: "user", id, user_name: .userName, status: "unknown"}' >map.jq
	run_status 0 normalize --map map.jq other
	not_covered
	assert_equal "$got" '[]'
}

# alike KIND NAME...: a resource for each name, the same but for what their texts and truths say
alike() {
	local kind=$1 name
	shift
	for name; do
		printf '{"kind":"%s","source":"a","resource":{"id":"%s","displayName":"%s","active":%s,"nick":"%s","name":{"givenName":"%s"},"groups":[{"value":"g-%s"}]}}\n' \
			"$kind" "$name" "$name" "$([[ $name == *o* ]] && echo true || echo false)" "$name" "$name" "$name"
	done
}

@test "records that are alike are mapped and counted each for itself, whatever came before them" {
	local shown threads
	{
		alike user ada bob
		# many names more, so that those before stand elsewhere in memory
		printf '{"kind":"user","source":"a","resource":{"id":"cut","nick":"x"%s}}\n' "$(printf ',"x%d":1' {1..100})"
		alike user coco
		alike group g-ada g-bob
		alike user loco
	} | seal_fetch a >stream
	{ alike user dodo eve; alike group g-eve; } | sed 's/"source":"a"/"source":"b"/' | seal_fetch b >>stream
	for threads in 1 2; do
		run_status 0 normalize --threads $threads stream
		shown=$(head -n 1 "$out" | jq -c '[.sources[].not_covered | map(select(test(": x[0-9]+ ") | not))]')
		assert_equal "$shown" '[["not mapped: active (2 groups)","not mapped: groups (2 groups)","not mapped: name (2 groups)","not mapped: nick (5 users)","not mapped: nick (2 groups)"],["not mapped: active (1 group)","not mapped: groups (1 group)","not mapped: name (1 group)","not mapped: nick (2 users)","not mapped: nick (1 group)"]]'
		shown=$(jq -r 'select(.kind == "user") | "\(.id)=\(.given_name) \(.status)"' "$out" | paste -sd ' ')
		assert_equal "$shown" 'ada=ada disabled bob=bob enabled coco=coco enabled cut=null unknown loco=loco enabled dodo=dodo enabled eve=eve disabled'
		shown=$(jq -r 'select(.kind == "membership") | "\(.member_id)@\(.group_id)"' "$out" | paste -sd ' ')
		assert_equal "$shown" 'ada@g-ada bob@g-bob coco@g-coco loco@g-loco dodo@g-dodo eve@g-eve'
	done
	{ alike user ada bob; alike group g-ada g-bob; alike user coco; } | seal_fetch a >stream
	run_status 0 normalize --threads 1 stream
	assert_equal "$(head -n 1 "$out" | jq -c '.sources[].not_covered')" \
		'["not mapped: active (2 groups)","not mapped: groups (2 groups)","not mapped: name (2 groups)","not mapped: nick (3 users)","not mapped: nick (2 groups)"]'
}

@test "what a fetcher says is not covered stands before the names that are not mapped" {
	echo '{"kind":"user","source":"s","resource":{"id":"1","nick":"n"}}' | seal_fetch s >in
	begin_edited 's/"not_covered":\[\]/"not_covered":["roles"]/' in >edited
	run_status 0 normalize edited
	not_covered
	assert_equal "$got" '["roles","not mapped: nick (1 user)"]'
}

@test "names of attributes are hostile text: inert, in 100 bytes, and a thousand of them are one line" {
	local long
	long=$(printf 'n%.0s' {1..200})
	seal_fetch s >in <<-END
		{"kind":"user","source":"s","resource":{"id":"1","\u001b[2J\nx":1,"a (9 users), b":1,"":1,"${long}1":1,"${long}2":1,"ééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé":1}}
	END
	run_status 0 normalize in
	not_covered
	assert_equal "$got" "[\"not mapped:  (1 user)\",\"not mapped: \\\\u{1B}[2J\\\\u{A}x (1 user)\",\"not mapped: a\\\\u{20}(9\\\\u{20}users),\\\\u{20}b (1 user)\",\"not mapped: ${long:0:97}... (1 user)\",\"not mapped: éééééééééééééééééééééééééééééééééééééééééééééééé... (1 user)\"]"
	jq -nc '{kind: "user", source: "s", resource: ([range(256) | {"a\(.)": 1}] | add + {id: "1"})}' | seal_fetch s >in
	run_status 0 normalize in
	assert_equal "$(head -n 1 "$out" | jq '.sources[0].not_covered | length')" 256
	jq -nc 'range(257) | {kind: "user", source: "s", resource: {id: "\(.)", "a\(.)": 1}}' | seal_fetch s >in
	for threads in 1 3; do
		run_status 0 normalize --threads $threads in
		not_covered
		assert_equal "$got" '["not mapped: more than 256 attributes of users"]'
	done
}

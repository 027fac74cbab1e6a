#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A SCIM user has one reader (lib/scim/scim_user.h): what normalize says of somebody is what
# scim-push sees there, whatever shape the service gives its users.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# both_read: a table on stdin of users as a service shows them, a row each, without the id;
# then each is asked to be what normalize says. $results becomes "ROW OPERATION OUTCOME" a line.
both_read() {
	local row=0 resource
	while IFS= read -r resource; do
		row=$((row + 1))
		resource=${resource//\"ada\"/\"ada$row\"} # a plan has one name for one user
		printf '{"kind":"user","raw":{"id":"%s",%s}}\n' $row "${resource//n@x/n$row@x}"
	done >data
	[ "$row" -gt 0 ]
	start_stand_in --data data
	run_status 0 fetch_scim --scope users
	mv "$out" stream
	run_status 0 normalize stream
	jq -c 'select(.kind == "user") | del(.kind, .source) | {id} as $id |
		(with_entries(select((.key | IN("user_name", "email", "display_name", "given_name", "family_name",
			"external_id")) and .value != null and .value != "")) | select(del(.user_name) != {}) |
			{op: "update"} + $id + .),
		($id + {op: ({enabled: "reactivate", disabled: "deactivate"}[.status] // empty)})' "$out" >ops
	push 0 scim <ops
	results=$(jq -r 'select(.kind == "result") | "\(.id) \(.op) \(.outcome)"' "$out")
	[ -n "$results" ]
}

@test "what normalize reports of a user is what scim-push sees there: nothing is to be done" {
	cat >shapes <<-'END'
		"userName":"ada","emails":[{"value":"w@x","type":"work"},{"value":"p@x","primary":"true"}]
		"userName":"ada","emails":[{"type":"work","primary":true},{"value":"v@x"}]
		"userName":"ada","emails":[{"value":"w@x","type":"work"},{"value":"p@x","primary":true}]
		"userName":"ada","emails":[{"value":"w@x","type":"work"},{"value":"p@x","primary":1}]
		"userName":"ada","emails":[{"value":"h@x","type":"home"},{"value":"w@x","type":"WORK"}]
		"userName":"ada","emails":[null,"",{"value":""},{"value":null,"primary":true},"b@x","c@x"]
		"userName":"ada","emails":["b@x",{"value":"w@x","type":"work"}]
		"userName":"ada","emails":[{"value":7},{"value":8,"type":"work"}]
		"userName":"ada","emails":{"value":"o@x","type":"home"}
		"userName":"ada","externalId":"e","emails":{"type":"home"}
		"userName":"ada","emails":"s@x"
		"userName":"ada","externalId":"e","emails":["",null]
		"userName":"n@x"
		"userName":"n@x","emails":null
		"userName":"n@x","emails":[]
		"userName":"n@x","emails":[{"type":"work"}]
		"userName":"ada","name":{"formatted":"Ada B"}
		"userName":"ada","displayName":null,"name":{"formatted":"Ada B","givenName":"Ada","familyName":"B"}
		"userName":"ada","displayName":"D","name":{"formatted":"Ada B"}
		"userName":"ada","externalId":"e","displayName":"","name":{"formatted":"Ada B"}
		"userName":"ada","displayName":7,"name":{"formatted":"Ada B"}
		"userName":"ada","name.formatted":"Ada B","name.givenName":"Ada","name.familyName":"B"
		"userName":"ada","Name.GivenName":"Ada","name":{"familyName":"B"}
		"userName":"ada","externalId":"e","name":{"givenName":null},"name.givenName":"dotted"
		"userName":"ada","name":"Ada B","externalId":"e"
		"UserName":"ada","DisplayName":"D","Name":{"GivenName":"Ada"},"Emails":[{"Value":"a@x","Primary":"True"}],"ExternalID":8
		"USERNAME":"wrong","userName":"right","displayname":"D"
		"userName":12,"externalId":34,"name":{"givenName":5,"familyName":6}
		"userName":"ada","active":true
		"userName":"ada","active":"True"
		"userName":"ada","active":1
		"userName":"ada","Active":"fALSE"
		"userName":"ada","active":"0"
		"userName":"ada","externalId":"e","active":null
		"userName":"ada","externalId":"e","active":"perhaps"
	END
	both_read <shapes
	assert_equal "$(grep -v ' already$' <<<"$results" | while read -r id rest; do
		echo "$rest: $(sed -n "${id}p" shapes)"
	done)" ''
	# each row was asked about, with what it shows
	assert_equal "$(cut -d ' ' -f 1 <<<"$results" | uniq | wc -l)" "$(wc -l <shapes)"
}

@test "an active that neither of them understands is proved by neither" {
	both_read <<-'END'
		"userName":"ada","externalId":"e","active":"perhaps"
		"userName":"ada","externalId":"e","active":2
		"userName":"ada","externalId":"e","active":[true]
		"userName":"ada","externalId":"e","active":{}
	END
	push 0 scim <<<'{"op":"deactivate","id":"1"}
{"op":"deactivate","id":"2"}
{"op":"reactivate","id":"3"}
{"op":"reactivate","id":"4"}'
	assert_equal "$(outcomes | sort | uniq -c | awk '{print $1, $2, $3}' | paste -sd,)" '2 deactivate planned,2 reactivate planned'
}

@test "who normalize says is a member is one for scim-push, and nobody else is" {
	local members row=0
	cat >shapes <<-'END'
		[{"value":"1","type":"User"}]
		[{"value":1}]
		[{"$ref":"https://x/scim/v2/Users/1"}]
		[{"value":"","$ref":"../Users/1/"}]
		["1"]
		[1]
		{"value":"1"}
		{"$ref":"Users/1"}
		"1"
		[null,{"VALUE":"1"}]
	END
	{
		printf '{"kind":"user","raw":{"id":"%s","userName":"u%s"}}\n' 1 1 2 2
		while IFS= read -r members; do
			row=$((row + 1))
			printf '{"kind":"group","raw":{"id":"g%s","displayName":"G%s","members":%s}}\n' $row $row "$members"
		done <shapes
	} >data
	start_stand_in --data data
	run_status 0 fetch_scim
	mv "$out" stream
	run_status 0 normalize stream
	assert_equal "$(jq -r 'select(.kind == "membership").member_id' "$out" | sort | uniq -c | xargs)" "$row 1"
	jq -c 'select(.kind == "membership") |
		{op: "add-member", id: .member_id, group_id}, {op: "remove-member", id: "2", group_id}' "$out" >ops
	push 0 scim <ops
	assert_equal "$(outcomes | sort | uniq -c | xargs)" "$row add-member already $row remove-member already"
}

@test "PUT writes a new value where it is read: into the dotted key, into each spelling, into one object of emails" {
	local resource sent
	while IFS='|' read -r resource sent; do
		printf '{"kind":"user","raw":{"schemas":["s"],"id":"1",%s}}\n' "$resource" >data
		start_stand_in --data data
		push 0 --dialect okta-aiw scim <<<'{"op":"update","id":"1","given_name":"N","email":"n@x","display_name":"D"}'
		assert_equal "$(jq -c 'select(.kind == "result").would_send[0].body | del(.schemas, .id)' "$out")" "$sent"
		stop_stand_ins
	done <<-'END'
		"name.givenName":"A","name.formatted":"A B","displayName":"D","emails":"n@x"|{"name.givenName":"N","displayName":"D","emails":"n@x"}
		"DISPLAYNAME":"x","displayName":"y","name":{"givenName":"N"},"emails":["n@x"]|{"DISPLAYNAME":"D","displayName":"D","name":{"givenName":"N"},"emails":["n@x"]}
		"displayName":"D","name":{"givenName":"N"},"emails":{"value":"a","type":"home"}|{"displayName":"D","name":{"givenName":"N"},"emails":[{"value":"n@x","type":"home"}]}
		"displayName":"D","name":{"givenName":"N"},"emails":{"0":{"value":"a"},"2":{"value":"b","primary":"true"}}|{"displayName":"D","name":{"givenName":"N"},"emails":[{"value":"a"},{"value":"n@x","primary":"true"}]}
		"displayName":"D","name":{"givenName":"N"},"emails":[{"value":"a","type":"work"},{"value":"b","primary":"true"}]|{"displayName":"D","name":{"givenName":"N"},"emails":[{"value":"a","type":"work"},{"value":"n@x","primary":"true"}]}
		"displayName":"D","name":{"givenName":"N"},"emails":[{"type":"work"},{"value":"b"}]|{"displayName":"D","name":{"givenName":"N"},"emails":[{"type":"work"},{"value":"n@x"}]}
	END
}

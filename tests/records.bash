# SPDX-License-Identifier: ISC
# For the tests of diff-snapshot: records by hand, two snapshots, and what must be
# said of them.

# Canonical records of the source a, or of $source.
user() { # ID NAME [STATUS [MORE]]
	printf '{"kind":"user","source":"%s","id":"%s","user_name":"%s","status":"%s","account_type":"human"%s}\n' \
		"${source:-a}" "$1" "$2" "${3:-enabled}" "${4:-}"
}

group() { # ID NAME [MORE]
	printf '{"kind":"group","source":"%s","id":"%s","name":"%s"%s}\n' "${source:-a}" "$1" "$2" "${3:-}"
}

member() { # GROUP MEMBER [KIND]
	printf '{"kind":"membership","source":"%s","group_id":"%s","member_id":"%s","member_kind":"%s"}\n' \
		"${source:-a}" "$1" "$2" "${3:-user}"
}

gap() { # SCOPE REASON [ID]
	printf '{"kind":"gap","source":"%s","scope":"%s"%s,"reason":"%s"}\n' "${source:-a}" "$1" \
		"${3:+,\"id\":\"$3\"}" "$2"
}

# users FROM TO: as many users.
users() {
	seq "$1" "$2" | sed 's/.*/{"kind":"user","source":"a","id":"&","user_name":"u&","status":"enabled","account_type":"human"}/'
}

# before, after: the records on stdin, in any order, become the snapshot of that name.
before() {
	sort | seal_snapshot "${@:-a}" >before
}

after() {
	sort | seal_snapshot "${@:-a}" >after
}

# differs STATUS [OPTION...]: the body of the change stream must be what stdin says.
differs() {
	cat >want
	run_status "$1" diff-snapshot "${@:2}" before after
	assert_sealed "$out"
	body "$out" >got
	run diff want got
	assert_success
}

# shows STATUS [OPTION...]: the same for the text.
shows() {
	cat >want
	run_status "$1" diff-snapshot --format text "${@:2}" before after
	run diff want "$out"
	assert_success
}

events() {
	jq -r 'select(.kind != "begin" and .kind != "end") | .event // .kind' "$out" | paste -sd' '
}

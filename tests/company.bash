# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# A small company for rollcall-tasks(7), sourced by tests/71-tasks.bats.

company() {
	cat >records <<'END'
{"kind":"group","source":"stripe","id":"1","name":"Devs"}
{"kind":"group","source":"stripe","id":"2","name":"Ops"}
{"kind":"group","source":"stripe","id":"3","name":"All"}
{"kind":"group","source":"scalr","id":"t1","name":"infra"}
{"kind":"membership","source":"stripe","group_id":"1","member_id":"11","member_kind":"user"}
{"kind":"membership","source":"stripe","group_id":"2","member_id":"1","member_kind":"group"}
{"kind":"membership","source":"stripe","group_id":"2","member_id":"13","member_kind":"user"}
{"kind":"membership","source":"stripe","group_id":"3","member_id":"12","member_kind":"user"}
{"kind":"membership","source":"stripe","group_id":"3","member_id":"2","member_kind":"group"}
{"kind":"membership","source":"scalr","group_id":"t1","member_id":"s1","member_kind":"user"}
{"kind":"user","source":"stripe","id":"11","user_name":"ada@x.org","email":"ada@x.org","display_name":"Ada Byron","status":"enabled","account_type":"human"}
{"kind":"user","source":"stripe","id":"12","user_name":"bob@x.org","email":"bob@x.org","display_name":"Bob Stone","status":"enabled","account_type":"human"}
{"kind":"user","source":"stripe","id":"13","user_name":"mei@x.org","email":"mei@x.org","display_name":"Mei Tanaka","status":"disabled","account_type":"human"}
{"kind":"user","source":"scalr","id":"s1","user_name":"abyron","email":"ada@x.org","display_name":"Ada Byron","status":"enabled","account_type":"human","last_login_at":"2026-11-20T08:15:00Z"}
{"kind":"user","source":"scalr","id":"s2","user_name":"bob@x.org","email":"bob@x.org","display_name":"Bob Stone","status":"enabled","account_type":"human","last_login_at":"2026-03-02T10:00:00Z"}
{"kind":"user","source":"scalr","id":"s3","user_name":"zoe@x.org","email":"zoe@x.org","display_name":"Zoe Okafor","status":"enabled","account_type":"human","last_login_at":null}
{"kind":"user","source":"scalr","id":"s4","user_name":"ci","status":"enabled","account_type":"service","owners":["infra"],"created_by":"abyron"}
END
	for source in stripe scalr; do
		grep "\"source\":\"$source\"" records >"$source.plain"
		normalize --plain --source $source --fetched-at 2026-11-22T06:00:00Z -o $source.ndjson $source.plain 2>/dev/null
		grep -v -e '"zoe@' -e '"member_id":"11"' "$source.plain" >"$source.older"
		normalize --plain --source $source --fetched-at 2026-11-15T06:00:00Z -o $source.older.ndjson $source.older 2>/dev/null
	done
	normalize -o today.ndjson stripe.ndjson scalr.ndjson
	normalize -o last-week.ndjson stripe.older.ndjson scalr.older.ndjson
	printf '\xef\xbb\xbfE-Mail;Name;State\r\nada@x.org;Byron, Ada;active\r\nBOB@x.org;Stone, Bob;left\r\nlin@x.org;Lin, Wei;active\r\n' >staff.csv
	printf 'Ada Byron,ada@x.org\nAda Byron,abyron\n' >people.csv
}

# The services of the company: what they answer, and what the commands of the page find here.
company_services() {
	cat >data <<-'END'
		{"kind":"user","id":"1","user_name":"ada@x.org","display_name":"Ada Byron"}
		{"kind":"user","id":"2","user_name":"bob@x.org","display_name":"Bob Stone"}
		{"kind":"group","id":"7","name":"Ops","members":["2"]}
	END
	start_stand_in --data data
	export BATON_RUDDERSTACK_SCIM_BASE_URL=$url/rudderstack/scim/v2 BATON_RUDDERSTACK_SCIM_TOKEN=$TOKEN \
		BATON_STRIPE_SCIM_BASE_URL=$url/stripe/scim/v2 BATON_STRIPE_SCIM_TOKEN=$TOKEN \
		BATON_SCALR_BASE_URL=$url BATON_SCALR_API_TOKEN=$TOKEN
	mkdir kept evidence
	cp "$ROOT/examples/sources.json" .
	nightly-review --config . kept >first 2>&1
	mv kept/20* kept/2026-11-21T031500Z
	change '{"op":"add-user","id":"u9","user_name":"zoe@x.org","display_name":"Zoe Okafor"}' >changed
	cp "$ROOT/tests/cases/vocabulary-1/snapshot.ndjson" older.ndjson
	export GITHUB_STEP_SUMMARY=$PWD/summary.md
	# the sheet as it came back: one person left
	issue-review -o issued --format csv today.ndjson 2>>first
	awk -F, -v OFS=, 'NR > 1 {
		$20 = $4 == "mei@x.org" ? "revoke" : "keep"; $21 = "lin@x.org"; $22 = "2026-11-25"
		$23 = $4 == "mei@x.org" ? "left the company" : ""
	} { print }' issued/review.csv >returned.csv
}

# SPDX-License-Identifier: ISC
# normalize: what is complete becomes one sorted, sealed snapshot; what is not
# becomes status 65, one line on stderr and nothing else (design.md 3 and 3.2).

load helper
load corpora

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# user ID [MORE]: a fetch stream line of source s.
user() {
	printf '{"kind":"user","source":"%s","resource":{"id":"%s"%s}}\n' "${source:-s}" "$1" "${2:-}"
}

# refused FILE [WORDS]: normalize says in one line what is wrong, and of which input, and writes
# nothing. The input is the file, stdin, and the file where an older output is left alone, by turns.
refused() {
	local input=$1 said
	case $((turn++ % 3)) in
	0) run_status 65 normalize "$1" ;;
	1) input='standard input' && run_status 65 normalize <"$1" ;;
	2)
		echo old >kept
		run_status 65 normalize -o kept "$1"
		[ "$(<kept)" = old ] || fail "$(cat kept)"
		assert_equal "$(echo kept*)" kept
		;;
	esac
	assert_file_empty "$out"
	mapfile -t said <"$err"
	assert_equal "${#said[@]}" 1
	assert_regex "${said[0]}" "^normalize: $input: .*${2:-}"
}

@test "a record has its members in the documented order, minimal escapes and nothing else" {
	printf '%s\n' '{"kind":"user","source":"s","resource":{"meta":{"lastModified":"2026-02-03T00:00:00Z","created":"2026-02-01T00:00:00Z"},"roles":["b","a"],"externalId":"x-1","active":true,"name":{"familyName":"Byron","givenName":"Ada"},"displayName":"\u0041da \/ \"B\"\t\\ \u00e9\u2028\u0001","emails":["ada@example.com"],"userName":"ada","id":"1","unheard":"of"}}' \
		'{"kind":"group","source":"s","resource":{"meta":{"lastModified":"2026-02-03T00:00:00Z","created":"2026-02-01T00:00:00Z"},"externalId":"x-2","members":[{"value":"1"}],"displayName":"G","id":"g"}}' \
		'{"kind":"gap","source":"s","scope":"members","id":"g2","reason":"HTTP 403"}' |
		seal_fetch s stripe >in
	run_status 0 normalize in
	body "$out" >got
	{
		printf '%s\n' '{"kind":"gap","source":"s","scope":"members","id":"g2","reason":"HTTP 403"}' \
			'{"kind":"group","source":"s","id":"g","name":"G","external_id":"x-2","created_at":"2026-02-01T00:00:00Z","updated_at":"2026-02-03T00:00:00Z"}' \
			'{"kind":"membership","source":"s","group_id":"g","member_id":"1","member_kind":"user"}'
		printf '{"kind":"user","source":"s","id":"1","user_name":"ada","email":"ada@example.com","display_name":"Ada / \\"B\\"\\t\\\\ \xc3\xa9\xe2\x80\xa8\\u0001","given_name":"Ada","family_name":"Byron","status":"enabled","account_type":"human","external_id":"x-1","roles":["a","b"],"created_at":"2026-02-01T00:00:00Z","updated_at":"2026-02-03T00:00:00Z"}\n'
	} >want
	run diff want got
	assert_success
	assert_equal "$(wc -c <"$err")" 0
}

@test "the begin line names each source with what was read, and the end line counts and digests the body" {
	{
		printf '%s\n' '{"kind":"begin","format":1,"stage":"fetch","source":"rs","provider":"rudderstack","schema":"scim","origin":"https://api.example/scim/v2","tool":"scim-fetch 0.1.0","started_at":"2026-11-22T00:00:00Z","not_covered":["roles","caf\u00e9"]}'
		source=rs user 1
		printf '%s\n' '{"kind":"group","source":"rs","resource":{"id":"g","members":["1"]}}' \
			'{"kind":"gap","source":"rs","scope":"users","reason":"because"}'
	} >parts
	sed 1d parts | sealed_kinds='user group gap' seal "$(head -n 1 parts)" ',"source":"rs"' \
		',"requests":19,"retries":2,"finished_at":"2026-11-22T00:00:09Z"' >in
	run_status 0 normalize in
	assert_equal "$(head -n 1 "$out")" '{"kind":"begin","format":1,"stage":"snapshot","vocabulary":2,"sources":[{"source":"rs","provider":"rudderstack","origin":"https://api.example/scim/v2","tool":"scim-fetch 0.1.0","started_at":"2026-11-22T00:00:00Z","fetched_at":"2026-11-22T00:00:09Z","requests":19,"gaps":1,"not_covered":["roles","café"]}]}'
	sum=$(sed '1d;$d' "$out" | sha256sum)
	begin_sum=$(head -n 1 "$out" | sha256sum)
	assert_equal "$(tail -n 1 "$out")" "{\"kind\":\"end\",\"users\":1,\"groups\":1,\"memberships\":1,\"gaps\":1,\"sha256\":\"${sum%% *}\",\"begin_sha256\":\"${begin_sum%% *}\"}"
}

@test "the body is sorted bytewise, whatever order the provider used" {
	# shellcheck disable=SC1003 # a backslash is meant
	for id in b B a é '~' '!' '\"' '\\' 1 10 2 ' '; do
		user "$id"
		printf '{"kind":"group","source":"s","resource":{"id":"%s","displayName":"%s"}}\n' "$id" "$id"
	done >lines
	seal_fetch s <lines >in
	run_status 0 normalize in
	body "$out" >got
	assert_equal "$(wc -l <got)" 24
	run env LC_ALL=C sort -c got
	assert_success
	for seed in 1 2 3; do
		shuf --random-source=<(yes $seed) lines | seal_fetch s >again
		cp "$out" first
		run_status 0 normalize again
		run cmp first "$out"
		assert_success
	done
}

@test "a snapshot through normalize is the same snapshot, byte by byte" {
	{
		user 1 ',"userName":"a\u0000\u007f\u2028","displayName":null,"roles":["x",7],"meta":{"created":null}'
		user 2 ',"active":"maybe"'
		printf '%s\n' '{"kind":"group","source":"s","resource":{"id":"g","displayName":"","members":["1","g","gone"]}}' \
			'{"kind":"gap","source":"s","scope":"groups","reason":"no \u001b[2J"}'
	} | seal_fetch s >in
	run_status 0 normalize -o one in
	run_status 0 normalize one
	run cmp one "$out"
	assert_success
	run_status 0 normalize <one
	run cmp one "$out"
	assert_success
}

@test "a section whose end line has no digest of its begin line, as in design.md, is read all the same" {
	{ user 1; user 2; } | seal_fetch s | sed '$s/,"begin_sha256":"[^"]*"//' >in
	run_status 0 normalize -o snapshot in
	sed '$s/,"begin_sha256":"[^"]*"//' snapshot >plain
	run_status 0 normalize plain
	run cmp snapshot "$out"
	assert_success
	run_status 0 diff-snapshot plain snapshot
}

@test "an empty directory is a complete snapshot" {
	seal_fetch s </dev/null >in
	run_status 0 normalize in
	assert_equal "$(wc -l <"$out")" 2
	assert_sealed "$out"
}

@test "streams, files and snapshots of several sources merge into the same snapshot in any arrangement" {
	source=z user 1 | seal_fetch z >z.in
	source=a user 1 | seal_fetch a >a.in
	echo '{"kind":"gap","source":"m","scope":"users","reason":"no"}' | seal_fetch m >m.in
	run_status 0 normalize -o all z.in a.in m.in
	assert_equal "$(head -n 1 all | jq -r '[.sources[] | "\(.source)\(.gaps)"] | join(" ")')" "a0 m1 z0"
	assert_equal "$(jq -r 'select(.id) | .source' all | tr '\n' ' ')" "a z "
	cat m.in z.in a.in >stream
	run_status 0 normalize <stream
	run cmp all "$out"
	assert_success
	run_status 0 normalize -o za z.in a.in
	run_status 0 normalize za m.in
	run cmp all "$out"
	assert_success
	run_status 0 normalize -o only-m m.in
	cat only-m za >stream
	run_status 0 normalize stream
	run cmp all "$out"
	assert_success
	run_status 0 normalize a.in - m.in <z.in
	run cmp all "$out"
	assert_success
}

@test "the same source twice is refused, with the option that helps" {
	user 1 | seal_fetch s >one
	user 2 | seal_fetch s >two
	cat one two >both
	refused both "source 's' comes twice.*--source"
	run_status 65 normalize one two
	assert_file_empty "$out"
	run_status 0 normalize -o snapshot one
	run_status 65 normalize snapshot two
	run_status 65 normalize snapshot snapshot
}

@test "two different records with one identity are refused, the same record twice is one" {
	{ user 1 ',"userName":"a"'; user 1 ',"userName":"b"'; } | seal_fetch s >in
	run_status 65 normalize in
	assert_file_empty "$out"
	assert_regex "$(cat "$err")" 'two different records'
	{ user 1 ',"userName":"a"'; user 1 ',"userName":"a"'; } | seal_fetch s >in
	run_status 0 normalize in
	assert_equal "$(body "$out" | wc -l)" 1
	assert_equal "$(tail -n 1 "$out" | jq .users)" 1
}

@test "a section is refused that has no end, no begin, or an end that does not match" {
	{ user 1; user 2; echo '{"kind":"group","source":"s","resource":{"id":"g"}}'; } | seal_fetch s >good
	run_status 0 normalize good
	sed '$d' good >no-end
	refused no-end 'not complete'
	sed 1d good >no-begin
	refused no-begin 'line 1: '
	head -n 1 good >only-begin
	refused only-begin 'not complete'
	tail -n 1 good >only-end
	refused only-end 'line 1: .*an end line comes before any begin line'
	cat no-end good >begin-in-section
	refused begin-in-section 'not complete'
	{ cat good; user 9; } >record-behind-end
	refused record-behind-end 'line 6: '
	{ cat good; source=t user 1 | seal_fetch t | sed '$d'; } >second-without-end
	refused second-without-end "'t' is not complete"
	for kind in users groups gaps; do
		sed "\$s/\"$kind\":[0-9]*/\"$kind\":7/" good >"count-$kind"
		refused "count-$kind" "line 5: .*7 $kind"
		sed "\$s/\"$kind\":[0-9]*,//" good >"count-missing-$kind"
		refused "count-missing-$kind" 'line 5: '
	done
	sed '$s/"users":2/"users":-2/' good >count-negative
	refused count-negative 'line 5: '
	sed '$s/"sha256":"./"sha256":"x/' good >digest-wrong
	refused digest-wrong 'line 5: .*digest'
	sed '$s/,"sha256":"[0-9a-f]*"//' good >digest-missing
	refused digest-missing 'line 5: .*digest'
	sed '$s/"source":"s"/"source":"t"/' good >end-of-another-source
	refused end-of-another-source 'line 5: '
	sed '1s/"tool":"test 0"/"tool":"test 1"/' good >begin-line-edited
	refused begin-line-edited 'line 5: .*begin'
	sed '$s/,"finished_at":"[^"]*"//' good >no-finish
	for edit in 's/"source":"[^"]*"/"sourse":"s"/' 's/"source":"[^"]*"/"source":"t"/'; do
		sed "\$$edit" good >other-end
		refused other-end 'end line (is that of source .t.|that does not name its source)'
	done
	for time in '' today 2026-11m22T00:00:00Z 2026-11-22T00:00:00; do
		sed "\$s/\"finished_at\":\"[^\"]*\"/\"finished_at\":\"$time\"/" good >odd-finish
		refused odd-finish 'an end line without a time in finished_at'
	done
	refused no-finish 'line 5: '
}

@test "a record that was edited, lost, added or moved is noticed" {
	{ user 1; user 2; echo '{"kind":"group","source":"s","resource":{"id":"g"}}'; } | seal_fetch s >good
	sed '2s/"id":"1"/"id":"3"/' good >edited
	refused edited 'line 5: .*digest'
	sed 2d good >lost
	refused lost 'line 4: '
	sed '2p' good >added
	refused added 'line 6: '
	sed '2{h;d};3{G}' good >moved
	refused moved 'line 5: .*digest'
	sed '2s/"user"/"user" /' good >blank-added
	refused blank-added 'line 5: .*digest'
	run_status 0 normalize -o snapshot good
	sed '2s/"id":"g"/"id":"h"/' snapshot >edited
	refused edited 'line 5: .*digest'
	sed '3{h;d};4{G}' snapshot >moved
	refused moved 'line '
}

@test "a snapshot's end line is refused wherever a byte of it differs from what its body says" {
	user 1 | seal_fetch s >in
	run_status 0 normalize -o good in
	for edit in 's/"gaps":0,//' 's/"gaps":0/"gips":0/' 's/"users"/"Users"/' 's/"users":1/"users":"1"/' \
		's/"groups":0/"groups":00/' 's/"groups":0/"groups":null/' 's/"sha256"/"Sha256"/' 's/}$/,"more":1}/' \
		's/begin_sha256/begin_sha257/' 's/"begin_sha256":"[^"]*"/"begin_sha256":null/'; do
		sed "\$$edit" good >end-edited
		echo "# $edit"
		refused end-edited 'line 3: '
	done
}

@test "a snapshot's begin line must agree with its body" {
	user 1 | seal_fetch s >in
	run_status 0 normalize -o good in
	for edit in 's/"gaps":0/"gaps":5/' 's/"gaps":0/"gaps":"0"/' 's/"sources":\[.*\]/"sources":[]/' \
		's/"sources":\[.*\]/"sources":{}/' 's/"source":"s"/"source":"t"/' 's/"source":"s"/"source":""/' \
		's/"source":"s"/"source":null/' 's/"format":1/"format":"1"/'; do
		begin_edited "$edit" good >begin-edited
		echo "# $edit"
		refused begin-edited 'line '
	done
}

@test "records of a sealed snapshot are checked: form, order, vocabulary and source" {
	# NAME RECORD... : sealed, so that only the record itself is wrong
	while IFS=' ' read -r name records; do
		echo "# $name"
		tr '|' '\n' <<<"$records" | seal_snapshot a >"$name"
		refused "$name" 'line [23]: '
	done <<-'END'
		no-id {"kind":"user","source":"a","status":"enabled","account_type":"human"}
		id-null {"kind":"user","source":"a","id":null,"status":"enabled","account_type":"human"}
		id-number {"kind":"user","source":"a","id":1,"status":"enabled","account_type":"human"}
		no-status {"kind":"user","source":"a","id":"1","account_type":"human"}
		status-word {"kind":"user","source":"a","id":"1","status":"\u001b[2J","account_type":"human"}
		account-type-word {"kind":"user","source":"a","id":"1","status":"enabled","account_type":"robot"}
		member-kind-word {"kind":"membership","source":"a","group_id":"g","member_id":"1","member_kind":"x"}
		order-of-members {"kind":"user","id":"1","source":"a","status":"enabled","account_type":"human"}
		escapes-not-minimal {"kind":"user","source":"a","id":"\u0031","status":"enabled","account_type":"human"}
		blank-in-line {"kind":"user", "source":"a","id":"1","status":"enabled","account_type":"human"}
		unknown-member {"kind":"user","source":"a","id":"1","status":"enabled","account_type":"human","zz":1}
		roles-text {"kind":"user","source":"a","id":"1","status":"enabled","account_type":"human","roles":{"a":1}}
		other-source {"kind":"user","source":"b","id":"1","status":"enabled","account_type":"human"}
		fetch-record {"kind":"user","source":"a","resource":{"id":"1"}}
		unsorted {"kind":"user","source":"a","id":"2","status":"enabled","account_type":"human"}|{"kind":"user","source":"a","id":"1","status":"enabled","account_type":"human"}
		twice {"kind":"user","source":"a","id":"1","status":"enabled","account_type":"human"}|{"kind":"user","source":"a","id":"1","status":"enabled","account_type":"human"}
		gap-scope {"kind":"gap","source":"a","scope":"roles","reason":"x"}
		gap-without-reason {"kind":"gap","source":"a","scope":"users"}
	END
}

@test "records of a fetch stream are checked: kind, source, resource, id and scope" {
	while IFS=' ' read -r name record; do
		echo "# $name"
		seal_fetch s <<<"$record" >"$name"
		refused "$name" 'line 2: '
	done <<-'END'
		other-source {"kind":"user","source":"t","resource":{"id":"1"}}
		no-source {"kind":"user","resource":{"id":"1"}}
		no-resource {"kind":"user","source":"s"}
		resource-list {"kind":"user","source":"s","resource":[]}
		resource-null {"kind":"group","source":"s","resource":null}
		no-id {"kind":"user","source":"s","resource":{}}
		id-null {"kind":"user","source":"s","resource":{"id":null}}
		id-empty {"kind":"group","source":"s","resource":{"id":""}}
		id-object {"kind":"group","source":"s","resource":{"id":{}}}
		id-true {"kind":"user","source":"s","resource":{"id":true}}
		unknown-kind {"kind":"robot","source":"s","resource":{"id":"1"}}
		kind-number {"kind":7,"source":"s","resource":{"id":"1"}}
		kind-in-capitals {"kind":"USER","source":"s","resource":{"id":"1"}}
		membership-without-group {"kind":"membership","source":"s","member_id":"1"}
		membership-of-nobody {"kind":"membership","source":"s","group_id":"g","member_id":""}
		gap-scope-unknown {"kind":"gap","source":"s","scope":"roles","reason":"x"}
		gap-scope-missing {"kind":"gap","source":"s","reason":"x"}
		gap-id-null {"kind":"gap","source":"s","scope":"members","id":null,"reason":"x"}
		gap-reason-missing {"kind":"gap","source":"s","scope":"users"}
	END
	printf '%s\n' '{"source":"s","kind":"user","resource":{"id":"1"}}' | seal_fetch s |
		sed '$s/"users":0/"users":1/' >kind-not-first
	refused kind-not-first 'line 2: '
	echo '{"kind":"membership","source":"s","group_id":"g","member_id":"1"}' | seal_fetch s >uncounted
	refused uncounted 'the end line says 0 memberships, the section holds 1'
}

@test "a stage, a format or a schema that is not known here is refused by name" {
	user 1 | seal_fetch s >good
	while IFS=' ' read -r name edit words; do
		echo "# $name"
		begin_edited "$edit" good >"$name"
		refused "$name" "line 1: .*$words"
	done <<-'END'
		stage-unknown s/"fetch"/"weather"/ weather
		stage-changes s/"fetch"/"changes"/ this is a change stream, but a fetch stream or a snapshot is needed
		stage-missing s/,"stage":"fetch"// stage
		format-newer s/"format":1/"format":2/ newer
		format-far-newer s/"format":1/"format":999999999999999999/ newer
		format-huge s/"format":1/"format":99999999999999999999/ format
		format-zero s/"format":1/"format":0/ format
		format-fraction s/"format":1/"format":1.0/ format
		format-missing s/"format":1,// format
		schema-unknown s/"schema":"scim"/"schema":"ldap"/ ldap
		schema-missing s/"schema":"scim",// schema
		source-missing s/"source":"s",// source
		source-empty s/"source":"s"/"source":""/ source
	END
}

@test "input that is no NDJSON is refused: cut, empty, BOM, CRLF, blank, two on a line, twice a member, not UTF-8" {
	user 1 | seal_fetch s >good
	head -c -1 good >cut-at-last-newline
	refused cut-at-last-newline 'line 3: '
	for bytes in 1 100 230 300 -20; do
		head -c $bytes good >cut-mid-line
		refused cut-mid-line 'line [123]: '
	done
	: >empty
	refused empty 'empty'
	{ printf '\xef\xbb\xbf'; cat good; } >byte-order-mark
	refused byte-order-mark 'line 1: .*byte-order mark'
	{ user 1; printf '\xef\xbb\xbf'; user 2; } | seal_fetch s >byte-order-mark-inside
	refused byte-order-mark-inside 'line 3: '
	sed 's/$/\r/' good >crlf
	refused crlf 'line 1: .*CR LF'
	user 1 | sed 's/$/\r/' | seal_fetch s >crlf-inside
	refused crlf-inside 'line 2: .*CR LF'
	{ user 1; echo; } | seal_fetch s >blank-line
	refused blank-line 'line 3: .*blank'
	{ echo; cat good; } >blank-first
	refused blank-first 'line 1: .*blank'
	{ cat good; echo; } >blank-last
	refused blank-last 'line 4: .*blank'
	{ user 1 | tr -d '\n'; user 2; } | seal_fetch s >two-on-a-line
	refused two-on-a-line 'line 2: '
	echo '{"kind":"user","source":"s","source":"s","resource":{"id":"1"}}' | seal_fetch s >twice-a-member
	refused twice-a-member 'line 2: .*"source".* twice'
	user 1 ',"a":[{"\u0062":1,"b":2}]' | seal_fetch s >twice-a-member-deep
	refused twice-a-member-deep 'line 2: .*"b".* twice'
	many=$(seq -f ',"m%g":1' 1 40 | tr -d '\n')
	user 1 "$many,\"m17\":1" | seal_fetch s >twice-among-many
	refused twice-among-many 'line 2: .*"m17".* twice'
	user 1 ',"a":"x0y"' | tr 0 '\000' | seal_fetch s >nul-byte
	refused nul-byte 'line 2: '
	{ user 1; printf '\0'; } | seal_fetch s >nul-line
	refused nul-line 'line 3: '
	for bytes in '\xff' '\xc0\xaf' '\xe2\x82' '\xed\xa0\x80' '\xf4\x90\x80\x80' '\xf8\x88\x80\x80\x80'; do
		user 1 ",\"displayName\":\"$(printf "%b" "$bytes")\"" | seal_fetch s >not-utf-8
		echo "# $bytes"
		refused not-utf-8 'line 2: '
	done
	for escape in '\ud800' '\udc00' '\ud800\u0041' '\ud83dx' '\uDE00\uD83D'; do
		user 1 ",\"displayName\":\"${escape//\\/\\}\"" | seal_fetch s >lone-surrogate
		echo "# $escape"
		refused lone-surrogate 'line 2: '
	done
	echo '[1]' | seal_fetch s >no-object
	refused no-object 'line 2: '
	echo '"user"' | seal_fetch s >text
	refused text 'line 2: '
	printf 'kind,source\nuser,s\n' >csv
	refused csv 'line 1: '
	printf '<!DOCTYPE html>\n' >html
	refused html 'line 1: '
}

@test "running out of memory is status 70, said in one line, with nothing written" {
	[ -z "${SANITIZED:-}" ] || skip 'a sanitizer needs all the address space'
	{
		head -n 1 <(seal_fetch s </dev/null)
		printf '{"kind":"user","source":"s","resource":{"id":"1","x":"'
		head -c 40000000 /dev/zero | tr '\0' a
		printf '"}}\n'
	} >long
	run_status 70 limit_memory 60000000 normalize -o snapshot long
	assert_equal "$(cat "$err")" 'normalize: out of memory'
	assert_not_exists snapshot
}

@test "nesting of 100,000 and a line over 64 MiB are refused in bounded memory" {
	nested=$(printf '%100000s' '' | tr ' ' '[')
	user 1 ",\"x\":$nested$(tr '[' ']' <<<"$nested")" | seal_fetch s >deep
	refused deep 'line 2: .*nested'
	{
		head -n 1 <(seal_fetch s </dev/null)
		printf '{"kind":"user","source":"s","resource":{"id":"1","x":"'
		head -c 67108864 /dev/zero | tr '\0' a
		printf '"}}\n'
	} >long
	run_status 65 limit_memory 400000000 normalize long
	assert_file_empty "$out"
	assert_regex "$(cat "$err")" '^normalize: long: line 2: .*67108864'
}

@test "what a message quotes from hostile input can not act on the terminal" {
	seal_fetch s <<<'{"kind":"\u001b[2J\u202e\u200b\r\u009b","source":"s","resource":{}}' >in
	run_status 65 normalize in
	assert_regex "$(cat "$err")" '\\u\{1B\}\[2J\\u\{202E\}\\u\{200B\}\\u\{D\}\\u\{9B\}'
	assert_equal "$(tr -d '\n[:print:]' <"$err" | wc -c)" 0
	run_status 66 normalize $'no\e[2J\nfile'
	assert_equal "$(tr -d '\n[:print:]' <"$err" | wc -c)" 0
	assert_equal "$(wc -l <"$err")" 1
}

@test "-o replaces the file atomically: mode 0600, no temporary file, a link's target and not the link" {
	user 1 | seal_fetch s >in
	mkdir d
	echo old >d/target
	chmod 644 d/target
	ln -s d/target link
	run_status 0 normalize -o link in
	assert_file_empty "$out"
	assert [ -L link ]
	assert_sealed d/target
	assert_equal "$(stat -c %a d/target)" 600
	assert_equal "$(ls -A d)" target
	run_status 0 normalize --output=fresh in
	assert_equal "$(stat -c %a fresh)" 600
	# onto its own input, and after the operand
	run_status 0 normalize fresh -o fresh
	run cmp fresh d/target
	assert_success
	run_status 0 normalize -o - in
	run cmp fresh "$out"
	assert_success
}

@test "readers of the old file never see a half of the new one" {
	user 1 | seal_fetch s >in
	run_status 0 normalize -o target in
	exec 8<target
	inode=$(stat -c %i target)
	run_status 0 normalize -o target in
	assert_not_equal "$(stat -c %i target)" "$inode"
	cat <&8 >old
	exec 8<&-
	assert_sealed old
}

@test "output that can not be created is status 73 and names the file" {
	user 1 | seal_fetch s >in
	run_status 73 normalize -o no/such/dir/x in
	assert_regex "$(cat "$err")" "^normalize: .*'no/such/dir/x'"
	mkdir closed
	echo old >closed/x
	chmod 555 closed
	if [ "$(id -u)" = 0 ]; then
		unprivileged="setpriv --bounding-set -dac_override --inh-caps -dac_override"
	fi
	# shellcheck disable=SC2086 # several words
	run_status 73 ${unprivileged:-} normalize -o closed/x in
	chmod 755 closed
	assert_equal "$(cat closed/x)" old
	assert_equal "$(ls -A closed)" x
	mkdir d
	run_status 73 normalize -o d in
	assert [ -d d ]
}

@test "output that can not be written is status 74, and a device stays a device" {
	user 1 | seal_fetch s >in
	status=0
	normalize in >/dev/full 2>message || status=$?
	assert_equal "$status" 74
	assert_regex "$(cat message)" '^normalize: .*standard output.*No space'
	run_status 74 normalize -o /dev/full in
	assert_regex "$(cat "$err")" "'/dev/full'"
	assert [ -c /dev/full ]
	assert_equal "$(stat -c %t:%T /dev/full)" 1:7
	run_status 0 normalize -o /dev/null in
	assert [ -c /dev/null ]
}

@test "a file size limit half way is status 74 and leaves the old file and no other" {
	seq -f '{"kind":"user","source":"s","resource":{"id":"%.0f"}}' 3000 | seal_fetch s >in
	mkdir d
	echo old >d/target
	run_status 74 sh -c 'trap "" XFSZ; ulimit -f 64; exec normalize -o d/target in'
	assert_equal "$(cat d/target)" old
	assert_equal "$(ls -A d)" target
}

@test "SIGTERM while input is awaited leaves the old file and no other" {
	mkdir d
	echo old >d/target
	mkfifo pipe
	normalize -o d/target pipe 2>message 3>&- &
	pid=$!
	exec 8>pipe
	user 1 | seal_fetch s | head -n 2 >&8
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	exec 8>&-
	assert_equal "$status" 143
	assert_equal "$(cat d/target)" old
	assert_equal "$(ls -A d)" target
}

@test "SIGTERM and SIGINT half way through the output leave the old file and no other" {
	seq -f '{"kind":"user","source":"s","resource":{"id":"%.0f"}}' 200000 | seal_fetch s >in
	mkdir d
	for signal in TERM INT; do
		for try in 1 2 3 4 5 6; do
			echo "$try" >d/target
			# a shell of its own: bats traces, and slows, each step of this one
			status=0
			bash -c 'env --default-signal=INT normalize -o d/target in &
				while ! compgen -G "d/target.*" && kill -0 $!; do :; done
				kill -$1 $!
				wait $!' - $signal >/dev/null 2>&1 3>&- || status=$?
			[ "$status" = 0 ] || break # it was faster than we: once more
		done
		assert_equal "$status" $((128 + $(kill -l $signal)))
		assert_equal "$(cat d/target)" "$try"
		assert_equal "$(ls -A d)" target
	done
}

@test "a producer that is killed mid-line or between lines leaves nothing that looks whole" {
	{ user 1; user 2; } | seal_fetch s >good
	source=t user 1 | seal_fetch t >first
	for part in '-c 200' '-c 300' '-n 1' '-n 2' '-n 3' '-c -10' '-c -1'; do
		mkfifo pipe
		# what came whole before it is not written, either
		sh -c "{ cat first; head $part good; } >pipe; kill -KILL \$\$" 2>/dev/null 3>&- &
		run_status 65 normalize -o target pipe
		wait $! || true
		assert_regex "$(cat "$err")" '^normalize: pipe: '
		rm pipe
		assert_not_exists target
		assert_file_empty "$out"
	done
}

@test "an input that can not be opened or read is status 66 and names it" {
	user 1 | seal_fetch s >in
	run_status 66 normalize in missing
	assert_file_empty "$out"
	assert_regex "$(cat "$err")" "^normalize: .*'missing'.*No such file"
	mkdir d
	run_status 66 normalize d
	assert_regex "$(cat "$err")" "'d'"
	run_status 66 normalize ''
}

@test "wrong usage is status 64, with a word on --help and nothing on stdout" {
	for word in --bogus -x --output -o; do
		run_status 64 normalize "$word"
		assert_file_empty "$out"
		assert_regex "$(head -n 1 "$err")" '^normalize: .*option'
		assert_regex "$(tail -n 1 "$err")" -- '--help'
	done
}

@test "--help fits a screen and --version names the libraries; both go to stdout" {
	for option in -h --help; do
		run_status 0 normalize $option
		assert_file_empty "$err"
		assert [ "$(wc -l <"$out")" -le 40 ]
		assert [ "$(wc -L <"$out")" -le 80 ]
		assert_regex "$(head -n 1 "$out")" '^usage: normalize'
	done
	for option in -V --version; do
		run_status 0 normalize $option
		assert_regex "$(cat "$out")" '^normalize [0-9.]+'
		assert_regex "$(cat "$out")" 'yyjson'
		[ "$(uname -s)" != Linux ] || assert_regex "$(cat "$out")" 'libseccomp/[0-9.]+'
		assert_regex "$(cat "$out")" 'OpenSSL'
	done
}

@test "a closed pipe ends it quietly with SIGPIPE, a closed stdout is not success" {
	user 1 | seal_fetch s >in
	mkfifo pipe
	exec 8<>pipe
	exec 7>pipe 8<&-
	status=0
	normalize in >&7 2>message || status=$?
	exec 7>&-
	assert_equal "$status" 141
	assert_file_empty message
	status=0
	normalize in >&- 2>message || status=$?
	assert_regex "$status" '^(74|141)$'
}

@test "every text that is no JSON is refused as an attribute's value" {
	json_texts n
	seal_each "${texts[@]}"
	for file in "${texts[@]}"; do
		run_status 65 normalize "streams/${file##*/}" || fail "$file"
		[ ! -s "$out" ] || fail "output for $file"
		grep -q '^normalize: streams/.*: line [0-9]*: ' "$err" || fail "$file: $(cat "$err")"
	done
}

@test "every JSON text is taken as an attribute's value, duplicates apart" {
	json_texts y
	one_line "${texts[@]}"
	seal_each lines/*
	duplicates=0
	for file in streams/*; do
		case $file in
		*/y_object_duplicated_key*)
			run_status 65 normalize "$file"
			duplicates=$((duplicates + 1))
			;;
		*)
			run_status 0 normalize "$file"
			assert_equal "$(body "$out")" '{"kind":"user","source":"s","id":"u","status":"unknown","account_type":"unknown"}'
			;;
		esac
	done
	assert [ "$duplicates" -ge 2 ]
}

@test "a text that a parser may take or not never crashes it" {
	json_texts i
	seal_each "${texts[@]}"
	for file in streams/*; do
		status=0
		normalize "$file" >got 2>message || status=$?
		[ "$status" = 0 ] || [ "$status" = 65 ] || fail "$file: status $status"
	done
}

@test "naughty names pass through unharmed" {
	names
	list=names.json
	jq -c 'to_entries[] | {kind: "user", source: "s", resource: {id: "\(.key)", displayName: .value}}' "$list" |
		seal_fetch s >in
	run_status 0 normalize -o snapshot in
	jq -s '[.[] | select(.kind == "user")] | sort_by(.id | tonumber) | map(.display_name)' snapshot >got
	run cmp <(jq . "$list") got
	assert_success
	assert_equal "$(jq length got)" "$(jq length "$list")"
	run_status 0 normalize snapshot
	run cmp snapshot "$out"
	assert_success
	# names are no shapes: as every other text attribute, too
	jq -c 'to_entries[] | {kind: "group", source: "s", resource: {id: .value, displayName: .value}} | select(.resource.id != "")' "$list" |
		sort -u | seal_fetch s >in
	run_status 0 normalize in
	jq -s 'map(select(.kind == "group") | .name) | sort' "$out" >got
	jq 'map(select(. != "")) | unique' "$list" >want
	run cmp want got
	assert_success
}

# SPDX-License-Identifier: ISC
# Bytes decide, people see glyphs: no two names look the same without a word, and no name
# makes a row of its own.

load helper
load records

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# names FILE NAME...: a snapshot of source hr with a user of each name, JSON escapes and all
names() {
	local name file=$1 at=2026-01-01T00:00:00Z
	[ "$file" = before ] || at=2026-01-02T00:00:00Z
	shift
	for name; do printf '{"user_name":"%s"}\n' "$name"; done >lines
	run_status 0 normalize --plain --allow-empty --source hr --fetched-at "$at" -o "$file" lines
}

# shown NAME...: how the text shows a user of each name, in order of the names' bytes
shown() {
	names before
	names after "$@"
	run_status 1 diff-snapshot --format text before after
	sed -n 's/^+ hr  user added          \(.*\), status unknown$/\1/p' "$out"
}

@test "a name in another spelling than NFC shows its marks, its neighbour in NFC stays as it is" {
	assert_equal "$(shown 'jose\u0301@x')" 'jose\u{301}@x'
	assert_equal "$(shown 'jos\u00e9@x')" "$(printf 'jos\303\251@x')"
	# singletons: ANGSTROM SIGN, KELVIN SIGN; marks in another order; Hangul in parts
	assert_equal "$(shown '\u212bsa')" '\u{212B}sa'
	assert_equal "$(shown '\u212aay')" '\u{212A}ay'
	assert_equal "$(shown 'q\u0307\u0323')" 'q\u{307}\u{323}'
	assert_equal "$(shown 'q\u0323\u0307')" "$(printf 'q\314\243\314\207')"
	assert_equal "$(shown '\u1112\u1161\u11ab')" "$(printf '\341\204\222')"'\u{1161}\u{11AB}'
	# a mark with nothing to stand on, and too many of them
	assert_equal "$(shown '\u0301a')" '\u{301}a'
	assert_equal "$(shown 'a\u0332\u0332\u0332\u0332\u0332')" "$(printf 'a\314\262\314\262\314\262\314\262')"'\u{332}'
}

@test "every blank but the plain one is shown, and so is what can not be seen" {
	local code
	for code in 00a0 1680 2000 2003 200a 202f 205f 3000 034f 115f 1160 17b4 17b5 180b 180d 180e 180f \
		2065 2800 3164 fe00 fe0f feff ffa0 fff0 ffff 000d 0085; do
		[ "$code" != ffff ] || continue
		# shellcheck disable=SC2001 # zeros in front, as many as there are
		assert_equal "$(shown "ad\\u${code}min" | tr A-F a-f)" "ad\\u{$(sed 's/^0*//' <<<"$code")}min"
	done
	# of other planes: shorthand controls, musical controls, variation selectors, tags
	assert_equal "$(shown 'ad\ud82f\udca0min')" 'ad\u{1BCA0}min'
	assert_equal "$(shown 'ad\ud834\udd73min')" 'ad\u{1D173}min'
	assert_equal "$(shown 'ad\udb40\udd00min')" 'ad\u{E0100}min'
	assert_equal "$(shown 'ad\udb40\udc41min')" 'ad\u{E0041}min'
	# the Arabic number sign encloses digits and can be seen
	assert_equal "$(shown 'ad\u060012')" "$(printf 'ad\330\200''12')"
}

@test "a name at whose ends blanks stand is quoted, and in a run of blanks all but the first are shown" {
	assert_equal "$(shown ' ada')" '" ada"'
	assert_equal "$(shown 'ada ')" '"ada "'
	assert_equal "$(shown 'ada  byron')" '"ada \u{20}byron"'
	assert_equal "$(shown 'ada   byron')" '"ada \u{20}\u{20}byron"'
	assert_equal "$(shown 'Ada Byron')" 'Ada Byron'
	assert_equal "$(shown '\"ada\"')" '"\u{22}ada\u{22}"'
}

@test "what looks like an escape is escaped, a backslash is not" {
	assert_equal "$(shown 'jose\\u{301}')" 'jose\u{5C}u{301}'
	assert_equal "$(shown 'a\\x{41}')" 'a\u{5C}x{41}'
	assert_equal "$(shown 'DOMAIN\\user')" 'DOMAIN\user'
}

@test "the program's own words do not stand in a name as they are" {
	assert_equal "$(shown 'x - hr user removed ceo')" '"x - hr user\u{20}removed ceo"'
	assert_equal "$(shown 'x + hr Membership Added a in b')" '"x + hr Membership\u{20}Added a in b"'
	assert_equal "$(shown 'x ? hr not readable users')" '"x ? hr not\u{20}readable users"'
	assert_equal "$(shown 'ada -> bob')" '"ada -> bob"'
	assert_equal "$(shown 'ada (Boss), service account')" '"ada (Boss), service account"'
}

@test "a value can not speak for another field, a member not for another group" {
	user 1 ada enabled ',"provider_status":"a, status enabled -> disabled"' | before
	user 1 ada enabled ',"provider_status":"(none)"' | after
	run_status 1 diff-snapshot --format text before after
	assert_equal "$(sed 1d "$out")" '~ a  user modified       ada: provider_status "a, status enabled -> disabled" -> "(none)"'
	{ group g 'X in Ops'; user 1 'ada in Dev'; } | before
	{ group g 'X in Ops'; member g 1; user 1 'ada in Dev'; } | after
	run_status 1 diff-snapshot --format text before after
	assert_equal "$(sed 1d "$out")" '+ a  membership added    "ada in Dev" in "X in Ops"'
	{ user 1 ada; } | before
	{ gap groups 'no  - a  user removed        ceo'; user 1 ada; } | after
	run_status 0 diff-snapshot --format text before after
	assert_equal "$(sed 1d "$out")" '? a  not readable        groups (now): no \u{20}- a \u{20}user\u{20}removed \u{20}\u{20}\u{20}\u{20}\u{20}\u{20}\u{20}ceo'
}

@test "no name makes a row of its own on a terminal of 80 columns, whatever fills it up" {
	local blank fill
	for blank in ' ' '\u00a0' '\u2003' '\u3000' '\u2800'; do
		fill=$(printf '%53s' '' | sed "s/ /${blank//\\/\\\\}/g")
		printf '{"user_name":"a@x","display_name":"Al%s- hr  user removed        ceo@example.com (The Chief)"}\n' "$fill" >lines
		run_status 0 normalize --plain --source hr --fetched-at 2026-01-02T00:00:00Z -o after lines
		names before
		run_status 1 diff-snapshot --format text before after
		fold -w 80 "$out" >rows
		[ "$(grep -c '^[-+~?] ' rows)" -eq 1 ] || fail "$blank: $(cat rows)"
		[ "$(grep -c 'user removed' rows)" -eq 0 ] || fail "$blank: $(cat rows)"
	done
}

@test "columns line up by what a terminal shows: wide characters take two, marks none" {
	{ source=b user 1 ada; source=$(printf '\346\227\245\346\234\254') user 1 ada; } >records
	: | before b "$(printf '\346\227\245\346\234\254')"
	LC_ALL=C sort records | seal_snapshot b "$(printf '\346\227\245\346\234\254')" >after
	run_status 1 diff-snapshot --format text before after
	assert_equal "$(sed 1d "$out")" "$(printf '+ b     user added          ada\n+ \346\227\245\346\234\254  user added          ada')"
}

@test "--match: one name in two spellings of its marks is one name" {
	{ source=app user 1 "$(printf 'jos\303\251@x')"; source=app group g "$(printf '\303\211quipe')"; } | before app
	{ source=hr user 1 "$(printf 'jose\314\201@x')"; source=hr group g "$(printf 'E\314\201quipe')"; } | after hr
	run_status 0 diff-snapshot --match user_name before after
	{ source=app user 1 "$(printf 'jos\303\251@x')"; source=app user 2 "$(printf 'jose\314\201@x')"; } | before app
	run_status 65 diff-snapshot --match user_name before after
	assert_says 'both called' 'jos'
}

@test "a user whose name changed its spelling only has the same name when it is recreated" {
	user 1 "$(printf 'jos\303\251@x')" | before
	user 2 "$(printf 'jose\314\201@x')" | after
	run_status 1 diff-snapshot before after
	assert_equal "$(body "$out" | jq -r .event)" user.recreated
}

@test "messages show names the same way" {
	{ group 1 "$(printf 'a\302\240b')"; group 2 "$(printf 'a\302\240b')"; } | before
	: | after
	run_status 65 diff-snapshot --match user_name before after
	assert_says "both called 'a\\u{A0}b'"
}

# SPDX-License-Identifier: ISC
# The command lines of all programs, as their tables of options have them: each row is
# tried with values that it takes and that it does not.

load helper

PROGRAMS='scim-fetch scalr-fetch fetch-sources normalize diff-snapshot trace-snapshots list-snapshot check-snapshot report-snapshot issue-review take-review close-review scim-push'

setup_file() {
	for program in $PROGRAMS; do "$program" --help=table >"$BATS_FILE_TMPDIR/$program.table"; done
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	cp "$BATS_FILE_TMPDIR"/*.table .
}

# rows WANT COMMAND...: calls it with PROGRAM NAME VALUES for each option whose fields three and
# four, "ARGUMENT VALUES", match the pattern WANT. There must be some.
rows() {
	local want=$1 program name argument values count=0
	shift
	for program in $PROGRAMS; do
		while IFS=$'\t' read -r name _ argument values _; do
			[[ "$argument $values" =~ $want ]] || continue
			"$@" "$program" "$name" "$values" </dev/null
			count=$((count + 1))
		done <"$program.table"
	done
	[ "$count" -gt 0 ] || fail "no option is like $want"
}

# values WANT COMMAND...: like `rows` with NAME VALUES, once for a row that several programs have (it is
# one row of a table that they share): these programs stand in `sharing`
values() {
	local want=$1 program row count=0
	local -A seen=()
	local sharing rows_of=()
	shift
	for program in $PROGRAMS; do
		while IFS=$'\t' read -r name _ argument values _; do
			[[ "$argument $values" =~ $want ]] || continue
			[ -n "${seen[$name$'\t'$values]:-}" ] || rows_of+=("$name"$'\t'"$values")
			seen[$name$'\t'$values]+="$program "
		done <"$program.table"
	done
	for row in "${rows_of[@]}"; do
		read -ra sharing <<<"${seen[$row]}"
		"$@" "${row%%$'\t'*}" "${row#*$'\t'}" </dev/null
		count=$((count + 1))
	done
	[ "$count" -gt 0 ] || fail "no option is like $want"
}

# wrongly WORD... -- WORDS...: wrong, for one of `sharing`, each in its turn; rightly: right, for all
wrongly() { wrong "${sharing[turn++ % ${#sharing[@]}]}" "$@"; }
rightly() {
	local program
	for program in "${sharing[@]}"; do right "$program" "$@"; done
}

# wrong PROGRAM WORD... -- WORDS...: status 64, with these words in the first line of two
wrong() {
	local program=$1 call=() said
	shift
	while [ "$1" != -- ]; do
		call+=("$1")
		shift
	done
	shift
	run_status 64 "$program" "${call[@]}"
	mapfile -t said <"$err"
	[ "${#said[@]}" -eq 2 ] || fail "not two lines: ${said[*]}"
	assert_equal "${said[1]}" "Try '$program --help'."
	assert_says "$program: " "$@"
}

# right PROGRAM WORD...: it is taken, and the next option, which nobody has, is what is wrong
right() {
	wrong "$@" --no-such-option -- "unknown option '--no-such-option'"
}

# ---- values ----

number_values() {
	local name=$1 least=${2%..*} most=${2#*..} value call turn=0
	for value in '' ' ' x +"$least" -1 " $most" "$least " "${least}x" 1.5 1e1 0x1 ٣ 99999999999999999999 $((most + 1)) \
		$((least - 1)) "$least,$most" $'1\n'; do
		[ "$value" != 0 ] || [ "$least" -gt 0 ] || continue
		call=("$name=$value")
		((turn / 2 % 2 == count % 2)) || call=("$name" "$value") # of two programs each gets both forms
		wrongly "${call[@]}" -- "$name takes a whole number from $least to $most, not '"
	done
	rightly "$name=$least" "$name" "$most" "$name=00$least"
}

@test "a number is digits within its range, whatever the option" {
	values '[0-9]+\.\.[0-9]+$' number_values
}

size_values() {
	local program=$1 name=$2 least=${3%..*} most=${3#*..} value
	for value in '' 0 1 -"$least" +"$least" " $least" "$least " 15M 99999999999999999999 99999999999G 64MB 64m 1.5G; do
		wrong "$program" "$name=$value" -- "$name takes a size from $least to $most (as 64M or 2G), not '$value'"
	done
	right "$program" "$name=$least" "$name" "$most"
}

@test "a size is digits and K, M or G within its range" {
	rows '[0-9]+[KMG]\.\.' size_values
}

limit_values() {
	local value
	for value in '' % -1 +1 ' 1' '1 ' 1x 1.5 101% 1%% 5%x 99999999999999999999; do
		wrong "$1" "$2=$value" -- "$2 takes a number or a percentage (as 10 or 5%), not '$value'"
	done
	right "$1" "$2=0" "$2" 100% "$2=18446744073709551615"
}

@test "a limit is a number or a percentage" {
	rows '^N\|N%' limit_values
}

word_values() {
	local value shown turn=0
	shown=${2//|/, }
	for value in '' ' ' "${2%%|*} " "${2%%|*}x" "${2^^}" "$2"; do
		[ "$value" != "$2" ] || [[ $2 == *'|'* ]] || continue
		wrongly "$1=$value" -- "$1 takes ${shown%, *}" "${2##*|}" ", not '"
	done
	while read -r value; do
		rightly "$1=$value" "$1" "$value" "$1" "$value"
	done < <(tr '|' '\n' <<<"$2")
}

@test "an option that takes one word of a few lists them all where it is another" {
	values '^[^,L]* [a-z][a-z_|-]+$' word_values
}

list_values() {
	local value all=${3//|/,}
	for value in '' ',' "$all," ",$all" "${all/,/,,}" "${all/,/, }" "${3%%|*}x"; do
		wrong "$1" "$2=$value" -- "$2 takes ${3%%|*}, " " and ${3##*|}, joined by commas, not '"
	done
	right "$1" "$2=$all" "$2" "${3%%|*}"
}

@test "an option that takes a list names all words of it where one is another" {
	rows '^(LIST|EVENT,\.\.\.) ' list_values
	wrong diff-snapshot --only user.addd a b -- 'user.added' 'group.recreated' 'membership.removed' "not 'user.addd'"
	wrong diff-snapshot --ignore user.added a b -- '--ignore takes ' display_name description "not 'user.added'"
}

# what normalize --select takes is a program, and no value of it is judged here
text_values() {
	local turn=0
	[ "$1" != --select ] || return 0
	wrongly "$1=" -- "$1"
	wrongly "$1" '' -- "$1"
}

@test "an empty value is never taken for a value that was not given" {
	values '^[A-Z]' text_values
}

@test "a name or an address that is not UTF-8 is refused before anything is read" {
	local option
	for option in --source --base-url --proxy --sort-by; do
		wrong scim-fetch "$option" $'a\xff' stripe -- "$option must be UTF-8"
	done
	wrong scalr-fetch --source $'\xc3' acme -- '--source must be UTF-8'
	wrong scim-push --source $'\xed\xa0\x80' stripe -- '--source must be UTF-8'
	wrong normalize --plain --source $'\xff' -- '--source must be UTF-8'
}

no_value() {
	local turn=0
	wrongly "$1=x" -- "option '$1' takes no value"
	wrongly "$1=" -- "option '$1' takes no value"
	rightly "$1" "$1"
}

@test "an option without a value takes none, and may be given twice" {
	sed -i '/^--help\|^--version/d' ./*.table
	values '^- -$' no_value
}

needs_value() {
	local turn=$count
	wrongly operand "$1" -- "option '$1' needs a value"
}

@test "an option that needs a value says so where none follows" {
	values '^[^-]' needs_value
}

# ---- names ----

# a letter twice, or two that changed places, by turns
misspelt() {
	local name=${2#--}
	if ((count % 2)); then
		wrong "$1" "--${name:1:1}${name:0:1}${name:2}=x" -- 'did you mean --'
	else
		wrong "$1" "--${name:0:1}${name:0:1}${name:1}" -- "unknown option '--${name:0:1}${name}'; did you mean --$name?"
	fi
}

@test "an option that is misspelt is answered with the nearest one" {
	rows . misspelt
	wrong scim-fetch --a-name-longer-than-any-option-has -- "unknown option '--a-name-longer-than-any-option-has'"
	wrong scim-fetch --password -- "unknown option '--password'"
	assert_equal "$(grep -c 'did you mean' "$err")" 0
}

one_dash_too_few() {
	local name=${2#--} said
	# -help is -h, -output is -o: letters that there are have their own meaning
	! cut -f 2 "$1.table" | grep -qxF -e "-${name:0:1}" || return 0
	[ "${#name}" -gt 2 ] || return 0
	if ((count % 2)); then
		wrong "$1" "-$name=$TOKEN" -- "; did you mean --$name?"
		refute_token "$err"
	else
		wrong "$1" "-$name" -- "unknown option '-${name:0:1}'; did you mean --$name?"
	fi
}

@test "a long option with one dash is answered with the one that has two" {
	rows . one_dash_too_few
	wrong check-snapshot -xq -- "unknown option '-x'"
	assert_equal "$(grep -c 'did you mean' "$err")" 0
}

@test "a word that is misspelt is answered with the nearest one, wherever words are looked up" {
	wrong list-snapshot --by usr x -- 'not '"'usr'; did you mean user?"
	wrong diff-snapshot --only user.addd a b -- '; did you mean user.added?'
	wrong diff-snapshot --ignore titel a b -- '; did you mean title?'
	wrong list-snapshot --columns user_nme /dev/null -- '; did you mean user_name?'
	wrong list-snapshot --sort emial /dev/null -- '; did you mean email?'
	wrong check-snapshot --set dormant.dys=3 x -- '; did you mean dormant.days?'
	wrong check-snapshot --check dormnt /dev/null -- '; did you mean dormant?'
	wrong check-snapshot --explain cycel -- '; did you mean cycle?'
	wrong normalize --csv --source x --lower emial /dev/null -- '; did you mean email?'
	printf '{"dormnt":1}\n' >policy.json
	run_status 78 check-snapshot --policy policy.json /dev/null
	printf '{"op":"add-membr"}\n' >operations
	SCIM_TOKEN=$TOKEN run_status 65 scim-push http://127.0.0.1:1/ <operations
	assert_says '; did you mean add-member?'
	# what is like none is answered with the list alone
	wrong list-snapshot --by everything-there-is x -- "not 'everything-there-is'"
	assert_equal "$(grep -c 'did you mean' "$err")" 0
}

@test "a name that is cut short is taken where only one option begins so, else it names two" {
	right scim-fetch --dead 5 --timeo=5
	wrong scim-fetch --max-w x -- '--max-wait takes'
	wrong scim-fetch --ver=2 -- "can be --verbose or --version: write the whole name"
	wrong scim-push --allow -- "option '--allow' can be --allow-removal or --allow-other-origin"
	right diff-snapshot --max-removed=5 --all-fields --allow-un
}

@test "what follows = in an option that nobody has is not repeated: it may be a token" {
	local program option
	for program in $PROGRAMS; do
		for option in token password tokenfile xyz; do
			"$program" "--$option=$TOKEN" >out 2>>said && fail "$program: --$option" || assert_equal $? 64
		done
	done
	refute_token said
}

@test "options stand before or after the operands, and -- ends them" {
	local program
	for program in $PROGRAMS; do
		wrong "$program" operand --no-such-option -- "unknown option '--no-such-option'"
		run_status 0 "$program" operand another third --help
		"$program" one -- --no-such-option >"$out" 2>"$err" </dev/null || true
		[ -s "$err" ] || fail "$program says nothing"
		assert_equal "$(grep -c 'unknown option' "$err")" 0
	done
}

@test "letters may stand together, with a value behind the last" {
	wrong scim-fetch -qvx -- "unknown option '-x'"
	run_status 0 scim-fetch -qvh
	assert_equal "$(head -n 1 "$out")" 'usage: scim-fetch [OPTION...] PROVIDER|BASE-URL'
	printf '{"user_name":"ada"}\n' >list
	run_status 0 normalize --plain --source hr -osnapshot list
	[ -s snapshot ] || fail 'no snapshot'
	run_status 0 normalize --plain --source hr -o other list
	wrong normalize -o -- "option '-o' needs a value"
	wrong normalize -o '' list -- '--output must not be empty'
}

@test "an option that is given again takes the place of the first one, and lists add up" {
	run_status 0 scim-fetch --dry-run --count 7 --count 8 https://id.example.com
	assert_regex "$(head -n 1 "$out")" 'count=8$'
	run_status 0 scim-fetch --dry-run --scope users --scope groups,users --query a=b --query c=d https://id.example.com
	assert_regex "$(sed -n 1p "$out")" '/Users.*a=b&c=d$'
	assert_regex "$(sed -n 2p "$out")" '/Groups.*a=b&c=d$'
	run_status 0 scim-fetch -q --dry-run -v https://id.example.com
}

@test "too few operands and too many say which are wanted" {
	local program
	wrong scim-fetch stripe second -- "a run reads one service" "2 operands are too many"
	wrong scalr-fetch acme second -- "a run reads one account" "2 operands are too many"
	wrong scim-push stripe second -- "a run changes one service" "2 operands are too many"
	wrong diff-snapshot one -- 'give two snapshots to compare: BEFORE and AFTER'
	wrong diff-snapshot one two third -- 'BEFORE and AFTER' "3 operands are too many"
	# what is too many may be a token that was meant for something else
	for program in scim-fetch scalr-fetch scim-push; do
		wrong "$program" stripe "$TOKEN" -- 'too many'
		refute_token "$out" "$err"
	done
}

# ---- help ----

@test "--help takes table or nothing, and -h nothing" {
	local program
	for program in $PROGRAMS; do
		wrong "$program" --help=words -- "--help takes table, or nothing, not 'words'"
		run_status 0 "$program" -h
		cp "$out" help
		run_status 0 "$program" --help
		cmp help "$out"
		run_status 74 to_full "$program" --help=table
	done
}

@test "on a terminal a program that reads from it says what it waits for" {
	command -v script >/dev/null || skip "no script(1) here, and so no terminal"
	# typed COMMAND WORDS: what a terminal shows whose user ends the input at once
	typed() {
		printf '\004' | script -qec "$1" shown >/dev/null || true
		grep -qF -e "$2" shown || fail "$1: $(cat shown)"
	}
	typed normalize 'normalize: waiting for fetch streams and snapshots from the terminal; Ctrl-D ends it'
	typed 'normalize --plain --source hr -' 'normalize: waiting for lines of JSON'
	typed 'diff-snapshot - /dev/null' 'diff-snapshot: waiting for a snapshot'
	typed 'diff-snapshot /dev/null -' 'diff-snapshot: waiting for a snapshot'
	typed 'SCIM_TOKEN=x scim-push http://127.0.0.1:1' 'scim-push: waiting for operations or a change stream'
	typed 'scim-fetch --token-file - http://127.0.0.1:1' 'scim-fetch: waiting for the token'
	typed 'scalr-fetch --token-file - acme' 'scalr-fetch: waiting for the token'
	typed 'scim-push -q http://127.0.0.1:1' ''
	assert_equal "$(grep -c waiting shown)" 0
	run_status 65 normalize </dev/null
	assert_equal "$(grep -c waiting "$err")" 0
}

# SPDX-License-Identifier: ISC
# The documents say what the programs do: their examples run, their options,
# statuses, messages and names are those of the code.

load helper
load decisions

PROGRAMS='scim-fetch scalr-fetch fetch-sources normalize diff-snapshot trace-snapshots list-snapshot check-snapshot report-snapshot issue-review take-review close-review scim-push'

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# section PAGE NAME: the lines of one section of a manual page, as they stand.
section() {
	awk -v want=".Sh $2" '/^\.Sh / { on = $0 == want; next } on' "$ROOT/man/$1"
}

# unroff: the characters that mdoc writes in another way.
unroff() {
	sed -e "s/\\\\(aq/'/g" -e 's/\\e/\\/g' -e 's/\\-/-/g' -e 's/\\&//g'
}

# provide: the services, the variables and the files that the examples speak of.
provide() {
	export EXAMPLES=$ROOT/examples
	start_stand_in --users 20
	export BATON_RUDDERSTACK_SCIM_BASE_URL=$url/rudderstack/scim/v2 \
		BATON_RUDDERSTACK_SCIM_TOKEN=$TOKEN \
		BATON_STRIPE_SCIM_BASE_URL=$url/stripe/scim/v2 BATON_STRIPE_SCIM_TOKEN=$TOKEN \
		BATON_SCALR_BASE_URL=$url BATON_SCALR_API_TOKEN=$TOKEN
	scim-fetch rudderstack >fetched
	run_status 0 normalize -o yesterday.ndjson fetched
	change '{"op":"deactivate","id":"u3"}' '{"op":"remove-user","id":"u2"}' \
		'{"op":"add-user","id":"u99","user_name":"mei.tanaka@example.com"}'
	scim-fetch rudderstack >fetched
	run_status 0 normalize -o today.ndjson fetched
	seal_decisions yesterday.ndjson <<-'END' >decisions.ndjson
		keep account rudderstack u1
		revoke account rudderstack u2
		revoke account rudderstack u3
	END
}

# run_examples: each line of stdin is a command that succeeds (1 for a
# difference), says nothing on stderr, and writes something unless it is one of
# those that do not.
run_examples() {
	local line status count=0
	out=$BATS_TEST_TMPDIR/example.out err=$BATS_TEST_TMPDIR/example.err
	while IFS= read -r line; do
		status=0
		sh -c "$line" >"$out" 2>"$err" </dev/null || status=$?
		case $status:$line in
		0:* | 1:*diff-snapshot* | [13]:check-snapshot* | [13]:close-review*) ;;
		*) fail "status $status: $line: $(cat "$err")" ;;
		esac
		# a list says beside its rows what they can not show, and that the company of this test has no such group
		case $line in list-snapshot*) sed -i '/^list-snapshot: \([0-9]* row\|not covered: \|left out: \|no group is called \)/d' "$err" ;; esac
		# a review says how many rows it has, and what they can not show
		case $line in issue-review*) sed -i '/^issue-review: \([0-9]* row\|not covered: \)/d' "$err" ;; esac
		# and a list by hand how many lines it had
		case $line in *--plain*) sed -i '/^normalize: source .*: [0-9]* lines made [0-9]* records$/d' "$err" ;; esac
		case $line in *--csv*) sed -i '/^normalize: source .* lines, .* accounts$/d' "$err" ;; esac
		[ ! -s "$err" ] || fail "stderr: $line: $(cat "$err")"
		case $line in
		*' > '* | *' -o '* | *'sort -c'* | *'| comm '*) ;;
		*) [ -s "$out" ] || fail "writes nothing: $line" ;;
		esac
		count=$((count + 1))
	done
	[ "$count" -gt 0 ] || fail 'no example'
}

# join_lines: a command that goes on in the next line ends in a backslash, a pipe or a comma; what
# follows is set in.
join_lines() {
	awk '/^\$ / { line = ""; on = 1 }
		on { sub(/^ +/, ""); line = line $0 }
		on && line ~ /\\$/ { sub(/\\$/, "", line); next }
		on && line ~ /[|,]$/ { line = line " "; next }
		on { print line; on = 0 }'
}

# run_page PAGE
run_page() {
	provide
	section "$1" EXAMPLES | unroff | join_lines | sed -n 's/^\$ //p' >commands
	run_examples <commands
}

@test "the examples of scim-fetch(1) run as they stand" {
	run_page scim-fetch.1
}

@test "the examples of scalr-fetch(1) run as they stand" {
	run_page scalr-fetch.1
}

@test "the examples of fetch-sources(1) run as they stand" {
	cp "$ROOT/examples/sources.json" .
	BATON_SCALR_ACCOUNT=acme run_page fetch-sources.1
}

@test "the examples of normalize(1) run as they stand" {
	run_page normalize.1
}

@test "the examples of diff-snapshot(1) run as they stand" {
	run_page diff-snapshot.1
}

@test "the examples of trace-snapshots(1) run as they stand" {
	run_page trace-snapshots.1
}

@test "the examples of list-snapshot(1) run as they stand" {
	run_page list-snapshot.1
}

@test "the examples of check-snapshot(1) run as they stand" {
	run_page check-snapshot.1
}

@test "the examples of issue-review(1) run as they stand" {
	run_page issue-review.1
}

@test "the examples of take-review(1) run as they stand" {
	run_page take-review.1
}

@test "the examples of close-review(1) run as they stand" {
	provide
	mv today.ndjson after.ndjson
	section close-review.1 EXAMPLES | unroff | join_lines | sed -n 's/^\$ //p' >commands
	run_examples <commands
}

@test "the examples of report-snapshot(1) run as they stand" {
	run_page report-snapshot.1
}

@test "the examples of scim-push(1) run as they stand" {
	run_page scim-push.1
}

@test "the examples of rollcall-stream(5) run as they stand" {
	run_page rollcall-stream.5
}

@test "the examples of rollcall(7) run as they stand" {
	run_page rollcall.7
}

@test "the commands of README.md run as they stand" {
	local target
	awk '/^```/ { on = $0 == "```console"; next } on' "$ROOT/README.md" | sed -n 's/^\$ //p' >commands
	grep '^make ' commands >targets
	while read -r _ target _; do
		grep -q "^$target:" "$ROOT/Makefile" || fail "no make $target"
	done <targets
	provide
	grep -v '^make ' commands >rest
	run_examples <rest
}

@test "the output that README.md shows is what make demo prints" {
	local line
	run_status 0 env BUILD="$BUILD" "$ROOT/tests/demo"
	sed -n '/<!-- demo -->/,/<!-- \/demo -->/p' "$ROOT/README.md" | grep '^[0-9+~-]' >shown
	[ "$(wc -l <shown)" -ge 5 ] || fail "README.md shows no output"
	while IFS= read -r line; do
		grep -qxF -e "$line" "$out" || fail "make demo does not print: $line"
	done <shown
}

@test "the files that README.md, HACKING.md and CONTRIBUTING.md point at are there" {
	local file
	set -- "$ROOT/README.md" "$ROOT/HACKING.md" "$ROOT/CONTRIBUTING.md"
	grep -ohE '\]\([^)#]+\)' "$@" | tr -d '])(' >files
	grep -ohE '(tests|lib|cmd|man|examples)/([a-z]+/)?[a-zA-Z_0-9-]+\.(c|h|bats|bash|[157])' "$@" >>files
	grep -v 'NAME\|NN-' files >known
	while read -r file; do
		assert_exists "$ROOT/$file"
	done <known
}

# rooms: "FLOOR ROOM" for each room of HACKING.md's picture
rooms() {
	sed -n '/^## The rooms/,/^## /s/^    \([0-9]\)  \(.*\)/\1 \2/p' "$ROOT/HACKING.md" |
		awk '{ print $1, $2; if ($3 == "scalr") print $1, $3 }' | sort
}

@test "HACKING.md shows each room of lib/, and lib/LAYERS has no other" {
	rooms | cut -d ' ' -f 2 | sort >shown
	sed -n 's/^\([a-z]*\):.*/\1/p' "$ROOT/lib/LAYERS" | sort >layers
	(cd "$ROOT/lib" && printf '%s\n' */ | tr -d / | sort) >folders
	run_status 0 diff layers folders
	run_status 0 diff shown layers
}

@test "a room stands above each room that lib/LAYERS lets it include" {
	rooms >floors
	[ -s floors ] || fail 'no floors'
	awk 'FNR == NR { floor[$2] = $1; next }
		/^#/ { next }
		{ sub(":", "", $1); for (i = 2; i <= NF; i++) if (floor[$i] >= floor[$1]) print $1, $i }' \
		floors "$ROOT/lib/LAYERS" >wrong
	assert_file_empty wrong
}

@test "tests/README.md has each family of tests" {
	local file
	for file in "$ROOT"/tests/*.bats; do
		file=$(basename "$file")
		grep -q "^| ${file%"${file#?}"}x |" "$ROOT/tests/README.md" || fail "$file"
	done
}

@test "the header of each module begins with what it promises" {
	local header
	for header in "$ROOT"/lib/*/*.h; do
		awk -v name="$(basename "$header" .h)" 'NR == 1 && !/SPDX/ { exit 1 }
			NR == 2 && !/^\/\*/ { exit 1 }
			NR <= 3 && index($0, name ":") { found = 1 }
			NR == 3 { exit !found }' "$header" || fail "$header"
	done
}

@test "each manual page fits a terminal of 80 columns" {
	local page
	command -v mandoc >/dev/null || skip 'mandoc is not there'
	for page in "$ROOT"/man/*.[157]; do
		mandoc -T ascii -O width=80 "$page" | sed 's/.\x08//g' | awk 'length > 80' >>wide
	done
	assert_file_empty wide
}

@test "the manual pages have no fault that mandoc knows" {
	command -v mandoc >/dev/null || skip 'mandoc is not there'
	run_status 0 mandoc -T lint -W warning "$ROOT"/man/*.[157]
	assert_file_empty "$out"
}

# table PROGRAM: the options as the program has them, five fields a line.
table() {
	"$1" --help=table >"$1.table"
	[ "$(wc -l <"$1.table")" -ge 3 ] || fail "$1: options not found"
	! awk -F '\t' 'NF != 5 || !/^--[a-z][a-z-]+\t/ || $5 == ""' "$1.table" | grep . || fail "$1: no table"
}

# page_options PROGRAM: the long options of the manual page, sorted.
page_options() {
	section "$1.1" DESCRIPTION | sed -n 's/^\.It Fl //p' | tr ' ' '\n' |
		sed -n 's/^-\([a-z][a-z-]*\)$/--\1/p' | sort -u
}

@test "each option of a program is in its help text and in its manual page, and no other is" {
	local program
	for program in $PROGRAMS; do
		table "$program"
		cut -f 1 "$program.table" | sort -u >from_table
		"$program" --help | grep -oE -e '--[a-z][a-z-]+' | sort -u >from_help
		page_options "$program" >from_page
		diff from_table from_help >differences || fail "$program --help: $(cat differences)"
		diff from_table from_page >differences || fail "$program.1: $(cat differences)"
	done
}

@test "--help shows each option with its letter, the word for its value, and what it does" {
	local program name letter value
	for program in $PROGRAMS; do
		table "$program"
		run_status 0 "$program" --help
		while IFS=$'\t' read -r name letter value _ help; do
			[ "$letter" = - ] || name="$letter, $name"
			[ "$value" = - ] || name="$name $value"
			grep -qF -e "  $name  " "$out" || fail "$program: $name"
			tr -s ' \n' ' ' <"$out" | grep -qF -e "$name $help" || fail "$program: $name: $help"
		done <"$program.table"
	done
}

@test "each word that an option takes is in the manual page" {
	local program name values word count=0
	for program in $PROGRAMS; do
		table "$program"
		section "$program.1" DESCRIPTION | tr -s ' ,' '\n' >words
		while IFS=$'\t' read -r name _ _ values _; do
			case $values in *'|'*) ;; *) continue ;; esac
			while read -r word; do
				grep -qxF -e "$word" words || fail "$program $name: $word"
				count=$((count + 1))
			done < <(tr '|' '\n' <<<"$values")
		done <"$program.table"
	done
	[ "$count" -ge 35 ] || fail "only $count words found"
}

@test "each help text fits 80 columns and 60 lines" {
	local program
	for program in $PROGRAMS; do
		run_status 0 "$program" --help
		[ "$(wc -l <"$out")" -le 60 ] || fail "$program: too many lines"
		awk 'length > 80' "$out" >wide
		assert_file_empty wide
	done
}

@test "each exit status of a help text is in EXIT STATUS" {
	local program status
	for program in $PROGRAMS; do
		run_status 0 "$program" --help
		sed -n '/Exit status/,$p' "$out" | sed 's/([0-9])//g' | grep -oE '[0-9]+' >statuses
		[ -s statuses ] || fail "$program names no status"
		while read -r status; do
			section "$program.1" 'EXIT STATUS' >lines
			grep -qxF ".It $status" lines || fail "$program: $status"
		done <statuses
	done
}

@test "each message of DIAGNOSTICS is one of the code" {
	local program item count
	cat "$ROOT"/lib/*/*.c "$ROOT"/cmd/*.c | tr '\n\t' '  ' | sed -e 's/" *"//g' -e 's/\\"/"/g' >code
	for program in $PROGRAMS; do
		section "$program.1" DIAGNOSTICS | sed -n 's/^\.It Li //p' | unroff >items
		count=0
		while IFS= read -r item; do
			count=$((count + 1))
			printf '%s\n' "${item//.../$'\n'}" | sed 's/^ *//; s/ *$//' | grep .
		done <items >>pieces
		[ "$count" -gt 5 ] || fail "$program: messages not found"
	done
	perl -e 'local $/; open my $from, "<:raw", "code" or die $!; my $code = <$from>;
		for my $piece (split /\n/, <STDIN>) { print "$piece\n" if index($code, $piece) < 0 }' <pieces >missing
	[ ! -s missing ] || fail "no message has: $(cat missing)"
}

@test "each variable that the code reads is in ENVIRONMENT, and the other way round" {
	{
		section scim-fetch.1 ENVIRONMENT
		section scalr-fetch.1 ENVIRONMENT
	} | grep -oE '(BATON|SCIM|SCALR)_[A-Z_]+' | sort -u >from_pages
	cat "$ROOT"/lib/*/*.c "$ROOT"/cmd/*.c | grep -oE '"(BATON|SCIM|SCALR)_[A-Z_]+"' |
		tr -d '"' | sort -u >from_code
	# those of the providers follow a rule, of which the page has examples (18-providers.bats)
	scim-fetch --list-providers | awk 'NR > 1 { print $1 }' | xargs -n 1 scim-fetch --list-providers |
		grep -oE 'BATON_[A-Z_]+' | sort -u >from_rows
	[ "$(wc -l <from_rows)" -gt 60 ] || fail 'no variables of providers'
	run_status 0 comm -23 from_code from_pages
	assert_file_empty "$out"
	run_status 0 comm -13 <(sort -u from_code from_rows) from_pages
	assert_file_empty "$out"
}

@test "README.md shows the providers as --list-providers does" {
	scim-fetch --list-providers >list
	sed -n '/<!-- providers -->/,/<!-- \/providers -->/p' "$ROOT/README.md" | sed '1,2d' | head -n -2 >shown
	run_status 0 diff list shown
}

@test "scim-fetch(1) has each provider with its name, its service and its address" {
	local name title address
	section scim-fetch.1 PROVIDERS >page
	scim-fetch --list-providers | sed 1d | while read -r name _ address; do
		title=$(scim-fetch --list-providers "$name" | sed -n 's/^service  *//p')
		printf '.It Cm %s\n%s:\n.Li %s\n' "$name" "$title" "$address"
	done >wanted
	[ "$(wc -l <wanted)" -gt 90 ] || fail 'no providers'
	run_status 0 diff wanted <(sed -n '/^\.It /,/^\.El/p' page | sed '/^\.El/d')
}

@test "each member of a record, each count and each event of the code is in a manual page" {
	local word
	grep -oE '\{SPAN\("[a-z_]+"\)' "$ROOT/lib/stream/record.c" | cut -d '"' -f 2 | sort -u >members
	[ "$(wc -l <members)" -gt 15 ] || fail 'members not found'
	while read -r word; do
		grep -qE "^\.(It )?Li (.* )?$word( |\$)" "$ROOT/man/rollcall-stream.5" || fail "$word"
	done <members
	grep -oE '"(user|group|membership)\.[a-z]+"' "$ROOT/lib/diff/changes.c" | tr -d '"' >events
	[ "$(wc -l <events)" -eq 14 ] || fail 'events not found'
	while read -r word; do
		grep -qE "^\.It Li (.* )?$word( |\$)" "$ROOT/man/diff-snapshot.1" || fail "$word"
	done <events
}

@test "a heading of a page is shown as it is written: no word of it is a macro" {
	local page title
	for page in "$ROOT"/man/*.[157]; do
		MANWIDTH=200 mandoc -T utf8 "$page" | col -b >shown
		while IFS= read -r title; do
			grep -qF -- "$title" shown || fail "${page##*/}: $title"
		done < <(sed -n 's/^\.S[hs] //p' "$page" | sed 's/\\&//g; s/"//g; s/\\-/-/g')
	done
}

@test "rollcall-stream(5) lists each stage that the programs know, and no other" {
	sed -n '/^} stages\[\]/,/;$/p' "$ROOT/lib/stream/stream.c" | grep -oE '\{"[a-z]+"' | tr -d '{"' | sort >known
	[ "$(wc -l <known)" -ge 8 ] || fail 'no stages'
	sed -n '/^\.Li stage :/,/^\.El/p' "$ROOT/man/rollcall-stream.5" | sed -n 's/^\.It Li //p' | sort >listed
	run_status 0 diff known listed
}

@test "each member that a stream really has is in rollcall-stream(5)" {
	local member
	provide
	scim-fetch --scope users rudderstack >fetch
	scalr-fetch acme >>fetch
	run_status 0 normalize -o snapshot fetch
	change '{"op":"deactivate","id":"u4"}'
	scim-fetch rudderstack >fetched
	run_status 0 normalize -o later fetched
	run_status 1 diff-snapshot today.ndjson later
	cp "$out" changes
	run_status 0 diff-snapshot --allow-missing-source --allow-older snapshot today.ndjson
	cat "$out" >>changes
	change '{"op":"remove-user","id":"u5"}'
	scim-fetch rudderstack >fetched
	run_status 0 normalize -o last fetched
	run_status 3 diff-snapshot --max-removed 0 later last
	cat "$out" >>changes
	printf '%s\n' '{"op":"push","user_name":"a@example.com","display_name":"A","given_name":"A"}' \
		'{"op":"update","user_name":"a@example.com","email":"b@example.com"}' >ops
	run_status 77 scim-push rudderstack <ops
	cp "$out" results
	run_status 3 scim-push --max-changes 0 --apply rudderstack <ops
	cat "$out" >>results
	run_status 77 scim-push --apply rudderstack <ops
	cat "$out" >>results
	jq -r '(.sent?[0]? // {}), (.would_send?[0]? // {}) | keys[]' results >members.sent
	for member in body not_sent reason stopped applied; do
		cat members.sent <(jq -r 'keys[]' results) | grep -qx "$member" || fail "no $member in results"
	done
	jq -r 'keys[], (.sources?[]? | keys[]), (.before?.sources?[0]? // {} | keys[])' \
		fetch snapshot changes results | cat - members.sent | sort -u >members
	for member in sides unconfirmed included fields label begin_sha256; do
		grep -qx "$member" members || fail "no $member in these streams"
	done
	while read -r member; do
		grep -qE "^\.(It )?Li (.* )?$member( |\$)" "$ROOT/man/rollcall-stream.5" || fail "$member"
	done <members
}

# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# For manual pages that show commands and what they write: tests/71-tasks.bats, tests/89-quarterly.bats.

# take_page_apart PAGE FROM TO: for each "$ " in the displays between these two sections a file
# N.command and a file N.output. A comment `.\" $ COMMAND` is a command without output, N.hidden.
take_page_apart() {
	sed -n "/^\\.Sh $2/,/^\\.Sh $3/p" "$ROOT/man/$1" |
		sed -e "s/\\\\(aq/'/g" -e 's/\\(dq/"/g' -e 's/\\&//g' -e 's/\\e/\\/g' |
		awk '
			/^\.\\" \$ / { sub(/^\.\\" \$ /, ""); n++; file = sprintf("%03d.hidden", n); print > file; next }
			/^\.Bd/ { inside = 1; next }
			/^\.Ed/ { inside = 0; next }
			!inside { next }
			/^\$ / { n++; sub(/^\$ /, ""); command = 1; close(file) }
			command { file = sprintf("%03d.command", n); print > file; command = /[\\|]$/; if (!command) { file = sprintf("%03d.output", n); printf "" > file }; next }
			{ print > file }'
}

# as_shown FILE: its lines without blanks at their ends and without empty lines at its end, those that
# the page folds at a blank with a backslash as one, with digests and times, which are others in each
# run, as words
as_shown() {
	sed -E -e ':f' -e '/ \\$/{N;s/\\\n *//;bf' -e '}' "$1" | sed -E -e 's/ *$//' -e 's/[0-9a-f]{64}/DIGEST/g' -e 's/20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/TIME/g' \
		-e :a -e '/^\n*$/{$d;N;ba' -e '}'
}

# assert_shown NAME GOT: what NAME.command wrote, in the file GOT, is what the page shows
assert_shown() {
	diff <(as_shown "$2") <(as_shown "$1.output") >differences || fail "$(cat "$1.command" differences)"
}

#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# rollcall-tasks(7): each command of the page runs and writes what the page shows.

load helper
load company
load walk

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	PATH=$BATS_TEST_DIRNAME/../examples:$PATH
}

# What a terminal gets, in a test that has none.
as_on_a_terminal() {
	cat <<-'END'
		list-snapshot() {
			case " $* " in
			*' --format '* | *' --formt '* | *' -o '*) command list-snapshot "$@" ;;
			*) command list-snapshot --format table "$@" 2>/dev/null ;;
			esac
		}
		check-snapshot() { command check-snapshot --format text "$@"; }
		diff-snapshot() { command diff-snapshot --format text "$@"; }
		scim-push() { command scim-push --format text "$@"; }
	END
}

# same WANT GOT: line by line, but a line of WANT that ends with " ..." goes on in GOT
same() {
	awk 'NR == FNR { want[++n] = $0; next }
		{ line = $0; at = want[++m]; if (sub(/ \.\.\.$/, "", at)) { line = substr(line, 1, length(at)) " ..." } print line }' "$1" "$2" |
		diff "$1" - >differences
}

@test "each command of rollcall-tasks(7) does what the page shows" {
	local command status count=0
	command -v sqlite3 >/dev/null || skip 'sqlite3 is not there'
	company
	company_services
	take_page_apart rollcall-tasks.7 TASKS FILES
	for command in [0-9]*.command; do
		{ as_on_a_terminal; cat "$command"; } >script
		status=0
		case $(cat "$command") in
		# what is said stands among what is written
		normalize* | offboard* | issue-review* | *--formt*) LC_ALL=C.UTF-8 bash script >got 2>&1 || status=$? ;;
		*) LC_ALL=C.UTF-8 bash script >got 2>said || status=$? ;;
		esac
		case $(cat "$command") in
		*--formt*) [ "$status" -eq 64 ] ;;
		check-snapshot*) [ "$status" -le 3 ] || fail "status $status: $(cat "$command" got said)" ;;
		*) [ "$status" -le 1 ] || fail "status $status: $(cat "$command" got said)" ;;
		esac
		# the page has no blanks at the ends of lines, and a blank line before the next command
		sed -e 's/ *$//' got | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' >have
		sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' "${command%.command}.output" >want
		same want have || fail "$(cat "$command" differences)"
		count=$((count + 1))
	done
	[ "$count" -ge 33 ] || fail "only $count commands"
}

@test "each job of rollcall-tasks(7) has a command" {
	run awk '/^\.Ss/ { if (title != "") print title; title = $0 } /^\.Sh/ { if (title != "") print title; title = "" } /^\$ / { title = "" }' "$ROOT/man/rollcall-tasks.7"
	assert_output ''
	assert_equal "$(sed -n '/^\.Sh TASKS/,/^\.Sh RECIPES/p' "$ROOT/man/rollcall-tasks.7" | grep -c '^\.Ss')" 25
}

@test "load-sqlite keeps null and not shown apart, follows nested groups, and takes no snapshot that was cut" {
	command -v sqlite3 >/dev/null || skip 'sqlite3 is not there'
	company
	run_status 0 load-sqlite access.db today.ndjson
	assert_equal "$(sqlite3 access.db "SELECT user_id FROM users WHERE last_login_at IS NULL AND shown LIKE '%,last_login_at,%'")" s3
	list-snapshot --format ndjson --where .access today.ndjson 2>/dev/null |
		jq -r '"\(.source)|\(.user_id)|\(.access_id)|\(if .level == 0 then 1 else 0 end)"' | sort >ours
	sqlite3 access.db 'SELECT source, user_id, access_id, direct FROM effective_access' | sort >theirs
	run_status 0 diff ours theirs
	sed '$d' today.ndjson >'cut'
	run_status 65 load-sqlite other.db 'cut'
	[ ! -e other.db ]
	run_status 64 load-sqlite access.db today.ndjson
}

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
			*' --format '* | *' -o '*) command list-snapshot "$@" ;;
			*) command list-snapshot --format table "$@" 2>/dev/null ;;
			esac
		}
		check-snapshot() { command check-snapshot --format text "$@"; }
		diff-snapshot() { command diff-snapshot --format text "$@"; }
	END
}

@test "each command of rollcall-tasks(7) does what the page shows" {
	local command status count=0
	command -v sqlite3 >/dev/null || skip 'sqlite3 is not there'
	company
	take_page_apart rollcall-tasks.7 TASKS FILES
	for command in [0-9]*.command; do
		{ as_on_a_terminal; cat "$command"; } >script
		status=0
		LC_ALL=C.UTF-8 bash script >got 2>said || status=$?
		[ "$status" -le 1 ] || fail "status $status: $(cat "$command" said)"
		case $(cat "$command") in normalize*) cat said >>got ;; esac
		# the page has no blanks at the ends of lines, and a blank line before the next command
		sed -i 's/ *$//' got
		diff <(sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' got) <(sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' "${command%.command}.output") >differences ||
			fail "$(cat "$command" differences)"
		count=$((count + 1))
	done
	[ "$count" -ge 17 ] || fail "only $count commands"
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

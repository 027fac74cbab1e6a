#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Each night: nightly-review keeps a store of nights, compares, checks, tells and prunes;
# watch-nightly says what is wrong with it.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export BATON_RUDDERSTACK_SCIM_TOKEN=$TOKEN BATON_STRIPE_SCIM_TOKEN=$TOKEN BATON_SCALR_API_TOKEN=$TOKEN
	PATH=$PWD/bin:$ROOT/examples:$PATH
	mkdir kept conf bin tmp
	curl=$(type -P curl) || true
	export TMPDIR=$PWD/tmp
	# the scripts ask for the time with -u: what stands in the file clock
	printf '%s\n' '#!/bin/sh' "[ \"\$1\" != -u ] || exec cat '$PWD/clock'" "exec $(command -v date) \"\$@\"" >bin/date
	chmod +x bin/date
}

# three: the services of examples/sources.json, as it stands
three() {
	start_stand_in --users 30
	export BATON_RUDDERSTACK_SCIM_BASE_URL=$url/rudderstack/scim/v2 \
		BATON_STRIPE_SCIM_BASE_URL=$url/stripe/scim/v2 BATON_SCALR_BASE_URL=$url
	cp "$ROOT/examples/sources.json" conf
}

# people NAME...: the one source hr is a list of these people
people() {
	printf '{"sources": [{"name": "hr", "csv": "hr.csv", "column": {"user_name": "name"}}]}\n' >conf/sources.json
	printf '%s\n' name "$@" >conf/hr.csv
}

# night DAY STATUS [OPTION...]: nightly-review on that day of November, at a quarter past three
night() {
	local day=$1 status=$2
	shift 2
	clock "2026-11-${day}T031500Z"
	run_status "$status" nightly-review --config conf kept "$@"
}
clock() { printf '%s\n' "$1" >clock; }

# watched STATUS TIME [WORDS...]: what watch-nightly says then
watched() {
	local status=$1 words
	clock "$2"
	shift 2
	run_status "$status" watch-nightly --config conf kept
	for words; do assert_file_contains "$out" "$words"; done
}

# kept_nights: their days
kept_nights() { (cd kept && echo 20*) | sed 's/2026-11-\(..\)T031500Z/\1/g'; }

# nothing_left: no half a night, no temporary file
nothing_left() {
	assert_equal "$(find kept -name '.*' -not -name .) $(ls -A tmp)" ' '
}

# twelve_leave: more than --max-removed allows of 30.
twelve_leave() {
	local i
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		change "{\"op\":\"remove-user\",\"id\":\"u$i\"}"
	done
}

# ---- a night ----

@test "nightly-review keeps the first night, says what it covers, and only its owner can read it" {
	three
	night 01 0
	assert_file_contains "$out" '^first snapshot:$'
	assert_file_contains "$out" '^scalr  *scalr '
	assert_quiet
	assert_equal "$(kept_nights)" 01
	run_status 0 list-snapshot --by source --format tsv --columns source kept/2026-11-01T031500Z/snapshot.ndjson*
	assert_equal "$(xargs <"$out")" 'source rudderstack scalr stripe'
	assert_equal "$(find kept -mindepth 1 -perm /077)" ''
	assert_exists kept/2026-11-01T031500Z/report.html
	nothing_left
	refute_token kept/last-run kept/*/*
}

@test "a night is compressed where zstd is, every program reads it, and without zstd it is plain" {
	local program
	command -v zstd >/dev/null || skip 'no zstd here'
	people ada bob
	night 01 0
	assert_exists kept/2026-11-01T031500Z/snapshot.ndjson.zst
	people ada bob eve
	mkdir few
	for program in sh awk sed grep cat cut tr sort head tail mkdir mktemp mv rm sync paste dirname readlink flock uname chmod; do
		ln -s "$(type -P "$program")" "few/$program"
	done
	clock 2026-11-02T031500Z
	run_status 1 env PATH="$PWD/bin:$PWD/few:$BUILD" "$ROOT/examples/nightly-review" --config conf kept
	assert_equal "$(cd kept/2026-11-02T031500Z && echo *.ndjson*)" 'changes.ndjson snapshot.ndjson'
	people ada bob eve zoe
	night 03 1
	assert_equal "$(head -n 1 "$out")" '1 change: 1 user.added'
	assert_equal "$(cd kept/2026-11-03T031500Z && echo *.ndjson*)" 'changes.ndjson.zst snapshot.ndjson.zst'
}

@test "nightly-review is silent where nothing changed, and keeps the newer night" {
	three
	night 01 0
	night 02 0
	assert_file_empty "$out"
	assert_quiet
	assert_equal "$(kept_nights)" '01 02'
}

@test "nightly-review prints what changed, ends with 1, and keeps it in words, as a stream and as a page" {
	three
	night 01 0
	change '{"op":"deactivate","id":"u3"}'
	night 02 1
	assert_equal "$(head -n 1 "$out")" '3 changes: 3 user.disabled'
	cmp "$out" kept/2026-11-02T031500Z/review.txt
	cat kept/2026-11-02T031500Z/changes.ndjson >changes 2>/dev/null || zstd -dcq kept/2026-11-02T031500Z/changes.ndjson.zst >changes
	assert_sealed changes
	assert_equal "$(grep -c '"event":"user.disabled"' changes)" 3
	assert_file_contains kept/2026-11-02T031500Z/report.html 'user.disabled'
	night 03 0
	assert_file_empty "$out"
}

@test "nightly-review with a policy prints the review when a finding is new or gone, and only then" {
	three
	printf '%s\n' '{"privileged": {"groups": []}}' >conf/policy.json
	clock 2026-11-01T031500Z
	run nightly-review --config conf kept
	assert_regex "$status" '^[013]$'
	assert_regex "$output" ' found'
	run find kept -name 'findings.ndjson*'
	assert_regex "$output" 2026-11-01T031500Z/findings
	clock 2026-11-02T031500Z
	run nightly-review --config conf kept
	assert_output ''
	change '{"op":"add-user","id":"u99","user_name":"test@example.com"}'
	night 03 1
	assert_file_contains "$out" 'user added'
	assert_file_contains "$out" 'shared-name .*test@example.com.*(new)'
	printf '{' >conf/policy.json
	night 04 78
	assert_says 'policy.json: line 1: not JSON with comments'
	assert_equal "$(kept_nights)" '01 02 03'
}

@test "a store of nightly-review 0.1 is taken over, and its last snapshot is compared with" {
	people ada bob
	normalize --csv --source hr --column user_name=name -o kept/2026-10-31T031500Z.ndjson conf/hr.csv 2>said
	people ada bob eve
	night 01 1
	assert_equal "$(head -n 1 "$out")" '1 change: 1 user.added'
	assert_exists kept/2026-10-31T031500Z/snapshot.ndjson
	assert_not_exists kept/2026-10-31T031500Z.ndjson
}

# ---- what fails ----

@test "nightly-review keeps the old night when a provider refuses the token, and compares with it later" {
	three
	night 01 0
	cp -R kept before
	change '{"op":"deactivate","id":"u3"}' '{"op":"switch","name":"stripe:users-status","value":"401"}'
	night 02 77
	assert_file_empty "$out"
	assert_says 'stripe: ' 'refused with HTTP 401' 'normalize: ' 'is not complete'
	run_status 0 diff -r -x last-run before kept
	assert_file_contains kept/last-run '^status 77$'
	assert_file_contains kept/last-run '^about refused (status 77): stripe$'
	nothing_left
	change '{"op":"switch","name":"stripe:users-status","value":"off"}'
	night 03 1
	assert_equal "$(head -n 1 "$out")" '3 changes: 3 user.disabled'
}

@test "nightly-review says what is wrong where the last source is refused, too" {
	three
	night 01 0
	cp -R kept before
	change '{"op":"switch","name":"scalr:users-status","value":"401"}'
	night 02 77
	assert_says 'scalr: ' 'refused with HTTP 401'
	run_status 0 diff -r -x last-run before kept
}

@test "nightly-review does not take a night in which too much is gone, unless told so, and puts it aside" {
	three
	night 01 0
	cp -R kept before
	twelve_leave
	night 02 3
	assert_file_contains "$out" UNCONFIRMED
	assert_says 'more than --max-removed allows'
	run_status 0 diff -r -x last-run -x unconfirmed before kept
	assert_exists kept/unconfirmed/report.html
	run_status 0 list-snapshot --by source kept/unconfirmed/snapshot.ndjson*
	night 03 1 --max-removed 100%
	refute grep UNCONFIRMED "$out"
	assert_not_exists kept/unconfirmed
	night 04 0
}

@test "one service unplugged with keep_going: the others are compared, it is not readable and never gone" {
	three
	echo 'keep_going = yes' >conf/nightly.conf
	night 01 0
	change '{"op":"deactivate","id":"u3"}' '{"op":"switch","name":"stripe:users-status","value":"401"}'
	night 02 77
	assert_file_contains "$out" '^stripe: not readable (status 77), so nothing of it is compared$'
	assert_file_contains "$out" '^2 changes: 2 user.disabled'
	refute grep -E 'removed' "$out"
	assert_file_contains kept/last-run '^about refused (status 77): stripe not readable (status 77); 2 changes'
	change '{"op":"deactivate","id":"u4"}'
	night 03 77
	assert_file_contains "$out" '^2 changes: 2 user.disabled'
	# it is back: what changed in it in both nights is told, and of the others nothing again
	change '{"op":"switch","name":"stripe:users-status","value":"off"}'
	night 04 1
	assert_file_contains "$out" '^stripe: compared with the night of 2026-11-01T031500Z, the last one'
	assert_file_contains "$out" '^2 changes: 2 user.disabled'
	assert_equal "$(grep -c '^~ stripe  user disabled' "$out")" 2
	night 05 0
	assert_file_empty "$out"
}

@test "a service that is not reached is tried again later (75), one that is refused is not, and the latter counts" {
	three
	start_stand_in --users 3
	# shellcheck disable=SC2030,SC2031 # each test has its own
	export BATON_STRIPE_SCIM_BASE_URL=$url/stripe/scim/v2
	echo 'keep_going = yes' >conf/nightly.conf
	night 01 0
	kill "${stand_in_pids##* }"
	night 02 75
	assert_file_contains kept/last-run '^about try again later (status 75): stripe not readable (status 69)'
	change() { stand-in change "${BATON_SCALR_BASE_URL}" "$@"; }
	change '{"op":"switch","name":"scalr:users-status","value":"401"}'
	night 03 77
	assert_file_contains kept/last-run '^about refused (status 77): stripe not readable (status 69),scalr not readable (status 77)'
	rm conf/nightly.conf
	change '{"op":"switch","name":"scalr:users-status","value":"off"}'
	night 04 69
	assert_equal "$(kept_nights)" '01 02 03'
}

@test "a night that was lost costs nothing: the next is compared with the last one before" {
	people ada bob
	night 01 0
	people ada bob eve
	night 05 1
	assert_equal "$(head -n 1 "$out")" '1 change: 1 user.added'
}

@test "a full disk is status 74, leaves the store as it was, is told, and the next night compares with the last" {
	people ada bob
	unshare -rm mount -t tmpfs -o size=1M none kept 2>/dev/null || skip 'no file system can be mounted here'
	start_answers <<<'200'
	echo "webhook = $url/hook" >conf/nightly.conf
	clock 2026-11-02T031500Z
	seq -f 'user-number-%06.0f' 30000 >'more'
	# shellcheck disable=SC2016 # the inner shell expands it
	run_status 0 unshare -rm sh -c 'mount -t tmpfs -o size=1M none kept
		nightly-review --config conf kept >first || exit 1
		ls -A kept/20* >before
		cat more >>conf/hr.csv
		echo 2026-11-03T031500Z >clock
		nightly-review --config conf kept >full 2>said
		echo $? >status
		ls -A kept/20* >after
		ls -A kept | grep -v "^20" >rest
		cat kept/last-run >state
		head -n 3 conf/hr.csv >few && cat few >conf/hr.csv && echo zoe >>conf/hr.csv
		echo 2026-11-04T031500Z >clock
		nightly-review --config conf kept >next
		echo $? >>status'
	assert_equal "$(xargs <status)" '74 1'
	assert_file_contains said 'No space left on device'
	cmp before after
	assert_equal "$(xargs <rest)" 'last-run lock'
	assert_file_contains state '^status 74$'
	assert_file_contains next '^1 change: 1 user.added'
	assert_equal "$(grep -o 'failed (status 74)' "$raw_log")" 'failed (status 74)'
}

@test "of two runs at once the second ends with 75 and touches nothing; one that was killed is noticed and cleared away" {
	local first
	people ada bob
	night 01 0
	rm conf/hr.csv
	mkfifo conf/hr.csv
	clock 2026-11-02T031500Z
	nightly-review --config conf kept >first.out 2>&1 3>&- &
	first=$!
	exec 8>conf/hr.csv # the first run reads it now
	cp kept/last-run state
	run_status 75 nightly-review --config conf kept
	assert_says 'another run is at work in kept'
	cmp state kept/last-run
	watched 0 2026-11-02T040000Z
	watched 1 2026-11-02T103000Z 'the run of 2026-11-02T031500Z is still at work'
	kill -9 "$first"
	wait "$first" || true
	watched 1 2026-11-02T040000Z 'the run of 2026-11-02T031500Z never finished'
	exec 8>&-
	rm conf/hr.csv
	people ada bob
	night 03 0
	assert_equal "$(kept_nights)" '01 03'
	assert_equal "$(find kept -name '.*' -not -name .)" ''
	watched 0 2026-11-03T040000Z
}

@test "a run that is stopped by a signal leaves nothing but its state" {
	local first
	people ada bob
	night 01 0
	rm conf/hr.csv
	mkfifo conf/hr.csv
	clock 2026-11-02T031500Z
	nightly-review --config conf kept >first.out 2>&1 3>&- &
	first=$!
	exec 8>conf/hr.csv
	kill -TERM "$first"
	exec 8>&- # the shell ends when its pipeline has
	wait "$first" || status=$?
	assert_equal "$status" 143
	assert_file_contains kept/last-run '^about stopped by a signal (status 143)$'
	assert_equal "$(kept_nights)" 01
	nothing_left
}

@test "a clock that goes backwards is refused before anything is read, and says what to do" {
	people ada bob
	night 05 0
	cp -R kept before
	night 04 78
	assert_says 'the clock says 2026-11-04T031500Z, and the last night is 2026-11-05T031500Z: set the clock, or move'
	run_status 0 diff -r -x last-run before kept
	night 06 0
}

@test "nightly-review refuses a store that is not there, and a setting that nobody knows, by its line" {
	local line words
	run_status 64 nightly-review nowhere
	assert_says usage
	run_status 64 nightly-review
	run_status 64 nightly-review --config
	people ada
	while IFS='|' read -r line words; do
		printf '# a comment\n\n  %s\n' "$line" >conf/nightly.conf
		night 01 78
		assert_says "conf/nightly.conf: line 3: $words"
		run_status 78 watch-nightly --config conf kept
	done <<-'END'
		keep_goin = yes|there is no setting 'keep_goin'; there are: keep_going mail
		keep_going = maybe|'keep_going' is yes or no
		keep_going|each line is: name = value
		mail =|'mail' has no value
		mail = a@x.org -oQ/tmp|'mail' takes addresses
		mail = a@x.org;reboot|'mail' takes addresses
		webhook = http://chat.example.com/x|'webhook' takes an address that begins with https://
		webhook = https://x" -o "y|'webhook' has a quote or a backslash
		keep_days = 0|'keep_days' takes a number above 0
		keep_weeks = 5x|'keep_weeks' takes a number
		sendmail = mail|'sendmail' takes a path that begins with /
	END
	printf 'keep_days = 3\nkeep_days = 4\n' >conf/nightly.conf
	night 01 78
	assert_says "line 2: 'keep_days' stands twice"
	assert_equal "$(ls -A kept)" ''
}

@test "examples/nightly.conf shows every setting with its default" {
	sed -n 's/^#\([a-z_]* = \)/\1/p' "$ROOT/examples/nightly.conf" | sort >shown
	# shellcheck disable=SC2016 # it is a word of the file
	sed -n "s/^known='\(.*\)'/\1/p" "$ROOT/examples/nightly-common" | tr ' ' '\n' | sort >known
	run_status 0 diff known <(cut -d ' ' -f 1 shown)
	people ada
	cp "$ROOT/examples/nightly.conf" conf
	night 01 0
	sed 's/^#\([a-z_]* = \)/\1/' "$ROOT/examples/nightly.conf" | grep -v '^\(mail\|webhook\)' >conf/nightly.conf
	mkdir -p reviews
	sed -i "s,/var/lib/rollcall-reviews,$PWD/reviews," conf/nightly.conf
	night 02 0
}

@test "a file confirm in the store takes what is gone, or a source that is read no more, for one night" {
	three
	night 01 0
	twelve_leave
	night 02 3
	touch kept/confirm
	night 03 1
	refute grep UNCONFIRMED "$out"
	assert_not_exists kept/confirm
	assert_not_exists kept/unconfirmed
	people ada
	night 04 65
	assert_says "source 'rudderstack'"
	touch kept/confirm
	night 05 0
	assert_file_contains "$out" 'rudderstack  *not readable'
	night 06 0
	assert_file_empty "$out"
}

# ---- how long nights stay ----

# night_of NIGHT [SOURCE<TAB>GAP...]: one made by hand; the last is made by nightly-review
night_of() {
	mkdir -p "kept/$1"
	printf 'hr\t\n' >"kept/$1/seen"
	printf '%s' "$snapshot" >"kept/$1/snapshot.ndjson"
	[ $# -eq 1 ] || printf '%s\n' "${@:2}" >>"kept/$1/seen"
}

# a_year: a night for each of the DAYS before 2026-11-29, at 03:15
a_year() {
	local day last=1795922100 # 2026-11-29T03:15:00Z
	people ada
	snapshot=$(normalize --csv --source hr --column user_name=name conf/hr.csv 2>said)$'\n'
	for ((day = $1; day > 0; day--)); do
		TZ=UTC printf -v night '%(%Y-%m-%dT%H%M%SZ)T' $((last - day * 86400))
		night_of "$night"
	done
}

@test "all of 35 days stay, then the last of each week, then the last of each month" {
	local month
	a_year 800
	night 29 0
	(cd kept && printf '%s\n' 20*) >nights
	# of 35 days and today
	assert_equal "$(awk '$0 >= "2026-10-25"' nights | wc -l)" 36
	# Sundays before that, for 53 weeks
	awk '$0 < "2026-10-25" && $0 >= "2025-11-24"' nights >weekly
	assert_equal "$(sed 's/T.*//' weekly | date -f - +%a | sort -u | xargs)" 'Sat Sun'
	assert_equal "$(wc -l <weekly)" 48
	# the last of each month before that
	awk '$0 < "2025-11-23"' nights | sed 's/T.*//' >monthly
	assert_equal "$(cut -c 1-7 monthly | uniq -d)" ''
	assert_equal "$(wc -l <monthly)" 15
	for month in 2024-10-31 2025-02-28 2025-10-31; do grep -qx $month monthly || fail "$month is gone: $(cat monthly)"; done
	# a second night takes nothing more away but what has come of age
	clock 2026-11-29T051500Z
	run_status 0 nightly-review --config conf kept
	assert_equal "$(cd kept && echo 20* | wc -w)" $(($(wc -l <nights) + 1))
	printf 'keep_days = 3\nkeep_weeks = 2\nkeep_months = 2\n' >conf/nightly.conf
	clock 2026-11-29T061500Z
	run_status 0 nightly-review --config conf kept
	assert_equal "$(cd kept && echo 20* | tr ' ' '\n' | sed 's/T.*//' | uniq | xargs)" \
		'2026-10-31 2026-11-14 2026-11-15 2026-11-22 2026-11-25 2026-11-26 2026-11-27 2026-11-28 2026-11-29'
}

@test "pruning counts from the last night, so a clock that was wrong for a night removes nothing" {
	a_year 60
	night 29 0
	(cd kept && echo 20*) >nights
	rm kept/last-run
	run_status 78 nightly-review --config conf kept # the same second again
	assert_equal "$(cd kept && echo 20*)" "$(cat nights)"
}

@test "of a week the last complete night stays; the last complete night of each source is never removed" {
	local night
	a_year 200
	# hr could not be read since 120 days but in part; in one week a Sunday had a gap
	for night in kept/20*; do
		night=${night#kept/}
		case $night in
		2026-08-* | 2026-09-* | 2026-1*) night_of "$night" $'hr\tusers\t' $'hr\tgroups\t' $'hr\tmembers\t' ;;
		2026-06-28* | 2026-06-27*) night_of "$night" $'hr\tmembers\tg1' ;;
		esac
	done
	printf 'keep_weeks = 6\n' >conf/nightly.conf
	echo '{"sources": [{"name": "hr", "csv": "gone.csv"}, {"name": "other", "csv": "hr.csv", "column": {"user_name": "name"}}]}' >conf/sources.json
	echo 'keep_going = yes' >>conf/nightly.conf
	night 29 66
	assert_file_contains "$out" '^hr: not readable (status 66)'
	(cd kept && echo 20* | tr ' ' '\n' | sed 's/T.*//') >nights
	# the month's most complete night, and so the last complete one
	for night in 2026-07-31 2026-06-30; do grep -qx "$night" nights || fail "$night is gone: $(xargs <nights)"; done
	printf 'keep_days = 2\nkeep_weeks = 1\nkeep_months = 1\nkeep_going = yes\n' >conf/nightly.conf
	clock 2026-11-29T051500Z
	run_status 66 nightly-review --config conf kept
	assert_exists kept/2026-07-31T031500Z
	assert_not_exists kept/2026-06-30T031500Z
	# and hr, which is back, is compared with it
	people ada eve
	clock 2026-11-29T061500Z
	run_status 1 nightly-review --config conf kept --allow-missing-source
	assert_file_contains "$out" '^hr: compared with the night of 2026-07-31T031500Z'
	assert_file_contains "$out" '^+ hr  *user added'
}

@test "what an open review needs, and a night that is marked, is not removed until it is closed" {
	a_year 40
	people ada bob
	normalize --csv --source hr --column user_name=name -o kept/2026-10-20T031500Z/snapshot.ndjson conf/hr.csv 2>said
	: >kept/2026-10-21T031500Z/keep
	issue-review --format csv -o reviews kept/2026-10-20T031500Z/snapshot.ndjson 2>said
	mkdir -p all/q4/3-review all/q4/5-after
	mv reviews all/q4/3-review/issued
	printf 'reviews = %s\nkeep_weeks = 1\nkeep_months = 1\n' "$PWD/all" >conf/nightly.conf
	night 29 1 --max-removed 100%
	assert_exists kept/2026-10-20T031500Z
	assert_exists kept/2026-10-21T031500Z
	assert_not_exists kept/2026-10-22T031500Z
	# a closing that was cut closes nothing, nor does one of which nobody said that it closes the review
	: >all/q4/5-after/closing.ndjson
	: >all/q4/3-review/issued/closing.ndjson
	clock 2026-11-29T044500Z
	run_status 0 nightly-review --config conf kept
	echo '{"kind":"end","status":"complete"}' >all/q4/5-after/closing.ndjson
	clock 2026-11-29T050000Z
	run_status 0 nightly-review --config conf kept
	assert_exists kept/2026-10-20T031500Z
	echo 'close-review ended with 0' >all/q4/5-after/closed
	clock 2026-11-29T051500Z
	run_status 0 nightly-review --config conf kept
	assert_not_exists kept/2026-10-20T031500Z
	assert_exists kept/2026-10-21T031500Z
	# reviews that can not be looked at: nothing is removed
	rm kept/2026-10-21T031500Z/keep
	mv all elsewhere
	clock 2026-11-29T061500Z
	run_status 74 nightly-review --config conf kept
	assert_says 'can not be read, so no old night is removed'
	assert_exists kept/2026-10-21T031500Z
}

# ---- the page ----

@test "the files and the commands of rollcall-nightly(7) are those that are there" {
	local file page=$ROOT/man/rollcall-nightly.7
	# what it copies is installed, under that name
	make -s -C "$ROOT" -n BUILD="$BUILD" PREFIX=/usr DESTDIR=/d install >plan
	grep -oE '/usr/(share|libexec)/[a-z/.-]*[a-z]' "$page" | sort -u >files
	[ "$(wc -l <files)" -ge 3 ] || fail 'no files'
	while read -r file; do
		grep -qF ":${file#/usr}" plan || fail "$file is not installed"
	done <files
	# its sources.json is read
	start_stand_in --users 3
	# shellcheck disable=SC2031
	export BATON_STRIPE_SCIM_BASE_URL=$url/stripe/scim/v2 BATON_SCALR_BASE_URL=$url
	sed -n '/^{$/,/^}$/p' "$page" >conf/sources.json
	# and its settings
	sed -n '/^keep_going = yes$/,/^\.Ed$/p' "$page" | sed '$d' >conf/nightly.conf
	[ "$(wc -l <conf/nightly.conf)" -eq 3 ] || fail "$(cat conf/nightly.conf)"
	sed -i /webhook/d conf/nightly.conf
	cp conf/nightly.conf settings
	post
	cp settings conf/nightly.conf
	echo "sendmail = $PWD/bin/sendmail" >>conf/nightly.conf
	night 01 0
	assert_file_contains mail 'To: ops@example.com'
	# its picture of a night has each file of one
	printf '{}' >conf/policy.json
	clock 2026-11-02T031500Z
	run nightly-review --config conf kept
	for file in kept/2026-11-02T031500Z/*; do
		grep -q "^  ${file##*/} " "$page" || fail "$file is not on the page"
	done
	# its trace
	sed -n 's/^\.Dl \$ //p' "$page" >commands
	assert_equal "$(wc -l <commands)" 1
	run_status 0 sh -c "$(sed "s,/var/lib/rollcall,kept,; s,ada@example.com,ada.byron@example.com," commands)"
	assert_file_contains "$out" 'ada.byron@example.com'
}

# ---- people are told ----

# post: sendmail puts what it gets into the file mail, and its arguments and those of curl into argv
post() {
	printf '%s\n' '#!/bin/sh' "echo sendmail \"\$@\" >>'$PWD/argv'" "cat >>'$PWD/mail'" >bin/sendmail
	printf '%s\n' '#!/bin/sh' "echo curl \"\$@\" >>'$PWD/argv'" "exec $curl \"\$@\"" >bin/curl
	chmod +x bin/*
	printf 'mail = ops@example.com boss@example.com\nsendmail = %s\n' "$PWD/bin/sendmail" >conf/nightly.conf
	: >mail
	: >argv
}

@test "a mail has all that is printed, a webhook counts and names of sources only, and no secret is an argument" {
	three
	post
	service=$control
	start_answers <<<'200'
	printf 'url = "%s/hook/canary-of-the-hook"\nheader = "Authorization: Bearer canary-of-the-head"\n' "$url" >conf/hook
	echo 'webhook_file = hook' >>conf/nightly.conf
	control=$service
	night 01 0
	assert_file_contains mail '^To: ops@example.com, boss@example.com$'
	assert_file_contains mail '^Subject: rollcall on .*: first night: rudderstack scalr stripe$'
	change '{"op":"add-user","id":"u99","user_name":"<!channel> mei@example.com"}'
	: >mail
	: >"$raw_log"
	night 02 1
	cp "$out" printed
	sed '1,/^$/d' mail | base64 -d | sed 1,2d >text
	cmp text printed
	assert_file_contains text 'mei@example.com'
	assert_file_contains "$raw_log" '^POST /hook/canary-of-the-hook '
	assert_file_contains "$raw_log" '^Authorization: Bearer canary-of-the-head'
	assert_file_contains "$raw_log" '^{"text": "rollcall on [^"]*: 3 changes: 3 user.added"}$'
	refute grep -q 'mei' "$raw_log"
	refute grep -q canary argv
	refute grep -qr canary kept
	# nothing new: nobody is told
	: >mail
	: >"$raw_log"
	night 03 0
	assert_file_empty mail
	assert_file_empty "$raw_log"
}

@test "who is told of a failure reads whether to try again or to look" {
	three
	post
	night 01 0
	: >mail
	change '{"op":"switch","name":"stripe:users-status","value":"401"}'
	night 02 77
	assert_file_contains mail '^Subject: rollcall on .*: refused (status 77): stripe$'
	sed '1,/^$/d' mail | base64 -d >text
	assert_file_contains text 'refused with HTTP 401'
	: >mail
	change '{"op":"switch","name":"stripe:users-status","value":"off"}'
	BATON_STRIPE_SCIM_BASE_URL=http://127.0.0.1:9/scim/v2 night 03 69
	assert_file_contains mail '^Subject: rollcall on .*: try again later (status 69): stripe$'
	: >mail
	twelve_leave
	night 04 3
	assert_file_contains mail '^Subject: rollcall on .*: a person must look (status 3): [0-9]* changes: 36 user.removed'
}

@test "a message that could not be sent is 75, is kept, and is sent by the next run" {
	people ada
	post
	start_answers <<<'500'
	echo "webhook = $url/hook" >>conf/nightly.conf
	printf '#!/bin/sh\nexit 75\n' >bin/sendmail
	night 01 75
	assert_says 'could not be sent by mail' 'could not be sent by webhook'
	assert_equal "$(kept_nights)" 01
	assert_equal "$(ls kept/untold)" '2026-11-01T031500Z.mail
2026-11-01T031500Z.webhook'
	watched 1 2026-11-01T090000Z 'not sent: 2026-11-01T031500Z.mail: rollcall on .*: first night: hr'
	rm kept/untold/*090000Z*
	post
	start_answers <<<'200'
	echo "webhook = $url/hook" >>conf/nightly.conf
	night 02 0
	assert_file_empty "$out"
	assert_file_contains mail '^Subject: rollcall on .*: first night: hr$'
	sed '1,/^$/d' mail | base64 -d >text
	assert_file_contains text '^first snapshot:$'
	assert_file_contains "$raw_log" 'first night: hr'
	assert_equal "$(ls kept/untold)" ''
}

@test "curl takes an address without TLS for this machine only" {
	people ada
	post
	printf 'url = "http://192.0.2.1/hook"\n' >conf/hook
	echo 'webhook_file = hook' >conf/nightly.conf
	night 01 75
	assert_says 'Protocol "http" ' ' disabled' # curl 8.14: not "not supported or" any more
}

# ---- watch-nightly ----

@test "watch-nightly is silent where all is well, also after a night with changes" {
	people ada
	night 01 0
	watched 0 2026-11-01T090000Z
	assert_file_empty "$out"
	people ada bob
	night 02 1
	watched 0 2026-11-02T090000Z
	assert_file_empty "$out"
	assert_quiet
}

@test "watch-nightly says that nothing ran, that the store is empty or not there, and that a run failed" {
	people ada
	watched 1 2026-11-01T090000Z 'kept is empty: no night was ever kept'
	night 01 0
	watched 0 2026-11-02T051400Z
	watched 1 2026-11-02T051600Z 'no night was kept since 2026-11-01T031500Z, 26 hours ago'
	echo 'hours = 50' >conf/nightly.conf
	watched 0 2026-11-02T051600Z
	rm conf/hr.csv
	night 02 66
	watched 1 2026-11-02T090000Z 'the run of 2026-11-02T031500Z: failed (status 66): hr'
	mv kept gone
	watched 1 2026-11-02T090000Z 'there is no store kept: is its disk mounted?'
	assert_not_exists kept
	run_status 64 watch-nightly
}

@test "watch-nightly says that the clock went backwards, by the run or by the night" {
	people ada
	night 05 0
	watched 1 2026-11-04T090000Z 'the last run began at 2026-11-05T031500Z, and the clock says 2026-11-04T090000Z: the clock went backwards'
	rm kept/last-run
	watched 1 2026-11-04T090000Z 'the last night is 2026-11-05T031500Z, and the clock says'
}

@test "watch-nightly says that the last night is damaged, and which source was not readable" {
	people ada
	night 01 0
	cp -R kept whole
	for file in kept/2026-11-01T031500Z/snapshot.ndjson*; do
		head -c 100 "$file" >part
		cp part "$file"
	done
	watched 1 2026-11-01T090000Z 'the night of 2026-11-01T031500Z can not be read: list-snapshot: .*snapshot.ndjson'
	rm -r kept
	mv whole kept
	echo '{"sources": [{"name": "hr", "csv": "hr.csv", "column": {"user_name": "name"}}, {"name": "pay", "csv": "gone.csv"}]}' >conf/sources.json
	echo 'keep_going = yes' >conf/nightly.conf
	night 02 66
	watched 1 2026-11-02T090000Z '^pay: not readable in the night of 2026-11-02T031500Z$'
}

@test "watch-nightly mails and posts what it finds" {
	people ada
	post
	start_answers <<<'200'
	echo "webhook = $url/hook" >>conf/nightly.conf
	watched 1 2026-11-01T090000Z
	assert_file_contains mail '^Subject: rollcall on .*: watch: 1 wrong: kept is empty: no night was ever kept$'
	assert_file_contains "$raw_log" '^{"text": "rollcall on .*: watch: 1 wrong: kept is empty'
}

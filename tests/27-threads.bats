# SPDX-License-Identifier: ISC
# normalize with several threads: the same bytes and the same messages as with one.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# with_each_count STATUS OPTION...: stdout and stderr of normalize are the same with any
# number of threads.
with_each_count() {
	local status=$1 count
	shift
	run_status "$status" normalize --threads 1 "$@"
	cp "$out" one.out
	cp "$err" one.err
	for count in 3 16; do
		run_status "$status" normalize --threads $count "$@"
		cmp one.out "$out"
		cmp one.err "$err"
	done
}

@test "the snapshot is the same, byte by byte, with any number of threads and little memory or much" {
	for shape in '' --untyped --by-users --ordered; do
		# shellcheck disable=SC2086 # none or one word
		generate --users 8000 --groups 100 --memberships 8000 --pad 2000 $shape >in
		run_status 0 normalize --threads 1 --memory 512M -o want in
		for how in '1 --memory 16M' '3 --memory 16M' '16 --memory 512M'; do
			# shellcheck disable=SC2086 # three words
			run_status 0 normalize --threads $how in
			cmp want "$out"
			assert_quiet
		done
	done
}

@test "several sections, snapshots and lines of a megabyte between short ones give the same bytes, too" {
	generate --users 3000 --groups 10 >users
	generate --users 4 --groups 1 --pad 1000000 | body_of longer >long
	generate --users 3000 --groups 3000 --by-users | body_of many >other
	run_status 0 normalize -o snapshot other
	with_each_count 0 users long snapshot
}

# body_of SOURCE: a generated stream with another name for its source
body_of() {
	body /dev/stdin | sed "s/\"source\":\"bench\"/\"source\":\"$1\"/" | seal_fetch "$1"
}

@test "of several lines that are wrong the first one is named, whichever thread meets it" {
	generate --users 30000 --groups 0 | body /dev/stdin >lines
	for wrong in '200s/"id"/"no"/;25000s/"id"/"no"/' '20000s/^./[/;20001s/"id"/"no"/' \
		'29999s/"bench"/"other"/;30000s/"id"/"no"/' '1500s/"userName"/"id"/' '30000s/.$/]/'; do
		sed "$wrong" lines | seal_fetch bench >in
		with_each_count 65 in
		assert_regex "$(cat "$err")" '^normalize: in: line [0-9]+: '
		assert_file_empty "$out"
	done
	# a line that is wrong stands before a digest that does not match, and an end that is missing
	sed '30000s/"id"/"no"/' lines | seal_fetch bench | sed '$s/"sha256":"/&0/' >in
	with_each_count 65 in
	assert_says 'line 30001: a user without an id'
	sed '30000s/"id"/"no"/' lines | seal_fetch bench | sed '$d' >in
	with_each_count 65 in
	assert_says 'line 30001: a user without an id'
	seal_fetch bench <lines | sed '20000d' >in
	with_each_count 65 in
	assert_says 'the end line says 30000 users'
}

@test "a gap of users is known to all threads" {
	{
		generate --users 0 --groups 5000 --memberships 0 --by-users | body /dev/stdin
		echo '{"kind":"gap","source":"bench","scope":"users","reason":"no"}'
	} | seal_fetch bench >in
	with_each_count 0 in
	assert_equal "$(grep -c '"scope":"members"' "$out")" 5000
}

@test "a full disk stops all threads with status 74 and leaves nothing" {
	generate --users 60000 --groups 0 --pad 500 >in
	mkdir runs
	for count in 1 2 4; do
		TMPDIR=$PWD/runs run_status 74 sh -c "trap '' XFSZ; ulimit -f 1024
			exec normalize --threads $count --memory 16M -o snapshot in"
		assert_says 'cannot write a temporary file'
		assert_equal "$(wc -l <"$err")" 1
		assert_equal "$(ls -A runs)" ''
		assert_not_exists snapshot
	done
}

@test "a signal ends it with several threads, too, and leaves the old file and no other" {
	generate --users 30000 --groups 0 >in
	mkdir d
	echo old >d/target
	mkfifo pipe
	normalize --threads 4 -o d/target pipe 3>&- &
	pid=$!
	exec 8<>pipe
	timeout 60 sed \$d in >&8
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	exec 8>&-
	assert_equal "$status" 143
	assert_equal "$(cat d/target)" old
	assert_equal "$(ls -A d)" target
}

@test "a --threads that is no number from 1 to 16 is status 64" {
	for count in '' 0 17 -1 +1 ' 1' 1x two 99999999999999999999; do
		run_status 64 normalize --threads "$count" /dev/null
		assert_file_empty "$out"
		assert_says "--threads takes a whole number from 1 to 16, not '$count'"
	done
}

@test "attributes that nobody maps are counted over all threads" {
	generate --users 20000 --groups 10 >in
	with_each_count 0 in
	assert_equal "$(head -n 1 "$out" | jq -c '.sources[0].not_covered')" \
		'["not mapped: preferredLanguage (20000 users)"]'
}

# SPDX-License-Identifier: ISC
# normalize in little memory: the same bytes with any --memory and in any order of
# the input; temporary files that nobody sees and nothing leaves behind.

load helper

# a stream whose snapshot takes twice 16 MiB
setup_file() {
	generate --users 25000 --groups 10 --memberships 25000 --pad 800 >"$BATS_FILE_TMPDIR/big"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir runs
	export TMPDIR=$PWD/runs
	most=64G # of --memory
	[ "$(getconf LONG_BIT)" -gt 32 ] || most=1G
}

# more_than_fits: that stream, in the file `big`
more_than_fits() {
	ln -s "$BATS_FILE_TMPDIR/big" big
}

# same_bytes FILE: with little memory, with much, and as the file `want` where there is one.
same_bytes() {
	run_status 0 normalize -o little --memory 16M "$1"
	run_status 0 normalize -o much "$1"
	run cmp little much
	assert_success
	[ ! -e want ] || run cmp little want
	assert_success
	assert_equal "$(ls -A runs)" ''
}

# assert_spilled FILE: 16 MiB do not hold it. Without a place for temporary files it fails.
assert_spilled() {
	TMPDIR=$PWD/nowhere run_status 73 normalize --memory 16M "$1"
}

@test "the snapshot is the same, byte by byte, whatever --memory is" {
	more_than_fits
	assert_spilled big
	run_status 0 normalize -o want big
	for size in 16777216 20M 33M $most; do
		run_status 0 normalize --memory "$size" big
		assert_quiet
		run cmp want "$out"
		assert_success
	done
	sed '1d;$d' want | LC_ALL=C sort -c
	assert_equal "$(ls -A runs)" ''
}

@test "input that is in order, almost in order or in reverse gives the same bytes, in little memory, too" {
	generate --users 25000 --groups 0 --pad 800 --ordered >ordered
	assert_spilled ordered
	run_status 0 normalize -o want ordered
	begin=$(head -n 1 ordered) finished=',"requests":1,"retries":0,"finished_at":"2026-11-22T00:00:00Z"'
	again() {
		sealed_kinds='user group gap' seal "$begin" ',"source":"bench"' "$finished" >again
		same_bytes again
	}
	body ordered | tac | again
	body ordered | awk 'NR % 100 == 7 { late = $0; next } { print } late && NR % 100 == 50 { print late; late = "" }
		END { if (late) print late }' | again
	body ordered | shuf --random-source=<(yes) | again
}

@test "records that are all the same are one record, however many do not fit" {
	generate --users 25000 --groups 0 --pad 800 --equal >equal
	assert_spilled equal
	same_bytes equal
	assert_equal "$(wc -l <little)" 3
}

@test "one group of 100,000 members needs no more memory than --memory and 64 MiB" {
	for shape in '' --untyped; do
		# shellcheck disable=SC2086 # none or one word
		generate --users 0 --groups 1 --memberships 100000 $shape >members
		same_bytes members
		assert_equal "$(wc -l <little)" 100003
		bounded members
	done
}

@test "lines of 1 MB need no more memory than --memory and 64 MiB" {
	generate --users 40 --groups 0 --pad 1000000 >long
	assert_spilled long
	same_bytes long
	bounded long
}

@test "lines of 1 MB fill the memory before they become a temporary file" {
	local pad size files
	strace -o trace true || skip 'no strace here'
	for pad in 1000000 1500000; do
		generate --users $((96000000 / pad)) --groups 0 --pad $pad >long
		for size in 16 32; do
			ASAN_OPTIONS=detect_leaks=0 run_status 0 strace -f -qq -o trace -e trace=%file \
				normalize --memory ${size}M -o little long
			files=$(grep -cE "\"$TMPDIR(/rollcall\.[^\"]*)?\".*O_(TMPFILE|EXCL).* = [0-9]" trace || true)
			# each holds a third of --memory at least
			[ "$files" -ge 2 ] && [ "$files" -le $((96 * 3 / size)) ] || fail "$pad bytes a line, ${size}M: $files files"
		done
	done
}

@test "a million ids, some of them members of unknown kind, need no more memory than --memory and 64 MiB" {
	[ -z "${SANITIZED:-}" ] || skip "a sanitizer needs more"
	awk 'BEGIN {
		for (i = 0; i < 1000000; i++)
			printf "{\"kind\":\"user\",\"source\":\"s\",\"resource\":{\"id\":\"%036d\"}}\n", i * 7919 % 1000000
		printf "{\"kind\":\"group\",\"source\":\"s\",\"resource\":{\"id\":\"g\",\"members\":["
		for (i = 0; i < 1000; i++)
			printf "%s\"%036d\"", (i ? "," : ""), i * 2000
		printf "]}}\n"
	}' | seal_fetch s >ids
	bounded ids
	assert_equal "$(grep -c '"member_kind":"user"' "$out")" 500
	assert_equal "$(grep -c '"member_kind":"unknown"' "$out")" 500
}

@test "many users and memberships need no more memory than --memory and 64 MiB" {
	for shape in --untyped --by-users; do
		generate --users 20000 --groups 200 --memberships 40000 $shape >many
		same_bytes many
		bounded many
	done
}

# bounded FILE: the peak of normalize --memory 16M, in KiB
bounded() {
	run_status 0 peak normalize --memory 16M "$1" 3>kib
	[ -n "${SANITIZED:-}" ] || [ "$(cat kib)" -le $((80 * 1024)) ] || fail "$1: $(cat kib) KiB"
}

@test "a line that is longer than --memory passes like any other" {
	generate --users 2 --groups 0 --pad 20000000 >longer
	assert_spilled longer
	same_bytes longer
}

@test "a snapshot is merged in little memory into the same bytes" {
	more_than_fits
	run_status 0 normalize -o want big
	same_bytes want
}

@test "the sorter sorts as sort does, with memory for all lines, for some, and for hardly one" {
	{
		generate --users 1000 --groups 20 --memberships 500
		generate --users 700 --groups 0 --ordered
		generate --users 500 --groups 0 --ordered | tac
		generate --users 500 --groups 0 --equal
		generate --users 20 --groups 0 --pad 20000
		# few letters, so that lines share beginnings of all lengths
		awk 'BEGIN { srand(7); for (i = 0; i < 3000; i++) {
			line = "{"; for (n = rand() * 40; n > 0; n--) line = line (rand() < 0.8 ? "a" : "b"); print line } }'
		printf '%s\n' '{' '{a' '{ab' '{abcdefg' '{abcdefgh' '{abcdefghi' '{abcdefghij' '{abcdefgh' '{abcdefgh'
	} >lines
	# a temporary file for every line takes long: of fewer lines
	awk 'NR % 7 == 0' lines >some
	LC_ALL=C sort some >want
	run_status 0 sort-lines 0 <some
	assert_quiet
	cmp want "$out"
	LC_ALL=C sort lines >want
	# 4096 bytes make more runs than are merged at once
	for memory in 4096 100000 1000000 10000000 1000000000; do
		run_status 0 sort-lines $memory <lines
		assert_quiet
		run cmp want "$out"
		assert_success
	done
	assert_equal "$(ls -A runs)" ''
}

@test "temporary files stand in TMPDIR without a name, and a kill -9 leaves nothing" {
	more_than_fits
	mkfifo pipe
	normalize --memory 16M -o snapshot pipe 3>&- &
	pid=$!
	exec 8<>pipe
	# all but the end line; what the pipe still holds is little
	timeout 60 sed \$d big >&8
	readlink /proc/$pid/fd/* >links || true
	grep -q "^$TMPDIR/.* (deleted)$" links || fail "$(cat links)"
	assert_equal "$(ls -A runs)" ''
	kill -KILL $pid
	wait $pid || true
	exec 8>&-
	assert_equal "$(ls -A runs)" ''
	assert_not_exists snapshot
}

@test "a TMPDIR that is not there or can not be written is status 73 and names it" {
	more_than_fits
	echo old >snapshot
	TMPDIR=$PWD/nowhere run_status 73 normalize --memory 16M -o snapshot big
	assert_regex "$(cat "$err")" "^normalize: .*cannot create temporary file '$PWD/nowhere/.*No such file"
	chmod 555 runs
	if [ "$(id -u)" = 0 ]; then
		unprivileged="setpriv --bounding-set -dac_override --inh-caps -dac_override"
	fi
	# shellcheck disable=SC2086 # several words
	run_status 73 ${unprivileged:-} normalize --memory 16M -o snapshot big
	assert_regex "$(cat "$err")" "cannot create temporary file '$TMPDIR/.*Permission denied"
	assert_equal "$(wc -l <"$err")" 1
	assert_equal "$(cat snapshot)" old
	assert_equal "$(ls -d snapshot*)" snapshot
	# in memory it is not needed
	TMPDIR=$PWD/nowhere run_status 0 normalize big
}

@test "a full disk under the temporary files is status 74, and the old snapshot stays" {
	more_than_fits
	echo old >snapshot
	run_status 74 sh -c 'trap "" XFSZ; ulimit -f 1024; exec normalize --memory 16M -o snapshot big'
	assert_regex "$(cat "$err")" '^normalize: .*cannot write a temporary file: File too large$'
	assert_equal "$(cat snapshot)" old
	assert_equal "$(ls -A runs)" ''
	unshare -rm mount -t tmpfs -o size=1M none runs 2>/dev/null || skip 'no file system can be mounted here'
	# shellcheck disable=SC2016 # the inner shell expands it
	run_status 74 unshare -rm sh -c 'mount -t tmpfs -o size=1M none runs &&
		exec normalize --memory 16M -o snapshot big'
	assert_regex "$(cat "$err")" '^normalize: .*cannot write a temporary file: No space left on device$'
	assert_equal "$(cat snapshot)" old
}

@test "a --memory that is no size is status 64 and says what a size is" {
	for size in '' 0 1 15M 16383K 65G 99999999999999999999 -64M +64M ' 64M' 64MB 64m 64T M 64MM 0x40M 1.5G; do
		run_status 64 normalize --memory "$size" /dev/null
		assert_file_empty "$out"
		assert_regex "$(head -n 1 "$err")" "^normalize: --memory takes a size from 16M to $most"
		assert_equal "$(grep -cF -e "'$size'" "$err")" 1
	done
}

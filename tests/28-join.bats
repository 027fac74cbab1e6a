#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# sort/join.h, by itself: facts meet what waits for them.

setup() {
	load helper
	cd "$BATS_TEST_TMPDIR" || return
}

@test "what waits meets the fact of its key, or none" {
	cat >lines <<-'END'
		g1 u ada
		g2 u ben
		g1 = shown
		g3 = hidden
		g1 u zoe
	END
	run_status 0 join-lines 1000000 <lines
	cat >expected <<-'END'
		g1 =  shown
		g1 u ada shown
		g1 u zoe shown
		g2 u ben -
		g3 =  hidden
	END
	assert_equal "$(cat "$out")" "$(cat expected)"
}

@test "of several facts the least counts and the others have their turn, and of what waits the lesser letter comes first" {
	printf '%s\n' 'k b 1' 'k = two' 'k a 2' 'k = one' 'k = three' >lines
	run_status 0 join-lines 1000000 <lines
	assert_equal "$(cat "$out")" $'k =  one\nk = three one\nk = two one\nk a 2 one\nk b 1 one'
}

@test "a key that begins another one is another key" {
	printf '%s\n' 'a = short' 'aa u x' 'a u y' 'aaa = long' 'aaa! u z' >lines
	run_status 0 join-lines 1000000 <lines
	assert_equal "$(cat "$out")" $'a =  short\na u y short\naa u x -\naaa =  long\naaa! u z -'
}

@test "facts of another sorter meet what waits, by how their lines begin" {
	printf '%s\n' '"b",yes' '"d",also' '"a",no one' >facts
	printf '%s\n' '"a" u 1' '"c" u 2' '"d" u 3' '"d" u 4' '"e" u 5' >lines
	run_status 0 join-lines 1000000 facts <lines
	assert_equal "$(cat "$out")" $'"a" u 1 ,no one\n"c" u 2 -\n"d" u 3 ,also\n"d" u 4 ,also\n"e" u 5 -'
	: >none
	run_status 0 join-lines 1000000 none <lines
	assert_equal "$(grep -c ' -$' "$out")" 5
}

# random_lines SEED: keys that are few, and some that begin others
random_lines() {
	awk -v seed="$1" 'BEGIN { srand(seed); for (i = 0; i < 5000; i++)
		printf "%x %s %d\n", rand() * 900, substr("=uv", 1 + int(rand() * 3), 1), rand() * 50 }'
}

# What a table of all facts says.
expected_of() {
	sort "$1" | awk '$2 == "=" { if (!($1 in fact) || $3 < fact[$1]) fact[$1] = $3; next }
		{ key[++n] = $1; rest[n] = $2 " " $3 }
		END { for (i = 1; i <= n; i++) print key[i], rest[i], (key[i] in fact) ? fact[key[i]] : "-"
			for (k in fact) print k, "= ", fact[k] }' | sort
}

@test "a join of five thousand lines is right, in little memory and in much" {
	for seed in 1 2 3; do
		random_lines $seed | awk '{ printf "%s %s %02d\n", $1, $2, $3 }' >lines
		memories='20000 100000 10000000'
		# a temporary file for every few lines takes long: of fewer lines
		[ "$seed" -ne 3 ] || { sed -i 1000q lines && memories='0 10000'; }
		expected_of lines >expected
		for memory in $memories; do
			run_status 0 join-lines "$memory" <lines
			# without the turns of other facts
			sed '/ = [0-9]/d' "$out" | sort | cmp - expected
			cut -d ' ' -f 1 "$out" | sort -c
		done
	done
}

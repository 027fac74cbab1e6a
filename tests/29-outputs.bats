#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Where -o leads, what a signal leaves, and pipes that somebody made non-blocking: what
# lib/sys/out.h, undo.h and ready.h promise for all programs.

setup() {
	load helper
	cd "$BATS_TEST_TMPDIR" || return
	printf '{"user_name":"ada"}\n' | normalize --plain --source h --fetched-at 2027-01-01T00:00:00Z >snapshot
}

@test "-o on a link to a file that is not there yet makes the file, and the link stays" {
	mkdir here there
	ln -s ../there/new here/link
	ln -s here/link second
	run_status 0 normalize -o second snapshot
	cmp snapshot there/new
	[ -L second ] && [ -L here/link ]
	# shellcheck disable=SC2012 # names of our own
	assert_equal "$(ls -A here there | tr '\n' ' ')" 'here: link  there: new '
	ln -s nowhere/at/all third
	run_status 73 normalize -o third snapshot
	[ -L third ]
	ln -s circle circle
	run_status 73 normalize -o circle snapshot
}

@test "-o /dev/stdout and /dev/fd/N write in place what is open there, a file too" {
	for name in /dev/stdout /dev/fd/1 /proc/self/fd/1; do
		echo precious >log
		normalize -o $name snapshot >>log 2>message
		assert_equal "$(head -n 1 log)" precious
		sed 1d log | cmp - snapshot
	done
	ln -s /dev/fd/5 five
	echo precious >log
	normalize -o five snapshot 5>>log 2>message
	sed 1d log | cmp - snapshot
	run_status 73 normalize -o /dev/fd/77 snapshot
	# and the reader of a pipe that goes away is no error of ours
	status=0
	(normalize -o /dev/stdout snapshot 2>message || echo $? >status) | true
	[ ! -s status ] || assert_equal "$(cat status)" 141
	assert_equal "$(find . -maxdepth 1 -name '*.??????' | wc -l)" 0
}

@test "no signal that ends a program leaves a temporary file" {
	seq -f '{"user_name":"user%.0f"}' 200000 >in
	mkdir d
	for signal in USR1 USR2 ALRM XCPU QUIT VTALRM IO RTMIN; do
		for try in 1 2 3 4 5 6; do
			echo "$try" >d/target
			status=0
			bash -c 'ulimit -c 0; env --default-signal=QUIT normalize --plain --source h -o d/target in &
				while ! compgen -G "d/target.*" && kill -0 $!; do :; done
				kill -s $1 $!
				wait $!' - $signal >/dev/null 2>&1 3>&- || status=$?
			[ "$status" = 0 ] || break # it was faster than we: once more
		done
		assert_equal "$status" $((128 + $(kill -l $signal)))
		assert_equal "$(cat d/target)" "$try"
		assert_equal "$(ls -A d)" target
	done
}

# nonblocking END COMMAND...: with O_NONBLOCK set on a descriptor, as some parent left it
nonblocking() {
	perl -MFcntl -e 'my $fd = shift; open(my $h, "+<&=", $fd) or open($h, "<&=", $fd) or open($h, ">&=", $fd) or die;
		fcntl($h, F_SETFL, fcntl($h, F_GETFL, 0) | O_NONBLOCK) or die; $^F = 255; exec @ARGV' "$@"
}

@test "a non-blocking pipe is waited for, in reading and in writing" {
	for i in $(seq 3000); do echo "{\"user_name\":\"user$i\",\"display_name\":\"$(printf %0100d "$i")\"}"; done >lines
	normalize --plain --source h --fetched-at 2027-01-01T00:00:00Z lines >large
	mkfifo in out
	# both ends late: the reader finds nothing, the writer no room
	nonblocking 0 normalize - <in >"read" 2>message 3>&- &
	reading=$!
	exec 8>in
	head -c 1000 large >&8
	until grep -q '^State:.S' /proc/$reading/status; do kill -0 $reading; done
	tail -c +1001 large >&8
	exec 8>&-
	wait $reading
	cmp large read
	nonblocking 1 normalize large >out 2>message 3>&- &
	writing=$!
	exec 7<out
	until grep -q '^State:.S' /proc/$writing/status; do kill -0 $writing; done
	cat <&7 >written
	wait $writing
	cmp large written
}

@test "list-snapshot writes through a link, in place, and leaves no temporary file, as normalize does" {
	local name signal status try
	run_status 0 list-snapshot --format csv snapshot
	cp "$out" rows
	mkdir there d
	ln -s there/new link
	run_status 0 list-snapshot --format csv -o link snapshot
	cmp rows there/new
	[ -L link ]
	for name in /dev/stdout /dev/fd/1 /dev/fd/5; do
		echo precious >log
		list-snapshot --format csv -o $name snapshot >>log 5>>log 2>message
		assert_equal "$(head -n 1 log)" precious
		sed 1d log | cmp - rows
	done
	seq -f '{"user_name":"user%.0f"}' 100000 | normalize --plain --source h -o large 2>message
	for signal in USR1 ALRM XCPU; do
		for try in 1 2 3 4 5 6; do
			echo "$try" >d/target
			status=0
			bash -c 'ulimit -c 0; list-snapshot --format csv -o d/target large &
				while ! compgen -G "d/target.*" && kill -0 $!; do :; done
				kill -s $1 $!
				wait $!' - $signal >/dev/null 2>&1 3>&- || status=$?
			[ "$status" = 0 ] || break
		done
		assert_equal "$status" $((128 + $(kill -l $signal)))
		assert_equal "$(cat d/target)" "$try"
		assert_equal "$(ls -A d)" target
	done
}

@test "list-snapshot and diff-snapshot wait for a non-blocking pipe" {
	local command status
	for i in $(seq 2000); do echo "{\"user_name\":\"user$i\",\"display_name\":\"$(printf %0100d "$i")\"}"; done |
		normalize --plain --source h --fetched-at 2027-01-02T00:00:00Z >large 2>message
	mkfifo out
	while read -ra command; do
		status=0
		"${command[@]}" >wanted 2>message || status=$?
		nonblocking 1 "${command[@]}" >out 2>message 3>&- &
		exec 7<out
		until grep -q '^State:.S' /proc/$!/status; do kill -0 $!; done
		cat <&7 >written
		exec 7<&-
		late=0
		wait $! || late=$?
		assert_equal "$late" "$status"
		cmp wanted written
	done <<-'END'
		list-snapshot --format csv large
		diff-snapshot snapshot large
	END
}

#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The corpora of tests/fuzz with the compiler at hand; `make fuzz` looks for more.

load helper

FUZZ=$BATS_TEST_DIRNAME/fuzz

@test "no input of any corpus breaks a promise of its harness" {
	local name
	for name in "$FUZZ"/corpus/*; do
		name=${name##*/}
		run_status 0 "$BUILD/tests/fuzz/$name" "$FUZZ/corpus/$name"/*
		assert_equal "$(wc -l <"$err")" "$(find "$FUZZ/corpus/$name" -type f | wc -l)"
	done
}

@test "every harness has a corpus, and every corpus a harness" {
	assert_equal "$(cd "$FUZZ" && printf '%s\n' *.c | sed 's/\.c$//' | grep -vx -e support -e replay)" \
		"$(cd "$FUZZ/corpus" && printf '%s\n' *)"
}

@test "a harness that meets a broken promise says which and dies" {
	ulimit -c 0
	run_status 134 "$BUILD/tests/fuzz/json" no-such-file
	assert_says 'broken promise: no-such-file'
}

#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What is compressed with zstd is read as what it was made from; what is damaged is refused.

load helper
load records

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	command -v zstd >/dev/null || skip 'no zstd here'
	{ group g1 Ops && member g1 7 && users 1 3000; } | sort | seal_snapshot a >s.ndjson
	zstd -q s.ndjson -o s.zst
}

@test "every program reads a compressed file and a compressed stdin as it reads the plain ones" {
	run_status 0 diff-snapshot s.ndjson s.zst
	# shellcheck disable=SC2094 # only read
	run_status 0 diff-snapshot s.zst - <s.zst
	run_status 0 normalize s.ndjson
	cp "$out" plain
	run_status 0 normalize s.zst
	cmp "$out" plain
	# shellcheck disable=SC2086 # programs with their options
	for program in list-snapshot 'check-snapshot --fail-on critical' 'report-snapshot --format markdown' \
		'list-snapshot --user u7'; do
		run_status 0 $program s.ndjson
		sed 's/s\.ndjson/FILE/g' "$out" >plain
		run_status 0 $program s.zst
		sed 's/s\.zst/FILE/g' "$out" | cmp - plain
		run_status 0 $program - <s.zst
		sed 's/standard input/FILE/g' "$out" | cmp - plain
	done
}

@test "what is read twice may be a compressed pipe" {
	run_status 0 list-snapshot --user u7 s.ndjson
	cp "$out" plain
	run_status 0 list-snapshot --user u7 <(cat s.zst)
	cmp "$out" plain
}

@test "frames may follow each other, and frames to be skipped may stand before them" {
	head -c 30000 s.ndjson | zstd -q >parts.zst
	tail -c +30001 s.ndjson | zstd -q >>parts.zst
	run_status 0 diff-snapshot s.ndjson parts.zst
	{ printf 'P*M\030\003\000\000\000abc' && cat s.zst; } >skip.zst
	run_status 0 diff-snapshot s.ndjson skip.zst
}

@test "a compressed file that is cut anywhere is refused, and the message names it" {
	local size
	size=$(stat -c %s s.zst)
	for at in 5 9 100 $((size / 2)) $((size - 4)) $((size - 1)); do
		head -c "$at" s.zst >cut.zst
		run_status 65 list-snapshot cut.zst
		assert_says 'cut.zst' 'cut off'
		run_status 65 list-snapshot - <cut.zst
		assert_says 'standard input' 'cut off'
		run_status 65 diff-snapshot s.ndjson cut.zst
		assert_says 'cut.zst' 'cut off'
		run_status 65 diff-snapshot cut.zst s.ndjson
		assert_says 'cut.zst' 'cut off'
	done
}

@test "a flipped bit in compressed data is refused" {
	local size at
	size=$(stat -c %s s.zst)
	for at in 6 $((size / 3)) $((size / 2)) $((size - 2)); do
		perl -e 'local $/; $_ = <STDIN>; substr($_, $ARGV[0], 1) ^= "\x10"; print' "$at" <s.zst >bad.zst
		run_status 65 list-snapshot bad.zst
		assert_says 'bad.zst'
	done
	{ cat s.zst && echo more; } >bad.zst
	run_status 65 list-snapshot bad.zst
	assert_says 'bad.zst: bytes that are not zstd follow the compressed data'
}

@test "data that grows beyond measure and a window that is too large are refused" {
	seal_fetch s </dev/null | head -n 1 >begin
	yes '{"kind":"user","source":"s","resource":{"id":"1"}}' | head -c 80000000 | cat begin - |
		zstd -q >bomb.zst
	run_status 65 normalize bomb.zst
	assert_says 'bomb.zst: the compressed data grows by more than the limit of 1000'
	zstd -q --long=31 -c <s.ndjson >window.zst
	run_status 65 list-snapshot window.zst
	assert_says 'window.zst' 'larger window'
}

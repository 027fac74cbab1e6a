#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The programs as `make install` puts them: built as faults.md 4.11 asks.

load helper

setup_file() {
	[ -n "${SANITIZED:-}${COVERAGE:-}" ] ||
		make -s -C "$ROOT" BUILD="$BUILD" DESTDIR="$BATS_FILE_TMPDIR" PREFIX=/usr install >&2
}

setup() {
	[ -z "${SANITIZED:-}${COVERAGE:-}" ] || skip 'built with other flags'
	cd "$BATS_FILE_TMPDIR/usr/bin" || return
	PROGRAMS=$(ls)
	assert_equal "$(xargs <<<"$PROGRAMS")" "$(sed -n 's/^PROGRAMS = //p' "$ROOT/Makefile" | tr ' ' '\n' | sort | xargs)"
}

# each PATTERN OPTION...: readelf with these options says so of each program
each() {
	local pattern=$1 program
	shift
	for program in $PROGRAMS; do
		readelf -W "$@" "$program" >"$BATS_TEST_TMPDIR/elf"
		grep -qE "$pattern" "$BATS_TEST_TMPDIR/elf" || fail "$program: no $pattern"
	done
}

@test "the programs are loaded at random addresses" {
	each 'Type: +DYN' -h
	each 'FLAGS_1.*PIE' -d
}

@test "what the loader has written can not be written again, and nothing is bound late" {
	each GNU_RELRO -l
	each 'BIND_NOW|FLAGS_1.*NOW' -d
}

@test "no stack and no segment is both written and run" {
	each 'GNU_STACK +[^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ RW ' -l
	local program
	for program in $PROGRAMS; do
		readelf -W -l "$program" >"$BATS_TEST_TMPDIR/elf"
		[ "$(grep -c ' RWE ' "$BATS_TEST_TMPDIR/elf")" -eq 0 ] || fail "$program: RWE"
	done
}

@test "functions check their stack, and library calls the size of what they fill" {
	each __stack_chk_fail --dyn-syms
	each '__(vsnprintf|snprintf|memcpy|fprintf|read|pread|fread|realpath)_chk' --dyn-syms
}

@test "no library is looked for in a directory that the programs name" {
	local program
	for program in $PROGRAMS; do
		readelf -W -d "$program" >"$BATS_TEST_TMPDIR/elf"
		[ "$(grep -cE 'RPATH|RUNPATH' "$BATS_TEST_TMPDIR/elf")" -eq 0 ] || fail "$program: RPATH"
	done
}

@test "nothing is installed that its user runs as another" {
	[ -z "$(find . -perm /6000)" ]
}

# SPDX-License-Identifier: ISC
# What people who work on rollcall rely on: make help, make hooks, make release, the
# templates. A repository of its own stands for this one.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# repository: a small one with a module in each of two rooms, and no configuration but its own.
repository() {
	command -v git >/dev/null || skip 'git is not there'
	export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=t \
		GIT_AUTHOR_EMAIL=t@example.com GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@example.com
	unset MAKEFLAGS MFLAGS MAKELEVEL GIT_DIR GIT_INDEX_FILE
	mkdir -p repo/.ci repo/tests repo/lib/base repo/lib/http
	cp "$ROOT/.ci/release" "$ROOT/.ci/pre-commit" repo/.ci
	cp "$ROOT/tests/lint-rooms" repo/tests
	cp "$ROOT/.clang-format" repo
	printf 'base:\nhttp: base\n' >repo/lib/LAYERS
	printf 'int base(void);\n' >repo/lib/base/base.h
	printf '#include "base/base.h"\n\nint http(void);\n' >repo/lib/http/http.h
	echo build >repo/.gitignore
	printf '%s\n' '# News' '' '## 1.2.3' '' '### Added' '' '* A line.' '' '## 1.2.2' '' '* An old line.' >repo/NEWS.md
	# the real one builds and tests the tarball for minutes
	# shellcheck disable=SC2016 # make expands it
	printf '%s\n' 'VERSION = 1.2.3' 'BUILD ?= build' 'distcheck:' '	mkdir -p $(BUILD)' \
		'	git archive --prefix=rollcall-$(VERSION)/ HEAD | gzip -n >$(BUILD)/rollcall-$(VERSION).tar.gz' \
		>repo/Makefile
	cd repo || return
	git init --quiet .
	git add -A
	git commit --quiet -m first
	unset BUILD
}

# release STATUS OPTION...: as `make release` calls it
release() {
	local status=$1
	shift
	run_status "$status" .ci/release "$@" 1.2.3
}

@test "make help begins with the demo, lists each target that has a text, in groups, and says how long" {
	local target
	run_status 0 make --no-print-directory -C "$ROOT" help
	assert_equal "$(sed -n 1p "$out")" 'Start with: make demo'
	assert_equal "$(grep -c '^to \|^before ' "$out")" 3
	sed -n 's/^\([a-z-]*\):.*## .*/\1/p' "$ROOT/Makefile" >targets
	[ "$(wc -l <targets)" -gt 15 ] || fail 'targets not found'
	while read -r target; do
		grep -q "^  make $target " "$out" || fail "$target"
	done <targets
	for target in all demo check smoke lint; do
		grep -qE "^  make $target .*\((half a |[0-9 to]*)?(s|min|minute|minutes)\b" "$out" || fail "how long does $target take?"
	done
	awk 'length > 120' "$out" >wide
	assert_file_empty wide
}

@test "BUILD, PREFIX and DESTDIR, and the folder of the sources, may hold blanks and quotes" {
	local sources="$BATS_TEST_TMPDIR/it is source" to="$BATS_TEST_TMPDIR/Ada's root" link
	mkdir -p "$sources/my build/tests" "$sources/tests"
	cp -a "$ROOT"/{Makefile,.ci,cmd,lib,man,examples,share,packaging} "$sources"
	cp -a "$ROOT/tests/bench" "$sources/tests"
	cp -a "$BUILD"/{cmd,lib,librollcall.a} "$sources/my build"
	find "$BUILD" -maxdepth 1 -type f -perm -u+x -exec cp -a {} "$sources/my build" \;
	cd "$sources"
	link=$(.ci/build-link 'my build')
	run_status 0 make BUILD='my build' "$link/tests/peak"
	assert [ -x 'my build/tests/peak' ]
	run_status 0 make BUILD='my build' PREFIX='/opt/my apps' DESTDIR="$to" PROGPREFIX=roll- install
	refute grep -q ' -c ' "$out" # all else was there
	run_status 0 "$to/opt/my apps/bin/roll-normalize" --version
	assert_exists "$to/opt/my apps/share/man/man1/roll-normalize.1"
	assert_exists "$to/opt/my apps/share/man/man5/rollcall-stream.5"
	run_status 0 make PREFIX='/opt/my apps' DESTDIR="$to" PROGPREFIX=roll- uninstall
	assert_equal "$(find "$to" -type f)" ''
	run_status 0 make BUILD='my build' clean
	assert_not_exists 'my build'
	assert_not_exists "$link"
	for blank in '' ' '; do
		run_status 2 make BUILD="$blank" all
		assert_says 'is no folder that can be made'
	done
}

@test "a dry run of a release makes every check, says every step, and makes nothing" {
	repository
	release 0 --dry-run
	for step in distcheck 'git tag v1.2.3' 'rollcall-1.2.3.tar.gz' '.sha256' 'git push' 'A line.'; do
		assert_file_contains "$out" "$step"
	done
	refute grep -q 'old line' "$out"
	assert_equal "$(git tag)" ''
	[ ! -e build ] || fail 'something was made'
}

@test "make release hands over the version of the Makefile" {
	repository
	# shellcheck disable=SC2016 # the script expands it
	printf '%s\n' '#!/bin/sh' 'echo "$@"' >.ci/release
	sed -n '/^\.PHONY: release/,/^$/p' "$ROOT/Makefile" >>Makefile
	run_status 0 make -s release
	assert_equal "$(cat "$out")" 1.2.3
	run_status 0 make -s release DRY_RUN=1
	assert_equal "$(cat "$out")" '--dry-run 1.2.3'
}

@test "a release is a tag, a tarball and its checksum, and nothing is pushed" {
	repository
	git init --quiet --bare ../origin
	git remote add origin ../origin
	release 0
	assert_file_contains "$out" 'not signed'
	assert_equal "$(git cat-file -t v1.2.3)" tag
	assert_equal "$(git rev-parse 'v1.2.3^{commit}')" "$(git rev-parse HEAD)"
	(cd build/release && run_status 0 sha256sum --check --quiet rollcall-1.2.3.tar.gz.sha256)
	tar -tzf build/release/rollcall-1.2.3.tar.gz >list
	assert_file_contains list rollcall-1.2.3/NEWS.md
	assert_equal "$(git ls-remote origin)" ''
	rm list
	release 1
	assert_says 'there is a tag v1.2.3'
}

@test "a release is refused where something is not committed, the version differs or NEWS.md does not begin with it" {
	local above
	repository
	echo >>NEWS.md
	release 1
	assert_says 'not committed'
	git commit --quiet -am blank
	sed -i 's/1.2.3/1.2.4/' Makefile
	git commit --quiet -am version
	release 1
	assert_says 'another VERSION'
	sed -i 's/1.2.4/1.2.3/' Makefile
	for above in Unreleased 1.3.0; do
		sed -i "s/^# News/&\n\n## $above\n\n* New./" NEWS.md
		git commit --quiet -am news
		release 1
		assert_says "NEWS.md begins with '## $above', and not with '## 1.2.3'"
		git reset --quiet --hard HEAD~
	done
	sed -i '/^### Added/d; /A line/d' NEWS.md
	git commit --quiet -am news
	release 1
	assert_says "the section '## 1.2.3' of NEWS.md is empty"
	git reset --quiet --hard HEAD~
	echo '#define VERSION "1.2.3"' >>lib/base/base.h
	git commit --quiet -am twice
	release 1
	assert_says 'the code, too: lib/base/base.h'
	assert_equal "$(git tag)" ''
	[ ! -e build ] || fail 'something was made'
}

@test "a release whose distcheck fails makes no tag" {
	repository
	printf 'VERSION = 1.2.3\ndistcheck:\n\tfalse\n' >Makefile
	git commit --quiet -am broken
	release 2
	assert_equal "$(git tag)" ''
}

@test "what is not a version is refused" {
	run_status 64 "$ROOT/.ci/release"
	run_status 64 "$ROOT/.ci/release" 1.2
	run_status 64 "$ROOT/.ci/release" --dry-run '1.2.3 -- x'
}

@test "the hook refuses C that is not formatted as it is staged, and leaves the rest alone" {
	command -v clang-format >/dev/null || skip 'clang-format is not there'
	repository
	run_status 0 .ci/pre-commit --install
	printf 'int   base( void );\n' >lib/base/base.h
	git add lib/base/base.h
	printf 'int base(void);\n' >lib/base/base.h # mended, but not staged
	run_status 1 git commit -m bad
	assert_says 'lib/base/base.h is not formatted'
	git add lib/base/base.h
	echo x >other
	printf 'int   other( void );\n' >lib/base/other.h # neither staged
	git add other
	run_status 0 git commit -m good
}

@test "the hook refuses an include that lib/LAYERS does not allow" {
	repository
	run_status 0 .ci/pre-commit --install
	printf '#include "http/http.h"\n\nint base(void);\n' >lib/base/base.h
	run_status 1 git commit -am upward
	assert_says 'lib/base/base.h:1: may not include http/'
	run_status 0 git commit --no-verify -am upward
}

@test "a hook of somebody else is left alone, and ours may be installed twice" {
	repository
	echo '#!/bin/sh' >.git/hooks/pre-commit
	cp .git/hooks/pre-commit theirs
	run_status 1 .ci/pre-commit --install
	assert_says 'not from here'
	run_status 0 cmp theirs .git/hooks/pre-commit
	rm .git/hooks/pre-commit
	run_status 0 .ci/pre-commit --install
	run_status 0 .ci/pre-commit --install
}

@test "a wrong include is named by tests/lint-rooms without a build" {
	repository
	run_status 0 tests/lint-rooms
	assert_file_empty "$out"
	printf '#include "http/http.h"\n' >lib/base/base.h
	run_status 1 tests/lint-rooms
	assert_equal "$(cat "$out")" 'lib/base/base.h:1: may not include http/'
}

@test "the devcontainer installs what .ci/deps knows" {
	local command sets
	command=$(jq -r .postCreateCommand "$ROOT/.devcontainer/devcontainer.json")
	assert_equal "${command%% *}" .ci/deps
	sets=${command#* }
	cd "$ROOT" || return
	# shellcheck disable=SC2086 # words on purpose
	run_status 0 .ci/deps --print $sets
}

@test "the template of a bug asks for the version and sends secrets to SECURITY.md, a pull request has five boxes" {
	assert_file_contains "$ROOT/.github/ISSUE_TEMPLATE/bug.md" SECURITY.md
	assert_file_contains "$ROOT/.github/ISSUE_TEMPLATE/bug.md" '[-]-version'
	assert_equal "$(grep -c '^- \[ \] ' "$ROOT/.github/PULL_REQUEST_TEMPLATE.md")" 5
}

@test "each line of lib/ that tests/coverage/reasons names is there" {
	# make coverage says so, too, and takes longer than make check
	(cd "$ROOT" && awk '
		function trimmed(text) { gsub(/^[ \t]+|[ \t]+$/, "", text); return text }
		FILENAME ~ /reasons$/ { if (/^~? ?lib\//) { sub(/^~ /, ""); reason[$0] = 1 } next }
		/^[a-z].*\(/ && !/;$/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
		{ there[FILENAME " " name ": " trimmed($0)] = 1 }
		END { for (line in reason) if (!(line in there)) print line }' tests/coverage/reasons lib/*/*.c) >gone
	assert_file_empty gone
}

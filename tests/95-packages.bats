# SPDX-License-Identifier: ISC
# What is installed beside the programs: completions, units, a cron line, files for Kubernetes and
# GitHub. `make packages-check` builds the packages, which takes longer.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	read -ra PROGRAMS < <(sed -n 's/^PROGRAMS = //p' "$ROOT/Makefile")
}

# generated SHELL: the completions of all programs, as files SHELL/PROGRAM
generated() {
	local program
	mkdir -p "$1"
	for program in "${PROGRAMS[@]}"; do
		"$program" --help=table | "$ROOT/packaging/completions/generate" "$1" "$program" >"$1/$program"
	done
}

# complete_bash WORD...: what bash offers for the last word, a line each
complete_bash() {
	bash --norc --noprofile -c '
		program=$1
		. "bash/$program"
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		"$(complete -p "$program" | sed "s/.* -F \([^ ]*\) .*/\1/")" "$program"
		printf "%s\n" "${COMPREPLY[@]}"' bash "$@"
}

@test "bash completes the options of all programs, and every value that a table lists" {
	local program name argument values word tried=0
	generated bash
	for program in "${PROGRAMS[@]}"; do
		bash -n "bash/$program"
		"$program" --help=table | cut -f 1 | sort >want
		complete_bash "$program" -- | grep '^--' | sort >got
		cmp want got
		while IFS=$'\t' read -r name _ argument values _; do
			[[ $argument != - && $values == [a-z]*'|'* ]] || continue
			word=${values##*|}
			assert_equal "$(complete_bash "$program" "$name" "$word")" "$word"
			assert_equal "$(complete_bash "$program" "$name" = "$word")" "$word"
			tried=$((tried + 1))
		done < <("$program" --help=table)
	done
	[ "$tried" -gt 8 ] || fail "only $tried options have words"
	assert_equal "$(complete_bash diff-snapshot --only user.added,group.rec)" user.added,group.recreated
	assert_equal "$(complete_bash scim-fetch strip)" stripe
	assert_equal "$(complete_bash list-snapshot --memory 1)" ''
	assert_equal "$(complete_bash scim-fetch --no-such)" ''
}

@test "zsh takes the completions, and offers the words of an option and the providers" {
	command -v zsh >/dev/null || skip 'no zsh here'
	local program
	generated zsh
	for program in "${PROGRAMS[@]}"; do
		assert_equal "$(head -n 1 "zsh/$program")" "#compdef $program"
		zsh -f -n "zsh/$program"
		mv "zsh/$program" "zsh/_$program"
		# each is compiled whole, as it is when it is used
		zsh -f -c "fpath=($PWD/zsh \$fpath); autoload +X -Uz _$program" </dev/null
	done
	assert_file_contains zsh/_list-snapshot "WHAT:(access user person group source gap)'"
	assert_file_contains zsh/_diff-snapshot ':_values -s , EVENT'
}

@test "fish offers options, words, lists and the providers" {
	command -v fish >/dev/null || skip 'no fish here'
	local program
	export HOME=$PWD
	generated fish
	for program in "${PROGRAMS[@]}"; do
		fish -n "fish/$program"
	done
	offers() { fish --no-config -c "source fish/$1; complete -C '$2'" </dev/null | cut -f 1 | xargs; }
	assert_equal "$(offers list-snapshot 'list-snapshot --by us')" user
	assert_equal "$(offers diff-snapshot 'diff-snapshot --only user.added,group.rec')" user.added,group.recreated
	assert_equal "$(offers scim-fetch 'scim-fetch strip')" stripe
	assert_equal "$(offers normalize 'normalize --plai')" --plain
}

@test "a completion is made of a table only, and for the name that is installed" {
	local generate=$ROOT/packaging/completions/generate
	run_status 64 "$generate" tcsh normalize </dev/null
	run_status 64 "$generate" bash </dev/null
	run_status 65 "$generate" bash normalize </dev/null
	printf 'usage: normalize\n' >text
	run_status 65 "$generate" fish normalize <text
	normalize --help=table >table
	run_status 0 "$generate" bash roll-normalize <table
	assert_file_contains "$out" '_rollcall_roll_normalize roll-normalize$'
}

# ---- each night ----

# configured DIRECTORY: a stand-in, and sources.json that reads it; its token is where fetch-sources looks
configured() {
	start_stand_in --users 5
	mkdir -p "$1"
	printf '{"sources": [{"name": "stripe", "program": "scim-fetch", "base_url": "%s/scim/v2"}]}\n' "$url" >"$1/sources.json"
}

# here TEXT: with the directories of this test in place of those of a machine
here() {
	local text=${1//\/usr\/libexec\/rollcall/$ROOT\/examples}
	text=${text//\/etc\/rollcall/$PWD\/etc}
	printf '%s\n' "${text//\/var\/lib\/rollcall/$PWD\/state}"
}

@test "the units are hardened: systemd-analyze verifies them and calls the exposure below 2.0" {
	local unit line
	command -v systemd-analyze >/dev/null || skip 'no systemd-analyze here'
	cp "$ROOT"/packaging/systemd/* .
	sed -i '/^Documentation=/d' ./*.service # it would be looked for in the pages of this machine
	sed -i "s,^ExecStart=/usr/libexec/rollcall,ExecStart=$ROOT/examples," ./*.service
	run_status 0 systemd-analyze verify ./*.service ./*.timer
	refute grep -E 'rollcall-(nightly|watch)' "$err"
	for unit in nightly watch; do
		run_status 0 systemd-analyze security --offline=true --threshold=20 ./rollcall-$unit.service
		for line in DynamicUser=yes User=rollcall ProtectSystem=strict StateDirectory=rollcall LoadCredential=baton:/etc/rollcall/tokens; do
			grep -qx "$line" rollcall-$unit.service || fail "$unit: no $line"
		done
	done
}

# started STATUS UNIT: what the unit starts, with what systemd gives it
started() {
	local command
	command=$(sed -n 's,^ExecStart=,,p' "$ROOT/packaging/systemd/rollcall-$2.service")
	run_status "$1" env STATE_DIRECTORY="$PWD/state" CREDENTIALS_DIRECTORY="$PWD/credentials" sh -c "$(here "$command")"
}

@test "what the units start runs with its state and its credentials, and tells change from failure" {
	local unit=$ROOT/packaging/systemd/rollcall-nightly.service status
	configured etc
	# as systemd names them: LoadCredential=baton:DIRECTORY makes baton_FILE of each file in it
	mkdir -p state credentials
	started 1 watch
	assert_file_contains "$out" 'no night was ever kept'
	printf '%s' "$TOKEN" >credentials/baton_scim_token
	started 0 nightly
	started 0 watch
	change '{"op":"deactivate","id":"u3"}'
	started 1 nightly
	grep -qx 'SuccessExitStatus=1' "$unit" || fail 'a change would be a failure'
	printf 'wrong' >credentials/baton_scim_token
	started 77 nightly
	started 1 watch
	# what a person must see is not tried again; what may be better later is
	for status in 3 64 65 66 70 73 74 76 77 78; do
		grep -qE "^RestartPreventExitStatus=.*\b$status\b" "$unit" || fail "$status is tried again"
	done
	refute grep -qE '^RestartPreventExitStatus=.*\b(69|75)\b' "$unit"
}

@test "the cron lines run as they are printed" {
	local line
	configured etc
	mkdir state
	printf 'export SCIM_TOKEN=%s\n' "$TOKEN" >etc/tokens.sh
	by_cron() { # STATUS HOUR: the line of that hour
		line=$(grep "^$2 " "$ROOT/packaging/cron/rollcall")
		assert_regex "$line" '^[0-9]+ [0-9]+ \* \* \* rollcall [^%]*$' # cron makes a new line of a %
		run_status "$1" env -i HOME="$PWD" LOGNAME=rollcall PATH="$BUILD:/usr/local/bin:/usr/bin:/bin" \
			/bin/sh -c "$(here "${line#*rollcall }")"
	}
	by_cron 0 '15 3'
	assert_file_contains "$out" 'first snapshot'
	by_cron 0 '15 3'
	assert_file_empty "$out"
	by_cron 0 '0 9'
	assert_file_empty "$out"
	rm -r state/20*
	by_cron 1 '0 9'
}

# shell_of FILE KEY: the first block of YAML below `KEY |`, without its blanks
shell_of() {
	awk -v key="$2" '
		on && $0 !~ /^ *$/ && match($0, /^ */) && RLENGTH < indent { exit }
		on { if (!indent) { match($0, /^ */); indent = RLENGTH } print substr($0, indent + 1) }
		$0 ~ key " *[|]$" || (key == "-" && $0 ~ /^ *- [|]$/) { on = 1 }' "$1"
}

@test "the job for Kubernetes is YAML, of the version of the Makefile, and runs without root" {
	local file=$ROOT/packaging/kubernetes/cronjob.yaml
	python3 -c 'import yaml' 2>/dev/null || skip 'no yaml for python3 here (python3-yaml)'
	run_status 0 python3 -c '
import sys, yaml
claim, job = yaml.safe_load_all(open(sys.argv[1]))
pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
box = pod["containers"][0]
assert job["kind"] == "CronJob" and pod["securityContext"]["runAsNonRoot"], job
assert box["securityContext"]["readOnlyRootFilesystem"] and box["securityContext"]["capabilities"]["drop"] == ["ALL"]
assert {m["name"] for m in box["volumeMounts"]} == {v["name"] for v in pod["volumes"]}
assert box["image"] == "rollcall:" + sys.argv[2], box["image"]' "$file" "$(sed -n 's/^VERSION *= //p' "$ROOT/Makefile")"
}

@test "the shell part of the job for Kubernetes runs, and tells change from failure" {
	local file=$ROOT/packaging/kubernetes/cronjob.yaml
	configured etc
	mkdir state credentials
	printf '%s' "$TOKEN" >credentials/scim_token
	here "$(shell_of "$file" -)" >job
	grep -q nightly-review job
	export CREDENTIALS_DIRECTORY=$PWD/credentials
	run_status 0 sh -c "$(cat job)"
	change '{"op":"deactivate","id":"u3"}'
	run_status 0 sh -c "$(cat job)"
	assert_file_contains "$out" 'user disabled'
	printf wrong >credentials/scim_token
	run_status 77 sh -c "$(cat job)"
}

@test "the workflow for GitHub is YAML, may only write contents, and has no secret in a shell part" {
	local file=$ROOT/packaging/github/nightly-review.yml
	python3 -c 'import yaml' 2>/dev/null || skip 'no yaml for python3 here (python3-yaml)'
	run_status 0 python3 -c '
import sys, yaml
flow = yaml.safe_load(open(sys.argv[1]))
assert flow["permissions"] == {"contents": "write"}, flow
assert all("secrets." not in step.get("run", "") for step in flow["jobs"]["review"]["steps"])' "$file"
}

@test "the shell part of the workflow for GitHub runs, and tells change from failure" {
	local file=$ROOT/packaging/github/nightly-review.yml
	configured .
	awk '/- name: Review/ { on = 1 } on' "$file" >review
	here "$(shell_of review run:)" >job
	grep -q nightly-review job
	export SCIM_TOKEN=$TOKEN GITHUB_STEP_SUMMARY=$PWD/summary
	run_status 0 bash -e job
	assert_file_contains summary 'first snapshot'
	change '{"op":"deactivate","id":"u3"}'
	run_status 0 bash -e job
	assert_file_contains summary 'user disabled'
	SCIM_TOKEN=wrong run_status 77 bash -e job
}

# ---- packages ----

@test "packages, files for clusters and the Makefile say one version" {
	local version
	version=$(sed -n 's/^VERSION *= //p' "$ROOT/Makefile")
	assert_equal "$(sed -n '1s/.*(\(.*\)).*/\1/p' "$ROOT/packaging/deb/changelog")" "$version"
	assert_equal "$(sed -n 's/^Version: *//p' "$ROOT/packaging/rpm/rollcall.spec")" "$version"
	assert_equal "$(normalize --version | head -n 1)" "normalize $version (rollcall)"
	assert_equal "$(sed -n '/^## /{p;q;}' "$ROOT/NEWS.md")" "## $version"
}

@test "what building needs is what the packages ask for" {
	local package
	while read -r package; do
		grep -qw -e "$package" "$ROOT/packaging/deb/control" || fail "packaging/deb/control lacks $package"
		grep -qw -e "$package" "$ROOT/packaging/container/Containerfile" || fail "Containerfile lacks $package"
	done < <(awk '$1 == "build" && $2 ~ /^(lib|linux|jq):/ { print $3 }' "$ROOT/.ci/deps")
	while read -r package; do
		grep -qw -e "$package" "$ROOT/packaging/rpm/rollcall.spec" || fail "rollcall.spec lacks $package"
	done < <(awk '$1 == "build" && $2 ~ /^(lib|linux|jq):/ { print $4 }' "$ROOT/.ci/deps")
}

@test "the image runs what is installed, as a user that is not root" {
	local file=$ROOT/packaging/container/Containerfile command
	make -s -C "$ROOT" -n BUILD="$BUILD" PREFIX=/usr DESTDIR=/d install >plan
	command=$(sed -n 's/^CMD \["\([^"]*\)".*/\1/p' "$file")
	grep -qF ":${command#/usr} " plan || fail "'$command' is not installed"
	assert_regex "$(sed -n 's/^USER //p' "$file" | tail -n 1)" '^[1-9][0-9]*:[1-9][0-9]*$'
}

@test "--version names the libraries it runs with, each that the program is linked to" {
	local program library
	for program in "${PROGRAMS[@]}"; do
		run_status 0 "$program" --version
		for library in yyjson/ OpenSSL utf8proc/ zstd/; do
			assert_file_contains "$out" "$library"
		done
		# as it names them: libyyjson is yyjson/0.10.0, libcrypto is of OpenSSL; the C library is the system
		readelf -d "$BUILD/$program" | sed -n 's/.*(NEEDED).*\[lib\([a-z0-9]*\).*/\1/p' |
			grep -vxE 'c|m|pthread|dl|gcc|asan|ubsan|gcov' | sed 's/^crypto$/OpenSSL/' >linked
		[ "$(wc -l <linked)" -ge 4 ] || fail "$program: no list of libraries"
		while read -r library; do
			grep -qE "^(lib)?${library}[/ ][0-9]" "$out" || fail "$program --version does not name $library: $(cat "$out")"
		done <linked
	done
}

@test "what install puts there, uninstall removes, and both know every program" {
	local to=$PWD/root program
	run_status 0 make -s -C "$ROOT" BUILD="$BUILD" DESTDIR="$to" PREFIX=/usr install
	for program in "${PROGRAMS[@]}"; do
		assert_exists "$to/usr/bin/$program"
		assert_exists "$to/usr/share/man/man1/$program.1"
		assert_exists "$to/usr/share/bash-completion/completions/$program"
		assert_exists "$to/usr/share/zsh/site-functions/_$program"
		assert_exists "$to/usr/share/fish/vendor_completions.d/$program.fish"
	done
	for file in "$ROOT"/share/rollcall/*; do assert_exists "$to/usr/share/rollcall/${file##*/}"; done
	for file in "$ROOT"/examples/*; do
		[[ $file == *.png ]] || assert_exists "$to/usr/share/doc/rollcall/examples/${file##*/}"
	done
	for file in rollcall-nightly.service rollcall-nightly.timer rollcall-watch.service rollcall-watch.timer; do
		assert_exists "$to/usr/lib/systemd/system/$file"
	done
	# what a unit or the cron line starts is installed, also in another place
	while read -r file; do
		[ -x "$to$file" ] || fail "$file is not installed"
	done < <(sed -nE 's,^ExecStart=([^ ]*).*,\1,p; s,.* exec ([^ ]*).*,\1,p' "$ROOT"/packaging/systemd/*.service "$ROOT/packaging/cron/rollcall")
	run_status 0 make -s -C "$ROOT" BUILD="$BUILD" DESTDIR="$to" PREFIX=/opt/x install
	for file in lib/systemd/system/rollcall-nightly.service share/doc/rollcall/examples/rollcall.cron; do
		assert_file_contains "$to/opt/x/$file" '/opt/x/libexec/rollcall/nightly-review'
		refute grep -qE '/usr/(libexec|share)' "$to/opt/x/$file"
	done
	[ -x "$to/opt/x/libexec/rollcall/watch-nightly" ] || fail 'no watch-nightly'
	run_status 0 make -s -C "$ROOT" BUILD="$BUILD" DESTDIR="$to" PREFIX=/opt/x uninstall
	run_status 0 make -s -C "$ROOT" BUILD="$BUILD" DESTDIR="$to" PREFIX=/usr uninstall
	assert_equal "$(find "$to" -not -type d)" ''
	assert_not_exists "$to/usr/share/doc/rollcall"
	assert_not_exists "$to/usr/share/rollcall"
	assert_not_exists "$to/usr/libexec"
}

@test "two tarballs of one commit are the same bytes, whatever the umask and the time" {
	git -C "$ROOT" rev-parse HEAD >/dev/null 2>&1 || skip 'no git checkout here'
	run_status 0 make -s -C "$ROOT" BUILD="$PWD/one" dist
	umask 077
	run_status 0 make -s -C "$ROOT" BUILD="$PWD/two" dist
	cmp one/rollcall-*.tar.gz two/rollcall-*.tar.gz
	SOURCE_DATE_EPOCH=1 run_status 0 make -s -C "$ROOT" BUILD="$PWD/one" dist
	assert_equal "$(TZ=UTC tar -tvzf one/rollcall-*.tar.gz | grep -vc ' 1970-01-01 00:00 ')" 0
}

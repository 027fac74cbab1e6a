#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# fetch-sources: many sources by one file, side by side; each gets its own token, and one that
# fails fails alone.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	umask 077
	mkdir tmp
	export TMPDIR=$PWD/tmp
}

# sources LINE...: sources.json with a source a line
sources() {
	local IFS=$',\n'
	printf '{"sources": [\n%s\n]}\n' "$*" >sources.json
}

# five: a stand-in, and sources.json with five sources of every kind
five() {
	start_stand_in --users 8 --groups 2
	printf '%s\n' "$TOKEN" >token
	printf 'E-Mail;Name\nada@x.org;Ada\neve@x.org;Eve\n' >hr.csv
	fetch_scim --source old >fetched
	normalize -o old.ndjson fetched
	export RUDDER=$TOKEN
	sources '{"name": "rudder", "program": "scim-fetch", "provider": "rudderstack", "base_url": "'"$url"'/rudderstack/scim/v2", "token_env": "RUDDER"}' \
		'{"name": "other", "program": "scim-fetch", "base_url": "'"$url"'/scim/v2", "token_file": "token", "jobs": 2}' \
		'{"name": "acme", "program": "scalr-fetch", "account": "acme", "base_url": "'"$url"'", "token_command": "cat token"}' \
		'{"name": "hr", "csv": "hr.csv", "column": {"user_name": "E-Mail", "display_name": "Name"}}' \
		'{"name": "old", "snapshot": "old.ndjson"}'
}

# stub NAME: bin/NAME, a program with the shell script on stdin, beside a fetch-sources
stub() {
	mkdir -p bin
	[ -e bin/fetch-sources ] || cp "$BUILD/fetch-sources" bin
	{
		echo '#!/bin/bash'
		cat
	} >"bin/$1"
	chmod +x "bin/$1"
}

# named FILE: the sources of its begin lines, in their order
named() {
	sed -nE 's/^\{"kind":"begin",.*"source":"([^"]*)".*/\1/p' "$1" | tr '\n' ' '
}

@test "five sources of every kind are one snapshot, and their sections stand in the order of the file" {
	five
	run_status 0 fetch-sources
	assert_equal "$(named "$out")" 'rudder other acme hr old '
	refute_token "$out" "$err"
	cp "$out" all
	run_status 0 normalize all
	{
		SCIM_TOKEN=$TOKEN scim-fetch --source rudder --base-url "$url/rudderstack/scim/v2" --token-file token rudderstack
		fetch_scim --source other
		BATON_SCALR_API_TOKEN=$TOKEN scalr-fetch --source acme --base-url "$url" acme
		normalize --csv --source hr --column user_name=E-Mail --column display_name=Name hr.csv 2>counts
		cat old.ndjson
	} >pipe
	normalize pipe | sed '1d;$d' >wanted
	assert_records wanted
	assert_only_get
}

@test "the order of the file holds when the first source is the last to end" {
	stub scim-fetch <<-'END'
		case "$*" in
		*--source=a*) read -r _ <go ;;
		*) [ "$(flock lock sh -c 'echo x >>ended; wc -l <ended')" -lt 3 ] || echo >go ;;
		esac
		name=${1#--source=}
		printf '{"kind":"begin","source":"%s"}\n{"kind":"end"}\n' "$name"
	END
	mkfifo go
	sources '{"name":"a","program":"scim-fetch","base_url":"https://x.org"}' \
		'{"name":"b","program":"scim-fetch","base_url":"https://x.org","token_file":"t"}' \
		'{"name":"c","program":"scim-fetch","base_url":"https://x.org","token_file":"t"}' \
		'{"name":"d","program":"scim-fetch","base_url":"https://x.org","token_file":"t"}'
	run_status 0 timeout 60 bin/fetch-sources
	assert_equal "$(named "$out")" 'a b c d '
}

@test "a source that fails makes the run fail with its status and its words, and normalize with both" {
	five
	export RUDDER=wrong
	run_status 77 fetch-sources
	assert_says 'fetch-sources: rudder: ' 'refused with HTTP 401'
	cp "$out" stream
	run_status 77 normalize -o snapshot stream
	assert_says "the section of 'rudder' is not complete: its fetcher failed with 77: " 'refused with HTTP 401'
	assert_not_exists snapshot
}

@test "with --keep-going the others are compared, and what failed is not readable, never gone" {
	local source
	five
	fetch-sources --quiet >stream
	normalize -o before.ndjson stream
	mv hr.csv elsewhere
	mv old.ndjson older
	change '{"op":"deactivate","id":"u3"}'
	RUDDER=wrong run_status 0 fetch-sources --keep-going
	for source in 'rudder: .*(status 77)' 'hr: .*(status 66)' 'old: .*(status 66)'; do
		assert_file_contains "$err" "^fetch-sources: warning: ${source/(/; its section has gaps only (}\$"
	done
	assert_equal "$(named "$out")" 'rudder other acme hr old '
	mv "$out" stream
	run_status 0 normalize -o after.ndjson stream
	run_status 1 diff-snapshot before.ndjson after.ndjson
	assert_equal "$(grep -c '"event":"user.disabled"' "$out")" 2 # in the two that were read
	refute grep -q '"event":"[a-z]*.removed"' "$out"
	for source in rudder hr old; do
		assert_equal "$(grep -c '^{"kind":"unknown","source":"'$source'"' "$out") $source" "3 $source"
	done
	assert_file_contains "$out" '"scope":"users".*cannot open.*hr.csv'
	run_status 1 diff-snapshot --allow-older after.ndjson before.ndjson
	refute grep -q '"event":"[a-z]*.added"' "$out"
}

@test "a source whose program is missing, killed, silent or says too little is one that failed" {
	local words status
	# shellcheck disable=SC2016 # for the stub
	stub scalr-fetch <<<'kill -9 $$'
	sources '{"name":"gone","program":"scim-fetch","base_url":"https://x.org"}'
	run_status 78 bin/fetch-sources
	assert_says "gone: cannot run '" "bin/scim-fetch': No such file or directory; it is looked for beside fetch-sources"
	sources '{"name":"killed","program":"scalr-fetch","account":"acme"}'
	run_status 70 bin/fetch-sources
	assert_says 'killed: scalr-fetch was ended by signal 9'
	mv "$out" stream
	run_status 70 normalize stream
	sources '{"name":"odd","program":"scim-fetch","base_url":"https://x.org"}'
	while IFS='|' read -r status script words; do
		stub scim-fetch <<<"$script"
		run_status "$status" bin/fetch-sources
		assert_says 'odd: ' "$words"
	done <<-'END'
		70|:|wrote nothing
		65|echo x|its output: line 1
		70|echo "{}"|wrote no section
		70|echo '{"kind":"begin"}'|wrote a section without its end
		75|exit 75|ended with status 75 and said nothing
		76|echo 'scim-fetch: why' >&2; exit 76|odd: why
	END
}

@test "with --keep-going a run that could read nothing fails as its first source did" {
	sources '{"name":"one","csv":"none.csv"}' '{"name":"two","snapshot":"none.ndjson"}'
	run_status 66 fetch-sources --keep-going
	assert_says 'one: cannot open ' 'two: cannot open '
	mv "$out" stream
	run_status 66 normalize stream
	assert_says "the section of 'one' is not complete"
}

@test "each program gets the token of its own source and no other, in no argument and no variable" {
	local name
	stub scim-fetch <<-'END'
		source=$(printf '%s\n' "$@" | sed -n 's/^--source=//p')
		{
			printf '%s\n' "$@"
			env
			printf '<%s>\n' "$(cat)"
		} >"saw.$source"
		printf '{"kind":"begin"}\n{"kind":"end"}\n'
	END
	cp bin/scim-fetch bin/scalr-fetch
	mkdir cred
	printf 'canary-cred\n' >cred/mine
	printf 'canary-default-file\n' >cred/baton_stripe_scim_token
	printf 'canary-file\n' >file
	sources '{"name":"env","program":"scim-fetch","base_url":"https://x.org","token_env":"MINE"}' \
		'{"name":"cred","program":"scim-fetch","base_url":"https://x.org","token_credential":"mine"}' \
		'{"name":"default","program":"scim-fetch","provider":"rudderstack"}' \
		'{"name":"file","program":"scim-fetch","provider":"stripe"}' \
		'{"name":"given","program":"scim-fetch","base_url":"https://x.org","token_file":"file"}' \
		'{"name":"client","program":"scim-fetch","base_url":"https://x.org","oauth_token_url":"https://x.org/t","client_id":"i"}' \
		'{"name":"vault","program":"scalr-fetch","account":"acme","token_command":"cat file","env":["VAULT_ADDR","SCIM_TOKEN","MINE","STRIPE_CLIENT"]}'
	MINE=canary-env SCIM_TOKEN=canary-scim BATON_RUDDERSTACK_SCIM_TOKEN=canary-default \
		BATON_SCALR_API_TOKEN=canary-scalr SCIM_CLIENT_SECRET=canary-client UNKNOWN=canary-unknown \
		VAULT_ADDR=there CREDENTIALS_DIRECTORY=$PWD/cred run_status 0 bin/fetch-sources
	for name in env=canary-env cred=canary-cred default=canary-default file=canary-default-file client=canary-client; do
		assert_file_contains "saw.${name%%=*}" "^<${name#*=}>\$"
		assert_equal "$(grep -c canary "saw.${name%%=*}") ${name%%=*}" "1 ${name%%=*}"
		assert_file_contains "saw.${name%%=*}" '^--token-file=-$'
	done
	for name in given vault; do
		assert_equal "$(grep -c canary "saw.$name") $name" "0 $name"
		assert_file_contains "saw.$name" '^<>$'
	done
	assert_file_contains saw.vault '^VAULT_ADDR=there$'
	refute grep -q VAULT_ADDR saw.env
	refute grep -q CREDENTIALS_DIRECTORY saw.cred
	refute grep -q canary "$out" "$err"
}

@test "two sources that would find the same token by saying nothing are refused" {
	sources '{"name":"eu","program":"scim-fetch","provider":"rudderstack"}' \
		'{"name":"us","program":"scim-fetch","provider":"rudderstack"}'
	run_status 78 fetch-sources
	assert_says "sources.json: line 2: source 'eu' and source 'us' would both take the token in BATON_RUDDERSTACK_SCIM_TOKEN"
	sources '{"name":"eu","program":"scim-fetch","provider":"rudderstack","auth":"none"}' \
		'{"name":"us","program":"scim-fetch","provider":"rudderstack","token_file":"t"}'
	run_status 64 fetch-sources --only none # by then the file has been read
}

@test "a token that is not where the file says is a failure of its source alone" {
	five
	unset RUDDER
	run_status 78 fetch-sources
	assert_says 'rudder: no token: the variable RUDDER (token_env) is not set'
	run_status 0 fetch-sources --keep-going
	assert_equal "$(named "$out")" 'rudder other acme hr old '
	sources '{"name":"a","program":"scim-fetch","base_url":"https://x.org","token_credential":"mine"}'
	run_status 78 fetch-sources
	assert_says "a: no token: CREDENTIALS_DIRECTORY is not set, where token_credential 'mine' is looked for"
	CREDENTIALS_DIRECTORY=$PWD run_status 78 fetch-sources
	assert_says "a: cannot open token file '$PWD/mine'"
}

@test "--only reads the sources it names, and a misspelt one is answered with the nearest" {
	five
	run_status 0 fetch-sources --quiet --only hr,other
	assert_equal "$(named "$out")" 'other hr '
	run_status 64 fetch-sources --only hr,ruder
	assert_says "--only: there is no source 'ruder'; did you mean rudder?"
}

@test "--check asks each source, in the order of the file, and goes on after one that fails" {
	five
	run_status 0 fetch-sources --check
	assert_equal "$(cut -d : -f 1 "$out" | uniq | tr '\n' ' ')" 'rudder other acme hr old '
	assert_file_contains "$out" '^rudder: users: readable'
	assert_file_contains "$out" '^hr: 2 users$'
	RUDDER=wrong run_status 77 fetch-sources --check
	assert_says 'fetch-sources: rudder: '
	assert_file_contains "$out" '^old: 8 users, 2 groups$'
	run_status 74 sh -c 'fetch-sources --check >/dev/full'
}

@test "as many sources are read at a time as --jobs says, and no more" {
	local i all=()
	# each waits for the others of its three
	stub scim-fetch <<-'END'
		flock lock sh -c 'echo x >>started; echo x >>now; wc -l <now >>most'
		source=${1#--source=}
		until [ "$(wc -l <started)" -ge $(((source + 2) / 3 * 3)) ]; do read -rt 0.01 _ <>hold; done
		flock lock sed -i 1d now
		printf '{"kind":"begin"}\n{"kind":"end"}\n'
	END
	mkfifo hold
	for i in 1 2 3 4 5 6; do all+=("{\"name\":\"$i\",\"program\":\"scim-fetch\",\"base_url\":\"https://x.org\",\"token_file\":\"t\"}"); done
	sources "${all[@]}"
	run_status 0 timeout 60 bin/fetch-sources --jobs 3
	assert_equal "$(sort -n most | tail -n 1)" 3
}

# gone PID: until there is no such process, at most a minute
gone() {
	local i
	for ((i = 0; i < 3000; i++)); do
		grep -q '^State:.[^Z]' "/proc/$1/status" 2>/dev/null || return 0
		read -rt 0.02 _ <>hold || true
	done
	fail "process $1 is still there"
}

@test "when the run ends by any signal, or by a failure, its programs end" {
	local signal pid run
	mkfifo hold
	stub scim-fetch <<-'END'
		echo $$ >>pids
		read -r _ <>hold
	END
	sources '{"name":"a","program":"scim-fetch","base_url":"https://x.org"}' \
		'{"name":"b","program":"scim-fetch","base_url":"https://x.org","token_file":"t"}'
	for signal in TERM HUP USR1 KILL; do
		: >pids
		timeout 60 bin/fetch-sources >stream 2>err 3>&- &
		run=$!
		await pids 2
		pid=$(ps -o pid= --ppid "$run")
		kill "-$signal" "$((pid))"
		wait "$run" || true
		while read -r pid; do gone "$pid"; done <pids
	done
	: >pids
	stub scalr-fetch <<-'END'
		while [ ! -s pids ]; do :; done
		echo 'scalr-fetch: no' >&2
		exit 77
	END
	sources '{"name":"a","program":"scim-fetch","base_url":"https://x.org"}' \
		'{"name":"b","program":"scalr-fetch","account":"acme"}'
	run_status 77 timeout 60 bin/fetch-sources
	assert_says 'fetch-sources: b: no'
	while read -r pid; do gone "$pid"; done <pids
}

@test "a full disk, a closed pipe and no place for temporary files are said in words" {
	local status=0
	five
	run_status 74 sh -c 'fetch-sources --quiet >/dev/full'
	assert_says "cannot write 'standard output'"
	# a reader that has gone before anything is written
	mkfifo pipe
	: <pipe &
	exec 8>pipe
	wait $!
	fetch-sources --quiet >&8 2>err || status=$?
	exec 8>&-
	assert_equal "$status" 141
	assert_file_empty err
	TMPDIR=$PWD/none run_status 73 fetch-sources
	assert_says "cannot create temporary file '$PWD/none/"
	stub scim-fetch <<<$'echo "scim-fetch: cannot write \'standard output\': No space left on device" >&2; exit 74'
	sources '{"name":"a","program":"scim-fetch","base_url":"https://x.org"}'
	run_status 74 bin/fetch-sources
	assert_says "a: cannot write 'standard output': No space left on device; sections are kept in \$TMPDIR (/tmp) until they are whole"
}

@test "paths are seen from where the file is, and a snapshot of another name is refused" {
	five
	mkdir elsewhere
	cd elsewhere
	run_status 0 fetch-sources --quiet --sources ../sources.json --only other,hr,old
	assert_equal "$(named "$out")" 'other hr old '
	sources '{"name":"new","snapshot":"../old.ndjson"}'
	run_status 65 fetch-sources
	assert_says "new: '../old.ndjson' is a snapshot of source 'old': give it that name"
	fetch-sources --quiet --sources ../sources.json --only hr,old >two
	normalize -o two.ndjson two
	sources '{"name":"old","snapshot":"two.ndjson"}'
	run_status 65 fetch-sources
	assert_says "old: 'two.ndjson' has 2 sources, and one is due"
	sources '{"name":"old","snapshot":"~/two.ndjson"}'
	run_status 78 fetch-sources
	assert_says 'begins with ~'
}

@test "a run that never begins leaves a section that says why" {
	run_status 66 fetch-sources
	assert_says "cannot open 'sources.json'"
	mv "$out" stream
	run_status 66 normalize stream
	assert_says "the section of 'fetch-sources' is not complete" "cannot open 'sources.json'"
}

@test "what is wrong in the file is named with its line and its member" {
	local said json
	while IFS='|' read -r json said; do
		printf '// one\n{"sources": [\n%b\n]}' "${json//\\u/\\\\u}" >sources.json
		run_status 78 fetch-sources
		assert_says "fetch-sources: sources.json: line $said"
	done <<-'END'
		{"name": "a", "program": "scim-fetch",\n "tokn_file": "t"}|4: source 'a': a scim-fetch source has no member "tokn_file"; did you mean token_file?
		{"name": "a", "csv": "x", "token_file": "t"}|3: source 'a': a csv source has no member "token_file"
		{"name": "a", "program": "scim-fetch", "account": "x"}|3: source 'a': a scim-fetch source has no member "account"
		{"name": "a", "program": "scim-fetch", "check": true}|3: source 'a': a scim-fetch source has no member "check"
		{"name": "a", "program": "scim-fetch", "max-wait": 3}|3: source 'a': a scim-fetch source has no member "max-wait"; did you mean max_wait?
		{"program": "scim-fetch"}|3: "name" is missing
		{"name": "a"}|3: source 'a': give one of "program", "csv" and "snapshot"
		{"name": "a", "csv": "x", "snapshot": "y"}|3: source 'a': give one of
		{"name": "a", "program": "curl"}|3: source 'a': "program" is scim-fetch or scalr-fetch, not 'curl'
		{"name": "a", "csv": "x"},\n{"name": "a", "csv": "y"}|4: two sources are called 'a'
		{"name": "a,b", "csv": "x"}|3: "name" holds a comma
		{"name": "a", "csv": "x", "csv": "y"}|3: source 'a': member "csv" stands twice
		{"name": 1, "csv": "x"}|3: "name" is a number, not a string
		["a"]|
		{"name": "a", "program": "scim-fetch", "base_url": "https://x.org", "jobs": 65}|3: source 'a': --jobs takes a whole number from 1 to 64, not '65'
		{"name": "a", "program": "scim-fetch", "base_url": "https://x.org", "jobs": "4"}|3: source 'a': "jobs" is a string, not a number
		{"name": "a", "program": "scim-fetch", "base_url": "https://x.org", "keep_going": 1}|3: source 'a': "keep_going" is a number, not true or false
		{"name": "a", "program": "scim-fetch", "base_url": "http://x.org"}|3: source 'a': base URL 'http://x.org'
		{"name": "a", "program": "scim-fetch", "provider": "rudderstak"}|3: source 'a': unknown provider 'rudderstak'
		{"name": "a", "program": "scim-fetch", "provider": "datadog", "vars": {"site": "a/b"}}|3: source 'a': 
		{"name": "a", "program": "scim-fetch", "token_file": "x", "token_env": "y"}|3: source 'a': two members say where the token is
		{"name": "a", "program": "scim-fetch", "env": ["A=b"]}|3: source 'a': "env" takes names of variables, not values
		{"name": "a", "program": "scim-fetch", "token_env": "A=b"}|3: source 'a': "token_env" takes the name of a variable, not a value
		{"name": "a", "program": "scim-fetch", "scope": []}|3: source 'a': "scope" is an empty list
		{"name": "a\u0000b", "csv": "x"}|3: "name" holds a NUL
		{"name": "a", "csv": "x"},|3: not JSON with comments
		|2: "sources" is empty
	END
	printf '{"sources": {}}' >sources.json
	run_status 78 fetch-sources
	assert_says 'sources.json: line 1: "sources" is an object, not a list'
	printf '{"source": []}' >sources.json
	run_status 78 fetch-sources
	assert_says 'sources.json: line 1: unknown member "source"'
}

@test "sources.schema.json takes what the reader takes, and nothing else" {
	local line
	python3 -c 'import jsonschema' 2>/dev/null || skip 'python3-jsonschema is not there'
	local base='"program":"scim-fetch","base_url":"https://x.org"'
	cat >all <<-END
		{"name":"a",$base}
		{"name":"a",$base,"jobs":4}
		{"name":"a",$base,"jobs":0}
		{"name":"a",$base,"jobs":"4"}
		{"name":"a",$base,"deadline":604800,"timeout":1,"retries":0,"max_wait":0,"count":100000}
		{"name":"a",$base,"deadline":604801}
		{"name":"a",$base,"scope":"users,groups"}
		{"name":"a",$base,"scope":["users","groups","members"]}
		{"name":"a",$base,"scope":["user"]}
		{"name":"a",$base,"scope":[]}
		{"name":"a",$base,"members":"get","paging":"cursor","method":"search"}
		{"name":"a",$base,"members":"gets"}
		{"name":"a",$base,"keep_going":true,"yes":false}
		{"name":"a",$base,"keep_going":"yes"}
		{"name":"a",$base,"query":"attributes=id"}
		{"name":"a",$base,"query":["a=b","c=d"]}
		{"name":"a",$base,"query":{"a":"b"}}
		{"name":"a",$base,"query":{"a":1}}
		{"name":"a",$base,"query":["a"]}
		{"name":"a",$base,"query":3}
		{"name":"a",$base,"token_file":"t"}
		{"name":"a",$base,"token_env":"T"}
		{"name":"a",$base,"token_env":""}
		{"name":"a",$base,"token_command":"pass show x"}
		{"name":"a",$base,"token_credential":"x"}
		{"name":"a",$base,"token_credential":"x/y"}
		{"name":"a",$base,"token_credential":"x","token_file":"y"}
		{"name":"a",$base,"token_command":"x","token_env":"y"}
		{"name":"a",$base,"env":["A","B"]}
		{"name":"a",$base,"env":[]}
		{"name":"a",$base,"env":["A=1"]}
		{"name":"a",$base,"env":"A"}
		{"name":"a",$base,"token":"secret"}
		{"name":"a",$base,"csv":"x"}
		{"name":"a",$base,"source":"b"}
		{"name":"a",$base,"verbose":true}
		{"name":"a",$base,"account":"b"}
		{"name":"",$base}
		{"name":"a,b",$base}
		{$base}
		{"name":"a","program":"scim-fetch","provider":"rudderstack"}
		{"name":"a","program":"scim-fetch","provider":""}
		{"name":"a","program":"scim-fetch","provider":"datadog","vars":{"site":"datadoghq.eu"}}
		{"name":"a","program":"scim-fetch","provider":"datadog","vars":["site=datadoghq.eu"]}
		{"name":"a","program":"scalr-fetch","account":"acme"}
		{"name":"a","program":"scalr-fetch","account":"acme","keep_going":true}
		{"name":"a","program":"scalr-fetch","account":"acme","provider":"scalr"}
		{"name":"a","program":"scalr-fetch","account":"acme","members":"get"}
		{"name":"a","program":"scim-push","base_url":"https://x.org"}
		{"name":"a","program":"csv"}
		{"name":"a","csv":"x.csv"}
		{"name":"a","csv":""}
		{"name":"a","csv":"x.csv","column":{"user_name":"E-Mail"},"status_enabled":["a","b"],"lower":"email","allow_empty":true}
		{"name":"a","csv":"x.csv","column":"user_name=E-Mail"}
		{"name":"a","csv":"x.csv","column":{"user_name":null}}
		{"name":"a","csv":"x.csv","jobs":3}
		{"name":"a","snapshot":"x.ndjson"}
		{"name":"a","snapshot":"x.ndjson","env":["A"]}
		{"name":"a","snapshot":["x.ndjson"]}
		{"name":"a"}
		"a"
	END
	python3 - "$ROOT/share/rollcall/sources.schema.json" all "$ROOT/examples/sources.json" >schema <<-'END'
		import json, re, sys
		from jsonschema import Draft202012Validator as Validator
		schema = json.load(open(sys.argv[1]))
		Validator.check_schema(schema)
		for line in open(sys.argv[2]):
		    print("takes" if Validator(schema).is_valid({"sources": [json.loads(line)]}) else "refuses")
		example = re.sub(r"(?m)^\s*//.*$", "", open(sys.argv[3]).read())
		Validator(schema).validate(json.loads(example))
	END
	[ "$(wc -l <schema)" -eq "$(wc -l <all)" ]
	[ "$(grep -c takes schema)" -gt 20 ] && [ "$(grep -c refuses schema)" -gt 20 ]
	while IFS= read -r line; do
		printf '{"sources": [%s]}\n' "$line" >sources.json
		# a source that there is not: by then the file has been read
		fetch-sources --only none >got 2>err && status=0 || status=$?
		case $status in
		78) echo refuses ;;
		64) echo takes ;;
		*) fail "status $status: $line: $(cat err)" ;;
		esac
	done <all >reader
	paste -d ' ' reader schema all | awk '$1 != $2' >differences
	assert_file_empty differences
}

@test "sources.schema.json has each option of the fetchers as a member, and no other" {
	local program
	for program in scim-fetch scalr-fetch; do
		"$program" --help=table | cut -f 1 | sed 's/^--//; y/-/_/' |
			grep -vxE 'source|check|dry_run|list_providers|token_file|token_command|quiet|verbose|var|help|version' | sort >options
		jq -r '."$defs"."'$program'".properties | keys[]' "$ROOT/share/rollcall/sources.schema.json" |
			grep -vxE 'name|program|provider|account|vars|token_(file|env|command|credential)|env' | sort >members
		[ "$(wc -l <options)" -gt 15 ] || fail 'options not found'
		run_status 0 diff options members
	done
}

@test "each member of the file that is no option is in the schema and in fetch-sources(1)" {
	local member
	for member in name program csv snapshot provider account vars token_file token_env token_command token_credential env; do
		grep -q "^				\"$member\": {" "$ROOT/share/rollcall/sources.schema.json" || fail "$member is not in the schema"
		grep -qx ".It Li $member" "$ROOT/man/fetch-sources.1" || fail "$member"
	done
}

@test "on a terminal each source has a line when it is read, and elsewhere only with --verbose" {
	five
	run_status 0 fetch-sources --only other,old
	assert_quiet
	run_status 0 fetch-sources --verbose --only other,old
	grep -qxE 'fetch-sources: other: 8 users, 2 groups \([0-9.]+ s\)' "$err"
	command -v script >/dev/null || skip 'no script(1) here, and so no terminal'
	run_status 0 script -qefc 'fetch-sources --only other,old,hr >stream' raw
	tr '\r' '\n' <raw | sed 's/ *$//' >screen
	grep -qxE 'fetch-sources: old: 8 users, 2 groups \([0-9.]+ s\)' screen
	grep -qxE 'fetch-sources: hr: 2 users \([0-9.]+ s\)' screen
	run_status 0 script -qefc 'fetch-sources --quiet --only other >stream' raw
	refute grep -q '^fetch-sources' raw
}

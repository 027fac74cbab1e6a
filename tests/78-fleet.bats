#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# examples/fleet: the directories of many customers, read on many hosts by GNU parallel. The hosts
# are sshds on loopback ports.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	command -v parallel >/dev/null || skip 'GNU parallel is not here'
	PATH=$ROOT/examples:$PATH
	umask 077
	mkdir store tmp customers
	export TMPDIR=$PWD/tmp HOME=$PWD
	mkdir .parallel
	: >.parallel/will-cite
	start_stand_in --users 8 --groups 2
}

teardown() {
	local pid
	for pid in pid.*; do
		[ ! -f "$pid" ] || kill "$(cat "$pid")" || true
	done
	stop_stand_ins
}

# customer NAME [URL]: a line of the table, with a source and a token of its own
customer() {
	mkdir -p "customers/$1"
	printf '{"sources": [{"name": "stripe", "program": "scim-fetch", "base_url": "%s", "token_env": "THE_TOKEN", "max_wait": 1}]}\n' \
		"${2:-$url/scim/v2}" >"customers/$1/sources.json"
	printf 'THE_TOKEN=%s\n' "$TOKEN" >"customers/$1.tokens"
	printf '%s\t%s\t%s\n' "$1" "customers/$1" "customers/$1.tokens" >>table
}

# hosts NAME...: an sshd for each, which has the programs in its PATH and a TMPDIR of its own
hosts() {
	local name port sshd
	sshd=$(PATH=$PATH:/usr/sbin type -P sshd) || skip 'no sshd here'
	[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
	ssh-keygen -q -t ed25519 -N '' -f host
	ssh-keygen -q -t ed25519 -N '' -f me
	cp me.pub authorized
	for name; do
		mkdir "$name"
		for port in $(shuf -i 20000-32000 -n 20); do
			"$sshd" -p "$port" -f /dev/null -o ListenAddress=127.0.0.1 -o "HostKey=$PWD/host" \
				-o "AuthorizedKeysFile=$PWD/authorized" -o StrictModes=no -o UsePAM=no -o "PidFile=$PWD/pid.$name" \
				-o "SetEnv=PATH=$BUILD:$PATH TMPDIR=$PWD/$name" -E "$PWD/log.$name" && break
		done
		printf 'Host %s\n\tHostName 127.0.0.1\n\tPort %s\n\tIdentityFile %s\n\tStrictHostKeyChecking no\n\tUserKnownHostsFile /dev/null\n\tLogLevel ERROR\n' \
			"$name" "$port" "$PWD/me" >>config
		# one that is not root's may let nobody in, such as an account without a password
		ssh -n -F config -o BatchMode=yes "$name" true || skip "an sshd of this user lets nobody in: $(tail -n 1 "log.$name")"
		echo "$name" >>hosts
	done
}

# of FILTER: of the summary of this night
of() {
	jq -r "$1" store/2026-11-28.summary.ndjson
}

fleet_tonight() {
	fleet --date 2026-11-28 "$@" table store
}

@test "fleet keeps a snapshot and the findings of each customer, and its summary is sealed" {
	customer acme
	customer beta
	echo '{"set": {"dormant.days": 30}}' >customers/acme/policy.json
	run_status 0 fleet_tonight
	assert_equal "$(cat "$out")" '2 customers: 2 read, 0 in part, 0 held, 0 not read'
	assert_sealed store/2026-11-28.summary.ndjson
	assert_equal "$(of 'select(.kind == "customer") | "\(.name) \(.state) \(.fetch)"')" $'acme read 0\nbeta read 0'
	run_status 0 list-snapshot --by source store/acme/2026-11-28/snapshot.ndjson*
	assert_sealed store/acme/2026-11-28/findings.ndjson
	# the policy is kept beside what was found by it
	assert_file_contains store/acme/2026-11-28/findings.ndjson "$(sha256sum <store/acme/2026-11-28/policy.json | cut -d ' ' -f 1)"
	assert_not_exists store/beta/2026-11-28/policy.json
	assert_equal "$(ls tmp)" ''
}

@test "fleet on two hosts gives what it gives here, and a night later what changed" {
	customer acme
	customer beta
	customer gamma
	hosts one two
	mkdir here
	run_status 0 fleet --date 2026-11-28 table here
	run_status 0 fleet_tonight --hosts hosts --ssh "ssh -F config"
	assert_equal "$(cut -f 2 store/2026-11-28.joblog | sort -u | tr '\n' ' ')" 'one two '
	assert_equal "$(find one two -mindepth 1)" ''
	for name in acme beta gamma; do
		# the same directory, read a little later
		run_status 0 diff-snapshot here/$name/2026-11-28/snapshot.ndjson* store/$name/2026-11-28/snapshot.ndjson*
	done
	change '{"op":"remove-user","id":"u1"}'
	run_status 0 fleet --date 2026-11-29 --hosts hosts --ssh "ssh -F config" table store
	assert_file_contains store/beta/2026-11-29/changes.ndjson '"event":"user.removed"'
	assert_sealed store/beta/2026-11-29/changes.ndjson
}

@test "fleet: a second run does only what is missing, and who was not read is named with the reason" {
	customer acme
	customer down http://127.0.0.1:9/scim/v2
	customer denied
	echo 'THE_TOKEN=wrong' >customers/denied.tokens
	run_status 3 fleet_tonight
	assert_equal "$(cat "$out")" '3 customers: 1 read, 0 in part, 0 held, 2 not read'
	assert_file_contains "$err" '^fleet: down: not read: .*127.0.0.1'
	assert_file_contains "$err" '^fleet: denied: not read: .*401'
	# a service that refuses is not asked by other hosts
	assert_equal "$(wc -l <store/2026-11-28.joblog)" 3
	cp customers/acme.tokens customers/denied.tokens
	run_status 3 fleet_tonight
	assert_equal "$(cat "$out")" '3 customers: 2 read, 0 in part, 0 held, 1 not read'
	assert_equal "$(wc -l <store/2026-11-28.joblog)" 5
	# a third run asks the one service that is down, and nobody else
	requests=$(wc -l <"$log")
	run_status 3 fleet_tonight
	assert_equal "$(wc -l <"$log")" "$requests"
}

@test "fleet: a snapshot that could not be compared or checked is asked for again, and is no base" {
	customer acme
	echo '{' >customers/acme/policy.json
	run_status 3 fleet_tonight
	assert_file_contains "$err" '^fleet: acme: not read: check-snapshot: '
	assert_equal "$(echo store/acme/*/snapshot*)" 'store/acme/*/snapshot*'
	rm customers/acme/policy.json
	run_status 0 fleet_tonight
}

@test "fleet: a customer with a list that can not be read is read in part, and mass removals are held" {
	customer acme
	customer beta
	run_status 0 fleet_tonight
	for i in 1 2 3 4 5; do change "{\"op\":\"remove-user\",\"id\":\"u$i\"}"; done
	mkdir customers/dead
	printf '{"sources": [{"name": "down", "program": "scim-fetch", "base_url": "http://127.0.0.1:9", "token_env": "THE_TOKEN", "max_wait": 1},\n%s\n' \
		"$(sed 's/^{"sources": \[//' customers/beta/sources.json)" >both
	cp both customers/beta/sources.json
	run_status 3 fleet --date 2026-11-29 --max-removed 3 table store -- --keep-going
	assert_equal "$(cat "$out")" '2 customers: 0 read, 0 in part, 2 held, 0 not read'
	assert_exists "$(echo store/acme/2026-11-29/held.ndjson*)"
	# what is held is no base for the next night, and is asked for again
	run_status 3 fleet --date 2026-11-29 --max-removed 100% table store -- --keep-going
	assert_equal "$(cat "$out")" '2 customers: 1 read, 1 in part, 0 held, 0 not read'
	assert_regex "$(tail -n 2 store/2026-11-29.summary.ndjson)" '"name":"beta","state":"in part",.*"gaps":[1-9]'
}

@test "fleet: a host that is killed in the middle costs time and nothing else" {
	for i in 1 2 3 4 5 6; do customer c$i; done
	hosts one two
	# sshd is killed with what it started, at the second customer
	{
		while [ "$(grep -c . "$log")" -lt 8 ]; do :; done
		pkill -9 -P "$(cat pid.one)"
		kill -9 "$(cat pid.one)"
		rm pid.one
	} &
	killer=$!
	run_status 0 fleet_tonight --hosts hosts --ssh "ssh -F config"
	wait $killer
	assert_equal "$(cat "$out")" '6 customers: 6 read, 0 in part, 0 held, 0 not read'
	assert_equal "$(of 'select(.state == "read") | .name' | tr '\n' ' ')" 'c1 c2 c3 c4 c5 c6 '
}

@test "fleet: where no host is left, nobody is read, and the next run reads them" {
	customer acme
	customer beta
	hosts one
	kill "$(cat pid.one)"
	run_status 3 fleet_tonight --hosts hosts --ssh "ssh -F config" --tries 1
	assert_equal "$(cat "$out")" '2 customers: 0 read, 0 in part, 0 held, 2 not read'
	assert_file_contains "$err" '^fleet: acme: not read: no host brought a whole answer: see 2026-11-28.joblog'
	run_status 0 fleet_tonight
}

@test "fleet: a token is on no disk and in no argument of a host, and reaches no other customer's programs" {
	customer acme
	customer beta
	echo 'THE_TOKEN=other-canary' >customers/beta.tokens
	hosts one
	mkdir bin
	# what a host sees while it works
	cat >bin/fetch-sources <<-END
		#!/bin/bash
		[ "\$1" != --version ] || exit
		for line in /proc/[0-9]*/cmdline; do
			tr '\\0' ' ' <"\$line" | grep canary | grep -v -e ^stand-in -e ^grep >>$PWD/seen
		done
		grep -rlE 'canary' $PWD/one >>$PWD/seen
		printf '%s\n' "\$THE_TOKEN" >>$PWD/given
		exec $BUILD/fetch-sources "\$@"
	END
	chmod +x bin/fetch-sources
	kill "$(cat pid.one)"
	rm -rf one hosts host me me.pub pid.one config
	BUILD=$PWD/bin:$BUILD
	hosts one
	run_status 3 fleet_tonight --hosts hosts --ssh "ssh -F config"
	assert_equal "$(sort given | tr '\n' ' ')" "$TOKEN other-canary "
	assert_file_empty seen
	refute grep -rE 'canary' store log.one
}

@test "fleet: an answer that a host made up, cut or hung links in is not taken" {
	local trick
	customer acme
	hosts one
	mkdir bin
	for trick in 'ln -s /etc/passwd snapshot.ndjson; echo 0 - 0 >status; tar -cf - status snapshot.ndjson' \
		'echo 0 - 0 >status; echo x >../evil; tar -Pcf - status ../evil' \
		'echo 0 - 0 >status; : >messages; printf "%s\n" "{\"kind\":\"begin\"}" "{\"kind\":\"end\",\"sha256\":\"00\"}" >snapshot.ndjson; cp snapshot.ndjson findings.ndjson; tar -cf - status messages *.ndjson' \
		'echo 0 - 0 >status; : >messages; tar -cf - status messages' \
		'head -c 3000 /dev/zero' \
		':'; do
		# shellcheck disable=SC2016  # the host's shell expands it
		printf '#!/bin/sh\ncat >/dev/null; cd "$(mktemp -d)"; %s\n' "$trick" >liar
		chmod +x liar
		run_status 3 fleet_tonight --hosts hosts --ssh "$PWD/liar" --tries 1
		assert_equal "$(of 'select(.kind == "customer") | .state')" 'not read'
		assert_not_exists store/acme/2026-11-28
	done
}

@test "fleet: a table that is not right is refused by its line before anybody is read" {
	local line
	customer acme
	run_status 64 fleet
	run_status 64 fleet --date tomorrow table store
	run_status 65 fleet no-table store
	for line in $'acme\tcustomers/acme\tcustomers/acme.tokens' $'../x\tcustomers/acme\tcustomers/acme.tokens' $'b\tcustomers/acme' \
		$'b\tcustomers\tcustomers/acme.tokens' $'b\tcustomers/acme\tnone' $'b\tcustomers/acme\tcustomers/acme/sources.json'; do
		{
			cat table
			printf '%s\n' "$line"
		} >bad
		run_status 65 fleet --date 2026-11-28 bad store
	done
	chmod 644 customers/acme.tokens
	run_status 65 fleet_tonight
	assert_file_contains "$err" 'chmod 600'
	assert_file_empty "$log"
}

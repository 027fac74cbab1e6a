#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# examples/quarterly-review and rollcall-review(7): a review from the snapshot to the proof, at the
# shapes of RudderStack, Stripe and Scalr at once.

load helper
load walk
load signers

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	make_signers ops eve
}

setup() {
	command -v ssh-keygen >/dev/null || skip 'ssh-keygen is not there'
	PATH=$ROOT/examples:$PATH
	cp "$BATS_FILE_TMPDIR"/{ops,eve,signers} "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR" || return
	cat >people <<-'END'
		{"kind":"user","id":"u1","user_name":"ada@x.org","display_name":"Ada Byron","last_login_at":"2026-11-20T08:15:00Z"}
		{"kind":"user","id":"u2","user_name":"grace@x.org","display_name":"Grace Hopper","last_login_at":"2026-11-19T17:40:00Z"}
		{"kind":"user","id":"u3","user_name":"jose@x.org","display_name":"José García","only":["rudderstack","scalr"]}
		{"kind":"user","id":"u4","user_name":"mei@x.org","display_name":"Mei Tanaka","only":["stripe"]}
		{"kind":"user","id":"u5","user_name":"bob@x.org","display_name":"Bob Stone","only":["scalr"],"status":"Pending","last_login_at":null}
		{"kind":"group","id":"g1","name":"Devs","members":["u1","u3"],"only":["rudderstack"]}
		{"kind":"group","id":"g3","name":"Admins","members":["u1","u4"],"only":["stripe"]}
		{"kind":"group","id":"g4","name":"infra","members":["u2","u5"],"only":["scalr"]}
		{"kind":"service","id":"s1","name":"ci","active":true}
	END
	start_stand_in --data people
	export BATON_RUDDERSTACK_SCIM_BASE_URL=$url/rudderstack/scim/v2 \
		BATON_RUDDERSTACK_SCIM_TOKEN=$TOKEN \
		BATON_STRIPE_SCIM_BASE_URL=$url/stripe/scim/v2 BATON_STRIPE_SCIM_TOKEN=$TOKEN \
		BATON_SCALR_BASE_URL=$url BATON_SCALR_API_TOKEN=$TOKEN
	export control
	QUICK_JQ=$(type -P jq)
	export QUICK_JQ
	mkdir bin
	[ ! -x "$BUILD/tests/quick-jq" ] || ln -s "$BUILD/tests/quick-jq" bin/jq
	PATH=$PWD/bin:$PATH
}

# eve_decides all|all-but-one [REVIEW]: the sheet comes back
eve_decides() {
	local review=${2:-q4} sheet by=',eve@x.org,2026-12-01,'
	sheet=$review/3-review/returned/review.csv
	sed -e "/,stripe,.*mei@/s/,,,,,\$/,revoke${by}left the company,T-7/" \
		-e "/,rudderstack,.*jose@.*,membership,/s/,,,,,\$/,revoke${by}moved to another team,/" \
		-e "/,rudderstack,.*grace@.*,account,/s/,,,,,\$/,revoke${by}does not use it,/" \
		-e "/,scalr,.*bob@/s/,,,,,\$/,revoke${by}never signed in,/" \
		-e "s/,,,,,\$/,keep$by,/" "$review/3-review/issued/review.csv" >"$sheet"
	case $1 in all-but-one) sed -i '/ada@.*Admins/s/keep,eve@x.org,2026-12-01/,,/' "$sheet" ;; esac
}

# people_do membership|account|rest...: what manual.csv says
people_do() {
	for what; do
		case $what in
		membership) stand-in change "$control" '{"op":"remove-member","group":"g1","member":"u3"}' ;;
		account) stand-in change "$control" '{"op":"deactivate","id":"u5"}' ;;
		rest) stand-in change "$control" '{"op":"remove-member","group":"g4","member":"u5"}' ;;
		esac
	done
}

@test "each command of rollcall-review(7) does what the page shows" {
	local file status count=0
	export -f eve_decides people_do
	take_page_apart rollcall-review.7 DESCRIPTION FILES
	for file in [0-9]*.command [0-9]*.hidden; do echo "$file"; done | sort >order
	while read -r file; do
		status=0
		LC_ALL=C.UTF-8 bash "$file" >got 2>&1 </dev/null || status=$?
		[ "$status" -le 3 ] || fail "status $status: $(cat "$file" got)"
		case $file in *.hidden) continue ;; esac
		assert_shown "${file%.command}" got
		count=$((count + 1))
	done <order
	[ "$count" -ge 18 ] || fail "only $count commands"
}

# q STATUS [OPTION...]: the review q4, with the answers on stdin
q() {
	local status=$1
	shift
	run_status "$status" quarterly-review -c "$@" -k ops -s signers q4
}

sign() { # [WHO [NAMESPACE]]
	rm -f q4/3-review/decisions.ndjson.sig
	ssh-keygen -q -Y sign -n "${2:-rollcall-decision}" -f "${1:-eve}" q4/3-review/decisions.ndjson
}

# state: each file of the review with its digest
state() { find q4* -type f -exec sha256sum {} + | sort -k 2; }

@test "quarterly-review is killed after each program, and goes on to the same end, with each change sent once" {
	local program status runs=0 answers=yes
	mkdir q4 killers
	for program in normalize check-snapshot report-snapshot issue-review take-review scim-push diff-snapshot \
		close-review evidence-pack; do
		cat >killers/$program <<-END
			#!/bin/sh
			# the first time with these arguments it kills who called it, when all is done
			key=$PWD/killers/seen.\$(echo "\$0 \$*" | cksum | tr -d ' ')
			status=0
			$(type -P $program) "\$@" || status=\$?
			[ -e \$key ] || { echo >\$key; echo $program >>$PWD/killed; kill -9 \$PPID; }
			exit \$status
		END
		chmod +x killers/$program
	done
	while :; do
		status=0
		PATH=$PWD/killers:$PATH quarterly-review -c -k ops -s signers q4 >got 2>&1 <<<"$answers" || status=$?
		case $status in
		137) ;;
		1) answers=$'q4\nyes' ;;
		3) if [ -e q4/3-review/decisions.ndjson ]; then
			sign
			answers=yes
		else
			eve_decides all
			people_do membership account rest
		fi ;;
		*) break ;;
		esac
		runs=$((runs + 1))
		[ "$runs" -lt 40 ] || fail "no end: $(cat killed got)"
	done
	[ "$status" -eq 0 ] || fail "status $status: $(cat got)"
	assert_equal "$(sort killed | uniq -c | xargs)" \
		'2 check-snapshot 2 close-review 1 diff-snapshot 1 evidence-pack 1 issue-review 2 normalize 2 report-snapshot 6 scim-push 1 take-review'
	assert_equal "$(writes)" 1
	run_status 0 verify-pack signers q4.tar
	assert_equal "$(sed -sn '$s/.*"outcomes":\({[^}]*}\).*/\1/p' q4/4-changes/*.result.ndjson | tr -d '"' | xargs)" '{done:1} {done:2}'
	# nothing half is left
	assert_equal "$(find q4* -name '*.new*')" ''
}

@test "with -n quarterly-review says where it stands, asks no service and leaves every file as it was" {
	local log_lines
	mkdir q4
	q 0 -n
	assert_equal "$(cut -c 1-4 "$out" | xargs)" 'next then then then then then then then'
	assert_equal "$(state)" ''
	q 3
	eve_decides all
	q 3
	sign
	state >before
	log_lines=$(wc -l <"$log")
	q 0 -n </dev/null
	assert_equal "$(grep -v '^done' "$out" | head -n 1)" \
		'next  changes     show the plan, ask, and have scim-push carry it out; rudderstack: 1; stripe: 2'
	state | diff before -
	assert_equal "$(wc -l <"$log")" "$log_lines"
}

@test "quarterly-review believes nothing that is half written, and refuses what was changed, by its name" {
	mkdir q4
	q 3
	# each is cut where it is the last that is there
	local file
	mv q4/3-review/issued kept
	head -c 300 kept/review.ndjson >q4/2-checks/findings.ndjson
	q 3
	assert_sealed q4/2-checks/findings.ndjson
	run_status 0 diff -r kept q4/3-review/issued
	# sheets may have gone out: they are not written again
	sed -i '$d' q4/3-review/issued/review.ndjson
	q 65
	assert_says 'its sheets may have gone out'
	cp kept/review.ndjson q4/3-review/issued
	eve_decides all
	q 3
	for file in 1-population/snapshot.ndjson 2-checks/findings.ndjson 3-review/issued/review.ndjson 3-review/decisions.ndjson; do
		cp "q4/$file" kept/file
		sed -i '2s/x.org/y.org/' "q4/$file"
		cmp -s "q4/$file" kept/file && sed -i '2s/"kind"/"Kind"/' "q4/$file"
		q 65
		assert_says "q4/$file was changed"
		cp kept/file "q4/$file"
	done
	# a population that was made again is another one
	sed -i '$d' q4/1-population/snapshot.ndjson
	change '{"op":"add-user","id":"u9","user_name":"new@x.org"}'
	q 65
	assert_says 'findings.ndjson is not about q4/1-population/snapshot.ndjson'
}

@test "quarterly-review changes nothing before the right person has signed the decisions that the sheets say" {
	mkdir q4
	q 3
	eve_decides all
	q 3
	sign ops
	q 65 </dev/null
	assert_says 'ops@x.org may not sign for rollcall-decision'
	sign eve file
	q 65 </dev/null
	sign
	sed -i '2s/keep/Keep/' q4/3-review/returned/review.csv
	q 65 </dev/null
	assert_says 'review.csv was changed, or came, after the decisions were made'
	rm q4/3-review/decisions.ndjson*
	q 3
	sign
	q 1 </dev/null
	q 3 <<<q4
	assert_equal "$(writes)" 1
	# decisions of which something was sent stay
	rm q4/3-review/decisions.ndjson
	q 65
	assert_says 'something was sent by earlier decisions'
}

@test "quarterly-review stops where a source can not be read, where another run is at work, and says how it is called" {
	mkdir q4 q5
	# the sheets are workbooks where nobody asks for CSV
	run_status 3 quarterly-review -k ops -s signers q5
	assert_file_contains "$out" 'not there: review.xlsx'
	assert_equal "$(ls q5/3-review/issued)" $'review.ndjson\nreview.xlsx'
	change '{"op":"switch","name":"stripe:users-status","value":"401"}'
	q 77
	[ ! -e q4/1-population/snapshot.ndjson ]
	exec 8>q4/lock
	flock -n 8
	q 75
	assert_says 'another run is at work in q4'
	exec 8>&-
	run_status 64 quarterly-review -k ops q4
	run_status 64 quarterly-review -k ops -s signers none
	run_status 64 quarterly-review -x -k ops -s signers q4
}

@test "quarterly-review takes a run that stopped for no result: it plans anew, asks anew, and sends what is left" {
	local closing
	mkdir q4
	q 3
	eve_decides all
	q 3
	sign
	# when the answer is there, somebody else has deactivated mei
	# shellcheck disable=SC2016 # the script expands it
	printf '#!/bin/sh\ncase "$*" in *stripe*--apply*) [ -e "%s/once" ] || { : >"%s/once"; stand-in change "$control" "%s"; } ;; esac\nexec %s "$@"\n' \
		"$PWD" "$PWD" '{\"op\":\"deactivate\",\"id\":\"u4\"}' "$(type -P scim-push)" >bin/scim-push
	chmod +x bin/scim-push
	people_do membership account rest
	q 3 <<<$'q4\nyes'
	assert_file_contains "$out" 'Send these 3 operations'
	assert_says 'no longer as the plan found it' 'stripe: it stopped, and not all was sent'
	assert_equal "$(cd q4/4-changes && echo *.result.ndjson)" rudderstack.result.ndjson
	q 0 -n </dev/null
	assert_file_contains "$out" '^next  changes'
	# as such a review was left by those that took it for one
	mv q4/4-changes/stripe.result.new q4/4-changes/stripe.result.ndjson
	q 1 <<<no
	assert_file_contains "$out" 'Send these 1 operations'
	q 0 <<<$'q4\nyes'
	assert_file_contains "$out" 'stripe: .*done 1'
	# tried again by hand: nothing is left to send, so nothing is asked; what was closed before is closed anew
	rm q4/4-changes/*.result.ndjson
	closing=$(sha256sum <q4/5-after/closing.ndjson)
	q 65 <<<yes
	assert_equal "$(grep -c 'Send these' "$out")" 0
	assert_file_contains "$out" 'rudderstack: already 1'
	assert_says 'q4.tar is of another closing'
	[ "$(sha256sum <q4/5-after/closing.ndjson)" != "$closing" ]
	rm q4.tar
	q 0
}

@test "quarterly-review looks at the key before all other work, and names a returned sheet that is gone" {
	mkdir q4
	echo 'no key' >words
	run_status 65 quarterly-review -c -k words -s signers q4
	assert_says 'words is no ssh key that can be read'
	ssh-keygen -q -t rsa -b 2048 -m PEM -N '' -f pem
	rm pem.pub
	run_status 65 quarterly-review -c -k pem -s signers q4
	assert_says 'pem.pub is not there'
	run_status 65 quarterly-review -c -k eve -s signers q4
	assert_says 'signers has no line with the key eve and rollcall-evidence'
	assert_equal "$(ls q4)" ''
	q 3
	eve_decides all
	q 3
	mv q4/3-review/returned/review.csv kept
	q 65
	assert_says 'a sheet that the decisions were made of is not in q4/3-review/returned any more: put it back'
	assert_equal "$(grep -c 'sha256sum\|No such file\|cannot open' "$err")" 0
	cp kept q4/3-review/returned/of-eve.csv
	q 3
}

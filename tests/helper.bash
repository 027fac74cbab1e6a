# SPDX-License-Identifier: ISC
# What every test file loads. One wrapper runs the programs: exact status,
# stdout and stderr apart in $out and $err, all shown on a mismatch.

bats_require_minimum_version 1.5.0

export LC_ALL=C TZ=UTC
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_COLOR \
	CREDENTIALS_DIRECTORY ROLLCALL_SANDBOX SCIM_BASE_URL SCIM_TOKEN BATON_RUDDERSTACK_SCIM_BASE_URL \
	BATON_RUDDERSTACK_SCIM_TOKEN BATON_STRIPE_SCIM_BASE_URL BATON_STRIPE_SCIM_TOKEN \
	BATON_SCALR_BASE_URL BATON_SCALR_ACCOUNT BATON_SCALR_API_TOKEN SCALR_HOSTNAME SCALR_TOKEN

case ${BASH_SOURCE[0]} in
/*/tests/helper.bash) ROOT=${BASH_SOURCE[0]%/tests/helper.bash} ;;
*) ROOT=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd) ;;
esac
case ${BUILD:=build} in
/*) ;;
*) BUILD=$(cd "$ROOT" && cd "$BUILD" && pwd) ;;
esac
export BUILD
[ -z "${SANITIZED:-}" ] || export LSAN_OPTIONS=suppressions=$ROOT/tests/lsan.supp:print_suppressions=0
# the token of every stand-in; tests look for it where it must not be
TOKEN=canary-token-5d41402abc4b2a76b9719d911017c592
PATH=$BUILD:$BUILD/tests:$PATH

# ---- what bats does for each test and each command of it, for less ----

# Before each command, bats notes on which line it stands, in case it fails: that costs 0.2 ms, a
# quarter of what all tests take. Bash 5 knows the line after the command has failed, too. These two
# functions are those of bats, in this other way; `bats -x` keeps its own.
if [ "${BATS_TRACE_LEVEL:-0}" -eq 0 ] && [ "${BASH_VERSINFO[0]}" -ge 5 ]; then
	bats_debug_trap() { trap - DEBUG; }
	bats_error_trap() {
		bats_check_status_from_trap
		[ -n "$BATS_DEBUG_LAST_STACK_TRACE_IS_VALID" ] || bats_capture_stack_trace
		BATS_DEBUG_LAST_STACK_TRACE_IS_VALID=1
	}
	get_mills_since_epoch() { printf '%d\n' "$((${EPOCHREALTIME/[.,]/} / 1000))"; }
fi

# jq itself takes 40 ms to start. In what a test runs (examples/), jq is jq.
if [ -x "$BUILD/tests/quick-jq" ]; then
	jq() { quick-jq "$@"; }
fi

# python3 may be a script that looks for the right Python (pyenv): 200 ms a start. run-bats has looked.
if [ -n "${TEST_PYTHON:-}" ]; then
	python3() { "$TEST_PYTHON" "$@"; }
fi

# ---- assertions: a line each; bats-assert takes longer to load than most tests to run ----

# fail WORDS...
fail() {
	printf '%s\n' "$*" >&2
	return 1
}

assert() { "$@" || fail "not so: $*"; }
refute() { ! "$@" || fail "so it is: $*"; }
assert_equal() { [[ $1 == "$2" ]] || fail "--- expected"$'\n'"$2"$'\n'"--- got"$'\n'"$1"; }
assert_not_equal() { [[ $1 != "$2" ]] || fail "should be another one: $1"; }
assert_regex() { [[ $1 =~ $2 ]] || fail "--- expected to match"$'\n'"$2"$'\n'"--- got"$'\n'"$1"; }
assert_success() { [ "$status" -eq 0 ] || fail "status $status: $output"; }
assert_output() { assert_equal "$output" "$1"; }
assert_exists() { [ -e "$1" ] || fail "$1 does not exist"; }
assert_not_exists() { { [ ! -e "$1" ] && [ ! -L "$1" ]; } || fail "$1 exists"; }
assert_file_empty() { { [ -e "$1" ] && [ ! -s "$1" ]; } || fail "$1 is not there or not empty: $(head -c 2000 "$1")"; }
assert_file_contains() { grep -q -e "$2" "$1" || fail "'$2' is not in $1: $(head -c 2000 "$1")"; }
assert_file_permission() { assert_equal "$(stat -c %a "$2") $2" "$1 $2"; }

# assert_golden FILE GOT: the same; with $GOLDEN set (`make golden`) FILE becomes so, and what changed is shown
assert_golden() {
	local change
	change=$(diff "$1" "$2") && return
	[ -n "${GOLDEN:-}" ] || fail "$1 has other lines (\`make golden\` would take these): $change" || return
	cp "$2" "$1"
	printf '# %s\n' "${1#"$ROOT/"}: rewritten" "${change//$'\n'/$'\n'# }" >&3
}

# sampled: this is .ci/run with the sanitizers, where a part of many cases is enough; `make asan` has all
sampled() { [ -n "${CI:-}" ] && [ -n "${SANITIZED:-}" ]; }

# run_status STATUS COMMAND...: runs it with stdin as it is; stdout goes to the
# file $out, stderr to $err, and the status must be STATUS exactly.
run_status() {
	local expected=$1 status=0
	shift
	out=$BATS_TEST_TMPDIR/out err=$BATS_TEST_TMPDIR/err
	"$@" >"$out" 2>"$err" || status=$?
	if [ "$status" -ne "$expected" ]; then
		{
			echo "expected status $expected, got $status: $*"
			echo "--- stdout"
			head -c 4000 "$out"
			echo "--- stderr"
			head -c 4000 "$err"
		} >&2
		return 1
	fi
}

# limit_memory BYTES COMMAND...: its address space, where a sanitizer does not need it all.
limit_memory() {
	local bytes=$1
	shift
	[ -z "${SANITIZED:-}" ] || set -- env "$@"
	[ -n "${SANITIZED:-}" ] || set -- prlimit "--as=$bytes" "$@"
	"$@"
}

# hastened COMMAND...: a program in jq that does not end is ended after 10 seconds of CPU time, told by
# a signal each 20 ms (lib/jq/jq_guard.c). After half a second these signals come from here, a
# thousand a second. In .ci/run, and with the sanitizers, the seconds are waited out.
hastened() {
	if [ -n "${CI:-}${SANITIZED:-}" ]; then
		"$@"
		return
	fi
	perl -MPOSIX -e '
		my $pid = fork // die $!;
		exec @ARGV or die $! if !$pid;
		while (waitpid($pid, WNOHANG) == 0) {
			open my $stat, "<", "/proc/$pid/stat" or die $!;
			my @ticks = (split " ", <$stat> =~ s/.*\) //r)[11, 12];
			my $warm = $ticks[0] + $ticks[1] >= sysconf(_SC_CLK_TCK) / 2;
			kill "PROF", $pid if $warm;
			select undef, undef, undef, $warm ? 0.001 : 0.02;
		}
		exit($? & 127 ? 128 + ($? & 127) : $? >> 8)' "$@"
}

# start_stand_in OPTION...: starts one; sets $url (what programs talk to),
# $control (what `change` talks to), $log (the requests it got).
start_stand_in() {
	local pipe
	servers=$((${servers:-0} + 1))
	pipe=$BATS_TEST_TMPDIR/stand-in.$servers
	log=$pipe.log
	mkfifo "$pipe"
	stand-in --token "$TOKEN" --log "$log" "$@" >"$pipe" 3>&- &
	stand_in_pids="${stand_in_pids:-} $!"
	exec 9<"$pipe"
	IFS= read -r url <&9
	control=$url
	case $url in https:*) IFS= read -r control <&9 ;; esac
	exec 9<&-
	: >>"$log"
}

stop_stand_ins() {
	local pid
	for pid in ${stand_in_pids:-}; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	stand_in_pids=
}

teardown() {
	stop_stand_ins
}

# change OPERATION...: changes the directory while the stand-in runs.
change() {
	stand-in change "$control" "$@"
}

# fetch_scim OPTION... : the plain SCIM service of the stand-in.
fetch_scim() {
	SCIM_TOKEN=$TOKEN scim-fetch "$@" "$url/scim/v2"
}

# push STATUS OPTION...: operations or a change stream on stdin, by scim-push; the service and what is wanted of it are OPTIONs
push() {
	local status=$1
	shift
	SCIM_TOKEN=$TOKEN BATON_RUDDERSTACK_SCIM_TOKEN=$TOKEN BATON_STRIPE_SCIM_TOKEN=$TOKEN \
		BATON_RUDDERSTACK_SCIM_BASE_URL=$url/rudderstack/scim/v2 \
		BATON_STRIPE_SCIM_BASE_URL=$url/stripe/scim/v2 SCIM_BASE_URL=$url/scim/v2 \
		run_status "$status" scim-push "$@"
	refute_token "$out" "$err"
}

# outcomes: of each result, "op outcome"
outcomes() {
	sed -nE 's/^\{"kind":"result","op":"([a-z-]+)".*\},"outcome":"([a-z]+)".*/\1 \2/p' "$out"
}

# requests: what the stand-in was asked, a line each, in the order it came.
# No jq here nor below: it takes 40 ms to start, and this is asked hundreds of times.
requests() {
	sed -E 's/^\{"method":"([A-Z]+)","path":"([^"\]*)","query":"",.*/\1 \2/
		s/^\{"method":"([A-Z]+)","path":"([^"\]*)","query":"([^"\]*)",.*/\1 \2?\3/' "$log"
}

# answered STATUS: how many requests were answered with it, a regular expression
answered() {
	grep -cE '^\{"method":".*,"status":('"$1"'),"in_flight":[0-9]+,' "$log" || true
}

# assert_only_get: nothing but GET without a body came to any stand-in of this test.
assert_only_get() {
	local log other
	for log in "$BATS_TEST_TMPDIR"/*.log; do
		[ -s "$log" ] || continue
		other=$(grep -vE '^\{"method":"GET",".*\},"body_bytes":0,"status":' "$log") || continue
		fail "not a GET without a body: $other" || return
	done
}

# serve_operations OPTION...: a service with three users and a group, and in the file
# `ops` seven operations, of which each changes it
serve_operations() {
	cat >data <<-EOF
		{"kind":"user","id":"1","user_name":"ada@example.com","display_name":"Ada"}
		{"kind":"user","id":"2","user_name":"bob@example.com","display_name":"Bob"}
		{"kind":"user","id":"3","user_name":"eve@example.com","display_name":"Eve"}
		{"kind":"group","id":"7","name":"Finance","members":["2"]}
	EOF
	cat >ops <<-EOF
		{"op":"push","user_name":"new@example.com","display_name":"New"}
		{"op":"push-group","group":"Sales"}
		{"op":"update","user_name":"ada@example.com","display_name":"Ada L"}
		{"op":"add-member","user_name":"new@example.com","group":"Sales"}
		{"op":"remove-member","user_name":"bob@example.com","group":"Finance"}
		{"op":"deactivate","user_name":"ada@example.com"}
		{"op":"remove","user_name":"eve@example.com"}
	EOF
	start_stand_in --data data "$@"
}

# directory: what the service holds, without times
directory() {
	SCIM_TOKEN=$TOKEN scim-fetch "$url/scim/v2" | sed -E '1d;$d; s/,"meta":\{[^}]*\}//' | sort
}

# writes: how often each change was made, by the answer of the service
writes() {
	sed -nE '/^\{"method":"GET"/d
		s/^\{"method":"([A-Z]+)","path":("[^"]*").*,"body_bytes":[0-9]+(.*),"status":(0|[12][0-9][0-9]),"in_flight".*/\1 \2\3/p' "$log" |
		sort | uniq -c | awk '{print $1}' | sort -u
}

# assert_sealed FILE: the one section in FILE has an end line.
assert_sealed() {
	[[ $(tail -n 1 "$1") == '{"kind":"end",'*'}' ]] || fail "no end line in $1"
}

assert_not_sealed() {
	! grep -q '"kind":"end"' "$1" || fail "an end line in $1"
}

# ---- streams made by hand ----

# seal BEGIN [BEFORE [AFTER]]: the records on stdin, whatever bytes they are,
# become a section on stdout: the line BEGIN, the records, and an end line with
# their true counts and digests. BEFORE and AFTER are more members of `end`.
seal() {
	"$BUILD/tests/seal" "${sealed_kinds:-user group membership gap}" "$@"
}

# begin_edited SCRIPT FILE: FILE with its begin line edited by sed and sealed again.
begin_edited() {
	local begin sum
	begin=$(sed -n "1{$1;p}" "$2")
	sum=$(sha256sum <<<"$begin")
	printf '%s\n' "$begin"
	sed "1d;\$s/\"begin_sha256\":\"[0-9a-f]*\"/\"begin_sha256\":\"${sum%% *}\"/" "$2"
}

# seal_fetch SOURCE [PROVIDER [SCHEMA]]: fetch stream lines on stdin become a
# complete section, read at $read_at from $origin where these are set.
seal_fetch() {
	local origin=${origin:-https://$1.example/scim/v2} at=${read_at:-2026-11-22T00:00:00Z}
	sealed_kinds='user group gap' seal \
		"{\"kind\":\"begin\",\"format\":1,\"stage\":\"fetch\",\"source\":\"$1\",\"provider\":\"${2:-scim}\",\"schema\":\"${3:-scim}\",\"origin\":\"$origin\",\"tool\":\"test 0\",\"started_at\":\"$at\",\"not_covered\":[]}" \
		",\"source\":\"$1\"" ",\"requests\":1,\"retries\":0,\"finished_at\":\"$at\""
}

# seal_snapshot SOURCE...: canonical records on stdin, in the order they come,
# become a snapshot, read at $read_at from $origin where these are set, in $vocabulary (2).
seal_snapshot() {
	local source sources="" vocabulary=${vocabulary-2}
	for source in "$@"; do
		sources+="${sources:+,}{\"source\":\"$source\",\"provider\":\"scim\",\"origin\":\"${origin:-https://$source.example/scim/v2}\",\"fetched_at\":\"${read_at:-2026-11-22T00:00:00Z}\",\"gaps\":@$source@,\"not_covered\":[${not_covered:-}]}"
	done
	seal "{\"kind\":\"begin\",\"format\":1,\"stage\":\"snapshot\"${vocabulary:+,\"vocabulary\":$vocabulary},\"sources\":[$sources]}"
}

# body FILE: the lines of a section between begin and end.
body() {
	sed '1d;$d' "$1"
}

# assert_says WORDS...: each stands in $err, as it is.
assert_says() {
	local words said=
	# -d: all of it, as long as no program writes a NUL
	IFS= read -r -d '' said <"$err" || true
	for words; do
		[[ $said == *"$words"* ]] || fail "'$words' is not in stderr: ${said:0:2000}"
	done
}

# assert_quiet: nothing on stderr.
assert_quiet() {
	[ ! -s "$err" ] || fail "stderr is not empty: $(head -c 2000 "$err")"
}

# assert_records FILE: between begin and end, $out has exactly the bytes of FILE.
assert_records() {
	sed '1d;$d' "$out" | cmp - "$1" || fail "$(sed '1d;$d' "$out" | diff "$1" - | cut -c 1-300 | head -n 20)"
}

# assert_requests: the requests were exactly the lines on stdin, in this order.
assert_requests() {
	local wanted
	wanted=$(cat)
	assert_equal "$(requests)" "$wanted"
}

# refute_token FILE...: the token of the stand-ins stands in none of these files.
refute_token() {
	local status=0
	grep -alF -e "$TOKEN" -- "$@" >&2 || status=$?
	# 1: in none; 2: one can not be read
	[ "$status" -eq 1 ] || fail "the token stands in one of these, or it can not be read: $*"
}

# await FILE [LINES]: until it has so many lines, or one, at most a minute
await() {
	local lines=0
	follow "$1"
	while [ "$lines" -lt "${2:-1}" ] && read -r -u 9; do lines=$((lines + 1)); done
	unfollow
	[ "$lines" -ge "${2:-1}" ] || fail "$1: only $lines of ${2:-1} lines came"
}

# await_line FILE WORDS: until a line of it has them, at most a minute
await_line() {
	local line=
	follow "$1"
	while read -r line <&9 && [[ $line != *"$2"* ]]; do :; done
	unfollow
	[[ $line == *"$2"* ]] || fail "$1: no line with '$2' came"
}

# follow FILE, unfollow: descriptor 9 reads its lines as they come; tail sleeps until it grows
follow() {
	exec 9< <(exec timeout 60 tail -n +1 -f "$1" 2>/dev/null 3>&-)
	follower=$!
}
unfollow() {
	exec 9<&-
	kill "$follower" 2>/dev/null || true
}

# to_full COMMAND..., to_closed COMMAND..., to_nobody COMMAND...: its stdout is
# full, is not there, is a pipe whose reader is gone.
to_full() { "$@" >/dev/full; }
to_closed() { "$@" >&-; }
# shellcheck disable=SC2094  # one fifo, opened at both ends on purpose
to_nobody() {
	local fifo=$BATS_TEST_TMPDIR/nobody.$RANDOM status=0
	mkfifo "$fifo"
	exec 8<>"$fifo" 9>"$fifo" 8<&-
	"$@" >&9 || status=$?
	exec 9>&-
	return "$status"
}

# start_raw FILE...: a server that answers the Nth connection with the bytes of
# the Nth FILE, and all later ones with the last; sets $url, and $raw_log (the
# requests, each body behind its head). Where the file is a program, with what it prints when
# its argument is what was asked for ("/scim/v2/Users?count=1"). For what no HTTP
# library wants to send.
start_raw() {
	local pipe
	servers=$((${servers:-0} + 1))
	pipe=$BATS_TEST_TMPDIR/raw.$servers
	raw_log=$pipe.heads
	mkfifo "$pipe"
	: >"$raw_log"
	perl -MIO::Socket::INET -e '
		$| = 1;
		my $log = shift;
		my $server = IO::Socket::INET->new(Listen => 8, LocalAddr => "127.0.0.1") or die $!;
		print "http://127.0.0.1:", $server->sockport, "\n";
		while (my $client = $server->accept) {
			my $head = "";
			while (sysread $client, my $piece, 4096) {
				$head .= $piece;
				next if $head !~ /\r\n\r\n(.*)/s;
				my $body = $1;
				last if $head !~ /^Content-Length: *(\d+)/mi || length $body >= $1;
			}
			open my $to, ">>", $log or die $!;
			print $to $head =~ /\n$/ ? $head : "$head\n";
			close $to;
			my $file = @ARGV > 1 ? shift : $ARGV[0];
			my ($target) = $head =~ m{^GET (\S+)};
			my $from;
			if (-x $file) {
				open $from, "-|", $file, $target // "" or die $!;
			} else {
				open $from, "<:raw", $file or die $!;
			}
			local $/;
			print $client scalar <$from>;
			close $client;
		}' "$raw_log" "$@" >"$pipe" 3>&- &
	stand_in_pids="${stand_in_pids:-} $!"
	exec 9<"$pipe"
	IFS= read -r url <&9
	exec 9<&-
}

# start_answers: start_raw with an answer from each line "STATUS [BODY]" on stdin
start_answers() {
	local status body answer files=()
	while read -r status body; do
		answer=$BATS_TEST_TMPDIR/answer.$((${servers:-0} + 1)).${#files[@]}
		printf 'HTTP/1.1 %s Words\r\nContent-Type: application/scim+json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' \
			"$status" "${#body}" "$body" >"$answer"
		files+=("$answer")
	done
	start_raw "${files[@]}"
}

# ---- TLS; the files are in the directory of the test, which becomes the current one ----

# certificate NAME DAYS SUBJECT-ALT-NAME: NAME.pem and NAME.key, of the authority ca.pem
certificate() {
	local validity=(-days "$2")
	# OpenSSL 3.5 has no negative days any more, older ones have no -not_after
	if [ "$2" -lt 0 ] && openssl x509 -help 2>&1 | grep -q -e -not_after; then
		validity=(-not_before 20200101000000Z -not_after 20200102000000Z)
	fi
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=stand-in \
		-keyout "$1.key" -out "$1.csr" 2>>openssl.log
	openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key "${validity[@]}" -extfile <(echo "subjectAltName=$3") \
		-out "$1.pem" 2>>openssl.log
}

# authority: the files ca.pem and ca.key, in the directory of the test
authority() {
	cd "$BATS_TEST_TMPDIR" || return
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=authority -days 2 \
		-keyout ca.key -out ca.pem 2>>openssl.log
}

# serve_tls NAME
serve_tls() {
	start_stand_in --tls-cert "$1.pem" --tls-key "$1.key"
}

# serve_old_tls NAME VERSION: a server that speaks this version of TLS alone
# (tls1, tls1_1, tls1_2) and answers with a page in HTML; sets $url
serve_old_tls() {
	local lines=$BATS_TEST_TMPDIR/lines.$2 line=
	mkfifo "$lines"
	openssl s_server -accept 127.0.0.1:0 -cert "$1.pem" -key "$1.key" "-$2" -cipher ALL:@SECLEVEL=0 -www \
		</dev/null >"$lines" 2>>openssl.log 3>&- &
	stand_in_pids="${stand_in_pids:-} $!"
	exec 7<"$lines" # stays open: what is said later must go somewhere
	until [[ $line == ACCEPT* ]]; do IFS= read -r line <&7; done
	url=https://127.0.0.1:${line##*:}
}

# ---- for the fetchers' walks; the file has a `serve SWITCH...` and a `fetch STATUS OPTION...` ----

# stops STATUS WORDS SWITCH... [-- OPTION...]: no end line, this status, and these words
stops() {
	local status=$1 words=$2
	shift 2
	split_words "$@"
	serve "${switches[@]}"
	fetch "$status" "${options[@]}"
	assert_not_sealed "$out"
	assert_says "$words"
}

split_words() {
	switches=() options=()
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		switches+=("$1")
		shift
	done
	[ $# -eq 0 ] || options=("${@:2}")
}

# assert_end USERS GROUPS GAPS: what the end line counts
assert_end() {
	assert_regex "$(tail -n 1 "$out")" \
		'^\{"kind":"end",.*"users":'"$1"',"groups":'"$2"',("memberships":[0-9]+,)?"gaps":'"$3"',.*\}$'
}

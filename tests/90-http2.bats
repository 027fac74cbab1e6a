#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The fetchers through a real front: nginx, with TLS and HTTP/2, before the
# stand-in. The front writes down over which connection each request came.

load helper

setup() {
	PATH=$PATH:/usr/sbin
	command -v nginx >/dev/null || skip 'nginx is not installed: NOTHING IS TESTED OVER HTTP/2'
	authority
	certificate good 2 IP:127.0.0.1
}

# start_front LISTEN [DIRECTIVES]: nginx before the stand-in, which listens with
# these words ("ssl http2") and has these directives; sets $front, and $fronted
# (a line a request: protocol, connection, status). perl gives it a free port.
start_front() {
	local dir=$BATS_TEST_TMPDIR/front.$((fronts = ${fronts:-0} + 1)) lines
	mkdir "$dir"
	fronted=$dir/requests
	lines=$dir/port
	mkfifo "$lines"
	cat >"$dir/conf.in" <<-END
		daemon off;
		worker_processes 1;
		$([ "$EUID" -ne 0 ] || echo 'user root;')
		pid $dir/pid;
		error_log $dir/errors;
		events { }
		http {
			log_format line '\$server_protocol \$connection \$status';
			access_log $fronted line;
			limit_req_zone all zone=all:32k rate=20r/s;
			client_body_temp_path $dir/1;
			proxy_temp_path $dir/2;
			fastcgi_temp_path $dir/3;
			uwsgi_temp_path $dir/4;
			scgi_temp_path $dir/5;
			server {
				listen 127.0.0.1:PORT $1;
				ssl_certificate $PWD/good.pem;
				ssl_certificate_key $PWD/good.key;
				location / { proxy_pass $url; }
				${2:-}
			}
		}
	END
	: >"$fronted"
	perl -MIO::Socket::INET -e '
		$| = 1;
		my $dir = shift;
		$^F = 255; # nginx inherits the socket
		my $socket = IO::Socket::INET->new(Listen => 64, LocalAddr => "127.0.0.1") or die $!;
		my $port = $socket->sockport;
		open my $from, "<", "$dir/conf.in" or die $!;
		open my $to, ">", "$dir/conf" or die $!;
		print $to s/PORT/$port/r while <$from>;
		close $to or die $!;
		$ENV{NGINX} = $socket->fileno . ";";
		print "$port\n";
		open STDOUT, ">", "/dev/null" or die $!;
		exec "nginx", "-c", "$dir/conf" or die $!;' "$dir" >"$lines" 2>"$dir/stderr" 3>&- &
	stand_in_pids="${stand_in_pids:-} $!"
	read -r front <"$lines"
	front=https://127.0.0.1:$front
}

# through FETCHER OPTION...: over the front; direct FETCHER OPTION...: without it
through() {
	base=$front fetch_at "$@" --ca-file ca.pem
}

direct() {
	base=$url fetch_at "$@"
}

fetch_at() {
	case $1 in
	scim) SCIM_TOKEN=$TOKEN timeout 60 scim-fetch "${@:2}" "$base/scim/v2" ;;
	scalr) BATON_SCALR_API_TOKEN=$TOKEN timeout 60 scalr-fetch "${@:2}" --base-url "$base" acme ;;
	esac
}

# plain FETCHER: what comes without the front is in the file plain
plain() {
	run_status 0 direct "$1" --jobs 1
	body "$out" >plain
	[ "$(wc -l <plain)" -ge 30 ]
	: >"$log"
}

# column N: the different words there, in the front's requests
column() {
	cut -d ' ' -f "$1" "$fronted" | sort -u | paste -sd ' '
}

# connections: how many there were
connections() {
	column 2 | wc -w
}

@test "over HTTP/2 requests run side by side on one connection, and the bytes are the same" {
	local fetcher
	for fetcher in scim scalr; do
		start_stand_in --users 40 --groups 5 --delay 20
		plain $fetcher
		start_front 'ssl http2'
		run_status 0 through $fetcher --jobs 16 --count 1
		assert_records plain
		assert_sealed "$out"
		assert_equal "$(column 1)" HTTP/2.0
		assert_equal "$(connections)" 1
		assert_equal "$(wc -l <"$fronted")" "$(tail -n 1 "$out" | jq .requests)"
		[ "$(jq -s 'map(.in_flight) | max' "$log")" -ge 12 ] || fail 'one after the other'
	done
}

@test "where the front speaks HTTP/1.1 only, connections are kept, and there are no more than --jobs" {
	start_stand_in --users 40 --groups 5 --delay 5
	plain scim
	start_front ssl
	run_status 0 through scim --jobs 6 --count 1
	assert_records plain
	assert_equal "$(column 1)" HTTP/1.1
	[ "$(connections)" -le 6 ] || fail "$(connections) connections for $(wc -l <"$fronted") requests"
	[ "$(wc -l <"$fronted")" -ge 45 ]
}

@test "a front that allows few requests a connection, or few at a time, costs nothing but time" {
	start_stand_in --users 40 --groups 5 --delay 5
	plain scim
	start_front 'ssl http2' 'keepalive_requests 7;'
	run_status 0 through scim --jobs 8 --count 1
	assert_records plain
	[ "$(connections)" -ge 6 ]
	start_front 'ssl http2' 'http2_max_concurrent_streams 2;'
	run_status 0 through scim --jobs 8 --count 1
	assert_records plain
	assert_equal "$(column 1)" HTTP/2.0
}

@test "a reply that breaks off behind the front is no short page" {
	start_stand_in --users 40 --groups 5 --switch drop-at=3:1
	start_front 'ssl http2' 'proxy_buffering off;'
	run_status 0 through scim --jobs 1 --count 9
	assert_end 40 5 0
	change '{"op":"switch","name":"drop-at","value":"3:99"}'
	run_status 75 through scim --jobs 1 --count 9 --retries 0
	assert_not_sealed "$out"
}

@test "a front whose service is away is later, not an empty directory" {
	url=http://127.0.0.1:1
	start_front 'ssl http2'
	run_status 75 through scim --retries 0
	assert_not_sealed "$out"
	assert_says 'HTTP 502'
}

@test "the limit of a front is waited for" {
	start_stand_in --users 40 --groups 5
	plain scim
	start_front 'ssl http2' 'limit_req_status 429; limit_req zone=all burst=3 nodelay;'
	run_status 0 through scim --jobs 8 --count 1
	assert_records plain
	assert_equal "$(column 3)" '200 429'
}

#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Damaged files of each kind that a program reads: bits that flipped, bytes and lines that
# are gone, doubled or moved. Nobody crashes over them, what is sealed is refused, and no
# message can do anything to a terminal. tests/30-diff.bats has every byte of two snapshots.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	umask 077
}

# damage FILE: the directory `damaged` gets $copies copies, each with another damage; the same
# in every run
damage() {
	rm -rf damaged
	mkdir damaged
	copies=32
	! sampled || copies=16
	COPIES=$copies perl -e '
		local $/;
		srand 6;
		my $whole = <STDIN>;
		for (my $n = 10; $n < 10 + $ENV{COPIES};) {
			my ($copy, $at) = ($whole, int rand(length $whole));
			my @lines = $whole =~ /.*\n?/g;
			my ($one, $other) = (rand @lines, rand @lines);
			my $kind = int rand 8;
			if ($kind < 3) { substr($copy, $at, 1) ^= chr(1 << rand(8)) }
			elsif ($kind == 3) { substr($copy, $at, 1) = (map { pack "H*", $_ } qw(00 0a 0d 1b 22 7f 80 c0 e280ae))[rand(9)] }
			elsif ($kind == 4) { substr($copy, $at, 1 + rand(9)) = "" }
			elsif ($kind == 5) { $copy = substr($copy, 0, $at) }
			elsif ($kind == 6) { @lines[$one, $other] = @lines[$other, $one]; $copy = join "", @lines }
			else { splice @lines, $one, 1, ($lines[$one]) x (2 * int rand(2)); $copy = join "", @lines }
			next if $copy eq $whole;
			open my $to, ">:raw", "damaged/" . $n++ or die;
			print $to $copy;
		}' <"$1"
}

# inert FILE...: each is UTF-8 and has nothing that a terminal obeys or does not show; else its name
inert() {
	perl -MEncode -e '
		local $/;
		while (my $text = <>) {
			$text = eval { decode("UTF-8", $text, 1) };
			next if defined $text && $text =~ /^(\n|[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}])*$/;
			print "$ARGV\n";
			exit 1;
		}' "$@"
}

# each STATUSES COMMAND...: the command with each damaged copy as the file `victim`: it ends
# with one of these, and where that is not 0, it says why. $refused counts those.
each() {
	local statuses=$1 copy said found=0
	shift
	rm -rf said
	mkdir said
	refused=0
	for copy in damaged/*; do
		cp "$copy" victim
		status=0 said=said/${copy#*/}
		"$@" >got 2>"$said" <"${input:-/dev/null}" || status=$?
		case " $statuses " in *" $status "*) ;; *) fail "$copy: status $status: $(cat "$said")" ;; esac
		if [ "$status" -eq 0 ]; then
			accepted || fail "$copy: accepted, with another result"
		else
			[ -s "$said" ] || [ -s got ] || fail "$copy: status $status without a word"
			refused=$((refused + 1))
		fi
		[ ! -s got ] || ! grep -qF -e "${TOKEN:0:12}" -e "${TOKEN: -12}" got || fail "$copy: the token is in the output"
	done
	said=$(inert said/*) || fail "$said: $(od -c "$said")"
	grep -lF -e "${TOKEN:0:12}" -e "${TOKEN: -12}" said/* || found=$?
	assert_equal "$found" 1 # in none
}

# what a damaged copy that is taken must come to
accepted() { cmp truth got; }

# nothing but 65 and silence on stdout
each_sealed() {
	each '0 65' "$@"
	assert [ "$refused" -ge $((copies - 3)) ]
}

# a snapshot that stays as it is when it is read again
a_snapshot() { cp got again && normalize again | cmp - got; }

streams() {
	start_stand_in --users 5 --groups 2 --services 1
	fetch_scim -q >stream
	BATON_SCALR_API_TOKEN=$TOKEN scalr-fetch -q --base-url "$url" acme >>stream
	normalize stream >snapshot
}

@test "a damaged fetch stream is refused, or the damage is in what says nothing" {
	streams
	cp snapshot truth
	damage stream
	each_sealed normalize victim
	each_sealed normalize --threads 1 victim
}

@test "a damaged snapshot is refused by normalize" {
	streams
	cp snapshot truth
	damage snapshot
	each_sealed normalize victim
	assert_equal "$refused" "$copies"
}

@test "a damaged change stream is refused by scim-push" {
	start_stand_in --users 5 --groups 2
	fetch_scim -q --scope users | normalize >snapshot
	body snapshot | grep '"kind":"user"' | sed 's/"enabled"/"disabled"/; s/"display_name":"/&New /' |
		origin=$url/scim/v2 read_at=2027-01-01T00:00:00Z seal_snapshot scim >later
	diff-snapshot --format ndjson snapshot later >changes || [ $? -eq 1 ]
	plan() { SCIM_TOKEN=$TOKEN scim-push -q "$url/scim/v2" <victim; }
	cp changes victim
	plan >whole
	body whole >truth
	assert [ -s truth ]
	accepted() { body got | cmp truth; }
	damage changes
	each_sealed plan
	assert_equal "$(jq -r 'select(.method != "GET")' "$log")" ''
}

@test "a damaged list of operations is refused, or is one that says who is meant" {
	start_stand_in --users 5 --groups 2
	cat >ops <<-'EOF'
		{"op":"push","user_name":"new@example.com","display_name":"New"}
		{"op":"update","id":"u1","given_name":"Ada"}
		{"op":"add-member","id":"u2","group":"Platform"}
		{"op":"deactivate","id":"u3"}
	EOF
	plan() { SCIM_TOKEN=$TOKEN scim-push -q --dialect scim "$url/scim/v2" <victim; }
	accepted() { assert_sealed got; }
	damage ops
	each '0 65 76' plan
	assert [ "$refused" -ge $((copies - 12)) ]
	assert_equal "$(jq -r 'select(.method != "GET")' "$log")" ''
}

@test "a damaged journal is refused, unless it only lacks what came last" {
	start_stand_in --users 5 --groups 2
	for n in 1 2 3 4; do
		echo "{\"op\":\"update\",\"id\":\"u$n\",\"display_name\":\"Number $n\"}"
	done >ops
	push() { SCIM_TOKEN=$TOKEN scim-push -q --apply --jobs 1 --dialect scim --journal victim "$url/scim/v2"; }
	push <ops >first
	sed '$d' victim >open
	: >"$log"
	accepted() {
		[ "$(jq -r 'select(.kind == "result") | .outcome' got | grep -cxE 'done|already')" -eq 4 ]
	}
	damage open
	input=ops each '0 65' push
	assert [ "$refused" -ge $((copies - 6)) ]
	assert_equal "$(jq -r 'select(.method != "GET")' "$log")" ''
}

@test "a damaged token is refused, here or by the service, and is in no message" {
	start_stand_in --users 1
	printf '%s\n' "$TOKEN" >token
	fetch_scim | body /dev/stdin >truth
	accepted() {
		body got | cmp truth # without its newline it is the same
	}
	damage token
	each '0 77 78' scim-fetch -v --token-file victim "$url/scim/v2"
	assert [ "$refused" -ge $((copies - 12)) ]
}

@test "a damaged file of authorities is refused, or trusts the one that it held before" {
	authority
	certificate good 2 IP:127.0.0.1
	serve_tls good
	fetch_scim --ca-file ca.pem | body /dev/stdin >truth
	accepted() { body got | cmp truth; }
	damage ca.pem
	SCIM_TOKEN=$TOKEN each '0 69 78' scim-fetch -q --retries 0 --ca-file victim "$url/scim/v2"
	assert [ "$refused" -ge $((copies - 12)) ]
}

@test "a damaged program of --map is refused, or makes a snapshot" {
	streams
	cat >map.jq <<-'EOF'
		.resource
		| {id: (.id // .attributes.email), user_name: .userName, roles: ([.roles[]?.value] | sort)}
		# what is not said is not known
		| . + {status: (if .active then "enabled" else "unknown" end)}
	EOF
	accepted() { a_snapshot; }
	damage map.jq
	each '0 64 65' normalize --map victim stream
	assert [ "$refused" -ge $((copies - 12)) ]
}

@test "damaged plain lines are refused, or make a snapshot" {
	cat >staff <<-'EOF'
		{"id":"1","user_name":"ada@example.com","status":"enabled","roles":["b","a"]}
		{"kind":"group","id":"g","name":"Group"}
		{"kind":"membership","group_id":"g","member_id":"1","member_kind":"user"}
		{"id":"2","user_name":"bob@example.com","account_type":"service","created_at":"2026-01-01T00:00:00Z"}
	EOF
	accepted() { a_snapshot; }
	damage staff
	each '0 65' normalize --plain --source hr --fetched-at 2026-11-22T00:00:00Z victim
	assert [ "$refused" -ge $((copies - 12)) ]
}

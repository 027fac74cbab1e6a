#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Hostile data (corpora.bash) through whole programs: JSON texts as the body of a page
# and within a line of a stream, names as every name, read back out of every output.

load helper
load corpora

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export SCIM_TOKEN=$TOKEN
}

# serve_bodies: a server that answers every first page of users with the file
# `body`, and everything else with an empty list
serve_bodies() {
	cat >answer <<-END
		#!/bin/sh
		cd '$PWD' || exit
		case \$1 in
		*/Users*startIndex=1\&*) file=body ;;
		*) file=empty ;;
		esac
		printf 'HTTP/1.1 200 OK\r\nContent-Type: application/scim+json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n' "\$(wc -c <\$file)"
		cat \$file
	END
	chmod +x answer
	printf '{"totalResults":0,"Resources":[]}' >empty
	start_raw "$PWD/answer" "$PWD/answer"
}

# wrapped PREFIX FILE SUFFIX: a text that is good JSON just where FILE is
wrapped() {
	printf '%s' "$1"
	cat "$2"
	printf '%s' "$3"
}

# walk_through WANT FILE...: a whole run of scim-fetch for each text, in one process (tests/fuzz/walk.c):
# as the first page of users, and as a value within one. What follows is an empty list. Its
# exit status must match WANT. A text with a zero byte is left to `refused`.
walk_through() {
	local want=$1 wanted file status
	shift
	rm -rf walks
	mkdir walks
	perl -e '
		local $/;
		my $as_page = shift;
		my $rest = qq(\x{0}200{"totalResults":0,"Resources":[]}) x 4;
		for my $path (@ARGV) {
			open my $from, "<:raw", $path or die $!;
			my ($text, $name) = (scalar <$from>, $path =~ m{([^/]*)$});
			next if $text =~ /\0/;
			my %bodies = (within => qq({"Resources":[{"id":"u","value":$text}]}));
			$bodies{page} = $text if $as_page;
			for my $how (keys %bodies) {
				open my $to, ">:raw", "walks/$name.$how" or die $!;
				print $to "\x{0}200$bodies{$how}$rest";
			}
		}' "$([ "$want" = 0 ] || echo 1)" "$@"
	WALK_STATUS=1 run_status 0 "$BUILD/tests/fuzz/walk" walks/*
	assert_equal "$(wc -l <"$err")" $((2 * $(find walks -type f | wc -l)))
	while read -r file && read -r status; do
		case $file in *y_*duplicated_key*) wanted=76 ;; *) wanted=$want ;; esac
		[[ $status =~ ^($wanted)$ ]] || fail "status $status: $file"
	done <"$err"
}

# 75: it may be the first part of a good one
@test "no text that is no JSON is taken as a page or within one" {
	local file i=0
	json_texts n
	walk_through '75|76' "${texts[@]}"
	serve_bodies
	for file in "${texts[@]}"; do # some of them by the program itself
		((i++ % 20 == 0)) || grep -qaP '\0' "$file" || continue
		cp "$file" body
		refused "$file"
		wrapped '{"Resources":[{"id":"u","value":' "$file" '}]}' >body
		refused "$file"
	done
}

# refused FILE: where it is served
refused() {
	local status=0
	scim-fetch -q --jobs 1 --retries 0 "$url/scim/v2" >fetched 2>said || status=$?
	[ "$status" -eq 76 ] || [ "$status" -eq 75 ] || fail "status $status: $1: $(cat said)"
	assert_not_sealed fetched
}

@test "every JSON text is taken in a page, unless a member stands twice" {
	local file expected i=0
	json_texts y
	walk_through 0 "${texts[@]}"
	serve_bodies
	for file in "${texts[@]}"; do
		case $file in *duplicated_key*) expected=76 ;; *) expected=0 ;; esac
		((expected == 76 || i++ % 20 == 0)) || continue
		wrapped '{"Resources":[{"id":"u","value":' "$file" '}]}' >body
		run_status $expected scim-fetch -q --jobs 1 --retries 0 "$url/scim/v2"
	done
}

# within a line: tests/20-normalize.bats
@test "no text that is no JSON is taken as a line" {
	local file
	json_texts n
	for file in "${texts[@]}"; do
		{ cat "$file"; echo; } >in
		run_status 65 normalize in || fail "$file"
		[ ! -s "$out" ] || fail "something is written: $file"
		[ -s "$err" ] || fail "nothing is said: $file"
	done
}

@test "every JSON text is taken within a line among lines, unless a member stands twice" {
	local file
	json_texts y
	one_line "${texts[@]}"
	for file in lines/*; do
		case $file in *duplicated_key*) seal_each "$file" ;; *) wrapped '{"kind":"user","source":"s","resource":{"id":"'"${file##*/}"'","value":' "$file" $'}}\n' ;; esac
	done | seal_fetch s >all
	run_status 0 normalize all
	assert_equal "$(grep -c '"kind":"user"' "$out")" "$(grep -c '"kind":"user"' all)"
	assert [ "$(grep -c '"kind":"user"' all)" -ge 45 ]
	for file in streams/*; do run_status 65 normalize "$file"; done
}

@test "a text among others of its shape is taken where the strict parser takes it alone" {
	local class file value
	mkdir -p shapes
	for class in n y i; do
		json_texts $class
		for file in "${texts[@]}"; do
			{
				for value in '"text"' 12 true '["text"]' '[12]' '[true]' '{"a":"b"}'; do
					printf '{"id":"u","value":%s}\n' "$value"
				done
				wrapped '{"id":"v","value":' "$file" '}'
			} >"shapes/${file##*/}"
		done
	done
	run_status 0 "$BUILD/tests/fuzz/shape" shapes/*
}

# naughty: a line for each name of the lists that has a visible place in a record:
# a user whose names are that string, a group of that name
naughty() {
	names
	# what a terminal, a reader's eye and a spreadsheet fall for, and the list lacks
	jq -c '. + ["\u001b[2J\u001b[H", "\u009b31m", "\u001b]0;title\u0007", "a\rb", "a\nb", "a\u0008\u0008b",
		"\u202egnp.exe", "\u2066x\u2069", "a\u200bb", "\ufeffx", "a\u2028b", "\u00ad", "\u007f",
		"=cmd|\u0027/c calc\u0027!A0", "+1", "-1", "@SUM(1)", "\tx", "<script>alert(1)</script>"]
		| map(select(. != "" and (explode | index(0) | not))) | to_entries' names.json >naughty.json
	jq -c '.[] | (.value as $s | "u\(.key)" as $id |
		{kind: "user", source: "s", resource: {id: $id, userName: $s, displayName: $s, externalId: $s,
			name: {givenName: $s, familyName: $s}, emails: [{value: $s}], title: $s, roles: [$s], active: true}},
		{kind: "group", source: "s", resource: {id: "g\(.key)", displayName: $s, members: [{value: $id, type: "User"}]}})' \
		naughty.json | seal_fetch s >stream
	seal_fetch s </dev/null >nobody.stream
	run_status 0 normalize nobody.stream
	cp "$out" nobody
	run_status 0 normalize stream
	cp "$out" snapshot
}

@test "every naughty name comes back out of a snapshot as it was" {
	naughty
	jq -c '.[] | [.key, .value]' naughty.json | sort >wanted
	for field in user_name display_name external_id given_name family_name email 'roles[0]'; do
		body snapshot | jq -c "select(.kind == \"user\") | [(.id[1:] | tonumber), .$field]" | sort >got
		cmp wanted got || fail "$field: $(diff wanted got | head -n 4)"
	done
	body snapshot | jq -c 'select(.kind == "group") | [(.id[1:] | tonumber), .name]' | sort >got
	cmp wanted got
}

@test "the naughty names come back out of a change stream as they were" {
	naughty
	run_status 1 diff-snapshot nobody snapshot
	jq -c '.[] | [.key, .value]' naughty.json | sort >wanted
	jq -c 'select(.event == "user.added") | [(.id[1:] | tonumber), .label]' "$out" | sort >got
	cmp wanted got
	jq -c 'select(.event == "user.added") | [(.id[1:] | tonumber), .after.user_name]' "$out" | sort >got
	cmp wanted got
}

@test "the naughty names are one line each in the text, without a byte that acts on a terminal" {
	local count
	naughty
	run_status 1 diff-snapshot --format text nobody snapshot
	count=$(jq length naughty.json)
	# a summary, what nobody maps, and a line for each user, group and membership
	grep -v '^not compared in ' "$out" >lines
	assert_equal "$(wc -l <lines)" "$((3 * count + 1))"
	assert_equal "$(wc -l <"$out")" "$((3 * count + 1))"
	# bytes that are no text, C0, DEL, C1, bidi, zero width, line separators
	perl -CSD -ne 'die "line $.: $_" if /[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{206f}\x{feff}]/' "$out"
}

@test "a terminal shows each line of the text where it belongs, and its title stays" {
	local lines
	command -v tmux >/dev/null || skip 'no tmux'
	naughty
	run_status 1 diff-snapshot --format text nobody snapshot
	# cat waits, so that the screen stays
	LC_ALL=C.UTF-8 tmux -L "rollcall-$$" -f /dev/null new-session -d -x 2000 -y 2000 -n fixed \
		"cat '$out'; printf 'the end\n'; cat"
	await_screen 'the end'
	tmux -L "rollcall-$$" display-message -p '#{window_name} #{pane_title}' >title
	tmux -L "rollcall-$$" kill-server
	lines=$(wc -l <"$out")
	assert_equal "$(sed -n "$((lines + 1))p" screen)" 'the end'
	assert_equal "$(cut -c 1-10 screen | head -n "$lines")" "$(cut -c 1-10 "$out")"
	[ "$(grep -c title title)" -eq 0 ] || fail "$(cat title)"
}

# await_screen LINE: until the terminal shows it, at most 20 seconds; in the file `screen`
await_screen() {
	local end=$((SECONDS + 20))
	until tmux -L "rollcall-$$" capture-pane -p -J >screen && grep -qxF "$1" screen; do
		[ "$SECONDS" -lt "$end" ] || fail "tmux does not show '$1': $(tail -n 5 screen)"
	done
}

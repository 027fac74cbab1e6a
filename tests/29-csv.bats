#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# normalize --csv: lists of people as spreadsheets and HR systems write them.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

hr() {
	run_status 0 normalize --csv --source hr --fetched-at 2026-11-01T00:00:00Z "$@"
	grep '"kind":"user"' "$out" >users || true
}

# a list as Excel saves it in Germany: BOM, semicolons, CRLF, quotes, a blank line, blanks
german_list() {
	printf '\xef\xbb\xbf''E-Mail;Name;State;Personal-Nr\r\n'
	printf 'ADA@Example.com;"Byron; ""Ada""";Aktiv;="007"\r\n'
	printf ' bob@example.com\xc2\xa0;Bob 5" Disk;inaktiv;\r\n'
	printf ';Nobody;aktiv;9\r\n;;;\r\n'
	printf '"eve@example.com" ;"Eve\r\nLine";active;\x27=1+1\r\n'
}

# shellcheck disable=SC2054
german_columns=(--column "user_name=E-Mail,status=State" --column "external_id=Personal-Nr,display_name=Name"
	--status-enabled active,aktiv --lower user_name)

@test "a list of Excel: semicolons, BOM, CRLF, quotes and blanks, and what is odd is said" {
	german_list >list.csv
	hr "${german_columns[@]}" list.csv
	assert_equal "$(jq -c '[.id, .user_name, .display_name, .status, .provider_status, .external_id]' users)" "$(
		cat <<-'END'
			["ada@example.com","ada@example.com","Byron; \"Ada\"","enabled","Aktiv","007"]
			["bob@example.com","bob@example.com","Bob 5\" Disk","disabled","inaktiv",null]
			["eve@example.com","eve@example.com","Eve\r\nLine","enabled","active","=1+1"]
		END
	)"
	assert_says "source 'hr': 4 lines, 3 accounts, 1 without an address (1 left out, first in line 4)" \
		'blanks around 1 cell removed, first in line 3; 1 blank line'
}

@test "misspelt --status-enabled, by which nobody is enabled, is said with the words that the column has" {
	german_list >list.csv
	hr "${german_columns[@]}" --status-enabled aktive list.csv
	assert_says "source 'hr': no line is enabled: no status is one of --status-enabled 'aktive'; there is 'Aktiv', 'inaktiv', 'active'"
	hr "${german_columns[@]}" list.csv
	refute grep -q 'no line is enabled' "$err"
}

@test "the same list in UTF-16 of both kinds, with and without a byte-order mark, in every dialect" {
	german_list >list.csv
	hr "${german_columns[@]}" list.csv
	cp users expected
	for encoding in UTF-16LE UTF-16BE; do
		iconv -f UTF-8 -t $encoding list.csv >with
		tail -c +3 with >without
		for file in with without; do
			hr "${german_columns[@]}" $file
			cmp users expected || fail "$encoding $file"
		done
	done
	for separator in ',' '\t' '|'; do
		german_list | sed 's/"Byron; ""Ada"""/"Byron, ""Ada"""/' | tail -c +4 |
			perl -pe 's/;/'"$separator"'/g; s/Byron, /Byron; /; s/"Byron[,|\t] /"Byron; /' >list
		hr "${german_columns[@]}" list
		cmp users expected || fail "$separator: $(diff users expected)"
	done
	{ printf 'sep=;\r\n'; german_list | tail -c +4; } >list
	hr "${german_columns[@]}" list
	cmp users expected
	assert_says 'first in line 5'
	tr -d '\n' <list.csv >cr # lines that end in CR alone
	hr "${german_columns[@]}" cr
	assert_equal "$(jq -r .user_name users | tr '\n' ' ')" 'ada@example.com bob@example.com eve@example.com '
}

@test "a column fills the member that it is called like, and what fills none is told" {
	printf 'User Name,e-mail,DisplayName,Telefon,STATUS,Last-Login_At\nada,ada@x.org,Ada,+1,enabled,Never\nbob,bob@x.org,Bob,,Disabled,2026-01-01T00:00:00+01:00' >list
	hr list
	assert_equal "$(jq -c '[.user_name, .email, .display_name, .status, has("last_login_at"), .last_login_at]' users)" "$(
		printf '%s\n' '["ada","ada@x.org","Ada","enabled",true,null]' '["bob","bob@x.org","Bob","disabled",true,"2025-12-31T23:00:00Z"]'
	)"
	assert_equal "$(head -n 1 "$out" | jq -c '.sources[0].not_covered')" '["not mapped: the columns Telefon"]'
	printf 'email,roles\nada@x.org,viewer; admin;\n' >list
	hr list
	assert_equal "$(jq -c '[.id, .roles, has("user_name")]' users)" '["ada@x.org",["admin","viewer"],false]'
}

@test "our own CSV comes in as it went out" {
	printf '%s\n' '{"user_name":"=cmd()","email":"x, \"y\"\nz","display_name":" ok","status":"enabled"}' \
		'{"user_name":"＝1","display_name":"\u0027quoted\u0027","status":"disabled"}' |
		normalize --plain --source one -o one 2>/dev/null
	run_status 0 list-snapshot --by user --columns user_name,email,display_name,status --where '.email != null' one
	cp "$out" list
	hr list
	assert_equal "$(jq -c '[.user_name, .email, .display_name]' users)" '["=cmd()","x, \"y\"\nz","ok"]'
	run_status 0 list-snapshot --by user --excel --columns user_name,display_name,status one
	cp "$out" list
	hr list
	assert_equal "$(jq -r '.user_name' users)" $'=cmd()\n＝1'
	assert_equal "$(jq -r '.display_name' users)" $'ok\n\'quoted\''
}

@test "what is wrong with a list is refused with its line, and nothing is written" {
	refused() { # STATUS SAYS CSV [OPTION...]
		local status=$1 says=$2
		# shellcheck disable=SC2059
		printf "$3" >list
		shift 3
		run_status "$status" normalize --csv --source hr "$@" -o made list
		assert_says "$says"
		[ ! -e made ]
	}
	refused 65 'list: line 3: 1 cells, but the first line names 2 columns' 'email,id\na@x,1\nb@x\n'
	refused 65 'list: line 4: 3 cells' 'email,id\n"a\n@x",1\nb@x,2,\n'
	refused 65 "list: line 1: no column 'Mail'; the columns are 'E-Mail', 'State'" 'E-Mail,State\n' --column email=Mail
	refused 65 "several columns are called 'Mail'" 'Mail,Mail\n' --column email=Mail
	refused 65 'two columns for email' 'email,E-Mail\n'
	refused 65 'no column is known to hold a user name' 'Adresse,Name\na,b\n'
	refused 65 "list: line 2: '1.23E+17' for id is a number that a spreadsheet has shortened" 'email,id\na@x,1.23E+17\n'
	refused 65 "'1,23456E+17' for external_id" 'email;external_id\na@x;1,23456E+17\n'
	refused 65 "line 2: the status 'active' is neither enabled nor disabled" 'email,status\na@x,active\n'
	refused 65 'list: line 2: a quote does not end' 'email,id\n"a@x,1\nb@x,2\n'
	refused 65 'list: line 2: text after the quote that ends a cell' 'email,id\n"a@x"x,1\n'
	refused 65 'list: line 2: not UTF-8' 'email,id\nj\374rgen@x,1\n'
	refused 65 'a NUL byte' 'email,id\na@x,1\0001\n'
	refused 65 'list: empty' ''
	refused 65 'has no line, as if everybody were gone' 'email\n'
	refused 65 'none of 2 lines has a user name' 'email,id,display_name\n,,a\n,,b\n'
	refused 65 'two different records with one identity' 'user_name,email\nada,a@x\nada,b@x\n'
	refused 64 "--column: a user has no member 'mail'" 'E-Mail\na@x\n' --column mail=E-Mail
	refused 64 "--column 'email' has no =" 'E-Mail\na@x\n' --column email
	refused 64 "--lower: a user has no member 'mail'" 'E-Mail\na@x\n' --lower mail
	refused 64 '--plain and --csv' 'E-Mail\na@x\n' --plain
	run_status 66 normalize --csv --source hr nowhere
	run_status 64 normalize --csv list
	run_status 64 normalize --lower user_name list
}

@test "a name of a column may hold a comma, and several files are one list" {
	printf '"Name, first",Login\nAda,ada\n' >one
	printf 'login;x;Name, first\nada;;Ada\nbob;;Bob\n' >two
	hr --column 'display_name=Name, first,user_name=Login' one two
	assert_equal "$(jq -c '[.user_name, .display_name]' users)" $'["ada","Ada"]\n["bob","Bob"]'
	assert_says '3 lines, 2 accounts; 1 repeated another one'
}

@test "--map gets each line as an object with the names of the columns" {
	printf 'Login,Rolle\nada,x\nbob,y\n' >list
	echo '{kind:"user",user_name:.Login,roles:[.Rolle],status:"enabled"}' >map.jq
	hr --map map.jq list
	assert_equal "$(jq -c '[.user_name, .roles]' users)" $'["ada",["x"]]\n["bob",["y"]]'
}

@test "a list of hundreds of thousands of lines takes no more memory than a short one" {
	[[ $BUILD != *asan* ]] || skip 'address space is limited'
	perl -e 'print "E-Mail,Name\r\n"; printf "user%06d\@example.com,\"Name, %d\"\r\n", $_, $_ for 1 .. 300000' >list
	(
		ulimit -v $((400 * 1024)) # the sorter's 16 MiB, libraries, and threads' stacks
		run_status 0 normalize --csv --source hr --column user_name=E-Mail --memory 16M --threads 1 -o made list
	)
	run_status 0 normalize --csv --source hr --column user_name=E-Mail --memory 16M -o made list
	assert_says "source 'hr': 300,000 lines, 300,000 accounts"
	assert_equal "$(tail -n 1 made | jq .users)" 300000
}

# SPDX-License-Identifier: ISC
# What is hostile in itself: JSON texts and names, those of tests/corpora and, where npm brought
# them (tests/corpora/fetch), JSONTestSuite and the Big List of Naughty Strings.

CORPORA=$BATS_TEST_DIRNAME/corpora

# json_texts CLASS: the files of the array `texts`, of n (must be refused), y (taken) or i (either)
json_texts() {
	mkdir -p texts
	perl -e '
		my $class = shift;
		while (<>) {
			next unless /^($class\S*) (.*)\n/;
			my ($name, $text) = ($1, $2);
			$text =~ s/<([0-9a-f]{2})>/chr hex $1/ge;
			open my $to, ">:raw", "texts/$name.json" or die $!;
			print $to $text;
		}' "$1_" "$CORPORA/texts"
	texts=(texts/"$1"_*.json)
	case $1 in
	n) assert [ "${#texts[@]}" -ge 130 ] ;;
	y) assert [ "${#texts[@]}" -ge 48 ] ;;
	i) assert [ "${#texts[@]}" -ge 20 ] ;;
	esac
	sampled || [ ! -d "$BUILD/corpora/json" ] || texts+=("$BUILD/corpora/json/$1"_*.json)
}

# seal_each FILE...: each as a value within the one record of a sealed section, in streams/
seal_each() {
	mkdir -p streams
	perl -MDigest::SHA=sha256_hex -e '
		my $begin = q({"kind":"begin","format":1,"stage":"fetch","source":"s","schema":"scim"}) . "\n";
		local $/;
		for my $path (@ARGV) {
			open my $from, "<:raw", $path or die $!;
			my $body = q({"kind":"user","source":"s","resource":{"id":"u","value":) . <$from> . "}}\n";
			my ($name) = $path =~ m{([^/]*)$};
			open my $to, ">:raw", "streams/$name" or die $!;
			print $to $begin, $body, q({"kind":"end","source":"s","users":1,"groups":0,"gaps":0,"sha256":"),
				sha256_hex($body), q(","begin_sha256":"), sha256_hex($begin),
				q(","finished_at":"2026-11-22T00:00:00Z"}), "\n";
		}' "$@"
}

# one_line FILE...: copies without line ends, in lines/
one_line() {
	local file
	mkdir -p lines
	for file; do tr '\n' ' ' <"$file" >"lines/${file##*/}"; done
}

# names: the array of all names, each once, in the file names.json
names() {
	local lists=("$CORPORA/names.json")
	[ ! -e "$BUILD/corpora/blns.json" ] || lists+=("$BUILD/corpora/blns.json")
	jq -cs 'add | unique' "${lists[@]}" >names.json
	assert [ "$(jq length names.json)" -ge 229 ]
}

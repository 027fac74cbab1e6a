#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# examples/evidence-pack and examples/verify-pack: a review that can be proved to others.

load helper
load signers

setup_file() {
	command -v ssh-keygen >/dev/null || skip 'ssh-keygen is not there'
	cd "$BATS_FILE_TMPDIR" || return
	make_signers ops boss
}

setup() {
	PATH=$BATS_TEST_DIRNAME/../examples:$PATH
	cp "$BATS_FILE_TMPDIR"/* "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR" || return
	review
}

# seal_line FILE BEGIN END-MEMBERS: a sealed stream of one line, as the programs write it
seal_line() {
	local line='{"kind":"row"}'
	printf '%s\n%s\n{"kind":"end","status":"complete",%s"sha256":"%s"}\n' "$2" "$line" "$3" \
		"$(printf '%s\n' "$line" | sha256sum | cut -d ' ' -f 1)" >"$1"
}

digest() {
	sha256sum <"$1" | cut -d ' ' -f 1
}

sign() {
	rm -f "$3.sig"
	ssh-keygen -q -Y sign -n "$2" -f "$1" "$3"
}

# a directory as quarterly-review leaves it
review() {
	mkdir -p q4/1-population q4/2-checks q4/3-review/issued q4/3-review/returned q4/4-changes q4/5-after
	local sealed
	seal_line q4/1-population/snapshot.ndjson '{"kind":"begin","stage":"snapshot"}' ''
	sealed=$(sed -n 2p q4/1-population/snapshot.ndjson | sha256sum | cut -d ' ' -f 1)
	seal_line q4/2-checks/findings.ndjson "{\"kind\":\"begin\",\"snapshot\":{\"sha256\":\"$sealed\"}}" ''
	seal_line q4/3-review/issued/review.ndjson "{\"kind\":\"begin\",\"snapshot\":{\"sha256\":\"$sealed\"}}" ''
	echo 'row,decision' >q4/3-review/issued/review.csv
	echo 'row,decision,keep' >q4/3-review/returned/review.csv
	seal_line q4/3-review/decisions.ndjson "{\"kind\":\"begin\",\"snapshot\":{\"sha256\":\"$sealed\"},\"sheets\":[{\"file\":\"review.csv\",\"sha256\":\"$(digest q4/3-review/returned/review.csv)\"}]}" '"undecided":0,'
	sign boss rollcall-decision q4/3-review/decisions.ndjson
	seal_line q4/5-after/snapshot.ndjson '{"kind":"begin","stage":"snapshot"}' ''
	seal_line q4/5-after/closing.ndjson "{\"kind\":\"begin\",\"decisions\":{\"sha256\":\"$sealed\"},\"after\":{\"sha256\":\"$sealed\"}}" ''
}

# repack EDIT...: unpacks q4.tar, runs EDIT in it, and packs it again
repack() {
	rm -rf edit && mkdir edit && tar -C edit -xf q4.tar
	(cd edit/q4 && "$@")
	tar -C edit -cf edited.tar q4
}

@test "a pack verifies, says who signed what, and is the same archive twice" {
	run_status 0 evidence-pack ops q4 q4.tar
	cp q4.tar first.tar
	run_status 0 verify-pack signers q4.tar
	assert_file_contains "$out" 'good: SHA256SUMS, signed by ops@x.org for rollcall-evidence'
	assert_file_contains "$out" 'good: 3-review/decisions.ndjson, signed by boss@x.org for rollcall-decision'
	touch -d 2001-01-01 q4/*/*
	run_status 0 evidence-pack ops q4 q4.tar
	cmp first.tar q4.tar
}

@test "a change of any file is told by its name" {
	run_status 0 evidence-pack ops q4 q4.tar
	local file
	tar -tf q4.tar | sed -e 's,^q4/,,' -e '/\/$/d' -e '/^$/d' >files
	[ "$(wc -l <files)" -ge 11 ]
	while read -r file; do
		repack sed -i '1s/[A-Za-z]/#/' "$file"
		run_status 1 verify-pack signers edited.tar
		assert_file_contains "$out" "$file"
	done <files
}

@test "a signature in which one bit was turned is told by its name" {
	run_status 0 evidence-pack ops q4 q4.tar
	local edit
	# shellcheck disable=SC2016 # perl expands it
	for edit in 'substr($_, length($_) / 2, 1) =~ tr/A-Za-z0-9/B-ZAb-za1-90/' 's/\n\z//' '$_ .= "\n"' '$_ = "\n$_"' 's/\n\z/ /'; do
		repack perl -0pi -e "$edit" SHA256SUMS.sig
		run_status 1 verify-pack signers edited.tar
		assert_file_contains "$out" 'SHA256SUMS.sig'
	done
}

@test "a file that was added or taken away is told, also one more sheet" {
	run_status 0 evidence-pack ops q4 q4.tar
	repack touch 3-review/returned/other.csv
	run_status 1 verify-pack signers edited.tar
	assert_file_contains "$out" '3-review/returned/other.csv was added'
	repack rm 2-checks/findings.ndjson
	run_status 1 verify-pack signers edited.tar
	assert_file_contains "$out" '2-checks/findings.ndjson was taken away'
	repack mkdir 5-after/more
	run_status 1 verify-pack signers edited.tar
	assert_file_contains "$out" '5-after/more was added'
}

@test "who packs can not change a decision: the reviewer's signature is another's" {
	sed -i '2s/row/ROW/' q4/3-review/decisions.ndjson
	run_status 0 evidence-pack ops q4 q4.tar
	run_status 1 verify-pack signers q4.tar
	assert_file_contains "$out" '3-review/decisions.ndjson was changed after boss@x.org signed it'
	review
	sign ops rollcall-decision q4/3-review/decisions.ndjson
	run_status 0 evidence-pack ops q4 q4.tar
	run_status 1 verify-pack signers q4.tar
	# even one whom the file of signers allows both
	echo "ops@x.org $(cat ops.pub)" >any
	run_status 1 verify-pack any q4.tar
	assert_file_contains "$out" 'one key signed the archive and the decisions'
	# a signature for another purpose is none
	sign boss file q4/3-review/decisions.ndjson
	run_status 0 evidence-pack ops q4 q4.tar
	run_status 1 verify-pack signers q4.tar
}

@test "an unknown signer, and parts of two reviews, are refused" {
	run_status 0 evidence-pack ops q4 q4.tar
	grep boss signers >only-boss
	run_status 1 verify-pack only-boss q4.tar
	assert_file_contains "$out" 'SHA256SUMS: the key of its signature SHA256SUMS.sig is not in'
	sed -i '2s/row/other/' q4/1-population/snapshot.ndjson
	seal_line q4/1-population/snapshot.ndjson '{"kind":"begin"}' ''
	sed -i -e '2s/row/other/' -e "3s/\"sha256\":\"[0-9a-f]*/\"sha256\":\"$(echo '{"kind":"other"}' | sha256sum | cut -d ' ' -f 1)/" q4/1-population/snapshot.ndjson
	run_status 0 evidence-pack ops q4 q4.tar
	run_status 1 verify-pack signers q4.tar
	assert_equal "$(grep -v '^good' "$out")" 'verify-pack: 3-review/decisions.ndjson is not about 1-population/snapshot.ndjson'
	review
	echo changed >q4/3-review/returned/review.csv
	run_status 0 evidence-pack ops q4 q4.tar
	run_status 1 verify-pack signers q4.tar
	assert_file_contains "$out" 'was not made from 3-review/returned/review.csv'
}

@test "an archive that would write elsewhere is not unpacked" {
	run_status 0 evidence-pack ops q4 q4.tar
	repack ln -s /etc/passwd 5-after/link
	run_status 1 verify-pack signers edited.tar
	assert_file_contains "$out" 'has a link or a device in it'
	tar -C q4 -P --transform 's,^,../,' -cf edited.tar 5-after
	run_status 1 verify-pack signers edited.tar
	assert_file_contains "$out" 'leads out of it'
	head -c 700 q4.tar >edited.tar
	run_status 1 verify-pack signers edited.tar
	run_status 66 verify-pack signers none.tar
	run_status 64 verify-pack q4.tar
}

@test "a review that is not whole is not packed, and it says what is missing" {
	local file
	for file in 1-population/snapshot.ndjson 2-checks/findings.ndjson 3-review/issued/review.ndjson \
		3-review/decisions.ndjson 3-review/decisions.ndjson.sig 5-after/snapshot.ndjson 5-after/closing.ndjson; do
		mv "q4/$file" kept
		run_status 65 evidence-pack ops q4 q4.tar
		assert_file_contains "$err" "$file is missing"
		mv kept "q4/$file"
	done
	sed -i 's/"undecided":0/"undecided":3/' q4/3-review/decisions.ndjson
	run_status 65 evidence-pack ops q4 q4.tar
	assert_file_contains "$err" 'nobody decided'
	review
	ln -s /etc/passwd q4/4-changes/link
	run_status 65 evidence-pack ops q4 q4.tar
	[ ! -e q4.tar ]
}

# SPDX-License-Identifier: ISC
# For the tests of reviews: who signs what.

# make_signers OPERATOR REVIEWER: a key of each, in the files of these names, and the file `signers`
make_signers() {
	local who
	for who; do
		ssh-keygen -q -t ed25519 -N '' -C "$who@x.org" -f "$who"
	done
	{
		echo "$1@x.org namespaces=\"rollcall-evidence\" $(cat "$1.pub")"
		echo "$2@x.org namespaces=\"rollcall-decision\" $(cat "$2.pub")"
	} >signers
}

# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# For tests of what reads a review's decisions: a decision stream by hand.

# seal_decisions SNAPSHOT: short lines on stdin become the sealed decisions of a review of
# SNAPSHOT on stdout. A line: DECISION WHAT SOURCE USER_ID [ACCESS_ID [MORE]], MORE members as JSON.
seal_decisions() {
	local word what source user access more row=0 lines=$BATS_TEST_TMPDIR/lines.$BASHPID begin sum counts='' number total=0
	while read -r word what source user access more; do
		row=$((row + 1))
		if [ "$word" = undecided ]; then printf '{"kind":"undecided"'; else printf '{"kind":"decision"'; fi
		printf ',"row":"r%016x","what":"%s","source":"%s","user_id":"%s"' $row "$what" "$source" "$user"
		case $more in *user_name*) ;; *) printf ',"user_name":"name-%s"' "$user" ;; esac
		[ -z "$access" ] || [ "$access" = - ] || printf ',"access_id":"%s","access":"%s"' "$access" "${access^}"
		if [ "$what" = membership ]; then
			case $more in *member_kind*) ;; *) printf ',"member_kind":"user"' ;; esac
		fi
		[ "$word" = undecided ] || printf ',"decision":"%s","decided_by":"eve@x.org"' "$word"
		printf '%s}\n' "${more:+,$more}"
	done >"$lines"
	begin=$(printf '{"kind":"begin","format":1,"stage":"decisions","tool":"test 0","snapshot":{"sha256":"%s","sources":%s},"sheets":[]}' \
		"$(sed -nE '$s/.*"sha256":"([0-9a-f]{64})","begin.*/\1/p' "$1")" "$(sed -nE '1s/.*"sources":(\[.*\])\}$/\1/p' "$1")")
	for word in keep revoke modify defer undecided; do
		case $word in
		undecided) number=$(grep -c '^{"kind":"undecided"' "$lines" || true) ;;
		*) number=$(grep -c "\"decision\":\"$word\"" "$lines" || true) ;;
		esac
		counts+=",\"$word\":$number" total=$((total + number))
	done
	sum=$(sha256sum <"$lines")
	printf '%s\n' "$begin"
	cat "$lines"
	printf '{"kind":"end","status":"complete","reviewed":%s%s,"sha256":"%s","begin_sha256":"%s"}\n' $total "$counts" \
		"${sum%% *}" "$(printf '%s\n' "$begin" | sha256sum | cut -d ' ' -f 1)"
	rm "$lines"
}

# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# For tests of what reads a review's decisions: a decision stream by hand.

# seal_decisions SNAPSHOT: short lines on stdin become the sealed decisions of a review of
# SNAPSHOT on stdout. A line: DECISION WHAT SOURCE USER_ID [ACCESS_ID [MORE]], MORE members as JSON.
seal_decisions() {
	local word what source user access more row=0 lines='' line counts='' number total=0 begin end sources
	local -A of=()
	IFS= read -r begin <"$1"
	end=$(tail -n 1 "$1") sources=${begin#*'"sources":'}
	while read -r word what source user access more; do
		row=$((row + 1))
		of[$word]=$((${of[$word]:-0} + 1))
		if [ "$word" = undecided ]; then lines+='{"kind":"undecided"'; else lines+='{"kind":"decision"'; fi
		printf -v line ',"row":"r%016x","what":"%s","source":"%s","user_id":"%s"' $row "$what" "$source" "$user"
		lines+=$line
		case $more in *user_name*) ;; *) lines+=",\"user_name\":\"name-$user\"" ;; esac
		[ -z "$access" ] || [ "$access" = - ] || lines+=",\"access_id\":\"$access\",\"access\":\"${access^}\""
		if [ "$what" = membership ]; then
			case $more in *member_kind*) ;; *) lines+=',"member_kind":"user"' ;; esac
		fi
		[ "$word" = undecided ] || lines+=",\"decision\":\"$word\",\"decided_by\":\"eve@x.org\""
		lines+="${more:+,$more}}"$'\n'
	done
	for word in keep revoke modify defer undecided; do
		number=${of[$word]:-0}
		counts+=",\"$word\":$number" total=$((total + number))
	done
	end=${end##*'"sha256":"'}
	printf '%s' "$lines" | sealed_kinds=' ' seal \
		"{\"kind\":\"begin\",\"format\":1,\"stage\":\"decisions\",\"tool\":\"test 0\",\"snapshot\":{\"sha256\":\"${end%%'"'*}\",\"sources\":${sources%?}},\"sheets\":[]}" \
		",\"status\":\"complete\",\"reviewed\":$total$counts"
}

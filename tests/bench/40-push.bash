# SPDX-License-Identifier: ISC
# scim-push: 300 operations, and sixty members into a group of 5,000.

# served_push OPTION... -- ARGUMENT...: by scim-push, operations on stdin, at a new stand-in with
# the options; sets $seconds and $requests
served_push() {
	local TIMEFORMAT=%R serving url options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	exec 9< <(exec stand-in --token bench "${options[@]}")
	serving=$!
	read -r url <&9
	seconds=$({ time SCIM_TOKEN=bench scim-push --apply "${@:2}" "$url/scim/v2" >"$DATA/pushed"; } 2>&1)
	requests=$(sed -n 's/.*"requests":\([0-9]*\).*/\1/p' <(tail -n 1 "$DATA/pushed"))
	kill "$serving"
	exec 9<&-
}

# push_row NAME ARGUMENT...: 300 operations on stdin, against their requests at best, 20 ms each
push_row() {
	local name=$1 ideal
	served_push --users 400 --delay 20 -- --jobs 4 "${@:2}"
	ideal=$(calc "$requests * 0.02 / 4")
	row "$name" "$seconds" s "$(calc "$seconds / $ideal")" 'its requests at best' '<= 1.3'
}

{
	seq -f '{"op":"deactivate","id":"u%g"}' 1 150
	seq -f '{"op":"push","user_name":"new%g@example.com"}' 1 100
	seq -f '{"op":"update","id":"u%g","display_name":"N"}' 200 248
	echo '{"op":"remove","id":"u250"}'
} >"$DATA/operations"
push_row 'scim-push, 300 operations, 20 ms' <"$DATA/operations"
rm -f "$DATA/journal"
push_row 'the same, with a journal' --journal "$DATA/journal" <"$DATA/operations"

# members_row NAME OPERATIONS: 60 into a group of 5,000 that has none of them
members_row() {
	served_push --users 5060 --groups 1 --members 5000 -- <"$2"
	[ "$(grep -c '"outcome":"done"' "$DATA/pushed")" -eq 60 ] || row "$1, done" 0 operations 0 'not 60' '>= 60'
	row "$1" "$requests" requests "$requests" 'at most' '<= 6'
}

exec 9< <(exec stand-in --token bench --users 5060 --groups 1 --members 5000)
serving_names=$!
read -r url <&9
SCIM_TOKEN=bench scim-fetch --count 100 "$url/scim/v2" | normalize >"$DATA/served"
kill "$serving_names"
sed -nE 's/.*"member_id":"([^"]*)".*/\1/p' "$DATA/served" | sort >"$DATA/inside"
sed -nE 's/.*"kind":"user".*"id":"([^"]*)","user_name":("[^"]*").*/\1 \2/p' "$DATA/served" | sort |
	join -v 1 - "$DATA/inside" >"$DATA/outside"
sed -E 's/^([^ ]*) .*/{"op":"add-member","id":"\1","group_id":"g1"}/' "$DATA/outside" >"$DATA/by-id"
sed -E 's/^[^ ]* (.*)/{"op":"add-member","user_name":\1,"group_id":"g1"}/' "$DATA/outside" >"$DATA/by-name"
members_row 'scim-push, 60 into 5,000, by id' "$DATA/by-id"
members_row 'the same, by name' "$DATA/by-name"

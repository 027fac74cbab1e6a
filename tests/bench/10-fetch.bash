# SPDX-License-Identifier: ISC
# scim-fetch: against the time that its requests need at best, and against curl.

serving=() # process ids
trap 'kill "${serving[@]}" 2>/dev/null || true' EXIT

# serve OPTION...: sets $url to a stand-in with them
serve() {
	exec 9< <(exec stand-in --token bench "$@")
	serving+=($!)
	read -r url <&9
	url+=/scim/v2
}

# slow_row NAME WALL REQUESTS JOBS: against the requests in rounds of 50 ms each
slow_row() {
	local ideal
	ideal=$(calc "int(($3 + $4 - 1) / $4) * 0.05")
	row "$1" "$2" s "$(calc "$2 / $ideal")" 'its requests at best' '<= 1.25'
}

# requests_row NAME LISTS PAGES: $fetched, against the pages there are
requests_row() {
	local requests
	requests=$(sed -n 's/.*"requests":\([0-9]*\).*/\1/p' <(tail -n 1 "$fetched"))
	row "$1" "$requests" requests "$((requests - $3))" "more than $3 pages" "<= $((2 * $2))"
}

fetched=$DATA/fetched
fetch() { SCIM_TOKEN=bench scim-fetch --count 100 "$@"; }

users=$((200 * PARTS)) groups=$((20 * PARTS))
pages=$((users / 100 + (groups + 99) / 100))

serve --users "$users" --groups "$groups" --members 20 --delay 50
fetch "$url" >"$fetched"
fetch_by_4() { fetch --jobs 4 "$url"; }
fetch_by_16() { fetch --jobs 16 "$url"; }
race fetch_by_4 fetch_by_16
requests_row 'scim-fetch, lists with members' 2 "$pages"
slow_row 'scim-fetch, 50 ms, --jobs 4' "${wall[fetch_by_4]}" $((pages + 2)) 4
slow_row 'scim-fetch, 50 ms, --jobs 16' "${wall[fetch_by_16]}" $((pages + 2)) 16

serve --users "$users" --groups "$groups" --members 20 --delay 50 --switch members-absent
fetch --jobs 16 "$url" >"$fetched"
members_by_4() { fetch --jobs 4 "$url"; }
members_by_16() { fetch --jobs 16 "$url"; }
RUNS=1 race members_by_4 members_by_16
requests_row 'scim-fetch, members group by group' 2 $((pages + groups))
slow_row 'the same, 50 ms, --jobs 4' "${wall[members_by_4]}" $((pages + groups + 2)) 4
slow_row 'the same, 50 ms, --jobs 16' "${wall[members_by_16]}" $((pages + groups + 2)) 16

users=$((2000 * PARTS))
serve --users "$users" --groups 0 --delay 50
SCIM_TOKEN=bench scim-fetch "$url" >"$fetched"
requests=$(sed -n 's/.*"requests":\([0-9]*\).*/\1/p' <(tail -n 1 "$fetched"))
row 'scim-fetch, nobody says --count' "$requests" requests \
	"$(calc "$requests - $users / 1000")" 'more than pages of 1000' '<= 5'

groups=$((20 * PARTS))
serve --users "$users" --groups "$groups" --members 100
fetch_all() { fetch "$url"; }
kib=$(SCIM_TOKEN=bench peak scim-fetch --count 100 "$url")
row 'scim-fetch, 100 members a group, memory' "$kib" KiB "$kib" '48 MiB' '<= 49152'
kib=$(SCIM_TOKEN=bench peak scim-fetch "$url")
row 'the same, nobody says --count' "$kib" KiB "$kib" '48 MiB' '<= 49152'
if command -v curl >/dev/null; then
	for ((at = 1; at <= users; at += 100)); do
		printf 'url = "%s/Users?startIndex=%d&count=100"\noutput = "/dev/null"\n' "$url" "$at"
	done >"$DATA/pages"
	for ((at = 1; at <= groups; at += 100)); do
		printf 'url = "%s/Groups?startIndex=%d&count=100"\noutput = "/dev/null"\n' "$url" "$at"
	done >>"$DATA/pages"
	fetch_by_curl() { curl -s -H 'Authorization: Bearer bench' -K "$DATA/pages"; }
	race fetch_all fetch_by_curl
	row 'the same, CPU' "${cpu[fetch_all]}" s \
		"$(calc "${cpu[fetch_all]} - ${cpu[fetch_by_curl]}")" 'seconds more than curl' '<= 1'
else
	echo 'no curl(1) here: the row against it is left out' >&2
fi

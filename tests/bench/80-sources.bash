# SPDX-License-Identifier: ISC
# fetch-sources: what it costs beside the programs that it runs. A stand-in for scim-fetch that
# takes 50 ms and no CPU shows how well it keeps --jobs busy; the real one, against a service on
# loopback, what a source costs more than by hand.

sources=$DATA/sources
mkdir -p "$sources"
cp "$BUILD/fetch-sources" "$sources/"
printf '%s\n' '#include <stdio.h>' '#include <unistd.h>' \
	'int main(void) { usleep(50000); puts("{\"kind\":\"begin\"}\n{\"kind\":\"end\"}"); return 0; }' >"$sources/scim-fetch.c"
${CC:-cc} -O1 -o "$sources/scim-fetch" "$sources/scim-fetch.c"
echo token >"$sources/token"
chmod 600 "$sources/token"

# sources_file NAME COUNT BASE: so many sources of this service
sources_file() {
	local i
	for ((i = 1; i <= $2; i++)); do
		printf '%s{"name":"s%d","program":"scim-fetch","base_url":"%s","token_file":"token","scope":"users"}\n' \
			"$([ "$i" -eq 1 ] || echo ,)" "$i" "$3"
	done | sed '1s/^/{"sources":[/; $s/$/]}/' >"$sources/$1.json"
}

sources_file many 200 https://example.com
mkfifo -m 600 "$sources/url.$$"
stand-in --token token --users 5 --groups 1 >"$sources/url.$$" &
sources_pid=$!
read -r sources_url <"$sources/url.$$"
rm "$sources/url.$$"
sources_file real 20 "$sources_url/scim/v2"

sources_side_by_side() { "$sources/fetch-sources" --sources "$sources/many.json" --jobs 16; }
sources_one_by_one() { fetch-sources --sources "$sources/real.json" --jobs 1; }
sources_by_hand() {
	local i
	for ((i = 1; i <= 20; i++)); do
		scim-fetch --source "s$i" --base-url "$sources_url/scim/v2" --token-file "$sources/token" --scope users
	done
}

race sources_side_by_side sources_one_by_one sources_by_hand
kill "$sources_pid"
wait "$sources_pid" || true
row 'fetch-sources, 200 of 50 ms, --jobs 16, wall' "${wall[sources_side_by_side]}" s \
	"$(calc "${wall[sources_side_by_side]} / (13 * 0.050)")" '13 rounds of 50 ms' '<= 1.3'
row 'fetch-sources, overhead a source, wall' \
	"$(calc "(${wall[sources_one_by_one]} - ${wall[sources_by_hand]}) / 20 * 1000")" ms \
	"$(calc "(${wall[sources_one_by_one]} - ${wall[sources_by_hand]}) / 20 * 100")" '10 ms' '<= 1'
row 'fetch-sources, 200 sources, peak memory' "$(peak "$sources/fetch-sources" --sources "$sources/many.json" --jobs 16)" KiB

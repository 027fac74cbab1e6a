# SPDX-License-Identifier: ISC
# trace-snapshots: a year of nights, 10,000 accounts in each, of which some change every night,
# against openssl dgst of all of them. Its memory must not grow with the nights that are alike.

nights=$DATA/nights.$PARTS
count=$((PARTS == 50 ? 365 : 8))
first=$(snapshot_of nights --users 10000 --groups 200 --memberships 20000)
if [ ! -e "$nights/$count" ]; then
	rm -rf "$nights"
	mkdir -p "$nights"
	for ((i = 1; i <= count; i++)); do
		at=$(date -u -d "2026-01-01 + $((i - 1)) days" +%Y-%m-%dT%H:%M:%SZ)
		head -n 1 "$first" | sed -E 's/"fetched_at":"[^"]*"/"fetched_at":"'"$at"'"/' >"$nights/begin"
		sed '1d;$d' "$first" | awk -v night="$i" 'NR % 397 != night % 397 { print; next }
			/"kind":"user"/ { sub(/"status":"enabled"/, "\"status\":\"disabled\"") } 1' >"$nights/body"
		{
			cat "$nights/begin" "$nights/body"
			tail -n 1 "$first" | sed -E 's/"sha256":"[^"]*","begin_sha256":"[^"]*"/"sha256":"'"$(
				sha256sum <"$nights/body" | cut -c 1-64
			)"'","begin_sha256":"'"$(sha256sum <"$nights/begin" | cut -c 1-64)"'"/'
		} >"$nights/$i"
	done
	rm "$nights/begin" "$nights/body"
fi

trace_nights() { trace-snapshots "$nights"/*; }
trace_digest() { openssl dgst -sha256 "$nights"/*; }

race trace_nights trace_digest
row "trace-snapshots, $count of 10,000 accounts, CPU" "${cpu[trace_nights]}" s \
	"$(calc "${cpu[trace_nights]} / ${cpu[trace_digest]}")" 'openssl dgst' '<= 2.5'
kib=$(peak trace-snapshots "$nights"/*)
row "trace-snapshots, $count of 10,000 accounts, peak memory" "$kib" KiB \
	"$(calc "$kib / $(peak trace-snapshots "$nights"/1 "$nights"/2)")" 'of two' '<= 4'

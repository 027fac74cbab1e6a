# SPDX-License-Identifier: ISC
# report-snapshot: how large a page is, and what it takes beside check-snapshot on the same file.

thousand=$(data thousand --users 1000 --groups 60 --memberships 2500)
directory=$(data directory --users $((20000 * PARTS)) --groups $((200 * PARTS)) \
	--memberships $((20000 * PARTS)))
normalize -o "$DATA/thousand.snapshot" "$thousand"
normalize -o "$DATA/directory.$PARTS.snapshot" "$directory"
status=0
check-snapshot --format ndjson -o "$DATA/findings" "$DATA/directory.$PARTS.snapshot" || status=$?
((status <= 3)) # found, or not decided

page_of_thousand() { report-snapshot "$DATA/thousand.snapshot"; }
check_directory() { check-snapshot --format ndjson "$DATA/directory.$PARTS.snapshot" || (($? <= 3)); }
page_of_directory() { report-snapshot --findings "$DATA/findings" "$DATA/directory.$PARTS.snapshot"; }

race page_of_thousand check_directory page_of_directory
row 'report of 1,000 accounts' "${wall[page_of_thousand]}" s "${wall[page_of_thousand]}" seconds '<= 0.1'
bytes=$(page_of_thousand | wc -c)
row 'report of 1,000 accounts, size' "$bytes" bytes "$bytes" '300 kB' '<= 300000'
row 'report with findings, wall' "${wall[page_of_directory]}" s \
	"$(calc "${wall[page_of_directory]} / ${wall[check_directory]}")" 'check-snapshot' '<= 1'
bytes=$(page_of_directory | wc -c)
row 'report with findings, size' "$bytes" bytes "$bytes" '5 MB' '<= 5000000'
kib=$(peak report-snapshot --findings "$DATA/findings" "$DATA/directory.$PARTS.snapshot")
row 'report with findings, peak memory' "$kib" KiB "$kib" '400 MB' '<= 390625'

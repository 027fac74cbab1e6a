# SPDX-License-Identifier: ISC
# list-snapshot: a list of a million accounts against DuckDB, which reads, joins and sorts the same
# file (list.sql); one person's access against openssl dgst of the file; and how both grow.

snapshot=$(snapshot_of directory --users $((20000 * PARTS)) --groups $((200 * PARTS)) \
	--memberships $((20000 * PARTS)))
tenth=$(snapshot_of directory-tenth --users $((2000 * PARTS)) --groups $((20 * PARTS)) \
	--memberships $((2000 * PARTS)))

# what it says of the rows is no news here
list_csv() { list-snapshot --by access --format csv "$@" 2>"$DATA/list.notes"; }

list_access() { list_csv "$snapshot"; }
list_tenth() { list_csv "$tenth"; }
list_user() { list_csv --user user777@example.com "$snapshot"; }
list_digest() { openssl dgst -sha256 "$snapshot"; }
list_duckdb() { ask_duckdb list.sql "$snapshot"; }

race list_access list_tenth list_user list_digest
row 'list-snapshot, ten times as many, CPU' "${cpu[list_access]}" s \
	"$(calc "${cpu[list_access]} / ${cpu[list_tenth]}")" 'a tenth' '<= 11'
row 'list-snapshot --user, wall' "${wall[list_user]}" s \
	"$(calc "${wall[list_user]} / ${wall[list_digest]}")" 'openssl dgst' '<= 1.5'
row 'list-snapshot --user, CPU' "${cpu[list_user]}" s \
	"$(calc "${cpu[list_user]} / ${cpu[list_digest]}")" 'openssl dgst'
kib=$(peak list-snapshot --by access --format csv "$snapshot" 2>"$DATA/list.notes")
row 'list-snapshot, peak memory' "$kib" KiB "$kib" '300 MB' '<= 292968'
kib=$(peak list-snapshot --memory 64M --by access --format csv "$snapshot" 2>"$DATA/list.notes")
row 'list-snapshot --memory 64M, peak memory' "$kib" KiB "$kib" '130 MB' '<= 126953'
# the digest has its own instructions of the CPU, which callgrind does not have: counted without
row 'list-snapshot, a user and its rows' \
	"$(instructions list_read $((2000 * PARTS)) --toggle-collect=digest_put \
		list-snapshot --by access --format csv "$tenth")" instructions
if has_duckdb; then
	race list_duckdb list_access
	row 'list-snapshot, wall' "${wall[list_access]}" s \
		"$(calc "${wall[list_duckdb]} / ${wall[list_access]}")" 'DuckDB takes, times' '>= 1.5'
	row 'list-snapshot, CPU' "${cpu[list_access]}" s \
		"$(calc "${cpu[list_access]} / ${cpu[list_duckdb]}")" 'DuckDB' '<= 0.5'
else
	row 'list-snapshot, wall and CPU' null s null 'DuckDB is missing'
fi

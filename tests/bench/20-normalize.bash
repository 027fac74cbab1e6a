# SPDX-License-Identifier: ISC
# normalize: mapping, sorting and sealing, against jq, against DuckDB (normalize.sql), against the
# digests of what is read and written, which nobody can leave out, and against sort.

users=$(data users --users $((20000 * PARTS)) --groups 0)
tenth=$(data tenth --users $((2000 * PARTS)) --groups 0)
directory=$(data directory --users $((20000 * PARTS)) --groups $((200 * PARTS)) \
	--memberships $((20000 * PARTS)))
rights=$(data rights --users $((20000 * PARTS)) --groups 0 --rights)
snapshot=$DATA/users.$PARTS.snapshot
normalize -o "$snapshot" "$users"
normalize -o "$snapshot.tenth" "$tenth"
sed '1d;$d' "$snapshot" >"$snapshot.body"
shuf --random-source="$users" "$snapshot.body" >"$snapshot.shuffled"

map_with_normalize() { normalize "$users"; }
map_with_jq() { jq -c -f tests/bench/users.jq "$users"; }
sort_shuffled() { sort -S 512M "$snapshot.shuffled"; }
digest_both() { openssl dgst -sha256 "$users" "$snapshot"; } # as normalize does, jq does not
map_tenth() { normalize "$tenth"; }
map_in_64M() { normalize --memory 64M "$users"; }
map_with_one_thread() { normalize --threads 1 "$users"; }
merge_snapshot() { normalize "$snapshot"; }
merge_tenth() { normalize "$snapshot.tenth"; }
map_directory() { normalize "$directory"; }
map_rights() { normalize "$rights"; }

race map_with_normalize map_with_jq map_with_one_thread sort_shuffled digest_both \
	map_tenth map_in_64M merge_snapshot merge_tenth map_directory map_rights

row 'normalize users, wall' "${wall[map_with_normalize]}" s \
	"$(calc "${wall[map_with_jq]} / ${wall[map_with_normalize]}")" 'times faster than jq' '>= 10'
row 'normalize users, CPU' "${cpu[map_with_normalize]}" s \
	"$(calc "${cpu[map_with_jq]} / ${cpu[map_with_normalize]}")" 'times less than jq' '>= 12'
row 'normalize users, wall against SHA-256' "${wall[map_with_normalize]}" s \
	"$(calc "${wall[map_with_normalize]} / ${wall[digest_both]}")" 'of input and output' '<= 2.2'
row 'normalize users, CPU against SHA-256' "${cpu[map_with_normalize]}" s \
	"$(calc "${cpu[map_with_normalize]} / ${cpu[digest_both]}")" 'of input and output' '<= 3.8'
row 'normalize users, against sort, shuffled' "${wall[map_with_normalize]}" s \
	"$(calc "${wall[map_with_normalize]} / ${wall[sort_shuffled]}")" 'sort of its lines' '<= 2'
row 'normalize users, ten times as many' "${wall[map_with_normalize]}" s \
	"$(calc "${wall[map_with_normalize]} / ${wall[map_tenth]}")" 'a tenth' '<= 11'
row 'normalize --threads 1, wall' "${wall[map_with_one_thread]}" s \
	"$(calc "${wall[map_with_one_thread]} / ${wall[map_with_normalize]}")" 'all threads'
row 'normalize --memory 64M' "${wall[map_in_64M]}" s \
	"$(calc "${wall[map_in_64M]} / ${wall[map_with_normalize]}")" 'in memory' '<= 2.5'
# A bound that is not reached: these users are 1.43 times the bytes, in the stream as in the
# snapshot, and reading, parsing, SHA-256, sorting and writing grow with the bytes. 1.4 to 1.5 here.
row 'normalize users with all of vocabulary 2, CPU' "${cpu[map_rights]}" s \
	"$(calc "${cpu[map_rights]} / ${cpu[map_with_normalize]}")" 'users without it' '<= 1.25'
kib=$(peak normalize --memory 64M "$users")
row 'normalize --memory 64M, peak memory' "$kib" KiB "$kib" 'limit and 64 MiB' '<= 131072'
kib=$(peak normalize "$users")
row 'normalize, peak memory' "$kib" KiB "$kib" 'limit and 64 MiB' '<= 589824'
if has_duckdb; then
	map_with_duckdb() { ask_duckdb normalize.sql "$directory"; }
	race map_with_duckdb map_directory
	row 'normalize users and memberships, wall' "${wall[map_directory]}" s \
		"$(calc "${wall[map_with_duckdb]} / ${wall[map_directory]}")" 'DuckDB takes, times' '>= 4'
	peer=$(map_with_duckdb) kib=$(peak normalize "$directory")
	row 'the same, peak memory' "$kib" KiB "$(calc "$kib / $peer")" 'DuckDB' '<= 0.25'
else
	row 'normalize users and memberships, wall' "${wall[map_directory]}" s null 'DuckDB is missing'
fi
row 'normalize a snapshot, wall' "${wall[merge_snapshot]}" s \
	"$(calc "${wall[merge_snapshot]} / ${wall[merge_tenth]}")" 'a tenth' '<= 11'
for function in mapper_read json_shapes_read record_put; do
	row "$function" "$(instructions $function $((2000 * PARTS)) normalize --threads 1 "$tenth")" \
		'instr./user'
done
row 'order_lines' "$(instructions order_lines $((2000 * PARTS)) normalize --threads 1 "$tenth")" \
	'instr./line'

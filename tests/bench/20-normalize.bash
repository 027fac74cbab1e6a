# SPDX-License-Identifier: ISC
# normalize: mapping, sorting and sealing, against jq and sort.

users=$(data users --users $((20000 * PARTS)) --groups 0)
tenth=$(data tenth --users $((2000 * PARTS)) --groups 0)
directory=$(data directory --users $((20000 * PARTS)) --groups $((200 * PARTS)) \
	--memberships $((20000 * PARTS)))
snapshot=$DATA/users.$PARTS.snapshot
normalize -o "$snapshot" "$users"
sed '1d;$d' "$snapshot" >"$snapshot.body"

map_with_normalize() { normalize "$users"; }
map_with_jq() { jq -c -f tests/jq/map-scim.jq "$users"; }
sort_output() { sort -S 512M "$snapshot.body"; }
map_tenth() { normalize "$tenth"; }
map_in_64M() { normalize --memory 64M "$users"; }
merge_snapshot() { normalize "$snapshot"; }
map_directory() { normalize "$directory"; }

race map_with_normalize sort_output map_tenth map_in_64M merge_snapshot map_directory
RUNS=1 race map_with_jq # it takes a minute, and is not near

row 'normalize users, wall' "${wall[map_with_normalize]}" s \
	"$(calc "${wall[map_with_jq]} / ${wall[map_with_normalize]}")" 'times faster than jq' '>= 10'
row 'normalize users, CPU' "${cpu[map_with_normalize]}" s \
	"$(calc "${cpu[map_with_jq]} / ${cpu[map_with_normalize]}")" 'times less than jq' '>= 12'
row 'normalize users, against sort' "${wall[map_with_normalize]}" s \
	"$(calc "${wall[map_with_normalize]} / ${wall[sort_output]}")" 'sort of its output' '<= 2'
row 'normalize users, ten times as many' "${wall[map_with_normalize]}" s \
	"$(calc "${wall[map_with_normalize]} / ${wall[map_tenth]}")" 'a tenth' '<= 11'
row 'normalize --memory 64M' "${wall[map_in_64M]}" s \
	"$(calc "${wall[map_in_64M]} / ${wall[map_with_normalize]}")" 'in memory' '<= 2.5'
kib=$(peak normalize --memory 64M "$users")
row 'normalize --memory 64M, peak memory' "$kib" KiB "$kib" 'limit and 64 MiB' '<= 131072'
kib=$(peak normalize "$users")
row 'normalize, peak memory' "$kib" KiB "$kib" 'limit and 64 MiB' '<= 589824'
row 'normalize users and memberships, wall' "${wall[map_directory]}" s
row 'normalize a snapshot, wall' "${wall[merge_snapshot]}" s

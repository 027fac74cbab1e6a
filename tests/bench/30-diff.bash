# SPDX-License-Identifier: ISC
# diff-snapshot: two snapshots side by side, against cmp and sha256sum of the same files.

of_users=(--users $((20000 * PARTS)) --groups 0)
of_all=(--users $((20000 * PARTS)) --groups $((200 * PARTS)) --memberships $((20000 * PARTS)))
before=$(snapshot_of users "${of_users[@]}")
changed=$(snapshot_of users-changed "${of_users[@]}" --changed 10)
small=$(snapshot_of tenth --users $((2000 * PARTS)) --groups 0)
all=$(snapshot_of directory "${of_all[@]}")
all_changed=$(snapshot_of directory-changed "${of_all[@]}" --changed 10)
after=$DATA/users-again.$PARTS.snapshot
cp "$before" "$after"

# status 1 is a difference
compare() { diff-snapshot --max-removed 100% "$@" || [ $? -eq 1 ]; }

diff_equal() { compare "$before" "$after"; }
diff_changed() { compare "$before" "$changed"; }
diff_tenth() { compare "$small" "$small"; }
diff_all() { compare "$all" "$all"; }
diff_all_changed() { compare "$all" "$all_changed"; }
diff_by_names() { compare --match user_name "$all" "$all_changed"; }
cmp_and_sums() { cmp "$before" "$after" && sha256sum "$before" "$after"; }
openssl_sums() { cmp "$before" "$after" && openssl dgst -sha256 "$before" "$after"; }

race diff_equal diff_changed diff_tenth cmp_and_sums openssl_sums diff_all diff_all_changed
RUNS=1 race diff_by_names

row 'diff-snapshot of equal users, CPU' "${cpu[diff_equal]}" s \
	"$(calc "${cpu[diff_equal]} / ${cpu[cmp_and_sums]}")" 'cmp and sha256sum' '<= 1'
row 'diff-snapshot of equal users, CPU' "${cpu[diff_equal]}" s \
	"$(calc "${cpu[diff_equal]} / ${cpu[openssl_sums]}")" 'cmp and openssl dgst' '<= 1'
row 'diff-snapshot, 1 % of users changed, CPU' "${cpu[diff_changed]}" s \
	"$(calc "${cpu[diff_changed]} / ${cpu[diff_equal]}")" 'equal users' '<= 1.3'
row 'diff-snapshot, ten times as many, CPU' "${cpu[diff_equal]}" s \
	"$(calc "${cpu[diff_equal]} / ${cpu[diff_tenth]}")" 'a tenth' '<= 11'
kib=$(peak diff-snapshot "$before" "$after")
tenth_kib=$(peak diff-snapshot "$small" "$small")
row 'diff-snapshot of equal users, peak memory' "$kib" KiB \
	"$(calc "$kib / $tenth_kib")" 'a tenth' '<= 1.2'
row 'diff-snapshot of users and memberships, CPU' "${cpu[diff_all]}" s
row 'the same, 1 % of users changed, CPU' "${cpu[diff_all_changed]}" s \
	"$(calc "${cpu[diff_all_changed]} / ${cpu[diff_all]}")" 'equal' '<= 1.3'
row 'diff-snapshot --match user_name, wall' "${wall[diff_by_names]}" s
# the digest has its own instructions of the CPU, which callgrind does not have: counted without
row 'diff-snapshot, a line on each side' \
	"$(instructions diff_run $((2000 * PARTS)) --toggle-collect=digest_put diff-snapshot \
		"$small" "$small")" instructions

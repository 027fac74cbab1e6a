# SPDX-License-Identifier: ISC
# issue-review and take-review: what sheets of 100,000 and of 1,000,000 rows take.

review=$(data review --users 30000 --groups 300 --memberships 70000)
large=$(data review-large --users $((6000 * PARTS)) --groups $((60 * PARTS)) \
	--memberships $((14000 * PARTS)))
normalize -o "$DATA/review.snapshot" "$review"
normalize -o "$DATA/review.$PARTS.snapshot" "$large"

# issued FORMAT SNAPSHOT
issued() {
	rm -rf "$DATA/issued"
	issue-review --format "$1" -o "$DATA/issued" "$2" 2>"$DATA/said"
}
issue_xlsx() { issued xlsx "$DATA/review.snapshot"; }
issue_csv() { issued csv "$DATA/review.snapshot"; }
issue_large() { issued csv "$DATA/review.$PARTS.snapshot"; }

race issue_xlsx issue_csv issue_large
row 'sheet of 100,000 rows, xlsx' "${wall[issue_xlsx]}" s "${wall[issue_xlsx]}" seconds '<= 5'
row 'sheet of 100,000 rows, CSV' "${wall[issue_csv]}" s "${wall[issue_csv]}" seconds '<= 1'
row "sheet of $((PARTS * 20000)) rows, CSV" "${wall[issue_large]}" s "${wall[issue_large]}" seconds '<= 10'
rm -rf "$DATA/issued"
kib=$(peak issue-review -o "$DATA/issued" "$DATA/review.snapshot" 2>"$DATA/said")
row 'sheet of 100,000 rows, xlsx, peak' "$kib" KiB "$kib" '200 MB' '<= 195312'
rm -rf "$DATA/issued"
kib=$(peak issue-review --format csv -o "$DATA/issued" "$DATA/review.$PARTS.snapshot" 2>"$DATA/said")
row 'sheet of many rows, CSV, peak' "$kib" KiB "$kib" '250 MB' '<= 244140'
rm -rf "$DATA/issued"

# take-review: the same rows, all decided
decide() { # FROM TO
	perl -pe 's/,,,,,$/,keep,boss\@x.org,,is meant so,/ if $. > 1' "$1" >"$2"
}
issued csv "$DATA/review.snapshot"
decide "$DATA/issued/review.csv" "$DATA/back.csv"
python3 tests/workbook.py "$DATA/back.xlsx" csv="$DATA/back.csv"
issued csv "$DATA/review.$PARTS.snapshot"
decide "$DATA/issued/review.csv" "$DATA/back.$PARTS.csv"
rm -rf "$DATA/issued"

# taken SNAPSHOT SHEET
taken() {
	rm -rf "$DATA/taken"
	take-review -o "$DATA/taken" "$@"
}
take_csv() { taken "$DATA/review.snapshot" "$DATA/back.csv"; }
take_xlsx() { taken "$DATA/review.snapshot" "$DATA/back.xlsx"; }
take_large() { taken "$DATA/review.$PARTS.snapshot" "$DATA/back.$PARTS.csv"; }

race take_xlsx take_csv take_large
row 'take 100,000 rows, xlsx' "${wall[take_xlsx]}" s "${wall[take_xlsx]}" seconds '<= 5'
row 'take 100,000 rows, CSV' "${wall[take_csv]}" s "${wall[take_csv]}" seconds '<= 1'
row "take $((PARTS * 20000)) rows, CSV" "${wall[take_large]}" s "${wall[take_large]}" seconds '<= 10'
rm -rf "$DATA/taken"
kib=$(peak take-review -o "$DATA/taken" "$DATA/review.snapshot" "$DATA/back.xlsx")
row 'take 100,000 rows, xlsx, peak' "$kib" KiB "$kib" '200 MB' '<= 195312'
rm -rf "$DATA/taken"
kib=$(peak take-review -o "$DATA/taken" "$DATA/review.$PARTS.snapshot" "$DATA/back.$PARTS.csv")
row 'take many rows, CSV, peak' "$kib" KiB "$kib" '250 MB' '<= 244140'
rm -rf "$DATA/taken"

# SPDX-License-Identifier: ISC
#
# A finding stream as Markdown for the summary of a GitHub step (or a merge request):
#
#   check-snapshot --policy policy.json today.ndjson | jq -rsf findings-summary.jq >> "$GITHUB_STEP_SUMMARY"
#
# Names are inert: no markup, no link, no mention. At most 100 findings are shown.

def inert: tostring | gsub("[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"; "\ufffd")
  | gsub("&"; "&amp;") | gsub("<"; "&lt;") | gsub(">"; "&gt;")
  | gsub("(?<c>[\\\\`*_{}\\[\\]()#+!|~@$:-])"; "&#\(.c | explode[0]);");

if .[0].stage != "findings" or .[-1].kind != "end" then error("not a whole finding stream") else . end
| . as $all
| [$all[] | select(.kind == "check")] as $checks
| [$all[] | select(.kind == "finding" and (has("excepted") | not))] as $found
| def sum(f): [$checks[] | f] | add // 0;
  "### Access review",
  "",
  "**\(sum(.found)) found, \(sum(.unknown)) not decided, \(sum(.excepted)) excepted, \(sum(.ok)) ok**",
  (if sum(.unknown) > 0 then
     "", "| Not decided | Source | Subjects | Why |", "|---|---|---|---|",
     ($checks[] | select(.unknown > 0)
      | "| \(.check | inert) | \(.source | inert) | \(.unknown) of \(.subjects) | \([.why | keys[]] + (.not_shown // []) | join(", ") | inert) |")
   else empty end),
  (if ($found | length) > 0 then
     "", "| Severity | Check | Source | Account or group | Finding |", "|---|---|---|---|---|",
     ($found[:100][] | "| \(.severity) | \(.check | inert) | \(.source | inert) | \(.label | inert) | \(.says | inert) |"),
     (if ($found | length) > 100 then "", "\(($found | length) - 100) more findings are in the stream." else empty end)
   else empty end)

# SPDX-License-Identifier: ISC
#
# JUnit XML of a finding stream, for systems that show tests (Jenkins, GitLab, Azure):
#
#   check-snapshot --policy policy.json today.ndjson | jq -rsf findings-junit.jq > findings.xml
#
# A test suite is a source, a test case is a check: failed with its findings, skipped where it
# could not be decided. A check that found something and left something open has failed.

# Characters that XML 1.0 can not hold, in no spelling, become U+FFFD.
def text: tostring | gsub("[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]"; "\ufffd")
  | gsub("&"; "&amp;") | gsub("<"; "&lt;") | gsub(">"; "&gt;") | gsub("\""; "&quot;")
  | gsub("\t"; "&#9;") | gsub("\n"; "&#10;") | gsub("\r"; "&#13;");

def reasons: [.why // {} | to_entries[] | "\(.key): \(.value)"] + [(.not_shown // [])[]] | join(", ");

if .[0].stage != "findings" or .[-1].kind != "end" then error("not a whole finding stream") else . end
| . as $all
| [$all[] | select(.kind == "finding" and (has("excepted") | not))] as $findings
| [$all[] | select(.kind == "check")] as $checks
| ([$checks[].source] | unique) as $sources
| "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
  "<testsuites>",
  ($sources[] as $source
   | [$checks[] | select(.source == $source)] as $own
   | "<testsuite name=\"\($source | text)\" tests=\"\($own | length)\" failures=\"\([$own[] | select(.found > 0)] | length)\" errors=\"0\" skipped=\"\([$own[] | select(.found == 0 and .unknown > 0)] | length)\" time=\"0\">",
     ($own[]
      | . as $check
      | [$findings[] | select(.check == $check.check and .source == $source)] as $found
      | "<testcase classname=\"\($source | text)\" name=\"\(.check | text)\" time=\"0\">",
        (if .found > 0 then
           "<failure message=\"\(.found) of \(.subjects)\" type=\"\([$found[].severity][0] // "" | text)\">"
           + ([$found[] | "\(.severity) \(.label): \(.says) [\(.key)]" | text] | join("\n")) + "</failure>"
         elif .unknown > 0 then
           "<skipped message=\"not decided for \(.unknown) of \(.subjects): \(reasons | text)\"/>"
         else empty end),
        "</testcase>"),
     "</testsuite>"),
  "</testsuites>"

# SPDX-License-Identifier: ISC
#
# SARIF 2.1.0 of a finding stream, for systems that show results of scanners (GitHub, Azure,
# DefectDojo):
#
#   check-snapshot --policy policy.json today.ndjson | jq -sf findings-sarif.jq > findings.sarif
#
# A finding is a result of kind "fail", or suppressed where the policy excepts it. What could
# not be decided is a result of kind "open", one a check and source: it is never left out.

def level: {critical: "error", high: "error", medium: "warning", low: "note", info: "none"}[.];
def security: {critical: "9.5", high: "8.0", medium: "5.5", low: "3.0", info: "0.0"}[.];
def place($source; $id): [{logicalLocations: [{name: $id, fullyQualifiedName: "\($source)/\($id)", kind: "resource"}]}];

if .[0].stage != "findings" or .[-1].kind != "end" then error("not a whole finding stream") else . end
| .[0] as $begin
| ([.[] | select(.kind == "check") | .check] | unique) as $rules
| {
    "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [{
      tool: {driver: {name: "check-snapshot",
        rules: [$rules[] | . as $rule | ($begin.about[$rule] // {}) as $about
          | {id: ., shortDescription: {text: ($about.finds // .)}}
            + (if $about.default then {fullDescription: {text: "\($about.finds). Default: \($about.default)"}} else {} end)
            + (if $about.standards then {properties: {tags: $about.standards}} else {} end)]}},
      automationDetails: {id: "check-snapshot/\($begin.snapshot.sha256)"},
      columnKind: "unicodeCodePoints",
      results: [
        (.[] | select(.kind == "finding") | . as $finding
         | {
             ruleId: .check,
             ruleIndex: ($rules | index($finding.check)),
             kind: (if .severity == "info" then "informational" else "fail" end),
             level: (if .severity == "info" then "none" else (.severity | level) end),
             message: {text: "\(.label): \(.says)"},
             locations: place(.source; .id),
             partialFingerprints: {"rollcallKey/v1": .key},
             properties: ({severity, source, id, what, status, via, "security-severity": (.severity | security)} | with_entries(select(.value != null)))
           }
           + (if has("excepted") then {suppressions: [{kind: "external", status: "accepted",
               justification: "\(.excepted.reason) (by \(.excepted.by), until \(.excepted.until))"}]} else {} end)
           + (if .baseline == "new" then {baselineState: "new"} elif .baseline == "known" then {baselineState: "unchanged"} else {} end)),
        (.[] | select(.kind == "check" and .unknown > 0) | . as $check
         | {
             ruleId: .check,
             ruleIndex: ($rules | index($check.check)),
             kind: "open",
             level: "none",
             message: {text: "not decided for \(.unknown) of \(.subjects): \([.why | to_entries[] | "\(.key): \(.value)"] + (.not_shown // []) | join(", "))"},
             locations: place(.source; "*"),
             properties: {why}
           })
      ]
    }]
  }

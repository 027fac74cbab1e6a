# SPDX-License-Identifier: ISC
#
# OCSF 1.5.0 events of a finding stream, one a line, for a security data lake:
#
#   check-snapshot --policy policy.json today.ndjson | jq -csf findings-ocsf.jq > findings.ocsf
#
# Each line of counts is a Compliance Finding (class 2003): its compliance status is 1 (pass), 3
# (fail), or 2 (warning) where it could not be decided. Each finding of an account is a User
# Inventory Info (class 5003) beside it.

def severity_id: {info: 1, low: 2, medium: 3, high: 4, critical: 5}[.];
def millis: sub("\\.[0-9]+Z$"; "Z") | fromdateiso8601 * 1000;
def metadata: {version: "1.5.0", product: {name: "rollcall", vendor_name: "rollcall", feature: {name: "check-snapshot"}}};

if .[0].stage != "findings" or .[-1].kind != "end" then error("not a whole finding stream") else . end
| .[0] as $begin
| (reduce $begin.snapshot.sources[] as $source ({}; .[$source.source] = ($begin.as_of // $source.fetched_at))) as $times
| ([$times[]] | max) as $latest
| . as $all
| ($all[] | select(.kind == "check")
   | . as $check
   | [$all[] | select(.kind == "finding" and .check == $check.check and .source == $check.source and (has("excepted") | not))] as $found
   | ([$found[].severity | severity_id] | max // 1) as $severity
   | {
       class_uid: 2003, class_name: "Compliance Finding", category_uid: 2, category_name: "Findings",
       activity_id: 1, activity_name: "Create", type_uid: 200301,
       time: ($times[.source] // $latest | millis),
       severity_id: $severity,
       status_id: 1, status: "New",
       metadata: metadata,
       finding_info: {uid: "\(.source)/\(.check)", title: "\(.check) at \(.source)",
         desc: "\(.found) found, \(.unknown) not decided, \(.excepted) excepted, \(.ok) ok, of \(.subjects)"},
       compliance: ({control: .check, standards: ($begin.about[.check].standards // ["rollcall"]),
         status_id: (if .found > 0 then 3 elif .unknown > 0 then 2 else 1 end),
         status: (if .found > 0 then "Fail" elif .unknown > 0 then "Warning" else "Pass" end)}
         + (if .unknown > 0 then {status_detail: "not decided for \(.unknown): \([.why | keys[]] + (.not_shown // []) | join(", "))"} else {} end)),
       resources: [$found[] | {uid: .id, name: .label, type: "account"}]
     }),
  ($all[] | select(.kind == "finding" and has("status"))
   | {
       class_uid: 5003, class_name: "User Inventory Info", category_uid: 5, category_name: "Discovery",
       activity_id: 2, activity_name: "Collect", type_uid: 500302,
       time: ($times[.source] // $latest | millis),
       severity_id: (.severity | severity_id),
       metadata: (metadata + {uid: .key}),
       message: "\(.check): \(.says)",
       user: {uid: .id, name: .label, domain: .source},
       unmapped: {check, severity, status, excepted: has("excepted")}
     })

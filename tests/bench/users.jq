# SPDX-License-Identifier: ISC
# The users of the benchmark's directory as records, in as little jq as that takes: the yardstick of
# `make bench`. tests/jq/map-scim.jq says all of the mapping, and is five times slower.
select(.kind == "user")
| .source as $source
| .resource
| {
	kind: "user",
	source: $source,
	id,
	user_name: .userName,
	email: (.emails as $all
		| first($all[] | select(.primary == true), ($all[] | select(.type == "work")), $all[])
		| .value),
	display_name: (.displayName // .name.formatted),
	given_name: .name.givenName,
	family_name: .name.familyName,
	status: (if .active == true then "enabled" elif .active == false then "disabled" else "unknown" end),
	account_type: "unknown",
	external_id: .externalId,
	title,
	created_at: .meta.created,
	updated_at: .meta.lastModified
}

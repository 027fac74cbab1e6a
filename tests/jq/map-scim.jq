# SPDX-License-Identifier: ISC
# The users of a fetch stream as records: the same members that map_scim.c gives a user of the
# benchmark's directory.
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
	created_at: .meta.created,
	updated_at: .meta.lastModified
}

-- What 20-normalize.bash asks DuckDB: users, groups and memberships of a fetch stream, mapped, unnested, sorted, as NDJSON.
COPY (
WITH r AS MATERIALIZED (SELECT * FROM read_json('$snapshot', format = 'newline_delimited', columns = {
	kind: 'VARCHAR', source: 'VARCHAR', resource: 'STRUCT(id VARCHAR, externalId VARCHAR, userName VARCHAR,
		displayName VARCHAR, active BOOLEAN, title VARCHAR, userType VARCHAR,
		"name" STRUCT(givenName VARCHAR, familyName VARCHAR), emails STRUCT("value" VARCHAR, "primary" BOOLEAN)[],
		meta STRUCT(created VARCHAR, lastModified VARCHAR), members STRUCT("value" VARCHAR)[])'}))
SELECT kind, source, resource.id AS id, NULL AS member_id, resource.userName AS user_name,
	resource.emails[1].value AS email, resource.displayName AS display_name, resource.name.givenName AS given_name,
	resource.name.familyName AS family_name, CASE WHEN resource.active THEN 'enabled' ELSE 'disabled' END AS status,
	resource.externalId AS external_id, resource.title AS title, resource.userType AS user_type,
	resource.meta.created AS created_at, resource.meta.lastModified AS updated_at
FROM r WHERE kind IN ('user', 'group')
UNION ALL BY NAME
SELECT 'membership' AS kind, source, id, member.value AS member_id
FROM (SELECT source, resource.id AS id, unnest(resource.members) AS member FROM r WHERE kind = 'group')
ORDER BY kind, source, id, member_id
) TO '$rows' (FORMAT json);

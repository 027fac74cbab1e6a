-- What 40-list.bash asks DuckDB: who is in which group, sorted by person, as CSV, from $snapshot to $rows.
COPY (
WITH r AS MATERIALIZED (SELECT * FROM read_json('$snapshot', format = 'newline_delimited', columns = {
	kind: 'VARCHAR', source: 'VARCHAR', id: 'VARCHAR', name: 'VARCHAR', group_id: 'VARCHAR', member_id: 'VARCHAR',
	user_name: 'VARCHAR', email: 'VARCHAR', display_name: 'VARCHAR', status: 'VARCHAR', account_type: 'VARCHAR',
	created_at: 'VARCHAR', last_login_at: 'VARCHAR'}))
SELECT u.source, u.id, u.user_name, u.email, u.display_name, u.status, u.account_type, u.created_at, u.last_login_at,
	g.id AS access_id, g.name AS access
FROM r u
LEFT JOIN (SELECT * FROM r WHERE kind = 'membership') m ON m.source = u.source AND m.member_id = u.id
LEFT JOIN (SELECT * FROM r WHERE kind = 'group') g ON g.source = m.source AND g.id = m.group_id
WHERE u.kind = 'user'
ORDER BY lower(u.user_name), u.source, u.id, g.name
) TO '$rows' (HEADER, DELIMITER ',');

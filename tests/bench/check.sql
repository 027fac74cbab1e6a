-- What 50-check.bash asks DuckDB: the checks of check-snapshot that need no roster, on $snapshot.
CREATE TABLE r AS SELECT * FROM read_json('$snapshot', format = 'newline_delimited', columns = {
	kind: 'VARCHAR', source: 'VARCHAR', id: 'VARCHAR', name: 'VARCHAR', group_id: 'VARCHAR', member_id: 'VARCHAR',
	member_kind: 'VARCHAR', user_name: 'VARCHAR', email: 'VARCHAR', status: 'VARCHAR', account_type: 'VARCHAR',
	roles: 'VARCHAR[]', created_at: 'TIMESTAMP', last_login_at: 'TIMESTAMP'});
CREATE TABLE u AS SELECT * FROM r WHERE kind = 'user';
CREATE TABLE g AS SELECT * FROM r WHERE kind = 'group';
CREATE TABLE m AS SELECT * FROM r WHERE kind = 'membership';
-- dormant
SELECT count(*) FROM u WHERE status = 'enabled' AND account_type <> 'service' AND last_login_at < TIMESTAMP '2026-11-22' - INTERVAL 90 DAY;
-- never-signed-in
SELECT count(*) FROM u WHERE status = 'enabled' AND account_type <> 'service' AND last_login_at IS NULL AND created_at < TIMESTAMP '2026-11-22' - INTERVAL 30 DAY;
-- disabled-with-access
SELECT count(*) FROM u WHERE status = 'disabled' AND (EXISTS (SELECT 1 FROM m WHERE m.source = u.source AND m.member_id = u.id) OR len(roles) > 0);
-- privileged, with groups in groups
WITH RECURSIVE e(source, member_id, group_id) AS (
	SELECT m.source, m.member_id, m.group_id FROM m JOIN g ON g.source = m.source AND g.id = m.group_id WHERE g.name = 'Group 1'
	UNION SELECT m.source, m.member_id, e.group_id FROM e JOIN m ON m.source = e.source AND m.group_id = e.member_id)
SELECT count(*) FROM e WHERE NOT EXISTS (SELECT 1 FROM g WHERE g.source = e.source AND g.id = e.member_id);
-- privileged-count
WITH RECURSIVE e(source, member_id, group_id) AS (
	SELECT m.source, m.member_id, m.group_id FROM m JOIN g ON g.source = m.source AND g.id = m.group_id WHERE g.name = 'Group 1'
	UNION SELECT m.source, m.member_id, e.group_id FROM e JOIN m ON m.source = e.source AND m.group_id = e.member_id)
SELECT count(*) FROM (SELECT 1 FROM g LEFT JOIN (SELECT * FROM e WHERE NOT EXISTS (SELECT 1 FROM g WHERE g.source = e.source AND g.id = e.member_id)) AS p
	ON p.source = g.source AND p.group_id = g.id LEFT JOIN u ON u.source = p.source AND u.id = p.member_id WHERE g.name = 'Group 1' GROUP BY g.source, g.id
	HAVING count(*) FILTER (u.status = 'enabled' AND u.account_type <> 'service') > 4 OR count(*) FILTER (p.member_id IS NOT NULL AND (u.id IS NULL OR (u.status <> 'disabled' AND u.account_type <> 'service'))) < 2);
-- external
SELECT count(*) FROM u WHERE lower(split_part(email, '@', -1)) <> 'example.com';
-- shared-name
SELECT count(*) FROM u WHERE account_type <> 'service' AND (
	lower(split_part(user_name, '@', 1)) IN ('admin', 'root', 'test', 'info', 'support', 'shared', 'guest', 'demo') OR
	lower(split_part(email, '@', 1)) IN ('admin', 'root', 'test', 'info', 'support', 'shared', 'guest', 'demo'));
-- duplicate
SELECT coalesce(sum(n), 0)::INT FROM (SELECT count(*) AS n FROM u WHERE status = 'enabled' AND email IS NOT NULL GROUP BY source, lower(email) HAVING count(*) > 1);
-- service-owner
SELECT count(*) FROM u WHERE account_type = 'service';
-- orphan-member
SELECT (SELECT count(*) FROM m WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.source = m.source AND u.id = m.member_id) AND NOT EXISTS (SELECT 1 FROM g WHERE g.source = m.source AND g.id = m.member_id)) +
	(SELECT count(*) FROM (SELECT DISTINCT source, group_id FROM m) AS m WHERE NOT EXISTS (SELECT 1 FROM g WHERE g.source = m.source AND g.id = m.group_id));
-- empty-group
SELECT count(*) FROM g WHERE NOT EXISTS (SELECT 1 FROM m WHERE m.source = g.source AND m.group_id = g.id);
-- cycle
WITH RECURSIVE n AS (SELECT source, member_id, group_id FROM m WHERE member_kind = 'group'),
	p(source, inner_id, outer_id) AS (SELECT source, member_id, group_id FROM n UNION SELECT n.source, p.inner_id, n.group_id FROM p JOIN n ON n.source = p.source AND n.member_id = p.outer_id)
SELECT count(*) FROM p WHERE inner_id = outer_id AND EXISTS (SELECT 1 FROM g WHERE g.source = p.source AND g.id = inner_id);

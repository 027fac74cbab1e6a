-- SPDX-License-Identifier: ISC
--
-- fleet.sql: who came, who left, and who got into what when, over all customers and nights, in
-- the SQL that DuckDB and Spark SQL have in common. It only makes views:
--
--   nights    the nights of each customer, and the one before each
--   unseen    what could not be read in a night, or in the one before: nothing of it is an event
--   events    the events of diff-snapshot, between each night and the one before
--   joiners   of these, the users that came, or can sign in again
--   leavers   the users that are gone, or can no longer sign in
--   entries   who got into which group when
--   dormant   who can sign in, and did not for 90 days, in the last night
--
-- It stands on two tables, which fleet-duckdb and spark/fleet.py make of a STORE of examples/fleet:
--
--   lines(customer, night, line)        each line of each snapshot.ndjson
--   sources(customer, night, source)    of each begin line
--
-- and on functions of Spark that fleet-duckdb has for DuckDB, and composed(text), which is the text
-- in Unicode's form C. A snapshot is proved to be whole before its lines are loaded.
--
-- These views are part of many others. An engine stores what they have, or it would compute it often:
-- kept: nights users groups memberships unseen singles same_names left_over recreated changed member_kinds membership_events events
--
-- Differences of vocabulary are left to diff-snapshot: a pair of two vocabularies is unseen.

CREATE OR REPLACE TEMP VIEW nights AS
SELECT customer, night, vocabulary,
	lag(night) OVER (PARTITION BY customer ORDER BY night) AS last_night,
	lag(vocabulary) OVER (PARTITION BY customer ORDER BY night) AS last_vocabulary
FROM (SELECT customer, night, coalesce(get_json_object(line, '$.vocabulary'), '1') AS vocabulary
	FROM lines WHERE line LIKE '{"kind":"begin",%') AS begins;

-- ---- records ----

-- A member of a line is found by its name and a value, in a line whose escaped backslashes and quotes
-- are one character each, so that a value ends at the next quote. chr(92) is a backslash, which
-- the two engines read differently in a string. Members that change with each visit stand last.
CREATE OR REPLACE TEMP VIEW coded AS
SELECT customer, night, line, coded,
	split_part(coded, ',"extra":{', 1) AS head,
	substring(coded, length(split_part(coded, ',"extra":{', 1)) + 1) AS tail
FROM (SELECT customer, night, line, regexp_replace(
		replace(replace(line, concat(chr(92), chr(92)), chr(1)), concat(chr(92), '"'), chr(2)),
		'(,"last_login_at":("[^"]*"|null))?(,"updated_at":("[^"]*"|null))?}$', '') AS coded
	FROM lines WHERE line LIKE '{"kind":"user",%' OR line LIKE '{"kind":"group",%') AS stable;

CREATE OR REPLACE TEMP VIEW users AS
SELECT customer, night, get_json_object(line, '$.source') AS source,
	get_json_object(line, '$.id') AS id, get_json_object(line, '$.user_name') AS user_name,
	get_json_object(line, '$.status') AS status,
	get_json_object(line, '$.account_type') AS account_type,
	get_json_object(line, '$.last_login_at') AS last_login_at, coded AS stable,
	regexp_extract(head, ',"user_name":("[^"]*"|null)', 0) AS name_piece,
	regexp_extract(head, ',"email":("[^"]*"|null)', 0) AS email_piece,
	regexp_extract(head, ',"provider_status":("[^"]*"|null)', 0) AS provider_piece,
	concat(regexp_replace(regexp_replace(regexp_replace(regexp_replace(head,
		',"user_name":("[^"]*"|null)', ''), ',"email":("[^"]*"|null)', ''),
		',"status":("[^"]*"|null)', ''), ',"provider_status":("[^"]*"|null)', ''), tail) AS rest
FROM coded WHERE line LIKE '{"kind":"user",%';

CREATE OR REPLACE TEMP VIEW groups AS
SELECT customer, night, get_json_object(line, '$.source') AS source,
	get_json_object(line, '$.id') AS id, get_json_object(line, '$.name') AS group_name,
	coded AS stable, regexp_extract(head, ',"name":("[^"]*"|null)', 0) AS name_piece,
	concat(regexp_replace(head, ',"name":("[^"]*"|null)', ''), tail) AS rest
FROM coded WHERE line LIKE '{"kind":"group",%';

CREATE OR REPLACE TEMP VIEW memberships AS
SELECT customer, night, get_json_object(line, '$.source') AS source,
	get_json_object(line, '$.group_id') AS group_id,
	get_json_object(line, '$.member_id') AS member_id,
	get_json_object(line, '$.member_kind') AS member_kind
FROM lines WHERE line LIKE '{"kind":"membership",%';

-- ---- what could not be compared ----

CREATE OR REPLACE TEMP VIEW unseen AS
SELECT nights.customer, nights.night, get_json_object(line, '$.source') AS source,
	get_json_object(line, '$.scope') AS scope, coalesce(get_json_object(line, '$.id'), '') AS id,
	get_json_object(line, '$.reason') AS reason
FROM nights JOIN lines ON lines.customer = nights.customer
	AND (lines.night = nights.night OR lines.night = nights.last_night)
WHERE line LIKE '{"kind":"gap",%'
UNION
SELECT nights.customer, nights.night, source, 'source', '', 'only one of the two snapshots has it'
FROM nights JOIN sources ON sources.customer = nights.customer
	AND (sources.night = nights.night OR sources.night = nights.last_night)
WHERE last_night IS NOT NULL
GROUP BY nights.customer, nights.night, source HAVING count(*) = 1
UNION
SELECT nights.customer, nights.night, source, 'source', '', 'two vocabularies'
FROM nights JOIN sources ON sources.customer = nights.customer AND sources.night = nights.night
WHERE last_night IS NOT NULL AND vocabulary <> last_vocabulary;

-- ---- users and groups on one side, paired where they have one name ----

CREATE OR REPLACE TEMP VIEW singles AS
SELECT kind, side, customer, night, source, id, name,
	min(id) OVER (PARTITION BY kind, side, customer, night, source, name) AS first_id
FROM (
	SELECT 'user' AS kind, 'added' AS side, now.customer, now.night, now.source, now.id,
		now.account_type = 'service' AS is_service, composed(now.user_name) AS name
	FROM nights JOIN users AS now ON now.customer = nights.customer AND now.night = nights.night
	LEFT JOIN users AS was ON was.customer = nights.customer AND was.night = nights.last_night
		AND was.source = now.source AND was.id = now.id
	WHERE last_night IS NOT NULL AND was.id IS NULL
	UNION ALL
	SELECT 'user', 'removed', was.customer, nights.night, was.source, was.id,
		was.account_type = 'service', composed(was.user_name)
	FROM nights JOIN users AS was ON was.customer = nights.customer AND was.night = nights.last_night
	LEFT JOIN users AS now ON now.customer = nights.customer AND now.night = nights.night
		AND now.source = was.source AND now.id = was.id
	WHERE now.id IS NULL
	UNION ALL
	SELECT 'group', 'added', now.customer, now.night, now.source, now.id, false,
		composed(now.group_name)
	FROM nights JOIN groups AS now ON now.customer = nights.customer AND now.night = nights.night
	LEFT JOIN groups AS was ON was.customer = nights.customer AND was.night = nights.last_night
		AND was.source = now.source AND was.id = now.id
	WHERE last_night IS NOT NULL AND was.id IS NULL
	UNION ALL
	SELECT 'group', 'removed', was.customer, nights.night, was.source, was.id, false,
		composed(was.group_name)
	FROM nights JOIN groups AS was ON was.customer = nights.customer AND was.night = nights.last_night
	LEFT JOIN groups AS now ON now.customer = nights.customer AND now.night = nights.night
		AND now.source = was.source AND now.id = was.id
	WHERE now.id IS NULL) AS one_side
WHERE NOT EXISTS (SELECT 1 FROM unseen WHERE unseen.customer = one_side.customer
	AND unseen.night = one_side.night AND unseen.source = one_side.source AND unseen.id = ''
	AND (scope = 'source' OR scope = concat(kind, 's')
		OR (scope = 'service_accounts' AND is_service)));

-- first the same name, then the same but for upper and lower case of A to Z
CREATE OR REPLACE TEMP VIEW same_names AS
SELECT came.kind, came.customer, came.night, came.source, came.id, went.id AS old_id
FROM singles AS came JOIN singles AS went ON went.kind = came.kind
	AND went.customer = came.customer AND went.night = came.night AND went.source = came.source
	AND went.name = came.name AND went.id = went.first_id AND came.id = came.first_id
WHERE came.side = 'added' AND went.side = 'removed' AND came.name <> '';

CREATE OR REPLACE TEMP VIEW left_over AS
SELECT kind, side, customer, night, source, id, folded,
	min(id) OVER (PARTITION BY kind, side, customer, night, source, folded) AS first_id
FROM (SELECT kind, side, customer, night, source, id,
		translate(name, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') AS folded
	FROM singles) AS names
WHERE NOT EXISTS (SELECT 1 FROM (
		SELECT kind, 'added' AS side, customer, night, source, id FROM same_names UNION ALL
		SELECT kind, 'removed', customer, night, source, old_id FROM same_names) AS paired
	WHERE paired.kind = names.kind AND paired.side = names.side
	AND paired.customer = names.customer AND paired.night = names.night
	AND paired.source = names.source AND paired.id = names.id);

CREATE OR REPLACE TEMP VIEW recreated AS
SELECT * FROM same_names
UNION ALL
SELECT came.kind, came.customer, came.night, came.source, came.id, went.id
FROM left_over AS came JOIN left_over AS went ON went.kind = came.kind
	AND went.customer = came.customer AND went.night = came.night AND went.source = came.source
	AND went.folded = came.folded AND went.id = went.first_id AND came.id = came.first_id
WHERE came.side = 'added' AND went.side = 'removed' AND came.folded <> '';

-- ---- what is on both sides, and differs ----

CREATE OR REPLACE TEMP VIEW changed AS
SELECT 'user' AS kind, now.customer, now.night, now.source, now.id,
	now.account_type = 'service' AS is_service,
	CASE WHEN now.status <> was.status AND now.status <> 'unknown' THEN now.status END AS status,
	now.name_piece <> was.name_piece AS is_renamed,
	now.rest <> was.rest
		OR (now.email_piece <> was.email_piece AND now.name_piece = was.name_piece)
		OR ((now.status <> was.status OR now.provider_piece <> was.provider_piece)
			AND NOT (now.status <> was.status AND now.status <> 'unknown')) AS is_modified
FROM nights JOIN users AS now ON now.customer = nights.customer AND now.night = nights.night
JOIN users AS was ON was.customer = nights.customer AND was.night = nights.last_night
	AND was.source = now.source AND was.id = now.id
WHERE now.stable <> was.stable
UNION ALL
SELECT 'group', now.customer, now.night, now.source, now.id, false, NULL,
	now.name_piece <> was.name_piece, now.rest <> was.rest
FROM nights JOIN groups AS now ON now.customer = nights.customer AND now.night = nights.night
JOIN groups AS was ON was.customer = nights.customer AND was.night = nights.last_night
	AND was.source = now.source AND was.id = now.id
WHERE now.stable <> was.stable;

-- ---- the events ----

-- A membership shown with the kind of its member, and without, is one. Joins here are by equal values
-- alone: an engine compares every two rows where a join has an OR.
CREATE OR REPLACE TEMP VIEW member_kinds AS
SELECT customer, night, source, group_id, member_id, max(member_kind = 'user') AS as_user,
	max(member_kind = 'group') AS as_group, max(member_kind = 'unknown') AS as_unknown
FROM memberships GROUP BY customer, night, source, group_id, member_id;

CREATE OR REPLACE TEMP VIEW membership_events AS
SELECT 'membership.added' AS event, now.customer, now.night, now.source, now.group_id, now.member_id
FROM nights JOIN memberships AS now ON now.customer = nights.customer AND now.night = nights.night
LEFT JOIN member_kinds AS was ON was.customer = nights.customer AND was.night = nights.last_night
	AND was.source = now.source AND was.group_id = now.group_id AND was.member_id = now.member_id
WHERE last_night IS NOT NULL AND (was.member_id IS NULL OR NOT (as_unknown OR member_kind = 'unknown'
	OR (as_user AND member_kind = 'user') OR (as_group AND member_kind = 'group')))
UNION ALL
SELECT 'membership.removed', was.customer, nights.night, was.source, was.group_id, was.member_id
FROM nights JOIN memberships AS was ON was.customer = nights.customer
	AND was.night = nights.last_night
LEFT JOIN member_kinds AS now ON now.customer = nights.customer AND now.night = nights.night
	AND now.source = was.source AND now.group_id = was.group_id AND now.member_id = was.member_id
WHERE now.member_id IS NULL OR NOT (as_unknown OR member_kind = 'unknown'
	OR (as_user AND member_kind = 'user') OR (as_group AND member_kind = 'group'));

-- id is that of the user or group; a recreated one has the new id. A membership has two.
CREATE OR REPLACE TEMP VIEW events AS
WITH seen AS (
	SELECT * FROM changed WHERE NOT EXISTS (SELECT 1 FROM unseen
		WHERE unseen.customer = changed.customer AND unseen.night = changed.night
		AND unseen.source = changed.source AND unseen.id = ''
		AND (scope = 'source' OR scope = concat(kind, 's')
			OR (scope = 'service_accounts' AND is_service))))
SELECT concat(kind, '.', side) AS event, customer, night, source, id, NULL AS group_id,
	NULL AS member_id
FROM singles WHERE NOT EXISTS (SELECT 1 FROM (
		SELECT kind, 'added' AS side, customer, night, source, id FROM recreated UNION ALL
		SELECT kind, 'removed', customer, night, source, old_id FROM recreated) AS paired
	WHERE paired.kind = singles.kind AND paired.side = singles.side
	AND paired.customer = singles.customer AND paired.night = singles.night
	AND paired.source = singles.source AND paired.id = singles.id)
UNION ALL
SELECT concat(kind, '.recreated'), customer, night, source, id, NULL, NULL FROM recreated
UNION ALL
SELECT concat('user.', status), customer, night, source, id, NULL, NULL
FROM seen WHERE status IS NOT NULL
UNION ALL
SELECT concat(kind, '.renamed'), customer, night, source, id, NULL, NULL FROM seen WHERE is_renamed
UNION ALL
SELECT concat(kind, '.modified'), customer, night, source, id, NULL, NULL FROM seen WHERE is_modified
UNION ALL
SELECT event, customer, night, source, NULL, group_id, member_id FROM membership_events
WHERE NOT EXISTS (SELECT 1 FROM unseen WHERE unseen.customer = membership_events.customer
	AND unseen.night = membership_events.night AND unseen.source = membership_events.source
	AND unseen.id = '' AND scope IN ('source', 'groups', 'members'))
AND NOT EXISTS (SELECT 1 FROM unseen WHERE unseen.customer = membership_events.customer
	AND unseen.night = membership_events.night AND unseen.source = membership_events.source
	AND unseen.id = membership_events.group_id AND scope = 'members');

-- A name is that of the night, or of the night before for who is gone. A member may be a group.
CREATE OR REPLACE TEMP VIEW joiners AS
SELECT events.customer, events.night, events.source, events.id, user_name, event
FROM events JOIN users ON users.customer = events.customer AND users.night = events.night
	AND users.source = events.source AND users.id = events.id
WHERE event IN ('user.added', 'user.enabled');

CREATE OR REPLACE TEMP VIEW leavers AS
SELECT events.customer, events.night, events.source, events.id, user_name, event
FROM events JOIN nights ON nights.customer = events.customer AND nights.night = events.night
JOIN users ON users.customer = events.customer AND users.night = nights.last_night
	AND users.source = events.source AND users.id = events.id
WHERE event IN ('user.removed', 'user.disabled');

CREATE OR REPLACE TEMP VIEW entries AS
SELECT events.customer, events.night, events.source, events.group_id, into_group.group_name,
	events.member_id, coalesce(user_name, as_group.group_name) AS member_name
FROM events JOIN memberships ON memberships.customer = events.customer
	AND memberships.night = events.night AND memberships.source = events.source
	AND memberships.group_id = events.group_id AND memberships.member_id = events.member_id
LEFT JOIN groups AS into_group ON into_group.customer = events.customer
	AND into_group.night = events.night AND into_group.source = events.source
	AND into_group.id = events.group_id
LEFT JOIN users ON users.customer = events.customer AND users.night = events.night
	AND users.source = events.source AND users.id = events.member_id AND member_kind <> 'group'
LEFT JOIN groups AS as_group ON as_group.customer = events.customer
	AND as_group.night = events.night AND as_group.source = events.source
	AND as_group.id = events.member_id AND member_kind = 'group'
WHERE event = 'membership.added';

-- ---- the last night ----

CREATE OR REPLACE TEMP VIEW dormant AS
SELECT users.customer, users.source, users.id, user_name, last_login_at
FROM users JOIN (SELECT customer, max(night) AS night FROM nights GROUP BY customer) AS last
	ON last.customer = users.customer AND last.night = users.night
WHERE status = 'enabled' AND last_login_at IS NOT NULL
	AND substring(last_login_at, 1, 10) < CAST(date_sub(CAST(users.night AS DATE), 90) AS STRING);

/* SPDX-License-Identifier: ISC */
/*
 * normalize: one pass a section. Only edges that can not be decided at once
 * (the member's kind, or whether the group shows its members) wait for its end.
 */
#include "normalize.h"

#include "inert.h"

/* Which side of the membership showed an edge. */
enum edge_side { FROM_GROUP, FROM_USER };

/* An edge that waits: this head, then the group's id and the member's. */
struct waiting_edge {
	size_t group_len, member_len;
	enum edge_side side;
	enum member_kind kind; /* as it was said */
};

int normalize_open(struct normalizer *normalizer, size_t memory, struct fault *fault)
{
	*normalizer = (struct normalizer){0};
	budget_init(&normalizer->budget, memory);
	return snapshot_open(&normalizer->snapshot, &normalizer->budget, 1, fault);
}

void normalize_release(struct normalizer *normalizer)
{
	snapshot_release(&normalizer->snapshot);
	buf_release(&normalizer->last);
	buf_release(&normalizer->source);
	set_release(&normalizer->users);
	set_release(&normalizer->groups);
	buf_release(&normalizer->edges);
	record_release(&normalizer->record);
	adopt_release(&normalizer->adopted);
	buf_release(&normalizer->line);
}

static int add_record(struct normalizer *normalizer, const struct record *record,
                      struct fault *fault)
{
	buf_clear(&normalizer->line);
	record_put(&normalizer->line, record);
	if (buf_check(&normalizer->line, fault) < 0)
		return -1;
	return sorter_add(normalizer->snapshot.lines, buf_span(&normalizer->line), fault);
}

/* ---- edges ---- */

static int add_membership(struct normalizer *normalizer, struct span group_id,
                          struct span member_id, enum member_kind kind, struct fault *fault)
{
	static const char *const words[] = {"unknown", "user", "group"};
	struct record *record = &normalizer->record;

	record_start(record, RECORD_MEMBERSHIP, buf_span(&normalizer->source));
	record_set(record, MEMBERSHIP_GROUP_ID, group_id);
	record_set(record, MEMBERSHIP_MEMBER_ID, member_id);
	record_set(record, MEMBERSHIP_MEMBER_KIND, span_of(words[kind]));
	return add_record(normalizer, &normalizer->record, fault);
}

static int let_wait(struct normalizer *normalizer, struct span group_id, struct span member_id,
                    enum edge_side side, enum member_kind kind, struct fault *fault)
{
	struct waiting_edge edge = {group_id.len, member_id.len, side, kind};

	buf_put(&normalizer->edges, &edge, sizeof edge);
	buf_put_span(&normalizer->edges, group_id);
	buf_put_span(&normalizer->edges, member_id);
	return buf_check(&normalizer->edges, fault);
}

/* The members of one group can not be told whole. */
static int add_member_gap(struct normalizer *normalizer, struct span group_id, const char *why,
                          struct fault *fault)
{
	struct record *record = &normalizer->record;

	record_start(record, RECORD_GAP, buf_span(&normalizer->source));
	record_set(record, GAP_SCOPE, span_of("members"));
	record_set(record, GAP_ID, group_id);
	record_set(record, GAP_REASON, span_of(why));
	return add_record(normalizer, &normalizer->record, fault);
}

static int edge_from_group(void *context, struct span group_id, struct span member_id,
                           enum member_kind kind, struct fault *fault)
{
	if (!member_id.len)
		return add_member_gap(context, group_id, "it has a member without an id", fault);
	if (kind == MEMBER_UNKNOWN)
		return let_wait(context, group_id, member_id, FROM_GROUP, kind, fault);
	return add_membership(context, group_id, member_id, kind, fault);
}

static int edge_from_user(void *context, struct span group_id, struct span member_id,
                          enum member_kind kind, struct fault *fault)
{
	return let_wait(context, group_id, member_id, FROM_USER, kind, fault);
}

static int settle_edge(struct normalizer *normalizer, const struct waiting_edge *edge,
                       struct span group_id, struct span member_id, struct fault *fault)
{
	const struct set_entry *group = set_find(&normalizer->groups, group_id);
	bool is_user = set_find(&normalizer->users, member_id);
	bool is_group = set_find(&normalizer->groups, member_id);
	enum member_kind kind = edge->kind;

	if (edge->side == FROM_USER && group && group->value)
		return 0; /* the group shows its members: that side counts */
	if (kind == MEMBER_UNKNOWN && is_user != is_group)
		kind = is_group ? MEMBER_GROUP : MEMBER_USER;
	return add_membership(normalizer, group_id, member_id, kind, fault);
}

static int settle_edges(struct normalizer *normalizer, struct fault *fault)
{
	struct span rest = buf_span(&normalizer->edges);

	while (rest.len) {
		struct waiting_edge edge;
		const char *at = rest.data + sizeof edge;
		size_t size;

		memcpy(&edge, rest.data, sizeof edge);
		size = sizeof edge + edge.group_len + edge.member_len;
		if (settle_edge(normalizer, &edge, (struct span){at, edge.group_len},
		                (struct span){at + edge.group_len, edge.member_len}, fault) < 0)
			return -1;
		rest = (struct span){rest.data + size, rest.len - size};
	}
	return 0;
}

/* ---- a fetch section ---- */

static int remember(struct set *ids, struct span id, uint64_t value, struct fault *fault)
{
	bool fresh;
	struct set_entry *entry = set_take(ids, id, &fresh);

	if (!entry)
		return fault_memory(fault);
	entry->value = value;
	return 0;
}

static int read_user(struct normalizer *normalizer, yyjson_val *resource, yyjson_val *included,
                     struct fault *fault)
{
	const struct edge_sink sink = {edge_from_user, normalizer};
	struct record *record = &normalizer->record;
	struct span id;

	if (normalizer->mapping->user(record, resource, included, normalizer->provider, fault) < 0 ||
	    add_record(normalizer, &normalizer->record, fault) < 0)
		return -1;
	id = record->values[USER_ID].text;
	if (remember(&normalizer->users, id, 0, fault) < 0)
		return -1;
	return normalizer->mapping->groups(resource, id, &sink, fault);
}

static int read_group(struct normalizer *normalizer, yyjson_val *resource, struct fault *fault)
{
	const struct edge_sink sink = {edge_from_group, normalizer};
	struct record *record = &normalizer->record;
	struct span id;
	int shows;

	if (normalizer->mapping->group(record, resource, fault) < 0 ||
	    add_record(normalizer, &normalizer->record, fault) < 0)
		return -1;
	id = record->values[GROUP_ID].text;
	shows = normalizer->mapping->members(resource, id, &sink, fault);
	return shows < 0 ? -1 : remember(&normalizer->groups, id, (uint64_t)shows, fault);
}

static int read_gap(struct normalizer *normalizer, yyjson_val *root, struct fault *fault)
{
	if (record_parse(&normalizer->record, RECORD_GAP, root, fault) < 0)
		return -1;
	normalizer->users_missing |=
		span_is(normalizer->record.values[GAP_SCOPE].text, span_of("users"));
	return add_record(normalizer, &normalizer->record, fault);
}

/* The kind of member that a record says, unknown where it says none. */
static enum member_kind said_kind(const struct record *record)
{
	struct span word = record_text(record, MEMBERSHIP_MEMBER_KIND);

	return span_is(word, span_of("user"))    ? MEMBER_USER
	       : span_is(word, span_of("group")) ? MEMBER_GROUP
	                                         : MEMBER_UNKNOWN;
}

int normalize_take(struct normalizer *normalizer, struct fault *fault)
{
	const struct record *record = &normalizer->adopted.record;
	const struct value *values = record->values;

	if (record->kind == RECORD_MEMBERSHIP)
		return edge_from_group(normalizer, values[MEMBERSHIP_GROUP_ID].text,
		                       values[MEMBERSHIP_MEMBER_ID].text, said_kind(record), fault);
	if (add_record(normalizer, record, fault) < 0)
		return -1;
	if (record->kind == RECORD_USER)
		return remember(&normalizer->users, values[USER_ID].text, 0, fault);
	if (record->kind == RECORD_GROUP)
		return remember(&normalizer->groups, values[GROUP_ID].text, 1, fault);
	return 0;
}

static int read_resource(struct normalizer *normalizer, const struct stream_item *item,
                         struct fault *fault)
{
	yyjson_val *resource = yyjson_obj_get(item->root, "resource");
	struct span source = {"", 0};

	if (!json_text(yyjson_obj_get(item->root, "source"), &source) ||
	    !span_is(source, buf_span(&normalizer->source)))
		return fault_set(fault, FAULT_DATA, "a record of source '%s' in the section of '%s'",
		                 INERT(source), INERT(buf_span(&normalizer->source)));
	if (item->kind == RECORD_GAP)
		return read_gap(normalizer, item->root, fault);
	if (!yyjson_is_obj(resource) || item->kind == RECORD_MEMBERSHIP)
		return fault_set(fault, FAULT_DATA, "a %s without a resource",
		                 record_words[item->kind].kind);
	record_start(&normalizer->record, item->kind, source);
	return item->kind == RECORD_USER
	           ? read_user(normalizer, resource, yyjson_obj_get(item->root, "included"), fault)
	           : read_group(normalizer, resource, fault);
}

static void put_text_member(struct buf *line, const char *name, yyjson_val *object)
{
	struct span text = {"", 0};

	json_text(yyjson_obj_get(object, name), &text);
	json_put_member(line, name, text);
}

/* The parts of a source's entry in `begin` that do not need its end. `from` is a
   fetch section's begin line or an entry of a snapshot's. */
static struct snapshot_source *add_source(struct normalizer *normalizer, yyjson_val *from,
                                          struct fault *fault)
{
	struct snapshot_source *source;
	yyjson_val *not_covered = yyjson_obj_get(from, "not_covered");
	struct span name;

	if (!json_text(yyjson_obj_get(from, "source"), &name) || !name.len) {
		fault_set(fault, FAULT_DATA, "a section without a source");
		return NULL;
	}
	source = snapshot_add_source(&normalizer->snapshot, name, fault);
	if (!source)
		return NULL;
	buf_puts(&source->head, "{\"source\":");
	json_put_string(&source->head, name);
	put_text_member(&source->head, "provider", from);
	put_text_member(&source->head, "origin", from);
	if (yyjson_is_arr(not_covered))
		json_put_value(&source->not_covered, not_covered);
	else
		buf_puts(&source->not_covered, "[]");
	return source;
}

int normalize_open_section(struct normalizer *normalizer, struct span source, struct fault *fault)
{
	buf_clear(&normalizer->source);
	buf_put_span(&normalizer->source, source);
	set_clear(&normalizer->users);
	set_clear(&normalizer->groups);
	buf_clear(&normalizer->edges);
	normalizer->users_missing = false;
	return buf_check(&normalizer->source, fault);
}

static int begin_fetch(struct normalizer *normalizer, yyjson_val *begin, struct fault *fault)
{
	struct span schema = {"", 0}, provider = {"", 0}, name;

	if (!add_source(normalizer, begin, fault))
		return -1;
	json_text(yyjson_obj_get(begin, "schema"), &schema);
	json_text(yyjson_obj_get(begin, "provider"), &provider);
	json_text(yyjson_obj_get(begin, "source"), &name);
	normalizer->mapping = mapping_find(schema);
	normalizer->provider = provider_find(provider);
	if (!normalizer->mapping)
		return fault_set(fault, FAULT_DATA, "schema '%s' is not known here", INERT(schema));
	return normalize_open_section(normalizer, name, fault);
}

/* Users could not be read: groups that leave it to them to show memberships have
   members that nobody has seen. */
static int miss_memberships(struct normalizer *normalizer, struct fault *fault)
{
	const struct set *groups = &normalizer->groups;

	for (size_t i = 0; i < groups->cap; i++) {
		const struct set_entry *group = &groups->slots[i];

		if (group->hash && !group->value &&
		    add_member_gap(normalizer, set_key(groups, group),
		                   "it does not show them, and users could not be read", fault) < 0)
			return -1;
	}
	return 0;
}

int normalize_close_section(struct normalizer *normalizer, struct fault *fault)
{
	if (normalizer->users_missing && miss_memberships(normalizer, fault) < 0)
		return -1;
	return settle_edges(normalizer, fault);
}

static int end_fetch(struct normalizer *normalizer, yyjson_val *end, struct fault *fault)
{
	struct snapshot_source *source =
		snapshot_find_source(&normalizer->snapshot, buf_span(&normalizer->source));
	struct span finished;

	if (!json_text(yyjson_obj_get(end, "finished_at"), &finished))
		return fault_set(fault, FAULT_DATA, "an end line without finished_at");
	json_put_member(&source->head, "fetched_at", finished);
	return normalize_close_section(normalizer, fault);
}

/* ---- a snapshot section ---- */

static int begin_snapshot(struct normalizer *normalizer, yyjson_val *begin, struct fault *fault)
{
	yyjson_val *sources = yyjson_obj_get(begin, "sources"), *entry;
	size_t i, max;

	yyjson_arr_foreach(sources, i, max, entry) {
		struct snapshot_source *source = add_source(normalizer, entry, fault);

		if (!source)
			return -1;
		put_text_member(&source->head, "fetched_at", entry);
	}
	buf_clear(&normalizer->last);
	sorter_cut(normalizer->snapshot.lines, 0);
	return 0;
}

/* A record of a snapshot is canonical already, or the snapshot is not ours. */
static int read_canonical(struct normalizer *normalizer, const struct stream_item *item,
                          struct fault *fault)
{
	struct record *record = &normalizer->record;
	struct span line;

	if (record_parse(record, item->kind, item->root, fault) < 0)
		return -1;
	if (!snapshot_find_source(&normalizer->snapshot, record->values[0].text))
		return fault_set(fault, FAULT_DATA, "a record of source '%s', which begin does not name",
		                 INERT(record->values[0].text));
	buf_clear(&normalizer->line);
	record_put(&normalizer->line, record);
	if (buf_check(&normalizer->line, fault) < 0)
		return -1;
	line = buf_span(&normalizer->line);
	if (!span_is((struct span){line.data, line.len - 1}, item->line))
		return fault_set(fault, FAULT_DATA, "not in canonical form");
	if (span_compare(buf_span(&normalizer->last), line) >= 0)
		return fault_set(fault, FAULT_DATA, "out of order");
	buf_clear(&normalizer->last);
	buf_put_span(&normalizer->last, line);
	return sorter_add(normalizer->snapshot.lines, line, fault);
}

/* ---- both ---- */

static int read_item(struct normalizer *normalizer, const struct stream_reader *reader,
                     const struct stream_item *item, struct fault *fault)
{
	bool fetched = reader->stage == STAGE_FETCH;

	switch (item->type) {
	case ITEM_BEGIN: return (fetched ? begin_fetch : begin_snapshot)(normalizer, item->root, fault);
	case ITEM_RECORD: return (fetched ? read_resource : read_canonical)(normalizer, item, fault);
	case ITEM_END:
	default: return fetched ? end_fetch(normalizer, item->root, fault) : 0;
	}
}

int normalize_read(struct normalizer *normalizer, const char *path, struct fault *fault)
{
	struct stream_reader reader;
	struct stream_item item;
	int more;

	if (stream_open(&reader, path, STAGE_FETCH | STAGE_SNAPSHOT, true, fault) < 0)
		return -1;
	while ((more = stream_next(&reader, &item, fault)) > 0)
		if (read_item(normalizer, &reader, &item, fault) < 0) {
			more = fault->kind == FAULT_DATA ? lines_fault(&reader.lines, fault) : -1;
			break;
		}
	stream_close(&reader);
	return more;
}

/* SPDX-License-Identifier: ISC */
/*
 * access: memberships are sorted by their member, and meet the users, who come in the
 * same order.
 */
#include "access/access.h"

#include "base/array.h"

#include <stdlib.h>

/* ---- memberships ---- */

/* The place of the group of a membership. Those of one group stand together. */
static int access_take_group(struct access *access, struct span line, struct fault *fault)
{
	int64_t place;

	if (access->group_part.len && span_begins(line, buf_span(&access->group_part)))
		return 0;
	buf_clear(&access->group_part);
	buf_put_span(&access->group_part, record_line_group_part(line));
	buf_clear(&access->key);
	record_put_end_key(&access->key, line, MEMBERSHIP_GROUP_ID, RECORD_GROUP);
	if (buf_check(&access->group_part, fault) < 0 || buf_check(&access->key, fault) < 0 ||
	    (place = nesting_take(&access->nesting, buf_span(&access->key), fault)) < 0)
		return -1;
	access->group_place = (uint32_t)place;
	return 0;
}

/* A line of the sorter is a member's key without what all keys begin with, and the place of a
   group: so many letters, which sort as it does. */
enum { PLACE_LETTERS = 6, PLACE_BITS = 6, PLACE_ZERO = '0' };

static void access_put_place(struct buf *line, uint32_t place)
{
	char letters[PLACE_LETTERS + 1];

	for (size_t i = PLACE_LETTERS; i--; place >>= PLACE_BITS)
		letters[i] = (char)(PLACE_ZERO + (place & ((1U << PLACE_BITS) - 1)));
	letters[PLACE_LETTERS] = '\n';
	buf_put(line, letters, sizeof letters);
}

static int access_take_membership(struct access *access, struct fault *fault)
{
	struct span line = access->reader.line, member = access->reader.key, waiting;
	bool is_group = record_line_member_kind(line) == MEMBER_GROUP;
	int64_t inner;

	if (access_take_group(access, line, fault) < 0 ||
	    (access->each_membership && access->each_membership(access->context, fault) < 0))
		return -1;
	member.data += access->group_part.len;
	member.len -= access->group_part.len;
	buf_clear(&access->key);
	record_put_key(&access->key, is_group ? RECORD_GROUP : RECORD_USER, access->reader.source,
	               member);
	if (!is_group) {
		if (access->wants && !access->wants(access->context, buf_span(&access->key)))
			return 0;
		access_put_place(&access->key, access->group_place);
		if (buf_check(&access->key, fault) < 0)
			return -1;
		waiting = record_key_rest(buf_span(&access->key));
		return sorter_add(access->members, waiting, fault);
	}
	if (buf_check(&access->key, fault) < 0 ||
	    (inner = nesting_take(&access->nesting, buf_span(&access->key), fault)) < 0)
		return -1;
	return nesting_add(&access->nesting, (uint32_t)inner, access->group_place, fault);
}

/* Takes the next line of the sorter apart: the rest of the member's key, and the place of a
   group. 1, 0 or -1. */
static int access_next_member(struct access *access, struct span *rest, uint32_t *place,
                              struct fault *fault)
{
	struct span line;
	int more = sorter_next(access->members, &line, fault);

	if (more <= 0)
		return more;
	*rest = (struct span){line.data, line.len - PLACE_LETTERS - 1};
	*place = 0;
	for (size_t i = 0; i < PLACE_LETTERS; i++)
		*place = *place << PLACE_BITS | (uint32_t)(line.data[rest->len + i] - PLACE_ZERO);
	return 1;
}

/* ---- subjects ---- */

static int access_add_direct(struct access *access, uint32_t place, struct fault *fault)
{
	uint32_t *direct = array_grow(access->direct, access->direct_count, &access->direct_cap,
	                              sizeof *direct, fault);

	if (!direct)
		return -1;
	access->direct = direct;
	direct[access->direct_count++] = place;
	return 0;
}

static int access_hand_over(struct access *access, struct access_subject *subject,
                            struct fault *fault)
{
	subject->reached =
		nesting_reach(&access->nesting, access->direct, access->direct_count, &subject->count);
	return access->each_subject(access->context, subject, fault);
}

/* The membership that waits while the users pass. */
struct waiting {
	struct span rest; /* of the member's key */
	uint32_t place;
	int more; /* 1, 0, -1: as access_next_member */
};

static void access_advance(struct access *access, struct waiting *waiting, struct fault *fault)
{
	waiting->more = access_next_member(access, &waiting->rest, &waiting->place, fault);
}

/* All groups of the member that waits. */
static int access_gather(struct access *access, struct waiting *waiting, struct fault *fault)
{
	struct buf *key = &access->line;
	struct span rest;
	int result = 0;

	buf_clear(key);
	record_put_key_rest(key, RECORD_USER, waiting->rest);
	access->direct_count = 0;
	if (buf_check(key, fault) < 0)
		return -1;
	rest = record_key_rest(buf_span(key));
	while (result == 0 && waiting->more > 0 && span_is(waiting->rest, rest)) {
		result = access_add_direct(access, waiting->place, fault);
		access_advance(access, waiting, fault);
	}
	return result < 0 || waiting->more < 0 ? -1 : 0;
}

/* Members before one that no list shows, by the rest of its key; all that are left where it
   is empty. */
static int access_pass_unlisted(struct access *access, struct waiting *waiting, struct span rest,
                                struct fault *fault)
{
	while (waiting->more > 0 && (!rest.len || span_compare(waiting->rest, rest) < 0)) {
		struct access_subject subject = {0};

		if (access_gather(access, waiting, fault) < 0)
			return -1;
		subject.key = buf_span(&access->line);
		if (access_hand_over(access, &subject, fault) < 0)
			return -1;
	}
	return waiting->more < 0 ? -1 : 0;
}

static int access_take_user(struct access *access, struct waiting *waiting, struct fault *fault)
{
	struct access_subject subject = {.key = access->reader.key, .record = &access->record};
	struct span rest = record_key_rest(subject.key);

	if (access->wants && !access->wants(access->context, subject.key))
		return 0;
	if (access_pass_unlisted(access, waiting, rest, fault) < 0)
		return -1;
	access->direct_count = 0;
	if (waiting->more > 0 && span_is(waiting->rest, rest) &&
	    access_gather(access, waiting, fault) < 0)
		return -1;
	if (snapshot_reader_parse(&access->reader, &access->record, fault) < 0)
		return -1;
	return access_hand_over(access, &subject, fault);
}

/* Groups that are members and in no list. */
static int access_pass_unlisted_groups(struct access *access, struct fault *fault)
{
	struct nesting *nesting = &access->nesting;

	for (size_t group = 0; group < nesting->count; group++) {
		struct access_subject subject = {.key = nesting->groups[group].key, .is_group = true};
		size_t first = nesting->first[group], end = nesting->first[group + 1];

		if (nesting->groups[group].is_listed || first == end)
			continue;
		access->direct_count = 0;
		for (size_t i = first; i < end; i++)
			if (access_add_direct(access, nesting->arrows[i].outer, fault) < 0)
				return -1;
		if (access_hand_over(access, &subject, fault) < 0)
			return -1;
	}
	return 0;
}

/* ---- a snapshot ---- */

static int access_take_listed(struct access *access, struct fault *fault)
{
	enum record_kind kind = access->reader.kind;
	int64_t place;

	if (snapshot_reader_parse(&access->reader, &access->record, fault) < 0)
		return -1;
	if (kind == RECORD_GAP)
		return access->each_gap(access->context, &access->record, fault);
	place = nesting_take(&access->nesting, access->reader.key, fault);
	if (place < 0 || nesting_list(&access->nesting, (uint32_t)place,
	                              record_text(&access->record, GROUP_NAME), fault) < 0)
		return -1;
	return access->each_group(access->context, &access->record, fault);
}

/* After the last group and membership: they can be asked for. */
static int access_close_groups(struct access *access, struct waiting *waiting, struct fault *fault)
{
	if (nesting_close(&access->nesting, fault) < 0 ||
	    (access->each_nesting && access->each_nesting(access->context, fault) < 0) ||
	    sorter_sort(access->members, fault) < 0)
		return -1;
	access_advance(access, waiting, fault);
	return waiting->more < 0 ? -1 : 0;
}

static int access_read_records(struct access *access, struct fault *fault)
{
	struct waiting waiting = {0};
	bool closed = false;
	int more, result = 0;

	while (result == 0 && (more = snapshot_reader_next(&access->reader, fault)) != 0) {
		if (more < 0)
			return -1;
		if (access->reader.kind == RECORD_USER && !closed) {
			closed = true;
			result = access_close_groups(access, &waiting, fault);
		}
		if (result < 0)
			return -1;
		switch (access->reader.kind) {
		case RECORD_USER: result = access_take_user(access, &waiting, fault); break;
		case RECORD_MEMBERSHIP: result = access_take_membership(access, fault); break;
		default: result = access_take_listed(access, fault);
		}
		if (access->may_want && !access->each_membership)
			snapshot_reader_skim(&access->reader, access->may_want, access->context);
	}
	if (result == 0 && !closed)
		result = access_close_groups(access, &waiting, fault);
	if (result == 0)
		result = access_pass_unlisted(access, &waiting, span_of(""), fault);
	return result < 0 ? -1 : access_pass_unlisted_groups(access, fault);
}

/* Everything is empty, for another snapshot. */
static int access_start(struct access *access, struct fault *fault)
{
	nesting_release(&access->nesting);
	buf_clear(&access->group_part);
	if (!access->members)
		access->members = sorter_open(access->memory, fault);
	if (!access->members)
		return -1;
	sorter_clear(access->members);
	return 0;
}

/* The snapshot is open, or could not be opened (-1). */
static int access_read_opened(struct access *access, int result, struct fault *fault)
{
	digest_run_apart(&access->reader.stream.digest);
	if (result == 0)
		result = access_read_records(access, fault);
	if (result == 0)
		result = access->each_end(access->context, fault);
	snapshot_reader_close(&access->reader);
	return result;
}

int access_read(struct access *access, const char *path, struct fault *fault)
{
	return access_start(access, fault) < 0
	           ? -1
	           : access_read_opened(access, snapshot_reader_open(&access->reader, path, fault),
	                                fault);
}

int access_reread(struct access *access, const struct reread *input, struct fault *fault)
{
	if (access_start(access, fault) < 0 || reread_start(input, fault) < 0)
		return -1;
	return access_read_opened(
		access, snapshot_reader_open_fd(&access->reader, input->fd, input->name, fault), fault);
}

void access_release(struct access *access)
{
	nesting_release(&access->nesting);
	sorter_close(access->members);
	record_release(&access->record);
	buf_release(&access->line);
	buf_release(&access->key);
	buf_release(&access->group_part);
	free(access->direct);
	*access = (struct access){0};
}

/* ---- in words ---- */

void access_put_id(struct buf *to, struct span key)
{
	struct span id = record_key_id(key), text;
	struct fault fault;
	yyjson_doc *doc;

	if (id.len >= 2 && !memchr(id.data, '\\', id.len)) { /* its quotes are all there is to it */
		buf_put(to, id.data + 1, id.len - 2);
		return;
	}
	doc = json_parse(id, NULL, &fault);
	if (json_text(yyjson_doc_get_root(doc), &text))
		buf_put_span(to, text);
	yyjson_doc_free(doc);
}

void access_put_group(struct buf *to, const struct nesting *nesting, uint32_t place)
{
	const struct nested_group *group = &nesting->groups[place];

	if (group->name.len)
		buf_put_span(to, group->name);
	else
		access_put_id(to, group->key);
}

void access_put_path(struct buf *to, const struct nesting *nesting, const struct reached *reached,
                     size_t at)
{
	size_t level = reached[at].level, step = at;

	for (size_t i = 0; i <= level; i++) {
		step = at;
		for (size_t back = i; back < level; back++)
			step = reached[step].from;
		if (i)
			buf_puts(to, " < ");
		access_put_group(to, nesting, reached[step].group);
	}
}

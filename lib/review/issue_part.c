/* SPDX-License-Identifier: ISC */
/*
 * issue_part: parts are made as rows ask for them, which they do in one order.
 */
#include "review/issue_part.h"

#include "base/array.h"
#include "base/ceiling.h"
#include "base/inert.h"
#include "review/file_name.h"
#include "sys/file_text.h"

#include <stdlib.h>

static const char *const split_words[] =
	{[SPLIT_GROUP] = "group", [SPLIT_SOURCE] = "source", [SPLIT_MANAGER] = "manager"};

/* ---- who reviews what ---- */

static struct span part_trim(struct span text)
{
	while (text.len && (*text.data == ' ' || *text.data == '"')) {
		text.data++;
		text.len--;
	}
	while (text.len && strchr(" \"\r", text.data[text.len - 1]))
		text.len--;
	return text;
}

static int part_take_wanted(struct issue_parts *parts, struct span part, struct span what,
                            size_t line, struct fault *fault)
{
	struct issue_wanted *wanted =
		array_grow(parts->wanted, parts->wanted_count, &parts->wanted_cap, sizeof *wanted, fault);
	struct set_entry *entry;
	bool fresh;

	if (!wanted)
		return -1;
	parts->wanted = wanted;
	wanted[parts->wanted_count] =
		(struct issue_wanted){.part = arena_copy(&parts->texts, part), .line = line};
	entry = set_take(&parts->asked, what, &fresh);
	if (!wanted[parts->wanted_count].part.data || !entry)
		return fault_memory(fault);
	parts->wanted_count++;
	if (fresh)
		entry->value = parts->wanted_count;
	return 0;
}

static int part_read_line(struct issue_parts *parts, struct span line, size_t number,
                          struct fault *fault)
{
	const char *between;
	struct span part, what;

	if (!part_trim(line).len || *line.data == '#')
		return 0;
	between = memchr(line.data, '\t', line.len);
	if (!between)
		between = memchr(line.data, ',', line.len);
	if (!between)
		return fault_set(fault, FAULT_DATA,
		                 "line %zu: a sheet and what goes there, with a comma or a tab between "
		                 "them, are needed",
		                 number);
	part = part_trim((struct span){line.data, (size_t)(between - line.data)});
	what = part_trim((struct span){between + 1, (size_t)(line.data + line.len - between - 1)});
	if (!part.len || !what.len)
		return fault_set(fault, FAULT_DATA, "line %zu: one of the two columns is empty", number);
	return part_take_wanted(parts, part, what, number, fault);
}

static int part_read_file(struct issue_parts *parts, const char *path, struct fault *fault)
{
	struct buf text = {0};
	int result = file_text_read(path, SPLIT_MAX_BYTES, &text, fault);
	struct span rest = buf_span(&text);

	for (size_t number = 1; result == 0 && rest.len; number++) {
		const char *end = memchr(rest.data, '\n', rest.len);
		size_t len = end ? (size_t)(end - rest.data) : rest.len;

		result = part_read_line(parts, (struct span){rest.data, len}, number, fault);
		if (result < 0 && fault->kind == FAULT_DATA)
			fault_prefix(fault, "%s: ", INERT(span_of(path)));
		rest.data += len + (end != NULL);
		rest.len -= len + (end != NULL);
	}
	buf_release(&text);
	return result;
}

int issue_parts_open(struct issue_parts *parts, const char *split, struct fault *fault)
{
	if (!split)
		return 0;
	for (int i = SPLIT_GROUP; i <= SPLIT_MANAGER; i++)
		if (strcmp(split, split_words[i]) == 0) {
			parts->split = (enum issue_split)i;
			return 0;
		}
	parts->split = SPLIT_FILE;
	return part_read_file(parts, split, fault);
}

void issue_parts_release(struct issue_parts *parts)
{
	free(parts->parts);
	free(parts->wanted);
	set_release(&parts->names);
	set_release(&parts->files);
	set_release(&parts->asked);
	arena_release(&parts->texts);
	buf_release(&parts->name);
	buf_release(&parts->text);
	*parts = (struct issue_parts){0};
}

/* ---- parts ---- */

/* The file of a part that is new, in parts->text. Its name ends at a NUL, if it has one. */
static int part_name_file(struct issue_parts *parts, struct span part, struct fault *fault)
{
	const char *end = memchr(part.data, '\0', part.len);
	struct set_entry *entry;

	part.len = end ? (size_t)(end - part.data) : part.len;
	entry = file_name_take(&parts->files, part, &parts->text, fault);
	if (!entry)
		return -1;
	entry->value = parts->count + 1;
	return 0;
}

/* The part of this name; NULL with a fault. */
static struct issue_part *part_take(struct issue_parts *parts, struct span name,
                                    struct fault *fault)
{
	struct issue_part *grown;
	struct set_entry *entry;
	bool fresh;

	entry = set_take(&parts->names, name, &fresh);
	if (!entry) {
		fault_memory(fault);
		return NULL;
	}
	if (!fresh)
		return &parts->parts[entry->value - 1];
	if (parts->count == SHEETS_MAX) {
		fault_set(fault, FAULT_DATA,
		          "more than %d sheets: split by something else, or by a file that says who "
		          "reviews what",
		          SHEETS_MAX);
		return NULL;
	}
	grown = array_grow(parts->parts, parts->count, &parts->cap, sizeof *grown, fault);
	if (!grown || part_name_file(parts, name, fault) < 0)
		return NULL;
	parts->parts = grown;
	buf_putc(&parts->text, '\0');
	grown[parts->count] = (struct issue_part){
		.file = arena_copy(&parts->texts, buf_span(&parts->text)).data,
	};
	if (!grown[parts->count].file) {
		fault_memory(fault);
		return NULL;
	}
	entry->value = ++parts->count;
	return &parts->parts[parts->count - 1];
}

/* ---- the part of a row ---- */

struct span issue_manager(const struct record *user)
{
	struct span name = user ? record_text(user, USER_MANAGER_NAME) : (struct span)SPAN_EMPTY;

	return user && !name.len ? record_text(user, USER_MANAGER) : name;
}

/* The place of the line of a file that asks for `prefix` and `text`, if it is an earlier one. */
static void part_look_for(struct issue_parts *parts, const char *prefix, struct span text,
                          uint64_t *best)
{
	const struct set_entry *entry;

	if (!text.len)
		return;
	buf_clear(&parts->text);
	buf_puts(&parts->text, prefix);
	buf_put_span(&parts->text, text);
	entry = set_find(&parts->asked, buf_span(&parts->text));
	if (entry && (!*best || entry->value < *best))
		*best = entry->value;
}

struct issue_part *issue_parts_take(struct issue_parts *parts, const struct review_row *row,
                                    struct fault *fault)
{
	bool is_membership = row->what == REVIEW_MEMBERSHIP;
	struct span manager = issue_manager(row->user), group;
	uint64_t best = 0;

	buf_clear(&parts->name);
	group = row->access.len ? row->access : row->access_id;
	switch (parts->split) {
	case SPLIT_NONE: buf_puts(&parts->name, "review"); break;
	case SPLIT_SOURCE: buf_put_span(&parts->name, row->source); break;
	case SPLIT_GROUP:
		if (!is_membership)
			buf_puts(&parts->name, "no group");
		else
			buf_put_span(&parts->name, group);
		break;
	case SPLIT_MANAGER:
		if (!manager.len)
			buf_puts(&parts->name, "no manager");
		else
			buf_put_span(&parts->name, manager);
		break;
	case SPLIT_FILE:
		if (is_membership) {
			part_look_for(parts, "", row->access, &best);
			part_look_for(parts, "", row->access_id, &best);
		}
		part_look_for(parts, "source:", row->source, &best);
		part_look_for(parts, "manager:", manager, &best);
		if (best)
			buf_put_span(&parts->name, parts->wanted[best - 1].part);
		else
			buf_puts(&parts->name, "rest");
	}
	/* a group, or a source, that is called as what has none is one of its own */
	buf_putc(&parts->name, '\0');
	buf_putc(&parts->name, (parts->split == SPLIT_GROUP && is_membership) ||
	                               (parts->split == SPLIT_MANAGER && manager.len)
	                           ? 'x'
	                           : '-');
	if (parts->split == SPLIT_GROUP && is_membership) { /* two groups of one name are two */
		buf_put_span(&parts->name, row->source);
		buf_putc(&parts->name, '\0');
		buf_put_span(&parts->name, row->access_id);
	}
	return buf_check(&parts->name, fault) < 0 ? NULL
	                                          : part_take(parts, buf_span(&parts->name), fault);
}

int issue_parts_need_one(struct issue_parts *parts, struct fault *fault)
{
	static const struct span name = SPAN("review\0-");

	return parts->count || part_take(parts, name, fault) ? 0 : -1;
}

struct issue_part *issue_parts_find(struct issue_parts *parts, struct span file)
{
	const struct set_entry *entry;

	buf_clear(&parts->text);
	for (size_t i = 0; i < file.len; i++)
		buf_putc(&parts->text, ascii_lower(file.data[i]));
	entry = set_find(&parts->files, buf_span(&parts->text));
	return entry ? &parts->parts[entry->value - 1] : NULL;
}

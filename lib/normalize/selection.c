/* SPDX-License-Identifier: ISC */
/*
 * selection: one pass over the sorted lines asks about each of them. Then the
 * memberships that are kept meet, one end after the other, what is not; they wait for
 * that in joins, so nothing in memory grows with a directory.
 */
#include "normalize/selection.h"

#include "base/inert.h"

#include <stdlib.h>

/* The ends of a membership, in the order they are looked at. A member whose kind is
   not known may be a user or a group. */
static const struct end {
	enum membership_field field;
	enum record_kind kind;
	enum member_kind unless; /* the member is of this kind: it has no such end */
} ends[] = {
	{MEMBERSHIP_GROUP_ID, RECORD_GROUP, MEMBER_UNKNOWN},
	{MEMBERSHIP_MEMBER_ID, RECORD_USER, MEMBER_GROUP},
	{MEMBERSHIP_MEMBER_ID, RECORD_GROUP, MEMBER_USER},
};
enum { ENDS = sizeof ends / sizeof *ends };

enum { MEMBERSHIP = 'm' }; /* what waits */

int selection_init(struct selection *selection, const char *expression, struct fault *fault)
{
	selection->expression = expression;
	if (filter_init(&selection->filter, "--select", span_of(expression), fault) < 0 ||
	    filter_ask_truth(&selection->filter, span_of(expression), fault) < 0)
		return fault_prefix(fault, "--select: ");
	return 0;
}

void selection_release(struct selection *selection)
{
	filter_release(&selection->filter);
	sorter_close(selection->kept);
	for (size_t end = 0; end < ENDS; end++)
		join_release(&selection->ends[end]);
	json_reader_release(&selection->json);
	buf_release(&selection->line);
	buf_release(&selection->key);
	free(selection->leaves);
	*selection = (struct selection){0};
}

/* Does the expression hold? 1, 0 or -1. */
static int selection_keeps(struct selection *selection, struct span line, struct fault *fault)
{
	struct span text = {line.data, line.len - 1};
	yyjson_val *root = json_read(&selection->json, text, fault);
	int holds = -1;

	if (root && filter_start(&selection->filter, root, INERT(text), fault) == 0)
		holds = filter_holds(&selection->filter, fault);
	return holds < 0 ? fault_hint(fault, " (%s)", INERT(text)) : holds;
}

/* Lets a membership wait at its end `end`, or at the next that it has; one that has
   none any more is kept. */
static int let_membership_wait(struct selection *selection, size_t end, struct span line,
                               struct fault *fault)
{
	enum member_kind kind = record_line_member_kind(line);

	while (end < ENDS && kind != MEMBER_UNKNOWN && ends[end].unless == kind)
		end++;
	if (end >= ENDS)
		return sorter_add(selection->kept, line, fault);
	buf_clear(&selection->key);
	record_put_end_key(&selection->key, line, ends[end].field, ends[end].kind);
	if (buf_check(&selection->key, fault) < 0)
		return -1;
	line.len--; /* without its LF */
	return join_add_waiting(&selection->ends[end], 0, &selection->line, buf_span(&selection->key),
	                        MEMBERSHIP, line, fault);
}

/* Memberships that have it for one of their ends will meet it there. */
static int leave_out_record(struct selection *selection, enum record_kind kind, struct span line,
                            struct fault *fault)
{
	for (size_t end = 0; end < ENDS; end++)
		if (ends[end].kind == kind &&
		    join_add_fact(&selection->ends[end], 0, &selection->line, record_line_key(kind, line),
		                  span_of(""), fault) < 0)
			return -1;
	return 0;
}

/* The place of a line's source among those of the snapshot. */
static size_t place_of_source(const struct snapshot *snapshot, struct span line)
{
	struct span source = record_line_source(line);
	size_t i = 0;

	while (i + 1 < snapshot->source_count &&
	       !span_is(source, buf_span(&snapshot->sources[i].name_json)))
		i++;
	return i;
}

/* Gaps wait until it is known which sources stay. */
static int sift_line(struct selection *selection, const struct snapshot *snapshot, struct span line,
                     struct fault *fault)
{
	enum record_kind kind = record_line_kind(line);
	int kept = kind == RECORD_GAP ? 0 : selection_keeps(selection, line, fault);

	if (kind == RECORD_GAP)
		return 0;
	selection->asked++;
	if (kept <= 0)
		return kept < 0 ? -1 : leave_out_record(selection, kind, line, fault);
	selection->keeps++;
	selection->leaves[place_of_source(snapshot, line)] = false;
	return kind == RECORD_MEMBERSHIP ? let_membership_wait(selection, 0, line, fault)
	                                 : sorter_add(selection->kept, line, fault);
}

/* What has waited at one end; `fact`: that is left out. */
struct arrival {
	struct selection *selection;
	size_t end;
	struct buf line;
};

static int membership_arrives(void *context, const struct joined *joined, struct fault *fault)
{
	struct arrival *arrival = context;

	if (joined->what != MEMBERSHIP || joined->fact.data)
		return 0;
	buf_clear(&arrival->line);
	buf_put_span(&arrival->line, joined->waiting);
	buf_putc(&arrival->line, '\n');
	if (buf_check(&arrival->line, fault) < 0)
		return -1;
	return let_membership_wait(arrival->selection, arrival->end + 1, buf_span(&arrival->line),
	                           fault);
}

/* Memberships go from end to end, as long as none is left out. */
static int meet_ends(struct selection *selection, struct fault *fault)
{
	struct arrival arrival = {.selection = selection};
	int result = 0;

	for (; result == 0 && arrival.end < ENDS; arrival.end++)
		result = join_each(&selection->ends[arrival.end], membership_arrives, &arrival, fault);
	buf_release(&arrival.line);
	return result;
}

/* ---- sources ---- */

/* Is the whole expression `.source == "NAME"`? Then that source is kept as it is. */
static struct snapshot_source *find_whole_source(const struct selection *selection,
                                                 const struct snapshot *snapshot)
{
	static const struct span pieces[] = {SPAN(".source"), SPAN("==")};
	struct span rest = span_of(selection->expression), name;
	struct snapshot_source *source = NULL;
	struct fault ignored = {0};
	yyjson_doc *doc;

	for (size_t i = 0; i <= sizeof pieces / sizeof *pieces; i++) {
		while (rest.len && (*rest.data == ' ' || *rest.data == '\t' || *rest.data == '\n'))
			rest = (struct span){rest.data + 1, rest.len - 1};
		if (i == sizeof pieces / sizeof *pieces)
			break;
		if (!span_begins(rest, pieces[i]))
			return NULL;
		rest = (struct span){rest.data + pieces[i].len, rest.len - pieces[i].len};
	}
	doc = json_parse(rest, NULL, &ignored);
	if (yyjson_is_str(yyjson_doc_get_root(doc)) && json_text(yyjson_doc_get_root(doc), &name))
		source = snapshot_find_source(snapshot, name);
	yyjson_doc_free(doc);
	return source;
}

/* Would a record that is kept be, were it of another source? An expression that fails then
   says nothing about the name. 1, 0 or -1. */
static int keeps_of_source(struct selection *selection, struct span line, struct span source,
                           struct fault *fault)
{
	struct span own = record_line_source(line);
	struct fault failed = {0};
	int holds;

	buf_clear(&selection->key);
	buf_put_span(&selection->key, (struct span){line.data, (size_t)(own.data - line.data)});
	buf_put_span(&selection->key, source);
	buf_put_span(
		&selection->key,
		(struct span){own.data + own.len, line.len - (size_t)(own.data - line.data) - own.len});
	if (buf_check(&selection->key, fault) < 0)
		return -1;
	holds = selection_keeps(selection, buf_span(&selection->key), &failed);
	if (holds < 0 && failed.kind == FAULT_INTERNAL)
		*fault = failed;
	return holds < 0 ? (failed.kind == FAULT_INTERNAL ? -1 : 1) : holds;
}

/* Of the sources of which nothing is kept, those stay for which what is kept would be, too. */
static int judge_left_sources(struct selection *selection, const struct snapshot *snapshot,
                              struct fault *fault)
{
	size_t left = 0;
	struct span line;
	int more;

	for (size_t i = 0; i < snapshot->source_count; i++)
		left += selection->leaves[i];
	if (!left)
		return 0;
	more = sorter_sort(selection->kept, fault);
	while (more >= 0 && left && (more = sorter_next(selection->kept, &line, fault)) > 0)
		for (size_t i = 0; i < snapshot->source_count && more > 0; i++) {
			int holds = selection->leaves[i]
			                ? keeps_of_source(selection, line,
			                                  buf_span(&snapshot->sources[i].name_json), fault)
			                : 0;

			if (holds < 0)
				more = -1;
			left -= holds > 0;
			selection->leaves[i] = selection->leaves[i] && holds <= 0;
		}
	return more < 0 ? -1 : 0;
}

/* Gaps, which stand first, stay with their sources. */
static int keep_gaps(struct selection *selection, struct snapshot *snapshot, struct sorter *all,
                     struct fault *fault)
{
	struct span line;
	int more = sorter_sort(all, fault);

	while (more >= 0 && (more = sorter_next(all, &line, fault)) > 0 &&
	       record_line_kind(line) == RECORD_GAP)
		if (!selection->leaves[place_of_source(snapshot, line)])
			more = sorter_add(selection->kept, line, fault);
	return more < 0 ? -1 : 0;
}

/* What becomes of the sources when it is known which records are kept. */
static int leave_out_sources(struct selection *selection, struct snapshot *snapshot,
                             struct fault *fault)
{
	const struct snapshot_source *whole = find_whole_source(selection, snapshot);

	snapshot->select = span_of(whole ? "" : selection->expression);
	for (size_t i = 0; i < snapshot->source_count; i++)
		if (whole || !selection->keeps)
			selection->leaves[i] = whole && &snapshot->sources[i] != whole;
	if ((!whole && selection->keeps && judge_left_sources(selection, snapshot, fault) < 0) ||
	    keep_gaps(selection, snapshot, snapshot->lines, fault) < 0)
		return -1;
	for (size_t i = snapshot->source_count; i-- > 0;)
		if (selection->leaves[i])
			snapshot_remove_source(snapshot, i);
	return 0;
}

static int selection_open_sorters(struct selection *selection, struct budget *budget,
                                  struct fault *fault)
{
	for (size_t end = 0; end < ENDS; end++)
		if (join_open(&selection->ends[end], sorter_share(budget, 1, fault)) < 0)
			return -1;
	selection->kept = sorter_share(budget, 1, fault);
	return selection->kept ? 0 : -1;
}

int selection_apply(struct selection *selection, struct snapshot *snapshot, struct budget *budget,
                    struct fault *fault)
{
	struct sorter *all = snapshot->lines;
	struct span line;
	int more;

	selection->leaves = malloc(snapshot->source_count * sizeof *selection->leaves + 1);
	if (!selection->leaves)
		return fault_memory(fault);
	for (size_t i = 0; i < snapshot->source_count; i++)
		selection->leaves[i] = true;
	/* before any of two that contradict each other is gone */
	if (selection_open_sorters(selection, budget, fault) < 0 ||
	    snapshot_check(snapshot, fault) < 0 || sorter_sort(all, fault) < 0)
		return -1;
	while ((more = sorter_next(all, &line, fault)) > 0)
		if (sift_line(selection, snapshot, line, fault) < 0)
			return -1;
	if (more == 0 && selection->asked && !selection->keeps && !selection->allow_empty)
		return fault_set(fault, FAULT_DATA,
		                 "--select keeps not one of %zu records: is a member or a value misspelt? "
		                 "(--allow-empty, if nothing shall be kept)",
		                 selection->asked);
	if (more < 0 || meet_ends(selection, fault) < 0 ||
	    leave_out_sources(selection, snapshot, fault) < 0)
		return -1;
	snapshot->lines = selection->kept;
	selection->kept = all; /* to be closed */
	return 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * selection: one pass over the sorted lines asks about each of them. Then the
 * memberships that are kept meet, one end after the other, what is not; they wait for
 * that in joins, so nothing in memory grows with a directory.
 */
#include "normalize/selection.h"

#include "base/inert.h"

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
	if (filter_init(&selection->filter, "--select", span_of(expression), fault) < 0)
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

static int sift_line(struct selection *selection, struct span line, struct fault *fault)
{
	enum record_kind kind = record_line_kind(line);
	int kept = kind == RECORD_GAP ? 1 : selection_keeps(selection, line, fault);

	selection->asked += kind != RECORD_GAP;
	selection->keeps += kind != RECORD_GAP && kept > 0;
	if (kept <= 0)
		return kept < 0 ? -1 : leave_out_record(selection, kind, line, fault);
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

	/* before any of two that contradict each other is gone */
	if (selection_open_sorters(selection, budget, fault) < 0 ||
	    snapshot_check(snapshot, fault) < 0 || sorter_sort(all, fault) < 0)
		return -1;
	while ((more = sorter_next(all, &line, fault)) > 0)
		if (sift_line(selection, line, fault) < 0)
			return -1;
	if (more == 0 && selection->asked && !selection->keeps && !selection->allow_empty)
		return fault_set(fault, FAULT_DATA,
		                 "--select keeps not one of %zu records: is a member or a value misspelt? "
		                 "(--allow-empty, if nothing shall be kept)",
		                 selection->asked);
	if (more == 0)
		more = meet_ends(selection, fault);
	snapshot->lines = selection->kept;
	selection->kept = all; /* to be closed */
	snapshot->select = span_of(selection->expression);
	return more;
}

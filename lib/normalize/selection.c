/* SPDX-License-Identifier: ISC */
/*
 * selection: one pass over the sorted lines asks about each of them. Then the
 * memberships that are kept meet, one end after the other, the keys of what is not;
 * they wait for that in sorters, so nothing in memory grows with a directory.
 */
#include "normalize/selection.h"

#include "base/inert.h"

/* The ends of a membership, in the order they are looked at. A member whose kind is
   not known may be a user or a group. */
static const struct end {
	enum membership_field field;
	enum record_kind kind;
	const char *unless; /* what a line ends in that has no such end */
} ends[] = {
	{MEMBERSHIP_GROUP_ID, RECORD_GROUP, NULL},
	{MEMBERSHIP_MEMBER_ID, RECORD_USER, ",\"member_kind\":\"group\"}\n"},
	{MEMBERSHIP_MEMBER_ID, RECORD_GROUP, ",\"member_kind\":\"user\"}\n"},
};
enum { ENDS = sizeof ends / sizeof *ends };

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
	sorter_close(selection->left_out);
	for (size_t end = 0; end < ENDS; end++)
		sorter_close(selection->waiting[end]);
	json_reader_release(&selection->json);
	buf_release(&selection->line);
	*selection = (struct selection){0};
}

/* Does the expression hold? 1, 0 or -1. */
static int keeps(struct selection *selection, struct span line, struct fault *fault)
{
	struct span text = {line.data, line.len - 1};
	yyjson_val *root = json_read(&selection->json, text, fault);
	int holds = -1;

	if (root && filter_start(&selection->filter, root, INERT(text), fault) == 0)
		holds = filter_holds(&selection->filter, fault);
	return holds < 0 ? fault_hint(fault, " (%s)", INERT(text)) : holds;
}

static int add_line(struct selection *selection, struct sorter *sorter, struct fault *fault)
{
	if (buf_check(&selection->line, fault) < 0)
		return -1;
	return sorter_add(sorter, buf_span(&selection->line), fault);
}

/* Lets a membership wait at its end `end`, or at the next that it has; one that has
   none any more is kept. */
static int let_wait(struct selection *selection, size_t end, struct span line, struct fault *fault)
{
	while (end < ENDS && ends[end].unless && span_ends(line, span_of(ends[end].unless)))
		end++;
	if (end >= ENDS)
		return sorter_add(selection->kept, line, fault);
	buf_clear(&selection->line);
	record_put_end_key(&selection->line, line, ends[end].field, ends[end].kind);
	buf_put_span(&selection->line, line);
	return add_line(selection, selection->waiting[end], fault);
}

static int leave_out(struct selection *selection, enum record_kind kind, struct span line,
                     struct fault *fault)
{
	if (kind == RECORD_MEMBERSHIP)
		return 0;
	buf_clear(&selection->line);
	buf_put_span(&selection->line, record_line_key(kind, line));
	buf_putc(&selection->line, '\n');
	return add_line(selection, selection->left_out, fault);
}

static int sift(struct selection *selection, struct span line, struct fault *fault)
{
	enum record_kind kind = record_line_kind(line);
	int kept = kind == RECORD_GAP ? 1 : keeps(selection, line, fault);

	if (kept <= 0)
		return kept < 0 ? -1 : leave_out(selection, kind, line, fault);
	return kind == RECORD_MEMBERSHIP ? let_wait(selection, 0, line, fault)
	                                 : sorter_add(selection->kept, line, fault);
}

/* Those that wait at `end` meet what is left out. */
static int meet(struct selection *selection, size_t end, struct fault *fault)
{
	struct sorter *waiting = selection->waiting[end], *left_out = selection->left_out;
	struct span line, out = {"", 0};
	int more, more_out;

	if (sorter_sort(waiting, fault) < 0 || sorter_sort(left_out, fault) < 0)
		return -1;
	more_out = sorter_next(left_out, &out, fault);
	while (more_out >= 0 && (more = sorter_next(waiting, &line, fault)) != 0) {
		struct span key = more > 0 ? record_line_key(ends[end].kind, line) : (struct span){"", 0};

		if (more < 0)
			return -1;
		while (more_out > 0 && span_compare((struct span){out.data, out.len - 1}, key) < 0)
			more_out = sorter_next(left_out, &out, fault);
		if (more_out > 0 && span_begins(out, key))
			continue;
		line = (struct span){line.data + key.len, line.len - key.len};
		if (more_out < 0 || let_wait(selection, end + 1, line, fault) < 0)
			return -1;
	}
	return more_out < 0 ? -1 : 0;
}

static int open_sorters(struct selection *selection, struct budget *budget, struct fault *fault)
{
	struct sorter **const sorters[] = {&selection->kept, &selection->left_out,
	                                   &selection->waiting[0], &selection->waiting[1],
	                                   &selection->waiting[2]};

	for (size_t i = 0; i < sizeof sorters / sizeof *sorters; i++) {
		*sorters[i] = sorter_share(budget, 1, fault);
		if (!*sorters[i])
			return -1;
	}
	return 0;
}

int selection_apply(struct selection *selection, struct snapshot *snapshot, struct budget *budget,
                    struct fault *fault)
{
	struct sorter *all = snapshot->lines;
	struct span line;
	int more;

	/* before any of two that contradict each other is gone */
	if (open_sorters(selection, budget, fault) < 0 || snapshot_check(snapshot, fault) < 0 ||
	    sorter_sort(all, fault) < 0)
		return -1;
	while ((more = sorter_next(all, &line, fault)) > 0)
		if (sift(selection, line, fault) < 0)
			return -1;
	for (size_t end = 0; more == 0 && end < ENDS; end++)
		more = meet(selection, end, fault);
	snapshot->lines = selection->kept;
	selection->kept = all; /* to be closed */
	snapshot->select = span_of(selection->expression);
	return more;
}

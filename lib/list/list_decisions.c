/* SPDX-License-Identifier: ISC */
/*
 * list_decisions: what a review decided upon the access of a row. Access through groups in
 * groups has the decision upon the membership that its path begins with.
 */
#include "list/list_parts.h"

#include "base/inert.h"

int list_check_decisions(void *context, struct fault *fault)
{
	struct list *list = context;
	yyjson_val *entry;
	size_t i, max;

	yyjson_arr_foreach(list->access.reader.sources, i, max, entry)
		if (decisions_check_source(&list->decisions, entry, fault) < 0)
			return fault_prefix(fault,
			                    "%s: ", INERT(span_of(list->access.reader.stream.lines.name)));
	return 0;
}

int list_set_decision(struct list *list, const struct access_subject *subject,
                      enum review_what what, struct span access_id, struct fault *fault)
{
	const struct record *user = subject->record;
	struct decision decision;
	enum list_cell_type type = LIST_NONE;
	int found = 0;

	if (!list->options->decisions)
		return 0;
	if (!decisions_source(&list->decisions, list->source->name))
		type = LIST_NOT_SHOWN;
	else if (!user || !decisions_is_younger(&list->decisions, user))
		found = decisions_find(&list->decisions, subject->key, what, access_id, &decision, fault);
	if (found < 0)
		return -1;
	for (int column = COLUMN_DECISION; column <= COLUMN_TICKET; column++)
		list_set_type(list, (enum list_column)column, type);
	if (!found)
		return 0;
	list_set_text(list, COLUMN_DECISION, span_of(decision_words[decision.word]));
	if (decision.decided_by.len)
		list_set_text(list, COLUMN_DECIDED_BY, decision.decided_by);
	if (decision.decided_at.len)
		list_set_text(list, COLUMN_DECIDED_AT, decision.decided_at);
	if (decision.reason.len)
		list_set_text(list, COLUMN_DECISION_REASON, decision.reason);
	if (decision.ticket.len)
		list_set_text(list, COLUMN_TICKET, decision.ticket);
	return 0;
}

int list_set_group_decision(struct list *list, const struct access_subject *subject, size_t at,
                            struct fault *fault)
{
	if (!list->options->decisions)
		return 0;
	while (subject->reached[at].level)
		at = subject->reached[at].from;
	buf_clear(&list->direct_id);
	access_put_id(&list->direct_id, list->access.nesting.groups[subject->reached[at].group].key);
	return buf_check(&list->direct_id, fault) < 0
	           ? -1
	           : list_set_decision(list, subject, REVIEW_MEMBERSHIP, buf_span(&list->direct_id),
	                               fault);
}

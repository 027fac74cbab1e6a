/* SPDX-License-Identifier: ISC */
/*
 * selection: each line is parsed again for the program, which costs little beside
 * the program.
 */
#include "selection.h"

#include "inert.h"

int selection_init(struct selection *selection, struct snapshot *snapshot, const char *expression,
                   struct fault *fault)
{
	selection->snapshot = snapshot;
	if (filter_init(&selection->filter, "--select", span_of(expression), fault) < 0)
		return fault_prefix(fault, "--select: ");
	snapshot->select = span_of(expression);
	return 0;
}

void selection_release(struct selection *selection)
{
	filter_release(&selection->filter);
}

int selection_keeps(struct selection *selection, enum record_kind kind, struct span line,
                    const char *where, struct fault *fault)
{
	yyjson_doc *doc;
	int keeps = -1;

	if (kind == RECORD_GAP)
		return 1;
	line.len--; /* the LF */
	doc = json_parse(line, NULL, fault);
	if (!doc)
		return -1;
	if (filter_start(&selection->filter, yyjson_doc_get_root(doc), where, fault) == 0)
		keeps = filter_holds(&selection->filter, fault);
	yyjson_doc_free(doc);
	if (keeps < 0)
		fault_hint(fault, " (%s)", INERT(line));
	else if (!keeps && snapshot_leave_out(selection->snapshot, kind, line, fault) < 0)
		keeps = -1;
	return keeps;
}

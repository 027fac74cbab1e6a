/* SPDX-License-Identifier: ISC */
/* report_sources: the directories of all snapshots of a page, and the one at hand. */
#include "report/report_parts.h"

#include "base/array.h"
#include "base/inert.h"

static int source_set_ages(struct report_source *source, struct fault *fault)
{
	static const int days[AGE_OLDER] = {30, 90, 180, 365};

	for (int age = 0; age < AGE_OLDER; age++)
		if (!when_minus(source->as_of, (int64_t)days[age] * 86400, source->days_ago[age]))
			return fault_set(fault, FAULT_DATA, "the snapshot does not say when '%s' was read",
			                 INERT(source->name));
	return 0;
}

int report_take_source(struct report *report, struct span name, struct fault *fault)
{
	struct report_source *sources;
	struct span as_of;

	for (size_t i = report->first_source; i < report->source_count; i++)
		if (span_is(report->sources[i].name, name)) {
			report->source = &report->sources[i];
			return 0;
		}
	for (size_t i = 0; i < report->first_source; i++)
		if (span_is(report->sources[i].name, name))
			return fault_set(fault, FAULT_DATA,
			                 "the source '%s' stands in two snapshots: give the older one with "
			                 "--before, or merge those of different sources with normalize",
			                 INERT(name));
	sources = array_grow(report->sources, report->source_count, &report->source_cap,
	                     sizeof *sources, fault);
	if (!sources)
		return -1;
	report->sources = sources;
	report->source = &sources[report->source_count++];
	as_of = json_obj_text(snapshot_reader_source(&report->access.reader, name), "fetched_at");
	*report->source = (struct report_source){
		.name = arena_copy(&report->texts, name),
		.as_of = arena_copy(&report->texts, as_of),
	};
	if (!report->source->name.data || !report->source->as_of.data)
		return fault_memory(fault);
	return source_set_ages(report->source, fault);
}

int report_take_source_of(struct report *report, struct span key, struct fault *fault)
{
	yyjson_val *root = json_read(&report->json, record_line_source(key), fault);
	struct span name = SPAN_EMPTY;

	if (!root)
		return -1;
	json_text(root, &name);
	return report_take_source(report, name, fault);
}

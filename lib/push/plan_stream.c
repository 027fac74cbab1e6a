/* SPDX-License-Identifier: ISC */
/*
 * plan_stream: a change stream counts only whole, confirmed, and read from the
 * service that would be changed.
 */
#include "base/inert.h"
#include "push/plan_changes.h"

static struct span origin_without_slash(struct span url)
{
	while (url.len && url.data[url.len - 1] == '/')
		url.len--;
	return url;
}

/* The source that the plan is about, and that it was read from our service. */
static int changes_choose_source(struct change_reader *reading, yyjson_val *root,
                                 struct fault *fault)
{
	const struct plan_options *options = reading->options;
	yyjson_val *sources = yyjson_obj_get(yyjson_obj_get(root, "before"), "sources");
	yyjson_val *source, *chosen = NULL;
	struct span name, origin = SPAN_EMPTY;
	size_t i, max;

	yyjson_arr_foreach(sources, i, max, source)
		if (json_text(yyjson_obj_get(source, "source"), &name) &&
		    (options->source ? span_is(name, span_of(options->source)) : max == 1))
			chosen = source;
	if (!chosen && options->source)
		return fault_set(fault, FAULT_DATA, "the change stream has no source '%s'",
		                 INERT(span_of(options->source)));
	if (!chosen)
		return fault_set(fault, FAULT_DATA,
		                 "the change stream has several sources: choose one with --source NAME");
	json_text(yyjson_obj_get(chosen, "source"), &name);
	json_text(yyjson_obj_get(chosen, "origin"), &origin);
	if (!options->allow_other_origin &&
	    !span_is(origin_without_slash(origin), origin_without_slash(span_of(options->origin))))
		return fault_set(fault, FAULT_DATA,
		                 "the older snapshot was read from %s, not from the service that would be "
		                 "changed, so its ids mean nothing there; --allow-other-origin takes it",
		                 INERT(origin));
	reading->plan->source = plan_keep(reading->plan, name, fault);
	return reading->plan->source.data ? 0 : -1;
}

static int changes_begin(struct change_reader *reading, yyjson_val *root, struct fault *fault)
{
	reading->match = yyjson_obj_get(root, "match");
	reading->changes = reading->unknown = 0;
	return changes_choose_source(reading, root, fault);
}

static int changes_end(const struct change_reader *reading, yyjson_val *root, struct fault *fault)
{
	uint64_t changes = 0, unknown = 0;
	struct span why;

	json_count(yyjson_obj_get(root, "changes"), &changes);
	json_count(yyjson_obj_get(root, "unknown"), &unknown);
	if (changes != reading->changes || unknown != reading->unknown)
		return fault_set(fault, FAULT_DATA,
		                 "the end line does not count the changes that are there");
	if (json_text(yyjson_obj_get(root, "unconfirmed"), &why))
		return fault_set(fault, FAULT_SAFEGUARD,
		                 "the change stream is unconfirmed (%s); look at it, and compare again "
		                 "with a higher --max-removed if it is right",
		                 INERT(why));
	return 0;
}

static int changes_take_item(struct change_reader *reading, const struct stream_item *item,
                             struct fault *fault)
{
	if (item->type == ITEM_BEGIN)
		return changes_begin(reading, item->root, fault);
	if (item->type == ITEM_END)
		return changes_end(reading, item->root, fault);
	if (yyjson_equals_str(yyjson_obj_get(item->root, "kind"), "unknown")) {
		reading->unknown++;
		return 0;
	}
	reading->changes++;
	return plan_take_change(reading, item->root, fault);
}

int plan_read_changes(struct plan *plan, const struct plan_options *options,
                      struct stream_reader *reader, struct fault *fault)
{
	struct change_reader reading = {.plan = plan, .options = options};
	struct stream_item item;
	int more, result = 0;

	while (result == 0 && (more = stream_next(reader, &item, fault)) != 0)
		result = more < 0 ? -1 : changes_take_item(&reading, &item, fault);
	if (result == 0)
		result = plan_members_settle(&reading.members, plan, options, reading.match, fault);
	plan_members_release(&reading.members);
	return result;
}

/* SPDX-License-Identifier: ISC */
/*
 * scalr_page: names are exact in JSON:API, and null is not absent: next-page
 * null ends a list, no next-page says nothing.
 */
#include "scalr/scalr_page.h"

struct span scalr_id(yyjson_val *object)
{
	struct span id = SPAN_EMPTY;

	json_text(yyjson_obj_get(object, "id"), &id);
	return id;
}

bool scalr_is_type(yyjson_val *object, const char *type)
{
	struct span text;

	return json_text(yyjson_obj_get(object, "type"), &text) && span_is(text, span_of(type));
}

yyjson_val *scalr_attribute(yyjson_val *resource, const char *name)
{
	return yyjson_obj_get(yyjson_obj_get(resource, "attributes"), name);
}

yyjson_val *scalr_linked(yyjson_val *resource, const char *name)
{
	yyjson_val *relationship = yyjson_obj_get(yyjson_obj_get(resource, "relationships"), name);

	return yyjson_obj_get(relationship, "data");
}

bool scalr_is_foreign(yyjson_val *resource, struct span account_id)
{
	struct span account = scalr_id(scalr_linked(resource, "account"));

	return account.len && !span_is(account, account_id);
}

/* A count that is absent, null or a number: 0 and *has, or -1. */
static int page_number(yyjson_val *pagination, const char *name, uint64_t *value, bool *has)
{
	int found = json_whole(yyjson_obj_get(pagination, name), value);

	*has = found > 0;
	return found < 0 ? -1 : 0;
}

static int parse_pagination(struct scalr_page *page, yyjson_val *pagination, struct fault *fault)
{
	bool has_next, has_current;

	if (page_number(pagination, "next-page", &page->next, &has_next) < 0 ||
	    page_number(pagination, "current-page", &page->current, &has_current) < 0 ||
	    page_number(pagination, "total-pages", &page->pages, &page->has_pages) < 0 ||
	    page_number(pagination, "total-count", &page->total, &page->has_total) < 0)
		return fault_set(fault, FAULT_PROTOCOL, "a member of meta.pagination is not a number");
	/* a null among null counters is no word about the end */
	page->says_next = has_next || (yyjson_obj_get(pagination, "next-page") &&
	                               !yyjson_is_null(yyjson_obj_get(pagination, "current-page")) &&
	                               !yyjson_is_null(yyjson_obj_get(pagination, "total-pages")) &&
	                               !yyjson_is_null(yyjson_obj_get(pagination, "total-count")));
	if (has_next && page->next == 0)
		return fault_set(fault, FAULT_PROTOCOL, "next-page is 0: pages are counted from 1");
	return 0;
}

int scalr_page_parse(struct scalr_page *page, yyjson_val *root, const char *type,
                     struct fault *fault)
{
	yyjson_val *meta = yyjson_obj_get(root, "meta"), *resource;
	size_t i, max;

	*page = (struct scalr_page){
		.data = yyjson_obj_get(root, "data"),
		.included = yyjson_obj_get(root, "included"),
	};
	if (!yyjson_is_arr(page->data))
		return fault_set(fault, FAULT_PROTOCOL, "expected a list, got data that is %s",
		                 json_type(page->data));
	if (yyjson_arr_size(yyjson_obj_get(root, "errors")))
		return fault_set(fault, FAULT_PROTOCOL, "a list that comes with errors");
	page->count = yyjson_arr_size(page->data);
	yyjson_arr_foreach(page->data, i, max, resource)
		if (!scalr_is_type(resource, type) || !scalr_id(resource).len)
			return fault_set(fault, FAULT_PROTOCOL, "a record in the list of %s has another type",
			                 type);
	return parse_pagination(page, yyjson_obj_get(meta, "pagination"), fault);
}

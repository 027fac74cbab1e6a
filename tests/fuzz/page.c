/* SPDX-License-Identifier: ISC */
/*
 * page: one reply as a page of SCIM and as one of JSON:API; what is borrowed
 * from it is inside.
 */
#include "fuzz.h"

#include "scalr/scalr_page.h"
#include "scim/scim_page.h"

static void try_members(yyjson_val *resource)
{
	yyjson_val *members = json_member(resource, "members"), *member;
	struct buf scratch = {0};
	struct span id;
	size_t i, max;

	yyjson_arr_foreach(members, i, max, member)
		if (scim_member_id(member, &id, &scratch))
			must(id.len > 0 && id.data[id.len - 1] + 1, "an id is not empty");
	buf_release(&scratch);
}

static void try_scim(yyjson_val *root)
{
	struct fault fault = {0};
	struct scim_page page;
	yyjson_val *resource;
	struct span id;
	size_t i, max;

	if (scim_page_parse(&page, root, &fault) < 0)
		return must_be_fault(&fault);
	must(page.count == yyjson_arr_size(page.resources), "a page has its records");
	yyjson_arr_foreach(page.resources, i, max, resource) {
		if (scim_id(resource, &id))
			must(id.len > 0, "an id is not empty");
		scim_shows(resource, "members");
		try_members(resource);
	}
}

static void try_scalr(yyjson_val *root)
{
	struct fault fault = {0};
	struct scalr_page page;
	yyjson_val *resource;
	size_t i, max;

	if (scalr_page_parse(&page, root, "users", &fault) < 0)
		return must_be_fault(&fault);
	must(yyjson_is_arr(page.data), "a page has its records");
	yyjson_arr_foreach(page.data, i, max, resource) {
		must(scalr_id(resource).len > 0, "a resource has an id");
		scalr_attribute(resource, "name");
		scalr_id(scalr_linked(resource, "user"));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fault fault = {0};
	yyjson_doc *doc = json_parse((struct span){(const char *)data, size}, NULL, &fault);

	if (doc) {
		try_scim(yyjson_doc_get_root(doc));
		try_scalr(yyjson_doc_get_root(doc));
	}
	yyjson_doc_free(doc);
	return 0;
}

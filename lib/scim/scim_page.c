/* SPDX-License-Identifier: ISC */
/*
 * scim_page: attribute names without regard to case, absent and null alike, and
 * nothing believed but the records.
 */
#include "scim/scim_page.h"

#include "base/inert.h"
#include "base/json_put.h"

/* Is there anything that marks the body as a list, though it has no Resources? */
static bool is_list(yyjson_val *root)
{
	yyjson_val *schemas = json_member(root, "schemas"), *urn;
	struct span text;
	size_t i, max;

	if (scim_shows(root, "totalResults"))
		return true;
	yyjson_arr_foreach(schemas, i, max, urn)
		if (json_text(urn, &text) && text.len &&
		    memmem(text.data, text.len, "ListResponse", strlen("ListResponse")))
			return true;
	return false;
}

int scim_page_parse(struct scim_page *page, yyjson_val *root, struct fault *fault)
{
	yyjson_val *resources = json_member(root, "Resources");
	yyjson_val *total = json_member(root, "totalResults");
	yyjson_val *cursor = json_member(root, "nextCursor");
	struct buf shown = {0};
	int found;

	*page = (struct scim_page){.cursor = SPAN_EMPTY};
	if (!yyjson_is_obj(root))
		return fault_set(fault, FAULT_PROTOCOL, "expected a list, got %s", json_type(root));
	if ((!resources || yyjson_is_null(resources)) && !is_list(root))
		return fault_set(fault, FAULT_PROTOCOL,
		                 "expected a list, got an object without Resources and totalResults");
	if (resources && !yyjson_is_null(resources) && !yyjson_is_arr(resources))
		return fault_set(fault, FAULT_PROTOCOL, "Resources is %s, not an array",
		                 json_type(resources));
	page->resources = yyjson_is_arr(resources) ? resources : NULL;
	page->count = yyjson_arr_size(page->resources);
	found = json_whole(total, &page->total);
	if (found < 0) {
		json_put_value(&shown, total);
		fault_set(fault, FAULT_PROTOCOL, "totalResults is no number of records: %s",
		          INERT(buf_span(&shown)));
		buf_release(&shown);
		return -1;
	}
	page->has_total = found > 0;
	page->has_start = scim_shows(root, "startIndex");
	if (!json_text(cursor, &page->cursor) && cursor && !yyjson_is_null(cursor))
		return fault_set(fault, FAULT_PROTOCOL, "nextCursor is %s", json_type(cursor));
	return 0;
}

bool scim_id(yyjson_val *resource, struct span *id)
{
	return json_member_text(resource, "id", id) && id->len > 0;
}

bool scim_shows(yyjson_val *resource, const char *name)
{
	yyjson_val *value = json_member(resource, name);

	return value && !yyjson_is_null(value);
}

static int hex_digit(char c)
{
	c = ascii_lower(c);
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The last part of a URL's path, percent-decoded into `scratch` where that gives
   text, else as it stands. */
static bool last_part(struct span url, struct span *part, struct buf *scratch)
{
	struct span before;
	uint32_t code;
	size_t n;

	*part = scim_ref_part(url, &before);
	if (span_is_nocase(*part, span_of("Users")) || span_is_nocase(*part, span_of("Groups")))
		return false; /* the list itself, not one of it */
	buf_clear(scratch);
	for (size_t i = 0; i < part->len; i++) {
		int high = part->data[i] == '%' && i + 2 < part->len ? hex_digit(part->data[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(part->data[i + 2]) : -1;

		buf_putc(scratch, low >= 0 ? (char)(high * 16 + low) : part->data[i]);
		i += low >= 0 ? 2 : 0;
	}
	for (size_t i = 0; i < scratch->len; i += n) {
		n = utf8_decode(scratch->data + i, scratch->len - i, &code);
		if (!n || code < 0x20)
			return part->len > 0;
	}
	*part = buf_span(scratch);
	return part->len > 0;
}

struct span scim_ref_part(struct span url, struct span *before)
{
	const char *slash, *end;

	for (const char *c = "?#"; *c; c++)
		if ((end = memchr(url.data, *c, url.len)))
			url.len = (size_t)(end - url.data);
	while (url.len && url.data[url.len - 1] == '/')
		url.len--;
	slash = memrchr(url.data, '/', url.len);
	*before = (struct span){url.data, slash ? (size_t)(slash - url.data) : 0};
	return slash ? (struct span){slash + 1, url.len - before->len - 1} : url;
}

bool scim_member_id(yyjson_val *member, struct span *id, struct buf *scratch)
{
	struct span ref;

	if ((json_text(member, id) || json_member_text(member, "value", id)) && id->len)
		return true;
	return json_member_text(member, "$ref", &ref) && last_part(ref, id, scratch);
}

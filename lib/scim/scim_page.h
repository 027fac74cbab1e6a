/* SPDX-License-Identifier: ISC */
/*
 * scim_page: one list answer (RFC 7644 section 3.4.2), taken apart.
 */
#ifndef ROLLCALL_SCIM_PAGE_H
#define ROLLCALL_SCIM_PAGE_H

#include "base/buf.h"
#include "base/json.h"

struct scim_page {
	yyjson_val *resources;     /* an array, or NULL where there are none */
	size_t count;              /* of resources */
	bool has_total, has_start; /* totalResults, startIndex */
	uint64_t total;            /* as the server says it */
	struct span cursor;        /* nextCursor, empty where there is none */
};

/* 0, or -1 with FAULT_PROTOCOL where the body is no list answer or a counter is
   nonsense. Borrows from the document. */
int scim_page_parse(struct scim_page *page, yyjson_val *root, struct fault *fault);

/* The id of a resource as text; numbers keep their digits. False where there is
   none (absent, null, empty, or not text). */
bool scim_id(yyjson_val *resource, struct span *id);

/* Does the resource show an attribute at all? Absent and null are "not said". */
bool scim_shows(yyjson_val *resource, const char *name);

/* The last part of a URL's path, and what stands before it. */
struct span scim_ref_part(struct span url, struct span *before);

/* The id a member of a group points at: `value`, else the last part of `$ref`,
   decoded into `scratch`; a bare string or number is an id, too. */
bool scim_member_id(yyjson_val *member, struct span *id, struct buf *scratch);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * scalr_page: documents of the Scalr API (JSON:API 1.0), taken apart.
 */
#ifndef ROLLCALL_SCALR_PAGE_H
#define ROLLCALL_SCALR_PAGE_H

#include "base/json.h"

/* One page of a list: `data`, `included` and `meta.pagination`. */
struct scalr_page {
	yyjson_val *data;      /* an array */
	yyjson_val *included;  /* NULL where there is none */
	size_t count;          /* of data */
	bool says_next;        /* next-page is there, null or a number */
	uint64_t next;         /* 0: this is the last page */
	uint64_t current;      /* 0: not said */
	uint64_t pages, total; /* total-pages and total-count */
	bool has_pages, has_total;
};

/* 0, or -1 with FAULT_PROTOCOL where the document is no list of `type` or its
   pagination is nonsense. Borrows from the document. */
int scalr_page_parse(struct scalr_page *page, yyjson_val *root, const char *type,
                     struct fault *fault);

/* The id of a resource or a resource identifier; empty where there is none. */
struct span scalr_id(yyjson_val *object);

bool scalr_is_type(yyjson_val *object, const char *type);

/* A member of `attributes`; NULL where absent. */
yyjson_val *scalr_attribute(yyjson_val *resource, const char *name);

/* The linkage data of a relationship (JSON:API section 7.2.2.2). */
yyjson_val *scalr_linked(yyjson_val *resource, const char *name);

/* Does a resource say that it belongs to another account? (A host can serve several.) */
bool scalr_is_foreign(yyjson_val *resource, struct span account_id);

#endif

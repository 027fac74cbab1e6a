/* SPDX-License-Identifier: ISC */
/*
 * mapping: from a provider's resource to records of the common vocabulary.
 *
 * One file a vocabulary: scim/map_scim.c (RFC 7643) and scalr/map_scalr.c (JSON:API).
 * Nothing is guessed: what a resource does not show stays absent.
 */
#ifndef ROLLCALL_MAPPING_H
#define ROLLCALL_MAPPING_H

#include "stream/provider.h"
#include "stream/record.h"

/* Where a mapping puts each group and member it finds; an empty member_id is a
   member that the group has but does not name. Returns 0 or -1. */
struct membership_sink {
	int (*put)(void *context, struct span group_id, struct span member_id, enum member_kind kind,
	           struct fault *fault);
	void *context;
};

/* Where a mapping puts the name of each attribute that it does not take. `schema` is
   the URN of the extension it stands in, or empty. Returns 0 or -1. */
struct attribute_sink {
	int (*put)(void *context, struct span schema, struct span name, struct fault *fault);
	void *context;
};

/* Bytes of a mapping's own, for what it finds out about the tree of a resource and what does not
   depend on what its strings, numbers and truths say (base/json_shape.h). All zeros, or what it
   put there for this very tree. */
enum { MAPPING_MEMO = 256 };

struct mapping {
	const char *schema;
	bool unmapped_by_shape; /* what is unmapped depends on names and types alone */

	/* Fills a started record. 0, or -1 with FAULT_DATA where there is no id. */
	int (*user)(struct record *record, yyjson_val *resource, yyjson_val *included,
	            const struct provider *provider, void *memo, struct fault *fault);
	int (*group)(struct record *record, yyjson_val *resource, const struct provider *provider,
	             struct fault *fault);

	/* The direct members a group shows: 1, 0 where it does not show members at
	   all, -1. */
	int (*members)(yyjson_val *resource, struct span group_id, const struct membership_sink *sink,
	               struct fault *fault);

	/* The groups a user shows to be a direct member of: 1, 0 where it does not show
	   groups at all, -1. `memo` is what `user` was called with. */
	int (*groups)(yyjson_val *resource, struct span user_id, const void *memo,
	              const struct membership_sink *sink, struct fault *fault);

	/* The attributes that a user or a group shows with a value, and that none of the
	   above takes. `record` is what they made of it. 0 or -1. */
	int (*unmapped)(const struct record *record, yyjson_val *resource, yyjson_val *included,
	                const struct attribute_sink *sink, struct fault *fault);

	/* The value of an attribute by the name that the sink gets: schema, colon and name, or
	   the name alone. A dot and the name of a part of it may follow. NULL: it is not shown. */
	yyjson_val *(*attribute)(yyjson_val *resource, yyjson_val *included, struct span path);
};

#endif

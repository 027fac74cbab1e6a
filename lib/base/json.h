/* SPDX-License-Identifier: ISC */
/*
 * json: strict JSON (RFC 8259) on top of yyjson, as rollcall needs it.
 *
 * Numbers keep their text (they are never converted), an object with the same
 * member twice is refused, and so is nesting beyond JSON_DEPTH_MAX. Member
 * names of SCIM resources are looked up without regard to case (RFC 7643
 * section 2.1).
 */
#ifndef ROLLCALL_JSON_H
#define ROLLCALL_JSON_H

#include "base/fault.h"
#include "base/span.h"

#include <yyjson.h>

/* Parses one JSON text. Returns the document (release: yyjson_doc_free) or
   NULL with a FAULT_DATA that names the byte. *cut, where not NULL, says that
   the text ended too early: it may be the first part of a good one. */
yyjson_doc *json_parse(struct span text, bool *cut, struct fault *fault);

/* For text after text in the same memory. A zeroed struct is empty. */
struct json_reader {
	yyjson_doc *doc;
	yyjson_alc *memory; /* of one document after the other */
};

/* The root of one JSON text, or NULL as json_parse. Borrowed until the next call. */
yyjson_val *json_read(struct json_reader *reader, struct span text, struct fault *fault);
void json_reader_release(struct json_reader *reader);

/* The name of a member, from what iterating over an object gives. */
static inline struct span json_key(yyjson_val *key)
{
	return (struct span){unsafe_yyjson_get_str(key), unsafe_yyjson_get_len(key)};
}

/* The member of an object by name, the exact spelling before others that
   differ in the case of A-Z. NULL: absent, or `object` is no object. */
yyjson_val *json_find(yyjson_val *object, struct span name);

static inline yyjson_val *json_member(yyjson_val *object, const char *name)
{
	return json_find(object, span_of(name));
}

/* Several members in one pass: values[i] is what json_find has for names[i]. The names
   stand in the order of their length, at most 31 bytes. Bit i of the result: member i of
   the object (below 64) has one of them. */
uint64_t json_find_all(yyjson_val *object, const struct span *names, size_t count,
                       yyjson_val **values);

/* A string or a number as text: the string's content, the number's exact
   digits. false for anything else, NULL included. Borrowed from the document. */
static inline bool json_text(yyjson_val *value, struct span *text)
{
	if (!value || (!yyjson_is_str(value) && !yyjson_is_raw(value)))
		return false;
	*text = (struct span){unsafe_yyjson_get_str(value), unsafe_yyjson_get_len(value)};
	return true;
}

/* The text of a member of this very name; empty where there is none. */
static inline struct span json_obj_text(yyjson_val *object, const char *name)
{
	struct span text = SPAN_EMPTY;

	json_text(yyjson_obj_get(object, name), &text);
	return text;
}

/* json_text of a member; false where it is absent or not text. */
static inline bool json_member_text(yyjson_val *object, const char *name, struct span *text)
{
	return json_text(json_member(object, name), text);
}

/* A whole number at least 0 as a number or a string of digits. Returns 1 and
   sets *number, 0 where the value is absent or null, -1 where it is anything
   else. */
int json_count(yyjson_val *value, uint64_t *number);

/* The same for what services count with: 250.0, 2.5e2 and "250.0" are 250, too. */
int json_whole(yyjson_val *value, uint64_t *number);

/* Does any string or member name in `value` hold `text`? */
bool json_holds(yyjson_val *value, struct span text);

/* A hash of what a value says: the order of members and of items does not count
   (objects have none, RFC 7643 section 2.4 gives multi-valued attributes none). */
uint64_t json_hash(yyjson_val *value, uint64_t seed);

/* What a value is, for messages: "an array", "null", ... */
const char *json_type(yyjson_val *value);

/* Is it a string that needs no escapes? False where that is not known. */
static inline bool json_is_plain(yyjson_val *value)
{
	/* yyjson (0.8 and later) remembers it of what it read */
	return yyjson_is_str(value) && unsafe_yyjson_get_subtype(value) == YYJSON_SUBTYPE_NOESC;
}

#endif

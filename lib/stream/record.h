/* SPDX-License-Identifier: ISC */
/*
 * record: the common vocabulary of snapshots (rollcall-stream(5)) and its one
 * canonical form in bytes.
 *
 * One table a kind lists the members in their order. Absent means that the
 * provider does not show it; null means it shows that there is none. Volatile
 * members stand last, so that a comparison of bytes can stop before them.
 */
#ifndef ROLLCALL_RECORD_H
#define ROLLCALL_RECORD_H

#include "base/buf.h"
#include "base/json.h"
#include "base/when.h"

/* Kinds of records in their canonical (bytewise) order. */
enum record_kind { RECORD_GAP, RECORD_GROUP, RECORD_MEMBERSHIP, RECORD_USER, RECORD_KINDS };

/* The word in "kind", and the member of `end` that counts it. */
extern const struct record_word {
	struct span kind; /* a C string, too */
	const char *count;
} record_words[RECORD_KINDS];

/* -1 where `word` is no kind of record. */
int record_kind_find(struct span word);

enum gap_field { GAP_SOURCE, GAP_SCOPE, GAP_ID, GAP_REASON };

enum group_field {
	GROUP_SOURCE,
	GROUP_ID,
	GROUP_NAME,
	GROUP_DESCRIPTION,
	GROUP_EXTERNAL_ID,
	GROUP_EXTRA,
	GROUP_CREATED_AT,
	GROUP_UPDATED_AT,
};

enum membership_field {
	MEMBERSHIP_SOURCE,
	MEMBERSHIP_GROUP_ID,
	MEMBERSHIP_MEMBER_ID,
	MEMBERSHIP_MEMBER_KIND,
};

/* Their words in member_kind. */
enum member_kind { MEMBER_UNKNOWN, MEMBER_USER, MEMBER_GROUP };
extern const char *const member_kind_words[MEMBER_GROUP + 1];

enum user_field {
	USER_SOURCE,
	USER_ID,
	USER_USER_NAME,
	USER_EMAIL,
	USER_DISPLAY_NAME,
	USER_GIVEN_NAME,
	USER_FAMILY_NAME,
	USER_STATUS,
	USER_PROVIDER_STATUS,
	USER_ACCOUNT_TYPE,
	USER_EXTERNAL_ID,
	USER_TITLE,
	USER_USER_TYPE,
	USER_DEPARTMENT,
	USER_MANAGER,
	USER_MANAGER_NAME,
	USER_EMPLOYEE_NUMBER,
	USER_ROLES,
	USER_ROLE_DETAILS,
	USER_ENTITLEMENTS,
	USER_ENTITLEMENT_DETAILS,
	USER_OWNERS,
	USER_CREATED_BY,
	USER_EXTRA,
	USER_CREATED_AT,
	USER_LAST_LOGIN_AT,
	USER_UPDATED_AT,
};

enum { FIELDS_MAX = USER_UPDATED_AT + 1 };

/* The vocabulary of the records that are written. An older one has fewer members. */
enum { VOCABULARY = 2 };

enum field_flag {
	FIELD_REQUIRED = 1,
	FIELD_VOLATILE = 2,
	FIELD_LIST = 4, /* an array of strings, kept as canonical JSON */
	FIELD_NOT_NULL = 8,
	FIELD_TIME = 16,    /* RFC 3339 becomes UTC */
	FIELD_DETAILS = 32, /* an array of objects with value, type and display */
	FIELD_OBJECT = 64,  /* an object with any members */
	FIELD_NEW = 128,    /* vocabulary 1 does not have it */
};

struct record_form {
	size_t count;
	struct {
		struct span name; /* a C string, too */
		unsigned flags;
		const char *words[5]; /* the only ones allowed, NULL behind the last; none: any text */
	} fields[FIELDS_MAX];
};

extern const struct record_form record_forms[RECORD_KINDS];

struct value {
	enum { VALUE_ABSENT, VALUE_NULL, VALUE_TEXT, VALUE_LIST, VALUE_JSON } type;
	struct span text; /* of VALUE_LIST and VALUE_JSON: canonical JSON */
	bool plain;       /* of VALUE_TEXT: known to need no escapes */
};

enum { LISTS_MAX = 7 }; /* fields of a user that are lists or objects, and one made anew */

/* Spans point into what the record was made from, or into the record: it must
   not be copied. A zeroed struct is empty; `lists` keep their memory between uses. */
struct record {
	enum record_kind kind;
	struct value values[FIELDS_MAX];
	char times[3][WHEN_MAX];
	size_t times_used;
	struct buf lists[LISTS_MAX]; /* the JSON of lists and objects, one each */
	size_t lists_used;
	uint64_t taken; /* by a mapping: bit i: member i of the resource is looked at by it */
};

/* An item of a multi-valued attribute. A type or display that is not shown has no data. */
struct record_item {
	struct span value, type, display;
};

/* Empty again, for a record of `kind` of `source`. */
void record_start(struct record *record, enum record_kind kind, struct span source);
void record_release(struct record *record);

void record_set(struct record *record, int field, struct span text);

/* A text as it stands in a canonical line, for record_put alone. */
void record_set_json(struct record *record, int field, struct span json);

/* Copies what a provider shows: text, null, or nothing (other shapes, too). */
void record_set_from(struct record *record, int field, yyjson_val *value);

/* The same for a time: RFC 3339 becomes UTC, other text stays as it is. */
void record_set_time(struct record *record, int field, yyjson_val *value);

/* A list is a set: sorts `texts` and keeps each once. 0 or -1. */
int record_set_list(struct record *record, int field, struct span *texts, size_t count,
                    struct fault *fault);

/* The items of the list that show a type or a display which is not the value: sorts `items`
   and keeps each once. Absent where none does. 0 or -1. */
int record_set_details(struct record *record, int field, struct record_item *items, size_t count,
                       struct fault *fault);

/* Reads such items back, in any order. 0, or -1 with FAULT_DATA where they are none. */
int record_set_details_from(struct record *record, int field, yyjson_val *array,
                            struct fault *fault);

/* An object of any members, in canonical form; absent where it has none. 0, or -1 with
   FAULT_DATA where it is no object. */
int record_set_object(struct record *record, int field, yyjson_val *object, struct fault *fault);

/* A member of such an object. */
struct record_member {
	struct span name;
	yyjson_val *value;
};

/* The same of members in the order of their names. Absent where there are none. 0 or -1. */
int record_set_members(struct record *record, int field, const struct record_member *members,
                       size_t count, struct fault *fault);

/* Takes these members, a buf_put_sized list of names, out of such an object. 0 or -1. */
int record_drop_members(struct record *record, int field, const struct buf *names,
                        struct fault *fault);

/* The members of a kind of record that a vocabulary has: bit i is field i. */
unsigned record_known_fields(enum record_kind kind, unsigned vocabulary);

/* Has the record only members of this vocabulary? 0 or -1. */
int record_check_vocabulary(const struct record *record, unsigned vocabulary, struct fault *fault);

/* Appends the canonical line with its LF. */
void record_put(struct buf *buf, const struct record *record);

/* The place of a member in the record's form; -1 where it has none of this name. */
int record_field_find(enum record_kind kind, struct span name);

/* Is the text of a field one of the words that it may hold? 0 or -1. */
int record_check_word(const struct record *record, int field, struct fault *fault);

/* Does a gap that names an id have a use for it? 0 or -1; 0 for other records. */
int record_check_gap(const struct record *record, struct fault *fault);

/* Reads a record back. 0, or -1 with FAULT_DATA where a member is unknown,
   missing or of the wrong type. Borrows from the document. */
int record_parse(struct record *record, enum record_kind kind, yyjson_val *root,
                 struct fault *fault);

/* Parses a canonical line into `record`; the document, NULL with a fault, and
   record_release are the caller's. */
yyjson_doc *record_read(struct record *record, enum record_kind kind, struct span line,
                        struct fault *fault);

/* Bit i: field i differs. Volatile members count only where asked for. */
unsigned record_differences(const struct record *before, const struct record *after,
                            bool volatile_too);

/* The text of a field, empty where there is none. */
static inline struct span record_text(const struct record *record, int field)
{
	const struct value *value = &record->values[field];

	return value->type == VALUE_TEXT ? value->text : (struct span)SPAN_EMPTY;
}

/* The kind of a membership's member; unknown where the record says none. */
enum member_kind record_member_kind(const struct record *record);

/* What people call a user or a group; empty where it is not known. */
static inline struct span record_name(const struct record *record)
{
	return record->kind == RECORD_USER ? record_text(record, USER_USER_NAME)
	                                   : record_text(record, GROUP_NAME);
}

/* Appends that name in the form in which names are matched: marks composed (NFC), A to Z in
   lower case (RFC 7643 sections 4.1.1 and 4.2: neither userName nor displayName is
   caseExact). Nothing else folds. */
void record_put_folded_name(struct buf *buf, const struct record *record);

/* ---- canonical lines as bytes, without parsing ----
   What stands where in a line is known here and nowhere else. A line may be given
   with its LF or without. Sources and ids are JSON strings with their quotes. */

/* The kind of a line that is ours, whose first member is one. */
enum record_kind record_line_kind(struct span line);

/* Does a line, of which nothing is known, begin as those of this kind? */
bool record_line_is(enum record_kind kind, struct span line);

/* The part of a line that tells which record it is: up to the id of a user or a group,
   up to the member's id of a membership (the kind of its member is what is known of it),
   the whole line of a gap. Keys sort as their lines do. Empty where the line is not
   canonical. */
struct span record_line_key(enum record_kind kind, struct span line);

/* The source of a line; empty where the line is not canonical. */
struct span record_line_source(struct span line);

/* The part of a line before its volatile members. */
struct span record_line_stable(enum record_kind kind, struct span line);

/* Appends the key of a user or a group, from JSON strings or from texts, and takes the id
   out of such a key again, as JSON. */
void record_put_key(struct buf *buf, enum record_kind kind, struct span source, struct span id);
void record_put_text_key(struct buf *buf, enum record_kind kind, struct span source,
                         struct span id);
struct span record_key_id(struct span key);

/* Such a key without what the keys of all users, or of all groups, begin with; and that put
   before it again. */
struct span record_key_rest(struct span key);
void record_put_key_rest(struct buf *buf, enum record_kind kind, struct span rest);

/* For a reader of many lines. The bytes of a checked key before its last id, which lines of one
   directory, or memberships of one group, have in common: their number. */
size_t record_key_stem(enum record_kind kind, struct span key);

/* Of a line that has the same bytes there: the id that follows, as JSON. Empty unless the line is
   that of a user, or of a membership whose member is known to be one. */
struct span record_line_last_id(enum record_kind kind, struct span line, size_t stem);

/* Appends the line of a membership with its LF. */
void record_put_membership(struct buf *buf, struct span source, struct span group_id,
                           struct span member_id, enum member_kind kind);

/* The kind of the member of a membership's line. */
enum member_kind record_line_member_kind(struct span line);

/* The bytes that the lines of all memberships of one group have in common. */
struct span record_line_group_part(struct span line);

/* Appends the key that the group of a membership's line has (record_line_group_part is
   enough of it), or with `field` MEMBERSHIP_MEMBER_ID its member, were it a user or a
   group (`kind`). */
void record_put_end_key(struct buf *buf, struct span line, enum membership_field field,
                        enum record_kind kind);

#endif

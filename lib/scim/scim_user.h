/* SPDX-License-Identifier: ISC */
/*
 * scim_user: the one reader of a User resource (RFC 7643 section 4.1), in the shapes
 * that real servers give it: names in any case, dotted keys, booleans as text, bare
 * texts and single objects where arrays are due. normalize reports what it says, and
 * scim-push holds what is wanted against the same.
 *
 * Everything is borrowed from the document.
 */
#ifndef ROLLCALL_SCIM_USER_H
#define ROLLCALL_SCIM_USER_H

#include "base/json.h"

/* What a user shows, whatever type it has; NULL: it does not show it. */
struct scim_user {
	yyjson_val *id, *user_name, *external_id;
	yyjson_val *display_name; /* displayName, else name.formatted */
	yyjson_val *given_name, *family_name;
	yyjson_val *emails, *groups, *active, *roles, *entitlements;
	yyjson_val *title, *user_type;
	/* of the enterprise extension (RFC 7643 section 4.3), wherever they stand */
	yyjson_val *department, *employee_number;
	yyjson_val *manager;                   /* the whole attribute */
	yyjson_val *manager_id, *manager_name; /* as dotted keys */
	yyjson_val *created, *last_modified;   /* of meta */
	uint64_t known; /* bit i: member i of the resource is one of these, or says nothing */
};

/* Groups have some of it, too. */
void scim_user_read(struct scim_user *user, yyjson_val *resource);

/* Is a top-level name that of the enterprise extension, or of an attribute in it: its URN, a
   colon or a dot, and the attribute's name? Then `name` becomes that, empty for the
   extension itself. */
bool scim_is_enterprise(struct span *name);

/* Is it an attribute of the extension that scim_user_read reads? */
bool scim_reads_enterprise(struct span name);

/* ---- multi-valued attributes (RFC 7643 section 2.4) ---- */

/* The items of one: of an array, of an object with the keys "0", "1", ... as PHP writes
   arrays with holes, or the value itself as the only item. Absent and null have none. */
struct scim_items {
	yyjson_val *next;
	size_t left;
	bool in_object;
};

struct scim_items scim_items_of(yyjson_val *value);

/* The next item, NULL behind the last. */
yyjson_val *scim_items_next(struct scim_items *items);

/* Does a value say that there are no items: null, or nothing but nulls in an array? */
bool scim_items_none(yyjson_val *value);

/* The text of an item, a bare text or its `value`; NULL where that is absent or empty. */
yyjson_val *scim_item_text(yyjson_val *item, struct span *text);

/* What people would call an item, such as a role: its value, else its display, its type, or
   where $ref leads. False where it has none of them. */
bool scim_item_name(yyjson_val *item, struct span *text);

/* ---- what it means ---- */

/* The item of `manager` that names one, and its id: a bare text, its value or managerId, or
   where $ref leads. Else the first item, and an id without data. NULL: there are no items. */
yyjson_val *scim_manager_item(yyjson_val *manager, struct span *id);

enum scim_active { SCIM_ACTIVE_UNKNOWN, SCIM_ACTIVE, SCIM_INACTIVE };

/* true and false, as text in any case or as 1 and 0, too; anything else is unknown. */
enum scim_active scim_user_active(const struct scim_user *user);

/* The item of `emails` that speaks for a user: the primary one, else the one for work,
   else the first. One that has an address goes before one that has none. NULL where
   there are no items. */
yyjson_val *scim_email_item(yyjson_val *emails);

/* The address that speaks for a user: that item's, else the user name where it is an
   address. NULL where none is known. */
yyjson_val *scim_user_email(const struct scim_user *user);

#endif

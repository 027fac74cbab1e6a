/* SPDX-License-Identifier: ISC */
/*
 * change_view: one change with its lines parsed, and which of
 * its sides is told. Both outputs of changes_put.h see changes through it, so that they
 * speak of the same records.
 */
#ifndef ROLLCALL_CHANGE_VIEW_H
#define ROLLCALL_CHANGE_VIEW_H

#include "diff/changes.h"

/* The change and the texts in the records are borrowed from the changes. */
struct change_view {
	const struct change *change;
	struct record before, after;
	struct record compared; /* only of a membership */
	yyjson_doc *before_doc, *after_doc, *compared_doc;
};

/* 0, or -1 with a fault; release it in both cases. */
int change_view_init(struct change_view *view, const struct changes *changes,
                     const struct change *change, struct fault *fault);
void change_view_release(struct change_view *view);

/* A field that differs: the name of a member, or `extra.` and that of a member in it. */
typedef void change_put_field(void *to, struct span name, const struct value *before,
                              const struct value *after);

/* Puts each field that differs, one after the other. 0 or -1. */
int change_view_put_fields(const struct change_view *view, void *to, change_put_field *put,
                           struct fault *fault);

/* The record as it is now, or as it was. */
const struct record *change_view_record(const struct change_view *view);

/* Whose names make the label: those of now, or with `older` those of before. */
const struct record *change_view_label(const struct change_view *view, bool older);

/* Whose source and id are told: by names, those of the older side where it has
   the record. */
const struct record *change_view_identity(const struct changes *changes,
                                          const struct change_view *view);

#endif

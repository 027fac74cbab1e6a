/* SPDX-License-Identifier: ISC */
/*
 * model: the tree of values that a page is filled from (template.h). Texts are copied.
 * A lack of memory sticks, as in a buf: one model_check at the end finds it.
 */
#ifndef ROLLCALL_MODEL_H
#define ROLLCALL_MODEL_H

#include "base/fault.h"
#include "base/span.h"

#include <yyjson.h>

struct model {
	yyjson_mut_doc *doc;
	yyjson_mut_val *root; /* an object */
	bool failed;
};

/* 0 or -1; model_release is due in both cases. A zeroed struct is empty. */
int model_init(struct model *model, struct fault *fault);
void model_release(struct model *model);
int model_check(const struct model *model, struct fault *fault);

/* Members of an object; `name` is a literal. */
void model_text(struct model *model, yyjson_mut_val *object, const char *name, struct span text);
void model_number(struct model *model, yyjson_mut_val *object, const char *name, uint64_t number);
void model_flag(struct model *model, yyjson_mut_val *object, const char *name, bool value);
yyjson_mut_val *model_object(struct model *model, yyjson_mut_val *object, const char *name);
yyjson_mut_val *model_list(struct model *model, yyjson_mut_val *object, const char *name);

/* Items of a list: an object that is empty yet, or a text. */
yyjson_mut_val *model_item(struct model *model, yyjson_mut_val *list);
void model_item_text(struct model *model, yyjson_mut_val *list, struct span text);

/* Appends what a JSON text says to a list. */
void model_item_json(struct model *model, yyjson_mut_val *list, struct span json);

#endif

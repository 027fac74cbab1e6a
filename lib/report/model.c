/* SPDX-License-Identifier: ISC */
/* model: yyjson's mutable values, with one place that remembers a failure. */
#include "report/model.h"

#include "base/json.h"

int model_init(struct model *model, struct fault *fault)
{
	*model = (struct model){.doc = yyjson_mut_doc_new(NULL)};
	model->root = yyjson_mut_obj(model->doc);
	return model->root ? 0 : fault_memory(fault);
}

void model_release(struct model *model)
{
	yyjson_mut_doc_free(model->doc);
	*model = (struct model){0};
}

int model_check(const struct model *model, struct fault *fault)
{
	return model->failed ? fault_memory(fault) : 0;
}

void model_text(struct model *model, yyjson_mut_val *object, const char *name, struct span text)
{
	model->failed |= !yyjson_mut_obj_add_strncpy(model->doc, object, name, text.data, text.len);
}

void model_number(struct model *model, yyjson_mut_val *object, const char *name, uint64_t number)
{
	model->failed |= !yyjson_mut_obj_add_uint(model->doc, object, name, number);
}

void model_flag(struct model *model, yyjson_mut_val *object, const char *name, bool value)
{
	model->failed |= !yyjson_mut_obj_add_bool(model->doc, object, name, value);
}

static yyjson_mut_val *model_add(struct model *model, yyjson_mut_val *object, const char *name,
                                 yyjson_mut_val *value)
{
	model->failed |= !yyjson_mut_obj_add_val(model->doc, object, name, value);
	return value;
}

yyjson_mut_val *model_object(struct model *model, yyjson_mut_val *object, const char *name)
{
	return model_add(model, object, name, yyjson_mut_obj(model->doc));
}

yyjson_mut_val *model_list(struct model *model, yyjson_mut_val *object, const char *name)
{
	return model_add(model, object, name, yyjson_mut_arr(model->doc));
}

yyjson_mut_val *model_item(struct model *model, yyjson_mut_val *list)
{
	yyjson_mut_val *item = yyjson_mut_obj(model->doc);

	model->failed |= !yyjson_mut_arr_append(list, item);
	return item;
}

void model_item_text(struct model *model, yyjson_mut_val *list, struct span text)
{
	model->failed |=
		!yyjson_mut_arr_append(list, yyjson_mut_strncpy(model->doc, text.data, text.len));
}

void model_item_json(struct model *model, yyjson_mut_val *list, struct span json)
{
	yyjson_doc *doc = yyjson_read(json.data, json.len, YYJSON_READ_NOFLAG);

	model->failed |=
		!yyjson_mut_arr_append(list, yyjson_val_mut_copy(model->doc, yyjson_doc_get_root(doc)));
	yyjson_doc_free(doc);
}

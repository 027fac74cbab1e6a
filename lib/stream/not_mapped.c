/* SPDX-License-Identifier: ISC */
#include "stream/not_mapped.h"

static const char not_mapped[] = "not mapped: ";

bool not_mapped_next(yyjson_val *source, size_t *i, struct span *text)
{
	yyjson_val *list = yyjson_obj_get(source, "not_covered");
	size_t skip = sizeof not_mapped - 1;

	while (*i < yyjson_arr_size(list)) {
		if (json_text(yyjson_arr_get(list, (*i)++), text) &&
		    span_begins(*text, (struct span){not_mapped, skip})) {
			*text = (struct span){text->data + skip, text->len - skip};
			return true;
		}
	}
	return false;
}

bool not_mapped_has(yyjson_val *source, struct span text)
{
	const char *count = memrchr(text.data, '(', text.len);
	struct span name = {text.data, count ? (size_t)(count - text.data) + 1 : text.len}, other;

	for (size_t i = 0; not_mapped_next(source, &i, &other);)
		if (span_begins(other, name))
			return true;
	return false;
}

bool not_mapped_extra_next(yyjson_obj_iter *paths, yyjson_val *other, bool is_first,
                           struct span *name)
{
	yyjson_val *key;

	while ((key = yyjson_obj_iter_next(paths))) {
		struct span mine = SPAN_EMPTY, theirs = SPAN_EMPTY;
		yyjson_val *match;

		*name = json_key(key);
		match = yyjson_obj_getn(other, name->data, name->len);
		json_text(yyjson_obj_iter_get_val(key), &mine);
		json_text(match, &theirs);
		if (!match || (is_first && !span_is(mine, theirs)))
			return true;
	}
	return false;
}

yyjson_val *not_mapped_source(yyjson_val *sources, struct span name)
{
	yyjson_val *source;
	struct span text;
	size_t i, max;

	yyjson_arr_foreach(sources, i, max, source)
		if (json_text(yyjson_obj_get(source, "source"), &text) && span_is(text, name))
			return source;
	return NULL;
}

/* SPDX-License-Identifier: ISC */
/*
 * extra: a list that is small enough to be walked.
 */
#include "normalize/extra.h"

#include "base/inert.h"
#include "base/json_put.h"
#include "base/utf8.h"

static bool is_extra_name(struct span name)
{
	if (!name.len || name.len > ATTRIBUTE_NAME_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = ascii_lower(name.data[i]);

		if (!(c >= 'a' && c <= 'z') && !(i && c >= '0' && c <= '9') && !(i && c == '-') && c != '_')
			return false;
	}
	return true;
}

int extra_parse(void *to, const char *text, struct fault *fault)
{
	struct extras *extras = to;
	const char *equals = strchr(text, '=');
	struct extra_path extra = {
		.name = {text, equals ? (size_t)(equals - text) : 0},
		.path = span_of(equals ? equals + 1 : ""),
	};
	size_t at = extras->count;

	if (!is_extra_name(extra.name) || !extra.path.len || !utf8_is(extra.path))
		return fault_set(fault, FAULT_USAGE,
		                 "--map-extra takes NAME=PATH, a name of letters, digits, - and _, and the "
		                 "attribute as not_covered names it, not '%s'",
		                 INERT(span_of(text)));
	if (at == EXTRAS_MAX)
		return fault_set(fault, FAULT_USAGE, "--map-extra: more than the limit of %d", EXTRAS_MAX);
	while (at && span_compare(extras->list[at - 1].name, extra.name) >= 0) {
		if (span_is(extras->list[at - 1].name, extra.name))
			return fault_set(fault, FAULT_USAGE, "--map-extra: the name '%s' stands twice",
			                 INERT(extra.name));
		at--;
	}
	memmove(&extras->list[at + 1], &extras->list[at], (extras->count - at) * sizeof extra);
	extras->list[at] = extra;
	extras->count++;
	return 0;
}

bool extra_has_path(const struct extras *extras, struct span path)
{
	for (size_t i = 0; i < extras->count; i++)
		if (span_is_nocase(extras->list[i].path, path))
			return true;
	return false;
}

int extra_set(const struct extras *extras, struct record *record, const struct mapping *mapping,
              yyjson_val *resource, yyjson_val *included, struct fault *fault)
{
	struct record_member members[EXTRAS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < extras->count; i++) {
		yyjson_val *value = mapping->attribute(resource, included, extras->list[i].path);

		if (value && !(yyjson_is_obj(value) && !yyjson_obj_size(value))) /* {} shows nothing */
			members[count++] = (struct record_member){extras->list[i].name, value};
	}
	return record_set_members(record, record->kind == RECORD_USER ? USER_EXTRA : GROUP_EXTRA,
	                          members, count, fault);
}

void extra_put_paths(const struct extras *extras, struct buf *line)
{
	if (!extras->count)
		return;
	buf_puts(line, ",\"map_extra\":{");
	for (size_t i = 0; i < extras->count; i++) {
		json_array_next(line);
		json_put_string(line, extras->list[i].name);
		buf_putc(line, ':');
		json_put_string(line, extras->list[i].path);
	}
	buf_putc(line, '}');
}

/* SPDX-License-Identifier: ISC */
/*
 * provider: looking up rows of the table.
 */
#include "stream/provider.h"

const struct provider *provider_at(size_t i)
{
	return provider_rows[i].name ? &provider_rows[i] : NULL;
}

const struct provider *provider_find(struct span name)
{
	for (const struct provider *row = provider_rows; row->name; row++)
		if (span_is(name, span_of(row->name)))
			return row;
	return NULL;
}

const struct provider_variable *provider_variable(const struct provider *provider, struct span name)
{
	for (const struct provider_variable *at = provider->variables; at->name; at++)
		if (span_is(name, span_of(at->name)))
			return at;
	return NULL;
}

const char *provider_grade_word(enum provider_grade grade)
{
	static const char *const words[] = {
		[GRADE_VENDOR] = "vendor",
		[GRADE_COPY] = "copy",
		[GRADE_CODE] = "code",
		[GRADE_OTHERS] = "others",
	};

	return words[grade];
}

/* SPDX-License-Identifier: ISC */
/*
 * setting: one table.
 */
#include "check/setting.h"

#include "base/inert.h"
#include "base/near.h"
#include "base/option.h"

#include <stdio.h>
#include <stdlib.h>

const struct setting_row setting_rows[SETTINGS] = {
	[SET_DORMANT_DAYS] = {"dormant.days", 90, 1, 36500},
	[SET_NEVER_DAYS] = {"never-signed-in.days", 30, 1, 36500},
	[SET_PRIVILEGED_LEAST] = {"privileged-count.least", 2, 0, 1000000},
	[SET_PRIVILEGED_MOST] = {"privileged-count.most", 4, 0, 1000000},
	[SET_DEEP_LEVELS] = {"deep-group.levels", 3, 1, 1000},
	[SET_STALE_DAYS] = {"stale-snapshot.days", 7, 1, 36500},
	[SET_OVERDUE_DAYS] = {"review-overdue.days", 92, 1, 36500},
};

void setting_init(struct settings *settings)
{
	*settings = (struct settings){0};
	for (int i = 0; i < SETTINGS; i++)
		settings->values[i] = setting_rows[i].preset;
}

int setting_number(struct span name)
{
	int i = 0;

	while (i < SETTINGS && !span_is(name, span_of(setting_rows[i].name)))
		i++;
	return i;
}

static int setting_refuse_name(struct span name, struct fault *fault)
{
	struct near near = near_to(name);

	fault_set(fault, FAULT_USAGE, "--set: there is no setting '%s'; there are", INERT(name));
	for (int i = 0; i < SETTINGS; i++) {
		fault_hint(fault, "%s %s", i ? "," : "", setting_rows[i].name);
		near_try(&near, setting_rows[i].name);
	}
	return near_hint(&near, "", fault);
}

int setting_parse(void *into, const char *text, struct fault *fault)
{
	struct settings *settings = into;
	const char *rest = text;

	do {
		struct span word = option_take_word(&rest);
		const char *sign = memchr(word.data, '=', word.len);
		size_t name_len = sign ? (size_t)(sign - word.data) : word.len;
		int setting = setting_number((struct span){word.data, name_len});
		long number;
		char *end = NULL;

		if (setting == SETTINGS)
			return setting_refuse_name((struct span){word.data, name_len}, fault);
		number = sign && sign[1] >= '0' && sign[1] <= '9' ? strtol(sign + 1, &end, 10) : -1;
		if (number < setting_rows[setting].least || number > setting_rows[setting].most ||
		    end != word.data + word.len)
			return fault_set(fault, FAULT_USAGE, "--set: %s takes a number from %ld to %ld: '%s'",
			                 setting_rows[setting].name, setting_rows[setting].least,
			                 setting_rows[setting].most, INERT(word));
		settings->values[setting] = number;
		settings->given[setting] = true;
	} while (rest);
	return 0;
}

bool setting_is_range(const struct settings *settings, char text[SETTING_TEXT_MAX])
{
	long least = settings->values[SET_PRIVILEGED_LEAST];
	long most = settings->values[SET_PRIVILEGED_MOST];

	snprintf(
		text, SETTING_TEXT_MAX,
		"privileged-count.least is %ld, more than privileged-count.most, which is %ld: set both",
		least, most);
	return least <= most;
}

void setting_put_all(struct buf *text, struct span check)
{
	for (int i = 0; i < SETTINGS; i++) {
		struct span name = span_of(setting_rows[i].name);

		if (!span_begins(name, check) || name.data[check.len] != '.')
			continue;
		buf_putf(text, "%s%s (%ld)", text->len ? ", " : "", name.data, setting_rows[i].preset);
	}
}

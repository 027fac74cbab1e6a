/* SPDX-License-Identifier: ISC */
/*
 * switches: setting and asking; the table itself is in switches.h.
 *
 * The form of a value that the table shows to people is also what values are
 * checked against: STATUS, N and the like want a number first, a|b|c wants one
 * of these words, anything else is taken as it is.
 */
#include "switches.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const struct row {
	const char *name;
	const char *value;
	const char *what;
} rows[FAULTS] = {
#define AS_ROW(id, name, value, what) [id] = {name, value, what},
	SWITCHES(AS_ROW)
#undef AS_ROW
};

void switches_release(struct switches *switches)
{
	for (size_t i = 0; i < FAULTS; i++)
		free(switches->at[i].text);
	*switches = (struct switches){0};
}

static bool wants_number(const struct row *row)
{
	static const char *const forms[] = {"N", "[N]", "STATUS", "BYTES", "[MIB]", "MS"};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (text_starts(row->value, forms[i]))
			return true;
	return false;
}

static bool is_one_of(const char *words, const char *value)
{
	size_t length = strlen(value);

	for (; words; words = strchr(words, '|')) {
		words += *words == '|';
		if (strncmp(words, value, length) == 0 && strchr("|", words[length]))
			return true;
	}
	return false;
}

static int check(const struct row *row, const char *value, struct why *why)
{
	if (!*row->value && *value)
		return refuse(why, "switch %s takes no value", row->name);
	if (*row->value && *row->value != '[' && !*value)
		return refuse(why, "switch %s needs a value: %s", row->name, row->value);
	if (wants_number(row) && *value && !isdigit((unsigned char)*value))
		return refuse(why, "switch %s: '%s' is not %s", row->name, value, row->value);
	if (islower((unsigned char)*row->value) && !is_one_of(row->value, value))
		return refuse(why, "switch %s: '%s' is not %s", row->name, value, row->value);
	return 0;
}

static int find_row(const char *name, struct why *why)
{
	for (int i = 0; i < FAULTS; i++)
		if (strcmp(rows[i].name, name) == 0)
			return i;
	return refuse(why, "there is no switch '%s'", name);
}

int switches_set(struct switches all[SERVICES], const char *name, const char *value,
                 struct why *why)
{
	const char *colon = strchr(name, ':');
	size_t service = 0;
	bool on = !value || strcmp(value, "off") != 0;
	int fault;

	while (colon && service < SERVICES &&
	       (strncmp(name, service_names[service], (size_t)(colon - name)) != 0 ||
	        service_names[service][colon - name]))
		service++;
	if (service == SERVICES)
		return refuse(why, "there is no service as in '%s'", name);
	fault = find_row(colon ? colon + 1 : name, why);
	if (fault < 0)
		return -1;
	value = value && on ? value : "";
	if (on && check(&rows[fault], value, why))
		return -1;
	for (size_t i = colon ? service : 0; i <= (colon ? service : SERVICES - 1); i++) {
		free(all[i].at[fault].text);
		all[i].at[fault].text = text_copy(value);
		all[i].at[fault].number = *value ? strtol(value, NULL, 10) : 1;
		all[i].at[fault].on = on;
		all[i].since[fault] = 0;
	}
	return 0;
}

long switches_second_number(const struct switches *switches, enum fault fault, long otherwise)
{
	const char *colon = switches->at[fault].on ? strchr(switches->at[fault].text, ':') : NULL;

	return colon ? strtol(colon + 1, NULL, 10) : otherwise;
}

void switches_count_request(struct switches *switches)
{
	for (size_t i = 0; i < FAULTS; i++)
		switches->since[i]++;
}

bool switches_spend(struct switches *switches, enum fault fault)
{
	if (!switches->at[fault].on || switches->at[fault].number < 1)
		return false;
	switches->at[fault].number--;
	return true;
}

bool switches_hit(const struct switches *switches, enum fault fault, bool has_middle, long *middle)
{
	unsigned long first = (unsigned long)switches->at[fault].number, times = 1;
	char *rest;

	if (!switches->at[fault].on)
		return false;
	strtol(switches->at[fault].text, &rest, 10);
	if (has_middle && *rest == ':')
		*middle = strtol(rest + 1, &rest, 10);
	if (*rest == ':')
		times = strtoul(rest + 1, NULL, 10);
	return switches->since[fault] >= first && switches->since[fault] - first < times;
}

void switches_list(FILE *out)
{
	for (size_t i = 0; i < FAULTS; i++)
		fprintf(out, "%s%s%s\n\t%s\n", rows[i].name, *rows[i].value ? "=" : "", rows[i].value,
		        rows[i].what);
}

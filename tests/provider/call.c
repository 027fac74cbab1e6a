/* SPDX-License-Identifier: ISC */
/*
 * call: taking a request apart, and the arithmetic of pages.
 *
 * The path is split before it is decoded, so that an encoded slash stays part
 * of an id. A window is computed once, honestly, and then bent by the paging
 * switches; RFC 7644 section 3.4.2.4 is the honest part.
 */
#include "call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void call_add_argument(struct call *call, const char *name, const char *value)
{
	if (call->argument_count == ARGUMENTS_MAX)
		return;
	call->arguments[call->argument_count].name = text_copy(name);
	call->arguments[call->argument_count++].value = text_copy(value);
}

static void add_segment(struct call *call, const char *text, size_t length)
{
	if (call->segment_count >= SEGMENTS_MAX) {
		call->segment_count = SEGMENTS_MAX + 1;
		return;
	}
	call->segments[call->segment_count] = text_format("%.*s", (int)length, text);
	text_percent_decode(call->segments[call->segment_count++], false);
}

void call_take_apart(struct call *call, const char *target)
{
	size_t path = strcspn(target, "?");
	char *query = text_copy(target[path] ? target + path + 1 : ""), *rest = query, *pair;

	for (size_t at = 0; at < path;) {
		size_t length;

		at += target[at] == '/';
		length = strcspn(target + at, "/?");
		add_segment(call, target + at, length);
		at += length;
	}
	while ((pair = strsep(&rest, "&"))) {
		char *value = strchr(pair, '=');

		if (value)
			*value++ = '\0';
		text_percent_decode(pair, true);
		if (value)
			text_percent_decode(value, true);
		if (*pair)
			call_add_argument(call, pair, value ? value : "");
	}
	free(query);
}

void call_release(struct call *call)
{
	for (size_t i = 0; i < call->segment_count && i < SEGMENTS_MAX; i++)
		free(call->segments[i]);
	for (size_t i = 0; i < call->argument_count; i++) {
		free(call->arguments[i].name);
		free(call->arguments[i].value);
	}
	yyjson_mut_doc_free(call->doc);
	free(call->etag);
	*call = (struct call){0};
}

const char *call_argument(const struct call *call, const char *name)
{
	for (size_t i = 0; i < call->argument_count; i++)
		if (strcmp(call->arguments[i].name, name) == 0)
			return call->arguments[i].value;
	return NULL;
}

bool call_ends_with(const struct call *call, size_t at, const char *name)
{
	return call->segment_count == at + 1 && strcmp(call->segments[at], name) == 0;
}

yyjson_mut_val *call_answer(struct call *call, unsigned status)
{
	yyjson_mut_doc_free(call->doc);
	call->doc = yyjson_mut_doc_new(NULL);
	if (!call->doc)
		give_up("out of memory");
	call->status = status;
	yyjson_mut_doc_set_root(call->doc, yyjson_mut_obj(call->doc));
	return yyjson_mut_doc_get_root(call->doc);
}

void call_error(struct call *call, unsigned status, const char *detail)
{
	if (call->service == SCALR)
		scalr_error(call, status, detail);
	else
		scim_error(call, status, NULL, detail);
}

const char *call_trace(const struct call *call, const char *detail)
{
	return on(call, TRACE_ERRORS)
	           ? "Traceback (most recent call last):\r\n"
	             "  File \"/srv/scim/app.py\", line 42, in \033[31mread\033[0m\n"
	             "\033[2J\342\200\256gnp.exe \a sqlite3.OperationalError: no such "
	             "table: users [parameters: ('ada@example.com', 'hunter2')]"
	           : detail;
}

long page_size(const struct call *call, long asked)
{
	long size = asked;

	if (asked < 0 || (on(call, IGNORE_COUNT) && strcmp(call->method, "POST") != 0))
		size = number_or(call, DEFAULT_COUNT, call->service == SCALR ? 20 : 100);
	if (size > number_or(call, CAP, size))
		size = number_or(call, CAP, size);
	if (call->page_max && size > (long)call->page_max)
		size = (long)call->page_max;
	return size;
}

void call_add_float(struct call *call, yyjson_mut_val *object, const char *key, size_t count)
{
	char *text = count >= 10 && call->number % 2
	                 ? text_format("%zu.%zuE%d", count / 10, count % 10, 1)
	                 : text_format("%zu.0", count);

	yyjson_mut_obj_add_val(call->doc, object, key, yyjson_mut_rawcpy(call->doc, text));
	free(text);
}

struct window page_window(const struct call *call, size_t total, long start, long size)
{
	struct window window = {0};
	size_t limit = (size_t)number_or(call, TRUNCATE, (long)total);
	size_t overlap = (size_t)number_or(call, OVERLAP, 0);

	window.total = total < limit ? total : limit;
	if (start < 1 || (on(call, IGNORE_START_INDEX) && strcmp(call->method, "POST") != 0))
		start = 1;
	window.echo = (size_t)start;
	window.first = (size_t)start - 1;
	window.first -= overlap < window.first ? overlap : window.first;
	window.past_end = window.first >= window.total;
	if (window.past_end && on(call, WRAP_PAST_END))
		window.first = 0;
	if (window.first > window.total)
		window.first = window.total;
	window.count = window.total - window.first;
	if (window.count > (size_t)size)
		window.count = (size_t)size;
	if (on(call, EMPTY_LIST_WITH_TOTAL))
		window.count = 0;
	window.said = window.total + (size_t)number_or(call, TOTAL_TOO_BIG, 0);
	if (on(call, TOTAL_IS_PAGE))
		window.said = window.count;
	if (on(call, TOTAL_IS_LEFT))
		window.said = window.total - window.first;
	if (on(call, TOTAL_AT_LEAST) && !window.past_end)
		window.said = window.first + window.count + (window.count == (size_t)size);
	if (window.past_end && on(call, TOTAL_ZERO_PAST_END))
		window.said = 0;
	return window;
}

struct record *page_record(const struct call *call, const struct records *list, size_t at)
{
	if (on(call, REORDER_PER_REQUEST)) {
		at = (at + call->number) % list->count;
		if (call->number % 2)
			at = list->count - 1 - at;
	}
	return list->at[at];
}

void page_turn(struct call *call)
{
	struct records users = directory_view(call->directory, call->service, USER);
	struct why why;

	if (!call->more_users)
		return;
	if (users.count && switches_spend(call->switches, DELETE_BETWEEN_PAGES))
		directory_remove(call->directory, USER, users.at[0]->id, &why);
	if (switches_spend(call->switches, INSERT_BETWEEN_PAGES)) {
		unsigned long n = call->directory->last_serial[USER] + 1;
		char *line = text_format("{\"kind\":\"user\",\"id\":\"inserted-%lu\","
		                         "\"user_name\":\"inserted.%lu@example.com\"}",
		                         n, n);

		if (directory_put(call->directory, line, true, &why))
			give_up("%s", why.text);
		free(line);
	}
}

char *record_time(const struct record *record, enum moment moment)
{
	enum { HOUR = 3600, FIRST = 1704708000 /* 2024-01-08T10:00:00Z */ };
	time_t at = FIRST + (time_t)(record->serial - 1) * 26 * HOUR;
	char text[32];
	struct tm utc;

	if (moment == CHANGED)
		at += (time_t)30 * 24 * HOUR + (time_t)record->revision * HOUR;
	gmtime_r(&at, &utc);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
	return text_copy(text);
}

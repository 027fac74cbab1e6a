/* SPDX-License-Identifier: ISC */
/*
 * report: counting, while a snapshot passes. What is shown of it is in report_page.
 */
#include "report/report_parts.h"

#include "base/json_put.h"

#include <stdlib.h>

enum { GROUPS_SHOWN = 20 }; /* of an account */

const char *const report_format_names[REPORT_FORMATS] =
	{[REPORT_HTML] = "html", [REPORT_MARKDOWN] = "markdown", [REPORT_TEXT] = "text"};

/* ---- gaps and groups ---- */

static int report_take_gap(void *context, const struct record *gap, struct fault *fault)
{
	struct report *report = context;
	yyjson_mut_val *item;

	if (report_take_source(report, record_text(gap, GAP_SOURCE), fault) < 0)
		return -1;
	report->source->gaps++;
	gaps_take(&report->source->lists, gap);
	if (report_take_blind(report, gap, fault) < 0)
		return -1;
	if (report->has_decisions && sight_take_gap(&report->sight, gap, fault) < 0)
		return -1;
	if (yyjson_mut_arr_size(report->gaps) == REPORT_ROWS_MAX) {
		report->gaps_left_out++;
		return 0;
	}
	item = model_item(&report->model, report->gaps);
	model_text(&report->model, item, "source", record_text(gap, GAP_SOURCE));
	model_text(&report->model, item, "scope", record_text(gap, GAP_SCOPE));
	model_text(&report->model, item, "id", record_text(gap, GAP_ID));
	model_text(&report->model, item, "reason", record_text(gap, GAP_REASON));
	return 0;
}

static int report_take_group(void *context, const struct record *group, struct fault *fault)
{
	struct report *report = context;

	if (report_take_source(report, record_text(group, GROUP_SOURCE), fault) < 0)
		return -1;
	report->source->groups++;
	return 0;
}

/* Of whatever kind: the line of a membership is counted as it stands. */
static int report_take_membership(void *context, struct fault *fault)
{
	struct report *report = context;
	const struct snapshot_reader *reader = &report->access.reader;

	if (!span_is(reader->source, buf_span(&report->source_line))) {
		buf_clear(&report->source_line);
		buf_put_span(&report->source_line, reader->source);
		if (buf_check(&report->source_line, fault) < 0 ||
		    report_take_source_of(report, reader->key, fault) < 0)
			return -1;
	}
	report->source->memberships++;
	return 0;
}

static int report_take_nesting(void *context, struct fault *fault)
{
	struct report *report = context;

	if (report_begin_groups(report, fault) < 0)
		return -1;
	return report->has_decisions
	           ? sight_take_nesting(&report->sight, &report->access.nesting, fault)
	           : 0;
}

/* ---- accounts ---- */

enum report_status report_status_of(const struct record *user)
{
	struct span status = record_text(user, USER_STATUS);

	return span_is(status, span_of("enabled"))    ? REPORT_ENABLED
	       : span_is(status, span_of("disabled")) ? REPORT_DISABLED
	                                              : REPORT_UNKNOWN;
}

int report_last_login(const struct record *user, char utc[WHEN_MAX])
{
	const struct value *last = &user->values[USER_LAST_LOGIN_AT];

	if (last->type == VALUE_TEXT && !when_utc(last->text, utc))
		return VALUE_ABSENT;
	return (int)last->type;
}

bool report_is_before(const char utc[WHEN_MAX], const char limit[WHEN_MAX])
{
	return memcmp(utc, limit, sizeof "2026-11-22T00:00:00" - 1) < 0;
}

/* Whole days are the limits: exactly 90 of them ago is "up to 90 days". */
static enum report_age age_of(const struct report_source *source, const struct record *user)
{
	char last[WHEN_MAX];
	int type = report_last_login(user, last), age = AGE_30_DAYS;

	if (type != VALUE_TEXT)
		return type == VALUE_NULL ? AGE_NEVER : AGE_NOT_SHOWN;
	while (age < AGE_OLDER && report_is_before(last, source->days_ago[age]))
		age++;
	return (enum report_age)age;
}

static void report_count_user(struct report *report, const struct access_subject *subject)
{
	struct report_source *source = report->source;
	const struct record *user = subject->record;
	struct span type = record_text(user, USER_ACCOUNT_TYPE);
	enum report_status status = report_status_of(user);

	source->statuses[status]++;
	source->people += span_is(type, span_of("human"));
	source->services += span_is(type, span_of("service"));
	source->untyped += !span_is(type, span_of("human")) && !span_is(type, span_of("service"));
	source->disabled_in_groups += status == REPORT_DISABLED && subject->count;
	if (status != REPORT_DISABLED && !span_is(type, span_of("service")))
		source->ages[age_of(source, user)]++;
}

/* A time as people read it: its day; a word where there is none. A text that is no time
   stays as it is. */
static struct span last_login_text(const struct record *user, char utc[WHEN_MAX])
{
	int type = user ? report_last_login(user, utc) : VALUE_ABSENT;

	if (type == VALUE_TEXT)
		return (struct span){utc, 10};
	if (type == VALUE_NULL)
		return span_of("never");
	return user && record_text(user, USER_LAST_LOGIN_AT).len ? record_text(user, USER_LAST_LOGIN_AT)
	                                                         : span_of("not shown");
}

static void row_put_access(struct report *report, const struct access_subject *subject)
{
	struct buf *row = &report->row;

	buf_puts(row, ",\"access\":[");
	for (size_t i = 0; i < subject->count && i < GROUPS_SHOWN; i++) {
		json_array_next(row);
		buf_clear(&report->text);
		access_put_group(&report->text, &report->access.nesting, subject->reached[i].group);
		buf_puts(row, "{\"name\":");
		json_put_string(row, buf_span(&report->text));
		if (subject->reached[i].level) {
			buf_clear(&report->text);
			access_put_path(&report->text, &report->access.nesting, subject->reached, i);
			json_put_member(row, "via", buf_span(&report->text));
		}
		buf_putc(row, '}');
	}
	buf_puts(row, "]");
	if (subject->count > GROUPS_SHOWN)
		buf_putf(row, ",\"more\":%zu", subject->count - GROUPS_SHOWN);
}

/* The roles a record shows, behind the groups. */
static void row_put_roles(struct report *report, const struct record *user)
{
	const struct value *roles = user ? &user->values[USER_ROLES] : NULL;

	if (roles && roles->type == VALUE_LIST) {
		buf_puts(&report->row, ",\"roles\":");
		buf_put_span(&report->row, roles->text);
	}
}

static int report_put_person(struct report *report, const struct access_subject *subject,
                             struct fault *fault)
{
	const struct record *user = subject->record;
	struct buf *key = &report->key, *row = &report->row;
	char last_login[WHEN_MAX];

	if (!top_wants(&report->people, buf_span(key)))
		return 0;
	buf_clear(row);
	buf_puts(row, "{\"name\":");
	json_put_string(row, report_subject_name(report, subject));
	json_put_member(row, "display_name", user ? record_text(user, USER_DISPLAY_NAME) : span_of(""));
	json_put_member(row, "source", report->source->name);
	json_put_member(row, "status", user ? record_text(user, USER_STATUS) : span_of("not listed"));
	json_put_member(row, "type",
	                user ? record_text(user, USER_ACCOUNT_TYPE)
	                     : span_of(subject->is_group ? "group" : "unknown"));
	json_put_member(row, "last_login", last_login_text(user, last_login));
	row_put_access(report, subject);
	row_put_roles(report, user);
	buf_putc(row, '}');
	if (buf_check(row, fault) < 0 || buf_check(&report->text, fault) < 0)
		return -1;
	return top_add(&report->people, buf_span(key), buf_span(row), fault);
}

static int report_take_subject(void *context, const struct access_subject *subject,
                               struct fault *fault)
{
	struct report *report = context;
	const struct record *user = subject->record;

	if ((user ? report_take_source(report, record_text(user, USER_SOURCE), fault)
	          : report_take_source_of(report, subject->key, fault)) < 0)
		return -1;
	if (user)
		report_count_user(report, subject);
	else
		report->source->unlisted++;
	/* the order of the tables: by name */
	buf_clear(&report->key);
	if (user)
		record_put_folded_name(&report->key, user);
	buf_putc(&report->key, '\0');
	buf_put_span(&report->key, subject->key);
	if (buf_check(&report->key, fault) < 0)
		return -1;
	if (report_count_members(report, subject, fault) < 0 ||
	    (report->has_decisions &&
	     sight_take_subject(&report->sight, &report->access.nesting, subject, fault) < 0))
		return -1;
	return report_put_person(report, subject, fault);
}

/* ---- the end of a snapshot ---- */

/* What the begin line says of a directory that shows nothing of itself, too. */
static int report_take_entry(struct report *report, yyjson_val *entry, struct fault *fault)
{
	struct span select = json_obj_text(entry, "select");
	yyjson_mut_val *item;
	yyjson_val *words;
	struct span text;
	size_t i, max;

	if (report_take_source(report, json_obj_text(entry, "source"), fault) < 0)
		return -1;
	if (report->has_decisions && sight_take_source(&report->sight, entry, fault) < 0)
		return -1;
	report->source->is_selected = select.len > 0;
	report->source->is_file = !json_obj_text(entry, "origin").len;
	item = model_item(&report->model, report->entries);
	model_text(&report->model, item, "source", report->source->name);
	model_text(&report->model, item, "provider", json_obj_text(entry, "provider"));
	model_text(&report->model, item, "origin", json_obj_text(entry, "origin"));
	model_text(&report->model, item, "as_of", report->source->as_of);
	model_text(&report->model, item, "select", select);
	item = model_list(&report->model, item, "not_covered");
	yyjson_arr_foreach(yyjson_obj_get(entry, "not_covered"), i, max, words)
		if (json_text(words, &text))
			model_item_text(&report->model, item, text);
	return 0;
}

static int report_take_end(void *context, struct fault *fault)
{
	struct report *report = context;
	const struct snapshot_reader *reader = &report->access.reader;
	yyjson_mut_val *item;
	yyjson_val *entry;
	size_t i, max;

	yyjson_arr_foreach(reader->sources, i, max, entry)
		if (report_take_entry(report, entry, fault) < 0)
			return -1;
	for (uint32_t place = 0; place < report->access.nesting.count; place++)
		if (report_put_group(report, place, fault) < 0)
			return -1;
	item = model_item(&report->model, report->snapshots);
	model_text(&report->model, item, "file", snapshot_reader_name(reader));
	model_text(&report->model, item, "sha256", span_of(reader->sha256));
	report_put_input(report, "", report->path, span_of(reader->sha256),
	                 span_of(reader->stream.begin_hex));
	return 0;
}

bool report_has_snapshot(const struct report *report, struct span sha256)
{
	yyjson_mut_val *item;
	size_t i, max;

	yyjson_mut_arr_foreach(report->snapshots, i, max,
	                       item) if (yyjson_mut_equals_strn(yyjson_mut_obj_get(item, "sha256"),
	                                                        sha256.data, sha256.len)) return true;
	return false;
}

int report_read(struct report *report, const char *path, struct fault *fault)
{
	report->first_source = report->source_count;
	report->blind_count = 0;
	buf_clear(&report->source_line);
	report->path = path;
	return access_read(&report->access, path, fault);
}

/* ---- life ---- */

int report_open(struct report *report, const struct report_options *options, struct fault *fault)
{
	*report = (struct report){.options = options};
	report->access = (struct access){
		.each_gap = report_take_gap,
		.each_group = report_take_group,
		.each_membership = report_take_membership,
		.each_nesting = report_take_nesting,
		.each_subject = report_take_subject,
		.each_end = report_take_end,
		.context = report,
		.memory = options->memory,
	};
	if (model_init(&report->model, fault) < 0 ||
	    top_init(&report->people, REPORT_ROWS_MAX, fault) < 0 ||
	    top_init(&report->groups, REPORT_ROWS_MAX, fault) < 0 ||
	    top_init(&report->largest, LARGEST_SHOWN, fault) < 0)
		return -1;
	report->gaps = model_list(&report->model, report->model.root, "gaps");
	report->entries = model_list(&report->model, report->model.root, "sources");
	report->snapshots = model_list(&report->model, report->model.root, "snapshots");
	report->inputs = model_list(&report->model, report->model.root, "inputs");
	report->older = model_list(&report->model, report->model.root, "older");
	return model_check(&report->model, fault);
}

void report_release(struct report *report)
{
	access_release(&report->access);
	model_release(&report->model);
	arena_release(&report->texts);
	top_release(&report->people);
	top_release(&report->groups);
	top_release(&report->largest);
	json_reader_release(&report->json);
	buf_release(&report->key);
	buf_release(&report->row);
	buf_release(&report->text);
	free(report->sources);
	free(report->points);
	free(report->finding_points);
	buf_release(&report->source_line);
	report_release_groups(report);
	free(report->blind);
	free(report->members);
	free(report->tallies);
	free(report->columns);
	set_release(&report->older_places);
	sight_release(&report->sight);
	free(report->deciders);
	set_release(&report->decider_places);
}

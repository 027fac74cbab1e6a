/* SPDX-License-Identifier: ISC */
/*
 * list_account: the accounts that are asked for, and their rows.
 */
#include "list/list_parts.h"

bool list_is_group(struct list *list, uint32_t place)
{
	const struct nested_group *group = &list->access.nesting.groups[place];
	struct span asked = span_of(list->options->group);
	bool is_it = span_is_nocase(group->name, asked);

	if (!is_it) {
		buf_clear(&list->id);
		access_put_id(&list->id, group->key);
		is_it = span_is(buf_span(&list->id), asked);
	}
	list->group_is_there |= is_it;
	return is_it;
}

bool list_is_asked(struct list *list, const struct reached *reached)
{
	return !(list->options->direct && reached->level) &&
	       (!list->options->group || list_is_group(list, reached->group));
}

/* Did the account not sign in since --idle? One that does not show it is counted. */
static bool list_is_idle(struct list *list, const struct record *user)
{
	const struct value *value = user ? &user->values[USER_LAST_LOGIN_AT] : NULL;

	if (!value || value->type == VALUE_ABSENT) {
		list->idle_unknown++;
		return false;
	}
	return value->type == VALUE_NULL ||
	       when_compare(value->text, span_of(list->source->idle_before)) < 0;
}

/* Is it one of --user? */
static int list_is_user(struct list *list, const struct record *user, struct fault *fault)
{
	return user ? account_search_has(&list->search, user, fault)
	            : span_is(buf_span(&list->name), span_of(list->options->user));
}

int list_wants(struct list *list, const struct record *user, struct fault *fault)
{
	int is_user = 1;

	const struct list_options *options = list->options;

	if (!list_wants_source(list))
		return 0;
	if (options->user && (is_user = list_is_user(list, user, fault)) <= 0)
		return is_user;
	list->user_is_there = true;
	if (options->enabled && !(user && span_is(record_text(user, USER_STATUS), span_of("enabled"))))
		return 0;
	return !options->idle_days || list_is_idle(list, user);
}

static void list_set_account(struct list *list, const struct record *user, bool is_group)
{
	static const struct {
		enum list_column column;
		int field;
	} cells[] = {
		{COLUMN_USER_NAME, USER_USER_NAME},
		{COLUMN_EMAIL, USER_EMAIL},
		{COLUMN_DISPLAY_NAME, USER_DISPLAY_NAME},
		{COLUMN_STATUS, USER_STATUS},
		{COLUMN_ACCOUNT_TYPE, USER_ACCOUNT_TYPE},
		{COLUMN_CREATED_AT, USER_CREATED_AT},
		{COLUMN_LAST_LOGIN_AT, USER_LAST_LOGIN_AT},
		{COLUMN_DEPARTMENT, USER_DEPARTMENT},
		{COLUMN_MANAGER, USER_MANAGER_NAME},
		{COLUMN_CREATED_BY, USER_CREATED_BY},
		{COLUMN_TITLE, USER_TITLE},
		{COLUMN_EMPLOYEE_NUMBER, USER_EMPLOYEE_NUMBER},
	};

	list_begin_row(list);
	list_set_text(list, COLUMN_USER_ID, buf_span(&list->name));
	list_set_type(list, COLUMN_PRIVILEGED, LIST_NOT_SHOWN);
	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
		if (user)
			list_set_value(list, cells[i].column, user, cells[i].field);
		else
			list_set_type(list, cells[i].column, LIST_NOT_SHOWN);
	if (list->options->for_people && list->cells[COLUMN_USER_NAME].type != LIST_TEXT)
		list_set_text(list, COLUMN_USER_NAME,
		              buf_span(&list->name)); /* the id is better than none */
	if (user && !record_text(user, USER_MANAGER_NAME).len)
		list_set_value(list, COLUMN_MANAGER, user, USER_MANAGER);
	if (user)
		return;
	list_set_text(list, COLUMN_STATUS, span_of("not listed"));
	list_set_text(list, COLUMN_ACCOUNT_TYPE, span_of(is_group ? "group" : "unknown"));
}

/* A list in one cell: "admin; viewer". Its bytes stand in `text_of`. */
static int list_set_list(struct list *list, enum list_column column, const struct record *user,
                         int field, struct buf *text_of, struct fault *fault)
{
	const struct value *roles = user ? &user->values[field] : NULL;
	yyjson_val *role;
	struct span text;
	size_t i, max;

	if (!roles || roles->type != VALUE_LIST) {
		list_set_type(list, column,
		              roles && roles->type == VALUE_NULL ? LIST_NONE : LIST_NOT_SHOWN);
		return 0;
	}
	role = json_read(&list->reader, roles->text, fault);
	if (!role)
		return -1;
	buf_clear(text_of);
	for (i = 0, max = yyjson_arr_size(role); i < max; i++)
		if (json_text(yyjson_arr_get(role, i), &text)) {
			buf_puts(text_of, text_of->len ? "; " : "");
			buf_put_span(text_of, text);
		}
	list_set_text(list, column, buf_span(text_of));
	return buf_check(text_of, fault);
}

int list_set_since(struct list *list, enum review_what what, struct span access_id, bool nested,
                   struct fault *fault)
{
	struct span time = SPAN_EMPTY;

	if (!list->options->since_from)
		return 0;
	switch (since_find(&list->since, list->source->name, buf_span(&list->name), what, access_id,
	                   nested, &time)) {
	case SINCE_IS_KNOWN: list_set_text(list, COLUMN_SINCE, time); break;
	case SINCE_IS_NEW: list_set_type(list, COLUMN_SINCE, LIST_NONE); break;
	default: list_set_type(list, COLUMN_SINCE, LIST_NOT_SHOWN);
	}
	return buf_check(&list->since.key, fault);
}

/* A row for each group that was asked for; how many, or -1. */
static int list_put_groups(struct list *list, const struct access_subject *subject,
                           struct fault *fault)
{
	int rows = 0, put;

	for (size_t i = 0; i < subject->count; i++) {
		const struct reached *reached = &subject->reached[i];
		const struct nested_group *group = &list->access.nesting.groups[reached->group];

		if (!list_is_asked(list, reached))
			continue;
		buf_clear(&list->id);
		access_put_id(&list->id, group->key);
		list_set_text(list, COLUMN_ACCESS_KIND, span_of("group"));
		list_set_text(list, COLUMN_ACCESS_ID, buf_span(&list->id));
		list_set_text(list, COLUMN_ACCESS, group->name);
		if (!group->name.len)
			list_set_type(list, COLUMN_ACCESS, LIST_NOT_SHOWN);
		list_set_type(list, COLUMN_VIA, LIST_EMPTY);
		if (reached->level) {
			buf_clear(&list->path);
			access_put_path(&list->path, &list->access.nesting, subject->reached, i);
			list_set_text(list, COLUMN_VIA, buf_span(&list->path));
		}
		list_set_number(list, COLUMN_LEVEL, reached->level);
		if (list_set_group_decision(list, subject, i, fault) < 0 ||
		    list_set_since(list, REVIEW_MEMBERSHIP, buf_span(&list->id), true, fault) < 0 ||
		    buf_check(&list->id, fault) < 0 || buf_check(&list->path, fault) < 0 ||
		    (put = list_put_row(list, fault)) < 0)
			return -1;
		rows += put;
	}
	return rows;
}

/* A row for each role or entitlement; how many, or -1. */
static int list_put_roles(struct list *list, const struct access_subject *subject,
                          enum review_what what, struct fault *fault)
{
	bool is_role = what == REVIEW_ROLE;
	const struct record *user = subject->record;
	const struct value *roles =
		user ? &user->values[is_role ? USER_ROLES : USER_ENTITLEMENTS] : NULL;
	yyjson_doc *doc;
	yyjson_val *role;
	size_t i, max;
	int rows = 0;

	if (!roles || roles->type != VALUE_LIST || list->options->group)
		return 0;
	doc = json_parse(roles->text, NULL, fault);
	if (!doc)
		return -1;
	yyjson_arr_foreach(yyjson_doc_get_root(doc), i, max, role) {
		struct span text = SPAN_EMPTY;
		int put;

		json_text(role, &text);
		list_set_text(list, COLUMN_ACCESS_KIND, span_of(is_role ? "role" : "entitlement"));
		list_set_text(list, COLUMN_ACCESS_ID, text);
		list_set_text(list, COLUMN_ACCESS, text);
		list_set_type(list, COLUMN_VIA, LIST_EMPTY);
		list_set_number(list, COLUMN_LEVEL, 0);
		put = rows < 0 || list_set_decision(list, subject, what, text, fault) < 0 ||
		              list_set_since(list, what, text, false, fault) < 0
		          ? -1
		          : list_put_row(list, fault);
		rows = put < 0 ? -1 : rows + put;
	}
	yyjson_doc_free(doc);
	return rows;
}

int list_put_account(struct list *list, const struct access_subject *subject, struct fault *fault)
{
	uint64_t groups = 0;
	int rows, roles = 0, entitlements = 0;

	list_set_account(list, subject->record, subject->is_group);
	if (list->options->by == LIST_USER) {
		for (size_t i = 0; i < subject->count; i++)
			groups += list_is_asked(list, &subject->reached[i]);
		if (list->options->group && !groups)
			return 0;
		list_set_count(list, COLUMN_GROUPS, groups, list_sees_memberships(list->source));
		rows = list_set_decision(list, subject, REVIEW_ACCOUNT, span_of(""), fault) < 0 ||
		               list_set_since(list, REVIEW_ACCOUNT, span_of(""), false, fault) < 0 ||
		               list_set_list(list, COLUMN_ROLES, subject->record, USER_ROLES, &list->path,
		                             fault) < 0 ||
		               list_set_list(list, COLUMN_OWNERS, subject->record, USER_OWNERS, &list->id,
		                             fault) < 0
		           ? -1
		           : list_put_row(list, fault);
	} else {
		rows = list_put_groups(list, subject, fault);
		if (rows >= 0)
			roles = list_put_roles(list, subject, REVIEW_ROLE, fault);
		if (rows >= 0 && roles >= 0)
			entitlements = list_put_roles(list, subject, REVIEW_ENTITLEMENT, fault);
		if (rows == 0 && roles == 0 && entitlements == 0 && !list->options->group &&
		    subject->record) {
			for (int column = COLUMN_ACCESS_KIND; column <= COLUMN_LEVEL; column++)
				list_set_type(list, (enum list_column)column, LIST_EMPTY);
			rows = list_set_decision(list, subject, REVIEW_ACCOUNT, span_of(""), fault) < 0 ||
			               list_set_since(list, REVIEW_ACCOUNT, span_of(""), false, fault) < 0
			           ? -1
			           : list_put_row(list, fault);
		}
	}
	if (rows < 0 || roles < 0 || entitlements < 0)
		return -1;
	list->accounts += rows + roles + entitlements > 0;
	return 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * list_columns: the tables.
 */
#include "list/list_columns.h"

const char *const list_by_names[LIST_BYS] = {
	[LIST_ACCESS] = "access", [LIST_USER] = "user",     [LIST_PERSON] = "person",
	[LIST_GROUP] = "group",   [LIST_SOURCE] = "source", [LIST_GAP] = "gap",
};

const struct table_column list_columns[LIST_COLUMNS] = {
	[COLUMN_SOURCE] = {"source", "none", false, false},
	[COLUMN_PERSON] = {"person", "none", false, false},
	[COLUMN_USER_ID] = {"user_id", "none", false, false},
	[COLUMN_USER_NAME] = {"user_name", "none", false, false},
	[COLUMN_EMAIL] = {"email", "none", false, false},
	[COLUMN_DISPLAY_NAME] = {"display_name", "none", false, false},
	[COLUMN_STATUS] = {"status", "none", false, true},
	[COLUMN_ACCOUNT_TYPE] = {"account_type", "none", false, false},
	[COLUMN_DEPARTMENT] = {"department", "none", false, false},
	[COLUMN_MANAGER] = {"manager", "none", false, false},
	[COLUMN_CREATED_AT] = {"created_at", "none", false, false},
	[COLUMN_LAST_LOGIN_AT] = {"last_login_at", "never", false, false},
	[COLUMN_ROLES] = {"roles", "none", false, false},
	[COLUMN_TITLE] = {"title", "none", false, false},
	[COLUMN_EMPLOYEE_NUMBER] = {"employee_number", "none", false, false},
	[COLUMN_OWNERS] = {"owners", "none", false, false},
	[COLUMN_CREATED_BY] = {"created_by", "none", false, false},
	[COLUMN_ACCESS_KIND] = {"access_kind", "none", false, false},
	[COLUMN_ACCESS_ID] = {"access_id", "none", false, false},
	[COLUMN_ACCESS] = {"access", "none", false, false},
	[COLUMN_VIA] = {"via", "none", false, false},
	[COLUMN_LEVEL] = {"level", "none", true, false},
	[COLUMN_PRIVILEGED] = {"privileged", "none", false, false},
	[COLUMN_GROUP_ID] = {"group_id", "none", false, false},
	[COLUMN_GROUP] = {"group", "none", false, false},
	[COLUMN_MEMBERS] = {"members", "none", true, false},
	[COLUMN_EFFECTIVE_MEMBERS] = {"effective_members", "none", true, false},
	[COLUMN_PROVIDER] = {"provider", "none", false, false},
	[COLUMN_ORIGIN] = {"origin", "none", false, false},
	[COLUMN_USERS] = {"users", "none", true, false},
	[COLUMN_ACCOUNTS] = {"accounts", "none", true, false},
	[COLUMN_ENABLED] = {"enabled", "none", true, false},
	[COLUMN_DISABLED] = {"disabled", "none", true, false},
	[COLUMN_GROUPS] = {"groups", "none", true, false},
	[COLUMN_GAPS] = {"gaps", "none", true, false},
	[COLUMN_SELECTED] = {"selected", "none", false, false},
	[COLUMN_NOT_COVERED] = {"not_covered", "none", false, false},
	[COLUMN_SCOPE] = {"scope", "none", false, false},
	[COLUMN_REASON] = {"reason", "none", false, false},
	[COLUMN_AS_OF] = {"as_of", "none", false, false},
};

#define COLUMNS(...) ((const int[]){__VA_ARGS__, -1})

const int *const list_all_columns[LIST_BYS] = {
	[LIST_ACCESS] =
		COLUMNS(COLUMN_SOURCE, COLUMN_USER_ID, COLUMN_USER_NAME, COLUMN_EMAIL, COLUMN_DISPLAY_NAME,
                COLUMN_STATUS, COLUMN_ACCOUNT_TYPE, COLUMN_DEPARTMENT, COLUMN_MANAGER,
                COLUMN_CREATED_AT, COLUMN_LAST_LOGIN_AT, COLUMN_ACCESS_KIND, COLUMN_ACCESS_ID,
                COLUMN_ACCESS, COLUMN_VIA, COLUMN_LEVEL, COLUMN_PRIVILEGED, COLUMN_AS_OF),
	[LIST_USER] =
		COLUMNS(COLUMN_SOURCE, COLUMN_USER_ID, COLUMN_USER_NAME, COLUMN_EMAIL, COLUMN_DISPLAY_NAME,
                COLUMN_STATUS, COLUMN_ACCOUNT_TYPE, COLUMN_DEPARTMENT, COLUMN_MANAGER, COLUMN_TITLE,
                COLUMN_EMPLOYEE_NUMBER, COLUMN_OWNERS, COLUMN_CREATED_BY, COLUMN_CREATED_AT,
                COLUMN_LAST_LOGIN_AT, COLUMN_ROLES, COLUMN_GROUPS, COLUMN_AS_OF),
	[LIST_PERSON] = COLUMNS(COLUMN_PERSON, COLUMN_EMAIL, COLUMN_DISPLAY_NAME, COLUMN_ACCOUNTS,
                            COLUMN_ENABLED, COLUMN_GROUPS, COLUMN_LAST_LOGIN_AT),
	[LIST_GROUP] = COLUMNS(COLUMN_SOURCE, COLUMN_GROUP_ID, COLUMN_GROUP, COLUMN_MEMBERS,
                           COLUMN_EFFECTIVE_MEMBERS, COLUMN_AS_OF),
	[LIST_SOURCE] = COLUMNS(COLUMN_SOURCE, COLUMN_PROVIDER, COLUMN_ORIGIN, COLUMN_USERS,
                            COLUMN_ENABLED, COLUMN_DISABLED, COLUMN_GROUPS, COLUMN_GAPS,
                            COLUMN_SELECTED, COLUMN_NOT_COVERED, COLUMN_AS_OF),
	[LIST_GAP] = COLUMNS(COLUMN_SOURCE, COLUMN_SCOPE, COLUMN_GROUP_ID, COLUMN_REASON, COLUMN_AS_OF),
};

const int *const list_people_columns[LIST_BYS] = {
	[LIST_ACCESS] = COLUMNS(COLUMN_USER_NAME, COLUMN_STATUS, COLUMN_SOURCE, COLUMN_ACCESS,
                            COLUMN_VIA, COLUMN_LAST_LOGIN_AT),
	[LIST_USER] = COLUMNS(COLUMN_USER_NAME, COLUMN_DISPLAY_NAME, COLUMN_STATUS, COLUMN_SOURCE,
                          COLUMN_GROUPS, COLUMN_LAST_LOGIN_AT),
	[LIST_PERSON] = COLUMNS(COLUMN_PERSON, COLUMN_ACCOUNTS, COLUMN_ENABLED, COLUMN_LAST_LOGIN_AT),
	[LIST_GROUP] = COLUMNS(COLUMN_GROUP, COLUMN_SOURCE, COLUMN_MEMBERS, COLUMN_EFFECTIVE_MEMBERS),
	[LIST_SOURCE] = COLUMNS(COLUMN_SOURCE, COLUMN_PROVIDER, COLUMN_USERS, COLUMN_ENABLED,
                            COLUMN_DISABLED, COLUMN_GROUPS, COLUMN_GAPS, COLUMN_AS_OF),
	[LIST_GAP] = COLUMNS(COLUMN_SOURCE, COLUMN_SCOPE, COLUMN_GROUP_ID, COLUMN_REASON),
};

const int *const list_orders[LIST_BYS] = {
	[LIST_ACCESS] = COLUMNS(COLUMN_USER_NAME, COLUMN_SOURCE, COLUMN_USER_ID, COLUMN_ACCESS),
	[LIST_USER] = COLUMNS(COLUMN_USER_NAME, COLUMN_SOURCE, COLUMN_USER_ID),
	[LIST_PERSON] = COLUMNS(COLUMN_PERSON),
	[LIST_GROUP] = COLUMNS(COLUMN_GROUP, COLUMN_SOURCE, COLUMN_GROUP_ID),
	[LIST_SOURCE] = COLUMNS(COLUMN_SOURCE),
	[LIST_GAP] = COLUMNS(COLUMN_SOURCE, COLUMN_SCOPE, COLUMN_GROUP_ID),
};

int list_column_find(int by, struct span name)
{
	for (const int *column = list_all_columns[by]; *column >= 0; column++)
		if (span_is(name, span_of(list_columns[*column].name)))
			return *column;
	return -1;
}

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
	[COLUMN_SOURCE] = {.name = "source", .none = "none"},
	[COLUMN_PERSON] = {.name = "person", .none = "none"},
	[COLUMN_USER_ID] = {.name = "user_id", .none = "none"},
	[COLUMN_USER_NAME] = {.name = "user_name", .none = "none"},
	[COLUMN_EMAIL] = {.name = "email", .none = "none"},
	[COLUMN_DISPLAY_NAME] = {.name = "display_name", .none = "none"},
	[COLUMN_STATUS] = {.name = "status", .none = "none", .is_status = true},
	[COLUMN_ACCOUNT_TYPE] = {.name = "account_type", .none = "none"},
	[COLUMN_DEPARTMENT] = {.name = "department", .none = "none"},
	[COLUMN_MANAGER] = {.name = "manager", .none = "none"},
	[COLUMN_CREATED_AT] = {.name = "created_at", .none = "none", .is_time = true},
	[COLUMN_LAST_LOGIN_AT] = {.name = "last_login_at", .none = "never", .is_time = true},
	[COLUMN_ROLES] = {.name = "roles", .none = "none"},
	[COLUMN_TITLE] = {.name = "title", .none = "none"},
	[COLUMN_EMPLOYEE_NUMBER] = {.name = "employee_number", .none = "none"},
	[COLUMN_OWNERS] = {.name = "owners", .none = "none"},
	[COLUMN_CREATED_BY] = {.name = "created_by", .none = "none"},
	[COLUMN_ACCESS_KIND] = {.name = "access_kind", .none = "none"},
	[COLUMN_ACCESS_ID] = {.name = "access_id", .none = "none"},
	[COLUMN_ACCESS] = {.name = "access", .none = "none"},
	[COLUMN_VIA] = {.name = "via", .none = "none"},
	[COLUMN_LEVEL] = {.name = "level", .none = "none", .is_number = true},
	[COLUMN_PRIVILEGED] = {.name = "privileged", .none = "none"},
	[COLUMN_GROUP_ID] = {.name = "group_id", .none = "none"},
	[COLUMN_GROUP] = {.name = "group", .none = "none"},
	[COLUMN_MEMBERS] = {.name = "members", .none = "none", .is_number = true},
	[COLUMN_EFFECTIVE_MEMBERS] = {.name = "effective_members", .none = "none", .is_number = true},
	[COLUMN_PROVIDER] = {.name = "provider", .none = "none"},
	[COLUMN_ORIGIN] = {.name = "origin", .none = "none"},
	[COLUMN_USERS] = {.name = "users", .none = "none", .is_number = true},
	[COLUMN_ACCOUNTS] = {.name = "accounts", .none = "none", .is_number = true},
	[COLUMN_ENABLED] = {.name = "enabled", .none = "none", .is_number = true},
	[COLUMN_DISABLED] = {.name = "disabled", .none = "none", .is_number = true},
	[COLUMN_GROUPS] = {.name = "groups", .none = "none", .is_number = true},
	[COLUMN_GAPS] = {.name = "gaps", .none = "none", .is_number = true},
	[COLUMN_SELECTED] = {.name = "selected", .none = "none"},
	[COLUMN_NOT_COVERED] = {.name = "not_covered", .none = "none"},
	[COLUMN_SCOPE] = {.name = "scope", .none = "none"},
	[COLUMN_REASON] = {.name = "reason", .none = "none"},
	[COLUMN_AS_OF] = {.name = "as_of", .none = "none", .is_time = true},
	[COLUMN_DECISION] = {.name = "decision", .none = "none"},
	[COLUMN_DECIDED_BY] = {.name = "decided_by", .none = "none"},
	[COLUMN_DECIDED_AT] = {.name = "decided_at", .none = "none", .is_time = true},
	[COLUMN_DECISION_REASON] = {.name = "reason", .none = "none"},
	[COLUMN_TICKET] = {.name = "ticket", .none = "none"},
	[COLUMN_SINCE] = {.name = "since", .none = "new", .is_time = true},
};

#define COLUMNS(...) ((const int[]){__VA_ARGS__, -1})
#define REVIEW_COLUMNS \
	COLUMN_DECISION, COLUMN_DECIDED_BY, COLUMN_DECIDED_AT, COLUMN_DECISION_REASON, COLUMN_TICKET

const int *const list_all_columns[LIST_BYS] = {
	[LIST_ACCESS] = COLUMNS(
		COLUMN_SOURCE, COLUMN_USER_ID, COLUMN_USER_NAME, COLUMN_EMAIL, COLUMN_DISPLAY_NAME,
		COLUMN_STATUS, COLUMN_ACCOUNT_TYPE, COLUMN_DEPARTMENT, COLUMN_MANAGER, COLUMN_CREATED_AT,
		COLUMN_LAST_LOGIN_AT, COLUMN_ACCESS_KIND, COLUMN_ACCESS_ID, COLUMN_ACCESS, COLUMN_VIA,
		COLUMN_LEVEL, COLUMN_PRIVILEGED, COLUMN_AS_OF, COLUMN_SINCE, REVIEW_COLUMNS),
	[LIST_USER] = COLUMNS(COLUMN_SOURCE, COLUMN_USER_ID, COLUMN_USER_NAME, COLUMN_EMAIL,
                          COLUMN_DISPLAY_NAME, COLUMN_STATUS, COLUMN_ACCOUNT_TYPE,
                          COLUMN_DEPARTMENT, COLUMN_MANAGER, COLUMN_TITLE, COLUMN_EMPLOYEE_NUMBER,
                          COLUMN_OWNERS, COLUMN_CREATED_BY, COLUMN_CREATED_AT, COLUMN_LAST_LOGIN_AT,
                          COLUMN_ROLES, COLUMN_GROUPS, COLUMN_AS_OF, COLUMN_SINCE, REVIEW_COLUMNS),
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
	[LIST_ACCESS] =
		COLUMNS(COLUMN_USER_NAME, COLUMN_STATUS, COLUMN_SOURCE, COLUMN_ACCESS, COLUMN_VIA,
                COLUMN_LAST_LOGIN_AT, COLUMN_SINCE, COLUMN_DECISION, COLUMN_DECIDED_BY),
	[LIST_USER] =
		COLUMNS(COLUMN_USER_NAME, COLUMN_DISPLAY_NAME, COLUMN_STATUS, COLUMN_SOURCE, COLUMN_GROUPS,
                COLUMN_LAST_LOGIN_AT, COLUMN_SINCE, COLUMN_DECISION, COLUMN_DECIDED_BY),
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

bool list_column_is_of_review(int column)
{
	return column >= COLUMN_DECISION && column <= COLUMN_TICKET;
}

int list_column_find(int by, struct span name)
{
	for (const int *column = list_all_columns[by]; *column >= 0; column++)
		if (span_is(name, span_of(list_columns[*column].name)))
			return *column;
	return -1;
}

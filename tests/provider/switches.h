/* SPDX-License-Identifier: ISC */
/*
 * switches: the one table of everything the stand-in can get wrong.
 *
 * A row is the switch's identifier, its name, the form of its value ("" for
 * none, [N] where 1 is meant when it is left out), and what it does. Adding a
 * row makes the option, the operation, the list and on(...); what is left to
 * write is the one place that asks for it.
 *
 * A switch is set for all services, or for one: "stripe:cap=2".
 */
#ifndef STAND_IN_SWITCHES_H
#define STAND_IN_SWITCHES_H

#include "directory.h"

#include <stdio.h>

/* clang-format off */
#define SWITCHES(ROW) \
	ROW(TOTAL_IS_PAGE, "total-is-page", "", \
	    "totalResults counts the records on this page") \
	ROW(TOTAL_ZERO_PAST_END, "total-zero-past-end", "", \
	    "totalResults is 0 past the end") \
	ROW(TOTAL_TOO_BIG, "total-too-big", "[N]", \
	    "totalResults says N more than there are") \
	ROW(TOTAL_IS_LEFT, "total-is-left", "", \
	    "totalResults counts what is left from startIndex on") \
	ROW(TOTAL_AT_LEAST, "total-at-least", "", \
	    "totalResults is one more than what has been sent, on a full page even at the end") \
	ROW(TRUNCATE, "truncate", "N", \
	    "only the first N records exist, and totalResults agrees") \
	ROW(EMPTY_LIST_WITH_TOTAL, "empty-list-with-total", "", \
	    "totalResults is right, nothing is sent") \
	ROW(IGNORE_START_INDEX, "ignore-start-index", "", \
	    "every page is the first (POST .search pages)") \
	ROW(IGNORE_COUNT, "ignore-count", "", \
	    "every page has the default size (POST .search obeys)") \
	ROW(DEFAULT_COUNT, "default-count", "N", \
	    "the page size where no count is asked for") \
	ROW(CAP, "cap", "N", \
	    "no page has more than N records") \
	ROW(UNEVEN_PAGES, "uneven-pages", "N", \
	    "SCIM: a page has 1 to N records, which follows from its startIndex") \
	ROW(OFF_PAGE, "off-page", "STATUS", \
	    "with uneven-pages: this status, 0 for no answer, where no page begins") \
	ROW(WRAP_PAST_END, "wrap-past-end", "", \
	    "past the end the first page comes again") \
	ROW(ERROR_PAST_END, "error-past-end", "STATUS", \
	    "past the end: this status, no empty page") \
	ROW(OVERLAP, "overlap", "[N]", \
	    "each page but the first starts N records too early") \
	ROW(NEED_BOTH_PARAMETERS, "need-both-parameters", "", \
	    "no records unless startIndex and count are sent") \
	ROW(REFUSE_PAGING_501, "refuse-paging-501", "", \
	    "501 where startIndex, count or page[...] is sent") \
	ROW(COUNT_MAX, "count-max", "N[:STATUS]", \
	    "SCIM: STATUS (400) for a count of more than N; 0: no answer") \
	ROW(REFUSE_PAST, "refuse-past", "N", \
	    "400 with SCIM 1.1 Errors for a startIndex beyond N") \
	ROW(CURSOR, "cursor", "", \
	    "SCIM: pages by nextCursor only (RFC 9865), no totals") \
	ROW(CURSOR_EMPTY_PAGE, "cursor-empty-page", "", \
	    "with cursor: an empty page after the first") \
	ROW(CURSOR_REPEATS, "cursor-repeats", "", \
	    "with cursor: the second page names itself as the next") \
	ROW(CURSOR_EXPIRES, "cursor-expires", "[N]", \
	    "with cursor: 400 expiredCursor to the next N cursors") \
	ROW(ITEMS_PER_PAGE_IS_COUNT, "items-per-page-is-count", "", \
	    "itemsPerPage echoes the count asked for") \
	ROW(ZERO_BASED_ECHO, "zero-based-echo", "", \
	    "the echoed startIndex is one too low") \
	ROW(NO_RESOURCES_WHEN_EMPTY, "no-resources-when-empty", "", \
	    "an empty list has no Resources") \
	ROW(NULL_RESOURCES, "null-resources", "", \
	    "the Resources (Scalr: data) of an empty list are null") \
	ROW(STRING_COUNTERS, "string-counters", "", \
	    "totalResults and the like are strings") \
	ROW(FLOAT_COUNTERS, "float-counters", "", \
	    "totalResults and the like are written as 25.0 or 2.5E1") \
	ROW(NULL_COUNTERS, "null-counters", "", \
	    "totalResults and the like are null") \
	ROW(NO_COUNTERS, "no-counters", "", \
	    "no totalResults and the like (Scalr: no meta)") \
	ROW(LOWER_CASE_ENVELOPE, "lower-case-envelope", "", \
	    "SCIM: resources, totalresults, startindex") \
	ROW(RESOURCES_FIRST, "resources-first", "", \
	    "SCIM: Resources stand before the counters") \
	ROW(REORDER_PER_REQUEST, "reorder-per-request", "", \
	    "each answer has another order") \
	ROW(DELETE_BETWEEN_PAGES, "delete-between-pages", "[N]", \
	    "after a first page of users the first one is removed, N times") \
	ROW(INSERT_BETWEEN_PAGES, "insert-between-pages", "[N]", \
	    "after a first page of users one is put before it, N times") \
	ROW(DUPLICATE_IDS, "duplicate-ids", "", \
	    "every second record of a page has the id of the one before") \
	ROW(NULL_ENTRY, "null-entry", "N", \
	    "SCIM: the Nth record of a list is null") \
	ROW(HIDE, "hide", "N", \
	    "the Nth record of a list is counted and takes its place, but is not sent") \
	ROW(IGNORE_FILTER, "ignore-filter", "", \
	    "SCIM: filter is ignored, everybody is sent") \
	ROW(REFUSE_FILTER, "refuse-filter", "", \
	    "SCIM: 400 invalidFilter for any filter") \
	ROW(NO_OR, "no-or", "", \
	    "SCIM: 400 invalidFilter for a filter with \"or\"") \
	ROW(FILTER_404, "filter-404", "", \
	    "SCIM: 404 where a filter names a user or group that does not exist") \
	ROW(NO_SEARCH, "no-search", "", \
	    "SCIM: POST .search is 404") \
	ROW(NUMERIC_IDS, "numeric-ids", "", \
	    "SCIM: ids and member values are numbers, users and groups share them") \
	ROW(ODD_IDS, "odd-ids", "", \
	    "SCIM: ids end in \"&@/% \\u00e9\"") \
	ROW(NO_IDS, "no-ids", "", \
	    "SCIM: resources have no id") \
	ROW(ACTIVE_AS, "active-as", "string|number|null|absent", \
	    "SCIM: another form of active") \
	ROW(EMAILS_AS, "emails-as", "strings|mixed|object|no-primary|two-primaries|null|absent", \
	    "SCIM: another form of emails") \
	ROW(CAPITAL_NAMES, "capital-names", "", \
	    "SCIM: UserName, Active, Members, Id ...") \
	ROW(DOTTED_NAMES, "dotted-names", "", \
	    "SCIM: \"name.givenName\" in place of the object name") \
	ROW(NULL_ATTRIBUTES, "null-attributes", "", \
	    "SCIM: attributes without a value are null, not left out") \
	ROW(EXTENSION_ONLY_IN_SCHEMAS, "extension-only-in-schemas", "", \
	    "SCIM: schemas names an extension that is not there") \
	ROW(BIG_RECORD, "big-record", "BYTES[:N]", \
	    "SCIM: the first user of a page (of more than N) has an attribute this long") \
	ROW(MEMBERS_ABSENT, "members-absent", "", \
	    "SCIM: lists of groups have no members, one group has") \
	ROW(MEMBERS_ABSENT_WHERE_NONE, "members-absent-where-none", "", \
	    "SCIM: a group without members has no members, not []") \
	ROW(MEMBERS_NULL, "members-null", "", \
	    "SCIM: lists of groups have members null, one group has them") \
	ROW(MEMBERS_NEVER, "members-never", "", \
	    "SCIM: no members anywhere") \
	ROW(MEMBERS_EMPTY_ALWAYS, "members-empty-always", "", \
	    "SCIM: members is [] everywhere; the filter works") \
	ROW(MEMBERS_EMPTY_LISTED, "members-empty-listed", "", \
	    "SCIM: members is [] in lists of groups, one group has them") \
	ROW(MEMBERS_ON_REQUEST, "members-on-request", "attributes|includeMembers", \
	    "SCIM: no members unless this argument asks for them") \
	ROW(MEMBERS_CUT, "members-cut", "N", \
	    "SCIM: at most N members a group, without a word") \
	ROW(MEMBERS_REF_ONLY, "members-ref-only", "", \
	    "SCIM: a member is only $ref") \
	ROW(MEMBERS_DISPLAY_ONLY, "members-display-only", "", \
	    "SCIM: a member is only display") \
	ROW(MEMBERS_NO_TYPE, "members-no-type", "", \
	    "SCIM: members have no type and no $ref") \
	ROW(MEMBERS_ODD_TYPE, "members-odd-type", "", \
	    "SCIM: the type of members is \"direct\"") \
	ROW(MEMBERS_AS_STRINGS, "members-as-strings", "", \
	    "SCIM: members are bare id strings") \
	ROW(MEMBERS_DANGLE, "members-dangle", "", \
	    "SCIM: each group has one more member that is nobody") \
	ROW(MEMBERS_LOOP, "members-loop", "", \
	    "SCIM: each group is a member of itself") \
	ROW(MEMBERS_FAIL, "members-fail", "STATUS[:ID]", \
	    "SCIM: GET of one group fails, or only of group ID") \
	ROW(MEMBERS_TOO_MANY, "members-too-many", "STATUS", \
	    "SCIM: lists of groups fail unless members are excluded") \
	ROW(MEMBERS_AT_ONCE, "members-at-once", "[N]", \
	    "SCIM: 400 where one request changes more than N members") \
	ROW(USER_GROUPS_AS, "user-groups-as", "display|absent", \
	    "SCIM: the groups of a user have no id, or are not shown") \
	ROW(SERVICE_PRINCIPALS, "service-principals", "", \
	    "SCIM: service accounts are a third list, /ServicePrincipals") \
	ROW(LOWER_CASE_PATHS, "lower-case-paths", "", \
	    "SCIM: /users and /groups, and nothing at /Users and /Groups") \
	ROW(ODD_LOCATION, "odd-location", "", \
	    "SCIM: meta.location is relative and has the id twice") \
	ROW(STRIPE_DROPS_INACTIVE, "stripe-drops-inactive", "", \
	    "Stripe does not show deactivated users at all") \
	ROW(META_CHANGES, "meta-changes", "", \
	    "SCIM: meta.lastModified is another one in each answer") \
	ROW(RELATIONSHIPS_NULL, "relationships-null", "", \
	    "Scalr: the data of to-many relationships is null") \
	ROW(INCLUDED_MISSING, "included-missing", "", \
	    "Scalr: no included although asked for") \
	ROW(NEXT_PAGE_LOOPS, "next-page-loops", "", \
	    "Scalr: next-page names the page itself") \
	ROW(LINKS, "links", "URL", \
	    "Scalr: lists have links, whose next is URL") \
	ROW(LAST_LOGIN_ABSENT, "last-login-absent", "", \
	    "Scalr: account-users have no last-login-at") \
	ROW(ACCOUNT_UNKNOWN, "account-unknown", "", \
	    "Scalr: the look-up of the account finds none") \
	ROW(USERS_STATUS, "users-status", "STATUS", \
	    "lists of users answer STATUS") \
	ROW(GROUPS_STATUS, "groups-status", "STATUS", \
	    "SCIM: everything about groups answers STATUS") \
	ROW(TEAMS_STATUS, "teams-status", "STATUS", \
	    "Scalr: teams answer STATUS") \
	ROW(SERVICE_ACCOUNTS_STATUS, "service-accounts-status", "STATUS", \
	    "Scalr: service accounts answer STATUS") \
	ROW(FAIL_AT, "fail-at", "N:STATUS[:TIMES]", \
	    "from the Nth request on, TIMES in a row, STATUS") \
	ROW(FAIL_AFTER, "fail-after", "N:STATUS[:TIMES]", \
	    "from the Nth request on, TIMES in a row, it is done and answered with STATUS") \
	ROW(IGNORE_WRITES, "ignore-writes", "", \
	    "SCIM: changes are answered well and not made") \
	ROW(IGNORE_ATTRIBUTE, "ignore-attribute", "ATTRIBUTE", \
	    "SCIM: changes of this attribute are not made, without a word") \
	ROW(IGNORE_ADDRESS, "ignore-address", "", \
	    "RudderStack, Stripe: changes of an address are not made, without a word") \
	ROW(FILTER_MISSES, "filter-misses", "[N]", \
	    "SCIM: the next N filters find nobody") \
	ROW(NO_PATCH, "no-patch", "", \
	    "SCIM: PATCH is 501, and ServiceProviderConfig says so") \
	ROW(PATCH_204, "patch-204", "", \
	    "SCIM: a good PATCH is 204") \
	ROW(POST_EMPTY, "post-empty", "", \
	    "SCIM: a good POST is 201 with {}") \
	ROW(ETAG, "etag", "", \
	    "SCIM: resources have versions, changes need If-Match (428, 412)") \
	ROW(ETAG_FAILS, "etag-fails", "[N]", \
	    "with etag: 412 to the next N changes") \
	ROW(RATE_LIMIT, "rate-limit", "N[:MS]", \
	    "429 to all but N requests in each MS milliseconds (1000)") \
	ROW(AT_ONCE, "at-once", "N", \
	    "429 to all but N requests at a time") \
	ROW(RETRY_AFTER, "retry-after", "VALUE", \
	    "429 and 503 carry Retry-After: VALUE; date+N is the date in N s, date-N was N s ago") \
	ROW(ACCEPT_406, "accept-406", "TYPE", \
	    "406 where Accept names TYPE") \
	ROW(TEXT_401, "text-401", "", \
	    "401 is text/plain") \
	ROW(EMPTY_ERRORS, "empty-errors", "", \
	    "errors have no body and no type") \
	ROW(HTML_ERRORS, "html-errors", "", \
	    "errors are HTML") \
	ROW(NESTED_ERRORS, "nested-errors", "", \
	    "errors stand one level down, with a numeric status") \
	ROW(TRACE_ERRORS, "trace-errors", "", \
	    "errors carry a stack trace with terminal escapes") \
	ROW(HTML_200, "html-200", "", \
	    "each good answer is an HTML login page with status 200") \
	ROW(ERROR_200, "error-200", "", \
	    "each good answer is an error object with status 200") \
	ROW(EMPTY_200, "empty-200", "", \
	    "each good answer is an empty body with status 200") \
	ROW(STATUS_204, "status-204", "", \
	    "each good answer is 204") \
	ROW(BODY, "body", "FILE", \
	    "the body of each good answer is this file, byte for byte") \
	ROW(CONTENT_TYPE, "content-type", "TYPE|none", \
	    "the type of each answer") \
	ROW(BOM, "bom", "", \
	    "bodies start with a byte-order mark") \
	ROW(BROKEN_UTF8, "broken-utf8", "", \
	    "the first string of a name is not UTF-8") \
	ROW(GZIP, "gzip", "", \
	    "bodies are gzip, asked for or not") \
	ROW(CUT_GZIP, "cut-gzip", "", \
	    "bodies are the first half of a gzip stream, with an honest length") \
	ROW(GZIP_BOMB, "gzip-bomb", "[MIB]", \
	    "a small gzip body that becomes MIB mebibytes") \
	ROW(CHUNKED, "chunked", "", \
	    "bodies are sent in chunks, without a length") \
	ROW(ENDLESS, "endless", "", \
	    "bodies are followed by white space for ever") \
	ROW(DOUBLE_HEADERS, "double-headers", "", \
	    "answers carry Server and X-Request-Id twice") \
	ROW(DROP_AT, "drop-at", "N[:TIMES]", \
	    "from the Nth request on, TIMES: closed in the middle of the body") \
	ROW(HANG_UP, "hang-up", "N[:TIMES]", \
	    "from the Nth request on, TIMES: closed without an answer") \
	ROW(HOLD_AT, "hold-at", "N[:TIMES]", \
	    "from the Nth request on, TIMES: no answer as long as the stand-in runs") \
	ROW(STALL_AT, "stall-at", "N[:TIMES]", \
	    "from the Nth request on, TIMES: half of the body, then nothing more") \
	ROW(UNEVEN_DELAY, "uneven-delay", "MS[:SEED]", \
	    "each answer waits up to MS ms, which follows from what is asked and SEED") \
	ROW(SLOW, "slow", "BYTES_PER_SECOND", \
	    "bodies drip") \
	ROW(REDIRECT, "redirect", "URL", \
	    "307 to URL with the path and the query behind it") \
	ROW(HTTP_1_0, "http-1.0", "", \
	    "HTTP/1.0, closed after each answer")
/* clang-format on */

enum fault {
#define AS_ENUMERATOR(id, name, value, what) id,
	SWITCHES(AS_ENUMERATOR)
#undef AS_ENUMERATOR
		FAULTS
};

/* The switches of one service. A zeroed one has everything off. */
struct switches {
	struct {
		bool on;
		long number; /* of the value, or of its first part; 1 where there is none */
		char *text;  /* the value as it was given; "" where there is none */
	} at[FAULTS];
	unsigned long since[FAULTS]; /* requests that were seen since it was set */
};

void switches_release(struct switches *switches);

/* Sets [SERVICE:]NAME; value NULL means that none was given, "off" puts it
   off. 0, or -1 with the reason. */
int switches_set(struct switches all[SERVICES], const char *name, const char *value,
                 struct why *why);

/* One more request, for the switches that count them. */
void switches_count_request(struct switches *switches);

/* True, and one time less, until N is used up and the switch is off. */
bool switches_spend(struct switches *switches, enum fault fault);

/* The number behind the colon of "N:M", or `otherwise`. */
long switches_second_number(const struct switches *switches, enum fault fault, long otherwise);

/* For "N:...:TIMES": whether this request is the Nth or one of the following.
 *middle is the part between them, where there is one. */
bool switches_hit(const struct switches *switches, enum fault fault, bool has_middle, long *middle);

void switches_list(FILE *out);

#endif

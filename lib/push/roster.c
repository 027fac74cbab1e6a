/* SPDX-License-Identifier: ISC */
/*
 * roster: an array of those who are looked for, held against each record of a list.
 */
#include "push/roster.h"

#include "base/array.h"
#include "scim/scim_page.h"

#include <stdlib.h>

enum {
	ROSTER_LEAST = 3,     /* names that are worth a question for all */
	ROSTER_NAMES = 100,   /* in one question, which has a page of so many */
	ROSTER_URL = 6000,    /* bytes; servers take 8,000 */
	ROSTER_PAGES = 3,     /* of the answer to one question */
	ROSTER_PAGE_COST = 4, /* a page of all users is worth so many look-ups ... */
	ROSTER_WORTH = 200,   /* ... and a look-up is worth so many users of a list ... */
	ROSTER_LIST = 10000,  /* ... that is asked for at once */
};

/* One who is looked for. */
struct roster_name {
	const struct operation *operation;
	struct subject *subject;
	size_t shown;
	struct buf id, name, groups;
};

struct roster {
	const struct task_context *context;
	struct roster_name *names;
	size_t count, cap;
};

static void roster_release(struct roster *roster)
{
	for (size_t i = 0; i < roster->count; i++) {
		buf_release(&roster->names[i].id);
		buf_release(&roster->names[i].name);
		buf_release(&roster->names[i].groups);
	}
	free(roster->names);
}

/* Those whom only memberships are about, by name; each once. 0 or -1. */
static int roster_collect(struct roster *roster, struct queues *queues, const struct plan *plan,
                          struct fault *fault)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct operation *operation = &plan->operations[i];
		struct subject *user = queue_subject(queues, i, NAMES_USER);
		struct roster_name *names;

		if ((operation->op != OP_ADD_MEMBER && operation->op != OP_REMOVE_MEMBER) || !user ||
		    operation->user_id.len || operation->refusal.len || user->is_listed ||
		    queue_is_changed(queues, i, NAMES_USER) ||
		    rules_refusal(roster->context->rules, operation, false))
			continue;
		names = array_grow(roster->names, roster->count, &roster->cap, sizeof *names, fault);
		if (!names)
			return -1;
		roster->names = names;
		names[roster->count++] = (struct roster_name){.operation = operation, .subject = user};
		user->is_listed = true;
	}
	return 0;
}

/* Notes who of `count` names is on the page. */
static void roster_take_page(struct roster_name *names, size_t count, const struct lookup *lookup,
                             const struct scim_page *page)
{
	struct span id, name;
	yyjson_val *user;
	size_t at, max;

	yyjson_arr_foreach(page->resources, at, max, user)
		for (size_t i = 0; i < count; i++) {
			if (!scim_id(user, &id) || !task_id_fits_path(id) ||
			    !lookup_fits(user, lookup, names[i].operation))
				continue;
			names[i].shown++;
			buf_clear(&names[i].id);
			buf_put_span(&names[i].id, id);
			buf_clear(&names[i].name);
			if (json_member_text(user, "userName", &name))
				buf_put_span(&names[i].name, name);
			buf_clear(&names[i].groups);
			lookup_put_groups(&names[i].groups, user);
		}
}

/* The next page, of `most` records, of a list at `target`; 1 with the total so far known, 0 it
   is no use. */
static int roster_ask(struct roster *roster, struct buf *target, size_t most,
                      struct roster_name *names, size_t count, uint64_t *total, uint64_t *shown)
{
	struct service *service = roster->context->service;
	struct request *request = NULL;
	struct fault ignored = {0};
	struct buf url = {0};
	const struct reply *reply = NULL;
	struct scim_page page;
	int result = 0;

	buf_putf(&url, "%s%sstartIndex=%llu&count=%zu", buf_text(target),
	         buf_text(target)[target->len - 1] == '?' ? "" : "&", (unsigned long long)*shown + 1,
	         most);
	if (buf_check(&url, &ignored) == 0)
		reply = service_ask(service, buf_text(&url), NULL, &request, &ignored);
	if (reply && reply_is_good(reply) &&
	    scim_page_parse(&page, yyjson_doc_get_root(reply->doc), &ignored) == 0 && page.has_total &&
	    !page.cursor.len && (!*shown || page.total == *total)) {
		*total = page.total;
		*shown += page.count;
		roster_take_page(names, count, &roster->context->lookup, &page);
		result = page.count > 0;
	}
	http_drop(service->http, request);
	buf_release(&url);
	return result;
}

/* Reads a list to its end by pages of `most` records, if that takes at most `pages` requests.
   Who was shown once in a whole list is known then. Returns how many. `answered` may be NULL:
   did the service show a page at all? */
static size_t roster_read(struct roster *roster, struct buf *target, size_t most,
                          struct roster_name *names, size_t count, size_t pages, bool *answered)
{
	uint64_t total = 0, shown = 0;
	size_t found = 0;

	for (size_t page = 1; page <= pages; page++) {
		uint64_t before = shown;

		if (!roster_ask(roster, target, most, names, count, &total, &shown) || shown >= total ||
		    (total - shown) / (shown - before) > pages - page)
			break;
	}
	for (size_t i = 0; i < count; i++) {
		struct roster_name *name = &names[i];

		if (shown && shown == total && name->shown == 1) {
			task_know(name->subject, buf_span(&name->id));
			buf_put_span(&name->subject->name, buf_span(&name->name));
			buf_put_span(&name->subject->groups, buf_span(&name->groups));
			found++;
		}
		name->shown = 0;
	}
	if (answered)
		*answered = shown > 0;
	return found;
}

/* Asks for as many of the names as fit into one question. Returns how many these were. */
static size_t roster_find_some(struct roster *roster, struct roster_name *names, size_t count,
                               size_t *found)
{
	struct buf filter = {0}, target = {0};
	size_t asked = 0;

	while (asked < count && asked < ROSTER_NAMES && target.len < ROSTER_URL) {
		buf_puts(&filter, asked ? " or " : "");
		lookup_put_term(&filter, &roster->context->lookup, names[asked++].operation);
		buf_clear(&target);
		buf_puts(&target, "/Users?filter=");
		url_put_encoded(&target, buf_span(&filter));
	}
	*found = roster_read(roster, &target, ROSTER_NAMES, names, asked, ROSTER_PAGES, NULL);
	buf_release(&filter);
	buf_release(&target);
	return asked;
}

/* Moves those who are not known yet to the front. */
static void roster_drop_known(struct roster *roster)
{
	size_t left = 0;

	for (size_t i = 0; i < roster->count; i++) {
		struct roster_name name = roster->names[i];

		if (name.subject->state == SUBJECT_KNOWN)
			continue;
		roster->names[i] = roster->names[left];
		roster->names[left++] = name;
	}
	roster->count = left;
}

/* Asks for all by filters. True: the service showed some of them, so it takes these. */
static bool roster_filter(struct roster *roster)
{
	size_t found = 1;

	for (size_t at = 0; found && roster->count - at >= ROSTER_LEAST;)
		at += roster_find_some(roster, roster->names + at, roster->count - at, &found);
	roster_drop_known(roster);
	return found;
}

/* Looks for them in the list of all users. A service that takes no large count is asked again
   for pages of the usual size. */
static void roster_list(struct roster *roster)
{
	size_t pages = roster->count / ROSTER_PAGE_COST + 1;
	size_t most =
		roster->count < ROSTER_LIST / ROSTER_WORTH ? roster->count * ROSTER_WORTH : ROSTER_LIST;
	struct buf everybody = {0};
	bool answered = true;

	buf_puts(&everybody, "/Users?");
	if (roster->count >= ROSTER_LEAST)
		roster_read(roster, &everybody, most, roster->names, roster->count, pages, &answered);
	if (!answered)
		roster_read(roster, &everybody, ROSTER_NAMES, roster->names, roster->count, pages, NULL);
	roster_drop_known(roster);
	buf_release(&everybody);
}

int roster_find(struct queues *queues, const struct plan *plan, const struct task_context *context,
                bool by_filter, struct fault *fault)
{
	struct roster roster = {.context = context};
	int result = roster_collect(&roster, queues, plan, fault);
	size_t all = roster.count;

	if (result == 0 && all >= ROSTER_LEAST) {
		if (!by_filter)
			roster_list(&roster);
		if (!roster_filter(&roster) && by_filter)
			roster_list(&roster);
	}
	roster.count = all;
	roster_release(&roster);
	return result;
}

/* SPDX-License-Identifier: ISC */
/*
 * scalr_account: asked of /accounts with a filter, and checked all the same: a
 * filter that is ignored must not hand us somebody else's account.
 */
#include "scalr_account.h"

#include "inert.h"
#include "scalr_page.h"

static bool is_id(const char *account)
{
	return account && strncmp(account, "acc-", 4) == 0;
}

void scalr_account_put_target(struct buf *target, const char *account)
{
	buf_puts(target, "/accounts?");
	if (account && !is_id(account)) {
		buf_puts(target, "filter%5Bname%5D=");
		url_put_encoded(target, span_of(account));
		buf_putc(target, '&');
	}
	buf_puts(target, "fields%5Baccounts%5D=name");
}

/* How many rows are the account, and the id of the last of them. */
static size_t count_matches(yyjson_val *data, const char *account, struct span *id)
{
	size_t i, max, found = 0;
	yyjson_val *row;

	yyjson_arr_foreach(data, i, max, row) {
		struct span name;
		bool named = json_text(scalr_attribute(row, "name"), &name);

		if (is_id(account) ? !span_is(scalr_id(row), span_of(account))
		                   : account && named && !span_is_nocase(name, span_of(account)))
			continue;
		*id = scalr_id(row);
		found++;
	}
	return found;
}

static int take_reply(struct fetch *fetch, const struct reply *reply, const char *account,
                      struct buf *id, struct fault *fault)
{
	struct scalr_page page;
	struct span found = {"", 0};
	size_t count;

	if (reply->status != 200 || !reply->doc) {
		fetch_unwanted(fetch, reply, fault);
		if (reply->status == 404) /* Scalr's word for "this token may not" */
			fault->kind = FAULT_REFUSED;
		return -1;
	}
	if (scalr_page_parse(&page, yyjson_doc_get_root(reply->doc), "accounts", fault) < 0)
		return -1;
	count = count_matches(page.data, account, &found);
	if (count != 1)
		return fault_set(
			fault, FAULT_REFUSED,
			"%zu accounts %s%s%s where one was expected; check the account's name (the "
			"subdomain in Scalr's URL) and that the token belongs to it",
			count, account ? "named '" : "to choose from", account ? INERT(span_of(account)) : "",
			account ? "'" : "");
	buf_put_span(id, found);
	return buf_check(id, fault);
}

int scalr_account_find(struct fetch *fetch, const char *account, struct buf *id,
                       struct fault *fault)
{
	struct buf target = {0};
	struct request *request;
	const struct reply *reply;
	int result = -1;

	scalr_account_put_target(&target, account);
	reply = fetch_get(fetch, buf_text(&target), &request, fault);
	buf_release(&target);
	if (reply)
		result = take_reply(fetch, reply, account, id, fault);
	if (result < 0)
		fault_prefix(fault, "%s/accounts: ", fetch->origin.base);
	http_drop(fetch->http, request);
	return result;
}

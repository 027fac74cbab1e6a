/* SPDX-License-Identifier: ISC */
/*
 * scalr_account: asked of /accounts with a filter, and checked all the same: a
 * filter that is ignored must not hand us somebody else's account.
 */
#include "fetch/scalr_account.h"

#include "base/inert.h"
#include "scalr/scalr_page.h"

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

/* Counts the rows of a page that are the account; `id` becomes that of the last. */
static int count_matches(struct fetch *fetch, const char *account, const struct reply *reply,
                         struct scalr_page *page, struct buf *id, size_t *count,
                         struct fault *fault)
{
	size_t i, max;
	yyjson_val *row;

	if (!reply_is_good(reply)) {
		service_unwanted(&fetch->service, reply, fault);
		if (reply->status == 404) /* Scalr's word for "this token may not" */
			fault->kind = FAULT_REFUSED;
		return -1;
	}
	if (scalr_page_parse(page, yyjson_doc_get_root(reply->doc), "accounts", fault) < 0)
		return -1;
	yyjson_arr_foreach(page->data, i, max, row) {
		struct span name;
		bool named = json_text(scalr_attribute(row, "name"), &name);

		if (is_id(account) ? !span_is(scalr_id(row), span_of(account))
		                   : account && !(named && span_is_nocase(name, span_of(account))))
			continue;
		buf_clear(id);
		buf_put_span(id, scalr_id(row));
		++*count;
	}
	return buf_check(id, fault);
}

/* Reads every page of accounts. 0 or -1. */
static int read_accounts(struct fetch *fetch, const char *account, struct buf *id, size_t *count,
                         struct fault *fault)
{
	struct scalr_page page;
	struct buf target = {0};
	int result = 0;

	for (uint64_t number = 1; result == 0; number++) {
		struct request *request;
		const struct reply *reply;

		buf_clear(&target);
		scalr_account_put_target(&target, account);
		if (number > 1)
			buf_putf(&target, "&page%%5Bnumber%%5D=%llu", (unsigned long long)number);
		reply = service_ask(&fetch->service, buf_text(&target), NULL, &request, fault);
		result = reply ? count_matches(fetch, account, reply, &page, id, count, fault) : -1;
		http_drop(fetch->service.http, request);
		if (result < 0 || !page.next)
			break;
		if (page.next != number + 1)
			result = fault_set(fault, FAULT_PROTOCOL, "next-page is not the page after it (%llu)",
			                   (unsigned long long)page.next);
		else if (number == ACCOUNT_PAGES_MAX)
			result = fault_set(fault, FAULT_PROTOCOL, "more than %d pages, the list has no end",
			                   ACCOUNT_PAGES_MAX);
	}
	buf_release(&target);
	return result;
}

int scalr_account_find(struct fetch *fetch, const char *account, struct buf *id,
                       struct fault *fault)
{
	size_t count = 0;
	int result = read_accounts(fetch, account, id, &count, fault);

	if (result == 0 && count != 1)
		result = fault_set(fault, FAULT_REFUSED,
		                   "%zu accounts %s%s%s where one was expected; check the account's name "
		                   "(the subdomain in Scalr's URL) and that the token belongs to it",
		                   count, account ? "named '" : "to choose from",
		                   account ? INERT(span_of(account)) : "", account ? "'" : "");
	return result < 0 ? fault_prefix(fault, "%s/accounts: ", fetch->service.origin.base) : 0;
}

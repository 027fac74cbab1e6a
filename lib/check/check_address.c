/* SPDX-License-Identifier: ISC */
/*
 * check_address: accounts of one source that have one address. Their lines stand together;
 * most addresses have one account alone, whose line is not even parsed.
 *
 *	["0000002a","ada@example.com","e","u1","ada"]: source, address, whether it can sign
 *	in (e) or does not show it (u), id, label
 */
#include "check/check_parts.h"

#include "base/json_put.h"

#include <stdlib.h>

/* The accounts of one source with one address, as they go by. */
struct same_address {
	struct buf first;   /* the line of the first one that can sign in */
	struct buf address; /* source and address, as they begin each line */
	struct buf label;   /* of the first */
	struct check_source *source;
	uint64_t enabled, unknown;
};

/* A finding of the account of `line`, which has the address of `other`, too. */
static int address_add(struct check *check, const struct same_address *same, struct span line,
                       struct span other, struct fault *fault)
{
	yyjson_val *root = json_read(&check->json, line, fault);
	struct span id = SPAN_EMPTY, label = SPAN_EMPTY;

	if (!root)
		return -1;
	json_text(yyjson_arr_get(root, 3), &id);
	json_text(yyjson_arr_get(root, 4), &label);
	buf_clear(&check->says);
	buf_puts(&check->says, "the same address as ");
	check_put_name(&check->says, other);
	if (buf_check(&check->says, fault) < 0)
		return -1;
	return check_add(check,
	                 &(struct finding){.check = CHECK_DUPLICATE,
	                                   .severity = SEVERITY_MEDIUM,
	                                   .source = same->source,
	                                   .id = id,
	                                   .label = label,
	                                   .status = span_of("enabled"),
	                                   .says = buf_span(&check->says)},
	                 fault);
}

/* Puts the label of a line in place of what `to` has. 0 or -1. */
static int address_copy_label(struct check *check, struct span line, struct buf *to,
                              struct fault *fault)
{
	yyjson_val *root = json_read(&check->json, line, fault);
	struct span label = SPAN_EMPTY;

	if (!root)
		return -1;
	json_text(yyjson_arr_get(root, 4), &label);
	buf_clear(to);
	buf_put_span(to, label);
	return buf_check(to, fault);
}

/* The last account of an address has gone by. */
static void address_end(struct same_address *same)
{
	bool alone = same->enabled + same->unknown < 2;
	struct answer answer =
		alone ? answer_of(false) : answer_unknown(UNKNOWN_NOT_SHOWN, MISSING(USER_STATUS));

	if (!same->source)
		return;
	if (same->enabled == 1)
		check_settle(same->source, CHECK_DUPLICATE, answer);
	for (; same->unknown; same->unknown--)
		check_settle(same->source, CHECK_DUPLICATE, answer);
	same->enabled = 0;
}

/* An account: of the first of its address nothing is known until another one comes. */
static int address_take(struct check *check, struct same_address *same, struct span line,
                        bool enabled, struct fault *fault)
{
	if (!enabled) {
		same->unknown++;
		return 0;
	}
	if (++same->enabled == 1) {
		buf_clear(&same->first);
		buf_put_span(&same->first, line);
		return buf_check(&same->first, fault);
	}
	if (same->enabled == 2) {
		if (address_copy_label(check, line, &same->label, fault) < 0 ||
		    address_add(check, same, buf_span(&same->first), buf_span(&same->label), fault) < 0 ||
		    address_copy_label(check, buf_span(&same->first), &same->label, fault) < 0)
			return -1;
	}
	return address_add(check, same, line, buf_span(&same->label), fault);
}

static int address_read(struct check *check, struct same_address *same, struct span line,
                        struct fault *fault)
{
	size_t end = json_string_end(line, ADDRESS_HEAD);

	if (!same->source || !span_is((struct span){line.data, end}, buf_span(&same->address))) {
		address_end(same);
		buf_clear(&same->address);
		buf_put(&same->address, line.data, end);
		same->source = check->sources[strtoul(line.data + 2, NULL, 16)];
	}
	return address_take(check, same, line, line.data[end + 2] == 'e', fault);
}

int check_judge_addresses(struct check *check, struct fault *fault)
{
	struct same_address same = {0};
	struct span line;
	int more = sorter_sort(check->addresses, fault);

	while (more >= 0 && (more = sorter_next(check->addresses, &line, fault)) > 0) {
		line.len--;
		if (address_read(check, &same, line, fault) < 0)
			more = -1;
	}
	if (more == 0) {
		address_end(&same);
		more = buf_check(&same.address, fault);
	}
	buf_release(&same.first);
	buf_release(&same.address);
	buf_release(&same.label);
	return more;
}

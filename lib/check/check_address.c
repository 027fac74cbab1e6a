/* SPDX-License-Identifier: ISC */
/*
 * check_address: accounts of one source that have one address.
 */
#include "check/check_parts.h"

#include "base/json_put.h"

#include <stdlib.h>

/* The accounts of one source with one address, as they go by. */
struct same_address {
	struct buf address;           /* source and address, as they stand in the line */
	struct buf id, label, status; /* of the first account that can sign in */
	struct check_source *source;
	uint64_t enabled, unknown;
};

static int address_add(struct check *check, const struct check_source *source, struct span id,
                       struct span label, struct span status, struct span other,
                       struct fault *fault)
{
	buf_clear(&check->says);
	buf_puts(&check->says, "the same address as ");
	check_put_name(&check->says, other);
	if (buf_check(&check->says, fault) < 0)
		return -1;
	return check_add(check,
	                 &(struct finding){.check = CHECK_DUPLICATE,
	                                   .severity = SEVERITY_MEDIUM,
	                                   .source = check->sources[source->index],
	                                   .id = id,
	                                   .label = label,
	                                   .status = status,
	                                   .says = buf_span(&check->says)},
	                 fault);
}

/* The last account of an address has gone by. */
static void address_end(struct same_address *same)
{
	struct answer unknown = answer_unknown(UNKNOWN_NOT_SHOWN, MISSING(USER_STATUS));
	bool alone = same->enabled + same->unknown < 2;

	if (!same->source)
		return;
	if (same->enabled == 1)
		check_settle(same->source, CHECK_DUPLICATE, alone ? answer_of(false) : unknown);
	for (; same->unknown; same->unknown--)
		check_settle(same->source, CHECK_DUPLICATE, alone ? answer_of(false) : unknown);
	same->enabled = 0;
}

/* An account: of the first of its address nothing is known until another one comes. */
static int address_take(struct check *check, struct same_address *same, struct span id,
                        struct span label, struct span status, struct fault *fault)
{
	if (!span_is(status, span_of("enabled"))) {
		same->unknown++;
		return 0;
	}
	if (++same->enabled == 1) {
		buf_clear(&same->id);
		buf_put_span(&same->id, id);
		buf_clear(&same->label);
		buf_put_span(&same->label, label);
		buf_clear(&same->status);
		buf_put_span(&same->status, status);
		return buf_check(&same->id, fault) < 0 || buf_check(&same->label, fault) < 0
		           ? -1
		           : buf_check(&same->status, fault);
	}
	if (same->enabled == 2 &&
	    address_add(check, same->source, buf_span(&same->id), buf_span(&same->label),
	                buf_span(&same->status), label, fault) < 0)
		return -1;
	return address_add(check, same->source, id, label, status, buf_span(&same->label), fault);
}

static int address_read(struct check *check, struct same_address *same, struct span line,
                        struct fault *fault)
{
	yyjson_val *root = json_read(&check->json, line, fault);
	struct span texts[5];
	size_t end = 0;

	if (!root)
		return -1;
	for (size_t i = 0; i < 5; i++)
		if (!json_text(yyjson_arr_get(root, i), &texts[i]))
			return fault_set(fault, FAULT_INTERNAL, "a line of addresses is odd");
	/* ["0000002a","ada@example.com", as bytes */
	end = json_string_end(line, 1);
	end = json_string_end(line, end + 1);
	if (!same->source || !span_is((struct span){line.data, end}, buf_span(&same->address))) {
		address_end(same);
		buf_clear(&same->address);
		buf_put(&same->address, line.data, end);
		same->source = check->sources[strtoul(texts[0].data, NULL, 16)];
	}
	return address_take(check, same, texts[2], texts[3], texts[4], fault);
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
	buf_release(&same.address);
	buf_release(&same.id);
	buf_release(&same.label);
	buf_release(&same.status);
	return more;
}

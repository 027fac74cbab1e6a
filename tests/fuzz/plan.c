/* SPDX-License-Identifier: ISC */
/*
 * plan: what scim-push is to do, as plain operations where the first byte is even,
 * else as the body of a sealed change stream. A plan that is accepted has only
 * operations that name somebody.
 */
#include "fuzz.h"
#include "sys/digest.h"
#include "push/rules.h"

static const char begin[] =
	"{\"kind\":\"begin\",\"format\":1,\"stage\":\"changes\",\"match\":\"user_name\",\"before\":"
	"{\"sources\":[{\"source\":\"s\",\"origin\":\"https://s.example\"}]},\"after\":"
	"{\"sources\":[{\"source\":\"hr\"}]}}\n";

static uint64_t count(struct span body, const char *head)
{
	uint64_t lines = 0;

	while (body.len)
		lines += span_begins(take_until(&body, '\n'), span_of(head));
	return lines;
}

/* `body` with the begin and the end line that are right for it. */
static void put_changes(struct buf *stream, struct span body)
{
	struct digest digest = {0};
	struct fault fault = {0};
	char hex[DIGEST_HEX + 1];
	size_t from;

	buf_puts(stream, begin);
	from = stream->len;
	buf_put_span(stream, body);
	if (body.len && body.data[body.len - 1] != '\n')
		buf_putc(stream, '\n');
	must(digest_init(&digest, &fault) == 0, "SHA-256 is there");
	digest_put(&digest, (struct span){stream->data + from, stream->len - from});
	must(digest_hex(&digest, hex, &fault) == 0, "SHA-256 ends");
	digest_release(&digest);
	buf_putf(stream, "{\"kind\":\"end\",\"changes\":%llu,\"unknown\":%llu,\"sha256\":\"%s\"}\n",
	         (unsigned long long)count(body, "{\"kind\":\"change\""),
	         (unsigned long long)count(body, "{\"kind\":\"unknown\""), hex);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct plan_options options = {
		.origin = "https://s.example",
		.removed = REMOVED_DEACTIVATE,
		.rules = rules_find("scim", "https://s.example"),
	};
	struct buf stream = {0};
	struct fault fault = {0};
	struct plan plan = {0};
	struct span body;

	if (!size)
		return 0;
	body = (struct span){(const char *)data + 1, size - 1};
	if (*data % 2)
		put_changes(&stream, body);
	else
		buf_put_span(&stream, body);
	if (plan_read(&plan, &options, memory_file(0, buf_span(&stream)), &fault) < 0)
		must_be_fault(&fault);
	for (size_t i = 0; fault.kind == FAULT_NONE && i < plan.count; i++) {
		const struct operation *operation = &plan.operations[i];

		must(operation->op < OPS, "an operation is one of those there are");
		must(operation->user_id.len || operation->user_name.len || operation->group_id.len ||
		         operation->group.len || operation->refusal.len || operation->op == OP_IMPORT,
		     "an operation is about somebody");
	}
	plan_release(&plan);
	buf_release(&stream);
	return 0;
}

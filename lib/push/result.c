/* SPDX-License-Identifier: ISC */
/*
 * result: asked, sent, ended.
 */
#include "push/result.h"

#include "base/json_put.h"

const char *const outcome_names[OUTCOMES] = {
	[OUTCOME_OPEN] = "open",       [OUTCOME_PLANNED] = "planned", [OUTCOME_DONE] = "done",
	[OUTCOME_ALREADY] = "already", [OUTCOME_REFUSED] = "refused", [OUTCOME_FAILED] = "failed",
	[OUTCOME_SKIPPED] = "skipped",
};

void result_release(struct result *result)
{
	buf_release(&result->id);
	buf_release(&result->user_name);
	buf_release(&result->group_name);
	buf_release(&result->fields);
	buf_release(&result->requests);
	*result = (struct result){.outcome = OUTCOME_OPEN};
}

static void result_put_request(struct result *result, const struct write *write, long status,
                               bool is_shared)
{
	struct buf *to = &result->requests;

	buf_putf(to, ",{\"method\":\"%s\"", http_method_names[write->method]);
	json_put_member(to, "path", buf_span(&write->target));
	if (is_shared) {
		buf_puts(to, ",\"shared\":true");
	} else if (write->body.len) {
		buf_puts(to, ",\"body\":");
		buf_put_span(to, buf_span(&write->body));
	}
	if (status)
		buf_putf(to, ",\"status\":%ld", status);
	buf_putc(to, '}');
}

void result_add_request(struct result *result, const struct write *write, long status)
{
	result_put_request(result, write, status, false);
}

void result_add_shared(struct result *result, const struct write *write, long status)
{
	result_put_request(result, write, status, true);
}

static void result_put_settings(struct buf *line, const char *name, unsigned settings)
{
	if (!settings)
		return;
	buf_putf(line, ",\"%s\":[", name);
	for (int setting = 0; setting < SETTINGS; setting++)
		if (settings & 1U << setting) {
			json_array_next(line);
			buf_putf(line, "\"%s\"", setting_names[setting]);
		}
	buf_putc(line, ']');
}

void result_put_end(struct buf *line, const struct result *result)
{
	buf_putf(line, "\"outcome\":\"%s\"", outcome_names[result->outcome]);
	if (result->status)
		buf_putf(line, ",\"status\":%ld", result->status);
	if (result->id.len)
		json_put_member(line, "id", buf_span(&result->id));
	if (*result->why.text)
		json_put_member(line, "reason", span_of(result->why.text));
	result_put_settings(line, "ignored", result->ignored);
	result_put_settings(line, "not_sent", result->not_sent);
}

bool result_is_end(yyjson_val *end)
{
	static const char *const names[] = {"outcome", "status", "id", "reason", "ignored", "not_sent"};
	size_t known = 0;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		known += yyjson_obj_get(end, names[i]) != NULL;
	return yyjson_obj_get(end, "outcome") && known == yyjson_obj_size(end);
}

void result_put(struct buf *line, const struct operation *operation, const struct result *result,
                bool applied, struct span earlier)
{
	buf_puts(line, "{\"kind\":\"result\",");
	operation_put(line, operation);
	buf_putc(line, ',');
	if (earlier.len) {
		buf_put_span(line, earlier);
		buf_puts(line, ",\"resumed\":true}\n");
		return;
	}
	if (result->fields.len) {
		buf_puts(line, "\"fields\":{");
		buf_put(line, result->fields.data + 1, result->fields.len - 1);
		buf_puts(line, "},");
	}
	result_put_end(line, result);
	buf_puts(line, applied ? ",\"sent\":[" : ",\"would_send\":[");
	if (result->requests.len)
		buf_put(line, result->requests.data + 1, result->requests.len - 1);
	buf_puts(line, "]}\n");
}

int result_status(const struct result *result)
{
	switch (result->outcome) {
	case OUTCOME_REFUSED: return fault_status(FAULT_REFUSED);
	case OUTCOME_FAILED:
		switch (result->why.kind) {
		case FAULT_TRY_LATER:
		case FAULT_UNREACHABLE: return fault_status(FAULT_TRY_LATER);
		case FAULT_REFUSED: return fault_status(FAULT_REFUSED);
		default: return fault_status(FAULT_PROTOCOL);
		}
	default: return 0;
	}
}

int result_status_of_both(int status, int other)
{
	int later = fault_status(FAULT_TRY_LATER);

	if (status == later || other == later)
		return later;
	return status > other ? status : other;
}

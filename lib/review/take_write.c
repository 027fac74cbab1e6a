/* SPDX-License-Identifier: ISC */
/*
 * take_write: decisions as lines of the decision stream, as operations for scim-push, and as
 * work for people.
 */
#include "review/take.h"

#include "base/inert.h"
#include "base/json_put.h"
#include "review/file_name.h"
#include "stream/provider.h"
#include "sys/out.h"

/* ---- who carries it out ---- */

/* Can scim-push take it away? Accounts and memberships of services that speak SCIM, but for
   what stays there. A base URL of the user's own is of the provider "scim", which has no row. */
static bool take_can_push(const struct take *take)
{
	static const struct provider any = {.schema = "scim"};
	struct span name = take_fact(take, FACT_PROVIDER), what = take_fact(take, FACT_WHAT);
	const struct provider *provider =
		span_is(name, span_of(any.schema)) ? &any : provider_find(name);

	if (!take_fact(take, FACT_LISTED).len || !provider || strcmp(provider->schema, any.schema) != 0)
		return false;
	if (span_is(what, span_of(review_what_words[REVIEW_ACCOUNT])))
		return !provider->accounts_stay;
	return span_is(what, span_of(review_what_words[REVIEW_MEMBERSHIP])) && !provider->members_stay;
}

/* ---- a decision ---- */

void take_put_order(const struct take *take, struct buf *order)
{
	static const enum take_field order_fields[] = {FACT_SOURCE, FACT_WHAT, FACT_USER_ID,
	                                               FACT_ACCESS_ID};

	buf_clear(order);
	for (size_t i = 0; i < sizeof order_fields / sizeof *order_fields; i++)
		json_put_string(order, take_fact(take, order_fields[i]));
}

static int take_add(struct take *take, struct sorter *sorter, struct fault *fault)
{
	if (buf_check(&take->order, fault) < 0)
		return -1;
	return sorter_add(sorter, buf_span(&take->order), fault);
}

static void take_put_known(struct buf *line, const char *name, struct span text)
{
	if (text.len)
		json_put_member(line, name, text);
}

static int take_add_decision(struct take *take, const struct take_answer *answer, bool is_pushed,
                             struct fault *fault)
{
	struct buf *line = &take->order;
	bool is_open = answer->decision == DECISION_UNDECIDED;

	take_put_order(take, &take->order);
	buf_puts(line, is_open ? "{\"kind\":\"undecided\"" : "{\"kind\":\"decision\"");
	json_put_member(line, "row", buf_span(&take->name));
	json_put_member(line, "what", take_fact(take, FACT_WHAT));
	json_put_member(line, "source", take_fact(take, FACT_SOURCE));
	json_put_member(line, "user_id", take_fact(take, FACT_USER_ID));
	take_put_known(line, "user_name", take_fact(take, FACT_USER_NAME));
	take_put_known(line, "access_id", take_fact(take, FACT_ACCESS_ID));
	take_put_known(line, "access", take_fact(take, FACT_ACCESS));
	take_put_known(line, "member_kind", take_fact(take, FACT_MEMBER_KIND));
	if (is_open) {
		json_put_member(line, "sheet", span_of(answer->sheet));
	} else {
		json_put_member(line, "decision", span_of(decision_words[answer->decision]));
		json_put_member(line, "decided_by", answer->decided_by);
		take_put_known(line, "decided_at", answer->decided_at);
		take_put_known(line, "reason", answer->reason);
		take_put_known(line, "ticket", answer->ticket);
		if (answer->decision == DECISION_REVOKE || answer->decision == DECISION_MODIFY)
			json_put_member(line, "by", span_of(is_pushed ? "push" : "hand"));
	}
	buf_puts(line, "}\n");
	return take_add(take, take->decisions, fault);
}

static int take_add_operation(struct take *take, struct fault *fault)
{
	struct buf *line = &take->order;
	bool is_account = !take_fact(take, FACT_ACCESS_ID).len;

	take_put_order(take, &take->order);
	buf_putf(line, "{\"op\":\"%s\"", is_account ? "deactivate" : "remove-member");
	json_put_member(line, "id", take_fact(take, FACT_USER_ID));
	take_put_known(line, "user_name", take_fact(take, FACT_USER_NAME));
	take_put_known(line, "group_id", take_fact(take, FACT_ACCESS_ID));
	take_put_known(line, "group", take_fact(take, FACT_ACCESS));
	buf_puts(line, "}\n");
	return take_add(take, take->operations, fault);
}

/* ---- work for people ---- */

static const struct table_column manual_columns[] = {
	{.name = "row", .none = ""},        {.name = "source", .none = ""},
	{.name = "what", .none = ""},       {.name = "user_id", .none = ""},
	{.name = "user_name", .none = ""},  {.name = "access_id", .none = ""},
	{.name = "access", .none = ""},     {.name = "decision", .none = ""},
	{.name = "decided_by", .none = ""}, {.name = "reason", .none = ""},
	{.name = "ticket", .none = ""},     {.name = "to_do", .none = ""},
};

int take_open_manual(struct take *take, size_t memory, struct fault *fault)
{
	return table_open(&take->manual, manual_columns, sizeof manual_columns / sizeof *manual_columns,
	                  TABLE_CSV, memory, fault);
}

/* On one line: who counts lines counts what there is to do. */
static void take_put_cell(struct take *take, struct span text)
{
	if (!text.len) {
		table_put_empty(&take->manual);
		return;
	}
	buf_clear(&take->line);
	for (size_t i = 0; i < text.len; i++)
		buf_putc(&take->line, (unsigned char)text.data[i] < ' ' ? ' ' : text.data[i]);
	table_put_text(&take->manual, buf_span(&take->line));
}

/* What is to be done by hand, in words. */
static void take_put_words(const struct take *take, const struct take_answer *answer,
                           struct buf *text)
{
	struct span who = take_fact(take, FACT_USER_NAME), access = take_fact(take, FACT_ACCESS);
	struct span what = take_fact(take, FACT_WHAT);

	if (!who.len)
		who = take_fact(take, FACT_USER_ID);
	if (!access.len)
		access = take_fact(take, FACT_ACCESS_ID);
	buf_clear(text);
	if (answer->decision == DECISION_MODIFY) {
		buf_puts(text, "change what ");
		buf_put_span(text, who);
		if (access.len) {
			buf_puts(text, " has in ");
			buf_put_span(text, access);
		} else {
			buf_puts(text, " has");
		}
		buf_puts(text, " as the reason says, in ");
	} else if (span_is(what, span_of("account"))) {
		buf_puts(text, "disable the account ");
		buf_put_span(text, who);
		buf_puts(text, " in ");
	} else {
		buf_puts(text, span_is(what, span_of("membership")) ? "take " : "take the ");
		if (!span_is(what, span_of("membership"))) {
			buf_put_span(text, what);
			buf_putc(text, ' ');
			buf_put_span(text, access);
			buf_puts(text, " from ");
			buf_put_span(text, who);
		} else {
			buf_put_span(text, who);
			buf_puts(text, " out of the group ");
			buf_put_span(text, access);
		}
		buf_puts(text, " in ");
	}
	buf_put_span(text, take_fact(take, FACT_SOURCE));
}

static int take_add_manual(struct take *take, const struct take_answer *answer, struct fault *fault)
{
	static const enum take_field order_fields[] = {FACT_SOURCE, FACT_WHAT, FACT_USER_ID,
	                                               FACT_ACCESS_ID};
	static const enum take_field cell_fields[] = {FACT_SOURCE,    FACT_WHAT,      FACT_USER_ID,
	                                              FACT_USER_NAME, FACT_ACCESS_ID, FACT_ACCESS};
	struct table *table = &take->manual;

	take_put_words(take, answer, &take->scratch);
	if (buf_check(&take->scratch, fault) < 0)
		return -1;
	table_begin_row(table);
	for (size_t i = 0; i < sizeof order_fields / sizeof *order_fields; i++)
		table_sort_by(table, take_fact(take, order_fields[i]), false);
	take_put_cell(take, buf_span(&take->name));
	for (size_t i = 0; i < sizeof cell_fields / sizeof *cell_fields; i++)
		take_put_cell(take, take_fact(take, cell_fields[i]));
	take_put_cell(take, span_of(decision_words[answer->decision]));
	take_put_cell(take, answer->decided_by);
	take_put_cell(take, answer->reason);
	take_put_cell(take, answer->ticket);
	take_put_cell(take, buf_span(&take->scratch));
	return buf_check(&take->line, fault) < 0 ? -1 : table_end_row(table, fault);
}

int take_keep_decision(struct take *take, const struct take_answer *answer, struct fault *fault)
{
	bool is_pushed = answer->decision == DECISION_REVOKE && take_can_push(take);

	if (take->problems.all) /* nothing will be written */
		return 0;
	if (take_add_decision(take, answer, is_pushed, fault) < 0)
		return -1;
	if (answer->decision != DECISION_REVOKE && answer->decision != DECISION_MODIFY)
		return 0;
	take->pushed += is_pushed;
	take->by_hand += !is_pushed;
	return is_pushed ? take_add_operation(take, fault) : take_add_manual(take, answer, fault);
}

/* ---- files ---- */

/* A line of a sorter without its order; *source is that of the order, as JSON. */
static struct span take_line(struct span line, struct span *source)
{
	size_t at = json_string_end(line, 0);

	*source = (struct span){line.data, at};
	for (int i = 0; i < 3; i++)
		at = json_string_end(line, at);
	return (struct span){line.data + at, line.len - at};
}

static int take_put_begin(struct take *take, struct buf *line, struct fault *fault)
{
	yyjson_val *root = json_read(&take->json, buf_span(&take->rows.begin), fault);

	if (!root)
		return -1;
	buf_clear(line);
	buf_puts(line, "{\"kind\":\"begin\",\"format\":1,\"stage\":\"decisions\","
	               "\"tool\":\"take-review " ROLLCALL_VERSION "\",\"snapshot\":{\"sha256\":\"");
	buf_puts(line, take->rows.sha256);
	buf_puts(line, "\",\"sources\":");
	json_put_value(line, yyjson_obj_get(root, "sources"));
	buf_putc(line, '}');
	if (take->review_sha256[0])
		buf_putf(line, ",\"review\":{\"sha256\":\"%s\"}", take->review_sha256);
	buf_puts(line, ",\"sheets\":[");
	for (size_t i = 0; i < take->sheet_count; i++) {
		const char *slash = strrchr(take->sheets[i].name, '/');

		buf_puts(line, i ? ",{\"file\":" : "{\"file\":");
		json_put_string(line, span_of(slash ? slash + 1 : take->sheets[i].name));
		buf_putf(line, ",\"sha256\":\"%s\"}", take->sheets[i].sha256);
	}
	buf_puts(line, "]}\n");
	return buf_check(line, fault);
}

static int take_put_decisions(struct take *take, struct out *out, struct fault *fault)
{
	struct section_writer section = {0};
	struct span line, source;
	uint64_t reviewed = 0;
	int more = take_put_begin(take, &take->line, fault);

	if (more == 0)
		more = section_open(&section, out, buf_span(&take->line), fault);
	if (more == 0)
		more = sorter_sort(take->decisions, fault);
	while (more >= 0 && (more = sorter_next(take->decisions, &line, fault)) > 0)
		section_put(&section, take_line(line, &source));
	if (more == 0) {
		for (int i = 0; i < DECISION_WORDS; i++)
			reviewed += take->sums[i];
		buf_clear(&take->scratch);
		buf_putf(&take->scratch, ",\"status\":\"complete\",\"reviewed\":%llu",
		         (unsigned long long)reviewed);
		for (int i = 0; i < DECISION_WORDS; i++)
			buf_putf(&take->scratch, ",\"%s\":%llu", decision_words[i],
			         (unsigned long long)take->sums[i]);
		more = buf_check(&take->scratch, fault);
	}
	if (more == 0)
		more = section_close(&section, buf_text(&take->scratch), 0, "", fault);
	section_release(&section);
	return more;
}

static int take_open_file(const struct take *take, struct out *out, const char *name,
                          struct fault *fault)
{
	struct buf path = {0};
	int result;

	buf_putf(&path, "%s/%s", take->options->directory, name);
	result = buf_check(&path, fault) < 0 ? -1 : out_open(out, buf_text(&path), fault);
	buf_release(&path);
	return result;
}

static int take_close_file(struct out *out, int result, struct fault *fault)
{
	if (result == 0)
		return out_close(out, fault);
	out_abandon(out);
	return -1;
}

/* "operations-SOURCE.ndjson", in take->line; `json` is the source. */
static int take_name_operations(struct take *take, struct span json, struct set *names,
                                struct fault *fault)
{
	struct span source = SPAN_EMPTY;
	yyjson_val *root = json_read(&take->json, json, fault);

	if (!root)
		return -1;
	json_text(root, &source);
	if (!file_name_take(names, source, &take->scratch, fault))
		return -1;
	buf_clear(&take->line);
	buf_putf(&take->line, "operations-%s.ndjson", buf_text(&take->scratch));
	return buf_check(&take->line, fault);
}

static int take_write_operations(struct take *take, struct fault *fault)
{
	struct set names = {0};
	struct buf of = {0};
	struct span line, text, source;
	struct out out;
	bool is_open = false;
	int more = sorter_sort(take->operations, fault);

	while (more >= 0 && (more = sorter_next(take->operations, &line, fault)) > 0) {
		text = take_line(line, &source);
		if (!is_open || !span_is(buf_span(&of), source)) {
			if (is_open && take_close_file(&out, 0, fault) < 0) {
				is_open = false;
				more = -1;
				break;
			}
			is_open = false;
			buf_clear(&of);
			buf_put_span(&of, source);
			if (buf_check(&of, fault) < 0 ||
			    take_name_operations(take, source, &names, fault) < 0 ||
			    take_open_file(take, &out, buf_text(&take->line), fault) < 0) {
				more = -1;
				break;
			}
			is_open = true;
		}
		out_put(&out, text);
	}
	if (is_open)
		more = take_close_file(&out, more, fault);
	set_release(&names);
	buf_release(&of);
	return more;
}

static int take_write_manual(struct take *take, struct fault *fault)
{
	static const struct table_look look = {0};
	struct out out;

	if (take_open_file(take, &out, "manual.csv", fault) < 0)
		return -1;
	return take_close_file(&out, table_write(&take->manual, &look, &out, fault), fault);
}

int take_write(struct take *take, struct fault *fault)
{
	struct out out;

	if (!take->sums[DECISION_UNDECIDED] &&
	    (take_write_operations(take, fault) < 0 || take_write_manual(take, fault) < 0))
		return -1;
	if (take_open_file(take, &out, "decisions.ndjson", fault) < 0)
		return -1;
	return take_close_file(&out, take_put_decisions(take, &out, fault), fault);
}

/* SPDX-License-Identifier: ISC */
/*
 * plan_text: signs and words of operations in one table.
 */
#include "push/plan_text.h"

#include "base/text_name.h"

/* Capitals for what can not be undone by a second run. */
static const struct op_text {
	char sign;
	const char *words;
} op_texts[OPS] = {
	[OP_PUSH_GROUP] = {'+', "create group"},
	[OP_PUSH] = {'+', "create"},
	[OP_RENAME_GROUP] = {'~', "rename group"},
	[OP_UPDATE] = {'~', "change"},
	[OP_REACTIVATE] = {'~', "reactivate"},
	[OP_ADD_MEMBER] = {'+', "add member"},
	[OP_REMOVE_MEMBER] = {'-', "take out"},
	[OP_DEACTIVATE] = {'-', "deactivate"},
	[OP_REMOVE] = {'-', "REMOVE"},
	[OP_REMOVE_GROUP] = {'-', "REMOVE GROUP"},
	[OP_IMPORT] = {'!', "import"},
};

enum { PLAN_WORDS_WIDTH = sizeof "rename group" - 1 };

/* ---- sums ---- */

void plan_tally_add(struct plan_tally *tally, enum op op, enum outcome outcome)
{
	tally->of[op][outcome]++;
}

uint64_t plan_tally_sum(const struct plan_tally *tally, enum outcome outcome)
{
	uint64_t sum = 0;

	for (int op = 0; op < OPS; op++)
		sum += tally->of[op][outcome];
	return sum;
}

/* The operation that ended in `outcome` most often after those in `named`; OPS: none. */
static enum op plan_tally_next(const struct plan_tally *tally, enum outcome outcome, unsigned named)
{
	int most = OPS;

	for (int op = 0; op < OPS; op++)
		if (!(named & 1U << op) && tally->of[op][outcome] &&
		    (most == OPS || tally->of[op][outcome] > tally->of[most][outcome]))
			most = op;
	return (enum op)most;
}

static void plan_tally_put(struct buf *to, const struct plan_tally *tally, enum outcome outcome)
{
	const char *before = ": ";
	unsigned named = 0;
	enum op op;

	while ((op = plan_tally_next(tally, outcome, named)) != OPS) {
		buf_putf(to, "%s%llu %s", before, (unsigned long long)tally->of[op][outcome],
		         op_texts[op].words);
		before = ", ";
		named |= 1U << op;
	}
}

/* "; 3 refused", for each outcome that is none of those hoped for. */
static void plan_tally_put_others(struct buf *to, const struct plan_tally *tally)
{
	static const enum outcome others[] = {OUTCOME_REFUSED, OUTCOME_FAILED, OUTCOME_SKIPPED};

	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		uint64_t sum = plan_tally_sum(tally, others[i]);

		if (sum)
			buf_putf(to, "; %llu %s", (unsigned long long)sum, outcome_names[others[i]]);
	}
}

void plan_text_put_head(struct buf *to, const struct plan_tally *tally)
{
	uint64_t planned = plan_tally_sum(tally, OUTCOME_PLANNED);
	uint64_t already = plan_tally_sum(tally, OUTCOME_ALREADY);

	if (planned)
		buf_putf(to, "%llu change%s", (unsigned long long)planned, planned == 1 ? "" : "s");
	else
		buf_puts(to, "nothing to change");
	plan_tally_put(to, tally, OUTCOME_PLANNED);
	if (already)
		buf_putf(to, "; %llu already so", (unsigned long long)already);
	plan_tally_put_others(to, tally);
	buf_putc(to, '\n');
}

void plan_text_put_end(struct buf *to, const struct plan_tally *tally)
{
	uint64_t already = plan_tally_sum(tally, OUTCOME_ALREADY);

	buf_putf(to, "%llu done", (unsigned long long)plan_tally_sum(tally, OUTCOME_DONE));
	plan_tally_put(to, tally, OUTCOME_DONE);
	if (already)
		buf_putf(to, "; %llu already so", (unsigned long long)already);
	plan_tally_put_others(to, tally);
}

/* ---- a line ---- */

/* A name that the input has, else one that the service shows, else the id. */
static struct span plan_known(struct span name, const struct buf *shown, struct span id)
{
	return name.len ? name : shown->len ? buf_span(shown) : id;
}

/* "ada@example.com" of the label "ada@example.com in Sales" of a membership in Sales; else the
   name as it is known. */
static struct span plan_member(const struct operation *operation, const struct result *result,
                               struct span group)
{
	struct span label = operation->label, in = span_of(" in ");

	if (!operation->user_name.len && label.len > in.len + group.len) {
		label.len -= in.len + group.len;
		if (memcmp(label.data + label.len, in.data, in.len) == 0 &&
		    memcmp(label.data + label.len + in.len, group.data, group.len) == 0)
			return label;
	}
	return plan_known(operation->user_name, &result->user_name, operation->user_id);
}

void plan_text_put_subject(struct buf *to, const struct operation *operation,
                           const struct result *result)
{
	bool user = operation->user_name.len || operation->user_id.len;
	bool group = operation->group.len || operation->group_id.len;
	struct span label = operation->label;
	struct span named = plan_known(operation->group, &result->group_name, operation->group_id);

	if (user && group) {
		text_name_put(to, plan_member(operation, result, named));
		buf_puts(to, " in ");
		text_name_put(to, named);
	} else if (user) { /* a label that is the id says nothing */
		text_name_put(
			to, label.len && !operation->user_name.len && !span_is(label, operation->user_id)
					? label
					: plan_known(operation->user_name, &result->user_name, operation->user_id));
	} else if (group) {
		text_name_put(to, span_is(named, operation->group_id) && label.len ? label : named);
	} else if (label.len) {
		text_name_put(to, label);
	}
}

static void plan_put_value(struct buf *to, yyjson_val *value)
{
	struct span text;

	if (yyjson_is_bool(value))
		buf_puts(to, yyjson_is_true(value) ? "true" : "false");
	else if (json_text(value, &text))
		text_name_put(to, text);
	else
		buf_puts(to, "(not shown)");
}

/* ": display_name Ada -> Ada L, active true -> false" */
static int plan_put_fields(struct buf *to, const struct result *result, struct fault *fault)
{
	const char *before = ": ";
	struct buf object = {0};
	yyjson_val *key, *pair;
	yyjson_doc *doc;
	size_t i, max;

	if (!result->fields.len)
		return 0;
	buf_putc(&object, '{');
	buf_put(&object, result->fields.data + 1, result->fields.len - 1);
	buf_putc(&object, '}');
	doc = buf_check(&object, fault) < 0 ? NULL : json_parse(buf_span(&object), NULL, fault);
	if (!doc) {
		buf_release(&object);
		return -1;
	}
	yyjson_obj_foreach(yyjson_doc_get_root(doc), i, max, key, pair) {
		buf_putf(to, "%s%s ", before, yyjson_get_str(key));
		plan_put_value(to, yyjson_arr_get(pair, 0));
		buf_puts(to, " -> ");
		plan_put_value(to, yyjson_arr_get(pair, 1));
		before = ", ";
	}
	yyjson_doc_free(doc);
	buf_release(&object);
	return 0;
}

static void plan_put_sign(struct buf *to, char sign, bool color)
{
	static const char signs[] = "+-~!";
	static const char *const colors[] = {"\033[32m", "\033[31m", "\033[33m", "\033[35m"};

	if (color)
		buf_puts(to, colors[strchr(signs, sign) - signs]);
	buf_putc(to, sign);
	if (color)
		buf_puts(to, "\033[0m");
}

int plan_text_put(struct buf *to, const struct operation *operation, const struct result *result,
                  bool color, struct fault *fault)
{
	struct op_text text = op_texts[operation->op];
	bool good = result->outcome == OUTCOME_PLANNED || result->outcome == OUTCOME_DONE;
	size_t before, at;

	if (result->outcome == OUTCOME_ALREADY)
		return 0;
	if (operation->op == OP_PUSH && result->fields.len) /* somebody of that name is there */
		text = op_texts[OP_UPDATE];
	plan_put_sign(to, good ? text.sign : '!', color);
	before = to->len;
	buf_putf(to, " %-*s  ", PLAN_WORDS_WIDTH, text.words);
	at = to->len;
	plan_text_put_subject(to, operation, result);
	if (to->len == at) /* about nobody */
		to->len = before + 1 + strlen(text.words);
	if (good && operation->op == OP_PUSH && operation->values[SET_DISPLAY_NAME].len &&
	    !result->fields.len) {
		buf_puts(to, " (");
		text_name_put(to, operation->values[SET_DISPLAY_NAME]);
		buf_putc(to, ')');
	}
	if (good && plan_put_fields(to, result, fault) < 0)
		return -1;
	if (!good)
		buf_putf(to, ": %s", outcome_names[result->outcome]);
	buf_putc(to, '\n');
	return 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * check_baseline: the findings of an older run, by their keys: which of today's are new,
 * which are known, and which of the older ones are gone.
 *
 * A finding is gone only if its check ran on its source and could decide everything there;
 * else nobody knows.
 */
#include "check/check_parts.h"

#include "base/json_put.h"
#include "stream/stream.h"

enum { KEY_DIGITS = 16 };

/* After a key: an older finding sorts before one of today. */
enum { BASELINE_OLD = 'a', BASELINE_NOW = 'b' };

static int baseline_put(struct check *check, struct span key, char letter, struct span text,
                        struct fault *fault)
{
	struct buf *line = &check->line;

	if (key.len != KEY_DIGITS)
		return fault_set(fault, FAULT_DATA, "a finding without its key");
	buf_clear(line);
	buf_put_span(line, key);
	buf_putc(line, letter);
	buf_put_span(line, text);
	buf_putc(line, '\n');
	return buf_check(line, fault) < 0 ? -1 : sorter_add(check->baseline, buf_span(line), fault);
}

int check_read_baseline(struct check *check, struct fault *fault)
{
	struct stream_reader reader;
	struct stream_item item;
	struct span kind, key;
	int more = stream_open(&reader, check->options->baseline, STAGE_FINDINGS, true, fault);

	check->baseline = more < 0 ? NULL : sorter_open(check->options->memory / 4, fault);
	if (more == 0 && !check->baseline)
		more = -1;
	while (more >= 0 && (more = stream_next(&reader, &item, fault)) > 0) {
		if (item.type != ITEM_RECORD || !json_text(yyjson_obj_get(item.root, "kind"), &kind) ||
		    !span_is(kind, span_of("finding")))
			continue;
		key.len = 0;
		json_text(yyjson_obj_get(item.root, "key"), &key);
		if (baseline_put(check, key, BASELINE_OLD, item.line, fault) < 0)
			more = lines_fault(&reader.lines, fault);
	}
	stream_close(&reader);
	return more;
}

/* ---- at the end ---- */

/* What became of an older finding that is not there any more. */
static const char *baseline_state(const struct check *check, int number,
                                  const struct check_source *source)
{
	if (number < 0 || !check->runs[number])
		return "not checked";
	return source && !source->is_missing && !answers_unknown(&source->answers[number])
	           ? "gone"
	           : "not decided";
}

static int baseline_add_gone(struct check *check, struct span json, struct fault *fault)
{
	static const char *const members[] = {"check", "source",   "id",    "what",
	                                      "key",   "severity", "label", "says"};
	yyjson_val *root = json_read(&check->json, json, fault);
	const struct check_source *source;
	struct buf *line = &check->line;
	const char *state;
	int number;

	if (!root)
		return -1;
	number = policy_find_check(&check->policy, json_obj_text(root, "check"));
	source = check_find_source(check, json_obj_text(root, "source"));
	state = baseline_state(check, number, source);
	check->gone += *state == 'g';
	buf_clear(line);
	buf_putf(line, "20%04x%08x", number < 0 ? 0xffff : (unsigned)number,
	         source ? (unsigned)source->index : 0xffffffffU);
	buf_puts(line, "{\"kind\":\"gone\"");
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (yyjson_obj_get(root, members[i]))
			json_put_member(line, members[i], json_obj_text(root, members[i]));
	buf_putf(line, ",\"state\":\"%s\"}\n", state);
	return buf_check(line, fault) < 0 ? -1 : sorter_add(check->lines, buf_span(line), fault);
}

/* Today's finding, with its order before it. */
static int baseline_add_now(struct check *check, struct span text, bool is_known,
                            struct fault *fault)
{
	struct buf *line = &check->line;

	buf_clear(line);
	buf_put(line, text.data, text.len - 1);
	buf_puts(line, is_known ? ",\"baseline\":\"known\"}\n" : ",\"baseline\":\"new\"}\n");
	check->known += is_known;
	check->fresh += !is_known;
	return buf_check(line, fault) < 0 ? -1 : sorter_add(check->lines, buf_span(line), fault);
}

/* Moves today's findings to the older ones. */
static int baseline_move(struct check *check, struct fault *fault)
{
	static const char name[] = "\"key\":\"";
	struct span line;
	int more = sorter_sort(check->lines, fault);

	while (more >= 0 && (more = sorter_next(check->lines, &line, fault)) > 0) {
		/* our own line: no text before the key can hold such a name unescaped */
		const char *key = memmem(line.data, line.len, name, sizeof name - 1);

		line.len--;
		if (baseline_put(check,
		                 (struct span){key ? key + sizeof name - 1 : "", key ? KEY_DIGITS : 0},
		                 BASELINE_NOW, line, fault) < 0)
			return -1;
	}
	sorter_clear(check->lines);
	return more;
}

int check_judge_baseline(struct check *check, struct fault *fault)
{
	struct buf old = {0};
	struct span line;
	int more = baseline_move(check, fault);

	if (more == 0)
		more = sorter_sort(check->baseline, fault);
	while (more >= 0 && (more = sorter_next(check->baseline, &line, fault)) > 0) {
		struct span text = {line.data + KEY_DIGITS + 1, line.len - KEY_DIGITS - 2};
		bool same = old.len && memcmp(old.data, line.data, KEY_DIGITS) == 0;

		if (line.data[KEY_DIGITS] == BASELINE_NOW) {
			more = baseline_add_now(check, text, same, fault);
			if (same)
				buf_clear(&old);
			continue;
		}
		if (old.len && !same &&
		    baseline_add_gone(check, (struct span){old.data + KEY_DIGITS, old.len - KEY_DIGITS},
		                      fault) < 0)
			more = -1;
		buf_clear(&old);
		buf_put(&old, line.data, KEY_DIGITS);
		buf_put_span(&old, text);
		if (buf_check(&old, fault) < 0)
			more = -1;
	}
	if (more == 0 && old.len)
		more = baseline_add_gone(check, (struct span){old.data + KEY_DIGITS, old.len - KEY_DIGITS},
		                         fault);
	buf_release(&old);
	return more;
}

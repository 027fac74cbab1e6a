/* SPDX-License-Identifier: ISC */
/*
 * close_write: the closing stream of rollcall-stream(5), or the same for people.
 */
#include "base/inert.h"
#include "base/json_put.h"
#include "review/close.h"

/* The names of states as members of the end line. */
static const char *const close_members[CLOSE_STATES] = {"done",     "not_done", "kept", "missing",
                                                        "not_seen", "changed",  "open"};

static uint64_t close_sum(const struct close *close, int state)
{
	uint64_t sum = 0;

	for (int word = 0; word < DECISION_WORDS; word++)
		sum += close->counts[word][state];
	return sum;
}

/* ---- the stream ---- */

static int close_put_begin(struct close *close, struct buf *line, struct fault *fault)
{
	yyjson_doc *doc = json_parse(buf_span(&close->rows.begin), NULL, fault);

	if (!doc)
		return -1;
	buf_clear(line);
	buf_putf(line,
	         "{\"kind\":\"begin\",\"format\":%d,\"stage\":\"closing\",\"tool\":\"close-review "
	         "%s\",\"decisions\":{\"sha256\":\"%s\"},\"snapshot\":{\"sha256\":\"%s\"},\"after\":"
	         "{\"sha256\":\"%s\",\"sources\":",
	         STREAM_FORMAT, ROLLCALL_VERSION, close->decisions.sha256,
	         close->decisions.snapshot_sha256, close->rows.sha256);
	json_put_value(line, yyjson_obj_get(yyjson_doc_get_root(doc), "sources"));
	yyjson_doc_free(doc);
	buf_puts(line, "}}\n");
	return buf_check(line, fault);
}

/* The members of the decision's line as they stand, and what became of it. */
static void close_put_outcome(struct buf *line, const struct decision *decision,
                              const struct close_outcome *outcome)
{
	const char *rest = memchr(decision->line.data, ',', decision->line.len);
	size_t at = rest ? (size_t)(rest - decision->line.data) : decision->line.len - 1;

	buf_clear(line);
	buf_puts(line, "{\"kind\":\"outcome\"");
	buf_put(line, decision->line.data + at, decision->line.len - at - 1);
	if (decision->word == DECISION_UNDECIDED)
		buf_puts(line, ",\"decision\":\"undecided\"");
	buf_putf(line, ",\"state\":\"%s\"", close_state_words[outcome->state]);
	if (outcome->why)
		json_put_member(line, "why", span_of(outcome->why));
	buf_puts(line, "}\n");
}

static int close_put_piece(void *to, struct span piece, struct fault *fault)
{
	(void)fault;
	section_put(to, piece);
	return 0;
}

static int close_put_records(struct close *close, struct section_writer *section,
                             struct fault *fault)
{
	struct decision decision;
	struct close_outcome outcome;

	for (size_t i = 0; i < close->decisions.count; i++) {
		if (decisions_get(&close->decisions, i, &decision, fault) < 0 ||
		    close_judge(close, i, &decision, &outcome, fault) < 0 ||
		    decisions_get(&close->decisions, i, &decision, fault) < 0)
			return -1;
		close->counts[decision.word][outcome.state]++;
		close_put_outcome(&close->line, &decision, &outcome);
		if (buf_check(&close->line, fault) < 0)
			return -1;
		section_put(section, buf_span(&close->line));
	}
	return spool_drain(&close->others, close_put_piece, section, fault);
}

static int close_put_stream(struct close *close, struct out *out, struct fault *fault)
{
	struct section_writer section = {0};
	struct buf counts = {0};
	int result = -1;

	if (close_put_begin(close, &close->line, fault) == 0 &&
	    section_open(&section, out, buf_span(&close->line), fault) == 0 &&
	    close_put_records(close, &section, fault) == 0) {
		buf_putf(&counts, ",\"outcomes\":%zu", close->decisions.count);
		for (int state = 0; state < CLOSE_STATES; state++)
			buf_putf(&counts, ",\"%s\":%llu", close_members[state],
			         (unsigned long long)close_sum(close, state));
		buf_putf(&counts, ",\"other\":%llu", (unsigned long long)close->other_count);
		result = buf_check(&counts, fault);
	}
	if (result == 0)
		result = section_close(&section, buf_text(&counts), 0, "", fault);
	section_release(&section);
	buf_release(&counts);
	return result;
}

/* ---- for people ---- */

/* "3 not done", after a comma where it is not the first. */
static void close_put_count(struct buf *text, const char **before, uint64_t count, const char *word)
{
	if (!count)
		return;
	buf_putf(text, "%s%llu %s", *before, (unsigned long long)count, word);
	*before = ", ";
}

static void close_put_sums(const struct close *close, struct buf *text)
{
	const uint64_t *counts = close->decisions.counts;
	const char *before = " = ";

	buf_putf(text, "%zu reviewed", close->decisions.count);
	for (int word = 0; word < DECISION_WORDS; word++) {
		buf_putf(text, "%s%s %llu", before, decision_words[word], (unsigned long long)counts[word]);
		before = " + ";
	}
	buf_putc(text, '\n');
	for (int word = 0; word < DECISION_DEFER; word++) {
		if (!counts[word])
			continue;
		buf_putf(text, "%s %llu", decision_words[word], (unsigned long long)counts[word]);
		before = ": ";
		for (int state = 0; state < CLOSE_STATES; state++)
			close_put_count(text, &before, close->counts[word][state], close_state_words[state]);
		buf_putc(text, '\n');
	}
	before = "";
	close_put_count(text, &before, close->other_count, "other: there, and nobody decided");
	if (close->other_count)
		buf_putc(text, '\n');
}

/* A line of what is not as it was decided, or can not be known. */
static void close_put_line(struct buf *text, const struct decision *decision,
                           const struct close_outcome *outcome, bool color)
{
	bool bad = outcome->state == CLOSE_NOT_DONE || outcome->state == CLOSE_MISSING;

	if (outcome->state == CLOSE_DONE || outcome->state == CLOSE_KEPT)
		return;
	buf_puts(text, bad && color ? "\033[31m" : "");
	buf_puts(text, bad ? "! " : outcome->state == CLOSE_CHANGED ? "~ " : "? ");
	inert_put(text, decision->source);
	buf_putf(text, "  %s  ", review_what_words[decision->what]);
	inert_put(text, decision->user_name.len ? decision->user_name : decision->user_id);
	if (decision->what != REVIEW_ACCOUNT) {
		buf_puts(text, decision->what == REVIEW_MEMBERSHIP ? " in " : " has ");
		inert_put(text, decision->access.len ? decision->access : decision->access_id);
	}
	buf_putf(text, ": %s is %s", decision_words[decision->word], close_state_words[outcome->state]);
	if (outcome->why)
		buf_putf(text, " (%s)", outcome->why);
	if (decision->decided_by.len) {
		buf_puts(text, ", decided by ");
		inert_put(text, decision->decided_by);
	}
	if (decision->ticket.len) {
		buf_puts(text, ", ticket ");
		inert_put(text, decision->ticket);
	}
	if (span_is(decision->by, span_of("hand")) && bad)
		buf_puts(text, ", to be done by hand");
	buf_puts(text, bad && color ? "\033[0m\n" : "\n");
}

static int close_put_text(struct close *close, bool color, struct out *out, struct fault *fault)
{
	struct spool lines = {0};
	struct decision decision;
	struct close_outcome outcome;
	struct buf *text = &close->line;
	int result = 0;

	for (size_t i = 0; result == 0 && i < close->decisions.count; i++) {
		result = decisions_get(&close->decisions, i, &decision, fault) < 0 ||
		                 close_judge(close, i, &decision, &outcome, fault) < 0 ||
		                 decisions_get(&close->decisions, i, &decision, fault) < 0
		             ? -1
		             : 0;
		if (result < 0)
			break;
		close->counts[decision.word][outcome.state]++;
		buf_clear(text);
		close_put_line(text, &decision, &outcome, color);
		result = buf_check(text, fault) < 0 ? -1 : spool_put(&lines, buf_span(text), fault);
	}
	if (result == 0) {
		buf_clear(text);
		close_put_sums(close, text);
		result = buf_check(text, fault);
	}
	if (result == 0) {
		struct section_writer plain = {.out = out};

		out_put(out, buf_span(text));
		result = spool_drain(&lines, close_put_piece, &plain, fault);
	}
	out_put(out, buf_span(&close->others_text));
	if (close->other_count > close->others_shown) {
		buf_clear(text);
		buf_putf(text, "and %llu more that nobody decided: --format ndjson has them\n",
		         (unsigned long long)(close->other_count - close->others_shown));
		out_put(out, buf_span(text));
	}
	spool_release(&lines);
	return result;
}

int close_write(struct close *close, bool color, struct out *out, struct fault *fault)
{
	return close->options->format == CLOSE_TEXT ? close_put_text(close, color, out, fault)
	                                            : close_put_stream(close, out, fault);
}

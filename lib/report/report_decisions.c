/* SPDX-License-Identifier: ISC */
/*
 * report_decisions: the decisions of a review, who signed them, and what of it is so in
 * the snapshots of the page.
 */
#include "report/report_parts.h"

#include "base/array.h"
#include "report/template.h"

#include <stdlib.h>

/* What is shown first of what was to be carried out. */
enum { ROWS_BAD, ROWS_UNKNOWN, ROWS_OPEN, ROWS_GOOD, ROW_RANKS };

struct report_decider {
	struct span name; /* empty: the decision does not say */
	uint64_t counts[DECISION_WORDS];
	struct span first, last; /* empty: no decision says when */
};

/* The numbers of the first decisions of each rank. */
struct report_ranks {
	size_t *numbers[ROW_RANKS];
	size_t counts[ROW_RANKS], seen;
};

int report_read_decisions(struct report *report, const char *path, struct fault *fault)
{
	report->has_decisions = true;
	if (sight_open(&report->sight, path, fault) < 0)
		return -1;
	report_put_input(report, "--decisions", path, span_of(report->sight.decisions.sha256),
	                 span_of(""));
	return 0;
}

/* ---- who decided ---- */

static struct report_decider *report_take_decider(struct report *report, struct span name,
                                                  struct fault *fault)
{
	struct report_decider *deciders;
	struct set_entry *entry;
	bool fresh;

	entry = set_take(&report->decider_places, name, &fresh);
	if (!entry) {
		fault_memory(fault);
		return NULL;
	}
	if (!fresh)
		return &report->deciders[entry->value];
	entry->value = report->decider_count;
	deciders = array_grow(report->deciders, report->decider_count, &report->decider_cap,
	                      sizeof *deciders, fault);
	if (!deciders)
		return NULL;
	report->deciders = deciders;
	deciders += report->decider_count++;
	*deciders = (struct report_decider){
		.name = arena_copy(&report->texts, name), .first = SPAN_EMPTY, .last = SPAN_EMPTY};
	if (deciders->name.data)
		return deciders;
	fault_memory(fault);
	return NULL;
}

static int report_count_decision(struct report *report, const struct decision *decision,
                                 struct fault *fault)
{
	struct span at = decision->decided_at;
	struct report_decider *decider;

	if (decision->word == DECISION_UNDECIDED)
		return 0;
	decider = report_take_decider(report, decision->decided_by, fault);
	if (!decider)
		return -1;
	decider->counts[decision->word]++;
	if (at.len && (!decider->first.len || when_compare(at, decider->first) < 0))
		decider->first = arena_copy(&report->texts, at);
	if (at.len && (!decider->last.len || when_compare(at, decider->last) > 0))
		decider->last = arena_copy(&report->texts, at);
	return at.len && (!decider->first.data || !decider->last.data) ? fault_memory(fault) : 0;
}

static int decider_compare(const void *a, const void *b)
{
	const struct report_decider *one = a, *other = b;

	return span_compare(one->name, other->name);
}

static struct span decision_day(struct span time)
{
	return (struct span){time.data, time.len > 10 ? 10 : time.len};
}

static void report_put_deciders(struct report *report, yyjson_mut_val *decisions)
{
	struct model *model = &report->model;
	yyjson_mut_val *list = model_list(model, decisions, "deciders");
	size_t most = report->decider_count < REPORT_ROWS_MAX ? report->decider_count : REPORT_ROWS_MAX;

	if (report->decider_count)
		qsort(report->deciders, report->decider_count, sizeof *report->deciders, decider_compare);
	for (size_t i = 0; i < most; i++) {
		const struct report_decider *decider = &report->deciders[i];
		yyjson_mut_val *item = model_item(model, list);
		uint64_t sum = 0;

		for (int word = 0; word < DECISION_UNDECIDED; word++) {
			model_number(model, item, decision_words[word], decider->counts[word]);
			sum += decider->counts[word];
		}
		model_text(model, item, "name",
		           decider->name.len ? decider->name : span_of("not said by whom"));
		model_number(model, item, "sum", sum);
		model_text(model, item, "first", decision_day(decider->first));
		model_text(model, item, "last", decision_day(decider->last));
	}
	model_number(model, decisions, "deciders_left_out", report->decider_count - most);
}

/* ---- what of it is so ---- */

/* The words for what is there now, and how bad that is. */
static const char *decision_now(const struct report *report, const struct decision *decision,
                                enum sight_state state, int *rank)
{
	static const char *const unknown[SIGHT_STATES] = {
		[SIGHT_GAP] = "not seen: gap",
		[SIGHT_SELECTED] = "not seen: selected away",
		[SIGHT_NOT_SHOWN] = "not seen: not shown",
		[SIGHT_NO_SOURCE] = "not seen: the source is missing",
	};
	bool keep = decision->word == DECISION_KEEP;

	*rank = state >= SIGHT_GAP ? ROWS_UNKNOWN : ROWS_GOOD;
	if (state >= SIGHT_GAP && state < SIGHT_STATES)
		return unknown[state];
	if (state == SIGHT_DISABLED)
		return "disabled";
	if (state == SIGHT_THERE && !keep)
		*rank = decision->word == DECISION_REVOKE && !report->is_reviewed ? ROWS_BAD : ROWS_OPEN;
	if (state != SIGHT_THERE && keep)
		*rank = ROWS_BAD;
	if (state == SIGHT_YOUNGER)
		return "gone; a younger account has the id";
	if (state == SIGHT_GONE)
		return keep ? "missing" : "gone";
	return report->is_reviewed                 ? "there when it was reviewed"
	       : decision->word == DECISION_REVOKE ? "still there"
	                                           : "there";
}

/* Names what it is about: "Ops", or a role. */
static void report_put_thing(struct report *report, yyjson_mut_val *row,
                             const struct decision *decision)
{
	struct model *model = &report->model;
	struct span access = decision->access.len ? decision->access : decision->access_id;

	model_text(model, row, "decision", span_of(decision_words[decision->word]));
	model_text(model, row, "source", decision->source);
	model_text(model, row, "label",
	           decision->user_name.len ? decision->user_name : decision->user_id);
	model_text(model, row, "what", span_of(review_what_words[decision->what]));
	model_text(model, row, "access", decision->what == REVIEW_ACCOUNT ? span_of("") : access);
	model_text(model, row, "decided_by", decision->decided_by);
	model_text(model, row, "decided_at", decision_day(decision->decided_at));
	model_text(model, row, "reason", decision->reason);
	model_text(model, row, "ticket", decision->ticket);
}

static int report_put_row(struct report *report, yyjson_mut_val *rows, size_t number,
                          struct fault *fault)
{
	static const char *const tones[ROW_RANKS] = {"bad", "unseen", "", "good"};
	struct decision decision;
	yyjson_mut_val *row;
	const char *now;
	int rank;

	if (decisions_get(&report->sight.decisions, number, &decision, fault) < 0)
		return -1;
	now = decision_now(report, &decision, sight_find(&report->sight, number, &decision), &rank);
	row = model_item(&report->model, rows);
	report_put_thing(report, row, &decision);
	model_text(&report->model, row, "by", decision.by);
	model_text(&report->model, row, "now", span_of(now));
	model_text(&report->model, row, "tone", span_of(tones[rank]));
	return 0;
}

static int report_put_rows(struct report *report, yyjson_mut_val *decisions,
                           const struct report_ranks *ranks, struct fault *fault)
{
	yyjson_mut_val *rows = model_list(&report->model, decisions, "rows");
	size_t shown = 0;

	for (int rank = 0; rank < ROW_RANKS; rank++)
		for (size_t i = 0; i < ranks->counts[rank] && shown < REPORT_ROWS_MAX; i++, shown++)
			if (report_put_row(report, rows, ranks->numbers[rank][i], fault) < 0)
				return -1;
	model_number(&report->model, decisions, "found", shown);
	model_number(&report->model, decisions, "left_out", ranks->seen - shown);
	report_put_short(report, decisions, "short_rows", "short_left_out", rows, SHORT_NOTES);
	return 0;
}

/* One decision: its sums, and its place among those that are shown. */
static int report_take_decision(struct report *report, size_t number, struct report_ranks *ranks,
                                yyjson_mut_val *open, struct fault *fault)
{
	struct decision decision;
	enum sight_state state;
	int rank;

	if (decisions_get(&report->sight.decisions, number, &decision, fault) < 0 ||
	    report_count_decision(report, &decision, fault) < 0)
		return -1;
	if (decision.word >= DECISION_DEFER) {
		if (yyjson_mut_arr_size(open) < REPORT_ROWS_MAX)
			report_put_thing(report, model_item(&report->model, open), &decision);
		return 0;
	}
	state = sight_find(&report->sight, number, &decision);
	decision_now(report, &decision, state, &rank);
	report->decided.missing += decision.word == DECISION_KEEP && rank == ROWS_BAD;
	if (decision.word == DECISION_REVOKE) {
		report->decided.gone += state != SIGHT_THERE && state < SIGHT_GAP;
		report->decided.there += state == SIGHT_THERE;
		report->decided.not_seen += state >= SIGHT_GAP;
	} else if (decision.word == DECISION_KEEP && rank == ROWS_GOOD) {
		return 0;
	}
	ranks->seen++;
	if (ranks->counts[rank] < REPORT_ROWS_MAX)
		ranks->numbers[rank][ranks->counts[rank]++] = number;
	return buf_check(&report->sight.key, fault);
}

int report_count_decisions(struct report *report, struct fault *fault)
{
	struct model *model = &report->model;
	const struct decisions *read = &report->sight.decisions;
	yyjson_mut_val *decisions = model_object(model, model->root, "decisions");
	yyjson_mut_val *open = model_list(model, decisions, "open");
	struct report_ranks ranks = {0};
	size_t shared = 0;
	int result = 0;

	for (size_t i = 0; i < report->sight.source_count; i++)
		shared += decisions_source(read, report->sight.sources[i].name) != NULL;
	if (!shared)
		return fault_set(fault, FAULT_DATA, "the decisions are of none of the sources of the page");
	report->is_reviewed = report_has_snapshot(report, span_of(read->snapshot_sha256));
	for (int rank = 0; rank < ROW_RANKS; rank++) {
		ranks.numbers[rank] = calloc(REPORT_ROWS_MAX, sizeof **ranks.numbers);
		if (!ranks.numbers[rank])
			result = fault_memory(fault);
	}
	for (size_t i = 0; result == 0 && i < read->count; i++)
		result = report_take_decision(report, i, &ranks, open, fault);
	if (result == 0)
		result = report_put_rows(report, decisions, &ranks, fault);
	for (int rank = 0; rank < ROW_RANKS; rank++)
		free(ranks.numbers[rank]);
	return result;
}

/* ---- for the page ---- */

void report_put_decision_tile(struct report *report, yyjson_mut_val *tiles)
{
	const struct decisions *read = &report->sight.decisions;
	uint64_t not_done = report->is_reviewed ? 0 : report->decided.there;
	uint64_t undecided = read->counts[DECISION_UNDECIDED];

	template_put_number(&report->key, read->count - undecided);
	buf_puts(&report->key, " of ");
	template_put_number(&report->key, read->count);
	report_put_note(report, not_done, "revoked and still there");
	report_put_note(report, report->decided.not_seen, "revoked and not seen");
	report_put_note(report, report->decided.missing, "kept and missing");
	report_put_note(report, read->counts[DECISION_DEFER], "put off");
	report_put_tile(report, tiles,
	                not_done || report->decided.missing     ? "alarm"
	                : undecided || report->decided.not_seen ? "watch"
	                                                        : "",
	                "reviewed rows are decided");
}

void report_put_decisions(struct report *report)
{
	struct model *model = &report->model;
	const struct decisions *read = &report->sight.decisions;
	yyjson_mut_val *decisions = yyjson_mut_obj_get(model->root, "decisions");
	yyjson_mut_val *open = yyjson_mut_obj_get(decisions, "open");
	yyjson_mut_val *sums = decisions ? model_list(model, decisions, "sums") : NULL;
	struct span as_of = SPAN_EMPTY;
	uint64_t left = read->counts[DECISION_DEFER] + read->counts[DECISION_UNDECIDED];

	if (!decisions)
		return;
	for (size_t i = 0; i < read->source_count; i++)
		if (!as_of.len || when_compare(read->sources[i].fetched_at, as_of) > 0)
			as_of = read->sources[i].fetched_at;
	model_text(model, decisions, "as_of", as_of);
	model_text(model, decisions, "sha256", span_of(read->sha256));
	model_text(model, decisions, "snapshot_sha256", span_of(read->snapshot_sha256));
	model_flag(model, decisions, "is_reviewed", report->is_reviewed);
	model_number(model, decisions, "reviewed", read->count);
	for (int word = 0; word < DECISION_WORDS; word++) {
		yyjson_mut_val *item = model_item(model, sums);

		model_text(model, item, "word", span_of(decision_words[word]));
		model_number(model, item, "number", read->counts[word]);
		model_flag(model, item, "is_next", word > 0);
	}
	model_number(model, decisions, "revoked", read->counts[DECISION_REVOKE]);
	model_number(model, decisions, "gone", report->decided.gone);
	model_number(model, decisions, "there", report->decided.there);
	model_number(model, decisions, "not_seen", report->decided.not_seen);
	model_number(model, decisions, "missing", report->decided.missing);
	model_flag(model, decisions, "has_open", left > 0);
	model_number(model, decisions, "open_left_out", left - yyjson_mut_arr_size(open));
	report_put_deciders(report, decisions);
	report_put_short(report, decisions, "short_deciders", "short_deciders_left_out",
	                 yyjson_mut_obj_get(decisions, "deciders"), SHORT_NOTES);
}

/* SPDX-License-Identifier: ISC */
/*
 * close: rows of the snapshot after are marked in the list of decisions as they pass.
 */
#include "review/close.h"

#include "base/array.h"
#include "base/inert.h"
#include "base/json_put.h"

#include <stdlib.h>

/* What was seen of the thing that a decision is about. */
enum {
	MARK_THERE = 1,
	MARK_REPLACED = 2,  /* it is there, but of an account that is younger */
	MARK_SHOWN = 4,     /* of a role or entitlement: the account is there and shows its list */
	MARK_HIDDEN = 8,    /* ... it is there and does not show it */
	MARK_OTHER = 16,    /* of an account: it is not as it was */
	MARK_OLD = 32,      /* ... it has not been touched since the review read it */
	MARK_DISABLED = 64, /* ... nobody can get in by it */
};

enum { OTHERS_SHOWN = 1000 };

const char *const close_format_names[CLOSE_FORMATS] = {"text", "ndjson"};

const char *const close_state_words[CLOSE_STATES] = {
	[CLOSE_DONE] = "done",       [CLOSE_NOT_DONE] = "not done", [CLOSE_KEPT] = "kept",
	[CLOSE_MISSING] = "missing", [CLOSE_NOT_SEEN] = "not seen", [CLOSE_CHANGED] = "changed",
	[CLOSE_OPEN] = "open",
};

/* ---- the sources of the snapshot after ---- */

static struct close_source *close_find_source(const struct close *close, struct span name)
{
	for (size_t i = 0; i < close->source_count; i++)
		if (span_is(close->sources[i].name, name))
			return &close->sources[i];
	return NULL;
}

static int close_add_source(struct close *close, yyjson_val *entry, struct fault *fault)
{
	struct close_source *sources =
		array_grow(close->sources, close->source_count, &close->source_cap, sizeof *sources, fault);

	if (!sources)
		return -1;
	close->sources = sources;
	sources += close->source_count++;
	*sources = (struct close_source){
		.name = arena_copy(&close->texts, json_obj_text(entry, "source")),
		.is_reviewed = decisions_source(&close->decisions, json_obj_text(entry, "source")) != NULL,
		.is_selected = json_obj_text(entry, "select").len > 0,
	};
	if (!sources->name.data)
		return fault_memory(fault);
	return decisions_check_source(&close->decisions, entry, fault);
}

/* With the first record, or at the end. 0 or -1. */
static int close_begin(struct close *close, struct fault *fault)
{
	yyjson_doc *doc;
	yyjson_val *entry;
	size_t i, max, reviewed = 0;
	int result;

	if (close->source_count)
		return 0;
	doc = json_parse(buf_span(&close->rows.begin), NULL, fault);
	result = doc ? 0 : -1;
	yyjson_arr_foreach(yyjson_obj_get(yyjson_doc_get_root(doc), "sources"), i, max, entry) {
		if (result == 0)
			result = close_add_source(close, entry, fault);
		reviewed += result == 0 && close->sources[close->source_count - 1].is_reviewed;
	}
	yyjson_doc_free(doc);
	if (result == 0 && !reviewed)
		return fault_set(fault, FAULT_DATA,
		                 "the snapshot has none of the sources that were reviewed");
	return result;
}

static int close_take_gap(void *context, const struct record *gap, struct fault *fault)
{
	struct close *close = context;
	struct span id = record_text(gap, GAP_ID);
	struct close_source *source;
	bool fresh;

	if (close_begin(close, fault) < 0)
		return -1;
	source = close_find_source(close, record_text(gap, GAP_SOURCE));
	if (!source)
		return fault_set(fault, FAULT_DATA, "a record of no source");
	gaps_take(&source->gaps, gap);
	if (!id.len)
		return 0;
	buf_clear(&close->key);
	record_put_text_key(&close->key, RECORD_GROUP, source->name, id);
	if (buf_check(&close->key, fault) < 0)
		return -1;
	source->hides_members = true;
	return set_take(&close->hidden, buf_span(&close->key), &fresh) ? 0 : fault_memory(fault);
}

/* ---- rows ---- */

/* Nobody decided upon this row. */
static int close_take_other(struct close *close, const struct review_row *row, struct fault *fault)
{
	struct buf *line = &close->line, *text = &close->others_text;

	close->other_count++;
	buf_clear(line);
	buf_putf(line, "{\"kind\":\"other\",\"what\":\"%s\"", review_what_words[row->what]);
	json_put_member(line, "source", row->source);
	json_put_member(line, "user_id", row->user_id);
	json_put_member(line, "user_name", row->user_name);
	if (row->what != REVIEW_ACCOUNT) {
		json_put_member(line, "access_id", row->access_id);
		json_put_member(line, "access", row->access);
	}
	if (row->member_kind.len)
		json_put_member(line, "member_kind", row->member_kind);
	buf_puts(line, close->is_younger ? ",\"account\":\"younger than the review\"}\n" : "}\n");
	if (close->others_shown < OTHERS_SHOWN) {
		close->others_shown++;
		buf_puts(text, "+ ");
		inert_put(text, row->source);
		buf_putf(text, "  %s  ", review_what_words[row->what]);
		inert_put(text, row->user_name.len ? row->user_name : row->user_id);
		if (row->what != REVIEW_ACCOUNT) {
			buf_puts(text, row->what == REVIEW_MEMBERSHIP ? " in " : " has ");
			inert_put(text, row->access.len ? row->access : row->access_id);
		}
		buf_puts(text, close->is_younger
		                   ? ": nobody decided; the account is younger than the review\n"
		                   : ": nobody decided\n");
	}
	if (buf_check(line, fault) < 0 || buf_check(text, fault) < 0)
		return -1;
	return spool_put(&close->others, buf_span(line), fault);
}

/* The account itself: what its record says of all that was decided upon it. */
static int close_mark_account(struct close *close, const struct review_row *row, size_t at,
                              struct fault *fault)
{
	const struct record *user = row->user;
	const struct decision_source *reviewed = decisions_source(&close->decisions, row->source);
	struct span updated = record_text(user, USER_UPDATED_AT);
	struct decision decision;
	int64_t then, now;

	close->is_younger = decisions_is_younger(&close->decisions, user);
	for (; at; at = close->decisions.places[at - 1].next) {
		unsigned char *mark = &close->marks[at - 1];
		int field;

		if (decisions_get(&close->decisions, at - 1, &decision, fault) < 0)
			return -1;
		if (decision.what == REVIEW_ACCOUNT) {
			if (!span_is(decision.user_name, row->user_name))
				*mark |= MARK_OTHER;
			if (reviewed && when_seconds(reviewed->fetched_at, &then) &&
			    when_seconds(updated, &now) && now <= then)
				*mark |= MARK_OLD;
			if (decisions_is_disabled(user))
				*mark |= MARK_DISABLED;
		} else if (decision.what != REVIEW_MEMBERSHIP) {
			field = review_field(decision.what);
			*mark |= user->values[field].type == VALUE_ABSENT ? MARK_HIDDEN : MARK_SHOWN;
		}
	}
	return 0;
}

/* The number + 1 of the decision about a row, of those from `at` on; *account: that about the
   account itself. 0: nobody decided; -1. */
static int64_t close_find_row(struct close *close, const struct review_row *row, size_t at,
                              size_t *account, struct fault *fault)
{
	struct decision decision;
	int64_t found = 0;

	for (*account = 0; at; at = close->decisions.places[at - 1].next) {
		if (decisions_get(&close->decisions, at - 1, &decision, fault) < 0)
			return -1;
		if (decision.what == REVIEW_ACCOUNT)
			*account = at;
		if (!found && decision.what == row->what && span_is(decision.access_id, row->access_id))
			found = (int64_t)at;
	}
	return found;
}

static int close_take_row(void *context, const struct review_row *row, struct fault *fault)
{
	struct close *close = context;
	bool is_group = span_is(row->member_kind, span_of(member_kind_words[MEMBER_GROUP]));
	size_t first, account;
	int64_t found;

	if (close_begin(close, fault) < 0)
		return -1;
	buf_clear(&close->key);
	record_put_text_key(&close->key, is_group ? RECORD_GROUP : RECORD_USER, row->source,
	                    row->user_id);
	if (buf_check(&close->key, fault) < 0)
		return -1;
	first = decisions_first(&close->decisions, buf_span(&close->key));
	if (!row->user)
		close->is_younger = false;
	if (row->what == REVIEW_ACCOUNT && close_mark_account(close, row, first, fault) < 0)
		return -1;
	found = close_find_row(close, row, first, &account, fault);
	if (found < 0)
		return -1;
	if (found)
		close->marks[found - 1] |= close->is_younger ? MARK_REPLACED : MARK_THERE;
	else if (account)
		close->marks[account - 1] |= MARK_OTHER;
	return found && !close->is_younger ? 0 : close_take_other(close, row, fault);
}

static int close_take_end(void *context, struct fault *fault)
{
	return close_begin(context, fault);
}

/* ---- what became of it ---- */

/* What may hide a thing that is not there; NULL: it is gone. */
static const char *close_hides(struct close *close, const struct decision *decision,
                               unsigned char mark)
{
	const struct close_source *source = close_find_source(close, decision->source);

	if (!source)
		return "the source is missing";
	if (mark & (MARK_REPLACED | MARK_SHOWN))
		return NULL;
	if (mark & MARK_HIDDEN)
		return "not shown";
	if (source->is_selected)
		return "selected away";
	if (source->gaps.users)
		return "gap";
	if (decision->what != REVIEW_MEMBERSHIP)
		return NULL;
	if (source->gaps.groups || source->gaps.members)
		return "gap";
	if (!source->hides_members)
		return NULL;
	buf_clear(&close->key);
	record_put_text_key(&close->key, RECORD_GROUP, decision->source, decision->access_id);
	return set_find(&close->hidden, buf_span(&close->key)) ? "gap" : NULL;
}

/* Is an account that is there as it was? What was decided upon its own rows does not count. */
static int close_judge_modify(struct close *close, size_t number, struct span source,
                              struct span user_id, struct close_outcome *outcome,
                              struct fault *fault)
{
	bool changed = (close->marks[number] & MARK_OTHER) != 0;
	struct decision other;
	size_t at;

	buf_clear(&close->key);
	record_put_text_key(&close->key, RECORD_USER, source, user_id);
	if (buf_check(&close->key, fault) < 0)
		return -1;
	at = decisions_first(&close->decisions, buf_span(&close->key));
	for (; at && !changed; at = close->decisions.places[at - 1].next) {
		if (decisions_get(&close->decisions, at - 1, &other, fault) < 0)
			return -1;
		changed = at - 1 != number && other.word != DECISION_REVOKE &&
		          !(close->marks[at - 1] & MARK_THERE) &&
		          !close_hides(close, &other, close->marks[at - 1]);
	}
	if (changed)
		*outcome = (struct close_outcome){CLOSE_CHANGED, NULL};
	else if (close->marks[number] & MARK_OLD)
		*outcome = (struct close_outcome){CLOSE_NOT_DONE, NULL};
	else
		*outcome = (struct close_outcome){CLOSE_NOT_SEEN, "nothing that was reviewed has changed"};
	return 0;
}

int close_judge(struct close *close, size_t number, const struct decision *decision,
                struct close_outcome *outcome, struct fault *fault)
{
	static const enum close_state there[] = {CLOSE_KEPT, CLOSE_NOT_DONE, CLOSE_NOT_DONE},
								  gone[] = {CLOSE_MISSING, CLOSE_DONE, CLOSE_CHANGED};
	unsigned char mark = close->marks[number];
	const char *hides = mark & MARK_THERE ? NULL : close_hides(close, decision, mark);

	*outcome = (struct close_outcome){CLOSE_OPEN, NULL};
	if (decision->word > DECISION_MODIFY)
		return buf_check(&close->key, fault);
	if (hides)
		*outcome = (struct close_outcome){CLOSE_NOT_SEEN, hides};
	else if (decision->word == DECISION_REVOKE && mark & MARK_DISABLED)
		*outcome = (struct close_outcome){CLOSE_DONE, "disabled"};
	else
		outcome->state = (mark & MARK_THERE ? there : gone)[decision->word];
	if (decision->word != DECISION_MODIFY || decision->what != REVIEW_ACCOUNT ||
	    !(mark & MARK_THERE))
		return buf_check(&close->key, fault);
	return close_judge_modify(close, number, decision->source, decision->user_id, outcome, fault);
}

int close_status(const struct close *close)
{
	uint64_t not_done = 0, not_seen = close->decisions.counts[DECISION_UNDECIDED];

	for (int word = 0; word < DECISION_WORDS; word++) {
		not_done += close->counts[word][CLOSE_NOT_DONE] + close->counts[word][CLOSE_MISSING];
		not_seen += close->counts[word][CLOSE_NOT_SEEN];
	}
	return not_seen ? 3 : not_done != 0;
}

/* ---- begin and end ---- */

int close_open(struct close *close, const struct close_options *options, struct fault *fault)
{
	*close = (struct close){.options = options};
	close->rows.context = close;
	close->rows.each_gap = close_take_gap;
	close->rows.each_row = close_take_row;
	close->rows.each_end = close_take_end;
	close->rows.memory = options->memory;
	if (decisions_read(&close->decisions, options->decisions, fault) < 0)
		return -1;
	close->marks = calloc(close->decisions.count + 1, 1);
	return close->marks ? 0 : fault_memory(fault);
}

int close_read(struct close *close, const struct reread *after, struct fault *fault)
{
	int result = review_rows_read(&close->rows, after, fault);

	return result < 0 && fault->kind == FAULT_DATA && !strstr(fault->text, after->name)
	           ? fault_prefix(fault, "%s: ", INERT(span_of(after->name)))
	           : result;
}

void close_release(struct close *close)
{
	decisions_release(&close->decisions);
	review_rows_release(&close->rows);
	free(close->marks);
	free(close->sources);
	set_release(&close->hidden);
	spool_release(&close->others);
	buf_release(&close->others_text);
	arena_release(&close->texts);
	buf_release(&close->key);
	buf_release(&close->line);
}

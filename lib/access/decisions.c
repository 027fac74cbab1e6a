/* SPDX-License-Identifier: ISC */
/*
 * decisions: lines are kept as they are and parsed again when one is asked for: of a million
 * decisions only few are.
 */
#include "access/decisions.h"

#include "base/array.h"
#include "base/ceiling.h"
#include "base/inert.h"

#include <stdlib.h>

const char *const decision_words[DECISION_WORDS] = {"keep", "revoke", "modify", "defer",
                                                    "undecided"};

void decisions_release(struct decisions *decisions)
{
	buf_release(&decisions->begin);
	buf_release(&decisions->lines);
	buf_release(&decisions->key);
	free(decisions->sources);
	free(decisions->places);
	set_release(&decisions->rows);
	set_release(&decisions->members);
	arena_release(&decisions->texts);
	json_reader_release(&decisions->json);
	*decisions = (struct decisions){0};
}

/* ---- the begin line ---- */

static struct decision_source *decisions_find_source(const struct decisions *decisions,
                                                     struct span name)
{
	for (size_t i = 0; i < decisions->source_count; i++)
		if (span_is(decisions->sources[i].name, name))
			return &decisions->sources[i];
	return NULL;
}

const struct decision_source *decisions_source(const struct decisions *decisions, struct span name)
{
	return decisions_find_source(decisions, name);
}

static int decisions_take_source(struct decisions *decisions, yyjson_val *entry,
                                 struct fault *fault)
{
	struct span name = json_obj_text(entry, "source");
	struct decision_source *sources = array_grow(decisions->sources, decisions->source_count,
	                                             &decisions->source_cap, sizeof *sources, fault);

	if (!sources)
		return -1;
	decisions->sources = sources;
	if (!name.len || decisions_find_source(decisions, name))
		return fault_set(fault, FAULT_DATA, "a source without a name, or one twice");
	sources += decisions->source_count++;
	*sources = (struct decision_source){
		.name = arena_copy(&decisions->texts, name),
		.origin = arena_copy(&decisions->texts, json_obj_text(entry, "origin")),
		.fetched_at = arena_copy(&decisions->texts, json_obj_text(entry, "fetched_at")),
		.last = SPAN_EMPTY,
	};
	return sources->name.data && sources->origin.data && sources->fetched_at.data
	           ? 0
	           : fault_memory(fault);
}

static int decisions_take_begin(struct decisions *decisions, const struct stream_item *item,
                                struct fault *fault)
{
	yyjson_val *snapshot = yyjson_obj_get(item->root, "snapshot"), *sources, *entry;
	struct span sha256 = json_obj_text(snapshot, "sha256");
	size_t i, max;

	if (decisions->begin.len)
		return fault_set(fault, FAULT_DATA, "a second decision stream in one file");
	sources = yyjson_obj_get(snapshot, "sources");
	if (sha256.len != DIGEST_HEX || !yyjson_is_arr(sources))
		return fault_set(fault, FAULT_DATA,
		                 "the begin line does not say which snapshot was reviewed");
	memcpy(decisions->snapshot_sha256, sha256.data, DIGEST_HEX);
	buf_put_span(&decisions->begin, item->line);
	yyjson_arr_foreach(sources, i, max, entry)
		if (decisions_take_source(decisions, entry, fault) < 0)
			return -1;
	return buf_check(&decisions->begin, fault);
}

/* ---- decisions ---- */

static int decision_parse(yyjson_val *root, struct decision *decision, struct fault *fault)
{
	struct span word = json_obj_text(root, "kind");
	struct span what = json_obj_text(root, "what");

	if (span_is(word, span_of("decision")))
		word = json_obj_text(root, "decision");
	decision->word = (enum decision_word)span_index(word, decision_words, DECISION_WORDS);
	decision->what = (enum review_what)span_index(what, review_what_words, REVIEW_WHATS);
	if (decision->word == DECISION_WORDS)
		return fault_set(fault, FAULT_DATA, "'%s' is no decision", INERT(word));
	if (decision->what == REVIEW_WHATS)
		return fault_set(fault, FAULT_DATA, "nobody can decide upon '%s'", INERT(what));
	decision->row = json_obj_text(root, "row");
	decision->source = json_obj_text(root, "source");
	decision->user_id = json_obj_text(root, "user_id");
	decision->user_name = json_obj_text(root, "user_name");
	decision->access_id = json_obj_text(root, "access_id");
	decision->access = json_obj_text(root, "access");
	decision->member_kind = json_obj_text(root, "member_kind");
	decision->decided_by = json_obj_text(root, "decided_by");
	decision->decided_at = json_obj_text(root, "decided_at");
	decision->reason = json_obj_text(root, "reason");
	decision->ticket = json_obj_text(root, "ticket");
	decision->by = json_obj_text(root, "by");
	return decision->row.len && yyjson_is_str(yyjson_obj_get(root, "user_id"))
	           ? 0
	           : fault_set(fault, FAULT_DATA, "a decision without row or user_id");
}

/* Adds the last decision to those of its account or member. */
static int decisions_link(struct decisions *decisions, const struct decision *decision,
                          struct fault *fault)
{
	bool is_group = span_is(decision->member_kind, span_of(member_kind_words[MEMBER_GROUP]));
	uint64_t number = decisions->count; /* + 1 already */
	struct set_entry *entry;
	bool fresh;

	buf_clear(&decisions->key);
	record_put_text_key(&decisions->key, is_group ? RECORD_GROUP : RECORD_USER, decision->source,
	                    decision->user_id);
	if (buf_check(&decisions->key, fault) < 0)
		return -1;
	entry = set_take(&decisions->members, buf_span(&decisions->key), &fresh);
	if (!entry)
		return fault_memory(fault);
	if (fresh)
		entry->value = number;
	else
		decisions->places[(entry->value >> 32) - 1].next = (uint32_t)number;
	entry->value = (entry->value & UINT32_MAX) | number << 32;
	return 0;
}

/* Counts it for its source, and remembers when that was last signed off. */
static int decisions_count(struct decisions *decisions, const struct decision *decision,
                           struct fault *fault)
{
	struct decision_source *source = decisions_find_source(decisions, decision->source);
	int64_t seconds;

	if (!source)
		return fault_set(fault, FAULT_DATA,
		                 "a decision of source '%s', which the begin line does not name",
		                 INERT(decision->source));
	decisions->counts[decision->word]++;
	source->counts[decision->word]++;
	if (decision->word > DECISION_MODIFY || !when_day_or_time(decision->decided_at, &seconds) ||
	    (source->last.len && when_compare(source->last, decision->decided_at) >= 0))
		return 0;
	source->last = arena_copy(&decisions->texts, decision->decided_at);
	return source->last.data ? 0 : fault_memory(fault);
}

static int decisions_take(struct decisions *decisions, const struct stream_item *item,
                          struct fault *fault)
{
	struct decision_place *places;
	struct decision decision;
	bool fresh;

	if (decision_parse(item->root, &decision, fault) < 0 ||
	    decisions_count(decisions, &decision, fault) < 0)
		return -1;
	if (decisions->count == DECISIONS_MAX)
		return fault_set(fault, FAULT_DATA, "more than %d decisions", DECISIONS_MAX);
	if (!set_take(&decisions->rows, decision.row, &fresh))
		return fault_memory(fault);
	if (!fresh)
		return fault_set(fault, FAULT_DATA, "the row %s stands there twice", INERT(decision.row));
	places =
		array_grow(decisions->places, decisions->count, &decisions->cap, sizeof *places, fault);
	if (!places)
		return -1;
	decisions->places = places;
	places[decisions->count++] = (struct decision_place){
		.at = decisions->lines.len, .len = (uint32_t)item->line.len, /* at most LINE_MAX_BYTES */
	};
	buf_put_span(&decisions->lines, item->line);
	return buf_check(&decisions->lines, fault) < 0 ? -1
	                                               : decisions_link(decisions, &decision, fault);
}

/* ---- the end line ---- */

static int decisions_take_end(struct decisions *decisions, yyjson_val *end, struct fault *fault)
{
	struct span sha256 = json_obj_text(end, "sha256");
	uint64_t said = 0, sum = 0;

	memcpy(decisions->sha256, sha256.data, DIGEST_HEX); /* it matched: 64 digits */
	for (int word = 0; word < DECISION_WORDS; word++) {
		sum += decisions->counts[word];
		if (json_count(yyjson_obj_get(end, decision_words[word]), &said) != 1 ||
		    said != decisions->counts[word])
			return fault_set(fault, FAULT_DATA,
			                 "the end line does not say %s for the %llu that the section holds",
			                 decision_words[word], (unsigned long long)decisions->counts[word]);
	}
	if (json_count(yyjson_obj_get(end, "reviewed"), &said) != 1 || said != sum)
		return fault_set(fault, FAULT_DATA, "reviewed is not the sum of what was decided");
	return 0;
}

int decisions_read(struct decisions *decisions, const char *path, struct fault *fault)
{
	struct stream_reader reader;
	struct stream_item item;
	int more = stream_open(&reader, path, STAGE_DECISIONS, true, fault), result = more;

	while (result == 0 && (more = stream_next(&reader, &item, fault)) > 0) {
		if (item.type == ITEM_BEGIN)
			result = decisions_take_begin(decisions, &item, fault);
		else if (item.type == ITEM_END)
			result = decisions_take_end(decisions, item.root, fault);
		else
			result = decisions_take(decisions, &item, fault);
		if (result < 0 && fault->kind == FAULT_DATA)
			lines_fault(&reader.lines, fault);
	}
	stream_close(&reader);
	set_release(&decisions->rows);
	return result < 0 ? -1 : more;
}

/* ---- what is asked ---- */

int decisions_get(struct decisions *decisions, size_t number, struct decision *decision,
                  struct fault *fault)
{
	const struct decision_place *place = &decisions->places[number];
	yyjson_val *root;

	decision->line = (struct span){decisions->lines.data + place->at, place->len};
	root = json_read(&decisions->json, decision->line, fault);
	return root ? decision_parse(root, decision, fault) : -1;
}

size_t decisions_first(const struct decisions *decisions, struct span key)
{
	const struct set_entry *entry = set_find(&decisions->members, key);

	return entry ? (size_t)(entry->value & UINT32_MAX) : 0;
}

int decisions_find(struct decisions *decisions, struct span key, enum review_what what,
                   struct span access_id, struct decision *decision, struct fault *fault)
{
	for (size_t at = decisions_first(decisions, key); at; at = decisions->places[at - 1].next) {
		if (decisions_get(decisions, at - 1, decision, fault) < 0)
			return -1;
		if (decision->what == what && span_is(decision->access_id, access_id))
			return 1;
	}
	return 0;
}

int decisions_check_source(const struct decisions *decisions, yyjson_val *entry,
                           struct fault *fault)
{
	struct span name = json_obj_text(entry, "source"), origin = json_obj_text(entry, "origin");
	const struct decision_source *reviewed = decisions_find_source(decisions, name);

	if (!reviewed)
		return 0;
	if (reviewed->origin.len && origin.len && !span_is(reviewed->origin, origin))
		return fault_set(fault, FAULT_DATA,
		                 "the source '%s' is not the one that was reviewed: its origin was %s",
		                 INERT(name), INERT(reviewed->origin));
	if (reviewed->fetched_at.len &&
	    when_compare(json_obj_text(entry, "fetched_at"), reviewed->fetched_at) < 0)
		return fault_set(fault, FAULT_DATA,
		                 "the source '%s' was read before the snapshot that was reviewed (%s): "
		                 "give a later one",
		                 INERT(name), INERT(reviewed->fetched_at));
	return 0;
}

bool decisions_is_disabled(const struct record *user)
{
	return span_is(record_text(user, USER_STATUS), span_of("disabled"));
}

bool decisions_is_younger(const struct decisions *decisions, const struct record *user)
{
	const struct decision_source *source =
		decisions_find_source(decisions, record_text(user, USER_SOURCE));
	int64_t created, read;

	return source && when_seconds(record_text(user, USER_CREATED_AT), &created) &&
	       when_seconds(source->fetched_at, &read) && created > read;
}

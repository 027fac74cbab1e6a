/* SPDX-License-Identifier: ISC */
/*
 * sight: a byte of marks for each decision.
 */
#include "access/sight.h"

#include "base/array.h"

#include <stdlib.h>

enum {
	MARK_THERE = 1,
	MARK_YOUNGER = 2,
	MARK_SHOWN = 4,  /* of a role or entitlement: the account is there and shows its list */
	MARK_HIDDEN = 8, /* ... it is there and does not show it */
	MARK_DISABLED = 16,
};

int sight_open(struct sight *sight, const char *path, struct fault *fault)
{
	if (decisions_read(&sight->decisions, path, fault) < 0)
		return -1;
	sight->marks = calloc(sight->decisions.count + 1, 1);
	return sight->marks ? 0 : fault_memory(fault);
}

void sight_release(struct sight *sight)
{
	decisions_release(&sight->decisions);
	free(sight->marks);
	free(sight->sources);
	set_release(&sight->hidden);
	arena_release(&sight->texts);
	buf_release(&sight->key);
	*sight = (struct sight){0};
}

/* ---- sources and gaps ---- */

/* The source of this name, which is added where it is new; NULL with a fault. */
static struct sight_source *sight_want_source(struct sight *sight, struct span name,
                                              struct fault *fault)
{
	struct sight_source *sources;

	for (size_t i = 0; i < sight->source_count; i++)
		if (span_is(sight->sources[i].name, name))
			return &sight->sources[i];
	sources =
		array_grow(sight->sources, sight->source_count, &sight->source_cap, sizeof *sources, fault);
	if (!sources)
		return NULL;
	sight->sources = sources;
	sources += sight->source_count++;
	*sources = (struct sight_source){.name = arena_copy(&sight->texts, name)};
	if (sources->name.data)
		return sources;
	fault_memory(fault);
	return NULL;
}

int sight_take_source(struct sight *sight, yyjson_val *entry, struct fault *fault)
{
	struct sight_source *source = sight_want_source(sight, json_obj_text(entry, "source"), fault);

	if (!source)
		return -1;
	source->is_selected = json_obj_text(entry, "select").len > 0;
	return decisions_check_source(&sight->decisions, entry, fault);
}

int sight_take_gap(struct sight *sight, const struct record *gap, struct fault *fault)
{
	struct span id = record_text(gap, GAP_ID);
	struct sight_source *source = sight_want_source(sight, record_text(gap, GAP_SOURCE), fault);
	bool fresh;

	if (!source)
		return -1;
	gaps_take(&source->gaps, gap);
	if (!id.len)
		return 0;
	buf_clear(&sight->key);
	record_put_text_key(&sight->key, RECORD_GROUP, source->name, id);
	if (buf_check(&sight->key, fault) < 0)
		return -1;
	return set_take(&sight->hidden, buf_span(&sight->key), &fresh) ? 0 : fault_memory(fault);
}

/* ---- marks ---- */

bool sight_has_value(const struct value *list, struct span text)
{
	struct fault ignored;
	yyjson_doc *doc = list->type == VALUE_LIST ? json_parse(list->text, NULL, &ignored) : NULL;
	yyjson_val *item;
	struct span value;
	size_t i, max;
	bool found = false;

	yyjson_arr_foreach(yyjson_doc_get_root(doc), i, max, item)
		found |= json_text(item, &value) && span_is(value, text);
	yyjson_doc_free(doc);
	return found;
}

/* Is the subject directly in the group? */
static bool sight_is_member(struct sight *sight, const struct nesting *nesting,
                            const struct access_subject *subject, const struct decision *decision)
{
	buf_clear(&sight->key);
	record_put_text_key(&sight->key, RECORD_GROUP, decision->source, decision->access_id);
	for (size_t i = 0; i < subject->count && !subject->reached[i].level; i++)
		if (span_is(nesting->groups[subject->reached[i].group].key, buf_span(&sight->key)))
			return true;
	return false;
}

static unsigned char sight_mark(struct sight *sight, const struct nesting *nesting,
                                const struct access_subject *subject,
                                const struct decision *decision)
{
	const struct record *user = subject->record;
	unsigned char mark = 0;
	bool there = user != NULL;

	if (decision->what == REVIEW_MEMBERSHIP) {
		there = sight_is_member(sight, nesting, subject, decision);
	} else if (decision->what != REVIEW_ACCOUNT && user) {
		const struct value *list = &user->values[review_field(decision->what)];

		mark = list->type == VALUE_ABSENT ? MARK_HIDDEN : MARK_SHOWN;
		there = sight_has_value(list, decision->access_id);
	}
	if (there && decision->what == REVIEW_ACCOUNT && decisions_is_disabled(user))
		mark |= MARK_DISABLED;
	else if (there)
		mark |= user && decisions_is_younger(&sight->decisions, user) ? MARK_YOUNGER : MARK_THERE;
	return mark;
}

int sight_take_subject(struct sight *sight, const struct nesting *nesting,
                       const struct access_subject *subject, struct fault *fault)
{
	size_t at = subject->is_group ? 0 : decisions_first(&sight->decisions, subject->key);
	struct decision decision;

	for (; at; at = sight->decisions.places[at - 1].next) {
		if (decisions_get(&sight->decisions, at - 1, &decision, fault) < 0)
			return -1;
		sight->marks[at - 1] |= sight_mark(sight, nesting, subject, &decision);
	}
	return buf_check(&sight->key, fault);
}

int sight_take_nesting(struct sight *sight, const struct nesting *nesting, struct fault *fault)
{
	struct decision decision;

	for (size_t i = 0; i < nesting->arrow_count; i++) {
		struct span inner = nesting->groups[nesting->arrows[i].inner].key;
		struct span outer = nesting->groups[nesting->arrows[i].outer].key;
		size_t at = decisions_first(&sight->decisions, inner);

		for (; at; at = sight->decisions.places[at - 1].next) {
			if (decisions_get(&sight->decisions, at - 1, &decision, fault) < 0)
				return -1;
			buf_clear(&sight->key);
			record_put_text_key(&sight->key, RECORD_GROUP, decision.source, decision.access_id);
			if (decision.what == REVIEW_MEMBERSHIP && span_is(outer, buf_span(&sight->key)))
				sight->marks[at - 1] |= MARK_THERE;
		}
	}
	return buf_check(&sight->key, fault);
}

/* ---- what is asked ---- */

enum sight_state sight_find(struct sight *sight, size_t number, const struct decision *decision)
{
	bool membership = decision->what == REVIEW_MEMBERSHIP;
	const struct sight_source *source = NULL;
	unsigned char mark = sight->marks[number];

	for (size_t i = 0; !source && i < sight->source_count; i++)
		if (span_is(sight->sources[i].name, decision->source))
			source = &sight->sources[i];
	if (!source)
		return SIGHT_NO_SOURCE;
	if (mark & MARK_THERE)
		return SIGHT_THERE;
	if (mark & MARK_DISABLED)
		return SIGHT_DISABLED;
	if (mark & (MARK_YOUNGER | MARK_SHOWN))
		return mark & MARK_YOUNGER ? SIGHT_YOUNGER : SIGHT_GONE;
	if (mark & MARK_HIDDEN)
		return SIGHT_NOT_SHOWN;
	buf_clear(&sight->key);
	record_put_text_key(&sight->key, RECORD_GROUP, decision->source, decision->access_id);
	if (source->gaps.users || (membership && (source->gaps.groups || source->gaps.members ||
	                                          set_find(&sight->hidden, buf_span(&sight->key)))))
		return SIGHT_GAP;
	return source->is_selected ? SIGHT_SELECTED : SIGHT_GONE;
}

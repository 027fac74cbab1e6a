/* SPDX-License-Identifier: ISC */
/*
 * issue_facts: facts are sorted by the account, and meet the rows, which come in that order.
 */
#include "review/issue_facts.h"

#include "base/array.h"
#include "base/ceiling.h"
#include "base/inert.h"
#include "base/json_put.h"

#include <stdlib.h>

/* The letters of facts, in the order in which a row gets them. */
enum { FACT_BEFORE = 'b', FACT_FINDING = 'f', FACT_PREVIOUS = 'p' };

int issue_facts_open(struct issue_facts *facts, size_t memory, struct fault *fault)
{
	facts->memory = memory;
	facts->sorter = sorter_open(memory, fault);
	return facts->sorter ? 0 : -1;
}

void issue_facts_release(struct issue_facts *facts)
{
	sorter_close(facts->sorter);
	free(facts->of_groups.ends);
	free(facts->of_user.ends);
	buf_release(&facts->of_groups.text);
	buf_release(&facts->of_user.text);
	free(facts->older);
	free(facts->order);
	free(facts->before_sha256);
	set_release(&facts->other_checks);
	arena_release(&facts->texts);
	buf_release(&facts->key);
	buf_release(&facts->line);
	buf_release(&facts->json);
	buf_release(&facts->cell);
	buf_release(&facts->previous);
	*facts = (struct issue_facts){0};
}

/* ---- facts on their way in ---- */

/* Begins the line of a fact. */
static void fact_begin(struct issue_facts *facts, bool is_group, struct span source, struct span id,
                       enum review_what what, struct span access_id, char letter)
{
	struct buf *line = &facts->line;

	buf_clear(line);
	record_put_text_key(line, is_group ? RECORD_GROUP : RECORD_USER, source, id);
	buf_putf(line, " %d", (int)what);
	json_put_string(line, access_id);
	buf_putc(line, ' ');
	buf_putc(line, letter);
}

static int fact_add(struct issue_facts *facts, struct fault *fault)
{
	buf_putc(&facts->line, '\n');
	return buf_check(&facts->line, fault) < 0
	           ? -1
	           : sorter_add(facts->sorter, buf_span(&facts->line), fault);
}

/* Is the id of this finding that of a group or of a part of a source, as the begin line says of
   its check? */
static bool finding_is_of_no_account(const struct issue_facts *facts, struct span check)
{
	const struct set_entry *entry = set_find(&facts->other_checks, check);

	return entry != NULL;
}

/* The begin line of findings: the checks that do not find accounts. */
static int finding_take_checks(struct issue_facts *facts, yyjson_val *begin, struct fault *fault)
{
	yyjson_val *about = yyjson_obj_get(begin, "about"), *name, *entry;
	size_t i, max;
	bool fresh;

	if (!yyjson_is_obj(about))
		return 0;
	yyjson_obj_foreach(about, i, max, name, entry) {
		struct span of = json_obj_text(entry, "of"), check = SPAN_EMPTY;

		if (of.len && !span_is(of, span_of("account")) && json_text(name, &check) &&
		    !set_take(&facts->other_checks, check, &fresh))
			return fault_memory(fault);
	}
	return 0;
}

static int finding_take(struct issue_facts *facts, yyjson_val *finding, struct fault *fault)
{
	static const char *const severities[] = {"critical", "high", "medium", "low", "info"};
	static const struct span group = SPAN("group:"), role = SPAN("role:");
	struct span check = json_obj_text(finding, "check"), text = json_obj_text(finding, "what");
	struct span severity = json_obj_text(finding, "severity"), access_id = SPAN_EMPTY;
	enum review_what what = REVIEW_ACCOUNT;
	int rank;

	if (!span_is(json_obj_text(finding, "kind"), span_of("finding")) ||
	    yyjson_obj_get(finding, "excepted") || finding_is_of_no_account(facts, check))
		return 0;
	rank = span_index(severity, severities, 5);
	if (!json_obj_text(finding, "via").len && span_begins(text, group)) {
		what = REVIEW_MEMBERSHIP;
		access_id = (struct span){text.data + group.len, text.len - group.len};
	} else if (span_begins(text, role)) {
		what = REVIEW_ROLE;
		access_id = (struct span){text.data + role.len, text.len - role.len};
	}
	fact_begin(facts, false, json_obj_text(finding, "source"), json_obj_text(finding, "id"), what,
	           access_id, FACT_FINDING);
	buf_putf(&facts->line, "%d", rank);
	buf_puts(&facts->line, "{\"check\":");
	json_put_string(&facts->line, check);
	json_put_member(&facts->line, "severity", severity);
	buf_putc(&facts->line, '}');
	return fact_add(facts, fault);
}

static int previous_take(struct issue_facts *facts, yyjson_val *decision, struct fault *fault)
{
	static const char *const parts[] = {"decided_by", "decided_at"};
	enum review_what what = (enum review_what)span_index(json_obj_text(decision, "what"),
	                                                     review_what_words, REVIEW_WHATS);

	if (!span_is(json_obj_text(decision, "kind"), span_of("decision")) || what == REVIEW_WHATS)
		return 0;
	buf_clear(&facts->cell);
	buf_put_span(&facts->cell, json_obj_text(decision, "decision"));
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (json_obj_text(decision, parts[i]).len) {
			buf_puts(&facts->cell, ", ");
			buf_put_span(&facts->cell, json_obj_text(decision, parts[i]));
		}
	fact_begin(facts, span_is(json_obj_text(decision, "member_kind"), span_of("group")),
	           json_obj_text(decision, "source"), json_obj_text(decision, "user_id"), what,
	           json_obj_text(decision, "access_id"), FACT_PREVIOUS);
	json_put_string(&facts->line, buf_span(&facts->cell));
	return buf_check(&facts->cell, fault) < 0 ? -1 : fact_add(facts, fault);
}

/* Reads a sealed stream to its end. `of`: the snapshot that its begin line names, or NULL. */
static int fact_read(struct issue_facts *facts, const char *path, enum stream_stage stage,
                     int (*take)(struct issue_facts *, yyjson_val *, struct fault *),
                     char sha256[DIGEST_HEX + 1], char of[DIGEST_HEX + 1], struct fault *fault)
{
	struct stream_reader reader;
	struct stream_item item;
	int more = stream_open(&reader, path, stage, true, fault);

	while (more >= 0 && (more = stream_next(&reader, &item, fault)) > 0) {
		if (item.type == ITEM_BEGIN && of)
			stream_take_sha256(yyjson_obj_get(item.root, "snapshot"), of);
		if (item.type == ITEM_BEGIN && finding_take_checks(facts, item.root, fault) < 0)
			more = -1;
		else if (item.type == ITEM_END)
			stream_take_sha256(item.root, sha256);
		else if (item.type == ITEM_RECORD && take(facts, item.root, fault) < 0)
			more = -1;
	}
	stream_close(&reader);
	return more;
}

int issue_facts_read_findings(struct issue_facts *facts, const char *path, struct fault *fault)
{
	return fact_read(facts, path, STAGE_FINDINGS, finding_take, facts->findings_sha256,
	                 facts->findings_of, fault);
}

int issue_facts_read_previous(struct issue_facts *facts, const char *path, struct fault *fault)
{
	return fact_read(facts, path, STAGE_DECISIONS, previous_take, facts->previous_sha256, NULL,
	                 fault);
}

/* ---- older snapshots ---- */

struct older_reading {
	struct issue_facts *facts;
	const struct review_rows *rows;
	size_t first; /* of its sources in facts->older */
};

static int older_take_row(void *context, const struct review_row *row, struct fault *fault)
{
	struct older_reading *reading = context;
	struct issue_facts *facts = reading->facts;
	size_t at = reading->first;

	while (at < facts->older_count && !span_is(facts->older[at].source, row->source))
		at++;
	fact_begin(facts, span_is(row->member_kind, span_of("group")), row->source, row->user_id,
	           row->what, row->access_id, FACT_BEFORE);
	buf_putf(&facts->line, "%08zx", at);
	return fact_add(facts, fault);
}

static int older_add_source(struct issue_facts *facts, yyjson_val *entry, struct fault *fault)
{
	struct issue_older *older =
		array_grow(facts->older, facts->older_count, &facts->older_cap, sizeof *older, fault);
	uint64_t gaps = 0;

	if (!older)
		return -1;
	facts->older = older;
	older += facts->older_count++;
	json_count(yyjson_obj_get(entry, "gaps"), &gaps);
	*older = (struct issue_older){
		.source = arena_copy(&facts->texts, json_obj_text(entry, "source")),
		.time = arena_copy(&facts->texts, json_obj_text(entry, "fetched_at")),
		.is_partial = gaps || json_obj_text(entry, "select").len,
	};
	return older->source.data && older->time.data ? 0 : fault_memory(fault);
}

/* Its sources, before its first row. */
static int older_take_sources(void *context, struct fault *fault)
{
	struct older_reading *reading = context;
	yyjson_val *entry;
	size_t i, max;

	yyjson_arr_foreach(reading->rows->access.reader.sources, i, max, entry)
		if (older_add_source(reading->facts, entry, fault) < 0)
			return -1;
	return 0;
}

int issue_facts_read_before(struct issue_facts *facts, const char *path, struct fault *fault)
{
	struct older_reading reading = {facts, NULL, facts->older_count};
	struct review_rows rows = {.each_nesting = older_take_sources,
	                           .each_row = older_take_row,
	                           .context = &reading,
	                           .memory = facts->memory};
	struct reread input;
	void *grown = array_grow(facts->before_sha256, facts->before_count, &facts->before_cap,
	                         sizeof *facts->before_sha256, fault);
	int result = grown ? 0 : -1;

	if (!grown)
		return -1;
	facts->before_sha256 = grown;
	reading.rows = &rows;
	result = reread_open(&input, path, fault);
	if (result == 0)
		result = review_rows_read(&rows, &input, fault);
	if (result == 0)
		memcpy(facts->before_sha256[facts->before_count++], rows.sha256, sizeof rows.sha256);
	review_rows_release(&rows);
	reread_close(&input);
	return result;
}

/* ---- facts on their way out ---- */

static int fact_advance(struct issue_facts *facts, struct fault *fault)
{
	facts->more = sorter_next(facts->sorter, &facts->next, fault);
	return facts->more < 0 ? -1 : 0;
}

static int fact_keep(struct issue_facts *facts, struct issue_lines *lines, struct fault *fault)
{
	size_t *ends = array_grow(lines->ends, lines->count, &lines->cap, sizeof *ends, fault);

	if (!ends)
		return -1;
	lines->ends = ends;
	buf_put_span(&lines->text, facts->next);
	if (buf_check(&lines->text, fault) < 0)
		return -1;
	ends[lines->count++] = lines->text.len;
	return fact_advance(facts, fault);
}

/* The older sources, the latest first. */
static int older_sort(struct issue_facts *facts, struct fault *fault)
{
	facts->order = calloc(facts->older_count + 1, sizeof *facts->order);
	if (!facts->order)
		return fault_memory(fault);
	for (size_t i = 0; i < facts->older_count; i++) {
		size_t at = i;

		for (;
		     at && when_compare(facts->older[facts->order[at - 1]].time, facts->older[i].time) < 0;
		     at--)
			facts->order[at] = facts->order[at - 1];
		facts->order[at] = i;
	}
	return 0;
}

int issue_facts_close(struct issue_facts *facts, struct fault *fault)
{
	if (older_sort(facts, fault) < 0 || sorter_sort(facts->sorter, fault) < 0 ||
	    fact_advance(facts, fault) < 0)
		return -1;
	while (facts->more > 0 && record_line_kind(facts->next) == RECORD_GROUP)
		if (fact_keep(facts, &facts->of_groups, fault) < 0)
			return -1;
	return 0;
}

/* All facts of the account in facts->key, which comes after those that were asked for. */
static int fact_gather(struct issue_facts *facts, struct fault *fault)
{
	struct span key = buf_span(&facts->key);

	facts->of_user.count = 0;
	buf_clear(&facts->of_user.text);
	while (facts->more > 0 && span_compare(facts->next, key) < 0)
		if (fact_advance(facts, fault) < 0)
			return -1;
	while (facts->more > 0 && span_begins(facts->next, key))
		if (fact_keep(facts, &facts->of_user, fault) < 0)
			return -1;
	return facts->more < 0 ? -1 : 0;
}

static struct span fact_line(const struct issue_lines *lines, size_t at)
{
	size_t from = at ? lines->ends[at - 1] : 0;

	return (struct span){lines->text.data + from, lines->ends[at] - from};
}

/* The first line that is not before `prefix`. */
static size_t fact_search(const struct issue_lines *lines, struct span prefix)
{
	size_t low = 0, high = lines->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (span_compare(fact_line(lines, middle), prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* One more finding of the row. */
static int fact_take_finding(struct issue_facts *facts, struct span json, struct fault *fault)
{
	yyjson_doc *doc = json_parse(json, NULL, fault);
	yyjson_val *root = yyjson_doc_get_root(doc);

	if (!doc)
		return -1;
	if (facts->cell.len)
		buf_puts(&facts->cell, "; ");
	buf_put_span(&facts->cell, json_obj_text(root, "check"));
	buf_puts(&facts->cell, " (");
	buf_put_span(&facts->cell, json_obj_text(root, "severity"));
	buf_putc(&facts->cell, ')');
	buf_putc(&facts->json, facts->json.len ? ',' : '[');
	buf_put_span(&facts->json, json);
	yyjson_doc_free(doc);
	return 0;
}

/* Since when the row is there, going back from the latest older snapshot that can say it. */
static void fact_find_since(const struct issue_facts *facts, struct span source,
                            struct issue_known *known)
{
	for (size_t i = 0; i < facts->older_count; i++) {
		const struct issue_older *older = &facts->older[facts->order[i]];

		if (!span_is(older->source, source))
			continue;
		if (older->seen == facts->row) {
			known->is = SINCE_KNOWN;
			known->since = older->time;
		} else if (!older->is_partial) {
			if (known->is == SINCE_UNKNOWN)
				known->is = SINCE_NEW;
			return;
		}
	}
}

static int fact_take(struct issue_facts *facts, struct span fact, struct issue_known *known,
                     struct fault *fault)
{
	struct span rest = {fact.data + 1, fact.len - 2}, text; /* its letter, and LF */
	yyjson_doc *doc;

	switch (fact.data[0]) {
	case FACT_BEFORE: facts->older[strtoul(rest.data, NULL, 16)].seen = facts->row; return 0;
	case FACT_FINDING:
		return fact_take_finding(facts, (struct span){rest.data + 1, rest.len - 1}, fault);
	default:
		doc = json_parse(rest, NULL, fault);
		if (!doc)
			return -1;
		buf_clear(&facts->previous);
		if (json_text(yyjson_doc_get_root(doc), &text))
			buf_put_span(&facts->previous, text);
		yyjson_doc_free(doc);
		known->previous = buf_span(&facts->previous);
		return buf_check(&facts->previous, fault);
	}
}

int issue_facts_find(struct issue_facts *facts, const struct review_row *row,
                     struct issue_known *known, struct fault *fault)
{
	bool is_group = span_is(row->member_kind, span_of("group"));
	struct issue_lines *lines = is_group ? &facts->of_groups : &facts->of_user;
	struct buf *prefix = &facts->line;

	*known = (struct issue_known){.findings = SPAN_EMPTY, .previous = SPAN_EMPTY};
	facts->row++;
	buf_clear(prefix);
	record_put_text_key(prefix, is_group ? RECORD_GROUP : RECORD_USER, row->source, row->user_id);
	buf_putc(prefix, ' ');
	if (buf_check(prefix, fault) < 0)
		return -1;
	if (!is_group && !span_is(buf_span(prefix), buf_span(&facts->key))) {
		buf_clear(&facts->key);
		buf_put_buf(&facts->key, prefix);
		if (buf_check(&facts->key, fault) < 0 || fact_gather(facts, fault) < 0)
			return -1;
	}
	buf_putf(prefix, "%d", (int)row->what);
	json_put_string(prefix, row->access_id);
	buf_putc(prefix, ' ');
	if (buf_check(prefix, fault) < 0)
		return -1;
	buf_clear(&facts->cell);
	buf_clear(&facts->json);
	for (size_t at = fact_search(lines, buf_span(prefix)); at < lines->count; at++) {
		struct span line = fact_line(lines, at);

		if (!span_begins(line, buf_span(prefix)))
			break;
		line.data += prefix->len;
		line.len -= prefix->len;
		if (fact_take(facts, line, known, fault) < 0)
			return -1;
	}
	if (facts->json.len)
		buf_putc(&facts->json, ']');
	known->findings = buf_span(&facts->cell);
	known->findings_json = buf_span(&facts->json);
	fact_find_since(facts, row->source, known);
	return buf_check(&facts->cell, fault) < 0 ? -1 : buf_check(&facts->json, fault);
}

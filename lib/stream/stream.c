/* SPDX-License-Identifier: ISC */
/*
 * stream: the writer counts and digests what it lets through; the reader does
 * the same and compares. Both see only whole lines.
 */
#include "stream/stream.h"

#include "base/inert.h"
#include "base/json_put.h"
#include "stream/stream_pair.h"

#include <stdio.h>

static const struct {
	const char *word, *name; /* in a begin line; for people */
	enum stream_stage stage;
} stages[] = {{"fetch", "a fetch stream", STAGE_FETCH},
              {"snapshot", "a snapshot", STAGE_SNAPSHOT},
              {"changes", "a change stream", STAGE_CHANGES},
              {"results", "a result stream", STAGE_RESULTS},
              {"findings", "a finding stream", STAGE_FINDINGS},
              {"review", "a review stream", STAGE_REVIEW},
              {"decisions", "a decision stream", STAGE_DECISIONS},
              {"closing", "a closing stream", STAGE_CLOSING},
              {"trace", "a trace stream", STAGE_TRACE}};

/* The SHA-256 of one line with its LF, given with or without it. */
static int digest_line(struct span line, char hex[DIGEST_HEX + 1], struct fault *fault)
{
	struct digest digest = {0};
	int result = digest_init(&digest, fault);

	if (result == 0) {
		digest_put(&digest, line);
		if (!line.len || line.data[line.len - 1] != '\n')
			digest_put(&digest, (struct span){"\n", 1});
		result = digest_hex(&digest, hex, fault);
	}
	digest_release(&digest);
	return result;
}

int section_open(struct section_writer *section, struct out *out, struct span begin,
                 struct fault *fault)
{
	*section = (struct section_writer){.out = out};
	if (digest_line(begin, section->begin_hex, fault) < 0 ||
	    digest_init(&section->digest, fault) < 0)
		return -1;
	out_put(out, begin);
	return 0;
}

void section_put(struct section_writer *section, struct span lines)
{
	digest_put(&section->digest, lines);
	out_put(section->out, lines);
}

int section_close(struct section_writer *section, const char *before, unsigned kinds,
                  const char *more, struct fault *fault)
{
	static const enum record_kind count_order[] = {RECORD_USER, RECORD_GROUP, RECORD_MEMBERSHIP,
	                                               RECORD_GAP};
	char hex[DIGEST_HEX + 1];
	struct buf line = {0};
	int result;

	if (buf_starved())
		return fault_memory(fault);
	if (digest_hex(&section->digest, hex, fault) < 0)
		return -1;
	buf_putf(&line, "{\"kind\":\"end\"%s", before);
	for (size_t i = 0; i < RECORD_KINDS; i++)
		if (kinds & (1U << count_order[i]))
			buf_putf(&line, ",\"%s\":%llu", record_words[count_order[i]].count,
			         (unsigned long long)section->counts.of[count_order[i]]);
	buf_putf(&line, ",\"sha256\":\"%s\",\"begin_sha256\":\"%s\"%s}\n", hex, section->begin_hex,
	         more);
	result = buf_check(&line, fault);
	if (result == 0)
		out_put(section->out, buf_span(&line));
	buf_release(&line);
	return result;
}

void section_release(struct section_writer *section)
{
	digest_release(&section->digest);
}

void section_put_failure(struct buf *line, struct span source, const struct fault *fault)
{
	struct span reason = span_of(fault->text);

	while (!utf8_is(reason)) /* it may be cut within a character */
		reason.len--;
	buf_puts(line, "{\"kind\":\"failed\"");
	json_put_member(line, "source", source);
	buf_putf(line, ",\"status\":%d", fault_status(fault->kind));
	json_put_member(line, "reason", reason);
	buf_puts(line, "}\n");
}

int stream_open(struct stream_reader *reader, const char *path, unsigned accepted, bool parse,
                struct fault *fault)
{
	*reader = (struct stream_reader){.stages = accepted, .parse = parse};
	return lines_open(&reader->lines, path, fault);
}

void stream_open_fd(struct stream_reader *reader, int fd, const char *name, unsigned accepted,
                    bool parse)
{
	*reader = (struct stream_reader){.stages = accepted, .parse = parse};
	lines_open_fd(&reader->lines, fd, name);
}

void stream_close(struct stream_reader *reader)
{
	lines_close(&reader->lines);
	buf_release(&reader->source);
	digest_release(&reader->digest);
	json_reader_release(&reader->json);
}

static int refuse_section(struct stream_reader *reader, struct fault *fault)
{
	return lines_fault(&reader->lines, fault);
}

static int incomplete(struct stream_reader *reader, const char *why, struct fault *fault)
{
	return fault_set(fault, FAULT_DATA, "%s: the section of '%s' is not complete: %s",
	                 INERT(span_of(reader->lines.name)), INERT(buf_span(&reader->source)), why);
}

unsigned stream_vocabulary(yyjson_val *begin, yyjson_val *source)
{
	uint64_t number = 1;

	if (json_count(yyjson_obj_get(source, "vocabulary"), &number) != 1)
		json_count(yyjson_obj_get(begin, "vocabulary"), &number);
	return (unsigned)number;
}

/* Is the vocabulary that a begin line or an entry of its sources says one that we know? */
static int check_vocabulary(struct stream_reader *reader, yyjson_val *object, struct fault *fault)
{
	yyjson_val *value = yyjson_obj_get(object, "vocabulary");
	uint64_t number = 0;

	if (!value)
		return 0;
	if (!yyjson_is_raw(value) || json_count(value, &number) != 1 || !number)
		fault_set(fault, FAULT_DATA, "the \"vocabulary\" of the begin line is not a number");
	else if (number > VOCABULARY)
		fault_set(fault, FAULT_DATA, "vocabulary %llu is newer than this program, which reads %d",
		          (unsigned long long)number, VOCABULARY);
	else
		return 0;
	return refuse_section(reader, fault);
}

/* What the sources of a snapshot's begin line say, with their gaps added up. */
static int check_snapshot_begin(struct stream_reader *reader, yyjson_val *root, struct fault *fault)
{
	yyjson_val *sources = yyjson_obj_get(root, "sources"), *source;
	size_t i, max;

	reader->gaps_named = 0;
	if (reader->stage != STAGE_SNAPSHOT)
		return 0;
	if (!yyjson_is_arr(sources)) {
		fault_set(fault, FAULT_DATA, "the begin line names no sources");
		return refuse_section(reader, fault);
	}
	if (check_vocabulary(reader, root, fault) < 0)
		return -1;
	yyjson_arr_foreach(sources, i, max, source) {
		yyjson_val *value = yyjson_obj_get(source, "gaps");
		uint64_t gaps = 0;

		if (value && (!yyjson_is_raw(value) || json_count(value, &gaps) != 1)) {
			fault_set(fault, FAULT_DATA, "the \"gaps\" of the begin line are not a number");
			return refuse_section(reader, fault);
		}
		reader->gaps_named += gaps;
		if (check_vocabulary(reader, source, fault) < 0)
			return -1;
	}
	return 0;
}

/* A section of another stage than those that are read: what it is, and what is needed. */
static int refuse_stage(struct stream_reader *reader, struct span word, const char *name,
                        struct fault *fault)
{
	struct buf needed = {0};

	for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
		if (reader->stages & stages[i].stage)
			buf_putf(&needed, "%s%s", needed.len ? " or " : "", stages[i].name);
	if (!name)
		fault_set(fault, FAULT_DATA, "stage '%s' is unknown: %s is needed", INERT(word),
		          buf_text(&needed));
	else
		fault_set(fault, FAULT_DATA, "this is %s, but %s is needed%s", name, buf_text(&needed),
		          reader->stages == STAGE_SNAPSHOT && span_is(word, span_of("fetch"))
		              ? ": make one with normalize"
		              : "");
	buf_release(&needed);
	return refuse_section(reader, fault);
}

/* Checks `begin` and remembers what it promises. */
static int read_section_begin(struct stream_reader *reader, const struct stream_item *item,
                              struct fault *fault)
{
	yyjson_val *root = item->root;
	struct span stage = SPAN_EMPTY, source = {"snapshot", 8};
	const char *name = NULL;
	uint64_t format = 0;

	if (reader->inside)
		return incomplete(reader, "another one begins before its end line", fault);
	json_text(yyjson_obj_get(root, "stage"), &stage);
	json_text(yyjson_obj_get(root, "source"), &source);
	if (!yyjson_is_raw(yyjson_obj_get(root, "format")) ||
	    json_count(yyjson_obj_get(root, "format"), &format) != 1 || format == 0) {
		fault_set(fault, FAULT_DATA, "the begin line has no format number");
		return refuse_section(reader, fault);
	}
	if (format > STREAM_FORMAT) {
		fault_set(fault, FAULT_DATA, "format %llu is newer than this program, which reads %d",
		          (unsigned long long)format, STREAM_FORMAT);
		return refuse_section(reader, fault);
	}
	for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
		if (span_is(stage, span_of(stages[i].word))) {
			reader->stage = stages[i].stage;
			name = stages[i].name;
		}
	if (!name || !(reader->stages & reader->stage))
		return refuse_stage(reader, stage, name, fault);
	if (check_snapshot_begin(reader, root, fault) < 0)
		return -1;
	buf_clear(&reader->source);
	buf_put_span(&reader->source, source);
	reader->counts = (struct counts){0};
	reader->inside = true;
	if (buf_check(&reader->source, fault) < 0 ||
	    digest_line(item->line, reader->begin_hex, fault) < 0)
		return -1;
	return digest_init(&reader->digest, fault);
}

/* The counts that the end line of each stage must have. */
static unsigned counted(enum stream_stage stage)
{
	unsigned fetched = 1U << RECORD_USER | 1U << RECORD_GROUP | 1U << RECORD_GAP;

	return stage == STAGE_FETCH      ? fetched
	       : stage == STAGE_SNAPSHOT ? fetched | 1U << RECORD_MEMBERSHIP
	                                 : 0;
}

static int check_counts(struct stream_reader *reader, yyjson_val *root, struct fault *fault)
{
	if (!counted(reader->stage)) /* what it counts are no records */
		return 0;
	for (int kind = 0; kind < RECORD_KINDS; kind++) {
		const char *name = record_words[kind].count;
		yyjson_val *value = yyjson_obj_get(root, name);
		uint64_t said = 0;

		if ((value || (counted(reader->stage) & 1U << kind)) &&
		    (!yyjson_is_raw(value) || json_count(value, &said) != 1)) {
			fault_set(fault, FAULT_DATA, "the end line does not count the %s", name);
			return refuse_section(reader, fault);
		}
		if (said != reader->counts.of[kind]) {
			fault_set(fault, FAULT_DATA, "the end line says %llu %s, the section holds %llu",
			          (unsigned long long)said, name, (unsigned long long)reader->counts.of[kind]);
			return refuse_section(reader, fault);
		}
	}
	if (reader->stage == STAGE_SNAPSHOT && reader->gaps_named != reader->counts.of[RECORD_GAP]) {
		fault_set(fault, FAULT_DATA, "the begin line names %llu gaps, the section holds %llu",
		          (unsigned long long)reader->gaps_named,
		          (unsigned long long)reader->counts.of[RECORD_GAP]);
		return refuse_section(reader, fault);
	}
	return 0;
}

static int check_digests(struct stream_reader *reader, yyjson_val *root, struct fault *fault)
{
	yyjson_val *begin_sha256 = yyjson_obj_get(root, "begin_sha256");
	struct span text;

	if (reader->leader) /* it came to the same end line before */
		memcpy(reader->hex, reader->leader->hex, sizeof reader->hex);
	else if (digest_hex(&reader->digest, reader->hex, fault) < 0)
		return -1;
	if (!json_text(yyjson_obj_get(root, "sha256"), &text) || !span_is(text, span_of(reader->hex)))
		fault_set(fault, FAULT_DATA,
		          "the digest in the end line is not that of the section: "
		          "a line was changed, lost or added");
	else if (begin_sha256 &&
	         (!json_text(begin_sha256, &text) || !span_is(text, span_of(reader->begin_hex))))
		fault_set(fault, FAULT_DATA, "the begin line was changed after it was sealed");
	else
		return 0;
	return refuse_section(reader, fault);
}

/* Does the end line belong to this section and stage? */
static int check_members(struct stream_reader *reader, yyjson_val *root, struct fault *fault)
{
	static const char *const sealed[] = {"kind", "users",  "groups",      "memberships",
	                                     "gaps", "sha256", "begin_sha256"};
	yyjson_val *source = yyjson_obj_get(root, "source"), *key, *value;
	struct span text = SPAN_EMPTY;
	size_t i, max;

	if (reader->stage == STAGE_FETCH && json_text(source, &text) &&
	    !span_is(text, buf_span(&reader->source))) {
		fault_set(fault, FAULT_DATA, "the end line is that of source '%s'", INERT(text));
		return refuse_section(reader, fault);
	}
	if (reader->stage != STAGE_SNAPSHOT)
		return 0;
	yyjson_obj_foreach(root, i, max, key, value) {
		bool known = false;

		for (size_t j = 0; j < sizeof sealed / sizeof *sealed; j++)
			known |= yyjson_equals_str(key, sealed[j]);
		if (!known) {
			fault_set(fault, FAULT_DATA, "the end line has an unknown member \"%s\"",
			          INERT(span_of(yyjson_get_str(key))));
			return refuse_section(reader, fault);
		}
	}
	return 0;
}

/* Holds `end` against what came. */
static int read_section_end(struct stream_reader *reader, yyjson_val *root, struct fault *fault)
{
	if (!reader->inside) {
		fault_set(fault, FAULT_DATA,
		          "an end line comes before any begin line: the beginning is missing");
		return refuse_section(reader, fault);
	}
	if (check_members(reader, root, fault) < 0 || check_counts(reader, root, fault) < 0 ||
	    check_digests(reader, root, fault) < 0)
		return -1;
	reader->inside = false;
	reader->sections++;
	return 0;
}

/* The last line of a fetcher that failed: the section is refused for its reason. */
static int read_section_failure(struct stream_reader *reader, yyjson_val *root, struct fault *fault)
{
	yyjson_val *number = yyjson_obj_get(root, "status");
	struct span source = SPAN_EMPTY, reason = SPAN_EMPTY;
	struct buf shown = {0};
	enum fault_kind kind;
	uint64_t status = 0;

	if (!json_text(yyjson_obj_get(root, "source"), &source) ||
	    !span_is(source, buf_span(&reader->source))) {
		fault_set(fault, FAULT_DATA, "the failed line is that of source '%s'", INERT(source));
		return refuse_section(reader, fault);
	}
	if (!yyjson_is_raw(number) || json_count(number, &status) != 1 ||
	    !json_text(yyjson_obj_get(root, "reason"), &reason) || !reason.len) {
		fault_set(fault, FAULT_DATA, "the failed line has no status or no reason");
		return refuse_section(reader, fault);
	}
	kind = fault_kind_find(status);
	inert_put(&shown, reason);
	if (buf_check(&shown, fault) == 0)
		fault_set(fault, kind ? kind : FAULT_DATA,
		          "%s: the section of '%s' is not complete: its fetcher failed with %llu: %s",
		          INERT(span_of(reader->lines.name)), INERT(source), (unsigned long long)status,
		          buf_text(&shown));
	fault->elsewhere = true;
	buf_release(&shown);
	return -1;
}

/* The place of a record's kind in the vocabulary, RECORD_KINDS for one of a change or a
   result stream, -1 where the section can not hold it. */
static int kind_in_stage(const struct stream_reader *reader, struct span word)
{
	bool fits;

	if (!reader->inside || reader->stage == STAGE_FETCH || reader->stage == STAGE_SNAPSHOT)
		return record_kind_find(word);
	if (reader->stage == STAGE_RESULTS)
		fits = span_is(word, span_of("result"));
	else if (reader->stage == STAGE_REVIEW)
		fits = span_is(word, span_of("row"));
	else if (reader->stage == STAGE_DECISIONS)
		fits = span_is(word, span_of("decision")) || span_is(word, span_of("undecided"));
	else if (reader->stage == STAGE_CLOSING)
		fits = span_is(word, span_of("outcome")) || span_is(word, span_of("other"));
	else if (reader->stage == STAGE_TRACE)
		fits = span_is(word, span_of("interval"));
	else if (reader->stage == STAGE_FINDINGS)
		fits = span_is(word, span_of("check")) || span_is(word, span_of("finding")) ||
		       span_is(word, span_of("gone")) || span_is(word, span_of("exception"));
	else
		fits = span_is(word, span_of("change")) || span_is(word, span_of("unknown"));
	return fits ? RECORD_KINDS : -1;
}

static int read_section_record(struct stream_reader *reader, struct stream_item *item,
                               struct span word, struct fault *fault)
{
	int kind = kind_in_stage(reader, word);

	if (kind < 0)
		fault_set(fault, FAULT_DATA, "unknown kind of record '%s'", INERT(word));
	else if (!reader->inside)
		fault_set(fault, FAULT_DATA,
		          "a record comes before any begin line: the beginning is missing");
	else {
		item->type = ITEM_RECORD;
		item->kind = (enum record_kind)kind;
		if (kind < RECORD_KINDS)
			reader->counts.of[kind]++;
		/* its LF stands behind it */
		if (reader->same && !reader->follower) /* the leader has digested it */
			reader->same -= item->line.len + 1;
		else
			digest_put(&reader->digest, (struct span){item->line.data, item->line.len + 1});
		return 1;
	}
	return refuse_section(reader, fault);
}

/* Without parsing: the word in `{"kind":"word"`, where it is a kind of record. */
static bool record_word_of_line(struct span line, struct span *word)
{
	static const struct span head = {"{\"kind\":\"", 9};
	const char *quote;

	if (!span_begins(line, head))
		return false;
	word->data = line.data + head.len;
	quote = memchr(word->data, '"', line.len - head.len);
	word->len = quote ? (size_t)(quote - word->data) : 0;
	return quote && record_kind_find(*word) >= 0;
}

static bool first_is_kind(yyjson_val *root, struct span *word)
{
	yyjson_obj_iter members;
	yyjson_val *key;

	if (!yyjson_obj_iter_init(root, &members))
		return false;
	key = yyjson_obj_iter_next(&members);
	return yyjson_equals_str(key, "kind") && json_text(yyjson_obj_iter_get_val(key), word);
}

/* The root of the line, or NULL with a fault. Its first member is `kind`. */
static yyjson_val *parse_item(struct stream_reader *reader, struct span line, struct span *word,
                              struct fault *fault)
{
	yyjson_val *root = json_read(&reader->json, line, fault);

	if (root && !first_is_kind(root, word)) {
		fault_set(fault, FAULT_DATA, "not a JSON object whose first member is \"kind\"");
		root = NULL;
	}
	if (!root && fault->kind == FAULT_DATA)
		refuse_section(reader, fault);
	return root;
}

int stream_next(struct stream_reader *reader, struct stream_item *item, struct fault *fault)
{
	struct span word = SPAN_EMPTY;
	int more;

	if (reader->follower && reader->inside && !reader->same && stream_pair_look(reader, fault) < 0)
		return -1;
	more = lines_next(&reader->lines, &item->line, fault);
	if (reader->follower && reader->inside && more > 0)
		reader->same -= item->line.len + 1;
	if (more < 0)
		return -1;
	if (more == 0 && reader->inside)
		return incomplete(reader,
		                  "the input ends before its end line (its program failed, or the "
		                  "stream was cut)",
		                  fault);
	if (more == 0 && !reader->sections)
		return fault_set(fault, FAULT_DATA,
		                 "%s: empty: the program that should write it failed, or did not start",
		                 INERT(span_of(reader->lines.name)));
	if (more == 0)
		return 0;
	item->root = NULL;
	/* what is odd is parsed in any case, so that the fault names what is wrong */
	if (reader->parse || !reader->inside || !record_word_of_line(item->line, &word)) {
		item->root = parse_item(reader, item->line, &word, fault);
		if (!item->root)
			return -1;
	}
	if (span_is(word, span_of("begin"))) {
		item->type = ITEM_BEGIN;
		return read_section_begin(reader, item, fault) < 0 ? -1 : 1;
	}
	if (span_is(word, span_of("end"))) {
		item->type = ITEM_END;
		return read_section_end(reader, item->root, fault) < 0 ? -1 : 1;
	}
	if (reader->inside && reader->stage == STAGE_FETCH && span_is(word, span_of("failed")))
		return read_section_failure(reader, item->root, fault);
	return read_section_record(reader, item, word, fault);
}

void stream_pass(struct stream_reader *reader, struct span lines, const struct counts *counts)
{
	uint64_t sum = 0;

	for (int kind = 0; kind < RECORD_KINDS; kind++) {
		reader->counts.of[kind] += counts->of[kind];
		sum += counts->of[kind];
	}
	digest_put(&reader->digest, lines);
	lines_pass(&reader->lines, lines, sum);
}

void stream_take_sha256(yyjson_val *object, char to[DIGEST_HEX + 1])
{
	struct span sha256 = json_obj_text(object, "sha256");

	if (sha256.len != DIGEST_HEX)
		return;
	memcpy(to, sha256.data, DIGEST_HEX);
	to[DIGEST_HEX] = '\0';
}

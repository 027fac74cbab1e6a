/* SPDX-License-Identifier: ISC */
/*
 * source_section: the first line and the last one are looked at; what is between them is not
 * read here.
 */
#include "sources/source_section.h"

#include "base/inert.h"
#include "base/json_put.h"
#include "base/when.h"
#include "stream/stream.h"
#include "sys/temporary.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SECTION_PIECE = 256 * 1024, SECTION_END_MAX = 4096 };

/* ---- what a program wrote ---- */

/* The begin line: of a snapshot it must name this source alone. 0 or -1. */
static int section_check_begin(const struct source *source, yyjson_val *begin, struct fault *fault)
{
	yyjson_val *sources = yyjson_obj_get(begin, "sources");

	if (!span_is(json_obj_text(begin, "kind"), span_of("begin")))
		return fault_set(fault, FAULT_INTERNAL, "%s wrote no section", source->words[0]);
	if (source->kind != SOURCE_SNAPSHOT)
		return 0;
	if (yyjson_arr_size(sources) != 1)
		return fault_set(fault, FAULT_DATA,
		                 "'%s' has %zu sources, and one is due: take it out with "
		                 "normalize --select '.source == \"...\"'",
		                 INERT(span_of(source->operand)), yyjson_arr_size(sources));
	if (!span_is(json_obj_text(yyjson_arr_get_first(sources), "source"), span_of(source->name)))
		return fault_set(fault, FAULT_DATA, "'%s' is a snapshot of source '%s': give it that name",
		                 INERT(span_of(source->operand)),
		                 INERT(json_obj_text(yyjson_arr_get_first(sources), "source")));
	return 0;
}

static int section_check_first(const struct source *source, int fd, struct fault *fault)
{
	struct lines lines;
	struct span line;
	yyjson_doc *doc = NULL;
	int result = -1;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return fault_set(fault, FAULT_IO, "cannot read a temporary file");
	lines_open_fd(&lines, fd, "its output");
	if (lines_next(&lines, &line, fault) == 1) {
		doc = json_parse(line, NULL, fault);
		if (doc)
			result = section_check_begin(source, yyjson_doc_get_root(doc), fault);
		else
			lines_fault(&lines, fault);
	} else if (fault->kind == FAULT_NONE) {
		fault_set(fault, FAULT_INTERNAL, "%s wrote nothing", source->words[0]);
	}
	yyjson_doc_free(doc);
	lines_close(&lines);
	return result;
}

static void section_put_count(struct buf *counts, yyjson_val *end, const char *name)
{
	struct span number = SPAN_EMPTY;

	if (!json_text(yyjson_obj_get(end, name), &number) || span_is(number, span_of("0")))
		return;
	buf_puts(counts, counts->len ? ", " : "");
	inert_put(counts, number);
	buf_putf(counts, " %.*s", (int)strlen(name) - span_is(number, span_of("1")), name);
}

/* The last line is the end of the section, whole. */
static int section_check_last(const struct source *source, int fd, struct buf *counts,
                              struct fault *fault)
{
	off_t size = lseek(fd, 0, SEEK_END), from = size > SECTION_END_MAX ? size - SECTION_END_MAX : 0;
	char last[SECTION_END_MAX];
	struct span text = {last, 0};
	yyjson_doc *doc = NULL;
	ssize_t n;

	while (from + (off_t)text.len < size) {
		n = temporary_read(fd, last + text.len, (size_t)(size - from) - text.len,
		                   from + (off_t)text.len, fault);
		if (n < 0)
			return -1;
		text.len += (size_t)n;
	}
	if (text.len && last[text.len - 1] == '\n') {
		size_t start = --text.len;

		while (start && last[start - 1] != '\n')
			start--;
		doc = json_parse((struct span){last + start, text.len - start}, NULL, &(struct fault){0});
	}
	if (!span_is(json_obj_text(yyjson_doc_get_root(doc), "kind"), span_of("end"))) {
		yyjson_doc_free(doc);
		return fault_set(fault, FAULT_INTERNAL, "%s wrote a section without its end",
		                 source->words[0]);
	}
	section_put_count(counts, yyjson_doc_get_root(doc), "users");
	section_put_count(counts, yyjson_doc_get_root(doc), "groups");
	section_put_count(counts, yyjson_doc_get_root(doc), "gaps");
	yyjson_doc_free(doc);
	return 0;
}

int source_section_check(const struct source *source, int fd, struct buf *counts,
                         struct fault *fault)
{
	return section_check_first(source, fd, fault) < 0
	           ? -1
	           : section_check_last(source, fd, counts, fault);
}

int source_section_copy(int fd, struct out *out, struct fault *fault)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *piece = malloc(SECTION_PIECE);
	int result = piece ? 0 : fault_memory(fault);

	for (off_t at = 0; result == 0 && at < size;) {
		size_t want = size - at < SECTION_PIECE ? (size_t)(size - at) : SECTION_PIECE;
		ssize_t n = temporary_read(fd, piece, want, at, fault);

		if (n < 0) {
			result = -1;
			break;
		}
		out_put(out, (struct span){piece, (size_t)n});
		at += n;
		if (out->error)
			result = out_flush(out, fault);
	}
	free(piece);
	return result;
}

/* ---- what stands in its place ---- */

static void section_put_gap(struct section_writer *section, const struct source *source,
                            const char *scope, struct span reason)
{
	struct buf line = {0};

	buf_puts(&line, "{\"kind\":\"gap\"");
	json_put_member(&line, "source", span_of(source->name));
	json_put_member(&line, "scope", span_of(scope));
	json_put_member(&line, "reason", reason);
	buf_puts(&line, "}\n");
	if (line.state == BUF_OK)
		section_put(section, buf_span(&line));
	section->counts.of[RECORD_GAP]++;
	buf_release(&line);
}

int source_section_put_gaps(const struct source *source, const struct fault *failure,
                            struct out *out, struct fault *fault)
{
	static const char *const scopes[] = {"users", "groups", "members"};
	struct span reason = span_of(failure->text);
	struct buf before = {0}, more = {0};
	struct section_writer section;
	char now[WHEN_MAX];
	int result;

	while (!utf8_is(reason)) /* it may be cut within a character */
		reason.len--;
	if (section_open(&section, out, buf_span(&source->begin), fault) < 0)
		return -1;
	for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++)
		section_put_gap(&section, source, scopes[i], reason);
	json_put_member(&before, "source", span_of(source->name));
	buf_putf(&more, ",\"requests\":0,\"retries\":0,\"finished_at\":\"%s\"", when_now(now));
	result = section_close(&section, buf_text(&before),
	                       1U << RECORD_USER | 1U << RECORD_GROUP | 1U << RECORD_GAP,
	                       buf_text(&more), fault);
	section_release(&section);
	buf_release(&before);
	buf_release(&more);
	return result;
}

void source_section_put_failure(const struct source *source, const struct fault *failure,
                                struct out *out)
{
	struct buf lines = {0};

	buf_put_buf(&lines, &source->begin);
	section_put_failure(&lines, span_of(source->name), failure);
	if (buf_check(&lines, &(struct fault){0}) == 0)
		out_put(out, buf_span(&lines));
	buf_release(&lines);
}

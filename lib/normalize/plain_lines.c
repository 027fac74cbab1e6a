/* SPDX-License-Identifier: ISC */
/*
 * plain: each line is one record of the contract.
 */
#include "normalize/plain_lines.h"

#include "base/inert.h"
#include "base/json_put.h"

int plain_lines_open(struct plain_lines *plain, struct normalizer *normalizer, struct fault *fault)
{
	struct span name = span_of(plain->source);
	struct snapshot_source *source;
	char when[WHEN_MAX];

	if (!name.len || !utf8_is(name))
		return fault_set(fault, FAULT_USAGE, "--source needs a name, in UTF-8");
	if (!plain->fetched_at)
		when_now(when);
	else if (!when_utc(span_of(plain->fetched_at), when))
		return fault_set(fault, FAULT_USAGE,
		                 "--fetched-at '%s' is no RFC 3339 time with a zone "
		                 "(2026-11-22T06:00:00Z)",
		                 INERT(span_of(plain->fetched_at)));
	source = snapshot_add_source(&normalizer->snapshot, name, fault);
	if (!source)
		return -1;
	buf_puts(&source->head, "{\"source\":");
	json_put_string(&source->head, name);
	buf_puts(&source->head, ",\"provider\":\"plain\",\"origin\":\"\"");
	json_put_member(&source->head, "fetched_at", span_of(when));
	normalize_put_logic(normalizer, source);
	buf_puts(&source->not_covered, "[]");
	if (normalize_open_section(normalizer, name, fault) < 0)
		return -1;
	normalizer->section.names = &plain->names;
	return plain_names_open(&plain->names, &normalizer->budget, fault);
}

void plain_lines_release(struct plain_lines *plain)
{
	plain_names_release(&plain->names);
}

int plain_lines_read(struct plain_lines *plain, struct normalizer *normalizer, const char *path,
                     struct fault *fault)
{
	struct lines lines;
	struct span line;
	int more;

	if (lines_open(&lines, path, fault) < 0)
		return -1;
	normalizer->section.input = lines.name;
	while ((more = lines_next(&lines, &line, fault)) > 0) {
		plain->lines++;
		if (mapper_read_plain(normalize_mapper(normalizer), line, lines.number, fault) < 0) {
			more = lines_fault(&lines, fault);
			break;
		}
	}
	lines_close(&lines);
	return more;
}

int plain_lines_close(struct plain_lines *plain, struct normalizer *normalizer, struct fault *fault)
{
	if (!plain->lines && !normalizer->allow_empty)
		return fault_set(fault, FAULT_DATA,
		                 "source '%s' has no line, as if everybody were gone "
		                 "(--allow-empty, if that is right)",
		                 INERT(span_of(plain->source)));
	return plain_names_end(&plain->names, fault) < 0 ? -1
	                                                 : normalize_close_section(normalizer, fault);
}

void plain_lines_put_counts(const struct plain_lines *plain, const struct normalizer *normalizer,
                            struct buf *text)
{
	const struct mapper *mapper = &normalizer->pool.workers[0].mapper;
	uint64_t records = 0;

	for (size_t kind = 0; kind < RECORD_KINDS; kind++)
		records += normalizer->snapshot.counts.of[kind];
	buf_putf(text, "source '%s': %zu lines made %llu records", INERT(span_of(plain->source)),
	         plain->lines, (unsigned long long)records);
	if (normalizer->selection.filter.jq) /* what is left out is no repeat */
		buf_puts(text, ", those that --select keeps");
	else if (records < mapper->imported)
		buf_putf(text, "; %llu repeated another one",
		         (unsigned long long)(mapper->imported - records));
	plain_names_put(&plain->names, text);
}

/* SPDX-License-Identifier: ISC */
/*
 * fetch: the lines of a fetch section, built one after the other in one buffer.
 */
#include "fetch/fetch.h"

#include "base/inert.h"
#include "base/json_put.h"
#include "sys/undo.h"
#include "base/when.h"

#include <stdio.h>

/* A parameter may narrow the lists: what is read then compares with its like only. */
static void fetch_put_select(struct buf *line, struct span query)
{
	struct buf select = {0};

	if (!query.len)
		return;
	buf_puts(&select, "--query ");
	buf_put_span(&select, query);
	json_put_member(line, "select", buf_span(&select));
	buf_release(&select);
}

void fetch_put_begin(const struct fetch *fetch, struct buf *line)
{
	const struct provider *provider = fetch->service.provider;
	char now[WHEN_MAX], tool[64];

	snprintf(tool, sizeof tool, "%s %s", fetch->service.tool, ROLLCALL_VERSION);
	buf_putf(line, "{\"kind\":\"begin\",\"format\":%d,\"stage\":\"fetch\"", STREAM_FORMAT);
	json_put_member(line, "source", span_of(fetch->source));
	json_put_member(line, "provider", span_of(provider->name));
	json_put_member(line, "schema", span_of(provider->schema));
	json_put_member(line, "origin", span_of(fetch->service.origin.base));
	json_put_member(line, "tool", span_of(tool));
	json_put_member(line, "started_at", span_of(when_now(now)));
	buf_puts(line, ",\"not_covered\":[");
	for (size_t i = 0; provider->not_covered[i]; i++) {
		buf_puts(line, i ? "," : "");
		json_put_string(line, span_of(provider->not_covered[i]));
	}
	if (fetch_lists_memberships(fetch->options)) {
		buf_puts(line, provider->not_covered[0] ? "," : "");
		json_put_string(line, span_of("memberships of groups in groups"));
	}
	buf_putc(line, ']');
	fetch_put_select(line, buf_span(&fetch->options->query));
	buf_puts(line, "}\n");
}

int fetch_open(struct fetch *fetch, struct fault *fault)
{
	fetch->source = fetch->options->source ? fetch->options->source : fetch->service.provider->name;
	buf_clear(&fetch->line);
	fetch_put_begin(fetch, &fetch->line);
	if (buf_check(&fetch->line, fault) < 0 || out_open(&fetch->out, NULL, fault) < 0 ||
	    section_open(&fetch->section, &fetch->out, buf_span(&fetch->line), fault) < 0 ||
	    out_flush(&fetch->out, fault) < 0)
		return -1;
	fetch->began = true;
	fetch_restart(fetch);
	return service_connect(&fetch->service, false, NULL, fault);
}

int fetch_seal(struct fetch *fetch, struct fault *fault)
{
	struct buf before = {0}, more = {0};
	char now[WHEN_MAX];
	unsigned kinds = 1U << RECORD_USER | 1U << RECORD_GROUP | 1U << RECORD_GAP;
	int result;

	if (fetch_lists_memberships(fetch->options))
		kinds |= 1U << RECORD_MEMBERSHIP;
	undo_hold(); /* a sealed section and a signal's status must not go together */
	json_put_member(&before, "source", span_of(fetch->source));
	buf_putf(&more, ",\"requests\":%llu,\"retries\":%llu,\"finished_at\":\"%s\"",
	         (unsigned long long)http_requests(fetch->service.http),
	         (unsigned long long)http_retries(fetch->service.http), when_now(now));
	result = section_close(&fetch->section, buf_text(&before), kinds, buf_text(&more), fault);
	buf_release(&before);
	buf_release(&more);
	return result < 0 ? -1 : out_close(&fetch->out, fault);
}

void fetch_fail(struct fetch *fetch, const struct fault *fault)
{
	struct fault unseen = {0}; /* `fault` is what the run failed with */
	struct buf line = {0};

	if (fetch->began && !fetch->torn && fetch->out.fd >= 0 &&
	    out_flush(&fetch->out, &unseen) == 0) {
		section_put_failure(&line, span_of(fetch->source), fault);
		if (buf_check(&line, &unseen) == 0) {
			out_put(&fetch->out, buf_span(&line));
			out_flush(&fetch->out, &unseen);
		}
	}
	buf_release(&line);
}

void fetch_close(struct fetch *fetch)
{
	service_close(&fetch->service);
	section_release(&fetch->section);
	digest_release(&fetch->held_digest);
	spool_release(&fetch->held);
	buf_release(&fetch->line);
	buf_release(&fetch->out.pending);
}

void fetch_format_record(const struct fetch *fetch, struct buf *line, enum record_kind kind,
                         yyjson_val *resource, yyjson_val *included)
{
	buf_puts(line, "{\"kind\":\"");
	buf_put_span(line, record_words[kind].kind);
	buf_putc(line, '"');
	json_put_member(line, "source", span_of(fetch->source));
	buf_puts(line, ",\"resource\":");
	json_put_value(line, resource);
	if (included) {
		buf_puts(line, ",\"included\":");
		json_put_value(line, included);
	}
	buf_puts(line, "}\n");
}

int fetch_put_line(struct fetch *fetch, enum record_kind kind, struct span line,
                   struct fault *fault)
{
	if (line.len > LINE_MAX_BYTES)
		return fault_set(fault, FAULT_PROTOCOL, "one %s of %zu bytes is longer than a line may be",
		                 record_words[kind].kind.data, line.len);
	fetch->held_counts.of[kind]++;
	digest_put(&fetch->held_digest, line);
	return spool_put(&fetch->held, line, fault);
}

/* Holds the line that has been built in the fetch's own buffer. */
static int put_built_line(struct fetch *fetch, enum record_kind kind, struct fault *fault)
{
	if (buf_check(&fetch->line, fault) < 0)
		return -1;
	return fetch_put_line(fetch, kind, buf_span(&fetch->line), fault);
}

int fetch_put_record(struct fetch *fetch, enum record_kind kind, yyjson_val *resource,
                     yyjson_val *included, struct fault *fault)
{
	buf_clear(&fetch->line);
	fetch_format_record(fetch, &fetch->line, kind, resource, included);
	return put_built_line(fetch, kind, fault);
}

int fetch_put_membership(struct fetch *fetch, struct span group_id, struct span member_id,
                         struct fault *fault)
{
	struct buf *line = &fetch->line;

	buf_clear(line);
	buf_puts(line, "{\"kind\":\"membership\"");
	json_put_member(line, "source", span_of(fetch->source));
	json_put_member(line, "group_id", group_id);
	json_put_member(line, "member_id", member_id);
	buf_puts(line, "}\n");
	return put_built_line(fetch, RECORD_MEMBERSHIP, fault);
}

void fetch_restart(struct fetch *fetch)
{
	spool_clear(&fetch->held);
	fetch->held_counts = (struct counts){0};
	digest_copy(&fetch->held_digest, &fetch->section.digest);
}

static int fetch_write_piece(void *to, struct span piece, struct fault *fault)
{
	struct fetch *fetch = to;

	out_put(&fetch->out, piece);
	return fetch->out.error ? out_flush(&fetch->out, fault) : 0;
}

int fetch_commit(struct fetch *fetch, struct fault *fault)
{
	fetch->torn = true;
	if (spool_drain(&fetch->held, fetch_write_piece, fetch, fault) < 0)
		return -1;
	fetch->torn = false;
	for (int kind = 0; kind < RECORD_KINDS; kind++)
		fetch->section.counts.of[kind] += fetch->held_counts.of[kind];
	digest_copy(&fetch->section.digest, &fetch->held_digest);
	fetch_restart(fetch);
	return out_flush(&fetch->out, fault);
}

static int put_gap_line(struct fetch *fetch, const char *scope, struct span id, const char *reason,
                        struct fault *fault)
{
	struct buf *line = &fetch->line;

	buf_clear(line);
	buf_puts(line, "{\"kind\":\"gap\"");
	json_put_member(line, "source", span_of(fetch->source));
	json_put_member(line, "scope", span_of(scope));
	if (id.len)
		json_put_member(line, "id", id);
	json_put_member(line, "reason", span_of(reason));
	buf_puts(line, "}\n");
	return put_built_line(fetch, RECORD_GAP, fault);
}

int fetch_gap(struct fetch *fetch, const char *scope, struct span id, bool optional,
              struct fault *fault)
{
	struct fault reason = *fault;

	if (!optional && !fetch->options->keep_going)
		return fault_hint(fault, "; --keep-going records it as a gap and goes on");
	service_say(&fetch->service, NOTE_WARNING, "gap: %s: %s", scope, reason.text);
	*fault = (struct fault){0};
	return put_gap_line(fetch, scope, id, reason.text, fault);
}

int fetch_note_scopes(struct fetch *fetch, struct fault *fault)
{
	static const struct {
		enum fetch_scope scope;
		const char *word;
	} scopes[] = {{SCOPE_USERS, "users"}, {SCOPE_GROUPS, "groups"}, {SCOPE_MEMBERS, "members"}};

	for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++) {
		bool hidden = scopes[i].scope == SCOPE_MEMBERS && fetch->options->members_hidden;
		int result = 0;

		if (fetch->options->scopes & scopes[i].scope)
			continue;
		if (hidden)
			fault_set(fault, FAULT_PROTOCOL, "%s never shows who is in a group",
			          fetch->service.provider->title);
		if (hidden)
			result = fetch_gap(fetch, scopes[i].word, span_of(""), true, fault);
		else
			result =
				put_gap_line(fetch, scopes[i].word, span_of(""), "not asked for (--scope)", fault);
		if (result < 0)
			return -1;
	}
	return fetch_commit(fetch, fault);
}

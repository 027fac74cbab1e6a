/* SPDX-License-Identifier: ISC */
/*
 * diff: two bodies of sealed snapshots, with a zero byte between them, compared
 * by ids and by names. A snapshot equals itself; the text of a difference is
 * inert; the stream of it is read back.
 */
#include "fuzz.h"

#include "diff/diff.h"
#include "diff/changes_put.h"

#include <unistd.h>

enum { BEFORE, AFTER, OUTPUT };

static const char begin[] =
	"{\"kind\":\"begin\",\"format\":1,\"stage\":\"snapshot\",\"sources\":[{\"source\":\"s\",\"provider\":"
	"\"scim\",\"origin\":\"https://s.example\",\"fetched_at\":\"2026-11-22T00:00:00Z\",\"gaps\":0,"
	"\"not_covered\":[]}]}";
static const char begin_gap[] =
	"{\"kind\":\"begin\",\"format\":1,\"stage\":\"snapshot\",\"sources\":[{\"source\":\"s\",\"provider\":"
	"\"scim\",\"origin\":\"https://s.example\",\"fetched_at\":\"2026-11-22T00:00:00Z\",\"gaps\":1,"
	"\"not_covered\":[]}]}";

static const char *snapshot(int number, struct span body)
{
	static const struct span gap = {"{\"kind\":\"gap\"", 13};
	struct buf whole = {0};
	const char *path;

	put_sealed(&whole, span_begins(body, gap) ? begin_gap : begin, body, true);
	path = memory_file(number, buf_span(&whole));
	buf_release(&whole);
	return path;
}

static void report(const struct changes *changes, bool text, struct buf *to)
{
	struct fault fault = {0};
	struct out out = {.fd = -1};

	memory_file(OUTPUT, span_of(""));
	out.fd = dup(memory_fd(OUTPUT));
	must((text ? changes_put_text(changes, false, &out, &fault)
	           : changes_put_stream(changes, &out, &fault)) == 0 &&
	         out_close(&out, &fault) == 0,
	     "a finished difference is reported");
	memory_read(OUTPUT, to);
}

static void check_reports(const struct changes *changes)
{
	struct buf text = {0}, stream = {0};
	struct span rest;

	report(changes, true, &text);
	must_be_inert(buf_span(&text), true);
	report(changes, false, &stream);
	for (rest = buf_span(&stream); rest.len;) {
		struct fault fault = {0};
		yyjson_doc *doc = json_parse(take_until(&rest, '\n'), NULL, &fault);

		must(doc != NULL, "a change is one line of JSON");
		yyjson_doc_free(doc);
	}
	buf_release(&text);
	buf_release(&stream);
}

static int compare(const char *before, const char *after, bool match, bool same)
{
	struct diff_options options = {
		.max_removed = {.number = 20, .is_percent = true}, .match = match, .allow_unnamed = match};
	struct changes changes = {0};
	struct fault fault = {0};
	int result = diff_run(&changes, &options, before, after, &fault);

	if (result < 0)
		must_be_fault(&fault);
	else
		check_reports(&changes);
	if (result == 0 && same)
		must(changes.count == 0 && !*changes.unconfirmed, "a snapshot equals itself");
	changes_release(&changes);
	return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = {(const char *)data, size}, first = take_until(&rest, '\0');
	const char *before = snapshot(BEFORE, first), *after = snapshot(AFTER, rest);

	for (int match = 0; match < 2; match++)
		if (compare(before, after, match, false) == 0)
			must(compare(before, before, match, true) == 0 &&
			         compare(after, after, match, true) == 0,
			     "what was compared can be compared with itself");
	return 0;
}

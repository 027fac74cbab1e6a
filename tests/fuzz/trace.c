/* SPDX-License-Identifier: ISC */
/*
 * trace: the bodies of two sealed snapshots of two days, with a zero byte between them. The
 * order in which they are given, and one that comes twice, change no byte; an interval is
 * one line of JSON; the text is inert.
 */
#include "fuzz.h"

#include "trace/trace.h"

#include <string.h>
#include <unistd.h>

enum { FIRST, SECOND, OUTPUT };

static const char *const days[][2] = {
	{"{\"kind\":\"begin\",\"format\":1,\"stage\":\"snapshot\",\"sources\":[{\"source\":\"s\",\"provider\":"
     "\"scim\",\"origin\":\"https://s.example\",\"fetched_at\":\"2026-11-22T00:00:00Z\",\"gaps\":0,"
     "\"not_covered\":[]}]}",
     "{\"kind\":\"begin\",\"format\":1,\"stage\":\"snapshot\",\"sources\":[{\"source\":\"s\",\"provider\":"
     "\"scim\",\"origin\":\"https://s.example\",\"fetched_at\":\"2026-11-22T00:00:00Z\",\"gaps\":1,"
     "\"not_covered\":[]}]}"},
	{"{\"kind\":\"begin\",\"format\":1,\"stage\":\"snapshot\",\"sources\":[{\"source\":\"s\",\"provider\":"
     "\"scim\",\"origin\":\"https://s.example\",\"fetched_at\":\"2026-11-23T00:00:00Z\",\"gaps\":0,"
     "\"not_covered\":[]}]}",
     "{\"kind\":\"begin\",\"format\":1,\"stage\":\"snapshot\",\"sources\":[{\"source\":\"s\",\"provider\":"
     "\"scim\",\"origin\":\"https://s.example\",\"fetched_at\":\"2026-11-23T00:00:00Z\",\"gaps\":1,"
     "\"not_covered\":[]}]}"},
};

static void put_snapshot(int number, struct span body, char *path, size_t size)
{
	static const struct span gap = {"{\"kind\":\"gap\"", 13};
	struct buf whole = {0};

	put_sealed(&whole, days[number][span_begins(body, gap)], body, true);
	snprintf(path, size, "%s", memory_file(number, buf_span(&whole)));
	buf_release(&whole);
}

/* 0 with the output in `to`, or -1: they are refused. */
static int run_trace(char *const *paths, int format, struct buf *to)
{
	struct trace_options options = {.format = format, .memory = 1 << 20};
	struct trace trace = {0};
	struct fault fault = {0};
	struct out out = {.fd = -1};
	int result = -1;

	buf_clear(to);
	if (trace_open(&trace, &options, paths, &fault) < 0 || trace_read(&trace, &fault) < 0)
		must_be_fault(&fault);
	else {
		memory_file(OUTPUT, span_of(""));
		out.fd = dup(memory_fd(OUTPUT));
		result = trace_write(&trace, &out, &fault);
		if (result < 0)
			must_be_fault(&fault);
		must(out_close(&out, &(struct fault){0}) == 0, "memory can be written");
		memory_read(OUTPUT, to);
	}
	trace_release(&trace);
	return result;
}

static void must_be_lines(struct span rest)
{
	while (rest.len) {
		struct fault fault = {0};
		yyjson_doc *doc = json_parse(take_until(&rest, '\n'), NULL, &fault);

		must(doc != NULL, "an interval is one line of JSON");
		yyjson_doc_free(doc);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = {(const char *)data, size}, body = take_until(&rest, '\0');
	struct buf stream = {0}, other = {0};
	char one[64], two[64];

	put_snapshot(FIRST, body, one, sizeof one);
	put_snapshot(SECOND, rest, two, sizeof two);
	if (run_trace((char *[]){one, two, NULL}, TRACE_NDJSON, &stream) == 0) {
		must_be_lines(buf_span(&stream));
		must(run_trace((char *[]){two, one, two, NULL}, TRACE_NDJSON, &other) == 0 &&
		         span_is(buf_span(&stream), buf_span(&other)),
		     "order and repetition change no byte");
		must(run_trace((char *[]){one, two, NULL}, TRACE_TEXT, &other) == 0,
		     "what can be a stream can be text");
		must_be_inert(buf_span(&other), true);
	}
	buf_release(&stream);
	buf_release(&other);
	return 0;
}

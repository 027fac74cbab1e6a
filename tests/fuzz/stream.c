/* SPDX-License-Identifier: ISC */
/*
 * stream: any bytes as a stream. What is given out as complete was sealed, and
 * reading with and without parsing agrees where both take it.
 */
#include "fuzz.h"

static int read_all(const char *path, bool parse, size_t *records)
{
	struct stream_reader reader;
	struct stream_item item;
	struct fault fault = {0};
	int more;

	*records = 0;
	if (stream_open(&reader, path, STAGE_FETCH | STAGE_SNAPSHOT | STAGE_CHANGES, parse, &fault) < 0)
		return -1;
	while ((more = stream_next(&reader, &item, &fault)) > 0) {
		must(!memchr(item.line.data, '\n', item.line.len), "an item is one line");
		must(!parse || item.root, "a parsed stream has roots");
		*records += item.type == ITEM_RECORD;
	}
	if (more < 0)
		must_be_fault(&fault);
	else
		must(reader.sections > 0 && !reader.inside, "a stream that ends is complete");
	stream_close(&reader);
	return more;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = memory_file(0, (struct span){(const char *)data, size});
	size_t parsed, passed;

	if (read_all(path, true, &parsed) == 0)
		must(read_all(path, false, &passed) == 0 && parsed == passed, "both readers agree");
	return 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * normalize: any lines as the body of a sealed fetch section, of SCIM where the
 * first byte is even, else of Scalr. A snapshot that comes of it is read back and
 * stays the same, byte by byte.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const begins[] = {
		"{\"kind\":\"begin\",\"format\":1,\"stage\":\"fetch\",\"source\":\"s\",\"provider\":\"stripe\","
		"\"schema\":\"scim\",\"origin\":\"https://s.example\",\"not_covered\":[\"x\"]}",
		"{\"kind\":\"begin\",\"format\":1,\"stage\":\"fetch\",\"source\":\"s\",\"provider\":\"scalr\","
		"\"schema\":\"scalr\",\"origin\":\"https://s.example\",\"not_covered\":[]}"};
	struct buf stream = {0}, once = {0}, twice = {0};
	struct fault fault = {0};

	if (!size)
		return 0;
	put_sealed(&stream, begins[*data % 2], (struct span){(const char *)data + 1, size - 1}, false);
	if (normalize_file(memory_file(0, buf_span(&stream)), &once, &fault) == 0) {
		int again = normalize_file(memory_file(0, buf_span(&once)), &twice, &fault);

		must(again == 0, fault.text);
		must(span_is(buf_span(&once), buf_span(&twice)), "a snapshot of a snapshot is the same");
	} else {
		must_be_fault(&fault);
		must(once.len == 0, "what fails writes nothing");
	}
	buf_release(&stream);
	buf_release(&once);
	buf_release(&twice);
	return 0;
}

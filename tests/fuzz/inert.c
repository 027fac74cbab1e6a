/* SPDX-License-Identifier: ISC */
/*
 * inert: every escaping function, over any bytes: text for people, JSON strings
 * and URLs.
 */
#include "fuzz.h"

#include "base/json_put.h"
#include "http/origin.h"

static bool is_utf8(struct span text)
{
	uint32_t code;

	for (size_t i = 0, n; i < text.len; i += n) {
		n = utf8_decode(text.data + i, text.len - i, &code);
		if (!n)
			return false;
	}
	return true;
}

static void try_people(struct span text)
{
	char cut[INERT_MAX];
	struct buf whole = {0};

	inert_put(&whole, text);
	must_be_inert(buf_span(&whole), false);
	inert_text(cut, text);
	must_be_inert(span_of(cut), false);
	must(strlen(cut) < INERT_MAX, "a cut text fits");
	if (whole.len + sizeof "..." <= INERT_MAX)
		must(span_is(buf_span(&whole), span_of(cut)), "a short text is not cut");
	buf_release(&whole);
}

/* Only text goes into JSON; the programs have checked it before. */
static void try_json(struct span text)
{
	struct buf written = {0};
	struct fault fault = {0};
	struct span read = SPAN_EMPTY;
	yyjson_doc *doc;

	json_put_string(&written, text);
	doc = json_parse(buf_span(&written), NULL, &fault);
	must(doc && json_text(yyjson_doc_get_root(doc), &read), "a JSON string is read back");
	must(span_is(read, text), "a JSON string keeps its text");
	yyjson_doc_free(doc);
	buf_release(&written);
}

static void try_url(struct span text)
{
	struct buf written = {0};
	size_t at = 0;

	url_put_encoded(&written, text);
	for (size_t i = 0; i < written.len; i++) {
		unsigned char c = (unsigned char)written.data[i];
		static const char hex[] = "0123456789ABCDEF";

		must(c > 0x20 && c < 0x7f && !strchr("/?#&=+@:;,\"<>\\", c), "an encoded text is inert");
		if (c == '%') {
			must(i + 2 < written.len, "an escape is whole");
			c = (unsigned char)((strchr(hex, written.data[i + 1]) - hex) * 16 +
			                    (strchr(hex, written.data[i + 2]) - hex));
			i += 2;
		}
		must(at < text.len && c == (unsigned char)text.data[at++], "an encoded text is decoded");
	}
	must(at == text.len, "an encoded text is all there");
	buf_release(&written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = {(const char *)data, size};

	try_people(text);
	if (is_utf8(text))
		try_json(text);
	try_url(text);
	return 0;
}

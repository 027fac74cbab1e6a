/* SPDX-License-Identifier: ISC */
/*
 * json: what is taken is written canonically, and that text is taken again and
 * says the same.
 */
#include "fuzz.h"

#include "base/json_put.h"

static const struct span names[] = {
	SPAN(""),         SPAN("a"),        SPAN("id"),          SPAN("ID"),
	SPAN("meta"),     SPAN("name"),     SPAN("emails"),      SPAN("schemas"),
	SPAN("userName"), SPAN("username"), SPAN("displayName"), SPAN("urn:ietf:params:scim:schemas:x"),
};

enum { NAMES = sizeof names / sizeof *names };

/* What is found at once is what is found alone, and what needs no escapes is written as if
   it might. */
static void look_into(yyjson_val *object)
{
	yyjson_val *values[NAMES], *key, *value;
	size_t i, max;

	json_find_all(object, names, NAMES, values);
	for (i = 0; i < NAMES; i++)
		must(values[i] == json_find(object, names[i]), "found at once or alone");
	yyjson_obj_foreach(object, i, max, key, value) {
		struct buf plain = {0}, any = {0};
		struct span text;

		if (json_text(value, &text)) {
			json_put_named(&plain, names[2], text, json_is_plain(value));
			json_put_named(&any, names[2], text, false);
			must(span_is(buf_span(&plain), buf_span(&any)), "plain text is written as any");
		}
		must(json_find(object, (struct span){yyjson_get_str(key), yyjson_get_len(key)}) == value,
		     "each member is found by its name");
		buf_release(&plain);
		buf_release(&any);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fault fault = {0};
	struct buf once = {0}, twice = {0};
	struct span text = {(const char *)data, size}, word;
	bool cut = false;
	yyjson_doc *doc = json_parse(text, &cut, &fault), *again;
	yyjson_val *root = yyjson_doc_get_root(doc);
	uint64_t number, whole;

	if (!doc) {
		must_be_fault(&fault);
		return 0;
	}
	must(!cut, "what is cut is not taken");
	json_put_value(&once, root);
	must(once.state == BUF_OK, "a value is written");
	must(!memchr(once.data, '\n', once.len), "a canonical value is one line");
	again = json_parse(buf_span(&once), NULL, &fault);
	must(again != NULL, "what is written is taken");
	must(json_hash(root, 7) == json_hash(yyjson_doc_get_root(again), 7), "it says the same");
	json_put_value(&twice, yyjson_doc_get_root(again));
	must(span_is(buf_span(&once), buf_span(&twice)), "canonical is canonical");
	if (json_count(root, &number) > 0 && json_text(root, &word))
		must(number < 1000000000000000000U && word.len <= 18, "a count has at most 18 digits");
	if (json_count(root, &number) > 0)
		must(json_whole(root, &whole) > 0 && whole == number, "a plain count is a whole number");
	if (json_whole(root, &whole) > 0)
		must(whole < 1000000000000000000U, "a whole number has at most 18 digits");
	json_holds(root, (struct span){"token", 5});
	look_into(root);
	must_be_inert(span_of(json_type(root)), false);
	yyjson_doc_free(doc);
	yyjson_doc_free(again);
	buf_release(&once);
	buf_release(&twice);
	return 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * shape: of many texts, a line each, every one is taken or refused as the strict parser does it
 * alone, in the same words, and says the same.
 */
#include "fuzz.h"

#include "base/json_put.h"
#include "base/json_shape.h"

static void must_be_same(yyjson_val *a, yyjson_val *b)
{
	yyjson_val *key, *value, *other;
	yyjson_obj_iter members;
	size_t i, max;

	must(yyjson_get_type(a) == yyjson_get_type(b) && yyjson_get_len(a) == yyjson_get_len(b),
	     "a value of the same type and length");
	if (yyjson_is_bool(a))
		must(yyjson_get_bool(a) == yyjson_get_bool(b), "the same truth");
	if (yyjson_is_str(a) || yyjson_is_raw(a))
		must(memcmp(unsafe_yyjson_get_str(a), unsafe_yyjson_get_str(b), yyjson_get_len(a)) == 0,
		     "the same text");
	if (yyjson_is_arr(a)) {
		other = yyjson_arr_get_first(b);
		yyjson_arr_foreach(a, i, max, value) {
			must_be_same(value, other);
			other = unsafe_yyjson_get_next(other);
		}
	}
	if (!yyjson_is_obj(a))
		return;
	yyjson_obj_iter_init(b, &members);
	yyjson_obj_foreach(a, i, max, key, value) {
		other = yyjson_obj_iter_next(&members);
		must_be_same(key, other);
		must_be_same(value, yyjson_obj_iter_get_val(other));
	}
}

static void read_both_ways(struct json_shapes *shapes, struct span line)
{
	struct fault fault = {0}, alone_fault = {0};
	yyjson_val *root = json_shapes_read(shapes, line, &fault);
	yyjson_doc *alone = json_parse(line, NULL, &alone_fault);
	struct buf once = {0}, twice = {0};

	must(!root == !alone, "taken where the parser takes it");
	if (alone) {
		must_be_same(root, yyjson_doc_get_root(alone));
		json_put_value(&once, root); /* what is known to need no escapes needs none */
		json_put_value(&twice, yyjson_doc_get_root(alone));
		must(span_is(buf_span(&once), buf_span(&twice)), "written as the parser's");
	} else {
		must(fault.kind == alone_fault.kind && strcmp(fault.text, alone_fault.text) == 0,
		     "refused in the parser's words");
	}
	buf_release(&once);
	buf_release(&twice);
	yyjson_doc_free(alone);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_shapes shapes = {0};

	for (int round = 0; round < 2; round++) /* each has a shape by then */
		for (size_t from = 0, to; from <= size; from = to + 1) {
			char *line; /* of its own: nothing is read beyond its end */

			for (to = from; to < size && data[to] != '\n';)
				to++;
			line = malloc(to - from + !(to - from));
			must(line != NULL, "memory");
			if (to > from)
				memcpy(line, data + from, to - from);
			read_both_ways(&shapes, (struct span){line, to - from});
			free(line);
		}
	json_shapes_release(&shapes);
	return 0;
}

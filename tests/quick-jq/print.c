/* SPDX-License-Identifier: ISC */
/* print: values as jq writes them. */
#include "quick.h"

static void print_string(struct text *to, yyjson_mut_val *value)
{
	static const char plain[] = "\"\\\n\t\r\b\f", escaped[] = "\"\\ntrbf";
	const char *bytes = yyjson_mut_get_str(value);
	size_t len = yyjson_mut_get_len(value);

	text_puts(to, "\"");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];
		const char *which = memchr(plain, c, sizeof plain - 1);
		char escape[8] = {'\\'};

		if (which) {
			escape[1] = escaped[which - plain];
			text_put(to, escape, 2);
		} else if (c < 0x20 || c == 0x7f) {
			text_put(to, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", (unsigned)c));
		} else {
			text_put(to, bytes + i, 1);
		}
	}
	text_puts(to, "\"");
}

static void print_integer(struct text *to, yyjson_mut_val *value)
{
	char digits[32];
	int64_t number = yyjson_mut_get_sint(value);

	if (!yyjson_mut_is_int(value) || number > INTEGER_MAX || number < -INTEGER_MAX)
		leave_to_jq();
	text_put(to, digits, (size_t)snprintf(digits, sizeof digits, "%lld", (long long)number));
}

static void print_line_end(struct text *to, int depth)
{
	if (depth < 0)
		return;
	text_puts(to, "\n");
	while (depth-- > 0)
		text_puts(to, "  ");
}

/* depth: of its first line; -1: on one line */
void print_value(struct text *to, yyjson_mut_val *value, int depth)
{
	int inner = depth < 0 ? depth : depth + 1;
	bool is_object = yyjson_mut_is_obj(value), first = true;
	yyjson_mut_arr_iter elements;
	yyjson_mut_obj_iter members;
	yyjson_mut_val *key = NULL, *element = NULL;

	if (yyjson_mut_is_str(value)) {
		print_string(to, value);
	} else if (yyjson_mut_is_num(value)) {
		print_integer(to, value);
	} else if (!yyjson_mut_is_ctn(value)) {
		text_puts(to, yyjson_mut_is_null(value)   ? "null"
		              : yyjson_mut_is_true(value) ? "true"
		                                          : "false");
	} else if (unsafe_yyjson_get_len(value) == 0) {
		text_puts(to, is_object ? "{}" : "[]");
	} else {
		yyjson_mut_arr_iter_init(value, &elements);
		yyjson_mut_obj_iter_init(value, &members);
		text_puts(to, is_object ? "{" : "[");
		while (is_object ? (key = yyjson_mut_obj_iter_next(&members)) != NULL
		                 : (element = yyjson_mut_arr_iter_next(&elements)) != NULL) {
			if (!first)
				text_puts(to, ",");
			first = false;
			print_line_end(to, inner);
			if (is_object) {
				element = yyjson_mut_obj_iter_get_val(key);
				print_string(to, key);
				text_puts(to, depth < 0 ? ":" : ": ");
			}
			print_value(to, element, inner);
		}
		print_line_end(to, depth);
		text_puts(to, is_object ? "}" : "]");
	}
}

/* as tostring makes it */
void print_text(struct text *to, yyjson_mut_val *value)
{
	if (yyjson_mut_is_str(value))
		text_put(to, yyjson_mut_get_str(value), yyjson_mut_get_len(value));
	else
		print_value(to, value, -1);
}

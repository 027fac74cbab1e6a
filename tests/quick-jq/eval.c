/* SPDX-License-Identifier: ISC */
/* eval: what nodes make of a value. */
#include "quick.h"

bool is_true(yyjson_mut_val *value)
{
	return !yyjson_mut_is_null(value) && !yyjson_mut_is_false(value);
}

/* The one value of a node; where it has none or several, jq does all. */
static yyjson_mut_val *eval_one(const struct node *node, yyjson_mut_val *in)
{
	struct values values = {0};

	eval(node, in, &values);
	if (values.count != 1)
		leave_to_jq();
	return values.at[0];
}

/* The place in an array that an index means: negative ones count from the end. */
static size_t place_of(yyjson_mut_val *index, size_t size)
{
	int64_t at = yyjson_mut_get_sint(index);

	return at >= 0 ? (size_t)at : (size_t)(-at) <= size ? size - (size_t)(-at) : SIZE_MAX;
}

static void put_index(yyjson_mut_val *in, yyjson_mut_val *index, struct values *out)
{
	yyjson_mut_val *found = NULL;

	if (yyjson_mut_is_obj(in) && yyjson_mut_is_str(index))
		found = yyjson_mut_obj_getn(in, yyjson_mut_get_str(index), yyjson_mut_get_len(index));
	else if (yyjson_mut_is_arr(in) && yyjson_mut_is_int(index))
		found = yyjson_mut_arr_get(in, place_of(index, yyjson_mut_arr_size(in)));
	else if (!yyjson_mut_is_null(in))
		leave_to_jq();
	values_put(out, found ? found : yyjson_mut_null(run.doc));
}

static void put_each(yyjson_mut_val *in, struct values *out)
{
	yyjson_mut_obj_iter members;
	yyjson_mut_arr_iter elements;
	yyjson_mut_val *value;

	if (!yyjson_mut_is_ctn(in))
		leave_to_jq();
	if (yyjson_mut_is_obj(in)) {
		yyjson_mut_obj_iter_init(in, &members);
		while ((value = yyjson_mut_obj_iter_next(&members)))
			values_put(out, yyjson_mut_obj_iter_get_val(value));
		return;
	}
	yyjson_mut_arr_iter_init(in, &elements);
	while ((value = yyjson_mut_arr_iter_next(&elements)))
		values_put(out, value);
}

yyjson_mut_val *array_of(const struct values *values)
{
	yyjson_mut_val *array = yyjson_mut_arr(run.doc);

	for (size_t i = 0; i < values->count; i++) {
		if (!yyjson_mut_arr_append(array, yyjson_mut_val_mut_copy(run.doc, values->at[i])))
			leave_to_jq();
	}
	return array;
}

/* An end of a slice; beyond what is there: what is there. */
static size_t bound_of(const struct node *node, yyjson_mut_val *in, size_t size, size_t otherwise)
{
	yyjson_mut_val *bound = node ? eval_one(node, in) : NULL;
	size_t at;

	if (!bound)
		return otherwise;
	if (!yyjson_mut_is_int(bound))
		leave_to_jq();
	at = place_of(bound, size);
	return at == SIZE_MAX ? 0 : at < size ? at : size;
}

/* in[from:to], of an array, or of a string in ASCII */
static void put_slice(const struct node *node, yyjson_mut_val *in, yyjson_mut_val *of,
                      struct values *out)
{
	size_t size = unsafe_yyjson_get_len(of), from, to;
	struct values all = {0}, some = {0};

	if (yyjson_mut_is_null(of)) {
		values_put(out, of);
		return;
	}
	if (!yyjson_mut_is_arr(of) && !yyjson_mut_is_str(of))
		leave_to_jq();
	from = bound_of(node->b, in, size, 0);
	to = bound_of(node->c, in, size, size);
	to = to < from ? from : to;
	if (yyjson_mut_is_str(of)) {
		for (size_t i = 0; i < size; i++) {
			if ((unsigned char)yyjson_mut_get_str(of)[i] > 0x7e)
				leave_to_jq();
		}
		values_put(out, yyjson_mut_strncpy(run.doc, yyjson_mut_get_str(of) + from, to - from));
		return;
	}
	put_each(of, &all);
	for (size_t i = from; i < to; i++)
		values_put(&some, all.at[i]);
	values_put(out, array_of(&some));
}

/* Less than, equal, greater: of two strings or two integers. jq knows the rest. */
static int compare(yyjson_mut_val *a, yyjson_mut_val *b)
{
	if (yyjson_mut_is_int(a) && yyjson_mut_is_int(b)) {
		int64_t x = yyjson_mut_get_sint(a), y = yyjson_mut_get_sint(b);

		return (x > y) - (x < y);
	}
	if (yyjson_mut_is_str(a) && yyjson_mut_is_str(b)) {
		size_t m = yyjson_mut_get_len(a), n = yyjson_mut_get_len(b);
		int order = memcmp(yyjson_mut_get_str(a), yyjson_mut_get_str(b), m < n ? m : n);

		return order ? order : (m > n) - (m < n);
	}
	leave_to_jq();
}

static bool equal(yyjson_mut_val *a, yyjson_mut_val *b)
{
	if (yyjson_mut_is_num(a) && yyjson_mut_is_num(b))
		return compare(a, b) == 0;
	if (yyjson_mut_is_ctn(a) && yyjson_mut_is_ctn(b))
		leave_to_jq();
	return yyjson_mut_equals(a, b);
}

static yyjson_mut_val *sum(yyjson_mut_val *a, yyjson_mut_val *b, bool minus)
{
	struct text both = {0};

	if (yyjson_mut_is_int(a) && yyjson_mut_is_int(b)) {
		int64_t x = yyjson_mut_get_sint(a), y = yyjson_mut_get_sint(b);

		if (x > INTEGER_MAX || x < -INTEGER_MAX || y > INTEGER_MAX || y < -INTEGER_MAX)
			leave_to_jq();
		return yyjson_mut_sint(run.doc, minus ? x - y : x + y);
	}
	if (!minus && (yyjson_mut_is_null(a) || yyjson_mut_is_null(b)))
		return yyjson_mut_is_null(a) ? b : a;
	if (!minus && yyjson_mut_is_arr(a) && yyjson_mut_is_arr(b)) {
		struct values all = {0};

		put_each(a, &all);
		put_each(b, &all);
		return array_of(&all);
	}
	if (minus || !yyjson_mut_is_str(a) || !yyjson_mut_is_str(b))
		leave_to_jq();
	print_text(&both, a);
	print_text(&both, b);
	return string_of(&both);
}

static void eval_alternative(const struct node *node, yyjson_mut_val *in, struct values *out)
{
	struct values left = {0};
	bool any = false;

	eval(node->a, in, &left);
	for (size_t i = 0; i < left.count; i++) {
		if (is_true(left.at[i])) {
			values_put(out, left.at[i]);
			any = true;
		}
	}
	if (!any)
		eval(node->b, in, out);
}

/* .NAME = b, of an object */
static void eval_assignment(const struct node *node, yyjson_mut_val *in, struct values *out)
{
	yyjson_mut_val *object = yyjson_mut_val_mut_copy(run.doc, in), *key, *value;

	if (!yyjson_mut_is_obj(in) || node->a->kind != NODE_INDEX || node->a->a->kind != NODE_INPUT)
		leave_to_jq();
	key = yyjson_mut_val_mut_copy(run.doc, eval_one(node->a->b, in));
	value = yyjson_mut_val_mut_copy(run.doc, eval_one(node->b, in));
	if (!yyjson_mut_is_str(key) || !yyjson_mut_obj_put(object, key, value))
		leave_to_jq();
	values_put(out, object);
}

static void eval_binary(const struct node *node, yyjson_mut_val *in, struct values *out)
{
	const char *name = node->name;
	yyjson_mut_val *a, *b;
	bool truth;

	if (strcmp(name, "//") == 0) {
		eval_alternative(node, in, out);
		return;
	}
	if (strcmp(name, "=") == 0) {
		eval_assignment(node, in, out);
		return;
	}
	a = eval_one(node->a, in);
	if ((strcmp(name, "and") == 0 && !is_true(a)) || (strcmp(name, "or") == 0 && is_true(a))) {
		values_put(out, yyjson_mut_bool(run.doc, *name == 'o'));
		return;
	}
	b = eval_one(node->b, in);
	switch (*name) {
	case '+':
	case '-': values_put(out, sum(a, b, *name == '-')); return;
	case 'a':
	case 'o': truth = is_true(b); break;
	case '=': truth = equal(a, b); break;
	case '!': truth = !equal(a, b); break;
	case '<': truth = name[1] ? compare(a, b) <= 0 : compare(a, b) < 0; break;
	default: truth = name[1] ? compare(a, b) >= 0 : compare(a, b) > 0; break;
	}
	values_put(out, yyjson_mut_bool(run.doc, truth));
}

/* ---- functions ---- */

static int compare_places(const void *a, const void *b)
{
	return compare(*(yyjson_mut_val *const *)a, *(yyjson_mut_val *const *)b);
}

static void sort_values(struct values *values)
{
	for (size_t i = 1; i < values->count; i++)
		compare(values->at[0], values->at[i]); /* of one kind */
	if (values->count == 1)
		compare(values->at[0], values->at[0]);
	if (values->count > 1)
		qsort(values->at, values->count, sizeof *values->at, compare_places);
}

static void put_length(yyjson_mut_val *in, struct values *out)
{
	size_t count = 0;

	if (yyjson_mut_is_str(in)) {
		for (size_t i = 0; i < yyjson_mut_get_len(in); i++)
			count += (yyjson_mut_get_str(in)[i] & 0xc0) != 0x80; /* not of UTF-8, but its first */
	} else if (yyjson_mut_is_ctn(in)) {
		count = unsafe_yyjson_get_len(in);
	} else if (!yyjson_mut_is_null(in)) {
		leave_to_jq();
	}
	values_put(out, yyjson_mut_sint(run.doc, (int64_t)count));
}

static void put_keys(yyjson_mut_val *in, bool sorted, struct values *out)
{
	struct values keys = {0};
	yyjson_mut_obj_iter members;
	yyjson_mut_val *key;

	if (!yyjson_mut_is_obj(in))
		leave_to_jq();
	yyjson_mut_obj_iter_init(in, &members);
	while ((key = yyjson_mut_obj_iter_next(&members)))
		values_put(&keys, key);
	if (sorted)
		sort_values(&keys);
	values_put(out, array_of(&keys));
}

static const char *type_of(yyjson_mut_val *value)
{
	return yyjson_mut_is_str(value)    ? "string"
	       : yyjson_mut_is_arr(value)  ? "array"
	       : yyjson_mut_is_obj(value)  ? "object"
	       : yyjson_mut_is_num(value)  ? "number"
	       : yyjson_mut_is_null(value) ? "null"
	                                   : "boolean";
}

/* sort, unique, max, min, add: of an array */
static void call_on_elements(const char *name, yyjson_mut_val *in, struct values *out)
{
	struct values values = {0}, unlike = {0};
	yyjson_mut_val *result;

	if (!yyjson_mut_is_arr(in))
		leave_to_jq();
	put_each(in, &values);
	result = values.count > 0 ? values.at[0] : yyjson_mut_null(run.doc);
	if (strcmp(name, "add") == 0) {
		for (size_t i = 1; i < values.count; i++)
			result = sum(result, values.at[i], false);
	} else {
		sort_values(&values);
		if (values.count > 0)
			result = values.at[*name == 'm' && name[1] == 'a' ? values.count - 1 : 0];
	}
	for (size_t i = 0; *name == 'u' && i < values.count; i++) {
		if (i == 0 || compare(values.at[i - 1], values.at[i]) != 0)
			values_put(&unlike, values.at[i]);
	}
	if (*name == 's' || *name == 'u')
		result = array_of(*name == 's' ? &values : &unlike);
	values_put(out, result);
}

/* any and all, of what `of` makes of a value (NULL: its elements), by `condition` (NULL: itself) */
static void put_judgement(bool all, const struct node *of, const struct node *condition,
                          yyjson_mut_val *in, struct values *out)
{
	struct values values = {0};
	bool result = all;

	if (of)
		eval(of, in, &values);
	else
		put_each(in, &values);
	for (size_t i = 0; i < values.count; i++) {
		struct values truths = {0};

		if (condition)
			eval(condition, values.at[i], &truths);
		else
			values_put(&truths, values.at[i]);
		for (size_t j = 0; j < truths.count; j++) {
			if (is_true(truths.at[j]) != all)
				result = !all;
		}
	}
	values_put(out, yyjson_mut_bool(run.doc, result));
}

/* A text of ASCII in small letters; a text of digits as a number. */
static yyjson_mut_val *converted(const char *name, yyjson_mut_val *in)
{
	const char *from = yyjson_mut_get_str(in);
	size_t len = yyjson_mut_get_len(in);
	struct text text = {0};

	if (!from)
		leave_to_jq();
	if (strcmp(name, "tonumber") == 0) {
		if (len == 0 || len > 15 || strspn(from, "0123456789") != len || (len > 1 && *from == '0'))
			leave_to_jq();
		return yyjson_mut_sint(run.doc, strtoll(from, NULL, 10));
	}
	for (size_t i = 0; i < len; i++) {
		char small = (char)(from[i] >= 'A' && from[i] <= 'Z' ? from[i] + 'a' - 'A' : from[i]);

		text_put(&text, &small, 1);
	}
	return string_of(&text);
}

static void call_plain(const char *name, yyjson_mut_val *in, struct values *out)
{
	struct text text = {0};

	if (strcmp(name, "length") == 0) {
		put_length(in, out);
	} else if (strcmp(name, "keys") == 0 || strcmp(name, "keys_unsorted") == 0) {
		put_keys(in, !name[4], out);
	} else if (strcmp(name, "not") == 0) {
		values_put(out, yyjson_mut_bool(run.doc, !is_true(in)));
	} else if (strcmp(name, "type") == 0) {
		values_put(out, yyjson_mut_str(run.doc, type_of(in)));
	} else if (strcmp(name, "tostring") == 0 || strcmp(name, "tojson") == 0) {
		if (name[2] == 's')
			print_text(&text, in);
		else
			print_value(&text, in, -1);
		values_put(out, string_of(&text));
	} else if (strcmp(name, "sort") == 0 || strcmp(name, "unique") == 0 ||
	           strcmp(name, "max") == 0 || strcmp(name, "min") == 0 || strcmp(name, "add") == 0) {
		call_on_elements(name, in, out);
	} else if (strcmp(name, "any") == 0 || strcmp(name, "all") == 0) {
		put_judgement(name[1] == 'l', NULL, NULL, in, out);
	} else if (strcmp(name, "ascii_downcase") == 0 || strcmp(name, "tonumber") == 0) {
		values_put(out, converted(name, in));
	} else if (strcmp(name, "empty") != 0) {
		leave_to_jq();
	}
}

static yyjson_mut_val *join(yyjson_mut_val *in, yyjson_mut_val *between)
{
	struct values values = {0};
	struct text text = {0};

	if (!yyjson_mut_is_arr(in) || !yyjson_mut_is_str(between))
		leave_to_jq();
	put_each(in, &values);
	for (size_t i = 0; i < values.count; i++) {
		if (i > 0)
			print_text(&text, between);
		if (yyjson_mut_is_ctn(values.at[i]))
			leave_to_jq();
		if (!yyjson_mut_is_null(values.at[i]))
			print_text(&text, values.at[i]);
	}
	return string_of(&text);
}

/* startswith, endswith and contains: of two strings */
static bool finds(const char *name, yyjson_mut_val *in, yyjson_mut_val *what)
{
	size_t len = yyjson_mut_get_len(in), part = yyjson_mut_get_len(what);
	const char *text = yyjson_mut_get_str(in), *piece = yyjson_mut_get_str(what);

	if (!text || !piece || part == 0)
		leave_to_jq();
	if (*name == 'c')
		return memmem(text, len, piece, part) != NULL;
	return part <= len && memcmp(*name == 's' ? text : text + len - part, piece, part) == 0;
}

/* gsub of what is no character to print: of a text that has letters, digits and signs of ASCII alone */
static yyjson_mut_val *without_controls(const struct node *node, yyjson_mut_val *in)
{
	yyjson_mut_val *pattern = node->a->value;

	if (node->a->kind != NODE_VALUE || !yyjson_mut_is_str(in) || !yyjson_mut_is_str(pattern) ||
	    strcmp(yyjson_mut_get_str(pattern), "[\\p{C}\\p{Zl}\\p{Zp}]") != 0)
		leave_to_jq();
	for (size_t i = 0; i < yyjson_mut_get_len(in); i++) {
		if (yyjson_mut_get_str(in)[i] < ' ' || yyjson_mut_get_str(in)[i] > '~')
			leave_to_jq();
	}
	return in;
}

/* del: of paths .a.b with commas between them */
static void delete_path(const struct node *path, yyjson_mut_val *in)
{
	yyjson_mut_val *of = in;

	if (path->kind == NODE_COMMA) {
		delete_path(path->a, in);
		delete_path(path->b, in);
		return;
	}
	for (const struct node *node = path; node->kind != NODE_INPUT; node = node->a) {
		if (node->kind != NODE_INDEX || node->b->kind != NODE_VALUE ||
		    !yyjson_mut_is_str(node->b->value))
			leave_to_jq();
	}
	if (path->kind != NODE_INPUT)
		of = eval_one(path->a, in);
	if (path->kind == NODE_INPUT || !yyjson_mut_is_obj(of))
		leave_to_jq();
	yyjson_mut_obj_remove(of, path->b->value);
}

static void eval_call(const struct node *node, yyjson_mut_val *in, struct values *out)
{
	const char *name = node->name;
	struct values values = {0};
	yyjson_mut_val *value;

	if (!node->a) {
		call_plain(name, in, out);
		return;
	}
	if (strcmp(name, "any") == 0 || strcmp(name, "all") == 0) {
		put_judgement(name[1] == 'l', node->b ? node->a : NULL, node->b ? node->b : node->a, in,
		              out);
		return;
	}
	if (node->b) {
		if (strcmp(name, "gsub") != 0)
			leave_to_jq();
		values_put(out, without_controls(node, in));
		return;
	}
	if (strcmp(name, "del") == 0) {
		value = yyjson_mut_val_mut_copy(run.doc, in);
		delete_path(node->a, value);
		values_put(out, value);
		return;
	}
	if (strcmp(name, "map") == 0) {
		struct values mapped = {0};

		if (!yyjson_mut_is_arr(in))
			leave_to_jq();
		put_each(in, &values);
		for (size_t i = 0; i < values.count; i++) {
			eval(node->a, values.at[i], &mapped);
		}
		values_put(out, array_of(&mapped));
		return;
	}
	if (strcmp(name, "select") == 0) {
		eval(node->a, in, &values);
		for (size_t i = 0; i < values.count; i++) {
			if (is_true(values.at[i]))
				values_put(out, in);
		}
		return;
	}
	value = eval_one(node->a, in);
	if (strcmp(name, "join") == 0) {
		values_put(out, join(in, value));
	} else if (strcmp(name, "has") == 0 && yyjson_mut_is_obj(in) && yyjson_mut_is_str(value)) {
		bool has = yyjson_mut_obj_getn(in, yyjson_mut_get_str(value), yyjson_mut_get_len(value));

		values_put(out, yyjson_mut_bool(run.doc, has));
	} else if (strcmp(name, "startswith") == 0 || strcmp(name, "endswith") == 0 ||
	           strcmp(name, "contains") == 0) {
		values_put(out, yyjson_mut_bool(run.doc, finds(name, in, value)));
	} else {
		leave_to_jq();
	}
}

static void eval_text(const struct node *node, yyjson_mut_val *in, struct values *out)
{
	struct text text = {0};

	for (const struct node *part = node->list; part; part = part->next) {
		yyjson_mut_val *value = eval_one(part, in);

		print_text(&text, value);
	}
	values_put(out, string_of(&text));
}

static void eval_object(const struct node *node, yyjson_mut_val *in, struct values *out)
{
	yyjson_mut_val *object = yyjson_mut_obj(run.doc);

	for (const struct node *key = node->list; key; key = key->next->next) {
		yyjson_mut_val *value = eval_one(key->next, in);

		if (yyjson_mut_obj_getn(object, yyjson_mut_get_str(key->value),
		                        yyjson_mut_get_len(key->value)) ||
		    !yyjson_mut_obj_add(object, yyjson_mut_val_mut_copy(run.doc, key->value),
		                        yyjson_mut_val_mut_copy(run.doc, value)))
			leave_to_jq();
	}
	values_put(out, object);
}

void eval(const struct node *node, yyjson_mut_val *in, struct values *out)
{
	struct values values = {0};

	switch (node->kind) {
	case NODE_INPUT: values_put(out, in); return;
	case NODE_VALUE: values_put(out, node->value); return;
	case NODE_VARIABLE: values_put(out, run.variables[node->variable].value); return;
	case NODE_TEXT: eval_text(node, in, out); return;
	case NODE_BINARY: eval_binary(node, in, out); return;
	case NODE_OBJECT: eval_object(node, in, out); return;
	case NODE_CALL: eval_call(node, in, out); return;
	case NODE_COMMA:
		eval(node->a, in, out);
		eval(node->b, in, out);
		return;
	case NODE_IF: eval(is_true(eval_one(node->a, in)) ? node->b : node->c, in, out); return;
	case NODE_ARRAY:
		if (node->a)
			eval(node->a, in, &values);
		values_put(out, array_of(&values));
		return;
	case NODE_PIPE:
	case NODE_INDEX:
	case NODE_SLICE:
	case NODE_AS:
	case NODE_EACH: break;
	}
	eval(node->a, in, &values);
	for (size_t i = 0; i < values.count; i++) {
		if (node->kind == NODE_PIPE)
			eval(node->b, values.at[i], out);
		else if (node->kind == NODE_EACH)
			put_each(values.at[i], out);
		else if (node->kind == NODE_SLICE)
			put_slice(node, in, values.at[i], out);
		else if (node->kind == NODE_AS) {
			run.variables[node->variable].value = values.at[i];
			eval(node->b, in, out);
		} else
			put_index(values.at[i], eval_one(node->b, in), out);
	}
}

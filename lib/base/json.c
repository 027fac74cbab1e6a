/* SPDX-License-Identifier: ISC */
/*
 * json: the checks yyjson leaves to its caller (duplicate members, nesting) are
 * made in one walk over the parsed document.
 */
#include "base/json.h"

#include "base/ceiling.h"
#include "base/inert.h"
#include "base/set.h"

#include <limits.h>
#include <stdlib.h>

enum {
	LONGEST_NAME = 31, /* of those looked for at once */
	DIGITS_MAX = 18,   /* of a number that fits 64 bits for sure */
	FEW_MEMBERS = 24,  /* below it comparing all pairs beats hashing */
};

static int check_value(yyjson_val *value, int depth, struct fault *fault);

static int fault_duplicate(struct span name, struct fault *fault)
{
	return fault_set(fault, FAULT_DATA, "member \"%s\" stands twice in one object", INERT(name));
}

/* One of 64 bits for a name: names with different bits differ. */
static uint64_t name_bit(struct span name)
{
	/* yyjson ends its strings with a NUL, so that an empty one has a first byte, too */
	size_t first = (unsigned char)name.data[0], middle = (unsigned char)name.data[name.len / 2];

	return (uint64_t)1 << ((name.len * 7 + first * 3 + middle) & 63);
}

/* Is there a member of the same name before `key`? */
static bool stands_before(yyjson_val *object, yyjson_val *key)
{
	size_t i, max;
	yyjson_val *other, *value;

	yyjson_obj_foreach(object, i, max, other, value) {
		if (other == key)
			break;
		if (span_is(json_key(other), json_key(key)))
			return true;
	}
	return false;
}

/* An object with few members: their names and, in the same pass, what they hold. */
static int check_few(yyjson_val *object, int depth, struct fault *fault)
{
	uint64_t seen = 0;
	size_t i, max;
	yyjson_val *key, *value;

	yyjson_obj_foreach(object, i, max, key, value) {
		uint64_t bit = name_bit(json_key(key));

		if ((seen & bit) && stands_before(object, key))
			return fault_duplicate(json_key(key), fault);
		seen |= bit;
		if (unsafe_yyjson_is_ctn(value) && check_value(value, depth, fault) < 0)
			return -1;
	}
	return 0;
}

static int check_many(yyjson_val *object, int depth, struct fault *fault)
{
	struct set seen = {0};
	size_t i, max;
	yyjson_val *key, *value;
	int result = 0;

	yyjson_obj_foreach(object, i, max, key, value) {
		bool fresh;

		if (!set_take(&seen, json_key(key), &fresh))
			result = fault_memory(fault);
		else if (!fresh)
			result = fault_duplicate(json_key(key), fault);
		else if (unsafe_yyjson_is_ctn(value))
			result = check_value(value, depth, fault);
		if (result < 0)
			break;
	}
	set_release(&seen);
	return result;
}

static int check_value(yyjson_val *value, int depth, struct fault *fault)
{
	size_t i, max;
	yyjson_val *item;

	if (depth >= JSON_DEPTH_MAX)
		return fault_set(fault, FAULT_DATA, "nested deeper than %d", JSON_DEPTH_MAX);
	if (yyjson_is_obj(value))
		return (unsafe_yyjson_get_len(value) <= FEW_MEMBERS ? check_few
		                                                    : check_many)(value, depth + 1, fault);
	yyjson_arr_foreach(value, i, max, item)
		if (unsafe_yyjson_is_ctn(item) && check_value(item, depth + 1, fault) < 0)
			return -1;
	return 0;
}

static yyjson_doc *parse_text(struct span text, const yyjson_alc *allocator, bool *cut,
                              struct fault *fault)
{
	yyjson_read_err error;
	/* yyjson takes a char * because of its in-place mode, which is not used */
	yyjson_doc *doc = yyjson_read_opts((char *)(uintptr_t)text.data, text.len,
	                                   YYJSON_READ_NUMBER_AS_RAW, allocator, &error);

	if (cut)
		*cut = !doc && error.code == YYJSON_READ_ERROR_UNEXPECTED_END;
	if (!doc) {
		if (error.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION)
			fault_memory(fault);
		else
			fault_set(fault, FAULT_DATA, "not valid JSON at byte %zu: %s", error.pos + 1,
			          error.msg);
		return NULL;
	}
	if (check_value(yyjson_doc_get_root(doc), 0, fault) < 0) {
		yyjson_doc_free(doc);
		return NULL;
	}
	return doc;
}

yyjson_doc *json_parse(struct span text, bool *cut, struct fault *fault)
{
	return parse_text(text, NULL, cut, fault);
}

yyjson_val *json_read(struct json_reader *reader, struct span text, struct fault *fault)
{
	yyjson_doc_free(reader->doc);
	reader->doc = NULL;
	if (!reader->memory && !(reader->memory = yyjson_alc_dyn_new())) {
		fault_memory(fault);
		return NULL;
	}
	reader->doc = parse_text(text, reader->memory, NULL, fault);
	return yyjson_doc_get_root(reader->doc);
}

void json_reader_release(struct json_reader *reader)
{
	yyjson_doc_free(reader->doc);
	yyjson_alc_dyn_free(reader->memory);
	*reader = (struct json_reader){0};
}

enum likeness { DIFFERENT, IN_OTHER_CASE, EXACT };

/* Of two names of the same length, at least one byte: memcmp is a call, and more than the
   few words of a name need. */
static inline bool is_same_name(struct span a, struct span b)
{
	uint64_t words[2];

	if (a.len < sizeof *words)
		return span_word(a) == span_word(b);
	for (size_t i = 0; i < a.len; i += sizeof *words) {
		size_t at = i < a.len - sizeof *words ? i : a.len - sizeof *words;

		memcpy(&words[0], a.data + at, sizeof *words);
		memcpy(&words[1], b.data + at, sizeof *words);
		if (words[0] != words[1])
			return false;
	}
	return true;
}

/* Most names differ in their length or in their first letter. */
static inline enum likeness compare_name(yyjson_val *key, struct span name)
{
	const struct span text = json_key(key);

	if (text.len != name.len || ((text.data[0] ^ name.data[0]) & ~0x20))
		return DIFFERENT;
	if (!name.len || is_same_name(text, name))
		return EXACT;
	return span_is_nocase(text, name) ? IN_OTHER_CASE : DIFFERENT;
}

yyjson_val *json_find(yyjson_val *object, struct span name)
{
	yyjson_val *found = NULL, *key, *value;
	size_t i, max;

	if (!yyjson_is_obj(object))
		return NULL;
	yyjson_obj_foreach(object, i, max, key, value) {
		enum likeness likeness = compare_name(key, name);

		if (likeness == EXACT)
			return value;
		if (likeness == IN_OTHER_CASE && !found)
			found = value;
	}
	return found;
}

uint64_t json_find_all(yyjson_val *object, const struct span *names, size_t count,
                       yyjson_val **values)
{
	unsigned char first[LONGEST_NAME + 1]; /* of the names of each length */
	yyjson_val *key, *value;
	uint64_t found = 0;
	size_t i, max;

	memset(values, 0, count * sizeof(*values));
	if (!yyjson_is_obj(object))
		return 0;
	memset(first, UCHAR_MAX, sizeof first);
	for (size_t n = count; n-- > 0;)
		first[names[n].len] = (unsigned char)n;
	yyjson_obj_foreach(object, i, max, key, value) {
		size_t len = unsafe_yyjson_get_len(key);

		if (len > LONGEST_NAME)
			continue;
		for (size_t n = first[len]; n < count && names[n].len == len; n++) {
			enum likeness likeness = compare_name(key, names[n]);

			if (likeness == DIFFERENT)
				continue;
			if (likeness == EXACT || !values[n])
				values[n] = value;
			found |= (uint64_t)(i < 64) << (i & 63);
		}
	}
	return found;
}

int json_count(yyjson_val *value, uint64_t *number)
{
	struct span text;
	uint64_t sum = 0;

	if (!value || yyjson_is_null(value))
		return 0;
	if (!json_text(value, &text) || text.len == 0 || text.len > DIGITS_MAX)
		return -1;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return -1;
		sum = sum * 10 + (uint64_t)(text.data[i] - '0');
	}
	*number = sum;
	return 1;
}

/* The digits from `*at` on, appended to `digits` as far as there is room. False where there is
   none, or no room. */
static bool take_digits(struct span text, size_t *at, char *digits, size_t *len)
{
	size_t start = *at;

	for (; *at < text.len && text.data[*at] >= '0' && text.data[*at] <= '9'; ++*at) {
		if (*len == DIGITS_MAX)
			return false;
		digits[(*len)++] = text.data[*at];
	}
	return *at > start;
}

int json_whole(yyjson_val *value, uint64_t *number)
{
	char digits[DIGITS_MAX], exponent[DIGITS_MAX];
	size_t len = 0, exponent_len = 0, at = 0, point;
	bool negative = false;
	struct span text;
	uint64_t sum = 0, shift = 0;

	if (!value || yyjson_is_null(value))
		return 0;
	if (!json_text(value, &text) || !take_digits(text, &at, digits, &len))
		return -1;
	point = len;
	if (at < text.len && text.data[at] == '.' && (at++, !take_digits(text, &at, digits, &len)))
		return -1;
	if (at < text.len && (text.data[at] == 'e' || text.data[at] == 'E')) {
		negative = ++at < text.len && text.data[at] == '-';
		at += at < text.len && (negative || text.data[at] == '+');
		if (!take_digits(text, &at, exponent, &exponent_len))
			return -1;
	}
	for (size_t i = 0; i < exponent_len && shift <= DIGITS_MAX; i++)
		shift = shift * 10 + (uint64_t)(exponent[i] - '0');
	if (at < text.len || shift > DIGITS_MAX || (negative && shift > point))
		return -1;
	point = negative ? point - (size_t)shift : point + (size_t)shift;
	if (point > DIGITS_MAX)
		return -1;
	for (size_t i = 0; i < len || i < point; i++) {
		char digit = i < len ? digits[i] : '0';

		if (i < point)
			sum = sum * 10 + (uint64_t)(digit - '0');
		else if (digit != '0')
			return -1; /* a fraction */
	}
	*number = sum;
	return 1;
}

bool json_holds(yyjson_val *value, struct span text)
{
	size_t i, max;
	yyjson_val *key, *item;

	if (yyjson_is_str(value))
		return memmem(yyjson_get_str(value), yyjson_get_len(value), text.data, text.len) != NULL;
	yyjson_arr_foreach(value, i, max, item)
		if (json_holds(item, text))
			return true;
	if (!yyjson_is_obj(value))
		return false;
	yyjson_obj_foreach(value, i, max, key, item)
		if (json_holds(key, text) || json_holds(item, text))
			return true;
	return false;
}

uint64_t json_hash(yyjson_val *value, uint64_t seed)
{
	uint64_t sum = (uint64_t)yyjson_get_type(value) * 0x9e3779b97f4a7c15U;
	struct span text;
	size_t i, max;
	yyjson_val *key, *item;

	if (json_text(value, &text))
		return sum + hash_bytes(text, seed);
	if (yyjson_is_bool(value))
		return sum + (yyjson_get_bool(value) ? seed : ~seed);
	yyjson_arr_foreach(value, i, max, item)
		sum += json_hash(item, seed) * 0xd6e8feb86659fd93U;
	if (!yyjson_is_obj(value))
		return sum;
	yyjson_obj_foreach(value, i, max, key, item)
		sum += hash_bytes(json_key(key), seed ^ json_hash(item, seed));
	return sum;
}

const char *json_type(yyjson_val *value)
{
	switch (yyjson_get_type(value)) {
	case YYJSON_TYPE_NONE: return "nothing";
	case YYJSON_TYPE_RAW:
	case YYJSON_TYPE_NUM: return "a number";
	case YYJSON_TYPE_NULL: return "null";
	case YYJSON_TYPE_BOOL: return "a boolean";
	case YYJSON_TYPE_STR: return "a string";
	case YYJSON_TYPE_ARR: return "an array";
	default: return "an object";
	}
}

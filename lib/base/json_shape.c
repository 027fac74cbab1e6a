/* SPDX-License-Identifier: ISC */
/*
 * json_shape: a shape is a text cut into parts: bytes that stay, and a value after them.
 *
 * Two shapes have their first parts in common. Where a text leaves one shape, only those can
 * fit that have just the parts before in common with it, and they are followed from there on:
 * no byte of a text is looked at for each of many shapes.
 */
#include "base/json_shape.h"

#include "base/buf.h"
#include "base/json_put.h"
#include "base/utf8.h"

#include <stdlib.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
	SHAPES_MAX = 32,     /* that are kept: a bit each */
	SHAPE_BYTES = 16384, /* longer texts are parsed */
	SHAPE_PARTS = 256,   /* and so are those with more values */
	SCORE_MAX = 64,
	MISS_COSTS = 2, /* in hits */
	PAUSE = 512,    /* texts, where shapes are not worth it */
};

enum part_kind { PART_END, PART_STRING, PART_NUMBER, PART_TRUTH };

struct json_part {
	size_t from, len; /* the bytes before the value, a string's quote with them */
	enum part_kind kind;
	size_t value; /* its place in the tree */
};

struct json_shape {
	yyjson_doc *doc;
	struct buf text;
	struct json_part parts[SHAPE_PARTS];
	size_t count;
	size_t common[SHAPES_MAX]; /* the parts that it has in common with each other shape */
	uint64_t used;
	void *memo; /* the caller's, of this tree; or NULL */
};

/* ---- the values of a text ---- */

/* The next two look for the first byte, from `at` on, that is not plain in a string, as far as
   whole blocks go: it is at the place they return, or after it. *high: is there any that is not
   ASCII, up to the end of the block? */

#ifdef __SSE2__

static inline size_t skip_plain_blocks(struct span text, size_t at, bool *high)
{
	const __m128i control = _mm_set1_epi8(0x1f), quote = _mm_set1_epi8('"'),
				  backslash = _mm_set1_epi8('\\');
	int special = 0, tops = 0;

	for (; text.len - at >= sizeof control; at += sizeof control) {
		__m128i block = _mm_loadu_si128((const __m128i *)(const void *)(text.data + at));
		__m128i ends = _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash));

		ends = _mm_or_si128(ends, _mm_cmpeq_epi8(_mm_min_epu8(block, control), block));
		tops |= _mm_movemask_epi8(block);
		special = _mm_movemask_epi8(ends);
		if (special) {
			at += (size_t)__builtin_ctz((unsigned)special);
			break;
		}
	}
	*high = tops != 0;
	return at;
}

#else

static inline size_t skip_plain_blocks(struct span text, size_t at, bool *high)
{
	const uint64_t each = 0x0101010101010101U;
	uint64_t word, tops = 0;

	for (; text.len - at >= sizeof word; at += sizeof word) {
		memcpy(&word, text.data + at, sizeof word);
		tops |= word & each * 0x80;
		if (((word - each * 0x20) | ((word ^ each * '"') - each) | ((word ^ each * '\\') - each)) &
		    ~word & each * 0x80)
			break;
	}
	*high = tops != 0;
	return at;
}

#endif

/* Is there a string without escapes from `at` up to a quote? Sets its length. */
static inline bool take_plain_string(struct span text, size_t from, size_t *len)
{
	bool high;
	size_t at = skip_plain_blocks(text, from, &high);

	for (; at < text.len && (unsigned char)text.data[at] >= 0x20 && text.data[at] != '"' &&
	       text.data[at] != '\\';
	     at++)
		high |= (unsigned char)text.data[at] >= 0x80;
	*len = at - from;
	return at < text.len && text.data[at] == '"' &&
	       (!high || utf8_is((struct span){text.data + from, at - from}));
}

static size_t digits_end(struct span text, size_t at)
{
	while (at < text.len && text.data[at] >= '0' && text.data[at] <= '9')
		at++;
	return at;
}

/* A number (RFC 8259 section 6). Its length, or 0. */
static size_t number_length(struct span text, size_t from)
{
	size_t at = from + (from < text.len && text.data[from] == '-'), digits = at;

	at = digits_end(text, at);
	if (at == digits || (text.data[digits] == '0' && at > digits + 1))
		return 0;
	if (at < text.len && text.data[at] == '.') {
		digits = at + 1;
		at = digits_end(text, digits);
		if (at == digits)
			return 0;
	}
	if (at < text.len && (text.data[at] == 'e' || text.data[at] == 'E')) {
		digits = at + 1;
		digits += digits < text.len && (text.data[digits] == '+' || text.data[digits] == '-');
		at = digits_end(text, digits);
		if (at == digits)
			return 0;
	}
	return at - from;
}

static size_t truth_length(struct span text, size_t at)
{
	struct span rest = {text.data + at, text.len - at};

	return span_begins(rest, span_of("true"))    ? strlen("true")
	       : span_begins(rest, span_of("false")) ? strlen("false")
	                                             : 0;
}

/* Are the first `len` bytes the same? For the few words between two values. */
static inline bool is_same_part(const char *a, const char *b, size_t len)
{
	uint64_t words[2];

	if (len < sizeof *words)
		return memcmp(a, b, len) == 0;
	for (size_t i = 0; i < len; i += sizeof *words) {
		size_t at = i < len - sizeof *words ? i : len - sizeof *words;

		memcpy(&words[0], a + at, sizeof *words);
		memcpy(&words[1], b + at, sizeof *words);
		if (words[0] != words[1])
			return false;
	}
	return true;
}

/* Follows a shape from the part `*part` on, which begins at `*at`, as far as the text has it,
   and notes the values. False where no other shape can be followed further. */
static bool shape_follow(const struct json_shape *shape, struct span text, size_t *part, size_t *at,
                         struct span *found)
{
	for (; *part < shape->count; ++*part) {
		const struct json_part *as = &shape->parts[*part];
		size_t from = *at + as->len, len = 0;

		if (text.len - *at < as->len ||
		    !is_same_part(text.data + *at, shape->text.data + as->from, as->len))
			return true;
		if (as->kind == PART_STRING) {
			if (!take_plain_string(text, from, &len))
				return false;
		} else if (as->kind == PART_END) {
			if (from != text.len)
				return true;
		} else {
			len = as->kind == PART_NUMBER ? number_length(text, from) : truth_length(text, from);
			if (!len)
				return true;
		}
		found[*part] = (struct span){text.data + from, len};
		*at = from + len;
	}
	return true;
}

/* The tree of the shape says what was found. */
static void shape_fill(const struct json_shape *shape, const struct span *found)
{
	yyjson_val *root = yyjson_doc_get_root(shape->doc);

	for (size_t i = 0; i + 1 < shape->count; i++) {
		yyjson_val *value = root + shape->parts[i].value;
		uint64_t type = shape->parts[i].kind == PART_STRING ? YYJSON_TYPE_STR | YYJSON_SUBTYPE_NOESC
		                                                    : YYJSON_TYPE_RAW;

		if (shape->parts[i].kind == PART_TRUTH) {
			value->tag = YYJSON_TYPE_BOOL |
			             (*found[i].data == 't' ? YYJSON_SUBTYPE_TRUE : YYJSON_SUBTYPE_FALSE);
			continue;
		}
		value->tag = (uint64_t)found[i].len << YYJSON_TAG_BIT | type;
		value->uni.str = found[i].data;
	}
}

/* The root of a tree that says what the text says, or NULL where it has no shape. */
static yyjson_val *shapes_find(struct json_shapes *shapes, struct span text)
{
	size_t part = 0, at = 0, now = shapes->last;
	uint32_t tried = 0;

	while (now < shapes->count) {
		struct json_shape *shape = &shapes->list[now];
		size_t other = 0;

		if (!shape_follow(shape, text, &part, &at, shapes->found))
			return NULL;
		if (part == shape->count) {
			shape_fill(shape, shapes->found);
			shape->used = ++shapes->time;
			shapes->last = now;
			shapes->at_hand = shape;
			return yyjson_doc_get_root(shape->doc);
		}
		tried |= (uint32_t)1 << now;
		while (other < shapes->count && (tried >> other & 1 || shape->common[other] != part))
			other++;
		now = other;
	}
	return NULL;
}

/* ---- a new shape ---- */

static bool shape_add_part(struct json_shape *shape, size_t from, size_t len, enum part_kind kind,
                           size_t value)
{
	if (shape->count == SHAPE_PARTS)
		return false;
	shape->parts[shape->count++] = (struct json_part){from, len, kind, value};
	return true;
}

/* The end of the number, or of the word, that begins at `at` in a valid text. */
static size_t word_end(struct span text, size_t at)
{
	while (at < text.len && !strchr(",]} \t\r\n", text.data[at]))
		at++;
	return at;
}

/* Cuts the text, which is valid, into parts. Each string, word, number, `{` and `[` of it is a
   value of the tree, in the same order. */
static bool shape_cut(struct json_shape *shape, struct span text, size_t values)
{
	size_t from = 0, value = 0, end;

	shape->count = 0;
	for (size_t at = 0; at < text.len; at = end) {
		enum part_kind kind = PART_END;
		size_t next;

		end = at + 1;
		if (strchr(",:]} \t\r\n", text.data[at]))
			continue;
		if (text.data[at] == '"') {
			end = json_string_end(text, at);
			for (next = end; next < text.len && strchr(" \t\r\n", text.data[next]);)
				next++;
			if (next == text.len || text.data[next] != ':')
				kind = PART_STRING;
		} else if (text.data[at] != '{' && text.data[at] != '[') {
			end = word_end(text, at);
			if (text.data[at] != 'n')
				kind = text.data[at] == 't' || text.data[at] == 'f' ? PART_TRUTH : PART_NUMBER;
		}
		if (kind != PART_END) {
			size_t quote = kind == PART_STRING;

			if (!shape_add_part(shape, from, at + quote - from, kind, value))
				return false;
			from = end - quote;
		}
		value++;
	}
	return shape_add_part(shape, from, text.len - from, PART_END, 0) && value == values;
}

static size_t count_common(const struct json_shape *a, const struct json_shape *b)
{
	size_t i = 0;

	while (i < a->count && i < b->count && a->parts[i].kind == b->parts[i].kind &&
	       span_is((struct span){a->text.data + a->parts[i].from, a->parts[i].len},
	               (struct span){b->text.data + b->parts[i].from, b->parts[i].len}))
		i++;
	return i;
}

/* A place for a new shape: that of the one that was not used for longest. NULL where there is
   no memory: then there are no shapes. */
static struct json_shape *shapes_take_place(struct json_shapes *shapes)
{
	struct json_shape *oldest;

	if (!shapes->list)
		shapes->list = calloc(SHAPES_MAX, sizeof *shapes->list);
	if (!shapes->found)
		shapes->found = calloc(SHAPE_PARTS, sizeof *shapes->found);
	if (!shapes->list || !shapes->found)
		return NULL;
	oldest = shapes->list;
	if (shapes->count < SHAPES_MAX)
		return &shapes->list[shapes->count++];
	for (size_t i = 1; i < shapes->count; i++)
		if (shapes->list[i].used < oldest->used)
			oldest = &shapes->list[i];
	return oldest;
}

/* The text that was just parsed is a shape from now on; its tree becomes the shape's. */
static void shapes_learn(struct json_shapes *shapes, struct span text)
{
	yyjson_doc *doc = shapes->json.doc;
	struct json_shape *shape;

	if (text.len > SHAPE_BYTES || !yyjson_is_obj(yyjson_doc_get_root(doc)))
		return;
	shape = shapes_take_place(shapes);
	if (!shape)
		return;
	yyjson_doc_free(shape->doc);
	shape->doc = NULL;
	free(shape->memo);
	shape->memo = NULL;
	shape->used = ++shapes->time;
	buf_clear(&shape->text);
	buf_put_span(&shape->text, text);
	if (shape->text.state != BUF_OK || !shape_cut(shape, text, yyjson_doc_get_val_count(doc)))
		shape->count = 0; /* nothing fits it */
	if (shape->count) {
		shape->doc = doc;
		shapes->json.doc = NULL;
		shapes->last = (size_t)(shape - shapes->list);
		shapes->at_hand = shape;
	}
	for (size_t i = 0; i < shapes->count; i++)
		shapes->list[i].common[shape - shapes->list] = shape->common[i] =
			count_common(shape, &shapes->list[i]);
}

yyjson_val *json_shapes_read(struct json_shapes *shapes, struct span text, struct fault *fault)
{
	yyjson_val *root = NULL;
	bool look = shapes->pause == 0 && text.len <= SHAPE_BYTES;

	shapes->pause -= shapes->pause > 0;
	shapes->at_hand = NULL;
	if (look)
		root = shapes_find(shapes, text);
	if (root) {
		shapes->score += shapes->score < SCORE_MAX;
		return root;
	}
	root = json_read(&shapes->json, text, fault);
	if (look && root) {
		shapes->score -= MISS_COSTS;
		if (shapes->score < -SCORE_MAX) {
			shapes->pause = PAUSE;
			shapes->score = 0;
		}
		shapes_learn(shapes, text);
	}
	return root;
}

void *json_shapes_memo(struct json_shapes *shapes, size_t size, struct fault *fault)
{
	void **place = shapes->at_hand ? &shapes->at_hand->memo : &shapes->spare, *memo = *place;

	if (!memo) {
		memo = calloc(1, size);
		*place = memo;
	} else if (!shapes->at_hand) {
		memset(memo, 0, size);
	}
	if (!memo)
		fault_memory(fault);
	return memo;
}

void json_shapes_release(struct json_shapes *shapes)
{
	for (size_t i = 0; i < shapes->count; i++) {
		yyjson_doc_free(shapes->list[i].doc);
		buf_release(&shapes->list[i].text);
		free(shapes->list[i].memo);
	}
	free(shapes->list);
	free(shapes->found);
	free(shapes->spare);
	json_reader_release(&shapes->json);
	*shapes = (struct json_shapes){0};
}

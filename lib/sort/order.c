/* SPDX-License-Identifier: ISC */
/*
 * order: Bentley and Sedgewick's multikey quicksort (SODA 1997) with cached
 * letters of eight bytes. It calls itself for the smaller parts only, so that
 * its stack grows with the logarithm of the count.
 */
#include "sort/order.h"

#include <sys/random.h>

enum {
	LETTER = sizeof(uint64_t),
	FEW = 12,    /* lines that insertion sorts faster */
	MANY = 1000, /* lines that are worth a better pivot */
};

struct ordering {
	const char *base;
	uint64_t seed;
};

static uint64_t load_word(const char *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	return word;
}

/* The eight bytes behind `depth` as a number that sorts as they do; what lies
   behind the line's end counts as zeros. */
static uint64_t letter_at(struct span line, size_t depth)
{
	uint64_t word = 0;

	if (line.len >= depth + LETTER)
		return load_word(line.data + depth);
	for (size_t i = depth; i < depth + LETTER; i++)
		word = word << 8 | (i < line.len ? (unsigned char)line.data[i] : 0);
	return word;
}

size_t order_common(struct span a, struct span b)
{
	size_t len = a.len < b.len ? a.len : b.len, i = 0;

	while (i + LETTER <= len && memcmp(a.data + i, b.data + i, LETTER) == 0)
		i += LETTER;
	while (i < len && a.data[i] == b.data[i])
		i++;
	return i;
}

static void swap_places(struct place *a, struct place *b)
{
	struct place old = *a;

	*a = *b;
	*b = old;
}

static struct span place_rest(const struct ordering *order, const struct place *place, size_t depth)
{
	struct span line = place_line(place, order->base);

	return (struct span){line.data + depth, line.len - depth};
}

static bool is_before(const struct ordering *order, const struct place *a, const struct place *b,
                      size_t depth)
{
	if (a->key != b->key)
		return a->key < b->key;
	return span_compare(place_rest(order, a, depth), place_rest(order, b, depth)) < 0;
}

static void sort_few(const struct ordering *order, struct place *places, size_t count, size_t depth)
{
	for (size_t i = 1; i < count; i++) {
		struct place place = places[i];
		size_t at = i;

		for (; at && is_before(order, &place, &places[at - 1], depth); at--)
			places[at] = places[at - 1];
		places[at] = place;
	}
}

/* Sets the keys to the letters at `depth`. Are they all the same? */
static bool load_keys(const struct ordering *order, struct place *places, size_t count,
                      size_t depth)
{
	uint64_t differ = 0;

	for (size_t i = 0; i < count; i++) {
		places[i].key = letter_at(place_line(&places[i], order->base), depth);
		differ |= places[i].key ^ places[0].key;
	}
	return !differ;
}

/* What all lines share. */
static size_t share_depth(const struct ordering *order, const struct place *places, size_t count,
                          size_t depth)
{
	struct span first = place_rest(order, &places[0], depth);

	for (size_t i = 1; i < count && first.len; i++)
		first.len = order_common(first, place_rest(order, &places[i], depth));
	return depth + first.len;
}

static uint64_t middle_of(uint64_t a, uint64_t b, uint64_t c)
{
	if (a > b)
		return c > a ? a : c > b ? c : b;
	return c > b ? b : c > a ? c : a;
}

static uint64_t draw_key(struct ordering *order, const struct place *places, size_t count)
{
	order->seed = order->seed * 6364136223846793005U + 1442695040888963407U;
	return places[(order->seed >> 33) % count].key;
}

static uint64_t pivot_of(struct ordering *order, const struct place *places, size_t count)
{
	uint64_t keys[3];

	for (int i = 0; i < 3; i++) {
		keys[i] = draw_key(order, places, count);
		if (count >= MANY)
			keys[i] =
				middle_of(keys[i], draw_key(order, places, count), draw_key(order, places, count));
	}
	return middle_of(keys[0], keys[1], keys[2]);
}

/* A part that is still to be sorted; its keys are loaded at `depth`. */
struct part {
	struct place *places;
	size_t count, depth;
};

/* Goes on behind a letter that all lines of the part have, to the next place
   where two of them differ. */
static void part_descend(const struct ordering *order, struct part *part)
{
	if (part->count < 2)
		return;
	if ((part->places->where & PLACE_LEN_MAX) <= part->depth + LETTER) {
		part->count = 0; /* the letter had the line's end: they are equal */
		return;
	}
	part->depth += LETTER;
	if (!load_keys(order, part->places, part->count, part->depth))
		return;
	part->depth = share_depth(order, part->places, part->count, part->depth);
	if (load_keys(order, part->places, part->count, part->depth))
		part->count = 0; /* nothing behind what they share */
}

/* Less than the pivot, equal, greater. */
static void part_divide(struct ordering *order, struct part whole, struct part parts[3])
{
	struct place *places = whole.places;
	uint64_t key = pivot_of(order, places, whole.count);
	size_t less = 0, at = 0, greater = whole.count;

	while (at < greater) {
		if (places[at].key < key)
			swap_places(&places[less++], &places[at++]);
		else if (places[at].key > key)
			swap_places(&places[at], &places[--greater]);
		else
			at++;
	}
	parts[0] = (struct part){places, less, whole.depth};
	parts[1] = (struct part){places + less, greater - less, whole.depth};
	parts[2] = (struct part){places + greater, whole.count - greater, whole.depth};
}

static void part_sort(struct ordering *order, struct part part)
{
	while (part.count >= FEW) {
		struct part parts[3];
		size_t largest = 0;

		part_divide(order, part, parts);
		part_descend(order, &parts[1]);
		for (size_t i = 1; i < 3; i++)
			if (parts[i].count > parts[largest].count)
				largest = i;
		for (size_t i = 0; i < 3; i++)
			if (i != largest)
				part_sort(order, parts[i]);
		part = parts[largest];
	}
	sort_few(order, part.places, part.count, part.depth);
}

void order_lines(struct place *places, size_t count, const char *base, size_t common)
{
	struct ordering order = {base, 0};
	struct part all = {places, count, common};

	if (count < 2)
		return;
	if (getrandom(&order.seed, sizeof order.seed, GRND_NONBLOCK) < 0)
		order.seed = (uint64_t)(uintptr_t)places;
	if (load_keys(&order, places, count, common)) {
		all.depth = share_depth(&order, places, count, common);
		if (load_keys(&order, places, count, all.depth))
			return;
	}
	part_sort(&order, all);
}

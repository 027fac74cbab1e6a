/* SPDX-License-Identifier: ISC */
/*
 * join: one sorter, whose lines are the key, a separator, a tag and the rest. The
 * tags bring the facts of a key before what waits for it.
 */
#include "sort/join.h"

/* Behind the key: no key has it, so that the lines of one key stand together. */
enum { SEPARATOR = '\x1f' };

/* The tag of a fact, below the letters of what waits. */
enum { TAG_FACT = ' ' };

int join_open(struct join *join, struct sorter *sorter)
{
	*join = (struct join){.sorter = sorter};
	return sorter ? 0 : -1;
}

void join_release(struct join *join)
{
	sorter_close(join->sorter);
	buf_release(&join->key);
	buf_release(&join->fact);
	*join = (struct join){0};
}

static int add_tagged(struct join *join, size_t shard, struct buf *line, struct span key, char tag,
                      struct span rest, struct fault *fault)
{
	buf_clear(line);
	buf_put_span(line, key);
	buf_putc(line, SEPARATOR);
	buf_putc(line, tag);
	buf_put_span(line, rest);
	buf_putc(line, '\n');
	if (buf_check(line, fault) < 0)
		return -1;
	return sorter_add_to(join->sorter, shard, buf_span(line), fault);
}

int join_add_fact(struct join *join, size_t shard, struct buf *line, struct span key,
                  struct span fact, struct fault *fault)
{
	return add_tagged(join, shard, line, key, TAG_FACT, fact, fault);
}

int join_add_waiting(struct join *join, size_t shard, struct buf *line, struct span key, char what,
                     struct span waiting, struct fault *fault)
{
	return add_tagged(join, shard, line, key, what, waiting, fault);
}

bool join_is_empty(const struct join *join)
{
	return sorter_is_empty(join->sorter);
}

void join_clear(struct join *join)
{
	sorter_clear(join->sorter);
}

/* 1 and the next line taken apart (the tag of a fact is `what`); 0; -1. */
static int next_tagged(struct join *join, struct joined *joined, struct fault *fault)
{
	struct span line;
	const char *end;
	int more = sorter_next(join->sorter, &line, fault);

	if (more <= 0)
		return more;
	end = memchr(line.data, SEPARATOR, line.len);
	joined->key = (struct span){line.data, (size_t)(end - line.data)};
	joined->what = end[1];
	joined->waiting = (struct span){end + 2, line.len - joined->key.len - 3};
	joined->fact = (struct span){NULL, 0};
	return 1;
}

/* Keeps the fact of a key. */
static int keep_fact(struct join *join, const struct joined *joined, struct fault *fault)
{
	buf_clear(&join->key);
	buf_put_span(&join->key, joined->key);
	buf_clear(&join->fact);
	buf_put_span(&join->fact, joined->waiting);
	return buf_check(&join->key, fault) < 0 ? -1 : buf_check(&join->fact, fault);
}

int join_each(struct join *join, join_each_fn *each, void *context, struct fault *fault)
{
	struct joined joined;
	bool any = false; /* is there a fact, of join->key? */
	int more = sorter_sort(join->sorter, fault);

	while (more >= 0 && (more = next_tagged(join, &joined, fault)) > 0) {
		bool known = any && span_is(joined.key, buf_span(&join->key));

		if (joined.what == TAG_FACT) {
			if (known && span_is(joined.waiting, buf_span(&join->fact)))
				continue; /* the same once more */
			if (!known && keep_fact(join, &joined, fault) < 0)
				return -1;
			if (!known)
				joined.waiting = (struct span){NULL, 0};
			any = known = true;
			joined.what = 0;
		}
		if (known)
			joined.fact = buf_span(&join->fact);
		more = each(context, &joined, fault);
	}
	return more;
}

int join_each_against(struct join *join, struct sorter *facts, join_each_fn *each, void *context,
                      struct fault *fault)
{
	struct joined joined;
	struct span fact = SPAN_EMPTY;
	int more = sorter_sort(join->sorter, fault), more_facts = 1;

	if (more >= 0)
		more_facts = sorter_next(facts, &fact, fault);
	while (more >= 0 && more_facts >= 0 && (more = next_tagged(join, &joined, fault)) > 0) {
		while (more_facts > 0 && span_compare(fact, joined.key) < 0)
			more_facts = sorter_next(facts, &fact, fault);
		if (more_facts > 0 && span_begins(fact, joined.key))
			joined.fact = (struct span){fact.data + joined.key.len, fact.len - joined.key.len - 1};
		if (more_facts >= 0)
			more = each(context, &joined, fault);
	}
	return more < 0 || more_facts < 0 ? -1 : 0;
}

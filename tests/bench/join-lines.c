/* SPDX-License-Identifier: ISC */
/*
 * join-lines MEMORY [FACTS]: sort/join.h as a program. A line of stdin is KEY LETTER TEXT,
 * where the letter of a fact is "=", and goes to one of two shards. Each meeting is put out
 * as KEY LETTER TEXT FACT, "-" where there is none. FACTS is a sorted file: its lines begin
 * with their keys.
 */
#include "sort/join.h"
#include "sys/lines.h"
#include "sys/out.h"

#include <stdio.h>
#include <stdlib.h>

struct program {
	struct join join;
	struct sorter *facts;
	struct budget budget;
	struct buf line;
	struct out out;
};

static struct span cut(struct span *rest, char at)
{
	const char *end = memchr(rest->data, at, rest->len);
	struct span word = {rest->data, end ? (size_t)(end - rest->data) : rest->len};

	*rest =
		(struct span){word.data + word.len + (end != NULL), rest->len - word.len - (end != NULL)};
	return word;
}

static int add(struct program *program, struct span line, size_t number, struct fault *fault)
{
	struct span key = cut(&line, ' '), letter = cut(&line, ' ');
	char what = letter.len ? *letter.data : '?';

	if (what == '=')
		return join_add_fact(&program->join, number % 2, &program->line, key, line, fault);
	return join_add_waiting(&program->join, number % 2, &program->line, key, what, line, fault);
}

static int add_to_facts(struct program *program, struct span line, size_t number,
                        struct fault *fault)
{
	(void)number;
	line.len++; /* its LF */
	return sorter_add(program->facts, line, fault);
}

static int read_lines(struct program *program, const char *path,
                      int (*take)(struct program *, struct span, size_t, struct fault *),
                      struct fault *fault)
{
	struct lines lines;
	struct span line;
	int more = lines_open(&lines, path, fault);

	while (more >= 0 && (more = lines_next(&lines, &line, fault)) > 0)
		more = take(program, line, lines.number, fault);
	lines_close(&lines);
	return more;
}

static int put(void *context, const struct joined *joined, struct fault *fault)
{
	struct program *program = context;
	struct buf *line = &program->line;

	buf_clear(line);
	buf_put_span(line, joined->key);
	buf_putf(line, " %c ", joined->what ? joined->what : '=');
	buf_put_span(line, joined->waiting);
	buf_puts(line, joined->fact.data ? " " : " -");
	buf_put_span(line, joined->fact);
	buf_putc(line, '\n');
	out_put(&program->out, buf_span(line));
	return buf_check(line, fault);
}

static int run(struct program *program, size_t memory, const char *facts, struct fault *fault)
{
	budget_init(&program->budget, memory);
	if (out_open(&program->out, NULL, fault) < 0 ||
	    join_open(&program->join, sorter_share(&program->budget, 2, fault)) < 0 ||
	    read_lines(program, "-", add, fault) < 0)
		return -1;
	if (!facts)
		return join_each(&program->join, put, program, fault);
	program->facts = sorter_open(memory, fault);
	if (!program->facts || read_lines(program, facts, add_to_facts, fault) < 0 ||
	    sorter_sort(program->facts, fault) < 0)
		return -1;
	return join_each_against(&program->join, program->facts, put, program, fault);
}

int main(int argc, char **argv)
{
	struct program program = {0};
	struct fault fault = {0};
	size_t memory = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;

	if (run(&program, memory, argc > 2 ? argv[2] : NULL, &fault) < 0 ||
	    out_close(&program.out, &fault) < 0)
		fprintf(stderr, "join-lines: %s\n", fault.text);
	join_release(&program.join);
	sorter_close(program.facts);
	buf_release(&program.line);
	return fault_status(fault.kind);
}

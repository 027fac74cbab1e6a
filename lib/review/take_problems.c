/* SPDX-License-Identifier: ISC */
/*
 * take_problems: a line is the sheet and the row, each of 20 digits, the order, a byte that ends
 * it, and a JSON array of the text and the column.
 */
#include "review/take_problems.h"

#include "base/json_put.h"

#include <stdlib.h>

#define NO_SHEET SIZE_MAX
enum { PROBLEM_DIGITS = 20, ORDER_END = 0x1f };

int take_problems_open(struct take_problems *problems, size_t memory, struct fault *fault)
{
	*problems = (struct take_problems){.sorter = sorter_open(memory, fault)};
	return problems->sorter ? 0 : -1;
}

void take_problems_release(struct take_problems *problems)
{
	sorter_close(problems->sorter);
	buf_release(&problems->line);
	json_reader_release(&problems->json);
	*problems = (struct take_problems){0};
}

int take_problems_add(struct take_problems *problems, const struct take_problem *problem,
                      struct span order, struct fault *fault)
{
	struct buf *line = &problems->line;

	problems->all++;
	buf_clear(line);
	buf_putf(line, "%0*zu%0*zu", PROBLEM_DIGITS, problem->sheet ? problem->sheet : NO_SHEET,
	         PROBLEM_DIGITS, problem->row);
	buf_put_span(line, order);
	buf_putc(line, ORDER_END);
	buf_putc(line, '[');
	json_put_string(line, problem->text);
	buf_putc(line, ',');
	json_put_string(line, span_of(problem->column ? problem->column : ""));
	buf_puts(line, "]\n");
	return buf_check(line, fault) < 0 ? -1 : sorter_add(problems->sorter, buf_span(line), fault);
}

int take_problems_next(struct take_problems *problems, struct take_problem *problem,
                       struct fault *fault)
{
	struct span line, column = SPAN_EMPTY;
	char digits[2][PROBLEM_DIGITS + 1] = {{0}};
	const char *end;
	yyjson_val *root;
	int more;

	if (!problems->is_sorted && sorter_sort(problems->sorter, fault) < 0)
		return -1;
	problems->is_sorted = true;
	more = sorter_next(problems->sorter, &line, fault);
	if (more <= 0)
		return more;
	end = memchr(line.data, ORDER_END, line.len);
	memcpy(digits[0], line.data, PROBLEM_DIGITS);
	memcpy(digits[1], line.data + PROBLEM_DIGITS, PROBLEM_DIGITS);
	root = json_read(&problems->json,
	                 (struct span){end + 1, (size_t)(line.data + line.len - end) - 2}, fault);
	if (!root)
		return -1;
	*problem = (struct take_problem){.sheet = strtoul(digits[0], NULL, 10),
	                                 .row = strtoul(digits[1], NULL, 10)};
	json_text(yyjson_arr_get(root, 0), &problem->text);
	json_text(yyjson_arr_get(root, 1), &column);
	problem->column = column.len ? column.data : NULL;
	if (problem->sheet == NO_SHEET)
		problem->sheet = 0;
	return 1;
}

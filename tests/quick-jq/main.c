/* SPDX-License-Identifier: ISC */
/* main: the options, the input, memory, and the way to jq. */
#include "quick.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

struct quick run;

/* jq does all of it. */
_Noreturn void leave_to_jq(void)
{
	const char *jq = getenv("QUICK_JQ");

	if (run.from_stdin) {
		int copy = memfd_create("stdin", 0);

		if (copy < 0 || write(copy, run.input.data, run.input.len) != (ssize_t)run.input.len ||
		    lseek(copy, 0, SEEK_SET) != 0 || dup2(copy, 0) < 0) {
			perror("quick-jq");
			exit(70);
		}
	}
	execvp(jq ? jq : "jq", run.argv);
	perror("jq");
	exit(127);
}

void *take_memory(size_t size)
{
	void **block = calloc(1, sizeof *block + size);

	if (!block)
		leave_to_jq();
	*block = run.blocks;
	run.blocks = block;
	return block + 1;
}

void text_put(struct text *text, const void *bytes, size_t len)
{
	if (text->cap - text->len < len + 1) {
		char *data = take_memory(2 * (text->len + len) + 4096);

		if (text->len > 0)
			memcpy(data, text->data, text->len);
		text->data = data;
		text->cap = 2 * (text->len + len) + 4096;
	}
	if (len > 0)
		memcpy(text->data + text->len, bytes, len);
	text->len += len;
}

void text_puts(struct text *text, const char *word)
{
	text_put(text, word, strlen(word));
}

void values_put(struct values *values, yyjson_mut_val *value)
{
	if (!value)
		leave_to_jq();
	if (values->count == values->cap) {
		size_t cap = 2 * values->cap + 4;
		yyjson_mut_val **at = take_memory(cap * sizeof *at);

		if (values->count > 0)
			memcpy(at, values->at, values->count * sizeof *at);
		values->at = at;
		values->cap = cap;
	}
	values->at[values->count++] = value;
}

yyjson_mut_val *string_of(const struct text *text)
{
	return yyjson_mut_strncpy(run.doc, text->data ? text->data : "", text->len);
}

/* ---- the input ---- */

static void read_all(int from)
{
	static char piece[65536];
	ssize_t got;

	while ((got = read(from, piece, sizeof piece)) > 0)
		text_put(&run.input, piece, (size_t)got);
	if (got < 0)
		leave_to_jq();
}

/* Twice the same member, much depth: what jq makes of them, it knows itself. */
static void check_value(yyjson_val *value, int depth)
{
	size_t at, count, before, more;
	yyjson_val *key, *element, *other, *unused;

	if (depth > DEPTH_MAX || yyjson_is_real(value))
		leave_to_jq();
	if (yyjson_is_arr(value)) {
		yyjson_arr_foreach(value, at, count, element)
			check_value(element, depth + 1);
	} else if (yyjson_is_obj(value)) {
		if (yyjson_obj_size(value) > KEYS_MAX)
			leave_to_jq();
		yyjson_obj_foreach(value, at, count, key, element) {
			check_value(element, depth + 1);
			yyjson_obj_foreach(value, before, more, other, unused) {
				if (before < at && yyjson_equals(other, key))
					leave_to_jq();
			}
		}
	}
}

/* The values of the input, each after the other. */
static void parse_input(struct values *values)
{
	char *at = run.input.data, *end = at + run.input.len;

	for (;;) {
		yyjson_read_err error;
		yyjson_doc *doc;

		while (at < end && strchr(" \t\r\n", *at) && *at != '\0')
			at++;
		if (at >= end)
			return;
		doc = yyjson_read_opts(at, (size_t)(end - at), YYJSON_READ_STOP_WHEN_DONE, NULL, &error);
		if (!doc)
			leave_to_jq();
		check_value(yyjson_doc_get_root(doc), 0);
		values_put(values, yyjson_val_mut_copy(run.doc, yyjson_doc_get_root(doc)));
		at += yyjson_doc_get_read_size(doc);
		yyjson_doc_free(doc);
	}
}

/* The options, up to the filter; -1: some that are not known here. */
static int parse_options(int argc, char **argv)
{
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--arg") == 0 && i + 2 < argc && run.argument_count < ARGUMENTS_MAX) {
			run.argument_names[run.argument_count] = argv[i + 1];
			run.arguments[run.argument_count++] = argv[i + 2];
			i += 2;
			continue;
		}
		if (strspn(argv[i] + 1, "cnrs") != strlen(argv[i] + 1) || !argv[i][1])
			return -1;
		run.compact |= strchr(argv[i], 'c') != NULL;
		run.null_input |= strchr(argv[i], 'n') != NULL;
		run.raw |= strchr(argv[i], 'r') != NULL;
		run.slurp |= strchr(argv[i], 's') != NULL;
	}
	return i < argc ? i : -1;
}

static void run_filter(const struct node *filter)
{
	struct values inputs = {0};

	if (run.null_input)
		values_put(&inputs, yyjson_mut_null(run.doc));
	else
		parse_input(&inputs);
	if (run.slurp && !run.null_input) {
		yyjson_mut_val *all = array_of(&inputs);

		inputs = (struct values){0};
		values_put(&inputs, all);
	}
	for (size_t i = 0; i < inputs.count; i++) {
		struct values results = {0};

		eval(filter, inputs.at[i], &results);
		for (size_t j = 0; j < results.count; j++) {
			if (run.raw && yyjson_mut_is_str(results.at[j]))
				print_text(&run.output, results.at[j]);
			else
				print_value(&run.output, results.at[j], run.compact ? -1 : 0);
			text_puts(&run.output, "\n");
		}
	}
}

int main(int argc, char **argv)
{
	int i = parse_options(argc, argv);
	const struct node *filter;

	run.argv = argv;
	run.doc = yyjson_mut_doc_new(NULL);
	if (i < 0 || !run.doc)
		leave_to_jq();
	run.at = argv[i++];
	filter = parse_filter();
	text_put(&run.input, "", 0);
	if (i == argc && !run.null_input) {
		run.from_stdin = true;
		read_all(0);
	}
	for (; i < argc && !run.null_input; i++) {
		int file = argv[i][0] == '-' ? -1 : open(argv[i], O_RDONLY | O_CLOEXEC);

		if (file < 0)
			leave_to_jq();
		read_all(file);
		close(file);
	}
	run_filter(filter);
	yyjson_mut_doc_free(run.doc);
	return fwrite(run.output.data ? run.output.data : "", 1, run.output.len, stdout) ==
	                   run.output.len &&
	               fflush(stdout) == 0
	           ? 0
	           : 2;
}

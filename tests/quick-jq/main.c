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

static void read_all(int from, struct text *to)
{
	static char piece[65536];
	ssize_t got;

	while ((got = read(from, piece, sizeof piece)) > 0)
		text_put(to, piece, (size_t)got);
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

/* Each line a string; what is not ASCII, jq knows better. */
static void put_lines(struct values *values)
{
	const char *at = run.input.data, *end = at + run.input.len;

	for (const char *byte = at; byte < end; byte++) {
		if (*byte == '\0' || (unsigned char)*byte > 0x7e)
			leave_to_jq();
	}
	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((stop ? stop : end) - at);

		values_put(values, yyjson_mut_strncpy(run.doc, at, len));
		at += len + 1;
	}
}

/* The values of a text, each after the other. */
static void parse_values(const struct text *text, struct values *values)
{
	char *at = text->data, *end = at + text->len;

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

static void read_file(const char *path, struct text *to)
{
	int file = path[0] == '-' ? -1 : open(path, O_RDONLY | O_CLOEXEC);

	if (file < 0)
		leave_to_jq();
	read_all(file, to);
	close(file);
}

struct variable *add_variable(const char *name, size_t len)
{
	struct variable *variable = &run.variables[run.variable_count];

	if (run.variable_count == VARIABLES_MAX || len == 0 || len >= sizeof variable->name)
		leave_to_jq();
	memcpy(variable->name, name, len);
	for (size_t i = 0; i < run.variable_count; i++) {
		if (strcmp(run.variables[i].name, variable->name) == 0)
			leave_to_jq();
	}
	run.variable_count++;
	variable->is_known = true;
	return variable;
}

static void set_argument(const char *option, const char *name, const char *value)
{
	struct variable *variable = add_variable(name, strlen(name));
	struct values values = {0};
	struct text text = {0};

	if (strcmp(option, "--arg") == 0) {
		variable->value = yyjson_mut_str(run.doc, value);
		return;
	}
	text_put(&text, "", 0);
	read_file(value, &text);
	parse_values(&text, &values);
	variable->value = array_of(&values);
}

/* The options, up to the filter; -1: some that are not known here. */
static int parse_options(int argc, char **argv)
{
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if ((strcmp(argv[i], "--arg") == 0 || strcmp(argv[i], "--slurpfile") == 0) &&
		    i + 2 < argc) {
			set_argument(argv[i], argv[i + 1], argv[i + 2]);
			i += 2;
			continue;
		}
		if (strspn(argv[i] + 1, "cenrRs") != strlen(argv[i] + 1) || !argv[i][1])
			return -1;
		run.raw_input |= strchr(argv[i], 'R') != NULL;
		run.status |= strchr(argv[i], 'e') != NULL;
		run.compact |= strchr(argv[i], 'c') != NULL;
		run.null_input |= strchr(argv[i], 'n') != NULL;
		run.raw |= strchr(argv[i], 'r') != NULL;
		run.slurp |= strchr(argv[i], 's') != NULL;
	}
	return i < argc ? i : -1;
}

/* The status that -e asks for. */
static int run_filter(const struct node *filter)
{
	struct values inputs = {0};
	int status = 4; /* no result */

	if (run.raw_input && (run.slurp || run.null_input))
		leave_to_jq();
	if (run.null_input)
		values_put(&inputs, yyjson_mut_null(run.doc));
	else if (run.raw_input)
		put_lines(&inputs);
	else
		parse_values(&run.input, &inputs);
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
			status = is_true(results.at[j]) ? 0 : 1;
		}
	}
	return run.status ? status : 0;
}

int main(int argc, char **argv)
{
	const struct node *filter;
	int i, status;

	run.argv = argv;
	run.doc = yyjson_mut_doc_new(NULL);
	if (!run.doc || (i = parse_options(argc, argv)) < 0)
		leave_to_jq();
	run.at = argv[i++];
	filter = parse_filter();
	text_put(&run.input, "", 0);
	if (i == argc && !run.null_input) {
		run.from_stdin = true;
		read_all(0, &run.input);
	}
	for (; i < argc && !run.null_input; i++)
		read_file(argv[i], &run.input);
	status = run_filter(filter);
	yyjson_mut_doc_free(run.doc);
	return fwrite(run.output.data ? run.output.data : "", 1, run.output.len, stdout) ==
	                   run.output.len &&
	               fflush(stdout) == 0
	           ? status
	           : 2;
}

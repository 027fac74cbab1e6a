/* SPDX-License-Identifier: ISC */
/*
 * report_inputs: which files a page was made from, the commands that show that none of them
 * was changed, and the command that makes the page again.
 */
#include "report/report_parts.h"

/* A word of a command line: in quotes if the shell could see more in it than a name. */
static void input_put_word(struct buf *to, struct span word)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-+:@%,";
	bool is_plain = word.len > 0;

	for (size_t i = 0; i < word.len; i++)
		is_plain &= word.data[i] && strchr(plain, word.data[i]) != NULL;
	if (is_plain) {
		buf_put_span(to, word);
		return;
	}
	buf_putc(to, '\'');
	for (size_t i = 0; i < word.len; i++)
		if (word.data[i] == '\'')
			buf_puts(to, "'\\''");
		else
			buf_putc(to, word.data[i]);
	buf_putc(to, '\'');
}

/* A file whose first letter is a hyphen is no option. */
static void input_put_file(struct buf *to, struct span file)
{
	if (file.len > 1 && *file.data == '-')
		buf_puts(to, "./");
	input_put_word(to, file);
}

/* "sed '1d;$d' today.ndjson" as the member `name`. */
static void input_put_command(struct report *report, yyjson_mut_val *item, const char *name,
                              const char *command, struct span file)
{
	bool is_packed = span_ends(file, span_of(".zst"));

	buf_clear(&report->text);
	if (is_packed) {
		buf_puts(&report->text, "zstd -dc ");
		input_put_file(&report->text, file);
		buf_puts(&report->text, " | ");
	}
	buf_puts(&report->text, command);
	if (!is_packed) {
		buf_putc(&report->text, ' ');
		input_put_file(&report->text, file);
	}
	model_text(&report->model, item, name, buf_span(&report->text));
}

void report_put_input(struct report *report, const char *option, const char *path,
                      struct span sha256, struct span begin_sha256)
{
	struct model *model = &report->model;
	yyjson_mut_val *item = model_item(model, report->inputs);

	buf_clear(&report->text);
	if (*option) {
		buf_puts(&report->text, option);
		buf_putc(&report->text, ' ');
	}
	input_put_file(&report->text, span_of(path));
	model_text(model, item, "argument", buf_span(&report->text));
	input_put_command(report, item, "body", "sed '1d;$d'", span_of(path));
	input_put_command(report, item, "head", "head -n 1", span_of(path));
	model_text(model, item, "sha256", sha256);
	model_text(model, item, "begin_sha256", begin_sha256);
}

void report_put_file(struct report *report, yyjson_mut_val *chapter, const char *path)
{
	buf_clear(&report->text);
	if (strcmp(path, "-") != 0)
		input_put_file(&report->text, span_of(path));
	model_text(&report->model, chapter, "file", buf_span(&report->text));
}

/* The arguments that begin with `prefix` ("": the snapshots), a blank before each, as the member
   `name`. */
static void input_put_arguments(struct report *report, const char *name, const char *prefix)
{
	yyjson_mut_val *item;
	size_t i, max;

	buf_clear(&report->text);
	yyjson_mut_arr_foreach(report->inputs, i, max, item)
	{
		const char *argument = yyjson_mut_get_str(yyjson_mut_obj_get(item, "argument"));
		size_t len = strlen(prefix);

		if (!argument ||
		    (len ? strncmp(argument, prefix, len) != 0 : strncmp(argument, "--", 2) == 0))
			continue;
		buf_putc(&report->text, ' ');
		buf_puts(&report->text, argument);
	}
	model_text(&report->model, report->model.root, name, buf_span(&report->text));
}

/* Options first, then the snapshots, which are read before them. */
void report_put_command(struct report *report)
{
	static const char *const names[] = {"options", "operands"};
	struct buf *text = &report->text;
	yyjson_mut_val *item;
	size_t i, max;

	buf_clear(text);
	buf_puts(text, "report-snapshot");
	if (report->options->title) {
		buf_puts(text, " --title ");
		input_put_word(text, span_of(report->options->title));
	}
	for (size_t pass = 0; pass < sizeof names / sizeof *names; pass++)
		yyjson_mut_arr_foreach(report->inputs, i, max, item)
		{
			const char *argument = yyjson_mut_get_str(yyjson_mut_obj_get(item, "argument"));
			bool is_option = argument && strncmp(argument, "--", 2) == 0;

			if (!argument || is_option != (pass == 0))
				continue;
			buf_putc(text, ' ');
			buf_puts(text, argument);
		}
	model_text(&report->model, report->model.root, "command", buf_span(text));
	input_put_arguments(report, "operands", "");
	input_put_arguments(report, "decisions_option", "--decisions ");
}

/* SPDX-License-Identifier: ISC */
/*
 * filter: the program is compiled behind a prelude, on a line of its own, that
 * takes names away. In jq's grammar modules come before all else, so behind it
 * none can be imported.
 */
#include "jq/filter.h"

#include "base/ceiling.h"
#include "base/inert.h"
#include "jq/jq_guard.h"
#include "jq/jq_members.h"

#include <errno.h>
#include <fcntl.h>
#include <jq.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A call of one of them calls a name that is not defined, and jq says so when it
   compiles; a definition that is not called is not looked at. */
#define FORBIDDEN "rollcall_forbids_"
static const char *const forbidden[] = {
	"env",
	"input",
	"inputs",
	"_input",
	"input_filename",
	"debug",
	"debug(f)",
	"stderr",
	"input_line_number",
	"halt",
	"halt_error",
	"halt_error(f)",
	"get_search_list",
	"get_prog_origin",
	"get_jq_origin",
	"modulemeta",
	"now",
	"localtime",
	"strflocaltime(f)",
};

/* libjq takes an error whose message is null for the end of the outputs. */
static const char errors[] = "def rollcall_error: error; "
							 "def error: if . == null then \"null\" else . end | rollcall_error; "
							 "def error(f): f | error; ";

enum { SHAPE_DEPTHS = 3, SHAPES = 8, SHAPE_MEMBERS_MAX = 48 };
static const size_t shapes_all = (size_t)SHAPE_DEPTHS * SHAPES;

/* Objects of one shape, as the records of a kind mostly are: the names of their members as
   libjq has them, and an object that has them all. A copy of that needs no name made, and no
   room found for one. Each depth has some shapes of its own. */
struct filter_shape {
	size_t count; /* 0: none yet */
	jv object, names[SHAPE_MEMBERS_MAX];
};

/* Names as libjq has them. */
struct filter_members {
	size_t count;
	jv names[JQ_MEMBERS_MAX];
};

/* ---- compiling ---- */

static void put_prelude(struct buf *program)
{
	for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
		buf_putf(program, "def %s: " FORBIDDEN "%.*s; ", forbidden[i],
		         (int)strcspn(forbidden[i], "("), forbidden[i]);
	buf_puts(program, errors);
	buf_puts(program, "null as $ENV |\n");
}

static struct span cut_before(struct span text, const char *words)
{
	const char *at = memmem(text.data, text.len, words, strlen(words));

	return at ? (struct span){text.data, (size_t)(at - text.data)} : text;
}

/* libjq says "jq: error: WHAT at <top-level>, line N...", then the program; some
   versions put a hint for shells behind WHAT. The prelude is line 1. */
static int set_program_fault(const char *said, struct fault *fault)
{
	static const char *const modules[] = {"import", "include", "module"};
	static const char place[] = " at <top-level>", line_word[] = ", line ";
	struct span what = {said, strcspn(said, "\n")}, before = cut_before(what, place);
	const char *rest = said + before.len + (before.len < what.len ? strlen(place) : 0);
	long line = 0;

	if (strncmp(rest, line_word, strlen(line_word)) == 0)
		line = strtol(rest + strlen(line_word), NULL, 10) - 1;
	if (span_begins(before, span_of("jq: error: ")))
		before = (struct span){said + 11, before.len - 11};
	if (span_begins(before, span_of(FORBIDDEN))) {
		before = cut_before(before, "/");
		return fault_set(fault, FAULT_USAGE, "'%s' is not available here",
		                 INERT(((struct span){before.data + strlen(FORBIDDEN),
		                                      before.len - strlen(FORBIDDEN)})));
	}
	before = cut_before(before, " (Unix shell");
	for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
		if (span_ends(before, span_of(modules[i])))
			return fault_set(fault, FAULT_USAGE, "'%s' is not available here", modules[i]);
	if (line > 0)
		return fault_set(fault, FAULT_USAGE, "line %ld: %s", line, INERT(before));
	return fault_set(fault, FAULT_USAGE, "%s", INERT(before));
}

static void hear_compiler(void *data, jv message)
{
	struct buf *said = data;

	message = jq_format_error(message);
	if (jv_get_kind(message) == JV_KIND_STRING && !said->len)
		buf_puts(said, jv_string_value(message));
	jv_free(message);
}

static int compile_program(struct filter *filter, struct buf *program, struct fault *fault)
{
	bool compiled;

	if (buf_check(program, fault) < 0)
		return -1;
	/* libjq puts ~/.jq before each program; a home that is not set it may find in
	   another way */
	setenv("HOME", "/dev/null", 1);
	setenv("TZ", "UTC", 1); /* what it makes of times must not depend on the place */
	tzset();
	filter->jq = jq_init();
	filter->shapes = calloc(shapes_all, sizeof *filter->shapes);
	if (!filter->jq || !filter->shapes)
		return fault_memory(fault);
	jq_guard_reset();
	jq_guard_enter(filter->option); /* libjq asserts that it has memory for names */
	jq_set_nomem_handler(filter->jq, jq_guard_out_of_memory, NULL);
	jq_set_error_cb(filter->jq, hear_compiler, &filter->said);
	jq_set_attr(filter->jq, jv_string("JQ_LIBRARY_PATH"), jv_array());
	compiled = jq_compile_args(filter->jq, buf_text(program), jv_object());
	jq_guard_leave();
	return compiled ? 0 : set_program_fault(buf_text(&filter->said), fault);
}

int filter_init(struct filter *filter, const char *option, struct span program, struct fault *fault)
{
	struct buf whole = {0};
	int result;

	*filter = (struct filter){.option = option};
	if (memchr(program.data, '\0', program.len) || !utf8_is(program))
		return fault_set(fault, FAULT_USAGE, "not UTF-8 text");
	/* empty by the prelude; to say so is better */
	if (memmem(program.data, program.len, "$ENV", 4))
		return fault_set(fault, FAULT_USAGE, "'$ENV' is not available here");
	put_prelude(&whole);
	buf_put_span(&whole, program);
	result = compile_program(filter, &whole, fault);
	buf_release(&whole);
	return result;
}

int filter_ask_truth(struct filter *filter, struct span program, struct fault *fault)
{
	struct jq_members found;

	if (!jq_members_find(&found, program))
		return 0;
	filter->members = calloc(1, sizeof *filter->members);
	if (!filter->members)
		return fault_memory(fault);
	for (; filter->members->count < found.count; filter->members->count++) {
		struct span name = found.names[filter->members->count];

		filter->members->names[filter->members->count] = jv_string_sized(name.data, (int)name.len);
	}
	return 0;
}

bool filter_sees_name(const struct filter *filter, size_t number, struct span *name)
{
	const struct filter_members *members = filter->members;

	if (!members || number >= members->count)
		return false;
	*name = (struct span){jv_string_value(members->names[number]),
	                      (size_t)jv_string_length_bytes(jv_copy(members->names[number]))};
	return true;
}

bool filter_sees(const struct filter *filter, struct span member)
{
	struct span name;

	for (size_t i = 0; filter_sees_name(filter, i, &name); i++)
		if (span_is(member, name))
			return true;
	return !filter->members;
}

/* A group with the number of the user is the user's own: where each has one, new
   files are writable by it. */
static int check_owner(int fd, const char *path, struct fault *fault)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fault_set(fault, FAULT_CONFIG, "cannot look at '%s': %s", INERT(span_of(path)),
		                 strerror(errno));
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return fault_set(fault, FAULT_CONFIG,
		                 "'%s' belongs to another user: make a copy of your own",
		                 INERT(span_of(path)));
	if ((st.st_mode & S_IWOTH) || ((st.st_mode & S_IWGRP) && st.st_gid != st.st_uid))
		return fault_set(fault, FAULT_CONFIG,
		                 "'%s' can be written by others (mode %03o); run: chmod go-w on it",
		                 INERT(span_of(path)), (unsigned)st.st_mode & 0777);
	return 0;
}

static int read_program(int fd, const char *path, struct buf *program, struct fault *fault)
{
	for (;;) {
		char *to = buf_reserve(program, 4096);
		ssize_t n = to ? read(fd, to, 4096) : 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fault_set(fault, FAULT_CONFIG, "cannot read '%s': %s", INERT(span_of(path)),
			                 strerror(errno));
		if (n == 0)
			break;
		program->len += (size_t)n;
		if (program->len > FILTER_MAX_BYTES)
			return fault_set(fault, FAULT_CONFIG, "'%s' is longer than the limit of %zu bytes",
			                 INERT(span_of(path)), FILTER_MAX_BYTES);
	}
	return buf_check(program, fault);
}

int filter_open(struct filter *filter, const char *option, const char *path, struct fault *fault)
{
	struct buf program = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), result = -1;

	*filter = (struct filter){0};
	if (fd < 0)
		return fault_set(fault, FAULT_NO_INPUT, "cannot open '%s': %s", INERT(span_of(path)),
		                 strerror(errno));
	if (check_owner(fd, path, fault) == 0 && read_program(fd, path, &program, fault) == 0) {
		result = filter_init(filter, option, buf_span(&program), fault);
		if (result < 0)
			fault_prefix(fault, "%s: ", INERT(span_of(path)));
		filter->file = program;
		program = (struct buf){0};
	}
	close(fd);
	buf_release(&program);
	return result;
}

static void shape_clear(struct filter_shape *shape)
{
	if (!shape->count)
		return;
	for (size_t i = 0; i < shape->count; i++)
		jv_free(shape->names[i]);
	jv_free(shape->object);
	shape->count = 0;
}

void filter_release(struct filter *filter)
{
	static struct jq_state *volatile left; /* what is left goes with the process */

	/* libjq ends the process where it is to forget a run in the middle of path(...) */
	if (filter->running)
		left = filter->jq;
	else if (filter->jq)
		jq_teardown(&filter->jq);
	(void)left;
	for (size_t i = 0; filter->shapes && i < shapes_all; i++)
		shape_clear(&filter->shapes[i]);
	free(filter->shapes);
	for (size_t i = 0; filter->members && i < filter->members->count; i++)
		jv_free(filter->members->names[i]);
	free(filter->members);
	buf_release(&filter->file);
	buf_release(&filter->said);
	buf_release(&filter->where);
	*filter = (struct filter){0};
}

/* ---- running ---- */

/* A number that reads back as it was written, whatever the version of libjq: at
   most 15 digits, no exponent, no zero at the end of a fraction. Others are text. */
static jv jv_of_number(yyjson_val *value)
{
	const char *text = yyjson_get_raw(value);
	size_t len = yyjson_get_len(value);
	char again[32];
	double number = 0;
	size_t digits = 0;

	for (; digits < len && digits < 15 && text[digits] >= '0' && text[digits] <= '9'; digits++)
		number = number * 10 + (text[digits] - '0');
	if (digits == len && (*text != '0' || len == 1))
		return jv_number(number);
	if (len < sizeof again) {
		number = strtod(text, NULL);
		snprintf(again, sizeof again, "%.15g", number);
		if (strlen(again) == len && memcmp(again, text, len) == 0 && !memchr(again, 'e', len) &&
		    !(number == 0 && signbit(number)))
			return jv_number(number);
	}
	return jv_string_sized(text, (int)len);
}

static bool shape_fits(const struct filter_shape *shape, yyjson_val *object)
{
	size_t i, max;
	yyjson_val *key, *value;

	if (shape->count != yyjson_obj_size(object))
		return false;
	yyjson_obj_foreach(object, i, max, key, value) {
		size_t len = (size_t)jv_string_length_bytes(jv_copy(shape->names[i]));

		if (len != yyjson_get_len(key) ||
		    memcmp(jv_string_value(shape->names[i]), yyjson_get_str(key), len) != 0)
			return false;
	}
	return true;
}

static void shape_take(struct filter_shape *shape, yyjson_val *object)
{
	size_t i, max;
	yyjson_val *key, *value;

	shape_clear(shape);
	shape->object = jv_object();
	yyjson_obj_foreach(object, i, max, key, value) {
		shape->names[i] = jv_string_sized(yyjson_get_str(key), (int)yyjson_get_len(key));
		shape->object = jv_object_set(shape->object, jv_copy(shape->names[i]), jv_null());
	}
	shape->count = max;
}

static jv jv_of(struct filter *filter, yyjson_val *value, size_t depth);

static jv jv_of_object(struct filter *filter, yyjson_val *object, size_t depth)
{
	size_t i, max, size = yyjson_obj_size(object);
	struct filter_shape *shape;
	yyjson_val *key, *item;
	jv made;

	if (!size || size > SHAPE_MEMBERS_MAX || depth >= SHAPE_DEPTHS) {
		made = jv_object();
		yyjson_obj_foreach(object, i, max, key, item)
			made =
				jv_object_set(made, jv_string_sized(yyjson_get_str(key), (int)yyjson_get_len(key)),
			                  jv_of(filter, item, depth + 1));
		return made;
	}
	shape = &filter->shapes[depth * SHAPES + size % SHAPES];
	if (!shape_fits(shape, object))
		shape_take(shape, object);
	made = jv_copy(shape->object);
	yyjson_obj_foreach(object, i, max, key, item) {
		jv name = jv_copy(shape->names[i]);

		made = jv_object_set(made, name, jv_of(filter, item, depth + 1));
	}
	return made;
}

static jv jv_of(struct filter *filter, yyjson_val *value, size_t depth)
{
	size_t i, max;
	yyjson_val *item;
	jv made;

	switch (yyjson_get_type(value)) {
	case YYJSON_TYPE_OBJ: return jv_of_object(filter, value, depth);
	case YYJSON_TYPE_ARR:
		made = jv_array();
		yyjson_arr_foreach(value, i, max, item)
			made = jv_array_append(made, jv_of(filter, item, depth + 1));
		return made;
	case YYJSON_TYPE_STR: return jv_string_sized(yyjson_get_str(value), (int)yyjson_get_len(value));
	case YYJSON_TYPE_RAW: return jv_of_number(value);
	case YYJSON_TYPE_BOOL: return jv_bool(yyjson_get_bool(value));
	default: return jv_null();
	}
}

/* The input with the members that the program can look at. */
static jv jv_of_input(struct filter *filter, yyjson_val *input)
{
	const struct filter_members *members = filter->members;
	jv made;

	if (!members || !yyjson_is_obj(input))
		return jv_of(filter, input, 0);
	made = jv_object();
	for (size_t i = 0; i < members->count; i++) {
		const char *name = jv_string_value(members->names[i]);
		size_t len = (size_t)jv_string_length_bytes(jv_copy(members->names[i]));
		yyjson_val *value = yyjson_obj_getn(input, name, len);

		if (value)
			made = jv_object_set(made, jv_copy(members->names[i]), jv_of(filter, value, 1));
	}
	return made;
}

int filter_start(struct filter *filter, yyjson_val *input, const char *where, struct fault *fault)
{
	buf_clear(&filter->where);
	buf_puts(&filter->where, where);
	buf_puts(&filter->where, ": ");
	buf_puts(&filter->where, filter->option);
	if (buf_check(&filter->where, fault) < 0)
		return -1;
	filter->outputs = 0;
	filter->running = true;
	jq_guard_reset();
	jq_guard_enter(buf_text(&filter->where));
	jq_start(filter->jq, jv_of_input(filter, input), 0);
	jq_guard_leave();
	return 0;
}

/* Takes `message`. */
static int fault_of_program(const struct filter *filter, jv message, struct fault *fault)
{
	struct span text;

	if (jv_get_kind(message) != JV_KIND_STRING)
		message = jv_dump_string(message, 0);
	text.data = jv_string_value(message);
	text.len = (size_t)jv_string_length_bytes(jv_copy(message));
	fault_set(fault, FAULT_DATA, "%s fails: %s", filter->option, INERT(text));
	jv_free(message);
	return -1;
}

/* 1 and the next output, which is the caller's; 0; -1. */
static int next_output(struct filter *filter, jv *output, struct fault *fault)
{
	*output = jq_next(filter->jq);
	if (jv_is_valid(*output) && ++filter->outputs <= FILTER_OUTPUTS_MAX)
		return 1;
	if (jv_is_valid(*output)) {
		jv_free(*output);
		return fault_set(fault, FAULT_DATA, "%s puts out more than the limit of %d for one record",
		                 filter->option, FILTER_OUTPUTS_MAX);
	}
	if (jq_halted(filter->jq)) {
		jv_free(*output);
		return fault_set(fault, FAULT_DATA, "%s halts", filter->option);
	}
	filter->running = false;
	if (jv_invalid_has_msg(jv_copy(*output)))
		return fault_of_program(filter, jv_invalid_get_msg(*output), fault);
	jv_free(*output);
	return 0;
}

/* Takes `output`. */
static int put_json(const struct filter *filter, struct buf *json, jv output, struct fault *fault)
{
	jv text = jv_dump_string(output, 0);
	size_t len = (size_t)jv_string_length_bytes(jv_copy(text));
	int result = 1;

	buf_clear(json);
	if (len <= LINE_MAX_BYTES)
		buf_put(json, jv_string_value(text), len);
	jv_free(text);
	if (len > LINE_MAX_BYTES)
		result =
			fault_set(fault, FAULT_DATA, "%s puts out more than the limit of %zu bytes at once",
		              filter->option, LINE_MAX_BYTES);
	else if (buf_check(json, fault) < 0)
		result = -1;
	return result;
}

int filter_next(struct filter *filter, struct buf *json, struct fault *fault)
{
	jv output;
	int more;

	jq_guard_enter(buf_text(&filter->where));
	more = next_output(filter, &output, fault);
	if (more > 0)
		more = put_json(filter, json, output, fault);
	jq_guard_leave();
	return more;
}

int filter_holds(struct filter *filter, struct fault *fault)
{
	struct fault unwanted = {0};
	bool holds = false;
	jv output;
	int more = 1;

	jq_guard_enter(buf_text(&filter->where));
	while (!holds && (more = next_output(filter, &output, fault)) > 0) {
		holds = jv_get_kind(output) != JV_KIND_NULL && jv_get_kind(output) != JV_KIND_FALSE;
		jv_free(output);
	}
	/* what comes after does not count, but see filter_release */
	while (filter->running && next_output(filter, &output, &unwanted) > 0)
		jv_free(output);
	jq_guard_leave();
	return more < 0 ? -1 : holds;
}

int filter_judges(struct filter *filter, bool *is_known, struct fault *fault)
{
	bool holds = false;
	jv output;
	int more;

	*is_known = false;
	jq_guard_enter(buf_text(&filter->where));
	while ((more = next_output(filter, &output, fault)) > 0) {
		*is_known |= jv_get_kind(output) != JV_KIND_NULL;
		holds |= jv_get_kind(output) != JV_KIND_NULL && jv_get_kind(output) != JV_KIND_FALSE;
		jv_free(output);
	}
	jq_guard_leave();
	return more < 0 ? -1 : holds;
}

const char *filter_library(void)
{
	/* what came with each version; `builtins` would list it, and leaks in 1.6 */
	static const struct {
		const char *program, *name;
	} newer[] = {{"trimstr(\"\")", "libjq/1.8"}, {"pick(.a)", "libjq/1.7"}};
	const char *name = "libjq/1.6";

	for (size_t i = sizeof newer / sizeof *newer; i-- > 0;) {
		struct filter filter;
		struct fault fault = {0};

		if (filter_init(&filter, "version", span_of(newer[i].program), &fault) == 0)
			name = newer[i].name;
		filter_release(&filter);
	}
	return name;
}

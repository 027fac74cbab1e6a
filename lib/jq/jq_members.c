/* SPDX-License-Identifier: ISC */
/*
 * jq_members: a reader of expressions that knows of each value whether it may be the whole
 * input. The whole input may be tested for truth, passed on and asked for a member by name;
 * whatever else is done with it, and every construct that is not known, needs all members.
 */
#include "jq/jq_members.h"

enum look_token {
	TOKEN_END,
	TOKEN_FIELD, /* .name; text: name */
	TOKEN_NAME,
	TOKEN_VARIABLE, /* $name; text: name */
	TOKEN_STRING,   /* text: what stands between the quotes */
	TOKEN_NUMBER,
	TOKEN_SIGN, /* an operator, or a bracket */
	TOKEN_STRANGE,
};

enum { JQ_DEPTH_MAX = 64, JQ_VARIABLES_MAX = 8 };

/* What a value may be. */
enum look_value { LOOK_OTHER, LOOK_INPUT };

struct jq_look {
	struct jq_members *members;
	const char *at, *end;
	enum look_token type; /* of the token at hand */
	struct span text;
	bool lost; /* something is not known, or needs all members */
	int depth;
	struct span inputs[JQ_VARIABLES_MAX]; /* variables that may hold the whole input */
	size_t input_count;
};

/* ---- tokens ---- */

static bool jq_token_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool jq_token_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static struct span jq_token_take_name(struct jq_look *look)
{
	const char *from = look->at;

	while (look->at < look->end && (jq_token_is_letter(*look->at) || jq_token_is_digit(*look->at)))
		look->at++;
	return (struct span){from, (size_t)(look->at - from)};
}

/* Escapes are left alone, but for the one that holds an expression. */
static enum look_token jq_token_take_string(struct jq_look *look)
{
	const char *from = ++look->at;

	for (; look->at < look->end && *look->at != '"'; look->at++)
		if (*look->at == '\\' && (++look->at == look->end || *look->at == '('))
			return TOKEN_STRANGE;
	if (look->at >= look->end)
		return TOKEN_STRANGE;
	look->text = (struct span){from, (size_t)(look->at++ - from)};
	return TOKEN_STRING;
}

static enum look_token jq_token_take_number(struct jq_look *look)
{
	while (look->at < look->end && (jq_token_is_digit(*look->at) || *look->at == '.'))
		look->at++;
	return look->at < look->end && jq_token_is_letter(*look->at) ? TOKEN_STRANGE : TOKEN_NUMBER;
}

static enum look_token jq_token_take_sign(struct jq_look *look)
{
	static const struct span signs[] = {
		SPAN("?//"), SPAN("//="), SPAN("|="), SPAN("+="), SPAN("-="), SPAN("*="), SPAN("/="),
		SPAN("%="),  SPAN("=="),  SPAN("!="), SPAN("<="), SPAN(">="), SPAN("//"), SPAN(".."),
	};
	struct span rest = {look->at, (size_t)(look->end - look->at)};

	look->text = (struct span){look->at, 1};
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (span_begins(rest, signs[i])) {
			look->text.len = signs[i].len;
			break;
		}
	look->at += look->text.len;
	return memchr("|,/+-*%=!<>()[]{}:;?.", *look->text.data, 21) ? TOKEN_SIGN : TOKEN_STRANGE;
}

/* The next token is the one at hand. */
static void jq_token_next(struct jq_look *look)
{
	while (look->at < look->end && memchr(" \t\r\n", *look->at, 4))
		look->at++;
	if (look->at == look->end) {
		look->type = TOKEN_END;
		return;
	}
	if (look->end - look->at > 1 && *look->at == '.' && jq_token_is_letter(look->at[1])) {
		look->at++;
		look->text = jq_token_take_name(look);
		look->type = TOKEN_FIELD;
	} else if (look->end - look->at > 1 && *look->at == '$' && jq_token_is_letter(look->at[1])) {
		look->at++;
		look->text = jq_token_take_name(look);
		look->type = span_begins(look->text, span_of("__")) ? TOKEN_STRANGE : TOKEN_VARIABLE;
	} else if (jq_token_is_letter(*look->at)) {
		look->text = jq_token_take_name(look);
		look->type = TOKEN_NAME;
	} else if (jq_token_is_digit(*look->at) ||
	           (look->end - look->at > 1 && *look->at == '.' && jq_token_is_digit(look->at[1]))) {
		look->type = jq_token_take_number(look);
	} else {
		look->type = *look->at == '"' ? jq_token_take_string(look) : jq_token_take_sign(look);
	}
}

static bool jq_token_is(const struct jq_look *look, enum look_token type, const char *text)
{
	return look->type == type && span_is(look->text, span_of(text));
}

static bool jq_token_take(struct jq_look *look, enum look_token type, const char *text)
{
	if (!jq_token_is(look, type, text))
		return false;
	jq_token_next(look);
	return true;
}

static void jq_token_want(struct jq_look *look, enum look_token type, const char *text)
{
	look->lost |= !jq_token_take(look, type, text);
}

/* ---- values ---- */

static enum look_value look_pipe(struct jq_look *look, enum look_value input);
static enum look_value look_term(struct jq_look *look, enum look_value input);

/* A member of this name is asked for. */
static enum look_value look_name(struct jq_look *look, enum look_value of, struct span name)
{
	struct jq_members *members = look->members;

	if (of != LOOK_INPUT)
		return LOOK_OTHER;
	for (size_t i = 0; i < members->count; i++)
		if (span_is(members->names[i], name))
			return LOOK_OTHER;
	if (members->count == JQ_MEMBERS_MAX || memchr(name.data, '\\', name.len))
		look->lost = true;
	else
		members->names[members->count++] = name;
	return LOOK_OTHER;
}

/* The value is looked at or kept: it must not be the whole input. */
static void look_use(struct jq_look *look, enum look_value value)
{
	look->lost |= value == LOOK_INPUT;
}

/* What stands in brackets after a value, from the first one on. */
static enum look_value look_brackets(struct jq_look *look, enum look_value of,
                                     enum look_value input)
{
	jq_token_next(look);
	if (of == LOOK_INPUT) {
		struct span name = look->text;

		look->lost |= look->type != TOKEN_STRING;
		jq_token_next(look);
		jq_token_want(look, TOKEN_SIGN, "]");
		return look->lost ? LOOK_OTHER : look_name(look, of, name);
	}
	if (jq_token_take(look, TOKEN_SIGN, "]"))
		return LOOK_OTHER;
	if (!jq_token_is(look, TOKEN_SIGN, ":"))
		look_use(look, look_pipe(look, input));
	if (jq_token_take(look, TOKEN_SIGN, ":") && !jq_token_is(look, TOKEN_SIGN, "]"))
		look_use(look, look_pipe(look, input));
	jq_token_want(look, TOKEN_SIGN, "]");
	return LOOK_OTHER;
}

/* {status, name: .user_name, "a": 1, (.x): 2, $v}, from its first brace on. */
static enum look_value look_object(struct jq_look *look, enum look_value input)
{
	jq_token_next(look);
	while (!look->lost && !jq_token_is(look, TOKEN_SIGN, "}")) {
		struct span name = look->text;
		enum look_token type = look->type;

		if (jq_token_take(look, TOKEN_SIGN, "(")) {
			look_use(look, look_pipe(look, input));
			look->lost |= !jq_token_is(look, TOKEN_SIGN, ")");
		} else {
			look->lost |= type != TOKEN_NAME && type != TOKEN_STRING && type != TOKEN_VARIABLE;
		}
		jq_token_next(look);
		if (jq_token_take(look, TOKEN_SIGN, ":")) {
			enum look_value value = look_term(look, input);

			while (jq_token_take(look, TOKEN_SIGN, "|"))
				value = look_term(look, value);
			look_use(look, value);
		} else if (type == TOKEN_NAME || type == TOKEN_STRING) {
			look_name(look, input, name);
		} else {
			for (size_t i = 0; i < look->input_count; i++)
				look->lost |= span_is(look->inputs[i], name);
		}
		if (!jq_token_take(look, TOKEN_SIGN, ","))
			break;
	}
	jq_token_want(look, TOKEN_SIGN, "}");
	return LOOK_OTHER;
}

static enum look_value look_if(struct jq_look *look, enum look_value input)
{
	enum look_value value = LOOK_OTHER;

	do {
		look_pipe(look, input); /* is it true? */
		jq_token_want(look, TOKEN_NAME, "then");
		value |= look_pipe(look, input);
	} while (!look->lost && jq_token_take(look, TOKEN_NAME, "elif"));
	value |= jq_token_take(look, TOKEN_NAME, "else") ? look_pipe(look, input) : input;
	jq_token_want(look, TOKEN_NAME, "end");
	return value;
}

/* A call on the whole input: those that are known to ask for no more than their arguments do. */
static enum look_value look_call_on_input(struct jq_look *look, struct span name)
{
	static const char *const plain[] = {"not", "true", "false", "null", "empty"};
	enum look_value value = LOOK_OTHER;

	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		if (span_is(name, span_of(plain[i])))
			return LOOK_OTHER;
	jq_token_want(look, TOKEN_SIGN, "(");
	if (span_is(name, span_of("has"))) {
		look->lost |= look->type != TOKEN_STRING;
		if (!look->lost)
			look_name(look, LOOK_INPUT, look->text);
		jq_token_next(look);
	} else if (span_is(name, span_of("select"))) {
		look_pipe(look, LOOK_INPUT);
		value = LOOK_INPUT;
	} else if (span_is(name, span_of("any")) || span_is(name, span_of("all"))) {
		value = look_pipe(look, LOOK_INPUT);
		jq_token_want(look, TOKEN_SIGN, ";");
		look_pipe(look, value);
		value = LOOK_OTHER;
	} else if (span_is(name, span_of("first")) || span_is(name, span_of("isempty"))) {
		value = look_pipe(look, LOOK_INPUT);
	} else {
		look->lost = true;
	}
	jq_token_want(look, TOKEN_SIGN, ")");
	return value;
}

/* What a call on another value gives to its arguments comes of that value. */
static enum look_value look_call(struct jq_look *look, enum look_value input)
{
	static const char *const words[] = {"def",  "reduce", "foreach", "label", "as",      "import",
	                                    "then", "elif",   "else",    "end",   "include", "catch",
	                                    "and",  "or",     "__loc__", "try",   "module"};
	struct span name = look->text;

	jq_token_next(look);
	if (span_is(name, span_of("if")))
		return look_if(look, input);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		look->lost |= span_is(name, span_of(words[i]));
	if (look->lost)
		return LOOK_OTHER;
	if (input == LOOK_INPUT)
		return look_call_on_input(look, name);
	if (!jq_token_take(look, TOKEN_SIGN, "("))
		return LOOK_OTHER;
	do
		look_use(look, look_pipe(look, LOOK_OTHER));
	while (!look->lost && jq_token_take(look, TOKEN_SIGN, ";"));
	jq_token_want(look, TOKEN_SIGN, ")");
	return LOOK_OTHER;
}

/* `TERM as $name | ...`, from `as` on. */
static enum look_value look_binding(struct jq_look *look, enum look_value value,
                                    enum look_value input)
{
	jq_token_next(look);
	look->lost |= look->type != TOKEN_VARIABLE;
	if (value == LOOK_INPUT && look->input_count < JQ_VARIABLES_MAX)
		look->inputs[look->input_count++] = look->text;
	else
		look_use(look, value);
	jq_token_next(look);
	jq_token_want(look, TOKEN_SIGN, "|");
	return look_pipe(look, input);
}

static enum look_value look_primary(struct jq_look *look, enum look_value input)
{
	struct span text = look->text;
	enum look_value value = LOOK_OTHER;

	switch (look->type) {
	case TOKEN_FIELD: jq_token_next(look); return look_name(look, input, text);
	case TOKEN_NAME: return look_call(look, input);
	case TOKEN_STRING:
	case TOKEN_NUMBER: jq_token_next(look); return LOOK_OTHER;
	case TOKEN_VARIABLE:
		for (size_t i = 0; i < look->input_count; i++)
			if (span_is(look->inputs[i], text))
				value = LOOK_INPUT;
		jq_token_next(look);
		return value;
	case TOKEN_SIGN: break;
	default: look->lost = true; return LOOK_OTHER;
	}
	if (jq_token_take(look, TOKEN_SIGN, ".")) {
		text = look->text;
		if (look->type != TOKEN_STRING)
			return input;
		jq_token_next(look);
		return look_name(look, input, text);
	}
	if (jq_token_take(look, TOKEN_SIGN, "(")) {
		value = look_pipe(look, input);
		jq_token_want(look, TOKEN_SIGN, ")");
		return value;
	}
	if (jq_token_is(look, TOKEN_SIGN, "{"))
		return look_object(look, input);
	if (jq_token_take(look, TOKEN_SIGN, "[")) {
		if (!jq_token_is(look, TOKEN_SIGN, "]"))
			look_use(look, look_pipe(look, input));
		jq_token_want(look, TOKEN_SIGN, "]");
	} else if (jq_token_take(look, TOKEN_SIGN, "-")) {
		look_use(look, look_term(look, input));
	} else {
		look->lost |= input == LOOK_INPUT || !jq_token_take(look, TOKEN_SIGN, "..");
	}
	return LOOK_OTHER;
}

static enum look_value look_term(struct jq_look *look, enum look_value input)
{
	enum look_value value = LOOK_OTHER;

	look->lost |= ++look->depth > JQ_DEPTH_MAX;
	if (!look->lost)
		value = look_primary(look, input);
	while (!look->lost) {
		if (jq_token_is(look, TOKEN_SIGN, "[")) {
			value = look_brackets(look, value, input);
		} else if (look->type == TOKEN_FIELD) {
			value = look_name(look, value, look->text);
			jq_token_next(look);
		} else if (jq_token_take(look, TOKEN_SIGN, ".")) {
			/* ."name" and .["name"] */
			if (look->type == TOKEN_STRING) {
				value = look_name(look, value, look->text);
				jq_token_next(look);
			} else {
				look->lost |= !jq_token_is(look, TOKEN_SIGN, "[");
			}
		} else if (!jq_token_take(look, TOKEN_SIGN, "?")) {
			break;
		}
	}
	look->depth--;
	return !look->lost && jq_token_is(look, TOKEN_NAME, "as") ? look_binding(look, value, input)
	                                                          : value;
}

/* Operators: those that pass values on, those that ask whether they are true, and those that
   look at them. */
enum jq_operator { OPERATOR_NONE, OPERATOR_PASSES, OPERATOR_TESTS, OPERATOR_LOOKS };

static enum jq_operator look_operator(struct jq_look *look)
{
	static const char *const looks[] = {"+", "-", "*", "/", "%", "==", "!=", "<=", "<", ">=", ">"};

	if (jq_token_take(look, TOKEN_SIGN, ",") || jq_token_take(look, TOKEN_SIGN, "//"))
		return OPERATOR_PASSES;
	if (jq_token_take(look, TOKEN_NAME, "and") || jq_token_take(look, TOKEN_NAME, "or"))
		return OPERATOR_TESTS;
	for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
		if (jq_token_take(look, TOKEN_SIGN, looks[i]))
			return OPERATOR_LOOKS;
	return OPERATOR_NONE;
}

/* Terms with operators between them, up to a pipe. Those that look bind closer than the others:
   what stands next to one is what it looks at. */
static enum look_value look_terms(struct jq_look *look, enum look_value input)
{
	enum jq_operator before = OPERATOR_NONE, after;
	enum look_value all = LOOK_OTHER;

	do {
		enum look_value value = look_term(look, input);

		after = look->lost ? OPERATOR_NONE : look_operator(look);
		if (before == OPERATOR_LOOKS || after == OPERATOR_LOOKS)
			look_use(look, value);
		if (before != OPERATOR_TESTS && after != OPERATOR_TESTS)
			all |= value;
		before = after;
	} while (after != OPERATOR_NONE);
	return all;
}

static enum look_value look_pipe(struct jq_look *look, enum look_value input)
{
	enum look_value value = input;

	look->lost |= ++look->depth > JQ_DEPTH_MAX;
	do
		value = look->lost ? LOOK_OTHER : look_terms(look, value);
	while (!look->lost && jq_token_take(look, TOKEN_SIGN, "|"));
	look->depth--;
	return value;
}

bool jq_members_find(struct jq_members *members, struct span program)
{
	struct jq_look look = {
		.members = members, .at = program.data, .end = program.data + program.len};

	members->count = 0;
	jq_token_next(&look);
	look_pipe(&look, LOOK_INPUT);
	return !look.lost && look.type == TOKEN_END;
}

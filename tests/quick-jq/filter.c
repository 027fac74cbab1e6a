/* SPDX-License-Identifier: ISC */
/* filter: the text of a filter becomes nodes. */
#include "quick.h"

static struct node *parse_pipe(void);
static struct node *parse_postfix(void);

static void skip_blanks(void)
{
	run.at += strspn(run.at, " \t\n");
}

/* Is the next thing this sign, or this word? Then it is passed. */
static bool passes(const char *sign)
{
	size_t len = strlen(sign);
	bool is_word = strspn(sign, "abcdefghijklmnopqrstuvwxyz") > 0;

	skip_blanks();
	if (strncmp(run.at, sign, len) != 0 ||
	    (is_word && strspn(run.at + len, "abcdefghijklmnopqrstuvwxyz_0123456789:") > 0))
		return false;
	run.at += len;
	return true;
}

static void expect(const char *sign)
{
	if (!passes(sign))
		leave_to_jq();
}

static struct node *new_node(enum node_kind kind, struct node *a, struct node *b)
{
	struct node *node = take_memory(sizeof *node);

	node->kind = kind;
	node->a = a;
	node->b = b;
	return node;
}

static struct node *new_value(yyjson_mut_val *value)
{
	struct node *node = new_node(NODE_VALUE, NULL, NULL);

	if (!value)
		leave_to_jq();
	node->value = value;
	return node;
}

/* How long is the name that comes next? 0: it is none. */
static size_t name_length(void)
{
	return strspn(run.at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") *
	       (strchr("0123456789", *run.at) == NULL);
}

/* Behind the first quote. Escapes are left to jq, but \" and \\. */
static struct node *parse_text(void)
{
	struct node *text = new_node(NODE_TEXT, NULL, NULL), **last = &text->list;
	struct text piece = {0};

	while (*run.at != '"') {
		if (strncmp(run.at, "\\(", 2) == 0) {
			*last = new_value(string_of(&piece));
			piece = (struct text){0};
			run.at += 2;
			last = &(*last)->next;
			*last = new_node(NODE_PIPE, new_node(NODE_INPUT, NULL, NULL), parse_pipe());
			last = &(*last)->next;
			if (*run.at != ')')
				leave_to_jq();
		} else if (*run.at == '\\' && (run.at[1] == '"' || run.at[1] == '\\')) {
			text_put(&piece, ++run.at, 1);
		} else if (*run.at == '\\' || *run.at == '\0') {
			leave_to_jq();
		} else {
			text_put(&piece, run.at, 1);
		}
		run.at++;
	}
	run.at++;
	*last = new_value(string_of(&piece));
	return text->list->next ? text : text->list;
}

static struct node *parse_variable(void)
{
	size_t len = name_length();

	for (size_t i = 0; i < run.variable_count; i++) {
		if (run.variables[i].is_known && strlen(run.variables[i].name) == len &&
		    strncmp(run.at, run.variables[i].name, len) == 0) {
			struct node *node = new_node(NODE_VARIABLE, NULL, NULL);

			run.at += len;
			node->variable = i;
			return node;
		}
	}
	leave_to_jq();
}

/* After `as`. */
static struct node *parse_as(struct node *of)
{
	struct node *node = new_node(NODE_AS, of, NULL);
	struct variable *variable;
	size_t len;

	expect("$");
	len = name_length();
	variable = add_variable(run.at, len);
	run.at += len;
	node->variable = (size_t)(variable - run.variables);
	expect("|");
	node->b = parse_pipe();
	variable->is_known = false;
	return node;
}

/* After `def`: without arguments, and known to what follows alone, not to itself. */
static void parse_definition(void)
{
	struct function function = {0};
	size_t len;

	skip_blanks();
	len = name_length();
	if (len == 0 || len >= sizeof function.name || run.function_count == FUNCTIONS_MAX)
		leave_to_jq();
	memcpy(function.name, run.at, len);
	run.at += len;
	expect(":");
	function.body = parse_pipe();
	expect(";");
	run.functions[run.function_count++] = function;
}

/* After the first brace. A value is terms with pipes: a comma ends it. */
static struct node *parse_object(void)
{
	struct node *object = new_node(NODE_OBJECT, NULL, NULL), **last = &object->list;

	while (!passes("}")) {
		bool is_variable;
		size_t len;
		struct node *key;

		if (object->list)
			expect(",");
		skip_blanks();
		is_variable = *run.at == '$';
		run.at += is_variable;
		len = name_length();
		if (len == 0)
			leave_to_jq();
		key = new_value(yyjson_mut_strncpy(run.doc, run.at, len));
		*last = key;
		if (is_variable) {
			key->next = parse_variable();
		} else {
			run.at += len;
			if (passes(":")) {
				key->next = parse_postfix();
				while (passes("|"))
					key->next = new_node(NODE_PIPE, key->next, parse_postfix());
			} else {
				key->next =
					new_node(NODE_INDEX, new_node(NODE_INPUT, NULL, NULL), new_value(key->value));
			}
		}
		last = &key->next->next;
	}
	return object;
}

static struct node *parse_if(void)
{
	struct node *node = new_node(NODE_IF, parse_pipe(), NULL);

	expect("then");
	node->b = parse_pipe();
	expect("else");
	node->c = parse_pipe();
	expect("end");
	return node;
}

static struct node *parse_call(void)
{
	struct node *call = new_node(NODE_CALL, NULL, NULL);
	size_t len = name_length();

	if (len == 0 || len >= sizeof call->name)
		leave_to_jq();
	memcpy(call->name, run.at, len);
	run.at += len;
	for (size_t i = 0; i < run.function_count; i++) {
		if (strcmp(run.functions[i].name, call->name) == 0)
			call->b = run.functions[i].body; /* in the place of a call */
	}
	if (call->b && *run.at == '(')
		leave_to_jq();
	if (call->b)
		return call->b;
	if (*run.at == '(') {
		run.at++;
		call->a = parse_pipe();
		if (passes(";"))
			call->b = parse_pipe();
		expect(")");
	}
	return call;
}

static struct node *parse_number(void)
{
	char *end;
	long long number = strtoll(run.at, &end, 10);

	if ((strchr(".eE", *end) && *end != '\0') || (number == 0 && *run.at == '-'))
		leave_to_jq();
	run.at = end;
	return new_value(yyjson_mut_sint(run.doc, number));
}

/* .name or ."name" after a dot, which is passed, as a node of INPUT */
static struct node *parse_name(struct node *of)
{
	size_t len = name_length();
	struct node *name;

	if (*run.at == '"') {
		run.at++;
		name = parse_text();
		return new_node(NODE_INDEX, of, name);
	}
	name = new_value(yyjson_mut_strncpy(run.doc, run.at, len));

	if (len == 0)
		leave_to_jq();
	run.at += len;
	return new_node(NODE_INDEX, of, name);
}

static struct node *parse_term(void)
{
	struct node *node;

	if (passes("if"))
		return parse_if();
	if (passes("true"))
		return new_value(yyjson_mut_true(run.doc));
	if (passes("false"))
		return new_value(yyjson_mut_false(run.doc));
	if (passes("null"))
		return new_value(yyjson_mut_null(run.doc));
	if (passes("\""))
		return parse_text();
	if (passes("$"))
		return parse_variable();
	if (passes("{"))
		return parse_object();
	if (passes("(")) {
		node = parse_pipe();
		expect(")");
		return node;
	}
	if (passes("["))
		return passes("]") ? new_node(NODE_ARRAY, NULL, NULL)
		                   : (node = new_node(NODE_ARRAY, parse_pipe(), NULL), expect("]"), node);
	if (passes(".")) {
		node = new_node(NODE_INPUT, NULL, NULL);
		return name_length() > 0 || *run.at == '"' ? parse_name(node) : node;
	}
	return strchr("0123456789", run.at[*run.at == '-']) && run.at[*run.at == '-'] ? parse_number()
	                                                                              : parse_call();
}

static struct node *parse_postfix(void)
{
	struct node *node = parse_term();

	for (;;) {
		if (passes("[")) {
			if (passes("]")) {
				node = new_node(NODE_EACH, node, NULL);
				continue;
			}
			node = new_node(NODE_INDEX, node, passes(":") ? NULL : parse_pipe());
			if (!node->b || passes(":")) {
				node->kind = NODE_SLICE;
				if (passes("]"))
					continue;
				node->c = parse_pipe();
			}
			expect("]");
		} else if (*run.at == '.' && run.at++) {
			if (*run.at != '[') /* .a.[0] is .a[0] in later versions only */
				node = parse_name(node);
			else
				leave_to_jq();
		} else {
			return node;
		}
	}
}

/* The operators, those that bind weakest first: one line a level. */
static struct node *parse_binary(size_t level)
{
	static const char *const operators[][7] = {
		{"//"}, {"="}, {"or"}, {"and"}, {"==", "!=", "<=", ">=", "<", ">"}, {"+", "-"}};
	struct node *left, *node;

	if (level == sizeof operators / sizeof *operators) {
		left = parse_postfix();
		return passes("as") ? parse_as(left) : left;
	}
	left = parse_binary(level + 1);
	for (size_t i = 0; operators[level][i]; i++) {
		if (strcmp(operators[level][i], "//") != 0 && passes("//")) {
			run.at -= 2; /* not a division, and not of this level */
			return left;
		}
		if (!passes(operators[level][i]))
			continue;
		if (level == 1 && *run.at == '=') /* of two comparisons in a row */
			leave_to_jq();
		/* `//` is right-associative, a comparison has no other next to it */
		node = new_node(NODE_BINARY, left, parse_binary(level == 0 ? 0 : level + 1));
		memcpy(node->name, operators[level][i], strlen(operators[level][i]));
		left = node;
		if (level == 1 || level == 4)
			break;
		i = (size_t)-1;
	}
	return left;
}

static struct node *parse_pipe(void)
{
	size_t known = run.function_count;
	struct node *node;

	if (++run.depth > DEPTH_MAX)
		leave_to_jq();
	while (passes("def"))
		parse_definition();
	node = parse_binary(0);
	while (passes(","))
		node = new_node(NODE_COMMA, node, parse_binary(0));
	if (passes("|"))
		node = new_node(NODE_PIPE, node, parse_pipe());
	run.depth--;
	run.function_count = known;
	return node;
}

const struct node *parse_filter(void)
{
	const struct node *filter = parse_pipe();

	skip_blanks();
	if (*run.at != '\0')
		leave_to_jq();
	return filter;
}

/* SPDX-License-Identifier: ISC */
/*
 * preset: templates and what is filled in. A host name that is no host name, an empty
 * part of a path, and one that leads up (..) never get into a URL.
 */
#include "http/preset.h"

#include "base/inert.h"
#include "base/near.h"
#include "http/origin.h"

#include <stdlib.h>

static int preset_add_var(void *value, const char *text, struct fault *fault)
{
	struct preset_vars *vars = value;
	const char *equals = strchr(text, '=');

	if (!equals || equals == text)
		return fault_set(fault, FAULT_USAGE,
		                 "--var takes NAME=VALUE (as region=eu-west-1), not '%s'",
		                 INERT(span_of(text)));
	if (vars->count == PRESET_VARS_MAX)
		return fault_set(fault, FAULT_USAGE, "--var: no provider has more than %d variables",
		                 PROVIDER_VARIABLES);
	vars->at[vars->count++] = text;
	return 0;
}

#define AT struct preset_options

const struct option_row preset_option_rows[] = {
	OPTION_PARSE("var", "NAME=VALUE", "a part of the provider's address; repeatable", AT, vars,
                 preset_add_var),
	OPTION_FLAG("yes", "go on in spite of what the provider warns of", AT, yes),
	{0},
};

/* ---- values ---- */

static const char *const preset_letters[] = {
	[LETTERS_LABEL] = "letters, digits and -",
	[LETTERS_HOST] = "a host name",
	[LETTERS_ID] = "letters, digits, -, . and _",
	[LETTERS_PATH] = "letters, digits, -, ., _ and /",
};

static bool preset_is_plain(char c)
{
	return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '-';
}

/* Is one part, between dots or slashes, what it may be? */
static bool preset_is_part(struct span part, enum provider_letters letters)
{
	bool dots = true;

	if (letters == LETTERS_LABEL || letters == LETTERS_HOST) {
		if (!part.len || part.len > 63 || part.data[0] == '-' || part.data[part.len - 1] == '-')
			return false;
		for (size_t i = 0; i < part.len; i++)
			if (!preset_is_plain(part.data[i]))
				return false;
		return true;
	}
	for (size_t i = 0; i < part.len; i++) {
		if (!preset_is_plain(part.data[i]) && part.data[i] != '.' && part.data[i] != '_')
			return false;
		dots &= part.data[i] == '.';
	}
	return !dots; /* nothing, . and .. lead elsewhere */
}

static bool preset_has_letters(const char *value, enum provider_letters letters)
{
	char between = letters == LETTERS_HOST ? '.' : letters == LETTERS_PATH ? '/' : '\0';
	const char *end;

	do {
		end = between ? strchr(value, between) : NULL;
		if (!preset_is_part((struct span){value, end ? (size_t)(end - value) : strlen(value)},
		                    letters))
			return false;
		value = end ? end + 1 : NULL;
	} while (value);
	return true;
}

/* The value of a variable is one that it may have? 0 or -1. */
static int preset_check_value(const struct provider *provider,
                              const struct provider_variable *variable, const char *value,
                              struct fault *fault)
{
	struct near near = near_to(span_of(value));
	struct buf values = {0};

	if (!preset_has_letters(value, variable->letters))
		return fault_set(fault, FAULT_USAGE, "--var %s of %s takes %s, not '%s'", variable->name,
		                 provider->name, preset_letters[variable->letters], INERT(span_of(value)));
	if (!variable->only)
		return 0;
	for (size_t i = 0; variable->only[i]; i++)
		if (strcmp(value, variable->only[i]) == 0)
			return 0;
	for (size_t i = 0; variable->only[i]; i++) {
		near_try(&near, variable->only[i]);
		buf_putf(&values, "%s%s", i ? ", " : "", variable->only[i]);
	}
	fault_set(fault, FAULT_USAGE, "--var %s of %s: '%s' is none of %s", variable->name,
	          provider->name, INERT(span_of(value)), buf_text(&values));
	buf_release(&values);
	fault_hint(fault, "; --base-url takes any other address");
	return near_hint(&near, "", fault);
}

void preset_put_variable(struct buf *name, const struct provider *provider,
                         const struct provider_variable *variable)
{
	const char *const parts[] = {"BATON_", provider->name, "_", variable->name};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		for (const char *at = parts[i]; *at; at++)
			buf_putc(name, *at == '-'                 ? '_'
			               : *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A')
			                                          : *at);
}

/* The value of a variable by --var, the last one counts, by the environment, or the usual one;
   NULL: nobody says. */
static const char *preset_find_value(const struct provider *provider,
                                     const struct provider_variable *variable,
                                     const struct preset_options *options)
{
	struct buf name = {0};
	const char *value;

	for (size_t i = options->vars.count; i-- > 0;) {
		const char *text = options->vars.at[i], *equals = strchr(text, '=');

		if (span_is((struct span){text, (size_t)(equals - text)}, span_of(variable->name)))
			return equals + 1;
	}
	preset_put_variable(&name, provider, variable);
	value = getenv(buf_text(&name));
	buf_release(&name);
	return value && *value ? value : variable->otherwise;
}

/* Every --var is one of the provider's, and has a value that it may have? 0 or -1. */
static int preset_check_vars(const struct provider *provider, const struct preset_options *options,
                             struct fault *fault)
{
	for (size_t i = 0; i < options->vars.count; i++) {
		const char *text = options->vars.at[i];
		struct span name = {text, strcspn(text, "=")};
		const struct provider_variable *variable = provider_variable(provider, name);
		struct near near = near_to(name);
		struct buf names = {0};

		if (variable && preset_check_value(provider, variable, text + name.len + 1, fault) < 0)
			return -1;
		if (variable)
			continue;
		for (const struct provider_variable *at = provider->variables; at->name; at++) {
			near_try(&near, at->name);
			buf_putf(&names, "%s%s", names.len ? ", " : "", at->name);
		}
		fault_set(fault, FAULT_USAGE, "--var: the address of %s has no variable '%s'; it has %s",
		          provider->name, INERT(name), names.len ? buf_text(&names) : "none");
		buf_release(&names);
		return near_hint(&near, "", fault);
	}
	return 0;
}

/* The fault of variables that nobody named. -1. */
static int preset_say_missing(const struct provider *provider, const struct preset_options *options,
                              struct fault *fault)
{
	struct buf text = {0};

	for (const struct provider_variable *at = provider->variables; at->name; at++) {
		if (preset_find_value(provider, at, options))
			continue;
		buf_putf(&text, "%s--var %s=... or ", text.len ? ", and " : "", at->name);
		preset_put_variable(&text, provider, at);
		buf_putf(&text, " (%s)", at->what);
	}
	fault_set(fault, FAULT_USAGE, "the address of %s needs %s; or give --base-url", provider->name,
	          buf_text(&text));
	buf_release(&text);
	return -1;
}

int preset_put_url(const struct provider *provider, const struct preset_options *options,
                   struct buf *url, struct fault *fault)
{
	if (preset_check_vars(provider, options, fault) < 0)
		return -1;
	for (const char *at = provider->base_url; *at;) {
		const struct provider_variable *variable;
		size_t len = strcspn(at, "{");
		const char *value;

		buf_put(url, at, len);
		at += len;
		if (!*at)
			break;
		len = strcspn(at, "}");
		variable = provider_variable(provider, (struct span){at + 1, len - 1});
		at += len + 1;
		value = preset_find_value(provider, variable, options);
		if (!value)
			return preset_say_missing(provider, options, fault);
		if (value != variable->otherwise &&
		    preset_check_value(provider, variable, value, fault) < 0)
			return -1;
		url_put_encoded(url, span_of(value));
	}
	return buf_check(url, fault);
}

int preset_heed(const struct provider *provider, const struct preset_options *options,
                struct fault *fault)
{
	if (!provider->warning || options->yes)
		return 0;
	return fault_set(fault, FAULT_USAGE, "%s: %s; if that is wanted, give --yes", provider->name,
	                 provider->warning);
}

int preset_refuse_vars(const struct preset_options *options, struct fault *fault)
{
	if (!options->vars.count)
		return 0;
	return fault_set(fault, FAULT_USAGE,
	                 "--var is for the address of a provider, and here the whole address is given");
}

/* ---- what there is ---- */

int preset_unknown(struct span name, struct fault *fault)
{
	const struct provider *provider = provider_find(name);
	struct near near = near_to(name);

	fault_set(fault, FAULT_USAGE, "unknown provider '%s'", INERT(name));
	if (provider) /* one that does not speak SCIM */
		return fault_hint(fault, "; for %s there is %s-fetch", provider->title, provider->schema);
	fault_hint(fault, "; scim-fetch --list-providers shows all there are, or give a base URL that "
	                  "starts with https://");
	for (size_t i = 0; (provider = provider_at(i)); i++)
		near_try(&near, provider->name);
	return near_hint(&near, "", fault);
}

void preset_put_list(struct buf *text)
{
	const struct provider *provider;

	buf_putf(text, "%-20s  %-6s  %s\n", "PROVIDER", "KNOWN", "ADDRESS");
	for (size_t i = 0; (provider = provider_at(i)); i++)
		if (provider->base_url)
			buf_putf(text, "%-20s  %-6s  %s\n", provider->name,
			         provider_grade_word(provider->grade), provider->base_url);
}

static void preset_put_fact(struct buf *text, const char *what, const char *fact)
{
	if (fact)
		buf_putf(text, "%-12s  %s\n", what, fact);
}

static void preset_put_variable_line(struct buf *text, const struct provider *provider,
                                     const struct provider_variable *variable)
{
	buf_putf(text, "%-12s  --var %s=... or ", "variable", variable->name);
	preset_put_variable(text, provider, variable);
	buf_putf(text, ": %s", variable->what);
	if (variable->otherwise && *variable->otherwise)
		buf_putf(text, " (if not said: %s)", variable->otherwise);
	for (size_t i = 0; variable->only && variable->only[i]; i++)
		buf_putf(text, "%s%s", i ? ", " : "; one of ", variable->only[i]);
	buf_putc(text, '\n');
}

void preset_put_one(struct buf *text, const struct provider *provider)
{
	static const char *const known[] = {
		[GRADE_VENDOR] = "from the vendor's documents",
		[GRADE_COPY] = "from the vendor's documents, read in a copy",
		[GRADE_CODE] = "from the vendor's code",
		[GRADE_OTHERS] = "in part from what others wrote who use it",
	};

	preset_put_fact(text, "provider", provider->name);
	preset_put_fact(text, "service", provider->title);
	preset_put_fact(text, "address", provider->base_url);
	for (const struct provider_variable *at = provider->variables; at->name; at++)
		preset_put_variable_line(text, provider, at);
	preset_put_fact(text, "or address", provider->base_variables[0]);
	preset_put_fact(text, "token", provider->token_variables[0]);
	buf_putf(text, "%-12s  %s\n", "--auth", provider->auth ? provider->auth : "Bearer");
	if (provider->count)
		buf_putf(text, "%-12s  %ld\n", "--count", provider->count);
	preset_put_fact(text, "token is", provider->refused);
	preset_put_fact(text, "warning", provider->warning);
	for (size_t i = 0; provider->not_covered[i]; i++)
		preset_put_fact(text, "not covered", provider->not_covered[i]);
	if (provider->base_url)
		buf_putf(text, "%-12s  %s; not tried with an account\n", "known", known[provider->grade]);
}

void preset_put_group_query(struct buf *url, const struct provider *provider)
{
	if (provider->group_query[0])
		url_put_parameter(url, provider->group_query[0], span_of(provider->group_query[1]));
}

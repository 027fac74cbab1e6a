/* SPDX-License-Identifier: ISC */
/*
 * source_token: all tokens stand in one piece of memory that never moves, because a signal
 * wipes it where it is.
 */
#include "sources/source_token.h"

#include "base/ceiling.h"
#include "base/inert.h"
#include "stream/provider.h"
#include "sys/credential.h"
#include "sys/undo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* What any program needs; a * at the end stands for any end. */
static const char *const common_variables[] = {
	"PATH",         "HOME",         "USER",        "LOGNAME",   "SHELL",       "LANG",
	"LANGUAGE",     "LC_*",         "TZ",          "TMPDIR",    "http_proxy",  "https_proxy",
	"all_proxy",    "no_proxy",     "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",    "SSL_CERT_FILE",
	"SSL_CERT_DIR", "OPENSSL_CONF", "LD_*",        "ASAN_*",    "LSAN_*",      "UBSAN_*",
	"GCOV_*",       "ROLLCALL_*",   "XDG_*",       "NO_COLOR",  "RES_OPTIONS", "LOCALDOMAIN",
	"HOSTALIASES",  "MALLOC_*",     "GLIBC_*",
};

static const char *token_variable_value(const char *name)
{
	const char *value = *name ? getenv(name) : NULL;

	return value && *value ? value : NULL;
}

/* Where nothing is said: as the program itself would look, but for its own variables only. */
static const char *token_find_default(const struct source *source, struct source_token *token)
{
	struct fault memory;

	for (size_t i = 0; i < SOURCE_VARIABLES && *source->variables[i]; i++)
		if (credential_find(source->variables[i], &token->path, &memory) > 0)
			return NULL;
	for (size_t i = 0; i < SOURCE_VARIABLES && *source->variables[i]; i++)
		if (token_variable_value(source->variables[i]))
			return token_variable_value(source->variables[i]);
	return NULL; /* the program says what is missing */
}

/* The value of the variable that holds the source's token; NULL: none does. */
static const char *token_find(const struct source *source, struct source_token *token)
{
	struct fault memory;
	const char *value;

	if (!source->names_token)
		return token_find_default(source, token);
	if (source->token_credential)
		credential_path(source->token_credential, &token->path, &memory);
	if (!source->token_env) {
		token->is_missing = source->token_credential && !token->path;
		return NULL;
	}
	value = token_variable_value(source->token_env);
	token->is_missing = !value;
	return value;
}

static void token_scrub(const char *variable)
{
	char *value = *variable ? getenv(variable) : NULL;

	if (value)
		explicit_bzero(value, strlen(value));
	unsetenv(variable);
}

static void token_scrub_all(const struct sources *sources)
{
	const struct provider *provider;

	for (size_t i = 0; i < sources->count; i++) {
		if (sources->at[i].token_env)
			token_scrub(sources->at[i].token_env);
		for (size_t j = 0; j < SOURCE_VARIABLES && *sources->at[i].variables[j]; j++)
			token_scrub(sources->at[i].variables[j]);
	}
	for (size_t i = 0; (provider = provider_at(i)); i++)
		for (size_t j = 0; provider->token_variables[j]; j++)
			token_scrub(provider->token_variables[j]);
}

/* How many bytes the tokens have together. */
static size_t tokens_size(const struct sources *sources)
{
	size_t size = 1;

	for (size_t i = 0; i < sources->count; i++) {
		struct source_token token = {0};
		const char *value = sources->at[i].is_wanted ? token_find(&sources->at[i], &token) : NULL;

		size += value ? strlen(value) : 0;
		free(token.path);
	}
	return size;
}

int source_tokens_init(struct source_tokens *tokens, const struct sources *sources,
                       struct fault *fault)
{
	*tokens = (struct source_tokens){.count = sources->count};
	tokens->at = calloc(sources->count + 1, sizeof *tokens->at);
	if (!tokens->at || !buf_reserve(&tokens->bytes, tokens_size(sources)))
		return fault_memory(fault);
	undo_wipe(tokens->bytes.data, tokens->bytes.cap);
	for (size_t i = 0; i < sources->count; i++) {
		const char *value =
			sources->at[i].is_wanted ? token_find(&sources->at[i], &tokens->at[i]) : NULL;
		size_t start = tokens->bytes.len;

		if (!value)
			continue;
		buf_puts(&tokens->bytes, value);
		tokens->at[i].text = (struct span){tokens->bytes.data + start, strlen(value)};
	}
	token_scrub_all(sources);
	return 0;
}

void source_tokens_release(struct source_tokens *tokens)
{
	for (size_t i = 0; tokens->at && i < tokens->count; i++)
		free(tokens->at[i].path);
	free(tokens->at);
	if (tokens->bytes.data) {
		explicit_bzero(tokens->bytes.data, tokens->bytes.cap);
		undo_forget(tokens->bytes.data);
	}
	buf_release(&tokens->bytes);
	*tokens = (struct source_tokens){0};
}

static int token_missing(const struct source *source, struct fault *fault)
{
	if (source->token_env)
		return fault_set(fault, FAULT_CONFIG, "no token: the variable %s (token_env) is not set",
		                 INERT(span_of(source->token_env)));
	return fault_set(fault, FAULT_CONFIG,
	                 "no token: CREDENTIALS_DIRECTORY is not set, where token_credential '%s' is "
	                 "looked for",
	                 INERT(span_of(source->token_credential)));
}

/* A pipe that holds the token: it is shorter than what a pipe takes at once. */
static int token_pipe(struct span text, struct fault *fault)
{
	int ends[2];

	if (text.len > TOKEN_MAX_BYTES)
		return fault_set(fault, FAULT_CONFIG, "more than %d bytes: that is no token",
		                 TOKEN_MAX_BYTES);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return fault_set(fault, FAULT_INTERNAL, "cannot make a pipe: %s", strerror(errno));
	if (write(ends[1], text.data, text.len) != (ssize_t)text.len) {
		close(ends[0]);
		ends[0] = fault_set(fault, FAULT_INTERNAL, "cannot fill a pipe");
	}
	close(ends[1]);
	return ends[0];
}

int source_token_open(const struct source_tokens *tokens, const struct source *source, size_t i,
                      bool *is_token, struct fault *fault)
{
	const struct source_token *token = &tokens->at[i];
	const char *path = token->path ? token->path : "/dev/null";
	int fd;

	*is_token = token->path || token->text.len;
	if (token->is_missing)
		return token_missing(source, fault);
	if (token->text.len)
		return token_pipe(token->text, fault);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		fault_set(fault, FAULT_CONFIG, "cannot open token file '%s': %s", INERT(span_of(path)),
		          strerror(errno));
	return fd;
}

/* ---- the environment ---- */

static bool variable_is(struct span name, const char *pattern)
{
	size_t len = strlen(pattern);

	return pattern[len - 1] == '*' ? span_begins(name, (struct span){pattern, len - 1})
	                               : span_is(name, span_of(pattern));
}

static bool variable_passes(const struct source *source, struct span name)
{
	for (size_t i = 0; i < sizeof common_variables / sizeof *common_variables; i++)
		if (variable_is(name, common_variables[i]))
			return true;
	for (size_t i = 0; source->base_variables && source->base_variables[i]; i++)
		if (span_is(name, span_of(source->base_variables[i])))
			return true;
	for (size_t i = 0; i < source->env_count; i++)
		if (span_is(name, source->env[i]))
			return true;
	return source->kind == SOURCE_SCALR && span_is(name, span_of("BATON_SCALR_ACCOUNT"));
}

char **source_environment(const struct source *source, struct fault *fault)
{
	size_t count = 0, kept = 0;
	char **variables;

	while (environ && environ[count])
		count++;
	variables = calloc(count + 1, sizeof *variables);
	if (!variables) {
		fault_memory(fault);
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		if (variable_passes(source, (struct span){environ[i], strcspn(environ[i], "=")}))
			variables[kept++] = environ[i];
	return variables;
}

/* SPDX-License-Identifier: ISC */
/*
 * secret: read into one fixed buffer that is registered to be wiped when a
 * signal ends the process.
 */
#include "http/secret.h"

#include "base/inert.h"
#include "http/token_command.h"
#include "stream/provider.h"
#include "sys/credential.h"
#include "sys/undo.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

void secret_harden(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
#if defined __linux__ && !defined __SANITIZE_ADDRESS__ /* its leak check needs ptrace */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
	unsetenv("SSLKEYLOGFILE"); /* libraries would write session keys there */
}

void secret_wipe(struct secret *secret)
{
	explicit_bzero(secret, sizeof *secret);
	undo_forget(secret);
}

/* Reads all of `fd`. 0 or -1; `from` names the source in messages. */
static int secret_read_all(struct secret_text *secret, int fd, const char *from,
                           struct fault *fault)
{
	for (;;) {
		size_t room = sizeof secret->bytes - secret->len;
		ssize_t n = read(fd, secret->bytes + secret->len, room);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fault_set(fault, FAULT_CONFIG, "cannot read the token from %s: %s", from,
			                 strerror(errno));
		if (n == 0)
			return 0;
		secret->len += (size_t)n;
		if (secret->len > TOKEN_MAX_BYTES)
			return fault_set(fault, FAULT_CONFIG, "%s holds more than %d bytes: that is no token",
			                 from, TOKEN_MAX_BYTES);
	}
}

void secret_write(struct secret_text *text, struct span form, bool as_base64)
{
	if (as_base64) {
		text->written_len = (size_t)EVP_EncodeBlock(
			(unsigned char *)text->written, (const unsigned char *)form.data, (int)form.len);
	} else {
		memcpy(text->written, form.data, form.len);
		text->written_len = form.len;
	}
}

/* USER:PASSWORD, as RFC 7617 section 2 has it: no control characters. */
static int secret_check_password(struct secret_text *text, const char *from, struct fault *fault)
{
	const char *colon = memchr(text->bytes, ':', text->len);

	for (size_t i = 0; i < text->len; i++)
		if ((unsigned char)text->bytes[i] < 0x20 || text->bytes[i] == 0x7f)
			return fault_set(fault, FAULT_CONFIG,
			                 "the password from %s has a byte at place %zu that none can have (a "
			                 "line end or another control character)",
			                 from, i + 1);
	if (!colon || colon == text->bytes)
		return fault_set(fault, FAULT_CONFIG,
		                 "--auth Basic needs USER:PASSWORD with a colon between them, and %s does "
		                 "not hold that (the bytes themselves, not their Base64)",
		                 from);
	secret_write(text, (struct span){text->bytes, text->len}, true);
	return 0;
}

/* One trailing newline goes; what is left must be able to stand in a header. */
static int secret_check(struct secret_text *secret, enum secret_kind kind, const char *from,
                        struct fault *fault)
{
	static const char *const schemes[] = {"Bearer ", "Basic ", "Token ", "Digest ",
	                                      "Authorization:"};

	if (secret->len && secret->bytes[secret->len - 1] == '\n')
		secret->len--;
	secret->bytes[secret->len] = '\0';
	if (!secret->len)
		return fault_set(fault, FAULT_CONFIG, "the token from %s is empty", from);
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (strncasecmp(secret->bytes, schemes[i], strlen(schemes[i])) == 0)
			return fault_set(
				fault, FAULT_CONFIG,
				"the token from %s begins with '%s': give what comes after Bearer, and "
				"nothing else; another way to sign in is named by --auth",
				from, schemes[i]);
	if (kind == SECRET_PASSWORD)
		return secret_check_password(secret, from, fault);
	for (size_t i = 0; i < secret->len; i++)
		if (secret->bytes[i] < (kind == SECRET_CLIENT ? ' ' : 0x21) || secret->bytes[i] > 0x7e)
			return fault_set(
				fault, FAULT_CONFIG,
				"the token from %s has a byte at place %zu that no token has (a space, "
				"a line end or a non-ASCII character)",
				from, i + 1);
	return 0;
}

static int secret_read_file(struct secret_text *secret, const char *path, enum secret_kind kind,
                            bool private, struct fault *fault)
{
	char from[INERT_MAX + 8], shown[INERT_MAX];
	struct stat st;
	int fd, result = -1;

	snprintf(from, sizeof from, "'%s'", inert_text(shown, span_of(path)));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return fault_set(fault, FAULT_CONFIG, "cannot open token file %s: %s", from,
		                 strerror(errno));
	if (fstat(fd, &st) < 0)
		fault_set(fault, FAULT_CONFIG, "cannot look at token file %s: %s", from, strerror(errno));
	else if (private && (st.st_mode & 077))
		fault_set(fault, FAULT_CONFIG,
		          "token file %s can be read by others (mode %03o); run: chmod 600 on it, or, "
		          "where it is mounted like that, give it as: --token-file - <FILE",
		          from, (unsigned)st.st_mode & 0777);
	else if (secret_read_all(secret, fd, from, fault) == 0)
		result = secret_check(secret, kind, from, fault);
	close(fd);
	return result;
}

const char *secret_variable(char to[VARIABLE_MAX], const char *variable, enum secret_kind kind)
{
	static const char last[] = "_TOKEN";
	size_t len = strlen(variable);

	if (kind != SECRET_CLIENT)
		return variable;
	if (len > strlen(last) && strcmp(variable + len - strlen(last), last) == 0)
		len -= strlen(last);
	snprintf(to, VARIABLE_MAX, "%.*s_CLIENT_SECRET", (int)len, variable);
	return to;
}

/* 1: found, 0: no such file, -1: fault. */
static int secret_read_credential(struct secret_text *secret, const char *variable,
                                  enum secret_kind kind, struct fault *fault)
{
	char *path;
	int result = credential_find(variable, &path, fault);

	if (result > 0 && secret_read_file(secret, path, kind, false, fault) < 0)
		result = -1;
	free(path);
	return result;
}

/* 1: found, 0: not set, -1: fault. */
static int secret_read_variable(struct secret_text *secret, const char *variable,
                                enum secret_kind kind, struct fault *fault)
{
	const char *value = getenv(variable);

	if (!value || !*value)
		return 0;
	secret->len = strlen(value);
	if (secret->len > TOKEN_MAX_BYTES)
		return fault_set(fault, FAULT_CONFIG, "%s holds more than %d bytes: that is no token",
		                 variable, TOKEN_MAX_BYTES);
	memcpy(secret->bytes, value, secret->len);
	return secret_check(secret, kind, variable, fault) < 0 ? -1 : 1;
}

/* Wipes the value where the kernel put it, so that /proc/PID/environ does not show it
   either, and removes the variable. */
static void secret_scrub_variable(const char *variable)
{
	char *value = getenv(variable);

	if (value)
		explicit_bzero(value, strlen(value));
	unsetenv(variable);
}

static void secret_scrub_environment(void)
{
	const struct provider *provider;
	char name[VARIABLE_MAX];

	for (size_t i = 0; (provider = provider_at(i)); i++)
		for (size_t j = 0; provider->token_variables[j]; j++) {
			secret_scrub_variable(provider->token_variables[j]);
			secret_scrub_variable(
				secret_variable(name, provider->token_variables[j], SECRET_CLIENT));
		}
}

static int secret_find(struct secret_text *secret, const struct secret_sources *sources,
                       struct fault *fault)
{
	int (*const read_from[])(struct secret_text *, const char *, enum secret_kind,
	                         struct fault *) = {secret_read_credential, secret_read_variable};
	char name[VARIABLE_MAX];

	if (sources->kind == SECRET_NONE)
		return 0;
	if (sources->file && strcmp(sources->file, "-") != 0)
		return secret_read_file(secret, sources->file, sources->kind, true, fault);
	if (sources->file && secret_read_all(secret, STDIN_FILENO, "standard input", fault) < 0)
		return -1;
	if (sources->file)
		return secret_check(secret, sources->kind, "standard input", fault);
	if (sources->command)
		return 1; /* run later, when the environment is clean */
	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; sources->variables[j]; j++) {
			int found =
				read_from[i](secret, secret_variable(name, sources->variables[j], sources->kind),
			                 sources->kind, fault);

			if (found)
				return found < 0 ? -1 : 0;
		}
	return fault_set(
		fault, FAULT_CONFIG,
		sources->kind == SECRET_CLIENT
			? "no secret of the client: set %s, or give --token-file FILE or --token-command COMMAND"
			: "no token: set %s, or give --token-file FILE or --token-command COMMAND",
		secret_variable(name, sources->variables[0], sources->kind));
}

int secret_take(struct secret_text *text, struct span bytes, const char *from, struct fault *fault)
{
	if (bytes.len > TOKEN_MAX_BYTES)
		return fault_set(fault, FAULT_PROTOCOL, "%s sends more than %d bytes: that is no token",
		                 from, TOKEN_MAX_BYTES);
	memcpy(text->bytes, bytes.data, bytes.len);
	text->len = bytes.len;
	if (secret_check(text, SECRET_TOKEN, from, fault) == 0)
		return 0;
	fault->kind = FAULT_PROTOCOL;
	return -1;
}

void secret_replace(struct secret *secret, const struct secret_text *text)
{
	secret->older = secret->now;
	secret->now = *text;
}

int secret_renew(struct secret *secret, enum secret_kind kind, struct token_command *runner,
                 int timeout_ms, struct fault *fault)
{
	struct secret_text fresh = {0};
	int result = token_command_run(runner, &fresh, timeout_ms, fault);

	if (result == 0)
		result = secret_check(&fresh, kind, "--token-command", fault);
	if (result == 0)
		secret_replace(secret, &fresh);
	explicit_bzero(&fresh, sizeof fresh);
	return result;
}

bool secret_face(const struct secret *secret, size_t i, struct span *face)
{
	const struct secret_text *text = i < 3 ? &secret->older : &secret->now;
	const char *colon;

	*face = (struct span){text->bytes, text->len};
	if (i % 3 == 0)
		*face = (struct span){text->written, text->written_len};
	if (i % 3 == 2) {
		colon = text->written_len ? memchr(text->bytes, ':', text->len) : NULL;
		face->len = colon ? text->len - (size_t)(colon + 1 - text->bytes) : 0;
		face->data = colon ? colon + 1 : "";
	}
	return i < 6;
}

int secret_init(struct secret *secret, const struct secret_sources *sources, struct fault *fault)
{
	int result;

	*secret = (struct secret){0};
	undo_wipe(secret, sizeof *secret);
	result = secret_find(&secret->now, sources, fault);
	secret_scrub_environment();
	if (result == 1)
		result = token_command_start(sources->runner, sources->command, fault) < 0
		             ? -1
		             : secret_renew(secret, sources->kind, sources->runner, -1, fault);
	if (result < 0)
		secret_wipe(secret);
	return result;
}

/* SPDX-License-Identifier: ISC */
/*
 * service_options: the rows that the programs share, each once.
 */
#include "http/service_options.h"

#include "base/ceiling.h"
#include "http/oauth.h"

#include <strings.h>

enum { JOBS_DEFAULT = 4, RETRIES_MAX = 100 };
enum { TIMEOUT_DEFAULT_S = 60, DAY_S = 24 * 60 * 60, WEEK_S = 7 * DAY_S };

static const char *const client_auths[] = {"basic", "post"};

/* Is it one of the forms? The text itself is read again when the connection is opened. */
static int parse_auth(void *value, const char *text, struct fault *fault)
{
	struct sign_in sign_in;

	*(const char **)value = text;
	return sign_in_init(&sign_in, text, fault);
}

#define AT struct service_options

const struct option_row service_option_rows[] = {
	OPTION_HEADING("Service and token"),
	OPTION_TEXT("base-url", "URL", "address of the service, if not the provider's own", AT,
                base_url),
	OPTION_FILE("token-file", 0, "FILE", "read the token from FILE", AT, token_file),
	OPTION_FILE("token-command", 0, "CMD", "run CMD, without a shell, and read the token from it",
                AT, token_command),
	OPTION_PARSE("auth", "FORM", "how it is sent: Bearer, Basic, Token, X-Key:, none", AT, auth,
                 parse_auth),
	OPTION_TEXT("oauth-token-url", "URL", "get tokens by OAuth 2 from this token endpoint", AT,
                oauth_token_url),
	OPTION_TEXT("client-id", "ID", "the client of OAuth; --token-file has its secret", AT,
                client_id),
	OPTION_WORD("client-auth", "WAY", "where they stand: basic (header) or post (body)", AT,
                client_auth, client_auths, CLIENT_BASIC, CLIENT_POST),
	OPTION_TEXT("oauth-scope", "SCOPE", "the scope that OAuth asks for", AT, oauth_scope),
	OPTION_PARSE("oauth-param", "NAME=VALUE", "what else OAuth asks with; repeatable", AT,
                 oauth_parameters, oauth_add_parameter),
	OPTION_FILE("cert", 0, "FILE", "give the service this client certificate", AT, cert),
	OPTION_FILE("key", 0, "FILE", "the private key of --cert, if that does not hold it", AT, key),
	OPTION_FILE("ca-file", 0, "FILE", "trust the certificate authorities in FILE", AT, ca_file),
	OPTION_TEXT("proxy", "URL", "use this proxy, not the one of the environment", AT, proxy),
	OPTION_HEADING("Speed and waiting"),
	OPTION_NUMBER("jobs", "N", "requests at a time (4)", AT, jobs, 1, JOBS_MAX),
	OPTION_NUMBER("timeout", "SECONDS", "longest time for one try (60)", AT, timeout_s, 1, DAY_S),
	OPTION_NUMBER("retries", "N", "tries after one that failed (4)", AT, retries, 0, RETRIES_MAX),
	OPTION_NUMBER("max-wait", "SECONDS", "longest wait for 429 and Retry-After (75)", AT,
                  max_wait_s, 0, DAY_S),
	OPTION_NUMBER("deadline", "SECONDS", "longest time for the whole run (none)", AT, deadline_s, 1,
                  WEEK_S),
	OPTION_HEADING("Messages"),
	OPTION_SETS("quiet", 'q', "print errors only", AT, verbosity, -1),
	OPTION_SETS("verbose", 'v', "print each request, and how far it is", AT, verbosity, 1),
	{0},
};

void service_options_init(struct service_options *options)
{
	*options = (struct service_options){
		.jobs = JOBS_DEFAULT,
		.timeout_s = TIMEOUT_DEFAULT_S,
		.retries = -1,
		.max_wait_s = MAX_WAIT_DEFAULT_S,
	};
}

int service_options_check(const struct service_options *options, struct fault *fault)
{
	if (options->token_file && options->token_command)
		return fault_set(fault, FAULT_USAGE, "--token-file and --token-command exclude each other");
	if (oauth_check(options, fault) < 0)
		return -1;
	if (options->key && !options->cert)
		return fault_set(fault, FAULT_USAGE, "--key needs --cert: the certificate of that key");
	if (options->auth && strcasecmp(options->auth, "none") == 0 &&
	    (options->token_file || options->token_command))
		return fault_set(fault, FAULT_USAGE,
		                 "--auth none sends no token: leave out --token-file and --token-command");
	return 0;
}

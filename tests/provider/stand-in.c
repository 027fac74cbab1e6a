/* SPDX-License-Identifier: ISC */
/*
 * stand-in: plays RudderStack, Stripe, Scalr and a plain SCIM service on
 * 127.0.0.1, for the demo and for tests.
 *
 * It shares no code with the programs that it tests. It prints its address as
 * one line and serves until a signal or the operation "quit"; with `change`
 * as its first word it is the client that sends such operations.
 */
#include "change.h"
#include "control.h"
#include "generate.h"
#include "server.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"usage: stand-in [options]\n"
	"       stand-in change URL OPERATION...\n"
	"\n"
	"  stand-in --users 40 --token s3cret &      # prints http://127.0.0.1:PORT\n"
	"  curl -H 'Authorization: Bearer s3cret' http://127.0.0.1:PORT/scim/v2/Users\n"
	"  stand-in change http://127.0.0.1:PORT '{\"op\":\"deactivate\",\"id\":\"u3\"}'\n"
	"  stand-in --switch cap=5 --switch stripe:fail-at=3:503:2 --log requests.ndjson\n"
	"\n"
	"Below URL: /rudderstack/scim/v2 /stripe/scim/v2 /scim/v2 /api/iacp/v3\n"
	"\n"
	"  --users N --groups N --services N   how many to invent (12, 4, 2)\n"
	"  --members N        users in each group (4); each fourth group nests another\n"
	"  --seed N           other names and memberships; ids stay u1, g1, s1 ...\n"
	"  --data FILE        NDJSON in place of invented data (directory.h has its form)\n"
	"  --token TOKEN      the one token that is right (else: any)\n"
	"  --header LINE      what lets a request in, in place of the bearer token:\n"
	"                     'Authorization: Basic YTpi', 'X-Api-Key: s3cret', or '' (nothing)\n"
	"  --oauth ID:SECRET  a token endpoint, /oauth/token, whose newest token lets a request in\n"
	"  --oauth-access TEXT                 what tokens begin with (access)\n"
	"  --oauth-auth basic|post             how the client shows its id (either)\n"
	"  --oauth-scope TEXT, --oauth-type TEXT, --oauth-lasts SECONDS, --oauth-uses REQUESTS\n"
	"  --log FILE         one NDJSON line a request\n"
	"  --delay MS         each answer waits\n"
	"  --page-max N       no page is longer, whatever is asked for\n"
	"  --port N           default: a free one\n"
	"  --tls-cert FILE --tls-key FILE      serve https; a second line is printed,\n"
	"                     the plain address for `change`\n"
	"  --client-ca FILE   TLS asks for a client certificate of this authority, and a request\n"
	"                     without one is answered with 400\n"
	"  --switch [SERVICE:]NAME[=VALUE]     something that goes wrong; repeatable\n"
	"  --switches         list them all\n"
	"\n"
	"Operations are {\"op\":NAME, ...}; ids are plain, without a service's prefix:\n"
	"  add-user (id user_name ...)  rename-user (id display_name)  remove-user (id)\n"
	"  add-group (id name members)  rename-group (id name)  remove-group (id)\n"
	"  add-member, remove-member (group member)  move (member from to)\n"
	"  deactivate, activate (id)  switch (name value)  quit\n"
	"\n"
	"A deactivated user stays visible with active false; Stripe drops it only with\n"
	"the switch stripe-drops-inactive.\n";

struct options {
	struct size size;
	const char *data, *log, *tls_cert, *tls_key, *client_ca;
	long port, page_max;
};

static long number(const char *name, const char *text, long most)
{
	long value;

	if (!text_number(text, &value) || value < 0 || value > most)
		give_up("--%s: '%s' is not a number from 0 to %ld", name, text, most);
	return value;
}

static void set_switch(struct server *server, char *argument)
{
	char *value = strchr(argument, '=');
	struct why why;

	if (value)
		*value++ = '\0';
	if (switches_set(server->switches, argument, value, &why))
		give_up("%s", why.text);
}

static char *file_text(const char *path)
{
	FILE *file = fopen(path, "r");
	size_t size = 0;
	char *text = NULL;

	if (!file || getdelim(&text, &size, '\0', file) < 0)
		give_up("%s: %s", path, strerror(errno));
	fclose(file);
	return text;
}

static void parse(int argc, char **argv, struct options *options, struct server *server)
{
	static const struct option names[] = {
		{"users", 1, NULL, 'u'},        {"groups", 1, NULL, 'g'},
		{"members", 1, NULL, 'm'},      {"services", 1, NULL, 's'},
		{"seed", 1, NULL, 'e'},         {"data", 1, NULL, 'd'},
		{"token", 1, NULL, 't'},        {"log", 1, NULL, 'l'},
		{"delay", 1, NULL, 'y'},        {"header", 1, NULL, 'H'},
		{"client-ca", 1, NULL, 'C'},    {"oauth", 1, NULL, 'O'},
		{"oauth-access", 1, NULL, 'A'}, {"oauth-auth", 1, NULL, 'B'},
		{"oauth-scope", 1, NULL, 'S'},  {"oauth-type", 1, NULL, 'T'},
		{"oauth-lasts", 1, NULL, 'L'},  {"oauth-uses", 1, NULL, 'U'},
		{"page-max", 1, NULL, 'x'},     {"port", 1, NULL, 'p'},
		{"tls-cert", 1, NULL, 'c'},     {"tls-key", 1, NULL, 'k'},
		{"switch", 1, NULL, 'w'},       {"switches", 0, NULL, 'W'},
		{"help", 0, NULL, 'h'},         {NULL, 0, NULL, 0},
	};
	enum { MANY = 100000000, DAY_MS = 86400000 };
	int letter, at;

	while ((letter = getopt_long(argc, argv, "h", names, &at)) != -1) {
		switch (letter) {
		case 'u': options->size.users = number("users", optarg, MANY); break;
		case 'g': options->size.groups = number("groups", optarg, MANY); break;
		case 'm': options->size.members = number("members", optarg, MANY); break;
		case 's': options->size.services = number("services", optarg, MANY); break;
		case 'e': options->size.seed = (unsigned long)number("seed", optarg, MANY); break;
		case 'd': options->data = optarg; break;
		case 't': server->token = optarg; break;
		case 'O': server->tokens.client = optarg; break;
		case 'A': server->tokens.access = optarg; break;
		case 'B': server->tokens.auth = optarg; break;
		case 'S': server->tokens.scope = optarg; break;
		case 'T': server->tokens.type = optarg; break;
		case 'L': server->tokens.lasts_s = number("oauth-lasts", optarg, MANY); break;
		case 'U': server->tokens.uses = number("oauth-uses", optarg, MANY); break;
		case 'C': options->client_ca = optarg; break;
		case 'H': server->header = optarg; break;
		case 'l': options->log = optarg; break;
		case 'y': server->delay_ms = number("delay", optarg, DAY_MS); break;
		case 'x': server->page_max = (size_t)number("page-max", optarg, MANY); break;
		case 'p': options->port = number("port", optarg, 65535); break;
		case 'c': options->tls_cert = optarg; break;
		case 'k': options->tls_key = optarg; break;
		case 'w': set_switch(server, optarg); break;
		case 'W': switches_list(stdout); exit(0);
		case 'h': fputs(help, stdout); exit(0);
		default: fputs(help, stderr); exit(64);
		}
	}
	if (optind < argc)
		give_up("'%s': no operands here", argv[optind]);
	if (!options->tls_cert != !options->tls_key)
		give_up("--tls-cert and --tls-key go together");
	if (options->client_ca && !options->tls_cert)
		give_up("--client-ca needs --tls-cert");
}

static void set_up(const struct options *options, struct server *server)
{
	struct why why;

	if (!options->data)
		generate(&server->directory, &options->size);
	else if (directory_read(&server->directory, options->data, &why))
		give_up("%s", why.text);
	if (options->log) {
		server->log = fopen(options->log, "a");
		if (!server->log)
			give_up("%s: %s", options->log, strerror(errno));
	}
	if (options->tls_cert) {
		server->tls_cert = file_text(options->tls_cert);
		server->tls_key = file_text(options->tls_key);
	}
	if (options->client_ca)
		server->client_ca = file_text(options->client_ca);
	control_switched(server);
}

static void serve_until_told(struct server *server, uint16_t wanted_port)
{
	uint16_t port, control_port;
	struct why why;
	sigset_t signals;
	int caught;

	/* Threads inherit the mask, so the signals wait for sigwait here. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (server_start(server, wanted_port, &port, &control_port, &why))
		give_up("%s", why.text);
	printf("%s://127.0.0.1:%u\n", server->control ? "https" : "http", port);
	if (server->control)
		printf("http://127.0.0.1:%u\n", control_port);
	if (fflush(stdout) != 0)
		give_up("stdout: %s", strerror(errno));
	sigwait(&signals, &caught);
	server_stop(server);
}

int main(int argc, char **argv)
{
	static struct server server = {.tokens.access = "access"};
	struct options options = {.size = {.users = 12, .groups = 4, .members = 4, .services = 2}};
	struct why why;

	if (argc > 1 && strcmp(argv[1], "change") == 0) {
		if (argc < 4)
			give_up("usage: stand-in change URL OPERATION...");
		if (change(argv[2], argv + 3, &why))
			give_up("%s", why.text);
		return 0;
	}
	parse(argc, argv, &options, &server);
	set_up(&options, &server);
	serve_until_told(&server, (uint16_t)options.port);
	if (server.log && fclose(server.log) != 0)
		give_up("the log: %s", strerror(errno));
	return 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * fetch_options: one table of options, numbers checked against their ranges.
 */
#include "fetch/fetch_options.h"

#include "base/inert.h"
#include "base/option.h"

static const struct option long_options[] = {
	CONNECTION_OPTIONS,
	{"scope", required_argument, NULL, OPTION_SCOPE},
	{"count", required_argument, NULL, OPTION_COUNT},
	{"keep-going", no_argument, NULL, OPTION_KEEP_GOING},
	{"check", no_argument, NULL, OPTION_CHECK},
	{"dry-run", no_argument, NULL, OPTION_DRY_RUN},
	{"paging", required_argument, NULL, OPTION_PAGING},
	{"method", required_argument, NULL, OPTION_METHOD},
	{"members", required_argument, NULL, OPTION_MEMBERS},
	{"sort-by", required_argument, NULL, OPTION_SORT_BY},
	{"query", required_argument, NULL, OPTION_QUERY},
	{NULL, 0, NULL, 0},
};

enum { COUNT_DEFAULT = 100, COUNT_MAX = 100000 };
enum { JOBS_DEFAULT = 4 };
enum { RETRIES_MAX = 100 };
enum { TIMEOUT_DEFAULT_S = 60, DAY_S = 24 * 60 * 60, WEEK_S = 7 * DAY_S };

/* Whole numbers: where they go and what they may be. */
static const struct {
	enum option_code code;
	const char *name;
	size_t offset;
	long least, most;
} numbers[] = {
	{OPTION_COUNT, "--count", offsetof(struct fetch_options, count), 1, COUNT_MAX},
	{OPTION_JOBS, "--jobs", offsetof(struct fetch_options, service.jobs), 1, JOBS_MAX},
	{OPTION_TIMEOUT, "--timeout", offsetof(struct fetch_options, service.timeout_s), 1, DAY_S},
	{OPTION_DEADLINE, "--deadline", offsetof(struct fetch_options, service.deadline_s), 1, WEEK_S},
	{OPTION_RETRIES, "--retries", offsetof(struct fetch_options, service.retries), 0, RETRIES_MAX},
	{OPTION_MAX_WAIT, "--max-wait", offsetof(struct fetch_options, service.max_wait_s), 0, DAY_S},
};

static const struct {
	enum option_code code;
	size_t offset;
} texts[] = {
	{OPTION_BASE_URL, offsetof(struct fetch_options, service.base_url)},
	{OPTION_SOURCE, offsetof(struct fetch_options, source)},
	{OPTION_TOKEN_FILE, offsetof(struct fetch_options, service.token_file)},
	{OPTION_TOKEN_COMMAND, offsetof(struct fetch_options, service.token_command)},
	{OPTION_CA_FILE, offsetof(struct fetch_options, service.ca_file)},
	{OPTION_PROXY, offsetof(struct fetch_options, service.proxy)},
	{OPTION_SORT_BY, offsetof(struct fetch_options, sort_by)},
};

static const struct {
	const char *word;
	unsigned bit;
} scopes[] = {{"users", SCOPE_USERS}, {"groups", SCOPE_GROUPS}, {"members", SCOPE_MEMBERS}};

/* One word of a few; its place in the list is the value of the enum. */
static const struct {
	enum option_code code;
	size_t offset;
	const char *takes;
	const char *words[5];
} choices[] = {
	{OPTION_PAGING,
     offsetof(struct fetch_options, paging),
     "--paging takes auto, index, cursor or none",
     {"auto", "index", "cursor", "none"}},
	{OPTION_METHOD,
     offsetof(struct fetch_options, method),
     "--method takes get or search",
     {"get", "search"}},
	{OPTION_MEMBERS,
     offsetof(struct fetch_options, members),
     "--members takes auto, list, get or filter",
     {"auto", "list", "get", "filter"}},
};

/* 1: it is one, and set; 0: it is none; -1: out of range. */
static int set_number(struct fetch_options *options, int code, const char *text,
                      struct fault *fault)
{
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		long *number = (long *)(void *)((char *)options + numbers[i].offset);

		if ((int)numbers[i].code != code)
			continue;
		if (option_number(numbers[i].name, text, numbers[i].least, numbers[i].most, number, fault) <
		    0)
			return -1;
		return 1;
	}
	return 0;
}

static bool set_text(struct fetch_options *options, int code, const char *text)
{
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if ((int)texts[i].code == code) {
			*(const char **)(void *)((char *)options + texts[i].offset) = text;
			return true;
		}
	return false;
}

static int set_scopes(struct fetch_options *options, const char *text, struct fault *fault)
{
	options->scopes = 0;
	do {
		struct span word = option_take_word(&text);
		unsigned bit = 0;

		for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++)
			if (span_is(word, span_of(scopes[i].word)))
				bit = scopes[i].bit;
		if (!bit)
			return fault_set(fault, FAULT_USAGE,
			                 "--scope takes users, groups and members, not '%s'", INERT(word));
		options->scopes |= bit;
	} while (text);
	if (options->scopes == SCOPE_MEMBERS || options->scopes == (SCOPE_MEMBERS | SCOPE_USERS))
		return fault_set(fault, FAULT_USAGE, "--scope members needs groups, too");
	return 0;
}

/* As set_number. */
static int set_choice(struct fetch_options *options, int code, const char *text,
                      struct fault *fault)
{
	for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
		if ((int)choices[i].code != code)
			continue;
		for (int word = 0; choices[i].words[word]; word++)
			if (strcmp(text, choices[i].words[word]) == 0) {
				*(int *)(void *)((char *)options + choices[i].offset) = word;
				return 1;
			}
		return fault_set(fault, FAULT_USAGE, "%s, not '%s'", choices[i].takes,
		                 INERT(span_of(text)));
	}
	return 0;
}

/* "attributes=id,userName": name and value are encoded, the first = is not. */
static int add_query(struct buf *query, const char *text, struct fault *fault)
{
	const char *equals = strchr(text, '=');

	if (!equals || equals == text)
		return fault_set(fault, FAULT_USAGE, "--query takes NAME=VALUE, not '%s'",
		                 INERT(span_of(text)));
	if (query->len)
		buf_putc(query, '&');
	url_put_encoded(query, (struct span){text, (size_t)(equals - text)});
	buf_putc(query, '=');
	url_put_encoded(query, span_of(equals + 1));
	return buf_check(query, fault);
}

int fetch_options_set(struct fetch_options *options, int code, const char *text,
                      struct buf *scratch, struct fault *fault)
{
	int result = set_number(options, code, text, fault);

	if (result == 0)
		result = set_choice(options, code, text, fault);
	if (result || set_text(options, code, text))
		return result < 0 ? -1 : 0;
	switch (code) {
	case OPTION_SCOPE: return set_scopes(options, text, fault);
	case OPTION_QUERY: return add_query(scratch, text, fault);
	case OPTION_KEEP_GOING: options->keep_going = true; return 0;
	case OPTION_CHECK: options->check = true; return 0;
	case OPTION_DRY_RUN: options->dry_run = true; return 0;
	case 'q': options->service.verbosity = -1; return 0;
	case 'v':
	default: options->service.verbosity = 1; return 0;
	}
}

void fetch_options_init(struct fetch_options *options)
{
	*options = (struct fetch_options){
		.scopes = SCOPE_ALL,
		.count = COUNT_DEFAULT,
		.service.jobs = JOBS_DEFAULT,
		.service.timeout_s = TIMEOUT_DEFAULT_S,
		.service.retries = -1,
		.service.max_wait_s = MAX_WAIT_DEFAULT_S,
	};
}

int fetch_options_check(const struct fetch_options *options, struct fault *fault)
{
	if (options->source && !*options->source)
		return fault_set(fault, FAULT_USAGE, "--source must not be empty");
	/* it stands in the stream, which is UTF-8 */
	if (options->source && !utf8_is(span_of(options->source)))
		return fault_set(fault, FAULT_USAGE, "--source '%s' is not UTF-8",
		                 INERT(span_of(options->source)));
	if (options->service.token_file && options->service.token_command)
		return fault_set(fault, FAULT_USAGE, "--token-file and --token-command exclude each other");
	return 0;
}

int fetch_options_parse(struct fetch_options *options, int argc, char **argv, bool scim,
                        const char **operand, struct buf *scratch, struct fault *fault)
{
	int code, row = 0;

	fetch_options_init(options);
	opterr = 0;
	while ((code = getopt_long(argc, argv, ":qvhV", long_options, &row)) != -1) {
		if (code == 'h' || code == 'V')
			return code == 'h' ? WANT_HELP : WANT_VERSION;
		if (code > OPTION_SCIM_ONLY && !scim)
			return fault_set(fault, FAULT_USAGE, "unknown option '--%s'", long_options[row].name);
		if (code == '?' || code == ':')
			return option_fault(code, optopt, argv[optind - 1], fault);
		if (fetch_options_set(options, code, optarg, scratch, fault) < 0)
			return -1;
	}
	options->query = scratch->len ? buf_text(scratch) : NULL;
	*operand = argv[optind];
	if (optind + 1 < argc)
		return fault_set(fault, FAULT_USAGE, "more than one operand: '%s'",
		                 INERT(span_of(argv[optind + 1])));
	if (options->members == MEMBERS_FILTER && options->scopes != SCOPE_ALL)
		return fault_set(fault, FAULT_USAGE,
		                 "--members filter needs users, groups and members: leave out --scope");
	return fetch_options_check(options, fault) < 0 ? -1 : WANT_RUN;
}

/* SPDX-License-Identifier: ISC */
/*
 * fetch-sources: reads all sources of a file, several side by side. See fetch-sources(1).
 */
#include "fetch_command.h"
#include "base/ceiling.h"
#include "base/inert.h"
#include "progress.h"
#include "sources/sources_run.h"
#include "sys/undo.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct options {
	const char *sources, *only;
	long jobs;
	bool keep_going, check;
	int verbosity;
	bool began; /* the output has been opened */
};

static const struct option_row rows[] = {
	OPTION_HEADING("What is read"),
	OPTION_FILE("sources", 0, "FILE", "the file that names the sources (sources.json)",
                struct options, sources),
	OPTION_TEXT("only", "NAME,...", "only these sources of it", struct options, only),
	OPTION_FLAG("keep-going", "seal gaps in place of a source that fails, and go on",
                struct options, keep_going),
	OPTION_FLAG("check", "only check the tokens and count what is readable", struct options, check),
	OPTION_NUMBER("jobs", "N", "sources read at the same time (4)", struct options, jobs, 1,
                  JOBS_MAX),
	OPTION_HEADING("Messages"),
	OPTION_SETS("quiet", 'q', "print errors only", struct options, verbosity, -1),
	OPTION_SETS("verbose", 'v', "print each request, and what each source has", struct options,
                verbosity, 1),
	{0},
};

static int verbosity;

/* What stands before the names of the programs: they are where this one is, and are called as
   this one is. */
static char programs[PATH_MAX];

static void find_programs(const char *self)
{
	static const char own[] = "fetch-sources";
	ssize_t len = readlink("/proc/self/exe", programs, sizeof programs - 1);

	if (len < 0)
		len = snprintf(programs, sizeof programs, "%s", self);
	programs[(size_t)len < sizeof programs ? (size_t)len : sizeof programs - 1] = '\0';
	if (span_ends(span_of(programs), span_of(own)))
		programs[strlen(programs) - strlen(own)] = '\0';
	else
		programs[strrchr(programs, '/') ? strrchr(programs, '/') + 1 - programs : 0] = '\0';
}

/* ---- what the fetchers make of a source ---- */

/* Which variables hold the token, if no member of the file says where it is. */
static void name_variables(struct source *source, const struct service *service)
{
	const struct provider *provider = service->provider;
	const char *auth = service->options->auth ? service->options->auth : provider->auth;
	bool is_client = service->options->oauth_token_url;

	if (auth && !is_client && strcmp(auth, "none") == 0)
		return;
	for (size_t i = 0; i + 1 < SOURCE_VARIABLES && provider->token_variables[i]; i++) {
		char name[VARIABLE_MAX];

		snprintf(source->variables[i], SOURCE_VARIABLE_MAX, "%s",
		         secret_variable(name, provider->token_variables[i],
		                         is_client ? SECRET_CLIENT : SECRET_TOKEN));
	}
}

static int look_at(struct source *source, struct fetch_options *options, char **words,
                   struct fault *fault)
{
	struct fetch fetch = {
		.service = {.options = &options->service, .tool = source->words[0]},
		.options = options,
		.source = source->name,
	};
	bool is_scim = source->kind == SOURCE_SCIM;
	char **operands;
	int result;

	optind = 0; /* from the beginning again */
	if (option_read(is_scim ? scim_fetch_rows : scalr_fetch_rows, options, (int)source->word_count,
	                words, &operands, fault) != WANT_RUN ||
	    fetch_options_check(options, fault) < 0)
		return -1;
	result = is_scim ? choose_scim(&fetch.service, *operands, fault)
	                 : choose_scalr(&fetch.service, scalr_account(*operands), fault);
	if (result == 0 && (fetch_options_settle(options, fetch.service.provider, fault) < 0 ||
	                    fetch.service.origin.base == NULL))
		result = -1;
	if (result == 0) {
		fetch_put_begin(&fetch, &source->begin);
		source->base_variables = fetch.service.provider->base_variables;
		name_variables(source, &fetch.service);
		result = buf_check(&source->begin, fault);
	}
	service_close(&fetch.service);
	return result;
}

static int prepare(struct source *source, struct fault *fault)
{
	char **words = calloc(source->word_count + 1, sizeof *words);
	struct fetch_options options;
	int result;

	if (!words)
		return fault_memory(fault);
	memcpy(words, source->words, source->word_count * sizeof *words); /* which are permuted */
	fetch_options_init(&options);
	result = look_at(source, &options, words, fault);
	fetch_options_release(&options);
	free(words);
	return result;
}

/* ---- what is said ---- */

static void put_seconds(struct buf *line, long ms)
{
	buf_putf(line, " (%ld.%ld s)", ms / 1000, ms % 1000 / 100);
}

static void tell(enum source_news news, const struct source *source, const char *text, long number)
{
	const char *before = news == NEWS_GAP ? "warning: " : "";
	struct buf line = {0};

	if ((verbosity < 0 && news != NEWS_GAP && news != NEWS_FAILED && news != NEWS_CHECKED) ||
	    (news == NEWS_READ && verbosity < 1 && !isatty(STDERR_FILENO)))
		return;
	buf_putf(&line, "%s%s: %s", before, INERT(span_of(source->name)), text);
	if (news == NEWS_GAP)
		buf_putf(&line, "; its section has gaps only (status %ld)", number);
	if (news == NEWS_READ)
		put_seconds(&line, number);
	progress_clear();
	if (news == NEWS_CHECKED)
		printf("%s\n", buf_text(&line));
	else
		command_say(buf_text(&line));
	buf_release(&line);
}

static void count(size_t ended, size_t wanted)
{
	if (verbosity >= 0)
		progress_count("sources", ended, wanted);
}

/* ---- the run ---- */

static int read_sources(struct options *options, const struct sources *sources, int *status,
                        struct fault *fault)
{
	struct out out;
	struct sources_run run = {
		.sources = sources,
		.programs = programs,
		.jobs = options->jobs,
		.keep_going = options->keep_going,
		.check = options->check,
		.verbosity = options->verbosity,
		.out = &out,
		.tell = tell,
		.count = count,
	};
	struct fault own = {0};
	int result;

	if (options->verbosity >= 0)
		progress_start(false);
	if (out_open(&out, NULL, fault) < 0)
		return -1;
	options->began = true;
	result = sources_run(&run, status, fault);
	progress_clear();
	if (options->check && result == 0) {
		int printed = command_print("");

		*status = printed ? printed : *status;
		out_abandon(&out);
		return 0;
	}
	if (result < 0) {
		out_abandon(&out);
		return -1;
	}
	/* of a run that failed that is what counts, not where its last words went */
	result = out_close(&out, &own);
	if (result < 0 && !*status)
		*fault = own;
	return *status ? 0 : result;
}

static int fetch_sources_run(void *into, char **operands, int *status, struct fault *fault)
{
	static const struct source_programs known = {
		.rows = {[SOURCE_SCIM] = scim_fetch_rows, [SOURCE_SCALR] = scalr_fetch_rows},
		.prepare = prepare,
	};
	struct options *options = into;
	struct sources sources;
	bool on_terminal = isatty(STDOUT_FILENO);
	int result;

	(void)operands;
	verbosity = options->verbosity;
	result = sources_read(&sources, options->sources, &known, fault);
	if (result == 0 && options->only)
		result = sources_choose(&sources, options->only, fault);
	if (result == 0)
		result = read_sources(options, &sources, status, fault);
	sources_release(&sources);
	if (result == 0 && !*status && on_terminal && !options->check && verbosity >= 0)
		command_say("these are fetch streams; for a snapshot, add: | normalize -o FILE");
	return result == 0 && buf_starved() ? fault_memory(fault) : result;
}

/* As the fetchers do: what reads this stream and others after it must see that all is
   missing, and why. */
static void leave_unbegun(void *into, const struct fault *fault)
{
	static const char source[] = "fetch-sources";
	const struct options *options = into;
	struct buf failure = {0};

	if (options->began || options->check || isatty(STDOUT_FILENO))
		return;
	printf(
		"{\"kind\":\"begin\",\"format\":%d,\"stage\":\"fetch\",\"source\":\"%s\",\"schema\":\"scim\"}\n",
		STREAM_FORMAT, source);
	section_put_failure(&failure, span_of(source), fault);
	if (buf_check(&failure, &(struct fault){0}) == 0)
		fwrite(failure.data, 1, failure.len, stdout);
	fflush(stdout);
	buf_release(&failure);
}

int main(int argc, char **argv)
{
	static const struct command command = {
		.name = "fetch-sources",
		.usage = "[OPTION...]\n",
		.examples = "  fetch-sources | normalize -o today.ndjson\n"
					"  fetch-sources --sources /etc/rollcall/sources.json --check\n"
					"  fetch-sources --only stripe,hr --jobs 2 | normalize > two.ndjson\n",
		.about = "Reads all sources that a file names, several side by side, and writes their\n"
				 "sections in the order of the file. Each program gets its own token only.\n",
		.ending = "Exit status: 0 all is complete, 64 usage, 66 the file can not be opened, 70\n"
				  "internal, 73, 74 output can not be written, 78 the file is not valid. If a\n"
				  "source failed, its status. See fetch-sources(1).\n",
		.options = rows,
		.operands = "the sources stand in a file: --sources FILE",
		.libraries = {service_library},
		.run = fetch_sources_run,
		.fail = leave_unbegun,
	};
	struct options options = {.sources = "sources.json", .jobs = 4};

	find_programs(argv[0]);
	secret_harden();
	return command_main(&command, &options, argc, argv);
}

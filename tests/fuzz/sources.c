/* SPDX-License-Identifier: ISC */
/*
 * sources: sources.json. Of what is taken, each source has a name of its own and a command line
 * without holes; what is refused says where.
 */
#include "fuzz.h"

#include "fetch/fetch_options.h"
#include "sources/sources.h"

#include <string.h>

static int prepare(struct source *source, struct fault *fault)
{
	must(source->words[0] != NULL, "a source has a program");
	(void)fault;
	return 0;
}

static void must_keep(struct sources *sources)
{
	struct fault fault = {0};

	must(sources->count > 0, "there is a source");
	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = &sources->at[i];

		must(source->name && *source->name, "a source has a name");
		must(source->line > 0 && source->is_wanted, "it stands in a line, and is wanted");
		must(strcmp(source_kind_word(source->kind), "") != 0, "its kind has a word");
		for (size_t j = 0; j < source->word_count; j++)
			must(source->words[j] != NULL, "a command line has no hole");
		must(!source->words[source->word_count], "a command line has an end");
		for (size_t j = 0; j < i; j++)
			must(strcmp(source->name, sources->at[j].name) != 0, "names differ");
	}
	if (strchr(sources->at[0].name, ','))
		return;
	must(sources_choose(sources, sources->at[0].name, &fault) == 0 && sources->at[0].is_wanted,
	     "a source is found by its name");
	for (size_t i = 1; i < sources->count; i++)
		must(!sources->at[i].is_wanted, "and it alone");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct source_programs programs = {
		.rows = {[SOURCE_SCIM] = scim_fetch_rows, [SOURCE_SCALR] = scalr_fetch_rows},
		.prepare = prepare,
	};
	const char *path = memory_file(0, (struct span){(const char *)data, size});
	struct fault fault = {0};
	struct sources sources;

	if (sources_read(&sources, path, &programs, &fault) == 0)
		must_keep(&sources);
	else {
		must_be_fault(&fault);
		must(fault.kind == FAULT_CONFIG, "what is refused is configuration");
		must(strstr(fault.text, ": ") != NULL, "it says where");
	}
	sources_release(&sources);
	return 0;
}

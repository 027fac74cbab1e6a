/* SPDX-License-Identifier: ISC */
/*
 * sources: the members of sources.json. Those that are not in `own_members` are options of
 * the source's program.
 */
#include "sources/source_words.h"

#include "base/ceiling.h"
#include "base/inert.h"
#include "base/json_put.h"
#include "base/near.h"
#include "base/when.h"
#include "stream/stream.h"

#include <stdio.h>
#include <stdlib.h>

enum { OF_SCIM = 1 << SOURCE_SCIM, OF_SCALR = 1 << SOURCE_SCALR, OF_FETCHERS = OF_SCIM | OF_SCALR };
enum { OF_CSV = 1 << SOURCE_CSV, OF_SNAPSHOT = 1 << SOURCE_SNAPSHOT };
enum { OF_ALL = OF_FETCHERS | OF_CSV | OF_SNAPSHOT };

enum own_member {
	OWN_NAME,
	OWN_PROGRAM,
	OWN_PROVIDER,
	OWN_ACCOUNT,
	OWN_CSV,
	OWN_SNAPSHOT,
	OWN_VARS,
	OWN_TOKEN_FILE,
	OWN_TOKEN_ENV,
	OWN_TOKEN_COMMAND,
	OWN_TOKEN_CREDENTIAL,
	OWN_ENV,
	OWN_MEMBERS,
};

static const struct {
	const char *name;
	unsigned kinds; /* of source_kind, a bit each */
	enum config_type type;
} own_members[OWN_MEMBERS] = {
	[OWN_NAME] = {"name", OF_ALL, CONFIG_TEXT},
	[OWN_PROGRAM] = {"program", OF_FETCHERS, CONFIG_TEXT},
	[OWN_PROVIDER] = {"provider", OF_SCIM, CONFIG_TEXT},
	[OWN_ACCOUNT] = {"account", OF_SCALR, CONFIG_TEXT},
	[OWN_CSV] = {"csv", OF_CSV, CONFIG_TEXT},
	[OWN_SNAPSHOT] = {"snapshot", OF_SNAPSHOT, CONFIG_TEXT},
	[OWN_VARS] = {"vars", OF_SCIM, CONFIG_OBJECT},
	[OWN_TOKEN_FILE] = {"token_file", OF_FETCHERS, CONFIG_TEXT},
	[OWN_TOKEN_ENV] = {"token_env", OF_FETCHERS, CONFIG_TEXT},
	[OWN_TOKEN_COMMAND] = {"token_command", OF_FETCHERS, CONFIG_TEXT},
	[OWN_TOKEN_CREDENTIAL] = {"token_credential", OF_FETCHERS, CONFIG_TEXT},
	[OWN_ENV] = {"env", OF_FETCHERS, CONFIG_LIST},
};

/* Options of a fetcher that are no members: what fetch-sources itself says. */
static const char *const not_members[] = {
	"source", "check",   "dry-run", "list-providers", "token-file", "token-command",
	"quiet",  "verbose", "var",     "help",           "version",
};

/* What a CSV list takes. WORDS: a list becomes one word; PARSE: one for each item. */
static const struct option_row csv_rows[] = {
	{.name = "column", .type = OPTION_PARSE},     {.name = "status-enabled", .type = OPTION_WORDS},
	{.name = "lower", .type = OPTION_WORDS},      {.name = "fetched-at", .type = OPTION_TEXT},
	{.name = "allow-empty", .type = OPTION_FLAG}, {0},
};

const char *source_kind_word(enum source_kind kind)
{
	static const char *const words[SOURCE_KINDS] = {"scim-fetch", "scalr-fetch", "csv", "snapshot"};

	return words[kind];
}

/* ---- members ---- */

static bool source_may_say(const struct option_row *row)
{
	for (size_t i = 0; i < sizeof not_members / sizeof *not_members; i++)
		if (strcmp(row->name, not_members[i]) == 0)
			return false;
	return true;
}

static const struct option_row *source_rows(const struct sources_reader *reader)
{
	return reader->source->kind == SOURCE_CSV ? csv_rows
	                                          : reader->programs->rows[reader->source->kind];
}

/* The option that a member stands for: base_url is --base-url. NULL: there is none. */
static const struct option_row *source_find_option(const struct sources_reader *reader,
                                                   struct span member)
{
	const struct option_row *rows = source_rows(reader), *row;
	char name[64];

	if (!rows || member.len >= sizeof name || memchr(member.data, '-', member.len))
		return NULL;
	for (size_t i = 0; i < member.len; i++)
		name[i] = (char)(member.data[i] == '_' ? '-' : member.data[i]);
	row = option_find(rows, (struct span){name, member.len});
	return row && source_may_say(row) ? row : NULL;
}

static void source_try_rows(struct near *near, const struct option_row *rows,
                            char names[][SOURCE_VARIABLE_MAX], size_t *count, size_t max)
{
	for (; rows && rows->type != OPTION_END; rows++) {
		if (rows->type == OPTION_TABLE) {
			source_try_rows(near, rows->rows, names, count, max);
		} else if (rows->type != OPTION_HEADING && *count < max && source_may_say(rows)) {
			char *name = names[(*count)++];

			snprintf(name, SOURCE_VARIABLE_MAX, "%s", rows->name);
			for (char *at = name; *at; at++)
				*at = *at == '-' ? '_' : *at;
			near_try(near, name);
		}
	}
}

static int source_refuse_member(struct sources_reader *reader, struct span name)
{
	struct near near = near_to(name);
	char names[64][SOURCE_VARIABLE_MAX];
	size_t count = 0;

	for (size_t i = 0; i < OWN_MEMBERS; i++)
		if (own_members[i].kinds & 1U << reader->source->kind)
			near_try(&near, own_members[i].name);
	source_try_rows(&near, source_rows(reader), names, &count, 64);
	source_fail(reader, "a %s source has no member \"%s\"", source_kind_word(reader->source->kind),
	            INERT(name));
	return near_hint(&near, "", reader->file.fault);
}

static int source_take_env(struct sources_reader *reader, yyjson_val *list)
{
	struct source *source = reader->source;

	reader->file.member = "env";
	if (config_texts(&reader->file, list, &source->env, &source->env_count) < 0)
		return -1;
	reader->file.member = NULL;
	for (size_t i = 0; i < source->env_count; i++) {
		reader->file.at = source->env[i].data;
		if (memchr(source->env[i].data, '=', source->env[i].len))
			return source_fail(reader, "\"env\" takes names of variables, not values");
	}
	return 0;
}

/* Where the token is; only one member may say it. */
static int source_take_token(struct sources_reader *reader, enum own_member member,
                             struct span text)
{
	struct source *source = reader->source;
	const char *path;

	if (source->names_token)
		return source_fail(reader, "two members say where the token is");
	source->names_token = true;
	switch (member) {
	case OWN_TOKEN_ENV:
		source->token_env = text.data;
		return memchr(text.data, '=', text.len)
		           ? source_fail(reader, "\"token_env\" takes the name of a variable, not a value")
		           : 0;
	case OWN_TOKEN_CREDENTIAL:
		source->token_credential = text.data;
		return memchr(text.data, '/', text.len)
		           ? source_fail(reader, "\"token_credential\" takes the name of a file in "
		                                 "$CREDENTIALS_DIRECTORY, without any /")
		           : 0;
	case OWN_TOKEN_COMMAND: return source_add_option(reader, "token-command", span_of(""), text);
	default:
		path = source_path(reader, "token_file", text);
		return path ? source_add_option(reader, "token-file", span_of(""), span_of(path)) : -1;
	}
}

static int source_take_own(struct sources_reader *reader, enum own_member member, yyjson_val *value)
{
	const char *name = own_members[member].name;
	struct source *source = reader->source;
	const char *path;

	if (own_members[member].type == CONFIG_TEXT && source_check_text(reader, name, value) < 0)
		return -1;
	switch (member) {
	case OWN_PROVIDER:
	case OWN_ACCOUNT: source->operand = config_text(value).data; return 0;
	case OWN_CSV:
	case OWN_SNAPSHOT:
		path = source_path(reader, name, config_text(value));
		source->operand = path;
		return path ? 0 : -1;
	case OWN_VARS:
		if (!yyjson_is_obj(value))
			return source_fail(reader, "\"vars\" is %s, not an object", json_type(value));
		return source_take_object(reader, "var", value);
	case OWN_TOKEN_FILE:
	case OWN_TOKEN_ENV:
	case OWN_TOKEN_COMMAND:
	case OWN_TOKEN_CREDENTIAL: return source_take_token(reader, member, config_text(value));
	case OWN_ENV:
		if (!yyjson_is_arr(value))
			return source_fail(reader, "\"env\" is %s, not a list", json_type(value));
		return source_take_env(reader, value);
	default: return 0;
	}
}

static int source_take_member(struct sources_reader *reader, struct span name, yyjson_val *value)
{
	const struct option_row *row;
	char shown[SOURCE_VARIABLE_MAX];

	for (int i = 0; i < OWN_MEMBERS; i++)
		if (span_is(name, span_of(own_members[i].name)))
			return own_members[i].kinds & 1U << reader->source->kind
			           ? source_take_own(reader, (enum own_member)i, value)
			           : source_refuse_member(reader, name);
	row = source_find_option(reader, name);
	if (!row)
		return source_refuse_member(reader, name);
	snprintf(shown, sizeof shown, "%.*s", (int)name.len, name.data);
	return source_take_option(reader, shown, row, value);
}

/* ---- a source ---- */

/* Does this key stand before in the object? */
static bool source_stands_twice(yyjson_val *object, size_t before, struct span name)
{
	yyjson_val *key, *value;
	size_t i, max;

	(void)value;
	yyjson_obj_foreach(object, i, max, key, value) {
		if (i == before)
			return false;
		if (span_is(json_key(key), name))
			return true;
	}
	return false;
}

/* A string in its place, or NULL. -1 with a fault where it is another thing. */
static int source_early(struct sources_reader *reader, yyjson_val *object, enum own_member member,
                        const char **text)
{
	yyjson_val *value = yyjson_obj_get(object, own_members[member].name);

	*text = NULL;
	if (!value)
		return 0;
	if (source_check_text(reader, own_members[member].name, value) < 0)
		return -1;
	*text = config_text(value).data;
	return 0;
}

/* Which program reads it? */
static int source_take_kind(struct sources_reader *reader, yyjson_val *object)
{
	struct source *source = reader->source;
	const char *program, *csv, *snapshot;

	if (source_early(reader, object, OWN_PROGRAM, &program) < 0 ||
	    source_early(reader, object, OWN_CSV, &csv) < 0 ||
	    source_early(reader, object, OWN_SNAPSHOT, &snapshot) < 0)
		return -1;
	if (!program + !csv + !snapshot != 2)
		return source_fail(reader, "give one of \"program\", \"csv\" and \"snapshot\"");
	if (!program) {
		source->kind = csv ? SOURCE_CSV : SOURCE_SNAPSHOT;
		return 0;
	}
	source->kind = strcmp(program, "scim-fetch") == 0 ? SOURCE_SCIM : SOURCE_SCALR;
	return strcmp(program, source_kind_word(source->kind)) == 0
	           ? 0
	           : source_fail(reader, "\"program\" is scim-fetch or scalr-fetch, not '%s'",
	                         INERT(span_of(program)));
}

static int source_take_name(struct sources_reader *reader, yyjson_val *object)
{
	const struct sources *sources = reader->sources;
	const char *name;

	if (source_early(reader, object, OWN_NAME, &name) < 0)
		return -1;
	if (!name)
		return source_fail(reader, "\"name\" is missing");
	if (strchr(name, ','))
		return source_fail(reader, "\"name\" holds a comma, which --only could not take");
	for (size_t i = 0; i < sources->count; i++)
		if (sources->at[i].name && strcmp(sources->at[i].name, name) == 0)
			return source_fail(reader, "two sources are called '%s'", INERT(span_of(name)));
	reader->source->name = name;
	return 0;
}

/* The begin line of a list that nobody fetches, as normalize has it on a good day. */
static void source_put_begin(struct source *source)
{
	char now[WHEN_MAX];

	buf_putf(&source->begin, "{\"kind\":\"begin\",\"format\":%d,\"stage\":\"fetch\"",
	         STREAM_FORMAT);
	json_put_member(&source->begin, "source", span_of(source->name));
	if (source->kind == SOURCE_CSV)
		buf_puts(&source->begin, ",\"provider\":\"plain\",\"origin\":\"\"");
	buf_putf(&source->begin,
	         ",\"schema\":\"scim\",\"tool\":\"fetch-sources %s\",\"started_at\":\"%s\"}\n",
	         ROLLCALL_VERSION, when_now(now));
}

/* What comes first and last in the command line. */
static int source_take_first_words(struct sources_reader *reader)
{
	struct source *source = reader->source;
	bool fetches = source->kind == SOURCE_SCIM || source->kind == SOURCE_SCALR;

	if (source_add_word(reader, fetches ? source_kind_word(source->kind) : "normalize") < 0 ||
	    (source->kind == SOURCE_CSV && source_add_word(reader, "--csv") < 0))
		return -1;
	return source->kind == SOURCE_SNAPSHOT
	           ? 0
	           : source_add_option(reader, "source", span_of(""), span_of(source->name));
}

static int source_take_last_words(struct sources_reader *reader)
{
	struct source *source = reader->source;

	if (source->operand &&
	    (source_add_word(reader, "--") < 0 || source_add_word(reader, source->operand) < 0))
		return -1;
	if (source->kind == SOURCE_CSV || source->kind == SOURCE_SNAPSHOT) {
		source_put_begin(source);
		return buf_check(&source->begin, reader->file.fault);
	}
	if (reader->programs->prepare(source, reader->file.fault) == 0)
		return 0;
	if (reader->file.fault->kind == FAULT_USAGE)
		reader->file.fault->kind = FAULT_CONFIG;
	return fault_prefix(reader->file.fault,
	                    "%s: line %zu: source '%s': ", INERT(span_of(reader->file.path)),
	                    source->line, INERT(span_of(source->name)));
}

static int sources_take_one(struct sources_reader *reader, yyjson_val *object)
{
	struct source *source = reader->source;
	yyjson_val *key, *value;
	size_t i, max;

	if (!yyjson_is_obj(object)) {
		config_stand_at(&reader->file, object);
		return source_fail(reader, "%s where a source is due", json_type(object));
	}
	if (yyjson_obj_size(object)) {
		yyjson_obj_foreach(object, i, max, key, value)
			if (i == 0)
				reader->file.at = json_key(key).data;
	}
	source->line = config_line(&reader->file, reader->file.at);
	if (source_take_name(reader, object) < 0 || source_take_kind(reader, object) < 0 ||
	    source_take_first_words(reader) < 0)
		return -1;
	yyjson_obj_foreach(object, i, max, key, value) {
		reader->file.at = json_key(key).data;
		if (source_stands_twice(object, i, json_key(key)))
			return source_fail(reader, "member \"%s\" stands twice", INERT(json_key(key)));
		if (source_take_member(reader, json_key(key), value) < 0)
			return -1;
	}
	return source_take_last_words(reader);
}

/* Two of them would get the same token by saying nothing. */
static int sources_check_defaults(struct sources_reader *reader)
{
	const struct sources *sources = reader->sources;

	for (size_t i = 0; i < sources->count; i++)
		for (size_t j = 0; j < i; j++) {
			const struct source *a = &sources->at[j], *b = &sources->at[i];

			if (!a->names_token && !b->names_token && *b->variables[0] &&
			    strcmp(a->variables[0], b->variables[0]) == 0)
				return fault_set(
					reader->file.fault, FAULT_CONFIG,
					"%s: line %zu: source '%s' and source '%s' would both take the token "
					"in %s: say token_file, token_env, token_command or "
					"token_credential",
					INERT(span_of(reader->file.path)), b->line, INERT(span_of(a->name)),
					INERT(span_of(b->name)), b->variables[0]);
		}
	return 0;
}

static int sources_take_root(struct sources_reader *reader, yyjson_val *root)
{
	static const struct config_member members[] = {{"$schema", CONFIG_TEXT, false},
	                                               {"sources", CONFIG_LIST, true}};
	struct sources *sources = reader->sources;
	yyjson_val *values[2], *item;
	size_t i, max;

	if (config_take_members(&reader->file, root, members, 2, values) < 0)
		return -1;
	if (!yyjson_arr_size(values[1]))
		return config_fail(&reader->file, "\"sources\" is empty");
	if (yyjson_arr_size(values[1]) > SOURCES_MAX)
		return config_fail(&reader->file, "more than %d sources", SOURCES_MAX);
	sources->at = config_room(&reader->file, values[1], sizeof *sources->at);
	if (!sources->at)
		return -1;
	yyjson_arr_foreach(values[1], i, max, item) {
		reader->source = &sources->at[i];
		reader->source->is_wanted = true;
		sources->count = i + 1;
		if (sources_take_one(reader, item) < 0)
			return -1;
	}
	return sources_check_defaults(reader);
}

int sources_read(struct sources *sources, const char *path, const struct source_programs *programs,
                 struct fault *fault)
{
	struct sources_reader reader = {.sources = sources, .programs = programs};
	const char *slash = strrchr(path, '/');
	int result;

	*sources = (struct sources){0};
	result = config_open(&reader.file, &sources->file, path, SOURCES_MAX_BYTES, fault);
	if (result == 0 && slash && (size_t)(slash + 1 - path) >= sizeof reader.directory)
		result = fault_set(fault, FAULT_CONFIG, "'%s': the name is too long", INERT(span_of(path)));
	if (result == 0 && slash)
		snprintf(reader.directory, sizeof reader.directory, "%.*s", (int)(slash + 1 - path), path);
	if (result == 0)
		result = sources_take_root(&reader, yyjson_doc_get_root(sources->file.doc));
	config_close(&reader.file);
	return result;
}

void sources_release(struct sources *sources)
{
	for (size_t i = 0; i < sources->count; i++) {
		free(sources->at[i].words);
		free(sources->at[i].env);
		buf_release(&sources->at[i].begin);
	}
	free(sources->at);
	arena_release(&sources->arena);
	config_release(&sources->file);
	*sources = (struct sources){0};
}

int sources_choose(struct sources *sources, const char *list, struct fault *fault)
{
	for (size_t i = 0; i < sources->count; i++)
		sources->at[i].is_wanted = false;
	do {
		struct span name = option_take_word(&list);
		struct near near = near_to(name);
		bool is_there = false;

		for (size_t i = 0; i < sources->count; i++) {
			bool is_it = span_is(name, span_of(sources->at[i].name));

			sources->at[i].is_wanted |= is_it;
			is_there |= is_it;
			near_try(&near, sources->at[i].name);
		}
		if (!is_there) {
			fault_set(fault, FAULT_USAGE, "--only: there is no source '%s'", INERT(name));
			return near_hint(&near, "", fault);
		}
	} while (list);
	return 0;
}

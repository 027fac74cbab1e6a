/* SPDX-License-Identifier: ISC */
/*
 * journal: one write(2) a line, and one fdatasync(2) before a change is sent and at the end:
 * a death of the program loses nothing that was written, and what a death of the machine
 * takes away of results is looked up again. The last member of a line is
 * its seal, the SHA-256 of the seal before it and of the line up to there. A last
 * line without its end is one that a death cut off: it is taken away, when all else
 * is known to be right.
 */
#include "push/journal.h"

#include "base/inert.h"
#include "base/json_put.h"
#include "sys/lines.h"
#include "push/result.h"
#include "base/when.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char seal_member[] = "sha256";

/* With the second in which a create was sent: the service said that it made something. */
#define CREATE_TAKEN ((uint64_t)1 << 62)

static int journal_failed(const struct journal *journal, const char *what, struct fault *fault)
{
	return fault_set(fault, FAULT_IO, "cannot %s journal '%s': %s", what,
	                 INERT(span_of(journal->path)), strerror(errno));
}

static int journal_put_whole(const struct journal *journal, struct span line, struct fault *fault)
{
	while (line.len) {
		ssize_t n = write(journal->fd, line.data, line.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return journal_failed(journal, "write", fault);
		line = (struct span){line.data + n, line.len - (size_t)n};
	}
	return 0;
}

/* Makes journal->seal that of the line that comes next, given without its last member. */
static int journal_seal(struct journal *journal, struct span line, struct fault *fault)
{
	struct digest digest = {0};
	int result = digest_init(&digest, fault);

	if (result == 0) {
		digest_put(&digest, span_of(journal->seal));
		digest_put(&digest, line);
		result = digest_hex(&digest, journal->seal, fault);
	}
	digest_release(&digest);
	return result;
}

static int journal_end_line(struct journal *journal, struct fault *fault)
{
	if (journal_seal(journal, buf_span(&journal->line), fault) < 0)
		return -1;
	json_put_member(&journal->line, seal_member, span_of(journal->seal));
	buf_puts(&journal->line, "}\n");
	return buf_check(&journal->line, fault);
}

/* Ends the line that was begun. After one that may be torn no other may stand. */
static int journal_put_line(struct journal *journal, struct fault *fault)
{
	struct fault *broken = &journal->broken;

	if (broken->kind == FAULT_NONE && journal_end_line(journal, broken) == 0 &&
	    journal_put_whole(journal, buf_span(&journal->line), broken) == 0)
		return 0;
	*fault = journal->broken;
	return -1;
}

int journal_sync(struct journal *journal, struct fault *fault)
{
	struct fault *broken = &journal->broken;

	if (journal->fd < 0)
		return 0;
	if (broken->kind == FAULT_NONE && fdatasync(journal->fd) < 0)
		journal_failed(journal, "sync", broken);
	*fault = broken->kind == FAULT_NONE ? *fault : *broken;
	return broken->kind == FAULT_NONE ? 0 : -1;
}

static void journal_begin_line(struct journal *journal, const char *kind)
{
	buf_clear(&journal->line);
	buf_putf(&journal->line, "{\"kind\":\"%s\"", kind);
}

static int journal_put_key_line(struct journal *journal, const char *kind, const char *key,
                                struct span more, struct fault *fault)
{
	if (journal->fd < 0)
		return 0;
	journal_begin_line(journal, kind);
	json_put_member(&journal->line, "key", span_of(key));
	buf_put_span(&journal->line, more);
	return journal_put_line(journal, fault);
}

/* ---- reading what is there ---- */

/* What the file holds, and its last run says of itself. */
struct last_run {
	bool open;
	struct buf plan, origin;
	off_t whole; /* bytes of whole lines */
};

static int journal_keep_done(struct journal *journal, struct span key, yyjson_val *end,
                             struct fault *fault)
{
	struct buf text = {0};
	struct set_entry *entry;
	bool fresh;

	if (!result_is_end(end))
		return fault_set(fault, FAULT_DATA, "not the result of an operation");
	entry = set_take(&journal->known, key, &fresh);
	if (!entry)
		return fault_memory(fault);
	entry->value = journal->results.len + 1;
	json_put_value(&text, end);
	if (buf_check(&text, fault) == 0) /* without its braces */
		buf_put_sized(&journal->results, (struct span){text.data + 1, text.len - 2});
	buf_release(&text);
	return fault->kind == FAULT_NONE ? buf_check(&journal->results, fault) : -1;
}

static int journal_take_run(struct journal *journal, struct last_run *run, yyjson_val *root,
                            struct fault *fault)
{
	struct span text;

	run->open = true;
	set_clear(&journal->known);
	set_clear(&journal->creates);
	buf_clear(&journal->results);
	buf_clear(&run->plan);
	buf_clear(&run->origin);
	if (json_text(yyjson_obj_get(root, "plan"), &text))
		buf_put_span(&run->plan, text);
	if (json_text(yyjson_obj_get(root, "origin"), &text))
		buf_put_span(&run->origin, text);
	return buf_check(&run->plan, fault) < 0 ? -1 : buf_check(&run->origin, fault);
}

/* A create is pending from here to its answer. Journals of older versions say no time. */
static int journal_take_write(struct journal *journal, struct span key, yyjson_val *root,
                              struct fault *fault)
{
	struct set_entry *entry;
	uint64_t at = 0;
	bool fresh;

	if (!yyjson_equals_str(yyjson_obj_get(root, "method"), "POST"))
		return 0;
	json_count(yyjson_obj_get(root, "at"), &at);
	entry = set_take(&journal->creates, key, &fresh);
	if (!entry)
		return fault_memory(fault);
	entry->value = at && at < CREATE_TAKEN ? at : (uint64_t)time(NULL);
	return 0;
}

/* No status, a 408 or a 5xx is no answer. What a 2xx says to have made is there, though it
   may show late. */
static int journal_take_wrote(struct journal *journal, struct span key, yyjson_val *root)
{
	struct set_entry *entry = set_find(&journal->creates, key);
	uint64_t status = 0;

	json_count(yyjson_obj_get(root, "status"), &status);
	if (entry && status >= 200 && status <= 299)
		entry->value |= CREATE_TAKEN;
	else if (entry && status && status != 408 && status < 500)
		entry->value = 0;
	return 0;
}

static int journal_take_line(struct journal *journal, struct last_run *run, yyjson_val *root,
                             struct fault *fault)
{
	struct span kind = SPAN_EMPTY, key = SPAN_EMPTY;
	bool fresh;

	json_text(yyjson_obj_get(root, "kind"), &kind);
	json_text(yyjson_obj_get(root, "key"), &key);
	if (!run->open && span_is(kind, span_of("run")))
		return journal_take_run(journal, run, root, fault);
	if (run->open && span_is(kind, span_of("end"))) {
		run->open = false;
		return 0;
	}
	if (!run->open || !key.len)
		return fault_set(fault, FAULT_DATA, "not a line of a journal");
	if (span_is(kind, span_of("write")))
		return set_take(&journal->known, key, &fresh)
		           ? journal_take_write(journal, key, root, fault)
		           : fault_memory(fault);
	if (span_is(kind, span_of("wrote")))
		return journal_take_wrote(journal, key, root);
	if (span_is(kind, span_of("settled")) && yyjson_is_true(yyjson_obj_get(root, "done")))
		return journal_keep_done(journal, key, yyjson_obj_get(root, "result"), fault);
	if (span_is(kind, span_of("settled")))
		return 0;
	return fault_set(fault, FAULT_DATA, "not a line of a journal");
}

/* A line stands here only where it was written, behind those that were written before. */
static int journal_check_seal(struct journal *journal, struct span line, yyjson_val *root,
                              struct fault *fault)
{
	static const size_t seal_len = sizeof ",\"\":\"\"}" - 1 + sizeof seal_member - 1 + DIGEST_HEX;
	struct span said;

	if (!json_text(yyjson_obj_get(root, seal_member), &said) || line.len < seal_len)
		return fault_set(fault, FAULT_DATA, "not a line of a journal");
	line.len -= seal_len;
	if (journal_seal(journal, line, fault) < 0)
		return -1;
	if (!span_is(said, span_of(journal->seal)))
		return fault_set(fault, FAULT_DATA,
		                 "the digest is not that of the journal up to here: a line was changed, "
		                 "lost or added");
	return 0;
}

/* Is `rest` what a death leaves of a line? The first one of a journal is known by its
   beginning, lest the one line of another file is taken for it. */
static int journal_check_torn(const struct last_run *run, struct span rest, struct fault *fault)
{
	struct span head = span_of("{\"kind\":\"run\"");

	if (run->whole || span_begins(rest, head) || span_begins(head, rest)) {
		*fault = (struct fault){0};
		return 0;
	}
	return fault_set(fault, FAULT_DATA, "not a line of a journal");
}

static int journal_read_back(struct journal *journal, struct last_run *run, struct fault *fault)
{
	struct lines lines;
	struct span line;
	int more;

	if (lines_open(&lines, journal->path, fault) < 0)
		return -1;
	more = lines_next(&lines, &line, fault);
	if (lines_are_packed(&lines)) {
		*fault = (struct fault){0};
		more =
			fault_set(fault, FAULT_DATA,
		              "journal '%s' is compressed with zstd, and a journal is appended to: unpack "
		              "it first (unzstd)",
		              INERT(span_of(journal->path)));
	}
	for (; more > 0; more = lines_next(&lines, &line, fault)) {
		yyjson_doc *doc = json_parse(line, NULL, fault);
		yyjson_val *root = yyjson_doc_get_root(doc);
		int result = -1;

		if (doc && journal_check_seal(journal, line, root, fault) == 0)
			result = journal_take_line(journal, run, root, fault);
		yyjson_doc_free(doc);
		run->whole += (off_t)line.len + 1;
		if (result < 0) {
			more = fault->kind == FAULT_DATA ? lines_fault(&lines, fault) : -1;
			break;
		}
	}
	if (!lines_are_packed(&lines) && lines_cut(&lines).len &&
	    (more = journal_check_torn(run, lines_cut(&lines), fault)) < 0)
		lines_fault(&lines, fault);
	lines_close(&lines);
	return more;
}

static int journal_begin_run(struct journal *journal, const struct last_run *run, const char *plan,
                             const char *origin, struct fault *fault)
{
	char now[WHEN_MAX];

	if (run->open && (!span_is(buf_span(&run->plan), span_of(plan)) ||
	                  !span_is(buf_span(&run->origin), span_of(origin))))
		return fault_set(fault, FAULT_DATA,
		                 "journal '%s' holds an unfinished run of another plan or service: finish "
		                 "it with its own input, or name another file",
		                 INERT(span_of(journal->path)));
	if (ftruncate(journal->fd, run->whole) < 0)
		return journal_failed(journal, "repair", fault);
	if (run->open)
		return 0;
	set_clear(&journal->known);
	set_clear(&journal->creates);
	journal_begin_line(journal, "run");
	json_put_member(&journal->line, "plan", span_of(plan));
	json_put_member(&journal->line, "origin", span_of(origin));
	json_put_member(&journal->line, "started_at", span_of(when_now(now)));
	return journal_put_line(journal, fault);
}

/* ---- the outside ---- */

/* A new file is there after a crash only when its directory says so. */
static void journal_sync_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *directory = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : NULL;
	int fd = open(directory ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	free(directory);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
}

int journal_open(struct journal *journal, const char *path, const char *plan, const char *origin,
                 struct fault *fault)
{
	struct last_run run = {0};
	struct stat st;
	int result = -1;

	*journal = (struct journal){.fd = -1, .path = path};
	if (!path)
		return 0;
	journal->fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
	if (journal->fd < 0)
		return fault_set(fault, FAULT_CREATE, "cannot open journal '%s': %s", INERT(span_of(path)),
		                 strerror(errno));
	if (fstat(journal->fd, &st) < 0 || !S_ISREG(st.st_mode))
		fault_set(fault, FAULT_CREATE, "journal '%s' is no regular file", INERT(span_of(path)));
	else if (flock(journal->fd, LOCK_EX | LOCK_NB) < 0)
		fault_set(fault, FAULT_TRY_LATER, "journal '%s' is in use by another run",
		          INERT(span_of(path)));
	else if (journal_read_back(journal, &run, fault) == 0)
		result = journal_begin_run(journal, &run, plan, origin, fault);
	journal_sync_directory(path);
	buf_release(&run.plan);
	buf_release(&run.origin);
	return result;
}

void journal_close(struct journal *journal)
{
	if (journal->fd >= 0)
		close(journal->fd);
	set_release(&journal->known);
	set_release(&journal->creates);
	buf_release(&journal->results);
	buf_release(&journal->line);
	*journal = (struct journal){.fd = -1};
}

struct span journal_done(const struct journal *journal, const char *key)
{
	const struct set_entry *entry = set_find(&journal->known, span_of(key));
	struct span text = SPAN_EMPTY;
	size_t at;

	if (!entry || !entry->value)
		return text;
	at = (size_t)entry->value - 1;
	buf_next_sized(&journal->results, &at, &text);
	return text;
}

bool journal_is_resumed(const struct journal *journal)
{
	return journal->known.count > 0;
}

int64_t journal_pending_create(const struct journal *journal, const char *key, bool *taken)
{
	const struct set_entry *entry = set_find(&journal->creates, span_of(key));

	*taken = entry && entry->value & CREATE_TAKEN;
	return entry ? (int64_t)(entry->value & ~CREATE_TAKEN) : 0;
}

bool journal_begun(const struct journal *journal, const char *key)
{
	const struct set_entry *entry = set_find(&journal->known, span_of(key));

	return entry && !entry->value;
}

int journal_write(struct journal *journal, const char *key, const char *method, struct span target,
                  struct fault *fault)
{
	struct buf more = {0};
	int result;

	json_put_member(&more, "method", span_of(method));
	json_put_member(&more, "path", target);
	buf_putf(&more, ",\"at\":%lld", (long long)time(NULL));
	result = buf_check(&more, fault);
	if (result == 0)
		result = journal_put_key_line(journal, "write", key, buf_span(&more), fault);
	buf_release(&more);
	return result;
}

int journal_wrote(struct journal *journal, const char *key, long status, struct fault *fault)
{
	struct buf more = {0};
	int result;

	buf_putf(&more, ",\"status\":%ld", status);
	result = buf_check(&more, fault);
	if (result == 0)
		result = journal_put_key_line(journal, "wrote", key, buf_span(&more), fault);
	buf_release(&more);
	return result;
}

int journal_settled(struct journal *journal, const char *key, bool done, struct span result_members,
                    struct fault *fault)
{
	struct buf more = {0};
	int result;

	buf_putf(&more, ",\"done\":%s,\"result\":{", done ? "true" : "false");
	buf_put_span(&more, result_members);
	buf_putc(&more, '}');
	result = buf_check(&more, fault);
	if (result == 0)
		result = journal_put_key_line(journal, "settled", key, buf_span(&more), fault);
	buf_release(&more);
	return result;
}

int journal_end(struct journal *journal, struct fault *fault)
{
	if (journal->fd < 0)
		return 0;
	journal_begin_line(journal, "end");
	return journal_put_line(journal, fault) < 0 ? -1 : journal_sync(journal, fault);
}

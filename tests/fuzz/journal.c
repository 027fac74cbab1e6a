/* SPDX-License-Identifier: ISC */
/*
 * journal: what an earlier run of scim-push left in its file, to be sealed, behind a
 * first byte that says where a death cuts what this run adds. A file that is refused keeps its
 * bytes; one that is taken keeps its whole lines, and what they hold as done stays
 * done, whatever comes later.
 */
#include "fuzz.h"
#include "push/journal.h"
#include "base/json_put.h"
#include "push/result.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static const char key[] = "key of this run", done_end[] = "\"outcome\":\"done\",\"status\":200";

/* A journal is no symbolic link, so that it can not be one of the memory files. */
static const char *path_of_file(void)
{
	static char path[64];

	if (!*path)
		snprintf(path, sizeof path, "%s/rollcall-fuzz.%ld",
		         access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", (long)getpid());
	return path;
}

static void put_file(struct span bytes)
{
	int fd = open(path_of_file(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	must(fd >= 0 && write(fd, bytes.data, bytes.len) == (ssize_t)bytes.len, "a file is written");
	close(fd);
}

static void read_file(struct buf *to)
{
	int fd = open(path_of_file(), O_RDONLY | O_CLOEXEC);
	ssize_t n;

	while ((n = read(fd, buf_reserve(to, 65536), 65536)) > 0)
		to->len += (size_t)n;
	must(fd >= 0 && n == 0, "a file is read");
	close(fd);
}

/* Appends the line, less its closing brace, with the seal that follows `seal`. */
static void put_seal(struct buf *to, struct span line, char seal[DIGEST_HEX + 1])
{
	struct digest digest = {0};
	struct fault fault = {0};

	line.len--;
	must(digest_init(&digest, &fault) == 0, "a digest begins");
	digest_put(&digest, span_of(seal));
	digest_put(&digest, line);
	must(digest_hex(&digest, seal, &fault) == 0, "a digest ends");
	digest_release(&digest);
	buf_put_span(to, line);
	json_put_member(to, "sha256", span_of(seal));
	buf_putc(to, '}');
}

/* Seals each whole line that can be one of a journal. */
static void seal_lines(struct buf *to, struct span text)
{
	char seal[DIGEST_HEX + 1] = "";

	while (text.len) {
		bool whole = memchr(text.data, '\n', text.len) != NULL;
		struct span line = take_until(&text, '\n');

		if (whole && span_ends(line, span_of("}")))
			put_seal(to, line, seal);
		else
			buf_put_span(to, line);
		if (whole)
			buf_putc(to, '\n');
	}
}

static struct span whole_lines(struct span text)
{
	while (text.len && text.data[text.len - 1] != '\n')
		text.len--;
	return text;
}

/* Is it the first line of a journal, as far as it goes? */
static bool begins_run(struct span text)
{
	struct span head = span_of("{\"kind\":\"run\"");

	return span_begins(text, head) || span_begins(head, text);
}

static bool open_journal(struct journal *journal, struct fault *fault)
{
	*fault = (struct fault){0};
	return journal_open(journal, path_of_file(), "p", "https://s.example", fault) == 0;
}

/* What is done can stand in a result as it is. */
static void must_be_end(struct span end)
{
	static const struct operation operation = {.op = OP_REMOVE};
	static const struct result none;
	struct buf line = {0};
	struct fault fault = {0};
	yyjson_doc *doc;

	result_put(&line, &operation, &none, true, end);
	line.len--; /* its LF */
	doc = json_parse(buf_span(&line), NULL, &fault);
	must(doc != NULL, "a result that the journal kept is JSON");
	yyjson_doc_free(doc);
	buf_release(&line);
}

/* Appends what the journal says of `name`. */
static void put_state_of(struct buf *to, const struct journal *journal, const char *name)
{
	struct span end = journal_done(journal, name);
	bool begun = journal_begun(journal, name);

	must(!end.len || !begun, "what is done is not only begun");
	if (end.len)
		must_be_end(end);
	buf_puts(to, end.len ? "done " : begun ? "begun " : "unknown ");
	buf_put_span(to, end);
	buf_putc(to, '\n');
}

/* The same for each key that stands in the lines of `text`. */
static void put_state(struct buf *to, const struct journal *journal, struct span text)
{
	bool is_open = false;

	while (text.len) {
		struct fault fault = {0};
		struct span line = take_until(&text, '\n'), kind = SPAN_EMPTY, name = SPAN_EMPTY;
		yyjson_doc *doc = json_parse(line, NULL, &fault);
		struct buf copy = {0};

		must(doc != NULL, "each line of a journal is JSON");
		json_text(yyjson_obj_get(yyjson_doc_get_root(doc), "kind"), &kind);
		json_text(yyjson_obj_get(yyjson_doc_get_root(doc), "key"), &name);
		must(span_is(kind, span_of("run")) != is_open, "runs follow each other");
		is_open = !span_is(kind, span_of("end"));
		buf_put_span(&copy, name);
		put_state_of(to, journal, buf_text(&copy));
		buf_release(&copy);
		yyjson_doc_free(doc);
	}
}

/* What is added by one operation that is done. */
static void do_one(struct journal *journal)
{
	struct fault fault = {0};

	must(journal_write(journal, key, "POST", span_of("/Users"), &fault) == 0 &&
	         journal_wrote(journal, key, 201, &fault) == 0 &&
	         journal_settled(journal, key, true, span_of(done_end), &fault) == 0,
	     "lines are added");
}

/* Death cuts the file somewhere behind what was `kept` of it, and the run is gone on
   with; `before` is the state of what was kept. */
static void die_and_go_on(struct span kept, uint8_t where, struct span before)
{
	struct buf file = {0}, state = {0};
	struct journal journal;
	struct fault fault;
	struct span end;
	size_t len;

	read_file(&file);
	len = kept.len + (file.len - kept.len) * where / UINT8_MAX;
	put_file((struct span){file.data, len});
	must(open_journal(&journal, &fault), "whatever a death leaves is a journal");
	put_state(&state, &journal, kept);
	must(span_is(buf_span(&state), before), "what was done is done after a death, too");
	end = journal_done(&journal, key);
	must(len < file.len || span_is(end, span_of(done_end)), "what was done last is done");
	must(journal_end(&journal, &fault) == 0, "a run ends");
	journal_close(&journal);
	buf_release(&file);
	buf_release(&state);
}

static void begin_another(void)
{
	struct journal journal;
	struct fault fault;

	must(open_journal(&journal, &fault), "behind a run that has ended begins another");
	must(!journal_done(&journal, key).len && !journal_begun(&journal, key),
	     "which knows nothing of it");
	journal_close(&journal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span input, kept;
	struct buf sealed = {0}, file = {0}, before = {0};
	struct journal journal;
	struct fault fault;
	bool taken;

	if (!size)
		return 0;
	seal_lines(&sealed, (struct span){(const char *)data + 1, size - 1});
	input = buf_span(&sealed);
	kept = whole_lines(input);
	put_file(input);
	taken = open_journal(&journal, &fault);
	read_file(&file);
	if (!taken) {
		must_be_fault(&fault);
		must(span_is(buf_span(&file), input), "a file that is refused is left alone");
	} else {
		must(span_begins(buf_span(&file), kept), "what a journal holds stays");
		must(kept.len || begins_run(input), "what is taken away is the beginning of a run");
		put_state(&before, &journal, kept);
		if (!journal_done(&journal, key).len)
			do_one(&journal);
	}
	journal_close(&journal);
	if (taken) {
		die_and_go_on(kept, *data, buf_span(&before));
		begin_another();
	}
	unlink(path_of_file());
	buf_release(&sealed);
	buf_release(&file);
	buf_release(&before);
	return 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * issue_write: the sheets, one after the other, and the list of them last: a directory
 * without the list is not complete.
 */
#include "base/ceiling.h"
#include "base/json_put.h"
#include "review/issue.h"
#include "stream/stream.h"

#include <unistd.h>

/* The path of a file of the directory, in issue->json. NULL with a fault. */
static const char *issue_path(struct issue *issue, const char *file, const char *ending,
                              struct fault *fault)
{
	buf_clear(&issue->json);
	buf_putf(&issue->json, "%s/%s.%s", issue->options->directory, file, ending);
	return buf_check(&issue->json, fault) < 0 ? NULL : buf_text(&issue->json);
}

/* The latest time at which a source was read: the same each time. */
static int64_t issue_created(yyjson_val *sources)
{
	yyjson_val *entry;
	int64_t created = 0;
	size_t i, max;

	yyjson_arr_foreach(sources, i, max, entry)
		when_raise(json_obj_text(entry, "fetched_at"), &created);
	return created;
}

static int issue_put_words(struct xlsx_out *book, const char *title, struct span text,
                           struct fault *fault)
{
	xlsx_out_put_title(book, title);
	xlsx_out_put_wrapped(book, 1, text);
	return xlsx_out_end_row(book, fault);
}

/* The first sheet: what is wanted, of whom, until when, and what nobody can see here. */
static int issue_put_readme(struct issue *issue, struct xlsx_out *book, yyjson_val *sources,
                            const struct issue_part *part, struct fault *fault)
{
	static const char *const what_to_do[] = {
		"In the sheet Review, choose a decision for each row: keep, revoke, modify or defer.",
		"Write who decided (decided_by). Nobody decides about an own account.",
		"Give a reason for revoke, modify and defer, and to keep what has a high finding or worse.",
		"Leave the other columns as they are. Rows may be sorted and filtered, not deleted.",
		"A row without a decision is neither kept nor revoked: the review is not done."};
	struct span notes = buf_span(&issue->notes);
	const char *title = "What to do";
	yyjson_val *entry;
	size_t i, max;
	int result = xlsx_out_add_sheet(book, "Read me", fault);

	if (result < 0)
		return -1;
	xlsx_out_set_column(book, 0, 20, XLSX_FIXED);
	xlsx_out_set_column(book, 1, 100, XLSX_FIXED);
	buf_clear(&issue->shown);
	buf_putf(&issue->shown, "%llu rows to decide", (unsigned long long)part->rows);
	result = issue_put_words(book, "Access review", buf_span(&issue->shown), fault);
	if (result == 0 && issue->options->due)
		result = issue_put_words(book, "Wanted back by", span_of(issue->options->due), fault);
	for (i = 0; result == 0 && i < sizeof what_to_do / sizeof *what_to_do; i++, title = "")
		result = issue_put_words(book, title, span_of(what_to_do[i]), fault);
	title = "Not seen";
	if (result == 0 && !notes.len)
		result = issue_put_words(book, title, span_of("Nothing: each source was read completely."),
		                         fault);
	for (; result == 0 && notes.len; title = "") {
		const char *end = memchr(notes.data, '\n', notes.len);
		size_t len = end ? (size_t)(end - notes.data) : notes.len;

		result = issue_put_words(book, title, (struct span){notes.data, len}, fault);
		len += end != NULL;
		notes = (struct span){notes.data + len, notes.len - len};
	}
	title = "Sources";
	yyjson_arr_foreach(sources, i, max, entry) {
		buf_clear(&issue->shown);
		buf_put_span(&issue->shown, json_obj_text(entry, "source"));
		buf_puts(&issue->shown, ", read at ");
		buf_put_span(&issue->shown, json_obj_text(entry, "fetched_at"));
		if (result == 0)
			result = issue_put_words(book, title, buf_span(&issue->shown), fault);
		title = "";
	}
	return result < 0 ? -1 : issue_put_words(book, "Snapshot", span_of(issue->rows.sha256), fault);
}

static int issue_put_workbook(struct issue *issue, const struct issue_part *part, struct out *out,
                              struct fault *fault)
{
	yyjson_doc *doc = json_parse(buf_span(&issue->rows.begin), NULL, fault);
	yyjson_val *sources = yyjson_obj_get(yyjson_doc_get_root(doc), "sources");
	struct xlsx_out book = {.fd = -1};
	int result = -1;

	if (doc && xlsx_out_open(&book, issue_created(sources), fault) == 0 &&
	    issue_put_readme(issue, &book, sources, part, fault) == 0 &&
	    table_write_sheet(&issue->table, &book, "Review", fault) == 0)
		result = xlsx_out_close(&book, out, fault);
	xlsx_out_release(&book);
	yyjson_doc_free(doc);
	return result;
}

static int issue_write_sheet(struct issue *issue, struct issue_part *part, struct fault *fault)
{
	static const struct table_look look = {0};
	const char *path =
		issue_path(issue, part->file, issue_format_names[issue->options->format], fault);
	struct digest digest = {0};
	struct out out;
	int result = -1;

	if (path && digest_init(&digest, fault) == 0 && out_open(&out, path, fault) == 0) {
		out.digest = &digest;
		result = issue->options->format == ISSUE_XLSX
		             ? issue_put_workbook(issue, part, &out, fault)
		             : table_write_part(&issue->table, &look, &out, fault);
		if (result < 0)
			out_abandon(&out);
		else
			result = out_close(&out, fault);
	}
	if (result == 0)
		result = digest_hex(&digest, part->sha256, fault);
	digest_release(&digest);
	return result;
}

static void issue_put_sha256(struct buf *line, const char *name, const char *sha256)
{
	if (*sha256)
		buf_putf(line, ",\"%s\":{\"sha256\":\"%s\"}", name, sha256);
}

/* The part of the i-th sheet by name. */
static int issue_put_sheets(struct issue *issue, struct buf *line, struct fault *fault)
{
	struct sorter *names = sorter_open(MIB, fault);
	struct span name;
	int more = names ? 0 : -1;

	for (size_t i = 0; more == 0 && i < issue->parts.count; i++) {
		buf_clear(&issue->shown);
		buf_putf(&issue->shown, "%s\n", issue->parts.parts[i].file);
		more = buf_check(&issue->shown, fault) < 0
		           ? -1
		           : sorter_add(names, buf_span(&issue->shown), fault);
	}
	if (more == 0)
		more = sorter_sort(names, fault);
	if (more == 0)
		while ((more = sorter_next(names, &name, fault)) > 0) {
			const struct issue_part *part;

			name.len--;
			part = issue_parts_find(&issue->parts, name);
			json_array_next(line);
			buf_putf(line, "{\"file\":\"%s.%s\",\"sha256\":\"%s\",\"rows\":%llu}", part->file,
			         issue_format_names[issue->options->format], part->sha256,
			         (unsigned long long)part->rows);
		}
	sorter_close(names);
	return more;
}

static int issue_put_begin(struct issue *issue, struct buf *line, struct fault *fault)
{
	yyjson_doc *doc = json_parse(buf_span(&issue->rows.begin), NULL, fault);

	if (!doc)
		return -1;
	buf_putf(line,
	         "{\"kind\":\"begin\",\"format\":%d,\"stage\":\"review\",\"tool\":\"issue-review "
	         "%s\",\"snapshot\":{\"sha256\":\"%s\",\"sources\":",
	         STREAM_FORMAT, ROLLCALL_VERSION, issue->rows.sha256);
	json_put_value(line, yyjson_obj_get(yyjson_doc_get_root(doc), "sources"));
	yyjson_doc_free(doc);
	buf_putc(line, '}');
	issue_put_sha256(line, "findings", issue->facts.findings_sha256);
	if (issue->since.sha256[0])
		buf_putf(line, ",\"trace\":{\"sha256\":\"%s\"}", issue->since.sha256);
	if (issue->facts.before_count) {
		buf_puts(line, ",\"before\":[");
		for (size_t i = 0; i < issue->facts.before_count; i++)
			buf_putf(line, "%s{\"sha256\":\"%s\"}", i ? "," : "", issue->facts.before_sha256[i]);
		buf_putc(line, ']');
	}
	issue_put_sha256(line, "previous", issue->facts.previous_sha256);
	if (issue->options->split)
		json_put_member(line, "split", span_of(issue->options->split));
	if (issue->options->due)
		json_put_member(line, "due", span_of(issue->options->due));
	buf_puts(line, ",\"sheets\":[");
	if (issue_put_sheets(issue, line, fault) < 0)
		return -1;
	buf_puts(line, "]}\n");
	return buf_check(line, fault);
}

static int issue_put_lines(void *to, struct span piece, struct fault *fault)
{
	(void)fault;
	section_put(to, piece);
	return 0;
}

static int issue_put_stream(struct issue *issue, struct out *out, struct fault *fault)
{
	static const char *const counted[REVIEW_WHATS] = {"accounts", "memberships", "roles",
	                                                  "entitlements"};
	struct section_writer section = {0};
	struct buf line = {0}, counts = {0};
	uint64_t sum = 0;
	int result = -1;

	for (int what = 0; what < REVIEW_WHATS; what++)
		sum += issue->counts[what];
	buf_putf(&counts, ",\"rows\":%llu", (unsigned long long)sum);
	for (int what = 0; what < REVIEW_WHATS; what++)
		buf_putf(&counts, ",\"%s\":%llu", counted[what], (unsigned long long)issue->counts[what]);
	if (issue_put_begin(issue, &line, fault) == 0 &&
	    section_open(&section, out, buf_span(&line), fault) == 0 &&
	    spool_drain(&issue->lines, issue_put_lines, &section, fault) == 0)
		result = section_close(&section, buf_text(&counts), 0, "", fault);
	section_release(&section);
	buf_release(&line);
	buf_release(&counts);
	return result;
}

static int issue_write_list(struct issue *issue, struct fault *fault)
{
	const char *path = issue_path(issue, "review", "ndjson", fault);
	struct out out;

	if (!path || out_open(&out, path, fault) < 0)
		return -1;
	if (issue_put_stream(issue, &out, fault) < 0) {
		out_abandon(&out);
		return -1;
	}
	return out_close(&out, fault);
}

static int issue_write_sheets(struct issue *issue, struct fault *fault)
{
	struct span file;
	int more;

	while ((more = table_next_part(&issue->table, &file, fault)) > 0)
		if (issue_write_sheet(issue, issue_parts_find(&issue->parts, file), fault) < 0)
			return -1;
	if (more == 0 && !issue->table.row_count) /* a sheet without rows */
		return issue_write_sheet(issue, &issue->parts.parts[0], fault);
	return more;
}

int issue_write(struct issue *issue, struct fault *fault)
{
	struct fault ignored;

	if (issue_write_sheets(issue, fault) == 0 && issue_write_list(issue, fault) == 0)
		return 0;
	for (size_t i = 0; i < issue->parts.count; i++) {
		const char *path = issue_path(issue, issue->parts.parts[i].file,
		                              issue_format_names[issue->options->format], &ignored);

		if (path && issue->parts.parts[i].sha256[0])
			unlink(path);
	}
	return -1;
}

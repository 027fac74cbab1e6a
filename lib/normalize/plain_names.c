/* SPDX-License-Identifier: ISC */
/*
 * plain_names: each text is looked at once as it passes; names are sorted, and those that
 * are the same stand side by side.
 */
#include "normalize/plain_names.h"

#include "base/inert.h"
#include "base/json_put.h"
#include "base/unicode.h"

int plain_names_open(struct plain_names *names, struct budget *budget, struct fault *fault)
{
	*names = (struct plain_names){.by_name = sorter_share(budget, 1, fault)};
	return names->by_name ? 0 : -1;
}

void plain_names_release(struct plain_names *names)
{
	sorter_close(names->by_name);
	buf_release(&names->first);
	buf_release(&names->line);
	*names = (struct plain_names){0};
}

/* Is this one of the characters that take room and show nothing? */
static bool is_any_blank(uint32_t code)
{
	return code == ' ' || code == '\t' || code == '\n' || code == 0xa0 || code == 0x1680 ||
	       (code >= 0x2000 && code <= 0x200a) || code == 0x202f || code == 0x205f || code == 0x3000;
}

/* Which oddities a text has: bit i for oddity i. Record texts are UTF-8. */
static unsigned oddities_of(struct span text)
{
	uint32_t code = 0, before = 0;
	unsigned odd = 0;
	size_t n;

	for (size_t at = 0; at < text.len; at += n, before = code) {
		n = utf8_decode(text.data + at, text.len - at, &code);
		if (!n)
			return odd;
		if (is_any_blank(code) && (!at || at + n == text.len))
			odd |= 1U << ODD_BLANK_AT_END;
		else if (unicode_is_hidden(code))
			odd |= 1U << ODD_HIDDEN;
		if (code == ' ' && before == ' ')
			odd |= 1U << ODD_TWO_BLANKS;
	}
	return odd;
}

/* What would be part of a name, and is only how a file was written. */
static int refuse_left_over(struct span text, const char *member, struct fault *fault)
{
	if (span_begins(text, span_of("\xef\xbb\xbf")))
		return fault_set(fault, FAULT_DATA, "\"%s\" begins with a byte-order mark", member);
	if (text.data[text.len - 1] == '\r')
		return fault_set(fault, FAULT_DATA, "\"%s\" ends in CR: was it made of a file with CR LF?",
		                 member);
	return 0;
}

/* Keeps the name and the id of a user or a group, each as JSON. */
static int keep_plain_name(struct plain_names *names, const struct record *record,
                           struct fault *fault)
{
	struct buf name = {0};
	int result;

	if ((record->kind != RECORD_USER && record->kind != RECORD_GROUP) || !record_name(record).len)
		return 0;
	record_put_folded_name(&name, record);
	buf_clear(&names->line);
	buf_putc(&names->line, record->kind == RECORD_USER ? 'u' : 'g');
	json_put_string(&names->line, buf_span(&name));
	json_put_string(&names->line, record_text(record, USER_ID)); /* GROUP_ID is the same place */
	buf_putc(&names->line, '\n');
	result = buf_check(&name, fault) < 0 || buf_check(&names->line, fault) < 0
	             ? -1
	             : sorter_add(names->by_name, buf_span(&names->line), fault);
	buf_release(&name);
	return result;
}

int plain_names_look(struct plain_names *names, const struct record *record, size_t number,
                     struct fault *fault)
{
	const struct record_form *form = &record_forms[record->kind];
	unsigned odd = 0;

	for (size_t field = 1; field < form->count; field++) {
		struct span text = record_text(record, (int)field);

		if (!text.len)
			continue;
		if (refuse_left_over(text, form->fields[field].name.data, fault) < 0)
			return -1;
		odd |= oddities_of(text);
	}
	for (int i = 0; i < PLAIN_ODDITIES; i++)
		if (odd & 1U << i && !names->odd[i].count++)
			names->odd[i].first = number;
	return keep_plain_name(names, record, fault);
}

/* Says which two ids the first doubled name has; the lines are of two records. */
static int tell_doubled(struct plain_names *names, struct span one, struct span other, size_t name,
                        struct fault *fault)
{
	const struct span parts[] = {{one.data + 1, name - 1},
	                             {one.data + name, one.len - name - 1},
	                             {other.data + name, other.len - name - 1}};
	static const char *const words[] = {"", " is under the ids ", " and "};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		yyjson_doc *doc = json_parse(parts[i], NULL, fault);
		struct span text = SPAN_EMPTY;

		if (!doc)
			return -1;
		json_text(yyjson_doc_get_root(doc), &text);
		buf_putf(&names->first, "%s'%s'", words[i], INERT(text));
		yyjson_doc_free(doc);
	}
	return buf_check(&names->first, fault);
}

int plain_names_end(struct plain_names *names, struct fault *fault)
{
	struct span line, before = SPAN_EMPTY;
	bool told = false; /* the name of `before` has been counted */
	int more = sorter_sort(names->by_name, fault);

	while (more >= 0 && (more = sorter_next(names->by_name, &line, fault)) > 0) {
		size_t name = json_string_end(line, 1);
		bool same = span_begins(before, (struct span){line.data, name});

		told = told && same;
		if (same && !told && !span_is(line, before)) {
			told = true;
			if (!names->doubled++ && tell_doubled(names, before, line, name, fault) < 0)
				return -1;
		}
		before = line;
	}
	return more;
}

void plain_names_put(const struct plain_names *names, struct buf *text)
{
	static const char *const words[PLAIN_ODDITIES] = {
		[ODD_BLANK_AT_END] = "a text begins or ends with a blank",
		[ODD_TWO_BLANKS] = "a text has two blanks in a row",
		[ODD_HIDDEN] = "a text has a character that can not be seen, such as CR,",
	};

	for (int i = 0; i < PLAIN_ODDITIES; i++)
		if (names->odd[i].count)
			buf_putf(text, "; warning: %s in %llu of them, first in line %zu", words[i],
			         (unsigned long long)names->odd[i].count, names->odd[i].first);
	if (names->doubled)
		buf_putf(text, "; warning: one name has several ids, %llu time%s: ",
		         (unsigned long long)names->doubled, names->doubled > 1 ? "s, first" : "");
	buf_put_span(text, buf_span(&names->first));
}

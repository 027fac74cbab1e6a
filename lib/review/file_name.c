/* SPDX-License-Identifier: ISC */
/*
 * file_name: a name is made again with the next number until no other file has it.
 */
#include "review/file_name.h"

enum { FILE_NAME_BYTES = 60 }; /* of a name that come from the text */

static void file_name_put(struct buf *name, struct span text)
{
	buf_clear(name);
	for (size_t i = 0; i < text.len && name->len < FILE_NAME_BYTES; i++) {
		char c = text.data[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		             c == '_' || (c == '.' && name->len);

		if (plain || (name->len && name->data[name->len - 1] != '-'))
			buf_putc(name, plain ? c : '-');
	}
	while (name->len && (name->data[name->len - 1] == '-' || name->data[name->len - 1] == '.'))
		name->len--;
	if (!name->len)
		buf_puts(name, "part");
}

struct set_entry *file_name_take(struct set *taken, struct span text, struct buf *name,
                                 struct fault *fault)
{
	struct set_entry *entry = NULL;
	struct buf lower = {0};
	bool fresh = false;

	for (unsigned number = 1; !fresh; number++) {
		file_name_put(name, text);
		if (number > 1)
			buf_putf(name, "-%u", number);
		buf_clear(&lower);
		for (size_t i = 0; i < name->len; i++)
			buf_putc(&lower, ascii_lower(name->data[i]));
		if (buf_check(name, fault) < 0 || buf_check(&lower, fault) < 0)
			break;
		entry = set_take(taken, buf_span(&lower), &fresh);
		if (!entry) {
			fault_memory(fault);
			break;
		}
	}
	buf_release(&lower);
	return fresh ? entry : NULL;
}

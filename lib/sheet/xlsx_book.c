/* SPDX-License-Identifier: ISC */
/*
 * xlsx_book: the small parts are read one after the other; only the shared texts are many.
 */
#include "sheet/xlsx_book.h"

#include "base/array.h"
#include "base/ceiling.h"
#include "base/inert.h"
#include "sheet/xml_part.h"

#include <stdlib.h>

enum xlsx_type {
	TYPE_OTHER,
	TYPE_WORKBOOK,
	TYPE_MACROS,
	TYPE_BINARY,
	TYPE_SHEET,
	TYPE_STRINGS,
	TYPE_STYLES,
	XLSX_TYPES
};

static const char *const type_names[XLSX_TYPES] = {
	[TYPE_WORKBOOK] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
	[TYPE_MACROS] = "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
	[TYPE_BINARY] = "application/vnd.ms-excel.sheet.binary.macroEnabled.main",
	[TYPE_SHEET] = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml",
	[TYPE_STRINGS] =
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml",
	[TYPE_STYLES] = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml",
};

enum link_kind { LINK_OTHER, LINK_MAIN, LINK_SHEET, LINK_STRINGS, LINK_STYLES, LINK_KINDS };

/* After the address of the transitional or the strict relationships. */
static const char *const link_words[LINK_KINDS] = {
	[LINK_MAIN] = "officeDocument",
	[LINK_SHEET] = "worksheet",
	[LINK_STRINGS] = "sharedStrings",
	[LINK_STYLES] = "styles",
};

struct xlsx_link {
	struct span id;
	const char *target; /* the name of a part; NULL: it is no part of this file */
	enum link_kind kind;
};

bool xlsx_book_number(const char *text, unsigned long max, unsigned long *number)
{
	unsigned long value = 0;

	if (!text || !*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || value > max / 10)
			return false;
		value = value * 10 + (unsigned long)(*text - '0');
	}
	*number = value;
	return value <= max;
}

bool xlsx_book_is_true(const char *text)
{
	return text && (strcmp(text, "1") == 0 || strcmp(text, "true") == 0 || strcmp(text, "on") == 0);
}

static int xlsx_book_refuse(const struct xlsx_book *book, const char *why, struct fault *fault)
{
	return fault_set(fault, FAULT_DATA, "%s: %s", INERT(span_of(book->package.name)), why);
}

static const char *xlsx_book_copy(struct xlsx_book *book, struct buf *text)
{
	buf_putc(text, '\0');
	return text->state == BUF_OK ? arena_copy(&book->texts, buf_span(text)).data : NULL;
}

/* ---- content types ---- */

static int type_start(struct xml_part *xml, const char *name, const char **attributes)
{
	struct xlsx_book *book = xml->context;
	const char *key = NULL, *type = xml_attribute(attributes, "ContentType");
	struct buf lower = {0};
	struct set_entry *entry = NULL;
	bool fresh;
	int kind = TYPE_WORKBOOK;

	if (strcmp(name, "Override") == 0) {
		key = xml_attribute(attributes, "PartName");
	} else if (strcmp(name, "Default") == 0) {
		key = xml_attribute(attributes, "Extension");
		buf_putc(&lower, '.');
	}
	if (!key || !type) {
		buf_release(&lower);
		return 0;
	}
	while (*key)
		buf_putc(&lower, ascii_lower(*key++));
	while (kind < XLSX_TYPES && !span_is_nocase(span_of(type), span_of(type_names[kind])))
		kind++;
	if (buf_check(&lower, &xml->fault) == 0)
		entry = set_take(&book->types, buf_span(&lower), &fresh);
	buf_release(&lower);
	if (!entry)
		return xml->fault.kind == FAULT_NONE ? fault_memory(&xml->fault) : -1;
	if (!fresh)
		return xlsx_book_refuse(book, "a part has two content types", &xml->fault);
	entry->value = kind < XLSX_TYPES ? (uint64_t)kind : TYPE_OTHER;
	return 0;
}

/* Of a part: by its name, else by the end of it. */
static enum xlsx_type type_of(const struct xlsx_book *book, const char *part)
{
	struct buf lower = {0};
	const struct set_entry *entry;
	const char *dot;

	buf_putc(&lower, '/');
	for (const char *c = part; *c; c++)
		buf_putc(&lower, ascii_lower(*c));
	entry = lower.state == BUF_OK ? set_find(&book->types, buf_span(&lower)) : NULL;
	dot = entry || lower.state != BUF_OK ? NULL : memrchr(lower.data, '.', lower.len);
	if (dot)
		entry = set_find(&book->types, (struct span){dot, (size_t)(lower.data + lower.len - dot)});
	buf_release(&lower);
	return entry ? (enum xlsx_type)entry->value : TYPE_OTHER;
}

static int type_check(const struct xlsx_book *book, const char *part, enum xlsx_type wanted,
                      struct fault *fault)
{
	if (type_of(book, part) != wanted)
		return fault_set(fault, FAULT_DATA, "%s: the part '%s' has another content type than %s",
		                 INERT(span_of(book->package.name)), INERT(span_of(part)),
		                 type_names[wanted]);
	return 0;
}

/* ---- relationships ---- */

static enum link_kind link_kind(const char *type)
{
	static const struct span addresses[] = {
		SPAN("http://schemas.openxmlformats.org/officeDocument/2006/relationships/"),
		SPAN("http://purl.oclc.org/ooxml/officeDocument/relationships/"),
	};

	for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
		for (int kind = LINK_MAIN; kind < LINK_KINDS; kind++)
			if (span_begins(span_of(type), addresses[i]) &&
			    strcmp(type + addresses[i].len, link_words[kind]) == 0)
				return (enum link_kind)kind;
	return LINK_OTHER;
}

/* Takes the last folder, or all where there is none, off a path that ends in / or is empty. */
static void path_leave(struct buf *path)
{
	if (path->len)
		path->len--;
	while (path->len && path->data[path->len - 1] != '/')
		path->len--;
}

/* The part that a target names, seen from the folder of a part (RFC 3986, 5.2). NULL: no memory. */
static const char *link_resolve(struct xlsx_book *book, const char *from, const char *target)
{
	const char *slash = strrchr(from, '/');
	struct buf path = {0};
	const char *part;

	if (*target == '/')
		target++;
	else if (slash)
		buf_put(&path, from, (size_t)(slash + 1 - from));
	while (*target) {
		size_t len = strcspn(target, "/");

		if (len == 2 && memcmp(target, "..", 2) == 0)
			path_leave(&path);
		else if (len != 1 || *target != '.')
			buf_put(&path, target, len + (target[len] == '/'));
		target += len + (target[len] == '/');
	}
	part = xlsx_book_copy(book, &path);
	buf_release(&path);
	return part;
}

static int link_start(struct xml_part *xml, const char *name, const char **attributes)
{
	struct xlsx_book *book = xml->context;
	const char *id = xml_attribute(attributes, "Id"), *type = xml_attribute(attributes, "Type");
	const char *target = xml_attribute(attributes, "Target");
	const char *mode = xml_attribute(attributes, "TargetMode");
	struct xlsx_link *links;

	if (strcmp(name, "Relationship") != 0 || !id || !type || !target)
		return 0;
	if (book->link_count == XLSX_PARTS_MAX)
		return xlsx_book_refuse(book, "more relationships than a workbook has", &xml->fault);
	links = array_grow(book->links, book->link_count, &book->link_cap, sizeof *links, &xml->fault);
	if (!links)
		return -1;
	book->links = links;
	links += book->link_count++;
	*links = (struct xlsx_link){.kind = link_kind(type)};
	links->id = arena_copy(&book->texts, span_of(id));
	if (!mode || strcmp(mode, "External") != 0) {
		links->target = link_resolve(book, book->main, target);
		if (!links->target)
			return fault_memory(&xml->fault);
	}
	return links->id.data ? 0 : fault_memory(&xml->fault);
}

/* Reads the relationships of the part book->main, "" for those of the file. */
static int link_read(struct xlsx_book *book, struct fault *fault)
{
	const char *slash = strrchr(book->main, '/');
	size_t folder = slash ? (size_t)(slash + 1 - book->main) : 0;
	struct xml_part xml = {.space = XML_LINK_SPACE, .start = link_start, .context = book};
	struct buf part = {0};
	const char *name;

	book->link_count = 0;
	buf_put(&part, book->main, folder);
	buf_puts(&part, "_rels/");
	buf_puts(&part, book->main + folder);
	buf_puts(&part, ".rels");
	name = xlsx_book_copy(book, &part);
	buf_release(&part);
	return name ? xml_part_read(&xml, &book->package, name, fault) : fault_memory(fault);
}

/* The only relationship of a kind, or with an id. NULL where there is none; two are a fault. */
static const struct xlsx_link *link_find(const struct xlsx_book *book, enum link_kind kind,
                                         struct span id, struct fault *fault)
{
	const struct xlsx_link *found = NULL;

	for (size_t i = 0; i < book->link_count; i++) {
		const struct xlsx_link *link = &book->links[i];

		if (id.len ? !span_is(link->id, id) : link->kind != kind)
			continue;
		if (found) {
			xlsx_book_refuse(book, "two of its relationships are one", fault);
			return NULL;
		}
		found = link;
	}
	return found;
}

/* ---- the list of sheets ---- */

static int book_start(struct xml_part *xml, const char *name, const char **attributes)
{
	struct xlsx_book *book = xml->context;
	const char *title = xml_attribute(attributes, "name"), *link = xml_relation(xml, attributes);
	const char *state = xml_attribute(attributes, "state");
	struct xlsx_sheet *sheets;

	if (xml->depth == 2 && strcmp(name, "workbookPr") == 0)
		book->from_1904 = xlsx_book_is_true(xml_attribute(attributes, "date1904"));
	if (xml->depth != 3 || strcmp(name, "sheet") != 0)
		return 0;
	if (!title || !link || !*link)
		return xlsx_book_refuse(book, "a sheet has no name or no part", &xml->fault);
	if (book->sheet_count == XLSX_SHEETS_MAX)
		return fault_set(&xml->fault, FAULT_DATA, "%s: more than %d sheets",
		                 INERT(span_of(book->package.name)), XLSX_SHEETS_MAX);
	sheets =
		array_grow(book->sheets, book->sheet_count, &book->sheet_cap, sizeof *sheets, &xml->fault);
	if (!sheets)
		return -1;
	book->sheets = sheets;
	sheets += book->sheet_count++;
	sheets->name = arena_copy(&book->texts, span_of(title));
	sheets->link = arena_copy(&book->texts, span_of(link));
	sheets->is_hidden = state && strcmp(state, "visible") != 0;
	return sheets->name.data && sheets->link.data ? 0 : fault_memory(&xml->fault);
}

/* The kind of workbook that the main part is; 0 or -1. */
static int book_check(const struct xlsx_book *book, struct fault *fault)
{
	switch (type_of(book, book->main)) {
	case TYPE_WORKBOOK: return 0;
	case TYPE_MACROS:
		return xlsx_book_refuse(book, "a workbook with macros: save it as .xlsx, or as CSV", fault);
	case TYPE_BINARY:
		return xlsx_book_refuse(book, "a binary workbook: save it as .xlsx, or as CSV", fault);
	default:
		return xlsx_book_refuse(
			book, "an Office file, but no workbook: save the sheet as .xlsx, or as CSV", fault);
	}
}

static int book_read(struct xlsx_book *book, struct fault *fault)
{
	struct xml_part types = {.space = XML_TYPE_SPACE, .start = type_start, .context = book};
	struct xml_part sheets = {.space = XML_SHEET_SPACE, .start = book_start, .context = book};
	const struct xlsx_link *link;

	if (!package_has(&book->package, span_of("[Content_Types].xml")) &&
	    package_has(&book->package, span_of("META-INF/manifest.xml")))
		return xlsx_book_refuse(book, "an OpenDocument sheet: save it as .xlsx, or as CSV", fault);
	book->main = "";
	if (xml_part_read(&types, &book->package, "[Content_Types].xml", fault) < 0 ||
	    link_read(book, fault) < 0)
		return -1;
	fault->kind = FAULT_NONE;
	link = link_find(book, LINK_MAIN, (struct span)SPAN_EMPTY, fault);
	if (!link || !link->target)
		return fault->kind == FAULT_NONE
		           ? xlsx_book_refuse(book, "no relationship to a workbook in it", fault)
		           : -1;
	book->main = link->target;
	if (book_check(book, fault) < 0 ||
	    xml_part_read(&sheets, &book->package, book->main, fault) < 0)
		return -1;
	return link_read(book, fault);
}

/* The part of a kind that a workbook may have; NULL: none, or a fault. */
static const char *book_find_part(const struct xlsx_book *book, enum link_kind kind,
                                  enum xlsx_type type, struct fault *fault)
{
	const struct xlsx_link *link;

	fault->kind = FAULT_NONE;
	link = link_find(book, kind, (struct span)SPAN_EMPTY, fault);
	if (!link)
		return NULL;
	if (!link->target) {
		xlsx_book_refuse(book, "a part of it is outside of the file", fault);
		return NULL;
	}
	return type_check(book, link->target, type, fault) < 0 ? NULL : link->target;
}

/* ---- shared texts ---- */

struct string_reader {
	struct xlsx_book *book;
	unsigned phonetic; /* elements that say how a text is spoken */
	bool is_text;
	size_t from;
};

static int string_start(struct xml_part *xml, const char *name, const char **attributes)
{
	struct string_reader *reader = xml->context;

	(void)attributes;
	if (xml->depth == 2)
		reader->from = reader->book->strings.len;
	reader->phonetic += strcmp(name, "rPh") == 0;
	reader->is_text = xml->depth > 2 && !reader->phonetic && strcmp(name, "t") == 0;
	return 0;
}

static int string_text(struct xml_part *xml, struct span text)
{
	struct string_reader *reader = xml->context;

	if (reader->is_text)
		buf_put_span(&reader->book->strings, text);
	return buf_check(&reader->book->strings, &xml->fault);
}

static int string_end(struct xml_part *xml, const char *name)
{
	struct string_reader *reader = xml->context;
	struct xlsx_book *book = reader->book;
	size_t *ends;

	reader->is_text = false;
	reader->phonetic -= reader->phonetic && strcmp(name, "rPh") == 0;
	if (xml->depth != 1 || strcmp(name, "si") != 0)
		return 0;
	xlsx_unescape(&book->strings, reader->from);
	ends = array_grow(book->string_ends, book->string_count, &book->string_cap, sizeof *ends,
	                  &xml->fault);
	if (!ends)
		return -1;
	book->string_ends = ends;
	ends[book->string_count++] = book->strings.len;
	return 0;
}

static int string_read(struct xlsx_book *book, struct fault *fault)
{
	const char *part = book_find_part(book, LINK_STRINGS, TYPE_STRINGS, fault);
	struct string_reader reader = {.book = book};
	struct xml_part xml = {.space = XML_SHEET_SPACE,
	                       .start = string_start,
	                       .text = string_text,
	                       .end = string_end,
	                       .context = &reader,
	                       .is_large = true};

	if (!part)
		return fault->kind == FAULT_NONE ? 0 : -1;
	book->strings.max = XLSX_STRINGS_BYTES;
	if (xml_part_read(&xml, &book->package, part, fault) == 0)
		return 0;
	return book->strings.state == BUF_TOO_LONG
	           ? xlsx_book_refuse(
					 book, "its texts are longer than all that cells of a workbook hold", fault)
	           : -1;
}

/* ---- styles ---- */

struct style_reader {
	struct xlsx_book *book;
	bool is_formats, is_styles;
};

static int style_add_format(struct xlsx_book *book, const char **attributes, struct fault *fault)
{
	const char *id = xml_attribute(attributes, "numFmtId");
	const char *code = xml_attribute(attributes, "formatCode");
	struct set_entry *entry;
	bool fresh;

	if (!id || !code)
		return 0;
	if (book->formats.count == XLSX_STYLES_MAX)
		return xlsx_book_refuse(book, "more formats than a workbook has", fault);
	entry = set_take(&book->formats, span_of(id), &fresh);
	if (!entry)
		return fault_memory(fault);
	entry->value = xlsx_form_of_code(span_of(code));
	return 0;
}

static int style_add(struct xlsx_book *book, const char **attributes, struct fault *fault)
{
	const char *id = xml_attribute(attributes, "numFmtId");
	const struct set_entry *own = id ? set_find(&book->formats, span_of(id)) : NULL;
	unsigned char *styles;
	unsigned long number;
	enum xlsx_form form = XLSX_PLAIN;

	if (book->style_count == XLSX_STYLES_MAX)
		return xlsx_book_refuse(book, "more styles than a workbook has", fault);
	styles = array_grow(book->styles, book->style_count, &book->style_cap, sizeof *styles, fault);
	if (!styles)
		return -1;
	if (own)
		form = (enum xlsx_form)own->value;
	else if (xlsx_book_number(id, 1000, &number))
		form = xlsx_form_of_id(number);
	book->styles = styles;
	styles[book->style_count++] = (unsigned char)form;
	return 0;
}

static int style_start(struct xml_part *xml, const char *name, const char **attributes)
{
	struct style_reader *reader = xml->context;

	if (xml->depth == 2) {
		reader->is_formats = strcmp(name, "numFmts") == 0;
		reader->is_styles = strcmp(name, "cellXfs") == 0;
	}
	if (xml->depth != 3)
		return 0;
	if (reader->is_formats && strcmp(name, "numFmt") == 0)
		return style_add_format(reader->book, attributes, &xml->fault);
	return reader->is_styles && strcmp(name, "xf") == 0
	           ? style_add(reader->book, attributes, &xml->fault)
	           : 0;
}

static int style_read(struct xlsx_book *book, struct fault *fault)
{
	const char *part = book_find_part(book, LINK_STYLES, TYPE_STYLES, fault);
	struct style_reader reader = {.book = book};
	struct xml_part xml = {.space = XML_SHEET_SPACE, .start = style_start, .context = &reader};

	if (!part)
		return fault->kind == FAULT_NONE ? 0 : -1;
	return xml_part_read(&xml, &book->package, part, fault);
}

/* ---- the whole ---- */

int xlsx_book_open(struct xlsx_book *book, struct fault *fault)
{
	return package_open(&book->package, fault) < 0 || book_read(book, fault) < 0 ||
	               string_read(book, fault) < 0 || style_read(book, fault) < 0
	           ? -1
	           : 0;
}

void xlsx_book_close(struct xlsx_book *book)
{
	package_close(&book->package);
	set_release(&book->types);
	set_release(&book->formats);
	arena_release(&book->texts);
	buf_release(&book->strings);
	free(book->string_ends);
	free(book->styles);
	free(book->links);
	free(book->sheets);
	*book = (struct xlsx_book){0};
}

const char *xlsx_book_sheet_part(struct xlsx_book *book, const struct xlsx_sheet *sheet,
                                 struct fault *fault)
{
	const struct xlsx_link *link;

	fault->kind = FAULT_NONE;
	link = link_find(book, LINK_SHEET, sheet->link, fault);
	if (link && link->kind == LINK_SHEET && link->target)
		return type_check(book, link->target, TYPE_SHEET, fault) < 0 ? NULL : link->target;
	if (fault->kind == FAULT_NONE)
		fault_set(fault, FAULT_DATA, "%s: '%s' is no sheet with rows in this file",
		          INERT(span_of(book->package.name)), INERT(sheet->name));
	return NULL;
}

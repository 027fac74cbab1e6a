/* SPDX-License-Identifier: ISC */
/*
 * xlsx: a workbook. What begins as a zip archive is one; any other bytes are the XML of its
 * sheet, its shared texts, its styles and its list of sheets, with a byte 0xff between them, and
 * are put into an archive. Rows come upwards, cells lie in their text and are UTF-8; a workbook
 * that is not taken has a fault.
 */
#include "fuzz.h"

#include "base/utf8.h"
#include "sheet/sheet.h"

#include <stdlib.h>
#include <zip.h>

#define SPACE  "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\""
#define OFFICE "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define KIND   "application/vnd.openxmlformats-officedocument.spreadsheetml."

enum { PARTS = 7, FOREIGN = 4 };

static const char *const names[PARTS] = {
	"xl/worksheets/sheet1.xml",  "xl/sharedStrings.xml", "xl/styles.xml",
	"xl/workbook.xml",           "[Content_Types].xml",  "_rels/.rels",
	"xl/_rels/workbook.xml.rels"};

static const struct span usual[PARTS] = {
	[1] = SPAN("<sst " SPACE "><si><t>a</t></si></sst>"),
	[2] = SPAN("<styleSheet " SPACE "><cellXfs><xf numFmtId=\"14\"/></cellXfs></styleSheet>"),
	[3] = SPAN("<workbook " SPACE " xmlns:r=\"" OFFICE
               "\"><sheets><sheet name=\"s\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"),
	[4] = SPAN(
		"<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">"
		"<Override PartName=\"/xl/workbook.xml\" ContentType=\"" KIND "sheet.main+xml\"/>"
		"<Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"" KIND "worksheet+xml\"/>"
		"<Override PartName=\"/xl/sharedStrings.xml\" ContentType=\"" KIND "sharedStrings+xml\"/>"
		"<Override PartName=\"/xl/styles.xml\" ContentType=\"" KIND "styles+xml\"/></Types>"),
	[5] = SPAN("<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/"
               "relationships\"><Relationship Id=\"r1\" Type=\"" OFFICE
               "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"),
	[6] =
		SPAN("<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/"
             "relationships\"><Relationship Id=\"r1\" Type=\"" OFFICE
             "/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"" OFFICE
             "/sharedStrings\" Target=\"sharedStrings.xml\"/><Relationship Id=\"r3\" Type=\"" OFFICE
             "/styles\" Target=\"/xl/styles.xml\"/></Relationships>"),
};

/* Appends an archive with these parts. */
static void put_archive(struct buf *to, struct span foreign)
{
	zip_source_t *archive = zip_source_buffer_create(NULL, 0, 0, NULL);
	zip_t *zip = archive ? zip_open_from_source(archive, ZIP_TRUNCATE, NULL) : NULL;
	zip_stat_t about;

	must(zip != NULL, "an archive opens");
	zip_source_keep(archive);
	for (int i = 0; i < PARTS; i++) {
		struct span text = i < FOREIGN ? take_until(&foreign, (char)0xff) : usual[i];
		zip_source_t *part;

		if (!text.len)
			text = usual[i];
		part = zip_source_buffer(zip, text.len ? text.data : "", text.len, 0);
		must(part && zip_file_add(zip, names[i], part, 0) >= 0, "a part is added");
		zip_set_file_compression(zip, (zip_uint64_t)i, ZIP_CM_STORE, 0);
	}
	must(zip_close(zip) == 0, "an archive is written");
	must(zip_source_stat(archive, &about) == 0 && zip_source_open(archive) == 0,
	     "it is read again");
	buf_reserve(to, about.size);
	must(zip_source_read(archive, to->data, about.size) == (zip_int64_t)about.size, "all of it");
	to->len = about.size;
	zip_source_close(archive);
	zip_source_free(archive);
}

static void read_rows(const char *path)
{
	struct fault fault = {0};
	struct sheet sheet;
	size_t number = 0;
	int more = sheet_open(&sheet, path, NULL, false, NULL, &fault);

	while (more == 0 && (more = sheet_next(&sheet, &fault)) > 0) {
		must(sheet.number > number, "rows come upwards");
		must(sheet.row->count > 0, "a row has a cell");
		number = sheet.number;
		for (size_t i = 0; i < sheet.row->count; i++) {
			must(sheet.row->items[i].from + sheet.row->items[i].len <= sheet.row->text.len,
			     "a cell lies in the text");
			must(utf8_is(sheet_text(&sheet, i)), "a cell is UTF-8");
			sheet_trouble(&sheet, i);
		}
		more = 0;
	}
	if (more < 0)
		must_be_fault(&fault);
	sheet_close(&sheet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes = {(const char *)data, size};
	struct buf archive = {0};

	if (!span_begins(bytes, span_of("PK")))
		put_archive(&archive, bytes);
	read_rows(memory_file(0, archive.len ? buf_span(&archive) : bytes));
	buf_release(&archive);
	return 0;
}

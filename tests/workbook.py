# SPDX-License-Identifier: ISC
# workbook.py FILE [NAME=TEXT...]: a small workbook, made by hand, so that a test can have it
# wrong. NAME is `rows` or `end` (what stands in, and after, the rows of the sheet), `strings`,
# `xfs` and `formats` (of the styles), `sheets`, `book` (attributes of workbookPr), or a part by
# its name; a part with no text is left out. `zip` is a word: stored, twice, utf16. `csv` is a
# file with the rows, all of texts.
import csv
import html
import sys
import zipfile

changes = dict(item.split("=", 1) for item in sys.argv[2:])
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."


def get(name, text):
    return changes.pop(name, text)


word = get("zip", "")
if "csv" in changes:
    with open(changes.pop("csv"), newline="") as file:
        changes["rows"] = "".join(
            "<row>%s</row>"
            % "".join("<c t='inlineStr'><is><t xml:space='preserve'>%s</t></is></c>" % html.escape(cell) for cell in row)
            for row in csv.reader(file)
        )
cells = get("strings", "")
parts = {
    "[Content_Types].xml": HEAD + '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    + "".join(
        '<Override PartName="/xl/%s" ContentType="%s%s+xml"/>' % (part, TYPE, kind)
        for part, kind in (
            ("workbook.xml", "sheet.main"),
            ("worksheets/sheet1.xml", "worksheet"),
            ("worksheets/sheet2.xml", "worksheet"),
            ("sharedStrings.xml", "sharedStrings"),
            ("styles.xml", "styles"),
        )
    )
    + "</Types>",
    "_rels/.rels": HEAD + '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="%s/officeDocument" Target="xl/workbook.xml"/></Relationships>' % REL,
    "xl/workbook.xml": HEAD + '<workbook %s xmlns:r="%s"><workbookPr %s/><sheets>%s</sheets></workbook>'
    % (MAIN, REL, get("book", ""), get("sheets", '<sheet name="People" sheetId="1" r:id="rId1"/>')),
    "xl/_rels/workbook.xml.rels": HEAD
    + '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    + "".join(
        '<Relationship Id="rId%d" Type="%s/%s" Target="%s"/>' % (number, REL, kind, target)
        for number, kind, target in (
            (1, "worksheet", "worksheets/sheet1.xml"),
            (2, "worksheet", "/xl/worksheets/../worksheets/sheet2.xml"),
            (3, "sharedStrings", "sharedStrings.xml"),
            (4, "styles", "/xl/styles.xml"),
        )
    )
    + "</Relationships>",
    "xl/worksheets/sheet1.xml": HEAD + "<worksheet %s><sheetData>%s</sheetData>%s</worksheet>"
    % (MAIN, get("rows", ""), get("end", "")),
    "xl/worksheets/sheet2.xml": HEAD + "<worksheet %s><sheetData/></worksheet>" % MAIN,
    "xl/sharedStrings.xml": HEAD + "<sst %s>%s</sst>" % (MAIN, cells),
    "xl/styles.xml": HEAD + "<styleSheet %s><numFmts>%s</numFmts><cellXfs>%s</cellXfs></styleSheet>"
    % (MAIN, get("formats", ""), get("xfs", "")),
}
parts.update(changes)
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_STORED if word == "stored" else zipfile.ZIP_DEFLATED) as out:
    for name, text in parts.items():
        if text:
            out.writestr(name, text.replace("UTF-8", "UTF-16", 1).encode("utf-16") if word == "utf16" else text)
    if word == "twice":
        out.writestr("XL/Workbook.xml", parts["xl/workbook.xml"])

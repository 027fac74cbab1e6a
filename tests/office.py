# SPDX-License-Identifier: ISC
# office.py FILE STEP...: opens FILE in LibreOffice, as somebody who decides, and does the steps.
# `decide` fills the sheet in, `sort` sorts its rows by the ids, backwards, `hide` hides a row and a
# column, `turn` moves the first column to the end, `delete` and `double` are about the third row,
# `edit=ROW=COLUMN=TEXT` types into a cell; `save=FILE` writes .xlsx, .ods or .csv, where a word
# before .csv is the dialect; `open=FILE` opens another one.
import os
import subprocess
import sys
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.table import CellRangeAddress

# Of the CSV filter: separator, quote, character set, first line, formats, language, quotes
# around all texts, cells as they are shown, formulas, blanks removed, the sheet.
CSV = "%s,1,,0,%s,%s,false,false,false,%d"
DIALECTS = {
    "": ("44,34,76", "false", "true"),
    "semicolon": ("59,34,76", "false", "true"),
    "utf16": ("9,34,65535", "false", "true"),
    "quoted": ("44,34,76", "true", "false"),
}


def properties(**values):
    return tuple(PropertyValue(name, 0, value, 0) for name, value in values.items())


class Office:
    def __init__(self):
        pipe = "rollcall-%d" % os.getpid()
        self.process = subprocess.Popen(
            ["soffice", "--headless", "--norestore", "-env:UserInstallation=file://%s/office" % os.getcwd(),
             "--accept=pipe,name=%s;urp" % pipe],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        end = time.monotonic() + 120
        while True:
            try:
                context = resolver.resolve("uno:pipe,name=%s;urp;StarOffice.ComponentContext" % pipe)
                break
            except Exception:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise
                time.sleep(0.05)
        self.desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        self.book = None

    def open(self, name):
        if self.book:
            self.book.close(True)
        self.book = self.desktop.loadComponentFromURL(uno.systemPathToFileUrl(os.path.abspath(name)), "_blank", 0, properties(Hidden=True))
        sheets = self.book.Sheets
        self.sheet = sheets.getByName("Review") if sheets.hasByName("Review") else sheets.getByIndex(0)
        if self.sheet.isProtected():
            self.sheet.unprotect("")
        cursor = self.sheet.createCursor()
        cursor.gotoEndOfUsedArea(False)
        self.rows, self.columns = cursor.RangeAddress.EndRow + 1, cursor.RangeAddress.EndColumn + 1
        self.head = {self.sheet.getCellByPosition(i, 0).String: i for i in range(self.columns)}

    def cell(self, row, name):
        return self.sheet.getCellByPosition(self.head[name], row)

    def decide(self):
        for row in range(1, self.rows):
            account = self.cell(row, "what").String in ("account", "role")
            self.cell(row, "decision").String = "keep" if account else "Revoke"
            self.cell(row, "decided_by").String = "boss@x.org"
            self.cell(row, "decided_at").Formula = "2026-11-29"
            self.cell(row, "reason").String = "" if account else "no need"

    def area(self, first_row, last_row, first_column, last_column):
        return CellRangeAddress(self.sheet.RangeAddress.Sheet, first_column, first_row, last_column, last_row)

    def sort(self):
        by = uno.createUnoStruct("com.sun.star.table.TableSortField")
        by.Field, by.IsAscending = self.head["user_id"], False
        self.sheet.getCellRangeByPosition(0, 0, self.columns - 1, self.rows - 1).sort(
            properties(SortFields=uno.Any("[]com.sun.star.table.TableSortField", (by,)), ContainsHeader=True))

    def hide(self):
        self.sheet.Rows.getByIndex(3).IsVisible = False
        self.sheet.Columns.getByIndex(self.head["email"]).IsVisible = False

    def turn(self):
        to = uno.createUnoStruct("com.sun.star.table.CellAddress")
        to.Sheet, to.Column, to.Row = self.sheet.RangeAddress.Sheet, self.columns, 0
        self.sheet.moveRange(to, self.area(0, self.rows - 1, 0, 0))
        self.sheet.Columns.removeByIndex(0, 1)
        self.head = {self.sheet.getCellByPosition(i, 0).String: i for i in range(self.columns)}

    def delete(self):
        self.sheet.Rows.removeByIndex(2, 1)

    def double(self):
        to = uno.createUnoStruct("com.sun.star.table.CellAddress")
        to.Sheet, to.Column, to.Row = self.sheet.RangeAddress.Sheet, 0, self.rows
        self.sheet.copyRange(to, self.area(2, 2, 0, self.columns - 1))

    def edit(self, what):
        row, column, text = what.split("=", 2)
        self.cell(int(row) - 1, column).Formula = text  # as typed: a number becomes one

    def save(self, name):
        dialect, ending = ([""] + name.split(".")[1:])[-2:]
        how = {"xlsx": dict(FilterName="Calc MS Excel 2007 XML"), "ods": dict(FilterName="calc8")}.get(ending)
        if how is None:
            options = CSV % (*DIALECTS[dialect], self.sheet.RangeAddress.Sheet + 1)
            how = dict(FilterName="Text - txt - csv (StarCalc)", FilterOptions=options)
        self.book.storeToURL(uno.systemPathToFileUrl(os.path.abspath(name)), properties(**how))
        named = name[:-4] + "-" + self.sheet.Name + ".csv"  # as it calls the file of a sheet
        if ending == "csv" and os.path.exists(named):
            os.replace(named, name)

    def close(self):
        try:
            if self.book:
                self.book.close(True)
            self.desktop.terminate()
        except Exception:
            pass
        self.process.wait()


office = Office()
try:
    office.open(sys.argv[1])
    for step in sys.argv[2:]:
        name, _, argument = step.partition("=")
        getattr(office, name)(*([argument] if argument else []))
finally:
    office.close()

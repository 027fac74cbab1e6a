# SPDX-License-Identifier: ISC
"""DuckDB of PyPI in place of its command line: SQL on stdin, the rows of the last statement with tabs."""

import sys

import duckdb

for row in duckdb.connect().execute(sys.stdin.read()).fetchall():
    print("\t".join("" if value is None else str(value) for value in row))

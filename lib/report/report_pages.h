/* SPDX-License-Identifier: ISC */
/*
 * report_pages: the files of lib/report/pages. The Makefile makes their bytes.
 */
#ifndef ROLLCALL_REPORT_PAGES_H
#define ROLLCALL_REPORT_PAGES_H

#include "report/template.h"

extern const struct page report_html, report_css, report_js, report_md, report_txt;

#endif

/* pdf.h - sheets as PDF: A4 tables for printing and signing, made by the helper program xiaoguan-print. */
#pragma once
#include "base/error.h"
#include "base/value.h"
#include <stddef.h>

/* Where the helper is, and how long one PDF may take with all waiting. "" or NULL: beside this program, or in
 * ../libexec; 0: 20 seconds. Call it before threads begin. */
void pdf_setup(const char *helper, int deadline_ms);

/* Lays out `document` (its members: helper/print/README.md) and gives the PDF in c->mem. Takes seconds for long tables,
 * so never call it inside db_tx. Two run at once and four wait; errors are sentences for whoever asked: 413 too large,
 * 503 not installed, no font, too slow, too busy; 500 if the document is not one, or the helper broke. */
Error *pdf_render(Ctx *c, Value document, const void **ret_pdf, size_t *ret_size) MUST_USE;

/* document.h - what a board or sheet shows, once as a model, and from it the page, JSON, a spreadsheet and a PDF.
 *
 * A document is a Value: {title, subtitle, unit, tables: [{name, title, columns: [{title, numeric}], rows: [{cells: [{text, value, ...}], bold}]}], notes,
 * signatures}. The functions below fill it; a page's template shows it with _table.html. */
#pragma once
#include "base/value.h"
#include "http/respond.h"

/* unit: "单位：万元" or NULL. Texts are already in the reader's language. */
Value document_new(Ctx *c, const char *title, const char *subtitle, const char *unit);
/* name: how JSON and templates find it, as document.<name> too. */
Value document_table(Ctx *c, Value document, const char *name, const char *title);
/* A table is drawn when its chart is set: see web/README.md, "Charts". */
void document_chart(Ctx *c, Value table, const char *chart, const char *unit);
/* Returns the column for more members such as series. */
Value document_column(Ctx *c, Value table, const char *title, bool numeric);
/* Returns the row for more members such as href. */
Value document_row(Ctx *c, Value table, bool bold);
/* A cell: text as shown, exact what is copied and computed with (value_null() for none). Returns the cell for more members such as href. */
Value document_text(Ctx *c, Value row, const char *text);
Value document_number(Ctx *c, Value row, const char *text, Value exact);
void document_note(Ctx *c, Value document, const char *text);
/* One line below the tables of a spreadsheet: what it is about, for people and for reading it back. */
void document_about(Ctx *c, Value document, const char *text);
/* 制表 审核 批准 under the sheet. */
void document_sign(Ctx *c, Value document);

/* Answers with the document as ?format= asks: xlsx or pdf as a download named after the title, else the page. */
Error *respond_document(Req *r, const char *template, Value document) MUST_USE;
/* The files themselves, for schedules. The spreadsheet is removed with the arena; the PDF is in c->mem. Neither inside db_tx. */
Error *document_xlsx(Ctx *c, Value document, const char **ret_path) MUST_USE;
/* "title subtitle.xlsx" and the type of a format, "xlsx" or "pdf". */
const char *document_file_name(Ctx *c, Value document, const char *format);
const char *document_type(const char *format);
Error *document_pdf(Ctx *c, Value document, const void **ret_pdf, size_t *ret_size) MUST_USE;

/* document.c - boards and sheets as model, spreadsheet and PDF. */
#include "service/document.h"
#include "base/date.h"
#include "base/i18n.h"
#include "service/access.h"
#include "service/audit.h"
#include "service/pdf.h"
#include "service/setting.h"
#include "service/sheet.h"
#include <string.h>
#include <talloc.h>

Value document_new(Ctx *c, const char *title, const char *subtitle, const char *unit) {
    Value d = value_object(c->mem);
    value_set_text(d, "title", title);
    value_set(d, "subtitle", subtitle ? value_text(subtitle) : value_null());
    value_set(d, "unit", unit ? value_text(unit) : value_null());
    value_set(d, "tables", value_array(c->mem));
    value_set(d, "notes", value_array(c->mem));
    value_set(d, "signatures", value_array(c->mem));
    return d;
}

static Value member(Value v, const char *name) {
    return value_get(v, name, strlen(name), NULL);
}

static void set_nulls(Value o, const char *const *names) {
    for (; *names; names++) value_set(o, *names, value_null()); /* a template looks outwards for what a row lacks */
}

Value document_table(Ctx *c, Value document, const char *name, const char *title) {
    Value t = value_object(c->mem);
    value_set_text(t, "name", name);
    value_set_text(t, "title", title);
    static const char *const more[] = {"chart", "chart_unit", "chart_class", "mark", "mark_text", "lying", NULL};
    set_nulls(t, more);
    value_set(t, "columns", value_array(c->mem));
    value_set(t, "rows", value_array(c->mem));
    value_push(member(document, "tables"), t);
    value_set(document, talloc_asprintf(c->mem, "_%s", name), t); /* for the template alone: JSON has it in tables */
    return t;
}

void document_chart(Ctx *c, Value table, const char *chart, const char *unit) {
    value_set(table, "chart", value_text(chart));
    value_set(table, "chart_unit", value_text(talloc_strdup(c->mem, unit)));
}

Value document_column(Ctx *c, Value table, const char *title, bool numeric) {
    static const char *const more[] = {"series", "column_unit", NULL};
    Value column = value_object(c->mem);
    value_set_text(column, "title", title);
    value_set_bool(column, "numeric", numeric);
    set_nulls(column, more);
    value_push(member(table, "columns"), column);
    return column;
}

Value document_row(Ctx *c, Value table, bool bold) {
    static const char *const more[] = {"href", "status", "status_code", "current", "short", NULL};
    Value row = value_object(c->mem);
    set_nulls(row, more);
    value_set(row, "cells", value_array(c->mem));
    value_set_bool(row, "bold", bold);
    value_push(member(table, "rows"), row);
    return row;
}

static Value add_cell(Ctx *c, Value row, const char *text, Value exact, bool numeric) {
    Value cell = value_object(c->mem);
    Text *copied = text_new(c->mem, 100);
    value_text_to(exact, copied);
    value_set_text(cell, "text", text ? text : "");
    value_set(cell, "value", exact);
    value_set_bool(cell, "numeric", numeric);
    value_set(cell, "copy", numeric && copied->len ? value_text(copied->data) : value_null());
    static const char *const more[] = {"href", "kind", "status", "status_code", "growth", "percent", NULL};
    set_nulls(cell, more);
    value_push(member(row, "cells"), cell);
    return cell;
}
Value document_text(Ctx *c, Value row, const char *text) {
    return add_cell(c, row, text, value_null(), false);
}
Value document_number(Ctx *c, Value row, const char *text, Value exact) {
    return add_cell(c, row, text, exact, true);
}

void document_note(Ctx *c, Value document, const char *text) {
    (void)c;
    value_push(member(document, "notes"), value_text(text));
}

void document_about(Ctx *c, Value document, const char *text) {
    value_set_text(document, "_about", talloc_strdup(c->mem, text));
}

void document_sign(Ctx *c, Value document) {
    static const char *const roles[] = {N_("Prepared by"), N_("Reviewed by (signature)"), N_("Approved by")};
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) value_push(member(document, "signatures"), value_text(tr(c->lang, roles[i])));
}

/* ---- spreadsheet ---- */

static void put_cell(SheetWriter *w, Value cell) {
    Value exact = member(cell, "value");
    if (exact.kind == V_INT) sheet_put_int(w, exact.i);
    else if (exact.kind == V_MONEY) sheet_put_money(w, exact.i);
    else if (value_truthy(member(cell, "numeric"))) sheet_put_empty(w); /* "—" */
    else sheet_put_text(w, member(cell, "text").text);
}

static void put_rows(SheetWriter *w, Value table) {
    Value rows = member(table, "rows");
    for (size_t i = 0; i < value_count(rows); i++) {
        Value cells = member(value_at(rows, i), "cells");
        for (size_t k = 0; k < value_count(cells); k++) put_cell(w, value_at(cells, k));
        sheet_next_row(w);
    }
}

static void put_heading(SheetWriter *w, Value table) {
    Value columns = member(table, "columns");
    sheet_next_row(w);
    sheet_put_text(w, member(table, "title").text);
    sheet_next_row(w);
    for (size_t k = 0; k < value_count(columns); k++) sheet_put_text(w, member(value_at(columns, k), "title").text);
    sheet_next_row(w);
}

/* The first table's columns head the sheet; further tables follow below it under their titles. */
Error *document_xlsx(Ctx *c, Value document, const char **ret_path) {
    Value tables = member(document, "tables");
    if (!value_count(tables)) return err_not_found(c, N_("There is nothing to write"));
    Value columns = member(value_at(tables, 0), "columns");
    size_t n = 0;
    for (size_t i = 0; i < value_count(tables); i++) {
        size_t wide = value_count(member(value_at(tables, i), "columns"));
        if (wide > n) n = wide;
    }
    SheetColumn *heads = talloc_zero_array(c->mem, SheetColumn, (unsigned)n + 1);
    for (size_t i = 0; i < n; i++) {
        heads[i] = (SheetColumn){.heading = "", .kind = CELL_TEXT};
        if (i >= value_count(columns)) continue;
        Value column = value_at(columns, i);
        heads[i] = (SheetColumn){.heading = member(column, "title").text, .kind = value_truthy(member(column, "numeric")) ? CELL_MONEY : CELL_TEXT};
    }
    SheetWriter *w;
    TRY(sheet_writer_new(c, text_cut(c->mem, member(document, "title").text, 28), heads, n, NULL, &w));
    put_rows(w, value_at(tables, 0));
    for (size_t i = 1; i < value_count(tables); i++) {
        put_heading(w, value_at(tables, i));
        put_rows(w, value_at(tables, i));
    }
    if (member(document, "_about").kind == V_TEXT) {
        sheet_put_text(w, member(document, "_about").text);
        sheet_next_row(w);
    }
    return sheet_writer_close(w, ret_path);
}

/* ---- PDF ---- */

/* As the helper program wants it: helper/print/README.md. */
static Value print_columns(Ctx *c, Value table) {
    Value columns = member(table, "columns"), list = value_array(c->mem);
    for (size_t i = 0; i < value_count(columns); i++) {
        Value o = value_object(c->mem), column = value_at(columns, i);
        value_set(o, "title", member(column, "title"));
        value_set_text(o, "align", value_truthy(member(column, "numeric")) ? "right" : "left");
        value_push(list, o);
    }
    return list;
}

static Value print_rows(Ctx *c, Value table) {
    Value rows = member(table, "rows"), list = value_array(c->mem);
    for (size_t i = 0; i < value_count(rows); i++) {
        Value o = value_object(c->mem), texts = value_array(c->mem), cells = member(value_at(rows, i), "cells");
        for (size_t k = 0; k < value_count(cells); k++) value_push(texts, member(value_at(cells, k), "text"));
        value_set(o, "cells", texts);
        value_set(o, "bold", member(value_at(rows, i), "bold"));
        value_push(list, o);
    }
    return list;
}

static Value print_document(Ctx *c, Value document) {
    Value d = value_object(c->mem), tables = member(document, "tables"), list = value_array(c->mem);
    static const char *const same[] = {"title", "subtitle", "unit", "notes", "signatures"};
    char now[INSTANT_TEXT];
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) value_set(d, same[i], member(document, same[i]));
    value_set_text(d, "company", setting_text(c, "company.name"));
    value_set_text(d, "lang", tr(c->lang, N_("en")));
    Msg footer = {.id = N_("Printed by {1} at {2}"), .args = {c->actor->name, talloc_strdup(c->mem, instant_local(c->now, now))}};
    value_set_text(d, "footer", msg_text(c->mem, c->lang, &footer));
    value_set_text(d, "watermark", text_cut(c->mem, c->actor->name, 30));
    for (size_t i = 0; i < value_count(tables); i++) {
        Value t = value_object(c->mem), table = value_at(tables, i);
        if (value_count(tables) > 1) value_set(t, "title", member(table, "title"));
        value_set(t, "columns", print_columns(c, table));
        value_set(t, "rows", print_rows(c, table));
        value_push(list, t);
    }
    value_set(d, "tables", list);
    return d;
}

Error *document_pdf(Ctx *c, Value document, const void **ret_pdf, size_t *ret_size) {
    return pdf_render(c, print_document(c, document), ret_pdf, ret_size);
}

/* ---- answers ---- */

static Error *audit_export(Ctx *c, void *arg) {
    return audit_record(c, "export", "document", 0, arg);
}

static Error *note_export(Req *r, Value document, const char *format) {
    Ctx *c = &r->c;
    Text *what = text_new(c->mem, 2000);
    text_add(what, "{\"title\":");
    text_add_json(what, member(document, "title").text, strlen(member(document, "title").text));
    text_addf(what, ",\"format\":\"%s\"}", format);
    return db_tx(c, audit_export, what->data);
}

const char *document_type(const char *format) {
    return !strcmp(format, "pdf") ? "application/pdf" : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
}

const char *document_file_name(Ctx *c, Value document, const char *extension) {
    Value subtitle = member(document, "subtitle");
    return talloc_asprintf(c->mem, "%s%s%s.%s", member(document, "title").text, subtitle.kind == V_TEXT ? " " : "", subtitle.kind == V_TEXT ? subtitle.text : "", extension);
}

Error *respond_document(Req *r, const char *template, Value document) {
    Ctx *c = &r->c;
    const char *format = req_query(r, "format"), *path;
    if (!format) return respond_view(r, template, document);
    if (!strcmp(format, "pdf")) {
        const void *pdf;
        size_t size;
        TRY(document_pdf(c, document, &pdf, &size));
        TRY(note_export(r, document, format));
        return respond_download(r, document_type(format), pdf, size, document_file_name(c, document, format));
    }
    if (strcmp(format, "xlsx") != 0) return err_bad_request(c, N_("This format is not offered: {1}"), format);
    TRY(document_xlsx(c, document, &path));
    TRY(note_export(r, document, format));
    return respond_file(r, path, document_type(format), document_file_name(c, document, format));
}

/* document.c - from JSON to structs. Nothing is believed: every count and every length has its limit. */
#include "print.h"
#include <jansson.h>
#include <string.h>

/* ---- texts ---- */

/* Marks that turn the direction of what follows: they could make a signed sheet say something else than it stores. */
static bool turns_text(gunichar ch) {
    return ch == 0x200e || ch == 0x200f || (ch >= 0x202a && ch <= 0x202e) || (ch >= 0x2066 && ch <= 0x2069);
}

/* A copy without control characters; line breaks stay where lines are allowed, else they become blanks. */
static const char *clean(const char *s, bool lines) {
    GString *out = g_string_sized_new(strlen(s));
    for (; *s; s = g_utf8_next_char(s)) {
        gunichar ch = g_utf8_get_char(s);
        if (ch == '\r' && s[1] == '\n') continue;
        if (ch == '\r' || ch == 0x2028 || ch == 0x2029 || ch == 0x85) ch = '\n';
        if (ch == '\n' && lines)
            g_string_append_c(out, '\n');
        else if (ch == '\t' || ch == '\n')
            g_string_append_c(out, ' ');
        else if (!g_unichar_iscntrl(ch) && !turns_text(ch) && ch != 0xfeff)
            g_string_append_unichar(out, ch);
    }
    return g_strchomp(g_string_free(out, FALSE));
}

static const char *text_of(const json_t *v, const char *what, int most, bool lines) {
    if (!v || json_is_null(v)) return "";
    if (json_is_integer(v)) return g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(v));
    if (!json_is_string(v)) fail(BAD_INPUT, "%s is not a text", what);
    const char *s = clean(json_string_value(v), lines);
    if (g_utf8_strlen(s, -1) > most) fail(TOO_LARGE, "%s is longer than %d characters", what, most);
    return s;
}

static const char *text_member(const json_t *o, const char *name, int most) {
    return text_of(json_object_get(o, name), name, most, false);
}

static bool flag(const json_t *o, const char *name) {
    const json_t *v = json_object_get(o, name);
    if (v && !json_is_boolean(v) && !json_is_null(v)) fail(BAD_INPUT, "%s is not true or false", name);
    return json_is_true(v);
}

/* The member as a list; NULL and count 0 if it is not given. */
static const json_t *list(const json_t *o, const char *name, size_t most, int *ret_count) {
    const json_t *v = json_object_get(o, name);
    *ret_count = 0;
    if (!v || json_is_null(v)) return NULL;
    if (!json_is_array(v)) fail(BAD_INPUT, "%s is not a list", name);
    if (json_array_size(v) > most) fail(TOO_LARGE, "%s has more than %zu items", name, most);
    *ret_count = (int)json_array_size(v);
    return v;
}

static const char **texts(const json_t *o, const char *name, size_t most, int most_text, int *ret_count) {
    const json_t *v = list(o, name, most, ret_count);
    const char **all = g_new0(const char *, (size_t)*ret_count + 1);
    for (int i = 0; i < *ret_count; i++) all[i] = text_of(json_array_get(v, (size_t)i), name, most_text, false);
    return all;
}

/* ---- tables ---- */

static PangoAlignment read_align(const json_t *o) {
    const char *s = text_member(o, "align", 10);
    if (!*s || !strcmp(s, "left")) return PANGO_ALIGN_LEFT;
    if (!strcmp(s, "right")) return PANGO_ALIGN_RIGHT;
    if (!strcmp(s, "center")) return PANGO_ALIGN_CENTER;
    fail(BAD_INPUT, "align is none of left, right, center");
}

static Column read_column(const json_t *o) {
    if (!json_is_object(o)) fail(BAD_INPUT, "a column is not an object");
    const json_t *weight = json_object_get(o, "weight");
    if (weight && !json_is_null(weight) && !json_is_integer(weight)) fail(BAD_INPUT, "weight is not a number");
    json_int_t n = json_integer_value(weight);
    if (n < 0 || n > 1000) fail(BAD_INPUT, "weight is not within 0..1000");
    return (Column){ .title = text_member(o, "title", MAX_TITLE), .align = read_align(o), .weight = (int)n };
}

static Row read_row(const json_t *o, int columns) {
    if (!json_is_object(o)) fail(BAD_INPUT, "a row is not an object");
    Row row = { .bold = flag(o, "bold"), .group = flag(o, "group") };
    int count;
    const json_t *cells = list(o, "cells", (size_t)columns, &count);
    row.cells = g_new(const char *, (size_t)columns);
    row.wide = row.group;
    for (int i = 0; i < columns; i++) {
        row.cells[i] = i < count ? text_of(json_array_get(cells, (size_t)i), "a cell", MAX_CELL, true) : "";
        if (i > 0 && *row.cells[i]) row.wide = false;
    }
    return row;
}

static Table read_table(const json_t *o, int *rows_left) {
    if (!json_is_object(o)) fail(BAD_INPUT, "a table is not an object");
    Table t = { .unit = text_member(o, "unit", MAX_TITLE), .new_page = flag(o, "new_page") };
    const json_t *columns = list(o, "columns", MAX_COLUMNS, &t.column_count);
    if (!t.column_count) fail(BAD_INPUT, "a table has no columns");
    t.columns = g_new0(Column, (size_t)t.column_count);
    for (int i = 0; i < t.column_count; i++) t.columns[i] = read_column(json_array_get(columns, (size_t)i));
    const json_t *rows = list(o, "rows", (size_t)*rows_left, &t.row_count);
    *rows_left -= t.row_count;
    t.rows = g_new0(Row, (size_t)t.row_count + 1);
    for (int i = 0; i < t.row_count; i++) t.rows[i] = read_row(json_array_get(rows, (size_t)i), t.column_count);
    t.title = t.subtitle = "";
    t.notes = t.signatures = NULL;
    return t;
}

/* ---- the whole ---- */

static void read_tables(Document *d, const json_t *root) {
    int rows_left = MAX_ROWS;
    const json_t *tables = list(root, "tables", MAX_TABLES, &d->table_count);
    if (!tables) { /* the short form: the document is the table */
        d->table_count = 1;
        d->tables = g_new0(Table, 1);
        d->tables[0] = read_table(root, &rows_left);
        return;
    }
    if (!d->table_count) fail(BAD_INPUT, "the document has no tables");
    d->tables = g_new0(Table, (size_t)d->table_count);
    for (int i = 0; i < d->table_count; i++) {
        const json_t *o = json_array_get(tables, (size_t)i);
        Table *t = &d->tables[i];
        *t = read_table(o, &rows_left);
        t->title = text_member(o, "title", MAX_TITLE);
        t->subtitle = text_member(o, "subtitle", MAX_LINE);
        t->notes = texts(o, "notes", MAX_NOTES, MAX_LINE, &t->note_count);
        t->signatures = texts(o, "signatures", MAX_SIGNATURES, MAX_TITLE, &t->signature_count);
    }
}

Document *document_read(const char *json, size_t size) {
    json_error_t error;
    json_t *root = json_loadb(json, size, JSON_REJECT_DUPLICATES, &error);
    if (!root) fail(BAD_INPUT, "line %d: %s", error.line, error.text);
    if (!json_is_object(root)) fail(BAD_INPUT, "the document is not an object");
    Document *d = g_new0(Document, 1);
    d->title = text_member(root, "title", MAX_TITLE);
    d->company = text_member(root, "company", MAX_TITLE);
    d->subtitle = text_member(root, "subtitle", MAX_LINE);
    d->unit = text_member(root, "unit", MAX_TITLE);
    d->footer = text_member(root, "footer", MAX_LINE);
    d->watermark = text_member(root, "watermark", MAX_WATERMARK);
    d->landscape = flag(root, "landscape");
    d->any_way = !json_is_boolean(json_object_get(root, "landscape"));
    d->english = !strncmp(text_member(root, "lang", 20), "en", 2);
    d->notes = texts(root, "notes", MAX_NOTES, MAX_LINE, &d->note_count);
    d->signatures = texts(root, "signatures", MAX_SIGNATURES, MAX_TITLE, &d->signature_count);
    read_tables(d, root);
    json_decref(root);
    return d;
}

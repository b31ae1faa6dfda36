/* sheet_cell.c - a row under construction: cells in any order, within the limits, missing ones empty. */
#include "service/sheet_private.h"
#include <string.h>
#include <talloc.h>

enum { FIRST_SIZE = 16 * 1024 };

void sheet_cells_init(SheetCells *s, SheetReader *r) {
    s->r = r;
    s->size = FIRST_SIZE;
    s->buf = sheet_need(talloc_size(r->work->mem, s->size));
    s->buf[0] = 0; /* what empty cells point to */
    s->count = 0;
    sheet_cells_clear(s);
}

void sheet_cells_clear(SheetCells *s) {
    s->len = s->begin = 1;
    s->count = 0;
}

void sheet_cell_begin(SheetCells *s) {
    s->len = s->begin;
}

Error *sheet_cell_add(SheetCells *s, int64_t row, const char *text, size_t n) {
    size_t len = s->len - s->begin;
    if (len > SHEET_MAX_CELL) TRY(sheet_check_cell(s->r, row, s->buf + s->begin, len));
    if (s->len + n + 1 > s->size) {
        while (s->len + n + 1 > s->size) s->size *= 2;
        s->buf = sheet_need(talloc_realloc_size(s->r->work->mem, s->buf, s->size));
    }
    memcpy(s->buf + s->len, text, n);
    s->len += n;
    return NULL;
}

char *sheet_cell_text(SheetCells *s, size_t *ret_len) {
    *ret_len = s->len - s->begin;
    return s->buf + s->begin;
}

/* Fills the gap up to column; *ret_ok is false if the cell lies outside and may be forgotten because it is empty. */
static Error *reach(SheetCells *s, int64_t row, size_t column, bool empty, bool *ret_ok) {
    *ret_ok = column < SHEET_MAX_COLUMNS;
    if (!*ret_ok) return empty ? NULL : sheet_check_columns(s->r, row);
    for (; s->count <= column; s->count++) s->cell[s->count] = NULL, s->at[s->count] = 0;
    return NULL;
}

Error *sheet_cell_end(SheetCells *s, int64_t row, size_t column, size_t len) {
    bool ok;
    TRY(sheet_check_cell(s->r, row, s->buf + s->begin, len));
    TRY(reach(s, row, column, len == 0, &ok));
    s->len = s->begin;
    if (!ok) return NULL;
    s->cell[column] = NULL;
    s->at[column] = len ? s->begin : 0;
    if (len) {
        s->len = s->begin + len + 1; /* fits: the text was there, and sheet_cell_add keeps a byte more */
        s->buf[s->begin + len] = 0;
    }
    s->begin = s->len;
    return NULL;
}

Error *sheet_cell_point(SheetCells *s, int64_t row, size_t column, const char *text) {
    bool ok;
    TRY(reach(s, row, column, *text == 0, &ok));
    if (ok) s->cell[column] = text;
    return NULL;
}

Error *sheet_cell_put(SheetCells *s, int64_t row, size_t column, const char *text, size_t n) {
    sheet_cell_begin(s);
    TRY(sheet_cell_add(s, row, text, n));
    return sheet_cell_end(s, row, column, n);
}

Error *sheet_cells_emit(SheetCells *s, int64_t row) {
    for (size_t i = 0; i < s->count; i++)
        if (!s->cell[i]) s->cell[i] = s->buf + s->at[i];
    return sheet_emit(s->r, row, s->cell, s->count);
}

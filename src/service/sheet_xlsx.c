/* sheet_xlsx.c - streams the rows of a workbook's first visible sheet. */
#include "service/sheet_private.h"
#include <string.h>
#include <talloc.h>

enum { LAST_ROW = 1048576, LAST_COLUMN = 16384 }; /* of any spreadsheet program */

typedef enum CellType { TYPE_NUMBER, TYPE_SHARED, TYPE_TEXT, TYPE_ISO_DATE } CellType;

typedef struct Rows {
    SheetBook *b;
    SheetCells cells;
    int64_t row;   /* number of the current or last row */
    size_t column; /* of the current cell; where a cell without r goes */
    CellType type;
    bool is_date;
    bool in_row, in_cell, in_value, in_phonetic;
} Rows;

static Error *damaged(const Rows *t, const char *detail) {
    return sheet_damaged(t->b->r, t->row, detail);
}

/* Decimal digits up to limit; -1 if s is anything else. */
static int64_t whole(const char *s, size_t n, int64_t limit) {
    int64_t v = 0;
    if (n == 0) return -1;
    for (size_t i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9') return -1;
        v = v * 10 + (s[i] - '0');
        if (v > limit) return -1;
    }
    return v;
}

/* "AB12" -> column 27 of row 12. */
static Error *cell_place(Rows *t, const char *ref) {
    size_t column = 0;
    const char *s = ref;
    for (; *s >= 'A' && *s <= 'Z' && column <= LAST_COLUMN; s++) column = column * 26 + (size_t)(*s - 'A') + 1;
    if (column == 0 || column > LAST_COLUMN || whole(s, strlen(s), LAST_ROW) < 1) return damaged(t, "cell reference");
    t->column = column - 1;
    return NULL;
}

static CellType cell_type(const char *s) {
    if (strcmp(s, "s") == 0) return TYPE_SHARED;
    if (strcmp(s, "n") == 0) return TYPE_NUMBER;
    return strcmp(s, "d") == 0 ? TYPE_ISO_DATE : TYPE_TEXT; /* str, inlineStr, b and e are text as they stand */
}

static Error *start_row(Rows *t, const char **atts) {
    const char *s = sheet_xml_att(atts, "r");
    int64_t row = s ? whole(s, strlen(s), LAST_ROW) : t->row + 1;
    if (row <= t->row || row > LAST_ROW) return damaged(t, "row reference");
    t->row = row;
    t->column = 0;
    t->in_row = true;
    sheet_cells_clear(&t->cells);
    return NULL;
}

static Error *start_cell(Rows *t, const char **atts) {
    t->type = TYPE_NUMBER;
    t->is_date = false;
    t->in_cell = true;
    sheet_cell_begin(&t->cells);
    for (; *atts; atts += 2) {
        const char *name = atts[0], *value = atts[1];
        if (name[0] && name[1]) continue; /* r, s and t are all that matter */
        if (*name == 'r') {
            TRY(cell_place(t, value));
        } else if (*name == 't') {
            t->type = cell_type(value);
        } else if (*name == 's') {
            int64_t style = whole(value, strlen(value), INT32_MAX);
            t->is_date = style >= 0 && (size_t)style < t->b->style_count && t->b->date_style[style];
        }
    }
    return NULL;
}

static Error *on_start(void *arg, const char *name, const char **atts) {
    Rows *t = arg;
    if (t->in_cell) {
        if (name[1] == 0)
            t->in_value = *name == 'v' || (*name == 't' && !t->in_phonetic);
        else if (strcmp(name, "rPh") == 0)
            t->in_phonetic = true;
        return NULL;
    }
    if (t->in_row) return name[0] == 'c' && name[1] == 0 ? start_cell(t, atts) : NULL;
    return strcmp(name, "row") == 0 ? start_row(t, atts) : NULL;
}

static Error *on_text(void *arg, const char *s, size_t n) {
    Rows *t = arg;
    return t->in_value ? sheet_cell_add(&t->cells, t->row, s, n) : NULL;
}

static Error *end_shared(Rows *t, const char *s, size_t n) {
    int64_t i = whole(s, n, SHEET_STRINGS);
    if (i < 0 || (size_t)i >= t->b->string_count) return damaged(t, "shared string");
    sheet_cell_begin(&t->cells); /* forget the index */
    return sheet_cell_point(&t->cells, t->row, t->column, t->b->strings[i]);
}

static Error *end_cell(Rows *t) {
    size_t n;
    char *s = sheet_cell_text(&t->cells, &n), buf[SHEET_NUMBER_TEXT];
    t->in_cell = t->in_value = t->in_phonetic = false;
    if (n > 0 && t->type == TYPE_SHARED) return end_shared(t, s, n);
    if (n > 0 && t->type == TYPE_NUMBER) {
        size_t len = t->is_date ? sheet_number_date(s, n, t->b->from_1904, buf) : 0;
        if (len == 0) len = sheet_number_plain(s, n, buf);
        if (len > 0) return sheet_cell_put(&t->cells, t->row, t->column, buf, len);
    }
    n = t->type == TYPE_ISO_DATE ? sheet_number_iso(s, n) : sheet_xlsx_clean(s, n);
    return sheet_cell_end(&t->cells, t->row, t->column, n);
}

static Error *on_end(void *arg, const char *name) {
    Rows *t = arg;
    if (t->in_value) {
        if (name[1] == 0 && (*name == 'v' || *name == 't')) t->in_value = false;
    } else if (t->in_cell && name[0] == 'c' && name[1] == 0) {
        TRY(end_cell(t));
        t->column++;
    } else if (t->in_cell && strcmp(name, "rPh") == 0) {
        t->in_phonetic = false;
    } else if (t->in_row && !t->in_cell && strcmp(name, "row") == 0) {
        t->in_row = false;
        return sheet_cells_emit(&t->cells, t->row);
    }
    return NULL;
}

Error *sheet_xlsx_read(SheetReader *r) {
    static const SheetXml handlers = { on_start, on_end, on_text };
    SheetBook b = { .r = r };
    TRY(sheet_zip_open(r, &b.zip));
    TRY(sheet_book_open(&b));
    TRY(sheet_book_strings(&b));
    TRY(sheet_book_styles(&b));
    Rows *t = sheet_need(talloc_zero(r->work->mem, Rows));
    t->b = &b;
    sheet_cells_init(&t->cells, r);
    return sheet_xml_read(b.zip, r, b.sheet, &handlers, t);
}

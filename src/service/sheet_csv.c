/* sheet_csv.c - reads comma, semicolon or tab separated text (RFC 4180 and the habits of Excel).
 *
 * The text passes through a window that is cut up in place: a delimiter becomes the NUL that ends the cell, a doubled
 * quotation mark is closed up. docs/decisions/0002-csv-reader.md has the figures against libcsv. */
#include "service/sheet_private.h"
#include "base/text.h"
#include <string.h>
#include <strings.h>
#include <talloc.h>

enum {
    WINDOW = 256 * 1024,
    CELL_BYTES = SHEET_MAX_CELL * 4 + 16, /* a cell with more bytes than this has too many characters, quoted or not */
    LARGEST_ROW = 128 * 1024 * 1024,      /* 512 full cells take half of it */
    SNIFF_BYTES = 64 * 1024,
    SNIFF_ROWS = 32
};

typedef struct Csv {
    SheetReader *r;
    SheetText *text;
    char *buf, *end;  /* *end is a NUL, which nothing else in the text is */
    size_t size;      /* of the window without that NUL */
    char *row, *cell; /* where the current ones begin */
    char *p;          /* next byte to look at */
    char *out;        /* end of the current cell's text: lags behind p once a quotation mark was dropped */
    bool eof, skip_lf;
    int64_t number;
    bool stop[256]; /* delimiter, CR, LF, NUL */
    size_t count;
    size_t at[SHEET_MAX_COLUMNS]; /* offsets from row, because the window moves */
    const char *cells[SHEET_MAX_COLUMNS];
} Csv;

/* Moves the current row to the start of the window and reads on behind it. p == end again only at the end of the file. */
static Error *refill(Csv *v) {
    if (v->eof) return NULL;
    if (v->end - v->cell > CELL_BYTES) TRY(sheet_check_cell(v->r, v->number, v->cell, (size_t)(v->end - v->cell)));
    size_t kept = (size_t)(v->end - v->row), moved = (size_t)(v->row - v->buf);
    size_t cell = (size_t)(v->cell - v->row), p = (size_t)(v->p - v->row), out = (size_t)(v->out - v->row), n;
    if (moved > 0) memmove(v->buf, v->row, kept);
    if (kept > v->size / 2) {
        if (v->size >= LARGEST_ROW)
            return err_too_large(v->r->c, N_("Row {1} is too long"), sheet_number_arg(v->r, v->number));
        v->size *= 2;
        v->buf = sheet_need(talloc_realloc_size(v->r->work->mem, v->buf, v->size + 1));
    }
    v->row = v->buf;
    v->cell = v->buf + cell;
    v->p = v->buf + p;
    v->out = v->buf + out;
    TRY(sheet_text_fill(v->text, v->buf + kept, v->size - kept, &n));
    v->end = v->buf + kept + n;
    *v->end = 0;
    v->eof = n == 0;
    return NULL;
}

/* Copies from p to out up to the first stop, and on over window ends. */
static Error *plain_part(Csv *v) {
    for (;;) {
        char *p = v->p;
        while (!v->stop[(unsigned char)*p]) p++;
        if (v->out != v->p) memmove(v->out, v->p, (size_t)(p - v->p));
        v->out += p - v->p;
        v->p = p;
        if (*p || p < v->end || v->eof) return NULL;
        TRY(refill(v));
    }
}

/* From behind the opening mark to behind the closing one. */
static Error *quoted_part(Csv *v) {
    int64_t opened = v->number;
    for (;;) {
        char *q = memchr(v->p, '"', (size_t)(v->end - v->p));
        size_t n = (size_t)((q ? q : v->end) - v->p);
        if (v->out != v->p) memmove(v->out, v->p, n);
        v->out += n;
        v->p += n;
        if (!q) {
            TRY(refill(v));
            if (v->p == v->end)
                return err_invalid(v->r->c, N_("The quotation mark opened in row {1} is never closed"),
                                   sheet_number_arg(v->r, opened));
            continue;
        }
        v->p++;
        if (v->p == v->end) TRY(refill(v));
        if (*v->p != '"') return NULL;
        *v->out++ = *v->p++;
    }
}

/* CRLF inside a cell is one line end. */
static char *drop_cr(char *s, char *end) {
    char *from = memchr(s, '\r', (size_t)(end - s));
    if (!from) return end;
    char *to = from;
    for (; from < end; from++) {
        if (*from == '\r' && from + 1 < end && from[1] == '\n') continue;
        *to++ = *from == '\r' ? '\n' : *from;
    }
    return to;
}

/* Reads one cell; *ret_stop is what ended it: the delimiter, '\n', or NUL at the end of the file. */
static inline Error *read_cell(Csv *v, char *ret_stop) {
    if (v->p == v->end) TRY(refill(v));
    v->cell = v->out = v->p;
    if (*v->p == '"') {
        v->cell = v->out = ++v->p;
        TRY(quoted_part(v));
        v->out = drop_cr(v->cell, v->out);
    }
    TRY(plain_part(v));
    size_t len = (size_t)(v->out - v->cell);
    if (len > SHEET_MAX_CELL) TRY(sheet_check_cell(v->r, v->number, v->cell, len));
    if (v->count < SHEET_MAX_COLUMNS)
        v->at[v->count++] = (size_t)(v->cell - v->row);
    else if (len > 0)
        return sheet_check_columns(v->r, v->number);
    char stop = *v->p;
    if (v->p < v->end) v->p++;
    *v->out = 0;
    v->skip_lf = stop == '\r';
    *ret_stop = stop == '\r' ? '\n' : stop;
    return NULL;
}

static Error *read_rows(Csv *v) {
    char stop = '\n';
    while (stop) {
        v->row = v->cell = v->out = v->p;
        if (v->p == v->end) TRY(refill(v));
        if (v->skip_lf && *v->p == '\n') v->row = v->cell = v->out = ++v->p;
        if (v->p == v->end) TRY(refill(v));
        if (v->p == v->end) return NULL;
        v->number++;
        v->count = 0;
        do TRY(read_cell(v, &stop));
        while (stop && stop != '\n');
        for (size_t i = 0; i < v->count; i++) v->cells[i] = v->row + v->at[i];
        TRY(sheet_emit(v->r, v->number, v->cells, v->count));
    }
    return NULL;
}

/* How regular the text is if cut by that character: many rows with the same number of them, then many of them. */
static size_t regularity(const char *s, const char *end, char delimiter) {
    size_t per_row[SNIFF_ROWS] = { 0 }, rows = 0, best = 0;
    bool quoted = false;
    for (; s < end && rows < SNIFF_ROWS; s++) {
        if (*s == '"') quoted = !quoted;
        if (quoted) continue;
        if (*s == delimiter) per_row[rows]++;
        if (*s == '\n' || (*s == '\r' && s[1] != '\n')) rows++;
    }
    if (rows < SNIFF_ROWS) rows++;
    for (size_t i = 0; i < rows; i++) {
        size_t same = 0;
        for (size_t k = 0; k < rows; k++) same += per_row[k] == per_row[i];
        size_t score = per_row[i] ? same * 1000 + (per_row[i] < 1000 ? per_row[i] : 999) : 0;
        if (score > best) best = score;
    }
    return best;
}

static char sniff(const Csv *v) {
    static const char candidates[] = ",;\t";
    const char *end = v->end - v->buf > SNIFF_BYTES ? v->buf + SNIFF_BYTES : v->end;
    char delimiter = ',';
    size_t best = 0;
    for (const char *s = candidates; *s; s++) {
        size_t n = regularity(v->buf, end, *s);
        if (n > best) best = n, delimiter = *s;
    }
    return delimiter;
}

/* Excel's own first line "sep=;" names the delimiter and is no row. */
static char announced(Csv *v) {
    if (strncasecmp(v->p, "sep=", 4) != 0 || !v->p[4] || !strchr(",;\t|", v->p[4])) return 0;
    char delimiter = v->p[4];
    const char *rest = v->p + 5;
    if (*rest != '\r' && *rest != '\n') return 0;
    v->p += 6;
    v->skip_lf = *rest == '\r';
    return delimiter;
}

Error *sheet_csv_read(SheetReader *r) {
    Csv *v = sheet_need(talloc_zero(r->work->mem, Csv));
    v->r = r;
    v->size = WINDOW;
    v->buf = v->end = v->row = v->cell = v->p = v->out = sheet_need(talloc_size(r->work->mem, WINDOW + 1));
    TRY(sheet_text_open(r, false, &v->text));
    TRY(refill(v));
    char delimiter = announced(v);
    if (!delimiter) delimiter = sniff(v);
    v->stop[(unsigned char)delimiter] = v->stop['\r'] = v->stop['\n'] = v->stop[0] = true;
    return read_rows(v);
}

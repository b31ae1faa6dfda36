/* sheet_read.c - tells what kind of spreadsheet a file is by its content, and has it read. */
#include "service/sheet_private.h"
#include "base/text.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

enum { PEEK = 4096 };

void *sheet_need(void *p) {
    if (!p) {
        fputs("out of memory\n", stderr);
        abort();
    }
    return p;
}

const char *sheet_number_arg(const SheetReader *r, int64_t n) {
    return sheet_need(talloc_asprintf(r->c->mem, "%lld", (long long)n));
}

Error *sheet_not_one(const SheetReader *r) {
    return err_invalid(r->c, N_("This file is not a spreadsheet (.xlsx or .csv)"));
}

Error *sheet_damaged(const SheetReader *r, int64_t row, const char *detail) {
    Error *e =
        row > 0 ? err_invalid(r->c, N_("The spreadsheet is damaged in row {1}; open it, save it again and retry"),
                              sheet_number_arg(r, row))
                : err_invalid(r->c, N_("The spreadsheet is damaged or incomplete; open it, save it again and retry"));
    e->detail = detail;
    return e;
}

Error *sheet_check_columns(const SheetReader *r, int64_t row) {
    return err_too_large(r->c, N_("Row {1} has more than {2} columns"), sheet_number_arg(r, row),
                         sheet_number_arg(r, SHEET_MAX_COLUMNS));
}

Error *sheet_check_cell(const SheetReader *r, int64_t row, const char *s, size_t n) {
    if (n <= SHEET_MAX_CELL) return NULL;
    size_t chars = 0;
    for (size_t i = 0; i < n; i++) chars += (s[i] & 0xC0) != 0x80;
    if (chars <= SHEET_MAX_CELL) return NULL;
    if (row <= 0)
        return err_too_large(r->c, N_("A cell has more than {1} characters"), sheet_number_arg(r, SHEET_MAX_CELL));
    return err_too_large(r->c, N_("A cell in row {1} has more than {2} characters"), sheet_number_arg(r, row),
                         sheet_number_arg(r, SHEET_MAX_CELL));
}

static int64_t monotonic(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

Error *sheet_check_time(const SheetReader *r) {
    if (monotonic() - r->started - r->elsewhere < SHEET_SECONDS * INT64_C(1000000000)) return NULL;
    return err_too_large(r->c, N_("Reading the spreadsheet takes too long; split it into smaller files"));
}

static bool is_blank(const char *s) {
    return s[strspn(s, " \t\n")] == 0;
}

Error *sheet_emit(SheetReader *r, int64_t number, const char *const *cells, size_t count) {
    size_t i = 0;
    while (i < count && (cells[i][0] == 0 || is_blank(cells[i]))) i++;
    if (i == count) return NULL;
    if (r->rows >= r->max_rows)
        return err_too_large(r->c, N_("The file has more than {1} rows"), sheet_number_arg(r, r->max_rows));
    r->rows++;
    if (!r->timed) return r->row(r->c, r->arg, number, cells, count);
    int64_t before = monotonic();
    Error *e = r->row(r->c, r->arg, number, cells, count);
    r->elsewhere += monotonic() - before;
    return e;
}

/* The beginning as lower-case ASCII, so that UTF-16 can be searched like the rest. */
static void peek_ascii(const SheetReader *r, char out[static PEEK + 1]) {
    size_t len = 0;
    for (size_t i = 0; i < r->size && i < (size_t)PEEK * 2 && len < PEEK; i++) {
        unsigned char ch = (unsigned char)r->data[i];
        if (ch > 0 && ch < 128) out[len++] = (char)tolower(ch);
    }
    out[len] = 0;
}

/* Charset named by the page itself; only the GB family matters, for short files whose bytes could pass as UTF-8. */
static bool claims_gb(const char *head) {
    const char *s = strstr(head, "charset=");
    if (!s) return false;
    s += strlen("charset=");
    s += strspn(s, "\"' ");
    return text_starts(s, "gb");
}

static bool is_html(const char *head) {
    static const char *const signs[] = { "<html", "<table", "<!doctype html",
                                         "<meta", "<tr",    "schemas-microsoft-com:office:spreadsheet" };
    head += strspn(head, " \t\r\n");
    if (*head != '<') return false;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strstr(head, signs[i])) return true;
    return false;
}

/* An OLE2 container: either an encrypted .xlsx or the binary format of Excel 97. */
static Error *refuse_ole(const SheetReader *r) {
    static const char sign[] = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e";
    if (memmem(r->data, r->size, sign, sizeof sign - 1))
        return err_invalid(r->c, N_("The file is protected with a password; save it without one and try again"));
    return err_invalid(r->c, N_("This is an old Excel file (.xls); save it as .xlsx and try again"));
}

static Error *dispatch(SheetReader *r) {
    const char *d = r->data;
    if (r->size == 0) return err_invalid(r->c, N_("The file is empty"));
    if (r->size >= 4 && memcmp(d, "PK\3\4", 4) == 0) {
        r->timed = true;
        return sheet_xlsx_read(r);
    }
    if (r->size >= 8 && memcmp(d, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8) == 0) return refuse_ole(r);
    char *head = sheet_need(talloc_size(r->work->mem, PEEK + 1));
    peek_ascii(r, head);
    if (is_html(head)) return sheet_html_read(r, claims_gb(head));
    if (text_starts(head, "%pdf-") || text_starts(head, "{\\rtf") || text_starts(head, "<?xml"))
        return sheet_not_one(r);
    for (const char *s = head; *s; s++) /* text has no such control characters; Ctrl-Z ends old DOS files */
        if ((unsigned char)*s < 32 && !strchr("\t\r\n\f\x1A", *s)) return sheet_not_one(r);
    return sheet_csv_read(r);
}

Error *sheet_read(Ctx *c, const SheetFile *file, SheetRow row, void *arg) {
    SheetReader r = {
        .c = c,
        .work = ctx_child(c),
        .data = file->data,
        .size = file->size,
        .row = row,
        .arg = arg,
        .max_rows = file->max_rows > 0 ? file->max_rows : SHEET_MAX_ROWS,
        .started = monotonic(),
    };
    Error *e = dispatch(&r);
    ctx_done(r.work);
    return e;
}

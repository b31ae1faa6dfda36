/* sheet_xlsx_shared.c - the two tables that cells of an XLSX refer to: shared strings and cell styles. */
#include "service/sheet_private.h"
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

/* ---- Shared strings: text of all runs together; phonetic runs (rPh) are a reading aid, not text ---- */

enum { BLOCK = 256 * 1024, FIRST_STRINGS = 1024 };

typedef struct Strings {
    SheetBook *b;
    SheetCells text; /* of the string being read: gives the growing buffer and the cell limit */
    char *block;     /* strings are packed into blocks that never move */
    size_t block_left, memory, capacity;
    bool in_text, in_phonetic;
} Strings;

static int hex(char ch) {
    return ch >= '0' && ch <= '9'   ? ch - '0'
           : ch >= 'A' && ch <= 'F' ? ch - 'A' + 10
           : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10
                                    : -1;
}

/* Code of the _xHHHH_ at s, or -1. */
static int escape(const char *s, size_t n) {
    if (n < 7 || s[0] != '_' || s[1] != 'x' || s[6] != '_') return -1;
    int code = 0;
    for (int i = 2; i < 6; i++) {
        int digit = hex(s[i]);
        if (digit < 0) return -1;
        code = code * 16 + digit;
    }
    return code;
}

/* Only what escapes exist for: control characters and the underscore itself (of "_x0041_" kept as text). Seven bytes
 * become one, so in place is safe. */
static size_t unescape(char *s, size_t n) {
    size_t out = 0;
    for (size_t i = 0; i < n;) {
        int code = s[i] == '_' ? escape(s + i, n - i) : -1;
        bool resolve = (code > 0 && code < 32) || code == '_';
        s[out++] = resolve ? (char)code : s[i];
        i += resolve ? 7 : 1;
    }
    return out;
}

size_t sheet_xlsx_clean(char *s, size_t n) {
    if (memmem(s, n, "_x", 2)) n = unescape(s, n);
    char *cr = memchr(s, '\r', n);
    if (!cr) return n;
    size_t out = (size_t)(cr - s);
    for (size_t i = out; i < n; i++) {
        if (s[i] == '\r' && i + 1 < n && s[i + 1] == '\n') continue;
        s[out++] = s[i] == '\r' ? '\n' : s[i];
    }
    return out;
}

/* A copy that stays where it is. */
static Error *keep(Strings *t, const char *s, size_t n, const char **ret_kept) {
    void *mem = t->b->r->work->mem;
    if (n + 1 > t->block_left) {
        size_t size = n + 1 > BLOCK ? n + 1 : BLOCK;
        if ((t->memory += size) > SHEET_MEMORY)
            return err_too_large(t->b->r->c,
                                 N_("The spreadsheet is too large when unpacked; split it into smaller files"));
        t->block = sheet_need(talloc_size(mem, size));
        t->block_left = size;
    }
    memcpy(t->block, s, n);
    t->block[n] = 0;
    *ret_kept = t->block;
    t->block += n + 1;
    t->block_left -= n + 1;
    return NULL;
}

static Error *end_string(Strings *t) {
    SheetBook *b = t->b;
    size_t n;
    char *s = sheet_cell_text(&t->text, &n);
    n = sheet_xlsx_clean(s, n);
    TRY(sheet_check_cell(b->r, 0, s, n));
    if (b->string_count == SHEET_STRINGS)
        return err_too_large(b->r->c, N_("The spreadsheet has more than {1} different texts"),
                             sheet_number_arg(b->r, SHEET_STRINGS));
    if (b->string_count == t->capacity) {
        t->capacity = t->capacity ? t->capacity * 2 : FIRST_STRINGS;
        b->strings = sheet_need(talloc_realloc_size(b->r->work->mem, b->strings, t->capacity * sizeof *b->strings));
    }
    return keep(t, s, n, &b->strings[b->string_count++]);
}

static Error *strings_start(void *arg, const char *name, const char **atts) {
    Strings *t = arg;
    (void)atts;
    if (strcmp(name, "t") == 0)
        t->in_text = !t->in_phonetic;
    else if (strcmp(name, "si") == 0)
        sheet_cell_begin(&t->text);
    else if (strcmp(name, "rPh") == 0)
        t->in_phonetic = true;
    return NULL;
}

static Error *strings_end(void *arg, const char *name) {
    Strings *t = arg;
    if (strcmp(name, "t") == 0)
        t->in_text = false;
    else if (strcmp(name, "si") == 0)
        return end_string(t);
    else if (strcmp(name, "rPh") == 0)
        t->in_phonetic = false;
    return NULL;
}

static Error *strings_text(void *arg, const char *s, size_t n) {
    Strings *t = arg;
    return t->in_text ? sheet_cell_add(&t->text, 0, s, n) : NULL;
}

Error *sheet_book_strings(SheetBook *b) {
    static const SheetXml handlers = { strings_start, strings_end, strings_text };
    if (b->strings_part < 0) return NULL;
    Strings *t = sheet_need(talloc_zero(b->r->work->mem, Strings));
    t->b = b;
    sheet_cells_init(&t->text, b->r);
    return sheet_xml_read(b->zip, b->r, b->strings_part, &handlers, t);
}

/* ---- Styles: which cell styles show dates ---- */

enum { STYLES = 65536, FORMATS = 65536 };

typedef struct Styles {
    SheetBook *b;
    bool in_cells;                 /* inside cellXfs; cellStyleXfs has the same elements */
    unsigned char format[FORMATS]; /* by id: 0 not defined here, 1 a number, 2 a date */
    uint16_t *id;                  /* number format by cell style */
    size_t count;
} Styles;

static long format_id(const char **atts) {
    const char *s = sheet_xml_att(atts, "numFmtId");
    long id = s ? strtol(s, NULL, 10) : 0;
    return id >= 0 && id < FORMATS ? id : 0;
}

static Error *styles_start(void *arg, const char *name, const char **atts) {
    Styles *t = arg;
    if (strcmp(name, "numFmt") == 0) {
        const char *code = sheet_xml_att(atts, "formatCode");
        if (code) t->format[format_id(atts)] = sheet_number_is_date(code) ? 2 : 1;
    } else if (strcmp(name, "cellXfs") == 0) {
        t->in_cells = true;
    } else if (t->in_cells && strcmp(name, "xf") == 0 && t->count < STYLES) {
        if (t->count % 256 == 0)
            t->id = sheet_need(talloc_realloc_size(t->b->r->work->mem, t->id, (t->count + 256) * sizeof *t->id));
        t->id[t->count++] = (uint16_t)format_id(atts);
    }
    return NULL;
}

static Error *styles_end(void *arg, const char *name) {
    Styles *t = arg;
    if (strcmp(name, "cellXfs") == 0) t->in_cells = false;
    return NULL;
}

Error *sheet_book_styles(SheetBook *b) {
    static const SheetXml handlers = { .start = styles_start, .end = styles_end };
    if (b->styles_part < 0) return NULL;
    Styles *t = sheet_need(talloc_zero(b->r->work->mem, Styles));
    t->b = b;
    TRY(sheet_xml_read(b->zip, b->r, b->styles_part, &handlers, t));
    b->date_style = sheet_need(talloc_zero_size(b->r->work->mem, (t->count + 1) * sizeof *b->date_style));
    b->style_count = t->count;
    for (size_t i = 0; i < t->count; i++) {
        unsigned char format = t->format[t->id[i]];
        b->date_style[i] = format ? format == 2 : sheet_number_is_date_id(t->id[i]);
    }
    return NULL;
}

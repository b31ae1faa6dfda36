/* sheet_html.c - reads "fake .xls" files: an HTML table, or Excel's old XML, under a spreadsheet's name. Many Chinese ERP
 * systems export so. Forgiving by design: every tr of the page is a row, whatever else is wrong around it. */
#include "service/sheet_private.h"
#include "base/text.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

enum { FIRST_SIZE = 256 * 1024, LARGEST = 128 * 1024 * 1024, NAME = 16, NUMBER_LIMIT = 1048576 };

typedef struct Html {
    SheetReader *r;
    SheetCells cells;
    const char *p, *end;
    int64_t row;
    size_t column;
    bool in_row, in_cell;
    bool space;                          /* white space waits to be written if text follows */
    bool exact;                          /* old XML: white space counts */
    size_t span;                         /* columns of the current cell */
    uint16_t covered[SHEET_MAX_COLUMNS]; /* rows that a cell above still reaches down, by column */
    uint16_t down;                       /* rows of the current cell */
} Html;

typedef struct Tag {
    char name[NAME]; /* lower case, without prefix */
    bool closing;
    const char *atts, *end; /* text between name and > */
} Tag;

/* Whole text as UTF-8. */
static Error *decode(SheetReader *r, bool gb, Html *h) {
    SheetText *text;
    size_t size = FIRST_SIZE, len = 0, n;
    char *buf = sheet_need(talloc_size(r->work->mem, size));
    TRY(sheet_text_open(r, gb, &text));
    for (;;) {
        TRY(sheet_text_fill(text, buf + len, size - len - 1, &n));
        if (n == 0) break;
        len += n;
        if (size - len > 16) continue;
        if (size >= LARGEST) return err_too_large(r->c, N_("The file is too large; split it into smaller files"));
        size *= 2;
        buf = sheet_need(talloc_realloc_size(r->work->mem, buf, size));
    }
    buf[len] = 0;
    h->p = buf;
    h->end = buf + len;
    return NULL;
}

/* ---- Text ---- */

static Error *add(Html *h, const char *s, size_t n) {
    size_t len;
    sheet_cell_text(&h->cells, &len);
    if (h->space && len > 0) TRY(sheet_cell_add(&h->cells, h->row, " ", 1));
    h->space = false;
    return sheet_cell_add(&h->cells, h->row, s, n);
}

/* Code point of the entity at s (behind &) and its length with the semicolon; 0 if it is none that we know. */
static long entity(const char *s, size_t *ret_n) {
    static const struct {
        const char *name;
        long code;
    } known[] = { { "amp;", '&' },       { "lt;", '<' },       { "gt;", '>' },       { "quot;", '"' },
                  { "apos;", '\'' },     { "nbsp;", ' ' },     { "yen;", 0xA5 },     { "middot;", 0xB7 },
                  { "times;", 0xD7 },    { "deg;", 0xB0 },     { "mdash;", 0x2014 }, { "ndash;", 0x2013 },
                  { "hellip;", 0x2026 }, { "ldquo;", 0x201C }, { "rdquo;", 0x201D }, { "copy;", 0xA9 },
                  { "reg;", 0xAE },      { "euro;", 0x20AC } };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (text_starts(s, known[i].name)) return *ret_n = strlen(known[i].name), known[i].code;
    if (*s != '#') return 0;
    bool hex = s[1] == 'x' || s[1] == 'X';
    const char *digits = s + 1 + hex;
    if (!isxdigit((unsigned char)*digits)) return 0;
    char *end;
    long code = strtol(digits, &end, hex ? 16 : 10);
    if (end == digits || *end != ';' || code <= 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return 0;
    *ret_n = (size_t)(end + 1 - s);
    return code == 0xA0 || (code < 32 && code != '\n') || code == 127 ? ' ' : code;
}

/* strspn and strcspn that stop at end: a sanitizer's own walk to the NUL, megabytes away, for every tag. */
static size_t span(const char *s, const char *end, const char *set, bool within) {
    const char *from = s;
    while (s < end && *s && (strchr(set, *s) != NULL) == within) s++;
    return (size_t)(s - from);
}

static Error *text_run(Html *h) {
    while (h->p < h->end && *h->p != '<') {
        size_t n = span(h->p, h->end, "<& \t\r\n", false);
        if (n > 0 && h->in_cell) TRY(add(h, h->p, n));
        h->p += n;
        if (*h->p == '&') {
            size_t skip = 0;
            long code = entity(h->p + 1, &skip);
            char buf[4] = "&";
            n = code ? sheet_utf8(code, buf) : 1;
            if (h->in_cell && code == ' ')
                h->space = true;
            else if (h->in_cell)
                TRY(add(h, buf, n));
            h->p += 1 + skip;
        } else if (h->p < h->end && *h->p != '<') {
            if (h->exact && *h->p == '\n' && h->in_cell)
                TRY(add(h, "\n", 1));
            else
                h->space = true;
            h->p++;
        }
    }
    return NULL;
}

/* ---- Tags ---- */

/* Value of an attribute as a number, 0 if absent. */
static size_t att_number(const Tag *t, const char *name) {
    size_t n = strlen(name);
    for (const char *s = t->atts; s + n < t->end; s++) {
        if (strncasecmp(s, name, n) != 0 || isalnum((unsigned char)s[-1])) continue;
        const char *v = s + n;
        v += span(v, t->end, " \t\r\n", true);
        if (*v != '=') continue;
        v += 1 + span(v + 1, t->end, " \t\r\n\"'", true);
        size_t number = 0;
        for (; *v >= '0' && *v <= '9' && number <= NUMBER_LIMIT; v++) number = number * 10 + (size_t)(*v - '0');
        return number <= NUMBER_LIMIT ? number : NUMBER_LIMIT;
    }
    return 0;
}

static void skip_covered(Html *h) {
    while (h->column < SHEET_MAX_COLUMNS && h->covered[h->column] > 0) h->column++;
}

static Error *end_cell(Html *h) {
    if (!h->in_cell) return NULL;
    h->in_cell = h->space = false;
    size_t n;
    char *s = sheet_cell_text(&h->cells, &n);
    while (n > 0 && strchr(" \n", s[n - 1])) n--;
    if (h->exact) n = sheet_number_iso(s, n);
    TRY(sheet_cell_end(&h->cells, h->row, h->column, n));
    for (size_t last = h->column + h->span; h->column < last; h->column++)
        if (h->column < SHEET_MAX_COLUMNS) h->covered[h->column] = h->down;
    return NULL;
}

static Error *end_row(Html *h) {
    TRY(end_cell(h));
    if (!h->in_row) return NULL;
    h->in_row = false;
    for (size_t i = 0; i < SHEET_MAX_COLUMNS; i++) h->covered[i] = (uint16_t)(h->covered[i] - (h->covered[i] > 0));
    return sheet_cells_emit(&h->cells, h->row);
}

static Error *start_row(Html *h, const Tag *t) {
    TRY(end_row(h));
    int64_t index = (int64_t)att_number(t, "index");
    h->row = index > h->row ? index : h->row + 1;
    h->column = 0;
    h->in_row = true;
    sheet_cells_clear(&h->cells);
    return NULL;
}

static Error *start_cell(Html *h, const Tag *t) {
    TRY(end_cell(h));
    if (!h->in_row) TRY(start_row(h, t));
    size_t down = att_number(t, "rowspan"), index = att_number(t, "index"), across = att_number(t, "mergeacross");
    h->span = att_number(t, "colspan");
    if (across) h->span = across + 1;
    if (h->span == 0) h->span = 1;
    if (h->span > SHEET_MAX_COLUMNS) h->span = SHEET_MAX_COLUMNS;
    h->down = (uint16_t)(down == 0 ? 1 : down < UINT16_MAX ? down : UINT16_MAX);
    if (index > 0 && index - 1 > h->column) h->column = index - 1; /* ss:Index of the old XML */
    skip_covered(h);
    sheet_cell_begin(&h->cells);
    h->in_cell = true;
    return NULL;
}

static bool is(const Tag *t, const char *a, const char *b) {
    return strcmp(t->name, a) == 0 || strcmp(t->name, b) == 0;
}

static Error *on_tag(Html *h, const Tag *t) {
    if (is(t, "tr", "row")) return t->closing ? end_row(h) : start_row(h, t);
    if (is(t, "td", "cell") || strcmp(t->name, "th") == 0) return t->closing ? end_cell(h) : start_cell(h, t);
    if (is(t, "table", "worksheet")) {
        if (!h->in_cell) memset(h->covered, 0, sizeof h->covered);
        if (!h->in_cell) return end_row(h);
    }
    if (strcmp(t->name, "br") == 0 && h->in_cell) {
        h->space = false;
        return add(h, "\n", 1);
    }
    if (is(t, "p", "div") && h->in_cell) h->space = true;
    return NULL;
}

/* Cuts the tag at h->p; leaves h->p behind it. */
static Tag read_tag(Html *h) {
    Tag t = { .closing = h->p[1] == '/' };
    const char *s = h->p + 1 + t.closing;
    size_t n = span(s, h->end, " \t\r\n/>", false), len = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == ':')
            len = 0;
        else if (len + 1 < sizeof t.name)
            t.name[len++] = (char)tolower((unsigned char)s[i]);
    }
    t.name[len] = 0;
    t.atts = s + n;
    char quote = 0;
    for (s = t.atts; s < h->end && (quote || *s != '>'); s++) /* a > inside quotes ends nothing */
        if (quote ? *s == quote : *s == '"' || *s == '\'') quote = quote ? 0 : *s;
    t.end = s;
    h->p = s < h->end ? s + 1 : h->end;
    return t;
}

static void skip_past(Html *h, const char *mark) {
    const char *s = strcasestr(h->p, mark);
    h->p = s ? s + strlen(mark) : h->end;
}

Error *sheet_html_read(SheetReader *r, bool gb) {
    Html *h = sheet_need(talloc_zero(r->work->mem, Html));
    h->r = r;
    sheet_cells_init(&h->cells, r);
    TRY(decode(r, gb, h));
    h->exact = strncasecmp(h->p, "<?xml", 5) == 0;
    int sheets = 0;
    while (h->p < h->end) {
        if (*h->p != '<') {
            TRY(text_run(h));
        } else if (text_starts(h->p, "<!--")) {
            skip_past(h, "-->");
        } else if (!strchr("/!?", h->p[1]) && !isalpha((unsigned char)h->p[1])) {
            if (h->in_cell) TRY(add(h, "<", 1)); /* a plain "less than" */
            h->p++;
        } else {
            Tag t = read_tag(h);
            if (strcmp(t.name, "worksheet") == 0 && !t.closing && sheets++ > 0) break; /* the first sheet only */
            TRY(on_tag(h, &t));
            if (!t.closing && is(&t, "style", "script")) skip_past(h, t.name[1] == 't' ? "</style>" : "</script>");
        }
    }
    TRY(end_row(h));
    return h->row == 0 ? sheet_not_one(r) : NULL;
}

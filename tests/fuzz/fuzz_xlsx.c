/* fuzz_xlsx.c - hostile workbooks through sheet_read.
 *
 * The first byte picks the layer. '0': the rest is the archive itself. Anything else: the rest is XML, up to four parts
 * (sheet, shared strings, styles, workbook) with a byte 0xFF between them, and goes into a sound archive. There the sheet is
 * read twice, as UTF-8 by our scanner and as UTF-16 by expat, and what both accept must come out the same. */
#include "base/text.h"
#include "service/sheet.h"
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PARTS = 6, LARGEST = 1 << 24 };

typedef struct Part {
    const char *name, *data;
    size_t size;
} Part;

/* ---- An archive without compression ---- */

static void put(Text *t, uint32_t n, int bytes) {
    for (int i = 0; i < bytes; i++, n >>= 8) text_add_char(t, (char)(n & 255));
}

static uint32_t crc(const char *s, size_t n) {
    uint32_t sum = 0xFFFFFFFF;
    for (size_t i = 0; i < n; i++) {
        sum ^= (uint8_t)s[i];
        for (int bit = 0; bit < 8; bit++) sum = sum >> 1 ^ (0xEDB88320 & -(sum & 1));
    }
    return ~sum;
}

static void header(Text *t, const Part *p, uint32_t at, bool central) {
    put(t, central ? 0x02014B50 : 0x04034B50, 4);
    if (central) put(t, 20, 2);
    put(t, 20, 2);
    put(t, 0, 4);
    put(t, 0x00210000, 4);
    put(t, crc(p->data, p->size), 4);
    put(t, (uint32_t)p->size, 4);
    put(t, (uint32_t)p->size, 4);
    put(t, (uint32_t)strlen(p->name), 2);
    put(t, 0, 2);
    if (central) {
        put(t, 0, 2 + 2 + 2);
        put(t, 0, 4);
        put(t, at, 4);
    }
    text_add(t, p->name);
}

static Text *make_zip(void *mem, const Part *parts) {
    Text *t = text_new(mem, LARGEST);
    uint32_t at[PARTS], begin;
    for (int i = 0; i < PARTS; i++) {
        at[i] = (uint32_t)t->len;
        header(t, &parts[i], 0, false);
        text_add_n(t, parts[i].data, parts[i].size);
    }
    begin = (uint32_t)t->len;
    for (int i = 0; i < PARTS; i++) header(t, &parts[i], at[i], true);
    uint32_t end = (uint32_t)t->len;
    put(t, 0x06054B50, 4);
    put(t, 0, 4);
    put(t, PARTS, 2);
    put(t, PARTS, 2);
    put(t, end - begin, 4);
    put(t, begin, 4);
    put(t, 0, 2);
    return t;
}

/* ---- What comes out ---- */

static Error *collect(Ctx *c, void *arg, int64_t number, const char *const *cells, size_t count) {
    Text *out = arg;
    (void)c;
    if (count == 0 || count > SHEET_MAX_COLUMNS) abort();
    text_addf(out, "%lld", (long long)number);
    for (size_t i = 0; i < count; i++) {
        if (!text_is_utf8(cells[i], strlen(cells[i]))) abort();
        text_add_char(out, '|');
        text_add(out, cells[i]);
    }
    return NULL;
}

static bool read_all(Ctx *c, const void *data, size_t size, Text *out) {
    SheetFile file = { .data = data, .size = size };
    Error *e = sheet_read(c, &file, collect, out);
    if (e && e->status != 413 && e->status != 422) abort();
    return !e;
}

static bool to_utf16(void *mem, const Part *from, Part *ret_to) {
    iconv_t cd = iconv_open("UTF-16LE", "UTF-8");
    char *buf = talloc_size(mem, from->size * 4 + 2), *in = (char *)(uintptr_t)from->data, *out = buf + 2;
    size_t left = from->size, room = from->size * 4;
    memcpy(buf, "\xFF\xFE", 2);
    bool ok = iconv(cd, &in, &left, &out, &room) != (size_t)-1;
    iconv_close(cd);
    *ret_to = (Part){ from->name, buf, (size_t)(out - buf) };
    return ok;
}

#define RELATION(id, type, target) "<Relationship Id=\"" id "\" Type=\"x/" type "\" Target=\"" target "\"/>"

static void read_parts(Ctx *c, const char *data, size_t size) {
    static const char top[] = "<r>" RELATION("a", "officeDocument", "xl/workbook.xml") "</r>";
    static const char rels[] = "<r>" RELATION("a", "worksheet", "s.xml") RELATION("b", "styles", "styles.xml")
        RELATION("c", "sharedStrings", "sharedStrings.xml") "</r>";
    static const char book[] = "<b><sheets><sheet r:id=\"a\"/></sheets></b>";
    Part parts[PARTS] = { { "xl/s.xml", "<w/>", 4 },
                          { "xl/sharedStrings.xml", "<s/>", 4 },
                          { "xl/styles.xml", "<s/>", 4 },
                          { "xl/workbook.xml", book, sizeof book - 1 },
                          { "xl/_rels/workbook.xml.rels", rels, sizeof rels - 1 },
                          { "_rels/.rels", top, sizeof top - 1 } };
    for (int i = 0; i < 4 && size > 0; i++) {
        const char *end = i < 3 ? memchr(data, 0xFF, size) : NULL;
        size_t n = end ? (size_t)(end - data) : size;
        parts[i].data = data;
        parts[i].size = n;
        data += n + (end != NULL);
        size -= n + (end != NULL);
    }
    Text *a = text_new(c->mem, LARGEST), *b = text_new(c->mem, LARGEST), *zip = make_zip(c->mem, parts);
    bool scanned = read_all(c, zip->data, zip->len, a);
    if (parts[0].size >= 5 && memcmp(parts[0].data, "<?xml", 5) == 0) return; /* may name its encoding */
    if (!to_utf16(c->mem, &parts[0], &parts[0])) return;
    zip = make_zip(c->mem, parts);
    if (!read_all(c, zip->data, zip->len, b)) return;
    if (scanned && (a->len != b->len || memcmp(a->data, b->data, a->len) != 0)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) return 0;
    Ctx c = { .mem = talloc_new(NULL) };
    if (data[0] == '0')
        read_all(&c, data + 1, size - 1, text_new(c.mem, LARGEST));
    else
        read_parts(&c, (const char *)data + 1, size - 1);
    talloc_free(c.mem);
    return 0;
}

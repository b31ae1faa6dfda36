/* sheet_test_support.h - for tests of spreadsheets: makes archives and workbooks, shows what was read as one string. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "service/sheet.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <time.h>
#include <zip.h>

static Ctx c;

static inline int set_up(void **state) {
    (void)state;
    c.mem = talloc_new(NULL);
    return 0;
}

static inline int tear_down(void **state) {
    (void)state;
    return talloc_free(c.mem);
}

static inline Error *show_row(Ctx *ctx, void *arg, int64_t number, const char *const *cells, size_t count) {
    Text *out = arg;
    (void)ctx;
    text_addf(out, "%lld:", (long long)number);
    for (size_t i = 0; i < count; i++) {
        assert_true(text_is_utf8(cells[i], strlen(cells[i])));
        text_addf(out, "%s[", i ? "" : " ");
        text_add(out, cells[i]);
        text_add_char(out, ']');
    }
    text_add_char(out, '\n');
    return NULL;
}

static inline const char *fill(const Msg *m) {
    Text *t = text_new(c.mem, 4096);
    for (const char *s = m->id; *s; s++) {
        if (*s == '{' && s[1] >= '1' && s[1] <= '3' && s[2] == '}') {
            text_add(t, m->args[s[1] - '1'] ? m->args[s[1] - '1'] : "?");
            s += 2;
        } else {
            text_add_char(t, *s);
        }
    }
    return t->data;
}

/* Rows as "1: [a][b]\n", or the error as "422 This file ...". */
static inline const char *show_max(const void *data, size_t size, int64_t max_rows) {
    Text *out = text_new(c.mem, 64 << 20);
    SheetFile file = { .data = data, .size = size, .max_rows = max_rows };
    Error *e = sheet_read(&c, &file, show_row, out);
    if (!e) return out->data;
    return talloc_asprintf(c.mem, "%d %s", e->status, fill(&e->message));
}

static inline const char *show(const void *data, size_t size) {
    /* A copy of its exact size, so that the sanitizer sees a read beyond it. */
    void *copy = talloc_memdup(c.mem, size ? data : "", size ? size : 1);
    const char *s = show_max(copy, size, 0);
    talloc_free(copy);
    return s;
}

#define show_csv(text) show(text, sizeof(text) - 1)

/* Only the status of an error, 0 for success. */
static inline int status_of(const void *data, size_t size) {
    const char *s = show(data, size);
    return s[0] && s[3] == ' ' ? (int)strtol(s, NULL, 10) : 0;
}

/* ---- Archives ---- */

typedef struct Part {
    const char *name;
    const char *text;
    size_t size; /* 0: strlen(text) */
} Part;

typedef struct Bytes {
    char *data;
    size_t size;
} Bytes;

static inline void add_part(zip_t *zip, const char *name, const void *data, size_t size) {
    zip_source_t *source = zip_source_buffer(zip, data, size, 0);
    assert_non_null(source);
    assert_true(zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8) >= 0);
}

/* An archive of the parts, then count small files more. */
static inline Bytes make_zip(const Part *parts, size_t n, int more) {
    zip_error_t error;
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, &error);
    zip_source_keep(source);
    zip_t *zip = zip_open_from_source(source, ZIP_TRUNCATE, &error);
    assert_non_null(zip);
    for (size_t i = 0; i < n; i++)
        add_part(zip, parts[i].name, parts[i].text, parts[i].size ? parts[i].size : strlen(parts[i].text));
    for (int i = 0; i < more; i++) {
        char name[32];
        snprintf(name, sizeof name, "xl/media/%d.png", i);
        add_part(zip, name, "x", 1);
    }
    assert_int_equal(zip_close(zip), 0);
    assert_int_equal(zip_source_open(source), 0);
    zip_source_seek(source, 0, SEEK_END);
    Bytes b = { .size = (size_t)zip_source_tell(source) };
    zip_source_seek(source, 0, SEEK_SET);
    b.data = talloc_size(c.mem, b.size);
    assert_int_equal(zip_source_read(source, b.data, b.size), b.size);
    zip_source_close(source);
    zip_source_free(source);
    return b;
}

#define NAMESPACES                                                                                                     \
    "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" "                                             \
    "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\""
#define OFFICE "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
#define PACKAGE "xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\""

static const char top_rels[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Relationships " PACKAGE ">"
    "<Relationship Id=\"rId1\" Type=\"" OFFICE "officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>";
static const char book_rels[] =
    "<Relationships " PACKAGE ">"
    "<Relationship Id=\"rId9\" Type=\"" OFFICE "worksheet\" Target=\"worksheets/second.xml\"/>"
    "<Relationship Id=\"rId3\" Type=\"" OFFICE "worksheet\" Target=\"worksheets/data.xml\"/>"
    "<Relationship Id=\"rId4\" Type=\"" OFFICE "styles\" Target=\"styles.xml\"/>"
    "<Relationship Id=\"rId5\" Type=\"" OFFICE "sharedStrings\" Target=\"/xl/sharedStrings.xml\"/></Relationships>";
static const char plain_book[] =
    "<workbook " NAMESPACES "><workbookPr/><sheets><sheet name=\"数据\" sheetId=\"7\" r:id=\"rId3\"/>"
    "<sheet name=\"second\" sheetId=\"1\" r:id=\"rId9\"/></sheets></workbook>";
static const char no_styles[] = "<styleSheet " NAMESPACES "/>";
static const char no_strings[] = "<sst " NAMESPACES "/>";
static const char other_sheet[] =
    "<worksheet " NAMESPACES "><sheetData><row><c t=\"str\"><v>wrong sheet</v></c></row></sheetData></worksheet>";

/* A workbook; NULL stands for the plain parts above. sheet has size bytes, or strlen if that is 0. */
static inline Bytes make_book(const char *book, const char *styles, const char *strings, const char *sheet,
                              size_t size) {
    Part parts[] = { { "_rels/.rels", top_rels, 0 },
                     { "xl/workbook.xml", book ? book : plain_book, 0 },
                     { "xl/_rels/workbook.xml.rels", book_rels, 0 },
                     { "xl/styles.xml", styles ? styles : no_styles, 0 },
                     { "xl/sharedStrings.xml", strings ? strings : no_strings, 0 },
                     { "xl/worksheets/second.xml", other_sheet, 0 },
                     { "xl/worksheets/data.xml", sheet, size } };
    return make_zip(parts, sizeof parts / sizeof *parts, 0);
}

static inline const char *show_bytes(Bytes b) {
    return show(b.data, b.size);
}

/* What is read of rows put into an otherwise plain sheet. */
static inline const char *show_rows(const char *styles, const char *strings, const char *rows) {
    const char *sheet =
        talloc_asprintf(c.mem,
                        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<worksheet " NAMESPACES ">"
                        "<dimension ref=\"A1\"/><sheetData>%s</sheetData><pageMargins left=\"1\"/></worksheet>",
                        rows);
    return show_bytes(make_book(NULL, styles, strings, sheet, 0));
}

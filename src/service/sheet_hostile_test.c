/* sheet_hostile_test.c - tests of what happens to files that are damaged, far too big, or made to harm. */
#include "service/sheet_test_support.h"
#include <sys/resource.h>
#include <sys/stat.h>

#define DAMAGED "422 The spreadsheet is damaged or incomplete; open it, save it again and retry"
#define UNSAFE "422 The spreadsheet contains parts that do not belong into one; open it, save it again and retry"
#define BIG "413 The spreadsheet is too large when unpacked; split it into smaller files"
#define NOT_ONE "422 This file is not a spreadsheet (.xlsx or .csv)"

static const char good_sheet[] =
    "<worksheet " NAMESPACES "><sheetData><row><c t=\"str\"><v>good</v></c></row></sheetData></worksheet>";

static Bytes good_book(void) {
    return make_book(NULL, NULL, NULL, good_sheet, 0);
}

static char *repeat(const char *s, size_t times) {
    size_t n = strlen(s);
    char *all = talloc_size(c.mem, n * times + 1);
    for (size_t i = 0; i < times; i++) memcpy(all + i * n, s, n);
    all[n * times] = 0;
    return all;
}

/* Overwrites every occurrence of from, which may hold NULs. */
static int patch(Bytes b, const char *from, const char *to, size_t n) {
    int count = 0;
    for (char *p = b.data; (p = memmem(p, (size_t)(b.data + b.size - p), from, n)); p += n, count++) memcpy(p, to, n);
    return count;
}

/* ---- Not a spreadsheet ---- */

static void files_of_other_kinds_are_named_as_such(void **state) {
    (void)state;
    assert_string_equal(show("", 0), "422 The file is empty");
    assert_string_equal(show_csv("\x89PNG\r\n\x1A\n\0\0\0\rIHDR"), NOT_ONE);
    assert_string_equal(show_csv("%PDF-1.7\nxx"), NOT_ONE);
    assert_string_equal(show_csv("{\\rtf1\\ansi}"), NOT_ONE);
    assert_string_equal(show_csv("\x7F"
                                 "ELF\x02\x01\x01"),
                        NOT_ONE);
    assert_string_equal(show_csv("<html><body>Please log in</body></html>"), NOT_ONE);
    assert_string_equal(show_csv("<?xml version=\"1.0\"?><a/>"), NOT_ONE);
    assert_string_equal(show_csv("PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), NOT_ONE);
    Part letter[] = { { "word/document.xml", "<a/>", 0 }, { "_rels/.rels", top_rels, 0 } };
    assert_string_equal(show_bytes(make_zip(letter, 2, 0)), NOT_ONE);
}

static void old_and_protected_excel_files_are_named_as_such(void **state) {
    (void)state;
    char ole[2048] = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
    assert_string_equal(show(ole, sizeof ole), "422 This is an old Excel file (.xls); save it as .xlsx and try again");
    memcpy(ole + 1024, "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0", 32);
    assert_string_equal(show(ole, sizeof ole),
                        "422 The file is protected with a password; save it without one and try again");
    Part binary[] = { { "_rels/.rels",
                        "<Relationships " PACKAGE "><Relationship Id=\"a\" Type=\"" OFFICE
                        "officeDocument\" Target=\"xl/workbook.bin\"/></Relationships>",
                        0 },
                      { "xl/workbook.bin", "x", 0 } };
    assert_string_equal(show_bytes(make_zip(binary, 2, 0)),
                        "422 This is a binary Excel file (.xlsb); save it as .xlsx and try again");
}

static void the_zip_flag_of_encryption_is_seen(void **state) {
    (void)state;
    Bytes b = good_book();
    for (char *p = b.data; p + 30 < b.data + b.size; p++) {
        if (memcmp(p, "PK\3\4", 4) == 0) p[6] |= 1;
        if (memcmp(p, "PK\1\2", 4) == 0) p[8] |= 1;
    }
    assert_string_equal(show_bytes(b), "422 The file is protected with a password; save it without one and try again");
}

/* ---- Archives ---- */

static void an_archive_cut_anywhere_is_damaged(void **state) {
    (void)state;
    Bytes b = good_book();
    assert_string_equal(show_bytes(b), "1: [good]\n");
    for (size_t n = 4; n < b.size; n += 7) assert_int_equal(status_of(b.data, n), 422);
}

static void an_archive_with_any_one_byte_changed_does_no_harm(void **state) {
    (void)state;
    Bytes b = good_book();
    for (size_t i = 4; i < b.size; i++) {
        Bytes bad = { talloc_memdup(c.mem, b.data, b.size), b.size };
        bad.data[i] = (char)(bad.data[i] ^ (i % 2 ? 0xFF : 0x10));
        int status = status_of(bad.data, bad.size);
        assert_true(status == 0 || status == 413 || status == 422);
        talloc_free(bad.data);
    }
}

static void bombs_are_refused_before_they_go_off(void **state) {
    (void)state;
    char *spaces = repeat("          ", 4000000); /* 40 MB, about 1000 : 1 */
    assert_string_equal(show_bytes(make_book(NULL, NULL, NULL, spaces, 40000000)), BIG);
    /* Below the ratio of one entry, above that of all. */
    char *mixed = talloc_size(c.mem, 40000000);
    uint32_t random = 1;
    for (size_t i = 0; i < 40000000; i++)
        mixed[i] = i % 1500 < 10 ? (char)('a' + ((random = random * 1664525 + 1013904223) >> 24) % 26) : ' ';
    Bytes b = make_book(NULL, NULL, NULL, mixed, 40000000);
    assert_true(40000000 / b.size > 100 && 40000000 / b.size < 200);
    assert_string_equal(show_bytes(b), BIG);
    /* Many copies of one small bomb under the sum of sizes. */
    Part parts[9];
    for (int i = 0; i < 9; i++) parts[i] = (Part){ talloc_asprintf(c.mem, "%d", i), spaces, 36000000 };
    b = make_zip(parts, 9, 0);
    assert_string_equal(show_bytes(b), BIG);
}

static void sizes_that_lie_are_found_out(void **state) {
    (void)state;
    char *rows = repeat("<row><c><v>12345</v></c></row>", 3000);
    char *sheet = talloc_asprintf(c.mem, "<worksheet><sheetData>%s</sheetData></worksheet>", rows);
    uint32_t real = (uint32_t)strlen(sheet);
    static const uint32_t lies[] = { 0, 1, 10, 60000, 65536 };
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        Bytes b = make_book(NULL, NULL, NULL, sheet, 0);
        assert_int_equal(status_of(b.data, b.size), 0);
        assert_true(patch(b, (char *)&real, (char *)&lies[i], 4) >= 1);
        assert_string_equal(show_bytes(b), DAMAGED);
    }
    Bytes b = make_book(NULL, NULL, NULL, sheet, 0);
    uint32_t huge = 0xFFFFFFF0;
    patch(b, (char *)&real, (char *)&huge, 4);
    assert_string_equal(show_bytes(b), BIG);
}

static void names_that_lead_out_of_the_archive_are_refused(void **state) {
    (void)state;
    static const char *const names[] = { "../evil.xml", "xl/../../e.xml", "/etc/passwd",
                                         "C:/x.xml",    "xl\\..\\x.xml",  "a/.." };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        Part parts[] = { { "_rels/.rels", top_rels, 0 }, { names[i], "x", 0 } };
        assert_string_equal(show_bytes(make_zip(parts, 2, 0)), UNSAFE);
    }
    Bytes b = good_book();
    assert_int_equal(patch(b, "second.xml", "a..b..xmll", 10), 2); /* dots in a name are only dots */
    assert_string_equal(show_bytes(b), "1: [good]\n");
}

static void two_entries_of_one_name_are_refused(void **state) {
    (void)state;
    Bytes b = good_book();
    assert_int_equal(patch(b, "xl/worksheets/second.xml", "xl/worksheets/../../.xml", 24), 2);
    assert_string_equal(show_bytes(b), UNSAFE);
    Part parts[] = { { "xl/a.xml", "x", 0 }, { "xl/b.xml", "x", 0 } };
    b = make_zip(parts, 2, 0);
    assert_int_equal(patch(b, "xl/b.xml", "xl/a.xml", 8), 2);
    assert_string_equal(show_bytes(b), UNSAFE);
    b = make_zip(parts, 2, 0);
    assert_int_equal(patch(b, "xl/b.xml", "XL\\A.xml", 8), 2);
    assert_string_equal(show_bytes(b), UNSAFE);
}

static void links_are_refused(void **state) {
    (void)state;
    Bytes b = good_book();
    for (char *p = b.data; (p = memmem(p, (size_t)(b.data + b.size - p), "PK\1\2", 4)); p += 4) {
        uint32_t attributes = (uint32_t)(S_IFLNK | 0777) << 16;
        p[5] = 3; /* made on UNIX */
        memcpy(p + 38, &attributes, 4);
    }
    assert_string_equal(show_bytes(b), UNSAFE);
}

static void ten_thousand_entries_are_too_many(void **state) {
    (void)state;
    Part part = { "_rels/.rels", top_rels, 0 };
    assert_string_equal(show_bytes(make_zip(&part, 1, 10000)), BIG);
    assert_string_equal(show_bytes(make_zip(&part, 1, 1990)), NOT_ONE);
}

static void an_unknown_compression_is_refused(void **state) {
    (void)state;
    Bytes b = good_book();
    for (char *p = b.data; p + 30 < b.data + b.size; p++) {
        if (memcmp(p, "PK\3\4", 4) == 0) p[8] = 9;
        if (memcmp(p, "PK\1\2", 4) == 0) p[10] = 9;
    }
    assert_string_equal(show_bytes(b), UNSAFE);
}

/* ---- XML ---- */

/* The status of a workbook whose sheet is that text: first for the fast scanner, then for expat. */
static void both_refuse(const char *sheet, const char *want) {
    assert_string_equal(show_bytes(make_book(NULL, NULL, NULL, sheet, 0)), want);
    const char *latin = talloc_asprintf(c.mem, "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>%s", sheet);
    assert_string_equal(show_bytes(make_book(NULL, NULL, NULL, latin, 0)), want);
}

static void a_document_type_is_refused(void **state) {
    (void)state;
    both_refuse("<!DOCTYPE worksheet><worksheet/>", UNSAFE);
    both_refuse("<!DOCTYPE lolz [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c "
                "\"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">]>"
                "<worksheet><sheetData><row><c t=\"str\"><v>&c;</v></c></row></sheetData></worksheet>",
                UNSAFE);
    both_refuse("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><worksheet><sheetData><row><c "
                "t=\"str\"><v>&e;</v></c></row></sheetData></worksheet>",
                UNSAFE);
    static const char *const where[] = { "styles", "strings", "book" };
    for (int i = 0; i < 3; i++) {
        const char *bad = talloc_asprintf(c.mem, "<!DOCTYPE %s []><%s/>", where[i], where[i]);
        assert_string_equal(
            show_bytes(make_book(i == 2 ? bad : NULL, i == 0 ? bad : NULL, i == 1 ? bad : NULL, good_sheet, 0)),
            UNSAFE);
    }
}

static void depth_and_attributes_have_limits(void **state) {
    (void)state;
    Text *deep = text_new(c.mem, 4 << 20);
    for (int i = 0; i < 100000; i++) text_addf(deep, "<deep%d>", i * 7919);
    both_refuse(deep->data, UNSAFE);
    const char *ok = talloc_asprintf(c.mem, "%s%s", repeat("<a>", 64), repeat("</a>", 64));
    both_refuse(ok, "");
    Text *t = text_new(c.mem, 1 << 20);
    text_add(t, "<worksheet");
    for (int i = 0; i < 1000; i++) text_addf(t, " a%d=\"1\"", i);
    text_add(t, "/>");
    both_refuse(t->data, UNSAFE);
    t->len = 0;
    text_add(t, "<worksheet");
    for (int i = 0; i < 64; i++) text_addf(t, " a%d=\"1\"", i);
    text_add(t, "/>");
    both_refuse(t->data, "");
}

static void a_tag_without_end_is_refused_before_it_fills_the_memory(void **state) {
    (void)state;
    char *noise = talloc_size(c.mem, 8000001);
    uint32_t random = 1;
    for (size_t i = 0; i < 8000000; i++) noise[i] = (char)('a' + ((random = random * 1664525 + 1013904223) >> 24) % 26);
    noise[8000000] = 0;
    both_refuse(talloc_asprintf(c.mem, "<worksheet a=\"%s\"/>", noise), UNSAFE);
    both_refuse(talloc_asprintf(c.mem, "<worksheet><%s/></worksheet>", noise), UNSAFE);
    both_refuse(talloc_asprintf(c.mem, "<worksheet><!-- %s --></worksheet>", noise), UNSAFE);
}

static void xml_that_is_not_well_formed_is_damaged(void **state) {
    (void)state;
    static const char *const bad[] = {
        "<worksheet>",
        "<worksheet><sheetData></worksheet></sheetData>",
        "<worksheet/><worksheet/>",
        "<worksheet a=1/>",
        "<worksheet a=\"1\"b=\"2\"/>",
        "<worksheet a=\"<\"/>",
        "<worksheet>&nope;</worksheet>",
        "<worksheet>&#0;</worksheet>",
        "<worksheet>&#xD800;</worksheet>",
        "<worksheet>&amp</worksheet>",
        "</worksheet>",
        "<worksheet",
        "<worksheet a",
        "<worksheet a=",
        "<worksheet a=\"",
        "<",
        "<>",
        "<worksheet></ worksheet>",
        "<worksheet><!-- </worksheet>",
        "<worksheet></worksheet x>",
        "<worksheet><a></b></worksheet>",
        "<worksheet>&;</worksheet>",
        "<worksheet>&#;</worksheet>",
        "<worksheet>&#x110000;</worksheet>",
        "<worksheet><![CDATA[ ]]</worksheet>",
        "<worksheet a=\"&lt\"/>",
        "<worksheet a='1/>",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (strcmp(bad[i], "<worksheet>&#;</worksheet>") == 0) continue;
        both_refuse(bad[i], DAMAGED);
    }
    assert_string_equal(show_bytes(make_book(NULL, NULL, NULL, "<worksheet>\xFF</worksheet>", 0)), DAMAGED);
    assert_string_equal(show_bytes(make_book(NULL, NULL, NULL, "<worksheet>\xE5\xBC", 0)), DAMAGED);
    assert_string_equal(show_bytes(make_book(NULL, NULL, NULL, "<worksheet>\0</worksheet>", 25)), DAMAGED);
}

/* ---- Sheets ---- */

static const char *rows_of(const char *rows) {
    return show_rows(NULL, NULL, rows);
}

static void places_outside_of_any_sheet_are_damage(void **state) {
    (void)state;
    static const char row_1[] = "422 The spreadsheet is damaged in row 1; open it, save it again and retry";
    assert_string_equal(rows_of("<row><c r=\"XFD9999999\"><v>1</v></c></row>"), row_1);
    assert_string_equal(rows_of("<row><c r=\"XFE1\"><v>1</v></c></row>"), row_1);
    assert_string_equal(rows_of("<row><c r=\"AAAAAAAAAAAAAAAAAAAAA1\"><v>1</v></c></row>"), row_1);
    assert_string_equal(rows_of("<row><c r=\"1\"><v>1</v></c></row>"), row_1);
    assert_string_equal(rows_of("<row><c r=\"A0\"><v>1</v></c></row>"), row_1);
    assert_string_equal(rows_of("<row><c r=\"A99999999999999999999999\"><v>1</v></c></row>"), row_1);
    assert_string_equal(rows_of("<row/><row r=\"1\"/>"), row_1);
    assert_string_equal(rows_of("<row r=\"99999999999999999999\"/>"), DAMAGED);
    assert_string_equal(rows_of("<row r=\"0\"/>"), DAMAGED);
    assert_string_equal(rows_of("<row><c t=\"s\"><v>0</v></c></row>"), row_1);
    assert_string_equal(rows_of("<row><c t=\"s\"><v>-1</v></c></row>"), row_1);
    assert_string_equal(rows_of("<row><c t=\"s\"><v>99999999999999999999</v></c></row>"), row_1);
}

static void columns_beyond_512_are_refused_unless_empty(void **state) {
    (void)state;
    assert_string_equal(rows_of("<row><c r=\"A1\"><v>1</v></c><c r=\"XFD1\" s=\"1\"/></row>"), "1: [1]\n");
    assert_string_equal(rows_of("<row><c r=\"A1\"><v>1</v></c><c r=\"XFD1\"><v>2</v></c></row>"),
                        "413 Row 1 has more than 512 columns");
    assert_string_equal(rows_of("<row><c r=\"SS1\"><v>2</v></c></row>"), "413 Row 1 has more than 512 columns");
    assert_true(text_starts(rows_of("<row><c r=\"SR1\"><v>2</v></c></row>"), "1: [][]"));
    char *commas = repeat(",", 600);
    assert_string_equal(show(talloc_asprintf(c.mem, "a%s\n", commas), 602),
                        talloc_asprintf(c.mem, "1: [a]%s\n", repeat("[]", 511)));
    assert_string_equal(show(talloc_asprintf(c.mem, "a%sb", commas), 602), "413 Row 1 has more than 512 columns");
}

static void a_cell_of_more_than_32767_characters_is_refused(void **state) {
    (void)state;
    const char *fits = repeat("张", SHEET_MAX_CELL), *not = repeat("张", SHEET_MAX_CELL + 1);
    static const char too_long[] = "413 A cell in row 1 has more than 32767 characters";
    assert_int_equal(strlen(rows_of(talloc_asprintf(c.mem, "<row><c t=\"str\"><v>%s</v></c></row>", fits))),
                     SHEET_MAX_CELL * 3 + 6);
    assert_string_equal(rows_of(talloc_asprintf(c.mem, "<row><c t=\"str\"><v>%s</v></c></row>", not )), too_long);
    assert_string_equal(show_rows(NULL, talloc_asprintf(c.mem, "<sst><si><t>%s</t></si></sst>", not ), ""),
                        "413 A cell has more than 32767 characters");
    assert_int_equal(strlen(show(fits, strlen(fits))), SHEET_MAX_CELL * 3 + 6);
    assert_string_equal(show(not, strlen(not )), too_long);
    const char *quoted = talloc_asprintf(c.mem, "x,\"%s\"", not );
    assert_string_equal(show(quoted, strlen(quoted)), too_long);
    const char *marks = talloc_asprintf(c.mem, "x,\"%s\"", repeat("\"\"", SHEET_MAX_CELL));
    assert_int_equal(strlen(show(marks, strlen(marks))), SHEET_MAX_CELL + 9);
    const char *html = talloc_asprintf(c.mem, "<table><tr><td>%s</table>", not );
    assert_string_equal(show(html, strlen(html)), too_long);
}

static void rows_have_a_limit_that_the_caller_may_set(void **state) {
    (void)state;
    char *csv = repeat("a,b\n", SHEET_MAX_ROWS + 1);
    assert_int_equal(status_of(csv, (size_t)SHEET_MAX_ROWS * 4), 0);
    assert_string_equal(show(csv, ((size_t)SHEET_MAX_ROWS + 1) * 4), "413 The file has more than 200000 rows");
    assert_string_equal(show_max(csv, 16, 3), "413 The file has more than 3 rows");
    assert_true(text_starts(show_max(csv, ((size_t)SHEET_MAX_ROWS + 1) * 4, 2000000), "1: [a]"));
    Text *t = text_new(c.mem, 16 << 20);
    uint32_t random = 1;
    text_add(t, "<worksheet><sheetData>");
    for (int i = 0; i <= SHEET_MAX_ROWS; i++)
        text_addf(t, "<row><c><v>%u</v></c></row>", (random = random * 1664525 + 1013904223) >> 8);
    text_add(t, "</sheetData></worksheet>");
    assert_string_equal(show_bytes(make_book(NULL, NULL, NULL, t->data, t->len)),
                        "413 The file has more than 200000 rows");
}

static void more_than_two_million_texts_are_refused(void **state) {
    (void)state;
    Text *t = text_new(c.mem, 64 << 20);
    uint32_t random = 1;
    text_add(t, "<sst>");
    for (int i = 0; i <= 2000000; i++)
        text_addf(t, "<si><t>%x</t></si>", (random = random * 1664525 + 1013904223) >> 16);
    text_add(t, "</sst>");
    Bytes b = make_book(NULL, NULL, t->data, good_sheet, 0);
    assert_string_equal(show_max(b.data, b.size, 0), "413 The spreadsheet has more than 2000000 different texts");
}

/* ---- Text ---- */

static void one_huge_line_is_refused_early(void **state) {
    (void)state;
    char *line = repeat("abcdefghij", 3000000);
    assert_string_equal(show(line, 30000000), "413 A cell in row 1 has more than 32767 characters");
    line[0] = '"';
    assert_string_equal(show(line, 30000000), "413 A cell in row 1 has more than 32767 characters");
    memset(line, ',', 30000000);
    assert_string_equal(show(line, 30000000), "");
    memset(line, '"', 30000000);
    assert_string_equal(show(line, 30000000), "413 A cell in row 1 has more than 32767 characters");
    memset(line, '\n', 30000000);
    assert_string_equal(show(line, 30000000), "");
}

static void nul_bytes_and_unknown_bytes_are_refused(void **state) {
    (void)state;
    assert_string_equal(show_csv("a,b\n1,\0\n"), NOT_ONE);
    char *late = repeat("a,b\n", 100000);
    late[399990] = 0;
    assert_string_equal(show(late, 400000), NOT_ONE);
    assert_string_equal(show_csv("\xFF\xFE"
                                 "a\0\0\0b\0"),
                        NOT_ONE);
    assert_string_equal(show_csv("\xFF\xFE"
                                 "a\0\x00\xD8"),
                        "422 The text of the file is damaged; save it again as UTF-8 and retry");
    assert_string_equal(show_csv("\xFF\xFE"
                                 "a\0b"),
                        "422 The text of the file is damaged; save it again as UTF-8 and retry");
    assert_string_equal(show_csv("a\x81,\xFF\x9D\n"), NOT_ONE);
}

static void a_quotation_mark_without_its_partner_is_named_with_its_row(void **state) {
    (void)state;
    assert_string_equal(show_csv("a,b\n1,\"open\n2,3\n"), "422 The quotation mark opened in row 2 is never closed");
    assert_string_equal(show_csv("\""), "422 The quotation mark opened in row 1 is never closed");
    assert_string_equal(show_csv("a\n\"b\"\"\n"), "422 The quotation mark opened in row 2 is never closed");
}

static void html_made_to_take_time_does_not(void **state) {
    (void)state;
    static const char *const pieces[] = { "<tr><td colspan=999999>",
                                          "<td rowspan=99999 colspan=9999>",
                                          "<td>",
                                          "<!--",
                                          "<style>",
                                          "<",
                                          "&",
                                          "<td a=\"",
                                          "<table>",
                                          "<tr>",
                                          "&#",
                                          "&amp;",
                                          "<td>\n" };
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        size_t n = strlen(pieces[i]), times = 4000000 / n;
        const char *page = talloc_asprintf(c.mem, "<html><table><tr><td>x</td>%s", repeat(pieces[i], times));
        int status = status_of(page, strlen(page));
        assert_true(status == 0 || status == 413);
    }
}

static Error *refuse_second(Ctx *ctx, void *arg, int64_t number, const char *const *cells, size_t count) {
    (void)arg, (void)cells, (void)count;
    return number == 2 ? err_conflict(ctx, "stop") : NULL;
}

static void the_caller_can_stop_with_its_own_error(void **state) {
    (void)state;
    Bytes books[] = { good_book(),
                      { talloc_strdup(c.mem, "a\nb\nc"), 5 },
                      { talloc_strdup(c.mem, "<table><tr><td>1<tr><td>2<tr><td>3"), 34 },
                      make_book(NULL, NULL, NULL, "<w><row><c><v>1</v></c></row><row><c><v>2</v></c></row></w>", 0) };
    for (int i = 0; i < 4; i++) {
        SheetFile file = { .data = books[i].data, .size = books[i].size };
        Error *e = sheet_read(&c, &file, refuse_second, NULL);
        assert_int_equal(e ? e->status : 0, i == 0 ? 0 : 409);
    }
}

static void reading_leaves_nothing_in_the_callers_arena(void **state) {
    (void)state;
    Bytes b = good_book();
    SheetFile file = { .data = b.data, .size = b.size };
    size_t before = talloc_total_blocks(c.mem);
    for (int i = 0; i < 10; i++) assert_null(sheet_read(&c, &file, refuse_second, NULL));
    assert_int_equal(talloc_total_blocks(c.mem), before);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(files_of_other_kinds_are_named_as_such),
        T(old_and_protected_excel_files_are_named_as_such),
        T(the_zip_flag_of_encryption_is_seen),
        T(an_archive_cut_anywhere_is_damaged),
        T(an_archive_with_any_one_byte_changed_does_no_harm),
        T(bombs_are_refused_before_they_go_off),
        T(sizes_that_lie_are_found_out),
        T(names_that_lead_out_of_the_archive_are_refused),
        T(two_entries_of_one_name_are_refused),
        T(links_are_refused),
        T(ten_thousand_entries_are_too_many),
        T(an_unknown_compression_is_refused),
        T(a_document_type_is_refused),
        T(depth_and_attributes_have_limits),
        T(a_tag_without_end_is_refused_before_it_fills_the_memory),
        T(xml_that_is_not_well_formed_is_damaged),
        T(places_outside_of_any_sheet_are_damage),
        T(columns_beyond_512_are_refused_unless_empty),
        T(a_cell_of_more_than_32767_characters_is_refused),
        T(rows_have_a_limit_that_the_caller_may_set),
        T(more_than_two_million_texts_are_refused),
        T(one_huge_line_is_refused_early),
        T(nul_bytes_and_unknown_bytes_are_refused),
        T(a_quotation_mark_without_its_partner_is_named_with_its_row),
        T(html_made_to_take_time_does_not),
        T(the_caller_can_stop_with_its_own_error),
        T(reading_leaves_nothing_in_the_callers_arena),
    };
    return cmocka_run_group_tests_name("service/sheet_hostile", tests, NULL, NULL);
}

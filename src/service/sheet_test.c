/* sheet_test.c - tests of reading and writing spreadsheets as people make them. */
#include "service/sheet_test_support.h"
#include "base/date.h"
#include <dirent.h>
#include <iconv.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- CSV ---- */

static void a_plain_csv_is_read_cell_by_cell(void **state) {
    (void)state;
    assert_string_equal(show_csv("a,b,c\n1,,3\n"), "1: [a][b][c]\n2: [1][][3]\n");
    assert_string_equal(show_csv("a,b,c\r\n1,2,3"), "1: [a][b][c]\n2: [1][2][3]\n");
    assert_string_equal(show_csv("a,b\r1,2\r"), "1: [a][b]\n2: [1][2]\n");
    assert_string_equal(show_csv("a,b,\n"), "1: [a][b][]\n");
    assert_string_equal(show_csv("one"), "1: [one]\n");
    assert_string_equal(show_csv("工号,姓名\n007,张三\n"), "1: [工号][姓名]\n2: [007][张三]\n");
}

static void quotation_marks_follow_rfc_4180_and_excel(void **state) {
    (void)state;
    assert_string_equal(show_csv("\"a,b\",\"say \"\"hi\"\"\",\"\"\n"), "1: [a,b][say \"hi\"][]\n");
    assert_string_equal(show_csv("\"two\nlines\",x\ny,z\n"), "1: [two\nlines][x]\n2: [y][z]\n");
    assert_string_equal(show_csv("\"two\r\nlines\",x\r\n"), "1: [two\nlines][x]\n");
    assert_string_equal(show_csv("5\" pipe,x\n"), "1: [5\" pipe][x]\n");
    assert_string_equal(show_csv("\"a\"b,c\n"), "1: [ab][c]\n");
    assert_string_equal(show_csv("\"\"\"\",c"), "1: [\"][c]\n");
    assert_string_equal(show_csv("a,\"b\""), "1: [a][b]\n");
}

static void empty_rows_are_passed_over_but_counted(void **state) {
    (void)state;
    assert_string_equal(show_csv("a,b\n\n,\n  , \nc,d\n"), "1: [a][b]\n5: [c][d]\n");
    assert_string_equal(show_csv("\n\n"), "");
}

static void the_delimiter_is_found_by_itself(void **state) {
    (void)state;
    assert_string_equal(show_csv("a;b;c\n1,5;2,5;3\n"), "1: [a][b][c]\n2: [1,5][2,5][3]\n");
    assert_string_equal(show_csv("a\tb\n1,2\t3\n4\t5\n"), "1: [a][b]\n2: [1,2][3]\n3: [4][5]\n");
    assert_string_equal(show_csv("\"x;y;z\",b\n\"p;q\",d\n"), "1: [x;y;z][b]\n2: [p;q][d]\n");
    assert_string_equal(show_csv("sep=;\r\na;b,c\r\n"), "1: [a][b,c]\n");
}

static void cells_survive_every_place_of_the_window_border(void **state) {
    (void)state;
    /* The window holds 256 KiB: move its end over every byte of a tricky row. */
    static const char row[] = "\"q\"\"u,\"\"o\r\nte\",张三,,\"\"\r\nx,y\r\n";
    const size_t window = 256 * 1024;
    char *data = talloc_size(c.mem, window + 200);
    for (size_t shift = 0; shift < 40; shift++) {
        size_t lead = window - shift - 1, len = 0;
        while (len < lead) {
            size_t n = lead - len < 1000 ? lead - len : 1000;
            memset(data + len, 'a', n - 1);
            data[len + n - 1] = '\n';
            len += n;
        }
        memcpy(data + len, row, sizeof row - 1);
        const char *s = show(data, len + sizeof row - 1);
        size_t n = strlen(s);
        const char *tail = strstr(s, ": [q");
        assert_non_null(tail);
        assert_true(text_starts(tail, ": [q\"u,\"o\nte][张三][][]\n"));
        assert_string_equal(s + n - strlen(": [x][y]\n"), ": [x][y]\n");
    }
}

static Bytes encoded(const char *encoding, const char *mark, size_t mark_size, const char *text) {
    Bytes b = { .data = talloc_size(c.mem, strlen(text) * 4 + 8), .size = mark_size };
    memcpy(b.data, mark, mark_size);
    iconv_t cd = iconv_open(encoding, "UTF-8");
    char *in = talloc_strdup(c.mem, text), *out = b.data + mark_size;
    size_t left = strlen(text), room = strlen(text) * 4;
    assert_true(iconv(cd, &in, &left, &out, &room) == 0);
    iconv_close(cd);
    b.size = (size_t)(out - b.data);
    return b;
}

static void every_encoding_is_told_by_content(void **state) {
    (void)state;
    static const char text[] = "姓名,金额\n张三,\"￥1,200\"\n李四𠮷,3\n",
                      seen[] = "1: [姓名][金额]\n2: [张三][￥1,200]\n3: [李四𠮷][3]\n";
    assert_string_equal(show_bytes(encoded("UTF-8", "", 0, text)), seen);
    assert_string_equal(show_bytes(encoded("UTF-8", "\xEF\xBB\xBF", 3, text)), seen);
    assert_string_equal(show_bytes(encoded("UTF-16LE", "\xFF\xFE", 2, text)), seen);
    assert_string_equal(show_bytes(encoded("UTF-16BE", "\xFE\xFF", 2, text)), seen);
    assert_string_equal(show_bytes(encoded("GB18030", "", 0, text)), seen);
    assert_string_equal(show_bytes(encoded("CP1252", "", 0, "Name;Ort\nJosé;Köln €\n")),
                        "1: [Name][Ort]\n2: [José][Köln €]\n");
}

static void a_big_file_in_another_encoding_streams_through_the_window(void **state) {
    (void)state;
    Text *t = text_new(c.mem, 8 << 20);
    for (int i = 0; i < 60000; i++) text_addf(t, "%d,张三丰,\"客户,%d\"\n", i, i);
    const char *plain = show(t->data, t->len);
    assert_true(strlen(plain) > 1000000);
    assert_string_equal(show_bytes(encoded("GB18030", "", 0, t->data)), plain);
    assert_string_equal(show_bytes(encoded("UTF-16LE", "\xFF\xFE", 2, t->data)), plain);
}

static void utf8_with_a_broken_byte_is_refused_with_its_line(void **state) {
    (void)state;
    static const char broken[] = "姓名,备注\n张三丰,客户经理很好\n李四,坏\xE5\x9D\n王五,客户经理很好\n";
    assert_string_equal(
        show_csv(broken),
        "422 Line 3 of the file contains characters that are not valid UTF-8; save the file again as UTF-8");
    assert_string_equal(
        show_csv("\xEF\xBB\xBF"
                 "a\n\xFFz\n"),
        "422 Line 2 of the file contains characters that are not valid UTF-8; save the file again as UTF-8");
}

/* ---- Fake .xls ---- */

static void an_html_table_under_the_name_of_a_spreadsheet_is_read(void **state) {
    (void)state;
    static const char page[] =
        "<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><head><meta http-equiv=Content-Type "
        "content=\"text/html; charset=gb2312\">"
        "<title>no cell</title><style>td{mso-number-format:\"\\@\"}</style></head><body><!-- <tr><td>no</td></tr> -->"
        "<table border=1><tr><th>姓名<th>金额</tr>\n<tr><td>张&nbsp;三</td><td class=\"x>y\">1 &lt; 2 &amp; "
        "3&#65;&#x4e2d;</td></tr>"
        "<TR><TD colspan=2>a<br/>b</TD><td> c\n  d </td></TR><tr><td rowspan=\"2\">r</td><td>1</td><tr><td>2</td></tr>"
        "<tr><td></td><td>&nbsp;</td></tr><tr><td>5 < 6 &unknown;</td></tr></table></body></html>";
    static const char seen[] =
        "1: [姓名][金额]\n2: [张 三][1 < 2 & 3A中]\n3: [a\nb][][c d]\n4: [r][1]\n5: [][2]\n7: [5 < 6 &unknown;]\n";
    assert_string_equal(show_bytes(encoded("GB18030", "", 0, page)), seen);
    assert_string_equal(show(page, sizeof page - 1), seen);
    assert_string_equal(show_bytes(encoded("UTF-16LE", "\xFF\xFE", 2, page)), seen);
}

static void a_page_that_says_gb_is_read_so_even_if_its_bytes_could_be_utf8(void **state) {
    (void)state;
    assert_string_equal(show_csv("<meta charset=\"gbk\"><table><tr><td>\xC1\xAA\xCD\xA8</td></tr></table>"),
                        "1: [联通]\n");
}

static void tab_text_under_the_name_of_a_spreadsheet_is_read(void **state) {
    (void)state;
    assert_string_equal(show_bytes(encoded("GB18030", "", 0, "工号\t姓名\r\n00123\t张三\r\n")),
                        "1: [工号][姓名]\n2: [00123][张三]\n");
}

static void the_xml_of_excel_2003_is_read(void **state) {
    (void)state;
    static const char book[] =
        "<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?>"
        "<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" "
        "xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\">"
        "<Worksheet ss:Name=\"1\"><Table><Row><Cell><Data ss:Type=\"String\">a</Data></Cell><Cell "
        "ss:Index=\"3\"><Data>c</Data></Cell></Row>"
        "<Row ss:Index=\"4\"><Cell><Data "
        "ss:Type=\"DateTime\">2026-01-02T00:00:00.000</Data></Cell></Row></Table></Worksheet>"
        "<Worksheet ss:Name=\"2\"><Table><Row><Cell><Data>no</Data></Cell></Row></Table></Worksheet></Workbook>";
    assert_string_equal(show_csv(book), "1: [a][][c]\n4: [2026-01-02]\n");
}

/* ---- XLSX ---- */

static void the_first_visible_sheet_is_found_through_the_relations(void **state) {
    (void)state;
    static const char sheet[] =
        "<worksheet " NAMESPACES "><sheetData><row><c t=\"str\"><v>right</v></c></row></sheetData></worksheet>";
    static const char hidden[] =
        "<workbook " NAMESPACES "><sheets><sheet name=\"a\" sheetId=\"1\" state=\"hidden\" r:id=\"rId9\"/>"
        "<sheet name=\"b\" sheetId=\"2\" r:id=\"rId3\"/></sheets></workbook>";
    static const char prefixed[] = "<x:workbook xmlns:x=\"u\" xmlns:q=\"v\"><x:sheets><x:sheet name=\"b\" "
                                   "sheetId=\"2\" q:id=\"rId3\"/></x:sheets></x:workbook>";
    assert_string_equal(show_bytes(make_book(NULL, NULL, NULL, sheet, 0)), "1: [right]\n");
    assert_string_equal(show_bytes(make_book(hidden, NULL, NULL, sheet, 0)), "1: [right]\n");
    assert_string_equal(show_bytes(make_book(prefixed, NULL, NULL, sheet, 0)), "1: [right]\n");
}

static void all_kinds_of_cells_become_text(void **state) {
    (void)state;
    static const char strings[] =
        "<sst " NAMESPACES " count=\"9\"><si><t>张三</t></si><si><r><rPr><b/></rPr><t xml:space=\"preserve\">rich "
                           "</t></r><r><t>text</t></r>"
        "<rPh sb=\"0\" eb=\"1\"><t>reading</t></rPh><phoneticPr fontId=\"1\"/></si><si><t/></si><si><t>00123</t></si>"
        "<si><t>a_x000D_\nb&#13;&#10;c &lt;&amp;&gt; _x005F_x0041_ _x4E2D_</t></si></sst>";
    assert_string_equal(show_rows(NULL, strings,
                                  "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c><c "
                                  "r=\"C1\" t=\"s\"><v>2</v></c>"
                                  "<c r=\"D1\" t=\"s\"><v>3</v></c><c r=\"E1\" t=\"s\"><v>4</v></c></row>"),
                        "1: [张三][rich text][][00123][a\nb\nc <&> _x0041_ _x4E2D_]\n");
    assert_string_equal(
        show_rows(NULL, NULL,
                  "<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>in</t></is></c><c r=\"B2\" "
                  "t=\"inlineStr\"><is><r><t>li</t></r><r><t>ne</t></r>"
                  "<rPh sb=\"0\" eb=\"1\"><t>no</t></rPh></is></c><c r=\"C2\" t=\"b\"><v>1</v></c><c r=\"D2\" "
                  "t=\"e\"><v>#N/A</v></c>"
                  "<c r=\"E2\" t=\"str\"><f>A1&amp;\"x\"</f><v>cached</v></c><c r=\"F2\"><f>1+1</f><v>2</v></c>"
                  "<c r=\"G2\" t=\"d\"><v>2026-01-02T15:04:05.000Z</v></c><c r=\"H2\" t=\"n\"><v>7</v></c></row>"),
        "2: [in][line][1][#N/A][cached][2][2026-01-02 15:04:05][7]\n");
}

static void gaps_and_cells_without_place_are_filled(void **state) {
    (void)state;
    assert_string_equal(
        show_rows(
            NULL, NULL,
            "<row r=\"3\"><c r=\"B3\"><v>1</v></c><c "
            "r=\"E3\"><v>2</v></c></row><row><c><v>3</v></c><c><v>4</v></c></row>"
            "<row r=\"9\"><c r=\"A9\" s=\"1\"/></row><row r=\"12\"><c r=\"C12\"><v>5</v></c><c><v>6</v></c></row>"),
        "3: [][1][][][2]\n4: [3][4]\n12: [][][5][6]\n");
}

static void numbers_are_plain_and_exact(void **state) {
    (void)state;
    const char *const pairs[][2] = {
        { "13812345678", "13812345678" },
        { "1.3812345678E+10", "13812345678" },
        { "25000.0", "25000" },
        { "0.1", "0.1" },
        { "0.10000000000000001", "0.1" },
        { "0.30000000000000004", "0.3" },
        { "1234.5600000000002", "1234.56" },
        { "-12.50", "-12.5" },
        { "1E-3", "0.001" },
        { "1.5E-7", "0.00000015" },
        { "6222021234567890123", "6222021234567890123" },
        { "1E+20", "100000000000000000000" },
        { "9007199254740993", "9007199254740993" },
        { "1.2345678901234567E+17", "123456789012345660" },
        { "-0", "0" },
        { "0", "0" },
        { "-0.0", "0" },
        { ".5", "0.5" },
        { "+3", "3" },
        { "99999999999999.99", "99999999999999.99" },
        { "1.", "1" },
        { "1E999", "1E999" },
        { "abc", "abc" },
        { "1e5", "100000" },
        { "5E-324", talloc_asprintf(c.mem, "0.%0323d494065645841247", 0) },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const char *row = talloc_asprintf(c.mem, "<row><c><v>%s</v></c></row>", pairs[i][0]);
        assert_string_equal(show_rows(NULL, NULL, row), talloc_asprintf(c.mem, "1: [%s]\n", pairs[i][1]));
    }
}

/* What a cell with that format and value shows. */
static const char *with_format(const char *book, const char *format, int id, const char *value) {
    const char *styles =
        talloc_asprintf(c.mem,
                        "<styleSheet " NAMESPACES "><numFmts><numFmt numFmtId=\"176\" formatCode=\"%s\"/></numFmts>"
                        "<cellStyleXfs><xf numFmtId=\"14\"/><xf numFmtId=\"14\"/></cellStyleXfs>"
                        "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"%d\"/></cellXfs></styleSheet>",
                        format, id);
    const char *sheet = talloc_asprintf(
        c.mem, "<worksheet " NAMESPACES "><sheetData><row><c s=\"1\"><v>%s</v></c></row></sheetData></worksheet>",
        value);
    const char *s = show_bytes(make_book(book, styles, NULL, sheet, 0));
    return talloc_strndup(c.mem, s + strlen("1: ["), strlen(s) - strlen("1: []\n"));
}

static void dates_are_told_by_their_number_format(void **state) {
    (void)state;
    for (int id = 0; id < 60; id++) {
        bool date =
            (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
        assert_string_equal(with_format(NULL, "0", id, "46024"), date ? "2026-01-02" : "46024");
    }
    static const char *const dates[] = { "yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;",
                                         "yyyy-mm-dd;@",
                                         "[$-804]yyyy/m/d",
                                         "YYYY-MM-DD",
                                         "[h]:mm:ss",
                                         "h:mm AM/PM",
                                         "[$-804]aaaa;@",
                                         "m\\/d",
                                         "[Red]d" };
    static const char *const numbers[] = { "0.00",   "#,##0.00&quot;dollar&quot;",
                                           "[Red]0", "General",
                                           "0\\d",   "[$￥-804]#,##0",
                                           "_d0",    "0&quot;年&quot;",
                                           "@",      "0*y",
                                           "&quot;y" };
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++)
        assert_string_equal(with_format(NULL, dates[i], 176, "46024"), "2026-01-02");
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        assert_string_equal(with_format(NULL, numbers[i], 176, "46024"), "46024");
}

static void serials_become_days_and_times_in_both_date_systems(void **state) {
    (void)state;
    static const char *const from_1900[][2] = {
        { "1", "1900-01-01" },
        { "59", "1900-02-28" },
        { "60", "1900-02-29" },
        { "61", "1900-03-01" },
        { "25569", "1970-01-01" },
        { "46024", "2026-01-02" },
        { "46024.5", "2026-01-02 12:00:00" },
        { "46024.62783564815", "2026-01-02 15:04:05" },
        { "46024.999999", "2026-01-03" },
        { "0.5", "12:00:00" },
        { "45351", "2024-02-29" },
        { "2958465", "9999-12-31" },
        { "2958466", "2958466" },
        { "-1", "-1" },
        { "0", "0" },
        { "4.6024E4", "2026-01-02" },
    };
    for (size_t i = 0; i < sizeof from_1900 / sizeof *from_1900; i++)
        assert_string_equal(with_format(NULL, "yyyy-mm-dd", 176, from_1900[i][0]), from_1900[i][1]);
    static const char book[] =
        "<workbook " NAMESPACES
        "><workbookPr date1904=\"1\"/><sheets><sheet name=\"b\" sheetId=\"2\" r:id=\"rId3\"/></sheets></workbook>";
    assert_string_equal(with_format(book, "yyyy-mm-dd", 176, "44562"), "2026-01-02");
    assert_string_equal(with_format(book, "yyyy-mm-dd", 176, "0"), "1904-01-01");
}

static void a_part_in_utf16_is_read_by_the_other_parser_alike(void **state) {
    (void)state;
    Text *t = text_new(c.mem, 8 << 20);
    text_add(t, "<?xml version=\"1.0\" encoding=\"UTF-16\"?><x:worksheet xmlns:x=\"u\"><x:sheetData>");
    for (int i = 1; i < 3000; i++)
        text_addf(t,
                  "<x:row r=\"%d\"><x:c r=\"B%d\" t=\"str\"><x:v>张三 &amp; %d</x:v></x:c><x:c "
                  "t=\"b\"><x:v>1</x:v></x:c></x:row>",
                  i, i, i);
    text_add(t, "</x:sheetData></x:worksheet>");
    Bytes wide = encoded("UTF-16LE", "\xFF\xFE", 2, t->data);
    const char *a = show_bytes(make_book(NULL, NULL, NULL, wide.data, wide.size));
    char *narrow = strstr(t->data, "UTF-16");
    memcpy(narrow, "utf-8 ", 6);
    narrow[5] = '"';
    narrow[6] = ' ';
    assert_string_equal(show_bytes(make_book(NULL, NULL, NULL, t->data, t->len)), a);
    assert_true(text_starts(a, "1: [][张三 & 1][1]\n2: "));
    assert_non_null(strstr(a, "2999: [][张三 & 2999][1]\n"));
}

static void the_scanner_takes_all_of_xml_that_may_occur(void **state) {
    (void)state;
    static const char sheet[] =
        "\xEF\xBB\xBF<?xml version='1.0'?>\n<!-- <row> --><worksheet xmlns='u'\n a = \"x > y\" ><sheetData\t><row r = "
        "'1' ><c t='str'><v><![CDATA[<a>&amp;]]>&#x4e2d;</v ></c>"
        "<?pi <row>?><c/><c r='C1'><v>1<!-- 2 -->3</v></c></row></sheetData></worksheet>\n<!-- end -->\n";
    assert_string_equal(show_bytes(make_book(NULL, NULL, NULL, sheet, 0)), "1: [<a>&amp;中][][13]\n");
}

static void text_survives_every_place_of_the_chunk_border(void **state) {
    (void)state;
    static const char head[] = "<worksheet><sheetData><row><c t='str'><v>zz</v></c><!--";
    static const char tricky[] =
        "--><c t='str' s=\"0\"><v>a&amp;张𠮷é&#20013;<![CDATA[x]]></v></c><!-- c --></row></sheetData></worksheet>";
    const size_t chunk = 64 * 1024;
    char *sheet = talloc_size(c.mem, chunk + 200);
    uint32_t random = 1;
    memcpy(sheet, head, sizeof head - 1);
    for (size_t i = sizeof head - 1; i < chunk; i++) { /* a comment that does not compress */
        random = random * 1664525 + 1013904223;
        sheet[i] = (char)('a' + (random >> 24) % 26);
    }
    for (size_t shift = 1; shift < sizeof tricky + 10; shift++) {
        char *copy = talloc_memdup(c.mem, sheet, chunk + 200);
        memcpy(copy + chunk - shift, tricky, sizeof tricky - 1);
        assert_string_equal(show_bytes(make_book(NULL, NULL, NULL, copy, chunk - shift + sizeof tricky - 1)),
                            "1: [zz][a&张𠮷é中x]\n");
    }
}

/* ---- Writing ---- */

/* libxlsxwriter 1.1.4 leaks the formula of a drop-down that lies in another sheet. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:lxw_strdup";
}

static const char *const levels[] = { "A", "B, with comma", NULL };

static Bytes load(const char *path) {
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    Bytes b = { .data = talloc_size(c.mem, 4 << 20) };
    b.size = fread(b.data, 1, 4 << 20, f);
    fclose(f);
    return b;
}

static int files_in(const char *folder) {
    DIR *d = opendir(folder);
    int n = 0;
    for (struct dirent *e; (e = readdir(d));) n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

static void what_is_written_is_read_back_the_same(void **state) {
    (void)state;
    char folder[] = "/tmp/sheet_test_XXXXXX";
    assert_non_null(mkdtemp(folder));
    setenv("TMPDIR", folder, 1);
    const SheetColumn columns[] = { { .heading = "姓名", .required = true, .hint = "全名" },
                                    { .heading = "数量", .kind = CELL_INT },
                                    { .heading = "金额", .kind = CELL_MONEY },
                                    { .heading = "日期", .kind = CELL_DATE },
                                    { .heading = "时间", .kind = CELL_TIME },
                                    { .heading = "级别", .choices = levels } };
    SheetWriter *w;
    const char *path;
    assert_true(date_set_zone("Asia/Shanghai"));
    assert_null(sheet_writer_new(&c, "业绩[1]/2: a very long name of a sheet", columns, 6, "填写说明", &w));
    Date day = date_make(2026, 1, 2);
    static const char *const texts[] = {
        "张三",       "=1+1",   "+8613812345678", "-x", "@sum",  "00123", "a_x0041_b _x000D_",
        "two\nlines", "<&>\"'", " space ",        "𠮷", "a\x01z"
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        sheet_put_text(w, texts[i]);
        sheet_put_int(w, (int64_t)i - 3);
        sheet_put_money(w, INT64_C(2500050) * ((int64_t)i - 1));
        sheet_put_date(w, day);
        sheet_put_time(w, instant_of_day(day, 15, 4));
        sheet_put_text(w, "A");
        sheet_next_row(w);
    }
    sheet_put_text(w, "");
    sheet_put_int(w, INT64_C(1234567890123456789));
    sheet_put_money(w, INT64_C(99999999999999999));
    sheet_put_date(w, DATE_NONE);
    sheet_put_time(w, INSTANT_NONE);
    sheet_put_empty(w);
    sheet_next_row(w);
    sheet_put_text(w, NULL);
    sheet_put_int(w, INT64_C(9007199254740992));
    sheet_put_money(w, INT64_C(-900719925474099));
    sheet_put_date(w, date_make(1900, 1, 15));
    sheet_next_row(w);
    assert_null(sheet_writer_close(w, &path));
    assert_true(text_starts(path, folder));
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    Text *want = text_new(c.mem, 65536);
    text_add(want, "1: [姓名*][数量][金额][日期][时间][级别]\n");
    for (int i = 0; i < (int)(sizeof texts / sizeof *texts); i++) {
        int64_t fen = INT64_C(2500050) * (i - 1);
        text_addf(want, "%d: [%s][%d][%s][2026-01-02][2026-01-02 15:04:00][A]\n", i + 2,
                  strcmp(texts[i], "a_x0041_b _x000D_") == 0 ? "a_x0041_b _x000D_" : texts[i], i - 3,
                  fen < 0          ? "-25000.5"
                  : fen % 100 == 0 ? talloc_asprintf(c.mem, "%lld", (long long)(fen / 100))
                                   : talloc_asprintf(c.mem, "%lld.5", (long long)(fen / 100)));
    }
    text_add(
        want,
        "14: [][1234567890123456789][999999999999999.99]\n15: [][9007199254740992][-9007199254740.99][1900-01-15]\n");
    assert_string_equal(show_bytes(load(path)), want->data);
    tear_down(NULL);
    set_up(NULL);
    assert_int_equal(files_in(folder), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void an_abandoned_writer_leaves_nothing_behind(void **state) {
    (void)state;
    char folder[] = "/tmp/sheet_test_XXXXXX";
    assert_non_null(mkdtemp(folder));
    setenv("TMPDIR", folder, 1);
    const SheetColumn columns[] = { { .heading = "a" } };
    SheetWriter *w;
    assert_null(sheet_writer_new(&c, "x", columns, 1, NULL, &w));
    for (int i = 0; i < 1000; i++) {
        sheet_put_text(w, "text");
        sheet_next_row(w);
    }
    tear_down(NULL);
    set_up(NULL);
    assert_int_equal(files_in(folder), 0);
    assert_int_equal(rmdir(folder), 0);
    setenv("TMPDIR", "/nonexistent/folder", 1);
    Error *e = sheet_writer_new(&c, "x", columns, 1, NULL, &w);
    assert_non_null(e);
    assert_int_equal(e->status, 500);
    unsetenv("TMPDIR");
}

static const char *csv_cells(const char *const *cells) {
    Text *t = text_new(c.mem, 4096);
    for (int i = 0; cells[i]; i++) sheet_csv_cell(t, cells[i], i == 0);
    return t->data;
}

static void csv_cells_are_quoted_and_never_formulas(void **state) {
    (void)state;
    assert_string_equal(csv_cells((const char *[]){ "a", "", "b,c", "d\"e", "x\ny", " s", NULL }),
                        "a,,\"b,c\",\"d\"\"e\",\"x\ny\",\" s\"");
    assert_string_equal(csv_cells((const char *[]){ "=1+1", "+1", "-1+2", "@x", "\tx", "\rx", "＝1", "＋1", "－1",
                                                    "＠a", "=\"a,b\"", NULL }),
                        "'=1+1,'+1,'-1+2,'@x,\"'\tx\",\"'\rx\",'＝1,'＋1,'－1,'＠a,\"'=\"\"a,b\"\"\"");
    assert_string_equal(csv_cells((const char *[]){ "-12.50", "-", "-5-", "12", NULL }), "-12.50,'-,'-5-,12");
    const char *const texts[] = { "张三", "a\"b", "c,d;e\tf", "line\nline", " x ", "", "end", NULL };
    const char *line = csv_cells(texts);
    assert_string_equal(show(line, strlen(line)), "1: [张三][a\"b][c,d;e\tf][line\nline][ x ][][end]\n");
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(a_plain_csv_is_read_cell_by_cell),
        T(quotation_marks_follow_rfc_4180_and_excel),
        T(empty_rows_are_passed_over_but_counted),
        T(the_delimiter_is_found_by_itself),
        T(cells_survive_every_place_of_the_window_border),
        T(every_encoding_is_told_by_content),
        T(a_big_file_in_another_encoding_streams_through_the_window),
        T(utf8_with_a_broken_byte_is_refused_with_its_line),
        T(an_html_table_under_the_name_of_a_spreadsheet_is_read),
        T(a_page_that_says_gb_is_read_so_even_if_its_bytes_could_be_utf8),
        T(tab_text_under_the_name_of_a_spreadsheet_is_read),
        T(the_xml_of_excel_2003_is_read),
        T(the_first_visible_sheet_is_found_through_the_relations),
        T(all_kinds_of_cells_become_text),
        T(gaps_and_cells_without_place_are_filled),
        T(numbers_are_plain_and_exact),
        T(dates_are_told_by_their_number_format),
        T(serials_become_days_and_times_in_both_date_systems),
        T(a_part_in_utf16_is_read_by_the_other_parser_alike),
        T(the_scanner_takes_all_of_xml_that_may_occur),
        T(text_survives_every_place_of_the_chunk_border),
        T(what_is_written_is_read_back_the_same),
        T(an_abandoned_writer_leaves_nothing_behind),
        T(csv_cells_are_quoted_and_never_formulas),
    };
    return cmocka_run_group_tests_name("service/sheet", tests, NULL, NULL);
}

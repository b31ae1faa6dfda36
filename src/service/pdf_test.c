/* pdf_test.c - sheets as people print them, read back with pdftotext; and what happens when the input or the helper is bad. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "service/pdf.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

enum { LONG_MS = 300000 }; /* where the deadline is not what is tested */

static Ctx c;
static char dir[] = "/tmp/xiaoguan-pdf-XXXXXX";
static int dummy_tx;

static int make_dir(void **state) {
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}
static int remove_dir(void **state) {
    (void)state;
    char command[100];
    snprintf(command, sizeof command, "rm -r '%s'", dir);
    return system(command);
}
static int set_up(void **state) {
    (void)state;
    c = (Ctx){ .mem = talloc_new(NULL) };
    pdf_setup(NULL, LONG_MS);
    return 0;
}
static int tear_down(void **state) {
    (void)state;
    return talloc_free(c.mem);
}

static const char *in_dir(const char *name) {
    return talloc_asprintf(c.mem, "%s/%s", dir, name);
}

static void write_file(const char *path, const void *data, size_t size) {
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

static char *read_stream(FILE *f) {
    Text *t = text_new(c.mem, 64 << 20);
    char part[65536];
    for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;) text_add_n(t, part, n);
    return t->data;
}

/* The text of a PDF without any white space but form feeds, one after each page. */
static char *text_of(const void *pdf, size_t size) {
    const char *path = in_dir("a.pdf");
    write_file(path, pdf, size);
    FILE *f = popen(talloc_asprintf(c.mem, "pdftotext -layout '%s' -", path), "re");
    char *s = read_stream(f), *to = s;
    assert_int_equal(pclose(f), 0);
    for (const char *from = s; *from; from++)
        if (!strchr(" \n\r\t", *from)) *to++ = *from;
    *to = 0;
    return s;
}

static char *squeezed(const char *s) {
    char *copy = talloc_strdup(c.mem, s), *to = copy;
    for (; *s; s++)
        if (*s != ' ') *to++ = *s;
    *to = 0;
    return copy;
}

static size_t occurrences(const char *s, const char *what) {
    size_t n = 0;
    for (; (s = strstr(s, what)); s += strlen(what)) n++;
    return n;
}

/* ---- documents ---- */

static void add_column(Value columns, const char *title, const char *align) {
    Value column = value_object(c.mem);
    value_set_text(column, "title", title);
    value_set_text(column, "align", align);
    value_push(columns, column);
}

static Value add_row(Value document, const char *const *cells, size_t count) {
    Value row = value_object(c.mem), list = value_array(c.mem);
    for (size_t i = 0; i < count; i++) value_push(list, value_text(cells[i]));
    value_set(row, "cells", list);
    value_push(value_get(document, "rows", 4, NULL), row);
    return row;
}

static Value make_document(const char *title, const char *const *columns, size_t count) {
    Value document = value_object(c.mem), list = value_array(c.mem);
    for (size_t i = 0; i < count; i++) add_column(list, columns[i], i ? "right" : "left");
    value_set_text(document, "title", title);
    value_set_text(document, "company", "星河智能科技有限公司");
    value_set_text(document, "lang", "zh");
    value_set(document, "columns", list);
    value_set(document, "rows", value_array(c.mem));
    return document;
}

static Value one_cell(const char *text) {
    static const char *const columns[] = { "内容" };
    Value document = make_document("一格", columns, 1);
    add_row(document, &text, 1);
    return document;
}

static char *must_print(Value document) {
    const void *pdf = NULL;
    size_t size = 0;
    Error *e = pdf_render(&c, document, &pdf, &size);
    if (e) print_error("%d %s %s\n", e->status, e->message.id, e->detail ? e->detail : "");
    assert_null(e);
    return text_of(pdf, size);
}

static int status_of(Value document) {
    const void *pdf;
    size_t size;
    Error *e = pdf_render(&c, document, &pdf, &size);
    return e ? e->status : 0;
}

/* ---- sheets ---- */

static const char *const week_columns[] = { "姓名", "周目标", "实际完成", "达成率", "环比", "主要问题", "下周重点" };
static const char *const week[3][7] = {
    { "销售代表A", "80,000", "85,000", "106.25%", "+12.50%", "大客户成交周期较长", "推进D客户签约，目标30,000元" },
    { "销售代表B", "60,000", "48,000", "80.00%", "-5.00%", "新客户开发量不足", "新增2个意向客户，目标65,000元" },
    { "合计", "140,000", "133,000", "95.00%", "+5.49%", "", "" },
};

static Value week_document(void) {
    static const char *const signatures[] = { "制表", "审核", "批准" };
    Value document = make_document("销售团队周业绩汇总表", week_columns, 7), list = value_array(c.mem);
    for (size_t i = 0; i < 3; i++) value_set_bool(add_row(document, week[i], 7), "bold", i == 2);
    for (size_t i = 0; i < 3; i++) value_push(list, value_text(signatures[i]));
    value_set(document, "signatures", list);
    value_set_text(document, "subtitle", "2024年第28周（2024-07-08 至 2024-07-14）");
    value_set_text(document, "unit", "单位：元");
    value_set_text(document, "watermark", "张伟 8000");
    value_set_text(document, "footer", "打印：张伟");
    return document;
}

static void the_weekly_sheet_shows_every_cell_and_its_page(void **state) {
    (void)state;
    const char *text = must_print(week_document());
    for (size_t i = 0; i < 7; i++) assert_int_equal(occurrences(text, week_columns[i]), 1);
    for (size_t r = 0; r < 3; r++)
        for (size_t i = 0; i < 7; i++)
            if (*week[r][i] && !strstr(text, squeezed(week[r][i]))) fail_msg("%s is missing in %s", week[r][i], text);
    static const char *const around[] = { "星河智能科技有限公司",
                                          "销售团队周业绩汇总表",
                                          "2024年第28周（2024-07-08至2024-07-14）",
                                          "单位：元",
                                          "制表：",
                                          "审核：",
                                          "批准：",
                                          "打印：张伟",
                                          "第1页/共1页" };
    for (size_t i = 0; i < sizeof around / sizeof *around; i++)
        if (!strstr(text, around[i])) fail_msg("%s is missing in %s", around[i], text);
}

static void the_watermark_is_seen_but_not_mixed_into_the_text(void **state) {
    (void)state;
    Value document = week_document();
    const void *with, *without;
    size_t with_size, without_size;
    assert_null(pdf_render(&c, document, &with, &with_size));
    value_set(document, "watermark", value_null());
    assert_null(pdf_render(&c, document, &without, &without_size));
    assert_true(with_size > without_size + 500);
    assert_null(strstr(text_of(with, with_size), "8000"));
}

static void an_english_sheet_counts_its_pages_in_english(void **state) {
    (void)state;
    Value document = week_document();
    value_set_text(document, "lang", "en");
    value_set(document, "landscape", value_bool(true));
    assert_non_null(strstr(must_print(document), "Page1of1"));
}

static void several_tables_come_one_after_the_other(void **state) {
    (void)state;
    Value document = value_object(c.mem), tables = value_array(c.mem);
    for (int i = 1; i <= 3; i++) {
        Value table = make_document(talloc_asprintf(c.mem, "第%d张表", i), week_columns, 7);
        if (i != 2) add_row(table, week[0], 7);
        value_set_bool(table, "new_page", i == 3);
        value_push(tables, table);
    }
    value_set(document, "tables", tables);
    const char *text = must_print(document);
    const char *second = strstr(text, "第2张表"), *third = strstr(text, "第3张表"), *turn = strchr(text, '\f');
    assert_true(second && third && turn && second < turn && turn < third);
    assert_non_null(strstr(second, "无数据"));
    assert_non_null(strstr(text, "第2页/共2页"));
}

static void a_table_of_3000_rows_repeats_its_head_and_loses_none(void **state) {
    (void)state;
    static const char *const columns[] = { "姓名", "编号", "实际完成" };
    Value document = make_document("明细", columns, 3);
    for (int i = 0; i < 3000; i++) {
        const char *cells[] = { "销售代表", talloc_asprintf(c.mem, "#%d#", i), "85,000" };
        add_row(document, cells, 3);
    }
    const char *text = must_print(document);
    size_t pages = occurrences(text, "\f");
    assert_true(pages > 50 && pages < 120);
    assert_int_equal(occurrences(text, "姓名编号实际完成"), pages);
    assert_int_equal(occurrences(text, "明细（续）"), pages - 1);
    for (size_t i = 1; i <= pages; i++)
        assert_int_equal(occurrences(text, talloc_asprintf(c.mem, "第%zu页/共%zu页", i, pages)), 1);
    for (int i = 0; i < 3000; i++) {
        const char *at = strstr(text, talloc_asprintf(c.mem, "#%d#", i));
        if (!at) fail_msg("row %d is missing", i);
        text = at; /* and they are in order */
    }
}

static void a_cell_longer_than_a_page_goes_on_on_the_next(void **state) {
    (void)state;
    static const char *const columns[] = { "甲", "乙", "丙", "丁", "戊", "己" };
    Value document = make_document("长", columns, 6);
    Text *text = text_new(c.mem, 100000);
    for (int i = 0; i < 1000; i++) text_addf(text, "<%03d", i);
    const char *cells[] = { "短", "短", text->data, "短", "短", "短" };
    add_row(document, cells, 6);
    value_set_int(value_at(value_get(document, "columns", 7, NULL), 2), "weight", 1);
    const char *printed = must_print(document);
    assert_true(occurrences(printed, "\f") > 1);
    assert_int_equal(occurrences(printed, "<"), 1000);
}

/* Most cells are taken to fit by counting letters; a guess too low would cut the end off. */
static void whatever_the_length_of_a_cell_its_last_letter_is_there(void **state) {
    (void)state;
    static const char *const letters[] = { "销", "W", "8", "%", "m", "，", "@", "i", "–" }, *const columns[] = { "甲",
                                                                                                                 "乙",
                                                                                                                 "丙" };
    Value document = make_document("宽度", columns, 3);
    size_t count = sizeof letters / sizeof *letters, each = 0;
    for (int n = 1; n <= 40; n++, each += (size_t)n - 1)
        for (size_t i = 0; i < count; i++) {
            Text *text = text_new(c.mem, 1000);
            for (int k = 0; k < n; k++) text_add(text, letters[i]);
            const char *cells[] = { text->data, "", "" };
            value_set_bool(add_row(document, cells, 3), "bold", n % 2);
        }
    for (int i = 0; i < 3; i++)
        value_set_int(value_at(value_get(document, "columns", 7, NULL), (size_t)i), "weight", 1);
    const char *printed = must_print(document);
    printed = strstr(printed, "丙") + 3; /* behind title and head */
    for (size_t i = 0; i < count; i++)
        if (occurrences(printed, letters[i]) < each)
            fail_msg("%zu of %zu %s", occurrences(printed, letters[i]), each, letters[i]);
}

static void signatures_never_stand_on_a_page_without_a_row(void **state) {
    (void)state;
    bool one_page = false, two_pages = false;
    for (int rows = 28; rows <= 40; rows++) {
        Value document = week_document();
        value_set(document, "rows", value_array(c.mem));
        for (int i = 0; i < rows; i++) add_row(document, week[0], 7);
        const char *text = must_print(document), *turn = strchr(text, '\f');
        const char *last = turn[1] ? turn + 1 : text;
        one_page |= !turn[1], two_pages |= turn[1] != 0;
        assert_non_null(strstr(last, "制表："));
        assert_true(occurrences(last, "85,000") >= 2);
        assert_int_equal(occurrences(text, "85,000"), rows);
    }
    assert_true(one_page && two_pages);
}

static bool is_landscape(Value document) {
    must_print(document); /* leaves a.pdf */
    FILE *f = popen(talloc_asprintf(c.mem, "pdfinfo '%s/a.pdf'", dir), "re");
    const char *info = read_stream(f);
    assert_int_equal(pclose(f), 0);
    if (strstr(info, "841.89 x 595.28")) return true;
    assert_non_null(strstr(info, "595.28 x 841.89"));
    return false;
}

static void a_table_too_wide_to_read_turns_the_page_unless_told(void **state) {
    (void)state;
    const char *cells[16];
    for (int i = 0; i < 16; i++) cells[i] = "1,234,567";
    Value document = make_document("宽", cells, 16);
    add_row(document, cells, 16);
    assert_true(is_landscape(document));
    value_set_bool(document, "landscape", false);
    assert_false(is_landscape(document));
    assert_false(is_landscape(week_document()));
}

/* ---- texts that are not meant well ---- */

static void control_characters_and_turned_text_are_dropped(void **state) {
    (void)state;
    assert_non_null(
        strstr(must_print(one_cell("甲\x01\x1b[31m乙\x7f丙\u202eabc丁\u2028戊\r\n己")), "甲[31m乙丙abc丁戊己"));
}

static void scripts_without_a_font_do_no_harm(void **state) {
    (void)state;
    assert_non_null(strstr(must_print(one_cell("一 ภาษาไทยง่ายนิดเดียว العربية हिन्दी 😀👨‍👩‍👧 \U000E0041 ᠮᠣᠩᠭᠣᠯ "
                                               "e\u0301\u0301\u0301 ﷽ 二")),
                           "一"));
}

static void what_is_too_large_is_refused(void **state) {
    (void)state;
    char *text = talloc_zero_array(c.mem, char, 9 << 20);
    memset(text, 'x', 10000);
    assert_int_equal(status_of(one_cell(text)), 413);
    memset(text, 'x', (9 << 20) - 1);
    assert_int_equal(status_of(one_cell(text)), 413);
    const char *columns[41];
    for (int i = 0; i < 41; i++) columns[i] = "列";
    assert_int_equal(status_of(make_document("宽", columns, 40)), 0);
    assert_int_equal(status_of(make_document("宽", columns, 41)), 413);
    Value document = make_document("长", columns, 1);
    for (int i = 0; i < 20001; i++) add_row(document, columns, 1);
    assert_int_equal(status_of(document), 413);
}

static void more_than_500_pages_are_refused(void **state) {
    (void)state;
    static const char *const columns[] = { "行" };
    const char *lines = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n18\n19\n20";
    Value document = make_document("页", columns, 1);
    for (int i = 0; i < 2000; i++) add_row(document, &lines, 1);
    assert_int_equal(status_of(document), 413);
}

/* The helper itself with raw input; its exit status, or -1 if a signal ended it. */
static int helper_status(const void *data, size_t size) {
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    assert_true(n > 0);
    self[n] = 0;
    *strrchr(self, '/') = 0;
    write_file(in_dir("input"), data, size);
    int status =
        system(talloc_asprintf(c.mem, "'%s/xiaoguan-print' <'%s/input' >/dev/null 2>'%s/said'", self, dir, dir));
    return WIFEXITED(status) && WEXITSTATUS(status) < 100 ? WEXITSTATUS(status) : -1;
}

#define HELPER(text) helper_status(text, sizeof(text) - 1)

static void input_that_is_no_document_is_refused_without_a_crash(void **state) {
    (void)state;
    assert_int_equal(HELPER("{\"columns\":[{\"title\":\"a\"}],\"rows\":[]}"), 0);
    assert_int_equal(HELPER(""), 2);
    assert_int_equal(HELPER("hello"), 2);
    assert_int_equal(HELPER("\0\0\0\0"), 2);
    assert_int_equal(HELPER("[]"), 2);
    assert_int_equal(HELPER("{}"), 2);
    assert_int_equal(HELPER("{\"tables\":[]}"), 2);
    assert_int_equal(HELPER("{\"tables\":[7]}"), 2);
    assert_int_equal(HELPER("{\"columns\":[]}"), 2);
    assert_int_equal(HELPER("{\"columns\":[{\"title\":\"a\"}],\"rows\":[[]]}"), 2);
    assert_int_equal(HELPER("{\"columns\":[{\"title\":\"a\"}],\"rows\":[{\"cells\":[{}]}]}"), 2);
    assert_int_equal(HELPER("{\"columns\":[{\"title\":\"a\",\"align\":\"up\"}]}"), 2);
    assert_int_equal(HELPER("{\"columns\":[{\"title\":\"a\",\"weight\":99999999999}]}"), 2);
    assert_int_equal(HELPER("{\"columns\":[{\"title\":\"a\"}],\"title\":\"\\u0000\"}"), 2);
    assert_int_equal(HELPER("{\"columns\":[{\"title\":\"a\"}],\"title\":\"\xff\xfe\"}"), 2);
    assert_int_equal(HELPER("{\"columns\":[{\"title\":\"a\"}],\"title\":\"x\"} more"), 2);
    assert_int_equal(HELPER("{\"columns\":[{\"title\":\"a\"}],\"rows\":[{\"cells\":[\"1\",\"2\"]}]}"), 3);
}

static void deep_and_endless_input_is_refused_without_a_crash(void **state) {
    (void)state;
    size_t size = 9 << 20;
    char *text = talloc_size(c.mem, size);
    memset(text, '[', size);
    assert_int_equal(helper_status(text, 1 << 20), 2);
    assert_int_equal(helper_status(text, size), 3);
    for (size_t i = 0; i + 6 <= size; i += 6) memcpy(text + i, "{\"a\": ", 6);
    assert_int_equal(helper_status(text, 1 << 20), 2);
}

static void a_good_document_cut_anywhere_is_refused_without_a_crash(void **state) {
    (void)state;
    Text *json = text_new(c.mem, 1 << 20);
    value_json(week_document(), json);
    for (size_t n = 0; n < json->len; n += json->len / 12 + 1) assert_int_equal(helper_status(json->data, n), 2);
}

/* ---- the helper as a process ---- */

static void use_script(const char *body) {
    const char *path = in_dir("helper");
    char *script = talloc_asprintf(c.mem, "#!/bin/sh\n%s\n", body);
    unlink(path);
    write_file(path, script, strlen(script));
    assert_int_equal(chmod(path, 0700), 0);
    pdf_setup(path, LONG_MS);
}

static void without_the_helper_the_answer_says_so(void **state) {
    (void)state;
    const void *pdf;
    size_t size;
    pdf_setup("/nonexistent/xiaoguan-print", 0);
    Error *e = pdf_render(&c, one_cell("x"), &pdf, &size);
    assert_int_equal(e->status, 503);
    assert_true(text_starts(e->message.id, "The PDF helper is not installed"));
    pdf_setup("xiaoguan-print", 0); /* never from the present folder */
    assert_int_equal(status_of(one_cell("x")), 503);
}

static void a_helper_killed_in_the_middle_is_an_error_of_the_server(void **state) {
    (void)state;
    use_script("printf '%%PDF-1.5 half'; kill -9 $$");
    assert_int_equal(status_of(one_cell("x")), 500);
    use_script("kill -XCPU $$"); /* its own limit */
    assert_int_equal(status_of(one_cell("x")), 413);
    use_script("exec <&-; sleep 0.1; exit 5"); /* it does not even read */
    char *long_text = talloc_zero_array(c.mem, char, 4 << 20);
    memset(long_text, 'x', (4 << 20) - 1);
    assert_int_equal(status_of(one_cell(long_text)), 500);
}

static void what_is_not_a_pdf_is_not_given_on(void **state) {
    (void)state;
    use_script("cat >/dev/null; echo hello");
    assert_int_equal(status_of(one_cell("x")), 500);
    use_script("exit 0");
    assert_int_equal(status_of(one_cell("x")), 500);
    use_script("exec cat /dev/zero");
    assert_int_equal(status_of(one_cell("x")), 413);
}

static void a_helper_that_hangs_is_ended_at_the_deadline(void **state) {
    (void)state;
    static const char *const ways[] = { "exec sleep 1000", "exec >&- 2>&-; exec sleep 1000" };
    for (size_t i = 0; i < 2; i++) {
        use_script(talloc_asprintf(c.mem, "echo $$ >'%s/pid'; %s", dir, ways[i]));
        write_file(in_dir("pid"), "", 0);
        pdf_setup(in_dir("helper"), 1500);
        assert_int_equal(status_of(one_cell("x")), 503);
        FILE *f = fopen(in_dir("pid"), "re");
        int pid = (int)strtol(read_stream(f), NULL, 10);
        fclose(f);
        if (pid > 0) assert_true(kill(pid, 0) < 0 && errno == ESRCH);
    }
}

static void the_helper_inherits_nothing(void **state) {
    (void)state;
    write_file(in_dir("secret"), "x", 1);
    int fd = open(in_dir("secret"), O_RDONLY); /* without O_CLOEXEC: some library's mistake */
    assert_int_equal(setenv("XIAOGUAN_SECRET", "secret", 1), 0);
    use_script(talloc_asprintf(c.mem, "(env; ls -l /proc/$$/fd) >'%s/seen'", dir));
    assert_int_equal(status_of(one_cell("x")), 500);
    close(fd);
    FILE *f = fopen(in_dir("seen"), "re");
    const char *seen = read_stream(f);
    fclose(f);
    assert_non_null(strstr(seen, "LC_ALL="));
    assert_null(strstr(seen, "secret"));
    assert_null(strstr(seen, "SECRET"));
}

static void the_helper_locks_itself_in_before_it_reads(void **state) {
    (void)state;
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    assert_true(n > 0);
    self[n] = 0;
    strcpy(strrchr(self, '/'), "/xiaoguan-print");
    int in[2];
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(in[0], 0);
        execl(self, "xiaoguan-print", (char *)NULL);
        _exit(99);
    }
    close(in[0]);
    const char *path = talloc_asprintf(c.mem, "/proc/%d/status", (int)pid);
    bool locked = false;
    for (int i = 0; !locked && i < 6000 && waitpid(pid, NULL, WNOHANG) == 0;
         i++) { /* a minute: forever, but not hanging */
        FILE *f = fopen(path, "re");
        const char *s = f ? read_stream(f) : "";
        if (f) fclose(f);
        locked = strstr(s, "NoNewPrivs:\t1") && strstr(s, "Seccomp:\t2");
        usleep(10000);
    }
    close(in[1]);
    waitpid(pid, NULL, 0);
    assert_true(locked);
}

static void a_transaction_is_no_place_for_it(void **state) {
    (void)state;
    c.tx = &dummy_tx;
    assert_int_equal(status_of(one_cell("x")), 500);
}

static void *render_thread(void *arg) {
    Ctx mine = { .mem = talloc_new(NULL) };
    const void *pdf;
    size_t size;
    Error *e = pdf_render(&mine, *(Value *)arg, &pdf, &size);
    intptr_t status = e ? e->status : 0;
    talloc_free(mine.mem);
    return (void *)status;
}

static void render_at_once(int count, int *ret_made, int *ret_busy) {
    pthread_t threads[20];
    Value document = week_document();
    *ret_made = *ret_busy = 0;
    for (int i = 0; i < count; i++) assert_int_equal(pthread_create(&threads[i], NULL, render_thread, &document), 0);
    for (int i = 0; i < count; i++) {
        void *status;
        pthread_join(threads[i], &status);
        *ret_made += (intptr_t)status == 0;
        *ret_busy += (intptr_t)status == 503;
    }
}

static void six_at_once_all_get_theirs_and_a_crowd_is_told_to_wait(void **state) {
    (void)state;
    int made, busy;
    render_at_once(6, &made, &busy);
    assert_int_equal(made, 6);
    render_at_once(20, &made, &busy);
    assert_int_equal(made + busy, 20);
    assert_true(made >= 6);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_weekly_sheet_shows_every_cell_and_its_page),
        TEST(the_watermark_is_seen_but_not_mixed_into_the_text),
        TEST(an_english_sheet_counts_its_pages_in_english),
        TEST(several_tables_come_one_after_the_other),
        TEST(a_table_of_3000_rows_repeats_its_head_and_loses_none),
        TEST(a_cell_longer_than_a_page_goes_on_on_the_next),
        TEST(whatever_the_length_of_a_cell_its_last_letter_is_there),
        TEST(signatures_never_stand_on_a_page_without_a_row),
        TEST(a_table_too_wide_to_read_turns_the_page_unless_told),
        TEST(control_characters_and_turned_text_are_dropped),
        TEST(scripts_without_a_font_do_no_harm),
        TEST(what_is_too_large_is_refused),
        TEST(more_than_500_pages_are_refused),
        TEST(input_that_is_no_document_is_refused_without_a_crash),
        TEST(deep_and_endless_input_is_refused_without_a_crash),
        TEST(a_good_document_cut_anywhere_is_refused_without_a_crash),
        TEST(without_the_helper_the_answer_says_so),
        TEST(a_helper_killed_in_the_middle_is_an_error_of_the_server),
        TEST(what_is_not_a_pdf_is_not_given_on),
        TEST(a_helper_that_hangs_is_ended_at_the_deadline),
        TEST(the_helper_inherits_nothing),
        TEST(the_helper_locks_itself_in_before_it_reads),
        TEST(a_transaction_is_no_place_for_it),
        TEST(six_at_once_all_get_theirs_and_a_crowd_is_told_to_wait),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}

/* text_test.c - tests of text.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

static void *mem;

static int set_up(void **state) {
    (void)state;
    mem = talloc_new(NULL);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    return talloc_free(mem);
}

static void a_new_builder_is_an_empty_string(void **state) {
    (void)state;
    for (size_t max = 0; max < 600; max += 37) {
        Text *t = text_new(mem, max);
        assert_string_equal(t->data, "");
        assert_int_equal(t->len, 0);
        assert_false(t->overflow);
    }
}

static void a_builder_grows_byte_by_byte_to_its_maximum_and_no_further(void **state) {
    (void)state;
    static const size_t maxima[] = { 0, 1, 2, 255, 256, 257, 511, 512, 513, 5000 };
    for (size_t k = 0; k < sizeof maxima / sizeof *maxima; k++) {
        Text *t = text_new(mem, maxima[k]);
        for (size_t i = 0; i < maxima[k]; i++) {
            text_add_char(t, (char)('a' + i % 26));
            assert_int_equal(t->len, i + 1);
            assert_int_equal(t->data[i + 1], 0);
        }
        assert_false(t->overflow);
        text_add_char(t, '!');
        assert_true(t->overflow);
        assert_int_equal(t->len, maxima[k]);
        assert_int_equal(strlen(t->data), maxima[k]);
        for (size_t i = 0; i < maxima[k]; i++) assert_int_equal(t->data[i], 'a' + (int)(i % 26));
    }
}

static void every_length_up_to_the_maximum_can_be_added_at_once(void **state) {
    (void)state;
    char *big = talloc_array(mem, char, 1200);
    memset(big, 'x', 1200);
    for (size_t n = 0; n < 1200; n++) {
        Text *t = text_new(mem, 1000);
        text_add_n(t, big, n);
        assert_int_equal(t->overflow, n > 1000);
        assert_int_equal(t->len, n > 1000 ? 0 : n);
        assert_int_equal(strlen(t->data), t->len);
        talloc_free(t);
    }
}

static void nothing_is_added_after_an_overflow(void **state) {
    (void)state;
    Text *t = text_new(mem, 5);
    text_add(t, "abc");
    text_add(t, "def"); /* does not fit: not even a part of it */
    assert_true(t->overflow);
    text_add(t, "d");
    text_add_char(t, 'd');
    text_add_int(t, 1);
    text_addf(t, "%d", 1);
    text_add_html(t, "<", 1);
    text_add_json(t, "", 0);
    assert_string_equal(t->data, "abc");
}

static void a_builder_keeps_nul_bytes_inside(void **state) {
    (void)state;
    Text *t = text_new(mem, 10);
    text_add_n(t, "a\0b", 3);
    assert_int_equal(t->len, 3);
    assert_memory_equal(t->data, "a\0b", 4);
}

static void text_add_int_prints_like_printf(void **state) {
    (void)state;
    static const int64_t some[] = { INT64_MIN, INT64_MIN + 1, INT64_MAX, -1, 0, 1 };
    char expected[32];
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
        Text *t = text_new(mem, 32);
        text_add_int(t, some[i]);
        snprintf(expected, sizeof expected, "%lld", (long long)some[i]);
        assert_string_equal(t->data, expected);
    }
    for (int64_t power = 1; power <= INT64_MAX / 10; power *= 10)
        for (int64_t n = power - 2; n <= power + 2; n++)
            for (int sign = -1; sign <= 1; sign += 2) {
                Text *t = text_new(mem, 32);
                text_add_int(t, n * sign);
                snprintf(expected, sizeof expected, "%lld", (long long)(n * sign));
                assert_string_equal(t->data, expected);
                talloc_free(t);
            }
}

static void text_addf_grows_when_it_must(void **state) {
    (void)state;
    for (int width = 0; width < 700; width++) {
        Text *t = text_new(mem, 600);
        text_add(t, "<");
        text_addf(t, "%*d", width, 7);
        size_t n = width < 1 ? 2 : (size_t)width + 1;
        assert_int_equal(t->overflow, n > 600);
        assert_int_equal(t->len, n > 600 ? 1 : n);
        assert_int_equal(strlen(t->data), t->len);
        if (n <= 600) assert_int_equal(t->data[n - 1], '7');
        talloc_free(t);
    }
}

/* The plain way, to compare the fast way with. */
static char *slow_html(const char *s, size_t n) {
    char *out = talloc_strdup(mem, "");
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '&')
            out = talloc_strdup_append(out, "&amp;");
        else if (s[i] == '<')
            out = talloc_strdup_append(out, "&lt;");
        else if (s[i] == '>')
            out = talloc_strdup_append(out, "&gt;");
        else if (s[i] == '"')
            out = talloc_strdup_append(out, "&quot;");
        else if (s[i] == '\'')
            out = talloc_strdup_append(out, "&#39;");
        else
            out = talloc_strndup_append(out, s + i, 1);
    }
    return out;
}

static char *slow_json(const char *s, size_t n) {
    char *out = talloc_strdup(mem, "\"");
    for (size_t i = 0; i < n; i++) {
        unsigned char ch = (unsigned char)s[i];
        if (n - i >= 3 && !memcmp(s + i, "\u2028", 3))
            out = talloc_strdup_append(out, "\\u2028"), i += 2;
        else if (n - i >= 3 && !memcmp(s + i, "\u2029", 3))
            out = talloc_strdup_append(out, "\\u2029"), i += 2;
        else if (ch == '"' || ch == '\\')
            out = talloc_asprintf_append(out, "\\%c", ch);
        else if (ch == '\b')
            out = talloc_strdup_append(out, "\\b");
        else if (ch == '\t')
            out = talloc_strdup_append(out, "\\t");
        else if (ch == '\n')
            out = talloc_strdup_append(out, "\\n");
        else if (ch == '\f')
            out = talloc_strdup_append(out, "\\f");
        else if (ch == '\r')
            out = talloc_strdup_append(out, "\\r");
        else if (ch < 32 || ch == '<' || ch == '>' || ch == '&')
            out = talloc_asprintf_append(out, "\\u%04x", ch);
        else
            out = talloc_strndup_append(out, s + i, 1);
    }
    return talloc_strdup_append(out, "\"");
}

static void html_escapes_exactly_five_characters_at_every_place(void **state) {
    (void)state;
    for (int ch = 1; ch < 256; ch++)
        for (size_t n = 1; n < 20; n++)
            for (size_t at = 0; at < n; at++) {
                char s[20];
                memset(s, 'a', sizeof s);
                s[at] = (char)ch;
                Text *t = text_new(mem, 100);
                text_add_html(t, s, n);
                char *expected = slow_html(s, n);
                assert_string_equal(t->data, expected);
                talloc_free(t);
                talloc_free(expected);
            }
    Text *t = text_new(mem, 100);
    text_add_html(t, "<a href=\"x\">Tom & 'Jerry' 张三</a>", strlen("<a href=\"x\">Tom & 'Jerry' 张三</a>"));
    assert_string_equal(t->data, "&lt;a href=&quot;x&quot;&gt;Tom &amp; &#39;Jerry&#39; 张三&lt;/a&gt;");
}

static void json_escapes_every_byte_at_every_place(void **state) {
    (void)state;
    for (int ch = 1; ch < 256; ch++)
        for (size_t n = 1; n < 20; n++)
            for (size_t at = 0; at < n; at++) {
                char s[20];
                memset(s, 'a', sizeof s);
                s[at] = (char)ch;
                Text *t = text_new(mem, 100);
                text_add_json(t, s, n);
                char *expected = slow_json(s, n);
                assert_string_equal(t->data, expected);
                talloc_free(t);
                talloc_free(expected);
            }
}

static void escaping_agrees_with_the_plain_way_on_random_text(void **state) {
    (void)state;
    static const char *const pieces[] = { "a",      "&",      "<",        ">",      "\"",   "'",       "\\",
                                          "张",     "“",      "\xe2\x80", "7",      "\n",   "\t",      "\1",
                                          "\u2028", "\u2029", "\u2027",   "\u202a", "|~^#", "abcdefgh" };
    uint32_t random = 12345;
    for (int round = 0; round < 20000; round++) {
        char s[256] = "";
        for (int k = 0; k < 12; k++) {
            random = random * 1664525 + 1013904223;
            strcat(s, pieces[(random >> 16) % (sizeof pieces / sizeof *pieces)]);
        }
        Text *html = text_new(mem, 4000), *json = text_new(mem, 4000);
        text_add_html(html, s, strlen(s));
        text_add_json(json, s, strlen(s));
        char *slow_h = slow_html(s, strlen(s)), *slow_j = slow_json(s, strlen(s));
        assert_string_equal(html->data, slow_h);
        assert_string_equal(json->data, slow_j);
        talloc_free(html), talloc_free(json), talloc_free(slow_h), talloc_free(slow_j);
    }
}

static void json_of_control_characters_and_line_separators_is_inert(void **state) {
    (void)state;
    Text *t = text_new(mem, 100);
    text_add_json(t, "</script>\0\x1f\u2028\u2029é", 19);
    assert_string_equal(t->data, "\"\\u003c/script\\u003e\\u0000\\u001f\\u2028\\u2029é\"");
}

static bool decodes(uint32_t point, size_t size) {
    char s[4];
    if (size == 1) s[0] = (char)point;
    if (size == 2) s[0] = (char)(0xc0 | point >> 6);
    if (size == 3) s[0] = (char)(0xe0 | point >> 12);
    if (size == 4) s[0] = (char)(0xf0 | point >> 18);
    for (size_t i = 1; i < size; i++) s[i] = (char)(0x80 | (point >> (6 * (size - 1 - i)) & 0x3f));
    for (size_t cut = 1; cut < size; cut++) assert_false(text_is_utf8(s, cut));
    return text_is_utf8(s, size);
}

static void every_code_point_is_valid_in_its_shortest_form_only(void **state) {
    (void)state;
    for (uint32_t p = 0; p < 0x80; p++) assert_int_equal(decodes(p, 1), p != 0);
    for (uint32_t p = 0; p < 0x800; p++) assert_int_equal(decodes(p, 2), p >= 0x80);
    for (uint32_t p = 0; p < 0x10000; p++) assert_int_equal(decodes(p, 3), p >= 0x800 && (p < 0xd800 || p > 0xdfff));
    for (uint32_t p = 0; p < 0x200000; p++) assert_int_equal(decodes(p, 4), p >= 0x10000 && p <= 0x10ffff);
}

static void every_pair_of_bytes_is_judged_rightly(void **state) {
    (void)state;
    for (int a = 0; a < 256; a++)
        for (int b = 0; b < 256; b++) {
            char s[2] = { (char)a, (char)b };
            bool good = (a > 0 && a < 128 && b > 0 && b < 128) || (a >= 0xc2 && a < 0xe0 && b >= 0x80 && b < 0xc0);
            assert_int_equal(text_is_utf8(s, 2), good);
        }
}

static void a_bad_byte_is_found_wherever_it_stands(void **state) {
    (void)state;
    for (size_t n = 1; n < 40; n++)
        for (size_t at = 0; at < n; at++) {
            char s[40];
            memset(s, 'a', sizeof s);
            assert_true(text_is_utf8(s, n));
            s[at] = '\xff';
            assert_false(text_is_utf8(s, n));
            s[at] = 0;
            assert_false(text_is_utf8(s, n));
        }
    assert_true(text_is_utf8("", 0));
}

static void length_counts_code_points(void **state) {
    (void)state;
    assert_int_equal(text_length(""), 0);
    assert_int_equal(text_length("abc"), 3);
    assert_int_equal(text_length("张三é"), 3);
    assert_int_equal(text_length("\U0001F600!"), 2);
}

static void clean_trims_all_kinds_of_white_space(void **state) {
    (void)state;
    assert_string_equal(text_clean(mem, ""), "");
    assert_string_equal(text_clean(mem, " \t\r\n\v\f"), "");
    assert_string_equal(text_clean(mem, "\ufeff\u3000\u00a0 张 三\u3000\u00a0\n\ufeff"), "张 三");
    assert_string_equal(text_clean(mem, "a\u3000b"), "a\u3000b");
    assert_string_equal(text_clean(mem, "a\u2003"), "a\u2003");
    assert_string_equal(text_clean(mem, "。"), "。");
}

static void clean_drops_control_characters_but_keeps_tab_and_newline(void **state) {
    (void)state;
    assert_string_equal(text_clean(mem, "a\r\nb\tc\nd"), "a\nb\tc\nd");
    assert_string_equal(text_clean(mem, "a\rb"), "ab");
    assert_string_equal(text_clean(mem, "\x01 a\x7f\xc2\x85\xc2\x9f\xc2\x80z \x02"), "az");
    assert_string_equal(text_clean(mem, "a\u00a0é"), "a\u00a0é");
    for (int ch = 1; ch < 32; ch++) {
        char s[] = { 'a', (char)ch, 'b', 0 };
        assert_string_equal(text_clean(mem, s), ch == '\t' || ch == '\n' ? s : "ab");
    }
}

static void fold_lowers_ascii_and_narrows_full_width(void **state) {
    (void)state;
    assert_string_equal(text_fold(mem, "ABCxyzÉ张"), "abcxyzÉ张");
    assert_string_equal(text_fold(mem, "ＡｂＺ０９！～\u3000。"), "abz09!~ 。");
    assert_string_equal(text_fold(mem, "\uff00\uff5f\uff61"), "\uff00\uff5f\uff61");
    for (uint32_t point = 0xff01; point <= 0xff5e; point++) {
        char wide[4] = { (char)0xef, (char)(0x80 | (point >> 6 & 0x3f)), (char)(0x80 | (point & 0x3f)), 0 };
        int narrow = (int)(point - 0xff01 + 0x21);
        char expected[2] = { (char)(narrow >= 'A' && narrow <= 'Z' ? narrow + 32 : narrow), 0 };
        assert_string_equal(text_fold(mem, wide), expected);
    }
}

static void cut_counts_code_points_and_copies_only_when_it_cuts(void **state) {
    (void)state;
    const char *s = "张三abc";
    assert_ptr_equal(text_cut(mem, s, 5), s);
    assert_ptr_equal(text_cut(mem, s, 99), s);
    assert_string_equal(text_cut(mem, s, 4), "张三ab");
    assert_string_equal(text_cut(mem, s, 2), "张三");
    assert_string_equal(text_cut(mem, s, 1), "张");
    assert_string_equal(text_cut(mem, s, 0), "");
    assert_string_equal(text_cut(mem, "", 0), "");
}

static void prefixes_and_equality(void **state) {
    (void)state;
    assert_true(text_starts("abc", ""));
    assert_true(text_starts("abc", "abc"));
    assert_false(text_starts("abc", "abcd"));
    assert_false(text_starts("abc", "b"));
    assert_true(text_equal("a", "a"));
    assert_false(text_equal("a", "b"));
    assert_false(text_equal(NULL, ""));
    assert_false(text_equal("", NULL));
    assert_true(text_equal(NULL, NULL));
}

static void hex_is_lower_case(void **state) {
    (void)state;
    static const uint8_t bytes[] = { 0x00, 0x0f, 0xa5, 0xff };
    assert_string_equal(text_hex(mem, bytes, 4), "000fa5ff");
    assert_string_equal(text_hex(mem, bytes, 0), "");
}

static void base64url_goes_there_and_back(void **state) {
    (void)state;
    assert_string_equal(text_base64url(mem, (const uint8_t *)"foobar", 6), "Zm9vYmFy");
    assert_string_equal(text_base64url(mem, (const uint8_t *)"fooba", 5), "Zm9vYmE");
    assert_string_equal(text_base64url(mem, (const uint8_t *)"foob", 4), "Zm9vYg");
    assert_string_equal(text_base64url(mem, (const uint8_t *)"\xfb\xff\xbf", 3), "-_-_");
    uint8_t bytes[300];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 167 + 13);
    for (size_t n = 0; n <= sizeof bytes; n++) {
        size_t len = 999;
        char *s = text_base64url(mem, bytes, n);
        assert_int_equal(strlen(s), (n * 8 + 5) / 6);
        uint8_t *back = text_base64url_decode(mem, s, &len);
        assert_non_null(back);
        assert_int_equal(len, n);
        assert_memory_equal(back, bytes, n);
    }
}

static void base64url_refuses_what_it_would_not_write(void **state) {
    (void)state;
    static const char *const bad[] = { "A",  "AAAAA", "AA==", "AA+A", "AA/A",   "AA A", "AAA\n",
                                       "张", "AAA=",  "AB",   "AAB",  "Zm9vYh", "A*" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        size_t len = 7;
        assert_null(text_base64url_decode(mem, bad[i], &len));
        assert_int_equal(len, 7);
    }
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    static const struct CMUnitTest tests[] = {
        T(a_new_builder_is_an_empty_string),
        T(a_builder_grows_byte_by_byte_to_its_maximum_and_no_further),
        T(every_length_up_to_the_maximum_can_be_added_at_once),
        T(nothing_is_added_after_an_overflow),
        T(a_builder_keeps_nul_bytes_inside),
        T(text_add_int_prints_like_printf),
        T(text_addf_grows_when_it_must),
        T(html_escapes_exactly_five_characters_at_every_place),
        T(json_escapes_every_byte_at_every_place),
        T(escaping_agrees_with_the_plain_way_on_random_text),
        T(json_of_control_characters_and_line_separators_is_inert),
        T(every_code_point_is_valid_in_its_shortest_form_only),
        T(every_pair_of_bytes_is_judged_rightly),
        T(a_bad_byte_is_found_wherever_it_stands),
        T(length_counts_code_points),
        T(clean_trims_all_kinds_of_white_space),
        T(clean_drops_control_characters_but_keeps_tab_and_newline),
        T(fold_lowers_ascii_and_narrows_full_width),
        T(cut_counts_code_points_and_copies_only_when_it_cuts),
        T(prefixes_and_equality),
        T(hex_is_lower_case),
        T(base64url_goes_there_and_back),
        T(base64url_refuses_what_it_would_not_write),
    };
    return cmocka_run_group_tests_name("base/text", tests, NULL, NULL);
}

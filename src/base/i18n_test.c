/* i18n_test.c */
#include "base/i18n.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include <cmocka.h>

static int set_up(void **state) {
    *state = talloc_new(NULL);
    return 0;
}

static int tear_down(void **state) {
    talloc_free(*state);
    return 0;
}

typedef struct Pair {
    const char *id, *text;
    size_t id_len, text_len; /* 0: strlen */
} Pair;

typedef struct Mo {
    uint8_t *data;
    size_t size;
} Mo;

static void put_u32(uint8_t *at, uint32_t n, bool big) {
    for (int i = 0; i < 4; i++) at[i] = (uint8_t)(n >> (big ? 24 - 8 * i : 8 * i));
}

/* The image that msgfmt would write, in either byte order. */
static Mo mo_make(void *mem, const Pair *pairs, uint32_t count, bool big) {
    size_t size = 28 + count * 16;
    for (uint32_t i = 0; i < count; i++)
        size += strlen(pairs[i].id) + pairs[i].text_len + pairs[i].id_len + strlen(pairs[i].text) + 2;
    Mo mo = { talloc_zero_size(mem, size), 0 };
    const uint32_t header[] = { 0x950412de, 0, count, 28, 28 + count * 8, 0, 28 + count * 16 };
    for (size_t i = 0; i < 7; i++) put_u32(mo.data + i * 4, header[i], big);
    uint32_t at = 28 + count * 16;
    for (uint32_t i = 0; i < count * 2; i++) {
        const Pair *pair = &pairs[i % count];
        const char *s = i < count ? pair->id : pair->text;
        size_t given = i < count ? pair->id_len : pair->text_len, len = given ? given : strlen(s);
        put_u32(mo.data + 28 + i * 8, (uint32_t)len, big);
        put_u32(mo.data + 28 + i * 8 + 4, at, big);
        memcpy(mo.data + at, s, len);
        at += (uint32_t)len + 1;
    }
    mo.size = at;
    return mo;
}

static const Pair pairs[] = {
    { .id = "", .text = "Content-Type: text/plain; charset=UTF-8\n" },
    { .id = "Daily report", .text = "日报" },
    { .id = "Hello {1}, {2}", .text = "{2}：{1}您好" },
    { .id = "Nothing yet", .text = "" },
    { .id = "one day\0{1} days", .id_len = 16, .text = "{1} 天\0{1} 天", .text_len = 13 },
};
enum { PAIRS = sizeof pairs / sizeof *pairs };

static Lang *chinese(void *mem) {
    Mo mo = mo_make(mem, pairs, PAIRS, false);
    Lang *lang = lang_load(mem, "zh_CN", mo.data, mo.size);
    assert_non_null(lang);
    return lang;
}

static void a_message_is_translated_or_stays_as_it_is(void **state) {
    const Lang *lang = chinese(*state);
    assert_string_equal(tr(lang, "Daily report"), "日报");
    assert_string_equal(tr(lang, "one day"), "{1} 天");
    const char *unknown = "Weekly report", *untranslated = "Nothing yet", *empty = "";
    assert_ptr_equal(tr(lang, unknown), unknown);
    assert_ptr_equal(tr(lang, untranslated), untranslated);
    assert_ptr_equal(tr(lang, empty), empty); /* not the file's header */
    assert_ptr_equal(tr(NULL, unknown), unknown);
}

static void both_byte_orders_are_read(void **state) {
    Mo mo = mo_make(*state, pairs, PAIRS, true);
    const Lang *lang = lang_load(*state, "zh_CN", mo.data, mo.size);
    assert_non_null(lang);
    assert_string_equal(tr(lang, "Daily report"), "日报");
}

static void the_code_and_the_tag_of_a_language(void **state) {
    const Lang *lang = chinese(*state);
    assert_string_equal(lang_code(lang), "zh_CN");
    assert_string_equal(lang_tag(lang), "zh-CN");
}

static void a_catalogue_without_messages_is_a_catalogue(void **state) {
    Mo mo = mo_make(*state, pairs, 0, false);
    const Lang *lang = lang_load(*state, "en", mo.data, mo.size);
    assert_non_null(lang);
    assert_string_equal(tr(lang, "a"), "a");
    assert_string_equal(lang_tag(lang), "en");
}

static void three_thousand_messages_are_all_found(void **state) {
    enum { MANY = 3000 };
    Pair *many = talloc_zero_array(*state, Pair, MANY);
    for (int i = 0; i < MANY; i++) {
        many[i].id = talloc_asprintf(many, "message %04d", i);
        many[i].text = talloc_asprintf(many, "消息 %d", i);
    }
    Mo mo = mo_make(*state, many, MANY, false);
    const Lang *lang = lang_load(*state, "zh_CN", mo.data, mo.size);
    assert_non_null(lang);
    for (int i = 0; i < MANY; i++) assert_string_equal(tr(lang, many[i].id), many[i].text);
    assert_string_equal(tr(lang, "message 3000"), "message 3000");
}

static void every_cut_image_is_refused(void **state) {
    Mo mo = mo_make(*state, pairs, PAIRS, false);
    for (size_t n = 0; n < mo.size; n++) {
        char *exact = talloc_memdup(*state, mo.data, n ? n : 1);
        assert_null(lang_load(*state, "zh_CN", exact, n));
        talloc_free(exact);
    }
}

/* Any four bytes may hold any of these: no read outside, and whatever loads can be searched. */
static void a_damaged_image_is_refused_or_harmless(void **state) {
    static const uint32_t values[] = { 0, 1, 28, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff };
    Mo mo = mo_make(*state, pairs, PAIRS, false);
    for (size_t at = 0; at + 4 <= mo.size; at++) {
        for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
            uint8_t *bad = talloc_memdup(*state, mo.data, mo.size);
            put_u32(bad + at, values[i], false);
            const Lang *lang = lang_load(bad, "zh_CN", bad, mo.size);
            if (lang) assert_non_null(tr(lang, "Daily report"));
            talloc_free(bad);
        }
    }
    const Pair latin[] = { { .id = "a", .text = "\xe9t\xe9" } };
    mo = mo_make(*state, latin, 1, false);
    assert_null(lang_load(*state, "fr", mo.data, mo.size));
}

static void placeholders_are_filled_after_translation(void **state) {
    const Lang *lang = chinese(*state);
    Msg msg = { .id = "Hello {1}, {2}", .args = { "王芳", "{1}" } };
    assert_string_equal(msg_text(*state, NULL, &msg), "Hello 王芳, {1}");
    assert_string_equal(msg_text(*state, lang, &msg), "{1}：王芳您好");
    msg = (Msg){ .id = "{3}{1}{2}{4}{1", .args = { "a", "", "ccc" } };
    assert_string_equal(msg_text(*state, lang, &msg), "ccca{4}{1");
}

static void a_message_without_arguments_is_not_copied(void **state) {
    Msg msg = { .id = "Use {1}" };
    assert_ptr_equal(msg_text(*state, chinese(*state), &msg), msg.id);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_message_is_translated_or_stays_as_it_is), TEST(both_byte_orders_are_read),
        TEST(the_code_and_the_tag_of_a_language),        TEST(a_catalogue_without_messages_is_a_catalogue),
        TEST(three_thousand_messages_are_all_found),     TEST(every_cut_image_is_refused),
        TEST(a_damaged_image_is_refused_or_harmless),    TEST(placeholders_are_filled_after_translation),
        TEST(a_message_without_arguments_is_not_copied),
    };
    return cmocka_run_group_tests_name("base/i18n", tests, NULL, NULL);
}

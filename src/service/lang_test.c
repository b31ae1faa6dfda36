/* lang_test.c - which language a tag stands for. */
#include "service/lang.h"
#include "base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <talloc.h>
#include <cmocka.h>

static void tags_and_codes_are_known_by_their_first_part(void **state) {
    (void)state;
    static const char *const cases[][2] = { { "zh", "zh_CN" }, { "zh_CN", "zh_CN" },    { "zh-Hant-TW", "zh_CN" },
                                            { "EN", "en" },    { "en-GB;q=0.8", "en" }, { "fr", NULL },
                                            { "", NULL },      { "english", NULL },     { "z", NULL } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (!text_equal(lang_known(cases[i][0]), cases[i][1])) fail_msg("%s", cases[i][0]);
}

static void the_first_language_we_speak_is_taken(void **state) {
    (void)state;
    static const char *const cases[][2] = { { "en", "en" },
                                            { "fr,en;q=0.8, zh", "en" },
                                            { "zh-CN,zh;q=0.9,en;q=0.8", "zh_CN" },
                                            { "fr, de", NULL },
                                            { "", NULL },
                                            { ",,, en", "en" },
                                            { "*", NULL },
                                            { "xen,en", "en" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (!text_equal(lang_accepted(cases[i][0]), cases[i][1])) fail_msg("%s", cases[i][0]);
    assert_null(lang_accepted(NULL));
}

static void every_code_gives_a_catalogue(void **state) {
    (void)state;
    Ctx c = { .mem = talloc_new(NULL) };
    assert_null(lang_setup(&c));
    assert_null(lang_setup(&c));
    assert_string_equal(lang_code(lang_get("en")), "en");
    assert_string_equal(lang_code(lang_get("zh_CN")), "zh_CN");
    assert_string_equal(lang_code(lang_get("tlh")), "zh_CN");
    assert_string_equal(lang_code(lang_get(NULL)), "zh_CN");
    assert_string_equal(tr(lang_get("en"), "no such message"), "no such message");
    talloc_free(c.mem);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_and_codes_are_known_by_their_first_part),
        cmocka_unit_test(the_first_language_we_speak_is_taken),
        cmocka_unit_test(every_code_gives_a_catalogue),
    };
    return cmocka_run_group_tests_name("service/lang", tests, NULL, NULL);
}

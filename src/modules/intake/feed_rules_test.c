/* feed_rules_test.c - the lines that say what a feed counts. */
#include "modules/intake/feed_rules.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <talloc.h>

static const char *round_trip(void *mem, const char *text) {
    FeedRules rules;
    const char *line;
    if (!feed_rules_parse(mem, text, &rules, &line)) return line;
    return feed_rules_text(mem, &rules);
}

static void rules_are_read_and_written_as_they_were(void **state) {
    static const char *const texts[] = {
        "amount = sum close_value where deal_stage = Won",
        "visits = count",
        "deals_closed = count where deal_stage in Won, Lost",
        "visits = count where \u72B6\u6001 <> \u4F5C\u5E9F",
        "amount = sum \"\u91D1\u989D (\u5143)\" where \"deal stage\" = \"Closed Won\"",
        "amount = sum \"sum\" where \"in\" in \"a,b\", \"say \"\"x\"\"\"",
        "amount = sum a\nvisits = count",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) assert_string_equal(round_trip(*state, texts[i]), texts[i]);
    assert_string_equal(round_trip(*state, "\n  visits=count \r\n\n"), "visits = count");
    assert_string_equal(round_trip(*state, "a = count where b in c"), "a = count where b = c");
}

static void a_line_that_is_none_is_named(void **state) {
    static const char *const wrong[] = {"amount", "amount = ", "amount = sum", "amount = avg x", "amount = sum x where", "amount = sum x where y", "amount = sum x where y =",
                                        "amount = sum x where y = a,", "amount = sum x where y = a b", "amount = count x", "amount = sum \"x", "= count", "a < b"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        FeedRules rules;
        const char *line = NULL;
        assert_false(feed_rules_parse(*state, wrong[i], &rules, &line));
        assert_string_equal(line, wrong[i]);
    }
}

static void none_and_too_many_are_refused(void **state) {
    FeedRules rules;
    const char *line = NULL;
    char *many = talloc_strdup(*state, "");
    assert_false(feed_rules_parse(*state, " \n", &rules, &line));
    assert_string_equal(line, "");
    for (int i = 0; i < FEED_RULES; i++) many = talloc_asprintf_append(many, "m%d = count\n", i);
    assert_true(feed_rules_parse(*state, many, &rules, &line));
    assert_int_equal(rules.count, FEED_RULES);
    assert_false(feed_rules_parse(*state, talloc_asprintf(*state, "%sx = count", many), &rules, &line));
}

static void lists_of_words_keep_their_commas(void **state) {
    const char *words[3];
    assert_int_equal(feed_words_parse(*state, "a, \"b, c\"", words, 3), 2);
    assert_string_equal(words[1], "b, c");
    assert_string_equal(feed_words_text(*state, words, 2), "a, \"b, c\"");
    assert_int_equal(feed_words_parse(*state, "", words, 3), 0);
    assert_int_equal(feed_words_parse(*state, "a,", words, 3), -1);
    assert_int_equal(feed_words_parse(*state, "a,b,c,d", words, 3), -1);
}

static int begin(void **state) {
    *state = talloc_new(NULL);
    return 0;
}
static int end(void **state) {
    talloc_free(*state);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rules_are_read_and_written_as_they_were, begin, end),
        cmocka_unit_test_setup_teardown(a_line_that_is_none_is_named, begin, end),
        cmocka_unit_test_setup_teardown(none_and_too_many_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(lists_of_words_keep_their_commas, begin, end),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

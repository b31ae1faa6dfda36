/* board_sheet_rules_test.c */
#include "modules/board/board_sheet_rules.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include <talloc.h>

static const Metric amount = {.code = "amount", .name = "Amount signed", .unit = UNIT_YUAN, .slot = 1}, visits = {.code = "visits", .name = "Visits", .unit = UNIT_TIMES, .slot = 2},
                    rate = {.code = "conversion", .name = "Conversion", .unit = UNIT_PERCENT, .rollup = ROLLUP_RATIO};

static int64_t read_ok(const Metric *m, bool wan, const char *cell) {
    void *mem = talloc_new(NULL);
    int64_t n;
    const char *why = sheet_number_read(mem, m, wan, cell, &n);
    if (why) print_error("%s: %s\n", cell, why);
    assert_null(why);
    talloc_free(mem);
    return n;
}
static const char *read_bad(const Metric *m, bool wan, const char *cell) {
    void *mem = talloc_new(NULL);
    int64_t n;
    const char *why = sheet_number_read(mem, m, wan, cell, &n);
    assert_non_null(why);
    assert_true(n == INT_NONE);
    talloc_free(mem);
    return why;
}

static void amounts_follow_the_unit_of_their_heading(void **state) {
    (void)state;
    assert_int_equal(read_ok(&amount, true, "50"), 50000000);
    assert_int_equal(read_ok(&amount, true, "39.1304"), 39130400);
    assert_int_equal(read_ok(&amount, true, "1,200.50"), INT64_C(1200500000));
    assert_int_equal(read_ok(&amount, false, "500000"), 50000000);
    assert_int_equal(read_ok(&amount, false, "50万"), 50000000);
    assert_int_equal(read_ok(&amount, true, "50万"), 50000000);
    assert_int_equal(read_ok(&amount, true, "５０"), 50000000);
    assert_int_equal(read_ok(&visits, true, "12"), 12);
    assert_int_equal(read_ok(&visits, true, "12次"), 12);
    assert_int_equal(read_ok(&rate, true, "25%"), 2500);
}

static void an_empty_cell_and_a_dash_say_nothing(void **state) {
    (void)state;
    const char *const cells[] = {"", "  ", "—", "-", "/"};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) assert_true(read_ok(&amount, true, cells[i]) == INT_NONE);
}

static void what_is_no_number_is_told_why(void **state) {
    (void)state;
    assert_string_equal(read_bad(&amount, true, "五十"), "Write a number, such as 12,000 or 1.2万");
    assert_string_equal(read_bad(&amount, true, "=1+1"), "Write a number, such as 12,000 or 1.2万");
    assert_string_equal(read_bad(&amount, true, "-5"), "This cannot be negative");
    assert_string_equal(read_bad(&amount, true, "1000000000000000"), "This number is too large");
    assert_string_equal(read_bad(&amount, false, "1000000000000000"), "This number is too large");
    assert_string_equal(read_bad(&amount, false, "99999999999999999999999"), "This number is too large");
    assert_string_equal(read_bad(&visits, true, "1.5"), "Write a whole number");
}

static void a_rounded_cell_means_the_exact_amount_behind_it(void **state) {
    (void)state;
    Ratio exact = ratio_make(45123456, 100); /* 451,234.56 yuan are shown as 45.12 */
    assert_true(sheet_shows(&amount, true, 45120000, exact));
    assert_false(sheet_shows(&amount, true, 45130000, exact));
    assert_false(sheet_shows(&amount, false, 45120000, exact));
    assert_true(sheet_shows(&amount, false, 45123456, exact));
    assert_true(sheet_shows(&visits, true, 7, ratio_make(7, 1)));
    assert_false(sheet_shows(&amount, true, 45120000, RATIO_NONE));
}

static void headings_say_their_unit(void **state) {
    void *mem = *state;
    assert_true(sheet_heading_wan(mem, "月度目标 (万元)", false));
    assert_true(sheet_heading_wan(mem, "目标（万）", false));
    assert_true(sheet_heading_wan(mem, "Target (10,000 yuan)", false));
    assert_false(sheet_heading_wan(mem, "Target (yuan)", true));
    assert_false(sheet_heading_wan(mem, "目标（元）", true));
    assert_true(sheet_heading_wan(mem, "目标", true));
    assert_false(sheet_heading_wan(mem, "目标", false));
    assert_string_equal(sheet_without_unit(mem, "成交金额（万元）"), "成交金额");
    assert_string_equal(sheet_without_unit(mem, "(万元)"), "(万元)");
}

static void a_rate_is_compared_as_precisely_as_it_is_written(void **state) {
    void *mem = *state;
    Ratio r = ratio_make(9643, 10000);
    assert_false(sheet_rate_contradicts(mem, "96.43", r));
    assert_false(sheet_rate_contradicts(mem, "96", r));
    assert_false(sheet_rate_contradicts(mem, "96.4%", r));
    assert_false(sheet_rate_contradicts(mem, "0.96", r));
    assert_true(sheet_rate_contradicts(mem, "95.33", r));
    assert_true(sheet_rate_contradicts(mem, "97", r));
    assert_false(sheet_rate_contradicts(mem, "", r));
    assert_false(sheet_rate_contradicts(mem, "95", RATIO_NONE));
    assert_false(sheet_rate_contradicts(mem, "-5", ratio_make(-5, 100)));
    assert_false(sheet_rate_contradicts(mem, "+15", ratio_make(15, 100)));
    assert_true(sheet_rate_contradicts(mem, "+15", ratio_make(-15, 100)));
}

static void the_line_under_a_sheet_says_what_it_is_about(void **state) {
    void *mem = *state;
    SheetAbout a = {.sheet = "team", .metric = "amount", .scope = {SCOPE_UNIT, 12}, .first = date_make(2026, 11, 1), .last = date_make(2026, 11, 30), .seen = INT64_C(1795674605123000)}, b;
    const char *line = talloc_asprintf(mem, "团队月度业绩看板：华东 [u9] 2020–2021 %s 完", sheet_about_tokens(mem, &a));
    assert_true(sheet_about_read(mem, line, &b));
    assert_string_equal(b.sheet, "team");
    assert_string_equal(b.metric, "amount");
    assert_int_equal(b.scope.kind, SCOPE_UNIT);
    assert_int_equal(b.scope.id, 12);
    assert_int_equal(b.first, a.first);
    assert_int_equal(b.last, a.last);
    assert_true(b.seen == a.seen);
    assert_false(b.original);
    a.scope = (MetricScope){SCOPE_PERSON, 5}, a.original = true;
    assert_true(sheet_about_read(mem, sheet_about_tokens(mem, &a), &b));
    assert_int_equal(b.scope.kind, SCOPE_PERSON);
    assert_true(b.original);
}

static void what_is_no_such_line_is_not_taken_for_one(void **state) {
    void *mem = *state;
    SheetAbout a;
    const char *const cells[] = {"", "[team]", "合计", "[team] [u3] [m:amount] [@1795674605123]", "[team] 2026-11-01–2026-11-31 [u3] [m:amount] [@1795674605123]",
                                 "[team] 2026-11-01–2026-11-30 [u] [m:amount] [@1795674605123]", "[team] 2026-11-01–2026-11-30 [u3] [m:amount] [@99999999999999999]",
                                 "[team] 2026-11-01–2026-11-30 [u3] [m:amount [@1795674605123", "[x] 2026-11-01–2026-11-30 [u3] [m:amount] [@1795674605123]", "–", "[[[[@@@@]]]]"};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) assert_false(sheet_about_read(mem, cells[i], &a));
}

static void a_hint_of_ours_is_known_again(void **state) {
    (void)state;
    assert_true(sheet_is_hint("客户拜访（领先 12%）", "{1}（领先 {2}%）", "客户拜访"));
    assert_false(sheet_is_hint("客户拜访太少", "{1}（领先 {2}%）", "客户拜访"));
    assert_false(sheet_is_hint("客户拜访（领先 12%），要改", "{1}（领先 {2}%）", "客户拜访"));
    assert_false(sheet_is_hint("客户", "{1}（领先 {2}%）", "客户拜访"));
}

static int new_arena(void **state) {
    *state = talloc_new(NULL);
    return 0;
}
static int free_arena(void **state) {
    talloc_free(*state);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_follow_the_unit_of_their_heading),
        cmocka_unit_test(an_empty_cell_and_a_dash_say_nothing),
        cmocka_unit_test(what_is_no_number_is_told_why),
        cmocka_unit_test(a_rounded_cell_means_the_exact_amount_behind_it),
        cmocka_unit_test_setup_teardown(headings_say_their_unit, new_arena, free_arena),
        cmocka_unit_test_setup_teardown(a_rate_is_compared_as_precisely_as_it_is_written, new_arena, free_arena),
        cmocka_unit_test_setup_teardown(the_line_under_a_sheet_says_what_it_is_about, new_arena, free_arena),
        cmocka_unit_test_setup_teardown(what_is_no_such_line_is_not_taken_for_one, new_arena, free_arena),
        cmocka_unit_test(a_hint_of_ours_is_known_again),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

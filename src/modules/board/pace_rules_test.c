/* pace_rules_test.c - pace, growth and quartiles, with the vectors of product.md 2.3 and 2.4. */
#include "modules/board/pace_rules.h"
#include "base/money.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const WorkCalendar plain = {0};

static int64_t percent(Ratio r) {
    int64_t n = INT64_MIN;
    (void)ratio_scaled(r, 10000, &n);
    return n;
}
static Ratio yuan(int64_t n) {
    return ratio_make(n, 1);
}

static void weekly_vectors_of_table_four(void **state) {
    (void)state;
    assert_int_equal(percent(ratio_div(yuan(85000), yuan(80000))), 10625);
    assert_int_equal(percent(ratio_div(yuan(48000), yuan(60000))), 8000);
    assert_int_equal(percent(ratio_div(yuan(133000), yuan(140000))), 9500);
    assert_int_equal(percent(growth_of(yuan(85000), yuan(75556))), 1250);
    assert_int_equal(percent(growth_of(yuan(48000), yuan(50526))), -500);
    assert_int_equal(percent(growth_of(yuan(133000), yuan(75556 + 50526))), 549);
}

static void the_board_is_the_ratio_of_sums_and_not_the_mean_of_rates(void **state) {
    (void)state;
    assert_int_equal(percent(ratio_div(yuan(45 + 58 + 32), yuan(50 + 50 + 40))), 9643);
    assert_int_equal((9000 + 11600 + 8000) / 3, 9533); /* what it is not */
    /* last year implied by +15 %, +22 %, -5 % */
    Ratio last = ratio_add(ratio_add(ratio_div(yuan(45), ratio_make(115, 100)), ratio_div(yuan(58), ratio_make(122, 100))), ratio_div(yuan(32), ratio_make(95, 100)));
    assert_int_equal(percent(growth_of(yuan(135), last)), 1217);
}

static void growth_on_nothing_is_no_number(void **state) {
    (void)state;
    assert_int_equal(ratio_why(growth_of(yuan(5), yuan(0))), RATIO_BY_ZERO);
    assert_int_equal(ratio_why(growth_of(yuan(5), RATIO_NONE)), RATIO_MISSING);
    assert_int_equal(percent(growth_of(yuan(5), yuan(-10))), 15000); /* |base| */
}

static void pace_compares_attainment_with_the_share_of_working_days(void **state) {
    (void)state;
    Date first = date_make(2026, 11, 2), last = date_make(2026, 11, 13); /* ten working days */
    Elapsed e = pace_elapsed(&plain, first, last, date_make(2026, 11, 6));
    assert_int_equal(e.done, 5);
    assert_int_equal(e.all, 10);
    assert_int_equal(e.left, 6); /* today is still to be worked */
    Pace p = pace_of(yuan(40), yuan(100), false, true, e, 10);
    assert_int_equal(percent(p.attainment), 4000);
    assert_int_equal(percent(p.elapsed), 5000);
    assert_int_equal(percent(p.ahead), -1000);
    assert_int_equal(p.status, PACE_RISK); /* exactly ten points behind is still a warning */
    assert_int_equal(percent(p.gap), 600000);
    assert_int_equal(percent(p.per_day), 100000);
    assert_int_equal(pace_of(yuan(39), yuan(100), false, true, e, 10).status, PACE_BEHIND);
    assert_int_equal(pace_of(yuan(50), yuan(100), false, true, e, 10).status, PACE_OK);
    assert_int_equal(pace_of(yuan(50), RATIO_NONE, false, true, e, 10).status, PACE_NONE);
}

static void a_reached_target_has_no_gap_and_is_not_capped(void **state) {
    (void)state;
    Elapsed e = {10, 10, 0};
    Pace p = pace_of(yuan(110), yuan(100), false, true, e, 10);
    assert_int_equal(percent(p.attainment), 11000);
    assert_int_equal(percent(p.gap), 0);
    assert_int_equal(ratio_why(p.per_day), RATIO_MISSING); /* the period is over */
}

static void less_is_better_turns_the_ratio_round(void **state) {
    (void)state;
    Pace p = pace_of(yuan(50), yuan(45), true, false, (Elapsed){1, 10, 10}, 10);
    assert_int_equal(percent(p.attainment), 9000);
    assert_int_equal(p.status, PACE_RISK); /* not measured against time */
    assert_int_equal(ratio_why(p.gap), RATIO_MISSING);
}

static void a_part_of_a_period_is_compared_with_the_same_part(void **state) {
    (void)state;
    Date to;
    pace_same_part(date_make(2026, 3, 1), date_make(2026, 3, 31), date_make(2026, 3, 30), date_make(2026, 2, 1), date_make(2026, 2, 28), &to);
    assert_int_equal(to, date_make(2026, 2, 28));
    pace_same_part(date_make(2026, 2, 1), date_make(2026, 2, 28), date_make(2026, 2, 28), date_make(2026, 1, 1), date_make(2026, 1, 31), &to);
    assert_int_equal(to, date_make(2026, 1, 31)); /* a whole month against a whole month */
    pace_same_part(date_make(2026, 2, 1), date_make(2026, 2, 28), date_make(2026, 2, 10), date_make(2026, 1, 1), date_make(2026, 1, 31), &to);
    assert_int_equal(to, date_make(2026, 1, 10));
}

static void quartiles_lie_between_neighbours(void **state) {
    (void)state;
    Ratio four[] = {yuan(1), yuan(2), yuan(3), yuan(4)};
    assert_int_equal(percent(quartile_of(four, 4, 1)), 17500);
    assert_int_equal(percent(quartile_of(four, 4, 2)), 25000);
    assert_int_equal(percent(quartile_of(four, 4, 3)), 32500);
    assert_int_equal(percent(quartile_of(four, 1, 3)), 10000);
    assert_int_equal(ratio_why(quartile_of(four, 0, 2)), RATIO_MISSING);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weekly_vectors_of_table_four),
        cmocka_unit_test(the_board_is_the_ratio_of_sums_and_not_the_mean_of_rates),
        cmocka_unit_test(growth_on_nothing_is_no_number),
        cmocka_unit_test(pace_compares_attainment_with_the_share_of_working_days),
        cmocka_unit_test(a_reached_target_has_no_gap_and_is_not_capped),
        cmocka_unit_test(less_is_better_turns_the_ratio_round),
        cmocka_unit_test(a_part_of_a_period_is_compared_with_the_same_part),
        cmocka_unit_test(quartiles_lie_between_neighbours),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tracking_rules_test.c - under 80 % for two weeks means daily, two weeks at 90 % or more mean weekly again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "modules/target/tracking_rules.h"

static const TrackingRule rule = { .under = 80, .under_periods = 2, .good = 90, .good_periods = 2 };

static TrackingVerdict of(int64_t percent) {
    int worst;
    Ratio r = ratio_make(percent, 100);
    return tracking_judge(&rule, &r, 1, &worst);
}

/* Levels after each period, as text: n normal, d daily. -1 is unknown. */
static void walk(const int64_t *percents, const char *expected) {
    TrackingState s = { 0 };
    for (int i = 0; expected[i]; i++) {
        bool was = s.daily, changed = tracking_step(&rule, &s, percents[i] < 0 ? TRACKING_UNKNOWN : of(percents[i]));
        assert_int_equal(s.daily, expected[i] == 'd');
        assert_int_equal(changed, was != s.daily);
    }
}

static void the_lines_belong_to_the_better_side(void **state) {
    (void)state;
    assert_int_equal(of(79), TRACKING_BEHIND);
    assert_int_equal(of(80), TRACKING_BETWEEN);
    assert_int_equal(of(89), TRACKING_BETWEEN);
    assert_int_equal(of(90), TRACKING_GOOD);
}

static void the_worst_metric_decides_and_those_without_target_are_left_out(void **state) {
    (void)state;
    int worst;
    Ratio some[] = { ratio_make(95, 100), RATIO_NONE, ratio_make(70, 100) }, good[] = { RATIO_NONE, ratio_make(95, 100) }, none[] = { RATIO_NONE, RATIO_NONE };
    assert_int_equal(tracking_judge(&rule, some, 3, &worst), TRACKING_BEHIND);
    assert_int_equal(worst, 2);
    assert_int_equal(tracking_judge(&rule, good, 2, &worst), TRACKING_GOOD);
    assert_int_equal(worst, 1);
    assert_int_equal(tracking_judge(&rule, none, 2, &worst), TRACKING_UNKNOWN);
    assert_int_equal(worst, -1);
}

static void one_bad_week_is_not_yet_daily_two_in_a_row_are(void **state) {
    (void)state;
    walk((const int64_t[]){ 79, 85, 79, 79 }, "nnnd");
}

static void daily_ends_after_as_many_good_weeks_in_a_row_as_the_plan_says(void **state) {
    (void)state;
    walk((const int64_t[]){ 50, 50, 95, 85, 95, 90 }, "nddddn");
    walk((const int64_t[]){ 50, 50, 95, 95, 79, 79 }, "nddnnd");
}

static void a_week_without_target_neither_counts_nor_breaks_a_row(void **state) {
    (void)state;
    walk((const int64_t[]){ -1, 50, -1, 50, 95, -1, 95 }, "nnndddn");
}

static void while_daily_more_bad_weeks_change_nothing(void **state) {
    (void)state;
    walk((const int64_t[]){ 10, 10, 10, 10, 10 }, "ndddd");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lines_belong_to_the_better_side),
        cmocka_unit_test(the_worst_metric_decides_and_those_without_target_are_left_out),
        cmocka_unit_test(one_bad_week_is_not_yet_daily_two_in_a_row_are),
        cmocka_unit_test(daily_ends_after_as_many_good_weeks_in_a_row_as_the_plan_says),
        cmocka_unit_test(a_week_without_target_neither_counts_nor_breaks_a_row),
        cmocka_unit_test(while_daily_more_bad_weeks_change_nothing),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

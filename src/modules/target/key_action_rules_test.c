/* key_action_rules_test.c - vector U6 of the product's design, windows and leave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "modules/target/key_action_rules.h"

static const DayException national_day_2026[] = {
    { 20727, DAY_REST }, { 20728, DAY_REST }, { 20731, DAY_REST }, { 20732, DAY_REST }, { 20733, DAY_REST }, /* 1, 2, 5, 6, 7 October */
    { 20736, DAY_WORK },                                                                                     /* Saturday 10 October */
};
static const WorkCalendar calendar = { national_day_2026, sizeof national_day_2026 / sizeof *national_day_2026 };

static KeyActionRule rule(KeyActionCompare compare, int64_t needed, KeyActionWindow window) {
    return (KeyActionRule){ .compare = compare, .needed = needed, .window = window, .first_day = date_make(2024, 1, 1), .last_day = DATE_NONE };
}
static KeyActionState after(KeyActionRule r, int64_t actual) {
    int64_t missing;
    return key_action_judge(&r, actual, 5, true, &missing);
}
static KeyActionState during(KeyActionRule r, int64_t actual, int64_t *missing) {
    return key_action_judge(&r, actual, 5, false, missing);
}

static void U6_three_key_customers_a_week_two_are_missed_three_are_met(void **state) {
    (void)state;
    KeyActionRule r = rule(KEY_ACTION_AT_LEAST, 3, KEY_ACTION_WEEK);
    assert_int_equal(after(r, 2), KEY_ACTION_MISSED);
    assert_int_equal(after(r, 3), KEY_ACTION_MET);
}

static void U6_ten_leads_a_month_nine_are_missed_ten_are_met(void **state) {
    (void)state;
    KeyActionRule r = rule(KEY_ACTION_AT_LEAST, 10, KEY_ACTION_MONTH);
    assert_int_equal(after(r, 9), KEY_ACTION_MISSED);
    assert_int_equal(after(r, 10), KEY_ACTION_MET);
}

static void U6_an_invoice_reminder_within_7_days_of_signing_on_1_July_is_due_by_8_July(void **state) {
    (void)state;
    Date signed_on = date_make(2024, 7, 1), due = date_make(2024, 7, 8);
    assert_int_equal(key_action_due(signed_on, 7), due);
    assert_int_equal(key_action_judge_elapsed(signed_on, 7, due, due + 30), KEY_ACTION_MET);
    assert_int_equal(key_action_judge_elapsed(signed_on, 7, due + 1, due + 30), KEY_ACTION_MISSED);
    assert_int_equal(key_action_judge_elapsed(signed_on, 7, DATE_NONE, due), KEY_ACTION_RUNNING);
    assert_int_equal(key_action_judge_elapsed(signed_on, 7, DATE_NONE, due + 1), KEY_ACTION_MISSED);
}

static void before_its_end_a_window_says_what_is_missing_and_what_is_settled(void **state) {
    (void)state;
    int64_t missing;
    assert_int_equal(during(rule(KEY_ACTION_AT_LEAST, 3, KEY_ACTION_WEEK), 1, &missing), KEY_ACTION_RUNNING);
    assert_int_equal(missing, 2);
    assert_int_equal(during(rule(KEY_ACTION_AT_LEAST, 3, KEY_ACTION_WEEK), 4, &missing), KEY_ACTION_MET);
    assert_int_equal(missing, 0);
    assert_int_equal(during(rule(KEY_ACTION_AT_MOST, 3, KEY_ACTION_WEEK), 3, &missing), KEY_ACTION_RUNNING);
    assert_int_equal(during(rule(KEY_ACTION_AT_MOST, 3, KEY_ACTION_WEEK), 4, &missing), KEY_ACTION_MISSED);
    assert_int_equal(after(rule(KEY_ACTION_AT_MOST, 3, KEY_ACTION_WEEK), 3), KEY_ACTION_MET);
    assert_int_equal(during(rule(KEY_ACTION_EXACTLY, 3, KEY_ACTION_WEEK), 3, &missing), KEY_ACTION_RUNNING);
    assert_int_equal(during(rule(KEY_ACTION_EXACTLY, 3, KEY_ACTION_WEEK), 4, &missing), KEY_ACTION_MISSED);
    assert_int_equal(after(rule(KEY_ACTION_EXACTLY, 3, KEY_ACTION_WEEK), 3), KEY_ACTION_MET);
    assert_int_equal(after(rule(KEY_ACTION_EXACTLY, 3, KEY_ACTION_WEEK), 2), KEY_ACTION_MISSED);
}

static void a_window_spent_on_leave_does_not_count_one_day_at_work_does(void **state) {
    (void)state;
    DaySpan week = { date_make(2026, 11, 23), date_make(2026, 11, 29) };
    DaySpan all = { date_make(2026, 11, 20), date_make(2026, 11, 27) }, most = { date_make(2026, 11, 23), date_make(2026, 11, 26) };
    DaySpan two[] = { { date_make(2026, 11, 23), date_make(2026, 11, 24) }, { date_make(2026, 11, 25), date_make(2026, 11, 27) } };
    int64_t missing;
    KeyActionRule r = rule(KEY_ACTION_AT_LEAST, 3, KEY_ACTION_WEEK);
    assert_int_equal(key_action_present(&calendar, week, NULL, 0), 5);
    assert_int_equal(key_action_present(&calendar, week, &all, 1), 0);
    assert_int_equal(key_action_present(&calendar, week, two, 2), 0);
    assert_int_equal(key_action_present(&calendar, week, &most, 1), 1);
    assert_int_equal(key_action_judge(&r, 0, 0, true, &missing), KEY_ACTION_EXCUSED);
    assert_int_equal(key_action_judge(&r, 0, 1, true, &missing), KEY_ACTION_MISSED);
}

static void a_day_off_needs_no_daily_action(void **state) {
    (void)state;
    DaySpan saturday = { date_make(2026, 11, 28), date_make(2026, 11, 28) }, worked = { date_make(2026, 10, 10), date_make(2026, 10, 10) };
    assert_int_equal(key_action_present(&calendar, saturday, NULL, 0), 0);
    assert_int_equal(key_action_present(&calendar, worked, NULL, 0), 1);
}

static void weeks_begin_on_Monday_and_quarters_with_the_fiscal_year(void **state) {
    (void)state;
    DaySpan w;
    KeyActionRule r = rule(KEY_ACTION_AT_LEAST, 3, KEY_ACTION_WEEK);
    assert_true(key_action_window(&r, &calendar, date_make(2026, 11, 29), 1, &w));
    assert_int_equal(w.first, date_make(2026, 11, 23));
    r.window = KEY_ACTION_QUARTER;
    assert_true(key_action_window(&r, &calendar, date_make(2026, 11, 29), 2, &w));
    assert_int_equal(w.first, date_make(2026, 11, 1));
    assert_int_equal(w.last, date_make(2027, 1, 31));
}

static void a_window_that_began_before_the_rule_is_not_the_rules(void **state) {
    (void)state;
    DaySpan w;
    KeyActionRule r = rule(KEY_ACTION_AT_LEAST, 3, KEY_ACTION_WEEK);
    r.first_day = date_make(2026, 11, 24), r.last_day = date_make(2026, 12, 1);
    assert_false(key_action_window(&r, &calendar, date_make(2026, 11, 23), 1, &w));
    assert_false(key_action_window(&r, &calendar, date_make(2026, 11, 25), 1, &w));
    assert_true(key_action_window(&r, &calendar, date_make(2026, 11, 30), 1, &w));
    assert_true(key_action_window(&r, &calendar, date_make(2026, 12, 3), 1, &w)); /* began in time */
    assert_false(key_action_window(&r, &calendar, date_make(2026, 12, 7), 1, &w));
}

static void windows_of_working_days_follow_each_other_over_the_holidays(void **state) {
    (void)state;
    KeyActionRule r = rule(KEY_ACTION_AT_LEAST, 3, KEY_ACTION_WORKDAYS);
    DaySpan w;
    r.window_days = 3, r.first_day = date_make(2026, 9, 28); /* Monday */
    Date day = r.first_day;
    for (int i = 0; i < 12; i++) {
        assert_true(key_action_window(&r, &calendar, day, 1, &w));
        assert_int_equal(w.first, day);
        assert_int_equal(workday_count(&calendar, w.first, w.last), 3);
        for (Date d = w.first; d <= w.last; d++) {
            DaySpan same;
            assert_true(key_action_window(&r, &calendar, d, 1, &same));
            assert_int_equal(same.first, w.first);
            assert_int_equal(same.last, w.last);
        }
        day = w.last + 1;
    }
    assert_true(key_action_window(&r, &calendar, date_make(2026, 10, 3), 1, &w));
    assert_int_equal(w.first, date_make(2026, 9, 28));
    assert_int_equal(w.last, date_make(2026, 10, 7));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(U6_three_key_customers_a_week_two_are_missed_three_are_met),
        cmocka_unit_test(U6_ten_leads_a_month_nine_are_missed_ten_are_met),
        cmocka_unit_test(U6_an_invoice_reminder_within_7_days_of_signing_on_1_July_is_due_by_8_July),
        cmocka_unit_test(before_its_end_a_window_says_what_is_missing_and_what_is_settled),
        cmocka_unit_test(a_window_spent_on_leave_does_not_count_one_day_at_work_does),
        cmocka_unit_test(a_day_off_needs_no_daily_action),
        cmocka_unit_test(weeks_begin_on_Monday_and_quarters_with_the_fiscal_year),
        cmocka_unit_test(a_window_that_began_before_the_rule_is_not_the_rules),
        cmocka_unit_test(windows_of_working_days_follow_each_other_over_the_holidays),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* workday_test.c - tests of workday.c against the plain way of looking at every day. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/workday.h"

static const WorkCalendar empty = { NULL, 0 };

/* National Day and Mid-Autumn 2025: 1 to 8 October are free, Sunday 28 September and Saturday 11 October are worked. */
static DayException october[8];

static WorkCalendar national_day(void) {
    size_t n = 0;
    october[n++] = (DayException){ date_make(2025, 9, 28), DAY_WORK };
    static const int weekdays[] = { 1, 2, 3, 6, 7, 8 };
    for (size_t i = 0; i < 6; i++) october[n++] = (DayException){ date_make(2025, 10, weekdays[i]), DAY_REST };
    october[n++] = (DayException){ date_make(2025, 10, 11), DAY_WORK };
    return (WorkCalendar){ october, n };
}

static void without_exceptions_monday_to_friday_are_worked(void **state) {
    (void)state;
    Date monday = date_make(2026, 11, 23);
    for (int i = -70; i < 70; i++) assert_int_equal(workday_is(&empty, monday + i), ((i % 7) + 7) % 7 < 5);
}

static void holidays_and_make_up_days_are_excepted(void **state) {
    (void)state;
    WorkCalendar cal = national_day();
    assert_true(workday_is(&cal, date_make(2025, 9, 28)));
    assert_true(workday_is(&cal, date_make(2025, 9, 30)));
    for (int d = 1; d <= 8; d++) assert_false(workday_is(&cal, date_make(2025, 10, d)));
    assert_true(workday_is(&cal, date_make(2025, 10, 9)));
    assert_true(workday_is(&cal, date_make(2025, 10, 11)));
    assert_false(workday_is(&cal, date_make(2025, 10, 12)));
}

static void working_days_are_added_over_the_holidays(void **state) {
    (void)state;
    WorkCalendar cal = national_day();
    assert_int_equal(workday_add(&cal, date_make(2025, 9, 30), 1), date_make(2025, 10, 9));
    assert_int_equal(workday_add(&cal, date_make(2025, 10, 10), 1), date_make(2025, 10, 11));
    assert_int_equal(workday_add(&cal, date_make(2025, 10, 11), 1), date_make(2025, 10, 13));
    assert_int_equal(workday_add(&cal, date_make(2025, 10, 9), -1), date_make(2025, 9, 30));
    assert_int_equal(workday_add(&cal, date_make(2025, 10, 4), -1), date_make(2025, 9, 30));
    assert_int_equal(workday_add(&cal, date_make(2025, 9, 29), -1), date_make(2025, 9, 28));
    assert_int_equal(workday_count(&cal, date_make(2025, 10, 1), date_make(2025, 10, 31)), 18);
    assert_int_equal(workday_count(&cal, date_make(2025, 9, 1), date_make(2025, 9, 30)), 23);
}

static void adding_nothing_gives_the_day_or_the_next_that_is_worked(void **state) {
    (void)state;
    WorkCalendar cal = national_day();
    assert_int_equal(workday_add(&cal, date_make(2025, 9, 30), 0), date_make(2025, 9, 30));
    assert_int_equal(workday_add(&cal, date_make(2025, 10, 1), 0), date_make(2025, 10, 9));
    assert_int_equal(workday_add(&empty, date_make(2026, 11, 28), 0), date_make(2026, 11, 30));
}

static Date plain_add(const WorkCalendar *cal, Date d, int n) {
    int step = n < 0 ? -1 : 1, left = n < 0 ? -n : n;
    if (n == 0) {
        while (!workday_is(cal, d)) d++;
        return d;
    }
    while (left > 0) {
        d += step;
        left -= workday_is(cal, d);
    }
    return d;
}

static int plain_count(const WorkCalendar *cal, Date first, Date last) {
    int n = 0;
    for (Date d = first; d <= last; d++) n += workday_is(cal, d);
    return n;
}

static void any_calendar_agrees_with_the_plain_way(void **state) {
    (void)state;
    uint32_t random = 7;
    for (int round = 0; round < 40; round++) {
        DayException days[64];
        size_t n = 0;
        Date start = date_make(2025, 1, 1) + round;
        for (Date d = start; d < start + 120 && n < 64; d++) {
            random = random * 1664525 + 1013904223;
            unsigned r = random >> 24;
            if (r < 60)
                days[n++] = (DayException){ d, r % 2 ? DAY_WORK : DAY_REST }; /* also such that change nothing */
        }
        WorkCalendar cal = { days, (size_t)round % 8 ? n : 0 };
        for (Date d = start - 40; d < start + 160; d += 3) {
            for (int k = -130; k <= 130; k++) assert_int_equal(workday_add(&cal, d, k), plain_add(&cal, d, k));
            for (int len = -3; len < 60; len++)
                assert_int_equal(workday_count(&cal, d, d + len), plain_count(&cal, d, d + len));
        }
    }
}

static void counting_undoes_adding(void **state) {
    (void)state;
    WorkCalendar cal = national_day();
    for (Date d = date_make(2025, 9, 1); d < date_make(2025, 11, 1); d++)
        for (int n = 1; n < 80; n++) {
            assert_int_equal(workday_count(&cal, d + 1, workday_add(&cal, d, n)), n);
            assert_int_equal(workday_count(&cal, workday_add(&cal, d, -n), d - 1), n);
        }
}

static void far_away_days_are_found_at_once(void **state) {
    (void)state;
    WorkCalendar cal = national_day();
    Date d = date_make(2026, 11, 23);
    assert_int_equal(workday_add(&cal, d, 1000000), d + 1400000);
    assert_int_equal(workday_add(&cal, d, INT32_MAX), DATE_NONE);
    assert_int_equal(workday_add(&cal, d, INT32_MIN), DATE_NONE);
    assert_int_equal(workday_add(&cal, DATE_NONE, 3), DATE_NONE);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_exceptions_monday_to_friday_are_worked),
        cmocka_unit_test(holidays_and_make_up_days_are_excepted),
        cmocka_unit_test(working_days_are_added_over_the_holidays),
        cmocka_unit_test(adding_nothing_gives_the_day_or_the_next_that_is_worked),
        cmocka_unit_test(any_calendar_agrees_with_the_plain_way),
        cmocka_unit_test(counting_undoes_adding),
        cmocka_unit_test(far_away_days_are_found_at_once),
    };
    return cmocka_run_group_tests_name("base/workday", tests, NULL, NULL);
}

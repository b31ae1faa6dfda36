/* periodic_rules_test.c - periods, deadlines, growth, frozen values, and what cells of a sheet mean. */
#include "modules/report/periodic_rules.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include <talloc.h>

static const WorkCalendar plain_weeks = {0};

static Date day(const char *iso) {
    Date d = DATE_NONE;
    assert_true(date_parse(iso, &d));
    return d;
}
static const char *iso(Date d) {
    static char buf[DATE_TEXT];
    return date_text(d, buf);
}
#define assert_day(d, text) assert_string_equal(iso(d), text)

/* ---- periods ---- */

static void a_week_is_compared_with_the_one_before_and_the_same_week_of_last_year(void **state) {
    (void)state;
    PeriodicSpans s = periodic_spans(PERIODIC_WEEK, day("2024-07-08"), day("2024-09-01"));
    assert_day(s.last, "2024-07-14");
    assert_day(s.previous_first, "2024-07-01");
    assert_day(s.previous_last, "2024-07-07");
    assert_day(s.year_first, "2023-07-10"); /* 2023-W28 */
    assert_day(s.year_last, "2023-07-16");
    assert_false(s.partial);
}

static void week_53_has_no_last_year(void **state) {
    (void)state;
    PeriodicSpans s = periodic_spans(PERIODIC_WEEK, day("2020-12-28"), day("2021-06-01"));
    assert_int_equal(s.year_first, DATE_NONE);
}

static void an_unfinished_month_is_compared_up_to_the_same_day(void **state) {
    (void)state;
    PeriodicSpans s = periodic_spans(PERIODIC_MONTH, day("2026-11-01"), day("2026-11-26"));
    assert_true(s.partial);
    assert_day(s.previous_first, "2026-10-01");
    assert_day(s.previous_last, "2026-10-26");
    assert_day(s.year_last, "2025-11-26");
    s = periodic_spans(PERIODIC_MONTH, day("2026-03-01"), day("2026-03-30")); /* February is over by then */
    assert_day(s.previous_last, "2026-02-28");
    s = periodic_spans(PERIODIC_MONTH, day("2026-11-01"), day("2026-11-30"));
    assert_false(s.partial);
    assert_day(s.previous_last, "2026-10-31");
}

/* ---- deadlines ---- */

static void noon_is_in_time_and_a_second_later_is_late(void **state) {
    (void)state;
    Instant noon = instant_of_day(day("2024-07-15"), 12, 0);
    assert_false(periodic_is_late(noon, noon));
    assert_false(periodic_is_late(noon + 999999, noon));
    assert_true(periodic_is_late(noon + 1000000, noon));
}

static void a_week_is_due_on_the_monday_after_or_the_next_working_day(void **state) {
    static const DayException days[] = {{.day = 0, .kind = DAY_REST}};
    DayException holiday = days[0];
    (void)state;
    assert_day(periodic_due_day(&plain_weeks, PERIODIC_WEEK, day("2024-07-08"), 1), "2024-07-15");
    assert_day(periodic_due_day(&plain_weeks, PERIODIC_WEEK, day("2024-07-08"), 3), "2024-07-17");
    holiday.day = day("2024-07-15");
    WorkCalendar calendar = {.days = &holiday, .count = 1};
    assert_day(periodic_due_day(&calendar, PERIODIC_WEEK, day("2024-07-08"), 1), "2024-07-16");
}

static void a_month_is_due_on_its_nth_working_day(void **state) {
    (void)state;
    assert_day(periodic_due_day(&plain_weeks, PERIODIC_MONTH, day("2024-07-01"), 2), "2024-08-02");
    assert_day(periodic_due_day(&plain_weeks, PERIODIC_MONTH, day("2024-08-01"), 2), "2024-09-03"); /* the 1st is a Sunday */
    DayException work = {.day = day("2024-09-01"), .kind = DAY_WORK}; /* 调休 */
    WorkCalendar calendar = {.days = &work, .count = 1};
    assert_day(periodic_due_day(&calendar, PERIODIC_MONTH, day("2024-08-01"), 2), "2024-09-02");
}

static void what_comes_on_friday_is_reviewed_on_monday(void **state) {
    (void)state;
    assert_day(periodic_review_day(&plain_weeks, day("2024-07-12")), "2024-07-15");
    assert_day(periodic_review_day(&plain_weeks, day("2024-07-15")), "2024-07-16");
}

/* ---- growth ---- */

static void assert_growth(int64_t now, int64_t base, const char *text) {
    void *mem = talloc_new(NULL);
    assert_string_equal(periodic_percent(mem, periodic_bp(periodic_growth(ratio_make(now, 1), ratio_make(base, 1))), true), text);
    talloc_free(mem);
}

static void growth_is_as_the_source_prints_it(void **state) {
    (void)state;
    assert_growth(85000, 75556, "+12.50%");
    assert_growth(48000, 50526, "-5.00%");
    assert_growth(133000, 75556 + 50526, "+5.49%");
    assert_growth(320000, 300000, "+6.67%");
    assert_growth(220000, 200000, "+10.00%");
    assert_growth(100, 100, "0.00%");
}

static void growth_on_nothing_is_no_number(void **state) {
    (void)state;
    assert_growth(85000, 0, "—");
    assert_int_equal(periodic_bp(periodic_growth(ratio_make(1, 1), RATIO_NONE)), INT_NONE);
    assert_int_equal(periodic_bp(periodic_growth(RATIO_NONE, ratio_make(1, 1))), INT_NONE);
    assert_growth(50, -100, "+150.00%"); /* from a loss upwards is a rise */
}

/* ---- what is shown ---- */

static PeriodicReport blank_report(void) {
    PeriodicReport r = {.state = REPORT_SUBMITTED, .stated_growth = INT_NONE};
    r.target = r.next_target = r.stated_actual = r.entered = r.frozen_target = r.frozen_actual = r.frozen_previous = r.frozen_last_year = MONEY_NONE;
    return r;
}
static int64_t fen(Ratio r) {
    int64_t n = MONEY_NONE;
    (void)ratio_scaled(r, 100, &n);
    return n;
}
static PeriodicLive numbers(int64_t target, int64_t actual, int64_t previous) {
    return (PeriodicLive){.target = ratio_make(target, 1), .actual = ratio_make(actual, 1), .previous = ratio_make(previous, 1)};
}

static void computed_numbers_are_shown_until_somebody_types(void **state) {
    (void)state;
    PeriodicReport r = blank_report();
    PeriodicLive live = numbers(100000, 85000, 75556);
    PeriodicShown s = periodic_shown(&r, &live);
    assert_int_equal(fen(s.target), 10000000);
    assert_int_equal(periodic_bp(s.rate), 8500);
    assert_int_equal(s.growth_bp, 1250);
    assert_false(s.typed_target || s.stated || s.frozen || s.differs);
    r.target = 8000000;
    s = periodic_shown(&r, &live);
    assert_true(s.typed_target);
    assert_int_equal(periodic_bp(s.rate), 10625);
}

static void an_approved_report_stays_and_says_what_differs(void **state) {
    (void)state;
    PeriodicReport r = blank_report();
    PeriodicLive live = numbers(90000, 99000, 1);
    r.state = REPORT_APPROVED, r.frozen_target = 8000000, r.frozen_actual = 8500000, r.frozen_previous = 7555600;
    PeriodicShown s = periodic_shown(&r, &live);
    assert_int_equal(fen(s.actual), 8500000);
    assert_int_equal(periodic_bp(s.rate), 10625);
    assert_int_equal(s.growth_bp, 1250);
    assert_true(s.frozen && s.differs);
    assert_int_equal(fen(s.now), 9900000);
    live.actual = ratio_make(85000, 1);
    assert_false(periodic_shown(&r, &live).differs);
}

static void growth_of_a_sheet_stands_only_where_nothing_is_known(void **state) {
    (void)state;
    PeriodicReport r = blank_report();
    PeriodicLive live = numbers(80000, 85000, 100000);
    r.stated_growth = 1250;
    assert_int_equal(periodic_shown(&r, &live).growth_bp, -1500);
    live.previous = RATIO_NONE;
    PeriodicShown s = periodic_shown(&r, &live);
    assert_int_equal(s.growth_bp, 1250);
    assert_true(s.growth_stated);
    live.previous = ratio_make(0, 1); /* known to be nothing */
    assert_int_equal(periodic_shown(&r, &live).growth_bp, INT_NONE);
}

/* ---- cells ---- */

static void assert_week(const char *cell, const char *monday) {
    void *mem = talloc_new(NULL);
    Date d = DATE_NONE;
    bool ok = periodic_parse_week(mem, cell, day("2026-11-26"), &d);
    assert_string_equal(ok ? iso(d) : "none", monday);
    talloc_free(mem);
}

static void weeks_are_understood_as_people_write_them(void **state) {
    (void)state;
    assert_week("2024-W28", "2024-07-08");
    assert_week("2024年第28周（07-08–07-14）", "2024-07-08");
    assert_week("2024 week 28 (07-08–07-14)", "2024-07-08");
    assert_week("202428周", "2024-07-08");
    assert_week("2024-07-10", "2024-07-08");
    assert_week("28周", "2026-07-06");
    assert_week("第２８週", "2026-07-06");
    assert_week("48", "2026-11-23");
    assert_week("第50周", "2025-12-08"); /* this year's has not begun */
    assert_week("第53周", "2020-12-28");
    const char *const none[] = {"", "第60周", "第0周", "七月", "2024年", "28-29", "99999999999周", "周"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) assert_week(none[i], "none");
}

static void assert_month(const char *cell, const char *first) {
    void *mem = talloc_new(NULL);
    Date d = DATE_NONE;
    bool ok = periodic_parse_month(mem, cell, day("2026-11-26"), &d);
    assert_string_equal(ok ? iso(d) : "none", first);
    talloc_free(mem);
}

static void months_are_understood_as_people_write_them(void **state) {
    (void)state;
    assert_month("2024-07", "2024-07-01");
    assert_month("2024年7月", "2024-07-01");
    assert_month("2024/7", "2024-07-01");
    assert_month("202407", "2024-07-01");
    assert_month("2024-07-15", "2024-07-01");
    assert_month("7月", "2026-07-01");
    assert_month("12月", "2025-12-01");
    const char *const none[] = {"", "2024-13", "7", "13月", "2024", "2024-07-45", "20240799", "月"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) assert_month(none[i], "none");
}

static void an_amount_is_found_only_behind_the_word_target(void **state) {
    void *mem = talloc_new(NULL);
    (void)state;
    assert_int_equal(periodic_amount_in(mem, "推进D客户签约,目标30,000元"), 3000000);
    assert_int_equal(periodic_amount_in(mem, "新增2个意向客戶，目標65,000元"), 6500000);
    assert_int_equal(periodic_amount_in(mem, "目标为：6.5万"), 6500000);
    assert_int_equal(periodic_amount_in(mem, "目标2个客户，目标金额不定，目标1万元"), 1000000);
    assert_int_equal(periodic_amount_in(mem, "签约50,000元"), MONEY_NONE);
    assert_int_equal(periodic_amount_in(mem, "目标2个"), MONEY_NONE);
    assert_int_equal(periodic_amount_in(mem, "目标"), MONEY_NONE);
    assert_int_equal(periodic_amount_in(mem, NULL), MONEY_NONE);
    talloc_free(mem);
}

static void key_metrics_are_read_from_the_sources_words(void **state) {
    void *mem = talloc_new(NULL);
    KeyText k[PERIODIC_KEYS];
    (void)state;
    assert_int_equal(periodic_split_keys(mem, "新签客户6个(目标8个)，客单价4.75万(目标6万)", k), 2);
    assert_string_equal(k[0].name, "新签客户");
    assert_string_equal(k[0].actual, "6");
    assert_string_equal(k[0].target, "8");
    assert_string_equal(k[1].name, "客单价");
    assert_string_equal(k[1].actual, "4.75万");
    assert_string_equal(k[1].target, "6万");
    assert_int_equal(periodic_split_keys(mem, "意向客户转化率：25%（目标20%）；说明：见附表", k), 2);
    assert_string_equal(k[0].name, "意向客户转化率");
    assert_string_equal(k[0].actual, "25%");
    assert_string_equal(k[0].target, "20%");
    assert_null(k[1].name);
    assert_string_equal(k[1].whole, "说明:见附表");
    assert_int_equal(periodic_split_keys(mem, "客单价 47,500.00元(目标 60,000.00元),新签 6", k), 2);
    assert_string_equal(k[0].actual, "47,500.00");
    assert_string_equal(k[0].target, "60,000.00");
    assert_null(k[1].target);
    assert_int_equal(periodic_split_keys(mem, "b2b_rate 25%(target 20%);Q3新签6", k), 2);
    assert_string_equal(k[0].name, "b2b_rate");
    assert_string_equal(k[0].actual, "25%");
    assert_string_equal(k[1].name, "q3新签");
    assert_string_equal(k[1].actual, "6");
    assert_int_equal(periodic_split_keys(mem, "", k), 0);
    assert_int_equal(periodic_split_keys(mem, "((((,,,)", k), 1);
    char *many = talloc_strdup(mem, "");
    for (int i = 0; i < 50; i++) many = talloc_strdup_append(many, "甲1；");
    assert_int_equal(periodic_split_keys(mem, many, k), PERIODIC_KEYS);
    talloc_free(mem);
}

static void percentages_are_read_with_and_without_signs(void **state) {
    void *mem = talloc_new(NULL);
    int64_t bp;
    (void)state;
    assert_true(periodic_parse_percent(mem, "+12.5", &bp) && bp == 1250);
    assert_true(periodic_parse_percent(mem, " -5.00％ ", &bp) && bp == -500);
    assert_false(periodic_parse_percent(mem, "—", &bp));
    assert_false(periodic_parse_percent(mem, "", &bp));
    assert_false(periodic_parse_percent(mem, "%", &bp));
    talloc_free(mem);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_week_is_compared_with_the_one_before_and_the_same_week_of_last_year),
        cmocka_unit_test(week_53_has_no_last_year),
        cmocka_unit_test(an_unfinished_month_is_compared_up_to_the_same_day),
        cmocka_unit_test(noon_is_in_time_and_a_second_later_is_late),
        cmocka_unit_test(a_week_is_due_on_the_monday_after_or_the_next_working_day),
        cmocka_unit_test(a_month_is_due_on_its_nth_working_day),
        cmocka_unit_test(what_comes_on_friday_is_reviewed_on_monday),
        cmocka_unit_test(growth_is_as_the_source_prints_it),
        cmocka_unit_test(growth_on_nothing_is_no_number),
        cmocka_unit_test(computed_numbers_are_shown_until_somebody_types),
        cmocka_unit_test(an_approved_report_stays_and_says_what_differs),
        cmocka_unit_test(growth_of_a_sheet_stands_only_where_nothing_is_known),
        cmocka_unit_test(weeks_are_understood_as_people_write_them),
        cmocka_unit_test(months_are_understood_as_people_write_them),
        cmocka_unit_test(an_amount_is_found_only_behind_the_word_target),
        cmocka_unit_test(key_metrics_are_read_from_the_sources_words),
        cmocka_unit_test(percentages_are_read_with_and_without_signs),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* date_test.c - tests of date.c; the C library's gmtime_r, strftime and localtime_r are the second opinion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/date.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND INT64_C(1000000)
#define DAY    (86400 * SECOND)

static Date day(const char *s) {
    Date d;
    assert_true(date_parse(s, &d));
    return d;
}

static const char *text(Date d) {
    static char bufs[4][DATE_TEXT];
    static int next;
    return date_text(d, bufs[next++ % 4]);
}

static bool have_zone(const char *name) {
    char path[200];
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    FILE *f = fopen(path, "rb");
    if (f) fclose(f);
    return f != NULL;
}

/* ---- Days ---- */

static void every_day_of_four_centuries_is_numbered_like_gmtime(void **state) {
    (void)state;
    int last_weekday = 0;
    for (int64_t d = -25567; d <= 84370; d++) { /* 1900-01-01 .. 2200-12-31 */
        time_t t = (time_t)d * 86400;
        struct tm tm;
        char expected[32], buf[DATE_TEXT];
        int year, month, dom;
        gmtime_r(&t, &tm);
        date_parts((Date)d, &year, &month, &dom);
        assert_int_equal(year, tm.tm_year + 1900);
        assert_int_equal(month, tm.tm_mon + 1);
        assert_int_equal(dom, tm.tm_mday);
        assert_int_equal(date_make(year, month, dom), d);
        assert_int_equal(date_weekday((Date)d), tm.tm_wday ? tm.tm_wday : 7);
        assert_int_not_equal(date_weekday((Date)d), last_weekday);
        last_weekday = date_weekday((Date)d);
        strftime(expected, sizeof expected, "%Y-%m-%d", &tm);
        assert_string_equal(date_text((Date)d, buf), expected);
        Date back;
        assert_true(date_parse(buf, &back));
        assert_int_equal(back, d);
    }
}

static void days_that_do_not_exist_are_none(void **state) {
    (void)state;
    static const int bad[][3] = { { 2026, 2, 29 }, { 2025, 2, 29 }, { 1900, 2, 29 }, { 2100, 2, 29 }, { 2026, 4, 31 },
                                  { 2026, 0, 1 },  { 2026, 13, 1 }, { 2026, 1, 0 },  { 2026, 1, 32 }, { 1899, 12, 31 },
                                  { 2201, 1, 1 },  { 0, 1, 1 },     { 2026, -1, 5 }, { -2026, 1, 5 }, { 2026, 1, -5 } };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(date_make(bad[i][0], bad[i][1], bad[i][2]), DATE_NONE);
    assert_int_not_equal(date_make(2000, 2, 29), DATE_NONE);
    assert_int_not_equal(date_make(2024, 2, 29), DATE_NONE);
    assert_int_equal(date_make(1970, 1, 1), 0);
    assert_int_equal(date_make(1969, 12, 31), -1);
}

static void no_date_is_an_empty_text(void **state) {
    (void)state;
    char buf[DATE_TEXT] = "x", period[16] = "x", instant[INSTANT_TEXT] = "x";
    assert_string_equal(date_text(DATE_NONE, buf), "");
    assert_string_equal(date_text(INT32_MAX, buf), "");
    assert_string_equal(date_text(DATE_NONE + 1, buf), "");
    assert_string_equal(instant_text(INSTANT_NONE, instant), "");
    assert_string_equal(instant_local(INSTANT_NONE, instant), "");
    assert_string_equal(instant_text(INT64_MAX, instant), "");
    assert_int_equal(date_of_instant(INSTANT_NONE), DATE_NONE);
    assert_true(instant_of_day(DATE_NONE, 1, 1) == INSTANT_NONE);
    assert_int_equal(date_add_months(DATE_NONE, 1), DATE_NONE);
    for (PeriodKind k = PERIOD_DAY; k <= PERIOD_YEAR; k++) {
        Period p = period_of(k, DATE_NONE, 1);
        assert_int_equal(p.first, DATE_NONE);
        assert_int_equal(period_add(p, 1, 1).first, DATE_NONE);
        assert_string_equal(period_text(p, 1, period), "");
    }
}

static void all_ways_to_write_a_day_are_read(void **state) {
    (void)state;
    static const char *const good[] = {
        "2026-01-02",
        "2026-1-2",
        "2026/1/2",
        "2026/01/02",
        "2026.1.2",
        "2026.01.02",
        "2026年1月2日",
        "2026年01月02日",
        "20260102",
        " 2026-01-02 ",
        "\t2026/1/2",
        "2026 - 1 - 2",
        "2026 年 1 月 2 日",
        "\u30002026年1月2日\u3000",
        "\u00a020260102",
        "2026-01-02T10:05",
        "2026-01-02 10:05",
        "2026-01-02 9:05:07",
        "2026-01-02T10:05:07Z",
        "2026-01-02T10:05:07.123456Z",
        "2026-01-02T10:05:07+08:00",
        "2026-01-02T10:05:07-0800",
        "2026/1/2 10:05:07 +08",
        "20260102 10:05",
        "20260102T10:05",
        "2026年1月2日 10:05",
        "2026年1月2日10:05",
        "2026-1-2 00:00:00",
        "2026-1-2 24:00",
        "2026-01-02  10:05  ",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        Date d = 7;
        if (!date_parse(good[i], &d)) fail_msg("%s", good[i]);
        assert_string_equal(text(d), "2026-01-02");
    }
}

static void anything_else_is_refused_and_leaves_the_result_alone(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        " ",
        "2026",
        "2026-01",
        "2026-01-",
        "2026-01-02-",
        "2026-01-02x",
        "2026-1/2",
        "2026/1.2",
        "2026年1月2",
        "2026年1-2日",
        "2026年1月2号",
        "26-01-02",
        "02026-01-02",
        "2026-001-02",
        "2026-01-002",
        "2026-13-01",
        "2026-02-29",
        "2026-00-10",
        "2026-01-32",
        "202601022",
        "2026012",
        "20261301",
        "-2026-01-02",
        "2026--1-2",
        "2026 01 02",
        "2026-01-02T",
        "2026-01-02 10",
        "2026-01-02 10:5",
        "2026-01-02 10:60",
        "2026-01-02 25:00",
        "2026-01-02 10:05:61",
        "2026-01-02 10:05:",
        "2026-01-02 10:05:07.",
        "2026-01-02 10:05 x",
        "2026-01-0210:05",
        "2026-01-02T10:05+8",
        "2026-01-02 tomorrow",
        "1899-12-31",
        "2201-01-01",
        "９026-01-02",
        "2026\n-01-02",
        "45658",
        "2026-01-02 10:05:07+08:0",
        "2026-01-02 10:05:07+08:000",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Date d = 7;
        if (date_parse(bad[i], &d)) fail_msg("%s", bad[i]);
        assert_int_equal(d, 7);
    }
}

static void months_are_added_and_the_day_cut(void **state) {
    (void)state;
    assert_string_equal(text(date_add_months(day("2026-01-31"), 1)), "2026-02-28");
    assert_string_equal(text(date_add_months(day("2024-01-31"), 1)), "2024-02-29");
    assert_string_equal(text(date_add_months(day("2026-03-31"), -1)), "2026-02-28");
    assert_string_equal(text(date_add_months(day("2026-12-31"), 2)), "2027-02-28");
    assert_string_equal(text(date_add_months(day("2026-01-15"), -1)), "2025-12-15");
    assert_string_equal(text(date_add_months(day("2026-01-15"), -13)), "2024-12-15");
    assert_string_equal(text(date_add_months(day("2024-02-29"), 12)), "2025-02-28");
    assert_string_equal(text(date_add_months(day("2024-02-29"), 48)), "2028-02-29");
    assert_string_equal(text(date_add_months(day("2024-02-29"), 0)), "2024-02-29");
    assert_int_equal(date_add_months(day("2024-02-29"), INT32_MAX), DATE_NONE);
    assert_int_equal(date_add_months(day("2024-02-29"), INT32_MIN), DATE_NONE);
    for (Date d = day("1999-12-01"); d < day("2005-01-01"); d++)
        for (int n = -30; n <= 30; n++) {
            int year, month, dom, year2, month2, dom2;
            date_parts(d, &year, &month, &dom);
            date_parts(date_add_months(d, n), &year2, &month2, &dom2);
            assert_int_equal(year2 * 12 + month2, year * 12 + month + n);
            assert_true(dom2 == dom || (dom2 < dom && date_make(year2, month2, dom2 + 1) == DATE_NONE));
        }
}

/* ---- Weeks and periods ---- */

static void iso_weeks_agree_with_strftime_from_1970_to_2100(void **state) {
    (void)state;
    struct tm end = { .tm_year = 200, .tm_mon = 11, .tm_mday = 31 };
    for (time_t t = 0; t <= timegm(&end); t += 86400) {
        struct tm tm;
        char expected[16], made[40];
        gmtime_r(&t, &tm);
        strftime(expected, sizeof expected, "%G-W%V", &tm);
        Date d = (Date)(t / 86400);
        IsoWeek w = date_iso_week(d);
        snprintf(made, sizeof made, "%04d-W%02d", w.year, w.week);
        assert_string_equal(made, expected);
        assert_int_equal(date_of_iso_week(w), d - date_weekday(d) + 1);
        char buf[16];
        assert_string_equal(period_text(period_of(PERIOD_WEEK, d, 1), 1, buf), expected);
    }
}

static void a_week_that_the_year_has_not_is_none(void **state) {
    (void)state;
    int long_years = 0;
    for (int year = 1970; year <= 2100; year++) {
        /* A year has 53 weeks if it begins or ends on a Thursday. */
        bool is_long = date_weekday(date_make(year, 1, 1)) == 4 || date_weekday(date_make(year, 12, 31)) == 4;
        long_years += is_long;
        assert_int_equal(date_of_iso_week((IsoWeek){ year, 53 }) != DATE_NONE, is_long);
        assert_int_equal(date_of_iso_week((IsoWeek){ year, 0 }), DATE_NONE);
        assert_int_equal(date_of_iso_week((IsoWeek){ year, 54 }), DATE_NONE);
        assert_int_equal(date_of_iso_week((IsoWeek){ year, -1 }), DATE_NONE);
        for (int week = 1; week <= 52; week++)
            assert_int_equal(date_weekday(date_of_iso_week((IsoWeek){ year, week })), 1);
    }
    assert_int_equal(long_years, 24);
    assert_string_equal(text(date_of_iso_week((IsoWeek){ 2026, 1 })), "2025-12-29");
    assert_string_equal(text(date_of_iso_week((IsoWeek){ 2026, 53 })), "2026-12-28");
}

static void periods_have_names(void **state) {
    (void)state;
    char buf[16];
    Date d = day("2026-11-23");
    static const char *const names[] = { "2026-11-23", "2026-W48", "2026-11", "2026-Q4", "2026-H2", "2026" };
    for (PeriodKind k = PERIOD_DAY; k <= PERIOD_YEAR; k++)
        assert_string_equal(period_text(period_of(k, d, 1), 1, buf), names[k]);
    /* A fiscal year from April is named after the year in which it begins. */
    assert_string_equal(period_text(period_of(PERIOD_YEAR, day("2027-03-31"), 4), 4, buf), "2026");
    assert_string_equal(period_text(period_of(PERIOD_YEAR, day("2027-04-01"), 4), 4, buf), "2027");
    assert_string_equal(period_text(period_of(PERIOD_QUARTER, day("2027-01-01"), 4), 4, buf), "2026-Q4");
    assert_string_equal(period_text(period_of(PERIOD_QUARTER, day("2026-04-30"), 4), 4, buf), "2026-Q1");
    assert_string_equal(period_text(period_of(PERIOD_HALF, day("2026-09-30"), 4), 4, buf), "2026-H1");
    assert_string_equal(period_text(period_of(PERIOD_HALF, day("2027-02-28"), 4), 4, buf), "2026-H2");
    assert_string_equal(period_text(period_of(PERIOD_MONTH, day("2027-02-28"), 4), 4, buf), "2027-02");
    assert_string_equal(period_text(period_of(PERIOD_QUARTER, day("2027-02-28"), 2), 2, buf), "2027-Q1");
    assert_string_equal(period_text(period_of(PERIOD_QUARTER, day("2027-01-28"), 2), 2, buf), "2026-Q4");
    assert_string_equal(period_text(period_of(PERIOD_YEAR, day("2026-12-01"), 12), 12, buf), "2026");
}

static void a_quarter_with_a_fiscal_year_from_february_crosses_the_new_year(void **state) {
    (void)state;
    Period p = period_of(PERIOD_QUARTER, day("2027-01-15"), 2);
    assert_string_equal(text(p.first), "2026-11-01");
    assert_string_equal(text(p.last), "2027-01-31");
    p = period_of(PERIOD_HALF, day("2026-02-28"), 12);
    assert_string_equal(text(p.first), "2025-12-01");
    assert_string_equal(text(p.last), "2026-05-31");
}

static void periods_tile_the_calendar_for_every_fiscal_month(void **state) {
    (void)state;
    static const int months[] = { 0, 0, 1, 3, 6, 12 };
    for (int fiscal = 1; fiscal <= 12; fiscal++)
        for (PeriodKind k = PERIOD_DAY; k <= PERIOD_YEAR; k++) {
            char seen[16] = "", buf[16];
            Period before = period_of(k, day("1999-06-01"), fiscal);
            for (Date d = day("1999-06-01"); d < day("2010-01-01"); d++) {
                Period p = period_of(k, d, fiscal);
                assert_int_equal(p.kind, k);
                assert_true(p.first <= d && d <= p.last);
                if (p.first != before.first) {
                    assert_int_equal(p.first, before.last + 1);
                    assert_int_equal(d, p.first);
                    Period added = period_add(before, 1, fiscal), back = period_add(p, -1, fiscal);
                    assert_memory_equal(&added, &p, sizeof p);
                    assert_memory_equal(&back, &before, sizeof p);
                    assert_string_not_equal(period_text(p, fiscal, buf), seen);
                }
                if (months[k]) {
                    int year, month, dom;
                    date_parts(p.first, &year, &month, &dom);
                    assert_int_equal(dom, 1);
                    assert_int_equal((month - fiscal + 12) % months[k], 0);
                    assert_int_equal(p.last + 1, date_add_months(p.first, months[k]));
                } else {
                    assert_int_equal(p.last - p.first, k == PERIOD_WEEK ? 6 : 0);
                }
                period_text(p, fiscal, seen);
                before = p;
            }
        }
}

static void periods_are_added_far_in_both_directions(void **state) {
    (void)state;
    for (PeriodKind k = PERIOD_DAY; k <= PERIOD_YEAR; k++)
        for (int n = -60; n <= 60; n++) {
            Period p = period_of(k, day("2026-11-23"), 4), q = p;
            for (int i = 0; i < abs(n); i++) q = period_add(q, n < 0 ? -1 : 1, 4);
            Period jumped = period_add(p, n, 4);
            assert_memory_equal(&jumped, &q, sizeof q);
        }
}

/* ---- Zones ---- */

static void the_zone_is_eight_hours_east_until_one_is_set(void **state) {
    (void)state;
    char buf[INSTANT_TEXT];
    assert_true(instant_of_day(0, 8, 0) == 0);
    assert_string_equal(instant_local(0, buf), "1970-01-01 08:00");
}

static void unknown_zones_are_refused_and_change_nothing(void **state) {
    (void)state;
    assert_true(date_set_zone("Asia/Shanghai"));
    static const char *const bad[] = { "",      "Nowhere/City", "../etc/passwd", "/etc/localtime", "Asia/Shanghai\n",
                                       "CST-8", "Asia",         "Asia/../UTC",   ":UTC",           "zone.tab" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(date_set_zone(bad[i]));
    assert_true(instant_of_day(20000, 8, 0) == 20000 * DAY);
}

static void shanghai_works_without_zone_files(void **state) {
    (void)state;
    char buf[INSTANT_TEXT];
    setenv("TZDIR", "/nonexistent", 1);
    assert_true(date_set_zone("Asia/Shanghai"));
    assert_string_equal(getenv("TZ"), "CST-8");
    assert_string_equal(instant_local(1795428300 * SECOND, buf), "2026-11-23 18:05");
    assert_true(date_set_zone("UTC"));
    assert_string_equal(instant_local(1795428300 * SECOND, buf), "2026-11-23 10:05");
    assert_false(date_set_zone("Europe/Berlin"));
    assert_string_equal(instant_local(1795428300 * SECOND, buf), "2026-11-23 10:05");
    unsetenv("TZDIR");
    assert_true(date_set_zone("Asia/Shanghai"));
    if (have_zone("Asia/Shanghai")) assert_string_equal(getenv("TZ"), "Asia/Shanghai");
}

/* Every zone, every 1 h 7 min of some years and every day of many, against localtime_r. */
static void instants_agree_with_localtime_in_every_kind_of_zone(void **state) {
    (void)state;
    static const char *const zones[] = { "Asia/Shanghai",       "UTC",
                                         "America/New_York",    "Europe/Berlin",
                                         "Australia/Lord_Howe", "Asia/Kathmandu",
                                         "Africa/Casablanca",   "Pacific/Apia",
                                         "America/Sao_Paulo",   "Asia/Hong_Kong",
                                         "Pacific/Kiritimati",  "Asia/Pyongyang" };
    for (size_t z = 0; z < sizeof zones / sizeof *zones; z++) {
        if (!have_zone(zones[z])) continue;
        assert_true(date_set_zone(zones[z]));
        for (int64_t t = -INT64_C(1000000000); t<INT64_C(4200000000); t += t> 0 && t < 1900000000 ? 8053 : 86399) {
            struct tm tm;
            time_t second = (time_t)t;
            Date d;
            int h, m, s, year, month, dom;
            localtime_r(&second, &tm);
            instant_parts(t * SECOND + 999999, &d, &h, &m, &s);
            date_parts(d, &year, &month, &dom);
            bool same = year == tm.tm_year + 1900 && month == tm.tm_mon + 1 && dom == tm.tm_mday && h == tm.tm_hour &&
                        m == tm.tm_min && s == tm.tm_sec;
            if (!same) fail_msg("%s %lld", zones[z], (long long)t);
            assert_int_equal(date_of_instant(t * SECOND), d);
            /* And back: the same instant, or the first of the two with this time. */
            Instant back = instant_of_day(d, h, m) + s * SECOND;
            if (back != t * SECOND) {
                Date d2;
                int h2, m2, s2;
                instant_parts(back, &d2, &h2, &m2, &s2);
                if (d2 != d || h2 != h || m2 != m || back > t * SECOND)
                    fail_msg("%s %lld back", zones[z], (long long)t);
            }
        }
    }
}

static void a_time_that_comes_twice_is_the_first_and_a_missing_one_moves_on(void **state) {
    (void)state;
    char buf[INSTANT_TEXT];
    if (!have_zone("Europe/Berlin")) skip();
    assert_true(date_set_zone("Europe/Berlin"));
    assert_string_equal(instant_text(instant_of_day(day("2026-10-25"), 2, 30), buf), "2026-10-25T00:30:00.000Z");
    assert_string_equal(instant_text(instant_of_day(day("2026-10-25"), 3, 0), buf), "2026-10-25T02:00:00.000Z");
    assert_string_equal(instant_text(instant_of_day(day("2026-10-25"), 1, 59), buf), "2026-10-24T23:59:00.000Z");
    assert_string_equal(instant_text(instant_of_day(day("2026-03-29"), 1, 59), buf), "2026-03-29T00:59:00.000Z");
    assert_string_equal(instant_local(instant_of_day(day("2026-03-29"), 2, 30), buf), "2026-03-29 03:30");
    assert_string_equal(instant_text(instant_of_day(day("2026-03-29"), 3, 0), buf), "2026-03-29T01:00:00.000Z");
    assert_string_equal(instant_text(instant_of_day(day("2026-07-01"), 0, 0), buf), "2026-06-30T22:00:00.000Z");
}

static void shanghai_had_summer_time_from_1986_to_1991(void **state) {
    (void)state;
    char buf[INSTANT_TEXT];
    if (!have_zone("Asia/Shanghai")) skip();
    assert_true(date_set_zone("Asia/Shanghai"));
    assert_string_equal(instant_text(instant_of_day(day("1988-07-01"), 12, 0), buf), "1988-07-01T03:00:00.000Z");
    assert_string_equal(instant_text(instant_of_day(day("1995-07-01"), 12, 0), buf), "1995-07-01T04:00:00.000Z");
    assert_string_equal(instant_local(instant_of_day(day("1988-07-01"), 12, 0), buf), "1988-07-01 12:00");
}

static void the_day_changes_at_midnight_of_the_zone(void **state) {
    (void)state;
    char buf[INSTANT_TEXT];
    assert_true(date_set_zone("Asia/Shanghai"));
    for (Date d = day("1992-01-01"); d < day("2100-01-01"); d++) {
        Instant midnight = instant_of_day(d, 0, 0);
        assert_true(midnight == (d * INT64_C(86400) - 8 * 3600) * SECOND);
        assert_int_equal(date_of_instant(midnight), d);
        assert_int_equal(date_of_instant(midnight - 1), d - 1);
        assert_int_equal(date_of_instant(midnight + DAY - 1), d);
    }
    assert_string_equal(instant_text(instant_of_day(day("2026-11-23"), 18, 5), buf), "2026-11-23T10:05:00.000Z");
    assert_string_equal(instant_local(instant_of_day(day("2026-11-23"), 18, 5), buf), "2026-11-23 18:05");
    assert_string_equal(instant_local(instant_of_day(day("2026-11-23"), 24, 0), buf), "2026-11-24 00:00");
}

static void instants_are_written_with_milliseconds_cut_down(void **state) {
    (void)state;
    char buf[INSTANT_TEXT];
    assert_string_equal(instant_text(0, buf), "1970-01-01T00:00:00.000Z");
    assert_string_equal(instant_text(999, buf), "1970-01-01T00:00:00.000Z");
    assert_string_equal(instant_text(1999, buf), "1970-01-01T00:00:00.001Z");
    assert_string_equal(instant_text(DAY - 1, buf), "1970-01-01T23:59:59.999Z");
    assert_string_equal(instant_text(-1, buf), "1969-12-31T23:59:59.999Z");
    assert_string_equal(instant_text(-DAY, buf), "1969-12-31T00:00:00.000Z");
}

static void now_is_now(void **state) {
    (void)state;
    int64_t before = (int64_t)time(NULL) - 1;
    Instant now = instant_now();
    assert_true(now >= before * SECOND && now <= (before + 10) * SECOND);
    assert_true(instant_now() >= now);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_zone_is_eight_hours_east_until_one_is_set), /* first: the others set one */
        cmocka_unit_test(every_day_of_four_centuries_is_numbered_like_gmtime),
        cmocka_unit_test(days_that_do_not_exist_are_none),
        cmocka_unit_test(no_date_is_an_empty_text),
        cmocka_unit_test(all_ways_to_write_a_day_are_read),
        cmocka_unit_test(anything_else_is_refused_and_leaves_the_result_alone),
        cmocka_unit_test(months_are_added_and_the_day_cut),
        cmocka_unit_test(iso_weeks_agree_with_strftime_from_1970_to_2100),
        cmocka_unit_test(a_week_that_the_year_has_not_is_none),
        cmocka_unit_test(periods_have_names),
        cmocka_unit_test(a_quarter_with_a_fiscal_year_from_february_crosses_the_new_year),
        cmocka_unit_test(periods_tile_the_calendar_for_every_fiscal_month),
        cmocka_unit_test(periods_are_added_far_in_both_directions),
        cmocka_unit_test(unknown_zones_are_refused_and_change_nothing),
        cmocka_unit_test(shanghai_works_without_zone_files),
        cmocka_unit_test(instants_agree_with_localtime_in_every_kind_of_zone),
        cmocka_unit_test(a_time_that_comes_twice_is_the_first_and_a_missing_one_moves_on),
        cmocka_unit_test(shanghai_had_summer_time_from_1986_to_1991),
        cmocka_unit_test(the_day_changes_at_midnight_of_the_zone),
        cmocka_unit_test(instants_are_written_with_milliseconds_cut_down),
        cmocka_unit_test(now_is_now),
    };
    return cmocka_run_group_tests_name("base/date", tests, NULL, NULL);
}

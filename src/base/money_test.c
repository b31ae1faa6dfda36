/* money_test.c - tests of money.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/money.h"
#include <stdio.h>
#include <string.h>

__extension__ typedef __int128 Wide;
__extension__ typedef unsigned __int128 UWide;

static const char *plain(Money m) {
    static char buf[MONEY_TEXT];
    return money_plain(m, buf);
}

static const char *grouped(Money m) {
    static char buf[MONEY_TEXT];
    return money_grouped(m, buf);
}

static const char *brief(Money m) {
    static char buf[MONEY_TEXT];
    return money_short(m, buf);
}

static const char *percent(int64_t part, int64_t whole) {
    static char buf[MONEY_TEXT];
    return ratio_percent(part, whole, buf);
}

static uint64_t random64(void) {
    static uint64_t state = 88172645463325252;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* ---- Reading ---- */

static void amounts_are_read_as_people_write_them(void **state) {
    (void)state;
    static const struct {
        const char *text;
        Money amount;
    } good[] = {
        { "0", 0 },
        { "25000", 2500000 },
        { "25,000.00", 2500000 },
        { "25,000", 2500000 },
        { "1,234,567.89", 123456789 },
        { "￥1,234.5", 123450 },
        { "¥1,234.5", 123450 },
        { "¥ 100", 10000 },
        { "1.2万", 1200000 },
        { "3亿", 30000000000 },
        { "1.2萬", 1200000 },
        { "3億", 30000000000 },
        { "1.2万元", 1200000 },
        { "100元", 10000 },
        { "100 元", 10000 },
        { "25 万 元", 25000000 },
        { "-5", -500 },
        { "+5", 500 },
        { "-￥5", -500 },
        { "￥-5", -500 },
        { "¥ - 5", -500 },
        { "－５", -500 },
        { "\u22125", -500 },
        { "＋5", 500 },
        { "１２，３４５．６７", 1234567 },
        { "￥１２．５万", 12500000 },
        { " 5 ", 500 },
        { "\t5\n", 500 },
        { "\u3000５\u3000", 500 },
        { "\u00a05\u00a0", 500 },
        { "0.01", 1 },
        { "0.1", 10 },
        { "0.10", 10 },
        { "-0.01", -1 },
        { "-0", 0 },
        { "007", 700 },
        { "1.23456万", 1234560 },
        { "1.234567万", 1234567 },
        { "0.000001万", 1 },
        { "0.0000000001亿", 1 },
        { "1.0000000001亿", 10000000001 },
        { "1,234.5万", 1234500000 },
        { "1.230", 123 },
        { "1.23000000000000000000000000000000000000000", 123 },
        { "33.3万", 33300000 },
        { "1000000000000000", MONEY_MAX },
        { "1000000000000000.00", MONEY_MAX },
        { "1,000,000,000,000,000", MONEY_MAX },
        { "10000000亿", MONEY_MAX },
        { "100000000000万", MONEY_MAX },
        { "-1000000000000000", -MONEY_MAX },
        { "999999999999999.99", MONEY_MAX - 1 },
        { "9999999.9999999999亿", MONEY_MAX - 1 },
        { "000000000000000000000000000000000000000000000000000001", 100 },
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        Money m = 7;
        if (!money_parse(good[i].text, &m)) fail_msg("%s", good[i].text);
        if (m != good[i].amount) fail_msg("%s is not %lld", good[i].text, (long long)m);
    }
}

static void anything_else_is_refused_and_leaves_the_result_alone(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        " ",
        "-",
        "￥",
        "元",
        "万",
        "abc",
        "1a",
        "a1",
        "1,23",
        "12,34",
        "1234,567",
        "1,2345",
        "1,234,56",
        ",123",
        "1,",
        "1,,234",
        "1,234,",
        "1.",
        ".5",
        "1.2.3",
        "1.2,345",
        "1.234",
        "0.001",
        "0.005",
        "1.2345678万",
        "0.0000001万",
        "1.00000000001亿",
        "1万亿",
        "1亿万",
        "1万万",
        "1元万",
        "1元元",
        "--5",
        "+-5",
        "-￥-5",
        "￥￥5",
        "$5",
        "5￥",
        "1e5",
        "0x10",
        "1 000",
        "1'000",
        "1_000",
        "五",
        "1000000000000000.01",
        "1000000000000001",
        "-1000000000000000.01",
        "10000000.0000000001亿",
        "10000001亿",
        "100000000001万",
        "99999999999999999999",
        "99999999999999999999亿",
        "99999999999999999999999999999999999999999999999999999999999999999999999999999999",
        "9223372036854775807",
        "92233720368547758.07",
        "18446744073709551616",
        "340282366920938463463374607431768211456",
        "340282366920938463463374607431768211457亿",
        "0.0000000000000000000000000000000000000000000000000000000000001",
        "10000000.00000000010000000000000000000000000000000000001亿",
        "\xef\xbc",
        "\xef\xbc\x9a",
        "5%",
        "(5)",
        "1，23",
        "5\x01",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Money m = 7;
        if (money_parse(bad[i], &m)) fail_msg("%s", bad[i]);
        assert_int_equal(m, 7);
    }
}

static void what_is_printed_can_be_read(void **state) {
    (void)state;
    for (int i = 0; i < 200000; i++) {
        Money m = (Money)(random64() % (uint64_t)MONEY_MAX) >> (random64() % 57), back = 7;
        if (i % 2) m = -m;
        assert_true(money_parse(plain(m), &back));
        assert_true(back == m);
        assert_true(money_parse(grouped(m), &back));
        assert_true(back == m);
    }
}

static void whole_numbers_are_read_to_the_ends_of_int64(void **state) {
    (void)state;
    int64_t n = 7;
    static const struct {
        const char *text;
        int64_t n;
    } good[] = { { "0", 0 },
                 { "12", 12 },
                 { "-12", -12 },
                 { "+3", 3 },
                 { "1,234", 1234 },
                 { " １，２３４ ", 1234 },
                 { "－７", -7 },
                 { "9223372036854775807", INT64_MAX },
                 { "-9223372036854775808", INT64_MIN },
                 { "-9,223,372,036,854,775,808", INT64_MIN } };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (!int_parse(good[i].text, &n)) fail_msg("%s", good[i].text);
        assert_true(n == good[i].n);
    }
    n = 7;
    static const char *const bad[] = { "",
                                       "-",
                                       "1.0",
                                       "1.",
                                       "1,23",
                                       "12a",
                                       "￥5",
                                       "1万",
                                       "9223372036854775808",
                                       "1 2",
                                       "-9223372036854775809",
                                       "99999999999999999999999999999999999999999999" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (int_parse(bad[i], &n)) fail_msg("%s", bad[i]);
        assert_int_equal(n, 7);
    }
}

/* ---- Printing ---- */

static void amounts_are_printed_plain_and_grouped(void **state) {
    (void)state;
    char buf[MONEY_TEXT];
    assert_string_equal(plain(0), "0.00");
    assert_string_equal(plain(1), "0.01");
    assert_string_equal(plain(-1), "-0.01");
    assert_string_equal(plain(-2500000), "-25000.00");
    assert_string_equal(plain(INT64_MAX), "92233720368547758.07");
    assert_string_equal(plain(INT64_MIN + 1), "-92233720368547758.07");
    assert_string_equal(plain(MONEY_NONE), "");
    assert_string_equal(grouped(0), "0.00");
    assert_string_equal(grouped(99999), "999.99");
    assert_string_equal(grouped(100000), "1,000.00");
    assert_string_equal(grouped(-2500000), "-25,000.00");
    assert_string_equal(grouped(-99999), "-999.99");
    assert_string_equal(grouped(MONEY_MAX), "1,000,000,000,000,000.00");
    assert_string_equal(grouped(INT64_MIN + 1), "-92,233,720,368,547,758.07");
    assert_string_equal(grouped(MONEY_NONE), "");
    assert_string_equal(int_grouped(0, buf), "0");
    assert_string_equal(int_grouped(999, buf), "999");
    assert_string_equal(int_grouped(-1000, buf), "-1,000");
    assert_string_equal(int_grouped(INT64_MIN, buf), "-9,223,372,036,854,775,808");
}

static void boards_show_ten_thousands_and_hundred_millions(void **state) {
    (void)state;
    assert_string_equal(brief(4750000), "4.75万");
    assert_string_equal(brief(12000000000), "1.20亿");
    assert_string_equal(brief(33333334), "33.33万");
    assert_string_equal(brief(100000000), "100.00万");
    assert_string_equal(brief(1000000), "1.00万");
    assert_string_equal(brief(999999), "9,999.99");
    assert_string_equal(brief(0), "0.00");
    assert_string_equal(brief(-999999), "-9,999.99");
    assert_string_equal(brief(-4750000), "-4.75万");
    assert_string_equal(brief(1234500), "1.23万"); /* 1.2345 */
    assert_string_equal(brief(1235000), "1.24万"); /* 1.235: a half goes up */
    assert_string_equal(brief(1234999), "1.23万");
    assert_string_equal(brief(-1235000), "-1.24万"); /* away from zero */
    assert_string_equal(brief(9999994999), "9999.99万");
    assert_string_equal(brief(9999995000), "1.00亿"); /* not 10000.00万 */
    assert_string_equal(brief(10000000000), "1.00亿");
    assert_string_equal(brief(10050000000), "1.01亿");
    assert_string_equal(brief(MONEY_MAX), "10000000.00亿");
    assert_string_equal(brief(INT64_MIN + 1), "-922337203.69亿");
    assert_string_equal(brief(INT64_MAX), "922337203.69亿");
    assert_string_equal(brief(MONEY_NONE), "");
}

/* ---- Ratios ---- */

static void ratios_are_rounded_half_up_to_two_decimals(void **state) {
    (void)state;
    assert_string_equal(percent(85000, 80000), "106.25");
    assert_string_equal(percent(48000, 60000), "80.00");
    assert_string_equal(percent(135, 140), "96.43");
    assert_string_equal(percent(4750000 - 6000000, 6000000), "-20.83");
    assert_string_equal(percent(1, 3), "33.33");
    assert_string_equal(percent(2, 3), "66.67");
    assert_string_equal(percent(1, 80000), "0.00"); /* 0.00125 */
    assert_string_equal(percent(1, 20000), "0.01"); /* 0.005 */
    assert_string_equal(percent(-1, 20000), "-0.01");
    assert_string_equal(percent(1, -20000), "-0.01");
    assert_string_equal(percent(-1, -20000), "0.01");
    assert_string_equal(percent(-1, 20001), "0.00"); /* never -0.00 */
    assert_string_equal(percent(0, 5), "0.00");
    assert_string_equal(percent(5, 5), "100.00");
    assert_string_equal(percent(300, 1), "30000.00"); /* never capped, never grouped */
    assert_string_equal(percent(INT64_MAX, 1), "922337203685477580700.00");
    assert_string_equal(percent(INT64_MIN, 1), "-922337203685477580800.00");
    assert_string_equal(percent(INT64_MIN, INT64_MIN), "100.00");
    assert_string_equal(percent(INT64_MAX, INT64_MIN), "-100.00");
    assert_string_equal(percent(1, INT64_MIN), "0.00");
}

static void a_ratio_to_nothing_is_a_dash(void **state) {
    (void)state;
    int64_t bp = 7;
    assert_string_equal(percent(5, 0), "—");
    assert_string_equal(percent(0, 0), "—");
    assert_false(ratio_bp(5, 0, &bp));
    assert_int_equal(bp, 7);
}

static void basis_points_are_exact(void **state) {
    (void)state;
    int64_t bp = 7;
    assert_true(ratio_bp(95, 100, &bp));
    assert_int_equal(bp, 9500);
    assert_false(ratio_bp(INT64_MAX, 1, &bp)); /* does not fit */
    assert_int_equal(bp, 9500);
    for (int64_t whole = -60; whole <= 60; whole++)
        for (int64_t part = -200; part <= 200; part++) {
            if (whole == 0) continue;
            assert_true(ratio_bp(part, whole, &bp));
            /* |bp - exact| <= 1/2, and if it is a half then bp is the larger in size */
            int64_t twice = 2 * (bp * whole - part * 10000), size = whole < 0 ? -whole : whole;
            assert_true(twice <= size && twice >= -size);
            if (twice == size || twice == -size)
                assert_true((bp < 0 ? -bp : bp) * size * 2 > (part < 0 ? -part : part) * 20000);
        }
}

/* ---- Splitting ---- */

static void a_million_in_three_months_sums_to_a_million(void **state) {
    (void)state;
    Money parts[3];
    money_split(100000000, NULL, 3, parts);
    assert_int_equal(parts[0], 33333334);
    assert_int_equal(parts[1], 33333333);
    assert_int_equal(parts[2], 33333333);
    assert_string_equal(brief(parts[0]), "33.33万");
}

static void the_largest_remainders_get_what_is_left(void **state) {
    (void)state;
    Money parts[5];
    money_split(100, (const int64_t[]){ 1, 2, 3 }, 3, parts); /* 16.67 33.33 50 */
    assert_int_equal(parts[0], 17);
    assert_int_equal(parts[1], 33);
    assert_int_equal(parts[2], 50);
    money_split(10, (const int64_t[]){ 0, 1, 0, 1, 1 }, 5, parts);
    assert_memory_equal(parts, ((const Money[]){ 0, 4, 0, 3, 3 }), sizeof parts);
    money_split(-10, (const int64_t[]){ 0, 1, 0, 1, 1 }, 5, parts);
    assert_memory_equal(parts, ((const Money[]){ 0, -4, 0, -3, -3 }), sizeof parts);
    money_split(2, NULL, 5, parts);
    assert_memory_equal(parts, ((const Money[]){ 1, 1, 0, 0, 0 }), sizeof parts);
    money_split(0, NULL, 5, parts);
    assert_memory_equal(parts, ((const Money[]){ 0, 0, 0, 0, 0 }), sizeof parts);
    money_split(7, NULL, 1, parts);
    assert_int_equal(parts[0], 7);
    money_split(INT64_MIN, (const int64_t[]){ INT64_MAX }, 1, parts);
    assert_true(parts[0] == INT64_MIN);
    money_split(7, (const int64_t[]){ 0, 0 }, 2, parts); /* no weights at all are equal weights */
    assert_int_equal(parts[0], 4);
    assert_int_equal(parts[1], 3);
    parts[0] = 99;
    money_split(7, NULL, 0, parts);
    assert_int_equal(parts[0], 99);
}

/* Hamilton's method: the sum is exact, each part is the quota cut down or that plus one, and nobody with a smaller
 * remainder (or the same and a later place) gets the one before somebody with a larger. */
static void check_split(Money total, const int64_t *weights, int n) {
    Money parts[64];
    UWide remainders[64], sum = 0, size = total < 0 ? -(UWide)total : (UWide)total;
    bool got[64];
    Wide made = 0;
    money_split(total, weights, n, parts);
    for (int i = 0; i < n; i++) sum += weights ? (uint64_t)weights[i] : 1;
    for (int i = 0; i < n; i++) {
        UWide product = size * (weights ? (uint64_t)weights[i] : 1), floor = product / sum;
        UWide part = parts[i] < 0 ? -(UWide)parts[i] : (UWide)parts[i];
        assert_true(part == 0 || (parts[i] < 0) == (total < 0));
        assert_true(part == floor || part == floor + 1);
        remainders[i] = product % sum;
        got[i] = part != floor;
        made += parts[i];
    }
    assert_true(made == total);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++)
            if (got[i] && !got[k])
                assert_true(remainders[i] > remainders[k] || (remainders[i] == remainders[k] && i < k));
}

static void random_weights_sum_exactly_even_when_huge(void **state) {
    (void)state;
    int64_t weights[64];
    for (int round = 0; round < 20000; round++) {
        int n = 1 + (int)(random64() % 64), shift = 1 + (int)(random64() % 63);
        Money total = (Money)(random64() >> (random64() % 64));
        bool any = false;
        for (int i = 0; i < n; i++) {
            weights[i] = random64() % 5 ? (int64_t)(random64() >> shift) : 0;
            any |= weights[i] > 0;
        }
        check_split(total, any ? weights : NULL, n);
    }
    for (int i = 0; i < 64; i++) weights[i] = INT64_MAX;
    check_split(INT64_MAX, weights, 64);
    check_split(INT64_MIN, weights, 63);
    weights[7] = 1;
    check_split(INT64_MIN, weights, 64);
    check_split(MONEY_MAX, weights, 8);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_are_read_as_people_write_them),
        cmocka_unit_test(anything_else_is_refused_and_leaves_the_result_alone),
        cmocka_unit_test(what_is_printed_can_be_read),
        cmocka_unit_test(whole_numbers_are_read_to_the_ends_of_int64),
        cmocka_unit_test(amounts_are_printed_plain_and_grouped),
        cmocka_unit_test(boards_show_ten_thousands_and_hundred_millions),
        cmocka_unit_test(ratios_are_rounded_half_up_to_two_decimals),
        cmocka_unit_test(a_ratio_to_nothing_is_a_dash),
        cmocka_unit_test(basis_points_are_exact),
        cmocka_unit_test(a_million_in_three_months_sums_to_a_million),
        cmocka_unit_test(the_largest_remainders_get_what_is_left),
        cmocka_unit_test(random_weights_sum_exactly_even_when_huge),
    };
    return cmocka_run_group_tests_name("base/money", tests, NULL, NULL);
}

/* ratio_test.c - tests of ratio.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/money.h"
#include "base/ratio.h"
#include <string.h>

static uint64_t random64(void) {
    static uint64_t state = 88172645463325252;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static int64_t random_number(void) {
    return (int64_t)random64() >> (random64() % 63);
}

static Ratio random_ratio(void) {
    int64_t den = random_number();
    return ratio_make(random_number(), den ? den : 1);
}

static bool same(Ratio a, Ratio b) {
    return a.num == b.num && a.den == b.den;
}

static bool is(Ratio r, int64_t num, int64_t den) {
    return r.num == num && r.den == den;
}

static int64_t scaled(Ratio r, int64_t scale) {
    int64_t n = 77777;
    if (!ratio_scaled(r, scale, &n)) assert_int_equal(n, 77777);
    return n;
}

static void fractions_are_kept_in_lowest_terms(void **state) {
    (void)state;
    assert_true(is(ratio_make(6, 8), 3, 4));
    assert_true(is(ratio_make(-6, 8), -3, 4));
    assert_true(is(ratio_make(6, -8), -3, 4));
    assert_true(is(ratio_make(-6, -8), 3, 4));
    assert_true(is(ratio_make(0, -8), 0, 1));
    assert_true(is(ratio_make(285000, 6), 47500, 1));
    assert_true(is(ratio_make(INT64_MIN, INT64_MIN), 1, 1));
    Ratio r = ratio_make(INT64_MIN, -1);
    assert_true(r.num == (Int128)INT64_MAX + 1 && r.den == 1);
}

static void sums_and_products_are_exact(void **state) {
    (void)state;
    assert_true(is(ratio_add(ratio_make(1, 10), ratio_make(2, 10)), 3, 10));
    assert_true(is(ratio_sub(ratio_make(1, 10), ratio_make(3, 10)), -1, 5));
    assert_true(is(ratio_sub(ratio_make(3, 10), ratio_make(1, 10)), 1, 5));
    assert_true(is(ratio_add(ratio_make(-1, 3), ratio_make(1, 3)), 0, 1));
    assert_true(is(ratio_add(ratio_make(-1, 3), ratio_make(-1, 3)), -2, 3));
    assert_true(is(ratio_mul(ratio_div(ratio_make(100000000, 1), ratio_make(3, 1)), ratio_make(3, 1)), 100000000, 1));
    assert_true(is(ratio_mul(ratio_make(-2, 3), ratio_make(3, 4)), -1, 2));
    assert_true(is(ratio_div(ratio_make(2, 3), ratio_make(-4, 3)), -1, 2));
    assert_true(is(ratio_neg(ratio_make(2, 3)), -2, 3));
    for (int i = 0; i < 50000; i++) {
        Ratio a = random_ratio(), b = random_ratio();
        assert_true(same(ratio_add(a, b), ratio_add(b, a)));
        assert_true(same(ratio_mul(a, b), ratio_mul(b, a)));
        Ratio there = ratio_add(a, b), back = ratio_sub(there, b);
        if (ratio_why(back) == RATIO_HAS_VALUE) assert_true(same(back, a));
        if (b.num == 0) continue;
        there = ratio_div(a, b), back = ratio_mul(there, b);
        assert_int_equal(ratio_why(there), RATIO_HAS_VALUE); /* 64 bits each: always fits */
        assert_true(same(back, a));
    }
}

static void no_value_says_why_and_stays_so(void **state) {
    (void)state;
    Ratio one = ratio_make(1, 1), zero = ratio_make(0, 1), cut = ratio_div(one, zero), zeroed;
    memset(&zeroed, 0, sizeof zeroed);
    assert_int_equal(ratio_why(one), RATIO_HAS_VALUE);
    assert_int_equal(ratio_why(zero), RATIO_HAS_VALUE);
    assert_int_equal(ratio_why(RATIO_NONE), RATIO_MISSING);
    assert_int_equal(ratio_why(zeroed), RATIO_MISSING);
    assert_int_equal(ratio_why(ratio_make(5, 0)), RATIO_BY_ZERO);
    assert_int_equal(ratio_why(cut), RATIO_BY_ZERO);
    assert_int_equal(ratio_why(ratio_div(zero, zero)), RATIO_BY_ZERO);
    Ratio (*const operations[])(Ratio, Ratio) = { ratio_add, ratio_sub, ratio_mul, ratio_div };
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(ratio_why(operations[i](RATIO_NONE, one)), RATIO_MISSING);
        assert_int_equal(ratio_why(operations[i](one, RATIO_NONE)), RATIO_MISSING);
        assert_int_equal(ratio_why(operations[i](RATIO_NONE, zero)), RATIO_MISSING);
        assert_int_equal(ratio_why(operations[i](RATIO_NONE, cut)), RATIO_MISSING); /* the left one */
        assert_int_equal(ratio_why(operations[i](cut, RATIO_NONE)), RATIO_BY_ZERO);
    }
    assert_int_equal(ratio_why(ratio_neg(cut)), RATIO_BY_ZERO);
    assert_int_equal(scaled(RATIO_NONE, 1), 77777);
    assert_int_equal(scaled(cut, 1), 77777);
}

static void what_does_not_fit_is_no_value(void **state) {
    (void)state;
    Ratio large = ratio_make(INT64_MAX, 1), square = ratio_mul(large, large),
          small = ratio_div(ratio_make(1, 1), square);
    assert_true(square.num == (Int128)INT64_MAX * INT64_MAX && square.den == 1);
    assert_true(is(ratio_div(square, large), INT64_MAX, 1));
    assert_true(is(ratio_mul(small, square), 1, 1));
    assert_int_equal(ratio_why(ratio_mul(square, large)), RATIO_TOO_LARGE);
    assert_int_equal(ratio_why(ratio_div(small, large)), RATIO_TOO_LARGE);
    assert_int_equal(ratio_why(ratio_add(square, small)), RATIO_TOO_LARGE);
    assert_int_equal(ratio_why(ratio_neg(ratio_mul(square, large))), RATIO_TOO_LARGE);
    Ratio most = { .num = (Int128)(((unsigned __int128)-1) >> 1), .den = 1 }, one = ratio_make(1, 1);
    assert_int_equal(ratio_why(ratio_add(most, one)), RATIO_TOO_LARGE);
    assert_int_equal(ratio_why(ratio_sub(ratio_neg(most), one)), RATIO_TOO_LARGE);
    assert_int_equal(ratio_why(ratio_add(most, most)), RATIO_TOO_LARGE);
    assert_true(is(ratio_sub(most, most), 0, 1));
    assert_true(is(ratio_div(most, ratio_neg(most)), -1, 1));
    assert_int_equal(scaled(square, 1), 77777);
    assert_int_equal(scaled(large, 2), 77777);
    assert_int_equal(scaled(most, INT64_MAX), 77777);
    Ratio half = { .num = (Int128)1 << 126, .den = 1 };
    assert_int_equal(scaled(half, 4), 77777); /* 2^128 would look like 0 */
    assert_true(scaled(large, 1) == INT64_MAX);
    assert_true(scaled(ratio_make(INT64_MIN, 1), 1) == INT64_MIN);
    assert_int_equal(scaled(ratio_sub(ratio_make(INT64_MIN, 1), ratio_make(1, 2)), 1), 77777);
    assert_int_equal(scaled(ratio_neg(ratio_make(INT64_MIN, 1)), 1), 77777);
    assert_int_equal(scaled(ratio_div(one, most), INT64_MAX), 0);
    assert_true(scaled(ratio_div(ratio_sub(most, one), most), INT64_MAX) == INT64_MAX); /* 0.99... */
}

static void a_weighted_score_of_three_ratios_of_amounts_fits(void **state) {
    (void)state;
    Ratio sum = ratio_make(0, 1); /* 1 亿元 and some 分 each, nothing to cancel */
    static const int64_t amounts[3][2] = { { 9876543211, 10000000019 },
                                           { 8765432111, 10000000033 },
                                           { 7654321111, 10000000061 } };
    for (int i = 0; i < 3; i++)
        sum = ratio_add(sum, ratio_mul(ratio_make(2 + i, 10), ratio_make(amounts[i][0], amounts[i][1])));
    assert_int_equal(scaled(sum, 10000), 7667); /* 0.2 * 0.98765... + 0.3 * 0.87654... + 0.4 * 0.76543... */
    static const int64_t primes[] = { 100000007, 100000037, 100000039, 100000049 };
    sum = ratio_make(0, 1); /* four of a person */
    for (int i = 0; i < 4; i++)
        sum = ratio_add(sum, ratio_mul(ratio_make(37, 100), ratio_make(90000001 + i, primes[i])));
    assert_int_equal(scaled(sum, 10000), 13320);
}

static void rounding_is_half_away_from_zero(void **state) {
    (void)state;
    assert_int_equal(scaled(ratio_make(5005, 1000), 100), 501);
    assert_int_equal(scaled(ratio_make(-5005, 1000), 100), -501);
    assert_int_equal(scaled(ratio_make(50049, 10000), 100), 500);
    assert_int_equal(scaled(ratio_make(-50049, 10000), 100), -500);
    assert_int_equal(scaled(ratio_make(1005, 1000), 100), 101); /* a double would say 100 */
    assert_int_equal(scaled(ratio_make(1, 2), 1), 1);
    assert_int_equal(scaled(ratio_make(-1, 2), 1), -1);
    assert_int_equal(scaled(ratio_make(499, 1000), 1), 0);
    assert_int_equal(scaled(ratio_make(85000, 80000), 10000), 10625);
    assert_int_equal(scaled(ratio_make(48000, 60000), 10000), 8000);
    assert_int_equal(scaled(ratio_make(135, 140), 10000), 9643);
    assert_int_equal(scaled(ratio_make(1217, 10000), 10000), 1217);
    assert_int_equal(scaled(ratio_make(14, 115), 10000), 1217); /* 12.1739 */
    assert_int_equal(scaled(ratio_make(1, 3), 100), 33);
    assert_int_equal(scaled(ratio_make(2, 3), 100), 67);
    assert_int_equal(scaled(ratio_make(0, 3), 100), 0);
}

static void percentages_are_those_of_money(void **state) {
    (void)state;
    for (int i = 0; i < 50000; i++) {
        int64_t part = random_number(), whole = random_number(), mine = 1, theirs = 1;
        assert_int_equal(ratio_scaled(ratio_make(part, whole), 10000, &mine), ratio_bp(part, whole, &theirs));
        assert_true(mine == theirs);
    }
}

static void order_is_that_of_the_numbers(void **state) {
    (void)state;
    assert_true(ratio_compare(ratio_make(1, 3), ratio_make(1, 2)) < 0);
    assert_true(ratio_compare(ratio_make(-1, 3), ratio_make(-1, 2)) > 0);
    assert_true(ratio_compare(ratio_make(-1, 3), ratio_make(1, 2)) < 0);
    assert_true(ratio_compare(ratio_make(1, 3), ratio_make(0, 2)) > 0);
    assert_true(ratio_compare(ratio_make(2, 4), ratio_make(1, 2)) == 0);
    assert_true(ratio_compare(RATIO_NONE, ratio_make(-5, 1)) < 0);
    assert_true(ratio_compare(ratio_make(-5, 1), ratio_make(1, 0)) > 0);
    assert_true(ratio_compare(ratio_make(1, 0), RATIO_NONE) == 0);
    Ratio most = { .num = (Int128)(((unsigned __int128)-1) >> 1), .den = 1 };
    Ratio just_less = { .num = most.num - 1, .den = most.num }, less = { .num = most.num - 2, .den = most.num - 1 };
    assert_true(ratio_compare(just_less, less) > 0); /* they differ in the 77th decimal */
    assert_true(ratio_compare(just_less, just_less) == 0);
    assert_true(ratio_compare(most, ratio_make(INT64_MAX, 1)) > 0);
    for (int i = 0; i < 50000; i++) {
        Ratio a = random_ratio(), b = random_ratio();
        Int128 left = a.num * b.den, right = b.num * a.den; /* 64 bits each */
        assert_int_equal(ratio_compare(a, b), (left > right) - (left < right));
    }
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(fractions_are_kept_in_lowest_terms),
        cmocka_unit_test(sums_and_products_are_exact),
        cmocka_unit_test(no_value_says_why_and_stays_so),
        cmocka_unit_test(what_does_not_fit_is_no_value),
        cmocka_unit_test(a_weighted_score_of_three_ratios_of_amounts_fits),
        cmocka_unit_test(rounding_is_half_away_from_zero),
        cmocka_unit_test(percentages_are_those_of_money),
        cmocka_unit_test(order_is_that_of_the_numbers),
    };
    return cmocka_run_group_tests_name("base/ratio", tests, NULL, NULL);
}

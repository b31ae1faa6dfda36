/* target_split_test.c - parts sum exactly, are never negative, and are the same each time. */
#include "modules/target/target_split.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const SplitMix equal = {{1, 0, 0, 0}};

static int64_t sum_of(const SplitPart *parts, int n) {
    int64_t sum = 0;
    for (int i = 0; i < n; i++) {
        assert_true(parts[i].value >= 0);
        sum += parts[i].value;
    }
    return sum;
}

static void T1_a_quarter_of_1000000_yuan_is_three_months_that_sum_to_it(void **state) {
    (void)state;
    int64_t months[3];
    target_split_season(100000000, (const int64_t[]){0, 0, 0}, 3, months);
    assert_int_equal(months[0], 33333334);
    assert_int_equal(months[1], 33333333);
    assert_int_equal(months[2], 33333333);
}

static void U5_150_and_6_are_three_times_50_and_2(void **state) {
    (void)state;
    int64_t months[3];
    target_split_season(150, (const int64_t[]){0, 0, 0}, 3, months);
    for (int i = 0; i < 3; i++) assert_int_equal(months[i], 50);
    target_split_season(6, (const int64_t[]){7, 7, 7}, 3, months);
    for (int i = 0; i < 3; i++) assert_int_equal(months[i], 2);
}

static void a_season_is_repeated(void **state) {
    (void)state;
    int64_t months[4];
    target_split_season(1000, (const int64_t[]){100, 300, -5, 0}, 4, months);
    assert_int_equal(months[0], 250);
    assert_int_equal(months[1], 750);
    assert_int_equal(months[2], 0);
    assert_int_equal(months[3], 0);
}

static void locked_parts_keep_what_they_have_and_the_others_share_the_rest(void **state) {
    (void)state;
    SplitPart parts[] = {{.locked = true, .value = 40}, {.value = 7}, {.value = 8}};
    assert_int_equal(target_split_month(101, &equal, parts, 3), 0);
    assert_int_equal(parts[0].value, 40);
    assert_int_equal(parts[1].value, 31);
    assert_int_equal(parts[2].value, 30);
}

static void locked_parts_that_keep_too_much_leave_0_and_the_lack_is_told(void **state) {
    (void)state;
    SplitPart parts[] = {{.locked = true, .value = 140}, {.value = 7}}, all[] = {{.locked = true, .value = 30}};
    assert_int_equal(target_split_month(100, &equal, parts, 2), -40);
    assert_int_equal(parts[1].value, 0);
    assert_int_equal(target_split_month(100, &equal, all, 1), 70);
    assert_int_equal(target_split_month(100, &equal, all, 0), 100);
}

static void a_mix_lies_between_its_methods(void **state) {
    (void)state;
    SplitPart parts[] = {{.by = {1, 300, 20, 100}}, {.by = {1, 100, 10, 40}}};
    SplitMix history = {{0, 1, 0, 0}}, half = {{1, 1, 0, 0}}, days = {{0, 0, 1, 0}}, ramp = {{0, 0, 0, 5}};
    target_split_month(1000, &history, parts, 2);
    assert_int_equal(parts[0].value, 750);
    target_split_month(1000, &half, parts, 2);
    assert_int_equal(parts[0].value, 625);
    target_split_month(1000, &days, parts, 2);
    assert_int_equal(parts[0].value, 667);
    target_split_month(1000, &ramp, parts, 2);
    assert_int_equal(parts[0].value, 714);
    assert_int_equal(parts[1].value, 286);
}

static void no_past_and_no_method_mean_equal_parts(void **state) {
    (void)state;
    SplitPart parts[] = {{.by = {1, 0, 0, 0}}, {.by = {1, 0, 0, 0}}};
    SplitMix history = {{0, 1, 0, 0}}, none = {{0, 0, 0, 0}};
    target_split_month(10, &history, parts, 2);
    assert_int_equal(parts[0].value, 5);
    target_split_month(11, &none, parts, 2);
    assert_int_equal(parts[0].value, 6);
    assert_int_equal(parts[1].value, 5);
}

static uint64_t next(uint64_t *x) {
    *x = *x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *x >> 33;
}

static void whatever_is_shared_out_sums_exactly_and_comes_out_the_same_again(void **state) {
    (void)state;
    uint64_t x = 20240701;
    for (int turn = 0; turn < 5000; turn++) {
        SplitPart a[40] = {0}, b[40];
        SplitMix mix = {{(int64_t)(next(&x) % 4), (int64_t)(next(&x) % 4), (int64_t)(next(&x) % 4), (int64_t)(next(&x) % 4)}};
        int n = 1 + (int)(next(&x) % 40);
        int64_t total = (int64_t)(next(&x) * next(&x) % UINT64_C(1000000000000000));
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < SPLIT_METHODS; k++) a[i].by[k] = (int64_t)(next(&x) % 3 ? next(&x) : 0);
            a[i].locked = next(&x) % 5 == 0;
            a[i].value = (int64_t)(next(&x) % 1000000);
            b[i] = a[i];
        }
        int64_t rest = target_split_month(total, &mix, a, n);
        assert_int_equal(sum_of(a, n) + rest, total);
        assert_int_equal(target_split_month(total, &mix, b, n), rest);
        for (int i = 0; i < n; i++) assert_int_equal(a[i].value, b[i].value);
    }
}

static void strength_grows_until_the_ninth_month(void **state) {
    (void)state;
    assert_int_equal(target_ramp(-1), 0);
    assert_int_equal(target_ramp(0), 40);
    for (int i = 1; i < 30; i++) assert_true(target_ramp(i) >= target_ramp(i - 1));
    assert_int_equal(target_ramp(9), 100);
    assert_int_equal(target_ramp(120), 100);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(T1_a_quarter_of_1000000_yuan_is_three_months_that_sum_to_it),
        cmocka_unit_test(U5_150_and_6_are_three_times_50_and_2),
        cmocka_unit_test(a_season_is_repeated),
        cmocka_unit_test(locked_parts_keep_what_they_have_and_the_others_share_the_rest),
        cmocka_unit_test(locked_parts_that_keep_too_much_leave_0_and_the_lack_is_told),
        cmocka_unit_test(a_mix_lies_between_its_methods),
        cmocka_unit_test(no_past_and_no_method_mean_equal_parts),
        cmocka_unit_test(whatever_is_shared_out_sums_exactly_and_comes_out_the_same_again),
        cmocka_unit_test(strength_grows_until_the_ninth_month),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("target/split", tests, NULL, NULL);
}

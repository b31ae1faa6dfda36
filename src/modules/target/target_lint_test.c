/* target_lint_test.c - chances and agreement, with the numbers of the source's tables. */
#include "modules/target/target_lint.h"
#include "base/money.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define YUAN(n) (INT64_C(100) * (n))

static void T2_five_customers_at_60000_are_300000(void **state) {
    (void)state;
    LintProduct p;
    assert_true(target_lint_product(5, YUAN(60000), YUAN(300000), &p));
    assert_int_equal(p.implied, YUAN(300000));
    assert_true(p.agrees);
    assert_int_equal(p.gap_bp, 0);
}

static void T3_eight_customers_at_60000_are_480000_and_not_300000(void **state) {
    (void)state;
    LintProduct p;
    assert_true(target_lint_product(8, YUAN(60000), YUAN(300000), &p));
    assert_int_equal(p.implied, YUAN(480000));
    assert_false(p.agrees);
    assert_int_equal(p.gap_bp, 6000);
}

static void T4_47500_for_60000_is_20_83_percent_short(void **state) {
    (void)state;
    int64_t bp;
    assert_true(ratio_bp(YUAN(47500) - YUAN(60000), YUAN(60000), &bp));
    assert_int_equal(bp, -2083);
    LintProduct p;
    assert_true(target_lint_product(1, YUAN(47500), YUAN(60000), &p));
    assert_int_equal(p.gap_bp, -2083);
    assert_false(p.agrees);
}

static void five_percent_is_near_enough(void **state) {
    (void)state;
    LintProduct p;
    assert_true(target_lint_product(1, 10500, 10000, &p) && p.agrees);
    assert_true(target_lint_product(1, 10501, 10000, &p) && !p.agrees);
    assert_true(target_lint_product(1, 9500, 10000, &p) && p.agrees);
    assert_true(target_lint_product(0, 9500, 0, &p) && p.agrees);
    assert_true(target_lint_product(1, 9500, 0, &p) && !p.agrees);
    assert_false(target_lint_product(INT64_MAX, 2, 0, &p));
}

static void the_chance_counts_the_months_that_are_known(void **state) {
    (void)state;
    const int64_t past[] = {100, INT64_MIN, 200, 300, 0};
    LintChance c = target_lint_chance(past, 5, 200, false);
    assert_int_equal(c.known, 4);
    assert_int_equal(c.reached, 2);
    c = target_lint_chance(past, 5, 100, true);
    assert_int_equal(c.reached, 2);
    c = target_lint_chance(past, 0, 100, false);
    assert_int_equal(c.known, 0);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(T2_five_customers_at_60000_are_300000),
        cmocka_unit_test(T3_eight_customers_at_60000_are_480000_and_not_300000),
        cmocka_unit_test(T4_47500_for_60000_is_20_83_percent_short),
        cmocka_unit_test(five_percent_is_near_enough),
        cmocka_unit_test(the_chance_counts_the_months_that_are_known),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("target/lint", tests, NULL, NULL);
}

/* okr_rules_test.c - tests of okr_rules.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "modules/okr/okr_rules.h"

static Ratio whole(int64_t n) {
    return ratio_make(n, 1);
}
static void same(Ratio a, int64_t num, int64_t den) {
    assert_int_equal(ratio_why(a), RATIO_HAS_VALUE);
    assert_int_equal(ratio_compare(a, ratio_make(num, den)), 0);
}
static void is_cycle(Period p, Date first, Date last) {
    assert_int_equal(p.first, first);
    assert_int_equal(p.last, last);
}

static void progress_is_the_way_from_start_to_target(void **state) {
    (void)state;
    same(okr_progress(whole(0), whole(30), whole(10)), 1, 3);
    same(okr_progress(whole(10), whole(30), whole(5)), -1, 4);
    same(okr_progress(whole(0), whole(30), whole(45)), 3, 2);
}

static void where_less_is_better_the_target_lies_below_the_start(void **state) {
    (void)state;
    same(okr_progress(whole(10), whole(5), whole(7)), 3, 5);
    same(okr_progress(whole(10), whole(5), whole(10)), 0, 1);
    same(okr_progress(whole(10), whole(5), whole(4)), 6, 5);
}

static void no_value_is_no_progress_and_never_0(void **state) {
    (void)state;
    assert_int_equal(ratio_why(okr_progress(whole(0), whole(30), RATIO_NONE)), RATIO_MISSING);
    assert_int_equal(ratio_why(okr_progress(whole(5), whole(5), whole(5))), RATIO_BY_ZERO);
    assert_int_equal(okr_score(RATIO_NONE), -1);
}

static void a_score_is_progress_within_0_and_1_with_two_decimals(void **state) {
    (void)state;
    assert_int_equal(okr_score(ratio_make(1, 3)), 33);
    assert_int_equal(okr_score(ratio_make(2, 3)), 67);
    assert_int_equal(okr_score(ratio_make(125, 1000)), 13);
    assert_int_equal(okr_score(ratio_make(-1, 4)), 0);
    assert_int_equal(okr_score(ratio_make(3, 2)), 100);
}

static void an_objective_is_the_weighted_mean_of_its_key_results(void **state) {
    (void)state;
    OkrPart parts[] = { { ratio_make(1, 3), 50 }, { ratio_make(1, 2), 30 }, { whole(1), 20 } };
    same(okr_mean(parts, 3), 31, 60); /* (50/3 + 15 + 20) / 100, exactly */
    OkrPart thirds[] = { { ratio_make(1, 3), 1 }, { ratio_make(1, 3), 1 }, { ratio_make(1, 3), 1 } };
    same(okr_mean(thirds, 3), 1, 3);
}

static void one_overdone_does_not_hide_one_undone(void **state) {
    (void)state;
    OkrPart parts[] = { { whole(3), 1 }, { whole(0), 1 }, { ratio_make(-1, 2), 1 } };
    same(okr_mean(parts, 3), 1, 3);
}

static void one_without_value_counts_as_nothing_only_beside_others(void **state) {
    (void)state;
    OkrPart parts[] = { { whole(1), 1 }, { RATIO_NONE, 1 } };
    same(okr_mean(parts, 2), 1, 2);
    assert_int_equal(ratio_why(okr_mean(parts + 1, 1)), RATIO_MISSING);
    assert_int_equal(ratio_why(okr_mean(NULL, 0)), RATIO_MISSING);
}

static void cycles_are_months_pairs_quarters_halves_and_years(void **state) {
    (void)state;
    Date day = date_make(2026, 11, 26);
    is_cycle(okr_cycle(OKR_MONTH, day, 1), date_make(2026, 11, 1), date_make(2026, 11, 30));
    is_cycle(okr_cycle(OKR_TWO_MONTHS, day, 1), date_make(2026, 11, 1), date_make(2026, 12, 31));
    is_cycle(okr_cycle(OKR_TWO_MONTHS, date_make(2026, 12, 31), 1), date_make(2026, 11, 1), date_make(2026, 12, 31));
    is_cycle(okr_cycle(OKR_QUARTER, day, 1), date_make(2026, 10, 1), date_make(2026, 12, 31));
    is_cycle(okr_cycle(OKR_HALF, day, 1), date_make(2026, 7, 1), date_make(2026, 12, 31));
    is_cycle(okr_cycle(OKR_YEAR, day, 1), date_make(2026, 1, 1), date_make(2026, 12, 31));
}

static void pairs_of_months_begin_with_the_fiscal_year(void **state) {
    (void)state;
    is_cycle(okr_cycle(OKR_TWO_MONTHS, date_make(2027, 1, 15), 4), date_make(2026, 12, 1), date_make(2027, 1, 31));
    is_cycle(okr_cycle(OKR_TWO_MONTHS, date_make(2026, 4, 1), 4), date_make(2026, 4, 1), date_make(2026, 5, 31));
    is_cycle(okr_cycle_add(OKR_TWO_MONTHS, date_make(2026, 12, 1), 1, 4), date_make(2027, 2, 1), date_make(2027, 3, 31));
    is_cycle(okr_cycle_add(OKR_QUARTER, date_make(2026, 10, 1), -1, 1), date_make(2026, 7, 1), date_make(2026, 9, 30));
}

static void confidence_has_three_words_and_silence(void **state) {
    (void)state;
    assert_int_equal(okr_mood(-1), OKR_UNSAID);
    assert_int_equal(okr_mood(0), OKR_AT_RISK);
    assert_int_equal(okr_mood(3), OKR_AT_RISK);
    assert_int_equal(okr_mood(4), OKR_UNSURE);
    assert_int_equal(okr_mood(6), OKR_UNSURE);
    assert_int_equal(okr_mood(7), OKR_CONFIDENT);
    assert_int_equal(okr_mood(10), OKR_CONFIDENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(progress_is_the_way_from_start_to_target),
        cmocka_unit_test(where_less_is_better_the_target_lies_below_the_start),
        cmocka_unit_test(no_value_is_no_progress_and_never_0),
        cmocka_unit_test(a_score_is_progress_within_0_and_1_with_two_decimals),
        cmocka_unit_test(an_objective_is_the_weighted_mean_of_its_key_results),
        cmocka_unit_test(one_overdone_does_not_hide_one_undone),
        cmocka_unit_test(one_without_value_counts_as_nothing_only_beside_others),
        cmocka_unit_test(cycles_are_months_pairs_quarters_halves_and_years),
        cmocka_unit_test(pairs_of_months_begin_with_the_fiscal_year),
        cmocka_unit_test(confidence_has_three_words_and_silence),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

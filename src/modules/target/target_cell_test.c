/* target_cell_test.c - cells as people write and read them. */
#include "modules/target/target_cell.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <talloc.h>

static const Metric amount = {.unit = UNIT_YUAN, .rollup = ROLLUP_SUM}, count = {.unit = UNIT_PIECES, .rollup = ROLLUP_SUM}, share = {.unit = UNIT_PERCENT, .rollup = ROLLUP_RATIO};

static int setup(void **state) {
    Ctx *c = talloc_zero(NULL, Ctx);
    c->mem = c;
    *state = c;
    return 0;
}
static int teardown(void **state) {
    talloc_free(*state);
    return 0;
}

static int64_t reads(Ctx *c, const Metric *m, const char *text) {
    int64_t n;
    assert_null(target_cell_read(c, m, text, &n));
    return n;
}
static void refuses(Ctx *c, const Metric *m, const char *text, const char *why) {
    int64_t n;
    const char *said = target_cell_read(c, m, text, &n);
    assert_non_null(said);
    assert_non_null(strstr(said, why));
}

static void numbers_are_read_as_people_write_them(void **state) {
    Ctx *c = *state;
    assert_int_equal(reads(c, &amount, "1,200,000.50"), 120000050);
    assert_int_equal(reads(c, &amount, "１．５万"), 1500000);
    assert_int_equal(reads(c, &amount, " ￥3亿 "), 30000000000);
    assert_int_equal(reads(c, &count, "≥5家"), 5);
    assert_int_equal(reads(c, &share, "≥90%"), 9000);
    assert_int_equal(reads(c, &share, "92.5％"), 9250);
    assert_int_equal(reads(c, &amount, ""), INT_NONE);
    assert_int_equal(reads(c, &amount, "0"), 0);
}

static void what_is_no_target_is_refused_with_its_reason(void **state) {
    Ctx *c = *state;
    refuses(c, &amount, "-1", "negative");
    refuses(c, &amount, "1000000000000000", "too large");
    refuses(c, &count, "99999999999999999999", "too large");
    refuses(c, &amount, "许多", "number");
    refuses(c, &amount, "1,00", "number");
    refuses(c, &amount, "0.001", "number");
    refuses(c, &count, "2.5", "whole");
}

static void cells_are_written_so_that_they_are_read_back(void **state) {
    Ctx *c = *state;
    const int64_t numbers[] = {0, 1, 99, 100, 33333334, 120000050, TARGET_MAX};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        assert_int_equal(reads(c, &amount, target_cell_plain(c, &amount, numbers[i])), numbers[i]);
        assert_int_equal(reads(c, &amount, target_cell_typed(c, &amount, numbers[i])), numbers[i]);
        assert_int_equal(reads(c, &share, target_cell_text(c, &share, numbers[i])), numbers[i]);
    }
    assert_string_equal(target_cell_text(c, &amount, 120000000), "1,200,000");
    assert_string_equal(target_cell_text(c, &amount, 33333334), "333,333.34");
    assert_string_equal(target_cell_text(c, &share, 9000), "90%");
    assert_string_equal(target_cell_text(c, &count, INT_NONE), "");
}

static void addresses_name_a_unit_a_person_or_a_member(void **state) {
    Ctx *c = *state;
    MetricScope s;
    assert_true(target_key_read("p15", &s));
    assert_int_equal(s.kind, SCOPE_PERSON);
    assert_int_equal(s.id, 15);
    assert_string_equal(target_key(c, s), "p15");
    const char *const bad[] = {"", "p", "x1", "p-1", "p0", "u1 ", "u1,000", NULL};
    for (int i = 0; bad[i]; i++) assert_false(target_key_read(bad[i], &s));
    assert_false(target_key_read(NULL, &s));
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_as_people_write_them),
        cmocka_unit_test(what_is_no_target_is_refused_with_its_reason),
        cmocka_unit_test(cells_are_written_so_that_they_are_read_back),
        cmocka_unit_test(addresses_name_a_unit_a_person_or_a_member),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("target/cell", tests, setup, teardown);
}

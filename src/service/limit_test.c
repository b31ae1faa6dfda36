/* limit_test.c - rate limits against the clock that the test sets. */
#include "service/limit.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)

static Ctx c = { .now = 1795406400 * SECOND };

static int forget(void **state) {
    (void)state;
    limit_forget_all();
    return 0;
}

static void a_burst_passes_and_then_one_each_interval(void **state) {
    (void)state;
    int wait;
    for (int i = 0; i < 5; i++) assert_true(limit_take(&c, "k", 30, 5, &wait));
    assert_false(limit_take(&c, "k", 30, 5, &wait));
    assert_int_equal(wait, 2);
    assert_true(limit_take(&c, "other", 30, 5, &wait));
    c.now += 2 * SECOND - 1;
    assert_false(limit_take(&c, "k", 30, 5, &wait));
    assert_int_equal(wait, 1);
    c.now += 1;
    assert_true(limit_take(&c, "k", 30, 5, &wait));
    assert_false(limit_take(&c, "k", 30, 5, &wait));
    c.now += 10 * MINUTE; /* not more than the burst is saved up */
    for (int i = 0; i < 5; i++) assert_true(limit_take(&c, "k", 30, 5, &wait));
    assert_false(limit_take(&c, "k", 30, 5, &wait));
}

static void a_minute_gives_no_more_than_burst_and_rate(void **state) {
    (void)state;
    int wait, passed = 0;
    for (int i = 0; i < 60000; i++, c.now += 1000) passed += limit_take(&c, "m", 600, 60, &wait);
    assert_in_range(passed, 659, 660);
}

static void a_clock_set_back_does_not_lock_out(void **state) {
    (void)state;
    int wait;
    for (int i = 0; i < 5; i++) limit_take(&c, "b", 30, 5, &wait);
    for (int i = 0; i < 12; i++) limit_login_failed(&c, "b");
    c.now -= 1000 * MINUTE;
    assert_false(limit_take(&c, "b", 30, 5, &wait));
    assert_true(wait <= 2);
    assert_false(limit_login_allowed(&c, "b", &wait));
    assert_true(wait <= 900);
}

static void four_failures_are_free_and_then_the_wait_doubles(void **state) {
    (void)state;
    static const int waits[] = { 15, 30, 60, 120, 240, 480, 900, 900, 900 };
    int wait;
    for (int i = 0; i < 5; i++) {
        assert_true(limit_login_allowed(&c, "lili", &wait));
        limit_login_failed(&c, "lili");
    }
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        assert_false(limit_login_allowed(&c, "lili", &wait));
        assert_int_equal(wait, waits[i]);
        assert_true(limit_login_allowed(&c, "wang", &wait));
        c.now += waits[i] * SECOND - 1;
        assert_false(limit_login_allowed(&c, "lili", &wait));
        c.now += 1;
        assert_true(limit_login_allowed(&c, "lili", &wait));
        limit_login_failed(&c, "lili");
    }
}

static void success_and_a_quiet_quarter_of_an_hour_forgive(void **state) {
    (void)state;
    int wait;
    for (int i = 0; i < 6; i++) limit_login_failed(&c, "x");
    limit_login_succeeded("x");
    assert_true(limit_login_allowed(&c, "x", &wait));
    for (int i = 0; i < 4; i++) limit_login_failed(&c, "x");
    assert_true(limit_login_allowed(&c, "x", &wait));
    c.now += 15 * MINUTE + 1;
    limit_login_failed(&c, "x");
    assert_true(limit_login_allowed(&c, "x", &wait));
}

static void the_table_is_bounded_and_forgets_the_oldest(void **state) {
    (void)state;
    int wait;
    char key[32];
    for (int i = 0; i < 6; i++) limit_login_failed(&c, "victim"), limit_login_failed(&c, "busy");
    for (int i = 0; i < 20000; i++) {
        snprintf(key, sizeof key, "k%d", i);
        limit_take(&c, key, 1, 1, &wait);
        if (i % 1000 == 0) assert_false(limit_login_allowed(&c, "busy", &wait));
    }
    assert_true(limit_login_allowed(&c, "victim", &wait)); /* forgotten */
    assert_false(limit_take(&c, "k19999", 1, 1, &wait));
    assert_true(limit_take(&c, "k0", 1, 1, &wait));
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_burst_passes_and_then_one_each_interval, forget),
        cmocka_unit_test_setup(a_minute_gives_no_more_than_burst_and_rate, forget),
        cmocka_unit_test_setup(a_clock_set_back_does_not_lock_out, forget),
        cmocka_unit_test_setup(four_failures_are_free_and_then_the_wait_doubles, forget),
        cmocka_unit_test_setup(success_and_a_quiet_quarter_of_an_hour_forgive, forget),
        cmocka_unit_test_setup(the_table_is_bounded_and_forgets_the_oldest, forget),
    };
    return cmocka_run_group_tests_name("service/limit", tests, NULL, NULL);
}

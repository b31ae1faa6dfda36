/* session_cache_test.c - the cache of actors by itself: what it forgets, what it must not keep, many threads at once. */
#include "service/session_cache.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void the_cache_forgets_the_oldest_when_it_is_full(void **state) {
    (void)state;
    cache_clear();
    uint8_t key[CACHE_KEY] = { 0 };
    Login login = { .ends_at = 1 }, found;
    for (int i = 0; i < CACHE_ENTRIES + 500; i++) {
        memcpy(key, &i, sizeof i);
        login.actor.account_id = i + 1;
        cache_put(key, &login, cache_epoch(), 0);
    }
    for (int i = 0; i < CACHE_ENTRIES + 500; i++) {
        memcpy(key, &i, sizeof i);
        assert_int_equal(cache_get(key, INSTANT_NONE, false, &found), i >= 500);
        if (i >= 500) assert_int_equal(found.actor.account_id, i + 1);
    }
    cache_forget(600);
    int i = 599;
    memcpy(key, &i, sizeof i);
    assert_false(cache_get(key, INSTANT_NONE, false, &found));
    cache_clear();
}

static void what_was_read_before_a_change_is_not_kept_after_it(void **state) {
    (void)state;
    cache_clear();
    uint8_t key[CACHE_KEY] = { 9 };
    Login login = { .actor = { .account_id = 4 } }, found;
    uint64_t epoch = cache_epoch();
    cache_forget(1); /* somebody commits while we read */
    cache_put(key, &login, epoch, 0);
    assert_false(cache_get(key, INSTANT_NONE, false, &found));
    cache_put(key, &login, cache_epoch(), 0);
    assert_true(cache_get(key, INSTANT_NONE, false, &found));
}

static void *hammer(void *arg) {
    unsigned seed = *(unsigned *)arg;
    for (int i = 0; i < 20000; i++) {
        seed = seed * 1103515245 + 12345;
        uint8_t key[CACHE_KEY] = { (uint8_t)(seed >> 16 & 63) };
        Login login = { .actor = { .account_id = key[0] + 1 }, .written_at = i };
        if (seed >> 24 & 1 ? cache_get(key, INSTANT_NONE, seed >> 25 & 1, &login) : false)
            if (login.actor.account_id != key[0] + 1) return "mixed up";
        cache_touch(key, &login, i, 10);
        if ((seed >> 26 & 7) == 0) cache_put(key, &(Login){ .actor = { .account_id = key[0] + 1 } }, cache_epoch(), i);
        if ((seed >> 20 & 63) == 0) cache_forget(key[0] + 1);
    }
    return NULL;
}

static void many_threads_may_use_the_cache(void **state) {
    (void)state;
    pthread_t threads[4];
    unsigned seeds[4] = { 1, 2, 3, 4 };
    cache_clear();
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, hammer, &seeds[i]);
    for (int i = 0; i < 4; i++) {
        void *wrong;
        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
    cache_clear();
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cache_forgets_the_oldest_when_it_is_full),
        cmocka_unit_test(what_was_read_before_a_change_is_not_kept_after_it),
        cmocka_unit_test(many_threads_may_use_the_cache),
    };
    return cmocka_run_group_tests_name("service/session_cache", tests, NULL, NULL);
}

/* compress_test.c */
#include "view/compress.h"
#include <libdeflate.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <talloc.h>

#include <cmocka.h>

/* True if data comes back as it was. */
static bool round_trip(void *mem, const char *data, size_t n) {
    char *packed = NULL, *again = talloc_size(mem, n);
    size_t packed_n = 0, again_n = 0;
    if (!gzip_level1(mem, data, n, &packed, &packed_n) || packed_n >= n) return false;
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    enum libdeflate_result result = libdeflate_gzip_decompress(d, packed, packed_n, again, n, &again_n);
    libdeflate_free_decompressor(d);
    return result == LIBDEFLATE_SUCCESS && again_n == n && memcmp(data, again, n) == 0;
}

static char *rows(void *mem) {
    char *page = talloc_strdup(mem, "");
    for (int i = 0; i < 300; i++) page = talloc_asprintf_append(page, "<tr><td>%d</td><td>王芳</td></tr>\n", i);
    return page;
}

static void a_page_becomes_smaller_and_comes_back(void **state) {
    (void)state;
    void *mem = talloc_new(NULL);
    char *page = rows(mem), *packed = NULL;
    size_t n = 0;
    assert_true(round_trip(mem, page, strlen(page)));
    assert_true(gzip_level1(mem, page, strlen(page), &packed, &n));
    assert_true(n < strlen(page) / 4);
    talloc_free(mem);
}

static void what_does_not_become_smaller_is_left_alone(void **state) {
    (void)state;
    void *mem = talloc_new(NULL);
    char noise[256], *packed = NULL;
    uint32_t x = 1;
    for (size_t i = 0; i < sizeof noise; i++) noise[i] = (char)((x = x * 1664525u + 1013904223u) >> 24);
    size_t n = 0, blocks = talloc_total_blocks(mem);
    assert_false(gzip_level1(mem, noise, sizeof noise, &packed, &n));
    assert_false(gzip_level1(mem, "ab", 2, &packed, &n));
    assert_false(gzip_level1(mem, "", 0, &packed, &n));
    assert_null(packed);
    assert_int_equal(talloc_total_blocks(mem), blocks);
    talloc_free(mem);
}

static void *work(void *arg) {
    void *mem = talloc_new(NULL);
    char *page = rows(mem);
    for (int i = 0; i < 20; i++)
        if (!round_trip(mem, page, strlen(page) - (size_t)i)) *(bool *)arg = false;
    talloc_free(mem);
    return NULL;
}

/* Each thread's compressor goes with it: the leak check of a sanitizer build sees one that stays. */
static void threads_compress_at_the_same_time(void **state) {
    (void)state;
    pthread_t threads[4];
    bool good[4];
    for (int i = 0; i < 4; i++) {
        good[i] = true;
        assert_int_equal(pthread_create(&threads[i], NULL, work, &good[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_true(good[i]);
    }
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_becomes_smaller_and_comes_back),
        cmocka_unit_test(what_does_not_become_smaller_is_left_alone),
        cmocka_unit_test(threads_compress_at_the_same_time),
    };
    return cmocka_run_group_tests_name("view/compress", tests, NULL, NULL);
}

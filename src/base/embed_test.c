/* embed_test.c - the files inside the binary are whole, in order, and can be found. */
#include "base/embed.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void every_file_is_found_by_its_name(void **state) {
    (void)state;
    for (size_t i = 0; i < embedded_count(); i++) assert_ptr_equal(embedded_find(embedded_at(i)->name), embedded_at(i));
}

static void names_are_sorted_and_single(void **state) {
    (void)state;
    for (size_t i = 1; i < embedded_count(); i++)
        assert_true(strcmp(embedded_at(i - 1)->name, embedded_at(i)->name) < 0);
}

static void a_name_that_is_not_there_is_not_found(void **state) {
    (void)state;
    assert_null(embedded_find(""));
    assert_null(embedded_find("templates"));
    assert_null(embedded_find("templates/no such template.html"));
    assert_null(embedded_find("~"));
}

/* The migrations keep their names and bytes, so they stand for all files; web assets change theirs while being built. */
static void bytes_are_those_of_the_file_with_a_nul_after_them(void **state) {
    (void)state;
    const char *root = getenv("MESON_SOURCE_ROOT");
    if (!root) skip();
    for (size_t i = 0; i < embedded_count(); i++) {
        const Embedded *e = embedded_at(i);
        assert_int_equal(e->data[e->size], 0);
        if (strncmp(e->name, "migrations/", 11) != 0) continue;
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", root, e->name);
        FILE *f = fopen(path, "rb");
        assert_non_null(f);
        static char bytes[1 << 20];
        size_t n = fread(bytes, 1, sizeof bytes, f);
        fclose(f);
        assert_int_equal(n, e->size);
        assert_memory_equal(bytes, e->data, n);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_is_found_by_its_name),
        cmocka_unit_test(names_are_sorted_and_single),
        cmocka_unit_test(a_name_that_is_not_there_is_not_found),
        cmocka_unit_test(bytes_are_those_of_the_file_with_a_nul_after_them),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("base/embed", tests, NULL, NULL);
}

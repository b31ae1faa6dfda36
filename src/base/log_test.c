/* log_test.c - tests of log.c: stderr is a socket pair that keeps writes apart, so that one event is seen to be one write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/log.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int ends[2], real_stderr;
static char line[65536];

static int set_up(void **state) {
    (void)state;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0) return -1;
    real_stderr = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    log_set_level(LOG_INFO_);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    dup2(real_stderr, STDERR_FILENO);
    close(real_stderr), close(ends[0]), close(ends[1]);
    return 0;
}

/* The next write to stderr without its time; NULL if there is none. */
static char *next(void) {
    ssize_t n = recv(ends[0], line, sizeof line - 1, MSG_DONTWAIT);
    if (n < 0) return NULL;
    line[n] = 0;
    assert_int_equal(strlen(line), n);
    return n > 25 ? line + 25 : line;
}

static void an_event_is_one_line_in_one_write(void **state) {
    (void)state;
    log_event(LOG_INFO_, "request", "method", "GET", "path", "/api/v1.0/a-b_c:d", "status", "200", NULL);
    assert_string_equal(next(), "info request method=GET path=/api/v1.0/a-b_c:d status=200\n");
    assert_int_equal(line[24], ' ');
    assert_int_equal(strspn(line, "0123456789-:.TZ"), 24);
    assert_memory_equal(line + 10, "T", 1);
    assert_memory_equal(line + 19, ".", 1);
    assert_memory_equal(line + 23, "Z", 1);
    assert_null(next());
}

static void values_with_other_characters_are_quoted(void **state) {
    (void)state;
    log_event(LOG_WARN_, "slow query", "sql", "SELECT 1", "who", "张三", "empty", "", "eq", "a=b", NULL);
    assert_string_equal(next(), "warn \"slow query\" sql=\"SELECT 1\" who=\"张三\" empty=\"\" eq=\"a=b\"\n");
}

static void a_line_break_in_a_value_cannot_forge_a_line(void **state) {
    (void)state;
    log_event(LOG_ERROR_, "x", "v", "a\n2026 info forged\r\n\t\"\\\x1b[31m\x7f", NULL);
    assert_string_equal(next(), "error x v=\"a\\n2026 info forged\\r\\n\\t\\\"\\\\\\x1b[31m\\x7f\"\n");
    log_event(LOG_ERROR_, "a\nb", "v", "\u2028|\xc2\x85|\u2029|\xff|\xe5\xbc|é", NULL);
    assert_string_equal(next(),
                        "error \"a\\nb\" v=\"\\xe2\\x80\\xa8|\\xc2\\x85|\\xe2\\x80\\xa9|\\xff|\\xe5\\xbc|é\"\n");
    for (int ch = 1; ch < 256; ch++) {
        char value[] = { 'a', (char)ch, 'b', 0 };
        log_event(LOG_INFO_, "x", "v", value, "w", "end", NULL);
        char *s = next();
        assert_int_equal(strchr(s, '\n') - s, strlen(s) - 1);
        for (char *p = s; *p != '\n'; p++) assert_true((unsigned char)*p >= 32 && (unsigned char)*p < 127);
        assert_string_equal(s + strlen(s) - 7, " w=end\n");
    }
}

static void pairs_without_a_value_are_left_out(void **state) {
    (void)state;
    const char *none = NULL;
    log_event(LOG_INFO_, "x", "a", none, "b", "1", "c", none, NULL);
    assert_string_equal(next(), "info x b=1\n");
    log_event(LOG_INFO_, "x", NULL);
    assert_string_equal(next(), "info x\n");
}

static void events_below_the_level_are_not_written(void **state) {
    (void)state;
    log_event(LOG_DEBUG_, "x", NULL);
    assert_null(next());
    log_set_level(LOG_DEBUG_);
    log_event(LOG_DEBUG_, "x", NULL);
    assert_string_equal(next(), "debug x\n");
    log_set_level(LOG_ERROR_);
    log_event(LOG_WARN_, "x", NULL);
    assert_null(next());
    log_event(LOG_ERROR_, "x", NULL);
    assert_string_equal(next(), "error x\n");
}

static void a_long_line_is_cut_but_ends_well(void **state) {
    (void)state;
    for (size_t n = 8050; n < 8250; n++) {
        char *value = malloc(n + 1);
        for (int kind = 0; kind < 3; kind++) {
            memset(value, kind == 0 ? 'a' : kind == 1 ? ' ' : '\n', n);
            value[n] = 0;
            log_event(LOG_INFO_, "x", "v", value, "w", "1 2", NULL);
            char *s = next();
            size_t len = strlen(s);
            assert_int_equal(strchr(s, '\n') - s, len - 1);
            bool cut = !strcmp(s + len - 9, " cut=yes\n");
            assert_true(cut || !strcmp(s + len - 9, " w=\"1 2\"\n"));
            int quotes = 0;
            for (char *p = s; *p; p++) quotes += *p == '"';
            assert_int_equal(quotes % 2, 0);
            assert_true(strlen(line) <= 8192);
        }
        free(value);
    }
    assert_null(next());
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    static const struct CMUnitTest tests[] = {
        T(an_event_is_one_line_in_one_write),           T(values_with_other_characters_are_quoted),
        T(a_line_break_in_a_value_cannot_forge_a_line), T(pairs_without_a_value_are_left_out),
        T(events_below_the_level_are_not_written),      T(a_long_line_is_cut_but_ends_well),
    };
    return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}

/* config_test.c - where options come from and which win. */
#include "service/config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>
#include <cmocka.h>

static Ctx c;
static char path[] = "/tmp/xiaoguan-config.XXXXXX";

static int set_up(void **state) {
    (void)state;
    c = (Ctx){ .mem = talloc_new(NULL) };
    static const char *const names[] = { "DB", "LISTEN", "WORKERS", "HTTPS", "LOG", "PLAIN_HTTP" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) unsetenv(talloc_asprintf(c.mem, "XIAOGUAN_%s", names[i]));
    return 0;
}
static int tear_down(void **state) {
    (void)state;
    talloc_free(c.mem);
    return 0;
}

static void write_file(const char *text) {
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
}

static Config load(const char *text) {
    Config config;
    write_file(text);
    assert_null(config_load(&c, path, &config));
    return config;
}

static void an_empty_file_gives_the_defaults(void **state) {
    (void)state;
    Config k = load("");
    assert_string_equal(k.db, "xiaoguan.db");
    assert_string_equal(k.listen, "127.0.0.1:8080");
    assert_string_equal(k.files, "");
    assert_string_equal(k.assets, "");
    assert_string_equal(k.proxy, "");
    assert_string_equal(k.log, "info");
    assert_int_equal(k.workers, 8);
    assert_int_equal(k.queue, 1024);
    assert_int_equal(k.jobs, 1);
    assert_int_equal(k.per_address, 4096);
    assert_int_equal(k.api_per_minute, 600);
    assert_false(k.https);
    assert_false(k.plain_http);
}

static void the_file_is_read_with_spaces_and_comments(void **state) {
    (void)state;
    Config k = load("# comment\n\n  workers =  16  \nhttps=yes\r\n\tdb = postgresql://u@h/x?a=b#c\nlisten=[::1]:0");
    assert_int_equal(k.workers, 16);
    assert_true(k.https);
    assert_string_equal(k.db, "postgresql://u@h/x?a=b#c");
    assert_string_equal(k.listen, "[::1]:0");
}

static void the_environment_wins_over_the_file_and_the_command_line_over_both(void **state) {
    (void)state;
    setenv("XIAOGUAN_WORKERS", "3", 1);
    setenv("XIAOGUAN_PLAIN_HTTP", "on", 1);
    setenv("XIAOGUAN_NOT_OURS", "x", 1);
    Config k = load("workers = 16\nplain_http = no\n");
    assert_int_equal(k.workers, 3);
    assert_true(k.plain_http);
    assert_null(config_set(&c, &k, "workers", "4"));
    assert_int_equal(k.workers, 4);
    Error *e = config_set(&c, &k, "worker", "4");
    assert_int_equal(e->status, 422);
}

static void mistakes_are_named_by_file_and_line(void **state) {
    (void)state;
    static const char *const bad[] = { "workers = 0",        "workers = many", "workers = 257", "https = maybe",
                                       "log = loud",         "wrkers = 3",     "workers",       "= 3",
                                       "workers = 8 # eight" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Config k;
        write_file(talloc_asprintf(c.mem, "# one\n\n%s\n", bad[i]));
        Error *e = config_load(&c, path, &k);
        if (!e) fail_msg("took: %s", bad[i]);
        assert_int_equal(e->status, 422);
        assert_string_equal(e->message.args[0], talloc_asprintf(c.mem, "%s:3", path));
    }
    setenv("XIAOGUAN_LOG", "loud", 1);
    Config k;
    write_file("");
    Error *e = config_load(&c, path, &k);
    assert_int_equal(e->status, 422);
    assert_string_equal(e->message.args[0], "XIAOGUAN_LOG");
}

static void a_named_file_must_be_there_and_be_text(void **state) {
    (void)state;
    Config k;
    Error *e = config_load(&c, "/nonexistent/xiaoguan.conf", &k);
    assert_int_equal(e->status, 422);
    write_file("db = \xff\xfe\n");
    e = config_load(&c, path, &k);
    assert_int_equal(e->status, 422);
    assert_null(config_load(&c, NULL, &k)); /* ./xiaoguan.conf is optional */
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    close(mkstemp(path));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_empty_file_gives_the_defaults, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_file_is_read_with_spaces_and_comments, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_environment_wins_over_the_file_and_the_command_line_over_both, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(mistakes_are_named_by_file_and_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_named_file_must_be_there_and_be_text, set_up, tear_down),
    };
    int failed = cmocka_run_group_tests_name("service/config", tests, NULL, NULL);
    unlink(path);
    return failed;
}

/* setting_test.c - settings: defaults, checks, cache. */
#include "service/setting.h"
#include "db/testing.h"
#include "service/access.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static TestDb *t;
static const SettingKind kinds[] = {
    { .name = "org.name", .title = N_("Name"), .value = "我们公司", .type = 't' },
    { .name = "report.deadline", .title = N_("Deadline"), .value = "18:00", .type = 'c' },
    { .name = "report.days", .title = N_("Days"), .value = "3", .type = 'i', .min = 1, .max = 30 },
    { .name = "report.on", .title = N_("On"), .value = "1", .type = 'b' },
    { .name = NULL },
};

static int set_up(void **state) {
    (void)state;
    t = test_db_open();
    t->c.actor = &system_actor;
    setting_forget_all();
    return 0;
}
static int tear_down(void **state) {
    (void)state;
    test_db_close(t);
    return 0;
}

typedef struct Save {
    const char *name, *value;
    bool fail;
} Save;
static Error *save_it(Ctx *c, void *arg) {
    Save *s = arg;
    TRY(setting_save(c, s->name, s->value));
    if (strcmp(setting_text(c, s->name), s->value) != 0 && !s->fail)
        return err_internal(c, "the transaction does not see its own value");
    return s->fail ? err_conflict(c, "no") : NULL;
}
static Error *save(const char *name, const char *value) {
    return db_tx(&t->c, save_it, &(Save){ name, value, false });
}

static void what_nobody_saved_has_its_default(void **state) {
    (void)state;
    assert_int_equal(setting_count(), 4);
    assert_string_equal(setting_at(1)->name, "report.deadline");
    assert_string_equal(setting_text(&t->c, "org.name"), "我们公司");
    assert_int_equal(setting_int(&t->c, "report.days"), 3);
    assert_int_equal(setting_int(&t->c, "report.deadline"), 18 * 60);
    assert_int_equal(setting_int(&t->c, "report.on"), 1);
}

static void a_saved_value_holds_at_once_and_is_audited(void **state) {
    (void)state;
    const char *changes = NULL;
    assert_int_equal(setting_int(&t->c, "report.days"), 3);
    test_ok(save("report.days", "7"));
    assert_int_equal(setting_int(&t->c, "report.days"), 7);
    test_ok(save("report.days", "8"));
    test_ok(save("report.days", "8")); /* no change, no row */
    assert_int_equal(setting_int(&t->c, "report.days"), 8);
    test_ok(db_get_text(&t->c, &changes, "SELECT changes FROM audit ORDER BY id LIMIT 1"));
    assert_string_equal(changes, "{\"report.days\": [\"3\", \"7\"]}");
    int64_t n = 0;
    test_ok(db_get_int(&t->c, &n, "SELECT count(*) FROM audit"));
    assert_int_equal(n, 2);
}

static void a_rolled_back_value_never_holds(void **state) {
    (void)state;
    for (int warm = 0; warm < 2; warm++) {
        if (warm) assert_int_equal(setting_int(&t->c, "report.days"), 3);
        Error *e = db_tx(&t->c, save_it, &(Save){ "report.days", "9", true });
        assert_int_equal(e->status, 409);
        assert_int_equal(setting_int(&t->c, "report.days"), 3);
    }
}

static void values_that_do_not_fit_are_refused_at_their_field(void **state) {
    (void)state;
    static const char *const bad[][2] = {
        { "report.days", "0" },          { "report.days", "31" },        { "report.days", "x" },
        { "report.days", "" },           { "report.days", "3.5" },       { "report.deadline", "24:00" },
        { "report.deadline", "7:00" },   { "report.deadline", "18:60" }, { "report.deadline", "18:0" },
        { "report.deadline", "18:000" }, { "report.deadline", "+1:00" }, { "report.deadline", "" },
        { "report.deadline", "18:-1" },  { "report.deadline", " 1: 1" }, { "report.on", "2" },
        { "report.on", "yes" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Error *e = save(bad[i][0], bad[i][1]);
        if (!e) fail_msg("%s took %s", bad[i][0], bad[i][1]);
        assert_int_equal(e->status, 422);
        assert_string_equal(e->fields->field, bad[i][0]);
    }
    Error *e = save("no.such", "1");
    assert_int_equal(e->status, 404);
    test_ok(save("report.deadline", "00:00"));
    test_ok(save("report.deadline", "23:59"));
    test_ok(save("report.days", "30"));
    assert_int_equal(setting_int(&t->c, "report.deadline"), 23 * 60 + 59);
}

static void another_process_is_heard_within_a_second_on_postgresql(void **state) {
    (void)state;
    assert_string_equal(setting_text(&t->c, "org.name"), "我们公司");
    test_sql(&t->c, "INSERT INTO setting(name, value) VALUES ('org.name', '他们')");
    assert_string_equal(setting_text(&t->c, "org.name"), "我们公司");
    t->c.now += 1000000;
    assert_string_equal(setting_text(&t->c, "org.name"), db_engine(t->c.db) == DB_SQLITE ? "我们公司" : "他们");
}

#define WITH_DB(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    setting_declare(kinds);
    const struct CMUnitTest tests[] = {
        WITH_DB(what_nobody_saved_has_its_default),
        WITH_DB(a_saved_value_holds_at_once_and_is_audited),
        WITH_DB(a_rolled_back_value_never_holds),
        WITH_DB(values_that_do_not_fit_are_refused_at_their_field),
        WITH_DB(another_process_is_heard_within_a_second_on_postgresql),
    };
    return cmocka_run_group_tests_name("service/setting", tests, NULL, NULL);
}

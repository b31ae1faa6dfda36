/* metric_migration_test.c - a database from before there were metrics becomes one that has their facts and sums, at its first start. */
#include "modules/metric/testing.h"
#include "service/setting.h"

enum { COMPANY = 1, REGION = 2, TEAM = 3, OTHER = 4 };

static int64_t report_id(int64_t employee_id, Date day) {
    return employee_id << 20 | day;
}

static void old_report(int64_t employee_id, int64_t unit_id, Date day, int state, int64_t n3, int version) {
    char text[DATE_TEXT];
    Text *sql = text_new(t, 2000);
    text_add(sql, "INSERT INTO daily_report(id, employee_id, unit_id, day, state, n1, n3, n7, version, created_at, created_by, updated_at) VALUES (");
    text_addf(sql, "%lld, %lld, %lld, '%s', %d, 2, %lld, ",
              (long long)report_id(employee_id, day), (long long)employee_id, (long long)unit_id, date_text(day, text), state, (long long)n3);
    text_addf(sql, "%s, %d, 5, 6, 7)", version > 1 ? "NULL" : "1", version);
    test_sql(&t->c, sql->data);
}

/* As release 0.1 left it: its six shipped items, two made by an administrator, one of them with a code that is shipped now. */
static void old_database(void) {
    static const char *const items[] = {"new_customers', 'New customers', 0, 1, 10, 0, 1", "follow_ups', 'Follow-ups of prospects', 1, 2, 20, 1, 1", "amount', 'Amount signed', 2, 3, 30, 2, 1",
                                        "visits', 'Customer visits', 1, 4, 110, 0, 1",     "calls', 'Phone calls', 1, 5, 120, 0, 1",               "leads', 'New leads', 0, 6, 130, 0, 1",
                                        "demos', '演示', 1, 7, 200, 0, 0",                  "collected', '到账', 2, 8, 210, 0, 0"};
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        Text *sql = text_new(t, 1000);
        text_add(sql, "INSERT INTO report_item(code, name, unit, slot, sort, rule, shipped, version, created_at, updated_at) VALUES (");
        text_addf(sql, "'%s, 1, 0, 0)", items[i]);
        test_sql(&t->c, sql->data);
    }
    test_sql(&t->c, "INSERT INTO setting(name, value) VALUES ('seeded.report', '1'), ('seeded.calendar', '1')");
    test_sql(&t->c, "INSERT INTO org_unit(id, name, kind, parent_id, version, created_at, updated_at) VALUES (1, 'c', 0, NULL, 1, 0, 0), (2, 'r', 1, 1, 1, 0, 0), (3, 't', 2, 2, 1, 0, 0), (4, 'o', 2, 1, 1, 0, 0)");
    test_sql(&t->c, "INSERT INTO employee(id, no, name, unit_id, version, created_at, updated_at) VALUES (1, '1', 'a', 3, 1, 0, 0), (2, '2', 'b', 4, 1, 0, 0)");
    Date day = date_make(2026, 10, 30);
    for (int state = 0; state <= 4; state++) old_report(1, TEAM, day + state, state, 100 << state, 1);
    old_report(1, OTHER, day - 1, 4, 7, 3); /* of a team that the person has left, and corrected twice */
    old_report(2, OTHER, day, 2, 50000, 1);
}

static int set_up(void **state) {
    (void)state;
    t = test_db_open();
    db_close(t->c.db);
    test_remove_folder(t->folder);
    if (t->schema) {
        test_on_server(t, talloc_asprintf(t, "DROP SCHEMA %s CASCADE", t->schema));
        test_on_server(t, talloc_asprintf(t, "CREATE SCHEMA %s", t->schema));
    }
    return 0;
}

/* An empty database as it was after that migration. */
static void open_at(const char *migration) {
    const char *url = getenv("XIAOGUAN_TEST_PG");
    char *folder = talloc_asprintf(t, "%s.old.XXXXXX", t->folder);
    Db *db;
    if (!mkdtemp(folder)) abort();
    t->folder = folder;
    const char *target = t->schema ? talloc_asprintf(t, "%s%coptions=-csearch_path%%3D%s", url, strchr(url, '?') ? '&' : '?', t->schema) : talloc_asprintf(t, "%s/test.db", folder);
    test_ok(db_open(&t->c, t, target, (DbOptions){.exclusive = true, .who = "test"}, &db));
    t->c.actor = &system_actor;
    test_ok(migrate_until(&t->c, migration, NULL));
    world_forget();
}

static void open_old(void) {
    open_at("0004_import.sql");
    old_database();
    test_ok(migrate_until(&t->c, NULL, NULL));
}

static void reports_become_facts_and_items_metrics(void **state) {
    (void)state;
    open_old();
    assert_int_equal(number_of("SELECT count(*) FROM metric"), 8);
    assert_int_equal(number_of("SELECT count(*) FROM metric WHERE in_report = 1 AND active = 1"), 8);
    assert_int_equal(number_of("SELECT count(*) FROM fact"), 6); /* a draft is nobody else's business */
    assert_int_equal(number_of("SELECT count(*) FROM fact f JOIN daily_report r ON r.id = f.source_id AND r.day = f.day AND r.unit_id = f.unit_id AND r.n3 = f.n3 AND r.state > 0"
                               " WHERE f.source = 0 AND f.reverses IS NULL AND f.n25 IS NULL"), 6);
    Date day = date_make(2026, 10, 31);
    int64_t id = INT64_C(1) << 32 | (int64_t)day << 12;
    assert_int_equal(number_of(sql_with("SELECT n3 FROM fact WHERE id = ", id)), 200);
    assert_int_equal(number_of("SELECT count(*) FROM unit_above"), 1 + 2 + 3 + 2);
    assert_int_equal(number_of("SELECT count(*) FROM unit_above WHERE below_id = 3 AND above_id IN (1, 2, 3)"), 3);
}

static void the_first_start_computes_the_sums(void **state) {
    (void)state;
    open_old();
    assert_int_equal(number_of("SELECT count(*) FROM roll"), 0);
    test_ok(modules_first_start(&t->c));
    assert_true(number_of("SELECT count(*) FROM roll") > 0);
    assert_verified();
    assert_rebuilt_equal();
    Date from = date_make(2026, 10, 1), to = date_make(2026, 11, 30);
    assert_int_equal(sums_of(SCOPE_UNIT, COMPANY, from, to).n[2], 200 + 400 + 800 + 1600 + 7 + 50000);
    assert_int_equal(sums_of(SCOPE_UNIT, REGION, from, to).n[2], 3000);
    assert_int_equal(sums_of(SCOPE_UNIT, OTHER, from, to).facts, 2);
    assert_int_equal(sums_of(SCOPE_PERSON, 1, from, to).n[2], 3007);
    /* what the administrator had made is as it was; shipped metrics come beside it */
    assert_int_equal(metric_coded("collected")->slot, 8);
    assert_string_equal(metric_coded("collected")->name, "到账");
    assert_int_equal(metric_coded("due")->slot, 28);
    assert_int_equal(metric_coded("collection_rate")->rollup, ROLLUP_RATIO);
}

static void a_second_start_and_new_facts_go_on_from_there(void **state) {
    (void)state;
    open_old();
    test_ok(modules_first_start(&t->c));
    const char *before = rolls_text();
    test_ok(modules_first_start(&t->c));
    assert_string_equal(rolls_text(), before);
    Fact f = fact_of(1, date_make(2026, 10, 31));
    f.source = FACT_REPORT, f.source_id = report_id(1, f.day), f.n[2] = 250; /* a correction of a report made before */
    test_ok(with_fact(fact_replace, &f));
    assert_int_equal(sums_of(SCOPE_UNIT, TEAM, f.day, f.day).n[2], 250);
    assert_int_equal(sums_of(SCOPE_UNIT, TEAM, f.day, f.day).facts, 1);
    assert_verified();
}

static int64_t promoted_slot(bool taken, bool seeded) {
    int64_t slot = 0;
    open_at("0011_board_schedule.sql");
    test_sql(&t->c, "INSERT INTO metric(code, name, unit, slot, sort, version, created_at, updated_at) VALUES ('due', 'Payments due', 2, 28, 340, 1, 7, 7)");
    if (taken) test_sql(&t->c, "INSERT INTO metric(code, name, unit, slot, sort, version, created_at, updated_at) VALUES ('own', '自定', 0, 29, 500, 1, 7, 9)");
    if (seeded) test_sql(&t->c, "INSERT INTO setting(name, value) VALUES ('seeded.metric', '1')");
    test_ok(migrate_until(&t->c, NULL, NULL));
    test_ok(db_get_int(&t->c, &slot, "SELECT slot FROM metric WHERE code = 'promoted_count' AND created_at >= 7"));
    return slot;
}
static void an_older_database_gets_the_promoted_in_a_free_column(void **state) {
    (void)state;
    assert_int_equal(promoted_slot(false, true), 29);
}
static void a_column_of_the_administrators_own_is_left_alone(void **state) {
    (void)state;
    assert_int_equal(promoted_slot(true, true), 30);
}
static void a_database_without_shipped_metrics_waits_for_its_first_start(void **state) {
    (void)state;
    assert_int_equal(promoted_slot(false, false), 0);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, world_close)
    const struct CMUnitTest tests[] = {
        TEST(reports_become_facts_and_items_metrics),
        TEST(the_first_start_computes_the_sums),
        TEST(a_second_start_and_new_facts_go_on_from_there),
        TEST(an_older_database_gets_the_promoted_in_a_free_column),
        TEST(a_column_of_the_administrators_own_is_left_alone),
        TEST(a_database_without_shipped_metrics_waits_for_its_first_start),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    date_set_zone("Asia/Shanghai");
    modules_setup();
    return cmocka_run_group_tests_name("metric/migration", tests, NULL, NULL);
}

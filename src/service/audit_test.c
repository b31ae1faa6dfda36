/* audit_test.c - sealing and the search for tampering: every planted change must be found, and nothing else. */
#include "service/audit.h"
#include "db/testing.h"
#include "service/access.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define MINUTE INT64_C(60000000)

static TestDb *t;
static int set_up(void **state) {
    (void)state;
    t = test_db_open();
    t->c.actor = &system_actor;
    return 0;
}
static int tear_down(void **state) {
    (void)state;
    test_db_close(t);
    return 0;
}

static Error *add_rows(Ctx *c, void *arg) {
    static const char *const changes[] = { "{}", "{\"name\": [\"甲\", \"乙\"]}",
                                           "{\"amount\": [1, 2], \"note\": [\"\", \"a\\\"b\"]}" };
    for (int i = 0; i < *(int *)arg; i++) TRY(audit_record(c, "update", "deal", i, changes[i % 3]));
    return NULL;
}
static void add(int n) {
    test_ok(db_tx(&t->c, add_rows, &n));
}
static void seal(void) {
    test_ok(audit_seal(&t->c));
}

static int64_t bad(void) {
    int64_t rows, blocks, found;
    Text *report = text_new(t, 1 << 20);
    test_ok(audit_verify(&t->c, &rows, &blocks, &found, report));
    assert_int_equal(found == 0, report->len == 0);
    return found;
}
static void expect(int64_t rows, int64_t blocks) {
    int64_t r, b, found;
    test_ok(audit_verify(&t->c, &r, &b, &found, NULL));
    assert_int_equal(r, rows);
    assert_int_equal(b, blocks);
    assert_int_equal(found, 0);
}

static void a_row_tells_who_what_when_and_where(void **state) {
    (void)state;
    Actor lili = { .account_id = 7, .name = "李丽" };
    t->c.actor = &lili;
    test_ok(audit_event(&t->c, "export", "people", 0, "{}"));
    Rows *rows;
    test_ok(
        db_one(&t->c, &rows,
               "SELECT at, actor_id, actor_name, action, object, object_id, changes, address, request_id FROM audit"));
    assert_int_equal(row_int(rows, 0), TEST_NOW);
    assert_int_equal(row_int(rows, 1), 7);
    assert_string_equal(row_text(rows, 2), "李丽");
    assert_string_equal(row_text(rows, 3), "export");
    assert_string_equal(row_text(rows, 7), "192.0.2.7");
    assert_string_equal(row_text(rows, 8), "0123456789abcdef");
    test_ok(rows_done(rows));
}

static void an_empty_log_is_in_order(void **state) {
    (void)state;
    seal();
    expect(0, 0);
}

static void only_rows_older_than_a_minute_are_sealed(void **state) {
    (void)state;
    add(3);
    seal();
    expect(3, 0);
    t->c.now += MINUTE;
    add(2);
    seal();
    expect(5, 1);
    int64_t n = 0;
    test_ok(db_get_int(&t->c, &n, "SELECT rows FROM audit_block"));
    assert_int_equal(n, 3);
    seal();
    expect(5, 1);
    t->c.now += MINUTE;
    seal();
    expect(5, 2);
}

static void a_young_row_stops_the_block_before_it(void **state) {
    (void)state;
    add(2);
    t->c.now += 5 * MINUTE;
    add(1);
    t->c.now -= 5 * MINUTE;
    add(2); /* of a job that began long ago */
    t->c.now += 5 * MINUTE;
    seal();
    int64_t n = 0;
    test_ok(db_get_int(&t->c, &n, "SELECT sum(rows) FROM audit_block"));
    assert_int_equal(n, 2);
    expect(5, 1);
}

static void many_rows_make_several_blocks(void **state) {
    (void)state;
    add(25001);
    t->c.now += 2 * MINUTE;
    seal();
    expect(25001, 3);
    test_sql(&t->c, "UPDATE audit SET object_id = 5 WHERE id = 20000");
    assert_int_equal(bad(), 1);
}

/* Three blocks of four rows and a tail of three: ids 1..12, 13..15. */
static void build(void) {
    for (int i = 0; i < 3; i++) {
        add(4);
        t->c.now += 2 * MINUTE;
        seal();
    }
    add(3);
    expect(15, 3);
}

static void every_changed_field_of_every_row_is_found(void **state) {
    (void)state;
    static const char *const columns[] = { "at",        "actor_id", "actor_name", "action",    "object",
                                           "object_id", "changes",  "address",    "request_id" };
    build();
    for (int id = 1; id <= 12; id++)
        for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
            bool number = i == 0 || i == 1 || i == 5;
            const char *col = columns[i];
            test_update(&t->c, "audit", talloc_asprintf(t, number ? "%s = %s + 1" : "%s = %s || ' '", col, col), id);
            if (bad() != 1) fail_msg("%s of row %d", col, id);
            test_update(&t->c, "audit",
                        number ? talloc_asprintf(t, "%s = %s - 1", col, col)
                               : talloc_asprintf(t, "%s = substr(%s, 1, length(%s) - 1)", col, col, col),
                        id);
            if (bad() != 0) fail_msg("%s of row %d restored", col, id);
        }
}

static void text_moved_from_one_field_to_the_next_is_found(void **state) {
    (void)state;
    build();
    test_sql(&t->c, "UPDATE audit SET action = 'updat', object = 'edeal' WHERE id = 6");
    assert_int_equal(bad(), 1);
}

static void every_removed_row_is_found(void **state) {
    (void)state;
    for (int id = 1; id <= 12; id++) {
        if (id > 1) tear_down(NULL), set_up(NULL);
        build();
        test_delete(&t->c, "audit", id);
        if (bad() < 1) fail_msg("row %d", id);
    }
}

static void a_row_removed_from_the_unsealed_end_is_found_on_sqlite(void **state) {
    (void)state;
    build();
    test_sql(&t->c, "DELETE FROM audit WHERE id = 14");
    assert_int_equal(bad(), db_engine(t->c.db) == DB_SQLITE ? 1 : 0);
}

static void an_inserted_row_is_found_wherever_it_stands(void **state) {
    (void)state;
    build();
    test_sql(&t->c,
             "INSERT INTO audit(id, at, actor_id, actor_name, action, object, object_id, changes, address, request_id)"
             " VALUES (0, 0, 0, '', 'update', 'deal', 1, '{}', '', '')");
    assert_int_equal(bad(), 1); /* before the first block */
    test_sql(&t->c, "DELETE FROM audit WHERE id = 0");
    assert_int_equal(bad(), 0);
    test_sql(&t->c, "UPDATE audit_block SET last_id = 11, rows = 3 WHERE id = 3");
    assert_true(bad() >= 1);
}

static void a_row_inserted_into_a_gap_is_found(void **state) {
    (void)state;
    /* A transaction that was rolled back leaves such gaps on PostgreSQL. */
    add(3);
    test_sql(&t->c, "UPDATE audit SET id = 13 WHERE id = 3");
    t->c.now += 2 * MINUTE;
    seal(); /* 1, 2, 13 */
    test_sql(&t->c,
             "INSERT INTO audit(id, at, actor_id, actor_name, action, object, object_id, changes, address, request_id)"
             " SELECT 20, at, actor_id, actor_name, action, object, object_id, changes, address, request_id FROM audit "
             "WHERE id = 1");
    seal(); /* 20 */
    expect(4, 2);
    test_sql(
        &t->c,
        "INSERT INTO audit SELECT 7, at, actor_id, actor_name, action, object, object_id, changes, address, request_id"
        " FROM audit WHERE id = 1");
    assert_int_equal(bad(), 1); /* inside the first block's range */
    test_sql(&t->c, "UPDATE audit SET id = 15 WHERE id = 7");
    assert_int_equal(bad(), 1); /* between the blocks */
    test_sql(&t->c, "UPDATE audit SET id = 21 WHERE id = 15");
    assert_int_equal(bad(), 0); /* in the end it is a row like others */
}

static void exchanged_rows_are_found(void **state) {
    (void)state;
    build();
    test_sql(&t->c, "UPDATE audit SET id = 100 WHERE id = 2");
    test_sql(&t->c, "UPDATE audit SET id = 2 WHERE id = 3");
    test_sql(&t->c, "UPDATE audit SET id = 3 WHERE id = 100");
    assert_int_equal(bad(), 1);
}

static void changed_blocks_are_found(void **state) {
    (void)state;
    static const char *const tamperings[] = {
        "DELETE FROM audit_block WHERE id = 1",
        "DELETE FROM audit_block WHERE id = 2",
        "UPDATE audit_block SET hash = previous WHERE id = 2",
        "UPDATE audit_block SET previous = hash WHERE id = 2",
        "UPDATE audit_block SET rows = rows + 1 WHERE id = 2",
        "UPDATE audit_block SET rows = 0 WHERE id = 2",
        "UPDATE audit_block SET rows = 1000000000 WHERE id = 2",
        "UPDATE audit_block SET last_id = last_id - 1 WHERE id = 2",
        "UPDATE audit_block SET first_id = first_id + 1 WHERE id = 2",
        "UPDATE audit_block SET last_id = 9223372036854775807 WHERE id = 3",
        "UPDATE audit_block SET hash = '' WHERE id = 3",
        "UPDATE audit_block SET hash = hash || hash WHERE id = 3",
        "UPDATE audit_block SET id = id + 10 WHERE id = 1",
    };
    for (size_t i = 0; i < sizeof tamperings / sizeof *tamperings; i++) {
        if (i) tear_down(NULL), set_up(NULL);
        build();
        test_sql(&t->c, tamperings[i]);
        if (bad() < 1) fail_msg("not found: %s", tamperings[i]);
    }
}

static void malformed_rows_in_the_unsealed_end_are_found(void **state) {
    (void)state;
    static const char *const values[] = { "changes = ''",    "changes = '[]'", "changes = '{'",
                                          "changes = '{}x'", "action = ''",    "object = ''" };
    build();
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        test_sql(&t->c, "UPDATE audit SET changes = '{}', action = 'a', object = 'b' WHERE id = 14");
        assert_int_equal(bad(), 0);
        test_update(&t->c, "audit", values[i], 14);
        if (bad() != 1) fail_msg("%s", values[i]);
    }
}

/* Who changes a row and seals its block afresh breaks the link of the next one. (Who rebuilds the whole chain is found only by the last hash
 * kept elsewhere: README.md.) */
static void a_forged_block_breaks_the_chain(void **state) {
    (void)state;
    const char *forged = NULL;
    build();
    test_sql(&t->c, "UPDATE audit SET object_id = 99 WHERE id = 6");
    test_sql(&t->c, "DELETE FROM audit_block WHERE id = 2");
    test_sql(&t->c, "CREATE TABLE kept AS SELECT * FROM audit_block WHERE id = 3");
    test_sql(&t->c, "CREATE TABLE later AS SELECT * FROM audit WHERE id > 8");
    test_sql(&t->c, "DELETE FROM audit_block WHERE id = 3");
    test_sql(&t->c, "DELETE FROM audit WHERE id > 8");
    seal(); /* makes block 2 of the changed rows */
    test_ok(db_get_text(&t->c, &forged, "SELECT hash FROM audit_block WHERE first_id = 5"));
    assert_non_null(forged);
    test_sql(&t->c, "INSERT INTO audit SELECT * FROM later");
    test_sql(&t->c, "UPDATE audit_block SET id = 2 WHERE first_id = 5");
    test_sql(&t->c, "INSERT INTO audit_block SELECT * FROM kept");
    assert_int_equal(bad(), 1);
}

#define WITH_DB(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        WITH_DB(a_row_tells_who_what_when_and_where),
        WITH_DB(an_empty_log_is_in_order),
        WITH_DB(only_rows_older_than_a_minute_are_sealed),
        WITH_DB(a_young_row_stops_the_block_before_it),
        WITH_DB(many_rows_make_several_blocks),
        WITH_DB(every_changed_field_of_every_row_is_found),
        WITH_DB(text_moved_from_one_field_to_the_next_is_found),
        WITH_DB(every_removed_row_is_found),
        WITH_DB(a_row_removed_from_the_unsealed_end_is_found_on_sqlite),
        WITH_DB(an_inserted_row_is_found_wherever_it_stands),
        WITH_DB(a_row_inserted_into_a_gap_is_found),
        WITH_DB(exchanged_rows_are_found),
        WITH_DB(changed_blocks_are_found),
        WITH_DB(malformed_rows_in_the_unsealed_end_are_found),
        WITH_DB(a_forged_block_breaks_the_chain),
    };
    return cmocka_run_group_tests_name("service/audit", tests, NULL, NULL);
}

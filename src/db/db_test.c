/* db_test.c - transactions, group commit, failures, cursors, interning, migrations: on both engines. */
#include "db/testing.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static TestDb *db;

static int open_db(void **state) {
    (void)state;
    db = test_db_open();
    return 0;
}
static int close_db(void **state) {
    (void)state;
    test_db_close(db);
    return 0;
}

static int64_t number(const char *name) {
    int64_t n = -1;
    test_ok(db_get_int(&db->c, &n, "SELECT unit_id FROM visible_unit WHERE account_id = $1", V((int64_t)strlen(name))));
    return n;
}

static Error *add_counter(Ctx *c, void *arg) {
    (void)arg;
    return db_exec(c, "INSERT INTO visible_unit(account_id, unit_id) VALUES ($1, $2)", V((int64_t)strlen("counter")), V(0));
}

static Error *increment(Ctx *c, void *arg) {
    (void)arg;
    return db_exec(c, "UPDATE visible_unit SET unit_id = unit_id + 1 WHERE account_id = $1", V((int64_t)strlen("counter")));
}

static Error *increment_and_fail(Ctx *c, void *arg) {
    TRY(increment(c, arg));
    return err_conflict(c, N_("No"));
}

static void what_a_transaction_writes_is_there_when_it_returns(void **state) {
    (void)state;
    test_ok(db_tx(&db->c, add_counter, NULL));
    test_ok(db_tx(&db->c, increment, NULL));
    assert_int_equal(number("counter"), 1);
}

static void a_failed_transaction_leaves_nothing(void **state) {
    (void)state;
    test_ok(db_tx(&db->c, add_counter, NULL));
    Error *e = db_tx(&db->c, increment_and_fail, NULL);
    assert_non_null(e);
    assert_int_equal(e->status, 409);
    assert_int_equal(number("counter"), 0);
}

static Error *nested(Ctx *c, void *arg) {
    TRY(db_tx(c, increment, arg));
    return db_tx(c, increment_and_fail, arg);
}

static void a_transaction_inside_another_is_part_of_it(void **state) {
    (void)state;
    test_ok(db_tx(&db->c, add_counter, NULL));
    assert_non_null(db_tx(&db->c, nested, NULL));
    assert_int_equal(number("counter"), 0);
}

static void a_write_outside_a_transaction_is_our_own_mistake(void **state) {
    (void)state;
    Error *e = db_exec(&db->c, "DELETE FROM visible_unit");
    assert_non_null(e);
    assert_int_equal(e->status, 500);
}

/* ---- many at once ---- */

enum { THREADS = 24, ROUNDS = 40 };

/* Each second one fails after it has written: neighbours in its batch must not feel it. */
static void *writer(void *arg) {
    Ctx c = db->c;
    c.mem = talloc_new(NULL);
    int64_t *failed = arg;
    for (int i = 0; i < ROUNDS; i++) {
        Error *e = db_tx(&c, i % 2 ? increment_and_fail : increment, NULL);
        if (i % 2 && e && e->status == 409) ++*failed;
        if (!(i % 2)) test_ok(e);
    }
    db_thread_end();
    talloc_free(c.mem);
    return NULL;
}

static void of_many_writers_at_once_each_counts_once_and_failures_not_at_all(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    int64_t failed[THREADS] = {0}, sum = 0;
    test_ok(db_tx(&db->c, add_counter, NULL));
    DbStats before = db_stats(db->c.db);
    for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&threads[i], NULL, writer, &failed[i]), 0);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL), sum += failed[i];
    DbStats after = db_stats(db->c.db);
    assert_int_equal(number("counter"), THREADS * ROUNDS / 2);
    assert_int_equal(sum, THREADS * ROUNDS / 2);
    assert_int_equal(after.transactions - before.transactions, THREADS * ROUNDS / 2);
    assert_true(after.batches - before.batches < THREADS * ROUNDS); /* some shared a commit */
}

typedef struct Outcome {
    pthread_mutex_t lock;
    pthread_cond_t told;
    int count;
    Error *error;
} Outcome;

static void tell(void *arg, Error *e) {
    Outcome *o = arg;
    pthread_mutex_lock(&o->lock);
    o->count++;
    o->error = e;
    pthread_cond_signal(&o->told);
    pthread_mutex_unlock(&o->lock);
}

static void an_asynchronous_transaction_tells_its_outcome_once(void **state) {
    (void)state;
    Outcome o = {.lock = PTHREAD_MUTEX_INITIALIZER, .told = PTHREAD_COND_INITIALIZER};
    Ctx c = db->c;
    test_ok(db_tx(&db->c, add_counter, NULL));
    db_tx_async(&c, increment, NULL, tell, &o);
    pthread_mutex_lock(&o.lock);
    while (!o.count) pthread_cond_wait(&o.told, &o.lock);
    pthread_mutex_unlock(&o.lock);
    assert_null(o.error);
    assert_int_equal(o.count, 1);
    assert_int_equal(number("counter"), 1);
}

/* ---- after the commit ---- */

static int calls;
static void count_call(void *arg) {
    calls += (int)(intptr_t)arg;
}
static Error *with_call(Ctx *c, void *arg) {
    for (int i = 0; i < 3; i++) {
        Ctx *turn = ctx_child(c); /* the registration must outlive the turn */
        db_after_commit(turn, count_call, (void *)(intptr_t)10);
        ctx_done(turn);
    }
    return arg ? err_conflict(c, N_("No")) : NULL;
}

static void a_call_after_commit_runs_once_and_only_after_success(void **state) {
    (void)state;
    calls = 0;
    assert_non_null(db_tx(&db->c, with_call, (void *)1));
    assert_int_equal(calls, 0);
    test_ok(db_tx(&db->c, with_call, NULL));
    assert_int_equal(calls, 10);
}

/* ---- failures and cursors ---- */

static Error *insert_twice(Ctx *c, void *arg) {
    (void)arg;
    for (int i = 0; i < 2; i++)
        TRY(db_exec(c, "INSERT INTO metric(code, name, unit, slot, sort, version, created_at, updated_at) VALUES ($1, $2, 0, $3, 1, 1, 1, 1)", V("same"), V("x"), V(i + 20)));
    return NULL;
}

static void a_taken_value_is_a_conflict_that_names_the_field(void **state) {
    (void)state;
    Error *e = db_tx(&db->c, insert_twice, NULL);
    assert_non_null(e);
    assert_int_equal(e->status, 409);
    assert_non_null(e->fields);
    assert_string_equal(e->fields->field, "code");
}

static Error *insert_orphan(Ctx *c, void *arg) {
    (void)arg;
    return db_exec(c, "INSERT INTO api_token(account_id, name, token_hash, created_at) VALUES (4711, 'x', 'y', 1)");
}

static void a_reference_to_nothing_is_a_conflict(void **state) {
    (void)state;
    Error *e = db_tx(&db->c, insert_orphan, NULL);
    assert_non_null(e);
    assert_int_equal(e->status, 409);
}

static Error *leave_open(Ctx *c, void *arg) {
    Rows *rows;
    (void)arg;
    TRY(db_query(c, &rows, "SELECT name FROM setting UNION ALL SELECT 'a' UNION ALL SELECT 'b'"));
    assert_true(rows_next(rows)); /* and no more: an early return */
    return increment(c, NULL);
}

static void a_cursor_left_open_does_not_hide_later_commits(void **state) {
    (void)state;
    Rows *rows;
    test_ok(db_tx(&db->c, add_counter, NULL));
    test_ok(db_query(&db->c, &rows, "SELECT account_id FROM visible_unit UNION ALL SELECT 1"));
    assert_true(rows_next(rows));
    test_ok(db_tx(&db->c, leave_open, NULL));
    db_close_cursors();
    assert_int_equal(number("counter"), 1);
    assert_false(rows_next(rows)); /* closed, not dangling */
}

static void values_of_every_kind_come_back_as_they_went_in(void **state) {
    (void)state;
    Rows *rows;
    test_ok(db_one(&db->c, &rows, "SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS TEXT)", V("销冠 ' \" \\ %"), V(INT64_MAX), V(INT64_MIN + 1), param_null()));
    assert_string_equal(row_text(rows, 0), "销冠 ' \" \\ %");
    assert_true(row_int(rows, 1) == INT64_MAX);
    assert_true(row_int(rows, 2) == INT64_MIN + 1);
    assert_true(row_is_null(rows, 3));
    assert_null(row_dup(rows, 3));
    test_ok(rows_done(rows));
}

static void the_same_built_text_is_interned_once(void **state) {
    (void)state;
    const char *a, *b, *c;
    test_ok(db_intern(&db->c, talloc_strdup(db, "SELECT 1 + 1"), &a));
    test_ok(db_intern(&db->c, talloc_strdup(db, "SELECT 1 + 1"), &b));
    test_ok(db_intern(&db->c, "SELECT 1 + 2", &c));
    assert_ptr_equal(a, b);
    assert_ptr_not_equal(a, c);
}

/* ---- migrations ---- */

static void migrating_again_does_nothing(void **state) {
    (void)state;
    int applied = -1;
    test_ok(db_migrate(&db->c, &applied));
    assert_int_equal(applied, 0);
}

static void a_database_of_a_newer_version_is_refused(void **state) {
    (void)state;
    test_sql(&db->c, "INSERT INTO schema_migration(name, applied_at) VALUES ('9999_later.sql', 1)");
    Error *e = db_migrate(&db->c, NULL);
    assert_non_null(e);
    assert_int_equal(e->status, 409);
}

static void each_commit_of_this_process_raises_the_generation(void **state) {
    (void)state;
    uint64_t before = db_generation(db->c.db);
    test_ok(db_tx(&db->c, add_counter, NULL));
    if (db_engine(db->c.db) == DB_SQLITE)
        assert_true(db_generation(db->c.db) > before);
    else
        assert_int_equal(db_generation(db->c.db), 0);
}

/* ---- statements whose answer is not waited for ---- */

static Error *take_value(Ctx *c, void *arg) {
    (void)arg;
    return db_exec_late(c, "INSERT INTO visible_unit(account_id, unit_id) VALUES ($1, $2)", V(99), V(1));
}
static Error *increment_and_collide(Ctx *c, void *arg) {
    TRY(increment(c, arg));
    return take_value(c, arg);
}
static void *colliding_writer(void *arg) {
    Ctx c = db->c;
    c.mem = talloc_new(NULL);
    int64_t *collided = arg;
    for (int i = 0; i < ROUNDS; i++) {
        Error *e = db_tx(&c, i % 4 ? increment : increment_and_collide, NULL);
        if (i % 4) test_ok(e);
        else if (e && e->status == 409) ++*collided;
    }
    db_thread_end();
    talloc_free(c.mem);
    return NULL;
}

static void a_late_failure_is_that_of_its_own_transaction(void **state) {
    (void)state;
    enum { EACH = 8 };
    pthread_t threads[EACH];
    int64_t collided[EACH] = {0};
    test_ok(db_tx(&db->c, add_counter, NULL));
    test_ok(db_tx(&db->c, take_value, NULL));
    Error *e = db_tx(&db->c, increment_and_collide, NULL);
    assert_non_null(e);
    assert_int_equal(e->status, 409);
    for (int i = 0; i < EACH; i++) assert_int_equal(pthread_create(&threads[i], NULL, colliding_writer, &collided[i]), 0);
    for (int i = 0; i < EACH; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(collided[i], ROUNDS / 4);
    }
    assert_int_equal(number("counter"), EACH * ROUNDS / 4 * 3);
}

/* ---- PostgreSQL: broken transactions, lost connections, other processes ---- */

static Error *overlook(Ctx *c, void *arg) {
    Error *e = db_exec(c, "INSERT INTO visible_unit(account_id, unit_id) VALUES ($1, $2)", V((int64_t)strlen("counter")), V(0));
    (void)arg;
    return e ? NULL : err_conflict(c, N_("There is no such row yet"));
}

static void a_transaction_that_overlooks_a_failed_statement_never_seems_to_succeed(void **state) {
    (void)state;
    test_ok(db_tx(&db->c, add_counter, NULL));
    Error *e = db_tx(&db->c, overlook, NULL);
    if (db_engine(db->c.db) == DB_POSTGRES) assert_int_equal(e->status, 500);
    else assert_null(e); /* SQLite goes on as if the statement had not been */
    test_ok(db_tx(&db->c, increment, NULL));
    assert_int_equal(number("counter"), 1);
}

static Error *ask_backend(Ctx *c, void *arg) {
    return db_get_int(c, arg, "SELECT pg_backend_pid()");
}

static void a_writer_whose_connection_was_cut_takes_the_next_transaction(void **state) {
    (void)state;
    int64_t pid = 0, cut = 0;
    if (db_engine(db->c.db) != DB_POSTGRES) skip();
    test_ok(db_tx(&db->c, add_counter, NULL));
    test_ok(db_tx(&db->c, ask_backend, &pid));
    test_ok(db_get_int(&db->c, &cut, "SELECT CASE WHEN pg_terminate_backend(CAST($1 AS INT)) THEN 1 ELSE 0 END", V(pid)));
    assert_int_equal(cut, 1);
    for (int i = 0; i < 100 && cut; i++) { /* the server ends it soon, not at once */
        cut = 0;
        test_ok(db_get_int(&db->c, &cut, "SELECT count(*) FROM pg_stat_activity WHERE pid = $1", V(pid)));
        usleep(10000);
    }
    test_ok(db_tx(&db->c, increment, NULL));
    assert_int_equal(number("counter"), 1);
}

static void *increment_through(void *arg) {
    Ctx c = db->c;
    c.mem = talloc_new(NULL);
    c.db = arg;
    for (int i = 0; i < ROUNDS; i++) test_ok(db_tx(&c, increment, NULL));
    db_thread_end();
    talloc_free(c.mem);
    return NULL;
}

static void two_processes_that_write_one_row_lose_nothing(void **state) {
    (void)state;
    enum { EACH = 4 };
    pthread_t threads[2 * EACH];
    Ctx c = db->c;
    Db *other;
    if (db_engine(db->c.db) != DB_POSTGRES) skip();
    test_ok(db_tx(&db->c, add_counter, NULL));
    test_ok(db_open(&c, db, db_target(db->c.db), (DbOptions){.exclusive = true, .who = "another"}, &other));
    for (int i = 0; i < 2 * EACH; i++) assert_int_equal(pthread_create(&threads[i], NULL, increment_through, i % 2 ? other : db->c.db), 0);
    for (int i = 0; i < 2 * EACH; i++) pthread_join(threads[i], NULL);
    db_close(other);
    assert_int_equal(number("counter"), 2 * EACH * ROUNDS);
}

#define T(f) cmocka_unit_test_setup_teardown(f, open_db, close_db)
int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        T(what_a_transaction_writes_is_there_when_it_returns), T(a_failed_transaction_leaves_nothing), T(a_transaction_inside_another_is_part_of_it),
        T(a_write_outside_a_transaction_is_our_own_mistake), T(of_many_writers_at_once_each_counts_once_and_failures_not_at_all),
        T(an_asynchronous_transaction_tells_its_outcome_once), T(a_call_after_commit_runs_once_and_only_after_success),
        T(a_taken_value_is_a_conflict_that_names_the_field), T(a_reference_to_nothing_is_a_conflict), T(a_cursor_left_open_does_not_hide_later_commits),
        T(values_of_every_kind_come_back_as_they_went_in), T(the_same_built_text_is_interned_once), T(migrating_again_does_nothing),
        T(a_database_of_a_newer_version_is_refused), T(each_commit_of_this_process_raises_the_generation),
        T(a_transaction_that_overlooks_a_failed_statement_never_seems_to_succeed), T(a_writer_whose_connection_was_cut_takes_the_next_transaction),
        T(a_late_failure_is_that_of_its_own_transaction), T(two_processes_that_write_one_row_lose_nothing),
    };
    return cmocka_run_group_tests_name("db/db", tests, NULL, NULL);
}

/* batch_test.c - work shared by the transactions of one commit: done once, for those that succeeded, or for nobody. */
#include "db/testing.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <cmocka.h>

enum { THREADS = 8, ROUNDS = 40 };

static TestDb *t;
static _Atomic int applied, fail_next;

static int set_up(void **state) {
    (void)state;
    t = test_db_open();
    test_sql(&t->c, "CREATE TABLE total(id BIGINT PRIMARY KEY, items BIGINT NOT NULL, sum BIGINT NOT NULL)");
    test_sql(&t->c, "CREATE TABLE item(n BIGINT NOT NULL)");
    test_sql(&t->c, "INSERT INTO total(id, items, sum) VALUES (1, 0, 0), (2, 0, 0)");
    applied = fail_next = 0;
    return 0;
}
static int tear_down(void **state) {
    (void)state;
    test_db_close(t);
    return 0;
}

static int64_t number(const char *sql) {
    int64_t n = -1;
    test_ok(db_get_int_(&t->c, &n, sql, NULL, 0));
    return n;
}

static Error *add_up(Ctx *c, void *const *items, size_t count, int64_t id) {
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) sum += *(int64_t *)items[i];
    applied++;
    TRY(db_exec(c, "UPDATE total SET items = items + $2, sum = sum + $3 WHERE id = $1", V(id), V((int64_t)count), V(sum)));
    return fail_next ? err_conflict(c, "not now") : NULL;
}
static Error *add_up_one(Ctx *c, void *const *items, size_t count) {
    return add_up(c, items, count, 1);
}
static Error *add_up_two(Ctx *c, void *const *items, size_t count) {
    return add_up(c, items, count, 2);
}
static const DbBatch one = {add_up_one}, two = {add_up_two};

typedef struct Work {
    int64_t n[4];
    int count;
    bool both, fail;
} Work;
static Error *work(Ctx *c, void *arg) {
    const Work *w = arg;
    for (int i = 0; i < w->count; i++) {
        Ctx *turn = ctx_child(c); /* the item outlives it */
        int64_t *item = talloc(db_batch_mem(turn), int64_t);
        *item = w->n[i];
        db_batch_add(turn, &one, item);
        if (w->both) db_batch_add(turn, &two, item);
        Error *e = db_exec(turn, "INSERT INTO item(n) VALUES ($1)", V(w->n[i]));
        ctx_done(turn);
        if (e) return e;
    }
    return w->fail ? err_conflict(c, "no") : NULL;
}

static void it_is_done_once_with_all_items_of_a_transaction(void **state) {
    (void)state;
    Work w = {.n = {1, 2, 3, 4}, .count = 4, .both = true};
    test_ok(db_tx(&t->c, work, &w));
    assert_int_equal(applied, 2); /* once of each kind */
    assert_int_equal(number("SELECT items FROM total WHERE id = 1"), 4);
    assert_int_equal(number("SELECT sum FROM total WHERE id = 2"), 10);
}

static void a_failed_transaction_leaves_nothing_for_it(void **state) {
    (void)state;
    Work w = {.n = {1, 2}, .count = 2, .fail = true};
    assert_non_null(db_tx(&t->c, work, &w));
    assert_int_equal(applied, 0);
    assert_int_equal(number("SELECT sum FROM total WHERE id = 1"), 0);
    w.fail = false;
    test_ok(db_tx(&t->c, work, &w));
    assert_int_equal(number("SELECT sum FROM total WHERE id = 1"), 3);
}

static void its_error_undoes_what_the_transaction_wrote(void **state) {
    (void)state;
    Work w = {.n = {5}, .count = 1};
    fail_next = 1;
    Error *e = db_tx(&t->c, work, &w);
    assert_non_null(e);
    assert_int_equal(e->status, 409);
    assert_int_equal(number("SELECT count(*) FROM item"), 0);
    assert_int_equal(number("SELECT sum FROM total WHERE id = 1"), 0);
    fail_next = 0;
    test_ok(db_tx(&t->c, work, &w)); /* and the next commit is as good as any */
    assert_int_equal(number("SELECT sum FROM total WHERE id = 1"), 5);
}

static Error *outer(Ctx *c, void *arg) {
    Work *w = arg;
    TRY(db_tx(c, work, w));
    return db_tx(c, work, w);
}
static void a_transaction_within_another_shares_it(void **state) {
    (void)state;
    Work w = {.n = {7}, .count = 1};
    test_ok(db_tx(&t->c, outer, &w));
    assert_int_equal(applied, 1);
    assert_int_equal(number("SELECT sum FROM total WHERE id = 1"), 14);
}

/* ---- several transactions in one commit ---- */

typedef struct Async {
    Work work;
    Ctx c;
    Error *error;
} Async;
static _Atomic int done_count;
static void note_done(void *arg, Error *e) {
    ((Async *)arg)->error = e;
    done_count++;
}

/* The first transaction keeps the writer busy until the others wait for it, so on SQLite they are one commit. */
static _Atomic bool let_go;
static Error *wait_for_the_others(Ctx *c, void *arg) {
    (void)c, (void)arg;
    while (!let_go) usleep(200);
    return NULL;
}
static void run_together(Async *list, int n) {
    Async gate = {.c = t->c};
    let_go = db_engine(t->c.db) == DB_POSTGRES;
    done_count = 0;
    db_tx_async(&gate.c, wait_for_the_others, NULL, note_done, &gate);
    for (int i = 0; i < n; i++) {
        list[i].c = t->c;
        list[i].c.mem = talloc_new(t);
        db_tx_async(&list[i].c, work, &list[i].work, note_done, &list[i]);
    }
    let_go = true;
    while (done_count < n + 1) usleep(200);
}

static void transactions_of_one_commit_share_it_without_the_failed(void **state) {
    (void)state;
    Async list[6] = {0};
    for (int i = 0; i < 6; i++) list[i].work = (Work){.n = {1 << i, 1 << i}, .count = 2, .fail = i % 3 == 1};
    run_together(list, 6);
    for (int i = 0; i < 6; i++) assert_int_equal(list[i].error != NULL, i % 3 == 1);
    assert_int_equal(number("SELECT sum FROM total WHERE id = 1"), 2 * (1 + 4 + 8 + 32));
    assert_int_equal(number("SELECT sum(n) FROM item"), number("SELECT sum FROM total WHERE id = 1"));
    if (db_engine(t->c.db) == DB_SQLITE) assert_int_equal(applied, 1);
}

static void its_error_is_told_to_every_transaction_of_the_commit(void **state) {
    (void)state;
    Async list[4] = {0};
    for (int i = 0; i < 4; i++) list[i].work = (Work){.n = {1}, .count = 1, .fail = i == 2};
    fail_next = 1;
    run_together(list, 4);
    for (int i = 0; i < 4; i++) assert_int_equal(list[i].error->status, 409);
    assert_string_equal(list[2].error->message.id, "no"); /* its own */
    assert_string_equal(list[3].error->message.id, "not now");
    assert_int_equal(number("SELECT count(*) FROM item"), 0);
    assert_int_equal(number("SELECT items FROM total WHERE id = 1"), 0);
}

static _Atomic int64_t expected;
static void *hand(void *arg) {
    int64_t from = *(int *)arg * 1000;
    for (int i = 0; i < ROUNDS; i++) {
        Ctx c = t->c;
        c.mem = talloc_new(NULL);
        Work w = {.n = {from + i, 1, 2}, .count = 1 + i % 3, .both = i % 2, .fail = i % 5 == 0};
        Error *e = db_tx(&c, work, &w);
        for (int k = 0; k < w.count && !e; k++) expected += w.n[k];
        talloc_free(c.mem);
    }
    db_thread_end();
    return NULL;
}
static void sums_of_many_threads_are_complete(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    int from[THREADS];
    expected = 0;
    for (int i = 0; i < THREADS; i++) from[i] = i, assert_int_equal(pthread_create(&threads[i], NULL, hand, &from[i]), 0);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    assert_int_equal(number("SELECT sum FROM total WHERE id = 1"), expected);
    assert_int_equal(number("SELECT sum(n) FROM item"), expected);
    assert_int_equal(number("SELECT items FROM total WHERE id = 1"), number("SELECT count(*) FROM item"));
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(it_is_done_once_with_all_items_of_a_transaction),
        TEST(a_failed_transaction_leaves_nothing_for_it),
        TEST(its_error_undoes_what_the_transaction_wrote),
        TEST(a_transaction_within_another_shares_it),
        TEST(transactions_of_one_commit_share_it_without_the_failed),
        TEST(its_error_is_told_to_every_transaction_of_the_commit),
        TEST(sums_of_many_threads_are_complete),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("db/batch", tests, NULL, NULL);
}

/* job_test.c - the queue: uniqueness, retries, the schedule, claims of processes that are gone, and the threads. */
#include "service/job.h"
#include "base/log.h"
#include "db/testing.h"
#include "service/access.h"
#include "service/job_private.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <time.h>
#include <cmocka.h>

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

static TestDb *t;
static _Atomic int runs, nights, minutes;
static _Atomic int64_t sum;
static Instant ran_at;
static bool again; /* count_job asks for itself once more while it runs */

static Error *enqueue_again(Ctx *c, void *arg) {
    return job_enqueue(c, "count", *(int64_t *)arg, 0, "key");
}
static Error *count_job(Ctx *c, int64_t arg) {
    assert_true(c->actor->system);
    assert_null(c->tx);
    runs++;
    sum += arg;
    if (!again) return NULL;
    again = false;
    int64_t next = arg + 1;
    return db_tx(c, enqueue_again, &next);
}
static Error *failing_job(Ctx *c, int64_t arg) {
    runs++;
    ran_at = c->now;
    return arg ? err_internal(c, "broken %d", (int)arg) : NULL;
}
static Error *night_job(Ctx *c, int64_t arg) {
    (void)arg;
    ran_at = c->now;
    nights++;
    return NULL;
}
static bool minute_fails;
static Error *minute_job(Ctx *c, int64_t arg) {
    (void)arg;
    minutes++;
    return minute_fails ? err_internal(c, "no minute") : NULL;
}

static const JobKind kinds[] = {
    { .name = "count", .run = count_job },
    { .name = "failing", .run = failing_job },
    { .name = "night", .run = night_job, .every_minutes = 1440, .at_hour = 3, .at_minute = 30 },
    { .name = "minute", .run = minute_job, .every_minutes = 10 },
    { .name = NULL },
};

static int set_up(void **state) {
    (void)state;
    t = test_db_open();
    runs = nights = minutes = 0;
    sum = 0;
    again = minute_fails = false;
    date_set_zone("Asia/Shanghai");
    return 0;
}
static int tear_down(void **state) {
    (void)state;
    test_db_close(t);
    return 0;
}

typedef struct Job {
    const char *kind, *key;
    int64_t arg;
    Instant due;
    bool fail;
} Job;
static Error *put(Ctx *c, void *arg) {
    const Job *j = arg;
    TRY(job_enqueue(c, j->kind, j->arg, j->due, j->key));
    return j->fail ? err_conflict(c, "no") : NULL;
}
static void enqueue(Job j) {
    test_ok(db_tx(&t->c, put, &j));
}
static int run_due(void) {
    int n = -1;
    test_ok(job_run_due(&t->c, &n));
    return n;
}
static int64_t number(const char *sql) {
    int64_t n = -1;
    Rows *rows;
    test_ok(db_one_(&t->c, &rows, sql, NULL, 0));
    if (rows) n = row_int(rows, 0);
    if (rows) test_ok(rows_done(rows));
    return n;
}
static int64_t waiting(void) {
    return number("SELECT count(*) FROM job WHERE kind IN ('count', 'failing')");
}

static void a_job_runs_once_when_it_is_due(void **state) {
    (void)state;
    enqueue((Job){ .kind = "count", .arg = 3 });
    enqueue((Job){ .kind = "count", .arg = 4, .due = t->c.now + HOUR });
    assert_int_equal(run_due(), 1);
    assert_int_equal(sum, 3);
    assert_int_equal(run_due(), 0);
    t->c.now += HOUR;
    run_due();
    assert_int_equal(sum, 7);
    assert_int_equal(waiting(), 0);
}

static void a_job_of_a_rolled_back_transaction_does_not_exist(void **state) {
    (void)state;
    Error *e = db_tx(&t->c, put, &(Job){ .kind = "count", .fail = true });
    assert_int_equal(e->status, 409);
    assert_int_equal(run_due(), 0);
}

static void one_key_is_queued_once(void **state) {
    (void)state;
    for (int i = 0; i < 5; i++) enqueue((Job){ .kind = "count", .arg = 1, .key = "key" });
    for (int i = 0; i < 2; i++) enqueue((Job){ .kind = "count", .arg = 1 });
    assert_int_equal(run_due(), 3);
    enqueue((Job){ .kind = "count", .arg = 1, .key = "key" });
    assert_int_equal(run_due(), 1);
}

static void a_job_asked_for_while_it_runs_runs_again(void **state) {
    (void)state;
    again = true;
    enqueue((Job){ .kind = "count", .arg = 10, .key = "key" });
    run_due();
    t->c.now += 1;
    run_due();
    assert_int_equal(runs, 2);
    assert_int_equal(sum, 21);
    assert_int_equal(waiting(), 0);
}

static void failures_are_tried_five_times_and_then_parked(void **state) {
    (void)state;
    static const int64_t pauses[] = { 10 * SECOND, MINUTE, 10 * MINUTE, HOUR };
    enqueue((Job){ .kind = "failing", .arg = 7, .key = "f" });
    run_due();
    for (int i = 0; i < 4; i++) {
        assert_int_equal(runs, i + 1);
        t->c.now += pauses[i] - 1;
        run_due();
        assert_int_equal(runs, i + 1);
        t->c.now += 1;
        run_due();
    }
    assert_int_equal(runs, 5);
    assert_int_equal(number("SELECT parked FROM job WHERE kind = 'failing'"), 1);
    const char *error = NULL;
    test_ok(db_get_text(&t->c, &error, "SELECT error FROM job WHERE kind = 'failing'"));
    assert_string_equal(error, "broken 7");
    t->c.now += 24 * HOUR;
    run_due();
    assert_int_equal(runs, 5);
    enqueue((Job){ .kind = "failing", .arg = 0, .key = "f" }); /* asked for again: another chance */
    run_due();
    assert_int_equal(runs, 6);
    assert_int_equal(waiting(), 0);
}

static void an_unknown_kind_is_parked(void **state) {
    (void)state;
    enqueue((Job){ .kind = "gone" });
    enqueue((Job){ .kind = "count", .arg = 1 });
    run_due();
    assert_int_equal(runs, 1);
    assert_int_equal(number("SELECT parked FROM job WHERE kind = 'gone'"), 1);
}

static void a_daily_job_runs_at_its_local_hour_each_day(void **state) {
    (void)state;
    run_due(); /* 12:00: only plans */
    assert_int_equal(nights, 0);
    Date day = date_of_instant(t->c.now);
    for (int i = 1; i <= 5; i++) {
        t->c.now = instant_of_day(day + i, 3, 30) - 1;
        run_due();
        assert_int_equal(nights, i - 1);
        t->c.now += 1 + i * MINUTE; /* a little late */
        run_due();
        run_due();
        assert_int_equal(nights, i);
    }
    t->c.now += 10 * 24 * HOUR; /* the server was off: one run, not ten */
    run_due();
    run_due();
    assert_int_equal(nights, 6);
    assert_int_equal(number("SELECT count(*) FROM job WHERE kind = 'night'"), 1);
}

static void a_repeated_job_runs_once_a_slot(void **state) {
    (void)state;
    run_due();
    for (int i = 0; i < 60; i++) {
        t->c.now += MINUTE;
        run_due();
    }
    assert_int_equal(minutes, 6);
}

static void two_processes_do_not_run_a_slot_twice(void **state) {
    (void)state;
    run_due();
    t->c.now += 10 * MINUTE;
    run_due();
    assert_int_equal(minutes, 1);
    Ctx late = t->c; /* another server whose clock is behind, just starting */
    late.now -= 5 * MINUTE;
    test_ok(job_schedule(&late));
    t->c.now += MINUTE;
    run_due();
    assert_int_equal(minutes, 1);
    assert_int_equal(number("SELECT count(*) FROM job WHERE kind = 'minute'"), 1);
}

static void a_scheduled_job_that_keeps_failing_goes_on_with_the_next_slot(void **state) {
    (void)state;
    minute_fails = true;
    run_due();
    for (int i = 0; i < 40; i++) {
        t->c.now += 10 * MINUTE;
        run_due();
    }
    assert_true(minutes >= 10);
    assert_int_equal(number("SELECT count(*) FROM job WHERE kind = 'minute' AND parked = 0"), 1);
    const char *error = NULL;
    test_ok(db_get_text(&t->c, &error, "SELECT error FROM job WHERE kind = 'minute'"));
    assert_string_equal(error, "no minute");
}

/* A process took it and ended. */
static void claim_by_the_dead(void) {
    const char *what = talloc_asprintf(t, "claimed_by = 'gone', claimed_at = %lld, attempts = 1", (long long)t->c.now);
    test_update(&t->c, "job", what, number("SELECT id FROM job WHERE kind = 'count'"));
}

static void a_claim_is_freed_after_a_quarter_of_an_hour(void **state) {
    (void)state;
    enqueue((Job){ .kind = "count", .arg = 1 });
    claim_by_the_dead();
    test_ok(job_release(&t->c, false));
    assert_int_equal(number("SELECT count(*) FROM job WHERE kind = 'count' AND claimed_by IS NULL"), 0);
    t->c.now += 15 * MINUTE + 1;
    run_due();
    assert_int_equal(runs, 1);
    assert_int_equal(waiting(), 0);
}

static void on_sqlite_the_claims_of_a_dead_process_are_free_at_once(void **state) {
    (void)state;
    enqueue((Job){ .kind = "count", .arg = 1 });
    claim_by_the_dead();
    run_due();
    assert_int_equal(runs, db_engine(t->c.db) == DB_SQLITE ? 1 : 0);
}

static void a_job_that_kills_its_process_is_given_up(void **state) {
    (void)state;
    enqueue((Job){ .kind = "count", .arg = 1 });
    for (int i = 0; i < 5; i++)
        test_sql(&t->c, "UPDATE job SET attempts = attempts + 1"); /* claimed, and the process ended */
    run_due();
    assert_int_equal(runs, 0);
    assert_int_equal(number("SELECT parked FROM job WHERE kind = 'count'"), 1);
}

/* ---- threads ---- */

static void wait_until(_Atomic int *counter, int n) {
    for (int i = 0; i < 500 && *counter < n; i++) nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
}

static void the_threads_run_each_job_once(void **state) {
    (void)state;
    enum { JOBS = 60 };
    enqueue((Job){ .kind = "count", .arg = 1 });
    test_sql(&t->c, "UPDATE job SET due_at = 5");
    test_ok(job_start(&t->c, 3));
    for (int i = 1; i < JOBS; i++) enqueue((Job){ .kind = "count", .arg = 1, .due = 5 });
    wait_until(&runs, JOBS);
    job_stop();
    assert_int_equal(runs, JOBS);
    assert_int_equal(sum, JOBS);
    assert_int_equal(waiting(), 0);
    job_stop();                   /* again: nothing */
    test_ok(job_start(&t->c, 1)); /* and once more */
    enqueue((Job){ .kind = "count", .arg = 1, .due = 5 });
    wait_until(&runs, JOBS + 1);
    job_stop();
    assert_int_equal(runs, JOBS + 1);
}

static void without_threads_the_schedule_is_made_and_nothing_runs(void **state) {
    (void)state;
    enqueue((Job){ .kind = "count", .arg = 1 });
    test_ok(job_start(&t->c, 0));
    assert_false(job_is_running());
    job_stop();
    assert_int_equal(runs, 0);
    assert_int_equal(number("SELECT count(*) FROM job WHERE kind = 'minute'"), 1);
    run_due(); /* who asks for it gets it */
    assert_int_equal(runs, 1);
}

static void *run_here(void *arg) {
    Ctx c = *(Ctx *)arg;
    c.mem = talloc_new(NULL);
    int n;
    Error *e = job_run_due(&c, &n);
    bool bad = e && strcmp(e->code, "retry") != 0;
    talloc_free(c.mem);
    db_thread_end();
    return bad ? "failed" : NULL;
}

static void two_processes_share_the_queue_without_running_a_job_twice(void **state) {
    (void)state;
    enum { JOBS = 60 };
    for (int i = 0; i < JOBS; i++) enqueue((Job){ .kind = "count", .arg = 1 });
    /* Each thread is a claimant of its own name, as a process would be. SQLite has one process only, whose threads share a name. */
    if (db_engine(t->c.db) == DB_SQLITE) return;
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, run_here, &t->c);
    for (int i = 0; i < 4; i++) {
        void *wrong;
        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
    run_due();
    assert_int_equal(runs, JOBS);
    assert_int_equal(waiting(), 0);
}

#define WITH_DB(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    log_set_level(LOG_ERROR_ + 1);
    job_add(kinds);
    const struct CMUnitTest tests[] = {
        WITH_DB(a_job_runs_once_when_it_is_due),
        WITH_DB(a_job_of_a_rolled_back_transaction_does_not_exist),
        WITH_DB(one_key_is_queued_once),
        WITH_DB(a_job_asked_for_while_it_runs_runs_again),
        WITH_DB(failures_are_tried_five_times_and_then_parked),
        WITH_DB(an_unknown_kind_is_parked),
        WITH_DB(a_daily_job_runs_at_its_local_hour_each_day),
        WITH_DB(a_repeated_job_runs_once_a_slot),
        WITH_DB(two_processes_do_not_run_a_slot_twice),
        WITH_DB(a_scheduled_job_that_keeps_failing_goes_on_with_the_next_slot),
        WITH_DB(a_claim_is_freed_after_a_quarter_of_an_hour),
        WITH_DB(on_sqlite_the_claims_of_a_dead_process_are_free_at_once),
        WITH_DB(a_job_that_kills_its_process_is_given_up),
        WITH_DB(the_threads_run_each_job_once),
        WITH_DB(without_threads_the_schedule_is_made_and_nothing_runs),
        WITH_DB(two_processes_share_the_queue_without_running_a_job_twice),
    };
    return cmocka_run_group_tests_name("service/job", tests, NULL, NULL);
}

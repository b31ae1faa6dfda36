/* job_runner.c - the threads that run jobs, and the one that keeps their time.
 *
 * Runners look each second, or at once when this process has enqueued something. The timekeeper renews the claims of jobs that take long,
 * frees those of processes that are gone, and repairs the schedule. */
#include "base/log.h"
#include "db/db.h"
#include "service/job_private.h"
#include "service/password.h"
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

enum { MAX_THREADS = 16, RENEW_SECONDS = 300, REPAIR_SECONDS = 60 };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t threads[MAX_THREADS], timekeeper;
    int count;
    bool started, stop;
    uint64_t calls; /* counts job_wake */
    Ctx app;
    const char *who;
    _Atomic int busy;
} runner = { .lock = PTHREAD_MUTEX_INITIALIZER };

void job_wake(void) {
    pthread_mutex_lock(&runner.lock);
    runner.calls++;
    if (runner.started) pthread_cond_broadcast(&runner.wake);
    pthread_mutex_unlock(&runner.lock);
}

bool job_is_running(void) {
    pthread_mutex_lock(&runner.lock);
    bool running = runner.started;
    pthread_mutex_unlock(&runner.lock);
    return running;
}

/* Sleeps a second, or until there was a call that *seen does not know of. False when it is time to stop. */
static bool wait_turn(uint64_t *seen) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec++;
    pthread_mutex_lock(&runner.lock);
    while (!runner.stop && (!seen || *seen == runner.calls))
        if (pthread_cond_timedwait(&runner.wake, &runner.lock, &until) != 0) break;
    if (seen) *seen = runner.calls;
    bool go_on = !runner.stop;
    pthread_mutex_unlock(&runner.lock);
    return go_on;
}

static bool is_stopping(void) {
    pthread_mutex_lock(&runner.lock);
    bool stop = runner.stop;
    pthread_mutex_unlock(&runner.lock);
    return stop;
}

/* The queue itself cannot be reached: said when it begins, not each second. */
static void report(const Error *e, bool *failing) {
    if (e && !*failing) log_event(LOG_ERROR_, "job queue", "code", e->code, "detail", e->detail, NULL);
    *failing = e != NULL;
}

static void *run(void *arg) {
    (void)arg;
    uint64_t seen = 0;
    bool failing = false;
    do {
        bool ran = true;
        while (ran && !is_stopping()) {
            Ctx c = runner.app;
            c.mem = talloc_new(NULL);
            ran = false;
            atomic_fetch_add(&runner.busy, 1);
            report(job_run_one(&c, runner.who, true, &ran), &failing);
            atomic_fetch_sub(&runner.busy, 1);
            talloc_free(c.mem);
        }
    } while (wait_turn(&seen));
    db_thread_end();
    return NULL;
}

static Error *renew(Ctx *c, void *arg) {
    (void)arg;
    return db_exec(c, "UPDATE job SET claimed_at = $1 WHERE claimed_by = $2", V(c->now), V(runner.who));
}

static Error *keep(Ctx *c, int second) {
    if (second % RENEW_SECONDS == 0 && atomic_load(&runner.busy)) {
        int64_t ours = 0;
        TRY(db_get_int(c, &ours, "SELECT count(*) FROM job WHERE claimed_by = $1", V(runner.who)));
        if (ours) TRY(db_tx(c, renew, NULL));
    }
    if (second % REPAIR_SECONDS) return NULL;
    TRY(job_release(c, false));
    return job_schedule(c);
}

static void *keep_time(void *arg) {
    (void)arg;
    bool failing = false;
    for (int second = 1; wait_turn(NULL); second++) {
        if (second % REPAIR_SECONDS) continue;
        Ctx c = runner.app;
        c.mem = talloc_new(NULL);
        c.now = instant_now();
        report(keep(&c, second), &failing);
        talloc_free(c.mem);
    }
    db_thread_end();
    return NULL;
}

Error *job_start(Ctx *app, int threads) {
    Ctx c = *app;
    /* On SQLite we are the only process: whoever held a claim is gone. */
    TRY(job_release(&c, db_engine(app->db) == DB_SQLITE));
    TRY(job_schedule(&c));
    if (threads < 1) return NULL; /* what is due waits for another process, or for job_run_due */
    if (threads > MAX_THREADS) threads = MAX_THREADS;
    char host[64] = "";
    gethostname(host, sizeof host - 1);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&runner.wake, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_lock(&runner.lock);
    runner.app = *app;
    runner.who = talloc_asprintf(app->mem, "%s:%d:%.8s", host, (int)getpid(), random_token(&c));
    runner.started = true;
    runner.stop = false;
    runner.count = 0;
    pthread_mutex_unlock(&runner.lock);
    bool ok = pthread_create(&runner.timekeeper, NULL, keep_time, NULL) == 0;
    if (!ok) runner.started = false;
    for (int i = 0; ok && i < threads; i++) {
        ok = pthread_create(&runner.threads[i], NULL, run, NULL) == 0;
        if (ok) runner.count++;
    }
    if (ok) return NULL;
    job_stop();
    return err_internal(app, "cannot start the job threads");
}

void job_stop(void) {
    pthread_mutex_lock(&runner.lock);
    bool started = runner.started;
    runner.stop = true;
    if (started) pthread_cond_broadcast(&runner.wake);
    pthread_mutex_unlock(&runner.lock);
    if (!started) return;
    for (int i = 0; i < runner.count; i++) pthread_join(runner.threads[i], NULL);
    pthread_join(runner.timekeeper, NULL);
    pthread_mutex_lock(&runner.lock);
    runner.started = false;
    pthread_mutex_unlock(&runner.lock);
    pthread_cond_destroy(&runner.wake);
}

/* writer.c - the writer: one thread and one connection do every write, and on SQLite every checkpoint.
 *
 * What waits while a commit is being synced is the next batch, so batches form by themselves, without a timer: a lone caller is
 * committed at once and sixty-four callers share one fsync. Each transaction is a savepoint of the batch's outer transaction: a failed one
 * is rolled back alone. Nobody is told "done" before the outer COMMIT has returned. */
#include "db/driver.h"
#include <pthread.h>
#include <stdatomic.h>
#include <talloc.h>
#include <time.h>

enum { MAX_BATCH = 1024, CHECKPOINT_PAGES = 4000, TRUNCATE_PAGES = 64000 };

typedef struct Writer {
    Db *db;
    Conn *conn;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    Tx *first, **last;
    bool waiting, stop;
    bool late_failed; /* in this batch a statement failed that was not waited for */
} Writer;

void writer_submit(Writer *w, Tx *tx) {
    tx->next = NULL;
    pthread_mutex_lock(&w->lock);
    *w->last = tx;
    w->last = &tx->next;
    if (w->waiting) pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
}

/* Takes what waits, at most MAX_BATCH; NULL when stopping and nothing is left. */
static Tx *take(Writer *w) {
    pthread_mutex_lock(&w->lock);
    while (!w->first && !w->stop) {
        w->waiting = true;
        pthread_cond_wait(&w->wake, &w->lock);
        w->waiting = false;
    }
    Tx *batch = w->first, **end = &w->first;
    for (int n = 0; *end && n < MAX_BATCH; n++) end = &(*end)->next;
    w->first = *end;
    *end = NULL;
    if (!w->first) w->last = &w->first;
    pthread_mutex_unlock(&w->lock);
    return batch;
}

static DbCode simple(Writer *w, const char *sql) {
    const Driver *d = w->db->driver;
    Rows rows = {.conn = w->conn};
    DbCode code = d->start(w->conn, sql, NULL, 0, &rows);
    if (code != DBC_OK) return code;
    code = d->step(&rows);
    d->finish(&rows);
    return code == DBC_DONE ? DBC_OK : code;
}

/* Only a lost connection can make it fail, so its answer is not waited for. */
static DbCode simple_late(Writer *w, const char *sql) {
    const Driver *d = w->db->driver;
    return d->late ? d->late(w->conn, sql, NULL, 0) : simple(w, sql);
}

static bool late_failed(Writer *w) {
    const Driver *d = w->db->driver;
    if (d->late_failed && d->late_failed(w->conn)) w->late_failed = true;
    return w->late_failed;
}

static TxState state(const Writer *w) {
    return w->db->driver->state(w->conn);
}

static void fail_all(Writer *w, Tx *batch, DbCode code, const char *what) {
    for (Tx *tx = batch; tx; tx = tx->next)
        if (!tx->error) tx->error = db_error(tx->c, w->conn, code, what);
}

/* Runs the function. One that overlooks a failed statement has not succeeded: PostgreSQL would answer its COMMIT by rolling back. */
static void run_fn(Writer *w, Tx *tx) {
    tx_run(tx);
    if (!tx->error && state(w) != TX_OPEN) tx->error = err_internal(tx->c, "a failed statement was overlooked: %s", w->db->driver->detail(w->conn));
}

/* Runs one transaction of a batch inside its savepoint. False when the batch cannot go on: the outer transaction is gone (disk full, connection lost),
 * or another process came between and all has to be done again. */
static bool run_one(Writer *w, Tx *tx) {
    DbCode code = simple_late(w, "SAVEPOINT s");
    if (code == DBC_OK) {
        run_fn(w, tx);
        if (tx_wants_retry(tx) || late_failed(w)) return false; /* not ROLLBACK TO: it might be the savepoint of the one before */
        if (tx->error) code = simple(w, "ROLLBACK TO s");
        if (code == DBC_OK) code = simple_late(w, "RELEASE s");
    }
    if (code != DBC_OK && !tx->error) tx->error = db_error(tx->c, w->conn, code, "SAVEPOINT");
    return state(w) == TX_OPEN && !late_failed(w);
}

/* What the batch's transactions share is written once for all of them; an error is told to each. */
static Error *apply_shared(Writer *w, Tx *batch) {
    Tx own = {.conn = w->conn};
    Ctx c = *batch->c;
    c.mem = talloc_new(NULL);
    c.tx = &own;
    own.c = &c;
    Error *e = tx_apply_batches(&c, batch), *kept = NULL;
    for (Tx *tx = batch; tx && e; tx = tx->next)
        if (!tx->error) kept = tx->error = err_copy(tx->c->mem, e);
    db_close_cursors();
    talloc_free(c.mem);
    return kept;
}

/* A server that was restarted, or a firewall that forgot an idle connection: one try on a fresh one. */
static DbCode begin(Writer *w) {
    const Driver *d = w->db->driver;
    DbCode code = simple(w, d->begin);
    if (code == DBC_OK || state(w) != TX_LOST) return code;
    Conn *fresh;
    char detail[512];
    if (d->open(w->db->target, true, w, &fresh, detail, sizeof detail) != DBC_OK) return code;
    d->close(w->conn);
    w->conn = fresh;
    return simple(w, d->begin);
}

static void run_batch(Writer *w, Tx *batch) {
    DbCode code = begin(w);
    bool alone = !batch->next, intact = true;
    w->late_failed = false;
    for (Tx *tx = batch; tx; tx = tx->next) {
        tx->conn = w->conn;
        tx->error = code == DBC_OK ? NULL : db_error(tx->c, w->conn, code, w->db->driver->begin);
    }
    if (code != DBC_OK) return;
    if (alone)
        run_fn(w, batch);
    else
        for (Tx *tx = batch; tx && intact; tx = tx->next) intact = run_one(w, tx);
    if ((alone && batch->error) || (intact && apply_shared(w, batch))) {
        (void)simple(w, "ROLLBACK");
        return;
    }
    code = !intact ? DBC_UNAVAILABLE : simple(w, "COMMIT");
    if (code == DBC_OK) return;
    fail_all(w, batch, code, "COMMIT");
    if (state(w) != TX_NONE) (void)simple(w, "ROLLBACK");
}

static void run_until_settled(Writer *w, Tx *batch);

static void run_one_by_one(Writer *w, Tx *batch) {
    for (Tx *tx = batch, *next; tx; tx = next) {
        next = tx->next;
        tx->next = NULL;
        run_until_settled(w, tx);
        tx->next = next;
    }
}

/* Another process that writes to the same PostgreSQL may come between; then the whole batch is run again, after a pause that grows. Where a statement
 * failed that was not waited for, nobody knows whose it was: each transaction has a commit of its own then. */
static void run_until_settled(Writer *w, Tx *batch) {
    for (int i = 0;; i++) {
        run_batch(w, batch);
        bool again = false;
        if (late_failed(w) && batch->next) {
            run_one_by_one(w, batch);
            return;
        }
        for (const Tx *tx = batch; tx; tx = tx->next) again = again || tx_wants_retry(tx);
        if (!again || i >= w->db->driver->retries) return;
        struct timespec pause = {.tv_nsec = (long)(1000000u << (i < 6 ? i : 6)) + (long)((unsigned)batch->c->now % 1000000u)};
        nanosleep(&pause, NULL);
    }
}

static void checkpoint(Writer *w) {
    if (w->db->engine != DB_SQLITE) return;
    int pages = sqlite_wal_pages(w->conn);
    if (pages < CHECKPOINT_PAGES) return;
    /* PASSIVE never waits for readers; a log that readers kept from restarting is cut with TRUNCATE once it is long. */
    (void)sqlite_checkpoint(w->conn, pages > TRUNCATE_PAGES);
    atomic_fetch_add(&w->db->checkpoints, 1);
}

static void *run(void *arg) {
    Writer *w = arg;
    for (Tx *batch; (batch = take(w));) {
        run_until_settled(w, batch);
        atomic_fetch_add(&w->db->batches, 1);
        atomic_fetch_add_explicit(&w->db->generation, 1, memory_order_release);
        for (Tx *tx = batch, *next; tx; tx = next) {
            next = tx->next; /* tx belongs to its caller again once it is told */
            atomic_fetch_add_explicit(tx->error ? &w->db->failed : &w->db->transactions, 1, memory_order_relaxed);
            tx_finish(tx);
        }
        checkpoint(w);
    }
    if (w->db->engine == DB_SQLITE) (void)sqlite_checkpoint(w->conn, true);
    return NULL;
}

Error *writer_start(Ctx *c, void *mem, Db *db) {
    Writer *w = talloc_zero(mem, Writer);
    char detail[512] = "";
    w->db = db;
    if (db->driver->open(db->target, true, w, &w->conn, detail, sizeof detail) != DBC_OK)
        return err_busy(c, N_("The database cannot be opened: {1}"), talloc_strdup(c->mem, detail));
    w->last = &w->first;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->wake, NULL);
    if (pthread_create(&w->thread, NULL, run, w) != 0) return err_internal(c, "cannot start the writer thread");
    db->writer = w;
    return NULL;
}

void writer_stop(Writer *w) {
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    w->db->writer = NULL;
    talloc_free(w);
}

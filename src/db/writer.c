/* writer.c - the SQLite writer: one thread and one connection do every write and every checkpoint.
 *
 * What waits while a commit is being synced is the next batch, so batches form by themselves, without a timer: a lone caller is
 * committed at once and sixty-four callers share one fsync. Each transaction is a savepoint of the batch's outer transaction: a failed one
 * is rolled back alone. Nobody is told "done" before the outer COMMIT has returned. */
#include "db/driver.h"
#include <pthread.h>
#include <stdatomic.h>
#include <talloc.h>

enum { MAX_BATCH = 1024, CHECKPOINT_PAGES = 4000, TRUNCATE_PAGES = 64000 };

typedef struct Writer {
    Db *db;
    Conn *conn;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    Tx *first, **last;
    bool waiting, stop;
} Writer;

void writer_submit(Writer *w, Tx *tx) {
    tx->conn = w->conn;
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
    Rows rows = {.conn = w->conn};
    DbCode code = sqlite_driver.start(w->conn, sql, NULL, 0, &rows);
    if (code == DBC_OK) code = sqlite_driver.step(&rows);
    sqlite_driver.finish(&rows);
    return code == DBC_DONE ? DBC_OK : code;
}

static void fail_all(Writer *w, Tx *batch, DbCode code, const char *what) {
    for (Tx *tx = batch; tx; tx = tx->next)
        if (!tx->error) tx->error = db_error(tx->c, w->conn, code, what);
}

/* Runs one transaction of a batch inside its savepoint. False when the outer transaction itself is gone (disk full, I/O error). */
static bool run_one(Writer *w, Tx *tx) {
    DbCode code = simple(w, "SAVEPOINT s");
    if (code == DBC_OK) {
        tx_run(tx);
        if (!sqlite_in_transaction(w->conn)) return false;
        if (tx->error) (void)simple(w, "ROLLBACK TO s");
        code = simple(w, "RELEASE s");
    }
    if (code != DBC_OK && !tx->error) tx->error = db_error(tx->c, w->conn, code, "SAVEPOINT");
    return sqlite_in_transaction(w->conn);
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

static void run_batch(Writer *w, Tx *batch) {
    DbCode code = simple(w, "BEGIN IMMEDIATE");
    if (code != DBC_OK) {
        fail_all(w, batch, code, "BEGIN");
        return;
    }
    bool alone = !batch->next, intact = true;
    if (alone)
        tx_run(batch);
    else
        for (Tx *tx = batch; tx && intact; tx = tx->next) intact = run_one(w, tx);
    if ((alone && batch->error) || (intact && apply_shared(w, batch))) {
        (void)simple(w, "ROLLBACK");
        return;
    }
    code = intact && sqlite_in_transaction(w->conn) ? simple(w, "COMMIT") : DBC_UNAVAILABLE;
    if (code == DBC_OK) return;
    fail_all(w, batch, code, "COMMIT");
    if (sqlite_in_transaction(w->conn)) (void)simple(w, "ROLLBACK");
}

static void checkpoint(Writer *w) {
    int pages = sqlite_wal_pages(w->conn);
    if (pages < CHECKPOINT_PAGES) return;
    /* PASSIVE never waits for readers; a log that readers kept from restarting is cut with TRUNCATE once it is long. */
    (void)sqlite_checkpoint(w->conn, pages > TRUNCATE_PAGES);
    atomic_fetch_add(&w->db->checkpoints, 1);
}

static void *run(void *arg) {
    Writer *w = arg;
    for (Tx *batch; (batch = take(w));) {
        run_batch(w, batch);
        atomic_fetch_add(&w->db->batches, 1);
        atomic_fetch_add_explicit(&w->db->generation, 1, memory_order_release);
        for (Tx *tx = batch, *next; tx; tx = next) {
            next = tx->next; /* tx belongs to its caller again once it is told */
            atomic_fetch_add_explicit(tx->error ? &w->db->failed : &w->db->transactions, 1, memory_order_relaxed);
            tx_finish(tx);
        }
        checkpoint(w);
    }
    (void)sqlite_checkpoint(w->conn, true);
    return NULL;
}

Error *writer_start(Ctx *c, void *mem, Db *db) {
    Writer *w = talloc_zero(mem, Writer);
    char detail[512] = "";
    w->db = db;
    if (sqlite_driver.open(db->target, true, w, &w->conn, detail, sizeof detail) != DBC_OK)
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

/* db.c - handles, the connection of each thread, transactions, rows, and the mapping of failures. */
#include "db/driver.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <talloc.h>
#include <unistd.h>

enum { MAX_INTERNED = 4096 };

/* The calling thread's own connection, for reading. */
static _Thread_local struct {
    Conn *conn;
    unsigned serial;
} mine;
static _Atomic unsigned next_serial = 1;

static Error *my_conn(Ctx *c, Conn **ret) {
    Db *db = c->db;
    if (mine.conn && mine.serial == db->serial) {
        *ret = mine.conn;
        return NULL;
    }
    db_thread_end();
    char detail[512] = "";
    if (db->driver->open(db->target, false, NULL, &mine.conn, detail, sizeof detail) != DBC_OK) {
        Error *e = err_busy(c, N_("The database cannot be reached. Try again in a moment"));
        e->detail = talloc_strdup(c->mem, detail);
        return e;
    }
    mine.serial = db->serial;
    *ret = mine.conn;
    return NULL;
}

void db_thread_end(void) {
    talloc_free(mine.conn);
    mine.conn = NULL;
}

/* ---- failures ---- */

Error *db_error(Ctx *c, Conn *conn, DbCode code, const char *sql) {
    const Driver *d = c->db->driver;
    const char *column = d->constraint(conn);
    column = column ? talloc_strdup(c->mem, column) : NULL;
    const char *detail = talloc_asprintf(c->mem, "%s in: %.200s", d->detail(conn), sql);
    Error *e;
    switch (code) {
    case DBC_UNIQUE:
        e = err_conflict(c, N_("There is already an entry with this value"));
        if (column) err_add_field(c, &e, column, N_("This value is already taken"));
        break;
    case DBC_REFERENCE: e = err_conflict(c, N_("Something else still refers to this entry, or what it refers to is gone")); break;
    case DBC_RETRY:
        e = err_busy(c, N_("Too many people are changing this at once. Try again in a moment"));
        e->code = "retry";
        break;
    case DBC_UNAVAILABLE:
        e = err_busy(c, N_("The database cannot be reached. Try again in a moment"));
        if (conn == mine.conn) db_thread_end(); /* a lost connection is opened afresh next time */
        break;
    default: return err_internal(c, "%s", detail);
    }
    e->detail = detail;
    return e;
}

/* ---- rows ---- */

/* A cursor left open (an early return out of a loop) would hold its thread's snapshot, and its arena may be freed by another thread. So each
 * thread knows its open cursors, newest first, and closes what a piece of work has left. */
static _Thread_local Rows *open_rows;

static void rows_close(Rows *rows) {
    if (!rows->active) return;
    rows->active = false;
    *rows->link = rows->next;
    if (rows->next) rows->next->link = rows->link;
    if (rows->stmt) rows->c->db->driver->finish(rows);
}

static int rows_free(Rows *rows) {
    rows_close(rows);
    return 0;
}

void db_close_cursors(void) {
    while (open_rows) rows_close(open_rows);
}

static Conn *conn_of(const Ctx *c) {
    return ((Tx *)c->tx)->conn;
}

Error *db_query_(Ctx *c, Rows **ret_rows, const char *sql, const Param *params, size_t n) {
    Conn *conn;
    if (c->tx)
        conn = conn_of(c);
    else
        TRY(my_conn(c, &conn));
    Rows *rows = talloc_zero(c->mem, Rows);
    *rows = (Rows){.c = c, .conn = conn, .active = true, .next = open_rows, .link = &open_rows};
    if (rows->next) rows->next->link = &rows->next;
    open_rows = rows;
    talloc_set_destructor(rows, rows_free);
    DbCode code = c->db->driver->start(conn, sql, params, n, rows);
    if (code != DBC_OK) {
        Error *e = db_error(c, conn, code, sql);
        talloc_free(rows);
        return e;
    }
    *ret_rows = rows;
    return NULL;
}

bool rows_next(Rows *rows) {
    if (!rows->active || rows->error) return false;
    DbCode code = rows->c->db->driver->step(rows);
    if (code == DBC_ROW) return true;
    if (code != DBC_DONE) rows->error = db_error(rows->c, rows->conn, code, "step");
    return false;
}

Error *rows_done(Rows *rows) {
    Error *e = rows->error;
    talloc_free(rows);
    return e;
}

Error *db_one_(Ctx *c, Rows **ret_rows, const char *sql, const Param *params, size_t n) {
    Rows *rows;
    TRY(db_query_(c, &rows, sql, params, n));
    *ret_rows = rows;
    if (rows_next(rows)) return NULL;
    *ret_rows = NULL;
    return rows_done(rows);
}

Error *db_exec_(Ctx *c, int64_t *ret_changed, const char *sql, const Param *params, size_t n) {
    if (!c->tx) return err_internal(c, "a write outside db_tx: %.80s", sql);
    Rows *rows;
    TRY(db_query_(c, &rows, sql, params, n));
    while (rows_next(rows)) continue;
    if (ret_changed && !rows->error) *ret_changed = c->db->driver->changed(rows);
    return rows_done(rows);
}

Error *db_exec_late_(Ctx *c, const char *sql, const Param *params, size_t n) {
    const Driver *d = c->db->driver;
    if (!d->late || !c->tx) return db_exec_(c, NULL, sql, params, n);
    DbCode code = d->late(conn_of(c), sql, params, n);
    return code == DBC_OK ? NULL : db_error(c, conn_of(c), code, sql);
}

Error *db_get_int_(Ctx *c, int64_t *ret, const char *sql, const Param *params, size_t n) {
    Rows *rows;
    TRY(db_query_(c, &rows, sql, params, n));
    if (rows_next(rows) && !row_is_null(rows, 0)) *ret = row_int(rows, 0);
    return rows_done(rows);
}

Error *db_get_text_(Ctx *c, const char **ret, const char *sql, const Param *params, size_t n) {
    Rows *rows;
    TRY(db_query_(c, &rows, sql, params, n));
    if (rows_next(rows) && !row_is_null(rows, 0)) *ret = row_dup(rows, 0);
    return rows_done(rows);
}

bool row_is_null(const Rows *rows, int col) {
    return rows->c->db->driver->is_null(rows, col);
}
int64_t row_int(const Rows *rows, int col) {
    return rows->c->db->driver->get_int(rows, col);
}
double row_real(const Rows *rows, int col) {
    return rows->c->db->driver->get_real(rows, col);
}
const char *row_text(const Rows *rows, int col) {
    size_t n;
    return rows->c->db->driver->get_text(rows, col, &n);
}
const char *row_dup(const Rows *rows, int col) {
    if (row_is_null(rows, col)) return NULL;
    size_t n;
    const char *s = rows->c->db->driver->get_text(rows, col, &n);
    return talloc_strndup(rows->c->mem, s, n);
}
const void *row_blob(const Rows *rows, int col, size_t *ret_len) {
    return rows->c->db->driver->get_blob(rows, col, ret_len);
}
int row_columns(const Rows *rows) {
    return rows->c->db->driver->columns(rows);
}
const char *row_column_name(const Rows *rows, int col) {
    return rows->c->db->driver->column_name(rows, col);
}

/* ---- transactions ---- */

void tx_run(Tx *tx) {
    tx->run = *tx->c;
    tx->run.tx = tx;
    tx->after = NULL;
    tx->items = NULL;
    tx->error = tx->fn(&tx->run, tx->arg);
    db_close_cursors();
}

void tx_finish(Tx *tx) {
    if (!tx->error)
        for (AfterCommit *a = tx->after; a; a = a->next) a->call(a->arg);
    tx->done(tx->done_arg, tx->error);
}

void db_after_commit(Ctx *c, void (*call)(void *arg), void *arg) {
    Tx *tx = c->tx;
    for (const AfterCommit *a = tx->after; a; a = a->next)
        if (a->call == call && a->arg == arg) return;
    AfterCommit *a = talloc(tx->c->mem, AfterCommit); /* c may be the child of one turn of a loop */
    *a = (AfterCommit){.next = tx->after, .call = call, .arg = arg};
    tx->after = a;
}

void *db_batch_mem(Ctx *c) {
    return ((Tx *)c->tx)->c->mem; /* c may be the child of one turn of a loop */
}

void db_batch_add(Ctx *c, const DbBatch *batch, void *item) {
    Tx *tx = c->tx;
    BatchItem *x = talloc(tx->c->mem, BatchItem);
    *x = (BatchItem){.next = tx->items, .batch = batch, .item = item};
    tx->items = x;
}

static size_t count_items(const Tx *tx, const DbBatch *batch) {
    size_t n = 0;
    for (const BatchItem *x = tx->error ? NULL : tx->items; x; x = x->next) n += x->batch == batch;
    return n;
}

/* The items of one kind, transaction by transaction, oldest first. */
static void **items_of(Ctx *c, const Tx *list, const DbBatch *batch, size_t *ret_count) {
    size_t n = 0;
    for (const Tx *tx = list; tx; tx = tx->next) n += count_items(tx, batch);
    void **items = talloc_array(c->mem, void *, (unsigned)n);
    *ret_count = n;
    n = 0;
    for (const Tx *tx = list; tx; tx = tx->next) {
        size_t end = n += count_items(tx, batch);
        for (const BatchItem *x = tx->error ? NULL : tx->items; x; x = x->next)
            if (x->batch == batch) items[--end] = x->item;
    }
    return items;
}

Error *tx_apply_batches(Ctx *c, Tx *list) {
    enum { MAX_KINDS = 8 };
    const DbBatch *done[MAX_KINDS];
    size_t kinds = 0;
    for (Tx *tx = list; tx; tx = tx->next)
        for (const BatchItem *x = tx->error ? NULL : tx->items; x; x = x->next) {
            size_t k = 0, n;
            while (k < kinds && done[k] != x->batch) k++;
            if (k < kinds) continue;
            if (kinds == MAX_KINDS) return err_internal(c, "more kinds of batch work than MAX_KINDS");
            done[kinds++] = x->batch;
            void **items = items_of(c, list, x->batch, &n);
            TRY(x->batch->apply(c, items, n));
        }
    return NULL;
}

bool tx_wants_retry(const Tx *tx) {
    const Error *e = tx->error;
    return e && e->status == 503 && !strcmp(e->code, "retry");
}

void db_tx_async(Ctx *c, TxFn fn, void *arg, TxDone done, void *done_arg) {
    Tx *tx = talloc_zero(c->mem, Tx);
    *tx = (Tx){.c = c, .fn = fn, .arg = arg, .done = done, .done_arg = done_arg};
    if (c->db->writer)
        writer_submit(c->db->writer, tx);
    else
        done(done_arg, err_internal(c, "this process opened the database for reading only"));
}

typedef struct Waiter {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool finished;
    Error *error;
} Waiter;

static void wake_waiter(void *arg, Error *e) {
    Waiter *w = arg;
    pthread_mutex_lock(&w->lock);
    w->error = e;
    w->finished = true;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
}

Error *db_tx(Ctx *c, TxFn fn, void *arg) {
    if (c->tx) return fn(c, arg);
    Waiter w = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};
    db_tx_async(c, fn, arg, wake_waiter, &w);
    pthread_mutex_lock(&w.lock);
    while (!w.finished) pthread_cond_wait(&w.wake, &w.lock);
    pthread_mutex_unlock(&w.lock);
    return w.error;
}

/* SQLite's deferred BEGIN takes its snapshot at the first read; PostgreSQL's at the first statement. */
Error *db_snapshot(Ctx *c, TxFn fn, void *arg) {
    Conn *conn;
    if (c->tx) return err_internal(c, "a snapshot inside db_tx");
    TRY(my_conn(c, &conn));
    const char *begin = c->db->engine == DB_SQLITE ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    DbCode code = c->db->driver->simple(conn, begin);
    if (code != DBC_OK) return db_error(c, conn, code, begin);
    Error *e = fn(c, arg);
    if (mine.conn == conn) (void)c->db->driver->simple(conn, "ROLLBACK");
    return e;
}

/* ---- interning of built SQL ---- */

static struct {
    pthread_rwlock_t lock;
    const char *texts[MAX_INTERNED * 2];
    int count;
} interned = {.lock = PTHREAD_RWLOCK_INITIALIZER};

static uint64_t hash_text(const char *s) {
    uint64_t h = UINT64_C(1469598103934665603);
    for (; *s; s++) h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
    return h;
}

static const char **find_slot(const char *sql) {
    size_t mask = MAX_INTERNED * 2 - 1, i = hash_text(sql) & mask;
    while (interned.texts[i] && strcmp(interned.texts[i], sql) != 0) i = (i + 1) & mask;
    return &interned.texts[i];
}

Error *db_intern(Ctx *c, const char *sql, const char **ret_sql) {
    pthread_rwlock_rdlock(&interned.lock);
    const char *found = *find_slot(sql);
    pthread_rwlock_unlock(&interned.lock);
    if (!found) {
        pthread_rwlock_wrlock(&interned.lock);
        const char **slot = find_slot(sql);
        if (!*slot && interned.count < MAX_INTERNED) *slot = talloc_strdup(NULL, sql), interned.count++;
        found = *slot;
        pthread_rwlock_unlock(&interned.lock);
    }
    if (!found) return err_busy(c, N_("Too many different filters are in use. Remove some of them"));
    *ret_sql = found;
    return NULL;
}

/* ---- open and close ---- */

/* The lock file names its holder, so that the refusal can. */
static Error *take_lock(Ctx *c, Db *db, const char *who) {
    const char *path = talloc_asprintf(c->mem, "%s.lock", db->target);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        const char *why = strerror(errno);
        return err_busy(c, N_("Cannot write the lock file {1}: {2}"), path, why);
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        char holder[200] = "";
        ssize_t n = pread(fd, holder, sizeof holder - 1, 0);
        holder[n > 0 ? n : 0] = 0;
        holder[strcspn(holder, "\n")] = 0;
        close(fd);
        return err_conflict(c, N_("The database {1} is already being written by {2}. Stop that process first"), db->target,
                            talloc_strdup(c->mem, holder[0] ? holder : "another process"));
    }
    char text[200];
    int n = snprintf(text, sizeof text, "%s (process %d)\n", who, (int)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n) {
        close(fd);
        return err_busy(c, N_("Cannot write the lock file {1}: {2}"), path, strerror(errno));
    }
    db->lock_fd = fd;
    return NULL;
}

Error *db_open(Ctx *c, void *mem, const char *target, DbOptions options, Db **ret_db) {
    bool pg = text_starts(target, "postgresql://") || text_starts(target, "postgres://");
    Db *db = talloc_zero(mem, Db);
    db->driver = pg ? &pg_driver : &sqlite_driver;
    db->engine = pg ? DB_POSTGRES : DB_SQLITE;
    db->target = talloc_strdup(db, target);
    db->exclusive = options.exclusive;
    db->serial = atomic_fetch_add(&next_serial, 1);
    db->lock_fd = -1;
    c->db = db;
    if (!pg && options.exclusive) TRY(take_lock(c, db, options.who));
    if (options.exclusive) {
        TRY(writer_start(c, db, db));
    } else {
        Conn *conn;
        TRY(my_conn(c, &conn));
    }
    *ret_db = db;
    return NULL;
}

void db_close(Db *db) {
    if (!db) return;
    if (db->writer) writer_stop(db->writer);
    db_thread_end();
    if (db->lock_fd >= 0) close(db->lock_fd); /* the file stays: removing it would let two holders lock two files */
    talloc_free(db);
}

DbEngine db_engine(const Db *db) {
    return db->engine;
}
const char *db_target(const Db *db) {
    return db->target;
}
uint64_t db_generation(const Db *db) {
    return db->engine == DB_SQLITE ? atomic_load_explicit(&db->generation, memory_order_acquire) : 0;
}
DbStats db_stats(const Db *db) {
    return (DbStats){.transactions = db->transactions, .batches = db->batches, .failed = db->failed, .checkpoints = db->checkpoints};
}

const char *db_version_line(Ctx *c) {
    const char *version = "";
    if (c->db->engine == DB_POSTGRES) {
        Error *e = db_get_text(c, &version, "SELECT current_setting('server_version')");
        return e ? "PostgreSQL" : talloc_asprintf(c->mem, "PostgreSQL %s, SERIALIZABLE", version);
    }
    Error *e = db_get_text(c, &version, "SELECT sqlite_version()");
    return e ? "SQLite" : talloc_asprintf(c->mem, "SQLite %s, WAL, synchronous=FULL, one writer connection also checkpoints", version);
}

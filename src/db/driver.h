/* driver.h - what db.c asks of an engine. Private to db/. */
#pragma once
#include "db/db.h"

typedef struct Conn Conn; /* one connection, used by one thread at a time */

typedef enum DbCode {
    DBC_OK,
    DBC_ROW,
    DBC_DONE,
    DBC_UNIQUE,      /* constraint violated: unique or primary key */
    DBC_REFERENCE,   /* foreign key */
    DBC_CHECK,       /* not null or check */
    DBC_RETRY,       /* serialisation failure, deadlock, busy: run the transaction again */
    DBC_UNAVAILABLE, /* connection lost, disk full, i/o error */
    DBC_ERROR        /* a fault of ours: bad SQL, wrong type */
} DbCode;

/* How a connection stands between two statements. */
typedef enum TxState {
    TX_NONE,   /* no transaction is open */
    TX_OPEN,
    TX_BROKEN, /* a statement failed: the engine takes nothing but ROLLBACK or ROLLBACK TO */
    TX_LOST    /* the connection is gone */
} TxState;

struct Rows {
    struct Rows *next, **link; /* open cursors of this thread */
    Ctx *c;
    Conn *conn;
    void *stmt;   /* engine's statement or result */
    int row;      /* PostgreSQL: index of the current row */
    Error *error; /* what ended rows_next */
    bool active;
};

typedef struct Driver {
    const char *begin; /* of the writer's transactions */
    int retries;       /* how often the writer runs a batch again that met another process */
    DbCode (*open)(const char *target, bool writer, void *mem, Conn **ret, char *detail, size_t detail_size);
    void (*close)(Conn *conn);
    /* Prepares (cached by the address of sql), binds, and starts. */
    DbCode (*start)(Conn *conn, const char *sql, const Param *params, size_t n, Rows *rows);
    /* Sends a statement and does not wait: its failure is the next call's, which late_failed then tells. NULL where nothing is gained. */
    DbCode (*late)(Conn *conn, const char *sql, const Param *params, size_t n);
    bool (*late_failed)(Conn *conn); /* since it was asked last */
    DbCode (*step)(Rows *rows); /* DBC_ROW, DBC_DONE or a failure */
    void (*finish)(Rows *rows);
    int64_t (*changed)(const Rows *rows);
    DbCode (*simple)(Conn *conn, const char *sql); /* BEGIN and the like, and migrations */
    TxState (*state)(Conn *conn);
    const char *(*detail)(Conn *conn);             /* text of the last failure */
    const char *(*constraint)(Conn *conn);         /* column the last violated constraint is about, or NULL */
    bool (*is_null)(const Rows *rows, int col);
    int64_t (*get_int)(const Rows *rows, int col);
    double (*get_real)(const Rows *rows, int col);
    const char *(*get_text)(const Rows *rows, int col, size_t *ret_len);
    const void *(*get_blob)(const Rows *rows, int col, size_t *ret_len);
    int (*columns)(const Rows *rows);
    const char *(*column_name)(const Rows *rows, int col);
} Driver;

extern const Driver sqlite_driver, pg_driver;

/* A transaction waiting for or running on a connection. */
typedef struct Tx {
    struct Tx *next;
    Ctx *c;
    Ctx run; /* copy of *c with tx set */
    TxFn fn;
    void *arg;
    TxDone done;
    void *done_arg;
    Error *error;
    Conn *conn;
    struct AfterCommit *after;
    struct BatchItem *items;
} Tx;
typedef struct BatchItem {
    struct BatchItem *next; /* newest first */
    const DbBatch *batch;
    void *item;
} BatchItem;
typedef struct AfterCommit {
    struct AfterCommit *next;
    void (*call)(void *arg);
    void *arg;
} AfterCommit;

struct Db {
    const Driver *driver;
    DbEngine engine;
    const char *target;
    bool exclusive;
    int lock_fd;
    unsigned serial; /* distinguishes handles for the per-thread connection */
    struct Writer *writer;
    _Atomic uint64_t generation, transactions, batches, failed, checkpoints;
};

Error *db_error(Ctx *c, Conn *conn, DbCode code, const char *sql);
void tx_run(Tx *tx);           /* runs fn with run.tx set; leaves the outcome in tx->error */
void tx_finish(Tx *tx);        /* after-commit calls, then done */
/* Applies what the transactions of the list that succeeded have left for the batch, on tx's connection. */
Error *tx_apply_batches(Ctx *c, Tx *list) MUST_USE;
/* migrate.c: the migrations up to and including `last` (NULL: all); also inside a transaction, for load.c */
Error *migrate_until(Ctx *c, const char *last, int *ret_applied);
bool tx_wants_retry(const Tx *tx);
/* writer.c: the writer thread */
Error *writer_start(Ctx *c, void *mem, Db *db);
void writer_submit(struct Writer *w, Tx *tx);
void writer_stop(struct Writer *w);
/* db_sqlite.c, for the writer */
DbCode sqlite_checkpoint(Conn *conn, bool truncate);
int sqlite_wal_pages(Conn *conn);

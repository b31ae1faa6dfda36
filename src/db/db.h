/* db.h - the whole database API: one SQL text for SQLite and PostgreSQL, literal, with bound values $1 $2 ...
 *
 * Reading: each thread has a connection of its own; a read outside db_tx sees the last commit.
 * Writing: only inside db_tx. One writer thread runs all transactions: each as a savepoint of one outer transaction that is made durable
 * with a single commit for all that were waiting (group commit). On PostgreSQL the outer one is SERIALIZABLE, and the batch is run again when
 * the database asks for it because another process came between. db_tx returns only after the commit is durable, and the function may run twice,
 * so it touches nothing but the database and its own arguments. */
#pragma once
#include "base/ctx.h"
#include "base/error.h"
#include "base/text.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Db Db;
typedef enum DbEngine { DB_SQLITE, DB_POSTGRES } DbEngine;

typedef enum ParamKind { PARAM_NULL, PARAM_INT, PARAM_REAL, PARAM_TEXT, PARAM_BLOB } ParamKind;
typedef struct Param {
    ParamKind kind;
    union {
        int64_t i;
        double real;
        const void *p; /* TEXT: NUL-terminated; NULL binds SQL NULL */
    };
    size_t len; /* BLOB */
} Param;

static inline Param param_int(int64_t i) { return (Param){.kind = PARAM_INT, .i = i}; }
static inline Param param_real(double d) { return (Param){.kind = PARAM_REAL, .real = d}; }
static inline Param param_text(const char *s) { return (Param){.kind = s ? PARAM_TEXT : PARAM_NULL, .p = s}; }
static inline Param param_blob(const void *p, size_t n) { return (Param){.kind = p ? PARAM_BLOB : PARAM_NULL, .p = p, .len = n}; }
static inline Param param_null(void) { return (Param){.kind = PARAM_NULL}; }
/* A bound value; the type follows the C type. */
#define V(x)                                                                                                           \
    _Generic((x), char *: param_text, const char *: param_text, double: param_real, default: param_int)(x)
/* An INT that is NULL when id is 0: what optional references are stored as. */
static inline Param V_id(int64_t id) { return id ? param_int(id) : param_null(); }

#define PARAMS_(...) (&((const Param[]){{0}, ##__VA_ARGS__})[1]), (sizeof((const Param[]){{0}, ##__VA_ARGS__}) / sizeof(Param) - 1)

/* A cursor. Text and blobs are valid until the next rows_next; row_dup copies into the Ctx's arena. */
typedef struct Rows Rows;

/* "" sql "" lets only a string literal compile. Expected failures: 409 (a unique or foreign key constraint; fields names the column),
 * 503 (the database is unreachable, full or busy). */
#define db_query(c, ret_rows, sql, ...) db_query_(c, ret_rows, "" sql "", PARAMS_(__VA_ARGS__))
#define db_exec(c, sql, ...) db_exec_(c, NULL, "" sql "", PARAMS_(__VA_ARGS__))
/* As db_exec; *ret_changed is the number of rows changed. */
#define db_exec_n(c, ret_changed, sql, ...) db_exec_(c, ret_changed, "" sql "", PARAMS_(__VA_ARGS__))
/* As db_exec, for a statement that fails only where the database does and whose rows nobody counts. PostgreSQL's answer is not waited for: an
 * error then is that of a later statement or of the commit. */
#define db_exec_late(c, sql, ...) db_exec_late_(c, "" sql "", PARAMS_(__VA_ARGS__))
/* First column of the first row; *ret is left alone when there is no row. */
#define db_get_int(c, ret, sql, ...) db_get_int_(c, ret, "" sql "", PARAMS_(__VA_ARGS__))
#define db_get_text(c, ret, sql, ...) db_get_text_(c, ret, "" sql "", PARAMS_(__VA_ARGS__))
/* The first row, or *ret_rows = NULL if there is none. */
#define db_one(c, ret_rows, sql, ...) db_one_(c, ret_rows, "" sql "", PARAMS_(__VA_ARGS__))
/* For resource/ and db/ alone, which build SQL from names in specs (checked by tools/check_sql.sh). sql must come from db_intern. */
#define db_query_built(c, ret_rows, sql, params, n) db_query_(c, ret_rows, sql, params, n)
#define db_exec_built(c, ret_changed, sql, params, n) db_exec_(c, ret_changed, sql, params, n)

Error *db_query_(Ctx *c, Rows **ret_rows, const char *sql, const Param *params, size_t n) MUST_USE;
Error *db_one_(Ctx *c, Rows **ret_rows, const char *sql, const Param *params, size_t n) MUST_USE;
Error *db_exec_(Ctx *c, int64_t *ret_changed, const char *sql, const Param *params, size_t n) MUST_USE;
Error *db_exec_late_(Ctx *c, const char *sql, const Param *params, size_t n) MUST_USE;
Error *db_get_int_(Ctx *c, int64_t *ret, const char *sql, const Param *params, size_t n) MUST_USE;
Error *db_get_text_(Ctx *c, const char **ret, const char *sql, const Param *params, size_t n) MUST_USE;

/* while (rows_next(rows)) { ... }  TRY(rows_done(rows)); */
bool rows_next(Rows *rows);
Error *rows_done(Rows *rows) MUST_USE; /* the error that ended the loop, if one did; releases the cursor */
bool row_is_null(const Rows *rows, int col);
int64_t row_int(const Rows *rows, int col); /* 0 for NULL */
double row_real(const Rows *rows, int col);
const char *row_text(const Rows *rows, int col); /* "" for NULL */
const char *row_dup(const Rows *rows, int col);  /* NULL for NULL */
const void *row_blob(const Rows *rows, int col, size_t *ret_len);
int row_columns(const Rows *rows);
const char *row_column_name(const Rows *rows, int col);

typedef Error *(*TxFn)(Ctx *c, void *arg);
/* Runs fn in a transaction and waits until it is durable. An error from fn rolls back and is returned. Inside a running transaction fn
 * simply runs as part of it. */
Error *db_tx(Ctx *c, TxFn fn, void *arg) MUST_USE;
/* As db_tx, but returns at once; done is called when the outcome is known, from another thread. The caller leaves c and arg alone until then.
 * err lives in c->mem. */
typedef void (*TxDone)(void *done_arg, Error *err);
void db_tx_async(Ctx *c, TxFn fn, void *arg, TxDone done, void *done_arg);
/* Runs fn on the calling thread so that all its reads see one and the same state, while others write. fn does not write. */
Error *db_snapshot(Ctx *c, TxFn fn, void *arg) MUST_USE;
/* Registers a call that runs once, after the running transaction has become durable, before db_tx returns (cache invalidation). The same call with
 * the same arg is registered once. arg must outlive the transaction: a static, or a number as a pointer. */
void db_after_commit(Ctx *c, void (*call)(void *arg), void *arg);

/* Work that many transactions of one group commit share: `apply` runs once, inside the same commit, after the functions of all transactions have
 * run and before it becomes durable, with the items of those that succeeded. Sums that many transactions raise are written once that way. An
 * error from apply undoes the whole commit, so it fails only where the database does. item must outlive the transaction: take it from the arena of
 * the Ctx that db_tx was called with (db_batch_mem). */
typedef struct DbBatch {
    Error *(*apply)(Ctx *c, void *const *items, size_t count);
} DbBatch;
void db_batch_add(Ctx *c, const DbBatch *batch, void *item);
void *db_batch_mem(Ctx *c);

typedef struct DbOptions {
    bool exclusive; /* take the lock file: this process will write. Without it the handle reads only */
    const char *who; /* what the lock file says of us, e.g. "xiaoguan serve" */
} DbOptions;
/* target: a file path, or postgresql://... Creates the SQLite file. mem must outlive the handle.
 * Expected failures: 409 (another process holds the database; the message names it), 503. */
Error *db_open(Ctx *c, void *mem, const char *target, DbOptions options, Db **ret_db) MUST_USE;
void db_close(Db *db); /* waits for the writer; the calling thread's connection is closed too */
DbEngine db_engine(const Db *db);
const char *db_target(const Db *db);
const char *db_version_line(Ctx *c); /* library, version and which durability protection holds; for the start-up line */
/* Counts commits of this process; 0 for ever on PostgreSQL, where other processes may commit too. */
uint64_t db_generation(const Db *db);
/* A stable copy of built SQL, so that statements are cached by address. Bounded: beyond 4,096 texts it returns NULL and the caller gets 503. */
Error *db_intern(Ctx *c, const char *sql, const char **ret_sql) MUST_USE;
/* Closes what the calling thread has left open; a worker calls it after each piece of work. */
void db_close_cursors(void);
/* Releases the calling thread's connection; a worker calls it before it ends. */
void db_thread_end(void);
/* Id of the row that the last INSERT of this transaction made: use "INSERT ... RETURNING id" with db_get_int instead. */

/* Counters for /metrics. */
typedef struct DbStats {
    uint64_t transactions, batches, failed, checkpoints;
} DbStats;
DbStats db_stats(const Db *db);

/* migrate.c: runs the embedded migrations that the database has not seen, each in one transaction; *ret_applied may be NULL.
 * Expected failure: 409 when the database is newer than this program. */
Error *db_migrate(Ctx *c, int *ret_applied) MUST_USE;

/* db_sqlite.c - the embedded engine. The only file that includes sqlite3.h. */
#include "db/driver.h"
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

enum { MAX_PARAMS = 64, CACHE_SLOTS = 1024 };

typedef struct Stmt {
    const char *sql; /* identity: address of a literal or an interned text */
    sqlite3_stmt *stmt;
    uint8_t index[MAX_PARAMS]; /* $n -> SQLite's own number; SQLite numbers names by first appearance */
    bool busy, cached;
} Stmt;

struct Conn {
    sqlite3 *handle;
    Stmt *cache[CACHE_SLOTS]; /* open addressing by address */
    int cached;
    int wal_pages;
    char constraint[64];
};

static DbCode code_of(int rc) {
    switch (rc & 0xff) {
    case SQLITE_OK: return DBC_OK;
    case SQLITE_ROW: return DBC_ROW;
    case SQLITE_DONE: return DBC_DONE;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return DBC_RETRY;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return DBC_UNAVAILABLE;
    case SQLITE_CONSTRAINT:
        switch (rc) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY:
        case SQLITE_CONSTRAINT_ROWID: return DBC_UNIQUE;
        case SQLITE_CONSTRAINT_FOREIGNKEY: return DBC_REFERENCE;
        default: return DBC_CHECK;
        }
    default: return DBC_ERROR;
    }
}

static int on_wal(void *arg, sqlite3 *handle, const char *name, int pages) {
    (void)handle, (void)name;
    ((Conn *)arg)->wal_pages = pages;
    return SQLITE_OK;
}

static int conn_free(Conn *conn) {
    for (int i = 0; i < CACHE_SLOTS; i++)
        if (conn->cache[i]) sqlite3_finalize(conn->cache[i]->stmt);
    sqlite3_close_v2(conn->handle);
    return 0;
}

static DbCode sq_open(const char *target, bool writer, void *mem, Conn **ret, char *detail, size_t detail_size) {
    Conn *conn = talloc_zero(mem, Conn);
    int flags = SQLITE_OPEN_NOMUTEX | (writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
    int rc = sqlite3_open_v2(target, &conn->handle, flags, NULL);
    talloc_set_destructor(conn, conn_free);
    if (rc == SQLITE_OK) {
        sqlite3_extended_result_codes(conn->handle, 1);
        sqlite3_busy_timeout(conn->handle, 5000);
        /* Checkpoints belong to the writer alone: see decision 7 (a race in this SQLite between two connections). */
        sqlite3_db_config(conn->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        sqlite3_db_config(conn->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        sqlite3_db_config(conn->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
        sqlite3_db_config(conn->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
        const char *setup = writer ? "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                                     "PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-32768; PRAGMA mmap_size=268435456;"
                                     "PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF"
                                   : "PRAGMA query_only=ON; PRAGMA cache_size=-4096; PRAGMA mmap_size=268435456;"
                                     "PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF";
        rc = sqlite3_exec(conn->handle, setup, NULL, NULL, NULL);
        if (writer) sqlite3_wal_hook(conn->handle, on_wal, conn);
    }
    if (rc != SQLITE_OK) {
        snprintf(detail, detail_size, "%s: %s", target, conn->handle ? sqlite3_errmsg(conn->handle) : "out of memory");
        talloc_free(conn);
        return DBC_UNAVAILABLE;
    }
    *ret = conn;
    return DBC_OK;
}

static void sq_close(Conn *conn) {
    talloc_free(conn);
}

static int stmt_free(Stmt *s) {
    if (!s->cached) sqlite3_finalize(s->stmt);
    return 0;
}

static unsigned slot_of(const char *sql) {
    uint64_t h = (uint64_t)(uintptr_t)sql * UINT64_C(0x9E3779B97F4A7C15);
    return (unsigned)(h >> 54) & (CACHE_SLOTS - 1);
}

static int prepare(Conn *conn, const char *sql, bool cached, Stmt **ret) {
    Stmt *s = talloc_zero(conn, Stmt);
    int rc = sqlite3_prepare_v3(conn->handle, sql, -1, cached ? SQLITE_PREPARE_PERSISTENT : 0, &s->stmt, NULL);
    if (rc != SQLITE_OK) {
        talloc_free(s);
        return rc;
    }
    s->sql = sql, s->cached = cached;
    talloc_set_destructor(s, stmt_free);
    for (int i = 1; i <= sqlite3_bind_parameter_count(s->stmt); i++) {
        const char *name = sqlite3_bind_parameter_name(s->stmt, i);
        int n = 0;
        if (name && sscanf(name, "$%d", &n) == 1 && n >= 1 && n <= MAX_PARAMS) s->index[n - 1] = (uint8_t)i;
    }
    *ret = s;
    return SQLITE_OK;
}

/* The cached statement for this text, or a throw-away one if that is in use further up the stack. */
static int statement(Conn *conn, const char *sql, Stmt **ret) {
    unsigned i = slot_of(sql);
    for (; conn->cache[i]; i = (i + 1) & (CACHE_SLOTS - 1))
        if (conn->cache[i]->sql == sql) {
            *ret = conn->cache[i];
            return (*ret)->busy ? prepare(conn, sql, false, ret) : SQLITE_OK;
        }
    if (conn->cached >= CACHE_SLOTS / 2) return prepare(conn, sql, false, ret);
    int rc = prepare(conn, sql, true, ret);
    if (rc == SQLITE_OK) conn->cache[i] = *ret, conn->cached++;
    return rc;
}

static int bind(Stmt *s, const Param *params, size_t n) {
    for (size_t i = 0; i < n; i++) {
        int at = i < MAX_PARAMS ? s->index[i] : 0, rc = SQLITE_OK;
        if (!at) continue; /* a built text may leave one of its values out */
        switch (params[i].kind) {
        case PARAM_NULL: rc = sqlite3_bind_null(s->stmt, at); break;
        case PARAM_INT: rc = sqlite3_bind_int64(s->stmt, at, params[i].i); break;
        case PARAM_REAL: rc = sqlite3_bind_double(s->stmt, at, params[i].real); break;
        case PARAM_TEXT: rc = sqlite3_bind_text(s->stmt, at, params[i].p, -1, SQLITE_STATIC); break;
        case PARAM_BLOB: rc = sqlite3_bind_blob64(s->stmt, at, params[i].p, params[i].len, SQLITE_STATIC); break;
        }
        if (rc != SQLITE_OK) return rc;
    }
    return SQLITE_OK;
}

static DbCode sq_start(Conn *conn, const char *sql, const Param *params, size_t n, Rows *rows) {
    Stmt *s = NULL;
    int rc = statement(conn, sql, &s);
    if (rc != SQLITE_OK) return code_of(rc);
    s->busy = true;
    rows->stmt = s;
    return code_of(bind(s, params, n));
}

static DbCode sq_step(Rows *rows) {
    return code_of(sqlite3_step(((Stmt *)rows->stmt)->stmt));
}

static void sq_finish(Rows *rows) {
    Stmt *s = rows->stmt;
    if (!s) return;
    rows->stmt = NULL;
    sqlite3_reset(s->stmt);
    s->busy = false;
    if (!s->cached) talloc_free(s);
}

static int64_t sq_changed(const Rows *rows) {
    return sqlite3_changes64(rows->conn->handle);
}

static DbCode sq_simple(Conn *conn, const char *sql) {
    return code_of(sqlite3_exec(conn->handle, sql, NULL, NULL, NULL));
}

static const char *sq_detail(Conn *conn) {
    return sqlite3_errmsg(conn->handle);
}

/* "UNIQUE constraint failed: employee.no, employee.x" -> "no" */
static const char *sq_constraint(Conn *conn) {
    const char *text = sqlite3_errmsg(conn->handle), *colon = strstr(text, "failed: "), *dot = colon ? strchr(colon, '.') : NULL;
    if (!dot) return NULL;
    size_t n = strcspn(dot + 1, ", ");
    snprintf(conn->constraint, sizeof conn->constraint, "%.*s", (int)n, dot + 1);
    return conn->constraint;
}

#define STMT(rows) (((Stmt *)(rows)->stmt)->stmt)
static bool sq_is_null(const Rows *rows, int col) {
    return sqlite3_column_type(STMT(rows), col) == SQLITE_NULL;
}
static int64_t sq_int(const Rows *rows, int col) {
    return sqlite3_column_int64(STMT(rows), col);
}
static double sq_real(const Rows *rows, int col) {
    return sqlite3_column_double(STMT(rows), col);
}
static const char *sq_text(const Rows *rows, int col, size_t *ret_len) {
    const char *s = (const char *)sqlite3_column_text(STMT(rows), col);
    *ret_len = s ? (size_t)sqlite3_column_bytes(STMT(rows), col) : 0;
    return s ? s : "";
}
static const void *sq_blob(const Rows *rows, int col, size_t *ret_len) {
    const void *p = sqlite3_column_blob(STMT(rows), col);
    *ret_len = (size_t)sqlite3_column_bytes(STMT(rows), col);
    return p;
}
static int sq_columns(const Rows *rows) {
    return sqlite3_column_count(STMT(rows));
}
static const char *sq_column_name(const Rows *rows, int col) {
    return sqlite3_column_name(STMT(rows), col);
}

DbCode sqlite_checkpoint(Conn *conn, bool truncate) {
    int rc = sqlite3_wal_checkpoint_v2(conn->handle, NULL, truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    conn->wal_pages = 0;
    return code_of(rc);
}
int sqlite_wal_pages(Conn *conn) {
    return conn->wal_pages;
}
static TxState sq_state(Conn *conn) {
    return sqlite3_get_autocommit(conn->handle) ? TX_NONE : TX_OPEN; /* a failed statement leaves the transaction as it was */
}

const Driver sqlite_driver = {
    .begin = "BEGIN IMMEDIATE", .state = sq_state,
    .open = sq_open, .close = sq_close, .start = sq_start, .step = sq_step, .finish = sq_finish, .changed = sq_changed, .simple = sq_simple,
    .detail = sq_detail, .constraint = sq_constraint, .is_null = sq_is_null, .get_int = sq_int, .get_real = sq_real, .get_text = sq_text,
    .get_blob = sq_blob, .columns = sq_columns, .column_name = sq_column_name,
};

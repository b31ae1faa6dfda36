/* db_pg.c - PostgreSQL. The only file that includes libpq-fe.h. */
#include "db/driver.h"
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { MAX_PARAMS = 64, CACHE_SLOTS = 2048, NUMBER_TEXT = 32, MAX_LATE = 64 };

struct Conn {
    PGconn *handle;
    const char *prepared[CACHE_SLOTS]; /* by address; the statement's name is its slot */
    int cached;
    int late;         /* statements sent whose results have not been read: the connection is in pipeline mode */
    bool late_failed;
    char constraint[64];
    char detail[512];
};

static int conn_free(Conn *conn) {
    PQfinish(conn->handle);
    return 0;
}

static void ignore_notice(void *arg, const char *message) {
    (void)arg, (void)message;
}

static DbCode pg_open(const char *target, bool writer, void *mem, Conn **ret, char *detail, size_t detail_size) {
    Conn *conn = talloc_zero(mem, Conn);
    conn->handle = PQconnectdb(target);
    talloc_set_destructor(conn, conn_free);
    PQsetNoticeProcessor(conn->handle, ignore_notice, NULL);
    if (PQstatus(conn->handle) != CONNECTION_OK) {
        snprintf(detail, detail_size, "%s", PQerrorMessage(conn->handle));
        talloc_free(conn);
        return DBC_UNAVAILABLE;
    }
    PQclear(PQexec(conn->handle, "SET client_encoding = 'UTF8'; SET timezone = 'UTC'; SET bytea_output = 'hex'; SET statement_timeout = '60s'; SET synchronous_commit = 'on'"));
    if (!writer) PQclear(PQexec(conn->handle, "SET default_transaction_read_only = on"));
    *ret = conn;
    return DBC_OK;
}

static void pg_close(Conn *conn) {
    talloc_free(conn);
}

static DbCode code_of(const char *state) {
    if (!state) return DBC_UNAVAILABLE;
    if (!strcmp(state, "40001") || !strcmp(state, "40P01")) return DBC_RETRY;
    if (!strcmp(state, "23505")) return DBC_UNIQUE;
    if (!strcmp(state, "23503")) return DBC_REFERENCE;
    if (!strncmp(state, "23", 2)) return DBC_CHECK;
    if (!strncmp(state, "08", 2) || !strncmp(state, "53", 2) || !strncmp(state, "57", 2)) return DBC_UNAVAILABLE;
    return DBC_ERROR;
}

/* Keeps what later questions need and frees the failed result. The constraint is named table__col__col; other names are PostgreSQL's
 * own table_col_key, so the column is also told by the detail "Key (no)=(7) already exists." */
static DbCode failed(Conn *conn, PGresult *res) {
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE), *text = PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL);
    DbCode code = code_of(state);
    snprintf(conn->detail, sizeof conn->detail, "%s %s", state ? state : "", PQerrorMessage(conn->handle));
    conn->constraint[0] = 0;
    const char *open = text ? strchr(text, '(') : NULL;
    if (open) snprintf(conn->constraint, sizeof conn->constraint, "%.*s", (int)strcspn(open + 1, ",)"), open + 1);
    PQclear(res);
    return code;
}

static bool is_good(const PGresult *res) {
    ExecStatusType status = PQresultStatus(res);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* ---- statements whose answer is not waited for ---- */

/* Reads one result of the pipeline. What follows a failed statement is not run and has no failure of its own. */
static DbCode read_result(Conn *conn, PGresult **ret) {
    PGresult *res = PQgetResult(conn->handle), *end = PQgetResult(conn->handle);
    PQclear(end); /* NULL ends a statement's results */
    if (ret) *ret = NULL;
    if (!res) return DBC_UNAVAILABLE;
    if (PQresultStatus(res) == PGRES_PIPELINE_ABORTED) {
        PQclear(res);
        return DBC_ERROR;
    }
    if (!is_good(res)) return failed(conn, res);
    if (ret) *ret = res;
    else PQclear(res);
    return DBC_OK;
}

/* Ends the pipeline: reads what the late statements did and, if one more was sent that is waited for, its result. */
static DbCode settle(Conn *conn, PGresult **ret) {
    DbCode code = PQpipelineSync(conn->handle) ? DBC_OK : DBC_UNAVAILABLE;
    for (int i = 0; i < conn->late; i++) {
        DbCode one = read_result(conn, NULL);
        if (one != DBC_OK && code == DBC_OK) code = one, conn->late_failed = one != DBC_UNAVAILABLE; /* a lost connection says nothing of the commit */
    }
    if (ret) {
        DbCode one = read_result(conn, ret);
        if (code == DBC_OK) code = one;
        if (code != DBC_OK) PQclear(*ret), *ret = NULL;
    }
    PQclear(PQgetResult(conn->handle)); /* the sync */
    conn->late = 0;
    return PQexitPipelineMode(conn->handle) || code != DBC_OK ? code : DBC_UNAVAILABLE;
}

static DbCode settle_late(Conn *conn) {
    return conn->late ? settle(conn, NULL) : DBC_OK;
}

static bool pg_late_failed(Conn *conn) {
    bool failed = conn->late_failed;
    conn->late_failed = false;
    return failed;
}

/* ---- statements ---- */

/* Finds or prepares the statement; name gets its server-side name, "" when the cache is full. */
static DbCode prepare(Conn *conn, const char *sql, char name[16]) {
    unsigned i = (unsigned)(((uint64_t)(uintptr_t)sql * UINT64_C(0x9E3779B97F4A7C15)) >> 53) & (CACHE_SLOTS - 1);
    for (; conn->prepared[i]; i = (i + 1) & (CACHE_SLOTS - 1))
        if (conn->prepared[i] == sql) {
            snprintf(name, 16, "s%u", i);
            return DBC_OK;
        }
    bool room = conn->cached < CACHE_SLOTS / 2;
    if (room)
        snprintf(name, 16, "s%u", i);
    else
        name[0] = 0;
    DbCode code = settle_late(conn);
    if (code != DBC_OK) return code;
    PGresult *res = PQprepare(conn->handle, name, sql, 0, NULL);
    if (!is_good(res)) return failed(conn, res);
    PQclear(res);
    if (room) conn->prepared[i] = sql, conn->cached++;
    return DBC_OK;
}

typedef struct Bound {
    const char *values[MAX_PARAMS];
    int lengths[MAX_PARAMS], formats[MAX_PARAMS];
    char numbers[MAX_PARAMS][NUMBER_TEXT];
} Bound;

static void bind(Bound *b, const Param *params, size_t n) {
    for (size_t i = 0; i < n; i++) {
        b->lengths[i] = 0, b->formats[i] = 0, b->values[i] = NULL;
        switch (params[i].kind) {
        case PARAM_NULL: break;
        case PARAM_INT: snprintf(b->numbers[i], NUMBER_TEXT, "%lld", (long long)params[i].i), b->values[i] = b->numbers[i]; break;
        case PARAM_REAL: snprintf(b->numbers[i], NUMBER_TEXT, "%.17g", params[i].real), b->values[i] = b->numbers[i]; break;
        case PARAM_TEXT: b->values[i] = params[i].p; break;
        case PARAM_BLOB: b->values[i] = params[i].p, b->lengths[i] = (int)params[i].len, b->formats[i] = 1; break;
        }
    }
}

static DbCode pg_start(Conn *conn, const char *sql, const Param *params, size_t n, Rows *rows) {
    if (n > MAX_PARAMS) return DBC_ERROR;
    char name[16];
    Bound b;
    PGresult *res;
    DbCode code = prepare(conn, sql, name);
    if (code != DBC_OK) return code;
    bind(&b, params, n);
    if (conn->late) {
        if (!PQsendQueryPrepared(conn->handle, name, (int)n, b.values, b.lengths, b.formats, 0)) return DBC_UNAVAILABLE;
        code = settle(conn, &res);
        if (code != DBC_OK) return code;
    } else {
        res = PQexecPrepared(conn->handle, name, (int)n, b.values, b.lengths, b.formats, 0);
        if (!is_good(res)) return failed(conn, res);
    }
    rows->stmt = res;
    rows->row = -1;
    return DBC_OK;
}

/* Bounded, for a server that waits for its answers to be read takes nothing more. */
static DbCode pg_late(Conn *conn, const char *sql, const Param *params, size_t n) {
    if (n > MAX_PARAMS) return DBC_ERROR;
    char name[16];
    Bound b;
    DbCode code = conn->late < MAX_LATE ? DBC_OK : settle_late(conn);
    if (code == DBC_OK) code = prepare(conn, sql, name);
    if (code != DBC_OK) return code;
    bind(&b, params, n);
    if (!conn->late && !PQenterPipelineMode(conn->handle)) return DBC_UNAVAILABLE;
    if (!PQsendQueryPrepared(conn->handle, name, (int)n, b.values, b.lengths, b.formats, 0)) return DBC_UNAVAILABLE;
    conn->late++;
    return DBC_OK;
}

static DbCode pg_step(Rows *rows) {
    return ++rows->row < PQntuples(rows->stmt) ? DBC_ROW : DBC_DONE;
}

static void pg_finish(Rows *rows) {
    PQclear(rows->stmt);
    rows->stmt = NULL;
}

static int64_t pg_changed(const Rows *rows) {
    return strtoll(PQcmdTuples(rows->stmt), NULL, 10);
}

static DbCode pg_simple(Conn *conn, const char *sql) {
    DbCode code = settle_late(conn);
    if (code != DBC_OK) return code;
    PGresult *res = PQexec(conn->handle, sql);
    if (!is_good(res)) return failed(conn, res);
    PQclear(res);
    return DBC_OK;
}

static TxState pg_state(Conn *conn) {
    switch (PQtransactionStatus(conn->handle)) {
    case PQTRANS_IDLE: return TX_NONE;
    case PQTRANS_INERROR: return TX_BROKEN;
    case PQTRANS_UNKNOWN: return TX_LOST;
    default: return TX_OPEN;
    }
}

static const char *pg_detail(Conn *conn) {
    return conn->detail;
}
static const char *pg_constraint(Conn *conn) {
    return conn->constraint[0] ? conn->constraint : NULL;
}
static bool pg_is_null(const Rows *rows, int col) {
    return PQgetisnull(rows->stmt, rows->row, col);
}
static int64_t pg_int(const Rows *rows, int col) {
    return strtoll(PQgetvalue(rows->stmt, rows->row, col), NULL, 10);
}
static double pg_real(const Rows *rows, int col) {
    return strtod(PQgetvalue(rows->stmt, rows->row, col), NULL);
}
static const char *pg_text(const Rows *rows, int col, size_t *ret_len) {
    *ret_len = (size_t)PQgetlength(rows->stmt, rows->row, col);
    return PQgetvalue(rows->stmt, rows->row, col);
}

static int nibble(char ch) {
    return ch <= '9' ? ch - '0' : (ch | 32) - 'a' + 10;
}
static const void *pg_blob(const Rows *rows, int col, size_t *ret_len) {
    size_t len = (size_t)PQgetlength(rows->stmt, rows->row, col);
    const char *hex = PQgetvalue(rows->stmt, rows->row, col);
    *ret_len = 0;
    if (len < 2) return NULL;
    size_t n = (len - 2) / 2;
    uint8_t *out = talloc_size(rows->c->mem, n + 1);
    for (size_t i = 0; i < n; i++) out[i] = (uint8_t)(nibble(hex[2 + 2 * i]) << 4 | nibble(hex[3 + 2 * i]));
    *ret_len = n;
    return out;
}
static int pg_columns(const Rows *rows) {
    return PQnfields(rows->stmt);
}
static const char *pg_column_name(const Rows *rows, int col) {
    return PQfname(rows->stmt, col);
}

const Driver pg_driver = {
    .begin = "BEGIN ISOLATION LEVEL SERIALIZABLE", .retries = 12, .state = pg_state,
    .open = pg_open, .close = pg_close, .start = pg_start, .late = pg_late, .late_failed = pg_late_failed, .step = pg_step, .finish = pg_finish, .changed = pg_changed, .simple = pg_simple,
    .detail = pg_detail, .constraint = pg_constraint, .is_null = pg_is_null, .get_int = pg_int, .get_real = pg_real, .get_text = pg_text,
    .get_blob = pg_blob, .columns = pg_columns, .column_name = pg_column_name,
};

/* metric_rebuild.c - all sums anew from the facts, and the proof that the kept ones are equal to them. */
#include "base/i18n.h"
#include "modules/metric/metric_private.h"
#include "modules/metric/roll.h"
#include <inttypes.h>
#include <string.h>
#include <talloc.h>

enum { SHOWN_DIFFERENCES = 20 };

/* How facts add up to rows: key, how many, sums. A day's number lies in the fact's id; a month's is made from the text of its day. */
#define FACTS_COUNTED "sum(CASE WHEN t.reverses IS NULL THEN 1 ELSE -1 END)"
#define DAY_TERM "(t.id / 4096) % 1048576"
#define MONTH_TERM "((CAST(substr(t.day, 1, 4) AS BIGINT) - 1970) * 12 + CAST(substr(t.day, 6, 2) AS BIGINT) - 1)"
#define MEMBER_KEY "2305843009213693952 + t.unit_id * 4398046511104 + " MONTH_TERM " * 2147483648 + t.employee_id"
#define UNIT_DAY_KEY "a.above_id * 2097152 + " DAY_TERM
#define UNIT_MONTH_KEY "a.above_id * 2097152 + 1048576 + " MONTH_TERM
#define FROM_UNITS " FROM fact t JOIN unit_above a ON a.below_id = t.unit_id"
/* A fact counts once for each member it names and everything above that; three joins by equality, for one with OR would try all pairs. */
#define NAMING(column) "SELECT f.*, f." column " AS member_id FROM fact f WHERE f." column " IS NOT NULL"
#define FROM_DIMENSIONS                                                                                                                         \
    " FROM (" NAMING("region_id") " UNION ALL " NAMING("product_id") " UNION ALL " NAMING("customer_type_id") ") t JOIN"                      \
    " (WITH RECURSIVE up(below_id, above_id) AS (SELECT d.id, d.id FROM dimension d UNION"                                                     \
    " SELECT up.below_id, d.parent_id FROM up JOIN dimension d ON d.id = up.above_id WHERE d.parent_id IS NOT NULL) SELECT below_id, above_id FROM up) a" \
    " ON a.below_id = t.member_id"
#define DIMENSION_DAY_KEY "1152921504606846976 + a.above_id * 2097152 + " DAY_TERM
#define DIMENSION_MONTH_KEY "1152921504606846976 + a.above_id * 2097152 + 1048576 + " MONTH_TERM
#define GROUPED(key, from) "SELECT " key ", " FACTS_COUNTED SLOT_SUMS from " GROUP BY 1 HAVING " FACTS_COUNTED " > 0"
#define GREATEST(key, from) "SELECT " key ", count(*)" SLOT_MAXES from " WHERE " LIVE_FACT " GROUP BY 1"

/* Every kind of row, in the order of their keys. */
#define EACH_KIND(X)                            \
    X(UNIT_DAY_KEY, FROM_UNITS)                 \
    X(UNIT_MONTH_KEY, FROM_UNITS)               \
    X(DIMENSION_DAY_KEY, FROM_DIMENSIONS)       \
    X(DIMENSION_MONTH_KEY, FROM_DIMENSIONS)     \
    X(MEMBER_KEY, " FROM fact t")

/* ---- rebuild ---- */

#define SET_FROM_PARAM(i) ", n" #i " = $" #i
static Error *store_maxima(Ctx *c, const Metrics *all, int64_t key, const Sums *greatest) {
    Rows *rows;
    Sums now;
    TRY(db_one(c, &rows, "SELECT t.facts" SLOT_COLUMNS_T " FROM roll t WHERE t.id = $1", V(key)));
    if (!rows) return NULL;
    sums_read(rows, 0, &now);
    TRY(rows_done(rows));
    Param p[METRIC_SLOTS + 1];
    for (int i = 0; i < METRIC_SLOTS; i++) p[i] = param_int(metric_is_max(all, i + 1) ? greatest->n[i] : now.n[i]);
    p[METRIC_SLOTS] = param_int(key);
    return db_exec_(c, NULL, "UPDATE roll SET facts = facts" SLOT_LIST(SET_FROM_PARAM) " WHERE id = $41", p, METRIC_SLOTS + 1);
}

static Error *rebuild_maxima(Ctx *c, const Metrics *all, const char *sql) {
    Rows *rows;
    TRY(db_query_(c, &rows, sql, NULL, 0));
    while (rows_next(rows)) {
        Sums greatest;
        sums_read(rows, 1, &greatest);
        Ctx *turn = ctx_child(c);
        Error *e = store_maxima(turn, all, row_int(rows, 0), &greatest);
        if (e) e = err_copy(c->mem, e);
        ctx_done(turn);
        if (e) return e;
    }
    return rows_done(rows);
}

Error *roll_rebuild(Ctx *c, int64_t *ret_rows) {
    const Metrics *all;
    TRY(metrics_get(c, &all));
    TRY(db_exec(c, "DELETE FROM roll"));
#define INSERT_KIND(key, from) TRY(db_exec(c, "INSERT INTO roll(id, facts" SLOT_COLUMNS ") " GROUPED(key, from)));
    EACH_KIND(INSERT_KIND)
#define MAXIMA_OF_KIND(key, from) TRY(rebuild_maxima(c, all, GREATEST(key, from)));
    if (metrics_any_max(all)) { EACH_KIND(MAXIMA_OF_KIND) }
    *ret_rows = 0;
    return db_get_int(c, ret_rows, "SELECT count(*) FROM roll");
}

/* ---- verify ---- */

typedef struct Verify {
    const Metrics *all;
    Text *out;
    int64_t rows, wrong;
} Verify;

static void differs(Verify *v, int64_t key, const char *what, int slot, int64_t kept, int64_t right) {
    if (v->wrong++ < SHOWN_DIFFERENCES) text_addf(v->out, "roll %" PRId64 ": %s%.0d kept %" PRId64 ", the facts say %" PRId64 "\n", key, what, slot, kept, right);
}

static void compare(Verify *v, int64_t key, const Sums *kept, const Sums *right, bool maxima) {
    if (!maxima && kept->facts != right->facts) differs(v, key, "facts", 0, kept->facts, right->facts);
    for (int i = 0; i < METRIC_SLOTS; i++)
        if (metric_is_max(v->all, i + 1) == maxima && kept->n[i] != right->n[i]) differs(v, key, "n", i + 1, kept->n[i], right->n[i]);
}

/* Both in the order of keys: what is on one side only is wrong. */
static Error *compare_kind(Ctx *c, Verify *v, const char *sql, int64_t from, int64_t to) {
    Rows *kept, *right;
    TRY(db_query(c, &kept, "SELECT t.id, t.facts" SLOT_COLUMNS_T " FROM roll t WHERE t.id >= $1 AND t.id < $2 ORDER BY t.id", V(from), V(to)));
    TRY(db_query_(c, &right, sql, NULL, 0));
    bool has_kept = rows_next(kept), has_right = rows_next(right);
    while (has_kept || has_right) {
        int64_t a = has_kept ? row_int(kept, 0) : INT64_MAX, b = has_right ? row_int(right, 0) : INT64_MAX;
        Sums x = {0}, y = {0};
        if (a <= b) sums_read(kept, 1, &x), v->rows++;
        if (b <= a) sums_read(right, 1, &y);
        compare(v, a < b ? a : b, &x, &y, false);
        if (a <= b) has_kept = rows_next(kept);
        if (b <= a) has_right = rows_next(right);
    }
    TRY(rows_done(right));
    return rows_done(kept);
}

static Error *compare_maxima(Ctx *c, Verify *v, const char *sql) {
    Rows *rows, *kept;
    TRY(db_query_(c, &rows, sql, NULL, 0));
    while (rows_next(rows)) {
        Sums x = {0}, y;
        sums_read(rows, 1, &y);
        TRY(db_one(c, &kept, "SELECT t.facts" SLOT_COLUMNS_T " FROM roll t WHERE t.id = $1", V(row_int(rows, 0))));
        if (kept) {
            sums_read(kept, 0, &x);
            TRY(rows_done(kept));
        }
        compare(v, row_int(rows, 0), &x, &y, true);
    }
    return rows_done(rows);
}

static int64_t kind_from(RollKind kind) {
    return (int64_t)kind << ROLL_KIND_SHIFT;
}

/* Days and months of units lie mixed by unit, so each side is read in the order of keys of both at once. */
#define BOTH(day, month, from) "SELECT * FROM (" GROUPED(day, from) " UNION ALL " GROUPED(month, from) ") x ORDER BY 1"

static Error *verify(Ctx *c, void *arg) {
    Verify *v = arg;
    TRY(compare_kind(c, v, BOTH(UNIT_DAY_KEY, UNIT_MONTH_KEY, FROM_UNITS), INT64_MIN, kind_from(ROLL_DIMENSION)));
    TRY(compare_kind(c, v, BOTH(DIMENSION_DAY_KEY, DIMENSION_MONTH_KEY, FROM_DIMENSIONS), kind_from(ROLL_DIMENSION), kind_from(ROLL_MEMBER)));
    TRY(compare_kind(c, v, "SELECT * FROM (" GROUPED(MEMBER_KEY, " FROM fact t") ") x ORDER BY 1", kind_from(ROLL_MEMBER), INT64_MAX));
    if (!metrics_any_max(v->all)) return NULL;
#define COMPARE_MAXIMA(key, from) TRY(compare_maxima(c, v, GREATEST(key, from)));
    EACH_KIND(COMPARE_MAXIMA)
    return NULL;
}

Error *roll_verify(Ctx *c, int64_t *ret_rows, int64_t *ret_wrong, Text *out) {
    Verify v = {.out = out};
    TRY(metrics_get(c, &v.all));
    TRY(c->tx ? verify(c, &v) : db_snapshot(c, verify, &v));
    *ret_rows = v.rows;
    *ret_wrong = v.wrong;
    return NULL;
}

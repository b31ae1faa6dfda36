/* roll.c - sums kept with the facts: each commit adds up what its facts change and writes every row once. */
#include "modules/metric/roll.h"
#include "modules/metric/metric_private.h"
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

int64_t roll_month(Date d) {
    int year, month, day;
    date_parts(d, &year, &month, &day);
    return (int64_t)(year - 1970) * 12 + month - 1;
}

Date roll_month_first(int64_t month) {
    return date_make(1970 + (int)(month / 12), 1 + (int)(month % 12), 1);
}

void sums_read(const Rows *rows, int from, Sums *ret) {
    ret->facts = row_int(rows, from);
    for (int i = 0; i < METRIC_SLOTS; i++) ret->n[i] = row_int(rows, from + 1 + i);
}

void sums_read_few(const Rows *rows, int from, bool few, Sums *ret) {
    if (!few) {
        sums_read(rows, from, ret);
        return;
    }
    *ret = (Sums){.facts = row_int(rows, from)};
    for (int i = 0; i < FEW_EACH; i++) {
        ret->n[i] = row_int(rows, from + 1 + i);
        ret->n[FEW_IMPORTED + i] = row_int(rows, from + 1 + FEW_EACH + i);
    }
}

static int64_t add_capped(int64_t a, int64_t b) {
    int64_t sum;
    if (!__builtin_add_overflow(a, b, &sum) && sum != INT64_MIN) return sum; /* can be negated */
    return b > 0 ? INT64_MAX : INT64_MIN + 1; /* beyond all amounts that forms accept */
}

void metric_add(const Metrics *all, Sums *a, const Sums *b) {
    for (int i = 0; i < METRIC_SLOTS; i++)
        if (!metric_is_max(all, i + 1)) a->n[i] = add_capped(a->n[i], b->n[i]);
        else if (b->n[i] > a->n[i]) a->n[i] = b->n[i];
    a->facts += b->facts;
}

/* ---- what a commit changes ---- */

/* One row's change. stale: a maximum may have gone down, so it is asked of the facts again. */
typedef struct Change {
    int64_t key;
    Sums sums;
    bool stale;
} Change;

typedef struct Changes {
    Change *list;
    unsigned *slots; /* open addressing: place in list + 1 */
    size_t count, size;
} Changes;

static Change *change_of(void *mem, Changes *all, int64_t key) {
    if (all->count * 2 >= all->size) { /* grow, and place again */
        all->size = all->size ? all->size * 2 : 64;
        all->list = talloc_realloc(mem, all->list, Change, (unsigned)all->size);
        all->slots = talloc_realloc(mem, all->slots, unsigned, (unsigned)all->size);
        memset(all->slots, 0, all->size * sizeof *all->slots);
        for (size_t i = 0; i < all->count; i++) {
            size_t at = (uint64_t)all->list[i].key * UINT64_C(0x9E3779B97F4A7C15) >> 20 & (all->size - 1);
            while (all->slots[at]) at = (at + 1) & (all->size - 1);
            all->slots[at] = (unsigned)i + 1;
        }
    }
    size_t at = (uint64_t)key * UINT64_C(0x9E3779B97F4A7C15) >> 20 & (all->size - 1);
    while (all->slots[at]) {
        Change *x = &all->list[all->slots[at] - 1];
        if (x->key == key) return x;
        at = (at + 1) & (all->size - 1);
    }
    all->slots[at] = (unsigned)++all->count;
    all->list[all->count - 1] = (Change){.key = key};
    return &all->list[all->count - 1];
}

/* What one fact adds: a reversing row's numbers are negative already; for maxima it only says that the row must be asked again. */
static void add_fact(void *mem, const Metrics *metrics, Changes *all, int64_t key, const Fact *f) {
    Change *x = change_of(mem, all, key);
    bool back = f->reverses != INT_NONE;
    for (int i = 0; i < METRIC_SLOTS; i++) {
        if (f->n[i] == INT_NONE) continue;
        if (!metric_is_max(metrics, i + 1)) x->sums.n[i] = add_capped(x->sums.n[i], f->n[i]);
        else if (back) x->stale = true;
        else if (f->n[i] > x->sums.n[i]) x->sums.n[i] = f->n[i];
    }
    x->sums.facts += back ? -1 : 1;
}

/* ---- the rows ---- */

/* The greatest live values behind one row. */
static Error *ask_maxima(Ctx *c, int64_t key, Sums *ret) {
    int64_t kind = key >> ROLL_KIND_SHIFT, id = key >> ROLL_ID_SHIFT & ((INT64_C(1) << 35) - 1), term = key & ROLL_TERM_MAX;
    bool month = key & ROLL_MONTH_BIT;
    if (kind == ROLL_MEMBER) id = key & INT64_C(0x7FFFFFFF), term = key >> ROLL_MONTH_SHIFT & 0x7FF, month = true;
    Date first = month ? roll_month_first(term) : (Date)term, last = month ? date_add_months(first, 1) - 1 : first;
    char from[DATE_TEXT], to[DATE_TEXT];
    Rows *rows;
    int64_t unit = kind == ROLL_MEMBER ? key >> ROLL_UNIT_SHIFT & ROLL_UNIT_MAX : kind == ROLL_UNIT ? id : 0;
    TRY(db_query(c, &rows,
                 "SELECT count(*)" SLOT_MAXES " FROM fact t WHERE t.day >= $1 AND t.day <= $2 AND " LIVE_FACT
                 " AND (($3 = 0 AND t.unit_id IN (SELECT a.below_id FROM unit_above a WHERE a.above_id = $4))"
                 "   OR ($3 = 2 AND t.unit_id = $4 AND t.employee_id = $5)"
                 "   OR ($3 = 1 AND (t.region_id IN (" DIMENSION_BELOW_5 ") OR t.product_id IN (" DIMENSION_BELOW_5 ") OR t.customer_type_id IN (" DIMENSION_BELOW_5 "))))",
                 V(date_text(first, from)), V(date_text(last, to)), V(kind), V(unit), V(id)));
    if (rows_next(rows)) sums_read(rows, 0, ret);
    return rows_done(rows);
}

static Error *insert_row(Ctx *c, int64_t key, const Sums *s) {
    Param p[2 + METRIC_SLOTS] = {V(key), V(s->facts)};
    for (int i = 0; i < METRIC_SLOTS; i++) p[2 + i] = param_int(s->n[i]);
    return db_exec_late_(c,
                    "INSERT INTO roll(id, facts" SLOT_COLUMNS ")"
                    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,"
                    " $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42)",
                    p, sizeof p / sizeof *p);
}

#define SET_SLOT(i) ", n" #i " = $" #i
static Error *update_row(Ctx *c, int64_t key, const Sums *s, bool few) {
    Param p[METRIC_SLOTS + 2];
    for (int i = 0; i < METRIC_SLOTS; i++) p[i] = param_int(s->n[i]);
    p[METRIC_SLOTS] = V(s->facts), p[METRIC_SLOTS + 1] = V(key);
    if (!few) return db_exec_late_(c, "UPDATE roll SET facts = $41" SLOT_LIST(SET_SLOT) " WHERE id = $42", p, sizeof p / sizeof *p);
    for (int i = 0; i < FEW_EACH; i++) p[FEW_EACH + i] = p[FEW_IMPORTED + i];
    p[2 * FEW_EACH] = V(s->facts), p[2 * FEW_EACH + 1] = V(key);
    return db_exec_late_(c,
                    "UPDATE roll SET n1 = $1, n2 = $2, n3 = $3, n4 = $4, n5 = $5, n6 = $6, n7 = $7, n8 = $8,"
                    " n25 = $9, n26 = $10, n27 = $11, n28 = $12, n29 = $13, n30 = $14, n31 = $15, n32 = $16, facts = $17 WHERE id = $18",
                    p, 2 * FEW_EACH + 2);
}

/* What stands in the rows of some changes; facts 0: there is no such row. Asked together, for on PostgreSQL each question is a journey. */
enum { READ_AT_ONCE = 16 };
static Error *read_rows(Ctx *c, bool few, const Change *list, size_t n, Sums *ret) {
    Param p[READ_AT_ONCE];
    Rows *rows;
    for (size_t i = 0; i < READ_AT_ONCE; i++) p[i] = param_int(list[i < n ? i : n - 1].key);
    memset(ret, 0, n * sizeof *ret);
#define READ_SIXTEEN(columns)                                                                                                           \
    "SELECT t.id, t.facts" columns " FROM roll t WHERE t.id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
    TRY(db_query_(c, &rows, few ? READ_SIXTEEN(FEW_COLUMNS_T) : READ_SIXTEEN(SLOT_COLUMNS_T), p, READ_AT_ONCE));
    while (rows_next(rows)) {
        size_t i = 0;
        while (i < n && list[i].key != row_int(rows, 0)) i++;
        if (i < n) sums_read_few(rows, 1, few, &ret[i]);
    }
    return rows_done(rows);
}

/* The row is known, so that the arithmetic is ours on both engines, maxima and amounts beyond 64 bits included. */
static Error *write_change(Ctx *c, const Metrics *metrics, const Change *x, const Sums *was) {
    Sums now = *was, maxima = {0};
    metric_add(metrics, &now, &x->sums);
    if (now.facts <= 0) return was->facts ? db_exec_late(c, "DELETE FROM roll WHERE id = $1", V(x->key)) : NULL;
    if (x->stale) {
        TRY(ask_maxima(c, x->key, &maxima));
        for (int i = 0; i < METRIC_SLOTS; i++)
            if (metric_is_max(metrics, i + 1)) now.n[i] = maxima.n[i];
    }
    return was->facts ? update_row(c, x->key, &now, metrics_few(metrics)) : insert_row(c, x->key, &now);
}

static Error *write_some(Ctx *c, const Metrics *metrics, const Change *list, size_t n) {
    Sums was[READ_AT_ONCE];
    TRY(read_rows(c, metrics_few(metrics), list, n, was));
    for (size_t i = 0; i < n; i++) TRY(write_change(c, metrics, &list[i], &was[i]));
    return NULL;
}

static int by_key(const void *a, const void *b) {
    const Change *x = a, *y = b;
    return x->key < y->key ? -1 : x->key > y->key;
}

/* In the order of the keys: neighbours share pages, and on PostgreSQL transactions meet in one order. */
static Error *write_changes(Ctx *c, const Metrics *metrics, Changes *all) {
    if (all->count) qsort(all->list, all->count, sizeof *all->list, by_key);
    for (size_t i = 0; i < all->count; i += READ_AT_ONCE) {
        Ctx *turn = ctx_child(c);
        Error *e = write_some(turn, metrics, &all->list[i], all->count - i < READ_AT_ONCE ? all->count - i : READ_AT_ONCE);
        if (e) e = err_copy(c->mem, e);
        ctx_done(turn);
        if (e) return e;
    }
    return NULL;
}

/* ---- facts into changes ---- */

/* Above whom a unit or member of a dimension stands; few, and asked once a commit. */
typedef struct Chain {
    struct Chain *next;
    bool dimension;
    int64_t id;
    int64_t above[20];
    int count;
} Chain;

static Error *chain_of(Ctx *c, Chain **chains, bool dimension, int64_t id, const Chain **ret) {
    for (Chain *x = *chains; x; x = x->next)
        if (x->dimension == dimension && x->id == id) {
            *ret = x;
            return NULL;
        }
    Chain *x = talloc_zero(c->mem, Chain);
    Rows *rows;
    *x = (Chain){.next = *chains, .dimension = dimension, .id = id};
    if (dimension) TRY(db_query(c, &rows, "WITH RECURSIVE up(id, parent_id) AS (SELECT d.id, d.parent_id FROM dimension d WHERE d.id = $1"
                                          " UNION SELECT d.id, d.parent_id FROM up JOIN dimension d ON d.id = up.parent_id) SELECT id FROM up ORDER BY id", V(id)));
    else TRY(db_query(c, &rows, "SELECT above_id FROM unit_above WHERE below_id = $1 ORDER BY above_id", V(id)));
    while (rows_next(rows) && x->count < 20) x->above[x->count++] = row_int(rows, 0);
    TRY(rows_done(rows));
    *ret = *chains = x;
    return NULL;
}

static Error *spread(Ctx *c, const Metrics *metrics, Chain **chains, Changes *all, const Fact *f) {
    const Chain *chain = NULL;
    int64_t month = roll_month(f->day), dimensions[] = {f->region_id, f->product_id, f->customer_type_id};
    add_fact(c->mem, metrics, all, roll_member_key(f->unit_id, month, f->employee_id), f);
    for (int i = -1; i < DIMENSION_KINDS; i++) {
        if (i >= 0 && !dimensions[i]) continue;
        TRY(chain_of(c, chains, i >= 0, i >= 0 ? dimensions[i] : f->unit_id, &chain));
        for (int k = 0; k < chain->count; k++) {
            RollKind kind = i >= 0 ? ROLL_DIMENSION : ROLL_UNIT;
            add_fact(c->mem, metrics, all, roll_key(kind, chain->above[k], false, f->day), f);
            add_fact(c->mem, metrics, all, roll_key(kind, chain->above[k], true, month), f);
        }
    }
    return NULL;
}

static Error *apply(Ctx *c, void *const *items, size_t count) {
    const Metrics *metrics;
    Changes all = {0};
    Chain *chains = NULL;
    TRY(metrics_get(c, &metrics));
    for (size_t i = 0; i < count; i++) TRY(spread(c, metrics, &chains, &all, items[i]));
    return write_changes(c, metrics, &all);
}

static const DbBatch batch = {apply};

void roll_add(Ctx *c, const Fact *fact) {
    db_batch_add(c, &batch, talloc_memdup(db_batch_mem(c), fact, sizeof *fact));
}

/* ---- a unit gets another parent ---- */

static Error *chain_ids(Ctx *c, int64_t unit_id, int64_t *ret, int *ret_count) {
    Rows *rows;
    *ret_count = 0;
    TRY(db_query(c, &rows, "SELECT above_id FROM unit_above WHERE below_id = $1", V(unit_id)));
    while (rows_next(rows) && *ret_count < 20) ret[(*ret_count)++] = row_int(rows, 0);
    return rows_done(rows);
}

static bool is_in(int64_t id, const int64_t *list, int n) {
    for (int i = 0; i < n; i++)
        if (list[i] == id) return true;
    return false;
}

Error *roll_unit_moved(Ctx *c, int64_t unit_id, int64_t old_parent, int64_t new_parent) {
    int64_t left[20], joined[20];
    int left_count, joined_count;
    const Metrics *metrics;
    Changes all = {0};
    Rows *rows;
    TRY(metrics_get(c, &metrics));
    TRY(chain_ids(c, old_parent, left, &left_count));
    TRY(chain_ids(c, new_parent, joined, &joined_count));
    int64_t base = roll_key(ROLL_UNIT, unit_id, false, 0), end = roll_key(ROLL_UNIT, unit_id + 1, false, 0);
    TRY(db_query(c, &rows, "SELECT t.id, t.facts" SLOT_COLUMNS_T " FROM roll t WHERE t.id >= $1 AND t.id < $2", V(base), V(end)));
    while (rows_next(rows)) {
        Sums sums, minus;
        int64_t term = row_int(rows, 0) - base;
        sums_read(rows, 1, &sums);
        minus = sums;
        minus.facts = -minus.facts;
        for (int i = 0; i < METRIC_SLOTS; i++) minus.n[i] = -minus.n[i];
        for (int i = 0; i < left_count; i++) {
            if (is_in(left[i], joined, joined_count)) continue;
            Change *x = change_of(c->mem, &all, roll_key(ROLL_UNIT, left[i], false, 0) + term);
            metric_add(metrics, &x->sums, &minus);
            x->stale = metrics_any_max(metrics);
        }
        for (int i = 0; i < joined_count; i++)
            if (!is_in(joined[i], left, left_count)) metric_add(metrics, &change_of(c->mem, &all, roll_key(ROLL_UNIT, joined[i], false, 0) + term)->sums, &sums);
    }
    TRY(rows_done(rows));
    return write_changes(c, metrics, &all);
}

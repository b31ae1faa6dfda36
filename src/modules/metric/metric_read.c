/* metric_read.c - sums of a unit, a person or a dimension over days, of neighbouring periods, and of everybody in a unit. */
#include "modules/metric/metric_private.h"
#include "modules/metric/roll.h"
#include "modules/org/org.h"
#include "service/setting.h"
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

int metric_fiscal_month(Ctx *c) {
    return (int)setting_int(c, "metric.fiscal_month");
}

Error *metric_check_scope(Ctx *c, MetricScope s) {
    bool all = c->actor->scope == SCOPE_ALL || c->actor->system, may_see = all;
    if (!all && s.kind == SCOPE_UNIT) TRY(org_sees_unit(c, s.id, &may_see));
    if (!all && s.kind == SCOPE_PERSON) TRY(org_sees_person(c, s.id, &may_see));
    return may_see ? NULL : err_not_found(c, N_("This page is not there, or not for you"));
}

/* ---- periods as ranges of ids ---- */

/* Where a sum of days first..last falls among n periods that begin at `from`; -1 outside. */
typedef struct Slices {
    Period from;
    int n, fiscal_month, months; /* months of one period; 0: a week, -1: a day */
    int64_t first_month;
} Slices;

static int months_of(PeriodKind kind) {
    static const int months[] = {[PERIOD_DAY] = -1, [PERIOD_WEEK] = 0, [PERIOD_MONTH] = 1, [PERIOD_QUARTER] = 3, [PERIOD_HALF] = 6, [PERIOD_YEAR] = 12};
    return months[kind];
}

static Slices slices(Period from, int n, int fiscal_month) {
    Slices s = {.from = from, .n = n, .fiscal_month = fiscal_month, .months = months_of(from.kind)};
    s.first_month = roll_month(from.first);
    return s;
}

static Date slices_last(const Slices *s) {
    return period_add(s->from, s->n - 1, s->fiscal_month).last;
}

static int slice_of_month(const Slices *s, int64_t month) {
    return (int)((month - s->first_month) / s->months);
}
static int slice_of_day(const Slices *s, Date day) {
    if (s->months > 0) return slice_of_month(s, roll_month(day));
    return s->months ? day - s->from.first : (day - s->from.first) / 7;
}

/* No fact is older or younger, and keys of other days would be somebody else's. */
static void clamp(Date *first, Date *last) {
    if (*first < 0) *first = 0;
    if (*last > roll_day_max()) *last = roll_day_max();
}

/* ---- reading rows of sums ---- */

/* A row of roll always has facts, so the first of a period is simply read. */
static void add_row(const Metrics *all, const Rows *rows, int from, bool few, Sums *ret) {
    Sums one;
    if (!ret->facts) {
        sums_read_few(rows, from, few, ret);
        return;
    }
    sums_read_few(rows, from, few, &one);
    metric_add(all, ret, &one);
}

/* ---- units and dimensions: from roll ---- */

static Error *add_range(Ctx *c, const Metrics *all, int64_t from, int64_t to, Sums *ret) {
    bool few = metrics_few(all);
    Rows *rows;
    TRY(QUERY_SUMS(c, few, &rows, "SELECT t.facts", " FROM roll t WHERE t.id >= $1 AND t.id <= $2", V(from), V(to)));
    while (rows_next(rows)) add_row(all, rows, 0, few, ret);
    return rows_done(rows);
}

/* Days up to the first whole month, whole months, days after the last. */
static Error *roll_sums(Ctx *c, const Metrics *all, RollKind kind, int64_t id, Date first, Date last, Sums *ret) {
    int64_t from = roll_month(first), to = roll_month(last);
    if (roll_month_first(from) < first) from++;
    if (roll_month_first(to + 1) - 1 > last) to--;
    if (from > to) return add_range(c, all, roll_key(kind, id, false, first), roll_key(kind, id, false, last), ret);
    Date whole_first = roll_month_first(from), whole_last = roll_month_first(to + 1) - 1;
    if (first < whole_first) TRY(add_range(c, all, roll_key(kind, id, false, first), roll_key(kind, id, false, whole_first - 1), ret));
    TRY(add_range(c, all, roll_key(kind, id, true, from), roll_key(kind, id, true, to), ret));
    return last > whole_last ? add_range(c, all, roll_key(kind, id, false, whole_last + 1), roll_key(kind, id, false, last), ret) : NULL;
}

static Error *roll_series(Ctx *c, const Metrics *all, RollKind kind, int64_t id, const Slices *s, Sums *ret) {
    bool month = s->months > 0, few = metrics_few(all);
    Date first = s->from.first, last = slices_last(s);
    clamp(&first, &last);
    if (last < first) return NULL;
    int64_t base = roll_key(kind, id, month, 0), from = month ? roll_month(first) : first, to = month ? roll_month(last) : last;
    Rows *rows;
    TRY(QUERY_SUMS(c, few, &rows, "SELECT t.id, t.facts", " FROM roll t WHERE t.id >= $1 AND t.id <= $2", V(base + from), V(base + to)));
    while (rows_next(rows)) {
        int64_t term = row_int(rows, 0) - base;
        add_row(all, rows, 1, few, &ret[month ? slice_of_month(s, term) : slice_of_day(s, (Date)term)]);
    }
    return rows_done(rows);
}

/* ---- people: from facts ---- */

/* A reversed fact and its reversal cancel in sums; for maxima the pair is left out. */
static Error *person_series(Ctx *c, const Metrics *all, int64_t employee_id, Date first, Date last, const Slices *s, Sums *ret) {
    Rows *rows;
    int64_t base = employee_id << 32;
    const char *sql = "SELECT t.id, CASE WHEN t.reverses IS NULL THEN 1 ELSE -1 END" SLOT_COLUMNS_T " FROM fact t WHERE t.id >= $1 AND t.id < $2";
    const char *live = "SELECT t.id, 1" SLOT_COLUMNS_T " FROM fact t WHERE t.id >= $1 AND t.id < $2 AND " LIVE_FACT;
    clamp(&first, &last);
    if (last < first) return NULL;
    Param p[] = {V(base + ((int64_t)first << 12)), V(base + ((int64_t)(last + 1) << 12))};
    TRY(db_query_(c, &rows, metrics_any_max(all) ? live : sql, p, 2));
    while (rows_next(rows)) {
        Sums one;
        sums_read(rows, 1, &one);
        metric_add(all, &ret[s ? slice_of_day(s, (Date)((row_int(rows, 0) - base) >> 12)) : 0], &one);
    }
    return rows_done(rows);
}

static Error *counted_sums(Ctx *c, const Metrics *all, MetricScope scope, Date first, Date last, Sums *ret) {
    if (scope.kind == SCOPE_PERSON) return person_series(c, all, scope.id, first, last, NULL, ret);
    return roll_sums(c, all, scope.kind == SCOPE_UNIT ? ROLL_UNIT : ROLL_DIMENSION, scope.id, first, last, ret);
}

/* Counted or not, each needs one read; a formula may name both. */
static Error *read_over(Ctx *c, const Metrics *all, MetricScope scope, Date first, Date last, bool counts, bool levels, Sums *ret) {
    *ret = (Sums){0};
    clamp(&first, &last);
    if (last < first) return NULL;
    if (counts) TRY(counted_sums(c, all, scope, first, last, ret));
    return levels ? metric_levels(c, all, scope, &(Period){PERIOD_DAY, first, last}, 1, ret) : NULL;
}

Error *metric_sums(Ctx *c, MetricScope scope, Date first, Date last, Sums *ret) {
    const Metrics *all;
    TRY(metrics_get(c, &all));
    return read_over(c, all, scope, first, last, true, true, ret);
}

Error *metric_actual(Ctx *c, const Metrics *all, const Metric *m, MetricScope scope, Date first, Date last, Ratio *ret) {
    Sums sums;
    TRY(read_over(c, all, scope, first, last, m->rollup != ROLLUP_INHERIT, m->slot <= 0, &sums));
    *ret = metric_value(all, m, &sums, last);
    return NULL;
}

Error *metric_series(Ctx *c, MetricScope scope, Period from, int n, int fiscal_month, Sums *ret) {
    const Metrics *all;
    Slices s = slices(from, n, fiscal_month);
    memset(ret, 0, (size_t)n * sizeof *ret);
    TRY(metrics_get(c, &all));
    if (scope.kind == SCOPE_PERSON) TRY(person_series(c, all, scope.id, from.first, slices_last(&s), &s, ret));
    else TRY(roll_series(c, all, scope.kind == SCOPE_UNIT ? ROLL_UNIT : ROLL_DIMENSION, scope.id, &s, ret));
    if (!all->any_level) return NULL;
    Period *periods = talloc_array(c->mem, Period, (unsigned)n);
    for (int i = 0; i < n; i++) periods[i] = period_add(from, i, fiscal_month);
    return metric_levels(c, all, scope, periods, (size_t)n, ret);
}

/* ---- everybody in a unit ---- */

typedef struct People {
    const Metrics *metrics;
    PersonSums *list;
    size_t count;
} People;

/* Somebody without sums yet. */
static Sums *add_person(Ctx *c, People *p, int64_t employee_id, int64_t unit_id) {
    if (!(p->count & (p->count - 1))) p->list = talloc_realloc(c->mem, p->list, PersonSums, p->count ? (unsigned)p->count * 2 : 1);
    p->list[p->count] = (PersonSums){.employee_id = employee_id, .unit_id = unit_id};
    return &p->list[p->count++].sums;
}

static Error *members_of_months(Ctx *c, int64_t unit_id, int64_t from, int64_t to, People *p) {
    bool few = metrics_few(p->metrics);
    Rows *rows;
    TRY(QUERY_SUMS(c, few, &rows, "SELECT a.below_id, t.id, t.facts",
                   " FROM unit_above a JOIN roll t ON t.id >= 2305843009213693952 + a.below_id * 4398046511104 + $2"
                   " AND t.id < 2305843009213693952 + a.below_id * 4398046511104 + $3 WHERE a.above_id = $1",
                   V(unit_id), V(from << ROLL_MONTH_SHIFT), V((to + 1) << ROLL_MONTH_SHIFT)));
    while (rows_next(rows)) sums_read_few(rows, 2, few, add_person(c, p, row_int(rows, 1) & INT64_C(0x7FFFFFFF), row_int(rows, 0)));
    return rows_done(rows);
}

static Error *members_of_days(Ctx *c, int64_t unit_id, Date first, Date last, People *p) {
    char from[DATE_TEXT], to[DATE_TEXT];
    Rows *rows;
    Sums one;
    if (last < first) return NULL;
    TRY(db_query(c, &rows,
                 "SELECT t.employee_id, t.unit_id, 1" SLOT_COLUMNS_T " FROM unit_above a JOIN fact t ON t.unit_id = a.below_id AND t.day >= $2 AND t.day <= $3"
                 " WHERE a.above_id = $1 AND " LIVE_FACT,
                 V(unit_id), V(date_text(first, from)), V(date_text(last, to))));
    while (rows_next(rows)) {
        sums_read(rows, 2, &one);
        metric_add(p->metrics, add_person(c, p, row_int(rows, 0), row_int(rows, 1)), &one);
    }
    return rows_done(rows);
}

/* Who was in several teams is shown in the one of the newest fact. */
static Error *last_team(Ctx *c, int64_t unit_id, Date first, Date last, PersonSums *person) {
    int64_t base = person->employee_id << 32;
    return db_get_int(c, &person->unit_id,
                      "SELECT t.unit_id FROM fact t JOIN unit_above a ON a.below_id = t.unit_id AND a.above_id = $1"
                      " WHERE t.id >= $2 AND t.id < $3 AND " LIVE_FACT " ORDER BY t.id DESC LIMIT 1",
                      V(unit_id), V(base + ((int64_t)first << 12)), V(base + ((int64_t)(last + 1) << 12)));
}

static int by_person(const void *a, const void *b) {
    const PersonSums *x = a, *y = b;
    return x->employee_id < y->employee_id ? -1 : x->employee_id > y->employee_id;
}

Error *metric_people(Ctx *c, int64_t unit_id, Date first, Date last, PersonSums **ret, size_t *ret_count) {
    const Metrics *all;
    People p = {0};
    *ret = NULL;
    *ret_count = 0;
    clamp(&first, &last);
    if (last < first) return NULL;
    int64_t from = roll_month(first), to = roll_month(last);
    TRY(metrics_get(c, &all));
    p.metrics = all;
    if (roll_month_first(from) < first) from++;
    if (roll_month_first(to + 1) - 1 > last) to--;
    if (from > to) TRY(members_of_days(c, unit_id, first, last, &p));
    else {
        TRY(members_of_days(c, unit_id, first, roll_month_first(from) - 1, &p));
        TRY(members_of_months(c, unit_id, from, to, &p));
        TRY(members_of_days(c, unit_id, roll_month_first(to + 1), last, &p));
    }
    if (p.count) qsort(p.list, p.count, sizeof *p.list, by_person);
    size_t n = 0;
    for (size_t i = 0; i < p.count; i++) {
        if (n && p.list[n - 1].employee_id == p.list[i].employee_id) {
            metric_add(all, &p.list[n - 1].sums, &p.list[i].sums);
            if (p.list[n - 1].unit_id != p.list[i].unit_id) p.list[n - 1].unit_id = 0;
        } else
            p.list[n++] = p.list[i];
    }
    for (size_t i = 0; i < n; i++)
        if (!p.list[i].unit_id) TRY(last_team(c, unit_id, first, last, &p.list[i]));
    *ret = p.list;
    *ret_count = n;
    return metric_levels_of_people(c, all, unit_id, first, last, ret, ret_count);
}

/* ---- shares of a dimension ---- */

/* All members of a kind; they are few. */
typedef struct Nodes {
    struct {
        int64_t id, parent_id;
        const char *name;
    } *list;
    size_t count;
} Nodes;

static Error *load_nodes(Ctx *c, DimensionKind kind, Nodes *ret) {
    Rows *rows;
    size_t n = 0;
    *ret = (Nodes){0};
    TRY(db_query(c, &rows, "SELECT id, coalesce(parent_id, 0), name FROM dimension WHERE kind = $1 ORDER BY sort, id", V((int)kind)));
    while (rows_next(rows)) {
        if (!(n & (n - 1))) ret->list = talloc_realloc_size(c->mem, ret->list, (n ? n * 2 : 1) * sizeof *ret->list);
        ret->list[n].id = row_int(rows, 0), ret->list[n].parent_id = row_int(rows, 1), ret->list[n].name = row_dup(rows, 2);
        n++;
    }
    ret->count = n;
    return rows_done(rows);
}

/* The topmost member above id; 0 for 0. */
static int64_t top_of(const Nodes *nodes, int64_t id) {
    for (int depth = 0; depth < 20; depth++) {
        size_t i = 0;
        while (i < nodes->count && nodes->list[i].id != id) i++;
        if (i == nodes->count || !nodes->list[i].parent_id) break;
        id = nodes->list[i].parent_id;
    }
    return id;
}

/* The company's shares are kept as sums; what names no member is the rest. A maximum has no rest. */
static Error *shares_of_company(Ctx *c, const Metrics *all, int64_t unit_id, Date first, Date last, ShareSums *shares, size_t count) {
    Sums *rest = &shares[count - 1].sums;
    TRY(roll_sums(c, all, ROLL_UNIT, unit_id, first, last, rest));
    for (size_t i = 0; i + 1 < count; i++) {
        Sums *s = &shares[i].sums;
        TRY(roll_sums(c, all, ROLL_DIMENSION, shares[i].dimension_id, first, last, s));
        for (int k = 0; k < METRIC_SLOTS; k++) (void)__builtin_sub_overflow(rest->n[k], s->n[k], &rest->n[k]);
        rest->facts -= s->facts;
    }
    return NULL;
}

/* A unit's shares are read from its facts. */
static Error *shares_of_unit(Ctx *c, const Metrics *all, int64_t unit_id, DimensionKind kind, Date first, Date last, const Nodes *nodes, ShareSums *shares, size_t count) {
    char from[DATE_TEXT], to[DATE_TEXT];
    Rows *rows;
    Sums one;
    TRY(db_query(c, &rows,
                 "SELECT CASE WHEN $4 = 0 THEN t.region_id WHEN $4 = 1 THEN t.product_id ELSE t.customer_type_id END,"
                 " 1" SLOT_COLUMNS_T " FROM unit_above a JOIN fact t ON t.unit_id = a.below_id AND t.day >= $2 AND t.day <= $3"
                 " WHERE a.above_id = $1 AND " LIVE_FACT,
                 V(unit_id), V(date_text(first, from)), V(date_text(last, to)), V((int)kind)));
    while (rows_next(rows)) {
        int64_t top = top_of(nodes, row_int(rows, 0));
        sums_read(rows, 1, &one);
        for (size_t i = 0; i < count; i++)
            if (shares[i].dimension_id == top) metric_add(all, &shares[i].sums, &one);
    }
    return rows_done(rows);
}

Error *metric_shares(Ctx *c, int64_t unit_id, DimensionKind kind, Date first, Date last, ShareSums **ret, size_t *ret_count) {
    const Metrics *all;
    Nodes nodes;
    size_t count = 0;
    int64_t company = 0;
    clamp(&first, &last);
    TRY(metrics_get(c, &all));
    TRY(load_nodes(c, kind, &nodes));
    TRY(db_get_int(c, &company, "SELECT id FROM org_unit WHERE kind = 0"));
    ShareSums *shares = talloc_zero_array(c->mem, ShareSums, (unsigned)nodes.count + 1);
    for (size_t i = 0; i < nodes.count; i++)
        if (!nodes.list[i].parent_id) shares[count++] = (ShareSums){.dimension_id = nodes.list[i].id, .name = nodes.list[i].name};
    count++; /* the last: facts that name none */
    bool kept = unit_id == company && !metrics_any_max(all);
    if (last >= first && kept) TRY(shares_of_company(c, all, unit_id, first, last, shares, count));
    if (last >= first && !kept) TRY(shares_of_unit(c, all, unit_id, kind, first, last, &nodes, shares, count));
    *ret = shares;
    *ret_count = count;
    return NULL;
}

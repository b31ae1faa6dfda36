/* target_read.c - targets as they stand: one scope, its children, everybody in a unit, and what they are for some days. */
#include "modules/calendar/calendar.h"
#include "modules/org/org.h"
#include "modules/target/target_private.h"
#include "modules/target/target_rules.h"
#include <string.h>
#include <talloc.h>

void target_read_version(const Rows *rows, int from, Target *t) {
    t->version_id = row_int(rows, from), t->seq = row_int(rows, from + 1), t->state = (int)row_int(rows, from + 2);
    for (int tier = 0; tier < TARGET_TIERS; tier++)
        for (int i = 0; i < TARGET_MONTHS; i++) {
            int col = from + 3 + tier * TARGET_MONTHS + i;
            t->months.n[tier][i] = row_is_null(rows, col) ? INT_NONE : row_int(rows, col);
        }
}

/* ---- one scope ---- */

static Error *load_own(Ctx *c, const Metric *m, int64_t year, MetricScope scope, TargetView view, Target *t) {
    Rows *rows;
    target_clear(t);
    t->metric_id = m->id, t->year = year, t->scope = scope;
    TRY(db_one(c, &rows, "SELECT t.id, t.floor, " VERSION_COLUMNS " FROM target t JOIN target_version v ON v.target_id = t.id"
                         " WHERE t.metric_id = $1 AND t.year = $2 AND t.scope_kind = $3 AND t.scope_id = $4 AND " VERSION_IS_SHOWN_5 " ORDER BY v.seq DESC LIMIT 1",
               V(m->id), V(year), V((int)scope.kind), V(scope.id), V((int)view)));
    if (!rows) return NULL;
    t->id = row_int(rows, 0);
    if (!row_is_null(rows, 1)) t->floor = row_int(rows, 1);
    target_read_version(rows, 2, t);
    return rows_done(rows);
}

static Error *parent_of(Ctx *c, MetricScope scope, MetricScope *ret) {
    *ret = (MetricScope){scope.kind == SCOPE_DIMENSION ? SCOPE_DIMENSION : SCOPE_UNIT, 0};
    if (scope.kind == SCOPE_PERSON) return db_get_int(c, &ret->id, "SELECT unit_id FROM employee WHERE id = $1", V(scope.id));
    if (scope.kind == SCOPE_UNIT) return db_get_int(c, &ret->id, "SELECT parent_id FROM org_unit WHERE id = $1", V(scope.id));
    TRY(db_get_int(c, &ret->id, "SELECT parent_id FROM dimension WHERE id = $1", V(scope.id)));
    if (ret->id) return NULL;
    ret->kind = SCOPE_UNIT; /* the top of a dimension stands below the company */
    return db_get_int(c, &ret->id, "SELECT id FROM org_unit WHERE kind = 0");
}

Error *target_load(Ctx *c, const Metric *m, int64_t year, MetricScope scope, TargetView view, Target *ret) {
    TRY(load_own(c, m, year, scope, view, ret));
    MetricScope at = scope;
    for (int depth = 0; !ret->id && !target_is_summed(m) && depth < 20; depth++) {
        Target above;
        TRY(parent_of(c, at, &at));
        if (!at.id) break;
        TRY(load_own(c, m, year, at, view, &above));
        if (!above.id) continue;
        *ret = above;
        ret->id = 0, ret->scope = scope, ret->inherited = true;
        break;
    }
    return NULL;
}

/* ---- children ---- */

typedef struct Children {
    Target *list;
    size_t count;
} Children;

static Error *add_child(Ctx *c, Children *all, const Metric *m, int64_t year, MetricScope scope, const char *name, TargetView view) {
    if (!(all->count & (all->count - 1))) all->list = talloc_realloc(c->mem, all->list, Target, all->count ? (unsigned)all->count * 2 : 1);
    Target *t = &all->list[all->count++];
    TRY(target_load(c, m, year, scope, view, t));
    t->name = name;
    return NULL;
}

static Error *add_rows(Ctx *c, Children *all, const Metric *m, int64_t year, ScopeKind kind, Rows *rows, TargetView view) {
    struct Named {
        int64_t id;
        const char *name;
    } *list = NULL;
    size_t n = 0;
    while (rows_next(rows)) {
        if (!(n & (n - 1))) list = talloc_realloc(c->mem, list, struct Named, n ? (unsigned)n * 2 : 1);
        list[n++] = (struct Named){row_int(rows, 0), row_dup(rows, 1)};
    }
    TRY(rows_done(rows));
    for (size_t i = 0; i < n; i++) TRY(add_child(c, all, m, year, (MetricScope){kind, list[i].id}, list[i].name, view));
    return NULL;
}

Error *target_children(Ctx *c, const Metric *m, int64_t year, MetricScope parent, TargetView view, Target **ret, size_t *ret_count) {
    Children all = {0};
    Rows *rows;
    if (parent.kind == SCOPE_UNIT) {
        TRY(db_query(c, &rows, "SELECT id, name FROM org_unit WHERE parent_id = $1 AND status = 0 ORDER BY sort, name_keys, id", V(parent.id)));
        TRY(add_rows(c, &all, m, year, SCOPE_UNIT, rows, view));
        TRY(db_query(c, &rows, "SELECT id, name FROM employee WHERE unit_id = $1 AND status = 0 ORDER BY name_keys, id", V(parent.id)));
        TRY(add_rows(c, &all, m, year, SCOPE_PERSON, rows, view));
    } else if (parent.kind == SCOPE_DIMENSION) {
        TRY(db_query(c, &rows, "SELECT id, name FROM dimension WHERE parent_id = $1 AND active = 1 ORDER BY sort, name_keys, id", V(parent.id)));
        TRY(add_rows(c, &all, m, year, SCOPE_DIMENSION, rows, view));
    }
    *ret = all.list;
    *ret_count = all.count;
    return NULL;
}

Error *target_dimension_tops(Ctx *c, const Metric *m, int64_t year, DimensionKind kind, TargetView view, Target **ret, size_t *ret_count) {
    Children all = {0};
    Rows *rows;
    TRY(db_query(c, &rows, "SELECT id, name FROM dimension WHERE parent_id IS NULL AND kind = $1 AND active = 1 ORDER BY sort, name_keys, id", V((int)kind)));
    TRY(add_rows(c, &all, m, year, SCOPE_DIMENSION, rows, view));
    *ret = all.list;
    *ret_count = all.count;
    return NULL;
}

/* ---- for some days ---- */

static Ratio part_value(const Metric *m, const Target *t, TargetTier tier, const MonthPart *p) {
    Ratio whole = metric_of_whole(m, t->months.n[tier][p->month]);
    if (!target_is_summed(m) || p->days == p->of) return whole;
    return p->of ? ratio_mul(whole, ratio_make(p->days, p->of)) : ratio_mul(whole, ratio_make(0, 1));
}

static Ratio plus(Ratio sum, Ratio one) {
    return ratio_why(one) != RATIO_HAS_VALUE ? sum : ratio_why(sum) != RATIO_HAS_VALUE ? one : ratio_add(sum, one);
}

/* Adds one month's part to what the earlier months gave; what is not summed keeps the last. */
static void take_part(const Metric *m, const Target *t, TargetTier tier, const MonthPart *p, Ratio *sum) {
    Ratio one = part_value(m, t, tier, p);
    if (target_is_summed(m)) *sum = plus(*sum, one);
    else if (ratio_why(one) == RATIO_HAS_VALUE) *sum = one;
}

Error *target_for(Ctx *c, const Metric *m, MetricScope scope, Date first, Date last, TargetTier tier, TargetView view, Ratio *ret) {
    const WorkCalendar *calendar;
    MonthPart parts[MONTH_PARTS_MAX];
    Target t = {.year = INT64_MIN};
    *ret = RATIO_NONE;
    TRY(calendar_get(c, &calendar));
    int n = target_month_parts(calendar, first, last, metric_fiscal_month(c), parts);
    for (int i = 0; i < n; i++) {
        if (t.year != parts[i].year) TRY(target_load(c, m, parts[i].year, scope, view, &t));
        t.year = parts[i].year;
        take_part(m, &t, tier, &parts[i], ret);
    }
    return NULL;
}

/* Rows come by person and year; parts of other years are skipped. */
Error *target_for_people(Ctx *c, const Metric *m, int64_t unit_id, Date first, Date last, TargetTier tier, TargetView view, PersonTarget **ret, size_t *ret_count) {
    const WorkCalendar *calendar;
    MonthPart parts[MONTH_PARTS_MAX];
    PersonTarget *list = NULL;
    size_t count = 0;
    Rows *rows;
    TRY(calendar_get(c, &calendar));
    int n = target_month_parts(calendar, first, last, metric_fiscal_month(c), parts);
    *ret = NULL, *ret_count = 0;
    if (!n) return NULL;
    TRY(db_query(c, &rows, "SELECT t.scope_id, t.year, " VERSION_COLUMNS " FROM unit_above a JOIN employee p ON p.unit_id = a.below_id"
                           " JOIN target t ON t.scope_kind = 1 AND t.scope_id = p.id AND t.metric_id = $1 AND t.year >= $2 AND t.year <= $3"
                           " JOIN target_version v ON v.target_id = t.id WHERE a.above_id = $4 AND " VERSION_IS_SHOWN_5
                           " AND NOT EXISTS (SELECT 1 FROM target_version w WHERE w.target_id = t.id AND w.seq > v.seq AND " LATER_IS_SHOWN_5 ") ORDER BY t.scope_id, t.year",
                 V(m->id), V(parts[0].year), V(parts[n - 1].year), V(unit_id), V((int)view)));
    while (rows_next(rows)) {
        Target t;
        target_clear(&t);
        target_read_version(rows, 2, &t);
        if (!count || list[count - 1].employee_id != row_int(rows, 0)) {
            if (!(count & (count - 1))) list = talloc_realloc(c->mem, list, PersonTarget, count ? (unsigned)count * 2 : 1);
            list[count++] = (PersonTarget){row_int(rows, 0), RATIO_NONE};
        }
        for (int i = 0; i < n; i++)
            if (parts[i].year == row_int(rows, 1)) take_part(m, &t, tier, &parts[i], &list[count - 1].value);
    }
    *ret = list;
    *ret_count = count;
    return rows_done(rows);
}

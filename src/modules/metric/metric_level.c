/* metric_level.c - values of metrics that are not summed, as they were entered by hand: a period's is the one of its latest month that has any, and it is
 * nobody else's: neither what stands below nor what stands above has it. */
#include "modules/metric/metric_private.h"
#include "modules/metric/roll.h"
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { METRIC_BITS = 10, MONTH_BITS = 11, PERSON_BIT = 31 };

int64_t metric_value_id(ScopeKind kind, int64_t scope_id, int64_t month, int64_t metric_id) {
    int64_t scope = (kind == SCOPE_PERSON ? INT64_C(1) << PERSON_BIT : 0) + scope_id;
    return (scope << MONTH_BITS | month) << METRIC_BITS | metric_id;
}

/* One value of a month. */
typedef struct Entered {
    int64_t employee_id, unit_id, month;
    MetricLevel level;
} Entered;
typedef struct EnteredList {
    Entered *list;
    size_t count;
} EnteredList;

/* Rows of metric, month's first day, value, employee and unit, in the order of months. A counted metric's value is a fact and none of these. */
static Error *take(Ctx *c, const Metrics *all, Rows *rows, EnteredList *ret) {
    while (rows_next(rows)) {
        const Metric *m = metrics_by_id(all, row_int(rows, 0));
        Date month;
        if (!m || m->rollup != ROLLUP_INHERIT || !date_parse(row_text(rows, 1), &month)) continue;
        if (!(ret->count & (ret->count - 1))) ret->list = talloc_realloc(c->mem, ret->list, Entered, ret->count ? (unsigned)ret->count * 2 : 1);
        ret->list[ret->count++] = (Entered){.employee_id = row_int(rows, 3), .unit_id = row_int(rows, 4), .month = roll_month(month), .level = {m->id, row_int(rows, 2)}};
    }
    return rows_done(rows);
}

/* The latest of each metric among those of the months first..last, from list in the order of months; NULL if there is none. */
static const MetricLevel *latest(Ctx *c, const Entered *list, size_t count, int64_t first, int64_t last) {
    MetricLevel *levels = NULL;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        if (list[i].month < first || list[i].month > last) continue;
        if (!levels) levels = talloc_zero_array(c->mem, MetricLevel, (unsigned)count + 1);
        while (at < n && levels[at].metric_id != list[i].level.metric_id) at++;
        levels[at] = list[i].level;
        if (at == n) n++;
    }
    return levels;
}

Error *metric_levels(Ctx *c, const Metrics *all, MetricScope scope, const Period *periods, size_t n, Sums *ret) {
    EnteredList entered = {0};
    Rows *rows;
    if (!all->any_level || !n || scope.kind == SCOPE_DIMENSION) return NULL;
    int64_t first = roll_month(periods[0].first), last = roll_month(periods[n - 1].last);
    if (first < 0) first = 0;
    if (last > ROLL_MONTH_MAX) last = ROLL_MONTH_MAX;
    if (first > last) return NULL;
    TRY(db_query(c, &rows, "SELECT metric_id, month, value, employee_id, unit_id FROM metric_value WHERE id >= $1 AND id < $2 AND state = 0 ORDER BY id",
                 V(metric_value_id(scope.kind, scope.id, first, 0)), V(metric_value_id(scope.kind, scope.id, last, 0) + (1 << METRIC_BITS))));
    TRY(take(c, all, rows, &entered));
    for (size_t i = 0; i < n && entered.count; i++) ret[i].levels = latest(c, entered.list, entered.count, roll_month(periods[i].first), roll_month(periods[i].last));
    return NULL;
}

/* ---- everybody in a unit ---- */

static int by_person(const void *a, const void *b) {
    const PersonSums *x = a, *y = b;
    return x->employee_id < y->employee_id ? -1 : x->employee_id > y->employee_id;
}

Error *metric_levels_of_people(Ctx *c, const Metrics *all, int64_t unit_id, Date first, Date last, PersonSums **people, size_t *count) {
    char from[DATE_TEXT], to[DATE_TEXT];
    EnteredList entered = {0};
    Rows *rows;
    size_t known = *count, at = 0, room = *count;
    if (!all->any_level) return NULL;
    TRY(db_query(c, &rows, "SELECT t.metric_id, t.month, t.value, t.employee_id, t.unit_id FROM unit_above a JOIN metric_value t ON t.unit_id = a.below_id AND t.month >= $2 AND t.month <= $3"
                           " WHERE a.above_id = $1 AND t.employee_id IS NOT NULL AND t.state = 0 ORDER BY t.employee_id, t.month",
                 V(unit_id), V(date_text(roll_month_first(roll_month(first)), from)), V(date_text(last, to))));
    TRY(take(c, all, rows, &entered));
    for (size_t i = 0, next; i < entered.count; i = next) {
        const Entered *one = &entered.list[i];
        for (next = i + 1; next < entered.count && entered.list[next].employee_id == one->employee_id;) next++;
        while (at < known && (*people)[at].employee_id < one->employee_id) at++;
        PersonSums *person = at < known && (*people)[at].employee_id == one->employee_id ? &(*people)[at] : NULL;
        if (!person) {
            if (*count == room) *people = talloc_realloc(c->mem, *people, PersonSums, (unsigned)(room = room * 2 + 16));
            person = &(*people)[(*count)++];
            *person = (PersonSums){.employee_id = one->employee_id, .unit_id = entered.list[next - 1].unit_id};
        }
        person->sums.levels = latest(c, one, next - i, 0, ROLL_MONTH_MAX);
    }
    if (*count > known) qsort(*people, *count, sizeof **people, by_person);
    return NULL;
}

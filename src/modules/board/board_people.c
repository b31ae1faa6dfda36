/* board_people.c - everybody in a unit: attainment, improvement, effort, and the weak spot against the peers. */
#include "modules/board/board_private.h"
#include "modules/org/org.h"
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { MAX_ROWS = 2000, MIN_PEERS = 3, WEAK_PERCENTILE = 40 };

/* ---- who ---- */

Error *board_lines(Ctx *c, const Board *b, BoardLine **ret, size_t *ret_count) {
    Rows *rows;
    BoardLine *list = NULL;
    size_t n = 0;
    ScopeKind kind = SCOPE_UNIT;
    int64_t units = 0;
    TRY(db_get_int(c, &units, "SELECT count(*) FROM org_unit WHERE parent_id = $1 AND status = 0", V(b->scope.id)));
    if (units) TRY(db_query(c, &rows, "SELECT id, name FROM org_unit WHERE parent_id = $1 AND status = 0 ORDER BY sort, name_keys, id", V(b->scope.id)));
    else {
        kind = SCOPE_PERSON;
        TRY(db_query(c, &rows, "SELECT e.id, e.name FROM employee e WHERE e.unit_id = $1 AND e.status = 0 AND NOT EXISTS (SELECT 1 FROM org_unit l WHERE l.leader_id = e.id)"
                               " ORDER BY e.name_keys, e.id LIMIT $2", V(b->scope.id), V(MAX_ROWS)));
    }
    while (rows_next(rows)) {
        if (!(n & (n - 1))) list = talloc_realloc(c->mem, list, BoardLine, n ? (unsigned)n * 2 : 1);
        list[n++] = (BoardLine){{kind, row_int(rows, 0)}, row_dup(rows, 1)};
    }
    *ret = list;
    *ret_count = n;
    return rows_done(rows);
}

static Error *load_members(Ctx *c, int64_t unit_id, BoardPeople *p) {
    Rows *rows;
    TRY(db_query(c, &rows,
                 "SELECT e.id, e.unit_id, e.name, u.name, e.hired_on FROM unit_above a JOIN employee e ON e.unit_id = a.below_id JOIN org_unit u ON u.id = e.unit_id"
                 " WHERE a.above_id = $1 AND e.status = 0 AND u.kind = 2 AND NOT EXISTS (SELECT 1 FROM org_unit l WHERE l.leader_id = e.id) ORDER BY e.id",
                 V(unit_id)));
    while (rows_next(rows)) {
        if (!(p->count & (p->count - 1))) p->list = talloc_realloc(c->mem, p->list, BoardPerson, p->count ? (unsigned)p->count * 2 : 1);
        BoardPerson *x = &p->list[p->count++];
        *x = (BoardPerson){.id = row_int(rows, 0), .unit_id = row_int(rows, 1), .name = row_dup(rows, 2), .unit_name = row_dup(rows, 3), .hired_on = DATE_NONE, .target = RATIO_NONE, .percentile = -1};
        if (!row_is_null(rows, 4)) (void)date_parse(row_text(rows, 4), &x->hired_on);
    }
    return rows_done(rows);
}

static BoardPerson *find(const BoardPeople *p, int64_t id) {
    size_t low = 0, high = p->count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (p->list[mid].id == id) return &p->list[mid];
        if (p->list[mid].id < id) low = mid + 1;
        else high = mid;
    }
    return NULL;
}

static int by_id(const void *a, const void *b) {
    const BoardPerson *x = a, *y = b;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* Who has numbers here without being a member now: left since, moved on, or leads. */
static Error *add_others(Ctx *c, BoardPeople *p, const PersonSums *sums, size_t n) {
    size_t members = p->count;
    for (size_t i = 0; i < n; i++) {
        Rows *rows;
        BoardPeople known = {p->list, members};
        if (find(&known, sums[i].employee_id)) continue;
        TRY(db_one(c, &rows, "SELECT e.name, u.name FROM employee e JOIN org_unit u ON u.id = $2 WHERE e.id = $1", V(sums[i].employee_id), V(sums[i].unit_id)));
        if (!rows) continue;
        if (!(p->count & (p->count - 1))) p->list = talloc_realloc(c->mem, p->list, BoardPerson, p->count ? (unsigned)p->count * 2 : 1);
        p->list[p->count++] = (BoardPerson){.id = sums[i].employee_id, .unit_id = sums[i].unit_id, .name = row_dup(rows, 0), .unit_name = row_dup(rows, 1), .hired_on = DATE_NONE, .target = RATIO_NONE, .percentile = -1};
        TRY(rows_done(rows));
    }
    if (p->count) qsort(p->list, p->count, sizeof *p->list, by_id);
    return NULL;
}

/* ---- effort and weak spots ---- */

/* Own work against the average of all who have numbers: the mean over the process metrics of the report; 1 is average. */
static void add_effort(const Board *b, BoardPeople *p) {
    int64_t all[METRIC_SLOTS] = {0};
    int64_t with = 0;
    for (size_t i = 0; i < p->count; i++) {
        if (p->list[i].sums.facts <= 0) continue;
        with++;
        for (int k = 0; k < METRIC_SLOTS; k++) all[k] += p->list[i].sums.n[k];
    }
    for (size_t i = 0; i < p->count; i++) {
        Ratio sum = ratio_make(0, 1);
        int64_t metrics = 0;
        for (size_t k = 0; k < metrics_count(b->metrics); k++) {
            const Metric *m = metrics_at(b->metrics, k);
            if (m->kind != 1 || !m->in_report || !m->active || m->slot <= 0 || all[m->slot - 1] <= 0) continue;
            sum = ratio_add(sum, ratio_div(ratio_make(p->list[i].sums.n[m->slot - 1], 1), ratio_make(all[m->slot - 1], with)));
            metrics++;
        }
        p->list[i].effort = p->list[i].sums.facts > 0 ? ratio_div(sum, ratio_make(metrics, 1)) : RATIO_NONE;
    }
}

/* Share of the peers with numbers whom the person is ahead of, a tie counting half, in percent. */
static int percentile_of(const Board *b, const BoardPeople *p, const BoardPerson *who, const Metric *m) {
    Ratio own = metric_value(b->metrics, m, &who->sums, b->to);
    int behind = 0, peers = 0;
    for (size_t i = 0; i < p->count; i++) {
        const BoardPerson *x = &p->list[i];
        if (x == who || x->sums.facts <= 0) continue;
        int order = ratio_compare(own, metric_value(b->metrics, m, &x->sums, b->to));
        if (m->direction) order = -order;
        peers++;
        behind += order > 0 ? 2 : order == 0;
    }
    return peers < MIN_PEERS ? -1 : behind * 50 / peers;
}

static void add_weak_spots(const Board *b, BoardPeople *p) {
    enum { MAX_COMPARED = 300 }; /* quadratic: beyond this nobody's peers are that many */
    for (size_t i = 0; i < p->count && p->count <= MAX_COMPARED; i++) {
        BoardPerson *x = &p->list[i];
        if (x->sums.facts <= 0) continue;
        for (size_t k = 0; k < metrics_count(b->metrics); k++) {
            const Metric *m = metrics_at(b->metrics, k);
            if (!m->active || !m->in_report) continue;
            int at = percentile_of(b, p, x, m);
            if (at < 0 || at >= WEAK_PERCENTILE || (x->weakest && at >= x->percentile)) continue;
            x->weakest = m;
            x->percentile = at;
        }
    }
}

/* ---- all together ---- */

static Error *add_targets(Ctx *c, const Board *b, int64_t unit_id, BoardPeople *p) {
    PersonTarget *targets;
    size_t n;
    TRY(target_for_people(c, b->metric, unit_id, b->period.first, b->period.last, TIER_BASE, b->view, &targets, &n));
    for (size_t i = 0; i < n; i++) {
        BoardPerson *x = find(p, targets[i].employee_id);
        if (x) x->target = targets[i].value;
    }
    return NULL;
}

Error *board_people(Ctx *c, const Board *b, int64_t unit_id, BoardPeople *ret) {
    PersonSums *now, *before;
    size_t n, n_before;
    Period last = period_add(b->period, -1, b->fiscal_month);
    Date to;
    *ret = (BoardPeople){0};
    TRY(load_members(c, unit_id, ret));
    TRY(metric_people(c, unit_id, b->period.first, b->period.last, &now, &n));
    pace_same_part(b->period.first, b->period.last, b->to, last.first, last.last, &to);
    TRY(metric_people(c, unit_id, last.first, to, &before, &n_before));
    TRY(add_others(c, ret, now, n));
    for (size_t i = 0; i < n; i++) {
        BoardPerson *x = find(ret, now[i].employee_id);
        if (x) x->sums = now[i].sums;
    }
    for (size_t i = 0; i < n_before; i++) {
        BoardPerson *x = find(ret, before[i].employee_id);
        if (x) x->before = before[i].sums;
    }
    TRY(add_targets(c, b, unit_id, ret));
    for (size_t i = 0; i < ret->count; i++) {
        BoardPerson *x = &ret->list[i];
        x->actual = metric_value(b->metrics, b->metric, &x->sums, b->to);
        x->attainment = metric_attainment(b->metric, x->actual, x->target);
        x->growth = growth_of(x->actual, metric_value(b->metrics, b->metric, &x->before, last.last));
    }
    add_effort(b, ret);
    add_weak_spots(b, ret);
    return NULL;
}

/* ---- order ---- */

static int compare(Ratio a, Ratio b, const BoardPerson *x, const BoardPerson *y) {
    int order = -ratio_compare(a, b);
    if (!order) order = -ratio_compare(x->actual, y->actual);
    return order ? order : x->id < y->id ? -1 : x->id > y->id;
}
static int by_attainment(const void *a, const void *b) {
    const BoardPerson *x = a, *y = b;
    return compare(x->attainment, y->attainment, x, y);
}
static int by_amount(const void *a, const void *b) {
    const BoardPerson *x = a, *y = b;
    return compare(x->actual, y->actual, x, y);
}
static int by_growth(const void *a, const void *b) {
    const BoardPerson *x = a, *y = b;
    return compare(x->growth, y->growth, x, y);
}
static int by_effort(const void *a, const void *b) {
    const BoardPerson *x = a, *y = b;
    return compare(x->effort, y->effort, x, y);
}

void board_rank(BoardPeople *p, RankBy by) {
    static int (*const orders[])(const void *, const void *) = {by_attainment, by_amount, by_growth, by_effort};
    if (p->count) qsort(p->list, p->count, sizeof *p->list, orders[by]);
}

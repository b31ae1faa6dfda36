/* key_action_check.c - key actions against the numbers: for pages now, and by a daily job for windows that have ended. */
#include "modules/calendar/calendar.h"
#include "modules/target/key_action.h"
#include "modules/target/target.h"
#include "modules/target/tracking.h"
#include <string.h>
#include <talloc.h>

/* A report may come 31 days late and be corrected later: for so long ended windows are looked at again. The longest window is a quarter. */
enum { AGAIN_DAYS = 45, WINDOW_MAX = 93, BATCH = 200 };

/* ---- one person ---- */

static void add_absence(Ctx *c, PersonDays *p, Date first, Date last) {
    if (!(p->leave_count & (p->leave_count - 1))) p->leaves = talloc_realloc(c->mem, p->leaves, DaySpan, p->leave_count ? (unsigned)p->leave_count * 2 : 1);
    p->leaves[p->leave_count++] = (DaySpan){first, last};
}

/* Days before somebody was hired count as leave does. */
static Error *load_absence(Ctx *c, PersonDays *p, Date last) {
    char from[DATE_TEXT], to[DATE_TEXT];
    const char *hired = NULL;
    Rows *rows;
    Date a, b;
    TRY(db_query(c, &rows, "SELECT first_day, last_day FROM leave_span WHERE employee_id = $1 AND first_day <= $3 AND last_day >= $2", V(p->employee_id), V(date_text(p->first, from)), V(date_text(last, to))));
    while (rows_next(rows))
        if (date_parse(row_text(rows, 0), &a) && date_parse(row_text(rows, 1), &b)) add_absence(c, p, a, b);
    TRY(rows_done(rows));
    TRY(db_get_text(c, &hired, "SELECT hired_on FROM employee WHERE id = $1", V(p->employee_id)));
    if (hired && date_parse(hired, &a) && a > p->first) add_absence(c, p, p->first, a - 1);
    return NULL;
}

static Error *load_invoices(Ctx *c, PersonDays *p) {
    char from[DATE_TEXT];
    Rows *rows;
    TRY(db_query(c, &rows, "SELECT signed_on, due_on, reminded_on FROM invoice_reminder WHERE employee_id = $1 AND due_on >= $2", V(p->employee_id), V(date_text(p->first, from))));
    while (rows_next(rows)) {
        size_t n = p->invoice_count++;
        if (!(n & (n - 1))) p->invoices = talloc_realloc(c->mem, p->invoices, InvoiceDue, n ? (unsigned)n * 2 : 1);
        InvoiceDue *x = &p->invoices[n];
        *x = (InvoiceDue){.reminded_on = DATE_NONE};
        (void)date_parse(row_text(rows, 0), &x->signed_on);
        (void)date_parse(row_text(rows, 1), &x->due_on);
        if (!row_is_null(rows, 2)) (void)date_parse(row_text(rows, 2), &x->reminded_on);
    }
    return rows_done(rows);
}

Error *person_days_load(Ctx *c, int64_t employee_id, Date first, Date last, PersonDays *ret) {
    *ret = (PersonDays){.employee_id = employee_id, .first = first, .count = last - first + 1};
    ret->days = talloc_array(c->mem, Sums, (unsigned)ret->count);
    TRY(metric_series(c, (MetricScope){SCOPE_PERSON, employee_id}, (Period){PERIOD_DAY, first, first}, ret->count, 1, ret->days));
    TRY(load_invoices(c, ret));
    return load_absence(c, ret, last);
}

static int64_t sum_of(const PersonDays *p, const Metric *m, DaySpan window) {
    int64_t sum = 0;
    for (Date day = window.first; day <= window.last; day++) {
        int i = day - p->first;
        if (i >= 0 && i < p->count) sum += p->days[i].n[m->slot - 1];
    }
    return sum;
}

/* Leave makes no difference: somebody else can send it. */
static void check_invoices(Ctx *c, const KeyAction *a, const PersonDays *p, KeyActionCheck *ret) {
    InvoiceCount n = invoice_count(p->invoices, p->invoice_count, ret->window, a->first_day, date_of_instant(c->now));
    ret->needed = n.due, ret->actual = n.met, ret->missing = n.missed + n.open;
    ret->state = invoice_judge_all(&n);
}

Error *key_action_check(Ctx *c, const Metric *m, const KeyAction *a, const PersonDays *p, Date day, KeyActionCheck *ret, bool *ret_has) {
    const WorkCalendar *calendar;
    KeyActionRule rule = key_action_rule(m, a);
    *ret = (KeyActionCheck){.needed = rule.needed};
    TRY(calendar_get(c, &calendar));
    *ret_has = (m->slot > 0 || a->kind == KEY_ACTION_INVOICE) && key_action_window(&rule, calendar, day, metric_fiscal_month(c), &ret->window);
    if (!*ret_has) return NULL;
    if (a->kind == KEY_ACTION_INVOICE) {
        check_invoices(c, a, p, ret);
        return NULL;
    }
    ret->present = key_action_present(calendar, ret->window, p->leaves, p->leave_count);
    ret->actual = sum_of(p, m, ret->window);
    ret->state = key_action_judge(&rule, ret->actual, ret->present, ret->window.last < date_of_instant(c->now), &ret->missing);
    return NULL;
}

/* ---- which, and to whom ---- */

Error *key_actions_active(Ctx *c, KeyAction **ret, size_t *ret_count) {
    Rows *rows;
    *ret = NULL, *ret_count = 0;
    TRY(db_query(c, &rows, "SELECT id, name, metric_id, compare, amount, window_kind, window_days, applies, employee_id, unit_id, target_metric_id, first_day, last_day, kind, within_days FROM key_action"
                           " WHERE active = 1 ORDER BY name, id"));
    while (rows_next(rows)) {
        if (!(*ret_count & (*ret_count - 1))) *ret = talloc_realloc(c->mem, *ret, KeyAction, *ret_count ? (unsigned)*ret_count * 2 : 1);
        KeyAction *a = &(*ret)[(*ret_count)++];
        *a = (KeyAction){.id = row_int(rows, 0), .name = row_dup(rows, 1), .metric_id = row_int(rows, 2), .compare = (int)row_int(rows, 3), .amount = row_int(rows, 4),
                         .window_kind = (int)row_int(rows, 5), .window_days = row_is_null(rows, 6) ? INT_NONE : row_int(rows, 6), .applies = (int)row_int(rows, 7),
                         .employee_id = row_int(rows, 8), .unit_id = row_int(rows, 9), .target_metric_id = row_int(rows, 10), .last_day = DATE_NONE, .active = true,
                         .kind = (int)row_int(rows, 13), .within_days = row_is_null(rows, 14) ? INT_NONE : row_int(rows, 14)};
        (void)date_parse(row_text(rows, 11), &a->first_day);
        if (!row_is_null(rows, 12)) (void)date_parse(row_text(rows, 12), &a->last_day);
    }
    return rows_done(rows);
}

const KeyAction *key_action_find(const KeyAction *list, size_t count, int64_t id) {
    for (size_t i = 0; i < count; i++)
        if (list[i].id == id) return &list[i];
    return NULL;
}

Error *key_action_pairs(Ctx *c, int64_t employee_id, int64_t unit_id, KeyActionPair **ret, size_t *ret_count) {
    Rows *rows;
    *ret = NULL, *ret_count = 0;
    TRY(db_query(c, &rows,
                 "SELECT k.id, e.id, e.unit_id, e.name, u.name FROM key_action k JOIN employee e ON (k.applies = 0 AND e.id = k.employee_id)"
                 " OR (k.applies = 1 AND EXISTS (SELECT 1 FROM unit_above a WHERE a.above_id = k.unit_id AND a.below_id = e.unit_id)"
                 "   AND NOT EXISTS (SELECT 1 FROM org_unit l WHERE l.leader_id = e.id))"
                 " JOIN org_unit u ON u.id = e.unit_id WHERE k.active = 1 AND e.status = 0 AND ($1 = 0 OR e.id = $1)"
                 " AND ($2 = 0 OR EXISTS (SELECT 1 FROM unit_above b WHERE b.above_id = $2 AND b.below_id = e.unit_id))"
                 " ORDER BY u.sort, u.name_keys, u.id, e.name_keys, e.id, k.name, k.id",
                 V(employee_id), V(unit_id)));
    while (rows_next(rows)) {
        if (!(*ret_count & (*ret_count - 1))) *ret = talloc_realloc(c->mem, *ret, KeyActionPair, *ret_count ? (unsigned)*ret_count * 2 : 1);
        (*ret)[(*ret_count)++] = (KeyActionPair){.action_id = row_int(rows, 0), .employee_id = row_int(rows, 1), .unit_id = row_int(rows, 2), .name = row_dup(rows, 3), .unit_name = row_dup(rows, 4)};
    }
    return rows_done(rows);
}

/* ---- the daily job ---- */

typedef struct Result {
    int64_t action_id, employee_id, unit_id;
    KeyActionCheck check;
} Result;
typedef struct Results {
    Result *list;
    size_t count;
} Results;

static Error *write_results(Ctx *c, void *arg) {
    const Results *x = arg;
    for (size_t i = 0; i < x->count; i++) {
        const Result *r = &x->list[i];
        char first[DATE_TEXT], last[DATE_TEXT];
        TRY(db_exec(c, "INSERT INTO key_action_result(key_action_id, employee_id, unit_id, first_day, last_day, needed, actual, present, state, created_at, updated_at)"
                       " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) ON CONFLICT (key_action_id, employee_id, first_day) DO UPDATE SET last_day = excluded.last_day,"
                       " needed = excluded.needed, actual = excluded.actual, present = excluded.present, state = excluded.state, updated_at = excluded.updated_at"
                       " WHERE key_action_result.actual <> excluded.actual OR key_action_result.state <> excluded.state OR key_action_result.needed <> excluded.needed"
                       " OR key_action_result.present <> excluded.present OR key_action_result.last_day <> excluded.last_day",
                    V(r->action_id), V(r->employee_id), V(r->unit_id), V(date_text(r->check.window.first, first)), V(date_text(r->check.window.last, last)), V(r->check.needed), V(r->check.actual),
                    V(r->check.present), V((int)r->check.state), V(c->now)));
    }
    return NULL;
}

/* Windows of one action that have ended lately, newest first. */
static Error *ended_windows(Ctx *c, const Metric *m, const KeyAction *a, const PersonDays *p, const KeyActionPair *pair, Results *out) {
    Date today = date_of_instant(c->now);
    for (Date day = today - 1; day >= today - AGAIN_DAYS;) {
        Result r = {.action_id = a->id, .employee_id = pair->employee_id, .unit_id = pair->unit_id};
        bool has;
        TRY(key_action_check(c, m, a, p, day, &r.check, &has));
        if (!has) {
            day--;
            continue;
        }
        day = r.check.window.first - 1;
        if (r.check.window.last >= today) continue;
        if (!(out->count & (out->count - 1))) out->list = talloc_realloc(c->mem, out->list, Result, out->count ? (unsigned)out->count * 2 : 1);
        out->list[out->count++] = r;
    }
    return NULL;
}

static Error *check_people(Ctx *c, const Metrics *all, const KeyAction *actions, size_t n, const KeyActionPair *pairs, size_t from, size_t to, Results *out) {
    Date today = date_of_instant(c->now);
    PersonDays p = {0};
    for (size_t i = from; i < to; i++) {
        const KeyAction *a = key_action_find(actions, n, pairs[i].action_id);
        const Metric *m = a ? metrics_by_id(all, a->metric_id) : NULL;
        if (!m) continue;
        if (p.employee_id != pairs[i].employee_id) TRY(person_days_load(c, pairs[i].employee_id, today - AGAIN_DAYS - WINDOW_MAX, today, &p));
        TRY(ended_windows(c, m, a, &p, &pairs[i], out));
    }
    return NULL;
}

/* Reads in batches that end between two people, and writes each in a transaction of its own: a second run writes only what changed. */
static Error *close_windows(Ctx *c, int64_t arg) {
    const Metrics *all;
    KeyAction *actions;
    KeyActionPair *pairs;
    size_t n, count;
    (void)arg;
    TRY(metrics_get(c, &all));
    TRY(key_actions_active(c, &actions, &n));
    TRY(key_action_pairs(c, 0, 0, &pairs, &count));
    for (size_t from = 0; from < count;) {
        size_t to = from + BATCH < count ? from + BATCH : count;
        while (to < count && pairs[to].employee_id == pairs[to - 1].employee_id) to++;
        Ctx *turn = ctx_child(c);
        Results out = {0};
        Error *e = check_people(turn, all, actions, n, pairs, from, to, &out);
        if (!e && out.count) e = db_tx(turn, write_results, &out);
        if (e) e = err_copy(c->mem, e);
        ctx_done(turn);
        TRY(e);
        from = to;
    }
    return invoice_tell(c);
}

Error *target_judge_actions(Ctx *c) {
    return close_windows(c, 0);
}

const JobKind target_jobs[] = {
    {.name = "key_action.close", .run = close_windows, .every_minutes = 1440, .at_hour = 1, .at_minute = 20},
    {.name = "tracking.judge", .run = tracking_judge_job, .every_minutes = 1440, .at_hour = 1, .at_minute = 40},
    {0},
};

/* target_proposal.c - POST /targets/split: what last year, working days and seniority say about who takes which part. Nothing is saved: the parts come
 * back as changed cells of the grid. */
#include "base/i18n.h"
#include "modules/calendar/calendar.h"
#include "modules/target/target_change.h"
#include "modules/target/target_rules.h"
#include "modules/target/target_split.h"
#include <string.h>
#include <talloc.h>

static const char *const methods[] = {"equal", "history", "capacity", "seniority"};
enum { PEOPLE_MAX = 2000 };

typedef struct Proposal {
    Grid g;
    const WorkCalendar *calendar;
    SplitMix mix;
    bool season;
    int first, last;             /* months */
    int64_t total;               /* INT_NONE: the months as they stand */
    int64_t own[TARGET_MONTHS];  /* what is shared out each month */
    SplitPart *parts[TARGET_MONTHS]; /* by row */
    int64_t rest[TARGET_MONTHS];
} Proposal;

/* ---- what is asked ---- */

static Error *read_small(Req *r, const char *name, int64_t low, int64_t high, int64_t *ret) {
    const char *s = req_form(r, name);
    if (s && *s && (!int_parse(s, ret) || *ret < low || *ret > high)) return err_field(&r->c, name, N_("Write a whole number"));
    return NULL;
}

static Error *read_request(Req *r, Proposal *p) {
    int64_t first = 1, last = TARGET_MONTHS, season = 0;
    TRY(target_grid_read(r, true, &p->g));
    p->g.view = TARGET_DRAFT, p->g.choose_view = false, p->g.revise = false;
    if (!target_is_summed(p->g.m)) return err_invalid(&r->c, N_("This metric is not summed, so it is not split: it is inherited"));
    for (int i = 0; i < SPLIT_METHODS; i++) TRY(read_small(r, methods[i], 0, 1000, &p->mix.of[i]));
    TRY(read_small(r, "first_month", 1, TARGET_MONTHS, &first));
    TRY(read_small(r, "last_month", 1, TARGET_MONTHS, &last));
    TRY(read_small(r, "season", 0, 1, &season));
    if (last < first) return err_field(&r->c, "last_month", N_("The last month lies before the first"));
    p->first = (int)first - 1, p->last = (int)last - 1, p->season = season == 1;
    const char *why = target_cell_read(&r->c, p->g.m, req_form(r, "total"), &p->total);
    return why ? err_field(&r->c, "total", why) : NULL;
}

/* What stands in a cell of the posted form, else what is stored. */
static int64_t cell_now(Req *r, const Proposal *p, const Target *t, int month) {
    const char *typed = req_form(r, talloc_asprintf(r->c.mem, "c.%s.%d", target_key(&r->c, t->scope), month + 1));
    int64_t n;
    if (typed && !target_cell_read(&r->c, p->g.m, typed, &n)) return n;
    return t->months.n[p->g.tier][month];
}

static bool is_locked(Req *r, const Target *t) {
    const char *key = target_key(&r->c, t->scope);
    for (const Pair *f = r->form; f; f = f->next)
        if (!strcmp(f->name, "lock") && !strcmp(f->value, key)) return true;
    const json_t *list = r->json ? json_object_get(r->json, "locked") : NULL;
    for (size_t i = 0; i < json_array_size(list); i++)
        if (text_equal(json_string_value(json_array_get(list, i)), key)) return true;
    return false;
}

/* ---- what is known of each ---- */

static Error *add_history(Ctx *c, Proposal *p, size_t row) {
    Ratio actual;
    Date first = target_month_first(p->g.year - 1, 0, p->g.fiscal_month), last = target_month_first(p->g.year, 0, p->g.fiscal_month) - 1, today = date_of_instant(c->now);
    if (last > today) last = today, first = date_add_months(today, -12) + 1; /* the last twelve months: last year is not over */
    TRY(metric_actual(c, p->g.all, p->g.m, p->g.rows[row].t.scope, first, last, &actual));
    int64_t n = metric_whole(p->g.m, actual);
    for (int i = 0; i < TARGET_MONTHS; i++) p->parts[i][row].by[SPLIT_HISTORY] = n == INT_NONE || n < 0 ? 0 : n;
    return NULL;
}

/* Working days of a month that somebody is there, and how strong. */
static Error *add_person(Ctx *c, Proposal *p, size_t row, int64_t employee_id, Date hired) {
    Rows *rows;
    char from[DATE_TEXT], to[DATE_TEXT];
    for (int i = 0; i < TARGET_MONTHS; i++) {
        Date first = target_month_first(p->g.year, i, p->g.fiscal_month), last = target_month_first(p->g.year, i + 1, p->g.fiscal_month) - 1;
        if (hired != DATE_NONE && hired > last) continue;
        int64_t months = hired == DATE_NONE ? 12 : (first - hired) / 30;
        p->parts[i][row].by[SPLIT_CAPACITY] += workday_count(p->calendar, hired != DATE_NONE && hired > first ? hired : first, last);
        p->parts[i][row].by[SPLIT_SENIORITY] += target_ramp(months < 0 ? 0 : months);
    }
    Date year_first = target_month_first(p->g.year, 0, p->g.fiscal_month), year_last = target_month_first(p->g.year + 1, 0, p->g.fiscal_month) - 1;
    TRY(db_query(c, &rows, "SELECT first_day, last_day FROM leave_span WHERE employee_id = $1 AND last_day >= $2 AND first_day <= $3", V(employee_id), V(date_text(year_first, from)), V(date_text(year_last, to))));
    while (rows_next(rows)) {
        Date away, back;
        if (!date_parse(row_text(rows, 0), &away) || !date_parse(row_text(rows, 1), &back)) continue;
        for (int i = 0; i < TARGET_MONTHS; i++) {
            Date first = target_month_first(p->g.year, i, p->g.fiscal_month), last = target_month_first(p->g.year, i + 1, p->g.fiscal_month) - 1;
            int64_t *days = &p->parts[i][row].by[SPLIT_CAPACITY], gone = workday_count(p->calendar, away > first ? away : first, back < last ? back : last);
            *days = *days > gone ? *days - gone : 0;
        }
    }
    return rows_done(rows);
}

/* Salespeople of a unit: all below it but those who lead one. */
static Error *add_people(Ctx *c, Proposal *p, size_t row) {
    struct Person {
        int64_t id;
        Date hired;
    } *list = talloc_array(c->mem, struct Person, PEOPLE_MAX);
    size_t n = 0;
    Rows *rows;
    const Target *t = &p->g.rows[row].t;
    if (t->scope.kind == SCOPE_DIMENSION) return NULL;
    if (t->scope.kind == SCOPE_PERSON) TRY(db_query(c, &rows, "SELECT id, hired_on FROM employee WHERE id = $1", V(t->scope.id)));
    else
        TRY(db_query(c, &rows, "SELECT e.id, e.hired_on FROM unit_above a JOIN employee e ON e.unit_id = a.below_id WHERE a.above_id = $1 AND e.status = 0"
                               " AND NOT EXISTS (SELECT 1 FROM org_unit l WHERE l.leader_id = e.id) ORDER BY e.id", V(t->scope.id)));
    while (rows_next(rows) && n < PEOPLE_MAX) {
        list[n] = (struct Person){row_int(rows, 0), DATE_NONE};
        if (!row_is_null(rows, 1)) (void)date_parse(row_text(rows, 1), &list[n].hired);
        n++;
    }
    TRY(rows_done(rows));
    for (size_t i = 0; i < n; i++) TRY(add_person(c, p, row, list[i].id, list[i].hired));
    return NULL;
}

/* Who leads the unit takes no part of it unless something is set already. */
static Error *is_leader(Ctx *c, const Proposal *p, const Target *t, bool *ret) {
    int64_t leads = 0;
    if (t->scope.kind == SCOPE_PERSON) TRY(db_get_int(c, &leads, "SELECT 1 FROM org_unit WHERE id = $1 AND leader_id = $2", V(p->g.top.id), V(t->scope.id)));
    *ret = leads != 0;
    return NULL;
}

/* ---- what is proposed ---- */

static Error *own_months(Req *r, Proposal *p) {
    int64_t total = 0, pattern[TARGET_MONTHS];
    int n = p->last - p->first + 1;
    Sums sums[TARGET_MONTHS];
    for (int i = 0; i < TARGET_MONTHS; i++) {
        p->own[i] = cell_now(r, p, &p->g.own.t, i);
        if (i >= p->first && i <= p->last && p->own[i] != INT_NONE) total += p->own[i];
    }
    bool new_months = p->total != INT_NONE || p->season;
    if (!new_months) return NULL;
    if (!target_grid_editable(&p->g, &p->g.own, p->first)) return err_denied(&r->c, N_("The target of {1} is set by whoever leads the unit above"), p->g.own.t.name);
    Date last_year = target_month_first(p->g.year - 1, 0, p->g.fiscal_month);
    TRY(metric_series(&r->c, p->g.top, period_of(PERIOD_MONTH, last_year, p->g.fiscal_month), TARGET_MONTHS, p->g.fiscal_month, sums));
    for (int i = 0; i < n; i++) {
        int64_t actual = metric_whole(p->g.m, metric_value(p->g.all, p->g.m, &sums[p->first + i], last_year));
        pattern[i] = p->season && actual != INT_NONE ? actual : 0;
    }
    target_split_season(p->total == INT_NONE ? total : p->total, pattern, n, &p->own[p->first]);
    return NULL;
}

static Error *propose(Req *r, Proposal *p) {
    Ctx *c = &r->c;
    TRY(calendar_get(c, &p->calendar));
    TRY(own_months(r, p));
    for (int i = 0; i < TARGET_MONTHS; i++) p->parts[i] = talloc_zero_array(c->mem, SplitPart, (unsigned)p->g.count + 1);
    for (size_t k = 0; k < p->g.count; k++) {
        const GridRow *row = &p->g.rows[k];
        bool leader = false, locked = is_locked(r, &row->t) || !target_grid_editable(&p->g, row, p->first);
        TRY(is_leader(c, p, &row->t, &leader));
        for (int i = 0; i < TARGET_MONTHS; i++) {
            int64_t now = cell_now(r, p, &row->t, i);
            p->parts[i][k] = (SplitPart){.by = {1}, .locked = locked || leader, .value = now == INT_NONE ? 0 : now};
        }
        TRY(add_history(c, p, k));
        TRY(add_people(c, p, k));
    }
    for (int i = p->first; i <= p->last; i++)
        if (p->own[i] != INT_NONE) p->rest[i] = target_split_month(p->own[i], &p->mix, p->parts[i], (int)p->g.count);
    return NULL;
}

/* ---- the answer ---- */

static Pair *pair(Ctx *c, Pair *next, const Target *t, int month, const char *value) {
    Pair *p = talloc(c->mem, Pair);
    *p = (Pair){next, talloc_asprintf(c->mem, "c.%s.%d", target_key(c, t->scope), month + 1), value};
    return p;
}

static Value cell_json(Ctx *c, const Proposal *p, const Target *t, int month, int64_t n) {
    Value o = value_object(c->mem);
    value_set_text(o, "scope", target_key(c, t->scope));
    value_set_int(o, "month", month + 1);
    value_set(o, "value", metric_json(p->g.m, metric_of_whole(p->g.m, n)));
    return o;
}

static Error *answer(Req *r, Proposal *p) {
    Ctx *c = &r->c;
    Pair *list = NULL;
    Value cells = value_array(c->mem), model = value_object(c->mem);
    int64_t rest = 0;
    for (int i = p->first; i <= p->last; i++) {
        if (p->own[i] == INT_NONE) continue;
        rest += p->rest[i];
        if (p->own[i] != p->g.own.t.months.n[p->g.tier][i]) {
            list = pair(c, list, &p->g.own.t, i, target_cell_typed(c, p->g.m, p->own[i]));
            value_push(cells, cell_json(c, p, &p->g.own.t, i, p->own[i]));
        }
        for (size_t k = 0; k < p->g.count; k++) {
            const SplitPart *part = &p->parts[i][k];
            if (part->locked) continue;
            list = pair(c, list, &p->g.rows[k].t, i, target_cell_typed(c, p->g.m, part->value));
            value_push(cells, cell_json(c, p, &p->g.rows[k].t, i, part->value));
        }
    }
    if (!r->wants_json) return target_grid_answer(r, 200, &p->g, NULL, list ? list : pair(c, NULL, &p->g.own.t, TARGET_MONTHS, ""));
    value_set(model, "cells", cells);
    value_set(model, "rest", metric_json(p->g.m, metric_of_whole(p->g.m, rest)));
    return respond_json(r, 200, model);
}

static Error *split(Req *r) {
    Proposal *p = talloc_zero(r->c.mem, Proposal);
    Error *e = read_request(r, p);
    bool known = p->g.top.id != 0;
    if (!e || known) TRY(target_grid_load(&r->c, &p->g));
    if (!e) e = propose(r, p);
    if (!e) return answer(r, p);
    return known && !r->wants_json && e->status == 422 ? target_grid_answer(r, 422, &p->g, e, NULL) : e;
}

const Route target_split_routes[] = {
    {POST, "/targets/split", ROLE_LEADERS, split, N_("Propose how a target is split; nothing is saved"), 0},
    {0},
};

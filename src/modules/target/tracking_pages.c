/* tracking_pages.c - who is tracked daily and why, the plans, and what changed lately. */
#include "base/i18n.h"
#include "modules/calendar/calendar.h"
#include "modules/org/org.h"
#include "modules/target/target.h"
#include "modules/target/tracking.h"
#include <string.h>
#include <talloc.h>

enum { STATES_SHOWN = 200, PERIODS_SHOWN = 6, DAYS_SHOWN = 5 };

/* Rows s that the reader sees: their own, those of their units. */
#define STATE_VISIBLE_123 "($1 = 1 OR s.employee_id = $2 OR s.unit_id IN (SELECT v.unit_id FROM visible_unit v WHERE v.account_id = $3))"
#define READER(c) V((c)->actor->system || (c)->actor->scope == SCOPE_ALL), V((c)->actor->employee_id), V((c)->actor->account_id)

static const char *percent(Ctx *c, int64_t basis_points) {
    int64_t tenths = 0;
    (void)ratio_scaled(ratio_make(basis_points, 10000), 1000, &tenths);
    return talloc_asprintf(c->mem, "%lld.%lld%%", (long long)tenths / 10, (long long)tenths % 10);
}

static const char *why(Ctx *c, const Metrics *all, bool daily, int64_t metric_id, bool known, int64_t attainment, int64_t periods) {
    const Metric *m = metrics_by_id(all, metric_id);
    Msg text = {.id = daily ? N_("{1} at {2} of target, behind for {3} periods in a row") : N_("{1} at {2} of target, good for {3} periods in a row"),
                .args = {m ? tr(c->lang, m->name) : "—", known ? percent(c, attainment) : "—", talloc_asprintf(c->mem, "%lld", (long long)periods)}};
    return msg_text(c->mem, c->lang, &text);
}

/* ---- one person ---- */

static Error *add_periods(Ctx *c, int64_t plan_id, int64_t employee_id, Value model) {
    static const char *const kinds[] = {"secondary", "danger", "warning", "success"};
    static const char *const words[] = {N_("No target"), N_("Behind"), N_("At risk"), N_("On track")};
    Rows *rows;
    Value list = value_array(c->mem);
    TRY(db_query(c, &rows, "SELECT first_day, last_day, verdict, attainment FROM tracking_period WHERE tracking_plan_id = $1 AND employee_id = $2 ORDER BY first_day DESC LIMIT $3", V(plan_id), V(employee_id), V(PERIODS_SHOWN)));
    while (rows_next(rows)) {
        int64_t verdict = row_int(rows, 2);
        Value o = value_object(c->mem);
        value_set_text(o, "first_day", row_dup(rows, 0));
        value_set_text(o, "last_day", row_dup(rows, 1));
        value_set_text(o, "short", row_dup(rows, 0) + strlen("2026-"));
        value_set_text(o, "kind", kinds[verdict]);
        value_set_text(o, "word", tr(c->lang, words[verdict]));
        value_set_text(o, "text", row_is_null(rows, 3) ? "—" : percent(c, row_int(rows, 3)));
        value_push(list, o);
    }
    value_set(model, "periods", list);
    return rows_done(rows);
}

/* What daily tracking is about: the plan's metrics on the last working days, newest first. */
static Error *add_days(Ctx *c, const Metrics *all, const TrackingPlan *plan, int64_t employee_id, Value model) {
    const WorkCalendar *calendar;
    const Metric *metrics[TRACKING_METRICS];
    int n = tracking_metrics(all, plan, metrics);
    Value list = value_array(c->mem), columns = value_array(c->mem);
    TRY(calendar_get(c, &calendar));
    for (int k = 0; k < n; k++) {
        Value o = value_object(c->mem);
        value_set_text(o, "title", tr(c->lang, metrics[k]->name));
        value_push(columns, o);
    }
    value_set(model, "columns", columns);
    Date day = date_of_instant(c->now);
    if (!workday_is(calendar, day)) day = workday_add(calendar, day, -1);
    for (int i = 0; i < DAYS_SHOWN; i++, day = workday_add(calendar, day, -1)) {
        Sums sums;
        char iso[DATE_TEXT];
        Value o = value_object(c->mem), cells = value_array(c->mem);
        TRY(metric_sums(c, (MetricScope){SCOPE_PERSON, employee_id}, day, day, &sums));
        value_set_text(o, "day", talloc_strdup(c->mem, date_text(day, iso)));
        for (int k = 0; k < n; k++) {
            Value cell = value_object(c->mem);
            value_set_text(cell, "label", tr(c->lang, metrics[k]->name));
            value_set_text(cell, "text", metric_text(c, metrics[k], metric_value(all, metrics[k], &sums, day), false));
            value_push(cells, cell);
        }
        value_set(o, "cells", cells);
        value_push(list, o);
    }
    value_set(model, "days", list);
    return NULL;
}

/* ---- the page ---- */

typedef struct State {
    int64_t plan_id, employee_id, metric_id, attainment, periods;
    const char *name, *unit, *plan, *since, *until;
    bool daily, known;
} State;

static Error *load_states(Ctx *c, bool history, State **ret, size_t *ret_count) {
    Rows *rows;
    *ret = talloc_zero_array(c->mem, State, STATES_SHOWN);
    *ret_count = 0;
    TRY(db_query(c, &rows,
                 "SELECT s.tracking_plan_id, s.employee_id, e.name, u.name, p.name, s.daily, s.since_day, s.until_day, s.metric_id, s.attainment, s.periods FROM tracking_state s"
                 " JOIN employee e ON e.id = s.employee_id JOIN org_unit u ON u.id = e.unit_id JOIN tracking_plan p ON p.id = s.tracking_plan_id WHERE " STATE_VISIBLE_123
                 " AND ($4 = 1 OR (s.until_day IS NULL AND s.daily = 1 AND p.active = 1 AND e.status = 0)) ORDER BY s.since_day DESC, s.id DESC LIMIT $5",
                 READER(c), V(history), V(STATES_SHOWN)));
    while (rows_next(rows))
        (*ret)[(*ret_count)++] = (State){.plan_id = row_int(rows, 0), .employee_id = row_int(rows, 1), .name = row_dup(rows, 2), .unit = row_dup(rows, 3), .plan = row_dup(rows, 4), .daily = row_int(rows, 5) != 0,
                                         .since = row_dup(rows, 6), .until = row_dup(rows, 7), .metric_id = row_int(rows, 8), .known = !row_is_null(rows, 9), .attainment = row_int(rows, 9), .periods = row_int(rows, 10)};
    return rows_done(rows);
}

static Value state_model(Ctx *c, const Metrics *all, const State *s) {
    Value o = value_object(c->mem);
    value_set_int(o, "employee_id", s->employee_id);
    value_set_text(o, "name", s->name);
    value_set_text(o, "href", resource_href(c, &employee_resource, s->employee_id));
    value_set_text(o, "unit", s->unit);
    value_set_text(o, "plan", s->plan);
    value_set_bool(o, "daily", s->daily);
    value_set_text(o, "level", tr(c->lang, s->daily ? N_("Tracked daily") : N_("Tracked as usual")));
    value_set_text(o, "level_kind", s->daily ? "danger" : "success");
    value_set_text(o, "since", s->since);
    value_set_text(o, "until", s->until);
    value_set_text(o, "why", why(c, all, s->daily, s->metric_id, s->known, s->attainment, s->periods));
    return o;
}

static Error *people_model(Ctx *c, const Metrics *all, const TrackingPlan *plans, size_t n, Value *ret) {
    State *states;
    size_t count;
    *ret = value_array(c->mem);
    TRY(load_states(c, false, &states, &count));
    for (size_t i = 0; i < count; i++) {
        Value o = state_model(c, all, &states[i]);
        TRY(add_periods(c, states[i].plan_id, states[i].employee_id, o));
        value_set(o, "columns", value_array(c->mem));
        value_set(o, "days", value_array(c->mem));
        for (size_t k = 0; k < n; k++)
            if (plans[k].id == states[i].plan_id) TRY(add_days(c, all, &plans[k], states[i].employee_id, o));
        value_push(*ret, o);
    }
    return NULL;
}

static Error *plans_model(Ctx *c, const Metrics *all, const TrackingPlan *plans, size_t n, Value *ret) {
    static const char *const cycles[] = {N_("each day"), N_("each week"), N_("each month")};
    *ret = value_array(c->mem);
    for (size_t i = 0; i < n && may(c, tracking_plan_resource.access.read); i++) {
        const Metric *metrics[TRACKING_METRICS];
        int count = tracking_metrics(all, &plans[i], metrics);
        Text *names = text_new(c->mem, 1000);
        bool sees = plans[i].owner_id == c->actor->employee_id;
        if (!sees) TRY(org_sees_unit(c, plans[i].unit_id, &sees));
        if (!sees) continue;
        for (int k = 0; k < count; k++) text_addf(names, "%s%s", k ? " · " : "", tr(c->lang, metrics[k]->name));
        Value o = value_object(c->mem);
        value_set_int(o, "id", plans[i].id);
        value_set_text(o, "name", plans[i].name);
        value_set_text(o, "href", resource_href(c, &tracking_plan_resource, plans[i].id));
        value_set_text(o, "unit", plans[i].unit_name);
        value_set_text(o, "owner", plans[i].owner_name);
        value_set_text(o, "cycle", tr(c->lang, cycles[plans[i].cycle]));
        value_set_text(o, "metrics", names->data);
        value_set(o, "rules", tracking_rules(c, &plans[i]));
        value_push(*ret, o);
    }
    return NULL;
}

static Error *tracking_page(Req *r) {
    Ctx *c = &r->c;
    const Metrics *all;
    TrackingPlan *plans;
    State *states;
    size_t n, count;
    Value model = value_object(c->mem), people, list, history = value_array(c->mem);
    TRY(metrics_get(c, &all));
    TRY(tracking_plans(c, &plans, &n));
    TRY(people_model(c, all, plans, n, &people));
    TRY(plans_model(c, all, plans, n, &list));
    TRY(load_states(c, true, &states, &count));
    for (size_t i = 0; i < count && i < 50; i++) value_push(history, state_model(c, all, &states[i]));
    value_set_text(model, "title", tr(c->lang, N_("Tracking")));
    value_set(model, "people", people);
    value_set_bool(model, "has_people", value_count(people) > 0);
    value_set(model, "plans", list);
    value_set_bool(model, "has_plans", value_count(list) > 0);
    value_set(model, "changes", history);
    value_set_bool(model, "has_changes", value_count(history) > 0);
    value_set_bool(model, "can_create", may(c, tracking_plan_resource.access.create));
    value_set_bool(model, "can_list", may(c, tracking_plan_resource.access.read));
    return respond_view(r, "tracking", model);
}

const Route tracking_routes[] = {
    {GET, "/tracking", ROLE_ANY, tracking_page, N_("Who is tracked daily, and why"), ROUTE_TAGGED},
    {0},
};

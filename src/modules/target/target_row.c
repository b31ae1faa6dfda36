/* target_row.c - a row of the grid as a model: cells of months, quarters and the year, how far it is, and the rows below the line. */
#include "modules/target/target_row.h"
#include "base/i18n.h"
#include <string.h>
#include <talloc.h>

static const char *number(Ctx *c, int64_t n) {
    return talloc_asprintf(c->mem, "%lld", (long long)n);
}

/* ---- columns ---- */

Column target_column(Ctx *c, const Grid *g, int i) {
    Column k = {.month = NO_MONTH, .quarter = NO_MONTH, .name = "year", .title = tr(c->lang, N_("Whole year"))};
    if (!i) return k;
    int quarter = (i - 1) / 4, place = (i - 1) % 4, month = quarter * 3 + place, y, m, d;
    if (place == 3) {
        k.quarter = quarter;
        k.name = talloc_asprintf(c->mem, "q%d", quarter + 1);
        k.title = talloc_asprintf(c->mem, "Q%d", quarter + 1);
        return k;
    }
    date_parts(target_month_first(g->year, month, g->fiscal_month), &y, &m, &d);
    Msg title = {.id = N_("Month {1}"), .args = {number(c, m)}};
    k.month = month;
    k.name = number(c, month + 1);
    k.title = msg_text(c->mem, c->lang, &title);
    return k;
}

static int64_t value_at_column(const Grid *g, const Target *t, const Column *k) {
    if (k->month != NO_MONTH) return t->months.n[g->tier][k->month];
    return k->quarter != NO_MONTH ? target_quarter(g->m, &t->months, g->tier, k->quarter) : target_year(g->m, &t->months, g->tier);
}

/* ---- cells ---- */

static const char *typed_text(const Typed *typed, const char *name) {
    for (const Pair *p = typed->proposed; p; p = p->next)
        if (!strcmp(p->name, name)) return p->value;
    return typed->problem || typed->proposed ? req_form(typed->r, name) : NULL;
}

const char *target_problem_at(const Typed *typed, const char *name) {
    for (const FieldError *f = typed->problem ? typed->problem->fields : NULL; f; f = f->next)
        if (!strcmp(f->field, name)) return msg_text(typed->r->c.mem, typed->r->c.lang, &f->message);
    return NULL;
}

static const char *rate_kind(Ratio rate) {
    if (ratio_why(rate) != RATIO_HAS_VALUE) return "none";
    return ratio_compare(rate, ratio_make(1, 1)) >= 0 ? "ok" : ratio_compare(rate, ratio_make(8, 10)) >= 0 ? "risk" : "behind";
}

const char *target_percent(Ctx *c, Ratio r) {
    char buf[MONEY_TEXT];
    int64_t n;
    return ratio_scaled(r, 10000, &n) ? talloc_asprintf(c->mem, "%s%%", money_grouped(n, buf)) : "—";
}
Value target_percent_json(Ratio r) {
    int64_t n;
    return ratio_scaled(r, 10000, &n) ? value_money(n) : value_null();
}

static void set_actual(Ctx *c, const Grid *g, Value o, Ratio actual, int64_t target) {
    bool known = ratio_why(actual) == RATIO_HAS_VALUE;
    Ratio rate = metric_attainment(g->m, actual, metric_of_whole(g->m, target));
    const char *text = target_cell_text(c, g->m, metric_whole(g->m, actual));
    bool rated = ratio_why(rate) == RATIO_HAS_VALUE;
    value_set(o, "actual", metric_json(g->m, actual));
    value_set(o, "rate", target_percent_json(rate));
    value_set_text(o, "actual_text", known ? text : NULL);
    value_set_text(o, "rate_text", rated ? target_percent(c, rate) : NULL);
    value_set_text(o, "rate_kind", rate_kind(rate));
    value_set_text(o, "below", !known || g->show == SHOW_TARGET ? NULL : g->show == SHOW_ACTUAL ? text : rated ? target_percent(c, rate) : "—");
}

static Value cell_model(Ctx *c, const Grid *g, const GridRow *row, const Column *k, const Typed *typed) {
    Value o = value_object(c->mem);
    int64_t n = value_at_column(g, &row->t, k);
    bool month = k->month != NO_MONTH, edit = month && target_grid_editable(g, row, k->month);
    const char *key = target_key(c, row->t.scope), *name = month ? talloc_asprintf(c->mem, "c.%s.%d", key, k->month + 1) : NULL;
    const char *own = row->t.inherited ? "" : target_cell_typed(c, g->m, n), *text = edit ? typed_text(typed, name) : NULL;
    value_set_text(o, "period", k->name);
    value_set(o, "value", metric_json(g->m, metric_of_whole(g->m, n)));
    value_set_bool(o, "_month", month);
    value_set_text(o, "_name", name);
    value_set_int(o, "_place", k->month);
    value_set_bool(o, "_edit", edit);
    value_set_text(o, "_label", k->title);
    value_set_text(o, "_typed", text ? text : own);
    value_set_text(o, "_hint", row->t.inherited ? target_cell_text(c, g->m, n) : "");
    value_set_text(o, "_error", edit ? target_problem_at(typed, name) : NULL);
    value_set_text(o, "text", target_cell_text(c, g->m, n));
    value_set_bool(o, "_now", month && k->month == g->now_month);
    set_actual(c, g, o, month ? row->actual[k->month] : RATIO_NONE, n);
    return o;
}

/* ---- rows ---- */

static const char *const state_titles[] = {N_("Draft"), N_("In force"), N_("Waiting for approval"), N_("Not taken")};
static const char *const state_codes[] = {"draft", "in_force", "waiting", "refused"};
static const char *const state_kinds[] = {"secondary", "success", "warning", "danger"};

static void set_state(Ctx *c, Value o, const Target *t) {
    bool set = t->id != 0;
    value_set_text(o, "state", set ? state_codes[t->state] : t->inherited ? "inherited" : "unset");
    value_set_bool(o, "_state_said", !set || t->state != TARGET_STATE_FORCE); /* what is in force needs no word */
    value_set_text(o, "_state_title", tr(c->lang, set ? state_titles[t->state] : t->inherited ? N_("Inherited") : N_("Not set")));
    value_set_text(o, "_state_kind", set ? state_kinds[t->state] : "secondary");
}

static const char *row_href(Ctx *c, const Grid *g, const Target *t) {
    const char *id = number(c, t->scope.id);
    if (t->scope.kind == SCOPE_UNIT) return target_grid_href(c, g, "unit_id", id, NULL);
    return t->scope.kind == SCOPE_PERSON ? target_grid_href(c, g, "employee_id", id, "unit_id", NULL, NULL) : target_grid_href(c, g, "dimension_id", id, "dimension", NULL, "unit_id", NULL, NULL);
}

/* What a form is compared with: twelve months and the floor, as they were when the page was made. */
static const char *base_text(Ctx *c, const Grid *g, const Target *t) {
    Text *s = text_new(c->mem, 1000);
    for (int i = 0; i < TARGET_MONTHS; i++) text_addf(s, "%s,", t->inherited ? "" : target_cell_plain(c, g->m, t->months.n[g->tier][i]));
    text_add(s, target_cell_plain(c, g->m, t->floor));
    return s->data;
}

static void set_progress(Ctx *c, const Grid *g, Value o, const GridRow *row) {
    Ratio done = metric_attainment(g->m, row->so_far, metric_of_whole(g->m, target_year(g->m, &row->t.months, g->tier)));
    Ratio ahead = target_is_summed(g->m) && g->of ? ratio_sub(done, ratio_make(g->days, g->of)) : RATIO_NONE;
    int64_t n;
    bool known = ratio_scaled(ahead, 10000, &n);
    value_set(o, "actual", metric_json(g->m, row->so_far));
    value_set_text(o, "actual_text", ratio_why(row->so_far) == RATIO_HAS_VALUE ? target_cell_text(c, g->m, metric_whole(g->m, row->so_far)) : "—");
    value_set(o, "completion", target_percent_json(done));
    value_set_text(o, "completion_text", target_percent(c, done));
    value_set(o, "ahead", target_percent_json(ahead));
    value_set_text(o, "ahead_text", known ? talloc_asprintf(c->mem, "%s%s", n > 0 ? "+" : "", target_percent(c, ahead)) : "—");
    value_set_text(o, "ahead_kind", !known ? "secondary" : n >= 0 ? "success" : n >= -1000 ? "warning" : "danger");
    value_set_text(o, "ahead_title", tr(c->lang, !known ? N_("Unknown") : n >= 0 ? N_("On track") : n >= -1000 ? N_("At risk") : N_("Behind")));
}

Value target_row_model(Ctx *c, const Grid *g, const GridRow *row, bool own, const Typed *typed) {
    static const char *const kinds[] = {"unit", "person", "dimension"};
    Value o = value_object(c->mem), cells = value_array(c->mem);
    const char *key = target_key(c, row->t.scope), *floor = talloc_asprintf(c->mem, "f.%s", key), *typed_floor = typed_text(typed, floor);
    bool edit_floor = target_grid_editable(g, row, TARGET_FLOOR), edit = false;
    for (int i = 0; i < TARGET_MONTHS; i++) edit = edit || target_grid_editable(g, row, i);
    value_set_text(o, "key", key);
    value_set_text(o, "kind", kinds[row->t.scope.kind]);
    value_set_int(o, "id", row->t.scope.id);
    value_set_text(o, "name", row->t.name);
    value_set_text(o, "href", own ? NULL : row_href(c, g, &row->t));
    value_set_bool(o, "_own", own);
    value_set_bool(o, "inherited", row->t.inherited);
    value_set_bool(o, "editable", edit);
    value_set_text(o, "_base", base_text(c, g, &row->t));
    set_state(c, o, &row->t);
    for (int i = 0; i < CELLS; i++) {
        Column k = target_column(c, g, i);
        value_push(cells, cell_model(c, g, row, &k, typed));
    }
    value_set(o, "cells", cells);
    value_set(o, "floor", metric_json(g->m, metric_of_whole(g->m, row->t.floor)));
    value_set_text(o, "_floor_name", edit_floor ? floor : NULL);
    value_set_text(o, "_floor_typed", typed_floor ? typed_floor : target_cell_typed(c, g->m, row->t.floor));
    value_set_text(o, "_floor_text", target_cell_text(c, g->m, row->t.floor));
    value_set_text(o, "_floor_error", target_problem_at(typed, floor));
    set_progress(c, g, o, row);
    return o;
}

Value target_sum_model(Ctx *c, const Grid *g, const Target *t, bool rest) {
    Value o = value_object(c->mem), cells = value_array(c->mem);
    for (int i = 0; i < CELLS; i++) {
        Column k = target_column(c, g, i);
        Value cell = value_object(c->mem);
        int64_t n = value_at_column(g, t, &k);
        value_set_text(cell, "period", k.name);
        value_set(cell, "value", metric_json(g->m, metric_of_whole(g->m, n)));
        value_set_text(cell, "text", target_cell_text(c, g->m, n));
        value_set_text(cell, "_label", k.title);
        value_set_bool(cell, "_month", k.month != NO_MONTH);
        value_set_bool(cell, "_off", rest && n != INT_NONE && n != 0);
        value_push(cells, cell);
    }
    value_set_text(o, "_title", tr(c->lang, rest ? N_("Not split yet") : N_("Sum below")));
    value_set_text(o, "_kind", rest ? "rest" : "sum");
    value_set(o, "cells", cells);
    return o;
}

/* target_page.c - the page around the grid: what is chosen, what may be done here. */
#include "base/i18n.h"
#include "modules/org/org.h"
#include "modules/target/target_row.h"
#include <string.h>
#include <talloc.h>

static const char *number(Ctx *c, int64_t n) {
    return talloc_asprintf(c->mem, "%lld", (long long)n);
}

static void push_choice(Ctx *c, Value list, const char *value, const char *title, bool active, const char *href) {
    Value o = value_object(c->mem);
    value_set_text(o, "value", value);
    value_set_text(o, "title", title);
    value_set_bool(o, "active", active);
    value_set_text(o, "href", href);
    value_push(list, o);
}

static Value metric_choices(Ctx *c, const Grid *g) {
    Value list = value_array(c->mem);
    for (size_t i = 0; i < metrics_count(g->all); i++) {
        const Metric *m = metrics_at(g->all, i);
        if (m->active || m == g->m) push_choice(c, list, m->code, tr(c->lang, m->name), m == g->m, NULL);
    }
    return list;
}

static Value year_choices(Ctx *c, const Grid *g) {
    Value list = value_array(c->mem);
    int64_t now;
    int month;
    target_month_of(date_of_instant(c->now), g->fiscal_month, &now, &month);
    int64_t from = g->year < now - 2 ? g->year : now - 2, to = g->year > now + 1 ? g->year : now + 1;
    for (int64_t y = to; y >= from; y--) push_choice(c, list, number(c, y), number(c, y), y == g->year, NULL);
    return list;
}

static Value code_choices(Ctx *c, const char *const *codes, const char *const *labels, int active) {
    Value list = value_array(c->mem);
    for (int i = 0; codes[i]; i++) push_choice(c, list, codes[i], tr(c->lang, labels[i]), i == active, NULL);
    return list;
}

static void add_switches(Ctx *c, const Grid *g, Value model, bool editor) {
    static const char *const view_codes[] = {"force", "original", "draft"}, *const view_titles[] = {N_("After adjustment"), N_("Original target"), N_("Editing")};
    static const char *const show_codes[] = {"target", "actual", "rate"}, *const show_titles[] = {N_("Target"), N_("Actual"), N_("Attainment")};
    Value views = value_array(c->mem), shows = value_array(c->mem), sides = value_array(c->mem);
    for (int i = 0; i < 3; i++)
        if (i != TARGET_DRAFT || editor) push_choice(c, views, view_codes[i], tr(c->lang, view_titles[i]), !g->revise && (int)g->view == i, target_grid_href(c, g, "view", view_codes[i], "from_month", NULL, NULL));
    for (int i = 0; i < 3; i++) push_choice(c, shows, show_codes[i], tr(c->lang, show_titles[i]), (int)g->show == i, target_grid_href(c, g, "show", show_codes[i], NULL));
    if (c->actor->scope == SCOPE_ALL || c->actor->system) {
        push_choice(c, sides, "units", tr(c->lang, N_("Teams and people")), !g->members, target_grid_href(c, g, "dimension", NULL, "dimension_id", NULL, "from_month", NULL, NULL));
        for (int i = 0; i < DIMENSION_KINDS; i++)
            push_choice(c, sides, target_dimension_codes[i], tr(c->lang, target_dimension_labels[i]), g->members && (int)g->dimension == i,
                        target_grid_href(c, g, "dimension", target_dimension_codes[i], "dimension_id", NULL, "unit_id", NULL, "employee_id", NULL, "from_month", NULL, NULL));
    }
    value_set(model, "_views", views);
    value_set(model, "_shows", shows);
    value_set(model, "_sides", sides);
    value_set_bool(model, "_has_sides", value_count(sides) > 0);
}

/* The way up, as far as the reader sees. */
static Error *add_above(Ctx *c, const Grid *g, Value model) {
    int64_t above = 0;
    const char *name = NULL;
    bool sees = false;
    value_set_text(model, "above_href", NULL);
    value_set_text(model, "_above_name", NULL);
    if (g->top.kind == SCOPE_DIMENSION) {
        value_set_text(model, "above_href", target_grid_href(c, g, "dimension", target_dimension_codes[g->dimension], "dimension_id", NULL, NULL));
        value_set_text(model, "_above_name", tr(c->lang, target_dimension_labels[g->dimension]));
        return NULL;
    }
    if (g->top.kind == SCOPE_UNIT) TRY(db_get_int(c, &above, "SELECT coalesce(parent_id, 0) FROM org_unit WHERE id = $1", V(g->top.id)));
    else TRY(db_get_int(c, &above, "SELECT unit_id FROM employee WHERE id = $1", V(g->top.id)));
    if (above) TRY(org_sees_unit(c, above, &sees));
    if (!sees) return NULL;
    TRY(db_get_text(c, &name, "SELECT name FROM org_unit WHERE id = $1", V(above)));
    value_set_text(model, "above_href", target_grid_href(c, g, "unit_id", number(c, above), "employee_id", NULL, "dimension", NULL, "from_month", NULL, NULL));
    value_set_text(model, "_above_name", name);
    return NULL;
}

static Value columns_model(Ctx *c, const Grid *g) {
    Value list = value_array(c->mem);
    for (int i = 0; i < CELLS; i++) {
        Column k = target_column(c, g, i);
        Value o = value_object(c->mem);
        value_set_text(o, "period", k.name);
        value_set_text(o, "title", k.title);
        value_set_bool(o, "_month", k.month != NO_MONTH);
        value_set_bool(o, "_last", k.month == TARGET_MONTHS - 1);
        value_set_bool(o, "_now", k.month != NO_MONTH && k.month == g->now_month);
        value_push(list, o);
    }
    return list;
}

static void add_about(Ctx *c, const Grid *g, Value model) {
    Msg time = {.id = N_("Time elapsed {1} ({2} of {3} working days)"), .args = {target_percent(c, g->of ? ratio_make(g->days, g->of) : RATIO_NONE), number(c, g->days), number(c, g->of)}};
    Msg unit = {.id = N_("Unit: {1}"), .args = {tr(c->lang, metric_unit_labels[g->m->unit])}};
    value_set_text(model, "title", tr(c->lang, N_("Targets")));
    value_set_text(model, "metric", g->m->code);
    value_set_text(model, "metric_name", tr(c->lang, g->m->name));
    value_set_text(model, "unit", metric_unit_codes[g->m->unit]);
    value_set_text(model, "_unit_text", msg_text(c->mem, c->lang, &unit));
    value_set_bool(model, "summed", target_is_summed(g->m));
    value_set_int(model, "year", g->year);
    value_set_text(model, "tier", target_tier_codes[g->tier]);
    value_set_text(model, "view", g->view == TARGET_IN_FORCE ? "force" : g->view == TARGET_ORIGINAL ? "original" : "draft");
    value_set_text(model, "name", g->own.t.name);
    value_set_text(model, "key", target_key(c, g->top));
    value_set(model, "time_progress", target_percent_json(g->of ? ratio_make(g->days, g->of) : RATIO_NONE));
    value_set_text(model, "_time_text", msg_text(c->mem, c->lang, &time));
    value_set_int(model, "_decimals", target_decimals(g->m));
    value_set_int(model, "_unit_id", g->top.kind == SCOPE_UNIT ? g->top.id : 0);
    value_set_int(model, "_employee_id", g->top.kind == SCOPE_PERSON ? g->top.id : 0);
    value_set_int(model, "_dimension_id", g->top.kind == SCOPE_DIMENSION ? g->top.id : 0);
    value_set_text(model, "_dimension", g->members && g->top.kind == SCOPE_UNIT ? target_dimension_codes[g->dimension] : NULL);
    value_set_text(model, "_show", g->show == SHOW_TARGET ? "target" : g->show == SHOW_ACTUAL ? "actual" : "rate");
    value_set(model, "_metrics", metric_choices(c, g));
    value_set(model, "_years", year_choices(c, g));
    value_set(model, "_tiers", code_choices(c, target_tier_codes, target_tier_labels, (int)g->tier));
}

/* What may be done here: save drafts, publish them, begin or submit a revision. */
static void add_actions(Ctx *c, const Grid *g, Value model, const Typed *typed) {
    bool editor = g->own.may_set, edit = false, drafts = false, in_force = false;
    Value months = value_array(c->mem);
    for (size_t i = 0; i <= g->count; i++) {
        const GridRow *row = i ? &g->rows[i - 1] : &g->own;
        editor = editor || row->may_set;
        for (int k = 0; k < TARGET_MONTHS; k++) edit = edit || target_grid_editable(g, row, k);
        if (row->may_set && row->t.id) drafts = drafts || row->t.state == TARGET_STATE_DRAFT, in_force = in_force || row->t.state == TARGET_STATE_FORCE;
    }
    bool revisable = in_force && !g->revise && g->now_month < TARGET_MONTHS && g->top.kind != SCOPE_PERSON;
    value_set_bool(model, "editable", edit);
    value_set_bool(model, "revising", g->revise);
    value_set_text(model, "_action", g->revise ? "/targets/revisions" : "/targets/cells");
    value_set_bool(model, "_may_split", edit && !g->revise && g->count > 0 && target_is_summed(g->m));
    value_set_bool(model, "_may_season", edit && target_grid_editable(g, &g->own, 0));
    value_set_bool(model, "_people", !g->members);
    value_set_text(model, "publish_href", drafts && g->view == TARGET_DRAFT && g->top.kind == SCOPE_UNIT ? talloc_asprintf(c->mem, "/targets/publish?metric=%s&year=%lld&unit_id=%lld", g->m->code, (long long)g->year, (long long)g->top.id) : NULL);
    value_set_bool(model, "_may_revise", revisable);
    for (int i = g->now_month < 0 ? 0 : g->now_month; revisable && i < TARGET_MONTHS; i++) {
        Column k = target_column(c, g, 1 + i + i / 3);
        push_choice(c, months, number(c, i + 1), k.title, false, NULL);
    }
    value_set(model, "_revise_months", months);
    value_set_int(model, "_from_month", g->from_month + 1);
    value_set_text(model, "_from_title", target_column(c, g, 1 + g->from_month + g->from_month / 3).title);
    value_set_text(model, "_back", target_grid_href(c, g, NULL));
    value_set_text(model, "_leave_href", target_grid_href(c, g, "from_month", NULL, NULL));
    value_set_text(model, "_reason", typed->problem ? req_form(typed->r, "reason") : "");
    value_set_text(model, "_reason_error", target_problem_at(typed, "reason"));
    value_set_bool(model, "_may_import", may(c, ROLE_LEADERS));
    value_set_text(model, "export_href", g->members ? NULL : talloc_asprintf(c->mem, "/targets/sheet.xlsx%s", target_grid_href(c, g, "show", NULL, NULL) + strlen("/targets")));
    add_switches(c, g, model, editor);
}

Error *target_grid_answer(Req *r, int status, const Grid *g, const Error *problem, const Pair *proposed) {
    Ctx *c = &r->c;
    Typed typed = {r, problem, proposed};
    Value model = value_object(c->mem), rows = value_array(c->mem), sums = value_array(c->mem);
    add_about(c, g, model);
    TRY(add_above(c, g, model));
    add_actions(c, g, model, &typed);
    value_set(model, "columns", columns_model(c, g));
    value_set(model, "own", target_row_model(c, g, &g->own, true, &typed));
    for (size_t i = 0; i < g->count; i++) value_push(rows, target_row_model(c, g, &g->rows[i], false, &typed));
    value_set(model, "rows", rows);
    if (target_is_summed(g->m) && g->count) {
        value_set(model, "sum", target_sum_model(c, g, &g->sum, false));
        value_set(model, "rest", target_sum_model(c, g, &g->rest, true));
        value_push(sums, target_sum_model(c, g, &g->sum, false));
        value_push(sums, target_sum_model(c, g, &g->rest, true));
    }
    value_set(model, "_sums", sums);
    value_set_bool(model, "_proposed", proposed != NULL);
    value_set_text(model, "_error", problem ? msg_text(c->mem, c->lang, &problem->message) : NULL);
    TRY(target_smart_panel(c, g, model));
    return respond_view_status(r, status, "targets", model);
}

static Error *page(Req *r) {
    Grid g;
    TRY(target_grid_read(r, false, &g));
    TRY(target_grid_load(&r->c, &g));
    return target_grid_answer(r, 200, &g, NULL, NULL);
}

const Route target_routes[] = {
    {GET, "/targets", ROLE_ANY, page, N_("Targets of a unit, its teams and people, or a dimension"), ROUTE_TAGGED},
    {0},
};

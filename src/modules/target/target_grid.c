/* target_grid.c - which grid is asked for, and what stands in it. */
#include "modules/target/target_grid.h"
#include "modules/calendar/calendar.h"
#include "modules/org/org.h"
#include "modules/target/target_rules.h"
#include <stdarg.h>
#include <string.h>
#include <talloc.h>

const char *const target_tier_codes[] = {"base", "challenge", "excellent", NULL};
const char *const target_tier_labels[] = {N_("Base"), N_("Challenge"), N_("Excellent"), NULL};
const char *const target_dimension_codes[] = {"region", "product", "customer_type", NULL};
const char *const target_dimension_labels[] = {N_("Regions"), N_("Products"), N_("Customer types"), NULL};
static const char *const view_codes[] = {"force", "original", "draft", NULL};
static const char *const show_codes[] = {"target", "actual", "rate", NULL};

int target_code_find(const char *const *codes, const char *code) {
    for (int i = 0; code && codes[i]; i++)
        if (!strcmp(codes[i], code)) return i;
    return -1;
}

/* ---- what is asked for ---- */

static const char *word(const Req *r, bool form, const char *name) {
    const char *s = form ? req_form(r, name) : req_query(r, name);
    return s && *s ? s : NULL;
}

static Error *read_choice(Req *r, bool form, const char *name, const char *const *codes, int otherwise, int *ret) {
    const char *s = word(r, form, name);
    *ret = s ? target_code_find(codes, s) : otherwise;
    return *ret < 0 ? err_bad_request(&r->c, N_("“{1}” is not one of the choices"), s) : NULL;
}

static Error *read_number(Req *r, bool form, const char *name, int64_t *ret) {
    const char *s = word(r, form, name);
    if (s && (!int_parse(s, ret) || *ret <= 0)) return err_bad_request(&r->c, N_("“{1}” is not a number"), s);
    return NULL;
}

static Error *read_metric(Req *r, bool form, Grid *g) {
    const char *s = word(r, form, "metric");
    TRY(metrics_get(&r->c, &g->all));
    g->m = s ? metrics_by_code(g->all, s) : metrics_by_code(g->all, "amount");
    for (size_t i = 0; !s && !g->m && i < metrics_count(g->all); i++)
        if (metrics_at(g->all, i)->active) g->m = metrics_at(g->all, i);
    return g->m ? NULL : err_not_found(&r->c, N_("There is no “{1}”"), s ? s : "");
}

static Error *read_year(Req *r, bool form, Grid *g) {
    int64_t this_year;
    int month;
    g->fiscal_month = metric_fiscal_month(&r->c);
    target_month_of(date_of_instant(r->c.now), g->fiscal_month, &this_year, &month);
    g->year = this_year;
    TRY(read_number(r, form, "year", &g->year));
    if (g->year < this_year - 20 || g->year > this_year + 10) return err_bad_request(&r->c, N_("“{1}” is not a year for targets"), word(r, form, "year"));
    g->now_month = g->year < this_year ? TARGET_MONTHS : g->year > this_year ? -1 : month;
    return NULL;
}

/* Where somebody begins: the own number for a salesperson, the own unit for a leader, the company for who sees all. */
static Error *usual_scope(Ctx *c, MetricScope *ret) {
    bool sees = false;
    *ret = (MetricScope){SCOPE_UNIT, 0};
    if (c->actor->scope == SCOPE_ALL || c->actor->system) return db_get_int(c, &ret->id, "SELECT id FROM org_unit WHERE kind = 0");
    if (c->actor->unit_id) TRY(org_sees_unit(c, c->actor->unit_id, &sees));
    if (sees) ret->id = c->actor->unit_id;
    else if (may(c, ROLE_LEADERS))
        TRY(db_get_int(c, &ret->id, "SELECT v.unit_id FROM visible_unit v JOIN org_unit u ON u.id = v.unit_id WHERE v.account_id = $1 ORDER BY u.kind, u.sort, u.id", V(c->actor->account_id)));
    if (!ret->id) *ret = (MetricScope){SCOPE_PERSON, c->actor->employee_id};
    return ret->id ? NULL : err_conflict(c, N_("Your account is not linked to a person, so it has no targets"));
}

static Error *read_scope(Req *r, bool form, Grid *g) {
    Ctx *c = &r->c;
    int64_t unit = 0, person = 0, member = 0;
    int kind;
    TRY(read_number(r, form, "unit_id", &unit));
    TRY(read_number(r, form, "employee_id", &person));
    TRY(read_number(r, form, "dimension_id", &member));
    TRY(read_choice(r, form, "dimension", target_dimension_codes, DIMENSION_KINDS, &kind));
    g->members = kind < DIMENSION_KINDS || member;
    g->dimension = (DimensionKind)kind;
    if (member) {
        int64_t of = -1;
        TRY(db_get_int(c, &of, "SELECT kind FROM dimension WHERE id = $1", V(member)));
        g->top = (MetricScope){SCOPE_DIMENSION, member};
        g->dimension = (DimensionKind)(of < 0 ? 0 : of);
    } else if (unit || person)
        g->top = person ? (MetricScope){SCOPE_PERSON, person} : (MetricScope){SCOPE_UNIT, unit};
    else
        TRY(usual_scope(c, &g->top));
    if (g->members && c->actor->scope != SCOPE_ALL && !c->actor->system) return err_not_found(c, N_("This page is not there, or not for you"));
    return target_scope_name(c, g->top, &g->own.t.name);
}

Error *target_grid_read(Req *r, bool form, Grid *g) {
    int tier, view, show;
    int64_t from = 0;
    *g = (Grid){0};
    TRY(read_metric(r, form, g));
    TRY(read_year(r, form, g));
    TRY(read_choice(r, form, "tier", target_tier_codes, TIER_BASE, &tier));
    TRY(read_choice(r, form, "view", view_codes, TARGET_DRAFT + 1, &view));
    g->choose_view = view > TARGET_DRAFT;
    TRY(read_choice(r, form, "show", show_codes, SHOW_RATE, &show));
    TRY(read_number(r, form, "from_month", &from));
    g->tier = (TargetTier)tier, g->view = (TargetView)view, g->show = (GridShow)show;
    g->revise = from > 0;
    g->from_month = from > 0 && from <= TARGET_MONTHS ? (int)from - 1 : 0;
    if (g->revise) g->view = TARGET_IN_FORCE, g->choose_view = false;
    return read_scope(r, form, g);
}

/* ---- what stands in it ---- */

static Error *load_actuals(Ctx *c, Grid *g, GridRow *row) {
    Sums sums[TARGET_MONTHS];
    Date first = target_month_first(g->year, 0, g->fiscal_month), last = target_month_first(g->year + 1, 0, g->fiscal_month) - 1, today = date_of_instant(c->now);
    for (int i = 0; i < TARGET_MONTHS; i++) row->actual[i] = RATIO_NONE;
    row->so_far = RATIO_NONE;
    if (g->now_month < 0) return NULL;
    TRY(metric_series(c, row->t.scope, period_of(PERIOD_MONTH, first, g->fiscal_month), TARGET_MONTHS, g->fiscal_month, sums));
    for (int i = 0; i < TARGET_MONTHS && i <= g->now_month; i++) row->actual[i] = metric_value(g->all, g->m, &sums[i], target_month_first(g->year, i + 1, g->fiscal_month) - 1);
    if (today < last) last = today;
    return metric_actual(c, g->all, g->m, row->t.scope, first, last, &row->so_far);
}

static void add(int64_t *sum, int64_t n, int sign) {
    if (n != INT_NONE) *sum = (*sum == INT_NONE ? 0 : *sum) + sign * n;
}

static void add_up(Grid *g) {
    target_clear(&g->sum);
    target_clear(&g->rest);
    if (!target_is_summed(g->m)) return;
    for (int i = 0; i < TARGET_MONTHS; i++) {
        int64_t *sum = &g->sum.months.n[g->tier][i], *rest = &g->rest.months.n[g->tier][i];
        for (size_t k = 0; k < g->count; k++) add(sum, g->rows[k].t.months.n[g->tier][i], 1);
        add(rest, g->own.t.months.n[g->tier][i], 1);
        add(rest, *sum, -1);
    }
}

static Error *load_targets(Ctx *c, Grid *g) {
    const char *name = g->own.t.name;
    Target *list = NULL;
    TRY(target_load(c, g->m, g->year, g->top, g->view, &g->own.t));
    g->own.t.scope = g->top;
    g->own.t.name = name;
    TRY(target_may_set(c, g->top, &g->own.may_set));
    g->count = 0;
    if (g->members && g->top.kind == SCOPE_UNIT) TRY(target_dimension_tops(c, g->m, g->year, g->dimension, g->view, &list, &g->count));
    else if (g->top.kind != SCOPE_PERSON) TRY(target_children(c, g->m, g->year, g->top, g->view, &list, &g->count));
    g->rows = talloc_zero_array(c->mem, GridRow, (unsigned)g->count + 1);
    for (size_t i = 0; i < g->count; i++) {
        g->rows[i].t = list[i];
        TRY(target_may_set(c, list[i].scope, &g->rows[i].may_set));
    }
    return NULL;
}

static bool is_draft(const GridRow *row) {
    return row->may_set && row->t.id && row->t.state == TARGET_STATE_DRAFT;
}

/* Who has drafts, or nothing at all yet, begins with them; everybody else with what is in force. */
static Error *choose_view(Ctx *c, Grid *g) {
    g->view = TARGET_DRAFT;
    TRY(load_targets(c, g));
    bool drafts = is_draft(&g->own), any = g->own.t.id != 0 || g->own.t.inherited, setter = g->own.may_set;
    for (size_t i = 0; i < g->count; i++) drafts = drafts || is_draft(&g->rows[i]), any = any || g->rows[i].t.id, setter = setter || g->rows[i].may_set;
    if (drafts || (setter && !any)) return NULL;
    g->view = TARGET_IN_FORCE;
    return load_targets(c, g);
}

Error *target_grid_load(Ctx *c, Grid *g) {
    const WorkCalendar *calendar;
    Date first = target_month_first(g->year, 0, g->fiscal_month), last = target_month_first(g->year + 1, 0, g->fiscal_month) - 1, today = date_of_instant(c->now);
    TRY(calendar_get(c, &calendar));
    g->of = workday_count(calendar, first, last);
    g->days = workday_count(calendar, first, today < last ? today : last);
    TRY(g->choose_view ? choose_view(c, g) : load_targets(c, g));
    for (size_t i = 0; i < g->count; i++) TRY(load_actuals(c, g, &g->rows[i]));
    TRY(load_actuals(c, g, &g->own));
    add_up(g);
    return NULL;
}

bool target_grid_editable(const Grid *g, const GridRow *row, int month) {
    if (!row->may_set || row->t.state == TARGET_STATE_WAITING) return false;
    bool in_force = row->t.id && row->t.state == TARGET_STATE_FORCE;
    if (g->revise) return month >= g->from_month && month < TARGET_MONTHS && (in_force || !row->t.id);
    return g->view == TARGET_DRAFT && !in_force;
}

/* ---- addresses ---- */

static void put(Text *t, const char *name, const char *value) {
    if (value && *value) text_addf(t, "%s%s=%s", t->len > strlen("/targets") ? "&" : "?", name, value);
}

const char *target_grid_href(Ctx *c, const Grid *g, ...) {
    const char *names[] = {"metric", "year", "tier", "view", "show", "unit_id", "employee_id", "dimension", "dimension_id", "from_month"};
    enum { N = sizeof names / sizeof *names };
    const char *id = talloc_asprintf(c->mem, "%lld", (long long)g->top.id), *values[N] = {
        g->m->code, talloc_asprintf(c->mem, "%lld", (long long)g->year), target_tier_codes[g->tier], g->revise ? NULL : view_codes[g->view],
        g->show == SHOW_RATE ? NULL : show_codes[g->show], g->top.kind == SCOPE_UNIT ? id : NULL, g->top.kind == SCOPE_PERSON ? id : NULL,
        g->members && g->top.kind == SCOPE_UNIT ? target_dimension_codes[g->dimension] : NULL, g->top.kind == SCOPE_DIMENSION ? id : NULL,
        g->revise ? talloc_asprintf(c->mem, "%d", g->from_month + 1) : NULL};
    Text *t = text_new(c->mem, 1000);
    va_list args;
    va_start(args, g);
    for (const char *name; (name = va_arg(args, const char *));) {
        const char *value = va_arg(args, const char *);
        for (int i = 0; i < N; i++)
            if (!strcmp(names[i], name)) values[i] = value;
    }
    va_end(args);
    text_add(t, "/targets");
    for (int i = 0; i < N; i++) put(t, names[i], values[i]);
    return t->data;
}

/* board_scope.c - what a board is about, read from its address, and the frame around every board. */
#include "base/i18n.h"
#include "modules/board/board_private.h"
#include "modules/calendar/calendar.h"
#include "modules/org/org.h"
#include "service/setting.h"
#include <string.h>
#include <talloc.h>

static const char *const kind_codes[] = {"day", "week", "month", "quarter", "half", "year"};
static const char *const kind_titles[] = {N_("Day"), N_("Week"), N_("Month"), N_("Quarter"), N_("Half-year"), N_("Year")};

/* ---- reading the address ---- */

/* A rep sees the own board; a lead the unit led; who sees all, the company. */
static Error *own_scope(Ctx *c, MetricScope *ret) {
    const Actor *a = c->actor;
    *ret = (MetricScope){SCOPE_UNIT, 0};
    if (a->scope == SCOPE_ALL || a->system) return db_get_int(c, &ret->id, "SELECT id FROM org_unit WHERE kind = 0");
    if (a->scope != SCOPE_OWN)
        TRY(db_get_int(c, &ret->id, "SELECT u.id FROM org_unit u JOIN visible_unit v ON v.unit_id = u.id AND v.account_id = $1 WHERE u.leader_id = $2 ORDER BY u.kind, u.id LIMIT 1",
                       V(a->account_id), V(a->employee_id)));
    if (!ret->id) *ret = (MetricScope){SCOPE_PERSON, a->employee_id};
    return NULL;
}

static Error *name_scope(Ctx *c, Board *b) {
    if (!b->scope.id) return err_not_found(c, N_("You have no board yet: your account belongs to nobody in the organisation"));
    TRY(metric_check_scope(c, b->scope));
    Rows *rows;
    if (b->scope.kind == SCOPE_UNIT) TRY(db_one(c, &rows, "SELECT name, coalesce(parent_id, 0) FROM org_unit WHERE id = $1", V(b->scope.id)));
    else TRY(db_one(c, &rows, "SELECT name, unit_id FROM employee WHERE id = $1", V(b->scope.id)));
    if (!rows) return err_not_found(c, N_("This page is not there, or not for you"));
    b->name = row_dup(rows, 0);
    b->parent_unit = row_int(rows, 1);
    TRY(rows_done(rows));
    bool may_go_up = false;
    if (b->parent_unit) TRY(org_sees_unit(c, b->parent_unit, &may_go_up));
    if (!may_go_up) b->parent_unit = 0;
    return NULL;
}

static Error *read_scope(Req *r, Board *b) {
    int64_t unit = 0, person = 0;
    TRY(req_query_int(r, "unit_id", 0, &unit));
    TRY(req_query_int(r, "employee_id", 0, &person));
    if (person) b->scope = (MetricScope){SCOPE_PERSON, person};
    else if (unit) b->scope = (MetricScope){SCOPE_UNIT, unit};
    else TRY(own_scope(&r->c, &b->scope));
    return name_scope(&r->c, b);
}

static Error *set_period(Ctx *c, Board *b, PeriodKind kind, Date at) {
    Date today = date_of_instant(c->now);
    b->fiscal_month = metric_fiscal_month(c);
    b->period = period_of(kind, at, b->fiscal_month);
    b->to = today < b->period.first ? b->period.first : today < b->period.last ? today : b->period.last;
    TRY(calendar_get(c, &b->calendar));
    b->elapsed = pace_elapsed(b->calendar, b->period.first, b->period.last, today);
    return NULL;
}

static Error *set_metric(Ctx *c, Board *b, const char *code) {
    TRY(metrics_get(c, &b->metrics));
    b->metric = metrics_by_code(b->metrics, code ? code : "amount");
    for (size_t i = 0; i < metrics_count(b->metrics) && (!b->metric || !b->metric->active); i++) b->metric = metrics_at(b->metrics, i);
    b->tolerance = (int)setting_int(c, "board.tolerance");
    return b->metric ? NULL : err_not_found(c, N_("There is no metric yet"));
}

Error *board_read(Req *r, Board *b) {
    Ctx *c = &r->c;
    const char *kind = req_query(r, "period"), *view = req_query(r, "targets"), *unit = req_query(r, "unit");
    Date at;
    int k = PERIOD_MONTH;
    *b = (Board){0};
    TRY(read_scope(r, b));
    TRY(req_query_date(r, "at", date_of_instant(c->now), &at));
    for (int i = 0; kind && i <= PERIOD_YEAR; i++)
        if (!strcmp(kind, kind_codes[i])) k = i;
    TRY(set_period(c, b, (PeriodKind)k, at));
    TRY(set_metric(c, b, req_query(r, "metric")));
    b->view = view && !strcmp(view, "original") ? TARGET_ORIGINAL : TARGET_IN_FORCE;
    b->wan = !unit || strcmp(unit, "yuan") != 0;
    return NULL;
}

Error *board_of_month(Ctx *c, MetricScope scope, Date month, const char *metric, Board *b) {
    *b = (Board){.scope = scope, .wan = true};
    if (!scope.id) TRY(own_scope(c, &b->scope));
    TRY(name_scope(c, b));
    TRY(set_period(c, b, PERIOD_MONTH, month));
    TRY(metrics_get(c, &b->metrics));
    if (metric && !metrics_by_code(b->metrics, metric)) return err_field(c, "metric", N_("There is no metric “{1}”"), text_cut(c->mem, metric, 60));
    return set_metric(c, b, metric);
}

Error *board_of_reader(Ctx *c, Board *b) {
    *b = (Board){.wan = true};
    TRY(own_scope(c, &b->scope));
    TRY(name_scope(c, b));
    TRY(set_period(c, b, PERIOD_MONTH, date_of_instant(c->now)));
    return set_metric(c, b, NULL);
}

/* ---- addresses ---- */

const char *board_href(Ctx *c, const Board *b, const char *page, const char *name, const char *value) {
    char at[DATE_TEXT];
    const char *const names[] = {b->scope.kind == SCOPE_PERSON ? "employee_id" : "unit_id", "period", "at", "metric", "targets", "unit"};
    const char *const values[] = {talloc_asprintf(c->mem, "%lld", (long long)b->scope.id), kind_codes[b->period.kind], talloc_strdup(c->mem, date_text(b->period.first, at)),
                                  b->metric->code, b->view == TARGET_ORIGINAL ? "original" : NULL, b->wan ? NULL : "yuan"};
    Text *t = text_new(c->mem, 1000);
    text_add(t, page);
    const char *sign = "?";
    bool scope = name && (!strcmp(name, "unit_id") || !strcmp(name, "employee_id")); /* another scope replaces this one */
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        bool changed = name && !strcmp(names[i], name);
        if (changed || !values[i] || (scope && !i)) continue;
        text_addf(t, "%s%s=%s", sign, names[i], values[i]);
        sign = "&";
    }
    if (name && value) text_addf(t, "%s%s=%s", sign, name, value);
    return t->data;
}

const char *board_scope_href(Ctx *c, const Board *b, MetricScope scope) {
    return board_href(c, b, "/board", scope.kind == SCOPE_PERSON ? "employee_id" : "unit_id", talloc_asprintf(c->mem, "%lld", (long long)scope.id));
}

const char *board_facts_href(Ctx *c, MetricScope scope, Date first, Date last) {
    char from[DATE_TEXT], to[DATE_TEXT];
    return talloc_asprintf(c->mem, "/numbers/facts?%s=%lld&day_from=%s&day_to=%s", scope.kind == SCOPE_PERSON ? "employee_id" : "unit_id", (long long)scope.id, date_text(first, from),
                           date_text(last, to));
}

/* ---- the frame ---- */

static const char *number(Ctx *c, int n) {
    return talloc_asprintf(c->mem, "%d", n);
}

const char *board_period_text(Ctx *c, const Board *b, Period p) {
    int year, month, day;
    char first[DATE_TEXT], last[DATE_TEXT];
    date_parts(p.first, &year, &month, &day);
    Msg msg;
    int64_t fiscal_year;
    int at;
    target_month_of(p.first, b->fiscal_month, &fiscal_year, &at);
    const char *fiscal = number(c, (int)fiscal_year);
    switch (p.kind) {
    case PERIOD_WEEK: {
        const char *from = talloc_strdup(c->mem, date_text(p.first, first) + 5), *to = talloc_strdup(c->mem, date_text(p.last, last) + 5);
        msg = (Msg){.id = N_("Week {1} {2}–{3}"), .args = {number(c, date_iso_week(p.first).week), from, to}};
        break;
    }
    case PERIOD_MONTH: msg = (Msg){.id = N_("Month {2} of {1}"), .args = {number(c, year), number(c, month)}}; break;
    case PERIOD_QUARTER: msg = (Msg){.id = N_("Quarter {2} of {1}"), .args = {fiscal, number(c, at / 3 + 1)}}; break;
    case PERIOD_HALF: msg = (Msg){.id = N_("Half-year {2} of {1}"), .args = {fiscal, number(c, at / 6 + 1)}}; break;
    case PERIOD_YEAR: msg = (Msg){.id = N_("Year {1}"), .args = {fiscal}}; break;
    default: return talloc_strdup(c->mem, date_text(p.first, first));
    }
    return msg_text(c->mem, c->lang, &msg);
}

static void push_link(Ctx *c, Value list, const char *title, const char *href, bool active) {
    Value o = value_object(c->mem);
    value_set_text(o, "title", title);
    value_set_text(o, "href", href);
    value_set_bool(o, "active", active);
    value_push(list, o);
}

static void add_steps(Ctx *c, const Board *b, const char *page, Value model) {
    char at[DATE_TEXT];
    Value kinds = value_array(c->mem);
    for (int k = PERIOD_WEEK; k <= PERIOD_YEAR; k++) push_link(c, kinds, tr(c->lang, kind_titles[k]), board_href(c, b, page, "period", kind_codes[k]), (int)b->period.kind == k);
    value_set(model, "periods", kinds);
    value_set_text(model, "period_text", board_period_text(c, b, b->period));
    Period before = period_add(b->period, -1, b->fiscal_month), after = period_add(b->period, 1, b->fiscal_month);
    value_set_text(model, "prev_href", board_href(c, b, page, "at", talloc_strdup(c->mem, date_text(before.first, at))));
    bool future = after.first > date_of_instant(c->now);
    value_set(model, "next_href", future ? value_null() : value_text(board_href(c, b, page, "at", talloc_strdup(c->mem, date_text(after.first, at)))));
}

static void add_choosers(Ctx *c, const Board *b, const char *page, Value model) {
    Value metrics = value_array(c->mem), exports = value_array(c->mem);
    for (size_t i = 0; i < metrics_count(b->metrics); i++) {
        const Metric *m = metrics_at(b->metrics, i);
        if (m->active) push_link(c, metrics, tr(c->lang, m->name), board_href(c, b, page, "metric", m->code), m == b->metric);
    }
    value_set(model, "metrics", metrics);
    value_set_text(model, "metric", b->metric->code);
    value_set_text(model, "metric_name", tr(c->lang, b->metric->name));
    push_link(c, exports, "XLSX", board_href(c, b, page, "format", "xlsx"), false);
    push_link(c, exports, "PDF", board_href(c, b, page, "format", "pdf"), false);
    value_set(model, "exports", exports);
    const char *href = board_href(c, b, page, "at", NULL);
    Text *order = text_new(c->mem, 1000);
    text_add(order, "/sheets/schedules/new?href=");
    for (; *href; href++) *href == '&' ? text_add(order, "%26") : *href == '?' ? text_add(order, "%3F") : *href == '=' ? text_add(order, "%3D") : text_add_char(order, *href);
    value_set_text(model, "schedule_href", order->data);
    value_set(model, "targets_href", value_text(board_href(c, b, page, "targets", b->view == TARGET_ORIGINAL ? NULL : "original")));
    value_set_bool(model, "original", b->view == TARGET_ORIGINAL);
    value_set(model, "unit_href", value_text(board_href(c, b, page, "unit", b->wan ? "yuan" : NULL)));
    value_set_bool(model, "wan", b->wan);
}

Error *board_frame(Req *r, const Board *b, const char *page, Value model) {
    Ctx *c = &r->c;
    add_steps(c, b, page, model);
    add_choosers(c, b, page, model);
    value_set_text(model, "name", b->name);
    value_set(model, "wall_href", value_null());
    value_set(model, "import_href", value_null());
    value_set_bool(model, "is_person", b->scope.kind == SCOPE_PERSON);
    const char *up = b->parent_unit ? board_href(c, b, page, "unit_id", talloc_asprintf(c->mem, "%lld", (long long)b->parent_unit)) : NULL;
    value_set(model, "up_href", up ? value_text(up) : value_null());
    value_set_text(model, "facts_href", board_facts_href(c, b->scope, b->period.first, b->to));
    return NULL;
}

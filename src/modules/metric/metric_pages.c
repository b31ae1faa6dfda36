/* metric_pages.c - GET /numbers/series: one metric of a unit, a person or a dimension, month by month. */
#include "base/i18n.h"
#include "modules/metric/metric_private.h"
#include "modules/org/org.h"
#include <string.h>
#include <talloc.h>

enum { MAX_MONTHS = 36, USUAL_MONTHS = 12 };

/* "2017-03"; absent: so that the present month is the last. */
static Error *first_month(Req *r, int64_t months, Date *ret) {
    const char *text = req_query(r, "from");
    if (!text || !*text) {
        Date today = date_of_instant(r->c.now);
        *ret = date_add_months(period_of(PERIOD_MONTH, today, 1).first, 1 - (int)months);
        return NULL;
    }
    if (strlen(text) == 7 && date_parse(talloc_asprintf(r->c.mem, "%s-01", text), ret) && *ret >= date_make(1970, 1, 1)) return NULL;
    return err_bad_request(&r->c, N_("“{1}” is not a month such as 2026-01"), text);
}

/* Exactly one of the three ids; none: the company for who sees all, else the reader. */
static Error *read_scope(Req *r, MetricScope *ret, const Resource **ret_of) {
    static const struct {
        const char *name;
        ScopeKind kind;
        const Resource *of;
    } kinds[] = {{"unit_id", SCOPE_UNIT, &org_unit_resource}, {"employee_id", SCOPE_PERSON, &employee_resource}, {"dimension_id", SCOPE_DIMENSION, &dimension_resource}};
    Ctx *c = &r->c;
    *ret = (MetricScope){0};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        int64_t id;
        TRY(req_query_int(r, kinds[i].name, 0, &id));
        if (id && ret->id) return err_bad_request(c, N_("Name one of unit_id, employee_id and dimension_id"));
        if (id) *ret = (MetricScope){kinds[i].kind, id}, *ret_of = kinds[i].of;
    }
    if (ret->id) return NULL;
    bool all = c->actor->scope == SCOPE_ALL;
    *ret = (MetricScope){all ? SCOPE_UNIT : SCOPE_PERSON, c->actor->employee_id};
    *ret_of = all ? &org_unit_resource : &employee_resource;
    if (all) TRY(db_get_int(c, &ret->id, "SELECT id FROM org_unit WHERE kind = 0"));
    return ret->id ? NULL : err_not_found(c, N_("This page is not there, or not for you"));
}

static Value metric_options(Ctx *c, const Metrics *all, const Metric *chosen) {
    Value list = value_array(c->mem);
    for (size_t i = 0; i < metrics_count(all); i++) {
        const Metric *m = metrics_at(all, i);
        if (!m->active) continue;
        Value o = value_object(c->mem);
        value_set_text(o, "value", m->code);
        value_set_text(o, "title", tr(c->lang, m->name));
        value_set_bool(o, "selected", m == chosen);
        value_push(list, o);
    }
    return list;
}

static Value month_model(Ctx *c, const Metrics *all, const Metric *m, const Sums *sums, Date first) {
    char text[16];
    Value o = value_object(c->mem);
    Period p = period_of(PERIOD_MONTH, first, 1);
    Ratio value = metric_value(all, m, sums, p.last);
    value_set_text(o, "month", talloc_strdup(c->mem, period_text(p, 1, text)));
    value_set(o, "value", metric_json(m, value));
    value_set_text(o, "text", metric_text(c, m, value, false));
    value_set_int(o, "facts", sums->facts);
    return o;
}

static Error *series_page(Req *r) {
    Ctx *c = &r->c;
    const Metrics *all;
    const Resource *of = NULL;
    const char *code = req_query(r, "metric");
    MetricScope scope;
    int64_t months;
    Date from;
    void *row;
    Value model = value_object(c->mem), list = value_array(c->mem);
    TRY(metrics_get(c, &all));
    TRY(req_query_int(r, "months", USUAL_MONTHS, &months));
    if (months < 1 || months > MAX_MONTHS) return err_bad_request(c, N_("Ask for 1 to {1} months"), "36");
    TRY(first_month(r, months, &from));
    const Metric *m = metrics_by_code(all, code && *code ? code : "amount");
    if (!m) return err_not_found(c, N_("There is no metric “{1}”"), code);
    TRY(read_scope(r, &scope, &of));
    TRY(metric_check_scope(c, scope));
    TRY(resource_load(c, of, scope.id, &row));
    Sums *sums = talloc_zero_array(c->mem, Sums, (unsigned)months);
    TRY(metric_series(c, scope, period_of(PERIOD_MONTH, from, 1), (int)months, 1, sums));
    for (int i = 0; i < months; i++) value_push(list, month_model(c, all, m, &sums[i], date_add_months(from, i)));
    char month[16];
    value_set_text(model, "title", tr(c->lang, m->name));
    value_set_text(model, "of", resource_row_title(c, of, row));
    value_set_text(model, "of_href", resource_href(c, of, scope.id));
    value_set_text(model, "metric", m->code);
    value_set_text(model, "unit", tr(c->lang, metric_unit_labels[m->unit]));
    value_set(model, "metrics", metric_options(c, all, m));
    value_set_text(model, "scope_name", scope.kind == SCOPE_UNIT ? "unit_id" : scope.kind == SCOPE_PERSON ? "employee_id" : "dimension_id");
    value_set_int(model, "scope_id", scope.id);
    value_set_text(model, "from", talloc_strdup(c->mem, period_text(period_of(PERIOD_MONTH, from, 1), 1, month)));
    value_set_int(model, "months", months);
    value_set(model, "series", list);
    return respond_view(r, "metric_series", model);
}

const Route metric_routes[] = {
    {GET, "/numbers/series", ROLE_ANY, series_page, N_("A metric month by month: unit_id, employee_id or dimension_id; metric, from=YYYY-MM, months"), 0},
    {0},
};

/* metric_value.c - values that people enter by hand, with what they are based on: a level of a unit or a person, or a person's number of a counted metric,
 * which becomes a fact and is summed like any other. */
#include "base/i18n.h"
#include "modules/metric/metric_private.h"
#include "modules/metric/roll.h"
#include "modules/org/org.h"
#include <string.h>
#include <talloc.h>

enum { MAY_ENTER = ROLE_MANAGER | ROLE_TRAINER | ROLE_FINANCE | ROLE_ADMIN, METRIC_ID_MAX = 1023 };
#define VALUE_MAX INT64_C(1000000000000000)
#define PERCENT_MAX 100000 /* 1,000 %: more is a slip of the pen */

static const char *const state_codes[] = {"in_force", "void", NULL};
static const char *const state_labels[] = {N_("In force"), N_("Void"), NULL};
static const char *const state_badges[] = {"success", "secondary", NULL};
#define ALSO(...) .aliases = (const char *const[]){__VA_ARGS__, NULL}

static const Field fields[] = {
    REF_(MetricValue, metric_id, metric_name, N_("Metric"), &metric_resource, .flags = REQUIRED | IN_LIST | PRIMARY | FILTER | SORT | CREATE_ONLY, ALSO("指标名称"),
         .help = N_("One that is not summed, or a counted one that no daily report asks for")),
    DATE_(MetricValue, month, N_("Calendar month"), .flags = REQUIRED | IN_LIST | FILTER | SORT | CREATE_ONLY, ALSO("月", "统计月份", "Month"), .help = N_("Any day of the month")),
    REF_(MetricValue, employee_id, employee_name, N_("Person"), &employee_resource, .flags = IN_LIST | FILTER | CREATE_ONLY, ALSO("姓名", "工号"), .help = N_("Of a person's value; empty for a unit's")),
    REF_(MetricValue, unit_id, unit_name, N_("Unit"), &org_unit_resource, .flags = IN_LIST | FILTER | CREATE_ONLY, ALSO("团队", "部门"), .help = N_("Of a unit's value; a person's takes the person's team")),
    MONEY_(MetricValue, value, N_("Value"), .flags = REQUIRED | IN_LIST | SORT, .min = -VALUE_MAX, .max = VALUE_MAX, .unit = N_("in its unit"), ALSO("实际值", "数值"),
           .help = N_("In yuan, percent (95 for 95 %) or pieces, as the metric is counted")),
    ENUM_(MetricValue, unit, N_("Counted in"), .flags = IN_LIST | READONLY | NO_COLUMN, .codes = metric_unit_codes, .labels = metric_unit_labels, .sql = "(SELECT m.unit FROM metric m WHERE m.id = t.metric_id)"),
    LONGTEXT_(MetricValue, evidence, N_("Evidence"), .flags = REQUIRED | IN_LIST | SEARCH, .max = 1000, ALSO("依据", "数据来源"), .help = N_("What the value is based on, such as “Finance's table of payments, October 2026”")),
    ENUM_(MetricValue, state, N_("State"), .flags = IN_LIST | FILTER | READONLY, .codes = state_codes, .labels = state_labels, .badges = state_badges),
    DATE_(MetricValue, entered_day, N_("Day of the entry"), .flags = INTERNAL),
    {.kind = F_END},
};

static bool is_counted(const Metric *m) {
    return m->rollup == ROLLUP_SUM || m->rollup == ROLLUP_MAX;
}

static Date last_day(Date month) {
    return date_add_months(month, 1) - 1;
}

static int64_t make_id(const void *row) {
    const MetricValue *v = row;
    bool known = v->metric_id > 0 && v->metric_id <= METRIC_ID_MAX && (v->employee_id || v->unit_id) && v->month >= 0 && v->month <= roll_day_max();
    if (!known) return 0;
    return v->employee_id ? metric_value_id(SCOPE_PERSON, v->employee_id, roll_month(v->month), v->metric_id) : metric_value_id(SCOPE_UNIT, v->unit_id, roll_month(v->month), v->metric_id);
}

static void defaults(Ctx *c, void *row) {
    ((MetricValue *)row)->month = period_of(PERIOD_MONTH, date_of_instant(c->now), 1).first;
}

static Error *team_of(Ctx *c, int64_t employee_id, Date day, int64_t *ret) {
    TRY(org_unit_of(c, employee_id, day, ret));
    return *ret ? NULL : db_get_int(c, ret, "SELECT unit_id FROM employee WHERE id = $1", V(employee_id));
}

/* A void value that is entered again is in force again. */
static Error *prepare(Ctx *c, const void *old, void *row) {
    MetricValue *v = row;
    const MetricValue *was = old;
    const Metrics *all;
    if (was) { /* found by metric, whose and month: a form that says them again leaves the person's team empty */
        if (was->state == METRIC_VALUE_VOID) v->state = METRIC_VALUE_IN_FORCE;
        v->month = was->month, v->unit_id = was->unit_id, v->entered_day = was->entered_day;
        return NULL;
    }
    if (v->month == DATE_NONE) return NULL;
    v->month = period_of(PERIOD_MONTH, v->month, 1).first;
    TRY(metrics_get(c, &all));
    const Metric *m = metrics_by_id(all, v->metric_id);
    Date today = date_of_instant(c->now), last = last_day(v->month);
    if (m && is_counted(m)) v->entered_day = last < today ? last : today;
    if (!v->employee_id || v->unit_id) return NULL;
    return team_of(c, v->employee_id, last, &v->unit_id);
}

/* ---- rules ---- */

static Error *check_scope(Ctx *c, const MetricValue *v, Error **errors) {
    int64_t team = 0;
    if (!v->employee_id && !v->unit_id) err_add_field(c, errors, "employee_id", N_("Choose the person or the unit"));
    if (!v->employee_id) return NULL;
    TRY(team_of(c, v->employee_id, last_day(v->month), &team));
    if (team != v->unit_id) err_add_field(c, errors, "unit_id", N_("Choose a person or a unit, not both"));
    return NULL;
}

static void check_month(Ctx *c, const MetricValue *v, Error **errors) {
    if (v->month < 0 || v->month > roll_day_max()) err_add_field(c, errors, "month", N_("This is not a month such as 2026-01"));
    else if (v->month > date_of_instant(c->now)) err_add_field(c, errors, "month", N_("This month has not begun"));
}

static void check_metric(Ctx *c, const Metric *m, const MetricValue *v, Error **errors) {
    if (!m || v->metric_id > METRIC_ID_MAX) err_add_field(c, errors, "metric_id", N_("Choose the metric"));
    else if (!m->active) err_add_field(c, errors, "metric_id", N_("This metric is out of use"));
    else if (m->rollup == ROLLUP_RATIO) err_add_field(c, errors, "metric_id", N_("This metric is computed by its formula; nobody enters it"));
    else if (m->in_report) err_add_field(c, errors, "metric_id", N_("The daily report asks for this metric; correct the report instead"));
    else if (is_counted(m) && !v->employee_id && v->unit_id) err_add_field(c, errors, "unit_id", N_("A unit's value is the sum of its people's: enter it for each person"));
}

/* Profit and growth may be negative; what is counted may not. */
static void check_value(Ctx *c, const Metric *m, const MetricValue *v, Error **errors) {
    bool amount = m->unit == UNIT_YUAN || m->unit == UNIT_PERCENT;
    if (v->value < 0 && (is_counted(m) || !amount)) err_add_field(c, errors, "value", N_("This is below 0"));
    if (!amount && v->value % 100) err_add_field(c, errors, "value", N_("Write a whole number"));
    if (m->unit == UNIT_PERCENT && (v->value > PERCENT_MAX || v->value < -10000)) err_add_field(c, errors, "value", N_("Between -100 % and 1,000 % is plausible; write 95 for 95 %"));
}

static Error *validate(Ctx *c, const void *old, const void *row) {
    const MetricValue *v = row, *was = old;
    const Metrics *all;
    Error *errors = NULL;
    if (v->state == METRIC_VALUE_VOID) return NULL; /* what should not be there may always be taken back */
    check_month(c, v, &errors);
    if (errors) return errors;
    TRY(metrics_get(c, &all));
    const Metric *m = metrics_by_id(all, v->metric_id);
    if (!was) TRY(check_scope(c, v, &errors));
    check_metric(c, m, v, &errors);
    if (m && m->rollup != ROLLUP_RATIO) check_value(c, m, v, &errors);
    return errors;
}

/* What names the row is compared with the stored one: the month by its first day, and a person's team only if it is another. A form begins with the present
 * month, a sheet must say which; and its cells of 95 % are often 0.95 shown as percent, which must not become 0.95 %. */
static Error *import_row(Ctx *c, const Field *all, size_t n, bool *given, void *row) {
    MetricValue *v = row;
    const Field *unit = field_find(all, n, "unit_id");
    const Metrics *metrics;
    int64_t team = 0;
    if (v->month == DATE_NONE) return err_field(c, "month", N_("This is required"));
    TRY(metrics_get(c, &metrics));
    const Metric *m = metrics_by_id(metrics, v->metric_id);
    if (m && m->unit == UNIT_PERCENT && v->value > 0 && v->value <= 100) return err_field(c, "value", N_("Write 95 for 95 %: a cell that shows 95 % may hold 0.95. At most 1 % is entered in the form"));
    v->month = period_of(PERIOD_MONTH, v->month, 1).first;
    if (!v->employee_id || !unit) return NULL;
    if (v->unit_id) TRY(team_of(c, v->employee_id, last_day(v->month), &team));
    if (team == v->unit_id) given[unit - all] = false;
    return NULL;
}

/* ---- facts ---- */

/* What is counted stands among the facts as long as it is in force. The day stays that of the first entry, so that a correction finds the fact. */
static Error *after_save(Ctx *c, const void *old, const void *row) {
    const MetricValue *v = row;
    const Metrics *all;
    Fact fact;
    (void)old;
    TRY(metrics_get(c, &all));
    const Metric *m = metrics_by_id(all, v->metric_id);
    if (!m || m->slot <= 0 || v->entered_day == DATE_NONE) return NULL;
    fact_init(&fact);
    fact.employee_id = v->employee_id, fact.day = v->entered_day, fact.source = FACT_MANUAL, fact.source_id = v->id;
    if (v->state == METRIC_VALUE_IN_FORCE) fact.n[m->slot - 1] = m->unit == UNIT_YUAN ? v->value : v->value / 100;
    return fact_replace(c, &fact);
}

Error *metric_value_recredit(Ctx *c, int64_t employee_id, Date from) {
    char text[DATE_TEXT];
    Rows *rows;
    Date month;
    Date first = period_of(PERIOD_MONTH, from < 0 ? 0 : from, 1).first;
    int64_t team, *ids = NULL;
    Date *months = NULL;
    size_t n = 0;
    TRY(db_query(c, &rows, "SELECT id, month FROM metric_value WHERE id >= $1 AND id < $2 AND month >= $3 ORDER BY id", V(metric_value_id(SCOPE_PERSON, employee_id, 0, 0)),
                 V(metric_value_id(SCOPE_PERSON, employee_id + 1, 0, 0)), V(date_text(first, text))));
    while (rows_next(rows)) {
        if (!date_parse(row_text(rows, 1), &month)) continue;
        if (!(n & (n - 1))) ids = talloc_realloc(c->mem, ids, int64_t, n ? (unsigned)n * 2 : 1), months = talloc_realloc(c->mem, months, Date, n ? (unsigned)n * 2 : 1);
        ids[n] = row_int(rows, 0), months[n++] = month;
    }
    TRY(rows_done(rows));
    for (size_t i = 0; i < n; i++) {
        TRY(team_of(c, employee_id, last_day(months[i]), &team));
        TRY(db_exec(c, "UPDATE metric_value SET unit_id = $2 WHERE id = $1 AND unit_id <> $2", V(ids[i]), V(team)));
    }
    return NULL;
}

void metric_value_describe_fact(Ctx *c, const Fact *fact, Value model) {
    if (fact->source == FACT_MANUAL) detail_add_link(c, model, N_("The value entered by hand"), resource_href(c, &metric_value_resource, fact->source_id), "edit");
}

static Error *describe(Ctx *c, const void *row, Value model) {
    const MetricValue *v = row;
    char day[DATE_TEXT];
    if (v->entered_day == DATE_NONE) return NULL;
    date_text(v->entered_day, day);
    detail_add_link(c, model, N_("Entries behind the numbers"), talloc_asprintf(c->mem, "%s?employee_id=%lld&day_from=%s&day_to=%s", fact_resource.path, (long long)v->employee_id, day, day), "database");
    return NULL;
}

/* ---- taking back ---- */

static bool may_void(Ctx *c, const void *row) {
    (void)c;
    return ((const MetricValue *)row)->state == METRIC_VALUE_IN_FORCE;
}

static Error *take_back(Ctx *c, void *row, const char *reason) {
    (void)c, (void)reason;
    ((MetricValue *)row)->state = METRIC_VALUE_VOID;
    return NULL;
}

static const Action actions[] = {
    {.name = "void", .title = N_("Declare void"), .icon = "trash", .roles = MAY_ENTER, .run = take_back, .offered = may_void, .bulk = true, .danger = true,
     .done = N_("Void; it counts nowhere any more"), .confirm = N_("Declare this value void? It then counts nowhere, and can be entered again.")},
    {0},
};

const Resource metric_value_resource = {
    .table = "metric_value", .path = "/numbers/values", .title = N_("Values entered by hand"), .one = N_("Value entered by hand"), .icon = "edit", .size = sizeof(MetricValue), .fields = fields,
    .access = {.read = ROLE_ANY, .create = MAY_ENTER, .update = MAY_ENTER}, .scope_owner = "employee_id", .scope_unit = "unit_id", .order = "-month", .actions = actions, .importable = true,
    .defaults = defaults, .prepare = prepare, .validate = validate, .after_save = after_save, .import_row = import_row, .make_id = make_id, .describe = describe,
    .empty_hint = N_("Enter what no report counts, such as the month's collection rate or who is ready for promotion, and what it is based on."),
};

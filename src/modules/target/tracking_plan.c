/* tracking_plan.c - which numbers of a unit are followed, how often, and when somebody is followed daily. */
#include "base/i18n.h"
#include "modules/org/org.h"
#include "modules/target/tracking.h"
#include <string.h>
#include <talloc.h>

static const char *const cycle_codes[] = {"day", "week", "month", NULL};
static const char *const cycle_labels[] = {N_("Day"), N_("Week"), N_("Month"), NULL};

static const Field fields[] = {
    TEXT_(TrackingPlan, name, N_("Tracking plan"), .flags = REQUIRED | IN_LIST | PRIMARY | SEARCH, .max = 60),
    REF_(TrackingPlan, unit_id, unit_name, N_("Unit"), &org_unit_resource, .flags = REQUIRED | IN_LIST | FILTER, .help = N_("With all units below; who leads one is left out")),
    REF_(TrackingPlan, owner_id, owner_name, N_("Owner"), &employee_resource, .flags = REQUIRED | IN_LIST | FILTER, .help = N_("Hears of every change, as the person's lead does")),
    ENUM_(TrackingPlan, cycle, N_("Tracking cycle"), .flags = IN_LIST | FILTER, .codes = cycle_codes, .labels = cycle_labels),
    REF_(TrackingPlan, metric1_id, metric1_name, N_("Metric"), &metric_resource, .flags = REQUIRED | IN_LIST),
    REF_(TrackingPlan, metric2_id, metric2_name, N_("Second metric"), &metric_resource, .flags = IN_LIST, .help = N_("The one furthest behind its target decides")),
    REF_(TrackingPlan, metric3_id, metric3_name, N_("Third metric"), &metric_resource),
    REF_(TrackingPlan, metric4_id, metric4_name, N_("Fourth metric"), &metric_resource),
    INT_(TrackingPlan, under, N_("Daily when below"), .flags = REQUIRED | IN_LIST, .min = 1, .max = 200, .unit = N_("% of target")),
    INT_(TrackingPlan, under_periods, N_("for so many periods in a row"), .flags = REQUIRED | IN_LIST, .min = 1, .max = 12, .unit = N_("periods")),
    INT_(TrackingPlan, good, N_("As usual again from"), .flags = REQUIRED | IN_LIST, .min = 1, .max = 200, .unit = N_("% of target")),
    INT_(TrackingPlan, good_periods, N_("reached so many periods in a row"), .flags = REQUIRED | IN_LIST, .min = 1, .max = 12, .unit = N_("periods")),
    DATE_(TrackingPlan, first_day, N_("From"), .flags = IN_LIST, .help = N_("Periods that begin earlier are not judged")),
    BOOL_(TrackingPlan, active, N_("In use"), .flags = IN_LIST | FILTER),
    {.kind = F_END},
};

static void defaults(Ctx *c, void *row) {
    TrackingPlan *p = row;
    p->owner_id = c->actor->employee_id;
    p->owner_name = c->actor->employee_id ? c->actor->name : NULL;
    p->cycle = TRACKING_WEEK;
    p->under = 80, p->under_periods = 2, p->good = 90, p->good_periods = 2;
    p->active = true;
}

static Error *prepare(Ctx *c, const void *old, void *row) {
    TrackingPlan *p = row;
    (void)old;
    if (p->first_day == DATE_NONE) p->first_day = date_of_instant(c->now);
    return NULL;
}

static bool may_edit(Ctx *c, const void *row) {
    const TrackingPlan *p = row;
    bool sees = false;
    return may(c, ROLE_ADMIN) || (!org_sees_unit(c, p->unit_id, &sees) && sees);
}

static Error *validate(Ctx *c, const void *old, const void *row) {
    const TrackingPlan *p = row;
    if ((old && !may_edit(c, old)) || !may_edit(c, p)) return err_denied(c, N_("You can only enter this for yourself or your own team"));
    return p->good < p->under ? err_field(c, "good", N_("This must not be below the line for daily tracking")) : NULL;
}

TrackingRule tracking_rule(const TrackingPlan *p) {
    return (TrackingRule){.under = p->under, .good = p->good, .under_periods = p->under_periods, .good_periods = p->good_periods};
}

int tracking_metrics(const Metrics *all, const TrackingPlan *p, const Metric *ret[static TRACKING_METRICS]) {
    const int64_t ids[TRACKING_METRICS] = {p->metric1_id, p->metric2_id, p->metric3_id, p->metric4_id};
    int n = 0;
    for (int i = 0; i < TRACKING_METRICS; i++) {
        const Metric *m = ids[i] ? metrics_by_id(all, ids[i]) : NULL;
        if (m) ret[n++] = m;
    }
    return n;
}

Value tracking_rules(Ctx *c, const TrackingPlan *p) {
    Value list = value_array(c->mem);
    const Msg texts[] = {
        {.id = N_("below {1}% for {2} periods in a row: daily"), .args = {talloc_asprintf(c->mem, "%lld", (long long)p->under), talloc_asprintf(c->mem, "%lld", (long long)p->under_periods)}},
        {.id = N_("{1}% or more for {2} periods in a row: as usual"), .args = {talloc_asprintf(c->mem, "%lld", (long long)p->good), talloc_asprintf(c->mem, "%lld", (long long)p->good_periods)}},
    };
    for (size_t i = 0; i < 2; i++) {
        Value o = value_object(c->mem);
        value_set_text(o, "text", msg_text(c->mem, c->lang, &texts[i]));
        value_push(list, o);
    }
    return list;
}

Error *tracking_plans(Ctx *c, TrackingPlan **ret, size_t *ret_count) {
    Rows *rows;
    *ret = NULL, *ret_count = 0;
    TRY(db_query(c, &rows, "SELECT p.id, p.name, p.unit_id, u.name, p.owner_id, e.name, p.metric1_id, p.metric2_id, p.metric3_id, p.metric4_id, p.cycle, p.under, p.under_periods, p.good, p.good_periods, p.first_day"
                           " FROM tracking_plan p JOIN org_unit u ON u.id = p.unit_id JOIN employee e ON e.id = p.owner_id WHERE p.active = 1 ORDER BY p.name, p.id"));
    while (rows_next(rows)) {
        if (!(*ret_count & (*ret_count - 1))) *ret = talloc_realloc(c->mem, *ret, TrackingPlan, *ret_count ? (unsigned)*ret_count * 2 : 1);
        TrackingPlan *p = &(*ret)[(*ret_count)++];
        *p = (TrackingPlan){.id = row_int(rows, 0), .name = row_dup(rows, 1), .unit_id = row_int(rows, 2), .unit_name = row_dup(rows, 3), .owner_id = row_int(rows, 4), .owner_name = row_dup(rows, 5),
                            .metric1_id = row_int(rows, 6), .metric2_id = row_int(rows, 7), .metric3_id = row_int(rows, 8), .metric4_id = row_int(rows, 9), .cycle = (int)row_int(rows, 10),
                            .under = row_int(rows, 11), .under_periods = row_int(rows, 12), .good = row_int(rows, 13), .good_periods = row_int(rows, 14), .active = true};
        (void)date_parse(row_text(rows, 15), &p->first_day);
    }
    return rows_done(rows);
}

const Resource tracking_plan_resource = {
    .table = "tracking_plan", .path = "/tracking/plans", .title = N_("Tracking plans"), .one = N_("Tracking plan"), .icon = "clipboard-check", .size = sizeof(TrackingPlan), .fields = fields,
    .access = {.read = ROLE_LEADERS | ROLE_TRAINER, .create = ROLE_LEADERS, .update = ROLE_LEADERS}, .scope_owner = "owner_id", .scope_unit = "unit_id", .order = "name",
    .defaults = defaults, .prepare = prepare, .validate = validate, .may_edit = may_edit,
    .empty_hint = N_("Say which numbers of a team are followed each week, and when somebody is to be followed daily."),
};

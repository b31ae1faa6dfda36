/* key_result.c - how an objective is measured: by a metric, or by a number typed in with its evidence. */
#include "base/i18n.h"
#include "modules/okr/okr_private.h"
#include "modules/org/org.h"
#include <string.h>
#include <talloc.h>

static const char *const source_codes[] = {"metric", "typed", NULL};
static const char *const source_labels[] = {N_("A metric"), N_("Typed in, with evidence"), NULL};
static const char *const whose_codes[] = {"person", "unit", NULL};
static const char *const whose_labels[] = {N_("The responsible person's number"), N_("The unit's number"), NULL};

static const Field fields[] = {
    REF_(KeyResult, objective_id, objective_name, N_("Objective"), &objective_resource, .flags = REQUIRED | IN_LIST | FILTER | CREATE_ONLY),
    TEXT_(KeyResult, title, N_("Key result"), .flags = REQUIRED | IN_LIST | PRIMARY | SEARCH, .max = 120),
    ENUM_(KeyResult, source, N_("Measured by"), .flags = IN_LIST | FILTER, .codes = source_codes, .labels = source_labels),
    REF_(KeyResult, metric_id, metric_name, N_("Metric"), &metric_resource, .flags = IN_LIST | FILTER, .help = N_("Its value over the cycle is read from reports, imports and entered values; nobody types it here")),
    ENUM_(KeyResult, whose, N_("Whose number"), .codes = whose_codes, .labels = whose_labels),
    MONEY_(KeyResult, start_value, N_("Start value"), .flags = REQUIRED, .unit = N_("in its unit"), .help = N_("For what is summed over the cycle, 0")),
    MONEY_(KeyResult, target_value, N_("Target value"), .flags = REQUIRED | IN_LIST, .unit = N_("in its unit"), .help = N_("In yuan, percent or pieces, as the metric is counted")),
    MONEY_(KeyResult, typed_value, N_("Value today"), .unit = N_("in its unit"), .help = N_("Only of what is typed in")),
    TEXT_(KeyResult, unit_name, N_("Counted in"), .max = 20, .help = N_("Only of what is typed in")),
    LONGTEXT_(KeyResult, evidence, N_("Evidence"), .max = 1000, .help = N_("Where a typed number comes from: a survey, a list, a link")),
    INT_(KeyResult, weight, N_("Weight"), .flags = REQUIRED | IN_LIST, .min = 1, .max = 100, .help = N_("In proportion to the other key results")),
    INT_(KeyResult, confidence, N_("Confidence (0–10)"), .flags = READONLY | IN_LIST, .max = 10),
    DATE_(KeyResult, checked_on, N_("Last check-in"), .flags = READONLY | IN_LIST),
    MONEY_(KeyResult, score, N_("Score (0–1)"), .flags = READONLY | IN_LIST, .unit = N_("of 1")),
    TEXT_(KeyResult, score_note, N_("Note on the score"), .flags = READONLY, .max = 500),
    INT_(KeyResult, employee_id, N_("Responsible"), .flags = INTERNAL),
    INT_(KeyResult, unit_id, N_("Unit"), .flags = INTERNAL),
    INT_(KeyResult, shown_to, N_("Shown to"), .flags = INTERNAL),
    {.kind = F_END},
};

static void defaults(Ctx *c, void *row) {
    KeyResult *k = row;
    (void)c;
    k->weight = 1;
    k->start_value = 0;
}

static Error *prepare(Ctx *c, const void *old, void *row) {
    KeyResult *k = row;
    void *found;
    (void)old;
    if (!k->objective_id) return NULL;
    TRY(resource_load(c, &objective_resource, k->objective_id, &found));
    const Objective *o = found;
    k->employee_id = o->employee_id, k->unit_id = o->unit_id, k->shown_to = o->shown_to;
    if (o->level == OBJECTIVE_OF_UNIT && !old) k->whose = KEY_RESULT_OF_UNIT;
    if (k->source == KEY_RESULT_METRIC) k->typed_value = MONEY_NONE, k->unit_name = NULL;
    else k->metric_id = 0;
    if (k->source == KEY_RESULT_TYPED && k->typed_value == MONEY_NONE) k->typed_value = k->start_value;
    return NULL;
}

/* The unit's number may be more than the person sees: whoever binds a key result to it must see it. */
static Error *check_metric(Ctx *c, const KeyResult *was, const KeyResult *k, Error **errors) {
    const Metrics *all;
    TRY(metrics_get(c, &all));
    const Metric *m = k->metric_id ? metrics_by_id(all, k->metric_id) : NULL;
    if (!m) {
        err_add_field(c, errors, "metric_id", N_("Choose the metric"));
        return NULL;
    }
    if (m->direction == 0 && k->target_value < k->start_value) err_add_field(c, errors, "target_value", N_("More is better here: the target lies above the start"));
    if (m->direction == 1 && k->target_value > k->start_value) err_add_field(c, errors, "target_value", N_("Less is better here: the target lies below the start"));
    bool same = was && was->whose == k->whose && was->unit_id == k->unit_id;
    bool sees = true;
    if (k->whose == KEY_RESULT_OF_UNIT && !same) TRY(org_sees_unit(c, k->unit_id, &sees));
    if (!sees) err_add_field(c, errors, "whose", N_("The unit's number is not open to you; measure by your own"));
    return NULL;
}

static Error *validate(Ctx *c, const void *old, const void *row) {
    const KeyResult *k = row, *was = old;
    void *found;
    Error *errors = NULL;
    TRY(resource_load(c, &objective_resource, k->objective_id, &found));
    const Objective *o = found;
    if (!okr_may_edit(c, o->employee_id, o->unit_id)) return err_denied(c, N_("An objective is changed by who answers for it, who leads them, and administrators"));
    if (o->state == OBJECTIVE_CLOSED) return err_conflict(c, N_("This objective is closed"));
    if (k->source == KEY_RESULT_METRIC) TRY(check_metric(c, was, k, &errors));
    if (k->target_value == k->start_value) err_add_field(c, &errors, "target_value", N_("The target equals the start"));
    bool typed_now = k->source == KEY_RESULT_TYPED && k->typed_value != k->start_value && (!was || was->typed_value != k->typed_value);
    if (typed_now && (!k->evidence || !*k->evidence)) err_add_field(c, &errors, "evidence", N_("Say where the number comes from"));
    return errors;
}

static bool may_edit(Ctx *c, const void *row) {
    const KeyResult *k = row;
    int64_t closed = 0;
    Error *e = db_get_int(c, &closed, "SELECT 1 FROM objective WHERE id = $1 AND state = 2", V(k->objective_id));
    return !e && !closed && okr_may_edit(c, k->employee_id, k->unit_id);
}

/* For the history: okr_check_in.c does it. */
static const Action actions[] = {{.name = "check_in", .title = N_("Checked in")}, {.name = "score", .title = N_("Scored")}, {0}};

static Error *describe(Ctx *c, const void *row, Value model) {
    const KeyResult *k = row;
    detail_add_link(c, model, N_("The whole objective"), resource_href(c, &objective_resource, k->objective_id), "target-arrow");
    return NULL;
}

const Resource key_result_resource = {
    .table = "key_result", .path = "/okr/results", .title = N_("Key results"), .one = N_("Key result"), .icon = "list-check", .size = sizeof(KeyResult), .fields = fields,
    .access = {.read = ROLE_ANY, .create = ROLE_ANY, .update = ROLE_ANY}, .scope_owner = "employee_id", .scope_unit = "unit_id", .scope_above = "shown_to", .order = "-objective_id",
    .actions = actions, .defaults = defaults, .prepare = prepare, .validate = validate, .may_edit = may_edit, .describe = describe,
};

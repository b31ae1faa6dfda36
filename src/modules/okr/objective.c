/* objective.c - what a person or a unit wants to reach in a cycle, and what it helps to reach. */
#include "base/i18n.h"
#include "modules/okr/okr_private.h"
#include "modules/org/org.h"
#include <string.h>
#include <talloc.h>

static const char *const level_codes[] = {"person", "unit", NULL};
static const char *const level_labels[] = {N_("A person's"), N_("A unit's"), NULL};
const char *const okr_cycle_codes[] = {"month", "two_months", "quarter", "half", "year", NULL};
const char *const okr_cycle_labels[] = {N_("Month"), N_("Two months"), N_("Quarter"), N_("Half-year"), N_("Year"), NULL};
static const char *const state_codes[] = {"draft", "active", "closed", NULL};
static const char *const state_labels[] = {N_("Draft"), N_("Under way"), N_("Scored and closed"), NULL};
static const char *const state_badges[] = {"secondary", "info", "success", NULL};

static const Field fields[] = {
    TEXT_(Objective, title, N_("Objective"), .flags = REQUIRED | IN_LIST | PRIMARY | SEARCH, .max = 120),
    ENUM_(Objective, level, N_("Whose"), .flags = IN_LIST | FILTER, .codes = level_codes, .labels = level_labels),
    REF_(Objective, employee_id, employee_name, N_("Responsible"), &employee_resource, .flags = REQUIRED | IN_LIST | FILTER | SORT),
    REF_(Objective, unit_id, unit_name, N_("Unit"), &org_unit_resource, .flags = IN_LIST | FILTER, .help = N_("Of a unit's objective; a person's takes the person's unit")),
    ENUM_(Objective, cycle, N_("Cycle"), .flags = IN_LIST | FILTER, .codes = okr_cycle_codes, .labels = okr_cycle_labels),
    DATE_(Objective, first_day, N_("From"), .flags = IN_LIST | SORT | FILTER, .help = N_("Any day of the cycle; it becomes the cycle's first")),
    DATE_(Objective, last_day, N_("To"), .flags = IN_LIST | READONLY),
    REF_(Objective, parent_id, parent_name, N_("Aligned with objective"), &objective_resource, .flags = FILTER, .help = N_("Its cycle must hold this one's")),
    REF_(Objective, parent_key_result_id, parent_key_result_name, N_("Aligned with key result"), &key_result_resource, .help = N_("One of that objective's; may stay empty")),
    ENUM_(Objective, state, N_("State"), .flags = IN_LIST | FILTER | READONLY, .codes = state_codes, .labels = state_labels, .badges = state_badges),
    LONGTEXT_(Objective, note, N_("Why it matters"), .max = 1000),
    INT_(Objective, shown_to, N_("Shown to"), .flags = INTERNAL),
    {.kind = F_END},
};

bool okr_may_edit(Ctx *c, int64_t employee_id, int64_t unit_id) {
    bool sees = false;
    if (may(c, ROLE_ADMIN) || (employee_id && employee_id == c->actor->employee_id)) return true;
    return may(c, ROLE_LEAD | ROLE_MANAGER) && !org_sees_unit(c, unit_id, &sees) && sees;
}

static void defaults(Ctx *c, void *row) {
    Objective *o = row;
    o->employee_id = c->actor->employee_id;
    o->employee_name = c->actor->employee_id ? c->actor->name : NULL;
    o->cycle = OKR_QUARTER;
    o->first_day = okr_cycle(OKR_QUARTER, date_of_instant(c->now), metric_fiscal_month(c)).first;
}

/* A unit's objective is open to everybody in it, the one of who leads a unit to those led; drafts and other people's stay with them and their leaders,
 * because a key result shows its owner's numbers. */
static Error *find_shown_to(Ctx *c, Objective *o) {
    int64_t id = 0;
    o->shown_to = INT_NONE;
    if (o->state == OBJECTIVE_DRAFT) return NULL;
    if (o->level == OBJECTIVE_OF_UNIT) id = o->unit_id;
    else TRY(db_get_int(c, &id, "SELECT u.id FROM org_unit u WHERE u.leader_id = $1 AND u.status = 0"
                                " ORDER BY (SELECT count(*) FROM unit_above a WHERE a.below_id = u.id), u.id LIMIT 1", V(o->employee_id)));
    if (id) o->shown_to = id;
    return NULL;
}

static Error *prepare(Ctx *c, const void *old, void *row) {
    Objective *o = row;
    const Objective *was = old;
    if (!o->employee_id) return NULL;
    if (o->level == OBJECTIVE_OF_PERSON || !o->unit_id) TRY(db_get_int(c, &o->unit_id, "SELECT unit_id FROM employee WHERE id = $1", V(o->employee_id)));
    if (!was || was->cycle != o->cycle || was->first_day != o->first_day) {
        Period p = okr_cycle((OkrCycle)o->cycle, o->first_day == DATE_NONE ? date_of_instant(c->now) : o->first_day, metric_fiscal_month(c));
        o->first_day = p.first, o->last_day = p.last;
    }
    if (was && was->parent_id != o->parent_id && was->parent_key_result_id == o->parent_key_result_id) o->parent_key_result_id = 0; /* it was the old parent's */
    if (o->parent_key_result_id && !o->parent_id) TRY(db_get_int(c, &o->parent_id, "SELECT objective_id FROM key_result WHERE id = $1", V(o->parent_key_result_id)));
    return find_shown_to(c, o);
}

/* A child helps its parent while the parent runs: what is reached after its end, or before it began, cannot. So its cycle lies within the parent's. */
static Error *check_parent(Ctx *c, const Objective *o) {
    void *found;
    int64_t wrong = 0;
    if (!o->parent_id) return NULL;
    Error *e = resource_load(c, &objective_resource, o->parent_id, &found);
    if (e) return e->status == 404 ? err_field(c, "parent_id", N_("There is no such objective, or it is not open to you")) : e;
    const Objective *parent = found;
    TRY(db_get_int(c, &wrong, "WITH RECURSIVE up(id) AS (SELECT o.id FROM objective o WHERE o.id = $1 UNION SELECT o.parent_id FROM up JOIN objective o ON o.id = up.id WHERE o.parent_id IS NOT NULL)"
                              " SELECT 1 FROM up WHERE id = $2", V(parent->id), V(o->id)));
    if (wrong) return err_field(c, "parent_id", N_("An objective cannot be aligned with itself, nor with one below it"));
    if (o->first_day < parent->first_day || o->last_day > parent->last_day) return err_field(c, "parent_id", N_("Its cycle must lie within that of the objective it is aligned with"));
    if (!o->parent_key_result_id) return NULL;
    wrong = 1;
    TRY(db_get_int(c, &wrong, "SELECT 0 FROM key_result WHERE id = $1 AND objective_id = $2", V(o->parent_key_result_id), V(o->parent_id)));
    return wrong ? err_field(c, "parent_key_result_id", N_("This key result belongs to another objective")) : NULL;
}

static Error *check_children(Ctx *c, const Objective *o) {
    int64_t outside = 0;
    char first[DATE_TEXT], last[DATE_TEXT];
    TRY(db_get_int(c, &outside, "SELECT 1 FROM objective WHERE parent_id = $1 AND (first_day < $2 OR last_day > $3)", V(o->id), V(date_text(o->first_day, first)), V(date_text(o->last_day, last))));
    return outside ? err_field(c, "cycle", N_("An objective aligned with this one would then lie outside its cycle")) : NULL;
}

static Error *check_rights(Ctx *c, const Objective *was, const Objective *o) {
    bool sees = false;
    if ((was && !okr_may_edit(c, was->employee_id, was->unit_id)) || !okr_may_edit(c, o->employee_id, o->unit_id))
        return err_denied(c, N_("An objective is changed by who answers for it, who leads them, and administrators"));
    bool same = was && was->level == o->level && was->unit_id == o->unit_id;
    if (o->level != OBJECTIVE_OF_UNIT || same || may(c, ROLE_ADMIN)) return NULL;
    if (may(c, ROLE_LEAD | ROLE_MANAGER)) TRY(org_sees_unit(c, o->unit_id, &sees));
    return sees ? NULL : err_denied(c, N_("A unit's objective is made by who leads the unit"));
}

static Error *validate(Ctx *c, const void *old, const void *row) {
    const Objective *o = row, *was = old;
    TRY(check_rights(c, was, o));
    bool moved = was && (was->first_day != o->first_day || was->last_day != o->last_day);
    if (!was || moved || was->parent_id != o->parent_id || was->parent_key_result_id != o->parent_key_result_id) TRY(check_parent(c, o));
    return moved ? check_children(c, o) : NULL;
}

static Error *after_save(Ctx *c, const void *old, const void *row) {
    const Objective *o = row;
    if (!old) return NULL;
    return db_exec(c, "UPDATE key_result SET employee_id = $2, unit_id = $3, shown_to = $4 WHERE objective_id = $1", V(o->id), V(o->employee_id), V(o->unit_id),
                   o->shown_to == INT_NONE ? param_null() : V(o->shown_to));
}

static bool may_edit(Ctx *c, const void *row) {
    const Objective *o = row;
    return o->state != OBJECTIVE_CLOSED && okr_may_edit(c, o->employee_id, o->unit_id);
}

/* ---- states ---- */

static bool may_start(Ctx *c, const void *row) {
    return ((const Objective *)row)->state == OBJECTIVE_DRAFT && may_edit(c, row);
}
static bool may_reopen(Ctx *c, const void *row) {
    const Objective *o = row;
    return o->state == OBJECTIVE_CLOSED && okr_may_edit(c, o->employee_id, o->unit_id);
}

static Error *start(Ctx *c, void *row, const char *reason) {
    Objective *o = row;
    int64_t results = 0;
    (void)reason;
    TRY(db_get_int(c, &results, "SELECT count(*) FROM key_result WHERE objective_id = $1", V(o->id)));
    if (!results) return err_conflict(c, N_("Add a key result first: it says when the objective is reached"));
    o->state = OBJECTIVE_ACTIVE;
    return NULL;
}
static Error *reopen(Ctx *c, void *row, const char *reason) {
    (void)c, (void)reason;
    ((Objective *)row)->state = OBJECTIVE_ACTIVE;
    return NULL;
}

static const Action actions[] = {
    {.name = "start", .title = N_("Begin"), .icon = "player-play", .roles = ROLE_ANY, .run = start, .offered = may_start, .done = N_("Under way; those concerned see it now")},
    {.name = "reopen", .title = N_("Open again"), .icon = "rotate-clockwise", .roles = ROLE_LEADERS, .run = reopen, .offered = may_reopen, .needs_reason = true},
    {.name = "close", .title = N_("Scored and closed")}, /* for the history: okr_check_in.c does it */
    {0},
};

/* ---- the page ---- */

static Error *describe(Ctx *c, const void *row, Value model) {
    const Objective *o = row;
    ObjectiveNow now;
    Ratio elapsed;
    Value results, ring = value_object(c->mem);
    int64_t hundredths;
    TRY(okr_now(c, o->id, o->first_day, o->last_day, &now));
    TRY(okr_elapsed(c, o->state, o->first_day, o->last_day, &elapsed));
    TRY(okr_results_model(c, o, &now, &results));
    okr_add_progress(c, ring, now.progress, elapsed);
    value_set_text(ring, "label", tr(c->lang, N_("Progress")));
    value_set(model, "progress", ring);
    value_set(model, "score", ratio_scaled(now.score, 100, &hundredths) ? value_money(hundredths) : value_null());
    value_set(model, "key_results", results);
    bool edit = may_edit(c, o);
    value_set_bool(model, "can_edit", edit);
    value_set_bool(model, "can_check_in", edit && o->state == OBJECTIVE_ACTIVE);
    const char *href = resource_href(c, &objective_resource, o->id);
    value_set_text(model, "new_result_href", edit ? talloc_asprintf(c->mem, "%s/results/new", href) : NULL);
    if (o->state != OBJECTIVE_DRAFT) detail_add_link(c, model, N_("Align an objective with it"), talloc_asprintf(c->mem, "%s/aligned/new", href), "hierarchy-2");
    if (edit && o->state == OBJECTIVE_ACTIVE) detail_add_link(c, model, N_("Score and close"), talloc_asprintf(c->mem, "%s/close", href), "flag");
    return okr_tree(c, o, model);
}

const Resource objective_resource = {
    .table = "objective", .path = "/okr/objectives", .title = N_("Objectives"), .one = N_("Objective"), .icon = "target-arrow", .size = sizeof(Objective), .fields = fields,
    .access = {.read = ROLE_ANY, .create = ROLE_ANY, .update = ROLE_ANY}, .scope_owner = "employee_id", .scope_unit = "unit_id", .scope_above = "shown_to", .order = "-first_day",
    .actions = actions, .defaults = defaults, .prepare = prepare, .validate = validate, .after_save = after_save, .may_edit = may_edit, .describe = describe,
    .empty_hint = N_("Write down what you want to reach this quarter, and two to four key results that show it."),
};

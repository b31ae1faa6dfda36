/* key_action.c - a measurable rule for a person or everybody in a unit: so much of a metric in each window. */
#include "modules/target/key_action.h"
#include "base/i18n.h"
#include "modules/calendar/calendar.h"
#include "modules/org/org.h"
#include <string.h>
#include <talloc.h>

static const char *const kind_codes[] = {"number", "invoice_reminder", NULL};
static const char *const kind_labels[] = {N_("A number in each window"), N_("Invoice reminders after signing"), NULL};
static const char *const compare_codes[] = {"at_least", "at_most", "exactly", NULL};
static const char *const compare_labels[] = {N_("at least (≥)"), N_("at most (≤)"), N_("exactly (=)"), NULL};
static const char *const window_codes[] = {"day", "week", "month", "quarter", "workdays", NULL};
static const char *const window_labels[] = {N_("Day"), N_("Week"), N_("Month"), N_("Quarter"), N_("Working days"), NULL};
static const char *const applies_codes[] = {"person", "unit", NULL};
static const char *const applies_labels[] = {N_("One person"), N_("Everybody in a unit"), NULL};

static const Field fields[] = {
    TEXT_(KeyAction, name, N_("Key action"), .flags = REQUIRED | IN_LIST | PRIMARY | SEARCH, .max = 80),
    ENUM_(KeyAction, kind, N_("Checks"), .flags = IN_LIST | FILTER, .codes = kind_codes, .labels = kind_labels, .help = N_("Invoice reminders need only the days after signing and whom it applies to")),
    INT_(KeyAction, within_days, N_("Days after signing"), .min = 1, .max = INVOICE_DAYS_MAX, .help = N_("Only for invoice reminders: calendar days, the last one included; it holds for contracts entered from now on")),
    REF_(KeyAction, metric_id, metric_name, N_("Metric"), &metric_resource, .flags = IN_LIST | FILTER, .help = N_("A summed one, such as follow-ups or leads")),
    ENUM_(KeyAction, compare, N_("Compared"), .flags = IN_LIST, .codes = compare_codes, .labels = compare_labels),
    MONEY_(KeyAction, amount, N_("How much"), .flags = IN_LIST, .unit = N_("in its unit")),
    ENUM_(KeyAction, window_kind, N_("In each"), .flags = IN_LIST | FILTER, .codes = window_codes, .labels = window_labels, .help = N_("Weeks begin on Monday; quarters with the fiscal year")),
    INT_(KeyAction, window_days, N_("How many working days"), .min = 1, .max = KEY_ACTION_WORKDAYS_MAX, .help = N_("Only for windows of working days; they are counted from the first day")),
    ENUM_(KeyAction, applies, N_("Applies to"), .flags = IN_LIST | FILTER, .codes = applies_codes, .labels = applies_labels),
    REF_(KeyAction, employee_id, employee_name, N_("Person"), &employee_resource, .flags = IN_LIST | FILTER),
    REF_(KeyAction, unit_id, unit_name, N_("Unit"), &org_unit_resource, .flags = IN_LIST | FILTER, .help = N_("With all units below; who leads one is left out")),
    REF_(KeyAction, target_metric_id, target_metric_name, N_("Helps the target of"), &metric_resource, .flags = FILTER, .help = N_("The person's target of this metric is shown beside it; may stay empty")),
    DATE_(KeyAction, first_day, N_("From"), .flags = IN_LIST | SORT, .help = N_("Windows that begin earlier do not count; left empty, the present window does")),
    DATE_(KeyAction, last_day, N_("Until"), .flags = IN_LIST),
    LONGTEXT_(KeyAction, note, N_("Note"), .max = 500),
    BOOL_(KeyAction, active, N_("In use"), .flags = IN_LIST | FILTER),
    INT_(KeyAction, shown_to, N_("Shown to"), .flags = INTERNAL),
    {.kind = F_END},
};

static void defaults(Ctx *c, void *row) {
    KeyAction *a = row;
    (void)c;
    a->active = true;
    a->window_kind = KEY_ACTION_WEEK;
}

KeyActionRule key_action_rule(const Metric *m, const KeyAction *a) {
    return (KeyActionRule){.compare = (KeyActionCompare)a->compare, .needed = m->unit == UNIT_YUAN ? a->amount : a->amount / 100, .window = (KeyActionWindow)a->window_kind,
                           .window_days = a->window_days == INT_NONE ? 1 : (int)a->window_days, .first_day = a->first_day, .last_day = a->last_day};
}

const char *key_action_rule_text(Ctx *c, const Metric *m, const KeyAction *a) {
    static const char *const signs[] = {"≥", "≤", "="};
    if (a->kind == KEY_ACTION_INVOICE) {
        Msg within = {.id = N_("Invoice reminder within {1} days of signing"), .args = {talloc_asprintf(c->mem, "%lld", (long long)a->within_days)}};
        return msg_text(c->mem, c->lang, &within);
    }
    KeyActionRule rule = key_action_rule(m, a);
    Msg days = {.id = N_("{1} working days"), .args = {talloc_asprintf(c->mem, "%d", rule.window_days)}};
    const char *each = a->window_kind == KEY_ACTION_WORKDAYS ? msg_text(c->mem, c->lang, &days) : tr(c->lang, window_labels[a->window_kind]);
    return talloc_asprintf(c->mem, "%s %s %s %s / %s", tr(c->lang, m->name), signs[a->compare], metric_text(c, m, metric_of_whole(m, rule.needed), false), tr(c->lang, metric_unit_labels[m->unit]), each);
}

const char *key_action_window_text(Ctx *c, const KeyAction *a, DaySpan window) {
    char first[DATE_TEXT], last[DATE_TEXT];
    date_text(window.first, first), date_text(window.last, last);
    if (window.first == window.last) return talloc_strdup(c->mem, first);
    if (a->window_kind != KEY_ACTION_WEEK) return talloc_asprintf(c->mem, "%s – %s", first, last + 5);
    Msg week = {.id = N_("Week {1} {2}–{3}"), .args = {talloc_asprintf(c->mem, "%d", date_iso_week(window.first).week), first + 5, last + 5}};
    return msg_text(c->mem, c->lang, &week);
}

/* ---- saving ---- */

/* Left empty, the first day is the first of the window that runs now. */
static Error *begin_now(Ctx *c, KeyAction *a) {
    const WorkCalendar *calendar;
    DaySpan now;
    Date today = date_of_instant(c->now);
    KeyActionRule rule = {.window = (KeyActionWindow)a->window_kind, .first_day = date_make(1970, 1, 5), .last_day = DATE_NONE};
    a->first_day = today;
    if (rule.window == KEY_ACTION_WORKDAYS) return NULL;
    TRY(calendar_get(c, &calendar));
    if (key_action_window(&rule, calendar, today, metric_fiscal_month(c), &now)) a->first_day = now.first;
    return NULL;
}

/* Contracts are the number of the daily report that asks for them; their reminders are looked at month by month. */
static Error *prepare_invoice(Ctx *c, KeyAction *a) {
    const Metrics *all;
    TRY(metrics_get(c, &all));
    a->metric_id = 0;
    for (size_t i = 0; i < metrics_count(all) && !a->metric_id; i++)
        if (metrics_at(all, i)->rule == RULE_CONTRACT_NO && metrics_at(all, i)->active) a->metric_id = metrics_at(all, i)->id;
    a->compare = KEY_ACTION_AT_LEAST, a->amount = 0, a->window_kind = KEY_ACTION_MONTH;
    if (a->within_days == INT_NONE) a->within_days = INVOICE_DAYS;
    return a->metric_id ? NULL : err_field(c, "kind", N_("No number of the daily report asks for a contract number"));
}

static Error *prepare(Ctx *c, const void *old, void *row) {
    KeyAction *a = row;
    (void)old;
    if (a->kind == KEY_ACTION_INVOICE) TRY(prepare_invoice(c, a));
    else a->within_days = INT_NONE;
    if (a->first_day == DATE_NONE) TRY(begin_now(c, a));
    if (a->window_kind != KEY_ACTION_WORKDAYS) a->window_days = INT_NONE;
    if (a->applies == KEY_ACTION_EVERYBODY) a->employee_id = 0;
    else if (a->employee_id) TRY(db_get_int(c, &a->unit_id, "SELECT unit_id FROM employee WHERE id = $1", V(a->employee_id)));
    a->shown_to = a->applies == KEY_ACTION_EVERYBODY && a->unit_id ? a->unit_id : INT_NONE;
    return NULL;
}

/* Whoever leads the unit sets its actions; everybody there sees those that apply to all. */
static bool may_edit(Ctx *c, const void *row) {
    const KeyAction *a = row;
    bool sees = false;
    return may(c, ROLE_ADMIN) || (!org_sees_unit(c, a->unit_id, &sees) && sees);
}

static Error *check_number(Ctx *c, const KeyAction *a) {
    const Metrics *all;
    Error *errors = NULL;
    TRY(metrics_get(c, &all));
    const Metric *m = metrics_by_id(all, a->metric_id);
    if (!m || m->rollup != ROLLUP_SUM) return err_field(c, "metric_id", N_("Choose a metric that is summed; others cannot be counted by window"));
    if (a->amount < 0) err_add_field(c, &errors, "amount", N_("This is below 0"));
    if (m->unit != UNIT_YUAN && a->amount % 100) err_add_field(c, &errors, "amount", N_("Write a whole number"));
    if (a->compare == KEY_ACTION_AT_LEAST && !a->amount) err_add_field(c, &errors, "amount", N_("At least 0 is always met"));
    if (a->window_kind == KEY_ACTION_WORKDAYS && a->window_days == INT_NONE) err_add_field(c, &errors, "window_days", N_("This is required"));
    return errors;
}

static Error *validate(Ctx *c, const void *old, const void *row) {
    const KeyAction *a = row;
    Error *errors = NULL;
    if (!a->metric_id) err_add_field(c, &errors, "metric_id", N_("This is required"));
    if (a->amount == MONEY_NONE) err_add_field(c, &errors, "amount", N_("This is required"));
    if (a->applies == KEY_ACTION_ONE && !a->employee_id) err_add_field(c, &errors, "employee_id", N_("Choose the person"));
    if (a->applies == KEY_ACTION_EVERYBODY && !a->unit_id) err_add_field(c, &errors, "unit_id", N_("Choose the unit"));
    if (errors) return errors;
    if ((old && !may_edit(c, old)) || !may_edit(c, a)) return err_denied(c, N_("You can only enter this for yourself or your own team"));
    if (a->kind == KEY_ACTION_NUMBER) TRY(check_number(c, a));
    if (a->last_day != DATE_NONE && a->last_day < a->first_day) err_add_field(c, &errors, "last_day", N_("This is before the first day"));
    return errors;
}

const Resource key_action_resource = {
    .table = "key_action", .path = "/key-actions", .title = N_("Key actions"), .one = N_("Key action"), .icon = "list-check", .size = sizeof(KeyAction), .fields = fields,
    .access = {.read = ROLE_ANY, .create = ROLE_LEADERS, .update = ROLE_LEADERS}, .scope_owner = "employee_id", .scope_unit = "unit_id", .scope_above = "shown_to", .order = "name",
    .defaults = defaults, .prepare = prepare, .validate = validate, .may_edit = may_edit,
    .empty_hint = N_("Say what is to be done each day or week, such as three follow-ups; it checks itself by the reports."),
};

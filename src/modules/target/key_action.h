/* key_action.h - key actions inside the target module: the row, who it applies to, and how it stands. */
#pragma once
#include "modules/target/invoice.h"
#include "modules/metric/metric.h"
#include "modules/module.h"
#include "modules/target/key_action_rules.h"

/* What it checks: so much of a metric in each window, or that invoice reminders are sent in time. */
typedef enum KeyActionKind { KEY_ACTION_NUMBER, KEY_ACTION_INVOICE } KeyActionKind;
typedef enum KeyActionApplies { KEY_ACTION_ONE, KEY_ACTION_EVERYBODY } KeyActionApplies;
typedef struct KeyAction {
    RESOURCE_ROW;
    const char *name, *metric_name, *employee_name, *unit_name, *target_metric_name, *note;
    int64_t metric_id, employee_id, unit_id, shown_to, target_metric_id, window_days, within_days;
    Money amount; /* hundredths of the metric's unit */
    Date first_day, last_day;
    int kind, compare, window_kind, applies;
    bool active;
} KeyAction;

extern const Resource key_action_resource;
extern const Route key_action_routes[];
extern const JobKind target_jobs[];

KeyActionRule key_action_rule(const Metric *m, const KeyAction *a);
/* "≥ 3 pcs / week" */
const char *key_action_rule_text(Ctx *c, const Metric *m, const KeyAction *a);
const char *key_action_window_text(Ctx *c, const KeyAction *a, DaySpan window);

/* ---- key_action_check.c ---- */

/* One person's days with their leave: read once for all actions and windows. */
typedef struct PersonDays {
    int64_t employee_id;
    Date first;
    int count;
    Sums *days; /* by day - first */
    DaySpan *leaves;
    size_t leave_count;
    InvoiceDue *invoices; /* due on the first day or later */
    size_t invoice_count;
} PersonDays;
Error *person_days_load(Ctx *c, int64_t employee_id, Date first, Date last, PersonDays *ret) MUST_USE;

typedef struct KeyActionCheck {
    DaySpan window;
    int64_t needed, actual, missing; /* of KEY_ACTION_INVOICE: contracts due, sent in time, late or open */
    int present;
    KeyActionState state;
} KeyActionCheck;
/* How the window that holds the day stands; false if the action has none then. The window must lie within the person's days. */
Error *key_action_check(Ctx *c, const Metric *m, const KeyAction *a, const PersonDays *p, Date day, KeyActionCheck *ret, bool *ret_has) MUST_USE;

/* Which actions apply to whom, by unit and person: all (0, 0), to one person, to those in a unit and below. In c->mem. */
typedef struct KeyActionPair {
    int64_t action_id, employee_id, unit_id;
    const char *name, *unit_name;
} KeyActionPair;
Error *key_action_pairs(Ctx *c, int64_t employee_id, int64_t unit_id, KeyActionPair **ret, size_t *ret_count) MUST_USE;
Error *key_actions_active(Ctx *c, KeyAction **ret, size_t *ret_count) MUST_USE;
const KeyAction *key_action_find(const KeyAction *list, size_t count, int64_t id);

/* target.h - targets: any metric, a fiscal year of months in three tiers, for a unit, a person or a dimension.
 *
 * The tree is the tree of units with their people at the leaves, and beside it one tree a dimension; each sums to its own parent and is never
 * mixed with another. Months are stored; quarters and years are their sums, or for metrics that are not summed the month's own value. */
#pragma once
#include "modules/metric/metric.h"

enum { TARGET_MONTHS = 12 };
typedef enum TargetTier { TIER_BASE, TIER_CHALLENGE, TIER_EXCELLENT, TARGET_TIERS } TargetTier;

/* Whole numbers in the metric's smallest step (metric_whole); INT_NONE where nothing is set. Month 0 is the first of the fiscal year. */
typedef struct TargetMonths {
    int64_t n[TARGET_TIERS][TARGET_MONTHS];
} TargetMonths;

/* Which version: what is in force, the first one, or what is being edited or waits (else what is in force). */
typedef enum TargetView { TARGET_IN_FORCE, TARGET_ORIGINAL, TARGET_DRAFT } TargetView;
typedef enum TargetState { TARGET_STATE_DRAFT, TARGET_STATE_FORCE, TARGET_STATE_WAITING, TARGET_STATE_REFUSED } TargetState;

typedef struct Target {
    int64_t id;            /* 0: nothing is set */
    int64_t metric_id, year;
    MetricScope scope;
    const char *name;      /* of the unit, person or member; NULL from target_load */
    int64_t floor;         /* INT_NONE if there is none */
    int64_t version_id, seq;
    int state;             /* TargetState of that version */
    bool inherited;        /* the values are those of a unit above: ratios are not summed */
    TargetMonths months;
} Target;

void target_clear(Target *t);

/* The fiscal year (named by the calendar year in which it begins) and month 0..11 of a day, and a month's first day. */
void target_month_of(Date day, int fiscal_month, int64_t *ret_year, int *ret_month);
Date target_month_first(int64_t year, int month, int fiscal_month);

/* One scope's target. What is not summed is inherited from above where nothing is set. *ret has id 0 and no values if there is none. */
Error *target_load(Ctx *c, const Metric *m, int64_t year, MetricScope scope, TargetView view, Target *ret) MUST_USE;
/* What stands directly below: for a unit its units and then its people, for a dimension its members; also those without a target. In c->mem. */
Error *target_children(Ctx *c, const Metric *m, int64_t year, MetricScope parent, TargetView view, Target **ret, size_t *ret_count) MUST_USE;
/* The members at the top of a dimension: they sum to the company's target. */
Error *target_dimension_tops(Ctx *c, const Metric *m, int64_t year, DimensionKind kind, TargetView view, Target **ret, size_t *ret_count) MUST_USE;

/* In a transaction: sets one month of one tier (INT_NONE empties it) in the version being edited: the draft, or the version of the revision. A first
 * value makes the target with a draft. Targets in force are only changed by a revision: 409. Audited. */
Error *target_set(Ctx *c, const Metric *m, int64_t year, MetricScope scope, TargetTier tier, int month, int64_t value) MUST_USE;
/* The same for all months and tiers at once; nothing is written if they are as they were. */
Error *target_set_months(Ctx *c, const Metric *m, int64_t year, MetricScope scope, const TargetMonths *months) MUST_USE;
Error *target_set_floor(Ctx *c, const Metric *m, int64_t year, MetricScope scope, int64_t floor) MUST_USE;
/* In a transaction: a month's base target as a sheet that came back says it. A value that is in force, or stands in the draft, changes nothing. 403 if
 * the actor does not set it; 409 if it is in force (it says where it is changed), or if somebody else has changed the target after `seen`
 * (INSTANT_NONE: does not matter), with both values. */
typedef struct TargetEdit {
    int64_t stored; /* what stood there: in the draft, else in force; INT_NONE */
    bool changed;
} TargetEdit;
Error *target_edit_month(Ctx *c, const Metric *m, MetricScope scope, Date month, int64_t value, Instant seen, TargetEdit *ret) MUST_USE;
/* In a transaction: drafts of the unit and everything below it come into force; the unit's own only if the actor is who sets it. Returns how many. */
Error *target_publish(Ctx *c, const Metric *m, int64_t year, int64_t unit_id, int64_t *ret_count) MUST_USE;

/* In a transaction: a revision of targets in force: changed months from from_month (0..11) on, all decided on at once. Months before it, and months
 * that have ended, are refused (422 on "from_month"). Returns its id. */
typedef struct TargetChange {
    MetricScope scope;
    TargetTier tier;
    int month;
    int64_t value;
} TargetChange;
Error *target_revise(Ctx *c, const Metric *m, int64_t year, int64_t unit_id, int from_month, const char *reason, const TargetChange *changes, size_t count, int64_t *ret_id) MUST_USE;
/* In a transaction: approve (its versions come into force), reject or withdraw. Whoever submitted it cannot approve it, unless an administrator. */
typedef enum TargetDecision { TARGET_APPROVE, TARGET_REJECT, TARGET_WITHDRAW } TargetDecision;
Error *target_decide(Ctx *c, int64_t revision_id, TargetDecision decision, const char *note) MUST_USE;

/* The target for days first..last as a value in the metric's own unit (元 for amounts): whole months in full, parts of a month by working days; what is not
 * summed is the last month's. RATIO_NONE if nothing is set. */
Error *target_for(Ctx *c, const Metric *m, MetricScope scope, Date first, Date last, TargetTier tier, TargetView view, Ratio *ret) MUST_USE;
/* The same for everybody in a unit and below: one row a person who has a target, by employee id. In c->mem. */
typedef struct PersonTarget {
    int64_t employee_id;
    Ratio value;
} PersonTarget;
Error *target_for_people(Ctx *c, const Metric *m, int64_t unit_id, Date first, Date last, TargetTier tier, TargetView view, PersonTarget **ret, size_t *ret_count) MUST_USE;

/* ---- invoice reminders ---- */

/* In a transaction: what a daily report says now of the contracts signed on its day. Makes, corrects and takes back their invoice reminders; those
 * already sent stay. */
typedef struct SignedContracts {
    int64_t report_id, employee_id, unit_id; /* the person's unit of that day */
    Date signed_on;
    Money amount;        /* of all of them together */
    const char *numbers; /* as typed; NULL: the report names none, or does not count any more */
} SignedContracts;
Error *invoice_reminder_follow(Ctx *c, const SignedContracts *s) MUST_USE;
/* How many of the actor's own are due within two days or overdue. */
Error *invoice_reminder_urgent(Ctx *c, int64_t *ret_count) MUST_USE;

/* Sums or repeats months: quarter q (0..3) or the whole year of one tier; INT_NONE if no month is set. */
int64_t target_quarter(const Metric *m, const TargetMonths *months, TargetTier tier, int quarter);
int64_t target_year(const Metric *m, const TargetMonths *months, TargetTier tier);
bool target_is_summed(const Metric *m);

/* What the two nightly jobs do: judges windows of key actions, and periods of tracking plans, that have ended by c->now. Outside a transaction; what is
 * judged already is left as it is. */
Error *target_judge_actions(Ctx *c) MUST_USE;
Error *target_judge_tracking(Ctx *c) MUST_USE;

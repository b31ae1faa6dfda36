/* tracking_judge.c - every day: judges the periods that have ended, and moves people to daily tracking and back. */
#include "base/i18n.h"
#include "modules/calendar/calendar.h"
#include "modules/target/target.h"
#include "modules/target/tracking.h"
#include "service/notify.h"
#include <string.h>
#include <talloc.h>

enum { FOLDED = 120 }; /* periods looked back on for a row of bad or good ones */

typedef struct Person {
    int64_t id, unit_id;
    const char *name;
    bool present;
    TrackingVerdict verdict;
    int64_t metric_id, attainment; /* the one furthest behind; attainment INT_NONE if unknown */
} Person;
typedef struct Judged {
    const TrackingPlan *plan;
    Period period;
    Person *people;
    size_t count;
} Judged;

static PeriodKind kind_of(const TrackingPlan *plan) {
    static const PeriodKind kinds[] = {PERIOD_DAY, PERIOD_WEEK, PERIOD_MONTH};
    return kinds[plan->cycle];
}

/* ---- one period ---- */

static Error *load_people(Ctx *c, Judged *j) {
    Rows *rows;
    TRY(db_query(c, &rows, "SELECT e.id, e.unit_id, e.name FROM unit_above a JOIN employee e ON e.unit_id = a.below_id WHERE a.above_id = $1 AND e.status = 0"
                           " AND NOT EXISTS (SELECT 1 FROM org_unit l WHERE l.leader_id = e.id) ORDER BY e.id", V(j->plan->unit_id)));
    while (rows_next(rows)) {
        if (!(j->count & (j->count - 1))) j->people = talloc_realloc(c->mem, j->people, Person, j->count ? (unsigned)j->count * 2 : 1);
        j->people[j->count++] = (Person){.id = row_int(rows, 0), .unit_id = row_int(rows, 1), .name = row_dup(rows, 2), .present = true, .attainment = INT_NONE};
    }
    return rows_done(rows);
}

/* Both lists are in order of ids. */
static Person *person_of(const Judged *j, int64_t id) {
    size_t from = 0, to = j->count;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (j->people[mid].id < id) from = mid + 1;
        else to = mid;
    }
    return from < j->count && j->people[from].id == id ? &j->people[from] : NULL;
}

/* Who was away on every working day of the period is not judged. */
static Error *load_leave(Ctx *c, Judged *j, const WorkCalendar *calendar) {
    char first[DATE_TEXT], last[DATE_TEXT];
    Rows *rows;
    DaySpan window = {j->period.first, j->period.last};
    int *left = talloc_array(c->mem, int, (unsigned)j->count + 1);
    for (size_t i = 0; i < j->count; i++) left[i] = workday_count(calendar, window.first, window.last);
    TRY(db_query(c, &rows, "SELECT employee_id, first_day, last_day FROM leave_span WHERE first_day <= $2 AND last_day >= $1", V(date_text(window.first, first)), V(date_text(window.last, last))));
    while (rows_next(rows)) {
        Person *p = person_of(j, row_int(rows, 0));
        DaySpan leave;
        if (!p || !date_parse(row_text(rows, 1), &leave.first) || !date_parse(row_text(rows, 2), &leave.last)) continue;
        left[p - j->people] -= workday_count(calendar, window.first, window.last) - key_action_present(calendar, window, &leave, 1);
    }
    for (size_t i = 0; i < j->count; i++) j->people[i].present = left[i] > 0;
    return rows_done(rows);
}

/* Who reported nothing has done nothing: against a target for something that is summed, that is 0. */
static Ratio actual_of(const Metrics *all, const Metric *m, const PersonSums *sums, size_t n, int64_t id, Date day) {
    size_t from = 0, to = n; /* by id */
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (sums[mid].employee_id < id) from = mid + 1;
        else to = mid;
    }
    if (from < n && sums[from].employee_id == id && (sums[from].sums.facts || m->rollup != ROLLUP_SUM)) return metric_value(all, m, &sums[from].sums, day);
    return m->rollup == ROLLUP_SUM ? ratio_make(0, 1) : RATIO_NONE;
}

static Error *judge_people(Ctx *c, const Metrics *all, Judged *j) {
    const Metric *metrics[TRACKING_METRICS];
    TrackingRule rule = tracking_rule(j->plan);
    PersonSums *sums;
    size_t sum_count;
    int n = tracking_metrics(all, j->plan, metrics);
    Ratio(*attained)[TRACKING_METRICS] = talloc_zero_size(c->mem, (j->count + 1) * sizeof *attained); /* zero: no value */
    TRY(metric_people(c, j->plan->unit_id, j->period.first, j->period.last, &sums, &sum_count));
    for (int k = 0; k < n; k++) {
        PersonTarget *targets;
        size_t target_count;
        TRY(target_for_people(c, metrics[k], j->plan->unit_id, j->period.first, j->period.last, TIER_BASE, TARGET_IN_FORCE, &targets, &target_count));
        for (size_t i = 0; i < target_count; i++) {
            Person *p = person_of(j, targets[i].employee_id);
            if (p) attained[p - j->people][k] = metric_attainment(metrics[k], actual_of(all, metrics[k], sums, sum_count, p->id, j->period.last), targets[i].value);
        }
    }
    for (size_t i = 0; i < j->count; i++) {
        Person *p = &j->people[i];
        int worst;
        p->verdict = tracking_judge(&rule, attained[i], (size_t)n, &worst);
        if (!p->present) p->verdict = TRACKING_UNKNOWN, worst = -1;
        if (worst < 0) continue;
        p->metric_id = metrics[worst]->id;
        if (!ratio_scaled(attained[i][worst], 10000, &p->attainment)) p->attainment = INT_NONE;
    }
    return NULL;
}

/* ---- what follows ---- */

typedef struct Standing {
    TrackingState state;
    int64_t row_id; /* of the present tracking_state; 0: never escalated */
} Standing;

static Error *load_standing(Ctx *c, const TrackingPlan *plan, int64_t employee_id, Standing *ret) {
    const char *since = "0000-00-00";
    TrackingRule rule = tracking_rule(plan);
    TrackingVerdict verdicts[FOLDED];
    int n = 0;
    Rows *rows;
    *ret = (Standing){0};
    TRY(db_one(c, &rows, "SELECT id, daily, since_day FROM tracking_state WHERE tracking_plan_id = $1 AND employee_id = $2 AND until_day IS NULL", V(plan->id), V(employee_id)));
    if (rows) {
        ret->row_id = row_int(rows, 0), ret->state.daily = row_int(rows, 1) != 0, since = row_dup(rows, 2);
        TRY(rows_done(rows));
    }
    TRY(db_query(c, &rows, "SELECT verdict FROM tracking_period WHERE tracking_plan_id = $1 AND employee_id = $2 AND first_day >= $3 ORDER BY first_day DESC LIMIT $4", V(plan->id), V(employee_id), V(since), V(FOLDED)));
    while (rows_next(rows)) verdicts[n++] = (TrackingVerdict)row_int(rows, 0);
    while (n-- > 0) {
        bool daily = ret->state.daily;
        (void)tracking_step(&rule, &ret->state, verdicts[n]);
        ret->state.daily = daily; /* what was decided stays decided when the plan's rule changes */
    }
    return rows_done(rows);
}

/* The nearest leader above, who is not the person. */
static Error *tell(Ctx *c, const TrackingPlan *plan, const Person *p, bool daily) {
    int64_t lead = 0;
    Msg message = {.id = daily ? N_("{1} is tracked daily now: {2}") : N_("{1} is tracked as usual again: {2}"), .args = {p->name, plan->name}};
    TRY(db_get_int(c, &lead, "SELECT u.leader_id FROM unit_above a JOIN org_unit u ON u.id = a.above_id WHERE a.below_id = $1 AND u.leader_id IS NOT NULL AND u.leader_id <> $2"
                             " ORDER BY (SELECT count(*) FROM unit_above x WHERE x.below_id = u.id) DESC LIMIT 1", V(p->unit_id), V(p->id)));
    if (lead) TRY(notify_employee(c, lead, "tracking", message, "/tracking"));
    return plan->owner_id == lead ? NULL : notify_employee(c, plan->owner_id, "tracking", message, "/tracking");
}

static Error *change_level(Ctx *c, const Judged *j, const Person *p, const Standing *s, int64_t periods) {
    char since[DATE_TEXT], until[DATE_TEXT];
    Date from = j->period.last + 1;
    if (s->row_id) TRY(db_exec(c, "UPDATE tracking_state SET until_day = $2 WHERE id = $1", V(s->row_id), V(date_text(from - 1, until))));
    TRY(db_exec(c, "INSERT INTO tracking_state(tracking_plan_id, employee_id, unit_id, daily, since_day, metric_id, attainment, periods, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", V(j->plan->id),
                V(p->id), V(p->unit_id), V(s->state.daily), V(date_text(from, since)), V_id(p->metric_id), p->attainment == INT_NONE ? param_null() : V(p->attainment), V(periods), V(c->now)));
    return tell(c, j->plan, p, s->state.daily);
}

static Error *store(Ctx *c, void *arg) {
    const Judged *j = arg;
    TrackingRule rule = tracking_rule(j->plan);
    char first[DATE_TEXT], last[DATE_TEXT];
    date_text(j->period.first, first), date_text(j->period.last, last);
    for (size_t i = 0; i < j->count; i++) {
        const Person *p = &j->people[i];
        Standing s;
        int64_t new = 0;
        TRY(load_standing(c, j->plan, p->id, &s));
        TRY(db_exec_n(c, &new, "INSERT INTO tracking_period(tracking_plan_id, employee_id, first_day, last_day, verdict, metric_id, attainment, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
                               " ON CONFLICT (tracking_plan_id, employee_id, first_day) DO NOTHING",
                      V(j->plan->id), V(p->id), V(first), V(last), V((int)p->verdict), V_id(p->metric_id), p->attainment == INT_NONE ? param_null() : V(p->attainment), V(c->now)));
        int64_t periods = s.state.daily ? j->plan->good_periods : j->plan->under_periods;
        if (new && tracking_step(&rule, &s.state, p->verdict)) TRY(change_level(c, j, p, &s, periods));
    }
    return NULL;
}

/* ---- the job ---- */

static Error *is_judged(Ctx *c, const TrackingPlan *plan, Date first, bool *ret) {
    int64_t found = 0;
    char iso[DATE_TEXT];
    TRY(db_get_int(c, &found, "SELECT 1 FROM tracking_period WHERE tracking_plan_id = $1 AND first_day = $2 LIMIT 1", V(plan->id), V(date_text(first, iso))));
    *ret = found != 0;
    return NULL;
}

static Error *judge_period(Ctx *c, const TrackingPlan *plan, Period period) {
    const Metrics *all;
    const WorkCalendar *calendar;
    Judged j = {.plan = plan, .period = period};
    bool done = false;
    TRY(calendar_get(c, &calendar));
    if (!workday_count(calendar, period.first, period.last)) return NULL;
    TRY(is_judged(c, plan, period.first, &done));
    if (done) return NULL;
    TRY(metrics_get(c, &all));
    TRY(load_people(c, &j));
    TRY(load_leave(c, &j, calendar));
    TRY(judge_people(c, all, &j));
    return j.count ? db_tx(c, store, &j) : NULL;
}

/* Catches up with what was missed while the server was off, oldest first. */
static Error *judge_plan(Ctx *c, const TrackingPlan *plan) {
    static const int back[] = {35, 84, 190};
    Date today = date_of_instant(c->now), from = today - back[plan->cycle] > plan->first_day ? today - back[plan->cycle] : plan->first_day;
    for (Period p = period_of(kind_of(plan), from, 1); p.last < today; p = period_add(p, 1, 1)) {
        if (p.first < plan->first_day) continue;
        Ctx *turn = ctx_child(c);
        Error *e = judge_period(turn, plan, p);
        if (e) e = err_copy(c->mem, e);
        ctx_done(turn);
        TRY(e);
    }
    return NULL;
}

Error *tracking_judge_job(Ctx *c, int64_t arg) {
    TrackingPlan *plans;
    size_t n;
    (void)arg;
    TRY(tracking_plans(c, &plans, &n));
    for (size_t i = 0; i < n; i++) TRY(judge_plan(c, &plans[i]));
    return NULL;
}

Error *target_judge_tracking(Ctx *c) {
    return tracking_judge_job(c, 0);
}

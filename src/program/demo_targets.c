/* demo_targets.c - targets of the last and the present year: people's months add up to teams, regions and the company; one revision was approved, one
 * waits. Amounts are customers signed x 28,000, so that the metrics agree with each other. */
#include "modules/org/org.h"
#include "modules/target/target.h"
#include "program/demo_private.h"
#include <string.h>
#include <talloc.h>

enum { PRICE_YUAN = 28000 };
static const int tier_percent[TARGET_TIERS] = {100, 115, 130};

typedef struct Plan {
    Demo *d;
    const Metrics *all;
    int64_t year, revision;
    int fiscal_month, growth; /* growth: percent of what was usual */
} Plan;

/* How many customers a person is to sign in that month: less in a slow month, and while new. 0: not here then. */
static int64_t customers_of(const Plan *p, const DemoPerson *person, Date month) {
    static const int season[12] = {95, 50, 118, 96, 96, 116, 94, 94, 112, 92, 110, 127};
    int y, m, d;
    date_parts(month, &y, &m, &d);
    int months = (month - person->hired) / 30;
    if (month + 27 < person->hired || person->left != DATE_NONE) return 0;
    int64_t ramp = months >= 9 ? 100 : 40 + (months < 0 ? 0 : months) * 60 / 9, growth = p->growth;
    int64_t n = (INT64_C(34) * person->role->skill * season[m - 1] * ramp * growth / 10000000 + 50) / 100;
    return n < 1 ? 1 : n;
}

static int64_t value_of(const char *code, int64_t customers, int tier) {
    int64_t n = (customers * tier_percent[tier] + 50) / 100;
    if (tier && n <= customers) n = customers + tier;
    if (!strcmp(code, "amount")) return n * PRICE_YUAN * 100;
    return !strcmp(code, "new_customers") ? n * 4 : n;
}

static void add(TargetMonths *sum, const TargetMonths *one) {
    for (int i = 0; i < TARGET_TIERS * TARGET_MONTHS; i++) {
        int64_t *to = &sum->n[i / TARGET_MONTHS][i % TARGET_MONTHS], n = one->n[i / TARGET_MONTHS][i % TARGET_MONTHS];
        if (n != INT_NONE) *to = (*to == INT_NONE ? 0 : *to) + n;
    }
}

static Error *set_summed(Ctx *c, const Plan *p, const char *code) {
    const Metric *m = metrics_by_code(p->all, code);
    int tiers = strcmp(code, "amount") ? 1 : TARGET_TIERS;
    Target none;
    TargetMonths units[DEMO_UNITS];
    target_clear(&none);
    for (int i = 0; i < DEMO_UNITS; i++) units[i] = none.months;
    for (int i = DEMO_FIRST_REP; i < DEMO_PEOPLE; i++) {
        const DemoPerson *person = &p->d->people[i];
        TargetMonths own = none.months;
        bool any = false;
        for (int k = 0; k < TARGET_MONTHS; k++) {
            int64_t customers = customers_of(p, person, target_month_first(p->year, k, p->fiscal_month));
            for (int tier = 0; customers && tier < tiers; tier++) own.n[tier][k] = value_of(code, customers, tier), any = true;
        }
        if (!any) continue;
        TRY(target_set_months(c, m, p->year, (MetricScope){SCOPE_PERSON, person->id}, &own));
        for (DemoUnitNo u = person->role->unit;; u = demo_units[u].parent) {
            add(&units[u], &own);
            if (u == U_COMPANY) break;
        }
    }
    for (int i = 0; i < DEMO_UNITS; i++) TRY(target_set_months(c, m, p->year, (MetricScope){SCOPE_UNIT, p->d->units[i]}, &units[i]));
    return NULL;
}

/* One value for the whole company and every month: it is inherited. */
static Error *set_inherited(Ctx *c, const Plan *p, const char *code, int64_t value, int64_t floor) {
    const Metric *m = metrics_by_code(p->all, code);
    MetricScope company = {SCOPE_UNIT, p->d->units[U_COMPANY]};
    Target t;
    target_clear(&t);
    for (int k = 0; k < TARGET_MONTHS; k++) t.months.n[TIER_BASE][k] = value;
    TRY(target_set_months(c, m, p->year, company, &t.months));
    return floor == INT_NONE ? NULL : target_set_floor(c, m, p->year, company, floor);
}

static Error *set_year(Ctx *c, Plan *p) {
    static const char *const codes[] = {"amount", "new_customers", "customers_signed", "collection_rate", "average_price"};
    for (int i = 0; i < 3; i++) TRY(set_summed(c, p, codes[i]));
    TRY(set_inherited(c, p, "collection_rate", 9500, 9000));
    TRY(set_inherited(c, p, "average_price", PRICE_YUAN * 100, INT_NONE));
    for (int i = 0; i < 5; i++) {
        int64_t n;
        TRY(target_publish(c, metrics_by_code(p->all, codes[i]), p->year, p->d->units[U_COMPANY], &n));
    }
    return NULL;
}

/* ---- revisions ---- */

static Actor actor_of(const DemoPerson *p, uint32_t roles) {
    return (Actor){.account_id = p->account_id, .employee_id = p->id, .roles = roles, .scope = SCOPE_ALL};
}

/* Moves one customer a month from one person to another: the team's target stays. */
static Error *move_target(Ctx *c, Plan *p, const char *lead, const char *from, const char *to, const char *reason) {
    const Metric *m = metrics_by_code(p->all, "amount");
    const DemoPerson *leader = demo_person(p->d, lead), *people[2] = {demo_person(p->d, from), demo_person(p->d, to)};
    TargetChange changes[2 * TARGET_MONTHS];
    Actor actor = actor_of(leader, ROLE_LEAD);
    Ctx as = *c;
    size_t n = 0;
    int month;
    as.actor = &actor;
    target_month_of(date_of_instant(c->now), p->fiscal_month, &p->year, &month);
    for (int i = 0; i < 2; i++) {
        MetricScope scope = {SCOPE_PERSON, people[i]->id};
        Target t;
        TRY(target_load(&as, m, p->year, scope, TARGET_IN_FORCE, &t));
        for (int k = month; k < TARGET_MONTHS; k++) {
            int64_t old = t.months.n[TIER_BASE][k], step = PRICE_YUAN * 100;
            if (old != INT_NONE && old > step) changes[n++] = (TargetChange){scope, TIER_BASE, k, i ? old + step : old - step};
        }
    }
    return target_revise(&as, m, p->year, p->d->units[leader->role->unit], month, reason, changes, n, &p->revision);
}

/* c->now decides from which month on. */
static Error *approved(Ctx *c, Plan *p) {
    Actor admin = actor_of(demo_person(p->d, "周海涛"), ROLE_MANAGER);
    Ctx as = *c;
    TRY(move_target(c, p, "林晓燕", "单晓雯", "李思雨", "单晓雯负责的两家老客户转由李思雨跟进，目标随客户调整。"));
    as.actor = &admin;
    as.now += INT64_C(26) * 3600 * 1000000;
    return target_decide(&as, p->revision, TARGET_APPROVE, "同意，团队目标不变。");
}

Error *demo_make_targets(Ctx *c, void *arg) {
    Plan p = {.d = arg, .fiscal_month = metric_fiscal_month(c)};
    Ctx then = *c, before = *c;
    int64_t year;
    int month;
    TRY(metrics_get(c, &p.all));
    target_month_of(p.d->today, p.fiscal_month, &year, &month);
    before.now = instant_of_day(target_month_first(year - 1, 0, p.fiscal_month), 10, 0);
    for (p.year = year - 1, p.growth = 100; p.year <= year; p.year++, p.growth += 8) TRY(set_year(&before, &p));
    then.now = instant_of_day(workday_add(p.d->calendar, p.d->today - 62, 0), 15, 20);
    TRY(approved(&then, &p));
    return move_target(c, &p, "梁俊杰", "罗天佑", "郭嘉伟", "罗天佑下月起支援展会两周，由郭嘉伟承接其意向客户。");
}

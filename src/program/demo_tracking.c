/* demo_tracking.c - what is to be done each week or month, and who is followed: key actions and tracking plans of the last weeks. Both judge
 * themselves by the reports, so some people have met them and some have not. */
#include "modules/metric/metric.h"
#include "modules/target/target.h"
#include "program/demo_private.h"
#include <talloc.h>

enum { WEEKS = 8 };

static const struct {
    const char *name, *metric, *helps, *window, *days, *person;
    int amount;
    DemoUnitNo unit;
    const char *note;
} actions[] = {
    {"每周跟进意向客户≥12次", "follow_ups", "amount", "week", NULL, NULL, 12, U_EAST, "重点客户每周至少跟进两次，沟通要点写进日报。"},
    {"每周新增客户≥2家", "new_customers", "new_customers", "week", NULL, NULL, 2, U_SHANGHAI_1, "从展会名单和老客户转介绍里找。"},
    {"每月新增潜在客户≥30家", "leads", "customers_signed", "month", NULL, NULL, 30, U_COMPANY, "线索不足时请市场部补充名单。"},
    {"每周客户拜访≥8次", "visits", "amount", "week", NULL, NULL, 8, U_SHENZHEN, "拜访前写清目的，拜访后当天写结果。"},
    {"每10个工作日签约≥2家", "customers_signed", "amount", "workdays", "10", "孙浩然", 2, U_SHANGHAI_1, "与林晓燕约定，每两周一起看一次。"},
};

static const struct {
    const char *name, *owner, *metrics[2];
    DemoUnitNo unit;
    const char *under, *good;
} plans[] = {
    {"上海一部周跟踪", "林晓燕", {"new_customers", NULL}, U_SHANGHAI_1, "50", "80"},
    {"深圳部周跟踪", "梁俊杰", {"new_customers", NULL}, U_SHENZHEN, "50", "80"},
};

static const char *metric_id(Ctx *c, const Metrics *all, const char *code) {
    const Metric *m = code ? metrics_by_code(all, code) : NULL;
    return m ? demo_number(c, m->id) : NULL;
}

static Date first_monday(const Demo *d) {
    return period_of(PERIOD_WEEK, d->today, 1).first - 7 * WEEKS;
}

static Error *make_actions(Ctx *c, Demo *d, const Metrics *all) {
    Date monday = first_monday(d), month = period_of(PERIOD_MONTH, monday, 1).first;
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        const DemoPerson *person = actions[i].person ? demo_person(d, actions[i].person) : NULL;
        Actor a = demo_actor(&d->people[d->leaders[actions[i].unit]]);
        Ctx as = *c;
        as.actor = &a;
        TRY(demo_add_row(&as, resource_by_table("key_action"), NULL, "name", actions[i].name, "metric_id", metric_id(c, all, actions[i].metric), "compare", "at_least", "amount",
                         demo_number(c, actions[i].amount), "window_kind", actions[i].window, "window_days", actions[i].days, "applies", person ? "person" : "unit", "employee_id",
                         person ? demo_number(c, person->id) : NULL, "unit_id", demo_number(c, d->units[actions[i].unit]), "target_metric_id", metric_id(c, all, actions[i].helps), "first_day",
                         demo_iso(c, actions[i].window[0] == 'm' ? month : monday), "note", actions[i].note, "active", "1", NULL));
    }
    return NULL;
}

static Error *make_plans(Ctx *c, Demo *d, const Metrics *all) {
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        const DemoPerson *owner = demo_person(d, plans[i].owner);
        Actor a = demo_actor(owner);
        Ctx as = *c;
        as.actor = &a;
        TRY(demo_add_row(&as, resource_by_table("tracking_plan"), NULL, "name", plans[i].name, "unit_id", demo_number(c, d->units[plans[i].unit]), "owner_id", demo_number(c, owner->id), "cycle", "week",
                         "metric1_id", metric_id(c, all, plans[i].metrics[0]), "metric2_id", metric_id(c, all, plans[i].metrics[1]), "under", plans[i].under, "under_periods", "2", "good",
                         plans[i].good, "good_periods", "2", "first_day", demo_iso(c, first_monday(d)), "active", "1", NULL));
    }
    return NULL;
}

static Error *make_rules(Ctx *c, void *arg) {
    Demo *d = arg;
    const Metrics *all;
    Ctx then = *c;
    then.now = instant_of_day(first_monday(d), 9, 30);
    TRY(metrics_get(c, &all));
    TRY(make_actions(&then, d, all));
    return make_plans(&then, d, all);
}

/* As the nightly job did on each Monday, so that messages and levels have their day. */
Error *demo_make_tracking(Ctx *c, Demo *d) {
    TRY(db_tx(c, make_rules, d));
    for (int week = 1; week <= WEEKS; week++) {
        Ctx *turn = ctx_child(c);
        turn->now = instant_of_day(first_monday(d) + 7 * week, 1, 40);
        TRY(target_judge_tracking(turn));
        ctx_done(turn);
    }
    return target_judge_actions(c);
}

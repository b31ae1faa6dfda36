/* demo_okr.c - objectives from the company down to some people: of this quarter with weekly check-ins, and of the one before, scored and closed.
 * Targets of key results are those of the targets; where there is none, a tenth above the quarter before. */
#include "modules/metric/metric.h"
#include "modules/okr/okr.h"
#include "modules/target/target.h"
#include "program/demo_private.h"
#include <string.h>
#include <talloc.h>

enum { RESULTS = 3, NO_PARENT = -1, OF_PERSON = -1, CHECK_INS = 4 };

typedef struct Result {
    const char *title, *metric;  /* metric NULL: typed */
    const char *counted_in, *evidence;
    int start, target, pace; /* target 0: found, see above; pace: of what is typed, 8 as planned */
    int score;               /* hundredths, where the person gives another than the numbers propose */
    const char *score_note;
} Result;
typedef struct Aim {
    const char *title, *note, *person;
    int unit, parent, parent_result; /* unit: DemoUnitNo or OF_PERSON; parent: place in the list */
    const char *cycle;
    bool draft;
    Result results[RESULTS];
} Aim;

static const Aim aims[] = {
    {"全年签约再上台阶，回款同步到位", "规模是底气，回款是底线：两件事一起抓，不靠年底冲刺。", "陈国栋", U_COMPANY, NO_PARENT, 0, "year", false,
     {{"成交金额达到年度目标", "amount", NULL, NULL, 0, 0, 0, 0, NULL}, {"新签客户数达到年度目标", "customers_signed", NULL, NULL, 0, 0, 0, 0, NULL}, {"回款率稳定在95%", "collection_rate", NULL, NULL, 60, 95, 0, 0, NULL}}},
    {"华东大区成为公司增长引擎", "华东人员最多，本季度先把新客户基础打厚。", "周海涛", U_EAST, 0, 1, "quarter", false,
     {{"大区成交金额达到季度目标", "amount", NULL, NULL, 0, 0, 0, 0, NULL}, {"大区新增客户达到季度目标", "new_customers", NULL, NULL, 0, 0, 0, 0, NULL}}},
    {"华南大区把线索变成签约", "线索不缺，缺的是跟进节奏和成交把控。", "黄志强", U_SOUTH, 0, 2, "quarter", false,
     {{"新签客户数达到季度目标", "customers_signed", NULL, NULL, 0, 0, 0, 0, NULL}, {"商机赢率提高到55%", "win_rate", NULL, NULL, 35, 55, 0, 0, NULL}}},
    {"上海一部人人达标，新人独立出单", "不再靠两位高级代表撑业绩，让每个人都有自己的客户池。", "林晓燕", U_SHANGHAI_1, 1, 1, "quarter", false,
     {{"团队成交金额达到季度目标", "amount", NULL, NULL, 0, 0, 0, 0, NULL},
      {"团队客户拜访量比上季度多一成", "visits", NULL, NULL, 0, 0, 0, 0, NULL},
      {"独立签单的新人", NULL, "人", "以合同签约人为准，首单合同已归档。", 0, 3, 6, 0, NULL}}},
    {"深圳部稳住大客户，补齐拜访", "大客户续约集中在本季度，拜访节奏不能断。", "梁俊杰", U_SHENZHEN, 2, 1, "quarter", false,
     {{"团队成交金额达到季度目标", "amount", NULL, NULL, 0, 0, 0, 0, NULL}, {"团队客户拜访量比上季度多一成", "visits", NULL, NULL, 0, 0, 0, 0, NULL}}},
    {"做深苏州、昆山重点客户", "两地产业园集中，老客户转介绍成功率高。", "张伟", OF_PERSON, 3, 1, "quarter", false,
     {{"个人成交金额达到季度目标", "amount", NULL, NULL, 0, 0, 0, 0, NULL}, {"意向客户跟进次数比上季度多一成", "follow_ups", NULL, NULL, 0, 0, 0, 0, NULL}}},
    {"沉淀一套大单打法，带动全组", "把自己的经验写下来，让同事照着能用。", "李思雨", OF_PERSON, 3, 3, "quarter", false,
     {{"个人成交金额达到季度目标", "amount", NULL, NULL, 0, 0, 0, 0, NULL}, {"大单案例文档", NULL, "篇", "已在周会上分享，文档放在团队共享文件夹。", 0, 4, 8, 0, NULL}}},
    {"补上新客户开发的短板", "连续两个季度新客户不足，先从每天固定两小时开发做起。", "孙浩然", OF_PERSON, 3, 2, "quarter", false,
     {{"新增客户达到季度目标", "new_customers", NULL, NULL, 0, 0, 0, 0, NULL}, {"电话量比上季度多一成", "calls", NULL, NULL, 0, 0, 0, 0, NULL}}},
    {"每周辅导到人，问题当周解决", "辅导写清行动和日期，下周先看上周的行动。", "林晓燕", OF_PERSON, 3, 3, "quarter", false,
     {{"有记录的一对一辅导", NULL, "次", "辅导记录表，每次由双方确认。", 0, 24, 8, 0, NULL}}},
    {"把老客户转介绍做成固定来源", "先与主管商量奖励办法，再定数。", "王梓涵", OF_PERSON, 3, 1, "quarter", true, {{"转介绍带来的新客户", NULL, "家", NULL, 0, 6, 5, 0, NULL}}},
};

static const Aim closed_aims[] = {
    {"华东大区稳住基本盘", "上季度两位骨干调岗，先保证签约不掉。", "周海涛", U_EAST, NO_PARENT, 0, "quarter", false,
     {{"大区成交金额达到季度目标", "amount", NULL, NULL, 0, 0, 0, 0, NULL}, {"大区新增客户达到季度目标", "new_customers", NULL, NULL, 0, 0, 0, 0, NULL}}},
    {"上海一部扩大有效客户", "客户池里有效客户不到四成。", "林晓燕", U_SHANGHAI_1, 0, 2, "quarter", false,
     {{"团队新增客户达到季度目标", "new_customers", NULL, NULL, 0, 0, 0, 0, NULL}, {"清理过的无效客户", NULL, "家", "客户档案中已标注无效原因。", 0, 120, 8, 0, NULL}}},
    {"签下三家园区客户", "园区客户带动效应强。", "张伟", OF_PERSON, 1, 1, "quarter", false,
     {{"个人成交金额达到季度目标", "amount", NULL, NULL, 0, 0, 0, 0, NULL}, {"签约的园区客户", NULL, "家", "合同已归档。", 0, 3, 7, 90, "第三家客户已盖章，合同在季度结束后第二天收到，按0.9计。"}}},
};

static const char *const words[3][4] = {
    {"两家客户把预算推到下季度，需要补新线索", "约到的拜访少，话术要调整", "报价后没有回音，已安排陪访", "进度落后，下周起每天先做一小时开发"},
    {"进度略慢，月底前有几单在走合同", "有单子卡在法务审核，已约双方沟通", "差距不大，下周集中补上", "样机已到，演示排到下周"},
    {"节奏正常，重点客户都有下一步时间", "本周进展不错，转介绍又来一家", "按计划推进，没有卡点", "比计划略快，开始准备下月"}};

typedef struct Maker {
    Demo *d;
    const Metrics *all;
    Period days, before; /* the quarter at hand and the one before it */
    bool closed;
    int64_t ids[16], results[16][RESULTS], targets[16][RESULTS];
} Maker;

/* ---- targets ---- */

static int64_t round_up(int64_t n) {
    int64_t step = 1;
    while (n / step >= 100) step *= 10;
    return (n + step - 1) / step * step;
}

/* In whole yuan or pieces. */
static Error *find_target(Ctx *c, const Maker *k, const Metric *m, MetricScope scope, Date first, Date last, int64_t *ret) {
    Ratio value;
    Sums sums;
    *ret = 0;
    TRY(target_for(c, m, scope, first, last, TIER_BASE, TARGET_IN_FORCE, &value));
    if (ratio_scaled(value, 1, ret) && *ret > 0) return NULL;
    TRY(metric_sums(c, scope, k->before.first, k->before.last, &sums));
    if (ratio_scaled(metric_value(k->all, m, &sums, k->before.last), 1, ret) && *ret > 0) *ret = round_up(*ret + *ret / 10);
    else *ret = 10;
    return NULL;
}

/* ---- what is made ---- */

static MetricScope scope_of(const Maker *k, const Aim *a) {
    return a->unit == OF_PERSON ? (MetricScope){SCOPE_PERSON, demo_person(k->d, a->person)->id} : (MetricScope){SCOPE_UNIT, k->d->units[a->unit]};
}

static Period days_of(Ctx *c, const Maker *k, const Aim *a) {
    return strcmp(a->cycle, "year") ? k->days : period_of(PERIOD_YEAR, k->days.first, metric_fiscal_month(c));
}

static Error *make_result(Ctx *c, Maker *k, const Aim *a, int place, int at) {
    const Result *r = &a->results[at];
    const Metric *m = r->metric ? metrics_by_code(k->all, r->metric) : NULL;
    Period days = days_of(c, k, a);
    int64_t target = r->target;
    if (m && !target) TRY(find_target(c, k, m, scope_of(k, a), days.first, days.last, &target));
    k->targets[place][at] = target;
    return demo_add_row(c, resource_by_table("key_result"), &k->results[place][at], "objective_id", demo_number(c, k->ids[place]), "title", r->title, "source", m ? "metric" : "typed", "metric_id",
                        m ? demo_number(c, m->id) : NULL, "whose", a->unit == OF_PERSON ? "person" : "unit", "start_value", demo_number(c, r->start), "target_value", demo_number(c, target), "unit_name",
                        r->counted_in, "weight", "1", NULL);
}

static Error *make_aim(Ctx *c, Maker *k, const Aim *list, int place) {
    const Aim *a = &list[place];
    const DemoPerson *p = demo_person(k->d, a->person);
    bool aligned = a->parent != NO_PARENT;
    TRY(demo_add_row(c, resource_by_table("objective"), &k->ids[place], "title", a->title, "note", a->note, "level", a->unit == OF_PERSON ? "person" : "unit", "employee_id", demo_number(c, p->id),
                     "unit_id", a->unit == OF_PERSON ? NULL : demo_number(c, k->d->units[a->unit]), "cycle", a->cycle, "first_day", demo_iso(c, k->days.first), "parent_id",
                     aligned ? demo_number(c, k->ids[a->parent]) : NULL, "parent_key_result_id",
                     aligned && a->parent_result ? demo_number(c, k->results[a->parent][a->parent_result - 1]) : NULL, NULL));
    for (int i = 0; i < RESULTS && a->results[i].title; i++) TRY(make_result(c, k, a, place, i));
    const Resource *res = resource_by_table("objective");
    for (const Action *x = res->actions; !a->draft && x->name; x++)
        if (!strcmp(x->name, "start")) return resource_run_action(c, res, x, k->ids[place], 0, NULL);
    return NULL;
}

/* ---- check-ins and scores ---- */

/* What is reached on that day, in whole yuan, percent or pieces. Typed numbers grow with the days. */
static Error *reached_on(Ctx *c, const Maker *k, const Aim *a, const Result *r, Period days, Date day, int64_t *ret) {
    const Metric *m = r->metric ? metrics_by_code(k->all, r->metric) : NULL;
    Sums sums;
    if (!m) {
        *ret = (int64_t)r->target * (day - days.first + 1) * r->pace / ((days.last - days.first + 1) * INT64_C(8));
        return NULL;
    }
    TRY(metric_sums(c, scope_of(k, a), days.first, day, &sums));
    if (!ratio_scaled(metric_value(k->all, m, &sums, day), m->unit == UNIT_PERCENT ? 100 : 1, ret)) *ret = 0;
    return NULL;
}

/* How sure somebody is follows from how far he is, beside the days gone by; for a rate, from how far alone. */
static int confidence_of(const Result *r, Period days, Date day, int64_t reached, int64_t target) {
    int64_t done = (reached - r->start) * 100 / (target - r->start), gone = r->start ? 70 : (day - days.first + 1) * INT64_C(100) / (days.last - days.first + 1);
    int64_t sure = 7 + (done - gone) / 6;
    return sure < 1 ? 1 : sure > 9 ? 9 : (int)sure;
}

static Error *check_in(Ctx *c, const Maker *k, const Aim *a, int place, int at, Date day) {
    const Result *r = &a->results[at];
    Period days = days_of(c, k, a);
    int64_t id = k->results[place][at], reached;
    uint64_t mix = demo_mix((uint64_t)id, (uint64_t)day);
    Actor actor = demo_actor(demo_person(k->d, a->person));
    Ctx as = *c;
    TRY(reached_on(c, k, a, r, days, day, &reached));
    int sure = confidence_of(r, days, day, reached, k->targets[place][at]);
    OkrCheckIn x = {.key_result_id = id, .confidence = sure, .comment = words[sure < 4 ? 0 : sure < 7 ? 1 : 2][demo_pick(&mix, 4)], .value = MONEY_NONE};
    if (!r->metric) x.value = reached * 100, x.evidence = r->evidence;
    as.actor = &actor, as.now = instant_of_day(day, 16, 10 + demo_pick(&mix, 45));
    return okr_check_in(&as, &x);
}

/* The last working days of weeks, oldest first. 张伟 still has to look at his of this week. */
static Error *check_in_weeks(Ctx *c, const Maker *k, const Aim *list, int count) {
    Date until = k->closed ? k->days.last + 1 : k->d->today, monday = period_of(PERIOD_WEEK, until, 1).first;
    for (int week = CHECK_INS; week > 0; week--) {
        Date day = workday_add(k->d->calendar, monday - 7 * (week - 1), -1);
        if (day < k->days.first + 4 || day >= until) continue;
        for (int i = 0; i < count; i++)
            for (int j = 0; j < RESULTS && list[i].results[j].title; j++) {
                bool due = !k->closed && week == 1 && !strcmp(list[i].person, "张伟");
                if (!list[i].draft && !due) TRY(check_in(c, k, &list[i], i, j, day));
            }
    }
    return NULL;
}

static Error *close_aim(Ctx *c, const Maker *k, const Aim *a, int place) {
    Actor actor = demo_actor(demo_person(k->d, a->person));
    Ctx as = *c;
    OkrClosing x = {.objective_id = k->ids[place]};
    as.actor = &actor, as.now = instant_of_day(workday_add(k->d->calendar, k->days.last, 1), 15, 20 + place);
    if (as.now > c->now) as.now = c->now;
    for (int i = 0; i < RESULTS && a->results[i].title; i++, x.count++) {
        x.list[i].id = k->results[place][i];
        x.list[i].score = a->results[i].score ? a->results[i].score : MONEY_NONE;
        x.list[i].note = a->results[i].score_note;
    }
    return okr_close(&as, &x);
}

static Error *make_quarter(Ctx *c, Maker *k, const Aim *list, int count) {
    Ctx then = *c;
    Date begin = workday_add(k->d->calendar, k->days.first, 0);
    for (int i = 0; i < count; i++) {
        Actor actor = demo_actor(demo_person(k->d, list[i].person));
        then.actor = &actor, then.now = instant_of_day(begin, 10, 3 * i);
        if (then.now > c->now) then.now = c->now;
        TRY(make_aim(&then, k, list, i));
    }
    TRY(check_in_weeks(c, k, list, count));
    for (int i = 0; k->closed && i < count; i++) TRY(close_aim(c, k, &list[i], i));
    return NULL;
}

static Error *make_all(Ctx *c, void *arg) {
    int fiscal = metric_fiscal_month(c);
    Maker now = {.d = arg}, past;
    TRY(metrics_get(c, &now.all));
    past = now;
    now.days = period_of(PERIOD_QUARTER, now.d->today, fiscal);
    now.before = past.days = period_add(now.days, -1, fiscal);
    past.before = period_add(past.days, -1, fiscal);
    past.closed = true;
    TRY(make_quarter(c, &past, closed_aims, sizeof closed_aims / sizeof *closed_aims));
    return make_quarter(c, &now, aims, sizeof aims / sizeof *aims);
}

Error *demo_make_okr(Ctx *c, Demo *d) {
    return db_tx(c, make_all, d);
}

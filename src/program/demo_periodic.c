/* demo_periodic.c - weekly reports of the last eight weeks and monthly ones of the last three months, of salespeople and teams. The numbers come
 * from the daily reports; only words, and targets where nobody set any, are invented here. */
#include "modules/org/org.h"
#include "modules/report/report.h"
#include "modules/target/target.h"
#include "program/demo_private.h"
#include <string.h>
#include <talloc.h>

enum { WEEKS = 8, MONTHS = 3, FIRST_TEAM = U_SHANGHAI_1 };

static const char *const week_problems[] = {
    "大客户成交周期较长，两单卡在法务审核", "新客户开发量不足，名单质量一般", "报价后客户比价时间长", "拜访集中在老客户，新区域没有进展",
    "样机排期紧，演示推迟一周", "方案改了三版，决策人仍未确认", "月初签约少，单子集中在后半周"};
static const char *const week_focus[] = {"推进两家意向客户签约，目标%d元", "新增3个意向客户，目标%d元", "完成重点客户高层拜访，目标%d元", "清理在谈商机并催签，目标%d元"};
static const char *const supports[] = {"请技术支持周三一起演示", "3个大客户预算未审批，需总监陪访", "申请增加两台样机"};
static const char *const highlights[] = {"大客户年度框架签约", "连续3周超额完成周目标", "老客户转介绍成交两单", "新行业首单落地"};
static const char *const month_problems[] = {"新客户开发未达标，客单价偏低", "重点客户跟进频次不足", "月末集中签约，前三周进度偏慢", "回款跟进不及时"};
static const char *const measures[] = {"加强新客户开拓培训，优化产品组合推荐", "制定重点客户日跟进计划，增加拜访深度", "按周拆分目标，周三检查进度", "签约后三天内确认付款计划"};
#define PICK(list, at) (list)[(at) % (sizeof(list) / sizeof *(list))]

typedef struct Writer {
    Demo *d;
    const Metric *amount;
    PeriodicKind kind;
    Date first, last; /* of the period at hand */
    bool newest;
} Writer;

/* The period's last working day for people, the morning after for teams; the review on the next. */
static Instant written_at(const Writer *w, bool team, uint64_t *r) {
    Date last = workday_add(w->d->calendar, w->last + 1, -1), next = workday_add(w->d->calendar, w->last + 1, 0);
    return team ? instant_of_day(next, 9, demo_pick(r, 50)) : instant_of_day(last, 17, demo_pick(r, 55));
}

static Error *set_target(Ctx *c, const Writer *w, PeriodicReport *row, int skill) {
    MetricScope scope = row->employee_id ? (MetricScope){SCOPE_PERSON, row->employee_id} : (MetricScope){SCOPE_UNIT, row->unit_id};
    Ratio planned;
    TRY(target_for(c, w->amount, scope, w->first, w->last, TIER_BASE, TARGET_IN_FORCE, &planned));
    if (ratio_why(planned) == RATIO_HAS_VALUE || !row->employee_id) return NULL; /* a team's is the sum of its people's */
    int thousands = (w->kind == PERIODIC_WEEK ? 32 : 130) * skill / 100;
    row->target = INT64_C(100000) * (thousands / 5 * 5);
    if (w->kind == PERIODIC_MONTH) row->next_target = row->target + row->target / 20;
    return NULL;
}

static void set_words(Ctx *c, const Writer *w, PeriodicReport *row, uint64_t *r) {
    uint64_t at = demo_next(r) >> 32;
    if (w->kind == PERIODIC_MONTH) {
        row->highlights = PICK(highlights, at), row->problem = PICK(month_problems, at >> 3), row->measures = PICK(measures, at >> 3);
        return;
    }
    row->problem = PICK(week_problems, at);
    static const char *const amounts[] = {"10,000", "20,000", "30,000", "50,000"};
    const char *focus = PICK(week_focus, at >> 4), *hole = strstr(focus, "%d");
    row->next_focus = talloc_asprintf(c->mem, "%.*s%s%s", (int)(hole - focus), focus, PICK(amounts, at >> 8), hole + 2);
    if (at % 5 == 0) row->support_need = PICK(supports, at >> 5);
}

static Error *review(Ctx *c, const Resource *res, const PeriodicReport *row, const DemoPerson *reviewer, const char *name, const char *reason) {
    Actor a = demo_actor(reviewer);
    Ctx then = *c;
    then.actor = &a;
    for (const Action *x = res->actions; x->name; x++)
        if (!strcmp(x->name, name)) return resource_run_action(&then, res, x, row->id, 0, reason);
    return NULL;
}

static Error *write_one(Ctx *c, const Writer *w, const DemoPerson *writer, const DemoPerson *reviewer, int64_t unit_id, bool team, int skill, uint64_t r) {
    const Resource *res = w->kind == PERIODIC_WEEK ? &weekly_report_resource : &monthly_report_resource;
    const Field *fields;
    size_t n;
    Actor a = demo_actor(writer);
    Ctx then = *c;
    TRY(resource_fields(c, res, &fields, &n));
    PeriodicReport *row = resource_new_row(c, res, fields, n);
    row->employee_id = team ? 0 : writer->id, row->unit_id = unit_id, row->first = w->first, row->writer_id = writer->id;
    row->submitted_at = written_at(w, team, &r);
    if (row->submitted_at > c->now) return NULL;
    row->state = demo_pick(&r, 100) < 6 ? REPORT_LATE : REPORT_SUBMITTED;
    if (row->state == REPORT_LATE) row->submitted_at += INT64_C(3600000000) * 24 * 4;
    if (row->submitted_at > c->now) row->submitted_at = c->now;
    TRY(set_target(c, w, row, skill));
    set_words(c, w, row, &r);
    then.now = row->submitted_at, then.actor = &a;
    TRY(resource_save(&then, res, NULL, row, NULL, NULL));
    int fate = demo_pick(&r, 100);
    if (w->newest && fate >= 40) return NULL; /* waits */
    then.now = instant_of_day(workday_add(w->d->calendar, date_of_instant(row->submitted_at), 1), 9, demo_pick(&r, 58));
    if (then.now > c->now) return NULL;
    bool returned = w->newest && fate < 6;
    return review(&then, res, row, reviewer, returned ? "return" : "approve", returned ? "下周目标请写清客户和金额" : NULL);
}

/* Of the newest period some are missing: the rep of the demo is to write one. */
static Error *write_period(Ctx *c, const Writer *w) {
    Demo *d = w->d;
    Date last = workday_add(d->calendar, w->last + 1, -1);
    if (last < w->first) return NULL; /* a week of holidays */
    for (int i = DEMO_FIRST_REP; i < DEMO_PEOPLE; i++) {
        const DemoPerson *p = &d->people[i];
        uint64_t r = demo_mix((uint64_t)i + 500, (uint64_t)w->first * 2 + w->kind);
        bool missing = w->newest && (i == DEMO_FIRST_REP || demo_pick(&r, 100) < 12);
        if (missing || p->hired > w->first || demo_is_away(p, last)) continue;
        DemoUnitNo unit = demo_unit_on(p, last);
        TRY(write_one(c, w, p, &d->people[d->leaders[unit]], d->units[unit], false, p->role->skill, r));
    }
    for (int u = FIRST_TEAM; u < DEMO_UNITS; u++) {
        const DemoPerson *lead = &d->people[d->leaders[u]], *above = &d->people[d->leaders[demo_units[u].parent]];
        if (w->newest && u == FIRST_TEAM) continue; /* its lead is to write it */
        TRY(write_one(c, w, lead, above, d->units[u], true, 0, demo_mix((uint64_t)u + 900, (uint64_t)w->first * 2 + w->kind)));
    }
    return NULL;
}

static Error *write_all(Ctx *c, void *arg) {
    Writer w = {.d = arg};
    const Metrics *all;
    TRY(metrics_get(c, &all));
    w.amount = metrics_by_code(all, "amount");
    if (!w.amount) return NULL;
    Date monday = period_of(PERIOD_WEEK, w.d->today, 1).first, month = period_of(PERIOD_MONTH, w.d->today, 1).first;
    for (int i = WEEKS + MONTHS; i > 0; i--) {
        bool weekly = i <= WEEKS;
        w.kind = weekly ? PERIODIC_WEEK : PERIODIC_MONTH;
        w.first = weekly ? monday - 7 * i : date_add_months(month, WEEKS - i);
        w.last = weekly ? w.first + 6 : date_add_months(w.first, 1) - 1;
        w.newest = i == 1 || i == WEEKS + 1;
        Ctx *one = ctx_child(c);
        TRY(write_period(one, &w));
        ctx_done(one);
    }
    return NULL;
}

Error *demo_make_periodic(Ctx *c, Demo *d) {
    return db_tx(c, write_all, d);
}

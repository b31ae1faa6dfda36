/* demo_reports.c - two years of invented daily reports. Whatever a person and day give is drawn from a generator of their own, so that the
 * past looks the same whenever the demo is made, and a transaction that runs again writes the same rows. */
#include "modules/org/org.h"
#include "modules/report/report.h"
#include "program/demo_private.h"
#include <string.h>
#include <talloc.h>

enum { NOTHING = -1, DAYS_A_CHUNK = 90, MAX_FESTIVAL_DAYS = 64, SHIPPED_ITEMS = 6 };
enum { NEW_CUSTOMERS, FOLLOW_UPS, AMOUNT, VISITS, CALLS, LEADS };
#define MINUTE (INT64_C(60) * 1000000)

/* Percent of the usual, of one day, for everybody. */
typedef struct DayFactors {
    int calls, visits, deals, mood;
} DayFactors;

typedef struct Chunk {
    Demo *d;
    Date first, last;
    int64_t slots[SHIPPED_ITEMS]; /* 0: not in use */
    Date festival[MAX_FESTIVAL_DAYS];
    int festival_days;
    int64_t reports;
    int contracts; /* signed so far on the day at hand, by the whole company */
} Chunk;

typedef struct Entry {
    Date day;
    int state, n[SHIPPED_ITEMS]; /* the amount in yuan; NOTHING where a draft says nothing yet */
    const char *talk_points, *contract_no, *reason, *plan, *return_reason;
    Instant submitted, reviewed;
} Entry;

/* ---- how a day is ---- */

static bool near_festival(const Chunk *k, Date day) {
    for (int i = 0; i < k->festival_days; i++)
        if (day >= k->festival[i] - 9 && day <= k->festival[i] + 5) return true;
    return false;
}

static DayFactors factors_of(const Chunk *k, Date day) {
    static const int season[12] = { 92, 82, 105, 96, 95, 110, 92, 90, 105, 97, 116, 128 };
    static const int calls[7] = { 120, 106, 100, 96, 82, 60, 50 }, visits[7] = { 62, 108, 114, 110, 92, 50, 40 };
    static const int deals[7] = { 72, 96, 102, 106, 128, 50, 40 };
    int year, month, of_month, w = date_weekday(day) - 1;
    date_parts(day, &year, &month, &of_month);
    Date month_end = period_of(PERIOD_MONTH, day, 1).last;
    int span = k->d->today - k->d->first_day, growth = 88 + 26 * (day - k->d->first_day) / (span ? span : 1);
    int rush = workday_count(k->d->calendar, day, month_end) <= 3 ? month % 3 == 0 ? 190 : 155 : 90;
    DayFactors f = { .calls = calls[w], .visits = visits[w], .mood = 100 };
    f.deals = (int)(INT64_C(1) * deals[w] * season[month - 1] * growth * rush / 1000000);
    if (near_festival(k, day)) f.mood = 48, f.deals = f.deals * 40 / 100;
    return f;
}

/* ---- what one person did ---- */

/* Successes of `cap` tries whose mean is `mean` hundredths. */
static int some(uint64_t *r, int cap, int mean) {
    int n = 0;
    for (int i = 0; i < cap; i++) n += demo_pick(r, cap * 100) < mean;
    return n;
}

/* In yuan, mostly small, in steps as price lists have them. */
static int deal(uint64_t *r, int skill) {
    static const int prices[] = { 6800, 9800, 12800, 16800, 19800, 25000, 29800, 36000, 48000, 58000, 68000, 88000, 126000, 168000, 238000, 368000 };
    static const int discounts[] = { 100, 100, 100, 98, 95, 92 };
    int i = demo_pick(r, 16) * demo_pick(r, 16) / 15 + (demo_pick(r, 220) < skill);
    if (i > 15) i = 15;
    int pieces = i < 5 ? 1 + demo_pick(r, 3) : 1;
    return prices[i] * pieces / 100 * discounts[demo_pick(r, 6)] / 100 * 100;
}

static void work(const DemoPerson *p, Date day, const DayFactors *f, uint64_t *r, Entry *e) {
    int skill = p->role->skill, months = (day - p->hired) / 30, ramp = months >= 9 ? 100 : 40 + months * 60 / 9;
    IsoWeek week = date_iso_week(day);
    bool slack = demo_mix((uint64_t)p->role->months * 64 + (uint64_t)skill, (uint64_t)(week.year * 53 + week.week)) % 46 == 0;
    int zeal = (skill + 100) * f->mood / 200 * (slack ? 45 : 100) / 100; /* activity differs less than success */
    e->n[CALLS] = (13 + demo_pick(r, 15)) * f->calls / 100 * zeal / 100;
    e->n[VISITS] = slack ? 0 : some(r, 5, 180 * f->visits / 100 * zeal / 100);
    e->n[FOLLOW_UPS] = some(r, 7, 310 * zeal / 100);
    e->n[LEADS] = some(r, 6, 170 * zeal / 100);
    e->n[NEW_CUSTOMERS] = some(r, 3, 60 * skill / 100 * ramp / 100 * zeal / 100);
    int64_t chance = INT64_C(1150) * skill * ramp * f->deals / 1000000 * (slack ? 30 : 100) / 100; /* of 10,000 */
    e->n[AMOUNT] = demo_pick(r, 10000) < chance ? deal(r, skill) : 0;
}

/* ---- what one person wrote ---- */

static const char *customer(Ctx *c, const DemoPerson *p, Date day, uint64_t at) {
    enum { CUSTOMERS = 18 };
    uint64_t r = demo_mix((uint64_t)p->role->months, at % CUSTOMERS), word = demo_mix((uint64_t)p->role->skill, 3) >> 8;
    const char *city = demo_units[demo_unit_on(p, day)].cities[r % 5];
    return talloc_asprintf(c->mem, "%s%s%s", city, demo_customer_word(word + at % CUSTOMERS * 7), demo_customer_trade(r >> 24));
}

static const char *write_points(Ctx *c, const DemoPerson *p, const Entry *e, uint64_t *r, bool brief) {
    Text *t = text_new(c->mem, 4000);
    uint64_t who = demo_next(r) >> 32, what = demo_next(r) >> 32;
    for (int i = 0; i < e->n[FOLLOW_UPS]; i++, who++, what += 7)
        text_addf(t, "%s%s%s%s", i ? "\n" : "", customer(c, p, e->day, who), "：", brief ? "已电话联系" : demo_talk_point(what));
    return t->len ? t->data : NULL;
}

static const char *write_plan(Ctx *c, const DemoPerson *p, Date day, uint64_t *r) {
    uint64_t at = demo_next(r) >> 32;
    const char *first = demo_plan(at);
    switch (demo_pick(r, 5)) {
    case 0: return talloc_asprintf(c->mem, "1. %s\n2. %s", first, demo_plan(at + 11));
    case 1: return talloc_asprintf(c->mem, "%s；拜访%s", first, customer(c, p, day, at));
    case 2: return talloc_asprintf(c->mem, "%s；%s", first, demo_plan(at + 23));
    default: return first;
    }
}

static void write_texts(Ctx *c, Chunk *k, const DemoPerson *p, uint64_t *r, Entry *e) {
    char iso[DATE_TEXT];
    bool poor = !e->n[AMOUNT] && (!e->n[NEW_CUSTOMERS] || !e->n[VISITS]);
    int fault = e->state != REPORT_RETURNED ? NOTHING : !e->n[VISITS] ? 4 : e->n[AMOUNT] ? 1 : p->role->login ? 0 : demo_pick(r, 2) * 3;
    e->talk_points = write_points(c, p, e, r, fault == 0);
    if (poor && demo_pick(r, 100) < 60) e->reason = demo_reason(demo_next(r) >> 32);
    e->plan = write_plan(c, p, e->day, r);
    if (fault != NOTHING) e->return_reason = demo_return_reason((uint64_t)fault);
    if (!e->n[AMOUNT]) return;
    date_text(e->day, iso); /* XH-2026-0117-03: the third contract of that day */
    e->contract_no = talloc_asprintf(c->mem, "XH-%.4s-%.2s%.2s-%02d", iso, iso + 5, iso + 8, ++k->contracts);
}

/* ---- what became of it ---- */

/* Past days are approved. The last two working days and today are at every stage; those of the first team are laid down, so that its lead
 * has five or six reports to review, and the rep of the demo one that came back and none for today. */
static int state_of(const Demo *d, int place, Date day, uint64_t *r) {
    enum { NONE = NOTHING, DRAFT = REPORT_DRAFT, SENT = REPORT_SUBMITTED, LATE = REPORT_LATE, BACK = REPORT_RETURNED, DONE = REPORT_APPROVED };
    static const int first_team[3][7] = {
        { DONE, DONE, SENT, DONE, DONE, LATE, DONE },
        { BACK, SENT, SENT, LATE, DRAFT, NONE, DONE },
        { NONE, NONE, SENT, NONE, DRAFT, NONE, NONE },
    };
    static const struct { int state, percent; } others[3][6] = {
        { { DONE, 78 }, { SENT, 9 }, { LATE, 4 }, { BACK, 4 }, { NONE, 5 } },
        { { DONE, 26 }, { SENT, 44 }, { LATE, 12 }, { BACK, 5 }, { DRAFT, 5 }, { NONE, 8 } },
        { { SENT, 42 }, { DRAFT, 10 }, { NONE, 48 } },
    };
    int percent = demo_pick(r, 100), which = day == d->today ? 2 : day == d->last_day ? 1 : day == d->day_before ? 0 : NOTHING;
    if (which == NOTHING) return percent < 98 ? DONE : NONE;
    if (d->people[place].role->unit == U_SHANGHAI_1) return first_team[which][place - DEMO_FIRST_REP];
    if (day == d->last_day && d->people[place - 1].role->unit != d->people[place].role->unit) return SENT; /* the first of each team */
    for (int i = 0; i < 6; i++)
        if ((percent -= others[which][i].percent) < 0) return others[which][i].state;
    return NONE;
}

static void set_times(Ctx *c, const Demo *d, uint64_t *r, Entry *e) {
    bool late = e->state == REPORT_LATE || (e->state == REPORT_APPROVED && e->day < d->day_before && demo_pick(r, 100) < 6);
    e->submitted = instant_of_day(e->day, 16, 30) + (late ? 160 + demo_pick(r, 190) : demo_pick(r, 140)) * MINUTE + demo_pick(r, 60) * MINUTE / 60;
    if (e->day == d->today) {
        Instant latest = c->now - (3 + demo_pick(r, 90)) * MINUTE, midnight = instant_of_day(e->day, 0, 0);
        if (e->submitted > latest) e->submitted = latest > midnight ? latest : c->now;
    }
    if (e->state != REPORT_APPROVED && e->state != REPORT_RETURNED) return;
    bool same_evening = e->day == d->last_day;
    Date then = same_evening ? e->day : workday_add(d->calendar, e->day, 1);
    e->reviewed = instant_of_day(then, same_evening ? 19 : 8, same_evening ? 5 : 30) + demo_pick(r, same_evening ? 100 : 75) * MINUTE;
}

static Param number(int64_t n) {
    return n == INT_NONE ? param_null() : param_int(n);
}

static Error *insert(Ctx *c, const Chunk *k, const DemoPerson *p, const Entry *e) {
    DemoUnitNo unit = demo_unit_on(p, e->day);
    const DemoPerson *lead = &k->d->people[k->d->leaders[unit]];
    bool draft = e->state == REPORT_DRAFT, reviewed = e->reviewed != 0;
    char iso[DATE_TEXT];
    int64_t n[REPORT_SLOTS];
    for (int i = 0; i < REPORT_SLOTS; i++) n[i] = INT_NONE;
    for (int i = 0; i < SHIPPED_ITEMS; i++)
        if (k->slots[i] && e->n[i] != NOTHING) n[k->slots[i] - 1] = i == AMOUNT ? INT64_C(100) * e->n[i] : e->n[i];
    TRY(db_exec(c, "INSERT INTO daily_report(id, employee_id, unit_id, day, state, talk_points, contract_no, reason, plan, return_reason,"
                      " submitted_at, reviewed_at, reviewer_id, n1, n2, n3, n4, n5, n6, version, created_at, created_by, updated_at, updated_by)"
                      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)",
                   V(report_id(p->id, e->day)), V(p->id), V(k->d->units[unit]), V(date_text(e->day, iso)), V(e->state), V(e->talk_points),
                   V(e->contract_no), V(e->reason), V(e->plan), V(e->return_reason), draft ? param_null() : V(e->submitted), V_id(e->reviewed),
                   reviewed ? V(lead->id) : param_null(), number(n[0]), number(n[1]), number(n[2]), number(n[3]), number(n[4]), number(n[5]),
                   V(reviewed ? 2 : 1), V(e->submitted), V_id(p->account_id), V(reviewed ? e->reviewed : e->submitted),
                   V_id(reviewed ? lead->account_id : p->account_id)));
    if (draft) return NULL;
    Fact fact;
    fact_init(&fact);
    fact.employee_id = p->id, fact.unit_id = k->d->units[unit], fact.day = e->day;
    fact.source_id = report_id(p->id, e->day);
    memcpy(fact.n, n, sizeof n);
    int64_t amount = k->slots[AMOUNT] && n[k->slots[AMOUNT] - 1] > 0 ? n[k->slots[AMOUNT] - 1] : 0;
    if (amount) demo_describe_deal(k->d, unit, &fact);
    TRY(fact_append(c, &fact));
    return demo_add_deal(c, k->d, p->id, unit, e->day, amount);
}

static Error *write_one(Ctx *c, Chunk *k, int place, Date day, const DayFactors *f) {
    const DemoPerson *p = &k->d->people[place];
    uint64_t r = demo_mix((uint64_t)place + 1, (uint64_t)day);
    Entry e = { .day = day };
    if (demo_is_away(p, day)) return NULL;
    e.state = state_of(k->d, place, day, &r);
    if (e.state == NOTHING) return NULL;
    work(p, day, f, &r, &e);
    if (e.state == REPORT_DRAFT)
        e.n[NEW_CUSTOMERS] = e.n[FOLLOW_UPS] = e.n[AMOUNT] = e.n[LEADS] = NOTHING;
    else
        write_texts(c, k, p, &r, &e);
    set_times(c, k->d, &r, &e);
    k->reports++;
    return insert(c, k, p, &e);
}

static Error *write_chunk(Ctx *c, void *arg) {
    Chunk *k = arg;
    k->reports = 0;
    for (Date day = k->first; day <= k->last; day++) {
        if (!workday_is(k->d->calendar, day)) continue;
        DayFactors f = factors_of(k, day);
        Ctx *one = ctx_child(c);
        k->contracts = 0;
        for (int i = DEMO_FIRST_REP; i < DEMO_PEOPLE; i++) TRY(write_one(one, k, i, day, &f));
        ctx_done(one);
    }
    return NULL;
}

/* ---- all of them ---- */

static Error *find_slots(Ctx *c, Chunk *k) {
    static const char *const codes[SHIPPED_ITEMS] = { "new_customers", "follow_ups", "amount", "visits", "calls", "leads" };
    const ReportItems *all;
    TRY(report_items(c, &all));
    for (size_t i = 0; i < all->count; i++)
        for (int j = 0; j < SHIPPED_ITEMS; j++)
            if (!strcmp(all->items[i]->code, codes[j]) && all->items[i]->slot <= SHIPPED_ITEMS) k->slots[j] = all->items[i]->slot;
    return NULL;
}

static Error *find_festivals(Ctx *c, Chunk *k) {
    char iso[DATE_TEXT];
    Rows *rows;
    TRY(db_query(c, &rows, "SELECT day FROM calendar_day WHERE kind = 1 AND day >= $1 AND name LIKE $2 ORDER BY day LIMIT $3",
                 V(date_text(k->d->first_day - 20, iso)), V("%春节%"), V(MAX_FESTIVAL_DAYS)));
    while (rows_next(rows) && k->festival_days < MAX_FESTIVAL_DAYS)
        if (date_parse(row_text(rows, 0), &k->festival[k->festival_days])) k->festival_days++;
    return rows_done(rows);
}

Error *demo_make_reports(Ctx *c, Demo *d) {
    Chunk k = { .d = d };
    TRY(find_slots(c, &k));
    TRY(find_festivals(c, &k));
    for (Date day = d->first_day; day <= d->today; day = k.last + 1) {
        k.first = day;
        k.last = day + DAYS_A_CHUNK > d->today ? d->today : day + DAYS_A_CHUNK;
        TRY(db_tx(c, write_chunk, &k));
        d->reports += k.reports;
    }
    return NULL;
}

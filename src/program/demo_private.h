/* demo_private.h - the invented company while it is being made. */
#pragma once
#include "base/i18n.h"
#include "base/workday.h"
#include "modules/metric/metric.h"
#include "resource/resource.h"
#include "service/access.h"

/* The place of a unit in demo_units; teams come last. */
typedef enum DemoUnitNo {
    U_COMPANY, U_EAST, U_SOUTH, U_NORTH, U_SHANGHAI_1, U_SHANGHAI_2, U_HANGZHOU, U_SHENZHEN, U_GUANGZHOU, U_BEIJING, U_TIANJIN,
    DEMO_UNITS
} DemoUnitNo;
typedef enum DemoPosition { POS_REP, POS_SENIOR, POS_LEAD, POS_MANAGER, POS_DIRECTOR, POS_TRAINER, POS_FINANCE, POS_ADMIN, DEMO_POSITIONS } DemoPosition;

typedef struct DemoUnit {
    const char *name;
    int kind;
    DemoUnitNo parent;
    const char *region, *cities[5]; /* where a team's customers are */
} DemoUnit;

/* What is written down of a person. Months and days count back from today. */
typedef struct DemoRole {
    const char *name;
    DemoUnitNo unit;
    DemoPosition position;
    const char *grade;
    int months;        /* since hired */
    int skill;         /* percent of what is usual; 0: sells nothing */
    const char *login; /* NULL: made of the name */
} DemoRole;

enum { DEMO_PEOPLE = 48, DEMO_FIRST_REP = 14, DEMO_LEAVES = 5, DEMO_PRODUCTS = 5, DEMO_CUSTOMER_TYPES = 3, DEMO_PROVINCES = 12 };
extern const DemoUnit demo_units[DEMO_UNITS];
extern const DemoRole demo_roles[DEMO_PEOPLE];
extern const char *const demo_position_names[DEMO_POSITIONS][2]; /* name, duties */

/* The same person in the database. */
typedef struct DemoPerson {
    const DemoRole *role;
    int64_t id, account_id;
    const char *login;
    Date hired, left;       /* left: DATE_NONE while here */
    Date moved;             /* into role->unit from `before`; DATE_NONE if never */
    DemoUnitNo before;
    struct { Date first, last; } leaves[DEMO_LEAVES];
    int leave_count;
} DemoPerson;

typedef struct Demo {
    Date today, first_day;     /* of the reports */
    Date last_day, day_before; /* the two working days before today */
    const WorkCalendar *calendar;
    const char *company, *password_hash;
    int64_t units[DEMO_UNITS], leaders[DEMO_UNITS]; /* ids; leaders by place in people */
    DemoPerson people[DEMO_PEOPLE];
    int64_t products[DEMO_PRODUCTS], customer_types[DEMO_CUSTOMER_TYPES], provinces[DEMO_PROVINCES]; /* ids */
    int64_t reports;
} Demo;

/* demo_people.c; in a transaction: units, positions, people, posts, leave, accounts. */
Error *demo_make_people(Ctx *c, Demo *d) MUST_USE;
DemoUnitNo demo_unit_on(const DemoPerson *p, Date day);
bool demo_is_away(const DemoPerson *p, Date day); /* not hired yet, gone or on leave */

/* demo_products.c: product lines and products, provinces, kinds of customers, before the reports; in a transaction. */
Error *demo_make_products(Ctx *c, Demo *d) MUST_USE;
/* What was sold that day, where and to whom; the fact has its person and day. */
void demo_describe_deal(const Demo *d, DemoUnitNo unit, Fact *f);
/* In a transaction: the deal behind an amount of a report; without an amount sometimes one that was lost. */
Error *demo_add_deal(Ctx *c, const Demo *d, int64_t employee_id, DemoUnitNo unit, Date day, int64_t amount) MUST_USE;

/* demo_reports.c; each chunk is a transaction of its own. */
Error *demo_make_reports(Ctx *c, Demo *d) MUST_USE;

/* demo_targets.c; in a transaction, after the reports. arg is the Demo. */
Error *demo_make_targets(Ctx *c, void *arg) MUST_USE;
/* demo_invoice.c; in a transaction, after the reports: reminders of their contracts, and the key action that asks for them. arg is the Demo. */
Error *demo_make_invoices(Ctx *c, void *arg) MUST_USE;
/* demo_periodic.c: weekly and monthly reports, after the daily ones. */
Error *demo_make_periodic(Ctx *c, Demo *d) MUST_USE;

/* demo_text.c: what salespeople write. `at` picks one. */
const char *demo_talk_point(uint64_t at);
const char *demo_reason(uint64_t at);
const char *demo_plan(uint64_t at);
const char *demo_return_reason(uint64_t at);
const char *demo_customer_word(uint64_t at);
const char *demo_customer_trade(uint64_t at);

/* demo_okr.c: objectives of this quarter and of the one before. */
Error *demo_make_okr(Ctx *c, Demo *d) MUST_USE;
/* demo_tracking.c: key actions and tracking plans, judged week by week as if they had been there. */
Error *demo_make_tracking(Ctx *c, Demo *d) MUST_USE;
/* demo_intake.c: a CRM's deals by a saved mapping; right after the reports. */
Error *demo_make_intake(Ctx *c, Demo *d) MUST_USE;

/* demo_row.c. A new row of fields given as name, text, ..., NULL: for rows whose structs are their module's own. A NULL text is left out. */
Error *demo_add_row(Ctx *c, const Resource *res, int64_t *ret_id, ...) MUST_USE;
const char *demo_number(Ctx *c, int64_t n);
const char *demo_iso(Ctx *c, Date day);
DemoPerson *demo_person(Demo *d, const char *name);
Actor demo_actor(const DemoPerson *p); /* may everything, and it stands under the person's name */

/* Numbers that only look random: the same person and day always give the same. */
static inline uint64_t demo_mix(uint64_t a, uint64_t b) {
    uint64_t x = a * UINT64_C(0x9E3779B97F4A7C15) + b * UINT64_C(0xD1B54A32D192ED03) + UINT64_C(0x2545F4914F6CDD1D);
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}
static inline uint64_t demo_next(uint64_t *state) {
    *state += UINT64_C(0x9E3779B97F4A7C15);
    return demo_mix(*state, 1);
}
/* 0 .. n-1 */
static inline int demo_pick(uint64_t *state, int n) {
    return (int)(demo_next(state) % (uint64_t)n);
}

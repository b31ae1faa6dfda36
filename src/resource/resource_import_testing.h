/* resource_import_testing.h - small resources for the tests of import, export, OpenAPI and schema check. Only *_test.c include it. */
#pragma once
#include "base/i18n.h"
#include "db/testing.h"
#include "resource/resource_import.h"
#include "resource/resource_store.h"
#include "service/lang.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

typedef struct Team {
    RESOURCE_ROW;
    const char *no, *name, *parent_name;
    int64_t parent_id;
} Team;

typedef struct Visit {
    RESOURCE_ROW;
    const char *no, *client, *team_name, *note, *search;
    int64_t team_id, calls, unit_id;
    Money amount;
    Date day;
    int state;
    bool won;
} Visit;

/* One person's numbers of one day: a natural id, like a daily report. */
typedef struct Daily {
    RESOURCE_ROW;
    const char *team_name, *done;
    int64_t team_id, calls, visits, quotes, orders, leads;
    Money signed_amount, paid_amount;
    Date day;
} Daily;

extern const Resource team_resource, visit_resource, daily_resource;

static const Field team_fields[] = {
    TEXT_(Team, no, N_("Team no."), .flags = REQUIRED | KEY | IN_LIST, .max = 20, .aliases = (const char *const[]){"编号", "团队编号", NULL}),
    TEXT_(Team, name, N_("Team name"), .flags = REQUIRED | PRIMARY | IN_LIST | SEARCH, .max = 40, .aliases = (const char *const[]){"名称", NULL}),
    REF_(Team, parent_id, parent_name, N_("Part of"), &team_resource, .flags = 0, .aliases = (const char *const[]){"上级团队", NULL}),
    {.kind = F_END},
};
const Resource team_resource = {
    .table = "demo_team", .path = "/demo/teams", .title = N_("Demo teams"), .one = N_("Demo team"), .size = sizeof(Team), .fields = team_fields,
    .access = {ROLE_ANY, ROLE_ADMIN, ROLE_ADMIN, 0}, .importable = true, .order = "no",
};

static const char *const visit_states[] = {"open", "done", NULL};
static const char *const visit_labels[] = {N_("Open visit"), N_("Visit done"), NULL};
static const Field visit_fields[] = {
    TEXT_(Visit, no, N_("Visit no."), .flags = REQUIRED | KEY | IN_LIST | SORT, .max = 20, .aliases = (const char *const[]){"拜访编号", NULL}),
    TEXT_(Visit, client, N_("Visited client"), .flags = REQUIRED | PRIMARY | SEARCH | IN_LIST, .max = 10, .aliases = (const char *const[]){"客户", NULL}),
    REF_(Visit, team_id, team_name, N_("Visiting team"), &team_resource, .flags = IN_LIST | FILTER, .aliases = (const char *const[]){"团队", NULL}),
    DATE_(Visit, day, N_("Day of visit"), .flags = CREATE_ONLY | FILTER, .aliases = (const char *const[]){"日期", NULL}),
    INT_(Visit, calls, N_("Calls of visit"), .max = 500, .flags = SUM, .aliases = (const char *const[]){"电话", NULL}),
    MONEY_(Visit, amount, N_("Amount of visit"), .flags = SUM, .aliases = (const char *const[]){"金额", NULL}, .unit = N_("yuan")),
    ENUM_(Visit, state, N_("State of visit"), .codes = visit_states, .labels = visit_labels, .aliases = (const char *const[]){"状态", NULL}),
    BOOL_(Visit, won, N_("Visit won"), .aliases = (const char *const[]){"成交", NULL}),
    LONGTEXT_(Visit, note, N_("Visit note"), .aliases = (const char *const[]){"备注", NULL}),
    TEXT_(Visit, search, N_("Keys"), .flags = INTERNAL),
    INT_(Visit, unit_id, N_("Unit of visit"), .flags = INTERNAL),
    {.kind = F_END},
};

static Error *visit_prepare(Ctx *c, const void *old, void *row) {
    Visit *v = row;
    (void)old;
    v->search = v->client ? text_fold(c->mem, v->client) : NULL;
    v->unit_id = v->team_id;
    return NULL;
}

static int visits_saved, visits_committed;
static Error *visit_validate(Ctx *c, const void *old, const void *row) {
    const Visit *v = row;
    (void)old;
    return v->won && v->amount == MONEY_NONE ? err_field(c, "amount", N_("This is required")) : NULL;
}
static void visit_committed(void *arg) {
    visits_committed += *(const int *)arg;
}
static Error *visit_after_save(Ctx *c, const void *old, const void *row) {
    const Visit *v = row;
    (void)old;
    visits_saved++;
    int *one = talloc(c->mem, int);
    *one = 1;
    db_after_commit(c, visit_committed, one);
    return v->note && !strcmp(v->note, "refuse me") ? err_field(c, "note", N_("Give a reason")) : NULL;
}

const Resource visit_resource = {
    .table = "demo_visit", .path = "/demo/visits", .title = N_("Demo visits"), .one = N_("Demo visit"), .size = sizeof(Visit), .fields = visit_fields,
    .access = {ROLE_ANY, ROLE_ANY, ROLE_ANY & ~(uint32_t)ROLE_FINANCE, 0}, .importable = true, .order = "no", .scope_unit = "unit_id",
    .prepare = visit_prepare, .validate = visit_validate, .after_save = visit_after_save,
};

static const Field daily_fields[] = {
    REF_(Daily, team_id, team_name, N_("Reporting team"), &team_resource, .flags = REQUIRED | KEY | IN_LIST, .aliases = (const char *const[]){"销售人员", NULL}),
    DATE_(Daily, day, N_("Reported day"), .flags = REQUIRED | KEY | IN_LIST, .aliases = (const char *const[]){"日期", NULL}),
    INT_(Daily, calls, N_("Reported calls"), .max = 1000, .flags = SUM, .aliases = (const char *const[]){"电话量", NULL}),
    INT_(Daily, visits, N_("Reported visits"), .max = 1000, .flags = SUM, .aliases = (const char *const[]){"拜访量", NULL}),
    INT_(Daily, quotes, N_("Reported quotes"), .max = 1000, .aliases = (const char *const[]){"报价", NULL}),
    INT_(Daily, orders, N_("Reported orders"), .max = 1000, .aliases = (const char *const[]){"订单", NULL}),
    INT_(Daily, leads, N_("Reported leads"), .max = 1000, .aliases = (const char *const[]){"新增客户", NULL}),
    MONEY_(Daily, signed_amount, N_("Reported signed"), .aliases = (const char *const[]){"签约金额", NULL}),
    MONEY_(Daily, paid_amount, N_("Reported paid"), .aliases = (const char *const[]){"回款金额", NULL}),
    LONGTEXT_(Daily, done, N_("Reported work"), .aliases = (const char *const[]){"今日工作", NULL}),
    {.kind = F_END},
};
static int64_t daily_id(const void *row) {
    const Daily *d = row;
    return d->team_id && d->day != DATE_NONE ? d->team_id * 100000 + d->day : 0;
}
const Resource daily_resource = {
    .table = "demo_daily", .path = "/demo/daily", .title = N_("Demo daily"), .one = N_("Demo day"), .size = sizeof(Daily), .fields = daily_fields,
    .access = {ROLE_ANY, ROLE_ANY, ROLE_ANY, 0}, .importable = true, .order = "-day", .make_id = daily_id,
};

static inline void demo_table(Ctx *c, const char *name, const char *columns) {
    bool pg = db_engine(c->db) == DB_POSTGRES;
    test_sql(c, talloc_asprintf(c->mem, "CREATE TABLE %s (id %s, version BIGINT NOT NULL, created_at BIGINT NOT NULL, created_by BIGINT, updated_at BIGINT NOT NULL,"
                                        " updated_by BIGINT, %s)", name, pg ? "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY" : "INTEGER PRIMARY KEY", columns));
}

static inline TestDb *demo_open(void) {
    TestDb *t = test_db_open();
    t->c.actor = &system_actor;
    test_ok(lang_setup(&t->c));
    t->c.lang = lang_get("en");
    demo_table(&t->c, "demo_team", "no TEXT NOT NULL UNIQUE, name TEXT NOT NULL, parent_id BIGINT");
    demo_table(&t->c, "demo_visit", "no TEXT NOT NULL UNIQUE, client TEXT NOT NULL, team_id BIGINT, day TEXT, calls BIGINT CHECK (calls <> 499), amount BIGINT,"
                                    " state BIGINT NOT NULL, won BIGINT NOT NULL, note TEXT UNIQUE, search TEXT, unit_id BIGINT");
    demo_table(&t->c, "demo_daily", "team_id BIGINT NOT NULL, day TEXT NOT NULL, calls BIGINT, visits BIGINT, quotes BIGINT, orders BIGINT, leads BIGINT,"
                                    " signed_amount BIGINT, paid_amount BIGINT, done TEXT");
    return t;
}

static inline ImportTask demo_task(const Resource *res, const char *csv) {
    return (ImportTask){.res = res, .file = {.data = csv, .size = strlen(csv)}, .name = "test.csv"};
}

static inline int64_t demo_count(Ctx *c, const char *sql) {
    int64_t n = 0;
    test_ok(db_get_int_(c, &n, sql, NULL, 0));
    return n;
}

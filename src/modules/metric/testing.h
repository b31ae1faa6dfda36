/* testing.h - a small company for tests of numbers: units, people, dimensions and metrics, made as an administrator makes them. Only *_test.c
 * include it. */
#pragma once
#include "db/testing.h"
#include "modules/metric/metric_private.h"
#include "modules/metric/roll.h"
#include "modules/org/org.h"
#include "service/cached.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static TestDb *t;

static Error *forget_caches(Ctx *c, void *arg) {
    (void)arg;
    cached_forget_all(c);
    return NULL;
}

/* There are many databases in one process here, and caches live as long as it. */
static inline void world_forget(void) {
    test_ok(db_tx(&t->c, forget_caches, NULL));
}

static inline int world_open(void **state) {
    (void)state;
    t = test_db_open();
    t->c.actor = &system_actor;
    world_forget();
    test_ok(modules_first_start(&t->c));
    return 0;
}
static inline int world_close(void **state) {
    (void)state;
    test_db_close(t);
    return 0;
}

static inline int64_t number_of(const char *sql) {
    int64_t n = -1;
    test_ok(db_get_int_(&t->c, &n, sql, NULL, 0));
    return n;
}

/* A statement with a number at its end, for ids that cannot be bound. */
static inline const char *sql_with(const char *sql, int64_t n) {
    Text *text = text_new(t, 4000);
    text_add(text, sql);
    text_addf(text, "%lld", (long long)n);
    return text->data;
}

/* ---- rows, saved as forms do ---- */

typedef struct Save {
    const Resource *res;
    void *row;
    int64_t id; /* 0: new */
} Save;
static Error *save_tx(Ctx *c, void *arg) {
    Save *s = arg;
    void *old = NULL, *row = talloc_memdup(c->mem, s->row, s->res->size); /* the function may run twice */
    if (s->id) TRY(resource_load(c, s->res, s->id, &old));
    TRY(resource_save(c, s->res, old, row, NULL, NULL));
    memcpy(s->row, row, s->res->size);
    return NULL;
}
static inline Error *save_row(const Resource *res, void *row, int64_t id) {
    Save s = {res, row, id};
    return db_tx(&t->c, save_tx, &s);
}

static inline int64_t add_unit(const char *name, UnitKind kind, int64_t parent_id) {
    OrgUnit u = {.name = name, .kind = kind, .parent_id = parent_id};
    test_ok(save_row(&org_unit_resource, &u, 0));
    return u.id;
}
static inline Error *move_unit(int64_t id, int64_t parent_id) {
    void *old;
    TRY(resource_load(&t->c, &org_unit_resource, id, &old));
    OrgUnit u = *(OrgUnit *)old;
    u.parent_id = parent_id;
    return save_row(&org_unit_resource, &u, id);
}
static inline int64_t add_person(const char *name, int64_t unit_id, Date hired_on) {
    Employee e = {.name = name, .unit_id = unit_id, .hired_on = hired_on, .left_on = DATE_NONE};
    test_ok(save_row(&employee_resource, &e, 0));
    return e.id;
}
static inline Error *try_dimension(const char *name, DimensionKind kind, int64_t parent_id, int64_t id, int64_t *ret_id) {
    Dimension d = {.name = name, .kind = kind, .parent_id = parent_id, .active = true};
    d.id = id;
    TRY(save_row(&dimension_resource, &d, id));
    if (ret_id) *ret_id = d.id;
    return NULL;
}
static inline int64_t add_dimension(const char *name, DimensionKind kind, int64_t parent_id) {
    int64_t id = 0;
    test_ok(try_dimension(name, kind, parent_id, 0, &id));
    return id;
}
static inline Metric metric_row(const char *code, const char *name, MetricUnit unit, MetricRollup rollup) {
    return (Metric){.code = code, .name = name, .unit = unit, .rollup = rollup, .sort = 500, .active = true, .formula_from = DATE_NONE};
}
static inline int64_t add_metric(const char *code, const char *name, MetricUnit unit, MetricRollup rollup) {
    Metric m = metric_row(code, name, unit, rollup);
    test_ok(save_row(&metric_resource, &m, 0));
    return m.id;
}
static inline Error *try_formula(const char *code, const char *name, MetricUnit unit, const char *formula) {
    Metric m = metric_row(code, name, unit, ROLLUP_RATIO);
    m.formula = formula;
    return save_row(&metric_resource, &m, 0);
}
static inline const Metrics *dictionary(void) {
    const Metrics *all;
    test_ok(metrics_get(&t->c, &all));
    return all;
}
static inline const Metric *metric_coded(const char *code) {
    const Metric *m = metrics_by_code(dictionary(), code);
    assert_non_null(m);
    return m;
}
static inline int slot_of(const char *code) {
    return (int)metric_coded(code)->slot - 1;
}

/* ---- facts ---- */

typedef struct FactCall {
    Error *(*call)(Ctx *c, Fact *f);
    Fact *fact;
} FactCall;
static Error *fact_call_tx(Ctx *c, void *arg) {
    FactCall *x = arg;
    Fact f = *x->fact;
    TRY(x->call(c, &f));
    *x->fact = f;
    return NULL;
}
static inline Error *with_fact(Error *(*call)(Ctx *c, Fact *f), Fact *f) {
    FactCall x = {call, f};
    return db_tx(&t->c, fact_call_tx, &x);
}
static inline Fact fact_of(int64_t employee_id, Date day) {
    Fact f;
    fact_init(&f);
    f.employee_id = employee_id, f.day = day, f.source = FACT_PROGRAM, f.source_id = 1;
    return f;
}
static Error *reverse_tx(Ctx *c, void *arg) {
    return fact_reverse(c, *(int64_t *)arg);
}
static inline Error *take_back(int64_t id) {
    return db_tx(&t->c, reverse_tx, &id);
}

static inline Sums sums_of(ScopeKind kind, int64_t id, Date first, Date last) {
    Sums s;
    test_ok(metric_sums(&t->c, (MetricScope){kind, id}, first, last, &s));
    return s;
}

/* ---- proof ---- */

/* What roll_verify says, and how many differences it counts. */
static inline int64_t differences(const char **ret_report) {
    Text *out = text_new(t->c.mem, 1 << 16);
    int64_t rows, wrong;
    test_ok(roll_verify(&t->c, &rows, &wrong, out));
    if (ret_report) *ret_report = out->data;
    return wrong;
}
static inline void assert_verified(void) {
    const char *report;
    if (!differences(&report)) return;
    print_message("# %s\n", report);
    fail_msg("sums differ from the facts");
}

static Error *rebuild_tx(Ctx *c, void *arg) {
    return roll_rebuild(c, arg);
}
/* All kept sums as text. */
static inline const char *rolls_text(void) {
    Text *out = text_new(t->c.mem, 64 << 20);
    Rows *rows;
    test_ok(db_query(&t->c, &rows, "SELECT t.id, t.facts" SLOT_COLUMNS_T " FROM roll t ORDER BY t.id"));
    while (rows_next(rows)) {
        for (int i = 0; i < METRIC_SLOTS + 2; i++) text_addf(out, "%lld ", (long long)row_int(rows, i));
        text_add(out, "\n");
    }
    test_ok(rows_done(rows));
    return out->data;
}
static inline void assert_rebuilt_equal(void) {
    const char *kept = rolls_text();
    int64_t rows = 0;
    test_ok(db_tx(&t->c, rebuild_tx, &rows));
    assert_string_equal(kept, rolls_text());
}

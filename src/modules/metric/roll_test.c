/* roll_test.c - random companies, random changes: the kept sums are always what a plain count over the standing facts gives. */
#include "modules/metric/testing.h"
#include <pthread.h>
#include <time.h>

enum { REGIONS = 3, TEAMS = 6, PEOPLE = 10, USED = 4, MAX_LIVE = 4000, STEPS = 240, CHECK_EVERY = 40, THREADS = 6, ROUNDS = 12, MAX_POSTS = 40 };

static const char *const codes[USED] = {"t_count", "t_amount", "t_best", "t_peak"};

/* The company as it should be, kept without the database. */
typedef struct World {
    uint64_t random;
    int64_t company, regions[REGIONS], teams[TEAMS], region_of[TEAMS];
    int64_t people[PEOPLE];
    struct {
        Date from;
        int64_t unit;
    } posts[PEOPLE][MAX_POSTS];
    int post_count[PEOPLE];
    int64_t lines[2], products[5], line_of[5], areas[2], provinces[4], area_of[4], types[2];
    int slots[USED]; /* the last two are maxima */
    Fact live[MAX_LIVE];
    int count;
    int64_t source;
} World;
static World *w;

static uint64_t random_next(uint64_t *s) {
    *s ^= *s << 13, *s ^= *s >> 7, *s ^= *s << 17;
    return *s;
}
static int any(int n) {
    return (int)(random_next(&w->random) % (unsigned)n);
}
static const char *named(const char *what, int i) {
    return talloc_asprintf(t, "%s%d", what, i + 1);
}

static Date first_day, last_day;

static void build(uint64_t seed) {
    w = talloc_zero(t, World);
    w->random = seed * UINT64_C(0x9E3779B97F4A7C15) | 1;
    first_day = date_make(2025, 1, 20), last_day = date_make(2026, 3, 10);
    w->company = add_unit("公司", UNIT_COMPANY, 0);
    for (int i = 0; i < REGIONS; i++) w->regions[i] = add_unit(named("大区", i), UNIT_REGION, w->company);
    for (int i = 0; i < TEAMS; i++) w->teams[i] = add_unit(named("团队", i), UNIT_TEAM, w->region_of[i] = w->regions[any(REGIONS)]);
    for (int i = 0; i < PEOPLE; i++) {
        int64_t unit = w->teams[any(TEAMS)];
        w->people[i] = add_person(named("员工", i), unit, date_make(2020, 1, 1));
        w->posts[i][0].from = date_make(2020, 1, 1), w->posts[i][0].unit = unit, w->post_count[i] = 1;
    }
    for (int i = 0; i < 2; i++) w->lines[i] = add_dimension(named("产品线", i), DIMENSION_PRODUCT, 0);
    for (int i = 0; i < 5; i++) w->products[i] = add_dimension(named("产品", i), DIMENSION_PRODUCT, w->line_of[i] = w->lines[any(2)]);
    for (int i = 0; i < 2; i++) w->areas[i] = add_dimension(named("片区", i), DIMENSION_REGION, 0);
    for (int i = 0; i < 4; i++) w->provinces[i] = add_dimension(named("省", i), DIMENSION_REGION, w->area_of[i] = w->areas[any(2)]);
    for (int i = 0; i < 2; i++) w->types[i] = add_dimension(named("客户类型", i), DIMENSION_CUSTOMER_TYPE, 0);
    add_metric(codes[0], "测试次数", UNIT_TIMES, ROLLUP_SUM);
    add_metric(codes[1], "测试金额", UNIT_YUAN, ROLLUP_SUM);
    add_metric(codes[2], "最大单笔", UNIT_YUAN, ROLLUP_MAX);
    add_metric(codes[3], "峰值人数", UNIT_PEOPLE, ROLLUP_MAX);
    for (int i = 0; i < USED; i++) w->slots[i] = slot_of(codes[i]);
}

/* ---- the plain count ---- */

static int person_at(int64_t id) {
    int i = 0;
    while (w->people[i] != id) i++;
    return i;
}
static int64_t team_on(int64_t employee_id, Date day) {
    int p = person_at(employee_id), k = w->post_count[p] - 1;
    while (k > 0 && w->posts[p][k].from > day) k--;
    return w->posts[p][k].unit;
}
static bool is_below(int64_t team, int64_t unit) {
    int i = 0;
    while (w->teams[i] != team) i++;
    return unit == team || unit == w->region_of[i] || unit == w->company;
}
static int64_t top_product(int64_t id) {
    for (int i = 0; i < 5; i++)
        if (w->products[i] == id) return w->line_of[i];
    return id;
}
static int64_t top_area(int64_t id) {
    for (int i = 0; i < 4; i++)
        if (w->provinces[i] == id) return w->area_of[i];
    return id;
}
static int64_t top_named(const Fact *f, DimensionKind kind) {
    return kind == DIMENSION_REGION ? top_area(f->region_id) : kind == DIMENSION_PRODUCT ? top_product(f->product_id) : f->customer_type_id;
}
static bool counts_for(const Fact *f, MetricScope s) {
    if (s.kind == SCOPE_PERSON) return f->employee_id == s.id;
    if (s.kind == SCOPE_UNIT) return is_below(team_on(f->employee_id, f->day), s.id);
    return f->product_id == s.id || f->region_id == s.id || f->customer_type_id == s.id || (f->product_id && top_product(f->product_id) == s.id) ||
           (f->region_id && top_area(f->region_id) == s.id);
}
static void count_in(const Fact *f, Sums *s) {
    s->facts++;
    for (int i = 0; i < USED; i++) {
        int64_t n = f->n[w->slots[i]], *sum = &s->n[w->slots[i]];
        if (n == INT_NONE) continue;
        if (i < 2) *sum += n;
        else if (n > *sum) *sum = n;
    }
}
static Sums recount(MetricScope scope, Date first, Date last) {
    Sums s = {0};
    for (int i = 0; i < w->count; i++)
        if (w->live[i].day >= first && w->live[i].day <= last && counts_for(&w->live[i], scope)) count_in(&w->live[i], &s);
    return s;
}

/* ---- comparing ---- */

static void assert_same(const Sums *is, const Sums *should, const char *what, MetricScope scope, Date first, Date last) {
    char a[DATE_TEXT], b[DATE_TEXT];
    for (int i = -1; i < METRIC_SLOTS; i++) {
        int64_t x = i < 0 ? is->facts : is->n[i], y = i < 0 ? should->facts : should->n[i];
        if (x != y) fail_msg("%s of scope %d id %lld, %s..%s, slot %d: %lld, not %lld", what, scope.kind, (long long)scope.id, date_text(first, a), date_text(last, b), i + 1,
                             (long long)x, (long long)y);
    }
}

static void check_series(MetricScope scope, PeriodKind kind, int n, int fiscal_month, Date start) {
    Sums sums[400];
    Period from = period_of(kind, start, fiscal_month);
    test_ok(metric_series(&t->c, scope, from, n, fiscal_month, sums));
    for (int i = 0; i < n; i++) {
        Period p = period_add(from, i, fiscal_month);
        Sums should = recount(scope, p.first, p.last);
        assert_same(&sums[i], &should, "series", scope, p.first, p.last);
    }
}

static void check_scope(MetricScope scope) {
    check_series(scope, PERIOD_DAY, 60, 1, first_day + any(300));
    check_series(scope, PERIOD_WEEK, 60, 1, first_day);
    check_series(scope, PERIOD_MONTH, 16, 1, first_day);
    static const int fiscal[] = {1, 4};
    for (int i = 0; i < 2; i++) {
        check_series(scope, PERIOD_QUARTER, 7, fiscal[i], first_day);
        check_series(scope, PERIOD_HALF, 4, fiscal[i], first_day);
        check_series(scope, PERIOD_YEAR, 3, fiscal[i], first_day);
    }
    for (int i = 0; i < 8; i++) {
        Date first = first_day - 10 + any(400), last = first + any(i % 2 ? 40 : 400);
        Sums is = sums_of(scope.kind, scope.id, first, last), should = recount(scope, first, last);
        assert_same(&is, &should, "sums", scope, first, last);
    }
}

static void check_people(int64_t unit, Date first, Date last) {
    PersonSums *people;
    size_t n, expected = 0;
    test_ok(metric_people(&t->c, unit, first, last, &people, &n));
    for (int p = 0; p < PEOPLE; p++) {
        Sums should = {0};
        Date latest = -1;
        for (int i = 0; i < w->count; i++) {
            const Fact *f = &w->live[i];
            if (f->employee_id != w->people[p] || f->day < first || f->day > last || !is_below(team_on(f->employee_id, f->day), unit)) continue;
            count_in(f, &should);
            if (f->day > latest) latest = f->day;
        }
        expected += should.facts > 0;
        for (size_t i = 0; i < n; i++) {
            if (people[i].employee_id != w->people[p]) continue;
            assert_same(&people[i].sums, &should, "people", (MetricScope){SCOPE_UNIT, unit}, first, last);
            assert_int_equal(people[i].unit_id, team_on(people[i].employee_id, latest));
        }
    }
    assert_int_equal(n, expected);
}

static void check_shares(int64_t unit, DimensionKind kind, Date first, Date last) {
    ShareSums *shares;
    size_t n;
    test_ok(metric_shares(&t->c, unit, kind, first, last, &shares, &n));
    assert_int_equal(n, 3);
    for (size_t i = 0; i < n; i++) {
        Sums should = {0};
        for (int k = 0; k < w->count; k++) {
            const Fact *f = &w->live[k];
            if (f->day >= first && f->day <= last && is_below(team_on(f->employee_id, f->day), unit) && top_named(f, kind) == shares[i].dimension_id) count_in(f, &should);
        }
        assert_same(&shares[i].sums, &should, "shares", (MetricScope){SCOPE_DIMENSION, shares[i].dimension_id}, first, last);
    }
}

static void check_all(void) {
    Ctx kept = t->c, *turn = ctx_child(&kept);
    t->c.mem = turn->mem;
    assert_verified();
    int64_t units[1 + REGIONS + TEAMS] = {w->company};
    memcpy(units + 1, w->regions, sizeof w->regions), memcpy(units + 1 + REGIONS, w->teams, sizeof w->teams);
    for (int i = 0; i < 1 + REGIONS + TEAMS; i++) {
        check_scope((MetricScope){SCOPE_UNIT, units[i]});
        for (int k = 0; k < 3; k++) {
            Date first = k ? first_day + any(300) : date_make(2025, 4, 1), last = k ? first + any(200) : date_make(2025, 6, 30);
            check_people(units[i], first, last);
            check_shares(units[i], any(DIMENSION_KINDS), first, last);
        }
    }
    for (int i = 0; i < PEOPLE; i++) check_scope((MetricScope){SCOPE_PERSON, w->people[i]});
    for (int i = 0; i < 5; i++) check_scope((MetricScope){SCOPE_DIMENSION, w->products[i]});
    for (int i = 0; i < 4; i++) check_scope((MetricScope){SCOPE_DIMENSION, w->provinces[i]});
    for (int i = 0; i < 2; i++) {
        check_scope((MetricScope){SCOPE_DIMENSION, w->lines[i]});
        check_scope((MetricScope){SCOPE_DIMENSION, w->areas[i]});
        check_scope((MetricScope){SCOPE_DIMENSION, w->types[i]});
    }
    t->c.mem = kept.mem;
    ctx_done(turn);
}

/* ---- random changes ---- */

enum { APPEND, REPLACE, TAKE_BACK, TAKE_BACK_BY_SOURCE };
typedef struct Op {
    int kind, at; /* at: place in live */
    Fact fact;
} Op;
typedef struct Ops {
    Op list[12];
    int count;
    bool fail;
} Ops;

static Error *run_ops(Ctx *c, void *arg) {
    const Ops *ops = arg;
    for (int i = 0; i < ops->count; i++) {
        Fact f = ops->list[i].fact;
        int64_t id = 0;
        f.unit_id = 0;
        switch (ops->list[i].kind) {
        case APPEND: TRY(fact_append(c, &f)); break;
        case TAKE_BACK:
            TRY(db_get_int(c, &id, "SELECT max(id) FROM fact WHERE id >= $1 AND id < $2 AND source_id = $3 AND reverses IS NULL", V(f.employee_id << 32 | (int64_t)f.day << 12),
                           V(f.employee_id << 32 | (int64_t)(f.day + 1) << 12), V(f.source_id)));
            TRY(fact_reverse(c, id));
            TRY(fact_reverse(c, id)); /* the second time nothing happens */
            break;
        default: TRY(fact_replace(c, &f));
        }
    }
    return ops->fail ? err_conflict(c, "no") : NULL;
}

static void random_numbers(Fact *f) {
    for (int i = 0; i < USED; i++) f->n[w->slots[i]] = any(4) ? any(i == 1 || i == 2 ? 10000000 : 50) - (any(6) ? 0 : 20) : INT_NONE;
    if (f->n[w->slots[0]] == INT_NONE) f->n[w->slots[0]] = 0; /* something is said */
}
static Fact random_fact(void) {
    Fact f = fact_of(w->people[any(PEOPLE)], first_day + any(any(3) ? 60 : last_day - first_day));
    f.source = any(3), f.source_id = ++w->source;
    if (any(3)) f.product_id = any(5) ? w->products[any(5)] : w->lines[any(2)];
    if (any(3)) f.region_id = any(5) ? w->provinces[any(4)] : w->areas[any(2)];
    if (any(2)) f.customer_type_id = w->types[any(2)];
    random_numbers(&f);
    return f;
}

/* No fact is changed twice by one transaction of the test, so that its outcome is easily said. */
static void add_op(Ops *ops) {
    int at = w->count ? any(w->count) : 0, kind = w->count && any(2) ? 1 + any(3) : APPEND;
    for (int i = 0; i < ops->count; i++)
        if (ops->list[i].kind != APPEND && ops->list[i].at == at) kind = APPEND;
    Op *op = &ops->list[ops->count++];
    *op = (Op){.kind = kind, .at = at, .fact = kind == APPEND ? random_fact() : w->live[at]};
    if (kind == REPLACE && any(3)) random_numbers(&op->fact);
    if (kind == REPLACE && !any(4)) op->fact.product_id = w->products[any(5)];
    if (kind == TAKE_BACK_BY_SOURCE)
        for (int i = 0; i < METRIC_SLOTS; i++) op->fact.n[i] = INT_NONE;
}
static void remember(const Ops *ops) {
    bool gone[MAX_LIVE] = {false};
    for (int i = 0; i < ops->count; i++) {
        const Op *op = &ops->list[i];
        if (op->kind == APPEND) w->live[w->count++] = op->fact;
        else if (op->kind == REPLACE) w->live[op->at] = op->fact;
        else gone[op->at] = true;
    }
    int n = 0;
    for (int i = 0; i < w->count; i++)
        if (!gone[i]) w->live[n++] = w->live[i];
    w->count = n;
}
static void step_facts(void) {
    Ops ops = {.fail = !any(6)};
    for (int n = 1 + (any(3) ? 0 : any(12)); n; n--) add_op(&ops);
    Error *e = db_tx(&t->c, run_ops, &ops);
    if (ops.fail) assert_non_null(e);
    else test_ok(e);
    if (!ops.fail) remember(&ops);
}

typedef struct Transfer {
    int64_t employee_id, unit_id;
    Date from;
} Transfer;
static Error *transfer_tx(Ctx *c, void *arg) {
    const Transfer *x = arg;
    return org_transfer(c, x->employee_id, x->unit_id, x->from, NULL);
}
static void step_transfer(void) {
    int p = any(PEOPLE);
    Transfer x = {w->people[p], w->teams[any(TEAMS)], first_day + any(last_day - first_day)};
    if (team_on(x.employee_id, x.from) == x.unit_id) return;
    test_ok(db_tx(&t->c, transfer_tx, &x));
    int n = w->post_count[p];
    while (n > 1 && w->posts[p][n - 1].from >= x.from) n--;
    w->posts[p][n].from = x.from, w->posts[p][n].unit = x.unit_id;
    w->post_count[p] = n + 1;
    assert_true(n + 2 < MAX_POSTS);
}
static void step_move_unit(void) {
    int i = any(TEAMS);
    int64_t to = any(5) ? w->regions[any(REGIONS)] : w->company;
    test_ok(move_unit(w->teams[i], to));
    w->region_of[i] = to;
}

/* ---- many at once ---- */

typedef struct Hand {
    pthread_t thread;
    Ops ops[ROUNDS];
    bool done[ROUNDS];
} Hand;
static void *hand_work(void *arg) {
    Hand *h = arg;
    for (int i = 0; i < ROUNDS; i++) {
        Ctx c = t->c;
        c.mem = talloc_new(NULL);
        Error *e = db_tx(&c, run_ops, &h->ops[i]);
        if (e && !h->ops[i].fail && e->status != 503) abort(); /* PostgreSQL may give up after many tries, and then it says so */
        h->done[i] = !e;
        talloc_free(c.mem);
    }
    db_thread_end();
    return NULL;
}
static void many_at_once(void) {
    Hand *hands = talloc_zero_array(t, Hand, THREADS);
    for (int i = 0; i < THREADS; i++)
        for (int k = 0; k < ROUNDS; k++) {
            hands[i].ops[k].fail = !any(5);
            for (int n = 1 + any(3); n; n--) hands[i].ops[k].list[hands[i].ops[k].count++] = (Op){.kind = APPEND, .fact = random_fact()};
        }
    for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&hands[i].thread, NULL, hand_work, &hands[i]), 0);
    if (db_engine(t->c.db) == DB_SQLITE)
        for (int i = 0; i < 4; i++) {
            step_move_unit();
            step_transfer();
        }
    for (int i = 0; i < THREADS; i++) pthread_join(hands[i].thread, NULL);
    for (int i = 0; i < THREADS; i++)
        for (int k = 0; k < ROUNDS; k++)
            if (hands[i].done[k]) remember(&hands[i].ops[k]);
}

static void random_life(uint64_t seed) {
    print_message("# seed %llu\n", (unsigned long long)seed);
    build(seed);
    for (int i = 1; i <= STEPS; i++) {
        int what = any(20);
        if (what < 2) step_transfer();
        else if (what < 4) step_move_unit();
        else step_facts();
        if (i % CHECK_EVERY == 0) check_all();
    }
    many_at_once();
    check_all();
    assert_rebuilt_equal();
    check_all();
}

static void sums_are_what_a_plain_count_gives(void **state) {
    (void)state;
    const char *seed = getenv("XIAOGUAN_TEST_SEED");
    random_life(seed ? strtoull(seed, NULL, 10) : 1);
}
static void and_with_another_seed(void **state) {
    (void)state;
    random_life((uint64_t)time(NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sums_are_what_a_plain_count_gives, world_open, world_close),
        cmocka_unit_test_setup_teardown(and_with_another_seed, world_open, world_close),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    date_set_zone("Asia/Shanghai");
    modules_setup();
    return cmocka_run_group_tests_name("metric/roll", tests, NULL, NULL);
}

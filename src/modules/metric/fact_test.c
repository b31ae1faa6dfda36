/* fact_test.c - facts at their limits, whose they are, what takes them back, and that planted errors in the sums are found. */
#include "modules/metric/testing.h"

static int64_t company, region, team, other, person;
static int a, b, best; /* places of slots */

static int set_up(void **state) {
    world_open(state);
    company = add_unit("公司", UNIT_COMPANY, 0);
    region = add_unit("华东", UNIT_REGION, company);
    team = add_unit("一组", UNIT_TEAM, region);
    other = add_unit("二组", UNIT_TEAM, company);
    person = add_person("王芳", team, date_make(2024, 3, 1));
    add_metric("t_best", "最大单笔", UNIT_YUAN, ROLLUP_MAX);
    a = slot_of("amount"), b = slot_of("visits"), best = slot_of("t_best");
    return 0;
}

static int64_t put(int64_t employee_id, Date day, int slot, int64_t n) {
    Fact f = fact_of(employee_id, day);
    f.n[slot] = n;
    test_ok(with_fact(fact_append, &f));
    return f.id;
}
static int64_t unit_of_fact(int64_t id) {
    int64_t unit = 0;
    test_ok(db_get_int(&t->c, &unit, "SELECT unit_id FROM fact WHERE id = $1", V(id)));
    return unit;
}
static void assert_status(Error *e, int status) {
    assert_non_null(e);
    assert_int_equal(e->status, status);
}

static void days_from_1970_to_2140_have_sums_of_their_own(void **state) {
    (void)state;
    const Date days[] = {0, 1, 30, 31, date_make(2000, 2, 29), date_make(2099, 12, 31), date_make(2100, 1, 1), date_make(2140, 8, 31)};
    enum { N = sizeof days / sizeof *days };
    for (int i = 0; i < N; i++) put(person, days[i], a, 1 << i);
    for (int i = 0; i < N; i++) {
        assert_int_equal(sums_of(SCOPE_UNIT, company, days[i], days[i]).n[a], 1 << i);
        assert_int_equal(sums_of(SCOPE_PERSON, person, days[i], days[i]).n[a], 1 << i);
    }
    PersonSums *people;
    size_t n;
    test_ok(metric_people(&t->c, region, date_make(2140, 8, 1), date_make(2140, 8, 31), &people, &n));
    assert_int_equal(n, 1);
    assert_int_equal(people[0].sums.n[a], 1 << (N - 1));
    assert_verified();
    assert_rebuilt_equal();
}

static void other_days_are_refused_and_have_no_sums(void **state) {
    (void)state;
    const Date days[] = {-1, DATE_NONE, date_make(2140, 9, 1), date_make(2199, 1, 1), INT32_MAX};
    put(person, 0, a, 7);
    put(person, date_make(2140, 8, 31), a, 9);
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        Fact f = fact_of(person, days[i]);
        f.n[a] = 1;
        assert_status(with_fact(fact_append, &f), 422);
        assert_status(with_fact(fact_replace, &f), 422);
        assert_int_equal(sums_of(SCOPE_UNIT, team, days[i], days[i]).facts, 0);
        assert_int_equal(sums_of(SCOPE_PERSON, person, days[i], days[i]).facts, 0);
    }
    const ScopeKind kinds[] = {SCOPE_UNIT, SCOPE_PERSON};
    for (int i = 0; i < 2; i++) {
        int64_t id = i ? person : other + 1; /* the neighbour in the order of keys */
        assert_int_equal(sums_of(kinds[i], id, -400, -1).facts, 0);
        assert_int_equal(sums_of(kinds[i], i ? person : team, DATE_NONE, INT32_MAX).n[a], 16);
        assert_int_equal(sums_of(kinds[i], i ? person : team, date_make(1950, 1, 1), date_make(2199, 12, 31)).n[a], 16);
        Sums sums[3];
        test_ok(metric_series(&t->c, (MetricScope){kinds[i], i ? person : team}, period_of(PERIOD_YEAR, date_make(1969, 5, 5), 4), 3, 4, sums));
        assert_int_equal(sums[0].n[a], 7); /* fiscal 1969 ends in March 1970 */
        assert_int_equal(sums[1].facts + sums[2].facts, 0);
    }
    PersonSums *people;
    ShareSums *shares;
    size_t n;
    test_ok(metric_people(&t->c, company, DATE_NONE, INT32_MAX, &people, &n));
    assert_int_equal(people[0].sums.n[a], 16);
    test_ok(metric_people(&t->c, company, -30, -1, &people, &n));
    assert_int_equal(n, 0);
    test_ok(metric_shares(&t->c, company, DIMENSION_REGION, -30, -1, &shares, &n));
    assert_int_equal(shares[n - 1].sums.facts, 0);
}

static void the_largest_ids_have_sums_and_larger_ones_are_refused(void **state) {
    (void)state;
    int64_t top = ROLL_UNIT_MAX, last = INT32_MAX;
    test_sql(&t->c, "INSERT INTO org_unit(id, name, kind, parent_id, version, created_at, updated_at) VALUES (262143, 'x', 2, (SELECT id FROM org_unit WHERE kind = 0), 1, 0, 0)");
    test_sql(&t->c, "INSERT INTO unit_above(below_id, above_id) SELECT 262143, id FROM org_unit WHERE kind = 0 UNION SELECT 262143, 262143");
    test_sql(&t->c, "INSERT INTO employee(id, no, name, unit_id, version, created_at, updated_at) VALUES (2147483647, 'l', 'l', 262143, 1, 0, 0), (2147483648, 'm', 'm', 262143, 1, 0, 0)");
    Date day = date_make(2100, 6, 15);
    put(last, day, a, 5);
    put(last, roll_day_max(), a, 6);
    assert_int_equal(sums_of(SCOPE_UNIT, top, day, day).n[a], 5);
    assert_int_equal(sums_of(SCOPE_PERSON, last, day, roll_day_max()).n[a], 11);
    PersonSums *people;
    size_t n;
    test_ok(metric_people(&t->c, top, date_make(2100, 6, 1), date_make(2100, 6, 30), &people, &n));
    assert_int_equal(n, 1);
    assert_int_equal(people[0].employee_id, last);
    assert_verified();
    Fact f = fact_of(last + 1, day);
    f.n[a] = 1;
    assert_status(with_fact(fact_append, &f), 500);
    f = fact_of(person, day), f.n[a] = 1, f.unit_id = top + 1;
    assert_status(with_fact(fact_append, &f), 500);
    assert_rebuilt_equal();
}

static Error *recredit_tx(Ctx *c, void *arg) {
    return fact_recredit(c, *(int64_t *)arg, 0);
}

static void facts_of_the_last_person_follow_too(void **state) {
    (void)state;
    int64_t last = INT32_MAX;
    test_sql(&t->c, "INSERT INTO employee(id, no, name, unit_id, version, created_at, updated_at) VALUES (2147483647, 'l', 'l', (SELECT min(id) FROM org_unit WHERE kind = 2), 1, 0, 0)");
    put(last, roll_day_max(), a, 6);
    test_sql(&t->c, "UPDATE employee SET unit_id = (SELECT max(id) FROM org_unit WHERE kind = 2) WHERE id = 2147483647");
    test_ok(db_tx(&t->c, recredit_tx, &last));
    assert_int_equal(sums_of(SCOPE_UNIT, other, 0, roll_day_max()).n[a], 6);
    assert_int_equal(sums_of(SCOPE_UNIT, team, 0, roll_day_max()).facts, 0);
    assert_verified();
}

static Error *fill_day(Ctx *c, void *arg) {
    for (int i = 0; i < 4096; i++) {
        Fact f = fact_of(*(int64_t *)arg, 20000);
        f.n[a] = 1, f.n[best] = i, f.source_id = i;
        TRY(fact_append(c, &f));
    }
    return NULL;
}

static void a_day_has_room_for_4096_facts(void **state) {
    (void)state;
    test_ok(db_tx(&t->c, fill_day, &person));
    Sums s = sums_of(SCOPE_UNIT, company, 20000, 20000);
    assert_int_equal(s.facts, 4096);
    assert_int_equal(s.n[a], 4096);
    assert_int_equal(s.n[best], 4095);
    Fact f = fact_of(person, 20000);
    f.n[a] = 1;
    assert_status(with_fact(fact_append, &f), 409);
    assert_status(take_back(person << 32 | 20000 << 12), 409);
    put(person, 20001, a, 1);
    put(person, 19999, a, 1);
    assert_int_equal(sums_of(SCOPE_PERSON, person, 19999, 20001).n[a], 4098);
    assert_verified();
}

static void amounts_beyond_int64_stop_at_its_end(void **state) {
    (void)state;
    Date day = 20000;
    int64_t type = add_dimension("大客户", DIMENSION_CUSTOMER_TYPE, 0), ids[2];
    for (int i = 0; i < 2; i++) {
        Fact f = fact_of(person, day);
        f.n[a] = INT64_MAX - 1, f.n[b] = -INT64_MAX, f.n[best] = INT64_MAX, f.customer_type_id = type;
        test_ok(with_fact(fact_append, &f));
        ids[i] = f.id;
    }
    put(person, day, b, -1);
    Sums s = sums_of(SCOPE_UNIT, company, day, day);
    assert_int_equal(s.n[a], INT64_MAX);
    assert_true(s.n[b] <= -INT64_MAX);
    assert_int_equal(s.n[best], INT64_MAX);
    assert_int_equal(sums_of(SCOPE_PERSON, person, day, day).n[a], INT64_MAX);
    PersonSums *people;
    ShareSums *shares;
    size_t n;
    test_ok(metric_people(&t->c, company, day, day + 200, &people, &n));
    assert_int_equal(people[0].sums.n[a], INT64_MAX);
    test_ok(metric_shares(&t->c, company, DIMENSION_CUSTOMER_TYPE, day, day, &shares, &n));
    assert_int_equal(shares[0].sums.n[a], INT64_MAX);
    assert_string_equal(metric_text(&t->c, metric_coded("amount"), metric_value(dictionary(), metric_coded("amount"), &s, day), false), "92,233,720,368,547,758.07");
    test_ok(move_unit(team, company));
    test_ok(take_back(ids[0]));
    assert_int_equal(sums_of(SCOPE_UNIT, region, day, day).facts, 0);
}

static void a_fact_belongs_to_the_team_of_its_day(void **state) {
    (void)state;
    Date first = date_make(2024, 3, 1);
    assert_int_equal(unit_of_fact(put(person, first, a, 1)), team);
    assert_int_equal(unit_of_fact(put(person, first - 1, a, 1)), team); /* before the first post: today's team */
    Fact f = fact_of(person, first);
    f.unit_id = other, f.n[a] = 1; /* told, so not looked up */
    test_ok(with_fact(fact_append, &f));
    assert_int_equal(unit_of_fact(f.id), other);
    f = fact_of(987654, first), f.n[a] = 1;
    assert_status(with_fact(fact_append, &f), 404);
    assert_status(with_fact(fact_replace, &f), 404);
    assert_verified();
}

typedef struct Leaving {
    int64_t employee_id;
    Date last_day;
} Leaving;
static Error *leave_tx(Ctx *c, void *arg) {
    const Leaving *x = arg;
    return org_leave_company(c, x->employee_id, x->last_day);
}

static void who_left_keeps_the_team_of_the_last_post(void **state) {
    (void)state;
    Date day = date_make(2026, 5, 10);
    Leaving x = {person, day};
    int64_t id = put(person, day + 3, a, 4);
    test_ok(db_tx(&t->c, leave_tx, &x));
    assert_int_equal(unit_of_fact(id), team);
    assert_int_equal(unit_of_fact(put(person, day + 9, a, 4)), team);
    assert_int_equal(sums_of(SCOPE_UNIT, region, day, day + 10).n[a], 8);
    assert_verified();
}

typedef struct Transfer {
    int64_t employee_id, unit_id;
    Date from;
} Transfer;
static Error *transfer_tx(Ctx *c, void *arg) {
    const Transfer *x = arg;
    return org_transfer(c, x->employee_id, x->unit_id, x->from, NULL);
}

static void a_transfer_in_the_past_takes_the_numbers_along_once(void **state) {
    (void)state;
    Date day = date_make(2026, 5, 10);
    put(person, day - 1, a, 1);
    int64_t moved = put(person, day, a, 10), taken_back = put(person, day + 1, a, 100);
    test_ok(take_back(taken_back));
    Transfer x = {person, other, day};
    test_ok(db_tx(&t->c, transfer_tx, &x));
    assert_int_equal(sums_of(SCOPE_UNIT, team, day - 9, day + 9).n[a], 1);
    assert_int_equal(sums_of(SCOPE_UNIT, other, day - 9, day + 9).n[a], 10);
    assert_int_equal(unit_of_fact(moved), team); /* never changed: reversed and entered anew */
    int64_t rows = number_of("SELECT count(*) FROM fact");
    assert_int_equal(rows, 6);
    test_ok(db_tx(&t->c, recredit_tx, &person));
    assert_int_equal(number_of("SELECT count(*) FROM fact"), rows);
    PersonSums *people;
    size_t n;
    test_ok(metric_people(&t->c, company, date_make(2026, 5, 1), date_make(2026, 5, 31), &people, &n));
    assert_int_equal(n, 1);
    assert_int_equal(people[0].unit_id, other);
    assert_int_equal(people[0].sums.n[a], 11);
    assert_verified();
    assert_rebuilt_equal();
}

static void a_fact_is_taken_back_once(void **state) {
    (void)state;
    int64_t id = put(person, 20000, a, 5);
    test_ok(take_back(id));
    test_ok(take_back(id));
    test_ok(take_back(id + 1)); /* a reversal stands for ever */
    assert_int_equal(number_of("SELECT count(*) FROM fact"), 2);
    assert_int_equal(number_of("SELECT count(*) FROM roll"), 0);
    assert_status(take_back(id + 2), 404);
}

static Error *replace_both_ways(Ctx *c, void *arg) {
    Fact f = fact_of(*(int64_t *)arg, 20000);
    f.n[a] = 5;
    TRY(fact_replace(c, &f)); /* says nothing of the maximum */
    f.n[best] = 70, f.unit_id = 0;
    TRY(fact_replace(c, &f));
    f.n[a] = 6, f.n[best] = 40, f.unit_id = 0;
    return fact_replace(c, &f);
}

static void what_a_commit_enters_and_takes_back_is_counted_once(void **state) {
    (void)state;
    put(person, 20000, a, 1);
    Fact f = fact_of(person, 20000);
    f.n[a] = 2, f.source_id = 9;
    test_ok(with_fact(fact_replace, &f));
    f.n[best] = 80, f.unit_id = 0; /* the old one did not name the maximum, the new one does */
    test_ok(with_fact(fact_replace, &f));
    assert_int_equal(sums_of(SCOPE_UNIT, company, 20000, 20000).n[best], 80);
    int64_t facts = number_of("SELECT count(*) FROM fact");
    f.unit_id = 0;
    test_ok(with_fact(fact_replace, &f)); /* unchanged */
    assert_int_equal(number_of("SELECT count(*) FROM fact"), facts);
    test_ok(db_tx(&t->c, replace_both_ways, &person));
    assert_int_equal(sums_of(SCOPE_UNIT, company, 20000, 20000).n[best], 80);
    assert_int_equal(sums_of(SCOPE_UNIT, company, 20000, 20000).n[a], 8);
    assert_verified();
}

/* ---- dimensions ---- */

static void a_member_with_numbers_at_or_below_it_stays_put(void **state) {
    (void)state;
    int64_t line = add_dimension("软件", DIMENSION_PRODUCT, 0), to = add_dimension("服务", DIMENSION_PRODUCT, 0);
    int64_t group = add_dimension("云", DIMENSION_PRODUCT, line), product = add_dimension("云盘", DIMENSION_PRODUCT, group);
    test_ok(try_dimension("云", DIMENSION_PRODUCT, to, group, NULL));
    Fact f = fact_of(person, 20000);
    f.product_id = product, f.n[a] = 3;
    test_ok(with_fact(fact_append, &f));
    assert_status(try_dimension("云盘", DIMENSION_PRODUCT, line, product, NULL), 422);
    assert_status(try_dimension("云", DIMENSION_PRODUCT, line, group, NULL), 422);
    assert_status(try_dimension("云", DIMENSION_PRODUCT, product, group, NULL), 422);
    assert_int_equal(sums_of(SCOPE_DIMENSION, to, 20000, 20000).n[a], 3);
    assert_verified();
}

static void trees_put_on_trees_grow_no_deeper_than_trees(void **state) {
    (void)state;
    int64_t top[3], bottom[3];
    for (int i = 0; i < 3; i++) {
        int64_t at = 0;
        for (int k = 0; k < 6; k++) {
            at = add_dimension(talloc_asprintf(t, "%d-%d", i, k), DIMENSION_REGION, at);
            if (!k) top[i] = at;
        }
        bottom[i] = at;
    }
    assert_status(try_dimension("2-0", DIMENSION_REGION, bottom[1], top[2], NULL), 422);
    test_ok(try_dimension("2-0", DIMENSION_REGION, top[1], top[2], NULL));
    assert_status(try_dimension("1-0", DIMENSION_REGION, bottom[0], top[1], NULL), 422);
}

/* ---- planted errors ---- */

static void assert_found(const char *sql, int64_t key, int64_t wrong, const char *what) {
    const char *report;
    assert_verified();
    test_sql(&t->c, sql);
    assert_int_equal(differences(&report), wrong);
    const char *line = talloc_asprintf(t, "roll %lld: %s", (long long)key, what);
    if (!strstr(report, line)) fail_msg("no \"%s\" in: %s", line, report);
    int64_t rows = 0;
    test_ok(db_tx(&t->c, rebuild_tx, &rows));
    assert_verified();
}

static void planted_errors_are_found_and_named(void **state) {
    (void)state;
    Date day = date_make(2026, 5, 10);
    int64_t month = roll_month(day), day_key = roll_key(ROLL_UNIT, team, false, day), month_key = roll_key(ROLL_UNIT, company, true, month);
    int64_t member_key = roll_member_key(team, month, person);
    Fact f = fact_of(person, day);
    f.n[a] = 10, f.n[b] = 3, f.n[best] = 8, f.region_id = add_dimension("江浙", DIMENSION_REGION, 0);
    test_ok(with_fact(fact_append, &f));
    int64_t dimension_key = roll_key(ROLL_DIMENSION, f.region_id, true, month);
    assert_found(sql_with("UPDATE roll SET n3 = n3 + 1 WHERE id = ", day_key), day_key, 1, "n3 kept 11, the facts say 10");
    assert_found(sql_with("UPDATE roll SET facts = 2 WHERE id = ", month_key), month_key, 1, "facts kept 2, the facts say 1");
    assert_found(sql_with("UPDATE roll SET n30 = 9 WHERE id = ", member_key), member_key, 1, "n30 kept 9, the facts say 8");
    assert_found(sql_with("UPDATE roll SET n39 = 1 WHERE id = ", dimension_key), dimension_key, 1, "n39 kept 1, the facts say 0");
    assert_found(sql_with("DELETE FROM roll WHERE id = ", member_key), member_key, 4, "facts kept 0, the facts say 1");
    assert_found(sql_with("DELETE FROM roll WHERE id = ", day_key), day_key, 4, "facts kept 0, the facts say 1");
    /* a row that no fact stands behind: another day, another kind, an impossible key */
    const int64_t strange[] = {day_key + 1, member_key + 1, dimension_key + 1, INT64_C(3) << ROLL_KIND_SHIFT, INT64_MAX - 1, -5};
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
        Text *insert = text_new(t, 4000);
        text_add(insert, "INSERT INTO roll(id, facts" SLOT_COLUMNS ") VALUES (");
        text_addf(insert, "%lld, 1", (long long)strange[i]);
        for (int k = 0; k < METRIC_SLOTS; k++) text_add(insert, ", 0");
        text_add(insert, ")");
        assert_found(insert->data, strange[i], 1, "facts kept 1, the facts say 0");
    }
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, world_close)
    const struct CMUnitTest tests[] = {
        TEST(days_from_1970_to_2140_have_sums_of_their_own),
        TEST(other_days_are_refused_and_have_no_sums),
        TEST(the_largest_ids_have_sums_and_larger_ones_are_refused),
        TEST(facts_of_the_last_person_follow_too),
        TEST(a_day_has_room_for_4096_facts),
        TEST(amounts_beyond_int64_stop_at_its_end),
        TEST(a_fact_belongs_to_the_team_of_its_day),
        TEST(who_left_keeps_the_team_of_the_last_post),
        TEST(a_transfer_in_the_past_takes_the_numbers_along_once),
        TEST(a_fact_is_taken_back_once),
        TEST(what_a_commit_enters_and_takes_back_is_counted_once),
        TEST(a_member_with_numbers_at_or_below_it_stays_put),
        TEST(trees_put_on_trees_grow_no_deeper_than_trees),
        TEST(planted_errors_are_found_and_named),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    date_set_zone("Asia/Shanghai");
    modules_setup();
    return cmocka_run_group_tests_name("metric/fact", tests, NULL, NULL);
}

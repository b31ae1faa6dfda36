/* metric_value_test.c - values entered by hand: levels that are nobody else's, numbers that become facts, corrections, and what is refused. */
#include "modules/metric/testing.h"
#include "service/lang.h"
#include <string.h>

static int64_t company, region, team, other, wang, li, rate, points, promoted;

static int set_up(void **state) {
    world_open(state);
    t->c.now = (int64_t)date_make(2026, 11, 20) * 86400 * 1000000;
    company = add_unit("公司", UNIT_COMPANY, 0);
    region = add_unit("华东", UNIT_REGION, company);
    team = add_unit("一组", UNIT_TEAM, region);
    other = add_unit("二组", UNIT_TEAM, company);
    wang = add_person("王芳", team, date_make(2024, 3, 1));
    li = add_person("李雷", team, date_make(2024, 3, 1));
    rate = add_metric("t_rate", "财务回款率", UNIT_PERCENT, ROLLUP_INHERIT);
    points = add_metric("t_points", "满意度", UNIT_PIECES, ROLLUP_INHERIT);
    promoted = metric_coded("promoted_count")->id;
    return 0;
}

static MetricValue value_of(int64_t metric_id, ScopeKind kind, int64_t id, int year, int month, Money value) {
    return (MetricValue){.metric_id = metric_id, .employee_id = kind == SCOPE_PERSON ? id : 0, .unit_id = kind == SCOPE_UNIT ? id : 0, .month = date_make(year, month, 1), .value = value,
                         .evidence = "财务部回款表", .entered_day = DATE_NONE};
}
/* As a form does: a second time for the same metric, scope and month corrects the first. */
static Error *enter(MetricValue *v) {
    int64_t id = metric_value_resource.make_id(v), there = 0;
    test_ok(db_get_int(&t->c, &there, "SELECT id FROM metric_value WHERE id = $1", V(id)));
    return save_row(&metric_value_resource, v, there);
}
static int64_t put(int64_t metric_id, ScopeKind kind, int64_t id, int year, int month, Money value) {
    MetricValue v = value_of(metric_id, kind, id, year, month, value);
    test_ok(enter(&v));
    return v.id;
}
static void declare_void(int64_t id) {
    void *old;
    test_ok(resource_load(&t->c, &metric_value_resource, id, &old));
    MetricValue v = *(MetricValue *)old;
    v.state = METRIC_VALUE_VOID;
    test_ok(save_row(&metric_value_resource, &v, id));
}
static const char *actual(const char *code, ScopeKind kind, int64_t id, Date first, Date last) {
    Ratio value;
    const Metric *m = metric_coded(code);
    test_ok(metric_actual(&t->c, dictionary(), m, (MetricScope){kind, id}, first, last, &value));
    Sums sums = sums_of(kind, id, first, last);
    const char *text = metric_text(&t->c, m, value, false);
    assert_string_equal(text, metric_text(&t->c, m, metric_value(dictionary(), m, &sums, last), false)); /* both ways to ask agree */
    return text;
}
static void assert_refused(MetricValue v, const char *field, const char *says) {
    Error *e = enter(&v);
    assert_non_null(e);
    assert_int_equal(e->status, 422);
    assert_string_equal(e->fields->field, field);
    const char *text = msg_text(t, NULL, &e->fields->message);
    if (!strstr(text, says)) fail_msg("\"%s\" does not say \"%s\"", text, says);
}

static const char *quarter(const char *code, ScopeKind kind, int64_t id) {
    return actual(code, kind, id, date_make(2026, 7, 1), date_make(2026, 9, 30));
}

/* ---- levels ---- */

static void a_period_has_the_value_of_its_latest_month_that_has_one(void **state) {
    (void)state;
    assert_string_equal(quarter("t_rate", SCOPE_UNIT, team), "—");
    put(rate, SCOPE_UNIT, team, 2026, 7, 9000);
    put(rate, SCOPE_UNIT, team, 2026, 8, 9550);
    put(rate, SCOPE_UNIT, team, 2026, 6, 1000);
    put(rate, SCOPE_UNIT, team, 2026, 10, 2000);
    put(points, SCOPE_UNIT, team, 2026, 7, 400);
    assert_string_equal(quarter("t_rate", SCOPE_UNIT, team), "95.50%");
    assert_string_equal(quarter("t_points", SCOPE_UNIT, team), "4");
    assert_string_equal(actual("t_rate", SCOPE_UNIT, team, date_make(2026, 7, 1), date_make(2026, 7, 31)), "90.00%");
    assert_string_equal(actual("t_rate", SCOPE_UNIT, team, date_make(2026, 9, 1), date_make(2026, 9, 30)), "—");
    assert_string_equal(actual("t_rate", SCOPE_UNIT, team, date_make(2026, 7, 27), date_make(2026, 8, 2)), "95.50%"); /* a week of both months */
    Sums months[4];
    test_ok(metric_series(&t->c, (MetricScope){SCOPE_UNIT, team}, period_of(PERIOD_MONTH, date_make(2026, 6, 1), 1), 4, 1, months));
    static const char *const shown[] = {"10.00%", "90.00%", "95.50%", "—"};
    const Metric *m = metric_coded("t_rate");
    for (int i = 0; i < 4; i++) assert_string_equal(metric_text(&t->c, m, metric_value(dictionary(), m, &months[i], 0), false), shown[i]);
}

static void a_level_is_nobody_elses(void **state) {
    (void)state;
    put(rate, SCOPE_UNIT, team, 2026, 8, 9550);
    put(rate, SCOPE_PERSON, wang, 2026, 8, 8000);
    assert_string_equal(quarter("t_rate", SCOPE_UNIT, company), "—");
    assert_string_equal(quarter("t_rate", SCOPE_UNIT, region), "—");
    assert_string_equal(quarter("t_rate", SCOPE_PERSON, li), "—");
    assert_string_equal(quarter("t_rate", SCOPE_PERSON, wang), "80.00%");
    assert_string_equal(quarter("t_rate", SCOPE_DIMENSION, add_dimension("江浙", DIMENSION_REGION, 0)), "—");
    /* a unit and a person with the same number are two */
    put(rate, SCOPE_PERSON, wang, 2026, 7, 100);
    assert_string_equal(actual("t_rate", SCOPE_UNIT, wang, date_make(2026, 7, 1), date_make(2026, 7, 31)), "—");
    assert_int_equal(number_of("SELECT count(*) FROM fact"), 0);
}

static void everybody_in_a_unit_comes_with_levels_in_one_list(void **state) {
    (void)state;
    PersonSums *people;
    size_t n;
    Fact f = fact_of(li, date_make(2026, 8, 3));
    f.n[slot_of("visits")] = 5;
    test_ok(with_fact(fact_append, &f));
    put(rate, SCOPE_PERSON, wang, 2026, 7, 7000);
    put(rate, SCOPE_PERSON, wang, 2026, 8, 8000);
    put(rate, SCOPE_UNIT, team, 2026, 8, 9000);
    int64_t zhao = add_person("赵六", other, date_make(2024, 3, 1)), last = add_person("钱七", team, date_make(2024, 3, 1));
    put(rate, SCOPE_PERSON, zhao, 2026, 8, 100);
    put(rate, SCOPE_PERSON, last, 2026, 8, 5000);
    test_ok(metric_people(&t->c, region, date_make(2026, 7, 1), date_make(2026, 9, 30), &people, &n));
    assert_int_equal(n, 3);
    const int64_t ids[] = {wang, li, last};
    static const char *const shown[] = {"80.00%", "—", "50.00%"};
    const Metric *m = metric_coded("t_rate");
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(people[i].employee_id, ids[i]);
        assert_int_equal(people[i].unit_id, team);
        assert_string_equal(metric_text(&t->c, m, metric_value(dictionary(), m, &people[i].sums, 0), false), shown[i]);
    }
    assert_int_equal(people[0].sums.facts, 0);
    assert_int_equal(people[1].sums.n[slot_of("visits")], 5);
}

/* ---- facts ---- */

static void a_counted_value_is_a_fact_and_is_summed(void **state) {
    (void)state;
    put(promoted, SCOPE_PERSON, wang, 2026, 10, 100);
    put(promoted, SCOPE_PERSON, li, 2026, 11, 100);
    for (int i = 0; i < 3; i++) assert_string_equal(actual("promoted_count", SCOPE_UNIT, (const int64_t[]){company, region, team}[i], date_make(2026, 10, 1), date_make(2026, 12, 31)), "2");
    assert_int_equal(number_of("SELECT count(*) FROM fact WHERE source = 3 AND day = '2026-10-31'"), 1);
    assert_int_equal(number_of("SELECT count(*) FROM fact WHERE source = 3 AND day = '2026-11-20'"), 1); /* the month runs: today */
    assert_verified();
}

static void a_correction_reverses_and_a_void_value_takes_back(void **state) {
    (void)state;
    put(promoted, SCOPE_PERSON, wang, 2026, 11, 300);
    t->c.now = (int64_t)date_make(2026, 12, 9) * 86400 * 1000000; /* the fact keeps its day */
    int64_t id = put(promoted, SCOPE_PERSON, wang, 2026, 11, 200);
    Date first = date_make(2026, 11, 1), last = date_make(2026, 11, 30);
    assert_string_equal(actual("promoted_count", SCOPE_UNIT, team, first, last), "2");
    assert_int_equal(number_of("SELECT count(*) FROM fact"), 3);
    put(promoted, SCOPE_PERSON, wang, 2026, 11, 200);
    assert_int_equal(number_of("SELECT count(*) FROM fact"), 3);
    declare_void(id);
    assert_string_equal(actual("promoted_count", SCOPE_UNIT, team, first, last), "—");
    put(promoted, SCOPE_PERSON, wang, 2026, 11, 100); /* again: in force */
    assert_string_equal(actual("promoted_count", SCOPE_UNIT, company, first, last), "1");
    assert_int_equal(number_of("SELECT count(*) FROM metric_value"), 1);
    assert_verified();
    int64_t level = put(rate, SCOPE_UNIT, team, 2026, 8, 9550);
    declare_void(level);
    assert_string_equal(quarter("t_rate", SCOPE_UNIT, team), "—");
}

static Error *transfer_tx(Ctx *c, void *arg) {
    (void)arg;
    return org_transfer(c, wang, other, date_make(2026, 8, 15), NULL);
}
static void a_transfer_in_the_past_takes_values_along(void **state) {
    (void)state;
    put(promoted, SCOPE_PERSON, wang, 2026, 7, 100);
    int64_t id = put(promoted, SCOPE_PERSON, wang, 2026, 9, 200);
    put(rate, SCOPE_PERSON, wang, 2026, 9, 8000);
    test_ok(db_tx(&t->c, transfer_tx, NULL));
    assert_string_equal(quarter("promoted_count", SCOPE_UNIT, team), "1");
    assert_string_equal(quarter("promoted_count", SCOPE_UNIT, other), "2");
    assert_int_equal(number_of(sql_with("SELECT unit_id FROM metric_value WHERE id = ", id)), other);
    assert_int_equal(number_of(sql_with("SELECT count(*) FROM metric_value WHERE unit_id = ", team)), 1);
    put(promoted, SCOPE_PERSON, wang, 2026, 9, 300); /* and the value still finds its fact */
    assert_string_equal(quarter("promoted_count", SCOPE_UNIT, other), "3");
    assert_verified();
}

/* ---- refused ---- */

static void what_cannot_be_a_value_is_told_at_its_field(void **state) {
    (void)state;
    assert_refused(value_of(rate, SCOPE_UNIT, team, 2026, 12, 9000), "month", "has not begun");
    assert_refused(value_of(rate, SCOPE_UNIT, team, 1969, 12, 9000), "month", "not a month");
    assert_refused(value_of(rate, SCOPE_UNIT, 0, 2026, 8, 9000), "employee_id", "Choose the person or the unit");
    assert_refused(value_of(metric_coded("collection_rate")->id, SCOPE_UNIT, team, 2026, 8, 9000), "metric_id", "formula");
    assert_refused(value_of(metric_coded("visits")->id, SCOPE_PERSON, wang, 2026, 8, 100), "metric_id", "daily report");
    assert_refused(value_of(promoted, SCOPE_UNIT, team, 2026, 8, 100), "unit_id", "each person");
    assert_refused(value_of(promoted, SCOPE_PERSON, wang, 2026, 8, -100), "value", "below 0");
    assert_refused(value_of(promoted, SCOPE_PERSON, wang, 2026, 8, 150), "value", "whole number");
    assert_refused(value_of(points, SCOPE_UNIT, team, 2026, 8, -100), "value", "below 0");
    assert_refused(value_of(rate, SCOPE_UNIT, team, 2026, 8, 100001), "value", "1,000 %");
    assert_refused(value_of(rate, SCOPE_UNIT, team, 2026, 8, -10001), "value", "1,000 %");
    MetricValue both = value_of(rate, SCOPE_PERSON, wang, 2026, 8, 9000);
    both.unit_id = other;
    assert_refused(both, "unit_id", "not both");
    MetricValue bare = value_of(rate, SCOPE_UNIT, team, 2026, 8, 9000);
    bare.evidence = NULL;
    assert_refused(bare, "evidence", "required");
    assert_int_equal(number_of("SELECT count(*) FROM metric_value"), 0);
}

static void a_new_database_has_a_metric_of_who_is_ready_for_promotion(void **state) {
    (void)state;
    const Metric *m = metric_coded("promoted_count");
    assert_int_equal(m->slot, 29);
    assert_true(m->shipped && m->active && !m->in_report && m->unit == UNIT_PEOPLE && m->rollup == ROLLUP_SUM);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, world_close)
    const struct CMUnitTest tests[] = {
        TEST(a_period_has_the_value_of_its_latest_month_that_has_one),
        TEST(a_level_is_nobody_elses),
        TEST(everybody_in_a_unit_comes_with_levels_in_one_list),
        TEST(a_counted_value_is_a_fact_and_is_summed),
        TEST(a_correction_reverses_and_a_void_value_takes_back),
        TEST(a_transfer_in_the_past_takes_values_along),
        TEST(what_cannot_be_a_value_is_told_at_its_field),
        TEST(a_new_database_has_a_metric_of_who_is_ready_for_promotion),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    date_set_zone("Asia/Shanghai");
    modules_setup();
    return cmocka_run_group_tests_name("metric/value", tests, NULL, NULL);
}

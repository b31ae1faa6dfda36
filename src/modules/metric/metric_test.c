/* metric_test.c - formulas as administrators write them, values as people read them, and who may see whose. */
#include "modules/metric/testing.h"
#include "service/lang.h"

static const Date today = 20000;

static Error *formula(const char *code, const char *text) {
    return try_formula(code, talloc_asprintf(t, "比率%s", code), UNIT_PERCENT, text);
}
static void assert_refused(Error *e, const char *says) {
    assert_non_null(e);
    assert_int_equal(e->status, 422);
    assert_string_equal(e->fields->field, "formula");
    const char *text = msg_text(t, NULL, &e->fields->message);
    if (!strstr(text, says)) fail_msg("\"%s\" does not say \"%s\"", text, says);
}

/* Saves a metric's new formula from that day on. */
static Error *change(const char *code, const char *text, Date from) {
    void *old;
    TRY(resource_load(&t->c, &metric_resource, metric_coded(code)->id, &old));
    Metric m = *(Metric *)old;
    m.formula = text, m.formula_from = from;
    return save_row(&metric_resource, &m, m.id);
}
static Error *rename_metric(const char *code, const char *name) {
    void *old;
    TRY(resource_load(&t->c, &metric_resource, metric_coded(code)->id, &old));
    Metric m = *(Metric *)old;
    m.name = name;
    return save_row(&metric_resource, &m, m.id);
}

static Sums numbers(int64_t x, int64_t y) {
    Sums s = {.facts = 1};
    s.n[slot_of("visits")] = x, s.n[slot_of("calls")] = y;
    return s;
}
static const char *shown(const char *code, const Sums *s, Date day) {
    return metric_text(&t->c, metric_coded(code), metric_value(dictionary(), metric_coded(code), s, day), false);
}

/* ---- formulas ---- */

static void a_formula_never_leads_back_to_itself(void **state) {
    (void)state;
    assert_refused(formula("r1", "r1 + visits"), "leads back to itself: r1");
    assert_refused(formula("r1", "比率r1 + visits"), "no metric “比率r1”"); /* not there yet */
    test_ok(formula("r1", "visits / calls"));
    assert_refused(change("r1", "visits / r1", 0), "比率r1 → 比率r1");
    assert_refused(change("r1", "visits / 比率r1", 0), "比率r1 → 比率r1");
    test_ok(formula("r2", "r1 * 2"));
    assert_refused(change("r1", "r2 + 1", 0), "比率r1 → 比率r2 → 比率r1");
    test_ok(formula("r3", "比率r2 - visits"));
    assert_refused(change("r1", "max(r3, visits)", 0), "比率r1 → 比率r3 → 比率r2 → 比率r1");
    assert_refused(change("r1", "max(r3, visits)", 25000), " → ");
}

static void loops_are_looked_for_on_every_day(void **state) {
    (void)state;
    test_ok(formula("r1", "visits / calls"));
    test_ok(formula("r2", "r1 * 2")); /* since 2000 */
    test_ok(change("r2", "calls", today));
    assert_refused(change("r1", "r2", today - 1), " → ");
    test_ok(change("r1", "r2 + visits", today));
    assert_refused(change("r2", "r1", today + 5), " → ");
    Sums s = numbers(3, 4);
    assert_string_equal(shown("r1", &s, today), "700.00%");
    assert_string_equal(shown("r2", &s, today - 1), "150.00%");
}

static void what_a_formula_cannot_use_is_said(void **state) {
    (void)state;
    add_metric("level", "等级", UNIT_PERCENT, ROLLUP_INHERIT);
    assert_refused(formula("r1", "visits / nobody"), "no metric “nobody”");
    assert_refused(formula("r1", "visits / 等级"), "inherited");
    assert_refused(formula("r1", "1 + 1"), "at least one metric");
    assert_refused(formula("r1", "visits +"), "");
    Metric m = metric_row("r1", "空", UNIT_PERCENT, ROLLUP_RATIO);
    assert_refused(save_row(&metric_resource, &m, 0), "Write the formula");
}

static void nothing_known_and_division_by_zero_have_no_value(void **state) {
    (void)state;
    test_ok(formula("r1", "visits / calls"));
    test_ok(formula("r2", "r1 + 1"));
    Sums s = numbers(3, 0), unknown = {0};
    assert_string_equal(shown("r1", &s, today), "—");
    assert_string_equal(shown("r2", &s, today), "—");
    assert_string_equal(shown("visits", &s, today), "3");
    assert_string_equal(shown("visits", &unknown, today), "—");
    assert_true(metric_value(dictionary(), metric_coded("visits"), &unknown, today).den == 0);
}

static void earlier_periods_keep_the_formula_they_had(void **state) {
    (void)state;
    Sums s = numbers(3, 4);
    test_ok(formula("r1", "visits / calls"));
    test_ok(change("r1", "calls / visits", today));
    test_ok(change("r1", "visits", today + 100));
    assert_string_equal(shown("r1", &s, today - 1), "75.00%");
    assert_string_equal(shown("r1", &s, today), "133.33%");
    assert_string_equal(shown("r1", &s, today + 99), "133.33%");
    assert_string_equal(shown("r1", &s, today + 100), "300.00%");
    assert_string_equal(metric_formula_text(&t->c, dictionary(), metric_coded("r1"), today), "「Phone calls」 / 「Customer visits」");
    assert_string_equal(shown("r1", &s, date_make(1999, 12, 31)), "—");
    /* from that day on it holds, whatever was planned; equal to what held there, too */
    test_ok(change("r1", "visits / calls", today - 50));
    assert_string_equal(shown("r1", &s, today + 200), "75.00%");
}

static void a_teams_ratio_is_the_ratio_of_its_sums(void **state) {
    (void)state;
    int64_t company = add_unit("公司", UNIT_COMPANY, 0), team = add_unit("一组", UNIT_TEAM, company);
    const int64_t collected[] = {90, 45}, due[] = {90, 50}; /* 100 % and 90 %: the mean would be 95 % */
    for (int i = 0; i < 2; i++) {
        Fact f = fact_of(add_person(i ? "李雷" : "王芳", team, 0), today);
        f.n[slot_of("collected")] = collected[i] * 10000, f.n[slot_of("due")] = due[i] * 10000;
        f.n[slot_of("amount")] = i ? 20000000 : 8500000, f.n[slot_of("customers_signed")] = i ? 4 : 2;
        test_ok(with_fact(fact_append, &f));
    }
    Sums s = sums_of(SCOPE_UNIT, company, today, today);
    assert_string_equal(shown("collection_rate", &s, today), "96.43%");
    assert_string_equal(shown("average_price", &s, today), "47,500.00");
}

static void names_and_codes_mean_the_same(void **state) {
    (void)state;
    const Lang *chinese = lang_get("zh_CN");
    t->c.lang = chinese;
    test_ok(formula("r1", "客户拜访量 ÷ 电话沟通量"));
    test_ok(formula("r2", "「Customer visits」 / 电话沟通量")); /* either language, for an administrator may read either */
    t->c.lang = NULL;
    test_ok(formula("r3", "客户拜访量 / 「PHONE CALLS」"));
    test_ok(formula("r4", "（visits）／calls"));
    Sums s = numbers(1, 3);
    for (int i = 1; i <= 4; i++) {
        const char *code = talloc_asprintf(t, "r%d", i);
        assert_string_equal(shown(code, &s, today), "33.33%");
        assert_string_equal(metric_formula_text(&t->c, dictionary(), metric_coded(code), today), "「Customer visits」 / 「Phone calls」");
    }
    t->c.lang = chinese;
    assert_string_equal(metric_formula_text(&t->c, dictionary(), metric_coded("r3"), today), "客户拜访量 / 电话沟通量");
    t->c.lang = NULL;
}

static void a_renamed_metric_is_renamed_in_formulas(void **state) {
    (void)state;
    Sums s = numbers(1, 4);
    test_ok(formula("r1", "「Customer visits」 / calls"));
    test_ok(rename_metric("visits", "上门（次）"));
    assert_string_equal(shown("r1", &s, today), "25.00%");
    const char *now = metric_formula_text(&t->c, dictionary(), metric_coded("r1"), today);
    assert_non_null(strstr(now, "上门（次）"));
    assert_string_equal(metric_coded("r1")->formula, now);
    /* the old name may be somebody else's now, and saving the formula's metric again does not take that one */
    add_metric("visits2", "Customer visits", UNIT_TIMES, ROLLUP_SUM);
    test_ok(rename_metric("r1", "新比率"));
    assert_string_equal(shown("r1", &s, today), "25.00%");
    Metric m = metric_row("x", "客户", UNIT_TIMES, ROLLUP_SUM);
    m.name = "phones", m.code = "phones_made";
    test_ok(save_row(&metric_resource, &m, 0));
    m.id = 0, m.version = 0, m.slot = 0, m.name = "别的", m.code = "phones"; /* would take the other's place in formulas */
    Error *e = save_row(&metric_resource, &m, 0);
    assert_non_null(e);
    assert_string_equal(e->fields->field, "code");
}

static void wide_nests_of_formulas_are_computed_once(void **state) {
    (void)state;
    enum { LAYERS = 10, WIDTH = 8 };
    for (int layer = 0; layer < LAYERS; layer++)
        for (int k = 0; k < WIDTH; k++) {
            Text *sum = text_new(t, 1000);
            for (int i = 0; i < WIDTH; i++) layer ? text_addf(sum, "%sn%d_%d", i ? " + " : "", layer - 1, i) : text_addf(sum, "%svisits", i ? " + " : "");
            test_ok(formula(talloc_asprintf(t, "n%d_%d", layer, k), sum->data));
        }
    Sums s = numbers(1, 1);
    assert_int_equal(metric_whole(metric_coded("n9_0"), metric_value(dictionary(), metric_coded("n9_0"), &s, today)), INT64_C(10000) << 30);
}

/* ---- values ---- */

static void assert_value(const Metric *m, Ratio r, const char *text, const char *wan, int64_t whole) {
    assert_string_equal(metric_text(&t->c, m, r, false), text);
    assert_string_equal(metric_text(&t->c, m, r, true), wan);
    assert_int_equal(metric_whole(m, r), whole);
    if (whole != INT_NONE) assert_int_equal(metric_whole(m, metric_of_whole(m, whole)), whole);
}

static void values_are_rounded_once_half_away_from_zero(void **state) {
    (void)state;
    Metric yuan = metric_row("a", "a", UNIT_YUAN, ROLLUP_SUM), percent = metric_row("b", "b", UNIT_PERCENT, ROLLUP_RATIO);
    Metric count = metric_row("c", "c", UNIT_TIMES, ROLLUP_SUM), mean = metric_row("d", "d", UNIT_TIMES, ROLLUP_RATIO);
    assert_value(&yuan, ratio_make(450000, 1), "450,000.00", "45.00", 45000000);
    assert_value(&yuan, ratio_make(-450000, 1), "-450,000.00", "-45.00", -45000000);
    assert_value(&yuan, ratio_make(1005, 1000), "1.01", "0.00", 101);
    assert_value(&yuan, ratio_make(-1005, 1000), "-1.01", "0.00", -101);
    assert_value(&yuan, ratio_make(50, 1), "50.00", "0.01", 5000);       /* half of 0.01 万 */
    assert_value(&yuan, ratio_make(-50, 1), "-50.00", "-0.01", -5000);
    assert_value(&yuan, ratio_make(49995, 1000), "50.00", "0.00", 5000); /* rounded once: 49.995 元 is below half */
    assert_value(&percent, ratio_make(1, 4), "25.00%", "25.00%", 2500);
    assert_value(&percent, ratio_make(135, 140), "96.43%", "96.43%", 9643);
    assert_value(&percent, ratio_make(1, 80000), "0.00%", "0.00%", 0);
    assert_value(&percent, ratio_make(1, 20000), "0.01%", "0.01%", 1);
    assert_value(&percent, ratio_make(-1, 20000), "-0.01%", "-0.01%", -1);
    assert_value(&percent, ratio_make(1234, 1), "123,400.00%", "123,400.00%", 12340000);
    assert_value(&count, ratio_make(1234567, 1), "1,234,567", "1,234,567", 1234567);
    assert_value(&count, ratio_make(5, 2), "3", "3", 3);
    assert_value(&count, ratio_make(-5, 2), "-3", "-3", -3);
    assert_value(&mean, ratio_make(5, 2), "2.50", "2.50", 250);
    assert_value(&mean, RATIO_NONE, "—", "—", INT_NONE);
    assert_value(&yuan, ratio_make(1, 0), "—", "—", INT_NONE);
    assert_value(&yuan, ratio_make(INT64_MAX, 1), "—", "—", INT_NONE); /* beyond int64 in 分 */
    assert_true(metric_of_whole(&yuan, INT_NONE).den == 0);
}

static const char *json(const Metric *m, Ratio r) {
    Value o = value_object(t->c.mem);
    Text *out = text_new(t->c.mem, 1000);
    value_set(o, "v", metric_json(m, r));
    value_json(o, out);
    return out->data;
}
static void programs_read_plain_numbers(void **state) {
    (void)state;
    Metric yuan = metric_row("a", "a", UNIT_YUAN, ROLLUP_SUM), percent = metric_row("b", "b", UNIT_PERCENT, ROLLUP_RATIO), count = metric_row("c", "c", UNIT_TIMES, ROLLUP_SUM);
    assert_string_equal(json(&yuan, ratio_make(285000, 1)), "{\"v\":285000.00}");
    assert_string_equal(json(&yuan, ratio_make(-1, 200)), "{\"v\":-0.01}");
    assert_string_equal(json(&percent, ratio_make(1, 4)), "{\"v\":25.00}");
    assert_string_equal(json(&count, ratio_make(6, 1)), "{\"v\":6}");
    assert_string_equal(json(&count, RATIO_NONE), "{\"v\":null}");
}

static void attainment_turns_round_where_less_is_better(void **state) {
    (void)state;
    Metric more = metric_row("a", "a", UNIT_TIMES, ROLLUP_SUM), less = more;
    less.direction = 1;
    Ratio actual = ratio_make(4, 1), target = ratio_make(5, 1), zero = ratio_make(0, 1);
    assert_int_equal(ratio_compare(metric_attainment(&more, actual, target), ratio_make(4, 5)), 0);
    assert_int_equal(ratio_compare(metric_attainment(&less, actual, target), ratio_make(5, 4)), 0);
    assert_int_equal(ratio_why(metric_attainment(&more, actual, zero)), RATIO_BY_ZERO);
    assert_int_equal(ratio_why(metric_attainment(&less, zero, target)), RATIO_BY_ZERO);
    assert_int_equal(ratio_why(metric_attainment(&more, RATIO_NONE, target)), RATIO_MISSING);
    assert_int_equal(ratio_why(metric_attainment(&less, actual, RATIO_NONE)), RATIO_MISSING);
}

/* ---- who sees what ---- */

static Error *visibility_tx(Ctx *c, void *arg) {
    (void)arg;
    return org_rebuild_visibility(c);
}
static bool sees(const Actor *who, ScopeKind kind, int64_t id) {
    t->c.actor = who;
    Error *e = metric_check_scope(&t->c, (MetricScope){kind, id});
    t->c.actor = &system_actor;
    if (e) assert_int_equal(e->status, 404);
    return !e;
}

static void each_sees_the_numbers_of_their_scope(void **state) {
    (void)state;
    int64_t company = add_unit("公司", UNIT_COMPANY, 0), region = add_unit("华东", UNIT_REGION, company), team = add_unit("一组", UNIT_TEAM, region), other = add_unit("二组", UNIT_TEAM, region);
    int64_t rep = add_person("王芳", team, 0), lead = add_person("李雷", team, 0), head = add_person("韩梅", region, 0), stranger = add_person("赵六", other, 0);
    test_update(&t->c, "org_unit", talloc_asprintf(t, "leader_id = %lld", (long long)lead), team);
    test_update(&t->c, "org_unit", talloc_asprintf(t, "leader_id = %lld", (long long)head), region);
    const struct {
        int64_t employee_id;
        uint32_t roles;
        const char *sees; /* company, region, team, other; rep, lead, head, stranger; a dimension */
    } table[] = {
        {rep, ROLE_REP, "---- x--- -"}, {lead, ROLE_LEAD, "--x- xx-- -"}, {head, ROLE_MANAGER, "-xxx xxxx -"}, {stranger, ROLE_LEAD, "---- ---x -"},
        {0, ROLE_FINANCE, "xxxx xxxx x"}, {0, ROLE_ADMIN, "xxxx xxxx x"}, {0, 0, "---- ---- -"},
    };
    enum { N = sizeof table / sizeof *table };
    Actor actors[N] = {0};
    for (int i = 0; i < N; i++) {
        actors[i] = (Actor){.account_id = 100 + i, .employee_id = table[i].employee_id, .roles = table[i].roles, .scope = scope_of_roles(table[i].roles)};
        Text *insert = text_new(t, 1000);
        text_add(insert, "INSERT INTO account(id, login, name, employee_id, roles, created_at, updated_at) VALUES (");
        text_addf(insert, "%d, 'u%d', 'u', ", 100 + i, i);
        table[i].employee_id ? text_addf(insert, "%lld", (long long)table[i].employee_id) : text_add(insert, "NULL");
        text_addf(insert, ", %u, 0, 0)", table[i].roles);
        test_sql(&t->c, insert->data);
    }
    test_ok(db_tx(&t->c, visibility_tx, NULL));
    int64_t dimension = add_dimension("大客户", DIMENSION_CUSTOMER_TYPE, 0);
    for (int i = 0; i < N; i++) {
        const int64_t units[] = {company, region, team, other}, people[] = {rep, lead, head, stranger};
        char is[] = "---- ---- -";
        for (int k = 0; k < 4; k++) {
            if (sees(&actors[i], SCOPE_UNIT, units[k])) is[k] = 'x';
            if (sees(&actors[i], SCOPE_PERSON, people[k])) is[5 + k] = 'x';
        }
        if (sees(&actors[i], SCOPE_DIMENSION, dimension)) is[10] = 'x';
        assert_string_equal(is, table[i].sees);
        bool all = actors[i].scope == SCOPE_ALL;
        assert_int_equal(sees(&actors[i], SCOPE_UNIT, 999), all);
        assert_int_equal(sees(&actors[i], SCOPE_PERSON, 0), all);
    }
    assert_true(sees(&system_actor, SCOPE_UNIT, company) && sees(&system_actor, SCOPE_PERSON, rep) && sees(&system_actor, SCOPE_DIMENSION, dimension));
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, world_open, world_close)
    const struct CMUnitTest tests[] = {
        TEST(a_formula_never_leads_back_to_itself),
        TEST(loops_are_looked_for_on_every_day),
        TEST(what_a_formula_cannot_use_is_said),
        TEST(nothing_known_and_division_by_zero_have_no_value),
        TEST(earlier_periods_keep_the_formula_they_had),
        TEST(a_teams_ratio_is_the_ratio_of_its_sums),
        TEST(names_and_codes_mean_the_same),
        TEST(a_renamed_metric_is_renamed_in_formulas),
        TEST(wide_nests_of_formulas_are_computed_once),
        TEST(values_are_rounded_once_half_away_from_zero),
        TEST(programs_read_plain_numbers),
        TEST(attainment_turns_round_where_less_is_better),
        TEST(each_sees_the_numbers_of_their_scope),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    date_set_zone("Asia/Shanghai");
    modules_setup();
    Ctx c = {.mem = talloc_new(NULL)};
    test_ok(lang_setup(&c));
    int failed = cmocka_run_group_tests_name("metric/metric", tests, NULL, NULL);
    talloc_free(c.mem);
    return failed;
}

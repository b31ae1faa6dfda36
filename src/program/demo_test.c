/* demo_test.c - the invented company keeps the product's own rules, whatever day it is made on. */
#include "db/testing.h"
#include "modules/account/account.h"
#include "modules/calendar/calendar.h"
#include "modules/metric/metric.h"
#include "modules/module.h"
#include "modules/org/org.h"
#include "modules/report/report.h"
#include "modules/report/report_rules.h"
#include "program/program.h"
#include "service/file.h"
#include "service/password.h"
#include "service/setting.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <talloc.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#else
#define __lsan_disable() (void)0
#define __lsan_enable() (void)0
#endif

static TestDb *t;

/* What is cached for the process is never freed, see service/cached.h, and here there are many databases in one process. */
static void load_caches(void) {
    const WorkCalendar *calendar;
    const ReportItems *items;
    __lsan_disable();
    test_ok(calendar_get(&t->c, &calendar));
    test_ok(report_items(&t->c, &items));
    __lsan_enable();
}

static void open_at(Instant now) {
    t = test_db_open();
    t->c.now = now;
    t->c.actor = &system_actor;
    test_ok(modules_first_start(&t->c));
    load_caches();
    test_ok(file_setup(&t->c, talloc_asprintf(t, "%s/files", t->folder)));
}

/* Settings are cached for the process too. */
static void close_db(void) {
    test_db_close(t);
    setting_forget_all();
}

static int64_t number(const char *sql) {
    int64_t n = -1;
    test_ok(db_get_int_(&t->c, &n, sql, NULL, 0));
    return n;
}

static void fill(void) {
    test_ok(demo_fill(&t->c, text_new(t, 1 << 16)));
}

/* The account's actor, as a session would make it. */
static Actor actor_of(const char *login) {
    Actor a = { 0 };
    Rows *rows;
    test_ok(db_query(&t->c, &rows, "SELECT a.id, a.employee_id, a.roles, e.unit_id FROM account a JOIN employee e ON e.id = a.employee_id WHERE a.login = $1", V(login)));
    assert_true(rows_next(rows));
    a = (Actor){ .account_id = row_int(rows, 0), .employee_id = row_int(rows, 1), .roles = (uint32_t)row_int(rows, 2), .unit_id = row_int(rows, 3),
                 .scope = scope_of_roles((uint32_t)row_int(rows, 2)) };
    test_ok(rows_done(rows));
    return a;
}

static Error *check_report(Ctx *c, const void *row, void *arg) {
    const DailyReport *r = row;
    const WorkCalendar *calendar;
    const ReportItems *items;
    Error *missing = NULL;
    bool away;
    int64_t unit;
    (*(int *)arg)++;
    test_ok(calendar_get(c, &calendar));
    test_ok(report_items(c, &items));
    assert_true(workday_is(calendar, r->day));
    assert_int_equal(r->id, report_id(r->employee_id, r->day));
    test_ok(org_on_leave(c, r->employee_id, r->day, &away));
    assert_false(away);
    test_ok(org_unit_of(c, r->employee_id, r->day, &unit));
    assert_int_equal(unit, r->unit_id);
    if (r->state == REPORT_DRAFT) return NULL;
    report_check_entry(c, items, r, &missing);
    assert_null(missing);
    assert_true(r->submitted_at <= c->now && date_of_instant(r->submitted_at) == r->day);
    Instant deadline;
    test_ok(report_deadline(c, r->day, &deadline));
    if (r->state == REPORT_LATE) assert_true(r->submitted_at > deadline);
    if (r->state == REPORT_SUBMITTED) assert_true(r->submitted_at <= deadline);
    bool reviewed = r->state == REPORT_APPROVED || r->state == REPORT_RETURNED;
    assert_int_equal(reviewed, r->reviewer_id != 0);
    if (reviewed) assert_true(r->reviewed_at > r->submitted_at && r->reviewed_at <= c->now);
    assert_int_equal(r->state == REPORT_RETURNED, r->return_reason != NULL);
    return NULL;
}

static void check_demo(void) {
    Ctx *c = &t->c;
    int checked = 0;
    int64_t waiting, overdue = 0;
    ListQuery all = { 0 };
    const WorkCalendar *calendar;
    DailyReport *own;
    char iso[DATE_TEXT];
    Date today = date_of_instant(c->now);
    test_ok(calendar_get(c, &calendar));
    test_ok(resource_fields(c, &daily_report_resource, &all.fields, &all.field_count));
    test_ok(resource_each(c, &daily_report_resource, &all, check_report, &checked));
    assert_true(checked > 14000);
    assert_int_equal(number("SELECT count(*) - count(DISTINCT contract_no) FROM daily_report WHERE contract_no IS NOT NULL"), 0);
    assert_int_equal(number("SELECT count(*) FROM daily_report WHERE (coalesce(n3, 0) > 0) <> (contract_no IS NOT NULL)"), 0);
    assert_int_equal(number("SELECT count(*) FROM invoice_reminder"), number("SELECT count(*) FROM daily_report WHERE contract_no IS NOT NULL AND state IN (1, 2, 4)"));
    assert_int_equal(number("SELECT count(*) FROM invoice_reminder x JOIN daily_report r ON r.id = x.report_id WHERE x.signed_on <> r.day OR x.amount <> r.n3 OR x.unit_id <> r.unit_id"), 0);
    test_ok(db_get_int(c, &overdue, "SELECT count(*) FROM invoice_reminder WHERE reminded_on IS NULL AND due_on < $1", V(date_text(today, iso))));
    assert_in_range(overdue, 1, 2);
    Actor lead = actor_of("lead"), rep = actor_of("rep"), manager = actor_of("manager");
    c->actor = &lead;
    test_ok(report_queue_count(c, &waiting));
    assert_in_range(waiting, 4, 20); /* five or six daily ones, and weekly and monthly ones of seven people */
    c->actor = &manager;
    int64_t of_lead = waiting;
    test_ok(report_queue_count(c, &waiting));
    assert_true(waiting > of_lead);
    c->actor = &rep;
    test_ok(report_own(c, today, &own));
    assert_null(own);
    test_ok(report_own(c, workday_add(calendar, today, -1), &own));
    assert_int_equal(own->state, REPORT_RETURNED);
    c->actor = &system_actor;
    int64_t of_today = -1;
    test_ok(db_get_int(c, &of_today, "SELECT count(*) FROM daily_report WHERE day = $1", V(date_text(today, iso))));
    assert_int_equal(of_today > 0, workday_is(calendar, today));
}

/* Objectives are aligned down from the company's, some are checked in on, and what is closed has its scores. */
static void check_okr(void) {
    assert_int_equal(number("SELECT count(*) FROM objective WHERE state = 0"), 1);
    assert_int_equal(number("SELECT count(*) FROM objective WHERE state = 1 AND parent_id IS NULL"), 1);
    assert_int_equal(number("SELECT count(*) FROM objective WHERE state = 2"), 3);
    assert_int_equal(number("SELECT count(*) FROM key_result k JOIN objective o ON o.id = k.objective_id WHERE (o.state = 2) <> (k.score IS NOT NULL)"), 0);
    assert_int_equal(number("SELECT count(*) FROM key_result WHERE source = 0 AND target_value <= start_value"), 0);
    assert_true(number("SELECT count(*) FROM check_in c JOIN key_result k ON k.id = c.key_result_id JOIN objective o ON o.id = k.objective_id WHERE o.state = 2") >= 12);
    assert_int_equal(number("SELECT count(*) FROM check_in c JOIN key_result k ON k.id = c.key_result_id JOIN objective o ON o.id = k.objective_id WHERE c.day > o.last_day OR c.progress IS NULL"), 0);
}

/* Key actions and tracking judge themselves by the numbers: somebody has met them and somebody has not. */
static void check_tracking(void) {
    for (int state = 1; state <= 2; state++) {
        int64_t n = 0;
        test_ok(db_get_int(&t->c, &n, "SELECT count(DISTINCT key_action_id) FROM key_action_result WHERE state = $1", V(state)));
        assert_true(n >= 3);
    }
    assert_int_equal(number("SELECT count(*) FROM tracking_plan WHERE active = 1"), 2);
    assert_true(number("SELECT count(*) FROM tracking_period WHERE verdict = 3") > 0);
    assert_in_range(number("SELECT count(*) FROM tracking_state"), 1, 24);
}

/* One file by the saved mapping: what it says is in the numbers once, one row waits for a name, one is refused. */
static void check_intake(void) {
    assert_int_equal(number("SELECT count(*) FROM feed_run WHERE state = 2 AND waiting = 1 AND bad = 1 AND added > 15"), 1);
    assert_int_equal(number("SELECT count(*) FROM fact WHERE source = 1") - number("SELECT added FROM feed_run"), 0);
    int64_t rows, wrong;
    test_ok(roll_verify(&t->c, &rows, &wrong, text_new(t, 1 << 16)));
    assert_int_equal(wrong, 0);
}

static void it_keeps_the_rules_whatever_day_it_is(void **state) {
    (void)state;
    static const struct { int year, month, day, hour; } days[] = {
        { 2026, 11, 23, 12 }, /* Monday */
        { 2026, 11, 28, 9 },  /* Saturday */
        { 2026, 2, 20, 15 },  /* Spring Festival */
        { 2026, 2, 28, 20 },  /* a Saturday that is worked */
        { 2026, 10, 9, 0 },   /* the night after the holidays */
        { 2028, 2, 29, 23 },  /* beyond the calendar */
    };
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        open_at(instant_of_day(date_make(days[i].year, days[i].month, days[i].day), days[i].hour, 1));
        fill();
        check_demo();
        check_okr();
        check_tracking();
        check_intake();
        close_db();
    }
}

static void it_fills_an_empty_database_only(void **state) {
    (void)state;
    open_at(TEST_NOW);
    fill();
    int64_t reports = number("SELECT count(*) FROM daily_report");
    Error *e = demo_fill(&t->c, text_new(t, 1 << 16));
    assert_non_null(e);
    assert_int_equal(e->status, 409);
    assert_int_equal(number("SELECT count(*) FROM daily_report"), reports);
    close_db();
}

typedef struct SetUp {
    int64_t account, root;
} SetUp;
static Error *set_up(Ctx *c, void *arg) {
    SetUp *s = arg;
    TRY(setting_save(c, "company.name", "北方贸易"));
    TRY(org_unit_create_root(c, "北方贸易", &s->root));
    return account_create(c, &(AccountNew){ .login = "admin", .name = "王芳", .roles = ROLE_ADMIN, .scope = SCOPE_BY_ROLES, .password_hash = "x" }, &s->account);
}

static void a_set_up_company_keeps_its_name_and_its_administrator(void **state) {
    (void)state;
    SetUp s;
    open_at(TEST_NOW);
    test_ok(db_tx(&t->c, set_up, &s));
    Text *out = text_new(t, 1 << 16);
    test_ok(demo_fill(&t->c, out));
    assert_string_equal(setting_text(&t->c, "company.name"), "北方贸易");
    assert_int_equal(number("SELECT count(*) FROM org_unit WHERE kind = 0"), 1);
    assert_int_equal(number("SELECT id FROM account WHERE login = 'admin'"), s.account);
    assert_non_null(strstr(out->data, "admin1002")); /* the demo's own has another login, and says so */
    close_db();
}

static void everybody_has_the_printed_password_and_nobody_else_sees_more_than_theirs(void **state) {
    (void)state;
    const char *phc = NULL;
    bool ok, rehash;
    open_at(TEST_NOW);
    fill();
    test_ok(db_get_text(&t->c, &phc, "SELECT password_hash FROM account WHERE login = $1", V("rep")));
    test_ok(password_verify(&t->c, phc, "xiaoguan-demo", &ok, &rehash));
    assert_true(ok);
    assert_false(rehash);
    assert_int_equal(number("SELECT count(*) FROM account WHERE demo = 0 OR password_hash IS NULL"), 0);
    assert_int_equal(number("SELECT count(*) FROM account"), number("SELECT count(*) FROM employee WHERE status = 0"));
    assert_int_equal(number("SELECT count(*) FROM visible_unit v JOIN account a ON a.id = v.account_id WHERE a.login = 'rep'"), 0);
    assert_int_equal(number("SELECT count(*) FROM visible_unit v JOIN account a ON a.id = v.account_id WHERE a.login = 'lead'"), 1);
    assert_int_equal(number("SELECT count(*) FROM visible_unit v JOIN account a ON a.id = v.account_id WHERE a.login = 'manager'"), 4);
    bool demo;
    test_ok(has_demo_accounts(&t->c, &demo));
    assert_true(demo);
    close_db();
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_keeps_the_rules_whatever_day_it_is),
        cmocka_unit_test(it_fills_an_empty_database_only),
        cmocka_unit_test(a_set_up_company_keeps_its_name_and_its_administrator),
        cmocka_unit_test(everybody_has_the_printed_password_and_nobody_else_sees_more_than_theirs),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    date_set_zone("Asia/Shanghai");
    __lsan_disable(); /* routes live as long as the process */
    modules_setup();
    __lsan_enable();
    return cmocka_run_group_tests_name("program/demo", tests, NULL, NULL);
}

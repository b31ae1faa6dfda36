/* resource_import_test.c - headings, checks, both modes, keys, references, scope, audit. */
#include "resource/resource_import_testing.h"

static TestDb *t;
static Ctx *c;

static int set_up(void **state) {
    (void)state;
    t = demo_open();
    c = &t->c;
    visits_saved = visits_committed = 0;
    ImportTask task = demo_task(&team_resource, "编号,名称\nT1,华东一部\nT2,华南二部\nT3,同名\nT4,同名\n");
    ImportResult r;
    test_ok(import_apply(c, &task, &r));
    assert_int_equal(r.added, 4);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    test_db_close(t);
    return 0;
}

static ImportResult analyse(const Resource *res, const char *csv) {
    ImportTask task = demo_task(res, csv);
    ImportResult r;
    test_ok(import_analyse(c, &task, &r));
    return r;
}

static Error *apply(const Resource *res, const char *csv, ImportMode mode, ImportResult *ret) {
    ImportTask task = demo_task(res, csv);
    task.mode = mode;
    return import_apply(c, &task, ret);
}

static const char *error_at(const ImportResult *r, int64_t row) {
    for (size_t i = 0; i < r->kept; i++)
        if (r->errors[i].row == row) return r->errors[i].message;
    return "";
}

#define COUNT_VISITS() demo_count(c, "SELECT count(*) FROM demo_visit")

/* ---- headings ---- */

static void headings_are_compared_without_spaces_stars_and_units(void **state) {
    (void)state;
    static const struct {
        const char *heading, *folded;
    } cases[] = {{"签约金额（元）", "签约金额"}, {" 签 约 金 额 ", "签约金额"}, {"Team No.*", "teamno."}, {"ＡＢＣ＊", "abc"}, {"Amount (yuan)", "amount"},
                 {"(x)", "(x)"},          {"客户：", "客户"},         {"", ""},                {"a (b) c", "a(b)c"}, {"\u00A0x\u00A0", "x"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) assert_string_equal(import_fold(c->mem, cases[i].heading), cases[i].folded);
}

static void columns_are_found_by_label_alias_and_name_and_others_ignored(void **state) {
    (void)state;
    ImportTask task = demo_task(&visit_resource, "Visit No.*,客户,team_id,日期 (day),calls,amount(yuan),什么,STATE OF VISIT,Keys\nV1,x,,,,,,,\n");
    ImportPlan plan;
    test_ok(import_plan(c, &task, &plan));
    assert_string_equal(import_mapping(c, &plan), "no,client,team_id,day,calls,amount,,state,");
    assert_int_equal(plan.rows, 1);
    assert_null(plan.problem);
}

static void a_stronger_match_wins_a_field_and_no_field_comes_twice(void **state) {
    (void)state;
    ImportTask task = demo_task(&visit_resource, "client,客户,Visited client,no\nx,y,z,V1\n");
    ImportPlan plan;
    test_ok(import_plan(c, &task, &plan));
    assert_string_equal(import_mapping(c, &plan), ",,client,no");
}

static void a_title_above_the_headings_is_passed_over(void **state) {
    (void)state;
    ImportResult r = analyse(&visit_resource, "2026年拜访表\n制表：张三,2026-01-02\n拜访编号,客户\nV1,甲\nV2,乙\n");
    assert_int_equal(r.plan.heading_row, 3);
    assert_int_equal(r.plan.rows, 2);
    assert_int_equal(r.rows, 2);
    assert_int_equal(r.added, 2);
    assert_string_equal(r.plan.columns[1].sample, "甲");
}

static void a_given_mapping_replaces_the_headings(void **state) {
    (void)state;
    ImportTask task = demo_task(&visit_resource, "A,B,C\nV1,甲,5\n");
    ImportResult r;
    test_ok(import_analyse(c, &task, &r));
    assert_non_null(r.plan.problem);
    assert_int_equal(r.rows, 1);
    assert_int_equal(r.good + r.bad, 0);
    assert_int_equal(r.shown[0].state, ROW_UNKNOWN);
    task.mapping = "no,client,nonsense";
    test_ok(import_analyse(c, &task, &r));
    assert_null(r.plan.problem);
    assert_int_equal(r.added, 1);
    task.mapping = "no,no,search"; /* twice, and a field that is not for imports */
    test_ok(import_analyse(c, &task, &r));
    assert_string_equal(import_mapping(c, &r.plan), "no,,");
}

static void a_file_without_the_key_column_is_refused_as_a_whole(void **state) {
    (void)state;
    ImportResult r;
    Error *e = apply(&visit_resource, "客户,日期\n甲,2026-01-02\n", IMPORT_SKIP, &r);
    assert_int_equal(e->status, 422);
    assert_string_equal(e->message.args[0], "The file has no column “Visit no.”");
    e = apply(&visit_resource, "拜访编号,客户\n", IMPORT_ALL, &r);
    assert_int_equal(e->status, 422);
    assert_int_equal(COUNT_VISITS(), 0);
}

/* ---- checking ---- */

static void a_dry_run_tells_every_error_of_a_row_and_writes_nothing(void **state) {
    (void)state;
    ImportResult r = analyse(&visit_resource, "拜访编号,客户,团队,日期,电话,金额,状态,成交\n"
                                              "V1,甲公司,T1,2026年1月2日,12,\"25,000.00\",done,是\n"
                                              "V2,,华东一部,2026/13/1,501,12.345,maybe,\n"
                                              "V3,一二三四五六七八九十一,同名,,,,,\n"
                                              "V4,丙,没有的,,,,,\n"
                                              "V1,丁,,,,,,\n"
                                              "V5,戊,,,,,,1\n"
                                              ",己,,,,,,\n");
    assert_int_equal(r.rows, 7);
    assert_int_equal(r.good, 1);
    assert_int_equal(r.bad, 6);
    assert_int_equal(r.error_count, 11);
    assert_string_equal(error_at(&r, 4), "At most 10 characters");
    assert_string_equal(error_at(&r, 5), "There is no “没有的”");
    assert_string_equal(error_at(&r, 6), "This repeats row 2");
    assert_string_equal(error_at(&r, 7), "This is required");
    assert_int_equal(r.shown[1].state, ROW_BAD);
    assert_string_equal(r.shown[1].cell_errors[1], "This is required");
    assert_non_null(r.shown[1].cell_errors[3]);
    assert_null(r.shown[0].cell_errors[3]);
    assert_int_equal(COUNT_VISITS(), 0);
    assert_int_equal(visits_saved, 0);
}

static void the_row_that_is_written_is_the_row_of_the_file(void **state) {
    (void)state;
    ImportResult r;
    test_ok(apply(&visit_resource, "拜访编号,客户,团队,日期,电话,金额,状态,成交,备注\n001,甲公司,华南二部,20260102,12,1.2万,Visit done,是,\"a\nb\"\n", IMPORT_ALL, &r));
    assert_int_equal(r.added, 1);
    Rows *rows;
    test_ok(db_one(c, &rows, "SELECT v.no, v.client, t.no, v.day, v.calls, v.amount, v.state, v.won, v.note, v.unit_id, v.version, v.search FROM demo_visit v"
                             " JOIN demo_team t ON t.id = v.team_id"));
    assert_non_null(rows);
    assert_string_equal(row_text(rows, 0), "001");
    assert_string_equal(row_text(rows, 2), "T2");
    assert_string_equal(row_text(rows, 3), "2026-01-02");
    assert_int_equal(row_int(rows, 4), 12);
    assert_int_equal(row_int(rows, 5), 1200000);
    assert_int_equal(row_int(rows, 6), 1);
    assert_int_equal(row_int(rows, 7), 1);
    assert_string_equal(row_text(rows, 8), "a\nb");
    assert_int_equal(row_int(rows, 10), 1);
    assert_string_equal(row_text(rows, 11), "甲公司");
    test_ok(rows_done(rows));
}

/* ---- keys ---- */

static void a_known_key_changes_the_row_and_only_the_columns_of_the_file(void **state) {
    (void)state;
    ImportResult r;
    test_ok(apply(&visit_resource, "拜访编号,客户,电话,状态\nV1,甲,3,done\nV2,乙,4,done\n", IMPORT_ALL, &r));
    r = analyse(&visit_resource, "拜访编号,客户,状态\nV1,甲2,\nV2,乙,\nV3,丙,\n");
    assert_int_equal(r.changed, 1);
    assert_int_equal(r.same, 1);
    assert_int_equal(r.added, 1);
    test_ok(apply(&visit_resource, "拜访编号,客户,状态\nV1,甲2,\nV2,乙,\nV3,丙,\n", IMPORT_ALL, &r));
    assert_int_equal(r.changed, 1);
    assert_int_equal(r.same, 1);
    assert_int_equal(r.added, 1);
    assert_int_equal(demo_count(c, "SELECT calls FROM demo_visit WHERE no = 'V1'"), 3);
    assert_int_equal(demo_count(c, "SELECT state FROM demo_visit WHERE no = 'V1'"), 1); /* an empty choice leaves it */
    assert_int_equal(demo_count(c, "SELECT version FROM demo_visit WHERE no = 'V1'"), 2);
    assert_int_equal(demo_count(c, "SELECT version FROM demo_visit WHERE no = 'V2'"), 1);
    test_ok(apply(&visit_resource, "拜访编号,电话\nV1,\n", IMPORT_ALL, &r)); /* an empty number empties, and required columns may be absent */
    assert_int_equal(demo_count(c, "SELECT count(*) FROM demo_visit WHERE no = 'V1' AND calls IS NULL AND client = '甲2'"), 1);
}

static void what_a_hook_asks_for_after_the_commit_outlives_its_row(void **state) {
    (void)state;
    ImportResult r;
    test_ok(apply(&visit_resource, "拜访编号,客户\nV1,甲\nV2,乙\nV3,丙\n", IMPORT_ALL, &r));
    assert_int_equal(visits_committed, 3);
    assert_int_equal(apply(&visit_resource, "拜访编号,客户\nV4,甲\nV5,\n", IMPORT_ALL, &r)->status, 422);
    assert_int_equal(visits_committed, 3);
}

static void what_is_fixed_at_creation_may_be_repeated_but_not_changed(void **state) {
    (void)state;
    ImportResult r;
    test_ok(apply(&visit_resource, "拜访编号,客户,日期\nV1,甲,2026-01-02\n", IMPORT_ALL, &r));
    test_ok(apply(&visit_resource, "拜访编号,客户,日期\nV1,甲,2026/1/2\n", IMPORT_ALL, &r));
    assert_int_equal(r.same, 1);
    assert_int_equal(apply(&visit_resource, "拜访编号,客户,日期\nV1,甲,2026-01-03\n", IMPORT_ALL, &r)->status, 422);
    assert_string_equal(error_at(&r, 2), "This cannot be changed afterwards");
}

static void a_natural_id_corrects_the_row_of_that_day(void **state) {
    (void)state;
    ImportResult r;
    const char *first = "销售人员,日期,电话量,签约金额\nT1,2026-11-20,10,1000\nT1,2026-11-21,11,\n华南二部,2026-11-20,5,\n";
    test_ok(apply(&daily_resource, first, IMPORT_ALL, &r));
    assert_int_equal(r.added, 3);
    test_ok(apply(&daily_resource, first, IMPORT_ALL, &r));
    assert_int_equal(r.same, 3);
    test_ok(apply(&daily_resource, "销售人员,日期,电话量\nT1,2026-11-21,99\n", IMPORT_ALL, &r));
    assert_int_equal(r.changed, 1);
    assert_int_equal(demo_count(c, "SELECT sum(calls) FROM demo_daily"), 114);
    assert_int_equal(demo_count(c, "SELECT count(*) FROM demo_daily d JOIN demo_team t ON t.id = d.team_id WHERE d.id = t.id * 100000 + 20777 AND t.no = 'T1'"), 1);
}

/* ---- modes ---- */

#define MIXED "拜访编号,客户,电话,备注\nV1,甲,1,\nV2,乙,x,\nV3,丙,3,refuse me\nV4,丁,499,\nV5,戊,5,\n"

static void all_or_nothing_writes_nothing_if_one_row_is_bad(void **state) {
    (void)state;
    ImportResult r;
    Error *e = apply(&visit_resource, MIXED, IMPORT_ALL, &r);
    assert_int_equal(e->status, 422);
    assert_int_equal(COUNT_VISITS(), 0);
    assert_int_equal(demo_count(c, "SELECT count(*) FROM audit WHERE object = 'demo_visit'"), 0);
    assert_int_equal(r.bad, 1); /* what only saving finds is found once the rest is good */
    e = apply(&visit_resource, "拜访编号,客户,电话,备注\nV1,甲,1,\nV3,丙,3,refuse me\nV5,戊,5,\n", IMPORT_ALL, &r);
    assert_int_equal(e->status, 422);
    assert_string_equal(error_at(&r, 3), "Give a reason");
    assert_int_equal(COUNT_VISITS(), 0);
}

static void skipping_writes_the_good_rows_and_undoes_what_a_refused_row_did(void **state) {
    (void)state;
    ImportResult r;
    visits_saved = 0;
    Error *e = apply(&visit_resource, "拜访编号,客户,电话,备注\nV1,甲,1,\nV2,乙,x,\nV3,丙,3,refuse me\nV5,戊,5,\n", IMPORT_SKIP, &r);
    test_ok(e);
    assert_int_equal(r.added, 2);
    assert_int_equal(r.bad, 2);
    assert_int_equal(COUNT_VISITS(), 2);
    assert_int_equal(demo_count(c, "SELECT count(*) FROM demo_visit WHERE no = 'V3'"), 0);
    assert_int_equal(demo_count(c, "SELECT count(*) FROM audit WHERE object = 'demo_visit' AND action = 'create'"), 2);
    assert_int_equal(demo_count(c, "SELECT count(*) FROM audit WHERE object = 'demo_visit' AND action = 'import'"), 1);
}

static void a_row_that_the_database_refuses_is_a_bad_row(void **state) {
    (void)state;
    const char *csv = "拜访编号,客户,备注\nV1,甲,same\nV2,乙,same\nV3,丙,\nV4,丁,same\nV5,戊,other\n"; /* notes are unique */
    ImportResult r;
    assert_int_equal(apply(&visit_resource, csv, IMPORT_ALL, &r)->status, 422);
    assert_string_equal(error_at(&r, 3), "This value is already taken");
    assert_int_equal(COUNT_VISITS(), 0);
    test_ok(apply(&visit_resource, csv, IMPORT_SKIP, &r));
    assert_int_equal(r.added, 3);
    assert_int_equal(r.bad, 2);
    assert_string_equal(r.errors[1].column, "备注");
    assert_int_equal(COUNT_VISITS(), 3);
}

static void a_failure_that_is_not_about_a_row_ends_the_import(void **state) {
    (void)state;
    ImportResult r;
    Error *e = apply(&visit_resource, MIXED, IMPORT_SKIP, &r); /* 499 breaks a CHECK: our own fault, 500 */
    assert_non_null(e);
    assert_int_equal(e->status, 500);
    assert_int_equal(COUNT_VISITS(), 0);
}

/* ---- rows of the same file ---- */

static void a_row_may_refer_to_an_earlier_row_of_its_file(void **state) {
    (void)state;
    const char *good = "编号,名称,上级团队\nA,总部,\nB,分部,总部\nC,小组,B\n", *bad = "编号,名称,上级团队\nB,分部,总部\nA,总部,\n";
    ImportResult r = analyse(&team_resource, good);
    assert_int_equal(r.good, 3);
    test_ok(apply(&team_resource, good, IMPORT_ALL, &r));
    assert_int_equal(r.added, 3);
    assert_int_equal(demo_count(c, "SELECT count(*) FROM demo_team x JOIN demo_team p ON p.id = x.parent_id WHERE x.no = 'C' AND p.no = 'B'"), 1);
    test_sql(c, "DELETE FROM demo_team");
    r = analyse(&team_resource, bad);
    assert_int_equal(r.bad, 1);
    assert_string_equal(error_at(&r, 2), "There is no “总部”");
}

/* ---- who imports ---- */

static void the_actors_scope_and_roles_hold(void **state) {
    (void)state;
    ImportResult r;
    const char *csv = "拜访编号,客户,团队\nV1,甲,T1\nV2,乙,T2\n";
    test_ok(apply(&visit_resource, csv, IMPORT_ALL, &r));
    Actor lead = {.account_id = 7, .employee_id = 70, .roles = ROLE_LEAD, .scope = SCOPE_TEAM, .name = "L"};
    c->actor = &lead;
    test_sql(c, "INSERT INTO visible_unit(account_id, unit_id) SELECT 7, id FROM demo_team WHERE no = 'T1'");
    const char *again = "拜访编号,客户,团队\nV1,甲2,T1\nV2,乙2,T1\nV3,丙,T2\nV4,丁,T1\n";
    r = analyse(&visit_resource, again);
    assert_int_equal(r.changed, 1);
    assert_int_equal(r.added, 1);
    assert_int_equal(r.bad, 2);
    test_ok(apply(&visit_resource, again, IMPORT_SKIP, &r));
    assert_int_equal(r.changed, 1);
    assert_int_equal(r.added, 1);
    assert_int_equal(r.bad, 2);
    assert_string_equal(error_at(&r, 4), "You can only enter this for yourself or your own team");
    assert_int_equal(demo_count(c, "SELECT count(*) FROM demo_visit WHERE client = '乙'"), 1);
    Actor finance = {.account_id = 8, .roles = ROLE_FINANCE, .scope = SCOPE_ALL, .name = "F"};
    c->actor = &finance;
    r = analyse(&visit_resource, csv);
    assert_int_equal(r.bad, 2);
    c->actor = &system_actor;
}

/* ---- many ---- */

static const char *many(int rows, int bad_from) {
    Text *text = text_new(c->mem, 64 << 20);
    text_add(text, "拜访编号,客户,电话\r\n");
    for (int i = 0; i < rows; i++) text_addf(text, "N%06d,客户,%s\r\n", i, i >= bad_from ? "?" : "7");
    return text->data;
}

static void errors_beyond_the_limit_are_counted_only(void **state) {
    (void)state;
    ImportResult r = analyse(&visit_resource, many(3000, 500));
    assert_int_equal(r.bad, 2500);
    assert_int_equal(r.error_count, 2500);
    assert_int_equal(r.kept, IMPORT_KEPT_ERRORS);
    assert_int_equal(r.shown_count, IMPORT_SHOWN_ROWS);
}

static int64_t told;
static void on_progress(Ctx *unused, void *arg, int64_t rows) {
    (void)unused;
    assert_ptr_equal(arg, t);
    assert_true(rows > told);
    told = rows;
}

static Error *count_bad(Ctx *unused, void *arg, int64_t number, const char *const *cells, size_t count, const char *reason) {
    (void)unused;
    assert_true(number > 1 && count == 3 && cells[2][0] == '?');
    assert_string_equal(reason, "电话: Write a whole number");
    ++*(int *)((TestDb *)arg)->c.tx;
    return NULL;
}

static void progress_and_bad_rows_are_told_as_they_come(void **state) {
    (void)state;
    int bad = 0;
    TestDb counter = {.c = {.tx = &bad}};
    ImportTask task = demo_task(&visit_resource, many(3000, 2990));
    ImportResult r;
    told = 0;
    task.progress = on_progress, task.arg = t;
    test_ok(import_analyse(c, &task, &r));
    assert_true(told >= 2500);
    task.progress = NULL, task.bad_row = count_bad, task.arg = &counter;
    test_ok(import_analyse(c, &task, &r));
    assert_int_equal(bad, 10);
}

static void a_large_import_has_one_audit_row(void **state) {
    (void)state;
    ImportResult r;
    test_ok(apply(&visit_resource, many(IMPORT_AUDITED_ROWS, 1 << 30), IMPORT_ALL, &r));
    assert_int_equal(demo_count(c, "SELECT count(*) FROM audit WHERE object = 'demo_visit'"), IMPORT_AUDITED_ROWS + 1);
    test_sql(c, "DELETE FROM demo_visit");
    test_ok(apply(&visit_resource, many(IMPORT_AUDITED_ROWS + 1, 1 << 30), IMPORT_ALL, &r));
    assert_int_equal(demo_count(c, "SELECT count(*) FROM audit WHERE object = 'demo_visit'"), IMPORT_AUDITED_ROWS + 2);
    assert_int_equal(COUNT_VISITS(), IMPORT_AUDITED_ROWS + 1);
    const char *changes = "";
    test_ok(db_get_text(c, &changes, "SELECT changes FROM audit WHERE action = 'import' ORDER BY id DESC LIMIT 1"));
    assert_non_null(strstr(changes, "\"file\":[null,\"test.csv\"],\"sha256\":[null,\""));
    assert_non_null(strstr(changes, "\"added\":[null,5001]"));
}

/* ---- the command line ---- */

static void the_command_line_reads_a_file_and_reports(void **state) {
    (void)state;
    const char *path = talloc_asprintf(c->mem, "%s/rows.csv", t->folder);
    FILE *f = fopen(path, "w");
    fputs("拜访编号,客户,其他\nV1,甲,?\nV2,,?\n", f);
    fclose(f);
    Text *report = text_new(c->mem, 1 << 20);
    test_ok(import_file(c, &visit_resource, path, true, false, report));
    assert_string_equal(report->data, "2 rows: 1 good, 1 with errors\n1 new, 0 changed, 0 unchanged\nColumn “其他” is not known and was passed over\n"
                                      "Row 3, 客户: This is required\n");
    assert_int_equal(import_file(c, &visit_resource, path, false, false, report)->status, 422);
    assert_int_equal(COUNT_VISITS(), 0);
    test_ok(import_file(c, &visit_resource, path, false, true, report));
    assert_int_equal(COUNT_VISITS(), 1);
    assert_int_equal(import_file(c, &visit_resource, "/nowhere/at/all.csv", false, true, report)->status, 422);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(headings_are_compared_without_spaces_stars_and_units),
        T(columns_are_found_by_label_alias_and_name_and_others_ignored),
        T(a_stronger_match_wins_a_field_and_no_field_comes_twice),
        T(a_title_above_the_headings_is_passed_over),
        T(a_given_mapping_replaces_the_headings),
        T(a_file_without_the_key_column_is_refused_as_a_whole),
        T(a_dry_run_tells_every_error_of_a_row_and_writes_nothing),
        T(the_row_that_is_written_is_the_row_of_the_file),
        T(a_known_key_changes_the_row_and_only_the_columns_of_the_file),
        T(what_a_hook_asks_for_after_the_commit_outlives_its_row),
        T(what_is_fixed_at_creation_may_be_repeated_but_not_changed),
        T(a_natural_id_corrects_the_row_of_that_day),
        T(all_or_nothing_writes_nothing_if_one_row_is_bad),
        T(skipping_writes_the_good_rows_and_undoes_what_a_refused_row_did),
        T(a_row_that_the_database_refuses_is_a_bad_row),
        T(a_failure_that_is_not_about_a_row_ends_the_import),
        T(a_row_may_refer_to_an_earlier_row_of_its_file),
        T(the_actors_scope_and_roles_hold),
        T(errors_beyond_the_limit_are_counted_only),
        T(progress_and_bad_rows_are_told_as_they_come),
        T(a_large_import_has_one_audit_row),
        T(the_command_line_reads_a_file_and_reports),
    };
    return cmocka_run_group_tests_name("resource/import", tests, NULL, NULL);
}

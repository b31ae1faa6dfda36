/* notify_test.c - the bell. */
#include "service/notify.h"
#include "db/testing.h"
#include "service/access.h"
#include "service/lang.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static TestDb *t;
static int64_t lili, wang;

static Error *add_accounts(Ctx *c, void *arg) {
    (void)arg;
    TRY(db_get_int(c, &lili,
                   "INSERT INTO account(login, name, employee_id, roles, created_at, updated_at) VALUES ('lili', "
                   "'李丽', 5, 1, 0, 0) RETURNING id"));
    return db_get_int(c, &wang,
                      "INSERT INTO account(login, name, employee_id, roles, status, created_at, updated_at)"
                      " VALUES ('wang', '王强', 6, 1, 1, 0, 0) RETURNING id");
}
static Error *add_notices(Ctx *c, void *arg) {
    (void)arg;
    Msg m = { .id = "Report of {1} by {2}", .args = { "2026-11-23", "<李>" } };
    TRY(notify_employee(c, 5, "report", m, "/reports/1"));
    TRY(notify_account(c, lili, "report", (Msg){ .id = "Second" }, "/reports/2"));
    TRY(notify_account(c, wang, "report", (Msg){ .id = "For Wang" }, "/x"));
    TRY(notify_employee(c, 6, "report", m, "/x"));    /* disabled */
    return notify_employee(c, 77, "report", m, "/x"); /* without account */
}
static Error *mark(Ctx *c, void *arg) {
    return notify_mark_read(c, *(int64_t *)arg);
}

static void a_notice_reaches_its_reader_only_and_can_be_read(void **state) {
    (void)state;
    t = test_db_open();
    test_ok(lang_setup(&t->c));
    test_ok(db_tx(&t->c, add_accounts, NULL));
    test_ok(db_tx(&t->c, add_notices, NULL));
    Actor a = { .account_id = lili };
    t->c.actor = &a;
    t->c.lang = lang_get("en");
    int64_t n = 0;
    test_ok(notify_unread(&t->c, &n));
    assert_int_equal(n, 2);
    Value list;
    test_ok(notify_list(&t->c, 10, &list));
    assert_int_equal(value_count(list), 2);
    assert_string_equal(value_get(value_at(list, 0), "text", 4, NULL).text, "Second");
    Value first = value_at(list, 1);
    assert_string_equal(value_get(first, "text", 4, NULL).text, "Report of 2026-11-23 by <李>");
    assert_string_equal(value_get(first, "href", 4, NULL).text, "/reports/1");
    assert_true(value_truthy(value_get(first, "unread", 6, NULL)));
    int64_t id = value_get(first, "id", 2, NULL).i;
    test_ok(db_tx(&t->c, mark, &id));
    test_ok(notify_unread(&t->c, &n));
    assert_int_equal(n, 1);
    test_ok(notify_list(&t->c, 1, &list));
    assert_int_equal(value_count(list), 1);
    a.account_id = wang;
    test_ok(notify_unread(&t->c, &n));
    assert_int_equal(n, 1);
    test_db_close(t);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_notice_reaches_its_reader_only_and_can_be_read) };
    return cmocka_run_group_tests_name("service/notify", tests, NULL, NULL);
}

/* session_test.c - log-in, sessions and tokens against a real database. The request's headers and cookies are given by the test. */
#include "service/session.h"
#include "base/i18n.h"
#include "db/testing.h"
#include "service/lang.h"
#include "service/limit.h"
#include "service/password.h"
#include "service/session_cache.h"
#include <setjmp.h>
#include <stdarg.h>
#include <strings.h>
#include <cmocka.h>

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static struct { const char *cookie_name, *cookie, *lang, *flash, *authorization, *accept_language; } browser;

/* These two stand in for http/server.c. */
const char *req_header(const Req *r, const char *name) {
    (void)r;
    if (!strcasecmp(name, "Authorization")) return browser.authorization;
    if (!strcasecmp(name, "Accept-Language")) return browser.accept_language;
    return !strcasecmp(name, "User-Agent") ? "Test/1.0" : NULL;
}
const char *req_cookie(const Req *r, const char *name) {
    (void)r;
    if (!strcmp(name, "lang")) return browser.lang;
    if (!strcmp(name, "flash")) return browser.flash;
    return browser.cookie_name && !strcmp(name, browser.cookie_name) ? browser.cookie : NULL;
}

static TestDb *t;
static int64_t lili, wang; /* two accounts */

static Error *add_accounts(Ctx *c, void *arg) {
    (void)arg;
    const char *sql[] = {
        "INSERT INTO org_unit(id, name, kind, version, created_at, updated_at) VALUES (3, '华东一组', 2, 1, 0, 0)",
        "INSERT INTO employee(id, no, name, unit_id, version, created_at, updated_at) VALUES (5, 'A1', '李丽', 3, 1, "
        "0, 0)"
    };
    for (size_t i = 0; i < 2; i++) TRY(test_simple(c, (void *)(uintptr_t)sql[i]));
    TRY(db_get_int(c, &lili,
                   "INSERT INTO account(login, name, employee_id, roles, lang, created_at, updated_at)"
                   " VALUES ('lili', '李丽', 5, 1, '', 0, 0) RETURNING id"));
    return db_get_int(c, &wang,
                      "INSERT INTO account(login, name, roles, scope, lang, created_at, updated_at)"
                      " VALUES ('wang', '王强', 36, 1, 'en', 0, 0) RETURNING id");
}

static int set_up(void **state) {
    (void)state;
    t = test_db_open();
    test_ok(lang_setup(&t->c));
    test_ok(db_tx(&t->c, add_accounts, NULL));
    session_setup((SessionOptions){ .secure = true, .api_per_minute = 600 });
    limit_forget_all();
    memset(&browser, 0, sizeof browser);
    return 0;
}
static int tear_down(void **state) {
    (void)state;
    test_db_close(t);
    return 0;
}

static Req *request(void) {
    Req *r = talloc_zero(t, Req);
    r->c = t->c;
    r->response.fd = -1;
    return r;
}

static const char *header_of(const Req *r, const char *name) {
    for (const Header *h = r->response.headers; h; h = h->next)
        if (!strcmp(h->name, name)) return h->value;
    return "";
}

/* Logs in and keeps the cookie, as a browser does. */
static const char *log_in(int64_t account_id, bool trusted) {
    Req *r = request();
    test_ok(session_authenticate(r));
    test_ok(session_start(r, account_id, trusted));
    const char *set = header_of(r, "Set-Cookie"), *eq = strchr(set, '=');
    browser.cookie_name = talloc_strndup(t, set, (size_t)(eq - set));
    browser.cookie = talloc_strndup(t, eq + 1, strcspn(eq + 1, ";"));
    return browser.cookie;
}

static const Actor *who(void) {
    Req *r = request();
    test_ok(session_authenticate(r));
    return r->c.actor;
}

static int64_t count(const char *what) {
    int64_t n = -1;
    if (!strcmp(what, "session")) test_ok(db_get_int(&t->c, &n, "SELECT count(*) FROM session"));
    if (!strcmp(what, "seen")) test_ok(db_get_int(&t->c, &n, "SELECT max(seen_at) FROM session"));
    if (!strcmp(what, "used")) test_ok(db_get_int(&t->c, &n, "SELECT max(last_used_at) FROM api_token"));
    return n;
}

static bool on_sqlite(void) {
    return db_engine(t->c.db) == DB_SQLITE;
}

static void nobody_is_a_visitor(void **state) {
    (void)state;
    assert_int_equal(who()->account_id, 0);
    browser.cookie_name = "__Host-sid", browser.cookie = "not-a-session";
    Req *r = request();
    test_ok(session_authenticate(r));
    assert_int_equal(r->c.actor->account_id, 0);
    assert_null(r->csrf);
    assert_non_null(r->c.lang);
}

static void logging_in_makes_the_actor_with_unit_scope_and_names(void **state) {
    (void)state;
    log_in(lili, false);
    const Actor *a = who();
    assert_int_equal(a->account_id, lili);
    assert_int_equal(a->employee_id, 5);
    assert_int_equal(a->unit_id, 3);
    assert_string_equal(a->unit_name, "华东一组");
    assert_string_equal(a->name, "李丽");
    assert_int_equal(a->roles, ROLE_REP);
    assert_int_equal(a->scope, SCOPE_OWN);
    assert_true(a->session_id > 0);
    log_in(wang, false);
    assert_int_equal(who()->scope, SCOPE_TEAM); /* its own, narrower than the roles' */
    assert_int_equal(who()->unit_id, 0);
    int64_t n = 0;
    test_ok(db_get_int(&t->c, &n, "SELECT count(*) FROM audit WHERE action = 'log_in' AND actor_id = $1", V(lili)));
    assert_int_equal(n, 1);
}

static void the_cookie_is_as_strict_as_its_place_allows(void **state) {
    (void)state;
    Req *r = request();
    test_ok(session_start(r, lili, false));
    const char *set = header_of(r, "Set-Cookie");
    assert_true(text_starts(set, "__Host-sid="));
    assert_non_null(strstr(set, "; Path=/; HttpOnly; SameSite=Lax; Secure"));
    assert_null(strstr(set, "Max-Age"));
    assert_true(strcspn(strchr(set, '=') + 1, ";") == 43); /* 256 bits */
    session_setup((SessionOptions){ .secure = false });
    r = request();
    test_ok(session_start(r, lili, true));
    set = header_of(r, "Set-Cookie");
    assert_true(text_starts(set, "sid="));
    assert_null(strstr(set, "Secure"));
    assert_non_null(strstr(set, "Max-Age=2592000"));
}

static void the_database_knows_only_the_hash(void **state) {
    (void)state;
    const char *cookie = log_in(lili, false), *stored = NULL;
    test_ok(db_get_text(&t->c, &stored, "SELECT token_hash FROM session"));
    assert_string_not_equal(stored, cookie);
    assert_string_equal(stored, hash_text(&t->c, cookie));
}

static void a_session_ends_after_half_an_hour_without_use(void **state) {
    (void)state;
    log_in(lili, false);
    for (int i = 0; i < 4; i++) { /* used every 29 minutes it lives on */
        t->c.now += 29 * MINUTE;
        assert_int_equal(who()->account_id, lili);
    }
    t->c.now += 30 * MINUTE;
    assert_int_equal(who()->account_id, lili);
    t->c.now += 30 * MINUTE + 1;
    assert_int_equal(who()->account_id, 0);
    cache_clear();
    assert_int_equal(who()->account_id, 0);
}

static void a_session_ends_after_twelve_hours_even_in_use(void **state) {
    (void)state;
    log_in(lili, false);
    Instant end = t->c.now + 12 * HOUR;
    for (; t->c.now < end; t->c.now += 20 * MINUTE) assert_int_equal(who()->account_id, lili);
    t->c.now = end - 1;
    assert_int_equal(who()->account_id, lili);
    t->c.now += 1;
    assert_int_equal(who()->account_id, 0);
}

static void a_trusted_phone_stays_for_a_week_without_use_and_thirty_days_at_most(void **state) {
    (void)state;
    log_in(lili, true);
    Instant begun = t->c.now;
    t->c.now += 7 * DAY;
    assert_int_equal(who()->account_id, lili);
    while (t->c.now + 6 * DAY < begun + 30 * DAY) {
        t->c.now += 6 * DAY;
        assert_int_equal(who()->account_id, lili);
    }
    t->c.now = begun + 30 * DAY;
    assert_int_equal(who()->account_id, 0);
}

static void use_is_written_at_most_every_five_minutes(void **state) {
    (void)state;
    log_in(lili, false);
    Instant begun = t->c.now;
    t->c.now += 4 * MINUTE;
    who();
    assert_int_equal(count("seen"), begun);
    t->c.now += MINUTE;
    who();
    assert_int_equal(count("seen"), begun + 5 * MINUTE);
    t->c.now += 4 * MINUTE;
    who();
    assert_int_equal(count("seen"), begun + 5 * MINUTE);
}

static Error *disable(Ctx *c, void *arg) {
    (void)arg;
    TRY(db_exec(c, "UPDATE account SET status = 1 WHERE id = $1", V(lili)));
    return session_end_all(c, lili, 0, true);
}
static Error *change_roles(Ctx *c, void *arg) {
    TRY(db_exec(c, "UPDATE account SET roles = $1 WHERE id = $2", V(ROLE_ADMIN), V(lili)));
    session_changed(c, lili);
    return arg ? err_conflict(c, "no") : NULL;
}

static void a_disabled_account_is_out_at_once(void **state) {
    (void)state;
    log_in(lili, false);
    assert_int_equal(who()->account_id, lili);
    test_ok(db_tx(&t->c, disable, NULL));
    assert_int_equal(who()->account_id, 0);
    Actor a;
    Error *e = actor_load(&t->c, lili, &a);
    assert_int_equal(e->status, 404);
    e = session_start(request(), lili, false);
    assert_int_equal(e->status, 404);
}

static void new_roles_hold_from_the_commit_and_not_before(void **state) {
    (void)state;
    log_in(lili, false);
    assert_int_equal(who()->roles, ROLE_REP);
    Error *e = db_tx(&t->c, change_roles, &t);
    assert_int_equal(e->status, 409);
    assert_int_equal(who()->roles, ROLE_REP);
    test_ok(db_tx(&t->c, change_roles, NULL));
    assert_int_equal(who()->roles, ROLE_ADMIN);
    assert_int_equal(who()->scope, SCOPE_ALL);
}

static void what_another_process_changes_is_seen_after_a_second_on_postgresql(void **state) {
    (void)state;
    log_in(lili, false);
    who();
    test_sql(&t->c, "UPDATE account SET roles = 2 WHERE login = 'lili'"); /* nobody is told */
    assert_int_equal(who()->roles, ROLE_REP);
    t->c.now += 999999;
    assert_int_equal(who()->roles, ROLE_REP);
    t->c.now += 2;
    assert_int_equal(who()->roles, on_sqlite() ? ROLE_REP : ROLE_LEAD);
}

static void the_sixth_session_ends_the_one_unused_for_longest(void **state) {
    (void)state;
    const char *cookies[6];
    for (int i = 0; i < 5; i++) {
        cookies[i] = log_in(lili, true);
        browser.cookie = NULL;
        t->c.now += MINUTE;
    }
    browser.cookie = cookies[0]; /* the oldest is in use */
    t->c.now += 6 * MINUTE;
    assert_int_equal(who()->account_id, lili);
    browser.cookie = NULL;
    cookies[5] = log_in(lili, true);
    assert_int_equal(count("session"), 5);
    for (int i = 0; i < 6; i++) {
        browser.cookie = cookies[i];
        assert_int_equal(who()->account_id, i == 1 ? 0 : lili);
    }
}

static void logging_in_again_ends_the_old_cookie(void **state) {
    (void)state;
    const char *first = log_in(lili, false);
    assert_int_equal(who()->account_id, lili);
    const char *second = log_in(wang, false);
    assert_string_not_equal(first, second);
    assert_int_equal(who()->account_id, wang);
    browser.cookie = first;
    assert_int_equal(who()->account_id, 0);
    assert_int_equal(count("session"), 1);
}

static void logging_out_ends_row_and_cookie(void **state) {
    (void)state;
    log_in(lili, false);
    Req *r = request();
    test_ok(session_authenticate(r));
    assert_non_null(r->csrf);
    test_ok(session_end(r));
    assert_non_null(strstr(header_of(r, "Set-Cookie"), "__Host-sid=; "));
    assert_non_null(strstr(header_of(r, "Set-Cookie"), "Max-Age=0"));
    assert_true(*header_of(r, "Clear-Site-Data") == '"');
    assert_int_equal(who()->account_id, 0);
    assert_int_equal(count("session"), 0);
}

static Error *end_others(Ctx *c, void *arg) {
    return session_end_all(c, lili, *(int64_t *)arg, false);
}
static Error *end_foreign(Ctx *c, void *arg) {
    return session_end_one(c, wang, *(int64_t *)arg);
}
static Error *end_own(Ctx *c, void *arg) {
    return session_end_one(c, lili, *(int64_t *)arg);
}

static void sessions_can_be_ended_one_by_one_and_all_but_this(void **state) {
    (void)state;
    const char *first = log_in(lili, false);
    int64_t id = who()->session_id;
    browser.cookie = NULL;
    log_in(lili, false);
    int64_t mine = who()->session_id;
    Error *e = db_tx(&t->c, end_foreign, &id);
    assert_int_equal(e->status, 404);
    test_ok(db_tx(&t->c, end_own, &id));
    assert_int_equal(who()->session_id, mine);
    browser.cookie = first;
    assert_int_equal(who()->account_id, 0);
    browser.cookie = NULL;
    const char *third = log_in(lili, false);
    mine = who()->session_id;
    browser.cookie = NULL;
    log_in(lili, false);
    test_ok(db_tx(&t->c, end_others, &mine));
    assert_int_equal(who()->account_id, 0);
    browser.cookie = third;
    assert_int_equal(who()->session_id, mine);
}

/* ---- tokens ---- */

static const char *token;
static Error *make_token(Ctx *c, void *arg) {
    (void)arg;
    return token_create(c, lili, "script", &token);
}

static void a_token_acts_for_its_account(void **state) {
    (void)state;
    test_ok(db_tx(&t->c, make_token, NULL));
    assert_true(text_starts(token, "xg_"));
    browser.authorization = talloc_asprintf(t, "Bearer %s", token);
    Req *r = request();
    test_ok(session_authenticate(r));
    assert_true(r->bearer);
    assert_null(r->csrf);
    assert_int_equal(r->c.actor->account_id, lili);
    assert_int_equal(r->c.actor->session_id, 0);
    assert_int_equal(count("used"), t->c.now);
    browser.authorization = "Bearer xg_wrong";
    Error *e = session_authenticate(request());
    assert_int_equal(e->status, 401);
    browser.authorization = NULL;
    browser.cookie_name = "__Host-sid", browser.cookie = token; /* a token is no cookie */
    assert_int_equal(who()->account_id, 0);
}

static void a_session_cookie_is_no_token(void **state) {
    (void)state;
    const char *cookie = log_in(lili, false);
    browser.authorization = talloc_asprintf(t, "Bearer %s", cookie);
    Error *e = session_authenticate(request());
    assert_int_equal(e->status, 401);
}

static void tokens_are_limited_to_ten_a_second_after_a_burst(void **state) {
    (void)state;
    test_ok(db_tx(&t->c, make_token, NULL));
    browser.authorization = talloc_asprintf(t, "Bearer %s", token);
    for (int i = 0; i < 60; i++) test_ok(session_authenticate(request()));
    Error *e = session_authenticate(request());
    assert_int_equal(e->status, 429);
    assert_true(e->retry_after >= 1);
    t->c.now += SECOND;
    for (int i = 0; i < 10; i++) test_ok(session_authenticate(request()));
    e = session_authenticate(request());
    assert_int_equal(e->status, 429);
}

static void without_a_limit_a_token_may_ask_as_often_as_it_likes(void **state) {
    (void)state;
    session_setup((SessionOptions){ .secure = true, .api_per_minute = 0 });
    test_ok(db_tx(&t->c, make_token, NULL));
    browser.authorization = talloc_asprintf(t, "Bearer %s", token);
    for (int i = 0; i < 1000; i++) test_ok(session_authenticate(request()));
}

static void ending_everything_ends_tokens_too(void **state) {
    (void)state;
    test_ok(db_tx(&t->c, make_token, NULL));
    browser.authorization = talloc_asprintf(t, "Bearer %s", token);
    test_ok(session_authenticate(request()));
    test_ok(db_tx(&t->c, disable, NULL));
    Error *e = session_authenticate(request());
    assert_int_equal(e->status, 401);
}

/* ---- language, tags ---- */

static void the_language_is_the_accounts_then_the_cookies_then_the_browsers(void **state) {
    (void)state;
    static const struct {
        bool english_account;
        const char *cookie, *accept, *expected;
    } cases[] = {
        { false, NULL, NULL, "zh_CN" },
        { false, NULL, "en-GB,zh;q=0.5", "en" },
        { false, NULL, "fr, de;q=0.9", "zh_CN" },
        { false, NULL, "fr,zh-TW,en", "zh_CN" },
        { false, "en", "zh", "en" },
        { false, "xx", "en", "en" },
        { true, "zh_CN", "zh", "en" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        browser.cookie = browser.lang = browser.accept_language = NULL;
        log_in(cases[i].english_account ? wang : lili, false);
        browser.lang = cases[i].cookie, browser.accept_language = cases[i].accept;
        Req *r = request();
        test_ok(session_authenticate(r));
        assert_string_equal(lang_code(r->c.lang), cases[i].expected);
    }
}

static const char *tag(bool json, bool fragment) {
    Req *r = request();
    r->wants_json = json, r->fragment = fragment;
    return session_tag(r);
}

static void a_tag_changes_with_all_that_a_page_depends_on(void **state) {
    (void)state;
    if (!on_sqlite()) return;
    assert_null(tag(false, false));
    log_in(lili, false);
    who();
    const char *first = tag(false, false);
    assert_non_null(first);
    assert_string_equal(tag(false, false), first);
    assert_string_not_equal(tag(true, false), first);
    assert_string_not_equal(tag(false, true), first);
    browser.lang = "en";
    assert_string_not_equal(tag(false, false), first);
    browser.lang = NULL;
    browser.flash = "x";
    assert_null(tag(false, false));
    browser.flash = NULL;
    browser.authorization = "Bearer xg_x";
    assert_null(tag(false, false));
    browser.authorization = NULL;
    test_sql(&t->c, "UPDATE org_unit SET sort = 1");
    assert_string_not_equal(tag(false, false), first);
    t->c.now += 31 * MINUTE;
    assert_null(tag(false, false)); /* over */
    cache_clear();
    assert_null(tag(false, false)); /* not cached: a worker has to look */
}

static void a_tag_changes_at_midnight_in_the_zone(void **state) {
    (void)state;
    if (!on_sqlite()) return;
    date_set_zone("Asia/Shanghai");
    t->c.now = instant_of_day(date_make(2026, 11, 23), 23, 59);
    log_in(lili, false);
    who();
    const char *before = tag(false, false);
    t->c.now += 59 * SECOND;
    assert_string_equal(tag(false, false), before);
    t->c.now += SECOND;
    assert_string_not_equal(tag(false, false), before);
}

static void there_are_no_tags_on_postgresql(void **state) {
    (void)state;
    if (on_sqlite()) return;
    log_in(lili, false);
    who();
    assert_null(tag(false, false));
}

static void the_csrf_token_belongs_to_the_cookie(void **state) {
    (void)state;
    log_in(lili, false);
    Req *a = request(), *b = request();
    test_ok(session_authenticate(a));
    test_ok(session_authenticate(b));
    assert_string_equal(a->csrf, b->csrf);
    assert_int_equal(strlen(a->csrf), 43);
    log_in(lili, false);
    Req *other = request();
    test_ok(session_authenticate(other));
    assert_string_not_equal(a->csrf, other->csrf);
}

static void sweeping_removes_only_what_is_over(void **state) {
    (void)state;
    log_in(lili, false);
    browser.cookie = NULL;
    log_in(wang, true);
    t->c.now += 31 * MINUTE;
    test_ok(session_sweep(&t->c, 0));
    assert_int_equal(count("session"), 1);
    assert_int_equal(who()->account_id, wang);
}

#define WITH_DB(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        WITH_DB(nobody_is_a_visitor),
        WITH_DB(logging_in_makes_the_actor_with_unit_scope_and_names),
        WITH_DB(the_cookie_is_as_strict_as_its_place_allows),
        WITH_DB(the_database_knows_only_the_hash),
        WITH_DB(a_session_ends_after_half_an_hour_without_use),
        WITH_DB(a_session_ends_after_twelve_hours_even_in_use),
        WITH_DB(a_trusted_phone_stays_for_a_week_without_use_and_thirty_days_at_most),
        WITH_DB(use_is_written_at_most_every_five_minutes),
        WITH_DB(a_disabled_account_is_out_at_once),
        WITH_DB(new_roles_hold_from_the_commit_and_not_before),
        WITH_DB(what_another_process_changes_is_seen_after_a_second_on_postgresql),
        WITH_DB(the_sixth_session_ends_the_one_unused_for_longest),
        WITH_DB(logging_in_again_ends_the_old_cookie),
        WITH_DB(logging_out_ends_row_and_cookie),
        WITH_DB(sessions_can_be_ended_one_by_one_and_all_but_this),
        WITH_DB(a_token_acts_for_its_account),
        WITH_DB(a_session_cookie_is_no_token),
        WITH_DB(tokens_are_limited_to_ten_a_second_after_a_burst),
        WITH_DB(without_a_limit_a_token_may_ask_as_often_as_it_likes),
        WITH_DB(ending_everything_ends_tokens_too),
        WITH_DB(the_language_is_the_accounts_then_the_cookies_then_the_browsers),
        WITH_DB(a_tag_changes_with_all_that_a_page_depends_on),
        WITH_DB(a_tag_changes_at_midnight_in_the_zone),
        WITH_DB(there_are_no_tags_on_postgresql),
        WITH_DB(the_csrf_token_belongs_to_the_cookie),
        WITH_DB(sweeping_removes_only_what_is_over),
    };
    return cmocka_run_group_tests_name("service/session", tests, NULL, NULL);
}

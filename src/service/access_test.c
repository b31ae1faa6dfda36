/* access_test.c - roles, scopes and who may pass. */
#include "service/access.h"
#include "http/route.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <talloc.h>
/* cmocka wants the three above first */
#include <cmocka.h>

static void each_role_has_a_code_and_a_name_of_its_own(void **state) {
    (void)state;
    for (int i = 0; i < ROLE_COUNT; i++) {
        uint32_t role = 1U << i;
        assert_true(*role_code(role) && *role_name(role));
        assert_int_equal(role_of_code(role_code(role)), role);
        for (int k = 0; k < i; k++) assert_string_not_equal(role_code(role), role_code(1U << k));
    }
    assert_int_equal(role_of_code("boss"), 0);
    assert_int_equal(role_of_code(NULL), 0);
    assert_string_equal(role_code(64), "");
}

static void the_widest_role_decides_the_scope(void **state) {
    (void)state;
    for (uint32_t roles = 0; roles <= ROLE_ANY; roles++) {
        Scope expected = roles & (ROLE_TRAINER | ROLE_FINANCE | ROLE_ADMIN) ? SCOPE_ALL
                         : roles & ROLE_MANAGER                             ? SCOPE_SUBTREE
                         : roles & ROLE_LEAD                                ? SCOPE_TEAM
                                                                            : SCOPE_OWN;
        assert_int_equal(scope_of_roles(roles), expected);
    }
    assert_string_equal(scope_code(SCOPE_SUBTREE), "subtree");
}

static int status_of(const Actor *a, uint32_t allow, const char *path, const char **ret_code) {
    void *mem = talloc_new(NULL);
    Route route = { .method = GET, .path = path, .allow = allow };
    Req r = { .c = { .mem = mem, .actor = a }, .path = path, .route = &route };
    Error *e = access_authorize(&r);
    int status = e ? e->status : 0;
    static char code[32];
    strncpy(code, e ? e->code : "", sizeof code - 1);
    if (ret_code) *ret_code = code;
    talloc_free(mem);
    return status;
}

static void every_role_passes_exactly_where_it_is_named(void **state) {
    (void)state;
    for (uint32_t roles = 0; roles <= ROLE_ANY; roles++)
        for (uint32_t allow = 1; allow <= ROLE_ANY; allow++) {
            Actor a = { .account_id = 7, .roles = roles };
            assert_int_equal(status_of(&a, allow, "/x", NULL), roles & allow ? 0 : 403);
        }
}

static void a_visitor_is_sent_to_log_in_unless_the_page_is_public(void **state) {
    (void)state;
    assert_int_equal(status_of(&visitor_actor, ROLE_ANY, "/x", NULL), 401);
    assert_int_equal(status_of(NULL, ROLE_ANY, "/x", NULL), 401);
    assert_int_equal(status_of(&visitor_actor, ROLE_PUBLIC, "/x", NULL), 0);
    Actor forged = { .roles = ROLE_ADMIN };
    assert_int_equal(status_of(&forged, ROLE_ANY, "/x", NULL), 401);
    assert_int_equal(status_of(&system_actor, ROLE_ADMIN, "/x", NULL), 0);
}

static void whoever_must_change_the_password_reaches_nothing_else(void **state) {
    (void)state;
    const char *code;
    Actor a = { .account_id = 7, .roles = ROLE_ADMIN, .must_change = true };
    assert_int_equal(status_of(&a, ROLE_ANY, "/people", &code), 403);
    assert_string_equal(code, "must_change");
    assert_int_equal(status_of(&a, ROLE_ANY, "/account/passwords", NULL), 403);
    assert_int_equal(status_of(&a, ROLE_ANY, "/account/password", NULL), 0);
    assert_int_equal(status_of(&a, ROLE_ANY, "/logout", NULL), 0);
    assert_int_equal(status_of(&a, ROLE_ANY, "/assets/app.css", NULL), 0);
    assert_int_equal(status_of(&a, ROLE_PUBLIC, "/login", NULL), 0);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_role_has_a_code_and_a_name_of_its_own),
        cmocka_unit_test(the_widest_role_decides_the_scope),
        cmocka_unit_test(every_role_passes_exactly_where_it_is_named),
        cmocka_unit_test(a_visitor_is_sent_to_log_in_unless_the_page_is_public),
        cmocka_unit_test(whoever_must_change_the_password_reaches_nothing_else),
    };
    return cmocka_run_group_tests_name("service/access", tests, NULL, NULL);
}

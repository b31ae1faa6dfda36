/* error_test.c - tests of error.c and ctx.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include <string.h>
#include <talloc.h>

static Ctx ctx;

static int set_up(void **state) {
    (void)state;
    ctx = (Ctx){ .mem = talloc_new(NULL), .now = 42, .request_id = "abc", .address = "127.0.0.1" };
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    return talloc_free(ctx.mem);
}

static void every_maker_has_its_status_and_code(void **state) {
    (void)state;
    const struct {
        Error *e;
        int status;
        const char *code;
    } all[] = {
        { err_bad_request(&ctx, "No"), 400, "bad_request" },
        { err_unauthorized(&ctx, "No"), 401, "unauthorized" },
        { err_denied(&ctx, "No"), 403, "denied" },
        { err_not_found(&ctx, "No"), 404, "not_found" },
        { err_conflict(&ctx, "No"), 409, "conflict" },
        { err_too_large(&ctx, "No"), 413, "too_large" },
        { err_invalid(&ctx, "No"), 422, "invalid" },
        { err_too_many(&ctx, "No"), 429, "too_many" },
        { err_busy(&ctx, "No"), 503, "busy" },
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        assert_int_equal(all[i].e->status, all[i].status);
        assert_string_equal(all[i].e->code, all[i].code);
        assert_string_equal(all[i].e->message.id, "No");
        assert_null(all[i].e->message.args[0]);
        assert_null(all[i].e->fields);
        assert_null(all[i].e->detail);
        assert_int_equal(all[i].e->retry_after, 0);
        assert_ptr_equal(talloc_parent(all[i].e), ctx.mem);
    }
}

static void up_to_three_arguments_are_kept(void **state) {
    (void)state;
    Error *e = err_conflict(&ctx, "{1} {2} {3}", "a", "b", "c");
    assert_string_equal(e->message.args[0], "a");
    assert_string_equal(e->message.args[1], "b");
    assert_string_equal(e->message.args[2], "c");
    e = err_conflict(&ctx, "{1}", "a");
    assert_string_equal(e->message.args[0], "a");
    assert_null(e->message.args[1]);
    assert_null(e->message.args[2]);
}

static void a_field_error_speaks_for_the_whole(void **state) {
    (void)state;
    Error *e = err_field(&ctx, "day", "The day is after {1}", "today");
    assert_int_equal(e->status, 422);
    assert_string_equal(e->code, "invalid");
    assert_string_equal(e->message.id, "The day is after {1}");
    assert_string_equal(e->message.args[0], "today");
    assert_string_equal(e->fields->field, "day");
    assert_string_equal(e->fields->message.id, "The day is after {1}");
    assert_string_equal(e->fields->message.args[0], "today");
    assert_null(e->fields->next);
}

static void a_form_collects_its_errors_in_order_and_one_a_field(void **state) {
    (void)state;
    Error *e = NULL;
    char name[] = "zone";
    err_add_field(&ctx, &e, name, "First");
    strcpy(name, "gone"); /* the name was copied */
    assert_int_equal(e->status, 422);
    assert_string_equal(e->message.id, "First");
    err_add_field(&ctx, &e, "amount", "Second {1}", "x");
    err_add_field(&ctx, &e, "zone", "Not kept");
    err_add_field(&ctx, &e, "day", "Third");
    err_add_field(&ctx, &e, "amount", "Not kept");
    assert_string_equal(e->message.id, "Please check the marked fields");
    assert_string_equal(e->fields->field, "zone");
    assert_string_equal(e->fields->message.id, "First");
    assert_string_equal(e->fields->next->field, "amount");
    assert_string_equal(e->fields->next->message.args[0], "x");
    assert_string_equal(e->fields->next->next->field, "day");
    assert_null(e->fields->next->next->next);
}

static void the_same_field_twice_keeps_the_message_of_the_only_field(void **state) {
    (void)state;
    Error *e = NULL;
    err_add_field(&ctx, &e, "day", "First");
    err_add_field(&ctx, &e, "day", "Second");
    assert_string_equal(e->message.id, "First");
    assert_null(e->fields->next);
}

static void a_field_can_be_added_to_any_error(void **state) {
    (void)state;
    Error *e = err_conflict(&ctx, "This name is taken");
    err_add_field(&ctx, &e, "name", "Taken");
    err_add_field(&ctx, &e, "short_name", "Taken");
    assert_int_equal(e->status, 409);
    assert_string_equal(e->message.id, "This name is taken");
    assert_string_equal(e->fields->field, "name");
    assert_string_equal(e->fields->next->field, "short_name");
}

static void an_internal_error_keeps_its_detail_from_people(void **state) {
    (void)state;
    Error *e = err_internal(&ctx, "disk %s at %d", "full", 7);
    assert_int_equal(e->status, 500);
    assert_string_equal(e->code, "internal");
    assert_string_equal(e->detail, "disk full at 7");
    assert_null(strstr(e->message.id, "disk"));
}

static Error *deepest(const Ctx *c) {
    return err_invalid(c, "No");
}

static Error *middle(const Ctx *c) {
    TRY(NULL);
    TRY(deepest(c));
    fail_msg("TRY went on after an error");
    return NULL;
}

static Error *outer(const Ctx *c) {
    TRY(middle(c));
    return NULL;
}

static void the_trace_names_every_place_passed(void **state) {
    (void)state;
    Error *e = outer(&ctx);
    const char *p = e->trace;
    for (int i = 0; i < 3; i++) {
        p = strstr(p, "error_test.c:");
        assert_non_null(p);
        p += strlen("error_test.c:");
        assert_true(*p >= '1' && *p <= '9');
    }
    assert_null(strstr(p, "error_test.c:"));
    assert_string_equal(err_trace(err_trace(err_make_(&ctx, 400, "x", "a.c:1", "m", NULL), "b.c:2"), "c.c:3")->trace,
                        "a.c:1 b.c:2 c.c:3");
}

static void a_copy_outlives_the_arena_of_its_original(void **state) {
    (void)state;
    void *other = talloc_new(NULL), *short_lived = talloc_new(NULL);
    Ctx c = { .mem = short_lived };
    char *argument = talloc_strdup(short_lived, "argument"), *msgid = talloc_strdup(short_lived, "Message {1}");
    Error *e = err_field(&c, "first", msgid, argument);
    err_add_field(&c, &e, "second", msgid, argument, argument, argument);
    e->detail = talloc_strdup(e, "detail");
    e->code = talloc_strdup(e, "code");
    e->retry_after = 9;
    const char *trace = talloc_strdup(other, e->trace);
    Error *copy = err_copy(other, e);
    assert_ptr_equal(talloc_parent(copy), other);
    memset(argument, '#', 8);
    memset(msgid, '#', 11);
    talloc_free(short_lived);
    assert_int_equal(copy->status, 422);
    assert_string_equal(copy->code, "code");
    assert_string_equal(copy->detail, "detail");
    assert_string_equal(copy->trace, trace);
    assert_int_equal(copy->retry_after, 9);
    assert_string_equal(copy->message.id, "Please check the marked fields");
    assert_string_equal(copy->fields->field, "first");
    assert_string_equal(copy->fields->message.id, "Message {1}");
    assert_string_equal(copy->fields->message.args[0], "argument");
    assert_null(copy->fields->message.args[1]);
    assert_string_equal(copy->fields->next->field, "second");
    assert_string_equal(copy->fields->next->message.args[2], "argument");
    assert_null(copy->fields->next->next);
    talloc_free(other);
    assert_null(err_copy(ctx.mem, NULL));
}

static void a_child_context_is_the_same_caller_with_an_arena_of_its_own(void **state) {
    (void)state;
    Ctx *child = ctx_child(&ctx);
    assert_ptr_not_equal(child->mem, ctx.mem);
    assert_int_equal(child->now, 42);
    assert_ptr_equal(child->request_id, ctx.request_id);
    assert_ptr_equal(child->address, ctx.address);
    size_t before = talloc_total_blocks(ctx.mem);
    talloc_strdup(child->mem, "something");
    Ctx *grandchild = ctx_child(child);
    talloc_strdup(grandchild->mem, "more");
    ctx_done(grandchild);
    assert_int_equal(talloc_total_blocks(ctx.mem), before + 1);
    ctx_done(child);
    assert_int_equal(talloc_total_blocks(ctx.mem), before - 1);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    static const struct CMUnitTest tests[] = {
        T(every_maker_has_its_status_and_code),
        T(up_to_three_arguments_are_kept),
        T(a_field_error_speaks_for_the_whole),
        T(a_form_collects_its_errors_in_order_and_one_a_field),
        T(the_same_field_twice_keeps_the_message_of_the_only_field),
        T(a_field_can_be_added_to_any_error),
        T(an_internal_error_keeps_its_detail_from_people),
        T(the_trace_names_every_place_passed),
        T(a_copy_outlives_the_arena_of_its_original),
        T(a_child_context_is_the_same_caller_with_an_arena_of_its_own),
    };
    return cmocka_run_group_tests_name("base/error", tests, NULL, NULL);
}

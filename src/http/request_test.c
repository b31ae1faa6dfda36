/* request_test.c - forms, multipart and JSON as browsers and programs send them, and as nobody should. */
#include "http/request.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <talloc.h>

static Ctx c;

static int begin(void **state) {
    (void)state;
    c = (Ctx){.mem = talloc_new(NULL)};
    return 0;
}
static int end(void **state) {
    (void)state;
    talloc_free(c.mem);
    return 0;
}

/* "name=value|name=value" or the status of the refusal */
static const char *show(Error *e, const Pair *p) {
    if (e) return talloc_asprintf(c.mem, "%d", e->status);
    Text *t = text_new(c.mem, 1 << 20);
    for (; p; p = p->next) text_addf(t, "%s%s=%s", t->len ? "|" : "", p->name, p->value);
    return t->data;
}
static const char *form(const char *s) {
    Pair *p = NULL;
    Error *e = parse_urlencoded(&c, s, strlen(s), &p);
    return show(e, p);
}
static const char *json(const char *s) {
    Pair *p = NULL;
    json_t *root = NULL;
    Error *e = parse_json(&c, s, strlen(s), &root, &p);
    return show(e, p);
}

static void a_form_keeps_order_and_repetition(void **state) {
    (void)state;
    assert_string_equal(form("a=1&b=%E9%94%80%E5%86%A0&a=2"), "a=1|b=销冠|a=2");
    assert_string_equal(form("a=x+y%2Bz&empty=&flag"), "a=x y+z|empty=|flag=");
    assert_string_equal(form(""), "");
    assert_string_equal(form("&&=v"), "=v");
}

static void a_form_that_is_not_utf8_or_badly_escaped_is_refused(void **state) {
    (void)state;
    assert_string_equal(form("a=%FF"), "400");
    assert_string_equal(form("a=%C0%AF"), "400");
    assert_string_equal(form("a=%"), "400");
    assert_string_equal(form("a=%4"), "400");
    assert_string_equal(form("a=%zz"), "400");
    assert_string_equal(form("a=%00"), "400");
    assert_string_equal(form("%ED%A0%80=1"), "400");
    assert_string_equal(form("a=%41"), "a=A");
}

static void a_form_of_too_many_fields_is_refused(void **state) {
    (void)state;
    Text *t = text_new(c.mem, 1 << 20);
    for (int i = 0; i < LIMIT_PARAMETERS; i++) text_add(t, "a=1&");
    assert_true(strlen(form(t->data)) > 100);
    text_add(t, "a=1");
    assert_string_equal(form(t->data), "413");
}

static const char two_parts[] = "--B\r\nContent-Disposition: form-data; name=\"day\"\r\n\r\n2026-11-23\r\n"
                                "--B\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"\xE5\x9B\xBE.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n\xFF\xD8\r\n--x\0y\r\n"
                                "--B--\r\n";

static void multipart_gives_fields_and_files(void **state) {
    (void)state;
    Pair *p;
    Upload *u;
    assert_null(parse_multipart(&c, "B", two_parts, sizeof two_parts - 1, &p, &u));
    assert_string_equal(show(NULL, p), "day=2026-11-23");
    assert_string_equal(u->field, "photo");
    assert_string_equal(u->filename, "图.jpg");
    assert_string_equal(u->type, "image/jpeg");
    assert_int_equal(u->size, 9);
    assert_memory_equal(u->data, "\xFF\xD8\r\n--x\0y", 9);
    assert_null(u->next);
}

static void multipart_cut_anywhere_is_refused(void **state) {
    (void)state;
    for (size_t n = 0; n < sizeof two_parts - 3; n++) {
        Pair *p;
        Upload *u;
        Error *e = parse_multipart(&c, "B", talloc_memdup(c.mem, two_parts, n + 1), n, &p, &u);
        assert_non_null(e);
        assert_int_equal(e->status, 400);
    }
}

static void multipart_oddities_are_refused_or_harmless(void **state) {
    (void)state;
    static const struct { const char *body, *result; } cases[] = {
        {"--B--\r\n", ""},
        {"--B\r\n\r\nno name\r\n--B--\r\n", "400"},
        {"--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n--B--\r\n", "a="},
        {"--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\xFF\r\n--B--\r\n", "400"},
        {"preamble\r\n--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B--\r\n", "a=1"},
        {"--B\nContent-Disposition: form-data; name=\"a\"\n\n1\n--B--\n", "400"},
        {"--C\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--C--\r\n", "400"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Pair *p = NULL;
        Upload *u = NULL;
        Error *e = parse_multipart(&c, "B", cases[i].body, strlen(cases[i].body), &p, &u);
        assert_string_equal(show(e, p), cases[i].result);
    }
}

static void json_scalars_become_text_that_forms_understand(void **state) {
    (void)state;
    assert_string_equal(json("{\"a\":\"x\",\"b\":3,\"c\":25000.5,\"d\":true,\"e\":false,\"f\":null,\"g\":[1],\"h\":{}}"), "a=x|b=3|c=25000.5|d=1|e=0|f=");
    assert_string_equal(json("{\"amount\":0.1,\"big\":123456789012.34,\"huge\":9007199254740993}"), "amount=0.1|big=123456789012.34|huge=9007199254740993");
    assert_string_equal(json("{\"minus\":-0.01}"), "minus=-0.01");
    assert_string_equal(json("[]"), "");
}

static void json_that_is_malformed_or_ambiguous_is_refused(void **state) {
    (void)state;
    assert_string_equal(json("{\"a\":1,\"a\":2}"), "400");
    assert_string_equal(json("{"), "400");
    assert_string_equal(json("{\"a\":1e400}"), "400");
    assert_string_equal(json("{\"a\":\"\\u0000\"}"), "400");
    assert_string_equal(json("{\"a\":\"\xFF\"}"), "400");
    assert_string_equal(json("{} x"), "400");
    char *deep = talloc_array(c.mem, char, 20001);
    memset(deep, '[', 20000);
    deep[20000] = 0;
    assert_string_equal(json(deep), "400");
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        T(a_form_keeps_order_and_repetition), T(a_form_that_is_not_utf8_or_badly_escaped_is_refused), T(a_form_of_too_many_fields_is_refused),
        T(multipart_gives_fields_and_files), T(multipart_cut_anywhere_is_refused), T(multipart_oddities_are_refused_or_harmless),
        T(json_scalars_become_text_that_forms_understand), T(json_that_is_malformed_or_ambiguous_is_refused),
    };
    return cmocka_run_group_tests_name("http/request", tests, NULL, NULL);
}

/* value_test.c */
#include "base/value.h"
#include "base/value_out.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include <cmocka.h>

static int set_up(void **state) {
    *state = talloc_new(NULL);
    return 0;
}

static int tear_down(void **state) {
    talloc_free(*state);
    return 0;
}

typedef struct Deal {
    int64_t id, amount, made;
    int32_t day, stage;
    const char *title;
    bool won;
} Deal;

static Value twice(const void *row, const Member *m) {
    const Deal *deal = row;
    return m->arg ? value_text(m->arg) : value_int(deal->id * 2);
}

static const Member deal_members[] = {
    { .name = "_class", .kind = M_CALL, .call = twice, .arg = "page only" },
    { .name = "id", .kind = M_INT64, .offset = offsetof(Deal, id) },
    { .name = "amount", .kind = M_MONEY, .offset = offsetof(Deal, amount) },
    { .name = "made", .kind = M_INSTANT, .offset = offsetof(Deal, made) },
    { .name = "day", .kind = M_DATE, .offset = offsetof(Deal, day) },
    { .name = "cell", .kind = M_CALL, .call = twice, .arg = "hidden", .hidden = true },
    { .name = "stage", .kind = M_INT32, .offset = offsetof(Deal, stage) },
    { .name = "title", .kind = M_TEXT, .offset = offsetof(Deal, title) },
    { .name = "won", .kind = M_BOOL, .offset = offsetof(Deal, won) },
    { .name = "twice", .kind = M_CALL, .call = twice },
};
static const Shape deal_shape = { deal_members, sizeof deal_members / sizeof *deal_members };
static const Deal deals[] = {
    { 1, 123456789, 0, 20780, -3, "钢构 </script>", true },
    { 2, MONEY_NONE, INSTANT_NONE, DATE_NONE, 0, NULL, false },
};
#define DEAL_1                                                                                                         \
    "{\"id\":1,\"amount\":1234567.89,\"made\":\"1970-01-01T00:00:00.000Z\",\"day\":\"2026-11-23\",\"stage\":-3,"       \
    "\"title\":\"钢构 \\u003c/script\\u003e\",\"won\":true,\"twice\":2}"
#define DEAL_2                                                                                                         \
    "{\"id\":2,\"amount\":null,\"made\":null,\"day\":null,\"stage\":0,\"title\":null,\"won\":false,\"twice\":4}"

static Value deal_at(const ValueList *list, size_t i) {
    return value_struct((const Deal *)list->a + i, &deal_shape);
}

static const ValueList deal_list = { .count = 2, .get = deal_at, .a = deals };

static const char *json(void *mem, Value v) {
    Text *out = text_new(mem, 1 << 20);
    value_json(v, out);
    assert_false(out->overflow);
    assert_int_equal(strlen(out->data), out->len);
    return out->data;
}

static const char *text(void *mem, Value v) {
    Text *out = text_new(mem, 1000);
    value_text_to(v, out);
    return out->data;
}

static void scalars_are_written_as_json_and_as_text(void **state) {
    const struct {
        Value v;
        const char *json, *text;
    } cases[] = {
        { value_null(), "null", "" },
        { value_bool(true), "true", "true" },
        { value_bool(false), "false", "false" },
        { value_int(0), "0", "0" },
        { value_int(-1), "-1", "-1" },
        { value_int(INT64_MAX), "9223372036854775807", "9223372036854775807" },
        { value_int(INT64_MIN), "-9223372036854775808", "-9223372036854775808" },
        { value_money(0), "0.00", "0.00" },
        { value_money(5), "0.05", "0.05" },
        { value_money(-5), "-0.05", "-0.05" },
        { value_money(2500000), "25000.00", "25000.00" },
        { value_money(INT64_MAX), "92233720368547758.07", "92233720368547758.07" },
        { value_money(MONEY_NONE), "null", "" },
        { value_date(0), "\"1970-01-01\"", "1970-01-01" },
        { value_date(DATE_NONE), "null", "" },
        { value_time(1500000), "\"1970-01-01T00:00:01.500Z\"", "1970-01-01T00:00:01.500Z" },
        { value_time(INSTANT_NONE), "null", "" },
        { value_text(NULL), "null", "" },
        { value_text(""), "\"\"", "" },
        { value_text("a\"<b>\n"), "\"a\\\"\\u003cb\\u003e\\n\"", "a\"<b>\n" },
        { value_text_n("abc", 2), "\"ab\"", "ab" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(json(*state, cases[i].v), cases[i].json);
        assert_string_equal(text(*state, cases[i].v), cases[i].text);
    }
}

static void every_power_of_ten_and_its_neighbours_are_written_right(void **state) {
    char expected[64];
    uint64_t power = 1;
    for (int digits = 0; digits < 19; digits++, power *= 10) {
        for (int64_t d = -1; d <= 1; d++) {
            int64_t n = (int64_t)power + d;
            snprintf(expected, sizeof expected, "%lld", (long long)n);
            assert_string_equal(json(*state, value_int(n)), expected);
            snprintf(expected, sizeof expected, "-%lld.%02lld", (long long)n / 100, (long long)n % 100);
            if (n) assert_string_equal(json(*state, value_money(-n)), expected);
        }
    }
}

static void objects_keep_their_order_and_a_second_set_replaces(void **state) {
    Value o = value_object(*state);
    char names[40][16];
    for (int i = 0; i < 40; i++) {
        snprintf(names[i], sizeof names[i], "m%d", i);
        value_set_int(o, names[i], i);
    }
    value_set_text(o, "m3", "three");
    value_set_bool(o, "m4", true);
    bool found = false;
    assert_int_equal(value_get(o, "m39", 3, &found).i, 39);
    assert_true(found);
    assert_int_equal(value_get(o, "m39", 2, NULL).kind, V_TEXT); /* m3 */
    value_get(o, "m40", 3, &found);
    assert_false(found);
    value_get(o, "", 0, &found);
    assert_false(found);
    assert_memory_equal(json(*state, o), "{\"m0\":0,\"m1\":1,\"m2\":2,\"m3\":\"three\",\"m4\":true,\"m5\":5,", 52);
}

static void members_of_rows_are_found_by_their_whole_name(void **state) {
    (void)state;
    Value row = value_struct(&deals[0], &deal_shape);
    bool found = false;
    assert_int_equal(value_get(row, "twice", 5, &found).i, 2);
    assert_true(found);
    assert_string_equal(value_get(row, "cell", 4, &found).text, "hidden");
    assert_true(found);
    value_get(row, "twic", 4, &found);
    assert_false(found);
    value_get(row, "twicer", 6, &found);
    assert_false(found);
    value_get(value_struct(&deals[1], &deal_shape), "title", 5, &found);
    assert_true(found);
    value_get(value_int(3), "title", 5, &found);
    assert_false(found);
}

static void arrays_and_lists_are_counted_and_read(void **state) {
    Value array = value_array(*state);
    for (int i = 0; i < 20; i++) value_push(array, value_int(i));
    assert_int_equal(value_count(array), 20);
    assert_int_equal(value_at(array, 19).i, 19);
    assert_int_equal(value_at(array, 20).kind, V_NULL);
    assert_int_equal(value_count(value_list(&deal_list)), 2);
    assert_ptr_equal(value_at(value_list(&deal_list), 1).row, &deals[1]);
    assert_int_equal(value_at(value_list(&deal_list), 2).kind, V_NULL);
    assert_int_equal(value_count(value_text("abc")), 0);
    assert_int_equal(value_at(value_text("abc"), 0).kind, V_NULL);
}

static void json_leaves_out_what_only_pages_need(void **state) {
    Value o = value_object(*state), array = value_array(*state);
    assert_string_equal(json(*state, o), "{}");
    assert_string_equal(json(*state, array), "[]");
    value_set_int(o, "_page", 1);
    assert_string_equal(json(*state, o), "{}");
    value_set(o, "rows", value_list(&deal_list));
    value_set(o, "first", value_struct(&deals[0], &deal_shape));
    value_set_text(o, "a\"b", "c");
    assert_string_equal(json(*state, o), "{\"rows\":[" DEAL_1 "," DEAL_2 "],\"first\":" DEAL_1 ",\"a\\\"b\":\"c\"}");
    value_push(array, value_struct(&deals[1], &deal_shape));
    value_push(array, value_null());
    value_push(array, o);
    value_push(array, value_struct(&deals[0], &deal_shape));
    assert_string_equal(json(*state, array),
                        talloc_asprintf(*state, "[%s,null,%s,%s]", DEAL_2, json(*state, o), DEAL_1));
}

static void json_writes_shapes_that_are_mixed_empty_odd_or_very_wide(void **state) {
    enum { WIDE = 200 };
    static const Member odd_members[] = { { .name = "a<b", .kind = M_INT64, .offset = 0 },
                                          { .name = "c", .kind = M_INT64, .offset = 0 } };
    static const Member none_members[] = { { .name = "_x", .kind = M_INT64, .offset = 0 } };
    static const Shape odd = { odd_members, 2 }, none = { none_members, 1 };
    Member *wide_members = talloc_zero_array(*state, Member, WIDE);
    Text *wide_json = text_new(*state, 100000);
    for (int i = 0; i < WIDE; i++) {
        wide_members[i] = (Member){ .name = talloc_asprintf(*state, "member_%d", i), .kind = M_INT64 };
        text_addf(wide_json, "%s\"member_%d\":7", i ? "," : "{", i);
    }
    text_add(wide_json, "}");
    Shape wide = { wide_members, WIDE };
    int64_t seven = 7;
    Value array = value_array(*state);
    for (int i = 0; i < 2; i++) {
        value_push(array, value_struct(&seven, &odd));
        value_push(array, value_struct(&deals[1], &deal_shape));
        value_push(array, value_struct(&seven, &none));
        value_push(array, value_struct(&seven, &wide));
    }
    const char *once = talloc_asprintf(*state, "{\"a\\u003cb\":7,\"c\":7}," DEAL_2 ",{},%s", wide_json->data);
    assert_string_equal(json(*state, array), talloc_asprintf(*state, "[%s,%s]", once, once));
}

static void json_stops_at_the_maximum_of_its_text(void **state) {
    Value list = value_list(&deal_list);
    const char *whole = json(*state, list);
    for (size_t max = 0; max <= strlen(whole); max++) {
        Text *out = text_new(*state, max);
        value_json(list, out);
        assert_int_equal(out->overflow, max < strlen(whole));
        assert_true(out->len <= max);
        assert_memory_equal(out->data, whole, out->len);
        assert_int_equal(out->data[out->len], '\0');
    }
}

static void truth_is_what_mustache_says(void **state) {
    Value empty_array = value_array(*state), empty_object = value_object(*state), array = value_array(*state);
    const ValueList empty_list = { .count = 0, .get = deal_at };
    value_push(array, value_null());
    const Value no[] = { value_null(), value_bool(false),       value_int(0),         value_money(0), value_text(""),
                         empty_array,  value_list(&empty_list), value_date(DATE_NONE) };
    const Value yes[] = { value_bool(true),
                          value_int(-1),
                          value_money(1),
                          value_text("0"),
                          array,
                          empty_object,
                          value_list(&deal_list),
                          value_struct(&deals[0], &deal_shape),
                          value_date(0),
                          value_time(0) };
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) assert_false(value_truthy(no[i]));
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) assert_true(value_truthy(yes[i]));
}

/* The fast copy may only ever pass what text.h would leave as it is: every byte at every place of every short length. */
static void the_fast_writer_agrees_with_text_h_on_every_byte_and_place(void **state) {
    Text *fast = text_new(*state, 10000), *slow = text_new(*state, 10000);
    text_addf(fast, "%9000s", "");
    char s[20];
    for (size_t n = 0; n <= sizeof s; n++) {
        for (size_t at = 0; at < n + (n == 0); at++) {
            for (int byte = 1; byte < 256; byte++) {
                memset(s, 'x', sizeof s);
                if (n) s[at] = (char)byte;
                char *exact = talloc_memdup(*state, s, n ? n : 1); /* so that a sanitizer sees a read beyond it */
                Out o;
                fast->len = slow->len = 0;
                char *p = out_begin(&o, fast);
                p = out_html(&o, p, exact, n);
                p = out_json(&o, p, exact, n);
                out_end(&o, p);
                text_add_html(slow, exact, n);
                text_add_json(slow, exact, n);
                if (strcmp(fast->data, slow->data) != 0) fail_msg("%s instead of %s", fast->data, slow->data);
                talloc_free(exact);
            }
        }
    }
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(scalars_are_written_as_json_and_as_text),
        TEST(every_power_of_ten_and_its_neighbours_are_written_right),
        TEST(objects_keep_their_order_and_a_second_set_replaces),
        TEST(members_of_rows_are_found_by_their_whole_name),
        TEST(arrays_and_lists_are_counted_and_read),
        TEST(json_leaves_out_what_only_pages_need),
        TEST(json_writes_shapes_that_are_mixed_empty_odd_or_very_wide),
        TEST(json_stops_at_the_maximum_of_its_text),
        TEST(truth_is_what_mustache_says),
        TEST(the_fast_writer_agrees_with_text_h_on_every_byte_and_place),
    };
    return cmocka_run_group_tests_name("base/value", tests, NULL, NULL);
}

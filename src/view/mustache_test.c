/* mustache_test.c - the official cases of Mustache's core, and what is our own. */
#include "view/mustache.h"
#include "view/format.h"
#include <jansson.h>
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

static void add(TemplateSet *set, const char *name, const char *source, unsigned flags) {
    const char *why = NULL;
    if (!template_add(set, name, source, strlen(source), flags, &why)) fail_msg("%s", why);
}

static void link_all(TemplateSet *set) {
    const char *why = NULL;
    if (!template_set_link(set, &why)) fail_msg("%s", why);
}

/* The page of one template and, if not NULL, one partial named "part". */
static const char *page(void *mem, const char *source, const char *part, const RenderEnv *env, Value model) {
    TemplateSet *set = template_set_new(mem, view_formats);
    add(set, "page", source, 0);
    if (part) add(set, "part", part, 0);
    link_all(set);
    Text *out = text_new(mem, 1 << 20);
    assert_true(template_render(template_get(set, "page"), env, model, out));
    return out->data;
}

/* ---- The official cases ---- */

static Value from_json(void *mem, json_t *j) {
    const char *name;
    json_t *member;
    size_t i;
    Value v;
    switch (json_typeof(j)) {
    case JSON_OBJECT:
        v = value_object(mem);
        json_object_foreach(j, name, member) value_set(v, name, from_json(mem, member));
        return v;
    case JSON_ARRAY:
        v = value_array(mem);
        json_array_foreach(j, i, member) value_push(v, from_json(mem, member));
        return v;
    case JSON_STRING: return value_text_n(json_string_value(j), json_string_length(j));
    case JSON_INTEGER: return value_int(json_integer_value(j));
    case JSON_REAL: return value_text(talloc_asprintf(mem, "%.15g", json_real_value(j))); /* we have no such type */
    case JSON_TRUE: return value_bool(true);
    case JSON_FALSE: return value_bool(false);
    case JSON_NULL: return value_null();
    }
    return value_null();
}

/* "" if the case passes, else what is wrong. */
static const char *run_case(void *mem, json_t *test) {
    TemplateSet *set = template_set_new(mem, NULL);
    const char *why = NULL, *name;
    json_t *partial, *source = json_object_get(test, "template");
    unsigned flags = TEMPLATE_RAW | TEMPLATE_LAX;
    if (!template_add(set, "case", json_string_value(source), json_string_length(source), flags, &why)) return why;
    json_object_foreach(json_object_get(test, "partials"), name, partial) {
        if (!template_add(set, name, json_string_value(partial), json_string_length(partial), flags, &why)) return why;
    }
    if (!template_set_link(set, &why)) return why;
    Text *out = text_new(mem, 1 << 16);
    if (!template_render(template_get(set, "case"), NULL, from_json(mem, json_object_get(test, "data")), out))
        return "not rendered";
    const char *expected = json_string_value(json_object_get(test, "expected"));
    return strcmp(out->data, expected) == 0 ? "" : talloc_asprintf(mem, "wanted [%s], got [%s]", expected, out->data);
}

static char *spec_folder(void *mem) {
    const char *shared = getenv("XIAOGUAN_SHARED"), *root = getenv("MESON_SOURCE_ROOT");
    return shared ? talloc_asprintf(mem, "%s/data/mustache-spec", shared)
                  : talloc_asprintf(mem, "%s/../shared/data/mustache-spec", root ? root : ".");
}

static void all_core_cases_of_the_official_suite_pass(void **state) {
    static const char *const files[] = {
        "comments", "delimiters", "interpolation", "inverted", "partials", "sections"
    };
    int passed = 0, failed = 0;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *path = talloc_asprintf(*state, "%s/%s.json", spec_folder(*state), files[i]);
        json_error_t error;
        json_t *suite = json_load_file(path, 0, &error);
        if (!suite && i == 0) skip(); /* the suite is not part of the source tree */
        assert_non_null(suite);
        size_t k;
        json_t *test;
        json_array_foreach(json_object_get(suite, "tests"), k, test) {
            const char *why = run_case(*state, test);
            if (*why) print_message("# %s: %s: %s\n", files[i], json_string_value(json_object_get(test, "name")), why);
            if (*why)
                failed++;
            else
                passed++;
        }
        json_decref(suite);
    }
    assert_int_equal(failed, 0);
    assert_int_equal(passed, 136);
}

/* ---- Rows ---- */

typedef struct Person {
    int64_t id, amount;
    int32_t day, age;
    const char *name, *note;
    bool active;
} Person;

static Value greeting(const void *row, const Member *m) {
    const Person *person = row;
    return value_text(person->active ? m->arg : "gone");
}

static const Member person_members[] = {
    { .name = "id", .kind = M_INT64, .offset = offsetof(Person, id) },
    { .name = "amount", .kind = M_MONEY, .offset = offsetof(Person, amount) },
    { .name = "day", .kind = M_DATE, .offset = offsetof(Person, day) },
    { .name = "age", .kind = M_INT32, .offset = offsetof(Person, age) },
    { .name = "name", .kind = M_TEXT, .offset = offsetof(Person, name) },
    { .name = "note", .kind = M_TEXT, .offset = offsetof(Person, note) },
    { .name = "active", .kind = M_BOOL, .offset = offsetof(Person, active) },
    { .name = "greeting", .kind = M_CALL, .call = greeting, .arg = "hi" },
};
static const Shape person_shape = { person_members, sizeof person_members / sizeof *person_members };
static const Person people[] = {
    { 1, 2500000, 20780, 30, "王芳 <A&B>", NULL, true },
    { 2, -5, DATE_NONE, 41, "李'雷\"", "x", false },
};

static Value person_at(const ValueList *list, size_t i) {
    return value_struct((const Person *)list->a + i, &person_shape);
}

static const ValueList people_list = { .count = 2, .get = person_at, .a = people };

static void rows_of_structs_render_like_objects(void **state) {
    Value model = value_object(*state);
    value_set(model, "rows", value_list(&people_list));
    value_set_text(model, "base", "/p");
    const char *source =
        "{{#rows}}{{base}}/{{id}} {{name}} {{amount}} {{day}} {{age}} [{{note}}] {{active}} {{greeting}}\n{{/rows}}";
    assert_string_equal(page(*state, source, NULL, NULL, model),
                        "/p/1 王芳 &lt;A&amp;B&gt; 25000.00 2026-11-23 30 [] true hi\n"
                        "/p/2 李&#39;雷&quot; -0.05  41 [x] false gone\n");
}

static void a_null_member_hides_the_outer_one(void **state) {
    Value model = value_object(*state);
    value_set(model, "rows", value_list(&people_list));
    value_set_text(model, "note", "outer");
    assert_string_equal(page(*state, "{{#rows}}[{{note}}]{{/rows}}", NULL, NULL, model), "[][x]");
}

static void the_same_node_meets_rows_of_two_shapes(void **state) {
    static const Member other_members[] = { { .name = "name", .kind = M_INT64, .offset = offsetof(Person, id) } };
    static const Shape other = { other_members, 1 };
    Value model = value_object(*state), rows = value_array(*state), object = value_object(*state);
    value_set_text(object, "name", "object");
    for (int i = 0; i < 3; i++) {
        value_push(rows, value_struct(&people[0], &person_shape));
        value_push(rows, value_struct(&people[0], &other));
        value_push(rows, object);
    }
    value_set(model, "rows", rows);
    assert_string_equal(page(*state, "{{#rows}}{{name}};{{/rows}}", NULL, NULL, model),
                        "王芳 &lt;A&amp;B&gt;;1;object;王芳 &lt;A&amp;B&gt;;1;object;王芳 &lt;A&amp;B&gt;;1;object;");
}

static void more_nodes_than_remembered_places_still_find_their_members(void **state) {
    Text *source = text_new(*state, 1 << 20), *expected = text_new(*state, 1 << 20);
    text_add(source, "{{#rows}}");
    for (int i = 0; i < 700; i++) text_add(source, i % 2 ? "{{id}}," : "{{age}},");
    text_add(source, "{{/rows}}");
    for (int row = 0; row < 2; row++)
        for (int i = 0; i < 700; i++)
            text_addf(expected, "%lld,", (long long)(i % 2 ? people[row].id : people[row].age));
    Value model = value_object(*state);
    value_set(model, "rows", value_list(&people_list));
    assert_string_equal(page(*state, source->data, NULL, NULL, model), expected->data);
}

static void the_shared_object_is_looked_at_last(void **state) {
    Value shared = value_object(*state), model = value_object(*state);
    value_set_text(shared, "nonce", "n1");
    value_set_text(shared, "title", "shared");
    value_set_text(model, "title", "mine");
    RenderEnv env = { .shared = shared };
    assert_string_equal(page(*state, "{{title}} {{nonce}}", NULL, &env, model), "mine n1");
}

/* ---- Translation and formats ---- */

/* A .mo image with these pairs; ids sorted. */
static const Lang *catalogue(void *mem, const char *const (*pairs)[2], uint32_t count) {
    uint32_t header[7] = { 0x950412de, 0, count, 28, 28 + count * 8, 0, 0 }, at = 28 + count * 16;
    uint8_t *image = talloc_zero_size(mem, 4096);
    memcpy(image, header, sizeof header);
    for (uint32_t i = 0; i < count * 2; i++) {
        const char *s = pairs[i % count][i / count];
        uint32_t row[2] = { (uint32_t)strlen(s), at };
        memcpy(image + 28 + i * 8, row, sizeof row);
        memcpy(image + at, s, row[0] + 1);
        at += row[0] + 1;
    }
    return lang_load(mem, "zh_CN", image, at);
}

static const char *const chinese[][2] = { { "Daily <reports>", "日报<>" },
                                          { "Hello {name}, {a.b}!", "{a.b}：{name}您好 { {} {nobody} {x" },
                                          { "Mon", "周一" } };

static void literal_text_is_translated_and_escaped(void **state) {
    RenderEnv env = { .lang = catalogue(*state, chinese, 3) };
    assert_non_null(env.lang);
    const char *source = "<a title=\"{{#t}}\n  Daily <reports> {{/t}}\">{{#t}}Not there{{/t}}</a>";
    assert_string_equal(page(*state, source, NULL, &env, value_null()), "<a title=\"日报&lt;&gt;\">Not there</a>");
    assert_string_equal(page(*state, source, NULL, NULL, value_null()),
                        "<a title=\"Daily &lt;reports&gt;\">Not there</a>");
}

static void placeholders_of_a_translation_are_filled_once_and_escaped(void **state) {
    RenderEnv env = { .lang = catalogue(*state, chinese, 3) };
    Value model = value_object(*state), a = value_object(*state);
    value_set_text(model, "name", "<{a.b}>");
    value_set_int(a, "b", 7);
    value_set(model, "a", a);
    const char *source = "{{#t}}Hello {name}, {a.b}!{{/t}}";
    assert_string_equal(page(*state, source, NULL, &env, model), "7：&lt;{a.b}&gt;您好 { {}  {x");
    assert_string_equal(page(*state, source, NULL, NULL, model), "Hello &lt;{a.b}&gt;, 7!");
}

static const char *formatted(void *mem, const char *format, Value v, const Lang *lang) {
    Value model = value_object(mem);
    value_set(model, "x", v);
    RenderEnv env = { .lang = lang };
    return page(mem, talloc_asprintf(mem, "{{#fmt.%s}}{{x}}{{/fmt.%s}}", format, format), NULL, &env, model);
}

static void formats_write_amounts_days_and_sizes_for_people(void **state) {
    assert_true(date_set_zone("Asia/Shanghai"));
    Date monday = date_make(2026, 11, 23);
    Instant evening = instant_of_day(monday, 18, 5);
    const Lang *lang = catalogue(*state, chinese, 3);
    assert_string_equal(formatted(*state, "money", value_money(2500000), NULL), "25,000.00");
    assert_string_equal(formatted(*state, "wan", value_money(2500000), NULL), "2.50万");
    assert_string_equal(formatted(*state, "int", value_int(-1234567), NULL), "-1,234,567");
    assert_string_equal(formatted(*state, "date", value_date(monday), NULL), "2026-11-23");
    assert_string_equal(formatted(*state, "date", value_time(evening), NULL), "2026-11-23");
    assert_string_equal(formatted(*state, "day", value_date(monday), NULL), "11-23 Mon");
    assert_string_equal(formatted(*state, "day", value_date(monday), lang), "11-23 周一");
    assert_string_equal(formatted(*state, "time", value_time(evening), NULL), "2026-11-23 18:05");
    assert_string_equal(formatted(*state, "percent", value_int(9500), NULL), "95.00%");
    assert_string_equal(formatted(*state, "percent", value_int(-7), NULL), "-0.07%");
    assert_string_equal(formatted(*state, "percent", value_int(INT64_MIN), NULL), "-92233720368547758.08%");
    assert_string_equal(formatted(*state, "percent", value_null(), NULL), "—");
    assert_string_equal(formatted(*state, "size", value_int(1023), NULL), "1023 B");
    assert_string_equal(formatted(*state, "size", value_int(1536), NULL), "1.5 KB");
    assert_string_equal(formatted(*state, "size", value_int(1024 * 1024 - 1), NULL), "1023.9 KB");
    assert_string_equal(formatted(*state, "size", value_int(INT64_MAX), NULL), "8388607.9 TB");
}

static void a_format_shows_what_it_does_not_know_as_it_is_and_nothing_for_nothing(void **state) {
    static const char *const names[] = { "money", "wan", "int", "date", "day", "time", "size" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_string_equal(formatted(*state, names[i], value_text("a<b"), NULL), "a&lt;b");
        assert_string_equal(formatted(*state, names[i], value_null(), NULL), "");
    }
}

/* ---- Indentation ---- */

static void an_indented_partial_indents_each_of_its_lines_and_no_value(void **state) {
    Value model = value_object(*state);
    value_set_text(model, "v", "1\n2");
    value_set_bool(model, "yes", true);
    const char *part = "{{v}}|\n<{{#yes}}\n in\n{{/yes}} {{! c }}>\n{{! alone }}\n{{#yes}}a{{/yes}}\nend";
    assert_string_equal(page(*state, "x\n  {{>part}}\ny {{>part}}", part, NULL, model),
                        "x\n  1\n2|\n  <\n   in\n   >\n  a\n  endy 1\n2|\n<\n in\n >\na\nend");
}

/* ---- Limits and errors ---- */

static void a_recursion_without_end_is_stopped(void **state) {
    TemplateSet *set = template_set_new(*state, NULL);
    add(set, "page", "{{>page}}x", 0);
    add(set, "deep", "{{#o}}{{>deep}}{{/o}}", 0);
    link_all(set);
    Value model = value_object(*state);
    value_set(model, "o", value_object(*state));
    Text *out = text_new(*state, 1000);
    assert_false(template_render(template_get(set, "page"), NULL, value_null(), out));
    assert_false(template_render(template_get(set, "deep"), NULL, model, out));
}

static void a_page_larger_than_its_maximum_is_refused(void **state) {
    TemplateSet *set = template_set_new(*state, NULL);
    add(set, "page", "{{#rows}}{{id}} {{name}} {{amount}}\n{{/rows}}", 0);
    link_all(set);
    Value model = value_object(*state);
    value_set(model, "rows", value_list(&people_list));
    Text *whole = text_new(*state, 1000);
    assert_true(template_render(template_get(set, "page"), NULL, model, whole));
    for (size_t max = 0; max <= whole->len; max++) {
        Text *out = text_new(*state, max);
        assert_int_equal(template_render(template_get(set, "page"), NULL, model, out), max == whole->len);
        assert_true(out->len <= max);
        assert_memory_equal(out->data, whole->data, out->len);
        assert_int_equal(out->data[out->len], 0);
    }
}

static const char *why_not(void *mem, const char *source) {
    TemplateSet *set = template_set_new(mem, view_formats);
    const char *why = "";
    return template_add(set, "list", source, strlen(source), 0, &why) && template_set_link(set, &why) ? "fine" : why;
}

static void what_is_wrong_with_a_template_is_said_with_name_and_line(void **state) {
    static const char *const cases[][2] = {
        { "a\n\n{{#rows}}\n{{x}}", "list:3: section rows is not closed" },
        { "{{#a}}\n{{/b}}", "list:2: {{/b}} where section a of line 1 is open" },
        { "\n{{/b}}", "list:2: {{/b}} without a section" },
        { "{{a", "list:1: a tag that does not end" },
        { "{{{a}}", "list:1: a tag that does not end" },
        { "{{}}", "list:1: a tag without a name" },
        { "{{>}}", "list:1: a partial without a name" },
        { "{{a b}}", "list:1: white space inside the name \"a b\"" },
        { "{{a..b}}", "list:1: a dot too many in \"a..b\"" },
        { "{{a.}}", "list:1: a dot too many in \"a.\"" },
        { "x\n{{{a}}}", "list:2: {{{a}} is not escaped and not allowed here" },
        { "{{&a}}", "list:1: {{&a}} is not escaped and not allowed here" },
        { "{{>nobody}}", "list:1: there is no partial nobody" },
        { "{{=a=}}", "list:1: delimiters are written as {{=<% %>=}}, each shorter than 16" },
        { "{{=a b c=}}", "list:1: more than two delimiters" },
        { "{{#t}}a", "list:1: {{#t}} is not closed" },
        { "{{#t}} {{/t}}", "list:1: {{#t}} without a text to translate" },
        { "{{#t}}a {{b}}{{/t}}", "list:1: {{/t}} should stand here" },
        { "{{#fmt.euro}}{{x}}{{/fmt.euro}}", "list:1: there is no format \"euro\"" },
        { "{{#fmt.money}}{{x}}{{y}}{{/fmt.money}}", "list:1: {{/fmt.money}} should stand here" },
        { "{{#fmt.money}}{{#x}}{{/x}}{{/fmt.money}}", "list:1: exactly one {{variable}} stands inside {{#fmt.money}}" },
        { "{{#fmt.money}}x{{/fmt.money}}", "list:1: exactly one {{variable}} stands inside {{#fmt.money}}" },
        { "{{#fmt.money}}", "list:1: exactly one {{variable}} stands inside {{#fmt.money}}" },
        { "{{#fmt.money}}{{x}}", "list:1: {{/fmt.money}} should stand here" },
        { "\xff", "list:1: the template is not UTF-8" },
        { "{{x}} { } {{#t}}a{{/t}} {{#fmt.money}}{{x.y}}{{/fmt.money}} {{>list}}", "fine" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(why_not(*state, cases[i][0]), cases[i][1]);
}

static void every_cut_of_a_template_parses_or_says_why(void **state) {
    const char *source = "a\n{{#b.c}} {{{d}}} {{&e}}\n {{>page}}\n{{/b.c}}{{=<% "
                         "%>=}}<%#t%>x<%/t%><%#fmt.int%><%n%><%/fmt.int%><%^f%>\r\n<%/f%>";
    for (size_t n = 0; n <= strlen(source); n++) {
        TemplateSet *set = template_set_new(*state, view_formats);
        const char *why = NULL;
        char *exact = talloc_size(set, n ? n : 1);
        memcpy(exact, source, n);
        bool added = template_add(set, "page", exact, n, TEMPLATE_RAW, &why);
        assert_true(added == (why == NULL));
        if (added)
            link_all(set);
        else
            assert_memory_equal(why, "page:", 5);
    }
}

static void layout_and_templates_marked_for_it_may_write_raw_text(void **state) {
    TemplateSet *set = template_set_new(*state, NULL);
    add(set, "layout", "<main>{{{content}}}</main>", 0);
    add(set, "rich", "{{&content}}", TEMPLATE_RAW);
    link_all(set);
    Value model = value_object(*state);
    value_set_text(model, "content", "<b>&");
    Text *out = text_new(*state, 1000);
    assert_true(template_render(template_get(set, "layout"), NULL, model, out));
    assert_true(template_render(template_get(set, "rich"), NULL, model, out));
    assert_string_equal(out->data, "<main><b>&</main><b>&");
}

static void a_name_is_given_once_and_an_unknown_one_is_not_found(void **state) {
    TemplateSet *set = template_set_new(*state, NULL);
    const char *why = NULL;
    assert_null(template_get(set, "a"));
    add(set, "b", "", 0);
    add(set, "a", "", 0);
    assert_false(template_add(set, "a", "", 0, 0, &why));
    assert_string_equal(why, "a:1: there is a template of this name already");
    link_all(set);
    assert_non_null(template_get(set, "a"));
    assert_null(template_get(set, "ab"));
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(all_core_cases_of_the_official_suite_pass),
        TEST(rows_of_structs_render_like_objects),
        TEST(a_null_member_hides_the_outer_one),
        TEST(the_same_node_meets_rows_of_two_shapes),
        TEST(more_nodes_than_remembered_places_still_find_their_members),
        TEST(the_shared_object_is_looked_at_last),
        TEST(literal_text_is_translated_and_escaped),
        TEST(placeholders_of_a_translation_are_filled_once_and_escaped),
        TEST(formats_write_amounts_days_and_sizes_for_people),
        TEST(a_format_shows_what_it_does_not_know_as_it_is_and_nothing_for_nothing),
        TEST(an_indented_partial_indents_each_of_its_lines_and_no_value),
        TEST(a_recursion_without_end_is_stopped),
        TEST(a_page_larger_than_its_maximum_is_refused),
        TEST(what_is_wrong_with_a_template_is_said_with_name_and_line),
        TEST(every_cut_of_a_template_parses_or_says_why),
        TEST(layout_and_templates_marked_for_it_may_write_raw_text),
        TEST(a_name_is_given_once_and_an_unknown_one_is_not_found),
    };
    return cmocka_run_group_tests_name("view/mustache", tests, NULL, NULL);
}

/* render_bench.c - a page of 100 rows and 10 columns, and the same rows as JSON: our engine against writers by hand and jansson.
 *
 *     structs   a writer by hand, straight from the C structs, with a buffer and escaping of its own (the best case)
 *     values    a writer by hand over the same Values, through value.h and text.h
 *     template  our engine over the same Values
 * Every figure is the median of the rounds, in processor time; ways take turns within a round, so that a slow moment hits all. */
#include "base/value.h"
#include "view/mustache.h"
#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

enum { ROWS = 100, ROUNDS = 41, TURNS = 200, SIZE = 1 << 20 };

typedef struct Row {
    int64_t rank, visits, calls, orders, revenue, attainment;
    const char *name, *team, *region, *last;
} Row;

static const Member members[] = {
    { .name = "rank", .kind = M_INT64, .offset = offsetof(Row, rank) },
    { .name = "name", .kind = M_TEXT, .offset = offsetof(Row, name) },
    { .name = "team", .kind = M_TEXT, .offset = offsetof(Row, team) },
    { .name = "region", .kind = M_TEXT, .offset = offsetof(Row, region) },
    { .name = "visits", .kind = M_INT64, .offset = offsetof(Row, visits) },
    { .name = "calls", .kind = M_INT64, .offset = offsetof(Row, calls) },
    { .name = "orders", .kind = M_INT64, .offset = offsetof(Row, orders) },
    { .name = "revenue", .kind = M_MONEY, .offset = offsetof(Row, revenue) },
    { .name = "attainment", .kind = M_MONEY, .offset = offsetof(Row, attainment) },
    { .name = "last", .kind = M_TEXT, .offset = offsetof(Row, last) },
};
static const Shape shape = { members, sizeof members / sizeof *members };

#define HEAD                                                                                                           \
    "<!doctype html><html lang=zh><head><meta charset=utf-8><title>Team</title><link rel=stylesheet href=/s/app.css>"  \
    "</head><body><nav><a href=/>Home</a><a href=/team>Team</a><a href=/learn>Learning</a><a href=/goals>Goals</a>"    \
    "</nav><main><h1>Team ranking</h1><table><thead><tr><th>#<th>Name<th>Team<th>Region<th>Visits<th>Calls<th>Orders"  \
    "<th>Revenue<th>Attainment<th>Last report</tr></thead><tbody>\n"
#define FOOT "</tbody></table></main></body></html>\n"
static const char source[] = HEAD
    "{{#rows}}<tr><td>{{rank}}</td><td><a href=\"/p/{{rank}}\">{{name}}</a></td><td>{{team}}</td><td>{{region}}</td>"
    "<td>{{visits}}</td><td>{{calls}}</td><td>{{orders}}</td><td>{{revenue}}</td><td>{{attainment}}</td>"
    "<td>{{last}}</td></tr>\n{{/rows}}" FOOT;

static Value row_at(const ValueList *list, size_t i) {
    return value_struct((const Row *)list->a + i, &shape);
}

/* ---- By hand from structs ---- */

typedef struct Buffer {
    char *p;
    char data[SIZE];
} Buffer;

static inline void lit(Buffer *b, const char *s, size_t n) {
    memcpy(b->p, s, n);
    b->p += n;
}
#define L(s) lit(b, s, sizeof s - 1)

static void esc(Buffer *b, const char *s) {
    char *p = b->p;
    for (; *s; s++) switch (*s) {
        case '&': memcpy(p, "&amp;", 5), p += 5; break;
        case '<': memcpy(p, "&lt;", 4), p += 4; break;
        case '>': memcpy(p, "&gt;", 4), p += 4; break;
        case '"': memcpy(p, "&quot;", 6), p += 6; break;
        case '\'': memcpy(p, "&#39;", 5), p += 5; break;
        default: *p++ = *s;
        }
    b->p = p;
}

static void num(Buffer *b, int64_t v) {
    char t[24];
    int i = 24;
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do t[--i] = (char)('0' + u % 10);
    while (u /= 10);
    if (v < 0) t[--i] = '-';
    lit(b, t + i, (size_t)(24 - i));
}

static void money(Buffer *b, int64_t fen) {
    char t[3] = { '.', (char)('0' + fen / 10 % 10), (char)('0' + fen % 10) };
    num(b, fen / 100);
    lit(b, t, 3);
}

static void by_structs(Buffer *b, const Row *r) {
    b->p = b->data;
    L(HEAD);
    for (int i = 0; i < ROWS; i++, r++) {
        L("<tr><td>");
        num(b, r->rank);
        L("</td><td><a href=\"/p/");
        num(b, r->rank);
        L("\">");
        esc(b, r->name);
        L("</a></td><td>");
        esc(b, r->team);
        L("</td><td>");
        esc(b, r->region);
        L("</td><td>");
        num(b, r->visits);
        L("</td><td>");
        num(b, r->calls);
        L("</td><td>");
        num(b, r->orders);
        L("</td><td>");
        money(b, r->revenue);
        L("</td><td>");
        money(b, r->attainment);
        L("</td><td>");
        esc(b, r->last);
        L("</td></tr>\n");
    }
    L(FOOT);
    *b->p = '\0';
}

/* ---- By hand from Values ---- */

static void put(Text *t, Value row, const char *name, size_t len) {
    Value v = value_get(row, name, len, NULL);
    if (v.kind == V_TEXT)
        text_add_html(t, v.text, v.len);
    else
        value_text_to(v, t);
}
#define V(name) put(t, row, name, sizeof name - 1)
#define T(s)    text_add_n(t, s, sizeof s - 1)

static void by_values(Text *t, Value model) {
    Value rows = value_get(model, "rows", 4, NULL);
    t->len = 0;
    T(HEAD);
    for (size_t i = 0, n = value_count(rows); i < n; i++) {
        Value row = value_at(rows, i);
        T("<tr><td>");
        V("rank");
        T("</td><td><a href=\"/p/");
        V("rank");
        T("\">");
        V("name");
        T("</a></td><td>");
        V("team");
        T("</td><td>");
        V("region");
        T("</td><td>");
        V("visits");
        T("</td><td>");
        V("calls");
        T("</td><td>");
        V("orders");
        T("</td><td>");
        V("revenue");
        T("</td><td>");
        V("attainment");
        T("</td><td>");
        V("last");
        T("</td></tr>\n");
    }
    T(FOOT);
}

/* ---- Measuring ---- */

static double cpu_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static int compare(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

#define ROUND(way, code)                                                                                               \
    do {                                                                                                               \
        double start = cpu_us();                                                                                       \
        for (int turn = 0; turn < TURNS; turn++) {                                                                     \
            code;                                                                                                      \
        }                                                                                                              \
        took[way][round] = (cpu_us() - start) / TURNS;                                                                 \
    } while (0)

static json_t *jansson_rows(const Row *rows) {
    json_t *array = json_array();
    for (const Row *r = rows; r < rows + ROWS; r++)
        json_array_append_new(array, json_pack("{s:I,s:s,s:s,s:s,s:I,s:I,s:I,s:f,s:f,s:s}", "rank", (json_int_t)r->rank,
                                               "name", r->name, "team", r->team, "region", r->region, "visits",
                                               (json_int_t)r->visits, "calls", (json_int_t)r->calls, "orders",
                                               (json_int_t)r->orders, "revenue", (double)r->revenue / 100, "attainment",
                                               (double)r->attainment / 100, "last", r->last));
    return array;
}

int main(void) {
    enum { STRUCTS, VALUES, TEMPLATE, OBJECTS_VALUES, OBJECTS, JSON, DUMPS, WAYS };
    static double took[WAYS][ROUNDS];
    static Row rows[ROWS];
    void *mem = talloc_new(NULL);
    for (int i = 0; i < ROWS; i++) {
        rows[i] = (Row){ .rank = i + 1,
                         .visits = i * 7 % 90,
                         .calls = i * 13 % 200,
                         .orders = i % 17,
                         .revenue = (int64_t)i * 123456,
                         .attainment = 10000 - i * 73,
                         .name = talloc_asprintf(mem, "员工 %d & co", i * 37 % 1000),
                         .team = talloc_asprintf(mem, "华东%d组", i % 20),
                         .region = "华东大区",
                         .last = "2026-07-01 18:02" };
    }
    ValueList list = { .count = ROWS, .get = row_at, .a = rows };
    Value model = value_object(mem), model2 = value_object(mem), array = value_array(mem);
    for (int i = 0; i < ROWS; i++) {
        Value object = value_object(mem);
        for (size_t k = 0; k < shape.count; k++)
            value_set(object, members[k].name, value_member(&rows[i], &members[k]));
        value_push(array, object);
    }
    value_set(model, "rows", value_list(&list));
    value_set(model2, "rows", array);
    TemplateSet *set = template_set_new(mem, NULL);
    const char *why = NULL;
    if (!template_add(set, "page", source, sizeof source - 1, 0, &why) || !template_set_link(set, &why)) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    const Template *page = template_get(set, "page");
    static Buffer buffer;
    json_t *dump = jansson_rows(rows);
    Text *hand = text_new(mem, SIZE), *ours = text_new(mem, SIZE), *json = text_new(mem, SIZE);
    int errors = 0;
    size_t dumped = 0;
    for (int round = 0; round < ROUNDS; round++) {
        ROUND(STRUCTS, by_structs(&buffer, rows));
        ROUND(OBJECTS_VALUES, by_values(hand, model2));
        ROUND(VALUES, by_values(hand, model));
        ROUND(OBJECTS, ours->len = 0; errors += !template_render(page, NULL, model2, ours));
        errors += strcmp(hand->data, ours->data) != 0;
        ROUND(TEMPLATE, ours->len = 0; errors += !template_render(page, NULL, model, ours));
        errors += strcmp(hand->data, ours->data) != 0 || strcmp(buffer.data, ours->data) != 0;
        ROUND(JSON, json->len = 0; value_json(value_list(&list), json));
        ROUND(DUMPS, char *s = json_dumps(dump, JSON_COMPACT); dumped = strlen(s); free(s));
    }
    json_t *parsed = json_loadb(json->data, json->len, 0, NULL);
    errors += !json_equal(parsed, dump); /* the same numbers and texts */
    for (int way = 0; way < WAYS; way++) qsort(took[way], ROUNDS, sizeof **took, compare);
#define US(way) took[way][ROUNDS / 2]
    printf("page, by hand from structs       %7.2f us   %zu bytes\n", US(STRUCTS), ours->len);
    printf("page, by hand from values        %7.2f us\n", US(VALUES));
    printf("page, template                   %7.2f us   %.2f of by hand from values, %.2f of by hand from structs\n",
           US(TEMPLATE), US(VALUES) / US(TEMPLATE), US(STRUCTS) / US(TEMPLATE));
    printf("page, by hand, rows are objects  %7.2f us\n", US(OBJECTS_VALUES));
    printf("page, template, rows are objects %7.2f us   %.2f of by hand from the same\n", US(OBJECTS),
           US(OBJECTS_VALUES) / US(OBJECTS));
    printf("json, json_dumps                 %7.2f us   %zu bytes\n", US(DUMPS), dumped);
    printf("json, value_json                 %7.2f us   %zu bytes, %.1f x json_dumps\n", US(JSON), json->len,
           US(DUMPS) / US(JSON));
    printf("errors=%d\n", errors);
    json_decref(parsed);
    json_decref(dump);
    talloc_free(mem);
    return errors != 0;
}

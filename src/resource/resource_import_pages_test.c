/* resource_import_pages_test.c - import, export and the API document over HTTP, as a browser and as a program. */
#include "http/respond.h"
#include "http/server.h"
#include "resource/resource_import_testing.h"
#include "view/view.h"
#include <arpa/inet.h>
#include <jansson.h>
#include <sys/socket.h>

static TestDb *t;
static Ctx *c;
static int port;
static Actor actor; /* who the requests come from */

static Error *authenticate(Req *r) {
    r->c.actor = &actor;
    r->c.lang = lang_get("en");
    r->bearer = true;
    return NULL;
}

/* ---- a small client ---- */

typedef struct Answer {
    int status;
    const char *head, *body;
    size_t size;
    json_t *json;
} Answer;

static int free_json(json_t **root) {
    json_decref(*root);
    return 0;
}

static Answer request(const char *head, const char *body, size_t size) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    const char *text = talloc_asprintf(c->mem, "%s\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n", head, size);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    for (size_t done = 0; done < size;) {
        ssize_t n = write(fd, body + done, size - done);
        assert_true(n > 0);
        done += (size_t)n;
    }
    size_t len = 0, room = 1 << 16;
    char *all = talloc_size(c->mem, room + 1);
    for (ssize_t n; (n = read(fd, all + len, room - len)) > 0;) {
        len += (size_t)n;
        if (len == room) all = talloc_realloc_size(c->mem, all, (room *= 2) + 1);
    }
    close(fd);
    all[len] = 0;
    char *end = strstr(all, "\r\n\r\n");
    assert_non_null(end);
    *end = 0;
    Answer a = {.head = all, .body = end + 4, .size = len - (size_t)(end + 4 - all)};
    assert_int_equal(sscanf(all, "HTTP/1.1 %d", &a.status), 1);
    json_t **root = talloc(c->mem, json_t *);
    a.json = *root = json_loads(a.body, 0, NULL);
    talloc_set_destructor(root, free_json);
    return a;
}

static Answer get(const char *path, const char *accept) {
    return request(talloc_asprintf(c->mem, "GET %s HTTP/1.1\r\nAccept: %s", path, accept), "", 0);
}

static Answer post_form(const char *path, const char *form, const char *accept) {
    return request(talloc_asprintf(c->mem, "POST %s HTTP/1.1\r\nAccept: %s\r\nContent-Type: application/x-www-form-urlencoded", path, accept), form, strlen(form));
}

static Answer upload(const char *path, const char *csv, const char *accept) {
    const char *body = talloc_asprintf(c->mem, "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"表.csv\"\r\nContent-Type: text/csv\r\n\r\n%s\r\n--XX--\r\n", csv);
    return request(talloc_asprintf(c->mem, "POST %s HTTP/1.1\r\nAccept: %s\r\nContent-Type: multipart/form-data; boundary=XX", path, accept), body, strlen(body));
}

#define HTML "text/html"
#define JSON "application/json"

static const char *location(const Answer *a) {
    const char *s = strstr(a->head, "Location: ");
    return s ? talloc_strndup(c->mem, s + 10, strcspn(s + 10, "\r")) : "";
}

static int64_t count_of(const Answer *a, const char *name) {
    json_t *n = json_object_get(json_object_get(a->json, "counts"), name);
    return n ? json_integer_value(n) : -1;
}

static const char *text_of(const Answer *a, const char *name) {
    const char *s = json_string_value(json_object_get(a->json, name));
    return s ? s : "";
}

/* The cells of the first sheet, rows on lines. */
static Error *add_row(Ctx *unused, void *arg, int64_t number, const char *const *cells, size_t count) {
    (void)unused, (void)number;
    for (size_t i = 0; i < count; i++) text_addf(arg, "%s%s", i ? "|" : "", cells[i]);
    text_add_char(arg, '\n');
    return NULL;
}
static const char *cells_of(const Answer *a) {
    Text *text = text_new(c->mem, 16 << 20);
    SheetFile file = {.data = a->body, .size = a->size};
    test_ok(sheet_read(c, &file, add_row, text));
    return text->data;
}

/* ---- set up ---- */

static int set_up_all(void **state) {
    (void)state;
    t = demo_open();
    c = &t->c;
    test_ok(view_load(c, NULL));
    resource_add(&team_resource);
    resource_add(&visit_resource);
    job_add(resource_jobs);
    http_hooks.authenticate = authenticate;
    http_hooks.authorize = access_authorize;
    test_ok(server_start(c, (ServerOptions){.listen = "127.0.0.1:0", .workers = 2, .db = c->db, .lang = lang_get("en")}, &port));
    return 0;
}

static int tear_down_all(void **state) {
    (void)state;
    server_stop();
    test_db_close(t);
    return 0;
}

static int set_up(void **state) {
    (void)state;
    actor = (Actor){.account_id = 1, .employee_id = 1, .roles = ROLE_ADMIN, .scope = SCOPE_ALL, .name = "Admin"};
    test_sql(c, "DELETE FROM demo_visit");
    test_sql(c, "DELETE FROM import_job");
    test_sql(c, "DELETE FROM audit");
    return 0;
}

#define COUNT_VISITS() demo_count(c, "SELECT count(*) FROM demo_visit")

/* ---- stories ---- */

static void a_browser_uploads_previews_and_imports(void **state) {
    (void)state;
    Answer a = get("/demo/visits/import", HTML);
    assert_int_equal(a.status, 200);
    assert_non_null(strstr(a.body, "/demo/visits/import/template.xlsx"));
    a = upload("/demo/visits/import", "拜访编号,客户\nV1,甲\nV2,乙\n", HTML);
    assert_int_equal(a.status, 303);
    const char *place = location(&a);
    assert_true(text_starts(place, "/demo/visits/import/"));
    a = get(place, HTML);
    assert_int_equal(a.status, 200);
    assert_non_null(strstr(a.body, "表.csv"));
    assert_non_null(strstr(a.body, "甲"));
    assert_non_null(strstr(a.body, "name=\"column_2\""));
    assert_int_equal(COUNT_VISITS(), 0);
    a = post_form(talloc_asprintf(c->mem, "%s/apply", place), "mode=all&column_1=no&column_2=client", HTML);
    assert_int_equal(a.status, 303);
    assert_string_equal(location(&a), place);
    a = get(place, HTML);
    assert_int_equal(a.status, 200);
    assert_non_null(strstr(a.body, "Imported"));
    assert_int_equal(COUNT_VISITS(), 2);
    assert_int_equal(demo_count(c, "SELECT count(*) FROM import_job WHERE data IS NULL AND state = 2 AND added = 2"), 1); /* nothing left to keep */
    a = post_form(talloc_asprintf(c->mem, "%s/apply", place), "mode=all", HTML);
    assert_int_equal(a.status, 409);
    assert_int_equal(COUNT_VISITS(), 2);
}

static void a_changed_mapping_is_kept_and_checked_again(void **state) {
    (void)state;
    Answer a = upload("/demo/visits/import", "A,B\nV1,甲\n", JSON);
    assert_int_equal(a.status, 200);
    const char *place = talloc_strdup(c->mem, text_of(&a, "location"));
    a = get(place, JSON);
    assert_int_equal(count_of(&a, "good"), 0);
    assert_string_equal(text_of(&a, "error"), "None of the headings is known. Choose below what each column is");
    a = post_form(talloc_asprintf(c->mem, "%s/mapping", place), "column_1=no&column_2=client", HTML);
    assert_int_equal(a.status, 303);
    a = get(place, JSON);
    assert_int_equal(count_of(&a, "new"), 1);
    assert_int_equal(post_form(talloc_asprintf(c->mem, "%s/mapping", place), "x=1", JSON).status, 400);
    assert_int_equal(post_form(talloc_asprintf(c->mem, "%s/apply", place), "mode=nonsense", JSON).status, 422);
    a = post_form(talloc_asprintf(c->mem, "%s/apply", place), "mode=all&column_1=&column_2=client", HTML);
    assert_int_equal(a.status, 422); /* the key is gone */
    assert_non_null(strstr(a.body, "The file has no column “Visit no.”"));
    a = post_form(talloc_asprintf(c->mem, "%s/apply", place), "mode=all", JSON);
    assert_int_equal(a.status, 200);
    assert_int_equal(count_of(&a, "new"), 1);
    assert_string_equal(text_of(&a, "status"), "done");
}

static void bad_rows_come_back_as_a_workbook_with_reasons(void **state) {
    (void)state;
    const char *csv = "客户,拜访编号,备注,其他\n甲,V1,,a\n,V2,,b\n丙,V3,refuse me,c\n丁,V4,,d\n";
    Answer a = upload("/demo/visits/import", csv, HTML);
    const char *place = location(&a), *failed = talloc_asprintf(c->mem, "%s/failed.xlsx", place), *apply = talloc_asprintf(c->mem, "%s/apply", place);
    a = get(failed, HTML); /* before the import: what the check found */
    assert_int_equal(a.status, 200);
    assert_string_equal(cells_of(&a), "客户|拜访编号|备注|其他|Reason\n|V2||b|客户: This is required\n");
    a = post_form(apply, "mode=all", HTML);
    assert_int_equal(a.status, 422);
    assert_non_null(strstr(a.body, "1 of 4 rows have errors. Nothing was imported"));
    assert_int_equal(COUNT_VISITS(), 0);
    a = post_form(apply, "mode=skip", HTML);
    assert_int_equal(a.status, 303);
    assert_int_equal(COUNT_VISITS(), 2);
    a = get(place, JSON);
    assert_int_equal(count_of(&a, "bad"), 2);
    assert_string_equal(text_of(&a, "failed_href"), failed);
    a = get(failed, HTML); /* after it: what was refused in the end */
    assert_string_equal(cells_of(&a), "客户|拜访编号|备注|其他|Reason\n|V2||b|客户: This is required\n丙|V3|refuse me|c|备注: Give a reason\n");
}

static void a_program_imports_in_one_call(void **state) {
    (void)state;
    const char *good = "拜访编号,客户\nV1,甲\nV2,乙\n", *mixed = "拜访编号,客户\nV1,甲2\nV2,\nV3,丙\n";
    Answer a = upload("/demo/visits/import?dry_run=1", good, JSON);
    assert_int_equal(a.status, 200);
    assert_int_equal(count_of(&a, "new"), 2);
    assert_int_equal(COUNT_VISITS(), 0);
    a = upload("/demo/visits/import?mode=all", good, JSON);
    assert_int_equal(a.status, 200);
    assert_int_equal(COUNT_VISITS(), 2);
    a = upload("/demo/visits/import?dry_run=1", mixed, JSON);
    assert_int_equal(a.status, 200);
    assert_int_equal(count_of(&a, "bad"), 1);
    a = upload("/demo/visits/import?mode=all", mixed, JSON);
    assert_int_equal(a.status, 422);
    assert_non_null(strstr(a.head, "application/problem+json"));
    json_t *row = json_array_get(json_object_get(a.json, "rows"), 0);
    assert_int_equal(json_integer_value(json_object_get(row, "row")), 3);
    assert_string_equal(json_string_value(json_object_get(row, "column")), "客户");
    assert_string_equal(json_string_value(json_object_get(row, "message")), "This is required");
    assert_int_equal(COUNT_VISITS(), 2);
    a = upload("/demo/visits/import?mode=skip", mixed, JSON);
    assert_int_equal(a.status, 200);
    assert_int_equal(count_of(&a, "new"), 1);
    assert_int_equal(count_of(&a, "update"), 1);
    assert_int_equal(COUNT_VISITS(), 3);
    assert_int_equal(upload("/demo/visits/import?mode=all", "x,y\n1,2\n", JSON).status, 422);
    assert_int_equal(upload("/demo/visits/import?mode=most", good, JSON).status, 422);
    assert_int_equal(demo_count(c, "SELECT count(*) FROM import_job"), 0);
}

static void what_is_no_spreadsheet_is_refused_on_the_upload_page(void **state) {
    (void)state;
    Answer a = upload("/demo/visits/import", "%PDF-1.7", HTML);
    assert_int_equal(a.status, 422);
    assert_non_null(strstr(a.body, "not a spreadsheet"));
    a = upload("/demo/visits/import", "", HTML);
    assert_int_equal(a.status, 422);
    assert_non_null(strstr(a.body, "Choose a file"));
    assert_int_equal(demo_count(c, "SELECT count(*) FROM import_job"), 0);
}

static void only_the_uploader_and_administrators_see_an_import(void **state) {
    (void)state;
    actor = (Actor){.account_id = 5, .roles = ROLE_REP, .scope = SCOPE_ALL, .name = "Rep"};
    Answer a = upload("/demo/visits/import", "拜访编号,客户\nV1,\n", HTML);
    const char *place = location(&a), *failed = talloc_asprintf(c->mem, "%s/failed.xlsx", place), *apply = talloc_asprintf(c->mem, "%s/apply", place);
    assert_int_equal(get(place, JSON).status, 200);
    actor.account_id = 6;
    assert_int_equal(get(place, JSON).status, 404);
    assert_int_equal(get(failed, JSON).status, 404);
    assert_int_equal(post_form(apply, "mode=skip", JSON).status, 404);
    actor.roles = ROLE_ADMIN;
    assert_int_equal(get(place, JSON).status, 200);
    assert_int_equal(get(talloc_asprintf(c->mem, "/demo/teams%s", place + strlen("/demo/visits")), JSON).status, 404); /* not that resource's */
    actor.roles = ROLE_REP;
    assert_int_equal(get("/demo/teams/import", HTML).status, 403);
    assert_int_equal(upload("/demo/teams/import?mode=all", "编号,名称\nX,Y\n", JSON).status, 403);
}

static void a_long_file_becomes_a_job_that_runs_as_its_uploader(void **state) {
    (void)state;
    int ran = 0;
    Text *csv = text_new(c->mem, 1 << 20);
    text_add(csv, "拜访编号,客户\n");
    for (int i = 0; i <= IMPORT_AT_ONCE; i++) text_addf(csv, "N%d,客户\n", i);
    test_sql(c, "INSERT INTO account(id, login, name, roles, status, lang, created_at, updated_at) VALUES (1, 'admin', 'Admin', 32, 0, 'en', 0, 0)");
    Answer a = upload("/demo/visits/import", csv->data, HTML);
    const char *place = location(&a), *apply = talloc_asprintf(c->mem, "%s/apply", place);
    a = post_form(apply, "mode=all", JSON);
    assert_int_equal(a.status, 202);
    assert_string_equal(text_of(&a, "status"), "running");
    assert_int_equal(post_form(apply, "mode=all", JSON).status, 409);
    a = get(place, HTML);
    assert_non_null(strstr(a.body, "hx-trigger=\"every 1s\""));
    assert_int_equal(COUNT_VISITS(), 0);
    c->now = instant_now();
    test_ok(job_run_due(c, &ran));
    assert_int_equal(COUNT_VISITS(), IMPORT_AT_ONCE + 1);
    a = get(place, JSON);
    assert_string_equal(text_of(&a, "status"), "done");
    assert_int_equal(count_of(&a, "new"), IMPORT_AT_ONCE + 1);
    assert_int_equal(demo_count(c, "SELECT count(*) FROM audit WHERE action = 'import' AND actor_id = 1"), 1);

    text_add(csv, "last,\n"); /* one bad row: nothing, and the owner can see why */
    a = upload("/demo/visits/import", csv->data, HTML);
    place = location(&a);
    a = post_form(talloc_asprintf(c->mem, "%s/apply", place), "mode=all", JSON);
    assert_int_equal(a.status, 202);
    c->now = instant_now();
    test_ok(job_run_due(c, &ran));
    a = get(place, JSON);
    assert_string_equal(text_of(&a, "status"), "failed");
    assert_string_equal(text_of(&a, "message"), "1 of 2002 rows have errors. Nothing was imported");
    a = get(talloc_asprintf(c->mem, "%s/failed.xlsx", place), HTML);
    assert_string_equal(cells_of(&a), "拜访编号|客户|Reason\nlast||客户: This is required\n");
    a = post_form(talloc_asprintf(c->mem, "%s/apply", place), "mode=skip", JSON); /* and try again */
    assert_int_equal(a.status, 202);
    c->now = instant_now();
    test_ok(job_run_due(c, &ran));
    a = get(place, JSON);
    assert_string_equal(text_of(&a, "status"), "done");
    assert_int_equal(count_of(&a, "bad"), 1);
}

static void old_imports_are_removed(void **state) {
    (void)state;
    upload("/demo/visits/import", "拜访编号,客户\nV1,\n", HTML);
    upload("/demo/visits/import", "拜访编号,客户\nV1,\n", HTML);
    Ctx later = *c;
    later.now = instant_now() + IMPORT_KEEP_DAYS * INT64_C(86400000000) - 60000000;
    const JobKind *sweep = &resource_jobs[1];
    assert_string_equal(sweep->name, "resource.import_sweep");
    test_ok(sweep->run(&later, 0));
    assert_int_equal(demo_count(c, "SELECT count(*) FROM import_job"), 2);
    later.now += 120000000;
    test_ok(sweep->run(&later, 0));
    assert_int_equal(demo_count(c, "SELECT count(*) FROM import_job"), 0);
}

static void the_template_has_the_columns_that_an_import_takes(void **state) {
    (void)state;
    Answer a = get("/demo/visits/import/template.xlsx", HTML);
    assert_int_equal(a.status, 200);
    assert_string_equal(cells_of(&a), "Visit no.*|Visited client*|Visiting team|Day of visit|Calls of visit|Amount of visit|State of visit|Visit won|Visit note\n");
    assert_non_null(strstr(a.head, "filename*=UTF-8''Import%3A%20Demo%20visits.xlsx"));
}

static void an_export_has_the_rows_of_the_filter_and_can_be_imported_again(void **state) {
    (void)state;
    const char *csv = "拜访编号,客户,日期,电话,金额,状态,成交,备注\nV1,甲,2026-01-02,12,,,,\nV2,\"=乙\",2026-02-03,3,\"25,000.5\",done,是,\"a\nb\"\nV3,甲丙,,,,,,\n";
    assert_int_equal(upload("/demo/visits/import?mode=all", csv, JSON).status, 200);
    Answer a = get("/demo/visits/export.xlsx?q=%E7%94%B2&sort=-no", HTML);
    assert_int_equal(a.status, 200);
    assert_string_equal(cells_of(&a), "Visit no.|Visited client|Visiting team|Day of visit|Calls of visit|Amount of visit|State of visit|Visit won|Visit note\n"
                                      "V3|甲丙|||||Open visit|No\nV1|甲||2026-01-02|12||Open visit|No\n");
    assert_int_equal(demo_count(c, "SELECT count(*) FROM audit WHERE action = 'export' AND changes LIKE '%[null,2]%'"), 1);
    a = get("/demo/visits/export.xlsx?format=csv&day_from=2026-02-01", HTML);
    assert_int_equal(a.status, 200);
    assert_non_null(strstr(a.head, "text/csv"));
    assert_string_equal(a.body, "\xEF\xBB\xBFVisit no.,Visited client,Visiting team,Day of visit,Calls of visit,Amount of visit,State of visit,Visit won,Visit note\r\n"
                                "V2,'=乙,,2026-02-03,3,25000.50,Visit done,Yes,\"a\nb\"\r\n");
    assert_int_equal(get("/demo/visits/export.xlsx?day_from=x", HTML).status, 422);
    a = get("/demo/visits/export.xlsx", HTML); /* what went out comes back as the same */
    Text *body = text_new(c->mem, 1 << 20);
    text_add(body, "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.xlsx\"\r\n\r\n");
    text_add_n(body, a.body, a.size);
    text_add(body, "\r\n--XX--\r\n");
    a = request("POST /demo/visits/import?mode=all HTTP/1.1\r\nAccept: application/json\r\nContent-Type: multipart/form-data; boundary=XX", body->data, body->len);
    if (a.status != 200) fprintf(stderr, "# %s\n", a.body);
    assert_int_equal(a.status, 200);
    assert_int_equal(count_of(&a, "unchanged"), 3);
}

/* ---- API document and schema ---- */

static json_t *at(json_t *o, const char *name) {
    json_t *v = json_object_get(o, name);
    if (!v) fprintf(stderr, "# no member %s\n", name);
    assert_non_null(v);
    return v;
}

static void the_api_document_describes_every_route(void **state) {
    (void)state;
    Text *text = text_new(c->mem, 8 << 20);
    value_json(resource_openapi(c), text);
    json_t *doc = json_loads(text->data, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(doc);
    assert_string_equal(json_string_value(at(doc, "openapi")), "3.1.0");
    json_t *paths = at(doc, "paths"), *one = at(paths, "/demo/visits/{id}");
    for (size_t i = 0; i < route_count(); i++) at(paths, route_at(i)->path);
    json_t *put = at(one, "put"), *parameter = json_array_get(at(put, "parameters"), 0);
    assert_string_equal(json_string_value(at(parameter, "name")), "id");
    assert_string_equal(json_string_value(at(put, "operationId")), "put_demo_visits_id");
    json_t *schema = at(at(at(at(put, "requestBody"), "content"), "application/json"), "schema");
    assert_string_equal(json_string_value(at(schema, "$ref")), "#/components/schemas/demo_visit_input");
    json_t *row = at(at(at(at(doc, "components"), "schemas"), "demo_visit"), "properties");
    assert_string_equal(json_string_value(json_array_get(at(at(row, "state"), "enum"), 1)), "done");
    assert_string_equal(json_string_value(at(at(row, "day"), "format")), "date");
    assert_null(json_object_get(row, "search"));
    at(row, "team_name");
    at(at(at(at(at(doc, "components"), "schemas"), "problem"), "properties"), "fields");
    const char *key;
    json_t *path, *operation;
    const char *method;
    json_object_foreach(paths, key, path) json_object_foreach(path, method, operation) {
        at(at(operation, "responses"), "default");
        assert_true(json_object_get(operation, "security") || json_array_size(at(operation, "x-roles")) > 0);
    }
    json_decref(doc);
}

static void the_api_document_needs_no_database(void **state) {
    (void)state;
    Ctx bare = *c;
    bare.db = NULL;
    Text *with = text_new(c->mem, 8 << 20), *without = text_new(c->mem, 8 << 20);
    value_json(resource_openapi(c), with);
    value_json(resource_openapi(&bare), without);
    assert_string_equal(with->data, without->data); /* no field of these resources is made at run time */
}

static void the_schema_check_names_what_is_missing(void **state) {
    (void)state;
    Text *report = text_new(c->mem, 1 << 16);
    test_ok(resource_check_schema(c, report));
    assert_string_equal(report->data, "");
    test_sql(c, "ALTER TABLE demo_visit RENAME COLUMN calls TO call_count");
    test_sql(c, "ALTER TABLE demo_team RENAME TO demo_group");
    assert_int_equal(resource_check_schema(c, report)->status, 409);
    assert_string_equal(report->data, "table demo_team is missing in the database\ndemo_visit.calls is missing in the database\n");
    test_sql(c, "ALTER TABLE demo_group RENAME TO demo_team");
    test_sql(c, "ALTER TABLE demo_visit RENAME COLUMN call_count TO calls");
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define T(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        T(a_browser_uploads_previews_and_imports),
        T(a_changed_mapping_is_kept_and_checked_again),
        T(bad_rows_come_back_as_a_workbook_with_reasons),
        T(a_program_imports_in_one_call),
        T(what_is_no_spreadsheet_is_refused_on_the_upload_page),
        T(only_the_uploader_and_administrators_see_an_import),
        T(a_long_file_becomes_a_job_that_runs_as_its_uploader),
        T(old_imports_are_removed),
        T(the_template_has_the_columns_that_an_import_takes),
        T(an_export_has_the_rows_of_the_filter_and_can_be_imported_again),
        T(the_api_document_describes_every_route),
        T(the_api_document_needs_no_database),
        T(the_schema_check_names_what_is_missing),
    };
    return cmocka_run_group_tests_name("resource/import_pages", tests, set_up_all, tear_down_all);
}

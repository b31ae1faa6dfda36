/* api.c - the same for programs: POST /intake/{feed}/rows takes up to 5,000 rows at once, POST /intake/{feed}/files a whole file.
 *
 * Rows become a CSV file of their own in the file store, so a number that a program sent has a file and a row like any other. */
#include "base/i18n.h"
#include "modules/intake/intake_pages.h"
#include <string.h>
#include <talloc.h>

enum { MAX_BYTES = 8 << 20 };

typedef struct Sending {
    NewRun run;
    Feed *feed;
} Sending;

static Error *load(Req *r, Sending *s) {
    int64_t id;
    TRY(req_id(r, 0, &id));
    TRY(feed_load(&r->c, id, &s->feed));
    return s->feed->active ? NULL : err_conflict(&r->c, N_("This data source is not in use"));
}

/* ---- JSON rows as a sheet ---- */

static void put_cell(Text *t, const char *s, bool first) {
    if (!first) text_add_char(t, ',');
    text_add_char(t, '"');
    for (; *s; s++) {
        if (*s == '"') text_add_char(t, '"');
        text_add_char(t, *s);
    }
    text_add_char(t, '"');
}

static const char *scalar(Ctx *c, const json_t *v) {
    if (json_is_string(v)) return json_string_value(v);
    if (json_is_integer(v)) return talloc_asprintf(c->mem, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
    if (json_is_real(v)) return talloc_asprintf(c->mem, json_real_value(v) > 1e15 || json_real_value(v) < -1e15 ? "%.0f" : "%.15g", json_real_value(v));
    if (json_is_boolean(v)) return json_is_true(v) ? "1" : "0";
    return "";
}

/* The members of all rows, in the order in which they come, behind those that may be left out everywhere. */
static Error *headings_of(Ctx *c, const Feed *feed, const json_t *rows, const char **names, int *ret_count) {
    const char *const optional[] = {feed->product_column, feed->region_column, feed->customer_type_column};
    size_t i;
    json_t *row;
    *ret_count = 0;
    for (i = 0; i < sizeof optional / sizeof *optional; i++)
        if (optional[i]) names[(*ret_count)++] = optional[i];
    json_array_foreach(rows, i, row) {
        const char *name;
        json_t *v;
        if (!json_is_object(row)) return err_invalid(c, N_("Send a list of objects, one a row"));
        json_object_foreach(row, name, v) {
            int k = 0;
            while (k < *ret_count && strcmp(names[k], name) != 0) k++;
            if (k < *ret_count) continue;
            if (*ret_count == SHEET_MAX_COLUMNS) return err_too_large(c, N_("The rows have too many members"));
            names[(*ret_count)++] = name;
        }
    }
    return NULL;
}

static Error *rows_as_sheet(Ctx *c, const Feed *feed, const json_t *rows, NewRun *run) {
    const char **names = talloc_array(c->mem, const char *, SHEET_MAX_COLUMNS);
    Text *t = text_new(c->mem, MAX_BYTES);
    int count;
    size_t i;
    json_t *row;
    TRY(headings_of(c, feed, rows, names, &count));
    if (count == 1) names[count++] = ""; /* a sheet has two columns at least */
    for (int k = 0; k < count; k++) put_cell(t, names[k], k == 0);
    text_add_char(t, '\n');
    json_array_foreach(rows, i, row) {
        for (int k = 0; k < count; k++) put_cell(t, scalar(c, json_object_get(row, names[k])), k == 0);
        text_add_char(t, '\n');
    }
    if (t->overflow) return err_too_large(c, N_("The rows are too large; send fewer at once"));
    run->data = t->data, run->size = t->len, run->filename = "rows.csv";
    return NULL;
}

static Error *read_rows(Req *r, const Feed *feed, NewRun *run) {
    Ctx *c = &r->c;
    const Upload *file = req_file(r, "file");
    const json_t *rows = r->json && json_is_object(r->json) ? json_object_get(r->json, "rows") : r->json;
    if (file) {
        run->data = file->data, run->size = file->size, run->filename = file->filename;
        return NULL;
    }
    if (!json_is_array(rows) || !json_array_size(rows)) return err_invalid(c, N_("Send a list of objects, one a row"));
    if (json_array_size(rows) > INTAKE_AT_ONCE) return err_too_large(c, N_("At most {1} rows can be sent in one call; send a file instead"), "5000");
    return rows_as_sheet(c, feed, rows, run);
}

/* ---- answers ---- */

static Error *answer(Req *r, int64_t id, int status) {
    FeedRun *run;
    Value model;
    TRY(run_load(&r->c, id, &run));
    if (!r->wants_json) return respond_redirect(r, run_href(&r->c, id, ""));
    TRY(run_model(&r->c, run, &model));
    return respond_json(r, status, model);
}

static Error *check_file(Ctx *c, const Sending *s, int64_t max_rows) {
    SheetFile file = {.data = s->run.data, .size = s->run.size};
    IntakePlan plan;
    IntakeMap map;
    if (s->run.size > SHEET_MAX_BYTES) return err_too_large(c, N_("The file is larger than 20 MB"));
    TRY(intake_plan(c, &file, s->feed, &plan));
    if (max_rows && plan.rows > max_rows) return err_too_large(c, N_("At most {1} rows can be sent in one call; send a file instead"), "5000");
    TRY(intake_bind(c, &plan, s->feed, &map));
    return map.problem ? err_invalid(c, "{1}", map.problem) : NULL;
}

static Error *rows_page(Req *r) {
    Sending *s = talloc_zero(r->c.mem, Sending);
    TRY(load(r, s));
    TRY(read_rows(r, s->feed, &s->run));
    TRY(check_file(&r->c, s, INTAKE_AT_ONCE));
    s->run.feed_id = s->feed->id, s->run.origin = ORIGIN_PROGRAM;
    TRY(run_take(&r->c, &s->run));
    return answer(r, s->run.id, 200);
}

static Error *file_added(Req *r, void *arg) {
    return answer(r, ((const Sending *)arg)->run.id, 202);
}

static Error *files_page(Req *r) {
    Sending *s = talloc_zero(r->c.mem, Sending);
    const Upload *file = req_file(r, "file");
    TRY(load(r, s));
    if (!file) return err_field(&r->c, "file", N_("Choose a file"));
    s->run.data = file->data, s->run.size = file->size, s->run.filename = file->filename;
    TRY(check_file(&r->c, s, 0));
    TRY(run_keep(&r->c, &s->run));
    s->run.feed_id = s->feed->id, s->run.origin = ORIGIN_PROGRAM, s->run.start = true;
    return req_commit(r, run_add, &s->run, file_added);
}

const Route intake_api_routes[] = {
    {POST, "/intake/{feed}/rows", ROLE_INTAKE, rows_page, N_("Take up to 5,000 rows in at once: a JSON list of objects, or a file"), ROUTE_UPLOAD},
    {POST, "/intake/{feed}/files", ROLE_INTAKE, files_page, N_("Take a file in by a data source"), ROUTE_UPLOAD},
    {0},
};

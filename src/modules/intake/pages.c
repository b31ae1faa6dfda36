/* pages.c - data in: the overview, uploading, checking, progress, result, and names that nobody knew. */
#include "base/i18n.h"
#include "modules/intake/intake_pages.h"
#include "modules/intake/mapping_page.h"
#include "modules/org/org.h"
#include "service/setting.h"
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { RECENT_RUNS = 20, RECENT_FEEDS = 50 };
static const char xlsx_type[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/* ---- overview ---- */

static Error *feed_models(Ctx *c, Value *ret) {
    Rows *rows;
    *ret = value_array(c->mem);
    TRY(db_query(c, &rows, "SELECT f.id, f.name, f.active, f.folder_pattern, (SELECT max(r.created_at) FROM feed_run r WHERE r.feed_id = f.id) FROM feed f ORDER BY f.active DESC, f.name LIMIT $1",
                 V(RECENT_FEEDS)));
    while (rows_next(rows)) {
        Value o = value_object(c->mem);
        int64_t id = row_int(rows, 0);
        value_set_int(o, "id", id);
        value_set_text(o, "name", row_dup(rows, 1));
        value_set_bool(o, "active", row_int(rows, 2) != 0);
        value_set_text(o, "folder_pattern", row_dup(rows, 3));
        value_set(o, "last_at", row_is_null(rows, 4) ? value_null() : value_time(row_int(rows, 4)));
        value_set_text(o, "href", resource_href(c, &feed_resource, id));
        value_set_text(o, "upload_href", talloc_asprintf(c->mem, "/intake/upload?feed=%lld", (long long)id));
        value_push(*ret, o);
    }
    return rows_done(rows);
}

static Error *overview_page(Req *r) {
    Ctx *c = &r->c;
    Value model = value_object(c->mem), feeds, runs = value_array(c->mem);
    ListQuery q = {.limit = RECENT_RUNS, .descending = true};
    ListResult list;
    TRY(feed_models(c, &feeds));
    TRY(resource_fields(c, &feed_run_resource, &q.fields, &q.field_count));
    q.sort = field_find(q.fields, q.field_count, "created_at");
    TRY(resource_list(c, &feed_run_resource, &q, &list));
    for (size_t i = 0; i < list.count; i++) {
        const FeedRun *run = (const FeedRun *)(list.rows + i * sizeof(FeedRun));
        Value o;
        TRY(run_model(c, run, &o));
        value_set_text(o, "href", run_href(c, run->id, ""));
        value_set(o, "created_at", value_time(run->created_at));
        value_push(runs, o);
    }
    value_set_text(model, "title", tr(c->lang, N_("Data in")));
    value_set(model, "feeds", feeds);
    value_set_bool(model, "has_feeds", value_count(feeds) > 0);
    value_set(model, "runs", runs);
    value_set_bool(model, "has_runs", value_count(runs) > 0);
    return respond_view(r, "intake", model);
}

/* ---- upload ---- */

typedef struct Receiving {
    NewRun run;
    Feed *feed;
} Receiving;

static Error *upload_model(Req *r, const Error *problem, Value *ret) {
    Ctx *c = &r->c;
    Value o = value_object(c->mem), feeds;
    const char *chosen = r->method == GET ? req_query(r, "feed") : req_form(r, "feed");
    TRY(feed_models(c, &feeds));
    for (size_t i = 0; i < value_count(feeds); i++)
        value_set_bool(value_at(feeds, i), "selected", chosen && strtoll(chosen, NULL, 10) == value_get(value_at(feeds, i), "id", 2, NULL).i);
    value_set_text(o, "title", tr(c->lang, N_("Upload a file")));
    value_set(o, "feeds", feeds);
    value_set_text(o, "error", problem ? msg_text(c->mem, c->lang, problem->fields ? &problem->fields->message : &problem->message) : NULL);
    *ret = o;
    return NULL;
}

static Error *upload_page(Req *r) {
    Value model;
    TRY(upload_model(r, NULL, &model));
    return respond_view(r, "intake_upload", model);
}

static Error *receive(Req *r, Receiving *x) {
    Ctx *c = &r->c;
    const Upload *file = req_file(r, "file");
    const char *feed = req_form(r, "feed");
    IntakePlan plan;
    if (!file) return err_field(c, "file", N_("Choose a file"));
    if (file->size > SHEET_MAX_BYTES) return err_too_large(c, N_("The file is larger than 20 MB"));
    if (feed && *feed) {
        int64_t id;
        if (!int_parse(feed, &id)) return err_field(c, "feed", N_("Choose one of the offered values"));
        TRY(feed_load(c, id, &x->feed));
    }
    SheetFile sheet = {.data = file->data, .size = file->size};
    TRY(intake_plan(c, &sheet, x->feed, &plan));
    x->run = (NewRun){.data = file->data, .size = file->size, .filename = file->filename, .feed_id = x->feed ? x->feed->id : 0};
    return run_keep(c, &x->run);
}

static Error *received(Req *r, void *arg) {
    return respond_redirect(r, run_href(&r->c, ((Receiving *)arg)->run.id, ""));
}

static Error *receive_page(Req *r) {
    Receiving *x = talloc_zero(r->c.mem, Receiving);
    Value model;
    Error *e = receive(r, x);
    if (!e) return req_commit(r, run_add, &x->run, received);
    if (r->wants_json || e->status >= 500) return e;
    TRY(upload_model(r, e, &model));
    return respond_view_status(r, e->status, "intake_upload", model);
}

/* ---- one run ---- */

static Error *load(Req *r, FeedRun **ret) {
    int64_t id;
    TRY(req_id(r, 0, &id));
    return run_load(&r->c, id, ret);
}

static Error *check_page(Req *r, const FeedRun *run) {
    Ctx *c = &r->c;
    Value model, counts = value_object(c->mem);
    RunCheck check;
    Feed *feed;
    TRY(feed_load(c, run->feed_id, &feed));
    TRY(run_check(c, run, feed, &check));
    TRY(run_model(c, run, &model));
    value_set_int(counts, "rows", check.rows);
    value_set_int(counts, "new", check.added);
    value_set_int(counts, "update", check.updated);
    value_set_int(counts, "unchanged", check.unchanged);
    value_set_int(counts, "skipped", check.skipped);
    value_set_int(counts, "waiting", check.waiting);
    value_set_int(counts, "bad", check.bad);
    value_set(model, "counts", counts);
    value_set(model, "errors", check.errors);
    value_set_int(model, "error_count", check.bad);
    value_set_bool(model, "has_errors", check.bad > 0);
    value_set(model, "unknown", check.unknown);
    value_set_bool(model, "has_unknown", check.waiting > 0);
    value_set_bool(model, "partly", check.partly);
    value_set_text(model, "error", check.problem);
    return respond_view(r, "intake_check", model);
}

typedef struct SourceRow {
    Ctx *c;
    int64_t row;
    const IntakePlan *plan;
    Value cells;
    bool found;
} SourceRow;

static Error *find_row(Ctx *c, void *arg, int64_t number, const char *const *cells, size_t count) {
    SourceRow *s = arg;
    (void)c;
    if (number != s->row) return NULL;
    for (size_t i = 0; i < s->plan->count; i++) {
        Value o = value_object(s->c->mem);
        value_set_text(o, "label", s->plan->columns[i].heading);
        value_set_text(o, "text", talloc_strdup(s->c->mem, i < count ? cells[i] : ""));
        value_push(s->cells, o);
    }
    s->found = true;
    return err_invalid(s->c, ""); /* far enough */
}

/* The row of the file behind a number. */
static Error *add_source_row(Ctx *c, const FeedRun *run, int64_t row, Value model) {
    IntakePlan plan;
    SheetFile file;
    Feed *feed = NULL;
    SourceRow s = {.c = c, .row = row, .plan = &plan, .cells = value_array(c->mem)};
    if (run->feed_id > 0) TRY(feed_load(c, run->feed_id, &feed));
    TRY(run_file(c, run, &file));
    TRY(intake_plan(c, &file, feed, &plan));
    Error *e = sheet_read(c, &file, find_row, &s);
    if (e && !s.found) return e;
    value_set_int(model, "row", row);
    value_set_bool(model, "has_row", s.found);
    value_set(model, "fields", s.cells);
    return NULL;
}

static Error *run_page(Req *r) {
    FeedRun *run;
    Value model;
    int64_t row;
    TRY(load(r, &run));
    TRY(req_query_int(r, "row", 0, &row));
    bool mapping = req_query(r, "mapping") != NULL && run->state != RUN_RUNNING;
    if (mapping || (run->state == RUN_WAITING && run->feed_id <= 0)) return mapping_first(r, run);
    if (run->state == RUN_WAITING) return check_page(r, run);
    TRY(run_model(&r->c, run, &model));
    value_set_bool(model, "has_row", false);
    if (row > 0) TRY(add_source_row(&r->c, run, row, model));
    return respond_view(r, "intake_run", model);
}

static Error *file_page(Req *r) {
    FeedRun *run;
    TRY(load(r, &run));
    return respond_file(r, file_path(&r->c, run->sha256), "application/octet-stream", run->filename);
}

static Error *failed_page(Req *r) {
    FeedRun *run;
    const char *path;
    TRY(load(r, &run));
    TRY(run_failed_rows(&r->c, run, &path));
    return respond_file(r, path, xlsx_type, talloc_asprintf(r->c.mem, "%s.xlsx", said(&r->c, N_("Failed rows of {1}"), run->filename)));
}

/* ---- starting ---- */

static Error *start_tx(Ctx *c, void *arg) {
    return run_start(c, ((const FeedRun *)arg)->id);
}

static Error *started(Req *r, void *arg) {
    FeedRun *run = arg;
    Value model;
    if (!r->wants_json) return respond_redirect(r, run_href(&r->c, run->id, ""));
    TRY(run_load(&r->c, run->id, &run));
    TRY(run_model(&r->c, run, &model));
    return respond_json(r, 202, model);
}

static Error *start_page(Req *r) {
    FeedRun *run;
    TRY(load(r, &run));
    return req_commit(r, start_tx, run, started);
}

/* ---- names ---- */

typedef struct Naming {
    FeedRun *run;
    Req *r;
    int saved;
} Naming;

static Error *target_of(Ctx *c, NameKind kind, const char *text, const char *said_as, int64_t *ret) {
    int64_t id = 0;
    bool number = int_parse(text, &id);
    *ret = 0;
    if (kind == NAME_PERSON) {
        if (number) TRY(db_get_int(c, ret, "SELECT id FROM employee WHERE id = $1", V(id)));
        else TRY(resource_resolve(c, &employee_resource, text, ret));
        return *ret > 0 ? NULL : err_field(c, "target", N_("There is nobody “{1}”"), text);
    }
    if (!strcmp(text, "new")) {
        Dimension row = {.kind = (int)kind - 1, .name = text_cut(c->mem, said_as, 60), .active = true};
        TRY(resource_save(c, &dimension_resource, NULL, &row, NULL, NULL));
        *ret = row.id;
        return NULL;
    }
    if (number) TRY(db_get_int(c, ret, "SELECT id FROM dimension WHERE id = $1 AND kind = $2", V(id), V((int)kind - 1)));
    else TRY(db_get_int(c, ret, "SELECT id FROM dimension WHERE name = $1 AND kind = $2", V(text), V((int)kind - 1)));
    return *ret > 0 ? NULL : err_field(c, "target", N_("There is no entry “{1}” of this kind"), text);
}

static Error *save_name(Ctx *c, Naming *n, NameKind kind, const char *name, const char *target) {
    int64_t id;
    TRY(target_of(c, kind, target, name, &id));
    n->saved++;
    return names_save(c, kind, name, id);
}

/* target_<id of the unknown name> = id, "new" or nothing. */
static Error *save_target(Ctx *c, Naming *n, const Pair *p) {
    Rows *rows;
    int64_t id;
    if (!text_starts(p->name, "target_") || !*p->value || !int_parse(p->name + strlen("target_"), &id)) return NULL;
    TRY(db_one(c, &rows, "SELECT kind, name FROM feed_unknown WHERE id = $1 AND run_id = $2", V(id), V(n->run->id)));
    if (!rows) return NULL; /* told already, by somebody else */
    NameKind kind = (NameKind)row_int(rows, 0);
    const char *name = row_dup(rows, 1);
    TRY(rows_done(rows));
    return save_name(c, n, kind, name, p->value);
}

static Error *names_tx(Ctx *c, void *arg) {
    Naming *n = arg;
    const char *kind = req_form(n->r, "kind"), *name = req_form(n->r, "name"), *target = req_form(n->r, "target");
    n->saved = 0;
    for (const Pair *p = n->r->form; p; p = p->next) TRY(save_target(c, n, p));
    for (int k = 0; kind && name && *name && target && *target && k < NAME_KINDS; k++)
        if (!strcmp(kind, name_kind_codes[k])) TRY(save_name(c, n, (NameKind)k, name, target));
    if (!n->saved) return err_invalid(c, N_("Choose for at least one name what it means"));
    return run_start(c, n->run->id);
}

static Error *named(Req *r, void *arg) {
    return started(r, ((Naming *)arg)->run);
}

static Error *names_page(Req *r) {
    Naming *n = talloc_zero(r->c.mem, Naming);
    n->r = r;
    TRY(load(r, &n->run));
    return req_commit(r, names_tx, n, named);
}

/* ---- lineage ---- */

Error *intake_describe_fact(Ctx *c, const Fact *fact, Value model) {
    if (fact->source != FACT_IMPORT || !may(c, ROLE_INTAKE)) return NULL;
    const char *row = fact->source_row == INT_NONE ? "" : talloc_asprintf(c->mem, "?row=%lld", (long long)fact->source_row);
    detail_add_link(c, model, N_("File and row"), run_href(c, fact->source_id, row), "file-import");
    return NULL;
}

const Route intake_routes[] = {
    {GET, "/intake", ROLE_INTAKE, overview_page, N_("Data in: data sources and files taken in"), 0},
    {GET, "/intake/upload", ROLE_INTAKE, upload_page, N_("Choose a file of deals, orders or activity"), 0},
    {POST, "/intake/upload", ROLE_INTAKE, receive_page, N_("Upload a file; feed=ID if its columns are known"), ROUTE_UPLOAD},
    {0},
};
const Route intake_run_routes[] = {
    {GET, "/intake/runs/{id}", ROLE_INTAKE, run_page, N_("A file: its mapping, check, progress and result; ?row=N shows a row"), 0},
    {GET, "/intake/runs/{id}/file", ROLE_INTAKE, file_page, N_("The file as it came"), 0},
    {GET, "/intake/runs/{id}/failed.xlsx", ROLE_INTAKE, failed_page, N_("Rows of a file that did not come in, with reasons"), 0},
    {POST, "/intake/runs/{id}/preview", ROLE_INTAKE, mapping_preview, N_("Count the rows of a mapping without saving it"), 0},
    {POST, "/intake/runs/{id}/mapping", ROLE_INTAKE, mapping_page, N_("Save what the columns mean"), 0},
    {POST, "/intake/runs/{id}/start", ROLE_INTAKE, start_page, N_("Take the rows of a file in"), 0},
    {POST, "/intake/runs/{id}/names", ROLE_INTAKE, names_page, N_("Say what unknown names mean and take the waiting rows in"), 0},
    {0},
};

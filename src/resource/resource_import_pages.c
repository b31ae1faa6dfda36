/* resource_import_pages.c - import in the browser (upload, preview with mapping, import, result) and in one call for programs:
 *
 *     GET  <path>/import                   page to choose a file            GET <path>/import/template.xlsx
 *     POST <path>/import                   file -> 303 to its preview; JSON with ?dry_run=1 or ?mode=all|skip: everything in one call
 *     GET  <path>/import/{id}              preview, then progress and result
 *     POST <path>/import/{id}/mapping      column_1=field ...: checks again
 *     POST <path>/import/{id}/apply        mode=all|skip
 *     GET  <path>/import/{id}/failed.xlsx */
#include "base/i18n.h"
#include "resource/resource_import_view.h"
#include "resource/resource_pages.h"
#include <string.h>
#include <talloc.h>

static const char xlsx_type[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/* What the handlers of one request share. */
typedef struct Work {
    const Resource *res;
    ImportTask task;
    ImportPlan plan;
    ImportResult result;
    const Upload *upload;
    ImportJob job;
    bool remap; /* the mapping came with the form */
} Work;

static Work *work_of(Req *r) {
    Work *w = talloc_zero(r->c.mem, Work);
    w->res = resource_of(r);
    return w;
}

/* ---- upload ---- */

static Error *upload_model(Req *r, const Resource *res, const Error *problem, Value *ret) {
    *ret = import_upload_model(&r->c, res, problem);
    return res->reader ? res->reader->ask(r, *ret) : NULL;
}

static Error *upload_page(Req *r) {
    Value model;
    TRY(upload_model(r, resource_of(r), NULL, &model));
    return respond_view(r, "import_upload", model);
}

static Error *template_page(Req *r) {
    const Resource *res = resource_of(r);
    const char *path;
    TRY(import_template(&r->c, res, &path));
    return respond_file(r, path, xlsx_type, talloc_asprintf(r->c.mem, "%s.xlsx", import_title(&r->c, res)));
}

static Error *get_file(Req *r, Work *w) {
    w->upload = req_file(r, "file");
    if (!w->upload) return err_field(&r->c, "file", N_("Choose a file"));
    if (w->upload->size > SHEET_MAX_BYTES) return err_too_large(&r->c, N_("The file is larger than 20 MB"));
    w->task = (ImportTask){.res = w->res, .file = {.data = w->upload->data, .size = w->upload->size}, .name = w->upload->filename, .uploaded_at = INSTANT_NONE};
    return w->res->reader ? w->res->reader->context(r, &w->task.context) : NULL;
}

static Error *keep_tx(Ctx *c, void *arg) {
    Work *w = arg;
    return import_job_add(c, w->res, w->upload, w->task.context, &w->plan, &w->job.id);
}

static Error *kept(Req *r, void *arg) {
    Work *w = arg;
    w->job.res = w->res;
    return respond_redirect(r, import_href(&r->c, &w->job, ""));
}

static Error *read_mode(Req *r, const char *word, ImportMode *ret) {
    *ret = word && !strcmp(word, "skip") ? IMPORT_SKIP : IMPORT_ALL;
    return !word || !strcmp(word, "all") || !strcmp(word, "skip") ? NULL : err_field(&r->c, "mode", N_("Choose one of the offered values"));
}

/* problem+json with the rows beside it. */
static Error *refused(Req *r, Work *w, Error *e) {
    Ctx *c = &r->c;
    Value o = error_model(c, e);
    value_set(o, "counts", import_counts(c, &w->result));
    value_set_int(o, "error_count", w->result.error_count);
    value_set(o, "rows", import_error_list(c, &w->result));
    if (w->res->reader) value_set(o, "notes", import_note_list(c, &w->result));
    TRY(respond_json(r, e->status, o));
    r->response.type = "application/problem+json; charset=utf-8";
    return NULL;
}

static Error *whole_tx(Ctx *c, void *arg) {
    Work *w = arg;
    return import_apply(c, &w->task, &w->result);
}

static Error *whole_done(Req *r, void *arg) {
    return respond_json(r, 200, import_answer(&r->c, ((Work *)arg)->res, &((Work *)arg)->result));
}

static Error *whole_failed(Req *r, void *arg, Error *e) {
    return e->status == 422 ? refused(r, arg, e) : e;
}

/* For programs: one call from file to rows. */
static Error *whole_import(Req *r, Work *w, bool dry_run) {
    TRY(get_file(r, w));
    TRY(read_mode(r, req_query(r, "mode"), &w->task.mode));
    if (!dry_run) return req_commit_or(r, whole_tx, w, whole_done, whole_failed);
    TRY(import_analyse(&r->c, &w->task, &w->result));
    return w->result.plan.problem ? refused(r, w, err_invalid(&r->c, "{1}", w->result.plan.problem)) : whole_done(r, w);
}

static Error *receive_page(Req *r) {
    Work *w = work_of(r);
    const char *dry = req_query(r, "dry_run");
    bool dry_run = dry && !strcmp(dry, "1");
    if (r->wants_json && (dry_run || req_query(r, "mode"))) return whole_import(r, w, dry_run);
    Error *e = get_file(r, w);
    if (!e) e = import_plan(&r->c, &w->task, &w->plan);
    if (!e) return req_commit(r, keep_tx, w, kept);
    if (r->wants_json || e->status >= 500) return e;
    if (e->fields) e->message = e->fields->message;
    Value model;
    TRY(upload_model(r, w->res, e, &model));
    return respond_view_status(r, e->status, "import_upload", model);
}

/* ---- preview and result ---- */

static Error *load(Req *r, Work *w, bool with_data) {
    int64_t id;
    TRY(req_id(r, 0, &id));
    TRY(import_job_load(&r->c, w->res, id, with_data, &w->job));
    w->task = import_job_task(&w->job);
    return NULL;
}

static Error *job_page(Req *r) {
    Work *w = work_of(r);
    TRY(load(r, w, false));
    if (w->job.state != IMPORT_WAITING) return respond_view(r, "import_result", import_result_model(&r->c, &w->job));
    TRY(load(r, w, true));
    TRY(import_analyse(&r->c, &w->task, &w->result));
    return respond_view(r, "import_preview", import_preview_model(&r->c, &w->job, &w->result, NULL));
}

/* column_1=no, column_2=, ... as text by column; NULL if the form has none. */
static const char *posted_mapping(Req *r, const ImportPlan *plan) {
    Text *t = text_new(r->c.mem, 64 * 1024);
    bool any = false;
    for (size_t i = 0; i < plan->count; i++) {
        const char *name = req_form(r, talloc_asprintf(r->c.mem, "column_%zu", i + 1));
        any = any || name;
        if (i) text_add_char(t, ',');
        if (name && !strchr(name, ',')) text_add(t, name);
    }
    return any ? t->data : NULL;
}

/* Loads the job with the mapping that the form asks for. */
static Error *load_mapped(Req *r, Work *w) {
    TRY(load(r, w, true));
    if (!w->job.file.data) return err_conflict(&r->c, N_("This import has been started already"));
    TRY(import_plan(&r->c, &w->task, &w->plan));
    const char *mapping = posted_mapping(r, &w->plan);
    w->remap = mapping != NULL;
    if (mapping) w->job.mapping = w->task.mapping = mapping;
    return NULL;
}

static Error *map_tx(Ctx *c, void *arg) {
    Work *w = arg;
    int64_t changed = 0;
    TRY(db_exec_n(c, &changed, "UPDATE import_job SET mapping = $2 WHERE id = $1 AND state IN (0, 3)", V(w->job.id), V(w->job.mapping)));
    return changed ? NULL : err_conflict(c, N_("This import has been started already"));
}

static Error *to_job_page(Req *r, void *arg) {
    Work *w = arg;
    return respond_redirect(r, import_href(&r->c, &w->job, ""));
}

static Error *mapping_page(Req *r) {
    Work *w = work_of(r);
    TRY(load_mapped(r, w));
    if (!w->remap) return err_bad_request(&r->c, N_("Say for each column what it is"));
    return req_commit(r, map_tx, w, to_job_page);
}

/* ---- import ---- */

static Error *start_tx(Ctx *c, void *arg) {
    Work *w = arg;
    return import_job_start(c, &w->job, &w->result);
}

static Error *started(Req *r, void *arg) {
    Work *w = arg;
    if (!r->wants_json) return to_job_page(r, w);
    bool running = w->job.state == IMPORT_RUNNING;
    TRY(import_job_load(&r->c, w->res, w->job.id, false, &w->job));
    return respond_json(r, running ? 202 : 200, import_result_model(&r->c, &w->job));
}

static Error *not_started(Req *r, void *arg, Error *e) {
    Work *w = arg;
    if (e->status != 422) return e;
    if (r->wants_json) return refused(r, w, e);
    return respond_view_status(r, 422, "import_preview", import_preview_model(&r->c, &w->job, &w->result, e));
}

static Error *apply_page(Req *r) {
    Work *w = work_of(r);
    TRY(load_mapped(r, w));
    TRY(read_mode(r, req_form(r, "mode"), &w->job.mode));
    return req_commit_or(r, start_tx, w, started, not_started);
}

static Error *failed_page(Req *r) {
    Work *w = work_of(r);
    const char *path;
    TRY(load(r, w, true));
    TRY(import_failed_rows(&r->c, &w->job, &path));
    Msg name = {.id = N_("Failed rows of {1}"), .args = {w->job.filename}};
    return respond_file(r, path, xlsx_type, talloc_asprintf(r->c.mem, "%s.xlsx", msg_text(r->c.mem, r->c.lang, &name)));
}

void resource_import_routes(const Resource *res, AddRoute add) {
    uint32_t allow = res->access.create;
    add(res, NULL, GET, "/import", allow, upload_page, N_("Choose a spreadsheet to import"), 0);
    add(res, NULL, GET, "/import/template.xlsx", allow, template_page, N_("Template for an import"), 0);
    add(res, NULL, POST, "/import", allow, receive_page, N_("Upload a spreadsheet; ?dry_run=1 or ?mode=all|skip imports in one call"), ROUTE_UPLOAD);
    add(res, NULL, GET, "/import/{id}", allow, job_page, N_("Preview, progress and result of an import"), 0);
    add(res, NULL, POST, "/import/{id}/mapping", allow, mapping_page, N_("Say what the columns are"), 0);
    add(res, NULL, POST, "/import/{id}/apply", allow, apply_page, N_("Import"), 0);
    add(res, NULL, GET, "/import/{id}/failed.xlsx", allow, failed_page, N_("Rows that could not be imported"), 0);
}

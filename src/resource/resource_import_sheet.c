/* resource_import_sheet.c - the workbooks of an import: the template before it, the failed rows after it. */
#include "resource/resource_import_view.h"
#include "base/i18n.h"
#include <jansson.h>
#include <string.h>
#include <talloc.h>

/* ---- template ---- */

static const char *said(Ctx *c, const char *msgid, const char *arg) {
    Msg m = {.id = msgid, .args = {arg}};
    return msg_text(c->mem, c->lang, &m);
}

static const char *what_goes_in(Ctx *c, const Field *f) {
    switch (f->kind) {
    case F_TEXT:
    case F_LONGTEXT: return said(c, N_("Text, at most {1} characters"), talloc_asprintf(c->mem, "%lld", (long long)(f->max ? f->max : f->kind == F_TEXT ? 200 : 4000)));
    case F_INT: return tr(c->lang, N_("A whole number"));
    case F_MONEY: return tr(c->lang, N_("An amount in yuan, such as 25000.00"));
    case F_DATE: return tr(c->lang, N_("A date such as 2026-01-02"));
    case F_BOOL: return tr(c->lang, N_("Yes or no"));
    case F_ENUM: return tr(c->lang, N_("One of the offered values"));
    case F_REF: return said(c, N_("Number or name, as under “{1}”"), tr(c->lang, f->target->title));
    default: return "";
    }
}

static const char *hint(Ctx *c, const Field *f) {
    Text *t = text_new(c->mem, 4096);
    text_add(t, what_goes_in(c, f));
    if (f->unit) text_addf(t, " (%s)", tr(c->lang, f->unit));
    if (f->flags & KEY) text_addf(t, ". %s", tr(c->lang, N_("Rows with a known value here change the existing entry")));
    if (f->help) text_addf(t, ". %s", tr(c->lang, f->help));
    return t->data;
}

static const char *const *choices(Ctx *c, const Field *f) {
    size_t n = 0;
    const char **list;
    if (f->kind == F_BOOL) {
        list = talloc_array(c->mem, const char *, 3);
        list[0] = tr(c->lang, N_("Yes")), list[1] = tr(c->lang, N_("No")), list[2] = NULL;
        return list;
    }
    if (f->kind != F_ENUM) return NULL;
    while (f->labels[n]) n++;
    list = talloc_array(c->mem, const char *, n + 1);
    for (size_t i = 0; i < n; i++) list[i] = tr(c->lang, f->labels[i]);
    list[n] = NULL;
    return list;
}

Error *import_template(Ctx *c, const Resource *res, const char **ret_path) {
    const Field *fields;
    size_t n, k = 0;
    SheetWriter *w;
    TRY(resource_fields(c, res, &fields, &n));
    SheetColumn *columns = talloc_zero_array(c->mem, SheetColumn, n + 1);
    for (size_t i = 0; i < n && k < SHEET_MAX_COLUMNS; i++) {
        const Field *f = &fields[i];
        if (!import_takes(f)) continue;
        SheetCellKind kind = f->kind == F_INT ? CELL_INT : f->kind == F_MONEY ? CELL_MONEY : f->kind == F_DATE ? CELL_DATE : CELL_TEXT;
        columns[k++] = (SheetColumn){.heading = import_heading(c, f), .kind = kind, .required = f->flags & REQUIRED, .choices = choices(c, f), .hint = hint(c, f)};
    }
    TRY(sheet_writer_new(c, tr(c->lang, res->title), columns, k, tr(c->lang, N_("How to fill in")), &w));
    return sheet_writer_close(w, ret_path);
}

/* ---- failed rows ---- */

typedef struct FailedRows {
    SheetWriter *w;
    size_t columns;
    const json_t *errors; /* [{row, column, message}] in order of rows */
    size_t next;
    int64_t heading_row;
} FailedRows;

static void put_row(FailedRows *f, const char *const *cells, size_t count, const char *reason) {
    for (size_t i = 0; i < f->columns; i++) sheet_put_text(f->w, i < count ? cells[i] : "");
    sheet_put_text(f->w, reason);
    sheet_next_row(f->w);
}

static Error *put_judged(Ctx *c, void *arg, int64_t number, const char *const *cells, size_t count, const char *reason) {
    (void)c, (void)number;
    put_row(arg, cells, count, reason);
    return NULL;
}

/* Rows that the import itself refused, from what it left. */
static Error *put_stored(Ctx *c, void *arg, int64_t number, const char *const *cells, size_t count) {
    FailedRows *f = arg;
    Ctx *turn = ctx_child(c);
    Text *reason = text_new(turn->mem, 16 * 1024);
    for (const json_t *e; (e = json_array_get(f->errors, f->next)) && json_integer_value(json_object_get(e, "row")) <= number; f->next++) {
        const char *column = json_string_value(json_object_get(e, "column")), *message = json_string_value(json_object_get(e, "message"));
        if (json_integer_value(json_object_get(e, "row")) != number || !message) continue;
        text_addf(reason, "%s%s%s%s", reason->len ? "; " : "", column ? column : "", column && *column ? ": " : "", message);
    }
    if (reason->len && number > f->heading_row) put_row(f, cells, count, reason->data);
    ctx_done(turn);
    return NULL;
}

static Error *new_failed_sheet(Ctx *c, const ImportJob *job, const ImportPlan *plan, FailedRows *f) {
    f->columns = plan->count < SHEET_MAX_COLUMNS ? plan->count : SHEET_MAX_COLUMNS - 1;
    f->heading_row = plan->heading_row;
    SheetColumn *columns = talloc_zero_array(c->mem, SheetColumn, f->columns + 1);
    for (size_t i = 0; i < f->columns; i++) columns[i].heading = plan->columns[i].heading;
    columns[f->columns].heading = tr(c->lang, N_("Reason"));
    return sheet_writer_new(c, tr(c->lang, job->res->title), columns, f->columns + 1, NULL, &f->w);
}

static int free_json(json_t **root) {
    json_decref(*root);
    return 0;
}

/* The stored errors if they are all there; beyond what is kept the file is judged again. */
static const json_t *stored_errors(Ctx *c, const ImportJob *job) {
    if (job->state == IMPORT_WAITING || !job->errors) return NULL;
    json_t **root = talloc(c->mem, json_t *);
    *root = json_loads(job->errors, 0, NULL);
    talloc_set_destructor(root, free_json);
    const json_t *list = json_object_get(*root, "errors");
    return list && json_integer_value(json_object_get(*root, "count")) == (json_int_t)json_array_size(list) ? list : NULL;
}

Error *import_failed_rows(Ctx *c, const ImportJob *job, const char **ret_path) {
    FailedRows f = {.errors = stored_errors(c, job)};
    ImportTask task = import_job_task(job);
    ImportPlan plan;
    ImportResult ignored;
    if (!job->file.data) return err_not_found(c, N_("This import has no failed rows"));
    TRY(import_plan(c, &task, &plan));
    TRY(new_failed_sheet(c, job, &plan, &f));
    task.bad_row = put_judged, task.arg = &f;
    TRY(f.errors ? sheet_read(c, &task.file, put_stored, &f) : import_analyse(c, &task, &ignored));
    return sheet_writer_close(f.w, ret_path);
}

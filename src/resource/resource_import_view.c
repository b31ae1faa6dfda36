/* resource_import_view.c - what the import pages show. */
#include "resource/resource_import_view.h"
#include "base/i18n.h"
#include <string.h>
#include <talloc.h>

const char *import_title(Ctx *c, const Resource *res) {
    Msg m = {.id = N_("Import: {1}"), .args = {tr(c->lang, res->title)}};
    return msg_text(c->mem, c->lang, &m);
}

const char *import_href(Ctx *c, const ImportJob *job, const char *suffix) {
    return talloc_asprintf(c->mem, "%s/import/%lld%s", job->res->path, (long long)job->id, suffix);
}

Value import_counts(Ctx *c, const ImportResult *r) {
    Value o = value_object(c->mem);
    value_set_int(o, "rows", r->rows ? r->rows : r->plan.rows);
    value_set_int(o, "good", r->good);
    value_set_int(o, "bad", r->bad);
    value_set_int(o, "new", r->added);
    value_set_int(o, "update", r->changed);
    value_set_int(o, "unchanged", r->same);
    return o;
}

Value import_error_list(Ctx *c, const ImportResult *r) {
    Value list = value_array(c->mem);
    for (size_t i = 0; i < r->kept; i++) {
        Value o = value_object(c->mem);
        value_set_int(o, "row", r->errors[i].row);
        value_set_text(o, "column", r->errors[i].column);
        value_set_text(o, "message", r->errors[i].message);
        value_push(list, o);
    }
    return list;
}

Value import_note_list(Ctx *c, const ImportResult *r) {
    static const char *const codes[] = {"change", "passed_over", "note"}, *const kinds[] = {"warning", "secondary", "info"};
    static const char *const titles[] = {N_("Will change"), N_("Passed over"), N_("To know")};
    Value list = value_array(c->mem);
    for (size_t i = 0; i < r->note_count; i++) {
        const ImportNote *n = &r->notes[i];
        Value o = value_object(c->mem);
        value_set_int(o, "row", n->row);
        value_set_text(o, "_row", n->row ? talloc_asprintf(c->mem, "%lld", (long long)n->row) : "");
        value_set_text(o, "kind", codes[n->kind]);
        value_set_text(o, "_kind", kinds[n->kind]);
        value_set_text(o, "_title", tr(c->lang, titles[n->kind]));
        value_set_text(o, "column", n->column);
        value_set_text(o, "message", n->message);
        value_push(list, o);
    }
    return list;
}

/* Back to the page that the sheet is of. */
static const char *back_href(Ctx *c, const ImportJob *job) {
    return job->context ? talloc_asprintf(c->mem, "%s?%s", job->res->path, job->context) : job->res->path;
}

Value import_answer(Ctx *c, const Resource *res, const ImportResult *r) {
    Value o = value_object(c->mem), columns = value_array(c->mem);
    for (size_t i = 0; i < r->plan.count; i++) {
        Value column = value_object(c->mem);
        value_set_text(column, "heading", r->plan.columns[i].heading);
        value_set_text(column, "field", r->plan.columns[i].field ? r->plan.columns[i].field->name : NULL);
        value_push(columns, column);
    }
    value_set(o, "counts", import_counts(c, r));
    value_set(o, "columns", columns);
    value_set_int(o, "error_count", r->error_count);
    value_set(o, "rows", import_error_list(c, r));
    if (res->reader) value_set(o, "notes", import_note_list(c, r));
    return o;
}

Value import_upload_model(Ctx *c, const Resource *res, const Error *problem) {
    Value o = value_object(c->mem);
    value_set_text(o, "title", import_title(c, res));
    value_set_text(o, "action", talloc_asprintf(c->mem, "%s/import", res->path));
    value_set_text(o, "template_href", talloc_asprintf(c->mem, "%s/import/template.xlsx", res->path));
    value_set_text(o, "cancel_href", res->path);
    value_set_text(o, "limit_text", tr(c->lang, N_("At most 20 MB and 200,000 rows")));
    if (problem) value_set_text(o, "error", msg_text(c->mem, c->lang, &problem->message));
    return o;
}

/* ---- preview ---- */

static Value field_options(Ctx *c, const ImportPlan *plan, const Field *chosen) {
    Value list = value_array(c->mem);
    for (size_t i = 0; i < plan->field_count; i++) {
        const Field *f = &plan->fields[i];
        if (!import_takes(f)) continue;
        Value o = value_object(c->mem);
        value_set_text(o, "value", f->name);
        value_set_text(o, "title", import_heading(c, f));
        value_set_bool(o, "selected", f == chosen);
        value_push(list, o);
    }
    return list;
}

static Value plan_columns(Ctx *c, const ImportPlan *plan) {
    Value list = value_array(c->mem);
    for (size_t i = 0; i < plan->count; i++) {
        Value o = value_object(c->mem);
        const Field *f = plan->columns[i].field;
        value_set_int(o, "number", (int64_t)i + 1);
        value_set_text(o, "heading", plan->columns[i].heading);
        value_set_text(o, "sample", plan->columns[i].sample);
        value_set_text(o, "field", f ? f->name : NULL);
        value_set(o, "options", field_options(c, plan, f));
        value_push(list, o);
    }
    return list;
}

static Value shown_row(Ctx *c, const ImportPlan *plan, const ImportRow *row) {
    static const struct {
        const char *text, *kind;
    } states[] = {{N_("Not checked"), "secondary"}, {N_("With errors"), "danger"}, {N_("New"), "success"}, {N_("Changed"), "warning"}, {N_("Unchanged"), "secondary"}};
    Value o = value_object(c->mem), cells = value_array(c->mem);
    for (size_t i = 0; i < plan->count; i++) {
        Value cell = value_object(c->mem);
        value_set_text(cell, "text", row->cells[i]);
        value_set_text(cell, "error", row->cell_errors[i]);
        value_push(cells, cell);
    }
    value_set_int(o, "number", row->number);
    value_set_text(o, "status", tr(c->lang, states[row->state].text));
    value_set_text(o, "status_kind", states[row->state].kind);
    value_set_text(o, "message", row->message);
    value_set(o, "cells", cells);
    return o;
}

Value import_preview_model(Ctx *c, const ImportJob *job, const ImportResult *r, const Error *problem) {
    Value o = value_object(c->mem), rows = value_array(c->mem);
    for (size_t i = 0; i < r->shown_count; i++) value_push(rows, shown_row(c, &r->plan, &r->shown[i]));
    value_set_int(o, "id", job->id);
    value_set_text(o, "title", import_title(c, job->res));
    value_set_text(o, "file_name", job->filename);
    value_set_text(o, "error", problem ? msg_text(c->mem, c->lang, &problem->message) : r->plan.problem);
    value_set(o, "counts", import_counts(c, r));
    value_set(o, "columns", plan_columns(c, &r->plan));
    value_set_bool(o, "has_errors", r->bad > 0);
    value_set_int(o, "error_count", r->error_count);
    value_set(o, "errors", import_error_list(c, r));
    value_set(o, "rows", rows);
    value_set_text(o, "apply_href", import_href(c, job, "/apply"));
    value_set_text(o, "check_href", import_href(c, job, "/mapping"));
    value_set_bool(o, "has_notes", r->note_count > 0);
    value_set(o, "notes", import_note_list(c, r));
    value_set_text(o, "failed_href", r->bad ? import_href(c, job, "/failed.xlsx") : NULL);
    value_set_text(o, "cancel_href", back_href(c, job));
    return o;
}

/* ---- result ---- */

/* Of the whole way: checking is nine tenths of it, the rest is the writing, which says nothing until it is done. */
static int64_t percent(const ImportJob *job) {
    if (job->state == IMPORT_DONE) return 100;
    return job->rows ? job->done * 90 / job->rows : 0;
}

static const char *state_text(Ctx *c, const ImportJob *job) {
    switch (job->state) {
    case IMPORT_WAITING: return tr(c->lang, N_("Waiting for your confirmation"));
    case IMPORT_RUNNING:
        return tr(c->lang, !job->done ? N_("The import will begin in a moment") : job->done < job->rows ? N_("Checking the rows") : N_("Saving the rows"));
    case IMPORT_DONE: return tr(c->lang, N_("Imported"));
    case IMPORT_FAILED: break;
    }
    return tr(c->lang, N_("Nothing was imported"));
}

Value import_result_model(Ctx *c, const ImportJob *job) {
    static const char *const words[] = {"waiting", "running", "done", "failed"};
    Value o = value_object(c->mem), counts = value_object(c->mem);
    value_set_int(counts, "rows", job->rows);
    value_set_int(counts, "good", job->good);
    value_set_int(counts, "bad", job->bad);
    value_set_int(counts, "new", job->added);
    value_set_int(counts, "update", job->updated);
    value_set_int(counts, "unchanged", job->unchanged);
    value_set_int(o, "id", job->id);
    value_set_text(o, "title", import_title(c, job->res));
    value_set_text(o, "status", words[job->state]);
    value_set_text(o, "state", state_text(c, job));
    value_set_bool(o, "running", job->state == IMPORT_RUNNING);
    value_set_bool(o, "failed", job->state == IMPORT_FAILED);
    value_set_int(o, "percent", percent(job));
    value_set_text(o, "message", job->message);
    if (job->state != IMPORT_RUNNING) value_set(o, "counts", counts);
    value_set_text(o, "progress_href", import_href(c, job, ""));
    value_set_text(o, "failed_href", job->bad ? import_href(c, job, "/failed.xlsx") : NULL);
    value_set_text(o, "list_href", back_href(c, job));
    return o;
}

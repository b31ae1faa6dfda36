/* resource_import.c - the walk over a file: each row is read, judged, and in an import written.
 *
 * One file of N rows costs: one lookup of the stored row and one write a row, one query per distinct text of a reference, statement
 * texts built once. What a row needs lies in a pool that is emptied after the row, so memory does not grow with the file except for 16
 * bytes a row that find repeated keys.
 *
 * Importing skips bad rows with a savepoint around each row. All-or-nothing needs none: from the first bad row on nothing is written any
 * more, the rest is only judged, and the transaction is rolled back. */
#include "base/i18n.h"
#include "resource/resource_import_job.h"
#include "resource/resource_import_walk.h"
#include "service/audit.h"
#include <assert.h>
#include <string.h>
#include <talloc.h>

enum { POOL_BYTES = 256 * 1024 };

static Error *load_units(Import *im) {
    const Resource *res = im->task->res;
    const Actor *a = im->c->actor;
    Rows *rows;
    size_t n = 0, room = 64;
    im->limited = !a->system && a->scope != SCOPE_ALL && (res->scope_owner || res->scope_unit);
    if (!im->limited) return NULL;
    int64_t *units = talloc_array(im->c->mem, int64_t, room);
    TRY(db_query(im->c, &rows, "SELECT unit_id FROM visible_unit WHERE account_id = $1", V(a->account_id)));
    while (rows_next(rows)) {
        if (n == room) units = talloc_realloc(im->c->mem, units, int64_t, room *= 2);
        units[n++] = row_int(rows, 0);
    }
    im->units = units, im->unit_count = n;
    return rows_done(rows);
}

static void prepare_cells(Import *im) {
    const ImportPlan *plan = &im->result->plan;
    im->cells = talloc_zero_array(im->c->mem, CellReader, plan->count + 1);
    im->named.mem = im->keys.mem = im->c->mem;
    for (size_t i = 0; i < plan->count; i++) {
        const Field *f = plan->columns[i].field;
        im->cells[i] = (CellReader){.field = f, .res = im->task->res, .dry = !im->write, .known.mem = im->c->mem, .named = &im->named};
        if (f && f->kind == F_REF && f->target == im->task->res) im->names_rows = true;
    }
}

/* One row for the whole import. */
static Error *audit(Import *im) {
    const ImportResult *res = im->result;
    Text *t = text_new(im->c->mem, 4096);
    const struct {
        const char *name;
        int64_t n;
    } counts[] = {{"rows", res->rows}, {"added", res->added}, {"updated", res->changed}, {"unchanged", res->same}, {"bad", res->bad}};
    const char *name = im->task->name ? text_cut(im->c->mem, im->task->name, 200) : "", *sum = im->task->sha256 ? im->task->sha256 : import_sha256(im->c, &im->task->file);
    text_add(t, "{\"file\":[null,");
    text_add_json(t, name, strlen(name));
    text_addf(t, "],\"sha256\":[null,\"%s\"]", sum);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) text_addf(t, ",\"%s\":[null,%lld]", counts[i].name, (long long)counts[i].n);
    text_add_char(t, '}');
    return audit_record(im->c, "import", im->task->res->table, im->task->job_id, t->data);
}

/* Before the rows of a RowReader. */
static Error *begin_reading(Import *im) {
    const RowReader *reader = im->task->res->reader;
    ImportPlan *plan = &im->result->plan;
    Msg many = {.id = N_("At most {1} rows"), .args = {talloc_asprintf(im->c->mem, "%d", IMPORT_AT_ONCE)}};
    if (plan->rows > IMPORT_AT_ONCE) plan->problem = msg_text(im->c->mem, im->c->lang, &many);
    return plan->problem ? NULL : reader->begin(im->c, im->task, plan, &im->reading);
}

static Error *end_reading(Import *im) {
    const RowReader *reader = im->task->res->reader;
    ImportLine line = {.import = im};
    return reader->end && !im->result->bad ? reader->end(im->c, im->reading, &line) : NULL;
}

static Error *walk(Ctx *c, const ImportTask *task, ImportResult *ret, bool write) {
    Import *im = talloc_zero(c->mem, Import);
    *ret = (ImportResult){0};
    TRY(import_plan(c, task, &ret->plan));
    *im = (Import){.c = c, .turns = *c, .task = task, .result = ret, .write = write};
    im->turns.mem = talloc_pool(c->mem, POOL_BYTES);
    im->saver = (Saver){.res = task->res, .guarded = true, .fields = ret->plan.fields, .n = ret->plan.field_count, .lasting = c};
    /* A single import of a year's rows must not bury the audit log: beyond this number the one row of the import, with the file's SHA-256,
     * stands for them. */
    im->saver.quiet = ret->plan.rows > IMPORT_AUDITED_ROWS;
    im->blank = resource_new_row(c, task->res, im->saver.fields, im->saver.n);
    im->given = talloc_zero_array(c->mem, bool, im->saver.n + 1);
    prepare_cells(im);
    TRY(load_units(im));
    if (task->res->reader) TRY(begin_reading(im));
    if (write && ret->plan.problem) return err_invalid(c, "{1}", ret->plan.problem);
    if (task->res->reader && ret->plan.problem) return NULL;
    Rows *snapshot = NULL;
    /* An unfinished query keeps SQLite's read transaction open: the check sees one state of the database, and a million lookups take no
     * million file locks (a third of the time). */
    if (!c->tx) TRY(db_one(c, &snapshot, "SELECT count(*) FROM setting"));
    Error *e = sheet_read(c, &task->file, import_row, im);
    Error *closed = snapshot ? rows_done(snapshot) : NULL;
    if (!e) e = closed;
    if (e && !im->stopped) return e;
    if (task->res->reader) TRY(end_reading(im));
    if (!write) return NULL;
    if (task->mode == IMPORT_ALL && ret->bad)
        return err_invalid(c, N_("{1} of {2} rows have errors. Nothing was imported"), talloc_asprintf(c->mem, "%lld", (long long)ret->bad),
                           talloc_asprintf(c->mem, "%lld", (long long)ret->plan.rows));
    return audit(im);
}

typedef struct Apply {
    const ImportTask *task;
    ImportResult *result;
    bool checked;
} Apply;

/* The rows are written, and then the transaction is taken back. */
static Error *check_tx(Ctx *c, void *arg) {
    Apply *a = arg;
    a->checked = false;
    TRY(walk(c, a->task, a->result, false));
    a->checked = true;
    return err_conflict(c, "checked");
}

Error *import_analyse(Ctx *c, const ImportTask *task, ImportResult *ret) {
    Apply a = {.task = task, .result = ret};
    if (!task->res->reader) return walk(c, task, ret, false);
    assert(!c->tx);
    Error *e = db_tx(c, check_tx, &a);
    return e && a.checked && e->status == 409 ? NULL : e;
}

static Error *apply_tx(Ctx *c, void *arg) {
    Apply *a = arg;
    return walk(c, a->task, a->result, true);
}

Error *import_apply(Ctx *c, const ImportTask *task, ImportResult *ret) {
    Apply a = {.task = task, .result = ret};
    return db_tx(c, apply_tx, &a);
}

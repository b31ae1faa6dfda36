/* resource_import_row.c - one row of an import: read, judged, written, and what is said of it. */
#include "base/i18n.h"
#include "resource/resource_import_walk.h"
#include <string.h>
#include <talloc.h>

enum { PROGRESS_ROWS = 512, SHOWN_CHARS = 60 };

typedef struct Turn {
    Ctx *c;
    int64_t number;
    const char *const *cells;
    size_t count;
    void *row, *old;
    Error *errors;
    bool nothing;      /* import_row took back all that was given: the row is passed over */
    bool later;        /* refers to a row of this file that is not written yet: no more can be said in a dry run */
    ImportState state;
} Turn;

/* ---- what is said of a row ---- */

static const char *const no_cells[1] = {""};

static const Field *field_named(const Import *im, const char *name) {
    for (size_t i = 0; i < im->saver.n; i++)
        if (!strcmp(im->saver.fields[i].name, name) || !strcmp(field_column(&im->saver.fields[i]), name)) return &im->saver.fields[i];
    return NULL;
}

/* Column of the file that a field error is about; -1 if none. */
static int column_of(const Import *im, const Field *f) {
    for (size_t i = 0; f && i < im->result->plan.count; i++)
        if (im->result->plan.columns[i].field == f) return (int)i;
    return -1;
}

static void add_error(Import *im, int64_t row, const char *column, const char *message) {
    ImportResult *res = im->result;
    res->error_count++;
    if (res->kept == IMPORT_KEPT_ERRORS) return;
    if (!res->errors) res->errors = talloc_array(im->c->mem, ImportError, IMPORT_KEPT_ERRORS);
    res->errors[res->kept++] =
        (ImportError){.row = row, .column = talloc_strdup(im->c->mem, column), .message = talloc_strdup(im->c->mem, message)};
}

static Error *tell_bad(Import *im, Turn *t, ImportRow *shown) {
    const Error *e = t->errors;
    const char *own = e->fields ? NULL : msg_text(t->c->mem, t->c->lang, &e->message);
    Text *reason = text_new(t->c->mem, 16 * 1024);
    t->state = ROW_BAD;
    im->result->bad++;
    if (own) {
        add_error(im, t->number, "", own);
        text_add(reason, own);
        if (shown) shown->message = talloc_strdup(im->c->mem, own);
    }
    for (const FieldError *f = e->fields; f; f = f->next) {
        const Field *field = field_named(im, f->field);
        int column = column_of(im, field);
        const char *text = msg_text(t->c->mem, t->c->lang, &f->message);
        const char *heading = column >= 0 ? im->result->plan.columns[column].heading : field ? field_label(t->c, field) : f->field;
        add_error(im, t->number, heading, text);
        text_addf(reason, "%s%s: %s", reason->len ? "; " : "", heading, text);
        if (shown && column >= 0 && !shown->cell_errors[column])
            shown->cell_errors[column] = talloc_strdup(im->c->mem, text);
        else if (shown && !shown->message)
            shown->message = talloc_asprintf(im->c->mem, "%s: %s", heading, text);
    }
    return im->task->bad_row ? im->task->bad_row(t->c, im->task->arg, t->number, t->cells, t->count, reason->data) : NULL;
}

static ImportRow *show(Import *im, const Turn *t) {
    ImportResult *res = im->result;
    size_t columns = res->plan.count;
    if (res->shown_count == IMPORT_SHOWN_ROWS) return NULL;
    if (!res->shown) res->shown = talloc_zero_array(im->c->mem, ImportRow, IMPORT_SHOWN_ROWS);
    ImportRow *row = &res->shown[res->shown_count++];
    row->number = t->number;
    row->cells = talloc_array(im->c->mem, const char *, columns + 1);
    row->cell_errors = talloc_zero_array(im->c->mem, const char *, columns + 1);
    for (size_t i = 0; i < columns; i++) row->cells[i] = talloc_strdup(im->c->mem, i < t->count ? text_cut(t->c->mem, t->cells[i], SHOWN_CHARS) : "");
    return row;
}

static void count_row(Import *im, const Turn *t) {
    ImportResult *res = im->result;
    if (t->state == ROW_UNKNOWN && im->task->res->reader) return;
    res->rows++;
    if (t->state != ROW_BAD && t->state != ROW_UNKNOWN) res->good++;
    if (t->state == ROW_NEW) res->added++;
    if (t->state == ROW_CHANGED) res->changed++;
    if (t->state == ROW_SAME) res->same++;
}

/* ---- judging ---- */

static Error *read_cells(Import *im, Turn *t, void *row) {
    memset(im->given, 0, im->saver.n * sizeof *im->given);
    for (size_t i = 0; i < im->result->plan.count; i++) {
        CellReader *r = &im->cells[i];
        if (!r->field) continue;
        bool given = false;
        TRY(cell_read(t->c, r, i < t->count ? t->cells[i] : "", row, &t->errors, &given, &t->later));
        im->given[r->field - im->saver.fields] = given;
    }
    return NULL;
}

/* A row with bad cells is not judged further, but what is missing is told at once too. */
static void add_missing(Import *im, Turn *t, const void *row) {
    for (size_t i = 0; i < im->saver.n; i++) {
        const Field *f = &im->saver.fields[i];
        bool told = !(f->flags & REQUIRED) || !import_takes(f) || !im->given[i] || !field_is_empty(f, row);
        for (const FieldError *e = t->errors->fields; e && !told; e = e->next) told = !strcmp(e->field, f->name);
        if (!told) err_add_field(t->c, &t->errors, f->name, N_("This is required"));
    }
}

static void give(const Import *im, const void *from, void *to) {
    for (size_t i = 0; i < im->saver.n; i++)
        if (im->given[i]) field_copy(&im->saver.fields[i], from, to);
}

/* The stored row with what the file says; fields fixed at creation must not differ. */
static void merge(Import *im, Turn *t, const void *from) {
    for (size_t i = 0; i < im->saver.n; i++) {
        const Field *f = &im->saver.fields[i];
        if (!im->given[i]) continue;
        if (!(f->flags & CREATE_ONLY))
            field_copy(f, from, t->row);
        else if (!field_equal(f, from, t->old))
            err_add_field(t->c, &t->errors, f->name, N_("This cannot be changed afterwards"));
    }
    ((ResourceRow *)t->row)->version = 0;
}

/* May the actor change this stored row? */
static Error *check_old(Import *im, Turn *t) {
    const Resource *res = im->task->res;
    void *seen;
    if (!may(t->c, res->access.update)) return err_denied(t->c, N_("There is already such an entry, and you may not change it"));
    if (im->limited) TRY(resource_load(t->c, res, ((ResourceRow *)t->old)->id, &seen));
    return NULL; /* one that may no longer be edited must come out as it is: saver_check */
}

/* As the store will see it once the row is written: within what the actor sees? Decided there if the columns are no fields. */
static bool in_scope(const Import *im, const void *row) {
    const Resource *res = im->task->res;
    const Actor *a = im->c->actor;
    if (!im->limited) return true;
    const Field *owner = res->scope_owner ? field_named(im, res->scope_owner) : NULL, *unit = res->scope_unit ? field_named(im, res->scope_unit) : NULL;
    if ((res->scope_owner && !owner) || (res->scope_unit && !unit)) return true;
    if (owner && *(const int64_t *)((const char *)row + owner->offset) == a->employee_id) return true;
    for (size_t i = 0; unit && a->scope != SCOPE_OWN && i < im->unit_count; i++)
        if (*(const int64_t *)((const char *)row + unit->offset) == im->units[i]) return true;
    return false;
}

static Error *check_repeat(Import *im, Turn *t) {
    uint64_t hash = key_hash(im->task->res, im->saver.fields, im->saver.n, t->row);
    if (!hash) return NULL;
    int64_t first = *key_map_at(&im->keys, hash, t->number);
    return first == t->number ? NULL : err_invalid(t->c, N_("This repeats row {1}"), talloc_asprintf(t->c->mem, "%lld", (long long)first));
}

static bool says_nothing(const Import *im) {
    for (size_t i = 0; i < im->saver.n; i++)
        if (im->given[i]) return false;
    return true;
}

/* Leaves t->row as it is to be saved; an error about the row itself is returned too. */
static Error *judge(Import *im, Turn *t) {
    const Resource *res = im->task->res;
    void *from = talloc_memdup(t->c->mem, im->blank, res->size);
    TRY(read_cells(im, t, from));
    if (t->errors) add_missing(im, t, from);
    if (t->errors) return t->errors;
    /* While writing, in the arena of the whole: what a hook registers with db_after_commit must not go with the row. */
    if (res->import_row) TRY(res->import_row(im->write ? im->c : t->c, im->saver.fields, im->saver.n, im->given, from));
    t->nothing = res->import_row && says_nothing(im);
    if (t->nothing) return NULL;
    t->row = talloc_memdup(t->c->mem, im->blank, res->size);
    if (res->defaults) res->defaults(t->c, t->row);
    give(im, from, t->row);
    TRY(check_repeat(im, t));
    TRY(saver_find(t->c, &im->saver, t->row, &t->old));
    if (!t->old) return NULL;
    TRY(check_old(im, t));
    t->row = talloc_memdup(t->c->mem, t->old, res->size);
    merge(im, t, from);
    return t->errors;
}

static Error *foresee(Import *im, Turn *t) {
    bool changed = true;
    if (t->nothing) {
        t->state = ROW_SAME;
        return NULL;
    }
    if (!t->later) TRY(saver_check(t->c, &im->saver, t->old, t->row, &changed));
    if (!t->later && changed && !in_scope(im, t->row)) return err_denied(t->c, N_("You can only enter this for yourself or your own team"));
    t->state = !t->old ? ROW_NEW : changed ? ROW_CHANGED : ROW_SAME;
    return NULL;
}

/* ---- writing ---- */

static Error *save(Import *im, Turn *t) {
    bool changed = false;
    if (!t->nothing) TRY(saver_save(t->c, &im->saver, t->old, t->row, NULL, &changed));
    t->state = t->nothing ? ROW_SAME : !t->old ? ROW_NEW : changed ? ROW_CHANGED : ROW_SAME;
    return NULL;
}

static bool is_about_row(const Error *e) {
    return e->status < 500;
}

static Error *judge_and_save(Import *im, Turn *t) {
    TRY(judge(im, t));
    return save(im, t);
}

/* Around judging too, for import_row may write. */
static Error *save_or_undo(Import *im, Turn *t) {
    TRY(db_exec(t->c, "SAVEPOINT import_row"));
    Error *e = judge_and_save(im, t);
    if (e && is_about_row(e)) TRY(db_exec(t->c, "ROLLBACK TO SAVEPOINT import_row"));
    if (!e || is_about_row(e)) TRY(db_exec(t->c, "RELEASE SAVEPOINT import_row"));
    return e;
}

static Error *settle(Import *im, Turn *t) {
    if (im->result->plan.problem) return NULL;
    if (im->task->res->reader) {
        ImportLine line = {im, t->number, t->cells, t->count};
        return import_read_line(im, t->c, &line, &t->state);
    }
    if (im->write && im->task->mode == IMPORT_SKIP) return save_or_undo(im, t);
    Error *e = judge(im, t);
    if (!e) e = im->write && !im->result->bad ? save(im, t) : foresee(im, t);
    /* PostgreSQL answers nothing more in a transaction in which a statement failed. */
    if (e && e->detail && im->write && db_engine(t->c->db) == DB_POSTGRES) im->stopped = true;
    return e;
}

/* A new row can be referred to by the rows below it. */
static void remember_names(Import *im, const Turn *t) {
    for (size_t i = 0; im->names_rows && t->state == ROW_NEW && i < im->saver.n; i++) {
        const Field *f = &im->saver.fields[i];
        if (f->flags & (KEY | PRIMARY) && f->kind == F_TEXT && !field_is_empty(f, t->row))
            *text_map_at(&im->named, *(const char *const *)((const char *)t->row + f->offset), 1, NULL) = 1;
    }
}

static Error *one_row(Import *im, Turn *t) {
    ImportRow *shown = show(im, t);
    Error *e = settle(im, t);
    if (e && !is_about_row(e)) return e;
    t->errors = e;
    if (e) TRY(tell_bad(im, t, shown));
    else remember_names(im, t);
    count_row(im, t);
    if (shown) shown->state = t->state;
    return NULL;
}

Error *import_row(Ctx *c, void *arg, int64_t number, const char *const *cells, size_t count) {
    Import *im = arg;
    if (number <= im->result->plan.heading_row) return NULL;
    Turn t = {.c = ctx_child(&im->turns), .number = number, .cells = count ? cells : no_cells, .count = count};
    Error *e = one_row(im, &t);
    if (e) e = err_copy(im->c->mem, e);
    ctx_done(t.c);
    if (!e && im->task->progress && im->result->rows % PROGRESS_ROWS == 0) im->task->progress(im->c, im->task->arg, im->result->rows);
    if (!e && im->stopped) return err_invalid(c, N_("The import was stopped"));
    return e;
}

/* target_cells.c - POST /targets/cells: changed cells of drafts are saved all together or not at all. */
#include "base/i18n.h"
#include "modules/target/target_change.h"
#include <string.h>
#include <talloc.h>

typedef struct Work {
    Grid grid;
    CellChanges changes;
} Work;

/* All cells of one target, which stand together: from list[i] up to the next. Returns where that is. */
static Error *write_target(Ctx *c, const Work *w, size_t *i) {
    const CellChange *first = &w->changes.list[*i], *cell = first, *end = w->changes.list + w->changes.count;
    Target t;
    TRY(target_load(c, w->grid.m, w->grid.year, first->scope, TARGET_DRAFT, &t));
    if (t.inherited) target_clear(&t);
    int64_t floor = t.floor;
    for (; cell < end && cell->scope.kind == first->scope.kind && cell->scope.id == first->scope.id; cell++)
        *(cell->month == TARGET_FLOOR ? &floor : &t.months.n[cell->tier][cell->month]) = cell->value;
    *i += (size_t)(cell - first);
    TRY(target_set_months(c, w->grid.m, w->grid.year, first->scope, &t.months));
    return floor == t.floor ? NULL : target_set_floor(c, w->grid.m, w->grid.year, first->scope, floor);
}

static Error *save_tx(Ctx *c, void *arg) {
    Work *w = arg;
    TRY(target_changes_check(c, &w->changes, TARGET_DRAFT));
    for (size_t i = 0; i < w->changes.count;) {
        const CellChange *first = &w->changes.list[i];
        Error *e = write_target(c, w, &i);
        if (e && e->status == 409) err_add_field(c, &e, first->field, e->message.id); /* in force, or waiting: the message goes to its cell */
        if (e) return e;
    }
    return NULL;
}

static Error *saved(Req *r, void *arg) {
    const Work *w = arg;
    Msg done = {.id = w->changes.count ? N_("Saved") : N_("Nothing was changed")};
    const char *back = req_form(r, "back");
    if (!r->wants_json) return respond_done(r, back && text_starts(back, "/targets") ? back : target_grid_href(&r->c, &w->grid, NULL), "success", done);
    Value o = value_object(r->c.mem);
    value_set_int(o, "saved", (int64_t)w->changes.count);
    if (!r->bearer) respond_flash(r, "success", done);
    return respond_json(r, 200, o);
}

static Error *failed(Req *r, void *arg, Error *e) {
    Work *w = arg;
    if (e->status != 422 && e->status != 409) return e;
    if (r->wants_json) return target_changes_refused(r, &w->changes, e);
    w->grid.view = TARGET_DRAFT, w->grid.choose_view = false;
    TRY(target_grid_load(&r->c, &w->grid));
    return target_grid_answer(r, e->status, &w->grid, e, NULL);
}

static Error *save(Req *r) {
    Work *w = talloc_zero(r->c.mem, Work);
    TRY(target_grid_read(r, true, &w->grid));
    Error *e = target_changes_read(r, &w->grid, &w->changes);
    return e ? failed(r, w, e) : req_commit_or(r, save_tx, w, saved, failed);
}

const Route target_cell_routes[] = {
    {POST, "/targets/cells", ROLE_LEADERS, save, N_("Save changed cells of draft targets"), 0},
    {0},
};

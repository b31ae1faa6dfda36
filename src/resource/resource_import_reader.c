/* resource_import_reader.c - rows that the resource's module reads itself: one savepoint a row, and what is said of it. */
#include "base/i18n.h"
#include "resource/resource_import_walk.h"
#include <string.h>
#include <talloc.h>

int64_t import_line_number(const ImportLine *line) {
    return line->number;
}

static int column_of(const ImportPlan *plan, const char *field) {
    for (size_t i = 0; i < plan->count; i++)
        if (plan->columns[i].field && !strcmp(plan->columns[i].field->name, field)) return (int)i;
    return -1;
}

const char *import_line_cell(const ImportLine *line, const char *field) {
    int i = column_of(&line->import->result->plan, field);
    return i < 0 ? NULL : (size_t)i < line->count ? line->cells[i] : "";
}

void import_line_note(Ctx *c, const ImportLine *line, ImportNoteKind kind, const char *field, Msg message) {
    ImportResult *res = line->import->result;
    void *mem = line->import->c->mem;
    int column = field ? column_of(&res->plan, field) : -1;
    if (res->note_count == IMPORT_KEPT_ERRORS) return;
    if (!res->notes) res->notes = talloc_array(mem, ImportNote, IMPORT_KEPT_ERRORS);
    res->notes[res->note_count++] = (ImportNote){.row = line->number, .kind = kind, .column = column < 0 ? "" : res->plan.columns[column].heading,
                                                 .message = talloc_strdup(mem, msg_text(c->mem, c->lang, &message))};
}

/* The note of a row that is then refused would promise what does not happen. */
Error *import_read_line(Import *im, Ctx *c, const ImportLine *line, ImportState *ret) {
    Ctx own = *c;
    size_t notes = im->result->note_count;
    /* what a hook registers with db_after_commit must not go with the row */
    own.mem = im->c->mem, own.tx = im->c->tx;
    TRY(db_exec(&own, "SAVEPOINT import_row"));
    Error *e = im->task->res->reader->row(&own, im->reading, line, ret);
    if (e && e->status < 500) TRY(db_exec(&own, "ROLLBACK TO SAVEPOINT import_row"));
    if (!e || e->status < 500) TRY(db_exec(&own, "RELEASE SAVEPOINT import_row"));
    if (e) im->result->note_count = notes;
    return e;
}

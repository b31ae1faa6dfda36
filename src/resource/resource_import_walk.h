/* resource_import_walk.h - the state of one walk over a file. Private to resource_import.c and resource_import_row.c. */
#pragma once
#include "resource/resource_import_cell.h"
#include "resource/resource_store.h"

typedef struct Import {
    Ctx *c;    /* the caller's: what stays hangs here */
    Ctx turns; /* parent of each row's context */
    const ImportTask *task;
    ImportResult *result;
    Saver saver;
    CellReader *cells; /* by column of the file; field NULL: ignored */
    KeyMap keys;
    TextMap named;     /* titles and keys of new rows, if a field refers to the resource itself */
    bool names_rows;
    void *blank;
    bool *given;       /* by field */
    bool write, limited, stopped;
    void *reading;     /* of the resource's RowReader */
    const int64_t *units; /* that a limited actor sees */
    size_t unit_count;
} Import;

struct ImportLine {
    Import *import;
    int64_t number;
    const char *const *cells;
    size_t count;
};
/* A row for the resource's RowReader, in a savepoint of its own. */
Error *import_read_line(Import *im, Ctx *c, const ImportLine *line, ImportState *ret) MUST_USE;

/* A row below the headings: read, judged, counted and, in an import, written. arg is the Import. */
Error *import_row(Ctx *c, void *arg, int64_t number, const char *const *cells, size_t count) MUST_USE;

/* sheet.h - spreadsheets in and out: XLSX and CSV as rows of text cells, streaming and with hard limits (reliability.md 2.5). */
#pragma once
#include "base/ctx.h"
#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SHEET_MAX_BYTES = 20 * 1024 * 1024, /* of an upload */
    SHEET_MAX_ROWS = 200000,            /* of an XLSX; a CSV from the command line may hold 2,000,000 */
    SHEET_MAX_COLUMNS = 512,
    SHEET_MAX_CELL = 32767              /* characters */
};

/* One row: count cells as clean UTF-8 text, "" where empty. Dates come as "2026-01-02" or "2026-01-02 15:04:05", numbers in plain
 * notation without exponent, booleans as 1 and 0, formulas as their cached value. Cells are valid only during the call.
 * number is the row's number in the file, 1 for the first. Return an error to stop. */
typedef Error *(*SheetRow)(Ctx *c, void *arg, int64_t number, const char *const *cells, size_t count);

typedef struct SheetFile {
    const void *data; /* the whole file in memory or mapped */
    size_t size;
    int64_t max_rows; /* 0 = SHEET_MAX_ROWS */
} SheetFile;

/* Reads the first sheet of an XLSX, a CSV (UTF-8 with or without BOM, UTF-16 with BOM, else GB18030; delimiter , ; or TAB), or a
 * "fake .xls" (HTML table or tab text). The kind is told by content, not by name. Expected failures: 413 (a limit), 422 (not a
 * spreadsheet, encrypted, damaged; the message says which and, where it can, the row). Wholly empty rows are passed over. */
Error *sheet_read(Ctx *c, const SheetFile *file, SheetRow row, void *arg) MUST_USE;

typedef struct SheetWriter SheetWriter;
typedef enum SheetCellKind { CELL_TEXT, CELL_INT, CELL_MONEY, CELL_DATE, CELL_TIME } SheetCellKind;
typedef struct SheetColumn {
    const char *heading;
    SheetCellKind kind;
    bool required;              /* the template marks it with * */
    const char *const *choices; /* drop-down of the template; NULL-terminated; may be NULL */
    const char *hint;           /* line on the 填写说明 sheet; may be NULL */
} SheetColumn;

/* Starts a workbook in a temporary file, constant memory: bold frozen heading row, column widths by kind. The notes, if not NULL, become
 * a second sheet named notes_title with one line per column (the import template). */
Error *sheet_writer_new(Ctx *c, const char *sheet_name, const SheetColumn *columns, size_t count, const char *notes_title, SheetWriter **ret_w) MUST_USE;
/* Cells of the current row, left to right; text that begins with = + - @ is written as a string, never as a formula. */
void sheet_put_text(SheetWriter *w, const char *s);
void sheet_put_int(SheetWriter *w, int64_t n);
void sheet_put_money(SheetWriter *w, int64_t fen);
void sheet_put_date(SheetWriter *w, int32_t day);     /* DATE_NONE leaves the cell empty */
void sheet_put_time(SheetWriter *w, int64_t instant); /* local wall clock; INSTANT_NONE leaves it empty */
void sheet_put_empty(SheetWriter *w);
void sheet_next_row(SheetWriter *w);
/* Finishes; *ret_path is the temporary file, owned by the caller's arena (a destructor removes it with the arena). */
Error *sheet_writer_close(SheetWriter *w, const char **ret_path) MUST_USE;

/* CSV cell with RFC 4180 quoting and the formula guard (a leading apostrophe before = + - @ TAB CR and their full-width forms). */
struct Text;
void sheet_csv_cell(struct Text *out, const char *s, bool first);

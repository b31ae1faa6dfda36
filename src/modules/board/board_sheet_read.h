/* board_sheet_read.h - one sheet on its way back in. Private to board_sheet_read.c and board_sheet_rows.c. */
#pragma once
#include "modules/board/board_private.h"
#include "modules/board/board_sheet_rules.h"
#include "modules/report/report.h"
#include "resource/resource_import.h"

enum { SHEET_METRICS = 40 }; /* columns of metrics that are read */

typedef struct RawRow {
    int64_t number;
    char **cells;
    size_t count;
} RawRow;

typedef struct SheetRead {
    const char *sheet;
    Board b;
    Instant seen;            /* when the sheet went out or, if it does not say, was uploaded; INSTANT_NONE: with this call */
    const ImportPlan *plan;
    RawRow *rows;            /* below the headings */
    size_t row_count;
    BoardLine *lines;        /* whose rows may be there */
    size_t line_count;
    int64_t *taken;          /* by line, then the total: the number of its row; 0 none yet */
    int64_t target_sum;      /* of the rows that say one */
    size_t with_target;
    Sums *days;              /* tracking: what is known of each day */
    int day_count;
    int64_t day_rows[31];
    int64_t so_far, so_far_rows;
    int64_t metric_rows[200]; /* comparison, by place in the dictionary */
    bool stated;             /* comparison: the actuals of all rows have been tried */
    MonthEdited edited;
    Error *refused;
} SheetRead;

Error *sheet_team_row(Ctx *c, void *state, const ImportLine *line, ImportState *ret) MUST_USE;
Error *sheet_tracking_row(Ctx *c, void *state, const ImportLine *line, ImportState *ret) MUST_USE;
Error *sheet_comparison_row(Ctx *c, void *state, const ImportLine *line, ImportState *ret) MUST_USE;
Error *sheet_team_end(Ctx *c, void *state, const ImportLine *line) MUST_USE;
const char *sheet_raw_cell(const SheetRead *x, const RawRow *row, const char *field); /* "" if there is none */
bool sheet_is_total(Ctx *c, const SheetRead *x, const char *name);
bool sheet_row_is_about(Ctx *c, const RawRow *row, SheetAbout *ret);

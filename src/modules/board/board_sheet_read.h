/* board_sheet_read.h - one sheet on its way back in. Private to board_sheet_read.c, _rows.c, _team.c and _one.c. */
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

/* An actual that differs from what the sheet would show; told of once it is known what becomes of it. */
typedef struct Said {
    const char *field;
    const Metric *m;
    int64_t whole;
    Ratio shown;
} Said;

typedef struct SheetRowRead {
    SheetRead *x;
    const ImportLine *line;
    ImportState *state;
    MetricScope scope;
    Error *errors;
    MonthEdit edit;
    ReportLine counts[SHEET_METRICS];
    Said said[SHEET_METRICS];
    size_t said_count;
} SheetRowRead;

/* ---- board_sheet_rows.c: cells, and what edited ones mean ---- */
/* Clean; "" if the sheet has no such column. */
const char *sheet_cell(Ctx *c, const SheetRowRead *row, const char *field);
bool sheet_column_wan(Ctx *c, const SheetRead *x, const char *field);
/* INT_NONE for a cell that says nothing, or is wrong: then an error waits in the row. */
int64_t sheet_number(Ctx *c, SheetRowRead *row, const char *field, const Metric *m, bool wan);
const char *sheet_text(Ctx *c, const SheetRead *x, const Metric *m, Ratio value);
const char *sheet_whole_text(Ctx *c, const SheetRead *x, const Metric *m, int64_t whole);
void sheet_note(Ctx *c, const SheetRowRead *row, ImportNoteKind kind, const char *field, const char *msgid, const char *a, const char *b);
/* What a function says of the whole row belongs to one cell. */
Error *sheet_at_cell(Ctx *c, Error *e, const char *field) MUST_USE;
/* The month's target of row->scope; INT_NONE says nothing. */
Error *sheet_take_target(Ctx *c, SheetRowRead *row, const Metric *m, bool wan, int64_t whole) MUST_USE;
/* An actual: into row->said and row->edit if it differs from what the sheet shows. */
void sheet_say(Ctx *c, SheetRowRead *row, const char *field, const Metric *m, bool wan, int64_t whole, Ratio shown);
void sheet_tell_actuals(Ctx *c, SheetRowRead *row, const MonthEdited *done);
void sheet_begin_edit(SheetRowRead *row);
bool sheet_says_something(const MonthEdit *e);
Error *sheet_take_texts(Ctx *c, SheetRowRead *row) MUST_USE;
void sheet_tell_texts(Ctx *c, SheetRowRead *row, const MonthEdited *done);
/* 完成率 and 同比 of the row itself: never read, but what contradicts the row's own numbers is told. */
Error *sheet_check_rates(Ctx *c, SheetRowRead *row, const Metric *m, int64_t target, Ratio actual) MUST_USE;
/* Begins to read a line by the cell that names it; 422 if that is empty. *ret is NULL for blank lines and the line that says what the sheet is about. */
Error *sheet_begin_row(Ctx *c, void *state, const ImportLine *line, ImportState *state_of_row, const char *field, SheetRowRead **ret, const char **ret_cell) MUST_USE;
Error *sheet_take_place(Ctx *c, int64_t *taken, const SheetRowRead *row, const char *field) MUST_USE;

/* ---- the rows of each sheet ---- */
Error *sheet_team_row(Ctx *c, void *state, const ImportLine *line, ImportState *ret) MUST_USE;
Error *sheet_tracking_row(Ctx *c, void *state, const ImportLine *line, ImportState *ret) MUST_USE;
Error *sheet_comparison_row(Ctx *c, void *state, const ImportLine *line, ImportState *ret) MUST_USE;
Error *sheet_team_end(Ctx *c, void *state, const ImportLine *line) MUST_USE;
const char *sheet_raw_cell(const SheetRead *x, const RawRow *row, const char *field); /* "" if there is none */
bool sheet_is_total(Ctx *c, const SheetRead *x, const char *name);
bool sheet_row_is_about(Ctx *c, const RawRow *row, SheetAbout *ret);

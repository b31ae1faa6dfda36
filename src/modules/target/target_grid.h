/* target_grid.h - what one page of targets shows: a target of its own, what stands directly below it, their sum and the rest. */
#pragma once
#include "modules/target/target_cell.h"
#include "modules/target/target_private.h"

typedef struct GridRow {
    Target t;
    Ratio actual[TARGET_MONTHS], so_far; /* so_far: of the year up to today */
    bool may_set;                        /* the reader's business (target_may_set) */
} GridRow;

typedef enum GridShow { SHOW_TARGET, SHOW_ACTUAL, SHOW_RATE } GridShow; /* what stands below each month */

typedef struct Grid {
    const Metrics *all;
    const Metric *m;
    int64_t year;
    int fiscal_month, now_month; /* now_month: of today in this year, 0..11; 12 after it, -1 before */
    TargetTier tier;
    TargetView view;
    bool choose_view;  /* none was asked for */
    GridShow show;
    bool revise;       /* targets in force are being changed, to be submitted */
    int from_month;    /* of the revision */
    MetricScope top;
    bool members;      /* below are members of `dimension`, not units and people */
    DimensionKind dimension;
    GridRow own;
    GridRow *rows;
    size_t count;
    Target sum, rest;  /* months of `tier` only; none where nothing is summed */
    int64_t days, of;  /* working days of the year that have passed, and all */
} Grid;

/* Reads metric, year, tier, view, whose from the query or, where `form` is true, from the posted form. 404 for what the reader does not see. */
Error *target_grid_read(Req *r, bool form, Grid *ret) MUST_USE;
Error *target_grid_load(Ctx *c, Grid *g) MUST_USE;
/* May this cell be changed here? month TARGET_FLOOR: the floor. */
bool target_grid_editable(const Grid *g, const GridRow *row, int month);
/* The page's address with these words changed ("year", "2027", NULL). In c->mem. */
const char *target_grid_href(Ctx *c, const Grid *g, ...) __attribute__((sentinel));
/* target_page.c: answers with the grid; typed values and messages of a refused form stand in it, or proposals (name, value pairs) that are not saved. */
Error *target_grid_answer(Req *r, int status, const Grid *g, const Error *problem, const Pair *proposed) MUST_USE;
/* target_smart.c: adds "checks" to the page. */
Error *target_smart_panel(Ctx *c, const Grid *g, Value model) MUST_USE;

extern const char *const target_tier_codes[], *const target_tier_labels[], *const target_dimension_codes[], *const target_dimension_labels[];
int target_code_find(const char *const *codes, const char *code); /* -1 if there is none */

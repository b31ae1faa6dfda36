/* target_row.h - rows and cells of the grid as models. */
#pragma once
#include "modules/target/target_grid.h"

enum { CELLS = 17, NO_MONTH = -1 }; /* the year, then months with a quarter after each third */

typedef struct Column {
    int month, quarter; /* a month; a quarter with month NO_MONTH; the year with both NO_MONTH */
    const char *name, *title;
} Column;
Column target_column(Ctx *c, const Grid *g, int i);

/* What was typed into a refused form, or what is proposed. */
typedef struct Typed {
    Req *r;
    const Error *problem;
    const Pair *proposed;
} Typed;
/* The message about one input, or NULL. */
const char *target_problem_at(const Typed *typed, const char *name);
Value target_row_model(Ctx *c, const Grid *g, const GridRow *row, bool own, const Typed *typed);
/* The sum of the rows, and the rest that is not split yet: red unless it is 0. */
Value target_sum_model(Ctx *c, const Grid *g, const Target *t, bool rest);

const char *target_percent(Ctx *c, Ratio r); /* "95.00%", "—" */
Value target_percent_json(Ratio r);

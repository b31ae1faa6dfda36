/* target_sheet.h - the columns of the table of personal targets; twelve months follow them. */
#pragma once
#include "modules/target/target_grid.h"

typedef enum SheetPlace {
    SHEET_NAME, SHEET_UNIT, SHEET_METRIC, SHEET_YEAR, SHEET_TIER, SHEET_QUARTER, SHEET_QUARTER_TARGET, SHEET_MONTHLY, SHEET_ACTIONS, SHEET_FLOOR,
    SHEET_COLUMNS
} SheetPlace;
extern const char *const target_headings[SHEET_COLUMNS]; /* N_() */
const char *target_month_heading(Ctx *c, const Grid *g, int month);

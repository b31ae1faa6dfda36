/* board_sheet_rules.h - cells of sheets that come back, without a database: numbers by their heading's unit, rates, and the line that says what a sheet
 * is about. */
#pragma once
#include "modules/metric/metric.h"

/* The line under a sheet: people read its words, we what stands in brackets: "... [team] ... 2026-11-01–2026-11-30 ... [u3] ... [amount] ... [@ms]". */
typedef struct SheetAbout {
    const char *sheet, *metric;
    MetricScope scope;
    Date first, last;
    Instant seen;  /* when it went out */
    bool original; /* against the original targets */
} SheetAbout;
bool sheet_about_read(void *mem, const char *cell, SheetAbout *ret);
const char *sheet_about_tokens(void *mem, const SheetAbout *about); /* " [team] 2026-11-01–2026-11-30 [u3] [amount] [@ms]": what must be in the line */

/* Whether amounts are in 万元: as "(万元)", "(元)", "(10,000 yuan)" or "(yuan)" behind a heading says; otherwise `fallback`. */
bool sheet_heading_wan(void *mem, const char *heading, bool fallback);
/* A heading or name without the unit in brackets behind it. */
const char *sheet_without_unit(void *mem, const char *text);

/* A number cell in whole steps of the metric (metric_whole): "50", "1,200.50", "1.5万", "25%"; INT_NONE for "" and "—". NULL, or the N_() message that says
 * why not. */
const char *sheet_number_read(void *mem, const Metric *m, bool wan, const char *cell, int64_t *ret_whole);
/* Does the cell say what the sheet shows? An amount in 万元 is shown with two decimals and means the exact one behind it. */
bool sheet_shows(const Metric *m, bool wan, int64_t whole, Ratio shown);

/* Does a rate in a cell ("90", "+15", "116%", "0.9" of a percent format) say something else than `right`, at the precision in which it is written? False for
 * an empty cell or an unknown rate. */
bool sheet_rate_contradicts(void *mem, const char *cell, Ratio right);
/* Is a text cell what `pattern` ("{1}: ahead of {2}%", translated) makes of the name and some number? */
bool sheet_is_hint(const char *cell, const char *pattern, const char *name);

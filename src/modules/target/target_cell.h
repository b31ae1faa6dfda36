/* target_cell.h - one cell of the grid: its address, and its value as people write it and as people read it. */
#pragma once
#include "modules/target/target.h"

/* More would let sums of a company overflow: 10^13 yuan. */
#define TARGET_MAX INT64_C(1000000000000000)
enum { TARGET_FLOOR = TARGET_MONTHS }; /* as a month: the floor beside the twelve */

/* "u12" a unit, "p5" a person, "d3" a member of a dimension. */
const char *target_key(Ctx *c, MetricScope scope);
bool target_key_read(const char *key, MetricScope *ret);

/* Decimals of a value: 2 for amounts, percents and averages, 0 for counts. */
int target_decimals(const Metric *m);
/* Reads "1,200", "1.5万", "１２００", "90%", "≥90", "5家" into *ret; empty text is INT_NONE. NULL if it is good, else the N_() message that says why not. */
const char *target_cell_read(Ctx *c, const Metric *m, const char *text, int64_t *ret);
/* For programs: "1200.50", "" for none. Both decimals or none. */
const char *target_cell_plain(Ctx *c, const Metric *m, int64_t n);
const char *target_cell_typed(Ctx *c, const Metric *m, int64_t n); /* "1,200" "1,200.50" "90": in an input */
const char *target_cell_text(Ctx *c, const Metric *m, int64_t n); /* "1,200" "1,200.50" "90%"; "" for none */

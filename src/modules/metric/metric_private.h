/* metric_private.h - shared inside the metric module. */
#pragma once
#include "modules/metric/metric.h"
#include "modules/module.h"

enum { METRIC_FORMULAS_MAX = 40 }; /* versions of one formula */

/* One formula of a metric and the day it holds from; its names are bound to places in `metrics`. */
typedef struct FormulaVersion {
    Date from;
    Formula *formula;
} FormulaVersion;

struct Metrics {
    const Metric *metrics;
    size_t count;
    const FormulaVersion **versions; /* by place; newest first, ended by one without formula; NULL where there are none */
    unsigned char max_slot[METRIC_SLOTS];
    bool any_max, few; /* few: all lie in FEW_SLOTS */
};

extern const Route metric_routes[]; /* metric_pages.c */
void metrics_changed(Ctx *c);
Error *metric_seed(Ctx *c) MUST_USE;
/* metric_formula.c: reads and binds all versions, oldest databases' too. */
Error *metric_versions_load(Ctx *c, Metrics *all) MUST_USE;
/* Parses what an administrator wrote to hold from that day, names of metrics or codes; *ret_codes is how it is stored. Errors under field "formula". */
Error *metric_formula_read(Ctx *c, const Metrics *all, const char *code, const char *text, Date from, const char **ret_codes) MUST_USE;
/* In a transaction: stores the metric's present formula as of its day, if it differs from what held then. */
Error *metric_formula_store(Ctx *c, const Metric *m) MUST_USE;
/* In a transaction: the metric has a new name, which formulas that use it are shown with. */
Error *metric_formula_renamed(Ctx *c, const Metric *m) MUST_USE;
Error *metric_formula_describe(Ctx *c, const Metric *m, Value model) MUST_USE;
/* Places of metrics by name in a formula: metrics_by_name's index, -1. */
int metric_place(Ctx *c, const Metrics *all, const char *name);

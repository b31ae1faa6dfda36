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
    bool any_level;    /* is there a metric that is not summed? */
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
/* metric_level.c: what was entered by hand, into the levels of ret, one for each of n periods in their order. Nothing is read where all metrics are
 * counted or computed. */
Error *metric_levels(Ctx *c, const Metrics *all, MetricScope scope, const Period *periods, size_t n, Sums *ret) MUST_USE;
/* The same for everybody in a unit and below: whoever is not among them yet is added. *people is by id before and afterwards. */
Error *metric_levels_of_people(Ctx *c, const Metrics *all, int64_t unit_id, Date first, Date last, PersonSums **people, size_t *count) MUST_USE;
/* The id of a value: one for each metric, scope and month. */
int64_t metric_value_id(ScopeKind kind, int64_t scope_id, int64_t month, int64_t metric_id);
/* metric_value.c. In a transaction: a person's values of months from that day on are seen by the team the person was in. */
Error *metric_value_recredit(Ctx *c, int64_t employee_id, Date from) MUST_USE;
/* For fact's page: a link to the value. */
void metric_value_describe_fact(Ctx *c, const Fact *fact, Value model);
/* Places of metrics by name in a formula: metrics_by_name's index, -1. */
int metric_place(Ctx *c, const Metrics *all, const char *name);

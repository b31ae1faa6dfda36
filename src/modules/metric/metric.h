/* metric.h - the only source of numbers: the dictionary of metrics, facts about people and days, and their sums.
 *
 * A counted metric lies in a slot (1..40) of every fact and sum; a ratio is computed from sums by its formula, so a team's ratio is the ratio
 * of its sums and never the mean of ratios. Whole values are integers: 分 for yuan, 1/10,000 for percent, the number itself otherwise. */
#pragma once
#include "base/date.h"
#include "base/formula.h"
#include "base/money.h"
#include "resource/resource.h"

enum { METRIC_SLOTS = 40, METRIC_REPORT_SLOTS = 24 };

typedef enum MetricUnit { UNIT_PIECES, UNIT_TIMES, UNIT_YUAN, UNIT_PEOPLE, UNIT_PERCENT, UNIT_DAYS } MetricUnit;
typedef enum MetricRollup { ROLLUP_SUM, ROLLUP_RATIO, ROLLUP_MAX, ROLLUP_INHERIT } MetricRollup;
typedef enum EntryRule { RULE_NONE, RULE_TALK_POINTS, RULE_CONTRACT_NO } EntryRule;
typedef enum DimensionKind { DIMENSION_REGION, DIMENSION_PRODUCT, DIMENSION_CUSTOMER_TYPE, DIMENSION_KINDS } DimensionKind;

typedef struct Metric {
    RESOURCE_ROW;
    const char *code, *name;
    const char *formula;    /* the newest, as people wrote it; NULL unless ROLLUP_RATIO */
    const char *definition; /* what is counted and what is not */
    int unit, kind, perspective, rollup, rule;
    int direction;          /* 0 more is better, 1 less is better */
    int64_t slot, sort;     /* slot <= 0: computed or inherited */
    Date formula_from;
    bool in_report, active, shipped;
} Metric;

typedef struct Dimension {
    RESOURCE_ROW;
    const char *name, *name_keys, *parent_name;
    int64_t parent_id, sort;
    int kind;
    bool active;
} Dimension;

/* A value entered by hand, of a unit or of a person (then unit_id is the person's team). */
typedef enum MetricValueState { METRIC_VALUE_IN_FORCE, METRIC_VALUE_VOID } MetricValueState;
typedef struct MetricValue {
    RESOURCE_ROW;
    const char *metric_name, *employee_name, *unit_name, *evidence;
    int64_t metric_id, employee_id, unit_id;
    Money value;      /* hundredths of what the metric is counted in */
    Date month;       /* its first day */
    Date entered_day; /* of a counted metric: the day of the fact made of it; stays when the value is corrected */
    int unit, state;
} MetricValue;

extern const Resource metric_resource, metric_value_resource, fact_resource, dimension_resource;
/* Codes that a report has for something else: the report module fills it, which stands above. */
extern bool (*metric_code_reserved)(const char *code);
extern const char *const metric_unit_codes[], *const metric_unit_labels[]; /* by MetricUnit; labels are N_() */

/* ---- dictionary ---- */

/* All metrics by sort, cached; valid while the process lives. */
typedef struct Metrics Metrics;
Error *metrics_get(Ctx *c, const Metrics **ret) MUST_USE;
size_t metrics_count(const Metrics *all);
const Metric *metrics_at(const Metrics *all, size_t i);
const Metric *metrics_by_code(const Metrics *all, const char *code); /* NULL if there is none */
const Metric *metrics_by_id(const Metrics *all, int64_t id);
/* By code, by name as stored or by name in the reader's language; NULL if there is none. What people and sheets call it. */
const Metric *metrics_by_name(Ctx *c, const Metrics *all, const char *name);
/* The formula that held on that day, as people read it in their language ("成交金额 / 新签客户数"); NULL if the metric has none. */
const char *metric_formula_text(Ctx *c, const Metrics *all, const Metric *m, Date day);

/* ---- values ---- */

/* What was entered by hand of a metric that is not summed (ROLLUP_INHERIT): the latest month's value. */
typedef struct MetricLevel {
    int64_t metric_id; /* 0 ends a list */
    int64_t value;     /* hundredths of what the metric is counted in */
} MetricLevel;

/* What is known of one scope over one period. */
typedef struct Sums {
    int64_t facts;             /* how many stand in it; 0: nothing is counted */
    int64_t n[METRIC_SLOTS];   /* by slot - 1 */
    const MetricLevel *levels; /* NULL: nothing was entered */
} Sums;

/* A metric's value from sums: 元 for amounts, 1/4 for 25 %. By the formula that holds on `day` (a period's last). No value where nothing is known, or a divisor is 0. */
Ratio metric_value(const Metrics *all, const Metric *m, const Sums *sums, Date day);
/* Adds b to a; what rolls up as a maximum takes the greater, and what is not summed stays as it is in a. */
void metric_add(const Metrics *all, Sums *a, const Sums *b);
/* As a whole number of the metric's smallest step, half-up: 分, 1/10,000 of a share, hundredths of an average count; the number itself otherwise.
 * INT_NONE if none. This is how targets are stored. */
int64_t metric_whole(const Metric *m, Ratio value);
/* As people read it: "285,000.00", "25.00%", "6", "2.50", "—". wan: amounts in 万元 with two decimals, without the unit. In c->mem. */
const char *metric_text(Ctx *c, const Metric *m, Ratio value, bool wan);
/* As programs read it: 285000.00, 25.00 for 25 %, 6, null. */
Value metric_json(const Metric *m, Ratio value);
/* The value behind a stored whole number, such as a target: RATIO_NONE for INT_NONE. */
Ratio metric_of_whole(const Metric *m, int64_t whole);
/* actual / target, turned round where less is better (target / actual); none if the divisor is 0 or one is unknown. */
Ratio metric_attainment(const Metric *m, Ratio actual, Ratio target);

/* ---- whose ---- */

typedef enum ScopeKind { SCOPE_UNIT, SCOPE_PERSON, SCOPE_DIMENSION } ScopeKind;
typedef struct MetricScope {
    ScopeKind kind;
    int64_t id; /* org_unit with all below, employee, or dimension with all below */
} MetricScope;

/* May the actor see numbers of that scope? 404 if not. Dimensions are for who sees everything. */
Error *metric_check_scope(Ctx *c, MetricScope scope) MUST_USE;
/* One metric's value over the days first..last; reads only what this metric needs. None for days that are none (last before first). */
Error *metric_actual(Ctx *c, const Metrics *all, const Metric *m, MetricScope scope, Date first, Date last, Ratio *ret) MUST_USE;
/* Sums of the days first..last. Whole months are read as months. */
Error *metric_sums(Ctx *c, MetricScope scope, Date first, Date last, Sums *ret) MUST_USE;
/* Sums of n neighbouring periods that begin with `from`; ret has room for n. Fiscal years begin in fiscal_month. */
Error *metric_series(Ctx *c, MetricScope scope, Period from, int n, int fiscal_month, Sums *ret) MUST_USE;
/* Everybody who has facts or entered values in a unit or below during the days, with the sums credited to it: one row a person. In c->mem, by id. */
typedef struct PersonSums {
    int64_t employee_id, unit_id; /* the last of the teams */
    Sums sums;
} PersonSums;
Error *metric_people(Ctx *c, int64_t unit_id, Date first, Date last, PersonSums **ret, size_t *ret_count) MUST_USE;
/* A unit's share of each top-level member of a dimension over the days: from facts, so for one unit or company and a month or so. Row id 0:
 * facts that name none. */
typedef struct ShareSums {
    int64_t dimension_id;
    const char *name;
    Sums sums;
} ShareSums;
Error *metric_shares(Ctx *c, int64_t unit_id, DimensionKind kind, Date first, Date last, ShareSums **ret, size_t *ret_count) MUST_USE;
/* First month (1..12) of the fiscal year: a setting. */
int metric_fiscal_month(Ctx *c);

/* ---- facts ---- */

typedef enum FactSource { FACT_REPORT, FACT_IMPORT, FACT_PROGRAM, FACT_MANUAL } FactSource;
typedef struct Fact {
    RESOURCE_ROW;
    const char *employee_name, *unit_name, *region_name, *product_name, *customer_type_name;
    int64_t employee_id, unit_id;                    /* unit_id 0: the person's team of that day is found */
    int64_t region_id, product_id, customer_type_id; /* 0: not told */
    Date day;
    int source;
    int64_t source_id;  /* daily_report.id, metric_value.id, or of the import's run */
    int64_t source_row; /* INT_NONE, or the row of the file */
    int64_t reverses;   /* INT_NONE, or the fact taken back */
    Instant created_at;
    int64_t n[METRIC_SLOTS]; /* INT_NONE where nothing is said */
} Fact;

/* Says on a fact's page where it comes from; the intake module fills it, which stands above. */
extern Error *(*fact_describe_source)(Ctx *c, const Fact *fact, Value model);
/* All slots INT_NONE, no dimensions. */
void fact_init(Fact *fact);
/* In a transaction: appends a fact; its sums are kept in the same commit. Fills fact->id and unit_id. 422 for a day before 1970 or after August 2140,
 * 409 when a person has more than 4,096 facts on a day. */
Error *fact_append(Ctx *c, Fact *fact) MUST_USE;
/* In a transaction: appends the row that takes fact `id` back. 404 if there is none; nothing happens if it is taken back already. */
Error *fact_reverse(Ctx *c, int64_t id) MUST_USE;
/* In a transaction: what (source, source_id) says about the person and day from now on; values equal to the present ones write nothing, others
 * reverse the old fact and append the new one. All slots INT_NONE: only takes back. */
Error *fact_replace(Ctx *c, Fact *fact) MUST_USE;
/* In a transaction, for org: after a person's posts changed, facts from that day on are credited to the team the person was in; after a unit came
 * under another parent, its sums leave the units it stood below and join those it stands below now. */
Error *fact_recredit(Ctx *c, int64_t employee_id, Date from) MUST_USE;
Error *roll_unit_moved(Ctx *c, int64_t unit_id, int64_t old_parent, int64_t new_parent) MUST_USE;
/* For the command line. In a transaction: computes every sum from the facts; returns how many rows there are. */
Error *roll_rebuild(Ctx *c, int64_t *ret_rows) MUST_USE;
/* Compares every sum with the facts; differences are written to out (the first 20). */
Error *roll_verify(Ctx *c, int64_t *ret_rows, int64_t *ret_wrong, Text *out) MUST_USE;

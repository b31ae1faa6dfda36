/* periodic_private.h - weekly and monthly reports, shared inside the report module. */
#pragma once
#include "modules/report/periodic_rules.h"
#include "modules/report/report_private.h"

/* What differs between the two. */
typedef struct Periodic {
    PeriodicKind kind;
    const Resource *resource;
    const char *path, *period; /* "/reports/weekly", "week": the name of its field and query */
    const char *remind_kind, *returned_kind; /* of messages */
} Periodic;
const Periodic *periodic_of(PeriodicKind kind);
const Periodic *periodic_of_path(const Req *r); /* by "/reports/weekly..." */

/* ---- hooks of both resources (periodic.c, periodic_import.c) ---- */
int64_t periodic_row_id(PeriodicKind kind, const PeriodicReport *row);
void periodic_defaults(Ctx *c, PeriodicKind kind, PeriodicReport *row);
Error *periodic_read_input(Req *r, const Field *fields, size_t n, RowInput *input) MUST_USE;
Error *periodic_prepare(Ctx *c, PeriodicKind kind, const PeriodicReport *was, PeriodicReport *row) MUST_USE;
Error *periodic_validate(Ctx *c, PeriodicKind kind, const PeriodicReport *was, const PeriodicReport *row) MUST_USE;
Error *periodic_after_save(Ctx *c, PeriodicKind kind, const PeriodicReport *was, const PeriodicReport *row) MUST_USE;
Error *periodic_import_row(Ctx *c, PeriodicKind kind, const Field *fields, size_t n, bool *given, PeriodicReport *row) MUST_USE;
/* What a sheet brought in `row` against what `was` shows: only what is new stays (periodic_import.c). */
Error *periodic_settle_sheet(Ctx *c, PeriodicKind kind, const PeriodicReport *was, PeriodicReport *row) MUST_USE;
/* In a transaction: the facts that stand for what sheets said. */
Error *periodic_enter_facts(Ctx *c, PeriodicKind kind, const PeriodicReport *was, const PeriodicReport *row) MUST_USE;

/* Entries of the row's days that no sheet has brought (periodic_import.c). */
Error *periodic_other_facts(Ctx *c, const PeriodicReport *row, Date first, Date last, int64_t *ret) MUST_USE;

enum { PERIODIC_IMPORTED = 1, PERIODIC_DIRECT = 2 }; /* bits of arrival: of a sheet; numbers given by a program */

/* ---- numbers (periodic_numbers.c) ---- */
MetricScope periodic_scope(const PeriodicReport *row);
Error *periodic_amount(Ctx *c, const Metrics **ret_all, const Metric **ret_metric) MUST_USE;
/* What facts and targets say of the row's subject and period, today. */
Error *periodic_live(Ctx *c, PeriodicKind kind, const PeriodicReport *row, PeriodicLive *ret, PeriodicSpans *ret_spans) MUST_USE;
/* A unit's target where none is typed for it: what is typed for its people beside what the targets say of the others; else its own. */
Error *periodic_unit_target(Ctx *c, PeriodicKind kind, int64_t unit_id, Date first, Ratio *ret) MUST_USE;
/* Adds the numbers to a page's or program's model. */
void periodic_add_numbers(Ctx *c, PeriodicKind kind, Value model, const PeriodicReport *row, const PeriodicShown *s, const PeriodicSpans *spans);
Error *periodic_describe(Ctx *c, PeriodicKind kind, const PeriodicReport *row, Value model) MUST_USE;
Error *periodic_freeze(Ctx *c, PeriodicKind kind, PeriodicReport *row) MUST_USE;
const char *periodic_title(Ctx *c, PeriodicKind kind, Date first); /* "2024 week 28 (07-08–07-14)", "2024-07" */
const char *periodic_subject(Ctx *c, const PeriodicReport *row);    /* "张三", "上海一部（团队）" */

/* ---- key metrics of a month (periodic_keys.c) ---- */
typedef struct KeyMetric {
    const Metric *metric;
    Ratio actual, target;
    int64_t typed_target, stated; /* whole, INT_NONE if facts or targets say it */
} KeyMetric;
Error *periodic_keys(Ctx *c, const PeriodicReport *row, KeyMetric **ret, size_t *ret_count) MUST_USE;
const char *periodic_keys_text(Ctx *c, const PeriodicReport *row, const KeyMetric *keys, size_t n); /* as a cell of the sheet */
Value periodic_keys_model(Ctx *c, const KeyMetric *keys, size_t n);
/* A cell or a program's list against what the report shows: sets key_metrics and key_note. */
Error *periodic_take_keys(Ctx *c, const PeriodicReport *was, PeriodicReport *row, const char *cell, bool may_state) MUST_USE;
const char *periodic_keys_stored(Ctx *c, const KeyMetric *keys, size_t n, bool frozen);
/* Counts that a sheet states, beside what the row has: sets key_metrics where they differ. */
Error *periodic_state_keys(Ctx *c, PeriodicReport *row, const ReportLine *lines, size_t count) MUST_USE;
/* The whole numbers that a sheet stated of counted metrics, into a fact. */
Error *periodic_keys_into_fact(Ctx *c, const PeriodicReport *row, Fact *fact) MUST_USE;

extern const Route periodic_form_routes[], periodic_sheet_routes[], periodic_queue_routes[], periodic_missing_routes[];
Error *report_daily_queue_count(Ctx *c, int64_t *ret) MUST_USE;
Error *periodic_queue_count(Ctx *c, int64_t *ret) MUST_USE;
Error *periodic_remind_job(Ctx *c, int64_t arg) MUST_USE;
/* Daily, weekly, monthly: [{title, href, active, count}]. */
Value report_tabs(Ctx *c, const char *page, const char *active);

/* report.h - the daily report: what other modules may ask. */
#pragma once
#include "modules/metric/metric.h"

enum { REPORT_SLOTS = METRIC_REPORT_SLOTS, REPORT_DAY_BITS = 20 };

typedef enum ReportState { REPORT_DRAFT, REPORT_SUBMITTED, REPORT_LATE, REPORT_RETURNED, REPORT_APPROVED } ReportState;
enum { REPORT_NONE = -1, REPORT_ON_LEAVE = -2 }; /* on boards: what stands for a state where there is no report */
typedef struct DailyReport {
    RESOURCE_ROW;
    const char *employee_name, *unit_name, *reviewer_name, *talk_points, *contract_no, *reason, *plan, *return_reason, *client_key;
    int64_t employee_id, unit_id, reviewer_id;
    Instant submitted_at, reviewed_at;
    Date day;
    int state;
    int64_t n[REPORT_SLOTS]; /* by slot - 1; INT_NONE where nothing was said */
    int64_t arrival;         /* how this content came in: bits of daily_report.c; not stored */
} DailyReport;

extern const Resource daily_report_resource, weekly_report_resource, monthly_report_resource;

/* The metrics that reports ask for, in their order, cached; valid while the process lives. */
typedef struct ReportItems {
    const Metric *items[REPORT_SLOTS];
    size_t count;
    const Field *fields; /* of a daily report, items included, in the order of the sheet 每日业绩跟踪表 */
    size_t field_count;
} ReportItems;
Error *report_items(Ctx *c, const ReportItems **ret) MUST_USE;

/* The numbers of a report as lines: all that anything above the store may know of how they are kept. */
typedef struct ReportLine {
    const Metric *item;
    int64_t value; /* 分 for UNIT_YUAN */
} ReportLine;
/* lines must have room for REPORT_SLOTS; returns how many there are. */
size_t report_lines(const ReportItems *items, const DailyReport *report, ReportLine *lines);

/* Names that a report, its list or its form has already: no code of a metric. */
bool report_reserves(const char *code);
int64_t report_id(int64_t employee_id, Date day);
/* Until when a report of that day is in time: the deadline of the setting on that day or the next working day. */
Error *report_deadline(Ctx *c, Date day, Instant *ret) MUST_USE;
/* The reader's own report of a day, or *ret NULL. */
Error *report_own(Ctx *c, Date day, DailyReport **ret) MUST_USE;

/* Who owes a report for a day: working people in teams who lead nothing, are not on leave, on a working day, within the reader's scope. */
typedef struct Debtor {
    int64_t employee_id, unit_id;
    const char *name, *unit_name;
    int state; /* of the report; -1 = none */
} Debtor;
Error *report_debtors(Ctx *c, Date day, Debtor **ret, size_t *ret_count) MUST_USE;
Error *report_queue_count(Ctx *c, int64_t *ret) MUST_USE;
/* This week's sums of all people the reader sees: [{item, label, text, unit, value}], and how many reports they are from. */
Error *report_week_kpis(Ctx *c, Date today, Value *ret_list, int64_t *ret_reports) MUST_USE;
const char *report_state_title(Ctx *c, int state); /* also -1: "Not reported" */
const char *report_state_badge(int state);

/* ---- weekly and monthly reports: of a person, or of a unit (employee_id 0) ---- */

typedef enum PeriodicKind { PERIODIC_WEEK, PERIODIC_MONTH } PeriodicKind;
typedef struct PeriodicReport {
    RESOURCE_ROW;
    const char *subject, *employee_name, *unit_name, *writer_name, *reviewer_name;
    const char *problem, *next_focus, *support_need, *highlights, *measures, *key_metrics, *key_note, *frozen_keys, *return_reason;
    const char *sheet_period, *sheet_keys, *sheet_growth, *sheet_rate; /* only while a sheet is imported */
    int64_t employee_id, unit_id, writer_id, reviewer_id;
    int64_t stated_growth, arrival;
    Money target, next_target, stated_actual, entered, frozen_target, frozen_actual, frozen_previous, frozen_last_year;
    Instant submitted_at, reviewed_at;
    Date first, entered_day; /* first: Monday, or the month's first day */
    int state;
} PeriodicReport;
/* Of the week or month that holds the day. employee_id 0: the unit's own report. */
int64_t periodic_id(PeriodicKind kind, int64_t employee_id, int64_t unit_id, Date day);
/* Until when it is in time, to the second. */
Error *periodic_deadline(Ctx *c, PeriodicKind kind, Date first, Instant *ret) MUST_USE;
/* In a transaction: what a sheet that came back says of a person's month (employee_id 0: of a unit's), through its monthly report. Whatever the report
 * shows already changes nothing. An actual is what decision 0012 says: where other entries speak of the month it is passed over (computed). 404 for who
 * is not visible, 403 for who may not, 409 for a draft of the person, an approved report, or one that somebody else has changed after `seen`. */
typedef struct MonthEdit {
    int64_t employee_id, unit_id;
    Date month;
    Money actual;                               /* MONEY_NONE: not said */
    const ReportLine *lines;                    /* counted metrics beside it */
    size_t line_count;
    const char *problem, *highlights, *measures; /* NULL: not said */
} MonthEdit;
typedef struct MonthEdited {
    bool changed, numbers, computed; /* anything; an actual; an actual was passed over */
    bool no_amount; /* counts were said without an amount: they are entered with one */
    Date entered_day; /* DATE_NONE unless the actual is now a fact */
} MonthEdited;
Error *report_edit_month(Ctx *c, const MonthEdit *edit, Instant seen, MonthEdited *ret) MUST_USE;
/* In a transaction: a day of which there is no report, as an import of daily reports enters it. 409 if there is one. */
Error *report_enter_day(Ctx *c, int64_t employee_id, Date day, const ReportLine *lines, size_t count) MUST_USE;
/* What the month's report of a person (or, employee_id 0, of a unit) names as the problem, once handed in; NULL if there is none. */
Error *report_problem_of(Ctx *c, int64_t employee_id, int64_t unit_id, Date day, const char **ret) MUST_USE;

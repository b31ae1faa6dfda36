/* periodic_rules.h - weekly and monthly reports without a database: periods, deadlines, growth, what a sheet's cells mean. */
#pragma once
#include "base/workday.h"
#include "modules/report/report.h"

/* The period, the one before, and the same one a year earlier. While it lasts, the other two are cut to the same number of days (同期同进度). */
typedef struct PeriodicSpans {
    Date first, last, previous_first, previous_last, year_first, year_last; /* year_first DATE_NONE: last year had no such week */
    bool partial;
} PeriodicSpans;
Date periodic_first(PeriodicKind kind, Date day);
Date periodic_last(PeriodicKind kind, Date first);
Date periodic_next(PeriodicKind kind, Date first);
PeriodicSpans periodic_spans(PeriodicKind kind, Date first, Date today);

/* Weekly: that weekday (1..5) of the next week, or the next working day. Monthly: the n-th working day of the next month. */
Date periodic_due_day(const WorkCalendar *calendar, PeriodicKind kind, Date first, int n);
/* The working day after the one on which it came. */
Date periodic_review_day(const WorkCalendar *calendar, Date submitted);
/* Inclusive to the second: 12:00:00 is in time, 12:00:01 is late. */
bool periodic_is_late(Instant submitted, Instant deadline);

/* (now - base) / |base|; no value if the base is missing or 0. */
Ratio periodic_growth(Ratio now, Ratio base);
/* Hundredths of a percent, INT_NONE if there is no value. */
int64_t periodic_bp(Ratio r);
/* "+12.50%", "-5.00%", "—"; a sign only if asked for. */
const char *periodic_percent(void *mem, int64_t bp, bool sign);

/* ---- what a report shows ---- */

/* What facts and targets say now, RATIO_NONE where nothing; previous and last_year are what those periods' reports show. */
typedef struct PeriodicLive {
    Ratio target, actual, previous, last_year, next_target;
} PeriodicLive;
typedef struct PeriodicShown {
    Ratio target, actual, previous, last_year, next_target, rate, growth, yearly, next_growth;
    int64_t growth_bp; /* of growth, or what a sheet said where nothing is known */
    Ratio now;         /* what facts say, where it differs from `actual`; else no value */
    bool typed_target, stated, growth_stated, frozen, differs;
} PeriodicShown;
/* Approved: as it was approved. Else typed and stated values before computed ones. */
PeriodicShown periodic_shown(const PeriodicReport *row, const PeriodicLive *live);

/* ---- cells ---- */

/* "第28周", "2024-W28", "2024年第28周(07-08–07-14)", "28", or a day of the week. Without a year: the latest one that has begun. */
bool periodic_parse_week(void *mem, const char *cell, Date today, Date *ret_monday);
/* "2024-07", "2024年7月", "7月", "202407", or a day of the month. */
bool periodic_parse_month(void *mem, const char *cell, Date today, Date *ret_first);
/* "+12.5", "-5.00%" as hundredths of a percent; false for anything else. */
bool periodic_parse_percent(void *mem, const char *cell, int64_t *ret_bp);
/* The amount in "推进D客户签约,目标30,000元"; MONEY_NONE if none is named. */
Money periodic_amount_in(void *mem, const char *text);

/* "新签客户6个(目标8个)，客单价4.75万(目标6万)": what can be told apart; numbers as written, with 万, 亿 or % behind. */
enum { PERIODIC_KEYS = 20 };
typedef struct KeyText {
    const char *whole, *name, *actual, *target; /* whole: the part as written. name NULL: not of that form */
} KeyText;
size_t periodic_split_keys(void *mem, const char *text, KeyText ret[static PERIODIC_KEYS]);

/* date.h - days, instants, weeks and periods. The only file that knows about time zones. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

typedef int32_t Date;    /* days since 1970-01-01 of the proleptic Gregorian calendar */
typedef int64_t Instant; /* microseconds since 1970-01-01T00:00:00 UTC */

#define DATE_NONE INT32_MIN
#define INSTANT_NONE INT64_MIN
#define DATE_TEXT 11   /* "2026-11-23" and NUL */
#define INSTANT_TEXT 32

typedef enum PeriodKind { PERIOD_DAY, PERIOD_WEEK, PERIOD_MONTH, PERIOD_QUARTER, PERIOD_HALF, PERIOD_YEAR } PeriodKind;
typedef struct Period {
    PeriodKind kind;
    Date first, last; /* both inclusive */
} Period;
typedef struct IsoWeek {
    int year, week; /* ISO 8601: week 1 holds the year's first Thursday; Monday first */
} IsoWeek;

/* Sets the organisation's zone for the process, once at start: an IANA name. False if unknown; Asia/Shanghai works
 * even where the zone files are not installed. */
bool date_set_zone(const char *iana_name);

Date date_make(int year, int month, int day); /* DATE_NONE if there is no such day; years 1900..2200 */
void date_parts(Date d, int *ret_year, int *ret_month, int *ret_day);
/* Accepts 2026-01-02, 2026/1/2, 2026.1.2, 2026年1月2日, 20260102, each with optional spaces and an optional time after it
 * that is ignored. False for anything else, with *ret_date untouched. */
bool date_parse(const char *s, Date *ret_date);
char *date_text(Date d, char buf[static DATE_TEXT]); /* ISO; returns buf; "" for DATE_NONE */
int date_weekday(Date d);                            /* 1 Monday .. 7 Sunday */
IsoWeek date_iso_week(Date d);
Date date_of_iso_week(IsoWeek w);       /* its Monday; DATE_NONE if the year has no such week */
Date date_add_months(Date d, int n);    /* the day is cut to the month's length */
/* The period of that kind that holds d; the year begins in fiscal_month (1..12). */
Period period_of(PeriodKind kind, Date d, int fiscal_month);
Period period_add(Period p, int n, int fiscal_month); /* n periods later (earlier if negative) */
/* "2026-11-23" "2026-W48" "2026-11" "2026-Q4" "2026-H2" "2026". */
char *period_text(Period p, int fiscal_month, char buf[static 16]);

Date date_of_instant(Instant t);                           /* the day it is then in the organisation's zone */
Instant instant_of_day(Date d, int hour, int minute);      /* that wall-clock time in the organisation's zone */
void instant_parts(Instant t, Date *ret_day, int *ret_hour, int *ret_minute, int *ret_second);
char *instant_text(Instant t, char buf[static INSTANT_TEXT]);     /* RFC 3339 UTC with milliseconds: for machines */
char *instant_local(Instant t, char buf[static INSTANT_TEXT]);    /* "2026-11-23 18:05" in the zone: for people */
Instant instant_now(void);

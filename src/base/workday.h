/* workday.h - which days are working days in China: weekends, public holidays and 调休 make-up days.
 * Pure arithmetic over a table of exceptions; the calendar module loads the table. */
#pragma once
#include "base/date.h"
#include <stddef.h>

typedef enum DayKind { DAY_WORK = 0, DAY_REST = 1 } DayKind;
typedef struct DayException {
    Date day;
    DayKind kind; /* DAY_WORK on a weekend is a 调休 day, DAY_REST on a weekday a holiday */
} DayException;
/* Exceptions sorted by day, each day once. Monday to Friday are working days unless excepted. */
typedef struct WorkCalendar {
    const DayException *days;
    size_t count;
} WorkCalendar;

bool workday_is(const WorkCalendar *cal, Date d);
/* The n-th working day after d (before d if n < 0); n = 0 gives d itself if it is one, else the next. */
Date workday_add(const WorkCalendar *cal, Date d, int n);
/* Working days in [first, last], 0 if last < first. */
int workday_count(const WorkCalendar *cal, Date first, Date last);

/* target_rules.h - arithmetic of targets: numbers in, numbers out. */
#pragma once
#include "base/workday.h"
#include "modules/target/target.h"

/* The months of a target that days first..last touch, and how much of each counts: working days in the part and in the whole month. */
typedef struct MonthPart {
    int64_t year;
    int month;
    int64_t days, of; /* of 0: a month without a working day counts in full when it is whole */
} MonthPart;
enum { MONTH_PARTS_MAX = 40 };
/* Returns how many; at most MONTH_PARTS_MAX (three years). */
int target_month_parts(const WorkCalendar *calendar, Date first, Date last, int fiscal_month, MonthPart *ret);

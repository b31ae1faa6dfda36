/* key_action_rules.h - when a key action's window begins and ends, and whether it is met: numbers in, numbers out. */
#pragma once
#include "base/workday.h"

typedef enum KeyActionCompare { KEY_ACTION_AT_LEAST, KEY_ACTION_AT_MOST, KEY_ACTION_EXACTLY } KeyActionCompare;
typedef enum KeyActionWindow { KEY_ACTION_DAY, KEY_ACTION_WEEK, KEY_ACTION_MONTH, KEY_ACTION_QUARTER, KEY_ACTION_WORKDAYS } KeyActionWindow;
/* As stored in key_action_result. */
typedef enum KeyActionState { KEY_ACTION_RUNNING, KEY_ACTION_MET, KEY_ACTION_MISSED, KEY_ACTION_EXCUSED } KeyActionState;
enum { KEY_ACTION_WORKDAYS_MAX = 60 };

typedef struct DaySpan {
    Date first, last; /* both inclusive */
} DaySpan;

typedef struct KeyActionRule {
    KeyActionCompare compare;
    int64_t needed; /* in the metric's smallest step */
    KeyActionWindow window;
    int window_days;            /* of KEY_ACTION_WORKDAYS: how many working days, counted from first_day */
    Date first_day, last_day;   /* last_day DATE_NONE: until further notice */
} KeyActionRule;

/* The window that holds the day. Windows of working days follow each other without a gap: days off belong to the one before them.
 * False where the rule does not hold: a window that begins before first_day or after last_day. */
bool key_action_window(const KeyActionRule *rule, const WorkCalendar *calendar, Date day, int fiscal_month, DaySpan *ret);
/* Working days of the window that are in no leave. Leaves do not overlap. */
int key_action_present(const WorkCalendar *calendar, DaySpan window, const DaySpan *leaves, size_t count);
/* A window without a day of presence does not count. What cannot change any more is said before the window's end. *ret_missing: what lacks, or for
 * "at most" what room is left; never below 0. */
KeyActionState key_action_judge(const KeyActionRule *rule, int64_t actual, int present, bool ended, int64_t *ret_missing);

/* "Within n days of": the last day on which it is in time. Days count from the day after. */
Date key_action_due(Date from, int days);
/* done DATE_NONE: not yet. */
KeyActionState key_action_judge_elapsed(Date from, int days, Date done, Date today);

/* workday.c - which days are working days: weekends, and a sorted table of exceptions to them. */
#include "base/workday.h"

/* The index of the first exception on or after d. */
static size_t find(const WorkCalendar *cal, Date d) {
    size_t low = 0, high = cal->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (cal->days[middle].day < d)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool weekday(Date d) {
    return date_weekday(d) <= 5;
}

bool workday_is(const WorkCalendar *cal, Date d) {
    size_t i = find(cal, d);
    if (i < cal->count && cal->days[i].day == d) return cal->days[i].kind == DAY_WORK;
    return weekday(d);
}

Date workday_add(const WorkCalendar *cal, Date d, int n) {
    if (d == DATE_NONE || (n == 0 && workday_is(cal, d))) return d;
    int step = n < 0 ? -1 : 1;
    int64_t left = n == 0 ? 1 : (int64_t)n * step, day = d;
    Date first = cal->count ? cal->days[0].day : d, last = cal->count ? cal->days[cal->count - 1].day : d;
    while (left > 0) {
        bool plain = step > 0 ? day >= last : day <= first; /* no exceptions ahead: five working days in any week */
        if (plain && left > 5) {
            int64_t weeks = (left - 1) / 5;
            day += weeks * 7 * step;
            left -= weeks * 5;
        }
        day += step;
        if (day <= DATE_NONE || day > INT32_MAX) return DATE_NONE;
        left -= workday_is(cal, (Date)day);
    }
    return (Date)day;
}

int workday_count(const WorkCalendar *cal, Date first, Date last) {
    if (last < first) return 0;
    int64_t days = (int64_t)last - first + 1, count = days / 7 * 5;
    for (int64_t d = first + days / 7 * 7; d <= last; d++) count += weekday((Date)d);
    for (size_t i = find(cal, first); i < cal->count && cal->days[i].day <= last; i++)
        count += (cal->days[i].kind == DAY_WORK) - weekday(cal->days[i].day);
    return (int)count;
}

/* target_rules.c - quarters and years from months, and parts of months by working days. */
#include "modules/target/target_rules.h"

bool target_is_summed(const Metric *m) {
    return m->rollup == ROLLUP_SUM;
}

void target_clear(Target *t) {
    *t = (Target){.floor = INT_NONE, .state = TARGET_STATE_DRAFT};
    for (int tier = 0; tier < TARGET_TIERS; tier++)
        for (int i = 0; i < TARGET_MONTHS; i++) t->months.n[tier][i] = INT_NONE;
}

void target_month_of(Date day, int fiscal_month, int64_t *ret_year, int *ret_month) {
    int year, month, d;
    date_parts(day, &year, &month, &d);
    *ret_month = (month - fiscal_month + 12) % 12;
    *ret_year = month < fiscal_month ? year - 1 : year;
}

Date target_month_first(int64_t year, int month, int fiscal_month) {
    int at = fiscal_month - 1 + month;
    return date_make((int)year + at / 12, at % 12 + 1, 1);
}

/* A sum of the months that are set, or the last of them where values repeat. */
static int64_t over(const Metric *m, const TargetMonths *months, TargetTier tier, int from, int to) {
    int64_t total = INT_NONE;
    for (int i = from; i < to; i++) {
        int64_t n = months->n[tier][i];
        if (n == INT_NONE) continue;
        if (total == INT_NONE || !target_is_summed(m)) total = n;
        else if (__builtin_add_overflow(total, n, &total)) return INT64_MAX;
    }
    return total;
}

int64_t target_quarter(const Metric *m, const TargetMonths *months, TargetTier tier, int quarter) {
    return over(m, months, tier, quarter * 3, quarter * 3 + 3);
}
int64_t target_year(const Metric *m, const TargetMonths *months, TargetTier tier) {
    return over(m, months, tier, 0, TARGET_MONTHS);
}

int target_month_parts(const WorkCalendar *calendar, Date first, Date last, int fiscal_month, MonthPart *ret) {
    int n = 0;
    for (Date day = first; day <= last && n < MONTH_PARTS_MAX; n++) {
        int year, month, d;
        date_parts(day, &year, &month, &d);
        Date month_first = date_make(year, month, 1), month_last = date_add_months(month_first, 1) - 1;
        Date part_last = month_last < last ? month_last : last;
        MonthPart *p = &ret[n];
        target_month_of(day, fiscal_month, &p->year, &p->month);
        bool whole = day == month_first && part_last == month_last;
        p->days = whole ? 1 : workday_count(calendar, day, part_last);
        p->of = whole ? 1 : workday_count(calendar, month_first, month_last);
        day = month_last + 1;
    }
    return n;
}

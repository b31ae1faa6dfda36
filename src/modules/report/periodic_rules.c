/* periodic_rules.c - periods, deadlines, growth, and which of typed, stated, frozen and computed numbers a report shows. */
#include "modules/report/periodic_rules.h"
#include <talloc.h>

Date periodic_first(PeriodicKind kind, Date day) {
    return period_of(kind == PERIODIC_WEEK ? PERIOD_WEEK : PERIOD_MONTH, day, 1).first;
}
Date periodic_last(PeriodicKind kind, Date first) {
    return periodic_next(kind, first) - 1;
}
Date periodic_next(PeriodicKind kind, Date first) {
    return kind == PERIODIC_WEEK ? first + 7 : date_add_months(first, 1);
}

static Date year_before(PeriodicKind kind, Date first) {
    if (kind == PERIODIC_MONTH) return date_add_months(first, -12);
    IsoWeek w = date_iso_week(first);
    return date_of_iso_week((IsoWeek){w.year - 1, w.week});
}

PeriodicSpans periodic_spans(PeriodicKind kind, Date first, Date today) {
    PeriodicSpans s = {.first = first, .last = periodic_last(kind, first)};
    s.previous_first = periodic_first(kind, first - 1), s.previous_last = first - 1;
    s.year_first = year_before(kind, first);
    s.year_last = s.year_first == DATE_NONE ? DATE_NONE : periodic_last(kind, s.year_first);
    s.partial = today >= first && today < s.last;
    if (!s.partial) return s;
    Date previous = s.previous_first + (today - first), year = s.year_first == DATE_NONE ? DATE_NONE : s.year_first + (today - first);
    if (previous < s.previous_last) s.previous_last = previous;
    if (year < s.year_last) s.year_last = year;
    return s;
}

Date periodic_due_day(const WorkCalendar *calendar, PeriodicKind kind, Date first, int n) {
    Date next = periodic_next(kind, first);
    return kind == PERIODIC_WEEK ? workday_add(calendar, next + n - 1, 0) : workday_add(calendar, next - 1, n);
}

Date periodic_review_day(const WorkCalendar *calendar, Date submitted) {
    return workday_add(calendar, submitted, 1);
}

bool periodic_is_late(Instant submitted, Instant deadline) {
    return submitted >= deadline + INT64_C(1000000);
}

Ratio periodic_growth(Ratio now, Ratio base) {
    if (ratio_why(base) == RATIO_HAS_VALUE && base.num < 0) return ratio_div(ratio_sub(now, base), ratio_neg(base));
    return ratio_div(ratio_sub(now, base), base);
}

int64_t periodic_bp(Ratio r) {
    int64_t n = INT_NONE;
    return ratio_scaled(r, 10000, &n) ? n : INT_NONE;
}

const char *periodic_percent(void *mem, int64_t bp, bool sign) {
    char buf[MONEY_TEXT];
    if (bp == INT_NONE) return "—";
    return talloc_asprintf(mem, "%s%s%%", sign && bp > 0 ? "+" : "", money_grouped(bp, buf));
}

/* ---- what is shown ---- */

static Ratio yuan(Money m) {
    return m == MONEY_NONE ? RATIO_NONE : ratio_make(m, 100);
}

/* Equal to the 分, which is all that is stored. */
static bool same_money(Ratio a, Ratio b) {
    int64_t x = INT_NONE, y = INT_NONE;
    (void)ratio_scaled(a, 100, &x);
    (void)ratio_scaled(b, 100, &y);
    return x == y;
}

PeriodicShown periodic_shown(const PeriodicReport *row, const PeriodicLive *live) {
    PeriodicShown s = {.now = RATIO_NONE, .growth_bp = INT_NONE};
    s.frozen = row->state == REPORT_APPROVED;
    s.typed_target = row->target != MONEY_NONE, s.stated = row->stated_actual != MONEY_NONE;
    Ratio actual = s.stated ? yuan(row->stated_actual) : live->actual, target = s.typed_target ? yuan(row->target) : live->target;
    s.actual = s.frozen ? yuan(row->frozen_actual) : actual;
    s.target = s.frozen ? yuan(row->frozen_target) : target;
    s.previous = s.frozen ? yuan(row->frozen_previous) : live->previous;
    s.last_year = s.frozen ? yuan(row->frozen_last_year) : live->last_year;
    s.next_target = row->next_target == MONEY_NONE ? live->next_target : yuan(row->next_target);
    s.differs = !same_money(s.actual, live->actual);
    if (s.differs) s.now = live->actual;
    s.rate = ratio_div(s.actual, s.target);
    s.growth = periodic_growth(s.actual, s.previous);
    s.yearly = periodic_growth(s.actual, s.last_year);
    s.next_growth = periodic_growth(s.next_target, s.target);
    s.growth_bp = periodic_bp(s.growth);
    s.growth_stated = s.growth_bp == INT_NONE && ratio_why(s.previous) != RATIO_HAS_VALUE && row->stated_growth != INT_NONE;
    if (s.growth_stated) s.growth_bp = row->stated_growth;
    return s;
}

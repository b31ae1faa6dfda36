/* pace_rules.c - pace, growth and quartiles (ecosystem: 完成率, 时间进度, 进度差, 缺口, 日需完成, 同期同进度). */
#include "modules/board/pace_rules.h"

Elapsed pace_elapsed(const WorkCalendar *calendar, Date first, Date last, Date today) {
    Elapsed e = {.all = workday_count(calendar, first, last)};
    Date done_to = today < last ? today : last, left_from = today > first ? today : first;
    e.done = workday_count(calendar, first, done_to);
    e.left = workday_count(calendar, left_from, last);
    return e;
}

static bool known(Ratio r) {
    return ratio_why(r) == RATIO_HAS_VALUE;
}

Pace pace_of(Ratio actual, Ratio target, bool less_is_better, bool summed, Elapsed elapsed, int tolerance) {
    Pace p = {.attainment = less_is_better ? ratio_div(target, actual) : ratio_div(actual, target), .gap = RATIO_NONE, .per_day = RATIO_NONE};
    bool over = elapsed.done >= elapsed.all;
    /* what is not summed has no share of the time: it is to be as good on any day */
    p.elapsed = !summed ? ratio_make(1, 1) : elapsed.all ? ratio_make(elapsed.done, elapsed.all) : RATIO_NONE;
    p.ahead = ratio_sub(p.attainment, p.elapsed);
    if (known(p.ahead)) {
        bool on = ratio_compare(p.ahead, ratio_make(0, 1)) >= 0;
        p.status = on ? PACE_OK : ratio_compare(p.ahead, ratio_make(-tolerance, 100)) >= 0 ? PACE_RISK : PACE_BEHIND;
    }
    if (!summed || less_is_better || !known(target)) return p;
    Ratio gap = ratio_sub(target, known(actual) ? actual : ratio_make(0, 1));
    p.gap = ratio_compare(gap, ratio_make(0, 1)) > 0 ? gap : ratio_make(0, 1);
    if (!over || elapsed.left) p.per_day = ratio_div(p.gap, ratio_make(elapsed.left, 1));
    return p;
}

Ratio growth_of(Ratio now, Ratio before) {
    if (!known(before)) return RATIO_NONE;
    Ratio size = ratio_compare(before, ratio_make(0, 1)) < 0 ? ratio_neg(before) : before;
    return ratio_div(ratio_sub(now, before), size);
}

void pace_same_part(Date first, Date last, Date to, Date earlier_first, Date earlier_last, Date *ret_to) {
    Date part = earlier_first + (to - first);
    *ret_to = to >= last || part > earlier_last ? earlier_last : part;
}

Ratio quartile_of(const Ratio *sorted, int n, int q) {
    if (n == 0) return RATIO_NONE;
    int at = (n - 1) * q / 4, rest = (n - 1) * q % 4;
    if (!rest) return sorted[at];
    return ratio_add(sorted[at], ratio_mul(ratio_sub(sorted[at + 1], sorted[at]), ratio_make(rest, 4)));
}

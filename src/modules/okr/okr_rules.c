/* okr_rules.c - arithmetic of objectives and key results. */
#include "modules/okr/okr_rules.h"

static Period pair_of_months(Date day, int fiscal_month) {
    int year, month, d;
    date_parts(day, &year, &month, &d);
    Date month_first = date_make(year, month, 1), first = date_add_months(month_first, -((month - fiscal_month + 12) % 2));
    return (Period){ PERIOD_MONTH, first, date_add_months(first, 2) - 1 };
}

Period okr_cycle(OkrCycle cycle, Date day, int fiscal_month) {
    static const PeriodKind kinds[] = { [OKR_MONTH] = PERIOD_MONTH, [OKR_QUARTER] = PERIOD_QUARTER, [OKR_HALF] = PERIOD_HALF, [OKR_YEAR] = PERIOD_YEAR };
    return cycle == OKR_TWO_MONTHS ? pair_of_months(day, fiscal_month) : period_of(kinds[cycle], day, fiscal_month);
}

Period okr_cycle_add(OkrCycle cycle, Date first_day, int n, int fiscal_month) {
    static const int months[] = { 1, 2, 3, 6, 12 };
    return okr_cycle(cycle, date_add_months(first_day, n * months[cycle]), fiscal_month);
}

Ratio okr_progress(Ratio start, Ratio target, Ratio value) {
    return ratio_div(ratio_sub(value, start), ratio_sub(target, start));
}

Ratio okr_clamp(Ratio progress) {
    if (ratio_why(progress) != RATIO_HAS_VALUE) return progress;
    if (ratio_compare(progress, ratio_make(0, 1)) < 0) return ratio_make(0, 1);
    return ratio_compare(progress, ratio_make(1, 1)) > 0 ? ratio_make(1, 1) : progress;
}

int okr_score(Ratio progress) {
    int64_t n;
    return ratio_scaled(okr_clamp(progress), 100, &n) ? (int)n : -1;
}

Ratio okr_mean(const OkrPart *parts, size_t count) {
    Ratio sum = ratio_make(0, 1);
    int64_t weights = 0;
    bool known = false;
    for (size_t i = 0; i < count; i++) {
        weights += parts[i].weight;
        Ratio one = okr_clamp(parts[i].progress);
        if (ratio_why(one) != RATIO_HAS_VALUE) continue;
        known = true;
        sum = ratio_add(sum, ratio_mul(one, ratio_make(parts[i].weight, 1)));
    }
    return known ? ratio_div(sum, ratio_make(weights, 1)) : RATIO_NONE;
}

OkrMood okr_mood(int64_t confidence) {
    if (confidence < 0) return OKR_UNSAID;
    return confidence <= 3 ? OKR_AT_RISK : confidence <= 6 ? OKR_UNSURE : OKR_CONFIDENT;
}

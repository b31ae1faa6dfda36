/* tracking_rules.c - escalation to daily tracking and back. */
#include "modules/target/tracking_rules.h"

TrackingVerdict tracking_judge(const TrackingRule *rule, const Ratio *attainments, size_t count, int *ret_worst) {
    *ret_worst = -1;
    for (size_t i = 0; i < count; i++) {
        if (ratio_why(attainments[i]) != RATIO_HAS_VALUE) continue;
        if (*ret_worst < 0 || ratio_compare(attainments[i], attainments[*ret_worst]) < 0) *ret_worst = (int)i;
    }
    if (*ret_worst < 0) return TRACKING_UNKNOWN;
    Ratio worst = attainments[*ret_worst];
    if (ratio_compare(worst, ratio_make(rule->under, 100)) < 0) return TRACKING_BEHIND;
    return ratio_compare(worst, ratio_make(rule->good, 100)) < 0 ? TRACKING_BETWEEN : TRACKING_GOOD;
}

bool tracking_step(const TrackingRule *rule, TrackingState *s, TrackingVerdict verdict) {
    if (verdict == TRACKING_UNKNOWN) return false;
    s->behind = verdict == TRACKING_BEHIND ? s->behind + 1 : 0;
    s->good = verdict == TRACKING_GOOD ? s->good + 1 : 0;
    bool daily = s->daily ? s->good < rule->good_periods : s->behind >= rule->under_periods;
    if (daily == s->daily) return false;
    s->daily = daily;
    s->behind = s->good = 0; /* the next change needs its own periods */
    return true;
}

/* tracking_rules.h - when somebody is followed daily, and when no longer: numbers in, numbers out. */
#pragma once
#include "base/ratio.h"
#include <stddef.h>

typedef struct TrackingRule {
    int64_t under, good; /* percent of the target; good >= under */
    int64_t under_periods, good_periods;
} TrackingRule;

/* As stored in tracking_period. */
typedef enum TrackingVerdict { TRACKING_UNKNOWN, TRACKING_BEHIND, TRACKING_BETWEEN, TRACKING_GOOD } TrackingVerdict;

typedef struct TrackingState {
    bool daily;
    int64_t behind, good; /* periods in a row until now */
} TrackingState;

/* One period, from the attainments of the plan's metrics: behind if one is under the line, good if none is below the other. Metrics without a target or
 * value are left out; if all are, the period is unknown. *ret_worst: index of the lowest, -1 if unknown. */
TrackingVerdict tracking_judge(const TrackingRule *rule, const Ratio *attainments, size_t count, int *ret_worst);
/* Takes one more period, oldest first. True if the level changed. An unknown period neither counts nor breaks a row. */
bool tracking_step(const TrackingRule *rule, TrackingState *s, TrackingVerdict verdict);

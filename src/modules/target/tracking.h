/* tracking.h - tracking plans inside the target module. */
#pragma once
#include "modules/metric/metric.h"
#include "modules/module.h"
#include "modules/target/key_action_rules.h"
#include "modules/target/tracking_rules.h"

enum { TRACKING_METRICS = 4 };
typedef enum TrackingCycle { TRACKING_DAY, TRACKING_WEEK, TRACKING_MONTH } TrackingCycle;
typedef struct TrackingPlan {
    RESOURCE_ROW;
    const char *name, *unit_name, *owner_name, *metric1_name, *metric2_name, *metric3_name, *metric4_name;
    int64_t unit_id, owner_id, metric1_id, metric2_id, metric3_id, metric4_id, under, under_periods, good, good_periods;
    Date first_day;
    int cycle;
    bool active;
} TrackingPlan;

extern const Resource tracking_plan_resource;
extern const Route tracking_routes[];

TrackingRule tracking_rule(const TrackingPlan *plan);
/* The plan's metrics that are there; returns how many. */
int tracking_metrics(const Metrics *all, const TrackingPlan *plan, const Metric *ret[static TRACKING_METRICS]);
Error *tracking_plans(Ctx *c, TrackingPlan **ret, size_t *ret_count) MUST_USE; /* those in use, in c->mem */
/* [{text}]: "below 80% for 2 periods in a row: daily", "90% or more for 2 ...". */
Value tracking_rules(Ctx *c, const TrackingPlan *plan);
Error *tracking_judge_job(Ctx *c, int64_t arg) MUST_USE;

/* target_revision.h - one adjustment of targets in force, as it is listed and decided on. */
#pragma once
#include "modules/target/target_private.h"

typedef struct Revision {
    int64_t id, metric_id, year, unit_id, from_month, state, submitted_by, submitted_at, decided_at;
    const char *reason, *unit, *submitter, *decider, *decision;
    bool may_decide;
} Revision;

/* 404 for what the reader does not see. */
Error *target_revision_load(Ctx *c, int64_t id, Revision *ret) MUST_USE;
Error *target_revision_model(Ctx *c, const Metrics *all, const Revision *rev, Value *ret) MUST_USE;
Error *target_revision_page(Req *r) MUST_USE;

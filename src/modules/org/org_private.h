/* org_private.h - shared inside the org module. */
#pragma once
#include "modules/org/org.h"
#include "service/job.h"
#include "service/session.h"

/* In a transaction: a main post from that day on. */
Error *post_open(Ctx *c, int64_t employee_id, int64_t unit_id, Date first_day, const char *note) MUST_USE;
/* In a transaction: ends the main post the day before `first_day` and opens the next; later main posts are dropped. */
Error *post_move(Ctx *c, int64_t employee_id, int64_t unit_id, Date first_day, const char *note) MUST_USE;
/* employee's import_row. */
Error *roster_row(Ctx *c, const Field *fields, size_t n, bool *is_given, void *row) MUST_USE;
/* In a transaction: unit_above anew for a unit and everything below it. */
Error *unit_above_rebuild(Ctx *c, int64_t unit_id) MUST_USE;
extern const Route org_routes[];
extern const JobKind org_jobs[];

/* job.h - work outside requests: a queue in the database, claimed by one process at a time, and a daily and minute schedule. */
#pragma once
#include "base/date.h"
#include "base/error.h"

typedef struct JobKind {
    const char *name;                     /* "report.remind" */
    Error *(*run)(Ctx *c, int64_t arg);   /* ordinary code with the system actor and a fixed now; may run twice */
    int every_minutes;                    /* 0: only when enqueued */
    int at_hour, at_minute;               /* with every_minutes = 1440: local time of day */
} JobKind;

/* Adds kinds (ended by a row without name). Before job_start. */
void job_add(const JobKind *kinds);
/* In a transaction: exists only if it commits. due 0 = now. A non-NULL unique key that is already queued makes this a no-op. */
Error *job_enqueue(Ctx *c, const char *kind, int64_t arg, Instant due, const char *unique_key) MUST_USE;
/* Starts the runner thread(s); failures are logged once, retried after 10 s, 1 min, 10 min, 1 h, then parked. 0 threads: only the schedule
 * is made, and nothing runs in this process until somebody calls job_run_due. */
Error *job_start(Ctx *app, int threads) MUST_USE;
void job_stop(void);
/* Runs everything that is due now on the calling thread, for tests and `xiaoguan job run`. */
Error *job_run_due(Ctx *c, int *ret_ran) MUST_USE;

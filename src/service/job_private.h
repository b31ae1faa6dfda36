/* job_private.h - what job.c (the queue) and job_runner.c (the threads) share. */
#pragma once
#include "service/job.h"
#include <stdbool.h>

/* Gives every scheduled kind that has none its next slot. */
Error *job_schedule(Ctx *c) MUST_USE;
/* Frees claims whose process seems to be gone; `all`: every claim, when no other process can hold one. */
Error *job_release(Ctx *c, bool all) MUST_USE;
/* Claims and runs one due job. real_time: `now` is the clock's, not app->now. An error is one of the queue, not of the job. */
Error *job_run_one(const Ctx *app, const char *who, bool real_time, bool *ret_ran) MUST_USE;
void job_wake(void);       /* job_runner.c: something was enqueued */
bool job_is_running(void); /* job_runner.c: threads of this process run jobs */

/* service.c - the jobs of this layer. */
#include "service/service.h"
#include "service/audit.h"
#include "service/file.h"
#include "service/job.h"
#include "service/session.h"

static Error *seal(Ctx *c, int64_t arg) {
    (void)arg;
    return audit_seal(c);
}

static const JobKind jobs[] = {
    { .name = "audit.seal", .run = seal, .every_minutes = 60 },
    { .name = "session.sweep", .run = session_sweep, .every_minutes = 60 },
    { .name = "file.sweep", .run = file_sweep, .every_minutes = 1440, .at_hour = 3, .at_minute = 40 },
    { .name = NULL },
};

void service_add_jobs(void) {
    job_add(jobs);
}

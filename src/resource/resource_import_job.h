/* resource_import_job.h - an uploaded file in the database. Private to resource/. */
#pragma once
#include "resource/resource_import.h"

typedef enum ImportJobState { IMPORT_WAITING, IMPORT_RUNNING, IMPORT_DONE, IMPORT_FAILED } ImportJobState;

typedef struct ImportJob {
    int64_t id, account_id, rows, done, good, bad, added, updated, unchanged;
    ImportJobState state;
    ImportMode mode;
    const Resource *res;
    const char *filename, *sha256, *mapping, *context, *message, *errors; /* the last three may be NULL */
    Instant created_at;
    SheetFile file; /* no data unless asked for, or if it is no longer kept */
} ImportJob;

/* 404 if it is not there, of another resource (res NULL: any), or of somebody else. */
Error *import_job_load(Ctx *c, const Resource *res, int64_t id, bool with_data, ImportJob *ret) MUST_USE;
/* In a transaction: keeps the file. */
Error *import_job_add(Ctx *c, const Resource *res, const Upload *upload, const char *context, const ImportPlan *plan, int64_t *ret_id) MUST_USE;
/* In a transaction: imports it, or if it is long has the job do so. 409 if it runs or ran already; 422 as import_apply. */
Error *import_job_start(Ctx *c, ImportJob *job, ImportResult *ret) MUST_USE;
ImportTask import_job_task(const ImportJob *job);
const char *import_sha256(Ctx *c, const SheetFile *file);

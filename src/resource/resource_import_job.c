/* resource_import_job.c - an uploaded file in the database, imported at once or by a job that tells how far it is.
 *
 * The job walks twice: a check that reports progress in small transactions of its own, then the import in one transaction, which also marks
 * the row as done. If the process dies in between, the job runs again from the start and nothing is imported twice. */
#include "resource/resource_import_job.h"
#include "base/i18n.h"
#include "service/lang.h"
#include "service/session.h"
#include <openssl/sha.h>
#include <string.h>
#include <talloc.h>

static const int64_t PROGRESS_US = 500000;
static const int64_t DAY_US = INT64_C(86400) * 1000000;
enum { MAX_ERRORS_JSON = 2 << 20 };

const char *import_sha256(Ctx *c, const SheetFile *file) {
    uint8_t hash[SHA256_DIGEST_LENGTH];
    SHA256(file->data, file->size, hash);
    return text_hex(c->mem, hash, sizeof hash);
}

ImportTask import_job_task(const ImportJob *job) {
    return (ImportTask){.res = job->res, .file = job->file, .mapping = job->mapping, .context = job->context, .uploaded_at = job->created_at, .mode = job->mode, .name = job->filename, .sha256 = job->sha256, .job_id = job->id};
}

Error *import_job_load(Ctx *c, const Resource *res, int64_t id, bool with_data, ImportJob *ret) {
    Rows *rows;
    int64_t any = c->actor->system || may(c, ROLE_ADMIN);
    *ret = (ImportJob){.id = id};
    TRY(db_query(c, &rows, "SELECT resource, account_id, filename, sha256, mapping, mode, state, rows, done, good, bad, added, updated, unchanged,"
                           " message, errors, CASE WHEN $3 = 1 THEN data END, context, created_at"
                           " FROM import_job WHERE id = $1 AND (account_id = $2 OR $4 = 1)",
                 V(id), V(c->actor->account_id), V((int64_t)with_data), V(any)));
    if (rows_next(rows)) {
        const void *data = row_blob(rows, 16, &ret->file.size);
        ret->res = resource_by_table(row_text(rows, 0));
        ret->account_id = row_int(rows, 1);
        ret->filename = row_dup(rows, 2), ret->sha256 = row_dup(rows, 3), ret->mapping = row_dup(rows, 4);
        ret->mode = (ImportMode)row_int(rows, 5), ret->state = (ImportJobState)row_int(rows, 6);
        ret->rows = row_int(rows, 7), ret->done = row_int(rows, 8), ret->good = row_int(rows, 9), ret->bad = row_int(rows, 10);
        ret->added = row_int(rows, 11), ret->updated = row_int(rows, 12), ret->unchanged = row_int(rows, 13);
        ret->message = row_dup(rows, 14), ret->errors = row_dup(rows, 15);
        ret->context = row_dup(rows, 17), ret->created_at = row_int(rows, 18);
        ret->file.data = ret->file.size ? talloc_memdup(c->mem, data, ret->file.size) : NULL;
    }
    TRY(rows_done(rows));
    return ret->res && (!res || ret->res == res) ? NULL : err_not_found(c, N_("This import is no longer kept, or it is not yours"));
}

Error *import_job_add(Ctx *c, const Resource *res, const Upload *upload, const char *context, const ImportPlan *plan, int64_t *ret_id) {
    SheetFile file = {.data = upload->data, .size = upload->size};
    const char *name = text_cut(c->mem, upload->filename ? upload->filename : "", 200);
    return db_get_int(c, ret_id,
                      "INSERT INTO import_job(resource, account_id, filename, sha256, data, mapping, rows, created_at, context)"
                      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
                      V(res->table), V(c->actor->account_id), V(name), V(import_sha256(c, &file)), param_blob(upload->data, upload->size),
                      V(import_mapping(c, plan)), V(plan->rows), V(c->now), V(context));
}

/* ---- the outcome ---- */

static const char *errors_json(Ctx *c, const ImportResult *result) {
    Text *t = text_new(c->mem, MAX_ERRORS_JSON);
    Value o = value_object(c->mem);
    value_set_int(o, "count", result->error_count);
    value_set(o, "errors", import_error_list(c, result));
    value_json(o, t);
    return t->overflow ? NULL : t->data;
}

/* Once every row is in, the file is of no more use. */
static Error *finish(Ctx *c, const ImportJob *job, ImportJobState state, const ImportResult *r, const char *message) {
    bool keep = state != IMPORT_DONE || r->bad;
    return db_exec(c,
                   "UPDATE import_job SET state = $2, good = $3, bad = $4, added = $5, updated = $6, unchanged = $7, message = $8, errors = $9,"
                   " finished_at = $10, done = rows, mode = $11, mapping = $12, data = CASE WHEN $13 = 1 THEN data END WHERE id = $1",
                   V(job->id), V((int64_t)state), V(r->good), V(r->bad), V(r->added), V(r->changed), V(r->same), V(message),
                   V(errors_json(c, r)), V(c->now), V((int64_t)job->mode), V(job->mapping), V((int64_t)keep));
}

Error *import_job_start(Ctx *c, ImportJob *job, ImportResult *ret) {
    int64_t changed = 0;
    TRY(db_exec_n(c, &changed, "UPDATE import_job SET state = 1, mode = $2, mapping = $3, done = 0, message = NULL WHERE id = $1 AND state IN (0, 3)",
                  V(job->id), V((int64_t)job->mode), V(job->mapping)));
    if (!changed) return err_conflict(c, N_("This import has been started already"));
    if (job->rows > IMPORT_AT_ONCE) {
        job->state = IMPORT_RUNNING;
        return job_enqueue(c, "resource.import", job->id, 0, NULL);
    }
    ImportTask task = import_job_task(job);
    TRY(import_apply(c, &task, ret));
    job->state = IMPORT_DONE;
    return finish(c, job, IMPORT_DONE, ret, NULL);
}

/* ---- the job ---- */

typedef struct Run {
    Ctx *c;
    ImportJob job;
    ImportResult result;
    const char *message;
    int64_t rows, last; /* rows told, and when */
} Run;

static Error *tell_tx(Ctx *c, void *arg) {
    const Run *run = arg;
    return db_exec(c, "UPDATE import_job SET done = $2 WHERE id = $1", V(run->job.id), V(run->rows));
}

static void tell(Ctx *c, void *arg, int64_t rows) {
    Run *run = arg;
    Instant now = instant_now();
    if (now - run->last < PROGRESS_US) return;
    run->last = now;
    run->rows = rows;
    Ctx *turn = ctx_child(c);
    Error *ignored = db_tx(turn, tell_tx, run); /* the next one may succeed */
    (void)ignored;
    ctx_done(turn);
}

static Error *failed_tx(Ctx *c, void *arg) {
    const Run *run = arg;
    return finish(c, &run->job, IMPORT_FAILED, &run->result, run->message);
}

static Error *apply_tx(Ctx *c, void *arg) {
    Run *run = arg;
    ImportTask task = import_job_task(&run->job);
    TRY(import_apply(c, &task, &run->result));
    return finish(c, &run->job, IMPORT_DONE, &run->result, NULL);
}

static Error *check_and_apply(Run *run) {
    Ctx *c = run->c;
    ImportTask task = import_job_task(&run->job);
    task.progress = tell, task.arg = run;
    if (!may(c, run->job.res->access.create)) return err_denied(c, N_("You are not allowed to do this"));
    TRY(import_analyse(c, &task, &run->result));
    if (run->result.plan.problem) return err_invalid(c, "{1}", run->result.plan.problem);
    if (run->job.mode == IMPORT_ALL && run->result.bad)
        return err_invalid(c, N_("{1} of {2} rows have errors. Nothing was imported"), talloc_asprintf(c->mem, "%lld", (long long)run->result.bad),
                           talloc_asprintf(c->mem, "%lld", (long long)run->result.rows));
    run->last = 0;
    tell(c, run, run->job.rows);
    return db_tx(c, apply_tx, run);
}

/* As the account that uploaded the file: its scope and roles hold. A busy database is tried again; everything else ends the import with a
 * message for its owner. */
static Error *run_import(Ctx *c, int64_t id) {
    Run *run = talloc_zero(c->mem, Run);
    Actor *actor = talloc_zero(c->mem, Actor);
    Ctx own = *c;
    Error *e = import_job_load(c, NULL, id, true, &run->job);
    if (e) return e->status == 404 ? NULL : e;
    if (run->job.state != IMPORT_RUNNING) return NULL;
    run->c = &own;
    own.actor = actor;
    e = actor_load(c, run->job.account_id, actor);
    own.lang = lang_get(actor->lang);
    if (!e) e = check_and_apply(run);
    if (!e || e->status == 503) return e;
    run->message = e->status < 500 ? msg_text(own.mem, own.lang, &e->message) : tr(own.lang, N_("Something went wrong on our side. Nothing was imported"));
    Error *also = db_tx(&own, failed_tx, run);
    return e->status >= 500 ? e : also;
}

static Error *sweep_tx(Ctx *c, void *arg) {
    (void)arg;
    return db_exec(c, "DELETE FROM import_job WHERE created_at < $1", V(c->now - IMPORT_KEEP_DAYS * DAY_US));
}

static Error *sweep(Ctx *c, int64_t arg) {
    (void)arg;
    return db_tx(c, sweep_tx, NULL);
}

const JobKind resource_jobs[] = {
    {.name = "resource.import", .run = run_import},
    {.name = "resource.import_sweep", .run = sweep, .every_minutes = 1440, .at_hour = 3, .at_minute = 40},
    {0},
};

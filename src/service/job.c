/* job.c - the job queue: enqueueing, claiming, running, and the schedule. How a claim works is in README.md. */
#include "service/job.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/text.h"
#include "db/db.h"
#include "service/access.h"
#include "service/job_private.h"
#include "service/lang.h"
#include "service/password.h"
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define DAY_MINUTES 1440

enum { MAX_KINDS = 128, TRIES = 5, ERROR_LENGTH = 500 };
static const int64_t STALE = 15 * MINUTE;
static const int64_t pauses[TRIES - 1] = { 10 * SECOND, MINUTE, 10 * MINUTE, 60 * MINUTE };

static const JobKind *kinds[MAX_KINDS];
static size_t kind_count;

void job_add(const JobKind *rows) {
    for (; rows->name; rows++) {
        assert(kind_count < MAX_KINDS && rows->run);
        kinds[kind_count++] = rows;
    }
}

static const JobKind *kind_find(const char *name) {
    for (size_t i = 0; i < kind_count; i++)
        if (!strcmp(kinds[i]->name, name)) return kinds[i];
    return NULL;
}

/* ---- enqueueing ---- */

static void wake(void *arg) {
    (void)arg;
    job_wake();
}

/* A job with this key that is waiting already will see what has changed; one that is running may have looked before, so it is marked to run
 * again by moving its due time, which finish() notices; one that was given up gets another chance. */
Error *job_enqueue(Ctx *c, const char *kind, int64_t arg, Instant due, const char *unique_key) {
    TRY(db_exec(c,
                "INSERT INTO job(kind, arg, due_at, unique_key) VALUES ($1, $2, $3, $4)"
                " ON CONFLICT (unique_key) DO UPDATE SET arg = excluded.arg,"
                " due_at = CASE WHEN excluded.due_at > job.due_at THEN excluded.due_at ELSE job.due_at + 1 END,"
                " attempts = CASE WHEN job.parked = 1 THEN 0 ELSE job.attempts END, parked = 0"
                " WHERE job.claimed_by IS NOT NULL OR job.parked = 1",
                V(kind), V(arg), V(due ? due : c->now), V(unique_key)));
    db_after_commit(c, wake, NULL);
    return NULL;
}

/* ---- the schedule: of each scheduled kind one row waits for the next slot, with the unique key kind|slot ---- */

static Instant next_slot(const JobKind *k, Instant after) {
    if (k->every_minutes != DAY_MINUTES) {
        int64_t step = k->every_minutes * MINUTE;
        return (after / step + 1) * step;
    }
    Date day = date_of_instant(after);
    while (instant_of_day(day, k->at_hour, k->at_minute) <= after) day++;
    return instant_of_day(day, k->at_hour, k->at_minute);
}

static bool is_slot_key(const char *kind, const char *key) {
    size_t n = strlen(kind);
    return !strncmp(key, kind, n) && key[n] == '|';
}

/* *ret_there: some slot of the kind is waiting or running. */
static Error *has_slot(Ctx *c, const JobKind *k, bool *ret_there) {
    Rows *rows;
    *ret_there = false;
    TRY(db_query(c, &rows, "SELECT unique_key FROM job WHERE kind = $1 AND unique_key IS NOT NULL", V(k->name)));
    while (!*ret_there && rows_next(rows)) *ret_there = is_slot_key(k->name, row_text(rows, 0));
    return rows_done(rows);
}

static Error *add_slot(Ctx *c, const JobKind *k, Instant after) {
    Instant due = next_slot(k, after);
    const char *key = talloc_asprintf(c->mem, "%s|%" PRId64, k->name, due / MINUTE);
    return db_exec(
        c, "INSERT INTO job(kind, arg, due_at, unique_key) VALUES ($1, 0, $2, $3) ON CONFLICT (unique_key) DO NOTHING",
        V(k->name), V(due), V(key));
}

/* Another process may have finished this very slot and gone on to the next: only a kind without any slot gets one. */
static Error *add_missing_slot(Ctx *c, void *arg) {
    bool there;
    TRY(has_slot(c, arg, &there));
    return there ? NULL : add_slot(c, arg, c->now);
}

Error *job_schedule(Ctx *c) {
    for (size_t i = 0; i < kind_count; i++) {
        bool there = true;
        if (kinds[i]->every_minutes) TRY(has_slot(c, kinds[i], &there));
        if (!there) TRY(db_tx(c, add_missing_slot, (void *)(uintptr_t)kinds[i]));
    }
    return NULL;
}

/* ---- claiming ---- */

typedef struct Claim {
    const char *who;
    int64_t id, arg, attempts; /* id 0: nothing was due */
    Instant due;
    const char *kind, *key;
} Claim;

static Error *claim(Ctx *c, void *arg) {
    Claim *j = arg;
    Rows *rows;
    j->id = 0;
    TRY(db_query(c, &rows,
                 "UPDATE job SET claimed_by = $1, claimed_at = $2, attempts = attempts + 1"
                 " WHERE claimed_by IS NULL AND id = (SELECT id FROM job WHERE due_at <= $2 AND claimed_by IS NULL AND "
                 "parked = 0"
                 " ORDER BY due_at, id LIMIT 1)"
                 " RETURNING id, kind, arg, due_at, attempts, unique_key",
                 V(j->who), V(c->now)));
    while (rows_next(rows)) {
        j->id = row_int(rows, 0);
        j->kind = row_dup(rows, 1);
        j->arg = row_int(rows, 2);
        j->due = row_int(rows, 3);
        j->attempts = row_int(rows, 4);
        j->key = row_dup(rows, 5);
    }
    return rows_done(rows);
}

static Error *release(Ctx *c, void *arg) {
    return db_exec(
        c, "UPDATE job SET claimed_by = NULL, claimed_at = NULL WHERE claimed_by IS NOT NULL AND claimed_at < $1",
        V(*(const Instant *)arg));
}

Error *job_release(Ctx *c, bool all) {
    Instant before = all ? INT64_MAX : c->now - STALE;
    int64_t n = 0;
    TRY(db_get_int(c, &n, "SELECT count(*) FROM job WHERE claimed_by IS NOT NULL AND claimed_at < $1", V(before)));
    return n ? db_tx(c, release, &before) : NULL;
}

/* ---- finishing ---- */

typedef struct Outcome {
    const Claim *j;
    const JobKind *kind;
    const char *error; /* NULL: it went well */
    Instant now;
    bool parked;
} Outcome;

/* Its next slot takes the row's place; a failure that was given up is remembered there. */
static Error *next_turn(Ctx *c, const Outcome *o) {
    TRY(db_exec(c, "DELETE FROM job WHERE id = $1 AND claimed_by = $2", V(o->j->id), V(o->j->who)));
    bool there; /* a claim that was taken from us has moved on already */
    TRY(has_slot(c, o->kind, &there));
    if (there) return NULL;
    TRY(add_slot(c, o->kind, o->now > o->j->due ? o->now : o->j->due));
    return o->error ? db_exec(c, "UPDATE job SET error = $1 WHERE kind = $2 AND claimed_by IS NULL", V(o->error),
                              V(o->j->kind))
                    : NULL;
}

static Error *finish(Ctx *c, void *arg) {
    const Outcome *o = arg;
    const Claim *j = o->j;
    bool slot = o->kind && o->kind->every_minutes && j->key && is_slot_key(j->kind, j->key);
    if (slot && (!o->error || o->parked)) return next_turn(c, o);
    if (o->error) {
        Instant due = o->now + (o->parked ? 0 : pauses[j->attempts - 1]);
        return db_exec(c,
                       "UPDATE job SET claimed_by = NULL, claimed_at = NULL, due_at = $1, parked = $2, error = $3"
                       " WHERE id = $4 AND claimed_by = $5",
                       V(due), V(o->parked), V(o->error), V(j->id), V(j->who));
    }
    TRY(db_exec(c, "DELETE FROM job WHERE id = $1 AND claimed_by = $2 AND due_at = $3", V(j->id), V(j->who),
                V(j->due)));
    return db_exec(c,
                   "UPDATE job SET claimed_by = NULL, claimed_at = NULL, attempts = 0, error = NULL WHERE id = $1 AND "
                   "claimed_by = $2",
                   V(j->id), V(j->who)); /* still there: it was asked for again meanwhile */
}

/* ---- running ---- */

static const char *describe(Ctx *c, const Error *e) {
    const char *text = e->detail ? e->detail : msg_text(c->mem, NULL, &e->message);
    return text_cut(c->mem, text, ERROR_LENGTH);
}

static const char *run_kind(Ctx *c, const Claim *j, const JobKind *kind) {
    if (!kind) return "unknown kind of job";
    if (j->attempts > TRIES) return "the process ended each time while it ran";
    Error *e = kind->run(c, j->arg);
    return e ? describe(c, e) : NULL;
}

static Error *run_claimed(Ctx *c, const Claim *j, bool real_time) {
    Outcome o = { .j = j, .kind = kind_find(j->kind) };
    o.error = run_kind(c, j, o.kind);
    o.parked = o.error && (!o.kind || j->attempts >= TRIES);
    o.now = real_time ? instant_now() : c->now;
    if (o.error && (j->attempts == 1 || o.parked))
        log_event(o.parked ? LOG_ERROR_ : LOG_WARN_, o.parked ? "job given up" : "job failed", "kind", j->kind, "id",
                  c->request_id, "error", o.error, NULL);
    Ctx after = *c; /* the job fixed its own time; what follows is later */
    after.now = o.now;
    return db_tx(&after, finish, &o);
}

Error *job_run_one(const Ctx *app, const char *who, bool real_time, bool *ret_ran) {
    Ctx c = *app;
    int64_t due = 0;
    c.mem = talloc_new(app->mem);
    c.actor = &system_actor;
    c.lang = lang_get(NULL);
    c.address = "";
    if (real_time) c.now = instant_now();
    *ret_ran = false;
    Claim j = { .who = who };
    /* A look costs no write: claiming is for when there is something to claim. */
    Error *e = db_get_int(
        &c, &due, "SELECT 1 FROM job WHERE due_at <= $1 AND claimed_by IS NULL AND parked = 0 LIMIT 1", V(c.now));
    if (!e && due) e = db_tx(&c, claim, &j);
    if (!e && j.id) {
        c.request_id = talloc_strndup(c.mem, hash_text(&c, random_token(&c)), 16);
        e = run_claimed(&c, &j, real_time);
        *ret_ran = true;
    }
    e = err_copy(app->mem, e);
    talloc_free(c.mem);
    return e;
}

Error *job_run_due(Ctx *c, int *ret_ran) {
    bool ran = true;
    int n = 0;
    TRY(job_release(c, db_engine(c->db) == DB_SQLITE && !job_is_running()));
    TRY(job_schedule(c));
    const char *who = talloc_asprintf(c->mem, "here %s", random_token(c));
    for (;; n++) {
        TRY(job_run_one(c, who, false, &ran));
        if (!ran) break;
    }
    if (ret_ran) *ret_ran = n;
    return NULL;
}

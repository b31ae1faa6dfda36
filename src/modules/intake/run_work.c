/* run_work.c - rows of a file into facts, in chunks: facts, keys and how far the run is are committed together.
 *
 * Killed between two chunks, the run is called again, reads the file from its beginning and goes on behind the last committed row; killed inside one,
 * the chunk never was. So nothing is lost and nothing doubled, whoever works on it, and as often as it may be. */
#include "base/i18n.h"
#include "modules/intake/intake_private.h"
#include "service/audit.h"
#include "service/lang.h"
#include "service/session.h"
#include <inttypes.h>
#include <string.h>
#include <talloc.h>

enum { CHUNK = 2000 }; /* sums are written once a chunk, so larger ones cost less; smaller ones let others write sooner */

/* ---- one row and its key ---- */

typedef enum Effect { EFFECT_NONE, EFFECT_SAME, EFFECT_ADD, EFFECT_UPDATE } Effect;
typedef struct KnownKey {
    int64_t id, run_id, row, fact_id;
    const char *hash;
} KnownKey;

static Error *find_key(Ctx *c, int64_t feed_id, const char *key, KnownKey *ret) {
    Rows *rows;
    *ret = (KnownKey){0};
    TRY(db_query(c, &rows, "SELECT id, run_id, source_row, coalesce(fact_id, 0), hash FROM feed_key WHERE feed_id = $1 AND key = $2", V(feed_id), V(key)));
    if (rows_next(rows)) *ret = (KnownKey){.id = row_int(rows, 0), .run_id = row_int(rows, 1), .row = row_int(rows, 2), .fact_id = row_int(rows, 3), .hash = row_dup(rows, 4)};
    return rows_done(rows);
}

/* A key that a later file has set stays as that file said: rows that waited do not bring back what has been corrected meanwhile. */
static Effect effect_of(const KnownKey *known, int64_t run_id, const Judged *j) {
    if (!known->id) return j->verdict == ROW_FACT ? EFFECT_ADD : EFFECT_NONE;
    if (known->run_id > run_id || !strcmp(known->hash, j->hash)) return j->verdict == ROW_FACT ? EFFECT_SAME : EFFECT_NONE;
    return EFFECT_UPDATE;
}

/* The fact of a key may have been entered anew when its person was transferred: the newest of its run and row stands. */
static Error *take_back(Ctx *c, const KnownKey *known) {
    int64_t newest = 0, from = known->fact_id & ~INT64_C(4095);
    if (!known->fact_id) return NULL;
    TRY(db_get_int(c, &newest, "SELECT max(id) FROM fact WHERE id >= $1 AND id < $2 AND source = $3 AND source_id = $4 AND source_row = $5 AND reverses IS NULL", V(from), V(from + 4096),
                   V(FACT_IMPORT), V(known->run_id), V(known->row)));
    return fact_reverse(c, newest ? newest : known->fact_id);
}

static Error *store_key(Ctx *c, int64_t feed_id, int64_t run_id, const Judged *j, const KnownKey *known, int64_t fact_id) {
    if (known->id)
        return db_exec(c, "UPDATE feed_key SET hash = $2, fact_id = $3, run_id = $4, source_row = $5 WHERE id = $1", V(known->id), V(j->hash), V_id(fact_id), V(run_id), V(j->number));
    return db_exec(c, "INSERT INTO feed_key(feed_id, key, hash, fact_id, run_id, source_row) VALUES ($1, $2, $3, $4, $5, $6)", V(feed_id), V(j->key), V(j->hash), V_id(fact_id), V(run_id),
                   V(j->number));
}

/* ---- a chunk ---- */

typedef struct Tally {
    int64_t good, added, updated, skipped, waiting, bad;
    Date first, last; /* days of what was written */
} Tally;

typedef struct Work {
    Ctx *c;
    FeedRun *run;
    IntakeWalk walk;
    Ctx *turn; /* of the chunk's texts */
    Judged *chunk;
    bool lost; /* somebody else has gone on with the run */
    int count;
    int64_t kept_errors, last; /* last: row up to which the chunk goes */
    const char *message;
} Work;

static void add_error(Text *errors, Work *w, int64_t row, const char *column, const char *message, int64_t kept) {
    if (w->kept_errors + kept >= INTAKE_KEPT_ERRORS) return;
    text_addf(errors, "%" PRId64 "\t", row);
    for (const char *p = column; *p; p++) text_add_char(errors, *p == '\t' || *p == '\n' ? ' ' : *p);
    text_add_char(errors, '\t');
    for (const char *p = message; *p; p++) text_add_char(errors, *p == '\n' ? ' ' : *p);
    text_add_char(errors, '\n');
}

static Error *note_unknown(Ctx *c, const FeedRun *run, const Judged *j) {
    for (int k = 0; k < NAME_KINDS; k++) {
        int64_t changed = 0;
        if (!j->unknown[k]) continue;
        TRY(db_exec_n(c, &changed, "UPDATE feed_unknown SET rows = rows + 1 WHERE run_id = $1 AND kind = $2 AND name = $3", V(run->id), V(k), V(j->unknown[k])));
        if (changed) continue;
        TRY(db_get_int(c, &changed, "SELECT count(*) FROM feed_unknown WHERE run_id = $1", V(run->id)));
        if (changed < INTAKE_UNKNOWN) TRY(db_exec(c, "INSERT INTO feed_unknown(run_id, kind, name, rows) VALUES ($1, $2, $3, 1)", V(run->id), V(k), V(j->unknown[k])));
    }
    return NULL;
}

/* Writes what the row says. What the day or the person refuses is an error of the row; nothing of it has been written then. */
static Error *write_fact(Ctx *c, const FeedRun *run, const Judged *j, const KnownKey *known, const char **ret_refused) {
    Fact fact = j->fact;
    *ret_refused = NULL;
    fact.source_id = run->id;
    fact.source_row = j->number;
    if (known->id) TRY(take_back(c, known));
    if (j->verdict == ROW_FACT) {
        Error *e = fact_append(c, &fact);
        if (e && !known->id && (e->status == 409 || e->status == 422) && !e->detail) {
            *ret_refused = msg_text(c->mem, c->lang, &e->message);
            return NULL;
        }
        TRY(e);
    }
    return store_key(c, run->feed_id, run->id, j, known, fact.id);
}

static Error *write_row(Ctx *c, Work *w, const Judged *j, Tally *t, Text *errors) {
    const char *refused;
    KnownKey known = {0};
    switch (j->verdict) {
    case ROW_REFUSED:
        add_error(errors, w, j->number, j->column, j->message, t->bad++);
        return NULL;
    case ROW_WAITS:
        t->waiting++;
        return note_unknown(c, w->run, j);
    case ROW_REPEATED:
        t->good++;
        return NULL;
    case ROW_NOTHING:
    case ROW_FACT: break;
    }
    if (*j->key) TRY(find_key(c, w->run->feed_id, j->key, &known));
    Effect effect = effect_of(&known, w->run->id, j);
    if (effect == EFFECT_NONE) t->skipped++;
    else t->good++;
    if (effect == EFFECT_NONE || effect == EFFECT_SAME) return NULL;
    TRY(write_fact(c, w->run, j, &known, &refused));
    if (refused) {
        add_error(errors, w, j->number, "", refused, t->bad++);
        t->good--;
        return NULL;
    }
    t->added += effect == EFFECT_ADD;
    t->updated += effect == EFFECT_UPDATE;
    if (j->verdict != ROW_FACT) return NULL;
    if (t->first == DATE_NONE || j->fact.day < t->first) t->first = j->fact.day;
    if (t->last == DATE_NONE || j->fact.day > t->last) t->last = j->fact.day;
    return NULL;
}

/* Only whoever finds the run where he left it goes on: of two who work on the same run one stops here. */
static Error *chunk_tx(Ctx *c, void *arg) {
    Work *w = arg;
    Tally t = {.first = DATE_NONE, .last = DATE_NONE};
    char first[DATE_TEXT], last[DATE_TEXT];
    int64_t changed = 0;
    Text *errors = text_new(c->mem, 4 << 20);
    TRY(db_exec_n(c, &changed, "UPDATE feed_run SET done = $4 WHERE id = $1 AND state = 1 AND pass = $2 AND done = $3", V(w->run->id), V(w->run->pass), V(w->run->done), V(w->last)));
    w->lost = !changed;
    if (w->lost) return err_conflict(c, N_("This file is being taken in already"));
    for (int i = 0; i < w->count; i++) TRY(write_row(c, w, &w->chunk[i], &t, errors));
    if (t.first != DATE_NONE)
        TRY(db_exec(c, "UPDATE feed_run SET first_day = CASE WHEN first_day < $2 THEN first_day ELSE $2 END, last_day = CASE WHEN last_day > $3 THEN last_day ELSE $3 END WHERE id = $1",
                    V(w->run->id), V(date_text(t.first, first)), V(date_text(t.last, last))));
    return db_exec(c,
                   "UPDATE feed_run SET good = good + $2, added = added + $3, updated = updated + $4, skipped = skipped + $5, waiting = waiting + $6, bad = bad + $7,"
                   " errors = CASE WHEN $8 = '' THEN errors ELSE coalesce(errors, '') || $8 END WHERE id = $1",
                   V(w->run->id), V(t.good), V(t.added), V(t.updated), V(t.skipped), V(t.waiting), V(t.bad), V(errors->data));
}

static Error *write_chunk(Work *w) {
    if (!w->count) return NULL;
    w->last = w->chunk[w->count - 1].number;
    Error *e = err_copy(w->c->mem, db_tx(w->turn, chunk_tx, w));
    if (e) return e;
    for (int i = 0; i < w->count; i++) w->kept_errors += w->chunk[i].verdict == ROW_REFUSED;
    w->run->done = w->last;
    w->count = 0;
    ctx_done(w->turn);
    w->turn = ctx_child(w->c);
    return NULL;
}

static void keep_row(Work *w, const Judged *row) {
    Judged *j = &w->chunk[w->count++];
    *j = *row;
    j->key = talloc_strdup(w->turn->mem, row->key);
    j->hash = talloc_strdup(w->turn->mem, row->hash);
    j->column = talloc_strdup(w->turn->mem, row->column);
    j->message = row->message ? talloc_strdup(w->turn->mem, row->message) : NULL;
    for (int k = 0; k < NAME_KINDS; k++) j->unknown[k] = row->unknown[k] ? talloc_strdup(w->turn->mem, row->unknown[k]) : NULL;
}

static Error *take_row(Ctx *c, void *arg, const Judged *row, const char *const *cells, size_t count) {
    Work *w = arg;
    (void)c, (void)cells, (void)count;
    if (row->number <= w->run->done) { /* committed before somebody stopped us */
        w->kept_errors += row->verdict == ROW_REFUSED;
        return NULL;
    }
    keep_row(w, row);
    return w->count == CHUNK ? write_chunk(w) : NULL;
}

/* ---- a run ---- */

static Error *plan_tx(Ctx *c, void *arg) {
    const Work *w = arg;
    return db_exec(c, "UPDATE feed_run SET rows = $2, last_row = $3 WHERE id = $1 AND state = 1", V(w->run->id), V(w->walk.plan.rows), V(w->walk.plan.last_row));
}

/* What was new or changed in an earlier pass is unchanged in this one, but of the file as a whole it is new. */
static Error *finish_tx(Ctx *c, void *arg) {
    const Work *w = arg;
    return db_exec(c, "UPDATE feed_run SET state = $2, message = $3, unchanged = CASE WHEN good > added + updated THEN good - added - updated ELSE 0 END, finished_at = $4, updated_at = $4,"
                      " version = version + 1 WHERE id = $1 AND state = 1 AND pass = $5",
                   V(w->run->id), V(w->message ? RUN_FAILED : RUN_DONE), V(w->message), V(instant_now()), V(w->run->pass));
}

static Error *go_through(Work *w) {
    Ctx *c = w->c;
    Feed *feed;
    if (!may(c, ROLE_INTAKE)) return err_denied(c, N_("You are not allowed to do this"));
    TRY(feed_load(c, w->run->feed_id, &feed));
    TRY(run_file(c, w->run, &w->walk.file));
    TRY(intake_plan(c, &w->walk.file, feed, &w->walk.plan));
    TRY(intake_bind(c, &w->walk.plan, feed, &w->walk.map));
    if (w->walk.map.problem) return err_invalid(c, "{1}", w->walk.map.problem);
    TRY(names_load(c, &w->walk.names));
    TRY(db_tx(c, plan_tx, w));
    w->chunk = talloc_array(c->mem, Judged, CHUNK);
    w->turn = ctx_child(c);
    w->walk.each = take_row, w->walk.arg = w;
    TRY(intake_walk(c, &w->walk));
    return write_chunk(w);
}

Error *run_work(Ctx *c, int64_t id) {
    Work *w = talloc_zero(c->mem, Work);
    w->c = c;
    TRY(run_load(c, id, &w->run));
    if (w->run->state != RUN_RUNNING) return NULL;
    Error *e = go_through(w);
    if (e && (e->status == 503 || w->lost)) return e;
    w->message = !e ? NULL : e->status < 500 ? msg_text(c->mem, c->lang, &e->message) : tr(c->lang, N_("Something went wrong on our side. Start the file again"));
    Error *also = db_tx(c, finish_tx, w);
    return e && e->status >= 500 ? e : also;
}

Error *run_take(Ctx *c, NewRun *run) {
    enum { JOB_DELAY = 60 };
    run->start = true, run->delay_s = JOB_DELAY;
    TRY(run_keep(c, run));
    TRY(db_tx(c, run_add, run));
    return run_work(c, run->id);
}

Error *intake_take(Ctx *c, int64_t feed_id, const char *filename, const void *data, size_t size) {
    NewRun run = {.feed_id = feed_id, .filename = filename, .data = data, .size = size};
    return run_take(c, &run);
}

/* As the account that sent the file: in its language, and only while it may. */
Error *intake_run_job(Ctx *c, int64_t id) {
    FeedRun *run;
    Ctx own = *c;
    Actor *actor = talloc_zero(c->mem, Actor);
    Error *e = run_load(c, id, &run);
    if (e) return e->status == 404 ? NULL : e;
    if (run->account_id > 0) {
        e = actor_load(c, run->account_id, actor);
        if (e && e->status != 404) return e;
        own.actor = actor; /* an account that is gone has no role, and the run fails saying so */
        own.lang = lang_get(actor->lang);
    }
    e = run_work(&own, id);
    return e && e->status == 409 ? NULL : e;
}

/* ---- what it would do ---- */

typedef struct Unknown {
    int kind;
    const char *name;
    int64_t rows;
} Unknown;
typedef struct Checking {
    Ctx *c;
    const FeedRun *run;
    RunCheck *ret;
    Unknown *unknown;
    size_t unknown_count;
} Checking;

static void count_unknown(Checking *k, const Judged *row) {
    for (int kind = 0; kind < NAME_KINDS; kind++) {
        size_t i = 0;
        if (!row->unknown[kind]) continue;
        while (i < k->unknown_count && (k->unknown[i].kind != kind || strcmp(k->unknown[i].name, row->unknown[kind]) != 0)) i++;
        if (i < k->unknown_count) k->unknown[i].rows++;
        else if (i < INTAKE_UNKNOWN) k->unknown[k->unknown_count++] = (Unknown){.kind = kind, .name = talloc_strdup(k->c->mem, row->unknown[kind]), .rows = 1};
    }
}

static Error *check_row(Ctx *c, void *arg, const Judged *row, const char *const *cells, size_t count) {
    Checking *k = arg;
    RunCheck *r = k->ret;
    KnownKey known = {0};
    (void)cells, (void)count;
    r->rows++;
    if (row->verdict == ROW_REFUSED) {
        if (r->bad++ < INTAKE_KEPT_ERRORS) value_push(r->errors, intake_error_item(k->c, row->number, talloc_strdup(k->c->mem, row->column), talloc_strdup(k->c->mem, row->message)));
    } else if (row->verdict == ROW_WAITS) {
        r->waiting++;
        count_unknown(k, row);
    } else if (row->verdict == ROW_REPEATED)
        r->unchanged++;
    if (row->verdict != ROW_NOTHING && row->verdict != ROW_FACT) return NULL;
    if (*row->key && k->run->feed_id) TRY(find_key(c, k->run->feed_id, row->key, &known));
    Effect effect = effect_of(&known, k->run->id, row);
    r->skipped += effect == EFFECT_NONE;
    r->unchanged += effect == EFFECT_SAME;
    r->added += effect == EFFECT_ADD;
    r->updated += effect == EFFECT_UPDATE;
    return NULL;
}

static Value unknown_list(const Checking *k) {
    Value list = value_array(k->c->mem);
    for (size_t i = 0; i < k->unknown_count; i++) {
        Value o = value_object(k->c->mem);
        value_set_text(o, "kind", name_kind_codes[k->unknown[i].kind]);
        value_set_text(o, "kind_title", tr(k->c->lang, name_kind_labels[k->unknown[i].kind]));
        value_set_text(o, "name", k->unknown[i].name);
        value_set_int(o, "rows", k->unknown[i].rows);
        value_push(list, o);
    }
    return list;
}

Error *run_check(Ctx *c, const FeedRun *run, const Feed *feed, RunCheck *ret) {
    IntakeWalk w = {.max_rows = INTAKE_CHECKED, .each = check_row};
    Checking k = {.c = c, .run = run, .ret = ret, .unknown = talloc_array(c->mem, Unknown, INTAKE_UNKNOWN)};
    *ret = (RunCheck){.errors = value_array(c->mem)};
    w.arg = &k;
    TRY(run_file(c, run, &w.file));
    TRY(intake_plan(c, &w.file, feed, &w.plan));
    TRY(intake_bind(c, &w.plan, feed, &w.map));
    ret->problem = w.map.problem;
    ret->partly = w.plan.rows > INTAKE_CHECKED;
    if (!ret->problem) {
        TRY(names_load(c, &w.names));
        TRY(intake_walk(c, &w));
    }
    memcpy(ret->matched, w.matched, sizeof ret->matched);
    ret->unknown = unknown_list(&k);
    return NULL;
}

/* ---- rows that did not come in ---- */

typedef struct FailedRows {
    SheetWriter *sheet;
    size_t columns;
} FailedRows;

static Error *put_failed(Ctx *c, void *arg, const Judged *row, const char *const *cells, size_t count) {
    FailedRows *f = arg;
    if (row->verdict != ROW_REFUSED && row->verdict != ROW_WAITS) return NULL;
    for (size_t i = 0; i < f->columns; i++) sheet_put_text(f->sheet, i < count ? cells[i] : "");
    sheet_put_text(f->sheet, row->verdict == ROW_WAITS ? name_unknown_text(c, row) : talloc_asprintf(c->mem, "%s: %s", row->column, row->message));
    sheet_next_row(f->sheet);
    return NULL;
}

Error *run_failed_rows(Ctx *c, const FeedRun *run, const char **ret_path) {
    IntakeWalk w = {.each = put_failed};
    FailedRows f = {0};
    Feed *feed;
    w.arg = &f;
    if (!run->feed_id || !(run->bad + run->waiting)) return err_not_found(c, N_("This file has no failed rows"));
    TRY(feed_load(c, run->feed_id, &feed));
    TRY(run_file(c, run, &w.file));
    TRY(intake_plan(c, &w.file, feed, &w.plan));
    TRY(intake_bind(c, &w.plan, feed, &w.map));
    if (w.map.problem) return err_invalid(c, "{1}", w.map.problem);
    TRY(names_load(c, &w.names));
    f.columns = w.plan.count < SHEET_MAX_COLUMNS ? w.plan.count : SHEET_MAX_COLUMNS - 1;
    SheetColumn *columns = talloc_zero_array(c->mem, SheetColumn, (unsigned)f.columns + 1);
    for (size_t i = 0; i < f.columns; i++) columns[i].heading = w.plan.columns[i].heading;
    columns[f.columns].heading = tr(c->lang, N_("Reason"));
    TRY(sheet_writer_new(c, tr(c->lang, N_("Failed rows")), columns, f.columns + 1, NULL, &f.sheet));
    TRY(intake_walk(c, &w));
    return sheet_writer_close(f.sheet, ret_path);
}

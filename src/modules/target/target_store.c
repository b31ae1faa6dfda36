/* target_store.c - writing targets: drafts month by month, publishing, and revisions that are decided on. Past months are never rewritten. */
#include "base/i18n.h"
#include "modules/org/org.h"
#include "modules/target/target_private.h"
#include "service/audit.h"
#include <string.h>
#include <talloc.h>

static const char *month_column(Ctx *c, TargetTier tier, int month) {
    return talloc_asprintf(c->mem, "%c%d", "bce"[tier], month + 1);
}

static Error *check_value(Ctx *c, const Metric *m, int64_t value) {
    if (value == INT_NONE || (value >= 0 && value <= MONEY_MAX)) return NULL;
    return err_field(c, "value", value < 0 ? N_("A target cannot be negative") : N_("This number is too large"), m->name);
}

/* ---- a version as a row ---- */

static Error *insert_version(Ctx *c, Target *t, int64_t revision_id, int from_month) {
    Param p[7 + TARGET_TIERS * TARGET_MONTHS] = {V(t->id), V(t->seq), V(t->state), V_id(revision_id), V(from_month + 1), V(c->now), V_id(c->actor->account_id)};
    for (int i = 0; i < TARGET_TIERS * TARGET_MONTHS; i++) {
        int64_t n = t->months.n[i / TARGET_MONTHS][i % TARGET_MONTHS];
        p[7 + i] = n == INT_NONE ? param_null() : param_int(n);
    }
    Rows *rows;
    TRY(db_query_(c, &rows,
                  "INSERT INTO target_version(target_id, seq, state, revision_id, from_month, created_at, created_by,"
                  " b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12,"
                  " e1, e2, e3, e4, e5, e6, e7, e8, e9, e10, e11, e12)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,"
                  " $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43) RETURNING id",
                  p, sizeof p / sizeof *p));
    if (rows_next(rows)) t->version_id = row_int(rows, 0);
    return rows_done(rows);
}

static Error *update_months(Ctx *c, const Target *t) {
    Param p[1 + TARGET_TIERS * TARGET_MONTHS] = {V(t->version_id)};
    for (int i = 0; i < TARGET_TIERS * TARGET_MONTHS; i++) {
        int64_t n = t->months.n[i / TARGET_MONTHS][i % TARGET_MONTHS];
        p[1 + i] = n == INT_NONE ? param_null() : param_int(n);
    }
    return db_exec_(c, NULL,
                    "UPDATE target_version SET b1 = $2, b2 = $3, b3 = $4, b4 = $5, b5 = $6, b6 = $7, b7 = $8, b8 = $9, b9 = $10, b10 = $11, b11 = $12, b12 = $13,"
                    " c1 = $14, c2 = $15, c3 = $16, c4 = $17, c5 = $18, c6 = $19, c7 = $20, c8 = $21, c9 = $22, c10 = $23, c11 = $24, c12 = $25,"
                    " e1 = $26, e2 = $27, e3 = $28, e4 = $29, e5 = $30, e6 = $31, e7 = $32, e8 = $33, e9 = $34, e10 = $35, e11 = $36, e12 = $37 WHERE id = $1",
                    p, sizeof p / sizeof *p);
}

/* The target's row; made if there is none. */
static Error *own_row(Ctx *c, const Metric *m, int64_t year, MetricScope scope, Target *t) {
    int64_t metric = m->id;
    TRY(target_load(c, m, year, scope, TARGET_DRAFT, t));
    if (t->id) return NULL;
    target_clear(t);
    t->metric_id = m->id, t->year = year, t->scope = scope, t->seq = 1;
    TRY(db_get_int(c, &t->id, "INSERT INTO target(metric_id, year, scope_kind, scope_id, version, created_at, created_by, updated_at, updated_by)"
                              " VALUES ($1, $2, $3, $4, 1, $5, $6, $5, $6) RETURNING id",
                   V(metric), V(year), V((int)scope.kind), V(scope.id), V(c->now), V_id(c->actor->account_id)));
    return insert_version(c, t, 0, 0);
}

static void add_change(Text *changes, const char *what, int64_t before, int64_t after) {
    text_addf(changes, "%s\"%s\":[", changes->len > 1 ? "," : "", what);
    before == INT_NONE ? text_add(changes, "null") : text_add_int(changes, before);
    text_add(changes, ",");
    after == INT_NONE ? text_add(changes, "null") : text_add_int(changes, after);
    text_add(changes, "]");
}

/* changes: "{" and what add_change has written. */
static Error *audit_changes(Ctx *c, const Target *t, Text *changes) {
    text_add(changes, "}");
    TRY(db_exec(c, "UPDATE target SET version = version + 1, updated_at = $2, updated_by = $3 WHERE id = $1", V(t->id), V(c->now), V_id(c->actor->account_id)));
    return audit_record(c, "update", "target", t->id, changes->data);
}

static Error *refuse_in_force(Ctx *c, const Target *t) {
    if (t->state == TARGET_STATE_DRAFT) return NULL;
    if (t->state == TARGET_STATE_WAITING) return err_conflict(c, N_("A revision of this target waits for its decision"));
    return err_conflict(c, N_("This target is in force; change it by a revision with a reason"));
}

Error *target_set_months(Ctx *c, const Metric *m, int64_t year, MetricScope scope, const TargetMonths *months) {
    Target t;
    Text *changes = text_new(c->mem, 4000);
    for (int i = 0; i < TARGET_TIERS * TARGET_MONTHS; i++) TRY(check_value(c, m, months->n[i / TARGET_MONTHS][i % TARGET_MONTHS]));
    TRY(own_row(c, m, year, scope, &t));
    TRY(refuse_in_force(c, &t));
    text_add(changes, "{");
    for (int tier = 0; tier < TARGET_TIERS; tier++)
        for (int i = 0; i < TARGET_MONTHS; i++)
            if (t.months.n[tier][i] != months->n[tier][i]) add_change(changes, month_column(c, (TargetTier)tier, i), t.months.n[tier][i], months->n[tier][i]);
    if (changes->len == 1) return NULL;
    t.months = *months;
    TRY(update_months(c, &t));
    return audit_changes(c, &t, changes);
}

Error *target_set(Ctx *c, const Metric *m, int64_t year, MetricScope scope, TargetTier tier, int month, int64_t value) {
    Target t;
    TRY(target_load(c, m, year, scope, TARGET_DRAFT, &t));
    if (t.inherited) target_clear(&t);
    t.months.n[tier][month] = value;
    return target_set_months(c, m, year, scope, &t.months);
}

Error *target_set_floor(Ctx *c, const Metric *m, int64_t year, MetricScope scope, int64_t floor) {
    Target t;
    TRY(check_value(c, m, floor));
    TRY(own_row(c, m, year, scope, &t));
    if (t.floor == floor) return NULL;
    TRY(refuse_in_force(c, &t));
    TRY(db_exec(c, "UPDATE target SET floor = $2 WHERE id = $1", V(t.id), floor == INT_NONE ? param_null() : V(floor)));
    Text *changes = text_new(c->mem, 200);
    text_add(changes, "{");
    add_change(changes, "floor", t.floor, floor);
    return audit_changes(c, &t, changes);
}

Error *target_publish(Ctx *c, const Metric *m, int64_t year, int64_t unit_id, int64_t *ret_count) {
    Rows *rows;
    int64_t *ids = NULL;
    size_t n = 0;
    bool own;
    TRY(target_may_set(c, (MetricScope){SCOPE_UNIT, unit_id}, &own));
    TRY(db_query(c, &rows, "SELECT t.id FROM target t WHERE t.metric_id = $1 AND t.year = $2 AND EXISTS (SELECT 1 FROM target_version v WHERE v.target_id = t.id AND v.state = 0)"
                           " AND ((t.scope_kind = 0 AND t.scope_id IN (SELECT a.below_id FROM unit_above a WHERE a.above_id = $3 AND (a.below_id <> $3 OR $4 = 1)))"
                           "   OR (t.scope_kind = 1 AND t.scope_id IN (SELECT e.id FROM employee e JOIN unit_above a ON a.below_id = e.unit_id WHERE a.above_id = $3))"
                           "   OR (t.scope_kind = 2 AND EXISTS (SELECT 1 FROM org_unit u WHERE u.id = $3 AND u.kind = 0))) ORDER BY t.id",
                 V(m->id), V(year), V(unit_id), V(own)));
    while (rows_next(rows)) {
        if (!(n & (n - 1))) ids = talloc_realloc(c->mem, ids, int64_t, n ? (unsigned)n * 2 : 1);
        ids[n++] = row_int(rows, 0);
    }
    TRY(rows_done(rows));
    for (size_t i = 0; i < n; i++) {
        TRY(db_exec(c, "UPDATE target_version SET state = 1 WHERE target_id = $1 AND state = 0", V(ids[i])));
        TRY(audit_record(c, "publish", "target", ids[i], "{\"state\":[\"draft\",\"in_force\"]}"));
    }
    *ret_count = (int64_t)n;
    return NULL;
}

/* ---- revisions ---- */

static Error *check_months(Ctx *c, int64_t year, int from_month, const TargetChange *changes, size_t count) {
    int64_t this_year;
    int this_month;
    target_month_of(date_of_instant(c->now), metric_fiscal_month(c), &this_year, &this_month);
    if (year < this_year || (year == this_year && from_month < this_month)) return err_field(c, "from_month", N_("Months that have ended are not rewritten"));
    for (size_t i = 0; i < count; i++)
        if (changes[i].month < from_month) return err_field(c, "from_month", N_("A changed month lies before the month the revision begins with"));
    return NULL;
}

/* Copies what is in force into a waiting version, once for each target of the revision. */
static Error *waiting_version(Ctx *c, const Metric *m, int64_t year, int64_t revision_id, int from_month, const TargetChange *change, Target *t) {
    Target before;
    TRY(target_load(c, m, year, change->scope, TARGET_DRAFT, &before));
    if (before.id && before.state == TARGET_STATE_DRAFT) return err_conflict(c, N_("This target is still a draft; it is changed without a revision"));
    TRY(own_row(c, m, year, change->scope, t));
    if (t->state == TARGET_STATE_WAITING) {
        int64_t mine = 0;
        TRY(db_get_int(c, &mine, "SELECT 1 FROM target_version WHERE id = $1 AND revision_id = $2", V(t->version_id), V(revision_id)));
        return mine ? NULL : err_conflict(c, N_("A revision of this target waits for its decision"));
    }
    int64_t last = 0;
    TRY(db_get_int(c, &last, "SELECT max(seq) FROM target_version WHERE target_id = $1", V(t->id)));
    t->seq = last + 1;
    t->state = TARGET_STATE_WAITING;
    return insert_version(c, t, revision_id, from_month);
}

Error *target_revise(Ctx *c, const Metric *m, int64_t year, int64_t unit_id, int from_month, const char *reason, const TargetChange *changes, size_t count, int64_t *ret_id) {
    TRY(check_months(c, year, from_month, changes, count));
    if (!reason || !*reason) return err_field(c, "reason", N_("Give a reason"));
    if (!count) return err_field(c, "changes", N_("Nothing was changed"));
    TRY(db_get_int(c, ret_id, "INSERT INTO target_revision(metric_id, year, unit_id, from_month, reason, state, submitted_by, submitted_at, version, created_at, created_by, updated_at, updated_by)"
                              " VALUES ($1, $2, $3, $4, $5, 0, $6, $7, 1, $7, $6, $7, $6) RETURNING id",
                   V(m->id), V(year), V(unit_id), V(from_month + 1), V(reason), V(c->actor->account_id), V(c->now)));
    for (size_t i = 0; i < count; i++) {
        Target t;
        TRY(check_value(c, m, changes[i].value));
        TRY(waiting_version(c, m, year, *ret_id, from_month, &changes[i], &t));
        t.months.n[changes[i].tier][changes[i].month] = changes[i].value;
        TRY(update_months(c, &t));
    }
    return audit_record(c, "create", "target_revision", *ret_id, "{}");
}

Error *target_decide(Ctx *c, int64_t revision_id, TargetDecision decision, const char *note) {
    static const char *const names[] = {"approve", "reject", "withdraw"};
    Rows *rows;
    TRY(db_one(c, &rows, "SELECT state, submitted_by FROM target_revision WHERE id = $1", V(revision_id)));
    if (!rows) return err_not_found(c, N_("This page is not there, or not for you"));
    int64_t state = row_int(rows, 0), by = row_int(rows, 1);
    TRY(rows_done(rows));
    if (state) return err_conflict(c, N_("This revision has been decided on already"));
    bool own = by == c->actor->account_id && !c->actor->system;
    if (decision == TARGET_APPROVE && own && !may(c, ROLE_ADMIN)) return err_denied(c, N_("Somebody else approves what you have submitted"));
    if (decision == TARGET_WITHDRAW && !own) return err_denied(c, N_("Only whoever submitted it can withdraw it"));
    if (decision == TARGET_REJECT && (!note || !*note)) return err_field(c, "reason", N_("Give a reason"));
    TRY(db_exec(c, "UPDATE target_version SET state = $2 WHERE revision_id = $1", V(revision_id), V(decision == TARGET_APPROVE ? TARGET_STATE_FORCE : TARGET_STATE_REFUSED)));
    TRY(db_exec(c, "UPDATE target_revision SET state = $2, decided_by = $3, decided_at = $4, decision = $5, version = version + 1, updated_at = $4, updated_by = $3 WHERE id = $1", V(revision_id),
                V((int)decision + 1), V(c->actor->account_id), V(c->now), V(note)));
    return audit_record(c, names[decision], "target_revision", revision_id, "{}");
}

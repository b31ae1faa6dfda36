/* target_revision.c - adjustments of targets in force: submitted from the grid, decided on by whoever leads the unit above. */
#include "base/i18n.h"
#include "modules/target/target_change.h"
#include "modules/target/target_revision.h"
#include "service/notify.h"
#include <string.h>
#include <talloc.h>

/* ---- submitting ---- */

typedef struct Submission {
    Grid grid;
    CellChanges changes;
    const char *reason;
    int64_t unit_id, id;
} Submission;

/* The leader of the unit above and the administrators: whoever may say yes. */
static Error *notify_approvers(Ctx *c, const Submission *s) {
    Rows *rows;
    int64_t leader = 0, accounts[100];
    int n = 0;
    Msg m = {.id = N_("Target adjustment of {1} waits for your approval"), .args = {s->grid.own.t.name}};
    const char *href = talloc_asprintf(c->mem, "/targets/revisions#r%lld", (long long)s->id);
    TRY(db_get_int(c, &leader, "SELECT p.leader_id FROM org_unit u JOIN org_unit p ON p.id = u.parent_id WHERE u.id = $1", V(s->unit_id)));
    if (leader && leader != c->actor->employee_id) TRY(notify_employee(c, leader, "target.revision", m, href));
    TRY(db_query(c, &rows, "SELECT id FROM account WHERE status = 0 AND (roles & 32) <> 0 AND id <> $1 AND coalesce(employee_id, 0) <> $2 ORDER BY id", V(c->actor->account_id), V(leader)));
    while (rows_next(rows) && n < 100) accounts[n++] = row_int(rows, 0);
    TRY(rows_done(rows));
    for (int i = 0; i < n; i++) TRY(notify_account(c, accounts[i], "target.revision", m, href));
    return NULL;
}

static Error *submit_tx(Ctx *c, void *arg) {
    Submission *s = arg;
    TargetChange *list = talloc_array(c->mem, TargetChange, (unsigned)s->changes.count + 1);
    TRY(target_changes_check(c, &s->changes, TARGET_IN_FORCE));
    for (size_t i = 0; i < s->changes.count; i++) {
        const CellChange *cell = &s->changes.list[i];
        if (cell->month == TARGET_FLOOR) return err_field(c, cell->field, N_("A floor is not adjusted by months"));
        list[i] = (TargetChange){cell->scope, cell->tier, cell->month, cell->value};
    }
    TRY(target_revise(c, s->grid.m, s->grid.year, s->unit_id, s->grid.from_month, s->reason, list, s->changes.count, &s->id));
    return notify_approvers(c, s);
}

static Error *submitted(Req *r, void *arg) {
    const Submission *s = arg;
    Value o = value_object(r->c.mem);
    if (!r->wants_json) return respond_done(r, "/targets/revisions", "success", (Msg){.id = N_("Submitted for approval")});
    value_set_int(o, "id", s->id);
    return respond_json(r, 201, o);
}

static Error *submit_failed(Req *r, void *arg, Error *e) {
    Submission *s = arg;
    if (e->status != 422 && e->status != 409) return e;
    if (r->wants_json) return target_changes_refused(r, &s->changes, e);
    TRY(target_grid_load(&r->c, &s->grid));
    return target_grid_answer(r, e->status, &s->grid, e, NULL);
}

static Error *submit(Req *r) {
    Ctx *c = &r->c;
    Submission *s = talloc_zero(c->mem, Submission);
    TRY(target_grid_read(r, true, &s->grid));
    if (!s->grid.revise) return err_field(c, "from_month", N_("From which month on?"));
    const char *reason = req_form(r, "reason");
    s->reason = text_clean(c->mem, reason ? reason : "");
    s->unit_id = s->grid.top.kind == SCOPE_UNIT ? s->grid.top.id : 0;
    if (s->grid.top.kind == SCOPE_PERSON) TRY(db_get_int(c, &s->unit_id, "SELECT unit_id FROM employee WHERE id = $1", V(s->grid.top.id)));
    if (s->grid.top.kind == SCOPE_DIMENSION) TRY(db_get_int(c, &s->unit_id, "SELECT id FROM org_unit WHERE kind = 0"));
    Error *e = target_changes_read(r, &s->grid, &s->changes);
    if (!e && !*s->reason) e = err_field(c, "reason", N_("Give a reason"));
    return e ? submit_failed(r, s, e) : req_commit_or(r, submit_tx, s, submitted, submit_failed);
}

/* ---- deciding ---- */

typedef struct Decision {
    int64_t id;
    TargetDecision what;
    const char *note;
} Decision;

static Error *decide_tx(Ctx *c, void *arg) {
    static const char *const told[] = {N_("Your target adjustment of {1} was approved"), N_("Your target adjustment of {1} was rejected: {2}"), NULL};
    const Decision *d = arg;
    Revision rev;
    int64_t waiting = 0;
    TRY(target_revision_load(c, d->id, &rev));
    if (d->what != TARGET_WITHDRAW && !rev.may_decide && rev.submitted_by != c->actor->account_id) return err_denied(c, N_("Whoever leads the unit above decides on this"));
    TRY(target_decide(c, d->id, d->what, d->note));
    Msg m = {.id = told[d->what], .args = {rev.unit, d->note}};
    if (m.id && rev.submitted_by != c->actor->account_id) TRY(notify_account(c, rev.submitted_by, "target.decided", m, "/targets/revisions"));
    TRY(target_revision_count(c, &waiting));
    return waiting || !c->actor->employee_id ? NULL : notify_settle(c, c->actor->employee_id, "target.revision");
}

static Error *decided(Req *r, void *arg) {
    static const char *const done[] = {N_("Approved: the adjusted targets are in force"), N_("Rejected; the targets stay as they were"), N_("Withdrawn")};
    const Decision *d = arg;
    const Metrics *all;
    Revision rev;
    Value o;
    if (!r->wants_json) return respond_done(r, "/targets/revisions", "success", (Msg){.id = done[d->what]});
    TRY(metrics_get(&r->c, &all));
    TRY(target_revision_load(&r->c, d->id, &rev));
    TRY(target_revision_model(&r->c, all, &rev, &o));
    return respond_json(r, 200, o);
}

static Error *decide(Req *r, TargetDecision what) {
    Decision *d = talloc_zero(r->c.mem, Decision);
    const char *note = req_form(r, "reason");
    d->what = what;
    d->note = text_cut(r->c.mem, text_clean(r->c.mem, note ? note : ""), 500);
    if (!*d->note) d->note = NULL;
    TRY(req_id(r, 0, &d->id));
    return req_commit(r, decide_tx, d, decided);
}

static Error *approve(Req *r) {
    return decide(r, TARGET_APPROVE);
}
static Error *reject(Req *r) {
    return decide(r, TARGET_REJECT);
}
static Error *withdraw(Req *r) {
    return decide(r, TARGET_WITHDRAW);
}

Error *target_revision_count(Ctx *c, int64_t *ret) {
    *ret = 0;
    if (!may(c, ROLE_LEADERS)) return NULL;
    if (may(c, ROLE_ADMIN)) return db_get_int(c, ret, "SELECT count(*) FROM target_revision WHERE state = 0");
    return db_get_int(c, ret, "SELECT count(*) FROM target_revision r JOIN org_unit u ON u.id = r.unit_id WHERE r.state = 0 AND r.submitted_by <> $1"
                              " AND u.parent_id IN (SELECT v.unit_id FROM visible_unit v WHERE v.account_id = $1)", V(c->actor->account_id));
}

const Route target_revision_routes[] = {
    {GET, "/targets/revisions", ROLE_ANY & ~ROLE_REP, target_revision_page, N_("Adjustments of targets, with what they change"), 0},
    {POST, "/targets/revisions", ROLE_LEADERS, submit, N_("Submit an adjustment of targets in force"), 0},
    {POST, "/targets/revisions/{id}/approve", ROLE_LEADERS, approve, N_("Approve an adjustment of targets"), 0},
    {POST, "/targets/revisions/{id}/reject", ROLE_LEADERS, reject, N_("Reject an adjustment of targets, with a reason"), 0},
    {POST, "/targets/revisions/{id}/withdraw", ROLE_LEADERS, withdraw, N_("Withdraw one's own adjustment of targets"), 0},
    {0},
};

/* target_revision.c - adjustments of targets in force: submitted from the grid, decided on by whoever leads the unit above. */
#include "base/i18n.h"
#include "modules/org/org.h"
#include "modules/target/target_change.h"
#include "service/notify.h"
#include <string.h>
#include <talloc.h>

enum { LISTED = 100, LINES = 400 };

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

/* ---- the list ---- */

typedef struct Revision {
    int64_t id, metric_id, year, unit_id, from_month, state, submitted_by, submitted_at, decided_at;
    const char *reason, *unit, *submitter, *decider, *decision;
    bool may_decide;
} Revision;

static const char *const state_codes[] = {"waiting", "approved", "rejected", "withdrawn", NULL};
static const char *const state_titles[] = {N_("Waiting for approval"), N_("Agreed"), N_("Rejected"), N_("Withdrawn")};
static const char *const state_kinds[] = {"warning", "success", "danger", "secondary"};

/* Yes and no come from an administrator or a leader who sees the unit above; nobody decides on the own submission but an administrator. */
static Error *may_decide(Ctx *c, const Revision *rev, bool *ret) {
    int64_t above = 0;
    *ret = may(c, ROLE_ADMIN);
    if (*ret || !may(c, ROLE_LEADERS) || rev->submitted_by == c->actor->account_id) return NULL;
    TRY(db_get_int(c, &above, "SELECT coalesce(parent_id, 0) FROM org_unit WHERE id = $1", V(rev->unit_id)));
    return above ? org_sees_unit(c, above, ret) : NULL;
}

static void read_revision(const Rows *rows, Revision *rev) {
    *rev = (Revision){.id = row_int(rows, 0), .metric_id = row_int(rows, 1), .year = row_int(rows, 2), .unit_id = row_int(rows, 3), .from_month = row_int(rows, 4), .reason = row_dup(rows, 5),
                      .state = row_int(rows, 6), .submitted_by = row_int(rows, 7), .submitted_at = row_int(rows, 8), .decided_at = row_is_null(rows, 9) ? INSTANT_NONE : row_int(rows, 9),
                      .decision = row_dup(rows, 10), .unit = row_dup(rows, 11), .submitter = row_dup(rows, 12), .decider = row_dup(rows, 13)};
}

#define REVISION_FROM                                                                                                                                          \
    "SELECT r.id, r.metric_id, r.year, r.unit_id, r.from_month, r.reason, r.state, r.submitted_by, r.submitted_at, r.decided_at, r.decision, u.name, s.name, d.name" \
    " FROM target_revision r JOIN org_unit u ON u.id = r.unit_id LEFT JOIN account s ON s.id = r.submitted_by LEFT JOIN account d ON d.id = r.decided_by"

static Error *load_one(Ctx *c, int64_t id, Revision *rev) {
    Rows *rows;
    bool sees;
    TRY(db_one(c, &rows, REVISION_FROM " WHERE r.id = $1", V(id)));
    if (!rows) return err_not_found(c, N_("This page is not there, or not for you"));
    read_revision(rows, rev);
    TRY(rows_done(rows));
    TRY(org_sees_unit(c, rev->unit_id, &sees));
    if (!sees) return err_not_found(c, N_("This page is not there, or not for you"));
    return may_decide(c, rev, &rev->may_decide);
}

static Error *load_list(Ctx *c, int state, Revision **ret, size_t *ret_count) {
    Revision *list = talloc_array(c->mem, Revision, LISTED);
    size_t n = 0;
    Rows *rows;
    bool all = c->actor->scope == SCOPE_ALL || c->actor->system;
    TRY(db_query(c, &rows, REVISION_FROM " WHERE ($1 < 0 OR r.state = $1) AND ($2 = 1 OR r.unit_id IN (SELECT v.unit_id FROM visible_unit v WHERE v.account_id = $3))"
                                         " ORDER BY CASE WHEN r.state = 0 THEN 0 ELSE 1 END, r.id DESC LIMIT 100",
                 V(state), V(all), V(c->actor->account_id)));
    while (rows_next(rows) && n < LISTED) read_revision(rows, &list[n++]);
    TRY(rows_done(rows));
    for (size_t i = 0; i < n; i++) TRY(may_decide(c, &list[i], &list[i].may_decide));
    *ret = list, *ret_count = n;
    return NULL;
}

/* ---- before and after ---- */

typedef struct Version {
    int64_t target_id;
    const char *name;
    MetricScope scope;
    Target t;
} Version;

static void add_line(Ctx *c, const Metric *m, const Revision *rev, Value lines, const Version *v, const Target *before, int tier, int month) {
    int64_t old = before->months.n[tier][month], new = v->t.months.n[tier][month];
    int y, mo, d;
    date_parts(target_month_first(rev->year, month, metric_fiscal_month(c)), &y, &mo, &d);
    Value o = value_object(c->mem);
    const char *difference = target_cell_text(c, m, (new == INT_NONE ? 0 : new) - (old == INT_NONE ? 0 : old));
    value_set_text(o, "scope", target_key(c, v->scope));
    value_set_text(o, "name", v->name);
    value_set_text(o, "tier", target_tier_codes[tier]);
    value_set_text(o, "_tier", tr(c->lang, target_tier_labels[tier]));
    value_set_text(o, "month", talloc_asprintf(c->mem, "%04d-%02d", y, mo));
    value_set(o, "before", metric_json(m, metric_of_whole(m, old)));
    value_set(o, "after", metric_json(m, metric_of_whole(m, new)));
    value_set_text(o, "_before", old == INT_NONE ? "—" : target_cell_text(c, m, old));
    value_set_text(o, "_after", new == INT_NONE ? "—" : target_cell_text(c, m, new));
    value_set_text(o, "difference", talloc_asprintf(c->mem, "%s%s", difference[0] == '-' ? "" : "+", difference));
    value_push(lines, o);
}

/* Each version of the revision beside the one that was in force before it. */
static Error *revision_lines(Ctx *c, const Metric *m, const Revision *rev, Value lines) {
    Version *list = talloc_zero_array(c->mem, Version, LINES);
    size_t n = 0;
    Rows *rows;
    TRY(db_query(c, &rows, "SELECT t.id, t.scope_kind, t.scope_id, coalesce(u.name, e.name, d.name), " VERSION_COLUMNS " FROM target_version v JOIN target t ON t.id = v.target_id"
                           " LEFT JOIN org_unit u ON t.scope_kind = 0 AND u.id = t.scope_id LEFT JOIN employee e ON t.scope_kind = 1 AND e.id = t.scope_id"
                           " LEFT JOIN dimension d ON t.scope_kind = 2 AND d.id = t.scope_id WHERE v.revision_id = $1 ORDER BY t.scope_kind, t.id",
                 V(rev->id)));
    while (rows_next(rows) && n < LINES) {
        Version *v = &list[n++];
        *v = (Version){.target_id = row_int(rows, 0), .scope = {(ScopeKind)row_int(rows, 1), row_int(rows, 2)}, .name = row_dup(rows, 3)};
        target_read_version(rows, 4, &v->t);
    }
    TRY(rows_done(rows));
    for (size_t i = 0; i < n; i++) {
        Target before;
        target_clear(&before);
        TRY(db_one(c, &rows, "SELECT " VERSION_COLUMNS " FROM target_version v WHERE v.target_id = $1 AND v.seq < $2 AND v.state = 1 ORDER BY v.seq DESC LIMIT 1", V(list[i].target_id), V(list[i].t.seq)));
        if (rows) {
            target_read_version(rows, 0, &before);
            TRY(rows_done(rows));
        }
        for (int tier = 0; tier < TARGET_TIERS; tier++)
            for (int k = 0; k < TARGET_MONTHS; k++)
                if (before.months.n[tier][k] != list[i].t.months.n[tier][k] && value_count(lines) < LINES) add_line(c, m, rev, lines, &list[i], &before, tier, k);
    }
    return NULL;
}

static const char *when(Ctx *c, Instant at) {
    char text[INSTANT_TEXT];
    return at == INSTANT_NONE ? NULL : talloc_strdup(c->mem, instant_local(at, text));
}

static Error *revision_model(Ctx *c, const Metrics *all, const Revision *rev, Value *ret) {
    Value o = value_object(c->mem), lines = value_array(c->mem);
    const Metric *m = metrics_by_id(all, rev->metric_id);
    int y, mo, d;
    if (!m) return err_internal(c, "revision %lld without metric", (long long)rev->id);
    date_parts(target_month_first(rev->year, (int)rev->from_month - 1, metric_fiscal_month(c)), &y, &mo, &d);
    Msg from = {.id = N_("from {1} on"), .args = {talloc_asprintf(c->mem, "%04d-%02d", y, mo)}};
    const char *href = talloc_asprintf(c->mem, "/targets/revisions/%lld", (long long)rev->id);
    value_set_int(o, "id", rev->id);
    value_set_text(o, "state", state_codes[rev->state]);
    value_set_text(o, "_state_title", tr(c->lang, state_titles[rev->state]));
    value_set_text(o, "_state_kind", state_kinds[rev->state]);
    value_set_text(o, "metric", m->code);
    value_set_text(o, "metric_name", tr(c->lang, m->name));
    value_set_text(o, "_unit", tr(c->lang, metric_unit_labels[m->unit]));
    value_set_int(o, "year", rev->year);
    value_set_int(o, "unit_id", rev->unit_id);
    value_set_text(o, "unit", rev->unit);
    value_set_int(o, "from_month", rev->from_month);
    value_set_text(o, "_from", msg_text(c->mem, c->lang, &from));
    value_set_text(o, "reason", rev->reason);
    value_set_text(o, "submitter", rev->submitter);
    value_set_text(o, "submitted_at", when(c, rev->submitted_at));
    value_set_text(o, "decider", rev->decider);
    value_set_text(o, "decided_at", when(c, rev->decided_at));
    value_set_text(o, "decision", rev->decision);
    value_set_bool(o, "may_decide", !rev->state && rev->may_decide);
    value_set_bool(o, "may_withdraw", !rev->state && rev->submitted_by == c->actor->account_id);
    value_set_bool(o, "_acts", !rev->state && (rev->may_decide || rev->submitted_by == c->actor->account_id));
    value_set_text(o, "_href", href);
    value_set_text(o, "grid_href", talloc_asprintf(c->mem, "/targets?metric=%s&year=%lld&unit_id=%lld", m->code, (long long)rev->year, (long long)rev->unit_id));
    TRY(revision_lines(c, m, rev, lines));
    value_set(o, "lines", lines);
    *ret = o;
    return NULL;
}

static Error *list_page(Req *r) {
    Ctx *c = &r->c;
    const Metrics *all;
    const char *state = req_query(r, "state");
    int wanted = target_code_find(state_codes, state);
    Revision *revs = NULL;
    size_t n = 0;
    if (state && *state && wanted < 0) return err_bad_request(c, N_("“{1}” is not one of the choices"), state);
    TRY(metrics_get(c, &all));
    TRY(load_list(c, wanted, &revs, &n));
    Value model = value_object(c->mem), list = value_array(c->mem), states = value_array(c->mem), empty = value_object(c->mem);
    for (size_t i = 0; i < n; i++) {
        Value o;
        TRY(revision_model(c, all, &revs[i], &o));
        value_push(list, o);
    }
    for (int i = -1; i < 4; i++) {
        Value o = value_object(c->mem);
        value_set_text(o, "title", tr(c->lang, i < 0 ? N_("All") : state_titles[i]));
        value_set_text(o, "href", i < 0 ? "/targets/revisions" : talloc_asprintf(c->mem, "/targets/revisions?state=%s", state_codes[i]));
        value_set_bool(o, "active", i == wanted);
        value_push(states, o);
    }
    value_set_text(model, "title", tr(c->lang, N_("Target adjustments")));
    value_set(model, "_states", states);
    value_set(model, "rows", list);
    value_set_bool(model, "_any", n > 0);
    value_set_text(empty, "title", tr(c->lang, N_("No adjustments here")));
    value_set_text(empty, "hint", tr(c->lang, N_("Targets in force are adjusted from their grid, with a reason.")));
    value_set_text(empty, "href", "/targets");
    value_set_text(empty, "action", tr(c->lang, N_("Targets")));
    value_set(model, "_empty", empty);
    return respond_view(r, "target_revisions", model);
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
    TRY(load_one(c, d->id, &rev));
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
    TRY(load_one(&r->c, d->id, &rev));
    TRY(revision_model(&r->c, all, &rev, &o));
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
    {GET, "/targets/revisions", ROLE_ANY & ~ROLE_REP, list_page, N_("Adjustments of targets, with what they change"), 0},
    {POST, "/targets/revisions", ROLE_LEADERS, submit, N_("Submit an adjustment of targets in force"), 0},
    {POST, "/targets/revisions/{id}/approve", ROLE_LEADERS, approve, N_("Approve an adjustment of targets"), 0},
    {POST, "/targets/revisions/{id}/reject", ROLE_LEADERS, reject, N_("Reject an adjustment of targets, with a reason"), 0},
    {POST, "/targets/revisions/{id}/withdraw", ROLE_LEADERS, withdraw, N_("Withdraw one's own adjustment of targets"), 0},
    {0},
};

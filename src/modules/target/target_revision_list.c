/* target_revision_list.c - adjustments as a list: before and after by target and month, and who may decide on each. */
#include "modules/target/target_revision.h"
#include "base/i18n.h"
#include "modules/org/org.h"
#include "modules/target/target_grid.h"
#include <string.h>
#include <talloc.h>

enum { LISTED = 100, LINES = 400 };

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

Error *target_revision_load(Ctx *c, int64_t id, Revision *rev) {
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

Error *target_revision_model(Ctx *c, const Metrics *all, const Revision *rev, Value *ret) {
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

Error *target_revision_page(Req *r) {
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
        TRY(target_revision_model(c, all, &revs[i], &o));
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

/* target_publish.c - drafts come into force: first what that will be, then the button. */
#include "base/i18n.h"
#include "modules/target/target_grid.h"
#include <talloc.h>

enum { SHOWN = 500 };

typedef struct Publish {
    const Metrics *all;
    const Metric *m;
    int64_t year, unit_id, count;
    const char *unit_name;
    bool own;
} Publish;

static Error *read_publish(Req *r, bool form, Publish *p) {
    Grid g;
    TRY(target_grid_read(r, form, &g));
    if (g.top.kind != SCOPE_UNIT) return err_bad_request(&r->c, N_("Targets are published for a unit and everything below it"));
    *p = (Publish){.all = g.all, .m = g.m, .year = g.year, .unit_id = g.top.id, .unit_name = g.own.t.name};
    return target_may_set(&r->c, g.top, &p->own);
}

static Error *load_drafts(Ctx *c, Publish *p, Value list) {
    Rows *rows;
    TRY(db_query(c, &rows, "SELECT coalesce(u.name, e.name, d.name), t.scope_kind, t.floor, " VERSION_COLUMNS " FROM target t JOIN target_version v ON v.target_id = t.id AND v.state = 0"
                           " LEFT JOIN org_unit u ON t.scope_kind = 0 AND u.id = t.scope_id LEFT JOIN employee e ON t.scope_kind = 1 AND e.id = t.scope_id"
                           " LEFT JOIN dimension d ON t.scope_kind = 2 AND d.id = t.scope_id"
                           " WHERE t.metric_id = $1 AND t.year = $2"
                           " AND ((t.scope_kind = 0 AND t.scope_id IN (SELECT a.below_id FROM unit_above a WHERE a.above_id = $3 AND (a.below_id <> $3 OR $4 = 1)))"
                           "   OR (t.scope_kind = 1 AND t.scope_id IN (SELECT x.id FROM employee x JOIN unit_above a ON a.below_id = x.unit_id WHERE a.above_id = $3))"
                           "   OR (t.scope_kind = 2 AND EXISTS (SELECT 1 FROM org_unit o WHERE o.id = $3 AND o.kind = 0))) ORDER BY t.scope_kind, u.kind, u.sort, t.scope_id",
                 V(p->m->id), V(p->year), V(p->unit_id), V(p->own)));
    while (rows_next(rows)) {
        Target t;
        if (p->count++ >= SHOWN) continue;
        target_clear(&t);
        target_read_version(rows, 3, &t);
        int set = 0;
        for (int i = 0; i < TARGET_MONTHS; i++) set += t.months.n[TIER_BASE][i] != INT_NONE;
        Value o = value_object(c->mem);
        value_set_text(o, "name", row_dup(rows, 0));
        value_set_int(o, "months", set);
        value_set_bool(o, "incomplete", set < TARGET_MONTHS);
        for (int tier = 0; tier < TARGET_TIERS; tier++) value_set_text(o, target_tier_codes[tier], target_cell_text(c, p->m, target_year(p->m, &t.months, (TargetTier)tier)));
        value_push(list, o);
    }
    return rows_done(rows);
}

static const char *grid_href(Ctx *c, const Publish *p) {
    return talloc_asprintf(c->mem, "/targets?metric=%s&year=%lld&unit_id=%lld", p->m->code, (long long)p->year, (long long)p->unit_id);
}

static Error *page(Req *r) {
    Ctx *c = &r->c;
    Publish p;
    TRY(read_publish(r, false, &p));
    Value model = value_object(c->mem), list = value_array(c->mem);
    TRY(load_drafts(c, &p, list));
    value_set_text(model, "title", tr(c->lang, N_("Publish targets")));
    value_set_text(model, "name", p.unit_name);
    value_set_text(model, "metric", p.m->code);
    value_set_text(model, "metric_name", tr(c->lang, p.m->name));
    value_set_int(model, "year", p.year);
    value_set_int(model, "unit_id", p.unit_id);
    value_set_int(model, "count", p.count);
    value_set(model, "rows", list);
    value_set_text(model, "back", grid_href(c, &p));
    return respond_view(r, "target_publish", model);
}

static Error *publish_tx(Ctx *c, void *arg) {
    Publish *p = arg;
    return target_publish(c, p->m, p->year, p->unit_id, &p->count);
}

static Error *published(Req *r, void *arg) {
    Ctx *c = &r->c;
    const Publish *p = arg;
    Msg done = {.id = p->count ? N_("{1} targets are in force now") : N_("There was no draft to publish"), .args = {talloc_asprintf(c->mem, "%lld", (long long)p->count)}};
    if (!r->wants_json) return respond_done(r, talloc_asprintf(c->mem, "%s&view=force", grid_href(c, p)), p->count ? "success" : "warning", done);
    Value o = value_object(c->mem);
    value_set_int(o, "published", p->count);
    return respond_json(r, 200, o);
}

static Error *publish(Req *r) {
    Publish *p = talloc(r->c.mem, Publish);
    TRY(read_publish(r, true, p));
    return req_commit(r, publish_tx, p, published);
}

const Route target_publish_routes[] = {
    {GET, "/targets/publish", ROLE_LEADERS, page, N_("Drafts of targets that would come into force"), 0},
    {POST, "/targets/publish", ROLE_LEADERS, publish, N_("Bring drafts of a unit and everything below it into force"), 0},
    {0},
};

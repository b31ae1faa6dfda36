/* okr_pages.c - /okr: the objectives of a cycle: mine, the teams', the company's; and the forms that begin with something filled in. */
#include "base/i18n.h"
#include "modules/okr/okr_private.h"
#include <string.h>
#include <talloc.h>

enum { SHOWN = 200, GROUPS = 3 };

/* ---- the cycle ---- */

typedef struct Chosen {
    OkrCycle cycle;
    Period days;
} Chosen;

static Error *read_cycle(Req *r, Chosen *ret) {
    Ctx *c = &r->c;
    const char *code = req_query(r, "cycle");
    Date day;
    int at = OKR_QUARTER;
    TRY(req_query_date(r, "day", date_of_instant(c->now), &day));
    if (code && *code)
        for (at = 0; okr_cycle_codes[at] && strcmp(okr_cycle_codes[at], code) != 0;) at++;
    if (!okr_cycle_codes[at]) return err_bad_request(c, N_("There is no such cycle"));
    *ret = (Chosen){(OkrCycle)at, okr_cycle((OkrCycle)at, day, metric_fiscal_month(c))};
    return NULL;
}

static const char *link_to(Ctx *c, OkrCycle cycle, Date day) {
    char iso[DATE_TEXT];
    return talloc_asprintf(c->mem, "/okr?cycle=%s&day=%s", okr_cycle_codes[cycle], date_text(day, iso));
}

static void add_cycle(Ctx *c, Value model, const Chosen *x) {
    Value list = value_array(c->mem);
    char first[DATE_TEXT], last[DATE_TEXT];
    int fiscal = metric_fiscal_month(c);
    Date today = date_of_instant(c->now), day = today >= x->days.first && today <= x->days.last ? today : x->days.first;
    for (int i = 0; okr_cycle_codes[i]; i++) {
        Value o = value_object(c->mem);
        value_set_text(o, "title", tr(c->lang, okr_cycle_labels[i]));
        value_set_text(o, "href", link_to(c, (OkrCycle)i, day));
        value_set_bool(o, "active", i == (int)x->cycle);
        value_push(list, o);
    }
    value_set(model, "cycles", list);
    value_set_text(model, "cycle", okr_cycle_codes[x->cycle]);
    value_set_text(model, "days", talloc_asprintf(c->mem, "%s – %s", date_text(x->days.first, first), date_text(x->days.last, last)));
    value_set_text(model, "prev_href", link_to(c, x->cycle, okr_cycle_add(x->cycle, x->days.first, -1, fiscal).first));
    value_set_text(model, "next_href", link_to(c, x->cycle, okr_cycle_add(x->cycle, x->days.first, 1, fiscal).first));
}

/* ---- cards ---- */

typedef struct Card {
    Objective o;
    bool of_company;
} Card;

static Error *load_cards(Ctx *c, const Chosen *x, Card **ret, size_t *ret_count) {
    char first[DATE_TEXT], last[DATE_TEXT];
    Rows *rows;
    *ret = talloc_zero_array(c->mem, Card, SHOWN);
    *ret_count = 0;
    TRY(db_query(c, &rows,
                 "SELECT o.id, o.title, o.level, o.employee_id, e.name, o.unit_id, u.name, u.kind, o.cycle, o.first_day, o.last_day, o.state FROM objective o"
                 " JOIN employee e ON e.id = o.employee_id JOIN org_unit u ON u.id = o.unit_id WHERE " OKR_VISIBLE_1234
                 " AND o.first_day <= $6 AND o.last_day >= $5 ORDER BY o.level DESC, u.kind, u.sort, u.name_keys, u.id, e.name_keys, o.first_day, o.id LIMIT $7",
                 OKR_READER(c), V(date_text(x->days.first, first)), V(date_text(x->days.last, last)), V(SHOWN)));
    while (rows_next(rows)) {
        Card *k = &(*ret)[(*ret_count)++];
        k->o = (Objective){.id = row_int(rows, 0), .title = row_dup(rows, 1), .level = (int)row_int(rows, 2), .employee_id = row_int(rows, 3), .employee_name = row_dup(rows, 4),
                           .unit_id = row_int(rows, 5), .unit_name = row_dup(rows, 6), .cycle = (int)row_int(rows, 8), .state = (int)row_int(rows, 11)};
        k->of_company = k->o.level == OBJECTIVE_OF_UNIT && row_int(rows, 7) == 0;
        (void)date_parse(row_text(rows, 9), &k->o.first_day);
        (void)date_parse(row_text(rows, 10), &k->o.last_day);
    }
    return rows_done(rows);
}

static Error *card_model(Ctx *c, const Card *k, Value *ret) {
    static const char *const badges[] = {"secondary", "info", "success"}, *const states[] = {N_("Draft"), N_("Under way"), N_("Scored and closed")};
    const Objective *o = &k->o;
    ObjectiveNow now;
    Ratio elapsed;
    Value m = value_object(c->mem), results, ring = value_object(c->mem);
    char first[DATE_TEXT], last[DATE_TEXT];
    int64_t hundredths;
    *ret = m;
    TRY(okr_now(c, o->id, o->first_day, o->last_day, &now));
    TRY(okr_elapsed(c, o->state, o->first_day, o->last_day, &elapsed));
    TRY(okr_results_model(c, o, &now, &results));
    okr_add_progress(c, ring, now.progress, elapsed);
    value_set_text(ring, "label", tr(c->lang, N_("Progress")));
    value_set_int(m, "id", o->id);
    value_set_text(m, "title", o->title);
    value_set_text(m, "href", resource_href(c, &objective_resource, o->id));
    value_set_text(m, "who", o->level == OBJECTIVE_OF_UNIT ? talloc_asprintf(c->mem, "%s · %s", o->unit_name, o->employee_name) : o->employee_name);
    value_set_text(m, "days", talloc_asprintf(c->mem, "%s – %s", date_text(o->first_day, first), date_text(o->last_day, last)));
    value_set_text(m, "state", tr(c->lang, states[o->state]));
    value_set_text(m, "state_kind", badges[o->state]);
    value_set(m, "ring", ring);
    value_set(m, "score", ratio_scaled(now.score, 100, &hundredths) ? value_money(hundredths) : value_null());
    value_set(m, "key_results", results);
    return NULL;
}

static int group_of(Ctx *c, const Card *k) {
    return k->of_company ? 2 : k->o.employee_id == c->actor->employee_id ? 0 : 1;
}

static Error *okr_page(Req *r) {
    static const char *const titles[GROUPS] = {N_("My objectives"), N_("Teams and colleagues"), N_("The company's objectives")};
    static const char *const names[GROUPS] = {"mine", "team", "company"};
    static const char *const nothing[GROUPS] = {N_("You have none in this cycle."), N_("None that is open to you in this cycle."), N_("None in this cycle.")};
    Ctx *c = &r->c;
    Chosen x = {0};
    Card *cards;
    size_t n;
    Value model = value_object(c->mem), groups = value_array(c->mem), lists[GROUPS];
    TRY(read_cycle(r, &x));
    TRY(load_cards(c, &x, &cards, &n));
    for (int i = 0; i < GROUPS; i++) lists[i] = value_array(c->mem);
    for (size_t i = 0; i < n; i++) {
        Value one;
        TRY(card_model(c, &cards[i], &one));
        value_push(lists[group_of(c, &cards[i])], one);
    }
    for (int i = 0; i < GROUPS; i++) {
        Value g = value_object(c->mem);
        value_set_text(g, "name", names[i]);
        value_set_text(g, "title", tr(c->lang, titles[i]));
        value_set_text(g, "nothing", value_count(lists[i]) ? NULL : tr(c->lang, nothing[i]));
        value_set(g, "objectives", lists[i]);
        value_push(groups, g);
    }
    value_set_text(model, "title", tr(c->lang, N_("Objectives (OKR)")));
    add_cycle(c, model, &x);
    value_set(model, "groups", groups);
    value_set_bool(model, "can_create", c->actor->employee_id != 0 || may(c, ROLE_ADMIN));
    return respond_view(r, "okr", model);
}

/* ---- forms with something filled in ---- */

static Error *load_objective(Req *r, Objective **ret) {
    int64_t id;
    TRY(req_id(r, 0, &id));
    return resource_load(&r->c, &objective_resource, id, (void **)ret);
}

static void *blank(Ctx *c, const Resource *res) {
    const Field *fields;
    size_t n;
    if (resource_fields(c, res, &fields, &n)) return NULL; /* fixed fields: cannot fail */
    void *row = resource_new_row(c, res, fields, n);
    res->defaults(c, row);
    return row;
}

static Error *new_result(Req *r) {
    Objective *o;
    TRY(load_objective(r, &o));
    KeyResult *k = blank(&r->c, &key_result_resource);
    k->objective_id = o->id, k->objective_name = o->title;
    k->whose = o->level == OBJECTIVE_OF_UNIT ? KEY_RESULT_OF_UNIT : KEY_RESULT_OF_PERSON;
    return resource_form_page(r, &key_result_resource, NULL, k, NULL);
}

static Error *new_aligned(Req *r) {
    Objective *parent;
    TRY(load_objective(r, &parent));
    Objective *o = blank(&r->c, &objective_resource);
    o->parent_id = parent->id, o->parent_name = parent->title;
    o->cycle = parent->cycle, o->first_day = parent->first_day;
    return resource_form_page(r, &objective_resource, NULL, o, NULL);
}

/* ---- taking back what has just begun ---- */

/* Rows that were checked in or scored are history and stay; their objective is closed instead. */
static Error *remove_result_tx(Ctx *c, void *arg) {
    void *found;
    int64_t checked = 0;
    TRY(resource_load(c, &key_result_resource, *(int64_t *)arg, &found));
    KeyResult *k = found;
    if (!resource_may_change(c, &key_result_resource, k)) return err_denied(c, N_("An objective is changed by who answers for it, who leads them, and administrators"));
    TRY(db_get_int(c, &checked, "SELECT count(*) FROM check_in WHERE key_result_id = $1", V(k->id)));
    if (checked) return err_conflict(c, N_("It has check-ins and stays; give it a score at closing"));
    TRY(db_exec(c, "UPDATE objective SET parent_key_result_id = NULL WHERE parent_key_result_id = $1", V(k->id)));
    return resource_remove(c, &key_result_resource, k);
}

static Error *remove_objective_tx(Ctx *c, void *arg) {
    void *found;
    int64_t used = 0;
    TRY(resource_load(c, &objective_resource, *(int64_t *)arg, &found));
    Objective *o = found;
    if (!resource_may_change(c, &objective_resource, o)) return err_denied(c, N_("An objective is changed by who answers for it, who leads them, and administrators"));
    TRY(db_get_int(c, &used, "SELECT count(*) FROM key_result k WHERE k.objective_id = $1", V(o->id)));
    if (used || o->state != OBJECTIVE_DRAFT) return err_conflict(c, N_("Only a draft without key results can be deleted"));
    TRY(db_get_int(c, &used, "SELECT count(*) FROM objective WHERE parent_id = $1", V(o->id)));
    if (used) return err_conflict(c, N_("Other objectives are aligned with it"));
    return resource_remove(c, &objective_resource, o);
}

static Error *removed(Req *r, void *arg) {
    (void)arg;
    return respond_done(r, "/okr", "success", (Msg){.id = N_("Deleted")});
}
static Error *remove_by(Req *r, TxFn fn) {
    int64_t *id = talloc(r->c.mem, int64_t);
    TRY(req_id(r, 0, id));
    return req_commit(r, fn, id, removed);
}
static Error *remove_result(Req *r) {
    return remove_by(r, remove_result_tx);
}
static Error *remove_objective(Req *r) {
    return remove_by(r, remove_objective_tx);
}

const Route okr_routes[] = {
    {GET, "/okr", ROLE_ANY, okr_page, N_("Objectives of a cycle"), ROUTE_TAGGED},
    {GET, "/okr/objectives/{id}/results/new", ROLE_ANY, new_result, N_("Form for a key result of an objective"), 0},
    {GET, "/okr/objectives/{id}/aligned/new", ROLE_ANY, new_aligned, N_("Form for an objective aligned with another"), 0},
    {POST, "/okr/objectives/{id}/delete", ROLE_ANY, remove_objective, N_("Delete a draft"), 0},
    {POST, "/okr/results/{id}/delete", ROLE_ANY, remove_result, N_("Delete a key result without check-ins"), 0},
    {0},
};

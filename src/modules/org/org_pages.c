/* org_pages.c - the organisation chart and the transfer form. */
#include "base/i18n.h"
#include "modules/org/org_private.h"
#include "resource/form.h"
#include <string.h>
#include <talloc.h>

typedef struct Node {
    int64_t id, parent_id, people;
    int kind;
    const char *name, *leader;
} Node;

static Value node_model(Ctx *c, const Node *nodes, size_t n, int64_t parent, int depth) {
    static const char *const kinds[] = {"company", "region", "team"}, *const titles[] = {N_("Company"), N_("Region"), N_("Team")};
    Value list = value_array(c->mem);
    for (size_t i = 0; i < n && depth < 20; i++) {
        if (nodes[i].parent_id != parent) continue;
        Value o = value_object(c->mem), below = node_model(c, nodes, n, nodes[i].id, depth + 1);
        value_set_int(o, "id", nodes[i].id);
        value_set_text(o, "name", nodes[i].name);
        value_set_text(o, "kind", kinds[nodes[i].kind]);
        value_set_text(o, "kind_title", tr(c->lang, titles[nodes[i].kind]));
        value_set_text(o, "leader", nodes[i].leader);
        value_set_int(o, "count", nodes[i].people);
        value_set_text(o, "href", resource_href(c, &org_unit_resource, nodes[i].id));
        value_set_text(o, "people_href", talloc_asprintf(c->mem, "/people?unit_id=%lld&status=active", (long long)nodes[i].id));
        value_set(o, "units", below);
        value_set_bool(o, "has_units", value_count(below) > 0);
        value_set_bool(o, "open", depth < 2);
        value_push(list, o);
    }
    return list;
}

static Error *chart_page(Req *r) {
    Ctx *c = &r->c;
    Rows *rows;
    Node *nodes = NULL;
    size_t n = 0;
    TRY(db_query(c, &rows, "SELECT u.id, coalesce(u.parent_id, 0), u.kind, u.name, l.name, count(e.id) FROM org_unit u"
                           " LEFT JOIN employee l ON l.id = u.leader_id LEFT JOIN employee e ON e.unit_id = u.id AND e.status = 0"
                           " WHERE u.status = 0 GROUP BY u.id, u.parent_id, u.kind, u.name, u.sort, u.name_keys, l.name ORDER BY u.sort, u.name_keys, u.id"));
    while (rows_next(rows)) {
        if (!(n & (n - 1))) nodes = talloc_realloc(c->mem, nodes, Node, n ? n * 2 : 1);
        nodes[n++] = (Node){.id = row_int(rows, 0), .parent_id = row_int(rows, 1), .kind = (int)row_int(rows, 2), .name = row_dup(rows, 3),
                            .leader = row_dup(rows, 4), .people = row_int(rows, 5)};
    }
    TRY(rows_done(rows));
    Value model = value_object(c->mem), units = node_model(c, nodes, n, 0, 0);
    value_set_text(model, "title", tr(c->lang, N_("Organisation chart")));
    value_set(model, "units", units);
    value_set_bool(model, "has_units", n > 0);
    value_set_bool(model, "can_edit", may(c, org_unit_resource.access.create));
    return respond_view(r, "org_chart", model);
}

/* ---- transfer ---- */

typedef struct Transfer {
    int64_t employee_id, unit_id;
    Date effective;
    const char *note;
} Transfer;

static Error *transfer_form(Req *r, const Employee *e, Error *problem) {
    Ctx *c = &r->c;
    char today[DATE_TEXT];
    date_text(date_of_instant(c->now), today);
    const FormLine lines[] = {
        {.name = "unit_id", .label = N_("New team"), .kind = "ref", .search_href = "/units/search", .required = true},
        {.name = "effective", .label = N_("Effective from"), .kind = "date", .value = today, .required = true, .help = N_("Reports before this day stay with the old team")},
        {.name = "note", .label = N_("Note"), .kind = "text", .max = 200},
    };
    Value fields = value_array(c->mem);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) value_push(fields, form_line(r, &lines[i], problem));
    Msg title = {.id = N_("Transfer {1}"), .args = {e->name}};
    Value model = form_page_model(r, msg_text(c->mem, c->lang, &title), talloc_asprintf(c->mem, "/people/%lld/transfer", (long long)e->id),
                                  resource_href(c, &employee_resource, e->id), tr(c->lang, N_("Transfer")), fields, problem);
    return respond_view_status(r, problem ? problem->status : 200, "form", model);
}

static Error *load_person(Req *r, Employee **ret) {
    int64_t id;
    TRY(req_id(r, 0, &id));
    return resource_load(&r->c, &employee_resource, id, (void **)ret);
}

static Error *transfer_page(Req *r) {
    Employee *e;
    TRY(load_person(r, &e));
    return transfer_form(r, e, NULL);
}

static Error *transfer_tx(Ctx *c, void *arg) {
    Transfer *t = arg;
    return org_transfer(c, t->employee_id, t->unit_id, t->effective, t->note);
}

static Error *transferred(Req *r, void *arg) {
    Transfer *t = arg;
    return respond_done(r, resource_href(&r->c, &employee_resource, t->employee_id), "success", (Msg){.id = N_("Transferred")});
}

static Error *transfer_failed(Req *r, void *arg, Error *e) {
    Employee *who;
    (void)arg;
    if (r->wants_json || e->status != 422) return e;
    TRY(load_person(r, &who));
    return transfer_form(r, who, e);
}

static Error *read_transfer(Req *r, Transfer *t) {
    Ctx *c = &r->c;
    Error *errors = NULL;
    const char *unit = req_form(r, "unit_id"), *day = req_form(r, "effective"), *note = req_form(r, "note");
    bool there = false;
    if (!unit || !*unit)
        err_add_field(c, &errors, "unit_id", N_("This is required"));
    else {
        if (int_parse(unit, &t->unit_id)) TRY(resource_exists(c, &org_unit_resource, t->unit_id, &there));
        if (!there) TRY(resource_resolve(c, &org_unit_resource, unit, &t->unit_id));
        if (t->unit_id <= 0) err_add_field(c, &errors, "unit_id", N_("There is no “{1}”"), unit);
    }
    if (!day || !date_parse(day, &t->effective)) err_add_field(c, &errors, "effective", N_("Write a date such as 2026-01-02"));
    t->note = note ? text_cut(c->mem, text_clean(c->mem, note), 200) : NULL;
    return errors;
}

static Error *transfer_save(Req *r) {
    Employee *e;
    Transfer *t = talloc_zero(r->c.mem, Transfer);
    TRY(load_person(r, &e));
    t->employee_id = e->id;
    Error *problem = read_transfer(r, t);
    if (problem) return transfer_failed(r, t, problem);
    return req_commit_or(r, transfer_tx, t, transferred, transfer_failed);
}

const Route org_routes[] = {
    {GET, "/org", ROLE_ANY, chart_page, N_("Organisation chart"), ROUTE_TAGGED},
    {GET, "/people/{id}/transfer", ROLE_ADMIN | ROLE_TRAINER, transfer_page, N_("Transfer form"), 0},
    {POST, "/people/{id}/transfer", ROLE_ADMIN | ROLE_TRAINER, transfer_save, N_("Transfer to another team"), 0},
    {0},
};

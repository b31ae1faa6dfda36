/* resource_pages.c - the generic handlers: list, picker, detail, form, save, remove, actions, column choice. */
#include "resource/resource_pages.h"
#include "base/i18n.h"
#include "resource/resource_list_view.h"
#include "resource/resource_store.h"
#include "service/audit.h"
#include "view/view.h"
#include <stdio.h>
#include <string.h>
#include <talloc.h>

const Resource *resource_of(const Req *r) {
    return ((const ResourceRoute *)r->route)->res;
}

static const char *template_for(Ctx *c, const Resource *res, const char *page) {
    const char *own = talloc_asprintf(c->mem, "%s_%s", res->table, page);
    return view_exists(own) ? own : page;
}

/* ---- list ---- */

static Error *list_page(Req *r) {
    const Resource *res = resource_of(r);
    ListQuery q;
    ListResult list;
    Value model;
    TRY(list_query_read(r, res, &q));
    TRY(resource_list(&r->c, res, &q, &list));
    TRY(list_view_model(r, res, &q, &list, &model));
    return respond_view(r, template_for(&r->c, res, "list"), model);
}

static Error *search_page(Req *r) {
    Value items, model = value_object(r->c.mem);
    TRY(resource_pick(&r->c, resource_of(r), req_query(r, "q"), &items));
    value_set(model, "items", items);
    return respond_json(r, 200, model);
}

static Error *save_columns(Ctx *c, void *arg) {
    Req *r = arg;
    Text *names = text_new(c->mem, 4096);
    for (const Pair *p = r->form; p; p = p->next)
        if (!strcmp(p->name, "columns")) text_addf(names, "%s%s", names->len ? " " : "", p->value);
    return db_exec(c, "INSERT INTO list_choice(account_id, resource, columns) VALUES ($1, $2, $3)"
                      " ON CONFLICT (account_id, resource) DO UPDATE SET columns = excluded.columns",
                   V(c->actor->account_id), V(resource_of(r)->table), V(names->data));
}

static Error *columns_saved(Req *r, void *arg) {
    (void)arg;
    return respond_redirect(r, resource_of(r)->path);
}

static Error *columns_page(Req *r) {
    return req_commit(r, save_columns, r, columns_saved);
}

/* ---- one row ---- */

bool resource_may_change(Ctx *c, const Resource *res, const void *row) {
    return may(c, res->access.update) && (!res->may_edit || res->may_edit(c, row));
}

static void add_action(Ctx *c, Value list, const char *name, const char *title, const char *href, const char *method, const Action *a) {
    Value o = value_object(c->mem);
    value_set_text(o, "name", name);
    value_set_text(o, "title", tr(c->lang, title));
    value_set_text(o, "href", href);
    value_set_text(o, "method", method);
    value_set_bool(o, "is_post", !strcmp(method, "post"));
    value_set_bool(o, "primary", false);
    value_set_text(o, "icon", NULL);
    if (a) {
        value_set_bool(o, "needs_reason", a->needs_reason);
        value_set_bool(o, "danger", a->danger);
        value_set_text(o, "icon", a->icon);
        value_set_text(o, "confirm", a->confirm ? tr(c->lang, a->confirm) : NULL);
    }
    value_push(list, o);
}

static Value row_actions(Ctx *c, const Resource *res, const void *row) {
    Value list = value_array(c->mem);
    const char *href = resource_href(c, res, ((const ResourceRow *)row)->id);
    if (resource_may_change(c, res, row)) {
        add_action(c, list, "edit", N_("Edit"), talloc_asprintf(c->mem, "%s/edit", href), "get", NULL);
        value_set_bool(value_at(list, 0), "primary", true);
        value_set_text(value_at(list, 0), "icon", "edit");
    }
    for (const Action *a = res->actions; a && a->name; a++)
        if (may(c, a->roles) && (!a->offered || a->offered(c, row)))
            add_action(c, list, a->name, a->title, talloc_asprintf(c->mem, "%s/%s", href, a->name), "post", a);
    if (may(c, res->access.remove)) {
        static const Action remove = {.danger = true, .icon = "trash", .confirm = N_("Delete this entry? It cannot be brought back.")};
        add_action(c, list, "delete", N_("Delete"), talloc_asprintf(c->mem, "%s/delete", href), "post", &remove);
    }
    return list;
}

void detail_add_link(Ctx *c, Value page, const char *title, const char *href, const char *icon) {
    Value actions = value_get(page, "actions", strlen("actions"), NULL);
    if (actions.kind != V_ARRAY) return;
    add_action(c, actions, "link", title, href, "get", NULL);
    value_set_text(value_at(actions, value_count(actions) - 1), "icon", icon);
}

void detail_say(Value page, const char *field, const char *text) {
    Value fields = value_get(page, "fields", strlen("fields"), NULL);
    for (size_t i = 0; i < value_count(fields); i++) {
        Value o = value_at(fields, i), name = value_get(o, "name", strlen("name"), NULL);
        if (name.kind == V_TEXT && name.len == strlen(field) && !memcmp(name.text, field, name.len)) value_set_text(o, "text", text);
    }
}

static Value row_fields(Ctx *c, const Field *fields, size_t n, const void *row) {
    Value list = value_array(c->mem);
    for (size_t i = 0; i < n; i++) {
        const Field *f = &fields[i];
        if (f->flags & INTERNAL || field_is_empty(f, row)) continue;
        Value o = value_object(c->mem);
        value_set_text(o, "name", f->name);
        value_set_text(o, "label", field_label(c, f));
        value_set_text(o, "text", field_show(c, f, row));
        value_set_text(o, "kind", kind_name(f->kind));
        value_set_text(o, "badge", f->kind == F_ENUM && f->badges ? f->badges[*(const int *)((const char *)row + f->offset)] : NULL);
        value_set_bool(o, "wide", f->kind == F_LONGTEXT);
        value_set_text(o, "unit", f->unit ? tr(c->lang, f->unit) : NULL);
        if (f->kind == F_REF && may(c, f->target->access.read)) {
            int64_t id = *(const int64_t *)((const char *)row + f->offset);
            value_set_text(o, "href", resource_href(c, f->target, id));
        }
        value_push(list, o);
    }
    return list;
}

Value resource_row_model(Ctx *c, const Resource *res, const void *row) {
    const Field *fields;
    size_t n;
    Value model = value_object(c->mem);
    if (resource_fields(c, res, &fields, &n)) return model;
    const Shape *shape = resource_shape(c, res, fields, n);
    for (size_t i = 0; i < shape->count; i++) {
        const char *name = shape->members[i].name;
        value_set(model, name, value_get(value_struct(row, shape), name, strlen(name), NULL));
    }
    return model;
}

/* JSON gets the row's members at the top; the page reads the members that begin with '_'. */
Error *resource_answer_row(Req *r, const Resource *res, const void *row, int status) {
    Ctx *c = &r->c;
    const Field *fields;
    size_t n;
    TRY(resource_fields(c, res, &fields, &n));
    Value model = resource_row_model(c, res, row);
    if (!r->wants_json) {
        Value page = value_object(c->mem);
        value_set_text(page, "title", resource_row_title(c, res, row));
        value_set_text(page, "subtitle", tr(c->lang, res->one));
        value_set(page, "fields", row_fields(c, fields, n, row));
        value_set(page, "actions", row_actions(c, res, row));
        value_set_int(page, "id", ((const ResourceRow *)row)->id);
        value_set_int(page, "version", ((const ResourceRow *)row)->version);
        Value history;
        TRY(audit_history(c, res, fields, n, ((const ResourceRow *)row)->id, &history));
        value_set(page, "history", history);
        value_set(page, "row", model);
        if (res->describe) TRY(res->describe(c, row, page));
        return respond_view_status(r, status, template_for(c, res, "detail"), page);
    }
    if (res->describe) TRY(res->describe(c, row, model));
    return respond_json(r, status, model);
}

static Error *detail_page(Req *r) {
    int64_t id;
    void *row;
    TRY(req_id(r, 0, &id));
    TRY(resource_load(&r->c, resource_of(r), id, &row));
    return resource_answer_row(r, resource_of(r), row, 200);
}

static Error *new_page(Req *r) {
    const Resource *res = resource_of(r);
    const Field *fields;
    size_t n;
    TRY(resource_fields(&r->c, res, &fields, &n));
    void *row = resource_new_row(&r->c, res, fields, n);
    if (res->defaults) res->defaults(&r->c, row);
    return resource_form_page(r, res, NULL, row, NULL);
}

static Error *edit_page(Req *r) {
    const Resource *res = resource_of(r);
    int64_t id;
    void *row;
    TRY(req_id(r, 0, &id));
    TRY(resource_load(&r->c, res, id, &row));
    if (!resource_may_change(&r->c, res, row)) return err_conflict(&r->c, N_("This entry can no longer be changed"));
    return resource_form_page(r, res, row, row, NULL);
}

/* ---- saving ---- */

typedef struct Save {
    const Resource *res;
    int64_t id; /* 0: new */
    RowInput input;
    RowSave done;
} Save;

static Error *save_tx(Ctx *c, void *arg) {
    Save *s = arg;
    return resource_save_input(c, s->res, s->id, &s->input, &s->done);
}

/* The answer to a program: the row as it is stored now, with the titles of what it refers to. */
Error *resource_answer_saved(Req *r, const Resource *res, const RowSave *done) {
    int64_t id = ((ResourceRow *)done->row)->id;
    void *row;
    TRY(resource_load(&r->c, res, id, &row));
    if (!done->old) respond_header(r, "Location", resource_href(&r->c, res, id));
    return resource_answer_row(r, res, row, done->old ? 200 : 201);
}

static Error *saved(Req *r, void *arg) {
    Save *s = arg;
    const char *href = resource_href(&r->c, s->res, ((ResourceRow *)s->done.row)->id);
    return r->wants_json ? resource_answer_saved(r, s->res, &s->done) : respond_done(r, href, "success", (Msg){.id = N_("Saved")});
}

/* A browser gets its form back with the messages beside the fields; programs get problem+json from respond_error. */
static Error *save_failed(Req *r, void *arg, Error *e) {
    Save *s = arg;
    void *old = NULL;
    if (r->wants_json || (e->status != 422 && e->status != 409)) return e;
    if (s->id) TRY(resource_load(&r->c, s->res, s->id, &old));
    return resource_form_page(r, s->res, old, old ? old : s->input.row, e);
}

static Error *save_page(Req *r, int64_t id) {
    Save *s = talloc_zero(r->c.mem, Save);
    *s = (Save){.res = resource_of(r), .id = id};
    Error *e = resource_read_form(r, s->res, !id, &s->input);
    return e ? save_failed(r, s, e) : req_commit_or(r, save_tx, s, saved, save_failed);
}

static Error *create_page(Req *r) {
    return save_page(r, 0);
}

static Error *update_page(Req *r) {
    int64_t id;
    TRY(req_id(r, 0, &id));
    return save_page(r, id);
}

typedef struct Removal {
    const Resource *res;
    int64_t id;
} Removal;

static Error *remove_tx(Ctx *c, void *arg) {
    const Removal *x = arg;
    void *row;
    TRY(resource_load(c, x->res, x->id, &row));
    return resource_remove(c, x->res, row);
}

static Error *removed(Req *r, void *arg) {
    (void)arg;
    return respond_done(r, resource_of(r)->path, "success", (Msg){.id = N_("Deleted")});
}

static Error *remove_page(Req *r) {
    Removal *x = talloc_zero(r->c.mem, Removal);
    x->res = resource_of(r);
    TRY(req_id(r, 0, &x->id));
    return req_commit(r, remove_tx, x, removed);
}

/* ---- actions ---- */

typedef struct Run {
    const Resource *res;
    const Action *action;
    int64_t *ids;
    size_t count;
    int64_t version;
    const char *reason, *back;
} Run;

static Error *run_tx(Ctx *c, void *arg) {
    Run *run = arg;
    for (size_t i = 0; i < run->count; i++) {
        Error *e = resource_run_action(c, run->res, run->action, run->ids[i], run->count == 1 ? run->version : 0, run->reason);
        if (e) return err_trace(e, HERE);
    }
    return NULL;
}

static Error *ran(Req *r, void *arg) {
    Run *run = arg;
    Msg done = {.id = run->action->done ? run->action->done : N_("Done")};
    return respond_done(r, run->back, "success", done);
}

/* Only pages of our own are gone back to. Browsers drop tabs and line breaks from addresses and read \ as /. */
static const char *way_back(Req *r, const char *otherwise) {
    const char *back = req_form(r, "back");
    if (!back || back[0] != '/' || back[1] == '/') return otherwise;
    for (const unsigned char *s = (const unsigned char *)back; *s; s++)
        if (*s <= ' ' || *s == '\\' || *s == 0x7f) return otherwise;
    return back;
}

static Error *start_run(Req *r, const Action *action, int64_t *ids, size_t count, const char *reason, const char *otherwise) {
    Run *run = talloc_zero(r->c.mem, Run);
    *run = (Run){.res = resource_of(r), .action = action, .ids = ids, .count = count, .back = way_back(r, otherwise)};
    const char *version = req_form(r, "version");
    run->reason = reason ? text_clean(r->c.mem, reason) : NULL;
    if (run->reason && text_length(run->reason) > 500) return err_field(&r->c, "reason", N_("At most {1} characters"), "500");
    if (version && *version && !int_parse(version, &run->version)) return err_field(&r->c, "version", N_("Write a whole number"));
    return req_commit(r, run_tx, run, ran);
}

static Error *action_page(Req *r) {
    const Action *action = ((const ResourceRoute *)r->route)->action;
    int64_t *id = talloc(r->c.mem, int64_t);
    TRY(req_id(r, 0, id));
    return start_run(r, action, id, 1, req_form(r, "reason"), resource_href(&r->c, resource_of(r), *id));
}

/* One page of ticked rows and one action for all: all of them or none. */
static Error *bulk_page(Req *r) {
    const Resource *res = resource_of(r);
    const char *name = req_form(r, "action"), *reason = req_form(r, "reason");
    const Action *action = res->actions;
    while (action->name && (!name || !action->bulk || strcmp(action->name, name) != 0)) action++;
    if (!action->name) return err_field(&r->c, "action", N_("Choose what to do with the entries"));
    if (!may(&r->c, action->roles)) return err_denied(&r->c, N_("Your role does not allow this"));
    size_t n = 0;
    int64_t *ids = talloc_array(r->c.mem, int64_t, LIMIT_PARAMETERS);
    for (const Pair *p = r->form; p; p = p->next)
        if (!strcmp(p->name, "id") && int_parse(p->value, &ids[n])) n++;
    json_t *list = r->json ? json_object_get(r->json, "ids") : NULL;
    for (size_t i = 0; i < json_array_size(list) && n < LIMIT_PARAMETERS; i++) ids[n++] = json_integer_value(json_array_get(list, i));
    if (!n) return err_field(&r->c, "id", N_("Choose at least one entry"));
    if (!reason) reason = req_form(r, talloc_asprintf(r->c.mem, "reason_%s", name));
    return start_run(r, action, ids, n, reason, res->path);
}

/* ---- routes ---- */

static void add_route(const Resource *res, const Action *action, Method method, const char *suffix, uint32_t allow, Handler handler,
                      const char *title, unsigned flags) {
    if (!allow) return;
    ResourceRoute *rows = talloc_zero_array(NULL, ResourceRoute, 1);
    rows[0].res = res, rows[0].action = action;
    Route pair[2] = {{method, talloc_asprintf(rows, "%s%s", res->path, suffix), allow, handler, title, flags}, {0}};
    rows[0].route = pair[0];
    if (!route_add_one(&rows[0].route)) talloc_free(rows);
}

void resource_routes(const Resource *res) {
    const Access *a = &res->access;
    uint32_t bulk = 0;
    if (res->reader) { /* a page of another module that is read back from files */
        resource_import_routes(res, add_route);
        return;
    }
    add_route(res, NULL, GET, "", a->read, list_page, N_("List"), ROUTE_TAGGED);
    add_route(res, NULL, GET, "/search", a->read, search_page, N_("Look up by name"), 0);
    add_route(res, NULL, POST, "/columns", a->read, columns_page, N_("Choose columns"), 0);
    add_route(res, NULL, GET, "/{id}", a->read, detail_page, N_("One entry"), ROUTE_TAGGED);
    add_route(res, NULL, GET, "/new", a->create, new_page, N_("Form for a new entry"), 0);
    add_route(res, NULL, POST, "", a->create, create_page, N_("Create"), 0);
    add_route(res, NULL, GET, "/{id}/edit", a->update, edit_page, N_("Form"), 0);
    add_route(res, NULL, POST, "/{id}", a->update, update_page, N_("Change"), 0);
    add_route(res, NULL, PUT, "/{id}", a->update, update_page, N_("Change"), 0);
    add_route(res, NULL, PATCH, "/{id}", a->update, update_page, N_("Change"), 0);
    add_route(res, NULL, POST, "/{id}/delete", a->remove, remove_page, N_("Delete"), 0);
    add_route(res, NULL, DELETE_, "/{id}", a->remove, remove_page, N_("Delete"), 0);
    for (const Action *x = res->actions; x && x->name; x++) {
        char suffix[64];
        snprintf(suffix, sizeof suffix, "/{id}/%s", x->name);
        add_route(res, x, POST, suffix, x->roles, action_page, x->title, 0);
        if (x->bulk) bulk |= x->roles;
    }
    add_route(res, NULL, POST, "/bulk", bulk, bulk_page, N_("One action for several entries"), 0);
    add_route(res, NULL, GET, "/export.xlsx", a->read, resource_export_page, N_("Export as a spreadsheet"), 0);
    if (res->importable && a->create) resource_import_routes(res, add_route);
}

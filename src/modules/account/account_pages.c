/* account_pages.c - the administrator's form for an account (roles are a set of boxes, which no field kind is), and one-time links. */
#include "base/i18n.h"
#include "modules/account/account_private.h"
#include "modules/org/org.h"
#include <string.h>
#include <talloc.h>

static Value field_model(Req *r, const char *name, const Account *row, const Error *problem) {
    size_t n = 0;
    while (account_resource.fields[n].kind != F_END) n++;
    return resource_form_field(r, field_find(account_resource.fields, n, name), row, !row->id, problem);
}

static Value scope_model(Req *r, const Account *row, const Error *problem) {
    Ctx *c = &r->c;
    const Field *f = account_resource.fields;
    while (strcmp(f->name, "reach") != 0) f++;
    const char *typed = problem ? req_form(r, "scope") : NULL, *chosen = typed ? typed : f->codes[row->reach];
    Value o = value_object(c->mem), options = value_array(c->mem);
    for (int i = 0; f->codes[i]; i++) {
        Value option = value_object(c->mem);
        value_set_text(option, "value", f->codes[i]);
        value_set_text(option, "title", tr(c->lang, f->labels[i]));
        value_set_bool(option, "selected", !strcmp(f->codes[i], chosen));
        value_push(options, option);
    }
    value_set_text(o, "name", "scope");
    value_set_text(o, "label", field_label(c, f));
    value_set_bool(o, "is_enum", true);
    value_set_bool(o, "required", true);
    value_set(o, "options", options);
    value_set_text(o, "help", tr(c->lang, f->help));
    value_set_text(o, "error", form_message(c, problem, "scope"));
    return o;
}

static Value roles_model(Req *r, const Account *row, const Error *problem) {
    Ctx *c = &r->c;
    Value list = value_array(c->mem);
    for (int i = 0; i < ROLE_COUNT; i++) {
        bool chosen = !problem && row->roles & 1 << i;
        for (const Pair *p = problem ? r->form : NULL; p; p = p->next)
            chosen |= !strcmp(p->name, "roles") && !strcmp(p->value, role_code(1u << i));
        Value o = value_object(c->mem);
        value_set_text(o, "code", role_code(1u << i));
        value_set_text(o, "title", tr(c->lang, role_name(1u << i)));
        value_set_bool(o, "checked", chosen);
        value_push(list, o);
    }
    return list;
}

static Error *form(Req *r, const Account *old, const Account *row, const Error *problem) {
    Ctx *c = &r->c;
    static const char *const names[] = { "login", "name", "employee_id" };
    const char *home = old ? resource_href(c, &account_resource, old->id) : account_resource.path;
    Value model = form_model(r, old ? N_("Edit account") : N_("New account"), problem), list = value_array(c->mem);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) value_push(list, field_model(r, names[i], row, problem));
    value_set_text(model, "action", home);
    value_set_text(model, "cancel_href", home);
    value_set(model, "fields", list);
    value_set(model, "roles", roles_model(r, row, problem));
    value_set_text(model, "roles_error", form_message(c, problem, "roles"));
    value_set(model, "scope", scope_model(r, row, problem));
    value_set_text(model, "submit_title", tr(c->lang, N_("Save")));
    if (old) value_set_int(model, "version", old->version);
    return form_answer(r, "account_form", model, problem);
}

static Error *new_row(Ctx *c, Account **ret) {
    const Field *fields;
    size_t n;
    TRY(resource_fields(c, &account_resource, &fields, &n));
    *ret = resource_new_row(c, &account_resource, fields, n);
    account_resource.defaults(c, *ret);
    return NULL;
}

Error *account_new_page(Req *r) {
    Account *row;
    TRY(new_row(&r->c, &row));
    return form(r, NULL, row, NULL);
}

Error *account_edit_page(Req *r) {
    int64_t id;
    Account *row;
    TRY(req_id(r, 0, &id));
    TRY(account_load(&r->c, id, &row));
    return form(r, row, row, NULL);
}

/* ---- saving ---- */

typedef struct Save {
    int64_t id; /* 0: new */
    RowInput input;
    Account *old, *row;
} Save;

static Error *save(Ctx *c, void *arg) {
    Save *s = arg;
    const Field *fields;
    size_t n;
    TRY(resource_fields(c, &account_resource, &fields, &n));
    s->old = NULL;
    if (s->id)
        TRY(account_load(c, s->id, &s->old));
    else
        TRY(new_row(c, &s->row));
    if (s->old) s->row = talloc_memdup(c->mem, s->old, sizeof *s->old);
    row_apply(fields, n, &s->input, s->row);
    return resource_save(c, &account_resource, s->old, s->row, NULL, NULL);
}

static Error *saved(Req *r, void *arg) {
    const Save *s = arg;
    Ctx *c = &r->c;
    const char *href = resource_href(c, &account_resource, s->row->id);
    Msg done = { .id = s->id ? N_("Saved") : N_("Account made. Now make a link for its owner to set the password") };
    if (!r->wants_json) return respond_done(r, href, "success", done);
    Account *row;
    TRY(account_load(c, s->row->id, &row));
    Value model = resource_row_model(c, &account_resource, row);
    TRY(account_resource.describe(c, row, model));
    if (!s->id) respond_header(r, "Location", href);
    return respond_json(r, s->id ? 200 : 201, model);
}

static Error *refused(Req *r, void *arg, Error *e) {
    Save *s = arg;
    if (!form_can_show(r, e)) return e;
    if (s->id && !s->old) TRY(account_load(&r->c, s->id, &s->old));
    if (!s->row) TRY(new_row(&r->c, &s->row));
    return form(r, s->old, s->old ? s->old : s->row, e);
}

static Error *submit(Req *r, int64_t id) {
    Save *s = talloc_zero(r->c.mem, Save);
    s->id = id;
    Error *e = resource_read_form(r, &account_resource, !id, &s->input);
    return e ? refused(r, s, e) : req_commit_or(r, save, s, saved, refused);
}

Error *account_create_submit(Req *r) {
    return submit(r, 0);
}

Error *account_update_submit(Req *r) {
    int64_t id;
    TRY(req_id(r, 0, &id));
    return submit(r, id);
}

/* ---- one-time links ---- */

typedef struct Invite {
    int64_t id;
    const char *path;
    Instant until;
    Account *row;
} Invite;

static Error *make_invite(Ctx *c, void *arg) {
    Invite *v = arg;
    TRY(account_load(c, v->id, &v->row));
    return account_make_link(c, v->id, &v->path, &v->until);
}

/* The browser says in Origin under which address it reached us; programs know it themselves. */
static const char *origin_of(const Req *r) {
    const char *origin = req_header(r, "Origin");
    return origin && (text_starts(origin, "http://") || text_starts(origin, "https://")) ? origin : "";
}

static Error *invite_made(Req *r, void *arg) {
    const Invite *v = arg;
    Ctx *c = &r->c;
    char buf[INSTANT_TEXT];
    Value model = form_model(r, v->row->has_password ? N_("Link to set a new password") : N_("Invitation"), NULL);
    value_set_text(model, "name", v->row->name);
    value_set_text(model, "login", v->row->login);
    value_set_text(model, "link", talloc_asprintf(c->mem, "%s%s", origin_of(r), v->path));
    value_set_text(model, "path", v->path);
    value_set(model, "until", value_time(v->until));
    value_set_text(model, "_until", talloc_strdup(c->mem, instant_local(v->until, buf)));
    value_set_text(model, "back_href", resource_href(c, &account_resource, v->id));
    return respond_view(r, "account_link", model);
}

Error *account_invite_submit(Req *r) {
    Invite *v = talloc_zero(r->c.mem, Invite);
    TRY(req_id(r, 0, &v->id));
    return req_commit(r, make_invite, v, invite_made);
}

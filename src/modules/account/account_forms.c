/* account_forms.c - what the short forms of this module share. */
#include "base/i18n.h"
#include "modules/account/account_private.h"
#include "service/limit.h"
#include "service/password.h"
#include "service/setting.h"
#include <string.h>
#include <talloc.h>

enum { ADDRESS_PER_MINUTE = 30 };

const char *form_text(const Req *r, const char *name) {
    const char *s = req_form(r, name);
    return s ? s : "";
}

Value form_fields(Req *r, const FormLine *lines, const Error *problem) {
    Value list = value_array(r->c.mem);
    for (; lines->name; lines++) value_push(list, form_line(r, lines, problem));
    return list;
}

Value form_model(Req *r, const char *title, const Error *problem) {
    Value model = value_object(r->c.mem);
    value_set_text(model, "title", tr(r->c.lang, title));
    if (problem) value_set_text(model, "error", msg_text(r->c.mem, r->c.lang, &problem->message));
    return model;
}

Error *form_answer(Req *r, const char *template, Value model, const Error *problem) {
    if (problem && problem->retry_after) respond_header(r, "Retry-After", talloc_asprintf(r->c.mem, "%d", problem->retry_after));
    return respond_view_status(r, problem ? problem->status : 200, template, model);
}

bool form_can_show(const Req *r, const Error *e) {
    return !r->wants_json && (e->status == 422 || e->status == 409 || e->status == 429);
}

Error *form_new_password(Req *r, const char *login, const char *name, Error **errors) {
    Ctx *c = &r->c;
    const char *password = form_text(r, "password"), *again = form_text(r, "password2");
    const char *words[] = { login ? login : "", name ? name : "", setting_text(c, "company.name"), "xiaoguan", "销冠", NULL };
    Error *e = password_check_new(c, password, words);
    if (e && !e->fields) return e;
    if (e)
        err_add_field(c, errors, "password", e->fields->message.id, e->fields->message.args[0], e->fields->message.args[1]);
    else if (strcmp(password, again) != 0)
        err_add_field(c, errors, "password2", N_("The two passwords differ"));
    return NULL;
}

Error *err_wait(Ctx *c, int seconds) {
    Error *e = err_too_many(c, N_("Too many tries. Wait {1} seconds and try again"), talloc_asprintf(c->mem, "%d", seconds));
    e->retry_after = seconds;
    return e;
}

Error *limit_address(Ctx *c) {
    int wait;
    const char *key = talloc_asprintf(c->mem, "login:%s", c->address ? c->address : "");
    return limit_take(c, key, ADDRESS_PER_MINUTE, ADDRESS_PER_MINUTE, &wait) ? NULL : err_wait(c, wait);
}

void hide_path(Req *r) {
    r->path = r->route->path;
}

Error *answer_logged_in(Req *r, const char *next) {
    if (r->c.actor->must_change) next = "/account/password";
    if (!r->wants_json) return respond_redirect(r, next);
    Value model = value_object(r->c.mem);
    value_set_text(model, "location", next);
    value_set_text(model, "csrf", r->csrf);
    value_set_bool(model, "second_step", false);
    return respond_json(r, 200, model);
}

const char *device_title(Ctx *c, const char *agent) {
    const char *browser, *system;
    device_of(agent, &browser, &system);
    if (*browser && *system) return msg_text(c->mem, c->lang, &(Msg){ .id = N_("{1} on {2}"), .args = { browser, system } });
    if (*browser || *system) return *browser ? browser : system;
    return tr(c->lang, N_("Unknown device"));
}

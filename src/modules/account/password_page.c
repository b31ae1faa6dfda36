/* password_page.c - changing one's own password, and setting it from an invitation or reset link. */
#include "base/i18n.h"
#include "base/text.h"
#include "modules/account/account_private.h"
#include "service/audit.h"
#include "service/limit.h"
#include "service/password.h"
#include "service/session.h"
#include <string.h>
#include <talloc.h>

static const FormLine change_lines[] = {
    {.name = "old_password", .label = N_("Present password"), .kind = "password", .autocomplete = "current-password", .required = true},
    {.name = "password", .label = N_("New password"), .kind = "password", .autocomplete = "new-password", .required = true, .help = N_("At least 8 characters; a few words are better than signs"), .max = 128},
    {.name = "password2", .label = N_("New password once more"), .kind = "password", .autocomplete = "new-password", .required = true, .max = 128},
    {0},
};

/* What a form about a password needs to know. */
typedef struct Change {
    int64_t id, except; /* except: the session that goes on */
    const char *login, *name, *old_hash, *link_hash, *phc;
    bool totp;
} Change;

/* ---- one's own ---- */

static Error *change_form(Req *r, const Error *problem) {
    Value model = form_model(r, N_("Change password"), problem);
    bool must = r->c.actor->must_change;
    value_set_text(model, "action", "/account/password");
    value_set_text(model, "cancel_href", must ? NULL : "/account");
    value_set_bool(model, "must", must);
    value_set_text(model, "lead", must ? tr(r->c.lang, N_("Choose a password of your own before you go on.")) : NULL);
    value_set(model, "fields", form_fields(r, change_lines, problem));
    return form_answer(r, "password", model, problem);
}

Error *password_page(Req *r) {
    return change_form(r, NULL);
}

static Error *find_own(Ctx *c, Change *ch) {
    Rows *rows;
    TRY(db_one(c, &rows, "SELECT login, name, password_hash FROM account WHERE id = $1", V(c->actor->account_id)));
    if (!rows) return err_not_found(c, N_("There is no such account, or it is disabled"));
    ch->id = c->actor->account_id;
    ch->except = c->actor->session_id;
    ch->login = row_dup(rows, 0), ch->name = row_dup(rows, 1), ch->old_hash = row_dup(rows, 2);
    return rows_done(rows);
}

static Error *check_old(Req *r, const Change *ch, bool *ret_ok) {
    Ctx *c = &r->c;
    bool rehash;
    int wait;
    const char *key = talloc_asprintf(c->mem, "password:%lld", (long long)ch->id);
    TRY(limit_address(c));
    if (!limit_login_allowed(c, key, &wait)) return err_wait(c, wait);
    TRY(password_verify(c, ch->old_hash, form_text(r, "old_password"), ret_ok, &rehash));
    if (*ret_ok)
        limit_login_succeeded(key);
    else
        limit_login_failed(c, key);
    return NULL;
}

static Error *read_change(Req *r, Change *ch) {
    Ctx *c = &r->c;
    Error *errors = NULL;
    bool ok;
    TRY(find_own(c, ch));
    TRY(check_old(r, ch, &ok));
    if (!ok) err_add_field(c, &errors, "old_password", N_("This is not your present password"));
    TRY(form_new_password(r, ch->login, ch->name, &errors));
    if (ok && !errors && !strcmp(form_text(r, "old_password"), form_text(r, "password")))
        err_add_field(c, &errors, "password", N_("The new password is the old one"));
    return errors ? errors : password_hash(c, form_text(r, "password"), &ch->phc);
}

static Error *store_change(Ctx *c, void *arg) {
    const Change *ch = arg;
    TRY(password_store(c, ch->id, ch->phc));
    TRY(session_end_all(c, ch->id, ch->except, false));
    return audit_record(c, "password_change", "account", ch->id, "{}");
}

static Error *changed(Req *r, void *arg) {
    const Change *ch = arg;
    limit_login_succeeded(talloc_asprintf(r->c.mem, "login:%s", ch->login));
    return respond_done(r, "/account", "success", (Msg){ .id = N_("Password changed. All other sessions have ended") });
}

Error *password_submit(Req *r) {
    Change *ch = talloc_zero(r->c.mem, Change);
    Error *e = read_change(r, ch);
    if (e) return form_can_show(r, e) ? change_form(r, e) : e;
    return req_commit(r, store_change, ch, changed);
}

/* ---- by a link ---- */

static const FormLine invite_lines[] = {
    {.name = "password", .label = N_("New password"), .kind = "password", .autocomplete = "new-password", .required = true, .help = N_("At least 8 characters; a few words are better than signs"), .max = 128},
    {.name = "password2", .label = N_("New password once more"), .kind = "password", .autocomplete = "new-password", .required = true, .max = 128},
    {0},
};

static Error *bad_link(Ctx *c) {
    return err_not_found(c, N_("This link has been used or is too old. Ask your administrator for a new one"));
}

static Error *find_invited(Req *r, Change *ch) {
    Ctx *c = &r->c;
    Rows *rows;
    ch->link_hash = hash_text(c, req_param(r, 0));
    TRY(db_one(c, &rows, "SELECT id, login, name, totp_secret FROM account WHERE invite_hash = $1 AND invite_until > $2 AND status = 0",
               V(ch->link_hash), V(c->now)));
    if (!rows) return bad_link(c);
    ch->id = row_int(rows, 0), ch->login = row_dup(rows, 1), ch->name = row_dup(rows, 2), ch->totp = !row_is_null(rows, 3);
    return rows_done(rows);
}

static Error *invite_form(Req *r, const Change *ch, const Error *problem) {
    Ctx *c = &r->c;
    Value model = form_model(r, N_("Set your password"), problem);
    Msg lead = { .id = N_("{1}, your account is “{2}”."), .args = { ch->name, ch->login } };
    value_set_text(model, "action", r->target);
    value_set_text(model, "login", ch->login);
    value_set_text(model, "name", ch->name);
    value_set_text(model, "lead", msg_text(c->mem, c->lang, &lead));
    value_set(model, "fields", form_fields(r, invite_lines, problem));
    return form_answer(r, "password", model, problem);
}

Error *invite_page(Req *r) {
    Change ch = { 0 };
    hide_path(r);
    TRY(find_invited(r, &ch));
    return invite_form(r, &ch, NULL);
}

static Error *store_invited(Ctx *c, void *arg) {
    const Change *ch = arg;
    int64_t id = 0;
    TRY(db_get_int(c, &id, "SELECT id FROM account WHERE id = $1 AND invite_hash = $2 AND status = 0", V(ch->id), V(ch->link_hash)));
    if (!id) return bad_link(c);
    TRY(password_store(c, ch->id, ch->phc));
    TRY(session_end_all(c, ch->id, 0, false));
    return audit_record(c, "password_set", "account", ch->id, "{}");
}

/* The link proves who it was sent to, which is one factor: with the second step on, the log-in page asks for both. */
static Error *invited(Req *r, void *arg) {
    const Change *ch = arg;
    limit_login_succeeded(talloc_asprintf(r->c.mem, "login:%s", ch->login));
    if (ch->totp) return respond_done(r, "/login", "success", (Msg){ .id = N_("Password set. Sign in with it now") });
    TRY(session_start(r, ch->id, false));
    return answer_logged_in(r, "/");
}

Error *invite_submit(Req *r) {
    Change *ch = talloc_zero(r->c.mem, Change);
    Error *errors = NULL;
    hide_path(r);
    TRY(limit_address(&r->c));
    TRY(find_invited(r, ch));
    TRY(form_new_password(r, ch->login, ch->name, &errors));
    if (errors) return form_can_show(r, errors) ? invite_form(r, ch, errors) : errors;
    TRY(password_hash(&r->c, form_text(r, "password"), &ch->phc));
    return req_commit(r, store_invited, ch, invited);
}

/* setup.c - the first run: the company and its first administrator, by the link that the server printed at start. */
#include "base/text.h"
#include "modules/account/account_private.h"
#include "modules/org/org.h"
#include "service/password.h"
#include "service/session.h"
#include "service/setting.h"
#include <string.h>
#include <talloc.h>

static const FormLine lines[] = {
    {.name = "company", .label = N_("Company"), .kind = "text", .autocomplete = "organization", .required = true, .max = 100},
    {.name = "name", .label = N_("Your name"), .kind = "text", .autocomplete = "name", .required = true, .max = 50},
    {.name = "login", .label = N_("Account"), .kind = "text", .autocomplete = "username", .required = true, .help = N_("What you will log in with: letters and digits"), .max = LOGIN_MAX},
    {.name = "password", .label = N_("Password"), .kind = "password", .autocomplete = "new-password", .required = true, .help = N_("At least 8 characters; a few words are better than signs"), .max = 128},
    {.name = "password2", .label = N_("Password once more"), .kind = "password", .autocomplete = "new-password", .required = true, .max = 128},
    {0},
};

/* Inside and outside the transaction: the link holds while nobody could have set the system up. */
static Error *check_link(Ctx *c, const char *token) {
    bool ready;
    const char *hash = "";
    TRY(other_admin_exists(c, 0, &ready));
    TRY(db_get_text(c, &hash, "SELECT value FROM setting WHERE name = $1", V("secret.setup")));
    if (!ready && *hash && !strcmp(hash, hash_text(c, token))) return NULL;
    return err_not_found(c, N_("This set-up link is not valid any more. Start the server again for a new one, or sign in"));
}

static Error *form(Req *r, const Error *problem) {
    Value model = form_model(r, N_("Set up Xiaoguan"), problem);
    value_set_text(model, "action", r->target);
    value_set(model, "fields", form_fields(r, lines, problem));
    return form_answer(r, "setup", model, problem);
}

Error *setup_page(Req *r) {
    hide_path(r);
    TRY(check_link(&r->c, req_param(r, 0)));
    return form(r, NULL);
}

typedef struct Setup {
    const char *token, *company, *name, *login, *phc;
    int64_t account_id;
} Setup;

static Error *read_setup(Req *r, Setup *s) {
    Ctx *c = &r->c;
    Error *errors = NULL;
    s->company = text_clean(c->mem, form_text(r, "company"));
    s->name = text_clean(c->mem, form_text(r, "name"));
    s->login = login_fold(c->mem, form_text(r, "login"));
    if (!*s->company) err_add_field(c, &errors, "company", N_("This is required"));
    if (text_length(s->company) > 100) err_add_field(c, &errors, "company", N_("At most {1} characters"), "100");
    if (!*s->name) err_add_field(c, &errors, "name", N_("This is required"));
    if (text_length(s->name) > 50) err_add_field(c, &errors, "name", N_("At most {1} characters"), "50");
    if (!login_is_valid(s->login))
        err_add_field(c, &errors, "login", N_("An account name has 2 to 64 letters, digits or the signs . _ - @ +"));
    TRY(form_new_password(r, s->login, s->company, &errors));
    return errors ? errors : password_hash(c, form_text(r, "password"), &s->phc);
}

static Error *store(Ctx *c, void *arg) {
    Setup *s = arg;
    int64_t root;
    TRY(check_link(c, s->token));
    TRY(setting_save(c, "company.name", s->company));
    TRY(org_unit_create_root(c, s->company, &root));
    TRY(account_create(c, &(AccountNew){ .login = s->login, .name = s->name, .roles = ROLE_ADMIN, .scope = SCOPE_BY_ROLES, .password_hash = s->phc },
                       &s->account_id));
    TRY(org_rebuild_visibility(c));
    return db_exec(c, "DELETE FROM setting WHERE name = $1", V("secret.setup"));
}

static Error *stored(Req *r, void *arg) {
    const Setup *s = arg;
    TRY(session_start(r, s->account_id, false));
    return answer_logged_in(r, "/");
}

static Error *refused(Req *r, void *arg, Error *e) {
    (void)arg;
    return form_can_show(r, e) ? form(r, e) : e;
}

Error *setup_submit(Req *r) {
    Setup *s = talloc_zero(r->c.mem, Setup);
    s->token = req_param(r, 0);
    hide_path(r);
    TRY(limit_address(&r->c));
    TRY(check_link(&r->c, s->token));
    Error *e = read_setup(r, s);
    return e ? refused(r, s, e) : req_commit_or(r, store, s, stored, refused);
}

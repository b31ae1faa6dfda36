/* account_store.c - accounts as the rest of the program sees them: making one, ending one, one-time links. */
#include "base/text.h"
#include "modules/account/account_private.h"
#include "service/audit.h"
#include "service/password.h"
#include "service/session.h"
#include <string.h>
#include <talloc.h>

#define MINUTE (INT64_C(60) * 1000000)
#define DAY (24 * 60 * MINUTE)

/* Settings that are nobody's business: not declared, so no page shows them. */
#define SECRET_LOGIN "secret.login"
#define SECRET_SETUP "secret.setup"

Error *other_admin_exists(Ctx *c, int64_t account_id, bool *ret) {
    int64_t n = 0;
    TRY(db_get_int(c, &n,
                   "SELECT count(*) FROM account WHERE status = 0 AND (roles & $1) <> 0 AND password_hash IS NOT NULL AND id <> $2",
                   V(ROLE_ADMIN), V(account_id)));
    *ret = n > 0;
    return NULL;
}

/* ---- making ---- */

static Error *check_new(Ctx *c, const AccountNew *a, const char *login) {
    Error *errors = NULL;
    int64_t same_login = 0, same_employee = 0;
    if (!login_is_valid(login))
        err_add_field(c, &errors, "login", N_("An account name has 2 to 64 letters, digits or the signs . _ - @ +"));
    if (!a->name || !*a->name) err_add_field(c, &errors, "name", N_("This is required"));
    if (!(a->roles & ROLE_ANY) || a->roles & ~(uint32_t)ROLE_ANY) err_add_field(c, &errors, "roles", N_("Choose at least one role"));
    TRY(db_get_int(c, &same_login, "SELECT id FROM account WHERE login = $1", V(login)));
    if (same_login) err_add_field(c, &errors, "login", N_("There is an account with this name already"));
    if (a->employee_id) TRY(db_get_int(c, &same_employee, "SELECT id FROM account WHERE employee_id = $1", V(a->employee_id)));
    if (same_employee) err_add_field(c, &errors, "employee_id", N_("This person has an account already"));
    return errors;
}

Error *account_create(Ctx *c, const AccountNew *a, int64_t *ret_id) {
    const char *login = login_fold(c->mem, a->login ? a->login : "");
    TRY(check_new(c, a, login));
    TRY(db_get_int(c, ret_id,
                   "INSERT INTO account(login, name, employee_id, roles, scope, password_hash, must_change, lang, demo, created_at, created_by,"
                   " updated_at, updated_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $10, $11) RETURNING id",
                   V(login), V(a->name), V_id(a->employee_id), V(a->roles), a->scope < 0 ? param_null() : V(a->scope), V(a->password_hash),
                   V(a->must_change), V(a->lang ? a->lang : ""), V(a->demo), V(c->now), V(c->actor->account_id)));
    Text *changes = text_new(c->mem, 4096);
    text_add(changes, "{\"login\":[null,");
    text_add_json(changes, login, strlen(login));
    text_add(changes, "],\"name\":[null,");
    text_add_json(changes, a->name, strlen(a->name));
    text_addf(changes, "],\"roles\":[null,%u]}", a->roles);
    return audit_record(c, "create", "account", *ret_id, changes->overflow ? "{}" : changes->data);
}

Error *account_of_employee(Ctx *c, int64_t employee_id, int64_t *ret_id) {
    *ret_id = 0;
    return db_get_int(c, ret_id, "SELECT id FROM account WHERE employee_id = $1 AND status = 0", V(employee_id));
}

Error *account_disable_for_employee(Ctx *c, int64_t employee_id) {
    int64_t id, roles = 0;
    bool others = true;
    TRY(account_of_employee(c, employee_id, &id));
    if (!id) return NULL;
    TRY(db_get_int(c, &roles, "SELECT roles FROM account WHERE id = $1", V(id)));
    if (roles & ROLE_ADMIN) TRY(other_admin_exists(c, id, &others));
    if (!others) return err_conflict(c, N_("This is the last active administrator. Make somebody else an administrator first"));
    TRY(db_exec(c, "UPDATE account SET status = 1, version = version + 1, updated_at = $1, updated_by = $2 WHERE id = $3", V(c->now),
                V(c->actor->account_id), V(id)));
    TRY(session_end_all(c, id, 0, true));
    return audit_record(c, "disable", "account", id, "{\"status\":[\"active\",\"disabled\"]}");
}

Error *password_store(Ctx *c, int64_t account_id, const char *phc) {
    TRY(db_exec(c,
                "UPDATE account SET password_hash = $1, must_change = 0, invite_hash = NULL, invite_until = NULL, updated_at = $2,"
                " updated_by = $3 WHERE id = $4",
                V(phc), V(c->now), V(c->actor->account_id), V(account_id)));
    session_changed(c, account_id);
    return NULL;
}

/* ---- one-time links ---- */

const char *link_path(Ctx *c, const char *token) {
    return talloc_asprintf(c->mem, "/invite/%s", token);
}

Error *account_make_link(Ctx *c, int64_t account_id, const char **ret_path, Instant *ret_until) {
    const char *token = random_token(c);
    int64_t has_password = -1;
    TRY(db_get_int(c, &has_password, "SELECT CASE WHEN password_hash IS NULL THEN 0 ELSE 1 END FROM account WHERE id = $1 AND status = 0",
                   V(account_id)));
    if (has_password < 0) return err_conflict(c, N_("This account is disabled"));
    *ret_until = c->now + (has_password ? 15 * MINUTE : 7 * DAY);
    TRY(db_exec(c, "UPDATE account SET invite_hash = $1, invite_until = $2 WHERE id = $3", V(hash_text(c, token)), V(*ret_until), V(account_id)));
    *ret_path = link_path(c, token);
    return audit_record(c, has_password ? "reset_link" : "invite", "account", account_id, "{}");
}

/* ---- secrets kept beside the settings ---- */

typedef struct Secret {
    const char *name, *value;
} Secret;

static Error *put_secret(Ctx *c, void *arg) {
    const Secret *s = arg;
    return db_exec(c, "INSERT INTO setting(name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value", V(s->name),
                   V(s->value));
}

/* Another process may have made it at the same moment: the first one stays. */
static Error *make_login_secret(Ctx *c, void *arg) {
    const char **ret = arg;
    TRY(db_exec(c, "INSERT INTO setting(name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", V(SECRET_LOGIN), V(random_token(c))));
    return db_get_text(c, ret, "SELECT value FROM setting WHERE name = $1", V(SECRET_LOGIN));
}

Error *login_secret(Ctx *c, const char **ret) {
    *ret = NULL;
    TRY(db_get_text(c, ret, "SELECT value FROM setting WHERE name = $1", V(SECRET_LOGIN)));
    return *ret ? NULL : db_tx(c, make_login_secret, ret);
}

Error *account_setup_link(Ctx *c, const char **ret_path_or_null) {
    bool ready;
    *ret_path_or_null = NULL;
    TRY(other_admin_exists(c, 0, &ready));
    if (ready) return NULL;
    const char *token = random_token(c);
    TRY(db_tx(c, put_secret, &(Secret){ SECRET_SETUP, hash_text(c, token) }));
    *ret_path_or_null = talloc_asprintf(c->mem, "/setup/%s", token);
    return NULL;
}

/* ---- the command line ---- */

typedef struct ForLogin {
    const char *login, *result;
} ForLogin;

static Error *find_login(Ctx *c, const char *login, int64_t *ret_id) {
    *ret_id = 0;
    TRY(db_get_int(c, ret_id, "SELECT id FROM account WHERE login = $1 AND status = 0", V(login_fold(c->mem, login))));
    return *ret_id ? NULL : err_not_found(c, N_("There is no active account “{1}”"), login);
}

static Error *token_for_login(Ctx *c, void *arg) {
    ForLogin *f = arg;
    int64_t id;
    TRY(find_login(c, f->login, &id));
    TRY(token_create(c, id, "xiaoguan token new", &f->result));
    return audit_record(c, "token_new", "account", id, "{}");
}

Error *account_token_for_login(Ctx *c, const char *login, const char **ret_token) {
    ForLogin f = { .login = login };
    TRY(db_tx(c, token_for_login, &f));
    *ret_token = f.result;
    return NULL;
}

static Error *link_for_login(Ctx *c, void *arg) {
    ForLogin *f = arg;
    int64_t id;
    Instant until;
    TRY(find_login(c, f->login, &id));
    return account_make_link(c, id, &f->result, &until);
}

Error *account_link_for_login(Ctx *c, const char *login, const char **ret_path) {
    ForLogin f = { .login = login };
    TRY(db_tx(c, link_for_login, &f));
    *ret_path = f.result;
    return NULL;
}

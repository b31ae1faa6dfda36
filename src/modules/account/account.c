/* account.c - accounts as administrators see them: the resource, its actions, and what the module brings. */
#include "modules/account/account_private.h"
#include "base/i18n.h"
#include "modules/org/org.h"
#include "service/audit.h"
#include "service/session.h"
#include <string.h>
#include <talloc.h>

static const char *const status_codes[] = { "active", "disabled", NULL };
static const char *const status_labels[] = { N_("Active"), N_("Disabled"), NULL };
static const char *const status_badges[] = { "success", "danger", NULL };
static const char *const reach_codes[] = { "by_role", "own", "team", "subtree", "all", NULL };
static const char *const reach_labels[] = { N_("As the roles have it"), N_("Own data"), N_("The team one leads"), N_("The units one leads and all below"),
                                            N_("Everything"), NULL };

static const Field fields[] = {
    TEXT_(Account, login, N_("Account"), .flags = REQUIRED | IN_LIST | SEARCH | SORT | PRIMARY | KEY, .max = LOGIN_MAX,
          .help = N_("What one logs in with: letters, digits and . _ - @ +")),
    TEXT_(Account, name, N_("Name"), .flags = REQUIRED | IN_LIST | SEARCH | SORT, .max = 50),
    REF_(Account, employee_id, employee_name, N_("Person"), &employee_resource, .flags = IN_LIST | FILTER,
         .help = N_("Whose reports and numbers these are; empty for a technical account")),
    ENUM_(Account, status, N_("Status"), .flags = READONLY | IN_LIST | FILTER, .codes = status_codes, .labels = status_labels,
          .badges = status_badges),
    ENUM_(Account, reach, N_("Data scope"), .flags = READONLY | NO_COLUMN, .codes = reach_codes, .labels = reach_labels,
          .sql = "coalesce(t.scope + 1, 0)", .help = N_("How far this account sees, if not as its roles do")),
    BOOL_(Account, has_password, N_("Password set"), .flags = READONLY | NO_COLUMN | IN_LIST,
          .sql = "CASE WHEN t.password_hash IS NULL THEN 0 ELSE 1 END"),
    BOOL_(Account, has_totp, N_("Second step"), .flags = READONLY | NO_COLUMN, .sql = "CASE WHEN t.totp_secret IS NULL THEN 0 ELSE 1 END"),
    TIME_(Account, seen_at, N_("Last seen"), .flags = READONLY | NO_COLUMN | IN_LIST,
          .sql = "(SELECT max(s.seen_at) FROM session s WHERE s.account_id = t.id)"),
    INT_(Account, scope_stored, N_("Data scope"), .flags = INTERNAL, .column = "scope"),
    { 0 },
};

/* Roles are a set; to the engine they are one of 64 words, "rep lead". People read them in their language, so the words are made at run time. */
static Field role_field(Ctx *c) {
    enum { SETS = 1 << ROLE_COUNT };
    const char **codes = talloc_zero_array(c->mem, const char *, SETS + 1), **labels = talloc_zero_array(c->mem, const char *, SETS + 1);
    for (unsigned set = 0; set < SETS; set++) {
        codes[set] = labels[set] = "";
        for (unsigned role = 1; role < SETS; role <<= 1) {
            if (!(set & role)) continue;
            codes[set] = *codes[set] ? talloc_asprintf(codes, "%s %s", codes[set], role_code(role)) : role_code(role);
            const char *name = tr(c->lang, role_name(role));
            labels[set] = *labels[set] ? talloc_asprintf(labels, "%s, %s", labels[set], name) : name;
        }
    }
    Field f = ENUM_(Account, roles, N_("Roles"), .flags = READONLY | IN_LIST, .codes = codes, .labels = labels);
    f.name = "role_codes";
    f.column = "roles";
    return f;
}

static Error *fields_now(Ctx *c, const Field **ret, size_t *ret_count) {
    enum { FIXED = sizeof fields / sizeof *fields - 1, ROLES_AT = 3 };
    Field *all = talloc_array(c->mem, Field, FIXED + 1);
    memcpy(all, fields, ROLES_AT * sizeof *all);
    all[ROLES_AT] = role_field(c);
    memcpy(all + ROLES_AT + 1, fields + ROLES_AT, (FIXED - ROLES_AT) * sizeof *all);
    *ret = all;
    *ret_count = FIXED + 1;
    return NULL;
}

static void defaults(Ctx *c, void *row) {
    (void)c;
    Account *a = row;
    a->roles = ROLE_REP;
}

/* ---- saving ---- */

static Error *read_roles(Req *r, int *ret_roles, bool *ret_given) {
    Ctx *c = &r->c;
    Error *errors = NULL;
    const char *unknown = NULL;
    json_t *list = r->json ? json_object_get(r->json, "roles") : NULL, *item;
    size_t i;
    int roles = 0;
    *ret_given = list || req_form(r, "roles") || req_form(r, "_roles");
    if (json_is_array(list)) {
        json_array_foreach(list, i, item) {
            uint32_t role = role_of_code(json_string_value(item));
            roles |= (int)role;
            if (!role) unknown = json_string_value(item);
            if (!role && !unknown) unknown = "?";
        }
    }
    for (const Pair *p = r->form; p && !json_is_array(list); p = p->next) {
        if (strcmp(p->name, "roles") != 0) continue;
        uint32_t role = role_of_code(p->value);
        roles |= (int)role;
        if (!role) unknown = p->value;
    }
    if (unknown) err_add_field(c, &errors, "roles", N_("There is no role “{1}”"), unknown);
    *ret_roles = roles;
    return errors;
}

/* Roles and scope are no columns that the engine could fill by itself. */
static Error *read_input(Req *r, const Field *all, size_t n, RowInput *input) {
    Account *row = input->row;
    bool given;
    const Field *reach = field_find(all, n, "reach"), *roles = field_find(all, n, "role_codes");
    Error *errors = read_roles(r, &row->roles, &given);
    input->given[roles - all] = given;
    const char *scope = req_form(r, "scope");
    if (!scope) return errors;
    Error *bad = NULL;
    field_parse(&r->c, reach, *scope ? scope : "by_role", row, &bad);
    if (bad) err_add_field(&r->c, &errors, "scope", N_("Choose one of the offered values"));
    input->given[reach - all] = true;
    return errors;
}

static Error *prepare(Ctx *c, const void *old, void *row) {
    (void)old;
    Account *a = row;
    a->login = a->login ? login_fold(c->mem, a->login) : NULL;
    a->scope_stored = a->reach ? a->reach - 1 : INT_NONE;
    return NULL;
}

static bool is_admin(const Account *a) {
    return a->roles & ROLE_ADMIN && a->status == ACCOUNT_ACTIVE;
}

static Error *validate(Ctx *c, const void *old, const void *row) {
    const Account *was = old, *a = row;
    Error *errors = NULL;
    int64_t same = 0;
    if (!login_is_valid(a->login))
        err_add_field(c, &errors, "login", N_("An account name has 2 to 64 letters, digits or the signs . _ - @ +"));
    if (!a->roles) err_add_field(c, &errors, "roles", N_("Choose at least one role"));
    TRY(db_get_int(c, &same, "SELECT id FROM account WHERE login = $1 AND id <> $2", V(a->login), V(was ? was->id : 0)));
    if (same) err_add_field(c, &errors, "login", N_("There is an account with this name already"));
    same = 0;
    if (a->employee_id)
        TRY(db_get_int(c, &same, "SELECT id FROM account WHERE employee_id = $1 AND id <> $2", V(a->employee_id), V(was ? was->id : 0)));
    if (same) err_add_field(c, &errors, "employee_id", N_("This person has an account already"));
    if (errors || !was || !is_admin(was) || is_admin(a)) return errors;
    bool others;
    TRY(other_admin_exists(c, was->id, &others));
    return others ? NULL : err_conflict(c, N_("This is the last active administrator. Make somebody else an administrator first"));
}

static Error *after_save(Ctx *c, const void *old, const void *row) {
    const Account *was = old, *a = row;
    if (was && was->status != a->status && a->status == ACCOUNT_DISABLED) TRY(session_end_all(c, a->id, 0, true));
    session_changed(c, a->id);
    bool same_view = was && was->roles == a->roles && was->reach == a->reach && was->employee_id == a->employee_id && was->status == a->status;
    return same_view ? NULL : org_rebuild_visibility(c);
}

/* ---- actions ---- */

static Error *disable(Ctx *c, void *row, const char *reason) {
    (void)c, (void)reason;
    ((Account *)row)->status = ACCOUNT_DISABLED;
    return NULL;
}

static Error *enable(Ctx *c, void *row, const char *reason) {
    (void)c, (void)reason;
    ((Account *)row)->status = ACCOUNT_ACTIVE;
    return NULL;
}

/* The route of account_pages.c answers, since the link has to be shown. This is what a caller without a page would get. */
static Error *invite(Ctx *c, void *row, const char *reason) {
    (void)reason;
    const char *path;
    Instant until;
    return account_make_link(c, ((Account *)row)->id, &path, &until);
}

static Error *reset_totp(Ctx *c, void *row, const char *reason) {
    (void)reason;
    int64_t id = ((Account *)row)->id;
    TRY(db_exec(c, "UPDATE account SET totp_secret = NULL, totp_recovery = NULL WHERE id = $1", V(id)));
    TRY(session_end_all(c, id, 0, false));
    return audit_record(c, "reset_totp", "account", id, "{}");
}

static Error *end_sessions(Ctx *c, void *row, const char *reason) {
    (void)reason;
    int64_t id = ((Account *)row)->id;
    TRY(session_end_all(c, id, 0, false));
    return audit_record(c, "end_sessions", "account", id, "{}");
}

static bool is_active(Ctx *c, const void *row) {
    (void)c;
    return ((const Account *)row)->status == ACCOUNT_ACTIVE;
}
static bool is_disabled(Ctx *c, const void *row) {
    return !is_active(c, row);
}
static bool has_second_step(Ctx *c, const void *row) {
    (void)c;
    return ((const Account *)row)->has_totp;
}

static const Action actions[] = {
    { "invite", N_("Link to set the password"), "mail", ROLE_ADMIN, invite, is_active, .done = N_("Link made") },
    { "end_sessions", N_("End sessions"), "logout", ROLE_ADMIN, end_sessions, is_active, .bulk = true, .done = N_("All sessions have ended"),
      .confirm = N_("End all sessions of this account?") },
    { "reset_totp", N_("Switch second step off"), "shield-lock", ROLE_ADMIN, reset_totp, has_second_step, .danger = true,
      .done = N_("The second step is off"), .confirm = N_("Switch the second step off? Do this only if the person has lost the phone.") },
    { "disable", N_("Disable"), "ban", ROLE_ADMIN, disable, is_active, .bulk = true, .danger = true,
      .done = N_("Disabled; all sessions and tokens have ended"), .confirm = N_("Disable this account? All its sessions and tokens end at once.") },
    { "enable", N_("Enable"), "user-check", ROLE_ADMIN, enable, is_disabled, .bulk = true, .done = N_("Enabled") },
    /* Nobody's to call (no roles, so no route): they give what the owner did its title in the change history. */
    { .name = "reset_link", .title = N_("Made a link to set a new password") },
    { .name = "password_set", .title = N_("Password set by a link") },
    { .name = "password_change", .title = N_("Changed the password") },
    { .name = "totp_on", .title = N_("Switched the second step on") },
    { .name = "totp_off", .title = N_("Switched the second step off") },
    { .name = "recovery_code_used", .title = N_("Used a recovery code") },
    { .name = "token_new", .title = N_("Made an API token") },
    { .name = "token_end", .title = N_("Ended an API token") },
    { 0 },
};

static Error *describe(Ctx *c, const void *row, Value model) {
    const Account *a = row;
    Value roles = value_array(c->mem);
    for (int i = 0; i < ROLE_COUNT; i++)
        if (a->roles & 1 << i) value_push(roles, value_text(role_code(1u << i)));
    value_set(model, "roles", roles);
    value_set_text(model, "scope", reach_codes[a->reach]);
    return NULL;
}

Error *account_load(Ctx *c, int64_t id, Account **ret) {
    void *row;
    TRY(resource_load(c, &account_resource, id, &row));
    *ret = row;
    return NULL;
}

const Resource account_resource = {
    .table = "account",
    .path = "/accounts",
    .title = N_("Accounts"),
    .one = N_("Account"),
    .icon = "user-circle",
    .size = sizeof(Account),
    .fields = fields,
    .access = { .read = ROLE_ADMIN, .create = ROLE_ADMIN, .update = ROLE_ADMIN },
    .order = "login",
    .actions = actions,
    .fields_now = fields_now,
    .defaults = defaults,
    .read_input = read_input,
    .prepare = prepare,
    .validate = validate,
    .after_save = after_save,
    .describe = describe,
    .empty_hint = N_("Make an account for each person who logs in."),
};

/* ---- the module ---- */

static const Resource *const resources[] = { &account_resource, NULL };

static const Route routes[] = {
    { GET, "/login", ROLE_PUBLIC, login_page, N_("Sign in"), 0 },
    { POST, "/login", ROLE_PUBLIC, login_submit, N_("Sign in"), 0 },
    { GET, "/login/code", ROLE_PUBLIC, login_code_page, N_("Second step"), 0 },
    { POST, "/login/code", ROLE_PUBLIC, login_code_submit, N_("Second step"), 0 },
    { POST, "/logout", ROLE_PUBLIC, logout_submit, N_("Sign out"), 0 },
    { GET, "/setup/{token}", ROLE_PUBLIC, setup_page, N_("Set up the system"), 0 },
    { POST, "/setup/{token}", ROLE_PUBLIC, setup_submit, N_("Set up the system"), 0 },
    { GET, "/invite/{token}", ROLE_PUBLIC, invite_page, N_("Set the password by a link"), 0 },
    { POST, "/invite/{token}", ROLE_PUBLIC, invite_submit, N_("Set the password by a link"), 0 },
    { GET, "/account", ROLE_ANY, own_account_page, N_("My account"), 0 },
    { POST, "/account/language", ROLE_PUBLIC, own_language_submit, N_("Choose the language"), 0 },
    { GET, "/account/password", ROLE_ANY, password_page, N_("Change password"), 0 },
    { POST, "/account/password", ROLE_ANY, password_submit, N_("Change password"), 0 },
    { POST, "/account/sessions/{id}/end", ROLE_ANY, own_session_end, N_("End a session"), 0 },
    { POST, "/account/sessions/end-others", ROLE_ANY, own_sessions_end_others, N_("End all other sessions"), 0 },
    { POST, "/account/tokens", ROLE_ANY, own_token_new, N_("New API token"), 0 },
    { POST, "/account/tokens/{id}/end", ROLE_ANY, own_token_end, N_("Revoke an API token"), 0 },
    { GET, "/account/totp", ROLE_ANY, own_totp_page, N_("Second step at sign-in"), 0 },
    { POST, "/account/totp", ROLE_ANY, own_totp_on, N_("Switch the second step on"), 0 },
    { POST, "/account/totp/off", ROLE_ANY, own_totp_off, N_("Switch the second step off"), 0 },
    { GET, "/accounts/new", ROLE_ADMIN, account_new_page, N_("Form for a new account"), 0 },
    { GET, "/accounts/{id}/edit", ROLE_ADMIN, account_edit_page, N_("Form"), 0 },
    { POST, "/accounts", ROLE_ADMIN, account_create_submit, N_("Create an account"), 0 },
    { POST, "/accounts/{id}", ROLE_ADMIN, account_update_submit, N_("Change an account"), 0 },
    { PUT, "/accounts/{id}", ROLE_ADMIN, account_update_submit, N_("Change an account"), 0 },
    { PATCH, "/accounts/{id}", ROLE_ADMIN, account_update_submit, N_("Change an account"), 0 },
    { POST, "/accounts/{id}/invite", ROLE_ADMIN, account_invite_submit, N_("One-time link to set the password"), 0 },
    { 0 },
};

static const Route *const route_tables[] = { routes, NULL };

static const SettingKind settings[] = {
    { "company.name", N_("Company"), NULL, "", 't', 0, 0 },
    { 0 },
};

static const NavItem nav[] = {
    { N_("Organisation"), N_("Accounts"), "/accounts", "key", ROLE_ADMIN, 0, NULL },
    { 0 },
};

const Module account_module = { .name = "account", .resources = resources, .routes = route_tables, .settings = settings, .nav = nav };

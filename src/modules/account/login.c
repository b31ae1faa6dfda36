/* login.c - password, second step, log-out.
 *
 * Wrong name, wrong password and disabled account take the same time and get the same words. What passed the password but not yet the code is
 * carried in a signed cookie for five minutes: no state on the server, and worthless once the password changes. */
#include "base/i18n.h"
#include "modules/account/account_private.h"
#include "service/audit.h"
#include "service/limit.h"
#include "service/notify.h"
#include "service/password.h"
#include "service/session.h"
#include <string.h>
#include <talloc.h>

#define SECOND INT64_C(1000000)
enum { STEP_SECONDS = 300 };
#define STEP_COOKIE "login_step"
#define STEP_PURPOSE "login"

/* What log-in knows of an account. */
typedef struct Known {
    int64_t id, totp_last;
    const char *hash, *totp_secret, *recovery;
} Known;

/* Active accounts only; id 0 if there is none. */
static Error *find_known(Ctx *c, const char *login, int64_t id, Known *ret) {
    Rows *rows;
    *ret = (Known){ 0 };
    TRY(db_one(c, &rows,
               "SELECT id, password_hash, totp_secret, totp_last, totp_recovery FROM account WHERE (login = $1 OR id = $2) AND status = 0",
               V(login), V(id)));
    if (!rows) return NULL;
    *ret = (Known){ .id = row_int(rows, 0), .hash = row_dup(rows, 1), .totp_secret = row_dup(rows, 2), .totp_last = row_int(rows, 3),
                    .recovery = row_dup(rows, 4) };
    return rows_done(rows);
}

/* ---- failures ---- */

typedef struct Failure {
    int64_t account_id;
    bool slowed; /* further tries have to wait: tell the owner */
    const char *step;
} Failure;

static Error *record_failure(Ctx *c, void *arg) {
    const Failure *f = arg;
    int64_t told = 0;
    const char *changes = talloc_asprintf(c->mem, "{\"step\":[null,\"%s\"]}", f->step);
    TRY(audit_record(c, "log_in_failed", "login", f->account_id, changes)); /* not in the account's own history: there may be many */
    if (!f->slowed || !f->account_id) return NULL;
    TRY(db_get_int(c, &told, "SELECT count(*) FROM notice WHERE account_id = $1 AND kind = $2 AND created_at > $3", V(f->account_id),
                   V("log_in_failed"), V(c->now - 3600 * SECOND)));
    if (told) return NULL;
    Msg msg = { .id = N_("Somebody tried several times to log in to your account without success"), .args = { NULL } };
    return notify_account(c, f->account_id, "log_in_failed", msg, "/account");
}

/* Counts it, writes it down, and gives `wrong` back. */
static Error *failed(Ctx *c, const char *key, int64_t account_id, const char *step, Error *wrong) {
    int wait;
    limit_login_failed(c, key);
    Failure f = { .account_id = account_id, .slowed = !limit_login_allowed(c, key, &wait), .step = step };
    TRY(db_tx(c, record_failure, &f));
    wrong->code = "log_in_failed";
    return wrong;
}

/* ---- name and password ---- */

static Error *login_form(Req *r, const Error *problem) {
    Ctx *c = &r->c;
    bool ready = true;
    Value model = form_model(r, N_("Sign in"), problem);
    TRY(other_admin_exists(c, 0, &ready));
    const char *next = r->method == POST ? req_form(r, "next") : req_query(r, "next");
    value_set_text(model, "login", form_text(r, "login"));
    value_set_text(model, "next", local_path(next));
    value_set_bool(model, "trust", !strcmp(form_text(r, "trust"), "1"));
    value_set_bool(model, "needs_setup", !ready);
    return form_answer(r, "login", model, problem);
}

Error *login_page(Req *r) {
    if (r->c.actor->account_id) return respond_redirect(r, local_path(req_query(r, "next")));
    return login_form(r, NULL);
}

typedef struct Rehash {
    int64_t id;
    const char *phc;
} Rehash;

static Error *store_rehash(Ctx *c, void *arg) {
    const Rehash *h = arg;
    return db_exec(c, "UPDATE account SET password_hash = $1 WHERE id = $2", V(h->phc), V(h->id));
}

static Error *check_password(Req *r, const char *login, Known *ret) {
    Ctx *c = &r->c;
    const char *password = form_text(r, "password"), *key = talloc_asprintf(c->mem, "login:%s", login);
    bool ok, rehash;
    int wait;
    if (!*login || !*password) return err_field(c, *login ? "password" : "login", N_("Enter your account and your password"));
    TRY(limit_address(c));
    if (!limit_login_allowed(c, key, &wait)) return err_wait(c, wait);
    TRY(find_known(c, login, 0, ret));
    TRY(password_verify(c, ret->hash, password, &ok, &rehash));
    if (!ok) return failed(c, key, ret->id, "password", err_invalid(c, N_("The account or the password is wrong")));
    limit_login_succeeded(key);
    if (!rehash) return NULL;
    Rehash h = { .id = ret->id };
    TRY(password_hash(c, password, &h.phc));
    TRY(db_tx(c, store_rehash, &h));
    ret->hash = h.phc;
    return NULL;
}

static void set_step_cookie(Req *r, const char *ticket) {
    const char *cookie = talloc_asprintf(r->c.mem, STEP_COOKIE "=%s; Path=/login; Max-Age=%d; HttpOnly; SameSite=Lax", ticket, *ticket ? STEP_SECONDS : 0);
    respond_header(r, "Set-Cookie", cookie);
}

static Error *ask_for_code(Req *r, const Known *known, bool trust, const char *next) {
    Ctx *c = &r->c;
    const char *secret;
    TRY(login_secret(c, &secret));
    const char *data = talloc_asprintf(c->mem, "%d%s", trust, text_base64url(c->mem, (const uint8_t *)next, strlen(next)));
    set_step_cookie(r, ticket_make(c->mem, secret, STEP_PURPOSE, known->id, c->now + STEP_SECONDS * SECOND, data, known->hash));
    if (!r->wants_json) return respond_redirect(r, "/login/code");
    Value model = value_object(c->mem);
    value_set_text(model, "location", "/login/code");
    value_set_bool(model, "second_step", true);
    return respond_json(r, 200, model);
}

Error *login_submit(Req *r) {
    const char *login = login_fold(r->c.mem, form_text(r, "login")), *next = local_path(req_form(r, "next"));
    bool trust = !strcmp(form_text(r, "trust"), "1");
    Known known;
    Error *e = check_password(r, login, &known);
    if (e) return form_can_show(r, e) ? login_form(r, e) : e;
    if (known.totp_secret) return ask_for_code(r, &known, trust, next);
    TRY(session_start(r, known.id, trust));
    return answer_logged_in(r, next);
}

/* ---- the code ---- */

static Error *code_form(Req *r, const Error *problem) {
    return form_answer(r, "totp", form_model(r, N_("Second step"), problem), problem);
}

/* Who is between the steps; known->id 0 if nobody is. */
static Error *read_step(Req *r, Known *known, const char **ret_data) {
    Ctx *c = &r->c;
    const char *ticket = req_cookie(r, STEP_COOKIE), *secret;
    *known = (Known){ 0 };
    if (!ticket || !ticket_account(ticket)) return NULL;
    TRY(login_secret(c, &secret));
    TRY(find_known(c, "", ticket_account(ticket), known));
    bool ok = known->id && known->hash && known->totp_secret &&
              ticket_check(c->mem, secret, STEP_PURPOSE, c->now, ticket, known->hash, ret_data);
    if (!ok) *known = (Known){ 0 };
    return NULL;
}

Error *login_code_page(Req *r) {
    Known known;
    const char *data;
    TRY(read_step(r, &known, &data));
    return known.id ? code_form(r, NULL) : respond_redirect(r, "/login");
}

typedef struct Code {
    int64_t account_id;
    const char *text;
    bool ok;
} Code;

/* In the transaction, so that of two requests with one code one succeeds. */
static Error *use_code(Ctx *c, void *arg) {
    Code *code = arg;
    Known known;
    int64_t step;
    code->ok = false;
    TRY(find_known(c, "", code->account_id, &known));
    if (!known.id || !known.totp_secret) return NULL;
    if (totp_check(c, known.totp_secret, code->text, known.totp_last, &step)) {
        code->ok = true;
        return db_exec(c, "UPDATE account SET totp_last = $1 WHERE id = $2", V(step), V(known.id));
    }
    const char *left = recovery_take(c->mem, known.recovery, hash_text(c, recovery_code_fold(c->mem, code->text)));
    if (!left) return NULL;
    code->ok = true;
    TRY(db_exec(c, "UPDATE account SET totp_recovery = $1 WHERE id = $2", V(left), V(known.id)));
    TRY(audit_record(c, "recovery_code_used", "account", known.id, "{}"));
    Msg msg = { .id = N_("A recovery code was used to log in. {1} are left"), .args = { talloc_asprintf(c->mem, "%zu", recovery_left(left)) } };
    return notify_account(c, known.id, "recovery_code", msg, "/account");
}

static Error *check_code(Req *r, const Known *known) {
    Ctx *c = &r->c;
    int wait;
    const char *key = talloc_asprintf(c->mem, "code:%lld", (long long)known->id);
    Code code = { .account_id = known->id, .text = form_text(r, "code") };
    if (!*code.text) return err_field(c, "code", N_("Enter the code"));
    TRY(limit_address(c));
    if (!limit_login_allowed(c, key, &wait)) return err_wait(c, wait);
    TRY(db_tx(c, use_code, &code));
    if (!code.ok) return failed(c, key, known->id, "code", err_field(c, "code", N_("The code is wrong or was used already")));
    limit_login_succeeded(key);
    return NULL;
}

Error *login_code_submit(Req *r) {
    Ctx *c = &r->c;
    Known known;
    const char *data;
    TRY(read_step(r, &known, &data));
    if (!known.id && r->wants_json) return err_unauthorized(c, N_("Please log in first"));
    if (!known.id) return respond_redirect(r, "/login");
    Error *e = check_code(r, &known);
    if (e) return form_can_show(r, e) ? code_form(r, e) : e;
    size_t n;
    const char *next = (const char *)text_base64url_decode(c->mem, data + 1, &n);
    set_step_cookie(r, "");
    TRY(session_start(r, known.id, data[0] == '1'));
    return answer_logged_in(r, next ? local_path(talloc_strndup(c->mem, next, n)) : "/");
}

Error *logout_submit(Req *r) {
    TRY(session_end(r));
    return respond_redirect(r, "/login");
}

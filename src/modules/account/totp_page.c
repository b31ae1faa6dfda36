/* totp_page.c - the second step of one's own account: on with a first code, off with the password. */
#include "base/i18n.h"
#include "base/text.h"
#include "modules/account/account_private.h"
#include "service/audit.h"
#include "service/limit.h"
#include "service/password.h"
#include "service/session.h"
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>
#include <talloc.h>

/* A secret that is not in force yet travels in a signed ticket: looking at the page changes nothing, and nobody can plant a secret. */
#define TICKET_LIFE (INT64_C(15) * 60 * 1000000)
#define TICKET_PURPOSE "totp"

typedef struct Second {
    int64_t account_id, step;
    const char *login, *hash, *secret, *codes_text, *code_hashes;
    bool on;
    int64_t left;
} Second;

static Error *find_own(Ctx *c, Second *s) {
    Rows *rows;
    *s = (Second){ .account_id = c->actor->account_id };
    TRY(db_one(c, &rows, "SELECT login, coalesce(password_hash, ''), totp_secret, totp_recovery FROM account WHERE id = $1", V(s->account_id)));
    if (!rows) return err_not_found(c, N_("There is no such account, or it is disabled"));
    s->login = row_dup(rows, 0), s->hash = row_dup(rows, 1), s->on = !row_is_null(rows, 2);
    s->left = (int64_t)recovery_left(row_dup(rows, 3));
    return rows_done(rows);
}

/* As an address of an image: no markup of ours goes unescaped into a page. */
static const char *qr_href(Ctx *c, const char *uri) {
    const char *svg = qr_svg(c, uri);
    if (!svg) return NULL;
    size_t n = strlen(svg);
    unsigned char *coded = talloc_array(c->mem, unsigned char, 4 * ((n + 2) / 3) + 1);
    EVP_EncodeBlock(coded, (const unsigned char *)svg, (int)n);
    return talloc_asprintf(c->mem, "data:image/svg+xml;base64,%s", (const char *)coded);
}

/* The secret of the form that was sent, if it is ours, else a new one. */
static Error *offer(Req *r, const Second *s, Value model) {
    Ctx *c = &r->c;
    const char *key, *secret = NULL, *ticket = form_text(r, "setup");
    TRY(login_secret(c, &key));
    if (ticket_account(ticket) != s->account_id || !ticket_check(c->mem, key, TICKET_PURPOSE, c->now, ticket, s->hash, &secret)) {
        secret = totp_new_secret(c);
        ticket = ticket_make(c->mem, key, TICKET_PURPOSE, s->account_id, c->now + TICKET_LIFE, secret, s->hash);
    }
    const char *uri = totp_uri(c, "Xiaoguan", s->login, secret);
    value_set_text(model, "secret", secret);
    value_set_text(model, "setup", ticket);
    value_set_text(model, "uri", uri);
    value_set_text(model, "_qr_href", qr_href(c, uri));
    return NULL;
}

static Error *page(Req *r, const Second *s, const Error *problem) {
    Value model = form_model(r, N_("Second step at sign-in"), problem);
    value_set_bool(model, "totp_on", s->on);
    value_set_int(model, "recovery_left", s->left);
    if (!s->on) TRY(offer(r, s, model));
    return form_answer(r, "account_totp", model, problem);
}

Error *own_totp_page(Req *r) {
    Second s;
    TRY(find_own(&r->c, &s));
    return page(r, &s, NULL);
}

/* A stolen token must not be able to lock its owner out. */
static Error *need_session(Ctx *c) {
    return c->actor->session_id ? NULL : err_denied(c, N_("Do this in the browser: an access token is not enough"));
}

/* ---- on ---- */

static Error *make_codes(Ctx *c, Second *s) {
    Text *shown = text_new(c->mem, 1024), *hashes = text_new(c->mem, 4096);
    for (int i = 0; i < RECOVERY_CODES; i++) {
        uint8_t bytes[10];
        char buf[RECOVERY_TEXT];
        if (RAND_bytes(bytes, sizeof bytes) != 1) return err_internal(c, "no random numbers");
        const char *code = recovery_code_text(bytes, buf);
        text_addf(shown, "%s%s", i ? "\n" : "", code);
        text_addf(hashes, "%s%s", i ? "\n" : "", hash_text(c, recovery_code_fold(c->mem, code)));
    }
    s->codes_text = shown->data;
    s->code_hashes = hashes->data;
    return NULL;
}

static Error *switch_on(Ctx *c, void *arg) {
    const Second *s = arg;
    int64_t n = 0;
    TRY(db_exec_n(c, &n, "UPDATE account SET totp_secret = $1, totp_last = $2, totp_recovery = $3 WHERE id = $4 AND totp_secret IS NULL",
                  V(s->secret), V(s->step), V(s->code_hashes), V(s->account_id)));
    if (!n) return err_conflict(c, N_("The second step is on already"));
    TRY(session_end_all(c, s->account_id, c->actor->session_id, false));
    return audit_record(c, "totp_on", "account", s->account_id, "{}");
}

static Error *switched_on(Req *r, void *arg) {
    Second *s = arg;
    Ctx *c = &r->c;
    Value model = form_model(r, N_("Second step at sign-in"), NULL), list = value_array(c->mem);
    limit_login_succeeded(talloc_asprintf(c->mem, "code:%lld", (long long)s->account_id));
    for (const char *at = s->codes_text; *at;) {
        size_t n = strcspn(at, "\n");
        value_push(list, value_text_n(at, n));
        at += n + (at[n] == '\n');
    }
    value_set_bool(model, "totp_on", true);
    value_set_int(model, "recovery_left", RECOVERY_CODES);
    value_set(model, "recovery_codes", list);
    value_set_text(model, "_recovery_codes_text", s->codes_text);
    return respond_view(r, "account_totp", model);
}

static Error *read_on(Req *r, Second *s) {
    Ctx *c = &r->c;
    const char *key, *ticket = form_text(r, "setup"), *login_key = talloc_asprintf(c->mem, "code:%lld", (long long)s->account_id);
    int wait;
    TRY(need_session(c));
    if (s->on) return err_conflict(c, N_("The second step is on already"));
    if (!limit_login_allowed(c, login_key, &wait)) return err_wait(c, wait);
    TRY(login_secret(c, &key));
    if (ticket_account(ticket) != s->account_id || !ticket_check(c->mem, key, TICKET_PURPOSE, c->now, ticket, s->hash, &s->secret))
        return err_field(c, "code", N_("This page is too old. Scan the new code"));
    if (totp_check(c, s->secret, form_text(r, "code"), 0, &s->step)) return make_codes(c, s);
    limit_login_failed(c, login_key);
    return err_field(c, "code", N_("The code is wrong. Is the clock of the phone right?"));
}

static Error *refused(Req *r, void *arg, Error *e) {
    return form_can_show(r, e) ? page(r, arg, e) : e;
}

Error *own_totp_on(Req *r) {
    Second *s = talloc_zero(r->c.mem, Second);
    TRY(find_own(&r->c, s));
    Error *e = read_on(r, s);
    return e ? refused(r, s, e) : req_commit_or(r, switch_on, s, switched_on, refused);
}

/* ---- off ---- */

static Error *switch_off(Ctx *c, void *arg) {
    const Second *s = arg;
    TRY(db_exec(c, "UPDATE account SET totp_secret = NULL, totp_recovery = NULL WHERE id = $1", V(s->account_id)));
    return audit_record(c, "totp_off", "account", s->account_id, "{}");
}

static Error *switched_off(Req *r, void *arg) {
    (void)arg;
    return respond_done(r, "/account", "success", (Msg){ .id = N_("The second step is off") });
}

static Error *check_off(Req *r, const Second *s) {
    Ctx *c = &r->c;
    bool ok, rehash;
    int wait;
    const char *key = talloc_asprintf(c->mem, "password:%lld", (long long)s->account_id);
    TRY(need_session(c));
    if (!s->on) return err_conflict(c, N_("The second step is off already"));
    if (!limit_login_allowed(c, key, &wait)) return err_wait(c, wait);
    TRY(password_verify(c, *s->hash ? s->hash : NULL, form_text(r, "password"), &ok, &rehash));
    if (ok) return NULL;
    limit_login_failed(c, key);
    return err_field(c, "password", N_("This is not your present password"));
}

Error *own_totp_off(Req *r) {
    Second *s = talloc_zero(r->c.mem, Second);
    TRY(find_own(&r->c, s));
    Error *e = check_off(r, s);
    return e ? refused(r, s, e) : req_commit_or(r, switch_off, s, switched_off, refused);
}

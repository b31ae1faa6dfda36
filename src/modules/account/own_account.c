/* own_account.c - one's own account: sessions, API tokens, language. */
#include "base/i18n.h"
#include "base/text.h"
#include "modules/account/account_private.h"
#include "service/audit.h"
#include "service/lang.h"
#include "service/session.h"
#include <string.h>
#include <talloc.h>

enum { MAX_TOKENS = 20, TOKEN_NAME_MAX = 100 };

static const char *local_time(Ctx *c, Instant t) {
    char buf[INSTANT_TEXT];
    return talloc_strdup(c->mem, instant_local(t, buf));
}

static Error *sessions(Ctx *c, Value model) {
    Rows *rows;
    Value list = value_array(c->mem);
    bool others = false;
    TRY(db_query(c, &rows,
                 "SELECT id, agent, address, created_at, seen_at FROM session WHERE account_id = $1 AND ends_at > $2 AND seen_at + idle > $2"
                 " ORDER BY seen_at DESC, id DESC",
                 V(c->actor->account_id), V(c->now)));
    while (rows_next(rows)) {
        Value o = value_object(c->mem);
        int64_t id = row_int(rows, 0);
        bool current = id == c->actor->session_id;
        value_set_int(o, "id", id);
        value_set_text(o, "device", device_title(c, row_dup(rows, 1)));
        value_set_text(o, "address", row_dup(rows, 2));
        value_set(o, "created_at", value_time(row_int(rows, 3)));
        value_set(o, "seen_at", value_time(row_int(rows, 4)));
        value_set_bool(o, "current", current);
        value_set_text(o, "_seen", local_time(c, row_int(rows, 4)));
        value_set_text(o, "end_href", talloc_asprintf(c->mem, "/account/sessions/%lld/end", (long long)id));
        value_push(list, o);
        others |= !current;
    }
    value_set(model, "sessions", list);
    value_set_bool(model, "others", others);
    return rows_done(rows);
}

static Error *tokens(Ctx *c, Value model) {
    Rows *rows;
    Value list = value_array(c->mem);
    TRY(db_query(c, &rows, "SELECT id, name, created_at, last_used_at FROM api_token WHERE account_id = $1 ORDER BY id", V(c->actor->account_id)));
    while (rows_next(rows)) {
        Value o = value_object(c->mem);
        Instant used = row_is_null(rows, 3) ? INSTANT_NONE : row_int(rows, 3);
        value_set_int(o, "id", row_int(rows, 0));
        value_set_text(o, "name", row_dup(rows, 1));
        value_set(o, "created_at", value_time(row_int(rows, 2)));
        value_set(o, "last_used_at", value_time(used));
        value_set_text(o, "_created", local_time(c, row_int(rows, 2)));
        value_set_text(o, "_used", used == INSTANT_NONE ? NULL : local_time(c, used));
        value_set_text(o, "end_href", talloc_asprintf(c->mem, "/account/tokens/%lld/end", (long long)row_int(rows, 0)));
        value_push(list, o);
    }
    value_set(model, "tokens", list);
    return rows_done(rows);
}

static Error *about(Ctx *c, Value model) {
    Rows *rows;
    TRY(db_one(c, &rows, "SELECT login, name, lang, totp_secret, totp_recovery FROM account WHERE id = $1", V(c->actor->account_id)));
    if (!rows) return err_not_found(c, N_("There is no such account, or it is disabled"));
    value_set_text(model, "login", row_dup(rows, 0));
    value_set_text(model, "account_name", row_dup(rows, 1));
    const char *lang = row_dup(rows, 2);
    value_set_bool(model, "totp_on", !row_is_null(rows, 3));
    value_set_int(model, "recovery_left", (int64_t)recovery_left(row_dup(rows, 4)));
    TRY(rows_done(rows));
    value_set_text(model, "lang", *lang ? lang : lang_code(c->lang));
    Value roles = value_array(c->mem);
    for (int i = 0; i < ROLE_COUNT; i++)
        if (c->actor->roles & 1u << i) value_push(roles, value_text(role_code(1u << i)));
    value_set(model, "roles", roles);
    return NULL;
}

/* Everybody reads the name of a language in that language. */
static Value languages(Ctx *c) {
    static const struct {
        const char *code, *title;
    } known[] = { { "zh_CN", "简体中文" }, { "en", "English" } };
    Value list = value_array(c->mem);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        Value o = value_object(c->mem);
        value_set_text(o, "code", known[i].code);
        value_set_text(o, "title", known[i].title);
        value_set_bool(o, "active", !strcmp(known[i].code, lang_code(c->lang)));
        value_push(list, o);
    }
    return list;
}

static Error *page(Req *r, const Error *problem, const char *new_token) {
    Ctx *c = &r->c;
    Value model = form_model(r, N_("My account"), problem);
    TRY(about(c, model));
    TRY(sessions(c, model));
    TRY(tokens(c, model));
    value_set(model, "_languages", languages(c));
    value_set_text(model, "new_token", new_token);
    return form_answer(r, "account", model, problem);
}

Error *own_account_page(Req *r) {
    return page(r, NULL, NULL);
}

/* ---- language ---- */

typedef struct Language {
    const char *code, *next;
} Language;

static Error *store_language(Ctx *c, void *arg) {
    const Language *l = arg;
    TRY(db_exec(c, "UPDATE account SET lang = $1 WHERE id = $2", V(l->code), V(c->actor->account_id)));
    session_changed(c, c->actor->account_id);
    return NULL;
}

static Error *language_stored(Req *r, void *arg) {
    const Language *l = arg;
    respond_header(r, "Set-Cookie", talloc_asprintf(r->c.mem, "lang=%s; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax", l->code));
    return respond_redirect(r, l->next);
}

/* Where the choice was made: as the browser says, or as the form does. */
static const char *page_before(const Req *r, const char *next) {
    const char *referer = req_header(r, "Referer"), *host = req_header(r, "Host"), *at = referer ? strstr(referer, "://") : NULL;
    size_t n = host ? strlen(host) : 0;
    if (at && n && !strncmp(at + 3, host, n) && path_is_local(at + 3 + n)) return at + 3 + n;
    return path_is_local(next) && !strchr(next, '{') ? next : "/";
}

static const char *given(const Req *r, const char *name) {
    const char *s = req_form(r, name);
    return s ? s : req_query(r, name);
}

Error *own_language_submit(Req *r) {
    Language *l = talloc_zero(r->c.mem, Language);
    const char *lang = given(r, "lang");
    *l = (Language){ .code = lang ? lang_known(lang) : NULL, .next = page_before(r, given(r, "next")) };
    if (!l->code) return err_field(&r->c, "lang", N_("Choose one of the offered values"));
    return r->c.actor->account_id ? req_commit(r, store_language, l, language_stored) : language_stored(r, l);
}

/* ---- ending sessions ---- */

static Error *end_one(Ctx *c, void *arg) {
    const int64_t *id = arg;
    TRY(session_end_one(c, c->actor->account_id, *id));
    return audit_record(c, "end", "session", *id, "{}");
}

static Error *ended(Req *r, void *arg) {
    (void)arg;
    return respond_done(r, "/account", "success", (Msg){ .id = N_("Ended") });
}

Error *own_session_end(Req *r) {
    int64_t *id = talloc(r->c.mem, int64_t);
    TRY(req_id(r, 0, id));
    return req_commit(r, end_one, id, ended);
}

static Error *end_others(Ctx *c, void *arg) {
    (void)arg;
    TRY(session_end_all(c, c->actor->account_id, c->actor->session_id, false));
    return audit_record(c, "end_sessions", "account", c->actor->account_id, "{}");
}

Error *own_sessions_end_others(Req *r) {
    return req_commit(r, end_others, NULL, ended);
}

/* ---- tokens ---- */

typedef struct NewToken {
    const char *name, *token;
} NewToken;

static Error *make_token(Ctx *c, void *arg) {
    NewToken *t = arg;
    int64_t n = 0;
    TRY(db_get_int(c, &n, "SELECT count(*) FROM api_token WHERE account_id = $1", V(c->actor->account_id)));
    if (n >= MAX_TOKENS) return err_conflict(c, N_("You have {1} tokens already. End one of them first"), talloc_asprintf(c->mem, "%d", MAX_TOKENS));
    TRY(token_create(c, c->actor->account_id, t->name, &t->token));
    return audit_record(c, "token_new", "account", c->actor->account_id, "{}");
}

static Error *token_made(Req *r, void *arg) {
    const NewToken *t = arg;
    if (!r->wants_json) return page(r, NULL, t->token);
    Value model = value_object(r->c.mem);
    value_set_text(model, "name", t->name);
    value_set_text(model, "token", t->token);
    return respond_json(r, 201, model);
}

static Error *token_refused(Req *r, void *arg, Error *e) {
    (void)arg;
    return form_can_show(r, e) ? page(r, e, NULL) : e;
}

Error *own_token_new(Req *r) {
    Ctx *c = &r->c;
    NewToken *t = talloc_zero(c->mem, NewToken);
    t->name = text_clean(c->mem, form_text(r, "name"));
    if (!*t->name) return token_refused(r, t, err_field(c, "name", N_("Say what the token is for")));
    if (text_length(t->name) > TOKEN_NAME_MAX) return token_refused(r, t, err_field(c, "name", N_("At most {1} characters"), "100"));
    return req_commit_or(r, make_token, t, token_made, token_refused);
}

static Error *end_token(Ctx *c, void *arg) {
    const int64_t *id = arg;
    int64_t n = 0;
    TRY(db_exec_n(c, &n, "DELETE FROM api_token WHERE id = $1 AND account_id = $2", V(*id), V(c->actor->account_id)));
    if (!n) return err_not_found(c, N_("This token has already ended"));
    session_changed(c, c->actor->account_id);
    return audit_record(c, "token_end", "account", c->actor->account_id, "{}");
}

Error *own_token_end(Req *r) {
    int64_t *id = talloc(r->c.mem, int64_t);
    TRY(req_id(r, 0, id));
    return req_commit(r, end_token, id, ended);
}

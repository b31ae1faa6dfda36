/* session.h - log-in, sessions, API tokens. The cookie is 256 random bits; the database keeps its SHA-256.
 *
 * Actors are cached by token hash. On SQLite there is one process and changes forget what they touch; on PostgreSQL an entry is
 * believed for one second, so that ending a session works everywhere at once. */
#pragma once
#include "http/request.h"
#include "service/access.h"

typedef struct SessionOptions {
    bool secure; /* cookie __Host-sid with Secure (loopback counts as secure for browsers); false: plain "sid" for HTTP in a LAN */
    int api_per_minute; /* requests with one API token; 0 = no limit */
} SessionOptions;
void session_setup(SessionOptions options);

/* http_hooks.authenticate: cookie or Authorization: Bearer -> actor, language, csrf. A bad cookie makes a visitor, a bad token is 401.
 * API tokens are limited to api_per_minute with a tenth of it at once: 429. */
Error *session_authenticate(Req *r) MUST_USE;
/* http_hooks.tag, on the I/O thread: "\"g<generation>-<actor>-<day>-<lang>\"" if the session is cached, else NULL. */
const char *session_tag(Req *r);

/* Starts a session for an account whose password (and code) was just verified, writes the audit row "log_in", and sets the cookie on r; r goes
 * on as that account. Opens a transaction of its own: call it from a handler or an `after`, never from inside one. Old token ends. At most 5 sessions an
 * account: the longest unused ends. trusted: this phone stays logged in for 7 idle days instead of 30 minutes (absolute limit 12 hours / 30 days). */
Error *session_start(Req *r, int64_t account_id, bool trusted) MUST_USE;
Error *session_end(Req *r) MUST_USE;                                   /* log-out: row, cookie, Clear-Site-Data, audit "log_out" */
Error *session_end_one(Ctx *c, int64_t account_id, int64_t session_id) MUST_USE; /* in a transaction; 404 if not that account's */
/* In a transaction: all sessions of the account but `except` (0 = none kept); with_tokens also its API tokens. Effective when committed. */
Error *session_end_all(Ctx *c, int64_t account_id, int64_t except, bool with_tokens) MUST_USE;
/* In a transaction: roles, unit or language of the account changed (0: of anybody); cached actors are forgotten at commit. */
void session_changed(Ctx *c, int64_t account_id);
/* In a transaction: makes a token "xg_...", returned once; only its hash is kept. */
Error *token_create(Ctx *c, int64_t account_id, const char *name, const char **ret_token) MUST_USE;
/* Loads the actor of an account, as a request of that account would have it. 404 if there is none or it is disabled. */
Error *actor_load(Ctx *c, int64_t account_id, Actor *ret_actor) MUST_USE;
/* Removes sessions that are over. A job (service.h). */
Error *session_sweep(Ctx *c, int64_t arg) MUST_USE;

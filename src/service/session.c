/* session.c - log-in, sessions, API tokens. */
#include "service/session.h"
#include "base/text.h"
#include "http/respond.h"
#include "service/audit.h"
#include "service/lang.h"
#include "service/limit.h"
#include "service/password.h"
#include "service/session_cache.h"
#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

enum { MAX_SESSIONS = 5, TOKEN_TEXT_MAX = 200 };
static const int64_t SEEN_EVERY = 5 * MINUTE;

/* As the actor of a request is loaded, whichever way it came. */
#define ACTOR_COLUMNS "a.id, a.employee_id, e.unit_id, a.roles, a.scope, a.must_change, a.name, u.name, a.lang"
#define ACTOR_TABLES "account a LEFT JOIN employee e ON e.id = a.employee_id LEFT JOIN org_unit u ON u.id = e.unit_id"
enum { ACTOR_WIDTH = 9 };

static SessionOptions options = { .secure = true, .api_per_minute = 600 };
static char start_id[17]; /* tags of an earlier run of the program must not match: its generations began at 0 too */
static pthread_once_t start_once = PTHREAD_ONCE_INIT;

static void make_start_id(void) {
    static const char hex[] = "0123456789abcdef";
    uint8_t bytes[16];
    RAND_bytes(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) start_id[i] = hex[bytes[i] & 15];
}

void session_setup(SessionOptions given) {
    options = given;
    pthread_once(&start_once, make_start_id);
    cache_clear();
}

static const char *cookie_name(void) {
    return options.secure ? "__Host-sid" : "sid";
}

/* ---- loading ---- */

static void copy_cut(char *to, size_t size, const char *s) {
    size_t n = strlen(s);
    if (n >= size)
        for (n = size - 1; n && (s[n] & 0xc0) == 0x80;) n--;
    memcpy(to, s, n);
    to[n] = 0;
}

static void read_actor(const Rows *rows, Actor *a) {
    *a = (Actor){
        .account_id = row_int(rows, 0),
        .employee_id = row_int(rows, 1),
        .unit_id = row_int(rows, 2),
        .roles = (uint32_t)row_int(rows, 3) & ROLE_ANY,
        .must_change = row_int(rows, 5) != 0,
    };
    a->scope = row_is_null(rows, 4) ? scope_of_roles(a->roles) : (Scope)row_int(rows, 4);
    copy_cut(a->name, sizeof a->name, row_text(rows, 6));
    copy_cut(a->unit_name, sizeof a->unit_name, row_text(rows, 7));
    copy_cut(a->lang, sizeof a->lang, row_text(rows, 8));
}

Error *actor_load(Ctx *c, int64_t account_id, Actor *ret_actor) {
    Rows *rows;
    TRY(db_one(c, &rows, "SELECT " ACTOR_COLUMNS " FROM " ACTOR_TABLES " WHERE a.id = $1 AND a.status = 0",
               V(account_id)));
    if (!rows) return err_not_found(c, N_("There is no such account, or it is disabled"));
    read_actor(rows, ret_actor);
    return rows_done(rows);
}

static Error *load_session(Ctx *c, const char *hash, Login *ret, bool *ret_found) {
    Rows *rows;
    TRY(db_one(c, &rows,
               "SELECT " ACTOR_COLUMNS ", s.id, s.ends_at, s.idle, s.seen_at FROM " ACTOR_TABLES
               " JOIN session s ON s.account_id = a.id WHERE s.token_hash = $1 AND a.status = 0",
               V(hash)));
    *ret_found = rows != NULL;
    if (!rows) return NULL;
    *ret = (Login){
        .ends_at = row_int(rows, ACTOR_WIDTH + 1),
        .idle = row_int(rows, ACTOR_WIDTH + 2),
        .seen_at = row_int(rows, ACTOR_WIDTH + 3),
        .written_at = row_int(rows, ACTOR_WIDTH + 3),
    };
    read_actor(rows, &ret->actor);
    ret->actor.session_id = row_int(rows, ACTOR_WIDTH);
    return rows_done(rows);
}

static Error *load_token(Ctx *c, const char *hash, Login *ret, bool *ret_found) {
    Rows *rows;
    TRY(db_one(c, &rows,
               "SELECT " ACTOR_COLUMNS ", t.id, t.last_used_at FROM " ACTOR_TABLES
               " JOIN api_token t ON t.account_id = a.id WHERE t.token_hash = $1 AND a.status = 0",
               V(hash)));
    *ret_found = rows != NULL;
    if (!rows) return NULL;
    *ret = (Login){
        .ends_at = INT64_MAX,
        .idle = INT64_MAX,
        .token_id = row_int(rows, ACTOR_WIDTH),
        .seen_at = row_int(rows, ACTOR_WIDTH + 1),
        .written_at = row_int(rows, ACTOR_WIDTH + 1),
    };
    read_actor(rows, &ret->actor);
    return rows_done(rows);
}

static bool is_over(const Login *login, Instant now) {
    return now >= login->ends_at || (now > login->seen_at && now - login->seen_at > login->idle);
}

/* On SQLite an entry is right until something is forgotten; on PostgreSQL another process may have changed it. */
static Instant oldest_believed(const Ctx *c) {
    return db_engine(c->db) == DB_SQLITE ? INSTANT_NONE : c->now - SECOND;
}

typedef struct Seen {
    const Login *login;
    Instant now;
} Seen;

static Error *write_seen(Ctx *c, void *arg) {
    const Seen *s = arg;
    if (s->login->token_id)
        return db_exec(c, "UPDATE api_token SET last_used_at = $1 WHERE id = $2", V(s->now), V(s->login->token_id));
    return db_exec(c, "UPDATE session SET seen_at = $1 WHERE id = $2 AND seen_at < $1", V(s->now),
                   V(s->login->actor.session_id));
}

/* Finds who the cookie or token belongs to; *ret_found false if nobody or if it is over. */
static Error *find_login(Ctx *c, const char *token, bool api, Login *ret, bool *ret_found) {
    uint8_t key[CACHE_KEY];
    SHA256((const unsigned char *)token, strlen(token), key);
    *ret_found = cache_get(key, oldest_believed(c), false, ret) && api == (ret->token_id != 0);
    if (!*ret_found) {
        uint64_t epoch = cache_epoch();
        const char *hash = text_hex(c->mem, key, sizeof key);
        TRY(api ? load_token(c, hash, ret, ret_found) : load_session(c, hash, ret, ret_found));
        if (!*ret_found) return NULL;
        cache_put(key, ret, epoch, c->now);
    }
    if (is_over(ret, c->now)) {
        *ret_found = false;
        return NULL;
    }
    if (cache_touch(key, ret, c->now, SEEN_EVERY)) {
        Error *unimportant =
            db_tx(c, write_seen, &(Seen){ .login = ret, .now = c->now }); /* a full disk must not stop reading */
        (void)unimportant;
    }
    return NULL;
}

/* ---- a request ---- */

static const char *choose_lang(const Req *r, const char *own) {
    const char *code = *own ? lang_known(own) : NULL, *cookie = code ? NULL : req_cookie(r, "lang");
    if (!code && cookie) code = lang_known(cookie);
    if (!code) code = lang_accepted(req_header(r, "Accept-Language"));
    return code ? code : "zh_CN";
}

/* What only a page of this session can know. */
static const char *csrf_of(void *mem, const char *cookie) {
    uint8_t mac[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    HMAC(EVP_sha256(), cookie, (int)strlen(cookie), (const unsigned char *)"csrf", 4, mac, &n);
    return text_base64url(mem, mac, n);
}

static void become(Req *r, const Actor *a) {
    r->c.actor = talloc_memdup(r->c.mem, a, sizeof *a);
    r->c.lang = lang_get(choose_lang(r, a->lang));
}

/* The bearer token, or NULL. */
static const char *bearer_of(const Req *r) {
    const char *s = req_header(r, "Authorization");
    if (!s || strncasecmp(s, "Bearer ", 7) != 0) return NULL;
    s += 7;
    return s + strspn(s, " ");
}

static Error *authenticate_token(Req *r, const char *token) {
    Login login;
    bool found = false;
    r->bearer = true;
    if (text_starts(token, "xg_") && strlen(token) <= TOKEN_TEXT_MAX)
        TRY(find_login(&r->c, token, true, &login, &found));
    if (!found) return err_unauthorized(&r->c, N_("This access token is not valid"));
    become(r, &login.actor);
    int wait, rate = options.api_per_minute;
    if (!rate) return NULL;
    const char *key = talloc_asprintf(r->c.mem, "token:%" PRId64, login.token_id);
    if (limit_take(&r->c, key, rate, rate < 10 ? 1 : rate / 10, &wait)) return NULL;
    Error *e = err_too_many(&r->c, N_("Too many requests with this access token. Slow down"));
    e->retry_after = wait;
    return e;
}

Error *session_authenticate(Req *r) {
    become(r, &visitor_actor);
    const char *token = bearer_of(r);
    if (token) return authenticate_token(r, token);
    const char *cookie = req_cookie(r, cookie_name());
    if (!cookie || !*cookie || strlen(cookie) > TOKEN_TEXT_MAX) return NULL;
    Login login;
    bool found;
    TRY(find_login(&r->c, cookie, false, &login, &found));
    if (!found) return NULL;
    become(r, &login.actor);
    r->csrf = csrf_of(r->c.mem, cookie);
    return NULL;
}

/* Everything that a page depends on besides its address and the database: who reads (a new session has a new CSRF token), as what, in
 * which language, in which form, and on which day. A message waiting to be shown once makes every page new. */
const char *session_tag(Req *r) {
    uint64_t generation = db_generation(r->c.db);
    const char *cookie = req_cookie(r, cookie_name());
    if (!generation || !cookie || req_header(r, "Authorization") || req_cookie(r, "flash")) return NULL;
    uint8_t key[CACHE_KEY];
    Login login;
    SHA256((const unsigned char *)cookie, strlen(cookie), key);
    if (!cache_get(key, INSTANT_NONE, true, &login) || login.token_id || is_over(&login, r->c.now)) return NULL;
    const Actor *a = &login.actor;
    char form = r->wants_json ? 'j' : r->fragment ? 'f' : 'p';
    return talloc_asprintf(r->c.mem, "\"g%" PRIu64 "-%s-%" PRId64 ".%" PRId64 ".%" PRIx32 "-%" PRId32 "-%s-%c\"",
                           generation, start_id, a->account_id, a->session_id, a->roles, date_of_instant(r->c.now),
                           choose_lang(r, a->lang), form);
}

/* ---- beginning and ending ---- */

static void set_cookie(Req *r, const char *value, int64_t seconds) {
    const char *age = seconds ? talloc_asprintf(r->c.mem, "; Max-Age=%" PRId64, seconds) : *value ? "" : "; Max-Age=0";
    respond_header(r, "Set-Cookie",
                   talloc_asprintf(r->c.mem, "%s=%s; Path=/; HttpOnly; SameSite=Lax%s%s", cookie_name(), value, age,
                                   options.secure ? "; Secure" : ""));
}

static void forget_account(void *arg) {
    cache_forget((int64_t)(intptr_t)arg);
}

void session_changed(Ctx *c, int64_t account_id) {
    db_after_commit(c, forget_account, (void *)(intptr_t)account_id);
}

typedef struct Start {
    Req *r;
    int64_t account_id, old_session, old_account;
    const char *hash, *agent;
    bool trusted;
    Actor actor;
} Start;

static Error *start(Ctx *c, void *arg) {
    Start *s = arg;
    TRY(actor_load(c, s->account_id, &s->actor));
    if (s->old_session) TRY(db_exec(c, "DELETE FROM session WHERE id = $1", V(s->old_session)));
    TRY(db_exec(c,
                "DELETE FROM session WHERE account_id = $1 AND id NOT IN"
                " (SELECT id FROM session WHERE account_id = $1 ORDER BY seen_at DESC, id DESC LIMIT $2)",
                V(s->account_id), V(MAX_SESSIONS - 1)));
    TRY(db_get_int(c, &s->actor.session_id,
                   "INSERT INTO session(token_hash, account_id, created_at, seen_at, ends_at, idle, address, agent)"
                   " VALUES ($1, $2, $3, $3, $4, $5, $6, $7) RETURNING id",
                   V(s->hash), V(s->account_id), V(c->now), V(c->now + (s->trusted ? 30 * DAY : 12 * HOUR)),
                   V(s->trusted ? 7 * DAY : 30 * MINUTE), V(c->address), V(s->agent)));
    session_changed(c, s->account_id);
    if (s->old_account) session_changed(c, s->old_account);
    Ctx as_owner = *c;
    as_owner.actor = &s->actor;
    return audit_record(&as_owner, "log_in", "session", s->actor.session_id, "{}");
}

Error *session_start(Req *r, int64_t account_id, bool trusted) {
    Ctx *c = &r->c;
    const char *token = random_token(c), *agent = req_header(r, "User-Agent");
    if (!agent || !text_is_utf8(agent, strlen(agent))) agent = "";
    Start s = {
        .r = r,
        .account_id = account_id,
        .old_session = c->actor ? c->actor->session_id : 0,
        .old_account = c->actor ? c->actor->account_id : 0,
        .hash = hash_text(c, token),
        .agent = text_cut(c->mem, agent, 200),
        .trusted = trusted,
    };
    TRY(db_tx(c, start, &s));
    set_cookie(r, token, trusted ? 30 * 24 * 3600 : 0);
    become(r, &s.actor);
    r->csrf = csrf_of(c->mem, token);
    return NULL;
}

static Error *end(Ctx *c, void *arg) {
    (void)arg;
    TRY(db_exec(c, "DELETE FROM session WHERE id = $1", V(c->actor->session_id)));
    session_changed(c, c->actor->account_id);
    return audit_record(c, "log_out", "session", c->actor->session_id, "{}");
}

Error *session_end(Req *r) {
    if (r->c.actor && r->c.actor->session_id) TRY(db_tx(&r->c, end, NULL));
    set_cookie(r, "", 0);
    respond_header(r, "Clear-Site-Data", "\"cache\", \"storage\"");
    become(r, &visitor_actor);
    r->csrf = NULL;
    return NULL;
}

Error *session_end_one(Ctx *c, int64_t account_id, int64_t session_id) {
    int64_t n = 0;
    TRY(db_exec_n(c, &n, "DELETE FROM session WHERE id = $1 AND account_id = $2", V(session_id), V(account_id)));
    if (!n) return err_not_found(c, N_("This session has already ended"));
    session_changed(c, account_id);
    return NULL;
}

Error *session_end_all(Ctx *c, int64_t account_id, int64_t except, bool with_tokens) {
    TRY(db_exec(c, "DELETE FROM session WHERE account_id = $1 AND id <> $2", V(account_id), V(except)));
    if (with_tokens) TRY(db_exec(c, "DELETE FROM api_token WHERE account_id = $1", V(account_id)));
    session_changed(c, account_id);
    return NULL;
}

Error *token_create(Ctx *c, int64_t account_id, const char *name, const char **ret_token) {
    const char *token = talloc_asprintf(c->mem, "xg_%s", random_token(c));
    TRY(db_exec(c, "INSERT INTO api_token(account_id, name, token_hash, created_at) VALUES ($1, $2, $3, $4)",
                V(account_id), V(name), V(hash_text(c, token)), V(c->now)));
    *ret_token = token;
    return NULL;
}

static Error *sweep(Ctx *c, void *arg) {
    (void)arg;
    return db_exec(c, "DELETE FROM session WHERE ends_at < $1 OR seen_at + idle < $1", V(c->now));
}

Error *session_sweep(Ctx *c, int64_t arg) {
    (void)arg;
    return db_tx(c, sweep, NULL);
}

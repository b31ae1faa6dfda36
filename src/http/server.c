/* server.c - libmicrohttpd, wrapped. Two epoll threads parse and send; they never run business code.
 *
 * A complete request is suspended and handed to the workers (workers.c); one fills r->response and resumes the connection, whose I/O thread
 * then sends it. Light routes (no database) and 304 answers are given on the I/O thread itself. */
#include "http/server.h"
#include "base/i18n.h"
#include "base/log.h"
#include "http/exchange.h"
#include "http/respond.h"
#include "http/route.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <netdb.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <talloc.h>
#include <unistd.h>

enum { POOL_BYTES = 8192, ARENA_BYTES = 6144, IDLE_SECONDS = 75, STOP_SECONDS = 10, BODY_TOTAL = 160 << 20 };

HttpStats http_stats;
const int http_latency_ms[11] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000};

static struct {
    ServerOptions options;
    struct MHD_Daemon *daemon;
    _Atomic int64_t body_bytes;
} server;

/* ---- what handlers may ask ---- */

const char *req_header(const Req *r, const char *name) {
    return r->connection ? MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name) : NULL;
}
const char *req_cookie(const Req *r, const char *name) {
    return r->connection ? MHD_lookup_connection_value(r->connection, MHD_COOKIE_KIND, name) : NULL;
}

/* ---- sending ---- */

static const char csp_page[] = "default-src 'none'; script-src 'nonce-%s'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
                               "connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
                               "frame-ancestors 'none'; base-uri 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types htmx";

static void security_headers(struct MHD_Response *out, const Response *res) {
    if (res->page && res->nonce) {
        char csp[640];
        snprintf(csp, sizeof csp, csp_page, res->nonce);
        MHD_add_response_header(out, "Content-Security-Policy", csp);
        MHD_add_response_header(out, "Permissions-Policy", "camera=(self), microphone=(self), geolocation=(self)");
    } else /* connect-src is for sw.js: a worker lives by the policy it came with, and has to fetch the pages it keeps */
        MHD_add_response_header(out, "Content-Security-Policy", "default-src 'none'; connect-src 'self'; frame-ancestors 'none'");
    MHD_add_response_header(out, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(out, "Referrer-Policy", "same-origin");
    MHD_add_response_header(out, "Cross-Origin-Opener-Policy", "same-origin");
    MHD_add_response_header(out, "Cross-Origin-Resource-Policy", "same-origin");
    if (server.options.secure) MHD_add_response_header(out, "Strict-Transport-Security", "max-age=63072000; includeSubDomains");
}

static enum MHD_Result send_answer(Exchange *x) {
    Req *r = &x->r;
    Response *res = &r->response;
    struct MHD_Response *out = res->fd >= 0 ? MHD_create_response_from_fd(res->size, res->fd)
                                            : MHD_create_response_from_buffer(res->size, (void *)(uintptr_t)res->body, MHD_RESPMEM_PERSISTENT);
    if (!out) return MHD_NO;
    if (res->fd >= 0) res->fd = -1; /* the response closes it */
    if (res->type && res->status != 304) MHD_add_response_header(out, "Content-Type", res->type);
    security_headers(out, res);
    bool cache = false;
    for (const Header *h = res->headers; h; h = h->next) {
        if (!strcasecmp(h->name, "Cache-Control")) cache = true;
        MHD_add_response_header(out, h->name, h->value);
    }
    if (!cache) MHD_add_response_header(out, "Cache-Control", "no-store");
    if (res->gzipped) MHD_add_response_header(out, "Content-Encoding", "gzip");
    if (res->may_gzip) MHD_add_response_header(out, "Vary", "Accept-Encoding, Cookie, Accept");
    if (r->etag && (res->status == 200 || res->status == 304)) MHD_add_response_header(out, "ETag", r->etag);
    enum MHD_Result ok = MHD_queue_response(x->connection, (unsigned)res->status, out);
    MHD_destroy_response(out);
    return ok;
}

static void observe(Exchange *x) {
    Instant took = instant_now() - x->begun;
    Req *r = &x->r;
    int status = r->response.status;
    atomic_fetch_add_explicit(&http_stats.requests, 1, memory_order_relaxed);
    if (status >= 500)
        atomic_fetch_add_explicit(&http_stats.errors_5xx, 1, memory_order_relaxed);
    else if (status >= 400)
        atomic_fetch_add_explicit(&http_stats.errors_4xx, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&http_stats.latency_us_sum, (uint64_t)took, memory_order_relaxed);
    int bucket = 0;
    while (bucket < 11 && took > http_latency_ms[bucket] * 1000) bucket++;
    atomic_fetch_add_explicit(&http_stats.latency_bucket[bucket], 1, memory_order_relaxed);
    char number[16], micros[24];
    snprintf(number, sizeof number, "%d", status);
    snprintf(micros, sizeof micros, "%" PRId64, took);
    log_event(LOG_INFO_, "request", "id", r->c.request_id, "method", method_name(r->method), "path", r->path, "status", number, "us", micros,
              "ip", r->c.address, NULL);
}

/* ---- reading a request ---- */

static const char *new_request_id(void *mem) {
    static _Thread_local struct { uint64_t seed, n; } ids;
    if (!ids.seed) RAND_bytes((unsigned char *)&ids.seed, sizeof ids.seed);
    uint64_t v = ids.seed + ++ids.n * UINT64_C(0x9E3779B97F4A7C15); /* distinct and hard to confuse; it is no secret */
    v = (v ^ v >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    static const char hex[] = "0123456789abcdef";
    char *s = talloc_array(mem, char, 17);
    for (int i = 0; i < 16; i++, v >>= 4) s[i] = hex[v & 15];
    s[16] = 0;
    return s;
}

static Method method_of(const char *s) {
    static const struct { const char *name; Method m; } known[] = {{"GET", GET}, {"POST", POST}, {"PUT", PUT}, {"PATCH", PATCH}, {"DELETE", DELETE_}, {"HEAD", HEAD_}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(s, known[i].name)) return known[i].m;
    return 0;
}

static void set_address(Exchange *x) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *sa = info ? info->client_addr : NULL;
    if (sa && sa->sa_family == AF_INET) inet_ntop(AF_INET, &((const struct sockaddr_in *)sa)->sin_addr, x->address, sizeof x->address);
    if (sa && sa->sa_family == AF_INET6) inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)sa)->sin6_addr, x->address, sizeof x->address);
    x->r.c.address = x->address;
    const char *proxy = server.options.trusted_proxy, *forwarded = proxy && !strcmp(proxy, x->address) ? req_header(&x->r, "X-Forwarded-For") : NULL;
    if (!forwarded) return;
    const char *last = strrchr(forwarded, ','); /* the hop our own proxy added */
    x->r.c.address = text_clean(x->r.c.mem, last ? last + 1 : forwarded);
}

static Exchange *begin(struct MHD_Connection *con, const char *url, const char *method) {
    void *mem = talloc_pool(NULL, ARENA_BYTES);
    Exchange *x = talloc_zero(mem, Exchange);
    x->connection = con;
    x->begun = instant_now();
    Req *r = &x->r;
    r->c = (Ctx){.mem = mem, .db = server.options.db, .lang = server.options.lang, .now = x->begun, .request_id = new_request_id(mem), .address = ""};
    r->connection = con;
    r->method = method_of(method);
    r->response.fd = -1;
    r->path = r->target = talloc_strdup(mem, url);
    const char *accept = req_header(r, "Accept"), *type = req_header(r, "Content-Type");
    r->wants_json = (accept && strstr(accept, "json") && !strstr(accept, "text/html")) || (type && strstr(type, "/json"));
    r->fragment = req_header(r, "HX-Request") && !req_header(r, "HX-Boosted") && !req_header(r, "HX-History-Restore-Request");
    set_address(x);
    bool upload = type && strstr(type, "multipart/form-data");
    x->limit = upload ? LIMIT_UPLOAD : type && strstr(type, "/json") ? LIMIT_JSON : LIMIT_FORM;
    return x;
}

static int hex_digit(char ch) {
    return ch >= '0' && ch <= '9' ? ch - '0' : (ch | 32) >= 'a' && (ch | 32) <= 'f' ? (ch | 32) - 'a' + 10 : -1;
}

/* Paths and queries: as the library does it, but %00 stays as it is, since the rest behind it would be lost. */
static size_t unescape(void *arg, struct MHD_Connection *con, char *s) {
    (void)arg, (void)con;
    char *out = s;
    for (const char *p = s; *p; p++) {
        int high = *p == '%' ? hex_digit(p[1]) : -1, low = high >= 0 ? hex_digit(p[2]) : -1;
        if (low < 0 || !(high | low)) {
            *out++ = *p;
            continue;
        }
        *out++ = (char)(high << 4 | low);
        p += 2;
    }
    *out = 0;
    return (size_t)(out - s);
}

static enum MHD_Result add_query(void *arg, enum MHD_ValueKind kind, const char *key, const char *value) {
    (void)kind;
    Exchange *x = arg;
    Pair *p = talloc(x->r.c.mem, Pair), **end = &x->r.query;
    *p = (Pair){.name = key, .value = value ? value : ""};
    if (!text_is_utf8(key, strlen(key)) || (value && !text_is_utf8(value, strlen(value)))) return MHD_YES;
    while (*end) end = &(*end)->next;
    *end = p;
    return MHD_YES;
}

/* True if the answer is ready without a worker. */
static bool answered_at_once(Exchange *x) {
    Req *r = &x->r;
    Error *e = NULL;
    if (!r->method || !text_is_utf8(r->path, strlen(r->path))) {
        e = err_bad_request(&r->c, N_("The request cannot be understood"));
        exchange_answer(x, e);
        return true;
    }
    if (r->method != GET && r->method != HEAD_) return false;
    if (route_find(r)) return false; /* the error page wants the reader's language: a worker makes it */
    if (r->route->flags & ROUTE_LIGHT) {
        exchange_answer(x, r->route->handler(r));
        return true;
    }
    const char *known = r->route->flags & ROUTE_TAGGED ? req_header(r, "If-None-Match") : NULL;
    const char *tag = known && http_hooks.tag ? http_hooks.tag(r) : NULL;
    if (!tag || strcmp(tag, known) != 0) return false;
    r->etag = tag;
    r->response.status = 304;
    x->done = true;
    return true;
}

static void take_body(Exchange *x, const char *data, size_t n) {
    if (!x->body) x->body = text_new(x->r.c.mem, x->limit);
    if (x->too_large) return;
    if (x->body->len + n > x->limit || atomic_fetch_add(&server.body_bytes, (int64_t)n) > BODY_TOTAL) {
        x->too_large = true;
        return;
    }
    text_add_n(x->body, data, n);
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *con, const char *url, const char *method, const char *version,
                                  const char *data, size_t *size, void **state) {
    (void)arg, (void)version;
    Exchange *x = *state;
    if (!x) { /* never answer in the first callback: this version would close the connection */
        *state = x = begin(con, url, method);
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(con, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
        x->deadline = info ? info->socket_context : NULL;
        deadline_request_begins(x->deadline);
        return MHD_YES;
    }
    if (*size) {
        take_body(x, data, *size);
        *size = 0;
        return MHD_YES;
    }
    if (x->done) return send_answer(x);
    deadline_request_complete(x->deadline);
    MHD_get_connection_values(con, MHD_GET_ARGUMENT_KIND, add_query, x);
    if (answered_at_once(x)) return send_answer(x);
    MHD_suspend_connection(con);
    if (!workers_take(x)) {
        atomic_fetch_add(&http_stats.refused_busy, 1);
        exchange_answer(x, err_busy(&x->r.c, N_("The server is busy. Try again in a moment")));
        MHD_resume_connection(con);
    }
    return MHD_YES;
}

static void on_completed(void *arg, struct MHD_Connection *con, void **state, enum MHD_RequestTerminationCode why) {
    (void)arg, (void)con, (void)why;
    Exchange *x = *state;
    if (!x) return;
    deadline_request_ends(x->deadline);
    if (x->r.response.status) observe(x);
    if (x->body) atomic_fetch_sub(&server.body_bytes, (int64_t)x->body->len);
    if (x->r.response.fd >= 0) close(x->r.response.fd);
    *state = NULL;
    talloc_free(x->r.c.mem);
}

static void on_connection(void *arg, struct MHD_Connection *con, void **socket_context, enum MHD_ConnectionNotificationCode what) {
    (void)arg;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(con, MHD_CONNECTION_INFO_CONNECTION_FD);
        *socket_context = deadline_open(info ? info->connect_fd : -1);
        atomic_fetch_add_explicit(&http_stats.connections, 1, memory_order_relaxed);
    } else {
        deadline_close(*socket_context);
        atomic_fetch_sub_explicit(&http_stats.connections, 1, memory_order_relaxed);
    }
}

/* ---- start and stop ---- */

static Error *resolve(Ctx *c, const char *listen, struct sockaddr_storage *ret, socklen_t *ret_len) {
    const char *colon = strrchr(listen, ':');
    if (!colon) return err_invalid(c, N_("The listening address must look like 127.0.0.1:8080"));
    bool bracket = listen[0] == '[';
    char *host = talloc_strndup(c->mem, listen + bracket, (size_t)(colon - listen) - (bracket ? 2 : 0));
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV}, *found = NULL;
    if (getaddrinfo(*host ? host : NULL, colon + 1, &hints, &found) != 0 || !found)
        return err_invalid(c, N_("The listening address must look like 127.0.0.1:8080"));
    memcpy(ret, found->ai_addr, found->ai_addrlen);
    *ret_len = found->ai_addrlen;
    freeaddrinfo(found);
    return NULL;
}

static void raise_file_limit(void) {
    struct rlimit lim;
    if (getrlimit(RLIMIT_NOFILE, &lim) == 0 && lim.rlim_cur < lim.rlim_max) {
        lim.rlim_cur = lim.rlim_max > 65536 ? 65536 : lim.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &lim);
    }
}

static void resume(Exchange *x) {
    MHD_resume_connection(x->connection);
}

Error *server_start(Ctx *c, ServerOptions options, int *ret_port) {
    if (!options.workers) options.workers = 8;
    if (!options.queue) options.queue = 1024;
    if (!options.per_address) options.per_address = 4096;
    server.options = options;
    struct sockaddr_storage address = {0};
    socklen_t len = 0;
    TRY(resolve(c, options.listen, &address, &len));
    raise_file_limit();
    if (!deadline_start()) return err_internal(c, "cannot start the deadline thread");
    if (!workers_start(options.workers, options.queue, resume)) return err_internal(c, "cannot start the workers");
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | (address.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0);
    server.daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, NULL, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_THREAD_POOL_SIZE, 2u,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_BYTES, MHD_OPTION_CONNECTION_LIMIT, 40000u, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        (unsigned)options.per_address, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, NULL, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_LISTEN_BACKLOG_SIZE, 1024u, MHD_OPTION_END);
    if (!server.daemon) return err_conflict(c, N_("Cannot listen on {1}: the port may be taken"), options.listen);
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(server.daemon, MHD_DAEMON_INFO_BIND_PORT);
    *ret_port = info ? info->port : 0;
    return NULL;
}

void server_stop(void) {
    if (!server.daemon) return;
    MHD_socket listener = MHD_quiesce_daemon(server.daemon);
    if (listener != MHD_INVALID_SOCKET) close(listener);
    workers_stop(STOP_SECONDS);
    usleep(50000); /* the last answers leave the I/O threads */
    MHD_stop_daemon(server.daemon);
    deadline_stop();
    server.daemon = NULL;
}

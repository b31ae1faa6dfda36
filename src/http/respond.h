/* respond.h - answers. A handler builds one model; respond_view makes JSON, a page, or an htmx fragment of it. */
#pragma once
#include "http/request.h"

/* 200 with the model: JSON if asked for, else template rendered (inside the layout unless a fragment is asked for). */
Error *respond_view(Req *r, const char *template, Value model) MUST_USE;
/* The same with another status (201, 422 with a form). */
Error *respond_view_status(Req *r, int status, const char *template, Value model) MUST_USE;
Error *respond_json(Req *r, int status, Value model) MUST_USE;
/* 303 for browsers (HX-Redirect for htmx); for JSON clients 200 with {"location": url}. */
Error *respond_redirect(Req *r, const char *url) MUST_USE;
/* 303 with a message on the next page; kind "success" "warning" "danger". msg is translated now. */
Error *respond_done(Req *r, const char *url, const char *kind, Msg msg) MUST_USE;
void respond_flash(Req *r, const char *kind, Msg msg); /* the message alone: for scripts that go to the next page themselves */
Error *respond_text(Req *r, int status, const char *type, const char *body) MUST_USE;
Error *respond_bytes(Req *r, const char *type, const void *body, size_t size) MUST_USE;
/* The same as a download under a UTF-8 name. */
Error *respond_download(Req *r, const char *type, const void *body, size_t size, const char *download_name) MUST_USE;
/* A download under a UTF-8 name (RFC 6266), or shown in place if download_name is NULL. The file is opened now and may be removed at once. */
Error *respond_file(Req *r, const char *path, const char *type, const char *download_name) MUST_USE;
void respond_header(Req *r, const char *name, const char *value);
/* Turns an error into page, fragment or problem+json (RFC 9457). The only place that speaks about errors. */
void respond_error(Req *r, Error *e);
/* problem+json members as a model, also for import results and the command line. */
Value error_model(Ctx *c, const Error *e);

/* What the layers above lend to http/. Set once at start. */
typedef struct HttpHooks {
    Error *(*authenticate)(Req *r);                /* sets actor, language, csrf */
    Error *(*authorize)(Req *r);                   /* route policy against the actor */
    void (*decorate)(Req *r, Value model);         /* adds what every template may name; for a whole page also navigation, user, flash */
    const char *(*tag)(Req *r);                    /* I/O thread: ETag this reader would get now, or NULL if unknown */
    const char *(*problem_page)(Req *r, Error *e); /* where a visitor is sent instead (log-in page), or NULL */
} HttpHooks;
extern HttpHooks http_hooks;

typedef struct HttpStats {
    _Atomic uint64_t requests, errors_4xx, errors_5xx, refused_busy, cut_slow;
    _Atomic uint64_t latency_us_sum, latency_bucket[12]; /* le 1 2 5 10 20 50 100 200 500 1000 5000 ms, +Inf */
    _Atomic int64_t connections, queued;
} HttpStats;
extern HttpStats http_stats;
extern const int http_latency_ms[11];

/* request.h - one HTTP request and the answer being made for it. A request is one arena (c.mem), one Ctx and at most one Error. */
#pragma once
#include "base/ctx.h"
#include "base/date.h"
#include "base/error.h"
#include "base/value.h"
#include "db/db.h"
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum Method { GET = 1, POST = 2, PUT = 4, PATCH = 8, DELETE_ = 16, HEAD_ = 32 } Method;

enum { /* reliability.md 2.4 */
    LIMIT_FORM = 1 << 20,
    LIMIT_JSON = 2 << 20,
    LIMIT_UPLOAD = 21 << 20, /* a 20 MiB file and its multipart frame */
    LIMIT_PARAMETERS = 1000, /* a bulk form may tick a page of rows */
    MAX_PATH_PARAMS = 4
};

typedef struct Pair {
    struct Pair *next;
    const char *name, *value;
} Pair;

typedef struct Upload {
    struct Upload *next;
    const char *field, *filename, *type; /* as the client says; believe the content only */
    const void *data;
    size_t size;
} Upload;

typedef struct Header {
    struct Header *next;
    const char *name, *value;
} Header;

typedef struct Response {
    int status; /* 0: not answered yet */
    const char *type;
    const void *body; /* in the request's arena or static */
    size_t size;
    int fd; /* a file to send instead of body; -1 if none */
    Header *headers;
    bool page; /* HTML with nonce: gets the page's security headers */
    bool may_gzip, gzipped;
    const char *nonce;
} Response;

struct Route;
typedef struct Req Req;
typedef Error *(*Handler)(Req *r);

struct Req {
    Ctx c; /* first, so that what takes a Ctx can be given &r->c */
    Method method;
    const char *path; /* decoded, without query */
    const char *target; /* path and query as sent */
    Pair *query, *form; /* form: urlencoded, multipart, or the scalar members of a JSON object */
    Upload *files;
    json_t *json; /* the parsed JSON body, or NULL */
    const struct Route *route;
    const char *path_params[MAX_PATH_PARAMS];
    bool wants_json; /* Accept: application/json, or a JSON body */
    bool fragment;   /* htmx asks for the page without its frame */
    bool bearer;     /* authenticated by token: no cookie, so no CSRF */
    const char *csrf; /* token that an unsafe request of this session must carry; NULL for visitors */
    void *session;    /* service/session.h */
    const char *etag; /* generation tag of this page, sent if set */
    Response response;
    void *connection; /* http/server.c */
    Instant deadline;
};

const char *req_header(const Req *r, const char *name);     /* NULL if absent */
const char *req_cookie(const Req *r, const char *name);     /* NULL if absent */
const char *req_query(const Req *r, const char *name);      /* first of that name; NULL if absent */
const char *req_form(const Req *r, const char *name);
const Upload *req_file(const Req *r, const char *field);    /* NULL if absent or empty */
/* Path parameter n, e.g. 0 for {id}; never NULL for a parameter the route has. */
const char *req_param(const Req *r, int n);
/* The same as an id; 404 if it is not a positive whole number. */
Error *req_id(Req *r, int n, int64_t *ret_id) MUST_USE;
/* ?name= as day or number, with a default for absent; 400 for nonsense. */
Error *req_query_date(Req *r, const char *name, Date otherwise, Date *ret_day) MUST_USE;
Error *req_query_int(Req *r, const char *name, int64_t otherwise, int64_t *ret_n) MUST_USE;

/* Decodes the query and, by its content type, the body; 400 or 413 or 415 for what is malformed. http/ calls it before the handler. */
Error *request_parse_query(Req *r, const char *query) MUST_USE;
Error *request_parse_body(Req *r, const char *content_type, const void *body, size_t size) MUST_USE;
/* Pure parsers, for tests and fuzzing. */
Error *parse_urlencoded(Ctx *c, const char *s, size_t n, Pair **ret) MUST_USE;
Error *parse_multipart(Ctx *c, const char *boundary, const char *body, size_t n, Pair **ret_form, Upload **ret_files) MUST_USE;
/* A JSON object's scalar members as text: numbers in plain notation, true 1, false 0, null "". */
Error *parse_json(Ctx *c, const char *s, size_t n, json_t **ret_root, Pair **ret_form) MUST_USE;

/* For handlers that write: runs fn in a transaction without holding a worker while it becomes durable, then after (on a worker), which
 * answers. Return its result from the handler. An error from fn is answered as usual. */
typedef Error *(*AfterCommitted)(Req *r, void *arg);
Error *req_commit(Req *r, TxFn fn, void *arg, AfterCommitted after) MUST_USE;
/* The same; failed may answer an error itself (a form with its messages) or return it. */
typedef Error *(*AfterFailed)(Req *r, void *arg, Error *e);
Error *req_commit_or(Req *r, TxFn fn, void *arg, AfterCommitted after, AfterFailed failed) MUST_USE;

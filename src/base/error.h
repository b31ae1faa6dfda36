/* error.h - the one way to fail. NULL is success, so `return NULL;` reads as "no error".
 *
 * An Error lives in the arena of the Ctx it was made for. Return it or handle it; never log it and return it too. */
#pragma once
#include "base/ctx.h"
#include <stddef.h>

#define N_(msgid) msgid
#define MUST_USE __attribute__((warn_unused_result))

/* A message for people: an English msgid with {1} {2} {3}, translated only when it is shown. */
typedef struct Msg {
    const char *id;
    const char *args[3];
} Msg;

typedef struct FieldError {
    struct FieldError *next;
    const char *field; /* member name as in forms and JSON */
    Msg message;
} FieldError;

typedef struct Error {
    int status;         /* what HTTP should say: 400 401 403 404 409 413 415 422 429 500 503 */
    const char *code;   /* stable word for programs: "invalid", "conflict", "denied", ... */
    Msg message;
    FieldError *fields; /* in form order; NULL if the error is not about fields */
    int retry_after;    /* seconds, for 429 and 503; 0 otherwise */
    const char *detail; /* for the log only, never sent: SQL state, errno text */
    const char *trace;  /* file:line of each TRY passed; for the log only */
} Error;

#define ERR_LINE_(l) #l
#define ERR_LINE(l) ERR_LINE_(l)
#define HERE __FILE__ ":" ERR_LINE(__LINE__)
#define TRY(expr)                                      \
    do {                                               \
        Error *try_ = (expr);                          \
        if (try_) return err_trace(try_, HERE);        \
    } while (0)

/* Variadic arguments of the makers are up to three strings that replace {1} {2} {3}; they must outlive the error. */
#define err_bad_request(c, ...) err_make_(c, 400, "bad_request", HERE, __VA_ARGS__, NULL)
#define err_unauthorized(c, ...) err_make_(c, 401, "unauthorized", HERE, __VA_ARGS__, NULL)
#define err_denied(c, ...) err_make_(c, 403, "denied", HERE, __VA_ARGS__, NULL)
#define err_not_found(c, ...) err_make_(c, 404, "not_found", HERE, __VA_ARGS__, NULL)
#define err_conflict(c, ...) err_make_(c, 409, "conflict", HERE, __VA_ARGS__, NULL)
#define err_too_large(c, ...) err_make_(c, 413, "too_large", HERE, __VA_ARGS__, NULL)
#define err_invalid(c, ...) err_make_(c, 422, "invalid", HERE, __VA_ARGS__, NULL)
#define err_too_many(c, ...) err_make_(c, 429, "too_many", HERE, __VA_ARGS__, NULL)
#define err_busy(c, ...) err_make_(c, 503, "busy", HERE, __VA_ARGS__, NULL)
/* 422 about one field. */
#define err_field(c, field, ...) err_field_(c, field, HERE, __VA_ARGS__, NULL)
/* Adds one more field to *e, making *e a 422 if it is NULL: how a form collects all its errors. */
#define err_add_field(c, e, field, ...) err_add_field_(c, e, field, HERE, __VA_ARGS__, NULL)
/* 500: our fault or the machine's. detail is printf-style and goes to the log alone. */
#define err_internal(c, ...) err_internal_(c, HERE, __VA_ARGS__)

Error *err_make_(const Ctx *c, int status, const char *code, const char *where, const char *msgid, ...) __attribute__((sentinel)) MUST_USE;
Error *err_field_(const Ctx *c, const char *field, const char *where, const char *msgid, ...) __attribute__((sentinel)) MUST_USE;
void err_add_field_(const Ctx *c, Error **e, const char *field, const char *where, const char *msgid, ...) __attribute__((sentinel));
Error *err_internal_(const Ctx *c, const char *where, const char *format, ...) __attribute__((format(printf, 3, 4))) MUST_USE;
Error *err_trace(Error *e, const char *where);
/* Copies e into another arena (a transaction that ran on another thread hands its error back so). */
Error *err_copy(void *mem, const Error *e) MUST_USE;

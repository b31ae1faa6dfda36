/* error.c - making, extending and copying errors. */
#include "base/error.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

static void *need(void *p) {
    if (!p) {
        fputs("out of memory\n", stderr);
        abort();
    }
    return p;
}

static Error *make(const Ctx *c, int status, const char *code, const char *where, Msg message) {
    Error *e = need(talloc(c->mem, Error));
    *e = (Error){ .status = status, .code = code, .message = message };
    e->trace = need(talloc_strdup(e, where));
    return e;
}

/* The arguments after msgid: at most three strings, then NULL. */
static Msg message(const char *msgid, va_list args) {
    Msg m = { .id = msgid };
    for (int i = 0; i < 3; i++)
        if (!(m.args[i] = va_arg(args, const char *))) break;
    return m;
}

static void add_field(Error *e, const char *field, Msg m) {
    FieldError **end = &e->fields;
    for (; *end; end = &(*end)->next)
        if (!strcmp((*end)->field, field)) return; /* the first thing wrong with a field is enough */
    *end = need(talloc(e, FieldError));
    **end = (FieldError){ .field = need(talloc_strdup(e, field)), .message = m };
}

Error *err_make_(const Ctx *c, int status, const char *code, const char *where, const char *msgid, ...) {
    va_list args;
    va_start(args, msgid);
    Msg m = message(msgid, args);
    va_end(args);
    return make(c, status, code, where, m);
}

/* The error as a whole says what is wrong with its only field. */
static Error *make_field(const Ctx *c, const char *field, const char *where, Msg m) {
    Error *e = make(c, 422, "invalid", where, m);
    add_field(e, field, m);
    return e;
}

Error *err_field_(const Ctx *c, const char *field, const char *where, const char *msgid, ...) {
    va_list args;
    va_start(args, msgid);
    Msg m = message(msgid, args);
    va_end(args);
    return make_field(c, field, where, m);
}

void err_add_field_(const Ctx *c, Error **e, const char *field, const char *where, const char *msgid, ...) {
    va_list args;
    va_start(args, msgid);
    Msg m = message(msgid, args);
    va_end(args);
    if (!*e) {
        *e = make_field(c, field, where, m);
        return;
    }
    bool own_message = !(*e)->fields || (*e)->message.id != (*e)->fields->message.id;
    add_field(*e, field, m);
    if (!own_message && (*e)->fields->next) (*e)->message = (Msg){ .id = N_("Please check the marked fields") };
}

Error *err_internal_(const Ctx *c, const char *where, const char *format, ...) {
    va_list args;
    Error *e = make(c, 500, "internal", where, (Msg){ .id = N_("Something went wrong on the server") });
    va_start(args, format);
    e->detail = need(talloc_vasprintf(e, format, args));
    va_end(args);
    return e;
}

Error *err_trace(Error *e, const char *where) {
    e->trace = need(talloc_asprintf(e, "%s%s%s", e->trace ? e->trace : "", e->trace ? " " : "", where));
    return e;
}

static const char *copy_text(void *mem, const char *s) {
    return s ? need(talloc_strdup(mem, s)) : NULL;
}

static Msg copy_message(void *mem, const Msg *m) {
    Msg copy = { .id = copy_text(mem, m->id) };
    for (int i = 0; i < 3; i++) copy.args[i] = copy_text(mem, m->args[i]);
    return copy;
}

Error *err_copy(void *mem, const Error *e) {
    if (!e) return NULL;
    Error *copy = need(talloc(mem, Error));
    *copy = (Error){
        .status = e->status,
        .code = copy_text(copy, e->code),
        .message = copy_message(copy, &e->message),
        .retry_after = e->retry_after,
        .detail = copy_text(copy, e->detail),
        .trace = copy_text(copy, e->trace),
    };
    FieldError **end = &copy->fields;
    for (const FieldError *f = e->fields; f; f = f->next, end = &(*end)->next) {
        *end = need(talloc(copy, FieldError));
        **end = (FieldError){ .field = copy_text(copy, f->field), .message = copy_message(copy, &f->message) };
    }
    return copy;
}

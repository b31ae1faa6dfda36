/* ctx.h - what any function may know about its caller: one request, one job or one command. */
#pragma once
#include <stdint.h>

struct Db;
struct Actor;
struct Lang;

typedef struct Ctx {
    void *mem;                 /* talloc arena; everything the caller's work makes hangs here and goes with it */
    struct Db *db;             /* the database this process serves */
    const struct Actor *actor; /* who acts; never NULL in a handler (a visitor is an actor without an account) */
    const struct Lang *lang;   /* catalogue of the reader's language */
    int64_t now;               /* microseconds UTC, fixed for the whole request so that tests can set it */
    const char *request_id;    /* 16 hex digits, also in the log and the audit row */
    const char *address;       /* of the client, "" for jobs and commands */
    void *tx;                  /* inside db_tx: the running transaction; NULL outside. Only db/ looks into it */
} Ctx;

/* A child for one turn of a long loop: same caller, arena of its own. Release it with ctx_done. */
Ctx *ctx_child(const Ctx *c);
void ctx_done(Ctx *child);

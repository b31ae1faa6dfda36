/* cached.h - one small immutable thing read from the database and kept for the process: the work calendar, the report items. */
#pragma once
#include "base/date.h"
#include "base/error.h"
#include <pthread.h>
#include <stdbool.h>

typedef struct Cached {
    struct Cached *next; /* all that have been read, for cached_forget_all */
    bool listed;
    pthread_mutex_t lock;
    /* Makes a new value under parent NULL. It is never changed afterwards; readers may go on holding an old one, so it is not freed either:
     * a few kilobytes each time an administrator edits. */
    Error *(*load)(Ctx *c, void **ret);
    void *value;
    Instant loaded;
    unsigned epoch; /* counts forgettings: a value whose reading began before one is not kept */
} Cached;
#define CACHED(fn) {.lock = PTHREAD_MUTEX_INITIALIZER, .load = fn}

/* The present value. On PostgreSQL, where another process may change it, it is believed for five seconds. Not inside a transaction that changed it. */
Error *cached_get(Ctx *c, Cached *cached, const void **ret) MUST_USE;
/* In a transaction: the value is read again after the commit. */
void cached_forget(Ctx *c, Cached *cached);
/* In a transaction: all of them, and settings and sessions too; after a restore nothing is as it was. */
void cached_forget_all(Ctx *c);

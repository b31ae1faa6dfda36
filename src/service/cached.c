/* cached.c - read once, forget when changed. */
#include "service/cached.h"
#include "db/db.h"
#include "service/session.h"
#include "service/setting.h"
#include <talloc.h>

enum { BELIEVE = 5000000 };

/* Every value ever made hangs here, since a reader may still hold it. */
static struct {
    pthread_mutex_t lock;
    void *mem;
    Cached *first;
} kept = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void keep(Cached *cached, void *value) {
    pthread_mutex_lock(&kept.lock);
    if (!cached->listed) cached->next = kept.first, kept.first = cached, cached->listed = true;
    if (!kept.mem) kept.mem = talloc_named_const(NULL, 1, "cached values"); /* not 0: a leak checker must see the pointer inside */
    talloc_steal(kept.mem, value);
    pthread_mutex_unlock(&kept.lock);
}

Error *cached_get(Ctx *c, Cached *cached, const void **ret) {
    pthread_mutex_lock(&cached->lock);
    bool stale = db_engine(c->db) == DB_POSTGRES && c->now - cached->loaded > BELIEVE;
    *ret = stale ? NULL : cached->value;
    unsigned epoch = cached->epoch;
    pthread_mutex_unlock(&cached->lock);
    if (*ret) return NULL;
    void *value;
    TRY(cached->load(c, &value));
    keep(cached, value);
    pthread_mutex_lock(&cached->lock);
    if (epoch == cached->epoch) cached->value = value, cached->loaded = c->now;
    pthread_mutex_unlock(&cached->lock);
    *ret = value;
    return NULL;
}

static void forget(void *arg) {
    Cached *cached = arg;
    pthread_mutex_lock(&cached->lock);
    cached->value = NULL;
    cached->epoch++;
    pthread_mutex_unlock(&cached->lock);
}

void cached_forget(Ctx *c, Cached *cached) {
    db_after_commit(c, forget, cached);
}

static void forget_all(void *arg) {
    (void)arg;
    pthread_mutex_lock(&kept.lock);
    for (Cached *x = kept.first; x; x = x->next) forget(x);
    pthread_mutex_unlock(&kept.lock);
    setting_forget_all();
}

void cached_forget_all(Ctx *c) {
    db_after_commit(c, forget_all, NULL);
    session_changed(c, 0);
}

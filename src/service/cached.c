/* cached.c - read once, forget when changed. */
#include "service/cached.h"
#include "db/db.h"

enum { BELIEVE = 5000000 };

Error *cached_get(Ctx *c, Cached *cached, const void **ret) {
    pthread_mutex_lock(&cached->lock);
    bool stale = db_engine(c->db) == DB_POSTGRES && c->now - cached->loaded > BELIEVE;
    *ret = stale ? NULL : cached->value;
    pthread_mutex_unlock(&cached->lock);
    if (*ret) return NULL;
    void *value;
    TRY(cached->load(c, &value));
    pthread_mutex_lock(&cached->lock);
    cached->value = value;
    cached->loaded = c->now;
    pthread_mutex_unlock(&cached->lock);
    *ret = value;
    return NULL;
}

static void forget(void *arg) {
    Cached *cached = arg;
    pthread_mutex_lock(&cached->lock);
    cached->value = NULL;
    pthread_mutex_unlock(&cached->lock);
}

void cached_forget(Ctx *c, Cached *cached) {
    db_after_commit(c, forget, cached);
}

/* workers.c - runs handlers on a bounded pool of blocking threads.
 *
 * A handler that writes ends in req_commit: its worker takes the next request, and when the transaction is durable the exchange comes back
 * to the pool to be answered. So the number of transactions that share a commit is not bound by the number of threads. */
#include "http/csrf.h"
#include "http/exchange.h"
#include "http/respond.h"
#include "http/route.h"
#include "view/compress.h"
#include <pthread.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

enum { GZIP_FROM = 1024 };

static struct {
    pthread_t *threads;
    int count, limit;
    void (*done)(Exchange *x);
    pthread_mutex_t lock;
    pthread_cond_t wake;
    Exchange *first, **last;
    int queued, sleeping;
    int inside; /* taken and not yet done: queued, running, or waiting for their commit */
    bool stop;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};

Error *req_commit_or(Req *r, TxFn fn, void *arg, AfterCommitted after, AfterFailed failed) {
    Exchange *x = (Exchange *)r;
    x->commit.fn = fn, x->commit.arg = arg, x->commit.after = after, x->commit.failed = failed;
    return NULL;
}

Error *req_commit(Req *r, TxFn fn, void *arg, AfterCommitted after) {
    return req_commit_or(r, fn, arg, after, NULL);
}

/* ---- the queue ---- */

/* The lock is held. */
static void append(Exchange *x) {
    x->next = NULL;
    *pool.last = x;
    pool.last = &x->next;
    pool.queued++;
    if (pool.sleeping) pthread_cond_signal(&pool.wake);
}

bool workers_take(Exchange *x) {
    pthread_mutex_lock(&pool.lock);
    bool room = pool.queued < pool.limit;
    if (room) {
        pool.inside++;
        append(x);
    }
    pthread_mutex_unlock(&pool.lock);
    return room;
}

/* To the head of the queue: its work is done, and a short answer should not wait behind pages. */
static void come_back(Exchange *x) {
    pthread_mutex_lock(&pool.lock);
    x->next = pool.first;
    pool.first = x;
    if (!x->next) pool.last = &x->next;
    pool.queued++;
    if (pool.sleeping) pthread_cond_signal(&pool.wake);
    pthread_mutex_unlock(&pool.lock);
}

static Exchange *next(void) {
    pthread_mutex_lock(&pool.lock);
    while (!pool.first && !pool.stop) {
        pool.sleeping++;
        pthread_cond_wait(&pool.wake, &pool.lock);
        pool.sleeping--;
    }
    Exchange *x = pool.first;
    if (x) {
        pool.first = x->next;
        if (!pool.first) pool.last = &pool.first;
        pool.queued--;
    }
    pthread_mutex_unlock(&pool.lock);
    return x;
}

static void finished(Exchange *x) {
    pool.done(x); /* from here on x may be gone */
    pthread_mutex_lock(&pool.lock);
    pool.inside--;
    pthread_mutex_unlock(&pool.lock);
}

/* ---- running ---- */

static void compress(Exchange *x) {
    Response *res = &x->r.response;
    const char *accept = req_header(&x->r, "Accept-Encoding");
    char *packed;
    size_t size;
    if (!res->may_gzip || res->fd >= 0 || res->size < GZIP_FROM || !accept || !strstr(accept, "gzip")) return;
    if (gzip_level1(x->r.c.mem, res->body, res->size, &packed, &size)) res->body = packed, res->size = size, res->gzipped = true;
}

void exchange_answer(Exchange *x, Error *e) {
    if (!e && !x->r.response.status) e = err_internal(&x->r.c, "the handler of %s gave no answer", x->r.path);
    if (e) respond_error(&x->r, e);
    compress(x);
    x->done = true;
}

/* All the gates of a request, in order. */
static Error *pipeline(Exchange *x) {
    Req *r = &x->r;
    if (http_hooks.authenticate) TRY(http_hooks.authenticate(r));
    if (x->too_large) return err_too_large(&r->c, N_("The file or form is too large"));
    TRY(route_find(r));
    if (http_hooks.authorize) TRY(http_hooks.authorize(r));
    if (x->body) TRY(request_parse_body(r, req_header(r, "Content-Type"), x->body->data, x->body->len));
    TRY(csrf_check(r));
    if (r->route->flags & ROUTE_TAGGED && http_hooks.tag) r->etag = http_hooks.tag(r);
    return r->route->handler(r);
}

static void committed(void *arg, Error *e) {
    Exchange *x = arg;
    x->commit.committed = true;
    x->commit.error = e;
    come_back(x);
}

static Error *after_commit(Exchange *x) {
    if (!x->commit.error) return x->commit.after(&x->r, x->commit.arg);
    return x->commit.failed ? x->commit.failed(&x->r, x->commit.arg, x->commit.error) : x->commit.error;
}

static void *work(void *arg) {
    (void)arg;
    for (Exchange *x; (x = next());) {
        Error *e = x->commit.committed ? after_commit(x) : pipeline(x);
        if (!e && x->commit.fn && !x->commit.committed) {
            db_close_cursors();
            db_tx_async(&x->r.c, x->commit.fn, x->commit.arg, committed, x);
            continue;
        }
        exchange_answer(x, e);
        db_close_cursors();
        finished(x);
    }
    db_thread_end();
    return NULL;
}

/* ---- start and stop ---- */

bool workers_start(int threads, int queue, void (*done)(Exchange *x)) {
    pool.last = &pool.first;
    pool.limit = queue;
    pool.done = done;
    pool.stop = false;
    pool.threads = talloc_array(NULL, pthread_t, (unsigned)threads);
    for (pool.count = 0; pool.count < threads; pool.count++)
        if (pthread_create(&pool.threads[pool.count], NULL, work, NULL) != 0) return false;
    return true;
}

void workers_stop(int seconds) {
    bool idle = false;
    for (int i = 0; i < seconds * 50 && !idle; i++) {
        pthread_mutex_lock(&pool.lock);
        idle = !pool.inside;
        pthread_mutex_unlock(&pool.lock);
        if (!idle) usleep(20000);
    }
    pthread_mutex_lock(&pool.lock);
    pool.stop = true;
    pthread_cond_broadcast(&pool.wake);
    pthread_mutex_unlock(&pool.lock);
    for (int i = 0; i < pool.count; i++) pthread_join(pool.threads[i], NULL);
    talloc_free(pool.threads);
    pool.count = 0;
}

/* deadline.c - the sweeper. How much a connection has sent comes from the kernel (TCP_INFO), so nothing is counted per byte here. */
#include "http/deadline.h"
#include "base/date.h"
#include "http/respond.h"
#include <netinet/in.h>
#include <linux/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <talloc.h>
#include <unistd.h>

typedef enum Stage { HEADERS, BODY, ANSWERING } Stage;

struct Deadline {
    struct Deadline *next, **link;
    int fd;
    _Atomic int stage;
    _Atomic bool fresh;  /* the stage has just begun: the sweeper notes where it stands */
    uint64_t mark;       /* bytes received when the stage began */
    Instant since;       /* when the first byte of this stage was seen; 0 while the connection idles */
};

static struct {
    pthread_mutex_t lock;
    pthread_t thread;
    Deadline *first;
    _Atomic bool stop;
} sweeper = {.lock = PTHREAD_MUTEX_INITIALIZER};

static uint64_t received(int fd) {
    struct tcp_info info = {0};
    socklen_t len = sizeof info;
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 ? info.tcpi_bytes_received : 0;
}

/* True if this client has used up its time. */
static bool too_slow(Deadline *d, Instant now) {
    int stage = atomic_load(&d->stage);
    if (stage == ANSWERING) return false;
    uint64_t bytes = received(d->fd);
    if (atomic_exchange(&d->fresh, false)) d->mark = bytes, d->since = stage == BODY ? now : 0;
    if (!d->since && bytes > d->mark) d->since = now;
    if (!d->since) return false; /* idle, kept alive: the inactivity time-out is enough */
    int64_t seconds = (now - d->since) / 1000000;
    if (stage == HEADERS) return seconds >= HEADER_SECONDS;
    if (seconds >= BODY_MAX_SECONDS) return true;
    return seconds >= BODY_SECONDS && (int64_t)(bytes - d->mark) < seconds * BODY_BYTES_PER_SECOND;
}

static void *sweep(void *arg) {
    (void)arg;
    while (!atomic_load(&sweeper.stop)) {
        Instant now = instant_now();
        pthread_mutex_lock(&sweeper.lock);
        for (Deadline *d = sweeper.first; d; d = d->next)
            if (too_slow(d, now)) {
                shutdown(d->fd, SHUT_RDWR); /* its I/O thread sees the end and closes; closing here could hit a reused number */
                atomic_store(&d->stage, ANSWERING);
                atomic_fetch_add(&http_stats.cut_slow, 1);
            }
        pthread_mutex_unlock(&sweeper.lock);
        sleep(1);
    }
    return NULL;
}

bool deadline_start(void) {
    atomic_store(&sweeper.stop, false);
    return pthread_create(&sweeper.thread, NULL, sweep, NULL) == 0;
}

void deadline_stop(void) {
    atomic_store(&sweeper.stop, true);
    pthread_join(sweeper.thread, NULL);
}

Deadline *deadline_open(int fd) {
    Deadline *d = talloc_zero(NULL, Deadline);
    d->fd = fd;
    atomic_store(&d->fresh, true);
    pthread_mutex_lock(&sweeper.lock);
    d->next = sweeper.first;
    d->link = &sweeper.first;
    if (d->next) d->next->link = &d->next;
    sweeper.first = d;
    pthread_mutex_unlock(&sweeper.lock);
    return d;
}

void deadline_close(Deadline *d) {
    if (!d) return;
    pthread_mutex_lock(&sweeper.lock);
    *d->link = d->next;
    if (d->next) d->next->link = d->link;
    pthread_mutex_unlock(&sweeper.lock);
    talloc_free(d);
}

static void enter(Deadline *d, Stage stage) {
    if (!d) return;
    atomic_store(&d->stage, stage);
    atomic_store(&d->fresh, true);
}
void deadline_request_begins(Deadline *d) {
    enter(d, BODY);
}
void deadline_request_complete(Deadline *d) {
    enter(d, ANSWERING);
}
void deadline_request_ends(Deadline *d) {
    enter(d, HEADERS);
}

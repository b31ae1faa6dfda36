/* limit.c - rate limits in memory.
 *
 * One table for both kinds of counter, entries in a list by last use: when it is full the one unused for longest is taken. A key is kept as
 * its SHA-256, so its length does not matter and nobody can aim at a bucket. */
#include "service/limit.h"
#include <openssl/sha.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)

enum { ENTRIES = 16384, BUCKETS = 32768, KEY = 16, FREE_FAILURES = 5, FIRST_DELAY_S = 15 };
static const int64_t LOGIN_WINDOW = 15 * MINUTE;

typedef struct Counter {
    uint8_t key[KEY];
    uint32_t chain, newer, older; /* index + 1; 0 is none */
    int failures;
    int64_t at; /* bucket: when it will be full again; log-in: last failure */
    int64_t blocked_until;
} Counter;

static struct {
    pthread_mutex_t lock;
    Counter counters[ENTRIES];
    uint32_t buckets[BUCKETS], newest, oldest, made;
} table = { .lock = PTHREAD_MUTEX_INITIALIZER };

static uint32_t *bucket_of(const uint8_t *key) {
    uint32_t h;
    memcpy(&h, key, sizeof h);
    return &table.buckets[h & (BUCKETS - 1)];
}

static Counter *at(uint32_t i) {
    return &table.counters[i - 1];
}

static void unlist(uint32_t i) {
    Counter *t = at(i);
    *(t->newer ? &at(t->newer)->older : &table.newest) = t->older;
    *(t->older ? &at(t->older)->newer : &table.oldest) = t->newer;
}

static void list_first(uint32_t i) {
    Counter *t = at(i);
    t->newer = 0;
    t->older = table.newest;
    *(table.newest ? &at(table.newest)->newer : &table.oldest) = i;
    table.newest = i;
}

static void unchain(uint32_t i) {
    uint32_t *p = bucket_of(at(i)->key);
    while (*p && *p != i) p = &at(*p)->chain;
    if (*p) *p = at(i)->chain;
}

/* kind separates the two uses of one key. NULL if absent and not to be made. */
static Counter *find(char kind, const char *text, bool make) {
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)text, strlen(text), digest);
    digest[KEY - 1] = (uint8_t)kind;
    for (uint32_t i = *bucket_of(digest); i; i = at(i)->chain)
        if (!memcmp(at(i)->key, digest, KEY)) {
            unlist(i);
            list_first(i);
            return at(i);
        }
    if (!make) return NULL;
    uint32_t i;
    if (table.made < ENTRIES) {
        i = ++table.made;
    } else {
        i = table.oldest;
        unlist(i);
        unchain(i);
    }
    *at(i) = (Counter){ 0 };
    memcpy(at(i)->key, digest, KEY);
    at(i)->chain = *bucket_of(digest);
    *bucket_of(digest) = i;
    list_first(i);
    return at(i);
}

static int seconds_until(int64_t then, int64_t now) {
    return (int)((then - now + SECOND - 1) / SECOND);
}

bool limit_take(const Ctx *c, const char *key, int per_minute, int burst, int *ret_wait) {
    int64_t each = MINUTE / per_minute, whole = each * burst;
    pthread_mutex_lock(&table.lock);
    Counter *t = find('b', key, true);
    if (t->at < c->now) t->at = c->now;
    if (t->at > c->now + whole) t->at = c->now + whole; /* the clock was set back */
    bool ok = t->at + each <= c->now + whole;
    *ret_wait = ok ? 0 : seconds_until(t->at + each - whole, c->now);
    if (ok) t->at += each;
    pthread_mutex_unlock(&table.lock);
    return ok;
}

bool limit_login_allowed(const Ctx *c, const char *key, int *ret_wait) {
    pthread_mutex_lock(&table.lock);
    Counter *t = find('l', key, false);
    if (t && t->blocked_until > c->now + LOGIN_WINDOW)
        t->blocked_until = c->now + LOGIN_WINDOW; /* the clock was set back */
    bool ok = !t || t->blocked_until <= c->now;
    *ret_wait = ok ? 0 : seconds_until(t->blocked_until, c->now);
    pthread_mutex_unlock(&table.lock);
    return ok;
}

void limit_login_failed(const Ctx *c, const char *key) {
    pthread_mutex_lock(&table.lock);
    Counter *t = find('l', key, true);
    int64_t quiet_since = t->blocked_until > t->at ? t->blocked_until : t->at;
    if (c->now - quiet_since > LOGIN_WINDOW) t->failures = 0;
    t->failures++;
    t->at = c->now;
    if (t->failures >= FREE_FAILURES) {
        int doublings = t->failures - FREE_FAILURES;
        int64_t delay = (FIRST_DELAY_S * SECOND) << (doublings < 6 ? doublings : 6);
        t->blocked_until = c->now + (delay < LOGIN_WINDOW ? delay : LOGIN_WINDOW);
    }
    pthread_mutex_unlock(&table.lock);
}

void limit_login_succeeded(const char *key) {
    pthread_mutex_lock(&table.lock);
    Counter *t = find('l', key, false);
    if (t) t->failures = 0, t->at = t->blocked_until = 0;
    pthread_mutex_unlock(&table.lock);
}

void limit_forget_all(void) {
    pthread_mutex_lock(&table.lock);
    memset(table.buckets, 0, sizeof table.buckets);
    table.newest = table.oldest = table.made = 0;
    pthread_mutex_unlock(&table.lock);
}

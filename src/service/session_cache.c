/* session_cache.c - actors by the hash of their cookie or token.
 *
 * A fixed table, chained by index, entries reused in the order in which they were made. Readers share the lock; the two times that each
 * use changes are atomic. Forgetting only marks an entry: the time of its last use outlives a reload. */
#include "service/session_cache.h"
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { BUCKETS = 32768 };

typedef struct Entry {
    uint8_t key[CACHE_KEY];
    Login login;
    _Atomic int64_t seen_at, written_at;
    Instant loaded_at;
    uint32_t next; /* index + 1; 0 ends the chain */
    bool used, valid;
} Entry;

static struct {
    pthread_rwlock_t lock;
    Entry entries[CACHE_ENTRIES];
    uint32_t buckets[BUCKETS];
    uint32_t made, hand;
    uint64_t epoch;
} cache = { .lock = PTHREAD_RWLOCK_INITIALIZER };

static uint32_t *bucket_of(const uint8_t *key) {
    uint32_t h;
    memcpy(&h, key, sizeof h); /* the key is a SHA-256: any part of it is well spread */
    return &cache.buckets[h & (BUCKETS - 1)];
}

static Entry *find(const uint8_t *key) {
    for (uint32_t i = *bucket_of(key); i; i = cache.entries[i - 1].next)
        if (!memcmp(cache.entries[i - 1].key, key, CACHE_KEY)) return &cache.entries[i - 1];
    return NULL;
}

uint64_t cache_epoch(void) {
    pthread_rwlock_rdlock(&cache.lock);
    uint64_t epoch = cache.epoch;
    pthread_rwlock_unlock(&cache.lock);
    return epoch;
}

bool cache_get(const uint8_t key[static CACHE_KEY], Instant oldest, bool try, Login *ret) {
    if (try ? pthread_rwlock_tryrdlock(&cache.lock) != 0 : pthread_rwlock_rdlock(&cache.lock) != 0) return false;
    const Entry *e = find(key);
    bool found = e && e->valid && e->loaded_at >= oldest;
    if (found) {
        *ret = e->login;
        ret->seen_at = atomic_load_explicit(&e->seen_at, memory_order_relaxed);
        ret->written_at = atomic_load_explicit(&e->written_at, memory_order_relaxed);
    }
    pthread_rwlock_unlock(&cache.lock);
    return found;
}

static void unchain(Entry *e) {
    uint32_t self = (uint32_t)(e - cache.entries) + 1, *at = bucket_of(e->key);
    while (*at && *at != self) at = &cache.entries[*at - 1].next;
    if (*at) *at = e->next;
    e->used = e->valid = false;
}

static Entry *make(const uint8_t *key) {
    Entry *e = &cache.entries[cache.hand];
    cache.hand = (cache.hand + 1) % CACHE_ENTRIES;
    if (e->used) unchain(e);
    if (cache.made < CACHE_ENTRIES) cache.made++;
    uint32_t *bucket = bucket_of(key);
    memcpy(e->key, key, CACHE_KEY);
    e->used = true;
    e->next = *bucket;
    *bucket = (uint32_t)(e - cache.entries) + 1;
    atomic_store_explicit(&e->seen_at, INT64_MIN, memory_order_relaxed);
    return e;
}

void cache_put(const uint8_t key[static CACHE_KEY], Login *login, uint64_t epoch, Instant loaded_at) {
    pthread_rwlock_wrlock(&cache.lock);
    Entry *e = find(key);
    int64_t seen = e ? atomic_load_explicit(&e->seen_at, memory_order_relaxed) : INT64_MIN;
    if (seen > login->seen_at) login->seen_at = seen;
    if (epoch == cache.epoch) {
        if (!e) e = make(key);
        e->login = *login;
        e->loaded_at = loaded_at;
        e->valid = true;
        atomic_store_explicit(&e->seen_at, login->seen_at, memory_order_relaxed);
        atomic_store_explicit(&e->written_at, login->written_at, memory_order_relaxed);
    }
    pthread_rwlock_unlock(&cache.lock);
}

bool cache_touch(const uint8_t key[static CACHE_KEY], const Login *login, Instant now, int64_t every) {
    bool write = now - login->written_at >= every;
    pthread_rwlock_rdlock(&cache.lock);
    Entry *e = find(key);
    if (e && e->valid) {
        int64_t seen = atomic_load_explicit(&e->seen_at, memory_order_relaxed);
        while (seen < now && !atomic_compare_exchange_weak_explicit(&e->seen_at, &seen, now, memory_order_relaxed,
                                                                    memory_order_relaxed))
            continue;
        int64_t written = login->written_at; /* of those who come at the same moment one writes */
        write = write && atomic_compare_exchange_strong(&e->written_at, &written, now);
    }
    pthread_rwlock_unlock(&cache.lock);
    return write;
}

void cache_forget(int64_t account_id) {
    pthread_rwlock_wrlock(&cache.lock);
    cache.epoch++;
    for (uint32_t i = 0; i < cache.made; i++)
        if (!account_id || cache.entries[i].login.actor.account_id == account_id) cache.entries[i].valid = false;
    pthread_rwlock_unlock(&cache.lock);
}

void cache_clear(void) {
    pthread_rwlock_wrlock(&cache.lock);
    cache.epoch++;
    for (uint32_t i = 0; i < cache.made; i++)
        if (cache.entries[i].used) unchain(&cache.entries[i]);
    pthread_rwlock_unlock(&cache.lock);
}

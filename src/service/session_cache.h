/* session_cache.h - actors by the hash of their cookie or token; private to session.c. */
#pragma once
#include "base/date.h"
#include "service/access.h"

enum { CACHE_ENTRIES = 20000, CACHE_KEY = 32 };

/* What is known of one cookie or token. */
typedef struct Login {
    Actor actor;
    Instant ends_at;    /* absolute limit */
    int64_t idle;       /* microseconds without use that it survives */
    Instant seen_at;    /* last use as far as we know */
    Instant written_at; /* last use as the database has it */
    int64_t token_id;   /* API token; 0 for a session */
} Login;

/* The number to hand to cache_put: taken before the database is read, so that what was read before a change is not kept after it. */
uint64_t cache_epoch(void);
/* Copies the entry. False if there is none, or it is too old to be believed: oldest is the least loading time, INSTANT_NONE for any.
 * With `try` the call gives up rather than wait for a lock. */
bool cache_get(const uint8_t key[static CACHE_KEY], Instant oldest, bool try, Login *ret);
/* Keeps what was loaded at `loaded_at`, unless something was forgotten since `epoch`. An entry that already knows of a later use keeps that
 * time; login->seen_at is set to it. */
void cache_put(const uint8_t key[static CACHE_KEY], Login *login, uint64_t epoch, Instant loaded_at);
/* Notes a use. True if it should be written to the database: at most once in `every` microseconds. */
bool cache_touch(const uint8_t key[static CACHE_KEY], const Login *login, Instant now, int64_t every);
void cache_forget(int64_t account_id); /* 0: everybody. They are loaded afresh at their next use */
void cache_clear(void);

/* setting.c - the organisation's settings: declared in tables by the modules, kept in the database, cached. */
#include "service/setting.h"
#include "base/money.h"
#include "base/text.h"
#include "db/db.h"
#include "service/audit.h"
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

enum { MAX_SETTINGS = 256, MAX_TEXT = 2000, MAX_AGE = 1000000 };

static struct {
    pthread_rwlock_t lock;
    const SettingKind *kinds[MAX_SETTINGS]; /* in order of declaration; complete before the threads start */
    size_t count;
    char *values[MAX_SETTINGS]; /* NULL: the default */
    const Db *db;               /* whose values these are; NULL: nobody's */
    Instant loaded_at;
    uint64_t epoch;
} cache = { .lock = PTHREAD_RWLOCK_INITIALIZER };

void setting_declare(const SettingKind *kinds) {
    for (; kinds->name; kinds++) {
        assert(cache.count < MAX_SETTINGS);
        cache.kinds[cache.count++] = kinds;
    }
}

size_t setting_count(void) {
    return cache.count;
}
const SettingKind *setting_at(size_t i) {
    return cache.kinds[i];
}

/* Its place, or count if it was never declared. */
static size_t find(const char *name) {
    size_t i = 0;
    while (i < cache.count && strcmp(cache.kinds[i]->name, name) != 0) i++;
    return i;
}

/* On PostgreSQL another process may have saved: values are believed for a second. */
static bool is_fresh(const Ctx *c) {
    if (cache.db != c->db) return false;
    int64_t age = c->now - cache.loaded_at;
    return db_engine(c->db) == DB_SQLITE || (age < MAX_AGE && age > -MAX_AGE);
}

static bool get_cached(const Ctx *c, size_t i, bool stale_too, const char **ret) {
    pthread_rwlock_rdlock(&cache.lock);
    bool found = is_fresh(c) || (stale_too && cache.db == c->db);
    if (found) *ret = cache.values[i] ? talloc_strdup(c->mem, cache.values[i]) : cache.kinds[i]->value;
    pthread_rwlock_unlock(&cache.lock);
    return found;
}

static Error *load(Ctx *c) {
    char *values[MAX_SETTINGS] = { 0 };
    pthread_rwlock_rdlock(&cache.lock);
    uint64_t epoch = cache.epoch;
    pthread_rwlock_unlock(&cache.lock);
    Rows *rows;
    TRY(db_query(c, &rows, "SELECT name, value FROM setting"));
    while (rows_next(rows)) {
        size_t i = find(row_text(rows, 0));
        if (i < cache.count)
            values[i] = talloc_strdup(NULL, row_text(rows, 1)); /* lives as long as the cache holds it */
    }
    Error *e = rows_done(rows);
    pthread_rwlock_wrlock(&cache.lock);
    bool keep = !e && epoch == cache.epoch; /* else somebody saved while we read */
    for (size_t i = 0; i < cache.count; i++) {
        char *unused = keep ? cache.values[i] : values[i];
        if (keep) cache.values[i] = values[i];
        talloc_free(unused);
    }
    if (keep) cache.db = c->db, cache.loaded_at = c->now;
    pthread_rwlock_unlock(&cache.lock);
    return e;
}

const char *setting_text(Ctx *c, const char *name) {
    const char *value = NULL;
    size_t i = find(name);
    assert(i < cache.count);
    if (i == cache.count) return "";
    if (!c->tx && get_cached(c, i, false, &value)) return value;
    if (!c->tx && !load(c) && get_cached(c, i, false, &value)) return value;
    /* A transaction sees what it has saved itself, which may yet be rolled back: look at the row. So too while somebody saves. */
    Error *e = db_get_text(c, &value, "SELECT value FROM setting WHERE name = $1", V(name));
    if (e && get_cached(c, i, true, &value)) return value;
    return value ? value : cache.kinds[i]->value;
}

/* Minutes since midnight of "18:05"; false if it is no time of day. */
static bool clock_parse(const char *s, int64_t *ret_minutes) {
    int hour, minute, n = 0;
    if (sscanf(s, "%2d:%2d%n", &hour, &minute, &n) != 2 || s[n] || n != 5 || s[0] < '0' || s[3] < '0') return false;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return false;
    *ret_minutes = hour * 60 + minute;
    return true;
}

int64_t setting_int(Ctx *c, const char *name) {
    int64_t n = 0;
    const char *value = setting_text(c, name);
    size_t i = find(name);
    if (i < cache.count && cache.kinds[i]->type == 'c') return clock_parse(value, &n) ? n : 0;
    return int_parse(value, &n) ? n : 0;
}

/* ---- saving ---- */

static Error *check(Ctx *c, const SettingKind *k, const char *value) {
    int64_t n;
    switch (k->type) {
    case 'i':
        if (int_parse(value, &n) && n >= k->min && n <= k->max) return NULL;
        return err_field(c, k->name, N_("Please enter a whole number from {1} to {2}"),
                         talloc_asprintf(c->mem, "%lld", (long long)k->min),
                         talloc_asprintf(c->mem, "%lld", (long long)k->max));
    case 'c':
        if (clock_parse(value, &n)) return NULL;
        return err_field(c, k->name, N_("Please enter a time of day such as 18:00"));
    case 'b':
        if (!strcmp(value, "0") || !strcmp(value, "1")) return NULL;
        return err_field(c, k->name, N_("Please choose yes or no"));
    default:
        if (text_length(value) <= MAX_TEXT) return NULL;
        return err_field(c, k->name, N_("This text is too long"));
    }
}

static void forget(void *arg) {
    (void)arg;
    pthread_rwlock_wrlock(&cache.lock);
    cache.epoch++;
    cache.db = NULL;
    pthread_rwlock_unlock(&cache.lock);
}

void setting_forget_all(void) {
    forget(NULL);
}

Error *setting_save(Ctx *c, const char *name, const char *value) {
    size_t i = find(name);
    if (i == cache.count) return err_not_found(c, N_("There is no such setting"));
    const SettingKind *k = cache.kinds[i];
    value = text_clean(c->mem, value);
    TRY(check(c, k, value));
    const char *before = k->value;
    TRY(db_get_text(c, &before, "SELECT value FROM setting WHERE name = $1", V(name)));
    if (!strcmp(before, value)) return NULL;
    TRY(db_exec(
        c, "INSERT INTO setting(name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        V(name), V(value)));
    db_after_commit(c, forget, NULL);
    Text *changes = text_new(c->mem, 1 << 16);
    text_add_char(changes, '{');
    text_add_json(changes, name, strlen(name));
    text_add(changes, ": [");
    text_add_json(changes, before, strlen(before));
    text_add(changes, ", ");
    text_add_json(changes, value, strlen(value));
    text_add(changes, "]}");
    return audit_record(c, "update", "setting", 0, changes->data);
}

/* testing.h - a fresh database for a test: a temporary SQLite file or, where XIAOGUAN_TEST_PG holds a URL, a schema of its own there. Only
 * *_test.c include it.
 *
 *     TestDb *t = test_db_open();          migrated; t->c is a Ctx with a fixed time and no actor
 *     ...
 *     test_db_close(t);                    removes it
 */
#pragma once
#include "db/driver.h"
#include <assert.h>
#include <dirent.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#define TEST_NOW INT64_C(1795406400000000) /* 2026-11-23T04:00:00Z, noon in Shanghai, a Monday */

typedef struct TestDb {
    Ctx c;
    const char *folder; /* SQLite: holds test.db and whatever a test puts there */
    const char *schema; /* PostgreSQL */
} TestDb;

static inline void test_ok(Error *e) {
    if (!e) return;
    fprintf(stderr, "# unexpected error %d %s: %s (%s) at %s\n", e->status, e->code, e->message.id,
            e->detail ? e->detail : "", e->trace);
    abort();
}

/* For statements with a name that cannot be bound. */
static inline Error *test_simple(Ctx *c, void *arg) {
    Conn *conn = ((Tx *)c->tx)->conn;
    DbCode code = c->db->driver->simple(conn, arg);
    return code == DBC_OK ? NULL : db_error(c, conn, code, arg);
}

/* Runs one statement on the test database, whatever it is: how tests tamper with rows. */
static inline void test_sql(Ctx *c, const char *sql) {
    test_ok(db_tx(c, test_simple, (void *)(uintptr_t)sql));
}

/* UPDATE table SET what WHERE id = id, and its like for DELETE. */
static inline void test_update(Ctx *c, const char *table, const char *what, int64_t id) {
    Text *t = text_new(c->mem, 4096);
    text_add(t, "UPDATE ");
    text_addf(t, "%s SET %s", table, what);
    text_addf(t, " WHERE id = %lld", (long long)id);
    test_sql(c, t->data);
}
static inline void test_delete(Ctx *c, const char *table, int64_t id) {
    Text *t = text_new(c->mem, 4096);
    text_add(t, "DELETE FROM ");
    text_addf(t, "%s WHERE id = %lld", table, (long long)id);
    test_sql(c, t->data);
}

static inline void test_on_server(TestDb *t, const char *sql) {
    Ctx c = t->c;
    Db *db;
    test_ok(db_open(&c, t, getenv("XIAOGUAN_TEST_PG"), (DbOptions){ .exclusive = true, .who = "test" }, &db));
    test_ok(db_tx(&c, test_simple, (void *)(uintptr_t)sql));
    db_close(db);
}

static inline TestDb *test_db_open(void) {
    TestDb *t = talloc_zero(NULL, TestDb);
    const char *url = getenv("XIAOGUAN_TEST_PG"), *tmp = getenv("TMPDIR"), *target;
    t->c = (Ctx){ .mem = t, .now = TEST_NOW, .request_id = "0123456789abcdef", .address = "192.0.2.7" };
    char *folder = talloc_asprintf(t, "%s/xiaoguan-test.XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(folder)) abort();
    t->folder = folder;
    if (url && *url) {
        uint64_t n;
        RAND_bytes((unsigned char *)&n, sizeof n);
        t->schema = talloc_asprintf(t, "test_%016llx", (unsigned long long)n);
        test_on_server(t, talloc_asprintf(t, "CREATE SCHEMA %s", t->schema));
        target = talloc_asprintf(t, "%s%coptions=-csearch_path%%3D%s", url, strchr(url, '?') ? '&' : '?', t->schema);
    } else
        target = talloc_asprintf(t, "%s/test.db", folder);
    Db *db;
    test_ok(db_open(&t->c, t, target, (DbOptions){ .exclusive = true, .who = "test" }, &db));
    test_ok(db_migrate(&t->c, NULL));
    return t;
}

static inline void test_remove_folder(const char *path) {
    DIR *dir = opendir(path);
    for (struct dirent *e; dir && (e = readdir(dir));) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) continue;
        char *inner = talloc_asprintf(NULL, "%s/%s", path, e->d_name);
        if (unlink(inner) != 0) test_remove_folder(inner);
        talloc_free(inner);
    }
    if (dir) closedir(dir);
    rmdir(path);
}

static inline void test_db_close(TestDb *t) {
    db_close(t->c.db);
    if (t->schema) test_on_server(t, talloc_asprintf(t, "DROP SCHEMA %s CASCADE", t->schema));
    test_remove_folder(t->folder);
    talloc_free(t);
}

/* backup_test.c - out and in again, on the engine of the test run, and on the other one where XIAOGUAN_TEST_PG names it. */
#include "service/backup.h"
#include "base/date.h"
#include "db/dump.h"
#include "db/testing.h"
#include "service/file.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h> /* after the four above, which it needs */
#include <fcntl.h>
#include <openssl/sha.h>
#include <sys/stat.h>
#include <zip.h>

static TestDb *t;

static const char *here(const char *name) {
    return talloc_asprintf(t, "%s/%s", t->folder, name);
}

static int set_up(void **state) {
    (void)state;
    date_set_zone("Asia/Shanghai");
    t = test_db_open();
    test_ok(file_setup(&t->c, here("files")));
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    test_db_close(t);
    return 0;
}

/* ---- what is in it ---- */

static const char strange[] =
    "销冠 \\u0000 \" \\ \t\n\r \x01\x1f\x7f <b>&'</b> \xe2\x80\xa8 \xf0\x9f\x98\x80 'x' $1 {1}";

static Error *fill(Ctx *c, void *arg) {
    (void)arg;
    static const uint8_t bytes[] = { 0, 1, 254, 255, 0, '\n', '"', 0 };
    TRY(db_exec(c, "INSERT INTO account(id, login, name, roles, created_at, updated_at) VALUES (7, 'a', $1, 1, $2, $3)",
                V(strange), V(INT64_MIN), V(INT64_MAX)));
    TRY(db_exec(c, "INSERT INTO account(id, login, name, roles, password_hash, created_at, updated_at) VALUES (9, 'b', "
                   "'', 1, '', -1, 0)"));
    TRY(db_exec(c, "INSERT INTO org_unit(id, name, kind, parent_id, version, created_at, updated_at) VALUES (1, "
                   "'总部', 0, NULL, 1, 1, 1)"));
    TRY(db_exec(c, "INSERT INTO org_unit(id, name, kind, parent_id, version, created_at, updated_at) VALUES (3, "
                   "'华东', 1, 1, 1, 1, 1)"));
    TRY(db_exec(c, "INSERT INTO org_unit(id, name, kind, parent_id, version, created_at, updated_at) VALUES (2, "
                   "'一队', 2, 3, 1, 1, 1)")); /* after its child */
    TRY(db_exec(c, "INSERT INTO employee(id, no, name, unit_id, version, created_at, updated_at) VALUES (5, '007', "
                   "'李', 2, 1, 1, 1)"));
    TRY(db_exec(c, "INSERT INTO setting(name, value) VALUES ('z', '1'), ('a', '2')"));
    TRY(db_exec(c, "INSERT INTO visible_unit(account_id, unit_id) VALUES (9, 2), (7, 3), (9, -4)"));
    TRY(db_exec(c, "INSERT INTO session(token_hash, account_id, created_at, seen_at, ends_at, idle, address, agent) "
                   "VALUES ('h', 7, 1, 1, 1, 1, '', '')"));
    for (int i = 0; i < 3; i++)
        TRY(db_exec(c,
                    "INSERT INTO import_job(resource, account_id, filename, sha256, data, mapping, rows, created_at) "
                    "VALUES ('x', 7, 'f', 's', $1, '', 1, 1)",
                    i == 0   ? param_blob(bytes, sizeof bytes)
                    : i == 1 ? param_blob("", 0)
                             : param_null()));
    for (int64_t i = 0; i < 2500; i++) /* more than two pages */
        TRY(db_exec(c,
                    "INSERT INTO daily_report(id, employee_id, unit_id, day, state, n1, n2, version, created_at, "
                    "updated_at) VALUES ($1, 5, 2, $2, 1, $3, NULL, 1, 1, 1)",
                    V(i * 3 - 100), V(talloc_asprintf(c->mem, "2026-%04lld", (long long)i)), V(i * i - 5000)));
    return NULL;
}

static const char *store(const char *content) {
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256((const uint8_t *)content, strlen(content), digest);
    const char *sha256 = text_hex(t, digest, sizeof digest);
    test_ok(file_keep(&t->c, sha256, (const uint8_t *)content, strlen(content)));
    return sha256;
}

static Error *name_file(Ctx *c, void *arg) {
    return db_exec(c,
                   "INSERT INTO file(sha256, name, type, size, owner_id, object, object_id, created_at) VALUES ($1, "
                   "'图.png', 'image/png', 1, 7, 'x', 1, 1)",
                   V((const char *)arg));
}

/* ---- helpers ---- */

static Error *dump_all(Ctx *c, void *arg) {
    Text *all = arg;
    DumpTable *tables;
    size_t count;
    TRY(dump_tables(c, NULL, &tables, &count));
    for (size_t i = 0; i < count; i++) {
        Dump *d;
        Text *page = text_new(c->mem, 64 << 20);
        TRY(dump_open(c, &tables[i], &d));
        text_addf(all, "# %s %lld %s\n", tables[i].name, (long long)tables[i].rows, tables[i].kinds);
        do {
            TRY(dump_next(d, page));
            text_add_n(all, page->data, page->len);
        } while (page->len);
    }
    return NULL;
}

/* All tables as text: what two databases are compared by. */
static const char *whole(Ctx *c) {
    Text *all = text_new(t, 64 << 20);
    test_ok(db_snapshot(c, dump_all, all));
    return all->data;
}

static const char *without_session(const char *all) {
    const char *from = strstr(all, "# session "), *to = strstr(from, "\n# ");
    return talloc_asprintf(t, "%.*s%s", (int)(from - all), all, to + 1);
}

static const char *backup(void) {
    const char *path = here("all.backup");
    Text *out = text_new(t, 10000);
    test_ok(backup_write(&t->c, path, out));
    assert_non_null(strstr(out->data, "read back"));
    return path;
}

static void expect(Error *e, int status) {
    if (!e) fail_msg("expected %d, but it worked", status);
    if (e->status != status)
        fail_msg("expected %d, got %d %s (%s)", status, e->status, e->message.id, e->detail ? e->detail : "");
}

static char *read_file(const char *path, size_t *ret_len) {
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    char *data = talloc_size(t, (size_t)st.st_size + 1);
    int fd = open(path, O_RDONLY);
    assert_int_equal(read(fd, data, (size_t)st.st_size), st.st_size);
    close(fd);
    *ret_len = (size_t)st.st_size;
    return data;
}

static void write_file(const char *path, const char *data, size_t n) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, data, n), n);
    close(fd);
}

static int64_t accounts(Ctx *c) {
    int64_t n = 0;
    test_ok(db_get_int(c, &n, "SELECT count(*) FROM account"));
    return n;
}

/* ---- tests ---- */

static void round_trip_into(bool other_engine) {
    const char *url = getenv("XIAOGUAN_TEST_PG");
    char *kept = url ? talloc_strdup(NULL, url) : NULL;
    test_ok(db_tx(&t->c, fill, NULL));
    const char *kept_file = store("picture"), *lost = store("gone");
    test_ok(db_tx(&t->c, name_file, (void *)(uintptr_t)kept_file));
    test_ok(db_tx(&t->c, name_file, (void *)(uintptr_t)kept_file));
    test_ok(db_tx(&t->c, name_file, (void *)(uintptr_t)lost));
    unlink(file_path(&t->c, lost));
    const char *before = without_session(whole(&t->c)), *path = backup();
    TestDb *old = t;
    if (other_engine) unsetenv("XIAOGUAN_TEST_PG");
    t = test_db_open();
    if (kept) setenv("XIAOGUAN_TEST_PG", kept, 1);
    test_ok(file_setup(&t->c, here("files")));
    Text *out = text_new(t, 10000);
    test_ok(backup_restore(&t->c, path, out));
    const char *after = whole(&t->c);
    assert_non_null(strstr(after, "# session 0 "));
    after = without_session(after);
    assert_string_equal(before, after);
    size_t n;
    assert_memory_equal(read_file(file_path(&t->c, kept_file), &n), "picture", 7);
    assert_int_equal(access(file_path(&t->c, lost), F_OK), -1);
    int64_t id = 0;
    test_sql(&t->c, "INSERT INTO org_unit(name, kind, version, created_at, updated_at) VALUES ('new', 0, 1, 1, 1)");
    test_ok(db_get_int(&t->c, &id, "SELECT max(id) FROM org_unit"));
    assert_int_equal(id, 4); /* the counter goes on after what came in */
    test_db_close(old);
    talloc_free(kept);
}

static void all_tables_come_back_as_they_were(void **state) {
    (void)state;
    round_trip_into(false);
}

static void a_backup_goes_from_one_engine_to_the_other(void **state) {
    (void)state;
    if (!getenv("XIAOGUAN_TEST_PG")) skip();
    round_trip_into(true);
}

static void a_backup_goes_back_from_sqlite(void **state) {
    (void)state;
    const char *url = getenv("XIAOGUAN_TEST_PG");
    if (!url) skip();
    char *kept = talloc_strdup(NULL, url);
    test_ok(db_tx(&t->c, fill, NULL));
    const char *first = without_session(whole(&t->c)), *path = backup();
    TestDb *pg = t;
    unsetenv("XIAOGUAN_TEST_PG");
    TestDb *sqlite = test_db_open();
    setenv("XIAOGUAN_TEST_PG", kept, 1);
    t = sqlite;
    test_ok(backup_restore(&t->c, path, text_new(t, 10000)));
    path = backup();
    t = test_db_open();
    test_ok(backup_restore(&t->c, path, text_new(t, 10000)));
    assert_string_equal(first, without_session(whole(&t->c)));
    test_db_close(sqlite);
    test_db_close(pg);
    talloc_free(kept);
}

static void an_empty_database_round_trips_too(void **state) {
    (void)state;
    const char *before = whole(&t->c);
    test_ok(backup_restore(&t->c, backup(), text_new(t, 10000)));
    assert_string_equal(before, whole(&t->c));
}

static void seeded_rows_are_replaced(void **state) {
    (void)state;
    int64_t n = 0;
    const char *path = backup();
    test_sql(&t->c, "INSERT INTO setting(name, value) VALUES ('seed', 'x')");
    test_ok(backup_restore(&t->c, path, text_new(t, 10000)));
    test_ok(db_get_int(&t->c, &n, "SELECT count(*) FROM setting"));
    assert_int_equal(n, 0);
}

static void only_its_owner_may_read_a_backup(void **state) {
    (void)state;
    struct stat st;
    mode_t old = umask(0);
    const char *path = backup();
    umask(old);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static int files_in(const char *folder) {
    int n = 0;
    DIR *dir = opendir(folder);
    while (readdir(dir)) n++;
    closedir(dir);
    return n;
}

static void an_existing_file_is_left_alone(void **state) {
    (void)state;
    size_t n;
    write_file(here("mine"), "mine", 4);
    int before = files_in(t->folder);
    expect(backup_write(&t->c, here("mine"), text_new(t, 10000)), 409);
    assert_memory_equal(read_file(here("mine"), &n), "mine", 4);
    assert_int_equal(files_in(t->folder), before);
}

static void a_folder_that_is_not_there_is_told(void **state) {
    (void)state;
    expect(backup_write(&t->c, here("no/such/file"), text_new(t, 10000)), 503);
}

static void a_filled_database_is_refused(void **state) {
    (void)state;
    const char *path = backup();
    test_sql(&t->c,
             "INSERT INTO org_unit(id, name, kind, version, created_at, updated_at) VALUES (1, 'x', 0, 1, 1, 1)");
    test_sql(&t->c,
             "INSERT INTO employee(no, name, unit_id, version, created_at, updated_at) VALUES ('1', 'x', 1, 1, 1, 1)");
    expect(backup_restore(&t->c, path, text_new(t, 10000)), 409);
    test_sql(&t->c, "DELETE FROM employee");
    test_sql(&t->c, "INSERT INTO account(login, name, roles, created_at, updated_at) VALUES ('a', 'a', 1, 1, 1)");
    expect(backup_restore(&t->c, path, text_new(t, 10000)), 409);
    test_sql(&t->c, "DELETE FROM account");
    test_ok(backup_restore(&t->c, path, text_new(t, 10000)));
}

static void a_missing_or_foreign_file_is_refused(void **state) {
    (void)state;
    expect(backup_restore(&t->c, here("nothing"), text_new(t, 10000)), 404);
    write_file(here("text"), "PK\003\004 no zip", 11);
    expect(backup_restore(&t->c, here("text"), text_new(t, 10000)), 422);
    write_file(here("empty"), "", 0);
    expect(backup_restore(&t->c, here("empty"), text_new(t, 10000)), 422);
    expect(backup_restore(&t->c, t->folder, text_new(t, 10000)), 422);
}

static void a_truncated_or_changed_file_changes_nothing(void **state) {
    (void)state;
    size_t n;
    test_ok(db_tx(&t->c, fill, NULL));
    char *good = read_file(backup(), &n);
    TestDb *old = t;
    t = test_db_open();
    test_ok(file_setup(&t->c, here("files")));
    const char *empty = whole(&t->c), *bad = here("bad");
    int refused = 0;
    for (size_t len = 0; len < n; len += n / 40 + 1) {
        write_file(bad, good, len);
        expect(backup_restore(&t->c, bad, text_new(t, 10000)), 422);
    }
    for (size_t at = 0; at < n; at += n / 100 + 1) { /* where it is found out differs; not all bytes of a zip matter */
        good[at] = (char)(good[at] ^ 0x55);
        write_file(bad, good, n);
        good[at] = (char)(good[at] ^ 0x55);
        Error *e = backup_restore(&t->c, bad, text_new(t, 10000));
        if (e && e->status != 422)
            fail_msg("byte %zu: %d %s (%s)", at, e->status, e->message.id, e->detail ? e->detail : "");
        refused += e != NULL;
        if (!e) { /* a byte without meaning, such as a date: then all came in */
            assert_int_equal(accounts(&t->c), 2);
            test_db_close(t);
            t = test_db_open();
            test_ok(file_setup(&t->c, here("files")));
            bad = here("bad");
            empty = whole(&t->c);
        } else {
            assert_string_equal(empty, whole(&t->c));
        }
    }
    assert_true(refused > 80);
    test_db_close(old);
}

/* Writes a copy of the backup with one entry changed. */
static const char *changed(const char *path, const char *entry, const char *content) {
    size_t n;
    int why;
    const char *copy = here("changed");
    char *data = read_file(path, &n);
    write_file(copy, data, n);
    zip_t *z = zip_open(copy, 0, &why);
    assert_non_null(z);
    zip_source_t *s = zip_source_buffer(z, content, strlen(content), 0);
    assert_true(zip_file_add(z, entry, s, ZIP_FL_OVERWRITE) >= 0);
    assert_int_equal(zip_close(z), 0);
    return copy;
}

static char *entry_of(const char *path, const char *entry) {
    int why;
    zip_t *z = zip_open(path, ZIP_RDONLY, &why);
    zip_file_t *f = zip_fopen(z, entry, 0);
    char *data = talloc_zero_size(t, 1 << 20);
    assert_true(zip_fread(f, data, (1 << 20) - 1) >= 0);
    zip_fclose(f);
    zip_discard(z);
    return data;
}

static char *replace(const char *s, const char *what, const char *with) {
    const char *at = strstr(s, what);
    if (!at) fail_msg("%s is not in it", what);
    return talloc_asprintf(t, "%.*s%s%s", (int)(at - s), s, with, at + strlen(what));
}

static void refuses_changed(const char *path, const char *entry, const char *what, const char *with) {
    const char *content = replace(entry_of(path, entry), what, with);
    expect(backup_restore(&t->c, changed(path, entry, content), text_new(t, 10000)), 422);
}

static void a_forged_or_newer_backup_is_refused_and_changes_nothing(void **state) {
    (void)state;
    static const char unit[] = "tables/org_unit.jsonl", manifest[] = "xiaoguan.json",
                      account[] = "tables/account.jsonl";
    test_ok(db_tx(&t->c, fill, NULL));
    const char *path = backup();
    TestDb *old = t;
    t = test_db_open();
    test_ok(file_setup(&t->c, here("files")));
    const char *empty = whole(&t->c);
    refuses_changed(path, manifest, "\"format\":1", "\"format\":2");
    refuses_changed(path, manifest, "\"schema\":\"0", "\"schema\":\"9");
    refuses_changed(path, manifest, "\"schema\":\"00", "\"schema\":\"000");
    refuses_changed(path, manifest, "\"name\":\"setting\"", "\"name\":\"set\\\"; --\"");
    refuses_changed(path, manifest, "\"columns\":[\"id\"", "\"columns\":[\"id\\\") --\"");
    refuses_changed(path, manifest, "\"columns\":[\"id\",\"login\"", "\"columns\":[\"login\",\"login\"");
    refuses_changed(path, manifest, "\"kinds\":\"i", "\"kinds\":\"t");
    refuses_changed(path, manifest, "\"kinds\":\"i", "\"kinds\":\"x");
    refuses_changed(path, manifest, "\"kinds\":\"i", "\"kinds\":\"");
    refuses_changed(path, manifest, "\"rows\":2}", "\"rows\":3}");
    refuses_changed(path, manifest, "\"rows\":2}", "\"rows\":-2}");
    refuses_changed(path, manifest, "\"tables\":", "\"table\":");
    refuses_changed(path, manifest, "{", "[");
    refuses_changed(path, account, "[7,", "[9,"); /* an id twice */
    refuses_changed(path, account, "[7,", "[7.5,");
    refuses_changed(path, account, "[7,", "[9223372036854775808,");
    refuses_changed(path, account, "[7,", "[\"7\",");
    refuses_changed(path, account, "[7,", "[7,7,");
    refuses_changed(path, account, "[7,", "7,");
    refuses_changed(path, account, "\"a\"", "\"\\u0000\"");
    refuses_changed(path, account, "\"a\"", "\"\xff\"");
    refuses_changed(path, account, "]\n", "]");
    refuses_changed(path, unit, "[1,", "[11,"); /* a reference to nothing */
    assert_string_equal(empty, whole(&t->c));
    test_ok(backup_restore(&t->c, path, text_new(t, 10000))); /* the unchanged one is good */
    test_db_close(old);
}

static void a_backup_of_an_older_version_is_brought_up_to_date(void **state) {
    (void)state;
    static const char manifest[] =
        "{\"format\":1,\"schema\":\"0001_foundation.sql\",\"made_at\":\"x\",\"tables\":["
        "{\"name\":\"setting\",\"columns\":[\"value\",\"name\"],\"kinds\":\"tt\",\"rows\":2}]}";
    const char *newest = "", *value = "", *now = "";
    test_ok(db_tx(&t->c, fill, NULL));
    const char *path = backup();
    TestDb *old = t;
    t = test_db_open();
    test_ok(file_setup(&t->c, here("files")));
    path = changed(changed(path, "xiaoguan.json", manifest), "tables/setting.jsonl", "[\"2\",\"a\"]\n[\"1\",\"z\"]\n");
    test_ok(dump_schema(&t->c, &newest));
    test_ok(backup_restore(&t->c, path, text_new(t, 10000)));
    test_ok(dump_schema(&t->c, &now));
    assert_string_equal(newest, now);
    test_ok(db_get_text(&t->c, &value, "SELECT value FROM setting WHERE name = 'a'"));
    assert_string_equal(value, "2");
    test_sql(&t->c, "DELETE FROM setting");
    test_ok(db_tx(&t->c, fill, NULL)); /* the later tables are there */
    test_db_close(old);
}

#define WITH_DB(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        WITH_DB(all_tables_come_back_as_they_were),
        WITH_DB(a_backup_goes_from_one_engine_to_the_other),
        WITH_DB(a_backup_goes_back_from_sqlite),
        WITH_DB(an_empty_database_round_trips_too),
        WITH_DB(seeded_rows_are_replaced),
        WITH_DB(only_its_owner_may_read_a_backup),
        WITH_DB(an_existing_file_is_left_alone),
        WITH_DB(a_folder_that_is_not_there_is_told),
        WITH_DB(a_filled_database_is_refused),
        WITH_DB(a_missing_or_foreign_file_is_refused),
        WITH_DB(a_truncated_or_changed_file_changes_nothing),
        WITH_DB(a_forged_or_newer_backup_is_refused_and_changes_nothing),
        WITH_DB(a_backup_of_an_older_version_is_brought_up_to_date),
    };
    return cmocka_run_group_tests_name("service/backup", tests, NULL, NULL);
}

/* file_test.c - the file store on disk and in the database. */
#include "service/file.h"
#include "db/testing.h"
#include "http/respond.h"
#include "service/access.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <cmocka.h>

static TestDb *t;
static Actor lili = { .account_id = 7, .name = "李丽" };
/* 1 x 1, grey */
static const uint8_t png[] = { 137, 80,  78,  71,  13, 10, 26, 10,  0,   0,  0,   13, 73,  72,  68,  82, 0,
                               0,   0,   1,   0,   0,  0,  1,  8,   0,   0,  0,   0,  58,  126, 155, 85, 0,
                               0,   0,   10,  73,  68, 65, 84, 120, 156, 99, 104, 0,  0,   0,   130, 0,  129,
                               119, 205, 114, 182, 0,  0,  0,  0,   73,  69, 78,  68, 174, 66,  96,  130 };

static int set_up(void **state) {
    (void)state;
    t = test_db_open();
    t->c.actor = &lili;
    t->c.now = instant_now(); /* files have real times */
    test_ok(file_setup(&t->c, talloc_asprintf(t, "%s/a/files/", t->folder)));
    return 0;
}
static int tear_down(void **state) {
    (void)state;
    test_db_close(t);
    return 0;
}

static Upload upload(const char *name) {
    return (Upload){ .field = "photo", .filename = name, .type = "text/html", .data = png, .size = sizeof png };
}
static Error *store(const Upload *u, int64_t *id) {
    return file_store_image(&t->c, u, "photo", "report", 3, id);
}
static int64_t stored(const char *name) {
    int64_t id = 0;
    Upload u = upload(name);
    test_ok(store(&u, &id));
    return id;
}
static bool exists(const FileInfo *f) {
    struct stat st;
    return stat(file_path(&t->c, f->sha256), &st) == 0;
}
static void age(const FileInfo *f, int hours) {
    struct timespec times[2] = { { .tv_sec = t->c.now / 1000000 - hours * 3600 },
                                 { .tv_sec = t->c.now / 1000000 - hours * 3600 } };
    assert_int_equal(utimensat(AT_FDCWD, file_path(&t->c, f->sha256), times, 0), 0);
}

static void a_picture_is_kept_under_its_hash(void **state) {
    (void)state;
    FileInfo f;
    test_ok(file_load(&t->c, stored("../../etc/合影 \"1\".png"), &f));
    assert_string_equal(f.name, "合影  1 .png");
    assert_string_equal(f.type, "image/png"); /* by content, whatever the browser says */
    assert_int_equal(f.size, sizeof png);
    assert_int_equal(f.owner_id, 7);
    assert_string_equal(f.object, "report");
    assert_int_equal(f.object_id, 3);
    assert_int_equal(strlen(f.sha256), 64);
    assert_string_equal(file_path(&t->c, f.sha256),
                        talloc_asprintf(t, "%s/a/files/%.2s/%.2s/%s", t->folder, f.sha256, f.sha256 + 2, f.sha256));
    assert_true(exists(&f));
    struct stat st;
    assert_int_equal(stat(file_path(&t->c, f.sha256), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(st.st_size, f.size);
    Error *e = file_load(&t->c, f.id + 1, &f);
    assert_int_equal(e->status, 404);
}

static void the_same_picture_is_kept_once_and_listed_twice(void **state) {
    (void)state;
    FileInfo a, b;
    test_ok(file_load(&t->c, stored("a.png"), &a));
    test_ok(file_load(&t->c, stored(""), &b));
    assert_string_equal(a.sha256, b.sha256);
    assert_string_equal(b.name, "image.png");
    Value list;
    test_ok(file_list(&t->c, "report", 3, &list));
    assert_int_equal(value_count(list), 2);
    assert_string_equal(value_get(value_at(list, 0), "href", 4, NULL).text,
                        talloc_asprintf(t, "/files/%lld", (long long)a.id));
    test_ok(file_list(&t->c, "report", 4, &list));
    assert_int_equal(value_count(list), 0);
}

static void what_is_no_picture_or_too_large_is_refused_at_its_field(void **state) {
    (void)state;
    int64_t id;
    Upload u = { .filename = "x.png", .type = "image/png", .data = "<html><script>alert(1)</script>", .size = 31 };
    Error *e = store(&u, &id);
    assert_int_equal(e->status, 422);
    assert_string_equal(e->fields->field, "photo");
    u = upload("x.png");
    u.size = FILE_MAX_IMAGE + 1;
    e = store(&u, &id);
    assert_int_equal(e->status, 413);
    assert_string_equal(e->fields->field, "photo");
}

static void nobody_stores_more_than_the_quota(void **state) {
    (void)state;
    int64_t id = stored("a.png");
    test_update(&t->c, "file", talloc_asprintf(t, "size = %d", FILE_QUOTA_PERSON - (int)sizeof png), id);
    stored("b.png"); /* just fits */
    Upload u = upload("c.png");
    Error *e = store(&u, &id);
    assert_int_equal(e->status, 413);
    lili.account_id = 8;
    test_ok(store(&u, &id));
    lili.account_id = 7;
}

static Error *store_and_fail(Ctx *c, void *arg) {
    (void)arg;
    Upload u = upload("a.png");
    int64_t id;
    TRY(file_store_image(c, &u, "photo", "report", 3, &id));
    return err_conflict(c, "no");
}

static void the_row_belongs_to_the_callers_transaction(void **state) {
    (void)state;
    int64_t n = -1;
    Error *e = db_tx(&t->c, store_and_fail, NULL);
    assert_int_equal(e->status, 409);
    test_ok(db_get_int(&t->c, &n, "SELECT count(*) FROM file"));
    assert_int_equal(n, 0);
}

static void sweeping_removes_old_content_without_rows_only(void **state) {
    (void)state;
    FileInfo f;
    int64_t id = stored("a.png"), second = stored("b.png");
    test_ok(file_load(&t->c, id, &f));
    age(&f, 25);
    test_ok(file_sweep(&t->c, 0));
    assert_true(exists(&f)); /* two rows */
    test_ok(file_delete(&t->c, id));
    test_ok(file_sweep(&t->c, 0));
    assert_true(exists(&f)); /* one row */
    test_ok(file_delete(&t->c, second));
    age(&f, 23);
    test_ok(file_sweep(&t->c, 0));
    assert_true(exists(&f)); /* none, but a transaction may be under way */
    age(&f, 25);
    test_ok(file_sweep(&t->c, 0));
    assert_false(exists(&f));
    Error *e = file_delete(&t->c, id);
    assert_int_equal(e->status, 404);
}

static void content_that_comes_back_is_young_again(void **state) {
    (void)state;
    FileInfo f;
    int64_t id = stored("a.png");
    test_ok(file_load(&t->c, id, &f));
    test_ok(file_delete(&t->c, id));
    age(&f, 25);
    Error *e = db_tx(&t->c, store_and_fail, NULL); /* stored again, its transaction not yet there */
    assert_int_equal(e->status, 409);
    test_ok(file_sweep(&t->c, 0));
    assert_true(exists(&f));
}

static void leftovers_of_a_crash_are_swept(void **state) {
    (void)state;
    FileInfo f;
    test_ok(file_load(&t->c, stored("a.png"), &f));
    char *path = talloc_asprintf(t, "%s.0123456789abcdef.new", file_path(&t->c, f.sha256));
    close(open(path, O_CREAT | O_WRONLY, 0600));
    struct timespec times[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    test_ok(file_sweep(&t->c, 0));
    assert_int_equal(access(path, F_OK), -1);
    assert_true(exists(&f));
}

static void a_file_is_sent_in_place_and_inert(void **state) {
    (void)state;
    FileInfo f;
    test_ok(file_load(&t->c, stored("a.png"), &f));
    Req r = { .c = t->c, .response = { .fd = -1 } };
    test_ok(file_send(&r, &f));
    assert_int_equal(r.response.status, 200);
    assert_true(r.response.fd >= 0);
    assert_int_equal(r.response.size, f.size);
    close(r.response.fd);
    bool sandbox = false;
    for (const Header *h = r.response.headers; h; h = h->next) {
        sandbox |= !strcmp(h->name, "Content-Security-Policy") && strstr(h->value, "sandbox");
        assert_string_not_equal(h->name, "Content-Disposition");
    }
    assert_true(sandbox);
    unlink(file_path(&t->c, f.sha256));
    Error *e = file_send(&r, &f);
    assert_int_equal(e->status, 404);
}

#define WITH_DB(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        WITH_DB(a_picture_is_kept_under_its_hash),
        WITH_DB(the_same_picture_is_kept_once_and_listed_twice),
        WITH_DB(what_is_no_picture_or_too_large_is_refused_at_its_field),
        WITH_DB(nobody_stores_more_than_the_quota),
        WITH_DB(the_row_belongs_to_the_callers_transaction),
        WITH_DB(sweeping_removes_old_content_without_rows_only),
        WITH_DB(content_that_comes_back_is_young_again),
        WITH_DB(leftovers_of_a_crash_are_swept),
        WITH_DB(a_file_is_sent_in_place_and_inert),
    };
    return cmocka_run_group_tests_name("service/file", tests, NULL, NULL);
}

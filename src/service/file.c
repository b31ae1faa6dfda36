/* file.c - the file store. Bytes lie at aa/bb/<sha256>, written aside and renamed into place, so a name always has its whole content. */
#include "service/file.h"
#include "base/text.h"
#include "db/db.h"
#include "http/respond.h"
#include "service/access.h"
#include "service/image.h"
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

enum { NAME_LENGTH = 120, HASH_LENGTH = 64, KEEP_SECONDS = 24 * 3600 };

static char folder[3000]; /* set once at start */

/* ---- durable bytes ---- */

static Error *failed(Ctx *c, const char *what, const char *path) {
    int why = errno;
    Error *e = err_busy(c, N_("The file cannot be stored now. Tell your administrator if it happens again"));
    e->detail = talloc_asprintf(c->mem, "%s %s: %s", what, path, strerror(why));
    return e;
}

static Error *sync_folder(Ctx *c, const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    Error *e = ok ? NULL : failed(c, "fsync", path);
    if (fd >= 0) close(fd);
    return e;
}

static Error *make_folder(Ctx *c, const char *path, const char *parent) {
    if (mkdir(path, 0700) == 0) return sync_folder(c, parent);
    return errno == EEXIST ? NULL : failed(c, "mkdir", path);
}

Error *file_setup(Ctx *c, const char *path) {
    char *copy = talloc_strdup(c->mem, path);
    size_t n = strlen(copy);
    while (n > 1 && copy[n - 1] == '/') copy[--n] = 0;
    if (!n || n >= sizeof folder - 100)
        return err_invalid(c, N_("The folder for files must have a name that is not too long"));
    for (char *s = copy + 1; *s; s++) { /* parents too */
        if (*s != '/') continue;
        *s = 0;
        if (mkdir(copy, 0700) != 0 && errno != EEXIST) return failed(c, "mkdir", copy);
        *s = '/';
    }
    if (mkdir(copy, 0700) != 0 && errno != EEXIST) return failed(c, "mkdir", copy);
    if (access(copy, W_OK | X_OK) != 0) return failed(c, "access", copy);
    memcpy(folder, copy, n + 1);
    return NULL;
}

static const char *first_level(Ctx *c, const char *sha256) {
    return talloc_asprintf(c->mem, "%s/%.2s", folder, sha256);
}
static const char *second_level(Ctx *c, const char *sha256) {
    return talloc_asprintf(c->mem, "%s/%.2s/%.2s", folder, sha256, sha256 + 2);
}
const char *file_path(Ctx *c, const char *sha256) {
    assert(strlen(sha256) == HASH_LENGTH);
    return talloc_asprintf(c->mem, "%s/%.2s/%.2s/%s", folder, sha256, sha256 + 2, sha256);
}

static bool write_all(int fd, const uint8_t *p, size_t n) {
    while (n) {
        ssize_t did = write(fd, p, n);
        if (did < 0 && errno == EINTR) continue;
        if (did <= 0) return false;
        p += did, n -= (size_t)did;
    }
    return true;
}

static Error *write_aside(Ctx *c, const char *aside, const uint8_t *data, size_t n) {
    int fd = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return failed(c, "open", aside);
    bool ok = write_all(fd, data, n) && fsync(fd) == 0;
    Error *e = ok ? NULL : failed(c, "write", aside);
    if (close(fd) != 0 && !e) e = failed(c, "close", aside);
    return e;
}

/* True if the content is there already; it then counts as new, so that a sweep that is just running leaves it alone. */
static bool is_stored(const char *path, size_t n) {
    struct stat st;
    return stat(path, &st) == 0 && (size_t)st.st_size == n && utimensat(AT_FDCWD, path, NULL, 0) == 0;
}

Error *file_keep(Ctx *c, const char *sha256, const uint8_t *data, size_t n) {
    const char *path = file_path(c, sha256), *parent = second_level(c, sha256);
    if (is_stored(path, n)) return NULL;
    TRY(make_folder(c, first_level(c, sha256), folder));
    TRY(make_folder(c, parent, first_level(c, sha256)));
    uint64_t random = 0;
    RAND_bytes((unsigned char *)&random, sizeof random);
    const char *aside = talloc_asprintf(c->mem, "%s.%016" PRIx64 ".new", path, random);
    Error *e = write_aside(c, aside, data, n);
    if (!e && rename(aside, path) != 0) e = failed(c, "rename", path);
    if (e) unlink(aside);
    return e ? e : sync_folder(c, parent);
}

/* ---- rows ---- */

/* The last part of the name as the browser gave it; never used as a path. */
static const char *clean_name(Ctx *c, const char *given, const char *type) {
    const char *s = given ? given : "", *slash = strrchr(s, '/'), *back = strrchr(s, '\\');
    if (slash) s = slash + 1;
    if (back && back >= s) s = back + 1;
    char *name = text_clean(c->mem, s);
    for (char *p = name; *p; p++)
        if (*p == '\n' || *p == '\t' || *p == '"') *p = ' ';
    if (!*name) return !strcmp(type, "image/png") ? "image.png" : !strcmp(type, "image/jpeg") ? "image.jpg" : "data";
    return text_cut(c->mem, name, NAME_LENGTH);
}

typedef struct NewFile {
    const char *sha256, *name, *type, *object;
    int64_t size, object_id, id;
} NewFile;

static Error *insert(Ctx *c, void *arg) {
    NewFile *f = arg;
    int64_t used = 0, owner = c->actor->account_id;
    TRY(db_get_int(c, &used, "SELECT sum(size) FROM file WHERE owner_id = $1", V(owner)));
    if (used + f->size > FILE_QUOTA_PERSON)
        return err_too_large(c, N_("Your files take up all the room you have. Delete some of them first"));
    return db_get_int(c, &f->id,
                      "INSERT INTO file(sha256, name, type, size, owner_id, object, object_id, created_at)"
                      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
                      V(f->sha256), V(f->name), V(f->type), V(f->size), V(owner), V(f->object), V(f->object_id),
                      V(c->now));
}

Error *file_store_made(Ctx *c, const void *data, size_t size, const char *name, const char *type, const char *object,
                       int64_t object_id, int64_t *ret_id) {
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256(data, size, digest);
    NewFile f = {
        .sha256 = text_hex(c->mem, digest, sizeof digest),
        .name = name,
        .type = type,
        .object = object,
        .size = (int64_t)size,
        .object_id = object_id,
    };
    TRY(file_keep(c, f.sha256, data, size));
    TRY(db_tx(c, insert, &f));
    *ret_id = f.id;
    return NULL;
}

Error *file_store_image(Ctx *c, const Upload *upload, const char *field, const char *object, int64_t object_id,
                        int64_t *ret_id) {
    Image image;
    if (upload->size > FILE_MAX_IMAGE) {
        Error *e = err_field(c, field, N_("The picture is larger than 5 MB. Choose a smaller one"));
        e->status = 413;
        e->code = "too_large";
        return e;
    }
    if (!image_clean(c->mem, upload->data, upload->size, &image))
        return err_field(c, field, N_("Please choose a JPEG or PNG picture"));
    return file_store_made(c, image.data, image.size, clean_name(c, upload->filename, image.type), image.type, object, object_id, ret_id);
}

Error *file_add(Ctx *c, FileInfo *f) {
    f->name = clean_name(c, f->name, f->type);
    return db_get_int(c, &f->id,
                      "INSERT INTO file(sha256, name, type, size, owner_id, object, object_id, created_at)"
                      " VALUES ($1, $2, $3, $4, 0, $5, $6, $7) RETURNING id",
                      V(f->sha256), V(f->name), V(f->type), V(f->size), V(f->object), V(f->object_id), V(c->now));
}

Error *file_load(Ctx *c, int64_t id, FileInfo *ret) {
    Rows *rows;
    TRY(db_one(c, &rows, "SELECT id, size, object_id, owner_id, sha256, name, type, object FROM file WHERE id = $1",
               V(id)));
    if (!rows) return err_not_found(c, N_("There is no such file"));
    *ret = (FileInfo){
        .id = row_int(rows, 0),
        .size = row_int(rows, 1),
        .object_id = row_int(rows, 2),
        .owner_id = row_int(rows, 3),
        .sha256 = row_dup(rows, 4),
        .name = row_dup(rows, 5),
        .type = row_dup(rows, 6),
        .object = row_dup(rows, 7),
    };
    return rows_done(rows);
}

Error *file_list(Ctx *c, const char *object, int64_t object_id, Value *ret_list) {
    Rows *rows;
    *ret_list = value_array(c->mem);
    TRY(db_query(c, &rows, "SELECT id, name, size FROM file WHERE object = $1 AND object_id = $2 ORDER BY id",
                 V(object), V(object_id)));
    while (rows_next(rows)) {
        Value o = value_object(c->mem);
        value_set_int(o, "id", row_int(rows, 0));
        value_set_text(o, "name", row_dup(rows, 1));
        value_set_int(o, "size", row_int(rows, 2));
        value_set_text(o, "href", talloc_asprintf(c->mem, "/files/%" PRId64, row_int(rows, 0)));
        value_push(*ret_list, o);
    }
    return rows_done(rows);
}

static Error *delete_row(Ctx *c, void *arg) {
    int64_t n = 0;
    TRY(db_exec_n(c, &n, "DELETE FROM file WHERE id = $1", V(*(const int64_t *)arg)));
    return n ? NULL : err_not_found(c, N_("There is no such file"));
}

Error *file_delete(Ctx *c, int64_t id) {
    return db_tx(c, delete_row, &id);
}

Error *file_send(Req *r, const FileInfo *file) {
    bool image = !strcmp(file->type, "image/jpeg") || !strcmp(file->type, "image/png");
    TRY(respond_file(r, file_path(&r->c, file->sha256), file->type, image ? NULL : file->name));
    respond_header(r, "Content-Security-Policy", "default-src 'none'; sandbox");
    respond_header(r, "Cache-Control", "private, max-age=3600");
    return NULL;
}

/* ---- sweeping ---- */

static bool is_old(const char *path, Instant now) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_mtime < now / 1000000 - KEEP_SECONDS;
}

/* Moved aside first: if somebody stored the same content after we looked, its time is new and it goes back. */
static void remove_unused(Ctx *c, const char *path) {
    const char *aside = talloc_asprintf(c->mem, "%s.gone", path);
    if (rename(path, aside) != 0) return;
    if (is_old(aside, c->now))
        unlink(aside);
    else if (rename(aside, path) != 0)
        unlink(aside);
}

static Error *sweep_one(Ctx *c, const char *parent, const char *name) {
    const char *path = talloc_asprintf(c->mem, "%s/%s", parent, name);
    int64_t used = 0;
    if (!is_old(path, c->now)) return NULL;
    if (strlen(name) != HASH_LENGTH) { /* left behind by a crash while writing */
        unlink(path);
        return NULL;
    }
    TRY(db_get_int(c, &used, "SELECT 1 FROM file WHERE sha256 = $1 LIMIT 1", V(name)));
    if (!used) remove_unused(c, path);
    return NULL;
}

/* Calls itself for the two levels of folders; depth 2 holds the files. */
static Error *sweep_folder(Ctx *c, const char *path, int depth) {
    DIR *dir = opendir(path);
    Error *e = NULL;
    if (!dir) return NULL;
    for (struct dirent *entry; !e && (entry = readdir(dir));) {
        if (entry->d_name[0] == '.') continue;
        Ctx *turn = ctx_child(c);
        if (depth < 2)
            e = strlen(entry->d_name) == 2
                    ? sweep_folder(turn, talloc_asprintf(turn->mem, "%s/%s", path, entry->d_name), depth + 1)
                    : NULL;
        else
            e = sweep_one(turn, path, entry->d_name);
        e = err_copy(c->mem, e);
        ctx_done(turn);
    }
    closedir(dir);
    return e;
}

Error *file_sweep(Ctx *c, int64_t arg) {
    (void)arg;
    return *folder ? sweep_folder(c, folder, 0) : NULL;
}

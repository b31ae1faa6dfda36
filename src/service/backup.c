/* backup.c - writes a backup: one snapshot of the database, streamed into a zip.
 *
 *     xiaoguan.json          the manifest, first: {"format": 1, "schema": newest migration, "made_at": "...", "engine": "...", "files": n,
 *                            "tables": [{"name": "account", "columns": ["id", ...], "kinds": "itt...", "rows": n}, ...]}
 *     tables/<name>.jsonl    a row a line, a JSON array in the order of columns: see db/dump.h
 *     files/<sha256>         the file store
 *
 * libzip asks for the content of the entries one by one while the archive is closed, so no table is ever in memory. */
#include "service/backup.h"
#include "base/date.h"
#include "service/audit.h"
#include "service/backup_private.h"
#include "service/file.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>
#include <zip.h>

enum { PAGE_BYTES = 200 << 20, MANIFEST_BYTES = 4 << 20, LEVEL = 3 };

static const char *const skipped[] = { "session", NULL }; /* who has the file must not be logged in by it */

typedef struct Backup {
    Ctx *c;
    const char *part;
    zip_t *zip;
    DumpTable *tables;
    size_t count;
    int64_t rows, files, missing;
    Error *error; /* what a source met while libzip was asking it */
} Backup;

/* One table as libzip reads it. */
typedef struct TableSource {
    Backup *b;
    const DumpTable *t;
    Ctx *c; /* while open */
    Dump *dump;
    Text *page;
    size_t at;
    int64_t rows;
    zip_error_t error;
} TableSource;

static Error *cannot_write(Ctx *c, const char *path, const char *why) {
    Error *e = err_busy(c, N_("The backup cannot be written to {1}: {2}"), path, talloc_strdup(c->mem, why));
    e->retry_after = 0;
    return e;
}

/* ---- a table as a source ---- */

static Error *begin_table(TableSource *s) {
    s->c = ctx_child(s->b->c);
    s->page = text_new(s->c->mem, PAGE_BYTES);
    s->at = 0;
    s->rows = 0;
    return dump_open(s->c, s->t, &s->dump);
}

/* Fills the page if it is used up; an empty one is the end. */
static Error *next_page(TableSource *s) {
    if (s->at < s->page->len) return NULL;
    s->at = 0;
    TRY(dump_next(s->dump, s->page));
    for (const char *p = s->page->data; (p = strchr(p, '\n')); p++) s->rows++;
    if (!s->page->len && s->rows != s->t->rows)
        return err_internal(s->c, "table %s: %" PRId64 " rows read of %" PRId64, s->t->name, s->rows, s->t->rows);
    return NULL;
}

static zip_int64_t failed(TableSource *s, Error *e) {
    if (!s->b->error) s->b->error = err_copy(s->b->c->mem, e);
    zip_error_set(&s->error, ZIP_ER_READ, 0);
    return -1;
}

static zip_int64_t read_table(TableSource *s, char *to, zip_uint64_t room) {
    Error *e = next_page(s);
    if (e) return failed(s, e);
    size_t n = s->page->len - s->at;
    if (n > room) n = room;
    memcpy(to, s->page->data + s->at, n);
    s->at += n;
    return (zip_int64_t)n;
}

static zip_int64_t stat_table(TableSource *s, zip_stat_t *st) {
    zip_stat_init(st);
    st->mtime = (time_t)(s->b->c->now / 1000000);
    st->valid |= ZIP_STAT_MTIME;
    return sizeof *st;
}

static zip_int64_t table_source(void *arg, void *data, zip_uint64_t n, zip_source_cmd_t command) {
    TableSource *s = arg;
    Error *e;
    switch (command) {
    case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT,
                                              ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, -1);
    case ZIP_SOURCE_OPEN: return (e = begin_table(s)) ? failed(s, e) : 0;
    case ZIP_SOURCE_READ: return read_table(s, data, n);
    case ZIP_SOURCE_CLOSE:
        ctx_done(s->c);
        s->c = NULL;
        return 0;
    case ZIP_SOURCE_STAT: return stat_table(s, data);
    case ZIP_SOURCE_ERROR: return zip_error_to_data(&s->error, data, n);
    case ZIP_SOURCE_FREE: return 0;
    default: zip_error_set(&s->error, ZIP_ER_OPNOTSUPP, 0); return -1;
    }
}

/* ---- the list of entries ---- */

static Error *add_entry(Backup *b, const char *name, zip_source_t *source, int method) {
    zip_int64_t i = source ? zip_file_add(b->zip, name, source, ZIP_FL_ENC_UTF_8) : -1;
    if (i < 0) {
        if (source) zip_source_free(source);
        return cannot_write(b->c, name, zip_strerror(b->zip));
    }
    if (zip_set_file_compression(b->zip, (zip_uint64_t)i, method, LEVEL) != 0)
        return cannot_write(b->c, name, zip_strerror(b->zip));
    return NULL;
}

static void add_manifest_table(Text *m, const DumpTable *t) {
    text_add(m, "{\"name\":");
    text_add_json(m, t->name, strlen(t->name));
    text_add(m, ",\"columns\":[");
    for (size_t i = 0; i < t->columns; i++) {
        if (i) text_add_char(m, ',');
        text_add_json(m, t->column[i], strlen(t->column[i]));
    }
    text_addf(m, "],\"kinds\":\"%s\",\"rows\":%" PRId64 "}", t->kinds, t->rows);
}

static Error *add_manifest(Backup *b) {
    Ctx *c = b->c;
    char at[INSTANT_TEXT];
    const char *schema;
    Text *m = text_new(c->mem, MANIFEST_BYTES);
    TRY(dump_schema(c, &schema));
    TRY(db_get_int(c, &b->files, "SELECT count(DISTINCT sha256) FROM file"));
    text_addf(m, "{\"format\":%d,\"schema\":", BACKUP_FORMAT);
    text_add_json(m, schema, strlen(schema));
    text_addf(m, ",\"made_at\":\"%s\",\"engine\":\"%s\",\"tables\":[", instant_text(c->now, at),
              db_engine(c->db) == DB_SQLITE ? "sqlite" : "postgresql");
    for (size_t i = 0; i < b->count; i++) {
        text_add(m, i ? ",\n" : "\n");
        add_manifest_table(m, &b->tables[i]);
        b->rows += b->tables[i].rows;
    }
    text_add(m, "\n]}\n");
    return add_entry(b, BACKUP_MANIFEST, zip_source_buffer(b->zip, m->data, m->len, 0), ZIP_CM_DEFLATE);
}

static Error *add_table(Backup *b, const DumpTable *t) {
    TableSource *s = talloc_zero(b->c->mem, TableSource);
    *s = (TableSource){ .b = b, .t = t };
    zip_error_init(&s->error);
    const char *name = talloc_asprintf(b->c->mem, "tables/%s.jsonl", t->name);
    return add_entry(b, name, zip_source_function(b->zip, table_source, s), ZIP_CM_DEFLATE);
}

/* Pictures do not shrink, so they are stored. One that is gone from the disk does not keep the rest from being saved. */
static Error *add_files(Backup *b, Text *out) {
    Ctx *c = b->c;
    Rows *rows;
    TRY(db_query(c, &rows, "SELECT DISTINCT sha256 FROM file ORDER BY sha256"));
    while (rows_next(rows)) {
        const char *sha256 = row_dup(rows, 0), *path = file_path(c, sha256);
        if (access(path, R_OK) != 0) {
            text_addf(out, "missing from the file store: %s\n", path);
            b->missing++;
            continue;
        }
        TRY(add_entry(b, talloc_asprintf(c->mem, "files/%s", sha256), zip_source_file(b->zip, path, 0, -1),
                      ZIP_CM_STORE));
    }
    return rows_done(rows);
}

static Error *fill(Backup *b, Text *out) {
    TRY(dump_tables(b->c, skipped, &b->tables, &b->count));
    TRY(add_manifest(b));
    for (size_t i = 0; i < b->count; i++) TRY(add_table(b, &b->tables[i]));
    TRY(add_files(b, out));
    if (zip_close(b->zip) != 0) return b->error ? b->error : cannot_write(b->c, b->part, zip_strerror(b->zip));
    b->zip = NULL;
    return NULL;
}

/* ---- the file ---- */

static Error *sync_path(Ctx *c, const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    Error *e = fd >= 0 && fsync(fd) == 0 ? NULL : cannot_write(c, path, strerror(errno));
    if (fd >= 0) close(fd);
    return e;
}

static const char *folder_of(Ctx *c, const char *path) {
    const char *slash = strrchr(path, '/');
    return !slash ? "." : slash == path ? "/" : talloc_strndup(c->mem, path, (size_t)(slash - path));
}

typedef struct Writing {
    Backup b;
    Text *out;
} Writing;

static Error *write_snapshot(Ctx *c, void *arg) {
    Writing *w = arg;
    int why = 0;
    w->b.c = c;
    w->b.zip = zip_open(w->b.part, ZIP_CREATE | ZIP_TRUNCATE, &why);
    if (!w->b.zip) return cannot_write(c, w->b.part, strerror(errno));
    Error *e = fill(&w->b, w->out);
    if (w->b.zip) zip_discard(w->b.zip);
    return e;
}

/* Written aside, made durable and read back before it gets its name; renameat2 refuses a name that is taken meanwhile. */
static Error *write_part(Ctx *c, const char *path, Writing *w) {
    Archive *a;
    TRY(db_snapshot(c, write_snapshot, w));
    TRY(sync_path(c, w->b.part));
    TRY(archive_open(c, w->b.part, &a));
    TRY(archive_check(c, a));
    if (archive_rows(a) != w->b.rows)
        return err_internal(c, "%" PRId64 " rows written, %" PRId64 " read back", w->b.rows, archive_rows(a));
    if (renameat2(AT_FDCWD, w->b.part, AT_FDCWD, path, RENAME_NOREPLACE) != 0)
        return cannot_write(c, path, strerror(errno));
    return sync_path(c, folder_of(c, path));
}

Error *backup_write(Ctx *c, const char *path, Text *out) {
    char *part = talloc_asprintf(c->mem, "%s.XXXXXX", path);
    if (access(path, F_OK) == 0) return err_conflict(c, N_("There is already a file {1}. Choose another name"), path);
    int fd = mkstemp(part); /* for the owner's eyes alone, which libzip keeps when it replaces it */
    if (fd < 0) return cannot_write(c, path, strerror(errno));
    close(fd);
    Writing w = { .b = { .part = part }, .out = out };
    Error *e = write_part(c, path, &w);
    if (e) {
        unlink(part);
        return e;
    }
    text_addf(out, "%" PRId64 " rows of %zu tables and %" PRId64 " files written to %s and read back\n", w.b.rows,
              w.b.count, w.b.files - w.b.missing, path);
    return audit_event(c, "backup", "backup", 0, talloc_asprintf(c->mem, "{\"rows\":[null,%" PRId64 "]}", w.b.rows));
}

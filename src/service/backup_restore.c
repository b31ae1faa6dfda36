/* backup_restore.c - reads a backup: proves it, and fills an empty database from it. */
#include "base/date.h"
#include "service/cached.h"
#include "service/backup_private.h"
#include "service/file.h"
#include <inttypes.h>
#include <jansson.h>
#include <openssl/sha.h>
#include <string.h>
#include <talloc.h>
#include <zip.h>

enum { CHUNK = 64 * 1024, MAX_TABLES = 1000, MAX_COLUMNS = 64, MANIFEST_MAX = 4 << 20 };

struct Archive {
    zip_t *zip;
    const char *schema, *made_at;
    DumpTable *tables;
    size_t count;
    int64_t rows, files, odd_files; /* odd: content that does not fit its name */
};

static Error *damaged(Ctx *c, const char *detail) {
    Error *e = err_invalid(c, N_("This file is no backup of Xiaoguan, or it is damaged or not complete"));
    e->detail = talloc_strdup(c->mem, detail);
    return e;
}

static int archive_close(Archive *a) {
    if (a->zip) zip_discard(a->zip);
    return 0;
}

/* ---- the manifest ---- */

static Error *read_columns(Ctx *c, const json_t *columns, DumpTable *t) {
    size_t n = json_array_size(columns);
    if (!n || n > MAX_COLUMNS || n != strlen(t->kinds) || strspn(t->kinds, "irtb") != n) return damaged(c, "columns");
    t->column = talloc_zero_array(c->mem, const char *, (unsigned)n);
    for (t->columns = 0; t->columns < n; t->columns++) {
        const char *name = json_string_value(json_array_get(columns, t->columns));
        if (!name) return damaged(c, "column");
        t->column[t->columns] = talloc_strdup(c->mem, name);
    }
    return NULL;
}

static Error *read_table_entry(Ctx *c, const json_t *o, DumpTable *t) {
    const char *name = json_string_value(json_object_get(o, "name")),
               *kinds = json_string_value(json_object_get(o, "kinds"));
    const json_t *rows = json_object_get(o, "rows");
    if (!name || !kinds || !json_is_integer(rows) || json_integer_value(rows) < 0) return damaged(c, "table");
    *t = (DumpTable){ .name = talloc_strdup(c->mem, name),
                      .kinds = talloc_strdup(c->mem, kinds),
                      .rows = json_integer_value(rows) };
    return read_columns(c, json_object_get(o, "columns"), t);
}

static Error *read_manifest(Ctx *c, const json_t *root, Archive *a) {
    const char *schema = json_string_value(json_object_get(root, "schema")),
               *made_at = json_string_value(json_object_get(root, "made_at"));
    const json_t *format = json_object_get(root, "format"), *tables = json_object_get(root, "tables");
    if (!json_is_integer(format) || !schema || !made_at || !json_is_array(tables)) return damaged(c, "manifest");
    if (json_integer_value(format) > BACKUP_FORMAT)
        return err_invalid(c, N_("The backup was made by a newer version ({1}). Install that version"),
                           talloc_strdup(c->mem, schema));
    size_t n = json_array_size(tables);
    if (n > MAX_TABLES) return damaged(c, "tables");
    a->schema = talloc_strdup(c->mem, schema);
    a->made_at = talloc_strdup(c->mem, made_at);
    a->tables = talloc_zero_array(c->mem, DumpTable, (unsigned)n + 1);
    for (; a->count < n; a->count++) TRY(read_table_entry(c, json_array_get(tables, a->count), &a->tables[a->count]));
    return NULL;
}

/* ---- entries ---- */

/* A whole small entry; its last byte is followed by NUL. */
static Error *read_whole(Ctx *c, Archive *a, zip_uint64_t index, size_t max, char **ret, size_t *ret_len) {
    zip_stat_t st;
    if (zip_stat_index(a->zip, index, 0, &st) != 0 || !(st.valid & ZIP_STAT_SIZE) || st.size > max)
        return damaged(c, "entry too large");
    char *data = talloc_size(c->mem, st.size + 1), beyond;
    zip_file_t *f = zip_fopen_index(a->zip, index, 0);
    if (!f) return damaged(c, zip_strerror(a->zip));
    zip_int64_t n = zip_fread(f, data, st.size);
    bool whole =
        n == (zip_int64_t)st.size && zip_fread(f, &beyond, 1) == 0; /* the checksum is looked at when the end is met */
    zip_fclose(f);
    if (!whole) return damaged(c, "checksum");
    data[n] = 0;
    *ret = data, *ret_len = (size_t)n;
    return NULL;
}

typedef Error *(*LineFn)(Ctx *c, void *arg, const char *line, size_t n);

static Error *give_lines(Ctx *c, Text *t, LineFn fn, void *arg, int64_t *count) {
    size_t from = 0;
    for (char *end; (end = memchr(t->data + from, '\n', t->len - from)); from = (size_t)(end - t->data) + 1) {
        TRY(fn(c, arg, t->data + from, (size_t)(end - (t->data + from))));
        ++*count;
    }
    memmove(t->data, t->data + from, t->len - from + 1);
    t->len -= from;
    return t->overflow ? damaged(c, "line too long") : NULL;
}

static Error *read_lines(Ctx *c, zip_file_t *f, const DumpTable *t, LineFn fn, void *arg) {
    Text *pending = text_new(c->mem, BACKUP_LINE);
    char *chunk = talloc_size(c->mem, CHUNK);
    int64_t count = 0;
    zip_int64_t n;
    while ((n = zip_fread(f, chunk, CHUNK)) > 0) {
        text_add_n(pending, chunk, (size_t)n);
        if (pending->overflow || memchr(chunk, '\n', (size_t)n)) TRY(give_lines(c, pending, fn, arg, &count));
    }
    if (n < 0) return damaged(c, zip_file_strerror(f));
    return count == t->rows && !pending->len
               ? NULL
               : damaged(c, talloc_asprintf(c->mem, "table %s has %" PRId64 " rows", t->name, count));
}

static Error *each_row(Ctx *c, Archive *a, const DumpTable *t, LineFn fn, void *arg) {
    Ctx *turn = ctx_child(c);
    zip_file_t *f = zip_fopen(a->zip, talloc_asprintf(turn->mem, "tables/%s.jsonl", t->name), 0);
    Error *e = f ? err_copy(c->mem, read_lines(turn, f, t, fn, arg)) : damaged(c, t->name);
    if (f) zip_fclose(f);
    ctx_done(turn);
    return e;
}

typedef Error *(*FileFn)(Ctx *c, Archive *a, const char *sha256, const uint8_t *data, size_t n);

static bool fits_name(Ctx *c, const char *sha256, const char *data, size_t n) {
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256((const uint8_t *)data, n, digest);
    return !strcmp(text_hex(c->mem, digest, sizeof digest), sha256);
}

static Error *each_file(Ctx *c, Archive *a, FileFn fn) {
    a->files = a->odd_files = 0;
    zip_uint64_t entries = (zip_uint64_t)zip_get_num_entries(a->zip, 0);
    for (zip_uint64_t i = 0; i < entries; i++) {
        const char *name = zip_get_name(a->zip, i, 0);
        if (!name || !text_starts(name, "files/")) continue;
        Ctx *turn = ctx_child(c);
        char *data;
        size_t n;
        Error *e = err_copy(c->mem, read_whole(turn, a, i, BACKUP_FILE, &data, &n));
        bool fits = !e && fits_name(turn, name + 6, data, n);
        if (!e && fits && fn) e = err_copy(c->mem, fn(turn, a, name + 6, (uint8_t *)data, n));
        ctx_done(turn);
        if (e) return e;
        fits ? a->files++ : a->odd_files++;
    }
    return NULL;
}

/* ---- opening and proving ---- */

Error *archive_open(Ctx *c, const char *path, Archive **ret_archive) {
    Archive *a = talloc_zero(c->mem, Archive);
    int why = 0;
    char *text;
    size_t n;
    json_error_t at;
    a->zip = zip_open(path, ZIP_RDONLY, &why);
    talloc_set_destructor(a, archive_close);
    if (!a->zip && why == ZIP_ER_NOENT) return err_not_found(c, N_("There is no file {1}"), path);
    if (!a->zip) return damaged(c, "no archive");
    zip_int64_t i = zip_name_locate(a->zip, BACKUP_MANIFEST, 0);
    if (i < 0) return damaged(c, "no manifest");
    TRY(read_whole(c, a, (zip_uint64_t)i, MANIFEST_MAX, &text, &n));
    json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &at);
    Error *e = root ? read_manifest(c, root, a) : damaged(c, at.text);
    json_decref(root);
    *ret_archive = a;
    return e;
}

static Error *check_line(Ctx *c, void *arg, const char *line, size_t n) {
    return load_check_row(c, arg, line, n);
}

Error *archive_check(Ctx *c, Archive *a) {
    a->rows = 0;
    for (size_t i = 0; i < a->count; i++) {
        TRY(each_row(c, a, &a->tables[i], check_line, &a->tables[i]));
        a->rows += a->tables[i].rows;
    }
    return each_file(c, a, NULL);
}

int64_t archive_rows(const Archive *a) {
    return a->rows;
}

/* ---- restoring ---- */

static Error *refuse_filled(Ctx *c) {
    int64_t n = 0;
    TRY(db_get_int(c, &n, "SELECT (SELECT count(*) FROM account) + (SELECT count(*) FROM employee)"));
    return n ? err_conflict(c, N_("The database is not empty. A backup is restored into a new one")) : NULL;
}

static Error *refuse_newer(Ctx *c, const Archive *a) {
    const char *ours;
    TRY(dump_schema(c, &ours));
    if (strcmp(a->schema, ours) > 0)
        return err_invalid(c, N_("The backup was made by a newer version ({1}). Install that version"), a->schema);
    return NULL;
}

static Error *insert_line(Ctx *c, void *arg, const char *line, size_t n) {
    (void)c;
    return load_row(arg, line, n);
}

static Error *load_all(Ctx *c, void *arg) {
    Archive *a = arg;
    Load *l;
    TRY(refuse_filled(c)); /* again: now nobody can come between */
    TRY(load_begin(c, a->schema, &l));
    for (size_t i = 0; i < a->count; i++) {
        TRY(load_table(l, &a->tables[i]));
        TRY(each_row(c, a, &a->tables[i], insert_line, l));
    }
    TRY(load_end(l));
    cached_forget_all(c); /* a running server has seen the empty database */
    return NULL;
}

static Error *keep_file(Ctx *c, Archive *a, const char *sha256, const uint8_t *data, size_t n) {
    (void)a;
    return file_keep(c, sha256, data, n);
}

Error *backup_restore(Ctx *c, const char *path, Text *out) {
    Archive *a;
    TRY(refuse_filled(c));
    TRY(archive_open(c, path, &a));
    TRY(refuse_newer(c, a));
    TRY(archive_check(c, a));
    TRY(each_file(c, a, keep_file)); /* before the rows that name them; left over, they are swept after a day */
    Error *e = db_tx(c, load_all, a);
    if (e) return e->status == 409 && strcmp(e->code, "conflict") == 0 && e->fields ? damaged(c, e->detail) : e;
    text_addf(out, "%" PRId64 " rows of %zu tables and %" PRId64 " files restored; the backup was made at %s\n",
              a->rows, a->count, a->files, a->made_at);
    if (a->odd_files)
        text_addf(out, "%" PRId64 " files were left out: their content had been changed before the backup\n",
                  a->odd_files);
    return NULL;
}

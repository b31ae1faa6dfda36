/* dump.c - tables out: the catalogue, and rows as lines. */
#include "db/dump.h"
#include "db/dump_private.h"
#include <inttypes.h>
#include <string.h>
#include <talloc.h>

enum { PAGE_ROWS = 1000, PAGE_ROWS_BLOB = 1, MAX_TABLES = 1000, MAX_COLUMNS = 64 };

/* ---- the catalogue ---- */

/* The one place where the engines' words for types come back as ours. */
static char kind_of(const char *type) {
    static const struct {
        const char *type;
        char kind;
    } kinds[] = { { "INTEGER", 'i' }, { "bigint", 'i' }, { "REAL", 'r' }, { "double precision", 'r' },
                  { "TEXT", 't' },    { "text", 't' },   { "BLOB", 'b' }, { "bytea", 'b' } };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(type, kinds[i].type)) return kinds[i].kind;
    return 0;
}

static Error *query_columns(Ctx *c, Rows **ret_rows) {
    if (c->db->engine == DB_SQLITE)
        return db_query(
            c, ret_rows,
            "SELECT t.name, p.name, p.type FROM sqlite_schema t, pragma_table_info(t.name) p"
            " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND t.name <> 'schema_migration'"
            " ORDER BY t.name, p.cid");
    return db_query(
        c, ret_rows,
        "SELECT k.table_name COLLATE \"C\", k.column_name::text, k.data_type::text FROM information_schema.columns k"
        " JOIN information_schema.tables t ON t.table_schema = k.table_schema AND t.table_name = k.table_name"
        " WHERE k.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND k.table_name <> "
        "'schema_migration'"
        " ORDER BY 1, k.ordinal_position");
}

/* A name that may stand in quotes in a statement. Ours are lower case and digits; a foreign table in our schema may be anything. */
static bool is_plain(const char *name) {
    return *name && strlen(name) < 64 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == strlen(name);
}

static Error *read_columns(Ctx *c, Rows *rows, DumpTable **ret_tables, size_t *ret_count) {
    DumpTable *tables = talloc_zero_array(c->mem, DumpTable, MAX_TABLES), *t = NULL;
    size_t count = 0;
    while (rows_next(rows)) {
        if (!t || strcmp(t->name, row_text(rows, 0)) != 0) {
            if (count == MAX_TABLES) return err_internal(c, "more than %d tables", MAX_TABLES);
            t = &tables[count++];
            t->name = row_dup(rows, 0);
            t->column = talloc_zero_array(tables, const char *, MAX_COLUMNS);
            t->kinds = talloc_zero_array(tables, char, MAX_COLUMNS + 1);
        }
        const char *column = row_dup(rows, 1), *type = row_text(rows, 2);
        char kind = kind_of(type);
        if (!kind || t->columns == MAX_COLUMNS || !is_plain(t->name) || !is_plain(column))
            return err_internal(c, "table %s: column %s of type %s cannot be copied", t->name, column, type);
        t->kinds[t->columns] = kind;
        t->column[t->columns++] = column;
    }
    *ret_tables = tables, *ret_count = count;
    return NULL;
}

Error *dump_catalogue(Ctx *c, DumpTable **ret_tables, size_t *ret_count) {
    Rows *rows;
    TRY(query_columns(c, &rows));
    Error *e = read_columns(c, rows, ret_tables, ret_count), *ended = rows_done(rows);
    return e ? e : ended;
}

static bool is_skipped(const char *const *skip, const char *name) {
    for (; skip && *skip; skip++)
        if (!strcmp(*skip, name)) return true;
    return false;
}

Error *dump_tables(Ctx *c, const char *const *skip, DumpTable **ret_tables, size_t *ret_count) {
    size_t all, kept = 0;
    TRY(dump_catalogue(c, ret_tables, &all));
    for (size_t i = 0; i < all; i++) {
        DumpTable *t = &(*ret_tables)[kept];
        if (is_skipped(skip, (*ret_tables)[i].name)) continue;
        const char *sql;
        *t = (*ret_tables)[i];
        TRY(db_intern(c, talloc_asprintf(c->mem, "SELECT count(*) FROM \"%s\"", t->name), &sql));
        TRY(db_get_int_(c, &t->rows, sql, NULL, 0));
        kept++;
    }
    *ret_count = kept;
    return NULL;
}

Error *dump_schema(Ctx *c, const char **ret_name) {
    *ret_name = "";
    return db_get_text(c, ret_name, "SELECT max(name) FROM schema_migration");
}

const char *dump_column_list(void *mem, const DumpTable *t) {
    Text *s = text_new(mem, 16 * 1024);
    for (size_t i = 0; i < t->columns; i++) text_addf(s, "%s\"%s\"", i ? ", " : "", t->column[i]);
    return s->data;
}

/* ---- rows ---- */

/* PostgreSQL answers with all rows at once, so tables with an id are read in pages; the few without one are small. */
struct Dump {
    Ctx *c, *page; /* page: arena of the open cursor */
    const DumpTable *t;
    const char *sql;
    Rows *rows;
    int key; /* column of the id; -1: the whole table in one cursor */
    int64_t last_id, limit, in_page;
    bool ended;
};

static int key_column(const DumpTable *t) {
    for (size_t i = 0; i < t->columns; i++)
        if (!strcmp(t->column[i], "id") && t->kinds[i] == 'i') return (int)i;
    return -1;
}

/* Every column, so that the order does not depend on how rows lie in the file. */
static const char *order_by_all(void *mem, const DumpTable *t) {
    Text *s = text_new(mem, 1024);
    for (size_t i = 0; i < t->columns; i++) text_addf(s, "%s%zu", i ? ", " : "", i + 1);
    return s->data;
}

Error *dump_open(Ctx *c, const DumpTable *t, Dump **ret_dump) {
    Dump *d = talloc_zero(c->mem, Dump);
    *d = (Dump){ .c = c,
                 .t = t,
                 .key = key_column(t),
                 .last_id = INT64_MIN,
                 .limit = strchr(t->kinds, 'b') ? PAGE_ROWS_BLOB : PAGE_ROWS };
    const char *columns = dump_column_list(d, t), *sql;
    if (d->key >= 0)
        sql = talloc_asprintf(d, "SELECT %s FROM \"%s\" WHERE id > $1 ORDER BY id LIMIT $2", columns, t->name);
    else
        sql = talloc_asprintf(d, "SELECT %s FROM \"%s\" ORDER BY %s", columns, t->name, order_by_all(d, t));
    *ret_dump = d;
    return db_intern(c, sql, &d->sql);
}

static void add_value(Text *out, const Rows *rows, int col, char kind, void *mem) {
    size_t n;
    if (row_is_null(rows, col)) {
        text_add(out, "null");
    } else if (kind == 'i') {
        text_add_int(out, row_int(rows, col));
    } else if (kind == 'r') {
        text_addf(out, "\"%.17g\"", row_real(rows, col));
    } else if (kind == 't') {
        const char *s = row_text(rows, col);
        text_add_json(out, s, strlen(s));
    } else {
        const void *p = row_blob(rows, col, &n);
        char *coded = text_base64url(mem, p ? p : "", n);
        text_addf(out, "\"%s\"", coded);
        talloc_free(coded);
    }
}

static Error *open_page(Dump *d) {
    Param params[] = { param_int(d->last_id), param_int(d->limit) };
    d->page = ctx_child(d->c);
    d->in_page = 0;
    return db_query_(d->page, &d->rows, d->sql, params, d->key < 0 ? 0 : 2);
}

static Error *close_page(Dump *d) {
    Error *e = err_copy(d->c->mem, rows_done(d->rows));
    d->rows = NULL;
    ctx_done(d->page);
    d->ended = d->key < 0 || d->in_page < d->limit;
    return e;
}

Error *dump_next(Dump *d, Text *out) {
    out->len = 0;
    out->data[0] = 0;
    for (int64_t n = 0; n < d->limit && !d->ended;) {
        if (!d->rows) TRY(open_page(d));
        if (!rows_next(d->rows)) {
            TRY(close_page(d));
            continue;
        }
        for (size_t i = 0; i < d->t->columns; i++) {
            text_add_char(out, i ? ',' : '[');
            add_value(out, d->rows, (int)i, d->t->kinds[i], d->page->mem);
        }
        text_add(out, "]\n");
        if (d->key >= 0) d->last_id = row_int(d->rows, d->key);
        d->in_page++;
        n++;
    }
    return out->overflow ? err_internal(d->c, "table %s: rows too large to copy", d->t->name) : NULL;
}

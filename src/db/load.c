/* load.c - tables in: an empty database as it was after some migration, then rows, then the migrations since. */
#include "base/embed.h"
#include "db/dump.h"
#include "db/dump_private.h"
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { MAX_COLUMNS = 64, BATCH_ROWS = 500, BATCH_BYTES = 1 << 20, BATCH_MAX = 200 << 20 };

typedef struct Reference {
    struct Reference *next;
    const char *restore; /* statement that makes it again */
} Reference;

struct Load {
    Ctx *c;
    DumpTable *tables; /* as they are in this database */
    size_t count;
    const DumpTable *t; /* as the file has it */
    const char *sql;
    Text *batch; /* PostgreSQL: rows of a table without blobs, many to a statement */
    int batched;
    Reference *references; /* PostgreSQL: taken away while rows come in any order */
};

/* ---- rows ---- */

static Error *bad_row(Ctx *c, const DumpTable *t, const char *why) {
    Error *e = err_invalid(c, N_("The backup is damaged: a row of the table {1} cannot be read"), t->name);
    e->detail = talloc_strdup(c->mem, why);
    return e;
}

static bool set_param(void *mem, char kind, const json_t *v, Param *p) {
    *p = param_null();
    if (json_is_null(v)) return true;
    if (kind == 'i') {
        *p = param_int(json_integer_value(v));
        return json_is_integer(v);
    }
    if (!json_is_string(v)) return false;
    const char *s = json_string_value(v);
    if (kind == 't') {
        *p = param_text(s);
    } else if (kind == 'r') {
        char *end;
        *p = param_real(strtod(s, &end));
        return *s && !*end;
    } else {
        size_t n = 0;
        uint8_t *bytes = text_base64url_decode(mem, s, &n);
        *p = param_blob(bytes, n);
        return bytes != NULL;
    }
    return true;
}

static Error *parse_row(Ctx *c, const DumpTable *t, const json_t *row, Param *params) {
    if (!json_is_array(row) || json_array_size(row) != t->columns) return bad_row(c, t, "number of values");
    for (size_t i = 0; i < t->columns; i++)
        if (!set_param(c->mem, t->kinds[i], json_array_get(row, i), &params[i])) return bad_row(c, t, t->column[i]);
    return NULL;
}

/* Parses a line and, with sql, inserts it. */
static Error *take_row(Ctx *c, const DumpTable *t, const char *sql, const char *line, size_t n) {
    Param params[MAX_COLUMNS];
    json_error_t why;
    json_t *row = json_loadb(line, n, 0, &why);
    if (!row) return bad_row(c, t, why.text);
    Error *e = parse_row(c, t, row, params);
    if (!e && sql) e = db_exec_(c, NULL, sql, params, t->columns);
    json_decref(row);
    return e;
}

static Error *take_row_aside(Ctx *c, const DumpTable *t, const char *sql, const char *line, size_t n) {
    Ctx *turn = ctx_child(c);
    Error *e = err_copy(c->mem, take_row(turn, t, sql, line, n));
    ctx_done(turn);
    return e;
}

Error *load_check_row(Ctx *c, const DumpTable *t, const char *line, size_t n) {
    return take_row_aside(c, t, NULL, line, n);
}

static Error *flush(Load *l) {
    if (!l->batched) return NULL;
    Ctx *turn = ctx_child(l->c);
    text_add_char(l->batch, ']');
    Param all = param_text(l->batch->data);
    Error *e = l->batch->overflow ? bad_row(turn, l->t, "too long") : db_exec_(turn, NULL, l->sql, &all, 1);
    e = err_copy(l->c->mem, e);
    ctx_done(turn);
    l->batched = 0;
    return e;
}

Error *load_row(Load *l, const char *line, size_t n) {
    if (!l->batch) return take_row_aside(l->c, l->t, l->sql, line, n);
    TRY(load_check_row(l->c, l->t, line, n));
    if (!l->batched) l->batch->len = 0;
    text_add_char(l->batch, l->batched++ ? ',' : '[');
    text_add_n(l->batch, line, n);
    return l->batched == BATCH_ROWS || l->batch->len > BATCH_BYTES ? flush(l) : NULL;
}

/* ---- tables ---- */

static Error *foreign_table(Ctx *c, const char *name) {
    return err_invalid(c, N_("The backup does not fit this program: its table {1} is different"), name);
}

static char kind_in(const DumpTable *t, const char *column) {
    for (size_t i = 0; i < t->columns; i++)
        if (!strcmp(t->column[i], column)) return t->kinds[i];
    return 0;
}

/* The statement is made from names of the catalogue alone: those of the file have to be among them. */
static Error *check_table(Ctx *c, const DumpTable *ours, const DumpTable *t) {
    if (!ours || !t->columns || t->columns != ours->columns) return foreign_table(c, t->name);
    for (size_t i = 0; i < t->columns; i++) {
        if (kind_in(ours, t->column[i]) != t->kinds[i]) return foreign_table(c, t->name);
        for (size_t k = 0; k < i; k++)
            if (!strcmp(t->column[i], t->column[k])) return foreign_table(c, t->name);
    }
    return NULL;
}

/* A round trip a row would be most of the time that a restore into PostgreSQL takes. */
static const char *insert_batch(void *mem, const DumpTable *t) {
    static const char *const casts[] = { ['i'] = "::bigint", ['r'] = "::double precision", ['t'] = "" };
    Text *sql = text_new(mem, 16 * 1024);
    text_addf(sql, "INSERT INTO \"%s\"(%s) SELECT ", t->name, dump_column_list(mem, t));
    for (size_t i = 0; i < t->columns; i++)
        text_addf(sql, "%s(r->>%zu)%s", i ? ", " : "", i, casts[(uint8_t)t->kinds[i]]);
    text_add(sql, " FROM json_array_elements($1::json) r");
    return sql->data;
}

static const char *insert_one(void *mem, const DumpTable *t) {
    Text *sql = text_new(mem, 16 * 1024);
    text_addf(sql, "INSERT INTO \"%s\"(%s) VALUES (", t->name, dump_column_list(mem, t));
    for (size_t i = 0; i < t->columns; i++) text_addf(sql, "%s$%zu", i ? ", " : "", i + 1);
    text_add_char(sql, ')');
    return sql->data;
}

Error *load_table(Load *l, const DumpTable *t) {
    const DumpTable *ours = NULL;
    bool many = l->c->db->engine == DB_POSTGRES && !strchr(t->kinds, 'b');
    TRY(flush(l));
    for (size_t i = 0; i < l->count; i++)
        if (!strcmp(l->tables[i].name, t->name)) ours = &l->tables[i];
    TRY(check_table(l->c, ours, t));
    l->t = t;
    l->batch = many ? text_new(l->c->mem, BATCH_MAX) : NULL;
    return db_intern(l->c, many ? insert_batch(l->c->mem, t) : insert_one(l->c->mem, t), &l->sql);
}

/* ---- begin ---- */

static Error *simple(Ctx *c, const char *sql) {
    Conn *conn = ((Tx *)c->tx)->conn;
    DbCode code = c->db->driver->simple(conn, sql);
    return code == DBC_OK ? NULL : db_error(c, conn, code, sql);
}

static Error *drop_all(Load *l) {
    Ctx *c = l->c;
    Text *all = text_new(c->mem, 128 * 1024);
    if (c->db->engine ==
        DB_POSTGRES) { /* at once, so that references among them do not matter, and not those of others */
        text_add(all, "DROP TABLE schema_migration");
        for (size_t i = 0; i < l->count; i++) text_addf(all, ", \"%s\"", l->tables[i].name);
        return simple(c, all->data);
    }
    for (size_t i = 0; i < l->count; i++) text_addf(all, "DELETE FROM \"%s\";", l->tables[i].name);
    for (size_t i = 0; i < l->count; i++) text_addf(all, "DROP TABLE \"%s\";", l->tables[i].name);
    text_add(all, "DROP TABLE schema_migration");
    return simple(c, all->data);
}

/* What migrations may have put in. */
static Error *empty_all(Load *l) {
    Text *all = text_new(l->c->mem, 128 * 1024);
    for (size_t i = 0; i < l->count; i++) text_addf(all, "DELETE FROM \"%s\";", l->tables[i].name);
    return all->len ? simple(l->c, all->data) : NULL;
}

static Error *lift_references(Load *l) {
    Ctx *c = l->c;
    Rows *rows;
    Text *lift = text_new(c->mem, 128 * 1024);
    if (c->db->engine == DB_SQLITE) return NULL; /* deferred since load_begin */
    TRY(db_query(c, &rows,
                 "SELECT t.relname, f.conname, pg_get_constraintdef(f.oid) FROM pg_constraint f JOIN pg_class t ON "
                 "t.oid = f.conrelid"
                 " WHERE f.contype = 'f' AND t.relnamespace = current_schema()::regnamespace ORDER BY 1, 2"));
    while (rows_next(rows)) {
        Reference *r = talloc(c->mem, Reference);
        const char *table = row_text(rows, 0), *name = row_text(rows, 1);
        *r = (Reference){ l->references, talloc_asprintf(c->mem, "ALTER TABLE \"%s\" ADD CONSTRAINT \"%s\" %s", table,
                                                         name, row_text(rows, 2)) };
        l->references = r;
        text_addf(lift, "ALTER TABLE \"%s\" DROP CONSTRAINT \"%s\";", table, name);
    }
    TRY(rows_done(rows));
    return lift->len ? simple(c, lift->data) : NULL;
}

Error *load_begin(Ctx *c, const char *schema, Load **ret_load) {
    Load *l = talloc_zero(c->mem, Load);
    l->c = c;
    *ret_load = l;
    if (!embedded_find(talloc_asprintf(c->mem, "migrations/%s", schema)))
        return err_invalid(c, N_("The backup comes from another version ({1}) than this program. Install that version"),
                           schema);
    /* On PostgreSQL making the references again reads whole tables, which may take longer than a request may. */
    TRY(simple(c, c->db->engine == DB_SQLITE ? "PRAGMA defer_foreign_keys = ON" : "SET LOCAL statement_timeout = 0"));
    TRY(dump_catalogue(c, &l->tables, &l->count));
    TRY(drop_all(l));
    TRY(migrate_until(c, schema, NULL));
    TRY(dump_catalogue(c, &l->tables, &l->count));
    TRY(empty_all(l));
    return lift_references(l);
}

/* ---- end ---- */

/* On SQLite the check stands in for the one at COMMIT, which would fail other people's transactions with ours. */
static Error *check_references(Load *l) {
    Ctx *c = l->c;
    const char *table = NULL;
    if (c->db->engine == DB_SQLITE) {
        TRY(db_get_text(c, &table, "SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1"));
        if (table)
            return err_invalid(c, N_("The backup is damaged: a row of the table {1} refers to one that is missing"),
                               table);
        return simple(c, "PRAGMA defer_foreign_keys = OFF");
    }
    for (const Reference *r = l->references; r; r = r->next) {
        Error *e = simple(c, r->restore);
        if (e && e->status == 409)
            return err_invalid(c, N_("The backup is damaged: a row of the table {1} refers to one that is missing"),
                               r->restore);
        if (e) return e;
    }
    return NULL;
}

/* SQLite takes the next id from the largest there is. */
static Error *set_counters(Load *l) {
    if (l->c->db->engine == DB_SQLITE) return NULL;
    for (size_t i = 0; i < l->count; i++) {
        const char *name = l->tables[i].name, *sql;
        int64_t ignored;
        if (!kind_in(&l->tables[i], "id")) continue;
        TRY(db_intern(
            l->c,
            talloc_asprintf(
                l->c->mem,
                "SELECT setval(pg_get_serial_sequence('\"%s\"', 'id'), max(id)) FROM \"%s\" HAVING max(id) > 0", name,
                name),
            &sql));
        TRY(db_get_int_(l->c, &ignored, sql, NULL, 0));
    }
    return NULL;
}

Error *load_end(Load *l) {
    TRY(flush(l));
    TRY(check_references(l));
    TRY(set_counters(l));
    return migrate_until(l->c, NULL, NULL);
}

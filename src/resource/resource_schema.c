/* resource_schema.c - do the specs and the database agree? Asks for every column once, in a way that both engines understand. */
#include "resource/resource_sql.h"
#include <string.h>
#include <talloc.h>

typedef struct Check {
    const Resource *res;
    Text *report;
    int missing;
} Check;

/* Runs "SELECT <what> FROM <table> t WHERE 1 = 0"; *ret_there false if the database does not know one of the names. */
static Error *ask(Ctx *c, const Resource *res, const char *what, bool *ret_there) {
    Sql *sql = sql_new(c);
    Rows *rows;
    text_addf(sql->text, "SELECT %s FROM %s t WHERE 1 = 0", what, res->table);
    Error *e = sql_query(c, sql, &rows);
    if (!e) {
        while (rows_next(rows)) continue;
        e = rows_done(rows);
    }
    *ret_there = !e;
    return e && e->status == 503 ? e : NULL;
}

static Error *check_one(Ctx *c, Check *check, const char *what) {
    bool there;
    TRY(ask(c, check->res, what, &there));
    if (there) return NULL;
    check->missing++;
    text_addf(check->report, "%s.%s is missing in the database\n", check->res->table, text_starts(what, "t.") ? what + 2 : what);
    return NULL;
}

/* All names that the engine will use in statements about this resource. */
static Error *each_name(Ctx *c, Check *check, Error *(*use)(Ctx *c, Check *check, const char *what)) {
    static const char *const own[] = {"t.id", "t.version", "t.created_at", "t.created_by", "t.updated_at", "t.updated_by"};
    const Resource *res = check->res;
    const char *const more[] = {res->scope_owner, res->scope_unit, res->scope_above, res->search_keys};
    const Field *fields;
    size_t n;
    TRY(resource_fields(c, res, &fields, &n));
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) TRY(use(c, check, own[i]));
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        if (more[i]) TRY(use(c, check, talloc_asprintf(c->mem, "t.%s", more[i])));
    for (size_t i = 0; i < n; i++) {
        Text *t = text_new(c->mem, MAX_BUILT_SQL);
        if (fields[i].flags & NO_COLUMN)
            for (const char *s = fields[i].sql; *s; s++) text_add_n(t, *s == '?' ? "''" : s, *s == '?' ? 2 : 1);
        else text_addf(t, "t.%s", field_column(&fields[i]));
        TRY(use(c, check, t->data));
    }
    return NULL;
}

static Error *collect(Ctx *c, Check *check, const char *what) {
    (void)c;
    text_addf(check->report, "%s%s", check->report->len ? ", " : "", what);
    return NULL;
}

static Error *check_resource(Ctx *c, Check *check) {
    Check all = {.res = check->res, .report = text_new(c->mem, MAX_BUILT_SQL)};
    bool there;
    TRY(each_name(c, &all, collect));
    TRY(ask(c, check->res, all.report->data, &there));
    if (there) return NULL;
    TRY(ask(c, check->res, "1", &there));
    if (there) return each_name(c, check, check_one);
    check->missing++;
    text_addf(check->report, "table %s is missing in the database\n", check->res->table);
    return NULL;
}

Error *resource_check_schema(Ctx *c, Text *report) {
    Check check = {.report = report};
    for (size_t i = 0; i < resource_count(); i++) {
        check.res = resource_at(i);
        if (check.res->reader) continue; /* no table */
        TRY(check_resource(c, &check));
    }
    return check.missing ? err_conflict(c, N_("The database does not fit this program. Run the migrations")) : NULL;
}

/* resource_sql.h - the SQL of a resource, built from names in its specs and nothing else. Private to resource/. */
#pragma once
#include "resource/resource.h"

enum { MAX_BUILT_PARAMS = 60, MAX_BUILT_SQL = 32768 };

typedef struct Sql {
    Text *text;
    Param params[MAX_BUILT_PARAMS];
    size_t count;
    const char *today; /* what "?" in a field's expression stands for */
    bool too_many;
} Sql;

Sql *sql_new(Ctx *c);
/* Adds "$n" for a value. */
void sql_param(Sql *sql, Param p);
/* "SELECT t.id, t.version, <columns>, <titles> FROM table t LEFT JOIN ..." in the order that row_read expects. */
void sql_select(Sql *sql, const Resource *res, const Field *fields, size_t n);
void sql_joins(Sql *sql, const Field *fields, size_t n);
/* " AND (...)" that keeps the rows the actor may see; nothing for scope all. */
void sql_scope(Ctx *c, Sql *sql, const Resource *res);
/* "%text%" with the wildcards in text made plain by ESCAPE '!'. */
const char *sql_like(Ctx *c, const char *text);
/* " AND (...)" that keeps the rows q->search finds; the joins of references must be there. */
void sql_search(Ctx *c, Sql *sql, const Resource *res, const ListQuery *q);
/* The expression of a field in a query. */
void sql_field(Sql *sql, const Field *f);
Error *sql_query(Ctx *c, Sql *sql, Rows **ret) MUST_USE;
Error *sql_exec(Ctx *c, Sql *sql, int64_t *ret_changed) MUST_USE;

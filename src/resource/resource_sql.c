/* resource_sql.c - builds statements. Only names from specs go into the text; every value is bound. */
#include "resource/resource_sql.h"
#include <string.h>
#include <talloc.h>

Sql *sql_new(Ctx *c) {
    char day[DATE_TEXT];
    Sql *sql = talloc_zero(c->mem, Sql);
    sql->text = text_new(c->mem, MAX_BUILT_SQL);
    sql->today = talloc_strdup(sql, date_text(date_of_instant(c->now), day));
    return sql;
}

void sql_param(Sql *sql, Param p) {
    if (sql->count == MAX_BUILT_PARAMS) {
        sql->too_many = true;
        return;
    }
    sql->params[sql->count++] = p;
    text_add_char(sql->text, '$');
    text_add_int(sql->text, (int64_t)sql->count);
}

void sql_field(Sql *sql, const Field *f) {
    if (f->flags & NO_COLUMN) {
        for (const char *s = f->sql; *s; s++) {
            if (*s == '?') sql_param(sql, V(sql->today));
            else text_add_char(sql->text, *s);
        }
        return;
    }
    text_add(sql->text, "t.");
    text_add(sql->text, field_column(f));
}

/* The column a reference is shown by: the target's own title column. */
static const char *title_column(const Resource *target) {
    const Field *f = resource_title_field(target);
    return f ? field_column(f) : "id";
}

void sql_joins(Sql *sql, const Field *fields, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (fields[i].kind != F_REF) continue;
        text_addf(sql->text, " LEFT JOIN %s r%zu ON r%zu.id = ", fields[i].target->table, i, i);
        sql_field(sql, &fields[i]);
    }
}

void sql_select(Sql *sql, const Resource *res, const Field *fields, size_t n) {
    text_add(sql->text, "SELECT t.id, t.version");
    for (size_t i = 0; i < n; i++) {
        text_add(sql->text, ", ");
        sql_field(sql, &fields[i]);
        if (fields[i].kind == F_REF) text_addf(sql->text, ", r%zu.%s", i, title_column(fields[i].target));
    }
    text_addf(sql->text, " FROM %s t", res->table);
    sql_joins(sql, fields, n);
}

void sql_scope(Ctx *c, Sql *sql, const Resource *res) {
    const Actor *a = c->actor;
    if (res->own_only && !a->system) {
        text_addf(sql->text, " AND (t.%s = ", res->scope_owner);
        sql_param(sql, V(a->employee_id));
        text_addf(sql->text, " OR NOT (%s))", res->own_only);
    }
    if (a->system || a->scope == SCOPE_ALL || (!res->scope_owner && !res->scope_unit)) return;
    text_add(sql->text, " AND (");
    if (res->owner_bits) { /* a range of the table's own key, which can be joined with the units' index */
        text_add(sql->text, "(t.id >= ");
        sql_param(sql, V(a->employee_id << res->owner_bits));
        text_add(sql->text, " AND t.id < ");
        sql_param(sql, V((a->employee_id + 1) << res->owner_bits));
        text_add_char(sql->text, ')');
    } else if (res->scope_owner) {
        text_addf(sql->text, "t.%s = ", res->scope_owner);
        sql_param(sql, V(a->employee_id));
    }
    if (res->scope_unit && a->scope != SCOPE_OWN) {
        if (res->scope_owner) text_add(sql->text, " OR ");
        text_addf(sql->text, "t.%s IN (SELECT vu.unit_id FROM visible_unit vu WHERE vu.account_id = ", res->scope_unit);
        sql_param(sql, V(a->account_id));
        text_add_char(sql->text, ')');
    } else if (!res->scope_owner) {
        text_add(sql->text, "1 = 0");
    }
    if (res->scope_above) {
        text_addf(sql->text, " OR t.%s IN (SELECT ua.above_id FROM unit_above ua WHERE ua.below_id = ", res->scope_above);
        sql_param(sql, V(a->unit_id));
        text_add_char(sql->text, ')');
    }
    text_add_char(sql->text, ')');
}

static Error *finished(Ctx *c, Sql *sql, const char **ret) {
    if (sql->too_many || sql->text->overflow) return err_bad_request(c, N_("Too many filters at once"));
    return db_intern(c, sql->text->data, ret);
}

Error *sql_query(Ctx *c, Sql *sql, Rows **ret) {
    const char *text = NULL;
    TRY(finished(c, sql, &text));
    return db_query_built(c, ret, text, sql->params, sql->count);
}

Error *sql_exec(Ctx *c, Sql *sql, int64_t *ret_changed) {
    const char *text = NULL;
    TRY(finished(c, sql, &text));
    return db_exec_built(c, ret_changed, text, sql->params, sql->count);
}

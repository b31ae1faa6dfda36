/* resource_store.c - one row: load within scope, save with version check and audit, remove, run an action. */
#include "resource/resource_store.h"
#include "base/i18n.h"
#include "resource/resource_sql.h"
#include "service/audit.h"
#include <assert.h>
#include <string.h>
#include <talloc.h>

#define AT(T, row, f) (*(T *)((char *)(row) + (f)->offset))
#define CONST_AT(T, row, f) (*(T const *)((const char *)(row) + (f)->offset))

void *resource_new_row(Ctx *c, const Resource *res, const Field *fields, size_t n) {
    void *row = talloc_zero_size(c->mem, res->size);
    for (size_t i = 0; i < n; i++) field_clear(&fields[i], row);
    return row;
}

void row_read(const Field *fields, size_t n, const Rows *rows, Pile *pile, void *row) {
    int col = 2;
    ((ResourceRow *)row)->id = row_int(rows, 0);
    ((ResourceRow *)row)->version = row_int(rows, 1);
    for (size_t i = 0; i < n; i++, col++) {
        const Field *f = &fields[i];
        if (row_is_null(rows, col)) {
            field_clear(f, row);
            if (f->kind == F_REF) col++;
            continue;
        }
        switch (f->kind) {
        case F_TEXT:
        case F_LONGTEXT: {
            const char *s = row_text(rows, col);
            AT(const char *, row, f) = pile_add(pile, s, strlen(s));
            break;
        }
        case F_DATE: {
            Date d = DATE_NONE;
            (void)date_parse(row_text(rows, col), &d);
            AT(Date, row, f) = d;
            break;
        }
        case F_BOOL: AT(bool, row, f) = row_int(rows, col) != 0; break;
        case F_ENUM: AT(int, row, f) = (int)row_int(rows, col); break;
        case F_REF: {
            AT(int64_t, row, f) = row_int(rows, col++);
            const char *s = row_text(rows, col);
            *(const char **)((char *)row + f->title_offset) = pile_add(pile, s, strlen(s));
            break;
        }
        default: AT(int64_t, row, f) = row_int(rows, col); break;
        }
    }
}

static Error *load(Ctx *c, const Resource *res, const Field *fields, size_t n, int64_t id, void **ret_row) {
    Sql *sql = sql_new(c);
    sql_select(sql, res, fields, n);
    text_add(sql->text, " WHERE t.id = ");
    sql_param(sql, V(id));
    sql_scope(c, sql, res);
    Rows *rows;
    TRY(sql_query(c, sql, &rows));
    *ret_row = NULL;
    if (rows_next(rows)) {
        Pile pile = {.mem = c->mem};
        *ret_row = talloc_zero_size(c->mem, res->size);
        row_read(fields, n, rows, &pile, *ret_row);
    }
    return rows_done(rows);
}

Error *resource_load(Ctx *c, const Resource *res, int64_t id, void **ret_row) {
    const Field *fields;
    size_t n;
    TRY(resource_fields(c, res, &fields, &n));
    TRY(load(c, res, fields, n, id, ret_row));
    return *ret_row ? NULL : err_not_found(c, N_("This entry does not exist or is not yours to see"));
}

static Param field_param(const Field *f, const void *row, void *mem) {
    if (field_is_empty(f, row)) return param_null();
    switch (f->kind) {
    case F_TEXT:
    case F_LONGTEXT: return param_text(CONST_AT(char *, row, f));
    case F_DATE: {
        char buf[DATE_TEXT];
        return param_text(talloc_strdup(mem, date_text(CONST_AT(Date, row, f), buf)));
    }
    case F_BOOL: return param_int(CONST_AT(bool, row, f));
    case F_ENUM: return param_int(CONST_AT(int, row, f));
    default: return param_int(CONST_AT(int64_t, row, f));
    }
}

static bool is_stored(const Field *f) {
    return !(f->flags & NO_COLUMN);
}

/* ---- statements: texts are built once a Saver, values bound in the order that the text names them ---- */

static Error *interned(Ctx *c, const Text *t, const char **ret) {
    return t->overflow ? err_internal(c, "a statement is too long: %.80s", t->data) : db_intern(c, t->data, ret);
}

static size_t add_values(const Saver *s, const void *row, void *mem, Param *params, size_t k) {
    for (size_t i = 0; i < s->n; i++)
        if (is_stored(&s->fields[i])) params[k++] = field_param(&s->fields[i], row, mem);
    assert(k <= MAX_BUILT_PARAMS);
    return k;
}

static Error *insert_text(Ctx *c, const Saver *s, bool with_id, const char **ret) {
    if (*ret) return NULL;
    Text *t = text_new(c->mem, MAX_BUILT_SQL);
    int k = with_id ? 3 : 2;
    text_addf(t, "INSERT INTO %s (version, created_at, created_by, updated_at, updated_by%s", s->res->table, with_id ? ", id" : "");
    for (size_t i = 0; i < s->n; i++)
        if (is_stored(&s->fields[i])) text_add(t, ", "), text_add(t, field_column(&s->fields[i]));
    text_add(t, ") VALUES (1, $1, $2, $1, $2");
    if (with_id) text_add(t, ", $3");
    for (size_t i = 0; i < s->n; i++)
        if (is_stored(&s->fields[i])) text_addf(t, ", $%d", ++k);
    text_add(t, with_id ? ")" : ") RETURNING id");
    return interned(c, t, ret);
}

static Error *insert(Ctx *c, Saver *s, ResourceRow *row) {
    Param params[MAX_BUILT_PARAMS];
    size_t k = 0;
    int64_t id = s->res->make_id ? s->res->make_id(row) : 0;
    const char **text = id ? &s->insert_id : &s->insert;
    TRY(insert_text(c, s, id != 0, text));
    params[k++] = V(c->now);
    params[k++] = V(c->actor->account_id);
    if (id) params[k++] = V(id);
    k = add_values(s, row, c->mem, params, k);
    Rows *rows;
    TRY(db_query_built(c, &rows, *text, params, k));
    while (rows_next(rows)) row->id = row_int(rows, 0);
    if (id) row->id = id;
    row->version = 1;
    return rows_done(rows);
}

static Error *update_text(Ctx *c, const Saver *s, const char **ret) {
    if (*ret) return NULL;
    Text *t = text_new(c->mem, MAX_BUILT_SQL);
    int k = 4;
    text_addf(t, "UPDATE %s SET version = version + 1, updated_at = $1, updated_by = $2", s->res->table);
    for (size_t i = 0; i < s->n; i++)
        if (is_stored(&s->fields[i])) text_addf(t, ", %s = $%d", field_column(&s->fields[i]), ++k);
    text_add(t, " WHERE id = $3 AND version = $4");
    return interned(c, t, ret);
}

static Error *update(Ctx *c, Saver *s, const void *old, ResourceRow *row) {
    Param params[MAX_BUILT_PARAMS];
    int64_t changed = 0, id = ((const ResourceRow *)old)->id, seen = ((const ResourceRow *)old)->version;
    TRY(update_text(c, s, &s->update));
    params[0] = V(c->now);
    params[1] = V(c->actor->account_id);
    params[2] = V(id);
    params[3] = V(seen);
    TRY(db_exec_built(c, &changed, s->update, params, add_values(s, row, c->mem, params, 4)));
    if (!changed) return err_conflict(c, N_("Somebody else has changed this entry in the meantime"));
    row->id = id;
    row->version = seen + 1;
    return NULL;
}

/* {"field": [before, after]} of what differs; NULL if nothing does. */
static const char *changes(Ctx *c, const Field *fields, size_t n, const void *old, const void *row) {
    Text *t = text_new(c->mem, 256 * 1024);
    const char *comma = "";
    text_add_char(t, '{');
    for (size_t i = 0; i < n; i++) {
        const Field *f = &fields[i];
        if (!is_stored(f) || (old ? field_equal(f, old, row) : field_is_empty(f, row))) continue;
        text_add(t, comma);
        comma = ",";
        text_add_json(t, f->name, strlen(f->name));
        text_add(t, ":[");
        value_json(old ? field_value(f, old) : value_null(), t);
        text_add_char(t, ',');
        value_json(field_value(f, row), t);
        text_add_char(t, ']');
    }
    text_add_char(t, '}');
    return *comma ? t->data : NULL;
}

static void require(Ctx *c, const Field *fields, size_t n, const void *row, Error **errors) {
    for (size_t i = 0; i < n; i++)
        if (fields[i].flags & REQUIRED && !(fields[i].flags & NO_COLUMN) && field_is_empty(&fields[i], row))
            err_add_field(c, errors, fields[i].name, N_("This is required"));
}

static bool is_own(const Ctx *c, const Resource *res, const Field *fields, size_t n, const void *row) {
    for (size_t i = 0; i < n && res->scope_owner; i++)
        if (!strcmp(field_column(&fields[i]), res->scope_owner)) return CONST_AT(int64_t, row, &fields[i]) == c->actor->employee_id;
    return false;
}

/* A row must stay within what its writer may see: nobody files something under another team or person. */
static Error *check_scope(Ctx *c, const Resource *res, const Field *fields, size_t n, const ResourceRow *row) {
    const Actor *a = c->actor;
    if (a->system || a->scope == SCOPE_ALL || (!res->scope_owner && !res->scope_unit)) return NULL;
    if (is_own(c, res, fields, n, row)) return NULL;
    Sql *sql = sql_new(c);
    Rows *rows;
    text_addf(sql->text, "SELECT 1 FROM %s t WHERE t.id = ", res->table);
    sql_param(sql, V(row->id));
    sql_scope(c, sql, res);
    TRY(sql_query(c, sql, &rows));
    bool visible = rows_next(rows);
    TRY(rows_done(rows));
    return visible ? NULL : err_denied(c, N_("You can only enter this for yourself or your own team"));
}

static bool differs(const Field *fields, size_t n, const void *old, const void *row) {
    for (size_t i = 0; i < n; i++)
        if (is_stored(&fields[i]) && !field_equal(&fields[i], old, row)) return true;
    return false;
}

static Error *check_version(Ctx *c, const void *old, const void *row) {
    int64_t seen = ((const ResourceRow *)row)->version;
    return !old || !seen || seen == ((const ResourceRow *)old)->version ? NULL : err_conflict(c, N_("Somebody else has changed this entry in the meantime"));
}

Error *saver_check(Ctx *c, const Saver *s, const void *old, void *row, bool *ret_changed) {
    Error *errors = NULL;
    if (s->res->prepare) TRY(s->res->prepare(c, old, row)); /* first: it knows a repeated submission, which is no conflict */
    TRY(check_version(c, old, row));
    require(c, s->fields, s->n, row, &errors);
    if (errors) return errors;
    if (s->res->validate) TRY(s->res->validate(c, old, row));
    *ret_changed = !old || differs(s->fields, s->n, old, row);
    if (s->guarded && old && *ret_changed && s->res->may_edit && !s->res->may_edit(c, old)) return err_conflict(c, N_("This entry can no longer be changed"));
    return NULL;
}

Error *saver_save(Ctx *c, Saver *s, const void *old, void *row, const char *action, bool *ret_changed) {
    ResourceRow *r = row;
    bool changed;
    *ret_changed = false;
    TRY(saver_check(c, s, old, row, &changed));
    if (!changed) {
        r->id = ((const ResourceRow *)old)->id;
        r->version = ((const ResourceRow *)old)->version;
        return NULL;
    }
    if (old)
        TRY(update(c, s, old, r));
    else
        TRY(insert(c, s, r));
    *ret_changed = true;
    TRY(check_scope(c, s->res, s->fields, s->n, r));
    if (!s->quiet) {
        const char *what = changes(c, s->fields, s->n, old, row);
        TRY(audit_record(c, action ? action : old ? "update" : "create", s->res->table, r->id, what ? what : "{}"));
    }
    return s->res->after_save ? s->res->after_save(s->lasting ? s->lasting : c, old, row) : NULL;
}

/* The calling thread's Saver for these fields, so that statements are written once and not for every row. Fields made from the database
 * live as long as the process, so their address tells which they are. */
static Saver *saver_of(Ctx *c, const Resource *res, const Field *fields, size_t n) {
    enum { KEPT = 64 };
    static _Thread_local struct {
        Saver savers[KEPT];
        int count;
    } kept;
    for (int i = 0; i < kept.count; i++)
        if (kept.savers[i].fields == fields && kept.savers[i].res == res) return &kept.savers[i];
    Saver *s = kept.count < KEPT ? &kept.savers[kept.count++] : talloc(c->mem, Saver);
    *s = (Saver){.res = res, .fields = fields, .n = n};
    return s;
}

Error *resource_save(Ctx *c, const Resource *res, const void *old, void *row, const char *action, bool *ret_changed) {
    const Field *fields;
    size_t n;
    bool changed;
    TRY(resource_fields(c, res, &fields, &n));
    return saver_save(c, saver_of(c, res, fields, n), old, row, action, ret_changed ? ret_changed : &changed);
}

/* "... WHERE t.id = $1" or one condition a KEY field. */
static Error *find_text(Ctx *c, const Saver *s, bool by_key, const char **ret) {
    if (*ret) return NULL;
    Sql *sql = sql_new(c);
    int k = 0;
    sql_select(sql, s->res, s->fields, s->n);
    assert(!sql->count); /* the numbers below are ours: what is found by key asks for no day */
    if (!by_key) text_add(sql->text, " WHERE t.id = $1");
    for (size_t i = 0; i < s->n && by_key; i++)
        if (s->fields[i].flags & KEY) k++, text_addf(sql->text, " %s t.%s = $%d", k == 1 ? "WHERE" : "AND", field_column(&s->fields[i]), k);
    return interned(c, sql->text, ret);
}

Error *saver_find(Ctx *c, Saver *s, const void *row, void **ret_old) {
    Param params[MAX_BUILT_PARAMS];
    size_t k = 0;
    bool by_key = !s->res->make_id;
    *ret_old = NULL;
    if (by_key) {
        for (size_t i = 0; i < s->n; i++) {
            if (!(s->fields[i].flags & KEY)) continue;
            if (field_is_empty(&s->fields[i], row)) return NULL;
            params[k++] = field_param(&s->fields[i], row, c->mem);
        }
    } else if (s->res->make_id(row))
        params[k++] = V(s->res->make_id(row));
    if (!k) return NULL;
    const char **text = by_key ? &s->by_key : &s->by_id;
    Rows *rows;
    TRY(find_text(c, s, by_key, text));
    TRY(db_query_built(c, &rows, *text, params, k));
    if (rows_next(rows)) {
        Pile pile = {.mem = c->mem};
        *ret_old = talloc_zero_size(c->mem, s->res->size);
        row_read(s->fields, s->n, rows, &pile, *ret_old);
    }
    return rows_done(rows);
}

static Error *find_old(Ctx *c, const Resource *res, int64_t id, const void *row, void **ret_old) {
    *ret_old = NULL;
    if (id) return resource_load(c, res, id, ret_old);
    int64_t natural = res->make_id ? res->make_id(row) : 0;
    if (!natural) return NULL;
    const Field *fields;
    size_t n;
    TRY(resource_fields(c, res, &fields, &n));
    TRY(saver_find(c, saver_of(c, res, fields, n), row, ret_old));
    if (!*ret_old || c->actor->system || is_own(c, res, fields, n, *ret_old)) return NULL;
    void *seen; /* one that is not the writer's to see is refused as a new one would be, whatever its state */
    Error *e = resource_load(c, res, natural, &seen);
    return e && e->status == 404 ? err_denied(c, N_("You can only enter this for yourself or your own team")) : e;
}

Error *resource_save_input(Ctx *c, const Resource *res, int64_t id, const RowInput *input, RowSave *ret) {
    const Field *fields;
    size_t n;
    TRY(resource_fields(c, res, &fields, &n));
    *ret = (RowSave){.row = resource_new_row(c, res, fields, n)};
    if (!id && res->defaults) res->defaults(c, ret->row);
    row_apply(fields, n, input, ret->row);
    TRY(find_old(c, res, id, ret->row, &ret->old));
    if (ret->old) { /* what the form does not name stays as it was */
        if (!resource_may_change(c, res, ret->old)) return err_conflict(c, N_("This entry can no longer be changed"));
        ret->row = talloc_memdup(c->mem, ret->old, res->size);
        row_apply(fields, n, input, ret->row);
    }
    return resource_save(c, res, ret->old, ret->row, NULL, &ret->changed);
}

Error *resource_remove(Ctx *c, const Resource *res, const void *row) {
    const Field *fields;
    size_t n;
    int64_t changed = 0;
    TRY(resource_fields(c, res, &fields, &n));
    Sql *sql = sql_new(c);
    text_addf(sql->text, "DELETE FROM %s WHERE id = ", res->table);
    sql_param(sql, V(((const ResourceRow *)row)->id));
    text_add(sql->text, " AND version = ");
    sql_param(sql, V(((const ResourceRow *)row)->version));
    TRY(sql_exec(c, sql, &changed));
    if (!changed) return err_conflict(c, N_("Somebody else has changed this entry in the meantime"));
    void *nothing = resource_new_row(c, res, fields, n);
    const char *what = changes(c, fields, n, row, nothing);
    return audit_record(c, "delete", res->table, ((const ResourceRow *)row)->id, what ? what : "{}");
}

Error *resource_run_action(Ctx *c, const Resource *res, const Action *action, int64_t id, int64_t version, const char *reason) {
    void *old;
    TRY(resource_load(c, res, id, &old));
    if (version && version != ((ResourceRow *)old)->version)
        return err_conflict(c, N_("Somebody else has changed this entry in the meantime"));
    if (action->offered && !action->offered(c, old)) return err_conflict(c, N_("This is not possible in the entry's present state"));
    if (action->needs_reason && (!reason || !*reason)) return err_field(c, "reason", N_("Give a reason"));
    void *row = talloc_memdup(c->mem, old, res->size);
    TRY(action->run(c, row, reason));
    return resource_save(c, res, old, row, action->name, NULL);
}

const char *resource_row_title(Ctx *c, const Resource *res, const void *row) {
    const Field *f = resource_title_field(res);
    return f ? field_show(c, f, row) : tr(c->lang, res->one);
}

const char *resource_href(Ctx *c, const Resource *res, int64_t id) {
    return talloc_asprintf(c->mem, "%s/%lld", res->path, (long long)id);
}

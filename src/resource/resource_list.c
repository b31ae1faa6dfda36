/* resource_list.c - many rows: the query string becomes filters, sort and page; totals and sums are asked of the database. */
#include "base/i18n.h"
#include "base/pinyin.h"
#include "resource/resource_sql.h"
#include "resource/resource_store.h"
#include <stdio.h>
#include <string.h>
#include <talloc.h>

enum { MAX_LIMIT = 500, DEFAULT_LIMIT = 50, RECENT_DAYS = 31, PICK_LIMIT = 20 };

/* ---- reading the query string ---- */

static Error *filter_value(Ctx *c, const Field *f, const char *text, ListFilter *filter) {
    Error *errors = NULL;
    int64_t n;
    Date day;
    char buf[DATE_TEXT];
    switch (f->kind) {
    case F_DATE:
        if (!date_parse(text, &day)) break;
        filter->value = param_text(talloc_strdup(c->mem, date_text(day, buf)));
        return NULL;
    case F_MONEY:
        if (!money_parse(text, &n)) break;
        filter->value = param_int(n);
        return NULL;
    case F_REF: {
        if (int_parse(text, &n) && n > 0 && strlen(text) < 10) {
            filter->value = param_int(n);
            return NULL;
        }
        TRY(resource_resolve(c, f->target, text, &n));
        filter->value = param_int(n);
        return NULL;
    }
    case F_ENUM:
        for (int i = 0; f->codes[i]; i++)
            if (!strcmp(f->codes[i], text)) {
                filter->value = param_int(i);
                return NULL;
            }
        break;
    case F_BOOL: filter->value = param_int(!strcmp(text, "1")); return NULL;
    case F_TEXT:
    case F_LONGTEXT: filter->value = param_text(!strcmp(filter->op, "~") ? sql_like(c, text) : text); return NULL;
    default:
        if (!int_parse(text, &n)) break;
        filter->value = param_int(n);
        return NULL;
    }
    err_add_field(c, &errors, f->name, N_("This filter value is not understood"));
    return errors;
}

static Error *add_filter(Ctx *c, ListQuery *q, const Field *f, const char *op, const char *text) {
    ListFilter *filter = talloc_zero(c->mem, ListFilter);
    *filter = (ListFilter){.next = q->filters, .field = f, .op = op, .text = text};
    TRY(filter_value(c, f, text, filter));
    q->filters = filter;
    return NULL;
}

/* "day_from" -> field day, ">=" */
static const Field *ranged(const ListQuery *q, const char *name, const char **ret_op) {
    static const struct { const char *suffix, *op; } ends[] = {{"_from", ">="}, {"_to", "<="}};
    size_t n = strlen(name);
    for (int i = 0; i < 2; i++) {
        size_t m = strlen(ends[i].suffix);
        if (n <= m || strcmp(name + n - m, ends[i].suffix) != 0) continue;
        *ret_op = ends[i].op;
        for (size_t k = 0; k < q->field_count; k++)
            if (strlen(q->fields[k].name) == n - m && !strncmp(q->fields[k].name, name, n - m)) return &q->fields[k];
    }
    return NULL;
}

static Error *read_pair(Req *r, const Resource *res, ListQuery *q, const char *name, const char *value, int64_t *page) {
    Ctx *c = &r->c;
    const char *op = "=";
    if (!strcmp(name, "q")) {
        if (*value) return list_query_search(c, res, q, value);
    } else if (!strcmp(name, "sort")) {
        q->descending = *value == '-';
        q->sort = field_find(q->fields, q->field_count, value + q->descending);
        if (!q->sort || !(q->sort->flags & (SORT | IN_LIST | PRIMARY))) return err_bad_request(c, N_("This list cannot be sorted by that"));
    } else if (!strcmp(name, "page")) {
        if (!int_parse(value, page) || *page < 1 || *page > 1000000) return err_bad_request(c, N_("A number in the address is not a number"));
    } else if (!strcmp(name, "per_page")) {
        if (!int_parse(value, &q->limit) || q->limit < 1 || q->limit > MAX_LIMIT) return err_bad_request(c, N_("A number in the address is not a number"));
    } else {
        const Field *f = field_find(q->fields, q->field_count, name);
        if (!f) f = ranged(q, name, &op);
        if (!f || !*value) return NULL; /* other pages' parameters pass through */
        if (f->flags & INTERNAL) return NULL;
        if (f->kind == F_TEXT || f->kind == F_LONGTEXT) op = "~";
        return add_filter(c, q, f, op, value);
    }
    (void)res;
    return NULL;
}

Error *list_query_read(Req *r, const Resource *res, ListQuery *q) {
    Ctx *c = &r->c;
    int64_t page = 1;
    *q = (ListQuery){.limit = DEFAULT_LIMIT, .want_total = true};
    TRY(resource_fields(c, res, &q->fields, &q->field_count));
    for (const Pair *p = r->query; p; p = p->next) TRY(read_pair(r, res, q, p->name, p->value, &page));
    q->offset = (page - 1) * q->limit;
    if (!q->sort && res->order) {
        q->descending = res->order[0] == '-';
        q->sort = field_find(q->fields, q->field_count, res->order + q->descending);
    }
    if (res->recent && !q->filters && !q->search) {
        char buf[DATE_TEXT];
        Date from = date_of_instant(c->now) - RECENT_DAYS + 1;
        return add_filter(c, q, field_find(q->fields, q->field_count, res->recent), ">=", talloc_strdup(c->mem, date_text(from, buf)));
    }
    return NULL;
}

/* ---- the statement ---- */

/* field IN (everything at or below the row that was chosen) */
static void add_below(Sql *sql, const ListFilter *f) {
    sql_field(sql, f->field);
    text_add(sql->text, " IN (");
    for (const char *s = f->field->target->below; *s; s++) {
        if (*s == '?') sql_param(sql, f->value);
        else text_add_char(sql->text, *s);
    }
    text_add_char(sql->text, ')');
}

static void add_where(Ctx *c, Sql *sql, const Resource *res, const ListQuery *q) {
    text_add(sql->text, " WHERE 1 = 1");
    sql_scope(c, sql, res);
    for (const ListFilter *f = q->filters; f; f = f->next) {
        text_add(sql->text, " AND ");
        if (f->field->kind == F_REF && f->field->target->below) {
            add_below(sql, f);
            continue;
        }
        if (!strcmp(f->op, "~")) text_add(sql->text, "lower(");
        sql_field(sql, f->field);
        text_add(sql->text, !strcmp(f->op, "~") ? ") LIKE " : !strcmp(f->op, "=") ? " = " : !strcmp(f->op, ">=") ? " >= " : " <= ");
        sql_param(sql, f->value);
        if (!strcmp(f->op, "~")) text_add(sql->text, " ESCAPE '!'");
    }
    if (q->search) sql_search(c, sql, res, q);
    if (!q->where) return;
    text_add(sql->text, " AND (");
    for (const char *s = q->where; *s; s++) { /* the caller's $1.. continue our numbering */
        if (*s != '$') {
            text_add_char(sql->text, *s);
            continue;
        }
        size_t at = (size_t)(s[1] - '1');
        sql_param(sql, at < q->where_count ? q->where_params[at] : param_null());
        s++;
    }
    text_add_char(sql->text, ')');
}

/* A reference sorts by its title, everything else by its value; id makes the order total. */
static void add_order(Sql *sql, const Resource *res, const ListQuery *q) {
    const char *direction = q->descending ? " DESC" : "";
    text_add(sql->text, " ORDER BY ");
    if (q->sort && q->sort->kind == F_REF) {
        size_t i = (size_t)(q->sort - q->fields);
        const Field *title = q->sort->target->fields;
        while (title->kind != F_END && !(title->flags & PRIMARY)) title++;
        text_addf(sql->text, "r%zu.%s%s, ", i, q->sort->target->search_keys ? q->sort->target->search_keys : field_column(title), direction);
    } else if (q->sort) {
        bool by_keys = res->search_keys && q->sort->flags & PRIMARY;
        by_keys ? text_addf(sql->text, "t.%s", res->search_keys) : sql_field(sql, q->sort);
        text_add(sql->text, direction);
        text_add(sql->text, " NULLS LAST, ");
    }
    text_addf(sql->text, "t.id%s", direction);
}

/* A page is chosen by id first: sorting narrow rows and fetching the page's own is several times quicker than sorting wide ones. */
static Sql *list_sql(Ctx *c, const Resource *res, const ListQuery *q) {
    Sql *sql = sql_new(c);
    sql_select(sql, res, q->fields, q->field_count);
    if (!q->limit) {
        add_where(c, sql, res, q);
        add_order(sql, res, q);
        return sql;
    }
    text_addf(sql->text, " WHERE t.id IN (SELECT t.id FROM %s t", res->table);
    if (q->search || (q->sort && q->sort->kind == F_REF)) sql_joins(sql, q->fields, q->field_count);
    add_where(c, sql, res, q);
    add_order(sql, res, q);
    text_add(sql->text, " LIMIT ");
    sql_param(sql, V(q->limit));
    text_add(sql->text, " OFFSET ");
    sql_param(sql, V(q->offset));
    text_add_char(sql->text, ')');
    add_order(sql, res, q);
    return sql;
}

static Error *totals(Ctx *c, const Resource *res, const ListQuery *q, ListResult *ret) {
    Sql *sql = sql_new(c);
    Rows *rows;
    text_add(sql->text, "SELECT count(*)");
    for (size_t i = 0; i < q->field_count; i++)
        if (q->fields[i].flags & SUM) {
            text_add(sql->text, ", sum(");
            sql_field(sql, &q->fields[i]);
            text_add_char(sql->text, ')');
        }
    text_addf(sql->text, " FROM %s t", res->table);
    bool joined = q->search != NULL;
    if (joined) sql_joins(sql, q->fields, q->field_count);
    add_where(c, sql, res, q);
    TRY(sql_query(c, sql, &rows));
    if (rows_next(rows)) {
        int col = 1;
        ret->total = row_int(rows, 0);
        for (size_t i = 0; i < q->field_count; i++) {
            if (!(q->fields[i].flags & SUM)) continue;
            if (!row_is_null(rows, col)) ret->sums[i] = row_int(rows, col);
            col++;
        }
    }
    return rows_done(rows);
}

Error *resource_list(Ctx *c, const Resource *res, const ListQuery *q, ListResult *ret) {
    *ret = (ListResult){.total = -1};
    ret->sums = talloc_array(c->mem, int64_t, q->field_count + 1);
    for (size_t i = 0; i < q->field_count; i++) ret->sums[i] = INT_NONE;
    Rows *rows;
    Pile pile = {.mem = c->mem};
    size_t room = q->limit ? (size_t)q->limit : 64;
    ret->rows = talloc_zero_size(c->mem, room * res->size);
    TRY(sql_query(c, list_sql(c, res, q), &rows));
    while (rows_next(rows)) {
        if (ret->count == room) {
            ret->rows = talloc_realloc_size(c->mem, ret->rows, (room *= 2) * res->size);
            memset(ret->rows + ret->count * res->size, 0, (room - ret->count) * res->size);
        }
        row_read(q->fields, q->field_count, rows, &pile, ret->rows + ret->count++ * res->size);
    }
    TRY(rows_done(rows));
    return q->want_total ? totals(c, res, q, ret) : NULL;
}

Error *resource_each(Ctx *c, const Resource *res, const ListQuery *q, Error *(*each)(Ctx *c, const void *row, void *arg), void *arg) {
    Rows *rows;
    TRY(sql_query(c, list_sql(c, res, q), &rows));
    void *row = talloc_zero_size(c->mem, res->size);
    while (rows_next(rows)) {
        Ctx *turn = ctx_child(c);
        Pile pile = {.mem = turn->mem};
        row_read(q->fields, q->field_count, rows, &pile, row);
        Error *e = each(turn, row, arg);
        if (e) e = err_copy(c->mem, e);
        ctx_done(turn);
        if (e) return e;
    }
    return rows_done(rows);
}

/* ---- finding one ---- */

/* Titles that are msgids are known to the catalogue, not to the database: such rows are few, and all are looked at. */
enum { TRANSLATED_ROWS = 500 };
static bool has_translated_title(const Resource *res) {
    const Field *f = resource_title_field(res);
    return f && f->flags & TRANSLATED;
}

static bool title_contains(Ctx *c, const char *title, const char *text) {
    return strstr(text_fold(c->mem, title), text_fold(c->mem, text)) || pinyin_contains(pinyin_keys(c->mem, title), text);
}

Error *resource_pick(Ctx *c, const Resource *res, const char *text, Value *ret_items) {
    bool here = text && *text && has_translated_title(res);
    ListQuery q = {.limit = here ? TRANSLATED_ROWS : PICK_LIMIT};
    TRY(resource_fields(c, res, &q.fields, &q.field_count));
    if (text && *text && !here) TRY(list_query_search(c, res, &q, text));
    ListResult list;
    TRY(resource_list(c, res, &q, &list));
    *ret_items = value_array(c->mem);
    for (size_t i = 0; i < list.count && value_count(*ret_items) < PICK_LIMIT; i++) {
        const ResourceRow *row = (const ResourceRow *)(list.rows + i * res->size);
        if (here && !title_contains(c, resource_row_title(c, res, row), text)) continue;
        Value item = value_object(c->mem);
        value_set_int(item, "id", row->id);
        value_set_text(item, "title", resource_row_title(c, res, row));
        value_push(*ret_items, item);
    }
    return NULL;
}

Error *resource_exists(Ctx *c, const Resource *res, int64_t id, bool *ret) {
    Sql *sql = sql_new(c);
    Rows *rows;
    text_addf(sql->text, "SELECT 1 FROM %s t WHERE t.id = ", res->table);
    sql_param(sql, V(id));
    TRY(sql_query(c, sql, &rows));
    *ret = rows_next(rows);
    return rows_done(rows);
}

static Error *resolve_translated(Ctx *c, const Resource *res, const char *text, int64_t *ret_id) {
    ListQuery q = {.limit = TRANSLATED_ROWS};
    ListResult list;
    TRY(resource_fields(c, res, &q.fields, &q.field_count));
    TRY(resource_list(c, res, &q, &list));
    for (size_t i = 0; i < list.count; i++) {
        const ResourceRow *row = (const ResourceRow *)(list.rows + i * res->size);
        if (strcmp(text_fold(c->mem, resource_row_title(c, res, row)), text_fold(c->mem, text)) != 0) continue;
        *ret_id = *ret_id ? -1 : row->id;
    }
    return NULL;
}

/* By each KEY field and the title: whole value only. Scope is left out on purpose: whether the result may be used is the
 * business of check_scope, and "there is no such person" would be a lie in an import. */
Error *resource_resolve(Ctx *c, const Resource *res, const char *text, int64_t *ret_id) {
    *ret_id = 0;
    for (const Field *f = res->fields; f->kind != F_END; f++) {
        if (!(f->flags & (KEY | PRIMARY)) || f->kind != F_TEXT) continue;
        Sql *sql = sql_new(c);
        Rows *rows;
        text_addf(sql->text, "SELECT t.id FROM %s t WHERE t.%s = ", res->table, field_column(f));
        sql_param(sql, V(text));
        text_add(sql->text, " LIMIT 2");
        TRY(sql_query(c, sql, &rows));
        int found = 0;
        int64_t id = 0;
        while (rows_next(rows)) id = row_int(rows, 0), found++;
        TRY(rows_done(rows));
        if (found) {
            *ret_id = found == 1 ? id : -1;
            return NULL;
        }
    }
    return has_translated_title(res) ? resolve_translated(c, res, text, ret_id) : NULL;
}

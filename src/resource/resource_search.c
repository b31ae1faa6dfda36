/* resource_search.c - the search field of a list: text in the searched columns, and names by how they are typed.
 *
 * LIKE over a row's pinyin keys finds "zhangsan", "zhangs" and "zs". What lies between ("zhsan", "lixw") is known to pinyin_contains
 * only: the few rows that can be meant are looked up first, and the statement asks for them by id. */
#include "base/pinyin.h"
#include "resource/resource_sql.h"
#include <ctype.h>
#include <string.h>
#include <talloc.h>

enum { TYPED_MIN = 3, TYPED_MAX = 24, TYPED_ROWS = 100 }; /* two letters are initials or the beginning of a syllable: LIKE finds them */

const char *sql_like(Ctx *c, const char *text) {
    const char *s = text_fold(c->mem, text_clean(c->mem, text));
    Text *t = text_new(c->mem, 2 * strlen(s) + 3);
    text_add_char(t, '%');
    for (; *s; s++) {
        if (strchr("!%_", *s)) text_add_char(t, '!');
        text_add_char(t, *s);
    }
    text_add_char(t, '%');
    return t->data;
}

/* "lixw" -> "%l%i%x%w%"; NULL if no name is typed like that. ü may be typed as u, v or yu, and is then a v in the keys. */
static const char *scattered(Ctx *c, const char *text) {
    const char *s = text_fold(c->mem, text_clean(c->mem, text));
    Text *t = text_new(c->mem, 2 * TYPED_MAX + 2);
    int letters = 0;
    text_add_char(t, '%');
    for (; *s; s++) {
        bool letter = isalpha((unsigned char)*s);
        if ((!letter && !strchr(" '-.", *s)) || letters == TYPED_MAX) return NULL;
        letters += letter;
        if (!letter || strchr("uvy", *s)) continue;
        text_add_char(t, *s);
        text_add_char(t, '%');
    }
    return letters < TYPED_MIN ? NULL : t->data;
}

static Error *look_up(Ctx *c, ListQuery *q, const Resource *of, const char *pattern) {
    for (const ListTyped *known = q->typed; known; known = known->next)
        if (known->of == of) return NULL;
    Sql *sql = sql_new(c);
    Rows *rows;
    Text *ids = text_new(c->mem, TYPED_ROWS * 21 + 2);
    text_addf(sql->text, "SELECT t.id, t.%s FROM %s t WHERE lower(t.%s) LIKE ", of->search_keys, of->table, of->search_keys);
    sql_param(sql, V(pattern));
    sql_scope(c, sql, of); /* else namesakes elsewhere in a large company could fill the places */
    text_add(sql->text, " ORDER BY t.id");
    TRY(sql_query(c, sql, &rows));
    text_add_char(ids, ',');
    for (int found = 0; found < TYPED_ROWS && rows_next(rows);) {
        if (!pinyin_contains(row_text(rows, 1), q->search)) continue;
        text_addf(ids, "%lld,", (long long)row_int(rows, 0));
        found++;
    }
    TRY(rows_done(rows));
    ListTyped *typed = talloc_zero(c->mem, ListTyped);
    *typed = (ListTyped){.next = q->typed, .of = of, .ids = ids->data};
    q->typed = typed;
    return NULL;
}

Error *list_query_search(Ctx *c, const Resource *res, ListQuery *q, const char *text) {
    q->search = text;
    q->typed = NULL;
    const char *pattern = scattered(c, text);
    if (!pattern) return NULL;
    if (res->search_keys) TRY(look_up(c, q, res, pattern));
    for (size_t i = 0; i < q->field_count; i++) {
        const Field *f = &q->fields[i];
        if (f->flags & SEARCH && f->kind == F_REF && f->target->search_keys) TRY(look_up(c, q, f->target, pattern));
    }
    return NULL;
}

/* What follows "lower(column". */
static void end_like(Sql *sql, const char *pattern) {
    text_add(sql->text, ") LIKE ");
    sql_param(sql, V(pattern));
    text_add(sql->text, " ESCAPE '!'");
}

static void add_like(Sql *sql, const char *alias, const char *column, const char *pattern) {
    text_addf(sql->text, "lower(%s.%s", alias, column);
    end_like(sql, pattern);
}

/* A row of a resource with search keys, under its alias: by them, or because it was looked up. */
static void add_names(Sql *sql, const ListQuery *q, const Resource *of, const char *alias, const char *pattern) {
    add_like(sql, alias, of->search_keys, pattern);
    for (const ListTyped *typed = q->typed; typed; typed = typed->next) {
        if (typed->of != of) continue;
        text_add(sql->text, " OR ");
        sql_param(sql, V(typed->ids));
        text_addf(sql->text, " LIKE '%%,' || CAST(%s.id AS TEXT) || ',%%'", alias); /* one statement for any number of ids */
    }
}

void sql_search(Ctx *c, Sql *sql, const Resource *res, const ListQuery *q) {
    const char *pattern = sql_like(c, q->search), *or = "";
    text_add(sql->text, " AND (");
    for (size_t i = 0; i < q->field_count; i++) {
        const Field *f = &q->fields[i];
        if (!(f->flags & SEARCH)) continue;
        text_add(sql->text, or);
        or = " OR ";
        if (f->kind == F_REF) {
            const Field *title = resource_title_field(f->target);
            const char *alias = talloc_asprintf(c->mem, "r%zu", i);
            if (f->target->search_keys) { /* the list of reports, too, is searched by pinyin */
                add_names(sql, q, f->target, alias, pattern);
                text_add(sql->text, " OR ");
            }
            add_like(sql, alias, title ? field_column(title) : "id", pattern);
        } else {
            text_add(sql->text, "lower(");
            sql_field(sql, f);
            end_like(sql, pattern);
        }
    }
    if (res->search_keys) {
        text_add(sql->text, or);
        or = " OR ";
        add_names(sql, q, res, "t", pattern);
    }
    if (!*or) text_add(sql->text, "1 = 0");
    text_add_char(sql->text, ')');
}

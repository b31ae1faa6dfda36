/* resource_history.c - the change history of one row, read from the audit log. */
#include "base/i18n.h"
#include "resource/resource_pages.h"
#include <string.h>
#include <talloc.h>

enum { MAX_HISTORY = 100 };

/* A JSON value of a change as people read it, by the field it belongs to; NULL where nothing was. */
static const char *shown(Ctx *c, const Resource *res, const Field *f, const json_t *v) {
    if (!v || json_is_null(v)) return NULL;
    Error *ignored = NULL;
    if (json_is_true(v) || json_is_false(v)) return tr(c->lang, json_is_true(v) ? N_("Yes") : N_("No"));
    if (json_is_integer(v) && f && f->kind == F_REF) {
        void *row = NULL;
        if (resource_load(c, f->target, json_integer_value(v), &row)) return talloc_asprintf(c->mem, "#%lld", (long long)json_integer_value(v));
        return resource_row_title(c, f->target, row);
    }
    if (json_is_integer(v)) return talloc_asprintf(c->mem, "%lld", (long long)json_integer_value(v));
    if (json_is_real(v)) return talloc_asprintf(c->mem, "%.2f", json_real_value(v));
    const char *text = json_string_value(v);
    if (!text) return "";
    if (f && f->kind == F_ENUM) {
        char scratch[4096] = {0};
        if (res->size > sizeof scratch) return text;
        field_parse(c, f, text, scratch, &ignored);
        return ignored ? text : talloc_strdup(c->mem, field_show(c, f, scratch));
    }
    if (f && f->kind == F_TIME && strlen(text) > 16) return talloc_asprintf(c->mem, "%.10s %.5s UTC", text, text + 11);
    return text;
}

static const char *own(Ctx *c, const char *text) {
    return text ? talloc_strdup(c->mem, text) : NULL;
}

static Value changes_model(Ctx *c, const Resource *res, const Field *fields, size_t n, const char *changes) {
    Value list = value_array(c->mem);
    json_t *root = NULL;
    Pair *unused;
    if (parse_json(c, changes, strlen(changes), &root, &unused) || !json_is_object(root)) return list;
    const char *name;
    json_t *pair;
    json_object_foreach(root, name, pair) {
        const Field *f = field_find(fields, n, name);
        if (!f || f->flags & INTERNAL) continue;
        Value o = value_object(c->mem);
        value_set_text(o, "label", field_label(c, f));
        value_set_text(o, "before", own(c, shown(c, res, f, json_array_get(pair, 0))));
        value_set_text(o, "after", own(c, shown(c, res, f, json_array_get(pair, 1))));
        value_push(list, o);
    }
    return list;
}

static const char *action_title(Ctx *c, const Resource *res, const char *action) {
    static const struct { const char *code, *title; } known[] = {
        {"create", N_("Created")}, {"update", N_("Changed")}, {"delete", N_("Deleted")}, {"import", N_("Imported")}, {"transfer", N_("Transferred")},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(known[i].code, action)) return tr(c->lang, known[i].title);
    for (const Action *a = res->actions; a && a->name; a++)
        if (!strcmp(a->name, action)) return tr(c->lang, a->title);
    return action;
}

Error *audit_history(Ctx *c, const Resource *res, const Field *fields, size_t n, int64_t id, Value *ret) {
    Rows *rows;
    *ret = value_array(c->mem);
    TRY(db_query(c, &rows, "SELECT at, actor_name, action, changes FROM audit WHERE object = $1 AND object_id = $2 ORDER BY id DESC LIMIT $3",
                 V(res->table), V(id), V(MAX_HISTORY)));
    while (rows_next(rows)) {
        char when[INSTANT_TEXT];
        Value o = value_object(c->mem);
        value_set_text(o, "when", talloc_strdup(c->mem, instant_local(row_int(rows, 0), when)));
        value_set_text(o, "who", strcmp(row_text(rows, 1), "system") ? row_dup(rows, 1) : tr(c->lang, N_("System")));
        value_set_text(o, "what", talloc_strdup(c->mem, action_title(c, res, row_text(rows, 2))));
        value_set(o, "changes", changes_model(c, res, fields, n, row_dup(rows, 3)));
        value_push(*ret, o);
    }
    return rows_done(rows);
}

/* resource_list_view.c - columns, cells, filters and paging of a list page.
 *
 * Cells are made while the template asks for them, in one scratch cell: a page of 100 rows and 10 columns allocates nothing for them. */
#include "resource/resource_list_view.h"
#include "base/i18n.h"
#include <string.h>
#include <talloc.h>

enum { MAX_COLUMNS = 64 };

typedef struct Cell {
    Value text, badge, href;
    const char *label, *kind;
    bool numeric, primary;
} Cell;

static Value cell_value(const void *row, const Member *m) {
    return *(const Value *)((const char *)row + m->offset);
}
static const Member cell_members[] = {
    {.name = "text", .kind = M_CALL, .offset = offsetof(Cell, text), .call = cell_value},
    {.name = "badge", .kind = M_CALL, .offset = offsetof(Cell, badge), .call = cell_value},
    {.name = "href", .kind = M_CALL, .offset = offsetof(Cell, href), .call = cell_value},
    {.name = "label", .kind = M_TEXT, .offset = offsetof(Cell, label)},
    {.name = "kind", .kind = M_TEXT, .offset = offsetof(Cell, kind)},
    {.name = "numeric", .kind = M_BOOL, .offset = offsetof(Cell, numeric)},
    {.name = "primary", .kind = M_BOOL, .offset = offsetof(Cell, primary)},
};
static const Shape cell_shape = {.members = cell_members, .count = sizeof cell_members / sizeof *cell_members};

/* What every row's cells are made from. */
typedef struct View {
    Ctx *c;
    const Resource *res;
    const Field *columns[MAX_COLUMNS];
    const char *labels[MAX_COLUMNS];
    size_t count;
    const Shape *shape;
    ValueList rows, cells;
    const char *first;      /* rows */
    const char *row;        /* whose cells are being asked for */
    bool linked;            /* may the reader open a row? */
    Cell cell;
    char text[MONEY_TEXT], href[160];
} View;

static Value number_text(View *v, const Field *f, int64_t n) {
    return value_text(f->kind == F_MONEY ? money_grouped(n, v->text) : int_grouped(n, v->text));
}

static Value cell_text(View *v, const Field *f) {
    if (field_is_empty(f, v->row)) return value_text("");
    const char *at = v->row + f->offset;
    switch (f->kind) {
    case F_INT:
    case F_MONEY: return number_text(v, f, *(const int64_t *)at);
    case F_DATE: return value_text(date_text(*(const Date *)at, v->text));
    case F_TIME: return value_text(instant_local(*(const Instant *)at, v->text));
    case F_ENUM: return value_text(tr(v->c->lang, f->labels[*(const int *)at]));
    case F_REF: return value_text(field_ref_title(v->c, f, v->row));
    case F_BOOL: return value_text(tr(v->c->lang, *(const bool *)at ? N_("Yes") : N_("No")));
    default: return value_text(f->flags & TRANSLATED ? tr(v->c->lang, *(const char *const *)at) : *(const char *const *)at);
    }
}

static const char *row_href(View *v, const void *row) {
    size_t n = strlen(v->res->path);
    char digits[24];
    int64_t id = ((const ResourceRow *)row)->id;
    int k = 0;
    memcpy(v->href, v->res->path, n);
    v->href[n++] = '/';
    do digits[k++] = (char)('0' + id % 10);
    while (id /= 10);
    while (k) v->href[n++] = digits[--k];
    v->href[n] = 0;
    return v->href;
}

static Value get_cell(const ValueList *list, size_t i) {
    View *v = (View *)(uintptr_t)list->a;
    const Field *f = v->columns[i];
    v->cell.text = cell_text(v, f);
    v->cell.badge = f->kind == F_ENUM && f->badges ? value_text(f->badges[*(const int *)(v->row + f->offset)]) : value_null();
    v->cell.primary = (f->flags & PRIMARY) != 0;
    v->cell.href = v->cell.primary && v->linked ? value_text(row_href(v, v->row)) : value_null();
    v->cell.label = v->labels[i];
    v->cell.kind = kind_name(f->kind);
    v->cell.numeric = f->kind == F_INT || f->kind == F_MONEY;
    return value_struct(&v->cell, &cell_shape);
}

static Value member_cells(const void *row, const Member *m) {
    View *v = (View *)(uintptr_t)m->arg;
    v->row = row;
    return value_list(&v->cells);
}
static Value member_href(const void *row, const Member *m) {
    return value_text(row_href((View *)(uintptr_t)m->arg, row));
}
static Value get_row(const ValueList *list, size_t i) {
    const View *v = list->a;
    return value_struct(v->first + i * v->res->size, v->shape);
}

/* The JSON shape of a row and, hidden from JSON, what the page asks for. */
static const Shape *page_shape(View *v, const ListQuery *q) {
    const Shape *plain = resource_shape(v->c, v->res, q->fields, q->field_count);
    Member *members = talloc_zero_array(v->c->mem, Member, plain->count + 2);
    memcpy(members, plain->members, plain->count * sizeof *members);
    members[plain->count] = (Member){.name = "_cells", .kind = M_CALL, .call = member_cells, .arg = v, .hidden = true};
    members[plain->count + 1] = (Member){.name = "href", .kind = M_CALL, .call = member_href, .arg = v, .hidden = true};
    Shape *shape = talloc(v->c->mem, Shape);
    *shape = (Shape){.members = members, .count = plain->count + 2};
    return shape;
}

/* ---- links that keep the rest of the query ---- */

static void add_encoded(Text *t, const char *s) {
    for (; *s; s++)
        if (strchr("-._~/,:", *s) || (*s >= '0' && *s <= '9') || ((*s | 32) >= 'a' && (*s | 32) <= 'z'))
            text_add_char(t, *s);
        else
            text_addf(t, "%%%02X", (unsigned char)*s);
}

/* The present query with `name` set to value (left out if NULL); the page number is dropped unless it is what changes. */
static const char *link_with(Req *r, const Resource *res, const char *name, const char *value) {
    Text *t = text_new(r->c.mem, 16384);
    const char *mark = "?";
    text_add(t, res->path);
    for (const Pair *p = r->query; p; p = p->next) {
        if (!strcmp(p->name, name) || !strcmp(p->name, "page") || !*p->value) continue;
        text_add(t, mark), mark = "&";
        add_encoded(t, p->name), text_add_char(t, '='), add_encoded(t, p->value);
    }
    if (value) text_add(t, mark), add_encoded(t, name), text_add_char(t, '='), add_encoded(t, value);
    return t->data;
}

/* ---- the parts of the model ---- */

static bool chosen(const char *names, const char *name) {
    size_t n = strlen(name);
    for (const char *s = names; (s = strstr(s, name)); s += n)
        if ((s == names || s[-1] == ' ') && (s[n] == ' ' || !s[n])) return true;
    return false;
}

static Error *choose_columns(View *v, const ListQuery *q) {
    const char *names = NULL;
    if (v->c->actor->account_id)
        TRY(db_get_text(v->c, &names, "SELECT columns FROM list_choice WHERE account_id = $1 AND resource = $2", V(v->c->actor->account_id), V(v->res->table)));
    for (size_t i = 0; i < q->field_count && v->count < MAX_COLUMNS; i++) {
        const Field *f = &q->fields[i];
        if (f->flags & INTERNAL) continue;
        bool visible = f->flags & PRIMARY || (names ? chosen(names, f->name) : (f->flags & IN_LIST) != 0);
        if (!visible) continue;
        v->labels[v->count] = field_label(v->c, f);
        v->columns[v->count++] = f;
    }
    return NULL;
}

static Value column_models(Req *r, View *v, const ListQuery *q, const ListResult *list, bool *ret_sums) {
    Ctx *c = v->c;
    Value columns = value_array(c->mem);
    for (size_t i = 0; i < v->count; i++) {
        const Field *f = v->columns[i];
        bool sorted = q->sort == f;
        Value o = value_object(c->mem);
        value_set_text(o, "name", f->name);
        value_set_text(o, "title", v->labels[i]);
        value_set_text(o, "kind", kind_name(f->kind));
        value_set_bool(o, "numeric", f->kind == F_INT || f->kind == F_MONEY);
        value_set_bool(o, "sortable", true);
        value_set_bool(o, "visible", true);
        value_set_bool(o, "primary", f->flags & PRIMARY);
        value_set_text(o, "sorted", !sorted ? NULL : q->descending ? "desc" : "asc");
        value_set_bool(o, "is_asc", sorted && !q->descending);
        value_set_bool(o, "is_desc", sorted && q->descending);
        value_set_text(o, "unit", f->unit ? tr(c->lang, f->unit) : NULL);
        value_set_text(o, "sort_href", link_with(r, v->res, "sort", talloc_asprintf(c->mem, "%s%s", sorted && !q->descending ? "-" : "", f->name)));
        int64_t sum = list->sums[f - q->fields];
        if (sum != INT_NONE) {
            *ret_sums = true;
            value_set(o, "total", f->kind == F_MONEY ? value_money(sum) : value_int(sum));
            value_set_text(o, "sum", talloc_strdup(c->mem, number_text(v, f, sum).text)); /* number_text's scratch is reused */
        }
        value_push(columns, o);
    }
    return columns;
}

static Value sums_model(Ctx *c, const ListQuery *q, const ListResult *list) {
    Value sums = value_object(c->mem);
    for (size_t i = 0; i < q->field_count; i++)
        if (list->sums[i] != INT_NONE) value_set(sums, q->fields[i].name, q->fields[i].kind == F_MONEY ? value_money(list->sums[i]) : value_int(list->sums[i]));
    return sums;
}

static const char *filter_text(const ListQuery *q, const Field *f, const char *op) {
    for (const ListFilter *x = q->filters; x; x = x->next)
        if (x->field == f && (!op || !strcmp(x->op, op))) return x->text;
    return "";
}

static Value filter_models(Ctx *c, const ListQuery *q) {
    Value list = value_array(c->mem);
    for (size_t i = 0; i < q->field_count; i++) {
        const Field *f = &q->fields[i];
        if (!(f->flags & FILTER)) continue;
        Value o = value_object(c->mem);
        bool range = f->kind == F_DATE || f->kind == F_INT || f->kind == F_MONEY;
        const char *kind = f->kind == F_DATE ? "date_range" : range ? "number_range" : f->kind == F_LONGTEXT ? "text" : kind_name(f->kind);
        value_set_text(o, "name", f->name);
        value_set_text(o, "title", field_label(c, f));
        value_set_text(o, "kind", kind);
        value_set_bool(o, talloc_asprintf(c->mem, "is_%s", kind), true);
        value_set_text(o, "value", filter_text(q, f, range ? "=" : NULL));
        value_set_text(o, "value_from", filter_text(q, f, ">="));
        value_set_text(o, "value_to", filter_text(q, f, "<="));
        value_set_text(o, "value_title", NULL);
        if (f->kind == F_REF) {
            int64_t id = 0;
            void *row;
            const char *text = filter_text(q, f, NULL);
            value_set_text(o, "search_href", talloc_asprintf(c->mem, "%s/search", f->target->path));
            if (*text && int_parse(text, &id) && !resource_load(c, f->target, id, &row)) value_set_text(o, "value_title", resource_row_title(c, f->target, row));
        }
        if (f->kind == F_ENUM) {
            Value options = value_array(c->mem);
            for (int k = 0; f->codes[k]; k++) {
                Value option = value_object(c->mem);
                value_set_text(option, "value", f->codes[k]);
                value_set_text(option, "title", tr(c->lang, f->labels[k]));
                value_set_bool(option, "selected", !strcmp(filter_text(q, f, NULL), f->codes[k]));
                value_push(options, option);
            }
            value_set(o, "options", options);
        }
        value_push(list, o);
    }
    return list;
}

static Value page_model(Req *r, const Resource *res, const ListQuery *q, const ListResult *list) {
    static const int sizes[] = {20, 50, 100, 200};
    Ctx *c = &r->c;
    Value o = value_object(c->mem), choices = value_array(c->mem);
    int64_t number = q->limit ? q->offset / q->limit + 1 : 1, pages = q->limit ? (list->total + q->limit - 1) / q->limit : 1;
    value_set_int(o, "number", number);
    value_set_int(o, "count", pages > 0 ? pages : 1);
    value_set_int(o, "size", q->limit);
    value_set_int(o, "first", list->count ? q->offset + 1 : 0);
    value_set_int(o, "last", q->offset + (int64_t)list->count);
    if (number > 1) value_set_text(o, "prev_href", link_with(r, res, "page", talloc_asprintf(c->mem, "%lld", (long long)number - 1)));
    if (number < pages) value_set_text(o, "next_href", link_with(r, res, "page", talloc_asprintf(c->mem, "%lld", (long long)number + 1)));
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        Value choice = value_object(c->mem);
        value_set_int(choice, "size", sizes[i]);
        value_set_text(choice, "href", link_with(r, res, "per_page", talloc_asprintf(c->mem, "%d", sizes[i])));
        value_set_bool(choice, "active", q->limit == sizes[i]);
        value_push(choices, choice);
    }
    value_set(o, "sizes", choices);
    return o;
}

static void add_link(Ctx *c, Value list, const char *name, const char *title, const char *href, const char *icon, bool primary) {
    Value o = value_object(c->mem);
    value_set_text(o, "name", name);
    value_set_text(o, "title", tr(c->lang, title));
    value_set_text(o, "href", href);
    value_set_text(o, "icon", icon);
    value_set_bool(o, "primary", primary);
    value_set_bool(o, "is_post", false);
    value_set_bool(o, "needs_reason", false);
    value_push(list, o);
}

static Value list_actions(Req *r, const Resource *res) {
    Ctx *c = &r->c;
    Value list = value_array(c->mem);
    if (may(c, res->access.create)) add_link(c, list, "new", N_("New"), talloc_asprintf(c->mem, "%s/new", res->path), "plus", true);
    if (res->importable && may(c, res->access.create)) add_link(c, list, "import", N_("Import"), talloc_asprintf(c->mem, "%s/import", res->path), "upload", false);
    const char *query = strchr(link_with(r, res, "page", NULL), '?');
    add_link(c, list, "export", N_("Export"), talloc_asprintf(c->mem, "%s/export.xlsx%s", res->path, query ? query : ""), "download", false);
    return list;
}

static Value bulk_actions(Ctx *c, const Resource *res) {
    Value list = value_array(c->mem);
    for (const Action *a = res->actions; a && a->name; a++) {
        if (!a->bulk || !may(c, a->roles)) continue;
        Value o = value_object(c->mem);
        value_set_text(o, "name", a->name);
        value_set_text(o, "title", tr(c->lang, a->title));
        value_set_bool(o, "needs_reason", a->needs_reason);
        value_set_text(o, "confirm", a->confirm ? tr(c->lang, a->confirm) : NULL);
        value_push(list, o);
    }
    return list;
}

static Value empty_model(Req *r, const Resource *res, bool filtered) {
    Ctx *c = &r->c;
    Value o = value_object(c->mem);
    Msg none = {.id = N_("No {1} yet"), .args = {tr(c->lang, res->title)}};
    value_set_text(o, "title", filtered ? tr(c->lang, N_("Nothing matches these filters")) : msg_text(c->mem, c->lang, &none));
    value_set_text(o, "href", NULL);
    value_set_text(o, "action", NULL);
    value_set_text(o, "hint", filtered ? tr(c->lang, N_("Remove a filter or look in a longer time.")) : res->empty_hint ? tr(c->lang, res->empty_hint) : NULL);
    if (filtered) {
        value_set_text(o, "href", res->path);
        value_set_text(o, "action", tr(c->lang, N_("Clear filters")));
    } else if (may(c, res->access.create)) {
        value_set_text(o, "href", talloc_asprintf(c->mem, res->importable ? "%s/import" : "%s/new", res->path));
        value_set_text(o, "action", tr(c->lang, res->importable ? N_("Import") : N_("New")));
    }
    return o;
}

static Value all_columns(View *v, const ListQuery *q) {
    Value list = value_array(v->c->mem);
    for (size_t i = 0; i < q->field_count; i++) {
        if (q->fields[i].flags & INTERNAL) continue;
        Value o = value_object(v->c->mem);
        bool visible = false;
        for (size_t k = 0; k < v->count; k++) visible |= v->columns[k] == &q->fields[i];
        value_set_text(o, "name", q->fields[i].name);
        value_set_text(o, "title", field_label(v->c, &q->fields[i]));
        value_set_bool(o, "visible", visible);
        value_push(list, o);
    }
    return list;
}

static void page_parts(Req *r, View *v, const ListQuery *q, Value model) {
    Ctx *c = &r->c;
    Value bulk = bulk_actions(c, v->res);
    bool filtered = q->search != NULL;
    for (const Pair *p = r->query; p; p = p->next) filtered |= *p->value && strcmp(p->name, "sort") && strcmp(p->name, "page") && strcmp(p->name, "per_page");
    value_set_text(model, "query", q->search ? q->search : "");
    value_set(model, "filters", filter_models(c, q));
    value_set_bool(model, "filtered", filtered);
    value_set_text(model, "clear_href", v->res->path);
    value_set_bool(model, "recent", v->res->recent && !filtered);
    value_set(model, "all_columns", all_columns(v, q));
    value_set(model, "actions", list_actions(r, v->res));
    value_set(model, "bulk_actions", bulk);
    value_set_bool(model, "selectable", value_count(bulk) > 0);
    value_set(model, "empty", empty_model(r, v->res, filtered));
}

Error *list_view_model(Req *r, const Resource *res, const ListQuery *q, const ListResult *list, Value *ret) {
    Ctx *c = &r->c;
    View *v = talloc_zero(c->mem, View);
    *v = (View){.c = c, .res = res, .first = list->rows, .linked = may(c, res->access.read)};
    TRY(choose_columns(v, q));
    v->rows = (ValueList){.count = list->count, .get = get_row, .a = v};
    v->cells = (ValueList){.count = v->count, .get = get_cell, .a = v};
    v->shape = page_shape(v, q);
    bool sums = false;
    Value model = *ret = value_object(c->mem);
    value_set_text(model, "title", tr(c->lang, res->title));
    value_set_text(model, "path", res->path);
    value_set_int(model, "total", list->total);
    value_set(model, "page", page_model(r, res, q, list));
    value_set(model, "columns", column_models(r, v, q, list, &sums));
    value_set(model, "sums", sums_model(c, q, list));
    value_set_bool(model, "has_sums", sums && list->count);
    value_set_bool(model, "has_rows", list->count > 0);
    value_set(model, "rows", value_list(&v->rows));
    if (!r->wants_json) page_parts(r, v, q, model);
    return NULL;
}

/* okr_tree.c - what an objective helps to reach, and what helps it. */
#include "base/i18n.h"
#include "modules/okr/okr_private.h"
#include <string.h>
#include <talloc.h>

enum { TREE_MAX = 200, TREE_DEPTH = 12 };

typedef struct Node {
    int64_t id, parent_id;
    const char *title, *who;
    Date first_day, last_day;
    bool visible;
    int state;
} Node;
typedef struct Nodes {
    Node *list;
    size_t count;
} Nodes;

#define NODE_COLUMNS                                                                                                                            \
    "o.id, coalesce(o.parent_id, 0), o.title, CASE WHEN o.level = 1 THEN u.name ELSE e.name END, o.first_day, o.last_day, CASE WHEN " OKR_VISIBLE_1234 \
    " THEN 1 ELSE 0 END, o.state"
#define NODE_FROM " JOIN objective o ON o.id = x.id JOIN employee e ON e.id = o.employee_id JOIN org_unit u ON u.id = o.unit_id ORDER BY o.first_day, o.id LIMIT $6"

static Error *read_nodes(Ctx *c, Rows *rows, Nodes *ret) {
    *ret = (Nodes){.list = talloc_zero_array(c->mem, Node, TREE_MAX)};
    while (rows_next(rows)) {
        Node *n = &ret->list[ret->count++];
        *n = (Node){.id = row_int(rows, 0), .parent_id = row_int(rows, 1), .title = row_dup(rows, 2), .who = row_dup(rows, 3), .visible = row_int(rows, 6) != 0, .state = (int)row_int(rows, 7)};
        (void)date_parse(row_text(rows, 4), &n->first_day);
        (void)date_parse(row_text(rows, 5), &n->last_day);
    }
    return rows_done(rows);
}

static Error *node_model(Ctx *c, const Node *n, Value *ret) {
    char first[DATE_TEXT], last[DATE_TEXT];
    Value m = value_object(c->mem);
    ObjectiveNow now = {.progress = RATIO_NONE};
    Ratio elapsed = RATIO_NONE;
    *ret = m;
    if (n->visible) {
        TRY(okr_now(c, n->id, n->first_day, n->last_day, &now));
        TRY(okr_elapsed(c, n->state, n->first_day, n->last_day, &elapsed));
    }
    value_set_int(m, "id", n->id);
    value_set_text(m, "title", n->visible ? n->title : tr(c->lang, N_("An objective that is not open to you")));
    value_set_text(m, "who", n->visible ? n->who : NULL);
    value_set_text(m, "href", n->visible ? resource_href(c, &objective_resource, n->id) : NULL);
    value_set_text(m, "days", n->visible ? talloc_asprintf(c->mem, "%s – %s", date_text(n->first_day, first), date_text(n->last_day, last)) : NULL);
    okr_add_progress(c, m, now.progress, elapsed);
    return NULL;
}

static Error *below_model(Ctx *c, const Nodes *all, int64_t parent_id, int depth, Value *ret) {
    *ret = value_array(c->mem);
    for (size_t i = 0; i < all->count && depth < TREE_DEPTH; i++) {
        Value one, below;
        if (all->list[i].parent_id != parent_id) continue;
        TRY(node_model(c, &all->list[i], &one));
        TRY(below_model(c, all, all->list[i].id, depth + 1, &below));
        value_set(one, "below", below);
        value_set_bool(one, "has_below", value_count(below) > 0);
        value_push(*ret, one);
    }
    return NULL;
}

/* From the parent up, pushed from the top down. */
static Error *above_model(Ctx *c, const Nodes *all, int64_t id, int depth, Value list) {
    for (size_t i = 0; i < all->count && depth < TREE_DEPTH; i++) {
        Value one;
        if (all->list[i].id != id) continue;
        TRY(above_model(c, all, all->list[i].parent_id, depth + 1, list));
        TRY(node_model(c, &all->list[i], &one));
        value_push(list, one);
        return NULL;
    }
    return NULL;
}

Error *okr_tree(Ctx *c, const Objective *o, Value model) {
    Rows *rows;
    Nodes up, down;
    Value above = value_array(c->mem), below;
    TRY(db_query(c, &rows, "WITH RECURSIVE x(id) AS (SELECT p.parent_id FROM objective p WHERE p.id = $5 AND p.parent_id IS NOT NULL"
                           " UNION SELECT p.parent_id FROM x JOIN objective p ON p.id = x.id WHERE p.parent_id IS NOT NULL) SELECT " NODE_COLUMNS " FROM x" NODE_FROM,
                 OKR_READER(c), V(o->id), V(TREE_MAX)));
    TRY(read_nodes(c, rows, &up));
    TRY(db_query(c, &rows, "WITH RECURSIVE x(id) AS (SELECT p.id FROM objective p WHERE p.parent_id = $5"
                           " UNION SELECT p.id FROM x JOIN objective p ON p.parent_id = x.id) SELECT " NODE_COLUMNS " FROM x" NODE_FROM,
                 OKR_READER(c), V(o->id), V(TREE_MAX)));
    TRY(read_nodes(c, rows, &down));
    TRY(above_model(c, &up, o->parent_id, 0, above));
    TRY(below_model(c, &down, o->id, 0, &below));
    value_set(model, "above", above);
    value_set_bool(model, "has_above", value_count(above) > 0);
    value_set(model, "below", below);
    value_set_bool(model, "has_below", value_count(below) > 0);
    return NULL;
}

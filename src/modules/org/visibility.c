/* visibility.c - which units each account sees: a small table, rebuilt whenever the tree, a leader or an account changes, so that a scope is
 * an ordinary condition on one column everywhere. */
#include "modules/org/org_private.h"
#include <talloc.h>

typedef struct Unit {
    int64_t id, parent_id, leader_id;
} Unit;
typedef struct Tree {
    Unit *units;
    size_t count;
} Tree;

static Error *load_tree(Ctx *c, Tree *tree) {
    Rows *rows;
    *tree = (Tree){0};
    TRY(db_query(c, &rows, "SELECT id, coalesce(parent_id, 0), coalesce(leader_id, 0) FROM org_unit"));
    while (rows_next(rows)) {
        if (!(tree->count & (tree->count - 1))) tree->units = talloc_realloc(c->mem, tree->units, Unit, tree->count ? tree->count * 2 : 1);
        tree->units[tree->count++] = (Unit){row_int(rows, 0), row_int(rows, 1), row_int(rows, 2)};
    }
    return rows_done(rows);
}

static const Unit *find(const Tree *tree, int64_t id) {
    for (size_t i = 0; i < tree->count; i++)
        if (tree->units[i].id == id) return &tree->units[i];
    return NULL;
}

/* Does the employee lead this unit, or with whole_subtree one above it? */
static bool sees(const Tree *tree, const Unit *unit, int64_t employee_id, bool whole_subtree) {
    for (int depth = 0; unit && depth < 20; depth++) {
        if (unit->leader_id == employee_id) return true;
        if (!whole_subtree) return false;
        unit = find(tree, unit->parent_id);
    }
    return false;
}

Error *org_sees_unit(Ctx *c, int64_t unit_id, bool *ret) {
    int64_t seen = c->actor->scope == SCOPE_ALL || c->actor->system;
    if (!seen) TRY(db_get_int(c, &seen, "SELECT 1 FROM visible_unit WHERE account_id = $1 AND unit_id = $2", V(c->actor->account_id), V(unit_id)));
    *ret = seen != 0;
    return NULL;
}

Error *org_sees_person(Ctx *c, int64_t employee_id, bool *ret) {
    int64_t unit_id = 0;
    *ret = employee_id == c->actor->employee_id && employee_id;
    if (*ret) return NULL;
    TRY(db_get_int(c, &unit_id, "SELECT unit_id FROM employee WHERE id = $1", V(employee_id)));
    return unit_id ? org_sees_unit(c, unit_id, ret) : NULL;
}

Error *unit_above_rebuild(Ctx *c, int64_t unit_id) {
    TRY(db_exec(c, "DELETE FROM unit_above WHERE below_id IN (WITH RECURSIVE down(id) AS (SELECT u.id FROM org_unit u WHERE u.id = $1"
                   " UNION SELECT u.id FROM down JOIN org_unit u ON u.parent_id = down.id) SELECT id FROM down)", V(unit_id)));
    return db_exec(c, "INSERT INTO unit_above(below_id, above_id)"
                      " WITH RECURSIVE down(id) AS (SELECT u.id FROM org_unit u WHERE u.id = $1 UNION SELECT u.id FROM down JOIN org_unit u ON u.parent_id = down.id),"
                      " up(below_id, above_id) AS (SELECT id, id FROM down UNION SELECT up.below_id, u.parent_id FROM up JOIN org_unit u ON u.id = up.above_id WHERE u.parent_id IS NOT NULL)"
                      " SELECT below_id, above_id FROM up", V(unit_id));
}

Error *org_rebuild_visibility(Ctx *c) {
    Tree tree;
    Rows *rows;
    TRY(load_tree(c, &tree));
    TRY(db_exec(c, "DELETE FROM visible_unit"));
    TRY(db_query(c, &rows, "SELECT id, employee_id, roles, coalesce(scope, -1) FROM account WHERE employee_id IS NOT NULL AND status = 0"));
    while (rows_next(rows)) {
        int64_t account = row_int(rows, 0), employee = row_int(rows, 1), own = row_int(rows, 3);
        Scope scope = own >= 0 ? (Scope)own : scope_of_roles((uint32_t)row_int(rows, 2));
        if (scope != SCOPE_TEAM && scope != SCOPE_SUBTREE) continue;
        for (size_t i = 0; i < tree.count; i++)
            if (sees(&tree, &tree.units[i], employee, scope == SCOPE_SUBTREE))
                TRY(db_exec(c, "INSERT INTO visible_unit(account_id, unit_id) VALUES ($1, $2)", V(account), V(tree.units[i].id)));
    }
    TRY(rows_done(rows));
    session_changed(c, 0);
    return NULL;
}

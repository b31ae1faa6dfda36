/* org_unit.c - company, regions, teams: a tree with leaders. */
#include "base/pinyin.h"
#include "modules/org/org_private.h"
#include <talloc.h>

enum { MAX_DEPTH = 12 };

static const char *const kind_codes[] = {"company", "region", "team", NULL};
static const char *const kind_labels[] = {N_("Company"), N_("Region"), N_("Team"), NULL};
static const char *const status_codes[] = {"active", "closed", NULL};
static const char *const status_labels[] = {N_("Active"), N_("Closed"), NULL};
static const char *const status_badges[] = {"success", "secondary", NULL};

static const Field fields[] = {
    TEXT_(OrgUnit, name, N_("Unit"), .flags = REQUIRED | IN_LIST | PRIMARY | SEARCH | KEY, .max = 60, .aliases = (const char *const[]){"部门", "团队", "名称", NULL}),
    ENUM_(OrgUnit, kind, N_("Kind"), .flags = IN_LIST | FILTER, .codes = kind_codes, .labels = kind_labels),
    REF_(OrgUnit, parent_id, parent_name, N_("Parent unit"), &org_unit_resource, .flags = IN_LIST | FILTER, .aliases = (const char *const[]){"上级部门", NULL}),
    REF_(OrgUnit, leader_id, leader_name, N_("Leader"), &employee_resource, .flags = IN_LIST, .aliases = (const char *const[]){"负责人", NULL}),
    INT_(OrgUnit, sort, N_("Order"), .max = 9999, .help = N_("Smaller numbers come first")),
    ENUM_(OrgUnit, status, N_("Status"), .flags = IN_LIST | FILTER, .codes = status_codes, .labels = status_labels, .badges = status_badges),
    TEXT_(OrgUnit, name_keys, N_("Search keys"), .flags = INTERNAL, .max = 1000),
    {.kind = F_END},
};

static Error *prepare(Ctx *c, const void *old, void *row) {
    OrgUnit *u = row;
    (void)old;
    if (u->sort == INT_NONE) u->sort = 0;
    if (u->name) u->name_keys = pinyin_keys(c->mem, u->name);
    if (u->name && !*u->name_keys) u->name_keys = text_fold(c->mem, u->name); /* signs only */
    return NULL;
}

/* A unit may not stand below itself, and there is one company at the top. */
static Error *validate(Ctx *c, const void *old, const void *row) {
    const OrgUnit *u = row;
    Error *errors = NULL;
    if (u->kind != UNIT_COMPANY && !u->parent_id) err_add_field(c, &errors, "parent_id", N_("Say which unit this one belongs to"));
    if (u->kind == UNIT_COMPANY && u->parent_id) err_add_field(c, &errors, "parent_id", N_("The company is the top of the tree"));
    const OrgUnit *was = old;
    bool was_company = was && was->kind == UNIT_COMPANY;
    if (u->kind == UNIT_COMPANY && !was_company) {
        int64_t other = 0;
        TRY(db_get_int(c, &other, "SELECT id FROM org_unit WHERE kind = 0"));
        if (other) err_add_field(c, &errors, "kind", N_("There is a company already"));
    }
    if (was_company && (u->kind != UNIT_COMPANY || u->status == 1)) err_add_field(c, &errors, u->status == 1 ? "status" : "kind", N_("The company is the top of the tree"));
    int64_t at = u->parent_id, height = 0;
    if (was && was->parent_id != at)
        TRY(db_get_int(c, &height, "WITH RECURSIVE down(id, depth) AS (SELECT u.id, 0 FROM org_unit u WHERE u.id = $1"
                                   " UNION SELECT u.id, down.depth + 1 FROM down JOIN org_unit u ON u.parent_id = down.id) SELECT max(depth) FROM down", V(u->id)));
    for (int64_t depth = height; at && !errors; depth++) {
        if (at == u->id || depth >= MAX_DEPTH) {
            err_add_field(c, &errors, "parent_id", at == u->id ? N_("A unit cannot stand below itself") : N_("The tree is too deep"));
            break;
        }
        int64_t up = 0;
        TRY(db_get_int(c, &up, "SELECT parent_id FROM org_unit WHERE id = $1", V(at)));
        at = up;
    }
    if (u->leader_id && (!was || was->leader_id != u->leader_id)) {
        int64_t left = 0;
        TRY(db_get_int(c, &left, "SELECT status FROM employee WHERE id = $1", V(u->leader_id)));
        if (left) err_add_field(c, &errors, "leader_id", N_("This person has left"));
    }
    if (u->status == 1 && u->id) {
        int64_t people = 0;
        TRY(db_get_int(c, &people, "SELECT count(*) FROM employee WHERE unit_id = $1 AND status = 0", V(u->id)));
        if (people) err_add_field(c, &errors, "status", N_("Move its {1} people first"), talloc_asprintf(c->mem, "%lld", (long long)people));
    }
    return errors;
}

static Error *after_save(Ctx *c, const void *old, const void *row) {
    const OrgUnit *was = old, *is = row;
    if (!was || was->parent_id != is->parent_id) TRY(unit_above_rebuild(c, is->id));
    if (was && was->parent_id != is->parent_id && org_on_unit_moved) TRY(org_on_unit_moved(c, is->id, was->parent_id, is->parent_id));
    if (was && was->parent_id == is->parent_id && was->leader_id == is->leader_id && was->status == is->status) return NULL;
    return org_rebuild_visibility(c);
}

Error *(*org_on_unit_moved)(Ctx *c, int64_t unit_id, int64_t old_parent, int64_t new_parent);

Error *org_check_open(Ctx *c, int64_t unit_id, Error **errors) {
    int64_t status = 0;
    TRY(db_get_int(c, &status, "SELECT status FROM org_unit WHERE id = $1", V(unit_id)));
    if (status) err_add_field(c, errors, "unit_id", N_("This unit is closed"));
    return NULL;
}

Error *org_unit_create_root(Ctx *c, const char *name, int64_t *ret_id) {
    OrgUnit row = {.kind = UNIT_COMPANY};
    *ret_id = 0;
    TRY(db_get_int(c, ret_id, "SELECT id FROM org_unit WHERE kind = 0"));
    if (*ret_id) {
        void *old;
        TRY(resource_load(c, &org_unit_resource, *ret_id, &old));
        row = *(OrgUnit *)old;
        row.name = name;
        return resource_save(c, &org_unit_resource, old, &row, NULL, NULL);
    }
    row.name = name;
    TRY(resource_save(c, &org_unit_resource, NULL, &row, NULL, NULL));
    *ret_id = row.id;
    return NULL;
}

const Resource org_unit_resource = {
    .table = "org_unit", .path = "/units", .title = N_("Units"), .one = N_("Unit"), .icon = "sitemap", .size = sizeof(OrgUnit), .fields = fields,
    .access = {.read = ROLE_ANY, .create = ROLE_ADMIN | ROLE_TRAINER, .update = ROLE_ADMIN | ROLE_TRAINER},
    .order = "name", .search_keys = "name_keys", .below = "SELECT a.below_id FROM unit_above a WHERE a.above_id = ?", .importable = true, .prepare = prepare, .validate = validate, .after_save = after_save,
    .empty_hint = N_("Enter the company first, then regions and teams, or import them."),
};

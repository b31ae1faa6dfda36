/* dimension.c - regions, products and kinds of customers: trees by which numbers are told apart beside the tree of people. */
#include "base/pinyin.h"
#include "modules/metric/metric_private.h"
#include <talloc.h>

enum { MAX_DEPTH = 10 };

static const char *const kind_codes[] = {"region", "product", "customer_type", NULL};
static const char *const kind_labels[] = {N_("Sales region"), N_("Product"), N_("Customer type"), NULL};

static const Field fields[] = {
    TEXT_(Dimension, name, N_("Name"), .flags = REQUIRED | IN_LIST | PRIMARY | SEARCH | KEY, .max = 60),
    ENUM_(Dimension, kind, N_("Kind"), .flags = IN_LIST | FILTER | CREATE_ONLY | KEY, .codes = kind_codes, .labels = kind_labels),
    REF_(Dimension, parent_id, parent_name, N_("Belongs to"), &dimension_resource, .flags = IN_LIST | FILTER, .help = N_("A product's line, a province's region"),
         .aliases = (const char *const[]){"上级", "产品线", NULL}),
    INT_(Dimension, sort, N_("Order"), .max = 9999, .flags = SORT, .help = N_("Smaller numbers come first")),
    BOOL_(Dimension, active, N_("In use"), .flags = IN_LIST | FILTER),
    TEXT_(Dimension, name_keys, N_("Search keys"), .flags = INTERNAL, .max = 1000),
    {.kind = F_END},
};

static void defaults(Ctx *c, void *row) {
    (void)c;
    ((Dimension *)row)->active = true;
    ((Dimension *)row)->sort = 0;
}

static Error *prepare(Ctx *c, const void *old, void *row) {
    Dimension *d = row;
    (void)old;
    if (d->sort == INT_NONE) d->sort = 0;
    if (d->name) d->name_keys = pinyin_keys(c->mem, d->name);
    return NULL;
}

/* A parent is of the same kind and not below its own child. Sums already kept follow the tree of their day, so a member with numbers stays put. */
static Error *validate(Ctx *c, const void *old, const void *row) {
    const Dimension *d = row, *was = old;
    Error *errors = NULL;
    int64_t at = d->parent_id, height = 0;
    if (was && was->parent_id != at)
        TRY(db_get_int(c, &height, "WITH RECURSIVE down(id, depth) AS (SELECT d.id, 0 FROM dimension d WHERE d.id = $1"
                                   " UNION SELECT d.id, down.depth + 1 FROM down JOIN dimension d ON d.parent_id = down.id) SELECT max(depth) FROM down", V(d->id)));
    for (int64_t depth = height; at; depth++) {
        Rows *rows;
        if (at == d->id) return err_field(c, "parent_id", N_("An entry cannot stand below itself"));
        if (depth >= MAX_DEPTH) return err_field(c, "parent_id", N_("The tree is too deep"));
        TRY(db_one(c, &rows, "SELECT kind, coalesce(parent_id, 0) FROM dimension WHERE id = $1", V(at)));
        if (!rows) break;
        if (row_int(rows, 0) != d->kind) err_add_field(c, &errors, "parent_id", N_("This is of another kind"));
        at = row_int(rows, 1);
        TRY(rows_done(rows));
        if (errors) return errors;
    }
    if (!was || was->parent_id == d->parent_id) return NULL;
    int64_t used = 0;
    TRY(db_get_int(c, &used, "WITH RECURSIVE down(id) AS (SELECT d.id FROM dimension d WHERE d.id = $1 UNION SELECT d.id FROM down JOIN dimension d ON d.parent_id = down.id)"
                             " SELECT 1 FROM fact WHERE region_id IN (SELECT id FROM down) OR product_id IN (SELECT id FROM down) OR customer_type_id IN (SELECT id FROM down) LIMIT 1", V(d->id)));
    return used ? err_field(c, "parent_id", N_("There are numbers under this entry already; make a new one and leave this one out of use")) : NULL;
}

const Resource dimension_resource = {
    .table = "dimension", .path = "/numbers/dimensions", .title = N_("Regions, products, customer types"), .one = N_("Dimension entry"), .icon = "category", .size = sizeof(Dimension),
    .fields = fields, .access = {.read = ROLE_ANY, .create = ROLE_ADMIN | ROLE_MANAGER, .update = ROLE_ADMIN | ROLE_MANAGER}, .order = "name", .search_keys = "name_keys", .importable = true,
    .below = "WITH RECURSIVE down(id) AS (SELECT d.id FROM dimension d WHERE d.id = ? UNION SELECT d.id FROM down JOIN dimension d ON d.parent_id = down.id) SELECT id FROM down",
    .defaults = defaults, .prepare = prepare, .validate = validate, .empty_hint = N_("Enter the product lines and products, regions and kinds of customers by which you look at your numbers."),
};

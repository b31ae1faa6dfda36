/* names.c - who and what a text in a file means: aliases that people have saved, then numbers, log-ins and unique names. */
#include "modules/intake/intake_private.h"
#include "modules/org/org.h"
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

const char *const name_kind_codes[] = {"person", "region", "product", "customer_type", NULL};
const char *const name_kind_labels[] = {N_("Salesperson"), N_("Sales region"), N_("Product"), N_("Customer type"), NULL};

/* A stronger rank wins over a weaker one; two of the same rank that differ are no answer. */
typedef enum NameRank { RANK_ALIAS, RANK_NUMBER, RANK_LOGIN, RANK_NAME } NameRank;
typedef struct Name {
    const char *text;
    int64_t id;
    NameRank rank;
} Name;

typedef struct NameList {
    Name *list;
    size_t count;
} NameList;
struct Names {
    NameList kinds[NAME_KINDS];
};

const char *names_fold(void *mem, const char *text) {
    char *s = text_fold(mem, text_clean(mem, text)), *out = s;
    for (const char *p = s; *p; p++) {
        bool space = *p == ' ' || *p == '\t' || *p == '\n';
        if (space && (out == s || out[-1] == ' ')) continue;
        *out++ = space ? ' ' : *p;
    }
    while (out > s && out[-1] == ' ') out--;
    *out = 0;
    return s;
}

static void add(Ctx *c, Names *names, NameKind kind, const char *text, int64_t id, NameRank rank) {
    NameList *n = &names->kinds[kind];
    if (!*text || !id) return;
    if (!(n->count & (n->count - 1))) n->list = talloc_realloc(c->mem, n->list, Name, n->count ? (unsigned)n->count * 2 : 1);
    n->list[n->count++] = (Name){.text = names_fold(c->mem, text), .id = id, .rank = rank};
}

static int by_text(const void *a, const void *b) {
    const Name *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    return order ? order : (int)x->rank - (int)y->rank;
}

static Error *load_people(Ctx *c, Names *names) {
    Rows *rows;
    TRY(db_query(c, &rows, "SELECT e.id, e.no, e.name, a.login FROM employee e LEFT JOIN account a ON a.employee_id = e.id"));
    while (rows_next(rows)) {
        add(c, names, NAME_PERSON, row_text(rows, 1), row_int(rows, 0), RANK_NUMBER);
        add(c, names, NAME_PERSON, row_text(rows, 2), row_int(rows, 0), RANK_NAME);
        add(c, names, NAME_PERSON, row_text(rows, 3), row_int(rows, 0), RANK_LOGIN);
    }
    return rows_done(rows);
}

static Error *load_others(Ctx *c, Names *names) {
    Rows *rows;
    TRY(db_query(c, &rows, "SELECT kind, name, id FROM dimension"));
    while (rows_next(rows)) add(c, names, (NameKind)(1 + row_int(rows, 0)), row_text(rows, 1), row_int(rows, 2), RANK_NAME);
    TRY(rows_done(rows));
    TRY(db_query(c, &rows, "SELECT kind, name_folded, coalesce(employee_id, dimension_id) FROM feed_alias"));
    while (rows_next(rows)) add(c, names, (NameKind)row_int(rows, 0), row_text(rows, 1), row_int(rows, 2), RANK_ALIAS);
    return rows_done(rows);
}

Error *names_load(Ctx *c, const Names **ret) {
    Names *names = talloc_zero(c->mem, Names);
    TRY(load_people(c, names));
    TRY(load_others(c, names));
    for (int k = 0; k < NAME_KINDS; k++)
        if (names->kinds[k].count) qsort(names->kinds[k].list, names->kinds[k].count, sizeof(Name), by_text);
    *ret = names;
    return NULL;
}

int64_t names_find(Ctx *c, const Names *names, NameKind kind, const char *text) {
    const NameList *n = &names->kinds[kind];
    const char *folded = names_fold(c->mem, text);
    size_t low = 0, high = n->count;
    while (low < high) { /* the first of that text */
        size_t middle = low + (high - low) / 2;
        if (strcmp(n->list[middle].text, folded) < 0) low = middle + 1;
        else high = middle;
    }
    if (low == n->count || strcmp(n->list[low].text, folded) != 0) return 0;
    const Name *found = &n->list[low];
    for (const Name *other = found + 1; other < n->list + n->count && other->rank == found->rank && !strcmp(other->text, folded); other++)
        if (other->id != found->id) return 0;
    return found->id;
}

/* ---- aliases: saved once, used by every later file ---- */

typedef struct FeedAlias {
    RESOURCE_ROW;
    const char *name, *name_folded, *employee_name, *dimension_name;
    int64_t employee_id, dimension_id;
    int kind;
} FeedAlias;

static const Field fields[] = {
    TEXT_(FeedAlias, name, N_("As files write it"), .flags = REQUIRED | IN_LIST | PRIMARY | SEARCH, .max = INTAKE_KEY_LENGTH),
    ENUM_(FeedAlias, kind, N_("Kind"), .flags = IN_LIST | FILTER | CREATE_ONLY, .codes = name_kind_codes, .labels = name_kind_labels),
    REF_(FeedAlias, employee_id, employee_name, N_("Means this person"), &employee_resource, .flags = IN_LIST | FILTER),
    REF_(FeedAlias, dimension_id, dimension_name, N_("Means this region, product or customer type"), &dimension_resource, .flags = IN_LIST | FILTER),
    TEXT_(FeedAlias, name_folded, N_("Search keys"), .flags = INTERNAL, .max = INTAKE_KEY_LENGTH),
    {.kind = F_END},
};

static Error *prepare(Ctx *c, const void *old, void *row) {
    FeedAlias *a = row;
    (void)old;
    if (a->name) a->name_folded = names_fold(c->mem, a->name);
    if (a->kind == NAME_PERSON) a->dimension_id = 0;
    else a->employee_id = 0;
    return NULL;
}

static Error *validate(Ctx *c, const void *old, const void *row) {
    const FeedAlias *a = row;
    int64_t kind = -1, taken = 0;
    (void)old;
    if (!*a->name_folded) return err_field(c, "name", N_("This is required"));
    if (a->kind == NAME_PERSON && !a->employee_id) return err_field(c, "employee_id", N_("Choose the person"));
    if (a->kind != NAME_PERSON) {
        if (a->dimension_id) TRY(db_get_int(c, &kind, "SELECT kind FROM dimension WHERE id = $1", V(a->dimension_id)));
        if (kind != a->kind - 1) return err_field(c, "dimension_id", N_("Choose an entry of this kind"));
    }
    TRY(db_get_int(c, &taken, "SELECT 1 FROM feed_alias WHERE kind = $1 AND name_folded = $2 AND id <> $3", V(a->kind), V(a->name_folded), V(a->id)));
    return taken ? err_field(c, "name", N_("This value is already taken")) : NULL;
}

Error *names_save(Ctx *c, NameKind kind, const char *text, int64_t target) {
    FeedAlias row = {.kind = (int)kind, .name = text, .employee_id = kind == NAME_PERSON ? target : 0, .dimension_id = kind == NAME_PERSON ? 0 : target};
    int64_t id = 0;
    void *old = NULL;
    TRY(db_get_int(c, &id, "SELECT id FROM feed_alias WHERE kind = $1 AND name_folded = $2", V((int)kind), V(names_fold(c->mem, text))));
    if (id) TRY(resource_load(c, &feed_alias_resource, id, &old));
    if (old) row.id = id;
    return resource_save(c, &feed_alias_resource, old, &row, NULL, NULL);
}

const Resource feed_alias_resource = {
    .table = "feed_alias", .path = "/intake/aliases", .title = N_("Names in files"), .one = N_("Name in files"), .icon = "tag", .size = sizeof(FeedAlias), .fields = fields,
    .access = {.read = ROLE_INTAKE, .create = ROLE_INTAKE, .update = ROLE_INTAKE, .remove = ROLE_INTAKE}, .order = "name", .prepare = prepare, .validate = validate,
    .empty_hint = N_("When a file names somebody or something unknown, you say once what it means; it then stands here and holds for every later file."),
};

/* resource_import_plan.c - which row of a file holds the headings, and which column is which field. */
#include "base/i18n.h"
#include "resource/resource_import.h"
#include "service/lang.h"
#include <string.h>
#include <talloc.h>

enum { HEAD_ROWS = 5 }; /* tables often begin with a title; the headings are the best match of the first rows */

bool import_takes(const Field *f) {
    if (f->flags & IMPORT_ONLY) return f->aliases != NULL;
    return !(f->flags & (READONLY | INTERNAL | NO_IMPORT | NO_COLUMN)) && f->kind != F_TIME && f->kind != F_END;
}

const char *import_heading(Ctx *c, const Field *f) {
    return f->heading ? tr(c->lang, f->heading) : field_label(c, f);
}

/* Cuts "(元)" or "（元）" off the end. */
static void cut_unit(char *s) {
    size_t n = strlen(s);
    if (!n || s[n - 1] != ')') return; /* full-width brackets are half-width after folding */
    char *open = strrchr(s, '(');
    if (open && open != s) *open = 0;
}

const char *import_fold(void *mem, const char *heading) {
    char *s = text_fold(mem, heading), *out = s;
    for (const char *p = s; *p; p++) {
        if (strchr(" \t\n\r*:", *p)) continue;
        if (!strncmp(p, "\u00A0", 2)) {
            p++;
            continue;
        }
        *out++ = *p;
    }
    *out = 0;
    cut_unit(s);
    return s;
}

/* ---- headings and fields ---- */

typedef enum Match { MATCH_NONE, MATCH_NAME, MATCH_ALIAS, MATCH_LABEL } Match; /* weakest first */

static bool same(Ctx *c, const char *folded, const char *heading) {
    return heading && !strcmp(folded, import_fold(c->mem, heading));
}

static bool same_in_any_language(Ctx *c, const char *folded, const char *msgid) {
    static const char *const codes[] = {"zh_CN", "en"};
    if (!msgid) return false;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (same(c, folded, tr(lang_get(codes[i]), msgid))) return true;
    return same(c, folded, msgid);
}

static Match match(Ctx *c, const Field *f, const char *folded) {
    if (!*folded || !import_takes(f)) return MATCH_NONE;
    if (same_in_any_language(c, folded, f->heading) || same(c, folded, f->label_text) || same_in_any_language(c, folded, f->label))
        return MATCH_LABEL;
    for (const char *const *a = f->aliases; a && *a; a++)
        if (same(c, folded, *a)) return MATCH_ALIAS;
    return same(c, folded, f->name) || (f->kind == F_REF && same(c, folded, f->title_name)) ? MATCH_NAME : MATCH_NONE;
}

/* Gives each column its field: better matches first, then from left to right; a field is taken once. Returns how many matched. */
static size_t map_by_heading(Ctx *c, const Field *fields, size_t n, ImportColumn *columns, size_t count) {
    size_t mapped = 0;
    Ctx *turn = ctx_child(c);
    bool *taken = talloc_zero_array(turn->mem, bool, n + 1);
    for (int m = MATCH_LABEL; m > MATCH_NONE; m--)
        for (size_t i = 0; i < count; i++) {
            const char *folded = import_fold(turn->mem, columns[i].heading);
            for (size_t k = 0; k < n && !columns[i].field; k++) {
                if (taken[k] || (int)match(turn, &fields[k], folded) != m) continue;
                columns[i].field = &fields[k];
                taken[k] = true;
                mapped++;
            }
        }
    ctx_done(turn);
    return mapped;
}

/* "no,name,,unit_id"; a name that is unknown or comes twice is passed over. */
static void map_by_names(Ctx *c, const Field *fields, size_t n, const char *names, ImportColumn *columns, size_t count) {
    const char *s = names;
    for (size_t i = 0; i < count; i++) {
        size_t len = strcspn(s, ",");
        const Field *f = field_find(fields, n, talloc_strndup(c->mem, s, len));
        for (size_t k = 0; k < i; k++)
            if (f && columns[k].field == f) f = NULL;
        columns[i].field = f && import_takes(f) ? f : NULL;
        s += len;
        if (*s) s++;
    }
}

const char *import_mapping(Ctx *c, const ImportPlan *plan) {
    Text *t = text_new(c->mem, 64 * 1024);
    for (size_t i = 0; i < plan->count; i++) {
        if (i) text_add_char(t, ',');
        if (plan->columns[i].field) text_add(t, plan->columns[i].field->name);
    }
    return t->data;
}

/* ---- the file ---- */

typedef struct HeadRow {
    int64_t number;
    char **cells;
    size_t count;
} HeadRow;
typedef struct Look {
    HeadRow rows[HEAD_ROWS + 1];
    size_t kept;
    int64_t total;
} Look;

static Error *look_at(Ctx *c, void *arg, int64_t number, const char *const *cells, size_t count) {
    Look *look = arg;
    look->total++;
    if (look->kept > HEAD_ROWS) return NULL;
    HeadRow *row = &look->rows[look->kept++];
    *row = (HeadRow){.number = number, .cells = talloc_array(c->mem, char *, count + 1), .count = count};
    for (size_t i = 0; i < count; i++) row->cells[i] = talloc_strdup(c->mem, cells[i]);
    return NULL;
}

static ImportColumn *columns_of(Ctx *c, const HeadRow *head) {
    ImportColumn *columns = talloc_zero_array(c->mem, ImportColumn, head->count + 1);
    for (size_t i = 0; i < head->count; i++) columns[i].heading = text_cut(c->mem, text_clean(c->mem, head->cells[i]), 100);
    return columns;
}

/* A field that finds no column though no new row could be without it. */
static const Field *missing(Ctx *c, const Resource *res, const ImportPlan *plan) {
    void *row = resource_new_row(c, res, plan->fields, plan->field_count);
    bool by_key = res->make_id != NULL;
    for (size_t i = 0; i < plan->field_count; i++) by_key = by_key || plan->fields[i].flags & KEY;
    if (res->defaults) res->defaults(c, row);
    for (size_t i = 0; i < plan->field_count; i++) {
        const Field *f = &plan->fields[i];
        bool mapped = false;
        for (size_t k = 0; k < plan->count; k++) mapped = mapped || plan->columns[k].field == f;
        /* Where rows can be found by a key, other columns may be left out: the import changes the ones it has. */
        if (!mapped && import_takes(f) && f->flags & REQUIRED && field_is_empty(f, row) && (!by_key || f->flags & KEY)) return f;
    }
    return NULL;
}

static const char *problem_of(Ctx *c, const Resource *res, const ImportPlan *plan) {
    bool any = false;
    for (size_t i = 0; i < plan->count; i++) any = any || plan->columns[i].field;
    const Field *absent = any ? missing(c, res, plan) : NULL;
    Msg msg = {.id = !any           ? N_("None of the headings is known. Choose below what each column is")
                     : absent       ? N_("The file has no column “{1}”")
                     : !plan->rows  ? N_("The file has no rows below its headings")
                                    : NULL};
    if (absent) msg.args[0] = import_heading(c, absent);
    return msg.id ? msg_text(c->mem, c->lang, &msg) : NULL;
}

Error *import_plan(Ctx *c, const ImportTask *task, ImportPlan *ret) {
    Look *look = talloc_zero(c->mem, Look);
    *ret = (ImportPlan){0};
    TRY(resource_fields(c, task->res, &ret->fields, &ret->field_count));
    TRY(sheet_read(c, &task->file, look_at, look));
    if (!look->kept) return err_invalid(c, N_("The file is empty"));
    size_t best = 0, best_matches = 0;
    for (size_t i = 0; i < look->kept && i < HEAD_ROWS; i++) {
        ImportColumn *columns = columns_of(c, &look->rows[i]);
        size_t matches = map_by_heading(c, ret->fields, ret->field_count, columns, look->rows[i].count);
        if (matches <= best_matches && ret->columns) continue;
        best = i, best_matches = matches;
        ret->columns = columns;
        ret->count = look->rows[i].count;
    }
    const HeadRow *head = &look->rows[best], *first = best + 1 < look->kept ? head + 1 : NULL;
    for (size_t i = 0; i < ret->count; i++)
        ret->columns[i].sample = first && i < first->count ? text_cut(c->mem, text_clean(c->mem, first->cells[i]), 40) : "";
    ret->heading_row = head->number;
    ret->rows = look->total - (int64_t)best - 1;
    if (task->mapping) map_by_names(c, ret->fields, ret->field_count, task->mapping, ret->columns, ret->count);
    ret->problem = problem_of(c, task->res, ret);
    return NULL;
}

/* metric.c - the dictionary: what is counted or computed, in which unit, and how a team's value comes from its people's. */
#include "base/i18n.h"
#include "modules/metric/metric_private.h"
#include "modules/metric/roll.h"
#include "service/cached.h"
#include "service/lang.h"
#include <string.h>
#include <talloc.h>

const char *const metric_unit_codes[] = {"pieces", "times", "yuan", "people", "percent", "days", NULL};
const char *const metric_unit_labels[] = {N_("pcs"), N_("times"), N_("yuan"), N_("people"), N_("%"), N_("days"), NULL};
static const char *const direction_codes[] = {"up", "down", NULL};
static const char *const direction_labels[] = {N_("More is better"), N_("Less is better"), NULL};
static const char *const kind_codes[] = {"result", "process", "learning", "health", NULL};
static const char *const kind_labels[] = {N_("Result"), N_("Process"), N_("Learning"), N_("Health"), NULL};
static const char *const perspective_codes[] = {"financial", "customer", "process", "learning", NULL};
static const char *const perspective_labels[] = {N_("Financial"), N_("Customer"), N_("Internal process"), N_("Learning and growth"), NULL};
static const char *const rollup_codes[] = {"sum", "ratio", "max", "inherit", NULL};
static const char *const rollup_labels[] = {N_("Sum"), N_("Ratio of sums (formula)"), N_("Maximum"), N_("Inherited (not summed)"), NULL};
static const char *const rule_codes[] = {"none", "talk_points", "contract_no", NULL};
static const char *const rule_labels[] = {N_("None"), N_("Talking points for each"), N_("Contract number for an amount"), NULL};
#define ALSO(...) .aliases = (const char *const[]){__VA_ARGS__, NULL}

static const Field fields[] = {
    TEXT_(Metric, name, N_("Metric"), .flags = REQUIRED | IN_LIST | PRIMARY | SEARCH | TRANSLATED, .max = 30, ALSO("名称", "指标名称")),
    TEXT_(Metric, code, N_("Metric code"), .flags = REQUIRED | IN_LIST | KEY | CREATE_ONLY, .max = 30, .help = N_("Lower-case letters, digits and _; programs use it")),
    ENUM_(Metric, unit, N_("Counted in"), .flags = IN_LIST | CREATE_ONLY, .codes = metric_unit_codes, .labels = metric_unit_labels),
    ENUM_(Metric, rollup, N_("A team's value"), .flags = IN_LIST | FILTER | CREATE_ONLY, .codes = rollup_codes, .labels = rollup_labels),
    LONGTEXT_(Metric, formula, N_("Formula"), .max = 500, .help = N_("Names of metrics with + - × ÷ and brackets, such as “Amount signed / Customers signed”")),
    DATE_(Metric, formula_from, N_("Formula holds from"), .help = N_("Earlier days keep the formula they had")),
    BOOL_(Metric, in_report, N_("In the daily report"), .flags = IN_LIST | FILTER),
    ENUM_(Metric, rule, N_("Entry rule"), .codes = rule_codes, .labels = rule_labels),
    ENUM_(Metric, direction, N_("Direction"), .flags = IN_LIST, .codes = direction_codes, .labels = direction_labels),
    ENUM_(Metric, kind, N_("Kind"), .flags = IN_LIST | FILTER, .codes = kind_codes, .labels = kind_labels),
    ENUM_(Metric, perspective, N_("Perspective"), .flags = FILTER, .codes = perspective_codes, .labels = perspective_labels),
    LONGTEXT_(Metric, definition, N_("Definition"), .max = 1000, .help = N_("What counts and what does not, and where the number comes from")),
    INT_(Metric, sort, N_("Order"), .max = 9999, .flags = IN_LIST | SORT, .help = N_("Smaller numbers come first; below 100 they stand before the reasons in the daily sheet")),
    BOOL_(Metric, active, N_("In use"), .flags = IN_LIST | FILTER),
    BOOL_(Metric, shipped, N_("Shipped"), .flags = INTERNAL),
    INT_(Metric, slot, N_("Column"), .flags = INTERNAL),
    {.kind = F_END},
};

/* ---- the cached dictionary ---- */

static const char *copy(void *mem, const Rows *rows, int col) {
    return row_is_null(rows, col) ? NULL : talloc_strdup(mem, row_text(rows, col));
}

static void read_metric(void *mem, const Rows *rows, Metric *m) {
    *m = (Metric){.id = row_int(rows, 0), .version = row_int(rows, 1), .code = copy(mem, rows, 2), .name = copy(mem, rows, 3), .unit = (int)row_int(rows, 4),
                  .direction = (int)row_int(rows, 5), .kind = (int)row_int(rows, 6), .perspective = (int)row_int(rows, 7), .rollup = (int)row_int(rows, 8),
                  .slot = row_int(rows, 9), .in_report = row_int(rows, 10) != 0, .rule = (int)row_int(rows, 11), .formula = copy(mem, rows, 12), .formula_from = DATE_NONE,
                  .definition = copy(mem, rows, 14), .sort = row_int(rows, 15), .active = row_int(rows, 16) != 0, .shipped = row_int(rows, 17) != 0};
    if (!row_is_null(rows, 13)) (void)date_parse(row_text(rows, 13), &m->formula_from);
}

static Error *load(Ctx *c, void **ret) {
    Metrics *all = talloc_zero(NULL, Metrics);
    Metric *list = NULL;
    Rows *rows;
    TRY(db_query(c, &rows, "SELECT id, version, code, name, unit, direction, kind, perspective, rollup, slot, in_report, rule, formula, formula_from, definition, sort, active, shipped"
                           " FROM metric ORDER BY sort, id"));
    while (rows_next(rows)) {
        if (!(all->count & (all->count - 1))) list = talloc_realloc(all, list, Metric, all->count ? (unsigned)all->count * 2 : 1);
        read_metric(all, rows, &list[all->count++]);
    }
    TRY(rows_done(rows));
    all->metrics = list;
    all->few = true;
    for (size_t i = 0; i < all->count; i++) {
        int64_t slot = list[i].slot;
        if (list[i].rollup == ROLLUP_MAX && slot) all->max_slot[slot - 1] = 1, all->any_max = true;
        if (list[i].rollup == ROLLUP_INHERIT) all->any_level = true;
        if ((slot > FEW_EACH && slot <= FEW_IMPORTED) || slot > FEW_IMPORTED + FEW_EACH) all->few = false;
    }
    TRY(metric_versions_load(c, all));
    *ret = all;
    return NULL;
}

static Cached cached = CACHED(load);

Error *metrics_get(Ctx *c, const Metrics **ret) {
    return cached_get(c, &cached, (const void **)ret);
}
void metrics_changed(Ctx *c) {
    cached_forget(c, &cached);
}

size_t metrics_count(const Metrics *all) {
    return all->count;
}
const Metric *metrics_at(const Metrics *all, size_t i) {
    return &all->metrics[i];
}
const Metric *metrics_by_id(const Metrics *all, int64_t id) {
    for (size_t i = 0; i < all->count; i++)
        if (all->metrics[i].id == id) return &all->metrics[i];
    return NULL;
}
const Metric *metrics_by_code(const Metrics *all, const char *code) {
    for (size_t i = 0; i < all->count; i++)
        if (!strcmp(all->metrics[i].code, code)) return &all->metrics[i];
    return NULL;
}

/* Sheets come in the reader's language or in Chinese; codes win, since they are unique. */
int metric_place(Ctx *c, const Metrics *all, const char *name) {
    const char *folded = text_fold(c->mem, name);
    const Lang *chinese = lang_get("zh_CN");
    for (size_t i = 0; i < all->count; i++)
        if (!strcmp(all->metrics[i].code, name)) return (int)i;
    for (size_t i = 0; i < all->count; i++) {
        const char *own = all->metrics[i].name;
        if (!strcmp(text_fold(c->mem, own), folded) || !strcmp(text_fold(c->mem, tr(c->lang, own)), folded) ||
            !strcmp(text_fold(c->mem, tr(chinese, own)), folded))
            return (int)i;
    }
    return -1;
}
const Metric *metrics_by_name(Ctx *c, const Metrics *all, const char *name) {
    int place = metric_place(c, all, name);
    return place < 0 ? NULL : &all->metrics[place];
}

bool metric_is_max(const Metrics *all, int slot) {
    return all->max_slot[slot - 1];
}
bool metrics_any_max(const Metrics *all) {
    return all->any_max;
}
bool metrics_few(const Metrics *all) {
    return all->few;
}

/* ---- the resource ---- */

static void defaults(Ctx *c, void *row) {
    Metric *m = row;
    (void)c;
    m->active = true;
    m->sort = 200;
}

/* Columns once used keep their numbers, so none is given away again. What reports ask for needs one of the first 24, which reports have too;
 * the others begin behind them: neighbouring columns are cheap to read. */
static Error *take_slot(Ctx *c, Metric *m) {
    bool used[METRIC_SLOTS] = {0};
    Rows *rows;
    TRY(db_query(c, &rows, "SELECT slot FROM metric WHERE slot IS NOT NULL"));
    while (rows_next(rows)) used[row_int(rows, 0) - 1] = true;
    TRY(rows_done(rows));
    for (int i = 0; i < METRIC_SLOTS; i++) {
        int slot = m->in_report ? i : (METRIC_REPORT_SLOTS + i) % METRIC_SLOTS;
        if (used[slot] || (m->in_report && slot >= METRIC_REPORT_SLOTS)) continue;
        m->slot = slot + 1;
        return NULL;
    }
    return err_conflict(c, m->in_report ? N_("A report has at most {1} items") : N_("There are at most {1} counted metrics"), m->in_report ? "24" : "40");
}

static bool is_counted(const Metric *m) {
    return m->rollup == ROLLUP_SUM || m->rollup == ROLLUP_MAX;
}

static Error *prepare(Ctx *c, const void *old, void *row) {
    Metric *m = row;
    const Metric *was = old;
    if (m->sort == INT_NONE) m->sort = 200;
    if (was && m->name && !strcmp(m->name, tr(c->lang, was->name))) m->name = was->name; /* unchanged: stays translatable */
    if (m->rollup == ROLLUP_RATIO && m->formula && m->formula_from == DATE_NONE) m->formula_from = was ? date_of_instant(c->now) : date_make(2000, 1, 1);
    if (!is_counted(m)) m->slot = INT_NONE;
    return is_counted(m) && m->slot <= 0 ? take_slot(c, m) : NULL;
}

static Error *validate(Ctx *c, const void *old, const void *row) {
    const Metric *m = row;
    const Metrics *all;
    Error *errors = NULL;
    size_t n = strlen(m->code);
    TRY(metrics_get(c, &all));
    if (strspn(m->code, "abcdefghijklmnopqrstuvwxyz0123456789_") != n || m->code[0] < 'a')
        err_add_field(c, &errors, "code", N_("Use lower-case letters, digits and _, beginning with a letter"));
    bool reserved = metric_code_reserved && metric_code_reserved(m->code); /* a code that is another's name would take its place in formulas */
    if (!old && (reserved || metrics_by_name(c, all, m->code))) err_add_field(c, &errors, "code", N_("This value is already taken"));
    const Metric *same = metrics_by_name(c, all, m->name);
    if (same && same->id != m->id) err_add_field(c, &errors, "name", N_("This value is already taken"));
    if (m->rule == RULE_CONTRACT_NO && m->unit != UNIT_YUAN) err_add_field(c, &errors, "rule", N_("Only an amount can need a contract number"));
    if (m->rule == RULE_TALK_POINTS && m->unit == UNIT_YUAN) err_add_field(c, &errors, "rule", N_("Only a count can need talking points"));
    if (m->in_report && !is_counted(m)) err_add_field(c, &errors, "in_report", N_("A report asks for counted metrics only; this one is computed"));
    if (m->in_report && m->slot > METRIC_REPORT_SLOTS) err_add_field(c, &errors, "in_report", N_("This metric was made for imports; make a new one for the report"));
    if (is_counted(m) && m->unit == UNIT_PERCENT) err_add_field(c, &errors, "unit", N_("A percentage cannot be summed; choose a formula or “inherited”"));
    if (m->rollup == ROLLUP_RATIO && !m->formula) err_add_field(c, &errors, "formula", N_("Write the formula"));
    if (m->rollup != ROLLUP_RATIO && m->formula) err_add_field(c, &errors, "formula", N_("Only a ratio has a formula"));
    if (errors || !m->formula) return errors;
    const char *codes;
    return metric_formula_read(c, all, m->code, m->formula, m->formula_from, &codes);
}

static Error *after_save(Ctx *c, const void *old, const void *row) {
    const Metric *was = old, *is = row;
    metrics_changed(c);
    if (was && strcmp(was->name, is->name) != 0) TRY(metric_formula_renamed(c, is));
    return metric_formula_store(c, row);
}

static Error *describe(Ctx *c, const void *row, Value model) {
    return metric_formula_describe(c, row, model);
}

bool (*metric_code_reserved)(const char *code);

const Resource metric_resource = {
    .table = "metric", .path = "/numbers/metrics", .title = N_("Metrics"), .one = N_("Metric"), .icon = "ruler-measure", .size = sizeof(Metric), .fields = fields,
    .access = {.read = ROLE_ANY, .create = ROLE_ADMIN, .update = ROLE_ADMIN}, .order = "sort", .importable = true, .defaults = defaults, .prepare = prepare, .validate = validate,
    .after_save = after_save, .describe = describe,
};

/* ---- shipped metrics ---- */

static const struct {
    const char *code, *name;
    int unit, rollup, kind, perspective, slot, rule, sort;
    const char *formula, *written; /* by codes, and as the form shows it */
} seeds[] = {
    {"new_customers", N_("New customers"), UNIT_PIECES, ROLLUP_SUM, 1, 1, 1, RULE_NONE, 10, NULL, NULL},
    {"follow_ups", N_("Follow-ups of prospects"), UNIT_TIMES, ROLLUP_SUM, 1, 1, 2, RULE_TALK_POINTS, 20, NULL, NULL},
    {"amount", N_("Amount signed"), UNIT_YUAN, ROLLUP_SUM, 0, 0, 3, RULE_CONTRACT_NO, 30, NULL, NULL},
    {"visits", N_("Customer visits"), UNIT_TIMES, ROLLUP_SUM, 1, 2, 4, RULE_NONE, 110, NULL, NULL},
    {"calls", N_("Phone calls"), UNIT_TIMES, ROLLUP_SUM, 1, 2, 5, RULE_NONE, 120, NULL, NULL},
    {"leads", N_("New leads"), UNIT_PIECES, ROLLUP_SUM, 1, 1, 6, RULE_NONE, 130, NULL, NULL},
    {"customers_signed", N_("Customers signed"), UNIT_PIECES, ROLLUP_SUM, 0, 1, 25, RULE_NONE, 310, NULL, NULL},
    {"deals_closed", N_("Deals closed"), UNIT_PIECES, ROLLUP_SUM, 1, 2, 26, RULE_NONE, 320, NULL, NULL},
    {"collected", N_("Payments collected"), UNIT_YUAN, ROLLUP_SUM, 0, 0, 27, RULE_NONE, 330, NULL, NULL},
    {"due", N_("Payments due"), UNIT_YUAN, ROLLUP_SUM, 0, 0, 28, RULE_NONE, 340, NULL, NULL},
    {"promoted_count", N_("Ready for promotion"), UNIT_PEOPLE, ROLLUP_SUM, 2, 3, 29, RULE_NONE, 350, NULL, NULL},
    {"average_price", N_("Average order value"), UNIT_YUAN, ROLLUP_RATIO, 0, 0, 0, RULE_NONE, 410, "amount / customers_signed", "成交金额 / 新签客户数"},
    {"win_rate", N_("Win rate"), UNIT_PERCENT, ROLLUP_RATIO, 0, 2, 0, RULE_NONE, 420, "customers_signed / deals_closed", "新签客户数 / 关闭商机数"},
    {"conversion", N_("Conversion of leads"), UNIT_PERCENT, ROLLUP_RATIO, 0, 1, 0, RULE_NONE, 430, "customers_signed / leads", "新签客户数 / 新增潜在客户数"},
    {"collection_rate", N_("Collection rate"), UNIT_PERCENT, ROLLUP_RATIO, 0, 0, 0, RULE_NONE, 440, "collected / due", "回款金额 / 应回款金额"},
};

/* A database older than sums has facts by migration, and no sums yet. */
static Error *sum_up(Ctx *c) {
    int64_t facts = 0, sums = 0, rows;
    TRY(db_get_int(c, &facts, "SELECT 1 FROM fact LIMIT 1"));
    TRY(db_get_int(c, &sums, "SELECT 1 FROM roll LIMIT 1"));
    return facts && !sums ? roll_rebuild(c, &rows) : NULL;
}

/* Leaves alone what a migration has brought from report items. */
Error *metric_seed(Ctx *c) {
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        int64_t id = 0;
        TRY(db_get_int(c, &id, "SELECT id FROM metric WHERE code = $1", V(seeds[i].code)));
        if (id) continue;
        TRY(db_get_int(c, &id, "INSERT INTO metric(code, name, unit, rollup, kind, perspective, slot, in_report, rule, sort, formula, formula_from, active, shipped, version, created_at, updated_at)"
                               " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, 1, 1, $13, $13) RETURNING id",
                       V(seeds[i].code), V(seeds[i].name), V(seeds[i].unit), V(seeds[i].rollup), V(seeds[i].kind), V(seeds[i].perspective), V_id(seeds[i].slot),
                       V(seeds[i].slot > 0 && seeds[i].slot <= METRIC_REPORT_SLOTS), V(seeds[i].rule), V(seeds[i].sort), V(seeds[i].written), V(seeds[i].formula ? "2000-01-01" : NULL), V(c->now)));
        if (seeds[i].formula)
            TRY(db_exec(c, "INSERT INTO metric_version(metric_id, valid_from, formula, created_at) VALUES ($1, $2, $3, $4)", V(id), V("2000-01-01"), V(seeds[i].formula), V(c->now)));
    }
    metrics_changed(c);
    return sum_up(c);
}

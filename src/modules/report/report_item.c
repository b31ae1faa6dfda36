/* report_item.c - what a daily report counts: shipped items, and those an administrator adds in the browser. */
#include "base/i18n.h"
#include "modules/org/org.h"
#include "modules/report/report_private.h"
#include "service/cached.h"
#include <string.h>
#include <talloc.h>

const char *const report_unit_codes[] = {"pieces", "times", "yuan", "people", NULL};
const char *const report_unit_labels[] = {N_("pcs"), N_("times"), N_("yuan"), N_("people"), NULL};
static const char *const rule_codes[] = {"none", "talk_points", "contract_no", NULL};
static const char *const rule_labels[] = {N_("None"), N_("Talking points for each"), N_("Contract number for an amount"), NULL};
#define ALSO(...) .aliases = (const char *const[]){__VA_ARGS__, NULL}

static const Field fields[] = {
    TEXT_(ReportItem, name, N_("Item"), .flags = REQUIRED | IN_LIST | PRIMARY | SEARCH | TRANSLATED, .max = 30, ALSO("名称", "指标名称")),
    TEXT_(ReportItem, code, N_("Item code"), .flags = REQUIRED | IN_LIST | KEY | CREATE_ONLY, .max = 30, .help = N_("Lower-case letters, digits and _; programs use it")),
    ENUM_(ReportItem, unit, N_("Counted in"), .flags = IN_LIST | CREATE_ONLY, .codes = report_unit_codes, .labels = report_unit_labels),
    ENUM_(ReportItem, rule, N_("Entry rule"), .flags = IN_LIST, .codes = rule_codes, .labels = rule_labels),
    INT_(ReportItem, sort, N_("Order"), .max = 9999, .flags = IN_LIST | SORT, .help = N_("Smaller numbers come first")),
    BOOL_(ReportItem, active, N_("In use"), .flags = IN_LIST | FILTER),
    BOOL_(ReportItem, shipped, N_("Shipped"), .flags = INTERNAL),
    BOOL_(ReportItem, required, N_("Required"), .flags = INTERNAL),
    INT_(ReportItem, slot, N_("Column"), .flags = INTERNAL),
    {.kind = F_END},
};

/* ---- the fields of a daily report, made from the items ---- */

static const char *const state_codes[] = {"draft", "submitted", "late", "returned", "approved", NULL};
static const char *const state_labels[] = {N_("Draft"), N_("Submitted"), N_("Late"), N_("Returned"), N_("Approved"), NULL};
static const char *const state_badges[] = {"secondary", "info", "warning", "danger", "success", NULL};

const char *report_state_title(Ctx *c, int state) {
    return tr(c->lang, state == REPORT_ON_LEAVE ? N_("On leave") : state < 0 ? N_("Not reported") : state_labels[state]);
}
const char *report_state_badge(int state) {
    return state == REPORT_ON_LEAVE ? "secondary" : state < 0 ? "danger" : state_badges[state];
}

/* In the order of the sheet 每日业绩跟踪表; the items of that sheet (sort below 100) stand between `head` and `notes`, others after. */
static const Field head[] = {
    DATE_(DailyReport, day, N_("Day"), .flags = REQUIRED | IN_LIST | SORT | FILTER | CREATE_ONLY | KEY, ALSO("日期")),
    REF_(DailyReport, employee_id, employee_name, N_("Salesperson"), &employee_resource, .flags = REQUIRED | IN_LIST | PRIMARY | FILTER | CREATE_ONLY | SEARCH | KEY,
         ALSO("销售人员", "姓名", "员工")),
};
static const Field notes[] = {
    LONGTEXT_(DailyReport, reason, N_("Reason for missing the goal"), .flags = SEARCH, .max = 2000, .heading = N_("Reason for missing the goal (if any)"), ALSO("未完成目标原因(若有)", "未完成目标原因")),
    LONGTEXT_(DailyReport, plan, N_("Plan for the next day"), .max = 2000, ALSO("次日核心计划")),
};
static const Field tail[] = {
    LONGTEXT_(DailyReport, talk_points, N_("Talk points"), .flags = SEARCH, ALSO("沟通要点")),
    TEXT_(DailyReport, contract_no, N_("Contract number"), .flags = SEARCH, .max = 100, ALSO("合同编号")),
    ENUM_(DailyReport, state, N_("State"), .flags = IN_LIST | FILTER | READONLY, .codes = state_codes, .labels = state_labels, .badges = state_badges),
    REF_(DailyReport, unit_id, unit_name, N_("Team"), &org_unit_resource, .flags = IN_LIST | FILTER | READONLY | NO_IMPORT),
    TIME_(DailyReport, submitted_at, N_("Submitted at"), .flags = READONLY | NO_IMPORT),
    REF_(DailyReport, reviewer_id, reviewer_name, N_("Reviewed by"), &employee_resource, .flags = READONLY | NO_IMPORT),
    TIME_(DailyReport, reviewed_at, N_("Reviewed at"), .flags = READONLY | NO_IMPORT),
    LONGTEXT_(DailyReport, return_reason, N_("Reason for the return"), .flags = READONLY | NO_IMPORT, .max = 500),
    TEXT_(DailyReport, client_key, N_("Submission key"), .flags = INTERNAL, .max = 64),
    INT_(DailyReport, arrival, N_("Arrival"), .flags = INTERNAL | NO_COLUMN | IMPORT_ONLY, .sql = "0"),
};
static const char *const columns[REPORT_SLOTS] = {"n1",  "n2",  "n3",  "n4",  "n5",  "n6",  "n7",  "n8",  "n9",  "n10", "n11", "n12",
                                                  "n13", "n14", "n15", "n16", "n17", "n18", "n19", "n20", "n21", "n22", "n23", "n24"};

/* Name and unit of the shipped items as one msgid: the sources write 新客户开发数量(个). */
static const char *const headings[] = {N_("New customers (pcs)"),     N_("Follow-ups of prospects (times)"), N_("Amount signed (yuan)"),
                                       N_("Customer visits (times)"), N_("Phone calls (times)"),             N_("New leads (pcs)")};

static Field item_field(void *mem, const ReportItem *item) {
    const char *unit = report_unit_labels[item->unit];
    Field f = {.kind = item->unit == UNIT_YUAN ? F_MONEY : F_INT, .name = item->code, .label = item->name, .flags = IN_LIST | SORT | SUM,
               .offset = offsetof(DailyReport, n) + (size_t)(item->slot - 1) * sizeof(int64_t), .column = columns[item->slot - 1], .unit = unit};
    if (item->unit != UNIT_YUAN) f.max = 100000;
    const char *shipped = talloc_asprintf(mem, "%s (%s)", item->name, unit); /* another item's heading is its name */
    for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
        if (!strcmp(headings[i], shipped)) f.heading = headings[i];
    return f;
}

static void build_fields(ReportItems *all) {
    enum { HEAD = sizeof head / sizeof *head, NOTES = sizeof notes / sizeof *notes, TAIL = sizeof tail / sizeof *tail };
    Field *f = talloc_array(all, Field, all->count + HEAD + NOTES + TAIL);
    size_t n = 0;
    memcpy(f, head, sizeof head), n += HEAD;
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].sort < 100) f[n++] = item_field(all, &all->items[i]);
    memcpy(f + n, notes, sizeof notes), n += NOTES;
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].sort >= 100) f[n++] = item_field(all, &all->items[i]);
    memcpy(f + n, tail, sizeof tail), n += TAIL;
    all->fields = f;
    all->field_count = n;
}

static Error *load(Ctx *c, void **ret) {
    ReportItems *all = talloc_zero(NULL, ReportItems);
    Rows *rows;
    TRY(db_query(c, &rows, "SELECT id, version, code, name, unit, rule, slot, sort, active, shipped FROM report_item WHERE active = 1 ORDER BY sort, id LIMIT 24"));
    ReportItem *items = talloc_zero_array(all, ReportItem, REPORT_SLOTS);
    while (rows_next(rows))
        items[all->count++] = (ReportItem){.id = row_int(rows, 0), .version = row_int(rows, 1), .code = talloc_strdup(all, row_text(rows, 2)),
                                           .name = talloc_strdup(all, row_text(rows, 3)), .unit = (int)row_int(rows, 4), .rule = (int)row_int(rows, 5),
                                           .slot = row_int(rows, 6), .sort = row_int(rows, 7), .active = true, .shipped = row_int(rows, 9) != 0};
    TRY(rows_done(rows));
    all->items = items;
    build_fields(all);
    *ret = all;
    return NULL;
}

static Cached cached = CACHED(load);

Error *report_items(Ctx *c, const ReportItems **ret) {
    return cached_get(c, &cached, (const void **)ret);
}
void report_items_changed(Ctx *c) {
    cached_forget(c, &cached);
}

size_t report_lines(const ReportItems *all, const DailyReport *report, ReportLine *lines) {
    size_t n = 0;
    for (size_t i = 0; i < all->count; i++) {
        int64_t value = report->n[all->items[i].slot - 1];
        if (value != INT_NONE) lines[n++] = (ReportLine){.item = &all->items[i], .value = value};
    }
    return n;
}

/* ---- the resource for administrators ---- */

static void defaults(Ctx *c, void *row) {
    (void)c;
    ((ReportItem *)row)->active = true;
    ((ReportItem *)row)->sort = 200;
}

/* A new item takes the first free column; a column once used keeps its numbers, so it is never given to another item. */
static Error *prepare(Ctx *c, const void *old, void *row) {
    ReportItem *item = row;
    const ReportItem *was = old;
    if (item->sort == INT_NONE) item->sort = 200;
    if (was && item->name && !strcmp(item->name, tr(c->lang, was->name))) item->name = was->name; /* unchanged: stays translatable */
    if (old) return NULL;
    int64_t last = 0;
    TRY(db_get_int(c, &last, "SELECT max(slot) FROM report_item"));
    if (last >= REPORT_SLOTS) return err_conflict(c, N_("A report has at most {1} items"), "24");
    item->slot = last + 1;
    return NULL;
}

/* Names that a report, its list or its form has already. */
static bool is_reserved(const char *code) {
    static const char *const words[] = {"id", "version", "q", "sort", "page", "per_page", "format", "columns", "do", "lines", "photo", "photos", "remove_photo", "back"};
    static const struct { const Field *fields; size_t count; } parts[] = {
        {head, sizeof head / sizeof *head}, {notes, sizeof notes / sizeof *notes}, {tail, sizeof tail / sizeof *tail}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i], code)) return true;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        for (size_t k = 0; k < parts[i].count; k++) {
            const Field *f = &parts[i].fields[k];
            if (!strcmp(f->name, code) || (f->title_name && !strcmp(f->title_name, code))) return true;
        }
    return false;
}

static Error *validate(Ctx *c, const void *old, const void *row) {
    const ReportItem *item = row;
    Error *errors = NULL;
    size_t n = strlen(item->code);
    if (strspn(item->code, "abcdefghijklmnopqrstuvwxyz0123456789_") != n || item->code[0] < 'a')
        err_add_field(c, &errors, "code", N_("Use lower-case letters, digits and _, beginning with a letter"));
    if (!old && is_reserved(item->code)) err_add_field(c, &errors, "code", N_("This value is already taken"));
    if (item->rule == RULE_CONTRACT_NO && item->unit != UNIT_YUAN) err_add_field(c, &errors, "rule", N_("Only an amount can need a contract number"));
    if (item->rule == RULE_TALK_POINTS && item->unit == UNIT_YUAN) err_add_field(c, &errors, "rule", N_("Only a count can need talking points"));
    return errors;
}

static Error *after_save(Ctx *c, const void *old, const void *row) {
    (void)old, (void)row;
    report_items_changed(c);
    return NULL;
}

const Resource report_item_resource = {
    .table = "report_item", .path = "/reports/items", .title = N_("Report items"), .one = N_("Report item"), .icon = "list-numbers", .size = sizeof(ReportItem), .fields = fields,
    .access = {.read = ROLE_ANY, .create = ROLE_ADMIN, .update = ROLE_ADMIN}, .order = "sort", .defaults = defaults, .prepare = prepare, .validate = validate, .after_save = after_save,
};

static const struct {
    const char *code, *name;
    int unit, rule, sort;
} seeds[] = {
    {"new_customers", N_("New customers"), UNIT_PIECES, RULE_NONE, 10},
    {"follow_ups", N_("Follow-ups of prospects"), UNIT_TIMES, RULE_TALK_POINTS, 20},
    {"amount", N_("Amount signed"), UNIT_YUAN, RULE_CONTRACT_NO, 30},
    {"visits", N_("Customer visits"), UNIT_TIMES, RULE_NONE, 110},
    {"calls", N_("Phone calls"), UNIT_TIMES, RULE_NONE, 120},
    {"leads", N_("New leads"), UNIT_PIECES, RULE_NONE, 130},
};

Error *report_seed(Ctx *c) {
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++)
        TRY(db_exec(c, "INSERT INTO report_item(code, name, unit, rule, slot, sort, active, shipped, version, created_at, updated_at)"
                       " VALUES ($1, $2, $3, $4, $5, $6, 1, 1, 1, $7, $7)",
                    V(seeds[i].code), V(seeds[i].name), V(seeds[i].unit), V(seeds[i].rule), V((int64_t)i + 1), V(seeds[i].sort), V(c->now)));
    return NULL;
}

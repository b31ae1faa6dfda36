/* report_item.c - what a daily report asks for: the metrics that are marked so, and the fields of a report made from them. */
#include "base/i18n.h"
#include "modules/org/org.h"
#include "modules/report/report_private.h"
#include <pthread.h>
#include <string.h>
#include <talloc.h>

#define ALSO(...) .aliases = (const char *const[]){__VA_ARGS__, NULL}

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

static Field item_field(void *mem, const Metric *item) {
    const char *unit = metric_unit_labels[item->unit];
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
        if (all->items[i]->sort < 100) f[n++] = item_field(all, all->items[i]);
    memcpy(f + n, notes, sizeof notes), n += NOTES;
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i]->sort >= 100) f[n++] = item_field(all, all->items[i]);
    memcpy(f + n, tail, sizeof tail), n += TAIL;
    all->fields = f;
    all->field_count = n;
}

/* One list for each dictionary: the metrics are cached, and the fields made from them belong to that very dictionary. */
static struct {
    pthread_mutex_t lock;
    const Metrics *of;
    const ReportItems *items;
} made = {.lock = PTHREAD_MUTEX_INITIALIZER};

static const ReportItems *make_items(const Metrics *metrics) {
    ReportItems *all = talloc_zero(metrics, ReportItems);
    for (size_t i = 0; i < metrics_count(metrics) && all->count < REPORT_SLOTS; i++) {
        const Metric *m = metrics_at(metrics, i);
        if (m->in_report && m->active && m->slot > 0 && m->slot <= REPORT_SLOTS) all->items[all->count++] = m;
    }
    build_fields(all);
    return all;
}

Error *report_items(Ctx *c, const ReportItems **ret) {
    const Metrics *metrics;
    TRY(metrics_get(c, &metrics));
    pthread_mutex_lock(&made.lock);
    if (made.of != metrics) made.of = metrics, made.items = make_items(metrics);
    *ret = made.items;
    pthread_mutex_unlock(&made.lock);
    return NULL;
}

size_t report_lines(const ReportItems *all, const DailyReport *report, ReportLine *lines) {
    size_t n = 0;
    for (size_t i = 0; i < all->count; i++) {
        int64_t value = report->n[all->items[i]->slot - 1];
        if (value != INT_NONE) lines[n++] = (ReportLine){.item = all->items[i], .value = value};
    }
    return n;
}

bool report_reserves(const char *code) {
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

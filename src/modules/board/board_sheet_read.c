/* board_sheet_read.c - the four sheets of board_sheets.c back in: their columns, and what a file is about. What a row means is in board_sheet_rows.c, _team.c and _one.c;
 * docs/decisions/0015 says why.
 *
 * The upload, the check, its page and the import are those of every resource (resource_import.h): each sheet is a resource that is only read from files. */
#include "base/i18n.h"
#include "modules/board/board_sheet_read.h"
#include "service/lang.h"
#include <stdio.h>
#include <string.h>
#include <talloc.h>

/* ---- columns ---- */

typedef struct SheetLine {
    RESOURCE_ROW;
    const char *cell; /* all fields: rows are read by their columns (import_line_cell) */
} SheetLine;

#define COLUMN(n, l, ...)                                                                                                                            \
    {.kind = F_LONGTEXT, .name = n, .label = l, .offset = offsetof(SheetLine, cell), .flags = IMPORT_ONLY | NO_COLUMN, .sql = "NULL", .aliases = (const char *const[]){__VA_ARGS__, NULL}}
#define NEEDED(n, l, ...)                                                                                                                            \
    {.kind = F_LONGTEXT, .name = n, .label = l, .offset = offsetof(SheetLine, cell), .flags = IMPORT_ONLY | NO_COLUMN | REQUIRED, .sql = "NULL", .aliases = (const char *const[]){__VA_ARGS__, NULL}}
#define SUBJECT NEEDED("subject", N_("Salesperson or team"), "Salesperson", "Team", "Name", "销售人员", "销售", "姓名", "人员", "员工", "团队", "部门", "销售人员/团队", "銷售人員", "團隊", "員工", "部門")
#define RATE COLUMN("attainment", N_("Attainment"), "完成率", "达成率", "達成率", "完成率%")
#define END {.kind = F_END}

static const Field team_fields[] = {
    SUBJECT,
    COLUMN("target", N_("Target of the month"), "Target", "目标", "月度目标", "月目标", "本月目标", "目標", "月度目標"),
    COLUMN("actual", N_("Actual"), "实际", "实际完成", "完成", "實際", "實際完成"),
    RATE,
    COLUMN("growth", N_("Growth on last year"), "同比", "同比增长", "同比增長", "Year on year"),
    COLUMN("problem", N_("Key problem"), "问题", "关键问题", "主要问题", "存在问题", "問題", "關鍵問題", "Problem", "Issue"),
    COLUMN("highlights", N_("Highlights"), "亮点", "业绩亮点", "亮點", "業績亮點"),
    COLUMN("measures", N_("Measures"), "改进措施", "措施", "改進措施"),
    END,
};
static const Field summary_fields[] = {
    SUBJECT,
    COLUMN("target", N_("Target"), "目标", "月度目标", "月目标", "本月目标", "目標", "月度目標"),
    RATE,
    END,
};
static const Field tracking_fields[] = {
    NEEDED("day", N_("Day"), "日期"),
    COLUMN("so_far", N_("So far"), "累计", "累計"),
    RATE,
    END,
};
static const Field comparison_fields[] = {
    NEEDED("metric", N_("Metric"), "指标", "指標", "指标类型"),
    COLUMN("target", N_("Target"), "目标", "目标值", "目標"),
    COLUMN("actual", N_("Actual"), "实际", "实际完成", "实际值", "實際", "實際完成"),
    COLUMN("difference", N_("Difference"), "差额", "差距", "差額"),
    RATE,
    COLUMN("growth", N_("Year on year"), "同比", "同比增长", "同比增長"),
    END,
};

/* The fixed columns, and one for each metric that the sheet shows. */
static Error *with_metrics(Ctx *c, const Field *fixed, const Field **ret, size_t *ret_count) {
    static const char *const none[] = {NULL};
    const Metrics *all;
    size_t n = 0;
    TRY(metrics_get(c, &all));
    while (fixed[n].kind != F_END) n++;
    Field *list = talloc_array(c->mem, Field, (unsigned)(n + metrics_count(all)));
    memcpy(list, fixed, n * sizeof *list);
    for (size_t i = 0; i < metrics_count(all) && n < SHEET_METRICS; i++) {
        const Metric *m = metrics_at(all, i);
        if (!board_sheet_shows(m)) continue;
        list[n++] = (Field){.kind = F_LONGTEXT, .name = talloc_asprintf(c->mem, "m_%s", m->code), .label = m->name, .label_text = tr(c->lang, m->name), .offset = offsetof(SheetLine, cell),
                            .flags = IMPORT_ONLY | NO_COLUMN, .sql = "NULL", .aliases = none};
    }
    *ret = list;
    *ret_count = n;
    return NULL;
}
static Error *summary_now(Ctx *c, const Field **ret, size_t *ret_count) {
    return with_metrics(c, summary_fields, ret, ret_count);
}
static Error *tracking_now(Ctx *c, const Field **ret, size_t *ret_count) {
    return with_metrics(c, tracking_fields, ret, ret_count);
}

/* ---- what is chosen beside the file ---- */

static const char *chosen(Req *r, const char *name) {
    const char *form = req_form(r, name), *value = form && *form ? form : req_query(r, name);
    return value && *value ? value : NULL;
}

/* As the board's own address, with what is wrong left out: board_read then says so. */
static Error *context(Req *r, const char **ret) {
    Ctx *c = &r->c;
    const char *at = chosen(r, "at"), *metric = chosen(r, "metric"), *unit = chosen(r, "unit"), *person = chosen(r, "employee_id"), *team = chosen(r, "unit_id");
    Text *t = text_new(c->mem, 1000);
    int64_t id = 0;
    Date day = DATE_NONE;
    char iso[DATE_TEXT];
    *ret = NULL;
    if (at && strlen(at) == 7) at = talloc_asprintf(c->mem, "%s-01", at);
    if (at && !date_parse(at, &day)) return err_field(c, "at", N_("Write a month such as 2026-07"));
    if ((person || team) && (!int_parse(person ? person : team, &id) || id <= 0)) return err_field(c, person ? "employee_id" : "unit_id", N_("This entry does not exist or is not yours to see"));
    if (metric && strspn(metric, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(metric)) return err_field(c, "metric", N_("There is no metric “{1}”"), text_cut(c->mem, metric, 60));
    if (id) text_addf(t, "&%s=%lld", person ? "employee_id" : "unit_id", (long long)id);
    if (day != DATE_NONE) text_addf(t, "&period=month&at=%s", date_text(day, iso));
    if (metric) text_addf(t, "&metric=%s", metric);
    if (unit && !strcmp(unit, "yuan")) text_add(t, "&unit=yuan");
    if (t->len) *ret = t->data + 1;
    return NULL;
}

/* NULL if the query string does not say it. */
static const char *said_by(void *mem, const char *context, const char *name) {
    size_t n = strlen(name);
    for (const char *s = context; s && *s; s = strchr(s, '&') ? strchr(s, '&') + 1 : NULL)
        if (!strncmp(s, name, n) && s[n] == '=') return talloc_strndup(mem, s + n + 1, strcspn(s + n + 1, "&"));
    return NULL;
}

/* The upload page asks for what a sheet of another program does not say. */
static Error *ask(Req *r, Value model) {
    Ctx *c = &r->c;
    Board b;
    char first[DATE_TEXT];
    TRY(board_read(r, &b));
    if (b.period.kind != PERIOD_MONTH) {
        b.period = period_of(PERIOD_MONTH, b.to, b.fiscal_month);
    }
    const char *page = talloc_strndup(c->mem, r->path, strcspn(r->path + 8, "/") + 8); /* "/sheets/team" */
    Value o = value_object(c->mem), metrics = value_array(c->mem);
    for (size_t i = 0; i < metrics_count(b.metrics); i++) {
        const Metric *m = metrics_at(b.metrics, i);
        if (!m->active || m->rollup == ROLLUP_INHERIT) continue;
        Value one = value_object(c->mem);
        value_set_text(one, "value", m->code);
        value_set_text(one, "title", tr(c->lang, m->name));
        value_set_bool(one, "selected", m == b.metric);
        value_push(metrics, one);
    }
    value_set_text(o, "name", b.name);
    value_set_text(o, "month", talloc_strndup(c->mem, date_text(b.period.first, first), 7));
    value_set(o, "metrics", metrics);
    value_set_bool(o, "wan", b.wan);
    value_set_bool(o, "by_metric", !strcmp(page, "/sheets/team") || !strcmp(page, "/sheets/summary"));
    value_set(model, "sheet", o);
    value_set_text(model, "action", board_href(c, &b, talloc_asprintf(c->mem, "%s/import", page), NULL, NULL));
    value_set_text(model, "template_href", board_href(c, &b, page, "format", "xlsx"));
    value_set_text(model, "cancel_href", board_href(c, &b, page, NULL, NULL));
    return NULL;
}

/* ---- what the file is about ---- */

bool sheet_row_is_about(Ctx *c, const RawRow *row, SheetAbout *ret) {
    for (size_t i = 0; i < row->count; i++)
        if (strchr(row->cells[i], '[') && sheet_about_read(c->mem, row->cells[i], ret)) return true;
    return false;
}

typedef struct Collect {
    SheetRead *x;
    SheetAbout about;
    bool said;
} Collect;

static Error *collect(Ctx *c, void *arg, int64_t number, const char *const *cells, size_t count) {
    Collect *k = arg;
    SheetRead *x = k->x;
    RawRow row = {.number = number, .cells = talloc_array(c->mem, char *, (unsigned)count + 1), .count = count};
    for (size_t i = 0; i < count; i++) row.cells[i] = text_clean(c->mem, cells[i]);
    if (!k->said) k->said = sheet_row_is_about(c, &row, &k->about);
    if (number <= x->plan->heading_row) return NULL;
    if (!(x->row_count & (x->row_count - 1))) x->rows = talloc_realloc(c->mem, x->rows, RawRow, x->row_count ? (unsigned)x->row_count * 2 : 1);
    x->rows[x->row_count++] = row;
    return NULL;
}

static const char *problem(Ctx *c, const char *msgid, const char *a, const char *b) {
    Msg m = {.id = msgid, .args = {a, b}};
    return msg_text(c->mem, c->lang, &m);
}

static const char *month_text(Ctx *c, Date first) {
    char iso[DATE_TEXT];
    return talloc_strndup(c->mem, date_text(first, iso), 7);
}

/* Does what the file says fit what was chosen? NULL, or the problem. */
static const char *misfit(Ctx *c, const SheetRead *x, const SheetAbout *about, MetricScope scope, Date month) {
    const Resource *other = resource_by_table(talloc_asprintf(c->mem, "sheet_%s", about->sheet));
    if (strcmp(about->sheet, x->sheet) != 0) return problem(c, N_("This file is “{1}”; import it there"), tr(c->lang, other->title), NULL);
    if (about->original) return problem(c, N_("This file shows the original targets; change a sheet with the targets in force"), NULL, NULL);
    Period p = period_of(PERIOD_MONTH, about->first, 1);
    if (p.first != about->first || p.last != about->last) return problem(c, N_("Only a month's sheet is read back: quarters and years are sums of their months"), NULL, NULL);
    if (month != DATE_NONE && period_of(PERIOD_MONTH, month, 1).first != about->first)
        return problem(c, N_("The file is of {1}, but {2} was chosen"), month_text(c, about->first), month_text(c, month));
    if (scope.id && (scope.kind != about->scope.kind || scope.id != about->scope.id)) return problem(c, N_("The file is of another team or person than was chosen"), NULL, NULL);
    return NULL;
}

static bool has_column(const ImportPlan *plan, const char *field) {
    for (size_t i = 0; i < plan->count; i++)
        if (plan->columns[i].field && !strcmp(plan->columns[i].field->name, field)) return true;
    return false;
}

/* A column that can be edited at all? */
static bool has_content(const ImportPlan *plan) {
    static const char *const names[] = {"target", "actual", "problem", "highlights", "measures"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (has_column(plan, names[i])) return true;
    for (size_t i = 0; i < plan->count; i++)
        if (plan->columns[i].field && text_starts(plan->columns[i].field->name, "m_")) return true;
    return false;
}

static Error *load_days(Ctx *c, SheetRead *x) {
    const Board *b = &x->b;
    x->day_count = b->to - b->period.first + 1;
    x->days = talloc_zero_array(c->mem, Sums, (unsigned)x->day_count);
    return metric_series(c, b->scope, (Period){PERIOD_DAY, b->period.first, b->period.first}, x->day_count, b->fiscal_month, x->days);
}

static Error *begin_for(Ctx *c, const char *sheet, const ImportTask *task, ImportPlan *plan, void **ret) {
    SheetRead *x = talloc_zero(c->mem, SheetRead);
    Collect k = {.x = x};
    const char *at = said_by(c->mem, task->context, "at"), *metric = said_by(c->mem, task->context, "metric"), *unit = said_by(c->mem, task->context, "unit");
    const char *person = said_by(c->mem, task->context, "employee_id"), *team = said_by(c->mem, task->context, "unit_id");
    MetricScope scope = {person ? SCOPE_PERSON : SCOPE_UNIT, 0};
    Date month = DATE_NONE;
    *ret = x;
    x->sheet = sheet, x->plan = plan, x->seen = task->uploaded_at;
    TRY(sheet_read(c, &task->file, collect, &k));
    if (at) (void)date_parse(at, &month);
    if (person || team) (void)int_parse(person ? person : team, &scope.id);
    if (k.said) {
        plan->problem = misfit(c, x, &k.about, scope, month);
        scope = k.about.scope, month = k.about.first, metric = k.about.metric, x->seen = k.about.seen;
    } else if (month == DATE_NONE)
        plan->problem = problem(c, N_("The file does not say which month it is of: choose the month"), NULL, NULL);
    if (!plan->problem && !has_content(plan)) plan->problem = problem(c, N_("None of its columns can be changed: targets, actuals and problems are"), NULL, NULL);
    if (plan->problem) return NULL;
    TRY(board_of_month(c, scope, month, metric, &x->b));
    x->b.wan = !unit || strcmp(unit, "yuan") != 0;
    bool of_unit = !strcmp(sheet, "team") || !strcmp(sheet, "summary");
    if (of_unit && x->b.scope.kind != SCOPE_UNIT) plan->problem = problem(c, N_("This sheet is of a team: choose the team"), NULL, NULL);
    if (plan->problem || !of_unit) return strcmp(sheet, "tracking") ? NULL : load_days(c, x);
    TRY(board_lines(c, &x->b, &x->lines, &x->line_count));
    x->taken = talloc_zero_array(c->mem, int64_t, (unsigned)x->line_count + 1);
    return NULL;
}

const char *sheet_raw_cell(const SheetRead *x, const RawRow *row, const char *field) {
    for (size_t i = 0; i < x->plan->count && i < row->count; i++)
        if (x->plan->columns[i].field && !strcmp(x->plan->columns[i].field->name, field)) return row->cells[i];
    return "";
}

bool sheet_is_total(Ctx *c, const SheetRead *x, const char *name) {
    static const char *const words[] = {"total", "合计", "总计", "合計", "總計", "总数", "团队合计"};
    const char *folded = text_fold(c->mem, name);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(folded, words[i])) return true;
    return text_equal(name, x->b.name);
}

/* ---- the four resources ---- */

static Error *begin_team(Ctx *c, const ImportTask *task, ImportPlan *plan, void **ret) {
    return begin_for(c, "team", task, plan, ret);
}
static Error *begin_summary(Ctx *c, const ImportTask *task, ImportPlan *plan, void **ret) {
    return begin_for(c, "summary", task, plan, ret);
}
static Error *begin_tracking(Ctx *c, const ImportTask *task, ImportPlan *plan, void **ret) {
    return begin_for(c, "tracking", task, plan, ret);
}
static Error *begin_comparison(Ctx *c, const ImportTask *task, ImportPlan *plan, void **ret) {
    return begin_for(c, "comparison", task, plan, ret);
}

static const RowReader team_reader = {.begin = begin_team, .row = sheet_team_row, .end = sheet_team_end, .context = context, .ask = ask};
static const RowReader summary_reader = {.begin = begin_summary, .row = sheet_team_row, .end = sheet_team_end, .context = context, .ask = ask};
static const RowReader tracking_reader = {.begin = begin_tracking, .row = sheet_tracking_row, .context = context, .ask = ask};
static const RowReader comparison_reader = {.begin = begin_comparison, .row = sheet_comparison_row, .context = context, .ask = ask};

#define SHEET(code, title_) \
    .table = "sheet_" #code, .path = "/sheets/" #code, .title = title_, .one = title_, .icon = "table", .size = sizeof(SheetLine), .fields = code##_fields, .access = {.create = ROLE_LEADERS}, .importable = true, .reader = &code##_reader
const Resource board_team_sheet = {SHEET(team, N_("Team results"))};
const Resource board_summary_sheet = {SHEET(summary, N_("Team summary")), .fields_now = summary_now};
const Resource board_tracking_sheet = {SHEET(tracking, N_("Personal tracking sheet")), .fields_now = tracking_now};
const Resource board_comparison_sheet = {SHEET(comparison, N_("Targets compared"))};

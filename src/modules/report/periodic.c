/* periodic.c - weekly and monthly reports: whose they are, who may write and review them, when they are late. Both resources share these hooks. */
#include "base/i18n.h"
#include "modules/calendar/calendar.h"
#include "modules/org/org.h"
#include "modules/report/periodic_private.h"
#include "service/notify.h"
#include "service/setting.h"
#include <stdio.h>
#include <string.h>
#include <talloc.h>

static const Periodic kinds[] = {
    {PERIODIC_WEEK, &weekly_report_resource, "/reports/weekly", "week", "report.weekly", "report.weekly_returned"},
    {PERIODIC_MONTH, &monthly_report_resource, "/reports/monthly", "month", "report.monthly", "report.monthly_returned"},
};

const Periodic *periodic_of(PeriodicKind kind) {
    return &kinds[kind];
}
const Periodic *periodic_of_path(const Req *r) {
    return &kinds[text_starts(r->path, kinds[PERIODIC_MONTH].path)];
}

/* Ids of units stay below 2^18, of people below 2^31: an owner of 2^31 or more is a unit. */
int64_t periodic_id(PeriodicKind kind, int64_t employee_id, int64_t unit_id, Date day) {
    if (day <= 0 || (!employee_id && !unit_id)) return 0;
    int64_t owner = employee_id ? employee_id : (INT64_C(1) << 31) + unit_id;
    return owner << REPORT_DAY_BITS | (kind == PERIODIC_MONTH ? INT64_C(1) << 19 : 0) | (int64_t)periodic_first(kind, day);
}

int64_t periodic_row_id(PeriodicKind kind, const PeriodicReport *row) {
    return periodic_id(kind, row->employee_id, row->unit_id, row->first == DATE_NONE ? 0 : row->first);
}

Error *periodic_deadline(Ctx *c, PeriodicKind kind, Date first, Instant *ret) {
    const WorkCalendar *calendar;
    int hour = 12, minute = 0;
    TRY(calendar_get(c, &calendar));
    bool week = kind == PERIODIC_WEEK;
    (void)sscanf(setting_text(c, week ? "report.weekly_deadline" : "report.monthly_deadline"), "%d:%d", &hour, &minute);
    *ret = instant_of_day(periodic_due_day(calendar, kind, first, (int)setting_int(c, week ? "report.weekly_day" : "report.monthly_workday")), hour, minute);
    return NULL;
}

Error *report_problem_of(Ctx *c, int64_t employee_id, int64_t unit_id, Date day, const char **ret) {
    *ret = NULL;
    return db_get_text(c, ret, "SELECT problem FROM monthly_report WHERE id = $1 AND state > 0", V(periodic_id(PERIODIC_MONTH, employee_id, unit_id, day)));
}

/* ---- a new row, and input ---- */

/* From Friday on one writes about this week, before about the last; about this month from its last days on. */
void periodic_defaults(Ctx *c, PeriodicKind kind, PeriodicReport *row) {
    Date today = date_of_instant(c->now), first = periodic_first(kind, today);
    bool nearly_over = today >= periodic_last(kind, first) - 2;
    row->employee_id = c->actor->employee_id;
    row->employee_name = c->actor->name;
    row->first = nearly_over ? first : periodic_first(kind, first - 1);
    row->state = REPORT_SUBMITTED;
}

static void give(const Field *fields, size_t n, bool *given, const char *name) {
    const Field *f = field_find(fields, n, name);
    if (f) given[f - fields] = true;
}
static bool is_given(const Field *fields, size_t n, const bool *given, const char *name) {
    const Field *f = field_find(fields, n, name);
    return f && given[f - fields];
}

/* A program's list of key metrics as the cell of a sheet, which is read in one place: [{"metric": "customers_signed", "actual": 6, "target": 8}]. */
static Error *keys_cell(Req *r, const char **ret) {
    Ctx *c = &r->c;
    json_t *list = json_object_get(r->json, "key_metrics");
    Text *t = text_new(c->mem, 8000);
    const Metrics *all;
    *ret = NULL;
    if (!list) return NULL;
    if (!json_is_array(list)) return err_field(c, "key_metrics", N_("Send a list"));
    TRY(metrics_get(c, &all));
    for (size_t i = 0; i < json_array_size(list) && i < PERIODIC_KEYS; i++) {
        json_t *one = json_array_get(list, i), *actual = json_object_get(one, "actual"), *target = json_object_get(one, "target");
        const char *code = json_string_value(json_object_get(one, "metric"));
        const Metric *m = code ? metrics_by_code(all, code) : NULL;
        if (!m) return err_field(c, "key_metrics", N_("There is no “{1}”"), code ? text_cut(c->mem, code, 60) : "?");
        const char *unit = m->unit == UNIT_PERCENT ? "%" : "";
        text_addf(t, "%s%s %.2f%s", t->len ? ";" : "", m->code, json_number_value(actual), unit);
        if (json_is_number(target)) text_addf(t, "(target %.2f%s)", json_number_value(target), unit);
    }
    *ret = t->data;
    return NULL;
}

Error *periodic_read_input(Req *r, const Field *fields, size_t n, RowInput *input) {
    PeriodicReport *row = input->row;
    const char *what = req_form(r, "do"), *state = req_form(r, "state");
    bool draft = (what && !strcmp(what, "draft")) || (state && !strcmp(state, "draft"));
    row->state = draft ? REPORT_DRAFT : REPORT_SUBMITTED;
    give(fields, n, input->given, "state");
    if (is_given(fields, n, input->given, "unit_id") && !is_given(fields, n, input->given, "employee_id")) {
        row->employee_id = 0; /* the unit's own */
        give(fields, n, input->given, "employee_id");
    }
    row->arrival = PERIODIC_DIRECT;
    give(fields, n, input->given, "arrival");
    if (!r->json) return NULL;
    TRY(keys_cell(r, &row->sheet_keys));
    if (row->sheet_keys) give(fields, n, input->given, "sheet_keys");
    return NULL;
}

/* ---- saving ---- */

static Error *set_unit(Ctx *c, PeriodicKind kind, PeriodicReport *row) {
    Date last = periodic_last(kind, row->first), today = date_of_instant(c->now);
    if (!row->employee_id) return NULL;
    TRY(org_unit_of(c, row->employee_id, last < today ? last : today, &row->unit_id));
    return row->unit_id ? NULL : db_get_int(c, &row->unit_id, "SELECT unit_id FROM employee WHERE id = $1", V(row->employee_id));
}

static bool is_sent(int state) {
    return state == REPORT_SUBMITTED || state == REPORT_LATE;
}

static Error *set_state(Ctx *c, PeriodicKind kind, const PeriodicReport *was, PeriodicReport *row, bool imported) {
    Instant deadline;
    if (imported && was && was->state != REPORT_DRAFT) row->state = was->state;
    if (was && was->state == REPORT_LATE && row->state == REPORT_SUBMITTED) row->state = REPORT_LATE; /* a correction does not make it punctual */
    if (row->state == REPORT_DRAFT && was && was->state != REPORT_DRAFT) row->state = was->state;       /* nor takes it back */
    if (row->state != REPORT_SUBMITTED || (was && was->state == REPORT_SUBMITTED)) return NULL;
    if (!was || was->submitted_at == INSTANT_NONE) row->submitted_at = c->now; /* after a return: when it first came decides */
    row->writer_id = c->actor->employee_id;
    row->return_reason = NULL;
    TRY(periodic_deadline(c, kind, row->first, &deadline));
    if (periodic_is_late(row->submitted_at, deadline) && !c->actor->system && !imported) row->state = REPORT_LATE;
    return NULL;
}

/* Only who leads may type a target or an actual; from others such a value is the one their form showed. */
static void keep_numbers(Ctx *c, const PeriodicReport *was, PeriodicReport *row) {
    if (may(c, ROLE_LEADERS)) return;
    row->target = was ? was->target : MONEY_NONE;
    row->stated_actual = was ? was->stated_actual : MONEY_NONE;
    row->sheet_growth = row->sheet_keys = NULL;
}

Error *periodic_prepare(Ctx *c, PeriodicKind kind, const PeriodicReport *was, PeriodicReport *row) {
    if (row->first == DATE_NONE || (!row->employee_id && !row->unit_id)) return NULL;
    row->first = periodic_first(kind, row->first);
    row->id = periodic_row_id(kind, row);
    if (!was || !was->unit_id) TRY(set_unit(c, kind, row));
    int64_t arrival = row->arrival > 0 ? row->arrival : 0;
    if (arrival) { /* neither a review nor our own bookkeeping */
        TRY(set_state(c, kind, was, row, (arrival & PERIODIC_IMPORTED) != 0));
        keep_numbers(c, was, row);
        TRY(periodic_settle_sheet(c, kind, was, row));
    }
    if (kind == PERIODIC_WEEK) row->next_target = periodic_amount_in(c->mem, row->next_focus);
    return NULL;
}

Error *periodic_validate(Ctx *c, PeriodicKind kind, const PeriodicReport *was, const PeriodicReport *row) {
    Error *errors = NULL;
    Date today = date_of_instant(c->now);
    if (!row->employee_id && !row->unit_id) return err_field(c, "employee_id", N_("This is required"));
    bool own = row->employee_id && row->employee_id == c->actor->employee_id;
    if (!own && !may(c, ROLE_LEADERS)) return err_denied(c, N_("You can only enter this for yourself or your own team"));
    if (row->state == REPORT_DRAFT && row->employee_id && !own && !c->actor->system) /* nobody else could see it */
        return err_denied(c, N_("You can only enter this for yourself or your own team"));
    if (row->first > today) err_add_field(c, &errors, periodic_of(kind)->period, N_("The period has not begun"));
    if (row->first < date_make(2000, 1, 1)) err_add_field(c, &errors, periodic_of(kind)->period, N_("This is too long ago"));
    int64_t back = setting_int(c, "report.back_days");
    if (!was && periodic_last(kind, row->first) < today - back && !may(c, ROLE_LEADERS))
        err_add_field(c, &errors, periodic_of(kind)->period, N_("Reports can be entered for the last {1} days; ask your lead for an earlier one"),
                      talloc_asprintf(c->mem, "%lld", (long long)back));
    return errors;
}

static bool may_edit(Ctx *c, const void *row) {
    const PeriodicReport *r = row;
    if (r->state == REPORT_APPROVED) return false;
    return (r->employee_id && r->employee_id == c->actor->employee_id) || may(c, ROLE_LEADERS);
}

Error *periodic_after_save(Ctx *c, PeriodicKind kind, const PeriodicReport *was, const PeriodicReport *row) {
    TRY(periodic_enter_facts(c, kind, was, row));
    if (!is_sent(row->state) || (was && was->state == row->state) || !row->writer_id) return NULL;
    TRY(notify_settle(c, row->writer_id, periodic_of(kind)->returned_kind));
    return notify_settle(c, row->writer_id, periodic_of(kind)->remind_kind);
}

/* ---- review ---- */

/* One's own report, or that of the team one has written, is reviewed by somebody else. */
static bool awaits_review(Ctx *c, const void *row) {
    const PeriodicReport *r = row;
    int64_t me = c->actor->employee_id;
    return is_sent(r->state) && (!me || (r->employee_id ? r->employee_id : r->writer_id) != me);
}

static void reviewed(Ctx *c, PeriodicReport *row, int state) {
    row->state = state;
    row->reviewer_id = c->actor->employee_id;
    row->reviewed_at = c->now;
    row->arrival = 0;
}

/* Frozen while the state is still the old one: the values as they were shown. */
static Error *approve(Ctx *c, PeriodicKind kind, PeriodicReport *row) {
    TRY(periodic_freeze(c, kind, row));
    reviewed(c, row, REPORT_APPROVED);
    return NULL;
}

static Error *return_(Ctx *c, PeriodicKind kind, PeriodicReport *row, const char *reason) {
    reviewed(c, row, REPORT_RETURNED);
    row->return_reason = reason;
    Msg message = {.id = N_("Your report of {1} was returned: {2}"), .args = {periodic_title(c, kind, row->first), reason}};
    const char *href = talloc_asprintf(c->mem, "%s/%lld/edit", periodic_of(kind)->path, (long long)row->id);
    int64_t whom = row->employee_id ? row->employee_id : row->writer_id;
    return whom ? notify_employee(c, whom, periodic_of(kind)->returned_kind, message, href) : NULL;
}

static Error *approve_week(Ctx *c, void *row, const char *reason) {
    (void)reason;
    return approve(c, PERIODIC_WEEK, row);
}
static Error *approve_month(Ctx *c, void *row, const char *reason) {
    (void)reason;
    return approve(c, PERIODIC_MONTH, row);
}
static Error *return_week(Ctx *c, void *row, const char *reason) {
    return return_(c, PERIODIC_WEEK, row, reason);
}
static Error *return_month(Ctx *c, void *row, const char *reason) {
    return return_(c, PERIODIC_MONTH, row, reason);
}

#define ACTIONS(which)                                                                                                                             \
    {{.name = "approve", .title = N_("Approve"), .icon = "check", .roles = ROLE_LEADERS, .run = approve_##which, .offered = awaits_review, .bulk = true, .done = N_("Approved")}, \
     {.name = "return", .title = N_("Return"), .icon = "arrow-back-up", .roles = ROLE_LEADERS, .run = return_##which, .offered = awaits_review, .needs_reason = true,             \
      .bulk = true, .done = N_("Returned")},                                                                                                      \
     {0}}
static const Action actions_week[] = ACTIONS(week), actions_month[] = ACTIONS(month);

/* ---- the two resources ---- */

static const char *const state_codes[] = {"draft", "submitted", "late", "returned", "approved", NULL};
static const char *const state_labels[] = {N_("Draft"), N_("Submitted"), N_("Late"), N_("Returned"), N_("Approved"), NULL};
static const char *const state_badges[] = {"secondary", "info", "warning", "danger", "success", NULL};

#define ALSO(...) .aliases = (const char *const[]){__VA_ARGS__, NULL}
#define ONLY_IN_SHEET INTERNAL | NO_COLUMN | IMPORT_ONLY, .sql = "CAST(NULL AS TEXT)"
#define PERIOD(n, l, ...)                                                                                                                    \
    {.kind = F_DATE, .name = n, .label = l, .offset = offsetof(PeriodicReport, first), .flags = REQUIRED | IN_LIST | SORT | FILTER | CREATE_ONLY | KEY, ##__VA_ARGS__}
#define SUBJECT(sql_)                                                                                                                        \
    TEXT_(PeriodicReport, subject, N_("Salesperson or team"), .flags = READONLY | NO_COLUMN | IMPORT_ONLY | IN_LIST | PRIMARY, .max = 100, .sql = sql_,   \
          ALSO("Salesperson", "Salesperson/team", "销售人员/团队", "销售人员", "姓名", "团队", "銷售人員/團隊", "銷售人員", "員工", "员工"))
#define SUBJECT_SQL "coalesce((SELECT s.name FROM employee s WHERE s.id = t.employee_id), (SELECT s.name FROM org_unit s WHERE s.id = t.unit_id))"
#define OWNERS                                                                                                                               \
    REF_(PeriodicReport, employee_id, employee_name, N_("Salesperson"), &employee_resource, .flags = FILTER | CREATE_ONLY | NO_IMPORT),      \
    REF_(PeriodicReport, unit_id, unit_name, N_("Team"), &org_unit_resource, .flags = IN_LIST | FILTER | CREATE_ONLY | NO_IMPORT)
#define KEPT                                                                                                                                 \
    ENUM_(PeriodicReport, state, N_("State"), .flags = IN_LIST | FILTER | READONLY, .codes = state_codes, .labels = state_labels, .badges = state_badges), \
    TIME_(PeriodicReport, submitted_at, N_("Submitted at"), .flags = READONLY | NO_IMPORT),                                                  \
    REF_(PeriodicReport, writer_id, writer_name, N_("Submitted by"), &employee_resource, .flags = READONLY | NO_IMPORT),                     \
    REF_(PeriodicReport, reviewer_id, reviewer_name, N_("Reviewed by"), &employee_resource, .flags = READONLY | NO_IMPORT),                  \
    TIME_(PeriodicReport, reviewed_at, N_("Reviewed at"), .flags = READONLY | NO_IMPORT),                                                    \
    LONGTEXT_(PeriodicReport, return_reason, N_("Reason for the return"), .flags = READONLY | NO_IMPORT, .max = 500),                        \
    INT_(PeriodicReport, stated_growth, N_("Growth as the sheet said"), .flags = INTERNAL),                                                  \
    MONEY_(PeriodicReport, entered, N_("Entered as a fact"), .flags = INTERNAL),                                                             \
    DATE_(PeriodicReport, entered_day, N_("Entered for"), .flags = INTERNAL),                                                                \
    MONEY_(PeriodicReport, frozen_target, N_("Target as approved"), .flags = INTERNAL),                                                      \
    MONEY_(PeriodicReport, frozen_actual, N_("Actual as approved"), .flags = READONLY | NO_IMPORT | IN_LIST),                                \
    MONEY_(PeriodicReport, frozen_previous, N_("Previous period as approved"), .flags = INTERNAL),                                           \
    MONEY_(PeriodicReport, frozen_last_year, N_("Last year as approved"), .flags = INTERNAL),                                                \
    TEXT_(PeriodicReport, sheet_growth, N_("Change on the previous period (%)"), .flags = ONLY_IN_SHEET, ALSO("环比增长", "環比增長", "环比")), \
    TEXT_(PeriodicReport, sheet_rate, N_("Attainment (%)"), .flags = ONLY_IN_SHEET, ALSO("达成率", "達成率", "完成率")),                      \
    INT_(PeriodicReport, arrival, N_("Arrival"), .flags = INTERNAL | NO_COLUMN | IMPORT_ONLY, .sql = "0"),                                   \
    {.kind = F_END}

static const Field week_fields[] = {
    PERIOD("week", N_("Week from")),
    SUBJECT(SUBJECT_SQL),
    OWNERS,
    MONEY_(PeriodicReport, target, N_("Weekly target"), .flags = IN_LIST, .unit = N_("yuan"), .heading = N_("Weekly target (yuan)"), ALSO("周目标", "周目標", "週目標")),
    MONEY_(PeriodicReport, stated_actual, N_("Actual"), .unit = N_("yuan"), .heading = N_("Actual (yuan)"), ALSO("实际完成", "實際完成")),
    LONGTEXT_(PeriodicReport, problem, N_("Main problem"), .flags = SEARCH, .max = 2000, ALSO("主要问题", "主要問題")),
    LONGTEXT_(PeriodicReport, next_focus, N_("Focus of next week"), .flags = SEARCH, .max = 2000, ALSO("下周重点目标", "下周重點目標", "下週重點目標")),
    MONEY_(PeriodicReport, next_target, N_("Amount aimed at next week"), .flags = READONLY | NO_IMPORT),
    LONGTEXT_(PeriodicReport, support_need, N_("Support needed"), .flags = SEARCH, .max = 2000, ALSO("需支持事项", "需支持事項")),
    TEXT_(PeriodicReport, sheet_period, N_("Week no."), .flags = ONLY_IN_SHEET, ALSO("周次", "週次", "周")),
    KEPT,
};
static const Field month_fields[] = {
    PERIOD("month", N_("Month from")),
    SUBJECT(SUBJECT_SQL),
    OWNERS,
    MONEY_(PeriodicReport, target, N_("Monthly target"), .flags = IN_LIST, .unit = N_("yuan"), .heading = N_("Monthly target (yuan)"), ALSO("月度目标", "月度目標", "月目标")),
    MONEY_(PeriodicReport, stated_actual, N_("Actual"), .unit = N_("yuan"), .heading = N_("Actual (yuan)"), ALSO("实际完成", "實際完成")),
    LONGTEXT_(PeriodicReport, highlights, N_("Highlights"), .flags = SEARCH, .max = 2000, ALSO("业绩亮点", "業績亮點")),
    LONGTEXT_(PeriodicReport, problem, N_("Problems"), .flags = SEARCH, .max = 2000, ALSO("存在问题", "存在問題")),
    LONGTEXT_(PeriodicReport, measures, N_("Measures"), .flags = SEARCH, .max = 2000, ALSO("改进措施", "改進措施")),
    MONEY_(PeriodicReport, next_target, N_("Next month's target"), .unit = N_("yuan"), .heading = N_("Next month's target (yuan)"), ALSO("下月目标", "下月目標")),
    LONGTEXT_(PeriodicReport, support_need, N_("Support needed"), .flags = SEARCH, .max = 2000, ALSO("需支持事项", "需支持事項")),
    LONGTEXT_(PeriodicReport, key_metrics, N_("Key metrics"), .flags = INTERNAL),
    LONGTEXT_(PeriodicReport, key_note, N_("On the key metrics"), .flags = NO_IMPORT, .max = 2000),
    LONGTEXT_(PeriodicReport, frozen_keys, N_("Key metrics as approved"), .flags = INTERNAL),
    TEXT_(PeriodicReport, sheet_period, N_("Calendar month"), .flags = ONLY_IN_SHEET, ALSO("月份", "月")),
    LONGTEXT_(PeriodicReport, sheet_keys, N_("Key metrics in the sheet"), .flags = ONLY_IN_SHEET, .max = 2000, ALSO("关键指标完成情况", "關鍵指標完成情況")),
    KEPT,
};

#define HOOKS(which, KIND)                                                                                                                   \
    static int64_t id_##which(const void *row) { return periodic_row_id(KIND, row); }                                                        \
    static void defaults_##which(Ctx *c, void *row) { periodic_defaults(c, KIND, row); }                                                     \
    static Error *prepare_##which(Ctx *c, const void *old, void *row) { return periodic_prepare(c, KIND, old, row); }                        \
    static Error *validate_##which(Ctx *c, const void *old, const void *row) { return periodic_validate(c, KIND, old, row); }                \
    static Error *after_save_##which(Ctx *c, const void *old, const void *row) { return periodic_after_save(c, KIND, old, row); }            \
    static Error *describe_##which(Ctx *c, const void *row, Value model) { return periodic_describe(c, KIND, row, model); }                  \
    static Error *import_##which(Ctx *c, const Field *f, size_t n, bool *given, void *row) { return periodic_import_row(c, KIND, f, n, given, row); }
HOOKS(week, PERIODIC_WEEK)
HOOKS(month, PERIODIC_MONTH)

#define SHARED(which)                                                                                                                        \
    .size = sizeof(PeriodicReport), .fields = which##_fields, .access = {.read = ROLE_ANY, .create = ROLE_ANY, .update = ROLE_ANY},          \
    .scope_owner = "employee_id", .scope_unit = "unit_id", .owner_bits = REPORT_DAY_BITS, .own_only = "t.state = 0 AND t.employee_id IS NOT NULL",           \
    .title_field = "subject", .actions = actions_##which, .importable = true, .defaults = defaults_##which, .read_input = periodic_read_input,     \
    .prepare = prepare_##which, .validate = validate_##which, .import_row = import_##which, .after_save = after_save_##which, .may_edit = may_edit, \
    .make_id = id_##which, .describe = describe_##which

const Resource weekly_report_resource = {
    .table = "weekly_report", .path = "/reports/weekly", .title = N_("Weekly reports"), .one = N_("Weekly report"), .icon = "calendar-event", .order = "-week",
    .empty_hint = N_("Write last week's report, or import earlier ones from a spreadsheet."), SHARED(week),
};
const Resource monthly_report_resource = {
    .table = "monthly_report", .path = "/reports/monthly", .title = N_("Monthly reports"), .one = N_("Monthly report"), .icon = "calendar-stats", .order = "-month",
    .empty_hint = N_("Write last month's report, or import earlier ones from a spreadsheet."), SHARED(month),
};

/* report_missing.c - who owes a report: the page, the reminder, the job. */
#include "base/i18n.h"
#include "modules/calendar/calendar.h"
#include "modules/org/org.h"
#include "modules/report/periodic_private.h"
#include "service/notify.h"
#include "service/setting.h"
#include <stdio.h>
#include <string.h>
#include <talloc.h>

enum { MAX_DEBTORS = 20000 };

Error *report_debtors(Ctx *c, Date day, Debtor **ret, size_t *ret_count) {
    char iso[DATE_TEXT];
    Rows *rows;
    bool all = c->actor->system || c->actor->scope == SCOPE_ALL;
    *ret = NULL;
    *ret_count = 0;
    date_text(day, iso);
    TRY(db_query(c, &rows,
                 "SELECT e.id, e.name, p.unit_id, u.name, coalesce(t.state, -1) FROM post p JOIN employee e ON e.id = p.employee_id JOIN org_unit u ON u.id = p.unit_id"
                 " LEFT JOIN daily_report t ON t.id = e.id * 1048576 + $2"
                 " WHERE p.main = 1 AND p.first_day <= $1 AND (p.last_day IS NULL OR p.last_day >= $1) AND e.status = 0 AND u.kind = 2"
                 " AND NOT EXISTS (SELECT 1 FROM org_unit l WHERE l.leader_id = e.id)"
                 " AND NOT EXISTS (SELECT 1 FROM leave_span s WHERE s.employee_id = e.id AND s.first_day <= $1 AND s.last_day >= $1)"
                 " AND ($3 = 1 OR e.id = $4 OR p.unit_id IN (SELECT v.unit_id FROM visible_unit v WHERE v.account_id = $5))"
                 " ORDER BY u.sort, u.name_keys, u.id, e.name_keys, e.id LIMIT $6",
                 V(iso), V(day), V(all), V(c->actor->employee_id), V(c->actor->account_id), V(MAX_DEBTORS)));
    while (rows_next(rows)) {
        if (!(*ret_count & (*ret_count - 1))) *ret = talloc_realloc(c->mem, *ret, Debtor, *ret_count ? *ret_count * 2 : 1);
        (*ret)[(*ret_count)++] = (Debtor){.employee_id = row_int(rows, 0), .name = row_dup(rows, 1), .unit_id = row_int(rows, 2), .unit_name = row_dup(rows, 3), .state = (int)row_int(rows, 4)};
    }
    return rows_done(rows);
}

static bool owes(const Debtor *d) {
    return d->state < REPORT_SUBMITTED;
}

static Error *count_on_leave(Ctx *c, Date day, int64_t *ret) {
    char iso[DATE_TEXT];
    bool all = c->actor->system || c->actor->scope == SCOPE_ALL;
    return db_get_int(c, ret, "SELECT count(*) FROM employee e WHERE e.status = 0 AND EXISTS (SELECT 1 FROM leave_span s WHERE s.employee_id = e.id AND s.first_day <= $1 AND s.last_day >= $1)"
                              " AND ($2 = 1 OR e.unit_id IN (SELECT v.unit_id FROM visible_unit v WHERE v.account_id = $3))",
                      V(date_text(day, iso)), V(all), V(c->actor->account_id));
}

/* ---- the page ---- */

static Value person_model(Ctx *c, const Debtor *d) {
    Value o = value_object(c->mem);
    value_set_int(o, "id", d->employee_id);
    value_set_text(o, "name", d->name);
    value_set_text(o, "href", resource_href(c, &employee_resource, d->employee_id));
    if (d->state == REPORT_DRAFT) value_set_text(o, "note", tr(c->lang, N_("A draft is begun")));
    value_set_text(o, "remind_href", talloc_asprintf(c->mem, "/reports/daily/missing/remind?employee=%lld", (long long)d->employee_id));
    return o;
}

static Value team_models(Ctx *c, const Debtor *people, size_t n) {
    Value teams = value_array(c->mem);
    for (size_t i = 0; i < n;) {
        size_t from = i, reported = 0;
        Value o = value_object(c->mem), list = value_array(c->mem);
        for (; i < n && people[i].unit_id == people[from].unit_id; i++)
            owes(&people[i]) ? value_push(list, person_model(c, &people[i])) : (void)reported++;
        value_set_text(o, "name", people[from].unit_name);
        value_set_int(o, "expected", (int64_t)(i - from));
        value_set_int(o, "reported", (int64_t)reported);
        value_set(o, "people", list);
        if (value_count(list)) value_push(teams, o);
    }
    return teams;
}

static const char *day_link(Ctx *c, Date day) {
    char iso[DATE_TEXT];
    return talloc_asprintf(c->mem, "/reports/daily/missing?day=%s", date_text(day, iso));
}

static Error *missing_page(Req *r) {
    Ctx *c = &r->c;
    const WorkCalendar *calendar;
    Date day, today = date_of_instant(c->now);
    Debtor *people;
    size_t n, missing = 0;
    int64_t on_leave = 0;
    char iso[DATE_TEXT];
    TRY(req_query_date(r, "day", today, &day));
    TRY(calendar_get(c, &calendar));
    bool working = workday_is(calendar, day);
    TRY(report_debtors(c, day, &people, &n));
    TRY(count_on_leave(c, day, &on_leave));
    if (!working) n = 0;
    for (size_t i = 0; i < n; i++) missing += owes(&people[i]);
    Value model = value_object(c->mem);
    value_set_text(model, "title", tr(c->lang, N_("Who has not reported")));
    value_set(model, "tabs", report_tabs(c, "missing", "/reports/daily"));
    value_set_text(model, "path", "/reports/daily/missing");
    value_set_text(model, "period", "day");
    value_set_text(model, "day", talloc_strdup(c->mem, date_text(day, iso)));
    value_set_text(model, "day_text", working ? talloc_strdup(c->mem, iso) : talloc_asprintf(c->mem, "%s %s", iso, tr(c->lang, N_("(day off: no reports are due)"))));
    value_set_text(model, "prev_href", day_link(c, workday_add(calendar, day, -1)));
    if (day < today) value_set_text(model, "next_href", day_link(c, workday_add(calendar, day, 1)));
    value_set_int(model, "expected", (int64_t)n);
    value_set_int(model, "reported", (int64_t)(n - missing));
    value_set_int(model, "missing", (int64_t)missing);
    value_set_bool(model, "daily", true);
    value_set_int(model, "on_leave", on_leave);
    value_set_text(model, "remind_all_href", "/reports/daily/missing/remind");
    value_set(model, "teams", team_models(c, people, n));
    return respond_view(r, "report_missing", model);
}

/* ---- reminding ---- */

/* Nobody is reminded twice within an hour. */
static Error *was_reminded(Ctx *c, int64_t employee_id, bool *ret) {
    int64_t found = 0;
    TRY(db_get_int(c, &found, "SELECT 1 FROM notice n JOIN account a ON a.id = n.account_id WHERE a.employee_id = $1 AND n.kind = $2 AND n.created_at > $3",
                   V(employee_id), V("report.remind"), V(c->now - INT64_C(3600000000))));
    *ret = found != 0;
    return NULL;
}

typedef struct Reminder {
    Date day;
    int64_t employee_id; /* 0: everybody */
    int count;
} Reminder;

static Error *remind_tx(Ctx *c, void *arg) {
    Reminder *x = arg;
    Debtor *people;
    size_t n;
    char iso[DATE_TEXT];
    const char *text = talloc_strdup(c->mem, date_text(x->day, iso));
    x->count = 0;
    TRY(report_debtors(c, x->day, &people, &n));
    for (size_t i = 0; i < n; i++) {
        if (!owes(&people[i]) || (x->employee_id && x->employee_id != people[i].employee_id)) continue;
        bool recently = false;
        TRY(was_reminded(c, people[i].employee_id, &recently));
        if (recently) continue;
        Msg message = {.id = N_("Please write your report of {1}"), .args = {text}};
        TRY(notify_employee(c, people[i].employee_id, "report.remind", message, talloc_asprintf(c->mem, "/reports/daily/new?day=%s", text)));
        x->count++;
    }
    return NULL;
}

static Error *reminded(Req *r, void *arg) {
    const Reminder *x = arg;
    return respond_done(r, day_link(&r->c, x->day), "success", (Msg){.id = N_("{1} people reminded"), .args = {talloc_asprintf(r->c.mem, "%d", x->count)}});
}

static Error *remind(Req *r) {
    Reminder *x = talloc_zero(r->c.mem, Reminder);
    const char *day = req_form(r, "day");
    x->day = date_of_instant(r->c.now);
    if (day && *day && !date_parse(day, &x->day)) return err_field(&r->c, "day", N_("Write a date such as 2026-01-02"));
    TRY(req_query_int(r, "employee", 0, &x->employee_id));
    return req_commit(r, remind_tx, x, reminded);
}

/* Every quarter of an hour: on a working day, once the reminder time has come, whoever owes today's report hears of it, once. */
static Error *remind_job(Ctx *c, int64_t arg) {
    const WorkCalendar *calendar;
    Reminder x = {.day = date_of_instant(c->now)};
    int hour = 18, minute = 0;
    int64_t sent = 0;
    (void)arg;
    TRY(calendar_get(c, &calendar));
    (void)sscanf(setting_text(c, "report.remind_at"), "%d:%d", &hour, &minute);
    Instant from = instant_of_day(x.day, hour, minute);
    if (!workday_is(calendar, x.day) || c->now < from) return NULL;
    TRY(db_get_int(c, &sent, "SELECT count(*) FROM notice WHERE kind = $1 AND created_at >= $2", V("report.remind"), V(from)));
    return sent ? NULL : db_tx(c, remind_tx, &x);
}

const JobKind report_jobs[] = {{.name = "report.remind", .run = remind_job, .every_minutes = 15},
                               {.name = "report.remind_periodic", .run = periodic_remind_job, .every_minutes = 15}, {0}};

const Route report_missing_routes[] = {
    {GET, "/reports/daily/missing", ROLE_LEADERS | ROLE_TRAINER, missing_page, N_("Who has not reported"), 0},
    {POST, "/reports/daily/missing/remind", ROLE_LEADERS, remind, N_("Remind who has not reported"), 0},
    {0},
};

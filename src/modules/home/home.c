/* home.c - the start page of each role: today's report, what is to be done, how the team stands. */
#include "base/i18n.h"
#include "modules/board/board.h"
#include "modules/calendar/calendar.h"
#include "modules/module.h"
#include "modules/report/report.h"
#include "modules/target/target.h"
#include "service/notify.h"
#include "service/setting.h"
#include <stdio.h>
#include <talloc.h>

static Error *today_card(Ctx *c, Date day, Value model) {
    const WorkCalendar *calendar;
    DailyReport *mine;
    Instant deadline;
    char when[INSTANT_TEXT];
    if (!c->actor->employee_id || !(c->actor->roles & ROLE_REP)) return NULL;
    TRY(calendar_get(c, &calendar));
    TRY(report_own(c, day, &mine));
    TRY(report_deadline(c, day, &deadline));
    int state = mine ? mine->state : -1;
    bool done = state >= REPORT_SUBMITTED && state != REPORT_RETURNED;
    Value o = value_object(c->mem);
    Msg until = {.id = workday_is(calendar, day) ? (c->now > deadline ? N_("Late: it was due {1}") : N_("Due {1}")) : N_("A day off; a report is not required"),
                 .args = {talloc_strdup(c->mem, instant_local(deadline, when))}};
    value_set_text(o, "state", report_state_title(c, state));
    value_set_text(o, "state_kind", report_state_badge(state));
    value_set_text(o, "deadline_text", done ? tr(c->lang, N_("Thank you, it is with your lead.")) : msg_text(c->mem, c->lang, &until));
    if (state != REPORT_APPROVED) {
        value_set_text(o, "href", "/reports/daily/new");
        value_set_text(o, "action", tr(c->lang, state < 0 ? N_("Write report") : done ? N_("Correct it") : N_("Go on writing")));
    }
    value_set(model, "today", o);
    return NULL;
}

static void add_todo(Ctx *c, Value list, const char *icon, const char *title, const char *href, int64_t count) {
    Value o = value_object(c->mem);
    value_set_text(o, "icon", icon);
    value_set_text(o, "title", title);
    value_set_text(o, "href", href);
    if (count) value_set_int(o, "count", count);
    value_push(list, o);
}

static Error *todos(Ctx *c, Value model) {
    Value list = value_array(c->mem), notices;
    int64_t waiting, invoices;
    bool covered;
    TRY(report_queue_count(c, &waiting));
    if (waiting) add_todo(c, list, "checklist", tr(c->lang, N_("Reports to review")), "/reports/daily/queue", waiting);
    TRY(invoice_reminder_urgent(c, &invoices));
    if (invoices) add_todo(c, list, "cash", tr(c->lang, N_("Invoice reminders to send")), "/key-actions/mine", invoices);
    TRY(calendar_covers_next_year(c, &covered));
    if (!covered && may(c, ROLE_ADMIN)) add_todo(c, list, "calendar", tr(c->lang, N_("Upload next year's work calendar")), "/calendar", 0);
    TRY(notify_list(c, 8, &notices));
    for (size_t i = 0; i < value_count(notices); i++) {
        Value n = value_at(notices, i);
        if (!value_truthy(value_get(n, "unread", 6, NULL))) continue;
        add_todo(c, list, "bell", value_get(n, "text", 4, NULL).text, value_get(n, "href", 4, NULL).text, 0);
    }
    value_set(model, "todos", list);
    value_set_bool(model, "has_todos", value_count(list) > 0);
    return NULL;
}

/* How many of those who owe a report have sent it, with the missing ones by name. */
static Error *team_card(Ctx *c, Date day, Value model) {
    enum { SHOWN = 8 };
    const WorkCalendar *calendar;
    Debtor *people;
    size_t n;
    int64_t sent = 0;
    bool one_team = true;
    if (!may(c, ROLE_LEADERS | ROLE_TRAINER)) return NULL;
    TRY(calendar_get(c, &calendar));
    if (!workday_is(calendar, day)) return NULL;
    TRY(report_debtors(c, day, &people, &n));
    Value o = value_object(c->mem), list = value_array(c->mem);
    for (size_t i = 1; i < n; i++) one_team &= people[i].unit_id == people[0].unit_id;
    for (size_t i = 0; i < n; i++) {
        bool done = people[i].state >= REPORT_SUBMITTED;
        sent += done;
        if (done || value_count(list) == SHOWN) continue;
        Value p = value_object(c->mem);
        value_set_text(p, "title", people[i].name);
        value_set_text(p, "text", one_team ? NULL : people[i].unit_name);
        value_set_text(p, "href", talloc_asprintf(c->mem, "/people/%lld", (long long)people[i].employee_id));
        value_push(list, p);
    }
    if (!n) return NULL;
    Msg title = {.id = N_("Today's reports: {1} of {2}"), .args = {talloc_asprintf(c->mem, "%lld", (long long)sent), talloc_asprintf(c->mem, "%zu", n)}};
    value_set_text(o, "title", msg_text(c->mem, c->lang, &title));
    value_set_text(o, "href", "/reports/daily/missing");
    value_set_text(o, "note", value_count(list) ? tr(c->lang, N_("Not yet:")) : NULL);
    if (!value_count(list)) value_set_text(o, "text", tr(c->lang, N_("Everybody has reported.")));
    value_set(o, "lines", list);
    Value cards = value_array(c->mem);
    value_push(cards, o);
    value_set(model, "cards", cards);
    return NULL;
}

static Error *week_card(Ctx *c, Date day, Value model) {
    Value groups = value_array(c->mem), o = value_object(c->mem), kpis, pace;
    int64_t reports;
    TRY(board_pace_card(c, &pace));
    if (pace.kind != V_NULL) value_push(groups, pace);
    TRY(report_week_kpis(c, day, &kpis, &reports));
    Msg note = {.id = N_("{1} reports"), .args = {talloc_asprintf(c->mem, "%lld", (long long)reports)}};
    value_set_text(o, "title", tr(c->lang, may(c, ~(uint32_t)ROLE_REP & ROLE_ANY) ? N_("This week") : N_("My week")));
    value_set_text(o, "note", msg_text(c->mem, c->lang, &note));
    value_set_text(o, "href", "/reports/daily/board");
    value_set(o, "kpis", kpis);
    value_push(groups, o);
    value_set(model, "kpi_groups", groups);
    return NULL;
}

static Error *home_page(Req *r) {
    Ctx *c = &r->c;
    Date day = date_of_instant(c->now);
    char iso[DATE_TEXT];
    int hour, minute, second;
    instant_parts(c->now, &day, &hour, &minute, &second);
    IsoWeek week = date_iso_week(day);
    Msg hello = {.id = hour < 12 ? N_("Good morning, {1}") : hour < 18 ? N_("Good afternoon, {1}") : N_("Good evening, {1}"), .args = {c->actor->name}};
    Msg date = {.id = N_("{1}, week {2}"), .args = {talloc_strdup(c->mem, date_text(day, iso)), talloc_asprintf(c->mem, "%d", week.week)}};
    Value model = value_object(c->mem);
    value_set_text(model, "title", tr(c->lang, N_("Start")));
    value_set_text(model, "greeting", msg_text(c->mem, c->lang, &hello));
    value_set_text(model, "day_text", msg_text(c->mem, c->lang, &date));
    TRY(today_card(c, day, model));
    TRY(week_card(c, day, model));
    TRY(todos(c, model));
    TRY(team_card(c, day, model));
    return respond_view(r, "home", model);
}

/* ---- notices ---- */

static Error *read_tx(Ctx *c, void *arg) {
    return notify_mark_read(c, *(int64_t *)arg);
}
static Error *read_done(Req *r, void *arg) {
    (void)arg;
    return respond_redirect(r, "/");
}

static Error *mark_read(Req *r) {
    int64_t *up_to = talloc(r->c.mem, int64_t);
    const char *text = req_form(r, "up_to");
    if (!text || !int_parse(text, up_to)) *up_to = INT64_MAX;
    return req_commit(r, read_tx, up_to, read_done);
}

static Error *notices_page(Req *r) {
    Ctx *c = &r->c;
    Value notices, model = value_object(c->mem);
    TRY(notify_list(c, 100, &notices));
    value_set_text(model, "title", tr(c->lang, N_("Messages")));
    value_set(model, "notices", notices);
    value_set_bool(model, "has_notices", value_count(notices) > 0);
    return respond_view(r, "notices", model);
}

static const Route rows[] = {
    {GET, "/", ROLE_ANY, home_page, N_("Start page"), 0},
    {GET, "/notices", ROLE_ANY, notices_page, N_("Messages"), ROUTE_TAGGED},
    {POST, "/notices/read", ROLE_ANY, mark_read, N_("Mark messages as read"), 0},
    {0},
};
static const Route *const routes[] = {rows, NULL};
static const NavItem nav[] = {{N_("Daily work"), N_("Start"), "/", "home", ROLE_ANY, 1, NULL}, {0}};
const Module home_module = {.name = "home", .routes = routes, .nav = nav};

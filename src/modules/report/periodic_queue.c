/* periodic_queue.c - weekly and monthly reports that wait for review, beside the daily ones. */
#include "base/i18n.h"
#include "modules/calendar/calendar.h"
#include "modules/report/periodic_private.h"
#include "service/setting.h"
#include <stdio.h>
#include <string.h>
#include <talloc.h>

enum { QUEUE_PAGE = 50 };

/* Of others, within scope: not one's own, nor that of the team one has written. */
static const char waiting[] = "t.state IN (1, 2) AND ($1 = 0 OR coalesce(t.employee_id, t.writer_id, 0) <> $1)";

static Value item(Ctx *c, const char *label, const char *text, bool zero) {
    Value o = value_object(c->mem);
    value_set_text(o, "label", tr(c->lang, label));
    value_set_text(o, "text", text);
    value_set_bool(o, "zero", zero);
    return o;
}

static void add_note(Ctx *c, Value list, const char *label, const char *text) {
    if (!text || !*text) return;
    Value o = value_object(c->mem);
    value_set_text(o, "label", tr(c->lang, label));
    value_set_text(o, "text", text);
    value_push(list, o);
}

static const char *text_of(Value o, const char *name) {
    Value v = value_get(o, name, strlen(name), NULL);
    return v.kind == V_TEXT ? v.text : "—";
}

static void add_mark(Ctx *c, Value marks, const char *text, const char *kind) {
    Value mark = value_object(c->mem);
    value_set_text(mark, "text", text);
    value_set_text(mark, "kind", kind);
    value_push(marks, mark);
}

static Error *review_deadline(Ctx *c, const PeriodicReport *row, Instant *ret) {
    const WorkCalendar *calendar;
    int hour = 10, minute = 0;
    TRY(calendar_get(c, &calendar));
    (void)sscanf(setting_text(c, "report.review_at"), "%d:%d", &hour, &minute);
    *ret = instant_of_day(periodic_review_day(calendar, date_of_instant(row->submitted_at == INSTANT_NONE ? c->now : row->submitted_at)), hour, minute);
    return NULL;
}

static Error *add_review(Ctx *c, Value o, Value marks, const PeriodicReport *row) {
    char when[INSTANT_TEXT];
    Instant due = 0;
    TRY(review_deadline(c, row, &due));
    Msg until = {.id = N_("Review by {1}"), .args = {talloc_strdup(c->mem, instant_local(due, when))}};
    value_set_text(o, "review_text", msg_text(c->mem, c->lang, &until));
    value_set(o, "review_due", (Value){.kind = V_TIME, .i = due});
    bool overdue = periodic_is_late(c->now, due);
    value_set_bool(o, "review_overdue", overdue);
    if (row->state == REPORT_LATE) add_mark(c, marks, tr(c->lang, N_("Late")), "warning");
    if (overdue) add_mark(c, marks, tr(c->lang, N_("Review overdue")), "danger");
    return NULL;
}

static Error *card(Ctx *c, const Periodic *p, const PeriodicReport *row, Value *ret) {
    char sent[INSTANT_TEXT] = "";
    const char *href = resource_href(c, p->resource, row->id);
    Value o = *ret = resource_row_model(c, p->resource, row), items = value_array(c->mem), notes = value_array(c->mem), marks = value_array(c->mem);
    TRY(periodic_describe(c, p->kind, row, o));
    value_set_text(o, "href", href);
    value_set_text(o, "name", periodic_subject(c, row));
    value_set_text(o, "day_text", periodic_title(c, p->kind, row->first));
    if (row->submitted_at != INSTANT_NONE) instant_local(row->submitted_at, sent);
    value_set_text(o, "submitted_text", talloc_strdup(c->mem, sent));
    value_push(items, item(c, N_("Target"), text_of(o, "target_text"), false));
    value_push(items, item(c, N_("Actual"), text_of(o, "actual_text"), false));
    value_push(items, item(c, N_("Attainment"), text_of(o, "rate_text"), false));
    value_push(items, item(c, N_("On the previous period"), text_of(o, "growth_text"), false));
    add_note(c, notes, N_("Highlights"), row->highlights);
    add_note(c, notes, p->kind == PERIODIC_WEEK ? N_("Main problem") : N_("Problems"), row->problem);
    add_note(c, notes, N_("Measures"), row->measures);
    add_note(c, notes, N_("Focus of next week"), row->next_focus);
    add_note(c, notes, N_("Support needed"), row->support_need);
    if (p->kind == PERIODIC_MONTH) add_note(c, notes, N_("Key metrics"), text_of(o, "keys_text"));
    TRY(add_review(c, o, marks, row));
    value_set(o, "items", items);
    value_set(o, "notes", notes);
    value_set(o, "marks", marks);
    static const char *const daily_only[] = {"contract_no", "talk_points", "reason", "plan", "has_photos"};
    for (size_t i = 0; i < sizeof daily_only / sizeof *daily_only; i++) value_set(o, daily_only[i], value_null());
    value_set_text(o, "approve_href", talloc_asprintf(c->mem, "%s/approve", href));
    value_set_text(o, "return_href", talloc_asprintf(c->mem, "%s/return", href));
    return NULL;
}

static Error *queue_page(Req *r) {
    Ctx *c = &r->c;
    const Periodic *p = periodic_of_path(r);
    ListQuery q = {.limit = QUEUE_PAGE, .want_total = true, .where = waiting, .where_params = (const Param[]){V(c->actor->employee_id)}, .where_count = 1};
    ListResult list;
    TRY(resource_fields(c, p->resource, &q.fields, &q.field_count));
    q.sort = field_find(q.fields, q.field_count, p->period);
    TRY(resource_list(c, p->resource, &q, &list));
    Value model = value_object(c->mem), reports = value_array(c->mem), empty = value_object(c->mem);
    for (size_t i = 0; i < list.count; i++) {
        Value o;
        TRY(card(c, p, (const PeriodicReport *)(list.rows + i * sizeof(PeriodicReport)), &o));
        value_push(reports, o);
    }
    value_set_text(model, "title", tr(c->lang, p->kind == PERIODIC_WEEK ? N_("Weekly reports to review") : N_("Monthly reports to review")));
    value_set(model, "tabs", report_tabs(c, "queue", p->path));
    value_set_int(model, "count", list.total);
    value_set(model, "reports", reports);
    value_set_text(model, "bulk_href", talloc_asprintf(c->mem, "%s/bulk", p->path));
    value_set_text(model, "back", talloc_asprintf(c->mem, "%s/queue", p->path));
    value_set_text(empty, "title", tr(c->lang, N_("Nothing to review")));
    value_set_text(empty, "hint", tr(c->lang, N_("New reports of your team appear here as soon as they are submitted.")));
    value_set_text(empty, "href", talloc_asprintf(c->mem, "%s/missing", p->path));
    value_set_text(empty, "action", tr(c->lang, N_("Who has not reported?")));
    value_set(model, "empty", empty);
    return respond_view(r, "report_queue", model);
}

static Error *count_one(Ctx *c, const Periodic *p, int64_t *ret) {
    int64_t me = c->actor->employee_id, account = c->actor->account_id;
    int all = c->actor->scope == SCOPE_ALL || c->actor->system;
    *ret = 0;
    if (!may(c, ROLE_LEADERS)) return NULL;
    if (p->kind == PERIODIC_WEEK)
        return db_get_int(c, ret, "SELECT count(*) FROM weekly_report t WHERE t.state IN (1, 2) AND ($1 = 0 OR coalesce(t.employee_id, t.writer_id, 0) <> $1)"
                                  " AND ($2 = 1 OR t.unit_id IN (SELECT v.unit_id FROM visible_unit v WHERE v.account_id = $3))", V(me), V(all), V(account));
    return db_get_int(c, ret, "SELECT count(*) FROM monthly_report t WHERE t.state IN (1, 2) AND ($1 = 0 OR coalesce(t.employee_id, t.writer_id, 0) <> $1)"
                              " AND ($2 = 1 OR t.unit_id IN (SELECT v.unit_id FROM visible_unit v WHERE v.account_id = $3))", V(me), V(all), V(account));
}

Error *periodic_queue_count(Ctx *c, int64_t *ret) {
    int64_t weeks, months;
    TRY(count_one(c, periodic_of(PERIODIC_WEEK), &weeks));
    TRY(count_one(c, periodic_of(PERIODIC_MONTH), &months));
    *ret = weeks + months;
    return NULL;
}

Value report_tabs(Ctx *c, const char *page, const char *active) {
    static const struct {
        const char *title, *path;
    } tabs[] = {{N_("Daily"), "/reports/daily"}, {N_("Weekly"), "/reports/weekly"}, {N_("Monthly"), "/reports/monthly"}};
    Value list = value_array(c->mem);
    for (size_t i = 0; i < sizeof tabs / sizeof *tabs; i++) {
        Value o = value_object(c->mem);
        int64_t n = 0;
        if (!strcmp(page, "queue")) (void)(i ? count_one(c, periodic_of(i == 2 ? PERIODIC_MONTH : PERIODIC_WEEK), &n) : report_daily_queue_count(c, &n));
        value_set_text(o, "title", tr(c->lang, tabs[i].title));
        value_set_text(o, "href", talloc_asprintf(c->mem, "%s/%s", tabs[i].path, page));
        value_set_bool(o, "active", !strcmp(active, tabs[i].path));
        value_set(o, "waiting", n ? value_int(n) : value_null());
        value_push(list, o);
    }
    return list;
}

const Route periodic_queue_routes[] = {
    {GET, "/reports/weekly/queue", ROLE_LEADERS, queue_page, N_("Weekly reports to review"), 0},
    {GET, "/reports/monthly/queue", ROLE_LEADERS, queue_page, N_("Monthly reports to review"), 0},
    {0},
};

/* periodic_missing.c - who owes a weekly or monthly report, people and teams; the reminder on the day it is due. */
#include "base/i18n.h"
#include "modules/calendar/calendar.h"
#include "modules/org/org.h"
#include "modules/report/periodic_private.h"
#include "service/notify.h"
#include "service/setting.h"
#include <stdio.h>
#include <string.h>
#include <talloc.h>

enum { MAX_OWING = 20000 };

/* employee_id: who has to write; for a team's report its leader. */
typedef struct Owing {
    int64_t employee_id, unit_id;
    const char *name, *unit_name;
    int state; /* -1: none */
    bool of_unit;
} Owing;

typedef struct OwingList {
    Owing *list;
    size_t count;
} OwingList;

static Error *take(Ctx *c, Rows *rows, bool of_unit, OwingList *all) {
    while (rows_next(rows)) {
        if (!(all->count & (all->count - 1))) all->list = talloc_realloc(c->mem, all->list, Owing, all->count ? (unsigned)all->count * 2 : 1);
        all->list[all->count++] = (Owing){.employee_id = row_int(rows, 0), .name = row_dup(rows, 1), .unit_id = row_int(rows, 2), .unit_name = row_dup(rows, 3),
                                          .state = (int)row_int(rows, 4), .of_unit = of_unit};
    }
    return rows_done(rows);
}

/* People in teams who lead nothing, unless they were away all the time; and the leaders for their teams. */
static Error *owing(Ctx *c, PeriodicKind kind, Date first, OwingList *ret) {
    const WorkCalendar *calendar;
    char from[DATE_TEXT], to[DATE_TEXT];
    Rows *rows;
    int all = c->actor->system || c->actor->scope == SCOPE_ALL;
    Date last = periodic_last(kind, first), today = date_of_instant(c->now);
    *ret = (OwingList){0};
    TRY(calendar_get(c, &calendar));
    Date first_work = workday_add(calendar, first, 0), last_work = workday_add(calendar, last + 1, -1);
    if (last_work < first_work || first > today) return NULL; /* a week of holidays */
    date_text(first_work, from), date_text(last_work, to);
    int64_t key = periodic_id(kind, 0, 1, first) & ((INT64_C(1) << REPORT_DAY_BITS) - 1);
    TRY(db_query(c, &rows,
                 "SELECT e.id, e.name, p.unit_id, u.name, coalesce(w.state, m.state, -1) FROM post p JOIN employee e ON e.id = p.employee_id JOIN org_unit u ON u.id = p.unit_id"
                 " LEFT JOIN weekly_report w ON $7 = 0 AND w.id = e.id * 1048576 + $3 LEFT JOIN monthly_report m ON $7 = 1 AND m.id = e.id * 1048576 + $3"
                 " WHERE p.main = 1 AND p.first_day <= $2 AND (p.last_day IS NULL OR p.last_day >= $2) AND e.status = 0 AND u.kind = 2"
                 " AND NOT EXISTS (SELECT 1 FROM org_unit l WHERE l.leader_id = e.id)"
                 " AND NOT EXISTS (SELECT 1 FROM leave_span s WHERE s.employee_id = e.id AND s.first_day <= $1 AND s.last_day >= $2)"
                 " AND ($4 = 1 OR e.id = $5 OR p.unit_id IN (SELECT v.unit_id FROM visible_unit v WHERE v.account_id = $6))"
                 " ORDER BY u.sort, u.name_keys, u.id, e.name_keys, e.id LIMIT $8",
                 V(from), V(to), V(key), V(all), V(c->actor->employee_id), V(c->actor->account_id), V((int)kind), V(MAX_OWING)));
    TRY(take(c, rows, false, ret));
    TRY(db_query(c, &rows,
                 "SELECT e.id, e.name, u.id, u.name, coalesce(w.state, m.state, -1) FROM org_unit u JOIN employee e ON e.id = u.leader_id"
                 " LEFT JOIN weekly_report w ON $5 = 0 AND w.id = (u.id + 2147483648) * 1048576 + $1 LEFT JOIN monthly_report m ON $5 = 1 AND m.id = (u.id + 2147483648) * 1048576 + $1"
                 " WHERE u.kind = 2 AND u.status = 0 AND e.status = 0 AND ($2 = 1 OR e.id = $3 OR u.id IN (SELECT v.unit_id FROM visible_unit v WHERE v.account_id = $4))"
                 " ORDER BY u.sort, u.name_keys, u.id LIMIT $6",
                 V(key), V(all), V(c->actor->employee_id), V(c->actor->account_id), V((int)kind), V(MAX_OWING)));
    return take(c, rows, true, ret);
}

static bool owes(const Owing *o) {
    return o->state < REPORT_SUBMITTED;
}

/* ---- the page ---- */

static const char *link_to(Ctx *c, const Periodic *p, Date first) {
    char iso[DATE_TEXT];
    return talloc_asprintf(c->mem, "%s/missing?%s=%s", p->path, p->period, date_text(first, iso));
}

static Value person_model(Ctx *c, const Periodic *p, const Owing *d) {
    Value o = value_object(c->mem);
    value_set_int(o, "id", d->employee_id);
    value_set_text(o, "name", d->name);
    value_set_text(o, "href", resource_href(c, &employee_resource, d->employee_id));
    value_set_text(o, "note", d->of_unit ? tr(c->lang, N_("The team's report")) : d->state == REPORT_DRAFT ? tr(c->lang, N_("A draft is begun")) : NULL);
    value_set_text(o, "remind_href", talloc_asprintf(c->mem, "%s/missing/remind?employee=%lld", p->path, (long long)d->employee_id));
    return o;
}

/* One block a team, the team's own report first. */
static Value team_models(Ctx *c, const Periodic *p, const OwingList *all) {
    Value teams = value_array(c->mem);
    for (size_t i = 0; i < all->count; i++) {
        const Owing *first = &all->list[i];
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++) seen = all->list[k].unit_id == first->unit_id;
        if (seen) continue;
        Value o = value_object(c->mem), list = value_array(c->mem);
        int64_t expected = 0, reported = 0;
        for (int pass = 0; pass < 2; pass++)
            for (size_t k = i; k < all->count; k++) {
                const Owing *d = &all->list[k];
                if (d->unit_id != first->unit_id || d->of_unit != (pass == 0)) continue;
                expected++;
                owes(d) ? value_push(list, person_model(c, p, d)) : (void)reported++;
            }
        value_set_text(o, "name", first->unit_name);
        value_set_int(o, "expected", expected);
        value_set_int(o, "reported", reported);
        value_set(o, "people", list);
        if (value_count(list)) value_push(teams, o);
    }
    return teams;
}

static Error *missing_page(Req *r) {
    Ctx *c = &r->c;
    const Periodic *p = periodic_of_path(r);
    PeriodicReport usual = {0};
    OwingList all;
    Instant deadline;
    Date day, today = date_of_instant(c->now);
    size_t missing = 0;
    char iso[DATE_TEXT], when[INSTANT_TEXT];
    periodic_defaults(c, p->kind, &usual);
    TRY(req_query_date(r, p->period, usual.first, &day));
    if (day < 31 || day > today + 366) return err_bad_request(c, N_("There is no such period"));
    Date first = periodic_first(p->kind, day), next = periodic_next(p->kind, first);
    TRY(owing(c, p->kind, first, &all));
    TRY(periodic_deadline(c, p->kind, first, &deadline));
    for (size_t i = 0; i < all.count; i++) missing += owes(&all.list[i]);
    Value model = value_object(c->mem);
    Msg due = {.id = N_("Due {1}"), .args = {talloc_strdup(c->mem, instant_local(deadline, when))}};
    value_set_text(model, "title", tr(c->lang, p->kind == PERIODIC_WEEK ? N_("Who has not written the weekly report") : N_("Who has not written the monthly report")));
    value_set(model, "tabs", report_tabs(c, "missing", p->path));
    value_set_text(model, "path", talloc_asprintf(c->mem, "%s/missing", p->path));
    value_set_text(model, "period", p->period);
    value_set_text(model, "day", talloc_strdup(c->mem, date_text(first, iso)));
    value_set_text(model, "day_text", talloc_asprintf(c->mem, "%s · %s", periodic_title(c, p->kind, first), msg_text(c->mem, c->lang, &due)));
    value_set_text(model, "prev_href", link_to(c, p, periodic_first(p->kind, first - 1)));
    if (next <= today) value_set_text(model, "next_href", link_to(c, p, next));
    value_set_int(model, "expected", (int64_t)all.count);
    value_set_int(model, "reported", (int64_t)(all.count - missing));
    value_set_int(model, "missing", (int64_t)missing);
    value_set_text(model, "remind_all_href", may(c, ROLE_LEADERS) ? talloc_asprintf(c->mem, "%s/missing/remind", p->path) : NULL);
    value_set(model, "teams", team_models(c, p, &all));
    return respond_view(r, "report_missing", model);
}

/* ---- reminding ---- */

typedef struct Reminder {
    const Periodic *p;
    Date first;
    int64_t employee_id; /* 0: everybody */
    int count;
} Reminder;

/* Nobody is reminded twice within an hour. */
static Error *was_reminded(Ctx *c, const Periodic *p, int64_t employee_id, const char *href, bool *ret) {
    int64_t found = 0;
    TRY(db_get_int(c, &found, "SELECT 1 FROM notice n JOIN account a ON a.id = n.account_id WHERE a.employee_id = $1 AND n.kind = $2 AND n.href = $3 AND n.created_at > $4",
                   V(employee_id), V(p->remind_kind), V(href), V(c->now - INT64_C(3600000000))));
    *ret = found != 0;
    return NULL;
}

static Error *remind_tx(Ctx *c, void *arg) {
    Reminder *x = arg;
    OwingList all;
    char iso[DATE_TEXT];
    date_text(x->first, iso);
    x->count = 0;
    TRY(owing(c, x->p->kind, x->first, &all));
    for (size_t i = 0; i < all.count; i++) {
        const Owing *d = &all.list[i];
        if (!owes(d) || (x->employee_id && x->employee_id != d->employee_id)) continue;
        const char *unit = d->of_unit ? talloc_asprintf(c->mem, "&unit_id=%lld", (long long)d->unit_id) : "";
        const char *href = talloc_asprintf(c->mem, "%s/new?%s=%s%s", x->p->path, x->p->period, iso, unit);
        bool recently = false;
        TRY(was_reminded(c, x->p, d->employee_id, href, &recently));
        if (recently) continue;
        char from[DATE_TEXT]; /* told in no language: the period as its first day */
        Msg message = {.id = x->p->kind == PERIODIC_WEEK ? N_("Please write the report of the week from {1}") : N_("Please write the report of the month from {1}"),
                       .args = {talloc_strdup(c->mem, date_text(x->first, from))}};
        TRY(notify_employee(c, d->employee_id, x->p->remind_kind, message, href));
        x->count++;
    }
    return NULL;
}

static Error *reminded(Req *r, void *arg) {
    const Reminder *x = arg;
    return respond_done(r, link_to(&r->c, x->p, x->first), "success", (Msg){.id = N_("{1} people reminded"), .args = {talloc_asprintf(r->c.mem, "%d", x->count)}});
}

static Error *remind(Req *r) {
    Ctx *c = &r->c;
    Reminder *x = talloc_zero(c->mem, Reminder);
    PeriodicReport usual = {0};
    x->p = periodic_of_path(r);
    periodic_defaults(c, x->p->kind, &usual);
    const char *day = req_form(r, x->p->period);
    Date at = usual.first;
    if (day && *day && !date_parse(day, &at)) return err_field(c, x->p->period, N_("Write a date such as 2026-01-02"));
    if (at < 31) return err_field(c, x->p->period, N_("Write a date such as 2026-01-02"));
    x->first = periodic_first(x->p->kind, at);
    TRY(req_query_int(r, "employee", 0, &x->employee_id));
    return req_commit(r, remind_tx, x, reminded);
}

/* Once, on the day the report of the period before is due, when the reminder time has come. */
static Error *remind_kind(Ctx *c, const Periodic *p) {
    Date today = date_of_instant(c->now), first = periodic_first(p->kind, periodic_first(p->kind, today) - 1);
    Reminder x = {.p = p, .first = first};
    Instant deadline;
    int hour = 9, minute = 0;
    int64_t sent = 0;
    TRY(periodic_deadline(c, p->kind, first, &deadline));
    (void)sscanf(setting_text(c, "report.periodic_remind_at"), "%d:%d", &hour, &minute);
    Instant from = instant_of_day(today, hour, minute);
    if (date_of_instant(deadline) != today || c->now < from || c->now > deadline) return NULL;
    TRY(db_get_int(c, &sent, "SELECT count(*) FROM notice WHERE kind = $1 AND created_at >= $2", V(p->remind_kind), V(from)));
    return sent ? NULL : db_tx(c, remind_tx, &x);
}

Error *periodic_remind_job(Ctx *c, int64_t arg) {
    (void)arg;
    TRY(remind_kind(c, periodic_of(PERIODIC_WEEK)));
    return remind_kind(c, periodic_of(PERIODIC_MONTH));
}

const Route periodic_missing_routes[] = {
    {GET, "/reports/weekly/missing", ROLE_LEADERS | ROLE_TRAINER, missing_page, N_("Who has not written the weekly report"), 0},
    {POST, "/reports/weekly/missing/remind", ROLE_LEADERS, remind, N_("Remind who has not written the weekly report"), 0},
    {GET, "/reports/monthly/missing", ROLE_LEADERS | ROLE_TRAINER, missing_page, N_("Who has not written the monthly report"), 0},
    {POST, "/reports/monthly/missing/remind", ROLE_LEADERS, remind, N_("Remind who has not written the monthly report"), 0},
    {0},
};

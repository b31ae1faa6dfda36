/* report_board.c - a lead's board: today or this week, sums a person and for the team, ranked by the amount signed. */
#include "base/i18n.h"
#include "modules/org/org.h"
#include "modules/report/report_private.h"
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { SHOWN_PEOPLE = 500 }; /* of the ranking; the team's sums are of all */

typedef struct Person {
    int64_t id, n[REPORT_SLOTS], reports, amount; /* amount: what the ranking goes by */
    const char *name, *unit;
    int state; /* of today's report; -1 none */
} Person;

typedef struct Board {
    Date first, last, day;
    bool week, states; /* states: of one day, shown for each person; a past week shows how many reports instead */
    Person *people;
    size_t count;
    Person team;
} Board;

/* Sums by person over the period. Drafts are the rep's own and do not count. One statement for all 24 columns, so its text never changes. */
static Error *load_sums(Ctx *c, Board *b) {
    char day[DATE_TEXT], first[DATE_TEXT], last[DATE_TEXT];
    Rows *rows;
    bool all = c->actor->scope == SCOPE_ALL || c->actor->system;
    TRY(db_query(c, &rows,
                 "SELECT e.id, e.name, u.name, count(t.id), max(CASE WHEN t.day = $3 THEN t.state ELSE -1 END),"
                 " max(CASE WHEN EXISTS (SELECT 1 FROM leave_span s WHERE s.employee_id = e.id AND s.first_day <= $3 AND s.last_day >= $3) THEN 1 ELSE 0 END),"
                 " sum(t.n1), sum(t.n2), sum(t.n3), sum(t.n4), sum(t.n5), sum(t.n6), sum(t.n7), sum(t.n8), sum(t.n9), sum(t.n10), sum(t.n11), sum(t.n12),"
                 " sum(t.n13), sum(t.n14), sum(t.n15), sum(t.n16), sum(t.n17), sum(t.n18), sum(t.n19), sum(t.n20), sum(t.n21), sum(t.n22), sum(t.n23), sum(t.n24)"
                 " FROM employee e JOIN org_unit u ON u.id = e.unit_id"
                 " LEFT JOIN daily_report t ON t.id >= e.id * 1048576 + $1 AND t.id <= e.id * 1048576 + $2 AND t.state > 0"
                 /* what somebody did in another team before a transfer is that team's */
                 " AND ($4 = 1 OR e.id = $5 OR t.unit_id IN (SELECT w.unit_id FROM visible_unit w WHERE w.account_id = $6))"
                 /* everybody of the teams, and whoever has reported for them: who left since, moved, or leads */
                 " WHERE e.id IN (SELECT m.id FROM employee m JOIN org_unit n ON n.id = m.unit_id"
                 "   WHERE m.status = 0 AND n.kind = 2 AND NOT EXISTS (SELECT 1 FROM org_unit l WHERE l.leader_id = m.id)"
                 "   AND (m.id = $5 OR m.unit_id IN (SELECT v.unit_id FROM visible_unit v WHERE v.account_id = $6))"
                 "  UNION SELECT m.id FROM employee m JOIN org_unit n ON n.id = m.unit_id"
                 "   WHERE $4 = 1 AND m.status = 0 AND n.kind = 2 AND NOT EXISTS (SELECT 1 FROM org_unit l WHERE l.leader_id = m.id)"
                 "  UNION SELECT d.employee_id FROM daily_report d WHERE d.unit_id IN (SELECT v.unit_id FROM visible_unit v WHERE v.account_id = $6)"
                 "   AND d.day >= $7 AND d.day <= $8 AND d.state > 0"
                 "  UNION SELECT d.employee_id FROM daily_report d WHERE $4 = 1 AND d.day >= $7 AND d.day <= $8 AND d.state > 0)"
                 " GROUP BY e.id, e.name, u.name",
                 V(b->first), V(b->last), V(date_text(b->day, day)), V(all), V(c->actor->employee_id), V(c->actor->account_id), V(date_text(b->first, first)),
                 V(date_text(b->last, last))));
    while (rows_next(rows)) {
        if (!(b->count & (b->count - 1))) b->people = talloc_realloc(c->mem, b->people, Person, b->count ? (unsigned)b->count * 2 : 1);
        Person *p = &b->people[b->count++];
        *p = (Person){.id = row_int(rows, 0), .name = row_dup(rows, 1), .unit = row_dup(rows, 2), .reports = row_int(rows, 3)};
        p->state = row_is_null(rows, 4) ? REPORT_NONE : (int)row_int(rows, 4);
        if (p->state == REPORT_NONE && row_int(rows, 5)) p->state = REPORT_ON_LEAVE;
        for (int i = 0; i < REPORT_SLOTS; i++) {
            p->n[i] = row_int(rows, 6 + i);
            b->team.n[i] += p->n[i];
        }
        b->team.reports += p->reports;
    }
    return rows_done(rows);
}

static int by_amount(const void *a, const void *b) {
    const Person *x = a, *y = b;
    if (x->amount != y->amount) return x->amount < y->amount ? 1 : -1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* By the first item that is an amount. */
static void rank(const ReportItems *all, Board *b) {
    const Metric *item = NULL;
    for (size_t i = 0; i < all->count && !item; i++)
        if (all->items[i]->unit == UNIT_YUAN) item = all->items[i];
    for (size_t i = 0; i < b->count && item; i++) b->people[i].amount = b->people[i].n[item->slot - 1];
    qsort(b->people, b->count, sizeof *b->people, by_amount);
}

static Value cells(Ctx *c, const ReportItems *all, const Person *p) {
    Value list = value_array(c->mem);
    for (size_t i = 0; i < all->count; i++) {
        char text[MONEY_TEXT], exact[MONEY_TEXT];
        const Metric *item = all->items[i];
        int64_t n = p->n[item->slot - 1];
        bool money = item->unit == UNIT_YUAN;
        Value o = value_object(c->mem);
        value_set_text(o, "item", item->code);
        value_set_text(o, "label", tr(c->lang, item->name));
        value_set(o, "value", money ? value_money(n) : value_int(n));
        value_set_text(o, "text", talloc_strdup(c->mem, money ? money_grouped(n, text) : int_grouped(n, text)));
        if (money) value_set_text(o, "exact", talloc_strdup(c->mem, money_plain(n, exact)));
        value_push(list, o);
    }
    return list;
}

static Value person_model(Ctx *c, const ReportItems *all, const Board *b, const Person *p) {
    char first[DATE_TEXT], last[DATE_TEXT];
    Value o = value_object(c->mem);
    value_set_int(o, "id", p->id);
    value_set_text(o, "name", p->name);
    value_set_text(o, "unit", p->unit);
    value_set_text(o, "href", talloc_asprintf(c->mem, "/reports/daily?employee_id=%lld&day_from=%s&day_to=%s", (long long)p->id, date_text(b->first, first), date_text(b->last, last)));
    Msg count = {.id = N_("{1} reports"), .args = {talloc_asprintf(c->mem, "%lld", (long long)p->reports)}};
    value_set_text(o, "state", b->states ? report_state_title(c, p->state) : msg_text(c->mem, c->lang, &count));
    value_set_text(o, "state_kind", b->states ? report_state_badge(p->state) : p->reports ? "info" : "secondary");
    value_set_int(o, "reports", p->reports);
    value_set(o, "cells", cells(c, all, p));
    return o;
}

static Value column_models(Ctx *c, const ReportItems *all) {
    Value list = value_array(c->mem);
    for (size_t i = 0; i < all->count; i++) {
        Value o = value_object(c->mem);
        Msg title = {.id = N_("{1} ({2})"), .args = {tr(c->lang, all->items[i]->name), tr(c->lang, metric_unit_labels[all->items[i]->unit])}};
        value_set_text(o, "item", all->items[i]->code);
        value_set_text(o, "title", msg_text(c->mem, c->lang, &title));
        value_push(list, o);
    }
    return list;
}

static const char *link_to(Ctx *c, bool week, Date day) {
    char iso[DATE_TEXT];
    return talloc_asprintf(c->mem, "/reports/daily/board?%s=%s", week ? "week" : "day", date_text(day, iso));
}

static void add_period(Ctx *c, Value model, const Board *b) {
    char first[DATE_TEXT], last[DATE_TEXT];
    IsoWeek w = date_iso_week(b->first);
    Msg week = {.id = N_("Week {1} {2}–{3}"), .args = {talloc_asprintf(c->mem, "%d", w.week), date_text(b->first, first) + 5, date_text(b->last, last) + 5}};
    int step = b->week ? 7 : 1;
    Date today = date_of_instant(c->now);
    Value periods = value_array(c->mem);
    for (int i = 0; i < 2; i++) {
        Value o = value_object(c->mem);
        value_set_text(o, "title", tr(c->lang, i ? N_("By week") : N_("By day")));
        value_set_text(o, "href", link_to(c, i == 1, b->day));
        value_set_bool(o, "active", b->week == (i == 1));
        value_push(periods, o);
    }
    value_set(model, "periods", periods);
    value_set_text(model, "week_text", b->week ? talloc_strdup(c->mem, msg_text(c->mem, c->lang, &week)) : talloc_strdup(c->mem, first));
    value_set_text(model, "first", talloc_strdup(c->mem, first));
    value_set_text(model, "last", talloc_strdup(c->mem, date_text(b->last, last)));
    value_set_text(model, "prev_href", link_to(c, b->week, b->day - step));
    if (b->last < today) value_set_text(model, "next_href", link_to(c, b->week, b->day + step));
}

static Error *board_page(Req *r) {
    Ctx *c = &r->c;
    const ReportItems *all;
    Board b = {.week = req_query(r, "day") == NULL};
    Date today = date_of_instant(c->now);
    TRY(req_query_date(r, b.week ? "week" : "day", today, &b.day));
    if (b.day > today) b.day = today;
    Period p = period_of(b.week ? PERIOD_WEEK : PERIOD_DAY, b.day, 1);
    b.first = p.first, b.last = p.last;
    bool now = today >= b.first && today <= b.last;
    b.states = !b.week || now;
    if (b.week && now) b.day = today;
    TRY(report_items(c, &all));
    TRY(load_sums(c, &b));
    rank(all, &b);
    Value model = value_object(c->mem), people = value_array(c->mem), team = value_object(c->mem);
    for (size_t i = 0; i < b.count && i < SHOWN_PEOPLE; i++) value_push(people, person_model(c, all, &b, &b.people[i]));
    value_set_text(model, "title", tr(c->lang, N_("Team board")));
    add_period(c, model, &b);
    value_set(model, "columns", column_models(c, all));
    value_set_text(model, "state_title", tr(c->lang, now ? N_("Today") : b.week ? N_("Reports") : N_("State")));
    value_set(model, "people", people);
    value_set_text(team, "name", tr(c->lang, N_("Team total")));
    Msg reports = {.id = N_("{1} reports"), .args = {talloc_asprintf(c->mem, "%lld", (long long)b.team.reports)}};
    value_set_text(team, "state", msg_text(c->mem, c->lang, &reports));
    value_set_int(team, "reports", b.team.reports);
    value_set(team, "cells", cells(c, all, &b.team));
    value_set(model, "team", team);
    return respond_view(r, "report_board", model);
}

/* For the start page: what the reader's scope has done this week. */
Error *report_week_kpis(Ctx *c, Date today, Value *ret_list, int64_t *ret_reports) {
    const ReportItems *all;
    Period week = period_of(PERIOD_WEEK, today, 1);
    Board b = {.week = true, .day = today, .first = week.first, .last = week.last};
    TRY(report_items(c, &all));
    TRY(load_sums(c, &b));
    *ret_list = cells(c, all, &b.team);
    *ret_reports = b.team.reports;
    for (size_t i = 0; i < value_count(*ret_list); i++) {
        Value o = value_at(*ret_list, i);
        value_set_text(o, "unit", tr(c->lang, metric_unit_labels[all->items[i]->unit]));
        value_set(o, "note", value_null());
        value_set_bool(o, "has_percent", false);
    }
    return NULL;
}

const Route report_board_routes[] = {
    {GET, "/reports/daily/board", ROLE_ANY, board_page, N_("Team board: sums a person and for the team"), ROUTE_TAGGED},
    {0},
};

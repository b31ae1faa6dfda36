/* report_queue.c - the lead's queue: what waits for review, one card a report. */
#include "base/i18n.h"
#include "modules/report/periodic_private.h"
#include <talloc.h>

enum { QUEUE_PAGE = 50 };

/* "16:51" on the day itself, "11-21 09:05" later. */
static const char *sent_at(Ctx *c, const DailyReport *row) {
    char text[INSTANT_TEXT];
    if (row->submitted_at == INSTANT_NONE) return "";
    instant_local(row->submitted_at, text);
    return talloc_strdup(c->mem, text + (date_of_instant(row->submitted_at) == row->day ? 11 : 5));
}

/* Waiting reports of others, within scope. */
static const char waiting[] = "t.state IN (1, 2) AND t.employee_id <> $1";

static Value item_models(Ctx *c, const ReportItems *all, const DailyReport *row) {
    ReportLine lines[REPORT_SLOTS];
    Value list = value_array(c->mem);
    size_t n = report_lines(all, row, lines);
    for (size_t i = 0; i < n; i++) {
        char text[MONEY_TEXT];
        bool money = lines[i].item->unit == UNIT_YUAN;
        Value o = value_object(c->mem);
        value_set_text(o, "label", tr(c->lang, lines[i].item->name));
        value_set_text(o, "text", talloc_strdup(c->mem, money ? money_grouped(lines[i].value, text) : int_grouped(lines[i].value, text)));
        value_set_bool(o, "zero", !lines[i].value);
        value_push(list, o);
    }
    return list;
}

static Value card(Ctx *c, const ReportItems *all, const DailyReport *row) {
    char text[DATE_TEXT];
    const char *href = resource_href(c, &daily_report_resource, row->id);
    Value o = resource_row_model(c, &daily_report_resource, row), photos = report_photos(c, row->id), marks = value_array(c->mem);
    value_set_text(o, "href", href);
    value_set_text(o, "name", row->employee_name);
    value_set_text(o, "day_text", talloc_strdup(c->mem, date_text(row->day, text)));
    value_set_text(o, "submitted_text", sent_at(c, row));
    if (row->state == REPORT_LATE) {
        Value mark = value_object(c->mem);
        value_set_text(mark, "text", tr(c->lang, N_("Late")));
        value_set_text(mark, "kind", "warning");
        value_push(marks, mark);
    }
    value_set(o, "marks", marks);
    value_set(o, "items", item_models(c, all, row));
    value_set(o, "photos", photos);
    value_set_bool(o, "has_photos", value_count(photos) > 0);
    value_set_text(o, "approve_href", talloc_asprintf(c->mem, "%s/approve", href));
    value_set_text(o, "return_href", talloc_asprintf(c->mem, "%s/return", href));
    return o;
}

static Error *queue_page(Req *r) {
    Ctx *c = &r->c;
    const ReportItems *all;
    ListQuery q = {.limit = QUEUE_PAGE, .want_total = true, .where = waiting, .where_params = (const Param[]){V(c->actor->employee_id)}, .where_count = 1};
    ListResult list;
    TRY(report_items(c, &all));
    TRY(resource_fields(c, &daily_report_resource, &q.fields, &q.field_count));
    q.sort = field_find(q.fields, q.field_count, "day");
    TRY(resource_list(c, &daily_report_resource, &q, &list));
    Value model = value_object(c->mem), reports = value_array(c->mem), empty = value_object(c->mem);
    for (size_t i = 0; i < list.count; i++) value_push(reports, card(c, all, (const DailyReport *)(list.rows + i * sizeof(DailyReport))));
    value_set_text(model, "title", tr(c->lang, N_("Reports to review")));
    value_set(model, "tabs", report_tabs(c, "queue", "/reports/daily"));
    value_set_int(model, "count", list.total);
    value_set(model, "reports", reports);
    value_set_text(model, "bulk_href", "/reports/daily/bulk");
    value_set_text(model, "back", "/reports/daily/queue");
    value_set_text(empty, "title", tr(c->lang, N_("Nothing to review")));
    value_set_text(empty, "hint", tr(c->lang, N_("New reports of your team appear here as soon as they are submitted.")));
    value_set_text(empty, "href", "/reports/daily/missing");
    value_set_text(empty, "action", tr(c->lang, N_("Who has not reported?")));
    value_set(model, "empty", empty);
    return respond_view(r, "report_queue", model);
}

/* Weekly and monthly ones included: what the badge says. */
Error *report_queue_count(Ctx *c, int64_t *ret) {
    int64_t daily, others;
    TRY(report_daily_queue_count(c, &daily));
    TRY(periodic_queue_count(c, &others));
    *ret = daily + others;
    return NULL;
}

Error *report_daily_queue_count(Ctx *c, int64_t *ret) {
    *ret = 0;
    if (!may(c, ROLE_LEADERS)) return NULL;
    int64_t me = c->actor->employee_id;
    if (c->actor->scope == SCOPE_ALL || c->actor->system)
        return db_get_int(c, ret, "SELECT count(*) FROM daily_report t WHERE t.state IN (1, 2) AND t.employee_id <> $1", V(me));
    return db_get_int(c, ret, "SELECT count(*) FROM daily_report t WHERE t.state IN (1, 2) AND t.employee_id <> $1"
                              " AND t.unit_id IN (SELECT v.unit_id FROM visible_unit v WHERE v.account_id = $2)", V(me), V(c->actor->account_id));
}

const Route report_queue_routes[] = {
    {GET, "/reports/daily/queue", ROLE_LEADERS, queue_page, N_("Reports to review"), ROUTE_TAGGED},
    {0},
};

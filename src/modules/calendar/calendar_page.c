/* calendar_page.c - a year at a glance; an administrator changes a day by choosing it, or uploads next year's file. */
#include "base/i18n.h"
#include "modules/calendar/calendar_private.h"
#include <string.h>
#include <talloc.h>

typedef struct Year {
    int year;
    const CalendarDay *days;
    size_t count;
    Date today;
} Year;

static const CalendarDay *exception(const Year *y, Date d) {
    for (size_t i = 0; i < y->count; i++)
        if (y->days[i].day == d) return &y->days[i];
    return NULL;
}

static Value day_model(Ctx *c, const Year *y, Date d, int number) {
    Value o = value_object(c->mem);
    char iso[DATE_TEXT];
    const CalendarDay *e = exception(y, d);
    bool weekend = date_weekday(d) > 5;
    const char *kind = !e ? (weekend ? "rest" : "work") : e->kind == DAY_REST ? "holiday" : weekend ? "makeup" : "work";
    value_set_int(o, "day", number);
    value_set_text(o, "iso", talloc_strdup(c->mem, date_text(d, iso)));
    value_set_text(o, "kind", kind);
    value_set_text(o, "name", e && *e->name ? e->name : NULL);
    value_set_text(o, "title", talloc_asprintf(c->mem, "%s ", iso));
    value_set_bool(o, "today", d == y->today);
    return o;
}

static Value month_model(Ctx *c, const Year *y, int month) {
    Value o = value_object(c->mem), weeks = value_array(c->mem);
    Date first = date_make(y->year, month, 1), after = date_add_months(first, 1), monday = first - (date_weekday(first) - 1);
    for (; monday < after; monday += 7) {
        Value week = value_object(c->mem), days = value_array(c->mem);
        for (Date d = monday; d < monday + 7; d++) value_push(days, d < first || d >= after ? value_object(c->mem) : day_model(c, y, d, d - first + 1));
        value_set(week, "days", days);
        value_push(weeks, week);
    }
    value_set_text(o, "title", talloc_asprintf(c->mem, "%d-%02d", y->year, month));
    value_set(o, "weeks", weeks);
    return o;
}

static Error *load_year(Ctx *c, Year *y) {
    char from[DATE_TEXT], to[DATE_TEXT];
    ListQuery q = {.where = "t.day >= $1 AND t.day <= $2", .where_params = (const Param[]){V((const char *)from), V((const char *)to)}, .where_count = 2};
    date_text(date_make(y->year, 1, 1), from);
    date_text(date_make(y->year, 12, 31), to);
    ListResult list;
    TRY(resource_fields(c, &calendar_day_resource, &q.fields, &q.field_count));
    TRY(resource_list(c, &calendar_day_resource, &q, &list));
    y->days = (const CalendarDay *)list.rows;
    y->count = list.count;
    return NULL;
}

static Error *calendar_page(Req *r) {
    Ctx *c = &r->c;
    Year y = {.today = date_of_instant(c->now)};
    int month, day;
    int64_t year;
    bool covered;
    date_parts(y.today, &y.year, &month, &day);
    TRY(req_query_int(r, "year", y.year, &year));
    if (year < 2000 || year > 2100) return err_bad_request(c, N_("The year must be between 2000 and 2100"));
    y.year = (int)year;
    TRY(load_year(c, &y));
    TRY(calendar_covers_next_year(c, &covered));
    Value model = value_object(c->mem), months = value_array(c->mem);
    for (int m = 1; m <= 12; m++) value_push(months, month_model(c, &y, m));
    value_set_text(model, "title", tr(c->lang, N_("Work calendar")));
    value_set_int(model, "year", y.year);
    value_set_text(model, "prev_href", talloc_asprintf(c->mem, "/calendar?year=%d", y.year - 1));
    value_set_text(model, "next_href", talloc_asprintf(c->mem, "/calendar?year=%d", y.year + 1));
    value_set(model, "months", months);
    value_set_bool(model, "editable", may(c, ROLE_ADMIN | ROLE_TRAINER));
    value_set_text(model, "action", "/calendar");
    value_set_text(model, "upload_action", "/calendar/upload");
    if (!covered) value_set_text(model, "warning", tr(c->lang, N_("Next year's holidays are not known yet. Upload the calendar as soon as the State Council publishes it.")));
    return respond_view(r, "calendar", model);
}

typedef struct Change {
    Date day;
    int kind, days;
    const char *name, *json;
    size_t size;
} Change;

static Error *set_tx(Ctx *c, void *arg) {
    const Change *x = arg;
    return calendar_set_day(c, x->day, x->kind, x->name);
}
static Error *set_done(Req *r, void *arg) {
    const Change *x = arg;
    int year, month, day;
    date_parts(x->day, &year, &month, &day);
    return respond_done(r, talloc_asprintf(r->c.mem, "/calendar?year=%d", year), "success", (Msg){.id = N_("Saved")});
}

static Error *set_day(Req *r) {
    Ctx *c = &r->c;
    Change *x = talloc_zero(c->mem, Change);
    const char *day = req_form(r, "day"), *kind = req_form(r, "kind"), *name = req_form(r, "name");
    Error *errors = NULL;
    if (!day || !date_parse(day, &x->day)) err_add_field(c, &errors, "day", N_("Write a date such as 2026-01-02"));
    x->kind = !kind || !*kind ? -1 : !strcmp(kind, "work") ? 0 : !strcmp(kind, "rest") ? 1 : -2;
    if (x->kind == -2) err_add_field(c, &errors, "kind", N_("Choose one of the offered values"));
    x->name = name ? text_clean(c->mem, name) : "";
    if (text_length(x->name) > 40) err_add_field(c, &errors, "name", N_("At most {1} characters"), "40");
    return errors ? errors : req_commit(r, set_tx, x, set_done);
}

static Error *upload_tx(Ctx *c, void *arg) {
    Change *x = arg;
    return calendar_take_json(c, x->json, x->size, &x->days);
}
static Error *upload_done(Req *r, void *arg) {
    const Change *x = arg;
    return respond_done(r, "/calendar", "success", (Msg){.id = N_("{1} days taken over"), .args = {talloc_asprintf(r->c.mem, "%d", x->days)}});
}

static Error *upload(Req *r) {
    const Upload *file = req_file(r, "file");
    Change *x = talloc_zero(r->c.mem, Change);
    if (!file) return err_field(&r->c, "file", N_("Choose a file"));
    if (file->size > 1 << 20) return err_too_large(&r->c, N_("The file or form is too large"));
    x->json = file->data;
    x->size = file->size;
    return req_commit(r, upload_tx, x, upload_done);
}

const Route calendar_routes[] = {
    {GET, "/calendar", ROLE_ANY, calendar_page, N_("Work calendar of a year"), ROUTE_TAGGED},
    {POST, "/calendar", ROLE_ADMIN | ROLE_TRAINER, set_day, N_("Make a day a working day or a day off"), 0},
    {POST, "/calendar/upload", ROLE_ADMIN | ROLE_TRAINER, upload, N_("Upload a calendar file"), ROUTE_UPLOAD},
    {0},
};

/* calendar.c - holidays and 调休 days: seeded from the embedded State Council calendar, edited and uploaded by the administrator. */
#include "modules/calendar/calendar.h"
#include "base/embed.h"
#include "base/i18n.h"
#include "modules/calendar/calendar_private.h"
#include "service/audit.h"
#include "service/cached.h"
#include <string.h>
#include <talloc.h>

static const char *const kind_codes[] = {"work", "rest", NULL};
static const char *const kind_labels[] = {N_("Working day"), N_("Day off"), NULL};
static const char *const source_codes[] = {"national", "company", NULL};
static const char *const source_labels[] = {N_("National calendar"), N_("Our own"), NULL};

static const Field fields[] = {
    DATE_(CalendarDay, day, N_("Day"), .flags = REQUIRED | IN_LIST | PRIMARY | SORT | FILTER | KEY, .aliases = (const char *const[]){"日期", NULL}),
    ENUM_(CalendarDay, kind, N_("This day is"), .flags = IN_LIST | FILTER, .codes = kind_codes, .labels = kind_labels),
    TEXT_(CalendarDay, name, N_("Holiday name"), .flags = REQUIRED | IN_LIST | SEARCH, .max = 40, .aliases = (const char *const[]){"名称", "节日", NULL}),
    ENUM_(CalendarDay, source, N_("Source"), .flags = IN_LIST | FILTER | READONLY, .codes = source_codes, .labels = source_labels),
    {.kind = F_END},
};

/* ---- the calendar as one table ---- */

static Error *load(Ctx *c, void **ret) {
    enum { MAX_DAYS = 4096 };
    Rows *rows;
    WorkCalendar *cal = talloc_zero(NULL, WorkCalendar);
    DayException *days = talloc_array(cal, DayException, MAX_DAYS);
    TRY(db_query(c, &rows, "SELECT day, kind FROM calendar_day ORDER BY day DESC LIMIT $1", V(MAX_DAYS)));
    size_t at = MAX_DAYS; /* newest first from the database, oldest first in the table */
    while (rows_next(rows)) {
        Date d;
        if (date_parse(row_text(rows, 0), &d)) days[--at] = (DayException){.day = d, .kind = row_int(rows, 1) ? DAY_REST : DAY_WORK};
    }
    *cal = (WorkCalendar){.days = days + at, .count = MAX_DAYS - at};
    *ret = cal;
    return rows_done(rows);
}

static Cached calendar = CACHED(load);

Error *calendar_get(Ctx *c, const WorkCalendar **ret) {
    return cached_get(c, &calendar, (const void **)ret);
}

/* ---- changes ---- */

static Error *prepare(Ctx *c, const void *old, void *row) {
    (void)old;
    ((CalendarDay *)row)->source = c->actor->system ? ((CalendarDay *)row)->source : 1;
    return NULL;
}

static Error *after_save(Ctx *c, const void *old, const void *row) {
    (void)old, (void)row;
    cached_forget(c, &calendar);
    return NULL;
}

const Resource calendar_day_resource = {
    .table = "calendar_day", .path = "/calendar/days", .title = N_("Calendar days"), .one = N_("Calendar day"), .icon = "calendar", .size = sizeof(CalendarDay), .fields = fields,
    .access = {.read = ROLE_ANY, .create = ROLE_ADMIN | ROLE_TRAINER, .update = ROLE_ADMIN | ROLE_TRAINER, .remove = ROLE_ADMIN | ROLE_TRAINER},
    .order = "-day", .importable = true, .prepare = prepare, .after_save = after_save,
};

Error *calendar_set_day(Ctx *c, Date day, int kind, const char *name) {
    char iso[DATE_TEXT];
    cached_forget(c, &calendar);
    Text *what = text_new(c->mem, 2000);
    text_addf(what, "{\"day\":[null,\"%s\"],\"kind\":[null,\"%s\"]}", date_text(day, iso), kind < 0 ? "default" : kind_codes[kind]);
    TRY(audit_record(c, "update", "calendar_day", day, what->data));
    if (kind < 0) return db_exec(c, "DELETE FROM calendar_day WHERE day = $1", V(iso));
    return db_exec(c, "INSERT INTO calendar_day(day, kind, name, source, version, created_at, created_by, updated_at, updated_by) VALUES ($1, $2, $3, 1, 1, $4, $5, $4, $5)"
                      " ON CONFLICT (day) DO UPDATE SET kind = excluded.kind, name = excluded.name, source = 1, version = calendar_day.version + 1, updated_at = excluded.updated_at",
                   V(iso), V(kind), V(name), V(c->now), V(c->actor->account_id));
}

static Error *take_part(Ctx *c, json_t *part, int kind, int *count) {
    const char *day;
    json_t *name;
    json_object_foreach(part, day, name) {
        Date d;
        char iso[DATE_TEXT];
        const char *title = json_string_value(name);
        if (!date_parse(day, &d)) return err_field(c, "file", N_("“{1}” is not a date"), text_cut(c->mem, day, 30));
        TRY(db_exec(c, "INSERT INTO calendar_day(day, kind, name, source, version, created_at, created_by, updated_at, updated_by) VALUES ($1, $2, $3, 0, 1, $4, $5, $4, $5)"
                       " ON CONFLICT (day) DO UPDATE SET kind = excluded.kind, name = excluded.name, version = calendar_day.version + 1 WHERE calendar_day.source = 0",
                    V(date_text(d, iso)), V(kind), V(title ? text_cut(c->mem, title, 40) : ""), V(c->now), V(c->actor->account_id)));
        if (++*count > 4000) return err_field(c, "file", N_("The file has too many days"));
    }
    return NULL;
}

Error *calendar_take_json(Ctx *c, const char *json, size_t size, int *ret_days) {
    json_t *root = NULL;
    Pair *unused;
    int days = 0;
    if (!text_is_utf8(json, size) || parse_json(c, json, size, &root, &unused) || !json_is_object(root))
        return err_field(c, "file", N_("This is not a calendar file (JSON with “holidays” and “workdays”)"));
    json_t *holidays = json_object_get(root, "holidays"), *workdays = json_object_get(root, "workdays");
    if (!json_is_object(holidays) || !json_is_object(workdays))
        return err_field(c, "file", N_("This is not a calendar file (JSON with “holidays” and “workdays”)"));
    TRY(take_part(c, holidays, 1, &days));
    TRY(take_part(c, workdays, 0, &days));
    cached_forget(c, &calendar);
    if (ret_days) *ret_days = days;
    return audit_record(c, "upload", "calendar_day", 0, talloc_asprintf(c->mem, "{\"days\":[null,%d]}", days));
}

Error *calendar_covers_next_year(Ctx *c, bool *ret) {
    int year, month, day;
    char from[DATE_TEXT];
    int64_t known = 0;
    date_parts(date_of_instant(c->now), &year, &month, &day);
    *ret = true;
    if (month < 12) return NULL;
    TRY(db_get_int(c, &known, "SELECT count(*) FROM calendar_day WHERE day >= $1", V(date_text(date_make(year + 1, 1, 1), from))));
    *ret = known > 0;
    return NULL;
}

Error *calendar_first_start(Ctx *c) {
    const Embedded *e = embedded_find("assets/chinese-days.json");
    return e ? calendar_take_json(c, (const char *)e->data, e->size, NULL) : NULL;
}

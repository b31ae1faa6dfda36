/* periodic_sheet.c - 周业绩汇总表 and 月度业绩复盘表 as live views: a row a person and the team's row, or a row a team; the same as XLSX. */
#include "base/i18n.h"
#include "modules/org/org.h"
#include "modules/report/periodic_private.h"
#include "service/audit.h"
#include <string.h>
#include <talloc.h>

enum { MAX_ROWS = 300, MAX_UNITS = 200, COLUMNS = 10 };

typedef struct SheetLine {
    PeriodicReport *report; /* version 0: nothing is written */
    PeriodicShown shown;
    PeriodicSpans spans;
    KeyMetric *keys;
    size_t key_count;
} SheetLine;

typedef struct Sheet {
    const Periodic *p;
    Date first;
    int64_t unit_id, company; /* unit_id 0: the reader's own row only */
    const char *unit_name;
    SheetLine *lines;
    size_t count;
    SheetLine total;
    bool has_total;
} Sheet;

/* ---- rows ---- */

static Error *fill(Ctx *c, const Sheet *s, int64_t employee_id, int64_t unit_id, const char *name, SheetLine *line) {
    const Field *fields;
    PeriodicLive live;
    size_t n;
    *line = (SheetLine){0};
    TRY(resource_fields(c, s->p->resource, &fields, &n));
    Error *e = resource_load(c, s->p->resource, periodic_id(s->p->kind, employee_id, unit_id, s->first), (void **)&line->report);
    if (e && e->status != 404) return e;
    if (e) {
        line->report = resource_new_row(c, s->p->resource, fields, n);
        line->report->employee_id = employee_id, line->report->unit_id = unit_id, line->report->first = s->first;
        line->report->employee_name = employee_id ? name : NULL, line->report->unit_name = employee_id ? NULL : name;
    }
    TRY(periodic_live(c, s->p->kind, line->report, &live, &line->spans));
    line->shown = periodic_shown(line->report, &live);
    return s->p->kind == PERIODIC_MONTH ? periodic_keys(c, line->report, &line->keys, &line->key_count) : NULL;
}

typedef struct Named {
    int64_t id;
    const char *name;
} Named;

static Error *take_named(Ctx *c, Rows *rows, Named *list, size_t *count) {
    (void)c;
    while (rows_next(rows) && *count < MAX_ROWS) list[(*count)++] = (Named){row_int(rows, 0), row_dup(rows, 1)};
    return rows_done(rows);
}

/* Who worked in the unit in those days, and who has written for it. */
static Error *members(Ctx *c, const Sheet *s, Named *list, size_t *count) {
    char from[DATE_TEXT], to[DATE_TEXT];
    Rows *rows;
    date_text(s->first, from), date_text(periodic_last(s->p->kind, s->first), to);
    TRY(db_query(c, &rows,
                 "SELECT e.id, e.name FROM employee e WHERE e.id IN (SELECT p.employee_id FROM post p WHERE p.unit_id = $1 AND p.main = 1 AND p.first_day <= $3"
                 "   AND (p.last_day IS NULL OR p.last_day >= $3) AND NOT EXISTS (SELECT 1 FROM org_unit l WHERE l.leader_id = p.employee_id)"
                 "  UNION SELECT w.employee_id FROM weekly_report w WHERE $4 = 0 AND w.unit_id = $1 AND w.week = $2 AND w.employee_id IS NOT NULL"
                 "  UNION SELECT m.employee_id FROM monthly_report m WHERE $4 = 1 AND m.unit_id = $1 AND m.month = $2 AND m.employee_id IS NOT NULL)"
                 " ORDER BY e.name_keys, e.id LIMIT $5",
                 V(s->unit_id), V(from), V(to), V((int)s->p->kind), V(MAX_ROWS)));
    return take_named(c, rows, list, count);
}

/* Whoever has numbers in the team, such as a leader who sold something: without them the rows would not add up to the team's. */
static Error *others_with_facts(Ctx *c, const Sheet *s, Named *list, size_t *count) {
    PersonSums *people;
    size_t n, known = *count;
    TRY(metric_people(c, s->unit_id, s->first, periodic_last(s->p->kind, s->first), &people, &n));
    for (size_t i = 0; i < n && *count < MAX_ROWS; i++) {
        size_t at = 0;
        while (at < known && list[at].id != people[i].employee_id) at++;
        if (at < known) continue;
        list[*count] = (Named){.id = people[i].employee_id};
        TRY(db_get_text(c, &list[*count].name, "SELECT name FROM employee WHERE id = $1", V(people[i].employee_id)));
        ++*count;
    }
    return NULL;
}

/* A team shows its people; what stands above shows the units below it. */
static Error *load(Ctx *c, Sheet *s) {
    Named *list = talloc_array(c->mem, Named, MAX_ROWS);
    Rows *rows;
    size_t n = 0;
    bool people = true;
    if (!s->unit_id) {
        if (c->actor->employee_id) list[n++] = (Named){c->actor->employee_id, c->actor->name};
    } else {
        TRY(db_query(c, &rows, "SELECT id, name FROM org_unit WHERE parent_id = $1 AND status = 0 ORDER BY sort, name_keys, id LIMIT $2", V(s->unit_id), V(MAX_ROWS)));
        TRY(take_named(c, rows, list, &n));
        people = !n;
        if (people) TRY(members(c, s, list, &n));
        if (people) TRY(others_with_facts(c, s, list, &n));
    }
    s->lines = talloc_zero_array(c->mem, SheetLine, (unsigned)n + 1);
    for (s->count = 0; s->count < n; s->count++)
        TRY(fill(c, s, people ? list[s->count].id : 0, people ? 0 : list[s->count].id, list[s->count].name, &s->lines[s->count]));
    s->has_total = s->unit_id != 0;
    return s->has_total ? fill(c, s, 0, s->unit_id, s->unit_name, &s->total) : NULL;
}

/* Whose sheet: the unit asked for; else the one the reader leads; else the topmost that he sees; else his own row. */
static Error *choose_unit(Req *r, Sheet *s) {
    Ctx *c = &r->c;
    TRY(req_query_int(r, "unit_id", 0, &s->unit_id));
    bool all = c->actor->scope == SCOPE_ALL;
    if (s->unit_id) TRY(metric_check_scope(c, (MetricScope){SCOPE_UNIT, s->unit_id}));
    if (!s->unit_id && c->actor->employee_id && c->actor->scope != SCOPE_OWN)
        TRY(db_get_int(c, &s->unit_id, "SELECT id FROM org_unit WHERE leader_id = $1 AND status = 0 ORDER BY kind, id LIMIT 1", V(c->actor->employee_id)));
    if (!s->unit_id && all) TRY(db_get_int(c, &s->unit_id, "SELECT id FROM org_unit WHERE kind = 0"));
    if (!s->unit_id && c->actor->scope != SCOPE_OWN)
        TRY(db_get_int(c, &s->unit_id, "SELECT u.id FROM org_unit u JOIN visible_unit v ON v.unit_id = u.id WHERE v.account_id = $1 ORDER BY u.kind, u.id LIMIT 1", V(c->actor->account_id)));
    s->unit_name = s->unit_id ? NULL : "";
    if (s->unit_id) TRY(db_get_text(c, &s->unit_name, "SELECT name FROM org_unit WHERE id = $1", V(s->unit_id)));
    return s->unit_name ? NULL : err_not_found(c, N_("This page is not there, or not for you"));
}

static Error *read_request(Req *r, Sheet *s) {
    Ctx *c = &r->c;
    PeriodicReport usual = {0};
    Date day;
    *s = (Sheet){.p = periodic_of_path(r)};
    periodic_defaults(c, s->p->kind, &usual);
    const char *text = req_query(r, s->p->period);
    Date today = date_of_instant(c->now), asked = DATE_NONE;
    bool named = text && (s->p->kind == PERIODIC_WEEK ? periodic_parse_week(c->mem, text, today, &asked) : periodic_parse_month(c->mem, text, today, &asked));
    if (named) day = asked; /* "2024-W28" and "2024-07" too */
    else TRY(req_query_date(r, s->p->period, usual.first, &day));
    if (day < 7 || day > today + 366) return err_bad_request(c, N_("There is no such period"));
    s->first = periodic_first(s->p->kind, day);
    TRY(choose_unit(r, s));
    return load(c, s);
}

/* ---- the page ---- */

static Value line_model(Ctx *c, const Sheet *s, const SheetLine *line) {
    const PeriodicReport *row = line->report;
    char first[DATE_TEXT];
    Value o = value_object(c->mem);
    periodic_add_numbers(c, s->p->kind, o, row, &line->shown, &line->spans);
    value_set_int(o, "id", row->version ? row->id : 0);
    if (row->employee_id) value_set_int(o, "employee_id", row->employee_id);
    else value_set_int(o, "unit_id", row->unit_id);
    date_text(s->first, first);
    const char *written = resource_href(c, s->p->resource, row->id);
    const char *below = talloc_asprintf(c->mem, "%s/sheet?%s=%s&unit_id=%lld", s->p->path, s->p->period, first, (long long)row->unit_id);
    value_set_text(o, "href", row->version ? written : !row->employee_id && row->unit_id != s->unit_id ? below : NULL);
    value_set_text(o, "state", row->version ? report_state_title(c, row->state) : tr(c->lang, N_("Not reported")));
    value_set_text(o, "state_kind", row->version ? report_state_badge(row->state) : "secondary");
    value_set_text(o, "problem", row->problem);
    value_set_text(o, "next_focus", row->next_focus);
    value_set_text(o, "support_need", row->support_need);
    value_set_text(o, "highlights", row->highlights);
    value_set_text(o, "measures", row->measures);
    if (s->p->kind == PERIODIC_WEEK) return o;
    value_set(o, "keys", periodic_keys_model(c, line->keys, line->key_count));
    value_set_text(o, "keys_text", periodic_keys_text(c, row, line->keys, line->key_count));
    return o;
}

static const char *link_to(Ctx *c, const Sheet *s, const char *page, Date first) {
    char iso[DATE_TEXT];
    const char *unit = s->unit_id ? talloc_asprintf(c->mem, "&unit_id=%lld", (long long)s->unit_id) : "";
    return talloc_asprintf(c->mem, "%s/%s?%s=%s%s", s->p->path, page, s->p->period, date_text(first, iso), unit);
}

/* Units to choose from, by the tree's own order. */
static Error *unit_models(Ctx *c, const Sheet *s, Value *ret) {
    Rows *rows;
    *ret = value_array(c->mem);
    if (c->actor->scope == SCOPE_OWN) return NULL;
    TRY(db_query(c, &rows, "SELECT u.id, u.name FROM org_unit u WHERE u.status = 0 AND ($1 = 1 OR u.id IN (SELECT v.unit_id FROM visible_unit v WHERE v.account_id = $2))"
                           " ORDER BY u.kind, u.sort, u.name_keys, u.id LIMIT $3",
                 V(c->actor->scope == SCOPE_ALL), V(c->actor->account_id), V(MAX_UNITS)));
    while (rows_next(rows)) {
        Value o = value_object(c->mem);
        value_set_int(o, "id", row_int(rows, 0));
        value_set_text(o, "name", row_dup(rows, 1));
        value_set_bool(o, "selected", row_int(rows, 0) == s->unit_id);
        value_push(*ret, o);
    }
    return rows_done(rows);
}

static void add_links(Ctx *c, const Sheet *s, Value model) {
    Date today = date_of_instant(c->now), next = periodic_next(s->p->kind, s->first);
    bool team = may(c, ROLE_LEADERS) && s->unit_id, own = c->actor->employee_id && (c->actor->roles & ROLE_REP);
    value_set_text(model, "prev_href", link_to(c, s, "sheet", periodic_first(s->p->kind, s->first - 1)));
    value_set_text(model, "next_href", next <= today ? link_to(c, s, "sheet", next) : NULL);
    value_set_text(model, "export_href", link_to(c, s, "sheet.xlsx", s->first));
    value_set_text(model, "import_href", talloc_asprintf(c->mem, "%s/import", s->p->path));
    value_set_text(model, "list_href", s->p->path);
    bool begun = s->first <= today;
    char iso[DATE_TEXT];
    value_set_text(model, "own_href", own && begun ? talloc_asprintf(c->mem, "%s/new?%s=%s", s->p->path, s->p->period, date_text(s->first, iso)) : NULL);
    value_set_text(model, "team_href", team && begun ? link_to(c, s, "new", s->first) : NULL);
}

static Error *sheet_page(Req *r) {
    Ctx *c = &r->c;
    Sheet s;
    Value units;
    char iso[DATE_TEXT];
    TRY(read_request(r, &s));
    Value model = value_object(c->mem), rows = value_array(c->mem);
    for (size_t i = 0; i < s.count; i++) value_push(rows, line_model(c, &s, &s.lines[i]));
    value_set_text(model, "title", tr(c->lang, s.p->kind == PERIODIC_WEEK ? N_("Weekly summary") : N_("Monthly review")));
    value_set_text(model, "period", s.p->period);
    value_set_text(model, "first", talloc_strdup(c->mem, date_text(s.first, iso)));
    value_set_text(model, "last", talloc_strdup(c->mem, date_text(periodic_last(s.p->kind, s.first), iso)));
    value_set_text(model, "period_text", periodic_title(c, s.p->kind, s.first));
    value_set_text(model, "path", talloc_asprintf(c->mem, "%s/sheet", s.p->path));
    value_set_text(model, "unit_name", s.unit_name);
    value_set_bool(model, "monthly", s.p->kind == PERIODIC_MONTH);
    value_set_bool(model, "partial", periodic_spans(s.p->kind, s.first, date_of_instant(c->now)).partial);
    value_set(model, "rows", rows);
    value_set(model, "team", s.has_total ? line_model(c, &s, &s.total) : value_null());
    TRY(unit_models(c, &s, &units));
    value_set(model, "units", units);
    value_set_bool(model, "has_units", value_count(units) > 1);
    add_links(c, &s, model);
    return respond_view(r, "periodic_sheet", model);
}

/* ---- XLSX ---- */

typedef struct Heading {
    const char *text;
    SheetCellKind kind;
} Heading;
static const Heading week_headings[] = {
    {N_("Week no."), CELL_TEXT}, {N_("Salesperson"), CELL_TEXT}, {N_("Weekly target (yuan)"), CELL_MONEY}, {N_("Actual (yuan)"), CELL_MONEY}, {N_("Attainment (%)"), CELL_MONEY},
    {N_("Change on the previous period (%)"), CELL_MONEY}, {N_("Main problem"), CELL_TEXT}, {N_("Focus of next week"), CELL_TEXT}};
static const Heading month_headings[COLUMNS] = {
    {N_("Calendar month"), CELL_TEXT}, {N_("Salesperson/team"), CELL_TEXT}, {N_("Monthly target (yuan)"), CELL_MONEY}, {N_("Actual (yuan)"), CELL_MONEY}, {N_("Attainment (%)"), CELL_MONEY},
    {N_("Attainment of key metrics"), CELL_TEXT}, {N_("Highlights"), CELL_TEXT}, {N_("Problems"), CELL_TEXT}, {N_("Measures"), CELL_TEXT}, {N_("Next month's target (yuan)"), CELL_MONEY}};

static void put_ratio(SheetWriter *w, Ratio r, int64_t scale) {
    int64_t n;
    ratio_scaled(r, scale, &n) ? sheet_put_money(w, n) : sheet_put_empty(w);
}
static void put_text(SheetWriter *w, const char *s) {
    s && *s ? sheet_put_text(w, s) : sheet_put_empty(w);
}

static void put_line(Ctx *c, const Sheet *s, SheetWriter *w, const SheetLine *line) {
    const PeriodicReport *row = line->report;
    sheet_put_text(w, periodic_title(c, s->p->kind, s->first));
    sheet_put_text(w, periodic_subject(c, row));
    put_ratio(w, line->shown.target, 100);
    put_ratio(w, line->shown.actual, 100);
    put_ratio(w, line->shown.rate, 10000);
    if (s->p->kind == PERIODIC_WEEK) {
        line->shown.growth_bp == INT_NONE ? sheet_put_empty(w) : sheet_put_money(w, line->shown.growth_bp);
        put_text(w, row->problem);
        put_text(w, row->next_focus);
    } else {
        put_text(w, periodic_keys_text(c, row, line->keys, line->key_count));
        put_text(w, row->highlights);
        put_text(w, row->problem);
        put_text(w, row->measures);
        put_ratio(w, line->shown.next_target, 100);
    }
    sheet_next_row(w);
}

static Error *sheet_file(Req *r) {
    Ctx *c = &r->c;
    Sheet s;
    SheetWriter *w;
    SheetColumn columns[COLUMNS] = {0};
    const char *path;
    TRY(read_request(r, &s));
    bool week = s.p->kind == PERIODIC_WEEK;
    size_t n = week ? sizeof week_headings / sizeof *week_headings : COLUMNS;
    const Heading *headings = week ? week_headings : month_headings;
    for (size_t i = 0; i < n; i++) columns[i].heading = tr(c->lang, headings[i].text), columns[i].kind = headings[i].kind;
    const char *title = tr(c->lang, week ? N_("Weekly summary") : N_("Monthly review"));
    TRY(sheet_writer_new(c, title, columns, n, NULL, &w));
    for (size_t i = 0; i < s.count; i++) put_line(c, &s, w, &s.lines[i]);
    if (s.has_total) put_line(c, &s, w, &s.total);
    TRY(sheet_writer_close(w, &path));
    TRY(audit_event(c, "export", s.p->resource->table, 0, talloc_asprintf(c->mem, "{\"count\":[null,%zu]}", s.count + s.has_total)));
    const char *name = talloc_asprintf(c->mem, "%s-%s.xlsx", title, periodic_title(c, s.p->kind, s.first));
    return respond_file(r, path, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", name);
}

const Route periodic_sheet_routes[] = {
    {GET, "/reports/weekly/sheet", ROLE_ANY, sheet_page, N_("Weekly summary: a row a person and the team's row"), ROUTE_TAGGED},
    {GET, "/reports/weekly/sheet.xlsx", ROLE_ANY, sheet_file, N_("Weekly summary as a spreadsheet"), 0},
    {GET, "/reports/monthly/sheet", ROLE_ANY, sheet_page, N_("Monthly review: a row a person and the team's row"), ROUTE_TAGGED},
    {GET, "/reports/monthly/sheet.xlsx", ROLE_ANY, sheet_file, N_("Monthly review as a spreadsheet"), 0},
    {0},
};

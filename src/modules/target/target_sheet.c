/* target_sheet.c - the table of personal targets as a spreadsheet, for the people and units of one page; target_import.c reads it back. */
#include "modules/target/target_sheet.h"
#include "base/i18n.h"
#include "modules/target/target_grid.h"
#include "service/audit.h"
#include <string.h>
#include <talloc.h>

const char *const target_headings[SHEET_COLUMNS] = {
    [SHEET_NAME] = N_("Name"), [SHEET_UNIT] = N_("Department"), [SHEET_METRIC] = N_("Kind of metric"), [SHEET_YEAR] = N_("Year"), [SHEET_TIER] = N_("Tier"),
    [SHEET_QUARTER] = N_("Quarter"), [SHEET_QUARTER_TARGET] = N_("Quarter's target"), [SHEET_MONTHLY] = N_("Monthly breakdown"), [SHEET_ACTIONS] = N_("Key actions required"),
    [SHEET_FLOOR] = N_("Floor")};

typedef struct Sheet {
    Grid g;
    int quarter;
    SheetWriter *xlsx;
    Text *csv;
    bool first;
} Sheet;

const char *target_month_heading(Ctx *c, const Grid *g, int month) {
    int y, m, d;
    date_parts(target_month_first(g->year, month, g->fiscal_month), &y, &m, &d);
    Msg title = {.id = N_("Month {1}"), .args = {talloc_asprintf(c->mem, "%d", m)}};
    return msg_text(c->mem, c->lang, &title);
}

static void put_text(Sheet *s, const char *text) {
    if (s->xlsx) sheet_put_text(s->xlsx, text);
    else sheet_csv_cell((struct Text *)s->csv, text, s->first);
    s->first = false;
}

static void put_value(Ctx *c, Sheet *s, const Metric *m, int64_t n) {
    if (!s->xlsx || n == INT_NONE || m->unit == UNIT_PERCENT) {
        put_text(s, m->unit == UNIT_PERCENT ? target_cell_text(c, m, n) : target_cell_plain(c, m, n));
        return;
    }
    if (target_decimals(m)) sheet_put_money(s->xlsx, n);
    else sheet_put_int(s->xlsx, n);
}

static void end_row(Sheet *s) {
    if (s->xlsx) sheet_next_row(s->xlsx);
    else text_add(s->csv, "\r\n");
    s->first = true;
}

/* "50/month" where the months are alike, else the three. */
static const char *monthly(Ctx *c, const Sheet *s, const Metric *m, const int64_t *months) {
    const int64_t *q = months + s->quarter * 3;
    if (q[0] == q[1] && q[1] == q[2]) {
        Msg each = {.id = N_("{1} a month"), .args = {target_cell_text(c, m, q[0])}};
        return q[0] == INT_NONE ? "" : msg_text(c->mem, c->lang, &each);
    }
    return talloc_asprintf(c->mem, "%s / %s / %s", target_cell_text(c, m, q[0]), target_cell_text(c, m, q[1]), target_cell_text(c, m, q[2]));
}

static Error *put_target(Ctx *c, Sheet *s, const Metric *m, const GridRow *row) {
    Target t;
    const char *unit = row->t.name;
    TRY(target_load(c, m, s->g.year, row->t.scope, s->g.view, &t));
    if (target_year(m, &t.months, s->g.tier) == INT_NONE || t.inherited) return NULL;
    if (row->t.scope.kind == SCOPE_PERSON) TRY(db_get_text(c, &unit, "SELECT u.name FROM employee e JOIN org_unit u ON u.id = e.unit_id WHERE e.id = $1", V(row->t.scope.id)));
    put_text(s, row->t.scope.kind == SCOPE_PERSON ? row->t.name : "");
    put_text(s, unit);
    put_text(s, tr(c->lang, m->name));
    put_text(s, talloc_asprintf(c->mem, "%lld", (long long)s->g.year));
    put_text(s, tr(c->lang, target_tier_labels[s->g.tier]));
    put_text(s, talloc_asprintf(c->mem, "Q%d", s->quarter + 1));
    put_value(c, s, m, target_quarter(m, &t.months, s->g.tier, s->quarter));
    put_text(s, monthly(c, s, m, t.months.n[s->g.tier]));
    put_text(s, "");
    put_value(c, s, m, t.floor);
    for (int i = 0; i < TARGET_MONTHS; i++) put_value(c, s, m, t.months.n[s->g.tier][i]);
    end_row(s);
    return NULL;
}

static Error *put_all(Ctx *c, Sheet *s) {
    for (size_t k = 0; k <= s->g.count; k++)
        for (size_t i = 0; i < metrics_count(s->g.all); i++)
            if (metrics_at(s->g.all, i)->active) TRY(put_target(c, s, metrics_at(s->g.all, i), k ? &s->g.rows[k - 1] : &s->g.own));
    return NULL;
}

static Error *begin(Req *r, Sheet *s) {
    Ctx *c = &r->c;
    int64_t quarter = 0;
    *s = (Sheet){.first = true};
    TRY(target_grid_read(r, false, &s->g));
    TRY(req_query_int(r, "quarter", 0, &quarter));
    if (s->g.members) return err_bad_request(c, N_("The sheet holds targets of units and people"));
    TRY(target_grid_load(c, &s->g));
    s->quarter = quarter >= 1 && quarter <= 4 ? (int)quarter - 1 : s->g.now_month < 0 || s->g.now_month >= TARGET_MONTHS ? 0 : s->g.now_month / 3;
    return audit_event(c, "export", "target", 0, "{}");
}

static const char *file_name(Ctx *c, const Sheet *s, const char *ending) {
    Msg name = {.id = N_("Targets {1} {2}"), .args = {s->g.own.t.name, talloc_asprintf(c->mem, "%lld", (long long)s->g.year)}};
    return talloc_asprintf(c->mem, "%s.%s", msg_text(c->mem, c->lang, &name), ending);
}

static Error *xlsx(Req *r) {
    Ctx *c = &r->c;
    Sheet s;
    SheetColumn columns[SHEET_COLUMNS + TARGET_MONTHS];
    const char *path;
    TRY(begin(r, &s));
    for (int i = 0; i < SHEET_COLUMNS; i++) columns[i] = (SheetColumn){.heading = tr(c->lang, target_headings[i]), .kind = i == SHEET_QUARTER_TARGET || i == SHEET_FLOOR ? CELL_MONEY : CELL_TEXT};
    for (int i = 0; i < TARGET_MONTHS; i++) columns[SHEET_COLUMNS + i] = (SheetColumn){.heading = target_month_heading(c, &s.g, i), .kind = CELL_MONEY};
    TRY(sheet_writer_new(c, tr(c->lang, N_("Targets")), columns, SHEET_COLUMNS + TARGET_MONTHS, NULL, &s.xlsx));
    TRY(put_all(c, &s));
    TRY(sheet_writer_close(s.xlsx, &path));
    return respond_file(r, path, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", file_name(c, &s, "xlsx"));
}

static Error *csv(Req *r) {
    Ctx *c = &r->c;
    Sheet s;
    TRY(begin(r, &s));
    s.csv = text_new(c->mem, 8 << 20);
    text_add(s.csv, "\xEF\xBB\xBF");
    for (int i = 0; i < SHEET_COLUMNS; i++) put_text(&s, tr(c->lang, target_headings[i]));
    for (int i = 0; i < TARGET_MONTHS; i++) put_text(&s, target_month_heading(c, &s.g, i));
    end_row(&s);
    TRY(put_all(c, &s));
    respond_header(r, "Content-Disposition", "attachment; filename=\"targets.csv\"");
    return respond_bytes(r, "text/csv; charset=utf-8", s.csv->data, s.csv->len);
}

const Route target_sheet_routes[] = {
    {GET, "/targets/sheet.xlsx", ROLE_ANY, xlsx, N_("Targets of a unit and its people as a workbook"), 0},
    {GET, "/targets/sheet.csv", ROLE_ANY, csv, N_("Targets of a unit and its people as CSV"), 0},
    {0},
};

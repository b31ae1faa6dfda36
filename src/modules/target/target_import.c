/* target_import.c - the table of personal targets back in: months where the sheet has them, else the quarter's target split over its months. All rows
 * or none; each row that is not right is told with its number. */
#include "base/i18n.h"
#include "modules/target/target_sheet.h"
#include <string.h>
#include <talloc.h>

enum { ROWS_MAX = 5000, ERRORS_MAX = 200, PLACES = SHEET_COLUMNS + TARGET_MONTHS };

/* Words of other people's sheets. */
static const struct { int place; const char *word; } aliases[] = {
    {SHEET_NAME, "姓名"}, {SHEET_NAME, "人员"}, {SHEET_UNIT, "部门"}, {SHEET_UNIT, "团队"}, {SHEET_METRIC, "指标类型"}, {SHEET_METRIC, "指标"}, {SHEET_YEAR, "年度"}, {SHEET_YEAR, "年份"},
    {SHEET_TIER, "档位"}, {SHEET_QUARTER, "季度"}, {SHEET_QUARTER_TARGET, "季度目标值"}, {SHEET_QUARTER_TARGET, "季度目标"}, {SHEET_FLOOR, "底线"}};
static const struct { const char *word, *code; } metric_words[] = {{"销售额", "amount"}, {"新签客户", "customers_signed"}, {"新签", "customers_signed"}, {"客单价", "average_price"}};

typedef struct SheetLine {
    int64_t number; /* of the row in the file */
    const char *cells[PLACES];
} SheetLine;

typedef struct Import {
    Grid g; /* the year, tier and months that a sheet need not say */
    int64_t quarter;
    int column_of[PLACES]; /* -1: the sheet has none */
    bool headed, has_months;
    SheetLine *lines;
    size_t count;
    struct { int64_t number; Msg message; } errors[ERRORS_MAX];
    int error_count;
    int64_t changed, same;
} Import;

/* ---- the file ---- */

static int place_of(Ctx *c, const Import *m, const char *heading) {
    const char *h = text_clean(c->mem, heading);
    int64_t n;
    for (int i = 0; i < SHEET_COLUMNS; i++)
        if (text_equal(h, target_headings[i]) || text_equal(h, tr(c->lang, target_headings[i]))) return i;
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (text_equal(h, aliases[i].word)) return aliases[i].place;
    for (int i = 0; i < TARGET_MONTHS; i++) {
        const char *title = target_month_heading(c, &m->g, i);
        size_t digits = strspn(h, "0123456789");
        bool month = digits && text_equal(h + digits, "月") && int_parse(talloc_strndup(c->mem, h, digits), &n) && (n - m->g.fiscal_month + 12) % 12 == i;
        if (month || text_equal(h, title)) return SHEET_COLUMNS + i;
    }
    return -1;
}

static Error *take_row(Ctx *c, void *arg, int64_t number, const char *const *cells, size_t count) {
    Import *m = arg;
    if (!m->headed) {
        for (int i = 0; i < PLACES; i++) m->column_of[i] = -1;
        for (size_t i = 0; i < count; i++) {
            int place = place_of(c, m, cells[i]);
            if (place >= 0 && m->column_of[place] < 0) m->column_of[place] = (int)i;
        }
        m->headed = m->column_of[SHEET_METRIC] >= 0; /* titles may stand above the headings */
        for (int i = SHEET_COLUMNS; i < PLACES; i++) m->has_months = m->has_months || m->column_of[i] >= 0;
        return number > 20 && !m->headed ? err_field(c, "file", N_("There is no column “{1}”"), tr(c->lang, target_headings[SHEET_METRIC])) : NULL;
    }
    if (m->count >= ROWS_MAX) return err_too_large(c, N_("At most {1} rows"), "5000");
    if (!(m->count & (m->count - 1))) m->lines = talloc_realloc(c->mem, m->lines, SheetLine, m->count ? (unsigned)m->count * 2 : 1);
    SheetLine *line = &m->lines[m->count++];
    line->number = number;
    for (int i = 0; i < PLACES; i++) line->cells[i] = m->column_of[i] >= 0 && (size_t)m->column_of[i] < count ? text_clean(c->mem, cells[m->column_of[i]]) : "";
    return NULL;
}

/* ---- one row ---- */

typedef struct Row {
    const Metric *m;
    MetricScope scope;
    int64_t year;
    TargetTier tier;
    int quarter;
} Row;

static void complain(Import *m, const SheetLine *line, Msg message) {
    if (m->error_count < ERRORS_MAX) m->errors[m->error_count].number = line->number, m->errors[m->error_count].message = message;
    m->error_count++;
}

static const Metric *metric_of(Ctx *c, const Import *m, const char *name) {
    const Metric *found = metrics_by_name(c, m->g.all, name);
    for (size_t i = 0; !found && i < sizeof metric_words / sizeof *metric_words; i++)
        if (text_equal(name, metric_words[i].word)) found = metrics_by_code(m->g.all, metric_words[i].code);
    return found;
}

static Error *find_scope(Ctx *c, const SheetLine *line, MetricScope *ret, Msg *why) {
    const char *name = line->cells[SHEET_NAME], *unit = line->cells[SHEET_UNIT];
    Rows *rows;
    int found = 0;
    ret->kind = *name ? SCOPE_PERSON : SCOPE_UNIT;
    if (*name) TRY(db_query(c, &rows, "SELECT e.id FROM employee e JOIN org_unit u ON u.id = e.unit_id WHERE e.name = $1 AND e.status = 0 AND ($2 = '' OR u.name = $2) ORDER BY e.id", V(name), V(unit)));
    else TRY(db_query(c, &rows, "SELECT id FROM org_unit WHERE name = $1 AND status = 0 ORDER BY id", V(unit)));
    while (rows_next(rows)) ret->id = row_int(rows, 0), found++;
    TRY(rows_done(rows));
    if (found != 1) *why = (Msg){.id = found ? N_("“{1}” is not the only one of that name; give the department too") : N_("There is no “{1}” with a target"), .args = {*name ? name : unit}};
    return NULL;
}

static Error *read_row(Ctx *c, Import *m, const SheetLine *line, Row *row, Msg *why) {
    const char *tier = line->cells[SHEET_TIER], *year = line->cells[SHEET_YEAR], *quarter = line->cells[SHEET_QUARTER];
    int64_t n;
    *row = (Row){.m = metric_of(c, m, line->cells[SHEET_METRIC]), .year = m->g.year, .tier = m->g.tier, .quarter = (int)m->quarter - 1};
    if (!row->m) *why = (Msg){.id = N_("There is no metric “{1}”"), .args = {line->cells[SHEET_METRIC]}};
    if (*year && (!int_parse(year, &row->year) || row->year < 2000 || row->year > 2199)) *why = (Msg){.id = N_("“{1}” is not a year for targets"), .args = {year}};
    int code = target_code_find(target_tier_codes, tier);
    for (int i = 0; code < 0 && i < TARGET_TIERS; i++)
        if (text_equal(tier, tr(c->lang, target_tier_labels[i])) || text_equal(tier, target_tier_labels[i])) code = i;
    if (*tier && code < 0) *why = (Msg){.id = N_("“{1}” is not one of the choices"), .args = {tier}};
    if (code >= 0) row->tier = (TargetTier)code;
    const char *digit = quarter + strcspn(quarter, "1234");
    if (*quarter && strlen(digit) == 1 && int_parse(digit, &n)) row->quarter = (int)n - 1;
    return why->id ? NULL : find_scope(c, line, &row->scope, why);
}

/* The months and floor that the row means, over what stands there. */
static const char *read_values(Ctx *c, const Import *m, const SheetLine *line, const Row *row, Target *t) {
    int64_t *months = t->months.n[row->tier], n, parts[3];
    const char *why = NULL;
    for (int i = 0; m->has_months && i < TARGET_MONTHS && !why; i++)
        if (m->column_of[SHEET_COLUMNS + i] >= 0) why = target_cell_read(c, row->m, line->cells[SHEET_COLUMNS + i], &months[i]);
    if (!m->has_months) {
        why = target_cell_read(c, row->m, line->cells[SHEET_QUARTER_TARGET], &n);
        if (!why && n != INT_NONE) {
            money_split(n, NULL, 3, parts);
            for (int i = 0; i < 3; i++) months[row->quarter * 3 + i] = target_is_summed(row->m) ? parts[i] : n;
        }
    }
    if (!why && m->column_of[SHEET_FLOOR] >= 0) why = target_cell_read(c, row->m, line->cells[SHEET_FLOOR], &t->floor);
    return why;
}

static Error *take_line(Ctx *c, Import *m, const SheetLine *line) {
    Row row;
    Msg why = {0};
    Target old, new;
    bool may_set;
    const char *name;
    TRY(read_row(c, m, line, &row, &why));
    Error *unseen = why.id ? NULL : target_scope_name(c, row.scope, &name);
    if (unseen && unseen->status != 404) return unseen;
    if (unseen) why = (Msg){.id = N_("There is no “{1}” with a target"), .args = {*line->cells[SHEET_NAME] ? line->cells[SHEET_NAME] : line->cells[SHEET_UNIT]}};
    if (why.id) {
        complain(m, line, why);
        return NULL;
    }
    TRY(target_load(c, row.m, row.year, row.scope, TARGET_DRAFT, &old));
    if (old.inherited) target_clear(&old);
    new = old;
    why.id = read_values(c, m, line, &row, &new);
    if (!why.id && !memcmp(&old.months, &new.months, sizeof old.months) && old.floor == new.floor) {
        m->same++;
        return NULL;
    }
    TRY(target_may_set(c, row.scope, &may_set));
    if (!why.id && !may_set) why = (Msg){.id = N_("The target of {1} is set by whoever leads the unit above"), .args = {name}};
    Error *e = why.id ? NULL : target_set_months(c, row.m, row.year, row.scope, &new.months);
    if (!e && !why.id && new.floor != old.floor) e = target_set_floor(c, row.m, row.year, row.scope, new.floor);
    if (e && e->status != 409 && e->status != 422) return e;
    if (e) why = e->message;
    if (why.id) complain(m, line, why);
    else m->changed++;
    return NULL;
}

static Error *import_tx(Ctx *c, void *arg) {
    Import *m = arg;
    m->error_count = 0, m->changed = m->same = 0;
    for (size_t i = 0; i < m->count; i++) TRY(take_line(c, m, &m->lines[i]));
    return m->error_count ? err_invalid(c, N_("{1} rows are not right; nothing was saved"), talloc_asprintf(c->mem, "%d", m->error_count)) : NULL;
}

/* ---- pages ---- */

static Error *form_page(Req *r, int status, const Import *m, const Error *problem) {
    Ctx *c = &r->c;
    Value model = problem ? error_model(c, problem) : value_object(c->mem), rows = value_array(c->mem);
    for (int i = 0; m && i < m->error_count && i < ERRORS_MAX; i++) {
        Value o = value_object(c->mem);
        value_set_int(o, "row", m->errors[i].number);
        value_set_text(o, "message", msg_text(c->mem, c->lang, &m->errors[i].message));
        value_push(rows, o);
    }
    value_set(model, "rows", rows);
    value_set_text(model, "title", problem && r->wants_json ? msg_text(c->mem, c->lang, &problem->message) : tr(c->lang, N_("Import targets")));
    if (r->wants_json) {
        TRY(respond_json(r, status, model));
        if (problem) r->response.type = "application/problem+json; charset=utf-8";
        return NULL;
    }
    value_set_bool(model, "any", value_count(rows) > 0);
    value_set_text(model, "error", problem ? msg_text(c->mem, c->lang, problem->fields ? &problem->fields->message : &problem->message) : NULL);
    return respond_view_status(r, status, "target_import", model);
}

static Error *page(Req *r) {
    return form_page(r, 200, NULL, NULL);
}

static Error *imported(Req *r, void *arg) {
    Ctx *c = &r->c;
    const Import *m = arg;
    Msg done = {.id = N_("{1} targets changed, {2} unchanged"), .args = {talloc_asprintf(c->mem, "%lld", (long long)m->changed), talloc_asprintf(c->mem, "%lld", (long long)m->same)}};
    if (!r->wants_json) return respond_done(r, "/targets", "success", done);
    Value o = value_object(c->mem);
    value_set_int(o, "rows", (int64_t)m->count);
    value_set_int(o, "changed", m->changed);
    value_set_int(o, "unchanged", m->same);
    return respond_json(r, 200, o);
}

static Error *failed(Req *r, void *arg, Error *e) {
    return e->status == 422 || e->status == 413 ? form_page(r, e->status, arg, e) : e;
}

static Error *read_file(Req *r, Import *m) {
    Ctx *c = &r->c;
    const char *quarter = req_form(r, "quarter");
    const Upload *file = req_file(r, "file");
    TRY(target_grid_read(r, true, &m->g));
    m->quarter = m->g.now_month < 0 || m->g.now_month >= TARGET_MONTHS ? 1 : m->g.now_month / 3 + 1;
    if (quarter && *quarter && (!int_parse(quarter, &m->quarter) || m->quarter < 1 || m->quarter > 4)) return err_field(c, "quarter", N_("A quarter is 1 to 4"));
    if (!file) return err_field(c, "file", N_("Choose a file"));
    if (file->size > SHEET_MAX_BYTES) return err_too_large(c, N_("The file is larger than 20 MB"));
    SheetFile sheet = {.data = file->data, .size = file->size};
    TRY(sheet_read(c, &sheet, take_row, m));
    return m->headed ? NULL : err_field(c, "file", N_("There is no column “{1}”"), tr(c->lang, target_headings[SHEET_METRIC]));
}

static Error *import(Req *r) {
    Import *m = talloc_zero(r->c.mem, Import);
    Error *e = read_file(r, m);
    return e ? failed(r, m, e) : req_commit_or(r, import_tx, m, imported, failed);
}

const Route target_import_routes[] = {
    {GET, "/targets/import", ROLE_LEADERS, page, N_("Choose a sheet of targets"), 0},
    {POST, "/targets/import", ROLE_LEADERS, import, N_("Take targets from a sheet, all rows or none"), ROUTE_UPLOAD},
    {0},
};

/* board_sheet_team.c - 团队月度业绩看板 and 团队业绩汇总表 back in: people or teams, and the total. */
#include "base/i18n.h"
#include "modules/board/board_sheet_read.h"
#include "modules/org/org.h"
#include <string.h>
#include <talloc.h>

static Error *find_line(Ctx *c, SheetRead *x, const char *name, size_t *ret) {
    size_t found = 0;
    int64_t id = 0;
    *ret = x->line_count;
    for (size_t i = 0; i < x->line_count; i++)
        if (text_equal(name, x->lines[i].name)) *ret = i, found++;
    if (found > 1) return err_field(c, "subject", N_("There are several entries called “{1}”; use the number"), text_cut(c->mem, name, 60));
    if (found) return NULL;
    bool people = x->line_count && x->lines[0].scope.kind == SCOPE_PERSON;
    TRY(resource_resolve(c, people ? &employee_resource : &org_unit_resource, name, &id)); /* by number */
    for (size_t i = 0; i < x->line_count && id > 0; i++)
        if (x->lines[i].scope.id == id) *ret = i, found++;
    return found ? NULL : err_field(c, "subject", N_("“{1}” is not in this sheet of {2}"), text_cut(c->mem, name, 60), x->b.name);
}

/* The total is computed: its target alone is the unit's own. */
static Error *check_total(Ctx *c, SheetRowRead *row, int64_t actual) {
    const SheetRead *x = row->x;
    const Metric *m = x->b.metric;
    bool wan = sheet_column_wan(c, x, "actual");
    int64_t sum = 0, n;
    Sums sums;
    if (actual == INT_NONE) return NULL;
    TRY(metric_sums(c, x->b.scope, x->b.period.first, x->b.to, &sums));
    if (sheet_shows(m, wan, actual, metric_value(x->b.metrics, m, &sums, x->b.to))) return NULL;
    for (size_t i = 0; i < x->row_count; i++) {
        const char *name = sheet_raw_cell(x, &x->rows[i], "subject");
        if (!*name || sheet_is_total(c, x, name) || sheet_number_read(c->mem, m, wan, sheet_raw_cell(x, &x->rows[i], "actual"), &n) || n == INT_NONE) continue;
        sum += n;
    }
    if (sum != actual) sheet_note(c, row, NOTE_PASSED, "actual", N_("The total is computed: the rows make {1}, the sheet says {2}"), sheet_whole_text(c, x, m, sum), sheet_whole_text(c, x, m, actual));
    return NULL;
}

/* All metrics that have a column of their own (团队业绩汇总表). */
static Error *take_metrics(Ctx *c, SheetRowRead *row, Ratio *ret_actual) {
    const SheetRead *x = row->x;
    Sums sums;
    TRY(metric_sums(c, row->scope, x->b.period.first, x->b.to, &sums));
    for (size_t i = 0; i < metrics_count(x->b.metrics); i++) {
        const Metric *m = metrics_at(x->b.metrics, i);
        const char *field = talloc_asprintf(c->mem, "m_%s", m->code);
        if (!import_line_cell(row->line, field)) continue;
        bool wan = sheet_column_wan(c, x, field);
        int64_t whole = sheet_number(c, row, field, m, wan);
        if (m == x->b.metric && whole != INT_NONE) *ret_actual = metric_of_whole(m, whole);
        sheet_say(c, row, field, m, wan, whole, metric_value(x->b.metrics, m, &sums, x->b.to));
    }
    if (!import_line_cell(row->line, "actual")) return NULL;
    const Metric *m = x->b.metric;
    bool wan = sheet_column_wan(c, x, "actual");
    int64_t whole = sheet_number(c, row, "actual", m, wan);
    if (whole != INT_NONE) *ret_actual = metric_of_whole(m, whole);
    sheet_say(c, row, "actual", m, wan, whole, metric_value(x->b.metrics, m, &sums, x->b.to));
    return NULL;
}

static Error *take_line(Ctx *c, SheetRowRead *row, size_t at) {
    SheetRead *x = row->x;
    Ratio actual = RATIO_NONE;
    MonthEdited done;
    bool wan = sheet_column_wan(c, x, "target");
    int64_t target = sheet_number(c, row, "target", x->b.metric, wan);
    row->scope = x->lines[at].scope;
    sheet_begin_edit(row);
    TRY(take_metrics(c, row, &actual));
    TRY(sheet_take_texts(c, row));
    if (row->errors) return row->errors;
    TRY(sheet_take_place(c, &x->taken[at], row, "subject"));
    TRY(sheet_take_target(c, row, x->b.metric, wan, target));
    if (target != INT_NONE) x->target_sum += target, x->with_target++;
    if (sheet_says_something(&row->edit)) {
        Error *e = report_edit_month(c, &row->edit, x->seen, &done);
        if (e) return sheet_at_cell(c, e, row->said_count ? row->said[0].field : row->edit.problem ? "problem" : row->edit.highlights ? "highlights" : "measures");
        sheet_tell_actuals(c, row, &done);
        sheet_tell_texts(c, row, &done);
        if (done.computed) actual = RATIO_NONE; /* the entries' is the one that holds */
    }
    return sheet_check_rates(c, row, x->b.metric, target, actual);
}

static Error *take_total(Ctx *c, SheetRowRead *row) {
    SheetRead *x = row->x;
    bool wan = sheet_column_wan(c, x, "target");
    row->scope = x->b.scope;
    int64_t target = sheet_number(c, row, "target", x->b.metric, wan), actual = sheet_number(c, row, "actual", x->b.metric, sheet_column_wan(c, x, "actual"));
    if (row->errors) return row->errors;
    TRY(sheet_take_place(c, &x->taken[x->line_count], row, "subject"));
    TRY(sheet_take_target(c, row, x->b.metric, wan, target));
    if (*sheet_cell(c, row, "problem")) sheet_note(c, row, NOTE_PASSED, "problem", N_("The team's own problem belongs into its monthly report; it was passed over"), NULL, NULL);
    TRY(check_total(c, row, actual));
    return sheet_check_rates(c, row, x->b.metric, target, actual == INT_NONE ? RATIO_NONE : metric_of_whole(x->b.metric, actual));
}

Error *sheet_team_row(Ctx *c, void *state, const ImportLine *line, ImportState *ret) {
    SheetRowRead *row;
    const char *name;
    size_t at;
    TRY(sheet_begin_row(c, state, line, ret, "subject", &row, &name));
    if (!row) return NULL;
    if (sheet_is_total(c, row->x, name)) return take_total(c, row);
    TRY(find_line(c, row->x, name, &at));
    return take_line(c, row, at);
}

/* A sheet without a total, of everybody, into a unit that has no target yet: it is the rows' sum, as the sheet of the sources has it. */
Error *sheet_team_end(Ctx *c, void *state, const ImportLine *line) {
    SheetRead *x = state;
    const Metric *m = x->b.metric;
    ImportState ignored;
    SheetRowRead row = {.x = x, .line = line, .state = &ignored, .scope = x->b.scope};
    TargetEdit t;
    Target own;
    int64_t year;
    int at;
    target_month_of(x->b.period.first, x->b.fiscal_month, &year, &at);
    if (x->taken[x->line_count] || !x->line_count || x->with_target < x->line_count || !target_is_summed(m)) return NULL;
    TRY(target_load(c, m, year, x->b.scope, TARGET_DRAFT, &own));
    if (own.months.n[TIER_BASE][at] != INT_NONE) return NULL;
    Error *e = target_edit_month(c, m, x->b.scope, x->b.period.first, x->target_sum, INT_NONE, &t);
    if (e) return e->status < 500 ? NULL : e; /* who does not set the unit's target has set the rows' all the same */
    sheet_note(c, &row, NOTE_CHANGE, NULL, N_("The sheet has no total: the target of {1} becomes the rows' sum, {2}"), x->b.name, sheet_whole_text(c, x, m, x->target_sum));
    return NULL;
}

/* board_sheet_one.c - the sheets of one person or team back in: 个人业绩跟踪表, a day a row, and 目标对比分析表, a metric a row. */
#include "base/i18n.h"
#include "modules/board/board_sheet_read.h"
#include "service/lang.h"
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

/* ---- 个人业绩跟踪表: a day a row ---- */

/* The sum so far is computed; each of its parts may be rounded to 0.01 万元. */
static void check_so_far(Ctx *c, SheetRowRead *row, int64_t amount) {
    SheetRead *x = row->x;
    const Metric *m = x->b.metric;
    int64_t said = sheet_number(c, row, "so_far", m, sheet_column_wan(c, x, "so_far")), room = m->unit == UNIT_YUAN && sheet_column_wan(c, x, "so_far") ? ++x->so_far_rows * 10000 : 0;
    if (amount != INT_NONE) x->so_far += amount;
    if (said != INT_NONE && llabs(said - x->so_far) > room)
        sheet_note(c, row, NOTE_PASSED, "so_far", N_("The sum so far is computed: the rows make {1}, the sheet says {2}"), sheet_whole_text(c, x, m, x->so_far), sheet_whole_text(c, x, m, said));
}

static Error *take_day(Ctx *c, SheetRowRead *row, Date day) {
    SheetRead *x = row->x;
    int at = day - x->b.period.first;
    bool known = at < x->day_count && x->days[at].facts, person = x->b.scope.kind == SCOPE_PERSON;
    int64_t amount = INT_NONE;
    MonthEdited done = {.computed = true};
    TRY(sheet_take_place(c, &x->day_rows[at], row, "day"));
    row->scope = x->b.scope;
    sheet_begin_edit(row);
    for (size_t i = 0; i < metrics_count(x->b.metrics); i++) {
        const Metric *m = metrics_at(x->b.metrics, i);
        const char *field = talloc_asprintf(c->mem, "m_%s", m->code);
        if (!import_line_cell(row->line, field)) continue;
        bool wan = sheet_column_wan(c, x, field);
        int64_t whole = sheet_number(c, row, field, m, wan);
        if (m == x->b.metric) amount = whole;
        sheet_say(c, row, field, m, wan, whole, at < x->day_count ? metric_value(x->b.metrics, m, &x->days[at], x->b.to) : RATIO_NONE);
    }
    check_so_far(c, row, amount);
    if (row->errors) return row->errors;
    if (known || !person || !row->said_count) {
        sheet_tell_actuals(c, row, &done);
        if (row->said_count && !known) sheet_note(c, row, NOTE_INFO, NULL, N_("Days are people's: enter them in the sheet of the person"), NULL, NULL);
        return NULL;
    }
    ReportLine lines[SHEET_METRICS];
    size_t n = 0;
    for (size_t i = 0; i < row->said_count; i++) {
        const Said *s = &row->said[i];
        if (s->m->in_report) lines[n++] = (ReportLine){s->m, s->whole};
        else sheet_note(c, row, NOTE_PASSED, s->field, N_("Not a number of daily reports; {1} was passed over"), sheet_whole_text(c, x, s->m, s->whole), NULL);
    }
    if (!n) return NULL;
    TRY(sheet_at_cell(c, report_enter_day(c, x->b.scope.id, day, lines, n), "day"));
    *row->state = ROW_NEW;
    sheet_note(c, row, NOTE_CHANGE, NULL, N_("A daily report of {1} is entered; what it lacks (contract number, talking points) it is returned for"), sheet_cell(c, row, "day"), NULL);
    return NULL;
}

Error *sheet_tracking_row(Ctx *c, void *state, const ImportLine *line, ImportState *ret) {
    SheetRowRead *row;
    const char *cell;
    Date day;
    TRY(sheet_begin_row(c, state, line, ret, "day", &row, &cell));
    if (!row) return NULL;
    if (sheet_is_total(c, row->x, cell)) return NULL;
    if (!date_parse(cell, &day)) return err_field(c, "day", N_("Write a date such as 2026-01-02"));
    if (day < row->x->b.period.first || day > row->x->b.period.last) return err_field(c, "day", N_("The day is not in this sheet's month"));
    return take_day(c, row, day);
}

/* ---- 目标对比分析表: a metric a row ---- */

static const Metric *metric_named(Ctx *c, const SheetRead *x, const char *cell) {
    const char *name = sheet_without_unit(c->mem, cell);
    const Metric *m = metrics_by_name(c, x->b.metrics, name);
    for (size_t i = 0; !m && i < metrics_count(x->b.metrics); i++) {
        const Metric *one = metrics_at(x->b.metrics, i);
        if (text_equal(name, text_fold(c->mem, tr(lang_get("zh_CN"), one->name))) || text_equal(name, text_fold(c->mem, tr(lang_get("en"), one->name)))) m = one;
    }
    return m;
}

static Error *actual_shown(Ctx *c, const SheetRead *x, const Metric *m, Ratio *ret) {
    Sums sums;
    TRY(metric_sums(c, x->b.scope, x->b.period.first, x->b.to, &sums));
    *ret = metric_value(x->b.metrics, m, &sums, x->b.to);
    return NULL;
}

/* A row that is skipped for its target must not leave its actual behind. */
static Error *target_is_refused(Ctx *c, const SheetRead *x, const RawRow *raw, const Metric *m, bool wan, bool *ret) {
    int64_t whole;
    TargetEdit ignored;
    *ret = sheet_number_read(c->mem, m, wan, sheet_raw_cell(x, raw, "target"), &whole) != NULL;
    if (*ret || whole == INT_NONE) return NULL;
    TRY(db_exec(c, "SAVEPOINT target_trial"));
    Error *e = target_edit_month(c, m, x->b.scope, x->b.period.first, whole, x->seen, &ignored);
    if (e && e->status >= 500) return e;
    *ret = e != NULL;
    TRY(db_exec(c, "ROLLBACK TO SAVEPOINT target_trial"));
    return db_exec(c, "RELEASE SAVEPOINT target_trial");
}

/* The actuals of all rows go into the month together, with the first row that brings one: counts need the amount beside them. */
static Error *state_all(Ctx *c, SheetRowRead *row) {
    SheetRead *x = row->x;
    SheetRowRead all = {.x = x, .line = row->line, .state = row->state, .scope = x->b.scope};
    if (x->stated) return NULL;
    x->stated = true;
    sheet_begin_edit(&all);
    all.edit.lines = all.counts;
    for (size_t i = 0; i < x->row_count; i++) {
        const char *name = sheet_raw_cell(x, &x->rows[i], "metric");
        const Metric *m = metric_named(c, x, name);
        bool wan = sheet_heading_wan(c->mem, name, x->b.wan);
        int64_t whole;
        Ratio shown;
        if (!m || m->slot <= 0 || m->rollup != ROLLUP_SUM || sheet_number_read(c->mem, m, wan, sheet_raw_cell(x, &x->rows[i], "actual"), &whole)) continue;
        bool refused = false;
        if (x->rows[i].number != import_line_number(row->line)) TRY(target_is_refused(c, x, &x->rows[i], m, wan, &refused));
        TRY(actual_shown(c, x, m, &shown));
        if (!refused) sheet_say(c, &all, "actual", m, wan, whole, shown);
    }
    Error *e = sheet_says_something(&all.edit) ? report_edit_month(c, &all.edit, x->seen, &x->edited) : NULL;
    if (e && e->status >= 500) return e;
    x->refused = e;
    return NULL;
}

static Error *take_metric(Ctx *c, SheetRowRead *row, const Metric *m, bool wan) {
    SheetRead *x = row->x;
    Ratio shown;
    int64_t target = sheet_number(c, row, "target", m, wan), actual = sheet_number(c, row, "actual", m, wan);
    row->scope = x->b.scope;
    sheet_begin_edit(row);
    if (row->errors) return row->errors;
    TRY(actual_shown(c, x, m, &shown));
    sheet_say(c, row, "actual", m, wan, actual, shown);
    TRY(sheet_take_target(c, row, m, wan, target));
    if (row->said_count) {
        TRY(state_all(c, row));
        if (x->refused) return sheet_at_cell(c, x->refused, "actual");
        sheet_tell_actuals(c, row, &x->edited);
        if (x->edited.computed) actual = INT_NONE;
    }
    return sheet_check_rates(c, row, m, target, actual == INT_NONE ? RATIO_NONE : metric_of_whole(m, actual));
}

Error *sheet_comparison_row(Ctx *c, void *state, const ImportLine *line, ImportState *ret) {
    SheetRowRead *row;
    SheetRead *x = state;
    const char *cell;
    TRY(sheet_begin_row(c, state, line, ret, "metric", &row, &cell));
    if (!row) return NULL;
    const Metric *m = metric_named(c, x, cell);
    if (!m) return err_field(c, "metric", N_("There is no metric “{1}”"), text_cut(c->mem, cell, 60));
    size_t at = 0;
    while (metrics_at(x->b.metrics, at) != m) at++;
    if (at < sizeof x->metric_rows / sizeof *x->metric_rows) TRY(sheet_take_place(c, &x->metric_rows[at], row, "metric"));
    return take_metric(c, row, m, sheet_heading_wan(c->mem, cell, x->b.wan));
}

/* board_sheet_rows.c - what an edited cell of a sheet means: a target is the month's target, an actual what decision 0012 says, a text the monthly
 * report's, and what is computed is never read. Decision 0015. */
#include "base/i18n.h"
#include "modules/board/board_sheet_read.h"
#include "service/lang.h"
#include <string.h>
#include <talloc.h>

/* ---- cells ---- */

const char *sheet_cell(Ctx *c, const SheetRowRead *row, const char *field) {
    const char *cell = import_line_cell(row->line, field);
    return cell ? text_clean(c->mem, cell) : "";
}

bool sheet_column_wan(Ctx *c, const SheetRead *x, const char *field) {
    for (size_t i = 0; i < x->plan->count; i++)
        if (x->plan->columns[i].field && !strcmp(x->plan->columns[i].field->name, field)) return sheet_heading_wan(c->mem, x->plan->columns[i].heading, x->b.wan);
    return x->b.wan;
}

/* INT_NONE for a cell that says nothing, or is wrong: then an error waits. */
int64_t sheet_number(Ctx *c, SheetRowRead *row, const char *field, const Metric *m, bool wan) {
    int64_t n = INT_NONE;
    const char *why = sheet_number_read(c->mem, m, wan, sheet_cell(c, row, field), &n);
    if (why) err_add_field(c, &row->errors, field, why);
    return n;
}

const char *sheet_text(Ctx *c, const SheetRead *x, const Metric *m, Ratio value) {
    if (ratio_why(value) != RATIO_HAS_VALUE) return "—";
    const char *text = board_text(c, &x->b, m, value);
    return text;
}
const char *sheet_whole_text(Ctx *c, const SheetRead *x, const Metric *m, int64_t whole) {
    return sheet_text(c, x, m, metric_of_whole(m, whole));
}

void sheet_note(Ctx *c, const SheetRowRead *row, ImportNoteKind kind, const char *field, const char *msgid, const char *a, const char *b) {
    import_line_note(c, row->line, kind, field, (Msg){.id = msgid, .args = {a, b}});
}

/* What a function says of the whole row belongs to one cell. */
Error *sheet_at_cell(Ctx *c, Error *e, const char *field) {
    Error *own = NULL;
    if (!e || e->status >= 500) return e;
    err_add_field(c, &own, field, "{1}", msg_text(c->mem, c->lang, e->fields ? &e->fields->message : &e->message));
    return own;
}

/* ---- targets ---- */

Error *sheet_take_target(Ctx *c, SheetRowRead *row, const Metric *m, bool wan, int64_t whole) {
    const SheetRead *x = row->x;
    Ratio shown;
    TargetEdit t;
    if (whole == INT_NONE) return NULL;
    TRY(target_for(c, m, row->scope, x->b.period.first, x->b.period.last, TIER_BASE, x->b.view, &shown));
    if (sheet_shows(m, wan, whole, shown)) return NULL;
    Error *e = target_edit_month(c, m, row->scope, x->b.period.first, whole, x->seen, &t);
    if (e) return sheet_at_cell(c, e, "target");
    if (!t.changed) return NULL;
    *row->state = ROW_CHANGED;
    sheet_note(c, row, NOTE_CHANGE, "target", N_("{1} → {2}; a draft until the targets are published"), sheet_whole_text(c, x, m, t.stored), sheet_whole_text(c, x, m, whole));
    return NULL;
}

/* ---- actuals ---- */

void sheet_say(Ctx *c, SheetRowRead *row, const char *field, const Metric *m, bool wan, int64_t whole, Ratio shown) {
    bool counted = m->slot > 0 && m->rollup == ROLLUP_SUM, amount = !strcmp(m->code, "amount");
    if (whole == INT_NONE || sheet_shows(m, wan, whole, shown)) return;
    if (m->rollup == ROLLUP_INHERIT) {
        sheet_note(c, row, NOTE_PASSED, field, N_("Entered by hand among the entered values; {1} was passed over"), sheet_whole_text(c, row->x, m, whole), NULL);
        return;
    }
    if (!counted) {
        sheet_note(c, row, NOTE_PASSED, field, N_("Computed from other numbers; {1} was passed over"), sheet_whole_text(c, row->x, m, whole), NULL);
        return;
    }
    if (row->said_count == SHEET_METRICS) return;
    row->said[row->said_count++] = (Said){field, m, whole, shown};
    if (amount) row->edit.actual = whole;
    else row->counts[row->edit.line_count++] = (ReportLine){m, whole};
}

/* What came of the actuals, cell by cell. */
void sheet_tell_actuals(Ctx *c, SheetRowRead *row, const MonthEdited *done) {
    char day[DATE_TEXT];
    for (size_t i = 0; i < row->said_count; i++) {
        const Said *s = &row->said[i];
        const char *shown = sheet_text(c, row->x, s->m, s->shown), *said = sheet_whole_text(c, row->x, s->m, s->whole);
        if (done->computed) sheet_note(c, row, NOTE_PASSED, s->field, N_("Computed from the entries: {1} stays, {2} was passed over"), shown, said);
        else if (done->no_amount && strcmp(s->m->code, "amount") != 0) sheet_note(c, row, NOTE_PASSED, s->field, N_("Counts of a month are entered together with its amount; write 0 if there was none"), NULL, NULL);
        else if (done->numbers) sheet_note(c, row, NOTE_CHANGE, s->field, N_("{1} → {2}"), shown, said);
    }
    if (!done->numbers || !row->said_count) return;
    *row->state = ROW_CHANGED;
    if (row->scope.kind == SCOPE_UNIT) sheet_note(c, row, NOTE_INFO, NULL, N_("A team's actual is kept in its monthly report; boards add up what people have entered"), NULL, NULL);
    else if (done->entered_day != DATE_NONE && done->entered_day > row->x->b.to) sheet_note(c, row, NOTE_INFO, NULL, N_("It counts on boards from {1} on, the month's last working day"), date_text(done->entered_day, day), NULL);
}

void sheet_begin_edit(SheetRowRead *row) {
    row->edit = (MonthEdit){.employee_id = row->scope.kind == SCOPE_PERSON ? row->scope.id : 0, .unit_id = row->scope.kind == SCOPE_UNIT ? row->scope.id : 0, .month = row->x->b.period.first,
                            .actual = MONEY_NONE, .lines = row->counts};
}

bool sheet_says_something(const MonthEdit *e) {
    return e->actual != MONEY_NONE || e->line_count || e->problem || e->highlights || e->measures;
}

/* ---- texts ---- */

/* Where no report names a problem the sheet shows a hint of ours, which is nobody's text. */
static bool is_our_hint(const SheetRead *x, const char *cell) {
    static const char *const codes[] = {"zh_CN", "en"};
    for (size_t k = 0; k < sizeof codes / sizeof *codes; k++)
        for (size_t i = 0; i < metrics_count(x->b.metrics); i++)
            if (sheet_is_hint(cell, tr(lang_get(codes[k]), "{1}: ahead of {2}%"), tr(lang_get(codes[k]), metrics_at(x->b.metrics, i)->name))) return true;
    return false;
}

static const char *long_text(Ctx *c, SheetRowRead *row, const char *field) {
    const char *cell = sheet_cell(c, row, field);
    if (text_length(cell) > 2000) err_add_field(c, &row->errors, field, N_("At most {1} characters"), "2000");
    return *cell ? cell : NULL;
}

Error *sheet_take_texts(Ctx *c, SheetRowRead *row) {
    const char *shown = NULL;
    MonthEdit *e = &row->edit;
    e->problem = long_text(c, row, "problem"), e->highlights = long_text(c, row, "highlights"), e->measures = long_text(c, row, "measures");
    TRY(report_problem_of(c, e->employee_id, e->unit_id, e->month, &shown));
    if (e->problem && (text_equal(e->problem, shown) || is_our_hint(row->x, e->problem))) e->problem = NULL;
    return NULL;
}

void sheet_tell_texts(Ctx *c, SheetRowRead *row, const MonthEdited *done) {
    const struct { const char *field, *text; } texts[] = {{"problem", row->edit.problem}, {"highlights", row->edit.highlights}, {"measures", row->edit.measures}};
    if (!done->changed) return;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (!texts[i].text) continue;
        *row->state = ROW_CHANGED;
        sheet_note(c, row, NOTE_CHANGE, texts[i].field, N_("In the monthly report: {1}"), text_cut(c->mem, texts[i].text, 60), NULL);
    }
}

/* ---- what is computed ---- */

/* 完成率 and 同比 of the row itself: never read, but what contradicts the row's own numbers is told. */
Error *sheet_check_rates(Ctx *c, SheetRowRead *row, const Metric *m, int64_t target, Ratio actual) {
    const SheetRead *x = row->x;
    Standing s;
    TRY(board_standing(c, &x->b, row->scope, m, &s));
    Ratio of = target == INT_NONE ? s.target : metric_of_whole(m, target), now = ratio_why(actual) == RATIO_HAS_VALUE ? actual : s.actual;
    Ratio rates[] = {metric_attainment(m, now, of), growth_of(now, s.last_year)};
    static const char *const fields[] = {"attainment", "growth"};
    for (int i = 0; i < 2; i++)
        if (sheet_rate_contradicts(c->mem, sheet_cell(c, row, fields[i]), rates[i]))
            sheet_note(c, row, NOTE_PASSED, fields[i], N_("Always computed: {1} of this row's numbers, the sheet says {2}"), percent_text(c, rates[i]), sheet_cell(c, row, fields[i]));
    const char *growth = sheet_cell(c, row, "growth");
    if (*growth && strcmp(growth, "—") != 0 && ratio_why(s.last_year) != RATIO_HAS_VALUE)
        sheet_note(c, row, NOTE_INFO, "growth", N_("Last year's month is not known, so {1} was passed over; import last year's sheet and it is computed"), growth, NULL);
    return NULL;
}

/* ---- rows and what is none ---- */

static bool is_blank(const RawRow *row) {
    for (size_t i = 0; i < row->count; i++)
        if (*row->cells[i]) return false;
    return true;
}

static const RawRow *raw_of(const SheetRowRead *row) {
    const SheetRead *x = row->x;
    size_t i = 0;
    while (i < x->row_count && x->rows[i].number != import_line_number(row->line)) i++;
    return i < x->row_count ? &x->rows[i] : NULL;
}

static bool is_row(Ctx *c, const SheetRowRead *row) {
    SheetAbout about;
    const RawRow *raw = raw_of(row);
    return raw && !is_blank(raw) && !sheet_row_is_about(c, raw, &about);
}

Error *sheet_begin_row(Ctx *c, void *state, const ImportLine *line, ImportState *state_of_row, const char *field, SheetRowRead **ret, const char **ret_cell) {
    SheetRowRead *row = talloc_zero(c->mem, SheetRowRead);
    *row = (SheetRowRead){.x = state, .line = line, .state = state_of_row};
    *ret = NULL;
    if (!is_row(c, row)) return NULL;
    *state_of_row = ROW_SAME;
    *ret = row;
    *ret_cell = sheet_cell(c, row, field);
    return **ret_cell ? NULL : err_field(c, field, N_("This is required"));
}

Error *sheet_take_place(Ctx *c, int64_t *taken, const SheetRowRead *row, const char *field) {
    if (*taken) return err_field(c, field, N_("This repeats row {1}"), talloc_asprintf(c->mem, "%lld", (long long)*taken));
    *taken = import_line_number(row->line);
    return NULL;
}

/* board_sheet_rows.c - what an edited cell of a sheet means: a target is the month's target, an actual what decision 0012 says, a text the monthly
 * report's, and what is computed is never read. Decision 0014. */
#include "base/i18n.h"
#include "modules/board/board_sheet_read.h"
#include "modules/org/org.h"
#include "service/lang.h"
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

/* An actual that differs from what the sheet would show; told of once it is known what becomes of it. */
typedef struct Said {
    const char *field;
    const Metric *m;
    int64_t whole;
    Ratio shown;
} Said;

typedef struct Row {
    SheetRead *x;
    const ImportLine *line;
    ImportState *state;
    MetricScope scope;
    Error *errors;
    MonthEdit edit;
    ReportLine counts[SHEET_METRICS];
    Said said[SHEET_METRICS];
    size_t said_count;
} Row;

/* ---- cells ---- */

static const char *cell_of(Ctx *c, const Row *row, const char *field) {
    const char *cell = import_line_cell(row->line, field);
    return cell ? text_clean(c->mem, cell) : "";
}

static bool column_wan(Ctx *c, const SheetRead *x, const char *field) {
    for (size_t i = 0; i < x->plan->count; i++)
        if (x->plan->columns[i].field && !strcmp(x->plan->columns[i].field->name, field)) return sheet_heading_wan(c->mem, x->plan->columns[i].heading, x->b.wan);
    return x->b.wan;
}

/* INT_NONE for a cell that says nothing, or is wrong: then an error waits. */
static int64_t number_of(Ctx *c, Row *row, const char *field, const Metric *m, bool wan) {
    int64_t n = INT_NONE;
    const char *why = sheet_number_read(c->mem, m, wan, cell_of(c, row, field), &n);
    if (why) err_add_field(c, &row->errors, field, why);
    return n;
}

static const char *text_of(Ctx *c, const SheetRead *x, const Metric *m, Ratio value) {
    if (ratio_why(value) != RATIO_HAS_VALUE) return "—";
    const char *text = board_text(c, &x->b, m, value);
    return text;
}
static const char *whole_text(Ctx *c, const SheetRead *x, const Metric *m, int64_t whole) {
    return text_of(c, x, m, metric_of_whole(m, whole));
}

static void note(Ctx *c, const Row *row, ImportNoteKind kind, const char *field, const char *msgid, const char *a, const char *b) {
    import_line_note(c, row->line, kind, field, (Msg){.id = msgid, .args = {a, b}});
}

/* What a function says of the whole row belongs to one cell. */
static Error *at_cell(Ctx *c, Error *e, const char *field) {
    Error *own = NULL;
    if (!e || e->status >= 500) return e;
    err_add_field(c, &own, field, "{1}", msg_text(c->mem, c->lang, e->fields ? &e->fields->message : &e->message));
    return own;
}

/* ---- targets ---- */

static Error *take_target(Ctx *c, Row *row, const Metric *m, bool wan, int64_t whole) {
    const SheetRead *x = row->x;
    Ratio shown;
    TargetEdit t;
    if (whole == INT_NONE) return NULL;
    TRY(target_for(c, m, row->scope, x->b.period.first, x->b.period.last, TIER_BASE, x->b.view, &shown));
    if (sheet_shows(m, wan, whole, shown)) return NULL;
    Error *e = target_edit_month(c, m, row->scope, x->b.period.first, whole, x->seen, &t);
    if (e) return at_cell(c, e, "target");
    if (!t.changed) return NULL;
    *row->state = ROW_CHANGED;
    note(c, row, NOTE_CHANGE, "target", N_("{1} → {2}; a draft until the targets are published"), whole_text(c, x, m, t.stored), whole_text(c, x, m, whole));
    return NULL;
}

/* ---- actuals ---- */

static void say(Ctx *c, Row *row, const char *field, const Metric *m, bool wan, int64_t whole, Ratio shown) {
    bool counted = m->slot > 0 && m->rollup == ROLLUP_SUM, amount = !strcmp(m->code, "amount");
    if (whole == INT_NONE || sheet_shows(m, wan, whole, shown)) return;
    if (!counted) {
        note(c, row, NOTE_PASSED, field, N_("Computed from other numbers; {1} was passed over"), whole_text(c, row->x, m, whole), NULL);
        return;
    }
    if (row->said_count == SHEET_METRICS) return;
    row->said[row->said_count++] = (Said){field, m, whole, shown};
    if (amount) row->edit.actual = whole;
    else row->counts[row->edit.line_count++] = (ReportLine){m, whole};
}

/* What came of the actuals, cell by cell. */
static void tell_actuals(Ctx *c, Row *row, const MonthEdited *done) {
    char day[DATE_TEXT];
    for (size_t i = 0; i < row->said_count; i++) {
        const Said *s = &row->said[i];
        const char *shown = text_of(c, row->x, s->m, s->shown), *said = whole_text(c, row->x, s->m, s->whole);
        if (done->computed) note(c, row, NOTE_PASSED, s->field, N_("Computed from the entries: {1} stays, {2} was passed over"), shown, said);
        else if (done->no_amount && strcmp(s->m->code, "amount") != 0) note(c, row, NOTE_PASSED, s->field, N_("Counts of a month are entered together with its amount; write 0 if there was none"), NULL, NULL);
        else if (done->numbers) note(c, row, NOTE_CHANGE, s->field, N_("{1} → {2}"), shown, said);
    }
    if (!done->numbers || !row->said_count) return;
    *row->state = ROW_CHANGED;
    if (row->scope.kind == SCOPE_UNIT) note(c, row, NOTE_INFO, NULL, N_("A team's actual is kept in its monthly report; boards add up what people have entered"), NULL, NULL);
    else if (done->entered_day != DATE_NONE && done->entered_day > row->x->b.to) note(c, row, NOTE_INFO, NULL, N_("It counts on boards from {1} on, the month's last working day"), date_text(done->entered_day, day), NULL);
}

static void begin_edit(Row *row) {
    row->edit = (MonthEdit){.employee_id = row->scope.kind == SCOPE_PERSON ? row->scope.id : 0, .unit_id = row->scope.kind == SCOPE_UNIT ? row->scope.id : 0, .month = row->x->b.period.first,
                            .actual = MONEY_NONE, .lines = row->counts};
}

static bool says_something(const MonthEdit *e) {
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

static const char *long_text(Ctx *c, Row *row, const char *field) {
    const char *cell = cell_of(c, row, field);
    if (text_length(cell) > 2000) err_add_field(c, &row->errors, field, N_("At most {1} characters"), "2000");
    return *cell ? cell : NULL;
}

static Error *take_texts(Ctx *c, Row *row) {
    const char *shown = NULL;
    MonthEdit *e = &row->edit;
    e->problem = long_text(c, row, "problem"), e->highlights = long_text(c, row, "highlights"), e->measures = long_text(c, row, "measures");
    TRY(report_problem_of(c, e->employee_id, e->unit_id, e->month, &shown));
    if (e->problem && (text_equal(e->problem, shown) || is_our_hint(row->x, e->problem))) e->problem = NULL;
    return NULL;
}

static void tell_texts(Ctx *c, Row *row, const MonthEdited *done) {
    const struct { const char *field, *text; } texts[] = {{"problem", row->edit.problem}, {"highlights", row->edit.highlights}, {"measures", row->edit.measures}};
    if (!done->changed) return;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (!texts[i].text) continue;
        *row->state = ROW_CHANGED;
        note(c, row, NOTE_CHANGE, texts[i].field, N_("In the monthly report: {1}"), text_cut(c->mem, texts[i].text, 60), NULL);
    }
}

/* ---- what is computed ---- */

/* 完成率 and 同比 of the row itself: never read, but what contradicts the row's own numbers is told. */
static Error *check_rates(Ctx *c, Row *row, const Metric *m, int64_t target, Ratio actual) {
    const SheetRead *x = row->x;
    Standing s;
    TRY(board_standing(c, &x->b, row->scope, m, &s));
    Ratio of = target == INT_NONE ? s.target : metric_of_whole(m, target), now = ratio_why(actual) == RATIO_HAS_VALUE ? actual : s.actual;
    Ratio rates[] = {metric_attainment(m, now, of), growth_of(now, s.last_year)};
    static const char *const fields[] = {"attainment", "growth"};
    for (int i = 0; i < 2; i++)
        if (sheet_rate_contradicts(c->mem, cell_of(c, row, fields[i]), rates[i]))
            note(c, row, NOTE_PASSED, fields[i], N_("Always computed: {1} of this row's numbers, the sheet says {2}"), percent_text(c, rates[i]), cell_of(c, row, fields[i]));
    const char *growth = cell_of(c, row, "growth");
    if (*growth && strcmp(growth, "—") != 0 && ratio_why(s.last_year) != RATIO_HAS_VALUE)
        note(c, row, NOTE_INFO, "growth", N_("Last year's month is not known, so {1} was passed over; import last year's sheet and it is computed"), growth, NULL);
    return NULL;
}

/* ---- a team's sheets: people or teams, and the total ---- */

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

static bool is_blank(const RawRow *row) {
    for (size_t i = 0; i < row->count; i++)
        if (*row->cells[i]) return false;
    return true;
}

static const RawRow *raw_of(const Row *row) {
    const SheetRead *x = row->x;
    size_t i = 0;
    while (i < x->row_count && x->rows[i].number != import_line_number(row->line)) i++;
    return i < x->row_count ? &x->rows[i] : NULL;
}

/* Blank lines and the line that says what the sheet is about are no rows. */
static bool is_no_row(Ctx *c, const Row *row) {
    SheetAbout about;
    const RawRow *raw = raw_of(row);
    return !raw || is_blank(raw) || sheet_row_is_about(c, raw, &about);
}

static Error *take_place(Ctx *c, int64_t *taken, const Row *row, const char *field) {
    if (*taken) return err_field(c, field, N_("This repeats row {1}"), talloc_asprintf(c->mem, "%lld", (long long)*taken));
    *taken = import_line_number(row->line);
    return NULL;
}

/* The total is computed: its target alone is the unit's own. */
static Error *check_total(Ctx *c, Row *row, int64_t actual) {
    const SheetRead *x = row->x;
    const Metric *m = x->b.metric;
    bool wan = column_wan(c, x, "actual");
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
    if (sum != actual) note(c, row, NOTE_PASSED, "actual", N_("The total is computed: the rows make {1}, the sheet says {2}"), whole_text(c, x, m, sum), whole_text(c, x, m, actual));
    return NULL;
}

/* All metrics that have a column of their own (团队业绩汇总表). */
static Error *take_metrics(Ctx *c, Row *row, Ratio *ret_actual) {
    const SheetRead *x = row->x;
    Sums sums;
    TRY(metric_sums(c, row->scope, x->b.period.first, x->b.to, &sums));
    for (size_t i = 0; i < metrics_count(x->b.metrics); i++) {
        const Metric *m = metrics_at(x->b.metrics, i);
        const char *field = talloc_asprintf(c->mem, "m_%s", m->code);
        if (!import_line_cell(row->line, field)) continue;
        bool wan = column_wan(c, x, field);
        int64_t whole = number_of(c, row, field, m, wan);
        if (m == x->b.metric && whole != INT_NONE) *ret_actual = metric_of_whole(m, whole);
        say(c, row, field, m, wan, whole, metric_value(x->b.metrics, m, &sums, x->b.to));
    }
    if (!import_line_cell(row->line, "actual")) return NULL;
    const Metric *m = x->b.metric;
    bool wan = column_wan(c, x, "actual");
    int64_t whole = number_of(c, row, "actual", m, wan);
    if (whole != INT_NONE) *ret_actual = metric_of_whole(m, whole);
    say(c, row, "actual", m, wan, whole, metric_value(x->b.metrics, m, &sums, x->b.to));
    return NULL;
}

static Error *take_line(Ctx *c, Row *row, size_t at) {
    SheetRead *x = row->x;
    Ratio actual = RATIO_NONE;
    MonthEdited done;
    bool wan = column_wan(c, x, "target");
    int64_t target = number_of(c, row, "target", x->b.metric, wan);
    row->scope = x->lines[at].scope;
    begin_edit(row);
    TRY(take_metrics(c, row, &actual));
    TRY(take_texts(c, row));
    if (row->errors) return row->errors;
    TRY(take_place(c, &x->taken[at], row, "subject"));
    TRY(take_target(c, row, x->b.metric, wan, target));
    if (target != INT_NONE) x->target_sum += target, x->with_target++;
    if (says_something(&row->edit)) {
        Error *e = report_edit_month(c, &row->edit, x->seen, &done);
        if (e) return at_cell(c, e, row->said_count ? row->said[0].field : row->edit.problem ? "problem" : row->edit.highlights ? "highlights" : "measures");
        tell_actuals(c, row, &done);
        tell_texts(c, row, &done);
        if (done.computed) actual = RATIO_NONE; /* the entries' is the one that holds */
    }
    return check_rates(c, row, x->b.metric, target, actual);
}

static Error *take_total(Ctx *c, Row *row) {
    SheetRead *x = row->x;
    bool wan = column_wan(c, x, "target");
    row->scope = x->b.scope;
    int64_t target = number_of(c, row, "target", x->b.metric, wan), actual = number_of(c, row, "actual", x->b.metric, column_wan(c, x, "actual"));
    if (row->errors) return row->errors;
    TRY(take_place(c, &x->taken[x->line_count], row, "subject"));
    TRY(take_target(c, row, x->b.metric, wan, target));
    if (*cell_of(c, row, "problem")) note(c, row, NOTE_PASSED, "problem", N_("The team's own problem belongs into its monthly report; it was passed over"), NULL, NULL);
    TRY(check_total(c, row, actual));
    return check_rates(c, row, x->b.metric, target, actual == INT_NONE ? RATIO_NONE : metric_of_whole(x->b.metric, actual));
}

Error *sheet_team_row(Ctx *c, void *state, const ImportLine *line, ImportState *ret) {
    Row *row = talloc_zero(c->mem, Row);
    size_t at;
    *row = (Row){.x = state, .line = line, .state = ret};
    if (is_no_row(c, row)) return NULL;
    *ret = ROW_SAME;
    const char *name = cell_of(c, row, "subject");
    if (!*name) return err_field(c, "subject", N_("This is required"));
    if (sheet_is_total(c, row->x, name)) return take_total(c, row);
    TRY(find_line(c, row->x, name, &at));
    return take_line(c, row, at);
}

/* A sheet without a total, of everybody, into a unit that has no target yet: it is the rows' sum, as the sheet of the sources has it. */
Error *sheet_team_end(Ctx *c, void *state, const ImportLine *line) {
    SheetRead *x = state;
    const Metric *m = x->b.metric;
    ImportState ignored;
    Row row = {.x = x, .line = line, .state = &ignored, .scope = x->b.scope};
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
    note(c, &row, NOTE_CHANGE, NULL, N_("The sheet has no total: the target of {1} becomes the rows' sum, {2}"), x->b.name, whole_text(c, x, m, x->target_sum));
    return NULL;
}

/* ---- 个人业绩跟踪表: a day a row ---- */

/* The sum so far is computed; each of its parts may be rounded to 0.01 万元. */
static void check_so_far(Ctx *c, Row *row, int64_t amount) {
    SheetRead *x = row->x;
    const Metric *m = x->b.metric;
    int64_t said = number_of(c, row, "so_far", m, column_wan(c, x, "so_far")), room = m->unit == UNIT_YUAN && column_wan(c, x, "so_far") ? ++x->so_far_rows * 10000 : 0;
    if (amount != INT_NONE) x->so_far += amount;
    if (said != INT_NONE && llabs(said - x->so_far) > room)
        note(c, row, NOTE_PASSED, "so_far", N_("The sum so far is computed: the rows make {1}, the sheet says {2}"), whole_text(c, x, m, x->so_far), whole_text(c, x, m, said));
}

static Error *take_day(Ctx *c, Row *row, Date day) {
    SheetRead *x = row->x;
    int at = day - x->b.period.first;
    bool known = at < x->day_count && x->days[at].facts, person = x->b.scope.kind == SCOPE_PERSON;
    int64_t amount = INT_NONE;
    MonthEdited done = {.computed = true};
    TRY(take_place(c, &x->day_rows[at], row, "day"));
    row->scope = x->b.scope;
    begin_edit(row);
    for (size_t i = 0; i < metrics_count(x->b.metrics); i++) {
        const Metric *m = metrics_at(x->b.metrics, i);
        const char *field = talloc_asprintf(c->mem, "m_%s", m->code);
        if (!import_line_cell(row->line, field)) continue;
        bool wan = column_wan(c, x, field);
        int64_t whole = number_of(c, row, field, m, wan);
        if (m == x->b.metric) amount = whole;
        say(c, row, field, m, wan, whole, at < x->day_count ? metric_value(x->b.metrics, m, &x->days[at], x->b.to) : RATIO_NONE);
    }
    check_so_far(c, row, amount);
    if (row->errors) return row->errors;
    if (known || !person || !row->said_count) {
        tell_actuals(c, row, &done);
        if (row->said_count && !known) note(c, row, NOTE_INFO, NULL, N_("Days are people's: enter them in the sheet of the person"), NULL, NULL);
        return NULL;
    }
    ReportLine lines[SHEET_METRICS];
    size_t n = 0;
    for (size_t i = 0; i < row->said_count; i++) {
        const Said *s = &row->said[i];
        if (s->m->in_report) lines[n++] = (ReportLine){s->m, s->whole};
        else note(c, row, NOTE_PASSED, s->field, N_("Not a number of daily reports; {1} was passed over"), whole_text(c, x, s->m, s->whole), NULL);
    }
    if (!n) return NULL;
    TRY(at_cell(c, report_enter_day(c, x->b.scope.id, day, lines, n), "day"));
    *row->state = ROW_NEW;
    note(c, row, NOTE_CHANGE, NULL, N_("A daily report of {1} is entered; what it lacks (contract number, talking points) it is returned for"), cell_of(c, row, "day"), NULL);
    return NULL;
}

Error *sheet_tracking_row(Ctx *c, void *state, const ImportLine *line, ImportState *ret) {
    Row *row = talloc_zero(c->mem, Row);
    Date day;
    *row = (Row){.x = state, .line = line, .state = ret};
    if (is_no_row(c, row)) return NULL;
    *ret = ROW_SAME;
    const char *cell = cell_of(c, row, "day");
    if (!*cell) return err_field(c, "day", N_("This is required"));
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
static Error *state_all(Ctx *c, Row *row) {
    SheetRead *x = row->x;
    Row all = {.x = x, .line = row->line, .state = row->state, .scope = x->b.scope};
    if (x->stated) return NULL;
    x->stated = true;
    begin_edit(&all);
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
        if (!refused) say(c, &all, "actual", m, wan, whole, shown);
    }
    Error *e = says_something(&all.edit) ? report_edit_month(c, &all.edit, x->seen, &x->edited) : NULL;
    if (e && e->status >= 500) return e;
    x->refused = e;
    return NULL;
}

static Error *take_metric(Ctx *c, Row *row, const Metric *m, bool wan) {
    SheetRead *x = row->x;
    Ratio shown;
    int64_t target = number_of(c, row, "target", m, wan), actual = number_of(c, row, "actual", m, wan);
    row->scope = x->b.scope;
    begin_edit(row);
    if (row->errors) return row->errors;
    TRY(actual_shown(c, x, m, &shown));
    say(c, row, "actual", m, wan, actual, shown);
    TRY(take_target(c, row, m, wan, target));
    if (row->said_count) {
        TRY(state_all(c, row));
        if (x->refused) return at_cell(c, x->refused, "actual");
        tell_actuals(c, row, &x->edited);
        if (x->edited.computed) actual = INT_NONE;
    }
    return check_rates(c, row, m, target, actual == INT_NONE ? RATIO_NONE : metric_of_whole(m, actual));
}

Error *sheet_comparison_row(Ctx *c, void *state, const ImportLine *line, ImportState *ret) {
    Row *row = talloc_zero(c->mem, Row);
    SheetRead *x = state;
    *row = (Row){.x = x, .line = line, .state = ret};
    if (is_no_row(c, row)) return NULL;
    *ret = ROW_SAME;
    const char *cell = cell_of(c, row, "metric");
    if (!*cell) return err_field(c, "metric", N_("This is required"));
    const Metric *m = metric_named(c, x, cell);
    if (!m) return err_field(c, "metric", N_("There is no metric “{1}”"), text_cut(c->mem, cell, 60));
    size_t at = 0;
    while (metrics_at(x->b.metrics, at) != m) at++;
    if (at < sizeof x->metric_rows / sizeof *x->metric_rows) TRY(take_place(c, &x->metric_rows[at], row, "metric"));
    return take_metric(c, row, m, sheet_heading_wan(c->mem, cell, x->b.wan));
}

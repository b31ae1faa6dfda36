/* board_sheets.c - the sources' own tables as live views: 团队月度业绩看板, 团队业绩汇总表, 个人业绩跟踪表, 目标对比分析表. */
#include "base/i18n.h"
#include "modules/board/board_private.h"
#include "modules/board/board_sheet_rules.h"
#include "modules/report/report.h"
#include <string.h>
#include <talloc.h>

static void heading(Ctx *c, const Board *b, Value table, const char *title, const Metric *m) {
    Msg msg = {.id = N_("{1} ({2})"), .args = {title, board_unit(c, b, m)}};
    document_column(c, table, msg_text(c->mem, c->lang, &msg), true);
}
static void percent_heading(Ctx *c, Value table, const char *title) {
    Msg msg = {.id = N_("{1} ({2})"), .args = {title, "%"}};
    document_column(c, table, msg_text(c->mem, c->lang, &msg), true);
}

/* The sheet's heading holds the unit, so its cells are bare numbers that a spreadsheet computes with. */
static Value sheet_exact(const Board *b, const Metric *m, Ratio value) {
    int64_t n;
    if (m->unit != UNIT_YUAN || !b->wan) return metric_json(m, value);
    return ratio_scaled(ratio_div(value, ratio_make(10000, 1)), 100, &n) ? value_money(n) : value_null();
}
static void amount(Ctx *c, const Board *b, Value row, const Metric *m, Ratio value) {
    document_number(c, row, board_text(c, b, m, value), sheet_exact(b, m, value));
}
static void percent(Ctx *c, Value row, Ratio r) {
    char buf[MONEY_TEXT];
    int64_t n;
    document_number(c, row, ratio_scaled(r, 10000, &n) ? talloc_strdup(c->mem, money_grouped(n, buf)) : "—", percent_json(r));
}
static void signed_percent(Ctx *c, Value row, Ratio r) {
    char buf[MONEY_TEXT];
    int64_t n;
    const char *text = ratio_scaled(r, 10000, &n) ? talloc_asprintf(c->mem, "%s%s", n > 0 ? "+" : "", money_grouped(n, buf)) : "—";
    document_number(c, row, text, percent_json(r));
}

/* ---- 团队月度业绩看板 ---- */

static void team_row(Ctx *c, const Board *b, Value table, const BoardLine *line, const Standing *s, const char *problem, bool bold) {
    Value row = document_row(c, table, bold);
    Value name = document_text(c, row, line->name);
    if (!bold) value_set(name, "href", value_text(board_scope_href(c, b, line->scope)));
    amount(c, b, row, b->metric, s->target);
    amount(c, b, row, b->metric, s->actual);
    percent(c, row, s->pace.attainment);
    signed_percent(c, row, growth_of(s->actual, s->last_year));
    document_text(c, row, problem);
}

static const char *weak_text(Ctx *c, const BoardPeople *people, int64_t id) {
    for (size_t i = 0; i < people->count; i++) {
        const BoardPerson *p = &people->list[i];
        if (p->id != id || !p->weakest) continue;
        Msg weak = {.id = N_("{1}: ahead of {2}%"), .args = {tr(c->lang, p->weakest->name), talloc_asprintf(c->mem, "%d", p->percentile)}};
        return msg_text(c->mem, c->lang, &weak);
    }
    return "";
}

/* What the monthly report says; without one, where the person stands lowest among the peers. */
static Error *key_problem(Ctx *c, const Board *b, const BoardPeople *people, MetricScope scope, const char **ret) {
    *ret = NULL;
    bool person = scope.kind == SCOPE_PERSON;
    if (b->period.kind == PERIOD_MONTH) TRY(report_problem_of(c, person ? scope.id : 0, person ? 0 : scope.id, b->period.first, ret));
    if (!*ret) *ret = person ? weak_text(c, people, scope.id) : "";
    return NULL;
}

static Error *team_sheet(Ctx *c, const Board *b, Value table) {
    BoardLine *lines = NULL, total = {b->scope, tr(c->lang, N_("Total"))};
    size_t n = 0;
    Standing s;
    BoardPeople people = {0};
    TRY(board_lines(c, b, &lines, &n));
    bool of_people = n && lines[0].scope.kind == SCOPE_PERSON;
    if (of_people) TRY(board_people(c, b, b->scope.id, &people));
    document_column(c, table, tr(c->lang, of_people ? N_("Salesperson") : N_("Team")), false);
    heading(c, b, table, tr(c->lang, b->period.kind == PERIOD_MONTH ? N_("Target of the month") : N_("Target")), b->metric);
    heading(c, b, table, tr(c->lang, N_("Actual")), b->metric);
    percent_heading(c, table, tr(c->lang, N_("Attainment")));
    percent_heading(c, table, tr(c->lang, N_("Growth on last year")));
    document_column(c, table, tr(c->lang, N_("Key problem")), false);
    for (size_t i = 0; i < n; i++) {
        TRY(board_standing(c, b, lines[i].scope, b->metric, &s));
        const char *problem;
        TRY(key_problem(c, b, &people, lines[i].scope, &problem));
        team_row(c, b, table, &lines[i], &s, problem, false);
    }
    TRY(board_standing(c, b, b->scope, b->metric, &s));
    team_row(c, b, table, &total, &s, "", true);
    return NULL;
}

/* ---- 团队业绩汇总表: everybody by all metrics of the report ---- */

bool board_sheet_shows(const Metric *m) {
    return m->active && (m->in_report || m->kind == 0);
}

static Error *summary_row(Ctx *c, const Board *b, Value table, const BoardLine *line, bool bold) {
    Sums sums;
    Ratio target;
    TRY(metric_sums(c, line->scope, b->period.first, b->to, &sums));
    TRY(target_for(c, b->metric, line->scope, b->period.first, b->period.last, TIER_BASE, b->view, &target));
    Value row = document_row(c, table, bold), name = document_text(c, row, line->name);
    if (!bold) value_set(name, "href", value_text(board_scope_href(c, b, line->scope)));
    amount(c, b, row, b->metric, target);
    percent(c, row, metric_attainment(b->metric, metric_value(b->metrics, b->metric, &sums, b->to), target));
    for (size_t i = 0; i < metrics_count(b->metrics); i++) {
        const Metric *m = metrics_at(b->metrics, i);
        if (board_sheet_shows(m)) amount(c, b, row, m, metric_value(b->metrics, m, &sums, b->to));
    }
    return NULL;
}

static Error *summary_sheet(Ctx *c, const Board *b, Value table) {
    BoardLine *lines = NULL, total = {b->scope, tr(c->lang, N_("Total"))};
    size_t n = 0;
    TRY(board_lines(c, b, &lines, &n));
    document_column(c, table, tr(c->lang, n && lines[0].scope.kind == SCOPE_PERSON ? N_("Salesperson") : N_("Team")), false);
    heading(c, b, table, tr(c->lang, N_("Target")), b->metric);
    percent_heading(c, table, tr(c->lang, N_("Attainment")));
    for (size_t i = 0; i < metrics_count(b->metrics); i++) {
        const Metric *m = metrics_at(b->metrics, i);
        if (board_sheet_shows(m)) heading(c, b, table, tr(c->lang, m->name), m);
    }
    for (size_t i = 0; i < n; i++) TRY(summary_row(c, b, table, &lines[i], false));
    return summary_row(c, b, table, &total, true);
}

/* ---- 个人业绩跟踪表: a day a row, with the sum so far ---- */

/* What is not summed is a month's, not a day's. */
static bool has_days(const Metric *m) {
    return board_sheet_shows(m) && m->rollup != ROLLUP_INHERIT;
}

static Error *tracking_sheet(Ctx *c, const Board *b, Value table) {
    int days = b->to - b->period.first + 1;
    Sums *sums = talloc_array(c->mem, Sums, (unsigned)days), so_far = {0};
    Ratio target;
    char day[DATE_TEXT];
    Period from = {PERIOD_DAY, b->period.first, b->period.first};
    TRY(metric_series(c, b->scope, from, days, b->fiscal_month, sums));
    if (b->metric->rollup == ROLLUP_INHERIT) { /* nothing adds up: every row shows the period's value */
        TRY(metric_sums(c, b->scope, b->period.first, b->to, &so_far));
        so_far = (Sums){.levels = so_far.levels};
    }
    TRY(target_for(c, b->metric, b->scope, b->period.first, b->period.last, TIER_BASE, b->view, &target));
    document_column(c, table, tr(c->lang, N_("Day")), false);
    for (size_t i = 0; i < metrics_count(b->metrics); i++) {
        const Metric *m = metrics_at(b->metrics, i);
        if (has_days(m)) heading(c, b, table, tr(c->lang, m->name), m);
    }
    Msg title = {.id = N_("{1} so far"), .args = {tr(c->lang, b->metric->name)}};
    heading(c, b, table, msg_text(c->mem, c->lang, &title), b->metric);
    percent_heading(c, table, tr(c->lang, N_("Attainment")));
    for (int i = 0; i <= days; i++) {
        const Sums *shown = i < days ? &sums[i] : &so_far;
        if (i < days && !sums[i].facts) continue;
        if (i < days) metric_add(b->metrics, &so_far, &sums[i]);
        Value row = document_row(c, table, i == days);
        Date d = b->period.first + i;
        Value cell = document_text(c, row, i < days ? talloc_strdup(c->mem, date_text(d, day)) : tr(c->lang, N_("Total")));
        if (i < days) value_set(cell, "href", value_text(board_facts_href(c, b->scope, d, d)));
        for (size_t k = 0; k < metrics_count(b->metrics); k++) {
            const Metric *m = metrics_at(b->metrics, k);
            if (has_days(m)) amount(c, b, row, m, metric_value(b->metrics, m, shown, b->to));
        }
        Ratio reached = metric_value(b->metrics, b->metric, &so_far, b->to);
        amount(c, b, row, b->metric, reached);
        percent(c, row, metric_attainment(b->metric, reached, target));
    }
    return NULL;
}

/* ---- 目标对比分析表: a metric a row ---- */

static Error *comparison_sheet(Ctx *c, const Board *b, Value table) {
    static const char *const titles[] = {N_("Target"), N_("Actual"), N_("Difference"), N_("Attainment"), N_("Time elapsed"), N_("Ahead of time"), N_("Period before"), N_("On the period before"),
                                         N_("Same period last year"), N_("Year on year")};
    static const bool percents[] = {false, false, false, true, true, true, false, true, false, true};
    document_column(c, table, tr(c->lang, N_("Metric")), false);
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        percents[i] ? percent_heading(c, table, tr(c->lang, titles[i])) : (void)document_column(c, table, tr(c->lang, titles[i]), true);
    for (size_t i = 0; i < metrics_count(b->metrics); i++) {
        const Metric *m = metrics_at(b->metrics, i);
        Standing s;
        if (!board_sheet_shows(m)) continue;
        TRY(board_standing(c, b, b->scope, m, &s));
        Value row = document_row(c, table, false);
        Msg title = {.id = N_("{1} ({2})"), .args = {tr(c->lang, m->name), board_unit(c, b, m)}};
        document_text(c, row, msg_text(c->mem, c->lang, &title));
        amount(c, b, row, m, s.target);
        amount(c, b, row, m, s.actual);
        amount(c, b, row, m, ratio_sub(s.actual, s.target));
        percent(c, row, s.pace.attainment);
        percent(c, row, s.pace.elapsed);
        signed_percent(c, row, s.pace.ahead);
        amount(c, b, row, m, s.last);
        signed_percent(c, row, growth_of(s.actual, s.last));
        amount(c, b, row, m, s.last_year);
        signed_percent(c, row, growth_of(s.actual, s.last_year));
    }
    return NULL;
}

/* ---- pages ---- */

static const struct {
    const char *code, *title;
    Error *(*fill)(Ctx *c, const Board *b, Value table);
    bool units; /* only for a unit */
} sheets[] = {
    {"team", N_("Team results"), team_sheet, true},
    {"summary", N_("Team summary"), summary_sheet, true},
    {"tracking", N_("Personal tracking sheet"), tracking_sheet, false},
    {"comparison", N_("Targets compared"), comparison_sheet, false},
};
enum { SHEETS = sizeof sheets / sizeof *sheets };

static void add_tabs(Ctx *c, const Board *b, size_t active, Value d) {
    Value tabs = value_array(c->mem);
    for (size_t i = 0; i < SHEETS; i++) {
        Value o = value_object(c->mem);
        if (sheets[i].units && b->scope.kind != SCOPE_UNIT) continue;
        value_set_text(o, "title", tr(c->lang, sheets[i].title));
        value_set_text(o, "href", board_href(c, b, talloc_asprintf(c->mem, "/sheets/%s", sheets[i].code), NULL, NULL));
        value_set_bool(o, "active", i == active);
        value_push(tabs, o);
    }
    value_set(d, "sheets", tabs);
}

/* The sheet of "/sheets/<code>"; SHEETS if there is none. */
static size_t sheet_of(const char *path) {
    size_t k = 0;
    if (strncmp(path, "/sheets/", 8) != 0) return SHEETS;
    while (k < SHEETS && strcmp(sheets[k].code, path + 8) != 0) k++;
    return k;
}
bool board_has_sheet(const char *path) {
    return sheet_of(path) < SHEETS;
}

/* So that the file knows what it is when it comes back (board_sheet_read.c). */
static const char *about_line(Ctx *c, const Board *b, size_t k) {
    char now[INSTANT_TEXT];
    SheetAbout about = {.sheet = sheets[k].code, .metric = b->metric->code, .scope = b->scope, .first = b->period.first, .last = b->period.last, .seen = c->now, .original = b->view == TARGET_ORIGINAL};
    Msg words = {.id = N_("{1} of {2}, as of {3}"),
                 .args = {tr(c->lang, sheets[k].title), talloc_asprintf(c->mem, "%s · %s · %s", b->name, board_period_text(c, b, b->period), tr(c->lang, b->metric->name)), instant_local(c->now, now)}};
    return talloc_asprintf(c->mem, "%s %s", msg_text(c->mem, c->lang, &words), sheet_about_tokens(c->mem, &about));
}

/* A sheet of a team asked for a person is the person's tracking sheet. */
Error *board_sheet_document(Req *r, const char *path, Value *ret) {
    Ctx *c = &r->c;
    Board b;
    size_t k = sheet_of(path);
    TRY(board_read(r, &b));
    if (k == SHEETS) return err_not_found(c, N_("This page is not there, or not for you"));
    if (sheets[k].units && b.scope.kind != SCOPE_UNIT) k = SHEETS - 2;
    const char *page = talloc_asprintf(c->mem, "/sheets/%s", sheets[k].code);
    Msg subtitle = {.id = N_("{1} ({2})"), .args = {b.name, board_period_text(c, &b, b.period)}};
    Value d = document_new(c, tr(c->lang, sheets[k].title), msg_text(c->mem, c->lang, &subtitle), NULL);
    Value table = document_table(c, d, sheets[k].code, tr(c->lang, sheets[k].title));
    TRY(sheets[k].fill(c, &b, table));
    document_sign(c, d);
    document_about(c, d, about_line(c, &b, k));
    add_tabs(c, &b, k, d);
    TRY(board_frame(r, &b, page, d));
    if (b.period.kind == PERIOD_MONTH && may(c, ROLE_LEADERS)) value_set_text(d, "import_href", board_href(c, &b, talloc_asprintf(c->mem, "%s/import", page), NULL, NULL));
    *ret = d;
    return NULL;
}

static Error *sheet_page(Req *r) {
    Value d;
    TRY(board_sheet_document(r, r->path, &d));
    return respond_document(r, "sheet", d);
}

const Route board_sheet_routes[] = {
    {GET, "/sheets/team", ROLE_ANY, sheet_page, N_("Team board: target, actual, attainment, growth, key problem"), ROUTE_TAGGED},
    {GET, "/sheets/summary", ROLE_ANY, sheet_page, N_("Team summary: everybody by all metrics"), ROUTE_TAGGED},
    {GET, "/sheets/tracking", ROLE_ANY, sheet_page, N_("Personal tracking sheet: a day a row"), ROUTE_TAGGED},
    {GET, "/sheets/comparison", ROLE_ANY, sheet_page, N_("Targets compared: a metric a row"), ROUTE_TAGGED},
    {0},
};

/* board_sections.c - the parts of a board, each one table of the document that a chart may draw. */
#include "base/i18n.h"
#include "modules/board/board_private.h"
#include "modules/org/org.h"
#include <string.h>
#include <talloc.h>

enum { TREND = 12 };

static const char *id_text(Ctx *c, int64_t id) {
    return talloc_asprintf(c->mem, "%lld", (long long)id);
}


/* ---- 12 periods against target and last year ---- */

static const char *short_period(Ctx *c, const Board *b, Period p) {
    int year, month, day;
    int64_t fiscal;
    int at;
    date_parts(p.first, &year, &month, &day);
    target_month_of(p.first, b->fiscal_month, &fiscal, &at);
    if (p.kind == PERIOD_WEEK) return talloc_asprintf(c->mem, "W%d", date_iso_week(p.first).week);
    if (p.kind == PERIOD_QUARTER) return talloc_asprintf(c->mem, "Q%d", at / 3 + 1);
    if (p.kind == PERIOD_HALF) return talloc_asprintf(c->mem, "H%d", at / 6 + 1);
    if (p.kind == PERIOD_YEAR) return talloc_asprintf(c->mem, "%lld", (long long)fiscal);
    Msg msg = {.id = N_("M{1}"), .args = {talloc_asprintf(c->mem, "%d", month)}};
    return msg_text(c->mem, c->lang, &msg);
}

static int year_of_periods(PeriodKind kind) {
    static const int counts[] = {[PERIOD_DAY] = 365, [PERIOD_WEEK] = 52, [PERIOD_MONTH] = 12, [PERIOD_QUARTER] = 4, [PERIOD_HALF] = 2, [PERIOD_YEAR] = 1};
    return counts[kind];
}

Error *board_add_trend(Ctx *c, const Board *b, Value document) {
    const Metric *m = b->metric;
    int back = year_of_periods(b->period.kind), n = TREND + back;
    Period from = period_add(b->period, 1 - n, b->fiscal_month);
    Sums *sums = talloc_array(c->mem, Sums, (unsigned)n);
    TRY(metric_series(c, b->scope, from, n, b->fiscal_month, sums));
    Value table = document_table(c, document, "trend", tr(c->lang, N_("Course")));
    document_chart(c, table, "line", board_unit(c, b, m));
    document_column(c, table, tr(c->lang, N_("Period")), false);
    column_series(document_column(c, table, tr(c->lang, N_("Actual")), true), "line");
    column_series(document_column(c, table, tr(c->lang, N_("Target")), true), "target");
    column_series(document_column(c, table, tr(c->lang, N_("Last year")), true), "previous");
    column_series(document_column(c, table, tr(c->lang, N_("Attainment")), true), "tip");
    for (int i = back; i < n; i++) {
        Period p = period_add(from, i, b->fiscal_month);
        Ratio target, actual = metric_value(b->metrics, m, &sums[i], p.last);
        TRY(target_for(c, m, b->scope, p.first, p.last, TIER_BASE, b->view, &target));
        Value row = document_row(c, table, false);
        char at[DATE_TEXT];
        value_set(row, "short", value_text(short_period(c, b, p)));
        value_set(row, "href", value_text(board_href(c, b, "/board", "at", talloc_strdup(c->mem, date_text(p.first, at)))));
        document_text(c, row, board_period_text(c, b, p));
        cell_amount(c, b, row, m, actual);
        cell_amount(c, b, row, m, target);
        cell_amount(c, b, row, m, metric_value(b->metrics, m, &sums[i - back], p.last));
        cell_percent(c, row, metric_attainment(m, actual, target));
    }
    return NULL;
}

/* ---- what stands below: 团队月度业绩看板 ---- */

static void add_standing_row(Ctx *c, const Board *b, Value table, const char *name, const char *href, const Standing *s, bool bold) {
    Value row = document_row(c, table, bold);
    row_status(c, row, s->pace.status);
    value_set(row, "href", href ? value_text(href) : value_null());
    Value cell = document_text(c, row, name);
    if (href) value_set(cell, "href", value_text(href));
    cell_status(c, cell_percent(c, row, s->pace.attainment), s->pace.status);
    cell_amount(c, b, row, b->metric, s->actual);
    cell_amount(c, b, row, b->metric, s->target);
    cell_growth(c, row, growth_of(s->actual, s->last_year));
    cell_growth(c, row, growth_of(s->actual, s->last));
    cell_amount(c, b, row, b->metric, s->pace.gap);
}

Error *board_add_children(Ctx *c, const Board *b, Value document) {
    BoardLine *children = NULL;
    size_t n = 0;
    Standing s;
    if (b->scope.kind != SCOPE_UNIT) return NULL;
    TRY(board_lines(c, b, &children, &n));
    if (!n || children[0].scope.kind != SCOPE_UNIT) return NULL;
    Value table = document_table(c, document, "children", tr(c->lang, N_("Teams")));
    const char *const money[] = {N_("Actual"), N_("Target")};
    document_chart(c, table, "bar", "%");
    value_set(table, "mark", value_text("100"));
    value_set(table, "mark_text", value_text("100%"));
    value_set_bool(table, "lying", n > 6);
    document_column(c, table, tr(c->lang, N_("Team")), false);
    column_series(document_column(c, table, tr(c->lang, N_("Attainment")), true), "bar");
    for (int i = 0; i < 2; i++) column_series(document_column(c, table, tr(c->lang, money[i]), true), "tip");
    column_series(document_column(c, table, tr(c->lang, N_("Year on year")), true), "tip");
    column_series(document_column(c, table, tr(c->lang, N_("On the period before")), true), "tip");
    column_series(document_column(c, table, tr(c->lang, N_("Gap")), true), "tip");
    for (size_t i = 0; i < n; i++) {
        TRY(board_standing(c, b, children[i].scope, b->metric, &s));
        add_standing_row(c, b, table, children[i].name, board_scope_href(c, b, children[i].scope), &s, false);
    }
    TRY(board_standing(c, b, b->scope, b->metric, &s)); /* the unit's own sums: never the mean of its teams' rates */
    add_standing_row(c, b, table, tr(c->lang, N_("Total")), NULL, &s, true);
    return NULL;
}

/* ---- all metrics ---- */

Error *board_add_metrics(Ctx *c, const Board *b, Value document) {
    Value table = document_table(c, document, "metrics", tr(c->lang, N_("All metrics")));
    static const char *const titles[] = {N_("Target"), N_("Actual"), N_("Attainment"), N_("Year on year"), N_("On the period before")};
    document_column(c, table, tr(c->lang, N_("Metric")), false);
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) document_column(c, table, tr(c->lang, titles[i]), true);
    for (size_t i = 0; i < metrics_count(b->metrics); i++) {
        const Metric *m = metrics_at(b->metrics, i);
        Standing s;
        if (!m->active) continue;
        TRY(board_standing(c, b, b->scope, m, &s));
        bool some = ratio_compare(s.actual, ratio_make(0, 1)) > 0 || ratio_compare(s.last_year, ratio_make(0, 1)) > 0;
        if (!some && ratio_why(s.target) != RATIO_HAS_VALUE && !m->in_report) continue; /* nothing has ever been entered */
        Value row = document_row(c, table, false);
        Msg title = {.id = N_("{1} ({2})"), .args = {tr(c->lang, m->name), board_unit(c, b, m)}};
        value_set(document_text(c, row, msg_text(c->mem, c->lang, &title)), "href", value_text(board_href(c, b, "/board", "metric", m->code)));
        cell_amount(c, b, row, m, s.target);
        cell_amount(c, b, row, m, s.actual);
        cell_status(c, cell_percent(c, row, s.pace.attainment), s.pace.status);
        cell_growth(c, row, growth_of(s.actual, s.last_year));
        cell_growth(c, row, growth_of(s.actual, s.last));
    }
    return NULL;
}

/* ---- shares of products and regions ---- */

static Error *add_share(Ctx *c, const Board *b, DimensionKind kind, const char *name, const char *title, Value document) {
    static const char *const filters[] = {"region_id", "product_id", "customer_type_id"};
    ShareSums *shares = NULL;
    size_t n = 0;
    TRY(metric_shares(c, b->scope.id, kind, b->period.first, b->to, &shares, &n));
    Ratio all = ratio_make(0, 1);
    for (size_t i = 0; i < n; i++) {
        Ratio v = metric_value(b->metrics, b->metric, &shares[i].sums, b->to);
        if (ratio_why(v) == RATIO_HAS_VALUE) all = ratio_add(all, v);
    }
    if (n < 2 || ratio_compare(all, ratio_make(0, 1)) <= 0) return NULL; /* nothing is told apart */
    Value table = document_table(c, document, name, title);
    document_chart(c, table, "pie", board_unit(c, b, b->metric));
    document_column(c, table, title, false);
    column_series(document_column(c, table, tr(c->lang, N_("Actual")), true), "bar");
    column_series(document_column(c, table, tr(c->lang, N_("Share")), true), "share");
    for (size_t i = 0; i < n; i++) {
        Ratio v = metric_value(b->metrics, b->metric, &shares[i].sums, b->to);
        if (ratio_why(v) != RATIO_HAS_VALUE || ratio_compare(v, ratio_make(0, 1)) == 0) continue;
        Value row = document_row(c, table, false);
        const char *facts = board_facts_href(c, b->scope, b->period.first, b->to);
        if (shares[i].dimension_id) value_set(row, "href", value_text(talloc_asprintf(c->mem, "%s&%s=%s", facts, filters[kind], id_text(c, shares[i].dimension_id))));
        document_text(c, row, shares[i].name ? shares[i].name : tr(c->lang, N_("Not told")));
        cell_amount(c, b, row, b->metric, v);
        cell_percent(c, row, ratio_div(v, all));
    }
    return NULL;
}

Error *board_add_shares(Ctx *c, const Board *b, Value document) {
    if (b->scope.kind != SCOPE_UNIT || b->metric->slot <= 0) return NULL;
    TRY(add_share(c, b, DIMENSION_PRODUCT, "products", tr(c->lang, N_("Product")), document));
    TRY(add_share(c, b, DIMENSION_REGION, "regions", tr(c->lang, N_("Sales region")), document));
    return add_share(c, b, DIMENSION_CUSTOMER_TYPE, "customer_types", tr(c->lang, N_("Customer type")), document);
}

/* board_text.c - numbers as a board shows them, and one scope's standing. */
#include "base/i18n.h"
#include "modules/board/board_private.h"
#include "service/setting.h"
#include <talloc.h>

const char *pace_kind(PaceStatus s) {
    static const char *const kinds[] = {NULL, "danger", "warning", "success"};
    return kinds[s];
}

const char *pace_word(Ctx *c, PaceStatus s) {
    static const char *const words[] = {NULL, N_("Behind"), N_("At risk"), N_("On pace")};
    return words[s] ? tr(c->lang, words[s]) : NULL;
}

const char *percent_text(Ctx *c, Ratio r) {
    char buf[MONEY_TEXT];
    int64_t n;
    return ratio_scaled(r, 10000, &n) ? talloc_asprintf(c->mem, "%s%%", money_grouped(n, buf)) : "—";
}

Value percent_json(Ratio r) {
    int64_t n;
    return ratio_scaled(r, 10000, &n) ? value_money(n) : value_null();
}

static int sign_of(Ratio r) {
    return ratio_why(r) == RATIO_HAS_VALUE ? ratio_compare(r, ratio_make(0, 1)) : 0;
}

const char *growth_text(Ctx *c, Ratio r) {
    int sign = sign_of(r);
    if (ratio_why(r) != RATIO_HAS_VALUE) return "—";
    return talloc_asprintf(c->mem, "%s%s", sign > 0 ? "▲ " : sign < 0 ? "▼ " : "", percent_text(c, sign < 0 ? ratio_neg(r) : r));
}

/* 红涨绿跌 as in Chinese finance, or the other way round. */
const char *growth_kind(Ctx *c, Ratio r) {
    int sign = sign_of(r);
    if (!sign) return NULL;
    bool red_up = setting_int(c, "board.red_up") != 0;
    return (sign > 0) == red_up ? "red" : "green";
}

const char *board_text(Ctx *c, const Board *b, const Metric *m, Ratio value) {
    return metric_text(c, m, value, b->wan);
}

const char *board_unit(Ctx *c, const Board *b, const Metric *m) {
    if (m->unit == UNIT_YUAN && b->wan) return tr(c->lang, N_("10,000 yuan"));
    return m->unit == UNIT_PERCENT ? "%" : tr(c->lang, metric_unit_labels[m->unit]);
}

Value cell_amount(Ctx *c, const Board *b, Value row, const Metric *m, Ratio value) {
    return document_number(c, row, board_text(c, b, m, value), metric_json(m, value));
}

Value cell_percent(Ctx *c, Value row, Ratio r) {
    return document_number(c, row, percent_text(c, r), percent_json(r));
}

Value cell_growth(Ctx *c, Value row, Ratio r) {
    Value cell = document_number(c, row, growth_text(c, r), percent_json(r));
    const char *kind = growth_kind(c, r);
    value_set(cell, "growth", kind ? value_text(kind) : value_null());
    return cell;
}

void row_status(Ctx *c, Value row, PaceStatus s) {
    static const char *const codes[] = {NULL, "behind", "risk", "ok"};
    const char *word = pace_word(c, s);
    value_set(row, "status", word ? value_text(word) : value_null());
    value_set(row, "status_code", word ? value_text(codes[s]) : value_null());
}

void cell_status(Ctx *c, Value cell, PaceStatus s) {
    const char *kind = pace_kind(s);
    value_set(cell, "kind", kind ? value_text(kind) : value_null());
    row_status(c, cell, s);
}

void column_series(Value column, const char *what) {
    value_set(column, "series", value_text(what));
}

Error *board_standing(Ctx *c, const Board *b, MetricScope scope, const Metric *m, Standing *ret) {
    Period last = period_add(b->period, -1, b->fiscal_month);
    Period year_ago = b->period.kind == PERIOD_WEEK ? period_add(b->period, -52, b->fiscal_month) : period_of(b->period.kind, date_add_months(b->period.first, -12), b->fiscal_month);
    Date to;
    TRY(metric_actual(c, b->metrics, m, scope, b->period.first, b->to, &ret->actual));
    TRY(target_for(c, m, scope, b->period.first, b->period.last, TIER_BASE, b->view, &ret->target));
    pace_same_part(b->period.first, b->period.last, b->to, last.first, last.last, &to);
    TRY(metric_actual(c, b->metrics, m, scope, last.first, to, &ret->last));
    pace_same_part(b->period.first, b->period.last, b->to, year_ago.first, year_ago.last, &to);
    TRY(metric_actual(c, b->metrics, m, scope, year_ago.first, to, &ret->last_year));
    ret->pace = pace_of(ret->actual, ret->target, m->direction, target_is_summed(m), b->elapsed, b->tolerance);
    return NULL;
}

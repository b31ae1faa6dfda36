/* target_smart.c - the panel beside the grid: is this target specific, measurable, achievable, relevant and set in time (SMART), and do amount,
 * customers and average order value agree? */
#include "base/i18n.h"
#include "modules/target/target_grid.h"
#include "modules/target/target_lint.h"
#include <string.h>
#include <talloc.h>

enum { PAST = 12, MONTHS_SAID = 3 };
typedef enum Verdict { GOOD, DOUBTFUL, BAD, UNKNOWN } Verdict;

static void say(Ctx *c, Value list, const char *letter, const char *title, Verdict v, Msg m) {
    static const char *const kinds[] = {"success", "warning", "danger", "secondary"}, *const words[] = {N_("Fine"), N_("Look at it"), N_("Missing"), N_("Unknown")};
    static const char *const codes[] = {"good", "doubtful", "bad", "unknown"};
    Value o = value_object(c->mem);
    value_set_text(o, "check", letter);
    value_set_text(o, "verdict", codes[v]);
    value_set_text(o, "_title", tr(c->lang, title));
    value_set_text(o, "_kind", kinds[v]);
    value_set_text(o, "_word", tr(c->lang, words[v]));
    value_set_text(o, "message", msg_text(c->mem, c->lang, &m));
    value_push(list, o);
}

static const char *number(Ctx *c, int64_t n) {
    return talloc_asprintf(c->mem, "%lld", (long long)n);
}

static void say_specific(Ctx *c, const Grid *g, Value list) {
    const char *unit = tr(c->lang, metric_unit_labels[g->m->unit]), *formula = g->m->rollup == ROLLUP_RATIO ? metric_formula_text(c, g->all, g->m, date_of_instant(c->now)) : NULL;
    Msg m = {.id = g->m->definition ? N_("{1}: {2}") : N_("{1}: what counts is not written down; an administrator adds the definition to the metric"), .args = {tr(c->lang, g->m->name), g->m->definition}};
    say(c, list, "S", N_("Specific"), g->m->definition || formula ? GOOD : DOUBTFUL, formula && !g->m->definition ? (Msg){.id = N_("{1} = {2}"), .args = {tr(c->lang, g->m->name), formula}} : m);
    bool entered = g->m->rollup == ROLLUP_INHERIT, counted = g->m->slot > 0 || formula || entered;
    Msg measured = {.id = entered ? N_("Counted in {1}, entered by hand each month with its evidence") : counted ? N_("Counted in {1}, computed from entries") : N_("Counted in {1}, but nothing feeds it: attainment cannot be computed"), .args = {unit}};
    say(c, list, "M", N_("Measurable"), counted ? GOOD : BAD, measured);
}

/* The month that counts: the present one, else the first or last of the year. */
static int month_at_hand(const Grid *g) {
    return g->now_month < 0 ? 0 : g->now_month >= TARGET_MONTHS ? TARGET_MONTHS - 1 : g->now_month;
}

static Error *say_achievable(Ctx *c, const Grid *g, Value list) {
    Sums sums[PAST];
    int64_t past[PAST], target = g->own.t.months.n[g->tier][month_at_hand(g)];
    Period from = period_add(period_of(PERIOD_MONTH, date_of_instant(c->now), g->fiscal_month), -PAST, g->fiscal_month);
    TRY(metric_series(c, g->top, from, PAST, g->fiscal_month, sums));
    for (int i = 0; i < PAST; i++) past[i] = metric_whole(g->m, metric_value(g->all, g->m, &sums[i], period_add(from, i, g->fiscal_month).last));
    LintChance chance = target_lint_chance(past, PAST, target, g->m->direction != 0);
    Msg few = {.id = N_("Not enough data: {1} months of history, at least 3 are needed"), .args = {number(c, chance.known)}};
    Msg share = {.id = N_("{1} of the last {2} months reached as much: {3} %"), .args = {number(c, chance.reached), number(c, chance.known), number(c, chance.known ? (chance.reached * 200 + chance.known) / (2 * chance.known) : 0)}};
    if (target == INT_NONE) say(c, list, "A", N_("Achievable"), UNKNOWN, (Msg){.id = N_("No target for this month")});
    else if (chance.known < LINT_MONTHS_MIN) say(c, list, "A", N_("Achievable"), UNKNOWN, few);
    else say(c, list, "A", N_("Achievable"), chance.reached * 4 < chance.known ? DOUBTFUL : GOOD, share);
    return NULL;
}

static Error *say_relevant(Ctx *c, const Grid *g, Value list) {
    MetricScope above = {SCOPE_UNIT, 0};
    Target t;
    if (g->top.kind == SCOPE_PERSON) TRY(db_get_int(c, &above.id, "SELECT unit_id FROM employee WHERE id = $1", V(g->top.id)));
    if (g->top.kind == SCOPE_UNIT) TRY(db_get_int(c, &above.id, "SELECT coalesce(parent_id, 0) FROM org_unit WHERE id = $1", V(g->top.id)));
    if (g->top.kind == SCOPE_DIMENSION) TRY(db_get_int(c, &above.id, "SELECT id FROM org_unit WHERE kind = 0"));
    if (!above.id) {
        say(c, list, "R", N_("Relevant"), GOOD, (Msg){.id = N_("The company's own target")});
        return NULL;
    }
    TRY(target_load(c, g->m, g->year, above, g->view, &t));
    bool linked = target_year(g->m, &t.months, g->tier) != INT_NONE;
    say(c, list, "R", N_("Relevant"), linked ? GOOD : BAD, (Msg){.id = linked ? N_("It is part of the target of the unit above") : N_("The unit above has no target for this metric")});
    return NULL;
}

static void say_in_time(Ctx *c, const Grid *g, Value list) {
    int set = 0;
    for (int i = 0; i < TARGET_MONTHS; i++) set += g->own.t.months.n[g->tier][i] != INT_NONE;
    Msg m = {.id = set == TARGET_MONTHS ? N_("Set for all 12 months") : N_("Set for {1} of 12 months"), .args = {number(c, set)}};
    say(c, list, "T", N_("In time"), set == TARGET_MONTHS ? GOOD : set ? DOUBTFUL : BAD, m);
}

/* ---- customers x average order value = amount ---- */

static Error *load_three(Ctx *c, const Grid *g, Target *amount, Target *customers, Target *price, bool *ret) {
    const Metric *a = metrics_by_code(g->all, "amount"), *n = metrics_by_code(g->all, "customers_signed"), *p = metrics_by_code(g->all, "average_price");
    *ret = a && n && p && (g->m == a || g->m == n || g->m == p);
    if (!*ret) return NULL;
    TRY(target_load(c, a, g->year, g->top, g->view, amount));
    TRY(target_load(c, n, g->year, g->top, g->view, customers));
    return target_load(c, p, g->year, g->top, g->view, price);
}

static Error *say_agreement(Ctx *c, const Grid *g, Value list) {
    Target amount, customers, price;
    bool asked;
    int checked = 0, wrong = 0;
    TRY(load_three(c, g, &amount, &customers, &price, &asked));
    for (int i = 0; asked && i < TARGET_MONTHS; i++) {
        int64_t a = amount.months.n[g->tier][i], n = customers.months.n[g->tier][i], p = price.months.n[g->tier][i];
        LintProduct product;
        char x[MONEY_TEXT], y[MONEY_TEXT], z[MONEY_TEXT], gap[MONEY_TEXT];
        if (a == INT_NONE || n == INT_NONE || p == INT_NONE || !target_lint_product(n, p, a, &product)) continue;
        checked++;
        if (product.agrees || ++wrong > MONTHS_SAID) continue;
        int year, month, day;
        date_parts(target_month_first(g->year, i, g->fiscal_month), &year, &month, &day);
        const char *sum = talloc_asprintf(c->mem, "%lld × %s = %s ≠ %s", (long long)n, money_grouped(p, x), money_grouped(product.implied, y), money_grouped(a, z));
        Msg m = {.id = N_("{1}: customers × average order value {2}, {3} % away"), .args = {talloc_asprintf(c->mem, "%d-%02d", year, month), sum, money_grouped(product.gap_bp, gap)}};
        say(c, list, "agreement", N_("Agreement"), DOUBTFUL, m);
    }
    if (wrong > MONTHS_SAID) say(c, list, "agreement", N_("Agreement"), DOUBTFUL, (Msg){.id = N_("{1} more months do not agree"), .args = {number(c, wrong - MONTHS_SAID)}});
    if (checked && !wrong) say(c, list, "agreement", N_("Agreement"), GOOD, (Msg){.id = N_("Amount, customers and average order value agree in {1} months"), .args = {number(c, checked)}});
    return NULL;
}

Error *target_smart_panel(Ctx *c, const Grid *g, Value model) {
    Value list = value_array(c->mem);
    say_specific(c, g, list);
    TRY(say_achievable(c, g, list));
    TRY(say_relevant(c, g, list));
    say_in_time(c, g, list);
    TRY(say_agreement(c, g, list));
    value_set(model, "checks", list);
    return NULL;
}

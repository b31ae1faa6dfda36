/* metric_text.c - a metric's value as whole numbers, as people read it and as programs do. */
#include "modules/metric/metric.h"
#include <string.h>
#include <talloc.h>

/* Steps in one unit: 分, 1/10,000 of a share, hundredths of an average count. */
static int64_t steps(const Metric *m) {
    if (m->unit == UNIT_PERCENT) return 10000;
    if (m->unit == UNIT_YUAN) return 100;
    return m->rollup == ROLLUP_RATIO ? 100 : 1;
}

int64_t metric_whole(const Metric *m, Ratio value) {
    int64_t n = INT_NONE;
    return ratio_scaled(value, steps(m), &n) ? n : INT_NONE;
}

Ratio metric_of_whole(const Metric *m, int64_t whole) {
    return whole == INT_NONE ? RATIO_NONE : ratio_make(whole, steps(m));
}

const char *metric_text(Ctx *c, const Metric *m, Ratio value, bool wan) {
    char buf[MONEY_TEXT];
    int64_t n = metric_whole(m, value);
    if (n == INT_NONE) return "—";
    if (m->unit == UNIT_YUAN && wan) { /* from the exact value, so that it is rounded once */
        if (!ratio_scaled(ratio_div(value, ratio_make(10000, 1)), 100, &n)) return "—";
        return talloc_strdup(c->mem, money_grouped(n, buf));
    }
    if (m->unit == UNIT_PERCENT) return talloc_asprintf(c->mem, "%s%%", money_grouped(n, buf));
    return talloc_strdup(c->mem, steps(m) == 1 ? int_grouped(n, buf) : money_grouped(n, buf));
}

Value metric_json(const Metric *m, Ratio value) {
    int64_t n = metric_whole(m, value);
    if (n == INT_NONE) return value_null();
    return steps(m) == 1 ? value_int(n) : value_money(n);
}

Ratio metric_attainment(const Metric *m, Ratio actual, Ratio target) {
    return m->direction == 0 ? ratio_div(actual, target) : ratio_div(target, actual);
}

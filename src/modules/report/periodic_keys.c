/* periodic_keys.c - 关键指标完成情况: which metrics a month's report looks at beside the amount, with actual, target and attainment. */
#include "base/i18n.h"
#include "modules/report/periodic_private.h"
#include "modules/target/target.h"
#include "service/lang.h"
#include <string.h>
#include <talloc.h>

/* What the sources call metrics beside their names here. */
static const struct {
    const char *said, *code;
} also[] = {
    {"新签客户", "customers_signed"}, {"新簽客戶", "customers_signed"}, {"新签", "customers_signed"}, {"客單價", "average_price"},
    {"意向客户转化率", "conversion"}, {"意向客戶轉化率", "conversion"}, {"新客户转化率", "conversion"}, {"转化率", "conversion"},
};

static const Metric *find_metric(Ctx *c, const Metrics *all, const char *name) {
    const Metric *m = metrics_by_name(c, all, name);
    for (size_t i = 0; !m && i < metrics_count(all); i++) {
        const Metric *x = metrics_at(all, i);
        if (!strcmp(text_fold(c->mem, tr(lang_get("zh_CN"), x->name)), name)) m = x;
    }
    for (size_t i = 0; !m && i < sizeof also / sizeof *also; i++)
        if (!strcmp(also[i].said, name)) m = metrics_by_code(all, also[i].code);
    return m;
}

/* ---- stored: "customers_signed 8 6" a line ---- */

static const char *whole_text(Ctx *c, int64_t n) {
    return n == INT_NONE ? "-" : talloc_asprintf(c->mem, "%lld", (long long)n);
}

/* frozen: the values as shown; else only what is typed or stated. NULL if there is none. */
const char *periodic_keys_stored(Ctx *c, const KeyMetric *keys, size_t n, bool frozen) {
    Text *t = text_new(c->mem, 4000);
    for (size_t i = 0; i < n; i++) {
        const KeyMetric *k = &keys[i];
        int64_t target = frozen ? metric_whole(k->metric, k->target) : k->typed_target, actual = frozen ? metric_whole(k->metric, k->actual) : k->stated;
        text_addf(t, "%s%s %s %s", t->len ? "\n" : "", k->metric->code, whole_text(c, target), whole_text(c, actual));
    }
    return t->len ? t->data : NULL;
}

static size_t read_stored(Ctx *c, const Metrics *all, const char *stored, KeyMetric *ret) {
    size_t n = 0;
    char *text = talloc_strdup(c->mem, stored ? stored : ""), *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line && n < PERIODIC_KEYS; line = strtok_r(NULL, "\n", &rest)) {
        char *more = NULL, *code = strtok_r(line, " ", &more), *target = strtok_r(NULL, " ", &more), *actual = strtok_r(NULL, " ", &more);
        const Metric *m = code ? metrics_by_code(all, code) : NULL;
        if (!m || !actual) continue;
        ret[n] = (KeyMetric){.metric = m, .typed_target = INT_NONE, .stated = INT_NONE};
        (void)int_parse(target, &ret[n].typed_target);
        (void)int_parse(actual, &ret[n].stated);
        n++;
    }
    return n;
}

/* ---- what a report looks at ---- */

static bool has(const KeyMetric *keys, size_t n, const Metric *m) {
    for (size_t i = 0; i < n; i++)
        if (keys[i].metric == m) return true;
    return false;
}

static Error *add_key(Ctx *c, const PeriodicReport *row, const Metrics *all, const Sums *sums, const Metric *m, bool always, KeyMetric *keys, size_t *n) {
    Ratio target;
    Date last = periodic_last(PERIODIC_MONTH, row->first);
    if (*n == PERIODIC_KEYS || has(keys, *n, m)) return NULL;
    TRY(target_for(c, m, periodic_scope(row), row->first, last, TIER_BASE, TARGET_IN_FORCE, &target));
    if (!always && ratio_why(target) != RATIO_HAS_VALUE) return NULL;
    keys[(*n)++] = (KeyMetric){.metric = m, .actual = metric_value(all, m, sums, last), .target = target, .typed_target = INT_NONE, .stated = INT_NONE};
    return NULL;
}

/* As it is now: what the row names, else every metric with a target, else the usual ones that there is something to say of. */
static Error *live_keys(Ctx *c, const PeriodicReport *row, KeyMetric *keys, size_t *n) {
    static const char *const usual[] = {"new_customers", "follow_ups", "customers_signed", "average_price"};
    const Metrics *all;
    Sums sums;
    KeyMetric named[PERIODIC_KEYS];
    *n = 0;
    TRY(metrics_get(c, &all));
    TRY(metric_sums(c, periodic_scope(row), row->first, periodic_last(PERIODIC_MONTH, row->first), &sums));
    size_t count = read_stored(c, all, row->key_metrics, named);
    for (size_t i = 0; i < count; i++) {
        size_t at = *n;
        TRY(add_key(c, row, all, &sums, named[i].metric, true, keys, n));
        if (at == *n) continue;
        keys[at].typed_target = named[i].typed_target, keys[at].stated = named[i].stated;
        if (named[i].typed_target != INT_NONE) keys[at].target = metric_of_whole(named[i].metric, named[i].typed_target);
        if (named[i].stated != INT_NONE) keys[at].actual = metric_of_whole(named[i].metric, named[i].stated);
    }
    for (size_t i = 0; i < metrics_count(all) && !count; i++) {
        const Metric *m = metrics_at(all, i);
        if (m->active && strcmp(m->code, "amount") != 0) TRY(add_key(c, row, all, &sums, m, false, keys, n));
    }
    for (size_t i = 0, fixed = *n; i < sizeof usual / sizeof *usual && !fixed; i++) {
        const Metric *m = metrics_by_code(all, usual[i]);
        int64_t whole = m ? metric_whole(m, metric_value(all, m, &sums, periodic_last(PERIODIC_MONTH, row->first))) : 0;
        if (whole && whole != INT_NONE) TRY(add_key(c, row, all, &sums, m, true, keys, n));
    }
    return NULL;
}

Error *periodic_keys(Ctx *c, const PeriodicReport *row, KeyMetric **ret, size_t *ret_count) {
    const Metrics *all;
    *ret = talloc_zero_array(c->mem, KeyMetric, PERIODIC_KEYS);
    if (row->state != REPORT_APPROVED || !row->frozen_keys) return live_keys(c, row, *ret, ret_count);
    TRY(metrics_get(c, &all));
    *ret_count = read_stored(c, all, row->frozen_keys, *ret);
    for (size_t i = 0; i < *ret_count; i++) {
        KeyMetric *k = &(*ret)[i];
        k->target = metric_of_whole(k->metric, k->typed_target), k->actual = metric_of_whole(k->metric, k->stated);
    }
    return NULL;
}

/* ---- as text and for pages ---- */

static const char *with_unit(Ctx *c, const Metric *m, Ratio value) {
    const char *text = metric_text(c, m, value, false);
    if (m->unit == UNIT_PERCENT || ratio_why(value) != RATIO_HAS_VALUE) return text;
    return talloc_asprintf(c->mem, "%s%s", text, tr(c->lang, metric_unit_labels[m->unit]));
}

static const char *joined(Ctx *c, const char *text, const char *more) {
    Msg both = {.id = N_("{1}; {2}"), .args = {text, more}};
    return text ? msg_text(c->mem, c->lang, &both) : more;
}

const char *periodic_keys_text(Ctx *c, const PeriodicReport *row, const KeyMetric *keys, size_t n) {
    const char *text = NULL;
    for (size_t i = 0; i < n; i++) {
        const KeyMetric *k = &keys[i];
        bool has_target = ratio_why(k->target) == RATIO_HAS_VALUE;
        if (ratio_why(k->actual) != RATIO_HAS_VALUE && !has_target) continue;
        Msg one = {.id = has_target ? N_("{1} {2} (target {3})") : "{1} {2}", .args = {tr(c->lang, k->metric->name), with_unit(c, k->metric, k->actual), with_unit(c, k->metric, k->target)}};
        text = joined(c, text, msg_text(c->mem, c->lang, &one));
    }
    return row->key_note && *row->key_note ? joined(c, text, row->key_note) : text ? text : "";
}

Value periodic_keys_model(Ctx *c, const KeyMetric *keys, size_t n) {
    Value list = value_array(c->mem);
    for (size_t i = 0; i < n; i++) {
        const KeyMetric *k = &keys[i];
        Value o = value_object(c->mem);
        bool percent = k->metric->unit == UNIT_PERCENT;
        int64_t bp = periodic_bp(metric_attainment(k->metric, k->actual, k->target)), points = percent ? periodic_bp(ratio_sub(k->actual, k->target)) : INT_NONE;
        value_set_text(o, "metric", k->metric->code);
        value_set_text(o, "label", tr(c->lang, k->metric->name));
        value_set(o, "actual", metric_json(k->metric, k->actual));
        value_set(o, "target", metric_json(k->metric, k->target));
        value_set(o, "rate", bp == INT_NONE ? value_null() : value_money(bp));
        value_set(o, "points", points == INT_NONE ? value_null() : value_money(points));
        value_set_text(o, "actual_text", with_unit(c, k->metric, k->actual));
        value_set_text(o, "target_text", with_unit(c, k->metric, k->target));
        value_set_text(o, "rate_text", periodic_percent(c->mem, bp, false));
        char buf[MONEY_TEXT];
        Msg gap = {.id = N_("{1} percentage points"), .args = {points == INT_NONE ? "" : talloc_asprintf(c->mem, "%s%s", points > 0 ? "+" : "", money_grouped(points, buf))}};
        value_set_text(o, "points_text", points == INT_NONE ? NULL : msg_text(c->mem, c->lang, &gap));
        value_push(list, o);
    }
    return list;
}

/* ---- from a cell ---- */

static int64_t read_value(const Metric *m, const char *text) {
    Money hundredths;
    char plain[64];
    if (!text || strlen(text) >= sizeof plain) return INT_NONE;
    memcpy(plain, text, strlen(text) + 1);
    char *percent = strchr(plain, '%');
    if ((percent != NULL) != (m->unit == UNIT_PERCENT)) return INT_NONE;
    if (percent) *percent = 0;
    if (!money_parse(plain, &hundredths)) return INT_NONE;
    int64_t step = metric_whole(m, ratio_make(1, 1)); /* 100 for yuan and averages, 1 for counts, 10,000 for shares */
    return step == 1 ? (hundredths % 100 ? INT_NONE : hundredths / 100) : hundredths;
}

/* A value that the report shows already is not typed. */
static int64_t unless_shown(const Metric *m, int64_t said, Ratio shown, int64_t kept) {
    return said == INT_NONE || said == metric_whole(m, shown) ? kept : said;
}

Error *periodic_take_keys(Ctx *c, const PeriodicReport *was, PeriodicReport *row, const char *cell, bool may_state) {
    KeyText parts[PERIODIC_KEYS];
    KeyMetric shown[PERIODIC_KEYS] = {0}, taken[PERIODIC_KEYS];
    const Metrics *all;
    size_t count = 0, n = 0, parsed = periodic_split_keys(c->mem, cell, parts);
    bool informed = false;
    Text *note = text_new(c->mem, 4000);
    TRY(metrics_get(c, &all));
    TRY(live_keys(c, was ? was : row, shown, &count));
    size_t usual = count;
    for (size_t i = 0; i < parsed; i++) {
        const Metric *m = parts[i].name ? find_metric(c, all, parts[i].name) : NULL;
        int64_t actual = m ? read_value(m, parts[i].actual) : INT_NONE, target = m ? read_value(m, parts[i].target) : INT_NONE;
        if (actual == INT_NONE || has(taken, n, m)) {
            text_addf(note, "%s%s", note->len ? "；" : "", parts[i].whole);
            continue;
        }
        size_t at = 0;
        while (at < count && shown[at].metric != m) at++;
        if (at == count) {
            Sums sums;
            TRY(metric_sums(c, periodic_scope(row), row->first, periodic_last(PERIODIC_MONTH, row->first), &sums));
            TRY(add_key(c, row, all, &sums, m, true, shown, &count));
            if (at == count) continue;
        }
        const KeyMetric *k = &shown[at];
        taken[n] = (KeyMetric){.metric = m, .typed_target = unless_shown(m, target, k->target, k->typed_target), .stated = may_state ? unless_shown(m, actual, k->actual, k->stated) : k->stated};
        informed = informed || at >= usual || taken[n].typed_target != INT_NONE || taken[n].stated != INT_NONE;
        n++;
    }
    row->key_metrics = informed ? periodic_keys_stored(c, taken, n, false) : NULL;
    row->key_note = note->len ? (n ? note->data : text_clean(c->mem, cell)) : NULL;
    return NULL;
}

Error *periodic_state_keys(Ctx *c, PeriodicReport *row, const ReportLine *lines, size_t count) {
    KeyMetric keys[PERIODIC_KEYS];
    const Metrics *all;
    TRY(metrics_get(c, &all));
    size_t n = read_stored(c, all, row->key_metrics, keys);
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        while (at < n && keys[at].metric != lines[i].item) at++;
        if (at == PERIODIC_KEYS) continue;
        if (at == n) keys[n++] = (KeyMetric){.metric = lines[i].item, .typed_target = INT_NONE};
        keys[at].stated = lines[i].value;
    }
    row->key_metrics = periodic_keys_stored(c, keys, n, false);
    return NULL;
}

Error *periodic_keys_into_fact(Ctx *c, const PeriodicReport *row, Fact *fact) {
    KeyMetric keys[PERIODIC_KEYS];
    const Metrics *all;
    TRY(metrics_get(c, &all));
    size_t n = read_stored(c, all, row->key_metrics, keys);
    for (size_t i = 0; i < n; i++)
        if (keys[i].metric->slot > 0 && keys[i].stated != INT_NONE) fact->n[keys[i].metric->slot - 1] = keys[i].stated;
    return NULL;
}

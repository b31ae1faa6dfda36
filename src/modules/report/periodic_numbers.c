/* periodic_numbers.c - the numbers of a weekly or monthly report: read from facts and targets, frozen at approval, shown. */
#include "base/i18n.h"
#include "modules/org/org.h"
#include "modules/report/periodic_private.h"
#include "modules/target/target.h"
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

MetricScope periodic_scope(const PeriodicReport *row) {
    return row->employee_id ? (MetricScope){SCOPE_PERSON, row->employee_id} : (MetricScope){SCOPE_UNIT, row->unit_id};
}

Error *periodic_amount(Ctx *c, const Metrics **ret_all, const Metric **ret) {
    TRY(metrics_get(c, ret_all));
    *ret = metrics_by_code(*ret_all, "amount");
    return *ret ? NULL : err_conflict(c, N_("There is no metric “{1}”"), "amount");
}

const char *periodic_title(Ctx *c, PeriodicKind kind, Date first) {
    char from[DATE_TEXT], to[DATE_TEXT];
    date_text(first, from);
    if (kind == PERIODIC_MONTH) return talloc_asprintf(c->mem, "%.7s", from);
    IsoWeek w = date_iso_week(first);
    const char *days = talloc_asprintf(c->mem, "%s–%s", from + 5, date_text(first + 6, to) + 5);
    Msg title = {.id = N_("{1} week {2} ({3})"), .args = {talloc_asprintf(c->mem, "%d", w.year), talloc_asprintf(c->mem, "%d", w.week), days}};
    return msg_text(c->mem, c->lang, &title);
}

const char *periodic_subject(Ctx *c, const PeriodicReport *row) {
    if (row->employee_id) return row->employee_name ? row->employee_name : row->subject;
    Msg name = {.id = N_("{1} (team)"), .args = {row->unit_name ? row->unit_name : row->subject ? row->subject : ""}};
    return msg_text(c->mem, c->lang, &name);
}

/* ---- what facts and targets say ---- */

static Error *sums_of(Ctx *c, const Metrics *all, const Metric *m, MetricScope scope, Date first, Date last, Ratio *ret) {
    *ret = RATIO_NONE;
    return first == DATE_NONE ? NULL : metric_actual(c, all, m, scope, first, last, ret);
}

/* What the report of another period shows: a sheet's actual where no facts were. */
static Error *stated_of(Ctx *c, PeriodicKind kind, const PeriodicReport *row, Date first, Ratio *ret) {
    int64_t id = first == DATE_NONE ? 0 : periodic_id(kind, row->employee_id, row->unit_id, first), stated = INT_NONE;
    if (!id) return NULL;
    if (kind == PERIODIC_WEEK) TRY(db_get_int(c, &stated, "SELECT stated_actual FROM weekly_report WHERE id = $1 AND stated_actual IS NOT NULL", V(id)));
    else TRY(db_get_int(c, &stated, "SELECT stated_actual FROM monthly_report WHERE id = $1 AND stated_actual IS NOT NULL", V(id)));
    if (stated != INT_NONE) *ret = ratio_make(stated, 100);
    return NULL;
}

typedef struct Typed {
    int64_t employee_id, target;
} Typed;

static Error *typed_targets(Ctx *c, PeriodicKind kind, int64_t unit_id, Date first, Typed **ret, size_t *ret_count) {
    char iso[DATE_TEXT];
    Rows *rows;
    *ret = NULL, *ret_count = 0;
    date_text(first, iso);
    if (kind == PERIODIC_WEEK)
        TRY(db_query(c, &rows, "SELECT t.employee_id, t.target FROM unit_above a JOIN weekly_report t ON t.unit_id = a.below_id AND t.week = $2"
                               " WHERE a.above_id = $1 AND t.employee_id IS NOT NULL AND t.target IS NOT NULL ORDER BY t.employee_id", V(unit_id), V(iso)));
    else
        TRY(db_query(c, &rows, "SELECT t.employee_id, t.target FROM unit_above a JOIN monthly_report t ON t.unit_id = a.below_id AND t.month = $2"
                               " WHERE a.above_id = $1 AND t.employee_id IS NOT NULL AND t.target IS NOT NULL ORDER BY t.employee_id", V(unit_id), V(iso)));
    while (rows_next(rows)) {
        if (!(*ret_count & (*ret_count - 1))) *ret = talloc_realloc(c->mem, *ret, Typed, *ret_count ? (unsigned)*ret_count * 2 : 1);
        (*ret)[(*ret_count)++] = (Typed){row_int(rows, 0), row_int(rows, 1)};
    }
    return rows_done(rows);
}

static Ratio plus(Ratio sum, Ratio one) {
    return ratio_why(one) != RATIO_HAS_VALUE ? sum : ratio_why(sum) != RATIO_HAS_VALUE ? one : ratio_add(sum, one);
}

/* Both lists are by person: where a target is typed for somebody it stands for what the targets say. */
static Ratio targets_of_people(const Typed *typed, size_t n, const PersonTarget *planned, size_t count) {
    Ratio sum = RATIO_NONE;
    size_t i = 0;
    for (size_t k = 0; k < count; k++) {
        while (i < n && typed[i].employee_id < planned[k].employee_id) sum = plus(sum, ratio_make(typed[i++].target, 100));
        if (i < n && typed[i].employee_id == planned[k].employee_id) sum = plus(sum, ratio_make(typed[i++].target, 100));
        else sum = plus(sum, planned[k].value);
    }
    while (i < n) sum = plus(sum, ratio_make(typed[i++].target, 100));
    return sum;
}

Error *periodic_unit_target(Ctx *c, PeriodicKind kind, int64_t unit_id, Date first, Ratio *ret) {
    const Metrics *all;
    const Metric *m;
    Typed *typed;
    PersonTarget *planned;
    size_t n, count;
    Date last = periodic_last(kind, first);
    TRY(periodic_amount(c, &all, &m));
    TRY(typed_targets(c, kind, unit_id, first, &typed, &n));
    *ret = RATIO_NONE;
    if (!n) TRY(target_for(c, m, (MetricScope){SCOPE_UNIT, unit_id}, first, last, TIER_BASE, TARGET_IN_FORCE, ret));
    if (ratio_why(*ret) == RATIO_HAS_VALUE) return NULL;
    TRY(target_for_people(c, m, unit_id, first, last, TIER_BASE, TARGET_IN_FORCE, &planned, &count));
    *ret = targets_of_people(typed, n, planned, count);
    return NULL;
}

Error *periodic_live(Ctx *c, PeriodicKind kind, const PeriodicReport *row, PeriodicLive *ret, PeriodicSpans *ret_spans) {
    const Metrics *all;
    const Metric *m;
    MetricScope scope = periodic_scope(row);
    PeriodicSpans s = *ret_spans = periodic_spans(kind, row->first, date_of_instant(c->now));
    Date next = periodic_next(kind, row->first);
    *ret = (PeriodicLive){0};
    TRY(periodic_amount(c, &all, &m));
    TRY(sums_of(c, all, m, scope, s.first, s.last, &ret->actual));
    TRY(sums_of(c, all, m, scope, s.previous_first, s.previous_last, &ret->previous));
    TRY(stated_of(c, kind, row, s.previous_first, &ret->previous));
    TRY(sums_of(c, all, m, scope, s.year_first, s.year_last, &ret->last_year));
    TRY(stated_of(c, kind, row, s.year_first, &ret->last_year));
    if (row->employee_id) TRY(target_for(c, m, scope, s.first, s.last, TIER_BASE, TARGET_IN_FORCE, &ret->target));
    else TRY(periodic_unit_target(c, kind, row->unit_id, s.first, &ret->target));
    if (kind == PERIODIC_MONTH) TRY(target_for(c, m, scope, next, periodic_last(kind, next), TIER_BASE, TARGET_IN_FORCE, &ret->next_target));
    return NULL;
}

/* ---- frozen ---- */

static Money fen(Ratio r) {
    int64_t n = MONEY_NONE;
    return ratio_scaled(r, 100, &n) ? n : MONEY_NONE;
}

Error *periodic_freeze(Ctx *c, PeriodicKind kind, PeriodicReport *row) {
    PeriodicLive live;
    PeriodicSpans spans;
    TRY(periodic_live(c, kind, row, &live, &spans));
    PeriodicShown s = periodic_shown(row, &live);
    row->frozen_target = fen(s.target), row->frozen_actual = fen(s.actual), row->frozen_previous = fen(s.previous), row->frozen_last_year = fen(s.last_year);
    if (kind == PERIODIC_WEEK) return NULL;
    KeyMetric *keys;
    size_t n;
    TRY(periodic_keys(c, row, &keys, &n));
    row->frozen_keys = periodic_keys_stored(c, keys, n, true);
    return NULL;
}

/* ---- shown ---- */

static const char *money(Ctx *c, Ratio r) {
    char buf[MONEY_TEXT];
    Money m = fen(r);
    return m == MONEY_NONE ? "—" : talloc_strdup(c->mem, money_grouped(m, buf));
}

static Value bp_value(int64_t bp) {
    return bp == INT_NONE ? value_null() : value_money(bp);
}

static void add_money(Ctx *c, Value o, const char *name, Ratio r) {
    value_set(o, name, value_money(fen(r)));
    value_set_text(o, talloc_asprintf(c->mem, "%s_text", name), money(c, r));
}

static void add_percent(Ctx *c, Value o, const char *name, int64_t bp, bool sign) {
    value_set(o, name, bp_value(bp));
    value_set_text(o, talloc_asprintf(c->mem, "%s_text", name), periodic_percent(c->mem, bp, sign));
}

/* How far along: as the words of a status light, never a colour alone. */
static const char *rate_kind(const PeriodicShown *s, bool partial) {
    int64_t bp = periodic_bp(s->rate);
    if (bp == INT_NONE || partial) return NULL;
    return bp >= 10000 ? "success" : bp >= 8000 ? "warning" : "danger";
}

/* The list behind the numbers. A unit with others below has no such list, for it is by team. */
static const char *facts_href(Ctx *c, const PeriodicReport *row, const PeriodicSpans *s) {
    char first[DATE_TEXT], last[DATE_TEXT];
    return talloc_asprintf(c->mem, "/numbers/facts?%s=%lld&day_from=%s&day_to=%s", row->employee_id ? "employee_id" : "unit_id",
                           (long long)(row->employee_id ? row->employee_id : row->unit_id), date_text(s->first, first), date_text(s->last, last));
}

static const char *actual_source(Ctx *c, PeriodicKind kind, const PeriodicReport *row, const PeriodicShown *s) {
    if (s->frozen) return tr(c->lang, N_("As approved"));
    if (!s->stated) return tr(c->lang, N_("From the entries behind the numbers"));
    if (row->entered == MONEY_NONE) return tr(c->lang, N_("As the sheet said"));
    return tr(c->lang, kind == PERIODIC_WEEK ? N_("Entered from the weekly sheet") : N_("Entered from the monthly sheet"));
}

void periodic_add_numbers(Ctx *c, PeriodicKind kind, Value model, const PeriodicReport *row, const PeriodicShown *s, const PeriodicSpans *spans) {
    Date next = periodic_next(kind, row->first);
    add_money(c, model, "target", s->target);
    add_money(c, model, "actual", s->actual);
    add_money(c, model, "previous", s->previous);
    add_money(c, model, "last_year", s->last_year);
    add_money(c, model, "next_target", s->next_target);
    add_percent(c, model, "rate", periodic_bp(s->rate), false);
    add_percent(c, model, "growth", s->growth_bp, true);
    add_percent(c, model, "yearly", periodic_bp(s->yearly), true);
    add_percent(c, model, "next_growth", periodic_bp(s->next_growth), true);
    value_set_text(model, "rate_kind", rate_kind(s, spans->partial));
    value_set_bool(model, "partial", spans->partial);
    value_set_bool(model, "frozen", s->frozen);
    value_set_bool(model, "differs", s->differs);
    value_set(model, "now", s->differs ? value_money(fen(s->now)) : value_null());
    value_set_text(model, "now_text", s->differs ? money(c, s->now) : NULL);
    value_set_text(model, "period_title", periodic_title(c, kind, row->first));
    value_set_text(model, "next_title", periodic_title(c, kind, next));
    value_set_text(model, "subject_title", periodic_subject(c, row));
    value_set_text(model, "facts_href", facts_href(c, row, spans));
    value_set_text(model, "actual_source", actual_source(c, kind, row, s));
    value_set_text(model, "target_source", tr(c->lang, s->frozen ? N_("As approved") : s->typed_target ? N_("Typed for this report") : ratio_why(s->target) == RATIO_HAS_VALUE ? N_("From the targets") : N_("No target is set")));
    value_set_bool(model, "growth_stated", s->growth_stated);
}

Error *periodic_describe(Ctx *c, PeriodicKind kind, const PeriodicReport *row, Value model) {
    PeriodicLive live;
    PeriodicSpans spans;
    Instant deadline;
    char when[INSTANT_TEXT];
    TRY(periodic_live(c, kind, row, &live, &spans));
    PeriodicShown s = periodic_shown(row, &live);
    TRY(periodic_deadline(c, kind, row->first, &deadline));
    periodic_add_numbers(c, kind, model, row, &s, &spans);
    value_set_bool(model, "monthly", kind == PERIODIC_MONTH);
    value_set_text(model, "due_text", talloc_strdup(c->mem, instant_local(deadline, when)));
    value_set_text(model, "state_title", report_state_title(c, row->state));
    value_set_text(model, "state_kind", report_state_badge(row->state));
    if (kind == PERIODIC_WEEK) return NULL;
    KeyMetric *keys;
    size_t n;
    TRY(periodic_keys(c, row, &keys, &n));
    value_set(model, "keys", periodic_keys_model(c, keys, n));
    value_set_text(model, "keys_text", periodic_keys_text(c, row, keys, n));
    return NULL;
}

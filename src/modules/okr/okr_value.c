/* okr_value.c - how far key results and objectives are today, and how pages show it. */
#include "base/i18n.h"
#include "modules/calendar/calendar.h"
#include "modules/okr/okr_private.h"
#include "modules/target/target.h"
#include <string.h>
#include <talloc.h>

enum { RESULTS_MAX = 50, CHECK_INS_SHOWN = 8, CHECK_IN_DAYS = 7 };

Ratio okr_ratio(const Metric *metric, int64_t hundredths) {
    if (hundredths == MONEY_NONE) return RATIO_NONE;
    return ratio_make(hundredths, metric && metric->unit == UNIT_PERCENT ? 10000 : 100);
}

/* ---- reading ---- */

static int64_t int_or(const Rows *rows, int col, int64_t otherwise) {
    return row_is_null(rows, col) ? otherwise : row_int(rows, col);
}

static void read_result(const Rows *rows, KeyResult *k) {
    *k = (KeyResult){.id = row_int(rows, 0), .version = row_int(rows, 1), .objective_id = row_int(rows, 2), .title = row_dup(rows, 3), .source = (int)row_int(rows, 4),
                     .metric_id = row_int(rows, 5), .whose = (int)row_int(rows, 6), .start_value = row_int(rows, 7), .target_value = row_int(rows, 8),
                     .typed_value = int_or(rows, 9, MONEY_NONE), .unit_name = row_dup(rows, 10), .evidence = row_dup(rows, 11), .weight = row_int(rows, 12),
                     .confidence = int_or(rows, 13, -1), .checked_on = DATE_NONE, .score = int_or(rows, 15, MONEY_NONE), .score_note = row_dup(rows, 16),
                     .employee_id = row_int(rows, 17), .unit_id = row_int(rows, 18)};
    if (!row_is_null(rows, 14)) (void)date_parse(row_text(rows, 14), &k->checked_on);
}

static Error *load_results(Ctx *c, int64_t objective_id, ObjectiveNow *ret) {
    Rows *rows;
    ret->results = talloc_zero_array(c->mem, KeyResultNow, RESULTS_MAX);
    TRY(db_query(c, &rows, "SELECT id, version, objective_id, title, source, metric_id, whose, start_value, target_value, typed_value, unit_name, evidence, weight, confidence, checked_on,"
                           " score, score_note, employee_id, unit_id FROM key_result WHERE objective_id = $1 ORDER BY id LIMIT $2", V(objective_id), V(RESULTS_MAX)));
    while (rows_next(rows)) read_result(rows, &ret->results[ret->count++].row);
    return rows_done(rows);
}

static MetricScope scope_of(const KeyResult *k) {
    return k->whose == KEY_RESULT_OF_UNIT ? (MetricScope){SCOPE_UNIT, k->unit_id} : (MetricScope){SCOPE_PERSON, k->employee_id};
}

static Error *measure(Ctx *c, const Metrics *all, Date first, Date last, KeyResultNow *r) {
    const KeyResult *k = &r->row;
    r->metric = k->source == KEY_RESULT_METRIC ? metrics_by_id(all, k->metric_id) : NULL;
    if (k->source == KEY_RESULT_TYPED) r->value = okr_ratio(NULL, k->typed_value);
    else if (r->metric) {
        Date today = date_of_instant(c->now), until = last < today ? last : today;
        TRY(metric_actual(c, all, r->metric, scope_of(k), first, until, &r->value));
    }
    r->progress = okr_progress(okr_ratio(r->metric, k->start_value), okr_ratio(r->metric, k->target_value), r->value);
    return NULL;
}

Error *okr_now(Ctx *c, int64_t objective_id, Date first, Date last, ObjectiveNow *ret) {
    const Metrics *all;
    OkrPart progress[RESULTS_MAX], scores[RESULTS_MAX];
    bool scored = true;
    *ret = (ObjectiveNow){.score = RATIO_NONE};
    TRY(metrics_get(c, &all));
    TRY(load_results(c, objective_id, ret));
    for (size_t i = 0; i < ret->count; i++) {
        KeyResultNow *r = &ret->results[i];
        TRY(measure(c, all, first, last, r));
        progress[i] = (OkrPart){r->progress, r->row.weight};
        scores[i] = (OkrPart){okr_ratio(NULL, r->row.score), r->row.weight};
        scored &= r->row.score != MONEY_NONE;
    }
    ret->progress = okr_mean(progress, ret->count);
    if (scored) ret->score = okr_mean(scores, ret->count);
    return NULL;
}

Error *okr_elapsed(Ctx *c, int state, Date first, Date last, Ratio *ret) {
    const WorkCalendar *calendar;
    Date today = date_of_instant(c->now);
    *ret = RATIO_NONE;
    if (state == OBJECTIVE_DRAFT) return NULL;
    TRY(calendar_get(c, &calendar));
    *ret = ratio_make(workday_count(calendar, first, today < last ? today : last), workday_count(calendar, first, last));
    return NULL;
}

/* ---- showing ---- */

static const char *typed_text(Ctx *c, const KeyResult *k, int64_t hundredths) {
    char buf[MONEY_TEXT];
    if (hundredths == MONEY_NONE) return "—";
    const char *n = hundredths % 100 ? money_grouped(hundredths, buf) : int_grouped(hundredths / 100, buf);
    return k->unit_name && *k->unit_name ? talloc_asprintf(c->mem, "%s %s", n, k->unit_name) : talloc_strdup(c->mem, n);
}

static const char *value_text_of(Ctx *c, const KeyResultNow *r, Ratio value, int64_t hundredths) {
    if (!r->metric) return typed_text(c, &r->row, hundredths);
    const char *n = metric_text(c, r->metric, value, false);
    if (r->metric->unit == UNIT_PERCENT || !strcmp(n, "—")) return n;
    return talloc_asprintf(c->mem, "%s %s", n, tr(c->lang, metric_unit_labels[r->metric->unit]));
}

/* Green while progress keeps up with the working days gone by, yellow down to four fifths of them. */
static int pace(Ratio progress, Ratio elapsed) {
    if (ratio_compare(progress, elapsed) >= 0) return 0;
    return ratio_compare(progress, ratio_mul(elapsed, ratio_make(4, 5))) >= 0 ? 1 : 2;
}

void okr_add_progress(Ctx *c, Value o, Ratio progress, Ratio elapsed) {
    static const char *const kinds[] = {"success", "warning", "danger"}, *const words[] = {N_("On track"), N_("At risk"), N_("Behind")};
    int64_t tenths = 0, exact = 0, whole = 0;
    bool known = ratio_scaled(progress, 1000, &tenths) && ratio_scaled(progress, 10000, &exact) && ratio_scaled(okr_clamp(progress), 100, &whole);
    bool judged = known && ratio_why(elapsed) == RATIO_HAS_VALUE;
    int at = judged ? pace(progress, elapsed) : 0;
    value_set(o, "progress", known ? value_money(exact) : value_null()); /* 33.33 for a third */
    value_set_text(o, "percent_text", known ? talloc_asprintf(c->mem, "%s%lld.%lld%%", tenths < 0 ? "-" : "", (long long)(tenths < 0 ? -tenths : tenths) / 10, (long long)(tenths < 0 ? -tenths : tenths) % 10) : "—");
    value_set_int(o, "percent_capped", whole);
    value_set_text(o, "kind", judged ? kinds[at] : NULL);
    value_set_text(o, "word", judged ? tr(c->lang, words[at]) : NULL);
}

static void add_confidence(Ctx *c, Value o, int64_t confidence) {
    static const char *const kinds[] = {"secondary", "danger", "warning", "success"};
    static const char *const words[] = {N_("No check-in yet"), N_("At risk"), N_("Unsure"), N_("Confident")};
    OkrMood mood = okr_mood(confidence);
    value_set(o, "confidence", confidence < 0 ? value_null() : value_int(confidence));
    value_set_bool(o, "has_confidence", confidence >= 0);
    value_set_text(o, "confidence_kind", kinds[mood]);
    value_set_text(o, "confidence_word", tr(c->lang, words[mood]));
    value_set_text(o, "confidence_text", confidence < 0 ? "—" : talloc_asprintf(c->mem, "%lld", (long long)confidence));
}

/* The KPI beside the OKR: the target of the same metric, scope and days, where there is one. */
static Error *add_kpi(Ctx *c, const Objective *o, const KeyResultNow *r, Value model) {
    Ratio target;
    int64_t tenths;
    value_set(model, "kpi_text", value_null());
    value_set(model, "kpi_target", value_null());
    if (!r->metric) return NULL;
    TRY(target_for(c, r->metric, scope_of(&r->row), o->first_day, o->last_day, TIER_BASE, TARGET_IN_FORCE, &target));
    if (ratio_why(target) != RATIO_HAS_VALUE) return NULL;
    value_set(model, "kpi_target", metric_json(r->metric, target));
    Msg text = {.id = N_("Target of these days {1}, reached {2}"), .args = {metric_text(c, r->metric, target, false), "—"}};
    if (ratio_scaled(metric_attainment(r->metric, r->value, target), 1000, &tenths)) text.args[1] = talloc_asprintf(c->mem, "%lld.%lld%%", (long long)tenths / 10, (long long)tenths % 10);
    value_set_text(model, "kpi_text", msg_text(c->mem, c->lang, &text));
    return NULL;
}

static Error *add_check_ins(Ctx *c, int64_t key_result_id, Value model) {
    Rows *rows;
    Value list = value_array(c->mem);
    TRY(db_query(c, &rows, "SELECT t.day, t.confidence, t.progress, t.comment, a.name FROM check_in t LEFT JOIN account a ON a.id = t.created_by WHERE t.key_result_id = $1 ORDER BY t.id DESC LIMIT $2",
                 V(key_result_id), V(CHECK_INS_SHOWN)));
    while (rows_next(rows)) {
        Value o = value_object(c->mem);
        value_set_text(o, "day", row_dup(rows, 0));
        add_confidence(c, o, row_int(rows, 1));
        okr_add_progress(c, o, row_is_null(rows, 2) ? RATIO_NONE : ratio_make(row_int(rows, 2), 10000), RATIO_NONE);
        value_set_text(o, "comment", row_dup(rows, 3));
        value_set_text(o, "who", row_dup(rows, 4));
        value_push(list, o);
    }
    value_set(model, "check_ins", list);
    value_set_bool(model, "has_check_ins", value_count(list) > 0);
    return rows_done(rows);
}

static Error *result_model(Ctx *c, const Objective *o, const KeyResultNow *r, Ratio elapsed, Value *ret) {
    const KeyResult *k = &r->row;
    Value m = value_object(c->mem);
    int proposal = okr_score(r->progress);
    Date today = date_of_instant(c->now);
    char buf[MONEY_TEXT], day[DATE_TEXT];
    *ret = m;
    value_set_int(m, "id", k->id);
    value_set_int(m, "version", k->version);
    value_set_text(m, "title", k->title);
    value_set_text(m, "href", resource_href(c, &key_result_resource, k->id));
    value_set_int(m, "weight", k->weight);
    value_set_bool(m, "is_typed", k->source == KEY_RESULT_TYPED);
    value_set_text(m, "metric", r->metric ? r->metric->code : NULL);
    value_set_text(m, "metric_title", r->metric ? tr(c->lang, r->metric->name) : NULL);
    value_set(m, "value", r->metric ? metric_json(r->metric, r->value) : value_money(k->typed_value));
    value_set_text(m, "value_text", value_text_of(c, r, r->value, k->typed_value));
    value_set_text(m, "start_text", value_text_of(c, r, okr_ratio(r->metric, k->start_value), k->start_value));
    value_set_text(m, "target_text", value_text_of(c, r, okr_ratio(r->metric, k->target_value), k->target_value));
    value_set_text(m, "typed_plain", k->typed_value == MONEY_NONE ? "" : talloc_strdup(c->mem, money_plain(k->typed_value, buf)));
    value_set_text(m, "evidence", k->evidence);
    okr_add_progress(c, m, r->progress, elapsed);
    add_confidence(c, m, k->confidence);
    value_set(m, "checked_on", k->checked_on == DATE_NONE ? value_null() : value_text(talloc_strdup(c->mem, date_text(k->checked_on, day))));
    value_set_bool(m, "check_in_due", o->state == OBJECTIVE_ACTIVE && (k->checked_on == DATE_NONE || today - k->checked_on >= CHECK_IN_DAYS));
    value_set(m, "score_proposal", proposal < 0 ? value_null() : value_money(proposal));
    value_set(m, "score", k->score == MONEY_NONE ? value_null() : value_money(k->score));
    value_set_text(m, "score_note", k->score_note);
    TRY(add_kpi(c, o, r, m));
    return add_check_ins(c, k->id, m);
}

Error *okr_results_model(Ctx *c, const Objective *o, const ObjectiveNow *now, Value *ret) {
    Ratio elapsed;
    *ret = value_array(c->mem);
    TRY(okr_elapsed(c, o->state, o->first_day, o->last_day, &elapsed));
    for (size_t i = 0; i < now->count; i++) {
        Value one;
        TRY(result_model(c, o, &now->results[i], elapsed, &one));
        value_push(*ret, one);
    }
    return NULL;
}

/* metric_formula.c - formulas: written with names, stored with codes, one for each day from which it holds. */
#include "base/i18n.h"
#include "modules/metric/metric_private.h"
#include <string.h>
#include <talloc.h>

/* Gives each name of the formula its place in the dictionary; *ret_unknown is the first that has none. */
static void bind(Ctx *c, const Metrics *all, Formula *f, const char **ret_unknown) {
    const char *const *names;
    size_t n = formula_names(f, &names);
    *ret_unknown = NULL;
    for (size_t i = 0; i < n && !*ret_unknown; i++) {
        int place = metric_place(c, all, names[i]);
        if (place < 0) *ret_unknown = names[i];
        else formula_bind(f, i, (size_t)place);
    }
}

/* ---- loading ---- */

static Error *count_versions(Ctx *c, Metrics *all) {
    Rows *rows;
    all->versions = talloc_zero_array(all, const FormulaVersion *, (unsigned)all->count);
    TRY(db_query(c, &rows, "SELECT metric_id, count(*) FROM metric_version GROUP BY metric_id"));
    while (rows_next(rows))
        for (size_t i = 0; i < all->count; i++)
            if (all->metrics[i].id == row_int(rows, 0)) all->versions[i] = talloc_zero_array(all, FormulaVersion, (unsigned)row_int(rows, 1) + 1);
    return rows_done(rows);
}

Error *metric_versions_load(Ctx *c, Metrics *all) {
    Ctx own = *c;
    Rows *rows;
    own.mem = all; /* the formulas live as long as the dictionary */
    TRY(count_versions(c, all));
    TRY(db_query(c, &rows, "SELECT metric_id, valid_from, formula FROM metric_version ORDER BY metric_id, valid_from DESC"));
    while (rows_next(rows)) {
        size_t i = 0;
        while (i < all->count && all->metrics[i].id != row_int(rows, 0)) i++;
        if (i == all->count) continue;
        FormulaVersion *v = (FormulaVersion *)(uintptr_t)all->versions[i];
        while (v->formula) v++;
        const char *unknown;
        TRY(formula_parse(&own, row_text(rows, 2), &v->formula));
        bind(c, all, v->formula, &unknown);
        if (unknown) return err_internal(c, "metric %s uses the unknown %s", all->metrics[i].code, unknown);
        if (!date_parse(row_text(rows, 1), &v->from)) v->from = 0;
    }
    return rows_done(rows);
}

static const FormulaVersion *version_on(const Metrics *all, size_t place, Date day) {
    for (const FormulaVersion *v = all->versions[place]; v && v->formula; v++)
        if (v->from <= day) return v;
    return NULL;
}

/* ---- checking ---- */

typedef struct Uses {
    const int **uses;
    size_t *counts;
} Uses;

static const int *places_of(Ctx *c, const Metrics *all, const Formula *f, size_t *ret_count) {
    const char *const *names;
    *ret_count = formula_names(f, &names);
    int *places = talloc_array(c->mem, int, (unsigned)*ret_count + 1);
    for (size_t i = 0; i < *ret_count; i++) places[i] = metric_place(c, all, names[i]);
    return places;
}

/* Would the metric at `place` lead back to itself with this formula, by the formulas that hold on that day? */
static Error *check_cycle_on(Ctx *c, const Metrics *all, size_t place, const Formula *f, Date day) {
    size_t n = all->count;
    Uses u = {talloc_zero_array(c->mem, const int *, (unsigned)n), talloc_zero_array(c->mem, size_t, (unsigned)n)};
    for (size_t i = 0; i < n; i++) {
        const FormulaVersion *v = i == place ? NULL : version_on(all, i, day);
        if (v) u.uses[i] = places_of(c, all, v->formula, &u.counts[i]);
    }
    u.uses[place] = places_of(c, all, f, &u.counts[place]);
    int *path = talloc_array(c->mem, int, (unsigned)n);
    size_t length = formula_cycle(c, n, u.uses, u.counts, path);
    if (!length) return NULL;
    Text *loop = text_new(c->mem, 4000);
    for (size_t i = 0; i <= length; i++) text_addf(loop, "%s%s", i ? " → " : "", tr(c->lang, all->metrics[path[i % length]].name));
    return err_field(c, "formula", N_("The formula leads back to itself: {1}"), loop->data);
}

/* From its first day on, and on each later day from which another metric has a new one. Nobody names a metric yet that is new. */
static Error *check_cycle(Ctx *c, const Metrics *all, size_t place, const Formula *f, Date from) {
    if (place == all->count) return NULL;
    TRY(check_cycle_on(c, all, place, f, from));
    for (size_t i = 0; i < all->count; i++)
        for (const FormulaVersion *v = all->versions[i]; i != place && v && v->formula; v++)
            if (v->from > from) TRY(check_cycle_on(c, all, place, f, v->from));
    return NULL;
}

Error *metric_formula_read(Ctx *c, const Metrics *all, const char *code, const char *text, Date from, const char **ret_codes) {
    Formula *f;
    Error *e = formula_parse(c, text, &f);
    if (e && e->status != 422) return e;
    if (e) return err_field(c, "formula", e->message.id, e->message.args[0], e->message.args[1], e->message.args[2]);
    const char *const *names;
    size_t n = formula_names(f, &names), place = 0;
    const char **codes = talloc_array(c->mem, const char *, (unsigned)n + 1);
    if (!n) return err_field(c, "formula", N_("A formula needs at least one metric"));
    for (size_t i = 0; i < n; i++) {
        const Metric *used = metrics_by_name(c, all, names[i]);
        if (!used && code && (!strcmp(names[i], code))) return err_field(c, "formula", N_("The formula leads back to itself: {1}"), code);
        if (!used) return err_field(c, "formula", N_("There is no metric “{1}”"), names[i]);
        if (used->rollup == ROLLUP_INHERIT) return err_field(c, "formula", N_("“{1}” is inherited and cannot be computed with"), names[i]);
        codes[i] = used->code;
    }
    while (place < all->count && (!code || strcmp(all->metrics[place].code, code) != 0)) place++;
    TRY(check_cycle(c, all, place, f, from));
    *ret_codes = formula_text(c, f, codes);
    return NULL;
}

/* ---- storing ---- */

Error *metric_formula_store(Ctx *c, const Metric *m) {
    const Metrics *all;
    const char *codes, *held = NULL;
    char day[DATE_TEXT];
    if (m->rollup != ROLLUP_RATIO || !m->formula) return NULL;
    TRY(metrics_get(c, &all));
    TRY(metric_formula_read(c, all, m->code, m->formula, m->formula_from, &codes));
    date_text(m->formula_from, day);
    TRY(db_get_text(c, &held, "SELECT formula FROM metric_version WHERE metric_id = $1 AND valid_from <= $2 ORDER BY valid_from DESC LIMIT 1", V(m->id), V(day)));
    /* from that day on this one holds: later ones are the past's plans */
    TRY(db_exec(c, "DELETE FROM metric_version WHERE metric_id = $1 AND valid_from > $2", V(m->id), V(day)));
    if (text_equal(held, codes)) return NULL;
    TRY(db_exec(c, "DELETE FROM metric_version WHERE metric_id = $1 AND valid_from = $2", V(m->id), V(day)));
    int64_t versions = 0;
    TRY(db_get_int(c, &versions, "SELECT count(*) FROM metric_version WHERE metric_id = $1", V(m->id)));
    if (versions >= METRIC_FORMULAS_MAX) return err_conflict(c, N_("A metric has at most {1} formulas over time"), "40");
    return db_exec(c, "INSERT INTO metric_version(metric_id, valid_from, formula, created_at, created_by) VALUES ($1, $2, $3, $4, $5)", V(m->id), V(day), V(codes), V(c->now),
                   V_id(c->actor->account_id));
}

/* ---- showing ---- */

static const char **shown_names(Ctx *c, const Metrics *all, const char *const *names, size_t n) {
    const char **shown = talloc_array(c->mem, const char *, (unsigned)n + 1);
    for (size_t i = 0; i < n; i++) {
        const Metric *m = metrics_by_code(all, names[i]);
        shown[i] = m ? tr(c->lang, m->name) : names[i];
    }
    return shown;
}

static const char *readable(Ctx *c, const Metrics *all, const Formula *f) {
    const char *const *names;
    size_t n = formula_names(f, &names);
    return formula_text(c, f, shown_names(c, all, names, n));
}

/* People see the newest formula as it was written; a new name goes into it, so that the text still means the same metric. */
Error *metric_formula_renamed(Ctx *c, const Metric *m) {
    const Metrics *all;
    TRY(metrics_get(c, &all));
    for (size_t i = 0; i < all->count; i++) {
        const Formula *f = all->versions[i] ? all->versions[i]->formula : NULL;
        const char *const *names, **shown;
        size_t n = f ? formula_names(f, &names) : 0, at = 0;
        while (at < n && strcmp(names[at], m->code) != 0) at++;
        if (at == n) continue;
        shown = shown_names(c, all, names, n);
        shown[at] = tr(c->lang, m->name);
        TRY(db_exec(c, "UPDATE metric SET formula = $1, version = version + 1, updated_at = $2, updated_by = $3 WHERE id = $4", V(formula_text(c, f, shown)), V(c->now),
                       V_id(c->actor->account_id), V(all->metrics[i].id)));
    }
    return NULL;
}

const char *metric_formula_text(Ctx *c, const Metrics *all, const Metric *m, Date day) {
    const FormulaVersion *v = version_on(all, (size_t)(m - all->metrics), day);
    return v ? readable(c, all, v->formula) : NULL;
}

Error *metric_formula_describe(Ctx *c, const Metric *row, Value model) {
    const Metrics *all;
    Value versions = value_array(c->mem), used_by = value_array(c->mem);
    TRY(metrics_get(c, &all));
    const Metric *m = metrics_by_id(all, row->id);
    if (!m) return NULL;
    for (const FormulaVersion *v = all->versions[m - all->metrics]; v && v->formula; v++) {
        char day[DATE_TEXT];
        Value o = value_object(c->mem);
        value_set_text(o, "from", talloc_strdup(c->mem, date_text(v->from, day)));
        value_set_text(o, "formula", readable(c, all, v->formula));
        value_push(versions, o);
    }
    for (size_t i = 0; i < all->count; i++) {
        const FormulaVersion *v = all->versions[i];
        const char *const *names;
        size_t n = v && v->formula ? formula_names(v->formula, &names) : 0;
        for (size_t k = 0; k < n; k++) {
            if (strcmp(names[k], m->code) != 0) continue;
            Value o = value_object(c->mem);
            value_set_text(o, "name", tr(c->lang, all->metrics[i].name));
            value_set_text(o, "href", resource_href(c, &metric_resource, all->metrics[i].id));
            value_push(used_by, o);
        }
    }
    value_set(model, "formulas", versions);
    value_set(model, "used_by", used_by);
    return NULL;
}

/* ---- computing ---- */

enum { MAX_METRICS = 256 };

/* Each metric is computed once; one that is asked for while it is computed leads back to itself and has no value. */
typedef struct Eval {
    const Metrics *all;
    const Sums *sums;
    Date day;
    Ratio values[MAX_METRICS]; /* by place */
    bool begun[MAX_METRICS];
} Eval;

static Ratio counted(const Metric *m, const Sums *sums) {
    if (sums->facts <= 0) return RATIO_NONE;
    return ratio_make(sums->n[m->slot - 1], m->unit == UNIT_YUAN ? 100 : 1);
}

static Ratio entered(const Metric *m, const Sums *sums) {
    const MetricLevel *level = sums->levels;
    while (level && level->metric_id && level->metric_id != m->id) level++;
    return level && level->metric_id ? ratio_make(level->value, m->unit == UNIT_PERCENT ? 10000 : 100) : RATIO_NONE;
}

static Ratio value_at_place(Eval *e, size_t place) {
    const Metric *m = &e->all->metrics[place];
    if (e->begun[place]) return e->values[place];
    e->begun[place] = true;
    e->values[place] = m->slot > 0 ? counted(m, e->sums) : m->rollup == ROLLUP_INHERIT ? entered(m, e->sums) : RATIO_NONE;
    const FormulaVersion *v = m->slot > 0 ? NULL : version_on(e->all, place, e->day);
    if (!v) return e->values[place];
    const char *const *names;
    size_t n = formula_names(v->formula, &names);
    for (size_t i = 0; i < n; i++) {
        size_t at = 0;
        while (at < e->all->count && strcmp(e->all->metrics[at].code, names[i]) != 0) at++;
        if (at < e->all->count) (void)value_at_place(e, at);
    }
    return e->values[place] = formula_eval(v->formula, e->values);
}

Ratio metric_value(const Metrics *all, const Metric *m, const Sums *sums, Date day) {
    Eval e = {.all = all, .sums = sums, .day = day};
    return all->count > MAX_METRICS && m->slot <= 0 ? RATIO_NONE : value_at_place(&e, (size_t)(m - all->metrics));
}

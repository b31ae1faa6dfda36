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

/* Would the metric at `place` lead back to itself with this formula? The new metric has the place behind the last. */
static Error *check_cycle(Ctx *c, const Metrics *all, size_t place, const Formula *f) {
    size_t n = all->count + 1;
    Uses u = {talloc_zero_array(c->mem, const int *, (unsigned)n), talloc_zero_array(c->mem, size_t, (unsigned)n)};
    for (size_t i = 0; i < all->count; i++)
        if (i != place && all->versions[i] && all->versions[i]->formula) u.uses[i] = places_of(c, all, all->versions[i]->formula, &u.counts[i]);
    u.uses[place] = places_of(c, all, f, &u.counts[place]);
    int *path = talloc_array(c->mem, int, (unsigned)n);
    size_t length = formula_cycle(c, n, u.uses, u.counts, path);
    if (!length) return NULL;
    Text *loop = text_new(c->mem, 4000);
    for (size_t i = 0; i <= length; i++) text_addf(loop, "%s%s", i ? " → " : "", tr(c->lang, all->metrics[path[i % length]].name));
    return err_field(c, "formula", N_("The formula leads back to itself: {1}"), loop->data);
}

Error *metric_formula_read(Ctx *c, const Metrics *all, const char *code, const char *text, const char **ret_codes) {
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
    TRY(check_cycle(c, all, place, f));
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
    TRY(metric_formula_read(c, all, m->code, m->formula, &codes));
    date_text(m->formula_from, day);
    TRY(db_get_text(c, &held, "SELECT formula FROM metric_version WHERE metric_id = $1 AND valid_from <= $2 ORDER BY valid_from DESC LIMIT 1", V(m->id), V(day)));
    if (text_equal(held, codes)) return NULL;
    int64_t versions = 0;
    TRY(db_get_int(c, &versions, "SELECT count(*) FROM metric_version WHERE metric_id = $1", V(m->id)));
    if (versions >= METRIC_FORMULAS_MAX) return err_conflict(c, N_("A metric has at most {1} formulas over time"), "40");
    /* from that day on this one holds: later ones are the past's plans */
    TRY(db_exec(c, "DELETE FROM metric_version WHERE metric_id = $1 AND valid_from >= $2", V(m->id), V(day)));
    return db_exec(c, "INSERT INTO metric_version(metric_id, valid_from, formula, created_at, created_by) VALUES ($1, $2, $3, $4, $5)", V(m->id), V(day), V(codes), V(c->now),
                   V_id(c->actor->account_id));
}

/* ---- showing ---- */

static const char *readable(Ctx *c, const Metrics *all, const Formula *f) {
    const char *const *names;
    size_t n = formula_names(f, &names);
    const char **shown = talloc_array(c->mem, const char *, (unsigned)n + 1);
    for (size_t i = 0; i < n; i++) {
        const Metric *m = metrics_by_code(all, names[i]);
        shown[i] = m ? tr(c->lang, m->name) : names[i];
    }
    return formula_text(c, f, shown);
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

enum { MAX_METRICS = 256, MAX_NESTING = 12 };

static Ratio counted(const Metric *m, const Sums *sums) {
    if (sums->facts <= 0) return RATIO_NONE;
    return ratio_make(sums->n[m->slot - 1], m->unit == UNIT_YUAN ? 100 : 1);
}

static Ratio value_at_place(const Metrics *all, size_t place, const Sums *sums, Date day, int nesting) {
    const Metric *m = &all->metrics[place];
    if (m->slot > 0) return counted(m, sums);
    const FormulaVersion *v = version_on(all, place, day);
    if (!v || nesting == MAX_NESTING || all->count > MAX_METRICS) return RATIO_NONE;
    Ratio values[MAX_METRICS];
    const char *const *names;
    size_t n = formula_names(v->formula, &names);
    for (size_t i = 0; i < n; i++) {
        size_t at = 0;
        while (at < all->count && strcmp(all->metrics[at].code, names[i]) != 0) at++;
        if (at < all->count) values[at] = value_at_place(all, at, sums, day, nesting + 1);
    }
    return formula_eval(v->formula, values);
}

Ratio metric_value(const Metrics *all, const Metric *m, const Sums *sums, Date day) {
    return value_at_place(all, (size_t)(m - all->metrics), sums, day, 0);
}

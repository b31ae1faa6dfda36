/* mapping_page.c - POST /intake/runs/{id}/preview and /mapping: what the columns of a file mean, tried and saved. */
#include "base/i18n.h"
#include "modules/intake/intake_pages.h"
#include "modules/intake/mapping_page.h"
#include <string.h>
#include <talloc.h>

typedef struct Mapping {
    FeedRun *run;
    IntakePlan plan;
    Feed feed, *old; /* old: the saved feed that is changed */
    FeedRules rules;
    Error *problem;  /* in the form itself */
} Mapping;

/* ---- the form ---- */

static const char *given(Req *r, const char *name) {
    const char *s = req_form(r, name);
    s = s ? text_clean(r->c.mem, s) : "";
    return *s ? s : NULL;
}
static const char *given_at(Req *r, const char *name, int i) {
    return given(r, talloc_asprintf(r->c.mem, "%s_%d", name, i));
}

static void read_rules(Req *r, Mapping *m) {
    Ctx *c = &r->c;
    for (int i = 1; i <= FEED_RULES; i++) {
        const char *metric = given_at(r, "metric", i), *op = given_at(r, "op", i), *values = given_at(r, "values", i);
        if (!metric) continue;
        FeedRule *rule = &m->rules.list[m->rules.count++];
        *rule = (FeedRule){.metric = metric, .column = given_at(r, "column", i), .filter = given_at(r, "filter", i), .is_not = op && !strcmp(op, "is_not")};
        if (!rule->filter) continue;
        rule->value_count = feed_words_parse(c->mem, values ? values : "", rule->values, FEED_VALUES);
        if (rule->value_count > 0) continue;
        rule->value_count = 0;
        err_add_field(c, &m->problem, "rules", N_("Say for “{1}” which values count, separated by commas"), rule->filter);
    }
    m->feed.rules = m->rules.count ? feed_rules_text(c->mem, &m->rules) : NULL;
}

static void read_form(Req *r, Mapping *m) {
    static const char *const orders[] = {"auto", "month_first", "day_first"};
    const char *keys[FEED_KEYS], *order = given(r, "day_order"), *pattern = req_form(r, "folder_pattern");
    int n = 0;
    Feed *f = &m->feed;
    *f = m->old ? *m->old : (Feed){.active = true};
    f->name = given(r, "name");
    f->person_column = given(r, "person_column");
    f->day_column = given(r, "day_column");
    f->product_column = given(r, "product_column");
    f->region_column = given(r, "region_column");
    f->customer_type_column = given(r, "customer_type_column");
    if (pattern) f->folder_pattern = given(r, "folder_pattern");
    for (int i = 1; i <= FEED_KEYS; i++)
        if (given_at(r, "key", i)) keys[n++] = given_at(r, "key", i);
    f->key_columns = n ? feed_words_text(r->c.mem, keys, n) : NULL;
    for (int i = 0; i < 3; i++)
        if (order && !strcmp(order, orders[i])) f->day_order = i;
    read_rules(r, m);
}

/* ---- the page ---- */

static Error *load(Req *r, Mapping *m) {
    SheetFile file;
    int64_t id;
    TRY(req_id(r, 0, &id));
    TRY(run_load(&r->c, id, &m->run));
    if (m->run->state == RUN_RUNNING) return err_conflict(&r->c, N_("This file is being taken in already"));
    if (m->run->feed_id > 0) TRY(feed_load(&r->c, m->run->feed_id, &m->old));
    TRY(run_file(&r->c, m->run, &file));
    return intake_plan(&r->c, &file, m->old, &m->plan);
}

static Error *answer(Req *r, Mapping *m, const Error *problem) {
    Ctx *c = &r->c;
    IntakeWalk w = {.plan = m->plan};
    Value model;
    TRY(run_file(c, m->run, &w.file));
    TRY(intake_bind(c, &w.plan, &m->feed, &w.map));
    TRY(intake_walk(c, &w));
    TRY(mapping_model(c, m->run, &m->plan, &m->feed, &m->rules, w.matched, problem, &model));
    return respond_view_status(r, problem ? problem->status : 200, "intake_mapping", model);
}

Error *mapping_first(Req *r, FeedRun *run) {
    Mapping m = {.run = run};
    const char *line;
    TRY(load(r, &m));
    if (m.old) m.feed = *m.old;
    else {
        TRY(intake_guess(&r->c, &m.plan, &m.feed));
        const char *dot = strrchr(run->filename, '.');
        m.feed.name = text_cut(r->c.mem, talloc_strndup(r->c.mem, run->filename, dot ? (size_t)(dot - run->filename) : strlen(run->filename)), 60);
    }
    (void)feed_rules_parse(r->c.mem, m.feed.rules ? m.feed.rules : "", &m.rules, &line);
    return answer(r, &m, NULL);
}

Error *mapping_preview(Req *r) {
    Mapping m = {0};
    TRY(load(r, &m));
    read_form(r, &m);
    return answer(r, &m, NULL);
}

/* What 3/1/2017 means is kept as this file shows it: a later file of one row might not show it. */
static void fix_day_order(Mapping *m, Ctx *c) {
    IntakeMap map;
    if (m->feed.day_order != DAY_ORDER_AUTO || !m->feed.day_column || intake_bind(c, &m->plan, &m->feed, &map) || map.day < 0) return;
    const IntakeColumn *day = &m->plan.columns[map.day];
    if (day->first_over_12 != day->second_over_12) m->feed.day_order = day->first_over_12 ? DAY_ORDER_DAY : DAY_ORDER_MONTH;
}

static Error *save_tx(Ctx *c, void *arg) {
    Mapping *m = arg;
    int64_t changed = 0;
    Feed row = m->feed;
    row.version = 0;
    TRY(resource_save(c, &feed_resource, m->old, &row, NULL, NULL));
    TRY(db_exec_n(c, &changed, "UPDATE feed_run SET feed_id = $2 WHERE id = $1 AND state <> 1", V(m->run->id), V(row.id)));
    return changed ? NULL : err_conflict(c, N_("This file is being taken in already"));
}

static Error *saved(Req *r, void *arg) {
    return respond_redirect(r, run_href(&r->c, ((Mapping *)arg)->run->id, ""));
}

static Error *not_saved(Req *r, void *arg, Error *e) {
    return e->fields && !r->wants_json ? answer(r, arg, e) : e;
}

Error *mapping_page(Req *r) {
    Mapping *m = talloc_zero(r->c.mem, Mapping);
    TRY(load(r, m));
    read_form(r, m);
    if (m->problem) return not_saved(r, m, m->problem);
    fix_day_order(m, &r->c);
    return req_commit_or(r, save_tx, m, saved, not_saved);
}

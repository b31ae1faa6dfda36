/* view.c - what the intake pages show of a run: how far it is, what came of it, what waits. */
#include "base/i18n.h"
#include "modules/intake/intake_pages.h"
#include "modules/org/org.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { MAX_CHOICES = 500, MAX_CANDIDATES = 10 };

const char *said(Ctx *c, const char *msgid, const char *arg) {
    Msg m = {.id = msgid, .args = {arg}};
    return msg_text(c->mem, c->lang, &m);
}

Value intake_error_item(Ctx *c, int64_t row, const char *column, const char *message) {
    Value o = value_object(c->mem);
    value_set_int(o, "row", row);
    value_set_text(o, "column", column);
    value_set_text(o, "message", message);
    return o;
}

const char *name_unknown_text(Ctx *c, const Judged *row) {
    Text *t = text_new(c->mem, 4096);
    for (int k = 0; k < NAME_KINDS; k++)
        if (row->unknown[k]) text_addf(t, "%s%s: %s", t->len ? "; " : "", tr(c->lang, name_kind_labels[k]), said(c, N_("“{1}” is not known"), row->unknown[k]));
    return t->data;
}

/* ---- unknown names ---- */

static Value choice(Ctx *c, int64_t id, const char *title) {
    Value o = value_object(c->mem);
    value_set_int(o, "value", id);
    value_set_text(o, "title", title);
    return o;
}

static Error *dimension_choices(Ctx *c, int kind, Value *ret) {
    Rows *rows;
    *ret = value_array(c->mem);
    TRY(db_query(c, &rows, "SELECT id, name FROM dimension WHERE kind = $1 AND active = 1 ORDER BY sort, name_keys, id LIMIT $2", V(kind - 1), V(MAX_CHOICES)));
    while (rows_next(rows)) value_push(*ret, choice(c, row_int(rows, 0), row_dup(rows, 1)));
    return rows_done(rows);
}

/* Several people of that name: the file cannot say which, somebody has to. */
static Error *candidates(Ctx *c, const char *name, Value *ret) {
    Rows *rows;
    *ret = value_array(c->mem);
    TRY(db_query(c, &rows, "SELECT e.id, e.name, e.no, u.name FROM employee e JOIN org_unit u ON u.id = e.unit_id WHERE lower(e.name) = lower($1) ORDER BY e.id LIMIT $2", V(name), V(MAX_CANDIDATES)));
    while (rows_next(rows)) value_push(*ret, choice(c, row_int(rows, 0), talloc_asprintf(c->mem, "%s (%s, %s)", row_text(rows, 1), row_text(rows, 2), row_text(rows, 3))));
    return rows_done(rows);
}

static Error *unknown_names(Ctx *c, int64_t run_id, Value *ret) {
    Value choices[NAME_KINDS] = {{0}};
    Rows *rows;
    *ret = value_array(c->mem);
    TRY(db_query(c, &rows, "SELECT id, kind, name, rows FROM feed_unknown WHERE run_id = $1 ORDER BY kind, rows DESC, name", V(run_id)));
    while (rows_next(rows)) {
        Value o = value_object(c->mem);
        int kind = (int)row_int(rows, 1);
        value_set_int(o, "id", row_int(rows, 0));
        value_set_text(o, "kind", name_kind_codes[kind]);
        value_set_text(o, "kind_title", tr(c->lang, name_kind_labels[kind]));
        value_set_text(o, "name", row_dup(rows, 2));
        value_set_int(o, "rows", row_int(rows, 3));
        value_set_bool(o, "is_person", kind == NAME_PERSON);
        value_push(*ret, o);
    }
    TRY(rows_done(rows));
    for (size_t i = 0; i < value_count(*ret); i++) {
        Value o = value_at(*ret, i), list;
        int kind = 0;
        while (strcmp(name_kind_codes[kind], value_get(o, "kind", 4, NULL).text) != 0) kind++;
        if (kind == NAME_PERSON) TRY(candidates(c, value_get(o, "name", 4, NULL).text, &list));
        else {
            if (choices[kind].kind == V_NULL) TRY(dimension_choices(c, kind, &choices[kind]));
            list = choices[kind];
        }
        value_set_bool(o, "has_choices", value_count(list) > 0);
        value_set(o, "candidates", kind == NAME_PERSON ? list : value_null());
        value_set(o, "_choices", kind == NAME_PERSON ? value_null() : list);
    }
    return NULL;
}

/* ---- a run ---- */

static Value error_list(Ctx *c, const char *errors) {
    Value list = value_array(c->mem);
    for (const char *line = errors; line && *line;) {
        size_t row = strcspn(line, "\t"), column = strcspn(line + row + 1, "\t");
        const char *message = line + row + column + 2, *end = message + strcspn(message, "\n");
        value_push(list, intake_error_item(c, strtoll(line, NULL, 10), talloc_strndup(c->mem, line + row + 1, column), talloc_strndup(c->mem, message, (size_t)(end - message))));
        line = *end ? end + 1 : end;
    }
    return list;
}

static Value counts(Ctx *c, const FeedRun *run) {
    Value o = value_object(c->mem);
    value_set_int(o, "rows", run->rows);
    value_set_int(o, "new", run->added);
    value_set_int(o, "update", run->updated);
    value_set_int(o, "unchanged", run->unchanged);
    value_set_int(o, "skipped", run->skipped);
    value_set_int(o, "waiting", run->waiting);
    value_set_int(o, "bad", run->bad);
    return o;
}

/* The first metric of the feed by month, for the whole company, over the file's days. */
static Error *series_href(Ctx *c, const FeedRun *run, const char **ret) {
    FeedRules rules;
    const char *line;
    int64_t company = 0;
    Feed *feed;
    int y0, m0, y1, m1, d;
    *ret = NULL;
    if (!run->feed_id || run->first_day == DATE_NONE) return NULL;
    TRY(feed_load(c, run->feed_id, &feed));
    TRY(db_get_int(c, &company, "SELECT id FROM org_unit WHERE kind = 0"));
    if (!feed_rules_parse(c->mem, feed->rules, &rules, &line)) return NULL;
    date_parts(run->first_day, &y0, &m0, &d);
    date_parts(run->last_day, &y1, &m1, &d);
    int months = (y1 - y0) * 12 + m1 - m0 + 1;
    *ret = talloc_asprintf(c->mem, "/numbers/series?unit_id=%lld&metric=%s&from=%04d-%02d&months=%d", (long long)company, rules.list[0].metric, y0, m0, months > 36 ? 36 : months);
    return NULL;
}

Error *run_model(Ctx *c, const FeedRun *run, Value *ret) {
    static const char *const words[] = {"waiting", "running", "done", "failed"};
    static const char *const texts[] = {N_("Waiting for your confirmation"), N_("Running"), N_("Taken in"), N_("Failed")};
    static const char *const kinds[] = {"info", "info", "success", "danger"};
    bool open = run->state == RUN_DONE && run->waiting + run->bad > 0, failed = run->state == RUN_FAILED;
    Value o = value_object(c->mem), unknown, errors = error_list(c, run->errors);
    const char *series;
    TRY(unknown_names(c, run->id, &unknown));
    TRY(series_href(c, run, &series));
    value_set_int(o, "id", run->id);
    value_set_text(o, "title", run->filename);
    value_set_text(o, "file_name", run->filename);
    value_set(o, "feed_id", run->feed_id > 0 ? value_int(run->feed_id) : value_null());
    value_set_text(o, "feed_name", run->feed_name);
    value_set_text(o, "feed_href", run->feed_id > 0 ? resource_href(c, &feed_resource, run->feed_id) : NULL);
    value_set_text(o, "status", words[run->state]);
    value_set_text(o, "state", tr(c->lang, open ? N_("Taken in, but not all rows") : texts[run->state]));
    value_set_text(o, "state_kind", open ? "warning" : kinds[run->state]);
    value_set_bool(o, "running", run->state == RUN_RUNNING);
    value_set_bool(o, "failed", failed);
    value_set_text(o, "again_title", failed ? tr(c->lang, N_("Start the file again")) : open && run->waiting > 0 ? tr(c->lang, N_("Take the waiting rows in")) : NULL);
    value_set_int(o, "percent", run->state == RUN_DONE ? 100 : run->last_row > 0 ? run->done * 100 / run->last_row : 0);
    value_set_text(o, "message", run->message);
    value_set(o, "counts", counts(c, run));
    value_set_int(o, "error_count", run->bad);
    value_set(o, "errors", errors);
    value_set_bool(o, "has_errors", value_count(errors) > 0);
    value_set(o, "unknown", unknown);
    value_set_bool(o, "has_unknown", value_count(unknown) > 0 && run->state != RUN_RUNNING);
    value_set_text(o, "progress_href", run_href(c, run->id, ""));
    value_set_text(o, "names_href", run_href(c, run->id, "/names"));
    value_set_text(o, "start_href", run_href(c, run->id, "/start"));
    value_set_text(o, "mapping_href", run_href(c, run->id, "?mapping=1"));
    value_set_text(o, "file_href", run_href(c, run->id, "/file"));
    value_set_text(o, "failed_href", run->bad + run->waiting > 0 && run->state != RUN_RUNNING ? run_href(c, run->id, "/failed.xlsx") : NULL);
    value_set_text(o, "facts_href", talloc_asprintf(c->mem, "/numbers/facts?source=import&source_id=%lld", (long long)run->id));
    value_set_text(o, "series_href", series);
    *ret = o;
    return NULL;
}

/* ---- the mapping page ---- */

static Value headings(Ctx *c, const IntakePlan *plan, const char *chosen) {
    Value list = value_array(c->mem);
    bool found = false;
    for (size_t i = 0; i < plan->count; i++) {
        const char *heading = plan->columns[i].heading;
        if (!*heading) continue;
        Value o = value_object(c->mem);
        bool selected = !found && chosen && !strcmp(heading, chosen);
        found = found || selected;
        value_set_text(o, "value", heading);
        value_set_text(o, "title", heading);
        value_set_bool(o, "selected", selected);
        value_push(list, o);
    }
    return list;
}

static void add_field(Ctx *c, Value list, const IntakePlan *plan, const char *name, const char *label, const char *chosen, const Error *problem, const char *of, bool required) {
    Value o = value_object(c->mem);
    value_set_text(o, "name", name);
    value_set_text(o, "label", tr(c->lang, label));
    value_set_bool(o, "required", required);
    value_set_text(o, "error", form_message(c, problem, of));
    value_set(o, "options", headings(c, plan, chosen));
    value_push(list, o);
}

static Value who_and_when(Ctx *c, const IntakePlan *plan, const Feed *f, const Error *problem) {
    static const char *const key_names[] = {"key_1", "key_2", "key_3"};
    static const char *const key_labels[] = {N_("Key: what tells one row from all others"), N_("Second part of the key"), N_("Third part of the key")};
    const char *keys[FEED_KEYS];
    Value list = value_array(c->mem);
    int n = feed_words_parse(c->mem, f->key_columns ? f->key_columns : "", keys, FEED_KEYS);
    add_field(c, list, plan, "person_column", N_("Salesperson"), f->person_column, problem, "person_column", true);
    add_field(c, list, plan, "day_column", N_("Day"), f->day_column, problem, "day_column", true);
    for (int i = 0; i < FEED_KEYS; i++) add_field(c, list, plan, key_names[i], key_labels[i], i < n ? keys[i] : NULL, problem, i ? "" : "key_columns", i == 0);
    add_field(c, list, plan, "product_column", N_("Product"), f->product_column, problem, "product_column", false);
    add_field(c, list, plan, "region_column", N_("Sales region"), f->region_column, problem, "region_column", false);
    add_field(c, list, plan, "customer_type_column", N_("Customer type"), f->customer_type_column, problem, "customer_type_column", false);
    return list;
}

static Error *metric_choices(Ctx *c, const char *chosen, Value *ret) {
    const Metrics *all;
    *ret = value_array(c->mem);
    TRY(metrics_get(c, &all));
    for (size_t i = 0; i < metrics_count(all); i++) {
        const Metric *m = metrics_at(all, i);
        if (m->slot <= 0 || !m->active) continue;
        Value o = value_object(c->mem);
        value_set_text(o, "value", m->code);
        value_set_text(o, "title", tr(c->lang, m->name));
        value_set_bool(o, "selected", chosen && !strcmp(m->code, chosen));
        value_push(*ret, o);
    }
    return NULL;
}

static Error *rule_models(Ctx *c, const IntakePlan *plan, const FeedRules *rules, const int64_t *matched, Value *ret) {
    enum { BLANK_LINES = 2 };
    static const FeedRule none;
    *ret = value_array(c->mem);
    for (int i = 0; i < FEED_RULES && i < rules->count + BLANK_LINES; i++) {
        const FeedRule *rule = i < rules->count ? &rules->list[i] : &none;
        Value o = value_object(c->mem), metrics;
        TRY(metric_choices(c, rule->metric, &metrics));
        value_set_int(o, "number", i + 1);
        value_set(o, "metrics", metrics);
        value_set(o, "columns", headings(c, plan, rule->column));
        value_set(o, "filters", headings(c, plan, rule->filter));
        value_set_bool(o, "is_not", rule->is_not);
        value_set_text(o, "values", feed_words_text(c->mem, rule->values, rule->value_count));
        value_set_text(o, "matched", matched && i < rules->count ? said(c, N_("{1} rows"), talloc_asprintf(c->mem, "%" PRId64, matched[i])) : NULL);
        value_push(*ret, o);
    }
    return NULL;
}

static Value column_models(Ctx *c, const IntakePlan *plan) {
    Value list = value_array(c->mem);
    for (size_t i = 0; i < plan->count; i++) {
        const IntakeColumn *column = &plan->columns[i];
        Value o = value_object(c->mem);
        value_set_text(o, "heading", column->heading);
        value_set_text(o, "sample", column->sample);
        value_set_text(o, "values", column->value_count > 0 ? feed_words_text(c->mem, column->values, column->value_count) : NULL);
        value_push(list, o);
    }
    return list;
}

static Value row_models(Ctx *c, const IntakePlan *plan) {
    Value list = value_array(c->mem);
    for (size_t i = 0; i < plan->shown_count; i++) {
        Value o = value_object(c->mem), cells = value_array(c->mem);
        for (size_t k = 0; k < plan->count; k++) value_push(cells, value_text(plan->shown[i][k]));
        value_set_int(o, "number", plan->shown_numbers[i]);
        value_set(o, "cells", cells);
        value_push(list, o);
    }
    return list;
}

static Value order_choices(Ctx *c, int chosen) {
    static const char *const codes[] = {"auto", "month_first", "day_first"};
    static const char *const labels[] = {N_("As the file shows"), N_("Month first"), N_("Day first")};
    Value list = value_array(c->mem);
    for (int i = 0; i < 3; i++) {
        Value o = value_object(c->mem);
        value_set_text(o, "value", codes[i]);
        value_set_text(o, "title", tr(c->lang, labels[i]));
        value_set_bool(o, "selected", i == chosen);
        value_push(list, o);
    }
    return list;
}

Error *mapping_model(Ctx *c, const FeedRun *run, const IntakePlan *plan, const Feed *feed, const FeedRules *rules, const int64_t *matched, const Error *problem, Value *ret) {
    Value o = value_object(c->mem), rule_list;
    TRY(rule_models(c, plan, rules, matched, &rule_list));
    value_set_int(o, "id", run->id);
    value_set_text(o, "title", tr(c->lang, N_("What the columns mean")));
    value_set_text(o, "file_name", run->filename);
    value_set_text(o, "status", "mapping");
    value_set_int(o, "row_count", plan->rows);
    value_set_text(o, "name", feed->name);
    value_set_text(o, "name_error", form_message(c, problem, "name"));
    value_set_text(o, "folder_pattern", feed->folder_pattern);
    value_set_text(o, "error", problem ? msg_text(c->mem, c->lang, &problem->message) : NULL);
    value_set_text(o, "rules_error", form_message(c, problem, "rules"));
    value_set(o, "fields", who_and_when(c, plan, feed, problem));
    value_set(o, "day_orders", order_choices(c, feed->day_order));
    value_set(o, "rules", rule_list);
    value_set_text(o, "rules_text", feed_rules_text(c->mem, rules));
    value_set(o, "columns", column_models(c, plan));
    value_set(o, "rows", row_models(c, plan));
    value_set_text(o, "save_href", run_href(c, run->id, "/mapping"));
    value_set_text(o, "preview_href", run_href(c, run->id, "/preview"));
    value_set_text(o, "cancel_href", "/intake");
    *ret = o;
    return NULL;
}

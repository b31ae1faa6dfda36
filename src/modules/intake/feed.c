/* feed.c - a saved mapping: which columns of a kind of file say who, when and what. */
#include "base/i18n.h"
#include "modules/intake/intake_private.h"
#include <string.h>
#include <talloc.h>

static const char *const order_codes[] = {"auto", "month_first", "day_first", NULL};
static const char *const order_labels[] = {N_("As the file shows"), N_("Month first"), N_("Day first"), NULL};

enum { HEADING_LENGTH = 200 };
static const Field fields[] = {
    TEXT_(Feed, name, N_("Data source"), .flags = REQUIRED | IN_LIST | PRIMARY | SEARCH, .max = 60),
    TEXT_(Feed, person_column, N_("Column of the salesperson"), .flags = REQUIRED | IN_LIST, .max = HEADING_LENGTH, .help = N_("The column's heading; its cells hold numbers, names or log-ins")),
    TEXT_(Feed, day_column, N_("Column of the day"), .flags = REQUIRED | IN_LIST, .max = HEADING_LENGTH),
    ENUM_(Feed, day_order, N_("Days like 3/1/2017"), .codes = order_codes, .labels = order_labels),
    TEXT_(Feed, key_columns, N_("Columns of the key"), .flags = REQUIRED | IN_LIST, .max = 3 * HEADING_LENGTH,
          .help = N_("What tells one row from all others, such as the order number; several are separated by commas. The same key again corrects the row")),
    TEXT_(Feed, product_column, N_("Column of the product"), .max = HEADING_LENGTH),
    TEXT_(Feed, region_column, N_("Column of the region"), .max = HEADING_LENGTH),
    TEXT_(Feed, customer_type_column, N_("Column of the customer type"), .max = HEADING_LENGTH),
    LONGTEXT_(Feed, rules, N_("What is counted"), .flags = REQUIRED, .max = 4000, .help = N_("One line a metric: amount = sum close_value where deal_stage = Won")),
    TEXT_(Feed, folder_pattern, N_("Files of the drop folder"), .flags = IN_LIST, .max = 100, .help = N_("Names of this source's files, such as orders-*.csv")),
    BOOL_(Feed, active, N_("In use"), .flags = IN_LIST | FILTER),
    {.kind = F_END},
};

static void defaults(Ctx *c, void *row) {
    (void)c;
    ((Feed *)row)->active = true;
}

/* Stored by code, whatever the reader calls the metric. */
static Error *prepare(Ctx *c, const void *old, void *row) {
    Feed *f = row;
    FeedRules rules;
    const char *line;
    const Metrics *all;
    (void)old;
    if (!f->rules || !feed_rules_parse(c->mem, f->rules, &rules, &line)) return NULL;
    TRY(metrics_get(c, &all));
    for (int i = 0; i < rules.count; i++) {
        const Metric *m = metrics_by_name(c, all, rules.list[i].metric);
        if (m) rules.list[i].metric = m->code;
    }
    f->rules = feed_rules_text(c->mem, &rules);
    return NULL;
}

static void check_rules(Ctx *c, const Metrics *all, const Feed *f, Error **errors) {
    FeedRules rules;
    const char *line;
    if (!feed_rules_parse(c->mem, f->rules, &rules, &line)) {
        if (*line) err_add_field(c, errors, "rules", N_("“{1}” is not understood; write a line like amount = sum close_value where deal_stage = Won"), line);
        else err_add_field(c, errors, "rules", N_("Say for at least one metric, and at most twelve, what is counted"));
        return;
    }
    for (int i = 0; i < rules.count; i++) {
        const Metric *m = metrics_by_code(all, rules.list[i].metric);
        if (!m || m->slot <= 0) err_add_field(c, errors, "rules", m ? N_("“{1}” is computed, not counted; choose a counted metric") : N_("There is no metric “{1}”"), rules.list[i].metric);
        else if (!m->active) err_add_field(c, errors, "rules", N_("“{1}” is not in use"), rules.list[i].metric);
        else if (m->unit == UNIT_YUAN && !rules.list[i].column) err_add_field(c, errors, "rules", N_("“{1}” is an amount; choose the column that is summed"), rules.list[i].metric);
        for (int k = 0; k < i; k++)
            if (!strcmp(rules.list[k].metric, rules.list[i].metric)) err_add_field(c, errors, "rules", N_("“{1}” stands there twice"), rules.list[i].metric);
    }
}

static Error *validate(Ctx *c, const void *old, const void *row) {
    const Feed *f = row;
    const Metrics *all;
    const char *keys[FEED_KEYS];
    Error *errors = NULL;
    (void)old;
    TRY(metrics_get(c, &all));
    check_rules(c, all, f, &errors);
    if (feed_words_parse(c->mem, f->key_columns, keys, FEED_KEYS) < 1) err_add_field(c, &errors, "key_columns", N_("Name one to three columns, separated by commas"));
    if (f->folder_pattern && strchr(f->folder_pattern, '/')) err_add_field(c, &errors, "folder_pattern", N_("Write the name of a file only, without folders"));
    return errors;
}

/* A rule as a sentence: 成交金额：金额 求和（仅 状态 为 成交）. */
static const char *told(Ctx *c, const Metrics *all, const FeedRule *rule) {
    const Metric *m = metrics_by_code(all, rule->metric);
    const char *name = m ? tr(c->lang, m->name) : rule->metric;
    Msg what = {.id = N_("{1}: sum of {2}"), .args = {name, rule->column}}, count = {.id = N_("{1}: number of rows"), .args = {name}};
    const char *text = msg_text(c->mem, c->lang, rule->column ? &what : &count);
    if (!rule->filter) return text;
    Msg only = {.id = N_("{1}, where {2} is {3}"), .args = {text, rule->filter, feed_words_text(c->mem, rule->values, rule->value_count)}};
    Msg without = {.id = N_("{1}, where {2} is not {3}"), .args = {only.args[0], only.args[1], only.args[2]}};
    return msg_text(c->mem, c->lang, rule->is_not ? &without : &only);
}

static Error *tell_rules(Ctx *c, const Feed *f, Value page) {
    const Metrics *all;
    FeedRules rules;
    const char *line;
    Text *t = text_new(c->mem, 64 * 1024);
    TRY(metrics_get(c, &all));
    if (!feed_rules_parse(c->mem, f->rules, &rules, &line)) return NULL;
    for (int i = 0; i < rules.count; i++) text_addf(t, "%s%s", i ? "\n" : "", told(c, all, &rules.list[i]));
    detail_say(page, "rules", t->data);
    return NULL;
}

static Error *describe(Ctx *c, const void *row, Value model) {
    const Feed *f = row;
    TRY(tell_rules(c, f, model));
    detail_add_link(c, model, N_("Upload a file"), talloc_asprintf(c->mem, "/intake/upload?feed=%lld", (long long)f->id), "upload");
    detail_add_link(c, model, N_("Files taken in"), talloc_asprintf(c->mem, "/intake/runs?feed_id=%lld", (long long)f->id), "list");
    return NULL;
}

Error *feed_load(Ctx *c, int64_t id, Feed **ret) {
    void *row;
    TRY(resource_load(c, &feed_resource, id, &row));
    *ret = row;
    return NULL;
}

const Resource feed_resource = {
    .table = "feed", .path = "/intake/feeds", .title = N_("Data sources"), .one = N_("Data source"), .icon = "file-import", .size = sizeof(Feed), .fields = fields,
    .access = {.read = ROLE_INTAKE, .create = ROLE_INTAKE, .update = ROLE_INTAKE}, .order = "name", .defaults = defaults, .prepare = prepare, .validate = validate, .describe = describe,
    .empty_hint = N_("Upload a file of deals, orders or activity; what its columns mean is saved as a data source and used for the next file."),
};

/* sheet_plan.c - what a file holds, and how a feed fits it: headings, samples, the order of day and month. */
#include "base/i18n.h"
#include "modules/intake/intake_private.h"
#include "resource/resource_import.h"
#include <string.h>
#include <talloc.h>

enum { HEADINGS_WITHIN = 10, VALUE_LENGTH = 60 };

/* ---- one reading of the whole file ---- */

typedef struct Reading {
    Ctx *c; /* where the plan lives */
    IntakePlan *plan;
    const char *person, *day; /* folded headings of the feed; NULL: none yet */
    bool found;
} Reading;

static bool holds(Ctx *c, const char *const *cells, size_t count, const char *folded) {
    for (size_t i = 0; i < count; i++)
        if (!strcmp(import_fold(c->mem, cells[i]), folded)) return true;
    return false;
}

/* A title may stand above the headings: they are the first row with two cells, or that with the feed's columns. */
static bool are_headings(Ctx *turn, const Reading *r, const char *const *cells, size_t count) {
    size_t filled = 0;
    for (size_t i = 0; i < count; i++) filled += *cells[i] != 0;
    if (r->person) return holds(turn, cells, count, r->person) && holds(turn, cells, count, r->day);
    return filled > 1;
}

static void take_headings(Reading *r, int64_t number, const char *const *cells, size_t count) {
    IntakePlan *p = r->plan;
    p->heading_row = number;
    p->count = count;
    p->columns = talloc_zero_array(r->c->mem, IntakeColumn, (unsigned)count + 1);
    for (size_t i = 0; i < count; i++) p->columns[i].heading = text_clean(r->c->mem, cells[i]);
}

/* Days like 13/1/2017: which of the two numbers is beyond 12. */
static void look_at_day(IntakeColumn *column, const char *s) {
    int first = 0, second = 0, digits = 0;
    for (; *s >= '0' && *s <= '9' && digits < 3; s++, digits++) first = first * 10 + *s - '0';
    if (!digits || digits > 2 || !*s || !strchr("/-.", *s)) return;
    for (s++, digits = 0; *s >= '0' && *s <= '9' && digits < 3; s++, digits++) second = second * 10 + *s - '0';
    if (!digits || digits > 2 || !*s || !strchr("/-.", *s)) return;
    column->first_over_12 |= first > 12;
    column->second_over_12 |= second > 12;
}

static void look_at_value(Ctx *c, IntakeColumn *column, const char *cell) {
    if (!*cell || column->value_count < 0) return;
    for (int i = 0; i < column->value_count; i++)
        if (!strcmp(column->values[i], cell)) return;
    if (column->value_count == INTAKE_KNOWN_VALUES || strlen(cell) > VALUE_LENGTH) column->value_count = -1;
    else column->values[column->value_count++] = talloc_strdup(c->mem, cell);
}

static void look_at_row(Reading *r, int64_t number, const char *const *cells, size_t count) {
    IntakePlan *p = r->plan;
    p->rows++;
    p->last_row = number;
    for (size_t i = 0; i < count && i < p->count; i++) {
        look_at_day(&p->columns[i], cells[i]);
        look_at_value(r->c, &p->columns[i], cells[i]);
        if (!p->columns[i].sample && *cells[i]) p->columns[i].sample = text_cut(r->c->mem, talloc_strdup(r->c->mem, cells[i]), VALUE_LENGTH);
    }
    if (p->shown_count == INTAKE_SHOWN_ROWS) return;
    const char **copy = talloc_zero_array(r->c->mem, const char *, (unsigned)p->count + 1);
    for (size_t i = 0; i < p->count; i++) copy[i] = i < count ? text_cut(r->c->mem, talloc_strdup(r->c->mem, cells[i]), VALUE_LENGTH) : "";
    p->shown_numbers[p->shown_count] = number;
    p->shown[p->shown_count++] = copy;
}

static Error *read_row(Ctx *c, void *arg, int64_t number, const char *const *cells, size_t count) {
    Reading *r = arg;
    (void)c;
    if (r->found) {
        look_at_row(r, number, cells, count);
        return NULL;
    }
    if (r->plan->heading_row && number >= r->plan->heading_row + HEADINGS_WITHIN) return NULL;
    Ctx *turn = ctx_child(r->c);
    r->found = are_headings(turn, r, cells, count);
    ctx_done(turn);
    if (r->found || !r->plan->heading_row) take_headings(r, number, cells, count);
    return NULL;
}

static Error *read_file(Ctx *c, const SheetFile *file, Reading *r) {
    *r->plan = (IntakePlan){0};
    r->found = false;
    return sheet_read(c, file, read_row, r);
}

Error *intake_plan(Ctx *c, const SheetFile *file, const Feed *feed, IntakePlan *ret) {
    Reading r = {.c = c, .plan = ret};
    if (!file->size) return err_invalid(c, N_("The file is empty"));
    if (feed) r.person = import_fold(c->mem, feed->person_column), r.day = import_fold(c->mem, feed->day_column);
    TRY(read_file(c, file, &r));
    if (!r.found && feed) { /* not a file of this feed: its own headings, so that what is missing can be said */
        r.person = r.day = NULL;
        TRY(read_file(c, file, &r));
    }
    if (!r.found && !ret->heading_row) return err_invalid(c, N_("The file is empty"));
    return ret->rows || r.found ? NULL : err_invalid(c, N_("No row of headings was found; the file needs at least two columns"));
}

/* ---- a feed and the columns of one file ---- */

typedef struct Binding {
    Ctx *c;
    const IntakePlan *plan;
    Text *missing;
} Binding;

/* Place of a column by its heading; -1 if the feed names none, or the file has none of that name, which is then said. */
static int place(Binding *b, const char *heading) {
    if (!heading || !*heading) return -1;
    const char *folded = import_fold(b->c->mem, heading);
    for (size_t i = 0; i < b->plan->count; i++)
        if (!strcmp(import_fold(b->c->mem, b->plan->columns[i].heading), folded)) return (int)i;
    text_addf(b->missing, "%s%s", b->missing->len ? ", " : "", heading);
    return -1;
}

static void bind_rule(Binding *b, const Metrics *all, IntakeMap *map, int i) {
    const FeedRule *rule = &map->rules.list[i];
    const Metric *m = metrics_by_code(all, rule->metric);
    map->rule[i].column = place(b, rule->column);
    map->rule[i].filter = place(b, rule->filter);
    map->rule[i].slot = m && m->slot > 0 ? (int)m->slot : 0;
    map->rule[i].unit = m ? m->unit : 0;
    for (int k = 0; k < rule->value_count; k++) map->rule[i].folded[k] = names_fold(b->c->mem, rule->values[k]);
}

static bool is_day_first(const IntakeMap *map, const IntakePlan *plan, const Feed *feed) {
    if (feed->day_order != DAY_ORDER_AUTO) return feed->day_order == DAY_ORDER_DAY;
    return map->day >= 0 && plan->columns[map->day].first_over_12 && !plan->columns[map->day].second_over_12;
}

Error *intake_bind(Ctx *c, const IntakePlan *plan, const Feed *feed, IntakeMap *ret) {
    Binding b = {.c = c, .plan = plan, .missing = text_new(c->mem, 4096)};
    const Metrics *all;
    const char *keys[FEED_KEYS], *line;
    *ret = (IntakeMap){0};
    TRY(metrics_get(c, &all));
    ret->person = place(&b, feed->person_column);
    ret->day = place(&b, feed->day_column);
    ret->dimensions[DIMENSION_PRODUCT] = place(&b, feed->product_column);
    ret->dimensions[DIMENSION_REGION] = place(&b, feed->region_column);
    ret->dimensions[DIMENSION_CUSTOMER_TYPE] = place(&b, feed->customer_type_column);
    int n = feed_words_parse(c->mem, feed->key_columns ? feed->key_columns : "", keys, FEED_KEYS);
    for (int i = 0; i < n; i++) ret->keys[ret->key_count++] = place(&b, keys[i]);
    bool understood = feed_rules_parse(c->mem, feed->rules ? feed->rules : "", &ret->rules, &line);
    for (int i = 0; i < ret->rules.count; i++) bind_rule(&b, all, ret, i);
    ret->day_first = is_day_first(ret, plan, feed);
    if (b.missing->len) {
        Msg m = {.id = N_("The file lacks columns that the data source names: {1}"), .args = {b.missing->data}};
        ret->problem = msg_text(c->mem, c->lang, &m);
    } else if (!understood || n < 1)
        ret->problem = tr(c->lang, N_("The data source does not say what is counted and what the key is"));
    return NULL;
}

/* ---- a guess for a file nobody has described yet ---- */

static const char *const person_words[] = {"工号", "销售员", "销售人员", "业务员", "负责人", "销售", "姓名", "员工", "跟进人", "所有者", "sales_agent", "salesagent", "salesperson", "sales_rep", "salesrep",
                                           "owner", "agent", "rep", "employee", "employee_no", "login", NULL};
static const char *const day_words[] = {"成交日期", "签约日期", "下单日期", "订单日期", "合同日期", "关闭日期", "日期", "close_date", "closedate", "order_date", "orderdate", "date", "day", NULL};
static const char *const key_words[] = {"订单号", "订单编号", "单号", "合同号", "合同编号", "商机编号", "编号", "流水号", "opportunity_id", "opportunityid", "order_id", "orderid", "order_no", "orderno",
                                        "deal_id", "dealid", "id", "no", NULL};
static const char *const product_words[] = {"产品", "产品名称", "商品", "商品名称", "product", "product_name", "item", NULL};
static const char *const region_words[] = {"区域", "地区", "大区", "省份", "region", "area", NULL};
static const char *const type_words[] = {"客户类型", "客户类别", "客户分类", "customer_type", "customertype", "segment", NULL};
static const char *const amount_words[] = {"成交金额", "合同金额", "订单金额", "金额", "销售额", "close_value", "closevalue", "amount", "order_amount", "value", "total", "revenue", NULL};
static const char *const stage_words[] = {"商机阶段", "阶段", "状态", "订单状态", "deal_stage", "dealstage", "stage", "status", NULL};
static const char *const won_words[] = {"won", "closedwon", "closed won", "赢单", "已成交", "成交", "已签约", "已完成", NULL};
static const char *const lost_words[] = {"lost", "closedlost", "closed lost", "输单", "丢单", "未成交", "已流失", NULL};

static bool is_one_of(const char *folded, const char *const *list) {
    for (; *list; list++)
        if (!strcmp(folded, *list)) return true;
    return false;
}

/* Earlier words are better guesses. */
static const IntakeColumn *column_like(Ctx *c, const IntakePlan *plan, const char *const *list) {
    for (; *list; list++)
        for (size_t i = 0; i < plan->count; i++)
            if (!strcmp(import_fold(c->mem, plan->columns[i].heading), *list)) return &plan->columns[i];
    return NULL;
}

static const char *value_like(Ctx *c, const IntakeColumn *column, const char *const *list) {
    for (int i = 0; column && i < column->value_count; i++)
        if (is_one_of(names_fold(c->mem, column->values[i]), list)) return column->values[i];
    return NULL;
}

static const char *heading_of(const IntakeColumn *column) {
    return column ? column->heading : NULL;
}

static void guess_rules(Ctx *c, const IntakePlan *plan, Feed *f) {
    FeedRules rules = {0};
    const IntakeColumn *amount = column_like(c, plan, amount_words), *stage = column_like(c, plan, stage_words);
    const char *won = value_like(c, stage, won_words), *lost = value_like(c, stage, lost_words);
    FeedRule only_won = {0};
    if (won) only_won.filter = stage->heading, only_won.values[0] = won, only_won.value_count = 1;
    if (amount) {
        rules.list[rules.count] = only_won;
        rules.list[rules.count].metric = "amount";
        rules.list[rules.count++].column = amount->heading;
    }
    if (won) {
        rules.list[rules.count] = only_won;
        rules.list[rules.count++].metric = "customers_signed";
    }
    if (won && lost) {
        rules.list[rules.count] = only_won;
        rules.list[rules.count].metric = "deals_closed";
        rules.list[rules.count].values[1] = lost;
        rules.list[rules.count++].value_count = 2;
    }
    f->rules = rules.count ? feed_rules_text(c->mem, &rules) : NULL;
}

Error *intake_guess(Ctx *c, const IntakePlan *plan, Feed *f) {
    const IntakeColumn *key = column_like(c, plan, key_words), *day = column_like(c, plan, day_words);
    *f = (Feed){.active = true};
    f->person_column = heading_of(column_like(c, plan, person_words));
    f->day_column = heading_of(day);
    f->key_columns = key ? feed_words_text(c->mem, &key->heading, 1) : NULL;
    f->product_column = heading_of(column_like(c, plan, product_words));
    f->region_column = heading_of(column_like(c, plan, region_words));
    f->customer_type_column = heading_of(column_like(c, plan, type_words));
    if (day && day->first_over_12 != day->second_over_12) f->day_order = day->first_over_12 ? DAY_ORDER_DAY : DAY_ORDER_MONTH;
    guess_rules(c, plan, f);
    return NULL;
}

/* demo_products.c - products, provinces and kinds of customers of the invented company, and what its deals were: customers signed, opportunities closed, payments. */
#include "modules/metric/metric.h"
#include "program/demo_private.h"
#include <string.h>

static const struct {
    const char *line, *name;
    int share; /* of the deals, in percent */
} products[DEMO_PRODUCTS] = {
    { "智能终端", "会议终端", 30 }, { "智能终端", "排班终端", 15 }, { "云服务", "协作平台", 28 }, { "云服务", "数据看板", 15 }, { "实施服务", "上线实施", 12 },
};

typedef enum Province { P_NONE, P_SHANGHAI, P_JIANGSU, P_ZHEJIANG, P_GUANGDONG, P_FUJIAN, P_GUANGXI, P_BEIJING, P_HEBEI, P_SHANXI, P_TIANJIN, P_SHANDONG } Province;
static const char *const province_names[DEMO_PROVINCES] = {
    [P_SHANGHAI] = "上海", [P_JIANGSU] = "江苏", [P_ZHEJIANG] = "浙江", [P_GUANGDONG] = "广东", [P_FUJIAN] = "福建", [P_GUANGXI] = "广西",
    [P_BEIJING] = "北京", [P_HEBEI] = "河北", [P_SHANXI] = "山西", [P_TIANJIN] = "天津", [P_SHANDONG] = "山东",
};
/* Where a team's customers are, the nearest first, and how large they are. */
static const Province provinces[DEMO_UNITS][3] = {
    [U_SHANGHAI_1] = { P_SHANGHAI, P_JIANGSU, P_ZHEJIANG }, [U_SHANGHAI_2] = { P_JIANGSU, P_SHANGHAI }, [U_HANGZHOU] = { P_ZHEJIANG, P_JIANGSU },
    [U_SHENZHEN] = { P_GUANGDONG, P_FUJIAN }, [U_GUANGZHOU] = { P_GUANGDONG, P_GUANGXI }, [U_BEIJING] = { P_BEIJING, P_HEBEI, P_SHANXI },
    [U_TIANJIN] = { P_TIANJIN, P_SHANDONG, P_HEBEI },
};
static const char *const customer_types[DEMO_CUSTOMER_TYPES] = { "大型企业", "中型企业", "小微企业" };

static Error *make_entry(Ctx *c, DimensionKind kind, const char *name, int64_t parent_id, int64_t sort, int64_t *ret_id) {
    Dimension d = { .name = name, .kind = kind, .parent_id = parent_id, .sort = sort, .active = true };
    TRY(resource_save(c, &dimension_resource, NULL, &d, NULL, NULL));
    *ret_id = d.id;
    return NULL;
}

Error *demo_make_products(Ctx *c, Demo *d) {
    int64_t line = 0;
    for (int i = 0; i < DEMO_PRODUCTS; i++) {
        if (!i || strcmp(products[i].line, products[i - 1].line) != 0) TRY(make_entry(c, DIMENSION_PRODUCT, products[i].line, 0, i + 1, &line));
        TRY(make_entry(c, DIMENSION_PRODUCT, products[i].name, line, i + 1, &d->products[i]));
    }
    for (int i = 0; i < DEMO_CUSTOMER_TYPES; i++) TRY(make_entry(c, DIMENSION_CUSTOMER_TYPE, customer_types[i], 0, i + 1, &d->customer_types[i]));
    for (int i = 1; i < DEMO_PROVINCES; i++) TRY(make_entry(c, DIMENSION_REGION, province_names[i], 0, i, &d->provinces[i]));
    return NULL;
}

/* The first of the list that a throw of 0 to 99 falls to. */
static int pick_share(const int *shares, int n, int percent) {
    int i = 0;
    while (i + 1 < n && (percent -= shares[i]) >= 0) i++;
    return i;
}

void demo_describe_deal(const Demo *d, DemoUnitNo unit, Fact *f) {
    static const int near[3] = { 62, 27, 11 }, sizes[DEMO_CUSTOMER_TYPES] = { 24, 46, 30 };
    int shares[DEMO_PRODUCTS];
    uint64_t r = demo_mix((uint64_t)f->employee_id, (uint64_t)f->day);
    for (int i = 0; i < DEMO_PRODUCTS; i++) shares[i] = products[i].share;
    f->product_id = d->products[pick_share(shares, DEMO_PRODUCTS, (int)(r >> 40) % 100)];
    f->customer_type_id = d->customer_types[pick_share(sizes, DEMO_CUSTOMER_TYPES, (int)(r >> 20) % 100)];
    int at = pick_share(near, 3, (int)(r >> 30) % 100);
    while (at > 0 && provinces[unit][at] == P_NONE) at--;
    f->region_id = d->provinces[provinces[unit][at]];
}

static void set(const Metrics *all, Fact *f, const char *code, int64_t n) {
    const Metric *m = metrics_by_code(all, code);
    if (m && m->slot > 0) f->n[m->slot - 1] = n;
}

/* As the company's ERP would tell it: a deal signs one customer, and of its sum, due the same day, most is paid. Some are lost instead. */
Error *demo_add_deal(Ctx *c, const Demo *d, int64_t employee_id, DemoUnitNo unit, Date day, Money amount) {
    const Metrics *all;
    Fact f;
    uint64_t r = demo_mix((uint64_t)employee_id * 31, (uint64_t)day);
    bool lost = !amount && r % 100 < 12;
    if (!amount && !lost) return NULL;
    TRY(metrics_get(c, &all));
    fact_init(&f);
    f.employee_id = employee_id, f.unit_id = d->units[unit], f.day = day, f.source = FACT_PROGRAM;
    demo_describe_deal(d, unit, &f);
    set(all, &f, "customers_signed", lost ? 0 : 1);
    set(all, &f, "deals_closed", 1);
    set(all, &f, "due", amount);
    set(all, &f, "collected", r % 10 == 0 ? 0 : amount - amount / 100 * (int64_t)(r % 8)); /* one in ten is overdue */
    return fact_append(c, &f);
}

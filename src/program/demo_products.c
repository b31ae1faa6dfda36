/* demo_products.c - product lines of the invented company, and what its deals were: customers signed, opportunities closed, payments. */
#include "modules/metric/metric.h"
#include "program/demo_private.h"
#include <string.h>

static const struct {
    const char *line, *name;
    int share; /* of the deals, in percent */
} products[DEMO_PRODUCTS] = {
    { "智能终端", "会议终端", 30 }, { "智能终端", "排班终端", 15 }, { "云服务", "协作平台", 28 }, { "云服务", "数据看板", 15 }, { "实施服务", "上线实施", 12 },
};

static Error *make_entry(Ctx *c, const char *name, int64_t parent_id, int64_t sort, int64_t *ret_id) {
    Dimension d = { .name = name, .kind = DIMENSION_PRODUCT, .parent_id = parent_id, .sort = sort, .active = true };
    TRY(resource_save(c, &dimension_resource, NULL, &d, NULL, NULL));
    *ret_id = d.id;
    return NULL;
}

Error *demo_make_products(Ctx *c, Demo *d) {
    int64_t line = 0;
    for (int i = 0; i < DEMO_PRODUCTS; i++) {
        if (!i || strcmp(products[i].line, products[i - 1].line) != 0) TRY(make_entry(c, products[i].line, 0, i + 1, &line));
        TRY(make_entry(c, products[i].name, line, i + 1, &d->products[i]));
    }
    return NULL;
}

int64_t demo_product_of(const Demo *d, int64_t employee_id, Date day) {
    int percent = (int)(demo_mix((uint64_t)employee_id, (uint64_t)day) >> 40) % 100, i = 0;
    while (i + 1 < DEMO_PRODUCTS && (percent -= products[i].share) >= 0) i++;
    return d->products[i];
}

static void set(const Metrics *all, Fact *f, const char *code, int64_t n) {
    const Metric *m = metrics_by_code(all, code);
    if (m && m->slot > 0) f->n[m->slot - 1] = n;
}

/* As the company's ERP would tell it: a deal signs one customer, and of its sum, due the same day, most is paid. Some are lost instead. */
Error *demo_add_deal(Ctx *c, const Demo *d, int64_t employee_id, int64_t unit_id, Date day, Money amount) {
    const Metrics *all;
    Fact f;
    uint64_t r = demo_mix((uint64_t)employee_id * 31, (uint64_t)day);
    bool lost = !amount && r % 100 < 12;
    if (!amount && !lost) return NULL;
    TRY(metrics_get(c, &all));
    fact_init(&f);
    f.employee_id = employee_id, f.unit_id = unit_id, f.day = day;
    f.source = FACT_PROGRAM, f.product_id = demo_product_of(d, employee_id, day);
    set(all, &f, "customers_signed", lost ? 0 : 1);
    set(all, &f, "deals_closed", 1);
    set(all, &f, "due", amount);
    set(all, &f, "collected", r % 10 == 0 ? 0 : amount - amount / 100 * (int64_t)(r % 8)); /* one in ten is overdue */
    return fact_append(c, &f);
}

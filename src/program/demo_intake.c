/* demo_intake.c - deals of the resellers, from their CRM: a saved mapping, and the file of the last month taken in by it. Most rows fit; one names
 * somebody nobody knows, one has a day that is none. */
#include "base/text.h"
#include "modules/account/account.h"
#include "modules/intake/intake.h"
#include "program/demo_private.h"
#include "service/lang.h"
#include <string.h>
#include <talloc.h>

enum { ROWS = 28, ROW_OF_STRANGER = 9, ROW_OF_ODD_DAY = 17, DAYS = 40, MAX_BYTES = 16 * 1024 };
#define HEADINGS "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"

static const char *const products[] = {"会议终端", "协作平台", "数据看板", "会议终端 Pro"};
static const int prices[] = {1980, 680, 880, 2680}; /* yuan a piece */

static Error *make_mapping(Ctx *c, const Demo *d, int64_t *ret_id) {
    TRY(demo_add_row(c, resource_by_table("feed_alias"), NULL, "name", products[3], "kind", "product", "dimension_id", demo_number(c, d->products[0]), NULL));
    return demo_add_row(c, resource_by_table("feed"), ret_id, "name", "CRM 商机表", "person_column", "sales_agent", "day_column", "close_date", "key_columns", "opportunity_id", "product_column",
                        "product", "rules",
                        "amount = sum close_value where deal_stage = Won\ncustomers_signed = count where deal_stage = Won\ndeals_closed = count where deal_stage in Won, Lost", "active", "1", NULL);
}

static const DemoPerson *agent_of(const Demo *d, uint64_t *r) {
    const DemoPerson *p;
    do p = &d->people[DEMO_FIRST_REP + demo_pick(r, DEMO_PEOPLE - DEMO_FIRST_REP)];
    while (p->left != DATE_NONE || p->hired > d->today - 2 * DAYS);
    return p;
}

/* The newest rows are still open and have no day of closing. */
static void add_line(Ctx *c, const Demo *d, int i, Text *out) {
    uint64_t r = demo_mix((uint64_t)i, 4242);
    const DemoPerson *agent = agent_of(d, &r);
    int product = demo_pick(&r, 4), fate = demo_pick(&r, 10);
    bool open = i >= ROWS - 5, won = !open && fate < 7;
    Date closed = workday_add(d->calendar, d->today - DAYS + i * DAYS / ROWS, -1), begun = workday_add(d->calendar, closed - 12 - demo_pick(&r, 50), 0);
    const char *day = open ? "" : i == ROW_OF_ODD_DAY ? "2月30日" : demo_iso(c, closed);
    text_addf(out, "OP-%05d,%s,%s,%s%s,%s,%s,%s,", 20417 + i * 3, i == ROW_OF_STRANGER ? "刘洋（渠道）" : agent->role->name, products[product], demo_units[agent->role->unit].cities[demo_pick(&r, 5)],
              demo_customer_word(demo_next(&r)), open ? "Engaging" : won ? "Won" : "Lost", demo_iso(c, begun), day);
    text_addf(out, "%d\n", won ? prices[product] * (3 + demo_pick(&r, 9)) : 0);
}

typedef struct Mapping {
    const Demo *d;
    int64_t id;
} Mapping;
static Error *make_mapping_tx(Ctx *c, void *arg) {
    Mapping *m = arg;
    return make_mapping(c, m->d, &m->id);
}

Error *demo_make_intake(Ctx *c, Demo *d) {
    Mapping m = {.d = d};
    Actor finance = demo_actor(demo_person(d, "单丽华"));
    Ctx then = *c;
    Text *file = text_new(c->mem, MAX_BYTES);
    then.actor = &finance, then.lang = lang_get("zh_CN"), then.now = instant_of_day(d->last_day, 17, 12);
    text_add(file, HEADINGS);
    for (int i = 0; i < ROWS; i++) add_line(c, d, i, file);
    TRY(db_tx(&then, make_mapping_tx, &m));
    return intake_take(&then, m.id, talloc_asprintf(c->mem, "crm-opportunities-%s.csv", demo_iso(c, d->last_day)), file->data, file->len);
}

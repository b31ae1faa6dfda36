/* modules.c - the one array that lists all modules. */
#include "modules/account/account.h"
#include "modules/intake/intake.h"
#include "modules/metric/metric.h"
#include "modules/module.h"
#include "modules/org/org.h"
#include "modules/report/report.h"
#include <talloc.h>

extern const Module org_module, calendar_module, account_module, metric_module, intake_module, target_module, okr_module, report_module, board_module, settings_module, home_module;

const Module *const modules[] = {&org_module, &calendar_module, &account_module, &metric_module, &intake_module, &target_module, &okr_module, &report_module, &board_module, &settings_module, &home_module, NULL};

void modules_setup(void) {
    org_on_leaving = account_disable_for_employee; /* org stands below account and metric and may only ask */
    org_on_posts_changed = fact_recredit;
    org_on_unit_moved = roll_unit_moved;
    metric_code_reserved = report_reserves;
    fact_describe_source = intake_describe_fact;
    for (const Module *const *m = modules; *m; m++) {
        for (const Route *const *table = (*m)->routes; table && *table; table++) route_add(*table);
        if ((*m)->jobs) job_add((*m)->jobs);
        if ((*m)->settings) setting_declare((*m)->settings);
    }
    for (const Module *const *m = modules; *m; m++)
        for (const Resource *const *res = (*m)->resources; res && *res; res++) resource_add(*res);
}

static const char *seeded_key(Ctx *c, const Module *m) {
    return talloc_asprintf(c->mem, "seeded.%s", m->name);
}

/* Each module seeds a database once: one that is new to an old database does so when it comes. */
static Error *is_seeded(Ctx *c, const Module *m, bool *ret) {
    int64_t done = 0;
    TRY(db_get_int(c, &done, "SELECT 1 FROM setting WHERE name = $1", V(seeded_key(c, m))));
    *ret = done != 0;
    return NULL;
}

static Error *seed(Ctx *c, void *arg) {
    (void)arg;
    for (const Module *const *m = modules; *m; m++) {
        bool done = !(*m)->first_start;
        if (!done) TRY(is_seeded(c, *m, &done));
        if (done) continue;
        TRY((*m)->first_start(c));
        TRY(db_exec(c, "INSERT INTO setting(name, value) VALUES ($1, $2)", V(seeded_key(c, *m)), V("1")));
    }
    return NULL;
}

Error *modules_first_start(Ctx *c) {
    bool all = true;
    for (const Module *const *m = modules; *m && all; m++)
        if ((*m)->first_start) TRY(is_seeded(c, *m, &all));
    return all ? NULL : db_tx(c, seed, NULL);
}

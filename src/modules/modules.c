/* modules.c - the one array that lists all modules. */
#include "modules/account/account.h"
#include "modules/module.h"
#include "modules/org/org.h"

extern const Module org_module, calendar_module, account_module, report_module, settings_module, home_module;

const Module *const modules[] = {&org_module, &calendar_module, &account_module, &report_module, &settings_module, &home_module, NULL};

void modules_setup(void) {
    org_on_leaving = account_disable_for_employee; /* org stands below account and may only ask */
    for (const Module *const *m = modules; *m; m++) {
        for (const Route *const *table = (*m)->routes; table && *table; table++) route_add(*table);
        if ((*m)->jobs) job_add((*m)->jobs);
        if ((*m)->settings) setting_declare((*m)->settings);
    }
    for (const Module *const *m = modules; *m; m++)
        for (const Resource *const *res = (*m)->resources; res && *res; res++) resource_add(*res);
}

static Error *seed(Ctx *c, void *arg) {
    int64_t done = 0;
    (void)arg;
    TRY(db_get_int(c, &done, "SELECT 1 FROM setting WHERE name = $1", V("first_start")));
    if (done) return NULL;
    for (const Module *const *m = modules; *m; m++)
        if ((*m)->first_start) TRY((*m)->first_start(c));
    return db_exec(c, "INSERT INTO setting(name, value) VALUES ($1, $2)", V("first_start"), V("1"));
}

Error *modules_first_start(Ctx *c) {
    int64_t done = 0;
    TRY(db_get_int(c, &done, "SELECT 1 FROM setting WHERE name = $1", V("first_start")));
    return done ? NULL : db_tx(c, seed, NULL);
}

/* module.c - what the metric module brings. */
#include "modules/metric/metric_private.h"

static const Resource *const resources[] = {&metric_resource, &dimension_resource, &metric_value_resource, &fact_resource, NULL};

static const SettingKind settings[] = {
    {"metric.fiscal_month", N_("First month of the fiscal year"), N_("Quarters, halves and years begin there"), "1", 'i', 1, 12},
    {0},
};

static const NavItem nav[] = {
    {N_("Numbers"), N_("Entries behind the numbers"), "/numbers/facts", "database", ROLE_ANY & ~ROLE_REP, 0, NULL},
    {N_("Numbers"), N_("Values entered by hand"), "/numbers/values", "edit", ROLE_ANY & ~ROLE_REP, 0, NULL},
    {N_("Numbers"), N_("Metrics"), "/numbers/metrics", "ruler-measure", ROLE_ADMIN, 0, NULL},
    {N_("Numbers"), N_("Regions, products, customer types"), "/numbers/dimensions", "category", ROLE_ADMIN | ROLE_MANAGER, 0, NULL},
    {0},
};

static const Route *const routes[] = {metric_routes, NULL};

const Module metric_module = {.name = "metric", .resources = resources, .routes = routes, .settings = settings, .nav = nav, .first_start = metric_seed};

/* module.c - what the okr module brings. */
#include "modules/okr/okr_private.h"

static const Resource *const resources[] = {&objective_resource, &key_result_resource, NULL};

static const NavItem nav[] = {
    {N_("Numbers"), N_("Objectives (OKR)"), "/okr", "target-arrow", ROLE_ANY, 0, NULL},
    {0},
};

static const Route *const routes[] = {okr_routes, okr_check_in_routes, NULL};

const Module okr_module = {.name = "okr", .resources = resources, .routes = routes, .nav = nav};

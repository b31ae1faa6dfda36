/* module.c - what the target module brings. */
#include "modules/target/target_private.h"

static const NavItem nav[] = {
    {N_("Numbers"), N_("Targets"), "/targets", "target", ROLE_ANY, 0, NULL},
    {0},
};

static const Route *const routes[] = {target_routes, target_cell_routes, NULL};

const Module target_module = {.name = "target", .routes = routes, .nav = nav};

/* module.c - what the target module brings. */
#include "modules/target/target_private.h"

static const NavItem nav[] = {
    {N_("Numbers"), N_("Targets"), "/targets", "target", ROLE_ANY, 0, NULL},
    {N_("Numbers"), N_("Target adjustments"), "/targets/revisions", "switch-horizontal", ROLE_ANY & ~ROLE_REP, 0, target_revision_count},
    {0},
};

static const Route *const routes[] = {target_routes, target_cell_routes, target_split_routes, target_publish_routes, target_revision_routes, target_sheet_routes, target_import_routes, NULL};

const Module target_module = {.name = "target", .routes = routes, .nav = nav};

/* module.c - what the intake module brings. */
#include "modules/intake/intake_private.h"

static const Resource *const resources[] = {&feed_resource, &feed_run_resource, &feed_alias_resource, NULL};
static const Route *const routes[] = {intake_routes, intake_run_routes, intake_api_routes, NULL};

static const JobKind jobs[] = {
    {.name = "intake.run", .run = intake_run_job},
    {.name = "intake.folder", .run = intake_folder_job, .every_minutes = 1},
    {0},
};

static const NavItem nav[] = {
    {N_("Numbers"), N_("Data in"), "/intake", "file-import", ROLE_INTAKE, 0, NULL},
    {0},
};

const Module intake_module = {.name = "intake", .resources = resources, .routes = routes, .jobs = jobs, .nav = nav};

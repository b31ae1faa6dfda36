/* module.c - what the org module brings. */
#include "modules/module.h"
#include "modules/org/org_private.h"

static const Resource *const resources[] = {&org_unit_resource, &employee_resource, &post_resource, &leave_span_resource, &job_profile_resource, NULL};

static const NavItem nav[] = {
    {N_("Organisation"), N_("Organisation chart"), "/org", "sitemap", ROLE_ANY, 0, NULL},
    {N_("Organisation"), N_("People"), "/people", "users", ROLE_ANY, 4, NULL},
    {N_("Organisation"), N_("Units"), "/units", "building", ROLE_ADMIN | ROLE_TRAINER, 0, NULL},
    {N_("Organisation"), N_("Leave"), "/leave", "beach", ROLE_ANY, 0, NULL},
    {N_("Organisation"), N_("Posts"), "/posts", "id-badge", ROLE_ADMIN | ROLE_TRAINER, 0, NULL},
    {N_("Organisation"), N_("Positions"), "/positions", "briefcase", ROLE_ADMIN | ROLE_TRAINER, 0, NULL},
    {0},
};

const Module org_module = {.name = "org", .resources = resources, .routes = (const Route *const[]){org_routes, NULL}, .jobs = org_jobs, .nav = nav};

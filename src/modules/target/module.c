/* module.c - what the target module brings. */
#include "modules/target/key_action.h"
#include "modules/target/target_private.h"
#include "modules/target/tracking.h"

static const Resource *const resources[] = {&key_action_resource, &tracking_plan_resource, NULL};

static const NavItem nav[] = {
    {N_("Daily work"), N_("Key actions"), "/key-actions/mine", "list-check", ROLE_ANY, 0, NULL},
    {N_("Numbers"), N_("Tracking"), "/tracking", "clipboard-check", ROLE_LEADERS | ROLE_TRAINER, 0, NULL},
    {0},
};

static const Route *const routes[] = {key_action_routes, tracking_routes, NULL};

const Module target_module = {.name = "target", .resources = resources, .routes = routes, .jobs = target_jobs, .nav = nav};

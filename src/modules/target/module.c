/* module.c - what the target module brings. */
#include "modules/target/key_action.h"
#include "modules/target/target_private.h"
#include "modules/target/tracking.h"

static const Resource *const resources[] = {&key_action_resource, &invoice_reminder_resource, &tracking_plan_resource, NULL};

static const NavItem nav[] = {
    {N_("Daily work"), N_("Key actions"), "/key-actions/mine", "list-check", ROLE_ANY, 0, NULL},
    {N_("Daily work"), N_("Invoice reminders"), "/key-actions/invoices", "cash", ROLE_ANY, 0, invoice_reminder_urgent},
    {N_("Numbers"), N_("Targets"), "/targets", "target", ROLE_ANY, 0, NULL},
    {N_("Numbers"), N_("Target adjustments"), "/targets/revisions", "switch-horizontal", ROLE_ANY & ~ROLE_REP, 0, target_revision_count},
    {N_("Numbers"), N_("Tracking"), "/tracking", "clipboard-check", ROLE_LEADERS | ROLE_TRAINER, 0, NULL},
    {0},
};

static const Route *const routes[] = {target_routes, target_cell_routes, target_split_routes, target_publish_routes, target_revision_routes, target_sheet_routes, target_import_routes, key_action_routes, invoice_routes,
                                      tracking_routes, NULL};

const Module target_module = {.name = "target", .resources = resources, .routes = routes, .jobs = target_jobs, .nav = nav};

/* module.c - what the calendar module brings. */
#include "modules/calendar/calendar_private.h"
#include "modules/module.h"

static const Resource *const resources[] = {&calendar_day_resource, NULL};
static const NavItem nav[] = {{N_("Organisation"), N_("Work calendar"), "/calendar", "calendar", ROLE_ANY, 0, NULL}, {0}};
const Module calendar_module = {.name = "calendar", .resources = resources, .routes = (const Route *const[]){calendar_routes, NULL}, .nav = nav, .first_start = calendar_first_start};

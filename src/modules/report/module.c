/* module.c - what the report module brings. */
#include "modules/module.h"
#include "modules/report/report_private.h"

static const Resource *const resources[] = {&daily_report_resource, NULL};

static const SettingKind settings[] = {
    {"report.deadline", N_("Daily report due at"), N_("A report of a day off is due on the next working day"), "19:00", 'c', 0, 0},
    {"report.remind_at", N_("Remind at"), N_("Whoever has not reported by then is reminded"), "18:00", 'c', 0, 0},
    {"report.back_days", N_("Days a report may be entered late"), N_("Leads may enter earlier ones"), "31", 'i', 0, 400},
    {0},
};

static const NavItem nav[] = {
    {N_("Daily work"), N_("Write report"), "/reports/daily/new", "edit", ROLE_REP, 2, NULL},
    {N_("Daily work"), N_("Reports to review"), "/reports/daily/queue", "checklist", ROLE_LEADERS, 2, report_queue_count},
    {N_("Daily work"), N_("Reports"), "/reports/daily", "report", ROLE_ANY, 3, NULL},
    {N_("Daily work"), N_("Team board"), "/reports/daily/board", "chart-bar", ROLE_ANY, 0, NULL},
    {N_("Daily work"), N_("Who has not reported"), "/reports/daily/missing", "user-question", ROLE_LEADERS | ROLE_TRAINER, 0, NULL},
    {0},
};

static const Route *const routes[] = {report_routes, report_board_routes, report_queue_routes, report_missing_routes, NULL};

const Module report_module = {.name = "report", .resources = resources, .routes = routes, .jobs = report_jobs, .settings = settings, .nav = nav};

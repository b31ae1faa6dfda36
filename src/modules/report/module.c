/* module.c - what the report module brings. */
#include "modules/module.h"
#include "modules/report/periodic_private.h"

static const Resource *const resources[] = {&daily_report_resource, &weekly_report_resource, &monthly_report_resource, NULL};

static const SettingKind settings[] = {
    {"report.deadline", N_("Daily report due at"), N_("A report of a day off is due on the next working day"), "19:00", 'c', 0, 0},
    {"report.remind_at", N_("Remind at"), N_("Whoever has not reported by then is reminded"), "18:00", 'c', 0, 0},
    {"report.back_days", N_("Days a report may be entered late"), N_("Leads may enter earlier ones"), "31", 'i', 0, 400},
    {"report.weekly_day", N_("Weekly report due on"), N_("Working day of the week after: 1 is Monday"), "1", 'i', 1, 5},
    {"report.weekly_deadline", N_("Weekly report due at"), N_("That very minute is in time"), "12:00", 'c', 0, 0},
    {"report.monthly_workday", N_("Monthly report due on"), N_("Working day of the month after: 2 is its second working day"), "2", 'i', 1, 15},
    {"report.monthly_deadline", N_("Monthly report due at"), NULL, "18:00", 'c', 0, 0},
    {"report.periodic_remind_at", N_("Remind of weekly and monthly reports at"), N_("On the day on which they are due"), "09:00", 'c', 0, 0},
    {"report.review_at", N_("Review by"), N_("On the working day after a weekly or monthly report came"), "10:00", 'c', 0, 0},
    {0},
};

static const NavItem nav[] = {
    {N_("Daily work"), N_("Write report"), "/reports/daily/new", "edit", ROLE_REP, 2, NULL},
    {N_("Daily work"), N_("Reports to review"), "/reports/daily/queue", "checklist", ROLE_LEADERS, 2, report_queue_count},
    {N_("Daily work"), N_("Reports"), "/reports/daily", "report", ROLE_ANY, 3, NULL},
    {N_("Daily work"), N_("Weekly summary"), "/reports/weekly/sheet", "calendar-event", ROLE_ANY, 0, NULL},
    {N_("Daily work"), N_("Monthly review"), "/reports/monthly/sheet", "calendar-stats", ROLE_ANY, 0, NULL},
    {N_("Daily work"), N_("Team board"), "/reports/daily/board", "chart-bar", ROLE_ANY, 0, NULL},
    {N_("Daily work"), N_("Who has not reported"), "/reports/daily/missing", "user-question", ROLE_LEADERS | ROLE_TRAINER, 0, NULL},
    {0},
};

static const Route *const routes[] = {report_routes, report_board_routes, report_queue_routes, report_missing_routes,
                                     periodic_form_routes, periodic_sheet_routes, periodic_queue_routes, periodic_missing_routes, NULL};

const Module report_module = {.name = "report", .resources = resources, .routes = routes, .jobs = report_jobs, .settings = settings, .nav = nav};

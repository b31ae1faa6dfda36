/* module.c - what the board module brings. */
#include "modules/board/board_private.h"

static const SettingKind settings[] = {
    {"board.tolerance", N_("Points behind time that are only a warning"), N_("Further behind is “behind”"), "10", 'i', 0, 50},
    {"board.red_up", N_("Red for rising"), N_("1: red up, green down, as in Chinese finance; 0: the other way round"), "1", 'b', 0, 1},
    {0},
};

static const NavItem nav[] = {
    {N_("Numbers"), N_("Board"), "/board", "chart-line", ROLE_ANY, 5, NULL},
    {N_("Numbers"), N_("Sheets"), "/sheets/summary", "table", ROLE_ANY, 0, NULL},
    {N_("Numbers"), N_("Scheduled boards"), "/sheets/schedules", "clock", ROLE_ANY & ~ROLE_REP, 0, NULL},
    {N_("Numbers"), N_("New people's ramp"), "/board/ramp", "trending-up", ROLE_ANY & ~ROLE_REP, 0, NULL},
    {0},
};

static const Resource *const resources[] = {&board_schedule_resource, &board_team_sheet, &board_summary_sheet, &board_tracking_sheet, &board_comparison_sheet, NULL};
static const Route *const routes[] = {board_routes, board_ramp_routes, board_sheet_routes, board_schedule_routes, NULL};

const Module board_module = {.name = "board", .resources = resources, .jobs = board_jobs, .routes = routes, .settings = settings, .nav = nav};

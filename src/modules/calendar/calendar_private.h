/* calendar_private.h - shared inside the calendar module. */
#pragma once
#include "modules/calendar/calendar.h"

typedef struct CalendarDay {
    RESOURCE_ROW;
    Date day;
    const char *name;
    int kind, source;
} CalendarDay;

/* In a transaction: kind 0 work, 1 rest, -1 as Monday to Friday say. */
Error *calendar_set_day(Ctx *c, Date day, int kind, const char *name) MUST_USE;
Error *calendar_first_start(Ctx *c) MUST_USE;
extern const Route calendar_routes[];

/* calendar.h - the organisation's working days. */
#pragma once
#include "base/workday.h"
#include "resource/resource.h"

extern const Resource calendar_day_resource;

/* The calendar as it is now; cached for the process until a day changes. Valid while the process lives. */
Error *calendar_get(Ctx *c, const WorkCalendar **ret) MUST_USE;
/* In a transaction: takes {"holidays":{"2026-01-01":"元旦",...},"workdays":{...}}; days the company has set itself stay. *ret_days may be NULL. */
Error *calendar_take_json(Ctx *c, const char *json, size_t size, int *ret_days) MUST_USE;
/* From 1 December on: false if next year's holidays are not known yet. */
Error *calendar_covers_next_year(Ctx *c, bool *ret) MUST_USE;

/* board.h - what other modules may ask of boards. */
#pragma once
#include "base/value.h"
#include "resource/resource.h"

/* The reader's own pace this month (a rep's own, a lead's team, the company's) as a group of figures for the start page: {title, href, note, kpis:
 * [{label, text, unit, note, kind, percent, has_percent}]}; null where there is no target or nobody to show. */
Error *board_pace_card(Ctx *c, Value *ret) MUST_USE;

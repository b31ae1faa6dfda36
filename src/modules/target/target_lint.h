/* target_lint.h - is a target specific, measurable, achievable, relevant and set in time (SMART), and do targets of several metrics agree? */
#pragma once
#include "modules/target/target_grid.h"

Error *target_lint_panel(Ctx *c, const Grid *g, Value model) MUST_USE;

/* intake.h - files of deals, orders or activity into facts: what the program and other modules may ask. */
#pragma once
#include "modules/metric/metric.h"

/* The drop folder, from the configuration; "" for none. Once at start. */
void intake_setup(const char *folder);
/* For metric's fact_describe_source: a link from an imported entry to its file and row. */
Error *intake_describe_fact(Ctx *c, const Fact *fact, Value model) MUST_USE;

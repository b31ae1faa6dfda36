/* intake.h - files of deals, orders or activity into facts: what the program and other modules may ask. */
#pragma once
#include "modules/metric/metric.h"

/* The drop folder, from the configuration; "" for none. Once at start. */
void intake_setup(const char *folder);
/* For metric's fact_describe_source: a link from an imported entry to its file and row. */
Error *intake_describe_fact(Ctx *c, const Fact *fact, Value model) MUST_USE;
/* Outside a transaction: takes a whole file in as the actor, who must be allowed to, by the data source (feed) with that id. What is wrong with the
 * file ends in its run's own state. */
Error *intake_take(Ctx *c, int64_t feed_id, const char *filename, const void *data, size_t size) MUST_USE;

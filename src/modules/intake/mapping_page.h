/* mapping_page.h - the page that says what the columns of a file mean. */
#pragma once
#include "modules/intake/intake_private.h"

Error *mapping_first(Req *r, FeedRun *run) MUST_USE; /* GET: what is saved, or a guess */
Error *mapping_preview(Req *r) MUST_USE;             /* POST: as chosen, with counts, nothing saved */
Error *mapping_page(Req *r) MUST_USE;                /* POST: saves the data source */

/* target_private.h - shared inside the target module. */
#pragma once
#include "modules/module.h"
#include "modules/target/target.h"

/* id, seq, state and the 36 numbers of a version v. */
#define VERSION_COLUMNS                                                                                                                            \
    "v.id, v.seq, v.state, v.b1, v.b2, v.b3, v.b4, v.b5, v.b6, v.b7, v.b8, v.b9, v.b10, v.b11, v.b12, v.c1, v.c2, v.c3, v.c4, v.c5, v.c6, v.c7, v.c8,"      \
    " v.c9, v.c10, v.c11, v.c12, v.e1, v.e2, v.e3, v.e4, v.e5, v.e6, v.e7, v.e8, v.e9, v.e10, v.e11, v.e12"
/* By TargetView $5: in force; the first that ever was; that, a draft or one that waits. The highest seq of these counts. */
#define VERSION_IS_SHOWN_5 "(($5 = 0 AND v.state = 1) OR ($5 = 1 AND v.state = 1 AND v.seq = 1) OR ($5 = 2 AND v.state <> 3))"
#define LATER_IS_SHOWN_5 "(($5 = 0 AND w.state = 1) OR ($5 = 1 AND w.state = 1 AND w.seq = 1) OR ($5 = 2 AND w.state <> 3))"
void target_read_version(const Rows *rows, int from, Target *t);

/* target_access.c: the name of a unit, person or member within the actor's scope; 404 if it is not there or not visible. */
Error *target_scope_name(Ctx *c, MetricScope scope, const char **ret) MUST_USE;
/* Drafts and revisions of that target are the actor's business: a leader who sees the unit above it. */
Error *target_may_set(Ctx *c, MetricScope scope, bool *ret) MUST_USE;
/* target_revision.c: how many wait for the reader's decision. */
Error *target_revision_count(Ctx *c, int64_t *ret) MUST_USE;

extern const Route target_routes[], target_cell_routes[], target_split_routes[], target_publish_routes[], target_revision_routes[], target_sheet_routes[],
    target_import_routes[];

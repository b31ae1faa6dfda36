/* target_change.h - changed cells as a request brings them, JSON or form, each with the value it was based on. */
#pragma once
#include "modules/target/target_grid.h"

enum { CELLS_MAX = 5000 };

typedef struct CellChange {
    MetricScope scope;
    TargetTier tier;
    int month;           /* 0..11, or TARGET_FLOOR */
    int64_t value, base; /* base: what the writer saw */
    bool has_base;
    const char *field;   /* "cells[3]" of JSON, "c.u12.4" of a form: where a message goes */
    int64_t stored;      /* after a conflict: what stands there now */
    bool conflict;
} CellChange;

typedef struct CellChanges {
    const Metric *metric;
    int64_t year;
    CellChange *list;
    size_t count;
} CellChanges;

/* Reads the request's cells; all messages in one 422. Cells of a form that are as they were are left out. */
Error *target_changes_read(Req *r, const Grid *g, CellChanges *ret) MUST_USE;
/* In a transaction: may the actor set each, and does each stand as its writer saw it? 404, 409 with `conflict` and `stored` filled, or NULL. */
Error *target_changes_check(Ctx *c, CellChanges *changes, TargetView view) MUST_USE;
/* problem+json with the values of both beside it: "conflicts": [{"field", "stored", "yours"}]. */
Error *target_changes_refused(Req *r, const CellChanges *changes, Error *e) MUST_USE;

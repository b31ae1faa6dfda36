/* resource_store.h - reading rows into structs. Private to resource/. */
#pragma once
#include "base/pile.h"
#include "resource/resource.h"

/* The current row of a query made by sql_select into a struct; texts go to the pile. */
void row_read(const Field *fields, size_t n, const Rows *rows, Pile *pile, void *row);

/* Saving many rows of one resource: its fields are asked for once and each statement's text is built once. */
typedef struct Saver {
    const Resource *res;
    const Field *fields;
    size_t n;
    bool quiet;                                               /* no audit row for each row */
    bool guarded;                                             /* an import: a row that may no longer be edited must come out as it is */
    Ctx *lasting;                                             /* for after_save: what it registers with db_after_commit outlives the row; NULL: the caller's */
    const char *insert, *insert_id, *update, *by_id, *by_key; /* interned; NULL until needed */
} Saver;
/* What saving would find wrong: prepare, required fields, validate. *ret_changed: there is something to write. */
Error *saver_check(Ctx *c, const Saver *s, const void *old, void *row, bool *ret_changed) MUST_USE;
/* resource_save without looking anything up twice. */
Error *saver_save(Ctx *c, Saver *s, const void *old, void *row, const char *action, bool *ret_changed) MUST_USE;
/* The stored row with row's natural id or the same values in all KEY fields; NULL if there is none. Not limited by scope. */
Error *saver_find(Ctx *c, Saver *s, const void *row, void **ret_old) MUST_USE;

/* dump_private.h - between dump.c and load.c. */
#pragma once
#include "db/driver.h"
#include "db/dump.h"

Error *dump_catalogue(Ctx *c, DumpTable **ret_tables, size_t *ret_count) MUST_USE; /* without numbers of rows */
const char *dump_column_list(void *mem, const DumpTable *t);

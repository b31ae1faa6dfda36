/* dump.h - every table as lines of text, and back, on either engine: what a backup is made of.
 *
 * A row is one line, a JSON array with a value a column: null, a number for INT, and a string for TEXT, for REAL ("0.1", 17 digits) and for
 * BLOB (base64url). Tables and columns come from the database's catalogue, so that no migration has to think of backups. */
#pragma once
#include "db/db.h"

typedef struct DumpTable {
    const char *name;
    size_t columns;
    const char **column;
    char *kinds; /* one letter a column: i INT, r REAL, t TEXT, b BLOB */
    int64_t rows;
} DumpTable;

/* ---- out: inside db_snapshot ---- */

/* All tables, by name, without schema_migration and those that skip (ended by NULL) names; with the number of their rows. */
Error *dump_tables(Ctx *c, const char *const *skip, DumpTable **ret_tables, size_t *ret_count) MUST_USE;
/* Name of the newest migration the database has had. */
Error *dump_schema(Ctx *c, const char **ret_name) MUST_USE;
typedef struct Dump Dump;
Error *dump_open(Ctx *c, const DumpTable *t, Dump **ret_dump) MUST_USE;
/* Replaces out's content by the next lines; empty at the end. */
Error *dump_next(Dump *d, Text *out) MUST_USE;

/* ---- in: inside one db_tx ---- */

typedef struct Load Load;
/* Drops all tables and makes those that the program had after migration `schema`, empty, with references unchecked for now. 422 if this program
 * does not know that migration. */
Error *load_begin(Ctx *c, const char *schema, Load **ret_load) MUST_USE;
/* What comes next are rows of t. 422 if there is no such table, or it has other columns. */
Error *load_table(Load *l, const DumpTable *t) MUST_USE;
Error *load_row(Load *l, const char *line, size_t n) MUST_USE;
/* Checks the references, sets the counters of ids, and runs the migrations after `schema`. */
Error *load_end(Load *l) MUST_USE;
/* Reads a line as load_row would, without a database: 422 if it is no row of t. */
Error *load_check_row(Ctx *c, const DumpTable *t, const char *line, size_t n) MUST_USE;

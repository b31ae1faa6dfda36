/* backup.h - everything in one file: a zip with one JSON-lines entry a table and the stored files, the same for both engines, so that a backup of
 * SQLite can be restored into PostgreSQL and the other way round. */
#pragma once
#include "base/error.h"
#include "base/text.h"

/* Writes a consistent state (one read transaction) to path, which must not exist yet; works while others write. What was written is read back and
 * counted before it gets its name. Sessions, and the secrets of none but this database, are in it: keep the file as safe as the database. */
Error *backup_write(Ctx *c, const char *path, Text *out) MUST_USE;
/* Fills an empty database (no accounts, no people; seeded rows are replaced). 409 if it is not empty, 422 if the file is no backup, is damaged, or
 * comes from a newer version. All or nothing. Sessions are not brought back. */
Error *backup_restore(Ctx *c, const char *path, Text *out) MUST_USE;

/* backup.h - everything in one file: a zip with one JSON-lines entry a table and the stored files, the same for both engines, so that a backup of
 * SQLite can be restored into PostgreSQL and the other way round. */
#pragma once
#include "base/error.h"
#include "base/text.h"

/* Writes a consistent state (one snapshot) to path, which must not exist yet; works while others write. What was written is read back and
 * counted before it gets its name. Sessions are left out; hashes of passwords and tokens and the secrets of the second step are in it: keep the
 * file as safe as the database. */
Error *backup_write(Ctx *c, const char *path, Text *out) MUST_USE;
/* Fills an empty database (no accounts, no people; seeded rows are replaced). 409 if it is not empty, 422 if the file is no backup, is damaged, or
 * comes from a newer version; an older one is brought up to date. All or nothing. */
Error *backup_restore(Ctx *c, const char *path, Text *out) MUST_USE;

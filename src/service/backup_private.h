/* backup_private.h - between backup.c (out) and backup_restore.c (in), which also proves what backup.c wrote. */
#pragma once
#include "db/dump.h"
#include "service/backup.h"

enum { BACKUP_FORMAT = 1, BACKUP_LINE = 128 << 20, BACKUP_FILE = 64 << 20 };
#define BACKUP_MANIFEST "xiaoguan.json"

typedef struct Archive Archive;
/* Opens a backup and reads its manifest. 422 if it is none. */
Error *archive_open(Ctx *c, const char *path, Archive **ret_archive) MUST_USE;
/* Reads all of it: every checksum, every row, every number of rows. */
Error *archive_check(Ctx *c, Archive *a) MUST_USE;
int64_t archive_rows(const Archive *a);

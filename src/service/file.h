/* file.h - the file store: bytes lie under their SHA-256 in a folder of ours, never under a name a user gave. */
#pragma once
#include "base/error.h"
#include "http/request.h"

enum { FILE_MAX_IMAGE = 5 << 20, FILE_QUOTA_PERSON = 1 << 30 };

/* The folder; created if absent. Once at start. */
Error *file_setup(Ctx *c, const char *folder) MUST_USE;
/* Accepts JPEG and PNG by content, with metadata segments (place, camera) removed. Writes the bytes durably, then in c's transaction the row.
 * 422 on `field` if it is not such an image, 413 if too large or over the person's quota. */
Error *file_store_image(Ctx *c, const Upload *upload, const char *field, const char *object, int64_t object_id, int64_t *ret_id) MUST_USE;
/* In a transaction: keeps what the program has made (a spreadsheet, a PDF) for the actor. The bytes are written durably first. */
Error *file_store_made(Ctx *c, const void *data, size_t size, const char *name, const char *type, const char *object, int64_t object_id, int64_t *ret_id) MUST_USE;
typedef struct FileInfo {
    int64_t id, size, object_id, owner_id;
    const char *sha256, *name, *type, *object;
} FileInfo;
/* In a transaction: a row for bytes that file_keep has stored, such as an imported sheet. It is the company's, not counted as anybody's; fills file->id. */
Error *file_add(Ctx *c, FileInfo *file) MUST_USE;
Error *file_load(Ctx *c, int64_t id, FileInfo *ret) MUST_USE; /* 404 */
/* [{id, name, size, href}] of one object. */
Error *file_list(Ctx *c, const char *object, int64_t object_id, Value *ret_list) MUST_USE;
Error *file_delete(Ctx *c, int64_t id) MUST_USE; /* the row; a job removes bytes nobody refers to */
/* Answers with the file (images inline under a sandboxing policy). The caller has checked that the reader may see its object. */
Error *file_send(Req *r, const FileInfo *file) MUST_USE;
/* Puts bytes where they belong, durably; nothing to do if they are there. */
Error *file_keep(Ctx *c, const char *sha256, const uint8_t *data, size_t n) MUST_USE;
const char *file_path(Ctx *c, const char *sha256);
/* Removes bytes that no row has referred to for a day. A job (service.h). */
Error *file_sweep(Ctx *c, int64_t arg) MUST_USE;

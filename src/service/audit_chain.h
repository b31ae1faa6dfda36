/* audit_chain.h - the hash over audit rows; private to audit.c and audit_chain.c. */
#pragma once
#include "base/error.h"
#include <stdint.h>

#define AUDIT_NO_HASH                                                                                                  \
    "0000000000000000000000000000000000000000000000000000000000000000" /* what the first block links to */

typedef struct AuditHash AuditHash;
/* after < id <= up_to, at most limit rows, and none from the first on that is later than `latest`. */
typedef struct AuditRange {
    int64_t after, up_to, limit, latest;
    int64_t rows, first_id, last_id; /* results */
} AuditRange;

AuditHash *audit_hash_new(Ctx *c, const char *previous); /* takes the previous block's hash first */
Error *audit_hash_rows(Ctx *c, AuditHash *h, AuditRange *range) MUST_USE;
const char *audit_hash_text(Ctx *c, AuditHash *h); /* hex; ends it */

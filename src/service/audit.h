/* audit.h - who changed what, when. A row is a plain insert in the transaction of the change; a job seals rows in id order into blocks of
 * a SHA-256 chain, so that nobody waits for the chain. See README.md in this folder. */
#pragma once
#include "base/error.h"
#include "base/text.h"

/* In a transaction. changes is a JSON object text {"field": [before, after]}, "{}" if there is nothing to say. */
Error *audit_record(Ctx *c, const char *action, const char *object, int64_t object_id, const char *changes) MUST_USE;
/* The same from outside a transaction, for log-ins, exports and refusals. */
Error *audit_event(Ctx *c, const char *action, const char *object, int64_t object_id, const char *changes) MUST_USE;

/* Seals rows older than one minute that no block holds yet, at most 10,000 a block. A job runs it each hour and the server at shutdown. */
Error *audit_seal(Ctx *c) MUST_USE;
/* Checks every block, its link and the unsealed tail. *ret_bad is 0 if all is well, else the number of findings; each is printed as a line
 * to report (may be NULL). */
Error *audit_verify(Ctx *c, int64_t *ret_rows, int64_t *ret_blocks, int64_t *ret_bad, Text *report) MUST_USE;

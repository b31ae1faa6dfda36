/* notify.h - messages to people inside the product: the bell and the to-do count. Chat and mail adapters read the same rows later. */
#pragma once
#include "base/error.h"
#include "base/value.h"

/* In a transaction. The message is a msgid with {1} {2}; the reader's language is applied when it is shown. */
Error *notify_account(Ctx *c, int64_t account_id, const char *kind, Msg message, const char *href) MUST_USE;
Error *notify_employee(Ctx *c, int64_t employee_id, const char *kind, Msg message, const char *href) MUST_USE; /* nothing if without account */
/* In a transaction: what these messages asked for is done; they count as read. */
Error *notify_settle(Ctx *c, int64_t employee_id, const char *kind) MUST_USE;
Error *notify_unread(Ctx *c, int64_t *ret_count) MUST_USE;
/* Newest first: [{id, text, href, created_at, unread}]. */
Error *notify_list(Ctx *c, int limit, Value *ret_list) MUST_USE;
Error *notify_mark_read(Ctx *c, int64_t up_to_id) MUST_USE; /* in a transaction */

/* intake_pages.h - models shared by the intake pages. */
#pragma once
#include "modules/intake/intake_private.h"
#include "resource/form.h"

/* msgid with {1} replaced, in the reader's language. */
const char *said(Ctx *c, const char *msgid, const char *arg);
/* matched: rows of each rule, or NULL before they are counted; problem: why the mapping was refused. */
Error *mapping_model(Ctx *c, const FeedRun *run, const IntakePlan *plan, const Feed *feed, const FeedRules *rules, const int64_t *matched, const Error *problem, Value *ret) MUST_USE;

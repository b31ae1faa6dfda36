/* lang.h - the catalogues of the languages that we speak, loaded once from the binary. */
#pragma once
#include "base/error.h"
#include "base/i18n.h"

/* Loads po/zh_CN.mo and po/en.mo; where one is missing its texts are the msgids. Once at start, before any thread. */
Error *lang_setup(Ctx *c) MUST_USE;
/* "zh_CN" or "en"; any other code gives zh_CN. NULL before lang_setup. */
const Lang *lang_get(const char *code);
/* The language that a code or tag such as "en-GB" or "zh" stands for: "zh_CN", "en", or NULL if we do not speak it. */
const char *lang_known(const char *tag);
/* The first language of an Accept-Language header that we speak, or NULL. */
const char *lang_accepted(const char *header);

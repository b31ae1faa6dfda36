/* i18n.h - message catalogues. msgids are English; a .mo file is a sorted table that we search ourselves, because libc's
 * gettext cannot change language per request where no locale is generated. */
#pragma once
#include "base/error.h"
#include <stddef.h>

typedef struct Lang Lang;

/* Reads a .mo image (kept, not copied; must outlive the Lang). Returns NULL if it is malformed. code is "zh_CN" or "en". */
Lang *lang_load(void *mem, const char *code, const void *mo, size_t size);
const char *lang_code(const Lang *lang);  /* "zh_CN" */
const char *lang_tag(const Lang *lang);   /* "zh-CN", for the lang attribute and headers */
/* Translation of msgid, or msgid itself. lang NULL gives msgid. */
const char *tr(const Lang *lang, const char *msgid);
/* Translates msg and fills {1} {2} {3}; arguments are taken as they are. The result is in mem or static. */
const char *msg_text(void *mem, const Lang *lang, const Msg *msg);

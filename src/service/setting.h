/* setting.h - the organisation's own settings (entities, not configuration): name, zone, deadlines. Cached; changed in the browser. */
#pragma once
#include "base/date.h"
#include "base/error.h"

/* The value, or its declared default. Never NULL for a declared name. Valid while c lives. */
const char *setting_text(Ctx *c, const char *name);
int64_t setting_int(Ctx *c, const char *name); /* a clock in minutes since midnight */
typedef struct SettingKind {
    const char *name;     /* "report.deadline" */
    const char *title;    /* N_() */
    const char *help;     /* N_() or NULL */
    const char *value;    /* default */
    char type;            /* 't' text, 'i' whole number, 'c' clock "18:00", 'b' 0/1 */
    int64_t min, max;     /* for 'i' */
} SettingKind;
void setting_declare(const SettingKind *kinds); /* ended by a row without name */
size_t setting_count(void);
const SettingKind *setting_at(size_t i);
/* In a transaction, audited; 422 on the field `name` if the value does not fit its type. */
Error *setting_save(Ctx *c, const char *name, const char *value) MUST_USE;
void setting_forget_all(void); /* tests */

/* limit.h - rate limits in memory: a table of counters by key, oldest forgotten first. */
#pragma once
#include "base/error.h"
#include <stdbool.h>

/* Token bucket: `burst` at once, refilled by `per_minute`. False when empty; *ret_wait is the seconds until it would work. */
bool limit_take(const Ctx *c, const char *key, int per_minute, int burst, int *ret_wait);
/* Failures of log-in: after 5 in 15 minutes for one key each further try waits, doubling up to 15 minutes; never a permanent lock. */
bool limit_login_allowed(const Ctx *c, const char *key, int *ret_wait);
void limit_login_failed(const Ctx *c, const char *key);
void limit_login_succeeded(const char *key);
void limit_forget_all(void); /* tests */

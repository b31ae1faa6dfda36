/* password_common.h - passwords that everybody tries first; private to password.c. */
#pragma once
#include <stddef.h>

extern const char *const password_common[]; /* lower case, in order of strcmp */
extern const size_t password_common_count;

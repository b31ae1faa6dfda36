/* account.h - who may log in: what other modules, main and the demo may ask. See README.md in this folder. */
#pragma once
#include "resource/resource.h"

extern const Resource account_resource;

enum { SCOPE_BY_ROLES = -1 };

typedef struct AccountNew {
    const char *login, *name;
    int64_t employee_id;       /* 0: nobody's, a technical account */
    uint32_t roles;            /* bits of service/access.h */
    int scope;                 /* a Scope, or SCOPE_BY_ROLES */
    const char *password_hash; /* of password_hash(); NULL: the owner sets it by an invitation */
    bool must_change, demo;
    const char *lang;          /* "zh_CN", "en", or NULL for the browser's own */
} AccountNew;

/* In a transaction: makes an account. Expected: 422 on login, name, roles or employee_id. Call org_rebuild_visibility after the last one. */
Error *account_create(Ctx *c, const AccountNew *a, int64_t *ret_id) MUST_USE;
/* The active account of an employee; 0 if there is none. */
Error *account_of_employee(Ctx *c, int64_t employee_id, int64_t *ret_id) MUST_USE;
/* In a transaction: the person left. The account is disabled and its sessions and tokens end with the commit; nothing if there is no account.
 * Expected: 409 if it is the last active administrator. */
Error *account_disable_for_employee(Ctx *c, int64_t employee_id) MUST_USE;
/* In a transaction: a one-time link to set the password: 7 days for an account that has none yet, else 15 minutes. */
Error *account_make_link(Ctx *c, int64_t account_id, const char **ret_path, Instant *ret_until) MUST_USE;

/* At start: "/setup/TOKEN" while there is no administrator who can log in, else NULL. Each call makes earlier links worthless. */
Error *account_setup_link(Ctx *c, const char **ret_path_or_null) MUST_USE;
/* For the command line, with a transaction of their own; 404 if no active account has that login. */
Error *account_token_for_login(Ctx *c, const char *login, const char **ret_token) MUST_USE;
Error *account_link_for_login(Ctx *c, const char *login, const char **ret_path) MUST_USE;

/* account_private.h - shared inside the account module. */
#pragma once
#include "http/respond.h"
#include "modules/account/account.h"
#include "modules/module.h"
#include "resource/form.h"

typedef struct Account {
    RESOURCE_ROW;
    const char *login, *name, *employee_name;
    int64_t employee_id;
    int status;           /* AccountStatus */
    int roles;            /* bits: the place in a list of all 64 combinations, see account.c */
    int reach;            /* 0 as the roles have it, else 1 + Scope */
    int64_t scope_stored; /* what the column holds */
    bool has_password, has_totp;
    Instant seen_at;
} Account;
typedef enum AccountStatus { ACCOUNT_ACTIVE, ACCOUNT_DISABLED } AccountStatus;

/* ---- account_rules.c: pure ---- */

enum { LOGIN_MAX = 64, NEXT_MAX = 1000, RECOVERY_CODES = 10, RECOVERY_TEXT = 20 };
/* 2 to 64 characters: letters of any script, digits and . _ - @ + */
bool login_is_valid(const char *login);
/* As logins are stored and compared: trimmed, half-width, lower case. */
const char *login_fold(void *mem, const char *s);
bool path_is_local(const char *path); /* leads to this server, whatever a browser makes of it */
/* path if it is a page of ours that one may go on to after log-in, else "/". */
const char *local_path(const char *path);
/* "Chrome", "Windows" of a User-Agent; "" where unknown. */
void device_of(const char *agent, const char **ret_browser, const char **ret_system);

/* A ticket is carried by the browser between two steps: whose, until when, some data ([A-Za-z0-9_-]*), and a MAC over all of it, the purpose and
 * `bound`, which is a thing that makes the ticket worthless when it changes (the password hash). */
const char *ticket_make(void *mem, const char *secret, const char *purpose, int64_t account_id, Instant until, const char *data, const char *bound);
int64_t ticket_account(const char *ticket); /* whose it says it is, unchecked; 0 if malformed */
bool ticket_check(void *mem, const char *secret, const char *purpose, Instant now, const char *ticket, const char *bound, const char **ret_data);

/* 16 characters of 32 (80 random bits) in groups of four: "k7dm-3xqz-wp2h-9rta". */
const char *recovery_code_text(const uint8_t bytes[static 10], char buf[static RECOVERY_TEXT]);
/* As it is hashed: lower case, without what people put between. */
const char *recovery_code_fold(void *mem, const char *s);
/* lines without the line `hash`; NULL if it is not among them. */
const char *recovery_take(void *mem, const char *lines, const char *hash);
size_t recovery_left(const char *lines);

/* ---- account_store.c ---- */

/* Is there an active administrator with a password, other than this account? */
Error *other_admin_exists(Ctx *c, int64_t account_id, bool *ret) MUST_USE;
/* The key of this database's tickets; made when first asked for. Outside transactions. */
Error *login_secret(Ctx *c, const char **ret) MUST_USE;
const char *link_path(Ctx *c, const char *token);
/* In a transaction: sets the password, ends invitations. */
Error *password_store(Ctx *c, int64_t account_id, const char *phc) MUST_USE;

/* ---- account_forms.c ---- */

/* Models of the lines for _field.html. Ended by a line without name. */
Value form_fields(Req *r, const FormLine *lines, const Error *problem);
/* A model with title, error and, for programs, nothing else. */
Value form_model(Req *r, const char *title, const Error *problem);
/* Answers the form with its messages; 200 without a problem. */
Error *form_answer(Req *r, const char *template, Value model, const Error *problem) MUST_USE;
/* True if the form is the better answer to e than the error page or problem+json. */
bool form_can_show(const Req *r, const Error *e);
const char *form_text(const Req *r, const char *name); /* "" if absent */
/* New password and its repetition, by the rules; errors are added to *errors. */
Error *form_new_password(Req *r, const char *login, const char *name, Error **errors) MUST_USE;
/* Too many tries: 429 with the seconds. */
Error *err_wait(Ctx *c, int seconds) MUST_USE;
/* At most 30 tries a minute of all pages that check a secret, by address. */
Error *limit_address(Ctx *c) MUST_USE;
/* The answer must not leave the secret of its address in the log. */
void hide_path(Req *r);
/* The page after log-in, told to programs together with their CSRF token. */
Error *answer_logged_in(Req *r, const char *next) MUST_USE;
const char *device_title(Ctx *c, const char *agent);

/* ---- handlers ---- */

Error *login_page(Req *r);
Error *login_submit(Req *r);
Error *login_code_page(Req *r);
Error *login_code_submit(Req *r);
Error *logout_submit(Req *r);
Error *setup_page(Req *r);
Error *setup_submit(Req *r);
Error *password_page(Req *r);
Error *password_submit(Req *r);
Error *invite_page(Req *r);
Error *invite_submit(Req *r);
Error *own_account_page(Req *r);
Error *own_language_submit(Req *r);
Error *own_session_end(Req *r);
Error *own_sessions_end_others(Req *r);
Error *own_token_new(Req *r);
Error *own_token_end(Req *r);
Error *own_totp_page(Req *r);
Error *own_totp_on(Req *r);
Error *own_totp_off(Req *r);
Error *account_new_page(Req *r);
Error *account_edit_page(Req *r);
Error *account_create_submit(Req *r);
Error *account_update_submit(Req *r);
Error *account_invite_submit(Req *r);
/* account.c for account_pages.c. */
Error *account_load(Ctx *c, int64_t id, Account **ret) MUST_USE;

/* password.h - argon2id (t=2, m=19456 KiB, p=1), the rules for new passwords, and time-based codes (RFC 6238). */
#pragma once
#include "base/error.h"
#include <stdbool.h>
#include <stdint.h>

/* At most 4 hashes run at once and 64 wait; beyond: 503, so that a flood of log-ins cannot eat the memory. */
Error *password_hash(Ctx *c, const char *password, const char **ret_phc) MUST_USE;
/* phc NULL (unknown account) takes the same time and gives false. *ret_rehash: the parameters have risen since. */
Error *password_verify(Ctx *c, const char *phc, const char *password, bool *ret_ok, bool *ret_rehash) MUST_USE;
/* 422 on field "password": 8 to 128 characters, not one of the common ones, not made of the words given (login, name, company). No rules of
 * composition, no forced change. words is NULL-terminated. */
Error *password_check_new(Ctx *c, const char *password, const char *const *words) MUST_USE;

const char *totp_new_secret(Ctx *c);                       /* base32, 160 bits */
const char *totp_uri(Ctx *c, const char *issuer, const char *login, const char *secret);
/* Window of one step either way; last_step is the newest step already used, *ret_step the one this code is of. */
bool totp_check(Ctx *c, const char *secret, const char *code, int64_t last_step, int64_t *ret_step);
const char *qr_svg(Ctx *c, const char *text); /* a QR code as an <svg> element without style or script; NULL if too long */

/* SHA-256 of text as hex; 256 random bits as base64url. */
const char *hash_text(Ctx *c, const char *s);
const char *random_token(Ctx *c);

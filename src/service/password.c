/* password.c - hashing of passwords, and the rules for new ones. */
#include "service/password.h"
#include "base/text.h"
#include "service/password_common.h"
#include <argon2.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { TIME_COST = 2, MEMORY_KIB = 19456, LANES = 1, SALT = 16, TAG = 32, PHC_SIZE = 128 };
enum { AT_ONCE = 4, MAY_WAIT = 64, MIN_LENGTH = 8, MAX_LENGTH = 128 };

/* ---- the gate: each hash takes 19 MiB ---- */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t left;
    int inside, waiting;
} gate = { .lock = PTHREAD_MUTEX_INITIALIZER, .left = PTHREAD_COND_INITIALIZER };

static bool gate_enter(void) {
    pthread_mutex_lock(&gate.lock);
    bool ok = gate.inside < AT_ONCE || gate.waiting < MAY_WAIT;
    if (ok) {
        gate.waiting++;
        while (gate.inside >= AT_ONCE) pthread_cond_wait(&gate.left, &gate.lock);
        gate.waiting--;
        gate.inside++;
    }
    pthread_mutex_unlock(&gate.lock);
    return ok;
}

static void gate_leave(void) {
    pthread_mutex_lock(&gate.lock);
    gate.inside--;
    pthread_cond_signal(&gate.left);
    pthread_mutex_unlock(&gate.lock);
}

static Error *too_busy(Ctx *c) {
    Error *e = err_busy(c, N_("Too many people are logging in at once. Try again in a moment"));
    e->retry_after = 5;
    return e;
}

/* ---- hashing ---- */

static bool make_phc(const char *password, char phc[static PHC_SIZE]) {
    uint8_t salt[SALT];
    if (RAND_bytes(salt, sizeof salt) != 1) return false;
    return argon2id_hash_encoded(TIME_COST, MEMORY_KIB, LANES, password, strlen(password), salt, sizeof salt, TAG, phc,
                                 PHC_SIZE) == ARGON2_OK;
}

Error *password_hash(Ctx *c, const char *password, const char **ret_phc) {
    char phc[PHC_SIZE];
    if (!gate_enter()) return too_busy(c);
    bool ok = make_phc(password, phc);
    gate_leave();
    if (!ok) return err_internal(c, "argon2 cannot make a hash");
    *ret_phc = talloc_strdup(c->mem, phc);
    return NULL;
}

/* What an unknown account is compared with, so that it takes as long. */
static char dummy[PHC_SIZE];
static pthread_once_t dummy_once = PTHREAD_ONCE_INIT;

static void make_dummy(void) {
    if (!make_phc("nobody has this password", dummy)) dummy[0] = 0;
}

static bool is_weaker(const char *phc) {
    unsigned m, t, p;
    if (sscanf(phc, "$argon2id$v=19$m=%u,t=%u,p=%u$", &m, &t, &p) != 3) return true;
    return m < MEMORY_KIB || t < TIME_COST;
}

Error *password_verify(Ctx *c, const char *phc, const char *password, bool *ret_ok, bool *ret_rehash) {
    *ret_ok = *ret_rehash = false;
    if (!gate_enter()) return too_busy(c);
    pthread_once(&dummy_once, make_dummy);
    int rc = argon2id_verify(phc ? phc : dummy, password, strlen(password));
    gate_leave();
    if (!phc || rc == ARGON2_VERIFY_MISMATCH) return NULL;
    if (rc != ARGON2_OK) return err_internal(c, "argon2 cannot read a stored hash: %s", argon2_error_message(rc));
    *ret_ok = true;
    *ret_rehash = is_weaker(phc);
    return NULL;
}

/* ---- the rules for new passwords ---- */

static int compare_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_listed(const char *s) {
    return bsearch(&s, password_common, password_common_count, sizeof *password_common, compare_text) != NULL;
}

/* "aaaaaaaa", "12341234", "abcabcabc": a short piece again and again. */
static bool is_repeated(const char *s, size_t n) {
    for (size_t piece = 1; piece <= 4 && piece * 2 <= n; piece++) {
        size_t i = piece;
        while (i < n && s[i] == s[i - piece]) i++;
        if (i == n) return true;
    }
    return false;
}

/* "12345678", "87654321", "abcdefgh", "2468...": equal steps of at most two; 9 is followed by 0. */
static bool is_sequence(const char *s, size_t n) {
    for (int step = -2; step <= 2; step++) {
        size_t i = 1;
        while (i < n && (s[i] == s[i - 1] + step || (step == 1 && s[i - 1] == '9' && s[i] == '0') ||
                         (step == -1 && s[i - 1] == '0' && s[i] == '9')))
            i++;
        if (i == n) return true;
    }
    return false;
}

static bool is_simple(const char *s) {
    size_t n = strlen(s);
    return n == 0 || is_repeated(s, n) || is_sequence(s, n) || is_listed(s);
}

/* Common also means: a common one with signs behind it. */
static bool is_common(void *mem, const char *folded) {
    if (is_simple(folded)) return true;
    char *s = talloc_strdup(mem, folded);
    size_t n = strlen(s);
    while (n && strchr("!.?#@*~-_+ ", s[n - 1])) s[--n] = 0;
    return is_simple(s);
}

/* What is left of s without the words; NULL if none of them is in it. */
static char *without(void *mem, const char *s, const char *const *words) {
    char *rest = talloc_strdup(mem, s);
    bool any = false;
    for (; *words; words++) {
        const char *word = text_fold(mem, text_clean(mem, *words));
        size_t n = strlen(word);
        if (n < 3) continue; /* shorter than a Chinese character */
        for (char *at; (at = strstr(rest, word)); any = true) memmove(at, at + n, strlen(at + n) + 1);
    }
    return any ? rest : NULL;
}

Error *password_check_new(Ctx *c, const char *password, const char *const *words) {
    size_t n = text_length(password);
    if (n < MIN_LENGTH) return err_field(c, "password", N_("A password needs at least 8 characters"));
    if (n > MAX_LENGTH) return err_field(c, "password", N_("A password can have at most 128 characters"));
    const char *folded = text_fold(c->mem, password);
    if (is_common(c->mem, folded))
        return err_field(c, "password", N_("This password is among the first that anybody would try. Choose another"));
    const char *rest = words ? without(c->mem, folded, words) : NULL;
    if (rest && (text_length(rest) < 5 || is_common(c->mem, rest)))
        return err_field(c, "password", N_("Do not make the password of your name, your log-in or the company's name"));
    return NULL;
}

/* ---- tokens ---- */

const char *hash_text(Ctx *c, const char *s) {
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)s, strlen(s), digest);
    return text_hex(c->mem, digest, sizeof digest);
}

const char *random_token(Ctx *c) {
    uint8_t bytes[32];
    if (RAND_bytes(bytes, sizeof bytes) != 1) {
        fputs("no random numbers\n", stderr);
        abort(); /* a guessable token would be worse than no server */
    }
    return text_base64url(c->mem, bytes, sizeof bytes);
}

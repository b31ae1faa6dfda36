/* totp.c - time-based codes (RFC 6238: SHA-1, 6 digits, 30 s) and QR codes. */
#include "service/password.h"
#include "base/text.h"
#include <inttypes.h>
#include <liboath/oath.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <qrencode.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { SECRET_BYTES = 20, DIGITS = 6, STEP_SECONDS = 30, QUIET = 4, QR_MAX = 1000, SVG_MAX = 1 << 20 };

const char *totp_new_secret(Ctx *c) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint8_t bytes[SECRET_BYTES];
    if (RAND_bytes(bytes, sizeof bytes) != 1) {
        fputs("no random numbers\n", stderr);
        abort();
    }
    Text *t = text_new(c->mem, 64);
    for (size_t i = 0; i < SECRET_BYTES; i += 5) { /* 40 bits are 8 digits */
        uint64_t bits = 0;
        for (size_t k = 0; k < 5; k++) bits = bits << 8 | bytes[i + k];
        for (int shift = 35; shift >= 0; shift -= 5) text_add_char(t, digits[bits >> shift & 31]);
    }
    return t->data;
}

static void add_encoded(Text *t, const char *s) {
    for (; *s; s++) {
        unsigned char ch = (unsigned char)*s;
        bool plain =
            (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || strchr("-._~", ch);
        if (plain)
            text_add_char(t, *s);
        else
            text_addf(t, "%%%02X", ch);
    }
}

const char *totp_uri(Ctx *c, const char *issuer, const char *login, const char *secret) {
    Text *t = text_new(c->mem, 4096);
    text_add(t, "otpauth://totp/");
    add_encoded(t, issuer);
    text_add_char(t, ':');
    add_encoded(t, login);
    text_add(t, "?secret=");
    text_add(t, secret);
    text_add(t, "&issuer=");
    add_encoded(t, issuer);
    return t->data;
}

/* Six digits with spaces between or around, as people type them. */
static bool read_code(const char *s, char code[static DIGITS + 1]) {
    size_t n = 0;
    for (; *s; s++) {
        if (*s == ' ') continue;
        if (*s < '0' || *s > '9' || n == DIGITS) return false;
        code[n++] = *s;
    }
    code[n] = 0;
    return n == DIGITS;
}

bool totp_check(Ctx *c, const char *secret, const char *code, int64_t last_step, int64_t *ret_step) {
    char given[DIGITS + 1], right[DIGITS + 2], *key = NULL;
    size_t key_len = 0;
    bool ok = false;
    if (!read_code(text_fold(c->mem, code), given)) return false;
    if (oath_base32_decode(secret, strlen(secret), &key, &key_len) != OATH_OK) return false;
    int64_t now = c->now / 1000000 / STEP_SECONDS;
    for (int64_t step = now - 1; step <= now + 1; step++) {
        if (step <= last_step || step < 0) continue;
        if (oath_hotp_generate(key, key_len, (uint64_t)step, DIGITS, false, OATH_HOTP_DYNAMIC_TRUNCATION, right) !=
            OATH_OK)
            break;
        if (CRYPTO_memcmp(given, right, DIGITS) != 0 || ok) continue;
        *ret_step = step;
        ok = true;
    }
    OPENSSL_cleanse(key, key_len);
    free(key); /* liboath's */
    return ok;
}

/* One path of horizontal runs: short, and without style or script. */
const char *qr_svg(Ctx *c, const char *text) {
    if (strlen(text) > QR_MAX) return NULL;
    QRcode *qr = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    if (!qr) return NULL;
    int n = qr->width, size = n + 2 * QUIET;
    Text *t = text_new(c->mem, SVG_MAX);
    text_addf(
        t,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"qr\" viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\">",
        size, size);
    text_addf(t, "<path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path fill=\"#000\" d=\"", size, size);
    for (int y = 0; y < n; y++)
        for (int x = 0, run; x < n; x += run) {
            bool dark = qr->data[y * n + x] & 1;
            for (run = 1; x + run < n && (qr->data[y * n + x + run] & 1) == dark; run++) continue;
            if (dark) text_addf(t, "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET, run, run);
        }
    text_add(t, "\"/></svg>");
    QRcode_free(qr);
    return t->overflow ? NULL : t->data;
}

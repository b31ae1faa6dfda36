/* text.c - UTF-8 checks, trimming, and the string builder that page rendering writes through. */
#include "base/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#define FIRST_SIZE   256
#define TALLOC_LIMIT ((size_t)255 << 20) /* talloc refuses 256 MiB: a larger maximum would abort instead of overflow */

static void *need(void *p) {
    if (!p) {
        fputs("out of memory\n", stderr);
        abort();
    }
    return p;
}

static char *bytes_new(void *mem, size_t n) {
    return need(talloc_size(mem, n));
}

/* ---- The builder ---- */

Text *text_new(void *mem, size_t max) {
    Text *t = need(talloc(mem, Text));
    if (max > TALLOC_LIMIT) max = TALLOC_LIMIT;
    size_t size = max < FIRST_SIZE ? max + 1 : FIRST_SIZE;
    *t = (Text){ .data = bytes_new(t, size), .size = size, .max = max };
    t->data[0] = 0;
    return t;
}

static bool grow(Text *t, size_t n) {
    if (t->overflow || n > t->max - t->len) {
        t->overflow = true;
        return false;
    }
    size_t size = t->size;
    while (size <= t->len + n) size *= 2;
    if (size > t->max + 1) size = t->max + 1;
    t->data = need(talloc_realloc_size(t, t->data, size));
    t->size = size;
    return true;
}

/* Makes room for n more bytes and the NUL. */
static inline bool room(Text *t, size_t n) {
    if (n < t->size - t->len && !t->overflow) return true;
    return grow(t, n);
}

void text_add_n(Text *t, const char *s, size_t n) {
    if (n == 0 || !room(t, n)) return;
    memcpy(t->data + t->len, s, n);
    t->len += n;
    t->data[t->len] = 0;
}

void text_add(Text *t, const char *s) {
    text_add_n(t, s, strlen(s));
}

void text_add_char(Text *t, char ch) {
    if (!room(t, 1)) return;
    t->data[t->len++] = ch;
    t->data[t->len] = 0;
}

void text_add_int(Text *t, int64_t n) {
    static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                                "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
                                "8081828384858687888990919293949596979899";
    char buf[20], *p = buf + sizeof buf;
    uint64_t u = n < 0 ? -(uint64_t)n : (uint64_t)n;
    while (u >= 100) {
        p -= 2;
        memcpy(p, pairs + u % 100 * 2, 2);
        u /= 100;
    }
    if (u >= 10) {
        p -= 2;
        memcpy(p, pairs + u * 2, 2);
    } else {
        *--p = (char)('0' + u);
    }
    if (n < 0) *--p = '-';
    text_add_n(t, p, (size_t)(buf + sizeof buf - p));
}

void text_addf(Text *t, const char *format, ...) {
    va_list args, again;
    if (t->overflow) return;
    va_start(args, format);
    va_copy(again, args);
    size_t space = t->size - t->len;
    int made = vsnprintf(t->data + t->len, space, format, args);
    size_t n = made < 0 ? 0 : (size_t)made;
    if (n < space) {
        t->len += n;
    } else if (room(t, n)) {
        vsnprintf(t->data + t->len, t->size - t->len, format, again);
        t->len += n;
    }
    t->data[t->len] = 0;
    va_end(again);
    va_end(args);
}

/* ---- Escaping: eight bytes at a time until one of them may be special, then one by one ---- */

#define ONES UINT64_C(0x0101010101010101)
#define TOPS (ONES * 0x80)

static inline uint64_t has_zero(uint64_t v) {
    return (v - ONES) & ~v & TOPS;
}

/* Non-zero if one of the eight is & < > " ' (or #, which costs only the slower look). */
static inline uint64_t maybe_html(uint64_t v) {
    return has_zero((v & ~(ONES * 0x05)) ^ (ONES * 0x22)) | has_zero((v & ~(ONES * 0x02)) ^ (ONES * 0x3c));
}

/* Non-zero if one of the eight is below space or " & < > \ or 0xE2, or one of their neighbours | ~ ^. */
static inline uint64_t maybe_json(uint64_t v) {
    uint64_t below_space = (v - ONES * 0x20) & ~v & TOPS;
    return below_space | has_zero((v & ~(ONES * 0x04)) ^ (ONES * 0x22)) |
           has_zero((v & ~(ONES * 0x62)) ^ (ONES * 0x1c)) | has_zero(v ^ (ONES * 0xe2));
}

typedef struct Escape {
    char len, text[7];
} Escape;

static const Escape html_escapes[256] = {
    ['&'] = { 5, "&amp;" },  ['<'] = { 4, "&lt;" },   ['>'] = { 4, "&gt;" },
    ['"'] = { 6, "&quot;" }, ['\''] = { 5, "&#39;" },
};

static inline uint64_t load8(const char *s) {
    uint64_t v;
    memcpy(&v, s, 8);
    return v;
}

/* With room for the worst case there is one look at the size instead of one for every piece. */
static inline bool roomy(const Text *t, size_t n) {
    return !t->overflow && t->size - t->len > 8 && n < (t->size - t->len - 8) / 6; /* 8: quotes, NUL, slack of memcpy */
}

static void html_roomy(Text *t, const char *s, size_t n) {
    char *p = t->data + t->len;
    for (size_t i = 0; i < n;) {
        uint64_t v;
        if (n - i >= 8 && !maybe_html(v = load8(s + i))) {
            memcpy(p, &v, 8);
            p += 8;
            i += 8;
            continue;
        }
        for (size_t end = n - i >= 8 ? i + 8 : n; i < end; i++) {
            const Escape *e = &html_escapes[(unsigned char)s[i]];
            if (e->len) memcpy(p, e->text, 6), p += e->len;
            else *p++ = s[i];
        }
    }
    *p = 0;
    t->len = (size_t)(p - t->data);
}

void text_add_html(Text *t, const char *s, size_t n) {
    if (roomy(t, n)) {
        html_roomy(t, s, n);
        return;
    }
    size_t from = 0, i = 0;
    while (i < n) {
        if (n - i >= 8 && !maybe_html(load8(s + i))) {
            i += 8;
            continue;
        }
        size_t end = n - i >= 8 ? i + 8 : n;
        for (; i < end; i++) {
            const Escape *e = &html_escapes[(unsigned char)s[i]];
            if (!e->len) continue;
            text_add_n(t, s + from, i - from);
            text_add_n(t, e->text, (size_t)e->len);
            from = i + 1;
        }
    }
    text_add_n(t, s + from, n - from);
}

/* Writes the escape of the character at s into esc; returns its length and how many bytes of s it stands for, or 0 if
 * the byte needs none. */
static size_t json_escape(const char *s, size_t n, char esc[static 6], size_t *ret_used) {
    static const char hex[] = "0123456789abcdef";
    static const char shorts[128] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r', ['"'] = '"', ['\\'] = '\\'
    };
    unsigned char ch = (unsigned char)s[0];
    *ret_used = 1;
    if (ch == 0xe2) {
        if (n < 3 || (unsigned char)s[1] != 0x80 || ((unsigned char)s[2] & 0xfe) != 0xa8) return 0;
        memcpy(esc, s[2] & 1 ? "\\u2029" : "\\u2028", 6);
        *ret_used = 3;
        return 6;
    }
    if (ch >= 128) return 0;
    if (shorts[ch]) {
        esc[0] = '\\', esc[1] = shorts[ch];
        return 2;
    }
    if (ch >= 0x20 && ch != '<' && ch != '>' && ch != '&') return 0;
    memcpy(esc, "\\u00", 4);
    esc[4] = hex[ch >> 4], esc[5] = hex[ch & 15];
    return 6;
}

static void json_roomy(Text *t, const char *s, size_t n) {
    char *p = t->data + t->len;
    *p++ = '"';
    for (size_t i = 0; i < n;) {
        uint64_t v;
        if (n - i >= 8 && !maybe_json(v = load8(s + i))) {
            memcpy(p, &v, 8);
            p += 8;
            i += 8;
            continue;
        }
        for (size_t end = n - i >= 8 ? i + 8 : n; i < end;) {
            size_t used, len = json_escape(s + i, n - i, p, &used);
            if (!len) *p = s[i];
            p += len ? len : 1;
            i += used;
        }
    }
    *p++ = '"';
    *p = 0;
    t->len = (size_t)(p - t->data);
}

void text_add_json(Text *t, const char *s, size_t n) {
    if (roomy(t, n)) {
        json_roomy(t, s, n);
        return;
    }
    size_t from = 0, i = 0;
    text_add_char(t, '"');
    while (i < n) {
        if (n - i >= 8 && !maybe_json(load8(s + i))) {
            i += 8;
            continue;
        }
        size_t end = n - i >= 8 ? i + 8 : n;
        while (i < end) {
            char esc[6];
            size_t used, len = json_escape(s + i, n - i, esc, &used);
            if (len) {
                text_add_n(t, s + from, i - from);
                text_add_n(t, esc, len);
                from = i + used;
            }
            i += used;
        }
    }
    text_add_n(t, s + from, n - from);
    text_add_char(t, '"');
}

/* ---- UTF-8 ---- */

/* Length of the well-formed character at s, 0 if there is none (or NUL). The second byte's range keeps out overlong
 * forms, surrogates and everything above U+10FFFF. */
static size_t char_size(const unsigned char *s, size_t n) {
    unsigned char ch = s[0], low = 0x80, high = 0xbf;
    if (ch < 0x80) return ch != 0;
    size_t size = ch >= 0xf0 ? 4 : ch >= 0xe0 ? 3 : 2;
    if (ch < 0xc2 || ch > 0xf4 || n < size) return 0;
    if (ch == 0xe0) low = 0xa0;
    if (ch == 0xed) high = 0x9f;
    if (ch == 0xf0) low = 0x90;
    if (ch == 0xf4) high = 0x8f;
    if (s[1] < low || s[1] > high) return 0;
    for (size_t i = 2; i < size; i++)
        if ((s[i] & 0xc0) != 0x80) return 0;
    return size;
}

bool text_is_utf8(const char *s, size_t n) {
    size_t i = 0;
    while (i < n) {
        if (n - i >= 8) {
            uint64_t v = load8(s + i);
            if (!(v & TOPS) && !has_zero(v)) {
                i += 8;
                continue;
            }
        }
        size_t size = char_size((const unsigned char *)s + i, n - i);
        if (size == 0) return false;
        i += size;
    }
    return true;
}

size_t text_length(const char *s) {
    size_t n = 0;
    for (; *s; s++) n += (*s & 0xc0) != 0x80;
    return n;
}

/* Bytes of white space at s: ASCII, U+00A0, U+3000, U+FEFF. Stops at the NUL by itself. */
static size_t space_size(const char *s) {
    if (*s == ' ' || (*s >= '\t' && *s <= '\r')) return 1;
    if (*s == '\xc2') return s[1] == '\xa0' ? 2 : 0;
    return !strncmp(s, "\u3000", 3) || !strncmp(s, "\ufeff", 3) ? 3 : 0;
}

/* Bytes of the control character at s (C0 but for TAB and LF, DEL, C1), 0 if it is none. */
static size_t control_size(const char *s) {
    unsigned char ch = (unsigned char)*s;
    if (ch < 0x20) return ch != '\t' && ch != '\n';
    if (ch == 0x7f) return 1;
    return ch == 0xc2 && (unsigned char)s[1] >= 0x80 && (unsigned char)s[1] < 0xa0 ? 2 : 0;
}

char *text_clean(void *mem, const char *s) {
    char *copy = bytes_new(mem, strlen(s) + 1), *end = copy, *last = copy;
    while (*s) {
        size_t n = control_size(s);
        if (n) {
            s += n;
            continue;
        }
        n = space_size(s);
        if (n && end == copy) { /* leading */
            s += n;
            continue;
        }
        bool space = n != 0;
        do *end++ = *s++;
        while ((*s & 0xc0) == 0x80);
        if (!space) last = end;
    }
    *last = 0;
    return copy;
}

char *text_fold(void *mem, const char *s) {
    char *copy = bytes_new(mem, strlen(s) + 1), *end = copy;
    for (; *s; s++) {
        unsigned char ch = (unsigned char)*s;
        if (ch == 0xef && (s[1] == '\xbc' || s[1] == '\xbd')) { /* U+FF00..FF7F */
            unsigned low = (unsigned char)s[2] & 0x3fU, at = s[1] == '\xbc' ? low : low + 64;
            if (at >= 1 && at <= 0x5e) {
                ch = (unsigned char)(at + 0x20);
                s += 2;
            }
        } else if (!strncmp(s, "\u3000", 3)) {
            ch = ' ';
            s += 2;
        }
        *end++ = (char)(ch >= 'A' && ch <= 'Z' ? ch + 32 : ch);
    }
    *end = 0;
    return copy;
}

const char *text_cut(void *mem, const char *s, size_t max) {
    const char *p = s;
    for (; *p; p++) {
        if ((*p & 0xc0) == 0x80) continue;
        if (max-- == 0) return need(talloc_strndup(mem, s, (size_t)(p - s)));
    }
    return s;
}

bool text_starts(const char *s, const char *prefix) {
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool text_equal(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* ---- Bytes as text ---- */

char *text_hex(void *mem, const uint8_t *bytes, size_t n) {
    static const char digits[] = "0123456789abcdef";
    char *out = bytes_new(mem, n * 2 + 1), *p = out;
    for (size_t i = 0; i < n; i++) {
        *p++ = digits[bytes[i] >> 4];
        *p++ = digits[bytes[i] & 15];
    }
    *p = 0;
    return out;
}

char *text_base64url(void *mem, const uint8_t *bytes, size_t n) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char *out = bytes_new(mem, n / 3 * 4 + 4), *p = out;
    uint32_t bits = 0, held = 0;
    for (size_t i = 0; i < n; i++) {
        bits = bits << 8 | bytes[i];
        for (held += 8; held >= 6; held -= 6) *p++ = digits[bits >> (held - 6) & 63];
    }
    if (held) *p++ = digits[bits << (6 - held) & 63];
    *p = 0;
    return out;
}

static int base64url_value(char ch) {
    if (ch >= 'A' && ch <= 'Z') return ch - 'A';
    if (ch >= 'a' && ch <= 'z') return ch - 'a' + 26;
    if (ch >= '0' && ch <= '9') return ch - '0' + 52;
    return ch == '-' ? 62 : ch == '_' ? 63 : -1;
}

uint8_t *text_base64url_decode(void *mem, const char *s, size_t *ret_len) {
    size_t n = strlen(s), len = 0;
    uint8_t *out = (uint8_t *)bytes_new(mem, n / 4 * 3 + 4);
    uint32_t bits = 0, held = 0;
    bool good = n % 4 != 1;
    for (size_t i = 0; good && i < n; i++) {
        int value = base64url_value(s[i]);
        good = value >= 0;
        bits = bits << 6 | ((uint32_t)value & 63);
        held += 6;
        if (held < 8) continue;
        held -= 8;
        out[len++] = (uint8_t)(bits >> held);
    }
    /* One text for one value: the bits left over at the end must be zero. */
    if (!good || (bits & ((1U << held) - 1))) {
        talloc_free(out);
        return NULL;
    }
    out[len] = 0;
    *ret_len = len;
    return out;
}

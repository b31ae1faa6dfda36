/* text.h - UTF-8 checks, trimming, and the string builder. All text inside the program is valid UTF-8. */
#pragma once
#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing string with a hard maximum. When the maximum is passed, `overflow` is set and nothing more is added;
 * whoever takes the result looks at it once, at the end. `data` is always NUL-terminated. */
typedef struct Text {
    char *data;
    size_t len, size, max;
    bool overflow;
} Text;

/* A builder in arena mem that holds at most max bytes. Never NULL (out of memory ends the process). */
Text *text_new(void *mem, size_t max);
void text_add(Text *t, const char *s);
void text_add_n(Text *t, const char *s, size_t n);
void text_add_char(Text *t, char ch);
void text_add_int(Text *t, int64_t n);
void text_addf(Text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds s with & < > " ' escaped for HTML text and quoted attributes. */
void text_add_html(Text *t, const char *s, size_t n);
/* Adds s as a JSON string with its quotes; < > & U+2028 U+2029 are written as \u escapes so that it is inert in HTML. */
void text_add_json(Text *t, const char *s, size_t n);

/* True if s[0..n) is well-formed UTF-8 without NUL (shortest form, no surrogates). */
bool text_is_utf8(const char *s, size_t n);
/* Number of code points of valid UTF-8. */
size_t text_length(const char *s);
/* Copy without white space (ASCII and U+3000, U+00A0, U+FEFF) at both ends; control characters other than TAB and LF are
 * dropped and CRLF becomes LF. */
char *text_clean(void *mem, const char *s);
/* Copy with ASCII letters lowered and full-width ASCII (U+FF01..U+FF5E, U+3000) made half-width: what keys are compared by. */
char *text_fold(void *mem, const char *s);
/* The first max code points of s (a copy; s itself if it is short enough). */
const char *text_cut(void *mem, const char *s, size_t max);
bool text_starts(const char *s, const char *prefix);
bool text_equal(const char *a, const char *b); /* NULL equals NULL only */
/* Lower-case hex of bytes. */
char *text_hex(void *mem, const uint8_t *bytes, size_t n);
/* base64url without padding, and back; decode returns NULL if s is not of that form. */
char *text_base64url(void *mem, const uint8_t *bytes, size_t n);
uint8_t *text_base64url_decode(void *mem, const char *s, size_t *ret_len);

/* value_out.h - a write cursor over Text, for the two hot loops alone: value_json and the template renderer.
 *
 * The place to write (`p`) is handed from call to call, so it stays in a register. Only what fits and needs no escaping is
 * done here; everything else goes through text.h, which is the one place that grows, bounds and escapes.
 *
 *     Out o;
 *     char *p = out_begin(&o, text);
 *     p = out_int(&o, p, 42);
 *     out_end(&o, p);
 */
#pragma once
#include "base/date.h"
#include "base/money.h"
#include "base/value.h"
#include <string.h>

typedef struct Out {
    Text *text;
    char *end; /* p must stay at or before it; one byte for NUL lies behind */
} Out;

enum { OUT_PAD = 16 }; /* readable bytes that must follow the text given to out_padded */

#define OUT_LIKELY(x) __builtin_expect(!!(x), 1)
#define OUT_SLOW      static __attribute__((noinline, unused))
#define OUT_INLINE    static inline __attribute__((always_inline, unused))

/* Room is what is allocated now, but never more than the maximum, and none once the text has overflowed. */
static inline char *out_begin(Out *o, Text *t) {
    size_t room = t->size ? t->size - 1 : 0;
    if (room > t->max) room = t->max;
    if (t->overflow || room < t->len) room = t->len;
    o->text = t;
    o->end = t->data + room;
    return t->data + t->len;
}

static inline void out_end(Out *o, char *p) {
    o->text->len = (size_t)(p - o->text->data);
    if (o->text->size) *p = '\0';
}

static inline size_t out_room(const Out *o, const char *p) {
    return (size_t)(o->end - p);
}

OUT_SLOW char *out_slow_n(Out *o, char *p, const char *s, size_t n) {
    out_end(o, p);
    text_add_n(o->text, s, n);
    return out_begin(o, o->text);
}

OUT_SLOW char *out_slow_html(Out *o, char *p, const char *s, size_t n) {
    out_end(o, p);
    text_add_html(o->text, s, n);
    return out_begin(o, o->text);
}

OUT_SLOW char *out_slow_json(Out *o, char *p, const char *s, size_t n) {
    out_end(o, p);
    text_add_json(o->text, s, n);
    return out_begin(o, o->text);
}

OUT_INLINE char *out_n(Out *o, char *p, const char *s, size_t n) {
    if (!OUT_LIKELY(out_room(o, p) >= n)) return out_slow_n(o, p, s, n);
    memcpy(p, s, n);
    return p + n;
}

#define OUT_LITERAL(o, p, s) out_n(o, p, "" s "", sizeof(s) - 1)

/* Like out_n, for text followed by OUT_PAD readable bytes: short pieces are copied in whole steps, without a call. */
OUT_INLINE char *out_padded(Out *o, char *p, const char *s, size_t n) {
    if (!OUT_LIKELY(n <= 4 * OUT_PAD && out_room(o, p) >= n + OUT_PAD)) return out_n(o, p, s, n);
    size_t i = 0;
    do {
        memcpy(p + i, s + i, OUT_PAD);
        i += OUT_PAD;
    } while (i < n);
    return p + n;
}

/* Eight bytes at once: the result is not zero if one of them is b; below, if one is less than b (b <= 128). */
#define OUT_BYTES(b)    (UINT64_C(0x0101010101010101) * (b))
#define OUT_HAS(w, b)   ((((w) ^ OUT_BYTES(b)) - OUT_BYTES(1)) & ~((w) ^ OUT_BYTES(b)) & OUT_BYTES(0x80))
#define OUT_BELOW(w, b) (((w)-OUT_BYTES(b)) & ~(w)&OUT_BYTES(0x80))

/* & and ' differ in bit 0, < and > in bit 1, " and & in bit 2: one comparison for two characters. */
OUT_INLINE bool out_html_special(uint64_t w) {
    return (OUT_HAS(w, 0x22) | OUT_HAS(w | OUT_BYTES(1), 0x27) | OUT_HAS(w | OUT_BYTES(2), 0x3E)) != 0;
}

/* 0xE2 begins U+2028 and U+2029 (and other punctuation, which text_add_json then passes). */
OUT_INLINE bool out_json_special(uint64_t w) {
    return (OUT_BELOW(w, 0x20) | OUT_HAS(w | OUT_BYTES(4), 0x26) | OUT_HAS(w | OUT_BYTES(2), 0x3E) | OUT_HAS(w, 0x5C) |
            OUT_HAS(w, 0xE2)) != 0;
}

typedef bool (*OutSpecial)(uint64_t eight_bytes);

/* Copies s[0..n) to p, which has n + 8 bytes of room. False, with p undefined, if a byte is special. */
OUT_INLINE bool out_copy_plain(char *p, const char *s, size_t n, OutSpecial special) {
    uint64_t w;
    if (n >= 8) {
        for (size_t i = 0; i + 8 < n; i += 8) {
            memcpy(&w, s + i, 8);
            if (special(w)) return false;
            memcpy(p + i, &w, 8);
        }
        memcpy(&w, s + n - 8, 8); /* the last eight, overlapping what is done already */
        if (special(w)) return false;
        memcpy(p + n - 8, &w, 8);
        return true;
    }
    if (n >= 4) {
        uint32_t first, last;
        memcpy(&first, s, 4);
        memcpy(&last, s + n - 4, 4);
        w = (uint64_t)last << 32 | first;
        if (special(w)) return false;
        memcpy(p, &first, 4);
        memcpy(p + n - 4, &last, 4);
        return true;
    }
    w = OUT_BYTES('x');
    if (n) {
        memcpy(&w, s, 1);
        memcpy((char *)&w + 1, s + n / 2, 1);
        memcpy((char *)&w + 2, s + n - 1, 1);
        if (special(w)) return false;
        p[n - 1] = s[n - 1];
        p[n / 2] = s[n / 2];
        p[0] = s[0];
    }
    return true;
}

OUT_INLINE char *out_html(Out *o, char *p, const char *s, size_t n) {
    if (OUT_LIKELY(out_room(o, p) >= n + 8) && OUT_LIKELY(out_copy_plain(p, s, n, out_html_special))) return p + n;
    return out_slow_html(o, p, s, n);
}

/* With its quotes. */
OUT_INLINE char *out_json(Out *o, char *p, const char *s, size_t n) {
    if (OUT_LIKELY(out_room(o, p) >= n + 10) && OUT_LIKELY(out_copy_plain(p + 1, s, n, out_json_special))) {
        p[0] = '"';
        p[n + 1] = '"';
        return p + n + 2;
    }
    return out_slow_json(o, p, s, n);
}

OUT_INLINE unsigned out_digits(uint64_t n) {
    unsigned digits = 1;
    for (; n >= 10000; n /= 10000) digits += 4;
    return digits + (n >= 10) + (n >= 100) + (n >= 1000);
}

static const char out_pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                                "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
                                "8081828384858687888990919293949596979899";

/* Decimal digits of n at p, which has 20 bytes of room. */
OUT_INLINE char *out_unsigned(char *p, uint64_t n) {
    char *end = p + out_digits(n), *at = end;
    for (; n >= 100; n /= 100) memcpy(at -= 2, out_pairs + n % 100 * 2, 2);
    if (n >= 10)
        memcpy(at - 2, out_pairs + n * 2, 2);
    else
        at[-1] = (char)('0' + n);
    return end;
}

OUT_SLOW char *out_slow_number(Out *o, char *p, int64_t n, bool money) {
    char plain[MONEY_TEXT];
    out_end(o, p);
    if (money)
        text_add(o->text, money_plain(n, plain));
    else
        text_add_int(o->text, n);
    return out_begin(o, o->text);
}

OUT_INLINE char *out_int(Out *o, char *p, int64_t n) {
    if (!OUT_LIKELY(out_room(o, p) >= 24)) return out_slow_number(o, p, n, false);
    if (n < 0) *p++ = '-';
    return out_unsigned(p, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

/* As money_plain: 元 with two decimals. */
OUT_INLINE char *out_money(Out *o, char *p, int64_t fen) {
    if (!OUT_LIKELY(out_room(o, p) >= 24)) return out_slow_number(o, p, fen, true);
    uint64_t n = fen < 0 ? 0 - (uint64_t)fen : (uint64_t)fen;
    if (fen < 0) *p++ = '-';
    p = out_unsigned(p, n / 100);
    *p = '.';
    memcpy(p + 1, out_pairs + n % 100 * 2, 2);
    return p + 3;
}

typedef struct ObjectMember {
    const char *name;
    size_t len;
    Value value;
} ObjectMember;

struct ValueObject {
    ObjectMember *members; /* children of this object in talloc */
    unsigned count, size;
};

/* Index of the member of that name; o->count if there is none. */
unsigned value_object_index(const ValueObject *o, const char *name, size_t len);

/* Values are handed on by pointer and members written without making a Value: a struct of 24 bytes that is put together and
 * copied at once makes the processor wait for its own stores, which took half the time of a page. */

/* One member of a row. */
OUT_INLINE Value out_member(const void *row, const Member *m) {
    const void *at = (const char *)row + m->offset;
    switch (m->kind) {
    case M_INT64: return value_int(*(const int64_t *)at);
    case M_INT32: return value_int(*(const int32_t *)at);
    case M_BOOL: return value_bool(*(const bool *)at);
    case M_MONEY: return value_money(*(const Money *)at);
    case M_DATE: return value_date(*(const Date *)at);
    case M_INSTANT: return value_time(*(const Instant *)at);
    case M_TEXT: return value_text(*(const char *const *)at);
    case M_CALL: return m->call(row, m);
    }
    return value_null();
}

OUT_SLOW char *out_date(Out *o, char *p, Date day) {
    char buf[DATE_TEXT];
    date_text(day, buf);
    return out_n(o, p, buf, strlen(buf));
}

OUT_SLOW char *out_time(Out *o, char *p, Instant instant) {
    char buf[INSTANT_TEXT];
    instant_text(instant, buf);
    return out_n(o, p, buf, strlen(buf));
}

OUT_INLINE char *out_bool(Out *o, char *p, bool b) {
    return b ? OUT_LITERAL(o, p, "true") : OUT_LITERAL(o, p, "false");
}

/* Text of a scalar that is not text (so it needs no escaping in HTML); nothing for text, null, objects and lists. */
OUT_INLINE char *out_scalar(Out *o, char *p, const Value *v) {
    switch (v->kind) {
    case V_BOOL: return out_bool(o, p, v->b);
    case V_INT: return out_int(o, p, v->i);
    case V_MONEY: return out_money(o, p, v->i);
    case V_DATE: return out_date(o, p, (Date)v->i);
    case V_TIME: return out_time(o, p, v->i);
    default: return p;
    }
}

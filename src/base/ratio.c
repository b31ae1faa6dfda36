/* ratio.c - exact arithmetic with fractions of 127 bits. */
#include "base/ratio.h"
#include <assert.h>

__extension__ typedef unsigned __int128 UInt128;

#define LARGEST ((UInt128)-1 >> 1) /* of numerator and denominator; symmetric, so a sign can always be changed */

static Ratio no_value(RatioWhy why) {
    return (Ratio){ .num = why };
}

RatioWhy ratio_why(Ratio r) {
    return r.den ? RATIO_HAS_VALUE : (RatioWhy)r.num;
}

static UInt128 size_of(Int128 n) {
    return n < 0 ? -(UInt128)n : (UInt128)n;
}

static UInt128 gcd(UInt128 a, UInt128 b) {
    while (b >> 64) { /* a 128-bit division is many times as slow as the one below */
        UInt128 rest = a % b;
        a = b;
        b = rest;
    }
    if (b == 0) return a;
    uint64_t x = (uint64_t)b, y = (uint64_t)(a % b);
    while (y) {
        uint64_t rest = x % y;
        x = y;
        y = rest;
    }
    return x;
}

/* False if the product of two sizes is beyond LARGEST. */
static bool multiply(UInt128 a, UInt128 b, UInt128 *ret) {
    if (((a | b) >> 63) && a && b > LARGEST / a) return false;
    *ret = a * b;
    return true;
}

/* A fraction of two sizes up to LARGEST. */
static Ratio make(bool negative, UInt128 num, UInt128 den) {
    UInt128 g = gcd(num, den);
    Int128 n = (Int128)(num / g), d = (Int128)(den / g);
    return (Ratio){ .num = negative ? -n : n, .den = d };
}

Ratio ratio_make(int64_t num, int64_t den) {
    if (den == 0) return no_value(RATIO_BY_ZERO);
    return make((num < 0) != (den < 0), size_of(num), size_of(den));
}

Ratio ratio_neg(Ratio r) {
    if (r.den) r.num = -r.num;
    return r;
}

/* Over the least common denominator, which keeps the numbers as small as they can be. */
Ratio ratio_add(Ratio a, Ratio b) {
    if (!a.den) return a;
    if (!b.den) return b;
    UInt128 g = gcd((UInt128)a.den, (UInt128)b.den), x, y, den, sum;
    bool fits = multiply(size_of(a.num), (UInt128)b.den / g, &x) && multiply(size_of(b.num), (UInt128)a.den / g, &y) &&
                multiply((UInt128)a.den / g, (UInt128)b.den, &den);
    if (!fits) return no_value(RATIO_TOO_LARGE);
    bool less = x < y, opposite = (a.num < 0) != (b.num < 0);
    if (opposite)
        sum = less ? y - x : x - y;
    else
        sum = x + y;
    if (sum > LARGEST) return no_value(RATIO_TOO_LARGE);
    return make(less ? b.num < 0 : a.num < 0, sum, den);
}

Ratio ratio_sub(Ratio a, Ratio b) {
    return ratio_add(a, ratio_neg(b));
}

/* What can be cancelled is cancelled first, so it is too large only if the result itself is. */
static Ratio product(bool negative, UInt128 num1, UInt128 num2, UInt128 den1, UInt128 den2) {
    UInt128 g = gcd(num1, den2), h = gcd(num2, den1), num, den;
    if (!multiply(num1 / g, num2 / h, &num) || !multiply(den1 / h, den2 / g, &den)) return no_value(RATIO_TOO_LARGE);
    return make(negative, num, den);
}

Ratio ratio_mul(Ratio a, Ratio b) {
    if (!a.den) return a;
    if (!b.den) return b;
    return product((a.num < 0) != (b.num < 0), size_of(a.num), size_of(b.num), (UInt128)a.den, (UInt128)b.den);
}

Ratio ratio_div(Ratio a, Ratio b) {
    if (!a.den) return a;
    if (!b.den) return b;
    if (b.num == 0) return no_value(RATIO_BY_ZERO);
    return product((a.num < 0) != (b.num < 0), size_of(a.num), (UInt128)b.den, (UInt128)a.den, size_of(b.num));
}

/* a/b against c/d with everything >= 0: by their whole parts, then by what remains turned upside down. Cross products
 * would not fit. */
static int compare_sizes(UInt128 a, UInt128 b, UInt128 c, UInt128 d) {
    for (;;) {
        UInt128 whole1 = a / b, whole2 = c / d, rest1 = a % b, rest2 = c % d;
        if (whole1 != whole2) return whole1 < whole2 ? -1 : 1;
        if (rest1 == 0 || rest2 == 0) return (rest1 > 0) - (rest2 > 0);
        a = d;
        c = b;
        b = rest2;
        d = rest1;
    }
}

int ratio_compare(Ratio a, Ratio b) {
    if (!a.den || !b.den) return (a.den > 0) - (b.den > 0);
    int sign1 = (a.num > 0) - (a.num < 0), sign2 = (b.num > 0) - (b.num < 0);
    if (sign1 != sign2) return sign1 < sign2 ? -1 : 1;
    return sign1 * compare_sizes(size_of(a.num), (UInt128)a.den, size_of(b.num), (UInt128)b.den);
}

/* part x scale / den for part < den, cut down, bit by bit because the product would not fit; *ret_rest is what remains. */
static UInt128 scale_fraction(UInt128 part, uint64_t scale, UInt128 den, UInt128 *ret_rest) {
    UInt128 n = 0, rest = 0;
    for (int bit = 62; bit >= 0; bit--) {
        n *= 2;
        rest *= 2;
        if (rest >= den) rest -= den, n++;
        if (scale >> bit & 1) rest += part;
        if (rest >= den) rest -= den, n++;
    }
    *ret_rest = rest;
    return n;
}

bool ratio_scaled(Ratio r, int64_t scale, int64_t *ret_n) {
    assert(scale > 0);
    if (!r.den) return false;
    UInt128 den = (UInt128)r.den, whole = size_of(r.num) / den, rest;
    if (whole >> 64) return false;
    UInt128 n = whole * (uint64_t)scale + scale_fraction(size_of(r.num) % den, (uint64_t)scale, den, &rest);
    if (rest >= den - rest) n++;
    if (n > (UInt128)INT64_MAX + (r.num < 0)) return false;
    *ret_n = (int64_t)(r.num < 0 ? -(uint64_t)n : (uint64_t)n);
    return true;
}

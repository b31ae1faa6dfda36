/* money.c - reading, printing, dividing and splitting amounts, all in integers. */
#include "base/money.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

__extension__ typedef __int128 Wide;
__extension__ typedef unsigned __int128 UWide;

/* ---- Reading ---- */

typedef struct Word {
    const char *text;
    int meaning;
} Word;

/* Skips the first of the words that s begins with and gives its meaning; 0 if it begins with none. */
static int word(const char **s, const Word *words) {
    for (; words->text; words++) {
        if (*words->text != **s) continue; /* nearly always: this runs for each cell of an import */
        size_t n = strlen(words->text);
        if (strncmp(*s, words->text, n) != 0) continue;
        *s += n;
        return words->meaning;
    }
    return 0;
}

static const Word spaces[] = { { " ", 1 },      { "\t", 1 },     { "\r", 1 }, { "\n", 1 },
                               { "\u3000", 1 }, { "\u00a0", 1 }, { 0 } };
static const Word signs[] = { { "+", 1 }, { "-", -1 }, { "＋", 1 }, { "－", -1 }, { "\u2212", -1 }, { 0 } };
static const Word commas[] = { { ",", 1 }, { "，", 1 }, { 0 } };
static const Word points[] = { { ".", 1 }, { "．", 1 }, { 0 } };
static const Word currencies[] = { { "¥", 1 }, { "￥", 1 }, { 0 } };
static const Word units[] = { { "万", 4 }, { "萬", 4 }, { "亿", 8 }, { "億", 8 }, { 0 } }; /* meaning: zeros */
static const Word yuan[] = { { "元", 1 }, { 0 } };

static void skip_spaces(const char **s) {
    while (word(s, spaces)) {
    }
}

/* The digit at *s, ASCII or full-width, or -1. */
static int digit(const char **s) {
    const unsigned char *p = (const unsigned char *)*s;
    if (p[0] >= '0' && p[0] <= '9') {
        *s += 1;
        return p[0] - '0';
    }
    if (p[0] == 0xef && p[1] == 0xbc && p[2] >= 0x90 && p[2] <= 0x99) {
        *s += 3;
        return p[2] - 0x90;
    }
    return -1;
}

#define DIGITS_MAX 36 /* so that a Wide holds them */

/* Digits with optional separators; false if there are none, too many, or a separator that does not stand in threes. */
static bool whole(const char **s, UWide *ret_n) {
    UWide n = 0;
    int d, seen = 0, group = 0, groups = 0;
    for (;;) {
        while ((d = digit(s)) >= 0) {
            n = n * 10 + (unsigned)d;
            group++;
            if (n > 0 && ++seen > DIGITS_MAX) return false;
        }
        bool good = groups == 0 ? group >= 1 : group == 3;
        if (!good) return false;
        if (!word(s, commas)) break;
        if (groups == 0 && group > 3) return false;
        groups++;
        group = 0;
    }
    *ret_n = n;
    return true;
}

/* The digits after a decimal point as if they went on from n; ret_zeros falls by one for each that is needed. */
static bool fraction(const char **s, UWide *n, int *zeros) {
    int d, read = 0, waiting = 0; /* zeros that count only if another digit follows */
    while ((d = digit(s)) >= 0) {
        read++;
        if (d == 0) {
            waiting++;
            continue;
        }
        *zeros -= waiting + 1;
        if (*zeros < -12) return false;
        for (; waiting > 0; waiting--) *n *= 10;
        *n = *n * 10 + (unsigned)d;
        if (*n > (UWide)MONEY_MAX * 1000000) return false;
    }
    return read > 0;
}

bool money_parse(const char *s, Money *ret_amount) {
    UWide n;
    int sign, zeros = 2; /* 分 from 元 */
    skip_spaces(&s);
    sign = word(&s, signs);
    skip_spaces(&s);
    if (word(&s, currencies)) skip_spaces(&s);
    if (sign == 0) sign = word(&s, signs); /* ￥-5 */
    skip_spaces(&s);
    if (!whole(&s, &n) || n > (UWide)MONEY_MAX) return false;
    if (word(&s, points) && !fraction(&s, &n, &zeros)) return false;
    skip_spaces(&s);
    zeros += word(&s, units);
    skip_spaces(&s);
    word(&s, yuan);
    skip_spaces(&s);
    if (*s || zeros < 0) return false;
    for (; zeros > 0 && n <= (UWide)MONEY_MAX; zeros--) n *= 10;
    if (n > (UWide)MONEY_MAX) return false;
    *ret_amount = sign < 0 ? -(Money)n : (Money)n;
    return true;
}

bool int_parse(const char *s, int64_t *ret_n) {
    UWide n;
    skip_spaces(&s);
    int sign = word(&s, signs);
    skip_spaces(&s);
    if (!whole(&s, &n)) return false;
    skip_spaces(&s);
    if (*s || n > (UWide)INT64_MAX + (sign < 0)) return false;
    *ret_n = (int64_t)(sign < 0 ? -(uint64_t)n : (uint64_t)n);
    return true;
}

/* ---- Printing ---- */

/* The last digit, taken off. In 64 bits where that will do: a 128-bit division is ten times as slow. */
static char take_digit(UWide *u) {
    uint64_t low = (uint64_t)*u;
    int digit_value;
    if (*u == low) {
        digit_value = (int)(low % 10);
        *u = low / 10;
    } else {
        digit_value = (int)(*u % 10);
        *u /= 10;
    }
    return (char)('0' + digit_value);
}

/* n as a number with so many decimals, the whole part in threes if asked for. A Wide of a ratio of two int64 has at
 * most 24 digits, with sign, point and eight separators 34: it fits. */
static char *number(Wide n, int decimals, bool grouped, char buf[static MONEY_TEXT]) {
    char reversed[MONEY_TEXT];
    int len = 0;
    UWide u = n < 0 ? -(UWide)n : (UWide)n;
    for (int i = 0; i < decimals; i++) reversed[len++] = take_digit(&u);
    if (decimals) reversed[len++] = '.';
    int i = 0;
    do {
        if (grouped && i > 0 && i % 3 == 0) reversed[len++] = ',';
        reversed[len++] = take_digit(&u);
        i++;
    } while (u);
    if (n < 0) reversed[len++] = '-';
    for (i = 0; i < len; i++) buf[i] = reversed[len - 1 - i];
    buf[len] = 0;
    return buf;
}

char *money_plain(Money m, char buf[static MONEY_TEXT]) {
    if (m == MONEY_NONE) return buf[0] = 0, buf;
    return number(m, 2, false, buf);
}

char *money_grouped(Money m, char buf[static MONEY_TEXT]) {
    if (m == MONEY_NONE) return buf[0] = 0, buf;
    return number(m, 2, true, buf);
}

char *int_grouped(int64_t n, char buf[static MONEY_TEXT]) {
    return number(n, 0, true, buf);
}

/* a / b rounded half away from zero; b > 0 */
static Wide divide(Wide a, Wide b) {
    return a < 0 ? -((-a + b / 2) / b) : (a + b / 2) / b;
}

char *money_short(Money m, char buf[static MONEY_TEXT]) {
    if (m == MONEY_NONE) return buf[0] = 0, buf;
    Money size = m < 0 ? -m : m;
    if (size < 1000000) return number(m, 2, true, buf);
    /* 9999.999万 would be rounded to 10000.00万, which is 1.00亿 */
    bool large = divide(size, 10000) >= 1000000;
    number(divide(m, large ? 100000000 : 10000), 2, false, buf);
    return strcat(buf, large ? "亿" : "万");
}

/* ---- Ratios ---- */

/* part / whole x 10000, half away from zero: b / 2 cut down is right, because a remainder is a half only if b is even. */
static Wide ratio(int64_t part, int64_t whole) {
    Wide a = (Wide)part * 10000, b = whole;
    return b < 0 ? divide(-a, -b) : divide(a, b);
}

char *ratio_percent(int64_t part, int64_t whole, char buf[static MONEY_TEXT]) {
    if (whole == 0) return memcpy(buf, "—", sizeof "—");
    return number(ratio(part, whole), 2, false, buf);
}

/* Also false if the result is beyond int64, which no real part of a real whole reaches. */
bool ratio_bp(int64_t part, int64_t whole, int64_t *ret_bp) {
    if (whole == 0) return false;
    Wide r = ratio(part, whole);
    if (r > INT64_MAX || r < INT64_MIN) return false;
    *ret_bp = (int64_t)r;
    return true;
}

/* ---- Splitting ---- */

typedef struct Share {
    UWide remainder;
    int index;
} Share;

static int by_remainder(const void *a, const void *b) {
    const Share *x = a, *y = b;
    if (x->remainder != y->remainder) return x->remainder > y->remainder ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

/* A negative total is split as its opposite, so that a reversal has the parts of what it reverses. */
void money_split(Money total, const int64_t *weights, int n, Money *ret_parts) {
    if (n <= 0) return;
    UWide sum = 0, size = total < 0 ? -(UWide)total : (UWide)total;
    for (int i = 0; weights && i < n; i++) {
        assert(weights[i] >= 0);
        sum += (uint64_t)weights[i];
    }
    if (sum == 0) { /* equal: nobody is left without a part because every weight is 0 */
        weights = NULL;
        sum = (unsigned)n;
    }
    Share *shares = talloc_array(NULL, Share, (unsigned)n);
    if (!shares) abort();
    UWide left = size;
    for (int i = 0; i < n; i++) {
        UWide product = size * (weights ? (uint64_t)weights[i] : 1); /* at most 2^126 */
        UWide part = product / sum;
        shares[i] = (Share){ .remainder = product - part * sum, .index = i };
        ret_parts[i] = (Money)(uint64_t)part;
        left -= part;
    }
    qsort(shares, (size_t)n, sizeof *shares, by_remainder);
    for (int i = 0; left > 0; i++, left--) ret_parts[shares[i].index]++;
    for (int i = 0; total < 0 && i < n; i++) ret_parts[i] = (Money) - (uint64_t)ret_parts[i];
    talloc_free(shares);
}

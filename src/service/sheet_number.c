/* sheet_number.c - numbers and dates as an XLSX stores them, made into the text that people see. */
#include "service/sheet_private.h"
#include "base/date.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    EXACT_DIGITS = 15,     /* any decimal of so many digits survives a double; also all that Excel shows and lets in */
    DAYS_1900 = 25569,     /* serial of 1970-01-01 in the system that has a 1900-02-29 */
    DAYS_1904 = 24107,     /* ... and in the one that begins in 1904 */
    LEAP_1900 = 60,        /* the day that never was */
    LAST_SERIAL = 2958465, /* 9999-12-31 */
    DAY_SECONDS = 24 * 60 * 60,
    NUMBER_RAW = 64 /* longer is no number that a spreadsheet wrote */
};

static bool is_digit(char ch) {
    return ch >= '0' && ch <= '9';
}

typedef struct Shape {
    size_t digits, decimals; /* significant ones; those behind the point */
    bool point, exponent;
} Shape;

/* The form of a decimal number; false if it is none. */
static bool number_shape(const char *s, size_t n, Shape *ret_shape) {
    Shape h = { 0 };
    size_t i = n > 0 && (s[0] == '-' || s[0] == '+'), any = 0;
    for (; i < n; i++) {
        if (is_digit(s[i])) {
            any++;
            if (h.digits || s[i] != '0') h.digits++;
            h.decimals += h.point;
        } else if (s[i] == '.' && !h.point) {
            h.point = true;
        } else {
            break;
        }
    }
    if (!any) return false;
    if (i < n) {
        if (s[i] != 'E' && s[i] != 'e') return false;
        h.exponent = true;
        i++;
        if (i < n && (s[i] == '-' || s[i] == '+')) i++;
        if (i == n || n - i > 3) return false;
        for (; i < n; i++)
            if (!is_digit(s[i])) return false;
    }
    *ret_shape = h;
    return true;
}

/* Copies s without sign +, superfluous zeros and a trailing point. */
static size_t tidy(const char *s, size_t n, char *out) {
    bool minus = n > 0 && *s == '-';
    if (n > 0 && (*s == '-' || *s == '+')) s++, n--;
    while (n > 1 && s[0] == '0' && is_digit(s[1])) s++, n--;
    if (memchr(s, '.', n)) {
        while (s[n - 1] == '0') n--;
        if (s[n - 1] == '.') n--;
    }
    size_t len = 0;
    if (minus && !(n == 0 || (n == 1 && *s == '0'))) out[len++] = '-';
    if (n == 0 || *s == '.') out[len++] = '0';
    memcpy(out + len, s, n);
    len += n;
    out[len] = 0;
    return len;
}

/* "1.2345e+20" -> digits and a place for the point, written out. */
static size_t expand(const char *scientific, char *out) {
    char digits[32];
    size_t count = 0, len = 0;
    const char *s = scientific;
    bool minus = *s == '-';
    for (s += minus; *s && *s != 'e'; s++)
        if (is_digit(*s)) digits[count++] = *s;
    while (count > 1 && digits[count - 1] == '0') count--;
    long point = strtol(s + 1, NULL, 10) + 1; /* digits before the point */
    if (minus) out[len++] = '-';
    if (point <= 0) {
        out[len++] = '0';
        out[len++] = '.';
        for (long i = point; i < 0; i++) out[len++] = '0';
    }
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && (long)i == point) out[len++] = '.';
        out[len++] = digits[i];
    }
    for (long i = (long)count; i < point; i++) out[len++] = '0';
    out[len] = 0;
    return len;
}

size_t sheet_number_plain(const char *raw, size_t n, char out[static SHEET_NUMBER_TEXT]) {
    Shape h;
    if (n == 0 || n >= NUMBER_RAW || !number_shape(raw, n, &h)) return 0;
    if (!h.exponent && (h.decimals <= 2 || h.digits <= EXACT_DIGITS))
        return tidy(raw, n, out); /* 2: very large sums of money */
    char buf[NUMBER_RAW];
    memcpy(buf, raw, n);
    buf[n] = 0;
    double v = strtod(buf, NULL);
    if (!isfinite(v)) return 0;
    if (v == 0) return tidy("0", 1, out);
    /* A whole number keeps every digit it has; in a fraction, digits beyond the 15th are the noise of binary arithmetic
     * (0.1 + 0.2 is stored as 0.30000000000000004) and Excel shows none of them. */
    int precision = EXACT_DIGITS;
    if (v == floor(v) && fabs(v) < 1e300)
        for (; precision < 17; precision++) {
            snprintf(buf, sizeof buf, "%.*e", precision - 1, v);
            if (strtod(buf, NULL) == v) break;
        }
    snprintf(buf, sizeof buf, "%.*e", precision - 1, v);
    return expand(buf, out);
}

size_t sheet_number_date(const char *raw, size_t n, bool from_1904, char out[static SHEET_NUMBER_TEXT]) {
    Shape h;
    char buf[NUMBER_RAW];
    if (n == 0 || n >= NUMBER_RAW || !number_shape(raw, n, &h)) return 0;
    memcpy(buf, raw, n);
    buf[n] = 0;
    double v = strtod(buf, NULL);
    if (!(v >= 0 && v < LAST_SERIAL + 1)) return 0;
    int64_t seconds = llround(v * DAY_SECONDS);
    int32_t serial = (int32_t)(seconds / DAY_SECONDS), rest = (int32_t)(seconds % DAY_SECONDS);
    int hour = rest / 3600, minute = rest / 60 % 60, second = rest % 60, len;
    if (serial == 0 && rest > 0)
        return (size_t)snprintf(out, SHEET_NUMBER_TEXT, "%02d:%02d:%02d", hour, minute, second);
    if (serial == 0 && !from_1904) return 0; /* "1900-01-00": an empty date in disguise, left as the number it is */
    if (serial > LAST_SERIAL) return 0;
    if (!from_1904 && serial == LEAP_1900) {
        len = snprintf(out, SHEET_NUMBER_TEXT, "1900-02-29");
    } else {
        int year, month, day;
        Date d = from_1904 ? serial - DAYS_1904 : serial - DAYS_1900 + (serial < LEAP_1900);
        date_parts(d, &year, &month, &day);
        len = snprintf(out, SHEET_NUMBER_TEXT, "%04d-%02d-%02d", year, month, day);
    }
    if (rest > 0) len += snprintf(out + len, SHEET_NUMBER_TEXT - (size_t)len, " %02d:%02d:%02d", hour, minute, second);
    return (size_t)len;
}

size_t sheet_number_iso(char *s, size_t n) {
    static const char form[] = "dddd-dd-ddTdd:dd:dd";
    if (n < sizeof form - 1) return n;
    for (size_t i = 0; i < sizeof form - 1; i++)
        if (form[i] == 'd' ? !is_digit(s[i]) : s[i] != form[i]) return n;
    s[10] = ' ';
    return memcmp(s + 11, "00:00:00", 8) == 0 ? 10 : sizeof form - 1;
}

/* A format code is date-like if a y, m, d, h or s, or a weekday aaa, stands outside quotes, brackets and escapes. */
bool sheet_number_is_date(const char *s) {
    for (; *s; s++) {
        if (*s == '"') {
            s = strchr(s + 1, '"');
        } else if (*s == '[') {
            if (strchr("hHmMsS", s[1]) && s[1] && strchr("]hHmMsS", s[2]) && s[2]) return true; /* [h]:mm, [mm]:ss */
            s = strchr(s, ']');
        } else if (*s == '\\' || *s == '_' || *s == '*') {
            s = s[1] ? s + 1 : NULL;
        } else if (strchr("yYmMdDhHsS", *s) || (strncmp(s, "aaa", 3) == 0)) {
            return true;
        }
        if (!s) return false;
    }
    return false;
}

bool sheet_number_is_date_id(long id) {
    return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
}

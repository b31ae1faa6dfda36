/* periodic_cells.c - what people write into sheets: weeks, months, percentages, amounts within a sentence, key metrics. */
#include "modules/report/periodic_rules.h"
#include <string.h>
#include <talloc.h>

static bool is_digit(char ch) {
    return ch >= '0' && ch <= '9';
}

/* The first number of one to `most` digits at or after *s; moves *s behind it. -1 if there is none. */
static int next_number(const char **s, size_t *ret_digits) {
    const char *p = *s;
    while (*p && !is_digit(*p)) p++;
    size_t n = strspn(p, "0123456789");
    int value = 0;
    for (size_t i = 0; i < n && i < 8; i++) value = value * 10 + (p[i] - '0');
    *s = p + n;
    *ret_digits = n;
    return n && n <= 8 ? value : -1;
}

static bool has_any(const char *s, const char *const *words) {
    for (; *words; words++)
        if (strstr(s, *words)) return true;
    return false;
}

/* ---- periods ---- */

static bool week_of(int year, int week, Date *ret) {
    Date monday = date_of_iso_week((IsoWeek){year, week});
    if (monday == DATE_NONE) return false;
    *ret = monday;
    return true;
}

bool periodic_parse_week(void *mem, const char *cell, Date today, Date *ret) {
    static const char *const marks[] = {"周", "週", "w", NULL};
    const char *s = text_fold(mem, cell), *at = s;
    Date day;
    size_t digits;
    int year = 0, week = 0;
    if (date_parse(s, &day)) {
        *ret = periodic_first(PERIODIC_WEEK, day);
        return true;
    }
    if (!has_any(s, marks) && strspn(s, "0123456789 ") != strlen(s)) return false;
    for (int i = 0; i < 2 && !week; i++) {
        int n = next_number(&at, &digits);
        if (n < 0) break;
        if (digits == 4 && !year) year = n;
        else if (digits == 6 && !year) year = n / 100, week = n % 100;
        else if (digits <= 2) week = n;
        else return false;
    }
    if (week < 1) return false;
    if (year) return week_of(year, week, ret);
    IsoWeek now = date_iso_week(today);
    if (week <= now.week) return week_of(now.year, week, ret);
    for (year = now.year - 1; year > now.year - 8; year--) /* week 53 does not come every year */
        if (week_of(year, week, ret)) return true;
    return false;
}

bool periodic_parse_month(void *mem, const char *cell, Date today, Date *ret) {
    const char *s = text_fold(mem, cell), *at = s;
    size_t digits;
    int year, month, unused;
    Date day;
    if (date_parse(s, &day)) {
        *ret = periodic_first(PERIODIC_MONTH, day);
        return true;
    }
    int n = next_number(&at, &digits);
    if (n < 0) return false;
    if (digits == 4) {
        year = n;
        month = next_number(&at, &digits);
        if (digits > 2) return false;
    } else if (digits == 6) {
        year = n / 100, month = n % 100;
    } else if (digits <= 2 && strstr(s, "月")) {
        int now;
        date_parts(today, &year, &now, &unused);
        month = n;
        if (month > now) year--;
    } else
        return false;
    size_t rest;
    if (next_number(&at, &rest) >= 0) return false; /* "2024-07-45" is no month */
    day = date_make(year, month, 1);
    if (day == DATE_NONE) return false;
    *ret = day;
    return true;
}

/* ---- numbers ---- */

bool periodic_parse_percent(void *mem, const char *cell, int64_t *ret) {
    char *s = text_clean(mem, text_fold(mem, cell));
    size_t n = strlen(s);
    Money value;
    if (n && s[n - 1] == '%') s[n - 1] = 0;
    if (*s == '+') s++;
    if (!*s || !money_parse(s, &value)) return false;
    *ret = value;
    return true;
}

/* Length of a number at s, with its separators; 0 if none is there. */
static size_t number_length(const char *s) {
    size_t n = *s == '-' || *s == '+';
    if (!is_digit(s[n])) return 0;
    while (is_digit(s[n]) || ((s[n] == ',' || s[n] == '.') && is_digit(s[n + 1]))) n++;
    return n;
}

/* With the 万, 亿 or % behind it, spaces between left out; moves *s behind it. */
static const char *take_number(void *mem, const char **s) {
    static const char *const units[] = {"万", "萬", "亿", "億", "%"}, *const read_as[] = {"万", "万", "亿", "亿", "%"};
    size_t n = number_length(*s);
    if (!n) return NULL;
    const char *end = *s + n + strspn(*s + n, " ");
    const char *start = **s == '+' ? *s + 1 : *s, *unit = "";
    size_t digits = (size_t)(*s + n - start);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (text_starts(end, units[i])) {
            unit = read_as[i];
            end += strlen(units[i]);
            break;
        }
    *s = end;
    return talloc_asprintf(mem, "%.*s%s", (int)digits, start, unit);
}

static const char *behind_target_word(const char *s) {
    static const char *const words[] = {"目标", "目標", "target"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *at = strstr(s, words[i]);
        if (!at) continue;
        at += strlen(words[i]);
        for (bool skipped = true; skipped;) { /* "目标为：3万" */
            skipped = *at == ' ' || *at == ':';
            if (skipped) at++;
            else if ((skipped = text_starts(at, "为") || text_starts(at, "為"))) at += strlen("为");
        }
        return at;
    }
    return NULL;
}

Money periodic_amount_in(void *mem, const char *text) {
    Money amount;
    if (!text) return MONEY_NONE;
    for (const char *s = behind_target_word(text_fold(mem, text)); s; s = behind_target_word(s)) {
        const char *at = s, *number = take_number(mem, &at);
        if (!number) continue;
        bool money = text_starts(at + strspn(at, " "), "元") || strstr(number, "万") || strstr(number, "亿");
        if (money && money_parse(number, &amount) && amount >= 0) return amount;
    }
    return MONEY_NONE;
}

/* ---- key metrics ---- */

/* Length of one part: up to a separator that stands outside brackets and not within a number. */
static size_t part_length(const char *s, size_t *ret_separator) {
    static const char *const separators[] = {"；", "、", ";", "\n"};
    int depth = 0;
    for (const char *p = s; *p; p++) {
        if (*p == '(') depth++;
        if (*p == ')' && depth) depth--;
        *ret_separator = 0;
        if (*p == ',' && !(p > s && is_digit(p[-1]) && is_digit(p[1]))) *ret_separator = 1;
        for (size_t i = 0; i < sizeof separators / sizeof *separators; i++)
            if (text_starts(p, separators[i])) *ret_separator = strlen(separators[i]);
        if (*ret_separator && !depth) return (size_t)(p - s);
    }
    *ret_separator = 0;
    return strlen(s);
}

static bool is_word_char(char ch) {
    return is_digit(ch) || (ch >= 'a' && ch <= 'z') || ch == '_';
}

static void read_key(void *mem, const char *part, KeyText *ret) {
    *ret = (KeyText){.whole = part};
    size_t n = 0; /* a digit within a Latin word ("b2b_rate") begins no number */
    while (part[n] && (!number_length(part + n) || (n && is_word_char(part[n - 1])))) n++;
    char *name = text_clean(mem, talloc_strndup(mem, part, n));
    size_t len = strlen(name);
    while (len && (name[len - 1] == ':' || name[len - 1] == ' ')) name[--len] = 0;
    const char *at = part + n, *actual = take_number(mem, &at), *target = behind_target_word(at);
    if (!*name || !actual || strchr(name, '(')) return;
    ret->name = name, ret->actual = actual;
    if (target) ret->target = take_number(mem, &target);
}

size_t periodic_split_keys(void *mem, const char *text, KeyText ret[static PERIODIC_KEYS]) {
    const char *s = text_fold(mem, text);
    size_t n = 0, separator;
    while (*s && n < PERIODIC_KEYS) {
        size_t len = part_length(s, &separator);
        const char *part = text_clean(mem, talloc_strndup(mem, s, len));
        if (*part) read_key(mem, part, &ret[n++]);
        s += len + separator;
    }
    return n;
}

/* board_sheet_rules.c - cells of sheets that come back. */
#include "modules/board/board_sheet_rules.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

/* ---- what a sheet is about ---- */

/* What stands in the last pair of brackets that begins so. */
static const char *last_token(void *mem, const char *cell, const char *open) {
    const char *found = NULL;
    for (const char *s = cell; (s = strstr(s, open)); s++) found = s;
    if (!found) return NULL;
    found++;
    size_t n = strcspn(found, "]");
    return found[n] == ']' && n < 60 ? talloc_strndup(mem, found, n) : NULL;
}

static bool read_scope(void *mem, const char *cell, MetricScope *ret) {
    const char *found = NULL;
    for (const char *s = cell; (s = strchr(s, '[')); s++)
        if ((s[1] == 'u' || s[1] == 'p') && s[2] >= '1' && s[2] <= '9' && strspn(s + 2, "0123456789") == strcspn(s + 2, "]")) found = s;
    if (!found) return false;
    ret->kind = found[1] == 'u' ? SCOPE_UNIT : SCOPE_PERSON;
    return int_parse(talloc_strndup(mem, found + 2, strcspn(found + 2, "]")), &ret->id);
}

/* The two days are joined by "–", as nothing else in the line is. */
static bool read_days(void *mem, const char *cell, SheetAbout *ret) {
    for (const char *s = cell; (s = strstr(s, "–")); s += strlen("–"))
        if (s - cell >= 10 && strlen(s) >= strlen("–") + 10 && date_parse(talloc_strndup(mem, s - 10, 10), &ret->first) && date_parse(talloc_strndup(mem, s + strlen("–"), 10), &ret->last))
            return true;
    return false;
}

bool sheet_about_read(void *mem, const char *cell, SheetAbout *ret) {
    static const char *const sheets[] = {"team", "summary", "tracking", "comparison"};
    const char *seen = last_token(mem, cell, "[@"), *metric = last_token(mem, cell, "[m:");
    int64_t ms;
    *ret = (SheetAbout){.seen = INSTANT_NONE};
    for (size_t i = 0; i < sizeof sheets / sizeof *sheets; i++)
        if (strstr(cell, talloc_asprintf(mem, "[%s]", sheets[i]))) ret->sheet = sheets[i];
    if (!ret->sheet || !metric || !seen || !int_parse(seen + 1, &ms) || ms <= 0 || ms > INT64_C(10000000000000)) return false;
    ret->metric = metric + 2;
    ret->seen = ms * 1000;
    ret->original = strstr(cell, "[original]") != NULL;
    return read_scope(mem, cell, &ret->scope) && read_days(mem, cell, ret);
}

const char *sheet_about_tokens(void *mem, const SheetAbout *a) {
    char first[DATE_TEXT], last[DATE_TEXT];
    return talloc_asprintf(mem, "[%s] %s–%s [%c%lld] [m:%s]%s [@%lld]", a->sheet, date_text(a->first, first), date_text(a->last, last), a->scope.kind == SCOPE_UNIT ? 'u' : 'p',
                           (long long)a->scope.id, a->metric, a->original ? " [original]" : "", (long long)(a->seen / 1000));
}

/* ---- headings ---- */

static const char *unit_of(const char *folded) {
    size_t n = strlen(folded);
    const char *open = n && folded[n - 1] == ')' ? strrchr(folded, '(') : NULL;
    return open && open != folded ? open : NULL;
}

bool sheet_heading_wan(void *mem, const char *heading, bool fallback) {
    const char *unit = unit_of(text_clean(mem, text_fold(mem, heading)));
    if (!unit) return fallback;
    if (strstr(unit, "万") || strstr(unit, "萬") || strstr(unit, "10,000")) return true;
    return strstr(unit, "元") || strstr(unit, "yuan") ? false : fallback;
}

const char *sheet_without_unit(void *mem, const char *text) {
    char *folded = text_clean(mem, text_fold(mem, text));
    const char *unit = unit_of(folded);
    return unit ? text_clean(mem, talloc_strndup(mem, folded, (size_t)(unit - folded))) : folded;
}

/* ---- numbers ---- */

static void drop_end(char *s, const char *word) {
    size_t n = strlen(s), w = strlen(word);
    if (n >= w && !strcmp(s + n - w, word)) s[n - w] = 0;
}

static char *bare(void *mem, const char *cell) {
    static const char *const units[] = {"%", "元", "家", "个", "個", "次", "人", "天"};
    char *s = text_clean(mem, text_fold(mem, cell));
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) drop_end(s, units[i]);
    return text_clean(mem, s);
}

static bool is_nothing(const char *s) {
    return !*s || !strcmp(s, "—") || !strcmp(s, "-") || !strcmp(s, "--") || !strcmp(s, "/");
}

const char *sheet_number_read(void *mem, const Metric *m, bool wan, const char *cell, int64_t *ret) {
    static const char message[] = N_("Write a number, such as 12,000 or 1.2万"), too_large[] = N_("This number is too large");
    char *s = bare(mem, cell);
    int64_t n, limit = INT64_C(1000000000000000); /* 10^13 yuan: more would let sums of a company overflow */
    *ret = INT_NONE;
    if (is_nothing(s)) return NULL;
    bool digits = strspn(s, "0123456789,.") == strlen(s), in_wan = m->unit == UNIT_YUAN && wan && !strstr(s, "万") && !strstr(s, "亿");
    if (!money_parse(in_wan ? talloc_asprintf(mem, "%s万", s) : s, &n)) return digits && strcspn(s, ".") > 9 ? too_large : message;
    if (n < 0) return N_("This cannot be negative");
    bool two = m->unit == UNIT_YUAN || m->unit == UNIT_PERCENT || m->rollup == ROLLUP_RATIO;
    if (!two && n % 100) return N_("Write a whole number");
    if (!two) n /= 100;
    if (n > limit) return too_large;
    *ret = n;
    return NULL;
}

bool sheet_shows(const Metric *m, bool wan, int64_t whole, Ratio shown) {
    int64_t n;
    if (whole == metric_whole(m, shown)) return true;
    if (m->unit != UNIT_YUAN || !wan || !ratio_scaled(ratio_div(shown, ratio_make(10000, 1)), 100, &n)) return false;
    return n == whole / 10000 && whole % 10000 == 0; /* hundredths of 万元 in 分 */
}

/* ---- rates and hints ---- */

bool sheet_rate_contradicts(void *mem, const char *cell, Ratio right) {
    char *s = bare(mem, cell);
    const char *point = strchr(s, '.');
    int64_t said, bp, step = !point ? 100 : strlen(point) == 2 ? 10 : 1;
    if (is_nothing(s) || !ratio_scaled(right, 10000, &bp) || !money_parse(*s == '+' ? s + 1 : s, &said)) return false;
    if (llabs(said - bp) <= step / 2) return false;
    return llabs(said * 100 - bp) > 100 * step / 2; /* 0.9 of a cell in percent format */
}

bool sheet_is_hint(const char *cell, const char *pattern, const char *name) {
    const char *a = strstr(pattern, "{1}"), *b = strstr(pattern, "{2}");
    if (!a || !b || a != pattern || b < a + 3) return false;
    size_t len = strlen(name), between = (size_t)(b - a - 3);
    if (strncmp(cell, name, len) != 0 || strncmp(cell + len, a + 3, between) != 0) return false;
    const char *number = cell + len + between;
    size_t digits = strspn(number, "0123456789");
    return digits && digits < 4 && !strcmp(number + digits, b + 3);
}

/* target_cell.c - how a cell is addressed, read and written. Numbers here are whole steps of the metric (metric_whole). */
#include "modules/target/target_cell.h"
#include "base/text.h"
#include <string.h>
#include <talloc.h>

static const char letters[] = {[SCOPE_UNIT] = 'u', [SCOPE_PERSON] = 'p', [SCOPE_DIMENSION] = 'd'};

const char *target_key(Ctx *c, MetricScope scope) {
    return talloc_asprintf(c->mem, "%c%lld", letters[scope.kind], (long long)scope.id);
}

bool target_key_read(const char *key, MetricScope *ret) {
    for (int kind = SCOPE_UNIT; kind <= SCOPE_DIMENSION; kind++)
        if (key && key[0] == letters[kind]) {
            ret->kind = (ScopeKind)kind;
            return strspn(key + 1, "0123456789") == strlen(key + 1) && int_parse(key + 1, &ret->id) && ret->id > 0;
        }
    return false;
}

int target_decimals(const Metric *m) {
    return m->unit == UNIT_YUAN || m->unit == UNIT_PERCENT || m->rollup == ROLLUP_RATIO ? 2 : 0;
}

/* ---- reading ---- */

static void drop_end(char *s, const char *word) {
    size_t n = strlen(s), w = strlen(word);
    if (n >= w && !strcmp(s + n - w, word)) s[n - w] = 0;
}

/* Without what says "at least" or names the unit. */
static char *bare(Ctx *c, const char *text) {
    static const char *const before[] = {"≥", ">=", "≤", "<="}, *const after[] = {"%", "家", "个", "次", "人", "天"};
    char *s = text_clean(c->mem, text_fold(c->mem, text));
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        if (text_starts(s, before[i])) s = text_clean(c->mem, s + strlen(before[i]));
    for (size_t i = 0; i < sizeof after / sizeof *after; i++) drop_end(s, after[i]);
    return text_clean(c->mem, s);
}

const char *target_cell_read(Ctx *c, const Metric *m, const char *text, int64_t *ret) {
    char *s = bare(c, text ? text : "");
    int64_t n;
    *ret = INT_NONE;
    if (!*s || !strcmp(s, "—")) return NULL;
    if (!money_parse(s, &n)) return strspn(s, "0123456789,") == strlen(s) && strlen(s) > 13 ? N_("This number is too large") : N_("Write a number, such as 12,000 or 1.2万");
    if (n < 0) return N_("A target cannot be negative");
    if (!target_decimals(m)) {
        if (n % 100) return N_("Write a whole number");
        n /= 100;
    }
    if (n > TARGET_MAX) return N_("This number is too large");
    *ret = n;
    return NULL;
}

/* ---- writing ---- */

const char *target_cell_plain(Ctx *c, const Metric *m, int64_t n) {
    char buf[MONEY_TEXT];
    if (n == INT_NONE) return "";
    if (!target_decimals(m)) return talloc_asprintf(c->mem, "%lld", (long long)n);
    char *s = talloc_strdup(c->mem, money_plain(n, buf));
    drop_end(s, ".00");
    return s;
}

const char *target_cell_typed(Ctx *c, const Metric *m, int64_t n) {
    char buf[MONEY_TEXT];
    if (n == INT_NONE) return "";
    char *s = talloc_strdup(c->mem, target_decimals(m) ? money_grouped(n, buf) : int_grouped(n, buf));
    if (target_decimals(m)) drop_end(s, ".00");
    return s;
}

const char *target_cell_text(Ctx *c, const Metric *m, int64_t n) {
    const char *s = target_cell_typed(c, m, n);
    return *s && m->unit == UNIT_PERCENT ? talloc_asprintf(c->mem, "%s%%", s) : s;
}

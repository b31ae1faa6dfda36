/* fuzz_formula.c - formulas: a refusal says why, and what is printed is the same formula with the same value. */
#include "base/formula.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Ratio evaluate(Ctx *c, const Formula *f, int64_t seed) {
    const char *const *names;
    size_t n = formula_names(f, &names);
    Ratio *values = talloc_array(c->mem, Ratio, (unsigned)n + 1);
    for (size_t i = 0; i < n; i++) {
        seed = (seed * 1103515245 + 12345) % 2147483648;
        values[i] = seed % 31 == 0 ? RATIO_NONE : ratio_make(seed - 1073741824, 1 + seed % 97);
    }
    return formula_eval(f, values);
}

static void check(Ctx *c, const Formula *f) {
    const char *const *names, *const *names_again;
    const char *text = formula_text(c, f, NULL);
    Formula *again;
    if (!text_is_utf8(text, strlen(text)) || formula_parse(c, text, &again)) abort();
    if (strcmp(formula_text(c, again, NULL), text) != 0) abort();
    size_t n = formula_names(f, &names);
    if (formula_names(again, &names_again) != n) abort();
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], names_again[i]) != 0) abort();
    for (int64_t seed = 1; seed < 4; seed++) {
        Ratio a = evaluate(c, f, seed), b = evaluate(c, again, seed);
        if (a.num != b.num || a.den != b.den || a.den < 0) abort();
        int64_t rounded = 0;
        if (ratio_why(a) != RATIO_HAS_VALUE && ratio_scaled(a, 100, &rounded)) abort();
        ratio_scaled(a, 10000, &rounded);
        if (ratio_compare(a, b) != 0) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Ctx c = { .mem = talloc_new(NULL) };
    char *s = malloc(size + 1);
    if (size) memcpy(s, data, size);
    s[size] = 0;
    Formula *f;
    Error *e = formula_parse(&c, s, &f);
    if (e && (e->status != 422 || !e->message.id)) abort();
    for (int i = 0; e && i < 3 && e->message.args[i]; i++)
        if (!text_is_utf8(e->message.args[i], strlen(e->message.args[i]))) abort();
    if (!e) check(&c, f);
    free(s);
    talloc_free(c.mem);
    return 0;
}

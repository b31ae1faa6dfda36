/* formula.h - formulas over metrics, as sales people write them: 已回款 / 应回款 * 100.
 *
 *     sum     = product { + or - product }          numbers   12  0.35  20% (= 1/5); kept exactly
 *     product = signed { * or / signed }            names     成交金额  deal_amount  m2; others in 「…」 or "…"
 *     signed  = [ - or + ] signed | value           functions max(a, b, ...)  min(a, b, ...)  abs(a)
 *     value   = number | name | function | ( sum )
 *
 * Signs may be full-width or × ÷ −, digits too, quotation marks also “…”; spaces may stand anywhere. A quotation mark
 * that belongs to a name is written twice. Names are kept as typed: compare them by text_fold.
 *
 * Why not muParser or another library: they compute in double. 0.1 + 0.2 is not 0.3 there and 1.005 lies below the half,
 * so a bonus would differ from what the accountant finds with a calculator, by a 分, now and then. Here every step is
 * exact (ratio.h) and the one rounding is the reader's, half away from zero. See docs/decisions/0009-exact-formulas.md. */
#pragma once
#include "base/error.h"
#include "base/ratio.h"

enum {
    FORMULA_MAX_CHARS = 500, /* spaces do not count and a name counts as one, so renaming never makes it too long */
    FORMULA_MAX_DEPTH = 50,  /* brackets, functions and signs within each other */
    FORMULA_MAX_DIGITS = 18, /* of one number */
    FORMULA_MAX_BYTES = 64 * 1024,
};

typedef struct Formula Formula;

/* 422 with the place (counted in characters from 1) if text is no formula. *ret hangs on c->mem and all its parts on it,
 * so that talloc_steal moves it whole; the parser leaves other things in c->mem. */
Error *formula_parse(Ctx *c, const char *text, Formula **ret) MUST_USE;

/* The distinct names in order of appearance. */
size_t formula_names(const Formula *f, const char *const **ret);
/* From now on name i (of formula_names) is values[index] of formula_eval; before, it is values[i]. Nothing else ever
 * changes a formula, so threads may share it once it is bound. */
void formula_bind(Formula *f, size_t i, size_t index);
/* Amounts are best given in 元, ratio_make(fen, 100), for that is what the numbers in a formula mean. A value that is
 * missing makes the result missing, also in sums; ratio_why says why there is none. */
Ratio formula_eval(const Formula *f, const Ratio *values);

/* The formula with " / " spacing and no more brackets than it needs; names[i] in place of name i, or its own names if
 * names is NULL. Show it with the names of today, store it with codes. Parsed again it is the same formula. */
const char *formula_text(Ctx *c, const Formula *f, const char *const *names);

/* n metrics, each uses counts[i] others, uses[i][...] (all below n): one loop of them in ret_path, which has room for
 * n, and its length; 0 if there is none. For "A → B → A": the first is not repeated at the end. */
size_t formula_cycle(Ctx *c, size_t n, const int *const *uses, const size_t *counts, int *ret_path);

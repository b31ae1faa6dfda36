/* ratio.h - fractions without rounding: what formulas over metrics are computed in.
 *
 * Numerator and denominator have 127 bits, because fractions of amounts in 分 are added: 0.6 * a/b + 0.4 * c/d with
 * denominators of 10^10 分 (1 亿元) needs 67 bits, one more such term 100. Amounts and counts go in as int64, rounded
 * numbers come out as int64; nothing is rounded in between. Many rows are summed as int64 before they become a ratio, for
 * a sum of many unlike fractions outgrows any size. For one part of one whole, ratio_bp and ratio_percent of money.h are
 * shorter; ratio_scaled(r, 10000) is the same number as ratio_bp. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

__extension__ typedef __int128 Int128;

/* Lowest terms, den > 0. den = 0 is no value ("—"), and then num is a RatioWhy. All zero is "missing". */
typedef struct Ratio {
    Int128 num, den;
} Ratio;

typedef enum RatioWhy {
    RATIO_MISSING,   /* an operand has no value */
    RATIO_BY_ZERO,   /* something was divided by zero */
    RATIO_TOO_LARGE, /* exact, the result needs more than 127 bits */
    RATIO_HAS_VALUE, /* what ratio_why says of a value */
} RatioWhy;

#define RATIO_NONE ((Ratio){ 0, 0 })

Ratio ratio_make(int64_t num, int64_t den); /* RATIO_BY_ZERO if den is 0 */
RatioWhy ratio_why(Ratio r);

/* An operand without a value is the result, the left one first: missing stays missing, whatever is done with it. */
Ratio ratio_add(Ratio a, Ratio b);
Ratio ratio_sub(Ratio a, Ratio b);
Ratio ratio_mul(Ratio a, Ratio b);
Ratio ratio_div(Ratio a, Ratio b);
Ratio ratio_neg(Ratio r);
/* Below, at or above 0 as a is less than, equal to or more than b. No value is less than every value, so that it comes
 * last in a ranking. */
int ratio_compare(Ratio a, Ratio b);

/* r x scale, rounded half away from zero (四舍五入: -5.005 x 100 is -501). 1 gives whole numbers, 100 two decimals (分
 * if r is in 元), 10000 a percentage with two decimals. False, and *ret_n untouched, if r has no value or the result is
 * beyond int64. scale > 0. */
bool ratio_scaled(Ratio r, int64_t scale, int64_t *ret_n);

/* target_lint.c - chances from history, and customers x price = amount. */
#include "modules/target/target_lint.h"
#include "base/money.h"
#include <stdlib.h>

enum { TOLERANCE_BP = 500 };

LintChance target_lint_chance(const int64_t *past, int n, int64_t target, bool less_is_better) {
    LintChance c = {0, 0};
    for (int i = 0; i < n; i++) {
        if (past[i] == INT64_MIN) continue;
        c.known++;
        c.reached += less_is_better ? past[i] <= target : past[i] >= target;
    }
    return c;
}

bool target_lint_product(int64_t customers, int64_t price, int64_t amount, LintProduct *ret) {
    *ret = (LintProduct){0};
    int64_t difference;
    if (__builtin_mul_overflow(customers, price, &ret->implied) || __builtin_sub_overflow(ret->implied, amount, &difference)) return false;
    ret->agrees = ret->implied == amount;
    if (!ratio_bp(difference, amount, &ret->gap_bp)) return true; /* an amount of 0: agrees only if nothing is implied */
    ret->agrees = ret->gap_bp >= -TOLERANCE_BP && ret->gap_bp <= TOLERANCE_BP;
    return true;
}
